import { preset } from '../scheme.js'

/** OKX API requests. */
export const okx = preset({
  name: 'okx',
  docs: 'https://www.okx.com/docs-v5/en/',
  evidence: 'sdk',
  params: { passphrase: '' },
  signature: { header: 'ok-access-sign', encoding: 'base64' },
  timestamp: { header: 'ok-access-timestamp', unit: 'rfc3339-ms', toleranceSeconds: 30 },
  keyId: { header: 'ok-access-key' },
  fields: { passphrase: { header: 'ok-access-passphrase', param: 'passphrase' } },
  message: '{timestamp}{method}{target}{body}',
  ambiguous: 'nothing marks where the path ends',
})
