import { asn1Time } from '@countersign/core/certificates'

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const OPENSSL = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) GMT$/
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * Reads the date of a certificate as proxies write it: `360101000000Z` (HAProxy), `2036-01-01T00:00:00Z` (AWS), `Jan  1 00:00:00 2036 GMT`
 * (nginx, openssl).
 *
 * @returns milliseconds since the epoch; undefined when it is none of these, or no date
 */
export function certificateTime(text: string): number | undefined {
  return asn1Time(text) ?? isoTime(text) ?? opensslTime(text)
}

function isoTime(text: string): number | undefined {
  const time = ISO.test(text) ? Date.parse(text) : Number.NaN
  // Date.parse takes 30 February for 1 March.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== text.slice(0, 19) ? undefined : time
}

function opensslTime(text: string): number | undefined {
  const match = OPENSSL.exec(text)
  if (match === null) return undefined
  const [, name, day, hour, minute, second, year] = match as unknown as string[]
  // A name that is no month becomes month 00, which is no date.
  const month = MONTHS.indexOf(name as string) + 1
  return asn1Time(`${year}${String(month).padStart(2, '0')}${(day as string).padStart(2, '0')}${hour}${minute}${second}Z`)
}
