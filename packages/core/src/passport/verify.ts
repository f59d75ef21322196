import { LONGEST_TIMER_MS } from '../deadline.js'
import { coreError } from '../errors.js'
import { isThenable } from '../thenable.js'
import type { PassportActions } from './to.js'

/** How a Passport verify function answers: an error, or a user (false: refused) and what else is to be said. */
export type Verified = (error?: unknown, user?: unknown, info?: unknown) => void

/** One call of a verify function. */
export interface VerifyRun {
  /** The strategy as Passport prepared it for this request. */
  readonly actions: PassportActions
  /** What the 401 says when the user is refused. Nothing that verify says goes on the wire. */
  readonly challenge: string
  /** How long verify may take, milliseconds; more than 2147483647 counts as that. */
  readonly timeoutMs: number
  /** Calls verify, and returns what that returns. */
  readonly call: (verified: Verified) => unknown
}

/**
 * Calls a verify function as Passport's strategies do, and answers once, whatever it does: call back, call back twice, throw, reject,
 * or never do anything. What it returns is never a user.
 *
 * An error that it calls back with goes to `error` as it is. What it throws or rejects with becomes a CountersignError
 * `ERR_LOOKUP_FAILED` (503) with that as its cause; silence one of `ERR_LOOKUP_TIMEOUT` (503). What the framework throws, such as an
 * exception of a custom callback, is thrown on; where verify is async, as an unhandled rejection.
 */
export function runVerify({ actions, challenge, timeoutMs, call }: VerifyRun): void {
  const { success, fail, error } = actions
  let isSettled = false
  let framework: { readonly error: unknown } | undefined
  let timer: NodeJS.Timeout | undefined
  const settle = (act: () => void) => {
    if (isSettled) return
    isSettled = true
    clearTimeout(timer)
    try {
      act()
    } catch (error) {
      framework = { error }
      throw error
    }
  }
  const failed = (cause: unknown) => {
    // An async verify rejects with it. Nobody else would ever see it.
    if (framework !== undefined && framework.error === cause) throw cause
    settle(() => error.call(actions, coreError('ERR_LOOKUP_FAILED', 'verify failed', cause)))
  }
  const verified: Verified = (cause, user, info) =>
    settle(() => {
      if (cause) error.call(actions, cause)
      else if (user) success.call(actions, user as object, info as object | undefined)
      else fail.call(actions, challenge, 401)
    })
  try {
    const returned = call(verified)
    if (isThenable(returned)) Promise.resolve(returned).then(undefined, failed)
  } catch (thrown) {
    // What the framework throws out of `success` is not verify's.
    if (isSettled) throw thrown
    failed(thrown)
  }
  if (isSettled) return
  const late = () => settle(() => error.call(actions, coreError('ERR_LOOKUP_TIMEOUT', `verify did not answer within ${timeoutMs} ms`)))
  timer = setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER_MS)).unref()
}
