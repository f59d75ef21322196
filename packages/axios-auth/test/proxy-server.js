import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { connect } from 'node:net'

export const PROXY_AUTH = { username: 'proxyuser', password: 'pw-of-the-proxy' }
const BASIC = `Basic ${Buffer.from(`${PROXY_AUTH.username}:${PROXY_AUTH.password}`).toString('base64')}`

/**
 * A forwarding HTTP proxy that asks for credentials (RFC 9110 section 11.7): `seen` holds `{ method, url, headers }` of each request, CONNECT included.
 *
 * @param challenge - the value of Proxy-Authenticate
 * @param forge - text that answers every CONNECT in place of a tunnel
 */
export async function proxyServer(t, { challenge = 'Basic realm="proxy"', forge } = {}) {
  const seen = []
  const sockets = new Set()
  const isKnown = ({ headers }) => headers['proxy-authorization'] === BASIC
  const server = createServer((incoming, response) => {
    seen.push({ method: incoming.method, url: incoming.url, headers: incoming.headers })
    if (!isKnown(incoming)) {
      incoming.resume()
      return response.writeHead(407, { 'proxy-authenticate': challenge, 'set-cookie': 'sid=of-the-proxy; Path=/' }).end('who are you?')
    }
    const { 'proxy-authorization': _, ...headers } = incoming.headers
    const onward = httpRequest(incoming.url, { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    incoming.pipe(onward)
  })
  server.on('connect', (incoming, socket) => {
    seen.push({ method: 'CONNECT', url: incoming.url, headers: incoming.headers })
    socket.on('error', () => {})
    if (forge !== undefined) return socket.end(forge)
    if (!isKnown(incoming)) {
      return socket.end(`HTTP/1.1 407 who are you?\r\nProxy-Authenticate: ${challenge}\r\nContent-Length: 3\r\n\r\nwho`)
    }
    const [host, port] = incoming.url.split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    sockets.add(onward)
    onward.on('error', () => socket.destroy())
  })
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address()
  const through = (auth = PROXY_AUTH) => ({ protocol: 'http', host: '127.0.0.1', port, auth })
  return { seen, port, through, url: `http://${PROXY_AUTH.username}:${PROXY_AUTH.password}@127.0.0.1:${port}` }
}
