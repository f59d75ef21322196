import { invalidType, invalidValue, OptionReader } from '@countersign/core/base'
import axios, { type AxiosInstance } from 'axios'
import { type CarrierSettings, carrierSettings } from './carrier/carrier-options.js'
import { interceptor, type RequestInterceptor } from './carrier/interceptor.js'
import { SessionKeeper } from './session/keeper.js'
import { type SessionOptions, sessionOptionNames, sessionSettings } from './session/options.js'
import { SessionPool } from './session/pool.js'
import { type Holdings, SessionStep } from './session/step.js'

export type { SessionCarry } from './session/carry.js'
export type { SessionCsrf } from './session/csrf.js'
export type { SessionData, SessionValue } from './session/data.js'
export { type LostLogout, type SessionCode, SessionError, type SessionErrorFacts, sessionCodes } from './session/errors.js'
export type { SessionLogin, SessionLogout, SessionSecret, SessionTokenPlace } from './session/exchange-options.js'
export type { SessionOptions } from './session/options.js'
export type { SessionReply } from './session/request.js'

/**
 * An axios instance, whichever declarations of axios it has: those of its ES module and of its CommonJS build describe the same objects
 * with types that do not fit each other.
 */
export interface AnyAxiosInstance {
  (...args: never[]): unknown
  readonly defaults: object
  readonly interceptors: { readonly request: object; readonly response: object }
}

/** What goes with a block that uses a session. */
export interface WithSessionOptions {
  /** Gives up waiting for a session. Requests of the block have signals of their own. */
  readonly signal?: AbortSignal | undefined
}

/** What `session` returns: the function for `use`, and what ends its sessions. */
export interface SessionInterceptor extends RequestInterceptor {
  /**
   * Runs a block with a session, and logs it out when the block has ended, also when it failed: its own error is the one that is thrown.
   * With `maxSessions` 1 blocks that run at the same time share the session, and the last one logs it out. With more each has one to
   * itself, and passes it on to whoever waits.
   *
   * @param api - the instance to call; it need not have the interceptor
   * @param work - is given an instance that carries the session: `api` itself, or one like it
   * @throws what `work` throws; SessionError `ERR_AXIOS_SESSION_BUSY`, `ERR_AXIOS_SESSION_DISPOSED`; the reason of the signal
   */
  withSession<T, A extends AnyAxiosInstance = AxiosInstance>(
    api: A,
    work: (api: A) => T | PromiseLike<T>,
    options?: WithSessionOptions,
  ): Promise<T>
  /**
   * Logs every session out, those included whose login is still under way. Settles when each logout is done, or lost and reported: never
   * rejects, and takes as long as three tries may. Requests that come later fail with `ERR_AXIOS_SESSION_DISPOSED`.
   */
  dispose(): Promise<void>
  /** `await using`: the same as `dispose`. */
  [Symbol.asyncDispose](): Promise<void>
}

const interceptors = new WeakSet<object>()

/**
 * Logs in to an API on first use, carries the session on each request, and logs it out.
 *
 * One login however many requests wait for it. A session that the server says is over is replaced, and the request sent once more. A
 * login that is answered with success and without a session is a failure; after two refusals in a row none is tried for a while. What is
 * lost of a logout is reported, never thrown.
 *
 * Login and logout are requests of its own: no interceptor, no redirect, 1 MiB at most, `timeoutMs`. Not done: a body that is a stream is
 * not sent again; other processes are not asked before a shared session is replaced.
 *
 * @throws TypeError when an option is unknown, missing or unsafe
 * A request fails with a SessionError: `ERR_AXIOS_LOGIN_REFUSED`, `ERR_AXIOS_LOGIN_FAILED`, `ERR_AXIOS_SESSION_BUSY`, `ERR_AXIOS_SESSION_DISPOSED`, and those
 * of every interceptor
 * @see RFC 6265; Keysight Hawkeye, "Session-based login/logout flow"
 * @example
 * const hawkeye = session({
 *   login: { url: '/api/login', data: { username: 'api', password: secretFromEnv('HAWKEYE_PASSWORD') }, token: 'session_token' },
 *   carry: { header: 'X-Session-Token' },
 *   logout: { url: '/api/logout' },
 * })
 * api.interceptors.request.use(hawkeye)
 */
export function session(options: SessionOptions): SessionInterceptor {
  const reader = new OptionReader('session', options, sessionOptionNames)
  const carrier = carrierSettings(reader)
  const settings = sessionSettings(reader)
  refuseUnclear(reader, [settings.login?.url, settings.logout?.url])
  const pool = new SessionPool(new SessionKeeper(settings))
  const holdings: Holdings = new WeakMap()
  const step = new SessionStep(pool, holdings, pool.common)
  const plain = interceptor(step, carrier)
  const intercept: RequestInterceptor = (config) => plain(config)
  const made: SessionInterceptor = Object.assign(intercept, {
    withSession: <T, A extends AnyAxiosInstance>(api: A, work: (api: A) => T | PromiseLike<T>, given?: WithSessionOptions) =>
      runBlock({ pool, holdings, carrier, made }, api, work, given),
    dispose: () => pool.dispose(),
    [Symbol.asyncDispose]: () => pool.dispose(),
  })
  interceptors.add(made)
  return Object.freeze(made)
}

/**
 * Runs a block with the session that an instance has an interceptor of; see `SessionInterceptor.withSession`.
 *
 * @throws TypeError when the instance has none, or several
 */
export function withSession<T, A extends AnyAxiosInstance = AxiosInstance>(
  api: A,
  work: (api: A) => T | PromiseLike<T>,
  options?: WithSessionOptions,
): Promise<T> {
  const found = handlersOf(api, 'request').flatMap(({ fulfilled }) => (isSession(fulfilled) ? [fulfilled] : []))
  const [only] = found
  if (only === undefined || found.length > 1) {
    const problem = only === undefined ? 'has no session' : 'has several sessions'
    throw invalidValue(
      'withSession',
      'api',
      `${problem}; write api.interceptors.request.use(session({...})), or session({...}).withSession(api, ...)`,
    )
  }
  return only.withSession(api, work, options)
}

function isSession(fulfilled: unknown): fulfilled is SessionInterceptor {
  return typeof fulfilled === 'function' && interceptors.has(fulfilled)
}

/** A relative URL says nothing where several origins are named. */
function refuseUnclear(reader: OptionReader, urls: readonly (string | undefined)[]): void {
  const origins = reader.raw('origins')
  if (!Array.isArray(origins) || origins.length < 2) return
  if (urls.some((url) => url !== undefined && !URL.canParse(url))) {
    throw invalidValue(reader.factory, 'login', 'and logout need absolute URLs if there are several origins')
  }
}

interface Block {
  readonly pool: SessionPool
  readonly holdings: Holdings
  readonly carrier: CarrierSettings
  readonly made: SessionInterceptor
}

async function runBlock<T, A extends AnyAxiosInstance>(
  parts: Block,
  api: A,
  work: (api: A) => T | PromiseLike<T>,
  given: WithSessionOptions | undefined,
): Promise<T> {
  const reader = new OptionReader('withSession', given, ['signal'])
  if (typeof api !== 'function') throw invalidType('withSession', 'api', 'an axios instance', api)
  if (typeof work !== 'function') throw invalidType('withSession', 'work', 'a function', work)
  const signal = reader.raw('signal') as AbortSignal | undefined
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidType('withSession', 'signal', 'an AbortSignal', signal)
  const { pool } = parts
  const slot = await pool.take(signal)
  const step = slot === pool.common ? undefined : new SessionStep(pool, parts.holdings, slot)
  try {
    return await work(instanceFor(parts, api, step))
  } finally {
    step?.end()
    await pool.give(slot, true)
  }
}

/** The instance itself where its own interceptor does; else one like it, whose interceptor is that of the block. */
function instanceFor<A extends AnyAxiosInstance>({ made, carrier }: Block, api: A, step: SessionStep | undefined): A {
  const requests = handlersOf(api, 'request')
  const isThere = requests.some(({ fulfilled }) => fulfilled === made)
  if (step === undefined && isThere) return api
  const use = step === undefined ? made : interceptor(step, carrier)
  const like = axios.create(api.defaults as Parameters<typeof axios.create>[0])
  for (const { fulfilled, rejected, synchronous, runWhen } of requests) {
    const handler = fulfilled === made ? use : fulfilled
    like.interceptors.request.use(handler as RequestInterceptor, rejected, {
      synchronous: synchronous === true,
      runWhen: runWhen ?? (() => true),
    })
  }
  if (!isThere) like.interceptors.request.use(use)
  for (const { fulfilled, rejected } of handlersOf(api, 'response')) {
    like.interceptors.response.use(fulfilled as Parameters<typeof like.interceptors.response.use>[0], rejected)
  }
  return like as unknown as A
}

interface Handler {
  readonly fulfilled: unknown
  readonly rejected: ((error: unknown) => unknown) | undefined
  readonly synchronous?: boolean
  readonly runWhen?: ((config: unknown) => boolean) | null
}

/** The types of axios leave out how its interceptors are listed. */
function handlersOf(api: AnyAxiosInstance, kind: 'request' | 'response'): readonly Handler[] {
  const handlers: Handler[] = []
  const manager = api.interceptors[kind] as unknown as { forEach(visit: (handler: Handler) => void): void }
  const visit = (handler: Handler): void => {
    handlers.push(handler)
  }
  manager.forEach(visit)
  return handlers
}
