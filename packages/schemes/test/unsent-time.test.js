import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileScheme, sign, verify } from '@countersign/schemes'
import { explain } from '@countersign/schemes/explain'
import fc from 'fast-check'
import { acme, hexOf, mistakes, nowSeconds, request, secret, signed, verdict } from './signing.js'

/** A time that is signed and not sent, with a minute on both sides. */
const own = acme({ timestamp: { unit: 'seconds', unsent: true, toleranceSeconds: 60 }, message: '{timestamp}.{body}' })
const at = (seconds) => ({ now: () => seconds * 1000 })
const sent = request({ headers: { 'x-signature': hexOf(`${nowSeconds}.{"n":1}`) } })

test('a time that is not sent is found in the window, and nowhere else', () => {
  const received = signed(own)
  assert.deepEqual(Object.keys(received.headers), ['x-signature'])
  assert.equal(received.headers['x-signature'], sent.headers['x-signature'])
  fc.assert(
    fc.property(fc.integer({ min: -90_000, max: 90_000 }), (ms) => {
      const { ok, signedAt, code } = verify(own, sent, { secret, now: () => nowSeconds * 1000 + ms })
      const isInside = Math.abs(ms) <= 60_000
      assert.deepEqual([ok, signedAt, code], isInside ? [true, nowSeconds * 1000, undefined] : [false, undefined, 'ERR_HMAC_MISMATCH'])
    }),
    { numRuns: 60, examples: [[60_000], [60_001], [-60_000], [-60_001], [999], [-1]] },
  )
})

test('another secret, body or time of the future is refused; of two secrets either may hold', () => {
  assert.equal(verdict(own, sent, { secret: `${secret}x` }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(own, { ...sent, body: Buffer.from('{"n":2}') }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(own, sent, { secret: ['another-secret-of-tests-0123456789', secret] }), true)
  const past = acme({ timestamp: { unit: 'seconds', unsent: true, toleranceSeconds: 60, futureSeconds: 5 }, message: '{timestamp}.{body}' })
  assert.equal(verdict(past, sent, at(nowSeconds + 60)), true)
  assert.equal(verdict(past, sent, at(nowSeconds - 5)), true)
  assert.equal(verdict(past, sent, at(nowSeconds - 6)), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(own, sent, { ...at(nowSeconds + 61), toleranceSeconds: 300 }), true)
  assert.equal(verdict(own, sent, { ...at(nowSeconds + 60), toleranceSeconds: 10 }), 'ERR_HMAC_MISMATCH')
})

test('each second is one HMAC, and each text of a coarser unit', () => {
  let made = 0
  const counted = (definition, received, now) => {
    const compiled = compileScheme(definition)
    for (const [text, ms] of compiled.unsent.times(now)) {
      made += 1
      assert.ok(Math.abs(now - ms) <= 120_000, text)
    }
    return verdict(definition, received, { now: () => now })
  }
  assert.equal(counted(own, sent, nowSeconds * 1000), true)
  assert.equal(made, 121)
  made = 0
  const minutes = acme({ timestamp: { unit: 'YYYY-MM-DD HH:mm', unsent: true, toleranceSeconds: 60 }, message: '{timestamp}.{body}' })
  const written = `${new Date(nowSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ')}`
  assert.equal(counted(minutes, request({ headers: { 'x-signature': hexOf(`${written}.{"n":1}`) } }), nowSeconds * 1000 + 30_000), true)
  assert.ok(made <= 3, String(made))
})

test('with a long body only the seconds next to our clock are tried: anybody can send one', () => {
  const body = Buffer.alloc(2 ** 20, 0x61)
  const long = request({ headers: { 'x-signature': hexOf(`${nowSeconds}.${body}`) }, body })
  for (const [away, isTried] of [
    [0, true],
    [15, true],
    [-15, true],
    [17, false],
    [-17, false],
  ])
    assert.equal(verdict(own, long, at(nowSeconds + away)), isTried || 'ERR_HMAC_MISMATCH', String(away))
  const longest = request({ headers: { 'x-signature': hexOf(`${nowSeconds}.${'a'.repeat(2 ** 25 + 1)}`) }, body: 'a'.repeat(2 ** 25 + 1) })
  assert.equal(verdict(own, longest), true)
})

test('a key id that holds its separator is refused here too where the secret answers to any', () => {
  const named = acme({
    keyId: { header: 'x-key' },
    timestamp: { unit: 'seconds', unsent: true, toleranceSeconds: 60 },
    message: '{keyId}:{timestamp}:{json:/note}|{json:/amount}',
    ambiguous: 'values are not escaped',
  })
  const body = '{"note":"a","amount":5}'
  const headers = { 'content-type': 'application/json', 'x-key': 'shop:7', 'x-signature': hexOf(`shop:7:${nowSeconds}:a|5`) }
  const received = request({ headers, body })
  assert.equal(verdict(named, received), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(named, received, { secret: { id: 'shop:7', secret } }), true)
})

test('a gateway of keys: the plain hash of key, secret and seconds', () => {
  const definition = acme({
    construction: 'hash',
    insecure: 'a plain hash',
    keyId: { query: 'apikey' },
    signature: { query: 'sig' },
    timestamp: { unit: 'seconds', unsent: true },
    message: '{keyId}{secret}{timestamp}',
  })
  const setUp = { secret: [{ id: 'key-1', secret }], allowInsecureScheme: true, ...at(nowSeconds) }
  const { target } = sign(definition, { method: 'GET', url: '/v1/films?apikey=key-1', headers: {}, body: Buffer.alloc(0) }, setUp)
  const sig = createHash('sha256').update(`key-1${secret}${nowSeconds}`).digest('hex')
  assert.equal(target, `/v1/films?apikey=key-1&sig=${sig}`)
  const received = { method: 'GET', url: target, headers: {}, body: Buffer.alloc(0) }
  assert.equal(verify(definition, received, setUp).ok, true)
  assert.equal(verify(definition, received, { ...setUp, ...at(nowSeconds + 301) }).code, 'ERR_HMAC_MISMATCH')
})

test('explain finds what else is wrong with a request whose time is not sent', () => {
  const { findings } = explain(own, sent, { secret: `${secret}\n`, ...at(nowSeconds + 3) })
  assert.equal(findings[0].cause, 'secret-newline')
})

test('what cannot be tried does not compile', () => {
  const of = (timestamp, more = {}) =>
    mistakes({ timestamp: { unit: 'seconds', unsent: true, ...timestamp }, message: '{timestamp}.{body}', ...more })
  assert.deepEqual(of({}), [])
  for (const [timestamp, more, expected] of [
    [{ header: 'x-time' }, {}, 'timestamp.unsent: is true, and the request carries the time; leave its place out, or "unsent"'],
    [
      {},
      { signature: { header: 'x-signature', format: 't={timestamp},v1={signature}' } },
      'timestamp.unsent: is true, and the request carries the time; leave its place out, or "unsent"',
    ],
    [
      { unit: 'milliseconds' },
      {},
      'timestamp.unit: "milliseconds" is finer than a second, and each time of the window is tried; write seconds',
    ],
    [
      { unit: 'rfc3339-ms' },
      {},
      'timestamp.unit: "rfc3339-ms" is finer than a second, and each time of the window is tried; write seconds',
    ],
    [
      { toleranceSeconds: 301 },
      {},
      'timestamp.unsent: has each second of the window tried: toleranceSeconds and futureSeconds may be 600 together',
    ],
    [
      {},
      { key: '{secret}{timestamp}' },
      'timestamp.unsent: is true: the time stands in the message alone, not in the key, the value of a field, or what a branch is chosen by',
    ],
    [
      {},
      { fields: { copy: { header: 'x-copy', value: '{timestamp}' } } },
      'timestamp.unsent: is true: the time stands in the message alone, not in the key, the value of a field, or what a branch is chosen by',
    ],
    [
      {},
      { message: { choose: [{ when: { carries: 'timestamp' }, use: '{timestamp}.{body}' }, { use: 'x{timestamp}.{body}' }] } },
      'timestamp.unsent: is true: the time stands in the message alone, not in the key, the value of a field, or what a branch is chosen by',
    ],
    [
      {},
      { message: { choose: [{ when: { is: { '{timestamp?}': '' } }, use: 'a{timestamp}.{body}' }, { use: 'b{timestamp}' }] } },
      'timestamp.unsent: is true: the time stands in the message alone, not in the key, the value of a field, or what a branch is chosen by',
    ],
    [
      {},
      {
        define: { t: { choose: [{ when: { method: 'GET' }, use: '{timestamp?}' }, { use: '' }] } },
        message: { choose: [{ when: { is: { '{t?}': '' } }, use: 'a{timestamp}.{body}' }, { use: 'b{timestamp}' }] },
      },
      'timestamp.unsent: is true: the time stands in the message alone, not in the key, the value of a field, or what a branch is chosen by',
    ],
    [
      {},
      { fields: { f: { header: 'x-f', when: { carries: 'timestamp' } } } },
      'timestamp.unsent: is true: the time stands in the message alone, not in the key, the value of a field, or what a branch is chosen by',
    ],
    [
      {},
      { params: { life: '60' }, fields: { f: { header: 'x-f', unit: 'life', param: 'life' } }, message: '{timestamp}.{f}.{body}' },
      'fields.f.unit: "life" counts from a time that is sent, and this one is tried',
    ],
    [
      { hint: { header: 'x-hint', text: '{now}', value: '{text}' } },
      {},
      'timestamp.hint: has no effect beside "unsent": who has another clock is not told from a forger',
    ],
    [
      {},
      { scope: { json: '/items/*', hold: 'all' }, signature: { item: '/mac' }, message: '{timestamp}.{item:/id}' },
      'scope: has no place beside a time that is tried',
    ],
    [
      {},
      { message: '{body}' },
      'timestamp: is checked but not signed, so that anybody can renew an old request; put {timestamp} into the message',
    ],
  ])
    assert.deepEqual(of(timestamp, more), [expected])
  assert.equal(of({ unsent: false, header: 'x-time' })[0], 'timestamp.unsent: must be true, or left out')
  assert.throws(() => compileScheme(own, { toleranceSeconds: 301 }), /may be 600 together/)
})
