import { preset } from '../scheme.js'

/** Calendly webhooks. */
export const calendly = preset({
  name: 'calendly',
  docs: 'https://developer.calendly.com/api-docs/ZG9jOjM2MzE2MDM4-webhook-signatures',
  evidence: 'documented',
  signature: { header: 'calendly-webhook-signature', format: 't={timestamp},v1={signature+}', members: ',', encoding: 'hex' },
  timestamp: { unit: 'seconds', toleranceSeconds: 180 },
  message: '{timestamp}.{body}',
})
