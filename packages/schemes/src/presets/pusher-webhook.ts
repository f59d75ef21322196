import { preset } from '../scheme.js'

/** Pusher Channels webhooks; X-Pusher-Key names the app key. */
export const pusherWebhook = preset({
  name: 'pusher-webhook',
  docs: 'https://pusher.com/docs/channels/server_api/webhooks/',
  evidence: 'sdk',
  signature: { header: 'x-pusher-signature', encoding: 'hex' },
  keyId: { header: 'x-pusher-key' },
  message: '{body}',
})
