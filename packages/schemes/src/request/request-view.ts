import { invalidType, invalidValue, type OptionReader } from '@countersign/core/base'
import { remembering } from '../text/memo.js'
import { isToken } from '../text/token.js'
import type { RequestView } from './reading.js'

/** A request of which everything is at hand. */
export interface RequestInput {
  readonly method: string
  /** Absolute, or path and query as on the wire. */
  readonly url: string
  /**
   * Names and values; a list as a value is a field that stands several times. Or names and values in turn, as `rawHeaders` has them; or the
   * `Headers` of fetch, or a Map. Headers join a field that stands several times, so that no scheme can refuse it for that.
   */
  readonly headers?: HeadersInput
  /** The octets of the body. Default none. */
  readonly body?: Uint8Array
}

/** Header fields, in any of the forms that servers and clients have them in. */
type HeadersInput =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | readonly string[]
  | Iterable<readonly [string, string | readonly string[]]>

const NONE = new Uint8Array(0)

/**
 * What the engine sees of a request that a caller describes.
 *
 * @param origin - the configured public origin, checked
 */
export function requestView(
  factory: string,
  request: RequestInput,
  origin: string | undefined,
): { readonly view: RequestView; readonly body: Uint8Array } {
  if (typeof request !== 'object' || request === null) throw invalidType(factory, 'request', 'an object', request)
  const { method, url, body = NONE } = request
  if (typeof method !== 'string') throw invalidType(factory, 'request.method', 'a string', method)
  if (!isToken(method)) throw invalidValue(factory, 'request.method', 'is no HTTP method')
  if (typeof url !== 'string') throw invalidType(factory, 'request.url', 'a string', url)
  if (!(body instanceof Uint8Array)) throw invalidType(factory, 'request.body', 'octets (Buffer.from(text) makes them)', body)
  const { origin: namedOrigin, target, secure } = placeOf(url)
  const view: RequestView = {
    method,
    target,
    rawHeaders: rawHeaders(factory, request.headers ?? {}),
    secure,
    origin,
    namedOrigin,
  }
  return { view, body }
}

/** What a URL says of where a request goes. */
interface Place {
  /** Without credentials and its own port; undefined where the URL is no absolute one of http. */
  readonly origin: string | undefined
  /** Path and query as on the wire: a fragment never gets there (RFC 9110 section 7.1). */
  readonly target: string
  readonly secure: boolean
}

const placeOf = remembering((url): Place => {
  const named = /^https?:\/\/[^/?#]*/i.exec(url)?.[0]
  const origin = named === undefined || !URL.canParse(named) ? undefined : new URL(named).origin
  return { origin, target: targetOf(url, origin !== undefined), secure: url.toLowerCase().startsWith('https:') }
})

function targetOf(url: string, isAbsolute: boolean): string {
  const hash = url.indexOf('#')
  const sent = hash < 0 ? url : url.slice(0, hash)
  if (!isAbsolute) return sent
  const rest = sent.replace(/^[^/]*\/\/[^/?]*/, '')
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** The option `publicOrigin`, checked. */
export function originOption(reader: OptionReader): string | undefined {
  const origin = reader.text('publicOrigin')
  return origin === undefined ? undefined : checkedOrigin(reader.factory, origin)
}

/**
 * A public origin as configured: scheme, host and, where it is not the scheme's own, port; lower case, nothing behind it.
 *
 * @throws TypeError when it holds anything else
 */
export function checkedOrigin(factory: string, origin: string): string {
  let url: URL
  try {
    url = new URL(origin)
  } catch {
    throw invalidValue(factory, 'publicOrigin', "is no origin; write it like 'https://api.example.com'")
  }
  const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (!bare || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw invalidValue(factory, 'publicOrigin', "holds more than scheme, host and port; write it like 'https://api.example.com'")
  }
  return url.origin
}

function rawHeaders(factory: string, headers: HeadersInput): readonly string[] {
  if (typeof headers !== 'object') throw invalidType(factory, 'request.headers', 'an object or a list', headers)
  const raw: string[] = []
  if (Array.isArray(headers)) {
    if (headers.length % 2 !== 0) throw invalidValue(factory, 'request.headers', 'as a list holds names and values in turn')
    for (let i = 0; i < headers.length; i += 2) addLine(factory, raw, headers[i], headers[i + 1])
    return raw
  }
  if (Symbol.iterator in headers) {
    for (const pair of headers) {
      if (!Array.isArray(pair)) throw invalidType(factory, 'request.headers', 'an object or a list', headers)
      addValues(factory, raw, pair[0], pair[1])
    }
    return raw
  }
  for (const name of Object.keys(headers)) addValues(factory, raw, name, (headers as Readonly<Record<string, unknown>>)[name])
  return raw
}

function addValues(factory: string, raw: string[], name: unknown, value: unknown): void {
  if (Array.isArray(value)) for (const one of value) addField(factory, raw, name, one)
  else addField(factory, raw, name, value)
}

function addField(factory: string, raw: string[], name: unknown, value: unknown): void {
  if (value !== undefined) addLine(factory, raw, name, value)
}

function addLine(factory: string, raw: string[], name: unknown, value: unknown): void {
  if (typeof name !== 'string' || typeof value !== 'string')
    throw invalidType(factory, 'request.headers', 'made of strings', typeof name === 'string' ? value : name)
  if (!isNameCarried(name) || !isCarried(value))
    throw invalidValue(
      factory,
      'request.headers',
      'holds a line break, NUL or a character that no field can carry; fields are read as latin1',
    )
  raw.push(name, value)
}

/** A character of a field is an octet of the wire; lines are no part of it (RFC 9110 section 5.5). */
function isCarried(text: string): boolean {
  return !/[\0\r\n\u0100-\uffff]/.test(text)
}

const isNameCarried = remembering(isCarried)
