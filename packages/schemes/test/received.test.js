import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { acme, hexOf, request, signed, verdict } from './signing.js'

const sha256 = (octets) => createHash('sha256').update(octets).digest('hex')

describe('what a field has to be is asked of a request', () => {
  const digest = { header: 'f', value: '{body|sha256|hex}' }
  const body = '{"n":1}'
  const told = (definition, message, { options, ...asked } = {}) =>
    verdict(acme(definition), request({ ...asked, headers: { ...asked.headers, 'x-signature': hexOf(message) } }), options)
  test('where the message holds it, if it is there', () => {
    const definition = { fields: { f: digest }, message: '{f?}\n{body}' }
    assert.equal(told(definition, `\n${body}`), 'ERR_HMAC_INCOMPLETE')
    assert.equal(told(definition, `${sha256(body)}\n${body}`, { headers: { f: sha256(body) } }), true)
  })
  test('where one branch of the message holds it', () => {
    const choose = [{ when: { method: 'GET' }, use: 'a{path}' }, { use: 'b{f?}\n{body}' }]
    const definition = { fields: { f: { ...digest, when: { method: 'POST' } } }, message: { choose } }
    assert.equal(told(definition, `b\n${body}`), 'ERR_HMAC_INCOMPLETE')
    assert.equal(told(definition, `b\n${body}`, { method: 'PUT' }), true)
  })
  test('where it is the same for all requests', () => {
    const definition = { fields: { f: { header: 'f', value: 'v1' } } }
    assert.equal(told(definition, body), 'ERR_HMAC_INCOMPLETE')
    assert.equal(told(definition, body, { headers: { f: 'v2' } }), 'ERR_HMAC_DIGEST')
    assert.equal(told(definition, body, { headers: { f: 'v1' } }), true)
  })
  test('not where the set-up leaves it unsigned, unless it is there', () => {
    const definition = acme({ fields: { f: digest }, message: '{f?}\n{body}' })
    const open = { ...definition, message: '{method}' }
    const told = (headers) => verdict(open, request({ headers: { ...headers, 'x-signature': hexOf('POST') } }), { allowUnboundBody: true })
    assert.equal(told({}), true)
    assert.equal(told({ f: sha256('x') }), 'ERR_HMAC_DIGEST')
  })
})

test('a time that a sender chooses is written in another unit, or refused, whatever it says', () => {
  const one = acme({ fields: { f: { header: 'f', unit: 'seconds' } }, message: '{f}\n{f|time:YYYYMMDD}\n{body}' })
  const told = (f, day) => verdict(one, request({ headers: { f, 'x-signature': hexOf(`${f}\n${day}\n{"n":1}`) } }))
  assert.equal(told('1800000000', '20270115'), true)
  assert.equal(told('253402300799', '99991231'), true)
  for (const f of ['253402300800', '8640000000001', '9999999999999999999']) assert.equal(told(f, '+0100000'), 'ERR_HMAC_MALFORMED', f)
  const fine = acme({ fields: { f: { header: 'f', unit: 'milliseconds' } }, message: '{f|time:YYYYMMDDHHmmss}\n{f}\n{body}' })
  assert.equal(verdict(fine, signed(fine, { headers: { f: '253402300799999' } })), true)
  assert.throws(() => signed(one, { headers: { f: '253402300800' } }), /the request cannot be signed: a time is later than the year 9999$/)
})

describe('names of parameters and of headers', () => {
  const list = { each: 'query', names: '{s}', encode: 'rfc3986', item: '{name}={value}', join: '&' }
  const names = (mustInclude) => ({ header: 's', names: ' ', mustInclude })
  const told = (definition, message, { headers, ...asked }) =>
    verdict(acme(definition), request({ ...asked, headers: { ...headers, 'x-signature': hexOf(message) } }))
  test('a prefix asks for all parameters of a list, also of one that a choice holds', () => {
    const l = { choose: [{ when: { method: 'GET' }, use: 'none' }, { use: list }] }
    for (const define of [{ l: list }, { l }]) {
      const more = define.l === l && { ambiguous: 'a list can be none' }
      const one = { define, ...more, fields: { s: names(['t*']) }, message: '{s}\n{body|sha256|hex}\n{l}' }
      const message = (s, printed) => `${s}\n${sha256('{"n":1}')}\n${printed}`
      assert.equal(told(one, message('ta', 'ta=1'), { url: '/?ta=1&a=2', headers: { s: 'ta' } }), true)
      assert.equal(told(one, message('a', 'a=2'), { url: '/?ta=1&a=2', headers: { s: 'a' } }), 'ERR_HMAC_UNCOVERED')
      assert.equal(told(one, message('TA', 'TA=1'), { url: '/?TA=1', headers: { s: 'TA' } }), true, 'parameters have a case')
    }
  })
  test('headers have no case beside a list of parameters, which have one', () => {
    const one = {
      fields: { s: names(['a']), h: { header: 'h', names: ' ', mustInclude: ['Date'] } },
      define: { l: list, k: { each: 'headers', names: '{h}', item: '{name}:{value}\n', join: '' } },
      message: '{s}\n{h}\n{k}\n{body|sha256|hex}\n{l}',
    }
    const message = (s, h) => `${s}\n${h}\ndate:d\n\n${sha256('{"n":1}')}\n${s}=1`
    assert.equal(told(one, message('a', 'DATE'), { url: '/?a=1', headers: { s: 'a', h: 'DATE', date: 'd' } }), true)
    assert.equal(told(one, message('A', 'date'), { url: '/?A=1', headers: { s: 'A', h: 'date', date: 'd' } }), 'ERR_HMAC_UNCOVERED')
  })
})

describe('what is read of a request', () => {
  test('form fields and members of items are their UTF-8', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal(signed(acme({ message: '{form:a}' }), { headers, body: 'a=%C3%A9' }).message.toString(), '\u00e9')
    const scope = { json: '/items/*', hold: 'all' }
    const items = acme({ signature: { item: '/mac' }, scope, message: '{item:/a}' })
    const body = JSON.stringify({ items: [{ a: '\u00e9', mac: hexOf('\u00e9') }] })
    assert.equal(verdict(items, request({ body })), true)
    assert.equal(verdict(items, request({ body: body.replace('\u00e9', 'e') })), 'ERR_HMAC_MISMATCH')
  })
  test('half a character has no UTF-8, so that it is not encoded', () => {
    for (const pipe of ['encode', 'encodeUri', 'encodeForm', 'encodeParam', 'encodePath']) {
      const one = { message: `{json:/a|first:1|${pipe}}\n{body}` }
      assert.equal(told(one, '', { body: '{"a":"\u{1f600}"}' }), 'ERR_HMAC_MALFORMED', pipe)
    }
  })
  test('the port is what stands behind the colon', () => {
    const one = acme({ message: '{hostname}|{port}\n{body}' })
    const told = (host, message) => verdict(one, request({ headers: { host, 'x-signature': hexOf(`${message}\n{"n":1}`) } }))
    assert.equal(told('a:8080', 'a|8080'), true)
    assert.equal(told(':8080', '|8080'), true)
    assert.equal(told(':8080', ':8080|80'), 'ERR_HMAC_MISMATCH')
  })
  const told = (definition, message, asked) =>
    verdict(acme(definition), request({ ...asked, headers: { ...asked.headers, 'x-signature': hexOf(message) } }))
  test('a cookie has a name and a value', () => {
    const one = { message: '{cookie:a}\n{body}' }
    assert.equal(told(one, '1\n{"n":1}', { headers: { cookie: 'a; a=1' } }), true)
    assert.equal(told(one, '\n{"n":1}', { headers: { cookie: 'a' } }), 'ERR_HMAC_INCOMPLETE')
  })
  test('a query is what was received, the signature left out', () => {
    assert.equal(told({ message: '{query}\n{body}' }, 'a=1&%ff=2\n{"n":1}', { url: '/?a=1&%ff=2' }), true)
    const one = acme({ signature: { query: 's' }, message: '{target}' })
    assert.equal(signed(one, { method: 'GET', body: '' }).message.toString(), '/orders')
    assert.equal(verdict(one, signed(one, { method: 'GET', body: '' })), true)
    assert.equal(signed(one, { method: 'GET', url: '/a?b=%ff', body: '' }).message.toString(), '/a?b=%ff')
  })
  test('what is taken out of another part is read by its format', () => {
    const one = { fields: { f: { from: '{header:a}', format: '{f}:{g}' }, g: {} }, message: '{g}\n{f}\n{body}' }
    assert.equal(told(one, 'y\nx\n{"n":1}', { headers: { a: 'x:y' } }), true)
    const deep = { fields: { f: { json: '/f' }, g: { from: '{f|after:=}' } }, message: '{g}\n{f}' }
    assert.equal(told(deep, 'y\nx=y', { body: '{"f":"x=y"}' }), true)
    const plain = { fields: { f: { from: '{header:a|after:=}' } }, message: '{f}\n{body}' }
    assert.equal(told(plain, 'y\n{"n":1}', { headers: { a: 'x=y' } }), true)
  })
})
