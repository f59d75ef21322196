import { preset } from '../scheme.js'
import { standardWebhooks } from './standard-webhooks.js'

/** Polar webhooks under an older secret, which counts as text. */
export const polarLegacy = preset({
  ...standardWebhooks,
  name: 'polar-legacy',
  docs: 'https://github.com/polarsource/polar-js/blob/main/src/webhooks.ts',
  evidence: 'sdk',
  key: '{secret}',
})
