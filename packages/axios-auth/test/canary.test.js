import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { apiKey, basic, carrierOptionNames, carrierSettings, interceptor } from '@countersign/axios-auth'
import { OptionReader } from '@countersign/core'
import axios from 'axios'
import { failure } from '../../../test/support/promises.js'
import { ADAPTERS, recorder } from './recorder.js'

/** A secret that a test looks for in everything that it can reach. */
function canary() {
  const secret = randomBytes(18).toString('hex')
  const forms = [secret, Buffer.from(secret).toString('base64').slice(2, -4), Buffer.from(`u:${secret}`).toString('base64').slice(8, -4)]
  return {
    secret,
    leaksTo: (text) => forms.some((form) => text.includes(form)),
  }
}

/** Every text that somebody may make of a value. */
function texts(value) {
  const all = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: false, maxArrayLength: null, maxStringLength: null }),
  ]
  all.push(inspect(value), String(value))
  try {
    all.push(JSON.stringify(value))
  } catch {
    // Circular: nobody can make JSON of it.
  }
  for (let error = value; error instanceof Error; error = error.cause) {
    all.push(error.stack, error.message, String(error), inspect(error, { depth: null, showHidden: true }))
    if (error.config !== undefined) all.push(inspect(error.config, { depth: null, showHidden: true }))
    if (error.toJSON !== undefined) all.push(JSON.stringify(error.toJSON()))
  }
  return all
}

function signer(secret) {
  const step = {
    name: 'signer',
    stage: 'signature',
    apply(request) {
      request.setHeader('X-Signature', `sig-${secret}`)
      request.target += `${request.target.includes('?') ? '&' : '?'}signature=${secret}`
      request.signed('what was signed')
    },
  }
  return (options) => interceptor(step, carrierSettings(new OptionReader('signer', options, carrierOptionNames)))
}

async function scene(adapter, answer) {
  const { secret, leaksTo } = canary()
  const server = await recorder(answer)
  const entries = []
  const options = { trace: (entry) => entries.push(entry) }
  const api = axios.create({ baseURL: server.origin, adapter })
  for (const one of [
    apiKey({ key: secret, ...options }),
    basic({ username: 'u', password: secret, ...options }),
    signer(secret)(options),
  ]) {
    api.interceptors.request.use(one)
  }
  const events = []
  const listen = (event) => events.push(event)
  subscribe('countersign:signed', listen)
  const check = (value, what) => {
    for (const text of texts(value)) assert.ok(!leaksTo(text), `${what}: ${text.slice(0, 2000)}`)
  }
  const end = () => {
    unsubscribe('countersign:signed', listen)
    check(entries, 'trace')
    check(events, 'events')
    assert.ok(entries.length > 0, 'trace was called')
    return { entries, events }
  }
  return { api, server, check, end, secret }
}

const ANSWERS = {
  '/ok': (response) => response.end('{"a":1}'),
  '/401': (response) => response.writeHead(401).end('{"a":1}'),
  '/500': (response) => response.writeHead(500).end('no'),
  '/here': (response) => response.writeHead(302, { Location: '/ok' }).end(),
  '/there': (response) => response.writeHead(302, { Location: 'http://127.0.0.1:9/' }).end(),
  '/round': (response) => response.writeHead(302, { Location: '/round' }).end(),
  '/reset': (response) => response.destroy(),
  '/half': (response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half', () => response.destroy())
  },
  '/large': (response) => response.end('x'.repeat(200_000)),
  '/json': (response) => response.end('no JSON'),
  '/hang': () => undefined,
}
const answer = (request, response) => ANSWERS[request.url.split('?')[0]](response)

for (const adapter of ADAPTERS) {
  test(`P45 S26: ${adapter}: a secret is in nothing that comes back`, async () => {
    const { api, check, end, server, secret } = await scene(adapter, answer)
    const calls = {
      '/ok': {},
      '/401': {},
      '/500': {},
      '/here': {},
      '/there': {},
      '/round': {},
      '/reset': {},
      '/half': {},
      '/large': { maxContentLength: 100 },
      '/json': { responseType: 'json', transitional: { silentJSONParsing: false } },
      '/hang': { timeout: 50 },
      '/hang?abort': { signal: AbortSignal.timeout(60) },
      '/ok?redact': { redact: ['x'], validateStatus: () => false },
    }
    for (const [url, config] of Object.entries(calls)) {
      for (const responseType of [undefined, 'arraybuffer', 'stream']) {
        const settled = await api.post(url, { a: 1 }, { responseType, ...config }).catch((error) => error)
        check(settled, `${url} ${responseType}`)
        await checkStream(settled, check, `${url} ${responseType}`)
      }
    }
    assert.ok(server.seen.every(({ headers }) => headers['x-api-key'] === secret && headers.authorization.startsWith('Basic ')))
    assert.ok(server.seen.every(({ url }) => url.endsWith(`signature=${secret}`)))
    const { entries, events } = end()
    assert.equal(entries.length, events.length)
    assert.ok(entries[0].url.endsWith('/ok?signature=[secret]'))
    assert.deepEqual(entries[0].signed, ['what was signed'])
    assert.deepEqual(
      { ...events[0] },
      { kinds: ['basic', 'apiKey', 'signer'], method: 'POST', origin: server.origin, path: '/ok', attempt: 1 },
    )
    assert.ok(Object.isFrozen(events[0]) && Object.isFrozen(entries[0]))
  })

  test(`P45 S26: ${adapter}: nor when there is no server, or one that speaks no HTTP`, async () => {
    const { api, check, end } = await scene(adapter, answer)
    const deaf = createServer((socket) => socket.resume().end('no HTTP\r\n\r\n'))
    deaf.listen(0, '127.0.0.1')
    await once(deaf, 'listening')
    const { port } = deaf.address()
    for (const closed of [false, true]) {
      const { secret, leaksTo } = canary()
      const other = axios.create({ baseURL: `http://127.0.0.1:${port}`, adapter })
      other.interceptors.request.use(apiKey({ key: secret }))
      other.interceptors.request.use(signer(secret)({}))
      const error = await other.get('/').catch((failure) => failure)
      assert.ok(axios.isAxiosError(error))
      if (closed) assert.ok(error.code === 'ECONNREFUSED' || error.cause?.code === 'ECONNREFUSED', error.code)
      for (const text of texts(error)) assert.ok(!leaksTo(text), text.slice(0, 2000))
      if (!closed) await new Promise((resolve) => deaf.close(resolve))
    }
    check(await api.get('/ok'), 'ok')
    end()
  })
}

async function checkStream(settled, check, what) {
  const body = (settled.response ?? settled).data
  if (typeof body?.[Symbol.asyncIterator] !== 'function' || typeof body === 'string') return
  check(body, `stream of ${what}`)
  try {
    for await (const _ of body) check(body, `stream of ${what}, while it is read`)
  } catch (error) {
    check(error, `error of the stream of ${what}`)
  }
}

test('P45: an agent leads to the requests that are under way on it, so neither a response nor an error leads to the agent', async () => {
  const agent = new Agent({ keepAlive: true })
  const { api, check, end, server } = await scene('http', answer)
  const hanging = api.get('/hang', { httpAgent: agent }).catch((failure) => failure)
  await once(server.server, 'request')
  const response = await api.get('/ok', { httpAgent: agent })
  const error = await api.get('/500', { httpAgent: agent }).catch((failure) => failure)
  check(response, 'response')
  check(error, 'error')
  assert.equal(error.config.httpAgent, agent, 'by name it is there')
  agent.destroy()
  check(await hanging, 'hanging')
  end()
})

test('P45: what a trace function throws does not befall the request', async () => {
  const server = await recorder()
  const api = axios.create({ baseURL: server.origin })
  const trace = () => {
    throw new Error('no')
  }
  api.interceptors.request.use(apiKey({ key: 'a key', trace }))
  const warned = once(process, 'warning')
  assert.equal((await api.get('/')).status, 200)
  assert.equal((await warned)[0].code, 'ERR_AXIOS_TRACE')
})

test('an error has a request where one was sent, and none where axios alone has none', async (t) => {
  const server = await recorder()
  t.after(server.close)
  const refused = { baseURL: 'http://127.0.0.1:1' }
  for (const [name, call, config, options] of [
    ['too large', (api) => api.post('/', 'x'.repeat(100), { maxBodyLength: 10 })],
    ['given up before', (api) => api.get('/', { signal: AbortSignal.abort() })],
    ['nobody there', (api) => api.get('/'), refused, { origins: 'http://127.0.0.1:1' }],
    ['a status', (api) => api.get('/', { validateStatus: () => false })],
  ]) {
    const plain = axios.create({ baseURL: server.origin, proxy: false, ...config })
    const ours = axios.create({ baseURL: server.origin, proxy: false, ...config })
    ours.interceptors.request.use(basic({ username: 'u', password: 'a password', ...options }))
    const [expected, error] = await Promise.all([plain, ours].map((api) => failure(call(api))))
    assert.equal(error.code, expected.code, name)
    assert.equal(error.request !== undefined, expected.request !== undefined, name)
  }
})

test('an error of an adapter of the caller keeps its class, unless it leads to a secret', async () => {
  class Own extends Error {}
  const { secret, leaksTo } = canary()
  const rejected = async (make) => {
    const api = axios.create({ baseURL: 'https://api.example.com', adapter: (config) => Promise.reject(make(config)) })
    api.interceptors.request.use(apiKey({ key: secret }))
    return api.get('/').catch((failure) => failure)
  }
  assert.ok((await rejected(() => new Own('harmless'))) instanceof Own)
  const leaky = [
    (config) => Object.assign(new Own('x'), { config }),
    (config) => new Own(`sent ${config.headers.get('x-api-key')}`),
    (config) => new Own('x', { cause: Object.assign(new Error(config.headers.get('x-api-key')), { config }) }),
    (config) => ({ config }),
    (config) => config.headers.get('x-api-key'),
    () => undefined,
    (config) => Object.assign(new Own('x'), { [Symbol('config')]: config }),
    (config) => new axios.AxiosError(config.headers.get('x-api-key'), 'X', config, config, { config, status: 1, headers: {}, data: 1 }),
    (config) => new axios.CanceledError(config.headers.get('x-api-key'), config, config),
  ]
  for (const make of leaky) {
    const error = await rejected(make)
    assert.ok(error instanceof Error)
    for (const text of texts(error)) assert.ok(!leaksTo(text), `${make}: ${text.slice(0, 2000)}`)
  }
})
