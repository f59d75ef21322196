// Serves the documents' routes on 127.0.0.1: on Express, and under /koa on Koa.
//   node examples/server/main.js          PORT=11223 unless set
//   node examples/server/main.js --try    runs the client side against it and exits with 0 when every case came out as expected
import { createServer } from 'node:http'
import { exampleClients } from './clients.js'
import { expressApp } from './express.js'
import { koaApp } from './koa.js'
import { linesToTry } from './lines.js'
import { tryAll } from './try.js'

/** partner-3 loses its key while the server runs. */
const REVOKED_AFTER_SECONDS = 60

const trying = process.argv.includes('--try')
const port = Number(process.env['PORT'] ?? (trying ? 0 : 11223))
const clients = exampleClients()
const express = expressApp(clients)
const koa = koaApp(clients).callback()

const server = createServer((req, res) => {
  if (req.url === '/koa' || req.url?.startsWith('/koa/')) koa(req, res)
  else express(req, res)
})

server.on('error', (error) => {
  console.error(`cannot listen on 127.0.0.1:${port}: ${error.message}; set PORT to another`)
  process.exitCode = 1
})

server.listen(port, '127.0.0.1', async () => {
  const address = server.address()
  const origin = `http://localhost:${typeof address === 'object' && address !== null ? address.port : port}`
  if (!trying) {
    setTimeout(() => clients.revoke('partner-3'), REVOKED_AFTER_SECONDS * 1000).unref()
    return console.log(linesToTry(origin, REVOKED_AFTER_SECONDS))
  }
  process.exitCode = (await tryAll(origin.replace('localhost', '127.0.0.1'), clients)) ? 0 : 1
  server.close()
  server.closeAllConnections()
})
