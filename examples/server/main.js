// Serves the documents' routes on 127.0.0.1: on Express, and under /koa on Koa.
//   node examples/server/main.js          PORT=11223 unless set
//   node examples/server/main.js --try    runs the client side against it and exits with 0 when every case came out as expected
import { createServer } from 'node:http'
import { expressApp } from './express.js'
import { koaApp } from './koa.js'
import { linesToTry } from './lines.js'
import { tryAll } from './try.js'

const trying = process.argv.includes('--try')
const port = Number(process.env['PORT'] ?? (trying ? 0 : 11223))
const express = expressApp()
const koa = koaApp().callback()

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
  if (!trying) return console.log(linesToTry(origin))
  process.exitCode = (await tryAll(origin.replace('localhost', '127.0.0.1'))) ? 0 : 1
  server.close()
  server.closeAllConnections()
})
