import { type ProtectOptions, splitProtectOptions } from '@countersign/core/base'
import { type KoaMiddleware, protect } from '@countersign/core/koa'
import { hmacAuthenticator } from './authenticator.js'
import type { HmacVerifyOptions } from './options.js'

/**
 * Lets a request through when its HMAC signature holds, before or after any body parser. Koa 2 and 3; `ctx.state.auth` says who called.
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * @example
 * app.use(hmacVerify({ secret: secretFromEnv('HOOK_SECRET') }))
 */
export function hmacVerify(options: HmacVerifyOptions & ProtectOptions): KoaMiddleware {
  const { own, protect: guard } = splitProtectOptions(options)
  return protect(hmacAuthenticator(own as HmacVerifyOptions, 'hmacVerify'), guard, 'hmacVerify')
}
