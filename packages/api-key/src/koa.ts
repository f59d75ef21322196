import { type ProtectOptions, splitProtectOptions } from '@countersign/core/base'
import { type KoaMiddleware, protect } from '@countersign/core/koa'
import { apiKeyAuthenticator } from './authenticator.js'
import type { ApiKeyOptions } from './options.js'

/**
 * Lets a request through when it carries an API key that somebody has. Koa 2 and 3; `ctx.state.auth` says who called.
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * @example
 * app.use(apiKey({ keys: { acme: process.env.ACME_KEY } }))
 */
export function apiKey(options: ApiKeyOptions & ProtectOptions): KoaMiddleware {
  const { own, protect: guard } = splitProtectOptions(options)
  return protect(apiKeyAuthenticator(own as ApiKeyOptions, 'apiKey'), guard, 'apiKey')
}
