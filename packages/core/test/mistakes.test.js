import assert from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import {
  allOf,
  anonymous,
  anyOf,
  memoryReplayStore,
  readBody,
  secretFromEnv,
  secretFromFile,
  secretLength,
  secretSet,
} from '@countersign/core'
import { tempFolder } from '../../../test/support/folders.js'

const KEY = 'a fair secret of 32 characters!!'
const OTHER = 'another secret of 32 characters!'
const { publicKey } = generateKeyPairSync('ed25519')
const folder = tempFolder()
const file = (name) => join(folder, name)
writeFileSync(file('bin'), Buffer.from([0xff, 0xfe]))
writeFileSync(file('bom'), '\ufeffabcdefghijklmnopqrstuvw')
writeFileSync(file('blank'), ' \n')

const set = (input, further) => secretSet('hmacVerify', 'secret', input, { now: () => 0, timeoutMs: 1000, allowWeak: false, ...further })

/** What is wrong, and the whole of what the operator reads: code, factory, option, what to write. Never a secret. */
const MISTAKES = [
  [
    () => set('\v'.repeat(20)),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must not be blank: everybody can compute the HMAC of an empty key; check that the variable or file it comes from is set',
  ],
  [
    () => set(undefined),
    'ERR_INVALID_ARG_TYPE: hmacVerify: option "secret" must be a secret, such as text or secretFromEnv(name): check that the variable or file it comes from is set; got undefined',
  ],
  [
    () => set(null),
    'ERR_INVALID_ARG_TYPE: hmacVerify: option "secret" must be a secret, such as text or secretFromEnv(name): check that the variable or file it comes from is set; got null',
  ],
  [
    () => set(''),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must not be blank: everybody can compute the HMAC of an empty key; check that the variable or file it comes from is set',
  ],
  [
    () => set('short'),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must be at least 16 octets; it has 5, and a short secret can be guessed offline from one signed request. Generate one with "openssl rand -hex 32". allowWeakSecret: true accepts it anyway, for tests and documentation samples',
  ],
  [
    () => set(7),
    'ERR_INVALID_ARG_TYPE: hmacVerify: option "secret" must be a secret (text, a Uint8Array, a KeyObject of type secret), { id, secret, notBefore, notAfter }, a source such as secretFromEnv(name), a list of these, or a function that finds them; got number',
  ],
  [() => set('x'.repeat(65537)), 'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must be at most 65536 octets; it has 65537'],
  [
    () => set('\ud800aaaaaaaaaaaaaaaaaaaaaaaa'),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must be well-formed text: it contains half of a surrogate pair',
  ],
  [
    () => set('\ufffdaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" contains U+FFFD, so octets were decoded as text and some of them are lost; pass the octets themselves',
  ],
  [
    () => set('-----BEGIN PUBLIC KEY-----aaaaaaaaaaaaaa'),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" is a public or private key or a certificate (PEM, DER, SSH or JWK); HMAC needs a shared secret',
  ],
  [
    () => set(publicKey),
    'ERR_INVALID_ARG_TYPE: hmacVerify: option "secret" must be a KeyObject of type secret (createSecretKey), not of type public; got object',
  ],
  [
    () => set(Promise.resolve(KEY)),
    'ERR_INVALID_ARG_TYPE: hmacVerify: option "secret" must be a secret; await the promise, or pass a function that returns it; got a promise',
  ],
  [() => set([]), 'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must contain at least one secret'],
  [
    () => set([KEY, '']),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret[1]" must not be blank: everybody can compute the HMAC of an empty key; check that the variable or file it comes from is set',
  ],
  [() => set(Array(101).fill(KEY)), 'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must contain at most 100 secrets; it has 101'],
  [
    () => set([KEY, OTHER], { maxSecrets: 1 }),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must contain at most 1 secrets; it has 2',
  ],
  [() => set({ secret: KEY, ids: 'a' }), 'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret.ids" is unknown; did you mean "id"?'],
  [
    () => set({ secret: KEY, qqqqqqqqqqqqqq: 'a' }),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret.qqqqqqqqqqqqqq" is unknown; known are id, secret, notBefore, notAfter',
  ],
  [() => set({ secret: KEY, id: 7 }), 'ERR_INVALID_ARG_TYPE: hmacVerify: option "secret.id" must be a string; got number'],
  [
    () => set({ secret: KEY, id: '' }),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret.id" must be 1 to 256 characters without spaces and control characters',
  ],
  [
    () => set({ secret: KEY, id: 'a b' }),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret.id" must be 1 to 256 characters without spaces and control characters',
  ],
  [
    () => set({ secret: KEY, id: 'a'.repeat(257) }),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret.id" must be 1 to 256 characters without spaces and control characters',
  ],
  [
    () => set([{ secret: 'short' }]),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret[0].secret" must be at least 16 octets; it has 5, and a short secret can be guessed offline from one signed request. Generate one with "openssl rand -hex 32". allowWeakSecret: true accepts it anyway, for tests and documentation samples',
  ],
  [
    () => set({ secret: KEY, notAfter: 'x' }),
    `ERR_INVALID_ARG_VALUE: hmacVerify: option "secret.notAfter" must be a real date; as text, RFC 3339 such as '2026-03-01T00:00:00Z'`,
  ],
  [
    () => set({ secret: KEY, notAfter: new Date(0) }),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" contains only secrets that have expired, the last one at 1970-01-01T00:00:00.000Z',
  ],
  [
    () =>
      set([
        { secret: KEY, notAfter: new Date(0) },
        { secret: OTHER, notAfter: new Date(-1) },
      ]),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" contains only secrets that have expired, the last one at 1970-01-01T00:00:00.000Z',
  ],
  [
    () =>
      set([
        { id: 'a', secret: KEY },
        { id: 'a', secret: OTHER },
      ]),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" contains two secrets with the id "a" for the same time; give each its own id or dates',
  ],
  [
    () => set({ current: () => KEY }),
    'ERR_INVALID_ARG_TYPE: hmacVerify: option "secret" must be a source whose current() returns an array of secrets; got string',
  ],
  [
    () => set({ current: () => [{ material: 'short' }] }),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must be at least 16 octets; it has 5, and a short secret can be guessed offline from one signed request. Generate one with "openssl rand -hex 32". allowWeakSecret: true accepts it anyway, for tests and documentation samples',
  ],
  [
    () => set({ current: () => Array(101).fill({ material: KEY }) }),
    'ERR_INVALID_ARG_VALUE: hmacVerify: option "secret" must contain at most 100 secrets; it has 101',
  ],
  [
    () =>
      set({
        current: () => {
          throw new Error('x')
        },
      }),
    'ERR_LOOKUP_FAILED: a source of secrets failed; see the cause of the error on the channel countersign:error',
  ],
  [() => secretFromEnv(7), 'ERR_INVALID_ARG_TYPE: secretFromEnv: option "name" must be the name of an environment variable; got number'],
  [
    () => secretFromEnv('COUNTERSIGN_A', { id: 'a' }),
    'ERR_INVALID_ARG_VALUE: secretFromEnv: option "name" is the only argument; pass the rest in a record: { id, secret: secretFromEnv(name), notAfter }',
  ],
  [
    () => secretFromEnv('a-b'),
    'ERR_INVALID_ARG_VALUE: secretFromEnv: option "name" must be the name of an environment variable, not its value: letters, digits and _',
  ],
  [
    () => secretFromEnv('COUNTERSIGN_NOT_SET'),
    'ERR_INVALID_ARG_VALUE: secretFromEnv: option "COUNTERSIGN_NOT_SET" is not set in the environment',
  ],
  [() => secretFromFile(''), 'ERR_INVALID_ARG_TYPE: secretFromFile: option "path" must be the path of a file; got string'],
  [() => secretFromFile(7), 'ERR_INVALID_ARG_TYPE: secretFromFile: option "path" must be the path of a file; got number'],
  [
    () => secretFromFile(file('bin')),
    `ERR_INVALID_ARG_VALUE: secretFromFile: option "${file('bin')}" must contain UTF-8 text; write a binary key as hex or base64, and let the scheme decode it`,
  ],
  [
    () => secretFromFile(file('bom')),
    `ERR_INVALID_ARG_VALUE: secretFromFile: option "${file('bom')}" must contain plain UTF-8: save it without the byte order mark`,
  ],
  [
    () => secretFromFile(file('blank')),
    `ERR_INVALID_ARG_VALUE: secretFromFile: option "${file('blank')}" must not be blank: everybody can compute the HMAC of an empty key; check that the variable or file it comes from is set`,
  ],
  [
    () => secretFromFile(file('no')),
    `ENOENT: secretFromFile: ${file('no')} cannot be read: ENOENT: no such file or directory, open '${file('no')}'`,
  ],
  [
    () => secretFromFile(file('no'), { pollMs: -1 }),
    'ERR_INVALID_ARG_VALUE: secretFromFile: option "pollMs" must be a whole number of milliseconds, at least 0; got -1',
  ],
  [
    () => secretFromFile(file('no'), { pollMs: 'x' }),
    'ERR_INVALID_ARG_TYPE: secretFromFile: option "pollMs" must be a whole number of milliseconds; got string',
  ],
  [
    () => secretFromFile(file('no'), { maxStaleSeconds: -1 }),
    'ERR_INVALID_ARG_VALUE: secretFromFile: option "maxStaleSeconds" must be a whole number of seconds, at least 0; got -1',
  ],
  [
    () => secretFromFile(file('no'), { maxStaleSeconds: 'x' }),
    'ERR_INVALID_ARG_TYPE: secretFromFile: option "maxStaleSeconds" must be a whole number of seconds; got string',
  ],
  [() => secretFromFile(file('no'), { now: 1 }), 'ERR_INVALID_ARG_TYPE: secretFromFile: option "now" must be a function; got number'],
  [
    () => secretFromFile(file('no'), { poll: 1 }),
    'ERR_INVALID_ARG_VALUE: secretFromFile: option "poll" is unknown; did you mean "pollMs"?',
  ],
  [
    () => memoryReplayStore({ maxClaims: 0 }),
    'ERR_INVALID_ARG_VALUE: memoryReplayStore: option "maxClaims" must be a whole number of claims, at least 1; got 0',
  ],
  [
    () => memoryReplayStore({ maxClaims: 'x' }),
    'ERR_INVALID_ARG_TYPE: memoryReplayStore: option "maxClaims" must be a whole number of claims; got string',
  ],
  [() => memoryReplayStore({ now: 1 }), 'ERR_INVALID_ARG_TYPE: memoryReplayStore: option "now" must be a function; got number'],
  [() => memoryReplayStore({ max: 1 }), 'ERR_INVALID_ARG_VALUE: memoryReplayStore: option "max" is unknown; known are maxClaims, now'],
  [() => memoryReplayStore().claim(7, 1), 'ERR_INVALID_ARG_TYPE: memoryReplayStore: option "key" must be a string; got number'],
  [() => memoryReplayStore().claim('', 1), 'ERR_INVALID_ARG_VALUE: memoryReplayStore: option "key" must have 1 to 256 characters'],
  [
    () => memoryReplayStore().claim('x'.repeat(257), 1),
    'ERR_INVALID_ARG_VALUE: memoryReplayStore: option "key" must have 1 to 256 characters',
  ],
  [
    () => memoryReplayStore().claim('k', '1'),
    'ERR_INVALID_ARG_TYPE: memoryReplayStore: option "ttlSeconds" must be a number of seconds; got string',
  ],
  [
    () => memoryReplayStore().claim('k', 0),
    'ERR_INVALID_ARG_VALUE: memoryReplayStore: option "ttlSeconds" must be a number of seconds above 0; got 0',
  ],
  [
    () => memoryReplayStore().claim('k', Number.NaN),
    'ERR_INVALID_ARG_VALUE: memoryReplayStore: option "ttlSeconds" must be a number of seconds above 0; got NaN',
  ],
  [
    () => memoryReplayStore().claim('k', Number.MAX_SAFE_INTEGER),
    'ERR_INVALID_ARG_VALUE: memoryReplayStore: option "ttlSeconds" must be a number of seconds above 0; got 9007199254740991',
  ],
  [() => memoryReplayStore().release(7, '1'), 'ERR_INVALID_ARG_TYPE: memoryReplayStore: option "key" must be a string; got number'],
  [
    () => memoryReplayStore({ now: () => Number.NaN }).claim('k', 1),
    'ERR_AUTH_DEFECT: the clock of the replay store did not return a number; see the cause of the error on the channel countersign:error',
  ],
  [
    () =>
      (() => {
        const store = memoryReplayStore({ maxClaims: 1, now: () => 0 })
        store.claim('a', 9)
        store.claim('b', 9)
      })(),
    'ERR_STORE_FULL: the replay store holds 1 claims; raise maxClaims, or find out who sends so many requests',
  ],
  [
    () =>
      (() => {
        let now = 1e6
        const store = memoryReplayStore({ now: () => now })
        store.claim('a', 1)
        now = 2e6
        store.claim('b', 1)
        now = 1e6
        store.claim('c', 1)
      })(),
    'ERR_STORE_DOWN: the clock went back to a time whose claims are no longer kept; see the cause of the error on the channel countersign:error',
  ],
  [() => anyOf(), 'ERR_INVALID_ARG_VALUE: anyOf: option "authenticators" must be at least 1; got 0'],
  [
    () => anyOf(7),
    'ERR_INVALID_ARG_TYPE: anyOf: option "authenticator" must be an authenticator, such as hmacAuthenticator(...) returns; got number',
  ],
  [
    () => anyOf(() => undefined),
    'ERR_INVALID_ARG_TYPE: anyOf: option "authenticator" must be an authenticator, such as hmacAuthenticator(...) returns; a middleware, such as hmacVerify(...) returns, is not one; got function',
  ],
  [
    () => anyOf([anonymous()]),
    'ERR_INVALID_ARG_TYPE: anyOf: option "authenticator" must be an authenticator, such as hmacAuthenticator(...) returns; pass several as separate arguments, not as a list; got an array',
  ],
  [
    () => anyOf(anonymous(), anonymous()),
    'ERR_INVALID_ARG_VALUE: anyOf: option "authenticators" must have anonymous() last: members after it never run',
  ],
  [() => allOf(anonymous()), 'ERR_INVALID_ARG_VALUE: allOf: option "authenticators" must be at least 2; got 1'],
  [() => allOf(anonymous(), anonymous(), 7), 'ERR_INVALID_ARG_TYPE: allOf: option "options" must be an object; got number'],
  [() => allOf(), 'ERR_INVALID_ARG_VALUE: allOf: option "authenticators" must be at least 2; got 0'],
  [
    () => allOf(anonymous(), anonymous(), { sameClients: true }),
    'ERR_INVALID_ARG_VALUE: allOf: option "sameClients" is unknown; did you mean "sameClient"?',
  ],
  [
    () => allOf(anonymous(), anonymous(), { sameClient: 1 }),
    'ERR_INVALID_ARG_TYPE: allOf: option "sameClient" must be true or false; got number',
  ],
  [
    () => allOf(anonymous(), { ...anonymous(), registry: {} }, { sameClient: true }),
    'ERR_INVALID_ARG_VALUE: allOf: option "sameClient" needs all authenticators to use one registry; give each of them the registry option',
  ],
  [() => allOf(anonymous(), anonymous(), null), 'ERR_INVALID_ARG_TYPE: allOf: option "options" must be an object; got null'],
  [
    () => allOf(7, anonymous()),
    'ERR_INVALID_ARG_TYPE: allOf: option "authenticator" must be an authenticator, such as hmacAuthenticator(...) returns; got number',
  ],
  [
    () => readBody({ headers: {} }, { maxBodyBytes: -1 }),
    'ERR_INVALID_ARG_VALUE: readBody: option "maxBodyBytes" must be a whole number of octets',
  ],
  [
    () => readBody({ headers: {} }, { maxBodyBytes: 1.5 }),
    'ERR_INVALID_ARG_VALUE: readBody: option "maxBodyBytes" must be a whole number of octets',
  ],
  [
    () => readBody({ headers: {} }, { digestOver: 'all' }),
    `ERR_INVALID_ARG_VALUE: readBody: option "digestOver" must be one of 'wire', 'decoded'`,
  ],
  [
    () => readBody({ headers: {} }, { rawBody: () => 'text' }),
    'ERR_INVALID_ARG_TYPE: readBody: option "rawBody" must be a function that returns a Buffer or undefined; got string',
  ],
  [
    () => readBody({ headers: { 'content-encoding': 'gzip' } }, { rawBody: () => Buffer.from('x') }),
    'ERR_BODY_CONSUMED: the kept octets are not those that were sent, since they had a Content-Encoding; mount the guard before the body parser, or keep the raw body as a Buffer in req.rawBody (express.json({ verify }))',
  ],
]

for (const [call, message] of MISTAKES) {
  test(`S01: ${String(call).replace('() => ', '')} says what is wrong and what to write`, () => {
    assert.throws(call, (error) => {
      assert.equal(`${error.code}: ${error.message}`, message)
      return true
    })
  })
}

test('a text of vertical tabs is blank, and as many octets are a key (RFC 4231 section 4.2)', () => {
  assert.throws(() => set('\v'.repeat(20)), /blank/)
  assert.deepEqual([...set(Buffer.alloc(20, 0x0b)).active()[0].material], Array(20).fill(0x0b))
})

test('how many octets a secret has', () => {
  assert.equal(secretLength('\u20ac'), 3)
  assert.equal(secretLength(new Uint8Array(5)), 5)
  assert.equal(secretLength(createSecretKey(Buffer.alloc(7, 1))), 7)
})

test('an id has up to 256 characters', () => {
  const id = 'a'.repeat(256)
  assert.equal(set({ id, secret: KEY }).active(id)[0].id, id)
})

test('a secret of a source without an id of its record is the very one that the source gave', () => {
  writeFileSync(file('held'), KEY)
  const source = secretFromFile(file('held'))
  assert.equal(set([source]).active()[0], source.current()[0])
  assert.equal(set([{ secret: source }]).active()[0], source.current()[0])
  const named = set([{ id: 'a', secret: source }])
  assert.equal(named.active('a')[0].id, 'a')
  assert.equal(named.active('a')[0], named.active('a')[0])
  assert.equal(named.active('b').length, 0)
})

test('a file is not to become short, unless it was or somebody takes short secrets from it; what cannot be read is the cause', () => {
  let now = 0
  const short = 'under 16 octets'
  const followed = (name, first) => {
    writeFileSync(file(name), first)
    const source = secretFromFile(file(name), { pollMs: 0, maxStaleSeconds: 300, now: () => now })
    return { source, become: (text) => writeFileSync(file(name), text), text: () => source.current()[0].material }
  }
  const sixteen = 'x'.repeat(16)
  for (const [name, use] of [
    ['alone', () => {}],
    ['listed', (source) => set([source])],
  ]) {
    const one = followed(name, sixteen)
    use(one.source)
    one.become(short)
    assert.equal(one.text(), sixteen, name)
  }
  const weak = followed('weak', sixteen)
  set([weak.source], { allowWeak: true })
  weak.become(short)
  assert.equal(weak.text(), short)
  const stale = followed('stale', sixteen)
  stale.become('')
  assert.equal(stale.text(), sixteen)
  now += 300_000
  assert.throws(stale.text, { code: 'ERR_SECRET_STALE', message: new RegExp(`^${file('stale')} has not held a usable secret for 300 s`) })
  assert.throws(
    () => secretFromFile(file('nowhere')),
    (error) => error.cause.code === 'ENOENT' && error.cause.syscall === 'open',
  )
})

const KEY_FILE = 'is a public or private key or a certificate (PEM, DER, SSH or JWK); HMAC needs a shared secret'

test('S02: an asymmetric JWK is found within a set, beside symmetric ones, and within other text; what only mentions one is a secret', () => {
  const rsa = '{"kty":"RSA","n":"AQAB"}'
  for (const text of [rsa, `key=${rsa};`, `{"keys":[{"kty":"oct"},${rsa}]}`, `{"keys":[${rsa},{"kty":"oct"}]}`, `{"keys":[null,${rsa}]}`]) {
    assert.throws(() => set(text), { message: `hmacVerify: option "secret" ${KEY_FILE}` }, text)
  }
  const secrets = [
    '{"kty":"oct","k":"AAAA"}',
    '{"keys":[{"kty":"oct"}]}',
    '{"keys":[{"use":"\\"kty\\""},{"kid":"kty"}]}',
    '{"a":{"kty":"RSA"}}',
    '"kty" is RSA, they say',
  ]
  for (const text of secrets) assert.equal(set(text).active()[0].material, text)
})

test('what a variable holds is judged under its name', (t) => {
  process.env.COUNTERSIGN_MISTAKE = '-----BEGIN PUBLIC KEY-----'
  t.after(() => delete process.env.COUNTERSIGN_MISTAKE)
  assert.throws(() => secretFromEnv('COUNTERSIGN_MISTAKE'), { message: `secretFromEnv: option "COUNTERSIGN_MISTAKE" ${KEY_FILE}` })
})

test('S26: inspect shows of a secret its id alone, and one without an id has none', () => {
  const [plain] = set(KEY).active()
  const [named] = set({ id: 'a', secret: KEY }).active()
  assert.equal(inspect(plain, { getters: true, showHidden: true }), 'Secret {}')
  assert.equal(inspect(named, { getters: true, showHidden: true }), "Secret { id: 'a' }")
  assert.ok(!Object.hasOwn(plain, 'id'))
})

test('S26: what a source of somebody else gives is taken over, not handed on', () => {
  const foreign = { material: KEY }
  const source = { current: () => [foreign] }
  const [held] = set(source).active()
  assert.notEqual(held, foreign)
  assert.equal(held.material, KEY)
  assert.equal(set(source).active().length, 1)
  assert.doesNotMatch(inspect(held, { getters: true, showHidden: true }), /fair secret/)
  for (const nothing of [null, undefined, 7]) {
    assert.throws(() => set({ current: () => [nothing] }), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /^hmacVerify: option "secret" must be a secret/,
    })
  }
})
