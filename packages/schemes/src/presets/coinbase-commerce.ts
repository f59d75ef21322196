import { preset } from '../scheme.js'

/** Coinbase Commerce webhooks. */
export const coinbaseCommerce = preset({
  name: 'coinbase-commerce',
  docs: 'https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-security',
  evidence: 'sdk',
  signature: { header: 'x-cc-webhook-signature', encoding: 'hex' },
  message: '{body}',
})
