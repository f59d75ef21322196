import { type ProtectOptions, splitProtectOptions } from '@countersign/core/base'
import { type ExpressMiddleware, protect } from '@countersign/core/express'
import { hmacAuthenticator } from './authenticator.js'
import type { HmacVerifyOptions } from './options.js'

/**
 * Lets a request through when its HMAC signature holds, before or after any body parser. Express 4 and 5; `req.auth` says who called.
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * @example
 * app.use('/hooks', hmacVerify({ secret: secretFromEnv('HOOK_SECRET') }))
 */
export function hmacVerify(options: HmacVerifyOptions & ProtectOptions): ExpressMiddleware {
  const { own, protect: guard } = splitProtectOptions(options)
  return protect(hmacAuthenticator(own as HmacVerifyOptions, 'hmacVerify'), guard, 'hmacVerify')
}
