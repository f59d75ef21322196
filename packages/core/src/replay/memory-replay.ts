import type { Clock } from '../clock.js'
import { coreError } from '../errors.js'
import { invalidType, invalidValue, OptionReader } from '../options.js'
import { checkStoreKey } from '../store-key.js'
import { ReplayBuckets } from './buckets.js'
import type { ReplayStore } from './replay.js'

/** What `memoryReplayStore` takes. */
export interface MemoryReplayStoreOptions {
  /** The most claims that are held at once; one takes about 80 octets. Default 1000000. */
  readonly maxClaims?: number | undefined
  /** Default `Date.now`. */
  readonly now?: Clock | undefined
}

/** A replay store in the memory of this process; its answers are synchronous. */
export interface MemoryReplayStore extends ReplayStore {
  claim(key: string, ttlSeconds: number): string | undefined
  release(key: string, token: string): void
  /** How many claims are held. Those that ended and were not dropped yet are counted: they are dropped when their room is needed. */
  readonly size: number
}

const FACTORY = 'memoryReplayStore'
/** How far two callers' roundings may put one and the same end apart, milliseconds. */
const ROUNDING_MS = 2000

/**
 * Remembers claims in this process. What another instance has accepted it does not know: a fleet needs a shared store.
 *
 * A claim is held for the whole of its TTL by the clock given, then its key is free again. With `maxClaims` held and none of them
 * ended it refuses. Filling, holding and dropping a million claims does not stop the event loop for 10 ms.
 *
 * When the clock goes back, what is still held counts again. Where claims were dropped already it refuses whatever ends no later
 * than they did (two seconds, or half of a TTL under four, are added for rounding), since one of them may have been the same. A
 * claim that ends later is taken as ever, so a step of less than the TTL changes nothing.
 *
 * @returns a store whose `claim` throws TypeError for a key that is not 1 to 256 characters of text or a TTL that is no number above 0,
 *   and CountersignError `ERR_STORE_FULL` or, when the clock went back too far, `ERR_STORE_DOWN` (503 both)
 * @throws TypeError when an option is unknown or wrong
 */
export function memoryReplayStore(options?: MemoryReplayStoreOptions): MemoryReplayStore {
  const reader = new OptionReader(FACTORY, options, ['maxClaims', 'now'])
  return new BucketStore(reader.integer('maxClaims', 1_000_000, 'claims'), reader.callback<Clock>('now') ?? Date.now)
}

class BucketStore implements MemoryReplayStore {
  readonly #maxClaims: number
  readonly #now: Clock
  readonly #buckets: ReplayBuckets

  constructor(maxClaims: number, now: Clock) {
    this.#maxClaims = maxClaims
    this.#now = now
    this.#buckets = new ReplayBuckets(maxClaims)
  }

  get size(): number {
    return this.#buckets.size
  }

  claim(key: string, ttlSeconds: number): string | undefined {
    checkStoreKey(FACTORY, key)
    const now = this.#tick()
    const ttlMs = checkTtl(ttlSeconds, now)
    const end = Math.ceil(now + ttlMs)
    const held = this.#buckets.find(key)
    if (held !== undefined && held.table.end(held.place) > now) return undefined
    this.#refuseForgotten(end, ttlMs)
    if (held !== undefined) this.#buckets.drop(held)
    this.#makeRoom(now)
    return this.#buckets.add(key, end, ttlMs)
  }

  release(key: string, token: string): void {
    checkStoreKey(FACTORY, key)
    const held = this.#buckets.find(key)
    if (held !== undefined && String(held.table.number(held.place)) === token) this.#buckets.remove(held)
  }

  #tick(): number {
    const now = this.#now()
    if (!Number.isFinite(now)) throw coreError('ERR_AUTH_DEFECT', 'the clock of the replay store did not return a number')
    this.#buckets.dropPassed(now)
    return now
  }

  /** One request has one end, whenever it comes, as long as its TTL goes by its own timestamp; so a dropped claim is known by its end. */
  #refuseForgotten(end: number, ttlMs: number): void {
    const until = this.#buckets.forgottenUntil + Math.min(ROUNDING_MS, ttlMs / 2)
    // No claim is dropped before it ends, so it takes a clock that went back to end no later than one that was.
    if (end <= until) throw coreError('ERR_STORE_DOWN', 'the clock went back to a time whose claims are no longer kept')
  }

  #makeRoom(now: number): void {
    if (this.#buckets.size < this.#maxClaims) return
    this.#buckets.sweepBegun(now)
    if (this.#buckets.size >= this.#maxClaims) throw coreError('ERR_STORE_FULL', `the replay store holds ${this.#maxClaims} claims`)
  }
}

/** The TTL in milliseconds. */
function checkTtl(ttlSeconds: unknown, now: number): number {
  if (typeof ttlSeconds !== 'number') throw invalidType(FACTORY, 'ttlSeconds', 'a number of seconds', ttlSeconds)
  const ttlMs = ttlSeconds * 1000
  if (!(ttlMs > 0) || now + ttlMs > Number.MAX_SAFE_INTEGER) {
    throw invalidValue(FACTORY, 'ttlSeconds', `must be a number of seconds above 0; got ${ttlSeconds}`)
  }
  return ttlMs
}
