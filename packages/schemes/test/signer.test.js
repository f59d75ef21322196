import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { rfc9421, sign } from '@countersign/schemes'
import { dated, field } from './definitions.js'
import { acme, hexOf, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

const body = '{"n":1}'
const TWO = 'the second secret of the tests'
const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const items = { scope: { json: '/items/*', hold: 'all' }, signature: { item: '/mac' }, message: '{item:/id}' }
const inJson = { signature: { json: '/auth/mac' }, message: '{json:/a}' }
const unbound = { message: '{method}\n{path}', allowUnboundBody: 'x' }
const withId = { header: 'x', format: '{keyId}/{signature}', list: ',' }
const pair = { fields: { f: { header: 'f', format: '{f};{g}' }, g: {} }, message: '{f}\n{body|sha256|hex}{g}' }
const derived = (timestamp) => ({
  timestamp: { unit: 'seconds', ...timestamp },
  fields: { token: { header: 'x-token' } },
  message: '{token}\n{body}',
})

/** Everything that `sign` says when it cannot sign. */
function told(definition, asked = {}, options = {}) {
  try {
    signed(Object.isFrozen(definition) ? definition : acme(definition), asked, options)
  } catch (error) {
    assert.equal(error.code, 'ERR_INVALID_ARG_VALUE', error.stack)
    return error.message
  }
  return assert.fail('it was signed')
}

describe('what cannot be signed is said', () => {
  for (const [name, definition, asked, options, expected] of [
    ['a key id without secret', { signature: withId }, {}, { secret: [{ id: 'a', secret }], keyId: 'b' }, 'there is no secret'],
    ['no key id', { signature: withId }, {}, {}, 'the scheme carries a key id; give keyId, or a secret with an id'],
    ['a key id with the separator', { signature: withId }, {}, { keyId: 'a,b' }, '{keyId} holds a character that ends it in the format'],
    ['a time of no unit', dated(), {}, { timestamp: 'x' }, 'timestamp "x" is no time in seconds'],
    ['a time that nobody signs', {}, {}, { timestamp: '1' }, 'timestamp is given, and the scheme signs none'],
    ['a field of a scheme without', {}, {}, { fields: { g: '' } }, 'fields.g is unknown; the scheme has none'],
    ['a field of others', field(), {}, { fields: { g: '' } }, 'fields.g is unknown; known are f'],
    ['a field with the separator', pair, {}, { fields: { f: 'a;b', g: 'c' } }, '{f} holds a character that ends it where it is carried'],
    ['a field beyond Latin-1', field(), {}, { fields: { f: '\u0100' } }, 'the field f would hold a character that no field can carry'],
    [
      'a derived value of another form',
      derived({ from: '{token}', format: 'v={timestamp}' }),
      {},
      { fields: { token: String(nowSeconds) } },
      '{timestamp} is not where the scheme reads it',
    ],
    [
      'derived values that are not there',
      { ...derived({ from: '{token?}', format: '{timestamp}/{nonce}' }), nonce: {} },
      {},
      { nonce: false },
      '{timestamp}, {nonce} is not where the scheme reads it',
    ],
    ['no items', items, { body: '{"items":[]}' }, {}, 'the body has no item to sign'],
    ['items that are no list', items, { body: '{"items":{"a":1}}' }, {}, 'the body has no item to sign'],
    ['a body that is no form', { signature: { form: 's' }, ...unbound }, {}, {}, 'the signature stands in a form, and this body is none'],
    [
      'a body that is no JSON',
      { signature: { json: '/s' }, ...unbound },
      { body: '{' },
      {},
      'the signature stands in a JSON body, and this one is no JSON',
    ],
    [
      'a cookie with a blank',
      { fields: { f: { cookie: 'f' } }, message: '{f}\n{body}' },
      {},
      { fields: { f: 'a b' } },
      'the cookie f would hold what no cookie can',
    ],
  ])
    test(name, () => assert.equal(told(definition, asked, options), `scheme 'acme': the request cannot be signed: ${expected}`))
})

describe('where several secrets count', () => {
  test('one place has one signature, and its message is the one that is given back', () => {
    const one = acme({ message: '{method}\n{body|sha256|hex}{secret}' })
    const sent = signed(one, {}, { secret: [secret, TWO] })
    assert.equal(sent.message.toString(), `POST\n${sha256(body)}${secret}`)
    assert.equal(sent.headers['x-signature'], hexOf(sent.message))
  })
  test('a secret without id signs under the key id of the request', () => {
    const sent = signed(acme({ signature: withId }), {}, { secret: [{ id: 'a', secret }, TWO], keyId: 'a' })
    assert.equal(sent.headers.x, `a/${hexOf(body)},a/${hexOf(body, TWO)}`)
    const both = signed(acme({ signature: withId }), {}, { secret: [secret, TWO], keyId: 'k' })
    assert.equal(both.headers.x, `k/${hexOf(body)},k/${hexOf(body, TWO)}`)
  })
})

describe('fields', () => {
  test('one that is made of the header of another is written behind it', () => {
    const whole = acme({
      fields: {
        auth: { header: 'x-auth', value: '{header:x-digest}' },
        digest: { header: 'x-digest', format: 'SHA-256={digest}', value: '{body|sha256|hex}' },
      },
      message: '{auth}\n{digest}',
    })
    assert.equal(signed(whole).headers['x-auth'], `SHA-256=${sha256(body)}`)
    assert.equal(verdict(whole, signed(whole)), true)
    const one = acme({
      fields: {
        auth: { header: 'x-auth', value: '{header:x-digest|first:64}' },
        digest: { header: 'x-digest', value: '{body|sha256|hex}' },
      },
      message: '{auth}\n{digest}',
    })
    const sent = signed(one)
    assert.equal(sent.headers['x-auth'], sha256(body))
    assert.equal(verdict(one, sent), true)
  })
  test('one of which nothing is there is not written', () => {
    const one = acme({ fields: { f: { header: 'f', write: '{header:a?}' } }, message: '{f?}\n{body}' })
    assert.equal('f' in signed(one).headers, false)
    assert.equal(signed(one, { headers: { a: '1' } }).headers.f, '1')
  })
  test('a list that may be empty is written as that', () => {
    const one = acme({
      signature: { header: 'x', format: 'a={s?},m={signature}', members: ',' },
      fields: { s: { names: ' ', mustInclude: [], default: '' } },
      define: { l: { each: 'query', names: '{s}', encode: 'rfc3986', item: '{name}={value}', join: '&' } },
      message: '{method}\n{l}\n{body}',
    })
    const sent = signed(one)
    assert.equal(sent.headers.x, `a=,m=${hexOf(`POST\n\n${body}`)}`)
    assert.equal(verdict(one, sent), true)
  })
  test('a digest that the caller has put there is kept where it is right, whatever other fields there are', () => {
    const one = acme({
      fields: { note: { header: 'note' }, digest: { header: 'digest', oneOf: ['{body|sha256|hex}', '{body|md5|hex}'] } },
      message: '{note}\n{digest}',
    })
    const md5 = createHash('md5').update(body).digest('hex')
    const kept = signed(one, { headers: { note: 'a', digest: md5 } })
    assert.equal(kept.headers.digest, md5)
    assert.equal(kept.message.toString(), `a\n${md5}`)
    assert.equal(signed(one, { headers: { note: md5, digest: 'x' } }).headers.digest, sha256(body))
  })
  test('each that the caller has put there is taken from its own place', () => {
    const one = acme({ fields: { a: { header: 'a' }, b: { header: 'b' } }, message: '{a}\n{b}\n{body}' })
    assert.equal(signed(one, { headers: { a: '1', b: '2' } }).message.toString(), `1\n2\n${body}`)
    const listed = acme({ fields: { a: { header: 'a', format: 'v={a}' } }, message: '{a?}\n{body}' })
    assert.equal(signed(listed, { headers: { a: 'v=1' } }).message.toString(), `1\n${body}`)
    assert.match(told(listed, { headers: { a: '1' } }), /the field a is not of the form of the scheme/)
  })
  test('a deadline is written from the clock, a life as it is', () => {
    const one = acme({
      params: { life: '60' },
      timestamp: { header: 't', unit: 'seconds' },
      fields: { until: { header: 'until', unit: 'milliseconds', param: 'life' }, life: { header: 'life', unit: 'life', param: 'life' } },
      message: '{timestamp}\n{until}\n{life}\n{body}',
    })
    const { until, life } = signed(one).headers
    assert.deepEqual({ until, life }, { until: String((nowSeconds + 60) * 1000), life: '60' })
  })
})

describe('several signatures in one value', () => {
  for (const place of [{ query: 's' }, { cookie: 's' }, { json: '/s' }, { header: 's' }])
    test(JSON.stringify(place), () => {
      const one = acme({ signature: { ...place, format: '{keyId}.{signature+}' }, message: '{method}\n{path}', allowUnboundBody: 'x' })
      const sent = signed(one, {}, { secret: [secret, TWO], keyId: 'k' })
      for (const each of [secret, TWO]) assert.equal(verdict(one, sent, { secret: each }), true)
    })
  test('a place of one signature has that of the first secret', () => {
    for (const place of [{ query: 's' }, { cookie: 's' }, { json: '/s' }, { authorization: 'A' }, { dictionary: 'd' }]) {
      const one = acme({ signature: place, message: '{method}\n{path}\n{secret}', allowUnboundBody: 'x' })
      const sent = signed(one, {}, { secret: [secret, TWO] })
      assert.equal(sent.message.toString(), `POST\n/orders\n${secret}`)
      assert.equal(verdict(one, sent), true)
    }
  })
})

describe('what the caller chooses', () => {
  test('a time of another width than the scheme signs is refused, where it would move what follows', () => {
    const one = acme({ timestamp: { header: 't', unit: 'seconds' }, message: '{timestamp}{body}' })
    assert.match(
      told(one, {}, { timestamp: '170000000' }),
      /\{timestamp\} has 9 characters and not 10, which would move the parts of the signed message$/,
    )
    assert.equal(verdict(one, signed(one, {}, { timestamp: String(nowSeconds + 1) })), true)
  })
  test('a nonce may be left out, and may be any word', () => {
    const one = acme({ nonce: { header: 'n' }, message: '{nonce?}.{header:a}\n{body}' })
    assert.equal(signed(one, { headers: { a: '1' } }, { nonce: false }).message.toString(), `.1\n${body}`)
    assert.equal(signed(one, { headers: { a: '1' } }, { nonce: 'undefined' }).message.toString(), `undefined.1\n${body}`)
  })
  test('fields of the scheme are told, all of them', () => {
    const one = { fields: { f: { header: 'f' }, g: { header: 'g' } }, message: '{f}\n{g}\n{body}' }
    assert.match(told(one, {}, { fields: { h: '' } }), /fields\.h is unknown; known are f, g$/)
  })
  test('what is part of something else counts as that says', () => {
    const one = acme({
      timestamp: { from: '{token|fromBase64|json:/t}', unit: 'seconds' },
      fields: { token: { header: 'x-token' } },
      message: '{timestamp}\n{token}\n{body}',
    })
    const token = Buffer.from(`{"t":${nowSeconds - 5}}`).toString('base64')
    const sent = signed(one, {}, { fields: { token } })
    assert.equal(sent.message.toString(), `${nowSeconds - 5}\n${token}\n${body}`)
    assert.equal(verdict(one, sent), true)
    const inBody = acme({ timestamp: { from: '{body|json:/t}', unit: 'seconds' }, message: '{timestamp}\n{body}' })
    assert.equal(verdict(inBody, signed(inBody, { body: `{"t":${nowSeconds}}` })), true)
  })
})

describe('in a JSON body', () => {
  for (const [name, definition, asked, expected] of [
    ['an empty body becomes one', { signature: { json: '/s' }, ...unbound }, '', '{"s":MAC}'],
    ['a member that is null becomes an object', inJson, '{"a":1,"auth":null}', '{"a":1,"auth":{"mac":MAC}}'],
    ['a member that is a text becomes an object', inJson, '{"a":1,"auth":"x"}', '{"a":1,"auth":{"mac":MAC}}'],
    ['what stands beside it stays', inJson, '{"a":1,"auth":{"b":2}}', '{"a":1,"auth":{"b":2,"mac":MAC}}'],
    ['a signature in place of a number is a text', inJson, '{"a":1,"auth":{"mac":0}}', '{"a":1,"auth":{"mac":MAC}}'],
    [
      'a name that every object has',
      { signature: { json: '/__proto__/mac' }, message: '{json:/a}' },
      '{"a":1}',
      '{"a":1,"__proto__":{"mac":MAC}}',
    ],
  ])
    test(name, () => {
      const sent = signed(acme(definition), { body: asked })
      assert.equal(sent.body.toString().replace(/"[0-9a-f]{64}"/, 'MAC'), expected)
      assert.equal(verdict(acme(definition), sent), true)
    })
  test('a time is written into an empty body', () => {
    const one = acme({ timestamp: { json: '/t', unit: 'seconds' }, message: '{body}' })
    assert.equal(signed(one, { body: '' }).body.toString(), `{"t":"${nowSeconds}"}`)
  })
  test('a time in place of a number stays one, and in place of a text a text', () => {
    const one = acme({ timestamp: { json: '/t', unit: 'seconds' }, message: '{body}' })
    assert.equal(signed(one, { body: '{"t":0}' }).body.toString(), `{"t":${nowSeconds}}`)
    assert.equal(signed(one, { body: '{"t":"0"}' }).body.toString(), `{"t":"${nowSeconds}"}`)
  })
  test('each item of the body, wherever the scope says', () => {
    const list = (json, text) => signed(acme({ ...items, scope: { json, hold: 'all' } }), { body: text }).body.toString()
    assert.equal(list('/*', '[{"id":1},{"id":2}]'), `[{"id":1,"mac":"${hexOf('1')}"},{"id":2,"mac":"${hexOf('2')}"}]`)
    assert.equal(list('/a', '{"a":{"id":1}}'), `{"a":{"id":1,"mac":"${hexOf('1')}"}}`)
    assert.equal(list('/a/*/b', '{"a":[{"b":{"id":1}}]}'), `{"a":[{"b":{"id":1,"mac":"${hexOf('1')}"}}]}`)
  })
})

describe('in a form, a cookie, the query and the path', () => {
  const form = acme({ signature: { form: 'sig' }, ...unbound })
  test('an empty body becomes a form', () => {
    const sent = signed(form, { body: '' })
    assert.equal(sent.body.toString(), `sig=${hexOf('POST\n/orders')}`)
    assert.equal(sent.headers['content-type'], FORM['content-type'])
    assert.equal(verdict(form, sent), true)
  })
  test('the content type of a form stays as its sender wrote it', () => {
    const sent = signed(form, { headers: { 'content-type': `${FORM['content-type']};charset=utf-8` }, body: 'a=1' })
    assert.deepEqual(
      [sent.body.toString(), sent.headers],
      [`a=1&sig=${hexOf('POST\n/orders')}`, { 'content-type': `${FORM['content-type']};charset=utf-8` }],
    )
  })
  test('two signatures that stand there become one', () => {
    const query = acme({ signature: { query: 's' }, ...unbound })
    const mac = hexOf('GET\n/a')
    const of = (url) => signed(query, { method: 'GET', url, body: '' }).url
    assert.equal(of(`/a?s=${mac}&s=${mac}`), `/a?s=${mac}`)
    assert.equal(of(`/a?s=${mac}&b=1`), `/a?s=${mac}&b=1`, 'one that is right stays where it is')
    assert.equal(of('/a?s=x&b=1'), `/a?b=1&s=${mac}`)
    assert.equal(of('/a?s&b'), `/a?b&s=${mac}`)
    assert.equal(of('/a?&b'), `/a?b&s=${mac}`)
  })
  test('a name and a value that the query cannot hold are encoded', () => {
    const one = acme({ fields: { f: { query: 'a b' } }, message: '{f}\n{body}' })
    const sent = signed(one, { url: '/' }, { fields: { f: "x&y='" } })
    assert.equal(sent.url, '/?a%20b=x%26y%3D%27')
    assert.equal(verdict(one, sent), true)
  })
  test('the path leaves the query as it is', () => {
    const one = acme({
      signature: { path: '/{signature}/{rest}' },
      fields: { rest: { write: '{path|strip:/}' } },
      message: '{rest}?{query}',
    })
    assert.equal(signed(one, { method: 'GET', url: '/a?b=1', body: '' }).url, `/${hexOf('a?b=1')}/a?b=1`)
    assert.equal(signed(one, { method: 'GET', url: '/a', body: '' }).url, `/${hexOf('a?')}/a`)
  })
})

test('two lines of Signature-Input and Signature stay, joined, before the one that is added', () => {
  const input = {
    method: 'GET',
    url: 'https://example.com/',
    headers: ['signature-input', 'a=()', 'signature-input', 'b=()', 'signature', 'a=:YQ==:'],
  }
  const { headers } = sign(rfc9421, input, { secret: Buffer.from(secret).toString('base64'), now, keyId: 'k', nonce: 'n' })
  assert.match(
    headers['signature-input'],
    /^a=\(\), b=\(\), sig1=\("@method" "@target-uri"\);created=1700000000;nonce="n";keyid="k";alg="hmac-sha256"$/,
  )
  assert.match(headers.signature, /^a=:YQ==:, sig1=:[A-Za-z0-9+/]{43}=:$/)
})

test('what sign() gives back is complete: fields in lower case, target, body and message', () => {
  const input = request({ headers: { 'X-Other': '1' } })
  const out = sign(acme({}), input, { secret, now })
  assert.deepEqual(
    { ...out, message: out.message.toString() },
    {
      headers: { 'x-signature': hexOf(body) },
      target: '/orders',
      body: input.body,
      message: body,
    },
  )
})

test('a list that may be empty and stands alone is left out where nothing is on it, and the caller may give one', () => {
  const one = acme({
    fields: { s: { header: 'x-signed', names: ':', default: '' } },
    define: { l: { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '' } },
    message: '{s}\n{l}\n{body}',
  })
  const none = signed(one, { headers: { a: '1' } })
  assert.equal('x-signed' in none.headers, false)
  assert.equal(none.message.toString(), '\n\n{"n":1}')
  assert.equal(verdict(one, none), true)
  const given = signed(one, { headers: { a: '1', 'x-signed': 'a' } })
  assert.equal(given.message.toString(), 'a\na:1\n\n{"n":1}')
  assert.equal(verdict(one, given), true)
  assert.equal(signed(one, { headers: { a: '1' } }, { sign: ['a'] }).headers['x-signed'], 'a')
})

test('a field that is made of the body is written behind those that stand in it, wherever it is declared', () => {
  const fields = {
    digest: { header: 'x-digest', value: '{body|sha256|hex}' },
    route: { json: '/route', value: '{path}' },
    count: { header: 'x-count', value: '{json:/route|length}' },
    late: { json: '/late', write: '{route}' },
  }
  const one = acme({ fields, message: '{digest}\n{count}' })
  const sent = signed(one, { url: '/orders', body: '{"n":1}' })
  assert.equal(Buffer.from(sent.body).toString(), '{"n":1,"route":"/orders","late":"/orders"}')
  assert.equal(sent.headers['x-count'], '7')
  assert.equal(verdict(one, sent), true)
  assert.equal(verdict(one, { ...sent, body: Buffer.from('{"n":1,"route":"/orders","late":"/others"}') }), 'ERR_HMAC_DIGEST')
})

test('a key id that its own format lets be absent need not be given', () => {
  const own = acme({ keyId: { header: 'x-key', format: 'key={keyId?}' }, message: '{keyId?}\n{body}' })
  assert.deepEqual(Object.keys(signed(own).headers), ['x-signature'])
  assert.equal(verdict(own, signed(own)), true)
  assert.equal(signed(own, {}, { keyId: 'k1' }).headers['x-key'], 'key=k1')
})
