/** AWS Signature Version 4 beside @smithy/signature-v4 and aws4, in both directions. */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { Sha256 } from '@aws-crypto/sha256-js'
import { awsSigv4, awsSigv4S3, sign, verify } from '@countersign/schemes'
import { SignatureV4 } from '@smithy/signature-v4'
import aws4 from 'aws4'
import fc from 'fast-check'

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const keyId = 'AKIDEXAMPLE'
const NOW = new Date('2026-01-15T12:00:00Z')
const region = 'us-east-1'
const setUp = (service) => ({ secret, now: () => NOW.getTime(), params: { region, service } })

class NodeSha256 {
  constructor(key) {
    this.hash = key === undefined ? createHash('sha256') : createHmac('sha256', key)
  }
  update(data) {
    this.hash.update(data)
  }
  async digest() {
    return this.hash.digest()
  }
}

function smithy(service, more = {}) {
  return new SignatureV4({ credentials: { accessKeyId: keyId, secretAccessKey: secret }, region, service, sha256: NodeSha256, ...more })
}

/** The same request, as smithy takes it and as it goes on the wire. */
function request({ method = 'POST', path = '/v1/orders', query = {}, headers = {}, body = '{"a":1}' } = {}) {
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => `${encode(name)}=${encode(one)}`))
  const host = 'api.example.com'
  return {
    theirs: { method, protocol: 'https:', hostname: host, path, query, headers: { host, ...headers }, body },
    wire: (signed) => ({
      method,
      url: `https://${host}${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`,
      headers: signed,
      body: Buffer.from(body),
    }),
  }
}

const CASES = {
  plain: {},
  'GET without body': { method: 'GET', body: '' },
  query: { query: { b: '2', a: ['z', 'y', ''], 'k k': 'v+v', "!'()*": '~' } },
  'an encoded path': { path: '/a%20b/%C3%A9/x' },
  headers: { headers: { 'content-type': 'application/json', 'x-custom': '  a   b  ', 'x-amz-meta-tag': 'caf' } },
  'non-ASCII body': { body: '{"name":"caf\u00e9 \u2615"}' },
}

describe('@smithy/signature-v4', () => {
  for (const [name, given] of Object.entries(CASES)) {
    test(`${name}: ours accepts what theirs signs`, async () => {
      const { theirs, wire } = request(given)
      const { headers } = await smithy('execute-api').sign(theirs, { signingDate: NOW })
      const result = verify(awsSigv4, wire(headers), setUp('execute-api'))
      assert.equal(result.ok, true, result.reason)
    })

    test(`${name}: both sign alike`, async () => {
      const { theirs, wire } = request(given)
      const signed = await smithy('execute-api', { applyChecksum: false }).sign(theirs, { signingDate: NOW })
      const names = /SignedHeaders=([^,]*)/.exec(signed.headers.authorization)[1].split(';')
      const ours = sign(awsSigv4, wire(theirs.headers), { ...setUp('execute-api'), keyId, sign: names })
      assert.equal(ours.headers.authorization, signed.headers.authorization)
    })
  }

  test('its own hash gives the same', async () => {
    const { theirs, wire } = request()
    const { headers } = await smithy('execute-api', { sha256: Sha256 }).sign(theirs, { signingDate: NOW })
    assert.equal(verify(awsSigv4, wire(headers), setUp('execute-api')).ok, true)
  })

  test('a session token is signed', async () => {
    const { theirs, wire } = request()
    const credentials = { accessKeyId: keyId, secretAccessKey: secret, sessionToken: 'token' }
    const { headers } = await smithy('execute-api', { credentials }).sign(theirs, { signingDate: NOW })
    assert.equal(verify(awsSigv4, wire(headers), setUp('execute-api')).ok, true)
    assert.equal(verify(awsSigv4, wire({ ...headers, 'x-amz-security-token': 'other' }), setUp('execute-api')).code, 'ERR_HMAC_MISMATCH')
  })

  test('S3: the path counts as sent', async () => {
    const { theirs, wire } = request({ method: 'PUT', path: '/a%20b//c', body: 'content' })
    const { headers } = await smithy('s3', { uriEscapePath: false }).sign(theirs, { signingDate: NOW })
    const result = verify(awsSigv4S3, wire(headers), { ...setUp('s3'), params: { region } })
    assert.equal(result.ok, true, result.reason)
  })

  test('any path and query: ours accepts what theirs signs', async () => {
    const text = fc.string({ minLength: 1, maxLength: 8 })
    const segment = text.map((part) => encodeURIComponent(part).replaceAll('.', '_'))
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 3 }), fc.dictionary(text, text, { maxKeys: 4 }), async (segments, query) => {
        // smithy leaves a parameter called X-Amz-Signature out, as presigned URLs have it.
        fc.pre(!Object.keys(query).some((name) => name.toLowerCase() === 'x-amz-signature' || name === '__proto__'))
        const { theirs, wire } = request({ path: `/${segments.join('/')}`, query })
        const { headers } = await smithy('execute-api').sign(theirs, { signingDate: NOW })
        const result = verify(awsSigv4, wire(headers), setUp('execute-api'))
        assert.equal(result.ok, true, result.reason)
      }),
      { numRuns: 60, seed: 4 },
    )
  })
})

describe('aws4', () => {
  const credentials = { accessKeyId: keyId, secretAccessKey: secret }
  const options = (more) => ({
    host: 'api.example.com',
    service: 'execute-api',
    region,
    method: 'POST',
    path: '/v1/orders?b=2&a=1',
    ...more,
  })
  const date = { 'X-Amz-Date': '20260115T120000Z' }
  // It writes Content-Length as a number.
  const texts = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

  for (const [name, more] of Object.entries({
    plain: { body: '{"a":1}', headers: { ...date, 'Content-Type': 'application/json' } },
    'GET without body': { method: 'GET', headers: date },
    'an encoded path': { path: '/a%20b/c?x=%2F', body: 'x', headers: { ...date, 'Content-Type': 'text/plain' } },
  })) {
    test(`${name}: ours accepts what theirs signs`, () => {
      const signed = aws4.sign(options(more), credentials)
      const wire = {
        method: signed.method,
        url: `https://api.example.com${signed.path}`,
        headers: texts(signed.headers),
        body: Buffer.from(more.body ?? ''),
      }
      const result = verify(awsSigv4, wire, setUp('execute-api'))
      assert.equal(result.ok, true, result.reason)
    })
  }

  test('S3: ours accepts what theirs signs', () => {
    const signed = aws4.sign(options({ service: 's3', method: 'PUT', path: '/a%20b/c', body: 'x', headers: { ...date } }), credentials)
    const wire = { method: 'PUT', url: `https://api.example.com${signed.path}`, headers: texts(signed.headers), body: Buffer.from('x') }
    const result = verify(awsSigv4S3, wire, { ...setUp('s3'), params: { region } })
    assert.equal(result.ok, true, result.reason)
  })
})
