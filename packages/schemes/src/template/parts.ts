import { SchemeRefusal } from '../refusal.js'
import { pointed, pointerTokens, scalarText } from '../request/json.js'
import { solePair } from '../request/pairs.js'
import type { Reading } from '../request/reading.js'
import { requestTarget } from '../request/request-target.js'
import { elementPath, xmlText } from '../request/xml.js'
import { isOf } from '../text/alphabet.js'
import { remembering } from '../text/memo.js'
import type { Shape, Value } from '../text/shape.js'
import { isToken } from '../text/token.js'

/** A part of a request or of the set-up: what it is made of and where it comes from. */
export interface Part {
  readonly shape: Shape
  /** Absent is undefined. */
  readonly get: (reading: Reading) => Value | undefined
  /** Text that stands for the octets of the wire. */
  readonly latin1: boolean
  /** What the message binds by holding it: `body`, `method`, `timestamp`, `header:date` ... */
  readonly binds: readonly string[]
  /** A body that is bound as parsed data, so that its octets may differ. */
  readonly data?: boolean
  /** True while the value does not depend on the request. */
  readonly constant?: boolean
}

const shape = (alphabet: Shape['alphabet'], width?: number): Shape => ({ kind: 'text', alphabet, width })

/** A request target is the path and query, or the `*` of OPTIONS (RFC 9112 section 3.2). */
const rooted = (part: Part): Part => ({ ...part, shape: { ...part.shape, starts: '/*' } })

const wire = (alphabet: Shape['alphabet'], binds: readonly string[], get: Part['get']): Part => ({
  shape: shape(alphabet),
  latin1: true,
  binds,
  get,
})

const BODY: Part = {
  shape: { kind: 'octets', alphabet: 'any' },
  latin1: false,
  binds: ['body'],
  get: (reading) => reading.body,
}

/** RFC 9110 section 9 and RFC 5789: those that need no look at their letters. */
const USUAL_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The parts without argument. */
const PLAIN: Readonly<Record<string, Part>> = {
  body: BODY,
  method: wire('capitals', ['method'], ({ request: { method } }) => {
    if (USUAL_METHODS.has(method) || /^[A-Z-]+$/.test(method)) return method
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the method is not written in capital letters')
  }),
  target: rooted(wire('target', ['path', 'query'], (reading) => reading.target)),
  path: rooted(wire('path', ['path'], (reading) => reading.path)),
  query: wire('query', ['query'], (reading) => reading.query),
  scheme: wire('token', [], (reading) => schemeOf(reading)),
  host: wire('host', ['host'], (reading) => hostOf(reading)),
  authority: wire('host', ['host'], (reading) => authorityOf(reading)),
  rawTarget: wire('target', ['path', 'query'], (reading) => requestTarget(reading.request.target)),
  hostname: wire('host', ['host'], (reading) => splitHost(hostOf(reading))[0]),
  port: wire('digits', ['host'], (reading) => splitHost(hostOf(reading))[1] ?? (schemeOf(reading) === 'https' ? '443' : '80')),
  // The same for all requests of a set-up.
  origin: { ...wire('line', ['host'], originOf), shape: { kind: 'text', alphabet: 'line', delimited: true } },
  url: wire('target', ['path', 'query', 'host'], (reading) => originOf(reading) + reading.target),
}

/** The names of the parts that a scheme need not declare. */
export const PART_NAMES: readonly string[] = [
  ...Object.keys(PLAIN),
  ...['header', 'query', 'form', 'cookie', 'json', 'xml', 'item', 'param', 'secret'],
]

/**
 * A part of the request by name and argument.
 *
 * @returns the part, or a text that says what is wrong, or undefined for a name that is no part of a request
 */
export function requestPart(name: string, argument: string | undefined): Part | string | undefined {
  if (argument === undefined) {
    if (Object.hasOwn(PLAIN, name)) return PLAIN[name]
    if (name === 'header' || name === 'form' || name === 'cookie') return `{${name}} needs a name, such as {${name}:date}`
    if (name === 'xml') return '{xml} needs the path of an element, such as {xml:/xml/sign}'
    if (name === 'json' || name === 'item') return `{${name}} needs a JSON pointer, such as {${name}:/id}`
    return undefined
  }
  switch (name) {
    case 'header': {
      const field = argument.toLowerCase()
      if (!isToken(field)) return `{header:${argument}} names no field`
      return wire('line', [`header:${field}`], (reading) => (field === 'host' ? hostHeader(reading) : reading.header(field)))
    }
    case 'query':
      return {
        ...wire('any', [`query:${argument}`], (reading) => solePair(reading.queryPairs, argument, 'query parameter')),
        latin1: false,
      }
    case 'cookie':
      return wire('line', [`cookie:${argument}`], (reading) => soleCookie(reading, argument))
    default:
      return bodyPart(name, argument) ?? (Object.hasOwn(PLAIN, name) ? `{${name}} takes no argument` : undefined)
  }
}

/** A part of what is parsed of a body. */
function bodyPart(name: string, argument: string): Part | string | undefined {
  const part = (get: Part['get']): Part => ({ shape: shape('any'), latin1: false, binds: [`${name}:${argument}`], data: true, get })
  if (name === 'form') return part((r) => solePair(r.formPairs, argument, 'form field'))
  if (name === 'xml') {
    const names = elementPath(argument)
    if (names === undefined)
      return `${JSON.stringify(argument)} is no path of an element; write it from the root, such as /xml/sign; prefixes and attributes cannot be said`
    return part((r) => xmlText(r.xml, names))
  }
  if (name !== 'json' && name !== 'item') return undefined
  const tokens = pointerTokens(argument)
  if (tokens === undefined) return `{${name}:${argument}} is no JSON pointer; it begins with "/"`
  if (name === 'json') return part((r) => scalarText(pointed(r.json, tokens)))
  return part((r) => (r.item === undefined ? undefined : scalarText(pointed(r.item, tokens))))
}

/** A value that a set-up fixes. Its octets are known, so that it separates like a literal does. */
export function constantPart(value: string): Part {
  return { shape: shape('any', Buffer.byteLength(value)), latin1: false, binds: [], get: () => value, constant: true }
}

/** The secret's own text, for the vendors who sign it too. It is the same for all requests under one key. */
export const SECRET_TEXT: Part = {
  shape: { kind: 'text', alphabet: 'any', delimited: true },
  latin1: false,
  binds: ['secret'],
  get: (reading) => reading.secretText,
}

/** What a home captured, by its index. */
export function capturedPart(index: number, of: Shape, binds: readonly string[], latin1: boolean): Part {
  return { shape: of, latin1, binds, get: (reading) => reading.captured[index] }
}

function soleCookie(reading: Reading, name: string): string | undefined {
  const [found, ...others] = reading.cookiePairs.filter(([other]) => other === name)
  if (others.length > 0) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the cookie ${name} stands more than once`)
  return found?.[1]
}

function schemeOf(reading: Reading): string {
  const origin = reading.request.origin ?? reading.request.namedOrigin
  if (origin !== undefined) return origin.slice(0, origin.indexOf(':'))
  return reading.request.secure ? 'https' : 'http'
}

function originOf(reading: Reading): string {
  const origin = reading.request.origin ?? reading.request.namedOrigin
  if (origin === undefined) throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', 'no public origin is configured')
  return origin
}

function hostOf(reading: Reading): string {
  const { origin, namedOrigin } = reading.request
  if (origin !== undefined) return origin.slice(origin.indexOf('://') + 3)
  const host = receivedHost(reading) ?? namedOrigin?.slice(namedOrigin.indexOf('://') + 3)
  if (host === undefined || host === '') throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', 'the request has no Host')
  return host
}

/** The Host field, or HTTP/2's `:authority`, which it has to be equal to (RFC 9113 section 8.3.1). */
function receivedHost(reading: Reading): string | undefined {
  const host = reading.header('host')
  const authority = reading.header(':authority')
  if (host !== undefined && authority !== undefined && host !== authority)
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'Host and :authority are not the same')
  const received = authority ?? host
  if (received !== undefined && !isOf('host', received)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the Host field holds no host')
  return received
}

/**
 * The Host field as the sender wrote it: the received one, or the configured origin's where a proxy put another in its place; of a
 * request that is being signed, its own origin's.
 */
export function hostHeader(reading: Reading): string {
  const received = receivedHost(reading)
  const { origin } = reading.request
  if (received !== undefined && (origin === undefined || origin.endsWith(`://${received.toLowerCase()}`))) return received
  return hostOf(reading)
}

/** Lower case, without the default port of its scheme (RFC 9421 section 2.2.3). */
function authorityOf(reading: Reading): string {
  const [hostname, port] = splitHost(hostOf(reading).toLowerCase())
  return port === undefined || port === (schemeOf(reading) === 'https' ? '443' : '80') ? hostname : `${hostname}:${port}`
}

const splitHost = remembering((host): readonly [hostname: string, port: string | undefined] => {
  const colon = host.lastIndexOf(':')
  if (colon < 0 || host.endsWith(']')) return [host, undefined]
  const port = host.slice(colon + 1)
  if (!/^[0-9]{0,5}$/.test(port)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the port of the Host field is no number')
  return [host.slice(0, colon), port === '' ? undefined : port]
})
