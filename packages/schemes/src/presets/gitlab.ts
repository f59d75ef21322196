import { preset } from '../scheme.js'
import { standardWebhooks } from './standard-webhooks.js'

/** GitLab webhooks with a signing token: Standard Webhooks. The older X-Gitlab-Token is a shared word and no signature. */
export const gitlab = preset({
  ...standardWebhooks,
  name: 'gitlab',
  docs: 'https://gitlab.com/gitlab-org/gitlab/-/merge_requests/230944',
  evidence: 'documented',
})
