import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { wireTarget } from '../guard/wire-target.js'
import { headerValues } from '../request/headers.js'
import type { AuthRequest } from '../request/request.js'

/** What Passport hands to a strategy, as far as it is looked at: Express's request, koa-passport's stand-in, or a test's own. */
export interface PassportFields {
  readonly headers?: IncomingHttpHeaders
}

/** Where frameworks keep what a strategy needs and is not given. */
interface Carriers {
  readonly rawHeaders?: unknown
  readonly originalUrl?: unknown
  readonly url?: unknown
  /** Koa's request keeps the message there, and koa-passport's stand-in inherits it. */
  readonly req?: unknown
  /** Fastify's. */
  readonly raw?: unknown
  readonly res?: unknown
  readonly ctx?: { readonly res?: unknown }
}

/**
 * The message of node:http behind what Passport hands to a strategy.
 *
 * @returns undefined when there is none to be found
 */
export function passportMessage(req: PassportFields): IncomingMessage | undefined {
  const { req: inner, raw } = req as Carriers
  for (const candidate of [req, inner, raw]) if (isMessage(candidate)) return candidate
  return undefined
}

/** The response that goes with it, where the framework keeps it within reach. */
export function passportResponse(req: PassportFields): ServerResponse | undefined {
  const { res, ctx } = req as Carriers
  // The `res` of koa-passport's stand-in is a stand-in too.
  for (const candidate of [ctx?.res, res]) if (isResponse(candidate)) return candidate
  return undefined
}

/** What an answer is written to: Express's response, or koa-passport's stand-in, which has Koa write it. */
export type PassportWriter = Pick<ServerResponse, 'statusCode' | 'setHeader' | 'end'> & Partial<Pick<ServerResponse, 'headersSent'>>

/** Where an answer is to be written, when the framework says. */
export function passportWriter(req: PassportFields): PassportWriter | undefined {
  const { res } = req as Carriers
  const { setHeader, end } = (res ?? {}) as { setHeader?: unknown; end?: unknown }
  return typeof setHeader === 'function' && typeof end === 'function' ? (res as PassportWriter) : undefined
}

/** Path and query as they came on the wire: all frameworks keep them in originalUrl. */
export function passportTarget(req: PassportFields, message: IncomingMessage): string {
  const { originalUrl } = req as Carriers
  return wireTarget(message, typeof originalUrl === 'string' ? originalUrl : (message.url as string))
}

/**
 * The value of a field that may stand once only, read from the message as received. A request that no message is behind, such as that
 * of a unit test, is taken at its `headers`.
 *
 * @param name - the field name in lower case
 * @returns the value; undefined when the field is absent; null when it stands more than once, which no caller may accept
 */
export function soleField(req: PassportFields, name: string): string | undefined | null {
  const message = passportMessage(req)
  const values = message === undefined ? ownValues(req.headers, name) : headerValues(message.rawHeaders, name)
  return values.length > 1 ? null : values[0]
}

function ownValues(headers: IncomingHttpHeaders | undefined, name: string): string[] {
  const value = headers !== undefined && Object.hasOwn(headers, name) ? headers[name] : undefined
  return value === undefined ? [] : [value].flat()
}

function isMessage(candidate: unknown): candidate is IncomingMessage {
  return typeof candidate === 'object' && candidate !== null && Array.isArray((candidate as Carriers).rawHeaders)
}

function isResponse(candidate: unknown): candidate is ServerResponse {
  const { once, end } = (candidate ?? {}) as { once?: unknown; end?: unknown }
  return typeof once === 'function' && typeof end === 'function'
}

/** What a foreign strategy is given in place of a framework's request. */
export function passportFacade(request: AuthRequest): object {
  const { method, target, headers, rawHeaders, socket } = request
  return {
    method,
    url: target,
    originalUrl: target,
    headers,
    rawHeaders,
    socket,
    connection: socket,
    query: queryOf(target),
    body: undefined,
    get: (name: string) => fieldOf(headers, name),
    header: (name: string) => fieldOf(headers, name),
  }
}

/** As Express's `req.get`, for own fields only. */
function fieldOf(headers: IncomingHttpHeaders, name: string): string | string[] | undefined {
  const lower = name.toLowerCase()
  const field = lower === 'referrer' && !Object.hasOwn(headers, lower) ? 'referer' : lower
  return Object.hasOwn(headers, field) ? headers[field] : undefined
}

/** The parameters of the query, without a prototype; one that stands several times is a list, as in Express. */
function queryOf(target: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null)
  const start = target.indexOf('?')
  if (start === -1) return query
  const found = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(target.slice(start + 1))) {
    const values = found.get(name)
    if (values === undefined) found.set(name, [value])
    else values.push(value)
  }
  for (const [name, values] of found) query[name] = values.length === 1 ? (values[0] as string) : values
  return query
}
