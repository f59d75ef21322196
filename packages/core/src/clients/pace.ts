import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 6

/** Cuts long work into slices, so that what else there is to do gets its turn. */
export class Pace {
  #began = performance.now()

  /** Whether the slice is over; then await `turn`. */
  get isOver(): boolean {
    return performance.now() - this.#began >= SLICE_MS
  }

  async turn(): Promise<void> {
    await setImmediate()
    this.#began = performance.now()
  }
}
