import { preset } from '../scheme.js'

/** Square webhooks: the notification URL, then the body. */
export const square = preset({
  name: 'square',
  docs: 'https://developer.squareup.com/docs/webhooks/step3validate',
  evidence: 'sdk',
  signature: { header: 'x-square-hmacsha256-signature', encoding: 'base64' },
  message: '{url}{body}',
  ambiguous: 'nothing marks where the URL ends',
})
