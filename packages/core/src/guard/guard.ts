import type { ServerResponse } from 'node:http'
import type { Authenticator } from '../authenticator.js'
import { checkAuthenticator } from '../decide/check-authenticator.js'
import { commitOnce, decide, isStatus, settleOnce } from '../decide/decide.js'
import { ownVerdict } from '../decide/own-verdict.js'
import { CountersignError, coreCodes, coreError, refuse } from '../errors.js'
import { authEvent, isObserved, publish, type RefusalEvent, warnOnce } from '../events.js'
import { noteReadElsewhere, OptionReader } from '../options.js'
import type { Principal } from '../principal.js'
import { http2Stream } from '../request/message.js'
import type { AuthRequest } from '../request/request.js'
import { isThenable } from '../thenable.js'
import type { Granted, Refused, Verdict } from '../verdict.js'
import { type Answer, handshakeAnswer, problemAnswer } from './answer.js'
import { problemDetail } from './problem.js'

/** What `protect` can be told; the same for Express and Koa. */
export interface ProtectOptions {
  /**
   * `answer`: the guard writes the refusal itself, the same bytes on every framework. `throw`: the framework gets a
   * CountersignError with `status`, `headers` and `code`, and its error handler writes. Default `answer`.
   */
  readonly refusals?: 'answer' | 'throw'
  /** Told of every request that is not let through, once; `error` is there on an outage or a defect. What it throws changes nothing. */
  readonly onRefusal?: (event: RefusalEvent) => void
  /** Lets a request without credentials through, without a principal. Bad credentials and outages are refused all the same. Default false. */
  readonly optional?: boolean
}

/** The names of the options of `protect`, for factories that take them along with their own. */
export const protectOptionNames: readonly (keyof ProtectOptions)[] = ['refusals', 'onRefusal', 'optional']

/**
 * Divides the options of a middleware factory into those of `protect` and those of its authenticator. Own properties only;
 * judges none of them, so that each side names its own mistakes, and of an unknown option both lists.
 */
export function splitProtectOptions<O extends object>(
  options: (O & ProtectOptions) | undefined,
): { readonly protect: ProtectOptions; readonly own: Omit<O, keyof ProtectOptions> } {
  const own: Record<string, unknown> = Object.create(null)
  const protect: Record<string, unknown> = Object.create(null)
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options))) {
    return { protect, own: options as O }
  }
  const names: readonly string[] = protectOptionNames
  for (const [name, value] of Object.entries(options ?? {})) (names.includes(name) ? protect : own)[name] = value
  noteReadElsewhere(own, names)
  return { protect, own: own as O }
}

/** Let through; without a principal when it is optional and no credentials came. */
interface Passed {
  readonly kind: 'passed'
  readonly principal: Principal | undefined
}

/** Not let through: what to write, and what to throw where the framework is to write it. */
export interface Denied {
  readonly kind: 'denied'
  readonly answer: Answer
  /** Builds the error to throw. Undefined for a vendor's handshake, which is always written. */
  readonly toError: ((connection: Readonly<Record<string, string>>) => CountersignError) | undefined
}

/** What becomes of a request. */
export type Outcome = Passed | Denied

/** A guard: it neither throws nor rejects. Without a response nothing can be settled, so that what was claimed stays claimed. */
export type Guard = (request: AuthRequest, response: ServerResponse | undefined) => Outcome | Promise<Outcome>

/** A refusal, or an error in the shape of one. */
interface Denial extends Omit<Refused, 'kind'> {
  readonly error?: unknown
}

/**
 * Builds what both adapters run: decide, commit, remember to settle, tell the observers, prepare the answer.
 *
 * @param factory - the public name of the factory, for messages
 * @throws TypeError when the authenticator is none, or an option is wrong
 */
export function createGuard(factory: string, authenticator: Authenticator, options: ProtectOptions | undefined): Guard {
  const challenges = checkAuthenticator(factory, authenticator)
  const reader = new OptionReader(factory, options, protectOptionNames)
  const setup: Setup = {
    authenticator,
    challenges,
    isOptional: reader.boolean('optional', false),
    onRefusal: reader.callback<(event: RefusalEvent) => unknown>('onRefusal'),
  }
  return (request, response) => judge(setup, request, response)
}

/** Whether refusals go to the framework's error handler. */
export function throwsRefusals(factory: string, options: ProtectOptions | undefined): boolean {
  return new OptionReader(factory, options, protectOptionNames).oneOf('refusals', ['answer', 'throw'], 'answer') === 'throw'
}

interface Setup {
  readonly authenticator: Authenticator
  readonly challenges: readonly string[]
  readonly isOptional: boolean
  readonly onRefusal: ((event: RefusalEvent) => unknown) | undefined
}

function judge(setup: Setup, request: AuthRequest, response: ServerResponse | undefined): Outcome | Promise<Outcome> {
  const failed = (error: unknown) => deny(setup, request, denialOf(error))
  const verdict = decide(setup.authenticator, request)
  if (verdict instanceof Promise) return verdict.then((settled) => conclude(setup, request, response, settled)).catch(failed)
  try {
    const outcome = conclude(setup, request, response, verdict)
    return outcome instanceof Promise ? outcome.catch(failed) : outcome
  } catch (error) {
    return failed(error)
  }
}

function conclude(setup: Setup, request: AuthRequest, response: ServerResponse | undefined, verdict: Verdict): Outcome | Promise<Outcome> {
  switch (verdict.kind) {
    case 'granted': {
      const refused = commitOnce(request, verdict)
      if (refused instanceof Promise) return refused.then((late) => admit(setup, request, response, verdict, late))
      return admit(setup, request, response, verdict, refused)
    }
    case 'absent':
      if (setup.isOptional) return { kind: 'passed', principal: undefined }
      return deny(setup, request, missing(setup, verdict.challenges ?? setup.challenges))
    case 'answered':
      return { kind: 'denied', answer: handshakeAnswer(verdict), toError: undefined }
    case 'refused':
      return deny(setup, request, verdict)
  }
}

function admit(
  setup: Setup,
  request: AuthRequest,
  response: ServerResponse | undefined,
  verdict: Granted,
  refused: Refused | undefined,
): Outcome {
  if (refused !== undefined) return deny(setup, request, refused)
  if (verdict.settle !== undefined && response !== undefined) settleAfter(setup, request, response, verdict)
  if (isObserved('granted')) publish('granted', authEvent(setup.authenticator.name, request, { principal: verdict.principal }))
  return { kind: 'passed', principal: verdict.principal }
}

/** The operator is told which fields were looked at: the sender may have misspelt one. */
function missing({ authenticator }: Setup, challenges: readonly string[]): Refused {
  const fields = (Object.hasOwn(authenticator, 'fields') ? authenticator.fields : undefined) ?? []
  const code = challenges.length > 0 ? 'ERR_AUTH_REQUIRED' : 'ERR_AUTH_NOT_ALLOWED'
  const reason = fields.length > 0 ? `${coreCodes[code].when}; fields that were checked: ${fields.join(', ')}` : undefined
  return { ...refuse(code, reason), challenges }
}

/** A 401 needs a challenge (RFC 9110 section 15.5.2); an authenticator that has none refuses with 403. */
function deny(setup: Setup, request: AuthRequest, denied: Denial): Denied {
  const denial = ownVerdict(denied)
  const challenges = denial.challenges ?? setup.challenges
  const status = denial.status === 401 && challenges.length === 0 ? 403 : denial.status
  const answer = answerTo(status, challenges, denial)
  observe(setup, request, { ...denial, status: answer.status })
  if (denial.code === 'ERR_BODY_CONSUMED') warnOnce(denial.code, denial.reason)
  const message = answer.status < 500 ? problemDetail(answer.status) : denial.reason
  const toError: Denied['toError'] = (connection) =>
    new CountersignError(denial.code, message, {
      status: answer.status,
      headers: { ...flat(answer), ...connection },
      cause: denial.error,
    })
  return { kind: 'denied', answer, toError }
}

function answerTo(status: number, challenges: readonly string[], denial: Denial): Answer {
  try {
    return problemAnswer(status, challenges, denial.headers)
  } catch {
    return problemAnswer(500, challenges)
  }
}

function denialOf(error: unknown): Denial {
  const known = error instanceof CountersignError && isStatus(error.status, 400)
  const named = known ? error : coreError('ERR_AUTH_DEFECT', undefined, error)
  return { code: named.code, status: named.status, reason: named.message, headers: named.headers, error }
}

/** Every denial reaches onRefusal once and one channel once; which one, its status says. */
function observe(setup: Setup, request: AuthRequest, denial: Denial): void {
  const kind = denial.status >= 500 ? 'error' : 'refused'
  const { onRefusal } = setup
  if (onRefusal === undefined && !isObserved(kind)) return
  const { code, status, reason, error } = denial
  const facts = kind === 'error' && error !== undefined ? { code, status, reason, error } : { code, status, reason }
  const event = authEvent(setup.authenticator.name, request, facts)
  publish(kind, event)
  if (onRefusal !== undefined) unharmed(setup, request, 'onRefusal threw', () => onRefusal(event))
}

/** Runs a function of the user's that must not change what was decided. What it throws goes to `countersign:error`. */
function unharmed(setup: Setup, request: AuthRequest, reason: string, run: () => unknown): void {
  const report = (error: unknown) =>
    publish('error', authEvent(setup.authenticator.name, request, { code: 'ERR_AUTH_DEFECT', reason, error }))
  try {
    const result = run()
    if (isThenable(result)) Promise.resolve(result).then(undefined, report)
  } catch (error) {
    report(error)
  }
}

/**
 * Settles when the response has finished on a connection that was alive until then. HTTP/2's compatibility API says 'finish'
 * of every response, so there the stream's own record counts.
 */
function settleAfter(setup: Setup, request: AuthRequest, response: ServerResponse, verdict: Granted): void {
  const stream = http2Stream(response.req)
  const onClose = () => response.off('finish', onFinish)
  const onFinish = () => {
    response.off('close', onClose)
    if (stream === undefined ? response.destroyed : stream.aborted || stream.rstCode !== 0) return
    unharmed(setup, request, 'settle threw', () => settleOnce(request, verdict, response.statusCode))
  }
  response.once('finish', onFinish)
  response.once('close', onClose)
}

/** The fields of an answer that describe the refusal and not its document, for an error's `headers`. */
function flat(answer: Answer): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of answer.headers) {
    if (!name.startsWith('Content-')) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return headers
}
