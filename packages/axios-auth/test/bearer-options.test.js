import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { bearer } from '@countersign/axios-auth/bearer'
import { memoryTokenStore } from '@countersign/core'
import fc from 'fast-check'
// What no public name reaches: the parsers that bearer stands on.
import { fieldOctets, formEncoded, readExtraFields } from '../dist/token-fields.js'
import { readScopes } from '../dist/token-scopes.js'

if (!process.env.COUNTERSIGN_LONG) fc.configureGlobal({ seed: 4231 })

const GOOD = { clientId: 'client', clientSecret: 'a client secret', tokenUrl: 'https://login.example/token' }
const refused = (options, pattern) => assert.throws(() => bearer(options), { name: 'TypeError', message: pattern }, inspect(options))
const key = (...args) => generateKeyPairSync(...args).privateKey

describe('bearer: options that are refused', () => {
  test('none, of another type, or unknown', () => {
    for (const options of [undefined, null, 5, 'token', []]) refused(options, /bearer: option/)
    refused({ ...GOOD, scope: 'a' }, /did you mean "scopes"/)
    refused({ ...GOOD, client_id: 'a' }, /did you mean "clientId"/)
    assert.equal(typeof bearer(GOOD), 'function')
  })

  test('S17: a token URL that is none, holds credentials, or is http:// to another host', () => {
    for (const tokenUrl of [
      undefined,
      null,
      5,
      '',
      'login.example/token',
      '/token',
      'ftp://login.example/',
      'https://',
      'https://u:p@login.example/',
      'https://u@login.example/',
      'https://login.example/#a',
    ]) {
      refused({ ...GOOD, tokenUrl }, /"tokenUrl"/)
    }
    refused({ ...GOOD, tokenUrl: 5 }, /"tokenUrl" must be a string/)
    refused({ ...GOOD, tokenUrl: '/token' }, /"tokenUrl" must be an absolute URL, such as 'https:\/\/login\.example\.com\/token'$/)
    refused({ ...GOOD, tokenUrl: 'https://a/#b' }, /"tokenUrl" must hold neither a user name nor a fragment$/)
    refused({ ...GOOD, tokenUrl: 'https://:p@a/' }, /"tokenUrl" must hold neither/)
    for (const host of ['login.example', '10.0.0.1', '128.0.0.1', 'localhost.example', '127.0.0.1.example', '[::2]', '0.0.0.0'])
      refused({ ...GOOD, tokenUrl: `http://${host}/` }, /allowInsecure/)
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '127.1'])
      assert.ok(bearer({ ...GOOD, tokenUrl: `http://${host}/` }))
    assert.ok(bearer({ ...GOOD, tokenUrl: 'http://login.example/', allowInsecure: true }))
  })

  test('a client without what it proves itself with: an unset variable is never "no secret"', () => {
    refused({ ...GOOD, clientId: undefined }, /"clientId"/)
    refused({ ...GOOD, clientId: ' ' }, /"clientId"/)
    for (const clientAuthentication of ['post', 'basic', 'client_secret_jwt']) {
      for (const clientSecret of [undefined, null, '', ' ', '\0', 5, {}, [], Buffer.alloc(3), () => 'x', Promise.resolve('x')]) {
        refused({ ...GOOD, clientAuthentication, clientSecret }, /"clientSecret"/)
      }
    }
    for (const clientAuthentication of ['tls', 'none', 'private_key_jwt'])
      refused({ ...GOOD, clientAuthentication }, /"clientSecret" has no use/)
    refused({ ...GOOD, clientAuthentication: 'Basic' }, /must be one of 'post', 'basic'/)
    refused({ ...GOOD, clientSecret: [{ secret: 'old', notAfter: '2020-01-01T00:00:00Z' }] }, /expired/)
    refused({ ...GOOD, clientAuthentication: 'client_secret_jwt', clientSecret: 'short' }, /16 octets/)
    assert.ok(bearer({ ...GOOD, clientAuthentication: 'client_secret_jwt', clientSecret: 'short', allowWeakSecret: true }))
    refused({ ...GOOD, clientIdField: 'a', clientSecretField: 'a' }, /must differ/)
  })

  test('private keys that are none, too short, or fit no algorithm; none of them shows', () => {
    const client = { ...GOOD, clientSecret: undefined, clientAuthentication: 'private_key_jwt' }
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    for (const privateKey of [
      undefined,
      null,
      '',
      'canary',
      5,
      {},
      { kty: 'oct', k: 'YQ' },
      rsa.publicKey,
      rsa.publicKey.export({ type: 'spki', format: 'pem' }),
      { kty: 'EC' },
    ]) {
      assert.throws(
        () => bearer({ ...client, privateKey }),
        (error) => error instanceof TypeError && /"privateKey"/.test(error.message) && !error.message.includes('canary'),
      )
    }
    refused({ ...client, privateKey: key('rsa', { modulusLength: 1024 }) }, /2048 bits; it has 1024/)
    refused({ ...client, privateKey: key('x25519') }, /Ed25519/)
    refused({ ...client, privateKey: key('ec', { namedCurve: 'secp256k1' }) }, /P-256/)
    refused({ ...client, privateKey: rsa.privateKey, assertionAlgorithm: 'ES256' }, /must be one of 'RS256'/)
    refused({ ...client, privateKey: rsa.privateKey, assertionAlgorithm: 'none' }, /must be one of/)
    refused({ ...GOOD, privateKey: rsa.privateKey }, /"privateKey" has no use/)
    refused({ ...GOOD, keyId: 'a' }, /"keyId" has no use/)
  })

  test('scopes, resources, further fields, paths', () => {
    for (const scopes of [5, null, {}, [5], ['a b'], ['"'], 'a"b', 'a\\', 'caf\u00e9', ['']]) refused({ ...GOOD, scopes }, /"scopes"/)
    for (const resource of ['', 'api', 'https://a#b', [5], {}, null, ['https://a', 'b']]) refused({ ...GOOD, resource }, /"resource"/)
    for (const extraFields of [
      5,
      [],
      'no equals sign',
      '=x',
      'a=1\na=2',
      { a: null },
      { a: undefined },
      { a: {} },
      { a: [5] },
      { a: Number.NaN },
      { a: 5n },
    ]) {
      refused({ ...GOOD, extraFields }, /extraFields/)
    }
    for (const name of ['grant_type', 'scope', 'client_id', 'client_secret'])
      refused({ ...GOOD, extraFields: { [name]: 'x' } }, /which another option sets/)
    refused({ ...GOOD, audience: 'a', extraFields: 'audience=b' }, /which another option sets/)
    assert.ok(bearer({ ...GOOD, extraFields: 'audience=b' }))
    for (const tokenField of ['', null, 'a..b', [], [''], [5], 5, {}]) refused({ ...GOOD, tokenField }, /"tokenField"/)
    refused({ ...GOOD, tokenField: 'a', tokenHeader: 'b' }, /two places/)
    for (const tokenHeader of ['a\nb', 'X Y', 'X:', '']) refused({ ...GOOD, tokenHeader }, /"tokenHeader"/)
    refused({ ...GOOD, expiresUnit: 'minutes' }, /must be one of 'seconds'/)
    refused({ ...GOOD, dataFormat: 'xml' }, /'form', 'json'/)
    refused({ ...GOOD, grantType: '' }, /"grantType"/)
  })

  test('numbers, agents, stores, clocks', () => {
    for (const refreshAt of [0, -0.5, 1.1, Number.NaN, '0.5', null, Number.POSITIVE_INFINITY])
      refused({ ...GOOD, refreshAt }, /"refreshAt"/)
    const whole = [
      'skewSeconds',
      'refreshCooldownSeconds',
      'defaultLifetimeSeconds',
      'maxLifetimeSeconds',
      'timeoutMs',
      'maxResponseBytes',
      'storeTimeoutMs',
    ]
    for (const name of whole)
      for (const value of [-1, 1.5, Number.NaN, '5', null, Number.POSITIVE_INFINITY])
        refused({ ...GOOD, [name]: value }, new RegExp(`"${name}"`))
    for (const name of ['httpAgent', 'httpsAgent'])
      for (const agent of [null, {}, 'agent', true]) refused({ ...GOOD, [name]: agent }, new RegExp(`"${name}"`))
    refused({ ...GOOD, clientSecret: undefined, clientAuthentication: 'tls' }, /"httpsAgent" is needed/)
    for (const proxy of [true, {}, 'http://proxy', null]) refused({ ...GOOD, proxy }, /"proxy"/)
    for (const store of [null, {}, new Map(), { get() {}, set() {}, delete() {} }]) refused({ ...GOOD, store }, /"store"/)
    assert.ok(bearer({ ...GOOD, store: memoryTokenStore(), proxy: false }))
    for (const now of [5, null]) refused({ ...GOOD, now }, /"now"/)
  })

  test('fields and prefixes that cannot go on the wire', () => {
    for (const header of ['', ' ', 'X Y', 'X:', 'X\r\n', '__proto__', 5]) refused({ ...GOOD, header }, /"header"/)
    for (const prefix of [5, 'a\r\nb', 'a\0', 'Bearer ', null]) refused({ ...GOOD, prefix }, /"prefix"/)
  })

  test('S18: a given token that is none; options of requests beside it', () => {
    for (const token of [undefined, null, '', ' ', 'a b', 'a\r\nX: y', 'caf\u00e9', 5, {}, []]) refused({ token }, /"token/)
    for (const name of ['tokenUrl', 'clientId', 'clientSecret', 'scopes', 'store'])
      refused({ token: 'abc', [name]: 'x' }, /has no use with "token"/)
    assert.ok(bearer({ token: 'abc' }))
  })

  test('neither the interceptor nor an error shows a secret', () => {
    const made = bearer({ ...GOOD, clientSecret: 'canary-canary' })
    assert.ok(!inspect(made, { depth: null, showHidden: true }).includes('canary'))
    refused({ ...GOOD, clientSecret: 'canary-canary\ufffd' }, /^(?!.*canary)/)
  })
})

describe('bearer: parsers', () => {
  test('scopes in any spelling are one list', () => {
    const scope = fc.stringMatching(/^[!#-[\]-~]{1,8}$/)
    fc.assert(
      fc.property(fc.uniqueArray(scope, { maxLength: 8 }), fc.constantFrom(' ', '\n', '\r\n', '\t ', '  '), (scopes, between) => {
        assert.deepEqual([...readScopes('f', 'o', ` ${scopes.join(between)} `)], scopes)
        assert.deepEqual([...readScopes('f', 'o', scopes)], scopes)
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          return readScopes('f', 'o', text).every((one) => /^[!#-[\]-~]+$/.test(one))
        } catch (error) {
          return error instanceof TypeError
        }
      }),
    )
  })

  test('lines of name=value, and the form and JSON of them', () => {
    const name = fc.stringMatching(/^[A-Za-z_]{1,9}$/)
    const value = fc.stringMatching(/^[!-~]([ -~]{0,9}[!-~])?$/)
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([one]) => one }), (pairs) => {
        const fields = readExtraFields('f', 'o', pairs.map((pair) => pair.join('=')).join('\n'))
        assert.deepEqual([...fields], pairs)
        assert.deepEqual([...new URLSearchParams(fieldOctets(fields, 'form').toString())], pairs)
        assert.deepEqual(Object.entries(JSON.parse(fieldOctets(fields, 'json').toString())).sort(), [...pairs].sort())
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          return readExtraFields('f', 'o', text) instanceof Map
        } catch (error) {
          return error instanceof TypeError
        }
      }),
    )
  })

  test('the example of RFC 6749 appendix B', () => {
    assert.equal(formEncoded(' %&+\u00a3\u20ac'), '+%25%26%2B%C2%A3%E2%82%AC')
  })
})
