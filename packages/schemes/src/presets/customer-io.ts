import { preset } from '../scheme.js'

/** Customer.io reporting webhooks; the field has no `v0=`, the message has. */
export const customerIo = preset({
  name: 'customer-io',
  docs: 'https://docs.customer.io/journeys/webhooks/',
  evidence: 'documented',
  signature: { header: 'x-cio-signature', encoding: 'hex' },
  timestamp: { header: 'x-cio-timestamp', unit: 'seconds', toleranceSeconds: 300 },
  message: 'v0:{timestamp}:{body}',
})
