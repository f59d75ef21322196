import { once } from 'node:events'
import { createServer } from 'node:http'
import { authRequest } from '@countersign/core'

/**
 * A server behind a proxy, on a port of its own: the authenticator of a path judges, and the body of the answer is the code of its refusal, or the
 * kind of its verdict.
 *
 * @param routes - Map from path to authenticator
 */
export async function judgingServer(routes) {
  const server = createServer(async (req, res) => {
    const { kind, code } = await routes.get(req.url).authenticate(authRequest(req, req.url))
    res.end(code ?? kind)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
