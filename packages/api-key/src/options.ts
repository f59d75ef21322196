import { validateHeaderName } from 'node:http'
import type { ClientLookup } from '@countersign/core'
import { type Clock, checkRegistry, invalidValue, OptionReader, quotedRealm } from '@countersign/core/base'
import type { Carrier } from './carrier.js'
import { type InlineKeys, readKeys } from './inline-keys.js'

/** What `apiKey` and `apiKeyAuthenticator` take. Either `keys` or `clients` is needed. */
export interface ApiKeyOptions {
  /**
   * The keys themselves: one, a list, or an object from client id to its key or keys. At least 16 octets each, unless `allowWeakKey`.
   * Only digests are kept of them. One that is undefined, such as a variable that is not set, is a TypeError.
   */
  readonly keys?: ApiKeysInput | undefined
  /** A registry of clients, such as `memoryClients` or `fileClients`. A change in it holds from the next request on. */
  readonly clients?: ClientLookup
  /** The field that carries the key. Default `X-API-Key`; false: none, where the key is to come in the query alone. */
  readonly header?: string | false
  /**
   * What stands before the key in the field, such as `ApiKey` in `Authorization: ApiKey <key>`; compared without regard to case, and
   * one space or more follow it. Default: nothing.
   */
  readonly prefix?: string
  /** The query parameter that may carry the key in place of the field. Queries end up in logs; the default is none. */
  readonly query?: string
  /** The client of keys that name none. Default `api-key`. */
  readonly clientId?: string
  /** Takes keys under 16 octets. Default false. */
  readonly allowWeakKey?: boolean
  /** The realm of the challenge. Default `api`. */
  readonly realm?: string
  /** How long a look-up may take, milliseconds. Default 5000. */
  readonly timeoutMs?: number
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock
}

/** A key with what goes with it. */
export interface ApiKeyRecord {
  readonly key: string
  /** Found in `req.auth.credentialId`. Default the place in the list, from 1 on. */
  readonly id?: string
  /** Default the option `clientId`. */
  readonly clientId?: string
  /** Holds from then on: a Date, or RFC 3339 text with its offset. Default: always held. */
  readonly notBefore?: Date | string
  /** Holds until just before then. Default: for ever. */
  readonly notAfter?: Date | string
}

/** A key, or several. What a variable holds may be undefined for the compiler; it is refused. */
export type ApiKeyInput = string | ApiKeyRecord | undefined

/** Keys as configured. */
export type ApiKeysInput = string | readonly ApiKeyInput[] | Readonly<Record<string, ApiKeyInput | readonly ApiKeyInput[]>>

const NAMES = [
  'keys',
  'clients',
  'header',
  'prefix',
  'query',
  'clientId',
  'allowWeakKey',
  'realm',
  'timeoutMs',
  'now',
] as const satisfies readonly (keyof ApiKeyOptions)[]

/** The options, checked and with their defaults. */
export interface ApiKeySettings {
  readonly carrier: Carrier
  /** Either the keys or the registry. */
  readonly keys: InlineKeys | undefined
  readonly clients: ClientLookup | undefined
  readonly allowWeakKey: boolean
  readonly challenge: string
  readonly timeoutMs: number
  readonly now: Clock
}

/**
 * Checks the options.
 *
 * @throws TypeError that names the option and says what to write instead
 */
export function readOptions(factory: string, options: ApiKeyOptions): ApiKeySettings {
  const reader = new OptionReader(factory, options, NAMES)
  const allowWeakKey = reader.boolean('allowWeakKey', false)
  if (reader.has('keys') === reader.has('clients')) {
    throw invalidValue(factory, 'keys', 'or "clients" is required, one of the two: the keys themselves, or a registry of clients')
  }
  return {
    carrier: readCarrier(reader),
    keys: reader.has('keys') ? readKeys(factory, reader.raw('keys'), reader.text('clientId', 'api-key'), allowWeakKey) : undefined,
    clients: readClients(reader),
    allowWeakKey,
    challenge: `ApiKey realm=${quotedRealm(reader)}`,
    timeoutMs: reader.integer('timeoutMs', 5000, 'milliseconds'),
    now: reader.callback<Clock>('now') ?? Date.now,
  }
}

function readCarrier(reader: OptionReader): Carrier {
  const query = reader.text('query')
  const isWithoutHeader = reader.raw('header') === false
  if (isWithoutHeader && query === undefined)
    throw invalidValue(reader.factory, 'header', 'must not be false without "query": the key would have no place')
  if (isWithoutHeader && reader.has('prefix')) throw invalidValue(reader.factory, 'prefix', 'has no effect without "header"')
  const header = isWithoutHeader ? undefined : checkedHeader(reader.factory, reader.text('header', 'X-API-Key'))
  return { header, prefix: readPrefix(reader, header), query }
}

function checkedHeader(factory: string, header: string): string {
  try {
    validateHeaderName(header)
  } catch {
    throw invalidValue(factory, 'header', "must be the name of a field, such as 'X-API-Key'")
  }
  return header.toLowerCase()
}

function readPrefix(reader: OptionReader, header: string | undefined): string | undefined {
  const prefix = reader.text('prefix')?.replace(/^ +/, '').replace(/ +$/, '').toLowerCase()
  if (prefix !== undefined && !/^[\x20-\x7e]+$/.test(prefix)) throw invalidValue(reader.factory, 'prefix', 'must be printable ASCII')
  if (prefix === undefined && header === 'authorization') {
    throw invalidValue(reader.factory, 'prefix', "is required with the field Authorization: an auth-scheme such as 'ApiKey'")
  }
  return prefix
}

function readClients(reader: OptionReader): ClientLookup | undefined {
  if (!reader.has('clients')) return undefined
  const clients = checkRegistry<ClientLookup>(reader.factory, reader.raw('clients'), 'findApiKey')
  if (reader.has('clientId')) throw invalidValue(reader.factory, 'clientId', 'has no effect with "clients", which says whose key it is')
  return clients
}
