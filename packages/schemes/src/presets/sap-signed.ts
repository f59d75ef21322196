import { preset } from '../scheme.js'

/** Outgoing calls to SAP-style systems: hex HMAC-SHA256 of exactly the octets that are sent, in X-Signature. */
export const sapSigned = preset({
  name: 'sap-signed',
  docs: 'https://www.rfc-editor.org/rfc/rfc2104',
  evidence: 'documented',
  params: { header: 'x-signature' },
  signature: { header: '{param:header}', encoding: 'hex' },
  message: '{body}',
})
