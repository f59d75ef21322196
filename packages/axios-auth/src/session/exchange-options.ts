import { invalidType, invalidValue, LONGEST_TIMER_MS, OptionReader, type SecretSource } from '@countersign/core/base'
import { readPath } from '../answer/answer-path.js'
import { statusTest } from '../answer/status-test.js'
import { checkedEndpoint } from '../carrier/origins.js'
import { isHeaderName } from '../carrier/outgoing.js'
import { isCookieName } from './cookies.js'
import { checkedData, isSource, type SessionData } from './data.js'
import { isAbsolute, type SessionReply } from './request.js'

/** A secret, or a source of it such as `secretFromEnv(name)` answers. What is undefined or empty is refused. */
export type SessionSecret = string | SecretSource | undefined

/**
 * Where the answer to a login holds the token: a field of the JSON body by its path (`data.token`, or a list of names), a header, a
 * cookie, the body as a whole (a JSON string, or one word of text), or what a function finds in the answer, such as in XML: what is no text
 * and no whole number is no token, and a function that throws has found none.
 */
export type SessionTokenPlace =
  | string
  | readonly string[]
  | { readonly header: string }
  | { readonly cookie: string }
  | { readonly body: true }
  | ((answer: SessionReply) => unknown)

/** What `session` takes to log in. */
export interface SessionLogin {
  /** Absolute, or relative to the baseURL of the first request. An origin of its own: its requests go there only. */
  readonly url: string
  /** Default `POST`. */
  readonly method?: string | undefined
  /**
   * A page that is fetched first (GET), such as that with the form, of the origin of `url`: its cookies go along with the login, and `data`
   * as a function is given it. No redirect is followed. Needs `status` or `ok`: a form that is shown again may come with a cookie as well.
   */
  readonly page?: string | undefined
  /** What is sent: an object whose members may be secret sources, text, or a function that answers one of these. */
  readonly data?: SessionData | ((login: { readonly page: SessionReply | undefined }) => SessionData | PromiseLike<SessionData>) | undefined
  /** How an object is written. Default `json`. */
  readonly dataFormat?: 'json' | 'form' | undefined
  readonly headers?: Readonly<Record<string, SessionSecret>> | Iterable<readonly [string, SessionSecret]> | undefined
  /** Logs in by HTTP Basic (RFC 7617, UTF-8). */
  readonly auth?: { readonly username: string; readonly password: SessionSecret } | undefined
  /**
   * A page that is fetched after the login (GET) with its cookies, of the origin of `url`, where a server tells a token, or sets a cookie, only
   * to who has signed in: `token` is looked for there. No redirect is followed, and its status has to be 200 to 299. Where it fails, the
   * server holds the session until that ends by itself.
   */
  readonly landing?: string | undefined
  /** Where the answer, or that to `landing`, holds the token; a cookie may come from any of them. */
  readonly token: SessionTokenPlace
  /** Statuses that mean success. Default 200 to 299. */
  readonly status?: number | readonly number[] | undefined
  /** Whether the answer is one of success; `body` is the JSON, or the text where it is none. Default: a token is there. */
  readonly ok?: ((body: unknown, answer: SessionReply) => boolean) | undefined
  /** The field of the JSON body that tells how long the session lives, by its path. What is no number above 0 tells nothing. */
  readonly expiresIn?: string | readonly string[] | undefined
  /** The unit of that field. Default `seconds`. */
  readonly expiresUnit?: 'seconds' | 'milliseconds' | undefined
}

/** What `session` takes to log out. The request carries the session as every request does. */
export interface SessionLogout {
  /**
   * As of login; `{token}` stands for the token, percent-encoded. `'{location}'` alone is where the Location field of the answer to the login
   * points, at the origin of the login whatever host it names.
   */
  readonly url: string
  /** Default `POST`. */
  readonly method?: string | undefined
  /** As of login; a function is given the token. */
  readonly data?: SessionData | ((session: { readonly token: string }) => SessionData | PromiseLike<SessionData>) | undefined
  /** Default `json`. */
  readonly dataFormat?: 'json' | 'form' | undefined
  /** `{token}` in the text of one stands for the token. */
  readonly headers?: Readonly<Record<string, SessionSecret>> | Iterable<readonly [string, SessionSecret]> | undefined
  /** How long each of the three tries may take, milliseconds. Default 5000, or `timeoutMs` of the session where that is less. */
  readonly timeoutMs?: number | undefined
  /** Whether a session that a `store` shares is logged out too, by the process that logged it in. Default false. */
  readonly shared?: boolean | undefined
}

/** A request of our own, checked. */
export interface ExchangeSettings {
  readonly label: string
  readonly url: string
  readonly method: string
  /** A function of the login is given its page, one of the logout the token. */
  readonly data: SessionData | ((given: object) => unknown) | undefined
  readonly dataFormat: 'json' | 'form'
  readonly headers: readonly (readonly [name: string, value: string | SecretSource])[]
}

/** The login, checked. */
export interface LoginSettings extends ExchangeSettings {
  readonly page: string | undefined
  readonly landing: string | undefined
  readonly auth: { readonly username: string; readonly password: string | SecretSource } | undefined
  readonly token: TokenPlace
  readonly isSuccess: (status: number) => boolean
  readonly ok: ((body: unknown, answer: SessionReply) => boolean) | undefined
  readonly expiresIn: readonly string[] | undefined
  readonly expiresUnitMs: number
}

/** The logout, checked. */
export interface LogoutSettings extends ExchangeSettings {
  readonly timeoutMs: number
  readonly shared: boolean
}

/** Where the token is, checked. */
export type TokenPlace =
  | { readonly in: 'json'; readonly path: readonly string[] }
  | { readonly in: 'header' | 'cookie'; readonly name: string }
  | { readonly in: 'body' }
  | { readonly in: 'answer'; readonly find: (answer: SessionReply) => unknown }

const EXCHANGE = ['url', 'method', 'data', 'dataFormat', 'headers'] as const
const LOGIN = [
  ...EXCHANGE,
  'page',
  'landing',
  'auth',
  'token',
  'status',
  'ok',
  'expiresIn',
  'expiresUnit',
] as const satisfies readonly (keyof SessionLogin)[]
const LOGOUT = [...EXCHANGE, 'timeoutMs', 'shared'] as const satisfies readonly (keyof SessionLogout)[]
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Stands for where the answer to the login points. */
export const LOCATION = '{location}'

/** Checks `login`. @throws TypeError that names the option */
export function readLogin(input: unknown, allowInsecure: boolean): LoginSettings {
  const reader = new OptionReader('session login', input, LOGIN)
  const unit = reader.oneOf('expiresUnit', ['seconds', 'milliseconds'], 'seconds')
  const settings = exchange(reader, allowInsecure)
  return {
    ...settings,
    page: pageOf(reader, settings.url, allowInsecure),
    landing: besideOf(reader, 'landing', settings.url, allowInsecure),
    auth: basicOf(reader),
    token: tokenPlace(reader),
    isSuccess: statusTest(reader, 'status', (status) => status >= 200 && status < 300),
    ok: reader.callback('ok'),
    expiresIn: reader.has('expiresIn') ? readPath(reader.factory, 'expiresIn', reader.raw('expiresIn')) : undefined,
    expiresUnitMs: unit === 'seconds' ? 1000 : 1,
  }
}

/** Checks `logout`; where the session is carried in the body, there is one. @throws TypeError that names the option */
export function readLogout(input: unknown, allowInsecure: boolean, timeoutMs: number, isInBody: boolean): LogoutSettings {
  const reader = new OptionReader('session logout', input, LOGOUT)
  const settings = exchange(reader, allowInsecure)
  if (settings.url.includes(LOCATION) && settings.url !== LOCATION) {
    throw invalidValue(reader.factory, 'url', `must contain nothing besides ${LOCATION}, which is a complete URL`)
  }
  if (isInBody && (settings.method === 'GET' || settings.method === 'HEAD')) {
    throw invalidValue(reader.factory, 'method', `must not be ${settings.method}, which has no body to carry the session in`)
  }
  return {
    ...settings,
    data: settings.data ?? (isInBody ? {} : undefined),
    timeoutMs: timerMs(reader, 'timeoutMs', Math.min(timeoutMs, 5000)),
    shared: reader.boolean('shared', false),
  }
}

/** The time of a timer. @throws TypeError that names the option */
export function timerMs(reader: OptionReader, name: string, fallback: number): number {
  const ms = reader.integer(name, fallback, 'milliseconds')
  if (ms > LONGEST_TIMER_MS) throw invalidValue(reader.factory, name, `must be at most ${LONGEST_TIMER_MS} milliseconds`)
  return ms
}

/** The name of a header. @throws TypeError that names the option */
export function headerName(factory: string, option: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidType(factory, option, "the name of a header, such as 'X-Session-Token'", value)
  if (!isHeaderName(value)) throw invalidValue(factory, option, "must be the name of a header, such as 'X-Session-Token'")
  return value
}

function exchange(reader: OptionReader, allowInsecure: boolean): ExchangeSettings {
  const { factory } = reader
  const method = reader.text('method', 'POST').toUpperCase()
  if (!TOKEN.test(method)) throw invalidValue(factory, 'method', 'must be a method such as POST')
  const data = dataOf(reader)
  if (data !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw invalidValue(factory, 'data', `cannot be combined with method ${method}, which has no body`)
  }
  return {
    label: factory,
    url: urlOf(reader, 'url', allowInsecure),
    method,
    data,
    dataFormat: reader.oneOf('dataFormat', ['json', 'form'], 'json'),
    headers: headersOf(reader),
  }
}

function urlOf(reader: OptionReader, option: 'url' | 'page' | 'landing', allowInsecure: boolean): string {
  const url = reader.text(option)
  const wanted = "write 'https://api.example.com/login', or '/login' for one below the baseURL"
  if (url === undefined) throw invalidValue(reader.factory, option, `is required; ${wanted}`)
  if (isAbsolute(url)) checkedEndpoint(reader.factory, option, url.replaceAll('{token}', 'token'), allowInsecure)
  else if (url.startsWith('//') || url.includes('\\')) throw invalidValue(reader.factory, option, `must name its scheme; ${wanted}`)
  return url
}

/** A page of the login: its cookies and secrets go there. */
function besideOf(reader: OptionReader, option: 'page' | 'landing', url: string, allowInsecure: boolean): string | undefined {
  if (!reader.has(option)) return undefined
  const page = urlOf(reader, option, allowInsecure)
  const isOneOrigin = isAbsolute(page) ? isAbsolute(url) && new URL(page).origin === new URL(url).origin : !isAbsolute(url)
  if (!isOneOrigin) throw invalidValue(reader.factory, option, 'must have the same origin as url, and be relative or absolute like url')
  return page
}

function pageOf(reader: OptionReader, url: string, allowInsecure: boolean): string | undefined {
  const page = besideOf(reader, 'page', url, allowInsecure)
  if (page === undefined) return undefined
  if (!reader.has('status') && !reader.has('ok')) {
    throw invalidValue(
      reader.factory,
      'page',
      'needs status or ok, since a form that is shown again may also set a cookie; write status: 302',
    )
  }
  return page
}

function dataOf(reader: OptionReader): ExchangeSettings['data'] {
  const data = reader.raw('data')
  if (data === undefined) return undefined
  return typeof data === 'function' ? (data as (given: object) => unknown) : checkedData(reader.factory, 'data', data)
}

function headersOf(reader: OptionReader): ExchangeSettings['headers'] {
  const headers = reader.raw('headers')
  if (headers === undefined) return []
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    throw invalidType(reader.factory, 'headers', 'an object', headers)
  // The Headers of fetch and a Map have no members of their own.
  const pairs: unknown[] = Symbol.iterator in headers ? [...(headers as Iterable<unknown>)] : Object.entries(headers)
  return pairs.map((pair) => {
    const [name, value] = Array.isArray(pair) ? (pair as [string, unknown]) : [undefined, undefined]
    const checked = headerName(reader.factory, 'headers', name)
    const isText = typeof value === 'string' && /^[\t\x20-\x7e]*$/.test(value)
    if (!isText && !isSource(value)) throw invalidValue(reader.factory, `headers.${name}`, 'must be printable ASCII, or a source of it')
    return [checked, value] as const
  })
}

function basicOf(reader: OptionReader): LoginSettings['auth'] {
  if (!reader.has('auth')) return undefined
  const auth = new OptionReader('session login.auth', reader.raw('auth'), ['username', 'password'])
  const username = auth.text('username')
  const password = auth.raw('password')
  if (username === undefined || username.includes(':')) throw invalidValue(auth.factory, 'username', 'must be text without a colon')
  if (!isSource(password) && (typeof password !== 'string' || password === '')) {
    throw invalidValue(auth.factory, 'password', 'must be a non-empty string, or a source such as secretFromEnv(name)')
  }
  return { username, password }
}

/** The place of a token, from the option `token`. @throws TypeError that names the option */
export function tokenPlace(reader: OptionReader): TokenPlace {
  const given = reader.raw('token')
  if (typeof given === 'function') return { in: 'answer', find: given as (answer: SessionReply) => unknown }
  if (typeof given === 'string' || Array.isArray(given)) return { in: 'json', path: readPath(reader.factory, 'token', given) }
  const place = new OptionReader(`${reader.factory}.token`, given ?? {}, ['header', 'cookie', 'body'])
  if (place.has('header')) return { in: 'header', name: headerName(place.factory, 'header', place.raw('header')).toLowerCase() }
  if (place.has('cookie')) return { in: 'cookie', name: cookieName(place.factory, 'cookie', place.raw('cookie')) }
  if (place.boolean('body', false)) return { in: 'body' }
  throw invalidValue(
    reader.factory,
    'token',
    "is required: 'data.token' for a field of JSON, { header: 'X-Token' }, { cookie: 'sid' }, { body: true } or a function of the answer",
  )
}

/** The name of a cookie. @throws TypeError that names the option */
export function cookieName(factory: string, option: string, value: unknown): string {
  if (typeof value !== 'string' || !isCookieName(value)) throw invalidValue(factory, option, "must be the name of a cookie, such as 'sid'")
  return value
}
