/** Where in an input something stands, such as `clients[3].credentials[0]`. The text is only made when there is a mistake to tell. */
export class Place {
  readonly #path: string
  readonly #index: number
  #credential = -1

  /** @param index - where `path` is a list, which of its elements; else -1 */
  constructor(path: string, index = -1) {
    this.#path = path
    this.#index = index
  }

  /** Moves on to a credential of the client. */
  atCredential(index: number): this {
    this.#credential = index
    return this
  }

  /** The place of a field. */
  field(name: string): string {
    return `${this}.${name}`
  }

  toString(): string {
    const client = this.#index === -1 ? this.#path : `${this.#path}[${this.#index}]`
    return this.#credential === -1 ? client : `${client}.credentials[${this.#credential}]`
  }
}
