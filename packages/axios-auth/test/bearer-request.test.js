/** What a token request looks like on the wire, what becomes of services that fail, and where secrets never show. */
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, createServer, globalAgent } from 'node:http'
import { createServer as createTlsServer, Agent as TlsAgent } from 'node:https'
import { createServer as createNetServer } from 'node:net'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { AxiosAuthError, bearer, TokenError } from '@countersign/axios-auth'
import { secretFromEnv } from '@countersign/core'
import axios from 'axios'
import { without } from '../../../test/support/components.js'
import { pki } from '../../../test/support/pki.js'
import { issue, SECRET, T0, tokenWorld } from './token-server.js'

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
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_NO_SECRET' })
    assert.deepEqual(world.calls, { token: 0, api: 0 })
  })

  test('private_key_jwt: an assertion of 60 seconds, good for once, signed by the key', async (t) => {
    const keys = {
      RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
      ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
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
        assert.deepEqual(claims, { aud: world.tokenUrl, iss: 'client', sub: 'client', iat: T0 / 1000, nbf: T0 / 1000, exp: T0 / 1000 + 60 })
        const [head, payload, signature] = jwt.split('.')
        const hash = { RS256: 'sha256', ES256: 'sha256', ES384: 'sha384', EdDSA: null }[alg]
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
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
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
        /no token/,
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
})
