import { preset } from '../scheme.js'

/** LINE Messaging API webhooks. */
export const line = preset({
  name: 'line',
  docs: 'https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/',
  evidence: 'sdk',
  signature: { header: 'x-line-signature', encoding: 'base64' },
  message: '{body}',
})
