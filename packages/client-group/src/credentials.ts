import { isUtf8 } from 'node:buffer'
import { type Absent, absent, headerValues, type Refused, soleHeader } from '@countersign/core/base'
import { refuse } from './errors.js'

/** User name and password as they were sent. */
export interface Credentials {
  readonly user: string
  /** Everything behind the first colon, further colons too. */
  readonly password: string
}

const SCHEME = 'basic'
const SPACE = 0x20
const COLON = 0x3a
const DELETE = 0x7f

/**
 * What stands behind `Basic` in the Authorization field (RFC 9110 section 11.4: auth-scheme, whatever its case, 1*SP, token68). What it
 * says is not judged.
 *
 * @returns the token; absent when the field is, or has another auth-scheme
 */
export function basicToken(rawHeaders: readonly string[]): string | Absent | Refused {
  const value = soleHeader(rawHeaders, 'authorization')
  if (value === undefined) return absent
  if (value === null) return headerValues(rawHeaders, 'authorization').some(isBasic) ? refuse('ERR_BASIC_DUPLICATE') : absent
  if (!isBasic(value)) return absent
  let start = SCHEME.length
  while (value.charCodeAt(start) === SPACE) start += 1
  return start === value.length ? refuse('ERR_BASIC_MALFORMED') : value.slice(start)
}

/**
 * Reads user name and password (RFC 7617 section 2): base64 exactly as RFC 4648 section 4 writes it, UTF-8, the first colon ends the
 * user name, no control characters. Each text has one spelling, so two passwords are never taken for one.
 */
export function readCredentials(token: string, allowEmptyPassword: boolean): Credentials | Refused {
  const octets = Buffer.from(token, 'base64')
  // Node's decoder skips what is not base64 and takes base64url; what it would write again shows that.
  if (octets.toString('base64') !== token || !isUtf8(octets) || octets.some(isControl)) return refuse('ERR_BASIC_MALFORMED')
  const colon = octets.indexOf(COLON)
  if (colon < 1) return refuse('ERR_BASIC_MALFORMED', colon === 0 ? 'the user name is empty' : undefined)
  if (colon === octets.length - 1 && !allowEmptyPassword) return refuse('ERR_BASIC_EMPTY_PASSWORD')
  return { user: octets.toString('utf8', 0, colon), password: octets.toString('utf8', colon + 1) }
}

function isBasic(value: string): boolean {
  const isAlone = value.length === SCHEME.length || value.charCodeAt(SCHEME.length) === SPACE
  return isAlone && value.slice(0, SCHEME.length).toLowerCase() === SCHEME
}

/** CTL of RFC 5234. */
function isControl(octet: number): boolean {
  return octet < SPACE || octet === DELETE
}
