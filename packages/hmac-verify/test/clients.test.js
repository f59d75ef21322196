import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { apiKeyAuthenticator } from '@countersign/api-key'
import { allOf, memoryClients } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hexSignature, wso2 } from '@countersign/schemes'
import { authRequest, now, nowSeconds, outcome, secret } from './requests.js'

const DATE = new Date(nowSeconds * 1000).toUTCString()
const KEY = 'an-api-key-of-the-tests-01234567'

/** A GET signed as WSO2 does, by Node's own createHmac. */
function signedBy(keyId, key, extra = {}) {
  const signature = createHmac('sha256', key).update(`GET\n${DATE}\n/orders`).digest('base64')
  return authRequest({ method: 'GET', body: '', headers: { date: DATE, authorization: `${keyId}:${signature}`, ...extra } })
}

function registry() {
  return memoryClients({
    now,
    clients: [
      {
        id: 'acme',
        groups: ['partners'],
        credentials: [
          { kind: 'hmac', keyId: 'k1', secret },
          { kind: 'api-key', key: KEY },
        ],
      },
      { id: 'other', credentials: [{ kind: 'hmac', keyId: 'k2', secret: 'another-secret-of-the-tests-0123' }] },
    ],
  })
}

test('a key id of the registry: its client, its groups, the credential that matched', async () => {
  const clients = registry()
  const authenticator = hmacAuthenticator({ scheme: wso2, clients, now })
  const verdict = await authenticator.authenticate(signedBy('k1', secret))
  assert.equal(verdict.kind, 'granted')
  assert.deepEqual({ ...verdict.principal }, { clientId: 'acme', scheme: 'hmac', credentialId: 'hmac-1', groups: ['partners'] })
  assert.equal(authenticator.registry, clients)
})

test("P29: a client's key under another client's key id, and an unknown key id, are refused", async () => {
  const authenticator = hmacAuthenticator({ scheme: wso2, clients: registry(), now })
  assert.equal(await outcome(authenticator, signedBy('k2', secret)), 'ERR_HMAC_MISMATCH')
  for (const keyId of ['k3', 'constructor', '__proto__']) {
    assert.equal(await outcome(authenticator, signedBy(keyId, secret)), 'ERR_HMAC_UNKNOWN_KEY')
  }
})

test('P27: what is revoked, disabled or rotated away is refused from the next request on', async () => {
  const clients = registry()
  const authenticator = hmacAuthenticator({ scheme: wso2, clients, now })
  const next = 'the-next-secret-of-the-tests-012'
  await clients.addCredential('acme', { kind: 'hmac', keyId: 'k1', secret: next })
  assert.equal(await outcome(authenticator, signedBy('k1', next)), 'granted acme')
  assert.equal(await outcome(authenticator, signedBy('k1', secret)), 'granted acme')
  await clients.revoke('acme', 'hmac-1')
  assert.equal(await outcome(authenticator, signedBy('k1', secret)), 'ERR_HMAC_MISMATCH')
  await clients.disable('acme')
  assert.equal(await outcome(authenticator, signedBy('k1', next)), 'ERR_HMAC_UNKNOWN_KEY')
})

test('the use of a key is remembered when the request is committed, and not before', async () => {
  const clients = registry()
  const verdict = await hmacAuthenticator({ scheme: wso2, clients, now }).authenticate(signedBy('k1', secret))
  const lastUse = () => clients.lastUsed('acme').find(({ credentialId }) => credentialId === 'hmac-1').lastUsed
  assert.equal(lastUse(), undefined)
  assert.equal(await verdict.commit(), undefined)
  assert.equal(lastUse().getTime(), now())
})

test('allOf with sameClient: a signature and an API key of one client', async () => {
  const clients = registry()
  const both = allOf(hmacAuthenticator({ scheme: wso2, clients, now }), apiKeyAuthenticator({ clients, now }), { sameClient: true })
  assert.equal(await outcome(both, signedBy('k1', secret, { 'x-api-key': KEY })), 'granted acme')
  const foreign = signedBy('k2', 'another-secret-of-the-tests-0123', { 'x-api-key': KEY })
  assert.equal(await outcome(both, foreign), 'ERR_AUTH_OTHER_CLIENT')
})

test('a registry that fails is an outage', async () => {
  const clients = { ...registry(), findHmacKey: () => Promise.reject(new Error('down')) }
  const authenticator = hmacAuthenticator({ scheme: wso2, clients, now })
  await assert.rejects(async () => authenticator.authenticate(signedBy('k1', secret)), { code: 'ERR_LOOKUP_FAILED', status: 503 })
})

test('mistakes are said at creation', () => {
  const clients = registry()
  assert.throws(() => hmacAuthenticator({ scheme: hexSignature, clients }), { code: 'ERR_INVALID_ARG_VALUE', message: /carries no key id/ })
  assert.throws(() => hmacAuthenticator({ scheme: wso2, clients, secret }), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: /"secret" cannot be combined with/,
  })
  assert.throws(() => hmacAuthenticator({ scheme: wso2, clients: {} }), { code: 'ERR_INVALID_ARG_TYPE', message: /"clients"/ })
  assert.throws(() => hmacAuthenticator({ scheme: wso2 }), { message: /"secret"/ })
})
