import { preset } from '../scheme.js'

/** GitHub webhooks. */
export const github = preset({
  name: 'github',
  docs: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  evidence: 'published',
  signature: { header: 'x-hub-signature-256', format: 'sha256={signature}', encoding: 'hex' },
  message: '{body}',
})
