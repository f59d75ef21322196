/** What servers write into WWW-Authenticate and Authentication-Info. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
// What no public name reaches: the parser that digest and others stand on.
import { readAuthParams, readChallenges } from '../dist/answer/challenges.js'

const read = (...values) =>
  readChallenges(values).map(({ scheme, token68, params }) => ({ scheme, token68, params: Object.fromEntries(params) }))
const one = (scheme, params = {}, token68 = undefined) => ({ scheme, token68, params })

test('P48: a challenge that does not follow the grammar is left out as a whole, and that one alone', () => {
  const malformed = [
    'realm="a"',
    '="a"',
    'Digest realm="a" nonce="b"',
    'Digest realm="a',
    'Digest realm="a\\"',
    'Digest realm="a"x',
    'Digest realm=a b',
    'Digest realm="a", realm="b"',
    'Digest realm="a", REALM="a"',
    'Digest realm=, nonce="b"',
    'Digest realm="\u0007"',
    'Digest realm="\u0100"',
    'Digest abc realm="a"',
    'Negotiate YWJj, realm="a"',
    'Digest\trealm="a"',
    'Digest realm="a"; nonce="b"',
    'Dig(est realm="a"',
    'Digest real m="a"',
    'Digest "realm"="a"',
  ]
  for (const value of malformed) {
    assert.deepEqual(read(value), [], value)
    assert.deepEqual(read('Basic realm="good"', value), [one('basic', { realm: 'good' })], value)
    // Without a scheme of its own it belongs to the challenge before it.
    const beside = /^(realm|=)/.test(value) ? [] : [one('basic', { realm: 'good' })]
    assert.deepEqual(read(`Basic realm="good", ${value}`), beside, value)
    const isOpen = value.replace(/\\./g, '').split('"').length % 2 === 0
    assert.deepEqual(read(`${value}, Basic realm="good"`), isOpen ? [] : [one('basic', { realm: 'good' })], value)
  }
})

test('P48: several challenges in one field, in several, and both', () => {
  // The example of RFC 9110 section 11.6.1.
  assert.deepEqual(read('Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'), [
    one('basic', { realm: 'simple' }),
    one('newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }),
  ])
  assert.deepEqual(read('Negotiate, NTLM', 'Digest realm="r" , nonce = "n",algorithm=SHA-256, Basic realm=x'), [
    one('negotiate'),
    one('ntlm'),
    one('digest', { realm: 'r', nonce: 'n', algorithm: 'SHA-256' }),
    one('basic', { realm: 'x' }),
  ])
  assert.deepEqual(read(''), [])
  assert.deepEqual(read(' , ,Basic\t,,realm="a",'), [one('basic', { realm: 'a' })])
})

test('token68 stands alone, and with its padding', () => {
  assert.deepEqual(read('NTLM TlRMTVNTUAACAAAA'), [one('ntlm', {}, 'TlRMTVNTUAACAAAA')])
  assert.deepEqual(read('Negotiate abc==, Basic realm="a"'), [one('negotiate', {}, 'abc=='), one('basic', { realm: 'a' })])
  assert.deepEqual(read('Negotiate a=b'), [one('negotiate', { a: 'b' })])
})

test('names have no case, quoted pairs are what they stand for, octets beyond ASCII stay', () => {
  assert.deepEqual(read('DIGEST Realm="\\a\\\\\\"\u00fc"'), [one('digest', { realm: 'a\\"\u00fc' })])
  const params = readChallenges(['Digest __proto__="x", constructor=y'])[0].params
  assert.equal(params.get('__proto__'), 'x')
  assert.equal(params.get('constructor'), 'y')
  assert.equal(params.get('toString'), undefined)
})

test('Authentication-Info holds parameters alone', () => {
  assert.deepEqual(
    [...readAuthParams('nextnonce="a\\"b", qop=auth , nc=00000001')],
    [
      ['nextnonce', 'a"b'],
      ['qop', 'auth'],
      ['nc', '00000001'],
    ],
  )
  assert.deepEqual([...readAuthParams('')], [])
  for (const bad of ['Digest nextnonce="a"', 'nextnonce', 'nextnonce="a', 'a=1, a=2', 'a="1"b'])
    assert.equal(readAuthParams(bad), undefined, bad)
})

test('a hundred challenges and parameters are read, and no more', () => {
  const many = (count, make) => Array.from({ length: count }, (_, i) => make(i)).join(', ')
  assert.equal(readChallenges([many(100, (i) => `S${i}`)]).length, 100)
  assert.equal(readChallenges([many(101, (i) => `S${i}`)]).length, 0)
  assert.equal(readAuthParams(many(100, (i) => `p${i}=1`)).size, 100)
  assert.equal(readAuthParams(many(101, (i) => `p${i}=1`)), undefined)
})

const token = fc.string({ unit: fc.constantFrom(..."abcXYZ019!#$%&'*+.^_`|~-"), minLength: 1, maxLength: 12 })
const quotable = fc.string({ unit: fc.constantFrom(...'ab"\\ ,=;\t\u00e9\u00ff'), maxLength: 12 })
const quoted = (text) => `"${text.replace(/["\\]/g, (one) => `\\${one}`)}"`

test('what is written is read back, whatever stands beside it', () => {
  const params = fc.uniqueArray(fc.tuple(token, quotable), { selector: ([name]) => name.toLowerCase(), minLength: 1, maxLength: 5 })
  const challenges = fc.array(fc.tuple(token, params), { minLength: 1, maxLength: 4 })
  const gap = fc.constantFrom(',', ', ', ' ,', '\t,  ,')
  fc.assert(
    fc.property(challenges, gap, (list, comma) => {
      const text = list
        .map(([scheme, pairs]) => `${scheme} ${pairs.map(([name, value]) => `${name}=${quoted(value)}`).join(comma)}`)
        .join(comma)
      const expected = list.map(([scheme, pairs]) => [scheme.toLowerCase(), pairs.map(([name, value]) => [name.toLowerCase(), value])])
      assert.deepEqual(
        readChallenges([text]).map(({ scheme, params: found }) => [scheme, [...found]]),
        expected,
      )
    }),
  )
})

test('no text makes it throw, and what it reads is of the grammar', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'Digest realm="a\\",= \t=~\u00ff\u0000'), maxLength: 60 })
  fc.assert(
    fc.property(fc.array(fc.oneof(noise, fc.string()), { maxLength: 3 }), (values) => {
      for (const { scheme, token68, params } of readChallenges(values)) {
        assert.match(scheme, /^[!#$%&'*+.^_`|~0-9a-z-]+$/)
        assert.ok(token68 === undefined || params.size === 0)
      }
    }),
  )
})

test('S19: 64 KiB of any shape is read in a time that is linear', () => {
  const KIB64 = 65_536
  const shapes = [
    'a',
    ' ',
    ',',
    'a,',
    'a ',
    'a b',
    'a=',
    '=',
    '"',
    '\\"',
    'a="b",',
    'Digest a="',
    'Digest ',
    'Digest a=b, ',
    `Digest ${'a'.repeat(100)}= `,
    '\t,',
  ]
  for (const shape of shapes) {
    for (const text of [shape.repeat(KIB64 / shape.length), `Digest realm="${shape.repeat(KIB64 / shape.length)}`]) {
      let best = Number.POSITIVE_INFINITY
      for (let round = 0; round < 5; round += 1) {
        const start = performance.now()
        readChallenges([text])
        readAuthParams(text)
        best = Math.min(best, performance.now() - start)
      }
      assert.ok(best < 200, `${JSON.stringify(shape)} took ${best} ms twice`)
    }
  }
})
