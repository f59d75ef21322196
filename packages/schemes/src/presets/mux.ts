import { preset } from '../scheme.js'

/** Mux webhooks. */
export const mux = preset({
  name: 'mux',
  docs: 'https://mux.com/docs/core/verify-webhook-signatures',
  evidence: 'sdk',
  signature: { header: 'mux-signature', format: 't={timestamp},v1={signature+}', members: ',', encoding: 'hex' },
  timestamp: { unit: 'seconds', toleranceSeconds: 300 },
  message: '{timestamp}.{body}',
})
