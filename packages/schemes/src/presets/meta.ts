import { preset } from '../scheme.js'

/** Meta webhooks: Facebook, Instagram, WhatsApp, Messenger. The octets count as sent, escapes such as `\u00e9` and `\/` included. */
export const meta = preset({
  name: 'meta',
  docs: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  evidence: 'documented',
  signature: { header: 'x-hub-signature-256', format: 'sha256={signature}', encoding: 'hex' },
  message: '{body}',
  handshake: {
    method: 'GET',
    when: { 'query:hub.mode': 'subscribe' },
    token: 'query:hub.verify_token',
    challenge: 'query:hub.challenge',
    answer: 'text',
  },
})
