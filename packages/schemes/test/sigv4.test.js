import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  awsSigv4,
  awsSigv4S3,
  checkSignature,
  compileScheme,
  gcsGoog4Hmac,
  keyIdsOf,
  readBody,
  readHead,
  sign,
  verify,
  volcengineV4,
} from '@countersign/schemes'
import fc from 'fast-check'

const suite = JSON.parse(readFileSync(join(import.meta.dirname, '../../../test/vectors/sigv4.json'), 'utf8'))
const { secret, keyId, region, service } = suite
const SCOPE = `${keyId}/20150830/${region}/${service}/aws4_request`
const setUp = { secret, now: () => suite.now * 1000, params: { region, service } }

const authorization = (signedHeaders, signature, scope = SCOPE) =>
  `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`

function asInput({ request: { method, target, headers, body } }, more = []) {
  return { method, url: target, headers: [...headers, ...more], body: Buffer.from(body) }
}

function verdict(request, options = {}, scheme = awsSigv4) {
  const result = verify(scheme, request, { ...setUp, ...options })
  return result.ok ? true : result.code
}

describe('the published suite', () => {
  for (const vector of suite.cases) {
    const signed = asInput(vector, ['authorization', authorization(vector.signedHeaders, vector.signature)])

    test(`${vector.id}: signing`, () => {
      const out = sign(awsSigv4, asInput(vector), { ...setUp, keyId, sign: vector.signedHeaders.split(';') })
      assert.equal(out.headers.authorization, authorization(vector.signedHeaders, vector.signature))
    })

    if (vector.normal === false) {
      // The signature is that of the normal path: whoever sees it could send it to any path that comes down to the same.
      test(`${vector.id}: a path that is not normal is refused`, () => assert.equal(verdict(signed), 'ERR_HMAC_MALFORMED'))
      continue
    }
    test(`${vector.id}: verifying`, () => assert.equal(verdict(signed), true))
    test(`${vector.id}: one octet changed`, () => {
      const { method, url, headers, body } = signed
      assert.equal(verdict({ ...signed, method: method === 'GET' ? 'POST' : 'GET' }), 'ERR_HMAC_MISMATCH')
      assert.equal(verdict({ ...signed, url: `${url}x` }), 'ERR_HMAC_MISMATCH')
      assert.equal(verdict({ ...signed, body: Buffer.concat([body, Buffer.from('x')]) }), 'ERR_HMAC_MISMATCH')
      const host = headers.map((value) => (value === 'example.amazonaws.com' ? 'example.amazonaws.org' : value))
      assert.equal(verdict({ ...signed, headers: host }), 'ERR_HMAC_MISMATCH')
      assert.equal(verdict(signed, { secret: `${secret}x` }), 'ERR_HMAC_MISMATCH')
    })
  }
})

/** The canonical request and the key chain as AWS's page spells them, made here. */
function signature({
  method = 'GET',
  path = '/',
  query = '',
  lines,
  signed,
  payload = '',
  date = '20150830T123600Z',
  scope = SCOPE,
  prefix = 'AWS4',
}) {
  const [, day, ...rest] = scope.split('/')
  const canonical = [method, path, query, ...lines, '', signed, payload.length === 64 ? payload : sha256(payload)].join('\n')
  const word = prefix === 'AWS4' ? 'AWS4-HMAC-SHA256' : 'HMAC-SHA256'
  const text = [word, date, [day, ...rest].join('/'), sha256(canonical)].join('\n')
  const key = [day, ...rest].reduce((before, part) => createHmac('sha256', before).update(part).digest(), `${prefix}${secret}`)
  return createHmac('sha256', key).update(text).digest('hex')
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex')
}

const DATE = ['host', 'example.amazonaws.com', 'x-amz-date', '20150830T123600Z']
const LINES = ['host:example.amazonaws.com', 'x-amz-date:20150830T123600Z']

function got({ headers = DATE, url = '/', body = '', method = 'GET' }, parts, scope = SCOPE) {
  const value = authorization(parts.signed, signature({ method, ...parts, payload: parts.payload ?? body, scope }), scope)
  return { method, url, headers: [...headers, 'authorization', value], body: Buffer.from(body) }
}

describe('canonical requests', () => {
  test('the path is encoded a second time', () => {
    assert.equal(verdict(got({ url: '/a%20b/x' }, { path: '/a%2520b/x', lines: LINES, signed: 'host;x-amz-date' })), true)
  })
  test('pairs are sorted by name, then value; names that stand several times stay', () => {
    const query = 'a=&a=1&a=2&b=%20&c='
    assert.equal(verdict(got({ url: '/?b=+&a=2&c&a=1&a=' }, { query, lines: LINES, signed: 'host;x-amz-date' })), true)
  })
  test('values are trimmed and runs of blanks made one', () => {
    const headers = [...DATE, 'x-amz-meta', ' a   b\t c ']
    const lines = [...LINES, 'x-amz-meta:a b c']
    assert.equal(verdict(got({ headers }, { lines, signed: 'host;x-amz-date;x-amz-meta' })), true)
  })
  test('an encoded pair that is no UTF-8 is refused', () => {
    assert.equal(verdict(got({ url: '/?a=%ff' }, { query: 'a=%FF', lines: LINES, signed: 'host;x-amz-date' })), 'ERR_HMAC_MALFORMED')
  })
  test('of fields that stand once only one is taken', () => {
    const headers = [...DATE, 'content-type', 'a', 'content-type', 'b']
    const lines = ['content-type:a,b', ...LINES]
    assert.equal(verdict(got({ headers }, { lines, signed: 'content-type;host;x-amz-date' })), 'ERR_HMAC_DUPLICATED')
  })
})

describe('what has to be signed', () => {
  test('host and date', () => {
    assert.equal(verdict(got({}, { lines: LINES.slice(1), signed: 'x-amz-date' })), 'ERR_HMAC_UNCOVERED')
    assert.equal(verdict(got({}, { lines: LINES.slice(0, 1), signed: 'host' })), 'ERR_HMAC_UNCOVERED')
  })
  test('every X-Amz field of the request', () => {
    const headers = [...DATE, 'X-Amz-Security-Token', 'stolen']
    assert.equal(verdict(got({ headers }, { lines: LINES, signed: 'host;x-amz-date' })), 'ERR_HMAC_UNCOVERED')
  })
  test('a listed field that is not there, twice on the list, or none', () => {
    assert.equal(verdict(got({}, { lines: LINES, signed: 'host;x-absent;x-amz-date' })), 'ERR_HMAC_INCOMPLETE')
    assert.equal(verdict(got({}, { lines: LINES, signed: 'host;host;x-amz-date' })), 'ERR_HMAC_DUPLICATED')
    assert.equal(verdict(got({}, { lines: LINES, signed: 'ho st;host;x-amz-date' })), 'ERR_HMAC_MALFORMED')
  })
})

describe('the credential scope', () => {
  const of = (scope) => verdict(got({}, { lines: LINES, signed: 'host;x-amz-date' }, scope))
  test('another region, service or end', () => {
    assert.equal(of(`${keyId}/20150830/eu-west-1/${service}/aws4_request`), 'ERR_HMAC_DIGEST')
    assert.equal(of(`${keyId}/20150830/${region}/other/aws4_request`), 'ERR_HMAC_DIGEST')
    assert.equal(of(`${keyId}/20150830/${region}/${service}/aws5_request`), 'ERR_HMAC_MALFORMED')
    assert.equal(of(`${keyId}/20150830/${region}/${service}/x/aws4_request`), 'ERR_HMAC_DIGEST')
    assert.equal(of(`${keyId}/20150830/${region}/aws4_request`), 'ERR_HMAC_MALFORMED')
  })
  test('the day of another request: a derived key serves its own day only', () => {
    assert.equal(of(`${keyId}/20150829/${region}/${service}/aws4_request`), 'ERR_HMAC_DIGEST')
  })
  test('a set-up without region or service is told so', () => {
    assert.throws(() => verdict(got({}, { lines: LINES, signed: 'host' }), { params: {} }), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: /params\.region.*\n.*params\.service/,
    })
  })
  test('P12: the date is fresh within 15 minutes', () => {
    const request = got({}, { lines: LINES, signed: 'host;x-amz-date' })
    assert.equal(verdict(request, { now: () => (suite.now + 900) * 1000 }), true)
    assert.equal(verdict(request, { now: () => (suite.now + 901) * 1000 }), 'ERR_HMAC_STALE')
    assert.equal(verdict(request, { now: () => (suite.now - 901) * 1000 }), 'ERR_HMAC_FUTURE')
  })
  test('the derived key of one day is not that of another', () => {
    const scheme = compileScheme(awsSigv4, { params: { region, service } })
    const secrets = [{ material: secret }]
    const parts = { lines: LINES, signed: 'host;x-amz-date' }
    const today = got({}, parts)
    const tomorrow = {
      ...today,
      headers: ['host', 'example.amazonaws.com', 'x-amz-date', '20150831T123600Z'],
    }
    const next = SCOPE.replace('20150830', '20150831')
    const mac = signature({ lines: [LINES[0], 'x-amz-date:20150831T123600Z'], signed: parts.signed, date: '20150831T123600Z', scope: next })
    tomorrow.headers.push('authorization', authorization(parts.signed, mac, next))
    for (const [request, day] of [
      [today, 0],
      [today, 0],
      [tomorrow, 1],
      [tomorrow, 1],
      [today, 0],
    ]) {
      const now = (suite.now + day * 86_400) * 1000
      const reading = readHead(scheme, { method: 'GET', target: '/', rawHeaders: request.headers, secure: true }, now)
      readBody(scheme, reading, new Uint8Array(0), now)
      const offers = keyIdsOf(scheme, reading).map((id) => ({ keyId: id, secrets }))
      assert.equal(checkSignature(scheme, reading, offers, { now }).ok, true)
    }
  })
  test('many scopes do not make the derived keys of an honest sender go wrong', () => {
    for (let i = 0; i < 100; i += 1) {
      const forged = got({}, { lines: LINES, signed: 'host;x-amz-date' }, SCOPE).headers.map((v) =>
        v.replace(/[0-9a-f]{64}$/, '0'.repeat(64)),
      )
      assert.equal(verdict({ method: 'GET', url: '/', headers: forged }), 'ERR_HMAC_MISMATCH')
    }
    assert.equal(verdict(got({}, { lines: LINES, signed: 'host;x-amz-date' })), true)
  })
})

describe('S3', () => {
  const params = { region: 'us-east-1' }
  const scope = `${keyId}/20150830/us-east-1/s3/aws4_request`
  const put = (hash, payload, body = 'content', url = '/a%20b//../c') =>
    got(
      { method: 'PUT', url, body, headers: [...DATE.slice(0, 2), 'x-amz-content-sha256', hash, ...DATE.slice(2)] },
      { path: url, lines: [LINES[0], `x-amz-content-sha256:${hash}`, LINES[1]], signed: 'host;x-amz-content-sha256;x-amz-date', payload },
      scope,
    )
  const s3 = (request, options) => verdict(request, { params, ...options }, awsSigv4S3)

  test('the path counts as sent', () => assert.equal(s3(put(sha256('content'), sha256('content'))), true))
  test('the hash has to be that of the body', () => {
    assert.equal(s3(put(sha256('other'), sha256('other'))), 'ERR_HMAC_DIGEST')
    assert.equal(s3(put(sha256('content'), sha256('content'), 'changed')), 'ERR_HMAC_DIGEST')
  })
  test('UNSIGNED-PAYLOAD holds only with allowUnboundBody', () => {
    const unsigned = unsignedPut()
    assert.equal(s3(unsigned), 'ERR_HMAC_MALFORMED')
    assert.equal(s3(unsigned, { allowUnboundBody: true }), true)
    const request = { method: 'PUT', url: '/a', headers: { host: 'example.amazonaws.com' }, body: Buffer.from('x') }
    const asked = { ...setUp, params, keyId, fields: { payload: 'UNSIGNED-PAYLOAD' } }
    assert.equal(sign(awsSigv4S3, request, { ...asked, allowUnboundBody: true }).headers['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD')
    assert.throws(() => sign(awsSigv4S3, request, asked), { code: 'ERR_INVALID_ARG_VALUE' })
  })
  test('bodies in signed chunks are refused', () => {
    assert.equal(s3(unsignedPut('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'), { allowUnboundBody: true }), 'ERR_HMAC_DIGEST')
  })

  function unsignedPut(word = 'UNSIGNED-PAYLOAD') {
    const lines = [LINES[0], `x-amz-content-sha256:${word}`, LINES[1]]
    const signedHeaders = 'host;x-amz-content-sha256;x-amz-date'
    const canonical = ['PUT', '/a', '', ...lines, '', signedHeaders, word].join('\n')
    const text = ['AWS4-HMAC-SHA256', '20150830T123600Z', '20150830/us-east-1/s3/aws4_request', sha256(canonical)].join('\n')
    const key = ['20150830', 'us-east-1', 's3', 'aws4_request'].reduce(
      (k, part) => createHmac('sha256', k).update(part).digest(),
      `AWS4${secret}`,
    )
    const value = authorization(signedHeaders, createHmac('sha256', key).update(text).digest('hex'), scope)
    const headers = [...DATE.slice(0, 2), 'x-amz-content-sha256', word, ...DATE.slice(2), 'authorization', value]
    return { method: 'PUT', url: '/a', headers, body: Buffer.from('x') }
  }
})

describe('its kin differ by data alone', () => {
  for (const [scheme, params] of [
    [gcsGoog4Hmac, { region: 'auto' }],
    [volcengineV4, { region: 'cn-north-1', service: 'iam' }],
    [awsSigv4S3, { region: 'us-east-1' }],
  ]) {
    test(`${scheme.name}: what is signed verifies, and under the others' names it does not`, () => {
      const request = { method: 'POST', url: 'https://example.com/a/b?c=d', headers: { host: 'example.com' }, body: Buffer.from('body') }
      const signed = sign(scheme, request, { ...setUp, params, keyId })
      const sent = { ...request, headers: { ...request.headers, ...signed.headers } }
      assert.equal(verdict(sent, { params }, scheme), true)
      assert.equal(verdict({ ...sent, body: Buffer.from('other') }, { params }, scheme), 'ERR_HMAC_DIGEST')
      assert.notEqual(verdict(sent), true)
    })
  }
})

test('any path, query and header: what is signed verifies, and no other request does', () => {
  const text = fc.string({ minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 4 }), text, fc.string({ maxLength: 30 }), (pairs, segment, body) => {
      const query = pairs.map((pair) => pair.map((part) => encodeURIComponent(part)).join('=')).join('&')
      const path = `/p/${encodeURIComponent(segment).replaceAll('.', '_')}`
      const request = { method: 'POST', url: `https://h.example${path}?${query}`, headers: { host: 'h.example' }, body: Buffer.from(body) }
      const signed = sign(awsSigv4, request, { ...setUp, keyId })
      const sent = { ...request, headers: { ...request.headers, ...signed.headers } }
      assert.equal(verdict(sent), true)
      assert.equal(verdict({ ...sent, url: `https://h.example${path}?${query}&x=1` }), 'ERR_HMAC_MISMATCH')
      assert.equal(verdict({ ...sent, url: `https://h.example${path}x?${query}` }), 'ERR_HMAC_MISMATCH')
      assert.equal(verdict({ ...sent, body: Buffer.from(`${body}x`) }), 'ERR_HMAC_MISMATCH')
    }),
    { numRuns: 80, seed: 4 },
  )
})
