import { type ProtectOptions, splitProtectOptions } from '@countersign/core/base'
import { type KoaMiddleware, protect } from '@countersign/core/koa'
import { clientGroupAuthenticator } from './authenticator.js'
import type { ClientGroupOptions } from './options.js'

/**
 * Lets the members of a group of clients through. Koa 2 and 3; `ctx.state.auth` says who called.
 *
 * @throws TypeError when an option is unknown, missing or wrong
 * @example
 * router.use('/api/partners', clientGroup({ clients, group: 'partners' }))
 */
export function clientGroup(options: ClientGroupOptions & ProtectOptions): KoaMiddleware {
  const { own, protect: guard } = splitProtectOptions(options)
  return protect(clientGroupAuthenticator(own as ClientGroupOptions, 'clientGroup'), guard, 'clientGroup')
}
