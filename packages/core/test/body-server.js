import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'

/**
 * A server whose handler is the test: what it returns is answered as JSON, what it throws with its status and code.
 *
 * @param setup.protocol - `h2c` for HTTP/2
 * @param setup.configure - gets the server and its listener before it listens
 * @returns its port
 */
export async function serve(t, handler, { protocol, configure } = {}) {
  const listener = async (req, res) => {
    try {
      const reply = await handler(req, res)
      if (reply !== undefined) res.end(JSON.stringify(reply))
    } catch (error) {
      res.statusCode = error.status ?? 500
      res.end(JSON.stringify({ code: error.code === undefined || error.code === 'ERR_ASSERTION' ? String(error) : error.code }))
    }
  }
  const server = protocol === 'h2c' ? http2.createServer(listener) : http.createServer(listener)
  configure?.(server, listener)
  const sessions = new Set()
  server.on('session', (session) => sessions.add(session))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    for (const session of sessions) session.destroy()
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections?.()
    await closed
  })
  return server.address().port
}

/** Reads a request to its end. */
export async function drain(req) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The code of what is thrown before the function returns; a promise that rejects later does not count. */
export function thrownAtOnce(run) {
  try {
    run()
  } catch (error) {
    return error.code
  }
  return 'nothing was thrown'
}
