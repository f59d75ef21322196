import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Answer } from './answer.js'
import type { Authenticator } from './authenticator.js'
import { createGuard, type Denied, type Outcome, type ProtectOptions, throwsRefusals } from './guard.js'
import { setOwnAuth } from './own-auth.js'
import { authRequest } from './request.js'
import { connectionFields, refusalBody, whenBodyKnown } from './unread.js'

/** What an Express middleware is given; every Express 4 and 5 request has this shape. */
export type ExpressRequest = IncomingMessage & { originalUrl?: string }

/** A middleware for Express 4 and 5, and for any other connect-like framework over node:http. */
export type ExpressMiddleware = (req: ExpressRequest, res: ServerResponse, next: (error?: unknown) => void) => void

/**
 * Guards what follows it with an authenticator. A request that is let through has its principal at `req.auth`.
 *
 * Not decided: whether that client may do what it asks for.
 *
 * @param authenticator - from a factory such as `hmacAuthenticator`, or a composition of `anyOf` and `allOf`
 * @param factory - the name that messages carry, for factories built upon this one
 * @throws TypeError when the authenticator is none, or an option is unknown or wrong
 */
export function protect(authenticator: Authenticator, options?: ProtectOptions, factory = 'protect'): ExpressMiddleware {
  const guard = createGuard(factory, authenticator, options)
  const isThrowing = throwsRefusals(factory, options)
  return function countersign(req, res, next) {
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
