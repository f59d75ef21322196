import { type ProtectOptions, splitProtectOptions } from '@countersign/core/base'
import { type ExpressMiddleware, protect } from '@countersign/core/express'
import { clientGroupAuthenticator } from './authenticator.js'
import type { ClientGroupOptions } from './options.js'

/**
 * Lets the members of a group of clients through. Express 4 and 5; `req.auth` says who called.
 *
 * @throws TypeError when an option is unknown, missing or wrong
 * @example
 * app.use('/api/partners', clientGroup({ clients, group: 'partners' }))
 */
export function clientGroup(options: ClientGroupOptions & ProtectOptions): ExpressMiddleware {
  const { own, protect: guard } = splitProtectOptions(options)
  return protect(clientGroupAuthenticator(own as ClientGroupOptions, 'clientGroup'), guard, 'clientGroup')
}
