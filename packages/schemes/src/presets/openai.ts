import { preset } from '../scheme.js'
import { standardWebhooks } from './standard-webhooks.js'

/** OpenAI webhooks: Standard Webhooks. */
export const openai = preset({
  ...standardWebhooks,
  name: 'openai',
  docs: 'https://platform.openai.com/docs/guides/webhooks',
  evidence: 'documented',
})
