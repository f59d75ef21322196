import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acme, hexOf, mistakes, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

/** A signature under the secret of today, and one under that of yesterday, each under a name of its own. */
const two = (format = 't={timestamp},v1={signature},v2={signature}', more = {}) =>
  acme({ signature: { header: 'x-s', format, members: ',' }, timestamp: { unit: 'seconds' }, message: '{timestamp}.{body}', ...more })
const body = '{"n":1}'
const own = hexOf(`${nowSeconds}.${body}`)
const other = hexOf(`${nowSeconds}.${body}`, 'another-secret-of-the-tests')
const given = (text) => request({ headers: { 'x-s': text } })

test('of several names for the signature one has to be there', () => {
  assert.equal(verdict(two(), given(`t=${nowSeconds}`)), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(two(), given(`t=${nowSeconds},v3=${own}`)), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(two(), given(`t=${nowSeconds},v1=,v2=${own}`)), 'ERR_HMAC_MALFORMED')
})

test('each of the names stands once', () => {
  for (const name of ['v1', 'v2'])
    assert.equal(verdict(two(), given(`t=${nowSeconds},${name}=${own},${name}=${own}`)), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(two(), given(`t=${nowSeconds},t=${nowSeconds},v1=${own}`)), 'ERR_HMAC_MALFORMED')
})

test('no signature of a wrong secret, an old time or another body holds under any name', () => {
  assert.equal(verdict(two(), given(`t=${nowSeconds},v1=${other},v2=${other}`)), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(two(), given(`t=${nowSeconds - 301},v2=${hexOf(`${nowSeconds - 301}.${body}`)}`)), 'ERR_HMAC_STALE')
  assert.equal(verdict(two(), { ...given(`t=${nowSeconds},v2=${own}`), body: Buffer.from('{"n":2}') }), 'ERR_HMAC_MISMATCH')
})

test('a name stands once in the format, and no other part has two', () => {
  const of = (format) =>
    mistakes({ signature: { header: 'x', format, members: ',' }, timestamp: { unit: 'seconds' }, message: '{timestamp}.{body}' })
  assert.match(
    of('t={timestamp},v1={signature},v1={signature}')[0],
    /names "v1" twice; a name that a request repeats is written once, with \{signature\+\}/,
  )
  assert.match(of('t={timestamp},u={timestamp},v1={signature}').join(), /captures \{timestamp\}, as does signature/)
  assert.match(of('t={timestamp},v1={signature},v2={signature?}')[0], /without a signature there is nothing to verify; take "\?" away/)
})

test('the signature may stand under either name, or under both', () => {
  for (const text of [
    `v1=${own}`,
    `v2=${own}`,
    `v1=${own},v2=${other}`,
    `v2=${own},v1=${other}`,
    `v1=${other},v2=${own}`,
    `v1=${own},v3=x`,
  ]) {
    assert.equal(verdict(two(), given(`t=${nowSeconds},${text}`)), true, text)
  }
})

test('our signer writes one secret under the first name, and two under both', () => {
  const one = signed(two())
  assert.equal(one.headers['x-s'], `t=${nowSeconds},v1=${own}`)
  const both = signed(two(), {}, { secret: [secret, 'another-secret-of-the-tests'] })
  assert.equal(both.headers['x-s'], `t=${nowSeconds},v1=${own},v2=${other}`)
  const more = signed(two(), {}, { secret: [secret, 'another-secret-of-the-tests', 'a-third-secret-of-the-tests'] })
  assert.equal(more.headers['x-s'], both.headers['x-s'])
  assert.equal(verdict(two(), both), true)
  assert.equal(verdict(two(), both, { secret: 'another-secret-of-the-tests' }), true)
})

test('the last name may be the one that repeats', () => {
  const one = two('t={timestamp},v1={signature},old={signature+}')
  const sent = signed(one, {}, { secret: [secret, 'another-secret-of-the-tests', 'a-third-secret-of-the-tests'], now })
  assert.match(sent.headers['x-s'], /^t=\d+,v1=[0-9a-f]{64},old=[0-9a-f]{64},old=[0-9a-f]{64}$/)
  assert.equal(verdict(one, sent, { secret: 'a-third-secret-of-the-tests' }), true)
})

test('property: the request holds where one of its signatures is that of the secret, and nowhere else', () => {
  const entry = fc.tuple(fc.constantFrom('v1', 'v2', 'v3', 'x'), fc.constantFrom(own, other, '0'.repeat(64)))
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: ([name]) => name }), (entries) => {
      const text = [`t=${nowSeconds}`, ...entries.map((pair) => pair.join('='))].join(',')
      const held = entries.some(([name, value]) => (name === 'v1' || name === 'v2') && value === own)
      assert.equal(verdict(two(), given(text)) === true, held, text)
    }),
  )
})
