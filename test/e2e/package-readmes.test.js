import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { fileClients } from '@countersign/core'
import { tempFolder } from '../support/folders.js'
import { ROOT } from '../support/packages.js'
import { freePort, startProcess } from '../support/processes.js'
import { snippets } from '../support/snippets.js'

const KEY = 'an-example-key-of-some-length'
const SECRET = 'an example secret of some length'

/** The first block of a package's README that holds a text. */
function block(name, text) {
  const found = snippets(`packages/${name}/README.md`).find((one) => one.text.includes(text))
  assert.ok(found, `${name}: a block with ${text}`)
  return found.text
}

/** Runs lines on an application of Express or Koa, as readers have one around them. */
async function serve(t, framework, lines, env) {
  const port = await freePort()
  const around = [`import framework from '${framework}'`, `const app = ${framework === 'koa' ? 'new framework()' : 'framework()'}`]
  const script = [...around, framework === 'koa' ? '' : 'const express = framework', lines, `app.listen(${port}, '127.0.0.1')`].join('\n')
  await startProcess(t, { command: process.execPath, args: ['--input-type=module', '-e', script], cwd: ROOT, env, ready: { port } })
  return (path, headers, body) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers, ...(body === undefined ? {} : { method: 'POST', body }) })
}

describe('the examples of the READMEs run', () => {
  test('api-key on Express', async (t) => {
    const call = await serve(t, 'express', block('api-key', '@countersign/api-key/express'), { ACME_KEY: KEY })
    assert.equal((await call('/api/orders', {})).status, 401)
    assert.equal((await call('/api/orders', { 'x-api-key': `${KEY}.` })).status, 401)
    assert.deepEqual(await (await call('/api/orders', { 'x-api-key': KEY })).json(), { caller: 'acme' })
  })

  test('api-key on Koa, with a registry', async (t) => {
    const registry =
      "import { memoryClients } from '@countersign/core'\nconst clients = memoryClients({ clients: [{ id: 'acme', credentials: [{ kind: 'api-key', key: process.env.ACME_KEY }] }] })\n"
    const call = await serve(t, 'koa', registry + block('api-key', '@countersign/api-key/koa'), { ACME_KEY: KEY })
    assert.equal((await call('/', { 'x-api-key': 'x'.repeat(20) })).status, 401)
    assert.deepEqual(await (await call('/', { 'x-api-key': KEY })).json(), { caller: 'acme' })
  })

  test('client-group on Express, with a file of clients', async (t) => {
    const path = join(tempFolder(t), 'clients.json')
    const clients = await fileClients(path, { create: true })
    t.after(() => clients.close?.())
    await clients.add({ id: 'acme', groups: ['partners'] })
    await clients.add({ id: 'other', groups: ['staff'] })
    const { password } = await clients.issuePassword('acme')
    const { key } = await clients.issueKey('other')
    const lines = block('client-group', '@countersign/client-group/express').replace("'clients.json'", JSON.stringify(path))
    const call = await serve(t, 'express', lines, {})
    const basic = { authorization: `Basic ${Buffer.from(`acme:${password}`).toString('base64')}` }
    assert.equal((await call('/api/partners/me', {})).status, 401)
    assert.equal((await call('/api/partners/me', { 'x-api-key': key })).status, 403)
    assert.deepEqual(await (await call('/api/partners/me', basic)).json(), { caller: 'acme', groups: ['partners'] })
  })

  test('hmac-verify on Express', async (t) => {
    const call = await serve(t, 'express', block('hmac-verify', '@countersign/hmac-verify/express'), { GITHUB_SECRET: SECRET })
    const body = '{"a": 1}'
    const headers = {
      'content-type': 'application/json',
      'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
    }
    assert.equal((await call('/hooks/github', headers, `${body} `)).status, 401)
    assert.deepEqual(await (await call('/hooks/github', headers, body)).json(), { from: 'github', event: { a: 1 } })
  })

  test('axios-auth: a key and a signature of what goes on the wire', async (t) => {
    const seen = []
    const server = createServer(async (request, response) => {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      seen.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks) })
      response.end('{}')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const script = block('axios-auth', 'axios.create').replace('https://api.example.com', `http://127.0.0.1:${server.address().port}`)
    const env = { ...process.env, ACME_KEY: KEY, ACME_SECRET: SECRET }
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', `${script}\nprocess.exit()`], {
      cwd: ROOT,
      env,
      timeout: 30_000,
    })
    const [{ url, headers, body }] = seen
    assert.equal(seen.length, 1)
    assert.equal(url, '/orders')
    assert.equal(headers['x-api-key'], KEY)
    assert.equal(headers['x-signature'], createHmac('sha256', SECRET).update(body).digest('hex'))
    assert.deepEqual(JSON.parse(body), { order_id: '12345', amount: 100 })
  })
})
