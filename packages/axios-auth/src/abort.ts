import { CanceledError, type InternalAxiosRequestConfig, isCancel } from 'axios'

/** @throws CanceledError when the caller has given the request up */
export function refuseAborted(config: InternalAxiosRequestConfig): void {
  // Whatever is false is no token, as in axios.
  if (Object.hasOwn(config, 'cancelToken') && config.cancelToken) config.cancelToken.throwIfRequested()
  if (Object.hasOwn(config, 'signal') && config.signal?.aborted === true) throw new CanceledError(undefined, config)
}

/** Waits for the work of a step, but no longer than the caller waits for the request. The work itself goes on. */
export async function aborted<T>(config: InternalAxiosRequestConfig, work: Promise<T>): Promise<T> {
  let stop: (error: unknown) => void = () => undefined
  const given = new Promise<never>((_, reject) => {
    stop = reject
  })
  const release = onGivenUp(config, stop)
  if (release === undefined) return work
  try {
    return await Promise.race([work, given])
  } finally {
    release()
  }
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
