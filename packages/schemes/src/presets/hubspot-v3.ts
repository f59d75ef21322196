import { preset } from '../scheme.js'

/** HubSpot requests, version 3. */
export const hubspotV3 = preset({
  name: 'hubspot-v3',
  docs: 'https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests',
  evidence: 'sdk',
  signature: { header: 'x-hubspot-signature-v3', encoding: 'base64' },
  timestamp: { header: 'x-hubspot-request-timestamp', unit: 'milliseconds', toleranceSeconds: 300 },
  message: '{method}{url}{body}{timestamp}',
  ambiguous: 'nothing separates method, URL and body',
})
