/** What the homes of a scheme captured, by name: a handful, for which a look through them is faster than a Map. */
export class Captures {
  readonly #names: string[] = []
  readonly #values: string[] = []

  constructor(others?: Captures) {
    if (others !== undefined) this.addAll(others)
  }

  get size(): number {
    return this.#names.length
  }

  nameAt(index: number): string {
    return this.#names[index] as string
  }

  valueAt(index: number): string {
    return this.#values[index] as string
  }

  has(name: string): boolean {
    return this.#names.includes(name)
  }

  get(name: string): string | undefined {
    const index = this.#names.indexOf(name)
    return index < 0 ? undefined : this.#values[index]
  }

  set(name: string, value: string): this {
    const known = this.#names.indexOf(name)
    const index = known < 0 ? this.#names.length : known
    this.#names[index] = name
    this.#values[index] = value
    return this
  }

  /** Adds what another has captured and this has not. */
  addAll(others: Captures): void {
    for (let i = 0; i < others.size; i += 1) {
      const name = others.nameAt(i)
      if (!this.#names.includes(name)) this.set(name, others.valueAt(i))
    }
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    for (let i = 0; i < this.size; i += 1) yield [this.nameAt(i), this.valueAt(i)]
  }
}
