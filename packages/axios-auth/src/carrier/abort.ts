import { LONGEST_TIMER_MS } from '@countersign/core/base'
import { AxiosError, CanceledError, type InternalAxiosRequestConfig, isCancel } from 'axios'

/** @throws CanceledError when the caller has given the request up */
export function refuseAborted(config: InternalAxiosRequestConfig): void {
  // Whatever is false is no token, as in axios.
  if (Object.hasOwn(config, 'cancelToken') && config.cancelToken) config.cancelToken.throwIfRequested()
  if (Object.hasOwn(config, 'signal') && config.signal?.aborted === true) throw new CanceledError(undefined, config)
}

/**
 * Waits for the work of a step, but no longer than the caller waits for the request: until its signal, and for its `timeout`, which counts
 * for each wait as it does for each attempt. The work itself goes on, for others and for the next request.
 *
 * @param name - of the step
 */
export async function aborted<T>(config: InternalAxiosRequestConfig, name: string, work: Promise<T>): Promise<T> {
  let stop: (error: unknown) => void = () => undefined
  const given = new Promise<never>((_, reject) => {
    stop = reject
  })
  const release = onGivenUp(config, stop)
  const timer = lateAfter(config, name, stop)
  if (release === undefined && timer === undefined) return work
  try {
    return await Promise.race([work, given])
  } finally {
    release?.()
    clearTimeout(timer)
  }
}

/** How long the caller waits, milliseconds; undefined: as long as it takes, or longer than any timer runs. */
export function timeoutOf(config: Readonly<InternalAxiosRequestConfig>): number | undefined {
  // Text is taken as axios takes it; what is no number is for the adapter to refuse.
  const ms = Object.hasOwn(config, 'timeout') ? Number.parseInt(String(config.timeout), 10) : 0
  return ms > 0 && ms <= LONGEST_TIMER_MS ? ms : undefined
}

function lateAfter(config: InternalAxiosRequestConfig, name: string, stop: (error: unknown) => void): NodeJS.Timeout | undefined {
  const ms = timeoutOf(config)
  if (ms === undefined) return undefined
  return setTimeout(() => stop(timeoutError(config, `timeout of ${ms}ms exceeded, waiting for ${name}`)), ms)
}

/** As axios reports an answer that is late. */
function timeoutError(config: InternalAxiosRequestConfig, message: string): AxiosError {
  const transitional = Object.hasOwn(config, 'transitional') ? config.transitional : undefined
  const words = Object.hasOwn(config, 'timeoutErrorMessage') ? config.timeoutErrorMessage : undefined
  const code = transitional?.clarifyTimeoutError === true ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED
  return new AxiosError(words || message, code, config)
}

/**
 * Calls back once the caller gives the request up, by its signal or by a CancelToken; at once where that is done already.
 *
 * @returns what ends the watch; undefined where the caller has no way to give up
 */
export function onGivenUp(config: Readonly<InternalAxiosRequestConfig>, stop: (error: unknown) => void): (() => void) | undefined {
  const signal = Object.hasOwn(config, 'signal') ? config.signal : undefined
  const token = cancelTokenOf(config)
  if (!signal && token === undefined) return undefined
  const canceled = (reason?: unknown) => stop(isCancel(reason) ? reason : new CanceledError(undefined, config))
  // An await may lie between its last look at the signal and this one.
  if (signal?.aborted === true) {
    canceled()
    return () => undefined
  }
  signal?.addEventListener?.('abort', canceled)
  token?.subscribe(canceled)
  return () => {
    signal?.removeEventListener?.('abort', canceled)
    token?.unsubscribe(canceled)
  }
}

/** What a CancelToken has, and the types of axios leave out. */
interface Subscribable {
  subscribe(listener: (reason: unknown) => void): void
  unsubscribe(listener: (reason: unknown) => void): void
}

function cancelTokenOf(config: Readonly<InternalAxiosRequestConfig>): Subscribable | undefined {
  const token = (Object.hasOwn(config, 'cancelToken') ? config.cancelToken : undefined) as Partial<Subscribable> | null | undefined
  return typeof token?.subscribe === 'function' && typeof token.unsubscribe === 'function' ? (token as Subscribable) : undefined
}
