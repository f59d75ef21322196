import type { Clock } from '../clock.js'
import { invalidValue, OptionReader } from '../options.js'
import type { ClientRules } from './client-reader.js'
import { checkedKeyPrefix, DEFAULT_KEY_PREFIX } from './issued-keys.js'
import type { PasswordPolicy } from './passwords.js'
import { RandomPolicy } from './random-policy.js'
import { type KeyDerivation, readScryptCost, type ScryptCost, type ScryptOptions, ScryptPolicy } from './scrypt-policy.js'

/** What every client registry can be told. */
export interface ClientsOptions extends ScryptOptions {
  /**
   * How passwords are kept, all of them alike. `scrypt`: any password, slow to guess and so slow to check. `random`: only such as the
   * registry issued (256 random bits), of which SHA-256 is kept.
   */
  readonly passwords?: 'scrypt' | 'random'
  /** What issued API keys begin with: up to three words of a-z and 0-9 joined by `_`. Default `cs`. */
  readonly keyPrefix?: string
  /** Takes API keys under 16 octets. Default false. */
  readonly allowWeakKey?: boolean
  /** Takes HMAC secrets under 16 octets. Default false. */
  readonly allowWeakSecret?: boolean
  /** Takes empty passwords. Default false. */
  readonly allowEmptyPassword?: boolean
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock
}

/** The names of ClientsOptions. */
export const clientsOptionNames: readonly (keyof ClientsOptions)[] = [
  'passwords',
  'scrypt',
  'kdf',
  'maxConcurrentHashes',
  'maxQueuedHashes',
  'keyPrefix',
  'allowWeakKey',
  'allowWeakSecret',
  'allowEmptyPassword',
  'now',
]

const SCRYPT_ONLY = ['scrypt', 'kdf', 'maxConcurrentHashes', 'maxQueuedHashes'] as const

/** Reads what is common to all registries. `scryptCost` takes the place of the option where a store keeps its own. */
export function readPasswordPolicy(reader: OptionReader, fallback: 'scrypt' | 'random', scryptCost?: ScryptCost): PasswordPolicy {
  const name = reader.oneOf('passwords', ['scrypt', 'random'], fallback)
  const idle = reader.raw('passwords') === 'random' ? SCRYPT_ONLY.find((option) => reader.has(option)) : undefined
  if (idle !== undefined) throw invalidValue(reader.factory, idle, "has no effect with passwords: 'random'; remove it")
  const kdf = reader.callback<KeyDerivation>('kdf')
  const running = reader.integer('maxConcurrentHashes', 2, 'derivations')
  const waiting = reader.integer('maxQueuedHashes', 32, 'derivations', 0)
  const cost = readScryptCost(
    new OptionReader(`${reader.factory}: scrypt`, scryptCost ?? reader.raw('scrypt'), ['cost', 'blockSize', 'parallelization']),
  )
  return name === 'random' ? new RandomPolicy() : new ScryptPolicy(cost, kdf, running, waiting)
}

/** Whether an option was given that only scrypt has a use for. */
export function asksForScrypt(reader: OptionReader): boolean {
  return SCRYPT_ONLY.some((name) => reader.has(name))
}

/** Reads what a registry takes in spite of the rules. */
export function readAllowances(reader: OptionReader): Omit<ClientRules, 'passwords' | 'folder'> {
  return {
    factory: reader.factory,
    allowWeakKey: reader.boolean('allowWeakKey', false),
    allowWeakSecret: reader.boolean('allowWeakSecret', false),
    allowEmptyPassword: reader.boolean('allowEmptyPassword', false),
  }
}

/** Reads the rest of what is common to all registries. */
export function readClientsSetup(reader: OptionReader): { readonly now: Clock; readonly keyPrefix: string } {
  return {
    now: reader.callback<Clock>('now') ?? Date.now,
    keyPrefix: checkedKeyPrefix(reader.factory, 'keyPrefix', reader.text('keyPrefix', DEFAULT_KEY_PREFIX)),
  }
}
