/**
 * Runs a bounded number of jobs at once and keeps a bounded number waiting, first come, first served. What is beyond is turned
 * away at once, so that whoever floods the queue cannot also make it long.
 */
export class HashQueue {
  readonly #maxRunning: number
  readonly #maxWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning
    this.#maxWaiting = maxWaiting
  }

  /** @returns what the job answers; undefined when there is no room, and then the job was not begun */
  run<T>(job: () => Promise<T>): Promise<T> | undefined {
    if (this.#running < this.#maxRunning) return this.#start(job)
    if (this.#waiting.length >= this.#maxWaiting) return undefined
    return new Promise((resolve) => {
      this.#waiting.push(() => resolve(this.#start(job)))
    })
  }

  async #start<T>(job: () => Promise<T>): Promise<T> {
    this.#running += 1
    try {
      return await job()
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }
}
