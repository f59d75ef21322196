/** draft-cavage beside http-signature and http-message-signatures, in both directions. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { draftCavage, draftCavageSignatureHeader, sign, verify } from '@countersign/schemes'
import { cavage, createSigner, createVerifier } from 'http-message-signatures'
import httpSignature from 'http-signature'

const secret = 'a-secret-of-the-tests-0123456789'
const NOW = 1_768_478_400
const DATE = 'Thu, 15 Jan 2026 12:00:00 GMT'
const BODY = '{"a":1}'
const DIGEST = `SHA-256=${createHash('sha256').update(BODY).digest('base64')}`
const setUp = { secret, now: () => NOW * 1000 }

describe('http-signature', () => {
  const headers = { host: 'example.com', date: DATE, digest: DIGEST, 'content-type': 'application/json' }

  /** As much of a request that is being sent as the package looks at. */
  function outgoing() {
    const fields = new Map(Object.entries(headers))
    return {
      method: 'POST',
      path: '/foo?a=1',
      getHeader: (name) => fields.get(name.toLowerCase()),
      setHeader: (name, value) => fields.set(name.toLowerCase(), value),
      fields,
    }
  }

  for (const algorithm of ['hmac-sha256', 'hmac-sha512']) {
    test(`${algorithm}: ours accepts what theirs signs`, () => {
      const request = outgoing()
      const names = ['(request-target)', 'host', 'date', 'digest', 'content-type']
      httpSignature.sign(request, { key: secret, keyId: 'key-a', algorithm, headers: names })
      const sent = { method: 'POST', url: '/foo?a=1', headers: Object.fromEntries(request.fields), body: Buffer.from(BODY) }
      const result = verify(draftCavage, sent, setUp)
      assert.equal(result.ok, true, result.reason)
      assert.equal(verify(draftCavage, { ...sent, url: '/foo?a=2' }, setUp).code, 'ERR_HMAC_MISMATCH')
    })

    test(`${algorithm}: theirs accepts what ours signs`, () => {
      const request = { method: 'POST', url: '/foo?a=1', headers, body: Buffer.from(BODY) }
      const signed = sign(draftCavage, request, { ...setUp, keyId: 'key-a', algorithm, sign: ['content-type'] })
      const received = { method: 'POST', url: '/foo?a=1', httpVersion: '1.1', headers: { ...headers, ...signed.headers } }
      const parsed = httpSignature.parseRequest(received, { clockSkew: 1e9 })
      assert.equal(parsed.keyId, 'key-a')
      assert.equal(httpSignature.verifyHMAC(parsed, secret), true)
      assert.equal(httpSignature.verifyHMAC(parsed, `${secret}x`), false)
    })
  }

  test('theirs accepts a body that is another: it does not look at Digest', () => {
    const request = outgoing()
    httpSignature.sign(request, { key: secret, keyId: 'key-a', algorithm: 'hmac-sha256', headers: ['(request-target)', 'date', 'digest'] })
    const sent = { method: 'POST', url: '/foo?a=1', headers: Object.fromEntries(request.fields), body: Buffer.from('other') }
    assert.equal(verify(draftCavage, sent, setUp).code, 'ERR_HMAC_DIGEST')
  })
})

describe('http-message-signatures, cavage', () => {
  const message = {
    method: 'POST',
    url: 'https://example.com/foo?a=1',
    headers: { host: 'example.com', date: DATE, digest: DIGEST },
  }
  const fields = ['@request-target', '@created', '@expires', 'host', 'digest']

  test('ours accepts what theirs signs', async () => {
    const signed = await cavage.signMessage(
      {
        key: createSigner(Buffer.from(secret), 'hmac-sha256', 'key-b'),
        fields,
        params: ['keyid', 'alg', 'created', 'expires'],
        paramValues: { created: new Date(NOW * 1000), expires: new Date((NOW + 60) * 1000) },
      },
      message,
    )
    const sent = { ...signed, body: Buffer.from(BODY) }
    const result = verify(draftCavageSignatureHeader, sent, setUp)
    assert.equal(result.ok, true, result.reason)
    assert.equal(verify(draftCavageSignatureHeader, { ...sent, method: 'PUT' }, setUp).code, 'ERR_HMAC_MISMATCH')
    const later = { ...setUp, now: () => (NOW + 61) * 1000 }
    assert.equal(verify(draftCavageSignatureHeader, sent, later).code, 'ERR_HMAC_STALE')
  })

  test('theirs accepts what ours signs', async () => {
    const options = { ...setUp, keyId: 'key-b', params: { expiresSeconds: '60' } }
    const signed = sign(draftCavageSignatureHeader, { ...message, body: Buffer.from(BODY) }, options)
    const verifier = { id: 'key-b', algs: ['hmac-sha256'], verify: createVerifier(Buffer.from(secret), 'hmac-sha256') }
    const received = { ...message, headers: { ...message.headers, ...signed.headers } }
    const accepts = (of) => cavage.verifyMessage({ keyLookup: async () => verifier, tolerance: 1e9, notAfter: NOW + 1e9 }, of)
    assert.equal(await accepts(received), true)
    assert.notEqual(await accepts({ ...received, headers: { ...received.headers, host: 'other' } }), true)
  })
})
