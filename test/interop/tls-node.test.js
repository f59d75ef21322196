/** tls-pin on node:https itself: real handshakes, TLS 1.2 and 1.3, resumed and renegotiated sessions. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http2 from 'node:http2'
import https from 'node:https'
import { test } from 'node:test'
import tls from 'node:tls'
import { authRequest } from '@countersign/core'
import { socket, tlsPinAuthenticator } from '@countersign/tls-pin'
import { tlsPin as expressPin } from '@countersign/tls-pin/express'
import { tlsPin as koaPin } from '@countersign/tls-pin/koa'
import { without } from '../support/components.js'
import { frameworks, start } from '../support/frameworks.js'
import { createAuthority, fingerprint, pki, spkiPin } from '../support/pki.js'
import { within } from '../support/raw-http.js'
import { askResumably, askTls, askTwice, keysOf } from '../support/tls-client.js'

const skip = without('openssl')
const DENIED = { type: 'about:blank', title: 'Forbidden', status: 403, detail: 'You are not allowed to access this resource' }
const VERSIONS = ['TLSv1.2', 'TLSv1.3']

/** A client of an authority that the server does not know, with the subject of the expected one. */
let cachedStranger
function stranger() {
  const subject = [
    ['C', 'US'],
    ['ST', 'My State'],
    ['O', 'My Company'],
    ['OU', 'client.api'],
    ['CN', 'expected'],
  ]
  cachedStranger ??= createAuthority('stranger-ca', { subject: [['CN', 'Stranger CA']] })
  cachedStranger.client ??= cachedStranger.issue('stranger', { subject })
  return cachedStranger
}

function serverOptions(extra = {}) {
  const { ca, server } = pki()
  return { ...keysOf(server), ca: ca.pem, requestCert: true, rejectUnauthorized: true, ...extra }
}

/** A server that answers what the authenticator decides, as JSON. */
async function judging(t, options, extra, httpsOptions) {
  const pin = tlsPinAuthenticator(options)
  const server = https.createServer(serverOptions(httpsOptions), async (req, res) => {
    const { kind, code, principal } = await pin.authenticate(authRequest(req, req.url))
    res.end(
      JSON.stringify({
        kind,
        code,
        clientId: principal?.clientId,
        resumed: req.socket.isSessionReused(),
        authorized: req.socket.authorized,
      }),
    )
  })
  extra?.(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return server.address().port
}

/** One request on a connection of its own, or on the agent's. */
async function ask(port, client = {}) {
  const { text, ...answer } = await askTls(port, client)
  return { ...answer, body: JSON.parse(text) }
}

/** Connects twice, the second time with the session of the first; answers what each request was told. */
const toldTwice = async (port, client) => (await askTwice(port, '/', client)).map(({ json }) => json)

for (const framework of frameworks) {
  test(`P34: ${framework}: the expected certificate passes, another of the same authority and none do not`, { skip }, async (t) => {
    const { expected, other } = pki()
    const pins = { partner: fingerprint(expected.cert) }
    const tlsPin = framework.startsWith('koa') ? koaPin : expressPin
    const events = []
    const app = await start(framework, {
      tls: serverOptions({ rejectUnauthorized: false }),
      guard: () => tlsPin({ from: socket(), pins, onRefusal: ({ code }) => events.push(code) }),
      handler: ({ auth }) => ({ body: { auth } }),
    })
    t.after(() => app.close())
    const passed = await ask(app.port, keysOf(expected))
    assert.equal(passed.status, 200)
    assert.deepEqual(passed.body.auth, {
      clientId: fingerprint(expected.cert).replaceAll(':', '').toLowerCase(),
      scheme: 'tls-client-certificate',
      credentialId: 'partner',
      groups: [],
    })
    for (const client of [keysOf(other), keysOf(pki().foreign), keysOf(pki().expired), {}]) {
      const denied = await ask(app.port, client)
      assert.equal(denied.status, 403)
      assert.deepEqual(denied.body, DENIED)
      assert.equal(denied.headers['content-type'], 'application/problem+json')
      assert.equal(denied.headers['www-authenticate'], undefined)
    }
    assert.deepEqual(events, ['ERR_TLS_PIN_MISMATCH', 'ERR_TLS_NOT_VERIFIED', 'ERR_TLS_NOT_VERIFIED', 'ERR_AUTH_NOT_ALLOWED'])
  })
}

test('the middleware refuses unknown options and names itself', { skip }, () => {
  for (const tlsPin of [expressPin, koaPin]) {
    assert.throws(() => tlsPin({ from: socket(), pins: 'a'.repeat(64), onRefused: () => {} }), {
      name: 'TypeError',
      message: /^tlsPin: option "onRefused" is unknown/,
    })
    assert.throws(() => tlsPin({ from: socket(), pins: 'a'.repeat(64), optional: 'yes' }), {
      name: 'TypeError',
      message: /^tlsPin: option "optional"/,
    })
    assert.throws(() => tlsPin(), { name: 'TypeError', message: /^tlsPin: option "from"/ })
  }
})

for (const version of VERSIONS) {
  const limits = { minVersion: version, maxVersion: version }

  test(`each kind of pin and condition, over ${version}`, { skip }, async (t) => {
    const { expected, other, awkward } = pki()
    const asked = [
      { pins: fingerprint(expected.cert) },
      { pins: fingerprint(expected.cert, 'sha1') },
      { pins: `sha256/${spkiPin(expected.cert)}` },
      { conditions: `FINGERPRINT=${fingerprint(expected.cert, 'sha1')}\nCN=expected\nOU=client.api\nSERIAL=1001` },
      {
        conditions: { SUBJECT: '/C=US/ST=My State/O=My Company/OU=client.api/CN=expected', ISSUER: 'CN=My CA,O=My Company,C=US' },
        allowNameOnly: true,
      },
    ]
    for (const options of asked) {
      const port = await judging(t, { from: socket(), ...options }, undefined, limits)
      assert.equal((await ask(port, keysOf(expected))).body.kind, 'granted')
      assert.match((await ask(port, keysOf(other))).body.code, /^ERR_TLS_(PIN_MISMATCH|CONDITION)$/)
    }
    const port = await judging(
      t,
      {
        from: socket(),
        pins: fingerprint(awkward.cert),
        conditions: { CN: 'back\\slash, CN=expected/CN=expected', O: 'M\u00fcller, "Sons" & Co/KG; <a=b> # +1' },
      },
      undefined,
      limits,
    )
    assert.equal((await ask(port, keysOf(awkward))).body.kind, 'granted')
    const forged = await judging(t, { from: socket(), conditions: 'CN=expected', allowNameOnly: true }, undefined, limits)
    assert.equal((await ask(forged, keysOf(awkward))).body.code, 'ERR_TLS_CONDITION')
  })

  test(`P35: a resumed session still has its certificate, and the pin is judged again, over ${version}`, { skip }, async (t) => {
    const { expected, other } = pki()
    const port = await judging(t, { from: socket(), pins: fingerprint(expected.cert) }, undefined, limits)
    const [first, second] = await toldTwice(port, keysOf(expected))
    assert.deepEqual([first.kind, first.resumed, second.kind, second.resumed], ['granted', false, 'granted', true])
    const [, denied] = await toldTwice(port, keysOf(other))
    assert.deepEqual([denied.code, denied.resumed], ['ERR_TLS_PIN_MISMATCH', true])
  })

  test(`P35: a session that was opened without a certificate lets nobody in when it is resumed, over ${version}`, { skip }, async (t) => {
    const { expected } = pki()
    const names = { conditions: 'CN=expected', allowNameOnly: true }
    const port = await judging(t, { from: socket(), ...names }, undefined, { ...limits, rejectUnauthorized: false })
    const [first, second] = await toldTwice(port, {})
    assert.deepEqual([first.kind, second.kind, second.resumed], ['absent', 'absent', true])
    assert.deepEqual(
      (await toldTwice(port, keysOf(expected))).map(({ kind }) => kind),
      ['granted', 'granted'],
    )
    const foreign = await toldTwice(port, keysOf(stranger().client))
    assert.deepEqual(
      foreign.map(({ code }) => code),
      ['ERR_TLS_NOT_VERIFIED', 'ERR_TLS_NOT_VERIFIED'],
    )
  })

  test(`an expired certificate is refused although it is pinned, over ${version}`, { skip }, async (t) => {
    const { expired } = pki()
    const port = await judging(t, { from: socket(), pins: fingerprint(expired.cert) }, undefined, { ...limits, rejectUnauthorized: false })
    assert.equal((await ask(port, keysOf(expired))).body.code, 'ERR_TLS_NOT_VERIFIED')
  })
}

test('P37: on a connection that stays open a pin that ends, ends with the next request, and so does the certificate', {
  skip,
}, async (t) => {
  const { expected } = pki()
  let now = Date.now()
  const notAfter = new Date(now + 60_000)
  const port = await judging(t, { from: socket(), pins: { pin: fingerprint(expected.cert), notAfter }, now: () => now })
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  assert.equal((await ask(port, { agent, ...keysOf(expected) })).body.kind, 'granted')
  now = notAfter.getTime()
  assert.equal((await ask(port, { agent, ...keysOf(expected) })).body.code, 'ERR_TLS_PIN_CLOSED')
  now += 48 * 3_600_000
  assert.equal((await ask(port, { agent, ...keysOf(expected) })).body.code, 'ERR_TLS_EXPIRED')
})

test('P37: a certificate is read once per connection, and again after a renegotiation', { skip }, async (t) => {
  const { expected } = pki()
  const pin = tlsPinAuthenticator({ from: socket(), pins: fingerprint(expected.cert) })
  let reads = 0
  const server = tls.createServer(serverOptions({ ...keysOf(pki().server), maxVersion: 'TLSv1.2' }), (peer) => {
    const read = peer.getPeerX509Certificate.bind(peer)
    peer.getPeerX509Certificate = () => {
      reads += 1
      return read()
    }
    const message = { method: 'GET', headers: {}, rawHeaders: [], socket: peer }
    peer.on('data', () => peer.write(`${pin.authenticate(authRequest({ ...message }, '/')).kind} ${reads}`))
    peer.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const client = tls.connect({
    port: server.address().port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: pki().ca.pem,
    ...keysOf(expected),
  })
  t.after(() => client.destroy())
  await within(once(client, 'secureConnect'), 'a handshake')
  const say = async () => {
    client.write('x')
    return String((await within(once(client, 'data'), 'an answer'))[0])
  }
  assert.equal(await say(), 'granted 1')
  assert.equal(await say(), 'granted 1')
  await new Promise((resolve, reject) => client.renegotiate({}, (error) => (error ? reject(error) : resolve())))
  assert.equal(await say(), 'granted 2')
  assert.equal(await say(), 'granted 2')
})

test('S11: with serverNames a connection for another name is refused, whatever its case', { skip }, async (t) => {
  const { expected } = pki()
  const from = socket({ serverNames: ['API.example', 'localhost'] })
  const port = await judging(t, { from, pins: fingerprint(expected.cert) })
  const client = { ...keysOf(expected), checkServerIdentity: () => undefined }
  assert.equal((await ask(port, { ...client, servername: 'api.EXAMPLE' })).body.kind, 'granted')
  assert.equal((await ask(port, { ...client, servername: 'localhost' })).body.kind, 'granted')
  assert.equal((await ask(port, { ...client, servername: 'other.example' })).body.code, 'ERR_TLS_SERVER_NAME')
  assert.equal((await ask(port, { ...client, servername: '' })).body.code, 'ERR_TLS_SERVER_NAME')
  for (const serverNames of [[], 'localhost', [42]])
    assert.throws(() => socket({ serverNames }), /^TypeError: socket: option "serverNames"/)
})

for (const version of VERSIONS) {
  const limits = { minVersion: version, maxVersion: version }

  test(`S11: a session that another server name verified lets nobody in under one of serverNames, over ${version}`, { skip }, async (t) => {
    const { ca, expected, server } = pki()
    const own = { ...keysOf(server), requestCert: true, rejectUnauthorized: true }
    const contexts = (https) => {
      https.addContext('public.example', { ...own, ca: stranger().pem })
      https.addContext('internal.example', { ...own, ca: ca.pem })
    }
    const names = { conditions: 'CN=expected\nOU=client.api', allowNameOnly: true }
    const serverNames = ['internal.example']
    const asked = [
      [{ serverNames }, names],
      [{ serverNames, ca: ca.pem }, names],
      [{ serverNames }, { pins: fingerprint(expected.cert) }],
    ]
    const client = { checkServerIdentity: () => undefined }
    const visit = async (port, credentials) => {
      const first = await askResumably(port, '/', { ...client, ...credentials, servername: 'public.example' })
      const second = await askResumably(port, '/', { ...client, servername: 'internal.example', session: first.sessions.at(-1) })
      return [first.json, second.json]
    }
    for (const [options, conditions] of asked) {
      const port = await judging(t, { from: socket(options), ...conditions }, contexts, limits)
      const [first, moved] = await visit(port, keysOf(stranger().client))
      assert.deepEqual([first.code, first.authorized], ['ERR_TLS_SERVER_NAME', true])
      assert.deepEqual([moved.kind, moved.resumed], ['refused', true])
      const again = await toldTwice(port, { ...client, ...keysOf(expected), servername: 'internal.example' })
      assert.deepEqual([again[0].kind, again[0].resumed, again[1].resumed], ['granted', false, true])
      // Node knows no name of a resumed TLS 1.2 session, and cannot tell under which one a TLS 1.3 session was verified.
      const isUnvouched = options.ca === undefined && conditions === names
      const expectedCode = version === 'TLSv1.2' ? 'ERR_TLS_SERVER_NAME' : isUnvouched ? 'ERR_TLS_NOT_VERIFIED' : 'granted'
      assert.equal(again[1].code ?? again[1].kind, expectedCode)
    }
  })

  test(`P34: with ca, a client below an intermediate that it sends itself, over ${version}`, { skip }, async (t) => {
    const { ca, chained, intermediate } = pki()
    const bundle = { cert: chained.pem + intermediate.pem, key: readFileSync(chained.key) }
    const names = { conditions: 'O=My Company', allowNameOnly: true }
    const outcomes = async (own, of) => {
      const port = await judging(t, { from: socket({ ca: own }), ...names }, undefined, { ...limits, ca: of })
      return (await toldTwice(port, bundle)).map(({ kind, resumed }) => [kind, resumed])
    }
    const passes = [
      ['granted', false],
      ['granted', true],
    ]
    assert.deepEqual(await outcomes([ca.pem, intermediate.pem], ca.pem), passes)
    assert.deepEqual(await outcomes(ca.pem, [ca.pem, intermediate.pem]), passes)
    // A resumed session comes without intermediates.
    assert.deepEqual(await outcomes(ca.pem, ca.pem), [passes[0], ['refused', true]])
  })
}

test('S11: with ca the route has its own authorities, whatever the server accepts', { skip }, async (t) => {
  const { ca, expected, chained, intermediate } = pki()
  const names = { conditions: 'O=My Company', allowNameOnly: true }
  const accepting = { ca: [ca.pem, readFileSync(stranger().cert), intermediate.pem] }
  const port = await judging(t, { from: socket({ ca: ca.pem }), ...names }, undefined, accepting)
  assert.equal((await ask(port, keysOf(expected))).body.kind, 'granted')
  assert.equal((await ask(port, keysOf(stranger().client))).body.code, 'ERR_TLS_NOT_VERIFIED')
  const bundle = { cert: chained.pem + intermediate.pem, key: readFileSync(chained.key) }
  assert.equal((await ask(port, bundle)).body.kind, 'granted')
})

test('HTTP/2: the certificate of the session', { skip }, async (t) => {
  const { expected, other } = pki()
  const app = await start('koa3', {
    tls: { ...serverOptions(), http2: true },
    guard: () => koaPin({ from: socket(), pins: fingerprint(expected.cert) }),
    handler: ({ auth }) => ({ body: { clientId: auth.clientId } }),
  })
  t.after(() => app.close())
  for (const [client, status] of [
    [expected, 200],
    [other, 403],
  ]) {
    const session = http2.connect(`https://localhost:${app.port}`, { ca: pki().ca.pem, ...keysOf(client) })
    for (let i = 0; i < 2; i += 1) {
      const stream = session.request({ ':path': '/' })
      const [headers] = await once(stream, 'response')
      assert.equal(headers[':status'], status)
      await stream.resume().toArray()
    }
    session.close()
  }
})

test('certificates of many clients on one server never mix', { skip }, async (t) => {
  const ca = createAuthority('many')
  const clients = Array.from({ length: 5 }, (_, i) => ca.issue(`client-${i}`, { subject: [['CN', `client-${i}`]] }))
  const pins = Object.fromEntries(clients.map(({ cert }, i) => [`client-${i}`, fingerprint(cert)]))
  const port = await judging(t, { from: socket(), pins }, undefined, { ca: ca.pem })
  const answers = await Promise.all(Array.from({ length: 25 }, (_, i) => ask(port, keysOf(clients[i % 5]))))
  for (const [i, { body }] of answers.entries())
    assert.equal(
      body.clientId,
      fingerprint(clients[i % 5].cert)
        .replaceAll(':', '')
        .toLowerCase(),
    )
})
