import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adyen, docusign, hexSignature, sign, slack, standardWebhooks, stripe, verify } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

const seconds = { header: 't', unit: 'seconds' }

/** What `sign` says of options that it cannot sign with. */
function mistake(definition, options, asked = {}) {
  try {
    signed(definition, asked, options)
  } catch (error) {
    assert.ok(error instanceof TypeError, error.stack)
    assert.match(error.code, /^ERR_INVALID_ARG_/)
    return error.message
  }
  return assert.fail(`signed with ${JSON.stringify(options)}`)
}

test('what would not be read back is not signed', () => {
  const keyed = acme({ signature: { header: 'x', format: 'k={keyId},s={signature}', members: ',' } })
  assert.match(mistake(keyed, { keyId: 'a,b' }), /\{keyId\} holds a character that ends it|is not of the form/)
  assert.match(mistake(keyed, { keyId: 'a b' }), /the key id .* holds others than printable ASCII/)
  assert.match(mistake(keyed, {}), /the scheme carries a key id; give keyId, or a secret with an id/)
  const nonce = acme({ nonce: { header: 'n' }, message: '{nonce}.{header:x-user}\n{body}' })
  const headers = { 'x-user': 'u' }
  assert.match(mistake(nonce, { nonce: 'a.b' }, { headers }), /\{nonce\} holds "\.", which would move the parts of the signed message/)
  const listed = acme({ nonce: { header: 'n', format: 'v1={nonce};x' }, message: '{nonce}.{body|sha256|hex}' })
  assert.equal(verdict(listed, signed(listed, {}, { nonce: 'a;x' })), true)
  assert.match(mistake(nonce, { nonce: 'a\r\nx-admin: 1' }, { headers }), /\{nonce\}|not of the form/)
  assert.match(mistake(nonce, { nonce: '\u20ac' }, { headers }), /would hold a character that no field can carry/)
})

test('members of JSON are not signed under a Content-Type by which a receiver parses something else', () => {
  const members = acme({ message: '{json:/a}' })
  const sent = (type) => ({ body: '{"a":"1"}', headers: type === undefined ? {} : { 'content-type': type } })
  for (const type of ['application/x-www-form-urlencoded', 'Application/X-WWW-Form-Urlencoded; charset=utf-8']) {
    assert.match(mistake(members, {}, sent(type)), /the scheme signs the body as JSON, XML or text.*write Content-Type: application\/json/)
  }
  for (const type of ['application/json; charset=utf-16', 'application/json; charset=utf-8; charset=latin1']) {
    assert.match(mistake(members, {}, sent(type)), /Content-Type names a charset other than UTF-8/)
  }
  for (const type of [undefined, 'application/json', 'application/json; charset=UTF-8', 'text/plain']) {
    assert.equal(verdict(members, signed(members, sent(type))), true, type)
  }
  const form = acme({ message: '{form:a}' })
  assert.equal(verdict(form, signed(form, { ...sent('application/x-www-form-urlencoded'), body: 'a=1' })), true)
  const octets = acme({})
  assert.equal(verdict(octets, signed(octets, sent('application/x-www-form-urlencoded'))), true, 'the octets are signed, whatever they are')
})

test('S18: no field that sign() returns holds a line break or what latin1 cannot', () => {
  const one = acme({ fields: { note: { header: 'x-note' } }, message: '{note}\n{body}' })
  for (const note of ['a\nb', 'a\r', 'a\u0000', '\u0100', 'a\u007f']) {
    assert.match(mistake(one, { fields: { note } }), /the field x-note|\{note\} holds|of the form/, JSON.stringify(note))
  }
  assert.equal(verdict(one, signed(one, {}, { fields: { note: 'caf\u00e9' } })), true)
})

test("what the caller gives in place of the signer's own is what a verifier takes", () => {
  const timed = acme({ timestamp: seconds, message: '{timestamp}.{body}' })
  for (const timestamp of ['1e9', ' 1', '-1', '1.5', 'now', '00', '1'.repeat(20)]) {
    assert.match(mistake(timed, { timestamp }), /timestamp ".*" is no time in seconds/, timestamp)
  }
  assert.match(mistake(acme({}), { timestamp: '1' }), /timestamp is given, and the scheme signs none/)
  const named = acme({
    algorithm: { 'HMAC-SHA256': 'sha256', 'HMAC-SHA512': 'sha512' },
    signature: { header: 'x', format: '{algorithm} {signature}' },
    message: '{method}\n{body}',
  })
  assert.match(mistake(named, { algorithm: 'md5' }), /algorithm "md5" is none that the scheme lists/)
  assert.match(mistake(acme({}), { algorithm: 'sha256' }), /algorithm "sha256" is none that the scheme lists/)
  assert.equal(verdict(named, signed(named)), true)
  assert.equal(verdict(named, signed(named, {}, { algorithm: 'hmac-sha512' })), true)
  assert.match(mistake(acme({}), { fields: { note: 'x' } }), /fields\.note is unknown; the scheme has none/)
  assert.match(mistake(acme({}), { fields: ['x'] }), /option "fields" must be an object; got an array/)
  assert.match(mistake(acme({}), { fields: Promise.resolve({}) }), /option "fields" must be an object; got a promise/)
  assert.match(mistake(acme({}), { fields: { a: 5 } }), /option "fields\.a" must be a string; got number/)
  assert.match(mistake(acme({}), { sign: 'date' }), /option "sign" must be a list of names; got string/)
  assert.match(mistake(acme({}), { sing: ['date'] }), /option "sing" is unknown; did you mean "sign"\?/)
  assert.match(mistake(acme({}), { secret: () => secret }), /option "secret" must be a secret; look-ups are for hmacVerify/)
  assert.match(mistake(acme({}), { secret: '' }), /option "secret" must not be blank/)
  assert.match(mistake({ name: 'x' }, {}), /scheme 'x': signature: is missing/)
  assert.match(mistake(undefined, {}), /option "scheme" must be a scheme; got undefined/)
})

test('fields are written in the order that their values need, however they are declared', () => {
  const fields = {
    auth: { header: 'x-auth', value: '{method}:{header:x-digest}:{stamp}' },
    digest: { header: 'x-digest', value: '{body|sha256|hex}' },
    stamp: { header: 'x-stamp', value: 'v1-{digest|first:32}' },
  }
  const one = acme({ fields, message: '{auth}\n{digest}\n{stamp}' })
  const sent = signed(one)
  assert.equal(sent.headers['x-auth'], `POST:${sent.headers['x-digest']}:v1-${sent.headers['x-digest'].slice(0, 32)}`)
  assert.equal(verdict(one, sent), true)
  const turned = acme({ fields: Object.fromEntries(Object.entries(fields).reverse()), message: '{auth}\n{digest}\n{stamp}' })
  assert.deepEqual(signed(turned).headers['x-auth'], sent.headers['x-auth'])
})

test('one signature for each secret, where the scheme carries several', () => {
  const two = ['the first secret of the two', 'the second secret of the two']
  const sent = signed(docusign, {}, { secret: two })
  assert.deepEqual(Object.keys(sent.headers), ['x-docusign-signature-1', 'x-docusign-signature-2'])
  for (const one of two) assert.equal(verdict(docusign, sent, { secret: one }), true)
  const header = signed(stripe, {}, { secret: two }).headers['stripe-signature']
  assert.deepEqual(header.match(/v1=/g).length, 2)
  for (const one of two) assert.equal(verdict(stripe, signed(stripe, {}, { secret: two }), { secret: one }), true)
  const whsec = two.map((text) => `whsec_${Buffer.from(text).toString('base64')}`)
  const hooks = signed(standardWebhooks, {}, { secret: whsec, nonce: 'msg_1' })
  assert.equal(hooks.headers['webhook-signature'].split(' ').length, 2)
  for (const one of whsec) assert.equal(verdict(standardWebhooks, hooks, { secret: one }), true)
  const alone = signed(hexSignature, {}, { secret: two })
  assert.equal(alone.headers['x-signature'], hexOf('{"n":1}', two[0]), 'where there is room for one, the first signs')
})

test('of dated secrets only those that count now sign', () => {
  const list = [
    { id: 'old', secret: 'the old secret, long enough', notAfter: new Date(now()) },
    { id: 'new', secret: 'the new secret, long enough' },
  ]
  const keyed = acme({ signature: { header: 'x', format: '{keyId}:{signature}' } })
  assert.match(signed(keyed, {}, { secret: list }).headers.x, /^new:/)
  assert.match(mistake(keyed, { secret: list, keyId: 'old' }), /there is no secret/)
  assert.match(signed(keyed, {}, { secret: list, keyId: 'old', now: () => now() - 1 }).headers.x, /^old:/)
})

test('signing again replaces the old signature, in fields and in the query', () => {
  const inQuery = acme({ signature: { query: 'sig' }, message: '{method}\n{target}', allowUnboundBody: 'to sign a link' })
  const first = signed(inQuery, { method: 'GET', url: '/x?a=1', body: '' })
  assert.match(first.url, /^\/x\?a=1&sig=[0-9a-f]{64}$/)
  assert.equal(verdict(inQuery, first), true)
  const again = signed(inQuery, { method: 'GET', url: first.url, body: '' })
  assert.equal(again.url, first.url)
  assert.equal(verdict(inQuery, { ...first, url: `${first.url}&b=2` }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(inQuery, { ...first, url: `${first.url}&sig=${'0'.repeat(64)}` }), 'ERR_HMAC_DUPLICATED')
  assert.equal(verdict(inQuery, { ...first, url: `/x?a=1&s%69g=${first.url.slice(-64)}` }), true, 'the name counts decoded')
  const inHeader = signed(slack, { headers: { 'X-Slack-Signature': 'v0=old', 'x-slack-request-timestamp': '1' } })
  assert.equal(inHeader.headers['x-slack-request-timestamp'], String(nowSeconds))
})

test('a signature inside the JSON that is sent', () => {
  const one = acme({
    signature: { json: '/auth/mac' },
    timestamp: { json: '/auth/time', unit: 'seconds' },
    message: '{timestamp}.{json:/amount}',
  })
  const sent = signed(one, { body: '{"amount":5,"__proto__":1}' })
  const parsed = JSON.parse(sent.body)
  assert.equal(parsed.auth.time, String(nowSeconds))
  assert.equal(verdict(one, sent), true)
  assert.equal(verdict(one, { ...sent, body: Buffer.from(String(sent.body).replace('"amount":5', '"amount":50')) }), 'ERR_HMAC_MISMATCH')
  assert.match(mistake(one, {}, { body: 'no json' }), /the signature stands in a JSON body, and this one is no JSON|not JSON/)
  // JSON would leave out what is put beside the items of a list.
  const alone = acme({
    signature: { json: '/mac' },
    timestamp: { header: 't', unit: 'seconds' },
    message: '{timestamp}',
    allowUnboundBody: 'for the test',
  })
  for (const body of ['[]', '[1]', '"text"', '1', 'null', 'true'])
    assert.match(mistake(alone, {}, { body }), /the signature stands in an object of a JSON body/, body)
  for (const body of ['{"auth":[]}', '{"auth":[1],"amount":5}'])
    assert.match(mistake(one, {}, { body }), /the signature stands in an object of a JSON body/, body)
})

test('a body of which items are signed has to be JSON', () => {
  for (const body of ['', 'a=1', '{"notificationItems":']) {
    assert.throws(() => sign(adyen, request({ body }), { secret: Buffer.from(secret), now, allowUnboundBody: true }), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: /^scheme 'adyen': the request cannot be signed: the body /,
    })
  }
})

test('whatever is signed is verified, for any body, target and fields', () => {
  const schemes = [
    hexSignature,
    slack,
    stripe,
    acme({
      signature: { authorization: 'Acme', format: '{nonce}:{timestamp}:{signature}' },
      nonce: {},
      timestamp: { unit: 'milliseconds' },
      message: '{method}\n{target}\n{timestamp}\n{nonce}\n{header:x-a?}\n{body}',
    }),
    acme({
      signature: { header: 'x', encoding: 'base64|encode' },
      message: '{method}\n{path|encode}\n{header:x-a?|trim}\n{body|sha512|base64url}',
    }),
    acme({ signature: { header: 'x', encoding: 'hexAnyCase' }, message: '{method|lower}\n{query}\n{body|md5|base64}' }),
  ]
  const header = fc
    .array(
      fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
      { maxLength: 12 },
    )
    .map((codes) => String.fromCharCode(...codes).trim())
  const target = fc
    .array(fc.constantFrom('a', '/', '?', '=', '&', '%20', '%', '+', '~', '\u00c3\u00a9', ':', ';', '\\', '"'), { maxLength: 12 })
    .map((parts) => `/${parts.join('')}`)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), target, header, fc.boolean(), (body, url, value, withHeader) => {
      for (const one of schemes) {
        const input = request({ url, body: Buffer.from(body), headers: withHeader ? { 'x-a': value } : {} })
        const out = sign(one, input, { secret, now })
        const received = { ...input, url: out.target, body: out.body, headers: { ...input.headers, ...out.headers } }
        assert.equal(verify(one, received, { secret, now }).ok, true, `${one.name} ${url} ${JSON.stringify(value)}`)
        const changed = Buffer.from(body)
        changed[body.length - 1] ^= 1
        assert.equal(verify(one, { ...received, body: changed }, { secret, now }).ok, false)
      }
    }),
    { seed: 5, numRuns: 600 },
  )
})

test('what counts where nothing is carried counts for the signer too', () => {
  const own = acme({ fields: { f: { header: 'f', default: '2' } }, message: '{f}\n{body}' })
  const sent = signed(own)
  assert.equal(sent.headers.f, undefined)
  assert.equal(sent.message.toString(), '2\n{"n":1}')
  assert.equal(verdict(own, sent), true)
  assert.equal(signed(own, {}, { fields: { f: '3' } }).message.toString(), '3\n{"n":1}')
  const captured = acme({
    signature: { header: 'x', format: 'p={f?},m={signature}', members: ',' },
    fields: { f: { default: '2' } },
    message: '{f}\n{body}',
  })
  assert.equal(verdict(captured, signed(captured)), true)
})

test('options of another type, and those that nobody knows, are told by name', () => {
  const wrong = (options, of = signed) => {
    try {
      of(acme({}), {}, options)
      return ''
    } catch (error) {
      assert.ok(error instanceof TypeError && /^ERR_INVALID_ARG_/.test(error.code), error.stack)
      return error.message
    }
  }
  const checked = (definition, asked, options) => verdict(definition, request(asked), options)
  for (const [options, expected] of [
    [{ sign: 'host' }, /^sign: option "sign" must be a list of names/],
    [{ sign: [''] }, /^sign: option "sign" must be a list of names/],
    [{ sign: [5] }, /^sign: option "sign" must be a list of names/],
    [{ sign: ['host', 5] }, /^sign: option "sign" must be a list of names/],
    [{ sing: [] }, /^sign: option "sing" is unknown; did you mean "sign"/],
    [{ fields: [] }, /^sign: option "fields" must be an object/],
    [{ fields: 'x' }, /^sign: option "fields" must be an object/],
    [{ fields: null }, /^sign: option "fields" must be an object/],
    [{ fields: { f: 5 } }, /^sign: option "fields\.f" must be a string/],
    [{ nonce: 5 }, /^sign: option "nonce"/],
    [{ algorithm: 5 }, /^sign: option "algorithm"/],
    [{ timestamp: 5 }, /^sign: option "timestamp"/],
    [{ keyId: 5 }, /^sign: option "keyId"/],
    [{ allowEmptyBody: true }, /allowEmptyBody/],
  ])
    assert.match(wrong(options), expected, JSON.stringify(options))
  for (const [options, expected] of [
    [{ params: 'x' }, /option "params" must be an object/],
    [{ params: null }, /option "params" must be an object/],
    [{ mustInclude: 'x' }, /option "mustInclude" must be a list of names/],
    [{ mustInclude: [5] }, /option "mustInclude" must be a list of names/],
    [{ toleranceSeconds: 86_400 * 366 + 1 }, /option "toleranceSeconds" must be at most 31622400 seconds; got 31622401/],
    [{ toleranceSeconds: 0 }, /option "toleranceSeconds"/],
    [{ allowUnboundBody: 'yes' }, /option "allowUnboundBody"/],
    [{ allowInsecureScheme: 1 }, /option "allowInsecureScheme"/],
    [{ allowWeakSecret: 1 }, /option "allowWeakSecret"/],
    [{ now: 5 }, /option "now"/],
    [{ publicOrigin: 5 }, /option "publicOrigin"/],
    [{ secret: () => secret }, /option "secret" must be a secret; look-ups are for hmacVerify/],
    [{ unknown: 1 }, /unknown/],
  ]) {
    assert.match(wrong(options), expected, JSON.stringify(options))
    assert.match(wrong(options, checked), expected, JSON.stringify(options))
  }
  assert.throws(
    () => checked(acme({}), {}, { allowEmptyBodi: true }),
    /verify: option "allowEmptyBodi" is unknown; did you mean "allowEmptyBody"/,
  )
  for (const none of [undefined, null, 5, 'slack'])
    assert.throws(() => sign(none, request(), { secret, now }), { name: 'TypeError', message: /^sign: option "scheme" must be a scheme/ })
  for (const [of, name] of [
    [signed, 'sign'],
    [checked, 'verify'],
  ]) {
    const params = { params: { nope: 'x' } }
    assert.throws(() => of(acme({}), {}, params), {
      message: new RegExp(`^${name}: option "params\\.nope" is unknown; the scheme has no params`),
    })
    assert.throws(() => of(acme({}), {}, { toleranceSeconds: 5 }), {
      message: new RegExp(`^${name}: option "toleranceSeconds" has no effect: the scheme signs no time`),
    })
  }
})

test('a scheme that signs the secret itself needs it as text', () => {
  const hashed = acme({ construction: 'hash', insecure: 'a plain hash', message: '{secret}{body}' })
  const options = { allowInsecureScheme: true }
  assert.equal(verdict(hashed, signed(hashed, {}, options), options), true)
  for (const octets of [Buffer.from(secret), Buffer.alloc(32, 1)])
    assert.throws(
      () => signed(hashed, {}, { ...options, secret: octets }),
      /must be the text that the vendor shows: the scheme signs it with the rest/,
    )
})

test('no nonce comes twice, however many are made', () => {
  const one = acme({ nonce: { header: 'n', random: 64 }, message: '{nonce}\n{body}' })
  const nonces = Array.from({ length: 400 }, () => signed(one).headers.n)
  assert.equal(new Set(nonces).size, nonces.length)
  assert.equal(new Set(nonces.flatMap((nonce) => [nonce.slice(0, 20), nonce.slice(-20)])).size, 2 * nonces.length, 'nor a part of one')
})

test('each of several signatures names the key id of its own secret', () => {
  const one = acme({ signature: { header: 'x', format: '{keyId}/{signature}', list: ',' } })
  const two = [
    { id: 'a', secret: 'the first secret of the two' },
    { id: 'b', secret: 'the second secret of the two' },
  ]
  const [first, second] = two.map(({ secret: key }) => hexOf('{"n":1}', key))
  assert.equal(signed(one, {}, { secret: two }).headers.x, `a/${first},b/${second}`)
  assert.equal(signed(one, {}, { secret: two[0] }).headers.x, `a/${first}`)
  assert.equal(signed(one, {}, { secret: two, keyId: 'b' }).headers.x, `b/${second}`)
  assert.equal(signed(one, {}, { secret: two[0].secret, keyId: 'k' }).headers.x, `k/${first}`)
  const plain = acme({ signature: { header: 'x', format: '{signature}', list: ',' } })
  assert.equal(signed(plain, {}, { secret: two }).headers.x, `${first},${second}`, 'where the scheme has none, none is written')
  assert.equal(signed(acme({ keyId: { header: 'k' } }), {}, { secret: two }).headers['x-signature'], first, 'one place, one signature')
  for (const keyId of ['a,b', 'a b', ''])
    assert.throws(() => signed(one, {}, { secret: two[0].secret, keyId }), { name: 'TypeError' }, keyId)
})
