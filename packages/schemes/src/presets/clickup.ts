import { preset } from '../scheme.js'

/** ClickUp webhooks. */
export const clickup = preset({
  name: 'clickup',
  docs: 'https://developer.clickup.com/docs/webhooksignature',
  evidence: 'documented',
  signature: { header: 'x-signature', encoding: 'hex' },
  message: '{body}',
})
