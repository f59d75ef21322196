import { randomBytes } from 'node:crypto'
import {
  checkStoreKey,
  invalidType,
  invalidValue,
  OptionReader,
  type SealingKey,
  type TokenLock,
  type TokenSealer,
  type TokenStore,
  tokenSealer,
} from '@countersign/core'
import { Commands, type RedisOptions, redisOptionNames, textOf } from './commands.js'
import { forgetScript, lockScript } from './token-scripts.js'

/** What `redisTokenStore` takes. */
export interface RedisTokenStoreOptions extends RedisOptions {
  /** Seals the tokens; one key, or the new one in front of old ones. 32 octets each, or their hex or base64: `openssl rand -hex 32`.
   * What a variable holds may be undefined for the compiler; it is refused. */
  readonly sealingKey: SealingKey | readonly SealingKey[] | undefined
}

/** A token store whose answers are promises. */
export interface RedisTokenStore extends TokenStore {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string, ttlSeconds: number): Promise<void>
  delete(key: string, value: string): Promise<void>
  lock(key: string, ttlSeconds: number): Promise<TokenLock | undefined>
}

const FACTORY = 'redisTokenStore'

/**
 * Keeps tokens and sessions in one Redis for all processes, sealed (AES-256-GCM, bound to their key): whoever reads Redis reads no token.
 * What does not open (another sealing key, altered, put under another key) counts as not there.
 *
 * A lock ends by itself when its holder dies. A Redis that loses its data costs a token request.
 *
 * Its methods throw TypeError for a key that is not 1 to 256 characters of text, a value that is no text or a TTL that is no finite number
 * above 0, and CountersignError (503) `ERR_STORE_DOWN`, `ERR_STORE_FULL` or `ERR_LOOKUP_TIMEOUT`.
 *
 * @throws TypeError when an option is unknown, missing or wrong; never with the key
 * @example
 * const store = redisTokenStore({ send: (...args) => redis.call(...args), sealingKey: process.env.TOKEN_KEY })
 */
export function redisTokenStore(options: RedisTokenStoreOptions): RedisTokenStore {
  const reader = new OptionReader(FACTORY, options, [...redisOptionNames, 'sealingKey'])
  return new TokensInRedis(new Commands(reader), sealerOf(reader) ?? missingKey())
}

/**
 * Reads the option `sealingKey`; undefined where it was left out.
 *
 * @throws TypeError that names factory and option, never with the key
 */
export function sealerOf(reader: OptionReader): TokenSealer | undefined {
  const keys = reader.raw('sealingKey')
  if (keys === undefined) return undefined
  try {
    return tokenSealer(keys as SealingKey | readonly SealingKey[])
  } catch {
    const problem = 'must be 32 random octets, their hex or base64, or a list of these; generate one with "openssl rand -hex 32"'
    throw invalidValue(reader.factory, 'sealingKey', problem)
  }
}

function missingKey(): never {
  throw invalidType(FACTORY, 'sealingKey', '32 random octets, or their hex or base64; generate one with "openssl rand -hex 32"', undefined)
}

class TokensInRedis implements RedisTokenStore {
  readonly #commands: Commands
  readonly #sealer: TokenSealer

  constructor(commands: Commands, sealer: TokenSealer) {
    this.#commands = commands
    this.#sealer = sealer
  }

  async get(key: string): Promise<string | undefined> {
    const kept = await this.#commands.command('GET', this.#keyOf('token', key))
    return this.#sealer.open(textOf(kept), key)
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    const place = this.#keyOf('token', key)
    if (typeof value !== 'string') throw invalidType(FACTORY, 'value', 'a string', value)
    await this.#commands.command('SET', place, this.#sealer.seal(value, key), 'PX', checkedTtl(ttlSeconds))
  }

  /** No two seals of one value are the same, so what is there is looked at first, and goes if it has stayed what it was. */
  async delete(key: string, value: string): Promise<void> {
    const place = this.#keyOf('token', key)
    const kept = textOf(await this.#commands.command('GET', place))
    if (kept === undefined || this.#sealer.open(kept, key) !== value) return
    await this.#commands.run(forgetScript, [place], [kept])
  }

  async lock(key: string, ttlSeconds: number): Promise<TokenLock | undefined> {
    const place = this.#keyOf('lock', key)
    const holder = randomBytes(16).toString('base64url')
    const release = async () => {
      await this.#commands.run(forgetScript, [place], [holder])
    }
    const late = (answer: unknown) => (answer === holder ? release() : undefined)
    const answer = await this.#commands.run(lockScript, [place], [holder, checkedTtl(ttlSeconds)], late)
    return textOf(answer) === holder ? Object.freeze({ release }) : undefined
  }

  #keyOf(kind: 'token' | 'lock', key: unknown): string {
    checkStoreKey(FACTORY, key)
    return this.#commands.key(`${kind}:${key}`)
  }
}

/** The TTL in milliseconds, rounded down: a token is not kept a moment longer. */
function checkedTtl(ttlSeconds: unknown): string {
  if (typeof ttlSeconds !== 'number') throw invalidType(FACTORY, 'ttlSeconds', 'a number of seconds', ttlSeconds)
  if (ttlSeconds > 0 && Date.now() + ttlSeconds * 1000 <= Number.MAX_SAFE_INTEGER) return String(Math.max(1, Math.floor(ttlSeconds * 1000)))
  throw invalidValue(FACTORY, 'ttlSeconds', `must be a finite number of seconds above 0; got ${ttlSeconds}`)
}
