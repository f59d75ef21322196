import { preset } from '../scheme.js'

/** Notion webhooks; the secret is the verification token of the first delivery. */
export const notion = preset({
  name: 'notion',
  docs: 'https://developers.notion.com/reference/webhooks',
  evidence: 'sdk',
  signature: { header: 'x-notion-signature', format: 'sha256={signature}', encoding: 'hex' },
  message: '{body}',
  handshake: { method: 'POST', learns: 'json:/verification_token' },
})
