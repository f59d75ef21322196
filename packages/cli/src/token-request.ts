import { CommandError, exitCodes, outOfReach, usageError } from './exit-codes.js'
import { reasonOf } from './input/octets.js'
import { printable } from './printable.js'
import { isThisMachine } from './this-machine.js'

/** A client-credentials request (RFC 6749 section 4.4). */
export interface TokenRequest {
  readonly url: URL
  readonly clientId: string
  readonly clientSecret: string
  /** In the Authorization field, which every server has to take, or in the form (RFC 6749 section 2.3.1). */
  readonly auth: 'basic' | 'post'
  /** scope, audience and whatever else the form holds. */
  readonly fields: readonly (readonly [string, string])[]
  readonly timeoutMs: number
}

/** What the server answered. */
export interface TokenAnswer {
  readonly token: string
  readonly type: string
  /** How long the token lives by the answer, seconds; undefined: it does not say. */
  readonly expiresInSeconds: number | undefined
  readonly scope: string | undefined
}

const MOST_OCTETS = 1024 * 1024

/**
 * Fetches a token. No redirect is followed: the secret goes to this URL alone.
 *
 * @throws CommandError: exit code 1 when the server refuses, 3 when it cannot be reached or answers something else; neither holds the secret or
 *   the answer's text
 */
export async function fetchToken(request: TokenRequest): Promise<TokenAnswer> {
  const { status, text } = await posted(request)
  const answer = jsonObject(text)
  if (status !== 200) throw refusedWith(status, answer?.['error'], request.clientSecret)
  const token = answer?.['access_token']
  if (answer === undefined || typeof token !== 'string' || token === '') throw outOfReach('the server answered 200 without an access_token')
  const [type, life, scope] = [answer['token_type'], answer['expires_in'], answer['scope']]
  return {
    token,
    type: typeof type === 'string' ? type : 'unknown',
    expiresInSeconds: secondsOf(life),
    scope: typeof scope === 'string' ? scope : undefined,
  }
}

async function posted({ url, clientId, clientSecret, auth, fields, timeoutMs }: TokenRequest): Promise<{ status: number; text: string }> {
  const form = new URLSearchParams([
    ['grant_type', 'client_credentials'],
    ...fields.map(([name, value]): [string, string] => [name, value]),
  ])
  if (auth === 'post') {
    form.set('client_id', clientId)
    form.set('client_secret', clientSecret)
  }
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    ...(auth === 'basic' && { authorization: `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64')}` }),
  }
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, { method: 'POST', headers, body: form.toString(), redirect: 'manual', signal })
    return { status: response.status, text: await boundedText(response) }
  } catch (error) {
    if (error instanceof CommandError) throw error
    const isLate = signal.aborted
    throw outOfReach(`${url.host} did not answer: ${isLate ? `nothing within ${timeoutMs} ms` : reasonOf((error as Error).cause ?? error)}`)
  }
}

/** As RFC 6749 section 2.3.1 has it: form-urlencoded before it is joined. */
function encoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MOST_OCTETS) throw outOfReach(`the response of the server has more than ${MOST_OCTETS} octets`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Seconds, also as the text that some servers write. */
function secondsOf(life: unknown): number | undefined {
  const seconds = typeof life === 'string' && /^\d{1,12}$/.test(life) ? Number(life) : life
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}

/** A redirect is told as such: following it would hand the secret to somebody else. */
function refusedWith(status: number, error: unknown, secret: string): CommandError {
  if (status >= 300 && status < 400) return outOfReach(`the server answered ${status}, a redirect, which is not followed with a secret`)
  // RFC 6749 section 5.2. What else the answer says is not shown: it may repeat what was sent.
  const isCode = typeof error === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(error) && !error.includes(secret)
  const message = `the server answered ${status}${isCode ? `, ${printable(error)}` : ''}`
  if (status >= 500 || status === 429 || status === 404) return outOfReach(message)
  return new CommandError(exitCodes.negative, 'ERR_CLI_TOKEN_REFUSED', message)
}

/** The URL of a token endpoint. @throws CommandError (usage) when the secret would travel in the open */
export function tokenUrl(text: string, allowHttp: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) throw usageError('the token URL must start with https://')
  if (url.username !== '' || url.password !== '') throw usageError('the token URL contains credentials; use --client-id and --secret-env')
  if (url.protocol === 'http:' && !isThisMachine(url.hostname) && !allowHttp)
    throw usageError('over http the secret would be readable on the way; --allow-http sends it anyway')
  return url
}
