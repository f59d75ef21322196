import type { TokenFields } from './fields.js'

/** A token request while it is made. */
export interface TokenMessage {
  readonly fields: TokenFields
  /** Names as they go on the wire. */
  readonly headers: Record<string, string>
}

/** Who the client is, checked. Neither JSON nor inspect shows a secret: they are in closures. */
export interface Client {
  readonly id: string | undefined
  readonly fields: readonly string[]
  /** The secrets that the answer must not echo into an error. */
  secrets(): readonly string[]
  /** Puts id and proof into a request; anew each time, since an assertion is good for once. */
  sign(message: TokenMessage): void | Promise<void>
}
