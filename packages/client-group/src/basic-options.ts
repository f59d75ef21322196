import type { ClientLookup, ClientRegistry } from '@countersign/core'
import { type Clock, checkRegistry, invalidType, OptionReader, quotedRealm } from '@countersign/core/base'

/** A registry; when it tells of changes, what is remembered of a changed client is forgotten at once. */
export type WatchedClients = ClientLookup & Partial<Pick<ClientRegistry, 'on'>>

/** What `basicAuthenticator` takes. */
export interface BasicOptions {
  /** The registry of clients. */
  readonly clients: WatchedClients
  /** The realm of the challenge. Default `api`. */
  readonly realm?: string
  /** Takes empty passwords, which the registry must hold too. Default false. */
  readonly allowEmptyPassword?: boolean
  /** How long right credentials are remembered, seconds; 0: not at all. Only with passwords kept by scrypt. Default 60. */
  readonly cacheSeconds?: number
  /** How many are remembered at most. Default 10000. */
  readonly maxCached?: number
  /** How long a look-up may take, milliseconds. Default 5000. */
  readonly timeoutMs?: number
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock
}

/** The names of BasicOptions. */
export const BASIC_NAMES = ['clients', 'realm', 'allowEmptyPassword', 'cacheSeconds', 'maxCached', 'timeoutMs', 'now'] as const

/** The options, checked and with their defaults. */
export interface BasicSettings {
  readonly clients: WatchedClients
  /** A quoted-string. */
  readonly realm: string
  readonly allowEmptyPassword: boolean
  readonly cacheMs: number
  readonly maxCached: number
  readonly timeoutMs: number
  readonly now: Clock
}

/** @throws TypeError that names the option and says what to write instead */
export function readBasicOptions(factory: string, options: BasicOptions): BasicSettings {
  const reader = new OptionReader(factory, options, BASIC_NAMES)
  return {
    clients: readClients(reader),
    realm: quotedRealm(reader),
    allowEmptyPassword: reader.boolean('allowEmptyPassword', false),
    cacheMs: reader.integer('cacheSeconds', 60, 'seconds', 0) * 1000,
    maxCached: reader.integer('maxCached', 10_000, 'entries'),
    timeoutMs: reader.integer('timeoutMs', 5000, 'milliseconds'),
    now: reader.callback<Clock>('now') ?? Date.now,
  }
}

/** The option `clients`, which has to be a registry that finds users. */
export function readClients(reader: OptionReader): WatchedClients {
  const clients = checkRegistry<WatchedClients>(reader.factory, reader.raw('clients'), 'findUser')
  if (typeof (clients as Partial<WatchedClients>).passwords?.check !== 'function') {
    throw invalidType(reader.factory, 'clients', 'a registry with passwords, such as memoryClients(...) returns', clients)
  }
  return clients
}
