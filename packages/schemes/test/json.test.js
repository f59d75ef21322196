import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acme, hexOf, request, signed, verdict } from './signing.js'

const byMember = acme({ message: '{json:/id}|{json:/n?}', ambiguous: 'a "|" inside a member is not escaped' })
const canonical = acme({ message: '{body|jcs}' })

/** The message that is signed for a body; the code of the refusal where there is none. */
function messageOf(definition, body) {
  try {
    return signed(definition, { body }).message.toString()
  } catch (error) {
    return error.message.replace(/^.*cannot be signed: /, '')
  }
}

test('RFC 8785 section 3.2.2: numbers, strings and literals', () => {
  const body = `{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]
  }`
  const expected = `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`
  assert.equal(messageOf(canonical, body), expected)
})

test('RFC 8785 section 3.2.3: members in the order of their UTF-16 code units', () => {
  const body =
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}'
  const order = [
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]
  assert.deepEqual(
    Object.values(
      JSON.parse(
        `[${messageOf(canonical, body)
          .slice(1, -1)
          .replace(/"(?:[^"\\]|\\.)*":/g, '')}]`,
      ),
    ),
    order,
  )
})

test('JSON that readers read differently is refused', () => {
  const refused = [
    ['{"id":1,"id":2}', /names a member twice/],
    ['{"id":1,"\\u0069d":2}', /names a member twice/],
    ['{"a":{"b":1,"b":1},"id":1}', /names a member twice/],
    ['[{"x":1,"x":2}]', /names a member twice/],
    ['\ufeff{"id":1}', /not JSON/],
    ['{"id":1}x', /not JSON/],
    ["{'id':1}", /not JSON/],
    ['{"id":NaN}', /not JSON/],
    ['{"id":01}', /not JSON/],
    [Buffer.from([0x7b, 0x22, 0x69, 0x64, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), /not UTF-8/],
    [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), /not UTF-8/],
    ['{"id":"\\ud800"}', /half of a surrogate pair/],
    [`${'['.repeat(201)}${']'.repeat(201)}`, /nested deeper than 200/],
    [`{"id":1,"x":${'['.repeat(300)}${']'.repeat(300)}}`, /nested deeper than 200/],
    ['', /not JSON/],
  ]
  for (const [body, expected] of refused) assert.match(messageOf(byMember, body), expected)
  assert.match(messageOf(byMember, `{"id":1,"x":${'['.repeat(100)}${']'.repeat(100)}}`), /^1\|$/)
})

test('RFC 8785 section 3.2.2.3: a number that a parser takes for infinite is not signed like null', () => {
  const stringified = acme({ message: '{body|stringify}' })
  for (const body of ['1e999', '[-1e999]', '{"a":1e999}'])
    for (const one of [canonical, stringified, byMember])
      assert.match(messageOf(one, body), /number of the body is beyond the range of a double/)
  assert.equal(messageOf(canonical, '[-0,1e308,5e-324]'), '[0,1e+308,5e-324]')
})

test('RFC 8785: a text is written as JSON.stringify writes it', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' }))), (texts) => {
      assert.equal(messageOf(canonical, JSON.stringify(texts)), JSON.stringify(texts))
    }),
  )
})

test('the same names at different places are no duplicates, nor are names inside strings', () => {
  assert.equal(messageOf(byMember, '{"id":"x","a":{"id":1},"b":[{"id":1},{"id":2}],"c":"{\\"id\\":1,\\"id\\":2}"}'), 'x|')
  assert.equal(messageOf(byMember, '{"x":"id","id":"y","y":"id"}'), 'y|')
  assert.equal(messageOf(byMember, '{ "id" \n:\t"y" }'), 'y|')
})

test('S09: a pointer finds own members alone', () => {
  for (const pointer of ['/__proto__', '/constructor', '/toString', '/a/__proto__/x', '/s/length', '/a/constructor/name']) {
    const safe = acme({ message: `{json:${pointer}}` })
    assert.match(messageOf(safe, '{"a":{},"s":"text","list":[1]}'), /is not in the request/, pointer)
  }
  assert.equal(messageOf(acme({ message: '{json:/__proto__}' }), '{"__proto__":"own"}'), 'own')
  assert.equal(messageOf(acme({ message: '{json:/a~1b/c~0d/1}' }), '{"a/b":{"c~d":[0,"found"]}}'), 'found')
  assert.match(messageOf(acme({ message: '{json:/a/01}' }), '{"a":[0,1]}'), /is not in the request/)
  assert.match(messageOf(acme({ message: '{json:/a/-1}' }), '{"a":[0,1]}'), /is not in the request/)
})

test('scalars as text, null as absent', () => {
  const one = acme({ message: '{json:/v}' })
  for (const [value, text] of [
    ['1', '1'],
    ['1.0', '1'],
    ['1e2', '100'],
    ['-0', '0'],
    ['true', 'true'],
    ['"x\\u00e9"', 'x\u00e9'],
    ['[1, 2]', '[1,2]'],
    ['{"a": 1}', '{"a":1}'],
  ]) {
    assert.equal(messageOf(one, `{"v":${value}}`), text, value)
  }
  assert.match(messageOf(one, '{"v":null}'), /is not in the request/)
  assert.match(messageOf(one, '{}'), /is not in the request/)
})

test('what JSON.parse takes is signed and verified; nothing else is', () => {
  fc.assert(
    fc.property(fc.json({ depthSize: 'small' }), (text) => {
      const sent = signed(canonical, { body: text })
      assert.equal(verdict(canonical, sent), true)
      // Other octets of the same data are the same request to such a scheme.
      const spaced = Buffer.from(JSON.stringify(JSON.parse(text), undefined, 2))
      assert.equal(verdict(canonical, { ...sent, body: spaced }), true)
      assert.deepEqual(JSON.parse(sent.message.toString()), JSON.parse(text))
    }),
    { seed: 10, numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      const result = verdict(byMember, request({ body: Buffer.from(octets), headers: { 'x-signature': hexOf('x') } }))
      assert.match(String(result), /^ERR_HMAC_/)
    }),
    { seed: 11, numRuns: 1000 },
  )
})

test('S07: a megabyte of brackets is refused, and quickly', () => {
  for (const body of [
    '['.repeat(1_000_000),
    '{"a":'.repeat(200_000),
    `${'['.repeat(500_000)}${']'.repeat(500_000)}`,
    `"${'\\"'.repeat(400_000)}"`,
  ]) {
    assert.match(messageOf(byMember, body), /not JSON|nested deeper|is not in the request/)
  }
})

test('RFC 6901 section 4: of a list only its entries are there, and not how many they are', () => {
  const one = acme({ message: '{json:/a/length}' })
  assert.equal(verdict(one, request({ headers: { 'x-signature': hexOf('1') }, body: '{"a":["x"]}' })), 'ERR_HMAC_INCOMPLETE')
  assert.equal(verdict(one, request({ headers: { 'x-signature': hexOf('1') }, body: '{"a":{"length":1}}' })), true)
})
