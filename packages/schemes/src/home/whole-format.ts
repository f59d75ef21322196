import type { Problems } from '../definition/problems.js'
import { isLiteral, type Piece, quoted, type Slot } from '../definition/template.js'
import { excludes, fits } from '../text/alphabet.js'
import type { Shape } from '../text/shape.js'
import type { Captures } from './captured.js'

/** The exact printed form of a carried value, both ways. */
export interface Format {
  /** The names that it captures. */
  readonly names: readonly string[]
  /** The slot that is the whole format; undefined when there is more to it. */
  readonly plain: string | undefined
  /**
   * Of a format with one slot: the text of that slot, undefined where what stands around it is missing. Not checked: what it is made of.
   */
  readonly inner: ((text: string) => string | undefined) | undefined
  /** Of a format with one slot: its value, empty where it may be absent and is; undefined when the text is not of the form. */
  readonly sole: ((text: string) => string | undefined) | undefined
  /** Whether `name` may be captured several times. */
  readonly repeated: string | undefined
  /** Adds what the text captures; false when it is not of the form. Repeated ones are put into `several`. */
  readonly read: (text: string, into: Captures, several: Captures[]) => boolean
  /** Prints the captures; the repeated slot once per entry of `several`. */
  readonly print: (from: Captures, several: readonly Captures[]) => string
}

/** Compiles a format that is read as a whole: its slots are told apart by the literals between them. */
export function compileWhole(
  source: string,
  pieces: readonly Piece[],
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
): Format {
  const literals: string[] = ['']
  const slots: Slot[] = []
  for (const piece of pieces) {
    if (isLiteral(piece)) {
      literals[slots.length] = piece.literal
      continue
    }
    if (piece.pipes.length > 0 || piece.argument !== undefined) {
      problems.add(path, `${piece.source} in ${quoted(source)}: a format holds plain names; what is printed must be readable again`)
    }
    if (piece.part === 'signature' && piece.optional)
      problems.add(path, `${piece.source} in ${quoted(source)}: without a signature there is nothing to verify; take "?" away`)
    slots.push(piece)
    literals[slots.length] = ''
  }
  const shapes = slots.map((slot) => shapeOf(slot.part))
  const right = cutsFromRight(literals, shapes)
  for (let i = 1; i < slots.length - right; i += 1) {
    if (literals[i] === '' && (shapes[i - 1] as Shape).width === undefined) {
      problems.add(path, `${(slots[i - 1] as Slot).source}${(slots[i] as Slot).source}: nothing separates the two, it cannot be read back`)
    }
  }
  const names = slots.map((slot) => slot.part)
  const plain = names.length === 1 && literals.every((literal) => literal === '') ? names[0] : undefined
  const readPlain = (text: string, into: Captures): boolean => {
    if (text === '') return (slots[0] as Slot).optional
    if (!fits(text, shapes[0] as Shape)) return false
    into.set(plain as string, text)
    return true
  }
  const readAll = (text: string, into: Captures): boolean => {
    const values = cut(text, literals, shapes, right)
    if (values === undefined) return false
    for (let i = 0; i < slots.length; i += 1) {
      const value = values[i] as string
      if (value === '' ? !(slots[i] as Slot).optional : !fits(value, shapes[i] as Shape)) return false
      if (value !== '') into.set(names[i] as string, value)
    }
    return true
  }
  const print = (from: Captures) => printed(literals, names, from)
  const read = plain === undefined ? readAll : readPlain
  const repeated = slots.find((slot) => slot.repeated)?.part
  const [slot] = slots
  const inner = slot !== undefined && names.length === 1 && repeated === undefined ? innerOf(literals) : undefined
  return { names, plain, inner, sole: inner && soleOf(inner, slot as Slot, shapes[0] as Shape), repeated, read, print }
}

function printed(literals: readonly string[], names: readonly string[], from: Captures): string {
  let text = literals[0] as string
  for (let i = 0; i < names.length; i += 1) text += (from.get(names[i] as string) ?? '') + (literals[i + 1] as string)
  return text
}

function soleOf(inner: (text: string) => string | undefined, { optional }: Slot, shape: Shape): (text: string) => string | undefined {
  return (text) => {
    const value = inner(text)
    if (value === '') return optional ? value : undefined
    return value !== undefined && fits(value, shape) ? value : undefined
  }
}

function innerOf([head = '', tail = '']: readonly string[]): (text: string) => string | undefined {
  if (head === '' && tail === '') return (text) => text
  const around = head.length + tail.length
  return (text) =>
    text.length >= around && text.startsWith(head) && text.endsWith(tail) ? text.slice(head.length, text.length - tail.length) : undefined
}

/** How many slots, from the last, end where the literal before them stands last. */
function cutsFromRight(literals: readonly string[], shapes: readonly Shape[]): number {
  let count = 0
  for (let i = shapes.length - 1; i > 0; i -= 1) {
    const before = literals[i] as string
    const shape = shapes[i] as Shape
    if (shape.width === undefined && (before === '' || !excludes(shape.alphabet, before.at(-1) as string))) break
    count += 1
  }
  return count
}

function cut(text: string, literals: readonly string[], shapes: readonly Shape[], right: number): string[] | undefined {
  const last = shapes.length
  const head = literals[0] as string
  const tail = literals[last] as string
  if (last === 0) return text === head ? [] : undefined
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return undefined
  const values: string[] = new Array(last)
  let low = head.length
  let high = text.length - tail.length
  for (let i = last - 1; i >= last - right; i -= 1) {
    const before = literals[i] as string
    const { width } = shapes[i] as Shape
    const start = width === undefined ? text.lastIndexOf(before, high - before.length) + before.length : high - width
    if (start < low + before.length || !text.startsWith(before, start - before.length)) return undefined
    values[i] = text.slice(start, high)
    high = start - before.length
  }
  for (let i = 0; i < last - right - 1; i += 1) {
    const behind = literals[i + 1] as string
    const { width } = shapes[i] as Shape
    const end = width !== undefined && behind === '' ? low + width : text.indexOf(behind, low)
    if (end < 0 || end + behind.length > high) return undefined
    values[i] = text.slice(low, end)
    low = end + behind.length
  }
  values[last - right - 1] = text.slice(low, high)
  return values
}
