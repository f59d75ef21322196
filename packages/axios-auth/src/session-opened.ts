import type { Carry } from './session-carry.js'
import type { CookieJar, CookieTarget } from './session-cookies.js'
import { repeatedField, type SessionCsrf } from './session-csrf.js'

/** What a session is made of. */
export interface SessionFacts {
  readonly token: string
  /** Cookies of the login, where the session is carried by one. */
  readonly jar?: CookieJar | undefined
  /** When it has to be replaced, milliseconds since the epoch; undefined: when the server says so. */
  readonly endsAt?: number | undefined
  /** Whether this process logged it in, so that it is the one to log it out. */
  readonly isOwn: boolean
  /** What a store holds of it, where one does. */
  readonly kept?: string | undefined
}

/** A header field that carries a session. */
export interface CarriedField {
  readonly name: string
  readonly value: string
}

/** A session at the server. Neither inspect nor JSON shows its token. */
export class OpenSession {
  readonly endsAt: number | undefined
  readonly isOwn: boolean
  /** Whether it has been given up: it is logged out, or another has taken its place. */
  retired = false
  /** Whether it took the place of one that the server refused, and no answer has shown yet that it is better. */
  onTrial = false
  readonly #token: string
  readonly #jar: CookieJar | undefined
  readonly #kept: string | undefined

  constructor(facts: SessionFacts) {
    this.endsAt = facts.endsAt
    this.isOwn = facts.isOwn
    this.#token = facts.token
    this.#jar = facts.jar
    this.#kept = facts.kept
  }

  token(): string {
    return this.#jar?.own() ?? this.#token
  }

  /** What the store holds of it. */
  kept(): string | undefined {
    return this.#kept
  }

  /** Whether it can still be used, as far as is known. */
  holds(now: number): boolean {
    if (this.retired || (this.#jar !== undefined && this.#jar.own() === undefined)) return false
    return this.endsAt === undefined || now < this.endsAt
  }

  /** The field that carries it; undefined where its cookie does not go to that target. */
  field(carry: Carry, to: CookieTarget, callersCookies: string | undefined): CarriedField | undefined {
    if (carry.in === 'header') return { name: carry.name, value: `${carry.before}${this.#token}${carry.after}` }
    const value = this.#jar?.header(to, callersCookies)
    return value === undefined || value === callersCookies ? undefined : { name: 'Cookie', value }
  }

  /** The field that repeats a cookie of it against forged requests. */
  repeated(csrf: SessionCsrf | undefined, to: CookieTarget): CarriedField | undefined {
    return repeatedField(csrf, this.#jar, to)
  }

  /** Takes the cookies of an answer, where it is carried by one. */
  learn(setCookies: readonly string[], from: CookieTarget): void {
    this.#jar?.store(setCookies, from)
  }

  /** The same, once a store holds it as `value`. */
  sharedAs(value: string): OpenSession {
    return new OpenSession({ token: this.#token, jar: this.#jar, endsAt: this.endsAt, isOwn: this.isOwn, kept: value })
  }

  /** The cookies, to be kept elsewhere. */
  cookies(): ReturnType<CookieJar['kept']> {
    return this.#jar?.kept() ?? []
  }
}
