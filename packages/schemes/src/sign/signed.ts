import type { MessageParts } from '../hash/hmac.js'
import type { MutableOutgoing } from '../home/outgoing.js'
import { joined } from '../template/message.js'

/** What a signature adds to a request. */
export class Signed {
  /** The fields to set, lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Path and query to send; other than the request's where the scheme writes into the query. */
  readonly target: string
  /** The body to send; other than the request's where the scheme writes into the body. */
  readonly body: Uint8Array
  readonly #messages: readonly MessageParts[]

  constructor({ headers, target, octets }: MutableOutgoing, messages: readonly MessageParts[]) {
    this.headers = Object.fromEntries(headers)
    this.target = target
    this.body = octets
    this.#messages = messages
  }

  /** The octets that were signed. They hold the secret where the scheme signs it too (`facts.secretInMessage`). */
  get message(): Uint8Array {
    return joined(this.#messages.flat())
  }
}
