import { preset } from '../scheme.js'

/** Mailgun webhooks: time and token alone are signed. */
export const mailgun = preset({
  name: 'mailgun',
  docs: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
  evidence: 'sdk',
  signature: { json: '/signature/signature', encoding: 'hex' },
  timestamp: { json: '/signature/timestamp', unit: 'seconds', toleranceSeconds: 900 },
  nonce: { json: '/signature/token', random: 25 },
  message: '{timestamp}{nonce}',
  allowUnboundBody: 'Mailgun signs time and token alone',
})
