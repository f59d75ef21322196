import { preset } from '../scheme.js'

/** PagerDuty v3 webhooks, one element per active secret. The secret looks like base64 and counts as text. */
export const pagerduty = preset({
  name: 'pagerduty',
  docs: 'https://developer.pagerduty.com/docs/webhooks/v3-overview/',
  evidence: 'published',
  signature: { header: 'x-pagerduty-signature', format: 'v1={signature}', list: ',', encoding: 'hex' },
  message: '{body}',
})
