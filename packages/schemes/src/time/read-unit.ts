import type { TimeUnit } from '../definition/definition.js'
import { datePattern } from './date-pattern.js'
import { UNITS } from './units.js'

const DAY = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), /
const MONTH = / (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) /
/** Date, what stands before the hours, time of the day, fraction, zone. */
const NUMBERS = /^(\d{4})([-/.]?)\d\d\2\d\d([T _-]?)\d\d(:?)\d\d\4\d\d([.,]\d{3})?( ?(?:Z|UTC|GMT)| ?([+-])(\d\d):?(\d\d))?$/
/** What is further from now is no time in a unit: milliseconds. */
export const TEN_YEARS_MS = 10 * 365 * 86_400_000

/**
 * The unit in which a time is written, by its text: a named one, or a pattern of a date.
 *
 * @param now - milliseconds since the epoch; what is more than ten years from it is no time in a unit
 * @returns undefined where it is written in none that is known
 */
export function unitLike(text: string, now: number): TimeUnit | undefined {
  const near = (ms: number | undefined) => ms !== undefined && Math.abs(ms - now) <= TEN_YEARS_MS
  const named = Object.entries(UNITS).find(([, { read }]) => near(read(text)))?.[0]
  if (named !== undefined) return named as TimeUnit
  const pattern = patternLike(text)
  const unit = pattern === undefined ? undefined : datePattern(pattern)
  return typeof unit === 'object' && near(unit.read(text)) ? (pattern as TimeUnit) : undefined
}

function patternLike(text: string): string | undefined {
  const mail = /^(.{5}\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d )([+-])(\d\d)(\d\d)$/.exec(text)
  if (mail !== null && DAY.test(text) && MONTH.test(text))
    return `ddd, DD MMM YYYY HH:mm:ss ${mail[2]}${mail[3]}${mail[4]}${zoneOf(mail[2], mail[3], mail[4])}`
  const found = NUMBERS.exec(text)
  if (found === null) return undefined
  const [, , mark = '', between = '', colon = '', fraction = '', zone = '', sign, hours, minutes] = found
  const literal = /[A-Z]/.test(zone) ? `[${zone}]` : zone
  return `YYYY${mark}MM${mark}DD${between}HH${colon}mm${colon}ss${fraction.replace(/\d+/, 'SSS')}${literal}${zoneOf(sign, hours, minutes)}`
}

function zoneOf(sign: string | undefined, hours = '00', minutes = '00'): string {
  return sign === undefined || (hours === '00' && minutes === '00') ? '' : `@${sign}${hours}:${minutes}`
}
