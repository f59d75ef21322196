/** Collects what is wrong with a scheme, so that its author reads all of it at once. */
export class Problems {
  readonly scheme: string
  readonly #found: string[] = []

  constructor(scheme: string) {
    this.scheme = scheme
  }

  /**
   * @param path - where in the definition, such as `signature.format`
   * @param problem - what is wrong and what to write instead
   */
  add(path: string, problem: string): void {
    this.#found.push(`scheme '${this.scheme}': ${path}: ${problem}`)
  }

  get any(): boolean {
    return this.#found.length > 0
  }

  /** @throws TypeError `ERR_INVALID_ARG_VALUE` that lists every problem, a line each */
  throwIfAny(): void {
    if (this.#found.length === 0) return
    throw Object.assign(new TypeError(this.#found.join('\n')), { code: 'ERR_INVALID_ARG_VALUE' })
  }
}
