import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scheme, verify } from '@countersign/schemes'
import { explain } from '@countersign/schemes/explain'
import { acme, hexOf, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

/** Elements that carry a time each, as those of senders who rotate a secret do. */
const rotating = acme({
  signature: { header: 'x-signature', format: 't={timestamp},v1={signature}', list: ' ' },
  timestamp: { unit: 'seconds' },
  message: '{timestamp}.{body}',
})
const other = 'another-secret-of-tests-0123456789'
const body = '{"n":1}'
const element = (time, key = secret) => `t=${time},v1=${hexOf(`${time}.${body}`, key)}`
const received = (...elements) => ({ ...request({ body }), headers: { 'x-signature': elements.join(' ') } })
const late = nowSeconds - 301

test('a time counts for its own element alone', () => {
  const forged = `t=${nowSeconds},v1=${'0'.repeat(64)}`
  assert.equal(verdict(rotating, received(forged, element(late))), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(rotating, received(element(late), forged)), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(rotating, received(element(late), element(late - 1))), 'ERR_HMAC_STALE')
  assert.equal(verdict(rotating, received(element(nowSeconds + 301), element(late))), 'ERR_HMAC_FUTURE')
  assert.equal(verdict(rotating, received(element(nowSeconds, other), element(nowSeconds - 1, other))), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(rotating, received('x=1', 'y=2')), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(rotating, received(...Array.from({ length: 17 }, (_, i) => element(nowSeconds - i)))), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(rotating, request({ body })), 'ERR_HMAC_MISSING')
})

test('any element may hold, whatever stands before it', () => {
  const good = element(nowSeconds - 5)
  for (const first of [element(late), element(nowSeconds, other), element(nowSeconds + 999), `t=x,v1=${'0'.repeat(64)}`, 'v0=1'])
    for (const elements of [
      [first, good],
      [good, first],
    ])
      assert.equal(verdict(rotating, received(...elements)), true, elements.join(' '))
  assert.equal(verdict(rotating, received(element(nowSeconds), element(nowSeconds, other))), true)
  assert.equal(verdict(rotating, received(element(nowSeconds, other), element(nowSeconds))), true)
  assert.equal(verdict(rotating, signed(rotating, { body })), true)
})

test('the latest time that holds says how long the request has to be remembered', () => {
  const { signedAt, messages } = verify(rotating, received(element(nowSeconds - 9), element(nowSeconds - 2), element(late)), {
    secret,
    now,
  })
  assert.equal(signedAt, (nowSeconds - 2) * 1000)
  assert.equal(messages.length, 2)
})

test('key ids and times of elements belong together', () => {
  const own = scheme({
    name: 'keyed',
    signature: { header: 'x-signature', format: '{keyId}:{timestamp}:{signature}', list: ',' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}.{body}',
  })
  const keyed = (id, time, key) => `${id}:${time}:${hexOf(`${time}.${body}`, key)}`
  const secrets = [
    { id: 'a', secret },
    { id: 'b', secret: other },
  ]
  const result = (...elements) => {
    const found = verify(own, { ...received(), headers: { 'x-signature': elements.join(',') } }, { secret: secrets, now })
    return found.ok ? found.keyId : found.code
  }
  assert.equal(result(keyed('a', late, secret), keyed('b', nowSeconds, other)), 'b')
  assert.equal(result(keyed('a', nowSeconds, other), keyed('b', nowSeconds - 1, secret)), 'ERR_HMAC_MISMATCH')
  assert.equal(result(keyed('c', nowSeconds, other), keyed('a', nowSeconds - 1, secret)), 'a')
})

test('explain reads elements with a time each', () => {
  const sent = received(element(nowSeconds - 1, `${secret} `), element(nowSeconds - 2, `${secret} `))
  assert.deepEqual(
    explain(rotating, sent, { secret, now }).findings.map(({ cause }) => cause),
    ['secret-blanks'],
  )
})
