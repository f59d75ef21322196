import { LONGEST_TIMER_MS } from '../deadline.js'
import type { ClientsFile } from './clients-file.js'
import { LastUsedFile } from './last-used-file.js'
import type { Match } from './match.js'
import type { CredentialUse } from './registry.js'

/**
 * Remembers when credentials were last accepted, and writes it to a file from time to time, off the way of requests. What a crash
 * loses is the last `everyMs` of it.
 */
export class LastUsedLog {
  readonly #file: LastUsedFile
  readonly #everyMs: number
  readonly #clients: ClientsFile
  readonly #onProblem: (error: unknown) => void
  readonly #unwritten = new Set<Match>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #hasProblem = false

  /** @param everyMs - 0: nothing is written */
  constructor(path: string, everyMs: number, lockTimeoutMs: number, clients: ClientsFile, onProblem: (error: unknown) => void) {
    this.#file = new LastUsedFile(path, lockTimeoutMs)
    this.#everyMs = everyMs
    this.#clients = clients
    this.#onProblem = onProblem
  }

  used(match: Match, nowMs: number): void {
    match.lastUsedMs = nowMs
    if (this.#everyMs === 0) return
    this.#unwritten.add(match)
    this.#timer ??= setTimeout(() => void this.flush(), Math.min(this.#everyMs, LONGEST_TIMER_MS)).unref()
  }

  /** The later of what this process and the others know. */
  async of(clientId: string): Promise<readonly CredentialUse[] | undefined> {
    const uses = this.#clients.state.index.uses(clientId)
    if (uses === undefined) return undefined
    const written = (await this.#file.read()).get(clientId)
    return uses.map(({ credentialId, lastUsed }) => {
      const latest = Math.max(lastUsed?.getTime() ?? Number.NEGATIVE_INFINITY, written?.get(credentialId) ?? Number.NEGATIVE_INFINITY)
      return { credentialId, lastUsed: Number.isFinite(latest) ? new Date(latest) : undefined }
    })
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
    if (matches.length === 0) return
    this.#unwritten.clear()
    const uses = new Map<string, Map<string, number>>()
    for (const { client, credential, lastUsedMs } of matches) {
      const times = uses.get(client.id) ?? new Map<string, number>()
      uses.set(client.id, times.set(credential.id, lastUsedMs as number))
    }
    const { index } = this.#clients.state
    const exists = (clientId: string, credentialId: string) =>
      index.client(clientId)?.credentials.some(({ id }) => id === credentialId) ?? false
    try {
      await this.#file.add(uses, exists)
      this.#hasProblem = false
    } catch (error) {
      for (const match of matches) this.#unwritten.add(match)
      if (!this.#hasProblem) this.#onProblem(error)
      this.#hasProblem = true
    }
  }
}
