import type { IncomingMessage } from 'node:http'
import type { AuthRequest } from './request.js'

/** A body that is being read. */
export interface PendingBody {
  join(limit: number): Promise<Buffer>
}

/** What this library knows of one message. */
export interface Exchange {
  readonly message: IncomingMessage
  request: AuthRequest | undefined
  /** The octets, or who is collecting them. */
  body: Buffer | PendingBody | undefined
  /** How many octets were put back without the whole body being known, so that our own reading is not taken for somebody else's. */
  putBack: number | undefined
}

/**
 * What is known of a message is kept on its array of raw headers, which is as old as the message and its own. Measured, of the
 * other places: a WeakMap, whose keys would live as short as requests, costs in garbage collection as much as all the rest of a
 * small request; and a property of the message costs microseconds on Express, which changes the prototype of each.
 */
const kExchange = Symbol('countersign')

/** For messages that have their raw headers from another message, or none. */
const others = new WeakMap<IncomingMessage, Exchange>()

/** The record of a message. */
export function exchangeOf(message: IncomingMessage): Exchange {
  const holder = message.rawHeaders as { [kExchange]?: Exchange } | undefined
  const found = holder?.[kExchange]
  return found !== undefined && found.message === message ? found : (others.get(message) ?? newExchange(message, holder))
}

function newExchange(message: IncomingMessage, holder: { [kExchange]?: Exchange } | undefined): Exchange {
  const exchange: Exchange = { message, request: undefined, body: undefined, putBack: undefined }
  if (holder === undefined || holder[kExchange] !== undefined || !Object.isExtensible(holder)) others.set(message, exchange)
  else Object.defineProperty(holder, kExchange, { value: exchange })
  return exchange
}
