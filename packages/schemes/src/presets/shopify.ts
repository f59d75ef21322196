import { preset } from '../scheme.js'

/** Shopify webhooks. */
export const shopify = preset({
  name: 'shopify',
  docs: 'https://shopify.dev/docs/apps/build/webhooks/subscribe/https',
  evidence: 'sdk',
  signature: { header: 'x-shopify-hmac-sha256', encoding: 'base64' },
  message: '{body}',
})
