import { CountersignError, within } from '@countersign/core/base'
import { valueAt } from './answer-path.js'
import { fits } from './session-carry.js'
import { CookieJar } from './session-cookies.js'
import { bodyOf, checkedData, secretText } from './session-data.js'
import { sessionError } from './session-errors.js'
import type { ExchangeSettings, LoginSettings } from './session-exchange-options.js'
import { OpenSession } from './session-opened.js'
import type { SessionSettings } from './session-options.js'
import { NoAnswer, type OwnRequest, ownUrl, type SessionReply, sendOwn } from './session-request.js'

const LONGEST_BACKOFF_MS = 300_000

/** A server that asked to be left alone: no login before that. */
export interface LoginGate {
  /** Milliseconds since the epoch. */
  closedUntil: number
}

/**
 * Logs in once. Success is judged by this alone: the status, `ok`, and a token that can be carried.
 *
 * @param base - the baseURL of the instance
 * @throws SessionError `ERR_AXIOS_LOGIN_REFUSED`, `ERR_AXIOS_LOGIN_FAILED`; made anew, so that no secret hangs on it
 */
export async function logIn(settings: SessionSettings, login: LoginSettings, base: string, gate: LoginGate): Promise<OpenSession> {
  const startedAt = settings.now()
  if (startedAt < gate.closedUntil) {
    const seconds = Math.ceil((gate.closedUntil - startedAt) / 1000)
    throw sessionError('ERR_AXIOS_LOGIN_FAILED', `the server asked to be left alone for another ${seconds} s`, {
      retryAfterSeconds: seconds,
    })
  }
  const url = ownUrl(login.url, base)
  const request = await made(settings, login, url)
  const answer = await answered(settings, request)
  if (!login.isSuccess(answer.status)) {
    const backoff = backoffMs(answer, settings.now())
    gate.closedUntil = Math.max(gate.closedUntil, startedAt + backoff)
    throw sessionError('ERR_AXIOS_LOGIN_REFUSED', `the login was answered with status ${answer.status}${redirectHint(answer.status)}`, {
      loginStatus: answer.status,
      retryAfterSeconds: backoff > 0 ? Math.ceil(backoff / 1000) : undefined,
    })
  }
  return opened(settings, login, answer, url, startedAt)
}

/** Forms of web applications are answered so. */
function redirectHint(status: number): string {
  const isRedirect = status >= 301 && status <= 308 && status !== 304
  return isRedirect ? `, a redirect, which is not followed; where it stands for success, write login.status: ${status}` : ''
}

async function made(settings: SessionSettings, login: LoginSettings, url: URL): Promise<OwnRequest> {
  try {
    return await ownRequest(login, url.href, undefined, login.auth === undefined ? [] : [basic(login.auth)], settings.transport.timeoutMs)
  } catch (error) {
    throw sessionError('ERR_AXIOS_LOGIN_FAILED', `the login was not sent: ${whyNot(error, login)}`)
  }
}

/** Of errors of others nobody knows what they hold; what a function of the caller's answered has names that may be secret. */
function whyNot(error: unknown, { data }: LoginSettings): string {
  if (error instanceof CountersignError) return error.code
  const isOurs = error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_INVALID_ARG_')
  return isOurs && typeof data !== 'function' ? error.message : 'its data could not be made'
}

async function answered(settings: SessionSettings, request: OwnRequest): Promise<SessionReply> {
  try {
    return await sendOwn(settings.transport, request)
  } catch (error) {
    throw sessionError('ERR_AXIOS_LOGIN_FAILED', `the login got ${error instanceof NoAnswer ? error.message : 'no answer'}`)
  }
}

/**
 * A request of our own, with data and secrets as they are now.
 *
 * @param token - of the session, for a function that makes the data of a logout
 * @param more - further header fields; those of the options are behind them
 */
export async function ownRequest(
  exchange: ExchangeSettings,
  url: string,
  token: string | undefined,
  more: OwnRequest['headers'],
  timeoutMs: number,
): Promise<OwnRequest> {
  const { data, label } = exchange
  const given = typeof data === 'function' ? await within(timeoutMs, () => data({ token: token ?? '' })) : data
  const body = given === undefined ? undefined : bodyOf(label, 'data', checkedData(label, 'data', given), exchange.dataFormat)
  const headers = exchange.headers.map(([name, value]) => [name, secretText(label, `headers.${name}`, value)] as const)
  const type = body === undefined ? [] : [['Content-Type', body.contentType] as const]
  const length = body === undefined && exchange.method !== 'GET' ? [['Content-Length', '0'] as const] : []
  const fields = [['Accept', 'application/json, text/plain, */*'] as const, ...type, ...length, ...more, ...headers]
  return { url, method: exchange.method, headers: fields, body: body?.octets }
}

function basic(auth: NonNullable<LoginSettings['auth']>): readonly [string, string] {
  const password = secretText('session login.auth', 'password', auth.password)
  return ['Authorization', `Basic ${Buffer.from(`${auth.username}:${password}`).toString('base64')}`]
}

function opened(settings: SessionSettings, login: LoginSettings, answer: SessionReply, url: URL, startedAt: number): OpenSession {
  const json = answer.json()
  if (login.ok !== undefined && !saysYes(login.ok, json ?? answer.text(), answer)) {
    throw sessionError('ERR_AXIOS_LOGIN_REFUSED', `the login was answered with status ${answer.status}, and ok did not say true`)
  }
  const { carry } = settings
  const from = { origin: url.origin, target: url.pathname }
  const cookie = login.token.in === 'cookie' ? login.token.name : carry.in === 'cookie' ? carry.name : undefined
  const jar = cookie === undefined ? undefined : new CookieJar(carry.in === 'cookie' ? carry.name : cookie, settings.now)
  jar?.store(answer.headerValues('set-cookie'), from)
  const token = login.token.in === 'cookie' ? named(login.token.name, answer, settings, from) : tokenOf(login, json, answer)
  if (token === undefined)
    throw sessionError('ERR_AXIOS_LOGIN_REFUSED', `the login was answered with status ${answer.status}, and without a token`)
  if (!fits(carry, token)) throw sessionError('ERR_AXIOS_LOGIN_REFUSED', 'the token of the login cannot stand in a header field')
  // A token out of the body, carried as a cookie: it is set as the server would have set it.
  if (carry.in === 'cookie' && jar?.own() !== token) jar?.store([`${carry.name}=${token}; Path=/`], from)
  return new OpenSession({
    token,
    jar: carry.in === 'cookie' ? jar : undefined,
    endsAt: endOf(settings, login, json, startedAt),
    isOwn: true,
  })
}

function saysYes(ok: NonNullable<LoginSettings['ok']>, body: unknown, answer: SessionReply): boolean {
  try {
    return ok(body, answer) === true
  } catch {
    return false
  }
}

function named(
  name: string,
  answer: SessionReply,
  settings: SessionSettings,
  from: { origin: string; target: string },
): string | undefined {
  const jar = new CookieJar(name, settings.now)
  jar.store(answer.headerValues('set-cookie'), from)
  return jar.own()
}

function tokenOf({ token }: LoginSettings, json: unknown, answer: SessionReply): string | undefined {
  if (token.in === 'header') {
    const values = answer.headerValues(token.name)
    return values.length === 1 && values[0] !== '' ? values[0] : undefined
  }
  if (token.in === 'json') return word(valueAt(json, token.path))
  return typeof json === 'string' ? word(json) : json === undefined ? word(answer.text().trim()) : undefined
}

/** A token as text; some servers give a number. */
function word(value: unknown): string | undefined {
  if (Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A little before its end, counted from before the request, so that no request is under way with it when it ends. */
function endOf(settings: SessionSettings, login: LoginSettings, json: unknown, startedAt: number): number | undefined {
  const told = login.expiresIn === undefined ? undefined : valueAt(json, login.expiresIn)
  const number = typeof told === 'string' && /^\d{1,15}$/.test(told) ? Number(told) : told
  const lifeMs = typeof number === 'number' && number > 0 && Number.isFinite(number) ? number * login.expiresUnitMs : settings.lifetimeMs
  return lifeMs === undefined ? undefined : startedAt + lifeMs - Math.min(lifeMs / 10, 30_000)
}

/** How long a server wants to be left alone (RFC 9110 section 10.2.3), milliseconds: at most five minutes. */
function backoffMs(answer: SessionReply, now: number): number {
  if (answer.status !== 429 && answer.status !== 503) return 0
  const field = answer.header('retry-after') ?? ''
  if (field.length > 40) return 0
  const ms = /^\d+$/.test(field) ? Number(field) * 1000 : Date.parse(field) - now
  return ms > 0 ? Math.min(ms, LONGEST_BACKOFF_MS) : 0
}
