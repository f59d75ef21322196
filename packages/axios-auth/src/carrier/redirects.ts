import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { axiosAuthError } from '../errors.js'
import { drain, ReceivedAnswer } from './answer.js'
import { type Destination, destination } from './final-url.js'
import type { Draft, Field } from './outgoing.js'
import { NOTHING } from './payload.js'

/** As many as this, though the caller may ask for fewer. */
const MOST_REDIRECTS = 5
const STATUSES = new Set([301, 302, 303, 307, 308])
/** What describes a body, and goes with it. */
const BODY_FIELDS = ['content-type', 'content-encoding', 'content-language', 'content-location', 'transfer-encoding']

/** Whether a status asks for the request at another place. */
export function isRedirect(status: number): boolean {
  return STATUSES.has(status)
}

/**
 * What to send to where an answer redirects, within the same origin alone; undefined when it does not redirect, or the caller has set
 * maxRedirects: 0.
 *
 * POST becomes GET at 301 and 302, everything but HEAD at 303; 307 and 308 send the same again (RFC 9110 section 15.4).
 *
 * @throws AxiosAuthError `ERR_AXIOS_REDIRECT` for another origin, `ERR_AXIOS_BODY_SPENT` for a stream; AxiosError
 *   `ERR_FR_TOO_MANY_REDIRECTS`; what the caller's beforeRedirect throws
 */
export function followed(response: AxiosResponse, draft: Draft, config: InternalAxiosRequestConfig, hops: number): Draft | undefined {
  if (!isRedirect(response.status)) return undefined
  const answer = new ReceivedAnswer(response)
  const location = answer.header('location')
  const most = Object.hasOwn(config, 'maxRedirects') ? config.maxRedirects : undefined
  if (location === undefined || most === 0) return undefined
  if (hops >= Math.min(MOST_REDIRECTS, typeof most === 'number' && most >= 0 ? most : MOST_REDIRECTS)) {
    // As with axios alone nobody expects a body there, which would hold its connection.
    drain(response)
    throw new AxiosError('Maximum number of redirects exceeded', 'ERR_FR_TOO_MANY_REDIRECTS', config, response.request, response)
  }
  const next = redirected(draft, response.status, sameOrigin(location, draft.destination))
  consult(config, next, response)
  return next
}

function sameOrigin(location: string, from: Destination): Destination {
  const base = from.origin + from.target
  if (!URL.canParse(location, base)) throw axiosAuthError('ERR_AXIOS_REDIRECT', 'the response redirects to something that is not a URL')
  const url = new URL(location, base)
  if (url.username !== '' || url.password !== '')
    throw axiosAuthError('ERR_AXIOS_REDIRECT', 'the response redirects to a URL with a user name')
  const to = destination(url, 'ERR_AXIOS_REDIRECT')
  if (to.origin !== from.origin) {
    throw axiosAuthError('ERR_AXIOS_REDIRECT', `${from.origin} redirects to ${to.origin}, where nothing was sent`)
  }
  return to
}

function redirected(draft: Draft, status: number, to: Destination): Draft {
  const { method } = draft
  const becomesGet = status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST'
  if (!becomesGet) {
    if (draft.payload.stream !== undefined) {
      throw axiosAuthError('ERR_AXIOS_BODY_SPENT', `the response (${status}) requires the body again, which is a stream that has been read`)
    }
    return { ...draft, destination: to }
  }
  const fields = new Map<string, Field>(draft.fields)
  for (const name of BODY_FIELDS) fields.delete(name)
  return { method: 'GET', destination: to, payload: NOTHING, fields }
}

/** The caller's beforeRedirect may look, and stop the request by throwing; what it changes is not sent, since steps sign what is. */
function consult(config: InternalAxiosRequestConfig, next: Draft, response: AxiosResponse): void {
  const before = Object.hasOwn(config, 'beforeRedirect') ? config.beforeRedirect : undefined
  if (before === undefined) return
  const { origin, target } = next.destination
  const url = new URL(target, origin)
  const headers: Record<string, string> = Object.create(null)
  for (const [name, { value, secret }] of next.fields) if (value !== false && !secret) headers[name] = String(value)
  const { protocol, hostname, host, port, pathname, search, href } = url
  const options = { protocol, hostname, host, port, pathname, search, path: target, href, method: next.method, headers }
  const received = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]))
  const details = { headers: received, statusCode: response.status as never }
  const summary = response.request as { method: string; res: { responseUrl: string } }
  before(options, details, { headers, url: summary.res.responseUrl, method: summary.method })
}
