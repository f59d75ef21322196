import { randomBytes } from 'node:crypto'
import { nodeZlib } from '../builtins.js'
import { invalidValue } from '../options.js'

/** Where random octets come from; node:crypto's `randomBytes` unless a test says otherwise. */
export type RandomOctets = (count: number) => Uint8Array

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BASE = 62n
const SECRET_OCTETS = 32
/** 62^43 > 2^256, and 62^6 > 2^32. */
const SECRET_DIGITS = 43
const CHECKSUM_DIGITS = 6
const UNDERSCORE = 0x5f
const PREFIX = /^[a-z0-9]{1,16}(?:_[a-z0-9]{1,16}){0,2}$/
const ISSUED = /^[a-z0-9]{1,16}(?:_[a-z0-9]{1,16}){0,2}_[0-9A-Za-z]{49}$/

/** The prefix of issued keys where none is set. */
export const DEFAULT_KEY_PREFIX = 'cs'

/**
 * A new API key.
 *
 * Shape: `<prefix>_<43 digits><6 digits>` in base 62 (`0-9A-Za-z`): 256 random bits, then CRC-32 (RFC 1952 section 8) of everything
 * before it, so that a secret scanner knows a key when it sees one, and a mistyped or truncated key is told from a revoked one. The
 * checksum is no protection; anybody can compute it.
 *
 * @param prefix - up to three words of `a-z0-9` joined by `_`, such as `acme_live`; it ends up in the key as it is
 */
export function newApiKey(prefix: string = DEFAULT_KEY_PREFIX, random: RandomOctets = randomBytes): string {
  const body = `${prefix}_${newSecret(random)}`
  return body + checksum(body)
}

/** A new password: 256 random bits, 43 digits in base 62. */
export function newSecret(random: RandomOctets = randomBytes): string {
  return base62(BigInt(`0x${Buffer.from(random(SECRET_OCTETS)).toString('hex')}`), SECRET_DIGITS)
}

/**
 * What the checksum says of a key: that it may be one that was issued, that it is a mistyped one, or that it has another form
 * altogether, of which nothing can be said.
 */
export function issuedKeyForm(key: string): 'issued' | 'mistyped' | 'foreign' {
  const separator = key.charCodeAt(key.length - SECRET_DIGITS - CHECKSUM_DIGITS - 1)
  if (key.length > 128 || separator !== UNDERSCORE || !ISSUED.test(key)) return 'foreign'
  return checksum(key.slice(0, -CHECKSUM_DIGITS)) === key.slice(-CHECKSUM_DIGITS) ? 'issued' : 'mistyped'
}

/** @throws TypeError when the prefix cannot stand before a key */
export function checkedKeyPrefix(factory: string, option: string, prefix: string): string {
  if (PREFIX.test(prefix)) return prefix
  throw invalidValue(factory, option, "must be one to three words of a-z and 0-9, joined by _, such as 'acme_live'")
}

function checksum(text: string): string {
  return base62(BigInt(nodeZlib().crc32(text)), CHECKSUM_DIGITS)
}

function base62(value: bigint, digits: number): string {
  let text = ''
  for (let rest = value, i = 0; i < digits; i += 1, rest /= BASE) text = DIGITS[Number(rest % BASE)] + text
  return text
}
