import { preset } from '../scheme.js'

/** Intercom webhooks; the secret is the client secret of the app. */
export const intercom = preset({
  name: 'intercom',
  docs: 'https://developers.intercom.com/docs/webhooks/setting-up-webhooks',
  evidence: 'documented',
  algorithm: 'sha1',
  signature: { header: 'x-hub-signature', format: 'sha1={signature}', encoding: 'hex' },
  message: '{body}',
})
