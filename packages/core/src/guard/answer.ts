import { nodeHttp } from '../builtins.js'
import type { Answered } from '../verdict.js'
import { problemBody } from './problem.js'

/** An answer as it goes on the wire; the adapters write it. */
export interface Answer {
  readonly status: number
  /** Field name as written, value or values (one field line each). */
  readonly headers: ReadonlyMap<string, string | string[]>
  readonly body: Buffer
}

/** Fields that describe the problem document and the connection; no refusal changes them. */
const own = new Set(['content-type', 'content-length', 'cache-control', 'connection', 'transfer-encoding'])

/**
 * The answer of a refusal or an error: `application/problem+json` (RFC 9457), never stored by a cache, with the challenges on a
 * 401 (RFC 9110 section 15.5.2) and Retry-After on a 503.
 *
 * @param extra - further fields of the refusal; a WWW-Authenticate or Retry-After of its own takes the place of ours
 * @throws TypeError when a field of `extra` is not one that HTTP can carry
 */
export function problemAnswer(status: number, challenges: readonly string[], extra: Readonly<Record<string, string>> = {}): Answer {
  const body = problemBody(status)
  const headers = new Map<string, string | string[]>([
    ['Content-Type', 'application/problem+json'],
    ['Content-Length', String(body.length)],
    ['Cache-Control', 'no-store'],
  ])
  if (status === 401 && challenges.length > 0) headers.set('WWW-Authenticate', [...challenges])
  if (status === 503) headers.set('Retry-After', '1')
  for (const name of Object.keys(extra)) {
    const lower = name.toLowerCase()
    if (own.has(lower)) continue
    setChecked(headers, lower === 'www-authenticate' ? 'WWW-Authenticate' : lower === 'retry-after' ? 'Retry-After' : name, extra[name])
  }
  return { status, headers, body }
}

/**
 * The answer that an authenticator gives itself.
 *
 * @throws TypeError when one of its fields is not one that HTTP can carry
 */
export function handshakeAnswer(verdict: Answered): Answer {
  const isBodiless = verdict.status === 204 || verdict.status === 304
  const body = isBodiless ? Buffer.alloc(0) : typeof verdict.body === 'string' ? Buffer.from(verdict.body) : Buffer.from(verdict.body)
  const headers = new Map<string, string | string[]>()
  for (const name of Object.keys(verdict.headers)) {
    const lower = name.toLowerCase()
    if (lower === 'content-length' || lower === 'connection' || lower === 'transfer-encoding') continue
    const value = verdict.headers[name]
    if (value !== undefined) setChecked(headers, name, typeof value === 'number' ? String(value) : value)
  }
  if (!isBodiless) headers.set('Content-Length', String(body.length))
  return { status: verdict.status, headers, body }
}

function setChecked(headers: Map<string, string | string[]>, name: string, value: unknown): void {
  const { validateHeaderName, validateHeaderValue } = nodeHttp()
  validateHeaderName(name)
  for (const line of Array.isArray(value) ? value : [value]) {
    if (typeof line !== 'string') throw new TypeError(`the value of the header field ${name} must be a string`)
    validateHeaderValue(name, line)
  }
  headers.set(name, value as string | string[])
}
