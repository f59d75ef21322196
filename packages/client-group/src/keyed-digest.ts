import { hash, randomBytes } from 'node:crypto'

const BLOCK_OCTETS = 64
const DIGEST_OCTETS = 32
const INNER = 0x36
const OUTER = 0x5c

/** The longest text that a KeyedDigest takes, octets. */
export const LONGEST_TEXT = 1024

/**
 * HMAC-SHA256 under a key of its own, for looking texts up without keeping them. Two one-shot hashes over padded keys (RFC 2104
 * section 2), which take half the time of createHmac.
 */
export class KeyedDigest {
  readonly #inner = Buffer.alloc(BLOCK_OCTETS + LONGEST_TEXT)
  readonly #outer = Buffer.alloc(BLOCK_OCTETS + DIGEST_OCTETS)

  /** @param key - at most 64 octets */
  constructor(key: Uint8Array = randomBytes(BLOCK_OCTETS)) {
    this.#inner.fill(INNER, 0, BLOCK_OCTETS)
    this.#outer.fill(OUTER, 0, BLOCK_OCTETS)
    for (const [i, octet] of key.entries()) {
      this.#inner[i] = octet ^ INNER
      this.#outer[i] = octet ^ OUTER
    }
  }

  /**
   * @param text - of which each character is an octet; no more than LONGEST_TEXT of them
   * @returns 32 characters, one for each octet
   */
  of(text: string): string {
    const length = this.#inner.write(text, BLOCK_OCTETS, 'latin1')
    const inner = hash('sha256', this.#inner.subarray(0, BLOCK_OCTETS + length), 'binary')
    this.#outer.write(inner, BLOCK_OCTETS, 'latin1')
    return hash('sha256', this.#outer, 'binary')
  }
}
