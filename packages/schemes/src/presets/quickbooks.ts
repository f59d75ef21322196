import { preset } from '../scheme.js'

/** Intuit QuickBooks webhooks; the secret is the verifier token. */
export const quickbooks = preset({
  name: 'quickbooks',
  docs: 'https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks',
  evidence: 'documented',
  signature: { header: 'intuit-signature', encoding: 'base64' },
  message: '{body}',
})
