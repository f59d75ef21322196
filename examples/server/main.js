// Serves the documents' routes on 127.0.0.1: on Express, and under /koa on Koa. Some of them call further servers, which are started with it.
//   node examples/server/main.js          PORT=11223 unless set
//   node examples/server/main.js --try    runs the client side against it and exits with 0 when every case came out as expected
//   --wire                                with either: shows what the calls to other servers sign and send
import { createServer } from 'node:http'
import { accessToken } from './access-token.js'
import { reportsApi, SCOPE } from './backends/oauth.js'
import { startBackends } from './backends/start.js'
import { outgoingCalls } from './calls.js'
import { exampleClients } from './clients.js'
import { expressApp } from './express.js'
import { koaApp } from './koa.js'
import { linesToTry } from './lines.js'
import { tryAll } from './try.js'
import { showWire } from './wire.js'

/** partner-3 loses its key while the server runs. */
const REVOKED_AFTER_SECONDS = 60

const trying = process.argv.includes('--try')
const trace = process.argv.includes('--wire') ? showWire : undefined
const port = Number(process.env['PORT'] ?? (trying ? 0 : 11223))
const clients = exampleClients()
const backends = await startBackends()
const server = createServer()

/** @param {string} origin */
function serve(origin) {
  const tokens = accessToken({ introspectionUrl: `${backends.oauth.tokenUrl}/introspection`, api: reportsApi, scope: SCOPE })
  const callsOfExpress = outgoingCalls({ own: origin, backends, trace })
  const callsOfKoa = outgoingCalls({ own: `${origin}/koa`, backends, trace })
  const express = expressApp({ clients, tokens, calls: callsOfExpress })
  const koa = koaApp({ clients, tokens, calls: callsOfKoa }).callback()
  server.on('request', (req, res) => {
    if (req.url === '/koa' || req.url?.startsWith('/koa/')) koa(req, res)
    else express(req, res)
  })
  return () => Promise.all([callsOfExpress.dispose(), callsOfKoa.dispose()])
}

server.on('error', (error) => {
  console.error(`cannot listen on 127.0.0.1:${port}: ${error.message}; set PORT to another`)
  process.exitCode = 1
  backends.close()
})

server.listen(port, '127.0.0.1', async () => {
  const address = server.address()
  const open = typeof address === 'object' && address !== null ? address.port : port
  const dispose = serve(`http://127.0.0.1:${open}`)
  if (!trying) {
    setTimeout(() => clients.revoke('partner-3'), REVOKED_AFTER_SECONDS * 1000).unref()
    return console.log(linesToTry(`http://localhost:${open}`, backends, REVOKED_AFTER_SECONDS))
  }
  process.exitCode = (await tryAll(`http://127.0.0.1:${open}`, clients, backends)) ? 0 : 1
  await dispose()
  backends.close()
  server.close()
  server.closeAllConnections()
})
