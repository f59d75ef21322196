import { preset } from '../scheme.js'

/** HubSpot requests, version 1: no HMAC. */
export const hubspotV1 = preset({
  name: 'hubspot-v1',
  docs: 'https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests',
  evidence: 'sdk',
  construction: 'hash',
  signature: { header: 'x-hubspot-signature', encoding: 'hex' },
  fields: { version: { header: 'x-hubspot-signature-version', value: 'v1' } },
  message: '{secret}{body}',
  insecure: 'it is no HMAC but a plain hash behind the secret, which can be extended',
})
