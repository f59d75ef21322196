import type { Readable } from 'node:stream'
import { AxiosError, CanceledError, type InternalAxiosRequestConfig } from 'axios'
import { axiosAuthError } from '../errors.js'

/**
 * Listens to the errors of a body that is a stream. Nobody else does until the adapter has it, and a login may come before that: an error
 * without a listener ends the process. Who sent the stream is told by the error of the request.
 */
export function minded(stream: unknown): void {
  const { on, listeners } = stream as Partial<Readable>
  if (typeof on !== 'function' || typeof listeners !== 'function') return
  const given = stream as Readable
  if (!given.listeners('error').includes(ignored)) given.on('error', ignored)
}

/**
 * Refuses a body that is a stream and over before it is sent: of one that failed or was given up the adapter hears nothing more and waits for
 * ever, and of one that was read it sends nothing.
 *
 * @throws AxiosError with what the stream failed with; CanceledError where it was given up, as axios reports it; AxiosAuthError `ERR_AXIOS_BODY_SPENT`
 */
export function refuseOver(stream: unknown, config: InternalAxiosRequestConfig): void {
  const { destroyed, errored, readableEnded } = stream as Partial<Readable>
  if (errored instanceof Error) throw AxiosError.from(errored, (errored as NodeJS.ErrnoException).code, config)
  if (readableEnded === true) throw axiosAuthError('ERR_AXIOS_BODY_SPENT', 'the body is a stream that has been read before')
  if (destroyed === true) throw new CanceledError('Request stream has been aborted', config)
}

function ignored(): void {
  // What it is, `refuseOver` and the adapter ask.
}
