import { coreError } from '../errors.js'
import type { AuthRequest } from '../request/request.js'
import { isThenable } from '../thenable.js'
import { readChallenge } from './challenge.js'
import { passportFacade } from './request.js'

/** A foreign strategy; what else it has is its own business. */
export interface ForeignStrategy {
  readonly name?: unknown
  authenticate(req: object, options?: object): unknown
}

/** What a strategy did, as the first of its calls says. */
export type Action =
  | { readonly kind: 'success'; readonly user: unknown; readonly info: unknown }
  | { readonly kind: 'fail'; readonly challenge: unknown; readonly status: number | undefined }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'pass' | 'redirect' }

/** Where published strategies keep the functions of the application, whose promises they leave alone; the last is passport-jwt's. */
const CALLBACKS = ['_verify', 'verify', '_secret', '_validate', '_secretOrKeyProvider']

/**
 * Runs a strategy for one request: on an object of its own, so that nothing of the request is ever on the shared one, and over a
 * stand-in for the framework's request.
 *
 * @returns its first action; at once, when it acts at once. An exception goes before an action of the same turn.
 */
export function runStrategy(strategy: ForeignStrategy, request: AuthRequest): Action | Promise<Action> {
  const first = new FirstAction()
  const own: ForeignStrategy & Record<string, unknown> = Object.create(strategy)
  const rejected = (error: unknown) => first.take({ kind: 'error', error })
  const actions = {
    success: (user: unknown, info?: unknown) => first.take({ kind: 'success', user, info }),
    fail: (challenge?: unknown, status?: unknown) => first.take(failure(challenge, status)),
    error: rejected,
    pass: () => first.take({ kind: 'pass' }),
    redirect: () => first.take({ kind: 'redirect' }),
  }
  for (const [name, value] of Object.entries(actions)) define(own, name, value)
  for (const name of CALLBACKS) watch(own, name, rejected)
  try {
    const returned = own.authenticate(passportFacade(request), {})
    if (isThenable(returned)) Promise.resolve(returned).then(undefined, rejected)
  } catch (error) {
    return { kind: 'error', error }
  }
  return first.action ?? first.promise()
}

/** The first of several calls; later ones change nothing. */
class FirstAction {
  action: Action | undefined
  #resolve: ((action: Action) => void) | undefined

  take(action: Action): void {
    if (this.action !== undefined) return
    this.action = action
    this.#resolve?.(action)
  }

  promise(): Promise<Action> {
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }
}

function failure(challenge: unknown, status: unknown): Action {
  if (typeof challenge === 'number') return { kind: 'fail', challenge: undefined, status: challenge }
  return { kind: 'fail', challenge, status: typeof status === 'number' ? status : undefined }
}

/** An own property, whatever the strategy has under that name: it may be frozen. */
function define(own: object, name: string, value: unknown): void {
  Object.defineProperty(own, name, { value, writable: true, enumerable: true, configurable: true })
}

/** Takes the rejection of a callback that returns a promise, which would else be nobody's. */
function watch(own: Record<string, unknown>, name: string, rejected: (error: unknown) => void): void {
  const callback = own[name]
  if (typeof callback !== 'function') return
  define(own, name, function watched(this: unknown, ...args: unknown[]) {
    const returned: unknown = callback.apply(this, args)
    if (isThenable(returned)) Promise.resolve(returned).then(undefined, rejected)
    return returned
  })
}

/** The strategy of a request, when it is one. */
export function strategyOf(given: ForeignStrategy | (() => ForeignStrategy)): ForeignStrategy {
  const strategy: unknown = typeof given === 'function' ? given() : given
  if (isStrategy(strategy)) return strategy
  throw coreError('ERR_AUTH_DEFECT', 'the function given to fromPassport returned no strategy')
}

/** The challenge that a strategy makes of itself, as passport-http's, passport-http-bearer's and others do. */
export function challengeOf(strategy: ForeignStrategy): string | undefined {
  try {
    const own: { _challenge?: () => unknown } = Object.create(strategy)
    const text = own._challenge?.()
    return readChallenge(text) === undefined ? undefined : (text as string)
  } catch {
    return undefined
  }
}

/** Whether a value has what a strategy needs. */
export function isStrategy(value: unknown): value is ForeignStrategy {
  return typeof value === 'object' && value !== null && typeof (value as ForeignStrategy).authenticate === 'function'
}
