import { AxiosError, type AxiosResponse, CanceledError, type InternalAxiosRequestConfig, isAxiosError, isCancel } from 'axios'
import type { Outgoing } from './outgoing.js'
import { veiledStream } from './veil.js'

/** What a response and an error have as `request`, in the place of the client's request, which holds every header field that was sent. */
export interface RequestSummary {
  readonly method: string
  readonly protocol: string
  readonly host: string
  /** Without what a step wrote into it. */
  readonly path: string
  readonly res: { readonly responseUrl: string }
}

/** The summary of a request. */
export function summaryOf(request: Outgoing): RequestSummary {
  const { origin, method, draftTarget: path } = request
  const protocol = origin.slice(0, origin.indexOf(':') + 1)
  const host = origin.slice(protocol.length + 2)
  return Object.freeze({ method, protocol, host, path, res: Object.freeze({ responseUrl: origin + path }) })
}

/** Takes from a response all that leads to the secrets which were sent. */
export function veil(response: AxiosResponse, config: InternalAxiosRequestConfig, request: Outgoing): AxiosResponse {
  response.config = config
  response.request = summaryOf(request)
  response.data = veiledStream(response.data, (error) => veiledError(error, config, request))
  return response
}

/**
 * The same failure without what leads to the secrets which were sent: the same code, message and class as far as axios has one; causes
 * become plain errors. Whatever is no error of axios passes, without a config.
 */
export function veiledError(error: unknown, config: InternalAxiosRequestConfig, request: Outgoing): unknown {
  if (isCancel(error)) return veiledCancel(error as CanceledError<unknown>, config, request)
  if (!isAxiosError(error)) return plainError(error, request, 0)
  const { response } = error
  if (response !== undefined) veil(response, config, request)
  const clean = new AxiosError(clearOf(error.message, request), error.code, config, summaryOf(request), response)
  clean.name = error.name
  if (error.status !== undefined) clean.status = error.status
  return withCause(clean, error, request)
}

function veiledCancel(error: CanceledError<unknown>, config: InternalAxiosRequestConfig, request: Outgoing): unknown {
  const clean = new CanceledError(error.message, config, summaryOf(request))
  if (error.code !== undefined) clean.code = error.code
  return withCause(clean, error, request)
}

function withCause(clean: Error, error: Error, request: Outgoing): Error {
  if (error.cause === undefined) return clean
  // Not enumerable, as axios has it.
  Object.defineProperty(clean, 'cause', {
    value: plainError(error.cause, request, 0),
    writable: true,
    enumerable: false,
    configurable: true,
  })
  return clean
}

const MOST_CAUSES = 4
/** The properties of Node's system errors; none holds what was sent. */
const FACTS = ['name', 'code', 'errno', 'syscall', 'hostname', 'address', 'port', 'reason', 'library'] as const

function plainError(error: unknown, request: Outgoing, depth: number): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? clearOf(error, request) : undefined
  const clean = new Error(clearOf(error.message, request))
  const facts = error as unknown as Record<string, unknown>
  for (const fact of FACTS) {
    const value = facts[fact]
    if (typeof value === 'string' || typeof value === 'number') {
      Object.defineProperty(clean, fact, { value, writable: true, enumerable: fact !== 'name', configurable: true })
    }
  }
  if (error.cause === undefined || depth === MOST_CAUSES) return clean
  Object.defineProperty(clean, 'cause', {
    value: plainError(error.cause, request, depth + 1),
    writable: true,
    enumerable: false,
    configurable: true,
  })
  return clean
}

/** A text without the values that steps have set. */
function clearOf(text: string, request: Outgoing): string {
  let clear = request.target === request.draftTarget ? text : text.replaceAll(request.target, request.draftTarget)
  for (const { value, secret } of request.added.values()) {
    if (secret && typeof value === 'string' && value !== '') clear = clear.replaceAll(value, '[secret]')
  }
  return clear
}
