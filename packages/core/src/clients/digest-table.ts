import { hash } from 'node:crypto'

declare const digestMark: unique symbol

/**
 * The SHA-256 of an API key in the form that look-ups take: 32 characters, one for each octet. It is made for speed (a look-up
 * allocates nothing else) and is not for storing or showing; `digestHex` gives the text.
 */
export type ApiKeyDigest = string & { readonly [digestMark]: true }

/** The digest of an API key that is text; its UTF-8 octets count. */
export function digestApiKey(key: string): ApiKeyDigest {
  // `binary` is latin1: the fastest output, three times as fast as a Buffer.
  return hash('sha256', key, 'binary') as ApiKeyDigest
}

/** The digest of an API key that is octets. */
export function digestOctets(key: Uint8Array): ApiKeyDigest {
  return hash('sha256', key, 'binary') as ApiKeyDigest
}

/** A digest as 64 hex digits in lower case. */
export function digestHex(digest: ApiKeyDigest): string {
  return Buffer.from(digest, 'latin1').toString('hex')
}

const DIGEST_OCTETS = 32
const scratch = Buffer.alloc(DIGEST_OCTETS)

/** Whether a text is a digest as 64 hex digits in lower case. */
export function isDigestHex(text: string): boolean {
  // Writing stops at what is no hex digit. A loop over the characters takes four times as long.
  return text.length === 2 * DIGEST_OCTETS && scratch.write(text, 'hex') === DIGEST_OCTETS && text.toLowerCase() === text
}

/** The digest of 64 hex digits. */
export function digestOfHex(hex: string): ApiKeyDigest {
  scratch.write(hex, 'hex')
  return scratch.toString('latin1') as ApiKeyDigest
}

/** What a table can hold. */
export interface Digested {
  readonly digest: ApiKeyDigest
  /** The same as 64 hex digits in lower case. */
  readonly digestHex: string
}

const FULLEST = 0.75
const GROWTH = 1.5
const LEAST_CAPACITY = 16
const FREE = 0

/**
 * Finds values by SHA-256 digest: open addressing with 31 bits of the digest beside each slot, so that a look-up touches four places
 * in memory however many entries there are, and takes 16 to 24 octets for each. A Map of strings hashes the digest once more, and
 * follows a pointer for each key that it passes.
 *
 * The digests are as good as random and whoever sends a key cannot choose its digest, so no key makes a look-up long. The comparison
 * may end early: what its time could tell is the beginning of a digest, never of a key.
 */
export class DigestTable<V extends Digested> {
  #tags: Int32Array
  #values: (V | undefined)[]
  #size = 0

  /** @param expected - how many entries will come, so that the table need not grow on the way */
  constructor(expected = 0) {
    const capacity = Math.max(LEAST_CAPACITY, Math.ceil(expected / FULLEST) + 1)
    this.#tags = new Int32Array(capacity)
    this.#values = empty(capacity)
  }

  get size(): number {
    return this.#size
  }

  get(digest: ApiKeyDigest): V | undefined {
    const tags = this.#tags
    const sought = tagOf(digest)
    let slot = firstPlace(sought, tags.length)
    for (;;) {
      const tag = tags[slot]
      if (tag === FREE) return undefined
      if (tag === sought) {
        const value = this.#values[slot] as V
        if (value.digest === digest) return value
      }
      slot = slot + 1 === tags.length ? 0 : slot + 1
    }
  }

  /** Finds by 64 hex digits in lower case. */
  getHex(hex: string): V | undefined {
    return this.#values[this.#slotOf(hex)]
  }

  /** Adds a value. @returns the value of the same digest that is there already, and then nothing was added */
  add(value: V): V | undefined {
    if (this.#size + 1 > this.#tags.length * FULLEST) this.#grow()
    const slot = this.#slotOf(value.digestHex)
    const held = this.#values[slot]
    if (held !== undefined) return held
    this.#size += 1
    this.#tags[slot] = tagOfHex(value.digestHex)
    this.#values[slot] = value
    return undefined
  }

  /** @returns whether it was there */
  deleteHex(hex: string): boolean {
    const tags = this.#tags
    let hole = this.#slotOf(hex)
    if (tags[hole] === FREE) return false
    this.#size -= 1
    // What stands behind the hole moves up, unless it would come to stand before its own first place (Knuth, TAOCP 6.4, algorithm R).
    for (let at = this.#next(hole); tags[at] !== FREE; at = this.#next(at)) {
      const first = firstPlace(tags[at] as number, tags.length)
      const isInOrder = hole < at ? hole < first && first <= at : hole < first || first <= at
      if (isInOrder) continue
      tags[hole] = tags[at] as number
      this.#values[hole] = this.#values[at]
      hole = at
    }
    tags[hole] = FREE
    this.#values[hole] = undefined
    return true
  }

  /** The slot of a digest, or the free one where it would go. There is always a free one. */
  #slotOf(hex: string): number {
    const tags = this.#tags
    const sought = tagOfHex(hex)
    let slot = firstPlace(sought, tags.length)
    for (;;) {
      const tag = tags[slot]
      if (tag === FREE || (tag === sought && this.#values[slot]?.digestHex === hex)) return slot
      slot = this.#next(slot)
    }
  }

  #next(slot: number): number {
    return slot + 1 === this.#tags.length ? 0 : slot + 1
  }

  #grow(): void {
    const [tags, values] = [this.#tags, this.#values]
    const capacity = Math.ceil(tags.length * GROWTH)
    this.#tags = new Int32Array(capacity)
    this.#values = empty(capacity)
    for (const [from, tag] of tags.entries()) {
      if (tag === FREE) continue
      let slot = firstPlace(tag, capacity)
      while (this.#tags[slot] !== FREE) slot = this.#next(slot)
      this.#tags[slot] = tag
      this.#values[slot] = values[from]
    }
  }
}

/** 31 bits of the digest; never FREE. */
function tagOf(digest: string): number {
  return digest.charCodeAt(0) | (digest.charCodeAt(1) << 8) | (digest.charCodeAt(2) << 16) | (digest.charCodeAt(3) << 24) | 1
}

function tagOfHex(hex: string): number {
  return octetAt(hex, 0) | (octetAt(hex, 2) << 8) | (octetAt(hex, 4) << 16) | (octetAt(hex, 6) << 24) | 1
}

function octetAt(hex: string, at: number): number {
  return (digitOf(hex.charCodeAt(at)) << 4) | digitOf(hex.charCodeAt(at + 1))
}

/** `0` to `9` are 0x30 to 0x39, `a` to `f` 0x61 to 0x66. */
function digitOf(code: number): number {
  return code < 0x40 ? code & 0xf : (code & 0xf) + 9
}

function firstPlace(tag: number, capacity: number): number {
  return Math.floor(((tag >>> 0) / 0x1_0000_0000) * capacity)
}

function empty<V>(capacity: number): (V | undefined)[] {
  return new Array<V | undefined>(capacity).fill(undefined)
}
