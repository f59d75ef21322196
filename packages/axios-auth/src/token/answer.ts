import { type Clock, headerValues, instant, soleHeader } from '@countersign/core/base'
import { valueAt } from '../answer/answer-path.js'
import { retryAfterMs } from '../answer/retry-after.js'
import { TokenError } from './error.js'
import type { PostAnswer } from './post.js'
import { isToken } from './text.js'

/** What the number or date in the expiry field is. */
export type ExpiresUnit = 'seconds' | 'milliseconds' | 'unixSeconds' | 'unixMilliseconds' | 'dateTime'

/** Where token and expiry stand in an answer. */
export interface TokenShape {
  /** The names that lead to the token, from the outermost in; undefined where a header carries it. */
  readonly tokenPath: readonly string[] | undefined
  /** Lower case. */
  readonly tokenHeader: string | undefined
  readonly expiresPath: readonly string[]
  readonly expiresUnit: ExpiresUnit
  /** An OAuth 2.0 service (RFC 6749 section 5.1): status 200 alone, token_type Bearer or none. Others may answer 201 and any type. */
  readonly isOAuth: boolean
  /** The life of a token whose answer does not tell. */
  readonly defaultLifetimeMs: number
  readonly maxLifetimeMs: number
}

/** A token as its service gave it. */
export interface FreshToken {
  readonly token: string
  /** From the moment of the request on, milliseconds, finite; 0: good for those who wait for it, not to be kept. */
  readonly lifetimeMs: number
}

/**
 * Reads the token out of an answer. Success is judged here alone: the status, the JSON, its own properties.
 *
 * The life is `expires_in` (a number, or digits as text); missing or null: the default; zero, negative and anything else: not to be
 * kept. It is never more than the longest life.
 *
 * @param secrets - texts that the answer must not echo into an error
 * @throws TokenError `ERR_AXIOS_TOKEN_REFUSED`, `ERR_AXIOS_TOKEN_BUSY`, `ERR_AXIOS_TOKEN_MALFORMED`, `ERR_AXIOS_TOKEN_TYPE`
 */
export function readToken(answer: PostAnswer, shape: TokenShape, now: Clock, secrets: readonly string[]): FreshToken {
  const json = parsed(answer.body)
  const isStatusGood = answer.status === 200 || (answer.status === 201 && !shape.isOAuth)
  const error = oauthError(json, secrets)
  if (!isStatusGood || error !== undefined) throw refusal(answer, error, now())
  const token = shape.tokenPath === undefined ? soleHeader(answer.rawHeaders, shape.tokenHeader ?? '') : valueAt(json, shape.tokenPath)
  if (!isToken(token)) throw new TokenError('ERR_AXIOS_TOKEN_MALFORMED', malformed(answer, json, token), { tokenStatus: answer.status })
  if (shape.isOAuth) checkType(valueAt(json, ['token_type']))
  return { token, lifetimeMs: lifetime(valueAt(json, shape.expiresPath), shape, now()) }
}

/** How long a token service wants to be left alone, seconds: at most 300, 0 when it does not say. */
export function retryAfterSeconds(rawHeaders: readonly string[], now: number): number {
  return Math.ceil(retryAfterMs(headerValues(rawHeaders, 'retry-after')[0], now) / 1000)
}

function refusal(answer: PostAnswer, oauth: string | undefined, now: number): TokenError {
  const isBusy = answer.status === 429 || answer.status === 503
  const retryAfter = isBusy ? retryAfterSeconds(answer.rawHeaders, now) : 0
  const named = oauth === undefined ? '' : ` and the error ${oauth}`
  return new TokenError(
    'ERR_AXIOS_TOKEN_REFUSED',
    `the token service answered with status ${answer.status}${named}${hint(answer.status, oauth)}`,
    {
      tokenStatus: answer.status,
      oauthError: oauth,
      retryAfterSeconds: retryAfter > 0 ? retryAfter : undefined,
    },
  )
}

function hint(status: number, oauth: string | undefined): string {
  if (status >= 300 && status < 400) return '; redirects are not followed: check tokenUrl'
  // Services that are no OAuth 2.0 servers by the letter answer a POST so.
  return status === 201 && oauth === undefined ? "; if that means success, write tokenField: 'access_token'" : ''
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

/** An error that the answer names, whatever the status; 'unnamed' where it is no short plain word or holds a secret. */
function oauthError(json: unknown, secrets: readonly string[]): string | undefined {
  const error = valueAt(json, ['error'])
  // Services that always have the field say so when there is none.
  if (error === undefined || error === null || error === '' || error === false || error === 0) return undefined
  const isPlain = typeof error === 'string' && /^[A-Za-z0-9_.:/-]{1,64}$/.test(error)
  return isPlain && !secrets.some((secret) => error.includes(secret) || secret.includes(error)) ? error : 'unnamed'
}

function checkType(type: unknown): void {
  if (type === undefined || type === null || (typeof type === 'string' && type.toLowerCase() === 'bearer')) return
  throw new TokenError('ERR_AXIOS_TOKEN_TYPE')
}

function malformed({ rawHeaders }: PostAnswer, json: unknown, token: unknown): string {
  const isEncoded = headerValues(rawHeaders, 'content-encoding').some((coding) => coding.toLowerCase() !== 'identity')
  if (json === undefined && isEncoded)
    return 'the response of the token service is compressed, although it was requested uncompressed (identity)'
  if (json === undefined) return 'the response of the token service is not JSON'
  if (token === undefined || token === null) return 'the response of the token service has no token where one is expected'
  return 'the token in the response of the token service is not text that a header can carry'
}

function lifetime(value: unknown, shape: TokenShape, now: number): number {
  if (value === undefined || value === null) return Math.min(shape.defaultLifetimeMs, shape.maxLifetimeMs)
  const life = shape.expiresUnit === 'dateTime' ? untilDate(value, now) : untilNumber(value, shape.expiresUnit, now)
  return life > 0 ? Math.min(life, shape.maxLifetimeMs) : 0
}

function untilNumber(value: unknown, unit: Exclude<ExpiresUnit, 'dateTime'>, now: number): number {
  const isDigits = typeof value === 'string' && value.length <= 20 && /^\d+(?:\.\d+)?$/.test(value)
  const number = isDigits ? Number(value) : value
  if (typeof number !== 'number') return 0
  if (unit === 'seconds') return number * 1000
  if (unit === 'milliseconds') return number
  return (unit === 'unixSeconds' ? number * 1000 : number) - now
}

function untilDate(value: unknown, now: number): number {
  try {
    return typeof value === 'string' && value.length <= 40 ? moment(value) - now : 0
  } catch {
    return 0
  }
}

// ISO 8601 as services write it besides RFC 3339: a blank for the T, a comma, an offset without its colon or its minutes, or none.
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i
// RFC 9110 section 5.6.7.
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/** Milliseconds since the epoch. Without an offset the time is UTC. @throws TypeError, or answers NaN, for what is no date */
function moment(text: string): number {
  if (HTTP_DATE.test(text)) return Date.parse(text)
  const [whole, date, time, fraction, zone] = ISO.exec(text) ?? []
  if (whole === undefined) return Number.NaN
  return instant('bearer', 'expiresField', `${date}T${time}${fraction === undefined ? '' : `.${fraction}`}${offset(zone)}`)
}

function offset(zone: string | undefined): string {
  if (zone === undefined || /^[a-z]/i.test(zone)) return 'Z'
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`
}
