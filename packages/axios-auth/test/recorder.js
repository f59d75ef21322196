import { once } from 'node:events'
import { createServer } from 'node:http'
import { after } from 'node:test'

/**
 * A server on loopback that keeps what it was sent: `seen` holds `{ method, url, headers, rawHeaders, body }` of each request.
 *
 * @param answer - `(request, response)`; without it every answer is 200 `{"ok":true}`
 * @param make - the server; http's by default
 */
export async function recorder(answer = plain, make = createServer) {
  const seen = []
  const server = make(async (incoming, response) => {
    const chunks = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method, url, headers, rawHeaders, socket } = incoming
    const request = { method, url, headers, rawHeaders, body: Buffer.concat(chunks), port: socket.remotePort }
    seen.push(request)
    await answer(request, response, seen.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  after(close)
  const { port } = server.address()
  return { seen, server, port, origin: `http://127.0.0.1:${port}`, close }
}

function plain(_, response) {
  response.setHeader('Content-Type', 'application/json')
  response.end('{"ok":true}')
}

/** The adapters of axios that every test of the carrier goes through. */
export const ADAPTERS = ['http', 'fetch']

/** A function that answers 1, 2, 3 ... */
export function counter() {
  let count = 0
  return () => {
    count += 1
    return count
  }
}
