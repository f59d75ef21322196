import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'

/** How a file is followed. */
export interface PolledFileOptions<T> {
  readonly path: string | URL
  /** How often the file is looked at, at most, milliseconds. */
  readonly pollMs: number
  /** How long what was read last counts while the file cannot be read, milliseconds. */
  readonly maxStaleMs: number
  /** The largest file that is read, octets. */
  readonly maxBytes: number
  /** Makes the value; a throw is a bad file. */
  readonly parse: (octets: Buffer) => T
  /** Told once of each problem that keeps the file from being read again. */
  readonly onProblem: (error: unknown) => void
  /** Makes the error of a file that has been bad for longer than maxStaleMs. */
  readonly stale: (cause: unknown) => Error
}

interface Look {
  readonly octets: Buffer
  readonly mark: string
  readonly isSettled: boolean
}

/** A file that was written less than this before it was read may be written again without another time in its inode. */
const SETTLED_AFTER_MS = 2000

/**
 * The contents of a small file that somebody replaces or rewrites: a mounted secret, whose directory is swapped by a symbolic link,
 * or a file that is renamed into place. It is looked at when it is asked for, at most once per pollMs, and read again when device,
 * inode, times or size have changed. There is no timer, and no fs.watch, which misses such swaps.
 *
 * A file that is missing, too large, changed while it was read, or refused by `parse` leaves the last good value for maxStaleMs.
 */
export class PolledFile<T> {
  readonly #options: PolledFileOptions<T>
  #value: T
  #mark: string
  #isSettled: boolean
  #lookedAt: number
  #lastNow: number
  #problem: { readonly error: unknown; since: number } | undefined

  /** @throws what reading or `parse` throws */
  constructor(options: PolledFileOptions<T>, now: number) {
    const look = lookAt(options)
    this.#options = options
    this.#value = options.parse(look.octets)
    this.#mark = look.mark
    this.#isSettled = look.isSettled
    this.#lookedAt = now
    this.#lastNow = now
  }

  /** The value that counts at `now`. @throws what `stale` makes */
  value(now: number): T {
    this.#follow(now)
    // Written so that a `now` that is no number looks, and finds a bad file stale.
    if (!(now - this.#lookedAt < this.#options.pollMs)) this.#look(now)
    const problem = this.#problem
    if (problem !== undefined && !(now - problem.since < this.#options.maxStaleMs)) throw this.#options.stale(problem.error)
    return this.#value
  }

  /** A clock that goes back neither puts off the next look nor makes a bad value last longer. */
  #follow(now: number): void {
    const back = this.#lastNow - now
    if (back > 0) {
      this.#lookedAt -= back
      if (this.#problem !== undefined) this.#problem.since -= back
    }
    this.#lastNow = now
  }

  #look(now: number): void {
    this.#lookedAt = now
    try {
      if (this.#problem === undefined && this.#isSettled && markOf(statSync(this.#options.path, { bigint: true })) === this.#mark) return
      const look = lookAt(this.#options)
      this.#value = this.#options.parse(look.octets)
      this.#mark = look.mark
      this.#isSettled = look.isSettled
      this.#problem = undefined
    } catch (error) {
      this.#fail(error, now)
    }
  }

  #fail(error: unknown, now: number): void {
    const isNew = this.#problem === undefined || String(this.#problem.error) !== String(error)
    this.#problem = { error, since: this.#problem?.since ?? now }
    if (isNew) this.#options.onProblem(error)
  }
}

function lookAt({ path, maxBytes }: PolledFileOptions<unknown>): Look {
  // Not blocking: somebody may have put a pipe there.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const before = fstatSync(file, { bigint: true })
    if (!before.isFile()) throw new Error('it is not a regular file')
    if (before.size > BigInt(maxBytes)) throw new Error(`it has ${before.size} octets, more than ${maxBytes}`)
    const octets = Buffer.alloc(Number(before.size) + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < octets.length; length += read)
      read = readSync(file, octets, length, octets.length - length, null)
    const after = fstatSync(file, { bigint: true })
    if (markOf(after) !== markOf(before) || BigInt(length) !== after.size) throw new Error('it was changed while it was read')
    // The times of the file system, so by the real clock, whichever clock the rest goes by.
    const isSettled = Date.now() - Number(after.mtimeMs) > SETTLED_AFTER_MS && Date.now() - Number(after.ctimeMs) > SETTLED_AFTER_MS
    return { octets: octets.subarray(0, length), mark: markOf(after), isSettled }
  } finally {
    closeSync(file)
  }
}

function markOf(stats: BigIntStats): string {
  return `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`
}
