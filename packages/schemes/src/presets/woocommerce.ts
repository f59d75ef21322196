import { preset } from '../scheme.js'

/** WooCommerce webhooks. */
export const woocommerce = preset({
  name: 'woocommerce',
  docs: 'https://woocommerce.com/document/webhooks/',
  evidence: 'documented',
  signature: { header: 'x-wc-webhook-signature', encoding: 'base64' },
  message: '{body}',
})
