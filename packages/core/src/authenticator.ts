import type { Principal } from './principal.js'
import type { AuthRequest } from './request/request.js'
import type { Verdict } from './verdict.js'

/**
 * Decides whether a request carries credentials of one kind and whether they hold. It changes nothing: what may be taken
 * only once is taken by the `commit` of its `granted` verdict. A synchronous answer stays synchronous.
 */
export interface Authenticator<P extends Principal = Principal> {
  /** For logs and events, such as `hmac-verify`. */
  readonly name: string
  /** The WWW-Authenticate challenges (RFC 9110 section 11.6.1) that a 401 of it carries; empty when it has none (403 then). */
  readonly challenges: readonly string[]
  /**
   * The client registry that its client ids come from, when it has one. `allOf(..., { sameClient: true })` needs the same
   * one behind all of its members.
   */
  readonly registry?: object
  /**
   * The header fields, lower case, that it reads its credentials from and others may too. What another authenticator refuses in one of
   * them because it is in the form of another scheme is offered to it by `anyOf`.
   */
  readonly fields?: readonly string[]
  authenticate(request: AuthRequest): Verdict<P> | Promise<Verdict<P>>
}
