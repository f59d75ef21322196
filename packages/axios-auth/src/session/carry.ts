import { type Clock, invalidType, invalidValue, OptionReader } from '@countersign/core/base'
import { CookieJar, isCookieValue, type KeptCookie } from './cookies.js'
import { cookieName, headerName, type TokenPlace } from './exchange-options.js'

/**
 * How requests carry the session: in a header, as a parameter of the query, as a member of the body (a JSON object or a form), or as a cookie. With
 * `cookies` those of the login go along, for servers that want both.
 */
export type SessionCarry =
  | { readonly header: string; readonly format?: string | undefined; readonly cookies?: boolean | undefined }
  | { readonly query: string; readonly cookies?: boolean | undefined }
  | { readonly body: string; readonly cookies?: boolean | undefined }
  | { readonly cookie: string }

/** How requests carry the session, checked. */
export type Carry =
  | { readonly in: 'header'; readonly name: string; readonly before: string; readonly after: string; readonly cookies: boolean }
  | { readonly in: 'query' | 'body'; readonly name: string; readonly cookies: boolean }
  | { readonly in: 'cookie'; readonly name: string }

/** A header field that carries a session. */
export interface CarriedField {
  readonly name: string
  readonly value: string
}

const MARK = '{token}'
const LONGEST_TOKEN = 16_384
// ISO 8859-1 without control characters; a blank at either end would be lost on the way (RFC 9110 section 5.5).
const FIELD_TEXT = /^[\x20-\x7e]*$/
const PARAMETER = /^[\x21-\x7e]{1,256}$/
const PLACES = ['header', 'query', 'body', 'cookie'] as const

/** Checks `carry`, whose default follows from where the token comes from. @throws TypeError that names the option */
export function readCarry(reader: OptionReader, token: TokenPlace | undefined, refreshHeader: string | undefined): Carry {
  const given = reader.raw('carry')
  if (given === undefined) {
    if (refreshHeader !== undefined) return { in: 'header', name: refreshHeader, before: '', after: '', cookies: false }
    if (token?.in === 'cookie') return { in: 'cookie', name: token.name }
    throw invalidValue(reader.factory, 'carry', "is required; write { header: 'X-Session-Token' } or { cookie: 'sid' }")
  }
  if (typeof given !== 'object' || given === null)
    throw invalidType(reader.factory, 'carry', '{ header }, { query }, { body } or { cookie }', given)
  const nested = new OptionReader(`${reader.factory} carry`, given, [...PLACES, 'format', 'cookies'])
  const [place = 'header', another] = PLACES.filter((name) => nested.has(name))
  if (another !== undefined)
    throw invalidValue(nested.factory, another, `cannot be combined with ${place}: only one of them carries the session`)
  if (place === 'header') return inHeader(nested, refreshHeader)
  if (nested.has('format')) throw invalidValue(nested.factory, 'format', 'is that of a header')
  if (place !== 'cookie') return { in: place, name: parameterName(nested, place), cookies: cookiesOf(nested, refreshHeader) }
  if (nested.has('cookies')) throw invalidValue(nested.factory, 'cookie', 'must stand alone')
  return { in: 'cookie', name: cookieName(nested.factory, 'cookie', nested.raw('cookie')) }
}

function inHeader(nested: OptionReader, refreshHeader: string | undefined): Carry {
  const name = headerName(nested.factory, 'header', nested.raw('header'))
  const [before, after, ...more] = nested.text('format', MARK).split(MARK)
  if (before === undefined || after === undefined || more.length > 0 || !FIELD_TEXT.test(before + after)) {
    throw invalidValue(nested.factory, 'format', "must be printable ASCII that contains {token} once, such as 'Token {token}'")
  }
  return { in: 'header', name, before, after, cookies: cookiesOf(nested, refreshHeader) }
}

function cookiesOf(nested: OptionReader, refreshHeader: string | undefined): boolean {
  const cookies = nested.boolean('cookies', false)
  if (cookies && refreshHeader !== undefined) throw invalidValue(nested.factory, 'cookies', 'are those of a login, which refresh replaces')
  return cookies
}

function parameterName(nested: OptionReader, place: 'query' | 'body'): string {
  const name = nested.raw(place)
  const example = place === 'query' ? "the name of a parameter, such as '_sid'" : "the name of a member, such as 'auth'"
  if (typeof name !== 'string') throw invalidType(nested.factory, place, example, name)
  if (!PARAMETER.test(name)) throw invalidValue(nested.factory, place, `must be ${example}: visible ASCII`)
  if (place === 'body' && name.includes('.')) {
    throw invalidValue(nested.factory, place, 'must be a top-level member of the body, not a path')
  }
  return name
}

/** The cookies of a session that is carried so; undefined where it keeps none. */
export function jarFor(carry: Carry, now: Clock, kept?: readonly KeptCookie[]): CookieJar | undefined {
  if (carry.in === 'cookie') return new CookieJar(carry.name, now, kept)
  return carry.cookies ? new CookieJar('', now, kept) : undefined
}

/** Whether a token can be carried so: 1 to 16384 visible ASCII characters; in a cookie, no semicolon. */
export function fits(carry: Carry, token: string): boolean {
  if (token.length > LONGEST_TOKEN || !/^[\x21-\x7e]+$/.test(token)) return false
  return carry.in !== 'cookie' || isCookieValue(token)
}
