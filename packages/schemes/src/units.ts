import { datePattern } from './date-pattern.js'
import type { NamedUnit, TimeUnit } from './definition.js'
import type { Alphabet } from './pipe-kit.js'

/** How a time is written. */
export interface Unit {
  /** Milliseconds since the epoch; undefined when the text is not exactly of the unit's form. */
  readonly read: (text: string) => number | undefined
  readonly print: (ms: number) => string
  readonly alphabet: Alphabet
  /** The length of every text of it; undefined where they differ. */
  readonly width: number | undefined
  /** The length that is only usual: where a message relies on it, others are refused. */
  readonly usual?: number
  /** Whether no text of the unit is the beginning or the end of another. */
  readonly delimited?: boolean
}

/** How each named unit is read, strictly, and printed. */
export const UNITS: Readonly<Record<NamedUnit, Unit>> = {
  seconds: whole(1000, 10),
  milliseconds: whole(1, 13),
  microseconds: whole(0.001, 16),
  nanoseconds: whole(0.000001, 19),
  'float-seconds': {
    read: (text) => (/^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,9})?$/.test(text) ? Number(text) * 1000 : undefined),
    print: (ms) => String(ms / 1000),
    alphabet: 'token',
    width: undefined,
  },
  // RFC 9110 section 5.6.7, IMF-fixdate
  'http-date': named('ddd, DD MMM YYYY HH:mm:ss [GMT]'),
  // The date is in front of the only T and the zone ends it: neither a beginning nor an end of one text is another.
  rfc3339: { read: readRfc3339, print: (ms) => `${iso(ms).slice(0, 19)}Z`, alphabet: 'line', width: undefined, delimited: true },
  'rfc3339-ms': { read: readRfc3339, print: iso, alphabet: 'line', width: undefined, delimited: true },
  'iso-basic': named('YYYYMMDDTHHmmssZ'),
  compact: named('YYYYMMDDHHmmss'),
}

const patterns = new Map<string, Unit>()

/**
 * A unit by its name or pattern. The definition it comes from was checked.
 *
 * @throws TypeError when it is neither
 */
export function unitOf(unit: TimeUnit): Unit {
  if (Object.hasOwn(UNITS, unit)) return UNITS[unit as NamedUnit]
  const known = patterns.get(unit)
  if (known !== undefined) return known
  const made = named(unit)
  patterns.set(unit, made)
  return made
}

function named(pattern: string): Unit {
  const made = datePattern(pattern)
  if (typeof made === 'string') throw new TypeError(`unit ${JSON.stringify(pattern)} ${made}`)
  return made
}

/** A count of some unit since the epoch: digits alone, no sign, no leading zero. `scale` is milliseconds per unit. */
function whole(scale: number, width: number): Unit {
  return {
    read: (text) => (isCount(text) ? Number(text) * scale : undefined),
    // A clock gives whole milliseconds: finer units get zeros, which Number would round.
    print: (ms) => (scale >= 1 ? String(Math.floor(ms / scale)) : String(Math.floor(ms)) + '0'.repeat(width - 13)),
    alphabet: 'digits',
    width: undefined,
    usual: width,
  }
}

function isCount(text: string): boolean {
  if (text.length === 0 || text.length > 19 || (text.charCodeAt(0) === 0x30 && text.length > 1)) return false
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i)
    if (c < 0x30 || c > 0x39) return false
  }
  return true
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function readRfc3339(text: string): number | undefined {
  const match =
    /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/.exec(text)
  if (match === null) return undefined
  const ms = utc(match[1], Number(match[2]) - 1, match[3], match[4], match[5], match[6])
  if (ms === undefined) return undefined
  const fraction = match[7] === undefined ? 0 : Math.floor(Number(match[7]) * 1000)
  if (match[8] === undefined) return ms + fraction
  const hours = Number(match[9])
  const minutes = Number(match[10])
  if (hours > 23 || minutes > 59) return undefined
  const offset = (hours * 60 + minutes) * 60_000
  return ms + fraction + (match[8] === '+' ? -offset : offset)
}

/** A point in time of UTC; undefined where the calendar has none, such as February 30. A leap second counts as the next second. */
function utc(year?: string, month = 0, day?: string, hour?: string, minute?: string, second?: string): number | undefined {
  const d = Number(day)
  const h = Number(hour)
  const m = Number(minute)
  const s = Number(second)
  if (month < 0 || month > 11 || d < 1 || h > 23 || m > 59 || s > 60) return undefined
  const ms = Date.UTC(Number(year), month, d, h, m, s)
  return new Date(Date.UTC(Number(year), month, d)).getUTCDate() === d ? ms : undefined
}
