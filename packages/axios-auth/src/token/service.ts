import { createHash } from 'node:crypto'
import { type Clock, CountersignError } from '@countersign/core/base'
import { LONGEST_RETRY_AFTER_MS } from '../answer/retry-after.js'
import { AxiosAuthError } from '../errors.js'
import { Refusals } from '../refusals.js'
import { readToken, type TokenShape } from './answer.js'
import type { Client } from './client.js'
import { TokenError, type TokenErrorFacts } from './error.js'
import { fieldOctets, type TokenFields, textsOf } from './fields.js'
import { type PostOptions, post } from './post.js'
import { type HeldToken, heldToken, type Renewal } from './record.js'

/** What a token service is asked with. */
export interface ServiceSettings {
  readonly url: URL
  readonly client: Client
  /** All fields but the scopes and those of the client. */
  readonly fields: TokenFields
  readonly dataFormat: 'form' | 'json'
  readonly shape: TokenShape
  readonly renewal: Renewal
  readonly post: PostOptions
  readonly now: Clock
  /** How long a client that was refused twice in a row is held back, milliseconds. */
  readonly refusalCooldownMs: number
}

/**
 * Asks a token service for tokens, one request per call, unless the service asked to be left alone, or has refused the client, or the user
 * whose password goes along, twice in a row (see Refusals): that locks accounts.
 */
export class TokenService {
  readonly #settings: ServiceSettings
  readonly #refusals: Refusals<TokenErrorFacts>
  #busyUntil = Number.NEGATIVE_INFINITY
  /** Texts of fields that may be passwords, and that an answer may echo. */
  readonly #guarded: readonly string[]

  constructor(settings: ServiceSettings) {
    this.#settings = settings
    this.#refusals = new Refusals(settings.now, settings.refusalCooldownMs)
    this.#guarded = textsOf(settings.fields).flatMap(([name, text]) => (isGuarded(name, text) ? [text] : []))
  }

  /**
   * Asks for a token.
   *
   * @returns the token; its life begins with the request, not with the answer
   * @throws TokenError, AxiosAuthError `ERR_AXIOS_NO_SECRET`, or the CountersignError of a source of the client's secret
   */
  async request(scopes: readonly string[]): Promise<HeldToken> {
    const { client, now, post: options, renewal, shape, url } = this.#settings
    const from = now()
    this.#refuseBusy(from)
    const mark = markOf(client)
    this.#refuseHeld(mark)
    const { headers, octets } = await this.#message(scopes)
    const answer = await post(url, headers, octets, options)
    try {
      const { token, lifetimeMs } = readToken(answer, shape, now, [...client.secrets(), ...this.#guarded])
      this.#refusals.clear()
      return heldToken(token, from, from + lifetimeMs, renewal)
    } catch (error) {
      const seconds = error instanceof TokenError ? error.retryAfterSeconds : undefined
      if (seconds !== undefined) this.#busyUntil = now() + seconds * 1000
      else if (error instanceof TokenError && isOfCredentials(error)) this.#refusals.add(mark, factsOf(error), from)
      throw error
    }
  }

  #refuseHeld(mark: string | undefined): void {
    const hold = this.#refusals.held(mark)
    if (hold === undefined) return
    const why = `the token service refused the client several times in a row, and is not called again for another ${hold.seconds} s`
    throw new TokenError('ERR_AXIOS_TOKEN_REFUSED', why, { ...hold.facts, retryAfterSeconds: hold.seconds })
  }

  #refuseBusy(now: number): void {
    const leftMs = this.#busyUntil - now
    // A clock that went back makes no wait longer than the longest one.
    if (!(leftMs > 0 && leftMs <= LONGEST_RETRY_AFTER_MS)) return
    const retryAfterSeconds = Math.ceil(leftMs / 1000)
    throw new TokenError('ERR_AXIOS_TOKEN_BUSY', undefined, { retryAfterSeconds })
  }

  async #message(scopes: readonly string[]): Promise<{ headers: Record<string, string>; octets: Buffer }> {
    const { client, dataFormat, fields } = this.#settings
    const message = { fields: new Map(fields), headers: {} as Record<string, string> }
    if (scopes.length > 0) message.fields.set('scope', scopes.join(' '))
    try {
      await client.sign(message)
    } catch (error) {
      // What a library throws may hold the key.
      const isOurs = error instanceof CountersignError || error instanceof AxiosAuthError
      throw isOurs ? error : new TokenError('ERR_AXIOS_TOKEN_ASSERTION')
    }
    const octets = fieldOctets(message.fields, dataFormat)
    const headers = {
      ...message.headers,
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      'Content-Type': dataFormat === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
      'Content-Length': String(octets.length),
      'User-Agent': 'countersign',
    }
    return { headers, octets }
  }
}

/** RFC 6749 section 5.2, as far as it is about who asks; what scopes or fields are wrong with is not. */
const OF_CREDENTIALS = new Set(['invalid_client', 'invalid_grant', 'unauthorized_client', 'access_denied'])

function isOfCredentials({ code, oauthError, tokenStatus }: TokenError): boolean {
  if (code !== 'ERR_AXIOS_TOKEN_REFUSED') return false
  return oauthError === undefined || oauthError === 'unnamed' ? tokenStatus === 401 || tokenStatus === 403 : OF_CREDENTIALS.has(oauthError)
}

function factsOf({ oauthError, tokenStatus }: TokenError): TokenErrorFacts {
  return { tokenStatus, oauthError }
}

/** What tells a secret apart from the one after it, and nothing of it. Undefined where there is none that counts now. */
function markOf(client: Client): string | undefined {
  try {
    return createHash('sha256').update(JSON.stringify(client.secrets())).digest('base64')
  } catch {
    return undefined
  }
}

const SHORTEST_GUARDED = 6
const PLAIN_FIELDS = new Set(['grant_type', 'audience', 'resource'])

function isGuarded(name: string, text: string): boolean {
  return text.length >= SHORTEST_GUARDED && !PLAIN_FIELDS.has(name)
}
