import { type Clock, type TokenLock, type TokenStore, warnOnce, within } from '@countersign/core/base'
import { type HeldToken, type Renewal, storedToken } from './record.js'

/** What a shelf works with. */
export interface ShelfSettings {
  readonly store: TokenStore
  readonly now: Clock
  readonly renewal: Renewal
  /** How long the store may take, milliseconds. */
  readonly storeTimeoutMs: number
  readonly report: (error: unknown) => void
}

const PAUSE_MS = 5000
/** Locks nothing. */
export const NO_LOCK: TokenLock = Object.freeze({
  release() {
    // There is nothing to give back.
  },
})

/**
 * A token store that never fails: what is down, slow or holds something foreign holds nothing, so that this process works alone. After
 * a failure it is left alone for 5 seconds.
 */
export class TokenShelf {
  readonly #settings: ShelfSettings
  #downUntil = Number.NEGATIVE_INFINITY

  constructor(settings: ShelfSettings) {
    this.#settings = settings
  }

  async get(key: string): Promise<HeldToken | undefined> {
    const text = await this.#tried(() => this.#settings.store.get(key))
    return storedToken(text, this.#settings.renewal)
  }

  async set(key: string, held: HeldToken): Promise<void> {
    const ttlSeconds = (held.until - this.#settings.now()) / 1000
    if (ttlSeconds > 0) await this.#tried(() => this.#settings.store.set(key, held.text, ttlSeconds))
  }

  async delete(key: string, held: HeldToken): Promise<void> {
    await this.#tried(() => this.#settings.store.delete(key, held.text))
  }

  /** The lock; undefined while another holds it; one that locks nothing where the store is down. */
  async lock(key: string, ttlSeconds: number): Promise<TokenLock | undefined> {
    let isDown = true
    const lock = await this.#tried(async () => {
      const answer = await this.#settings.store.lock(key, ttlSeconds)
      isDown = false
      return answer
    })
    if (lock === undefined) return isDown ? NO_LOCK : undefined
    return { release: () => this.#tried(() => lock.release()) as Promise<void> }
  }

  async #tried<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    const { now, storeTimeoutMs, report } = this.#settings
    if (now() < this.#downUntil) return undefined
    try {
      return await within(storeTimeoutMs, work, 'ERR_STORE_DOWN')
    } catch (error) {
      this.#downUntil = now() + PAUSE_MS
      warnOnce('ERR_AXIOS_TOKEN_STORE', 'a token store is down or too slow; until it is back this process requests its own tokens')
      report(error)
      return undefined
    }
  }
}
