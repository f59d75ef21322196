import { preset } from '../scheme.js'

/** Onfido webhooks. */
export const onfido = preset({
  name: 'onfido',
  docs: 'https://documentation.onfido.com/api/latest/',
  evidence: 'sdk',
  signature: { header: 'x-sha2-signature', encoding: 'hex' },
  message: '{body}',
})
