import { createHash, type Hash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import type { Clock } from '../clock.js'
import { CountersignError } from '../errors.js'
import type { Client } from './client.js'
import { documentText, parseClientsDocument } from './clients-document.js'
import { type ClientsState, contentDigest, difference, indexed } from './clients-load.js'
import type { Edit } from './edits.js'
import { clientError } from './errors.js'
import { FileLock } from './file-lock.js'
import { type FileMark, markNow, readState } from './file-mark.js'
import type { FileRules } from './file-rules.js'
import { replaceFile } from './replace-file.js'

/** How a clients file is followed and written. */
export interface ClientsFileSetup {
  readonly path: string
  readonly now: Clock
  readonly pollMs: number
  readonly maxStaleMs: number
  readonly lockTimeoutMs: number
  readonly rules: FileRules
  readonly onChange: (clientId: string) => void
  readonly onProblem: (error: unknown) => void
}

const FACTORY = 'fileClients'
const MOST_TRIES = 3

/**
 * A clients file and what it says. Whoever is about to look something up asks `refresh` first: it looks at the file when that was
 * not done for `pollMs`, and when the file has changed, the look-up has to wait until it is read. So nobody is served from a state
 * that was not the file's within the last `pollMs`, however seldom requests come.
 *
 * There is no timer in it and no fs.watch, which misses atomic renames and swapped folders.
 */
export class ClientsFile {
  readonly #setup: ClientsFileSetup
  #state: ClientsState
  #mark: FileMark
  #digest: string | undefined
  #lookedAt: number
  #lastNow: number
  #loading: Promise<void> | undefined
  #problem: { readonly error: unknown; since: number } | undefined
  #badMark: string | undefined
  #isWriting = false
  #writes: Promise<unknown> = Promise.resolve()

  private constructor(setup: ClientsFileSetup, loaded: Loaded) {
    this.#setup = setup
    this.#state = loaded.state
    this.#mark = loaded.mark
    this.#digest = loaded.digest
    this.#lookedAt = setup.now()
    this.#lastNow = this.#lookedAt
  }

  /** @throws CountersignError `ERR_CLIENT_FILE_BAD` (503) when the file cannot be used */
  static async open(setup: ClientsFileSetup): Promise<ClientsFile> {
    return new ClientsFile(setup, await load(setup, undefined))
  }

  /** Makes an empty file where there is none. */
  static async create({ path, rules, lockTimeoutMs }: ClientsFileSetup): Promise<void> {
    if (markNow(path) !== undefined) return
    const lock = await FileLock.acquire(`${path}.lock`, lockTimeoutMs)
    try {
      await replaceFile(path, documentText(rules.newHead(), []), async () => markNow(path) === undefined)
    } finally {
      await lock.release()
    }
  }

  get state(): ClientsState {
    return this.#state
  }

  /**
   * To be called before each look-up.
   *
   * @returns undefined when the state is good for it; else a promise to wait for
   * @throws CountersignError `ERR_CLIENT_FILE_STALE` (503), or the promise rejects with it
   */
  refresh(): Promise<void> | undefined {
    const now = this.#setup.now()
    this.#follow(now)
    // Written so that a `now` that is no number looks.
    const isDue = !(now - this.#lookedAt < this.#setup.pollMs)
    if (isDue && this.#loading === undefined && !this.#isWriting) this.#look(now)
    if (this.#loading !== undefined) return this.#loading.then(() => this.#refuseStale(now))
    this.#refuseStale(now)
    return undefined
  }

  /** Changes one client in the file and in memory, one change after the other, under the lock of the file. */
  async change<T>(clientId: string, edit: Edit<T>): Promise<T> {
    const change = this.#writes
      .then(() => this.#locked(clientId, edit))
      .catch((error: unknown) => {
        // What the file system throws names no client and no code of ours.
        throw error instanceof Error && 'errno' in error ? bad(this.#setup.path, undefined, error) : error
      })
    this.#writes = change.catch(() => undefined)
    return change
  }

  /** Brings the state up to the file, whatever the clock says. @throws CountersignError `ERR_CLIENT_FILE_BAD` (503) */
  async reload(): Promise<void> {
    await this.#loading
    this.#load(this.#setup.now())
    await this.#loading
    if (this.#problem !== undefined) throw this.#problem.error
  }

  /** A clock that goes back neither puts off the next look nor makes a bad file last longer. */
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
      const mark = markNow(this.#setup.path)
      if (mark === undefined) throw bad(this.#setup.path, 'it is missing')
      const seen = this.#problem === undefined ? this.#mark.isSettled && this.#mark.text : this.#badMark
      if (mark !== seen) this.#load(now)
    } catch (error) {
      this.#fail(bad(this.#setup.path, undefined, error), now)
    }
  }

  #load(now: number): void {
    const loading = load(this.#setup, { state: this.#state, digest: this.#digest, mark: this.#mark }, (mark) => {
      this.#badMark = mark.isSettled ? mark.text : undefined
    })
    // It is over before anybody is told, so that a listener's own look-ups need not wait for it.
    this.#loading = loading.then(
      (loaded) => {
        this.#loading = undefined
        this.#adopt(loaded)
      },
      (error: unknown) => {
        this.#loading = undefined
        this.#fail(error, now)
      },
    )
  }

  #adopt(loaded: Loaded): void {
    const before = this.#state.index
    this.#state = loaded.state
    this.#mark = loaded.mark
    this.#digest = loaded.digest
    this.#problem = undefined
    this.#badMark = undefined
    if (loaded.state.index !== before) for (const id of difference(before, loaded.state.index)) this.#setup.onChange(id)
  }

  #fail(error: unknown, now: number): void {
    const isNew = this.#problem === undefined || String(this.#problem.error) !== String(error)
    this.#problem = { error, since: this.#problem?.since ?? now }
    if (isNew) this.#setup.onProblem(error)
  }

  #refuseStale(now: number): void {
    const problem = this.#problem
    if (problem === undefined || now - problem.since < this.#setup.maxStaleMs) return
    throw clientError('ERR_CLIENT_FILE_STALE', undefined, problem.error)
  }

  async #locked<T>(clientId: string, edit: Edit<T>): Promise<T> {
    const path = await realpath(this.#setup.path)
    const lock = await FileLock.acquire(`${path}.lock`, this.#setup.lockTimeoutMs)
    try {
      for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
        await this.#catchUp()
        this.#isWriting = true
        const written = await this.#write(path, clientId, edit, lock)
        if (written !== undefined) return written.answer
      }
      throw clientError('ERR_CLIENT_FILE_LOCKED', `${path} is being changed by something that does not take its lock`)
    } finally {
      this.#isWriting = false
      await lock.release()
    }
  }

  /** What others wrote comes before what we write: the change is made to the revision that is in the file. */
  async #catchUp(): Promise<void> {
    await this.#loading
    if (this.#problem === undefined && this.#mark.isSettled && markNow(this.#setup.path) === this.#mark.text) return
    await this.reload()
  }

  async #write<T>(path: string, clientId: string, edit: Edit<T>, lock: FileLock): Promise<{ readonly answer: T } | undefined> {
    const { index, reader, revision } = this.#state
    const { client, answer } = edit(index.client(clientId))
    if (client !== undefined) index.check(client, reader.rules.passwords)
    const head = { revision: revision + 1, ...this.#setup.rules.headOf(reader) }
    const digest = createHash('sha256')
    const text = hashed(documentText(head, edited(index.clients(), clientId, client)), digest)
    const mayReplace = async () => markNow(path) === this.#mark.text && (await lock.isOurs())
    const mark = await replaceFile(path, text, mayReplace)
    if (mark === undefined) return undefined
    if (client === undefined) index.delete(clientId)
    else index.put(client, reader.rules.passwords)
    this.#state = { revision: head.revision, reader, index }
    this.#mark = mark
    this.#digest = digest.digest('base64')
    this.#setup.onChange(clientId)
    return { answer }
  }
}

interface Loaded {
  readonly state: ClientsState
  readonly mark: FileMark
  /** Of the content, where the mark is not settled. */
  readonly digest: string | undefined
}

/** Reads the file; when it says what it said before, only its mark is new. */
async function load(setup: ClientsFileSetup, before: Loaded | undefined, onBad?: (mark: FileMark) => void): Promise<Loaded> {
  let mark: FileMark | undefined
  try {
    const file = await readState(setup.path)
    mark = file.mark
    // Needed where the same mark may hide another content, and then only. A digest of a large file takes its time.
    const digest = mark.isSettled && before?.digest === undefined ? undefined : contentDigest(file.octets)
    if (before?.digest !== undefined && digest === before.digest) return { ...before, mark }
    const document = await parseClientsDocument(FACTORY, file.octets)
    return { state: await indexed(document, setup.rules.of(document), before?.state.index), mark, digest }
  } catch (error) {
    if (mark !== undefined) onBad?.(mark)
    const isFirst = before === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw bad(setup.path, isFirst ? 'it is missing; the option create: true creates an empty one' : undefined, error)
  }
}

function bad(path: string, reason: string | undefined, cause?: unknown): CountersignError {
  if (cause instanceof CountersignError && cause.code === 'ERR_CLIENT_FILE_BAD') return cause
  const told = reason ?? (cause instanceof Error ? cause.message : 'it cannot be read')
  return clientError('ERR_CLIENT_FILE_BAD', `${path}: ${told}`, cause)
}

async function* hashed(text: AsyncIterable<string>, digest: Hash): AsyncGenerator<string> {
  for await (const chunk of text) {
    digest.update(chunk)
    yield chunk
  }
}

function* edited(clients: Iterable<Client>, clientId: string, client: Client | undefined): Generator<Client> {
  let isNew = client !== undefined
  for (const one of clients) {
    if (one.id !== clientId) yield one
    else if (client !== undefined) {
      isNew = false
      yield client
    }
  }
  if (isNew) yield client as Client
}
