import { preset } from '../scheme.js'

/** Lemon Squeezy webhooks. */
export const lemonSqueezy = preset({
  name: 'lemon-squeezy',
  docs: 'https://docs.lemonsqueezy.com/help/webhooks/signing-requests',
  evidence: 'documented',
  signature: { header: 'x-signature', encoding: 'hex' },
  message: '{body}',
})
