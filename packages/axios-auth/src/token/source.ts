import type { Clock } from '@countersign/core/base'
import type { HeldToken } from './record.js'
import type { TokenShelf } from './shelf.js'
import { TokenSlot } from './slot.js'

/** What a source of tokens works with. */
export interface SourceSettings {
  readonly now: Clock
  readonly shelf: TokenShelf
  readonly refreshCooldownMs: number
  readonly lockMs: number
  /** The scopes of a request that names none. */
  readonly scopes: readonly string[]
  /** The key of the token of these scopes. */
  readonly key: (scopes: readonly string[]) => string
  readonly read: (authScopes: unknown) => readonly string[]
  readonly fetch: (scopes: readonly string[]) => Promise<HeldToken>
  readonly report: (error: unknown) => void
}

const MOST_SLOTS = 1000

/** The tokens of one client, one for each set of scopes. Of more than 1000 sets the one that was asked for first goes. */
export class TokenSource {
  readonly #settings: SourceSettings
  /** Of the definition's scopes. Made when first asked for: a secret may begin to count only after the definition was made. */
  #usual: TokenSlot | undefined
  readonly #bySpelling = new Map<string, TokenSlot>()
  readonly #byKey = new Map<string, TokenSlot>()

  constructor(settings: SourceSettings) {
    this.#settings = settings
  }

  /**
   * The slot of a request's scopes, in whatever order they are written.
   *
   * @param authScopes - undefined: the scopes of the definition
   * @throws TypeError when they are no scopes; AxiosAuthError `ERR_AXIOS_NO_SECRET` while no secret has counted yet
   */
  slot(authScopes: unknown): TokenSlot {
    if (authScopes === undefined) {
      this.#usual ??= this.#keyed(this.#settings.scopes)
      return this.#usual
    }
    if (typeof authScopes !== 'string') return this.#keyed(this.#settings.read(authScopes))
    const known = this.#bySpelling.get(authScopes)
    if (known !== undefined) return known
    const slot = this.#keyed(this.#settings.read(authScopes))
    bounded(this.#bySpelling).set(authScopes, slot)
    return slot
  }

  #keyed(scopes: readonly string[]): TokenSlot {
    const key = this.#settings.key(scopes)
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const slot = this.#slot(key, scopes)
    bounded(this.#byKey).set(key, slot)
    return slot
  }

  #slot(key: string, scopes: readonly string[]): TokenSlot {
    const { fetch, lockMs, now, refreshCooldownMs, report, shelf } = this.#settings
    return new TokenSlot({ key, shelf, now, refreshCooldownMs, lockMs, report, fetch: () => fetch(scopes) })
  }
}

function bounded(slots: Map<string, TokenSlot>): Map<string, TokenSlot> {
  if (slots.size >= MOST_SLOTS) slots.delete(slots.keys().next().value as string)
  return slots
}
