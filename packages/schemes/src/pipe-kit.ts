import type { TimeUnit } from './definition.js'
import type { HmacKey } from './hmac.js'
import { SchemeRefusal } from './refusal.js'

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
  | 'encoded'
  | 'pairName'
  | 'pairValue'

/** The type of a value between two pipes. */
export interface Shape {
  readonly kind: 'text' | 'octets'
  readonly alphabet: Alphabet
  /** The length in octets, where it is the same for every value. */
  readonly width?: number | undefined
  /** Whether different inputs can give the same output. */
  readonly lossy?: boolean
  /** Whether only a part of what went in comes out, so that the rest can be anything. */
  readonly cut?: boolean
  /** Whether it ends by its own grammar: no value is the beginning or the end of another; `forward`: the beginning. */
  readonly delimited?: boolean | 'forward'
  /** The unit of a time that is as it was carried. */
  readonly unit?: TimeUnit
  /** The characters that it can begin with, where it is never empty and they are few. */
  readonly starts?: string
  /** The constant text that it begins with, where it is there. */
  readonly label?: string
  /** What stands behind the label is made of. */
  readonly behind?: Alphabet
}

/** What a pipe may need beside its input. */
export interface PipeTools {
  /** The key of the secret that is being tried, for `hmac`. */
  readonly key: HmacKey | undefined
  /** Whether a request is being signed rather than judged. */
  readonly signing?: boolean
}

/** How an encoder of the language writes octets. */
export type TextEncoding = 'hex' | 'base64' | 'base64url'

/** A pipe, ready to run. */
export interface Pipe {
  readonly shape: Shape
  /** Whether text that comes out is no longer text of the wire. */
  readonly decoded?: boolean
  /** Of a hash or MAC: its octets as text at once, without being octets before an encoder. */
  readonly encoded?: (value: Value, tools: PipeTools, latin1: boolean, encoding: TextEncoding) => string
  /** Of an encoder. */
  readonly encodes?: TextEncoding
  /** @param latin1 - whether text stands for the octets of the wire one by one (fields, request target) rather than for UTF-8 */
  readonly run: (value: Value, tools: PipeTools, latin1: boolean) => Value
}

/** Makes a pipe for an input and an argument, which is also given as it is written; a text says what is wrong. */
export type Make = (input: Shape, argument: string | undefined, written?: string) => Pipe | string

/** The shape of text. `lossy`: not all of what went in comes out. */
export const text = (alphabet: Alphabet, width?: number, lossy = false): Shape => ({ kind: 'text', alphabet, width, lossy })
/** The shape of octets. `lossy`: not all of what went in comes out. */
export const octets = (width?: number, lossy = false): Shape => ({ kind: 'octets', alphabet: 'any', width, lossy })

/** What is left when something was taken away, wherever it was. */
export const lossy = (input: Shape): Shape => text(input.alphabet, undefined, true)

/** Fewer characters of a digest prove too little: 128 bits of hex. */
const LEAST_OF_DIGEST = 32

/** What is left when only a part of the input comes out; of a value of fixed length, such as a digest, enough may be left. */
export const part = (input: Shape, left = 0): Shape => ({
  ...lossy(input),
  cut: input.width === undefined || left < LEAST_OF_DIGEST,
})

/** The octets that a value stands for. */
export function octetsOf(value: Value, latin1: boolean): Value {
  return typeof value === 'string' && latin1 ? Buffer.from(value, 'latin1') : value
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The characters that a value stands for: octets, and text of the wire, are UTF-8. */
export function charactersOf(value: Value, latin1: boolean): string {
  if (typeof value === 'string' && (!latin1 || Buffer.byteLength(value) === value.length)) return value
  try {
    return utf8.decode(typeof value === 'string' ? Buffer.from(value, 'latin1') : value)
  } catch {
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value is not UTF-8')
  }
}

/** A pipe from text to text. `shape` says what comes out. */
export function onText(
  shape: (input: Shape, argument: string) => Shape,
  run: (value: string, argument: string) => string,
  example?: string,
): Make {
  return (input, argument) => {
    if (input.kind !== 'text') return 'takes text; encode the octets first, with hex or base64, or read them as UTF-8 with text'
    const problem = argumentProblem(argument, example)
    if (problem !== undefined) return problem
    return { shape: shape(input, argument ?? ''), run: (value) => run(value as string, argument ?? '') }
  }
}

/** A pipe from the characters of text or octets, to text that is no text of the wire. */
export function onCharacters(
  shape: (input: Shape, argument: string) => Shape,
  run: (value: string, argument: string) => string,
  { example, octetsToo = false }: { readonly example?: string; readonly octetsToo?: boolean } = {},
): Make {
  return (input, argument) => {
    if (input.kind !== 'text' && !octetsToo)
      return 'takes text; encode the octets first, with hex or base64, or read them as UTF-8 with text'
    const problem = argumentProblem(argument, example)
    if (problem !== undefined) return problem
    return {
      shape: shape(input, argument ?? ''),
      decoded: true,
      run: (value, _tools, latin1) => run(charactersOf(value, latin1), argument ?? ''),
    }
  }
}

/** Says what is wrong with a pipe's argument; `example` shows one, and none stands for a pipe without. */
function argumentProblem(argument: string | undefined, example: string | undefined): string | undefined {
  if (example === undefined) return argument === undefined ? undefined : 'takes no argument'
  return argument === undefined ? `needs an argument, such as ${example}` : undefined
}
