import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Authenticator } from './authenticator.js'
import { createGuard, type Denied, type ProtectOptions, throwsRefusals } from './guard.js'
import { setOwnAuth } from './own-auth.js'
import { authRequest } from './request.js'
import { connectionFields, refusalBody, whenBodyKnown } from './unread.js'

/** What a Koa middleware is given, as far as the guard looks; every Koa 2 and 3 context has this shape. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly originalUrl: string
  readonly state: object
  status: number
  body: unknown
  set(field: string, value: string | string[]): void
}

/** A middleware for Koa 2 and 3. */
export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>

/**
 * Guards what follows it with an authenticator. A request that is let through has its principal at `ctx.state.auth`.
 *
 * Not decided: whether that client may do what it asks for.
 *
 * @param authenticator - from a factory such as `hmacAuthenticator`, or a composition of `anyOf` and `allOf`
 * @param factory - the name that messages carry, for factories built upon this one
 * @throws TypeError when the authenticator is none, or an option is unknown or wrong
 */
export function protect(authenticator: Authenticator, options?: ProtectOptions, factory = 'protect'): KoaMiddleware {
  const guard = createGuard(factory, authenticator, options)
  const isThrowing = throwsRefusals(factory, options)
  return async function countersign(ctx, next) {
    const settled = guard(authRequest(ctx.req, ctx.originalUrl, ctx.res), ctx.res)
    const outcome = settled instanceof Promise ? await settled : settled
    if (outcome.kind === 'denied') return deny(ctx, outcome, isThrowing)
    setOwnAuth(ctx.state, outcome.principal)
    await next()
  }
}

async function deny(ctx: KoaContext, denied: Denied, isThrowing: boolean): Promise<void> {
  const isUnread = await new Promise<boolean>((resolve) => whenBodyKnown(ctx.req, resolve))
  const connection = connectionFields(ctx.req, isUnread)
  if (isThrowing && denied.toError !== undefined) throw denied.toError(connection)
  const { status, headers, body } = denied.answer
  ctx.status = status
  // The body first: with it Koa sets a Content-Type of its own, and drops the length of a stream.
  ctx.body = refusalBody(ctx.req, ctx.res, body, isUnread)
  for (const [name, value] of headers) ctx.set(name, value)
  for (const [name, value] of Object.entries(connection)) ctx.set(name, value)
}
