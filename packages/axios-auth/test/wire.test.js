/** What the adapter underneath is given, and what is made of what it answers; seen from an adapter of the test's own. */
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { apiKey, carrierOptionNames, carrierSettings, interceptor } from '@countersign/axios-auth'
import { OptionReader } from '@countersign/core'
import axios, { AxiosError } from 'axios'
import { counter, recorder } from './recorder.js'

const KEY = 'an api key of a test'
const ORIGIN = 'https://api.example.com'

/** The interceptor of a step that a test makes. */
function use(step, options = {}) {
  return interceptor({ stage: 'token', apply() {}, ...step }, carrierSettings(new OptionReader(step.name, options, carrierOptionNames)))
}

/** An adapter that keeps what it was given, and answers 200 or what a test says. */
function capture(answer = {}) {
  const wires = []
  const adapter = async (config) => {
    wires.push(config)
    const made = typeof answer === 'function' ? answer(config, wires.length) : answer
    return { status: 200, statusText: 'OK', headers: {}, data: '', config, request: {}, ...made }
  }
  return { adapter, wires }
}

function client(adapter, ...interceptors) {
  const api = axios.create({ baseURL: ORIGIN, adapter })
  for (const one of interceptors) api.interceptors.request.use(one)
  return api
}

test('the adapter gets the whole URL and nothing that would be joined to it again, and judges no status', async () => {
  const { adapter, wires } = capture()
  const api = client(adapter, apiKey({ key: KEY }))
  await api.post('/a', 'x', { params: { b: 1 }, validateStatus: (status) => status === 200 })
  const [wire] = wires
  assert.deepEqual([wire.url, wire.method, wire.data, wire.maxRedirects], [`${ORIGIN}/a?b=1`, 'post', 'x', 0])
  for (const name of ['baseURL', 'params', 'adapter']) assert.ok(!Object.hasOwn(wire, name) || wire[name] === undefined, name)
  for (const status of [100, 200, 302, 401, 500]) assert.equal(wire.validateStatus(status), true)
})

test('symbols of a config that can be seen go along, others do not', async () => {
  const { adapter, wires } = capture()
  const [mark, hidden] = [Symbol('mark'), Symbol('hidden')]
  const config = { url: `${ORIGIN}/`, method: 'get', headers: new axios.AxiosHeaders(), adapter, [mark]: 'seen' }
  Object.defineProperty(config, hidden, { value: 'not seen' })
  const made = apiKey({ key: KEY, origins: ORIGIN })(config)
  await Promise.resolve(made.adapter(made))
  assert.deepEqual([wires[0][mark], Object.hasOwn(wires[0], hidden)], ['seen', false])
})

test('an adapter of the caller is told to follow no redirect, whatever the caller has asked of fetch', async () => {
  const { adapter, wires } = capture()
  const api = client(adapter, apiKey({ key: KEY }))
  await api.get('/')
  await api.get('/', { fetchOptions: { redirect: 'follow', keepalive: true } })
  assert.deepEqual(
    wires.map(({ fetchOptions }) => ({ ...fetchOptions })),
    [{ redirect: 'manual' }, { redirect: 'manual', keepalive: true }],
  )
})

test('an adapter of the caller gets the agents of the request; those of a handshake go before', async () => {
  const { adapter, wires } = capture()
  const [httpAgent, httpsAgent, own] = [new Agent(), new TlsAgent(), new Agent()]
  await client(adapter, apiKey({ key: KEY })).get('/', { httpAgent, httpsAgent })
  assert.deepEqual([wires[0].httpAgent === httpAgent, wires[0].httpsAgent === httpsAgent], [true, true])
  for (const [given, expected] of [
    [{ httpAgent: own }, [own, httpsAgent]],
    [{ httpsAgent: own }, [httpAgent, own]],
    [{ httpAgent: own, httpsAgent: own }, [own, own]],
    [{}, [httpAgent, httpsAgent]],
  ]) {
    const hand = use({ name: 'hand', stage: 'handshake', exchange: (_, send) => send(given) })
    await client(adapter, hand).get('/', { httpAgent, httpsAgent })
    const { httpAgent: http, httpsAgent: https } = wires.at(-1)
    assert.ok(http === expected[0] && https === expected[1])
  }
})

test('the message says which client does not use agents', async () => {
  const api = client('fetch', apiKey({ key: KEY }))
  await assert.rejects(
    api.get('/', { httpsAgent: new TlsAgent() }),
    /^AxiosAuthError: httpAgent or httpsAgent is set, which fetch does not use;/,
  )
  const two = client('http', apiKey({ key: KEY }))
  await assert.rejects(two.get('/', { httpVersion: 2, httpsAgent: new TlsAgent() }), /^AxiosAuthError: .*, which HTTP\/2 does not use;/)
  for (const given of [{ httpAgent: new Agent() }, { httpsAgent: new TlsAgent() }]) {
    const hand = use({ name: 'hand', stage: 'handshake', exchange: (_, send) => send(given) })
    await assert.rejects(client('fetch', hand).get('/'), /^AxiosAuthError: the handshake needs a connection of its own;/)
  }
})

test('two handshakes: the message names both; one that comes back with its config is still one', async () => {
  const { adapter, wires } = capture()
  const hand = (name) => use({ name, stage: 'handshake', exchange: (_, send) => send({}) })
  await assert.rejects(
    client(adapter, hand('first'), hand('second')).get('/'),
    /^AxiosAuthError: (first and second|second and first) both answer challenges;/,
  )
  const applied = counter()
  const api = client(adapter, hand('hand'), use({ name: 'counted', apply: () => void applied() }))
  const { config } = await api.get('/')
  await api(config)
  await axios(config)
  assert.deepEqual([wires.length, applied()], [3, 4])
})

test('only the answer of an adapter that judged the status is an answer; any other error stays one', async () => {
  const response = { status: 401, statusText: '', headers: {}, data: '', config: {} }
  const message = 'Request failed with status code 401'
  for (const [error, asked] of [
    [new AxiosError(message, 'ERR_BAD_REQUEST', {}, {}, response), 1],
    [new AxiosError('maxContentLength size of 5 exceeded', 'ERR_BAD_RESPONSE', {}, {}, response), 0],
    [Object.assign(new Error(message), { response }), 0],
    [new AxiosError(message), 0],
  ]) {
    const refused = []
    const step = use({ name: 'token', refused: ({ status }) => refused.push(status) === 0 })
    const failure = await client(() => Promise.reject(error), step)
      .get('/')
      .catch((thrown) => thrown)
    assert.equal(failure.message, error.message)
    assert.equal(refused.length, asked, error.message)
  }
})

test('an interceptor goes by the adapter of each request, also where lists of them are nearly the same', async () => {
  const [a, b, c] = [capture(), capture(), capture()]
  const key = apiKey({ key: KEY, origins: ORIGIN })
  const api = axios.create()
  api.interceptors.request.use(key)
  const counts = () => [a, b, c].map(({ wires }) => wires.length)
  for (const [adapter, expected] of [
    [
      [a.adapter, c.adapter],
      [1, 0, 0],
    ],
    [
      [a.adapter, c.adapter],
      [2, 0, 0],
    ],
    [
      [b.adapter, c.adapter],
      [2, 1, 0],
    ],
    [[c.adapter], [2, 1, 1]],
    [c.adapter, [2, 1, 2]],
    [[a.adapter], [3, 1, 2]],
    [b.adapter, [3, 2, 2]],
    [
      ['xhr', b.adapter],
      [3, 3, 2],
    ],
  ]) {
    await api.get(ORIGIN, { adapter })
    assert.deepEqual(counts(), expected)
  }
  await assert.rejects(api.get(ORIGIN, { adapter: ['xhr'] }), 'what stood behind it in another list is not used')
  assert.deepEqual(counts(), [3, 3, 2])
})

test('a config without adapter, transforms or baseURL goes by the adapters of axios', async () => {
  const server = await recorder()
  const made = apiKey({ key: KEY, origins: server.origin })({ url: `${server.origin}/x`, method: 'get', headers: new axios.AxiosHeaders() })
  assert.deepEqual(
    made.transformRequest.map((one) => typeof one),
    ['function'],
  )
  assert.equal((await Promise.resolve(made.adapter(made))).status, 200)
  assert.deepEqual([server.seen[0].url, server.seen[0].headers['x-api-key']], ['/x', KEY])
})

test('transformRequest may be one function, a list, or none at all; each body arrives as it was given', async () => {
  const { adapter, wires } = capture()
  const api = client(adapter, apiKey({ key: KEY }))
  const octets = new Uint8Array([65, 66, 67, 68]).subarray(1, 3)
  const sent = async (data, transformRequest) => {
    await api.post('/', data, { transformRequest })
    const { data: wire } = wires.at(-1)
    return Buffer.isBuffer(wire) ? wire.toString() : wire
  }
  assert.equal(await sent('x', (data) => `<${data}>`), '<x>')
  assert.equal(await sent('x', [(data) => `<${data}>`, (data) => `(${data})`]), '(<x>)')
  assert.equal(await sent(octets, []), 'BC')
  assert.equal(await sent(octets, (data) => data), 'BC')
  assert.equal(await sent(octets.buffer, []), 'ABCD')
  assert.equal(await sent(new URLSearchParams({ a: '1 2' }), []), 'a=1+2')
  for (const none of ['', null, undefined, 0, false]) assert.equal(await sent(none, []), undefined)
})

test('a body of a kind that cannot be sent is an error, and nothing is sent', async () => {
  const { adapter, wires } = capture()
  const api = client(adapter, apiKey({ key: KEY }))
  const tag = { get: () => 'FormData' }
  const nearly = [
    { a: 1 },
    5,
    true,
    Symbol('x'),
    () => 'x',
    { append() {}, *[Symbol.iterator]() {} },
    Object.defineProperty({ append() {} }, Symbol.toStringTag, tag),
    Object.defineProperty({ *[Symbol.iterator]() {} }, Symbol.toStringTag, tag),
    { getHeaders: () => ({}), getBuffer: () => Buffer.from('x') },
    { pipe: 'no function' },
  ]
  for (const body of nearly) await assert.rejects(api.post('/', body, { transformRequest: [] }), { code: 'ERR_AXIOS_BODY_KIND' })
  assert.equal(wires.length, 0)
})

test('the type of a Blob is sent as axios sends it', async () => {
  const { adapter, wires } = capture()
  const api = client(adapter, apiKey({ key: KEY }))
  const typeOf = async (blob, headers = {}) => {
    await api.post('/', blob, { headers })
    return wires.at(-1).headers.get('content-type')
  }
  assert.equal(await typeOf(new Blob(['x'], { type: 'text/plain' })), 'text/plain')
  assert.equal(await typeOf(new Blob(['x'])), 'application/octet-stream')
  assert.equal(await typeOf(new Blob([], { type: 'text/plain' }), { 'Content-Type': 'text/html' }), 'text/html')
  assert.equal(await typeOf(new Blob(['x'], { type: 'text/plain' }), { 'Content-Type': 'text/html' }), 'text/plain')
})

/** A FormData of another implementation than Node's. */
class OtherForm {
  #entries = []
  append(...entry) {
    this.#entries.push(entry)
  }

  get [Symbol.toStringTag]() {
    return 'FormData'
  }

  [Symbol.iterator]() {
    return this.#entries[Symbol.iterator]()
  }
}

test('a form of another implementation is encoded, of text and Blobs alone', async () => {
  const { adapter, wires } = capture()
  const api = client(adapter, apiKey({ key: KEY }))
  const form = new OtherForm()
  form.append('name', 'value')
  form.append('file', new Blob(['content'], { type: 'text/plain' }))
  await api.post('/', form)
  const [{ data, headers }] = wires
  const [, boundary] = /^multipart\/form-data; boundary=(.+)$/.exec(headers.get('content-type'))
  const parts = data.toString().split(`--${boundary}`)
  assert.equal(parts.length, 4)
  assert.match(parts[1], /name="name"\r\n\r\nvalue\r\n$/)
  assert.match(parts[2], /name="file"; filename="blob"\r\nContent-Type: text\/plain\r\n\r\ncontent\r\n$/)
  const odd = new OtherForm()
  odd.append('file', { stream: 'of another implementation' })
  await assert.rejects(api.post('/', odd), {
    code: 'ERR_AXIOS_BODY_KIND',
    message: /^the form contains something that is neither text nor a Blob of Node;/,
  })
  assert.equal(wires.length, 1)
})

test('a form whose octets are not all there stays a stream, and so does a stream that only has headers', async () => {
  const { adapter, wires } = capture()
  const api = client(adapter, apiKey({ key: KEY }))
  // No plain object, which axios would copy.
  class Form {}
  const form = (changes) =>
    Object.assign(new Form(), {
      getHeaders: () => ({ 'content-type': 'multipart/form-data; boundary=b' }),
      getBuffer: () => Buffer.from('octets'),
      getLengthSync: () => 6,
      hasKnownLength: () => true,
      ...changes,
    })
  const sent = async (body) => {
    await api.post('/', body, { transformRequest: [] })
    return wires.at(-1)
  }
  const whole = await sent(form())
  assert.deepEqual([whole.data.toString(), whole.headers.get('content-type')], ['octets', 'multipart/form-data; boundary=b'])
  for (const changes of [
    { hasKnownLength: () => false },
    { getLengthSync: () => 7 },
    {
      getBuffer() {
        throw new TypeError('a part is a stream')
      },
    },
  ]) {
    const made = form(changes)
    const { data, headers } = await sent(made)
    assert.equal(data, made)
    assert.equal(headers.get('content-type'), 'multipart/form-data; boundary=b')
  }
  const stream = Object.assign(Readable.from(['x']), { getHeaders: () => assert.fail('it is no form') })
  assert.equal((await sent(stream)).data, stream)
  const web = new ReadableStream()
  assert.equal((await sent(web)).data, web)
})

test('S15: only the statuses of redirects are followed, though others have a Location', async () => {
  for (const status of [200, 201, 202, 300, 304, 305, 306, 400, 401, 503]) {
    const { adapter, wires } = capture({ status, headers: { location: '/elsewhere' } })
    const response = await client(adapter, apiKey({ key: KEY })).get('/', { validateStatus: null })
    assert.deepEqual([response.status, wires.length], [status, 1])
  }
})

/** Answers the first request with a redirect. */
const redirecting = (status, location = '/there') => capture((_, n) => (n === 1 ? { status, headers: { location } } : {}))

test('P42: where POST becomes GET, no field that describes the body goes along; elsewhere all do', async () => {
  const headers = {
    'Content-Type': 'text/plain',
    'Content-Encoding': 'identity',
    'Content-Language': 'de',
    'Content-Location': '/x',
    'Transfer-Encoding': 'chunked',
    'X-Mine': 'stays',
  }
  for (const [method, status, expected] of [
    ['post', 303, 'get'],
    ['post', 302, 'get'],
    ['post', 307, 'post'],
    ['put', 302, 'put'],
    ['get', 303, 'get'],
    ['head', 303, 'head'],
  ]) {
    const { adapter, wires } = redirecting(status)
    await client(adapter, apiKey({ key: KEY })).request({ url: '/', method, data: 'body', headers })
    const [, second] = wires
    const keeps = method === expected
    assert.deepEqual([second.method, second.data], [expected, keeps ? 'body' : undefined], `${method} ${status}`)
    for (const [name, value] of Object.entries(headers)) {
      const has = keeps || name === 'X-Mine' ? value : undefined
      assert.equal(second.headers.get(name) ?? undefined, has, `${method} ${status} ${name}`)
    }
    assert.equal(second.headers.get('x-api-key'), KEY)
  }
})

test('P42: maxRedirects that is no number of redirects counts as none given', async () => {
  for (const maxRedirects of [-1, -5, Number.NaN, undefined, null, '0', '1']) {
    const { adapter, wires } = capture((_, n) => (n <= 3 ? { status: 302, headers: { location: '/' } } : {}))
    await client(adapter, apiKey({ key: KEY })).get('/', { maxRedirects })
    assert.equal(wires.length, 4, String(maxRedirects))
  }
})

test('P42: what the errors of redirects say', async () => {
  const loop = capture({ status: 302, headers: { location: '/' } })
  const many = client(loop.adapter, apiKey({ key: KEY })).get('/')
  await assert.rejects(many, { code: 'ERR_FR_TOO_MANY_REDIRECTS', message: 'Maximum number of redirects exceeded' })
  const none = client(redirecting(302, 'http://[').adapter, apiKey({ key: KEY })).get('/')
  await assert.rejects(none, { code: 'ERR_AXIOS_REDIRECT', message: /^the response redirects to something that is not a URL;/ })
  const spent = client(redirecting(307).adapter, apiKey({ key: KEY })).post('/', Readable.from(['x']))
  await assert.rejects(spent, { code: 'ERR_AXIOS_BODY_SPENT', message: /^the response \(307\) requires the body again/ })
})

test("P42: beforeRedirect sees the caller's fields but for those that hold secrets, and the fields of the answer", async () => {
  const { adapter } = capture((config, n) =>
    n === 1
      ? { status: 307, headers: { location: '/there', 'x-answer': 5 }, request: { method: 'GET', res: { responseUrl: config.url } } }
      : {},
  )
  let seen
  const beforeRedirect = (...args) => {
    seen = args
  }
  const headers = { 'X-Mine': 'a', 'X-List': ['a', 'b'], Cookie: 'session=secret', Authorization: 'secret', 'User-Agent': false }
  await client(adapter, apiKey({ key: KEY })).get('/', { beforeRedirect, headers })
  const [options, answer, request] = seen
  assert.equal(options.headers['x-mine'], 'a')
  assert.equal(options.headers['x-list'], 'a,b')
  for (const name of ['cookie', 'authorization', 'user-agent', 'x-api-key']) assert.ok(!(name in options.headers), name)
  assert.equal(Object.getPrototypeOf(options.headers), null)
  assert.deepEqual(answer, { headers: { location: '/there', 'x-answer': '5' }, statusCode: 307 })
  assert.deepEqual([request.url, request.method], [`${ORIGIN}/`, 'GET'])
})
