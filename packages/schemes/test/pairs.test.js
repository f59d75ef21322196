import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acme, mistakes, signed, verdict } from './signing.js'

const ambiguous = 'values are not escaped'
const pairs = (list, more = {}) => {
  const said = list.encode === undefined && list.decode === undefined ? { ambiguous } : {}
  return acme({ message: { each: 'query', item: '{name}={value}', join: '&', ...list }, allowUnboundBody: 'tests', ...said, ...more })
}
const query = (text, list, more) => signed(pairs(list, more), { method: 'GET', url: `/?${text}`, body: '' }).message.toString()
const json = (body, list) =>
  signed(pairs({ each: 'json', ...list }), { body: typeof body === 'string' ? body : JSON.stringify(body) }).message.toString()

test('sorted, by name in one of four ways', () => {
  assert.equal(query('b=1&A=2&a=3', {}), 'b=1&A=2&a=3')
  assert.equal(query('b=2&A=2&a=3&b=1', { sort: 'name' }), 'A=2&a=3&b=2&b=1')
  assert.equal(query('b=2&A=2&a=3&b=1', { sort: 'name-any-case' }), 'A=2&a=3&b=2&b=1')
  assert.equal(query('b=2&B=1&a=3', { sort: 'name-any-case' }), 'a=3&b=2&B=1')
  assert.equal(query('b=2&A=2&a=3&b=1', { sort: 'name-value' }), 'A=2&a=3&b=1&b=2')
  assert.equal(query('b=2&c=1', { sort: 'item', item: '{value}{name}' }), '1c&2b')
})

test('left out, repeated, merged', () => {
  assert.equal(query('a=&b=1&c', { skipEmpty: true }), 'b=1')
  assert.equal(query('a=1&a=1&a=2', { distinct: true }), 'a=1&a=2')
  assert.equal(query('a=2&b=x&a=1', { merge: ',' }), 'a=2,1&b=x')
  assert.equal(query('a=2&b=x&a=1', { merge: ',', sort: 'name-value' }), 'a=1,2&b=x')
  assert.equal(query('a=1&b=2&c=3', { only: ['c', 'a'] }), 'a=1&c=3')
  assert.equal(query('a=1&b=2&c=3', { except: ['b'] }), 'a=1&c=3')
  assert.equal(query('', { before: '?' }), '')
  assert.equal(query('a=1', { before: '?' }), '?a=1')
})

test('decoded and encoded', () => {
  const text = 'a+b=%C3%A9%21'
  assert.equal(query(text, {}), 'a b=\u00e9!')
  assert.equal(query(text, { decode: false }), text)
  assert.equal(query(text, { encode: 'rfc3986' }), 'a%20b=%C3%A9%21')
  assert.equal(query(text, { encode: 'form' }), 'a+b=%C3%A9%21')
  assert.equal(query(text, { encode: 'uri' }), 'a%20b=%C3%A9!')
})

test('further pairs take part as if they were carried', () => {
  const list = { encode: 'rfc3986', sort: 'name', with: { b: '{keyId}', 'a b': 'x y', none: '{header:none?}' } }
  const own = pairs({ ...list, skipEmpty: true }, { keyId: { header: 'k' } })
  const sent = signed(own, { method: 'GET', url: '/?c=1&a=2', body: '' }, { keyId: 'k1' })
  assert.equal(sent.message.toString(), 'a=2&a%20b=x%20y&b=k1&c=1')
  assert.equal(
    signed(
      acme({ message: { each: [], with: { z: '{body}', a: '1' }, sort: 'name', item: '{name}:{value}', join: '\n' }, ambiguous }),
    ).message.toString(),
    'a:1\nz:{"n":1}',
  )
})

test('what signs a pair is never among the pairs', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const inQuery = pairs({}, { signature: { query: 'sig' } })
  assert.equal(signed(inQuery, { method: 'GET', url: '/?a=1&sig=old&b=2', body: '' }).message.toString(), 'a=1&b=2')
  const inForm = pairs({ each: 'form' }, { signature: { form: 'sig' } })
  assert.equal(signed(inForm, { headers: form, body: 'a=1&sig=old' }).message.toString(), 'a=1')
  const inJson = pairs({ each: 'json' }, { signature: { json: '/sig' } })
  assert.equal(signed(inJson, { body: '{"a":1,"sig":"old"}' }).message.toString(), 'a=1')
  const deeper = pairs({ each: 'json', flatten: '.' }, { signature: { json: '/m/sig' } })
  assert.equal(signed(deeper, { body: '{"a":1,"m":{"sig":"old","b":2}}' }).message.toString(), 'a=1&m.b=2')
  for (const own of [inQuery, inForm, inJson]) {
    const request =
      own === inQuery ? { method: 'GET', url: '/?a=1', body: '' } : own === inForm ? { headers: form, body: 'a=1' } : { body: '{"a":1}' }
    assert.equal(verdict(own, signed(own, request)), true)
  }
})

test('what signs the pairs of a nested object is left out where it stands, and nowhere else', () => {
  const of = (pointer, list, body) =>
    signed(pairs({ each: 'json', ...list }, { signature: { json: pointer } }), { body }).message.toString()
  assert.equal(of('/a/s', { at: '/a' }, '{"a":{"s":"old","b":1}}'), 'b=1')
  assert.equal(of('/a/s/t', { at: '/a' }, '{"a":{"s":{"t":"old","u":1},"b":1}}'), 'b=1', 'with all that is beside it')
  assert.equal(of('/a/x/s', { at: '/a', flatten: '.' }, '{"a":{"x":{"s":"old","b":1}}}'), 'x.b=1')
  assert.equal(of('/a/x/s', { at: '/a', flatten: '[]' }, '{"a":{"x":{"s":"old","b":1}}}'), 'x[b]=1')
  assert.equal(of('/a/0/s', { flatten: '.[]' }, '{"a":[{"s":"old","b":1}]}'), 'a[0].b=1')
  assert.equal(of('/b/s', { at: '/a' }, '{"a":{"s":1,"b":2},"b":{}}'), 's=1&b=2', 'not one of that name elsewhere')
  assert.equal(of('/s', { at: '/a' }, '{"a":{"s":1,"a":2}}'), 's=1&a=2')
  assert.equal(of('/m/s', {}, '{"a":1,"m":{"s":"old"},"s":2}'), 'a=1&s=2')
  assert.equal(of('/m/s', { flatten: '.' }, '{"a":1,"m":{"s":"old"},"s":2}'), 'a=1&s=2')
})

test('JSON: members in their order, values as JSON writes them, deeper ones flat or as JSON', () => {
  const body = { b: { y: 1, x: [true, 'z'] }, a: '', c: null, d: 1.5 }
  assert.equal(json(body, {}), 'b={"y":1,"x":[true,"z"]}&a=&c=&d=1.5')
  assert.equal(json(body, { flatten: '.', sort: 'name', skipEmpty: true }), 'b.x.0=true&b.x.1=z&b.y=1&d=1.5')
  assert.equal(json(body, { flatten: '[]', sort: 'name', skipEmpty: true }), 'b[x][0]=true&b[x][1]=z&b[y]=1&d=1.5')
  assert.equal(json(body, { flatten: '.[]', sort: 'name', skipEmpty: true }), 'b.x[0]=true&b.x[1]=z&b.y=1&d=1.5')
  assert.equal(json([[1], { 0: 2 }], { flatten: '.[]' }), '0[0]=1&1.0=2')
  assert.equal(json(body, { at: '/b', sort: 'name' }), 'x=[true,"z"]&y=1')
  assert.equal(json(body, { at: '/b/x' }), '0=true&1=z')
  assert.equal(json([1, 'a'], {}), '0=1&1=a')
  assert.equal(json(body, { at: '/none' }), '')
  for (const [wrong, list] of [
    ['1', {}],
    ['"a"', {}],
    ['null', {}],
    ['{', {}],
    ['{"a":1,"a":2}', {}],
    [body, { at: '/d' }],
  ]) {
    assert.throws(() => json(wrong, list), /the request cannot be signed/, String(wrong))
  }
})

test('of all sources: those alone whose name begins so', () => {
  assert.equal(query('v_b=2&x=1&v_a=1', { prefix: 'v_', sort: 'name' }), 'v_a=1&v_b=2')
  assert.equal(json({ v_b: 2, x: 1, v_a: 1 }, { prefix: 'v_', except: ['v_a'] }), 'v_b=2')
  const timed = { timestamp: { query: 't', unit: 'seconds' }, allowUnboundBody: 'tests' }
  const list = { each: 'query', prefix: 'v_', encode: 'rfc3986', item: '{name}={value}', join: '&' }
  assert.match(mistakes({ ...timed, message: list }).join(), /timestamp: is checked but not signed/)
  assert.deepEqual(mistakes({ ...timed, timestamp: { query: 'v_t', unit: 'seconds' }, message: list }), [])
})

test('JSON: true and false as the vendor prints them', () => {
  assert.equal(json({ a: true, b: false, c: 'true', d: { e: true } }, { booleans: ['1', '0'], flatten: ':' }), 'a=1&b=0&c=true&d:e=1')
  assert.equal(json({ a: true, b: false }, { booleans: ['1', ''], skipEmpty: true }), 'a=1')
  assert.match(
    mistakes({ message: { each: 'json', booleans: ['1'], item: '{name}', join: '' } }).join(),
    /must be two texts, for true and for false/,
  )
})

test('a list that lets two requests be signed alike says why', () => {
  const problem = (list) =>
    mistakes({ message: { each: 'query', item: '{name}={value}', join: '&', ...list }, allowUnboundBody: 'tests' }).join()
  assert.equal(problem({ encode: 'rfc3986' }), '')
  assert.equal(problem({ decode: false }), '')
  for (const list of [
    {},
    { encode: 'rfc3986', join: '' },
    { encode: 'rfc3986', join: 'a' },
    { encode: 'uri', join: "'" },
    { encode: 'rfc3986', item: '{value}' },
  ]) {
    assert.match(problem(list), /two different requests can be signed alike: message is a list that/, JSON.stringify(list))
  }
  assert.match(problem({ encode: 'rfc3986', merge: ',' }), /values of one name are joined/)
  assert.match(problem({ encode: 'rfc3986', item: '{name}{value}' }), /two different requests/)
})

test('P17: encoded, sorted pairs are signed alike only where they are the same pairs', () => {
  const own = acme({
    message: { each: 'query', encode: 'rfc3986', sort: 'name-value', item: '{name}={value}', join: '&' },
    allowUnboundBody: 'tests',
  })
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '&', '=', '%', ' ', '+', '\u00e9'), maxLength: 4 })
  const list = fc.array(fc.tuple(text, text), { maxLength: 3 })
  const print = (entries) => {
    const url = `/?${entries.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`
    return signed(own, { method: 'GET', url, body: '' }, { allowWeakSecret: true }).message.toString()
  }
  const same = (entries) => JSON.stringify(entries.map((entry) => JSON.stringify(entry)).sort())
  fc.assert(
    fc.property(list, list, (a, b) => {
      fc.pre(a.length > 0 && b.length > 0)
      assert.equal(print(a) === print(b), same(a) === same(b))
    }),
    { numRuns: 300 },
  )
})

const named = acme({
  signature: { form: 'signature', encoding: 'base64' },
  timestamp: { form: 'signed_date_time', unit: 'rfc3339' },
  fields: { signed: { form: 'signed_field_names', names: ',', mustInclude: ['signed_field_names', 'signed_date_time', 'amount'] } },
  message: { each: 'form', names: '{signed}', item: '{name}={value}', join: ',' },
  ambiguous,
})
const form = (text) => ({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: text })

test('a list of parameters that the request names: in its order, none missing, none twice', () => {
  const sent = signed(named, form('amount=100.00&reference=7'), { sign: ['reference'] })
  const names = 'signed_field_names,signed_date_time,amount,reference'
  assert.equal(sent.message.toString(), `signed_field_names=${names},signed_date_time=2023-11-14T22:13:20Z,amount=100.00,reference=7`)
  assert.equal(verdict(named, sent), true)
  const other = (from, to) => verdict(named, { ...sent, body: Buffer.from(sent.body.toString().replace(from, to)) })
  assert.equal(other('100.00', '1.00'), 'ERR_HMAC_MISMATCH')
  assert.equal(other('reference=7&', ''), 'ERR_HMAC_INCOMPLETE')
  assert.equal(other('amount=100.00', 'amount=100.00&amount=1.00'), 'ERR_HMAC_DUPLICATED')
  assert.equal(other('%2Camount', '%2CAMOUNT'), 'ERR_HMAC_UNCOVERED')
  assert.equal(other('%2Camount', ''), 'ERR_HMAC_UNCOVERED')
  assert.equal(other('%2Creference', '%2Creference%2Creference'), 'ERR_HMAC_INCOMPLETE')
  assert.equal(other('signed_field_names=', 'x='), 'ERR_HMAC_INCOMPLETE')
})

test('what parsers of nested names put under a signed name is refused, with and without the plain one', () => {
  const listOf = (list) => ({ ...list, item: '{name}={value}', join: '&', encode: 'rfc3986' })
  const posted = (one, text) => signed(one, form(text))
  const after = (one, honest, others) => {
    const sent = posted(one, honest)
    return others.map((text) => verdict(one, { ...sent, body: Buffer.from(text) }))
  }
  const duplicated = (count) => new Array(count).fill('ERR_HMAC_DUPLICATED')
  const part = acme({ message: '{form:user|encode}\n{form:coupon?|encode}' })
  const injected = [
    '?coupon=1&user=a',
    'user=a&coupon%5B%=1',
    'user=a&[coupon]=1',
    'user=a&coupon[]=1',
    'user=a&coupon[x]=1',
    'user=a&%5Bcoupon%5D[y]=1',
  ]
  assert.deepEqual(after(part, 'user=a', [...injected, 'user=a&[user]=b', '?user=b&user=a']), duplicated(8))
  assert.deepEqual(after(part, 'user=a', ['user=a&other[]=1', 'user=a&other[coupon]=1', 'user=a&[]coupon=1', 'user=a&coupon]=1']), [
    true,
    true,
    true,
    true,
  ])
  const only = acme({ message: listOf({ each: 'form', only: ['user', 'coupon'] }) })
  assert.deepEqual(after(only, 'user=a', [...injected.filter((text) => !text.includes('%=')), '[user]=b&user=a']), duplicated(6))
  assert.deepEqual(after(only, 'user=a', ['user=a&other[]=1', 'user=a&other[user]=1', 'user=a&[other]=1']), [true, true, true])
  const prefixed = acme({ message: listOf({ each: 'form', prefix: 'v_' }) })
  assert.deepEqual(after(prefixed, 'v_a=1', ['v_a=1&[v_a]=2', 'v_a=1&[v_b]=2']), duplicated(2))
  assert.deepEqual(after(prefixed, 'v_a=1&v_b[]=2', ['v_a=1&v_b[]=2&[b]=1', 'v_a=1&v_b[]=2&b[v_a]=1']), [true, true])
  const sent = signed(named, form('amount=1'))
  const beside = (text) => verdict(named, { ...sent, body: Buffer.from(`${sent.body}&${text}`) })
  assert.deepEqual(['[amount]=2', 'amount[]=2', 'amount%5B%5D=2', 'other[amount]=2'].map(beside), [...duplicated(3), true])
  const both = signed(named, form('amount=1&amount[b]=2'), { sign: ['amount[b]'] })
  assert.equal(verdict(named, both), true, 'signed as well')
  const json = acme({ message: listOf({ each: 'json', only: ['a'] }) })
  assert.equal(verdict(json, { ...signed(json, { body: '{"a":1}' }), body: Buffer.from('{"a":1,"[a]":2,"a[]":3}') }), true)
  assert.throws(() => query('a=1&a[]=2', { only: ['a'] }), /cannot be signed: a stands in another way/)
})

test('what is left out for being empty makes no second value of what is signed', () => {
  const one = acme({ message: { each: 'form', skipEmpty: true, item: '{name}={value}', join: '&', encode: 'rfc3986' } })
  const sent = signed(one, form('a=1&b[c]=2'))
  const of = (text) => verdict(one, { ...sent, body: Buffer.from(text) })
  for (const text of ['a=&a=1&b[c]=2', 'a=1&b[c]=2&a', 'a=1&a[]=&b[c]=2', '[a]=&a=1&b[c]=2', 'a=1&b[c]=2&b=', 'b%5Bc%5D=&a=1&b[c]=2'])
    assert.equal(of(text), 'ERR_HMAC_DUPLICATED', text)
  for (const text of ['a=1&b[c]=2&d=', 'a=1&b[c]=2&b[d]=', 'x[y]=&a=1&b[c]=2', 'a=1&b[c]=2&=', 'a=1&b[c]=2&[]='])
    assert.equal(of(text), true, text)
})

test('what a list of names has to hold is bound, what it may hold is not', () => {
  const unlisted = { fields: { signed: { form: 'signed', names: ',', mustInclude: ['amount'] } } }
  const message = { each: 'form', names: '{signed}', item: '{name}={value}', join: ',' }
  const timed = { timestamp: { form: 't', unit: 'seconds' }, ambiguous, message }
  assert.match(mistakes({ ...timed, ...unlisted }).join(), /timestamp: is checked but not signed/)
  assert.deepEqual(mistakes({ ...timed, fields: { signed: { ...unlisted.fields.signed, mustInclude: ['t'] } } }), [])
  assert.match(
    mistakes({ message: { ...message, each: ['form', 'query'] }, ...unlisted, ambiguous }).join(),
    /lists what of one source is signed/,
  )
  assert.match(mistakes({ message: { ...message, names: '{x}' }, ambiguous }).join(), /is no field with "names"/)
})

test('a name with brackets of its own stands once, whatever way parsers of nested names have to it', () => {
  const one = acme({ message: '{query:a[b]}', allowUnboundBody: 'x' })
  const only = acme({
    message: { each: 'query', only: ['a[b]'], encode: 'rfc3986', item: '{name}={value}', join: '&' },
    allowUnboundBody: 'x',
  })
  const set = { allowEmptyBody: true }
  for (const scheme of [one, only]) {
    const sent = signed(scheme, { method: 'GET', url: '/?a[b]=1', body: '' })
    const arrived = (query) => verdict(scheme, { ...sent, url: `/?${query}` }, set)
    for (const query of ['a[b]=1', 'a%5Bb%5D=1', 'a[c]=2&a[b]=1', 'a[]=2&a[b]=1', 'x[a][b]=2&a[b]=1', 'a[bc]=2&a[b]=1', 'a[b]=1&ab=2'])
      assert.equal(arrived(query), true, query)
    for (const beside of [
      'a[b][]=2',
      'a[b][c]=2',
      'a[b][0][1]=2',
      '[a][b]=2',
      '[a][b][]=2',
      '?a[b]=2',
      'a[b]x=2',
      'a[b][=2',
      'a%5Bb%5D%5B%5D=2',
    ])
      for (const query of [`${beside}&a[b]=1`, `a[b]=1&${beside}`]) assert.equal(arrived(query), 'ERR_HMAC_DUPLICATED', query)
    assert.equal(arrived('a[b]=1&a[b]=2'), scheme === one ? 'ERR_HMAC_DUPLICATED' : 'ERR_HMAC_MISMATCH')
  }
  // Of a name of several levels each level is one that a parser may have it under.
  const deep = acme({
    message: { each: 'query', only: ['a[b][c]'], encode: 'rfc3986', item: '{name}={value}', join: '&' },
    allowUnboundBody: 'x',
  })
  const sent = signed(deep, { method: 'GET', url: '/?a[b][c]=1', body: '' })
  for (const [other, isTaken] of [
    ['a[b][d]', true],
    ['a[bb][c]', true],
    ['a[b][c][d]', false],
    ['a[b][c][d][e]', false],
    ['a[b][c]x', false],
    ['[a][b][c]', false],
    ['?a[b][c]', false],
  ])
    assert.equal(verdict(deep, { ...sent, url: `/?a[b][c]=1&${other}=2` }, set), isTaken || 'ERR_HMAC_DUPLICATED', other)
  // A deep name costs no more than its length.
  assert.equal(
    verdict(only, { method: 'GET', url: `/?a${'[]'.repeat(3000)}=1`, headers: { 'x-signature': '0'.repeat(64) } }, set),
    'ERR_HMAC_MISMATCH',
  )
})

test('the parameter of the signature may stand in brackets beside those that it signs', () => {
  const one = acme({
    signature: { query: 'p[sig]' },
    message: { each: 'query', sort: 'name', encode: 'rfc3986', item: '{name}={value}', join: '&' },
  })
  const set = { allowEmptyBody: true }
  const sent = signed(one, { method: 'GET', url: '/?p[id]=7', body: '' })
  assert.equal(verdict(one, sent, set), true)
  for (const beside of ['p=1', 'p[id]=8', 'p[sig]=1', 'p[sig][]=1', '[p][sig]=1', 'p[sig][a]=1'])
    assert.notEqual(verdict(one, { ...sent, url: `${sent.url}&${beside}` }, set), true, beside)
})

test('names in natural order, as PHP sorts them with SORT_NATURAL', () => {
  const sorted = (text) => query(text, { sort: 'name-natural', item: '{name}', join: ' ' })
  // The first row is the example of PHP's manual for natsort; the others follow its rule.
  assert.equal(sorted('img12&img10&img2&img1'), 'img1 img2 img10 img12')
  assert.equal(sorted('a:10:b&a:2:b&a:2&a&b&B&a:2:a10&a:2:a9'), 'B a a:2 a:2:a9 a:2:a10 a:2:b a:10:b b')
  assert.equal(sorted('x010&x9&x0009a&x09b&x8'), 'x8 x9 x0009a x09b x010')
  assert.equal(sorted('x1&x!&x&xa&x99999999999999999999&x100000000000000000000'), 'x x! x1 x99999999999999999999 x100000000000000000000 xa')
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[a1920:]{1,5}$/), { minLength: 1, maxLength: 6 }), (names) => {
      const once = sorted(names.join('&'))
      assert.equal(sorted(once.replaceAll(' ', '&')), once)
      assert.deepEqual(once.split(' ').sort(), [...names].sort())
    }),
    { seed: 2, numRuns: 200 },
  )
})

test('values in their quotes: a text prints like no number, and one spelling like no other', () => {
  const quoted = (body, more) => json(body, { spelt: 'quoted', ...more })
  assert.equal(quoted('{"b": "5", "a":5, "c" : "x\\u00e9\\/ y","d":[ "1", 1.0 ],"e":""}'), 'b="5"&a=5&c="x\\u00e9\\/ y"&d=["1",1.0]&e=""')
  assert.equal(quoted('{"a":{"b":"1","c":[true,null]}}', { flatten: '.' }), 'a.b="1"&a.c.0=true&a.c.1=null')
  assert.equal(quoted('{"a":true,"b":"true"}', { booleans: ['1', '0'] }), 'a=1&b="true"')
  assert.equal(quoted('{"a":"x y"}', { encode: 'rfc3986' }), 'a=%22x%20y%22')
})

test('members that are objects or lists are left out where the list says so', () => {
  const body = '{"b":1.50,"a":{"x":1},"c":[1],"d":null,"e":true,"f":{},"g":"{"}'
  assert.equal(json(body, { scalars: true }), 'b=1.5&d=&e=true&g={')
  assert.equal(json(body, { scalars: true, spelt: true }), 'b=1.50&d=&e=true&g={')
  assert.equal(json(body, { scalars: true, spelt: 'quoted' }), 'b=1.50&d=null&e=true&g="{"')
  assert.equal(json('{"at":{"a":{"x":1},"b":2}}', { scalars: true, at: '/at' }), 'b=2')
  assert.match(
    mistakes({ message: { each: 'json', scalars: true, flatten: '.', item: '{name}={value}', join: '&' }, ambiguous })[0],
    /message\.scalars: leaves out what "flatten" prints; write one of the two/,
  )
})
