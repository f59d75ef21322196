import { type Clock, invalidType, invalidValue, LONGEST_TIMER_MS, type OptionReader, type SecretList } from '@countersign/core/base'
import { passwordOf } from '../secret-text.js'
import type { NtlmIdentity } from './crypto.js'
import type { PoolBounds } from './pool.js'

/** What `ntlm` takes. */
export interface NtlmOptions {
  /** `user`, `DOMAIN\user`, or `user@domain`, which is sent as it is with no domain beside it. At most 256 characters. */
  readonly username: string
  /** Text, a source of it such as `secretFromEnv`, or a list of records with dates, of which the first active one counts. */
  readonly password: SecretList
  /** The domain of the account, as the server spells it. Default none, or what stands before the backslash of `username`. */
  readonly domain?: string
  /** The name of this computer, where accounts are bound to some. Default none. */
  readonly workstation?: string
  /** The service principal name that the proof is for. Default `HTTP/<host name of the URL>`. */
  readonly targetName?: string
  /**
   * Whether the proof is bound to the TLS connection (Extended Protection). Default true. With false a server that asks for it refuses, and
   * a proof can be passed on to another server.
   */
  readonly channelBinding?: boolean
  /** The most connections at once to an origin; requests beyond that wait. Default, and never more than, `maxSockets` of the request's agent. */
  readonly maxConnections?: number
  /** How long a connection is kept that nobody uses, milliseconds. Default 30000. */
  readonly idleTimeoutMs?: number
  /** Milliseconds since the epoch; counts where the server states no time. Default `Date.now`. */
  readonly now?: Clock
}

/** The names of the options above. */
export const NTLM_OPTIONS = [
  'username',
  'password',
  'domain',
  'workstation',
  'targetName',
  'channelBinding',
  'maxConnections',
  'idleTimeoutMs',
  'now',
] as const satisfies readonly (keyof NtlmOptions)[]

/** The options, checked and with their defaults. */
export interface NtlmSettings {
  /** @throws AxiosAuthError `ERR_AXIOS_NO_SECRET` when no password counts now */
  readonly identity: () => NtlmIdentity
  readonly workstation: string
  readonly targetName: string | undefined
  readonly channelBinding: boolean
  readonly bounds: PoolBounds
  readonly now: Clock
}

const MOST_NAME_CHARACTERS = 256

/**
 * Checks the options.
 *
 * @throws TypeError that names the option and says what to write instead
 */
export function ntlmSettings(reader: OptionReader): NtlmSettings {
  const now = reader.callback<Clock>('now') ?? Date.now
  const idleTimeoutMs = reader.integer('idleTimeoutMs', 30_000, 'milliseconds')
  if (idleTimeoutMs > LONGEST_TIMER_MS) {
    throw invalidValue(reader.factory, 'idleTimeoutMs', `must be at most ${LONGEST_TIMER_MS} milliseconds; got ${idleTimeoutMs}`)
  }
  const user = userOf(reader)
  const password = passwordOf(reader, now)
  return {
    identity: () => ({ ...user, password: password() }),
    workstation: nameOf(reader, 'workstation') ?? '',
    targetName: nameOf(reader, 'targetName'),
    channelBinding: reader.boolean('channelBinding', true),
    bounds: {
      maxConnections: reader.has('maxConnections') ? reader.integer('maxConnections', 1, 'connections') : Number.POSITIVE_INFINITY,
      idleTimeoutMs,
    },
    now,
  }
}

function userOf(reader: OptionReader): Omit<NtlmIdentity, 'password'> {
  const { factory } = reader
  const given = nameOf(reader, 'username')
  if (given === undefined) throw invalidType(factory, 'username', 'a string', given)
  const domain = nameOf(reader, 'domain')
  const slash = given.indexOf('\\')
  if (slash === -1) return { username: given, domain: domain ?? '' }
  if (domain !== undefined)
    throw invalidValue(factory, 'domain', 'cannot be combined with a user name that has a domain before its backslash')
  const username = given.slice(slash + 1)
  if (slash === 0 || username === '' || username.includes('\\')) {
    throw invalidValue(factory, 'username', "must be 'user', 'DOMAIN\\\\user' or 'user@domain'")
  }
  return { username, domain: given.slice(0, slash) }
}

function nameOf(reader: OptionReader, option: string): string | undefined {
  const name = reader.text(option)
  if (name === undefined) return undefined
  if (/[\p{Cc}\p{Surrogate}]/u.test(name)) throw invalidValue(reader.factory, option, 'must not contain control characters')
  if (name.length > MOST_NAME_CHARACTERS) throw invalidValue(reader.factory, option, `must have at most ${MOST_NAME_CHARACTERS} characters`)
  return name
}
