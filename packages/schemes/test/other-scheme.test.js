import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acme, hexOf, nowSeconds, request, signed, verdict } from './signing.js'

/** Schemes whose Authorization begins with no word of its own, and the field that each writes. */
const SIGNATURE = hexOf(`${nowSeconds}`)
const time = { unit: 'seconds' }
const bare = (format, more = {}) =>
  acme({
    signature: { header: 'authorization', format, ...more },
    timestamp: time,
    message: '{timestamp}',
    allowUnboundBody: 'the vendor signs none',
  })
const BARE = [
  ['API-Key={keyId},Signature={signature}, Timestamp={timestamp}', {}, `API-Key=k1,Signature=${SIGNATURE}, Timestamp=${nowSeconds}`],
  ['Key={keyId}; t={timestamp}; s={signature}', { members: '; ' }, `Key=k1; t=${nowSeconds}; s=${SIGNATURE}`],
  ['{keyId}:{timestamp}:{signature}', {}, `k1:${nowSeconds}:${SIGNATURE}`],
  ['{keyId} {timestamp} {signature}', {}, `k1 ${nowSeconds} ${SIGNATURE}`],
  ['k-{keyId} {timestamp} {signature}', {}, `k-k1 ${nowSeconds} ${SIGNATURE}`],
]
const options = { allowUnboundBody: true }

test('an Authorization of another auth-scheme is no signature of a format without one', () => {
  for (const [format, more] of BARE.slice(0, 3)) {
    for (const other of ['Bearer abc', 'Basic YTpi', 'Digest username="a", realm="b"', 'Signature keyId="a",signature="b"']) {
      assert.equal(verdict(bare(format, more), request({ headers: { authorization: other } }), options), 'ERR_HMAC_MISSING', format)
    }
  }
})

test('what is in the form of no auth-scheme, and not in that of the format, is malformed', () => {
  for (const [format, more] of BARE) {
    for (const odd of ['API-Key=k1', 'a=b, c=d', 'x,y z']) {
      assert.equal(
        verdict(bare(format, more), request({ headers: { authorization: odd } }), options),
        'ERR_HMAC_MALFORMED',
        `${format}: ${odd}`,
      )
    }
  }
})

test('a blank behind what no auth-scheme holds does not make another scheme of it', () => {
  for (const [format, more, expected] of BARE) {
    const one = bare(format, more)
    const sent = signed(one, {}, { ...options, keyId: 'k1' })
    assert.equal(sent.headers.authorization, expected)
    assert.equal(verdict(one, sent, options), true, format)
    assert.equal(verdict(one, sent, { ...options, secret: 'another-secret-of-the-tests' }), 'ERR_HMAC_MISMATCH', format)
  }
})

test('members of an Authorization without auth-scheme come in any order', () => {
  const one = bare('Key={keyId}; t={timestamp}; s={signature}', { members: '; ' })
  const turned = `s=${SIGNATURE}; t=${nowSeconds}; Key=k1`
  assert.equal(verdict(one, request({ headers: { authorization: turned } }), options), true)
})

test('property: a token and a blank in front are another auth-scheme, whatever stands behind', () => {
  const one = bare(BARE[0][0])
  const token = fc.string({ unit: fc.constantFrom(...'abzAZ09!#$%&*+-.^_`|~'), minLength: 1 })
  const rest = fc.string({ unit: fc.constantFrom(...'ab01=:,;" '), minLength: 1 })
  fc.assert(
    fc.property(token, rest, (word, behind) => {
      assert.equal(verdict(one, request({ headers: { authorization: `${word} ${behind}` } }), options), 'ERR_HMAC_MISSING')
    }),
  )
})
