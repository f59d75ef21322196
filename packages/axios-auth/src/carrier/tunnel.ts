import { ClientRequest } from 'node:http'
import { Socket } from 'node:net'

/**
 * Whether a proxy answered a request for an https origin, in place of a tunnel. Agents hand on such an answer as if it were the origin's (status,
 * fields and body), though the proxy, and whoever is on the way to it, can write what they like. It is told by its connection, which is not
 * `encrypted`, as sockets of TLS are and those that nock and msw put in their place. Nothing is known of an adapter that hands out no request of
 * node:http, as that of fetch.
 *
 * @param url - of the request, or its origin
 * @param request - `request` of the response
 */
export function isOfProxy(url: string, request: unknown): boolean {
  if (!url.startsWith('https:') || !(request instanceof ClientRequest)) return false
  const { socket } = request
  return socket instanceof Socket && !('encrypted' in socket && socket.encrypted === true)
}
