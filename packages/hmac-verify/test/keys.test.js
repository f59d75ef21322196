import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { memoryClients } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { scheme } from '@countersign/schemes'
import { authRequest, hexOf, now, outcome } from './requests.js'

const body = '{"n":1}'
const keyed = scheme({ name: 'keyed', signature: { header: 'x-s', format: '{keyId}:{signature}' }, message: '{body}' })
const several = scheme({ name: 'several', signature: { header: 'x-s', format: '{keyId}/{signature}', list: ',' }, message: '{body}' })
const alice = 'the secret of alice 0123456789'
const bob = 'the secret of bob 0123456789ab'
const known = new Map([
  ['alice', alice],
  ['bob', bob],
])
const lookup = (keyId) => known.get(keyId)
const request = (value) => authRequest({ headers: { 'x-s': value }, body })

test('a secret proves its own key id only, also where a request names several', async () => {
  const authenticator = hmacAuthenticator({ scheme: several, secret: lookup, now })
  const byAlice = hexOf(body, alice)
  assert.equal(await outcome(authenticator, request(`alice/${byAlice}`)), 'granted alice')
  assert.equal(await outcome(authenticator, request(`bob/${hexOf(body, bob)}`)), 'granted bob')
  // Alice signs under Bob's key id, and names her own as well, so that her secret is at hand.
  assert.equal(await outcome(authenticator, request(`alice/${'0'.repeat(64)},bob/${byAlice}`)), 'ERR_HMAC_MISMATCH')
  assert.equal(await outcome(authenticator, request(`bob/${byAlice},alice/${'0'.repeat(64)}`)), 'ERR_HMAC_MISMATCH')
  assert.equal(await outcome(authenticator, request(`bob/${byAlice},alice/${byAlice}`)), 'granted alice')
})

test('a secret that two key ids share proves both', async () => {
  const authenticator = hmacAuthenticator({ scheme: several, secret: (keyId) => (keyId === 'nobody' ? undefined : alice), now })
  assert.equal(await outcome(authenticator, request(`nobody/${hexOf(body, alice)},b/${hexOf(body, alice)}`)), 'granted b')
  assert.equal(await outcome(authenticator, request(`nobody/${hexOf(body, alice)}`)), 'ERR_HMAC_UNKNOWN_KEY')
})

test('S04: every key id of a request is printable ASCII of at most 256 characters before it goes into a look-up', async () => {
  const asked = []
  const secret = (keyId) => {
    asked.push(keyId)
    return alice
  }
  const authenticator = hmacAuthenticator({ scheme: several, secret, now })
  const mac = hexOf(body, alice)
  for (const bad of ['a b', 'caf\u00e9', 'x'.repeat(257), 'a\u007f', 'a\tb', '\u00a0']) {
    assert.equal(await outcome(authenticator, request(`good/${mac},${bad}/${mac}`)), 'ERR_HMAC_MALFORMED', JSON.stringify(bad))
    assert.equal(await outcome(authenticator, request(`${bad}/${mac},good/${mac}`)), 'ERR_HMAC_MALFORMED', JSON.stringify(bad))
  }
  assert.deepEqual(asked, [])
})

test('S09: key ids that every object has are unknown, in look-ups over objects too', async () => {
  const table = { alice }
  const authenticator = hmacAuthenticator({ scheme: keyed, secret: (keyId) => table[keyId], now })
  for (const keyId of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf']) {
    const value = `${keyId}:${hexOf(body, alice)}`
    assert.equal(await outcome(authenticator, request(value)), 'ERR_HMAC_UNKNOWN_KEY', keyId)
  }
  assert.equal(await outcome(authenticator, request(`alice:${hexOf(body, alice)}`)), 'granted alice')
})

test('S09: key ids that every object has may also be the ids of records', async () => {
  const authenticator = hmacAuthenticator({
    scheme: keyed,
    secret: [
      { id: 'constructor', secret: alice },
      { id: '__proto__', secret: bob },
    ],
    now,
  })
  assert.equal(await outcome(authenticator, request(`__proto__:${hexOf(body, bob)}`)), 'granted __proto__')
  assert.equal(await outcome(authenticator, request(`constructor:${hexOf(body, bob)}`)), 'ERR_HMAC_MISMATCH')
  assert.equal(await outcome(authenticator, request(`toString:${hexOf(body, bob)}`)), 'ERR_HMAC_UNKNOWN_KEY')
})

test('an unknown key is refused before the body is read', async () => {
  const authenticator = hmacAuthenticator({ scheme: keyed, secret: lookup, now })
  const unknown = request(`carol:${hexOf(body, alice)}`)
  assert.equal(await outcome(authenticator, unknown), 'ERR_HMAC_UNKNOWN_KEY')
  assert.equal(unknown.reads, 0)
})

test('the client is the id of the secret, else the key id of a look-up, else the option, else the name of the scheme', async () => {
  const mac = hexOf(body, alice)
  const plain = { headers: { 'x-signature': mac }, body }
  assert.equal(await outcome(hmacAuthenticator({ secret: alice }), authRequest(plain)), 'granted hex-signature')
  assert.equal(await outcome(hmacAuthenticator({ secret: alice, clientId: 'crm' }), authRequest(plain)), 'granted crm')
  assert.equal(await outcome(hmacAuthenticator({ secret: { id: 'k1', secret: alice } }), authRequest(plain)), 'granted k1')
  // A key id that any secret answers to is the sender's word.
  assert.equal(await outcome(hmacAuthenticator({ scheme: keyed, secret: alice }), request(`root:${mac}`)), 'granted keyed')
  assert.equal(await outcome(hmacAuthenticator({ scheme: keyed, secret: lookup }), request(`alice:${mac}`)), 'granted alice')
  const named = () => ({ id: 'alice', secret: alice })
  assert.equal(await outcome(hmacAuthenticator({ scheme: keyed, secret: named }), request(`alice:${mac}`)), 'granted alice')
  assert.equal(await outcome(hmacAuthenticator({ scheme: keyed, secret: named }), request(`root:${mac}`)), 'ERR_HMAC_UNKNOWN_KEY')
})

test('a key is that of its secret, hash and scope, whatever was asked and forged before', async () => {
  const derived = scheme({
    name: 'derived',
    algorithm: { s256: 'sha256', s512: 'sha512' },
    key: { chain: ['{secret}', '{header:a}', '{header:b?}', '{query:c?}'] },
    signature: { header: 'x-s', format: '{algorithm} {keyId} {signature}' },
    message: '{method}\n{header:a}\n{header:b?}\n{body}',
  })
  const authenticator = hmacAuthenticator({ scheme: derived, secret: lookup, now })
  const node = { s256: 'sha256', s512: 'sha512' }
  const macOf = (key, hash, { a, b, c }) => {
    const parts = [Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'), Buffer.from(c)]
    const last = parts.reduce((from, part) => createHmac(node[hash], from).update(part).digest(), key)
    return createHmac(node[hash], last)
      .update(Buffer.from(`POST\n${a}\n${b}\n${body}`, 'latin1'))
      .digest('hex')
  }
  const asked = (id, hash, mac, { a, b, c }) =>
    authRequest({ target: `/o?c=${encodeURIComponent(c)}`, headers: { a, b, 'x-s': `${hash} ${id} ${mac}` }, body })
  const scopes = ['1', '12', '', '1:1', '\u00e9', 't1:1'].flatMap((a) =>
    a === '' ? [] : ['', '2', '1', '1:', '\u00c3\u00a9', 'o1:2'].map((b, i) => ({ a, b, c: ['', 'x', '\u00e9'][i % 3] })),
  )
  const all = scopes.flatMap((scope) => [...known].flatMap(([id, key]) => Object.keys(node).map((hash) => ({ id, key, hash, scope }))))
  for (let round = 0; round < 2; round += 1) {
    for (const [i, { id, key, hash, scope }] of all.entries()) {
      const mac = macOf(key, hash, scope)
      const before = all[(i + all.length - 1) % all.length]
      // Forged under the key before it, for which the cache may have an answer.
      const forged = macOf(before.key, before.hash, { ...scope, c: before.scope.c })
      if (forged !== mac)
        assert.equal(await outcome(authenticator, asked(id, hash, forged, scope)), 'ERR_HMAC_MISMATCH', JSON.stringify(scope))
      assert.equal(await outcome(authenticator, asked(id, hash, mac, scope)), `granted ${id}`, JSON.stringify(scope))
      assert.equal(await outcome(authenticator, asked(id, hash, mac, scope)), `granted ${id}`, 'again')
    }
  }
})

test('a key that mixes the secret with the request is made for each request', async () => {
  const mixed = scheme({
    name: 'mixed',
    key: '{secret}{header:a}',
    signature: { header: 'x-s', format: '{keyId}:{signature}' },
    message: '{header:a}\n{body}',
  })
  const authenticator = hmacAuthenticator({ scheme: mixed, secret: lookup, now })
  const of = (id, a, key) => outcome(authenticator, authRequest({ headers: { a, 'x-s': `${id}:${hexOf(`${a}\n${body}`, key)}` }, body }))
  for (const a of ['1', '2', '1']) {
    for (const [id, key] of known) {
      assert.equal(await of(id, a, `${key}${a}`), `granted ${id}`)
      assert.equal(await of(id, a, `${key}3`), 'ERR_HMAC_MISMATCH')
      assert.equal(await of(id, a, key), 'ERR_HMAC_MISMATCH')
    }
  }
})

test('one secret has a key for each hash that a request names', async () => {
  const one = scheme({
    name: 'hashes',
    algorithm: { s256: 'sha256', s512: 'sha512' },
    signature: { header: 'x-s', format: '{algorithm} {signature}' },
    message: '{method}\n{body}',
  })
  const authenticator = hmacAuthenticator({ scheme: one, secret: alice, now })
  const macOf = (hash) => createHmac(hash, alice).update(`POST\n${body}`).digest('hex')
  for (const [name, hash] of [
    ['s256', 'sha256'],
    ['s512', 'sha512'],
    ['s256', 'sha256'],
    ['s512', 'sha512'],
  ])
    assert.equal(await outcome(authenticator, request(`${name} ${macOf(hash)}`)), 'granted hashes', name)
  assert.equal(await outcome(authenticator, request(`s512 ${macOf('sha256')}`)), 'ERR_HMAC_MISMATCH')
})

test('a key is never that of other octets that print alike', async () => {
  const one = scheme({
    name: 'chain',
    key: { chain: ['{secret}', '{header:a?}{query:c?}'] },
    signature: { header: 'x-s' },
    message: '{body}',
    ambiguous: 'the header of the key runs into its parameter',
  })
  const authenticator = hmacAuthenticator({ scheme: one, secret: alice, now })
  const of = (octets, a, c) => {
    const key = createHmac('sha256', alice).update(octets).digest()
    return outcome(authenticator, authRequest({ target: `/o?c=${c}`, headers: { ...(a && { a }), 'x-s': hexOf(body, key) }, body }))
  }
  for (let round = 0; round < 2; round += 1) {
    assert.equal(await of(Buffer.from('\u00e9'), undefined, '%C3%A9'), 'granted chain')
    assert.equal(await of(Buffer.from([0xe9]), '\u00e9', ''), 'granted chain')
    assert.equal(await of(Buffer.from([0xe8]), '\u00e8', ''), 'granted chain')
  }
})

test('a key id holds its separator where it has a secret of its own, and not under one that answers to any', async () => {
  const told = scheme({
    name: 'told',
    signature: { header: 'x-s' },
    keyId: { header: 'x-key' },
    message: '{keyId}:{body}',
    ambiguous: 'ids hold a colon',
  })
  const asked = authRequest({ headers: { 'x-key': 'shop:7', 'x-s': hexOf(`shop:7:${body}`, alice) }, body })
  const verdict = (secret) => outcome(hmacAuthenticator({ scheme: told, secret, now }), asked)
  assert.equal(await verdict({ id: 'shop:7', secret: alice }), 'granted shop:7')
  assert.equal(await verdict((keyId) => (keyId === 'shop:7' ? alice : undefined)), 'granted shop:7')
  for (const secret of [alice, [{ id: 'shop', secret: bob }, alice]]) assert.equal(await verdict(secret), 'ERR_HMAC_MALFORMED')
  const clients = memoryClients({ clients: [{ id: 'crm', credentials: [{ kind: 'hmac', keyId: 'shop:7', secret: alice }] }] })
  assert.equal(await outcome(hmacAuthenticator({ scheme: told, clients, now }), asked), 'granted crm')
})
