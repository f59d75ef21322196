import { preset } from '../scheme.js'

/** Hex HMAC-SHA256 of the body in one field, as ServiceNow and the like send it. The default of hmacVerify. */
export const hexSignature = preset({
  name: 'hex-signature',
  docs: 'https://www.rfc-editor.org/rfc/rfc2104',
  evidence: 'documented',
  params: { header: 'x-signature' },
  signature: { header: '{param:header}', encoding: 'hex' },
  message: '{body}',
})
