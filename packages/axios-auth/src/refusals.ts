import type { Clock } from '@countersign/core/base'

/** One refusal may be a hiccup of the server; the second in a row is taken as its word on the credentials. */
const BEFORE_HOLD = 2
const LONGEST_HOLD_MS = 300_000

/** That credentials are not tried now. */
export interface Hold<F> {
  readonly facts: F
  /** For how much longer, seconds. */
  readonly seconds: number
}

/**
 * Counts the refusals of credentials, so that those that do not count any more neither lock their account nor flood the server: after two
 * in a row they are not tried for a while, and for twice as long after each further one, up to five minutes. Others are tried at once.
 */
export class Refusals<F> {
  readonly #now: Clock
  readonly #cooldownMs: number
  #count = 0
  #last: { readonly since: number; readonly lengthMs: number; readonly mark: string | undefined; readonly facts: F } | undefined

  /** @param cooldownMs - how long they are held after the second refusal; 0: never */
  constructor(now: Clock, cooldownMs: number) {
    this.#now = now
    this.#cooldownMs = cooldownMs
  }

  /**
   * Takes a refusal.
   *
   * @param mark - tells credentials apart
   * @param startedAt - when they were sent: of those that were on their way together, what comes after the hold has begun adds nothing to it
   */
  add(mark: string | undefined, facts: F, startedAt: number): void {
    const last = this.#last
    if (last !== undefined && last.lengthMs > 0 && startedAt <= last.since && this.held(mark) !== undefined) return
    this.#count += 1
    const times = this.#count - BEFORE_HOLD
    // Without a cooldown: 0 times 2 to the power of many is NaN, which no time is beyond.
    if (times < 0 || this.#cooldownMs === 0) return
    const lengthMs = Math.min(this.#cooldownMs * 2 ** times, Math.max(this.#cooldownMs, LONGEST_HOLD_MS))
    this.#last = { since: this.#now(), lengthMs, mark, facts }
  }

  /** Whether these credentials are not to be tried now. */
  held(mark: string | undefined): Hold<F> | undefined {
    const last = this.#last
    if (last === undefined) return undefined
    const sinceMs = this.#now() - last.since
    // A clock that was set back holds nothing.
    if (sinceMs < 0 || sinceMs >= last.lengthMs) return undefined
    if (mark !== last.mark) {
      this.clear()
      return undefined
    }
    return { facts: last.facts, seconds: Math.ceil((last.lengthMs - sinceMs) / 1000) }
  }

  /** The credentials were taken. */
  clear(): void {
    this.#count = 0
    this.#last = undefined
  }
}
