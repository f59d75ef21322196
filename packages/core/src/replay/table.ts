const LEAST_CAPACITY = 16
const FREE = 0
const REMOVED = -1

/**
 * Claims of one span of time and one shard, outside the heap of the engine: 32 octets for each place, and nothing for the garbage
 * collector to look at. As strings in a Map, a million claims stop the process for 25 ms at a time while they are copied.
 *
 * A hash table with linear probing; a key is four words of a digest.
 */
export class ReplayTable {
  #live = 0
  /** Places that are not free: live and removed ones. */
  #taken = 0
  #capacity = 0
  #ends = new Float64Array(0)
  #numbers = new Float64Array(0)
  #keys = new Int32Array(0)

  constructor() {
    this.#allocate(LEAST_CAPACITY)
  }

  get live(): number {
    return this.#live
  }

  get capacity(): number {
    return this.#capacity
  }

  /** The place of a key, -1 when it is not there. */
  find(key: Int32Array): number {
    const mask = this.#capacity - 1
    for (let at = (key[0] as number) & mask; this.#numbers[at] !== FREE; at = (at + 1) & mask) {
      if (this.#numbers[at] !== REMOVED && this.#isAt(at, key)) return at
    }
    return -1
  }

  /** When the claim at a place ends, milliseconds. */
  end(at: number): number {
    return this.#ends[at] as number
  }

  /** The number of the claim at a place. */
  number(at: number): number {
    return this.#numbers[at] as number
  }

  /** Adds a key that is not there. */
  add(key: Int32Array, end: number, number: number): void {
    if ((this.#taken + 1) * 3 > this.#capacity * 2) this.#grow()
    this.#place(key, 0, end, number)
    this.#live += 1
  }

  remove(at: number): void {
    this.#numbers[at] = REMOVED
    this.#live -= 1
  }

  /** Removes the claims that have ended. Returns the latest end among them. */
  sweep(now: number): number {
    let latest = Number.NEGATIVE_INFINITY
    for (let at = 0; at < this.#capacity; at += 1) {
      if ((this.#numbers[at] as number) <= FREE || this.end(at) > now) continue
      latest = Math.max(latest, this.end(at))
      this.remove(at)
    }
    return latest
  }

  #isAt(at: number, key: Int32Array): boolean {
    const keys = this.#keys
    const word = at * 4
    return keys[word] === key[0] && keys[word + 1] === key[1] && keys[word + 2] === key[2] && keys[word + 3] === key[3]
  }

  #place(key: Int32Array, offset: number, end: number, number: number): void {
    const mask = this.#capacity - 1
    let at = (key[offset] as number) & mask
    while (this.#numbers[at] !== FREE) at = (at + 1) & mask
    for (let word = 0; word < 4; word += 1) this.#keys[at * 4 + word] = key[offset + word] as number
    this.#ends[at] = end
    this.#numbers[at] = number
    this.#taken += 1
  }

  #grow(): void {
    const { length } = this.#numbers
    const keys = this.#keys
    const ends = this.#ends
    const numbers = this.#numbers
    this.#allocate(this.#live * 2 >= length ? length * 2 : length)
    for (let at = 0; at < length; at += 1) {
      if ((numbers[at] as number) > FREE) this.#place(keys, at * 4, ends[at] as number, numbers[at] as number)
    }
  }

  #allocate(capacity: number): void {
    const octets = new ArrayBuffer(capacity * 32)
    this.#capacity = capacity
    this.#ends = new Float64Array(octets, 0, capacity)
    this.#numbers = new Float64Array(octets, capacity * 8, capacity)
    this.#keys = new Int32Array(octets, capacity * 16, capacity * 4)
    this.#taken = 0
  }
}
