import { preset } from '../scheme.js'

/** Dropbox webhooks; the secret is the app secret. */
export const dropbox = preset({
  name: 'dropbox',
  docs: 'https://www.dropbox.com/developers/reference/webhooks',
  evidence: 'documented',
  signature: { header: 'x-dropbox-signature', encoding: 'hex' },
  message: '{body}',
  handshake: { method: 'GET', challenge: 'query:challenge', answer: 'text' },
})
