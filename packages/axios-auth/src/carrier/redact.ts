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

/** The summary that was made last: most requests are like the one before. */
let last: RequestSummary | undefined

/** The summary of a request. */
function summaryOf({ origin, method, draftTarget: path }: Outgoing): RequestSummary {
  const responseUrl = origin + path
  if (last?.res.responseUrl === responseUrl && last.method === method) return last
  const protocol = origin.slice(0, origin.indexOf(':') + 1)
  const host = origin.slice(protocol.length + 2)
  last = Object.freeze({ method, protocol, host, path, res: Object.freeze({ responseUrl }) })
  return last
}

/** Takes from a response all that leads to the secrets which were sent. */
export function veil(response: AxiosResponse, config: InternalAxiosRequestConfig, request: Outgoing): AxiosResponse {
  response.config = config
  response.request = summaryOf(request)
  response.data = veiledStream(response.data, (error) => veiledError(error, config, request))
  return response
}

/**
 * The same failure without what leads to the secrets which were sent: code, message, stack, and the class as far as axios has one;
 * causes become plain errors.
 */
export function veiledError(error: unknown, config: InternalAxiosRequestConfig, request: Outgoing): unknown {
  if (!(error instanceof Error)) return new AxiosError(FOREIGN, AxiosError.ERR_BAD_RESPONSE, config, summaryOf(request))
  // Where axios has none, nothing was sent: that is what callers ask it for.
  const sent = (error as { readonly request?: unknown }).request === undefined ? undefined : summaryOf(request)
  if (isCancel(error)) return like(error, new CanceledError(clearOf(error.message, request), config, sent), request)
  if (!isAxiosError(error)) return isHarmless(error, request) ? error : like(error, new Error(clearOf(error.message, request)), request)
  const { response, status } = error
  if (response !== undefined) veil(response, config, request)
  const clean = new AxiosError(clearOf(error.message, request), error.code, config, sent, response)
  if (status !== undefined) clean.status = status
  return like(error, clean, request)
}

const FOREIGN = 'the adapter rejected with something that is not an error'
const MOST_CAUSES = 4
/** The properties of Node's system errors; none holds what was sent. */
const FACTS = ['name', 'code', 'errno', 'syscall', 'hostname', 'address', 'port', 'reason', 'library'] as const

/** An error of the caller's own adapter keeps its class, unless it leads anywhere. */
function isHarmless(error: Error, request: Outgoing): boolean {
  const values = Object.getOwnPropertyNames(error).map((name) => (error as unknown as Record<string, unknown>)[name])
  if (Object.getOwnPropertySymbols(error).length > 0) return false
  return values.every((value) => (typeof value === 'string' ? clearOf(value, request) === value : !isReference(value)))
}

function isReference(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function like(error: Error, clean: Error, request: Outgoing, depth = 0): Error {
  const facts = error as unknown as Record<string, unknown>
  for (const fact of FACTS) {
    const value = facts[fact]
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) {
      put(clean, fact, typeof value === 'string' ? clearOf(value, request) : value, fact !== 'name')
    }
  }
  if (typeof error.stack === 'string') put(clean, 'stack', clearOf(error.stack, request), false)
  const { cause } = error
  if (cause instanceof Error && depth < MOST_CAUSES) {
    put(clean, 'cause', like(cause, new Error(clearOf(cause.message, request)), request, depth + 1), false)
  }
  return clean
}

function put(error: Error, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, name, { value, writable: true, enumerable, configurable: true })
}

/** A text without the values that steps have set. */
function clearOf(text: string, request: Outgoing): string {
  let clear = request.target === request.draftTarget ? text : text.replaceAll(request.target, request.draftTarget)
  for (const { value, secret } of request.added.values()) {
    if (secret && typeof value === 'string' && value !== '') clear = clear.replaceAll(value, '[secret]')
  }
  for (const text of request.hidden) clear = clear.replaceAll(text, '[secret]')
  return clear
}
