import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Authenticator } from './authenticator.js'
import { connectionFields, refusalBody, whenBodyKnown } from './body/unread.js'
import type { Answer } from './guard/answer.js'
import { createGuard, type Denied, type Outcome, type ProtectOptions, throwsRefusals } from './guard/guard.js'
import { authRequest } from './guard/http-request.js'
import { setOwnAuth } from './guard/own-auth.js'
import { wrongFramework } from './guard/wrong-framework.js'

/** What an Express middleware is given; every Express 4 and 5 request has this shape. */
export type ExpressRequest = IncomingMessage & { originalUrl?: string | undefined }

/** A middleware for Express 4 and 5, and for any other connect-like framework over node:http. */
export type ExpressMiddleware = (req: ExpressRequest, res: ServerResponse, next: (error?: unknown) => void) => void

/**
 * Guards what follows it with an authenticator. A request that is let through has its principal at `req.auth`, frozen.
 *
 * Not decided: whether that client may do what it asks for. Not touched: the body (whoever follows can parse it), the query,
 * sessions and cookies. What the handler throws is Express's, as ever.
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
 * app.post('/orders', protect(authenticator), (req, res) => res.json(req.auth))
 */
export function protect(authenticator: Authenticator, options?: ProtectOptions, factory = 'protect'): ExpressMiddleware {
  const guard = createGuard(factory, authenticator, options)
  const isThrowing = throwsRefusals(factory, options)
  return countersign

  // A declaration: the name of an expression would be minified away, and tracers name their spans by it.
  function countersign(req: ExpressRequest, res: ServerResponse, next: (error?: unknown) => void): void {
    if (typeof res === 'function') throw wrongFramework(factory, 'Express', 'Koa')
    const outcome = guard(authRequest(req, req.originalUrl ?? (req.url as string), res), res)
    if (outcome instanceof Promise) void outcome.then((late) => outside(() => proceed(late)))
    else proceed(outcome)

    function proceed(settled: Outcome): void {
      if (settled.kind === 'denied') {
        deny(req, res, next, settled, isThrowing)
        return
      }
      setOwnAuth(req, settled.principal)
      next()
    }
  }
}

/** What next() throws is the framework's, and no rejection of ours. */
function outside(run: () => void): void {
  try {
    run()
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}

function deny(req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void, denied: Denied, isThrowing: boolean): void {
  whenBodyKnown(req, (isUnread) => {
    const connection = connectionFields(req, isUnread)
    if (isThrowing && denied.toError !== undefined) next(denied.toError(connection))
    else if (!res.headersSent && !res.destroyed) write(req, res, denied.answer, isUnread, connection)
  })
}

function write(
  req: IncomingMessage,
  res: ServerResponse,
  answer: Answer,
  isUnread: boolean,
  connection: Readonly<Record<string, string>>,
): void {
  res.statusCode = answer.status
  for (const [name, value] of answer.headers) res.setHeader(name, value)
  for (const [name, value] of Object.entries(connection)) res.setHeader(name, value)
  const body = refusalBody(req, res, answer.body, isUnread)
  if (body instanceof Readable) body.pipe(res)
  else res.end(body)
}
