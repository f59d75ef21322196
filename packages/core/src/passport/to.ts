import type { Authenticator } from '../authenticator.js'
import { coreError } from '../errors.js'
import type { RefusalEvent } from '../events.js'
import type { Answer } from '../guard/answer.js'
import { createGuard, type Denied, type Outcome } from '../guard/guard.js'
import { authRequest } from '../guard/http-request.js'
import { OptionReader } from '../options.js'
import { type PassportFields, type PassportWriter, passportMessage, passportResponse, passportTarget, passportWriter } from './request.js'

/** What Passport puts on a strategy for each request; one of them is to be called, once. */
export interface PassportActions {
  success(user: object, info?: object): void
  fail(challenge?: string | number, status?: number): void
  error(error: unknown): void
}

/** A strategy as Passport, @nestjs/passport and koa-passport take it. */
export interface PassportStrategy {
  name: string
  authenticate(this: PassportActions, req: PassportFields, options?: unknown): void
}

/** Options of `toPassport`. */
export interface ToPassportOptions {
  /** The name for `passport.authenticate(name)`. Default the authenticator's. */
  readonly name?: string
  /** Told of every request that is not let through, once; as that of `protect`. */
  readonly onRefusal?: (event: RefusalEvent) => void
}

/**
 * Makes a Passport strategy of an authenticator, for Express, NestJS and koa-passport. The verdict is made and committed once per
 * request, whatever the strategy is mounted on, and `req.user` becomes the principal.
 *
 * Granted: success(principal, { scheme }). 401 and 403: fail(challenges, status), so that Passport goes on to its next strategy and
 * writes the answer. 400, 413, 415 and all from 500 on: error(CountersignError), which has `status` and `headers`. A vendor's
 * handshake is written to the response. Whatever Passport sets on the strategy is read when a request begins, so that an instance
 * serves many requests at a time.
 *
 * Never a session: give `{ session: false }` to passport.authenticate, which otherwise wants to start one.
 *
 * @throws TypeError when the authenticator is none, or an option is unknown or wrong
 * @example
 * passport.use(toPassport(apiKeyAuthenticator({ keys }), { name: 'key' }))
 * app.get('/data', passport.authenticate('key', { session: false }), handler)
 */
export function toPassport(authenticator: Authenticator, options: ToPassportOptions = {}): PassportStrategy {
  const reader = new OptionReader('toPassport', options, ['name', 'onRefusal'])
  const onRefusal = reader.callback<(event: RefusalEvent) => void>('onRefusal')
  const guard = createGuard('toPassport', authenticator, onRefusal === undefined ? {} : { onRefusal })
  return {
    name: reader.text('name', authenticator.name),
    authenticate(req) {
      const run = runOf(this, req)
      const message = passportMessage(req)
      if (message === undefined) return run.actions.error(coreError('ERR_AUTH_DEFECT', 'toPassport was not given a request of node:http'))
      const response = passportResponse(req)
      const outcome = guard(authRequest(message, passportTarget(req, message), response), response)
      if (!(outcome instanceof Promise)) return report(run, outcome)
      outcome.then((late) => report(run, late)).catch(rethrow)
    },
  }
}

/** The actions of one request, since the object that carries them may be another request's by the time of the verdict. */
interface Run {
  readonly actions: PassportActions
  readonly writer: PassportWriter | undefined
}

function runOf(strategy: PassportActions, req: PassportFields): Run {
  const { success, fail, error } = strategy
  const actions: PassportActions = {
    success: (user, info) => success.call(strategy, user, info),
    fail: (challenge, status) => fail.call(strategy, challenge, status),
    error: (cause) => error.call(strategy, cause),
  }
  return { actions, writer: passportWriter(req) }
}

/** What Passport's actions throw is the framework's, and no rejection of ours. */
function rethrow(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

function report({ actions, writer }: Run, outcome: Outcome): void {
  if (outcome.kind === 'denied') return deny(actions, writer, outcome)
  const { principal } = outcome
  if (principal === undefined) return actions.error(coreError('ERR_AUTH_DEFECT', 'granted without a principal'))
  return actions.success(principal, { scheme: principal.scheme })
}

function deny(actions: PassportActions, writer: PassportWriter | undefined, { answer, toError }: Denied): void {
  if (toError === undefined) return handshake(actions, writer, answer)
  if (answer.status !== 401 && answer.status !== 403) return actions.error(toError({}))
  const challenges = answer.headers.get('WWW-Authenticate')
  if (challenges === undefined) return actions.fail(answer.status)
  // Passport takes one string per strategy; a field with several challenges is a list (RFC 9110 section 11.6.1).
  return actions.fail([challenges].flat().join(', '), answer.status)
}

function handshake(actions: PassportActions, writer: PassportWriter | undefined, { status, headers, body }: Answer): void {
  if (writer === undefined) return actions.error(coreError('ERR_AUTH_DEFECT', 'a handshake cannot be answered: the request has no res'))
  if (writer.headersSent === true) return
  writer.statusCode = status
  for (const [name, value] of headers) writer.setHeader(name, value)
  writer.end(body)
}
