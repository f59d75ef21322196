import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { http2Stream } from './message.js'
import type { AuthRequest } from './request.js'

/** A body that is being read. */
export interface PendingBody {
  join(limit: number): Promise<Buffer>
}

/**
 * What this library knows of one message. What does not change is read once: up to Node 22, V8 makes a shape of its own for each request
 * of which Express has changed the prototype, so that no access is remembered and each costs a search (measured: 0.3 us).
 */
export interface Exchange {
  readonly message: IncomingMessage
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: string[]
  /** The stream behind a message of HTTP/2's compatibility API; undefined for HTTP/1. */
  readonly stream: ServerHttp2Stream | undefined
  request: AuthRequest | undefined
  /** The octets, or who is collecting them. */
  body: Buffer | PendingBody | undefined
  /** How many octets were put back without the whole body being known, so that our own reading is not taken for somebody else's. */
  putBack: number | undefined
}

class Given {
  constructor(holder: object) {
    // biome-ignore lint/correctness/noConstructorReturn: what is given back gets the private fields of the class that extends this one
    return holder
  }
}

/**
 * What is known of a message is kept on its array of raw headers, which is as old as the message and its own, in a private field, which
 * nobody else sees. Measured, of the other ways: a WeakMap, whose keys would live as short as requests, costs in garbage collection as
 * much as all the rest of a small request; a hidden property of the array ten times the field; and a property of the message
 * microseconds on Express, which changes the prototype of each.
 */
class Kept extends Given {
  #exchange: Exchange

  constructor(holder: object, exchange: Exchange) {
    super(holder)
    this.#exchange = exchange
  }

  static on(holder: object): Exchange | undefined {
    return #exchange in holder ? holder.#exchange : undefined
  }
}

/** For messages that have their raw headers from another message, or none. */
const others = new WeakMap<IncomingMessage, Exchange>()

/** The record of a message. */
export function exchangeOf(message: IncomingMessage): Exchange {
  const holder: string[] | undefined = message.rawHeaders
  const found = holder === undefined ? undefined : Kept.on(holder)
  return found !== undefined && found.message === message ? found : (others.get(message) ?? newExchange(message, holder, found))
}

function newExchange(message: IncomingMessage, holder: string[] | undefined, found: Exchange | undefined): Exchange {
  const { headers } = message
  const exchange: Exchange = {
    message,
    headers,
    rawHeaders: holder !== undefined && holder.length > 0 ? holder : linesOf(headers),
    stream: http2Stream(message),
    request: undefined,
    body: undefined,
    putBack: undefined,
  }
  if (holder === undefined || found !== undefined || !Object.isExtensible(holder)) others.set(message, exchange)
  else new Kept(holder, exchange)
  return exchange
}

/**
 * The lines of the fields of a message that has none. No parser of Node's has made it, but an adapter, such as serverless-http, of a
 * cloud's functions: a parser that makes any field makes its lines as well.
 */
function linesOf(headers: IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).flatMap((line) => [name, String(line)]),
  )
}
