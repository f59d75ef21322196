/** bearer against oidc-provider, a certified OAuth 2.0 authorization server: every way of client authentication, and tokens that are revoked. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Agent, createServer as createTlsServer } from 'node:https'
import { describe, test } from 'node:test'
import { bearer } from '@countersign/axios-auth/bearer'
import axios from 'axios'
import Provider from 'oidc-provider'
import { without } from '../support/components.js'
import { pki } from '../support/pki.js'

const SECRET = 'a secret that is as long as HS256 wants it'
const AWKWARD = 'basic secret/+:%&=~"\\'
const RESOURCE = 'urn:api:orders'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed25519 = generateKeyPairSync('ed25519')
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const client = (id, method, more) => ({
  client_id: id,
  token_endpoint_auth_method: method,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: 'read write',
  ...more,
})
const jwks = ({ publicKey }, alg) => ({ jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig', alg }] } })

const CLIENTS = [
  client('post', 'client_secret_post', { client_secret: SECRET }),
  client('basic client/+:%', 'client_secret_basic', { client_secret: AWKWARD }),
  client('secret-jwt', 'client_secret_jwt', { client_secret: SECRET, token_endpoint_auth_signing_alg: 'HS256' }),
  client('rsa-jwt', 'private_key_jwt', jwks(rsa, 'PS256')),
  client('ec-jwt', 'private_key_jwt', jwks(ec, 'ES256')),
  client('ed-jwt', 'private_key_jwt', jwks(ed25519, 'EdDSA')),
  client('tls', 'tls_client_auth', { tls_client_auth_subject_dn: 'expected' }),
  client('resource-server', 'client_secret_post', { client_secret: SECRET }),
]

const FEATURES = {
  clientCredentials: { enabled: true },
  introspection: { enabled: true, allowedPolicy: () => true },
  revocation: { enabled: true, allowedPolicy: () => true },
  devInteractions: { enabled: false },
  resourceIndicators: {
    enabled: true,
    defaultResource: () => undefined,
    getResourceServerInfo: () => ({ scope: 'read write', accessTokenFormat: 'jwt', accessTokenTTL: 120, jwt: { sign: { alg: 'RS256' } } }),
  },
  mTLS: {
    enabled: true,
    tlsClientAuth: true,
    certificateAuthorized: (ctx) => ctx.socket.authorized === true,
    certificateSubjectMatches: (ctx, property, expected) =>
      property === 'tls_client_auth_subject_dn' && ctx.socket.getPeerCertificate().subject.CN === expected,
    getCertificate: (ctx) => ctx.socket.getPeerX509Certificate()?.toString(),
  },
}

/** An authorization server, and an API that asks it about each token. */
async function world(t, tls) {
  let handle
  const listener = (request, response) => handle(request, response)
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  const issuer = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${await listening(t, server)}`
  const provider = new Provider(issuer, {
    clients: CLIENTS,
    features: FEATURES,
    scopes: ['read', 'write'],
    ttl: { ClientCredentials: 600 },
    // As other servers have it; by default it allows for 15 s.
    clockTolerance: 0,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth'],
    enabledJWA: { clientAuthSigningAlgValues: ['HS256', 'PS256', 'ES256', 'EdDSA'] },
    jwks: { keys: [{ ...rsa.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
  })
  const calls = { token: 0, api: 0 }
  provider.on('grant.success', () => {
    calls.token += 1
  })
  provider.on('grant.error', () => {
    calls.token += 1
  })
  handle = provider.callback()
  const found = { issuer, provider, calls, tokenUrl: `${issuer}/token` }
  found.origin = await protectedApi(t, found)
  found.client = (options) => {
    const api = axios.create({ baseURL: found.origin, proxy: false })
    api.interceptors.request.use(bearer({ tokenUrl: found.tokenUrl, ...options }))
    return api
  }
  return found
}

async function protectedApi(t, { provider, calls }) {
  const server = createServer(async (request, response) => {
    calls.api += 1
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    const found = token.includes('.') ? jwtClaims(token) : await provider.ClientCredentials.find(token)
    response.writeHead(found === undefined ? 401 : 200, {
      'Content-Type': 'application/json',
      'WWW-Authenticate': 'Bearer error="invalid_token"',
    })
    response.end(JSON.stringify({ token, client: found?.clientId ?? found?.client_id, scope: found?.scope, audience: found?.aud }))
  })
  return `http://127.0.0.1:${await listening(t, server)}`
}

async function listening(t, server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return server.address().port
}

function jwtClaims(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
}

async function revoke({ issuer }, token, id = 'post') {
  const body = new URLSearchParams({ token, client_id: id, client_secret: SECRET })
  assert.equal((await fetch(`${issuer}/token/revocation`, { method: 'POST', body })).status, 200)
}

async function isActive({ issuer }, token) {
  const body = new URLSearchParams({ token, client_id: 'resource-server', client_secret: SECRET })
  return (await (await fetch(`${issuer}/token/introspection`, { method: 'POST', body })).json()).active
}

const WAYS = {
  client_secret_post: { clientId: 'post', clientSecret: SECRET },
  'client_secret_basic, with an id and a secret of /+:%&=': {
    clientId: 'basic client/+:%',
    clientSecret: AWKWARD,
    clientAuthentication: 'basic',
  },
  client_secret_jwt: { clientId: 'secret-jwt', clientSecret: SECRET, clientAuthentication: 'client_secret_jwt' },
  'private_key_jwt with RSA': {
    clientId: 'rsa-jwt',
    privateKey: rsa.privateKey,
    keyId: 'key-1',
    assertionAlgorithm: 'PS256',
    clientAuthentication: 'private_key_jwt',
  },
  'private_key_jwt with P-256': {
    clientId: 'ec-jwt',
    privateKey: ec.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    clientAuthentication: 'private_key_jwt',
  },
  'private_key_jwt with Ed25519': {
    clientId: 'ed-jwt',
    privateKey: ed25519.privateKey.export({ format: 'jwk' }),
    clientAuthentication: 'private_key_jwt',
  },
}

describe('bearer and oidc-provider', () => {
  for (const [name, options] of Object.entries(WAYS)) {
    test(`${name}: a token with its scopes`, async (t) => {
      const server = await world(t)
      const api = server.client({ ...options, scopes: 'read\nwrite' })
      const { data } = await api.get('/orders')
      assert.deepEqual([data.client, data.scope], [options.clientId, 'read write'])
      assert.equal((await api.get('/orders', { authScopes: 'write' })).data.scope, 'write')
      assert.equal(server.calls.token, 2)
    })
  }

  test('clocks that differ: the server, which allows for nothing, takes assertions of a clock 8 s ahead and of one 30 s behind', async (t) => {
    const server = await world(t)
    for (const differenceMs of [8000, -30_000]) {
      const now = () => Date.now() + differenceMs
      for (const way of ['client_secret_jwt', 'private_key_jwt with P-256'])
        assert.equal((await server.client({ ...WAYS[way], now }).get('/orders')).status, 200)
    }
  })

  test('a wrong secret, key or client: invalid_client, and nothing is sent to the API', async (t) => {
    const server = await world(t)
    const wrong = [
      { ...WAYS['client_secret_post'], clientSecret: 'a wrong secret' },
      { ...WAYS['client_secret_jwt'], clientSecret: 'a wrong secret that is long enough for it' },
      { ...WAYS['private_key_jwt with RSA'], privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey },
      { clientId: 'nobody', clientSecret: SECRET, clientAuthentication: 'basic' },
    ]
    for (const options of wrong) {
      await assert.rejects(server.client(options).get('/'), { code: 'ERR_AXIOS_TOKEN_REFUSED', oauthError: 'invalid_client' })
    }
    assert.equal(server.calls.api, 0)
  })

  test('a JSON token request is refused there with 400', async (t) => {
    const server = await world(t)
    const error = await server
      .client({ ...WAYS['client_secret_post'], dataFormat: 'json' })
      .get('/')
      .catch((thrown) => thrown)
    assert.deepEqual([error.code, error.tokenStatus, error.oauthError], ['ERR_AXIOS_TOKEN_REFUSED', 400, 'invalid_request'])
  })

  test('RFC 8707: a token for one resource, as a JWT', async (t) => {
    const server = await world(t)
    const { data } = await server.client({ ...WAYS['client_secret_post'], resource: RESOURCE, scopes: ['read'] }).get('/')
    assert.deepEqual([data.client, data.audience, data.scope], ['post', RESOURCE, 'read'])
  })

  test('P40: a live token is revoked: 20 calls at once succeed with one new token', async (t) => {
    const server = await world(t)
    const api = server.client(WAYS['client_secret_post'])
    const first = (await api.get('/')).data.token
    assert.equal(await isActive(server, first), true)
    await revoke(server, first)
    assert.equal(await isActive(server, first), false)
    const tokens = (await Promise.all(Array.from({ length: 20 }, () => api.get('/')))).map(({ data }) => data.token)
    assert.equal(new Set(tokens).size, 1)
    assert.notEqual(tokens[0], first)
    assert.deepEqual(server.calls, { token: 2, api: 41 })
    // Revoked once more, within the cooldown: the 401 goes through, and no token is asked for.
    await revoke(server, tokens[0])
    await assert.rejects(api.get('/'), { status: 401 })
    assert.deepEqual(server.calls, { token: 2, api: 42 })
  })

  test('P41: half of its life, and its end', async (t) => {
    const server = await world(t)
    let now = Date.now()
    const api = server.client({ ...WAYS['client_secret_post'], now: () => now })
    const token = async () => (await api.get('/')).data.token
    const first = await token()
    now += 299_000
    assert.equal(await token(), first)
    assert.equal(server.calls.token, 1)
    now += 301_000
    assert.notEqual(await token(), first)
    assert.equal(server.calls.token, 2)
  })

  test('RFC 8705: mutual TLS with tls_client_auth', { skip: without('openssl') }, async (t) => {
    const { ca, server: own, expected, other } = pki()
    const server = await world(t, {
      key: readFileSync(own.key),
      cert: own.pem,
      ca: readFileSync(ca.cert),
      requestCert: true,
      rejectUnauthorized: false,
    })
    const agent = (leaf) => new Agent({ ca: readFileSync(ca.cert), ...(leaf && { cert: leaf.pem, key: readFileSync(leaf.key) }) })
    const options = { clientId: 'tls', clientAuthentication: 'tls' }
    assert.equal((await server.client({ ...options, httpsAgent: agent(expected) }).get('/')).data.client, 'tls')
    for (const leaf of [other, undefined]) {
      await assert.rejects(server.client({ ...options, httpsAgent: agent(leaf) }).get('/'), {
        code: 'ERR_AXIOS_TOKEN_REFUSED',
        oauthError: 'invalid_client',
      })
    }
  })
})
