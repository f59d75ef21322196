import { preset } from '../scheme.js'

/** Asana webhooks; the secret is what X-Hook-Secret brought. */
export const asana = preset({
  name: 'asana',
  docs: 'https://developers.asana.com/docs/webhooks-guide',
  evidence: 'documented',
  signature: { header: 'x-hook-signature', encoding: 'hex' },
  message: '{body}',
  handshake: { method: 'POST', learns: 'header:x-hook-secret', answer: { header: 'X-Hook-Secret' } },
})
