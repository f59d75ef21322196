// What verify() and sign() keep of the options of earlier calls: only what says the same is used again.
import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import { hexSignature, sign, slack, verify, wso2 } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

const other = 'another secret of the tests'

test('params are an object: a Map, a list or a promise would say nothing', () => {
  for (const params of [
    new Map([['header', 'x-other']]),
    Promise.resolve({ header: 'x-other' }),
    [],
    [undefined],
    Buffer.from('x'),
    'x',
    null,
  ])
    assert.throws(() => verdict(hexSignature, request(), { params }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /option "params" must be an object/,
    })
})

test('P18: a secret that changes in the same options counts from the next call on', () => {
  const sent = signed(hexSignature)
  const list = [secret]
  const record = { id: 'a', secret }
  const octets = Buffer.from(secret)
  for (const [held, change] of [
    [list, () => list.splice(0, 1, other)],
    [record, () => Object.assign(record, { secret: other })],
    [octets, () => octets.fill(0x41)],
  ]) {
    const options = { secret: held, now }
    assert.equal(verify(hexSignature, sent, options).ok, true)
    assert.equal(verify(hexSignature, sent, options).ok, true)
    change()
    assert.equal(verify(hexSignature, sent, options).code, 'ERR_HMAC_MISMATCH')
  }
})

test('P18: two secrets that look the same from outside are two', () => {
  const sent = signed(hexSignature)
  const keys = [secret, other].map((text) => createSecretKey(Buffer.from(text)))
  assert.deepEqual(
    [...keys, ...keys].map((key) => verdict(hexSignature, sent, { secret: key })),
    [true, 'ERR_HMAC_MISMATCH', true, 'ERR_HMAC_MISMATCH'],
  )
})

test('P18: lists, records and octets are told apart, whatever they hold', () => {
  const text = fc.constantFrom(secret, other, 'id', 'secret')
  const entry = fc.oneof(
    text,
    fc.record({ id: text, secret: text }),
    text.map((one) => Buffer.from(one)),
  )
  const options = fc.oneof(entry, fc.array(entry, { minLength: 1, maxLength: 3 }))
  const outcome = (definition, secretOption) => {
    try {
      return verdict(definition, sent, { secret: secretOption, allowWeakSecret: true })
    } catch (error) {
      return error.message
    }
  }
  const sent = signed(hexSignature)
  fc.assert(
    fc.property(fc.array(options, { minLength: 2, maxLength: 6 }), (all) => {
      // A scheme of its own has nothing kept of it.
      for (const one of all) assert.equal(outcome(hexSignature, one), outcome(structuredClone(hexSignature), one))
    }),
  )
})

test('P18: a secret with dates counts by the clock of each call, and what has expired is told', () => {
  const end = nowSeconds * 1000 + 1000
  const sent = signed(hexSignature)
  for (const notAfter of [new Date(end), new Date(end).toISOString()]) {
    const options = { secret: { secret, notAfter } }
    assert.equal(verdict(hexSignature, sent, { ...options, now: () => end - 1 }), true)
    assert.throws(() => verdict(hexSignature, sent, { ...options, now: () => end }), /contains only secrets that have expired/)
  }
})

test('P18: a source is asked for its secrets in each call, with the time of the call', () => {
  const sent = signed(hexSignature)
  const asked = []
  class Held {
    #secrets
    constructor(text) {
      this.#secrets = [{ material: text }]
    }
    current(at) {
      asked.push(at)
      return this.#secrets
    }
  }
  const plain = {
    current(at) {
      asked.push(at)
      return [{ material: secret }]
    },
  }
  const late = { now: () => nowSeconds * 1000 + 1 }
  assert.equal(verdict(hexSignature, sent, { secret: plain }), true)
  assert.equal(verdict(hexSignature, sent, { secret: plain, ...late }), true)
  assert.deepEqual(new Set(asked), new Set([now(), late.now()]))
  assert.equal(verdict(hexSignature, sent, { secret: new Held(secret) }), true)
  assert.equal(verdict(hexSignature, sent, { secret: new Held(other) }), 'ERR_HMAC_MISMATCH')
})

test('options that compile a scheme are told apart', () => {
  const definition = acme({ params: { prefix: 'a:' }, message: '{param:prefix}{body}' })
  const headers = { 'x-signature': hexOf('b:{"n":1}') }
  const params = { prefix: 'b:' }
  assert.equal(verdict(definition, request({ headers })), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(definition, request({ headers }), { params }), true)
  params.prefix = 'c:'
  assert.equal(verdict(definition, request({ headers }), { params }), 'ERR_HMAC_MISMATCH')
  const late = { now: () => (nowSeconds + 20) * 1000 }
  const sent = signed(slack)
  assert.equal(verdict(slack, sent, late), true)
  assert.equal(verdict(slack, sent, { ...late, toleranceSeconds: 10 }), 'ERR_HMAC_STALE')
  assert.equal(verdict(slack, sent, late), true)
})

test('a secret that one call may use weak is no secret for the next', () => {
  const short = 'short'
  const sent = signed(hexSignature, {}, { secret: short, allowWeakSecret: true })
  assert.equal(verdict(hexSignature, sent, { secret: short, allowWeakSecret: true }), true)
  assert.throws(() => verdict(hexSignature, sent, { secret: short }), /allowWeakSecret/)
})

test('a mistake names the function that was called, not the one before', () => {
  const definition = acme({ key: '{secret|fromHex}' })
  const options = { secret: 'abcdef0123456789', now }
  assert.throws(() => sign(definition, request(), options), /^TypeError: sign: option "secret" gives a key of 8 octets/)
  assert.throws(
    () => verify(definition, request({ headers: { 'x-signature': 'f'.repeat(64) } }), options),
    /^TypeError: verify: option "secret"/,
  )
})

test('key ids find the secrets of their own, call after call', () => {
  const headers = { 'content-type': 'application/json' }
  const both = [
    { id: 'a', secret },
    { id: 'b', secret: other },
  ]
  const byA = signed(wso2, { headers }, { secret: both[0], keyId: 'a' })
  for (let round = 0; round < 2; round += 1) {
    assert.equal(verdict(wso2, byA, { secret: both }), true)
    assert.equal(verdict(wso2, byA, { secret: [both[1]] }), 'ERR_HMAC_UNKNOWN_KEY')
    assert.equal(verdict(wso2, byA, { secret: { id: 'a', secret: other } }), 'ERR_HMAC_MISMATCH')
  }
})

test('more set-ups than are kept', () => {
  const keys = Array.from({ length: 70 }, (_, i) => `secret number ${i} of the tests`)
  const sent = keys.map((key) => signed(hexSignature, {}, { secret: key }))
  for (const [i, key] of [...keys.entries(), ...keys.entries()]) {
    assert.equal(verdict(hexSignature, sent[i], { secret: key }), true)
    assert.equal(verdict(hexSignature, sent[(i + 1) % 70], { secret: key }), 'ERR_HMAC_MISMATCH')
  }
})

test('what the last call made of its options counts for the same options alone', () => {
  const sent = signed(slack)
  const good = { secret, now }
  const late = { secret, now: () => (nowSeconds + 400) * 1000 }
  assert.equal(verify(slack, sent, good).ok, true)
  assert.equal(verify(slack, sent, { ...late }).code, 'ERR_HMAC_STALE')
  assert.equal(verify(slack, sent, good).ok, true)
  assert.equal(verify(slack, sent, { now, secret }).ok, true)
  assert.equal(verify(slack, sent, { secret: other, now }).code, 'ERR_HMAC_MISMATCH')
  assert.equal(verify(slack, sent, good).ok, true)
  for (const [options, message] of [
    [{ ...good, tolerance: 10 }, /"tolerance" is unknown/],
    [{ ...good, now: 5 }, /"now" must be a function/],
    [{ ...good, secret: undefined }, /"secret"/],
    [{ ...good, allowEmptyBody: 'yes' }, /"allowEmptyBody" must be true or false/],
    [{ ...good, publicOrigin: 'api.example.com' }, /"publicOrigin"/],
    [Object.create(good), /"secret"/],
    [undefined, /"secret"/],
    [null, /"options" must be an object/],
    [[], /"options" must be an object/],
  ]) {
    assert.equal(verify(slack, sent, good).ok, true)
    assert.throws(() => verify(slack, sent, options), message)
  }
})

test('a request without anything signed passes where the options of this call say so, not those of the last', () => {
  const definition = Object.freeze(acme({ message: '{body}' }))
  const empty = { method: 'POST', url: 'https://api.example.com/', headers: { 'x-signature': hexOf('') } }
  const options = { secret, now }
  assert.equal(verify(definition, empty, { ...options, allowEmptyBody: true }).ok, true)
  assert.equal(verify(definition, empty, options).code, 'ERR_HMAC_NOTHING_SIGNED')
  assert.equal(verify(definition, empty, { ...options, allowEmptyBody: true }).ok, true)
  assert.equal(verify(definition, empty, { ...options, allowEmptyBody: false }).code, 'ERR_HMAC_NOTHING_SIGNED')
})

test('P18: a scheme that is frozen on its surface alone counts as it stands at each call', () => {
  const definition = Object.freeze(structuredClone(slack))
  const sent = signed(slack)
  const late = { secret, now: () => (nowSeconds + 20) * 1000 }
  assert.equal(verify(definition, sent, late).ok, true)
  definition.timestamp.toleranceSeconds = 10
  assert.equal(verify(definition, sent, late).code, 'ERR_HMAC_STALE')
  let message = slack.message
  const told = Object.freeze(Object.defineProperty({ ...slack }, 'message', { get: () => message, enumerable: true }))
  assert.equal(verify(told, sent, { secret, now }).ok, true)
  message = `v1${slack.message.slice(2)}`
  assert.equal(verify(told, sent, { secret, now }).code, 'ERR_HMAC_MISMATCH')
})

test('P18: whatever options earlier calls had, a call counts by its own', () => {
  const timed = acme({ params: { prefix: 'a:' }, message: '{param:prefix}{timestamp}.{body}', timestamp: { header: 't', unit: 'seconds' } })
  const timestamp = String(nowSeconds - 20)
  const calls = [
    [timed, signed(timed, {}, { timestamp })],
    [timed, signed(timed, {}, { timestamp, secret: other })],
    [hexSignature, signed(hexSignature)],
    [hexSignature, request({ body: '', headers: { 'x-signature': hexOf('') } })],
  ]
  const flag = [true, false, undefined]
  const values = {
    secret: [secret, other, [secret, other], [secret], { id: 'a', secret }, { name: 'a', secret }, Buffer.from(secret), 'short', 'short'],
    now: [now, () => now() + 400_000],
    allowEmptyBody: flag,
    allowWeakSecret: flag,
    allowUnboundBody: flag,
    toleranceSeconds: [10, 600, 900, undefined],
    params: [{ prefix: 'a:' }, { prefix: 'b:' }, { other: 'a:' }, {}, undefined],
    publicOrigin: ['https://api.example.com', 'x', undefined],
  }
  // One option differs from the call before, or has given its value to another: the nearest that two calls can be to each other.
  const name = fc.constantFrom(...Object.keys(values))
  const change = fc.record({ name, from: name, pick: fc.nat(8), isMoved: fc.boolean() })
  const changed = (options, { name, from, pick, isMoved }) => {
    const next = { ...options }
    if (isMoved && from !== name && values[name].includes(next[from])) {
      next[name] = next[from]
      delete next[from]
    } else next[name] = values[name][pick % values[name].length]
    return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined))
  }
  const outcome = (definition, sent, options) => {
    try {
      return verify(definition, sent, options).code ?? 'ok'
    } catch (error) {
      return error.message
    }
  }
  const seen = new Set()
  fc.assert(
    fc.property(fc.constantFrom(...calls), fc.array(change, { minLength: 2, maxLength: 20 }), ([definition, sent], changes) => {
      let options = { secret, now }
      for (const one of changes) {
        options = changed(options, one)
        const found = outcome(definition, sent, options)
        seen.add(found)
        // Of a scheme that is not frozen nothing is kept.
        assert.equal(found, outcome(structuredClone(definition), sent, options))
      }
    }),
    { seed: 18, numRuns: 500 },
  )
  for (const code of ['ok', 'ERR_HMAC_MISMATCH', 'ERR_HMAC_STALE', 'ERR_HMAC_NOTHING_SIGNED'])
    assert.ok(seen.has(code), [...seen].join(' | '))
})
