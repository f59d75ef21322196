import { preset } from '../scheme.js'

/** Adyen platform webhooks: the whole body, under a hex key. */
export const adyenPlatform = preset({
  name: 'adyen-platform',
  docs: 'https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures',
  evidence: 'sdk',
  key: '{secret|fromHex}',
  signature: { header: 'hmacsignature', encoding: 'base64' },
  message: '{body}',
})
