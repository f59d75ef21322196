import { preset } from '../scheme.js'
import { standardWebhooks } from './standard-webhooks.js'

/** Replicate webhooks: Standard Webhooks. */
export const replicate = preset({
  ...standardWebhooks,
  name: 'replicate',
  docs: 'https://replicate.com/docs/topics/webhooks/verify-webhook',
  evidence: 'documented',
})
