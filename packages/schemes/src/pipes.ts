import { hash } from 'node:crypto'
import type { HashName, HmacKey } from './hmac.js'
import { HASHES, hmac } from './hmac.js'
import { canonicalJson } from './json.js'
import type { Problems } from './problems.js'
import { SchemeRefusal } from './refusal.js'
import { nearestWord } from './words.js'

/** What a slot holds: text, whose octets are UTF-8, or octets. */
export type Value = string | Uint8Array

/** What a value is known to be made of; decides what can separate it from its neighbours. */
export type Alphabet =
  | 'any'
  | 'line'
  | 'token'
  | 'capitals'
  | 'letters'
  | 'digits'
  | 'hex'
  | 'base64'
  | 'base64url'
  | 'path'
  | 'query'
  | 'target'
  | 'host'
  | 'unreserved'

/** The type of a value between two pipes. */
export interface Shape {
  readonly kind: 'text' | 'octets'
  readonly alphabet: Alphabet
  /** The length in octets, where it is the same for every value. */
  readonly width?: number | undefined
  /** Whether different inputs can give the same output. */
  readonly lossy?: boolean
  /** Whether no value is the beginning or the end of another, so that it ends by its own grammar. */
  readonly delimited?: boolean
  /** The characters that it can begin with, where it is never empty and they are few. */
  readonly starts?: string
}

/** What a pipe may need beside its input. */
export interface PipeTools {
  /** The key of the secret that is being tried, for `hmac`. */
  readonly key: HmacKey | undefined
  /** Whether a request is being signed rather than judged. */
  readonly signing?: boolean
}

export interface Pipe {
  readonly shape: Shape
  /** @param latin1 - whether text stands for the octets of the wire one by one (fields, request target) rather than for UTF-8 */
  readonly run: (value: Value, tools: PipeTools, latin1: boolean) => Value
}

/** The octets that a value stands for. */
function octetsOf(value: Value, latin1: boolean): Value {
  return typeof value === 'string' && latin1 ? Buffer.from(value, 'latin1') : value
}

type Make = (input: Shape, argument: string | undefined) => Pipe | string

const text = (alphabet: Alphabet, width?: number, lossy = false): Shape => ({ kind: 'text', alphabet, width, lossy })
const octets = (width?: number, lossy = false): Shape => ({ kind: 'octets', alphabet: 'any', width, lossy })

/** A pipe from text to text. `shape` says what comes out. */
function onText(
  shape: (input: Shape, argument: string) => Shape,
  run: (value: string, argument: string) => string,
  needsArgument = false,
): Make {
  return (input, argument) => {
    if (input.kind !== 'text') return 'takes text; encode the octets first, with hex or base64'
    if (needsArgument !== (argument !== undefined))
      return needsArgument ? 'needs an argument, such as {body|before:;}' : 'takes no argument'
    return { shape: shape(input, argument ?? ''), run: (value) => run(value as string, argument ?? '') }
  }
}

function digest(name: HashName): Make {
  return (_input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    return { shape: octets(HASHES[name].octets), run: (value, _tools, latin1) => hash(name, octetsOf(value, latin1), 'buffer') }
  }
}

function encoder(encoding: 'hex' | 'base64' | 'base64url', width: (octets: number) => number, pad = false): Make {
  return (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'octets') return 'takes octets; an encoder never encodes text: put utf8 before it if that is meant'
    const alphabet: Alphabet = pad ? 'base64url' : encoding
    const shape = text(alphabet, input.width === undefined ? undefined : width(input.width), input.lossy)
    return { shape, run: (value) => encodeOctets(value as Uint8Array, encoding, pad) }
  }
}

/** Octets as text; `pad` adds the `=` that Node's base64url leaves out (RFC 4648 section 5). */
export function encodeOctets(value: Uint8Array, encoding: 'hex' | 'base64' | 'base64url', pad = false): string {
  const encoded = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(encoding)
  return pad ? encoded + '='.repeat((4 - (encoded.length % 4)) % 4) : encoded
}

function decoder(name: string, valid: RegExp, encoding: 'hex' | 'base64' | 'base64url'): Make {
  return (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'text') return 'takes text'
    return {
      shape: octets(undefined, input.lossy),
      run: (value) => {
        if (!valid.test(value as string)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `a value is not ${name}`)
        return Buffer.from(value as string, encoding)
      },
    }
  }
}

/** What is left when something was taken away, wherever it was. */
const lossy = (input: Shape): Shape => text(input.alphabet, undefined, true)

/** Capitals, digits and the hex of a digest have one case, so that nothing is lost by another. */
function recased({ alphabet, width, lossy = false, starts }: Shape): Shape {
  const oneCase = alphabet === 'capitals' || alphabet === 'hex' || alphabet === 'digits'
  const caseless = starts !== undefined && !/[A-Za-z]/.test(starts)
  return { ...text(alphabet === 'capitals' ? 'letters' : alphabet, width, lossy || !oneCase), ...(caseless && { starts }) }
}

/** Every pipe of the language, by name. */
export const PIPES: Readonly<Record<string, Make>> = {
  md5: digest('md5'),
  sha1: digest('sha1'),
  sha224: digest('sha224'),
  sha256: digest('sha256'),
  sha384: digest('sha384'),
  sha512: digest('sha512'),
  hmac: (_input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    return {
      shape: octets(),
      run: (value, tools, latin1) => Buffer.from(hmac(tools.key as HmacKey, [octetsOf(value, latin1)], 'binary'), 'latin1'),
    }
  },
  hex: encoder('hex', (n) => n * 2),
  base64: encoder('base64', (n) => Math.ceil(n / 3) * 4),
  base64url: encoder('base64url', (n) => Math.ceil((n * 4) / 3)),
  base64urlPadded: encoder('base64url', (n) => Math.ceil(n / 3) * 4, true),
  utf8: (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'text') return 'takes text'
    return {
      shape: octets(input.width, input.lossy),
      run: (value, _tools, latin1) => Buffer.from(value as string, latin1 ? 'latin1' : 'utf8'),
    }
  },
  fromHex: decoder('hex', /^(?:[0-9A-Fa-f]{2})*$/, 'hex'),
  fromBase64: decoder('base64', /^[A-Za-z0-9+/]*={0,2}$/, 'base64'),
  fromBase64url: decoder('base64url', /^[A-Za-z0-9_-]*={0,2}$/, 'base64url'),
  lower: onText(recased, (value) => value.toLowerCase()),
  upper: onText(recased, (value) => value.toUpperCase()),
  trim: onText(lossy, trimBlanks),
  squeeze: onText(lossy, squeeze),
  strip: onText(
    lossy,
    (value, prefix) => {
      if (!value.startsWith(prefix)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `a value does not begin with "${prefix}"`)
      return value.slice(prefix.length)
    },
    true,
  ),
  unprefix: onText(lossy, (value, prefix) => (value.startsWith(prefix) ? value.slice(prefix.length) : value), true),
  remove: onText(lossy, (value, word) => value.replaceAll(word, ''), true),
  removeFirst: onText(lossy, (value, word) => value.replace(word, () => ''), true),
  drop: onText(lossy, (value, count) => value.slice(Number(count)), true),
  first: onText(
    (input, count) => text(input.alphabet, Number(count), true),
    (value, count) => {
      if (value.length < Number(count)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `a value is shorter than ${count} characters`)
      return value.slice(0, Number(count))
    },
    true,
  ),
  before: onText(lossy, (value, mark) => cut(value, value.indexOf(mark), 0, value), true),
  after: onText(lossy, (value, mark) => cut(value, value.indexOf(mark), mark.length, ''), true),
  afterLast: onText(lossy, (value, mark) => cut(value, value.lastIndexOf(mark), mark.length, value), true),
  encode: onText((input) => ({ ...text('unreserved'), lossy: input.lossy === true }), encodeRfc3986),
  encodeForm: onText(
    (input) => ({ ...text('query'), lossy: input.lossy === true }),
    (value) => encodeRfc3986(value).replaceAll('%20', '+'),
  ),
  encodePath: onText(
    (input) => ({ ...text('path'), lossy: input.lossy === true }),
    (value) => encodeRfc3986(value).replaceAll('%2F', '/'),
  ),
  normalPath: (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'text') return 'takes text'
    return { shape: input, run: (value, { signing }) => normalPath(value as string, signing === true) }
  },
  decode: onText(() => text('any', undefined, true), decodePercent),
  default: onText(
    () => text('any', undefined, true),
    (value, fallback) => (value === '' ? fallback : value),
    true,
  ),
  jcs: (_input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    return { shape: text('any', undefined, true), run: (value) => canonicalJson(value) }
  },
}

/** Runs a slot's value through the calls, as one function; undefined when a call is wrong, which `problems` then says. */
export function compilePipes(
  input: Shape,
  calls: readonly { name: string; argument: string | undefined }[],
  where: { path: string; source: string },
  problems: Problems,
): { shape: Shape; pipes: readonly Pipe[] } | undefined {
  let shape = input
  const pipes: Pipe[] = []
  for (const call of calls) {
    const make = Object.hasOwn(PIPES, call.name) ? PIPES[call.name] : undefined
    if (make === undefined) {
      const near = nearestWord(call.name, Object.keys(PIPES))
      problems.add(where.path, `unknown pipe "${call.name}" in ${where.source}${near}`)
      return undefined
    }
    if ((call.name === 'first' || call.name === 'drop') && !/^[0-9]{1,4}$/.test(call.argument ?? '')) {
      problems.add(where.path, `pipe "${call.name}" in ${where.source} needs a count, such as ${call.name}:8`)
      return undefined
    }
    const pipe = make(shape, call.argument)
    if (typeof pipe === 'string') {
      problems.add(where.path, `pipe "${call.name}" in ${where.source} ${pipe}`)
      return undefined
    }
    pipes.push(pipe)
    shape = { ...pipe.shape, lossy: pipe.shape.lossy === true || shape.lossy === true }
  }
  return { shape, pipes }
}

/** Runs a value through compiled pipes. */
export function runPipes(value: Value, pipes: readonly Pipe[], tools: PipeTools, latin1: boolean): Value {
  let result = value
  for (const pipe of pipes) result = pipe.run(result, tools, latin1)
  return result
}

function cut(value: string, at: number, skip: number, otherwise: string): string {
  if (at < 0) return otherwise
  return skip === 0 ? value.slice(0, at) : value.slice(at + skip)
}

/** Takes blanks (SP, HTAB) off both ends; linear, unlike a regular expression for the end. */
export function trimBlanks(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start += 1
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1
  return value.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}

/** Trims, and makes each run of blanks one space (AWS SigV4, canonical headers). */
function squeeze(value: string): string {
  return trimBlanks(value).replace(/[ \t]+/g, ' ')
}

/** Percent-encodes all but the unreserved characters of RFC 3986 section 2.3. */
export function encodeRfc3986(value: string): string {
  try {
    return encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  } catch {
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value holds half a surrogate pair and has no UTF-8')
  }
}

/**
 * A path without empty, "." and ".." segments (RFC 3986 section 6.2.2.3, and AWS's rule of one slash). A request that is judged has to
 * have it already: a router tells apart what the signature would not.
 */
function normalPath(path: string, signing: boolean): string {
  const kept: string[] = []
  const segments = path.split('/')
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const open = kept.length > 0 && ['', '.', '..'].includes(segments.at(-1) as string)
  const normal = `/${kept.join('/')}${open ? '/' : ''}`
  if (normal === path || signing) return normal
  throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the path has empty, "." or ".." segments, which its signature does not tell apart')
}

/** Percent-decodes UTF-8, strictly. */
export function decodePercent(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value is not percent-encoded UTF-8')
  }
}
