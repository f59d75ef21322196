import { preset } from '../scheme.js'
import { standardWebhooks } from './standard-webhooks.js'

/** Render webhooks: Standard Webhooks. */
export const render = preset({
  ...standardWebhooks,
  name: 'render',
  docs: 'https://render.com/docs/webhooks',
  evidence: 'documented',
})
