/** What a token request looks like on the wire, what becomes of services that fail, and where secrets never show. */
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, verify, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { Agent, createServer, globalAgent } from 'node:http'
import https, { createServer as createTlsServer, Agent as TlsAgent } from 'node:https'
import { createServer as createNetServer } from 'node:net'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { AxiosAuthError, bearer, pinnedAgent, TokenError } from '@countersign/axios-auth'
import { secretFromEnv } from '@countersign/core'
import axios from 'axios'
import { without } from '../../../test/support/components.js'
import { pki } from '../../../test/support/pki.js'
import { keepAlive } from '../../../test/support/promises.js'
import { issue, rsaKeys, SECRET, T0, tokenWorld } from './token-server.js'

/** The only token request so far, with its fields. */
async function sent(t, options, config) {
  const world = await tokenWorld(t)
  assert.equal((await world.client(options).get('/', config)).status, 200)
  const [request] = world.tokens
  const fields = new URLSearchParams(request.body)
  return { ...request, fields, names: [...fields.keys()], world }
}

const part = (jwt, at) => JSON.parse(Buffer.from(jwt.split('.')[at], 'base64url').toString())

describe('bearer: the token request', () => {
  test('by default: POST, a form, id and secret as fields, nothing of axios', async (t) => {
    axios.defaults.headers.common['X-Of-The-Host'] = 'secret of the host'
    t.after(() => delete axios.defaults.headers.common['X-Of-The-Host'])
    const { method, headers, body } = await sent(t, { scopes: ['read', 'write'] })
    assert.equal(method, 'POST')
    assert.equal(body, 'grant_type=client_credentials&scope=read+write&client_id=client&client_secret=a+client+secret+of+the+tests')
    const { host, ...rest } = headers
    assert.deepEqual(rest, {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      'user-agent': 'countersign',
      connection: 'close',
    })
  })

  test('audience, resources, further fields as object and as lines, no grant_type', async (t) => {
    const first = await sent(t, {
      audience: 'https://api',
      resource: ['https://a', 'urn:b'],
      extraFields: { tenant: 5, flag: true, list: ['x', 'y'], __proto__: null, constructor: 'c' },
    })
    assert.equal(
      first.body,
      'grant_type=client_credentials&audience=https%3A%2F%2Fapi&resource=https%3A%2F%2Fa&resource=urn%3Ab&tenant=5&flag=true&list=x&list=y&constructor=c&client_id=client&client_secret=a+client+secret+of+the+tests',
    )
    const second = await sent(t, { grantType: false, extraFields: '\n tenant = acme \r\n\nsig=a=b=\nempty=\n__proto__=x\n' })
    assert.equal(second.body, 'tenant=acme&sig=a%3Db%3D&empty=&__proto__=x&client_id=client&client_secret=a+client+secret+of+the+tests')
  })

  test('as JSON, with fields of other names', async (t) => {
    const { headers, body } = await sent(t, {
      dataFormat: 'json',
      clientIdField: 'username',
      clientSecretField: 'password',
      grantType: 'password',
      scopes: 'a b',
      extraFields: JSON.parse('{"__proto__":"p","n":1,"l":["x"]}'),
    })
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(body, `{"grant_type":"password","__proto__":"p","n":1,"l":["x"],"scope":"a b","username":"client","password":"${SECRET}"}`)
  })

  test('as JSON with members in members, as Keystone wants them; the token in a field of the answer', async (t) => {
    const world = await tokenWorld(t)
    const password = 'a-password-of-the-tests'
    const user = { name: 'ann', domain: { id: 'default' }, password }
    const auth = { identity: { methods: ['password'], password: { user } }, scope: { project: null } }
    const given = JSON.stringify(auth)
    world.answer = () => ({
      status: 201,
      headers: { 'X-Subject-Token': issue(world) },
      json: { token: { expires_at: '2026-03-01T01:00:00.000000Z' } },
    })
    const keystone = {
      clientAuthentication: 'none',
      clientId: undefined,
      clientSecret: undefined,
      grantType: false,
      dataFormat: 'json',
      extraFields: { auth },
      tokenHeader: 'X-Subject-Token',
      expiresField: 'token.expires_at',
      expiresUnit: 'dateTime',
    }
    const api = world.client(keystone)
    user.password = 'changed later'
    assert.equal((await api.get('/')).status, 200)
    assert.equal((await api.get('/')).status, 200)
    assert.equal(world.tokens.length, 1)
    assert.equal(world.tokens[0].body, `{"auth":${given}}`)
    world.answer = () => ({ status: 401, json: { error: password } })
    user.password = password
    await assert.rejects(world.client(keystone).get('/'), (error) => {
      assert.equal(error.oauthError, 'unnamed')
      return !inspect(error, { depth: 9, showHidden: true }).includes(password)
    })
  })

  test('basic: id and secret form-urlencoded before base64 (RFC 6749 section 2.3.1)', async (t) => {
    const { headers, names } = await sent(t, {
      clientAuthentication: 'basic',
      clientId: 'cl:ient-1',
      clientSecret: 'basic secret/+:%\u00fc\u20ac',
    })
    assert.equal(
      Buffer.from(headers.authorization.replace('Basic ', ''), 'base64').toString(),
      'cl%3Aient-1:basic+secret%2F%2B%3A%25%C3%BC%E2%82%AC',
    )
    assert.deepEqual(names, ['grant_type'])
  })

  test('basic_unencoded: id and secret as they are, in UTF-8 (RFC 7617)', async (t) => {
    const { headers, names } = await sent(t, {
      clientAuthentication: 'basic_unencoded',
      clientId: 'sb-client!b1|app!b2',
      clientSecret: 'basic secret/+:%=\u00fc\u20ac',
    })
    // printf '%s' 'sb-client!b1|app!b2:basic secret/+:%=\u00fc\u20ac' | base64
    assert.equal(headers.authorization, 'Basic c2ItY2xpZW50IWIxfGFwcCFiMjpiYXNpYyBzZWNyZXQvKzolPcO84oKs')
    assert.deepEqual(names, ['grant_type'])
  })

  test('none: an id alone, or no id', async (t) => {
    const none = { clientAuthentication: 'none', clientSecret: undefined }
    assert.equal((await sent(t, none)).body, 'grant_type=client_credentials&client_id=client')
    assert.equal((await sent(t, { ...none, clientId: undefined })).body, 'grant_type=client_credentials')
  })

  test('a secret may be octets, a source, or one of several with dates', async (t) => {
    process.env.COUNTERSIGN_TEST_CLIENT_SECRET = 'from the environment'
    t.after(() => delete process.env.COUNTERSIGN_TEST_CLIENT_SECRET)
    const secret = async (clientSecret) => (await sent(t, { clientSecret })).fields.get('client_secret')
    assert.equal(await secret(Buffer.from('octets')), 'octets')
    assert.equal(await secret(secretFromEnv('COUNTERSIGN_TEST_CLIENT_SECRET')), 'from the environment')
    const rotating = [
      { secret: 'old', notAfter: '2026-01-01T00:00:00Z' },
      { secret: 'of today', notAfter: '2026-06-01T00:00:00Z' },
      { secret: 'new', notBefore: '2026-06-01T00:00:00Z' },
    ]
    assert.equal(await secret(rotating), 'of today')
    const world = await tokenWorld(t)
    const api = world.client({ clientSecret: [{ secret: 'of today', notAfter: '2026-06-01T00:00:00Z' }] })
    world.pass(365 * 86_400)
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_NO_SECRET', message: /^bearer has no clientSecret that is valid now/ })
    assert.deepEqual(world.calls, { token: 0, api: 0 })
  })

  test('a secret that counts only later: the definition is made, requests fail until then', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client({ clientSecret: [{ secret: 'of tomorrow', notBefore: '2027-01-01T00:00:00Z' }] })
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_NO_SECRET', message: /^bearer has no clientSecret that is valid now/ })
    world.pass(365 * 86_400)
    assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(world.calls, { token: 1, api: 1 })
  })

  test('private_key_jwt: an assertion of 60 seconds, good for once, signed by the key', async (t) => {
    const keys = {
      RS256: rsaKeys(),
      ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
      ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
      EdDSA: generateKeyPairSync('ed25519'),
    }
    for (const [alg, { privateKey, publicKey }] of Object.entries(keys)) {
      for (const given of [privateKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), privateKey.export({ format: 'jwk' })]) {
        const { fields, world } = await sent(t, {
          clientAuthentication: 'private_key_jwt',
          clientSecret: undefined,
          privateKey: given,
          keyId: 'key-1',
        })
        assert.deepEqual([...fields.keys()], ['grant_type', 'client_id', 'client_assertion_type', 'client_assertion'])
        assert.equal(fields.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
        const jwt = fields.get('client_assertion')
        assert.deepEqual(part(jwt, 0), { alg, kid: 'key-1' })
        const { jti, ...claims } = part(jwt, 1)
        assert.ok(jti.length >= 16)
        assert.deepEqual(claims, {
          aud: world.tokenUrl,
          iss: 'client',
          sub: 'client',
          iat: T0 / 1000 - 10,
          nbf: T0 / 1000 - 10,
          exp: T0 / 1000 + 50,
        })
        const [head, payload, signature] = jwt.split('.')
        const hash = { RS256: 'sha256', ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', EdDSA: null }[alg]
        assert.ok(
          verify(
            hash,
            Buffer.from(`${head}.${payload}`),
            { key: publicKey, dsaEncoding: 'ieee-p1363' },
            Buffer.from(signature, 'base64url'),
          ),
        )
      }
    }
  })

  test('private_key_jwt: each request has an assertion of its own; algorithm and audience as wanted', async (t) => {
    const { privateKey } = rsaKeys()
    const { fields, world } = await sent(t, {
      clientAuthentication: 'private_key_jwt',
      clientSecret: undefined,
      privateKey,
      assertionAlgorithm: 'PS512',
      assertionAudience: 'https://issuer',
      dataFormat: 'form',
    })
    assert.deepEqual(part(fields.get('client_assertion'), 0), { alg: 'PS512' })
    assert.equal(part(fields.get('client_assertion'), 1).aud, 'https://issuer')
    assert.equal(world.tokens.length, 1)
  })

  test('client_secret_jwt: an assertion under the secret, which is not sent', async (t) => {
    const { body, fields } = await sent(t, { clientAuthentication: 'client_secret_jwt' })
    const [head, payload, signature] = fields.get('client_assertion').split('.')
    assert.equal(createHmac('sha256', SECRET).update(`${head}.${payload}`).digest('base64url'), signature)
    assert.deepEqual([part(fields.get('client_assertion'), 0).alg, part(fields.get('client_assertion'), 1).sub], ['HS256', 'client'])
    const { iat, nbf, exp } = part(fields.get('client_assertion'), 1)
    assert.deepEqual([iat, nbf, exp], [T0 / 1000 - 10, T0 / 1000 - 10, T0 / 1000 + 50], 'by the clock of the definition')
    assert.ok(!body.includes('secret+of'))
  })

  test('mutual TLS: the certificate of the agent is the proof', { skip: without('openssl') }, async (t) => {
    const { ca, server: own, expected } = pki()
    const world = await tokenWorld(t)
    let subject
    const server = createTlsServer(
      { key: readFileSync(own.key), cert: own.pem, ca: readFileSync(ca.cert), requestCert: true, rejectUnauthorized: true },
      (request, response) => {
        subject = request.socket.getPeerCertificate().subject.CN
        response.end(JSON.stringify({ access_token: issue(world), token_type: 'Bearer', expires_in: 60 }))
      },
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const options = { clientAuthentication: 'tls', clientSecret: undefined, tokenUrl: `https://127.0.0.1:${server.address().port}/token` }
    const agent = (more) => new TlsAgent({ ca: readFileSync(ca.cert), ...more })
    const api = world.client({ ...options, httpsAgent: agent({ cert: expected.pem, key: readFileSync(expected.key) }) })
    assert.equal((await api.get('/')).status, 200)
    assert.equal(subject, 'expected')
    await assert.rejects(world.client({ ...options, httpsAgent: agent({}) }).get('/'), { code: 'ERR_AXIOS_TOKEN_UNREACHABLE' })
    const trusting = world.client({ ...options, httpsAgent: new TlsAgent({ cert: expected.pem, key: readFileSync(expected.key) }) })
    await assert.rejects(trusting.get('/'), { code: 'ERR_AXIOS_TOKEN_UNREACHABLE', message: /UNABLE_TO_VERIFY|SELF_SIGNED/ })
  })

  test('S17: no proxy of the environment gets a token request, nor does the global agent', async (t) => {
    const world = await tokenWorld(t)
    const proxy = createServer((_, response) => response.end('{"access_token":"of-the-proxy"}')).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    t.after(() => proxy.close())
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']
    for (const name of names) process.env[name] = `http://127.0.0.1:${proxy.address().port}`
    t.after(() => {
      for (const name of names) delete process.env[name]
    })
    const free = globalAgent.createConnection
    globalAgent.createConnection = () => assert.fail('the global agent was used')
    t.after(() => {
      globalAgent.createConnection = free
    })
    for (const options of [{}, { proxy: false }]) {
      const api = axios.create({ baseURL: world.origin, proxy: false, httpAgent: new Agent() })
      api.interceptors.request.use(world.bearer(options))
      assert.match((await api.get('/')).data.token, /^token-/)
    }
  })

  for (const [scheme, module] of Object.entries({ http, https })) {
    test(`what replaces request of node:${scheme} gets it, as mocks (nock, msw) and tracers do after all imports`, async (t) => {
      const world = await tokenWorld(t)
      const { request } = module
      t.after(() => {
        module.request = request
      })
      const tokenUrl = scheme === 'http' ? world.tokenUrl : 'https://127.0.0.1:1/token'
      const plain = http.request
      let replaced = 0
      module.request = (url, options) => {
        if (url !== tokenUrl) return request(url, options)
        replaced += 1
        const mocked = plain(world.tokenUrl, options)
        mocked.once('socket', (socket) => {
          socket.encrypted = scheme === 'https'
        })
        // As nock 14 and msw 2: the request is closed as soon as its response is there, before that was read.
        return mocked.once('response', () => process.nextTick(() => mocked.emit('close')))
      }
      assert.equal((await world.client({ tokenUrl }).get('/')).status, 200)
      assert.equal(replaced, 1)
    })
  }

  test('S16: polluted prototypes change nothing about it', async (t) => {
    const world = await tokenWorld(t)
    const polluted = {
      auth: 'user:password',
      headers: { 'x-polluted': '1' },
      socketPath: '/nowhere',
      hostname: '192.0.2.1',
      agent: false,
      token: 'stolen',
      clientSecret: 'stolen',
      authScopes: 'stolen',
      scopes: 'stolen',
      dataFormat: 'json',
      tokenField: 'x',
      access_token: 'stolen',
      maxResponseBytes: 1,
      timeoutMs: 1,
      store: {},
      header: 'X-Stolen',
      prefix: 'Stolen',
      extraFields: { a: 'b' },
      grantType: 'stolen',
    }
    const interceptor = () => world.bearer()
    for (const [name, value] of Object.entries(polluted))
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true })
    let made
    let token
    try {
      made = interceptor()
      const step = { held: undefined }
      token = await tokenOf(made, world, step)
    } finally {
      for (const name of Object.keys(polluted)) delete Object.prototype[name]
    }
    assert.equal(token, 'Bearer token-1')
    assert.equal(world.tokens[0].body, 'grant_type=client_credentials&client_id=client&client_secret=a+client+secret+of+the+tests')
    assert.equal(world.tokens[0].headers['x-polluted'], undefined)
    assert.equal(world.tokens[0].headers.authorization, undefined)
  })
})

/** What a request carries, with an adapter of the test's underneath. */
async function tokenOf(interceptor, world) {
  let seen
  const config = Object.assign(Object.create(null), {
    baseURL: world.origin,
    url: '/',
    method: 'get',
    headers: new axios.AxiosHeaders(),
    adapter: async (wire) => {
      seen = wire.headers.get('Authorization')
      return { status: 200, statusText: 'OK', headers: {}, data: '', config: wire }
    },
  })
  await interceptor(config).adapter(config)
  return seen
}

describe('bearer: services that fail', () => {
  const failing = async (t, answer, options = {}) => {
    const world = await tokenWorld(t)
    world.answer = answer
    const error = await world
      .client(options)
      .get('/')
      .then(
        () => assert.fail('it did not fail'),
        (thrown) => thrown,
      )
    assert.ok(error instanceof TokenError && error instanceof AxiosAuthError)
    assert.equal(world.calls.api, 0)
    return error
  }

  test('HTML with 200, 200 with an error, another status, another type, no token', async (t) => {
    const token = { access_token: 't', token_type: 'Bearer' }
    assert.equal(
      (await failing(t, () => ({ text: '<html>Sign in</html>', headers: { 'Content-Type': 'text/html' } }))).code,
      'ERR_AXIOS_TOKEN_MALFORMED',
    )
    const refused = await failing(t, () => ({ json: { ...token, error: 'invalid_scope' } }))
    assert.deepEqual([refused.code, refused.oauthError, refused.tokenStatus], ['ERR_AXIOS_TOKEN_REFUSED', 'invalid_scope', 200])
    for (const status of [201, 400, 401, 404, 500]) assert.equal((await failing(t, () => ({ status, json: token }))).tokenStatus, status)
    assert.equal((await failing(t, () => ({ json: { ...token, token_type: 'mac' } }))).code, 'ERR_AXIOS_TOKEN_TYPE')
    assert.equal((await failing(t, () => ({ json: { data: token } }))).code, 'ERR_AXIOS_TOKEN_MALFORMED')
  })

  test('a wrong content type does not matter where the JSON is right', async (t) => {
    const world = await tokenWorld(t)
    world.answer = () => ({ json: { access_token: issue(world) }, headers: { 'Content-Type': 'text/plain; charset=utf-16' } })
    assert.equal((await world.client().get('/')).status, 200)
  })

  test('S23: a redirect is not followed: the secret goes nowhere else', async (t) => {
    const elsewhere = await tokenWorld(t)
    for (const status of [301, 302, 303, 307, 308]) {
      const error = await failing(t, () => ({ status, headers: { Location: elsewhere.tokenUrl }, text: '' }))
      assert.deepEqual([error.code, error.tokenStatus], ['ERR_AXIOS_TOKEN_REFUSED', status])
    }
    assert.equal(elsewhere.calls.token, 0)
  })

  test('S23: a body over maxResponseBytes ends the request, also one that never ends', async (t) => {
    const large = () => ({ json: { access_token: 't', more: 'x'.repeat(65_536) } })
    assert.equal((await failing(t, large)).code, 'ERR_AXIOS_TOKEN_TOO_LARGE')
    assert.equal((await failing(t, () => ({ json: { access_token: 'tt' } }), { maxResponseBytes: 10 })).code, 'ERR_AXIOS_TOKEN_TOO_LARGE')
    const endless = ({ response }) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      }
      response.on('drain', more)
      more()
    }
    assert.equal((await failing(t, endless)).code, 'ERR_AXIOS_TOKEN_TOO_LARGE')
  })

  test('S23: a compressed answer is not unpacked', async (t) => {
    const { gzipSync } = await import('node:zlib')
    const zipped = gzipSync(JSON.stringify({ access_token: 't' }))
    const compressed = await failing(t, () => ({ text: zipped, headers: { 'Content-Encoding': 'gzip' } }))
    assert.equal(compressed.code, 'ERR_AXIOS_TOKEN_MALFORMED')
    assert.match(compressed.message, /compressed/)
  })

  test('a service that hangs, before its head, after it or within its body: timeoutMs', async (t) => {
    const hanging = [
      () => undefined,
      ({ response }) => {
        response.writeHead(200, { 'Content-Length': '100' })
        response.flushHeaders()
      },
      ({ response }) => {
        response.writeHead(200, { 'Content-Length': '100' })
        response.write('{"access_token":"t"')
      },
    ]
    for (const answer of hanging) {
      const error = await failing(t, answer, { timeoutMs: 50 })
      assert.equal(error.code, 'ERR_AXIOS_TOKEN_TIMEOUT')
    }
  })

  test('a service that is not there, breaks off, or speaks something else', async (t) => {
    const broken = [
      ({ message }) => void message.socket.destroy(),
      ({ response }) => {
        response.writeHead(200, { 'Content-Length': '100' })
        response.write('{"access_token":"t"', () => response.destroy())
      },
    ]
    for (const answer of broken) assert.equal((await failing(t, answer)).code, 'ERR_AXIOS_TOKEN_UNREACHABLE')
    const server = createNetServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('SSH-2.0-canary\r\n'),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const tokenUrl = `http://127.0.0.1:${server.address().port}/`
    const error = await failing(t, undefined, { tokenUrl })
    assert.equal(error.code, 'ERR_AXIOS_TOKEN_UNREACHABLE')
    assert.ok(!inspect(error, { depth: null, showHidden: true }).includes('canary'))
    server.close()
    await once(server, 'close')
    assert.match((await failing(t, undefined, { tokenUrl })).message, /ECONNREFUSED/)
  })
})

describe('bearer: what is said of a service that failed', () => {
  const failing = async (t, answer, options = {}) => {
    const world = await tokenWorld(t)
    world.answer = answer
    return world
      .client(options)
      .get('/')
      .catch((thrown) => thrown)
  }
  const start = ({ message }) => message.split(';')[0]

  test('too large, too late, not there, broken off', async (t) => {
    const body = JSON.stringify({ access_token: 't', token_type: 'Bearer' })
    const sized = (maxResponseBytes) => failing(t, () => ({ text: body }), { maxResponseBytes })
    assert.equal(start(await sized(body.length - 1)), `the response of the token service has more than ${body.length - 1} octets`)
    assert.equal((await sized(body.length)).status, 401, 'a token came, which the API does not know')
    assert.equal(start(await failing(t, () => undefined, { timeoutMs: 30 })), 'no token within 30 ms')
    const unreachable = 'the token service could not be reached, or closed the connection'
    const broken = await failing(t, ({ message }) => void message.socket.destroy())
    assert.match(start(broken), new RegExp(`^${unreachable}( \\(ECONNRESET\\))?$`))
    const none = await failing(t, undefined, { tokenUrl: 'http://127.0.0.1:1/' })
    assert.equal(start(none), `${unreachable} (ECONNREFUSED)`)
    const throwing = (code) =>
      Object.assign(new Agent(), {
        createConnection: () => {
          throw Object.assign(new Error('canary'), { code })
        },
      })
    for (const code of ['canary of the agent', 'xECANARY', 'ECANARYx', 'ECANARY canary', 5, undefined]) {
      const thrown = await failing(t, undefined, { httpAgent: throwing(code) })
      assert.deepEqual([thrown.code, start(thrown)], ['ERR_AXIOS_TOKEN_UNREACHABLE', unreachable])
    }
    const thrown = await failing(t, undefined, { httpAgent: throwing('EWHY') })
    assert.equal(start(thrown), `${unreachable} (EWHY)`)
    assert.ok(!inspect(thrown, { depth: null }).includes('canary'))
  })

  test('the agent that was given makes the connection, of its own scheme alone', async (t) => {
    const world = await tokenWorld(t)
    const agent = new Agent()
    let made = 0
    const create = agent.createConnection
    agent.createConnection = function (...args) {
      made += 1
      return create.apply(this, args)
    }
    const never = Object.assign(new TlsAgent(), { createConnection: () => assert.fail('the agent of the other scheme') })
    assert.equal((await world.client({ httpAgent: agent, httpsAgent: never }).get('/')).status, 200)
    assert.equal(made, 1)
    const tls = new TlsAgent()
    tls.createConnection = () => {
      throw Object.assign(new Error('not now'), { code: 'ENOTNOW' })
    }
    const httpAgent = Object.assign(new Agent(), { createConnection: () => assert.fail('the agent of the other scheme') })
    const api = world.client({ tokenUrl: 'https://127.0.0.1:1/token', httpAgent, httpsAgent: tls })
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_TOKEN_UNREACHABLE', message: /\(ENOTNOW\)/ })
  })

  test('P36: where an agent checks the server of the requests, that server is not asked for a token without it', async () => {
    const origin = 'https://127.0.0.1:1'
    const adapter = async (config) => ({ status: 200, statusText: '', headers: {}, data: '', config, request: {} })
    const call = (httpsAgent, options) => {
      const api = axios.create({ baseURL: origin, httpsAgent, adapter, proxy: false })
      const who = { clientId: 'client', clientSecret: SECRET, tokenUrl: `${origin}/token` }
      api.interceptors.request.use(bearer({ ...who, timeoutMs: 1000, ...options }))
      return api.get('/')
    }
    const lost = { name: 'TypeError', message: /option "httpsAgent" is required where that of the requests checks the server/ }
    const unreachable = { code: 'ERR_AXIOS_TOKEN_UNREACHABLE' }
    for (const agent of [pinnedAgent({ pins: 'a'.repeat(64) }), new TlsAgent({ checkServerIdentity: () => undefined })]) {
      await assert.rejects(call(agent, {}), lost)
      await assert.rejects(call(agent, { httpAgent: new Agent() }), lost)
      await assert.rejects(call(agent, { httpsAgent: agent }), unreachable)
      await assert.rejects(call(agent, { tokenUrl: 'https://127.0.0.1:2/token' }), unreachable)
    }
    for (const agent of [undefined, new TlsAgent()]) await assert.rejects(call(agent, {}), unreachable)
  })

  test('one resource is a text in JSON, several are a list', async (t) => {
    for (const resource of ['urn:a', ['urn:a'], ['urn:a', 'urn:b']]) {
      const { body } = await sent(t, { dataFormat: 'json', resource })
      assert.deepEqual(JSON.parse(body).resource, resource)
    }
    const world = await tokenWorld(t)
    const given = ['urn:a']
    const api = world.client({ dataFormat: 'json', resource: given })
    given.push('urn:b')
    await api.get('/')
    assert.deepEqual(JSON.parse(world.tokens[0].body).resource, ['urn:a'], 'what the list was when it was given')
  })

  test('an error that holds what a field of the request says is not named, unless the field is none of a secret', async (t) => {
    const named = async (error, options) => (await failing(t, () => ({ status: 400, json: { error } }), options)).oauthError
    assert.equal(await named('hunter2-of-x', { extraFields: { password: 'hunter2-of-x' } }), 'unnamed')
    assert.equal(await named('abcdef', { extraFields: { pin: 'abcdef' } }), 'unnamed')
    assert.equal(await named('abcde', { extraFields: { pin: 'abcde' } }), 'abcde')
    assert.equal(await named('123456', { extraFields: { pin: 123456 } }), '123456')
    assert.equal(await named('password', { grantType: 'password' }), 'password')
    assert.equal(await named('invalid_audience', { audience: 'invalid_audience' }), 'invalid_audience')
    assert.equal(await named('urn:invalid', { resource: 'urn:invalid' }), 'urn:invalid')
    for (const clientAuthentication of ['post', 'basic', 'basic_unencoded', 'client_secret_jwt']) {
      assert.equal(await named('a.client.secret.of.x', { clientAuthentication, clientSecret: 'a.client.secret.of.x' }), 'unnamed')
    }
  })

  test('an assertion that cannot be signed: nothing of why is shown, and nothing is sent', async (t) => {
    const { privateKey } = generateKeyPairSync('ed25519')
    t.mock.method(webcrypto.subtle, 'importKey', () => Promise.reject(new Error('canary')))
    const world = await tokenWorld(t)
    const options = { clientAuthentication: 'private_key_jwt', clientSecret: undefined, privateKey }
    const error = await world
      .client(options)
      .get('/')
      .catch((thrown) => thrown)
    assert.equal(error.code, 'ERR_AXIOS_TOKEN_ASSERTION')
    assert.equal(start(error), 'the client assertion could not be signed')
    assert.ok(!inspect(error, { depth: null, showHidden: true }).includes('canary'))
    assert.deepEqual(world.calls, { token: 0, api: 0 })
  })

  test('a clock that went back makes no wait longer than the longest one', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client()
    const good = world.answer
    world.answer = () => ({ status: 429, json: {}, headers: { 'Retry-After': '300' } })
    await assert.rejects(api.get('/'), { retryAfterSeconds: 300 })
    world.answer = good
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_TOKEN_BUSY', retryAfterSeconds: 300 })
    world.pass(0.001)
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_TOKEN_BUSY', retryAfterSeconds: 300 })
    world.pass(-0.002)
    assert.equal((await api.get('/')).status, 200)
  })

  test('an OAuth answer is judged as one for Bearer in any case; for another prefix or place status 201 and any type will do', async (t) => {
    const own = { status: 201, json: { access_token: 't', token_type: 'mac', data: { token: 't' } } }
    for (const options of [{ prefix: 'Token' }, { prefix: '' }, { tokenField: 'data.token' }, { tokenField: ['data', 'token'] }]) {
      const world = await tokenWorld(t)
      world.answer = () => own
      world.api = ({ headers }) => ({ json: headers.authorization })
      assert.match((await world.client(options).get('/')).data, /t$/)
    }
    const header = await tokenWorld(t)
    header.answer = () => ({ ...own, headers: { 'X-Subject-Token': 'h' } })
    header.api = ({ headers }) => ({ json: headers.authorization })
    assert.equal((await header.client({ tokenHeader: 'X-SUBJECT-Token' }).get('/')).data, 'Bearer h')
    for (const prefix of ['bearer', 'BEARER', 'Bearer']) {
      assert.equal((await failing(t, () => own, { prefix })).code, 'ERR_AXIOS_TOKEN_REFUSED')
      assert.equal((await failing(t, () => ({ ...own, status: 200 }), { prefix })).code, 'ERR_AXIOS_TOKEN_TYPE')
    }
  })
})

describe('bearer: secrets', () => {
  test('P45: neither secret nor token shows in any error, event, trace or inspection', async (t) => {
    const canary = `canary-${Math.random().toString(36).slice(2)}-${Math.random().toString(36).slice(2)}`
    const { subscribe, unsubscribe } = await import('node:diagnostics_channel')
    const shown = []
    const note = (event) => shown.push(event)
    for (const name of ['countersign:error', 'countersign:signed']) {
      subscribe(name, note)
      t.after(() => unsubscribe(name, note))
    }
    const { privateKey } = generateKeyPairSync('ed25519')
    const echo = ({ body, headers }) => ({ status: 400, json: { error: body, error_description: `${body} ${headers.authorization}` } })
    const answers = [
      echo,
      () => ({ status: 400, json: { error: canary } }),
      () => ({ text: canary }),
      () => ({ json: { access_token: `${canary} ${canary}` } }),
      () => ({ json: { access_token: canary, token_type: canary } }),
      ({ response }) => {
        response.writeHead(200, { 'Content-Length': '1000' })
        response.write(canary, () => response.destroy())
      },
      () => ({ json: { access_token: canary } }),
      () => undefined,
    ]
    const clients = [
      { clientSecret: canary },
      { clientSecret: canary, clientAuthentication: 'basic' },
      { clientSecret: canary, clientAuthentication: 'client_secret_jwt' },
      { clientSecret: undefined, clientAuthentication: 'private_key_jwt', privateKey, extraFields: { password: canary } },
    ]
    for (const answer of answers) {
      for (const client of clients) {
        const world = await tokenWorld(t)
        world.answer = answer
        world.api = () => ({ status: 401, text: '' })
        const interceptor = world.bearer({ ...client, timeoutMs: 200, trace: note })
        const api = axios.create({ baseURL: world.origin, proxy: false })
        api.interceptors.request.use(interceptor)
        await assert.rejects(api.get('/'), (error) => shown.push(error, error.stack, String(error), JSON.stringify(error), interceptor) > 0)
      }
    }
    const wrong = [
      { clientSecret: `${canary}\ud800` },
      { clientSecret: canary, privateKey: canary, clientAuthentication: 'private_key_jwt' },
      { extraFields: `password ${canary}` },
    ]
    for (const options of [
      ...wrong,
      { extraFields: { password: Symbol(canary) } },
      { clientAuthentication: 'private_key_jwt', clientSecret: undefined, privateKey: canary },
    ]) {
      assert.throws(
        () => bearer({ clientId: 'c', clientSecret: SECRET, tokenUrl: 'https://a/', ...options }),
        (error) => shown.push(error, error.stack) > 0,
      )
    }
    assert.ok(shown.length > 100)
    assert.ok(
      !inspect(shown, { depth: null, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }).includes(canary),
    )
  })
})

describe('bearer: a token that is given', () => {
  test('as text, in Authorization or in a field of its own', async (t) => {
    const world = await tokenWorld(t)
    const fields = []
    world.api = ({ headers }) => {
      fields.push([headers.authorization, headers['x-auth-token']])
      return { status: 401, text: '' }
    }
    const client = (options) => {
      const api = axios.create({ baseURL: world.origin, validateStatus: () => true })
      api.interceptors.request.use(bearer(options))
      return api
    }
    await client({ token: 'abc' }).get('/')
    await client({ token: 'abc', header: 'X-Auth-Token', prefix: '' }).get('/')
    await client({ token: 'abc', prefix: 'Token' }).get('/')
    assert.deepEqual(fields, [
      ['Bearer abc', undefined],
      [undefined, 'abc'],
      ['Token abc', undefined],
    ])
  })

  test('by a function: once for each attempt; after a 401 once more, and one retry where it has another one', async (t) => {
    const world = await tokenWorld(t)
    const asked = []
    const api = axios.create({ baseURL: world.origin, proxy: false })
    const token = async (question) => {
      asked.push(question)
      return question.refused === undefined ? 'old' : 'new'
    }
    api.interceptors.request.use(bearer({ token }))
    world.issued.push('old', 'new')
    assert.equal((await api.get('/', { authScopes: 'a b' })).data.token, 'old')
    assert.deepEqual(asked, [{ refused: undefined, authScopes: 'a b' }])
    world.refused.add('old')
    assert.equal((await api.get('/')).data.token, 'new')
    assert.deepEqual(asked.slice(1), [
      { refused: undefined, authScopes: undefined },
      { refused: 'old', authScopes: undefined },
    ])
    world.refused.add('new')
    await assert.rejects(api.get('/'), { status: 401 })
    assert.equal(asked.length, 5)
  })

  test('a function that fails, hangs, or answers no token: a typed error, and nothing is sent', async (t) => {
    const world = await tokenWorld(t)
    const failing = [
      [
        () => {
          throw Object.assign(new Error('canary'), { code: 'EWHATEVER' })
        },
        'ERR_AXIOS_TOKEN_UNUSABLE',
        /\(Error EWHATEVER\)/,
      ],
      [
        async () => {
          throw new RangeError('canary')
        },
        'ERR_AXIOS_TOKEN_UNUSABLE',
        /\(RangeError\)/,
      ],
      [() => new Promise(() => {}), 'ERR_AXIOS_TOKEN_TIMEOUT', /in time/],
      ...[undefined, null, '', 'a b', 'a\r\nX: canary', 5, {}, ['a']].map((answer) => [
        async () => answer,
        'ERR_AXIOS_TOKEN_UNUSABLE',
        /not a token/,
      ]),
    ]
    for (const [token, code, message] of failing) {
      const api = axios.create({ baseURL: world.origin })
      api.interceptors.request.use(bearer({ token, timeoutMs: 50 }))
      await assert.rejects(
        api.get('/'),
        (error) => error.code === code && message.test(error.message) && !inspect(error, { depth: null }).includes('canary'),
      )
    }
    assert.equal(world.calls.api, 0)
  })

  test('a list with dates: after a 401 the one that holds now, and no retry where it is the same', async (t) => {
    const world = await tokenWorld(t)
    const token = [
      { secret: 'old-token', notAfter: '2026-03-01T00:01:00Z' },
      { secret: 'new-token', notBefore: '2026-03-01T00:01:00Z' },
    ]
    const api = axios.create({ baseURL: world.origin, proxy: false })
    api.interceptors.request.use(bearer({ token, now: () => world.clock.now }))
    await assert.rejects(api.get('/'), { status: 401 })
    assert.equal(world.calls.api, 1)
    world.issued.push('new-token')
    world.api = () => {
      world.pass(60)
      world.api = undefined
      return { status: 401, json: {} }
    }
    assert.equal((await api.get('/')).data.token, 'new-token')
    assert.equal(world.calls.api, 3)
  })

  test('a function that answers at once is taken at its word; one that fails after a 401 lets the 401 stand', async (t) => {
    const world = await tokenWorld(t)
    const made = (token, more = {}) => {
      const api = axios.create({ baseURL: world.origin, proxy: false })
      api.interceptors.request.use(bearer({ token, ...more }))
      return api
    }
    world.issued.push('at-once')
    assert.equal((await made(() => 'at-once', { timeoutMs: Number.MAX_SAFE_INTEGER }).get('/')).data.token, 'at-once')
    await assert.rejects(made(() => 'a b').get('/'), {
      code: 'ERR_AXIOS_TOKEN_UNUSABLE',
      message: /^the token function returned something that is not a token;/,
    })
    const before = world.calls.api
    const failing = ({ refused }) => {
      if (refused === undefined) return 'unknown'
      throw new Error('canary')
    }
    await assert.rejects(made(failing).get('/'), { name: 'AxiosError', status: 401 })
    await assert.rejects(made(() => 'unknown').get('/'), { status: 401 })
    assert.equal(world.calls.api, before + 2)
  })

  test('of what a function throws no more than name and code are shown, where they are words', async () => {
    const shown = async (thrown) => {
      const api = axios.create({ baseURL: 'http://127.0.0.1:1', adapter: () => assert.fail('sent') })
      const token = () => {
        throw thrown
      }
      api.interceptors.request.use(bearer({ token }))
      const { message } = await api.get('/').catch((error) => error)
      return message.split(';')[0].replace('the token function failed', '')
    }
    const error = (name, code) => Object.assign(new Error('canary'), { name, code })
    assert.equal(await shown(error('Error', 'EWHY')), ' (Error EWHY)')
    assert.equal(await shown(error('Bad Name', 'E-WHY')), '')
    assert.equal(await shown(error('x'.repeat(64), 5)), ` (${'x'.repeat(64)})`)
    for (const odd of ['x'.repeat(65), '_x', '1x', 'x!', '', 'a\nb']) assert.equal(await shown(error(odd, undefined)), '', odd)
    for (const thrown of [null, 'text', 5, {}]) assert.equal(await shown(thrown), '')
    assert.equal(await shown({ code: 'ECODE' }), ' (ECODE)')
  })

  test('a function that does not answer in time', async (t) => {
    const api = axios.create({ baseURL: 'http://127.0.0.1:1', adapter: () => assert.fail('sent') })
    api.interceptors.request.use(bearer({ token: () => new Promise(() => {}), timeoutMs: 1 }))
    keepAlive(t)
    await assert.rejects(api.get('/'), { message: /^the token function did not answer in time;/ })
  })
})
