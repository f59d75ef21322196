import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { bearer } from '@countersign/axios-auth/bearer'
import { memoryTokenStore } from '@countersign/core'
import fc from 'fast-check'
// What no public name reaches: the parsers that bearer stands on.
import { fieldOctets, formEncoded, readExtraFields } from '../dist/token/fields.js'
import { readScopes } from '../dist/token/scopes.js'
import { rsaKeys } from './token-server.js'

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
    refused({ ...GOOD, tokenUrl: 'https://a/#b' }, /"tokenUrl" must contain neither a user name nor a fragment$/)
    refused({ ...GOOD, tokenUrl: 'https://:p@a/' }, /"tokenUrl" must contain neither/)
    for (const host of ['login.example', '10.0.0.1', '128.0.0.1', 'localhost.example', '127.0.0.1.example', '[::2]', '0.0.0.0'])
      refused({ ...GOOD, tokenUrl: `http://${host}/` }, /allowInsecure/)
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '127.1'])
      assert.ok(bearer({ ...GOOD, tokenUrl: `http://${host}/` }))
    assert.ok(bearer({ ...GOOD, tokenUrl: 'http://login.example/', allowInsecure: true }))
  })

  test('a client without what it proves itself with: an unset variable is never "no secret"', () => {
    refused({ ...GOOD, clientId: undefined }, /"clientId"/)
    refused({ ...GOOD, clientId: ' ' }, /"clientId"/)
    for (const clientAuthentication of ['post', 'basic', 'basic_unencoded', 'client_secret_jwt']) {
      for (const clientSecret of [undefined, null, '', ' ', '\0', 5, {}, [], Buffer.alloc(3), () => 'x', Promise.resolve('x')]) {
        refused({ ...GOOD, clientAuthentication, clientSecret }, /"clientSecret"/)
      }
    }
    for (const clientAuthentication of ['tls', 'none', 'private_key_jwt'])
      refused({ ...GOOD, clientAuthentication }, /"clientSecret" has no effect/)
    refused({ ...GOOD, clientAuthentication: 'basic_unencoded', clientId: 'a:b' }, /"clientId" must not contain ':'/)
    for (const expiredStatus of [0, '403', [], [401, 'x'], null, 403.5, 600])
      refused({ ...GOOD, expiredStatus }, /"expiredStatus" must be a status/)
    refused({ ...GOOD, clientAuthentication: 'Basic' }, /must be one of 'post', 'basic'/)
    refused({ ...GOOD, clientSecret: [{ secret: 'old', notAfter: '2020-01-01T00:00:00Z' }] }, /expired/)
    refused({ ...GOOD, clientAuthentication: 'client_secret_jwt', clientSecret: 'short' }, /16 octets/)
    assert.ok(bearer({ ...GOOD, clientAuthentication: 'client_secret_jwt', clientSecret: 'short', allowWeakSecret: true }))
    refused({ ...GOOD, clientIdField: 'a', clientSecretField: 'a' }, /must differ/)
  })

  test('private keys that are none, too short, or fit no algorithm; none of them shows', () => {
    const client = { ...GOOD, clientSecret: undefined, clientAuthentication: 'private_key_jwt' }
    const rsa = rsaKeys()
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
    const form = /"privateKey" must be a private key: PEM text without a passphrase, a JWK, or a KeyObject of type private/
    for (const privateKey of ['', 5, true, null, [], {}, rsa.publicKey]) refused({ ...client, privateKey }, form)
    refused({ ...client, privateKey: key('rsa', { modulusLength: 1024 }) }, /"privateKey" must have at least 2048 bits; it has 1024/)
    refused({ ...client, privateKey: key('x25519') }, /"privateKey" must be of RSA, Ed25519, or the curves P-256, P-384 and P-521/)
    refused({ ...client, privateKey: key('ec', { namedCurve: 'secp256k1' }) }, /P-256/)
    refused({ ...client, privateKey: rsa.privateKey, assertionAlgorithm: 'ES256' }, /must be one of 'RS256'/)
    refused({ ...client, privateKey: rsa.privateKey, assertionAlgorithm: 'none' }, /must be one of/)
    refused({ ...GOOD, privateKey: rsa.privateKey }, /"privateKey" has no effect/)
    refused({ ...GOOD, keyId: 'a' }, /"keyId" has no effect/)
  })

  test('scopes, resources, further fields, paths', () => {
    for (const scopes of [5, null, {}, [5], ['a b'], ['"'], 'a"b', 'a\\', 'caf\u00e9', ['']]) refused({ ...GOOD, scopes }, /"scopes"/)
    for (const resource of ['', 'api', 'https://a#b', [5], {}, null, new URL('https://a'), ['https://a', 'b']])
      refused({ ...GOOD, resource }, /"resource" must be an absolute URI without a fragment, or a list of them/)
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
    refused({ ...GOOD, tokenHeader: 'X Y' }, /"tokenHeader" must be the name of a header field, such as 'X-Subject-Token'/)
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
    refused({ ...GOOD, clientSecret: undefined, clientAuthentication: 'tls' }, /"httpsAgent" is required/)
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
      refused({ token: 'abc', [name]: 'x' }, /has no effect with "token"/)
    assert.ok(bearer({ token: 'abc' }))
  })

  test('neither the interceptor nor an error shows a secret', () => {
    const made = bearer({ ...GOOD, clientSecret: 'canary-canary' })
    assert.ok(!inspect(made, { depth: null, showHidden: true }).includes('canary'))
    refused({ ...GOOD, clientSecret: 'canary-canary\ufffd' }, /^(?!.*canary)/)
  })
})

describe('bearer: what the messages of mistakes say to write', () => {
  const message = (options) => {
    try {
      bearer(options)
    } catch (error) {
      assert.equal(error.name, 'TypeError')
      return error.message.replace(/^bearer: option /, '')
    }
    return 'none'
  }
  const of = (more) => message({ ...GOOD, ...more })

  test('token', () => {
    assert.equal(message({ token: 'abc', scopes: 'a' }), '"scopes" has no effect with "token": nothing is requested')
    assert.equal(message({ token: 'a b' }), '"token" must be 1 to 16384 visible ASCII characters without spaces')
    assert.match(message({ token: undefined }), /^"token"/)
    assert.match(message({ token: 'abc', name: 5 }), /^"name"/)
    assert.match(message({ token: 'abc', tokens: 5 }), /did you mean "token"/)
    assert.match(of({ token: undefined }), /has no effect with "token"/, 'a variable that is not set asks for no token elsewhere')
    assert.match(of({ token: 'abc' }), /has no effect with "token"/)
    for (const name of ['name', 'header', 'prefix']) assert.equal(message({ token: 'abc', [name]: 'x' }), 'none', name)
    for (const name of ['timeoutMs', 'now', 'origins', 'allowInsecure', 'trace']) {
      const value = { timeoutMs: 5, now: () => 0, origins: 'https://a.example', allowInsecure: true, trace() {} }[name]
      assert.equal(message({ token: 'abc', [name]: value }), 'none', name)
      assert.equal(of({ [name]: value }), 'none', name)
    }
  })

  test('header and prefix', () => {
    assert.equal(of({ header: 'X Y' }), `"header" must be the name of a header field, such as 'X-Auth-Token'`)
    assert.equal(of({ header: 'x'.repeat(256) }), 'none')
    for (const header of ['x'.repeat(257), ' X', 'X ']) assert.match(of({ header }), /^"header"/)
    assert.match(of({ prefix: 5 }), /^"prefix" must be a string, or '' for none/)
    assert.match(of({ prefix: 'a ' }), /^"prefix" must be what a header field can carry, without a space at either end; '' for nothing$/)
    for (const prefix of ['', 'a b', 'Token']) assert.equal(of({ prefix }), 'none')
  })

  test('client', () => {
    assert.match(
      of({ clientId: undefined }),
      /^"clientId" is required; for a service without client authentication set clientAuthentication: 'none'$/,
    )
    const kinds = "'post', 'basic', 'basic_unencoded', 'private_key_jwt', 'client_secret_jwt', 'tls', 'none'"
    assert.match(of({ clientAuthentication: 'x' }), new RegExp(`must be one of ${kinds}`))
    assert.equal(of({ clientAuthentication: 'none' }), `"clientSecret" has no effect with clientAuthentication 'none'`)
    for (const name of ['privateKey', 'keyId', 'assertionAlgorithm']) {
      assert.equal(of({ [name]: 'x' }), `"${name}" has no effect without clientAuthentication: 'private_key_jwt'`)
    }
    assert.match(of({ clientSecret: () => 'x' }), /^"clientSecret" must be a secret, or a source such as secretFromEnv\(name\)/)
    assert.equal(of({ clientIdField: 'a', clientSecretField: 'a' }), '"clientSecretField" must differ from clientIdField')
    assert.equal(of({ clientIdField: 'client_secret' }), '"clientSecretField" must differ from clientIdField')
    assert.equal(of({ clientSecretField: 'client_id' }), '"clientSecretField" must differ from clientIdField')
    const tls = { clientAuthentication: 'tls', clientSecret: undefined }
    const needed = `"httpsAgent" is required with clientAuthentication: 'tls': an https.Agent with cert and key, and an https:// tokenUrl`
    assert.equal(of(tls), needed)
    const agent = { addRequest() {} }
    assert.equal(of({ ...tls, httpsAgent: agent, tokenUrl: 'http://localhost/' }), needed)
    assert.equal(of({ ...tls, httpsAgent: agent }), 'none')
    const weak = { clientAuthentication: 'client_secret_jwt', clientSecret: 'x'.repeat(15) }
    assert.match(of(weak), /16 octets/)
    assert.equal(of({ ...weak, clientSecret: 'x'.repeat(16) }), 'none')
    for (const clientAuthentication of ['post', 'basic']) assert.equal(of({ clientAuthentication, clientSecret: 'x' }), 'none')
  })

  test('the request', () => {
    assert.match(of({ scopes: 5 }), /^"scopes" must be a list of scopes, or text such as 'read:users write:users'/)
    assert.match(of({ scopes: [5] }), /^"scopes" must be a list of strings/)
    assert.match(
      of({ scopes: ['a b'] }),
      /^"scopes" must contain scopes of visible ASCII characters without spaces, quotation marks and backslashes$/,
    )
    const many = Array.from({ length: 501 }, (_, i) => `s${i}`)
    assert.equal(of({ scopes: many }), '"scopes" must contain at most 500 scopes')
    assert.equal(of({ scopes: many.slice(1) }), 'none')
    assert.match(of({ scopes: Array(1) }), /^"scopes" must be a list of strings/, 'a hole in a list')
    for (const scope of ['x"', '"x', 'x\\', ' x', 'x ', '\u00fc', '']) assert.match(of({ scopes: [scope] }), /^"scopes"/)
    assert.equal(of({ resource: 'a' }), '"resource" must be an absolute URI without a fragment, or a list of them')
    assert.equal(of({ extraFields: 'a=1\nb' }), '"extraFields" must contain lines of name=value; line 2 is not one')
    assert.equal(of({ extraFields: 'a=1\n\n=b' }), '"extraFields" must contain lines of name=value; line 3 is not one')
    assert.equal(of({ extraFields: 'a=1\r a =2' }), '"extraFields" contains the name of line 2 twice')
    assert.deepEqual(
      [...readExtraFields('f', 'o', ' \t\r\n a = 1 \n\n  \n\tb=2\t\r \n')],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    )
    assert.match(of({ allowWeakSecret: 'yes' }), /^"allowWeakSecret" must be true or false/)
    assert.match(of({ extraFields: new Map([['audience', 'x']]) }), /^"extraFields" must be an object, or lines of name=value; got a Map$/)
    assert.match(of({ extraFields: Promise.resolve({}) }), /^"extraFields" must be an object, or lines of name=value; got a promise$/)
    assert.match(of({ extraFields: [] }), /^"extraFields" must be an object, or lines of name=value/)
    assert.match(of({ extraFields: { a: null } }), /^"extraFields\.a" must be a string, a finite number, true, false or a list of strings/)
    for (const a of ['x', 5, true, false, [], ['x', 'y'], '']) assert.equal(of({ extraFields: { a } }), 'none')
    for (const a of [5n, Number.NaN, Number.POSITIVE_INFINITY, ['x', 5], [[]]])
      assert.match(of({ extraFields: { a } }), /^"extraFields\.a"/)
    assert.match(of({ extraFields: { a: {} } }), /; an object needs dataFormat: 'json'/)
    const json = (a) => of({ dataFormat: 'json', extraFields: { a } })
    assert.equal(json({ b: [{ c: null, d: 1, e: 'x', f: true }], g: {} }), 'none')
    const itself = {}
    itself.itself = itself
    for (const [a, message] of [
      [{ b: undefined }, /^"extraFields\.a\.b" must be what JSON holds/],
      [{ b: { c: [1, 5n] } }, /^"extraFields\.a\.b\.c\[1\]"/],
      [{ b: () => 1 }, /^"extraFields\.a\.b"/],
      [{ b: Number.NaN }, /^"extraFields\.a\.b"/],
      [new Date(), /^"extraFields\.a" must be what JSON holds/],
      [{ b: new Map() }, /^"extraFields\.a\.b"/],
      [itself, /is nested deeper than 16, or contains itself/],
      [[{}], /^"extraFields\.a" must be a string/],
    ]) {
      assert.match(json(a), message)
    }
    assert.equal(of({ extraFields: { scope: 'a' } }), '"extraFields" must not contain "scope", which another option sets')
    assert.equal(of({ grantType: false, extraFields: { grant_type: 'a' } }), 'none')
    const none = { clientAuthentication: 'none', clientSecret: undefined }
    assert.match(of({ ...none, extraFields: { client_id: 'a' } }), /must not contain "client_id"/)
    assert.match(of({ ...none, clientIdField: 'id', extraFields: { id: 'a' } }), /must not contain "id"/)
    assert.equal(of({ ...none, clientIdField: 'id', extraFields: { client_id: 'a' } }), 'none')
    assert.equal(of({ ...none, clientId: undefined, extraFields: { client_id: 'a' } }), 'none')
    assert.equal(of({ clientAuthentication: 'basic', extraFields: { client_id: 'a', client_secret: 'b' } }), 'none')
    assert.match(of({ extraFields: null }), /^"extraFields" must be an object, or lines of name=value/)
    assert.match(of({ resource: 'urn:a', extraFields: { resource: 'a' } }), /must not contain "resource"/)
  })

  test('the answer, and how it is kept', () => {
    assert.equal(
      of({ tokenField: 'a', tokenHeader: 'b' }),
      '"tokenHeader" and "tokenField" name two places for one token; set only one of them',
    )
    assert.match(of({ tokenField: 5 }), /^"tokenField" must be the path of a field, such as 'data\.token', or a list of names/)
    for (const tokenField of ['', 'a.', '.a', [], ['a', '']])
      assert.equal(
        of({ tokenField }),
        `"tokenField" must be the path of a field, made of non-empty names, such as 'data.token' or ['data', 'token']`,
      )
    assert.match(of({ expiresField: [''] }), /^"expiresField" must be the path of a field, made of/)
    assert.match(of({ expiresUnit: 'x' }), /must be one of 'seconds', 'milliseconds', 'unixSeconds', 'unixMilliseconds', 'dateTime'/)
    assert.match(of({ dataFormat: 'x' }), /must be one of 'form', 'json'/)
    assert.match(of({ refreshAt: '1' }), /^"refreshAt" must be a number such as 0\.5/)
    assert.equal(of({ refreshAt: 0 }), '"refreshAt" must be a fraction of the life of a token, above 0 and at most 1; got 0')
    assert.equal(of({ refreshAt: 1 }), 'none')
    assert.match(
      of({ proxy: true }),
      /^"proxy" must be false: token requests use no proxy; for one that tunnels, pass its agent as httpsAgent$/,
    )
    assert.match(of({ httpAgent: {} }), /^"httpAgent" must be an http\.Agent/)
    assert.match(of({ httpsAgent: {} }), /^"httpsAgent" must be an https\.Agent/)
    assert.match(of({ store: {} }), /^"store" must be a token store, such as memoryTokenStore\(\) returns/)
    const store = { get() {}, set() {}, delete() {}, lock() {} }
    assert.equal(of({ store }), 'none')
    for (const method of Object.keys(store)) assert.match(of({ store: { ...store, [method]: undefined } }), /^"store"/, method)
    for (const [name, unit] of Object.entries({
      skewSeconds: 'seconds',
      refreshCooldownSeconds: 'seconds',
      defaultLifetimeSeconds: 'seconds',
      maxLifetimeSeconds: 'seconds',
      timeoutMs: 'milliseconds',
      storeTimeoutMs: 'milliseconds',
      maxResponseBytes: 'octets',
    })) {
      assert.match(of({ [name]: -1 }), new RegExp(`^"${name}" must be .* ${unit}`))
      const mayBeZero = ['skewSeconds', 'refreshCooldownSeconds', 'defaultLifetimeSeconds'].includes(name)
      assert.equal(of({ [name]: 0 }) === 'none', mayBeZero, name)
      assert.equal(of({ [name]: 1 }), 'none')
    }
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
