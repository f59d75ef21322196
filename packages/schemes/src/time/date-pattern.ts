import type { Unit } from './unit.js'
import { number, utcOf } from './utc.js'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What a pattern may hold beside literals; each has a width of its own. */
const TOKENS = ['YYYY', 'MMM', 'ddd', 'SSS', 'MM', 'DD', 'HH', 'mm', 'ss', 'YY'] as const

type Token = (typeof TOKENS)[number]
type Found = readonly number[]

/** A token, or literal text; what is read of a token is kept at `slot`, its place among the tokens. */
interface Piece {
  readonly token: Token | undefined
  readonly slot: number
  readonly literal: string
  readonly width: number
  /** What it may say where that is no number. */
  readonly words: readonly string[] | undefined
}

/** Letters that look like a token which was mistyped, so that they stand for themselves only inside brackets. */
const RESERVED = /[YMDHhmsSdaA]/

/** What other languages of patterns call the hours of a 12-hour clock, and its halves. */
const TWELVE = /[haA]/

/** The zone behind a pattern, which prints nothing: UTC-12 to UTC+14. */
const ZONE = /@([+-])(0[0-9]|1[0-4]):([0-5][0-9])$/

/**
 * A unit written as a pattern, such as `YYYY-MM-DDTHH:mm:ss` or `ddd, DD MMM YYYY HH:mm:ss [GMT]`, of UTC or of the zone behind it, as in
 * `YYYYMMDDHHmmss@+07:00`. Each text of it has the same length. What the pattern leaves out is zero.
 *
 * @returns the unit, or a text that says what is wrong with the pattern
 */
export function datePattern(pattern: string): Unit | string {
  const zone = ZONE.exec(pattern)
  return zone === null ? patternOf(pattern, 0) : patternOf(pattern.slice(0, zone.index), aheadOf(zone))
}

/** How far a zone is ahead of UTC, milliseconds. */
function aheadOf([, sign, hours, minutes]: RegExpExecArray): number {
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000)
}

function patternOf(pattern: string, ahead: number): Unit | string {
  const pieces = parsePattern(pattern)
  if (typeof pieces === 'string') return pieces
  const tokens = pieces.flatMap(({ token }) => token ?? [])
  const has = (token: Token) => tokens.includes(token)
  if (new Set(tokens).size !== tokens.length) return 'names the same thing twice'
  if (has('YYYY') === has('YY') || !has('DD') || has('MM') === has('MMM')) return 'needs one of YYYY and YY, one of MM and MMM, and DD'
  const width = pieces.reduce((sum, piece) => sum + piece.width, 0)
  const digits = pieces.every(({ words, literal }) => words === undefined && /^[0-9]*$/.test(literal))
  return {
    read: (text) => {
      const ms = text.length === width ? readPieces(pieces, text) : undefined
      return ms === undefined ? undefined : ms - ahead
    },
    print: (ms) => printPieces(pieces, new Date(ms + ahead)),
    alphabet: digits ? 'digits' : 'line',
    width,
    ahead,
  }
}

function parsePattern(pattern: string): readonly Piece[] | string {
  const pieces: Piece[] = []
  for (let at = 0; at < pattern.length; ) {
    const token = TOKENS.find((one) => pattern.startsWith(one, at))
    if (token !== undefined) {
      const words = token === 'MMM' ? MONTHS : token === 'ddd' ? DAYS : undefined
      pieces.push({ token, slot: TOKENS.indexOf(token), literal: '', width: token.length, words })
      at += token.length
      continue
    }
    const close = pattern[at] === '[' ? pattern.indexOf(']', at) : -1
    const literal = close < 0 ? (pattern[at] as string) : pattern.slice(at + 1, close)
    if (close < 0 && literal === '@') return 'holds "@", behind which a zone ends the pattern, such as @+08:00'
    if (close < 0 && (literal === '[' || RESERVED.test(literal))) {
      const halves = TWELVE.test(literal) ? '; 12-hour clocks cannot be said' : ''
      return `holds "${literal}", which is none of ${TOKENS.join(', ')}; put text that stands for itself in brackets, such as [GMT]${halves}`
    }
    if (!/^[\x20-\x7e]*$/.test(literal)) return 'holds others than printable ASCII'
    pieces.push({ token: undefined, slot: -1, literal, width: literal.length, words: undefined })
    at += close < 0 ? 1 : literal.length + 2
  }
  return pieces
}

/** What the pattern leaves out, in the order of the tokens: the first of a month, midnight; of the others nothing is read without them. */
const LEFT_OUT: Found = [0, -1, -1, 0, 1, 1, 0, 0, 0, -1]

function readPieces(pieces: readonly Piece[], text: string): number | undefined {
  const found = LEFT_OUT.slice()
  let at = 0
  for (const { slot, literal, width, words } of pieces) {
    const end = at + width
    if (slot < 0) {
      if (!text.startsWith(literal, at)) return undefined
    } else {
      const value = words === undefined ? number(text, at, end) : nameAt(words, text, at)
      if (value < 0) return undefined
      found[slot] = value
    }
    at = end
  }
  return timeOf(found)
}

function nameAt(names: readonly string[], text: string, from: number): number {
  for (let i = 0; i < names.length; i += 1) if (text.startsWith(names[i] as string, from)) return i
  return -1
}

/** A point in time of UTC; undefined where the calendar or the weekday says otherwise. */
function timeOf(found: Found): number | undefined {
  const [YYYY, MMM, ddd, SSS, MM, DD, HH, mm, ss, YY] = found as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const ms = utcOf(YY < 0 ? YYYY : 2000 + YY, MMM < 0 ? MM : MMM + 1, DD, HH, mm, ss)
  if (ms === undefined) return undefined
  // January 1 1970 was a Thursday.
  const weekday = (((Math.floor((ms - (HH * 3600 + mm * 60 + ss) * 1000) / 86_400_000) + 4) % 7) + 7) % 7
  return ddd >= 0 && weekday !== ddd ? undefined : ms + SSS
}

function printPieces(pieces: readonly Piece[], date: Date): string {
  const iso = date.toISOString()
  let text = ''
  for (const { token, literal } of pieces) text += token === undefined ? literal : printToken(token, date, iso)
  return text
}

function printToken(token: Token, date: Date, iso: string): string {
  if (token === 'MMM') return MONTHS[date.getUTCMonth()] as string
  if (token === 'ddd') return DAYS[date.getUTCDay()] as string
  const [from, to] = SLICES[token]
  return iso.slice(from, to)
}

/** Where each number stands in `2026-01-15T12:00:00.000Z`. */
const SLICES = { YYYY: [0, 4], YY: [2, 4], MM: [5, 7], DD: [8, 10], HH: [11, 13], mm: [14, 16], ss: [17, 19], SSS: [20, 23] } as const
