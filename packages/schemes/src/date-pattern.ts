import type { Unit } from './units.js'
import { number, utcOf } from './utc.js'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What a pattern may hold beside literals; each has a width of its own. */
const TOKENS = ['YYYY', 'MMM', 'ddd', 'SSS', 'MM', 'DD', 'HH', 'mm', 'ss'] as const

type Token = (typeof TOKENS)[number]
type Found = Record<Token, number>
type Piece = { readonly token: Token } | { readonly literal: string }

/** Letters that look like a token which was mistyped, so that they stand for themselves only inside brackets. */
const RESERVED = /[YMDHhmsSdaA]/

/**
 * A unit written as a pattern of UTC, such as `YYYY-MM-DDTHH:mm:ss` or `ddd, DD MMM YYYY HH:mm:ss [GMT]`. Each text of it has the
 * same length. What the pattern leaves out is zero.
 *
 * @returns the unit, or a text that says what is wrong with the pattern
 */
export function datePattern(pattern: string): Unit | string {
  const pieces = parsePattern(pattern)
  if (typeof pieces === 'string') return pieces
  const tokens = pieces.flatMap((piece) => ('token' in piece ? [piece.token] : []))
  const has = (token: Token) => tokens.includes(token)
  if (new Set(tokens).size !== tokens.length) return 'names the same thing twice'
  if (!has('YYYY') || !has('DD') || has('MM') === has('MMM')) return 'needs YYYY, one of MM and MMM, and DD'
  const width = pieces.reduce((sum, piece) => sum + ('token' in piece ? piece.token.length : piece.literal.length), 0)
  const digits = pieces.every((piece) =>
    'token' in piece ? piece.token !== 'MMM' && piece.token !== 'ddd' : /^[0-9]*$/.test(piece.literal),
  )
  return {
    read: (text) => (text.length === width ? readPieces(pieces, text) : undefined),
    print: (ms) => pieces.map((piece) => ('token' in piece ? printToken(piece.token, new Date(ms)) : piece.literal)).join(''),
    alphabet: digits ? 'digits' : 'line',
    width,
  }
}

function parsePattern(pattern: string): readonly Piece[] | string {
  const pieces: Piece[] = []
  for (let at = 0; at < pattern.length; ) {
    const token = TOKENS.find((one) => pattern.startsWith(one, at))
    if (token !== undefined) {
      pieces.push({ token })
      at += token.length
      continue
    }
    const close = pattern[at] === '[' ? pattern.indexOf(']', at) : -1
    const literal = close < 0 ? (pattern[at] as string) : pattern.slice(at + 1, close)
    if (close < 0 && (literal === '[' || RESERVED.test(literal))) {
      return `holds "${literal}", which is none of ${TOKENS.join(', ')}; put text that stands for itself in brackets, such as [GMT]`
    }
    if (!/^[\x20-\x7e]*$/.test(literal)) return 'holds others than printable ASCII'
    pieces.push({ literal })
    at += close < 0 ? 1 : literal.length + 2
  }
  return pieces
}

function readPieces(pieces: readonly Piece[], text: string): number | undefined {
  // What the pattern leaves out: the first of a month, midnight; of the others nothing is read without them.
  const found: Found = { YYYY: 0, MMM: -1, ddd: -1, SSS: 0, MM: 1, DD: 1, HH: 0, mm: 0, ss: 0 }
  let at = 0
  for (const piece of pieces) {
    if ('literal' in piece) {
      if (!text.startsWith(piece.literal, at)) return undefined
      at += piece.literal.length
      continue
    }
    const end = at + piece.token.length
    const value = readToken(piece.token, text, at, end)
    if (value < 0) return undefined
    found[piece.token] = value
    at = end
  }
  return timeOf(found)
}

function readToken(token: Token, text: string, from: number, to: number): number {
  if (token === 'MMM') return nameAt(MONTHS, text, from)
  if (token === 'ddd') return nameAt(DAYS, text, from)
  return number(text, from, to)
}

function nameAt(names: readonly string[], text: string, from: number): number {
  for (let i = 0; i < names.length; i += 1) if (text.startsWith(names[i] as string, from)) return i
  return -1
}

/** A point in time of UTC; undefined where the calendar or the weekday says otherwise. */
function timeOf({ YYYY, MM, MMM, DD, HH, mm, ss, SSS, ddd }: Found): number | undefined {
  const ms = utcOf(YYYY, MMM < 0 ? MM : MMM + 1, DD, HH, mm, ss)
  if (ms === undefined) return undefined
  // January 1 1970 was a Thursday.
  const weekday = (((Math.floor((ms - (HH * 3600 + mm * 60 + ss) * 1000) / 86_400_000) + 4) % 7) + 7) % 7
  return ddd >= 0 && weekday !== ddd ? undefined : ms + SSS
}

function printToken(token: Token, date: Date): string {
  const iso = date.toISOString()
  if (token === 'MMM') return MONTHS[date.getUTCMonth()] as string
  if (token === 'ddd') return DAYS[date.getUTCDay()] as string
  const [from, to] = SLICES[token]
  return iso.slice(from, to)
}

/** Where each number stands in `2026-01-15T12:00:00.000Z`. */
const SLICES = { YYYY: [0, 4], MM: [5, 7], DD: [8, 10], HH: [11, 13], mm: [14, 16], ss: [17, 19], SSS: [20, 23] } as const
