import { preset } from '../scheme.js'

/** Zendesk webhooks. */
export const zendesk = preset({
  name: 'zendesk',
  docs: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
  evidence: 'documented',
  signature: { header: 'x-zendesk-webhook-signature', encoding: 'base64' },
  timestamp: { header: 'x-zendesk-webhook-signature-timestamp', unit: 'rfc3339', toleranceSeconds: 300 },
  message: '{timestamp}{body}',
})
