import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { scheme, sign, verify } from '@countersign/schemes'

const vectors = JSON.parse(readFileSync(new URL('primitive.json', import.meta.url), 'utf8'))

describe('RFC 4231', () => {
  for (const vector of vectors) {
    const algorithm = vector.scheme.endsWith('sha512') ? 'sha512' : 'sha256'
    const definition = scheme({ name: vector.scheme, algorithm, signature: { header: 'x-signature' }, message: '{body}' })
    const options = { secret: Buffer.from(vector.secret, 'hex'), allowWeakSecret: true }
    const { method, url, headers, bodyBase64 } = vector.request
    const request = { method, url, headers, body: Buffer.from(bodyBase64, 'base64') }
    const { signatureValue: mac } = vector

    test(`${vector.id}: verifies, and is reproduced`, async () => {
      assert.equal(verify(definition, request, options).ok, true)
      assert.equal(sign(definition, { ...request, headers: {} }, options).headers['x-signature'], mac)
      const { pathname: target } = new URL(url)
      const asked = { method, target, rawHeaders: Object.entries(headers).flat(), headers: {}, socket: {}, body: () => request.body }
      assert.equal((await hmacAuthenticator({ scheme: definition, ...options }).authenticate(asked)).kind, 'granted')
    })

    test(`${vector.id}: refused with another secret, another octet, cut, longer, in another case`, () => {
      const refused = (changed, more = {}) =>
        assert.equal(verify(definition, { ...request, ...changed }, { ...options, ...more }).ok, false)
      for (const secret of [Buffer.concat([options.secret, Buffer.from('x')]), options.secret.subarray(1)]) refused({}, { secret })
      for (let at = 0; at < request.body.length; at += 1) {
        const body = Buffer.from(request.body)
        body[at] ^= 1
        refused({ body })
      }
      for (const other of [
        mac.slice(0, -2),
        mac.slice(0, 32),
        `${mac}00`,
        mac.toUpperCase(),
        ` ${mac}`,
        mac.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
      ]) {
        refused({ headers: { 'x-signature': other } })
      }
    })
  }
})
