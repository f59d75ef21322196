import { type Clock, LONGEST_TIMER_MS } from '@countersign/core'
import { lastChangeScript } from './client-scripts.js'
import { type Commands, listOf, textOf, unexpected } from './commands.js'

/** How the changes of the clients are followed. */
export interface ChangeFeedSetup {
  readonly commands: Commands
  readonly key: string
  readonly pollMs: number
  readonly maxStaleMs: number
  readonly now: Clock
  /** A client was changed; `names` are those that it came to have. */
  readonly onChange: (clientId: string, names: readonly string[]) => void
  /** What has changed cannot be told: anything may have. */
  readonly onGap: () => void
  readonly onProblem: (error: unknown) => void
}

interface Change {
  readonly id: string
  readonly client: string | undefined
  readonly names: readonly string[]
}

const STREAM_ID = /^\d{1,20}-\d{1,20}$/
const PAGE = 512
const MOST_OWN = 1000

/**
 * Follows the stream of changes: each look reads from the last change that it knows, that one included. When it is not there any more,
 * the stream was trimmed beyond it, lost, or is another one, and everything may have changed.
 *
 * What is true of the clients is known up to the beginning of the last look that was answered, and no more is claimed.
 */
export class ChangeFeed {
  readonly #setup: ChangeFeedSetup
  /** The last change that was seen; undefined: none, so that nothing may be remembered. */
  #position: string | undefined
  #syncedAt = Number.NEGATIVE_INFINITY
  /** Changes that this process made itself and has heeded. */
  readonly #own = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #isAsked = false
  #isClosed = false
  #problem: string | undefined

  constructor(setup: ChangeFeedSetup) {
    this.#setup = setup
  }

  /** Whether what is remembered was true `maxStaleMs` ago or later. A clock that went back, or answers no number, makes it untrue. */
  isFresh(now: number): boolean {
    const age = now - this.#syncedAt
    return age >= 0 && age <= this.#setup.maxStaleMs
  }

  /** Looks now, and from then on each `pollMs`. Whoever calls while it looks makes it look again. */
  look(): Promise<void> {
    this.#isAsked = true
    this.#looking ??= this.#untilAnswered()
    return this.#looking
  }

  /** What this process changed itself need not be told to it. */
  ignore(changeId: string): void {
    if (this.#own.size >= MOST_OWN) this.#own.clear()
    this.#own.add(changeId)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #untilAnswered(): Promise<void> {
    clearTimeout(this.#timer)
    try {
      while (this.#isAsked) {
        this.#isAsked = false
        await this.#caughtUp()
      }
      this.#problem = undefined
    } catch (error) {
      this.#isAsked = false
      this.#failed(error)
    } finally {
      this.#looking = undefined
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.look(), Math.min(this.#setup.pollMs, LONGEST_TIMER_MS)).unref()
  }

  async #caughtUp(): Promise<void> {
    for (;;) {
      const began = this.#setup.now()
      const isAll = this.#position === undefined ? await this.#started() : await this.#page(this.#position)
      if (!isAll) continue
      this.#syncedAt = began
      return
    }
  }

  async #started(): Promise<boolean> {
    const last = textOf(await this.#setup.commands.run(lastChangeScript, [this.#setup.key], []))
    if (last === undefined || !STREAM_ID.test(last)) throw unexpected()
    // Before the position counts: what is under way now was looked up before it.
    this.#setup.onGap()
    this.#position = last
    return true
  }

  async #page(position: string): Promise<boolean> {
    const { commands, key, onChange } = this.#setup
    const page = listOf(await commands.command('XRANGE', key, position, '+', 'COUNT', String(PAGE))).map(changeOf)
    if (page[0]?.id !== position) {
      this.#position = undefined
      this.#syncedAt = Number.NEGATIVE_INFINITY
      return false
    }
    for (const { id, client, names } of page.slice(1)) {
      if (client !== undefined && !this.#own.delete(id)) onChange(client, names)
      this.#position = id
    }
    return page.length < PAGE
  }

  #failed(error: unknown): void {
    const text = String(error)
    if (this.#problem !== text) this.#setup.onProblem(error)
    this.#problem = text
  }
}

function changeOf(entry: unknown): Change {
  const [id, fields] = isPair(entry) ? [entry.key, listOf(entry.value).flat()] : listOf(entry)
  const text = textOf(id)
  if (text === undefined) throw unexpected()
  const values = listOf(fields).map(textOf)
  const names = values[2] === 'names' && values[3] !== undefined && values[3] !== '' ? values[3].split('\n') : []
  return { id: text, client: values[0] === 'client' ? values[1] : undefined, names }
}

/** Valkey GLIDE answers `{ key, value }` with fields in twos, where others answer the lists that Redis sends. */
function isPair(entry: unknown): entry is { readonly key: unknown; readonly value: unknown } {
  return typeof entry === 'object' && entry !== null && Object.hasOwn(entry, 'key') && Object.hasOwn(entry, 'value')
}
