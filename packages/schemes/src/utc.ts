/** The number that digits of a text write, from one place up to another; -1 when others stand there. */
export function number(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 0x30
    // Behind the end of the text there is no number to compare with either.
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}

/**
 * A point in time of UTC, milliseconds since the epoch; undefined where the calendar has none, such as February 30, and where a number
 * is negative. The month counts from 1. A leap second counts as the next second.
 */
export function utcOf(year: number, month: number, day: number, hour: number, minute: number, second: number): number | undefined {
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > 31) return undefined
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return undefined
  const midnight = Date.UTC(year, month - 1, day)
  if (day > 28 && new Date(midnight).getUTCDate() !== day) return undefined
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000
}
