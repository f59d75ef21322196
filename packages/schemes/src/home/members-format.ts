import type { Problems } from '../definition/problems.js'
import { isLiteral, type Literal, type Piece, parseTemplate, quoted } from '../definition/template.js'
import { afterBlanks, beforeBlanks, endOf } from '../text/blanks.js'
import { closingQuote, QUOTE, quotedText, splitOutside, unescapedText } from '../text/quoted-string.js'
import type { Shape } from '../text/shape.js'
import { Captures } from './captured.js'
import { compileWhole, type Format } from './whole-format.js'

/** The members of a list of `name=value`; more than any vendor sends. */
export const MAX_MEMBERS = 64

/** What is seen of them is kept in the bits of a number. */
const MOST_NAMED = 30

interface Member {
  /** The separator as it is printed, blanks included. */
  readonly joint: string
  readonly name: string
  readonly quoted: boolean
  readonly format: Format
  readonly optional: boolean
  /** Whether it carries one of several signatures: it may stand more than once, or others are called otherwise. */
  readonly several: boolean
}

/** A format of `name=value` members between separators, in any order. Where several hold {signature}, one of them has to be there. */
export function compileMembers(
  source: string,
  separator: string,
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
): Format {
  const found: Member[] = []
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
    found.push({
      joint,
      name: bare.slice(0, equals),
      quoted: inQuotes,
      format,
      optional: slots.length > 0 && slots.every((slot) => slot.optional),
      several: format.repeated !== undefined,
    })
  }
  if (found.length > MOST_NAMED) problems.add(path, `names more than ${MOST_NAMED} members`)
  const twice = found.find(({ name }, i) => found.findIndex((other) => other.name === name) < i)
  if (twice !== undefined)
    problems.add(path, `names "${twice.name}" twice; a name that a request repeats is written once, with {signature+}`)
  return formatOf(found, mark, separator)
}

function formatOf(found: readonly Member[], mark: string, separator: string): Format {
  const { list, bits } = withSeveral(found)
  const all = list.flatMap((member) => member.format.names)
  const repeated = bits === 0 ? list.find((member) => member.format.repeated !== undefined)?.format.repeated : 'signature'
  return {
    names: all.filter((name, i) => name !== 'signature' || all.indexOf(name) === i),
    plain: undefined,
    inner: undefined,
    sole: undefined,
    repeated,
    read: (text, into, several) => readMembers(text, mark, list, bits, into, several),
    print: (from, several) => printMembers(list, separator, from, several),
  }
}

/** Members of which each carries a signature under a name of its own, such as `v1` and `v2`, and which of them these are. */
function withSeveral(found: readonly Member[]): { readonly list: readonly Member[]; readonly bits: number } {
  const carries = ({ format }: Member) => format.names.includes('signature')
  if (found.filter(carries).length < 2) return { list: found, bits: 0 }
  const list = found.map((member) => (carries(member) ? { ...member, optional: true, several: true } : member))
  return { list, bits: list.reduce((bits, member, i) => (carries(member) ? bits | (1 << i) : bits), 0) }
}

function readMembers(text: string, mark: string, list: readonly Member[], bits: number, into: Captures, several: Captures[]): boolean {
  const quotes = text.includes('"')
  let seen = 0
  let given = 0
  for (let start = 0; start <= text.length; given += 1) {
    if (given === MAX_MEMBERS) return false
    const equals = text.indexOf('=', start)
    let end = endOf(text, mark, start)
    if (equals < 0 || equals >= end) return false
    const nameStart = afterBlanks(text, start, equals)
    const nameEnd = beforeBlanks(text, nameStart, equals)
    if (nameStart === nameEnd) return false
    const valueStart = afterBlanks(text, equals + 1, end)
    let value: string | undefined
    if (quotes && text.charCodeAt(valueStart) === QUOTE && valueStart < end) {
      const close = closingQuote(text, valueStart)
      end = endOf(text, mark, close + 1)
      if (close < 0 || afterBlanks(text, close + 1, end) !== end) return false
      value = unescapedText(text, valueStart + 1, close)
    } else {
      value = text.slice(valueStart, beforeBlanks(text, valueStart, end))
      if (quotes && value.includes('"')) return false
    }
    const index = indexOfMember(list, text, nameStart, nameEnd)
    if (index >= 0) {
      if (!readMember(list[index] as Member, value, (seen & (1 << index)) !== 0, into, several)) return false
      seen |= 1 << index
    }
    start = end + mark.length
  }
  for (let i = 0; i < list.length; i += 1) if (!(list[i] as Member).optional && (seen & (1 << i)) === 0) return false
  return bits === 0 || (seen & bits) !== 0
}

function indexOfMember(list: readonly Member[], text: string, start: number, end: number): number {
  for (let i = 0; i < list.length; i += 1) {
    const { name } = list[i] as Member
    if (name.length === end - start && text.startsWith(name, start)) return i
  }
  return -1
}

function readMember({ format, several: isOne }: Member, value: string, again: boolean, into: Captures, several: Captures[]): boolean {
  if (!isOne) return !again && format.read(value, into, several)
  if (again && format.repeated === undefined) return false
  const one = new Captures()
  if (!format.read(value, one, several)) return false
  several.push(one)
  return true
}

function printMembers(list: readonly Member[], separator: string, from: Captures, several: readonly Captures[]): string {
  let out = ''
  let at = 0
  for (const member of list) {
    if (member.optional && !member.several && !member.format.names.some((name) => from.has(name))) continue
    const end = member.format.repeated === undefined ? at + 1 : several.length
    const rounds = member.several ? several.slice(at, end) : [from]
    if (member.several) at = end
    for (const captures of rounds) {
      const value = member.format.print(captures, several)
      const written = member.quoted ? quotedText(value) : value
      out += `${out === '' ? '' : member.joint || list[1]?.joint || separator}${member.name}=${written}`
    }
  }
  return out
}
