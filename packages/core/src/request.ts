import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type BodyOptions, readBody } from './body.js'

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
 * What is known of a message is kept on it, under symbols of this library. A WeakMap would do as well, but with keys as
 * short-lived as requests its garbage collection costs as much as all the rest of a small request.
 */
const known = Symbol('countersign.request')

/**
 * The AuthRequest of a node:http request. One message has one, so that what was decided about it is found again.
 *
 * @param target - path and query as received; the adapter knows where its framework keeps them
 * @param response - the response to the message, when it is at hand: `body()` needs it where a `100 Continue` is still owed
 */
export function authRequest(message: IncomingMessage, target: string, response?: ServerResponse): AuthRequest {
  const holder = message as { [known]?: AuthRequest }
  let request = holder[known]
  if (request === undefined) {
    request = {
      method: message.method as string,
      target,
      headers: message.headers,
      rawHeaders: message.rawHeaders,
      socket: message.socket,
      body: (options) => readBody(message, options, response),
    }
    holder[known] = request
  }
  return request
}
