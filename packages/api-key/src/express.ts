import { type ProtectOptions, splitProtectOptions } from '@countersign/core/base'
import { type ExpressMiddleware, protect } from '@countersign/core/express'
import { apiKeyAuthenticator } from './authenticator.js'
import type { ApiKeyOptions } from './options.js'

/**
 * Lets a request through when it carries an API key that somebody has. Express 4 and 5; `req.auth` says who called.
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * @example
 * app.use('/api', apiKey({ keys: { acme: process.env.ACME_KEY } }))
 */
export function apiKey(options: ApiKeyOptions & ProtectOptions): ExpressMiddleware {
  const { own, protect: guard } = splitProtectOptions(options)
  return protect(apiKeyAuthenticator(own as ApiKeyOptions, 'apiKey'), guard, 'apiKey')
}
