import { Captures } from './captured.js'
import type { Shape } from './pipe-kit.js'
import type { Problems } from './problems.js'
import { closingQuote, QUOTE, quotedText, splitOutside, unescapedText } from './quoted-string.js'
import { isLiteral, type Literal, type Piece, parseTemplate, quoted } from './template.js'
import { afterBlanks, beforeBlanks, endOf } from './text-pipes.js'
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
}

/** A format of `name=value` members between separators, in any order. */
export function compileMembers(
  source: string,
  separator: string,
  path: string,
  shapeOf: (name: string) => Shape,
  problems: Problems,
): Format {
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
  if (list.length > MOST_NAMED) problems.add(path, `names more than ${MOST_NAMED} members`)
  const names = list.flatMap((member) => member.format.names)
  const repeated = list.find((member) => member.format.repeated !== undefined)?.format.repeated
  return {
    names,
    plain: undefined,
    inner: undefined,
    sole: undefined,
    repeated,
    read: (text, into, several) => readMembers(text, mark, list, into, several),
    print: (from, several) => printMembers(list, separator, from, several),
  }
}

function readMembers(text: string, mark: string, list: readonly Member[], into: Captures, several: Captures[]): boolean {
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
  return true
}

function indexOfMember(list: readonly Member[], text: string, start: number, end: number): number {
  for (let i = 0; i < list.length; i += 1) {
    const { name } = list[i] as Member
    if (name.length === end - start && text.startsWith(name, start)) return i
  }
  return -1
}

function readMember({ format }: Member, value: string, again: boolean, into: Captures, several: Captures[]): boolean {
  if (format.repeated === undefined) return !again && format.read(value, into, several)
  const one = new Captures()
  if (!format.read(value, one, several)) return false
  several.push(one)
  return true
}

function printMembers(list: readonly Member[], separator: string, from: Captures, several: readonly Captures[]): string {
  let out = ''
  for (const member of list) {
    if (member.optional && !member.format.names.some((name) => from.has(name))) continue
    const rounds = member.format.repeated === undefined ? [from] : several
    for (const captures of rounds) {
      const value = member.format.print(captures, several)
      const written = member.quoted ? quotedText(value) : value
      out += `${out === '' ? '' : member.joint || list[1]?.joint || separator}${member.name}=${written}`
    }
  }
  return out
}
