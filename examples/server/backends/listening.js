import { once } from 'node:events'
import { createServer } from 'node:http'

/**
 * Serves on a free port of 127.0.0.1.
 *
 * @param {(origin: string) => import('node:http').RequestListener} makeListener - is told where it will be found
 */
export async function listening(makeListener) {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const origin = `http://127.0.0.1:${port}`
  server.on('request', makeListener(origin))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { origin, close }
}
