import { readFile } from 'node:fs/promises'
import { FileLock } from './file-lock.js'
import { NOT_BLOCKING } from './file-mark.js'
import { replaceFile } from './replace-file.js'

/** Client id to credential id to time, milliseconds since the epoch. */
export type Uses = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * When credentials were last accepted, in a file beside the clients file: `{ "acme": { "api-key-1": "2026-03-01T09:00:00.000Z" } }`.
 * It is no part of the registry: losing it loses no client. Several processes add to it.
 */
export class LastUsedFile {
  readonly #path: string
  readonly #lockTimeoutMs: number

  constructor(path: string, lockTimeoutMs: number) {
    this.#path = path
    this.#lockTimeoutMs = lockTimeoutMs
  }

  /** What the file says; nothing where it is missing or broken. */
  async read(): Promise<Map<string, Map<string, number>>> {
    const uses = new Map<string, Map<string, number>>()
    for (const [clientId, credentials] of entriesOf(await this.#parsed())) {
      const times = new Map<string, number>()
      for (const [credentialId, time] of entriesOf(credentials)) {
        const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN
        if (!Number.isNaN(ms)) times.set(credentialId, ms)
      }
      uses.set(clientId, times)
    }
    return uses
  }

  /** Adds times, of which the later one stays, and forgets those of credentials that are gone. */
  async add(further: Uses, exists: (clientId: string, credentialId: string) => boolean): Promise<void> {
    const lock = await FileLock.acquire(`${this.#path}.lock`, this.#lockTimeoutMs)
    try {
      const uses = await this.read()
      for (const [clientId, credentials] of further) {
        const times = uses.get(clientId) ?? new Map<string, number>()
        uses.set(clientId, times)
        for (const [credentialId, ms] of credentials) times.set(credentialId, Math.max(ms, times.get(credentialId) ?? ms))
      }
      await replaceFile(this.#path, textOf(uses, exists))
    } finally {
      await lock.release()
    }
  }

  async #parsed(): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.#path, { encoding: 'utf8', flag: NOT_BLOCKING }))
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

async function* textOf(uses: Uses, exists: (clientId: string, credentialId: string) => boolean): AsyncGenerator<string> {
  let separator = '{\n'
  for (const [clientId, credentials] of uses) {
    const times = [...credentials].filter(([credentialId]) => exists(clientId, credentialId))
    if (times.length === 0) continue
    // fromEntries defines own properties, also one that is named __proto__.
    const line = JSON.stringify(Object.fromEntries(times.map(([credentialId, ms]) => [credentialId, new Date(ms).toISOString()])))
    yield `${separator}${JSON.stringify(clientId)}: ${line}`
    separator = ',\n'
  }
  yield separator === '{\n' ? '{}\n' : '\n}\n'
}
