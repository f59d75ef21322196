import { preset } from '../scheme.js'

/** Jira Cloud webhooks. */
export const jira = preset({
  name: 'jira',
  docs: 'https://developer.atlassian.com/cloud/jira/platform/webhooks/',
  evidence: 'documented',
  signature: { header: 'x-hub-signature', format: 'sha256={signature}', encoding: 'hex' },
  message: '{body}',
})
