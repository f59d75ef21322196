import { preset } from '../scheme.js'

/** Inngest function calls: the canonical JSON of the body (RFC 8785), then the time. The key stands behind `signkey-<environment>-`. */
export const inngest = preset({
  name: 'inngest',
  docs: 'https://www.inngest.com/docs/platform/signing-keys',
  evidence: 'sdk',
  key: '{secret|afterLast:-}',
  signature: { header: 'x-inngest-signature', format: 't={timestamp}&s={signature}', members: '&', encoding: 'hex' },
  timestamp: { unit: 'seconds', toleranceSeconds: 300 },
  message: '{body|jcs}{timestamp}',
})
