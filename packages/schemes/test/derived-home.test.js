import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { acme, hexOf, mistakes, nowSeconds, request, secret, signed, verdict } from './signing.js'

/** What is read from something that is carried, and is then the place of others; in whichever order they are declared. */
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

describe('from: what is read from something that is itself read from something', () => {
  const payload = (end) => Buffer.from(JSON.stringify({ c: JSON.stringify({ end, iat: nowSeconds }) })).toString('base64url')
  const PAYLOAD = { payload: { header: 'x-p' } }
  const CLAIMS = { claims: { from: '{payload|fromBase64url|json:/c}' } }
  const END = { end: { from: '{claims|json:/end}', unit: 'seconds' } }
  for (const [order, fields] of [
    ['declared in order', { ...PAYLOAD, ...CLAIMS, ...END }],
    ['the deadline in front of what it is read from', { ...PAYLOAD, ...END, ...CLAIMS }],
    ['all the other way round', { ...END, ...CLAIMS, ...PAYLOAD }],
  ])
    test(`a deadline counts: ${order}`, () => {
      const own = acme({ fields, message: '{payload}\n{body}' })
      const sent = (text) => ({ ...request(), headers: { 'x-p': text, 'x-signature': hexOf(`${text}\n{"n":1}`) } })
      assert.equal(verdict(own, sent(payload(nowSeconds + 1))), true)
      assert.equal(verdict(own, sent(payload(nowSeconds - 1))), 'ERR_HMAC_STALE')
    })
  test('a deadline out of the body, declared in front of what it is read from', () => {
    const fields = { ...END, claims: { from: '{payload|fromBase64url|json:/c}' }, payload: { form: 'p' } }
    const own = acme({ fields, message: '{form:p}\n{form:a}', ambiguous: 'a value may hold a line feed' })
    const sent = (text) => ({
      ...request({ headers: FORM, body: `p=${text}&a=1` }),
      headers: { ...FORM, 'x-signature': hexOf(`${text}\n1`) },
    })
    assert.equal(verdict(own, sent(payload(nowSeconds + 1))), true)
    assert.equal(verdict(own, sent(payload(nowSeconds - 1))), 'ERR_HMAC_STALE')
  })
  test('a time is found, whatever stands first', () => {
    const own = acme({
      timestamp: { from: '{claims|json:/iat}', unit: 'seconds' },
      fields: { ...CLAIMS, ...PAYLOAD },
      message: '{payload}\n{body}',
    })
    const text = payload(0)
    const sent = { ...request(), headers: { 'x-p': text, 'x-signature': hexOf(`${text}\n{"n":1}`) } }
    assert.equal(verdict(own, sent), true)
    assert.equal(verdict(own, sent, { now: () => (nowSeconds + 301) * 1000 }), 'ERR_HMAC_STALE')
  })
  test('what is read from itself does not compile', () => {
    const fields = { a: { from: '{b|first:5}' }, b: { from: '{a|drop:1}' } }
    assert.deepEqual(mistakes({ fields, message: '{a}\n{body}' }), ['fields.a.from: is read from itself, so that it is nowhere'])
    assert.deepEqual(mistakes({ fields: { a: { from: '{a|first:5}' } }, message: '{a}\n{body}' }), [
      'fields.a.from: is read from itself, so that it is nowhere',
    ])
  })
})

describe('from: the signature is a part of a field', () => {
  const inner = 'partner_id={keyId}&sig={signature}:{data}'
  const wrapped = (text) => `T1==${Buffer.from(text).toString('base64')}`
  const data = (end) => `session=S&end=${end}`
  const tokenOf = (end, key) => wrapped(`partner_id=k1&sig=${hexOf(data(end), key)}:${data(end)}`)
  const END = { end: { from: '{data|after:end=}', unit: 'seconds' } }
  const options = { secret: [{ id: 'k1', secret }], allowEmptyBody: true }
  for (const [where, place, asked] of [
    ['a header', { header: 'x-token' }, (text) => request({ method: 'GET', headers: { 'x-token': text }, body: '' })],
    ['the query', { query: 'token' }, (text) => request({ method: 'GET', url: `/?token=${encodeURIComponent(text)}`, body: '' })],
    ['a form', { form: 'token' }, (text) => request({ headers: FORM, body: `token=${encodeURIComponent(text)}` })],
  ])
    test(`that stands in ${where}`, () => {
      const own = acme({
        signature: { from: '{token|fromBase64|text}', format: inner },
        fields: { ...END, token: { ...place, format: 'T1=={token}' }, data: {} },
        message: '{data}',
        allowUnboundBody: 'a token alone',
      })
      const known = (text) => verdict(own, asked(text), options)
      assert.equal(known(tokenOf(nowSeconds + 1)), true)
      assert.equal(known(tokenOf(nowSeconds - 1)), 'ERR_HMAC_STALE')
      assert.equal(known(tokenOf(nowSeconds + 1, 'another secret of the tests')), 'ERR_HMAC_MISMATCH')
      const forged = `partner_id=k1&sig=${hexOf(data(1))}:${data(nowSeconds + 9)}`
      assert.equal(known(wrapped(forged)), 'ERR_HMAC_MISMATCH')
      assert.equal(known(wrapped(`partner_id=k2&sig=${hexOf(data(nowSeconds + 1))}:${data(nowSeconds + 1)}`)), 'ERR_HMAC_UNKNOWN_KEY')
      assert.equal(known('T1==%%'), 'ERR_HMAC_MALFORMED')
      assert.equal(known('T2==e30='), 'ERR_HMAC_MALFORMED')
    })
  test('that is itself read from something', () => {
    const own = acme({
      signature: { from: '{inner|fromBase64|text}', format: '{signature}:{data}' },
      fields: { data: {}, inner: { from: '{token|fromBase64|json:/t}' }, token: { header: 'x' } },
      message: '{data}\n{body}',
    })
    const base64 = (text) => Buffer.from(text).toString('base64')
    const known = (data) => verdict(own, request({ headers: { x: base64(`{"t":"${base64(`${hexOf('d\n{"n":1}')}:${data}`)}"}`) } }))
    assert.equal(known('d'), true)
    assert.equal(known('e'), 'ERR_HMAC_MISMATCH')
  })
  test('that is read from itself, or from the signature, does not compile', () => {
    const signature = { from: '{a|first:5}', format: '{signature}' }
    const circle = { a: { from: '{b|first:5}' }, b: { from: '{a|drop:1}' } }
    assert.deepEqual(mistakes({ signature, fields: circle, message: '{body}' }), [
      'fields.a.from: is read from itself, so that it is nowhere',
    ])
    const [first] = mistakes({ signature, fields: { a: { from: '{signature|drop:1}' } }, message: '{body}' })
    assert.equal(first, 'signature.from: is read from itself, so that it is nowhere')
  })
  test('a request without it has none', () => {
    const own = acme({
      signature: { from: '{token|fromBase64|text}', format: '{signature}:{data}' },
      fields: { token: { header: 'x' }, data: {} },
      message: '{data}\n{body}',
    })
    assert.equal(verdict(own, request()), 'ERR_HMAC_MISSING')
    assert.throws(() => signed(own, {}, { fields: { data: 'd', token: 'x' } }), /cannot be written there/)
  })
  test('a list of them, each with a time of its own', () => {
    const own = acme({
      signature: { from: '{token|fromBase64|text}', format: '{timestamp}:{signature}', list: ' ' },
      timestamp: { unit: 'seconds' },
      fields: { token: { header: 'x' } },
      message: '{timestamp}\n{body}',
    })
    const one = (time, at = time) => `${time}:${hexOf(`${at}\n{"n":1}`)}`
    const known = (...all) => verdict(own, request({ headers: { x: Buffer.from(all.join(' ')).toString('base64') } }))
    assert.equal(known(one(nowSeconds)), true)
    assert.equal(known(one(nowSeconds - 400), one(nowSeconds)), true)
    assert.equal(known(one(nowSeconds - 400)), 'ERR_HMAC_STALE')
    assert.equal(known(one(nowSeconds, nowSeconds - 400), one(nowSeconds - 400)), 'ERR_HMAC_MISMATCH', 'a time of another element')
  })
  test('what it is a part of cannot be signed, nor a time beside what is', () => {
    const signature = { from: '{token|fromBase64|text}', format: '{signature}:{data}' }
    const fields = { token: { header: 'x' }, data: {} }
    assert.deepEqual(mistakes({ signature, fields, message: '{token}\n{data}\n{body}' }), [
      'message: holds {token}, where the signature stands: it is what is being made',
    ])
    const timestamp = { from: '{token|fromBase64|text|after:t=}', unit: 'seconds' }
    assert.match(mistakes({ signature, timestamp, fields, message: '{data}\n{body}' })[0], /timestamp: is checked but not signed/)
  })
})
