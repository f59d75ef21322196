import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, TokenLock } from '@countersign/core/base'
import type { HeldToken } from './record.js'
import { NO_LOCK, type TokenShelf } from './shelf.js'

/** What a slot works with. */
export interface SlotSettings {
  /** Of the store. */
  readonly key: string
  readonly shelf: TokenShelf
  readonly now: Clock
  /** Gets a token from its service. */
  readonly fetch: () => Promise<HeldToken>
  /** After a refused token was replaced, how long another refusal replaces none, milliseconds. */
  readonly refreshCooldownMs: number
  /** How long another process may hold the lock, milliseconds. */
  readonly lockMs: number
  /** Told of a failed renewal that nobody waited for. */
  readonly report: (error: unknown) => void
}

const SHORTEST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 250
const FIRST_BACKOFF_MS = 1000
const LONGEST_BACKOFF_MS = 60_000

/** Which of a token's times ends its use: that from which callers wait for the next one, or that of its renewal in the background. */
type Limit = 'waitFrom' | 'refreshFrom'

/**
 * One token of one client, scopes and audience: got once however many ask, renewed before it ends, replaced once when it is refused.
 *
 * Nobody's waiting is tied to anybody's request, so one that is given up takes nothing from the others.
 */
export class TokenSlot {
  readonly #settings: SlotSettings
  #held: HeldToken | undefined
  /** The one fetch under way that counts. */
  #flight: Promise<string> | undefined
  /** The lock of the store that it holds meanwhile. */
  #lock: TokenLock | undefined
  /** Goes up with each invalidation: what was asked for before one is not kept after it. */
  #generation = 0
  #invalidatedAt = Number.NEGATIVE_INFINITY
  #failures = 0
  #quietUntil = Number.NEGATIVE_INFINITY

  constructor(settings: SlotSettings) {
    this.#settings = settings
  }

  /** The token; a promise only where one has to be waited for. */
  current(): string | Promise<string> {
    const now = this.#settings.now()
    const held = this.#held
    if (held === undefined || !(now < held.until)) return this.#wait()
    const isQuiet = now < this.#quietUntil
    if (now >= held.waitFrom) return isQuiet ? held.token : this.#wait()
    if (now >= held.refreshFrom && this.#flight === undefined && !isQuiet) this.#refreshInBackground()
    return held.token
  }

  /**
   * Told that a token was refused (401).
   *
   * @returns whether there is another one now, so that the request deserves its retry
   */
  async refused(token: string): Promise<boolean> {
    if (this.#isOld(token)) return true
    const stored = await this.#settings.shelf.get(this.#settings.key)
    // Others may have been told while this one waited.
    if (this.#isOld(token)) return true
    if (this.#held === undefined && this.#flight !== undefined) return brings(this.#flight, token)
    const now = this.#settings.now()
    if (stored !== undefined && stored.token !== token && now < stored.waitFrom) {
      this.#invalidate(undefined)
      this.#held = stored
      return true
    }
    const sinceMs = now - this.#invalidatedAt
    if (sinceMs >= 0 && sinceMs < this.#settings.refreshCooldownMs) return false
    this.#invalidatedAt = now
    this.#invalidate(stored)
    return brings(this.#start('waitFrom', token), token)
  }

  #isOld(token: string): boolean {
    return this.#held !== undefined && this.#held.token !== token
  }

  #invalidate(stored: HeldToken | undefined): void {
    this.#generation += 1
    this.#held = undefined
    this.#flight = undefined
    // What is under way does not count any more, and must not keep the next one waiting.
    this.#lock?.release()?.catch(ignore)
    this.#lock = undefined
    if (stored !== undefined) this.#settings.shelf.delete(this.#settings.key, stored).catch(ignore)
  }

  async #wait(): Promise<string> {
    try {
      return await (this.#flight ?? this.#start('waitFrom'))
    } catch (error) {
      const held = this.#held
      if (held === undefined || !(this.#settings.now() < held.until)) throw error
      // It is about to end, and still better than nothing.
      this.#settings.report(error)
      return held.token
    }
  }

  #refreshInBackground(): void {
    this.#start('refreshFrom').catch((error: unknown) => this.#settings.report(error))
  }

  #start(limit: Limit, refused?: string): Promise<string> {
    const generation = this.#generation
    const isCurrent = () => generation === this.#generation
    const flight = this.#obtained(limit, refused, isCurrent).then((held) => {
      if (isCurrent()) this.#keep(held)
      return held.token
    })
    const landed = () => {
      if (this.#flight === flight) this.#flight = undefined
    }
    flight.then(landed, () => {
      landed()
      this.#failed()
    })
    this.#flight = flight
    return flight
  }

  /** While a token holds, whoever gives the next one is not asked at every call. */
  #failed(): void {
    this.#quietUntil = this.#settings.now() + Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS)
    this.#failures += 1
  }

  #keep(held: HeldToken): void {
    this.#failures = 0
    this.#quietUntil = Number.NEGATIVE_INFINITY
    this.#held = this.#settings.now() < held.until ? held : undefined
  }

  async #obtained(limit: Limit, refused: string | undefined, isCurrent: () => boolean): Promise<HeldToken> {
    const { key, shelf, fetch } = this.#settings
    const usable = async () => {
      const stored = await shelf.get(key)
      return stored !== undefined && stored.token !== refused && this.#settings.now() < stored[limit] ? stored : undefined
    }
    const turn = await this.#turn(usable)
    if (isHeld(turn)) return turn
    if (isCurrent()) this.#lock = turn
    else await turn.release()
    try {
      // Between the look and the lock another may have brought it.
      const stored = await usable()
      if (stored !== undefined) return stored
      const held = await fetch()
      if (isCurrent()) await shelf.set(key, held)
      return held
    } finally {
      if (this.#lock === turn) this.#lock = undefined
      await turn.release()
    }
  }

  /** What another process got meanwhile, or the right to get it; after `lockMs` without either, the latter. */
  async #turn(usable: () => Promise<HeldToken | undefined>): Promise<HeldToken | TokenLock> {
    const { key, shelf, lockMs } = this.#settings
    let pauseMs = SHORTEST_PAUSE_MS
    for (let waitedMs = 0; waitedMs < lockMs; ) {
      const stored = await usable()
      if (stored !== undefined) return stored
      const lock = await shelf.lock(key, lockMs / 1000)
      if (lock !== undefined) return lock
      await delay(pauseMs)
      waitedMs += pauseMs
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
    return NO_LOCK
  }
}

/** Whether a fetch brings another token. Where it fails, the answer that refused the old one stands. */
function brings(flight: Promise<string>, refused: string): Promise<boolean> {
  return flight.then(
    (token) => token !== refused,
    () => false,
  )
}

function isHeld(turn: HeldToken | TokenLock): turn is HeldToken {
  return Object.hasOwn(turn, 'token')
}

function ignore(): void {
  // A shelf reports what fails.
}
