import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type BodyOptions, readBody } from './body.js'
import { exchangeOf } from './exchange.js'
import { http2Stream } from './message.js'

/** All that an authenticator may see of a request; never Express's or Koa's own object. */
export interface AuthRequest {
  readonly method: string
  /** Path and query as they came on the wire, before any router rewrote them. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as received: `[name, value, name, value, ...]`. */
  readonly rawHeaders: readonly string[]
  readonly socket: Socket | TLSSocket
  /**
   * The octets of the body as sent, at most `maxBodyBytes`. Whatever follows can still read them.
   *
   * @throws CountersignError when the body is too large, was consumed by somebody else, or broke off
   */
  body(options?: BodyOptions): Buffer | Promise<Buffer>
}

/**
 * The AuthRequest of a node:http request. One message has one, so that what was decided about it is found again.
 *
 * @param target - path and query as received; the adapter knows where its framework keeps them
 * @param response - the response to the message, when it is at hand: `body()` needs it where a `100 Continue` is still owed
 */
export function authRequest(message: IncomingMessage, target: string, response?: ServerResponse): AuthRequest {
  const exchange = exchangeOf(message)
  exchange.request ??= {
    method: message.method as string,
    target,
    headers: message.headers,
    rawHeaders: message.rawHeaders,
    // HTTP/2's compatibility API makes a proxy of the socket for each request; the session has one for all of them.
    socket: http2Stream(message)?.session?.socket ?? message.socket,
    body: (options) => readBody(message, options, response),
  }
  return exchange.request
}
