import { preset } from '../scheme.js'

/** Requests of the npm package hmac-auth-express. */
export const hmacAuthExpress = preset({
  name: 'hmac-auth-express',
  docs: 'https://www.npmjs.com/package/hmac-auth-express',
  evidence: 'sdk',
  signature: { authorization: 'HMAC', format: '{timestamp}:{signature}', encoding: 'hex' },
  timestamp: { unit: 'milliseconds', toleranceSeconds: 300 },
  message: '{timestamp}{method}{target}{body?|md5|hex}',
  ambiguous: 'nothing marks where the path ends',
})
