import type { TimeUnit } from '../definition/definition.js'
import { SchemeRefusal } from '../refusal.js'
import { unitOf } from '../time/units.js'

/** @throws SchemeRefusal where a deadline has passed, or is none */
export function checkDeadline(given: string, unit: TimeUnit, name: string, now: number): void {
  const deadline = unitOf(unit).read(given)
  if (deadline === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${name}} is no time in ${unit}`)
  // Milliseconds that are taken for seconds would never be over.
  if (deadline > END_OF_TIMES)
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${name}} is behind the year 9999, so that it is not in ${unit}`)
  refuseLate(now, now - deadline)
}

/** The end of the year 9999. */
const END_OF_TIMES = 253_402_300_799_999

/**
 * @param signedAt - milliseconds; the compiler has asked for a timestamp, and the verifier for its value
 * @throws SchemeRefusal where the life of a signature is over, or is none
 */
export function checkLife(given: string, name: string, signedAt: number | undefined, now: number): void {
  if (!isLife(given) || signedAt === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `{${name}} is no life in seconds`)
  refuseLate(now, now - signedAt - Number(given) * 1000)
}

/** A clock that answers no number finds everything too late: nothing is later than that. */
function refuseLate(now: number, late: number): void {
  if (!Number.isFinite(now)) throw new SchemeRefusal('ERR_HMAC_STALE', 'the signature expires, and the clock did not return a number')
  if (late > 0) throw new SchemeRefusal('ERR_HMAC_STALE', `the signature expired ${Math.ceil(late / 1000)} s ago`)
}

/** Whether a text is a life in seconds. */
export function isLife(text: string): boolean {
  return /^[1-9][0-9]{0,8}$/.test(text)
}
