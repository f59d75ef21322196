/** A process that is told to end logs its session out first, with the line that KINDS.md has for it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { tempFolder } from '../support/folders.js'
import { startProcess } from '../support/processes.js'

const LINE = "process.once('SIGTERM', () => hawkeye.dispose().finally(() => process.exit()))"

const program = (axiosAuth, axios) => `
import axios from ${JSON.stringify(axios)}
import { session } from ${JSON.stringify(axiosAuth)}
const hawkeye = session({
  login: { url: '/login', data: { username: 'api', password: 'secret' }, token: 'token' },
  carry: { header: 'X-Token' },
  logout: { url: '/logout' },
})
const api = axios.create({ baseURL: process.argv[2] })
api.interceptors.request.use(hawkeye)
${LINE}
await api.get('/x')
console.log('ready')
setInterval(() => {}, 1000)
`

test('P49: SIGTERM: the session is logged out, also where the first try fails, and the process ends', async (t) => {
  assert.ok(readFileSync(new URL('../../packages/axios-auth/KINDS.md', import.meta.url), 'utf8').includes(LINE))
  const log = []
  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url} ${request.headers['x-token'] ?? '-'}`)
    request.resume()
    if (request.url === '/logout' && log.length === 3) return response.writeHead(503).end()
    return response.end('{"token":"t1"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  const path = join(tempFolder(t), 'program.mjs')
  writeFileSync(path, program(import.meta.resolve('@countersign/axios-auth/session'), import.meta.resolve('axios')))
  const args = [path, `http://127.0.0.1:${server.address().port}`]
  const child = await startProcess(t, { command: process.execPath, args, ready: { line: /ready/ } })
  process.kill(child.pid, 'SIGTERM')
  assert.deepEqual(await child.exited, { code: 0, signal: null })
  assert.deepEqual(log, ['POST /login -', 'GET /x t1', 'POST /logout t1', 'POST /logout t1'])
})
