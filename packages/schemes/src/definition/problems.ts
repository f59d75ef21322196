/** Collects what is wrong with a scheme, so that its author reads all of it at once. */
export class Problems {
  readonly scheme: string
  readonly #factory: string | undefined
  readonly #found: { readonly path: string; readonly text: string }[] = []
  /** The places of which nothing more is told. */
  #told: ReadonlySet<string> = new Set()

  /** @param factory - whose options the set-up is; undefined where there is none, or nobody knows */
  constructor(scheme: string, factory?: string) {
    this.scheme = scheme
    this.#factory = factory
  }

  /**
   * @param path - where in the definition, such as `signature.format`
   * @param problem - what is wrong and what to write instead
   */
  add(path: string, problem: string): void {
    if (!this.#told.has(path)) this.#found.push({ path, text: `scheme '${this.scheme}': ${path}: ${problem}` })
  }

  /** The same for what an option of the set-up is wrong with, such as `params.header`. */
  addOption(option: string, problem: string): void {
    if (this.#factory === undefined) return this.add(option, problem)
    const text = `${this.#factory}: option "${option}" ${problem} (scheme '${this.scheme}')`
    if (!this.#told.has(option)) this.#found.push({ path: option, text })
  }

  get any(): boolean {
    return this.#found.length > 0
  }

  /**
   * Runs work that finds more. Where something was found already it may break, and what it finds at the same places is no news: so
   * its author reads as much as can be told.
   */
  attempt<T>(work: () => T): T | undefined {
    if (!this.any) return work()
    this.#told = new Set(this.#found.map(({ path }) => path))
    try {
      return work()
    } catch {
      return undefined
    } finally {
      this.#told = new Set()
    }
  }

  /** @throws TypeError `ERR_INVALID_ARG_VALUE` that lists every problem, a line each */
  throwIfAny(): void {
    if (this.#found.length === 0) return
    throw Object.assign(new TypeError(this.#found.map(({ text }) => text).join('\n')), { code: 'ERR_INVALID_ARG_VALUE' })
  }
}
