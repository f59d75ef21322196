/** How many values are remembered; the oldest go first. */
const MOST = 1_000

/**
 * Remembers what header values mean, so that the value of a client that calls again is not decoded again. Bounded, since whoever
 * connects chooses the values. What has no meaning is not remembered.
 */
export class Remembered<V extends object> {
  readonly #decode: (value: string) => V | undefined
  readonly #known = new Map<string, V>()

  /** @param decode - what a value means; it must depend on nothing but the value */
  constructor(decode: (value: string) => V | undefined) {
    this.#decode = decode
  }

  of(value: string): V | undefined {
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const decoded = this.#decode(value)
    if (decoded === undefined) return undefined
    if (this.#known.size >= MOST) this.#known.delete(this.#known.keys().next().value as string)
    this.#known.set(value, decoded)
    return decoded
  }
}
