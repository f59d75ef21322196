import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileScheme } from '@countersign/schemes'
import { acme, hexOf, mistakes, request, signed, verdict } from './signing.js'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const pairs = { each: 'form', sort: 'name', item: '{name}={value}', join: '&' }
const byType = (use, otherwise) => ({ choose: [{ when: { contentType: 'application/x-www-form-urlencoded' }, use }, { use: otherwise }] })
const WHY = 'a form can be the digest of a body'

test('a choice of which one branch signs nothing of the body binds none', () => {
  for (const [use, otherwise] of [
    ['{pairs}', 'none'],
    ['none', '{body|md5|base64}'],
    ['{body|length}', '{body}'],
  ]) {
    const found = mistakes({ define: { pairs, what: byType(use, otherwise) }, message: '{method}\n{path}\n{what}', ambiguous: WHY })
    assert.match(found.join('\n'), /does not sign the body/, `${use} ${otherwise}`)
  }
})

test('a choice of parsed pairs or the digest of other bodies binds the data, and no more', () => {
  const message = '{method}\n{path}\n{what}'
  const definition = {
    name: 'x',
    signature: { header: 'x-s' },
    define: { pairs, what: byType('{pairs}', '{body|md5|base64}') },
    message,
    ambiguous: WHY,
  }
  assert.equal(compileScheme(definition).facts.binds.body, 'data')
  const { ambiguous: _ambiguous, ...apart } = definition
  const octets = { ...apart, define: { what: byType('{body|sha1|hex}', '{body|sha256|hex}') } }
  assert.equal(compileScheme(octets).facts.binds.body, 'octets')
})

test('under such a choice a changed pair, another body and another type of the same body are refused', () => {
  const one = acme({ define: { pairs, what: byType('{pairs}', '{body|md5|base64}') }, message: '{method}\n{path}\n{what}', ambiguous: WHY })
  const sent = signed(one, { headers: form, body: 'b=2&a=1' })
  assert.equal(verdict(one, { ...sent, body: Buffer.from('b=2&a=3') }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(one, { ...sent, headers: { ...sent.headers, 'content-type': 'application/json' } }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(one, { ...sent, body: Buffer.from('a=1&b=2') }), true, 'the order of pairs is not signed')
  const json = signed(one, { headers: { 'content-type': 'application/json' } })
  assert.equal(verdict(one, json), true)
  assert.equal(verdict(one, { ...json, body: Buffer.from('{"n":2}') }), 'ERR_HMAC_MISMATCH')
})

test('a branch for what is empty or absent takes no request in which it is there', () => {
  const message = { choose: [{ when: { is: { '{header:x-note?}': '' } }, use: '-' }, { use: '{header:x-note|length}:{header:x-note}' }] }
  const one = acme({ define: { note: message }, message: '{note}\n{body}' })
  const bare = signed(one)
  assert.equal(bare.message.toString(), '-\n{"n":1}')
  const noted = signed(one, { headers: { 'x-note': 'ab' } })
  assert.equal(noted.message.toString(), '2:ab\n{"n":1}')
  assert.equal(verdict(one, { ...bare, headers: { ...bare.headers, 'x-note': 'ab' } }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(one, { ...noted, headers: { 'x-signature': noted.headers['x-signature'] } }), 'ERR_HMAC_MISMATCH')
  for (const sent of [bare, noted, { ...bare, headers: { ...bare.headers, 'x-note': '' } }]) assert.equal(verdict(one, sent), true)
  assert.equal(bare.headers['x-signature'], hexOf('-\n{"n":1}'))
})

test('without "?" what is absent is refused before it is compared', () => {
  const use = { choose: [{ when: { is: { '{header:x-note}': ['', 'a'] } }, use: '1' }, { use: '2' }] }
  const one = acme({ define: { use }, message: '{use}\n{header:x-note}\n{body}' })
  assert.equal(verdict(one, request({ headers: { 'x-signature': hexOf('1\n\n{"n":1}') } })), 'ERR_HMAC_INCOMPLETE')
})

test('why a carried text signs no body is told where the text is made by a choice', () => {
  const fields = { payload: { header: 'x-payload', value: '{content}' } }
  const content = { choose: [{ when: { body: true }, use: '{body|base64}' }, { use: '{none|utf8|base64}' }] }
  const [first] = mistakes({ fields, define: { content, none: '{{"time":{header:x-time}}}' }, message: '{payload}' })
  assert.match(
    first,
    /\{content\} can print for a body what it prints for none; .*; a vendor's scheme that is so says why in "allowUnboundBody"$/,
  )
})

test('a length begins with a digit, so that a branch of another character is told from it', () => {
  const choose = (use) => [{ when: { is: { '{header:x-note?}': '' } }, use }, { use: '{header:x-note|length}{header:x-note}' }]
  const first = (use) => mistakes({ define: { note: { choose: choose(use) } }, message: '{note}\n{body}' })[0]
  assert.match(first('7'), /its branches can print the same/)
  assert.match(first('-'), /\{header:x-note\|length\} runs into \{header:x-note\}/, 'where a length ends is not told')
})
