import { createHash } from 'node:crypto'
import { LONGEST_RETRY_AFTER_MS } from '../answer/retry-after.js'
import { Refusals } from '../refusals.js'
import { bodyOf, secretText } from './data.js'
import { SessionError, sessionError } from './errors.js'
import type { LoginSettings } from './exchange-options.js'
import type { SessionSettings } from './options.js'

/**
 * Lets logins through, so that credentials that do not count any more neither lock their account nor flood the server.
 *
 * Those that were refused twice are held back (see Refusals). Of several logins at once the others wait for what comes of the first, unless
 * one has succeeded since the last session was over. A server that asked to be left alone (Retry-After) is. Not known: what a function that
 * makes the data would answer now, and what other processes were told.
 */
export class LoginGate {
  readonly #settings: SessionSettings
  readonly #login: LoginSettings
  readonly #refusals: Refusals<number | undefined>
  #closedUntil = Number.NEGATIVE_INFINITY
  #isProven = false
  #first: Promise<unknown> | undefined

  constructor(settings: SessionSettings, login: LoginSettings) {
    this.#settings = settings
    this.#login = login
    this.#refusals = new Refusals(settings.now, settings.cooldownMs)
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

  /** A session is over: its account may have another password by now. */
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
      this.#refusals.clear()
      return opened
    } catch (error) {
      if (isRefusal(error)) this.#refused(error, mark, startedAt)
      throw error
    }
  }

  #refused({ loginStatus, retryAfterSeconds = 0 }: SessionError, mark: string | undefined, startedAt: number): void {
    this.#isProven = false
    if (retryAfterSeconds > 0) this.#closedUntil = Math.max(this.#closedUntil, startedAt + retryAfterSeconds * 1000)
    if (retryAfterSeconds === 0 && !isPassing(loginStatus)) this.#refusals.add(mark, loginStatus, startedAt)
  }

  #refuseClosed(): void {
    const leftMs = this.#closedUntil - this.#settings.now()
    // A clock that was set back makes no wait longer than the longest one.
    if (leftMs > 0 && leftMs <= LONGEST_RETRY_AFTER_MS) {
      const seconds = Math.ceil(leftMs / 1000)
      throw sessionError('ERR_AXIOS_LOGIN_FAILED', `the server asked not to be called for another ${seconds} s`, {
        retryAfterSeconds: seconds,
      })
    }
    const hold = this.#refusals.held(markOf(this.#login))
    if (hold === undefined) return
    const why = `the login was refused several times in a row, and is not tried again for another ${hold.seconds} s, so that the account is not locked`
    throw sessionError('ERR_AXIOS_LOGIN_REFUSED', why, { loginStatus: hold.facts, retryAfterSeconds: hold.seconds })
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
