import { usageError } from './exit-codes.js'

/** The options of one invocation, by their long name without dashes. */
export class Flags {
  readonly #values: ReadonlyMap<string, unknown>

  constructor(values: Iterable<readonly [string, unknown]>) {
    this.#values = new Map(values)
  }

  /** Whether a switch was set. */
  has(name: string): boolean {
    return this.#values.get(name) !== undefined
  }

  /** The text of an option; undefined when it was left out. */
  text(name: string): string | undefined {
    const value = this.#values.get(name)
    if (value === undefined) return undefined
    if (typeof value !== 'string') throw usageError(`--${name} needs a value`)
    if (value.trim() === '') throw usageError(`--${name} must not be blank; check that the variable it comes from is set`)
    return value
  }

  /** The text of an option that may be blank. */
  anyText(name: string): string | undefined {
    const value = this.#values.get(name)
    return typeof value === 'string' ? value : undefined
  }

  /** The texts of an option that may be given several times. */
  texts(name: string): readonly string[] {
    const value = this.#values.get(name)
    return Array.isArray(value) ? (value as string[]) : []
  }

  /** A whole number in decimal digits, from `least` to `most`. */
  integer(name: string, unit: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most)) {
      const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`
      throw usageError(`--${name} must be a whole number of ${unit}, ${range}`)
    }
    return value
  }

  /** `NAME=VALUE` pairs of a repeated option. */
  pairs(name: string): Readonly<Record<string, string>> | undefined {
    const texts = this.texts(name)
    if (texts.length === 0) return undefined
    const pairs: Record<string, string> = Object.create(null)
    for (const text of texts) {
      const mark = text.indexOf('=')
      if (mark < 1) throw usageError(`--${name} must be written NAME=VALUE`)
      if (Object.hasOwn(pairs, text.slice(0, mark))) throw usageError(`--${name} names ${text.slice(0, mark)} twice`)
      pairs[text.slice(0, mark)] = text.slice(mark + 1)
    }
    return pairs
  }
}
