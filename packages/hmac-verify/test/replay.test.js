import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { CountersignError, memoryReplayStore } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { docusign, github, hexSignature, scheme, sign, slack, standardWebhooks, stripe, wso2 } from '@countersign/schemes'
import { keepAlive } from '../../../test/support/promises.js'
import { authRequest, hexOf, now, nowSeconds, secret } from './requests.js'

keepAlive({ after })

const whsec = `whsec_${Buffer.from('a key of the tests, 32 octets!!').toString('base64')}`

/** A store that remembers what it was asked, and answers as told. */
function spyStore(answer = (key) => `token of ${key}`) {
  const calls = []
  return {
    calls,
    claim(key, ttlSeconds) {
      calls.push(['claim', key, ttlSeconds])
      return answer(key, calls.length)
    },
    release(key, token) {
      calls.push(['release', key, token])
    },
  }
}

function signedRequest(definition, { method = 'POST', target = '/orders', body = '{"n":1}', options = {} } = {}) {
  const out = sign(
    definition,
    { method, url: target, headers: { 'content-type': 'text/plain' }, body: Buffer.from(body) },
    { secret, now, ...options },
  )
  return { method, target, headers: { 'content-type': 'text/plain', ...out.headers }, body }
}

/** Judges and commits, as a guard does: `passed`, or the code of the refusal; with the verdict, for settling. */
async function attempt(authenticator, request) {
  const verdict = await authenticator.authenticate(authRequest(request))
  if (verdict.kind !== 'granted') return { outcome: verdict.code ?? verdict.kind, verdict }
  const refused = await verdict.commit?.()
  return { outcome: refused === undefined ? 'passed' : refused.code, verdict }
}

test('P13: what signs a time or a nonce is remembered without being asked to', async () => {
  for (const [definition, options, asked] of [
    [slack, {}, {}],
    [stripe, {}, {}],
    [wso2, { keyId: 'k' }, {}],
    [standardWebhooks, { secret: whsec }, { secret: whsec }],
  ]) {
    const authenticator = hmacAuthenticator({ scheme: definition, secret, now, ...asked })
    const request = signedRequest(definition, { options })
    assert.equal((await attempt(authenticator, request)).outcome, 'passed', definition.name)
    assert.equal((await attempt(authenticator, request)).outcome, 'ERR_HMAC_REPLAYED', definition.name)
  }
})

test('P13: a request whose time is not sent passes once, whenever it comes again within the window', async () => {
  const definition = scheme({
    name: 'unsent',
    signature: { header: 'x-signature' },
    timestamp: { unit: 'seconds', unsent: true, toleranceSeconds: 60 },
    message: '{timestamp}.{body}',
  })
  const ttls = []
  const known = new Set()
  const replay = {
    claim(key, ttlSeconds) {
      ttls.push(ttlSeconds)
      if (known.has(key)) return undefined
      known.add(key)
      return 'token'
    },
    release() {},
  }
  let clock = nowSeconds
  const authenticator = hmacAuthenticator({ scheme: definition, secret, now: () => clock * 1000, replay })
  const request = signedRequest(definition)
  assert.equal((await attempt(authenticator, request)).outcome, 'passed')
  clock += 59
  assert.equal((await attempt(authenticator, request)).outcome, 'ERR_HMAC_REPLAYED')
  assert.equal((await attempt(authenticator, signedRequest(definition, { body: '{"n":2}' }))).outcome, 'passed')
  clock += 2
  assert.equal((await attempt(authenticator, request)).outcome, 'ERR_HMAC_MISMATCH')
  // As long as the signature could still be found, and a minute more.
  assert.deepEqual(ttls, [120, 61, 61])
})

test('the documented curl line run twice passes twice: identical requests can be honest', async () => {
  for (const definition of [hexSignature, github, docusign]) {
    const authenticator = hmacAuthenticator({ scheme: definition, secret, now })
    const request = signedRequest(definition)
    for (let i = 0; i < 2; i += 1) assert.equal((await attempt(authenticator, request)).outcome, 'passed', definition.name)
    const asked = hmacAuthenticator({ scheme: definition, secret, now, replay: memoryReplayStore(), replayTtlSeconds: 60 })
    assert.equal((await attempt(asked, request)).outcome, 'passed')
    assert.equal((await attempt(asked, request)).outcome, 'ERR_HMAC_REPLAYED')
  }
})

test('replay: false remembers nothing', async () => {
  const authenticator = hmacAuthenticator({ scheme: slack, secret, now, replay: false })
  const request = signedRequest(slack)
  for (let i = 0; i < 3; i += 1) assert.equal((await attempt(authenticator, request)).outcome, 'passed')
})

test('the key is SHA-256 over scheme, client and message, the first two behind their lengths', async () => {
  const store = spyStore()
  await attempt(hmacAuthenticator({ scheme: slack, secret, now, replay: store, clientId: 'crm' }), signedRequest(slack))
  const text = `5:slack3:crmv0:${nowSeconds}:{"n":1}`
  assert.deepEqual(store.calls, [['claim', createHash('sha256').update(text).digest('base64url'), 360]])
})

test('no two of scheme, client and message share a key', async () => {
  const keys = new Set()
  const store = spyStore((key) => {
    keys.add(key)
    return key
  })
  const of = (name, clientId, body) => {
    const definition = scheme({ name, signature: { header: 'x-s' }, message: '{body}' })
    const authenticator = hmacAuthenticator({ scheme: definition, secret, clientId, replay: store, replayTtlSeconds: 60 })
    return attempt(authenticator, { headers: { 'x-s': hexOf(body) }, body })
  }
  const all = [
    ['a', 'b', 'c'],
    ['a', 'bc', 'd'],
    ['ab', 'c', 'd'],
    ['a', 'b', 'cd'],
    ['a', '1:b', 'c'],
    ['a1', 'b', 'c'],
    ['a', 'b2:', 'c'],
  ]
  for (const [name, clientId, body] of all) assert.equal((await of(name, clientId, body)).outcome, 'passed')
  assert.equal(keys.size, all.length)
})

test('the claim lives until the signature is too old, and 60 seconds longer', async () => {
  const cases = [
    [{}, 0, 360],
    [{}, 100, 260],
    [{}, 300, 60],
    [{}, -300, 660],
    [{ toleranceSeconds: 10 }, 10, 60],
    [{ toleranceSeconds: 10 }, -10, 80],
  ]
  for (const [options, later, expected] of cases) {
    const store = spyStore()
    const authenticator = hmacAuthenticator({ scheme: slack, secret, replay: store, now: () => (nowSeconds + later) * 1000, ...options })
    assert.equal((await attempt(authenticator, signedRequest(slack))).outcome, 'passed')
    assert.equal(store.calls[0][2], expected, `${later} s later`)
  }
  const store = spyStore()
  await attempt(hmacAuthenticator({ secret, replay: store, replayTtlSeconds: 86_400 }), signedRequest(hexSignature))
  assert.equal(store.calls[0][2], 86_400)
})

test('the store is told when a request was signed, where the signature says so', async () => {
  const told = async (options, request) => {
    const calls = []
    const replay = { claim: (...args) => calls.push(args) && 'token', release() {} }
    assert.equal((await attempt(hmacAuthenticator({ secret, now, replay, ...options }), request)).outcome, 'passed')
    return calls[0][2]
  }
  assert.equal(await told({ scheme: slack }, signedRequest(slack)), nowSeconds * 1000)
  assert.equal(await told({ replayTtlSeconds: 60 }, signedRequest(hexSignature)), undefined)
})

test('a body that arrives when its claim would have ended is refused', async () => {
  let clock = nowSeconds * 1000
  const store = spyStore()
  const authenticator = hmacAuthenticator({ scheme: slack, secret, replay: store, now: () => clock })
  const late = async (seconds) => {
    clock = nowSeconds * 1000
    const request = authRequest(signedRequest(slack))
    const read = request.body
    request.body = async () => {
      clock += seconds * 1000
      return read()
    }
    const verdict = await authenticator.authenticate(request)
    const refused = await verdict.commit()
    return refused === undefined ? 'passed' : refused.code
  }
  assert.equal(await late(359), 'passed', 'the time is judged when the head is there')
  assert.equal(await late(360), 'ERR_HMAC_STALE')
  assert.equal(await late(4000), 'ERR_HMAC_STALE')
  assert.equal(store.calls.length, 1)
})

test('P14: a request with two valid signatures is the same request without one of them', async () => {
  const keys = [
    { id: 'k1', secret: 'the first secret of the two' },
    { id: 'k2', secret: 'the second secret of the two' },
  ]
  for (const drop of ['x-docusign-signature-1', 'x-docusign-signature-2']) {
    const authenticator = hmacAuthenticator({ scheme: docusign, secret: keys, replay: memoryReplayStore(), replayTtlSeconds: 60 })
    const whole = signedRequest(docusign, { options: { secret: keys } })
    const { [drop]: _, ...headers } = whole.headers
    assert.equal((await attempt(authenticator, whole)).outcome, 'passed')
    assert.equal((await attempt(authenticator, { ...whole, headers })).outcome, 'ERR_HMAC_REPLAYED', `without ${drop}`)
    // Nor is each of the two halves good for once.
    const fresh = hmacAuthenticator({ scheme: docusign, secret: keys, replay: memoryReplayStore(), replayTtlSeconds: 60 })
    assert.equal((await attempt(fresh, { ...whole, headers })).outcome, 'passed')
    assert.equal((await attempt(fresh, whole)).outcome, 'ERR_HMAC_REPLAYED')
  }
  const stripeKeys = hmacAuthenticator({ scheme: stripe, secret: keys, now })
  const both = signedRequest(stripe, { options: { secret: keys } })
  const [time, first, second] = both.headers['stripe-signature'].split(',')
  const only = (...parts) => attempt(stripeKeys, { ...both, headers: { 'stripe-signature': parts.join(',') } })
  assert.equal((await only(time, first)).outcome, 'passed')
  assert.equal((await only(time, second)).outcome, 'ERR_HMAC_REPLAYED')
  assert.equal((await only(second, first, time)).outcome, 'ERR_HMAC_REPLAYED', 'another order')
})

test('GET, HEAD and OPTIONS without a nonce are not claimed; with one they are', async () => {
  const timed = scheme({
    name: 'timed',
    signature: { header: 'x-s' },
    timestamp: { header: 't', unit: 'seconds' },
    message: '{method}\n{target}\n{timestamp}\n{body|sha256|hex}',
  })
  const nonced = scheme({
    name: 'nonced',
    signature: { header: 'x-s' },
    timestamp: { header: 't', unit: 'seconds' },
    nonce: { header: 'n' },
    message: '{method}\n{target}\n{timestamp}\n{nonce}\n{body|sha256|hex}',
  })
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST']) {
    const claimed = method === 'DELETE' || method === 'POST'
    for (const [definition, again] of [
      [timed, claimed ? 'ERR_HMAC_REPLAYED' : 'passed'],
      [nonced, 'ERR_HMAC_REPLAYED'],
    ]) {
      const authenticator = hmacAuthenticator({ scheme: definition, secret, now })
      const request = signedRequest(definition, { method, body: method === 'POST' ? 'x' : '' })
      assert.equal((await attempt(authenticator, request)).outcome, 'passed', `${method} ${definition.name}`)
      assert.equal((await attempt(authenticator, request)).outcome, again, `${method} ${definition.name}`)
    }
  }
})

test('P14: a key id in another spelling, and another key id of the same secret, is the same request', async () => {
  const timestamp = { header: 't', unit: 'seconds' }
  const ids = ['shop', 'SHOP', 'sHop', 'branch']
  const lookup = (keyId) => (ids.includes(keyId) ? secret : undefined)
  const records = ids.map((id) => ({ id, secret }))
  for (const message of ['{timestamp}\n{body}', '{keyId|lower}\n{timestamp}\n{body}']) {
    const one = scheme({ name: 'acme', signature: { header: 'x-s' }, timestamp, keyId: { header: 'k' }, message })
    for (const asked of [lookup, records]) {
      const authenticator = hmacAuthenticator({ scheme: one, secret: asked, now })
      const request = signedRequest(one, { options: { keyId: 'shop' } })
      const outcomes = []
      for (const k of ids) outcomes.push((await attempt(authenticator, { ...request, headers: { ...request.headers, k } })).outcome)
      const other = message.startsWith('{keyId') ? 'ERR_HMAC_MISMATCH' : 'ERR_HMAC_REPLAYED'
      assert.deepEqual(outcomes, ['passed', 'ERR_HMAC_REPLAYED', 'ERR_HMAC_REPLAYED', other], message)
    }
  }
})

test('P13: two clients that send the same are two', async () => {
  const one = scheme({
    name: 'acme',
    signature: { header: 'x-s' },
    timestamp: { header: 't', unit: 'seconds' },
    keyId: { header: 'k' },
    message: '{timestamp}\n{body}',
  })
  const secrets = { ann: `${secret}a`, bob: `${secret}b` }
  const authenticator = hmacAuthenticator({ scheme: one, secret: (keyId) => secrets[keyId], now })
  for (const outcome of ['passed', 'ERR_HMAC_REPLAYED'])
    for (const keyId of ['ann', 'bob']) {
      const request = signedRequest(one, { options: { keyId, secret: secrets[keyId] } })
      assert.equal((await attempt(authenticator, request)).outcome, outcome, keyId)
    }
})

test('P13: a POST of which the method is not signed is not let in again as a GET', async () => {
  for (const definition of [slack, stripe]) {
    const authenticator = hmacAuthenticator({ scheme: definition, secret, now })
    const request = signedRequest(definition)
    assert.equal((await attempt(authenticator, request)).outcome, 'passed', definition.name)
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      assert.equal((await attempt(authenticator, { ...request, method })).outcome, 'ERR_HMAC_REPLAYED', `${method} ${definition.name}`)
  }
})

test('P13: nor is a GET with a body let in again; where it has none, or the method is signed, it is', async () => {
  const timed = (message) =>
    scheme({ name: 'timed', signature: { header: 'x-s' }, timestamp: { header: 't', unit: 'seconds' }, message: `${message}\n{body}` })
  for (const [message, body, again] of [
    ['{target}\n{timestamp}', 'x', 'ERR_HMAC_REPLAYED'],
    ['{target}\n{timestamp}', '', 'passed'],
    ['{method}\n{target}\n{timestamp}', 'x', 'passed'],
  ]) {
    const authenticator = hmacAuthenticator({ scheme: timed(message), secret, now })
    const request = signedRequest(timed(message), { method: 'GET', body })
    assert.equal((await attempt(authenticator, request)).outcome, 'passed')
    assert.equal((await attempt(authenticator, request)).outcome, again, `${message} ${body}`)
  }
})

test('P13: what only the key is made with tells requests of one message apart, and each of them is taken once', async () => {
  const timestamp = { header: 't', unit: 'seconds' }
  const timed = scheme({ name: 'timed', signature: { header: 'x-s' }, timestamp, key: '{timestamp}\n{secret}', message: '{body}' })
  const key = '{timestamp}\n{nonce}\n{secret}'
  const nonced = scheme({ name: 'nonced', signature: { header: 'x-s' }, timestamp, nonce: { header: 'n' }, key, message: '{body}' })
  for (const [definition, ...ways] of [
    [timed, { timestamp: `${nowSeconds}` }, { timestamp: `${nowSeconds - 1}` }],
    [nonced, { nonce: 'n1' }, { nonce: 'n2' }, { nonce: 'n1', timestamp: `${nowSeconds - 1}` }],
  ]) {
    const authenticator = hmacAuthenticator({ scheme: definition, secret, now })
    const requests = ways.map((options) => signedRequest(definition, { options }))
    for (const request of requests) assert.equal((await attempt(authenticator, request)).outcome, 'passed', definition.name)
    for (const request of requests) assert.equal((await attempt(authenticator, request)).outcome, 'ERR_HMAC_REPLAYED', definition.name)
  }
})

test('P13, P14: a nonce that is spelt in another way and makes the same key is the same nonce', async () => {
  for (const [nonce, pipe, other, chain = {}] of [
    ['QUJDREVGRw==', 'fromBase64', 'QUJDREVGRw', { by: 'sha256' }],
    ['QUJDREVGRw==', 'fromBase64url', 'QUJDREVGRw'],
    ['abcd0123', 'fromHex', 'ABCD0123'],
    ['MZXW6YTBOI======', 'fromBase32', 'MZXW6YTBOI'],
    ['abcd', 'lower', 'ABCD'],
    ['abcd', 'remove:-', 'ab-cd'],
    ['abcd', 'decode', '%61bcd'],
  ]) {
    const slot = `{nonce|${pipe}}`
    for (const key of [{ chain: ['{secret}', slot], ...chain }, `${slot}{secret}`]) {
      const own = scheme({ name: 'own', signature: { header: 'x-s' }, nonce: { header: 'n' }, key, message: '{body}' })
      const authenticator = hmacAuthenticator({ scheme: own, secret, now, replayTtlSeconds: 600 })
      const request = signedRequest(own, { options: { nonce } })
      assert.equal((await attempt(authenticator, request)).outcome, 'passed')
      const again = { ...request, headers: { ...request.headers, n: other } }
      assert.equal((await attempt(authenticator, again)).outcome, 'ERR_HMAC_REPLAYED', `${nonce} ${pipe}`)
    }
  }
})

test('P13: elements with a time of their own that the key alone is made with: one of them alone is the same request', async () => {
  const signature = { header: 'x-s', format: '{timestamp},{signature}', list: ' ' }
  const one = scheme({ name: 'apart', signature, timestamp: { unit: 'seconds' }, key: '{timestamp}\n{secret}', message: '{body}' })
  const element = (seconds, of) => `${seconds},${hexOf('x', `${seconds}\n${of}`)}`
  const [first, second] = [element(nowSeconds, secret), element(nowSeconds - 1, `${secret}b`)]
  const authenticator = hmacAuthenticator({ scheme: one, secret: [secret, `${secret}b`], now })
  const send = (value) => attempt(authenticator, { headers: { 'x-s': value }, body: 'x' })
  assert.equal((await send(`${first} ${second}`)).outcome, 'passed')
  for (const value of [first, second, `${second} ${first}`]) assert.equal((await send(value)).outcome, 'ERR_HMAC_REPLAYED', value)
})

test('a claim is made after the signature holds, and none for what is refused', async () => {
  const store = spyStore()
  const authenticator = hmacAuthenticator({ scheme: slack, secret, now, replay: store })
  const request = signedRequest(slack)
  const verdict = await authenticator.authenticate(authRequest(request))
  assert.equal(verdict.kind, 'granted')
  assert.deepEqual(store.calls, [], 'authenticate changes nothing')
  await attempt(authenticator, { ...request, body: '{"n":2}' })
  await attempt(authenticator, { ...request, headers: {} })
  assert.deepEqual(store.calls, [])
})

test('given back when the handler has answered 500 or above, and only then, and only once', async () => {
  for (const [status, releases] of [
    [200, 0],
    [204, 0],
    [302, 0],
    [400, 0],
    [404, 0],
    [499, 0],
    [500, 1],
    [503, 1],
    [599, 1],
  ]) {
    const store = spyStore()
    const { verdict } = await attempt(hmacAuthenticator({ scheme: slack, secret, now, replay: store }), signedRequest(slack))
    await verdict.settle(status)
    await verdict.settle(status)
    const [, key] = store.calls[0]
    assert.deepEqual(store.calls.slice(1), releases === 1 ? [['release', key, `token of ${key}`]] : [], String(status))
  }
  const store = spyStore()
  const kept = hmacAuthenticator({ scheme: slack, secret, now, replay: store, releaseOnServerError: false })
  const { verdict } = await attempt(kept, signedRequest(slack))
  await verdict.settle(500)
  assert.equal(store.calls.length, 1)
})

test('a retry after a finished 500 passes, and is remembered again', async () => {
  const authenticator = hmacAuthenticator({ scheme: slack, secret, now })
  const request = signedRequest(slack)
  const { verdict } = await attempt(authenticator, request)
  assert.equal((await attempt(authenticator, request)).outcome, 'ERR_HMAC_REPLAYED')
  await verdict.settle(500)
  assert.equal((await attempt(authenticator, request)).outcome, 'passed')
  assert.equal((await attempt(authenticator, request)).outcome, 'ERR_HMAC_REPLAYED')
})

/** Stores that are down, each in its own way. */
const broken = [
  ['throws', () => ({ claim: () => assert.fail('down'), release() {} })],
  ['rejects', () => ({ claim: async () => assert.fail('down'), release() {} })],
  ['never answers', () => ({ claim: () => new Promise(() => {}), release() {} })],
]

test('a store that is down refuses with 503; onStoreError: allow lets the request through', async () => {
  for (const [how, make] of broken) {
    const options = { scheme: slack, secret, now, timeoutMs: 20 }
    const refusing = hmacAuthenticator({ ...options, replay: make() })
    await assert.rejects(attempt(refusing, signedRequest(slack)), (error) => error instanceof CountersignError && error.status === 503, how)
    const allowing = hmacAuthenticator({ ...options, replay: make(), onStoreError: 'allow' })
    assert.equal((await attempt(allowing, signedRequest(slack))).outcome, 'passed', how)
  }
})

test('a full store never passes', async () => {
  const full = memoryReplayStore({ maxClaims: 1, now })
  const authenticator = hmacAuthenticator({ scheme: slack, secret, now, replay: full, onStoreError: 'allow' })
  assert.equal((await attempt(authenticator, signedRequest(slack))).outcome, 'passed')
  const other = signedRequest(slack, { body: '{"n":2}' })
  await assert.rejects(attempt(authenticator, other), { code: 'ERR_STORE_FULL', status: 503 })
})

test('null and false from a store mean that the key is taken; nonsense is never a claim', async () => {
  for (const taken of [undefined, null, false]) {
    const authenticator = hmacAuthenticator({ scheme: slack, secret, now, replay: spyStore(() => taken) })
    assert.equal((await attempt(authenticator, signedRequest(slack))).outcome, 'ERR_HMAC_REPLAYED', String(taken))
    const late = hmacAuthenticator({ scheme: slack, secret, now, replay: spyStore(async () => taken) })
    assert.equal((await attempt(late, signedRequest(slack))).outcome, 'ERR_HMAC_REPLAYED', String(taken))
  }
  for (const nonsense of [true, '', 0, 1, {}, [], Symbol('x')]) {
    for (const onStoreError of ['refuse', 'allow']) {
      for (const answer of [() => nonsense, async () => nonsense]) {
        const authenticator = hmacAuthenticator({ scheme: slack, secret, now, onStoreError, replay: spyStore(answer) })
        await assert.rejects(attempt(authenticator, signedRequest(slack)), { code: 'ERR_AUTH_DEFECT', status: 500 })
      }
    }
  }
})

test('a claim that comes too late is given back, so that the next try passes', async () => {
  let answer
  const given = new Promise((resolve) => {
    answer = resolve
  })
  const store = spyStore(() => given)
  const authenticator = hmacAuthenticator({ scheme: slack, secret, now, replay: store, timeoutMs: 10 })
  await assert.rejects(attempt(authenticator, signedRequest(slack)), { code: 'ERR_LOOKUP_TIMEOUT', status: 503 })
  answer('late')
  await new Promise(setImmediate)
  assert.deepEqual(store.calls.at(-1), ['release', store.calls[0][1], 'late'])
})

const items = scheme({
  name: 'items',
  scope: { json: '/items/*', hold: 'all' },
  signature: { item: '/mac' },
  message: '{item:/id}',
})
const itemsBody = (...ids) => JSON.stringify({ items: ids.map((id) => ({ id, mac: hexOf(String(id)) })) })

test('of several claims all are made, or none', async () => {
  const memory = memoryReplayStore()
  const authenticator = hmacAuthenticator({ scheme: items, secret, replay: memory, replayTtlSeconds: 60 })
  const of = async (...ids) => (await attempt(authenticator, { body: itemsBody(...ids) })).outcome
  assert.equal(await of(1, 2), 'passed')
  assert.equal(await of(3, 2), 'ERR_HMAC_REPLAYED')
  assert.equal(await of(3), 'passed', 'the refused request has kept nothing')
  assert.equal(await of(2), 'ERR_HMAC_REPLAYED')
  assert.equal(memory.size, 3)
})

test('an item that appears twice in one body is a replay of itself, and nothing is kept of it', async () => {
  const memory = memoryReplayStore()
  const authenticator = hmacAuthenticator({ scheme: items, secret, replay: memory, replayTtlSeconds: 60 })
  const of = async (...ids) => (await attempt(authenticator, { body: itemsBody(...ids) })).outcome
  assert.equal(await of(4, 4), 'ERR_HMAC_REPLAYED')
  assert.equal(await of(5, 6, 5), 'ERR_HMAC_REPLAYED')
  assert.equal(memory.size, 0)
  assert.equal(await of(4, 5, 6), 'passed')
  const unwatched = hmacAuthenticator({ scheme: items, secret })
  assert.equal((await attempt(unwatched, { body: itemsBody(4, 4) })).outcome, 'passed', 'where nothing is remembered')
})

test('claims are given back when the store goes down between them', async () => {
  const store = spyStore((key, count) => (count === 1 ? `token of ${key}` : assert.fail('down')))
  const authenticator = hmacAuthenticator({ scheme: items, secret, replay: store, replayTtlSeconds: 60 })
  await assert.rejects(attempt(authenticator, { body: itemsBody(1, 2) }), { code: 'ERR_STORE_DOWN' })
  assert.deepEqual(
    store.calls.map(([call]) => call),
    ['claim', 'claim', 'release'],
  )
})

test('P13: of 50 parallel duplicates exactly one passes, with an asynchronous store too', async () => {
  const memory = memoryReplayStore({ now })
  const slow = { claim: async (...args) => memory.claim(...args), release: async (...args) => memory.release(...args) }
  for (const replay of [memoryReplayStore({ now }), slow]) {
    const authenticator = hmacAuthenticator({ scheme: slack, secret: async () => secret, now, replay })
    const request = signedRequest(slack)
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => attempt(authenticator, request)))
    assert.equal(outcomes.filter(({ outcome }) => outcome === 'passed').length, 1)
    assert.equal(outcomes.filter(({ outcome }) => outcome === 'ERR_HMAC_REPLAYED').length, 49)
  }
})

test('S09: nonces that every object has are nonces like others', async () => {
  const nonced = scheme({ name: 'nonced', signature: { header: 'x-s' }, nonce: { header: 'n' }, message: '{nonce}\n{body}' })
  const authenticator = hmacAuthenticator({ scheme: nonced, secret, now, replayTtlSeconds: 60 })
  for (const nonce of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'a'.repeat(4096)]) {
    const request = signedRequest(nonced, { options: { nonce } })
    assert.equal((await attempt(authenticator, request)).outcome, 'passed', nonce)
    assert.equal((await attempt(authenticator, request)).outcome, 'ERR_HMAC_REPLAYED', nonce)
  }
})
