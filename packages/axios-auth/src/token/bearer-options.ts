import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { Clock, SecretList, TokenStore } from '@countersign/core/base'
import type { CarrierOptions } from '../carrier/carrier-options.js'
import type { ExpiresUnit } from './answer.js'
import type { ClientOptions } from './client-authentication.js'
import type { ExtraFields } from './fields.js'
import type { ScopesInput } from './scopes.js'

/** Where the token goes in a request, and what says that it is refused. */
export interface BearerCarriage {
  /** The header field that carries the token. Default `Authorization`. */
  readonly header?: string
  /** What stands before the token, parted by a blank; `''`: nothing. Default `Bearer`. */
  readonly prefix?: string
  /** Statuses of the API that say that the token does not count any more. Default 401; some APIs answer 403, or 400. */
  readonly expiredStatus?: number | readonly number[]
}

/** A token that is there already, or that a function of the caller gets. */
export interface GivenTokenOptions extends CarrierOptions, BearerCarriage {
  /** In events. Default `bearer`. */
  readonly name?: string
  /**
   * The token: text, a source such as `secretFromEnv(name)`, a list with dates; or a function that gives it for each attempt; whatever it keeps between them is its own. After a 401 it is asked again with
   * the token that was refused, and the request is sent once more if it has another one.
   */
  readonly token: SecretList | ((asked: TokenQuestion) => string | Promise<string>)
  /** How long the function may take, milliseconds. Default 10000. */
  readonly timeoutMs?: number
  /** Milliseconds since the epoch, for tokens with dates. Default `Date.now`. */
  readonly now?: Clock
}

/** What a function that gives a token is asked with. */
export interface TokenQuestion {
  /** The token that the API refused just now; undefined at the first attempt. */
  readonly refused: string | undefined
  /** The `authScopes` of the request, as they stand there. */
  readonly authScopes: unknown
}

/** A token that a service gives to a client: OAuth 2.0 client credentials (RFC 6749 section 4.4), or another service of that manner. */
export interface RequestedTokenOptions extends CarrierOptions, BearerCarriage, ClientOptions {
  /** In events. Default `bearer`. */
  readonly name?: string
  /** The token endpoint, https:// (http:// only on this machine, or with allowInsecure). An origin of its own. */
  readonly tokenUrl: string
  /** What is asked for: a list, or text with blanks or line breaks between. A request may ask for others with `authScopes`. Default none. */
  readonly scopes?: ScopesInput
  /** The field `audience`, as some servers want it. Default none. */
  readonly audience?: string
  /** The field `resource` (RFC 8707), one or several. Default none. */
  readonly resource?: string | readonly string[]
  /** The field `grant_type`; false: no such field. Default `client_credentials`. */
  readonly grantType?: string | false
  /** Further fields: an object, or lines of `name=value`; with dataFormat `json` members may be objects. None of the other options' fields may be among them. */
  readonly extraFields?: ExtraFields
  /** How the fields are sent: `form` (application/x-www-form-urlencoded) or `json`. Default `form`. */
  readonly dataFormat?: 'form' | 'json'
  /** Where the token stands in the answer: names with dots between, or a list of names. Default `access_token`. */
  readonly tokenField?: string | readonly string[]
  /** The header field of the answer that carries the token, in place of tokenField. */
  readonly tokenHeader?: string
  /** Where its expiry stands. Default `expires_in`. */
  readonly expiresField?: string | readonly string[]
  /**
   * What stands there: a span in `seconds` or `milliseconds`, or a moment: `unixSeconds`, `unixMilliseconds`, or `dateTime`: RFC 3339, ISO 8601
   * with blanks or without an offset, which is UTC then, or the date of HTTP. Default `seconds`.
   */
  readonly expiresUnit?: ExpiresUnit
  /** The life of a token whose answer does not tell, seconds. Default 300. */
  readonly defaultLifetimeSeconds?: number
  /** The longest life of a token, whatever its answer says, seconds. Default 86400. */
  readonly maxLifetimeSeconds?: number
  /** The share of its life after which a token is renewed in the background, above 0 and at most 1. Default 0.5. */
  readonly refreshAt?: number
  /** How long before its end callers wait for the next one, seconds; never less than a tenth of its life, nor more than half. Default 10. */
  readonly skewSeconds?: number
  /**
   * After a refused token was replaced, how long another 401 replaces none, seconds; and how long a client that the service refused twice in
   * a row is held back, doubled with each further refusal up to five minutes. Default 30.
   */
  readonly refreshCooldownSeconds?: number
  /** For a token request as a whole, milliseconds. Default 10000. */
  readonly timeoutMs?: number
  /** The most octets of the token service's answer. Default 65536. */
  readonly maxResponseBytes?: number
  /** For token requests over http://; a proxy is used through an agent alone. Default a connection of its own. */
  readonly httpAgent?: HttpAgent
  /** For token requests over https://: with `cert` and `key` for mutual TLS, with `ca` for an authority of one's own. */
  readonly httpsAgent?: HttpsAgent
  /** Token requests never go through a proxy of the environment; false says so. */
  readonly proxy?: false
  /** Keeps tokens, for a fleet such as `redisTokenStore`. Default a memory store of this interceptor alone. */
  readonly store?: TokenStore
  /** How long the store may take, milliseconds. Default 1000. */
  readonly storeTimeoutMs?: number
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock
}

/** What `bearer` takes. */
export type BearerOptions = GivenTokenOptions | RequestedTokenOptions
