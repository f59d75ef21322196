import type { OutgoingHttpHeaders } from 'node:http'
import type { Principal } from './principal.js'

/** The credentials hold. Nothing has been changed yet: `commit` does that, after the whole composition is granted. */
export interface Granted<P extends Principal = Principal> {
  readonly kind: 'granted'
  readonly principal: P
  /**
   * Takes what may be taken only once, such as a replay claim. Run once per request, after the whole composition is granted.
   *
   * @returns undefined, or the refusal that takes its place. A throw is an outage.
   */
  readonly commit?: () => undefined | Refused | Promise<undefined | Refused>
  /** Told the status of a response that has FINISHED; never told of a connection that broke. */
  readonly settle?: (status: number) => void | Promise<void>
}

/** The request carries no credentials of this kind. */
export interface Absent {
  readonly kind: 'absent'
  /** Challenges made for this request, such as a Digest nonce; they take the place of the authenticator's own in a 401. */
  readonly challenges?: readonly string[]
}

/** Credentials of this kind are there and do not hold, or the request cannot be judged. */
export interface Refused {
  readonly kind: 'refused'
  /** One of the codes of the package's table, `ERR_<AREA>_<REASON>`. */
  readonly code: string
  /** The HTTP status of the answer. */
  readonly status: number
  /** What the operator should know; goes to `onRefusal` and the diagnostics channel, never on the wire. Holds no secret. */
  readonly reason: string
  /** Further response headers, such as Retry-After. */
  readonly headers?: Readonly<Record<string, string>>
  /** Challenges made for this request; they take the place of the authenticator's own in a 401. */
  readonly challenges?: readonly string[]
  /**
   * The header field, lower case, whose value is in the form of another scheme. In an `anyOf` a later member that reads the same field may
   * take it; what none takes is refused, and never absent.
   */
  readonly elsewhere?: string
}

/** The authenticator answers the request itself: a vendor's handshake. The handler does not run. */
export interface Answered {
  readonly kind: 'answered'
  readonly status: number
  readonly headers: Readonly<OutgoingHttpHeaders>
  readonly body: string | Uint8Array
}

/** What an authenticator decides. A throw is a defect (500) or an outage (503), never a verdict. */
export type Verdict<P extends Principal = Principal> = Granted<P> | Absent | Refused | Answered

/** The one `absent` verdict. */
export const absent: Absent = Object.freeze({ kind: 'absent' })

/** Builds a `granted` verdict; `principal` should come from `principal()`, which freezes it. */
export function granted<P extends Principal>(principal: P, steps: Pick<Granted<P>, 'commit' | 'settle'> = {}): Granted<P> {
  return { kind: 'granted', principal, ...steps }
}

/** When a code is used and what its reader can do: one row of a package's table, from which its README's table is generated. */
export interface RefusalRow {
  readonly status: number
  readonly when: string
  readonly fix: string
}

/**
 * Binds a package's code table to a constructor of refusals, so that a code's status stands in one place.
 *
 * @param table - the closed table of the package, code to row
 * @returns a function that builds the `refused` verdict of a code; `reason` defaults to the row's `when`
 */
export function refusals<Code extends string>(table: Readonly<Record<Code, RefusalRow>>) {
  return (code: Code, reason?: string, headers?: Readonly<Record<string, string>>): Refused => {
    const row = table[code]
    const refused: Refused = { kind: 'refused', code, status: row.status, reason: reason ?? row.when }
    return headers === undefined ? refused : { ...refused, headers }
  }
}
