import type { IncomingMessage } from 'node:http'
import type { AuthRequest } from './request.js'

/** A body that is being read. */
export interface PendingBody {
  join(limit: number): Promise<Buffer>
}

/** What this library knows of one message. */
export interface Exchange {
  request: AuthRequest | undefined
  /** The octets, or who is collecting them. */
  body: Buffer | PendingBody | undefined
  /** How many octets were put back without the whole body being known, so that our own reading is not taken for somebody else's. */
  putBack: number | undefined
}

/**
 * What is known of a message is kept on it, in one property. A WeakMap would do as well, but with keys as short-lived as
 * requests its garbage collection costs as much as all the rest of a small request; and each further property costs a
 * microsecond on Express, whose requests change their prototype.
 */
const kExchange = Symbol('countersign')

/** The record of a message. */
export function exchangeOf(message: IncomingMessage): Exchange {
  const holder = message as { [kExchange]?: Exchange }
  let exchange = holder[kExchange]
  if (exchange === undefined) {
    exchange = { request: undefined, body: undefined, putBack: undefined }
    holder[kExchange] = exchange
  }
  return exchange
}
