import { sessionError } from './errors.js'
import type { SessionKeeper } from './keeper.js'
import { OpenSession } from './opened.js'

const MOST_TURNS = 3

/** A place for one session: whoever asks while it is being opened waits for the same login. */
export class SessionSlot {
  readonly #keeper: SessionKeeper
  #current: OpenSession | undefined
  #opening: Promise<OpenSession> | undefined
  #closing: Promise<void> | undefined
  /** Whether the next session takes the place of one that was refused. */
  #afterRefusal = false

  constructor(keeper: SessionKeeper) {
    this.#keeper = keeper
  }

  /** Whether a session is there, or on its way. */
  get isOpen(): boolean {
    return this.#current !== undefined || this.#opening !== undefined
  }

  /** Whether a session is there. */
  get isReady(): boolean {
    return this.#current !== undefined
  }

  /**
   * The session, opened where there is none that holds; undefined where the server hands out ids and has not yet.
   *
   * @throws SessionError of the login; `ERR_AXIOS_SESSION_DISPOSED`
   */
  ready(): OpenSession | undefined | Promise<OpenSession> {
    this.#keeper.refuseDisposed()
    const { login, now } = this.#keeper.settings
    const current = this.#current
    if (current?.holds(now())) return current
    if (current !== undefined) this.#giveUp(current, false)
    return login === undefined ? undefined : this.#opened()
  }

  /**
   * The server does not take a session any more.
   *
   * @returns whether another one is there, or may be opened in its place
   */
  refuse(session: OpenSession): boolean {
    if (session !== this.#current) return true
    if (this.#keeper.isCooling) return false
    if (session.onTrial) {
      this.distrust(session)
      return false
    }
    this.#giveUp(session, true)
    this.#afterRefusal = true
    return true
  }

  /** A session that was opened in the place of a refused one is refused as well: that is the last word for a while. */
  distrust(session: OpenSession): void {
    session.onTrial = false
    // One that others have logged out since was refused for that alone.
    if (session === this.#current) this.#keeper.cool()
  }

  /**
   * Takes an id that the server handed out.
   *
   * @param carried - the session of the request that was answered so
   * @returns whether the request deserves another try
   */
  adopt(token: string, carried: OpenSession | undefined): boolean {
    if (this.#keeper.isDisposed) return false
    if (carried?.token() === token) return false
    if (this.#current?.token() === token) return true
    if (this.#current !== undefined) this.#giveUp(this.#current, true)
    this.#current = new OpenSession({ token, isOwn: true })
    return true
  }

  /** Logs its session out, also one whose login is still under way. A session that is asked for meanwhile is opened when that is done. */
  close(): Promise<void> {
    const current = this.#current
    const opening = this.#opening
    this.#current = undefined
    this.#opening = undefined
    this.#afterRefusal = false
    const left = current === undefined ? Promise.resolve() : this.#keeper.retire(current, false)
    const late = opening?.then((session) => this.#keeper.retire(session, false), ignored) ?? Promise.resolve()
    const before = this.#closing
    const closing = this.#keeper.awaited(Promise.all([before, left, late]).then(ignored))
    this.#closing = closing
    return closing
  }

  #giveUp(session: OpenSession, isRefused: boolean): void {
    this.#current = undefined
    this.#keeper.doubt()
    // `dispose` waits for it; nobody else has to.
    this.#keeper.retire(session, isRefused).catch(ignored)
  }

  async #opened(): Promise<OpenSession> {
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      this.#opening ??= this.#begun()
      const session = await this.#opening
      if (!session.retired) return session
      this.#keeper.refuseDisposed()
    }
    throw sessionError('ERR_AXIOS_LOGIN_FAILED', 'the session was logged out by others as soon as it was open, several times')
  }

  #begun(): Promise<OpenSession> {
    const closing = this.#closing
    const onTrial = this.#afterRefusal
    this.#afterRefusal = false
    const opening = (async () => {
      if (closing !== undefined) await closing
      this.#keeper.refuseDisposed()
      return this.#keeper.open()
    })().then(
      (session) => {
        session.onTrial = onTrial
        if (this.#opening !== opening) {
          // Closed meanwhile. Before anybody who waits for it gets hold of it.
          this.#keeper.retire(session, false).catch(ignored)
          return session
        }
        this.#opening = undefined
        this.#current = session
        return session
      },
      (error: unknown) => {
        if (this.#opening === opening) {
          this.#opening = undefined
          this.#afterRefusal = onTrial
        }
        throw error
      },
    )
    return opening
  }
}

function ignored(): undefined {
  return undefined
}
