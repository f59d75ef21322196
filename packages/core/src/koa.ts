import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Authenticator } from './authenticator.js'
import { connectionFields, refusalBody, whenBodyKnown } from './body/unread.js'
import { createGuard, type Denied, type ProtectOptions, throwsRefusals } from './guard/guard.js'
import { authRequest } from './guard/http-request.js'
import { setOwnAuth } from './guard/own-auth.js'
import { wireTarget } from './guard/wire-target.js'
import { wrongFramework } from './guard/wrong-framework.js'

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
 * Guards what follows it with an authenticator. A request that is let through has its principal at `ctx.state.auth`, frozen.
 *
 * Not decided: whether that client may do what it asks for. Not touched: the body (whoever follows can parse it), the query,
 * sessions and cookies. What the handler throws is Koa's, as ever.
 *
 * Refused requests are answered with `application/problem+json` whose text depends on the status alone, a challenge per accepted
 * scheme on 401, and `Cache-Control: no-store`. When the body of a refused HTTP/1 request is still on its way, the answer says
 * `Connection: close`, and the socket is destroyed after 1 s; until then 1 MiB more is read at most. With `refusals: 'throw'` all that
 * is the business of the framework's error handler, which gets a CountersignError with `status`, `headers` and `code`.
 *
 * Refuses with: `ERR_AUTH_REQUIRED` (401), `ERR_AUTH_NOT_ALLOWED` (403, when the authenticator has no challenges),
 * `ERR_AUTH_DEFECT` (500, when it throws or answers what is no verdict), `ERR_BODY_...`, and what the authenticator refuses with.
 *
 * @param authenticator - from a factory such as `hmacAuthenticator`, or a composition of `anyOf` and `allOf`
 * @param options - see {@link ProtectOptions}
 * @param factory - the name that messages carry, for factories built upon this one. Default `protect`.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` when the authenticator is none, or an option is unknown or wrong
 * @see RFC 9110 section 11.6.1 (challenges), RFC 9457 (problem details)
 * @example
 * app.use(protect(authenticator)).use((ctx) => { ctx.body = ctx.state.auth })
 */
export function protect(authenticator: Authenticator, options?: ProtectOptions, factory = 'protect'): KoaMiddleware {
  const guard = createGuard(factory, authenticator, options)
  const isThrowing = throwsRefusals(factory, options)
  return countersign

  // A declaration: the name of an expression would be minified away, and tracers name their spans by it.
  function countersign(ctx: KoaContext, next: () => Promise<unknown>): Promise<void> {
    // Not as a rejection, which Express 4 does not see.
    if (ctx.req === undefined) throw wrongFramework(factory, 'Koa', 'Express')
    return decided(ctx, next)
  }

  async function decided(ctx: KoaContext, next: () => Promise<unknown>): Promise<void> {
    const settled = guard(authRequest(ctx.req, wireTarget(ctx.req, ctx.originalUrl), ctx.res), ctx.res)
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
  const written = refusalBody(ctx.req, ctx.res, body, isUnread)
  if (written instanceof Readable) expectHangUp(ctx)
  ctx.body = written
  for (const [name, value] of headers) ctx.set(name, value)
  for (const [name, value] of Object.entries(connection)) ctx.set(name, value)
}

/**
 * A sender that has read its answer and goes is no error of the app, though Koa takes it for one: to it the answer ends only when the
 * request does. What happens before the answer is out is Koa's, as ever.
 */
function expectHangUp(ctx: { readonly res: ServerResponse; onerror?: (error: unknown) => void }): void {
  const { onerror } = ctx
  ctx.onerror = (error) => {
    if (!ctx.res.headersSent) onerror?.call(ctx, error)
  }
}
