import type { TimeUnit } from '../definition/definition.js'
import { SchemeRefusal } from '../refusal.js'
import { text } from '../text/shape.js'
import { datePattern } from '../time/date-pattern.js'
import type { Unit } from '../time/unit.js'
import { UNITS, unitOf } from '../time/units.js'
import type { Make } from './pipe-kit.js'

/** A time written in another unit: `{timestamp|time:YYYY-MM-DD}`. */
export const timePipe: Make = (input, argument) => {
  if (input.unit === undefined) return 'takes a time as it was carried: {timestamp}, or a field with "unit"'
  const to = argument === undefined ? undefined : unitNamed(argument)
  if (to === undefined) return 'needs a unit or a pattern of UTC, such as time:YYYY-MM-DD'
  const from = unitOf(input.unit)
  const { ahead = 0 } = to
  // What has the same text a second later says of the time only a part.
  const cut = to.print(SOME_TIME) === to.print(SOME_TIME + 1000)
  return {
    shape: { ...text(to.alphabet, to.width, true), cut },
    run: (value) => {
      const ms = from.read(value as string)
      if (ms === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `a time is none in ${input.unit}`)
      if (ms + ahead > LAST_TIME) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a time is later than the year 9999')
      return to.print(ms)
    },
  }
}

const SOME_TIME = 1_000_000_000_000
/** A year of more digits has no place in a date; a deadline can be any number. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

function unitNamed(name: string): Unit | undefined {
  if (Object.hasOwn(UNITS, name)) return unitOf(name as TimeUnit)
  const pattern = datePattern(name)
  return typeof pattern === 'string' ? undefined : pattern
}
