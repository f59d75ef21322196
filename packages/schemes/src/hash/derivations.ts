import { createCipheriv, hash } from 'node:crypto'
import { SchemeRefusal } from '../refusal.js'
import { type HmacKey, hmac, type MacEncoding } from './hmac.js'

/** How a chain makes a key of the one before: HMAC, the hash of both, or encryption under it. */
export type Derivation = 'hmac' | HashOfBoth | CipherName

type HashOfBoth = 'md5' | 'sha1' | 'sha256' | 'sha512'
type CipherName = '3des' | 'aes-128'

/** The names that a definition can write. */
export const DERIVATIONS: readonly Derivation[] = ['hmac', 'md5', 'sha1', 'sha256', 'sha512', '3des', 'aes-128']

interface Cipher {
  readonly name: string
  /** Octets of the key; another number of them is refused. */
  readonly key: number
  readonly block: number
  /** Whether the last block is filled up with zeros rather than as PKCS #7 says. */
  readonly zeros: boolean
}

/** As Redsys uses them: CBC from an initialization vector of zeros. */
const CIPHERS: Readonly<Record<CipherName, Cipher>> = {
  '3des': { name: 'des-ede3-cbc', key: 24, block: 8, zeros: true },
  'aes-128': { name: 'aes-128-cbc', key: 16, block: 16, zeros: false },
}

/** How many octets the key of a derivation has; undefined where it can have any number. */
export function keyLengthOf(by: Derivation): number | undefined {
  return isCipher(by) ? CIPHERS[by].key : undefined
}

function isCipher(by: Derivation): by is CipherName {
  return Object.hasOwn(CIPHERS, by)
}

/** Whether a derivation hashes both texts, one behind the other. */
export function isHash(by: Derivation): by is HashOfBoth {
  return by !== 'hmac' && !isCipher(by)
}

/**
 * The next key of a chain, in an encoding.
 *
 * @param key - the one before, padded for HMAC
 */
export function nextKey(octets: Uint8Array, key: () => HmacKey, text: Uint8Array, by: Derivation, encoding: MacEncoding): string {
  if (by === 'hmac') return hmac(key(), [text], encoding)
  return (isCipher(by) ? encryptedUnder(octets, text, CIPHERS[by]) : hash(by, Buffer.concat([octets, text]), 'buffer')).toString(encoding)
}

/**
 * A text encrypted under a key of the right length: the octets of the next key.
 *
 * @throws SchemeRefusal `ERR_HMAC_MALFORMED` where another text would make the same
 */
function encryptedUnder(key: Uint8Array, text: Uint8Array, { name, block, zeros }: Cipher): Buffer {
  // Filled up, it would make the key that a shorter text makes.
  if (zeros && text.at(-1) === 0)
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'what the key is made of ends with a NUL, which is what it is filled up with')
  const cipher = createCipheriv(name, key, Buffer.alloc(block)).setAutoPadding(!zeros)
  const filled = zeros ? Buffer.alloc((block - (text.length % block)) % block) : Buffer.alloc(0)
  return Buffer.concat([cipher.update(text), cipher.update(filled), cipher.final()])
}
