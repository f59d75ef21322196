import { hash } from 'node:crypto'
import type { Problems } from '../definition/problems.js'
import type { PipeCall } from '../definition/template.js'
import { nearestWord } from '../definition/words.js'
import type { HashName, HmacKey } from '../hash/hmac.js'
import { HASHES, hmac, isProvided } from '../hash/hmac.js'
import { SchemeRefusal } from '../refusal.js'
import { decodeBase32, encodeBase32 } from '../text/base32.js'
import { type Alphabet, octets, type Shape, text, type Value } from '../text/shape.js'
import { JSON_PIPES } from './json-pipes.js'
import { type Make, octetsOf, type Pipe, type PipeTools, type TextEncoding } from './pipe-kit.js'
import { STRETCH_PIPES } from './stretch-pipes.js'
import { TEXT_PIPES } from './text-pipes.js'
import { timePipe } from './time-pipe.js'

function digest(name: HashName): Make {
  return (_input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (!isProvided(name)) return `is not to be had: this runtime has no ${name}`
    return {
      shape: octets(HASHES[name].octets),
      encoded: (value, _tools, latin1, encoding) => hash(name, octetsOf(value, latin1), encoding),
      run: (value, _tools, latin1) => hash(name, octetsOf(value, latin1), 'buffer'),
    }
  }
}

function encoder(encoding: TextEncoding, width: (octets: number) => number, pad = false): Make {
  return (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'octets') return TAKES_OCTETS
    const alphabet: Alphabet = pad ? 'base64url' : encoding
    const shape = text(alphabet, input.width === undefined ? undefined : width(input.width), input.lossy)
    const run: Pipe['run'] = (value) => encodeOctets(value as Uint8Array, encoding, pad)
    return pad ? { shape, run } : { shape, encodes: encoding, run }
  }
}

/** Octets as text; `pad` adds the `=` that Node's base64url leaves out (RFC 4648 section 5). */
function encodeOctets(value: Uint8Array, encoding: TextEncoding, pad = false): string {
  const encoded = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(encoding)
  return pad ? encoded + '='.repeat((4 - (encoded.length % 4)) % 4) : encoded
}

function decoder(name: string, valid: RegExp, encoding: TextEncoding): Make {
  return (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'text') return 'takes text'
    return {
      shape: octets(undefined, input.lossy),
      run: (value) => {
        const octets = valid.test(value as string) ? Buffer.from(value as string, encoding) : undefined
        if (octets === undefined || !isSpelt(value as string, octets, encoding))
          throw new SchemeRefusal('ERR_HMAC_MALFORMED', `a value is not ${name}`)
        return octets
      },
    }
  }
}

const toBase32: Make = (input, argument) => {
  if (argument !== undefined) return 'takes no argument'
  if (input.kind !== 'octets') return TAKES_OCTETS
  const width = input.width === undefined ? undefined : Math.ceil(input.width / 5) * 8
  return { shape: text('base64', width, input.lossy), run: (value) => encodeBase32(value as Uint8Array) }
}

const fromBase32: Make = (input, argument) => {
  if (argument !== undefined) return 'takes no argument'
  if (input.kind !== 'text') return 'takes text'
  return {
    shape: octets(undefined, input.lossy),
    run: (value) => {
      const decoded = decodeBase32(value as string)
      if (decoded === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value is not base32')
      return decoded
    },
  }
}

const TAKES_OCTETS = 'takes octets; an encoder never encodes text: put utf8 before it if that is meant'

/** Whether octets are written so: RFC 4648 section 3.5 has one spelling, of which senders leave the padding out. */
function isSpelt(value: string, octets: Buffer, encoding: TextEncoding): boolean {
  if (encoding === 'hex') return true
  const padded = encodeOctets(octets, encoding, encoding === 'base64url')
  return value === padded || value === padded.replace(/=+$/, '')
}

/** Every pipe of the language, by name. */
export const PIPES: Readonly<Record<string, Make>> = {
  ...Object.fromEntries(Object.keys(HASHES).map((name) => [name, digest(name as HashName)])),
  hmac: (_input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    return {
      shape: octets(),
      encoded: (value, tools, latin1, encoding) => hmac(tools.key as HmacKey, [octetsOf(value, latin1)], encoding),
      run: (value, tools, latin1) => Buffer.from(hmac(tools.key as HmacKey, [octetsOf(value, latin1)], 'binary'), 'latin1'),
    }
  },
  hex: encoder('hex', (n) => n * 2),
  base64: encoder('base64', (n) => Math.ceil(n / 3) * 4),
  base64url: encoder('base64url', (n) => Math.ceil((n * 4) / 3)),
  base64urlPadded: encoder('base64url', (n) => Math.ceil(n / 3) * 4, true),
  fromHex: decoder('hex', /^(?:[0-9A-Fa-f]{2})*$/, 'hex'),
  fromBase64: decoder('base64', /^[A-Za-z0-9+/]*={0,2}$/, 'base64'),
  fromBase64url: decoder('base64url', /^[A-Za-z0-9_-]*={0,2}$/, 'base64url'),
  base32: toBase32,
  fromBase32,
  normalPath: (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'text') return 'takes text'
    return { shape: input, run: (value, { signing }) => normalPath(value as string, signing === true) }
  },
  time: timePipe,
  ...TEXT_PIPES,
  ...JSON_PIPES,
  ...STRETCH_PIPES,
}

/** A value's way through its pipes. */
export interface CompiledPipes {
  readonly shape: Shape
  readonly pipes: readonly Pipe[]
  /** Whether what comes out is no longer text of the wire. */
  readonly decoded: boolean
}

/** Runs a slot's value through the calls, as one function; undefined when a call is wrong, which `problems` then says. */
export function compilePipes(
  input: Shape,
  calls: readonly PipeCall[],
  where: { readonly path: string; readonly source: string; readonly column?: number },
  problems: Problems,
): CompiledPipes | undefined {
  const column = where.column === undefined ? '' : `column ${where.column}: `
  let shape = input
  const pipes: Pipe[] = []
  for (const { name, argument, written } of calls) {
    const make = Object.hasOwn(PIPES, name) ? PIPES[name] : undefined
    if (make === undefined) {
      problems.add(where.path, `${column}unknown pipe "${name}" in ${where.source}${nearestWord(name, Object.keys(PIPES))}`)
      return undefined
    }
    const pipe = make(shape, argument, written)
    if (typeof pipe === 'string') {
      problems.add(where.path, `${column}pipe "${name}" in ${where.source} ${pipe}`)
      return undefined
    }
    const both = joined(pipes.at(-1), pipe)
    if (both === undefined) pipes.push(pipe)
    else pipes[pipes.length - 1] = both
    shape = { ...pipe.shape, lossy: pipe.shape.lossy === true || shape.lossy === true, cut: pipe.shape.cut === true || shape.cut === true }
  }
  return { shape, pipes, decoded: pipes.some((pipe) => pipe.decoded === true) }
}

/** A hash or MAC and its encoder as one. */
function joined(before: Pipe | undefined, { shape, encodes }: Pipe): Pipe | undefined {
  const encoded = before?.encoded
  if (encoded === undefined || encodes === undefined) return undefined
  return { shape, run: (value, tools, latin1) => encoded(value, tools, latin1, encodes) }
}

/** Runs a value through compiled pipes. */
export function runPipes(value: Value, pipes: readonly Pipe[], tools: PipeTools, latin1: boolean): Value {
  let result = value
  let wire = latin1
  for (const pipe of pipes) {
    result = pipe.run(result, tools, wire)
    if (pipe.decoded === true) wire = false
  }
  return result
}

/**
 * A path without empty, "." and ".." segments (RFC 3986 section 6.2.2.3, and AWS's rule of one slash). A request that is judged has to
 * have it already: a router tells apart what the signature would not.
 */
function normalPath(path: string, signing: boolean): string {
  if (path.startsWith('/') && !path.includes('//') && !path.includes('/.')) return path
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
