/** RFC 9421 beside http-message-signatures, in both directions; where the two differ, the test says why. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { rfc9421, sign, verify } from '@countersign/schemes'
import { createSigner, createVerifier, httpbis } from 'http-message-signatures'

const secret = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=='
const key = Buffer.from(secret, 'base64')
const NOW = 1_768_478_400
const setUp = { secret, now: () => NOW * 1000 }
const BODY = '{"hello":"caf\u00e9"}'
const DIGEST = `sha-256=:${createHash('sha256').update(BODY).digest('base64')}:`

function message({ method = 'POST', url = 'https://example.com/foo?a=1&b=two', headers = {} } = {}) {
  return { method, url, headers: { host: 'example.com', 'content-digest': DIGEST, ...headers } }
}

/** Theirs signs: the components in its spelling, where parameters stand without quotes around the name. */
function signTheirs(of, fields, { params = ['created', 'keyid', 'alg'], values = {}, name } = {}) {
  return httpbis.signMessage(
    {
      key: createSigner(key, 'hmac-sha256', 'key-1'),
      fields,
      params,
      name,
      paramValues: { created: new Date(NOW * 1000), ...values },
    },
    of,
  )
}

const verifyTheirs = (of) =>
  httpbis.verifyMessage(
    { keyLookup: async () => ({ id: 'key-1', algs: ['hmac-sha256'], verify: createVerifier(key, 'hmac-sha256') }), tolerance: 1e9 },
    of,
  )

const ours = (of, options = {}) => verify(rfc9421, { ...of, body: Buffer.from(BODY) }, { ...setUp, ...options })
const FLOOR = ['@method', '@target-uri', 'content-digest']

const FIELDS = {
  'the floor alone': FLOOR,
  'all derived components': [...FLOOR, '@authority', '@scheme', '@request-target', '@path', '@query'],
  'a query parameter': [...FLOOR, '@query-param;name="b"'],
  'a field': [...FLOOR, 'content-type'],
  'a dictionary, strictly and by member': [...FLOOR, 'priority;sf', 'priority;key="u"'],
  'a field as octets': [...FLOOR, 'content-type;bs'],
}
const HEADERS = { 'content-type': 'application/json', priority: 'u=1,   i' }

for (const [name, fields] of Object.entries(FIELDS)) {
  test(`${name}: ours accepts what theirs signs`, async () => {
    const result = ours(await signTheirs(message({ headers: HEADERS }), fields))
    assert.equal(result.ok, true, result.reason)
  })

  test(`${name}: theirs accepts what ours signs`, async () => {
    const plain = fields.filter((field) => !FLOOR.includes(field)).map((field) => field.replace(/^([^;]+);/, '"$1";'))
    const of = message({ headers: HEADERS })
    const signed = sign(rfc9421, { ...of, body: Buffer.from(BODY) }, { ...setUp, keyId: 'key-1', sign: plain })
    assert.equal(await verifyTheirs({ ...of, headers: { ...of.headers, ...signed.headers } }), true)
  })

  test(`${name}: both sign alike`, async () => {
    const of = message({ headers: HEADERS })
    const theirs = await signTheirs(of, fields, {
      name: 'sig1',
      params: ['created', 'expires', 'nonce', 'keyid', 'alg', 'tag'],
      values: { nonce: 'n', tag: 't', expires: new Date((NOW + 60) * 1000) },
    })
    const plain = fields.filter((field) => !FLOOR.includes(field)).map((field) => field.replace(/^([^;]+);/, '"$1";'))
    const params = { tag: 't', expiresSeconds: '60' }
    const signed = sign(
      rfc9421,
      { ...of, body: Buffer.from(BODY) },
      { ...setUp, keyId: 'key-1', nonce: 'n', params, sign: FLOOR.length === fields.length ? [] : plain },
    )
    assert.equal(signed.headers['signature-input'], theirs.headers['Signature-Input'])
    assert.equal(signed.headers.signature, theirs.headers.Signature)
  })
}

test('theirs adds a signature beside ours, and each side finds its own', async () => {
  const of = message()
  const first = sign(rfc9421, { ...of, body: Buffer.from(BODY) }, { ...setUp, keyId: 'key-1', params: { label: 'client' } })
  const both = await signTheirs({ ...of, headers: { ...of.headers, ...first.headers } }, [...FLOOR, 'signature;key="client"'], {
    name: 'proxy',
  })
  const result = ours(both)
  assert.equal(result.ok, true, result.reason)
  assert.equal(result.messages.length, 2)
})

describe('where theirs is not the RFC', () => {
  test('Content-Digest: theirs accepts a body that is another', async () => {
    const of = await signTheirs(message(), FLOOR)
    assert.equal(await verifyTheirs(of), true)
    assert.equal(verify(rfc9421, { ...of, body: Buffer.from('other') }, setUp).code, 'ERR_HMAC_DIGEST')
  })
  test("section 2.2.8: theirs leaves !'()~ of a query parameter as they are, and encodes *", async () => {
    const of = message({ url: "https://example.com/foo?a=1&b=it's(~)" })
    assert.equal(ours(await signTheirs(of, [...FLOOR, '@query-param;name="b"'])).code, 'ERR_HMAC_MISMATCH')
    assert.equal(ours(await signTheirs(of, FLOOR)).ok, true)
  })
  test('section 2.2.8: theirs signs a query parameter that stands several times', async () => {
    const of = message({ url: 'https://example.com/foo?a=1&b=2&b=3' })
    assert.equal(ours(await signTheirs(of, [...FLOOR, '@query-param;name="b"'])).code, 'ERR_HMAC_DUPLICATED')
  })
  test('section 2: theirs lets a component stand twice', async () => {
    assert.equal(ours(await signTheirs(message(), [...FLOOR, '@method'])).code, 'ERR_HMAC_DUPLICATED')
  })
  test('section 2.5: theirs takes any field for a structured one', async () => {
    assert.equal(ours(await signTheirs(message({ headers: { 'x-own': 'a=1' } }), [...FLOOR, 'x-own;sf'])).code, 'ERR_HMAC_MALFORMED')
  })
})
