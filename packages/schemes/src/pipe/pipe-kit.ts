import type { HmacKey } from '../hash/hmac.js'
import { SchemeRefusal } from '../refusal.js'
import { isAscii } from '../text/ascii.js'
import type { Shape, Value } from '../text/shape.js'

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

/** A text as its octets in UTF-8, one character each, to stand in text of the wire. */
export function wireText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text).toString('latin1')
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
    const own = argument ?? ''
    const wire = wireText(own)
    if (own === wire) return { shape: shape(input, own), run: (value) => run(value as string, own) }
    return { shape: shape(input, own), run: (value, _tools, latin1) => run(value as string, latin1 ? wire : own) }
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
