import { invalidValue } from '@countersign/core/base'
import { checksServer } from '../carrier/agent-check.js'
import type { OutgoingRequest } from '../carrier/step.js'
import { sessionError } from './errors.js'
import { LOCATION } from './exchange-options.js'
import { LoginGate } from './gate.js'
import { logIn } from './login.js'
import { logOut } from './logout.js'
import type { OpenSession } from './opened.js'
import type { SessionSettings } from './options.js'
import { isAbsolute, ownUrl } from './request.js'
import { SharedSession } from './shared.js'

/** Opens sessions and sees them off: none is forgotten, and none is logged out twice. */
export class SessionKeeper {
  readonly settings: SessionSettings
  readonly #gate: LoginGate | undefined
  readonly #farewells = new Set<Promise<void>>()
  readonly #seeingOff = new WeakMap<OpenSession, Promise<void>>()
  #base: string | undefined
  #shared: SharedSession | undefined
  #coolUntil = Number.NEGATIVE_INFINITY
  #disposed = false

  constructor(settings: SessionSettings) {
    this.settings = settings
    this.#gate = settings.login === undefined ? undefined : new LoginGate(settings, settings.login)
  }

  /** @throws SessionError `ERR_AXIOS_SESSION_DISPOSED` */
  refuseDisposed(): void {
    if (this.#disposed) throw sessionError('ERR_AXIOS_SESSION_DISPOSED')
  }

  /**
   * Fixes what relative URLs of login and logout are below: the baseURL of the first request, or its origin.
   *
   * @throws TypeError where that goes to a unix socket, or its agent checks the server, and login or logout would not
   */
  settleBase({ config, origin }: OutgoingRequest): void {
    if (this.#base !== undefined) return
    const own = (name: 'baseURL' | 'socketPath' | 'httpsAgent'): unknown => (Object.hasOwn(config, name) ? config[name] : undefined)
    const baseURL = own('baseURL')
    const isOurs = typeof baseURL === 'string' && URL.canParse(baseURL) && new URL(baseURL).origin === origin
    const base = isOurs ? (baseURL.split(/[?#]/, 1)[0] as string) : origin
    if (own('socketPath')) this.#refuse('httpAgent', 'is required for requests with a socketPath', (url) => !isAbsolute(url))
    if (origin.startsWith('https:') && checksServer(own('httpsAgent'))) {
      const why = 'is required where that of the requests checks the server'
      this.#refuse('httpsAgent', why, (url) => ownUrl(url, base).origin === origin)
    }
    this.#base = base
  }

  /** Refuses a login or logout that would go another way than the requests, past a unix socket or a pin: it holds a password. */
  #refuse(agent: 'httpAgent' | 'httpsAgent', why: string, isOfRequests: (url: string) => boolean): void {
    const { login, logout, transport } = this.settings
    const isSent = [login?.url, logout?.url].some((url) => url !== undefined && url !== LOCATION && isOfRequests(url))
    const what = agent === 'httpAgent' ? 'new http.Agent({ socketPath })' : 'the same agent'
    if (isSent && !transport.given.includes(agent)) throw invalidValue('session', agent, `${why}; write ${what}`)
  }

  /** A session: that of the store, or a new one. */
  open(): Promise<OpenSession> {
    const { login, store } = this.settings
    const gate = this.#gate
    if (login === undefined || gate === undefined) throw sessionError('ERR_AXIOS_LOGIN_FAILED', 'there is no login')
    const base = this.#base ?? ''
    const fresh = () =>
      gate.pass(() => {
        this.refuseDisposed()
        return logIn(this.settings, login, base)
      })
    if (store === undefined) return fresh()
    this.#shared ??= new SharedSession(this.settings, store, base)
    return this.#shared.open(fresh)
  }

  /**
   * Gives a session up, once. It is logged out where that is this process's to do.
   *
   * @param isRefused - the server does not take it any more, so that no other process should find it in the store
   */
  retire(session: OpenSession, isRefused: boolean): Promise<void> {
    const known = this.#seeingOff.get(session)
    if (known !== undefined) return known
    const isOver = isRefused || !session.holds(this.settings.now())
    session.retired = true
    const farewell = this.awaited(this.#seenOff(session, isRefused, isOver))
    this.#seeingOff.set(session, farewell)
    return farewell
  }

  /** A session is over before its time: whether its credentials still count is not known. */
  doubt(): void {
    this.#gate?.doubt()
  }

  /** Lets `dispose` wait for work that never rejects. */
  awaited(work: Promise<void>): Promise<void> {
    const tracked: Promise<void> = work.finally(() => this.#farewells.delete(tracked))
    this.#farewells.add(tracked)
    return tracked
  }

  /** Whether a refusal is the last word for now: a session that had just been opened anew was refused as well. */
  get isCooling(): boolean {
    return this.settings.now() < this.#coolUntil
  }

  cool(): void {
    this.#coolUntil = this.settings.now() + this.settings.cooldownMs
  }

  /** No session is handed out any more; settled once every logout has been done or is lost. */
  async dispose(): Promise<void> {
    this.#disposed = true
    // A login that is answered meanwhile adds its logout.
    while (this.#farewells.size > 0) await Promise.all(this.#farewells)
  }

  get isDisposed(): boolean {
    return this.#disposed
  }

  async #seenOff(session: OpenSession, isRefused: boolean, isOver: boolean): Promise<void> {
    const { logout } = this.settings
    const isShared = session.kept() !== undefined
    const isDue = logout !== undefined && session.isOwn && (!isShared || logout.shared)
    // Side by side: a store that does not answer must not keep the server waiting.
    const forgotten = isShared && (isDue || isRefused) ? this.#shared?.forget(session) : undefined
    if (isDue) await logOut({ settings: this.settings, logout, base: this.#base ?? '', session, isOver })
    await forgotten
  }
}
