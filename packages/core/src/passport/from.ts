import type { Authenticator } from '../authenticator.js'
import { within } from '../deadline.js'
import { checkChallenges } from '../decide/check-authenticator.js'
import { type CoreCode, CountersignError, coreError, refuse } from '../errors.js'
import { invalidType, OptionReader } from '../options.js'
import { principal } from '../principal.js'
import { soleHeader } from '../request/headers.js'
import type { AuthRequest } from '../request/request.js'
import { absent, type Granted, granted, type Refused, type Verdict } from '../verdict.js'
import { lacksCredentials, readChallenge } from './challenge.js'
import { type Action, challengeOf, type ForeignStrategy, isStrategy, runStrategy, strategyOf } from './run.js'

/** The client that a strategy's user stands for. */
export interface PassportClient {
  /** Becomes `clientId` of the principal. Not empty. */
  readonly clientId: string
  /** Default none. */
  readonly groups?: readonly string[]
}

/** Options of `fromPassport`. */
export interface FromPassportOptions {
  /** For logs and events. Default the strategy's name; `passport` where a function gives the strategy. */
  readonly name?: string
  /**
   * The challenges of a 401 for which the strategy gives none. Default what its method `_challenge`, which most have, says of itself;
   * without it such a 401 is a 403, unless another member of a composition has a challenge. Where another member refuses, a challenge
   * with a nonce is not asked for.
   */
  readonly challenges?: readonly string[]
  /** How long the strategy, and then `client`, may take, milliseconds. Default 5000. */
  readonly timeoutMs?: number
  /** Who a user is. Default: its `id`, `username` or `clientId`, the first that is a string and not empty. */
  readonly client?: (user: unknown, info: unknown) => PassportClient | PromiseLike<PassportClient>
}

interface Settings {
  readonly given: ForeignStrategy | (() => ForeignStrategy)
  readonly challenges: readonly string[]
  readonly timeoutMs: number
  readonly client: ((user: unknown, info: unknown) => unknown) | undefined
}

/**
 * Makes an authenticator of any Passport strategy, for both frameworks and for compositions. Passport itself is not needed.
 *
 * For each request the strategy runs on an object that is made for that request (`Object.create(strategy)`), so that requests never
 * share what it keeps on `this`; one with private members (`#name`) cannot run so. It sees a stand-in for the request: `method`, `url`
 * and `originalUrl` (as on the wire), `headers`, `rawHeaders`, `socket`, `connection`, `query`, `get(name)`, `header(name)`; never a
 * body, a session or a response. The first of its calls counts.
 *
 * success: granted, unless the user is falsy. fail: absent when the challenge is of a scheme that is sent in Authorization, has no
 * `error` parameter and the request has no Authorization of that scheme; in every other case refused, since a strategy that says no
 * more cannot be told apart from one that was given wrong credentials. pass and redirect: refused. A throw, a rejection (also of the
 * application's verify function), error(...) or silence is an outage (503), or what `status` of the error says (401, 403, 500).
 * A challenge that the strategy makes, such as one with a nonce, is sent as it is, if it is one.
 *
 * Not decided: whether the strategy is sound. passport-http's Digest takes any nonce for ever unless it is given `validate`, and takes
 * the text `undefined` as the password of a user whose look-up names none.
 *
 * Refuses with `ERR_PASSPORT_REFUSED` (401), `ERR_PASSPORT_NOT_ALLOWED` (403), `ERR_PASSPORT_UNDECIDED` (401).
 *
 * @param strategy - an instance, or a function that returns one for each request
 * @throws TypeError when it is none, or an option is unknown or wrong
 * @example
 * app.use(protect(fromPassport(new BearerStrategy(verify), { client: (user) => ({ clientId: user.name }) })))
 */
export function fromPassport(strategy: object, options: FromPassportOptions = {}): Authenticator {
  const reader = new OptionReader('fromPassport', options, ['name', 'challenges', 'timeoutMs', 'client'])
  const settings: Settings = {
    given: checkedStrategy(strategy),
    challenges: reader.has('challenges') ? checkChallenges('fromPassport', 'challenges', reader.raw('challenges')) : [],
    timeoutMs: reader.integer('timeoutMs', 5000, 'milliseconds'),
    client: reader.callback<NonNullable<FromPassportOptions['client']>>('client'),
  }
  return Object.freeze({
    name: reader.text('name', typeof strategy === 'function' ? 'passport' : schemeOf(settings.given as ForeignStrategy)),
    challenges: reader.has('challenges') ? settings.challenges : lastingChallenges(settings.given),
    authenticate: (request: AuthRequest) => authenticate(settings, request),
  })
}

function checkedStrategy(given: unknown): Settings['given'] {
  if (isStrategy(given)) return given
  const isFunction = typeof given === 'function'
  if (isFunction && !isStrategy(given.prototype)) return given as () => ForeignStrategy
  const wanted = isFunction ? 'an instance: write new before the class' : 'a Passport strategy, or a function that returns one'
  throw invalidType('fromPassport', 'strategy', wanted, given)
}

/** A challenge that a strategy makes again and again is known before any request, also where another member of a composition decides. */
function lastingChallenges(given: Settings['given']): readonly string[] {
  const [own, again] = typeof given === 'function' ? [] : [challengeOf(given), challengeOf(given)]
  return Object.freeze(own !== undefined && own === again && readChallenge(own)?.hasError === false ? [own] : [])
}

function authenticate(settings: Settings, request: AuthRequest): Verdict | Promise<Verdict> {
  const strategy = strategyOf(settings.given)
  const authorization = soleHeader(request.rawHeaders, 'authorization')
  // Node shows a strategy the first of several only.
  if (authorization === null) return refused(settings, strategy, 'ERR_PASSPORT_REFUSED', 'Authorization was sent more than once')
  const judged = (action: Action) => judge(settings, strategy, action, authorization)
  const action = within(settings.timeoutMs, () => runStrategy(strategy, request))
  return action instanceof Promise ? action.then(judged) : judged(action)
}

function judge(
  settings: Settings,
  strategy: ForeignStrategy,
  action: Action,
  authorization: string | undefined,
): Verdict | Promise<Verdict> {
  switch (action.kind) {
    case 'success':
      if (!action.user) return refused(settings, strategy, 'ERR_PASSPORT_REFUSED', 'the strategy succeeded without a user')
      return grant(settings, schemeOf(strategy), action.user, action.info)
    case 'fail':
      return failed(action.challenge, action.status, authorization) ?? refused(settings, strategy, 'ERR_PASSPORT_REFUSED')
    case 'error':
      return errored(action.error) ?? refused(settings, strategy, 'ERR_PASSPORT_REFUSED', 'the strategy called error() with the status 401')
    default:
      return refused(settings, strategy, 'ERR_PASSPORT_UNDECIDED', `the strategy called ${action.kind}()`)
  }
}

/** What a failure says by itself; undefined: it was refused, and that is all. */
function failed(given: unknown, status: number | undefined, authorization: string | undefined): Verdict | undefined {
  if (status === 403) return refuse('ERR_PASSPORT_NOT_ALLOWED')
  const challenge = readChallenge(given)
  if (challenge === undefined) return undefined
  const own = { challenges: Object.freeze([given as string]) }
  const isPlain = status === undefined || status === 401
  return isPlain && lacksCredentials(challenge, authorization) ? { ...absent, ...own } : { ...refuse('ERR_PASSPORT_REFUSED'), ...own }
}

/** A refusal for which the strategy gave no challenge. */
function refused({ challenges }: Settings, strategy: ForeignStrategy, code: CoreCode, reason?: string): Refused {
  const own = challenges.length > 0 ? undefined : challengeOf(strategy)
  return own === undefined ? refuse(code, reason) : { ...refuse(code, reason), challenges: Object.freeze([own]) }
}

/** @throws CountersignError unless the error's status is a refusal; undefined for 401 */
function errored(error: unknown): Refused | undefined {
  if (error instanceof CountersignError) throw error
  switch (statusOf(error)) {
    case 401:
      return undefined
    case 403:
      return refuse('ERR_PASSPORT_NOT_ALLOWED', 'the strategy called error() with the status 403')
    case 500:
      throw coreError('ERR_AUTH_DEFECT', undefined, error)
    default:
      throw coreError('ERR_LOOKUP_FAILED', 'the strategy failed', error)
  }
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? (error as { status?: unknown }).status : undefined
}

function grant({ client, timeoutMs }: Settings, scheme: string, user: unknown, info: unknown): Granted | Promise<Granted> {
  if (client === undefined) return grantedTo(scheme, { clientId: idOf(user) })
  const answer = within(timeoutMs, () => client(user, info))
  return answer instanceof Promise ? answer.then((late) => grantedTo(scheme, late)) : grantedTo(scheme, answer)
}

function grantedTo(scheme: string, client: unknown): Granted {
  const clientId = propertyOf(client, 'clientId')
  const groups = propertyOf(client, 'groups') ?? []
  if (typeof clientId !== 'string' || clientId === '') {
    throw coreError(
      'ERR_AUTH_DEFECT',
      'the user of a Passport strategy has no id that is a string; give fromPassport the option client: (user) => ({ clientId: String(user.id) })',
    )
  }
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) {
    throw coreError('ERR_AUTH_DEFECT', 'the option client of fromPassport returned groups that are not a list of strings')
  }
  return granted(principal({ clientId, scheme, groups }))
}

function idOf(user: unknown): unknown {
  const found = ['id', 'username', 'clientId'].map((name) => propertyOf(user, name))
  return found.find((value) => typeof value === 'string' && value !== '')
}

/** A user may be an instance with getters; what somebody put on Object.prototype is nobody's. */
function propertyOf(user: unknown, name: string): unknown {
  if (typeof user !== 'object' || user === null) return undefined
  if (Object.hasOwn(Object.prototype, name) && !Object.hasOwn(user, name)) return undefined
  return (user as Record<string, unknown>)[name]
}

function schemeOf({ name }: ForeignStrategy): string {
  return typeof name === 'string' && name !== '' ? name : 'passport'
}
