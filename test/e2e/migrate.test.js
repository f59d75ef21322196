import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import aws4 from 'aws4'
import Hawk from 'hawk'
import Stripe from 'stripe'
import { ntlmServer } from '../../packages/axios-auth/test/ntlm-server.js'
import { tokenWorld } from '../../packages/axios-auth/test/token-server.js'
import { ROOT } from '../support/packages.js'
import { freePort, startProcess } from '../support/processes.js'
import { runnable } from '../support/snippets.js'

const PASSWORD = 'correct horse: battery'
const KEY = 'an-example-key-of-some-length'
const SECRET = 'an example secret of some length'
const env = { ACME_PASSWORD: PASSWORD, ACME_KEY: KEY, API_SECRET: SECRET, STRIPE_SECRET: SECRET, SHOP_1_KEY: SECRET }

/** Starts a block of a page, which listens on 3000 there. */
async function serve(t, page, name) {
  const port = await freePort()
  const text = runnable(`docs/migrate/${page}.md`, name).replace('3000', String(port))
  await startProcess(t, { command: process.execPath, args: ['--input-type=module', '-e', text], cwd: ROOT, env, ready: { port } })
  return (path, options) => fetch(`http://127.0.0.1:${port}${path}`, options)
}

/** Runs a block that calls another server, and answers its `data`. */
async function run(page, name, changes, env) {
  const block = runnable(`docs/migrate/${page}.md`, name)
  const text = Object.entries(changes).reduce((rest, [from, to]) => rest.replaceAll(from, to), block)
  const script = `${text}\nprocess.stdout.write(JSON.stringify(data), () => process.exit())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    timeout: 30_000,
  })
  return JSON.parse(stdout)
}

const basic = (user, password) => ({ headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } })
const post = (body, headers) => ({ method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

describe('the pages on migration', () => {
  for (const name of ['basic', 'basic-drop-in']) {
    test(`passport-http, ${name} (P19)`, async (t) => {
      const call = await serve(t, 'passport-http', name)
      const refused = await call('/reports/today', basic('acme', PASSWORD.split(':', 1)[0]))
      assert.equal(refused.status, 401)
      assert.match(refused.headers.get('www-authenticate'), /^Basic realm=".*", charset="UTF-8"/)
      assert.equal((await call('/reports/today')).status, 401)
      const { authorization } = basic('acme', PASSWORD).headers
      const spaced = { headers: { authorization: authorization.replace(' ', '  ') } }
      assert.equal((await call('/reports/today', spaced)).status, name === 'basic' ? 200 : 401)
      const granted = await call('/reports/today', basic('acme', PASSWORD))
      assert.deepEqual(await granted.json(), { caller: 'acme' })
    })
  }

  for (const name of ['api-key', 'api-key-drop-in']) {
    test(`passport-headerapikey, ${name} (P23)`, async (t) => {
      const call = await serve(t, 'passport-headerapikey', name)
      for (const headers of [{}, { 'x-api-key': `${KEY}x` }, { 'x-api-key': '' }]) {
        const refused = await call('/api/orders', { headers })
        assert.equal(refused.status, 401)
        assert.equal(refused.headers.get('www-authenticate'), 'ApiKey realm="api"')
      }
      assert.deepEqual(await (await call('/api/orders', { headers: { 'x-api-key': KEY } })).json(), { caller: 'acme' })
    })
  }

  test('hmac-auth-express: its senders are taken, once, and no other octets (P04, P13)', async (t) => {
    const call = await serve(t, 'hmac-auth-express', 'hmac-auth-express')
    const body = '{"id":7}'
    const time = Date.now()
    const text = `${time}POST/api/orders${createHash('md5').update(body).digest('hex')}`
    const headers = { authorization: `HMAC ${time}:${createHmac('sha256', SECRET).update(text).digest('hex')}` }
    assert.equal((await call('/api/orders', post('{"id": 7}', headers))).status, 401)
    assert.equal((await call('/api/orders', post('other', { ...headers, 'content-type': 'text/plain' }))).status, 401)
    assert.deepEqual(await (await call('/api/orders', post(body, headers))).json(), { order: 7 })
    assert.equal((await call('/api/orders', post(body, headers))).status, 401)
  })

  test("hmac-auth-express: a scheme of one's own", async (t) => {
    const call = await serve(t, 'hmac-auth-express', 'own-scheme')
    const body = '{"id":7}'
    const time = Math.floor(Date.now() / 1000)
    const text = `POST\n/api/orders\n${time}\n${createHash('sha256').update(body).digest('hex')}`
    const signature = createHmac('sha256', SECRET).update(text).digest('hex')
    const headers = { 'x-time': String(time), 'x-signature': `shop-1:${signature}` }
    assert.equal((await call('/api/orders', post(`${body} `, headers))).status, 401)
    assert.equal((await call('/api/orders', post(body, { ...headers, 'x-signature': `shop-2:${signature}` }))).status, 401)
    assert.deepEqual(await (await call('/api/orders', post(body, headers))).json(), { from: 'shop-1', order: 7 })
  })

  test("vendors' SDKs: what Stripe's own signs", async (t) => {
    const call = await serve(t, 'vendor-sdks', 'stripe')
    const body = '{ "id": "evt_1" }'
    const header = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: SECRET })
    assert.equal((await call('/hooks/stripe', post(`${body} `, { 'stripe-signature': header }))).status, 401)
    assert.deepEqual(await (await call('/hooks/stripe', post(body, { 'stripe-signature': header }))).json(), { event: 'evt_1' })
  })

  test('aws4: what is sent has the signature that aws4 makes of it', async (t) => {
    const server = http.createServer((_req, res) => res.setHeader('content-type', 'application/json').end('{}'))
    t.after(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const requested = once(server, 'request')
    const origin = `http://127.0.0.1:${server.address().port}`
    await run(
      'aws4-and-hawk',
      'aws4',
      { 'https://api.example.com': origin },
      { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET },
    )
    const [{ method, url: path, headers }] = await requested
    const signed = { Host: headers.host, 'X-Amz-Date': headers['x-amz-date'] }
    const request = {
      service: 'execute-api',
      region: 'eu-west-1',
      method,
      path,
      headers: signed,
      body: '{"order_id":"12345"}',
      // It adds these, and ours are not signed; the time is that of the header.
      extraHeadersToIgnore: { 'content-type': true, 'content-length': true },
    }
    assert.equal(headers.authorization, aws4.sign(request, { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }).headers.Authorization)
  })

  test('hawk: its clients are taken, once, and with the hash of their body alone (P13)', async (t) => {
    const call = await serve(t, 'aws4-and-hawk', 'hawk')
    const port = (await call('/')).url.match(/:(\d+)/)[1]
    const credentials = { id: 'shop-1', key: SECRET, algorithm: 'sha256' }
    const payload = '{"id":7}'
    const header = (more) => Hawk.client.header(`http://127.0.0.1:${port}/api/orders`, 'POST', { credentials, ...more }).header
    const whole = post(payload, { authorization: header({ payload, contentType: 'application/json' }) })
    assert.equal((await call('/api/orders', post(payload, { authorization: header() }))).status, 401)
    assert.equal((await call('/api/orders', { ...whole, body: '{"id":8}' })).status, 401)
    assert.deepEqual(await (await call('/api/orders', whole)).json(), { from: 'shop-1', order: 7 })
    assert.equal((await call('/api/orders', whole)).status, 401)
  })

  test('axios-oauth-client: bearer gets a token and calls', async (t) => {
    const world = await tokenWorld(t)
    const changes = { 'https://login.example.com': world.origin, 'https://api.example.com': world.origin }
    await run('axios-oauth-client', 'bearer', changes, { BILLING_SECRET: SECRET })
    assert.deepEqual(world.calls, { token: 1, api: 1 })
  })

  test('axios-ntlm: ntlm signs in', async (t) => {
    const { origin } = await ntlmServer(t)
    const changes = { 'https://intranet.example.com': origin, "'reports'": "'Alice'" }
    assert.match(await run('axios-ntlm', 'ntlm', changes, { REPORTS_PASSWORD: 'Password' }), /alice/i)
  })
})
