import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { type Clock, invalidType, invalidValue, memoryTokenStore, type OptionReader, type TokenStore } from '@countersign/core/base'
import { readPath } from '../answer/answer-path.js'
import { checkedEndpoint } from '../carrier/origins.js'
import { isHeaderName } from '../carrier/outgoing.js'
import { checkTokenStore } from '../token-store-option.js'
import type { ExpiresUnit, TokenShape } from './answer.js'
import type { Client } from './client.js'
import { readClient } from './client-authentication.js'
import { readExtraFields, type TokenFields } from './fields.js'
import { tokenKey } from './key.js'
import type { PostOptions } from './post.js'
import type { Renewal } from './record.js'
import { reportFailure } from './report.js'
import { readScopes } from './scopes.js'
import { TokenService } from './service.js'
import { TokenShelf } from './shelf.js'
import { TokenSource } from './source.js'

/** What is read elsewhere. */
export interface SourceBasics {
  readonly name: string
  readonly now: Clock
  readonly timeoutMs: number
  /** Whether the token goes out as a Bearer token. */
  readonly isBearer: boolean
}

const UNITS: readonly ExpiresUnit[] = ['seconds', 'milliseconds', 'unixSeconds', 'unixMilliseconds', 'dateTime']
/** How much longer than a token request another process may hold the lock. */
const LOCK_MARGIN_MS = 5000

/**
 * Reads how tokens are asked for and kept.
 *
 * @throws TypeError that names the option
 */
export function tokenSource(reader: OptionReader, { name, now, timeoutMs, isBearer }: SourceBasics): TokenSource {
  const url = checkedEndpoint(reader.factory, 'tokenUrl', reader.raw('tokenUrl'), reader.boolean('allowInsecure', false))
  const client = readClient(reader, url.href, now)
  const dataFormat = reader.oneOf('dataFormat', ['form', 'json'], 'form')
  const fields = readFields(reader, client, dataFormat)
  const shape = readShape(reader, isBearer)
  const renewal = readRenewal(reader)
  const scopes = readScopes(reader.factory, 'scopes', given(reader, 'scopes', []))
  const refreshCooldownMs = reader.integer('refreshCooldownSeconds', 30, 'seconds', 0) * 1000
  const post = readPost(reader, url, timeoutMs)
  const service = new TokenService({ url, client, fields, dataFormat, shape, renewal, post, now, refusalCooldownMs: refreshCooldownMs })
  const report = (error: unknown) => reportFailure(name, url.pathname, error)
  let keyedBy: { readonly secret: string | undefined } | undefined
  const key = (wanted: readonly string[]) => {
    keyedBy ??= { secret: client.secrets()[0] }
    return tokenKey({ tokenUrl: url.href, client, fields, shape: shapeNames(shape), ...keyedBy, scopes: wanted })
  }
  return new TokenSource({
    now,
    shelf: new TokenShelf({ store: readStore(reader, now), now, renewal, report, storeTimeoutMs: readStoreTimeout(reader) }),
    refreshCooldownMs,
    lockMs: timeoutMs + LOCK_MARGIN_MS,
    scopes,
    key,
    read: (wanted) => readScopes(reader.factory, 'authScopes', wanted),
    fetch: (wanted) => service.request(wanted),
    report,
  })
}

function shapeNames({ tokenPath, tokenHeader }: TokenShape): readonly string[] {
  return tokenPath ?? [`header ${tokenHeader}`]
}

function readStoreTimeout(reader: OptionReader): number {
  return reader.integer('storeTimeoutMs', 1000, 'milliseconds')
}

/** Every field that is the same for all requests; what the client puts in is added to each. */
function readFields(reader: OptionReader, client: Client, dataFormat: 'form' | 'json'): TokenFields {
  const fields: TokenFields = new Map()
  const grantType = reader.raw('grantType') === false ? undefined : reader.text('grantType', 'client_credentials')
  if (grantType !== undefined) fields.set('grant_type', grantType)
  const audience = reader.text('audience')
  if (audience !== undefined) fields.set('audience', audience)
  const resource = readResource(reader)
  if (resource !== undefined) fields.set('resource', resource)
  const taken = new Set([...fields.keys(), ...client.fields, 'scope'])
  for (const [field, value] of readExtraFields(reader.factory, 'extraFields', reader.raw('extraFields'), dataFormat)) {
    if (taken.has(field)) throw invalidValue(reader.factory, 'extraFields', `must not contain "${field}", which another option sets`)
    fields.set(field, value)
  }
  return fields
}

function readResource(reader: OptionReader): string | readonly string[] | undefined {
  const resource = reader.raw('resource')
  if (resource === undefined) return undefined
  const list: unknown[] = Array.isArray(resource) ? resource : [resource]
  for (const one of list) {
    // RFC 8707 section 2: an absolute URI without a fragment.
    if (typeof one !== 'string' || !URL.canParse(one) || one.includes('#')) {
      throw invalidValue(reader.factory, 'resource', 'must be an absolute URI without a fragment, or a list of them')
    }
  }
  return typeof resource === 'string' ? resource : Object.freeze([...(list as string[])])
}

function readShape(reader: OptionReader, isBearer: boolean): TokenShape {
  const header = reader.text('tokenHeader')
  if (header !== undefined && !isHeaderName(header)) {
    throw invalidValue(reader.factory, 'tokenHeader', "must be the name of a header field, such as 'X-Subject-Token'")
  }
  if (header !== undefined && reader.has('tokenField')) {
    throw invalidValue(reader.factory, 'tokenHeader', 'and "tokenField" name two places for one token; set only one of them')
  }
  return {
    tokenPath: header === undefined ? readPath(reader.factory, 'tokenField', given(reader, 'tokenField', 'access_token')) : undefined,
    tokenHeader: header?.toLowerCase(),
    expiresPath: readPath(reader.factory, 'expiresField', given(reader, 'expiresField', 'expires_in')),
    expiresUnit: reader.oneOf('expiresUnit', UNITS, 'seconds'),
    isOAuth: isBearer && header === undefined && !reader.has('tokenField'),
    defaultLifetimeMs: reader.integer('defaultLifetimeSeconds', 300, 'seconds', 0) * 1000,
    maxLifetimeMs: reader.integer('maxLifetimeSeconds', 86_400, 'seconds') * 1000,
  }
}

function readRenewal(reader: OptionReader): Renewal {
  const refreshAt = given(reader, 'refreshAt', 0.5)
  if (typeof refreshAt !== 'number') throw invalidType(reader.factory, 'refreshAt', 'a number such as 0.5', refreshAt)
  if (!(refreshAt > 0 && refreshAt <= 1)) {
    throw invalidValue(reader.factory, 'refreshAt', `must be a fraction of the life of a token, above 0 and at most 1; got ${refreshAt}`)
  }
  return { refreshAt, skewMs: reader.integer('skewSeconds', 10, 'seconds', 0) * 1000 }
}

function readPost(reader: OptionReader, url: URL, timeoutMs: number): PostOptions {
  const { factory } = reader
  if (reader.has('proxy') && reader.raw('proxy') !== false) {
    throw invalidValue(factory, 'proxy', 'must be false: token requests use no proxy; for one that tunnels, pass its agent as httpsAgent')
  }
  if (reader.raw('clientAuthentication') === 'tls' && (!reader.has('httpsAgent') || url.protocol !== 'https:')) {
    throw invalidValue(
      factory,
      'httpsAgent',
      "is required with clientAuthentication: 'tls': an https.Agent with cert and key, and an https:// tokenUrl",
    )
  }
  const maxResponseBytes = reader.integer('maxResponseBytes', 65_536, 'octets')
  const httpAgent = readAgent<HttpAgent>(reader, 'httpAgent')
  return { timeoutMs, maxResponseBytes, httpAgent, httpsAgent: readAgent<HttpsAgent>(reader, 'httpsAgent') }
}

/** The option as it was given; null is given, and refused where it is judged. */
function given(reader: OptionReader, option: string, fallback: unknown): unknown {
  return reader.has(option) ? reader.raw(option) : fallback
}

function readAgent<A>(reader: OptionReader, option: string): A | undefined {
  const agent = reader.raw(option)
  if (agent === undefined) return undefined
  if (typeof (agent as { addRequest?: unknown } | null)?.addRequest === 'function') return agent as A
  throw invalidType(reader.factory, option, option === 'httpAgent' ? 'an http.Agent' : 'an https.Agent', agent)
}

function readStore(reader: OptionReader, now: Clock): TokenStore {
  return reader.raw('store') === undefined
    ? memoryTokenStore({ now, maxTokens: 1000 })
    : checkTokenStore(reader.factory, reader.raw('store'))
}
