/**
 * Who called, as an authenticator proved it. Frozen; found at `req.auth` (Express) and `ctx.state.auth` (Koa).
 *
 * Not proved by it: that the caller may do what it asks for; that is the handler's decision.
 */
export interface Principal {
  /** The client: its registry id, else the key id, else the name that the factory was given. */
  readonly clientId: string
  /** The authentication scheme that proved it, such as `hmac`, `api-key`, `basic`, `tls-client-certificate`. */
  readonly scheme: string
  /** Which of the client's credentials matched. Never the credential itself. */
  readonly credentialId?: string
  /** The client's groups; empty without a registry. */
  readonly groups: readonly string[]
  /** The further principals of an `allOf`, in its order. */
  readonly also?: readonly Principal[]
}

/** Returns a frozen principal without a prototype, so that no inherited property is ever read from it. */
export function principal<P extends Principal>(fields: P): Readonly<P> {
  const own = Object.assign(Object.create(null), fields) as P & { groups: readonly string[] }
  own.groups = Object.freeze([...fields.groups])
  return Object.freeze(own)
}
