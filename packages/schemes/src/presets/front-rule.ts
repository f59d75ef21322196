import { preset } from '../scheme.js'

/** Front rule webhooks, SHA-1. */
export const frontRule = preset({
  name: 'front-rule',
  docs: 'https://dev.frontapp.com/docs/rule-webhooks',
  evidence: 'documented',
  algorithm: 'sha1',
  signature: { header: 'x-front-signature', encoding: 'base64' },
  message: '{body}',
})
