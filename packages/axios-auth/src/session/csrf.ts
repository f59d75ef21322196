import { invalidType, invalidValue, OptionReader } from '@countersign/core/base'
import { isHeaderValue } from '../carrier/outgoing.js'
import type { CarriedField, Carry } from './carry.js'
import type { CookieJar, CookieTarget } from './cookies.js'
import { cookieName, headerName } from './exchange-options.js'

/** What a server that guards against forged requests wants to see twice: a cookie of its own, and a header with the same value. */
export interface SessionCsrf {
  /** Such as `XSRF-TOKEN`. */
  readonly cookie: string
  /** Such as `X-XSRF-TOKEN`. */
  readonly header: string
}

/** Checks `csrf`. @throws TypeError that names the option */
export function readCsrf(reader: OptionReader, carry: Carry): SessionCsrf | undefined {
  const given = reader.raw('csrf')
  if (given === undefined) return undefined
  if (typeof given !== 'object' || given === null) {
    throw invalidType(reader.factory, 'csrf', "{ cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' }", given)
  }
  if (carry.in !== 'cookie' && !carry.cookies)
    throw invalidValue(
      reader.factory,
      'csrf',
      'needs a session that is carried by a cookie; write carry: { cookie }, or { header, cookies: true }',
    )
  const nested = new OptionReader(`${reader.factory} csrf`, given, ['cookie', 'header'])
  return Object.freeze({
    cookie: cookieName(nested.factory, 'cookie', nested.raw('cookie')),
    header: headerName(nested.factory, 'header', nested.raw('header')),
  })
}

/** The header that repeats the cookie, percent-decoded as browsers' scripts read it; undefined where the cookie does not go to that target. */
export function repeatedField(csrf: SessionCsrf | undefined, jar: CookieJar | undefined, to: CookieTarget): CarriedField | undefined {
  const value = csrf === undefined ? undefined : jar?.value(csrf.cookie, to)
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
