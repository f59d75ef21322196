import { preset } from '../scheme.js'

/** Slack requests. */
export const slack = preset({
  name: 'slack',
  docs: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  evidence: 'published',
  signature: { header: 'x-slack-signature', format: 'v0={signature}', encoding: 'hex' },
  timestamp: { header: 'x-slack-request-timestamp', unit: 'seconds', toleranceSeconds: 300 },
  message: 'v0:{timestamp}:{body}',
  handshake: { method: 'POST', signed: true, when: { 'json:/type': 'url_verification' }, challenge: 'json:/challenge', answer: 'text' },
})
