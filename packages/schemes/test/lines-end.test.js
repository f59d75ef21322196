import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { acme, mistakes, request, secret, signed, verdict } from './signing.js'

/** Where lines of headers end: at a word with no mark behind it. */
const of = (message, item = '{name}:{value|trim}\n', more = {}) => ({
  fields: { signed: { header: 'x-signed', names: ';', mustInclude: ['host'] } },
  define: {
    lines: { each: 'headers', names: '{signed}', item, join: '', ...more },
    tail: { choose: [{ when: { body: true }, use: '\n{body}' }, { use: '' }] },
  },
  timestamp: { header: 't', unit: 'seconds' },
  message,
})
const alike = (definition) => mistakes(definition).some((line) => /can be signed alike/.test(line))

describe('lines of headers end where a word of a token stands that no mark follows', () => {
  for (const message of ['{lines}{timestamp}{tail}', '{lines}{timestamp}\n{body}', '{method}\n{lines}{timestamp}\n{header:x-a}{tail}'])
    test(`${JSON.stringify(message)} compiles`, () => assert.equal(alike(of(message)), false))
  for (const [name, message, ...rest] of [
    ['the mark itself follows', '{lines}{timestamp}:{body}'],
    ['the mark itself may follow', '{lines}{timestamp}{query?|prepend::}\n{body}'],
    ['a character of names follows', '{lines}{timestamp}a{body}'],
    ['anything can follow', '{lines}{timestamp}{body}'],
    ['what follows may hold a mark', '{lines}{header:x-a}\n{body}'],
    ['what follows is a body', '{timestamp}\n{lines}{body}'],
    ['the mark is a character of names', '{lines}{timestamp}\n{body}', '{name}-{value|trim}\n'],
    ['nothing marks the name', '{lines}{timestamp}\n{body}', '{name}\n'],
    ['a pipe makes more of the name', '{lines}{timestamp}\n{body}', '{name|append:\\n}:{value|trim}\n'],
    ['items do not begin with the name', '{lines}{timestamp}\n{body}', '{value|trim}:{name}\n'],
    [
      'an entry that is no header is marked as what follows',
      '{lines}{timestamp} {body}',
      undefined,
      { named: { '(x)': '{name} {method}\n' } },
    ],
    ['the name of an entry holds what follows', '{lines}{timestamp} {body}', undefined, { named: { 'a b': '{name}:{method}\n' } }],
  ])
    test(`${name}: refused`, () => assert.equal(alike(of(message, ...rest)), true))
})

test('property: two requests that print the same are the same', () => {
  const one = acme(of('{lines}{timestamp}{tail}'))
  const word = fc.string({ unit: fc.constantFrom('1', '7', 'a'), minLength: 1, maxLength: 3 })
  const text = fc.string({ unit: fc.constantFrom('1', ':', '\n', 'a'), maxLength: 12 })
  const asked = fc.record({
    names: fc.uniqueArray(word, { maxLength: 2 }),
    value: fc.string({ unit: fc.constantFrom('1', ':', 'a'), minLength: 1, maxLength: 4 }),
    time: fc.integer({ min: 1, max: 20 }),
    body: fc.oneof(text, fc.constant('1:a\n7')),
  })
  const sent = ({ names, value, time, body }) =>
    signed(
      one,
      { headers: { host: 'h', ...Object.fromEntries(names.map((name) => [`x${name}`, value])) }, body },
      { sign: names.map((name) => `x${name}`), timestamp: String(time), now: () => time * 1000 },
    )
  fc.assert(
    fc.property(asked, asked, (x, y) => {
      const [a, b] = [sent(x), sent(y)]
      const same = (request) => JSON.stringify([request.headers['x-signed'], request.headers, request.body.toString()].filter(Boolean))
      const bare = (request) => same({ ...request, headers: { ...request.headers, 'x-signature': '' } })
      return (a.message.toString() === b.message.toString()) === (bare(a) === bare(b))
    }),
    { numRuns: 300 },
  )
})

test('the list of lines is verified to its end', () => {
  const one = acme(of('{lines}{timestamp}{tail}'))
  const asked = signed(one, { headers: { host: 'h', x: '1' }, body: '1:a' }, { sign: ['x'] })
  assert.equal(verdict(one, asked, { secret }), true)
  for (const [name, value] of [
    ['x', '2'],
    ['t', '1'],
    ['x-signed', 'host'],
    ['host', 'i'],
  ])
    assert.equal(verdict(one, { ...asked, headers: { ...asked.headers, [name]: value } }) === true, false, name)
  assert.equal(verdict(one, { ...asked, body: request({ body: '1:b' }).body }), 'ERR_HMAC_MISMATCH')
})
