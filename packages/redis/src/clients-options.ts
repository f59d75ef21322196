import {
  asksForScrypt,
  ClientEvents,
  ClientReader,
  type ClientsOptions,
  type Clock,
  clientsOptionNames,
  OptionReader,
  readAllowances,
  readClientsSetup,
  readPasswordPolicy,
  type SealingKey,
} from '@countersign/core'
import { ClientRecords } from './client-record.js'
import { Commands, type RedisOptions, redisOptionNames } from './commands.js'
import { sealerOf } from './token-store.js'

/** Listens to a channel of Redis: calls `onMessage` for each message. What it answers may be a function that ends that. */
export type Subscribe = (channel: string, onMessage: () => void) => Promise<unknown>

/** What `redisClients` takes. The rules for passwords and weak secrets must be the same in all processes. */
export interface RedisClientsOptions extends RedisOptions, ClientsOptions {
  /**
   * Seals the secrets of HMAC keys; needed to keep any. Without it they are named by `secretFrom`. One key, or the new one in front of
   * old ones; 32 octets each, or their hex or base64: `openssl rand -hex 32`.
   */
  readonly sealingKey?: SealingKey | readonly SealingKey[] | undefined
  /** How often each process looks for changes, milliseconds. Default 250. */
  readonly pollMs?: number | undefined
  /** How long clients that were looked up serve while Redis is away, seconds; then requests get 503. Default 1. */
  readonly maxStaleSeconds?: number | undefined
  /** How many clients and credentials are remembered, and how many unknown names. Default 20000. */
  readonly cacheSize?: number | undefined
  /** How long it is believed that nobody has a name, seconds; 0: not at all. Default 1. */
  readonly unknownSeconds?: number | undefined
  /** How many changes Redis keeps, about; a process that missed more forgets all it knew. Default 10000. */
  readonly maxChanges?: number | undefined
  /** How often last-used times are written, seconds; 0: never. Default 60. */
  readonly lastUsedSeconds?: number | undefined
  /** Only makes changes known sooner than `pollMs`. Default none. */
  readonly subscribe?: Subscribe | undefined
}

const FACTORY = 'redisClients'
const NAMES = [
  ...redisOptionNames,
  ...clientsOptionNames,
  'sealingKey',
  'pollMs',
  'maxStaleSeconds',
  'cacheSize',
  'unknownSeconds',
  'maxChanges',
  'lastUsedSeconds',
  'subscribe',
]

/** The options, checked and with their defaults. */
export interface RedisClientsSettings {
  readonly commands: Commands
  readonly reader: ClientReader
  readonly records: ClientRecords
  readonly events: ClientEvents
  readonly now: Clock
  readonly keyPrefix: string
  readonly pollMs: number
  readonly maxStaleMs: number
  readonly cacheSize: number
  readonly unknownMs: number
  readonly maxChanges: number
  readonly lastUsedMs: number
  readonly subscribe: Subscribe | undefined
}

/** @throws TypeError that names the option and says what to write instead */
export function readClientsOptions(options: RedisClientsOptions): RedisClientsSettings {
  const given = new OptionReader(FACTORY, options, NAMES)
  const passwords = readPasswordPolicy(given, asksForScrypt(given) ? 'scrypt' : 'random')
  const reader = new ClientReader({ ...readAllowances(given), passwords })
  return {
    commands: new Commands(given),
    reader,
    records: new ClientRecords(reader, sealerOf(given)),
    events: new ClientEvents(),
    ...readClientsSetup(given),
    pollMs: given.integer('pollMs', 250, 'milliseconds'),
    maxStaleMs: given.integer('maxStaleSeconds', 1, 'seconds', 0) * 1000,
    cacheSize: given.integer('cacheSize', 20_000, 'clients and credentials', 2),
    unknownMs: given.integer('unknownSeconds', 1, 'seconds', 0) * 1000,
    maxChanges: given.integer('maxChanges', 10_000, 'changes'),
    lastUsedMs: given.integer('lastUsedSeconds', 60, 'seconds', 0) * 1000,
    subscribe: given.callback<Subscribe>('subscribe'),
  }
}
