import type { Field, Home, TimeUnit, When } from '../definition/definition.js'
import type { Names } from '../definition/names.js'
import type { Problems } from '../definition/problems.js'
import type { Reading } from '../request/reading.js'
import { isAscii } from '../text/ascii.js'
import type { Shape, Value } from '../text/shape.js'
import { joined, MessageBuilder, textOf } from './message.js'
import type { Part } from './parts.js'

/** Finds the parts that a text names, and collects what is wrong with it. */
export interface TextEnv {
  readonly problems: Problems
  /** A part by name and argument; a text says what is wrong; undefined: unknown. */
  readonly resolve: (name: string, argument: string | undefined) => TextPart | string | undefined
  /** The names that may stand in this text, for the hint at an unknown one. */
  readonly names: () => readonly string[]
  /** Where roles and fields are kept. */
  readonly slots: Names
  /** The home of the signature, which no list may hold. */
  readonly signature: Home
  /** The fields that it stands in, lower case. */
  readonly signatureHeaders: () => readonly string[]
  /** Of the times and deadlines that a request carries. */
  readonly units: readonly TimeUnit[]
  /** A field of the scheme that is a list of names. */
  readonly listField: (name: string) => Field | undefined
}

/** A part, or a text that stands for itself inside another. */
export type TextPart = Part & { readonly text?: CompiledText }

/** One piece of a branch, as it is judged. */
export type FlatPiece =
  | { readonly literal: string }
  | {
      readonly shape: Shape
      readonly part: TextPart
      readonly source: string
      readonly optional: boolean
      /** Whether pipes stand between the part and what is printed. */
      readonly piped: boolean
      /** Of a body that is printed as the JSON that it is: the members that are left out. */
      readonly membersBut?: readonly string[] | undefined
      readonly through?: CompiledText | undefined
    }
  | { readonly list: CompiledListFacts }

/** What the compiler knows of a list without printing it. */
export interface CompiledListFacts {
  /** Why two different lists can print the same; undefined when they cannot. */
  readonly ambiguous: string | undefined
  /** What the list is made of, separators included. */
  readonly alphabet: Shape['alphabet']
  /** What it begins with, where it prints anything and always begins so. */
  readonly starts: string | undefined
  /** Whether the list ends where a text that begins so stands. */
  readonly endsBefore: (next: string) => boolean
  /**
   * Of lines of headers, each of which begins with a name: the characters of which one stands behind the name, or begins a line that has
   * none. Undefined of other lists.
   */
  readonly marks: string | undefined
  readonly binds: readonly string[]
  /** Whether each item prints the secret, so that a list that is not empty proves it. */
  readonly secretInEach: boolean
}

/** One way of writing a text, and when it is taken; undefined: always. */
export interface Branch {
  readonly when: When | undefined
  readonly pieces: readonly FlatPiece[]
}

/** A text, ready to be printed for any request. */
export interface CompiledText {
  readonly shape: Shape
  readonly latin1: boolean
  readonly emit: (reading: Reading, out: MessageBuilder) => void
  /** The value of a text that is one slot; undefined where it prints nothing. */
  readonly single?: ((reading: Reading) => Value | undefined) | undefined
  readonly branches: readonly Branch[]
  /** Which of the branches a request takes; absent where there is one. */
  readonly branchOf?: (reading: Reading) => number
}

/** What a piece prints of the request, as a whole or in part: of a choice what any of its branches prints. */
export function partsOf(piece: FlatPiece): readonly string[] {
  if ('literal' in piece) return []
  if ('list' in piece) return piece.list.binds
  return piece.through === undefined ? piece.part.binds : partsOfText(piece.through)
}

/** The same of all branches of a text. */
export function partsOfText({ branches }: CompiledText): readonly string[] {
  return branches.flatMap(({ pieces }) => pieces.flatMap(partsOf))
}

/** Prints a text for a request. */
export type Emit = (reading: Reading, out: MessageBuilder) => void

/** The octets of a text. */
export function octetsOfText(text: CompiledText, reading: Reading): Uint8Array {
  const out = new MessageBuilder()
  text.emit(reading, out)
  return joined(out.parts)
}

/** What a text prints, for whoever hashes it: a string stands for its UTF-8, so that nothing is copied where it is one. */
export function contentOfText(text: CompiledText, reading: Reading): Value {
  const out = new MessageBuilder()
  text.emit(reading, out)
  return textOf(out.parts) ?? joined(out.parts)
}

/** The string of a text that holds no octets. */
export function stringOfText(text: CompiledText, reading: Reading): string {
  if (text.single !== undefined) {
    const value = text.single(reading) ?? ''
    if (typeof value === 'string') return value
  }
  const out = new MessageBuilder()
  text.emit(reading, out)
  const whole = textOf(out.parts)
  if (whole !== undefined && (!text.latin1 || isAscii(whole))) return whole
  return Buffer.from(joined(out.parts)).toString(text.latin1 ? 'latin1' : 'utf8')
}
