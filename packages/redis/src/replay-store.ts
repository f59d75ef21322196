import { randomBytes } from 'node:crypto'
import { type Clock, checkStoreKey, coreError, invalidType, invalidValue, OptionReader, type ReplayStore } from '@countersign/core'
import { Commands, listOf, type RedisOptions, redisOptionNames, textOf, unexpected } from './commands.js'
import { redisError } from './errors.js'
import { warnOfEviction } from './eviction.js'
import { beginScript, claimScript, releaseScript } from './replay-scripts.js'

/** What `redisReplayStore` takes. */
export interface RedisReplayStoreOptions extends RedisOptions {
  /**
   * What becomes of requests whose scheme signs no time after Redis has lost its data: `refuse` (503) for their `replayTtlSeconds`, or
   * `allow`, and then what was accepted before is accepted once more. Default `refuse`.
   */
  readonly untimedAfterLoss?: 'refuse' | 'allow' | undefined
  /** In place of the clock of Redis, which is one for the fleet; for tests. Claims end by the clock of Redis all the same. */
  readonly now?: Clock | undefined
}

/** A replay store whose answers are promises. */
export interface RedisReplayStore extends ReplayStore {
  claim(key: string, ttlSeconds: number, signedAt?: number): Promise<string | undefined>
  release(key: string, token: string): Promise<void>
}

const FACTORY = 'redisReplayStore'
/** How often a process asks whether Redis has evicted keys, milliseconds. */
const THOROUGH_MS = 1000
/** The name of an epoch: the run id of Redis, and when it began, ms. */
const EPOCH = /^[0-9a-f]{1,64}:[0-9]{1,16}$/

/**
 * Remembers claims in one Redis for all processes: of one request that is sent to all of them, one passes. A claim is one script, one
 * round trip, in one slot; it carries a token of its own, so that a claim that the client sends twice, around a reconnect, holds once.
 *
 * Redis may lose what it remembers: by a restart (also one that reads a snapshot), by failover to a replica, by FLUSHALL, by eviction.
 * That is noticed by whichever claim comes next, of any process that has been at work before, and what was signed before it is refused with
 * 503 until it is too old to be accepted anyway; what is signed a second later passes. Requests that sign no time: see `untimedAfterLoss`.
 * An empty Redis that nobody has seen before is new: all but what was signed more than 5 s before its first process passes.
 *
 * Not noticed: a loss by processes that were all started after it, beyond what is said of a new Redis; that single claims were deleted by
 * hand; that two halves of a torn network each have a master that takes writes
 * (`min-replicas-to-write`). Needed: `maxmemory-policy noeviction`; a process that sees another one warns.
 *
 * `claim` throws TypeError for a key that is not 1 to 256 characters of text or a TTL or time that is no number, and CountersignError (503):
 * `ERR_STORE_DOWN`, `ERR_LOOKUP_TIMEOUT`, `ERR_STORE_FULL` (Redis has no memory left), `ERR_REDIS_DATA_LOST`.
 *
 * @throws TypeError when an option is unknown, missing or wrong
 * @example
 * const redis = new Redis({ enableAutoPipelining: true })
 * app.use(hmacVerify({ scheme: slack, secret, replay: redisReplayStore({ send: (...args) => redis.call(...args) }) }))
 */
export function redisReplayStore(options: RedisReplayStoreOptions): RedisReplayStore {
  const reader = new OptionReader(FACTORY, options, [...redisOptionNames, 'untimedAfterLoss', 'now'])
  const store = new ClaimsInRedis(new Commands(reader), {
    allowUntimed: reader.oneOf('untimedAfterLoss', ['refuse', 'allow'], 'refuse') === 'allow',
    now: reader.callback<Clock>('now'),
  })
  store.begin()
  return store
}

interface ClaimRules {
  readonly allowUntimed: boolean
  readonly now: Clock | undefined
}

class ClaimsInRedis implements RedisReplayStore {
  readonly #commands: Commands
  readonly #epoch: string
  readonly #rules: ClaimRules
  readonly #process = randomBytes(9).toString('base64url')
  #claims = 0
  #thoroughAt = Number.NEGATIVE_INFINITY
  /** The name of the epoch that Redis was in when it answered last; empty before. */
  #known = ''
  /** The latest time of a signature that was let in before its time had come, by any process, ms. */
  #latest = 0

  constructor(commands: Commands, rules: ClaimRules) {
    this.#commands = commands
    this.#epoch = commands.key('replay-epoch')
    this.#rules = rules
  }

  /** Lets the epoch begin before the first request is signed. Redis may be out of reach: then the first claim does it. */
  begin(): void {
    this.#commands
      .run(beginScript, [this.#epoch], [this.#now()])
      .then((answer) => {
        const [name, policy, most] = listOf(answer).map(textOf)
        if (this.#known === '' && name !== undefined && EPOCH.test(name)) this.#known = name
        warnOfEviction(FACTORY, 'forgets requests that it should refuse, and then all requests signed before are refused', policy, most)
      })
      .catch(() => undefined)
  }

  async claim(key: string, ttlSeconds: number, signedAt?: number): Promise<string | undefined> {
    const keys = [this.#epoch, this.#keyOf(key)]
    const ttlMs = checkedTtl(ttlSeconds)
    const signed = signedAt === undefined ? '' : checkedTime(signedAt)
    this.#claims += 1
    const token = `${this.#process}.${this.#claims}`
    const untimed = this.#rules.allowUntimed ? '1' : ''
    const args = [this.#known, String(this.#latest), this.#thorough(), this.#now(), token, ttlMs, signed, untimed]
    // Whoever waited has been refused: a claim that holds all the same would refuse the sender's next try.
    const late = (answer: unknown) => (Array.isArray(answer) && textOf(answer[1]) === token ? this.release(key, token) : undefined)
    return this.#judged(await this.#commands.run(claimScript, keys, args, late), token)
  }

  async release(key: string, token: string): Promise<void> {
    const keys = [this.#keyOf(key)]
    if (typeof token === 'string') await this.#commands.run(releaseScript, keys, [token])
  }

  #judged(answer: unknown, token: string): string | undefined {
    const [what, value, epoch, ahead] = listOf(answer).map(textOf)
    if (epoch === undefined || !EPOCH.test(epoch) || !Number.isSafeInteger(Number(ahead))) throw unexpected()
    this.#known = epoch
    this.#latest = Math.max(this.#latest, Number(ahead))
    if (what === 'claimed' && value === token) return token
    if (what === 'held') return undefined
    if (what !== 'lost') throw unexpected()
    throw redisError('ERR_REDIS_DATA_LOST', `Redis lost its data ${value} ms ago, and the request may have been accepted before`)
  }

  #keyOf(key: unknown): string {
    checkStoreKey(FACTORY, key)
    return this.#commands.key(`replay:${key}`)
  }

  #now(): string {
    const now = this.#rules.now?.()
    if (now === undefined) return ''
    if (!Number.isFinite(now)) throw coreError('ERR_AUTH_DEFECT', 'the clock of the replay store did not return a number')
    return String(Math.floor(now))
  }

  /** Asking what was evicted takes Redis longer than the claim does, so that not every claim asks. */
  #thorough(): string {
    const now = performance.now()
    if (now - this.#thoroughAt < THOROUGH_MS) return ''
    this.#thoroughAt = now
    return '1'
  }
}

/** The TTL in milliseconds, rounded up. */
function checkedTtl(ttlSeconds: unknown): string {
  if (typeof ttlSeconds !== 'number') throw invalidType(FACTORY, 'ttlSeconds', 'a number of seconds', ttlSeconds)
  const ttlMs = Math.ceil(ttlSeconds * 1000)
  if (ttlMs > 0 && Date.now() + ttlMs <= Number.MAX_SAFE_INTEGER) return String(ttlMs)
  throw invalidValue(FACTORY, 'ttlSeconds', `must be a number of seconds above 0; got ${ttlSeconds}`)
}

function checkedTime(signedAt: unknown): string {
  if (typeof signedAt === 'number' && Math.abs(signedAt) <= Number.MAX_SAFE_INTEGER) return String(Math.floor(signedAt))
  throw invalidType(FACTORY, 'signedAt', 'a time in milliseconds', signedAt)
}
