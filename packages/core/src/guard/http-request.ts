import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyOf } from '../body/body.js'
import { exchangeOf } from '../request/exchange.js'
import type { AuthRequest } from '../request/request.js'

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
    headers: exchange.headers,
    rawHeaders: exchange.rawHeaders,
    // HTTP/2's compatibility API makes a proxy of the socket for each request; the session has one for all of them.
    socket: exchange.stream?.session?.socket ?? message.socket,
    body: (options) => bodyOf(exchange, options, response),
  }
  return exchange.request
}
