import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { clientError } from './errors.js'
import { NOT_BLOCKING } from './file-mark.js'

/** Who holds a lock. */
interface Holder {
  readonly pid: number
  /** When the process began, in the kernel's ticks; tells it from another that got its number later. */
  readonly started: string | undefined
  /** Host and process namespace; a process number means something only within. */
  readonly host: string
  /** Of this very lock. */
  readonly token: string
}

/** A lock whose holder cannot be asked after is taken over when it is this old. Nobody holds one for longer than some seconds. */
const STALE_AFTER_MS = 30_000
const TAKEOVER_STALE_AFTER_MS = 10_000
const LEAST_WAIT_MS = 5
const WAIT_SPREAD_MS = 25

/**
 * A lock among processes, kept as a file beside what it guards. It is advice: it holds among those who ask for it.
 *
 * A lock that was left by a process that died is taken over: at once where the process can be seen to be gone (same host, same
 * process namespace), else when it is 30 s old. Only one process at a time may do that, and only to the very lock that it judged.
 */
export class FileLock {
  readonly #path: string
  readonly #text: string

  private constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
  }

  /**
   * @param path - the lock file
   * @param timeoutMs - how long to try
   * @throws CountersignError `ERR_CLIENT_FILE_LOCKED` (503) when others kept it until then
   */
  static async acquire(path: string, timeoutMs: number): Promise<FileLock> {
    const deadline = performance.now() + timeoutMs
    const text = JSON.stringify({ ...ourselves(), token: randomUUID() } satisfies Holder)
    for (;;) {
      if (await created(path, text)) return new FileLock(path, text)
      await takeOverIfStale(path)
      if (performance.now() >= deadline) throw clientError('ERR_CLIENT_FILE_LOCKED', `${path} is held`)
      await wait(LEAST_WAIT_MS + Math.random() * WAIT_SPREAD_MS)
    }
  }

  /** Whether it is still ours; another may have taken it over if this process stood still for long. */
  async isOurs(): Promise<boolean> {
    return (await textOf(this.#path)) === this.#text
  }

  async release(): Promise<void> {
    if (await this.isOurs()) await removed(this.#path)
  }
}

async function takeOverIfStale(path: string): Promise<void> {
  const judged = await textOf(path)
  if (judged === undefined || !(await isStale(path, judged))) return
  const guard = `${path}.takeover`
  if (!(await created(guard, JSON.stringify(ourselves())))) {
    if ((await ageMs(guard)) > TAKEOVER_STALE_AFTER_MS) await removed(guard)
    return
  }
  try {
    // Under the guard nobody but its own holder removes the lock, and that one is gone.
    if ((await textOf(path)) === judged && (await isStale(path, judged))) await removed(path)
  } finally {
    await removed(guard)
  }
}

async function isStale(path: string, text: string): Promise<boolean> {
  const holder = parsed(text)
  const here = ourselves()
  if (holder?.host === here.host) {
    const started = startOf(holder.pid)
    return started === 'gone' || (started !== undefined && holder.started !== undefined && started !== holder.started)
  }
  return (await ageMs(path)) > STALE_AFTER_MS
}

function parsed(text: string): Holder | undefined {
  try {
    // null throws as what is no JSON does. A host of another kind is not this one.
    const holder = JSON.parse(text) as Holder
    return Number.isSafeInteger(holder.pid) && holder.pid > 0 ? holder : undefined
  } catch {
    return undefined
  }
}

function ourselves(): Omit<Holder, 'token'> {
  const started = startOf(process.pid)
  return { pid: process.pid, started: started === 'gone' ? undefined : started, host: `${hostname()} ${processNamespace()}` }
}

/** When a process began; undefined where that cannot be read. */
function startOf(pid: number): string | 'gone' | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone'
  }
  try {
    // Field 22 of proc_pid_stat(5), counted behind the name, which is in parentheses and may hold anything.
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? 'gone' : fields[19]
  } catch {
    return undefined
  }
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/**
 * Makes a lock file, whole or not at all: a writer that is killed half-way must not leave an empty one, whose holder nobody could ask
 * after. Where the file system has no links it is made in place.
 */
async function created(path: string, text: string): Promise<boolean> {
  const whole = `${path}.${randomUUID()}`
  await writeFile(whole, text, { flag: 'wx', mode: 0o600 })
  try {
    await link(whole, path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error
    return await createdInPlace(path, text)
  } finally {
    await removed(whole)
  }
}

async function createdInPlace(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return unlessMissing(readFile(path, { encoding: 'utf8', flag: NOT_BLOCKING }))
}

async function ageMs(path: string): Promise<number> {
  const stats = await unlessMissing(stat(path))
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs
}

async function removed(path: string): Promise<void> {
  await unlessMissing(unlink(path))
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
