import { preset } from '../scheme.js'

/** Stripe webhooks. The secret counts as it is, `whsec_` included; other versions than v1 are ignored. */
export const stripe = preset({
  name: 'stripe',
  docs: 'https://docs.stripe.com/webhooks/signature',
  evidence: 'sdk',
  signature: { header: 'stripe-signature', format: 't={timestamp},v1={signature+}', members: ',', encoding: 'hex' },
  timestamp: { unit: 'seconds', toleranceSeconds: 300 },
  message: '{timestamp}.{body}',
})
