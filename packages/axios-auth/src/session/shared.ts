import { createHash } from 'node:crypto'
import { type TokenLock, type TokenStore, warnOnce, within } from '@countersign/core/base'
import { fits, jarFor } from './carry.js'
import type { KeptCookie } from './cookies.js'
import { isCsrf } from './csrf.js'
import { OpenSession } from './opened.js'
import type { SessionSettings } from './options.js'

const VERSION = 1
const POLL_MS = 100
/** Stands for the lock of a store that is down. */
const NO_LOCK: TokenLock = { release: () => undefined }

interface Kept {
  readonly v: number
  readonly token: string
  readonly cookies: readonly KeptCookie[]
  readonly endsAt: number | null
  readonly csrf?: string | undefined
}

/**
 * The session that several processes share through a store. A store that is down, or holds nonsense, costs a login and nothing else.
 *
 * The key is a digest over the login's URL, the account and the way the session is carried: nothing secret, and no two users share one.
 */
export class SharedSession {
  readonly #settings: SessionSettings
  readonly #store: TokenStore
  readonly #ttlMs: number
  readonly #key: string
  /** What the server refused, in case the store holds it still. */
  #refused: string | undefined

  constructor(settings: SessionSettings, shared: NonNullable<SessionSettings['store']>, base: string) {
    this.#settings = settings
    this.#store = shared.store
    this.#ttlMs = shared.ttlMs
    const { carry, login } = settings
    const way = carry.in !== 'cookie' && carry.cookies ? [`${carry.in} and cookies`, carry.name] : [carry.in, carry.name]
    this.#key = digest(['countersign session', base, login?.method ?? '', login?.url ?? '', shared.account, ...way])
  }

  /** The session of the store, or that of `logIn`, which one of many processes runs while the others wait for what comes of it. */
  async open(logIn: () => Promise<OpenSession>): Promise<OpenSession> {
    const turn = await this.#turn()
    if (turn instanceof OpenSession) return turn
    try {
      // Between the look and the lock another may have opened it.
      return (await this.#find()) ?? (await this.#kept(await logIn()))
    } finally {
      await this.#asked(() => turn.release(), undefined)
    }
  }

  /** Forgets a session that the server refused, or that was logged out. */
  async forget(session: OpenSession): Promise<void> {
    const value = session.kept()
    if (value === undefined) return
    this.#refused = value
    await this.#asked(() => this.#store.delete(this.#key, value), undefined)
  }

  async #find(): Promise<OpenSession | undefined> {
    const value = await this.#asked(() => this.#store.get(this.#key), undefined)
    if (typeof value !== 'string' || value === this.#refused) return undefined
    const kept = keptOf(value)
    const { carry, csrf, now } = this.#settings
    if (kept === undefined || !fits(carry, kept.token)) return undefined
    if (csrf?.in === 'token' && !isCsrf(kept.csrf)) return undefined
    const jar = jarFor(carry, now, kept.cookies)
    const session = new OpenSession({
      token: kept.token,
      csrf: kept.csrf,
      jar,
      endsAt: kept.endsAt ?? undefined,
      isOwn: false,
      kept: value,
    })
    return session.holds(now()) ? session : undefined
  }

  /** @returns a lock; one that holds nothing where the store is down; undefined while another process has it */
  async #lock(): Promise<TokenLock | undefined> {
    const seconds = Math.ceil((2 * this.#settings.transport.timeoutMs) / 1000)
    return this.#asked(() => this.#store.lock(this.#key, seconds), NO_LOCK)
  }

  /** The session that another process opened meanwhile, or the right to open it; after `timeoutMs` without either, the latter. */
  async #turn(): Promise<OpenSession | TokenLock> {
    const { sleep, transport } = this.#settings
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const turn = (await this.#find()) ?? (await this.#lock())
      if (turn !== undefined) return turn
      if (waitedMs >= transport.timeoutMs) return NO_LOCK
      await sleep(POLL_MS)
    }
  }

  /** Keeps a session; one that the store did not take belongs to this process alone. */
  async #kept(session: OpenSession): Promise<OpenSession> {
    const { endsAt } = session
    const ttlMs = endsAt === undefined ? this.#ttlMs : Math.min(this.#ttlMs, endsAt - this.#settings.now())
    if (!(ttlMs > 0)) return session
    const facts = { v: VERSION, token: session.token(), cookies: session.cookies(), endsAt: endsAt ?? null, csrf: session.csrf() }
    const value = JSON.stringify(facts)
    const isKept = await this.#asked(async () => {
      await this.#store.set(this.#key, value, ttlMs / 1000)
      return true
    }, false)
    return isKept ? session.sharedAs(value) : session
  }

  async #asked<T>(work: () => T | Promise<T>, otherwise: Awaited<T>): Promise<Awaited<T>> {
    try {
      return await within(this.#settings.transport.timeoutMs, work, 'ERR_STORE_DOWN')
    } catch {
      warnOnce('ERR_AXIOS_SESSION_STORE', 'session: the token store is down; until it is back this process uses a session of its own')
      return otherwise
    }
  }
}

function keptOf(value: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(value)
    return isKept(kept) ? kept : undefined
  } catch {
    return undefined
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false
  const own = (name: keyof Kept): unknown => (Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined)
  const endsAt = own('endsAt')
  const cookies = own('cookies')
  if (own('v') !== VERSION || typeof own('token') !== 'string' || !(endsAt === null || Number.isFinite(endsAt))) return false
  if (own('csrf') !== undefined && !isCsrf(own('csrf'))) return false
  return Array.isArray(cookies) && cookies.every(isCookie)
}

function isCookie(value: unknown): value is KeptCookie {
  if (typeof value !== 'object' || value === null) return false
  const { name, value: text, scope, path, secure, endsAt } = value as Record<string, unknown>
  const texts = [name, text, scope, path].every((part) => typeof part === 'string')
  return texts && typeof secure === 'boolean' && (endsAt === null || Number.isFinite(endsAt))
}

/** Lengths in front keep the parts apart. */
function digest(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`)
  return hash.digest('base64url')
}
