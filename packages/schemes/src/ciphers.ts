import { createCipheriv } from 'node:crypto'

/** How a chain makes a key of the one before: HMAC, or encryption under it. */
export type Derivation = 'hmac' | '3des' | 'aes-128'

interface Cipher {
  readonly name: string
  /** Octets of the key, which are the first of the secret's. */
  readonly key: number
  readonly block: number
  /** Whether the last block is filled up with zeros rather than as PKCS #7 says. */
  readonly zeros: boolean
}

/** As Redsys uses them: CBC from an initialization vector of zeros. */
const CIPHERS: Readonly<Record<Exclude<Derivation, 'hmac'>, Cipher>> = {
  '3des': { name: 'des-ede3-cbc', key: 24, block: 8, zeros: true },
  'aes-128': { name: 'aes-128-cbc', key: 16, block: 16, zeros: false },
}

/** How many octets the key of a derivation has; undefined where it can have any number. */
export function keyLengthOf(by: Derivation): number | undefined {
  return by === 'hmac' ? undefined : CIPHERS[by].key
}

/** A text encrypted under a key of the right length: the octets of the next key. */
export function encryptedUnder(key: Uint8Array, text: Uint8Array, by: Exclude<Derivation, 'hmac'>): Buffer {
  const { name, block, zeros } = CIPHERS[by]
  const cipher = createCipheriv(name, key, Buffer.alloc(block)).setAutoPadding(!zeros)
  const filled = zeros ? Buffer.alloc((block - (text.length % block)) % block) : Buffer.alloc(0)
  return Buffer.concat([cipher.update(text), cipher.update(filled), cipher.final()])
}
