import './counted-crypto.js'
import assert from 'node:assert/strict'
import { createCipheriv, createHash, createHmac, hkdfSync, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'
import { calls } from './counted-crypto.js'
import { acme, mistakes, secret, signed, verdict } from './signing.js'

const setUp = { secret: 'sq7HjrUOBfKmC576ILgskD5srU870gJ7', now: () => 1768478400000 }
const send = (own, body, secret = setUp.secret) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const result = verify(
    own,
    { method: 'POST', url: 'https://api.example.com/notify', headers, body: Buffer.from(body) },
    { ...setUp, secret },
  )
  return result.ok || result.code
}

const REDSYS = {
  fields: {
    parameters: { form: 'Ds_MerchantParameters' },
    order: { from: '{parameters|fromBase64|json:/Ds_Order}' },
    version: { form: 'Ds_SignatureVersion', value: 'HMAC_SHA256_V1' },
  },
  key: { chain: ['{secret|fromBase64}', '{order}'], by: '3des' },
  message: '{parameters}',
}

// npm node-redsys-api, test/data/response.json; github.com/minube/redsys-api, ejemploRecepcionaPet.php: notifications under the vendor's test key
const NOTIFICATIONS = [
  [
    'base64',
    'eyJEc19EYXRlIjoiMzAlMkYwOCUyRjIwMjIiLCJEc19Ib3VyIjoiMTIlM0ExOCIsIkRzX1NlY3VyZVBheW1lbnQiOiIxIiwiRHNfQ2FyZF9Db3VudHJ5IjoiNzI0IiwiRHNfQW1vdW50IjoiMTU5MDAiLCJEc19DdXJyZW5jeSI6Ijk3OCIsIkRzX09yZGVyIjoiTU4wMDAwNDkiLCJEc19NZXJjaGFudENvZGUiOiIzNTU4NjgxMDAiLCJEc19UZXJtaW5hbCI6IjAwMSIsIkRzX1Jlc3BvbnNlIjoiMDAwMCIsIkRzX01lcmNoYW50RGF0YSI6IiIsIkRzX1RyYW5zYWN0aW9uVHlwZSI6IjAiLCJEc19Db25zdW1lckxhbmd1YWdlIjoiMSIsIkRzX0F1dGhvcmlzYXRpb25Db2RlIjoiMDAyNDEzIiwiRHNfQ2FyZF9CcmFuZCI6IjEiLCJEc19Qcm9jZXNzZWRQYXlNZXRob2QiOiI1IiwiRHNfQ29udHJvbF8xNjYxODU0NjgzOTg4IjoiMTY2MTg1NDY4Mzk4OCJ9',
    'O9aFvML5qK8VBQhV4GK8kFHvmAQaSnX1hfckr7abzIs=',
    'sq7HjrUOBfKmC576ILgskD5srU870gJ7',
  ],
  [
    'base64urlPadded',
    'eyJEc19EYXRlIjoiMDklMkYxMSUyRjIwMTUiLCJEc19Ib3VyIjoiMTglM0EwMyIsIkRzX1NlY3VyZVBheW1lbnQiOiIwIiwiRHNfQ2FyZF9Db3VudHJ5IjoiNzI0IiwiRHNfQW1vdW50IjoiMTQ1IiwiRHNfQ3VycmVuY3kiOiI5NzgiLCJEc19PcmRlciI6IjAwNjkiLCJEc19NZXJjaGFudENvZGUiOiI5OTkwMDg4ODEiLCJEc19UZXJtaW5hbCI6Ijg3MSIsIkRzX1Jlc3BvbnNlIjoiMDAwMCIsIkRzX01lcmNoYW50RGF0YSI6IiIsIkRzX1RyYW5zYWN0aW9uVHlwZSI6IjAiLCJEc19Db25zdW1lckxhbmd1YWdlIjoiMSIsIkRzX0F1dGhvcmlzYXRpb25Db2RlIjoiMDgyMTUwIn0=',
    '6DVpRPAPoChZh2cgaWnLqlfFsKeXdRfAO_tz-UrxJcU=',
    'Mk9m98IfEblmPfrpsawt7BmxObt98Jev',
  ],
]

test('Redsys, HMAC_SHA256_V1: the key is the order encrypted under the secret', () => {
  for (const [encoding, parameters, mac, key] of NOTIFICATIONS) {
    const own = scheme({ name: 'redsys', signature: { form: 'Ds_Signature', encoding }, ...REDSYS })
    const form = (fields) =>
      new URLSearchParams({ Ds_SignatureVersion: 'HMAC_SHA256_V1', Ds_MerchantParameters: parameters, Ds_Signature: mac, ...fields })
    assert.equal(send(own, form().toString(), key), true)
    const other = JSON.stringify({ ...JSON.parse(Buffer.from(parameters, 'base64').toString()), Ds_Order: '0001' })
    assert.equal(send(own, form({ Ds_MerchantParameters: Buffer.from(other).toString('base64') }).toString(), key), 'ERR_HMAC_MISMATCH')
    assert.equal(send(own, form({ Ds_SignatureVersion: 'HMAC_SHA512_V2' }).toString(), key), 'ERR_HMAC_DIGEST')
    assert.equal(send(own, form({ Ds_MerchantParameters: 'e30=' }).toString(), key), 'ERR_HMAC_INCOMPLETE')
  }
})

// pagosonline.redsys.es, firmar una operacion: the values of the page
const V2 =
  'eyJEU19NRVJDSEFOVF9BTU9VTlQiOiI5OTkiLCJEU19NRVJDSEFOVF9PUkRFUiI6IjEyMzQ1Njc4OTAiLCJEU19NRVJDSEFOVF9NRVJDSEFOVENPREUiOiI5OTkwMDg4ODEiLCJEU19NRVJDSEFOVF9DVVJSRU5DWSI6Ijk3OCIsIkRTX01FUkNIQU5UX1RSQU5TQUNUSU9OVFlQRSI6IjAiLCJEU19NRVJDSEFOVF9URVJNSU5BTCI6IjEiLCJEU19NRVJDSEFOVF9NRVJDSEFOVFVSTCI6Imh0dHA6XC9cL3d3dy5wcnVlYmEuY29tXC91cmxOb3RpZmljYWNpb24ucGhwIiwiRFNfTUVSQ0hBTlRfVVJMT0siOiJodHRwOlwvXC93d3cucHJ1ZWJhLmNvbVwvdXJsT0sucGhwIiwiRFNfTUVSQ0hBTlRfVVJMS08iOiJodHRwOlwvXC93d3cucHJ1ZWJhLmNvbVwvdXJsS08ucGhwIn0'
const V2_MAC = 'Vjo02eSWq249IeZZp3R-ArFnGLhKY0OuzDDlx1BuVtZDC2yhczA7_11uZhsYzLZBCMFAz8u8uzGDX3AErHKmmw'
const REDSYS_V2 = {
  name: 'redsys-v2',
  algorithm: 'sha512',
  signature: { form: 'Ds_Signature', encoding: 'base64url' },
  fields: {
    parameters: { form: 'Ds_MerchantParameters' },
    order: { from: '{parameters|fromBase64url|json:/DS_MERCHANT_ORDER}' },
    version: { form: 'Ds_SignatureVersion', value: 'HMAC_SHA512_V2' },
  },
  key: { chain: ['{secret|first:16}', '{order}'], by: 'aes-128', encoding: 'base64' },
  message: '{parameters}',
}

test('Redsys, HMAC_SHA512_V2: the value of the page, verified and signed', () => {
  const own = scheme(REDSYS_V2)
  const body = `Ds_SignatureVersion=HMAC_SHA512_V2&Ds_MerchantParameters=${V2}`
  assert.equal(send(own, `${body}&Ds_Signature=${V2_MAC}`), true)
  assert.equal(send(own, `${body}&Ds_Signature=${V2_MAC.replace('V', 'W')}`), 'ERR_HMAC_MISMATCH')
  const request = { method: 'POST', url: 'https://sis.example.com/', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  const made = sign(own, { ...request, body: Buffer.from(`Ds_MerchantParameters=${V2}`) }, setUp)
  assert.match(Buffer.from(made.body).toString(), new RegExp(`Ds_Signature=${V2_MAC}`))
})

const derived = (key, text) => createHmac('sha256', key).update(text).digest('hex')

test('a text that ends as it would be filled up makes no key: another order would be signed alike', () => {
  const own = acme({ key: { chain: ['{secret}', '{json:/order}'], by: '3des' }, message: '{json:/amount}' })
  const secret = '0123456789abcdef01234567'
  const body = (order) => Buffer.from(JSON.stringify({ order, amount: 5 }))
  const sent = signed(own, { body: body('A1') }, { secret })
  assert.equal(verdict(own, sent, { secret }), true)
  for (const order of ['A1\0', 'A1\0\0\0\0\0\0', '\0'])
    assert.equal(verdict(own, { ...sent, body: body(order) }, { secret }), 'ERR_HMAC_MALFORMED', JSON.stringify(order))
})

test('nor one at the end of a key, which HMAC fills up with NULs', () => {
  const body = (a) => Buffer.from(JSON.stringify({ a, amount: 5 }))
  for (const key of ['{secret}:{json:/a}', { chain: ['{secret}:{json:/a}', 'orders'] }]) {
    const own = acme({ key, message: '{json:/amount}' })
    const sent = signed(own, { body: body('1') })
    assert.equal(verdict(own, sent), true)
    assert.equal(verdict(own, { ...sent, body: body('1\0') }), 'ERR_HMAC_MALFORMED')
  }
  const own = acme({ key: { chain: ['{secret}', '{json:/a}'] }, message: '{json:/amount}' })
  const sent = signed(own, { body: body('1\0') })
  assert.equal(verdict(own, sent), true, 'what is signed is not filled up')
  assert.equal(verdict(own, { ...sent, body: body('1') }), 'ERR_HMAC_MISMATCH')
})

test('where texts are hashed one behind the other, the first may not run into the second', () => {
  const key = (by, ...chain) => ({ key: { chain, by }, message: '{body}' })
  for (const by of ['md5', 'sha1', 'sha256', 'sha512'])
    assert.match(mistakes(key(by, '{secret}{header:a}', '{header:b}'))[0], /in the key \{header:a\} runs into \{header:b\}/, by)
  assert.deepEqual(mistakes(key('hmac', '{secret}{header:a}', '{header:b}')), [])
  assert.deepEqual(mistakes(key('sha256', '{secret}', '{header:a}', '{header:b}')), [])
  assert.deepEqual(mistakes(key('sha256', '{secret}{header:a}\n', '{header:b}')), [])
})

test('a text of any length is encrypted as OpenSSL does it, whole blocks of zeros left out', () => {
  const octets = Buffer.from('0123456789abcdef01234567')
  for (let length = 1; length < 20; length += 1) {
    const text = 'x'.repeat(length)
    const headers = { 'x-order': text }
    const des = createCipheriv('des-ede3-cbc', octets, Buffer.alloc(8)).setAutoPadding(false)
    const filled = Buffer.concat([Buffer.from(text), Buffer.alloc((8 - (length % 8)) % 8)])
    const own = (by) => acme({ key: { chain: ['{secret}', '{header:x-order}'], by }, message: '{header:x-order}\n{body}' })
    const sent = (by, size) => signed(own(by), { headers }, { secret: octets.toString().slice(0, size) })
    const message = `${text}\n{"n":1}`
    assert.equal(sent('3des', 24).headers['x-signature'], derived(Buffer.concat([des.update(filled), des.final()]), message))
    const aes = createCipheriv('aes-128-cbc', octets.subarray(0, 16), Buffer.alloc(16))
    assert.equal(sent('aes-128', 16).headers['x-signature'], derived(Buffer.concat([aes.update(text), aes.final()]), message))
    assert.equal(sent('hmac').headers['x-signature'], derived(createHmac('sha256', octets).update(text).digest(), message))
    assert.equal(verdict(own('3des'), sent('3des', 24), { secret: octets }), true, 'octets are the key')
    for (const hash of ['md5', 'sha1', 'sha256', 'sha512']) {
      const key = createHash(hash).update(octets).update(text).digest()
      assert.equal(sent(hash).headers['x-signature'], derived(key, message), hash)
    }
  }
})

test('a secret that is no key of the cipher is told at set-up, and a chain that is none when it is compiled', () => {
  const own = acme({ key: { chain: ['{secret|fromBase64}', '{header:x-order}'], by: '3des' }, message: '{header:x-order}\n{body}' })
  for (const bad of [Buffer.alloc(16, 1).toString('base64'), Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(23, 1)])
    assert.throws(
      () => signed(own, { headers: { 'x-order': 'a' } }, { secret: bad }),
      (error) => error instanceof TypeError && /3des takes 24 octets, and these are (?:16|32|23)$/.test(error.message),
    )
  assert.throws(() => signed(own, { headers: { 'x-order': 'a' } }, { secret: 'not base64, not at all' }), /the secret does not decode as/)
  const key = (more) => ({ key: { chain: ['{secret}', '{header:x-order}'], ...more }, message: '{header:x-order}\n{body}' })
  assert.deepEqual(mistakes(key({ by: 'des' })), ['key.by: unknown word "des"; did you mean "3des"?'])
  assert.match(mistakes(key({ by: '3des', chain: ['{secret}'] }))[0], /key\.chain: has two texts where "by" is "3des"/)
  assert.match(mistakes(key({ by: 'aes-128', chain: ['{secret}', 'a', 'b'] }))[0], /key\.chain: has two texts where "by" is "aes-128"/)
})

test('a derived key whose secret does not decode is told at set-up too', () => {
  const own = acme({ key: { chain: ['{secret|fromHex}', '{header:x-order}'] }, message: '{header:x-order}\n{body}' })
  const request = { method: 'POST', url: '/orders', headers: { 'x-signature': 'a'.repeat(64) }, body: Buffer.from('{}') }
  assert.throws(
    () => verify(own, request, { secret: 'no hex at all, whatever it says' }),
    /the secret does not decode as \{secret\|fromHex\} says/,
  )
})

// RFC 6070 and RFC 5869, appendix A.1 and A.3, in hex
const STRETCHED = [
  ['password', 'pbkdf2:sha1/4096/20/salt', '4b007901b765489abead49d926f721d065a429c1'],
  [
    'passwordPASSWORDpassword',
    'pbkdf2:sha1/4096/25/saltSALTsaltSALTsaltSALTsaltSALTsalt',
    '3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038',
  ],
  ['0b'.repeat(22), 'fromHex|hkdf:sha256/42//', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'],
]

test('keys stretched by PBKDF2 and HKDF are those of the RFCs', () => {
  for (const [text, pipe, hex] of STRETCHED) {
    const own = acme({ key: `{secret|${pipe}}` })
    const sent = signed(own, {}, { secret: text, allowWeakSecret: true })
    assert.equal(sent.headers['x-signature'], createHmac('sha256', Buffer.from(hex, 'hex')).update('{"n":1}').digest('hex'), pipe)
    assert.equal(verdict(own, sent, { secret: text, allowWeakSecret: true }), true)
  }
})

test('what a pipe of these is given, and where it stands, is checked', () => {
  for (const pipe of [
    'pbkdf2',
    'pbkdf2:md4/1/20/s',
    'pbkdf2:sha1/0/20/s',
    'pbkdf2:sha1/100001/20/s',
    'pbkdf2:sha1/1/0/s',
    'pbkdf2:sha1/1/145/s',
    'pbkdf2:sha1/1x/20/s',
    'pbkdf2:sha1/x1/20/s',
    'pbkdf2:sha1/01/20/s',
    'pbkdf2:sha1/1/20 /s',
    'pbkdf2:sha1/1/20',
    'pbkdf2:sha1/1/20/a/b',
  ])
    assert.match(
      mistakes({ key: `{secret|${pipe}}` })[0],
      /pipe "pbkdf2" in .* needs its parameters, such as pbkdf2:sha256\/1000\/32\/salt/,
      pipe,
    )
  for (const pipe of ['hkdf', 'hkdf:sha256/32', 'hkdf:sha256/32/a', 'hkdf:x/32/a/b', 'hkdf:sha256/200/a/b', 'hkdf:sha256/32/a/b/c'])
    assert.match(
      mistakes({ key: `{secret|${pipe}}` })[0],
      /pipe "hkdf" in .* needs its parameters, such as hkdf:sha256\/32\/salt\/info/,
      pipe,
    )
  for (const message of ['{body|pbkdf2:sha1/100000/20/s|hex}', '{header:x|pbkdf2:sha1/1/20/s|hex}\n{body}'])
    assert.match(mistakes({ message })[0], /pipe "pbkdf2" in .* takes long, and so only what \{secret\} prints/)
  assert.deepEqual(mistakes({ key: '{secret|pbkdf2:sha1/1/20/a\\/b}' }), [], 'a slash of its own')
  for (const pipe of ['pbkdf2:sha1/100000/144/s', 'hkdf:sha256/144/a/b']) assert.deepEqual(mistakes({ key: `{secret|${pipe}}` }), [], pipe)
  assert.match(mistakes({ key: '{secret|pbkdf2:sha1/1/8/a|first:4}' })[0] ?? 'weak at set-up', /weak at set-up/)
})

test('PBKDF2 runs once for a secret, also where its key is derived from the request further', () => {
  const own = acme({ key: { chain: ['{secret|pbkdf2:sha512/1000/32/s}', '{header:x-order}'] }, message: '{header:x-order}\n{body}' })
  const first = pbkdf2Sync(secret, 's', 1000, 32, 'sha512')
  const before = calls.pbkdf2Sync
  for (let i = 0; i < 100; i += 1) {
    const sent = signed(own, { headers: { 'x-order': `o${i}` } })
    const key = createHmac('sha256', first).update(`o${i}`).digest()
    assert.equal(sent.headers['x-signature'], createHmac('sha256', key).update(`o${i}\n{"n":1}`).digest('hex'))
  }
  assert.equal(calls.pbkdf2Sync - before, 1)
})

test('HKDF of a hash is two steps of a chain, too', () => {
  const own = acme({ key: { chain: ['salt', '{secret}', 'info\u0001'] } })
  const key = Buffer.from(hkdfSync('sha256', secret, 'salt', 'info', 32))
  assert.equal(signed(own).headers['x-signature'], createHmac('sha256', key).update('{"n":1}').digest('hex'))
})

test('each derived key of a chain is written as its word says', () => {
  const own = (encoding) => acme({ key: { chain: ['salt', '{secret}', 'info\u0001'], encoding } })
  const key = Buffer.from(hkdfSync('sha256', secret, 'salt', 'info', 32))
  for (const [encoding, written] of [
    [['octets', 'octets'], key],
    [['octets', 'hex'], key.toString('hex')],
    [['octets', 'base64url'], key.toString('base64url')],
    ['octets', key],
  ])
    assert.equal(signed(own(encoding)).headers['x-signature'], createHmac('sha256', written).update('{"n":1}').digest('hex'), `${encoding}`)
  const first = createHmac('sha256', 'salt').update(secret).digest('base64')
  const second = createHmac('sha256', first).update('info\u0001').digest()
  const sent = signed(own(['base64', 'octets'])).headers['x-signature']
  assert.equal(sent, createHmac('sha256', second).update('{"n":1}').digest('hex'))
  const chain = ['{secret}', '{header:x-order}']
  const key2 = (encoding) => ({ key: { chain, encoding }, message: '{header:x-order}\n{body}' })
  assert.deepEqual(mistakes(key2(['octets', 'hex'])), [
    'key.encoding: has 2 words, and the chain derives 1: one for each text behind the first',
  ])
  assert.deepEqual(mistakes(key2(['hexa'])), ['key.encoding: unknown word "hexa"; did you mean "hex"?'])
  assert.deepEqual(mistakes(key2('binary')), ['key.encoding: unknown word "binary"; known are octets, hex, base64, base64url'])
  assert.match(mistakes(key2([]))[0], /key\.encoding: must be a text that is not empty, or a list of them/)
})

// RFC 4648 section 10
const BASE32 = [
  ['f', 'MY======'],
  ['fo', 'MZXQ===='],
  ['foo', 'MZXW6==='],
  ['foob', 'MZXW6YQ='],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI======'],
]

test('base32 is read and written as RFC 4648 says, and in no other spelling', () => {
  const own = acme({ key: '{secret|fromBase32}', message: '{body|base32}' })
  for (const [text, base32] of BASE32) {
    for (const spelt of [base32, base32.replaceAll('=', '')]) {
      const sent = signed(own, { body: text }, { secret: spelt, allowWeakSecret: true })
      assert.equal(sent.headers['x-signature'], createHmac('sha256', text).update(base32).digest('hex'), spelt)
    }
  }
  for (const bad of ['MZ======', 'my======', 'MY=====', 'M', 'MY======M', '=', 'MY1', '========', 'MZXW6YTB========', 'MZX W6===']) {
    assert.throws(() => signed(own, { body: 'a' }, { secret: bad, allowWeakSecret: true }), TypeError, bad)
  }
  const mac = acme({ signature: { header: 'x-signature', encoding: 'base32' } })
  const sent = signed(mac)
  assert.match(sent.headers['x-signature'], /^[A-Z2-7]{52}={4}$/)
  assert.equal(verdict(mac, sent), true)
  assert.equal(
    verdict(mac, { ...sent, headers: { ...sent.headers, 'x-signature': sent.headers['x-signature'].replaceAll('=', '') } }),
    'ERR_HMAC_MALFORMED',
  )
})
