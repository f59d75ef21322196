import { preset } from '../scheme.js'

/** Vercel webhooks, SHA-1. */
export const vercel = preset({
  name: 'vercel',
  docs: 'https://vercel.com/docs/webhooks/webhooks-api',
  evidence: 'documented',
  algorithm: 'sha1',
  signature: { header: 'x-vercel-signature', encoding: 'hex' },
  message: '{body}',
})
