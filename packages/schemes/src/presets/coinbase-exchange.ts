import { preset } from '../scheme.js'

/** Coinbase Exchange API requests. */
export const coinbaseExchange = preset({
  name: 'coinbase-exchange',
  docs: 'https://docs.cdp.coinbase.com/exchange/rest-api/authentication',
  evidence: 'sdk',
  params: { passphrase: '' },
  key: '{secret|fromBase64}',
  signature: { header: 'cb-access-sign', encoding: 'base64' },
  timestamp: { header: 'cb-access-timestamp', unit: 'float-seconds', toleranceSeconds: 30 },
  keyId: { header: 'cb-access-key' },
  fields: { passphrase: { header: 'cb-access-passphrase', param: 'passphrase' } },
  message: '{timestamp}{method}{target}{body}',
  ambiguous: 'nothing marks where the path ends',
})
