import { invalidType, invalidValue } from '../options.js'
import type { Place } from './place.js'

const LONGEST_NAME = 256
const PLAIN = /^[\x21-\x7e]+$/
const NOT_SHOWN = /[\p{C}\p{Zl}\p{Zp}]/u
const LONGEST_KEY = 4096

/**
 * Checks an id, group or user name: 1 to 256 characters without control characters and half surrogate pairs, and without blanks at
 * its ends, so that two that look alike are not two.
 *
 * @throws TypeError naming factory and place
 */
export function checkedName(factory: string, place: Place, field: string, name: unknown): string {
  if (typeof name !== 'string') throw invalidType(factory, place.field(field), 'a string', name)
  if (name.length > 0 && name.length <= LONGEST_NAME && (PLAIN.test(name) || isFit(name))) return name
  throw invalidValue(
    factory,
    place.field(field),
    `must be 1 to ${LONGEST_NAME} characters without control characters, and without spaces at either end`,
  )
}

/** Checks a user name of HTTP Basic, in which a colon would end the name (RFC 7617 section 2). */
export function checkedUser(factory: string, place: Place, field: string, user: unknown): string {
  const name = checkedName(factory, place, field, user)
  if (name.includes(':'))
    throw invalidValue(factory, place.field(field), 'must not contain a colon, which ends the user name in HTTP Basic')
  return name
}

/** Checks the id of an HMAC key: visible ASCII, since it goes in a header field. */
export function checkedKeyId(factory: string, place: Place, field: string, keyId: unknown): string {
  const name = checkedName(factory, place, field, keyId)
  if (!PLAIN.test(name)) throw invalidValue(factory, place.field(field), 'must be visible ASCII without spaces')
  return name
}

/**
 * Checks an API key that is to be kept.
 *
 * @throws TypeError when it is empty or blank, cannot be sent in a header field, or has under 16 octets (unless allowWeak); the message
 *   never holds the key
 */
export function checkedApiKey(factory: string, where: string, key: unknown, allowWeak: boolean): string {
  if (typeof key !== 'string') throw invalidType(factory, where, stringInsteadOf(key), key)
  if (key.trim() === '') throw invalidValue(factory, where, 'must not be blank; check that the variable or file it comes from is set')
  if (key.length > LONGEST_KEY) throw invalidValue(factory, where, `must be at most ${LONGEST_KEY} characters`)
  if (!isFit(key)) {
    throw invalidValue(
      factory,
      where,
      'contains what a header field cannot carry: control characters, or spaces or a newline at either end',
    )
  }
  const octets = Buffer.byteLength(key)
  if (octets >= LEAST_KEY_OCTETS || allowWeak) return key
  throw invalidValue(
    factory,
    where,
    `must be at least ${LEAST_KEY_OCTETS} octets, it has ${octets}: a short key can be guessed. Issue one instead. allowWeakKey: true accepts ` +
      'it anyway, for tests and documentation samples',
  )
}

/** The fewest octets of an API key, without `allowWeakKey`. */
export const LEAST_KEY_OCTETS = 16

/**
 * Checks a password for HTTP Basic, which can carry no control characters (RFC 7617 section 2).
 *
 * @throws TypeError when it is empty (unless allowEmpty) or cannot be sent; the message never holds the password
 */
export function checkedPassword(factory: string, where: string, password: unknown, allowEmpty: boolean): string {
  if (typeof password !== 'string') throw invalidType(factory, where, stringInsteadOf(password), password)
  if (password === '' && !allowEmpty) throw invalidValue(factory, where, 'must not be empty; allowEmptyPassword: true accepts it anyway')
  if (/[\x00-\x1f\x7f]|\p{Surrogate}/u.test(password)) {
    throw invalidValue(factory, where, 'contains what HTTP Basic cannot carry: control characters (a newline at the end?)')
  }
  return password
}

function isFit(text: string): boolean {
  return !NOT_SHOWN.test(text) && text.trim() === text
}

/** What is asked for where something else was given: undefined is what a variable holds that is not set. */
function stringInsteadOf(given: unknown): string {
  return given === undefined ? 'a string; check that the variable or file it comes from is set' : 'a string'
}
