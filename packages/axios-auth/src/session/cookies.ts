import type { Clock } from '@countersign/core/base'
import { parseString } from 'set-cookie-parser'
import { isLoopback } from '../carrier/origins.js'

/** Where a request goes, as far as cookies depend on it. */
export interface CookieTarget {
  /** Such as `https://api.example.com`. */
  readonly origin: string
  /** Path and query. */
  readonly target: string
}

/** One cookie in a form that survives JSON. */
export interface KeptCookie {
  readonly name: string
  readonly value: string
  /** The origin that set it, or `.example.com` where it named a domain. */
  readonly scope: string
  readonly path: string
  readonly secure: boolean
  /** Milliseconds since the epoch; null: as long as the session. */
  readonly endsAt: number | null
}

const MOST_COOKIES = 100
const MOST_OCTETS = 8192
// RFC 6265 section 4.1.1, and what servers send besides: spaces, quotes, commas and backslashes stay as they came.
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\x20-\x3a\x3c-\x7e]*$/
// What Date takes for a year, long gone, and RFC 6265 section 5.1.1 for no date, which ends nothing.
const BARE_EXPIRES = /;[ \t]*expires[ \t]*=[ \t]*-?\d+[ \t]*(?=;|$)/gi

/**
 * The cookies of one session. A cookie goes back to the origin that set it, or, where it names a domain, to the hosts of that domain;
 * under its path; where it is Secure, by https, or to this machine, as browsers take it; until it expires (RFC 6265 section 5.4, narrower: scheme and port count).
 *
 * The session's own cookie, which the options name, goes to every origin of the interceptor, since it stands for the token.
 * Of several cookies with one name from one place the last counts. Not known here: public suffixes; what no origin of the options is gets no cookie.
 */
export class CookieJar {
  readonly #own: string
  readonly #now: Clock
  readonly #cookies = new Map<string, KeptCookie>()

  /** @param own - the name of the session's own cookie; empty where it has none */
  constructor(own: string, now: Clock, kept: readonly KeptCookie[] = []) {
    this.#own = own
    this.#now = now
    for (const cookie of kept) this.#keep(cookie)
  }

  /** Takes the Set-Cookie fields of an answer. What is malformed or too long is left out. */
  store(fields: readonly string[], from: CookieTarget): void {
    for (const field of fields.slice(0, MOST_COOKIES)) {
      const cookie = field.length > MOST_OCTETS ? undefined : parsed(field, from, this.#now(), this.#own)
      if (cookie !== undefined) this.#keep(cookie)
    }
  }

  /** The value of the session's own cookie; undefined when there is none, or it is empty or over. */
  own(): string | undefined {
    const cookie = this.#cookies.get(this.#own)
    return cookie === undefined || cookie.value === '' || isOver(cookie, this.#now()) ? undefined : cookie.value
  }

  /** The value of a cookie that goes to a target; of several the one with the longest path. */
  value(name: string, to: CookieTarget): string | undefined {
    const now = this.#now()
    const named = [...this.#cookies.values()].filter((cookie) => cookie.name === name && this.#fits(cookie, to, now))
    return named.sort(longestPathFirst)[0]?.value
  }

  /** Whether there is a cookie of the session's own to be had, and it is gone or over. */
  get isSpent(): boolean {
    return this.#own !== '' && this.own() === undefined
  }

  /**
   * The Cookie field of a request, with the cookies of the caller in front; of one name ours count.
   *
   * @returns undefined when there is none
   */
  header(to: CookieTarget, callers: string | undefined): string | undefined {
    const now = this.#now()
    const ours = [...this.#cookies.values()].filter((cookie) => this.#fits(cookie, to, now))
    const names = new Set(ours.map((cookie) => cookie.name))
    const theirs = (callers ?? '').split(';').flatMap((pair) => {
      const trimmed = pair.trim()
      return trimmed === '' || names.has(nameOf(trimmed)) ? [] : [trimmed]
    })
    const pairs = [...theirs, ...ours.sort(longestPathFirst).map(({ name, value }) => `${name}=${value}`)]
    return pairs.length === 0 ? undefined : pairs.join('; ')
  }

  /** What is held, to be kept elsewhere. */
  kept(): readonly KeptCookie[] {
    return [...this.#cookies.values()]
  }

  #keep(cookie: KeptCookie): void {
    const key = cookie.name === this.#own ? cookie.name : `${cookie.scope} ${cookie.name}`
    this.#cookies.delete(key)
    if (isOver(cookie, this.#now())) return
    if (this.#cookies.size < MOST_COOKIES) this.#cookies.set(key, cookie)
  }

  #fits(cookie: KeptCookie, to: CookieTarget, now: number): boolean {
    if (isOver(cookie, now) || (cookie.secure && !isSecure(to.origin))) return false
    if (!isUnder(pathOf(to.target), cookie.path)) return false
    if (cookie.name === this.#own || cookie.scope === to.origin) return true
    return cookie.scope.startsWith('.') && `.${hostOf(to.origin)}`.endsWith(cookie.scope)
  }
}

/** Whether text can be the value of a cookie. */
export function isCookieValue(text: string): boolean {
  return VALUE.test(text)
}

/** Whether text can be the name of a cookie. */
export function isCookieName(text: string): boolean {
  return NAME.test(text)
}

function parsed(field: string, from: CookieTarget, now: number, ownName: string): KeptCookie | undefined {
  const end = field.indexOf(';')
  const pair = end === -1 ? field : field.slice(0, end)
  const equals = pair.indexOf('=')
  const name = pair.slice(0, Math.max(equals, 0)).trim()
  const value = pair.slice(equals + 1).trim()
  if (!NAME.test(name) || !VALUE.test(value)) return undefined
  // The library drops names that Object.prototype has; with a name of our own it reads the attributes of every cookie.
  const read = parseString(`c=v${end === -1 ? '' : field.slice(end).replace(BARE_EXPIRES, '')}`, { decodeValues: false, silent: true })
  if (read === null) return undefined
  const scope = scopeOf(own(read, 'domain'), from.origin)
  if (scope === undefined) return undefined
  const path = own(read, 'path')
  // The login's folder says nothing about where the session's own cookie is needed.
  const fallback = name === ownName ? '/' : folderOf(from.target)
  return {
    name,
    value,
    scope,
    path: typeof path === 'string' && path.startsWith('/') ? path : fallback,
    secure: own(read, 'secure') === true,
    endsAt: endOf(own(read, 'maxAge'), own(read, 'expires'), now),
  }
}

function own(cookie: object, name: string): unknown {
  return Object.hasOwn(cookie, name) ? (cookie as Record<string, unknown>)[name] : undefined
}

/** Max-Age counts before Expires (RFC 6265 section 5.3). */
function endOf(maxAge: unknown, expires: unknown, now: number): number | null {
  if (typeof maxAge === 'number') return maxAge <= 0 ? 0 : now + maxAge * 1000
  return expires instanceof Date ? expires.getTime() : null
}

/** A domain that is not the host's own, or has one label only, counts for nothing: the cookie is refused (RFC 6265 section 5.3). */
function scopeOf(domain: unknown, origin: string): string | undefined {
  if (typeof domain !== 'string' || domain === '') return origin
  const bare = (domain.startsWith('.') ? domain.slice(1) : domain).toLowerCase()
  const host = hostOf(origin)
  if (bare === host) return /^[\d.]+$|:/.test(host) || !host.includes('.') ? origin : `.${bare}`
  return bare.includes('.') && host.endsWith(`.${bare}`) && !/^[\d.]+$/.test(host) ? `.${bare}` : undefined
}

function isSecure(origin: string): boolean {
  return origin.startsWith('https:') || isLoopback(hostOf(origin))
}

function hostOf(origin: string): string {
  return new URL(origin).hostname
}

function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}

/** The default path (RFC 6265 section 5.1.4). */
function folderOf(target: string): string {
  const path = pathOf(target)
  const last = path.lastIndexOf('/')
  return last <= 0 ? '/' : path.slice(0, last)
}

/** RFC 6265 section 5.1.4. */
function isUnder(path: string, above: string): boolean {
  return path === above || (path.startsWith(above) && (above.endsWith('/') || path[above.length] === '/'))
}

function isOver(cookie: KeptCookie, now: number): boolean {
  return cookie.endsAt !== null && !(now < cookie.endsAt)
}

function longestPathFirst(a: KeptCookie, b: KeptCookie): number {
  return b.path.length - a.path.length
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  return equals === -1 ? '' : pair.slice(0, equals).trim()
}
