import { createHash } from 'node:crypto'
import { bodyOf, secretText } from './session-data.js'
import { SessionError, sessionError } from './session-errors.js'
import type { LoginSettings } from './session-exchange-options.js'
import type { SessionSettings } from './session-options.js'

/** One refusal may be a hiccup of the server; the second in a row is taken as its word on the credentials. */
const REFUSALS_BEFORE_HOLD = 2
const LONGEST_HOLD_MS = 300_000

/** A refusal that was repeated, and what was refused. */
interface Hold {
  readonly since: number
  readonly lengthMs: number
  readonly mark: string | undefined
  readonly status: number | undefined
}

/**
 * Lets logins through, so that credentials that do not count any more neither lock their account nor flood the server.
 *
 * After two refusals in a row none is tried for `refreshCooldownSeconds`, and for twice as long after each further one, up to five minutes;
 * other credentials are tried at once. Where nothing is known of the credentials, others wait for what comes of the first login. A server that asked to be
 * left alone (Retry-After) is. Not known: what a function that makes the data answers now, and what other processes were told.
 */
export class LoginGate {
  readonly #settings: SessionSettings
  readonly #login: LoginSettings
  #closedUntil = Number.NEGATIVE_INFINITY
  #refusals = 0
  #hold: Hold | undefined
  #isProven = false
  #first: Promise<unknown> | undefined

  constructor(settings: SessionSettings, login: LoginSettings) {
    this.#settings = settings
    this.#login = login
  }

  /** @throws SessionError `ERR_AXIOS_LOGIN_REFUSED`, `ERR_AXIOS_LOGIN_FAILED`: those of `logIn`, or without a login */
  async pass<T>(logIn: () => Promise<T>): Promise<T> {
    this.#refuseClosed()
    if (this.#isProven) return this.#tried(logIn)
    const first = this.#first
    if (first === undefined) return this.#triedFirst(logIn)
    // Where it was not answered, nothing is known, and nobody waits twice.
    await first.catch(rethrowRefusal)
    this.#refuseClosed()
    return this.#tried(logIn)
  }

  /** A session was refused: its account may have another password by now. */
  doubt(): void {
    this.#isProven = false
  }

  async #triedFirst<T>(logIn: () => Promise<T>): Promise<T> {
    const first = this.#tried(logIn)
    this.#first = first
    try {
      return await first
    } finally {
      if (this.#first === first) this.#first = undefined
    }
  }

  async #tried<T>(logIn: () => Promise<T>): Promise<T> {
    const startedAt = this.#settings.now()
    const mark = markOf(this.#login)
    try {
      const opened = await logIn()
      this.#isProven = true
      this.#refusals = 0
      this.#hold = undefined
      return opened
    } catch (error) {
      if (isRefusal(error)) this.#refused(error, mark, startedAt)
      throw error
    }
  }

  #refused({ loginStatus, retryAfterSeconds = 0 }: SessionError, mark: string | undefined, startedAt: number): void {
    this.#isProven = false
    if (retryAfterSeconds > 0) this.#closedUntil = Math.max(this.#closedUntil, startedAt + retryAfterSeconds * 1000)
    if (retryAfterSeconds > 0 || isPassing(loginStatus)) return
    this.#refusals += 1
    const times = this.#refusals - REFUSALS_BEFORE_HOLD
    const { cooldownMs, now } = this.#settings
    if (times < 0) return
    const lengthMs = Math.min(cooldownMs * 2 ** times, Math.max(cooldownMs, LONGEST_HOLD_MS))
    this.#hold = { since: now(), lengthMs, mark, status: loginStatus }
  }

  #refuseClosed(): void {
    const now = this.#settings.now()
    if (now < this.#closedUntil) {
      const seconds = Math.ceil((this.#closedUntil - now) / 1000)
      throw sessionError('ERR_AXIOS_LOGIN_FAILED', `the server asked to be left alone for another ${seconds} s`, {
        retryAfterSeconds: seconds,
      })
    }
    const hold = this.#hold
    if (hold === undefined) return
    const sinceMs = now - hold.since
    if (sinceMs < 0 || sinceMs >= hold.lengthMs) return
    if (markOf(this.#login) !== hold.mark) {
      this.#refusals = 0
      this.#hold = undefined
      return
    }
    const seconds = Math.ceil((hold.lengthMs - sinceMs) / 1000)
    const why = `the login was refused several times in a row, and is not tried again for another ${seconds} s, lest the account is locked`
    throw sessionError('ERR_AXIOS_LOGIN_REFUSED', why, { loginStatus: hold.status, retryAfterSeconds: seconds })
  }
}

function isRefusal(error: unknown): error is SessionError {
  return error instanceof SessionError && error.code === 'ERR_AXIOS_LOGIN_REFUSED'
}

function rethrowRefusal(error: unknown): void {
  if (isRefusal(error)) throw error
}

/** What says nothing of the credentials: the server is down, or asks for another try (408, 425). */
function isPassing(status: number | undefined): boolean {
  return status !== undefined && (status >= 500 || status === 408 || status === 425)
}

/** What tells credentials apart from others, and nothing of them; the same for all that a function makes. Undefined where there are none now. */
function markOf({ auth, data, headers, label }: LoginSettings): string | undefined {
  try {
    const body = data === undefined || typeof data === 'function' ? undefined : bodyOf(label, 'data', data, 'json').octets.toString()
    const fields = headers.map(([name, value]) => [name, secretText(label, `headers.${name}`, value)])
    const user = auth === undefined ? [] : [auth.username, secretText(label, 'auth', auth.password)]
    return createHash('sha256')
      .update(JSON.stringify([body, fields, user]))
      .digest('base64')
  } catch {
    return undefined
  }
}
