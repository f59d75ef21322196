/** hmac of axios-auth against the verifiers of this project, which were written before it and know nothing of axios. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { apiKeyAuthenticator } from '@countersign/api-key'
import { apiKey, basic, bearer, hmac } from '@countersign/axios-auth'
import { session } from '@countersign/axios-auth/session'
import { allOf } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { draftCavage, hawk, mailgun, rfc9421, scheme, shopifyOauthQuery, verify } from '@countersign/schemes'
import axios from 'axios'
import fc from 'fast-check'
import { frameworks, isKoa, start } from '../support/frameworks.js'
import { pki } from '../support/pki.js'
import { failure } from '../support/promises.js'
import { setUp, unsigned, vectors } from '../vectors/vectors.js'

const require = createRequire(import.meta.url)
const SpooledForm = require('form-data')

const secret = 'a-secret-of-the-tests-0123456789'
const adapters = ['http', 'fetch']

/** Signs everything that a request has, each time anew. */
const whole = scheme({
  name: 'whole',
  signature: { header: 'x-signature' },
  timestamp: { header: 'x-time', unit: 'milliseconds' },
  nonce: { header: 'x-nonce' },
  message: '{timestamp}\n{nonce}\n{method} {target}\n{header:content-type?}\n{body}',
})

function client(url, options, config = {}) {
  const api = axios.create({ baseURL: url, ...config })
  api.interceptors.request.use(hmac({ scheme: whole, secret, ...options }))
  return api
}

/** A server that calls `answer(req, body)` for status, fields and body. */
async function server(owner, answer, tls) {
  const log = []
  const listener = async (req, res) => {
    const body = Buffer.concat(await req.toArray())
    const { status = 200, headers = {}, text = 'ok' } = (await answer(req, body, log.length)) ?? {}
    log.push({ url: req.url, headers: req.headers, body })
    res.writeHead(status, headers).end(text)
  }
  const made = (tls === undefined ? createServer(listener) : https.createServer(tls, listener)).listen(0, '127.0.0.1')
  await once(made, 'listening')
  owner.after(() => {
    made.close()
    made.closeAllConnections()
  })
  return { url: `${tls === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${made.address().port}`, log }
}

const judge =
  (of, url, options = {}) =>
  (req, body) =>
    verify(of, { method: req.method, url: url() + req.url, headers: req.rawHeaders, body }, { secret, ...options })

function bodies() {
  const large = Buffer.from('xxA body of many octets, \u00fcxx')
  const form = () => {
    const made = new FormData()
    made.append('a', '1')
    made.append('f', new Blob(['file \u00fc'], { type: 'text/plain' }), 'f.txt')
    return made
  }
  const spooled = () => {
    const made = new SpooledForm()
    made.append('a', '1')
    made.append('f', Buffer.from('file'), { filename: 'f.txt' })
    return made
  }
  return [
    ['an object', { order_id: '12345', amount: 100, name: '\u00fc' }],
    ['a list', [1, 'b', null]],
    ['text', 'plain \u00fc \u{1f600}'],
    ['text of JSON with blanks around it', ' {"a":1} ', { 'content-type': 'application/json' }],
    ['a Buffer', Buffer.from([0, 1, 255, 10])],
    ['a view of a larger buffer', new Uint8Array(large.buffer, large.byteOffset + 2, large.length - 4)],
    ['a Uint16Array view', new Uint16Array([1, 2, 3, 4]).subarray(1, 3)],
    ['a DataView', new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)],
    ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ['a Blob', new Blob(['a blob'])],
    [
      'URLSearchParams',
      new URLSearchParams([
        ['a', '1 2'],
        ['a', '\u00fc&='],
        ['b', ''],
      ]),
    ],
    ['FormData', form],
    ['form-data', spooled],
    ['empty text', ''],
    ['no octets', Buffer.alloc(0)],
    ['null', null],
    ['nothing', undefined],
  ]
}

for (const framework of frameworks) {
  for (const adapter of adapters) {
    describe(`${framework}, axios's adapter ${adapter}`, () => {
      let app
      const received = []
      before(async () => {
        const guard = () => (isKoa(framework) ? forKoa : forExpress)({ scheme: whole, secret })
        const handler = async ({ req, auth }) => {
          received.push(Buffer.concat(await req.toArray()))
          return { body: { auth } }
        }
        app = await start(framework, { guard, handler })
      })
      after(() => app.close())

      for (const [name, data, headers] of bodies()) {
        for (const method of ['post', 'put', 'patch', 'delete']) {
          test(`P38 P39: ${method} of ${name}`, async () => {
            const body = typeof data === 'function' ? data() : data
            const { data: answer } = await client(app.url, {}, { adapter }).request({ method, url: '/orders', data: body, headers })
            assert.equal(answer.auth.clientId, 'whole')
            const octets = received.at(-1)
            if (ArrayBuffer.isView(body)) assert.deepEqual(octets, Buffer.from(body.buffer, body.byteOffset, body.byteLength))
            if (typeof body === 'string') assert.equal(octets.toString(), name.startsWith('text of JSON') ? octets.toString() : body)
          })
        }
      }

      test('P11: params, spaces and what else a URL may hold', async () => {
        const api = client(app.url, {}, { adapter })
        const params = {
          q: "a+b:c,d$e[f]g@h'!()*~ \u00fc\u{1f600}",
          arr: [1, '2 3'],
          o: { k: 'v&w=x' },
          empty: '',
          none: null,
          missing: undefined,
        }
        for (const url of [
          '/a b/\u00fc',
          "/it's/(a)!*",
          '/a%20b%2Fc?x=1&y=%20',
          '/x?#fragment',
          '/double//slash',
          '/a/../b/./c',
          '/?a=1',
        ]) {
          assert.equal((await api.get(url, { params })).status, 200, url)
          assert.equal((await api.get(url)).status, 200, url)
        }
      })

      test('a request that is changed on the way does not verify', async () => {
        const api = axios.create({ baseURL: app.url, adapter })
        const signing = hmac({ scheme: whole, secret })
        // An adapter underneath stands for whoever is on the way.
        for (const change of [
          (config) => ({ ...config, url: `${config.url}x` }),
          (config) => ({ ...config, method: 'put' }),
          (config) => ({ ...config, data: Buffer.from('{"id":2}') }),
          (config) => config.headers.set('X-Nonce', 'other') && config,
        ]) {
          const under = axios.getAdapter(adapter)
          const changed = axios.create({ baseURL: app.url, adapter: (config) => under(change(config)) })
          changed.interceptors.request.use(signing)
          assert.equal((await failure(changed.post('/orders', { id: 1 }))).response.status, 401)
        }
        api.interceptors.request.use(hmac({ scheme: whole, secret: `${secret}x` }))
        assert.equal((await failure(api.post('/orders', { id: 1 }))).response.status, 401)
      })

      test('P38: what interceptors and transformRequest change later is covered', async () => {
        const api = axios.create({ baseURL: app.url, adapter })
        api.interceptors.request.use((config) => {
          config.url += '/late'
          config.params = { late: 1 }
          config.data = { late: true }
          return config
        })
        api.interceptors.request.use(hmac({ scheme: whole, secret }))
        api.interceptors.request.use((config) => {
          config.transformRequest = [...[config.transformRequest].flat(), (data) => `${data} `]
          return config
        })
        assert.equal((await api.post('/orders', { id: 1 })).status, 200)
        assert.equal(String(received.at(-1)), '{"late":true} ')
      })
    })
  }
}

for (const adapter of adapters) {
  test(`P11: an independent server that hashes the request line agrees, whatever the params (${adapter})`, async (t) => {
    const { url } = await server(t, (req, body) => {
      const text = `${req.headers['x-time']}\n${req.headers['x-nonce']}\n${req.method} ${req.url}\n${req.headers['content-type'] ?? ''}\n${body}`
      return { status: createHmac('sha256', secret).update(text).digest('hex') === req.headers['x-signature'] ? 200 : 401 }
    })
    const api = client(url, {}, { adapter })
    const awkward = fc.string({
      unit: fc.oneof(fc.constantFrom(...'\'!()*~ %#?&=+[]{}|\\^`"<>:;,/@$'), fc.constantFrom('\u00fc', '\u20ac', '\u{1f600}')),
      maxLength: 8,
    })
    const value = fc.oneof(
      awkward,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(awkward, { maxLength: 3 }),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
      fc.dictionary(awkward, awkward, { maxKeys: 2 }),
    )
    const path = fc
      .array(
        awkward.map((text) => text.replace(/[%\\]/g, '')),
        { maxLength: 3 },
      )
      .map((parts) => `/p${parts.join('/')}`)
    await fc.assert(
      fc.asyncProperty(path, fc.dictionary(awkward, value, { maxKeys: 4 }), async (url, params) => {
        assert.equal((await api.get(url, { params })).status, 200)
      }),
      { numRuns: 150 },
    )
  })

  // fetch sends no body with GET.
  for (const vector of vectors.filter(({ request }) => adapter === 'http' || request.method !== 'GET' || request.body.length === 0)) {
    test(`${vector.id}: signed for this server it verifies here (${adapter})`, async (t) => {
      const origin = { url: '' }
      const options = { ...setUp(vector), publicOrigin: undefined }
      const verified = []
      const { url } = await server(t, (req, body) => {
        const result = verify(
          vector.scheme,
          { method: req.method, url: origin.url + req.url, headers: req.rawHeaders, body },
          { ...options, publicOrigin: origin.url, allowEmptyBody: true },
        )
        verified.push(result)
        return { status: result.ok ? 200 : 401 }
      })
      origin.url = url
      const { request } = unsigned(vector)
      const { toleranceSeconds, publicOrigin, ...own } = options
      const signer = hmac({
        scheme: vector.scheme,
        ...own,
        ...(vector.keyId !== undefined && { keyId: vector.keyId }),
        ...signs(vector),
        origins: url,
      })
      const api = axios.create({ adapter, transformRequest: [], validateStatus: () => true })
      api.interceptors.request.use(signer)
      const { host, 'content-length': _, ...headers } = request.headers
      const target = request.url.replace(/^https?:\/\/[^/?]*/, '')
      await api.request({ method: request.method, url: url + target, headers, data: request.body.length === 0 ? undefined : request.body })
      assert.equal(verified.length, 1)
      assert.deepEqual({ ok: verified[0].ok, reason: verified[0].reason }, { ok: true, reason: undefined })
    })
  }

  test(`schemes that write into query, JSON body and Dictionary, over Express (${adapter})`, async (t) => {
    for (const [of, options, request] of [
      [shopifyOauthQuery, {}, { url: '/auth?shop=a.example&state=1', params: { code: "c'd e" } }],
      [mailgun, {}, { method: 'post', url: '/hooks', data: { 'event-data': { event: 'opened', n: 1.5 } } }],
      [rfc9421, { secret: Buffer.from(secret).toString('base64') }, { method: 'post', url: '/a b?x=1', data: { a: 1 } }],
      [draftCavage, { keyId: 'k1' }, { method: 'post', url: '/a?x', data: 'text' }],
      [hawk, { keyId: 'k1' }, { method: 'put', url: '/a?x', data: new URLSearchParams({ a: '1' }) }],
    ]) {
      const publicOrigin = of === rfc9421 ? { publicOrigin: 'http://public.example' } : {}
      const app = await start('express5', {
        guard: () => forExpress({ scheme: of, secret: options.secret ?? secret, ...publicOrigin }),
        handler: ({ auth }) => ({ body: { auth } }),
      })
      t.after(() => app.close())
      const api = client(app.url, { scheme: of, ...options, ...publicOrigin }, { adapter })
      assert.equal((await api.request(request)).status, 200, of.name)
    }
  })

  test(`P42: each hop of a redirect is signed anew, and nothing goes to another origin (${adapter})`, async (t) => {
    const origin = { url: '' }
    const nonces = []
    const check = judge(whole, () => origin.url)
    const { url } = await server(t, (req, body) => {
      if (!check(req, body).ok) return { status: 401 }
      nonces.push(req.headers['x-nonce'])
      if (req.url.startsWith('/a')) return { status: 307, headers: { location: '/b?x=1 2' } }
      return req.url.startsWith('/b') ? { status: 303, headers: { location: 'c' } } : { text: `${req.method} ${body.length}` }
    })
    origin.url = url
    assert.equal((await client(url, {}, { adapter }).post('/a', { id: 1 })).data, 'GET 0')
    assert.equal(new Set(nonces).size, 3)
    const away = await server(t, () => ({ status: 307, headers: { location: `${url}/stolen` } }))
    const seen = nonces.length
    assert.equal((await failure(client(away.url, {}, { adapter }).post('/a', { id: 1 }))).code, 'ERR_AXIOS_REDIRECT')
    assert.equal(nonces.length, seen)
  })

  test(`P46: sent again, by hand or by a retry of another step, a request has a new time and nonce (${adapter})`, async (t) => {
    let guard
    const { url } = await server(t, async (req, body) => {
      const view = {
        method: req.method,
        target: req.url,
        headers: req.headers,
        rawHeaders: req.rawHeaders,
        socket: req.socket,
        body: () => body,
      }
      const verdict = await guard.authenticate(view)
      if (verdict.kind !== 'granted') return { status: 401 }
      return (await verdict.commit?.()) === undefined ? { status: 500 } : { status: 401, text: 'replayed' }
    })
    guard = hmacAuthenticator({ scheme: whole, secret })
    const api = client(url, {}, { adapter })
    const first = await failure(api.post('/a?b=c', { id: 1 }))
    assert.equal(first.response.status, 500)
    const second = await failure(axios(first.config))
    const third = await failure(api(second.config))
    assert.deepEqual([second.response.status, third.response.status], [500, 500])
  })

  test(`stacked with apiKey and basic, whatever the order, and the signature covers their header (${adapter})`, async (t) => {
    const over = scheme({
      name: 'over',
      signature: { header: 'x-signature' },
      timestamp: { header: 'x-time', unit: 'seconds' },
      message: '{timestamp}\n{header:x-api-key}\n{header:authorization}\n{method} {target}\n{body}',
    })
    const key = 'key-of-the-tests-0123456789'
    const guard = allOf(apiKeyAuthenticator({ keys: key }), hmacAuthenticator({ scheme: over, secret }))
    const { url } = await server(t, async (req, body) => {
      const view = {
        method: req.method,
        target: req.url,
        headers: req.headers,
        rawHeaders: req.rawHeaders,
        socket: req.socket,
        body: () => body,
      }
      return { status: (await guard.authenticate(view)).kind === 'granted' ? 200 : 401 }
    })
    const password = 'b-password-of-tests'
    const entries = []
    const trace = (entry) => entries.push(entry)
    const steps = [hmac({ scheme: over, secret, trace }), apiKey({ key }), basic({ username: 'a', password })]
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const api = axios.create({ baseURL: url, adapter })
      for (const i of order) api.interceptors.request.use(steps[i])
      assert.equal((await api.post('/a', { id: 1 })).status, 200)
    }
    assert.equal(entries.length, 3)
    for (const entry of entries) {
      const [message] = entry.signed.map(String)
      assert.match(message, /^\d+\n\[secret\]\n\[secret\]\nPOST \/a\n\{"id":1\}$/)
      const shown = JSON.stringify(entry)
      for (const one of [key, secret, Buffer.from(`a:${password}`).toString('base64')]) assert.ok(!shown.includes(one))
    }
  })

  test(`bearer and hmac: the retry with a newer token is signed anew, over that token (${adapter})`, async (t) => {
    const over = scheme({
      name: 'over',
      signature: { header: 'x-signature' },
      timestamp: { header: 'x-time', unit: 'seconds' },
      nonce: { header: 'x-nonce' },
      message: '{timestamp}\n{nonce}\n{header:authorization}\n{method} {target}\n{body}',
    })
    const origin = { url: '' }
    const check = judge(over, () => origin.url)
    const { url, log } = await server(t, (req, body) => {
      if (!check(req, body).ok) return { status: 403 }
      return { status: req.headers.authorization === 'Bearer token-of-the-tests-2' ? 200 : 401 }
    })
    origin.url = url
    const token = ({ refused }) => (refused === undefined ? 'token-of-the-tests-1' : 'token-of-the-tests-2')
    const steps = [hmac({ scheme: over, secret }), bearer({ token })]
    for (const order of [steps, steps.toReversed()]) {
      const api = axios.create({ baseURL: url, adapter })
      for (const step of order) api.interceptors.request.use(step)
      const before = log.length
      assert.equal((await api.post('/a', { id: 1 })).status, 200)
      assert.equal(log.length - before, 2)
      assert.notEqual(log.at(-1).headers['x-nonce'], log.at(-2).headers['x-nonce'])
    }
  })

  test(`session and hmac: the session's header is signed (${adapter})`, async (t) => {
    // The first request has no session yet: the server answers with its id.
    const over = scheme({
      name: 'over',
      signature: { header: 'x-signature' },
      message: '{header:x-session-id?}\n{method} {target}\n{body}',
    })
    const origin = { url: '' }
    const check = judge(over, () => origin.url)
    let id = 'session-number-1'
    const { url, log } = await server(t, (req, body) => {
      if (!check(req, body).ok) return { status: 403 }
      return req.headers['x-session-id'] === id ? { status: 200 } : { status: 409, headers: { 'x-session-id': id } }
    })
    origin.url = url
    const api = axios.create({ baseURL: url, adapter })
    api.interceptors.request.use(session({ refresh: { header: 'X-Session-Id' } }))
    api.interceptors.request.use(hmac({ scheme: over, secret }))
    assert.equal((await api.post('/a', { id: 1 })).status, 200)
    id = 'session-number-2'
    assert.equal((await api.post('/b', { id: 1 })).status, 200)
    assert.equal((await api.post('/c', { id: 1 })).status, 200)
    assert.deepEqual(
      log.map(({ url: target }) => target),
      ['/a', '/a', '/b', '/b', '/c'],
    )
  })

  test(`P12: a clock that is an hour behind is corrected once, over https (${adapter})`, async (t) => {
    const { ca, server: own } = pki()
    const origin = { url: '' }
    const check = judge(whole, () => origin.url)
    const tls = { cert: readFileSync(own.cert), key: readFileSync(own.key) }
    const secure = await server(t, (req, body) => ({ status: check(req, body).ok ? 200 : 401 }), tls)
    origin.url = secure.url
    const behind = { now: () => Date.now() - 3_000_000, correctClock: true }
    if (adapter === 'http') {
      const httpsAgent = new https.Agent({ ca: ca.pem })
      const api = client(secure.url, behind, { httpsAgent })
      assert.equal((await api.get('/a')).status, 200)
      assert.equal((await api.get('/b')).status, 200)
      assert.deepEqual(
        secure.log.map(({ url }) => url),
        ['/a', '/a', '/b'],
      )
      assert.equal((await failure(client(secure.url, { ...behind, correctClock: false }, { httpsAgent }).get('/a'))).response.status, 401)
      assert.equal(
        (await failure(client(secure.url, { ...behind, maxClockCorrectionSeconds: 60 }, { httpsAgent }).get('/a'))).response.status,
        401,
      )
      assert.equal(secure.log.length, 5)
    }
    const plain = await server(t, (req, body) => ({ status: check(req, body).ok ? 200 : 401 }))
    origin.url = plain.url
    assert.equal((await failure(client(plain.url, behind, { adapter }).get('/a'))).response.status, 401)
    assert.equal(plain.log.length, 1)
  })
}

/** What the sender of a vector has chosen, as options of hmac. */
function signs({ own }) {
  const { nonce: _nonce, timestamp: _timestamp, keyId: _keyId, ...rest } = own.sign ?? {}
  return rest
}
