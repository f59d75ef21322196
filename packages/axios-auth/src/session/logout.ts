import { channel } from 'node:diagnostics_channel'
import { CountersignError, warnOnce } from '@countersign/core/base'
import type { Carry } from './carry.js'
import { type LostLogout, sessionError } from './errors.js'
import { LOCATION, type LogoutSettings } from './exchange-options.js'
import { ownRequest } from './login.js'
import type { OpenSession } from './opened.js'
import type { SessionSettings } from './options.js'
import { bodyWith, targetWith } from './place.js'
import { NoAnswer, type OwnReply, type OwnRequest, ownUrl, sendOwn } from './request.js'

/** The most times that a logout is tried. */
const LOGOUT_TRIES = 3
const FIRST_PAUSE_MS = 200
const errors = channel('countersign:error')

type Outcome = { readonly done: true } | { readonly done: false; readonly again: boolean; readonly status?: number; readonly why: string }

/** A session that is to be logged out. */
export interface Farewell {
  readonly settings: SessionSettings
  readonly logout: LogoutSettings
  /** The baseURL of the instance. */
  readonly base: string
  readonly session: OpenSession
  /** Whether the server had refused it, or its time was up: the logout may well be refused for that. */
  readonly isOver: boolean
}

/**
 * Logs a session out: three tries at most, `logout.timeoutMs` each, with a growing pause between them. Never rejects: a logout that is lost is
 * reported to `onLogoutLost` and on `countersign:error`; where nobody listens, by a warning, once per process.
 *
 * Done is a status of 200 to 399, and an answer that says that the session is gone: 401, 404, 410, what `expired` says, and a status of
 * `expiredStatus` where the session was over already: of one that held, 403 may as well say that the logout lacks a token against forged requests.
 * Other statuses below 500 but 408 and 429 are not tried again.
 */
export async function logOut({ settings, logout, base, session, isOver }: Farewell): Promise<void> {
  let origin: string | undefined
  let outcome: Outcome = { done: false, again: false, why: '' }
  let tries = 0
  try {
    const target = targetOf(logout, session)
    if (target === undefined)
      return report(settings, { origin, tries, status: undefined, reason: 'the login was answered without a Location' })
    const url = ownUrl(target, base)
    origin = url.origin
    while (tries < LOGOUT_TRIES) {
      if (tries > 0) await settings.sleep(FIRST_PAUSE_MS * 2 ** (tries - 1))
      const request = await ownRequest(logout, url.href, { token: session.token() }, carried(settings, session, url), logout.timeoutMs)
      const placed = placedIn(request, settings.carry, session.token())
      tries += 1
      outcome = await tried(settings, logout, placed, isOver)
      if (outcome.done) return
      if (!outcome.again) break
    }
  } catch (error) {
    outcome = { done: false, again: false, why: error instanceof CountersignError ? error.message : 'it could not be made' }
  }
  if (!outcome.done) report(settings, { origin, tries, status: outcome.status, reason: outcome.why })
}

function targetOf({ url }: LogoutSettings, session: OpenSession): string | undefined {
  return url === LOCATION ? session.location : url.replaceAll('{token}', () => encodeURIComponent(session.token()))
}

function carried(settings: SessionSettings, session: OpenSession, url: URL): readonly (readonly [string, string])[] {
  const { carry } = settings
  const fields = session.fields(settings, { origin: url.origin, target: url.pathname }, undefined)
  const pairs = fields.map(({ name, value }) => [name, value] as const)
  if (carry.in !== 'cookie' || fields.some(({ name }) => name === 'Cookie')) return pairs
  // Where its cookie is over here, or does not go to that path, the server may know it still.
  return [['Cookie', `${carry.name}=${session.token()}`], ...pairs]
}

/** The request with the session in its query or body, where that is how it is carried. @throws SessionError `ERR_AXIOS_SESSION_CARRY` */
function placedIn(request: OwnRequest, carry: Carry, token: string): OwnRequest {
  if (carry.in === 'query') {
    const { origin, pathname, search } = new URL(request.url)
    return { ...request, url: origin + targetWith(pathname + search, carry.name, token) }
  }
  if (carry.in !== 'body') return request
  const type = request.headers.findLast(([name]) => name.toLowerCase() === 'content-type')?.[1]
  return { ...request, body: bodyWith(request.body, type, carry.name, token) }
}

async function tried(settings: SessionSettings, logout: LogoutSettings, request: OwnRequest, isOver: boolean): Promise<Outcome> {
  try {
    const answer = await sendOwn({ ...settings.transport, timeoutMs: logout.timeoutMs }, request)
    const { status } = answer
    if ((status >= 200 && status < 400) || isGone(status) || saysExpired(settings, answer, isOver)) return { done: true }
    return {
      done: false,
      again: status >= 500 || status === 408 || status === 429,
      status,
      why: `the logout was answered with status ${status}${settings.isExpiredStatus(status) ? UNCLEAR : ''}`,
    }
  } catch (error) {
    return { done: false, again: true, why: `the logout got ${error instanceof NoAnswer ? error.message : 'no answer'}` }
  }
}

const UNCLEAR = ': it was refused, or the session had expired before; the option expired can tell the two apart'

function saysExpired({ expired, isExpiredStatus }: SessionSettings, answer: OwnReply, isOver: boolean): boolean {
  try {
    return (isOver && isExpiredStatus(answer.status)) || expired?.(answer) === true
  } catch {
    return false
  }
}

function isGone(status: number): boolean {
  return status === 401 || status === 404 || status === 410
}

function report(settings: SessionSettings, facts: Omit<LostLogout, 'code'>): void {
  const lost: LostLogout = Object.freeze({ code: 'ERR_AXIOS_LOGOUT_LOST', ...facts })
  const { logout, onLogoutLost } = settings
  if (errors.hasSubscribers) {
    const error = sessionError('ERR_AXIOS_LOGOUT_LOST', facts.reason)
    errors.publish(Object.freeze({ authenticator: 'session', method: logout?.method, path: pathOf(logout?.url), ...lost, error }))
  }
  try {
    onLogoutLost?.(lost)
  } catch {
    warnOnce('ERR_AXIOS_LOGOUT_LOST_THROWN', 'session: onLogoutLost threw; its report is lost')
  }
  if (onLogoutLost === undefined && !errors.hasSubscribers) {
    warnOnce(
      'ERR_AXIOS_LOGOUT_LOST',
      `session: ${facts.reason}; a session may still be open at the server; give onLogoutLost to hear of each`,
    )
  }
}

/** As the options have it, so that no token is in it. */
function pathOf(url: string | undefined): string {
  const path = url === undefined ? '' : URL.canParse(url) ? new URL(url).pathname : url
  return path.split('?', 1)[0] as string
}
