import { type ProtectOptions, splitProtectOptions } from '@countersign/core/base'
import { type KoaMiddleware, protect } from '@countersign/core/koa'
import { tlsPinAuthenticator } from './authenticator.js'
import type { TlsPinOptions } from './options.js'

/**
 * Lets through only requests with an expected client certificate; who it was stands at `ctx.state.auth`. For Koa 2 and 3.
 *
 * What is decided, what is not, and the codes: see `tlsPinAuthenticator`. Every refusal is 403 `You are not allowed to access this resource`.
 *
 * @throws TypeError when an option is missing, unknown or wrong
 * @example
 * router.get('/api/customer', tlsPin({ from: haproxy({ trustedProxies: ['127.0.0.1/32'] }), pins: { partner: '3F:A0:...' } }), handler)
 */
export function tlsPin(options: TlsPinOptions & ProtectOptions): KoaMiddleware {
  const { own, protect: protectOptions } = splitProtectOptions(options)
  return protect(tlsPinAuthenticator(own, 'tlsPin'), protectOptions, 'tlsPin')
}
