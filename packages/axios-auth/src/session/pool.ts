import { sessionError } from './errors.js'
import type { SessionKeeper } from './keeper.js'
import { SessionSlot } from './slot.js'

interface Waiter {
  readonly resolve: (slot: SessionSlot) => void
  readonly reject: (error: unknown) => void
}

/**
 * Places for sessions, `maxSessions` of them. With one, all users share it; with more, each has one to itself, and who finds none waits
 * in turn.
 */
export class SessionPool {
  readonly keeper: SessionKeeper
  /** The one place that all share; undefined where each user has one to itself. */
  readonly common: SessionSlot | undefined
  readonly #slots: SessionSlot[] = []
  readonly #idle: SessionSlot[] = []
  readonly #waiting = new Set<Waiter>()
  #users = 0
  #disposal: Promise<void> | undefined

  constructor(keeper: SessionKeeper) {
    this.keeper = keeper
    if (keeper.settings.maxSessions > 1) return
    this.common = new SessionSlot(keeper)
    this.#slots.push(this.common)
  }

  /**
   * A place to use until it is given back.
   *
   * @throws SessionError `ERR_AXIOS_SESSION_BUSY`, `ERR_AXIOS_SESSION_DISPOSED`; the reason of the signal
   */
  take(signal: AbortSignal | undefined): SessionSlot | Promise<SessionSlot> {
    this.keeper.refuseDisposed()
    signal?.throwIfAborted()
    if (this.common !== undefined) {
      this.#users += 1
      return this.common
    }
    const slot = this.#free()
    if (slot !== undefined) return slot
    const { maxWaiting } = this.keeper.settings
    if (this.#waiting.size >= maxWaiting)
      throw sessionError('ERR_AXIOS_SESSION_BUSY', `${maxWaiting} callers are already waiting for a session`)
    return this.#turn(signal)
  }

  /**
   * Gives a place back.
   *
   * @param close - logs its session out, unless another user goes on with it
   */
  give(slot: SessionSlot, close: boolean): Promise<void> {
    if (slot === this.common) {
      this.#users -= 1
      return close && this.#users === 0 ? slot.close() : Promise.resolve()
    }
    const [next] = this.#waiting
    if (next !== undefined) {
      next.resolve(slot)
      return Promise.resolve()
    }
    // The last is taken first: it is the likeliest to have a session that holds.
    if (close) this.#idle.unshift(slot)
    else this.#idle.push(slot)
    return close ? slot.close() : Promise.resolve()
  }

  /** Logs every session out, and refuses whoever waits and comes. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#disposed()
    return this.#disposal
  }

  async #disposed(): Promise<void> {
    for (const waiter of [...this.#waiting]) waiter.reject(sessionError('ERR_AXIOS_SESSION_DISPOSED'))
    for (const slot of this.#slots) slot.close().catch(() => undefined)
    await this.keeper.dispose()
  }

  #free(): SessionSlot | undefined {
    // Those that were given back while their login is under way would be waited for.
    const ready = this.#idle.findLastIndex((slot) => slot.isReady)
    if (ready !== -1) return this.#idle.splice(ready, 1)[0]
    if (this.#idle.at(-1)?.isOpen !== true && this.#slots.length < this.keeper.settings.maxSessions) {
      const slot = new SessionSlot(this.keeper)
      this.#slots.push(slot)
      return slot
    }
    return this.#idle.pop()
  }

  #turn(signal: AbortSignal | undefined): Promise<SessionSlot> {
    return new Promise((resolve, reject) => {
      const over = (settle: () => void) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', aborted)
        this.#waiting.delete(waiter)
        settle()
      }
      const waiter: Waiter = {
        resolve: (slot) => over(() => resolve(slot)),
        reject: (error) => over(() => reject(error)),
      }
      const aborted = () => waiter.reject(signal?.reason)
      const { waitTimeoutMs } = this.keeper.settings
      const late = () => waiter.reject(sessionError('ERR_AXIOS_SESSION_BUSY', `no session became free within ${waitTimeoutMs} ms`))
      const timer = setTimeout(late, waitTimeoutMs)
      signal?.addEventListener('abort', aborted)
      this.#waiting.add(waiter)
    })
  }
}
