import assert from 'node:assert/strict'
import { createHash, createHmac, createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import { compileScheme } from '@countersign/schemes'
import { acme, hexOf, mistakes, nowSeconds, secret, signed, verdict } from './signing.js'

const hmac = (key, message, encoding = 'buffer') => createHmac('sha256', key).update(message).digest(encoding)
const timed = { timestamp: { header: 'x-t', unit: 'seconds' } }
const later = { now: () => (nowSeconds + 60) * 1000 }

test('a chain whose keys are text', () => {
  const own = acme({ ...timed, key: { chain: ['{secret}', '{timestamp}', 'end'], encoding: 'hex' }, message: '{timestamp}\n{body}' })
  const key = hmac(hmac(secret, String(nowSeconds), 'hex'), 'end', 'hex')
  assert.equal(signed(own).headers['x-signature'], hexOf(`${nowSeconds}\n{"n":1}`, key))
  assert.equal(verdict(own, signed(own)), true)
  assert.match(mistakes({ key: { chain: ['{secret}'], encoding: 'utf8' } })[0], /key\.encoding: unknown word "utf8"/)
})

test('a chain in which the secret comes later, and one without any', () => {
  const own = acme({ key: { chain: ['WebAppData', '{secret}'] } })
  assert.equal(signed(own).headers['x-signature'], hexOf('{"n":1}', hmac('WebAppData', secret)))
  assert.equal(verdict(own, signed(own), { secret: 'another-secret-0123456789' }), 'ERR_HMAC_MISMATCH')
  assert.match(mistakes({ key: { chain: ['a', 'b'] } })[0], /the key must come from it/)
})

test('a key made with the request: a kept key is never used for another request', () => {
  for (const key of ['{timestamp}\n{secret}', { chain: ['{secret}', '{timestamp}'] }, { chain: ['{timestamp}', '{secret}'] }]) {
    const own = acme({ ...timed, key, message: '{body}' })
    const sent = signed(own)
    assert.equal(verdict(own, sent), true)
    assert.equal(verdict(own, sent), true)
    const renewed = { ...sent, headers: { ...sent.headers, 'x-t': String(nowSeconds + 60) } }
    assert.equal(verdict(own, renewed, later), 'ERR_HMAC_MISMATCH', JSON.stringify(key))
    assert.equal(verdict(own, signed(own, {}, later), later), true)
  }
})

test('what the key is made of is bound by the signature', () => {
  const { binds } = compileScheme(acme({ ...timed, key: '{timestamp}\n{secret}', message: '{body}' })).facts
  assert.deepEqual([binds.timestamp, binds.body], [true, 'octets'])
  assert.match(mistakes({ ...timed, message: '{body}' })[0], /timestamp: is checked but not signed/)
})

test('a key made with what the request lacks is a refusal; a secret that does not decode is a defect of the set-up', () => {
  const own = acme({ key: '{header:x-id}{secret}' })
  const sent = signed(own, { headers: { 'x-id': '1' } })
  assert.equal(verdict(own, sent), true)
  assert.equal(verdict(own, { ...sent, headers: { 'x-signature': sent.headers['x-signature'] } }), 'ERR_HMAC_INCOMPLETE')
  assert.throws(
    () => verdict(acme({ key: '{secret|fromHex}' }), sent, { secret: 'x'.repeat(20) }),
    /does not decode as \{secret\|fromHex\} says/,
  )
})

test('octets are the key itself, and no text to mix with a request', () => {
  const own = acme({ ...timed, key: '{timestamp}\n{secret}', message: '{body}' })
  for (const octets of [Buffer.from(secret), createSecretKey(Buffer.from(secret))]) {
    assert.throws(() => signed(own, {}, { secret: octets }), /give it as the vendor shows it/)
    assert.equal(verdict(acme({ key: '{secret|fromHex}' }), signed(acme({})), { secret: octets }), true)
  }
})

test('the secret in the message: it is text, and the facts say that the message must not be shown', () => {
  const own = acme({ ...timed, message: '{timestamp}\n{secret}', allowUnboundBody: 'a robot signs the time alone' })
  const sent = signed(own)
  assert.equal(sent.headers['x-signature'], hexOf(`${nowSeconds}\n${secret}`))
  assert.equal(verdict(own, sent), true)
  assert.equal(compileScheme(own).facts.secretInMessage, true)
  assert.equal(compileScheme(acme({})).facts.secretInMessage, false)
  assert.throws(() => signed(own, {}, { secret: Buffer.from(secret) }), /must be the text that the vendor shows/)
  assert.equal(verdict(own, sent, { secret: ['another-secret-0123456789', secret] }), true)
})

test('a field that is made of the secret', () => {
  const own = acme({ fields: { token: { header: 'x-token', value: '{secret|sha256|hex}' } }, message: '{token}\n{body}' })
  const sent = signed(own)
  assert.equal(sent.headers['x-token'], createHash('sha256').update(secret).digest('hex'))
  assert.equal(verdict(own, sent), true)
  const passphrase = acme({
    params: { p: 'pass' },
    fields: { p: { header: 'x-p', value: '{param:p|hmac|base64}' } },
    message: '{p}\n{body}',
  })
  const signedBoth = signed(passphrase)
  assert.equal(signedBoth.headers['x-p'], hmac(secret, 'pass', 'base64'))
  assert.equal(verdict(passphrase, signedBoth), true)
  assert.equal(verdict(passphrase, signedBoth, { params: { p: 'other' } }), 'ERR_HMAC_DIGEST')
})

test('a plain hash: only with the secret in the message, a word in the scheme and one at set-up', () => {
  const plain = { construction: 'hash', message: '{body}{secret}', insecure: 'it is no HMAC' }
  const own = acme(plain)
  const allowed = { allowInsecureScheme: true }
  const sent = signed(own, {}, allowed)
  assert.equal(sent.headers['x-signature'], createHash('sha256').update(`{"n":1}${secret}`).digest('hex'))
  assert.equal(verdict(own, sent, allowed), true)
  assert.equal(verdict(own, { ...sent, body: Buffer.from('{"n":2}') }, allowed), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(own, sent, { ...allowed, secret: 'another-secret-0123456789' }), 'ERR_HMAC_MISMATCH')
  assert.throws(() => verdict(own, sent), /only the option allowInsecureScheme: true lets it in/)
  assert.match(mistakes({ ...plain, insecure: undefined }).join(), /insecure/)
  assert.match(mistakes({ construction: 'hash', message: '{body}{secret}' })[0], /a plain hash is no HMAC and can be extended/)
  assert.match(mistakes({ ...plain, message: '{body}' })[0], /does not hold \{secret\}, so that anybody can make the hash/)
  assert.match(mistakes({ ...plain, key: '{secret}' })[0], /a plain hash takes no key/)
})

test('S01: a secret that may be absent is refused: one of octets would print nothing, and anybody could make the hash', () => {
  const problem = /\{secret\?.*: the secret is always there; take "\?" away/
  const plain = { construction: 'hash', insecure: 'x', message: '{body|sha256|hex}.{secret?}' }
  const field = { fields: { pass: { header: 'x-pass', value: 'v1{secret?}' } } }
  const is = { message: { choose: [{ when: { is: { '{secret?|first:3}': 'abc' } }, use: 'a{body}' }, { use: 'b{body}' }] } }
  for (const definition of [plain, field, is, { key: '{secret?}' }]) assert.match(mistakes(definition).join('\n'), problem)
})
