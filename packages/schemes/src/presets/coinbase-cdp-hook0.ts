import { preset } from '../scheme.js'

/** Coinbase Developer Platform webhooks (Hook0); the signature names the fields that it covers. */
export const coinbaseCdpHook0 = preset({
  name: 'coinbase-cdp-hook0',
  docs: 'https://docs.cdp.coinbase.com/webhooks/verify-signatures',
  evidence: 'documented',
  signature: { header: 'x-hook0-signature', format: 't={timestamp},h={signed},v1={signature+}', members: ',', encoding: 'hex' },
  timestamp: { unit: 'seconds', toleranceSeconds: 300 },
  fields: { signed: { names: ' ', sign: ['content-type'] } },
  define: { values: { each: 'headers', names: '{signed}', item: '{value}', join: '.' } },
  message: '{timestamp}.{signed}.{values}.{body}',
  ambiguous: 'a "." inside a value is not escaped',
})
