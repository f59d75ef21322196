import { createRequire } from 'node:module'
import type NodeCache from 'node-cache'
import type { Clock } from './clock.js'
import { invalidType, invalidValue, OptionReader } from './options.js'
import { checkStoreKey } from './store-key.js'
import type { TokenLock, TokenStore } from './token-store.js'

// Made at the start: later, what somebody put on Object.prototype could make it fail.
const require = createRequire(import.meta.url)

/** What `memoryTokenStore` takes. */
export interface MemoryTokenStoreOptions {
  /** The most tokens that are held at once, and the most locks; beyond it the one that was set first goes. Default 10000. */
  readonly maxTokens?: number | undefined
  /** Default `Date.now`. */
  readonly now?: Clock | undefined
}

/** A token store in the memory of this process; its answers are synchronous. */
export interface MemoryTokenStore extends TokenStore {
  get(key: string): string | undefined
  set(key: string, value: string, ttlSeconds: number): void
  delete(key: string, value: string): void
  lock(key: string, ttlSeconds: number): MemoryTokenLock | undefined
  /** How many tokens are held. Those whose time is over and that nobody asked for since are counted. */
  readonly size: number
}

/** A lock whose release is synchronous. */
export interface MemoryTokenLock extends TokenLock {
  release(): void
}

const FACTORY = 'memoryTokenStore'

/**
 * Keeps tokens in this process: other instances get their own, and they are gone when the process ends.
 *
 * A token is held for the whole of its TTL by the clock given and not a moment longer. A clock that answers no number finds none.
 * With `maxTokens` held the one that was set first goes, since to lose a token costs a request and nothing else.
 *
 * @returns a store whose methods throw TypeError for a key that is not 1 to 256 characters of text, a value that is no text, or a TTL
 *   that is no finite number above 0
 * @throws TypeError when an option is unknown or wrong
 */
export function memoryTokenStore(options?: MemoryTokenStoreOptions): MemoryTokenStore {
  const reader = new OptionReader(FACTORY, options, ['maxTokens', 'now'])
  return new HeldTokens(reader.integer('maxTokens', 10_000, 'tokens'), reader.callback<Clock>('now') ?? Date.now)
}

class HeldTokens implements MemoryTokenStore {
  readonly #now: Clock
  readonly #tokens: Shelf<string>
  readonly #locks: Shelf<object>

  constructor(most: number, now: Clock) {
    this.#now = now
    this.#tokens = new Shelf(most)
    this.#locks = new Shelf(most)
  }

  get size(): number {
    return this.#tokens.size
  }

  get(key: string): string | undefined {
    checkStoreKey(FACTORY, key)
    return this.#tokens.get(key, this.#now())
  }

  set(key: string, value: string, ttlSeconds: number): void {
    checkStoreKey(FACTORY, key)
    checkValue(value)
    this.#tokens.set(key, value, this.#now() + checkedTtlMs(ttlSeconds))
  }

  delete(key: string, value: string): void {
    checkStoreKey(FACTORY, key)
    this.#tokens.delete(key, value)
  }

  lock(key: string, ttlSeconds: number): MemoryTokenLock | undefined {
    checkStoreKey(FACTORY, key)
    const ttlMs = checkedTtlMs(ttlSeconds)
    const now = this.#now()
    if (this.#locks.get(key, now) !== undefined) return undefined
    const holder = {}
    this.#locks.set(key, holder, now + ttlMs)
    return Object.freeze({ release: () => this.#locks.delete(key, holder) })
  }
}

interface Entry<V> {
  readonly value: V
  readonly end: number
}

/** A node-cache that may neither expire nor sweep nor clone by itself: it goes by Date.now, and takes a TTL that is no number for none. */
class Shelf<V extends string | object> {
  readonly #most: number
  readonly #cache: NodeCache
  /** The keys, the one that was set first in front: node-cache would have to list all of them. */
  readonly #order = new Set<string>()

  constructor(most: number) {
    this.#most = most
    // Loaded here, so that whoever has another store never loads it.
    const Cache = require('node-cache') as typeof NodeCache
    this.#cache = new Cache({ stdTTL: 0, checkperiod: 0, useClones: false })
  }

  get size(): number {
    return this.#order.size
  }

  get(key: string, now: number): V | undefined {
    const entry = this.#cache.get<Entry<V>>(own(key))
    if (entry === undefined) return undefined
    if (now < entry.end) return entry.value
    this.#drop(key)
    return undefined
  }

  set(key: string, value: V, end: number): void {
    if (!Number.isFinite(end)) return
    this.#drop(key)
    if (this.#order.size >= this.#most) this.#drop(this.#order.values().next().value as string)
    this.#cache.set<Entry<V>>(own(key), { value, end }, 0)
    this.#order.add(key)
  }

  delete(key: string, value: V): void {
    if (this.#cache.get<Entry<V>>(own(key))?.value === value) this.#drop(key)
  }

  #drop(key: string): void {
    if (this.#order.delete(key)) this.#cache.del(own(key))
  }
}

/** node-cache keeps its keys in an object with a prototype: it has `constructor` and `__proto__` without anybody having set them. */
function own(key: string): string {
  return `key ${key}`
}

function checkValue(value: unknown): void {
  if (typeof value !== 'string') throw invalidType(FACTORY, 'value', 'a string', value)
}

function checkedTtlMs(ttlSeconds: unknown): number {
  if (typeof ttlSeconds !== 'number') throw invalidType(FACTORY, 'ttlSeconds', 'a number of seconds', ttlSeconds)
  const ttlMs = ttlSeconds * 1000
  if (ttlMs > 0 && ttlMs <= Number.MAX_SAFE_INTEGER) return ttlMs
  throw invalidValue(FACTORY, 'ttlSeconds', `must be a finite number of seconds above 0; got ${ttlSeconds}`)
}
