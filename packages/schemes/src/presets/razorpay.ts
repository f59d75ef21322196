import { preset } from '../scheme.js'

/** Razorpay webhooks. */
export const razorpay = preset({
  name: 'razorpay',
  docs: 'https://razorpay.com/docs/webhooks/validate-test/',
  evidence: 'sdk',
  signature: { header: 'x-razorpay-signature', encoding: 'hex' },
  message: '{body}',
})
