import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiKey, basic, carrierOptionNames, carrierSettings, interceptor } from '@countersign/axios-auth'
import { headerValues, OptionReader } from '@countersign/core'
import axios from 'axios'
import { ADAPTERS, recorder } from './recorder.js'

const evil = 'http://127.0.0.1:9'
/** What somebody may have put on Object.prototype: data and functions under the names that we and axios read. */
const POLLUTION = {
  auth: { username: 'evil', password: 'evil' },
  authorization: 'evil',
  headers: { 'x-api-key': 'evil', authorization: 'evil' },
  validateStatus: () => false,
  transformRequest: [() => 'evil'],
  transformResponse: [() => 'evil'],
  params: { evil: 1 },
  paramsSerializer: () => 'evil=1',
  baseURL: evil,
  allowAbsoluteUrls: false,
  origins: [evil],
  allowInsecure: true,
  trace: () => assert.fail('trace was called'),
  now: () => 0,
  key: 'evil',
  header: 'X-Evil',
  prefix: 'evil',
  username: 'evil',
  password: 'evil',
  secret: false,
  stream: 'evil',
  contentType: 'evil/evil',
  withoutBody: true,
  httpAgent: { evil: true },
  httpsAgent: { evil: true },
  adapter: () => assert.fail('another adapter was called'),
  maxRedirects: 0,
  beforeRedirect: () => assert.fail('beforeRedirect was called'),
  socketPath: '/evil',
  proxy: { host: '127.0.0.1', port: 9 },
  cancelToken: { throwIfRequested: () => assert.fail('cancelToken was asked') },
  fetchOptions: { redirect: 'follow' },
  attempt: 2,
  session: 'evil',
  algorithm: 'none',
  parseReviver: () => 'evil',
  trustedProxies: ['0.0.0.0/0'],
}

async function polluted(names, work) {
  for (const name of names) {
    Object.defineProperty(Object.prototype, name, { value: POLLUTION[name], writable: true, enumerable: true, configurable: true })
  }
  try {
    return await work()
  } finally {
    for (const name of names) delete Object.prototype[name]
  }
}

/** What the server receives of one call that is refused, redirected and sent again; and what the caller gets. */
async function exchange(adapter, server) {
  const entries = []
  const step = {
    name: 'token',
    stage: 'token',
    apply: (request) => request.setHeader('X-Token', `attempt ${request.attempt}`),
    refused: (answer) => answer.status === 401,
  }
  const handshake = { name: 'hand', stage: 'handshake', apply: () => undefined, exchange: (_, send) => send({}) }
  const settings = (name) => carrierSettings(new OptionReader(name, { trace: (entry) => entries.push(entry) }, carrierOptionNames))
  const api = axios.create({ baseURL: server.origin, adapter })
  api.interceptors.request.use(apiKey({ key: 'the key' }))
  api.interceptors.request.use(basic({ username: 'u', password: 'p' }))
  api.interceptors.request.use(interceptor(step, settings('token')))
  api.interceptors.request.use(interceptor(handshake, settings('hand')))
  const before = server.seen.length
  const { status, data } = await api.post('/start', { a: 1 })
  const seen = server.seen.slice(before).map(({ method, url, rawHeaders, body }) => {
    const [key, authorization, token, type] = ['x-api-key', 'authorization', 'x-token', 'content-type'].map((name) =>
      sent(rawHeaders, name),
    )
    return { method, url, key, authorization, token, type, body: body.toString() }
  })
  return { status, data, seen, shown: entries.map((entry) => entry.headers.join()) }
}

/** The server is in the same process, where Node reads a polluted prototype as header fields. */
function sent(rawHeaders, name) {
  return headerValues(rawHeaders, name).join()
}

function answer(request, response) {
  if (request.url === '/start') return response.writeHead(307, { Location: '/next' }).end()
  response.writeHead(sent(request.rawHeaders, 'x-token') === 'attempt 1' ? 401 : 200).end('{"ok":true}')
}

for (const adapter of ADAPTERS) {
  test(`S16: ${adapter}: what is on Object.prototype changes nothing`, async () => {
    const server = await recorder(answer)
    const clean = await exchange(adapter, server)
    assert.deepEqual(
      clean.seen.map(({ url, token }) => [url, token]),
      [
        ['/start', 'attempt 1'],
        ['/next', 'attempt 1'],
        ['/next', 'attempt 2'],
      ],
    )
    assert.deepEqual([clean.status, clean.data], [200, { ok: true }])
    const bare = await bareExchange(adapter, server)
    const lost = []
    for (const name of Object.keys(POLLUTION)) {
      const spoilt = await polluted([name], () => bareExchange(adapter, server))
      // What Node's fetch does to a request is out of anybody's hands.
      if (JSON.stringify(spoilt) !== JSON.stringify(bare)) {
        lost.push(name)
        continue
      }
      const dirty = await polluted([name], () => exchange(adapter, server)).catch((error) => assert.fail(`${name}: ${error.stack}`))
      assert.deepEqual(dirty, clean, name)
    }
    // Node 26 reads no header fields from there any more.
    assert.ok(
      lost.every((name) => adapter === 'fetch' && name === 'headers'),
      lost.join(),
    )
  })
}

/** What a request without any interceptor is on the wire. */
async function bareExchange(adapter, server) {
  const config = { headers: { Authorization: 'own' }, validateStatus: () => true }
  const { data, status } = await axios
    .create({ baseURL: server.origin, adapter })
    .post('/bare', { a: 1 }, config)
    .catch((error) => error)
  const { method, url, rawHeaders, body } = server.seen.at(-1)
  return { data, status, method, url, rawHeaders, body: body.toString() }
}

test('S16: the factories read own options alone', async () => {
  await polluted(['key', 'password', 'username', 'origins', 'allowInsecure'], async () => {
    assert.throws(() => apiKey({}), TypeError)
    assert.throws(() => basic({ username: 'u' }), TypeError)
    assert.throws(() => basic({ password: 'p' }), TypeError)
    const api = axios.create({ adapter: () => assert.fail('sent') })
    api.interceptors.request.use(apiKey({ key: 'the key' }))
    await assert.rejects(api.get(`${evil}/x`), { message: /"origins" is required/ })
  })
})
