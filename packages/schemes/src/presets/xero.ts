import { preset } from '../scheme.js'

/** Xero webhooks. A delivery that does not hold has to be answered with 401. */
export const xero = preset({
  name: 'xero',
  docs: 'https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/',
  evidence: 'documented',
  signature: { header: 'x-xero-signature', encoding: 'base64' },
  message: '{body}',
})
