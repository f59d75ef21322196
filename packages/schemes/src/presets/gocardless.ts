import { preset } from '../scheme.js'

/** GoCardless webhooks. */
export const gocardless = preset({
  name: 'gocardless',
  docs: 'https://developer.gocardless.com/getting-started/staying-up-to-date-with-webhooks',
  evidence: 'sdk',
  signature: { header: 'webhook-signature', encoding: 'hex' },
  message: '{body}',
})
