import { LONGEST_TIMER_MS, type Match } from '@countersign/core'
import { usedScript } from './client-scripts.js'
import { type Commands, textOf } from './commands.js'

const BATCH = 500

/** Remembers when credentials were last accepted, and tells Redis from time to time, off the way of requests. */
export class UsesLog {
  readonly #commands: Commands
  readonly #keys: readonly [uses: string, clients: string]
  readonly #everyMs: number
  readonly #most: number
  readonly #onProblem: (error: unknown) => void
  readonly #unwritten = new Set<Match>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #hasProblem = false

  /**
   * @param everyMs - 0: nothing is written
   * @param most - how many uses wait at most; beyond, further credentials are not remembered until these are written
   */
  constructor(commands: Commands, everyMs: number, most: number, onProblem: (error: unknown) => void) {
    this.#commands = commands
    this.#keys = [commands.key('client-uses'), commands.key('clients')]
    this.#everyMs = everyMs
    this.#most = most
    this.#onProblem = onProblem
  }

  used(match: Match, nowMs: number): void {
    match.lastUsedMs = nowMs
    if (this.#everyMs === 0 || (this.#unwritten.size >= this.#most && !this.#unwritten.has(match))) return
    this.#unwritten.add(match)
    this.#timer ??= setTimeout(() => void this.flush(), Math.min(this.#everyMs, LONGEST_TIMER_MS)).unref()
  }

  /** What Redis knows: credential id to ms. */
  async read(clientId: string): Promise<ReadonlyMap<string, number>> {
    const text = textOf(await this.#commands.command('HGET', this.#keys[0], clientId))
    const times: unknown = text === undefined ? {} : JSON.parse(text)
    return new Map(Object.entries(times as object).filter((entry): entry is [string, number] => Number.isFinite(entry[1])))
  }

  /** The uses of a client that are not written yet: credential id to ms. */
  unwritten(clientId: string): ReadonlyMap<string, number> {
    const times = new Map<string, number>()
    for (const { client, credential, lastUsedMs } of this.#unwritten) {
      if (client.id === clientId && lastUsedMs !== undefined) times.set(credential.id, Math.max(lastUsedMs, times.get(credential.id) ?? 0))
    }
    return times
  }

  /** Writes what is not written yet. Never rejects; what fails is told once, and tried again with the next writing. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const matches = [...this.#unwritten]
    this.#unwritten.clear()
    for (let from = 0; from < matches.length; from += BATCH) {
      const batch = matches.slice(from, from + BATCH)
      const args = batch.flatMap(({ client, credential, lastUsedMs }) => [client.id, credential.id, String(lastUsedMs)])
      try {
        await this.#commands.run(usedScript, this.#keys, args)
        this.#hasProblem = false
      } catch (error) {
        for (const match of matches.slice(from)) this.#unwritten.add(match)
        if (!this.#hasProblem) this.#onProblem(error)
        this.#hasProblem = true
        return
      }
    }
  }
}
