import { endOfSaid, isSpelling, type Spelling, spelledOut } from './spelling.js'

const MOST_RECENT = 32

/** What was made of the last few options. */
export class Recent<T> {
  readonly #made: { readonly said: Spelling; readonly value: T }[] = []

  find(options: readonly unknown[]): T | undefined {
    for (const { said, value } of this.#made) if (isSpelling(said, options)) return value
    return undefined
  }

  keep(said: Spelling, value: T): void {
    if (this.#made.length === MOST_RECENT) this.#made.shift()
    this.#made.push({ said, value })
  }
}

/** What was made of the last options, as a caller gives them anew with each call. A clock among them is none of it. */
export class LastOptions<T> {
  readonly value: T
  readonly #names: readonly string[]
  readonly #said: Spelling

  private constructor(names: readonly string[], said: Spelling, value: T) {
    this.#names = names
    this.#said = said
    this.value = value
  }

  /** Undefined where an option could say something else later. */
  static of<T>(options: object, value: T): LastOptions<T> | undefined {
    const names = Object.keys(options)
    const said = spelledOut(names.flatMap((name) => (name === 'now' ? [] : [(options as Readonly<Record<string, unknown>>)[name]])))
    return said === undefined ? undefined : new LastOptions(names, said, value)
  }

  /** Whether options say the same. */
  isOf(options: unknown): boolean {
    if (typeof options !== 'object' || options === null) return false
    const names = Object.keys(options)
    if (names.length !== this.#names.length) return false
    let at = 0
    for (let i = 0; i < names.length && at >= 0; i += 1) {
      const name = names[i] as string
      if (name !== this.#names[i]) return false
      if (name !== 'now') at = endOfSaid(this.#said, at, (options as Readonly<Record<string, unknown>>)[name])
    }
    return at === this.#said.length
  }
}
