import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer, Agent as HttpsAgent } from 'node:https'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { apiKey } from '@countersign/axios-auth/api-key'
import { basic } from '@countersign/axios-auth/basic'
import { bearer } from '@countersign/axios-auth/bearer'
import { digest } from '@countersign/axios-auth/digest'
import { hmac } from '@countersign/axios-auth/hmac'
import { session } from '@countersign/axios-auth/session'
import { scheme, verify } from '@countersign/schemes'
import axios from 'axios'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { without } from '../../../test/support/components.js'
import { pki } from '../../../test/support/pki.js'
import { digestServer } from './digest-server.js'
import { PROXY_AUTH, proxyServer } from './proxy-server.js'

const SECRET = 'a secret of the tests'
const skipTls = without('openssl')
const bound = scheme({ name: 'bound', signature: { header: 'x-signature' }, message: '{method}\n{target}\n{header:host}\n{body}' })

/** An API behind the proxy, on http or https; tokens, logins and calls are counted by path. */
async function apiServer(t, isTls = false) {
  const seen = []
  const answer = async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    seen.push({ method: request.method, url: request.url, headers: request.headers, body })
    const json = { '/token': { access_token: `token-${seen.length}`, expires_in: 3600 }, '/login': { token: `session-${seen.length}` } }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(json[request.url] ?? { ok: true }))
  }
  const server = isTls
    ? createTlsServer({ key: readFileSync(pki().server.key), cert: readFileSync(pki().server.cert) }, answer)
    : createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const calls = (path) => seen.filter(({ url }) => url === path).length
  // A name: Node 26 takes no address for the name of a TLS server, which the tunnel of axios gives it.
  return { seen, calls, origin: `${isTls ? 'https://localhost' : 'http://127.0.0.1'}:${server.address().port}` }
}

const trusting = () => (skipTls ? {} : { httpsAgent: new HttpsAgent({ ca: pki().ca.pem }) })

/** The interceptors, what they send, and where the proxy could read it. */
const kinds = {
  basic: [() => basic({ username: 'u', password: SECRET }), 'authorization'],
  apiKey: [() => apiKey({ key: SECRET }), 'x-api-key'],
  bearer: [(origin) => bearer({ clientId: 'c', clientSecret: SECRET, tokenUrl: `${origin}/token`, ...trusting() }), 'authorization'],
  hmac: [() => hmac({ secret: SECRET, scheme: bound }), 'x-signature'],
  session: [
    () => session({ login: { url: '/login', token: 'token' }, carry: { header: 'X-Session' }, proxy: false, ...trusting() }),
    'x-session',
  ],
}

describe('a proxy that asks for credentials, before an http origin', () => {
  for (const [name, [make, field]] of Object.entries(kinds)) {
    test(`${name}: works beside proxy.auth, and the origin gets no credentials of the proxy`, async (t) => {
      const [api, proxy] = [await apiServer(t), await proxyServer(t)]
      const client = axios.create({ baseURL: api.origin, proxy: proxy.through() })
      client.interceptors.request.use(make(api.origin))
      for (let i = 0; i < 2; i += 1) assert.deepEqual((await client.post('/x?a=1', { n: 1 })).data, { ok: true })
      const got = api.seen.filter(({ url }) => url === '/x?a=1')
      assert.equal(got.length, 2)
      assert.ok(got.every(({ headers }) => headers[field] !== undefined && headers['proxy-authorization'] === undefined))
      assert.deepEqual(
        proxy.seen.map(({ url }) => url),
        [`${api.origin}/x?a=1`, `${api.origin}/x?a=1`],
      )
      if (name !== 'hmac') return
      for (const { url, ...request } of got) {
        assert.equal(verify(bound, { ...request, url: api.origin + url }, { secret: SECRET }).ok, true, 'what arrives is what was signed')
      }
    })

    test(`${name}: its 407 is left alone: one request, no new token, no new session, nothing learnt`, async (t) => {
      const [api, proxy] = [await apiServer(t), await proxyServer(t)]
      const client = axios.create({ baseURL: api.origin, proxy: proxy.through({ ...PROXY_AUTH, password: 'wrong' }) })
      client.interceptors.request.use(make(api.origin))
      for (let i = 1; i <= 3; i += 1) {
        await assert.rejects(client.post('/x', { n: 1 }), (error) => error.response.status === 407 && error.code === 'ERR_BAD_REQUEST')
        assert.equal(proxy.seen.length, i)
      }
      assert.equal(api.calls('/x'), 0)
      assert.equal(api.calls('/token') + api.calls('/login'), name === 'bearer' || name === 'session' ? 1 : 0)
      assert.ok(proxy.seen.every(({ headers }) => headers.cookie === undefined))
      assert.equal((await client.post('/x', { n: 1 }, { proxy: proxy.through() })).status, 200)
      assert.ok(api.calls('/token') + api.calls('/login') <= 1, 'what was there still holds')
    })
  }

  test('digest: its handshake goes through; a 407 with a challenge of its own is not answered', async (t) => {
    const server = await digestServer(t)
    const proxy = await proxyServer(t)
    const client = axios.create({ baseURL: server.url, proxy: proxy.through() })
    client.interceptors.request.use(digest({ username: 'Mufasa', password: 'Circle of Life' }))
    assert.deepEqual((await client.get('/x')).data, { user: 'Mufasa' })
    const challenge = 'Digest realm="proxy", nonce="abc", algorithm=SHA-256, qop="auth"'
    const asking = await proxyServer(t, { challenge })
    const refused = client.get('/x', { proxy: asking.through({ username: 'x', password: 'y' }) })
    await assert.rejects(refused, (error) => error.response.status === 407)
    assert.equal(asking.seen.length, 1)
  })

  test('the proxy of the environment, for the API, the login and the logout of a session', async (t) => {
    const [api, proxy] = [await apiServer(t), await proxyServer(t)]
    for (const name of ['http_proxy', 'no_proxy']) {
      const { [name]: before } = process.env
      t.after(() => (before === undefined ? delete process.env[name] : Object.assign(process.env, { [name]: before })))
    }
    process.env.http_proxy = proxy.url
    process.env.no_proxy = ''
    const guard = session({ login: { url: '/login', token: 'token' }, carry: { header: 'X-Session' }, logout: { url: '/out' } })
    const client = axios.create({ baseURL: api.origin })
    client.interceptors.request.use(guard)
    assert.equal((await client.get('/x')).status, 200)
    await guard.dispose()
    assert.deepEqual(
      proxy.seen.map(({ method, url }) => `${method} ${new URL(url).pathname}`),
      ['POST /login', 'GET /x', 'POST /out'],
    )
    assert.equal(api.seen.length, 3)
    assert.ok(api.seen.every(({ headers }) => headers['proxy-authorization'] === undefined))
  })
})

describe('a proxy that asks for credentials, before an https origin', { skip: skipTls }, () => {
  const ways = {
    'proxy of axios': (proxy, auth) => ({ proxy: proxy.through(auth), ...trusting() }),
    'https-proxy-agent': (proxy, { username, password } = PROXY_AUTH) => {
      const httpsAgent = new HttpsProxyAgent(`http://${username}:${password}@127.0.0.1:${proxy.port}`, { ca: pki().ca.pem })
      httpsAgent.options.ca = pki().ca.pem
      return { proxy: false, httpsAgent }
    },
  }
  for (const [way, through] of Object.entries(ways)) {
    for (const [name, [make, field]] of Object.entries(kinds)) {
      test(`${way}: ${name}: a tunnel, and CONNECT holds the credentials of the proxy alone`, async (t) => {
        const [api, proxy] = [await apiServer(t, true), await proxyServer(t)]
        const client = axios.create({ baseURL: api.origin, ...through(proxy) })
        client.interceptors.request.use(make(api.origin))
        for (let i = 0; i < 2; i += 1) assert.deepEqual((await client.post('/x', { n: 1 })).data, { ok: true })
        assert.ok(api.seen.filter(({ url }) => url === '/x').every(({ headers }) => headers[field] !== undefined))
        assert.ok(api.seen.every(({ headers }) => headers['proxy-authorization'] === undefined))
        for (const { method, url, headers } of proxy.seen) {
          assert.deepEqual([method, url], ['CONNECT', api.origin.slice('https://'.length)])
          const known = ['host', 'connection', 'proxy-connection', 'proxy-authorization']
          assert.deepEqual(
            Object.keys(headers).filter((field) => !known.includes(field)),
            [],
          )
        }
      })

      test(`${way}: ${name}: 407 is an error that names the proxy; nothing is sent, nothing is got anew`, async (t) => {
        const [api, proxy] = [await apiServer(t, true), await proxyServer(t)]
        const client = axios.create({ baseURL: api.origin, ...through(proxy, { ...PROXY_AUTH, password: 'wrong' }) })
        client.interceptors.request.use(make(api.origin))
        for (let i = 1; i <= 3; i += 1) {
          await assert.rejects(client.post('/x', { n: 1 }, { validateStatus: null }), (error) => {
            assert.equal(error.code, 'ERR_AXIOS_PROXY')
            assert.match(error.message, /^the proxy answered with status 407 in place of a tunnel to https:/)
            assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(SECRET))
            return true
          })
          assert.equal(proxy.seen.length, i)
        }
        assert.equal(api.calls('/x'), 0)
        assert.ok(api.calls('/token') + api.calls('/login') <= 1)
        assert.ok(!inspect(proxy.seen, { depth: 9 }).includes(SECRET))
      })
    }

    test(`${way}: what it says in place of the origin is believed by nobody: no success, redirect, challenge or session`, async (t) => {
      const api = await apiServer(t, true)
      const forged = [
        'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}',
        'HTTP/1.1 307 x\r\nLocation: /evil\r\nContent-Length: 0\r\n\r\n',
        'HTTP/1.1 401 x\r\nWWW-Authenticate: Digest realm="x", nonce="y", algorithm=SHA-256, qop="auth"\r\nContent-Length: 0\r\n\r\n',
        'HTTP/1.1 409 x\r\nX-Session: of-the-proxy\r\nContent-Length: 0\r\n\r\n',
        'HTTP/1.1 403 x\r\nSet-Cookie: sid=of-the-proxy; Path=/\r\nContent-Length: 0\r\n\r\n',
      ]
      for (const forge of forged) {
        const proxy = await proxyServer(t, { forge })
        for (const guard of [
          digest({ username: 'u', password: SECRET }),
          session({ refresh: { header: 'X-Session' } }),
          kinds.session[0](api.origin),
          kinds.bearer[0](api.origin),
        ]) {
          const client = axios.create({ baseURL: api.origin, ...trusting(), validateStatus: null })
          client.interceptors.request.use(guard)
          const before = proxy.seen.length
          for (const responseType of ['json', 'stream']) {
            await assert.rejects(client.post('/x', { n: 1 }, { ...through(proxy), responseType }), { code: 'ERR_AXIOS_PROXY' }, forge)
          }
          assert.equal(proxy.seen.length, before + 2, forge)
          assert.equal((await client.post('/x', { n: 1 }, { proxy: false })).status, 200)
        }
      }
      assert.ok(api.seen.every(({ url }) => url !== '/evil'))
      assert.ok(!inspect(api.seen, { depth: 9 }).includes('of-the-proxy'))
    })
  }

  test('a login and a token request through such a proxy: no session and no token of its making', async (t) => {
    const api = await apiServer(t, true)
    const body = JSON.stringify({ token: 'of-the-proxy', access_token: 'of-the-proxy' })
    const forge = `HTTP/1.1 201 x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const proxy = await proxyServer(t, { forge })
    const { httpsAgent } = ways['https-proxy-agent'](proxy)
    const cases = [
      [
        session({ login: { url: '/login', token: 'token' }, carry: { header: 'X-Session' }, httpsAgent, proxy: false }),
        'ERR_AXIOS_LOGIN_FAILED',
      ],
      [bearer({ clientId: 'c', clientSecret: SECRET, tokenUrl: `${api.origin}/token`, httpsAgent }), 'ERR_AXIOS_TOKEN_UNREACHABLE'],
    ]
    for (const [guard, code] of cases) {
      const client = axios.create({ baseURL: api.origin, ...trusting(), proxy: false })
      client.interceptors.request.use(guard)
      await assert.rejects(
        client.get('/x'),
        (error) => error.code === code && /the proxy refused the tunnel.* with status 201/.test(error.message),
      )
    }
    assert.equal(api.seen.length, 0)
  })
})

test('a connection that says it is encrypted is that of the origin, as those of nock and msw in the tests of others', async (t) => {
  const api = await apiServer(t)
  class Mock extends HttpsAgent {
    createConnection() {
      return Object.assign(connect(new URL(api.origin).port, '127.0.0.1'), { encrypted: true })
    }
  }
  const client = axios.create({ baseURL: 'https://api.example.com', httpsAgent: new Mock(), proxy: false })
  client.interceptors.request.use(apiKey({ key: SECRET }))
  assert.equal((await client.post('/x', { n: 1 })).status, 200)
  assert.equal(api.seen[0].headers['x-api-key'], SECRET)
})
