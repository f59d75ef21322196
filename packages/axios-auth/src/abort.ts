import { CanceledError, type InternalAxiosRequestConfig } from 'axios'

/** @throws CanceledError when the caller has given the request up */
export function refuseAborted(config: InternalAxiosRequestConfig): void {
  if (Object.hasOwn(config, 'cancelToken')) config.cancelToken?.throwIfRequested()
  if (Object.hasOwn(config, 'signal') && config.signal?.aborted === true) throw new CanceledError(undefined, config)
}

/** Waits for the work of a step, but no longer than the caller waits for the request. The work itself goes on. */
export async function aborted<T>(config: InternalAxiosRequestConfig, work: Promise<T>): Promise<T> {
  const signal = Object.hasOwn(config, 'signal') ? config.signal : undefined
  if (!signal) return work
  let stop: () => void = () => undefined
  const given = new Promise<never>((_, reject) => {
    stop = () => reject(new CanceledError(undefined, config))
  })
  // An await may lie between its last look at the signal and this one.
  if (signal.aborted === true) stop()
  signal.addEventListener?.('abort', stop)
  try {
    return await Promise.race([work, given])
  } finally {
    signal.removeEventListener?.('abort', stop)
  }
}
