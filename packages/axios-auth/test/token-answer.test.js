/** What token services answer, judged without a network. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
// What no public name reaches: the parsers that bearer stands on.
import { readToken, retryAfterSeconds } from '../dist/token/answer.js'
import { TokenError } from '../dist/token/error.js'
import { tokenKey } from '../dist/token/key.js'
import { heldToken, storedToken } from '../dist/token/record.js'

if (!process.env.COUNTERSIGN_LONG) fc.configureGlobal({ seed: 4231 })

const T0 = Date.parse('2026-03-01T00:00:00Z')
const OAUTH = {
  tokenPath: ['access_token'],
  tokenHeader: undefined,
  expiresPath: ['expires_in'],
  expiresUnit: 'seconds',
  isOAuth: true,
  defaultLifetimeMs: 300_000,
  maxLifetimeMs: 86_400_000,
}
const RENEWAL = { refreshAt: 0.5, skewMs: 10_000 }

const answer = (json, { status = 200, rawHeaders = [] } = {}) => ({
  status,
  rawHeaders,
  body: Buffer.isBuffer(json) ? json : Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)),
})
const read = (json, options = {}) => readToken(answer(json, options), { ...OAUTH, ...options.shape }, () => T0, options.secrets ?? [])
const life = (expires, shape = {}) => read({ access_token: 't', expires_in: expires }, { shape }).lifetimeMs

test('S16: success is status 200 and a token of its own in JSON; nothing else is', () => {
  for (const status of [201, 202, 204, 206, 100, 301, 302, 400, 401, 403, 404, 429, 500, 503]) {
    assert.throws(() => read({ access_token: 't' }, { status }), {
      name: 'TokenError',
      code: 'ERR_AXIOS_TOKEN_REFUSED',
      tokenStatus: status,
    })
  }
  const malformed = [
    '',
    ' ',
    'null',
    '[]',
    '"t"',
    '5',
    'access_token=t',
    '<html>',
    '{"access_token":"t"',
    '{"a":{"access_token":"t"}}',
    '[{"access_token":"t"}]',
  ]
  for (const body of malformed) assert.throws(() => read(body), { code: 'ERR_AXIOS_TOKEN_MALFORMED' }, body)
  assert.throws(() => read(Buffer.from('7b226163636573735f746f6b656e223a22ff227d', 'hex')), { code: 'ERR_AXIOS_TOKEN_MALFORMED' })
  assert.deepEqual(read('\ufeff{"access_token":"t"}').token, 't')
})

test('S16: inherited properties are no token, no error, no type and no expiry', () => {
  const names = { access_token: 'stolen', expires_in: 1e9, error: 'polluted', token_type: 'mac' }
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true, enumerable: false })
  }
  try {
    assert.throws(() => read({}), { code: 'ERR_AXIOS_TOKEN_MALFORMED' })
    assert.deepEqual(read('{"access_token":"t"}'), { token: 't', lifetimeMs: 300_000 })
  } finally {
    for (const name of Object.keys(names)) delete Object.prototype[name]
  }
})

test('S18: a token that cannot go into a header is none', () => {
  for (const token of [
    '',
    ' ',
    'a b',
    'a\r\nX: y',
    'a\n',
    '\0',
    'caf\u00e9',
    '\u2028',
    'x'.repeat(16_385),
    5,
    true,
    null,
    {},
    ['t'],
    undefined,
  ]) {
    assert.throws(() => read({ access_token: token }), { code: 'ERR_AXIOS_TOKEN_MALFORMED' }, inspect(token).slice(0, 40))
  }
  for (const token of ['t', 'a.b-c_d~e+f/g==', '1|abc:def', 'x'.repeat(16_384)]) assert.equal(read({ access_token: token }).token, token)
})

test('an error with status 200 is an error; it is carried when it is a plain word, and never a secret', () => {
  const failure = (error, options) => {
    try {
      read({ access_token: 't', error }, options)
    } catch (thrown) {
      return thrown.oauthError
    }
    return 'none'
  }
  assert.equal(failure('invalid_client'), 'invalid_client')
  assert.equal(failure('bad secret hunter2'), 'unnamed')
  assert.equal(failure('x'.repeat(65)), 'unnamed')
  assert.equal(failure('a\r\nb'), 'unnamed')
  assert.equal(failure('secret-is-hunter2-hunter2', { secrets: ['hunter2-hunter2'] }), 'unnamed')
  for (const odd of [{ message: 'x' }, ['x'], true, 5]) assert.equal(failure(odd), 'unnamed')
  for (const none of [null, '', false, 0, undefined]) assert.equal(failure(none), 'none')
  assert.throws(
    () => read({ error: 'invalid_scope', error_description: 'canary' }, { status: 400 }),
    (error) => {
      assert.equal(error.oauthError, 'invalid_scope')
      assert.ok(!inspect(error, { depth: null, showHidden: true }).includes('canary'))
      return true
    },
  )
})

test('token_type is Bearer in any case, or missing; another one is no bearer token', () => {
  for (const type of ['Bearer', 'bearer', 'BEARER', undefined, null]) assert.equal(read({ access_token: 't', token_type: type }).token, 't')
  for (const type of ['mac', 'DPoP', '', ' Bearer', 5, ['Bearer']]) {
    assert.throws(() => read({ access_token: 't', token_type: type }), { code: 'ERR_AXIOS_TOKEN_TYPE' }, inspect(type))
  }
  assert.equal(read({ access_token: 't', token_type: 'JWT' }, { shape: { isOAuth: false } }).token, 't')
})

test('P41: a life is never for ever: odd values are not kept, a missing one gets the default, a long one the longest', () => {
  for (const odd of [0, -1, -0, -1e300, '', ' ', '0', '-1', 'abc', '1h', '0x10', '1e3', ' 5', 'Infinity', true, false, {}, [], [60]])
    assert.equal(life(odd), 0, inspect(odd))
  for (const missing of [undefined, null]) assert.equal(life(missing), 300_000)
  assert.equal(life(undefined, { defaultLifetimeMs: 0 }), 0)
  assert.equal(life(undefined, { maxLifetimeMs: 60_000 }), 60_000)
  for (const long of [86_401, 1e15, Number.MAX_SAFE_INTEGER, 1e300, '99999999999999999999']) assert.equal(life(long), 86_400_000)
  assert.equal(read('{"access_token":"t","expires_in":1e999}').lifetimeMs, 86_400_000)
  assert.deepEqual([life(3600), life('3600'), life(0.5), life('1.5')], [3_600_000, 3_600_000, 500, 1500])
})

test('proprietary services: token and expiry by path, own units, status 201, a header', () => {
  const shape = { isOAuth: false, tokenPath: ['data', 'tokens', '0', 'id'], expiresPath: ['data', 'until'], expiresUnit: 'dateTime' }
  const json = { data: { tokens: [{ id: 'abc' }], until: '2026-03-01T01:00:00+00:00' } }
  assert.deepEqual(read(json, { shape, status: 201 }), { token: 'abc', lifetimeMs: 3_600_000 })
  for (const status of [199, 202, 204, 302, 401]) assert.throws(() => read(json, { shape, status }), { code: 'ERR_AXIOS_TOKEN_REFUSED' })
  for (const until of ['2026-02-28T23:00:00Z', 'soon', '2026-03-01', 5, {}])
    assert.equal(read({ data: { ...json.data, until } }, { shape }).lifetimeMs, 0)
  const until = (unit, value) =>
    read({ access_token: 't', until: value }, { shape: { isOAuth: false, expiresPath: ['until'], expiresUnit: unit } }).lifetimeMs
  assert.equal(until('milliseconds', 1500), 1500)
  assert.equal(until('unixSeconds', T0 / 1000 + 60), 60_000)
  assert.equal(until('unixMilliseconds', String(T0 + 60_000)), 60_000)
  assert.equal(until('unixSeconds', 1), 0)
  const header = { shape: { isOAuth: false, tokenPath: undefined, tokenHeader: 'x-subject-token' } }
  assert.equal(read('', { ...header, rawHeaders: ['X-Subject-Token', 'abc'] }).token, 'abc')
  for (const rawHeaders of [[], ['X-Subject-Token', 'a', 'x-subject-token', 'b'], ['X-Subject-Token', 'a b']]) {
    assert.throws(() => read('', { ...header, rawHeaders }), { code: 'ERR_AXIOS_TOKEN_MALFORMED' })
  }
  for (const name of ['constructor', '__proto__', 'toString', 'length']) {
    assert.throws(() => read('{}', { shape: { tokenPath: [name] } }), { code: 'ERR_AXIOS_TOKEN_MALFORMED' })
  }
})

test('Retry-After: seconds and dates, at most 300 seconds, anything else is none', () => {
  const seconds = (value) => retryAfterSeconds(['Retry-After', value], T0)
  assert.deepEqual(['7', '0', '300', '301', '99999999999999999999'].map(seconds), [7, 0, 300, 300, 300])
  assert.equal(seconds('Sun, 01 Mar 2026 00:01:00 GMT'), 60)
  assert.equal(seconds('Sun, 01 Mar 2026 23:01:00 GMT'), 300)
  for (const none of ['', '-5', '1.5', 'soon', 'Sat, 28 Feb 2026 00:00:00 GMT', '2026-03-01T00:01:00Z', 'Xyz, ', 'x'.repeat(100)])
    assert.equal(seconds(none), 0, none)
  assert.equal(retryAfterSeconds([], T0), 0)
  assert.equal(retryAfterSeconds(['Retry-After', '5'], Number.NaN), 5)
})

test('any octets are an answer that is judged: a token that can be sent, or a TokenError', () => {
  const body = fc.oneof(
    fc.uint8Array().map(Buffer.from),
    fc.json().map(Buffer.from),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify({ access_token: value, expires_in: value, error: value }))),
  )
  fc.assert(
    fc.property(body, fc.integer({ min: 100, max: 599 }), (octets, status) => {
      try {
        const { token, lifetimeMs } = read(octets, { status })
        return status === 200 && /^[\x21-\x7e]+$/.test(token) && lifetimeMs >= 0 && lifetimeMs <= 86_400_000
      } catch (error) {
        return error.name === 'TokenError'
      }
    }),
  )
})

test('what a store holds is read back, and nothing foreign is', () => {
  const held = heldToken('abc', T0, T0 + 3_600_000, RENEWAL)
  assert.deepEqual(storedToken(held.text, RENEWAL), held)
  assert.deepEqual([held.refreshFrom - T0, held.waitFrom - T0], [1_800_000, 3_240_000])
  const good = { v: 1, token: 'abc', from: T0, until: T0 + 1 }
  assert.ok(storedToken(JSON.stringify(good), RENEWAL))
  const changes = [
    { v: 2 },
    { v: '1' },
    { v: undefined },
    { token: 'a b' },
    { token: 5 },
    { from: null },
    { from: T0 + 1 },
    { until: '9' },
    { until: undefined },
  ]
  for (const change of changes) assert.equal(storedToken(JSON.stringify({ ...good, ...change }), RENEWAL), undefined, inspect(change))
  for (const foreign of [
    undefined,
    null,
    5,
    '',
    'abc',
    '[]',
    'null',
    '{"__proto__":{"v":1,"token":"a","from":1,"until":2}}',
    `${held.text}x`,
    Buffer.from(held.text),
    new String(held.text),
  ]) {
    assert.equal(storedToken(foreign, RENEWAL), undefined)
  }
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => storedToken(text, RENEWAL) === undefined))
})

test('P41: callers wait for the next token from max(skew, a tenth of the life) before the end on, but never for more than half of the life', () => {
  const waits = (seconds, skewMs) => heldToken('t', 0, seconds * 1000, { refreshAt: 0.9, skewMs }).waitFrom / 1000
  assert.deepEqual([waits(1000, 10_000), waits(50, 10_000), waits(1, 10_000), waits(100, 0)], [900, 40, 0.5, 90])
  const { refreshFrom, waitFrom } = heldToken('t', 0, 1000, { refreshAt: 1, skewMs: 0 })
  assert.equal(refreshFrom, waitFrom)
})

test('what is said of an answer without a usable token', () => {
  const message = (json, options) => {
    try {
      read(json, options)
    } catch (error) {
      return error.message.split(';')[0]
    }
    return 'none'
  }
  const answered = 'the response of the token service'
  assert.equal(message('<html>'), `${answered} is not JSON`)
  assert.equal(message('<html>', { rawHeaders: ['Content-Encoding', 'Identity'] }), `${answered} is not JSON`)
  const compressed = `${answered} is compressed, although it was requested uncompressed (identity)`
  assert.equal(message('\x1f\x8b', { rawHeaders: ['content-encoding', 'gzip'] }), compressed)
  assert.equal(message('\x1f\x8b', { rawHeaders: ['content-encoding', 'identity', 'content-encoding', 'br'] }), compressed)
  assert.equal(message('{}', { rawHeaders: ['content-encoding', 'gzip'] }), `${answered} has no token where one is expected`)
  assert.equal(message({ access_token: null }), `${answered} has no token where one is expected`)
  assert.equal(message({ access_token: 'a b' }), `the token in the ${answered.slice(4)} is not text that a header can carry`)
  assert.equal(message({}, { status: 418 }), 'the token service answered with status 418')
  assert.equal(message({ error: 'nope' }, { status: 400 }), 'the token service answered with status 400 and the error nope')
})

test('an error has the facts that are known, and no others', () => {
  const facts = (json, options) => {
    try {
      read(json, options)
    } catch ({ name, code, message, stack, ...rest }) {
      return rest
    }
    return 'none'
  }
  const busy = ['Retry-After', '7']
  assert.deepEqual(facts({}, { status: 500 }), { tokenStatus: 500 })
  assert.deepEqual(facts({}, { status: 500, rawHeaders: busy }), { tokenStatus: 500 })
  assert.deepEqual(facts({}, { status: 200, rawHeaders: busy }), { tokenStatus: 200 })
  for (const status of [429, 503]) {
    assert.deepEqual(facts({}, { status, rawHeaders: busy }), { tokenStatus: status, retryAfterSeconds: 7 })
    assert.deepEqual(facts({}, { status, rawHeaders: ['Retry-After', '0'] }), { tokenStatus: status })
  }
  assert.deepEqual(facts({ error: 'x' }, { status: 400 }), { tokenStatus: 400, oauthError: 'x' })
  const bare = new TokenError('ERR_AXIOS_TOKEN_TYPE')
  assert.deepEqual([Object.keys(bare).includes('tokenStatus'), bare.name], [false, 'TokenError'])
  assert.match(bare.message, /^the token service returned a token of a type other than Bearer; ask for a Bearer token/)
})

test('an error that is a part of a secret, or holds one, is not named', () => {
  const named = (error, secrets) => {
    try {
      read({ error }, { secrets })
    } catch (thrown) {
      return thrown.oauthError
    }
    return 'none'
  }
  assert.equal(named('hunter2', ['hunter2-hunter2']), 'unnamed')
  assert.equal(named('hunter2-hunter2', ['x', 'hunter2']), 'unnamed')
  assert.equal(named('hunter3', ['hunter2']), 'hunter3')
  assert.equal(named('x'.repeat(64), []), 'x'.repeat(64))
  for (const odd of [' a', 'a ', 'a b', 'a!', '\u00fc', 'a\n']) assert.equal(named(odd, []), 'unnamed', JSON.stringify(odd))
  assert.equal(named('https://login.example:8443/errors/a_b.c-d', []), 'https://login.example:8443/errors/a_b.c-d')
})

test('a life is digits, with a fraction or without, and nothing beside them', () => {
  for (const odd of ['x5', '5x', '5.', '.5', '5.5.5', '+5', '5 ', `${'0'.repeat(20)}5`]) assert.equal(life(odd), 0, odd)
  assert.equal(life(`${'0'.repeat(19)}5`), 5000)
  assert.equal(life('12.25'), 12_250)
  const until = (expiresUnit, value) => life(value, { expiresUnit, isOAuth: false })
  assert.equal(until('milliseconds', '1500'), 1500)
  assert.equal(until('unixMilliseconds', T0 - 1), 0)
  assert.equal(until('unixSeconds', `${T0 / 1000 + 1}`), 1000)
  assert.equal(until('dateTime', '2026-03-01T00:00:01Z'), 1000)
  assert.equal(until('dateTime', '2026-03-02T00:00:01Z'), 86_400_000)
  assert.equal(until('dateTime', T0 + 1000), 0)
  assert.equal(until('dateTime', undefined), 300_000)
})

test('a moment as services write it: ISO 8601 in its forms, and the date of HTTP', () => {
  const until = (value) => life(value, { expiresUnit: 'dateTime', isOAuth: false })
  for (const text of [
    '2026-03-01T00:01:00Z',
    '2026-03-01T00:01:00.000000000Z',
    '2026-03-01t00:01:00z',
    '2026-03-01 00:01:00',
    '2026-03-01T00:01:00',
    '2026-03-01 00:01:00 UTC',
    '2026-03-01T00:01:00,000',
    '2026-03-01T00:01:00+0000',
    '2026-03-01T01:01:00.000+0100',
    '2026-03-01T01:01:00 +01',
    '2026-02-28T19:31:00-0430',
    'Sun, 01 Mar 2026 00:01:00 GMT',
  ]) {
    assert.equal(until(text), 60_000, text)
  }
  for (const odd of [
    '2026-03-01',
    '00:01:00',
    '2026-02-30T00:01:00',
    '2026-03-01T24:00:00',
    '2026-03-01T00:01:00 CET',
    '+2026-03-01T00:01:00',
    '2026-03-01T00:01:00+1',
    '2026-03-01T00:01:00+01:0',
    '2026-03-01T00:01:00+25:00',
    '2026-03-01T00:01:00.',
    'Sun, 99 Mar 2026 00:01:00 GMT',
    'Sun, 01 Mar 2026 00:01:00 CET',
    'tomorrow',
    '',
    ' 2026-03-01T00:01:00Z',
    '2026-03-01T00:01:00Z '.padEnd(50),
  ]) {
    assert.equal(until(odd), 0, odd)
  }
})

test('a redirect: the refusal names the option that is wrong', () => {
  assert.throws(() => read({}, { status: 307 }), { tokenStatus: 307, message: /status 307; redirects are not followed: check tokenUrl/ })
})

test('status 201 of what should be an OAuth 2.0 service: the refusal says what to write', () => {
  assert.throws(() => read({ access_token: 't' }, { status: 201 }), {
    tokenStatus: 201,
    message: /if that means success, write tokenField: 'access_token'/,
  })
  assert.throws(
    () => read({ error: 'invalid_client' }, { status: 201 }),
    ({ message }) => !message.includes('tokenField'),
  )
})

test('Retry-After: a date counts up to the next whole second, and what is longer than any date is none', () => {
  const seconds = (value, now = T0) => retryAfterSeconds(['Retry-After', value], now)
  assert.equal(seconds('Sun, 01 Mar 2026 00:01:00 GMT', T0 + 1), 60)
  assert.equal(seconds('Sun, 01 Mar 2026 00:01:00 GMT', T0 + 59_999), 1)
  assert.equal(seconds('Sun, 01 Mar 2026 00:01:00 GMT', T0 + 60_000), 0)
  assert.equal(seconds(`${'0'.repeat(39)}5`), 5)
  assert.equal(seconds(`${'0'.repeat(40)}5`), 0)
  for (const odd of ['x5', '5x', 'xSun, 01 Mar 2026 00:01:00 GMT', 'sun, 01 Mar 2026 00:01:00 GMT']) assert.equal(seconds(odd), 0, odd)
  assert.equal(retryAfterSeconds(['Retry-After', '5', 'Retry-After', '9'], T0), 5)
})

test('P29: the key of a token is the HMAC under the secret over all that tells it from another, each part with its length', () => {
  const identity = {
    tokenUrl: 'https://login.example/token',
    client: { id: 'client', fields: ['client_id', 'client_secret'] },
    secret: 'a client secret',
    fields: new Map([
      ['resource', ['urn:b', 'urn:a']],
      ['grant_type', 'client_credentials'],
      ['n', 5],
    ]),
    scopes: ['write', 'read'],
    shape: ['data', 'token'],
  }
  const parts = [
    ...['countersign bearer 1', 'https://login.example/token', '1', 'client', '2', 'client_id', 'client_secret'],
    ...['2', 'read', 'write', '2', 'data', 'token', '3', 'grant_type', 'n', 'resource'],
    ...['1', 'client_credentials', '1', '5', '2', 'urn:b', 'urn:a'],
  ]
  const expected = (secret, list) =>
    createHmac('sha256', secret)
      .update(list.map((part) => `${Buffer.byteLength(part)}:${part};`).join(''))
      .digest('base64url')
  assert.equal(tokenKey(identity), expected('a client secret', parts))
  const nobody = { ...identity, secret: undefined, client: { id: undefined, fields: [] }, scopes: ['\u00fc'] }
  const without = ['countersign bearer 1', 'https://login.example/token', '0', '0', '1', '\u00fc', ...parts.slice(10)]
  assert.equal(tokenKey(nobody), expected('', without))
})
