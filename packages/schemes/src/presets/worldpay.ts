import { preset } from '../scheme.js'

/** Worldpay events; each element names its key. */
export const worldpay = preset({
  name: 'worldpay',
  docs: 'https://developer.worldpay.com/',
  evidence: 'documented',
  signature: { header: 'event-signature', format: '{keyId}/SHA256/{signature}', list: ',', encoding: 'hex' },
  message: '{body}',
})
