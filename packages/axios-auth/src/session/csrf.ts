import { invalidType, invalidValue, OptionReader } from '@countersign/core/base'
import { isHeaderValue } from '../carrier/outgoing.js'
import type { CarriedField, Carry } from './carry.js'
import type { CookieJar, CookieTarget } from './cookies.js'
import { cookieName, headerName, type SessionTokenPlace, type TokenPlace, tokenPlace } from './exchange-options.js'

/**
 * What a server that guards against forged requests wants beside the session: a cookie of its own, once more in a header; or a second token
 * that the login tells, in a header.
 */
export type SessionCsrf =
  | {
      /** Such as `XSRF-TOKEN`. */
      readonly cookie: string
      /** Such as `X-XSRF-TOKEN`. */
      readonly header: string
    }
  | {
      /** Where it stands in the answer that holds `login.token`, in the same words; no cookie. */
      readonly token: SessionTokenPlace
      /** Such as `CSRFPreventionToken`. */
      readonly header: string
    }

/** The same, checked. */
export type Csrf =
  | { readonly in: 'cookie'; readonly cookie: string; readonly header: string }
  | { readonly in: 'token'; readonly place: TokenPlace; readonly header: string }

/** Checks `csrf`. @throws TypeError that names the option */
export function readCsrf(reader: OptionReader, carry: Carry): Csrf | undefined {
  const given = reader.raw('csrf')
  if (given === undefined) return undefined
  if (typeof given !== 'object' || given === null) {
    throw invalidType(reader.factory, 'csrf', "{ cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' }, or { token, header }", given)
  }
  const nested = new OptionReader(`${reader.factory} csrf`, given, ['cookie', 'token', 'header'])
  if (nested.has('token')) return byToken(reader, nested, carry)
  if (carry.in !== 'cookie' && !carry.cookies)
    throw invalidValue(
      reader.factory,
      'csrf',
      'needs a session that is carried by a cookie; write carry: { cookie }, or { header, cookies: true }',
    )
  return Object.freeze({
    in: 'cookie',
    cookie: cookieName(nested.factory, 'cookie', nested.raw('cookie')),
    header: headerOf(nested, carry),
  })
}

function byToken(reader: OptionReader, nested: OptionReader, carry: Carry): Csrf {
  if (nested.has('cookie')) throw invalidValue(nested.factory, 'token', 'cannot be combined with cookie: only one of them is sent')
  if (!reader.has('login')) throw invalidValue(nested.factory, 'token', 'is told by a login, which refresh replaces')
  const place = tokenPlace(nested)
  if (place.in === 'cookie')
    throw invalidValue(nested.factory, 'token', "must not be a cookie; write csrf: { cookie: 'XSRF-TOKEN', header }")
  return Object.freeze({ in: 'token', place, header: headerOf(nested, carry) })
}

/** One that carries the session would be lost. */
function headerOf(nested: OptionReader, carry: Carry): string {
  const header = headerName(nested.factory, 'header', nested.raw('header'))
  const taken = ['Cookie', ...(carry.in === 'header' ? [carry.name] : [])].find((name) => name.toLowerCase() === header.toLowerCase())
  if (taken === undefined) return header
  throw invalidValue(nested.factory, 'header', `must differ from ${taken}, which carries the session`)
}

const LONGEST = 16_384

/** Whether a value can be sent as the token that a login told: 1 to 16384 visible ASCII characters. */
export function isCsrf(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST && /^[\x21-\x7e]+$/.test(value)
}

/** The header that repeats the cookie, percent-decoded as browsers' scripts read it; undefined where the cookie does not go to that target. */
export function repeatedField(csrf: Csrf | undefined, jar: CookieJar | undefined, to: CookieTarget): CarriedField | undefined {
  const value = csrf?.in === 'cookie' ? jar?.value(csrf.cookie, to) : undefined
  if (csrf === undefined || value === undefined) return undefined
  const plain = decoded(value)
  return { name: csrf.header, value: isHeaderValue(plain) ? plain : value }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
