import { preset } from '../scheme.js'

/** Worldpay events; each element names its key. */
export const worldpay = preset({
  name: 'worldpay',
  docs: 'https://docs.worldpay.com/access/products/events/signature',
  evidence: 'documented',
  signature: { header: 'event-signature', format: '{keyId}/SHA256/{signature}', list: ',', encoding: 'hex' },
  message: '{body}',
})
