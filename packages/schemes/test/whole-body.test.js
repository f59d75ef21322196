import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { sign, verify } from '@countersign/schemes'
import { compileScheme } from '@countersign/schemes/engine'
import fc from 'fast-check'
import { acme, mistakes, now, request, secret, signed, verdict } from './signing.js'

/** A body that is a text of a format, such as a JSON Web Token, and what its parts carry. */
const encoded = (text) => Buffer.from(text).toString('base64url')
const token = (claims, head = '{"alg":"HS256"}', key = secret) => {
  const message = `${encoded(head)}.${encoded(claims)}`
  return `${message}.${createHmac('sha256', key).update(message).digest('base64url')}`
}
const JWT = {
  signature: { from: '{body|text}', format: '{head}.{claims}.{signature}', encoding: 'base64url' },
  fields: {
    head: { write: '{text|utf8|base64url}' },
    claims: { write: '{body|base64url}' },
    alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS256' },
  },
  define: { text: '{{"alg":"HS256"}}' },
  message: '{head}.{claims}',
}

describe('the whole body is a text that holds the signature', () => {
  test('what was changed is refused', () => {
    const one = acme(JWT)
    const body = token('{"id":1}')
    assert.equal(verdict(one, request({ body })), true)
    for (let at = 0; at < body.length; at += 1) {
      const other = body[at] === 'A' ? 'B' : 'A'
      if (body[at] === '.') continue
      assert.notEqual(verdict(one, request({ body: body.slice(0, at) + other + body.slice(at + 1) })), true, `octet ${at}`)
    }
    assert.equal(verdict(one, request({ body: `${body} ` })), 'ERR_HMAC_MALFORMED')
    assert.equal(verdict(one, request({ body: '' })), 'ERR_HMAC_MISSING')
    assert.equal(verdict(one, request({ body: token('{}', '{"alg":"HS512"}') })), 'ERR_HMAC_DIGEST')
    assert.equal(verdict(one, request({ body: token('{}', undefined, 'another secret of the tests') })), 'ERR_HMAC_MISMATCH')
    assert.equal(
      verdict(one, request({ body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })),
      'ERR_HMAC_UNSIGNED_BODY',
    )
  })
  test('the claims are as long as the body may be, and a time or an id out of it is not', () => {
    assert.equal(verdict(acme(JWT), request({ body: token(JSON.stringify({ a: 'x'.repeat(100_000) })) })), true)
    const dated = { ...JWT, fields: { ...JWT.fields, end: { from: '{claims|fromBase64url|json:/exp}', unit: 'seconds' } } }
    const numbered = { ...JWT, nonce: { from: '{claims|fromBase64url|json:/jti}' } }
    assert.equal(verdict(acme(numbered), request({ body: token(JSON.stringify({ jti: 'x'.repeat(4097) })) })), 'ERR_HMAC_MALFORMED')
    assert.equal(verdict(acme(dated), request({ body: token(`{"exp":"${'1'.repeat(5000)}"}`) })), 'ERR_HMAC_MALFORMED')
    const inHeader = acme({ ...JWT, signature: { ...JWT.signature, from: undefined, header: 'x' }, message: '{head}.{claims}\n{body}' })
    const headers = { x: token('x'.repeat(5000)) }
    assert.equal(verdict(inHeader, request({ headers })), 'ERR_HMAC_MALFORMED')
  })
  test('the signer puts the token in place of the body that it was given', () => {
    const sent = signed(acme(JWT), { body: '{"id":1}' })
    assert.equal(Buffer.from(sent.body).toString(), token('{"id":1}'))
    assert.equal(verdict(acme(JWT), sent), true)
  })
  test('property: any claims, both ways', () => {
    const one = acme(JWT)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (claims) => {
        const { body } = sign(one, request({ body: claims }), { secret, now })
        return Buffer.from(body).toString() === token(claims) && verify(one, request({ body }), { secret, now }).ok
      }),
    )
  })
  test('it binds data: what is left out of the message, or read out of a part of the body, is open', () => {
    const bodyOf = (more) => compileScheme({ name: 'a', ...JWT, ...more }).facts.binds.body
    assert.equal(bodyOf({}), 'data')
    assert.deepEqual(
      mistakes({ ...JWT, message: '{path}', fields: { head: {}, claims: {} }, define: {} }).filter((line) =>
        /does not sign the body/.test(line),
      ).length,
      1,
    )
    const part = {
      signature: { from: '{body|text|after:\\n}', format: '{claims}.{signature}' },
      fields: { claims: {} },
      message: '{claims}',
    }
    assert.match(mistakes(part).join(), /does not sign the body/)
    const own = {
      signature: { from: '{body|text}', format: '{claims}.{signature}' },
      fields: { claims: {} },
      message: '{claims}{body}',
      ambiguous: 'for the test',
    }
    assert.match(mistakes(own).join(), /holds \{body\}, where the signature stands/)
  })
})
