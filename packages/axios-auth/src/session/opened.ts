import type { CarriedField, Carry } from './carry.js'
import type { CookieJar, CookieTarget } from './cookies.js'
import { type Csrf, repeatedField } from './csrf.js'

/** What a session is made of. */
export interface SessionFacts {
  readonly token: string
  /** The token against forged requests that the login told. */
  readonly csrf?: string | undefined
  /** Cookies of the login, where the session keeps them. */
  readonly jar?: CookieJar | undefined
  /** When it has to be replaced, milliseconds since the epoch; undefined: when the server says so. */
  readonly endsAt?: number | undefined
  /** The URL that the answer to its login points to. */
  readonly location?: string | undefined
  /** Whether this process logged it in, so that it is the one to log it out. */
  readonly isOwn: boolean
  /** What a store holds of it, where one does. */
  readonly kept?: string | undefined
}

/** How requests carry sessions. */
interface Carriers {
  readonly carry: Carry
  readonly csrf: Csrf | undefined
}

/** A session at the server. Neither inspect nor JSON shows its token. */
export class OpenSession {
  readonly endsAt: number | undefined
  readonly location: string | undefined
  readonly isOwn: boolean
  /** Whether it has been given up: it is logged out, or another has taken its place. */
  retired = false
  /** Whether it took the place of one that the server refused, and no answer has shown yet that it is better. */
  onTrial = false
  readonly #token: string
  readonly #csrf: string | undefined
  readonly #jar: CookieJar | undefined
  readonly #kept: string | undefined

  constructor(facts: SessionFacts) {
    this.endsAt = facts.endsAt
    this.location = facts.location
    this.isOwn = facts.isOwn
    this.#token = facts.token
    this.#csrf = facts.csrf
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
    if (this.retired || this.#jar?.isSpent === true) return false
    return this.endsAt === undefined || now < this.endsAt
  }

  /** The fields that carry it: none for a cookie that does not go to that target. */
  fields({ carry, csrf }: Carriers, to: CookieTarget, callersCookies: string | undefined): readonly CarriedField[] {
    const header = carry.in === 'header' ? { name: carry.name, value: `${carry.before}${this.#token}${carry.after}` } : undefined
    const cookies = this.#jar?.header(to, callersCookies)
    const cookie = cookies === undefined || cookies === callersCookies ? undefined : { name: 'Cookie', value: cookies }
    const told = csrf?.in === 'token' && this.#csrf !== undefined ? { name: csrf.header, value: this.#csrf } : undefined
    return [header, cookie, told ?? repeatedField(csrf, this.#jar, to)].filter((field) => field !== undefined)
  }

  /** Takes the cookies of an answer, where it keeps any. */
  learn(setCookies: readonly string[], from: CookieTarget): void {
    this.#jar?.store(setCookies, from)
  }

  /** The same, once a store holds it as `value`. */
  sharedAs(value: string): OpenSession {
    return new OpenSession({
      token: this.#token,
      csrf: this.#csrf,
      jar: this.#jar,
      endsAt: this.endsAt,
      location: this.location,
      isOwn: this.isOwn,
      kept: value,
    })
  }

  /** The token against forged requests, to be kept elsewhere. */
  csrf(): string | undefined {
    return this.#csrf
  }

  /** The cookies, to be kept elsewhere. */
  cookies(): ReturnType<CookieJar['kept']> {
    return this.#jar?.kept() ?? []
  }
}
