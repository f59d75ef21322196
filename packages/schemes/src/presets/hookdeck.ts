import { preset } from '../scheme.js'

/** Hookdeck event gateway. */
export const hookdeck = preset({
  name: 'hookdeck',
  docs: 'https://hookdeck.com/docs/authentication',
  evidence: 'documented',
  signature: { header: 'x-hookdeck-signature', encoding: 'base64' },
  message: '{body}',
})
