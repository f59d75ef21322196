import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileScheme, verify } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, mistakes, nowSeconds, request, secret, signed, verdict } from './signing.js'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

test('a cookie: written beside the others, read alone, refused twice', () => {
  const own = acme({
    signature: { cookie: 's', format: '{user}.{signature}' },
    fields: { user: { write: 'u1' } },
    message: '{method} {user}',
  })
  const sent = signed(own, { method: 'GET', headers: { cookie: 'a=1; s=old; b=2' }, body: '' })
  assert.equal(sent.headers.cookie, `a=1; b=2; s=u1.${hexOf('GET u1')}`)
  assert.equal(verdict(own, sent), true)
  for (const cookie of [`${sent.headers.cookie}; s=x`, sent.headers.cookie.replace('u1', 'u2'), 's=', 's=.', 's', '=', 'a=1', '']) {
    assert.notEqual(verdict(own, { ...sent, headers: { cookie } }), true, cookie)
  }
  assert.equal(verdict(own, { ...sent, headers: { cookie: 'a=1' } }), 'ERR_HMAC_MISSING')
  assert.throws(() => signed(own, { method: 'GET', body: '' }, { fields: { user: 'a;b' } }), /what no cookie can/)
})

test('{cookie:NAME} is a part: signed with its value, refused twice', () => {
  const own = acme({ message: '{cookie:id}\n{body}' })
  const sent = signed(own, { headers: { cookie: 'id=7; x=1' } })
  assert.equal(sent.message.toString(), '7\n{"n":1}')
  assert.equal(verdict(own, { ...sent, headers: { ...sent.headers, cookie: 'x=1; id=7' } }), true)
  assert.equal(verdict(own, { ...sent, headers: { ...sent.headers, cookie: 'id=8' } }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(own, { ...sent, headers: { ...sent.headers, cookie: 'id=7; id=7' } }), 'ERR_HMAC_DUPLICATED')
  assert.equal(verdict(own, { ...sent, headers: { 'x-signature': sent.headers['x-signature'] } }), 'ERR_HMAC_INCOMPLETE')
})

test('a cookie whose name has blanks behind it is the same cookie, as readers of cookies have it', () => {
  const part = acme({ message: '{cookie:id}\n{body}' })
  const sent = signed(part, { headers: { cookie: 'id=7' } })
  for (const cookie of ['id =evil; id=7', 'id\t=evil; id=7', 'id=7; id =evil', 'id  =7;id=7'])
    assert.equal(verdict(part, { ...sent, headers: { ...sent.headers, cookie } }), 'ERR_HMAC_DUPLICATED', cookie)
  assert.equal(verdict(part, { ...sent, headers: { ...sent.headers, cookie: 'x =1;  id =7' } }), true)
  for (const cookie of ['id=7 ; x=1', 'id=7\t;x', 'id= 7'])
    assert.equal(verdict(part, { ...sent, headers: { ...sent.headers, cookie } }), 'ERR_HMAC_MISMATCH', cookie)
  const { cookie } = signed(inCookie, { method: 'GET', body: '' }).headers
  for (const beside of ['session =evil', 'session\t=evil.x'])
    assert.equal(
      verdict(inCookie, request({ method: 'GET', body: '', headers: { cookie: `${beside}; ${cookie}` } })),
      'ERR_HMAC_DUPLICATED',
    )
})

const inCookie = acme({
  signature: { cookie: 'session', format: '{user}.{signature}' },
  timestamp: { header: 't', unit: 'seconds' },
  fields: { user: { write: 'good' } },
  message: '{timestamp}\n{user}',
  allowUnboundBody: 'tests',
})

test('the path: the signature is part of it, and binds the rest', () => {
  const own = acme({
    signature: { path: '/{signature}/{rest}' },
    fields: { rest: { write: '{path|strip:/}' } },
    message: '{rest}',
  })
  const sent = signed(own, { method: 'GET', url: '/300x200/a/b.jpg', body: '' })
  assert.equal(sent.url, `/${hexOf('300x200/a/b.jpg')}/300x200/a/b.jpg`)
  assert.equal(verdict(own, sent), true)
  assert.equal(verdict(own, { ...sent, url: sent.url.replace('300', '301') }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(own, { ...sent, url: '/300x200/a/b.jpg' }), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(own, { ...sent, body: Buffer.from('x') }), 'ERR_HMAC_UNSIGNED_BODY')
})

test('wrapped: the whole text is base64 of the format, in one spelling', () => {
  const own = acme({ signature: { authorization: 'Basic', wrapped: 'base64', format: '{keyId}:{signature}' }, message: '{method}\n{body}' })
  const sent = signed(own, {}, { keyId: 'k1' })
  assert.equal(sent.headers.authorization, `Basic ${Buffer.from(`k1:${hexOf('POST\n{"n":1}')}`).toString('base64')}`)
  assert.equal(verdict(own, sent), true)
  const [, token] = sent.headers.authorization.split(' ')
  for (const other of [token.replace(/=+$/, ''), `${token}=`, token.slice(0, -4), Buffer.from('k1').toString('base64'), '', '%%%']) {
    assert.notEqual(verdict(own, { ...sent, headers: { authorization: `Basic ${other}` } }), true, other)
  }
  assert.equal(verdict(own, { ...sent, headers: { authorization: 'Bearer x' } }), 'ERR_HMAC_MISSING')
})

test('a form: pairs that are there already stay where they are, new ones come last', () => {
  const own = acme({ signature: { form: 'sig' }, message: '{form:a}' })
  const sent = signed(own, { headers: FORM, body: 'a=1+2&b=%C3%A9' })
  assert.equal(sent.body.toString(), `a=1+2&b=%C3%A9&sig=${hexOf('1 2')}`)
  assert.equal(verdict(own, sent), true)
  assert.equal(signed(own, { headers: FORM, body: sent.body }).body.toString(), sent.body.toString())
  assert.equal(verdict(own, { ...sent, headers: { 'content-type': 'text/plain' } }), 'ERR_HMAC_MISSING', 'no form has no field')
  assert.throws(() => signed(own, { headers: { 'content-type': 'text/plain' }, body: 'a=1' }), /is none/)
})

test('a body that is no form is refused where the message signs a form', () => {
  const own = acme({
    message: { each: 'form', sort: 'name', item: '{name}{value}', join: '' },
    ambiguous: 'nothing separates them',
  })
  const sent = signed(own, { headers: FORM, body: '' })
  assert.equal(sent.message.length, 0)
  const forged = { ...sent, headers: { ...sent.headers, 'content-type': 'application/json' }, body: Buffer.from('{"admin":true}') }
  assert.equal(verdict(own, forged, { allowEmptyBody: true }), 'ERR_HMAC_UNSIGNED_BODY')
})

test('JSON: a value that is there is left as it is written; a number stays one', () => {
  const own = acme({ timestamp: { json: '/t', unit: 'seconds', number: true }, message: '{body}' })
  const spaced = `{ "t": ${nowSeconds}, "n": 1 }`
  assert.equal(signed(own, { body: spaced }).body.toString(), spaced)
  assert.equal(signed(own, { body: '{"n":1}' }).body.toString(), `{"n":1,"t":${nowSeconds}}`)
  assert.equal(signed(own, { body: '{"t":1,"n":1}' }).body.toString(), `{"t":${nowSeconds},"n":1}`)
  const text = acme({ timestamp: { json: '/t', unit: 'seconds' }, message: '{body}' })
  assert.equal(signed(text, { body: '{"n":1}' }).body.toString(), `{"n":1,"t":"${nowSeconds}"}`)
  assert.equal(verdict(own, signed(own, { body: '{"n":1}' })), true)
})

const token = acme({
  timestamp: { from: '{token|fromBase64|json:/iat}', unit: 'seconds' },
  fields: {
    token: { header: 'x-token', write: '{claims|utf8|base64}' },
    hash: { from: '{token|fromBase64|json:/h}', value: '{body|sha256|hex}' },
  },
  define: { claims: '{{"iat":{timestamp},"h":"{body|sha256|hex}"}}' },
  message: '{token}',
})
const HASH = createHash('sha256').update('{"n":1}').digest('hex')
const claims = (value) => Buffer.from(JSON.stringify(value)).toString('base64')
const withToken = (text) => ({
  method: 'POST',
  url: '/orders',
  headers: { 'x-token': text, 'x-signature': hexOf(text) },
  body: Buffer.from('{"n":1}'),
})

test('from: what another value holds is bound with it', () => {
  const sent = signed(token)
  assert.equal(verdict(token, sent), true)
  assert.equal(verdict(token, { ...sent, body: Buffer.from('{"n":2}') }), 'ERR_HMAC_DIGEST')
  assert.equal(verdict(token, sent, { now: () => (nowSeconds + 301) * 1000 }), 'ERR_HMAC_STALE')
  assert.equal(verdict(token, withToken(claims({ h: HASH }))), 'ERR_HMAC_INCOMPLETE')
  assert.equal(verdict(token, withToken(claims({ iat: 'x', h: HASH }))), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(token, withToken(claims({ iat: nowSeconds, h: HASH }))), true)
  assert.equal(verdict(token, withToken(claims({ iat: nowSeconds, h: `0${HASH.slice(1)}` }))), 'ERR_HMAC_DIGEST')
  assert.equal(verdict(token, withToken(claims([]))), 'ERR_HMAC_INCOMPLETE')
  assert.equal(verdict(token, withToken('e30')), 'ERR_HMAC_INCOMPLETE')
  assert.equal(verdict(token, withToken('%%')), 'ERR_HMAC_MALFORMED')
})

test('from: a signer takes what the caller has put there, and says when it is not there', () => {
  const own = claims({ iat: nowSeconds - 5, h: HASH })
  assert.throws(() => signed(token, {}, { fields: { token: claims({ h: HASH }) } }), /\{timestamp\} is not where the scheme reads it/)
  assert.equal(signed(token, {}, { fields: { token: own } }).headers['x-token'], own)
})

test('from: of one part alone, and a signature is only read there', () => {
  assert.match(
    mistakes({ timestamp: { from: '{header:a}{header:b}', unit: 'seconds' }, message: '{timestamp}{body}' })[0],
    /names one part/,
  )
  assert.match(mistakes({ timestamp: { from: 'x', unit: 'seconds' }, message: '{timestamp}{body}' })[0], /names one part/)
  assert.match(mistakes({ timestamp: { from: '{header:a}', header: 'b', unit: 'seconds' } })[0], /header and from: it has one place/)
  const own = acme({ signature: { from: '{header:x-all|json:/s}' } })
  const sent = { method: 'POST', url: '/', headers: { 'x-all': `{"s":"${hexOf('x')}"}` }, body: Buffer.from('x') }
  assert.equal(verdict(own, sent), true)
  assert.equal(verdict(own, { ...sent, headers: { 'x-all': '{}' } }), 'ERR_HMAC_MISSING')
  assert.throws(() => signed(own), /cannot be written there/)
})

test('from: a time beside what is signed proves nothing and does not compile', () => {
  const problems = mistakes({ timestamp: { from: '{header:x-token|json:/iat}', unit: 'seconds' }, message: '{body}' })
  assert.match(problems[0], /timestamp: is checked but not signed/)
})

test('a format whose end repeats: one timestamp, several signatures', () => {
  const own = acme({
    signature: { header: 'x', format: '{timestamp},{signature+}' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}.{body}',
  })
  const old = 'another-secret-0123456789'
  const sent = signed(own, {}, { secret: [secret, old] })
  const message = `${nowSeconds}.{"n":1}`
  assert.equal(sent.headers.x, `${nowSeconds},${hexOf(message)},${hexOf(message, old)}`)
  assert.equal(verdict(own, sent, { secret: old }), true)
  for (const x of [
    `${nowSeconds}`,
    `${nowSeconds},`,
    `,${hexOf(message)}`,
    hexOf(message),
    `${nowSeconds},${hexOf(message)},`,
    `${nowSeconds},x,${hexOf(message)}`,
  ]) {
    assert.notEqual(verdict(own, { ...sent, headers: { x } }), true, x)
  }
  assert.match(mistakes({ signature: { header: 'x', format: '{keyId}a{signature+}' } })[0], /may hold "a"/)
})

test('a format whose end repeats with a mark of its own: one version, several signatures', () => {
  const own = acme({
    signature: { header: 'x', format: 'v1:{signature+}', list: ',' },
    timestamp: { header: 'x-time', unit: 'seconds' },
    message: '{body}:{timestamp}',
  })
  const old = 'another-secret-0123456789'
  const sent = signed(own, {}, { secret: [secret, old] })
  const message = `{"n":1}:${nowSeconds}`
  assert.equal(sent.headers.x, `v1:${hexOf(message)},${hexOf(message, old)}`)
  for (const one of [secret, old]) assert.equal(verdict(own, sent, { secret: one }), true)
  assert.equal(signed(own).headers.x, `v1:${hexOf(message)}`)
  const other = hexOf('x')
  assert.equal(verdict(own, { ...sent, headers: { ...sent.headers, x: `v1:${other},${other},${hexOf(message)}` } }), true)
  for (const x of [
    hexOf(message),
    `v1:${other}`,
    `v1:,${hexOf(message)}`,
    `v1:${hexOf(message)},`,
    `v1:${hexOf(message)},x`,
    `v1:${hexOf(message)},v1:${hexOf(message)}`,
    `v2:${hexOf(message)}`,
    `v1:${[...Array(64).keys()].map(() => other).join(',')},${hexOf(message)}`,
    '',
  ])
    assert.notEqual(verdict(own, { ...sent, headers: { ...sent.headers, x } }), true, x)
  const format = (text, list, more = {}) => mistakes({ signature: { header: 'x', format: text, list, ...more } })
  assert.match(format('v1:{signature+}', 'f')[0], /may hold "f"/)
  assert.match(format('v1,{signature+}', ',')[0], /the separator "," stands in the format too/)
  assert.match(format('{signature+}', ',')[0], /stands behind other text: where whole elements repeat, take it away/)
  assert.match(format('{keyId}{signature+}', ',', { encoding: 'base64|encode' })[0], /nothing separates the two/)
  assert.deepEqual(format('{keyId}:{signature+}', ','), [])
})

test('a row of signatures says its time and key once, also behind an auth-scheme and in a parameter', () => {
  for (const place of [{ authorization: 'Acme' }, { query: 'sig' }, { header: 'authorization' }]) {
    const own = acme({
      signature: { ...place, format: `${place.header === undefined ? '' : 'Acme '}{keyId}:{timestamp}:{signature+}`, list: ',' },
      timestamp: { unit: 'seconds' },
      message: '{timestamp}.{body}',
    })
    const sent = signed(own, {}, { secret: [{ id: 'k', secret }] })
    const twice = JSON.parse(JSON.stringify(sent).replace(hexOf(`${nowSeconds}.{"n":1}`), (one) => `${hexOf('x')},${one}`))
    for (const one of [sent, { ...twice, body: sent.body }]) {
      assert.equal(verdict(own, one, { secret: [{ id: 'k', secret }] }), true)
      assert.equal(verdict(own, one, { secret: [{ id: 'j', secret }] }), 'ERR_HMAC_UNKNOWN_KEY')
      assert.equal(verdict(own, one, { secret: [{ id: 'k', secret: 'another-secret-0123456789' }] }), 'ERR_HMAC_MISMATCH')
    }
  }
})

test('the name of the hash in a header of its own, in any case', () => {
  const own = acme({ algorithm: { HMAC_SHA256: 'sha256', HMAC_SHA512: 'sha512' }, fields: { algorithm: { header: 'x-alg' } } })
  const sent = signed(own)
  assert.equal(sent.headers['x-signature'], hexOf('{"n":1}'))
  assert.equal(verdict(own, sent), true)
  assert.equal(verdict(own, { ...sent, headers: { ...sent.headers, 'x-alg': 'HMAC_SHA512' } }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(own, { ...sent, headers: { ...sent.headers, 'x-alg': 'none' } }), 'ERR_HMAC_ALGORITHM')
  assert.equal(signed(own, {}, { algorithm: 'HMAC_SHA512' }).headers['x-signature'].length, 128)
})

test('write: what the signer makes when the caller gives nothing and nothing is there', () => {
  const own = acme({ fields: { id: { header: 'x-id', write: 'made' } }, message: '{id}\n{body}' })
  assert.equal(signed(own).headers['x-id'], 'made')
  assert.equal(signed(own, {}, { fields: { id: 'given' } }).headers['x-id'], 'given')
  const plain = acme({ fields: { id: { header: 'x-id' } }, message: '{id}\n{body}' })
  assert.equal(signed(plain, { headers: { 'x-id': 'there' } }).message.toString(), 'there\n{"n":1}')
  assert.throws(() => signed(plain), /\{id\} is not in the request/)
})

test('nonces as a vendor writes them', () => {
  const nonce = (as, random) =>
    signed(acme({ nonce: { header: 'x-n', ...(as && { as }), ...(random && { random }) }, message: '{nonce}\n{body}' })).headers['x-n']
  assert.match(nonce(), /^[A-Za-z0-9_-]{22}$/)
  assert.match(nonce('hex', 8), /^[0-9a-f]{16}$/)
  assert.match(nonce('digits', 12), /^[0-9]{12}$/)
  assert.match(nonce('uuid'), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('P15: no Cookie field and no wrapped text is anything but a refusal', () => {
  const cookies = acme({
    signature: { cookie: 's', format: '{user}.{signature}' },
    fields: { user: { write: 'u' } },
    message: '{method} {user}',
  })
  const basic = acme({
    signature: { authorization: 'Basic', wrapped: 'base64', format: '{keyId}:{signature}' },
    message: '{method}\n{body}',
  })
  const octets = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((c) => String.fromCharCode(c)), maxLength: 60 })
  fc.assert(
    fc.property(octets, (text) => {
      for (const cookie of [text, `s=${text}`, `s=a.${text}`]) {
        assert.match(verdict(cookies, { method: 'GET', url: '/', headers: { cookie } }), /^ERR_HMAC_/)
      }
      for (const token of [text, Buffer.from(text, 'latin1').toString('base64')]) {
        assert.match(verdict(basic, { method: 'POST', url: '/', headers: { authorization: `Basic ${token}` } }), /^ERR_HMAC_/)
      }
    }),
    { numRuns: 300 },
  )
})

test('from: what the body holds is read with it, and everything else before it', () => {
  const field = (home) => ({ fields: { bodyless: home }, message: '{bodyless}\n{body}' })
  for (const [from, more, expected] of [
    ['{body|json:/t}', {}, true],
    ['{json:/t}', {}, true],
    ['{form:t}', {}, true],
    ['{header:x|json:/t}', {}, false],
    ['{query:form:t}', {}, false],
    ['{cookie:json:t}', {}, false],
    ['{bodyless}', field({ header: 'x' }), false],
    ['{bodyless|json:/t}', field({ json: '/t' }), true],
  ]) {
    const one = { keyId: { from }, message: '{method}\n{body}', ...more }
    assert.equal(compileScheme(acme(one)).facts.bodyFirst, expected, from)
  }
})

test('from: what is empty is not there', () => {
  const one = acme({ keyId: { from: '{header:a|after:.}' }, message: '{header:a}\n{body}' })
  const headers = (a) => ({ a, 'x-signature': hexOf(`${a}\n{"n":1}`) })
  const id = (a) => {
    const result = verify(one, request({ headers: headers(a) }), { secret })
    return result.ok ? result.keyId : result.code
  }
  assert.equal(id('x.k'), 'k')
  assert.equal(id('x.'), undefined)
  assert.equal(id('x'), undefined)
})

test('from: what a value in the body holds is read once the body is', () => {
  const one = acme({ keyId: { from: '{f|before:.}' }, fields: { f: { json: '/f' } }, message: '{body}' })
  const received = { body: '{"f":"k.1"}', headers: { 'x-signature': hexOf('{"f":"k.1"}') } }
  assert.equal(verify(one, request(received), { secret }).keyId, 'k')
})

test('from: mistakes have their place', () => {
  assert.deepEqual(mistakes({ keyId: { from: '{bodi}' } }).slice(0, 1), [
    'keyId.from: column 2: unknown part {bodi}; did you mean {body}? in "{bodi}"',
  ])
  assert.deepEqual(mistakes({ keyId: { from: '{header:a}', format: '{keyId|lower}' } }), [
    'keyId.format: {keyId|lower} in "{keyId|lower}": a format holds plain names; what is printed must be readable again',
  ])
  assert.deepEqual(mistakes({ keyId: { header: 'k', format: 'v1' } }), [
    'keyId: its format does not hold {keyId}, and no other captures it',
  ])
})

test('a field that nobody carries needs a value that counts', () => {
  const one = acme({ fields: { f: { default: '2' } }, message: '{f}\n{body}' })
  assert.equal(signed(one).message.toString(), '2\n{"n":1}')
  assert.equal(verdict(one, signed(one)), true)
  const list = { define: { l: { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '' } }, message: '{l}\n{body}' }
  const fixed = acme({ ...list, fields: { s: { names: ' ', exactly: ['a', 'B'] } } })
  assert.equal(signed(fixed, { headers: { a: '1', b: '2' } }).message.toString(), 'a:1\nb:2\n\n{"n":1}')
  assert.deepEqual(mistakes({ ...list, fields: { s: { names: ' ', mustInclude: ['a'] } } }), [
    'fields.s: has no home, and no format captures {s}',
  ])
})

test('what a field, the query and a cookie carry counts as octets, as UTF-8 and as octets', () => {
  const of = (home, received) => {
    const one = acme({ fields: { f: home }, message: '{f}\n{body}' })
    return (message) => verdict(one, request({ ...received, headers: { ...received.headers, 'x-signature': hexOf(message) } }))
  }
  const latin1 = Buffer.from('caf\u00e9\n{"n":1}', 'latin1')
  const utf8 = Buffer.from('caf\u00e9\n{"n":1}')
  const inHeader = of({ header: 'f' }, { headers: { f: 'caf\u00e9' } })
  assert.deepEqual([inHeader(latin1), inHeader(utf8)], [true, 'ERR_HMAC_MISMATCH'])
  const inQuery = of({ query: 'f' }, { url: '/?f=caf%C3%A9' })
  assert.deepEqual([inQuery(latin1), inQuery(utf8)], ['ERR_HMAC_MISMATCH', true])
  const one = acme({ signature: { authorization: 'A', format: '{f};{signature}' }, fields: { f: {} }, message: '{f}\n{body}' })
  assert.equal(verdict(one, request({ headers: { authorization: `A caf\u00e9;${hexOf(latin1)}` } })), true)
})

test('octets beyond ASCII count as they came, in long texts and in short ones', () => {
  const one = acme({ message: '{header:a}\n{body}' })
  for (const length of [1, 63, 64, 65, 300]) {
    const a = `${'x'.repeat(length - 1)}\u00e9`
    const mac = hexOf(Buffer.from(`${a}\n{"n":1}`, 'latin1'))
    assert.equal(verdict(one, request({ headers: { a, 'x-signature': mac } })), true, String(length))
  }
  const decoded = acme({ message: '{header:a|fromHex}\n{body}', ambiguous: 'x' })
  assert.equal(
    verdict(
      decoded,
      request({ headers: { a: 'ff00', 'x-signature': hexOf(Buffer.concat([Buffer.from([0xff, 0]), Buffer.from('\n{"n":1}')])) } }),
    ),
    true,
  )
  const hashed = acme({ define: { all: '{method}\n{body}' }, message: '{all|sha256|hex}' })
  const octets = Buffer.from([0xff, 0x80])
  const digest = createHash('sha256')
    .update(Buffer.concat([Buffer.from('POST\n'), octets]))
    .digest('hex')
  assert.equal(verdict(hashed, request({ body: octets, headers: { 'x-signature': hexOf(digest) } })), true)
})

test('Authorization among several fields: another auth-scheme there is none of ours', () => {
  const one = acme({ signature: { header: ['authorization', 'x-sig'], format: 'Acme {signature}' } })
  const mac = hexOf('{"n":1}')
  const of = (authorization, more) => verdict(one, request({ headers: { authorization, ...more } }))
  assert.equal(of(`Acme ${mac}`), true)
  for (const other of ['Bearer t', 'Acmf x', 'Api x', 'Bearer acme ', `Xacme ${mac}`]) {
    assert.equal(of(other), 'ERR_HMAC_MISSING', other)
    assert.equal(of(other, { 'x-sig': `Acme ${mac}` }), true, other)
  }
  assert.equal(of(`acme ${mac}`), 'ERR_HMAC_MALFORMED')
  const slot = acme({ signature: { header: 'authorization', format: '{keyId};Acme {signature}' } })
  assert.equal(signed(slot, {}, { keyId: 'k' }).headers.authorization, `k;Acme ${mac}`)
})

test('what is in the form of another scheme says where it stands, so that the other can be asked', () => {
  const elsewhere = (definition, headers) => verify(acme(definition), request({ headers }), { secret }).elsewhere
  const at = { timestamp: { header: 't', unit: 'seconds', format: 't={timestamp}' }, message: '{timestamp}\n{body}' }
  for (const [expected, definition, headers] of [
    ['x', { signature: { header: 'x', format: 'v1={signature}' } }, { x: 'a' }],
    ['x', { signature: { header: 'x' } }, { x: 'a' }],
    ['x', { signature: { header: 'x', list: ',' } }, { x: 'a' }],
    ['x', { signature: { header: 'x', format: '{keyId};{signature}' } }, { x: 'a' }],
    ['x', { signature: { header: 'x', format: 'k={keyId},s={signature}', members: ',' } }, { x: 'a' }],
    [undefined, { signature: { header: ['x', 'y'], format: '{keyId};{signature}' } }, { x: 'a' }],
    [undefined, { signature: { header: 'x-{n}', format: '{keyId};{signature}' } }, { 'x-1': 'a' }],
    [undefined, { signature: { authorization: 'A', format: '{keyId};{signature}' } }, { authorization: 'A a' }],
    [undefined, { signature: { cookie: 'x', format: '{keyId};{signature}' } }, { cookie: 'x=a' }],
    [undefined, at, { t: '1', 'x-signature': hexOf('x') }],
    [undefined, {}, { 'x-signature': hexOf('x') }],
  ])
    assert.equal(elsewhere(definition, headers), expected, JSON.stringify(definition))
})

test('the wire names a hash, or a param that does, and nothing around it', () => {
  const of = (hash, params) =>
    mistakes({ algorithm: { a: hash }, params, signature: { header: 'x', format: '{algorithm} {signature}' }, message: '{method}\n{body}' })
  assert.deepEqual(of('{param:p}', { p: 'sha512' }), [])
  assert.match(of('{param:q}', { p: 'sha512' })[0], /^algorithm\.a: \{param:q\} is not declared; add it to "params"$/)
  assert.match(of('x{param:p}', { p: 'sha512' })[0], /^algorithm\.a: unknown word "x\{param:p\}"/)
  assert.match(of('{param:p}x', { p: 'sha512' })[0], /^algorithm\.a: "\{param:p\}x" is no hash/)
})

test('a field that holds a line break is told from one that is not there, and the part itself can be signed', () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const captured = acme({ fields: { payload: { form: 'payload' } }, message: '{payload}' })
  const asked = { headers, body: 'payload=a%0A' }
  assert.throws(() => signed(captured, asked), /holds a line break, which a captured value cannot; name the part itself in the message/)
  const named = acme({ message: '{form:payload}' })
  const sent = signed(named, asked)
  assert.equal(sent.headers['x-signature'], hexOf('a\n'))
  assert.equal(verdict(named, sent), true)
  assert.equal(verdict(captured, sent), 'ERR_HMAC_MALFORMED')
})

test('the items of a body are read of what was parsed once, also where the JSON stands in a field of a form', () => {
  const own = (more) =>
    acme({
      signature: { item: '/mac' },
      scope: { json: '/items/*', hold: 'all' },
      message: '{item:/id|encode}/{json:/shop|encode}',
      ...more,
    })
  const items = Array.from({ length: 20 }, (_, id) => ({ id, mac: hexOf(`${id}/s`) }))
  const text = JSON.stringify({ shop: 's', items })
  const { parse } = JSON
  let parses = 0
  JSON.parse = (...given) => {
    parses += 1
    return parse(...given)
  }
  try {
    assert.equal(verdict(own(), request({ body: text })), true)
  } finally {
    JSON.parse = parse
  }
  assert.equal(parses, 1)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const inField = own({ jsonField: 'data', allowUnboundBody: 'the vendor signs no other field' })
  assert.equal(verdict(inField, request({ headers, body: `data=${encodeURIComponent(text)}` })), true)
})
