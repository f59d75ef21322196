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
  if (day > 28 && day > lastDay(year, month)) return undefined
  return (((daysBefore(year, month) + day - 1) * 24 + hour) * 60 + minute) * 60_000 + second * 1000
}

function lastDay(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days from January 1 1970 up to the first of a month. Counted in years from March, so that a leap day is the last of its year. */
function daysBefore(year: number, month: number): number {
  const years = month > 2 ? year : year - 1
  const months = month > 2 ? month - 3 : month + 9
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return years * 365 + leapDays + Math.floor((153 * months + 2) / 5) - DAYS_TO_EPOCH
}

/** From March 1 of the year 0 up to January 1 1970. */
const DAYS_TO_EPOCH = 719_468
