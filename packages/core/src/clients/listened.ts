import { LONGEST_TIMER_MS } from '../deadline.js'

/**
 * Looks at something every so often while somebody listens, who would hear of changes only with the next look-up otherwise. Holds no
 * process open.
 */
export class WhileListened {
  readonly #everyMs: number
  readonly #look: () => undefined | Promise<unknown>
  #timer: NodeJS.Timeout | undefined

  /** @param look - what it throws or rejects with has been told to the listeners already */
  constructor(everyMs: number, look: () => undefined | Promise<unknown>) {
    this.#everyMs = everyMs
    this.#look = look
  }

  begin(): void {
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#tick(), Math.min(this.#everyMs, LONGEST_TIMER_MS))
    this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    try {
      this.#look()?.catch(() => undefined)
    } catch {
      // The listeners have been told.
    }
  }
}
