import { preset } from '../scheme.js'

/** Ably webhooks; X-Ably-Key names the API key. */
export const ably = preset({
  name: 'ably',
  docs: 'https://ably.com/docs/integrations/webhooks',
  evidence: 'documented',
  signature: { header: 'x-ably-signature', encoding: 'base64' },
  keyId: { header: 'x-ably-key' },
  message: '{body}',
})
