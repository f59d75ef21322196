import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { createServer } from 'node:http2'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { apiKey, basic, bearer, carrierOptionNames, carrierSettings, hmac, interceptor } from '@countersign/axios-auth'
import { OptionReader } from '@countersign/core'
import axios from 'axios'
import PackageFormData from 'form-data'
import { ADAPTERS, counter, recorder } from './recorder.js'

const KEY = 'an api key of a test'

/** The interceptor of a step that a test makes. */
function use(step, options = {}) {
  return interceptor({ stage: 'token', ...step }, carrierSettings(new OptionReader(step.name, options, carrierOptionNames)))
}

/** A signer of everything: its signature is what the server computes of what it received. */
function signer(name = 'signer') {
  return use({
    name,
    stage: 'signature',
    apply(request) {
      const headers = Object.fromEntries(pairs(request.rawHeaders()).map(([field, value]) => [field.toLowerCase(), value]))
      request.setHeader('X-Signature', signature({ ...request, method: request.method, url: request.target, headers, body: request.body }))
    },
  })
}

function signature({ method, url, headers, body }) {
  const signed = ['content-type', 'content-length', 'host', 'authorization', 'x-api-key', 'x-later'].map((name) => headers[name] ?? '')
  return createHash('sha256')
    .update([method, url, ...signed, ''].join('\n'))
    .update(body)
    .digest('hex')
}

function pairs(raw) {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]]] : []))
}

function assertSigned(request, what) {
  assert.equal(request.headers['x-signature'], signature(request), what)
}

function client(adapter, server, ...interceptors) {
  const api = axios.create({ baseURL: server.origin, adapter })
  for (const one of interceptors) api.interceptors.request.use(one)
  return api
}

const octets = new Uint8Array(new Uint8Array([65, 66, 67, 68, 69]).buffer, 1, 3)
const form = () => {
  const made = new FormData()
  made.append('name', 'J\u00fcrgen')
  made.append('file', new Blob(['content']), 'a.txt')
  return made
}
const packageForm = () => {
  const made = new PackageFormData()
  made.append('name', 'value')
  made.append('file', Buffer.from('content'), 'a.txt')
  return made
}
const BODIES = {
  'an object': [() => ({ order_id: '12345', amount: 100 }), '{"order_id":"12345","amount":100}'],
  'text beyond ASCII': [() => 'gr\u00fc\u00dfe', 'gr\u00fc\u00dfe'],
  'JSON text with blanks, which axios trims': [() => ' {"a":1} ', '{"a":1}', { headers: { 'Content-Type': 'application/json' } }],
  'a Buffer': [() => Buffer.from([0, 255, 10]), '\0\xff\n', {}, 'latin1'],
  'a view of a larger buffer': [() => octets, 'BCD'],
  'a DataView': [() => new DataView(octets.buffer, 2, 2), 'CD'],
  'a Uint16Array': [() => new Uint16Array(octets.buffer.slice(0, 4), 2, 1), 'CD'],
  'an ArrayBuffer': [() => octets.buffer, 'ABCDE'],
  URLSearchParams: [() => new URLSearchParams({ a: '1 2', b: '&' }), 'a=1+2&b=%26'],
  FormData: [form, undefined],
  'the form-data package': [packageForm, undefined],
  'a Blob': [() => new Blob(['some', 'text'], { type: 'text/plain' }), 'sometext'],
  'an empty text': [() => '', ''],
  null: [() => null, ''],
  undefined: [() => undefined, ''],
}

for (const adapter of ADAPTERS) {
  test(`P38 P39: ${adapter}: what is signed is what the server receives`, async () => {
    const server = await recorder()
    const api = client(adapter, server, signer(), apiKey({ key: KEY }))
    for (const [what, [body, expected, config, encoding]] of Object.entries(BODIES)) {
      await api.post('/orders', body(), config)
      const got = server.seen.at(-1)
      assertSigned(got, what)
      if (expected !== undefined) assert.equal(got.body.toString(encoding), expected, what)
      else assert.match(got.headers['content-type'], /^multipart\/form-data; ?boundary=/, what)
      assert.equal(Number(got.headers['content-length']), got.body.length, what)
    }
  })

  test(`P38: ${adapter}: what other interceptors and transforms change is covered, whatever the order of use()`, async () => {
    const server = await recorder()
    const later = (config) => {
      config.headers.set('X-Later', 'yes')
      config.url = '/changed here'
      config.params = { q: 'a b', list: [1, 2] }
      config.data = { changed: true }
      return config
    }
    for (const order of [
      [later, signer(), apiKey({ key: KEY })],
      [apiKey({ key: KEY }), signer(), later],
    ]) {
      await client(adapter, server, ...order).post('/x', { old: true }, { transformRequest: [(data) => JSON.stringify({ data })] })
      const got = server.seen.at(-1)
      assertSigned(got)
      assert.equal(got.url, '/changed%20here?q=a+b&list%5B%5D=1&list%5B%5D=2')
      assert.equal(got.body.toString(), '{"data":{"changed":true}}')
      assert.equal(got.headers['x-api-key'], KEY)
    }
  })

  test(`P38: ${adapter}: a path of any spelling goes to the server as it was signed, and the fragment stays`, async () => {
    const server = await recorder()
    const api = client(adapter, server, signer())
    for (const url of ['/a b', '/a/../b', "/it's?x=it's", '/%7euser', '/\u00fc?\u00fc=\u00fc#part', '/a?b=1#c?d', '/x?', '']) {
      await api.get(url)
      assertSigned(server.seen.at(-1), url)
    }
    await api.get('/p?a=1', { params: { b: "it's", c: '\u00fc' } })
    assertSigned(server.seen.at(-1))
  })

  test(`P39: ${adapter}: the Content-Length of a request without a body is what the server receives, for every method`, async () => {
    const server = await recorder()
    const api = client(adapter, server, signer())
    for (const method of ['get', 'head', 'delete', 'options', 'post', 'put', 'patch']) {
      for (const data of [undefined, '', null]) {
        await api.request({ url: '/x', method, data })
        assertSigned(server.seen.at(-1), `${method} ${data}`)
      }
    }
  })

  test(`P46: ${adapter}: a retry runs all steps again, once, and the answer that was refused is read away`, async () => {
    const server = await recorder((_, response) => response.writeHead(401).end('x'.repeat(300_000)))
    const nonce = counter()
    const seen = []
    const step = {
      name: 'token',
      apply: (request) => request.setHeader('Authorization', `Bearer ${nonce()}`),
      refused: (answer, request) => seen.push([answer.status, request.attempt]) > 0,
    }
    const pool = adapter === 'http' ? { httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }) } : {}
    const api = client(adapter, server, use(step), signer())
    for (const validateStatus of [undefined, () => true, null]) {
      const settled = await api.get('/', { validateStatus, responseType: 'stream', ...pool }).catch((error) => error.response)
      assert.equal(settled.status, 401)
      settled.data.destroy?.() ?? settled.data.cancel()
    }
    assert.deepEqual(seen, [
      [401, 1],
      [401, 1],
      [401, 1],
    ])
    assert.deepEqual(
      server.seen.map(({ headers }) => headers.authorization),
      [1, 2, 3, 4, 5, 6].map((n) => `Bearer ${n}`),
    )
    for (const request of server.seen) assertSigned(request)
  })

  test(`P46: ${adapter}: a stream is sent once; the refusal comes back with the reason`, async () => {
    const server = await recorder((_, response) => response.writeHead(401).end())
    const asked = counter()
    const step = { name: 'token', apply: () => undefined, refused: () => asked() > 0 }
    const api = client(adapter, server, use(step))
    const error = await api.post('/', Readable.from(['a', 'b'])).catch((failure) => failure)
    assert.equal(error.response.status, 401)
    assert.equal(error.cause.code, 'ERR_AXIOS_BODY_SPENT')
    assert.deepEqual([server.seen.length, server.seen[0].body.toString(), asked()], [1, 'ab', 2])
  })

  test(`${adapter}: steps run by stage, whatever the order of use()`, async () => {
    const server = await recorder()
    const ran = []
    const step = (name, stage) => use({ name, stage, apply: () => void ran.push(name) })
    const handshake = use({
      name: 'handshake',
      stage: 'handshake',
      apply: () => void ran.push('handshake'),
      exchange: (_, send) => send({}),
    })
    const [a, b, c, d] = [step('a', 'static'), step('b', 'token'), step('c', 'signature'), step('d', 'static')]
    await client(adapter, server, c, a, handshake, b, d).get('/')
    assert.deepEqual(ran.splice(0), ['d', 'a', 'b', 'c', 'handshake'])
    await client(adapter, server, handshake, d, b, a, c).get('/')
    assert.deepEqual(ran, ['a', 'd', 'b', 'c', 'handshake'])
  })

  test(`${adapter}: a config that comes back may be sent again, through any instance, and is signed anew`, async () => {
    const server = await recorder((request, response) => response.writeHead(request.url === '/bad' ? 500 : 200).end('{}'))
    const pool = adapter === 'http' ? { httpAgent: new Agent({ keepAlive: true }) } : {}
    const api = client(adapter, server, signer(), apiKey({ key: KEY }))
    const { config } = await api.post('/', { a: 1 }, pool)
    const error = await api.post('/bad', { a: 1 }, pool).catch((failure) => failure)
    await api(config)
    await axios(config)
    for (let i = 0; i < 3; i += 1) await assert.rejects(api(error.config), { status: 500 })
    assert.equal(server.seen.length, 7)
    for (const request of server.seen) {
      assertSigned(request)
      assert.equal(request.rawHeaders.filter((name) => name.toLowerCase() === 'x-api-key').length, 1)
      assert.equal(request.body.toString(), '{"a":1}')
    }
    if (adapter === 'http') assert.equal(new Set(server.seen.map(({ port }) => port)).size, 1, 'the agent is still that of the first call')
  })

  test(`${adapter}: a handshake sends as often as it needs; the signers run before each message`, async () => {
    const server = await recorder((request, response) => {
      if (request.headers.authorization === 'Hand 2') return response.end('{}')
      response.writeHead(401, { 'WWW-Authenticate': ['Hand 1', 'Hand 2'] }).end('x'.repeat(100_000))
    })
    const next = counter()
    const counting = use({ name: 'counting', stage: 'signature', apply: (request) => request.setHeader('X-Count', String(next())) })
    const handshake = use({
      name: 'hand',
      stage: 'handshake',
      apply: () => undefined,
      async exchange(_, send) {
        const first = await send({ withoutBody: true })
        assert.deepEqual(first.headerValues('www-authenticate').join().match(/\d/g), ['1', '2'])
        return send({ authorization: 'Hand 2' })
      },
    })
    const response = await client(adapter, server, handshake, counting).post('/', 'body', { responseType: 'json' })
    assert.equal(response.status, 200)
    assert.deepEqual(
      server.seen.map(({ headers, body }) => [headers['x-count'], headers['content-length'], body.toString()]),
      [
        ['1', '0', ''],
        ['2', '4', 'body'],
      ],
    )
  })

  test(`${adapter}: what would overwrite another's header is an error that names both, and nothing is sent`, async () => {
    const server = await recorder()
    const bearer = use({ name: 'bearer', apply: (request) => request.setHeader('Authorization', 'Bearer x') })
    const api = client(adapter, server, bearer, basic({ username: 'u', password: 'p' }))
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_HEADER_CONFLICT', message: /^basic and bearer both set Authorization/ })
    const own = client(adapter, server, apiKey({ key: KEY }))
    await assert.rejects(own.get('/', { headers: { 'x-api-key': 'mine' } }), { code: 'ERR_AXIOS_HEADER_CONFLICT' })
    const hand = use({ name: 'hand', stage: 'handshake', apply: () => undefined, exchange: (_, send) => send({ authorization: 'Hand' }) })
    await assert.rejects(client(adapter, server, hand, bearer).get('/'), { code: 'ERR_AXIOS_HEADER_CONFLICT' })
    await assert.rejects(client(adapter, server, hand, use({ name: 'b', stage: 'handshake', apply() {}, exchange() {} })).get('/'), {
      code: 'ERR_AXIOS_HEADER_CONFLICT',
    })
    assert.equal(server.seen.length, 0)
  })

  test(`P44: ${adapter}: config.auth and a user name in the URL are errors`, async () => {
    const server = await recorder()
    const api = client(adapter, server, apiKey({ key: KEY }))
    const named = server.origin.replace('//', '//user:pass@')
    for (const config of [{ auth: { username: 'a', password: 'b' } }, { url: `${named}/x` }, { baseURL: named }]) {
      await assert.rejects(
        api.get('/x', config.url === undefined ? config : { ...config }).then(() => api(config)),
        {
          code: 'ERR_AXIOS_OTHER_CREDENTIALS',
        },
      )
    }
    assert.equal(server.seen.filter(({ headers }) => headers.authorization !== undefined).length, 0)
  })

  test(`S18: ${adapter}: a value that cannot go on the wire is an error, and nothing is sent`, async () => {
    const server = await recorder()
    for (const value of ['a\r\nX: y', 'a\nb', 'a\0b', 'snow\u2603man', ' blank', 'blank ', 'a\x7f', undefined, 5]) {
      const api = client(adapter, server, use({ name: 'bad', apply: (request) => request.setHeader('X-Value', value) }))
      await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_HEADER_VALUE', message: /^bad sets X-Value/ })
    }
    for (const name of ['a b', 'a:', '', '__proto__', 'x\r\ny']) {
      const api = client(adapter, server, use({ name: 'bad', apply: (request) => request.setHeader(name, 'x') }))
      await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_HEADER_VALUE' })
    }
    const unsignable = client(adapter, server, signer()).get('/', { headers: { 'X-Later': 'snow\u2603man' } })
    await assert.rejects(unsignable, { code: 'ERR_AXIOS_HEADER_VALUE', message: /so it cannot be signed/ })
    assert.equal(server.seen.length, 0)
  })

  test(`${adapter}: a caller who gives up waits for no step, and nothing is sent`, async () => {
    const server = await recorder()
    const controller = new AbortController()
    let began
    const started = new Promise((resolve) => {
      began = resolve
    })
    const api = client(adapter, server, use({ name: 'slow', apply: () => new Promise(began) }))
    const call = api.get('/', { signal: controller.signal })
    await started
    controller.abort()
    await assert.rejects(call, (error) => axios.isCancel(error) && error.code === 'ERR_CANCELED')
    await assert.rejects(api.get('/', { signal: AbortSignal.abort() }), axios.isCancel)
    assert.equal(server.seen.length, 0)
  })

  test(`${adapter}: the caller's validateStatus decides as ever`, async () => {
    const server = await recorder((request, response) => response.writeHead(Number(request.url.slice(1))).end('{"a":1}'))
    const api = client(adapter, server, apiKey({ key: KEY }))
    for (const [status, code] of [
      [404, 'ERR_BAD_REQUEST'],
      [503, 'ERR_BAD_RESPONSE'],
    ]) {
      const error = await api.get(`/${status}`).catch((failure) => failure)
      assert.ok(axios.isAxiosError(error))
      assert.deepEqual(
        [error.code, error.status, error.response.data, error.message],
        [code, status, { a: 1 }, `Request failed with status code ${status}`],
      )
      assert.equal((await api.get(`/${status}`, { validateStatus: (given) => given === status })).status, status)
      assert.equal((await api.get(`/${status}`, { validateStatus: null })).status, status)
    }
  })
}

test('a list of adapters, an adapter of the caller, and one that judges the status by itself', async () => {
  const server = await recorder((_, response) => response.writeHead(401).end())
  const listed = axios.create({ baseURL: server.origin, adapter: ['xhr', 'http'] })
  listed.interceptors.request.use(apiKey({ key: KEY }))
  await assert.rejects(listed.get('/'), { status: 401 })
  let wire
  const adapter = (config) => {
    wire = config
    const response = { status: 401, data: { given: 'up' }, headers: {}, config }
    return Promise.reject(new axios.AxiosError('Request failed with status code 401', 'ERR_BAD_REQUEST', config, {}, response))
  }
  const refused = []
  const step = { name: 'token', apply: () => undefined, refused: (answer) => refused.push(answer.json()) === 0 }
  const api = axios.create({ baseURL: 'https://api.example.com', adapter })
  api.interceptors.request.use(use(step))
  api.interceptors.request.use(apiKey({ key: KEY }))
  const error = await api.post('/x', { a: 1 }).catch((failure) => failure)
  assert.deepEqual([error.status, error.response.data, refused], [401, { given: 'up' }, [{ given: 'up' }]])
  assert.deepEqual(
    [wire.url, wire.headers.get('x-api-key'), wire.data, wire.maxRedirects],
    ['https://api.example.com/x', KEY, '{"a":1}', 0],
  )
  assert.equal(error.config.headers.get('x-api-key'), undefined)
})

for (const [how, body] of [
  [
    'without an end',
    (response) => {
      const more = (error) => !error && !response.destroyed && response.write('x'.repeat(65_536), more)
      more()
    },
  ],
  ['that stops half way', (response) => response.write('half')],
]) {
  test(`a refused answer ${how} does not hold up the retry, on a pool of one connection`, async () => {
    const server = await recorder((request, response) => {
      if (request.headers['x-token'] === '2') return response.end('{}')
      response.writeHead(401)
      return body(response)
    })
    const token = counter()
    const step = {
      name: 'token',
      apply: (request) => request.setHeader('X-Token', String(token())),
      refused: (answer) => answer.status === 401,
    }
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 })
    const response = await client('http', server, use(step)).get('/', { responseType: 'stream', httpAgent, timeout: 10_000 })
    assert.equal(response.status, 200)
    httpAgent.destroy()
  })
}

test('a URL object that changes between two requests is read anew', async () => {
  const server = await recorder()
  const api = axios.create()
  api.interceptors.request.use(apiKey({ key: KEY, origins: server.origin }))
  const url = new URL('/one', server.origin)
  await api.get(url)
  url.pathname = '/two'
  await api.get(url)
  await api.get(`${server.origin}/two`, { params: { a: 1 } })
  await api.get(`${server.origin}/two`)
  assert.deepEqual(
    server.seen.map((request) => request.url),
    ['/one', '/two', '/two?a=1', '/two'],
  )
})

test('P44: two of one kind on one field, or a value that begins another, are a conflict; what is the same twice is none', async () => {
  const server = await recorder()
  const other = 'another api key of a test'
  const pairs = [
    [apiKey({ key: KEY }), apiKey({ key: other })],
    [apiKey({ key: KEY }), apiKey({ key: `${KEY} and more` })],
    [basic({ username: 'a', password: 'p' }), basic({ username: 'b', password: 'p' })],
    [bearer({ token: 'one' }), bearer({ token: 'two' })],
    [bearer({ token: 'one' }), bearer({ token: 'one.two' })],
    [hmac({ secret: 'a secret of the tests' }), hmac({ secret: 'another secret of the tests' })],
  ]
  for (const pair of pairs) {
    await assert.rejects(client('http', server, ...pair).post('/', 'x'), { code: 'ERR_AXIOS_HEADER_CONFLICT' })
  }
  const named = client('http', server, bearer({ token: 'one' }))
  for (const Authorization of ['B', 'one', 'Bearer']) {
    await assert.rejects(named.get('/', { headers: { Authorization } }), { code: 'ERR_AXIOS_HEADER_CONFLICT' })
  }
  assert.equal(server.seen.length, 0)
  assert.equal((await client('http', server, apiKey({ key: KEY }), apiKey({ key: KEY })).get('/')).status, 200)
  assert.equal((await named.get('/', { headers: { Authorization: 'Bearer one' } })).status, 200)
})

test('fetch with an agent is an error: it would not be used', async () => {
  const server = await recorder()
  const api = client('fetch', server, apiKey({ key: KEY }))
  for (const name of ['httpAgent', 'httpsAgent']) {
    await assert.rejects(api.get('/', { [name]: new Agent() }), { code: 'ERR_AXIOS_FETCH' })
  }
  const hand = use({ name: 'hand', stage: 'handshake', apply() {}, exchange: (_, send) => send({ httpAgent: new Agent() }) })
  await assert.rejects(client('fetch', server, hand).get('/'), { code: 'ERR_AXIOS_FETCH' })
  assert.equal(server.seen.length, 0)
})

test('S17: fetch and HTTP/2 with another way to the server is an error: they would go straight to the host of the URL', async () => {
  const server = await recorder()
  const ways = {
    socketPath: '/run/api.sock',
    proxy: { host: '127.0.0.1', port: 9 },
    transport: { request() {} },
    lookup: () => ['127.0.0.1', 4],
  }
  for (const [name, way] of Object.entries(ways)) {
    const isUnused = { code: 'ERR_AXIOS_FETCH', message: new RegExp(`^${name} is set, which fetch does not use`) }
    await assert.rejects(client('fetch', server, apiKey({ key: KEY })).get('/', { [name]: way }), isUnused)
    if (name === 'lookup') continue
    const api = client('http', server, apiKey({ key: KEY }))
    await assert.rejects(api.get('/', { [name]: way, httpVersion: 2 }), { code: 'ERR_AXIOS_FETCH' }, name)
  }
  assert.equal(server.seen.length, 0)
  const none = { socketPath: undefined, proxy: false, transport: null, lookup: undefined }
  assert.equal((await client('fetch', server, apiKey({ key: KEY })).get('/', none)).status, 200)
})

test('HTTP/2 with an agent is an error: it would not be used, nor would its pins', async () => {
  const server = await recorder()
  for (const httpVersion of [2, '2', '2.0', ' 2']) {
    const api = client('http', server, apiKey({ key: KEY }))
    for (const name of ['httpAgent', 'httpsAgent']) {
      await assert.rejects(api.get('/', { httpVersion, [name]: new Agent() }), { code: 'ERR_AXIOS_FETCH' }, httpVersion)
    }
    const hand = use({ name: 'hand', stage: 'handshake', apply() {}, exchange: (_, send) => send({ httpAgent: new Agent() }) })
    await assert.rejects(client('http', server, hand).get('/', { httpVersion }), { code: 'ERR_AXIOS_FETCH' })
  }
  assert.equal(server.seen.length, 0)
  const api = client('http', server, apiKey({ key: KEY }))
  for (const httpVersion of [1, '1', undefined]) assert.equal((await api.get('/', { httpVersion, httpAgent: new Agent() })).status, 200)
})

test('what is sent over HTTP/2 is signed, and nothing of it is seen', async (t) => {
  const seen = []
  const server = createServer((req, res) => {
    req.resume()
    seen.push(req.headers)
    res.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const baseURL = `http://127.0.0.1:${server.address().port}`
  const api = axios.create({ baseURL, httpVersion: 2, http2Options: { sessionTimeout: 1 }, timeout: 5000 })
  api.interceptors.request.use(apiKey({ key: KEY }))
  const response = await api.post('/', { a: 1 })
  assert.equal(seen[0]['x-api-key'], KEY)
  assert.ok(!inspect(response, { depth: Number.POSITIVE_INFINITY, showHidden: true }).includes(KEY))
})

test('a form of streams stays a stream, and goes through', async () => {
  const server = await recorder()
  const streamed = new PackageFormData()
  streamed.append('file', Readable.from(['content']), { filename: 'a.txt' })
  await client('http', server, apiKey({ key: KEY })).post('/', streamed)
  assert.match(server.seen[0].body.toString(), /content/)
  assert.match(server.seen[0].headers['content-type'], /^multipart\/form-data; boundary=/)
  const declared = { headers: { 'Content-Length': '4', 'Content-Type': 'text/plain' } }
  await client('http', server, apiKey({ key: KEY })).post('/', Readable.from(['four']), declared)
  assert.deepEqual([server.seen[1].headers['content-length'], server.seen[1].headers['transfer-encoding']], ['4', undefined])
})

test("a Content-Length of the caller's never belongs to other octets", async () => {
  const server = await recorder()
  await client('http', server, signer()).post('/', 'four', { headers: { 'Content-Length': '400', 'Content-Type': 'text/plain' } })
  assert.equal(server.seen[0].headers['content-length'], '4')
  assertSigned(server.seen[0])
})

test('P38: what is false in a config is left out, as in axios alone', async () => {
  const server = await recorder()
  const api = client('http', server, apiKey({ key: KEY }))
  for (const transformRequest of [null, [], undefined]) {
    await api.post('/', octets, { transformRequest, cancelToken: null })
    assert.equal(server.seen.at(-1).body.toString(), 'BCD')
  }
  for (const config of [{ cancelToken: false }, { adapter: null }, { adapter: false }, { signal: null }]) {
    assert.equal((await api.get('/', config)).status, 200)
    assert.equal(server.seen.at(-1).headers['x-api-key'], KEY)
  }
})
