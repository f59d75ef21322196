import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createProxy } from 'node:http'
import { get, createServer as httpsServer } from 'node:https'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { apiKey, pinnedAgent } from '@countersign/axios-auth'
import axios from 'axios'
import { without } from '../../../test/support/components.js'
import { fingerprint, pki, spkiPin } from '../../../test/support/pki.js'
import { within } from '../../../test/support/raw-http.js'
import { recorder } from './recorder.js'

const skip = without('openssl')
const certificates = skip ? undefined : pki()
const ca = certificates?.ca.pem
const right = certificates && fingerprint(certificates.server.cert)
const wrong = certificates && fingerprint(certificates.other.cert)

/** A TLS server; `octets` counts what came through TLS, before any request was read of it. */
async function tlsServer(options = {}) {
  const { server: own } = certificates
  const settings = { cert: own.pem, key: readFileSync(own.key), ...options }
  const made = await recorder(undefined, (listener) => httpsServer(settings, listener))
  const facts = { octets: 0, connections: 0, resumed: 0 }
  made.server.on('secureConnection', (socket) => {
    facts.connections += 1
    if (socket.isSessionReused()) facts.resumed += 1
    socket.on('data', (chunk) => {
      facts.octets += chunk.length
    })
  })
  return Object.assign(made, { facts, origin: `https://127.0.0.1:${made.port}` })
}

function client(server, httpsAgent, config = {}) {
  const api = axios.create({ baseURL: server.origin, httpsAgent, proxy: false, ...config })
  api.interceptors.request.use(apiKey({ key: 'a key that must not go astray' }))
  after(() => httpsAgent.destroy())
  return api
}

/** A session that the server would resume. */
async function sessionOf({ port }) {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca })
  const [session] = await within(once(socket, 'session'), 'a session')
  socket.destroy()
  return session
}

const refusal = { code: 'ERR_AXIOS_PIN' }

test('P36: what is not a pin is refused by the factory', { skip }, () => {
  for (const pins of [undefined, [], 'x', ['abc'], {}, 5, [wrong, 'x'], [{ pin: right, notAfter: 'x' }]]) {
    assert.throws(() => pinnedAgent({ pins }), TypeError)
  }
  assert.throws(() => pinnedAgent(), TypeError)
  assert.throws(() => pinnedAgent({ pins: right, now: 5 }), { code: 'ERR_INVALID_ARG_TYPE' })
  assert.throws(() => pinnedAgent({ pins: right }).setPins([]), TypeError)
})

for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
  for (const keepAlive of [true, false]) {
    test(`P36 S12: ${maxVersion}, keepAlive ${keepAlive}: after a change of pins the next request is refused, and nothing is sent`, {
      skip,
    }, async () => {
      const server = await tlsServer({ maxVersion })
      const agent = pinnedAgent({ pins: right, ca, keepAlive })
      const api = client(server, agent)
      for (let i = 0; i < 3; i += 1) assert.equal((await api.get('/')).status, 200)
      const { octets } = server.facts
      agent.setPins({ other: wrong })
      for (let i = 0; i < 3; i += 1) await assert.rejects(api.post('/', 'body'), refusal)
      assert.equal(server.facts.octets, octets, 'no octet of a request went out')
      assert.equal(server.facts.resumed, 0)
      agent.setPins([wrong, right])
      assert.equal((await api.get('/')).status, 200)
      assert.equal(server.seen.length, 4)
    })

    test(`P36: ${maxVersion}, keepAlive ${keepAlive}: no option of a request loosens what the agent looks at`, { skip }, async () => {
      const server = await tlsServer({ maxVersion })
      const agent = pinnedAgent({ pins: right, ca, keepAlive })
      after(() => agent.destroy())
      const status = (options) =>
        new Promise((resolve, reject) => {
          const request = get(server.origin, { agent, ca, ...options }, (response) => {
            response.resume().on('end', () => resolve(response.statusCode))
          })
          request.on('error', reject)
        })
      assert.equal(await status({}), 200)
      const reject = () => new Error('never asked')
      // The agent's options come before those of a request, so that no request can loosen them either.
      assert.equal(await status({ checkServerIdentity: reject, rejectUnauthorized: false }), 200)
      agent.setPins(wrong)
      await assert.rejects(status({ checkServerIdentity: () => undefined, rejectUnauthorized: false, session: Buffer.alloc(0) }), refusal)
    })
  }
}

test('P36: each kind of pin; SHA-1 is legacy and works', { skip }, async () => {
  const server = await tlsServer()
  const path = certificates.server.cert
  for (const pins of [right, `sha256/${spkiPin(path)}`, `sha256//${spkiPin(path)}`, fingerprint(path, 'sha1'), { a: wrong, b: right }]) {
    assert.equal((await client(server, pinnedAgent({ pins, ca })).get('/')).status, 200)
  }
  for (const pins of [
    wrong,
    `sha256/${spkiPin(certificates.other.cert)}`,
    fingerprint(certificates.other.cert, 'sha1'),
    fingerprint(certificates.ca.cert),
  ]) {
    await assert.rejects(client(server, pinnedAgent({ pins, ca })).get('/'), refusal)
  }
})

test('P36: the chain and the name are checked as ever; rejectUnauthorized: false leaves the pin alone to decide', { skip }, async () => {
  const server = await tlsServer()
  await assert.rejects(client(server, pinnedAgent({ pins: right })).get('/'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  const named = pinnedAgent({ pins: right, ca, checkServerIdentity: () => Object.assign(new Error('no'), { code: 'OWN' }) })
  await assert.rejects(client(server, named).get('/'), { code: 'OWN' })
  assert.equal((await client(server, pinnedAgent({ pins: right, rejectUnauthorized: false })).get('/')).status, 200)
  const { octets } = server.facts
  await assert.rejects(client(server, pinnedAgent({ pins: wrong, rejectUnauthorized: false })).get('/'), refusal)
  assert.equal(server.facts.octets, octets)
})

test('P36: a server without a certificate is refused', { skip }, async () => {
  const ciphers = 'AECDH-AES256-SHA:ADH-AES256-SHA256:@SECLEVEL=0'
  const server = await tlsServer({ cert: undefined, key: undefined, ciphers, maxVersion: 'TLSv1.2', dhparam: 'auto' })
  const agent = pinnedAgent({ pins: right, rejectUnauthorized: false, ciphers, maxVersion: 'TLSv1.2' })
  await assert.rejects(client(server, agent).get('/'), { ...refusal, message: /presents no readable certificate/ })
  assert.deepEqual([server.facts.connections, server.facts.octets], [1, 0])
})

test('P36: a pin with dates: an idle connection ends with its pin', { skip }, async () => {
  const server = await tlsServer()
  let now = Date.parse('2026-06-01T00:00:00Z')
  const pins = [{ pin: right, notAfter: '2026-07-01T00:00:00Z' }, wrong]
  const api = client(server, pinnedAgent({ pins, ca, keepAlive: true, now: () => now }))
  await api.get('/')
  await api.get('/')
  assert.equal(server.facts.connections, 1)
  now = Date.parse('2026-07-01T00:00:00Z')
  await assert.rejects(api.get('/'), { ...refusal, message: /only pins that are not valid now/ })
  assert.equal(server.seen.length, 2)
})

test("P36 S17: through axios's tunnel the pins hold as well, with rejectUnauthorized: false too", { skip }, async () => {
  const server = await tlsServer()
  const proxy = createProxy()
  let tunnels = 0
  proxy.on('connect', (request, socket) => {
    tunnels += 1
    const port = request.url.split(':')[1]
    const far = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    for (const one of [far, socket]) one.on('error', () => far.destroy() && socket.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  after(() => proxy.close())
  proxy.on('request', () => assert.fail('the proxy was shown a request'))
  // By name: an address cannot be the name of a server (RFC 6066 section 3).
  const baseURL = `https://localhost:${server.port}`
  const through = { baseURL, proxy: { protocol: 'http', host: '127.0.0.1', port: proxy.address().port } }
  assert.equal((await client(server, pinnedAgent({ pins: right, ca }), through).get('/')).status, 200)
  const { octets } = server.facts
  await assert.rejects(client(server, pinnedAgent({ pins: wrong, ca }), through).get('/'), refusal)
  await assert.rejects(client(server, pinnedAgent({ pins: wrong, ca, rejectUnauthorized: false }), through).get('/'), refusal)
  await assert.rejects(client(server, pinnedAgent({ pins: right, rejectUnauthorized: false }), through).get('/'), {
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  })
  const session = await sessionOf(server)
  await assert.rejects(client(server, pinnedAgent({ pins: wrong, ca, session }), through).get('/'), refusal, 'a session is not resumed')
  assert.equal(server.facts.octets, octets)
  assert.equal(server.facts.resumed, 0)
  assert.equal(tunnels, 5)
})

test('P36: with fetch, which would not use it, a pinned agent is an error', { skip }, async () => {
  const server = await tlsServer()
  await assert.rejects(client(server, pinnedAgent({ pins: right, ca }), { adapter: 'fetch' }).get('/'), { code: 'ERR_AXIOS_FETCH' })
  assert.equal(server.facts.connections, 0)
})
