import type { Clock } from '@countersign/core/base'

/** What an interceptor's clock may be corrected by. */
export interface ClockCorrectionLimits {
  readonly now: Clock
  /** The largest correction, seconds. */
  readonly maxSeconds: number
}

/** Less than this is no reason for a refusal: Date counts whole seconds, and an answer takes its time. */
const LEAST_MS = 2000

/**
 * The clock that requests are stamped with: ours, and after one refusal the server's, as far as its Date says so.
 *
 * An origin gets one correction for all time. A server that could move the clock again and again would be handed signatures for times to
 * come; over plain http so would anybody on the way, so that only https counts.
 */
export class CorrectedClock {
  readonly #limits: ClockCorrectionLimits
  readonly #offsets = new Map<string, number>()

  constructor(limits: ClockCorrectionLimits) {
    this.#limits = limits
  }

  /** Milliseconds since the epoch, as the server of an origin counts them. */
  now(origin: string): number {
    return this.#limits.now() + (this.#offsets.get(origin) ?? 0)
  }

  /**
   * Takes the server's time from the Date of a refusal.
   *
   * @returns whether the clock has changed, so that signing once more is worth it
   */
  correct(origin: string, date: string | undefined): boolean {
    if (!origin.startsWith('https:') || this.#offsets.has(origin)) return false
    const server = httpDate(date)
    if (server === undefined) return false
    const offset = server - this.#limits.now()
    const size = Math.abs(offset)
    if (size < LEAST_MS || size > this.#limits.maxSeconds * 1000) return false
    this.#offsets.set(origin, offset)
    return true
  }
}

/** An IMF-fixdate (RFC 9110 section 5.6.7); other forms are not read. */
function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || text.length !== 29) return undefined
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toUTCString() === text ? time : undefined
}
