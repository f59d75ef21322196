import { CountersignError, within } from '@countersign/core/base'
import { valueAt } from '../answer/answer-path.js'
import { nameAndCode } from '../answer/error-words.js'
import { retryAfterMs } from '../answer/retry-after.js'
import { fits, jarFor } from './carry.js'
import { CookieJar, type CookieTarget } from './cookies.js'
import { isCsrf, repeatedField } from './csrf.js'
import { bodyOf, checkedData, secretText } from './data.js'
import { type SessionError, sessionError } from './errors.js'
import type { ExchangeSettings, LoginSettings, TokenPlace } from './exchange-options.js'
import { OpenSession } from './opened.js'
import type { SessionSettings } from './options.js'
import { NoAnswer, type OwnRequest, ownUrl, type SessionReply, sendOwn } from './request.js'

/**
 * Logs in once. Success is judged by this alone: the status, `ok`, and a token that can be carried.
 *
 * @param base - the baseURL of the instance
 * @throws SessionError `ERR_AXIOS_LOGIN_REFUSED`, `ERR_AXIOS_LOGIN_FAILED`; made anew, so that no secret hangs on it
 */
export async function logIn(settings: SessionSettings, login: LoginSettings, base: string): Promise<OpenSession> {
  const startedAt = settings.now()
  const url = ownUrl(login.url, base)
  const before = login.page === undefined ? undefined : await fetched(settings, PAGE, ownUrl(login.page, base), [])
  if (before !== undefined && before.answer.status >= 400) refuse(settings, before.answer, PAGE)
  const answer = await answered(settings, LOGIN, await made(settings, login, url, before))
  if (!login.isSuccess(answer.status)) refuse(settings, answer, LOGIN, redirectHint(answer.status))
  if (login.ok !== undefined && !saysYes(login.ok, answer.json() ?? answer.text(), answer)) {
    throw refusedAt(LOGIN, answer, 'ok did not return true')
  }
  const heard = before === undefined ? [{ answer, url }] : [before, { answer, url }]
  if (login.landing === undefined) return opened(settings, login, { heard, answer, told: answer, url, startedAt })
  const landing = await fetched(settings, LANDING, ownUrl(login.landing, base), heard)
  const { status } = landing.answer
  if (status < 200 || status > 299) refuse(settings, landing.answer, LANDING)
  return opened(settings, login, { heard: [...heard, landing], answer, told: landing.answer, url, startedAt })
}

const LOGIN = 'the login'
const PAGE = 'the page of the login'
const LANDING = 'the page that follows the login'

/** An answer, and where it came from: cookies without a path are for the folder of that. */
interface Heard {
  readonly answer: SessionReply
  readonly url: URL
}

function refuse(settings: SessionSettings, answer: SessionReply, what: string, hint = ''): never {
  const backoff = backoffMs(answer, settings.now())
  throw sessionError('ERR_AXIOS_LOGIN_REFUSED', `${what} was answered with status ${answer.status}${hint}`, {
    loginStatus: answer.status,
    retryAfterSeconds: backoff > 0 ? Math.ceil(backoff / 1000) : undefined,
  })
}

/** A page of the login, asked for with the cookies of what was heard before. */
async function fetched(settings: SessionSettings, what: string, url: URL, heard: readonly Heard[]): Promise<Heard> {
  const { url: href, method, headers, body } = pageRequest(url)
  return {
    answer: await answered(settings, what, { url: href, method, headers: [...headers, ...cookiesOf(settings, heard, url)], body }),
    url,
  }
}

/** Browsers ask for HTML; some servers answer others without a form. */
function pageRequest(url: URL): OwnRequest {
  return { url: url.href, method: 'GET', headers: [['Accept', 'text/html, application/json, */*']], body: undefined }
}

/** The cookies of earlier answers, as the next request of the login carries them. */
function cookiesOf(settings: SessionSettings, heard: readonly Heard[], url: URL): OwnRequest['headers'] {
  if (heard.length === 0) return []
  const jar = filled(jarFor(settings.carry, settings.now) ?? new CookieJar('', settings.now), heard)
  const to = targetOf(url)
  const cookie = jar.header(to, undefined)
  const repeated = repeatedField(settings.csrf, jar, to)
  return [
    ...(cookie === undefined ? [] : [['Cookie', cookie] as const]),
    ...(repeated === undefined ? [] : [[repeated.name, repeated.value] as const]),
  ]
}

/** A jar with the cookies of answers, in their order. */
function filled<J extends CookieJar | undefined>(jar: J, heard: readonly Heard[]): J {
  for (const { answer, url } of heard) jar?.store(answer.headerValues('set-cookie'), targetOf(url))
  return jar
}

function targetOf({ origin, pathname }: URL): CookieTarget {
  return { origin, target: pathname }
}

/** Forms of web applications are answered so. */
function redirectHint(status: number): string {
  const isRedirect = status >= 301 && status <= 308 && status !== 304
  return isRedirect ? `, a redirect, which is not followed; if it means success, write login.status: ${status}` : ''
}

async function made(settings: SessionSettings, login: LoginSettings, url: URL, before: Heard | undefined): Promise<OwnRequest> {
  try {
    const more = [
      ...(login.auth === undefined ? [] : [basic(login.auth)]),
      ...cookiesOf(settings, before === undefined ? [] : [before], url),
    ]
    return await ownRequest(login, url.href, { page: before?.answer }, more, settings.transport.timeoutMs)
  } catch (error) {
    throw sessionError('ERR_AXIOS_LOGIN_FAILED', `the login was not sent: ${whyNot(error, login)}`)
  }
}

/** Of errors of others nobody knows what they hold; what a function of the caller's answered has names that may be secret. */
function whyNot(error: unknown, { data }: LoginSettings): string {
  if (error instanceof CountersignError) return error.code + (error.cause === undefined ? '' : nameAndCode(error))
  const isOurs = error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_INVALID_ARG_')
  return isOurs && typeof data !== 'function' ? error.message : `its data could not be produced${nameAndCode(error)}`
}

async function answered(settings: SessionSettings, what: string, request: OwnRequest): Promise<SessionReply> {
  try {
    return await sendOwn(settings.transport, request)
  } catch (error) {
    throw sessionError('ERR_AXIOS_LOGIN_FAILED', `${what} got ${error instanceof NoAnswer ? error.message : 'no answer'}`)
  }
}

/**
 * A request of our own, with data and secrets as they are now.
 *
 * @param given - for a function that makes the data: the page of a login, the token of a logout
 * @param more - further header fields; those of the options are behind them
 */
export async function ownRequest(
  exchange: ExchangeSettings,
  url: string,
  given: { readonly page?: SessionReply | undefined; readonly token?: string },
  more: OwnRequest['headers'],
  timeoutMs: number,
): Promise<OwnRequest> {
  const { data, label } = exchange
  const made = typeof data === 'function' ? await within(timeoutMs, () => data(given)) : data
  const body = made === undefined ? undefined : bodyOf(label, 'data', checkedData(label, 'data', made), exchange.dataFormat)
  const headers = exchange.headers.map(([name, value]) => {
    const isTemplate = typeof value === 'string' && given.token !== undefined
    return [name, isTemplate ? value.replaceAll('{token}', () => given.token ?? '') : secretText(label, `headers.${name}`, value)] as const
  })
  const type = body === undefined ? [] : [['Content-Type', body.contentType] as const]
  const length = body === undefined && exchange.method !== 'GET' ? [['Content-Length', '0'] as const] : []
  const fields = [['Accept', 'application/json, text/plain, */*'] as const, ...type, ...length, ...more, ...headers]
  return { url, method: exchange.method, headers: fields, body: body?.octets }
}

function basic(auth: NonNullable<LoginSettings['auth']>): readonly [string, string] {
  const password = secretText('session login.auth', 'password', auth.password)
  return ['Authorization', `Basic ${Buffer.from(`${auth.username}:${password}`).toString('base64')}`]
}

/** What came of a login that was answered with success. */
interface LoggedIn {
  /** Every answer, in order. */
  readonly heard: readonly Heard[]
  readonly answer: SessionReply
  /** The answer that holds the token. */
  readonly told: SessionReply
  readonly url: URL
  readonly startedAt: number
}

function opened(settings: SessionSettings, login: LoginSettings, { heard, answer, told, url, startedAt }: LoggedIn): OpenSession {
  const { carry } = settings
  const what = told === answer ? LOGIN : LANDING
  const jar = filled(jarFor(carry, settings.now), heard)
  const named = login.token.in === 'cookie' ? filled(new CookieJar(login.token.name, settings.now), heard) : undefined
  const token = named === undefined ? tokenOf(login.token, told) : named.own()
  if (token === undefined) throw refusedAt(what, told, 'without a token')
  if (!fits(carry, token)) throw refusedAt(what, told, 'with a token that a header field cannot carry')
  const csrf = settings.csrf?.in === 'token' ? tokenOf(settings.csrf.place, told) : undefined
  if (settings.csrf?.in === 'token' && !isCsrf(csrf)) throw refusedAt(what, told, 'without what csrf.token names')
  // A token out of the body, carried as a cookie: it is set as the server would have set it.
  if (carry.in === 'cookie' && jar?.own() !== token) jar?.store([`${carry.name}=${token}; Path=/`], targetOf(url))
  return new OpenSession({
    token,
    csrf,
    jar,
    endsAt: endOf(settings, login, answer.json(), startedAt),
    location: locationOf(answer, url),
    isOwn: true,
  })
}

function refusedAt(what: string, { status }: SessionReply, why: string): SessionError {
  return sessionError('ERR_AXIOS_LOGIN_REFUSED', `${what} was answered with status ${status}, and ${why}`, { loginStatus: status })
}

/** Behind a proxy the server may know its host by another name; the session is told to the origin of the login alone. */
function locationOf(answer: SessionReply, url: URL): string | undefined {
  const field = answer.header('location')
  if (field === undefined || !URL.canParse(field, url.href)) return undefined
  const { pathname, search } = new URL(field, url)
  return url.origin + pathname + search
}

function saysYes(ok: NonNullable<LoginSettings['ok']>, body: unknown, answer: SessionReply): boolean {
  try {
    return ok(body, answer) === true
  } catch {
    return false
  }
}

function tokenOf(token: TokenPlace, answer: SessionReply): string | undefined {
  if (token.in === 'header') {
    const values = answer.headerValues(token.name)
    return values.length === 1 && values[0] !== '' ? values[0] : undefined
  }
  const json = answer.json()
  if (token.in === 'json') return word(valueAt(json, token.path))
  if (token.in === 'answer') return word(found(token.find, answer))
  return typeof json === 'string' ? word(json) : json === undefined ? word(answer.text().trim()) : undefined
}

function found(find: (answer: SessionReply) => unknown, answer: SessionReply): unknown {
  try {
    return find(answer)
  } catch {
    return undefined
  }
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

/** How long a server that is busy wants to be left alone. */
function backoffMs(answer: SessionReply, now: number): number {
  return answer.status === 429 || answer.status === 503 ? retryAfterMs(answer.header('retry-after'), now) : 0
}
