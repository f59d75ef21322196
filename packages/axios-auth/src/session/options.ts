import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { type Clock, invalidType, invalidValue, OptionReader, type TokenStore } from '@countersign/core/base'
import type { AxiosAdapter } from 'axios'
import { statusTest } from '../answer/status-test.js'
import type { CarrierOptions } from '../carrier/carrier-options.js'
import { carrierOptionNames } from '../carrier/carrier-options.js'
import type { Answer } from '../carrier/step.js'
import { checkTokenStore } from '../token-store-option.js'
import { type Carry, readCarry, type SessionCarry } from './carry.js'
import { type Csrf, readCsrf, type SessionCsrf } from './csrf.js'
import type { LostLogout } from './errors.js'
import {
  headerName,
  type LoginSettings,
  type LogoutSettings,
  readLogin,
  readLogout,
  type SessionLogin,
  type SessionLogout,
  timerMs,
} from './exchange-options.js'
import { adapterOf, type Transport } from './request.js'

/** What `session` takes. */
export interface SessionOptions extends CarrierOptions {
  /** How to log in. Either this or `refresh` is needed. */
  readonly login?: SessionLogin | undefined
  /** A server that hands out the id by itself: a request without it, or with an old one, is answered by `status` (409) with the id in `header`. */
  readonly refresh?: { readonly header: string; readonly status?: number | readonly number[] | undefined } | undefined
  /**
   * How requests carry the session: `{ header: 'X-Session-Token' }`, with `format: 'Token {token}'` where more than the token stands in
   * it; `{ cookie: 'sid' }`; `{ query: '_sid' }`, a parameter of the URL, which servers and proxies write to their logs; or `{ body: 'auth' }`, a
   * member of the body, which must be a JSON object or a form. `cookies: true` with any of these but `cookie`: the cookies of the login are sent
   * too. With `query` and `body` nothing of the caller's is overwritten, and no redirect is followed. Default: the cookie that `login.token` names, or
   * the header of `refresh`; otherwise needed.
   */
  readonly carry?: SessionCarry | undefined
  /**
   * For servers that guard against forged requests (CSRF), in a header of every request, logout too: `{ cookie: 'XSRF-TOKEN', header:
   * 'X-XSRF-TOKEN' }` repeats a cookie of the session, percent-decoded, at the login too, and needs `carry` by cookie, or with `cookies`;
   * `{ token: 'data.csrf', header: 'X-CSRF' }` sends a second token, which stands beside `login.token`.
   */
  readonly csrf?: SessionCsrf | undefined
  /** Statuses that say that the session is over. Default 401. */
  readonly expiredStatus?: number | readonly number[] | undefined
  /**
   * Tells from an answer of any status that the session is over, also from one to a logout, which is done then. A stream gives no text and
   * no JSON.
   */
  readonly expired?: ((answer: Answer) => boolean) | undefined
  /** How long a session lives whose login does not tell, seconds. Default: until the server says that it is over. */
  readonly lifetimeSeconds?: number | undefined
  /**
   * How long a refusal of a session that had just been opened anew is taken as the last word, seconds; and how long no login is tried after
   * two that were refused, doubled with each further one up to five minutes. 0: neither. Default 30.
   */
  readonly refreshCooldownSeconds?: number | undefined
  /** How to log out. Without it sessions are forgotten. */
  readonly logout?: SessionLogout | undefined
  /** Is told of each session whose logout did not succeed. */
  readonly onLogoutLost?: ((lost: LostLogout) => void) | undefined
  /** Default 1: all requests share one session. With more, each request or `withSession` has one to itself, and waits where all are in use. */
  readonly maxSessions?: number | undefined
  /** How many may wait for a session. Default 1000. */
  readonly maxWaiting?: number | undefined
  /** How long one may wait for a session, milliseconds. Default 30000. */
  readonly waitTimeoutMs?: number | undefined
  /** Shares the session with other processes. */
  readonly store?: TokenStore | undefined
  /** Whose session it is, such as the user name; needed with `store`, so that no two users share one. */
  readonly account?: string | undefined
  /** How long a session is shared whose end is not known, seconds. Default 3600. */
  readonly storeTtlSeconds?: number | undefined
  /** How long a login and the store may take, milliseconds. Default 10000. */
  readonly timeoutMs?: number | undefined
  /** Agents of login and logout, such as an https.Agent with a certificate. Default: a new connection for each. */
  readonly httpAgent?: object | undefined
  readonly httpsAgent?: object | undefined
  /** `false`: login and logout go to no proxy, whatever the environment says. */
  readonly proxy?: false | undefined
  /** The axios adapter of login and logout. Default that of node:http. */
  readonly adapter?: AxiosAdapter | undefined
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock | undefined
  /** Waits, milliseconds: between the tries of a logout, and for another process that logs in. Default a timer. */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined
}

const NAMES = [
  'login',
  'refresh',
  'carry',
  'csrf',
  'expiredStatus',
  'expired',
  'lifetimeSeconds',
  'refreshCooldownSeconds',
  'logout',
  'onLogoutLost',
  'maxSessions',
  'maxWaiting',
  'waitTimeoutMs',
  'store',
  'account',
  'storeTtlSeconds',
  'timeoutMs',
  'httpAgent',
  'httpsAgent',
  'proxy',
  'adapter',
  'now',
  'sleep',
] as const satisfies readonly (keyof SessionOptions)[]

/** The names of the options of `session`. */
export const sessionOptionNames: readonly string[] = [...NAMES, ...carrierOptionNames]

/** The options, checked and with their defaults. */
export interface SessionSettings {
  readonly login: LoginSettings | undefined
  readonly refresh: { readonly header: string; readonly isStale: (status: number) => boolean } | undefined
  readonly carry: Carry
  readonly csrf: Csrf | undefined
  readonly isExpiredStatus: (status: number) => boolean
  readonly expired: ((answer: Answer) => boolean) | undefined
  readonly lifetimeMs: number | undefined
  readonly cooldownMs: number
  readonly logout: LogoutSettings | undefined
  readonly onLogoutLost: ((lost: LostLogout) => void) | undefined
  readonly maxSessions: number
  readonly maxWaiting: number
  readonly waitTimeoutMs: number
  readonly store: { readonly store: TokenStore; readonly account: string; readonly ttlMs: number } | undefined
  readonly transport: Transport
  readonly now: Clock
  readonly sleep: (ms: number) => Promise<void>
}

/**
 * Checks the options of `session`, but for those that every factory has.
 *
 * @throws TypeError that names the option and says what to write instead
 */
export function sessionSettings(reader: OptionReader): SessionSettings {
  const allowInsecure = reader.boolean('allowInsecure', false)
  const login = reader.has('login') ? readLogin(reader.raw('login'), allowInsecure) : undefined
  const refresh = refreshOf(reader)
  const transport = transportOf(reader)
  if ((login === undefined) === (refresh === undefined)) {
    throw invalidValue(reader.factory, 'login', 'is required, or refresh instead if the server hands out the session id unasked; not both')
  }
  const maxSessions = reader.integer('maxSessions', 1, 'sessions')
  const lifetimeSeconds = reader.has('lifetimeSeconds') ? reader.integer('lifetimeSeconds', 1, 'seconds') : undefined
  const carry = readCarry(reader, login?.token, refresh?.header)
  return Object.freeze({
    login,
    refresh,
    carry,
    csrf: readCsrf(reader, carry),
    isExpiredStatus: statusTest(reader, 'expiredStatus', (status) => status === 401),
    expired: reader.callback<(answer: Answer) => boolean>('expired'),
    lifetimeMs: lifetimeSeconds === undefined ? undefined : lifetimeSeconds * 1000,
    cooldownMs: reader.integer('refreshCooldownSeconds', 30, 'seconds', 0) * 1000,
    logout: reader.has('logout') ? readLogout(reader.raw('logout'), allowInsecure, transport.timeoutMs, carry.in === 'body') : undefined,
    onLogoutLost: reader.callback<(lost: LostLogout) => void>('onLogoutLost'),
    maxSessions,
    maxWaiting: reader.integer('maxWaiting', 1000, 'users', 0),
    waitTimeoutMs: timerMs(reader, 'waitTimeoutMs', 30_000),
    store: storeOf(reader, maxSessions, refresh !== undefined),
    transport,
    now: reader.callback<Clock>('now') ?? Date.now,
    sleep: reader.callback<(ms: number) => Promise<void>>('sleep') ?? pause,
  })
}

/** A connection that was kept may be closed by the other side in the moment that it is used again. */
const FRESH = { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) }

/** It holds the process: one that ended between two tries of a logout would lose it. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function refreshOf(reader: OptionReader): SessionSettings['refresh'] {
  const given = reader.raw('refresh')
  if (given === undefined) return undefined
  const { factory } = reader
  const nested = new OptionReader(`${factory} refresh`, given, ['header', 'status'])
  const header = headerName(nested.factory, 'header', nested.raw('header'))
  return { header, isStale: statusTest(nested, 'status', (status) => status === 409) }
}

function transportOf(reader: OptionReader): Transport {
  const { factory } = reader
  for (const name of ['httpAgent', 'httpsAgent']) {
    if (reader.has(name) && !isAgent(reader.raw(name), reader.has('adapter'))) {
      throw invalidType(factory, name, 'an agent of node:http or node:https', reader.raw(name))
    }
  }
  if (reader.has('proxy') && reader.raw('proxy') !== false) throw invalidType(factory, 'proxy', 'false, or left out', reader.raw('proxy'))
  return Object.freeze({
    adapter: adapterOf(reader.callback('adapter')),
    given: (['httpAgent', 'httpsAgent'] as const).filter((name) => reader.has(name) || reader.has('adapter')),
    timeoutMs: timerMs(reader, 'timeoutMs', 10_000),
    httpAgent: reader.raw('httpAgent') ?? FRESH.http,
    httpsAgent: reader.raw('httpsAgent') ?? FRESH.https,
    proxy: reader.has('proxy') ? false : undefined,
  })
}

/** An adapter of the caller's may have agents of another kind. */
function isAgent(value: unknown, isForeign: boolean): boolean {
  if (typeof value !== 'object' || value === null) return false
  return isForeign || typeof (value as { addRequest?: unknown }).addRequest === 'function'
}

function storeOf(reader: OptionReader, maxSessions: number, isRefreshed: boolean): SessionSettings['store'] {
  const { factory } = reader
  const account = reader.text('account')
  const ttlMs = reader.integer('storeTtlSeconds', 3600, 'seconds') * 1000
  if (!reader.has('store')) return undefined
  const store = checkTokenStore(factory, reader.raw('store'))
  if (isRefreshed) throw invalidValue(factory, 'store', 'cannot be combined with refresh: an id that costs nothing need not be shared')
  if (maxSessions !== 1) throw invalidValue(factory, 'store', 'cannot be combined with maxSessions: only one session is shared')
  if (account === undefined) {
    throw invalidValue(factory, 'account', 'is required with store: the user whose session it is, so that no two users share one')
  }
  return { store, account, ttlMs }
}
