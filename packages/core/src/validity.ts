import { types } from 'node:util'
import { invalidType, invalidValue } from './options.js'

/** When something counts: from `from` on, until just before `until`; milliseconds since the epoch, without a limit infinite. */
export interface ValidityWindow {
  readonly from: number
  readonly until: number
}

/**
 * Reads the window of a secret, key or pin: it is active while notBefore <= now < notAfter.
 *
 * @param option - where the two stand, such as `secret[1]`, for messages
 * @throws TypeError when one is neither a Date nor an RFC 3339 string, is no date, or when notBefore is not before notAfter
 */
export function validityWindow(factory: string, option: string, notBefore: unknown, notAfter: unknown): ValidityWindow {
  const from = notBefore === undefined ? Number.NEGATIVE_INFINITY : instant(factory, `${option}.notBefore`, notBefore)
  const until = notAfter === undefined ? Number.POSITIVE_INFINITY : instant(factory, `${option}.notAfter`, notAfter)
  if (from >= until) throw invalidValue(factory, `${option}.notAfter`, 'must be later than notBefore; otherwise it is never active')
  return { from, until }
}

/** Whether a window is open at `now`. A `now` that is no number, or none of a date, finds every window closed. */
export function isOpen(window: ValidityWindow, now: number): boolean {
  // Of null and of an empty list comparisons would make 1970, when what has expired was not yet.
  return Number.isFinite(now) && window.from <= now && now < window.until
}

// RFC 3339 section 5.6, date-time. A leap second is not taken: Date has none.
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d{1,9})?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/i

/**
 * A Date, or the text of an RFC 3339 date-time such as `2026-03-01T00:00:00Z`, as milliseconds since the epoch. What is finer than
 * a millisecond is cut. A date without a time, or without an offset, is refused: it would mean another instant on each machine.
 *
 * @throws TypeError naming factory and option
 */
export function instant(factory: string, option: string, value: unknown): number {
  const time = types.isDate(value) ? value.getTime() : typeof value === 'string' ? rfc3339(value) : undefined
  if (time === undefined) throw invalidType(factory, option, "a Date or RFC 3339 text such as '2026-03-01T00:00:00Z'", value)
  if (Number.isNaN(time)) throw invalidValue(factory, option, "must be a real date; as text, RFC 3339 such as '2026-03-01T00:00:00Z'")
  return time
}

function rfc3339(text: string): number {
  const match = text.length > 40 ? null : DATE_TIME.exec(text)
  if (match === null) return Number.NaN
  const field = (group: number) => Number(match[group] ?? 0)
  const date = new Date(0)
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(field(1), field(2) - 1, field(3))
  // A 30 February has rolled over into March by now.
  if (date.getUTCMonth() !== field(2) - 1 || date.getUTCDate() !== field(3)) return Number.NaN
  date.setUTCHours(field(4), field(5), field(6), Number((match[7] ?? '').slice(1, 4).padEnd(3, '0')))
  const offsetMs = (field(9) * 60 + field(10)) * 60_000
  return date.getTime() + (match[8] === '-' ? offsetMs : -offsetMs)
}
