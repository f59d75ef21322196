import { type BigIntStats, constants, statSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'

/** What tells one state of a file from another without reading it. */
export interface FileMark {
  readonly text: string
  /** Whether a further change would surely show. A file that was written just before it was read may be written again within the same tick. */
  readonly isSettled: boolean
}

/** A file's octets and their mark. */
export interface FileState {
  readonly octets: Buffer
  readonly mark: FileMark
}

/** Not blocking: somebody may have put a pipe where a file is looked for. */
export const NOT_BLOCKING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** The kernel's clock for file times ticks each 1 to 10 ms. */
const TICK_MS = 50
/** Some file systems know full seconds only (FAT: every second one). */
const COARSE_TICK_MS = 2000
const NS_PER_SECOND = 1_000_000_000n
const MOST_TRIES = 5

/** The mark of the file that a path leads to now; undefined: there is none. Blocking, some microseconds. */
export function markNow(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? undefined : textOf(stats)
}

/**
 * Reads a file whole. One that changes meanwhile is read again.
 *
 * @throws when it is missing, no regular file, or does not stop to change
 */
export async function readState(path: string): Promise<FileState> {
  for (let tries = 1; ; tries += 1) {
    const file = await open(path, NOT_BLOCKING)
    try {
      const before = await file.stat({ bigint: true })
      if (!before.isFile()) throw new Error('it is not a regular file')
      const octets = await file.readFile()
      const after = await file.stat({ bigint: true })
      if (textOf(before) === textOf(after) && BigInt(octets.length) === after.size) return { octets, mark: markOf(after) }
    } finally {
      await file.close()
    }
    if (tries === MOST_TRIES) throw new Error('it was changed each time it was read')
  }
}

/** The mark of a file that was just written. */
export async function readMark(path: string): Promise<FileMark> {
  return markOf(await stat(path, { bigint: true }))
}

function markOf(stats: BigIntStats): FileMark {
  // The file system's times are the real clock's, whichever clock the rest goes by.
  const tickMs = stats.mtimeNs % NS_PER_SECOND === 0n ? COARSE_TICK_MS : TICK_MS
  const changedMs = Math.max(Number(stats.mtimeMs), Number(stats.ctimeMs))
  return { text: textOf(stats), isSettled: Date.now() - changedMs > tickMs }
}

function textOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
}
