import assert from 'node:assert/strict'
import { createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { docusign, github, hexSignature, sapApim, shopify, slack, standardWebhooks, stripe, verify, wso2 } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

const body = '{"n":1}'
const base64Key = Buffer.from('a key of the tests, 32 octets!!').toString('base64')

/** wso2 signs the content type. */
const typed = { headers: { 'content-type': 'application/json' } }

/** Presets with a secret that each takes, the header that carries the signature, and the part of it that is the signature. */
const presets = [
  [hexSignature, secret, 'x-signature', (value) => value],
  [github, secret, 'x-hub-signature-256', (value) => value.slice(7)],
  [slack, secret, 'x-slack-signature', (value) => value.slice(3)],
  [stripe, secret, 'stripe-signature', (value) => value.split('v1=')[1]],
  [shopify, secret, 'x-shopify-hmac-sha256', (value) => value],
  [sapApim, base64Key, 'x-gigya-sig-hmac-sha1', (value) => value],
  [standardWebhooks, `whsec_${base64Key}`, 'webhook-signature', (value) => value.slice(3)],
  [docusign, secret, 'x-docusign-signature-1', (value) => value],
  [wso2, { id: 'client', secret }, 'authorization', (value) => value.split(':')[1]],
]

/** Other spellings of a signature: each would be the same octets to a lenient decoder. */
function* spellings(mac) {
  yield mac.toUpperCase()
  yield mac.toLowerCase()
  yield `${mac}00`
  yield `${mac}zzzz`
  yield `${mac}=`
  yield ` ${mac}`
  yield `${mac} `
  yield `${mac}\t`
  yield mac.slice(0, -1)
  yield mac.slice(0, 2)
  yield mac.replaceAll('=', '')
  yield mac.replaceAll('+', '-').replaceAll('/', '_')
  yield mac.replace(/=+$/, (pad) => `${pad}${pad}`)
  yield `0x${mac}`
  yield mac.replace(/(.)=/, (_, c) => `${String.fromCharCode(c.charCodeAt(0) + 1)}=`)
  yield encodeURIComponent(mac).replaceAll('%3D', '%3d')
  yield `\u00e9${mac.slice(2)}`
  yield `${mac.slice(0, -1)}\u00e9`
  yield '\u00ff'.repeat(mac.length)
  yield mac.replace(/./, '\u0131'.normalize('NFKD') === 'i' ? 'i' : '\u00b9')
}

test('P14: no other spelling of a signature holds', () => {
  for (const [scheme, key, header, part] of presets) {
    const sent = signed(scheme, typed, { secret: key })
    assert.equal(verdict(scheme, sent, { secret: key }), true, scheme.name)
    const mac = part(sent.headers[header])
    for (const other of spellings(mac)) {
      // Blanks around the members and elements of a list are no part of them.
      const isList = scheme.signature.members !== undefined || scheme.signature.list !== undefined
      if (other === mac || (isList && other.trim() === mac)) continue
      const headers = { ...sent.headers, [header]: sent.headers[header].replace(mac, () => other) }
      assert.match(String(verdict(scheme, { ...sent, headers }, { secret: key })), /^ERR_HMAC_/, `${scheme.name} ${other}`)
    }
  }
})

test('P04: one changed octet of the body, one octet more, one less', () => {
  for (const [scheme, key] of presets) {
    const sent = signed(scheme, typed, { secret: key })
    for (let at = 0; at < sent.body.length; at += 1) {
      const changed = Buffer.from(sent.body)
      changed[at] ^= 0x20
      assert.equal(verdict(scheme, { ...sent, body: changed }, { secret: key }), 'ERR_HMAC_MISMATCH', `${scheme.name} at ${at}`)
    }
    assert.equal(verdict(scheme, { ...sent, body: Buffer.concat([sent.body, Buffer.from('\n')]) }, { secret: key }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict(scheme, { ...sent, body: sent.body.subarray(1) }, { secret: key }), 'ERR_HMAC_MISMATCH')
  }
})

test('P01, P05: the octets count, whatever they are', () => {
  const bodies = [
    Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3]),
    Buffer.from('\ufeff{"a":1}'),
    Buffer.from('{ "b" : 1.0e2,\t"a":1 , "a":2,"\\u00e9":"\u00e9"}'),
    Buffer.alloc(40_000, 0x80),
  ]
  for (const [scheme, key] of presets) {
    for (const octets of bodies)
      assert.equal(verdict(scheme, signed(scheme, { ...typed, body: octets }, { secret: key }), { secret: key }), true)
  }
  assert.equal(signed(hexSignature, { body: bodies[0] }).headers['x-signature'], hexOf(bodies[0]))
})

test('P16: a missing, empty or repeated signature', () => {
  for (const [scheme, key, header] of presets) {
    const sent = signed(scheme, typed, { secret: key })
    const { [header]: value, ...without } = sent.headers
    const of = (headers) => verdict(scheme, { ...sent, headers }, { secret: key })
    assert.equal(of(without), 'ERR_HMAC_MISSING', scheme.name)
    assert.match(of({ ...without, [header]: '' }), /^ERR_HMAC_(?:MALFORMED|MISSING)$/, scheme.name)
    const twice = of({ ...without, [header]: [value, value] })
    assert.equal(twice, scheme === standardWebhooks ? true : 'ERR_HMAC_DUPLICATED', scheme.name)
    const joined = of({ ...without, [header]: `${value}, ${value}` })
    assert.match(String(joined), scheme === standardWebhooks ? /^true$/ : /^ERR_HMAC_/, `${scheme.name}: joined by a proxy`)
  }
})

test('the HMAC of nothing is refused: an empty body, and a method that carries none', () => {
  for (const scheme of [hexSignature, github, shopify, docusign]) {
    const empty = signed(scheme, { body: '' })
    assert.equal(verdict(scheme, empty), 'ERR_HMAC_NOTHING_SIGNED', scheme.name)
    assert.equal(verdict(scheme, { ...empty, method: 'GET' }), 'ERR_HMAC_NOTHING_SIGNED')
    const full = signed(scheme)
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE', 'QUERY']) {
      assert.equal(verdict(scheme, { ...full, method }), 'ERR_HMAC_NOTHING_SIGNED', method)
    }
    for (const method of ['POST', 'PUT', 'PATCH']) assert.equal(verdict(scheme, { ...full, method }), true, method)
    assert.equal(verdict(scheme, { ...empty, method: 'GET' }, { allowEmptyBody: true }), true)
  }
  assert.equal(verdict(slack, signed(slack, { method: 'GET', body: '' })), true, 'a signed time is something')
  const byQuery = acme({ signature: { query: 'sig' }, message: '{query}', allowUnboundBody: 'a link' })
  assert.equal(verdict(byQuery, signed(byQuery, { method: 'GET', url: '/x?a=1', body: '' })), true)
  assert.equal(verdict(byQuery, signed(byQuery, { method: 'GET', url: '/x', body: '' })), 'ERR_HMAC_NOTHING_SIGNED')
  const pairs = { each: 'query', except: ['a'], encode: 'rfc3986', item: '{name}={value}', join: '&' }
  const byPairs = acme({ signature: { query: 'sig' }, message: pairs, allowUnboundBody: 'a link' })
  assert.equal(
    verdict(byPairs, signed(byPairs, { method: 'GET', url: '/x?a=1', body: '' })),
    'ERR_HMAC_NOTHING_SIGNED',
    'all of it left out',
  )
})

test('P18: each of several secrets holds, and no other', () => {
  const keys = Array.from({ length: 5 }, (_, i) => `secret number ${i} of the tests`)
  for (const key of keys) assert.equal(verdict(hexSignature, signed(hexSignature, {}, { secret: key }), { secret: keys }), true)
  assert.equal(verdict(hexSignature, signed(hexSignature), { secret: keys }), 'ERR_HMAC_MISMATCH')
})

test('P18: a secret counts from notBefore on, and no more at notAfter', () => {
  const at = nowSeconds * 1000
  const old = { id: 'old', secret: 'the old secret of the tests', notAfter: new Date(at) }
  const fresh = { id: 'new', secret: 'the new secret of the tests', notBefore: new Date(at - 1000) }
  const both = { secret: [old, fresh] }
  const byOld = signed(hexSignature, {}, { secret: old.secret })
  const byNew = signed(hexSignature, {}, { secret: fresh.secret })
  assert.equal(verdict(hexSignature, byOld, { ...both, now: () => at - 1 }), true)
  assert.equal(verdict(hexSignature, byOld, { ...both, now: () => at }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(hexSignature, byNew, { ...both, now: () => at - 1001 }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(hexSignature, byNew, { ...both, now: () => at - 1000 }), true)
  const result = verify(hexSignature, byNew, { ...both, now })
  assert.equal(result.secret.id, 'new', 'the result says which one')
})

test('a secret of text is decoded as the scheme says; octets and a KeyObject are the key', () => {
  const octets = Buffer.from(base64Key, 'base64')
  const sent = signed(sapApim, {}, { secret: base64Key })
  for (const same of [octets, new Uint8Array(octets), createSecretKey(octets)]) assert.equal(verdict(sapApim, sent, { secret: same }), true)
  assert.equal(verdict(sapApim, sent, { secret: Buffer.from(base64Key) }), 'ERR_HMAC_MISMATCH')
  assert.equal(sent.headers['x-gigya-sig-hmac-sha1'], createHmac('sha1', octets).update(body).digest('base64'))
  for (const bad of ['not base64, not at all', `${base64Key}!`, `${base64Key} `]) {
    assert.throws(
      () => verdict(sapApim, sent, { secret: bad }),
      /scheme 'sap-apim': the secret does not decode as \{secret\|fromBase64\} says/,
    )
  }
})

test('P16, S01: no blank or short secret, decoded or not', () => {
  for (const blank of ['', ' ', '\n\t', '\0\0\0\0', Buffer.alloc(0), Buffer.alloc(20), [], [''], [secret, ' ']]) {
    assert.throws(() => verdict(hexSignature, signed(hexSignature), { secret: blank }), {
      name: 'TypeError',
      message: /verify: option "secret/,
    })
  }
  const short = Buffer.from('fifteen octets.').toString('base64')
  assert.throws(
    () => verdict(sapApim, signed(sapApim, {}, { secret: base64Key }), { secret: short }),
    /gives a key of 15 octets once it is decoded/,
  )
  assert.equal(
    verdict(sapApim, signed(sapApim, {}, { secret: short, allowWeakSecret: true }), { secret: short, allowWeakSecret: true }),
    true,
  )
  assert.throws(() => verdict(hexSignature, signed(hexSignature), { secret: 'short' }), /must be at least 16 octets; it has 5/)
})

test('S04: no public key as a secret, and no hash that the scheme does not name', () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  for (const key of [pem, `\n  ${pem}`])
    assert.throws(() => verdict(hexSignature, signed(hexSignature), { secret: key }), /is a public or private key/)
  const one = acme({
    algorithm: { 'hmac-sha256': 'sha256', 'hmac-sha512': 'sha512' },
    signature: { header: 'x', format: '{algorithm} {signature}' },
    message: '{method}\n{body}',
  })
  const weak = createHmac('md5', secret).update(`POST\n${body}`).digest('hex')
  for (const name of ['hmac-md5', 'md5', 'none', '', 'HMAC-SHA1', 'constructor', '__proto__', 'toString']) {
    assert.match(verdict(one, request({ headers: { x: `${name} ${weak}` } })), /^ERR_HMAC_(?:ALGORITHM|MALFORMED)$/, name)
  }
  const strong = createHmac('sha512', secret).update(`POST\n${body}`).digest('hex')
  assert.equal(verdict(one, request({ headers: { x: `HMAC-sha512 ${strong}` } })), true)
  assert.equal(verdict(one, request({ headers: { x: `hmac-sha256 ${strong}` } })), 'ERR_HMAC_MISMATCH')
})

test('a result shows no secret, and says what was signed', () => {
  const result = verify(slack, signed(slack), { secret: { id: 'k', secret }, now })
  assert.equal(result.ok, true)
  assert.equal(result.signedAt, nowSeconds * 1000)
  assert.equal(Buffer.concat(result.messages[0].map((one) => Buffer.from(one))).toString(), `v0:${nowSeconds}:${body}`)
  for (const shown of [inspect(result, { depth: Number.POSITIVE_INFINITY, showHidden: true }), JSON.stringify(result)]) {
    assert.equal(shown.includes(secret), false)
  }
  const refused = verify(slack, request(), { secret, now })
  assert.deepEqual(refused, { ok: false, absent: true, code: 'ERR_HMAC_MISSING', reason: 'the request carries no signature of the scheme' })
})

test('a scheme that can still change is compiled again', () => {
  const definition = { name: 'acme', signature: { header: 'x-a' }, message: '{body}' }
  const headers = { 'x-a': hexOf(body), 'x-b': 'f'.repeat(64) }
  assert.equal(verdict(definition, request({ headers })), true)
  definition.signature.header = 'x-b'
  assert.equal(verdict(definition, request({ headers })), 'ERR_HMAC_MISMATCH')
})

test('all items of a scope are signed, under one secret', () => {
  const one = acme({
    scope: { json: '/items/*', hold: 'all' },
    signature: { item: '/mac' },
    message: '{item:/id}:{item:/amount}',
    ambiguous: 'a ":" inside a member is not escaped',
  })
  const [alice, bob] = ['the secret of alice 0123456789', 'the secret of bob 0123456789ab']
  const item = (id, key) => ({ id, amount: 5, mac: hexOf(`${id}:5`, key) })
  const of = (items, options = {}) =>
    verdict(one, request({ body: JSON.stringify({ items }) }), {
      secret: [
        { id: 'alice', secret: alice },
        { id: 'bob', secret: bob },
      ],
      ...options,
    })
  assert.equal(of([item(1, alice), item(2, alice)]), true)
  assert.equal(of([item(1, bob), item(2, bob)]), true)
  assert.equal(of([item(1, alice), item(2, bob)]), 'ERR_HMAC_MISMATCH', 'items of two senders, put together')
  assert.equal(of([item(1, alice), { ...item(2, alice), amount: 50 }]), 'ERR_HMAC_MISMATCH')
  assert.equal(of([item(1, alice), { id: 2, amount: 5 }]), 'ERR_HMAC_MISSING')
  assert.equal(of([]), 'ERR_HMAC_MISSING')
  assert.equal(of(Array.from({ length: 101 }, () => item(1, alice))), 'ERR_HMAC_MALFORMED')
  for (const odd of ['{}', '[]', '{"items":{}}', '{"items":[1]}', '{"items":[null]}', '{"items":"x"}', 'x', '']) {
    assert.match(verdict(one, request({ body: odd })), /^ERR_HMAC_(?:MISSING|MALFORMED)$/, odd)
  }
  const sent = signed(one, { body: '{"items":[{"id":1,"amount":5},{"id":2,"amount":6}]}' })
  assert.equal(verdict(one, sent), true)
})

test('S07: whatever a request holds, verify() answers', () => {
  const octet = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
  const value = fc.array(octet, { maxLength: 40 }).map((codes) => codes.join('').replace(/[\0\r\n]/g, '?'))
  const names = fc.constantFrom(
    ...presets.map(([, , header]) => header),
    'date',
    'host',
    'content-type',
    'webhook-id',
    'webhook-timestamp',
    'x-slack-request-timestamp',
    '__proto__',
    'constructor',
  )
  const headers = fc.array(fc.tuple(names, value), { maxLength: 8 }).map((pairs) => pairs.flat())
  const url = fc.array(octet, { maxLength: 20 }).map((codes) => `/${codes.join('')}`)
  fc.assert(
    fc.property(
      headers,
      url,
      fc.uint8Array({ maxLength: 100 }),
      fc.constantFrom('POST', 'GET', 'DELETE'),
      (raw, target, octets, method) => {
        for (const [scheme, key] of presets) {
          const result = verify(scheme, { method, url: target, headers: raw, body: octets }, { secret: key, now })
          assert.equal(result.ok, false)
          assert.match(result.code, /^ERR_HMAC_/)
        }
      },
    ),
    { seed: 8, numRuns: 1500 },
  )
})

test('P14: base64 has one spelling; only its padding may be left out', () => {
  const one = acme({ message: '{header:x-a|fromBase64|hex}\n{body}' })
  const other = acme({ message: '{header:x-a|fromBase64url|hex}\n{body}' })
  const of = (definition, value) => {
    const headers = { 'x-a': value }
    try {
      return verdict(definition, signed(definition, { headers }))
    } catch (error) {
      return /cannot be signed: (.*)$/.exec(error.message)[1]
    }
  }
  for (const text of ['', 'YQ==', 'YQ', 'YWI=', 'YWI', 'YWJj', '+/+/']) assert.equal(of(one, text), true, text)
  for (const text of ['YR==', 'YR', 'YWJ=', 'YQ=', 'YQ===', 'Y', 'YWJjZ', 'YW Jj', '-_-_', 'YWJj=', '=', 'Y=Q='])
    assert.equal(of(one, text), 'a value is not base64', text)
  for (const text of ['YQ==', 'YQ', '-_-_']) assert.equal(of(other, text), true, text)
  for (const text of ['YR', '+/+/', 'Y']) assert.equal(of(other, text), 'a value is not base64url', text)
})

test('of several items the messages of all are given back', () => {
  const one = acme({ scope: { json: '/*', hold: 'all' }, signature: { item: '/mac' }, message: '{item:/id}' })
  const items = [1, 2].map((id) => ({ id, mac: hexOf(String(id)) }))
  const result = verify(one, request({ body: JSON.stringify(items) }), { secret, now })
  assert.deepEqual(
    result.messages.map((parts) => parts.join('')),
    ['1', '2'],
  )
})
