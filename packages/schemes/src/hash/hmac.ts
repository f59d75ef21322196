import { createHash, createHmac, getFips, hash } from 'node:crypto'

/** The hash functions that a scheme may name. */
export type HashName =
  | 'md5'
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha512-256'
  | 'sha3-224'
  | 'sha3-256'
  | 'sha3-384'
  | 'sha3-512'
  | 'sm3'

/** How the octets of a MAC are written. */
export type MacEncoding = 'hex' | 'base64' | 'base64url' | 'binary'

/** A message: strings stand for their UTF-8 octets. */
export type MessageParts = readonly (string | Uint8Array)[]

interface HashFacts {
  /** The block length of RFC 2104 section 2, octets. */
  readonly block: number
  readonly octets: number
}

/** Block and digest lengths (FIPS 180-4, FIPS 202, RFC 1321, GB/T 32905). */
export const HASHES: Readonly<Record<HashName, HashFacts>> = {
  md5: { block: 64, octets: 16 },
  sha1: { block: 64, octets: 20 },
  sha224: { block: 64, octets: 28 },
  sha256: { block: 64, octets: 32 },
  sha384: { block: 128, octets: 48 },
  sha512: { block: 128, octets: 64 },
  'sha512-256': { block: 128, octets: 32 },
  'sha3-224': { block: 144, octets: 28 },
  'sha3-256': { block: 136, octets: 32 },
  'sha3-384': { block: 104, octets: 48 },
  'sha3-512': { block: 72, octets: 64 },
  sm3: { block: 64, octets: 32 },
}

/** Whether the runtime has it: Deno lacks SM3, a build in FIPS mode MD5. */
export function isProvided(name: HashName): boolean {
  try {
    createHash(name)
    return true
  } catch {
    return false
  }
}

/** Above this many octets streaming wins over copying the message behind the padded key. */
const ONE_SHOT_OCTETS = 32 * 1024
const MAX_BLOCK = 144

/** Messages are hashed one at a time and synchronously, so that one working area serves all of them. */
const work = Buffer.allocUnsafeSlow(MAX_BLOCK + ONE_SHOT_OCTETS)

/** An HMAC key (RFC 2104), padded once for all messages. */
export interface HmacKey {
  readonly hash: HashName
  /** The key, as createHmac takes it. */
  readonly octets: Uint8Array
  /** key xor ipad, one block. */
  readonly inner: Uint8Array
  /** key xor opad, one block, and room for the inner digest behind it. */
  readonly outer: Buffer
  /** False where FIPS mode is on: then only createHmac may be used. */
  readonly oneShot: boolean
  /** The construction hash(key || message) of schemes that are no HMAC; only presets marked insecure have it. */
  readonly prefix: boolean
}

/** Prepares a key of any length; one longer than a block is hashed first (RFC 2104 section 2). */
export function hmacKey(hashName: HashName, octets: Uint8Array): HmacKey {
  const { block, octets: length } = HASHES[hashName]
  const key = octets.length > block ? hash(hashName, octets, 'buffer') : octets
  const inner = Buffer.alloc(block, 0x36)
  const outer = Buffer.alloc(block + length, 0x5c)
  for (let i = 0; i < key.length; i += 1) {
    inner[i] = 0x36 ^ (key[i] as number)
    outer[i] = 0x5c ^ (key[i] as number)
  }
  return { hash: hashName, octets, inner, outer, oneShot: getFips() === 0, prefix: false }
}

/**
 * HMAC (RFC 2104) of a message. Short messages take two one-shot hashes over the padded key, which costs half of createHmac;
 * long ones, and all where FIPS mode is on, take createHmac.
 */
export function hmac(key: HmacKey, message: MessageParts, encoding: MacEncoding): string {
  if (key.prefix === true) return plainHash(key.hash, [key.inner, ...message], encoding)
  const end = key.oneShot ? layOut(key.inner, message) : -1
  if (end < 0) {
    const streaming = createHmac(key.hash, key.octets)
    for (const part of message) streaming.update(part)
    return streaming.digest(encoding)
  }
  const { outer } = key
  const block = key.inner.length
  const digest = hash(key.hash, areaOf(end), 'binary')
  for (let i = 0; i < digest.length; i += 1) outer[block + i] = digest.charCodeAt(i)
  return hash(key.hash, outer, encoding)
}

/** The working area up to an end. Views are kept, each in the place of its length: making one costs a quarter of the hash over it. */
function areaOf(end: number): Uint8Array {
  const place = end & (areas.length - 1)
  const known = areas[place]
  if (known !== undefined && known.length === end) return known
  const area = work.subarray(0, end)
  areas[place] = area
  return area
}

const areas: (Uint8Array | undefined)[] = new Array(1024).fill(undefined)

function plainHash(name: HashName, message: MessageParts, encoding: MacEncoding): string {
  const streaming = createHash(name)
  for (const part of message) streaming.update(part)
  return streaming.digest(encoding)
}

/** The padded key that the working area begins with. */
let resident: Uint8Array | undefined

/** Below this a loop is faster than the call that writes a text. */
const SHORT_TEXT = 40

/** Lays out a short text; 0 when it is not ASCII. */
function layOutAscii(text: string, start: number): number {
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i)
    if (c > 0x7f) return 0
    work[start + i] = c
  }
  return start + text.length
}

/** Lays the padded key and the message behind it into the working area; -1 when they do not fit. */
function layOut(inner: Uint8Array, message: MessageParts): number {
  if (resident !== inner) {
    work.set(inner, 0)
    resident = inner
  }
  let end = inner.length
  for (const part of message) {
    const room = work.length - end
    if (typeof part === 'string') {
      // A code unit takes three octets of UTF-8 at most.
      if (part.length * 3 > room && Buffer.byteLength(part) > room) return -1
      end = (part.length <= SHORT_TEXT && layOutAscii(part, end)) || end + work.write(part, end)
    } else {
      if (part.length > room) return -1
      work.set(part, end)
      end += part.length
    }
  }
  return end
}
