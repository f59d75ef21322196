import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { types } from 'node:util'
import { invalidType, invalidValue } from './options.js'
import { isBlankSecret } from './secret/material.js'

/** A key of a sealer: 32 octets, or 32 octets written as hex (64 digits) or as base64 or base64url (with or without padding). */
export type SealingKey = string | Uint8Array

/** Keeps text from whoever can read or write a shared store. Neither JSON nor inspect shows its keys. */
export interface TokenSealer {
  /**
   * Seals text under the first key.
   *
   * @param context - where it belongs, such as the key of the store; `open` needs the same
   * @returns `v1.<key id>.<base64url of nonce, ciphertext and tag>`, another one each time
   * @throws TypeError when one of the two is no text
   */
  seal(text: string, context: string): string
  /** What was sealed, with whichever of the keys, in the same context; undefined for anything else. Never throws. */
  open(sealed: unknown, context: string): string | undefined
}

const FACTORY = 'tokenSealer'
const KEY_OCTETS = 32
const NONCE_OCTETS = 12
const TAG_OCTETS = 16
const MOST_KEYS = 16
const CIPHER = 'aes-256-gcm'

interface NamedKey {
  /** `v1.<key id>.`: stands in front of what is sealed, and is sealed with it. */
  readonly prefix: string
  readonly key: KeyObject
}

/**
 * Seals tokens for a store that leaves the process: AES-256-GCM (NIST SP 800-38D), a random nonce of 96 bits, 128 bits of tag, the
 * context as additional data, so that what was sealed for one key of the store does not open under another.
 *
 * To rotate, put the new key in front and keep the old one behind it until what it sealed is over: the first seals, all open. The id
 * of a key is made from the key, so nothing else is to be agreed on. One key is good for 2^32 seals.
 *
 * Not hidden: how long the text is, which of the keys sealed it, and that an older text of the same context was put back.
 *
 * @param keys - one key, or up to 16 of them; make one with "openssl rand -hex 32"
 * @throws TypeError when there is none, or one is blank or not 32 octets; never with the key
 */
export function tokenSealer(keys: SealingKey | readonly SealingKey[]): TokenSealer {
  const named = (Array.isArray(keys) ? keys : [keys]).map(namedKey)
  const [first] = named
  if (first === undefined || named.length > MOST_KEYS) throw invalidValue(FACTORY, 'keys', `must contain 1 to ${MOST_KEYS} keys`)
  return Object.freeze({
    seal(text: string, context: string) {
      if (typeof text !== 'string') throw invalidType(FACTORY, 'text', 'a string', text)
      if (typeof context !== 'string') throw invalidType(FACTORY, 'context', 'a string', context)
      return sealed(first, text, context)
    },
    open: (text: unknown, context: string) => opened(named, text, context),
  })
}

function sealed({ prefix, key }: NamedKey, text: string, context: string): string {
  const nonce = randomBytes(NONCE_OCTETS)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_OCTETS }).setAAD(Buffer.from(prefix + context))
  const octets = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return prefix + Buffer.concat(octets).toString('base64url')
}

function opened(keys: readonly NamedKey[], text: unknown, context: string): string | undefined {
  if (typeof text !== 'string' || typeof context !== 'string') return undefined
  const found = keys.find(({ prefix }) => text.startsWith(prefix))
  if (found === undefined) return undefined
  const octets = decoded(text.slice(found.prefix.length))
  if (octets === undefined || octets.length < NONCE_OCTETS + TAG_OCTETS) return undefined
  const end = octets.length - TAG_OCTETS
  const decipher = createDecipheriv(CIPHER, found.key, octets.subarray(0, NONCE_OCTETS), { authTagLength: TAG_OCTETS })
  decipher.setAAD(Buffer.from(found.prefix + context)).setAuthTag(octets.subarray(end))
  try {
    const plain = decipher.update(octets.subarray(NONCE_OCTETS, end))
    decipher.final()
    return plain.toString('utf8')
  } catch {
    return undefined
  }
}

function namedKey(input: unknown, index: number): NamedKey {
  const option = `keys[${index}]`
  const octets = keyOctets(option, input)
  if (octets?.length !== KEY_OCTETS || isBlankSecret(octets)) {
    throw invalidValue(FACTORY, option, 'must be 32 random octets, or their hex or base64; generate one with "openssl rand -hex 32"')
  }
  const key = createSecretKey(octets)
  const id = createHmac('sha256', key).update('countersign token sealing: key id').digest('hex').slice(0, 16)
  return { prefix: `v1.${id}.`, key }
}

function keyOctets(option: string, input: unknown): Buffer | undefined {
  if (types.isUint8Array(input)) return Buffer.from(input)
  if (typeof input !== 'string') throw invalidType(FACTORY, option, 'a Uint8Array of 32 octets, or their hex or base64', input)
  if (/^[0-9a-f]{64}$/i.test(input)) return Buffer.from(input, 'hex')
  const bare = input.endsWith('=') ? input.slice(0, -1) : input
  return bare.length === 43 ? decoded(bare.replaceAll('+', '-').replaceAll('/', '_')) : undefined
}

/** The octets of base64url that is spelled in the one way it can be; Buffer.from takes anything. */
function decoded(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64url')
  return octets.toString('base64url') === text ? octets : undefined
}
