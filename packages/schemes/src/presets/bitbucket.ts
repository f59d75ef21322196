import { preset } from '../scheme.js'

/** Bitbucket Cloud and Data Center webhooks. GitHub sends SHA-1 under the same field name: the prefix tells them apart. */
export const bitbucket = preset({
  name: 'bitbucket',
  docs: 'https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/',
  evidence: 'published',
  signature: { header: 'x-hub-signature', format: 'sha256={signature}', encoding: 'hex' },
  message: '{body}',
})
