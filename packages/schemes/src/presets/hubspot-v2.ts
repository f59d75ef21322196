import { preset } from '../scheme.js'

/** HubSpot requests, version 2: no HMAC. */
export const hubspotV2 = preset({
  name: 'hubspot-v2',
  docs: 'https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests',
  evidence: 'sdk',
  construction: 'hash',
  signature: { header: 'x-hubspot-signature', encoding: 'hex' },
  fields: { version: { header: 'x-hubspot-signature-version', value: 'v2' } },
  message: '{secret}{method}{url}{body}',
  ambiguous: 'nothing separates method, URL and body',
  insecure: 'it is no HMAC but a plain hash behind the secret, which can be extended',
})
