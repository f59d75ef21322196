import { excludes, fits } from './alphabet.js'
import type { Shape } from './pipe-kit.js'
import type { Problems } from './problems.js'
import { splitOutside, unquote } from './quoted-string.js'
import { isLiteral, type Literal, type Piece, parseTemplate, quoted, type Slot } from './template.js'
import { trimBlanks } from './text-pipes.js'

/** What the homes of a scheme captured, by name. */
export type Captures = Map<string, string>

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
  /** Whether `name` may be captured several times. */
  readonly repeated: string | undefined
  /** Adds what the text captures; false when it is not of the form. Repeated ones are put into `several`. */
  readonly read: (text: string, into: Captures, several: Captures[]) => boolean
  /** Prints the captures; the repeated slot once per entry of `several`. */
  readonly print: (from: Captures, several: readonly Captures[]) => string
}

/** The members of a list of `name=value`; more than any vendor sends. */
const MAX_MEMBERS = 64

/**
 * Compiles a format.
 *
 * @param shapeOf - what a captured name is made of
 */
export function compileFormat(
  source: string,
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
  members?: string,
): Format {
  if (members !== undefined) return compileMembers(source, members, path, shapeOf, problems)
  const pieces = parseTemplate(source, path, problems)
  const tail = pieces.at(-1)
  const mark = pieces.at(-2)
  if (tail !== undefined && !isLiteral(tail) && tail.repeated && mark !== undefined && isLiteral(mark) && pieces.length > 2) {
    return compileTail(source, pieces.slice(0, -2), { slot: tail, mark: mark.literal }, path, shapeOf, problems)
  }
  for (const piece of pieces) {
    if (!isLiteral(piece) && piece.repeated)
      problems.add(path, `"+" in ${piece.source} needs "members", or a "list" without it: nothing says how the next one is told from this`)
  }
  return compileWhole(source, pieces, path, shapeOf, problems)
}

/** A format such as `{timestamp},{signature+}`: what is repeated stands last, with the text before it in front of each. */
function compileTail(
  source: string,
  head: readonly Piece[],
  { slot, mark }: { readonly slot: Slot; readonly mark: string },
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
): Format {
  if (slot.part !== 'signature') problems.add(path, `"+" in ${slot.source} stands only behind {signature}`)
  const front = compileWhole(source, head, path, shapeOf, problems)
  const shape = shapeOf(slot.part)
  if (!excludes(shape.alphabet, mark[0] as string)) {
    problems.add(path, `${slot.source} may hold ${JSON.stringify(mark)}, so that the next one cannot be told from it`)
  }
  return {
    names: [...front.names, slot.part],
    plain: undefined,
    inner: undefined,
    repeated: slot.part,
    read: (text, into, several) => {
      const parts = text.split(mark)
      if (parts.length > MAX_MEMBERS) return false
      let first = parts.length
      while (first > 1 && parts[first - 1] !== '' && fits(parts[first - 1] as string, shape)) first -= 1
      for (const part of parts.slice(first)) several.push(new Map([[slot.part, part]]))
      return first < parts.length && front.read(parts.slice(0, first).join(mark), into, several)
    },
    print: (from, several) => front.print(from, []) + several.map((one) => mark + (one.get(slot.part) ?? '')).join(''),
  }
}

function compileWhole(
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
    slots.push(piece)
    literals[slots.length] = ''
  }
  const shapes = slots.map((slot) => shapeOf(slot.part))
  const right = cutsFromRight(literals, shapes)
  for (let i = 1; i < slots.length - right; i += 1) {
    if (literals[i] === '' && shapes[i - 1]?.width === undefined) {
      problems.add(path, `${slots[i - 1]?.source}${slots[i]?.source}: nothing separates the two, it cannot be read back`)
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
  const print = (from: Captures) =>
    literals.map((literal, i) => literal + (i < names.length ? (from.get(names[i] as string) ?? '') : '')).join('')
  const read = plain === undefined ? readAll : readPlain
  const repeated = slots.find((slot) => slot.repeated)?.part
  return { names, plain, inner: names.length === 1 && repeated === undefined ? innerOf(literals) : undefined, repeated, read, print }
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
    const width = shapes[i]?.width
    const start = width === undefined ? text.lastIndexOf(before, high - before.length) + before.length : high - width
    if (start < low + before.length || !text.startsWith(before, start - before.length)) return undefined
    values[i] = text.slice(start, high)
    high = start - before.length
  }
  for (let i = 0; i < last - right - 1; i += 1) {
    const behind = literals[i + 1] as string
    const width = shapes[i]?.width
    const end = width !== undefined && behind === '' ? low + width : text.indexOf(behind, low)
    if (end < 0 || end + behind.length > high) return undefined
    values[i] = text.slice(low, end)
    low = end + behind.length
  }
  values[last - right - 1] = text.slice(low, high)
  return values
}

interface Member {
  /** The separator as it is printed, blanks included. */
  readonly joint: string
  readonly name: string
  readonly quoted: boolean
  readonly format: Format
  readonly optional: boolean
}

function compileMembers(source: string, separator: string, path: string, shapeOf: (name: string) => Shape, problems: Problems): Format {
  const list: Member[] = []
  const mark = separator.trim() === '' ? separator : separator.trim()
  for (const [i, text] of splitOutside(source, mark).entries()) {
    const bare = text.trimStart()
    const equals = bare.indexOf('=')
    if (equals <= 0) {
      problems.add(path, `member ${quoted(bare)} is no name=value; without "members" the format is read as a whole`)
      continue
    }
    const value = bare.slice(equals + 1)
    const inQuotes = value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    const inner = inQuotes ? value.slice(1, -1) : value
    const pieces = parseTemplate(inner, path, problems)
    const slots = pieces.filter((piece): piece is Exclude<Piece, Literal> => !isLiteral(piece))
    for (const slot of slots) {
      if (slot.repeated && slot.part !== 'signature') problems.add(path, `"+" in ${slot.source} stands only behind {signature}`)
    }
    const format = compileWhole(inner, pieces, path, shapeOf, problems)
    const joint = i === 0 ? '' : mark + text.slice(0, text.length - bare.length)
    list.push({
      joint,
      name: bare.slice(0, equals),
      quoted: inQuotes,
      format,
      optional: slots.length > 0 && slots.every((slot) => slot.optional),
    })
  }
  const byName = new Map(list.map((member) => [member.name, member]))
  const names = list.flatMap((member) => member.format.names)
  const repeated = list.find((member) => member.format.repeated !== undefined)?.format.repeated
  return {
    names,
    plain: undefined,
    inner: undefined,
    repeated,
    read: (text, into, several) => readMembers(text, mark, byName, list, into, several),
    print: (from, several) => printMembers(list, from, several),
  }
}

function readMembers(
  text: string,
  mark: string,
  byName: ReadonlyMap<string, Member>,
  list: readonly Member[],
  into: Captures,
  several: Captures[],
): boolean {
  const seen: Member[] = []
  const given = splitOutside(text, mark)
  if (given.length > MAX_MEMBERS) return false
  for (const part of given) {
    const equals = part.indexOf('=')
    if (equals <= 0) return false
    const name = trimBlanks(part.slice(0, equals))
    if (name === '') return false
    const member = byName.get(name)
    if (member === undefined) continue
    const value = unquote(trimBlanks(part.slice(equals + 1)))
    if (value === undefined) return false
    if (member.format.repeated !== undefined) {
      const one: Captures = new Map()
      if (!member.format.read(value, one, several)) return false
      several.push(one)
    } else {
      if (seen.includes(member) || !member.format.read(value, into, several)) return false
      seen.push(member)
    }
  }
  for (const member of list) {
    if (!member.optional && (member.format.repeated === undefined ? !seen.includes(member) : several.length === 0)) return false
  }
  return true
}

function printMembers(list: readonly Member[], from: Captures, several: readonly Captures[]): string {
  let out = ''
  for (const member of list) {
    if (member.optional && !member.format.names.some((name) => from.has(name))) continue
    const rounds = member.format.repeated === undefined ? [from] : several
    for (const captures of rounds) {
      const value = member.format.print(captures, several)
      const written = member.quoted ? `"${value.replace(/["\\]/g, (c) => `\\${c}`)}"` : value
      out += `${out === '' ? '' : member.joint || list[1]?.joint || ','}${member.name}=${written}`
    }
  }
  return out
}
