import { preset } from '../scheme.js'

/** Typeform webhooks: `sha256=` before base64. */
export const typeform = preset({
  name: 'typeform',
  docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
  evidence: 'documented',
  signature: { header: 'typeform-signature', format: 'sha256={signature}', encoding: 'base64' },
  message: '{body}',
})
