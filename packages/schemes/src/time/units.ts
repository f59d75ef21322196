import type { NamedUnit, TimeUnit } from '../definition/definition.js'
import { BASE62_SECONDS, BASE64URL_SECONDS } from './compact-seconds.js'
import { datePattern } from './date-pattern.js'
import type { Unit } from './unit.js'
import { number, utcOf } from './utc.js'

/** From 0001-01-01 to 1970-01-01, milliseconds. */
const TICKS_BEFORE_EPOCH = 62_135_596_800_000

/** How each named unit is read, strictly, and printed. */
export const UNITS: Readonly<Record<NamedUnit, Unit>> = {
  seconds: whole(1000, 10),
  milliseconds: whole(1, 13),
  microseconds: whole(0.001, 16),
  nanoseconds: whole(0.000001, 19),
  // System.DateTime.Ticks of .NET: tenths of a microsecond since the year 1
  ticks: {
    read: (text) => (isCount(text) ? Number(text.slice(0, -4)) - TICKS_BEFORE_EPOCH : undefined),
    print: (ms) => `${Math.floor(ms) + TICKS_BEFORE_EPOCH}0000`,
    alphabet: 'digits',
    width: undefined,
    usual: 18,
  },
  // Signed addresses of content delivery networks.
  'hex-seconds': hexadecimal(/^[1-9a-f][0-9a-f]{0,9}$/, (text) => text),
  'hex-seconds-upper': hexadecimal(/^[1-9A-F][0-9A-F]{0,9}$/, (text) => text.toUpperCase()),
  'base62-seconds': BASE62_SECONDS,
  'base64url-seconds': BASE64URL_SECONDS,
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

function hexadecimal(form: RegExp, spelt: (text: string) => string): Unit {
  return {
    read: (text) => (form.test(text) ? Number.parseInt(text, 16) * 1000 : undefined),
    print: (ms) => spelt(Math.floor(ms / 1000).toString(16)),
    alphabet: 'hex',
    width: undefined,
    usual: 8,
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

/** RFC 3339 section 5.6: a date-time with seconds, a fraction of up to nine digits, and `Z` or an offset. */
function readRfc3339(text: string): number | undefined {
  const separator = text.charCodeAt(10) | 0x20
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || separator !== SMALL_T) return undefined
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined
  const ms = utcOf(
    number(text, 0, 4),
    number(text, 5, 7),
    number(text, 8, 10),
    number(text, 11, 13),
    number(text, 14, 16),
    number(text, 17, 19),
  )
  let at = 19
  let fraction = 0
  if (text.charCodeAt(at) === DOT) {
    at = afterDigits(text, 20)
    if (at === 20 || at > 29) return undefined
    fraction = number(text, 20, Math.min(at, 23)) * (at === 21 ? 100 : at === 22 ? 10 : 1)
  }
  const offset = offsetOf(text, at)
  return ms === undefined || offset === undefined ? undefined : ms + fraction - offset
}

const DASH = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const COLON = 0x3a
const SMALL_T = 0x74
const SMALL_Z = 0x7a

/** The zone at the end of a text, milliseconds; undefined when something else stands there. */
function offsetOf(text: string, at: number): number | undefined {
  const c = text.charCodeAt(at)
  if ((c | 0x20) === SMALL_Z && text.length === at + 1) return 0
  if ((c !== PLUS && c !== DASH) || text.length !== at + 6 || text.charCodeAt(at + 3) !== COLON) return undefined
  const hours = number(text, at + 1, at + 3)
  const minutes = number(text, at + 4, at + 6)
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined
  return (hours * 60 + minutes) * (c === PLUS ? 60_000 : -60_000)
}

function afterDigits(text: string, start: number): number {
  let at = start
  for (let c = text.charCodeAt(at); c >= 0x30 && c <= 0x39; c = text.charCodeAt(at)) at += 1
  return at
}
