import { preset } from '../scheme.js'

/** KuCoin API requests; the passphrase is sent as an HMAC of its own. */
export const kucoin = preset({
  name: 'kucoin',
  docs: 'https://www.kucoin.com/docs/basic-info/connection-method/authentication/signing-a-message',
  evidence: 'sdk',
  params: { passphrase: null },
  signature: { header: 'kc-api-sign', encoding: 'base64' },
  timestamp: { header: 'kc-api-timestamp', unit: 'milliseconds', toleranceSeconds: 5 },
  keyId: { header: 'kc-api-key' },
  fields: {
    passphrase: { header: 'kc-api-passphrase', value: '{param:passphrase|hmac|base64}' },
    version: { header: 'kc-api-key-version', oneOf: ['2', '3'] },
  },
  message: '{timestamp}{method}{target}{body}',
  ambiguous: 'nothing marks where the path ends',
})
