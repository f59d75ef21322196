import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileScheme } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, mistakes, signed, verdict } from './signing.js'

const minify = acme({ message: '{body|minify}' })
const spelt = (pointer) => acme({ message: `{body|spelt:${pointer}}` })
const refusals = [
  ['', 'ERR_HMAC_NOTHING_SIGNED'],
  ['{', 'ERR_HMAC_MALFORMED'],
  ['{"a":1,}', 'ERR_HMAC_MALFORMED'],
  ['{"a":1} x', 'ERR_HMAC_MALFORMED'],
  ['{"a":1,"a":1}', 'ERR_HMAC_MALFORMED'],
  ['{"a":{"b":1,"\\u0062":2}}', 'ERR_HMAC_MALFORMED'],
  [Buffer.from([0x22, 0xff, 0x22]), 'ERR_HMAC_MALFORMED'],
]

test('what is no JSON, or names a member twice, is neither minified nor looked into', () => {
  for (const [body, code] of refusals) {
    const received = (message) => ({ method: 'POST', url: '/', headers: { 'x-signature': hexOf(message) }, body: Buffer.from(body) })
    assert.equal(verdict(minify, received(String(body).replaceAll(' ', ''))), code, String(body))
    assert.equal(verdict(spelt('/a'), received('1')), code, String(body))
  }
})

test('spelt: what is not there, is null, or has no UTF-8 is refused', () => {
  const code = (pointer, body, message = '1') =>
    verdict(spelt(pointer), { method: 'POST', url: '/', headers: { 'x-signature': hexOf(message) }, body: Buffer.from(body) })
  for (const body of ['{"b":1}', '{"a":null}', '{}', '[]', '1', '"a"', '{"b":{"a":1}}', '{"aa":1}'])
    assert.equal(code('/a', body), 'ERR_HMAC_INCOMPLETE', body)
  for (const body of ['[]', '[1]', '{"1":null}', '[[1,1]]']) assert.equal(code('/1', body), 'ERR_HMAC_INCOMPLETE', body)
  for (const [pointer, body] of [
    ['/0', '[]'],
    ['/a/0', '{"a":"1"}'],
    ['/a/0', '{"a":11}'],
    ['/a/0', '{"a":[],"b":[1]}'],
    ['/a/b', '{"a":"b","b":1}'],
  ])
    assert.equal(code(pointer, body), 'ERR_HMAC_INCOMPLETE', body)
  for (const index of ['/01', '/-', '/-0', '/9999999999']) assert.equal(code(index, '[1,1,1]'), 'ERR_HMAC_INCOMPLETE', index)
  assert.equal(code('/a', '{"a":"\\ud800"}', '\ufffd'), 'ERR_HMAC_MALFORMED')
  assert.equal(code('/a', '{"a":1}'), true)
  assert.deepEqual(mistakes({ message: '{body|spelt}' }), [
    'message: column 2: pipe "spelt" in "{body|spelt}" needs a JSON pointer, such as spelt:/amount',
  ])
  assert.match(mistakes({ message: '{body|spelt:a}' })[0], /needs a JSON pointer, such as spelt:\/amount$/)
  assert.match(mistakes({ message: '{body|minify:a}' })[0], /pipe "minify" in "\{body\|minify:a\}" takes no argument$/)
})

test('minify takes the blanks between tokens away, and nothing else', () => {
  const body =
    '{ "b" : 10.50,\r\n\t"2":1E2, "1" : 12345678901234567890, "u":"https:\\/\\/x  y", "n":"caf\\u00e9 \\" : ,"\t, "e" : [ ] , "o":{ } }'
  const expected = '{"b":10.50,"2":1E2,"1":12345678901234567890,"u":"https:\\/\\/x  y","n":"caf\\u00e9 \\" : ,","e":[],"o":{}}'
  assert.equal(signed(minify, { body }).message.toString(), expected)
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 1, '\t', '\r\n '), (text, indent) => {
      const tight = JSON.stringify(JSON.parse(text))
      assert.equal(signed(minify, { body: JSON.stringify(JSON.parse(text), null, indent) }).message.toString(), tight)
    }),
  )
})

test('sorted: members by name at every depth, all else as it is spelt', () => {
  const sorted = acme({ message: '{body|sorted}' })
  const of = (body, one = sorted) => signed(one, { body }).message.toString()
  const body = ' {"b" : 10.50, "a":{"z":[{"y":1.0,"x":"\\u00e9 , "}, 2 ],"\\u0061":null}, "B":12345678901234567890, "2":1,"10":{}} '
  const tight = '"B":12345678901234567890,"a":{"\\u0061":null,"z":[{"x":"\\u00e9 , ","y":1.0},2]},"b":10.50'
  assert.equal(of(body), `{"10":{},"2":1,${tight}}`)
  const outer = '"B":12345678901234567890,"a":{"z":[{"y":1.0,"x":"\\u00e9 , "},2],"\\u0061":null},"b":10.50'
  assert.equal(of(body, acme({ message: '{body|sorted:outer}' })), `{"10":{},"2":1,${outer}}`)
  assert.equal(of('[{"b":1,"a":2}]'), '[{"a":2,"b":1}]')
  assert.equal(of('[{"b":1,"a":2}]', acme({ message: '{body|sorted:outer}' })), '[{"b":1,"a":2}]')
  for (const text of ['1.50', '"x"', '[]', '{}', '[{},[]]']) assert.equal(of(text), text)
  for (const [text, code] of refusals) {
    const received = {
      method: 'POST',
      url: '/',
      headers: { 'x-signature': hexOf(String(text).replaceAll(' ', '')) },
      body: Buffer.from(text),
    }
    assert.equal(verdict(sorted, received), code, String(text))
  }
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (json, indent) => {
      assert.equal(of(JSON.stringify(json, null, indent)), of(JSON.stringify(json), acme({ message: '{body|jcs}' })))
    }),
  )
  assert.deepEqual(mistakes({ message: '{body|sorted:deep}' }), [
    'message: column 2: pipe "sorted" in "{body|sorted:deep}" takes no argument, or "outer" where the members of the outermost object alone are sorted',
  ])
})

test('P17: JSON texts that print the same, sorted and in whatever spelling, are the same data', () => {
  const value = fc.letrec((tie) => ({
    json: fc.oneof(
      fc.constantFrom(
        '1',
        '1.0',
        '10',
        '"1"',
        'null',
        '""',
        '"a"',
        '"/"',
        '"\\\\/"',
        '"\u00e9"',
        '"\\\\u00e9"',
        '"\\u00e9"',
        '", "',
        '": "',
      ),
      fc.array(tie('json'), { maxLength: 2 }).map((items) => `[${items.join(', ')}]`),
      fc
        .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'a/', '\u00e9', '1', ','), tie('json')), {
          maxLength: 3,
          selector: ([name]) => name,
        })
        .map((members) => `{${members.map(([name, one]) => `${JSON.stringify(name)} :${one}`).join(',')}}`),
    ),
  })).json
  const inOrder = (json) =>
    typeof json !== 'object' || json === null
      ? json
      : Array.isArray(json)
        ? json.map(inOrder)
        : Object.fromEntries(
            Object.keys(json)
              .sort()
              .map((name) => [name, inOrder(json[name])]),
          )
  for (const pipes of ['sorted', 'sorted|spaced|escapeUnicode', 'sorted:outer', 'stringify|sorted:outer|escapeUnicode|escapeSlashes']) {
    const definition = acme({ message: `{body|${pipes}}` })
    const seen = new Map()
    fc.assert(
      fc.property(value, (body) => {
        const printed = signed(definition, { body }).message.toString()
        const meant = JSON.stringify(inOrder(JSON.parse(body)))
        if (seen.has(printed)) assert.equal(meant, seen.get(printed), printed)
        seen.set(printed, meant)
      }),
      { seed: 15, numRuns: 500 },
    )
    assert.ok(seen.size > 100, String(seen.size))
  }
})

test("sorted: what Python's json.dumps writes with sort_keys, where a number ends in .0", () => {
  const definition = acme({ message: '{body|sorted|spaced}' })
  const body = '{"total": 10.0, "Items": [{"qty": 2, "price": 1.5e-07}], "note": "caf\\u00e9 \\"x\\""}'
  const sent = signed(definition, { body })
  assert.equal(sent.message.toString(), '{"Items": [{"price": 1.5e-07, "qty": 2}], "note": "caf\\u00e9 \\"x\\"", "total": 10.0}')
  assert.equal(sent.headers['x-signature'], '3280d78119c0592591e228ea5d00b3a234e1f2377ab865c269d17309d4424cd0')
  const { facts } = compileScheme(definition)
  assert.deepEqual([facts.binds.body, facts.injective], ['data', true])
  for (const other of ['{"total": 10.00', '{"total": 10', '{"Total": 10.0'])
    assert.equal(verdict(definition, { ...sent, body: Buffer.from(body.replace('{"total": 10.0', other)) }), 'ERR_HMAC_MISMATCH', other)
})

test('omit: an object without one member, all else in its order and as it is spelt', () => {
  const own = acme({ message: '{body|omit:sign}' })
  const print = (body) => signed(own, { body }).message.toString()
  for (const [body, printed] of [
    ['{"b":10.0,"sign":"x","a":"\\u00fc\\/", "n":123456789012345678901}', '{"b":10.0,"a":"\\u00fc\\/","n":123456789012345678901}'],
    ['{"sign":{"a":[1,{"b":"},\\""}]},"c":1}', '{"c":1}'],
    ['{"c":1,"sign":null}', '{"c":1}'],
    ['{ "\\u0073ign" : 1 }', '{}'],
    ['{"a":{"sign":1},"signs":2}', '{"a":{"sign":1},"signs":2}'],
    ['{}', '{}'],
  ])
    assert.equal(print(body), printed, body)
  for (const body of ['[]', '1', '"sign"', 'null', '{"a":1,"a":2}', '{"sign":1,"sign":2}', '{"a":1,}', '{"a"}'])
    assert.throws(() => print(body), /the request cannot be signed/, body)
})

test('omit: what Python signs that takes the signature out and writes the rest with sort_keys', () => {
  // python3: d = json.loads(body); d.pop('sign'); json.dumps(d, sort_keys=True, separators=(',', ':'))
  const body = '{"total": 10.0, "sign": "%", "name": "J\u00fcrgen", "items": [{"qty": 2, "price": 5.0}]}'
  const text = '{"items":[{"price":5.0,"qty":2}],"name":"J\\u00fcrgen","total":10.0}'
  const own = acme({ signature: { json: '/sign' }, message: '{body|omit:sign|sorted|escapeUnicode}' })
  const sent = { method: 'POST', url: '/', headers: { 'content-type': 'application/json' } }
  assert.equal(verdict(own, { ...sent, body: Buffer.from(body.replace('%', hexOf(text))) }), true)
  for (const [from, to] of [
    ['10.0', '10.1'],
    ['10.0', '10'],
    ['rgen', 'rger'],
    ['"qty": 2', '"qty": 3'],
  ])
    assert.equal(verdict(own, { ...sent, body: Buffer.from(body.replace('%', hexOf(text)).replace(from, to)) }), 'ERR_HMAC_MISMATCH', to)
})

test('a value is as it is spelt, a string as it reads', () => {
  const at = (pointer, body) => signed(spelt(pointer), { body }).message.toString()
  assert.equal(at('/10', '[0,[1],{"a":[2]},3,4,5,6,7,8,9,1.50,11]'), '1.50')
  assert.equal(at('/a/1/b', '{"c":{"d":[{}]},"a":[[[]],{"a":{},"b":2.0}]}'), '2.0')
  for (const [pointer, body, expected] of [
    ['/a', '{"b":{"a":2},"a" : 10.50 }', '10.50'],
    ['/a/b', '{"a":{"c":[1,{"b":3}],"b":1e+2}}', '1e+2'],
    ['/a/1/0', '{"a":[[],[-0.0,5]]}', '-0.0'],
    ['/2', '["}",{"x":"]"},12345678901234567890]', '12345678901234567890'],
    ['/a~1b', '{"a\\/b":true}', 'true'],
    ['/a', '{"a":"x\\u00e9\\n"}', 'x\u00e9\n'],
    ['/a', '{"a": { "b" : [ 1.0 , "x y" ] } }', '{"b":[1.0,"x y"]}'],
    ['', ' 1.50 ', '1.50'],
  ])
    assert.equal(at(pointer, body), expected, body)
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (json) => {
      for (const [name, value] of Object.entries(json)) {
        if (value === null) continue
        const pointer = `/${name
          .replaceAll('~', '~0')
          .replaceAll('/', '~1')
          .replace(/[\\|{}]/g, '\\$&')}`
        const expected = typeof value === 'string' ? value : JSON.stringify(value)
        assert.equal(at(pointer, JSON.stringify(json, null, 1)), expected)
      }
    }),
  )
})

test('one octet of a number that JavaScript cannot tell from another is noticed', () => {
  const sent = signed(minify, { body: '{"n":12345678901234567890}' })
  assert.equal(verdict(minify, sent), true)
  assert.equal(verdict(minify, { ...sent, body: Buffer.from('{ "n": 12345678901234567890 }') }), true)
  assert.equal(verdict(minify, { ...sent, body: Buffer.from('{"n":12345678901234567891}') }), 'ERR_HMAC_MISMATCH')
  assert.equal(compileScheme(minify).facts.binds.body, 'data')
})

test('a signer that writes into the JSON signs numbers as they are sent', () => {
  const own = acme({ signature: { json: '/sign' }, message: '{body|spelt:/amount}' })
  const sent = signed(own, { body: '{ "amount": 10.50 }' })
  assert.equal(verdict(own, sent), true)
  assert.throws(() => signed(own, { body: '{"amount":1,"amount":2}' }), /names a member twice/)
})

test('members of a list print as they are spelt, where the list says so', () => {
  const print = (body, more) =>
    signed(acme({ message: { each: 'json', spelt: true, item: '{name}={value}', join: '&', ...more }, ambiguous: 'x' }), {
      body,
    }).message.toString()
  assert.equal(
    print('{ "b": 10.50, "a": "x\\u0041", "c": { "d": 1.0 , "e": [ 1e2 ] }, "f": true, "g": null }', {}),
    'b=10.50&a=xA&c={"d":1.0,"e":[1e2]}&f=true&g=',
  )
  assert.equal(print('{"b":10.50,"a":1E1,"10":2}', { sort: 'name' }), '10=2&a=1E1&b=10.50')
  assert.equal(print('{"b":{"x":1.10,"y":[2.0,{"z":[]}]},"a":-0.0}', { flatten: '.' }), 'b.x=1.10&b.y.0=2.0&a=-0.0')
  assert.equal(print('{"b":{"x":1.10,"y":[2.0,"]"]}}', { flatten: '[]' }), 'b[x]=1.10&b[y][0]=2.0&b[y][1]=]')
  assert.equal(print('{"data":{"a":1.0},"b":2.0}', { at: '/data' }), 'a=1.0')
  assert.equal(print('[1.0,"2",{"a":3.0}]', {}), '0=1.0&1=2&2={"a":3.0}')
  assert.equal(print('{"a":1.0,"b":false,"c":"false"}', { except: ['a'], booleans: ['1', '0'] }), 'b=0&c=false')
  assert.equal(print('{"a":1.0,"constructor":2.0,"__proto__":3.0}', { booleans: ['1', '0'] }), 'a=1.0&constructor=2.0&__proto__=3.0')
  assert.equal(print('{"b":1}', { at: '/data' }), '')
  for (const bad of ['1.0', '"a"', '{"a":1,"a":1}', '{"a":"\\ud800"}', '{'])
    assert.throws(() => print(bad, {}), /no JSON object and no list|names a member twice|surrogate|is not JSON/, bad)
})

test('a list of spelt members prints what one of read members does, but for numbers', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.integer(), tie('list'), tie('object')),
    list: fc.array(tie('any'), { maxLength: 3 }),
    object: fc.dictionary(fc.string({ maxLength: 3 }), tie('any'), { maxKeys: 3, noNullPrototype: true }),
  }))
  const list = (more) =>
    acme({ message: { each: 'json', sort: 'name', item: '{name|length}:{name}{value|length}:{value}', join: '', ...more }, ambiguous: 'x' })
  for (const more of [{}, { flatten: '.' }, { flatten: '[]' }]) {
    const [read, spelt] = [list(more), list({ ...more, spelt: true })]
    fc.assert(
      fc.property(value.object, fc.boolean(), (object, spaced) => {
        const body = spaced ? JSON.stringify(object, null, 2) : JSON.stringify(object)
        assert.equal(signed(spelt, { body }).message.toString(), signed(read, { body }).message.toString())
      }),
      { seed: 9, numRuns: 150 },
    )
  }
})
