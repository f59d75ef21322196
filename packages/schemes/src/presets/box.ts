import { preset } from '../scheme.js'

/** Box webhooks (version 1): two fields, two keys, any pair. */
export const box = preset({
  name: 'box',
  docs: 'https://developer.box.com/guides/webhooks/v2/signatures-v2/',
  evidence: 'sdk',
  signature: { header: ['box-signature-primary', 'box-signature-secondary'], encoding: 'base64' },
  timestamp: { header: 'box-delivery-timestamp', unit: 'rfc3339', toleranceSeconds: 600 },
  fields: {
    version: { header: 'box-signature-version', value: '1' },
    hash: { header: 'box-signature-algorithm', value: 'HmacSHA256' },
  },
  message: '{body}{timestamp}',
})
