import { preset } from '../scheme.js'

/** X (Twitter) Account Activity webhooks: `sha256=` before base64; the secret is the consumer secret. */
export const twitterX = preset({
  name: 'twitter-x',
  docs: 'https://docs.x.com/x-api/webhooks/quickstart',
  evidence: 'sdk',
  signature: { header: 'x-twitter-webhooks-signature', format: 'sha256={signature}', encoding: 'base64' },
  message: '{body}',
  handshake: { method: 'GET', challenge: 'query:crc_token', answer: { json: { response_token: 'sha256={challenge|hmac|base64}' } } },
})
