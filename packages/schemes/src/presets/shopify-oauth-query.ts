import { preset } from '../scheme.js'

/** Shopify OAuth redirects: the query without `hmac`, sorted. */
export const shopifyOauthQuery = preset({
  name: 'shopify-oauth-query',
  docs: 'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant',
  evidence: 'published',
  signature: { query: 'hmac', encoding: 'hex' },
  timestamp: { query: 'timestamp', unit: 'seconds', toleranceSeconds: 90 },
  message: { each: 'query', except: ['hmac', 'signature'], decode: false, sort: 'name-value', item: '{name}={value}', join: '&' },
})
