import { datePattern } from './date-pattern.js'

/** How other languages write what a pattern holds, in the order in which they are looked for; a mark of its own each. */
type Letters = readonly (readonly [theirs: string, ours: string])[]

/** Java, .NET, Moment and their like, in any case: what stands behind hours is minutes. */
const WORDS: Letters = [
  ["'T'", 'T'],
  ["'Z'", 'Z'],
  ['yyyy', 'YYYY'],
  ['EEE', 'ddd'],
  ['yy', 'YY'],
  ['dd', 'DD'],
  ['HHMMSS', 'HHmmss'],
  ['HH:MM:SS', 'HH:mm:ss'],
  ['fff', 'SSS'],
]
/** strftime: C, Python, Ruby. */
const PERCENTS: Letters = [
  ['%Y', 'YYYY'],
  ['%y', 'YY'],
  ['%m', 'MM'],
  ['%b', 'MMM'],
  ['%d', 'DD'],
  ['%H', 'HH'],
  ['%M', 'mm'],
  ['%S', 'ss'],
  ['%a', 'ddd'],
  ['%F', 'YYYY-MM-DD'],
  ['%T', 'HH:mm:ss'],
]
/** PHP's date(). */
const SINGLE: Letters = [
  ['Y', 'YYYY'],
  ['y', 'YY'],
  ['m', 'MM'],
  ['M', 'MMM'],
  ['d', 'DD'],
  ['D', 'ddd'],
  ['H', 'HH'],
  ['i', 'mm'],
  ['s', 'ss'],
  ['\\T', 'T'],
  ['\\Z', 'Z'],
]
/** The day of Go's layouts. */
const LAYOUT: Letters = [
  ['2006', 'YYYY'],
  ['Mon', 'ddd'],
  ['Jan', 'MMM'],
  ['01', 'MM'],
  ['02', 'DD'],
  ['15', 'HH'],
  ['04', 'mm'],
  ['05', 'ss'],
  ['06', 'YY'],
  ['000', 'SSS'],
]

/** The pattern that a format of another language stands for, such as `yyyy-MM-dd` or `%Y-%m-%d`; undefined for none. */
export function patternMeant(format: string): string | undefined {
  for (const letters of [WORDS, PERCENTS, SINGLE, LAYOUT]) {
    const pattern = rewritten(format, letters)
    if (pattern !== format && typeof datePattern(pattern) !== 'string') return pattern
  }
  return undefined
}

function rewritten(format: string, letters: Letters): string {
  let pattern = ''
  for (let at = 0; at < format.length; ) {
    const [theirs, ours] = letters.find(([one]) => format.startsWith(one, at)) ?? [format[at] as string, format[at] as string]
    pattern += ours
    at += theirs.length
  }
  return pattern
}
