import { CountersignError, coreError } from './errors.js'
import { isThenable } from './thenable.js'

/** The longest that a timer of Node runs, milliseconds: one that is to run longer is over at once. */
export const LONGEST_TIMER_MS = 2_147_483_647

/**
 * Runs a function that a caller supplied and that may answer, throw, answer a promise, reject, or never settle. A synchronous
 * answer stays synchronous.
 *
 * A CountersignError that comes out of `work` passes unchanged, so that a look-up can name its own status. What comes later
 * than the deadline is dropped, a late rejection too.
 *
 * Not bounded by it: a `work` that blocks the event loop. Not stopped by it: what `work` has begun.
 *
 * @param timeoutMs - how long a promise may take, milliseconds; more than 2147483647 counts as that
 * @param work - the function; any thenable that it answers is adopted
 * @param failure - the code of a throw or a rejection, which becomes the cause. Default `ERR_LOOKUP_FAILED`
 * @throws CountersignError `failure` (503), or `ERR_LOOKUP_TIMEOUT` (503) when the promise did not settle in time
 */
export function within<T>(
  timeoutMs: number,
  work: () => T | PromiseLike<T>,
  failure: 'ERR_LOOKUP_FAILED' | 'ERR_STORE_DOWN' = 'ERR_LOOKUP_FAILED',
): T | Promise<T> {
  try {
    const answer = work()
    return isThenable(answer) ? settled(answer, timeoutMs, failure) : answer
  } catch (error) {
    throw outage(failure, error)
  }
}

function settled<T>(answer: PromiseLike<T>, timeoutMs: number, failure: 'ERR_LOOKUP_FAILED' | 'ERR_STORE_DOWN'): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(coreError('ERR_LOOKUP_TIMEOUT', `no answer within ${timeoutMs} ms`))
    const timer = setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER_MS))
    timer.unref()
    // A promise of our own around it: a foreign thenable may call back twice, or throw out of its `then`.
    new Promise<T>((adopt) => adopt(answer)).then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(outage(failure, error))
      },
    )
  })
}

function outage(failure: 'ERR_LOOKUP_FAILED' | 'ERR_STORE_DOWN', error: unknown): CountersignError {
  return error instanceof CountersignError ? error : coreError(failure, undefined, error)
}
