import assert from 'node:assert/strict'
import { createHmac, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { memoryReplayStore } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { github, hexSignature, sapApim, scheme, slack, standardWebhooks } from '@countersign/schemes'
import { authRequest, hexOf, now, outcome, secret } from './requests.js'

const factories = [
  ['hmacAuthenticator', hmacAuthenticator],
  ['hmacVerify', forExpress],
  ['hmacVerify', forKoa],
]

/** What a factory says of options, which must be a TypeError with one of Node's codes. */
function mistake(factory, options) {
  try {
    factory(options)
  } catch (error) {
    assert.ok(error instanceof TypeError, inspect(error))
    assert.match(error.code, /^ERR_INVALID_ARG_(?:VALUE|TYPE)$/)
    return error.message
  }
  return assert.fail(`took ${inspect(options)}`)
}

const nonceScheme = scheme({ name: 'nonce', signature: { header: 'x-s' }, nonce: { header: 'x-n' }, message: '{nonce}\n{body}' })
const urlScheme = scheme({ name: 'url', signature: { header: 'x-s' }, message: '{url}\n{body|sha256|hex}' })
const paramScheme = scheme({ name: 'param', params: { region: null }, signature: { header: 'x-s' }, message: '{param:region}\n{body}' })

/** Each row: options without the secret, which is added unless the row has one; what the message says. */
const mistakes = [
  [{ secrets: [secret] }, /option "secrets" is unknown; did you mean "secret"\?/],
  [{ toleranceSecond: 5 }, /option "toleranceSecond" is unknown; did you mean "toleranceSeconds"\?/],
  [{ scheme: undefined }, /option "scheme" must be a scheme object, such as github from '@countersign\/schemes'; got undefined/],
  [{ scheme: null }, /option "scheme" must be a scheme object.*; got null/],
  [{ scheme: 'github' }, /option "scheme" must be a scheme object.*; got string/],
  [{ scheme: [github] }, /option "scheme" must be a scheme object.*; got an array/],
  [{ scheme: { name: 'mine', message: '{body}' } }, /scheme 'mine': signature: is missing/],
  [{ secret: undefined }, /option "secret" must be a secret, such as text/],
  [{ secret: null }, /option "secret" must be a secret/],
  [{ secret: 1234567890 }, /option "secret" must be a secret.*; got number/],
  [{ secret: Promise.resolve(secret) }, /option "secret" must be a secret; await the promise, or pass a function that returns it/],
  [{ secret: '' }, /option "secret" must not be blank/],
  [{ secret: ' \t\n' }, /option "secret" must not be blank/],
  [{ secret: '\u200b\u200b' }, /option "secret" must not be blank/],
  [{ secret: Buffer.alloc(0) }, /option "secret" must not be blank/],
  [{ secret: Buffer.alloc(32) }, /option "secret" must not be blank/],
  [{ secret: [] }, /option "secret" must contain at least one secret/],
  [{ secret: [secret, ''] }, /option "secret\[1\]" must not be blank/],
  [{ secret: [secret, undefined] }, /option "secret\[1\]" must be a secret/],
  [{ secret: { secret, notAfter: 'soon' } }, /option "secret\.notAfter" must be a real date/],
  [{ secret: { secret, notAfter: '2001-01-01T00:00:00Z' } }, /option "secret" contains only secrets that have expired/],
  [{ secret: { secret, until: 1 } }, /option "secret\.until" is unknown/],
  [{ secret: 'fifteen octets!' }, /option "secret" must be at least 16 octets; it has 15.*allowWeakSecret: true/s],
  [{ scheme: sapApim, secret: 'c2hvcnQgb25jZSBkZWM=' }, /option "secret" gives a key of 14 octets once it is decoded.*allowWeakSecret/s],
  [
    { scheme: sapApim, secret: 'this is not base64 at all!' },
    /scheme 'sap-apim': the secret does not decode as \{secret\|fromBase64\} says/,
  ],
  [
    { scheme: standardWebhooks, secret: 'whsec_not base64 not base64' },
    /the secret does not decode as \{secret\|unprefix:whsec_\|fromBase64\} says/,
  ],
  [{ scheme: sapApim, secret: '================' }, /option "secret" decodes to no octets|does not decode/],
  [{ replay: true }, /option "replay" must be a ReplayStore with claim and release, such as memoryReplayStore\(\), or false; got boolean/],
  [{ scheme: github, replay: undefined }, /option "replay" is undefined; check the variable/],
  [{ replay: null }, /option "replay" must be a ReplayStore/],
  [{ replay: { claim() {} } }, /option "replay" must be a ReplayStore/],
  [
    { replay: memoryReplayStore() },
    /option "replayTtlSeconds" is required: scheme 'hex-signature' signs no time.*write replayTtlSeconds: 86400, or replay: false/,
  ],
  [{ scheme: nonceScheme }, /option "replayTtlSeconds" is required: scheme 'nonce' signs no time/],
  [{ replayTtlSeconds: 0 }, /option "replayTtlSeconds" must be a whole number of seconds, at least 1; got 0/],
  [{ scheme: slack, toleranceSeconds: '300' }, /option "toleranceSeconds" must be a whole number of seconds; got string/],
  [{ scheme: slack, toleranceSeconds: Number.NaN }, /option "toleranceSeconds" must be a whole number of seconds, at least 1; got NaN/],
  [{ scheme: slack, toleranceSeconds: Number.POSITIVE_INFINITY }, /option "toleranceSeconds".*got Infinity/],
  [{ scheme: slack, toleranceSeconds: -1 }, /option "toleranceSeconds".*got -1/],
  [{ scheme: slack, toleranceSeconds: 300_000_000 }, /option "toleranceSeconds" must be at most 31622400 seconds; got 300000000/],
  [{ replay: memoryReplayStore(), replayTtlSeconds: 1e12 }, /option "replayTtlSeconds" must be at most 316224000 seconds/],
  [{ toleranceSeconds: 60 }, /^hmac(Verify|Authenticator): option "toleranceSeconds" has no effect: the scheme signs no time/],
  [{ scheme: github, mustInclude: ['date'] }, /mustInclude.*no list/],
  [{ mustInclude: 'date' }, /option "mustInclude" must be a list of names; got string/],
  [{ mustInclude: [1] }, /option "mustInclude" must be a list of names/],
  [{ params: 'x' }, /option "params" must be an object; got string/],
  [
    { params: { headr: 'x' } },
    /^hmac(Verify|Authenticator): option "params\.headr" is unknown; did you mean "header"\? \(scheme 'hex-signature'\)$/,
  ],
  [{ params: { header: 'not a token' } }, /"not a token" is no field name/],
  [{ params: { header: '' } }, /^hmac(Verify|Authenticator): option "params\.header" must be the name of a header field/],
  [{ params: { header: 5 } }, /^hmac(Verify|Authenticator): option "params\.header" must be a string/],
  [
    { scheme: github, params: { header: 'x' } },
    /^hmac(Verify|Authenticator): option "params\.header" is unknown; the scheme has no params/,
  ],
  [{ scheme: paramScheme }, /^hmac(Verify|Authenticator): option "params\.region" has no default; give it: params: \{ region: '\.\.\.' \}/],
  [
    { scheme: urlScheme },
    /option "publicOrigin" is required: scheme 'url' signs the URL; write publicOrigin: 'https:\/\/api\.example\.com'/,
  ],
  [{ publicOrigin: 'api.example.com' }, /option "publicOrigin" is no origin; write it like/],
  [{ publicOrigin: 'https://api.example.com/v1' }, /option "publicOrigin" holds more than scheme, host and port/],
  [{ publicOrigin: 'ftp://api.example.com' }, /option "publicOrigin" holds more/],
  [{ publicOrigin: '' }, /option "publicOrigin" must not be blank/],
  [{ maxBodyBytes: 'banana' }, /option "maxBodyBytes" must be a whole number of octets; got string/],
  [{ maxBodyBytes: 0 }, /option "maxBodyBytes" must be a whole number of octets, at least 1; got 0/],
  [{ digestOver: 'raw' }, /option "digestOver" must be one of 'wire', 'decoded'; got 'raw'/],
  [{ rawBody: 'rawBody' }, /option "rawBody" must be a function; got string/],
  [{ onStoreError: 'ignore' }, /option "onStoreError" must be one of 'refuse', 'allow'; got 'ignore'/],
  [{ releaseOnServerError: 'no' }, /option "releaseOnServerError" must be true or false; got string/],
  [{ timeoutMs: 0 }, /option "timeoutMs" must be a whole number of milliseconds, at least 1; got 0/],
  [{ clientId: ' ' }, /option "clientId" must not be blank/],
  [{ realm: 'caf\u00e9' }, /option "realm" must be printable ASCII/],
  [{ realm: 'a\r\nb' }, /option "realm" must be printable ASCII/],
  [{ allowWeakSecret: 1 }, /option "allowWeakSecret" must be true or false; got number/],
  [{ allowEmptyBody: 'yes' }, /option "allowEmptyBody" must be true or false/],
  [{ allowUnboundBody: 'yes' }, /option "allowUnboundBody" must be true or false/],
  [{ allowInsecureScheme: 0 }, /option "allowInsecureScheme" must be true or false/],
  [{ now: Date.now() }, /option "now" must be a function; got number/],
]

test('P16, S01: every mistake in the options is a TypeError of the factory that names it', () => {
  for (const [name, factory] of factories) {
    for (const [options, expected] of mistakes) {
      const message = mistake(factory, { secret, ...options })
      assert.match(message, expected)
      assert.match(message, new RegExp(`^(?:${name}: option "|scheme '|${name}: )`), 'names factory or scheme')
    }
  }
})

test('no message holds a secret', () => {
  for (const [options] of mistakes) {
    if (typeof options.secret !== 'string' || options.secret.trim() === '' || /[=\u200b]/.test(options.secret)) continue
    assert.equal(mistake(hmacAuthenticator, { secret, ...options }).includes(options.secret), false)
  }
})

test('options that are none are a TypeError', () => {
  for (const [name, factory] of factories) {
    for (const none of [undefined, null, 'secret', 5, [], true]) assert.match(mistake(factory, none), new RegExp(`^${name}: option "`))
  }
})

test('S04: a public key, a private key and a certificate are no HMAC secret, blanks around them or not', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  const der = publicKey.export({ type: 'spki', format: 'der' })
  for (const one of [pem, ` \n${pem}`, `\ufeff${pem}`, Buffer.from(pem), der, privateKey.export({ type: 'pkcs8', format: 'pem' })]) {
    assert.match(mistake(hmacAuthenticator, { secret: one }), /option "secret" is a public or private key or a certificate/)
  }
  assert.match(mistake(hmacAuthenticator, { secret: publicKey }), /a KeyObject of type secret \(createSecretKey\), not of type public/)
  assert.match(
    mistake(hmacAuthenticator, { secret: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })) }),
    /not of type private/,
  )
})

test('the options are read once: what their owner changes later counts no more', async () => {
  const options = { secret: Buffer.from(secret), params: { header: 'x-mine' }, now }
  const authenticator = hmacAuthenticator(options)
  options.params.header = 'x-other'
  options.secret.fill(0)
  assert.equal(await outcome(authenticator, authRequest({ headers: { 'x-mine': hexOf('{"n":1}') } })), 'granted hex-signature')
})

test('options are own properties: what somebody puts on Object.prototype is none', async () => {
  const authenticator = (() => {
    Object.prototype.allowWeakSecret = true
    Object.prototype.allowEmptyBody = true
    Object.prototype.replayTtlSeconds = 1
    try {
      assert.match(mistake(hmacAuthenticator, { secret: 'short' }), /must be at least 16 octets/)
      assert.match(mistake(hmacAuthenticator, { secret, replay: memoryReplayStore() }), /replayTtlSeconds/)
      return hmacAuthenticator({ secret })
    } finally {
      delete Object.prototype.allowWeakSecret
      delete Object.prototype.allowEmptyBody
      delete Object.prototype.replayTtlSeconds
    }
  })()
  const empty = createHmac('sha256', secret).update('').digest('hex')
  assert.equal(await outcome(authenticator, authRequest({ headers: { 'x-signature': empty }, body: '' })), 'ERR_HMAC_NOTHING_SIGNED')
})

test('the challenge holds the realm as a quoted-string', () => {
  assert.deepEqual(hmacAuthenticator({ secret }).challenges, ['Signature realm="api"'])
  assert.deepEqual(hmacAuthenticator({ secret, realm: 'a "b" \\ c' }).challenges, ['Signature realm="a \\"b\\" \\\\ c"'])
})

test('the default is the hex HMAC-SHA256 of the body in X-Signature', async () => {
  const request = authRequest({ headers: { 'X-Signature': hexOf('{"n":1}') } })
  assert.equal(await outcome(hmacAuthenticator({ secret }), request), 'granted hex-signature')
  assert.equal(await outcome(hmacAuthenticator({ secret, scheme: hexSignature }), request), 'granted hex-signature')
})

test('an authenticator is synchronous where nothing it needs is asynchronous', () => {
  const verdict = hmacAuthenticator({ secret }).authenticate(authRequest({ headers: { 'x-signature': hexOf('{"n":1}') } }))
  assert.equal(verdict.kind, 'granted')
  const late = hmacAuthenticator({ secret: async () => secret }).authenticate(authRequest({ headers: { 'x-signature': hexOf('{"n":1}') } }))
  assert.ok(late instanceof Promise)
  return late
})
