import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  apisixHmacAuth,
  draftCavage,
  draftCavageCreated,
  draftCavageSignatureDate,
  draftCavageSignatureHeader,
  kongHmacAuth,
  sign,
  tykHmac,
  verify,
} from '@countersign/schemes'
import fc from 'fast-check'

const secret = 'a-secret-of-the-tests-0123456789'
const NOW = 1_768_478_400
const DATE = 'Thu, 15 Jan 2026 12:00:00 GMT'
const BODY = '{"a":1}'
const DIGEST = `SHA-256=${createHash('sha256').update(BODY).digest('base64')}`

function verdict(scheme, request, options = {}) {
  const result = verify(scheme, request, { secret, now: () => NOW * 1000, ...options })
  return result.ok ? true : result.code
}

const mac = (lines, hash = 'sha256') => createHmac(hash, secret).update(lines.join('\n')).digest('base64')

/** A request whose Authorization holds the HMAC of lines that stand in the test. */
function asked(
  lines,
  { listed, algorithm = 'hmac-sha256', hash, headers = {}, body = BODY, url = '/foo?a=1', extra = '', method = 'POST' } = {},
) {
  const names = listed ?? lines.map((line) => line.slice(0, line.indexOf(':'))).join(' ')
  const value = `Signature keyId="key-a",algorithm="${algorithm}",headers="${names}",${extra}signature="${mac(lines, hash)}"`
  return {
    method,
    url,
    headers: { host: 'example.com', date: DATE, digest: DIGEST, ...headers, authorization: value },
    body: Buffer.from(body),
  }
}

const LINES = ['(request-target): post /foo?a=1', `date: ${DATE}`, `digest: ${DIGEST}`]

describe('draft-cavage in Authorization', () => {
  const got = (lines, given, options) => verdict(draftCavage, asked(lines, given), options)

  test('target, date and digest', () => assert.equal(got(LINES), true))
  for (const [i, line] of LINES.entries()) {
    test(`without ${line.split(': ')[0]}`, () => assert.equal(got(LINES.filter((_, at) => at !== i)), 'ERR_HMAC_UNCOVERED'))
  }
  test('one octet of anything', () => {
    const request = asked(LINES)
    assert.equal(verdict(draftCavage, { ...request, url: '/foo?a=2' }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict(draftCavage, { ...request, method: 'PUT' }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict(draftCavage, { ...request, body: Buffer.from(`${BODY} `) }), 'ERR_HMAC_DIGEST')
    assert.equal(verdict(draftCavage, request, { secret: `${secret}x` }), 'ERR_HMAC_MISMATCH')
  })
  test("the order and the case of the list are the sender's", () => {
    assert.equal(got([LINES[2], LINES[0], LINES[1]], { listed: 'Digest (request-target) DATE' }), true)
  })
  test('a field that stands twice is joined; one that stands once is not', () => {
    const twice = asked([...LINES, 'x-tag: a, b'], { headers: { 'x-tag': ['a', 'b'] } })
    assert.equal(verdict(draftCavage, twice), true)
    const dates = asked(LINES, { headers: { date: [DATE, DATE] } })
    assert.equal(verdict(draftCavage, dates), 'ERR_HMAC_DUPLICATED')
  })
  test('an empty value is an empty line', () => assert.equal(got([...LINES, 'x-empty: '], { headers: { 'x-empty': '' } }), true))
  test('listed and absent, twice, or no name', () => {
    assert.equal(got([...LINES, 'x-absent: ']), 'ERR_HMAC_INCOMPLETE')
    assert.equal(got([...LINES, LINES[1]]), 'ERR_HMAC_DUPLICATED')
    assert.equal(got([...LINES, '(created): 1']), 'ERR_HMAC_MALFORMED')
    assert.equal(got([...LINES, '(Request-Target): post /foo?a=1']), 'ERR_HMAC_DUPLICATED')
  })
  test('no list at all means date, which is not enough', () => {
    const request = asked(LINES)
    const authorization = `Signature keyId="key-a",algorithm="hmac-sha256",signature="${mac([LINES[1]])}"`
    const bare = { ...request, headers: { ...request.headers, authorization } }
    assert.equal(verdict(draftCavage, bare), 'ERR_HMAC_UNCOVERED')
    assert.equal(verdict(draftCavage, bare, { mustInclude: ['date'], allowUnboundBody: true }), true)
    assert.throws(() => verdict(draftCavage, bare, { mustInclude: ['date'] }), { code: 'ERR_INVALID_ARG_VALUE' })
  })
  test('a digest that need not be there binds no body', () => {
    const mustInclude = ['(request-target)', 'date', 'digest?']
    assert.throws(() => got(LINES, {}, { mustInclude }), { message: /does not sign the body/ })
    assert.equal(got(LINES, {}, { mustInclude, allowUnboundBody: true }), true)
    assert.equal(got(LINES.slice(0, 2), {}, { mustInclude, allowUnboundBody: true }), 'ERR_HMAC_UNCOVERED', 'it is there, and not signed')
  })
  test('an algorithm that the scheme does not list', () => {
    for (const algorithm of ['rsa-sha256', 'hmac-md5', 'hmac-sha1', 'constructor'])
      assert.equal(got(LINES, { algorithm }), 'ERR_HMAC_ALGORITHM')
    assert.equal(got(LINES, { algorithm: 'hmac-sha512', hash: 'sha512' }), true)
    assert.equal(got(LINES, { algorithm: 'hmac-sha512', hash: 'sha256' }), 'ERR_HMAC_MISMATCH')
  })
  test('hs2019 is what the set-up says', () => {
    assert.equal(got(LINES, { algorithm: 'hs2019', hash: 'sha512' }), true)
    assert.equal(got(LINES, { algorithm: 'hs2019', hash: 'sha256' }), 'ERR_HMAC_MISMATCH')
    assert.equal(got(LINES, { algorithm: 'hs2019', hash: 'sha256' }, { params: { hs2019: 'sha256' } }), true)
    assert.throws(() => got(LINES, {}, { params: { hs2019: 'sha257' } }), {
      message: /algorithm\.hs2019: "sha257" is no hash; did you mean "sha256"/,
    })
  })
  test('Digest: another hash, several, and none that is known', () => {
    const sha512 = `SHA-512=${createHash('sha512').update(BODY).digest('base64')}`
    const of = (digest) => got([...LINES.slice(0, 2), `digest: ${digest}`], { headers: { digest } })
    assert.equal(of(sha512), true)
    assert.equal(of(`${sha512},MD5=AAAA, ${DIGEST}`), true)
    assert.equal(of(DIGEST.replace('SHA', 'sha')), true)
    assert.equal(of(`${DIGEST},${sha512}x`), 'ERR_HMAC_DIGEST')
    assert.equal(of('MD5=AAAA'), 'ERR_HMAC_DIGEST')
    assert.equal(of(''), 'ERR_HMAC_MALFORMED')
  })
  test('no digest is asked of a request without body', () => {
    const request = asked(['(request-target): get /foo?a=1', LINES[1]], { method: 'GET', body: '' })
    const { digest: _left, ...headers } = request.headers
    assert.equal(verdict(draftCavage, { ...request, headers }), true)
  })
  for (const authorization of [
    'Signature',
    'Signature x',
    'Signature keyId="a',
    'Signature keyId="a",signature="b"',
    `Signature keyId="a",keyId="b",signature="${mac(LINES)}"`,
  ]) {
    test(`malformed: ${authorization.slice(0, 40)}`, () => {
      const request = asked(LINES)
      const code = verdict(draftCavage, { ...request, headers: { ...request.headers, authorization } })
      assert.match(String(code), /^ERR_HMAC_(?:MALFORMED|UNCOVERED|MISMATCH|MISSING)$/)
    })
  }
  test('another auth-scheme is no credential of this one', () => {
    assert.equal(verdict(draftCavage, { ...asked(LINES), headers: { authorization: 'Bearer x' } }), 'ERR_HMAC_MISSING')
  })
})

describe('draft-cavage in the Signature field', () => {
  const lines = ['(request-target): post /foo?a=1', `(created): ${NOW}`, `(expires): ${NOW + 60}`, `digest: ${DIGEST}`]
  function got(given, { created = `created=${NOW}`, expires = `expires=${NOW + 60}`, ...options } = {}) {
    const names = given.map((line) => line.slice(0, line.indexOf(':'))).join(' ')
    const signature = ['keyId="k"', created, expires, `headers="${names}"`, `signature="${mac(given)}"`].filter(Boolean).join(',')
    const headers = { host: 'example.com', digest: DIGEST, signature }
    return verdict(draftCavageSignatureHeader, { method: 'POST', url: '/foo?a=1', headers, body: Buffer.from(BODY) }, options)
  }
  test('created and expires', () => assert.equal(got(lines), true))
  test('a deadline that is there has to be on the list; one that is not need not', () => {
    const without = lines.filter((line) => !line.startsWith('(expires)'))
    assert.equal(got(without), 'ERR_HMAC_UNCOVERED')
    assert.equal(got(without, { expires: '' }), true)
    assert.equal(got(lines, { expires: '' }), 'ERR_HMAC_INCOMPLETE')
  })
  test('created is needed, and has to be on the list', () => {
    assert.equal(got(lines, { created: '' }), 'ERR_HMAC_MALFORMED')
    assert.equal(got(lines.filter((line) => !line.startsWith('(created)'))), 'ERR_HMAC_UNCOVERED')
  })
  test('P12: fresh, not expired', () => {
    assert.equal(got(lines, { now: () => (NOW + 60) * 1000 }), true)
    assert.equal(got(lines, { now: () => (NOW + 61) * 1000 }), 'ERR_HMAC_STALE')
    assert.equal(got(lines, { now: () => (NOW - 301) * 1000 }), 'ERR_HMAC_FUTURE')
  })
  test('a life in seconds is a param of the set-up, for both sides', () => {
    const request = { method: 'POST', url: '/foo', headers: { host: 'example.com' }, body: Buffer.from(BODY) }
    const options = { secret, now: () => NOW * 1000, keyId: 'k', params: { expiresSeconds: '30' } }
    const signed = sign(draftCavageSignatureHeader, request, options)
    assert.match(
      signed.headers.signature,
      new RegExp(`created=${NOW},expires=${NOW + 30},headers="\\(request-target\\) \\(created\\) \\(expires\\) host digest"`),
    )
    const sent = { ...request, headers: { ...request.headers, ...signed.headers } }
    assert.equal(verdict(draftCavageSignatureHeader, sent, { params: { expiresSeconds: '30' } }), true)
    const open = sign(draftCavageSignatureHeader, request, { ...options, params: {} })
    assert.doesNotMatch(open.headers.signature, /expires/)
    const openSent = { ...request, headers: { ...request.headers, ...open.headers } }
    assert.equal(verdict(draftCavageSignatureHeader, openSent), true)
    assert.equal(verdict(draftCavageSignatureHeader, openSent, { params: { expiresSeconds: '30' } }), 'ERR_HMAC_INCOMPLETE')
    assert.throws(() => sign(draftCavageSignatureHeader, request, { ...options, params: { expiresSeconds: 'soon' } }), {
      message: /life in seconds/,
    })
  })
})

describe('both fields carry either time', () => {
  const lines = {
    [draftCavageCreated.name]: [
      draftCavageCreated,
      ['(request-target): post /foo?a=1', `(created): ${NOW}`, `digest: ${DIGEST}`],
      `created=${NOW},`,
    ],
    [draftCavageSignatureDate.name]: [draftCavageSignatureDate, LINES, ''],
  }
  for (const [name, [scheme, given, created]] of Object.entries(lines)) {
    const request = asked(given, { extra: created })
    const { authorization, ...headers } = request.headers
    const inSignature = { ...request, headers: { ...headers, signature: authorization.slice('Signature '.length) } }
    const [right, wrong] = scheme === draftCavageCreated ? [request, inSignature] : [inSignature, request]

    test(`${name}: what its sender signs holds, in its own field alone`, () => {
      assert.equal(verdict(scheme, right), true)
      assert.equal(verdict(scheme, { ...right, method: 'PUT' }), 'ERR_HMAC_MISMATCH')
      assert.equal(verdict(scheme, wrong), 'ERR_HMAC_MISSING')
    })
    test(`${name}: what is signed verifies`, () => {
      const plain = { method: 'POST', url: '/foo?a=1', headers: { host: 'example.com' }, body: Buffer.from(BODY) }
      const signed = sign(scheme, plain, { secret, now: () => NOW * 1000, keyId: 'k' })
      assert.equal(verdict(scheme, { ...plain, headers: { ...plain.headers, ...signed.headers } }), true)
    })
  }
})

describe('its kin', () => {
  const request = { method: 'POST', url: '/foo?a=1', headers: { host: 'example.com' }, body: Buffer.from(BODY) }
  const expected = {
    [kongHmacAuth.name]: [kongHmacAuth, [`date: ${DATE}`, 'POST /foo?a=1 HTTP/1.1', `digest: ${DIGEST}`].join('\n')],
    [apisixHmacAuth.name]: [apisixHmacAuth, ['key-a', 'POST /foo?a=1', `date: ${DATE}`, `digest: ${DIGEST}`, ''].join('\n')],
    [tykHmac.name]: [tykHmac, ['(request-target): post /foo?a=1', 'host: example.com', `date: ${DATE}`, `digest: ${DIGEST}`].join('\n')],
  }
  for (const [name, [scheme, message]] of Object.entries(expected)) {
    test(`${name}: what is signed is what the vendor's page says, and verifies`, () => {
      const signed = sign(scheme, request, { secret, now: () => NOW * 1000, keyId: 'key-a' })
      assert.equal(signed.message.toString(), message)
      const sent = { ...request, headers: { ...request.headers, ...signed.headers } }
      assert.equal(verdict(scheme, sent), true)
      assert.equal(verdict(scheme, { ...sent, body: Buffer.from('other') }), 'ERR_HMAC_DIGEST')
      assert.equal(verdict(scheme, { ...sent, url: '/foo?a=2' }), 'ERR_HMAC_MISMATCH')
    })
  }
  test('Tyk writes the signature percent-encoded', () => {
    const signed = sign(tykHmac, request, { secret, now: () => NOW * 1000, keyId: 'key-a' })
    assert.match(signed.headers.authorization, /signature="[A-Za-z0-9%]+%3D"$/)
  })
})

test('any headers: what is signed verifies, and no change of a value does', () => {
  const name = fc.stringMatching(/^x-[a-z]{1,6}$/)
  const value = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/)
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 }), (pairs) => {
      const request = { method: 'POST', url: '/p', headers: { host: 'h', ...Object.fromEntries(pairs) }, body: Buffer.from(BODY) }
      const signed = sign(draftCavage, request, { secret, now: () => NOW * 1000, keyId: 'k', sign: pairs.map(([key]) => key) })
      const sent = { ...request, headers: { ...request.headers, ...signed.headers } }
      assert.equal(verdict(draftCavage, sent), true)
      for (const [key, old] of pairs) {
        assert.equal(verdict(draftCavage, { ...sent, headers: { ...sent.headers, [key]: `${old}!` } }), 'ERR_HMAC_MISMATCH')
      }
    }),
    { numRuns: 80, seed: 12 },
  )
})
