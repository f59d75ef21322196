import assert from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { CountersignError, secretFromEnv, secretSet } from '@countersign/core'
import fc from 'fast-check'

if (!process.env.COUNTERSIGN_LONG) fc.configureGlobal({ seed: 4231 })

const KEY = 'a fair secret of 32 characters!!'
const OTHER = 'another secret of 32 characters!'
const T0 = Date.parse('2026-03-01T00:00:00Z')
const DAY = 86_400_000

/** A set with a clock that the test turns. */
function set(input, options = {}) {
  const clock = { now: T0 }
  const secrets = secretSet('hmacVerify', 'secret', input, { now: () => clock.now, timeoutMs: 1000, allowWeak: false, ...options })
  return {
    clock,
    secrets,
    active: (keyId) => secrets.active(keyId),
    texts: (keyId) => secrets.active(keyId).map((secret) => secret.material),
  }
}

/** Refused when the set is made, by a TypeError that names factory and option and holds no secret. */
function refused(input, { code = 'ERR_INVALID_ARG_VALUE', says = /./, hides = [], ...options } = {}) {
  assert.throws(
    () => set(input, options),
    (error) => {
      assert.ok(error instanceof TypeError, String(error))
      assert.equal(error.code, code)
      assert.match(error.message, /^hmacVerify: option "secret[^"]*" /)
      assert.match(error.message, says)
      for (const hidden of hides) assert.ok(!inspect(error).includes(hidden), inspect(error))
      return true
    },
  )
}

const blankTexts = [
  '',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\0\0',
  ' '.repeat(40),
  '\0'.repeat(40),
  '\u00a0',
  '\u2003\u2003',
  '\u3000'.repeat(20),
]
blankTexts.push(
  '\ufeff',
  '\ufeff'.repeat(20),
  '\u200b'.repeat(20),
  '\u2060\u200d',
  '\u0085',
  '\u00ad'.repeat(16),
  '\u3164'.repeat(16),
  '\u180e',
  ' \0\ufeff\u2028',
)
const blankOctets = [
  ...blankTexts.filter((text) => text !== '\u0085').map((text) => Buffer.from(text)),
  new Uint8Array(0),
  new Uint8Array(32),
  Buffer.alloc(64),
]

const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ed25519: generateKeyPairSync('ed25519'),
}
/** Every shape in which a public (or private) key is handed round. */
function keyFiles() {
  const files = {
    'ssh-rsa': `ssh-rsa ${'AAAAB3NzaC1yc2EAAAADAQABAAABAQ'.repeat(4)} me@host`,
    'ssh-ed25519': `ssh-ed25519 ${'AAAAC3NzaC1lZDI1NTE5AAAAI'.repeat(2)}`,
    'ecdsa-sha2': `ecdsa-sha2-nistp256 ${'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAA'.repeat(2)}`,
    'RFC 4716': '---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQAB\n---- END SSH2 PUBLIC KEY ----',
    'text before the armour': `Bag Attributes\n    friendlyName: me\n${pairs.rsa.publicKey.export({ format: 'pem', type: 'spki' })}`,
  }
  for (const [name, { publicKey, privateKey }] of Object.entries(pairs)) {
    files[`${name} PEM`] = publicKey.export({ format: 'pem', type: 'spki' })
    files[`${name} private PEM`] = privateKey.export({ format: 'pem', type: 'pkcs8' })
    files[`${name} DER`] = publicKey.export({ format: 'der', type: 'spki' })
    files[`${name} base64 DER`] = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    files[`${name} JWK`] = JSON.stringify(publicKey.export({ format: 'jwk' }))
    files[`${name} JWKS`] = JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }, null, 2)
  }
  files['RSA PKCS #1'] = pairs.rsa.publicKey.export({ format: 'pem', type: 'pkcs1' })
  return files
}

describe('secretSet: what is refused when it is made', () => {
  test('P16, S01: a secret that is missing', () => {
    for (const input of [undefined, null]) refused(input, { code: 'ERR_INVALID_ARG_TYPE' })
    refused([], { says: /at least one secret/ })
    refused([KEY, undefined], { code: 'ERR_INVALID_ARG_TYPE', says: /"secret\[1\]"/ })
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    refused([KEY, , OTHER], { code: 'ERR_INVALID_ARG_TYPE', says: /"secret\[1\]"/ })
    refused({ secret: undefined }, { code: 'ERR_INVALID_ARG_TYPE', says: /"secret\.secret"/ })
    refused({ secret: null }, { code: 'ERR_INVALID_ARG_TYPE' })
  })

  test('P16, S01: a blank secret, as text, octets and KeyObject, alone, in a list and in a record, weak or not', () => {
    for (const blank of [...blankTexts, ...blankOctets]) {
      for (const allowWeak of [false, true]) {
        refused(blank, { says: /blank/, allowWeak })
        refused([KEY, blank], { says: /"secret\[1\]" .*blank/, allowWeak })
        refused({ secret: blank }, { says: /"secret\.secret" .*blank/, allowWeak })
      }
    }
    for (const zeros of [16, 32, 64]) refused(createSecretKey(Buffer.alloc(zeros)), { says: /blank/ })
  })

  test('S01: fewer than 16 octets, with the way round it, and without the secret', () => {
    const says = /at least 16 octets; it has \d+.*allowWeakSecret: true/
    refused('your-secret', { says, hides: ['your-secret'] })
    refused('fifteen-octets.', { says, hides: ['fifteen-octets.'] })
    refused(Buffer.alloc(15, 'x'), { says, hides: ['xxxx'] })
    refused(createSecretKey(Buffer.alloc(15, 'x')), { says })
    refused([KEY, { id: 'a', secret: 'a-tiny-one' }], { says: /"secret\[1\]\.secret"/, hides: [KEY, 'a-tiny-one'] })
    assert.deepEqual(set('your-secret', { allowWeak: true }).texts(), ['your-secret'])
  })

  test('16 octets are enough, and UTF-8 octets are what counts', () => {
    assert.deepEqual(set('sixteen-octets..').texts(), ['sixteen-octets..'])
    assert.equal(set('\u20ac'.repeat(6)).active().length, 1)
    assert.equal(set(Buffer.alloc(16, 'x')).active().length, 1)
    assert.equal(set(createSecretKey(Buffer.alloc(16, 'x'))).active().length, 1)
  })

  test('S04: key files of any kind, as text and as octets, trimmed or not', () => {
    for (const [name, file] of Object.entries(keyFiles())) {
      const shapes = [file, Buffer.from(file)]
      if (typeof file === 'string') shapes.push(`\n  ${file}`, `\ufeff${file}`, `\0 ${file}`, `${file}\n\n`, Buffer.from(` \r\n${file}`))
      for (const shape of shapes) {
        assert.throws(
          () => set(shape),
          { code: 'ERR_INVALID_ARG_VALUE', message: /is a public or private key/ },
          `${name} ${inspect(shape)}`,
        )
        assert.throws(() => set([{ id: 'a', secret: shape }], { allowWeak: true }), /is a public or private key/, name)
      }
    }
  })

  test('S04: a KeyObject that is not secret', () => {
    for (const { publicKey, privateKey } of Object.values(pairs)) {
      refused(publicKey, { code: 'ERR_INVALID_ARG_TYPE', says: /of type public/ })
      refused([privateKey], { code: 'ERR_INVALID_ARG_TYPE', says: /of type private/ })
    }
  })

  test('a wrong type', () => {
    const wrong = [
      0,
      1,
      true,
      {},
      new Date(),
      new ArrayBuffer(32),
      new DataView(new ArrayBuffer(32)),
      new Uint16Array(16),
      Symbol('s'),
      10n,
    ]
    wrong.push(new String(KEY), new Map(), Object.create({ secret: KEY }), Object.create({ id: 'a', secret: KEY }))
    for (const input of wrong) refused(input, { code: 'ERR_INVALID_ARG_TYPE' })
    refused([[KEY]], { code: 'ERR_INVALID_ARG_TYPE', says: /"secret\[0\]"/ })
    refused([() => KEY], { code: 'ERR_INVALID_ARG_TYPE' })
    refused({ secret: { secret: KEY } }, { code: 'ERR_INVALID_ARG_TYPE' })
    refused(Promise.resolve(KEY), { code: 'ERR_INVALID_ARG_TYPE', says: /await/ })
  })

  test('text that has lost octets, or half of a surrogate pair', () => {
    refused(`${KEY}\ud800`, { says: /well-formed/, hides: [KEY] })
    refused(`${KEY}\ufffd`, { says: /U\+FFFD/, hides: [KEY] })
    refused(Buffer.from('ff00fe01'.repeat(8), 'hex').toString(), { says: /U\+FFFD/ })
  })

  test('more than 65536 octets', () => {
    refused('x'.repeat(65_537), { says: /at most 65536/ })
    refused(Buffer.alloc(65_537, 'x'), { says: /at most 65536/ })
    assert.equal(set('x'.repeat(65_536)).active().length, 1)
  })

  test('a record with an unknown field, a bad id, bad dates', () => {
    refused({ secret: KEY, notafter: '2027-01-01T00:00:00Z' }, { says: /did you mean "notAfter"/ })
    refused({ secret: KEY, expires: 1 }, { says: /known are id, secret, notBefore, notAfter/ })
    for (const id of ['', ' ', 'a b', 'a\n', '\0', '\u00a0', 'x'.repeat(257)]) refused({ id, secret: KEY }, { says: /"secret\.id"/ })
    for (const id of [1, null, {}]) refused({ id, secret: KEY }, { code: 'ERR_INVALID_ARG_TYPE', says: /"secret\.id"/ })
    refused([{ secret: KEY, notAfter: 'tomorrow' }], { says: /"secret\[0\]\.notAfter" .*RFC 3339/ })
    refused({ secret: KEY, notAfter: 1893456000000 }, { code: 'ERR_INVALID_ARG_TYPE' })
    refused({ secret: KEY, notBefore: '2027-01-01T00:00:00Z', notAfter: '2027-01-01T00:00:00Z' }, { says: /later than notBefore/ })
  })

  test('P18: secrets that have all expired, told with the last date', () => {
    refused({ secret: KEY, notAfter: new Date(T0) }, { says: /expired.*2026-03-01T00:00:00\.000Z/ })
    const past = { secret: KEY, notAfter: '2020-01-01T00:00:00Z' }
    refused([past, { secret: OTHER, notAfter: '2021-01-01T00:00:00Z' }], { says: /2021-01-01/, hides: [KEY, OTHER] })
    refused({ secret: { current: () => [] }, notAfter: '2020-01-01T00:00:00Z' }, { says: /expired/ })
    assert.deepEqual(set([past, OTHER]).texts(), [OTHER])
    assert.deepEqual(set({ secret: KEY, notBefore: '2030-01-01T00:00:00Z' }).texts(), [])
  })

  test('two secrets of one id for the same time', () => {
    refused(
      [
        { id: 'a', secret: KEY },
        { id: 'a', secret: OTHER },
      ],
      { says: /"a" for the same time/, hides: [KEY, OTHER] },
    )
    const window = { notBefore: new Date(T0), notAfter: new Date(T0 + DAY) }
    refused([
      { id: 'a', secret: KEY, ...window },
      { id: 'a', secret: OTHER, notBefore: '2026-03-01T00:00:00Z', notAfter: '2026-03-02T01:00:00+01:00' },
    ])
    assert.deepEqual(
      set([
        { id: 'a', secret: KEY, ...window },
        { id: 'a', secret: OTHER },
      ]).texts('a'),
      [KEY, OTHER],
    )
    assert.deepEqual(
      set([
        { id: 'a', secret: KEY },
        { id: 'A', secret: OTHER },
      ]).texts('A'),
      [OTHER],
    )
  })

  test('more than maxSecrets, 100 by default', () => {
    refused(new Array(101).fill(KEY), { says: /at most 100 secrets; it has 101/ })
    refused([KEY, KEY, KEY], { says: /at most 2/, maxSecrets: 2 })
    assert.equal(set(new Array(100).fill(KEY)).active().length, 100)
  })
})

describe('secretSet: what is taken', () => {
  test('the keys of RFC 4231 are no blanks', () => {
    const keys = [
      '0b'.repeat(20),
      '4a656665',
      'aa'.repeat(20),
      '0102030405060708090a0b0c0d0e0f10111213141516171819',
      '0c'.repeat(20),
      'aa'.repeat(131),
    ]
    for (const hex of keys) {
      const [secret] = set(Buffer.from(hex, 'hex'), { allowWeak: true }).active()
      assert.equal(Buffer.from(secret.material).toString('hex'), hex)
    }
  })

  test('secrets of vendors are no key files', () => {
    const texts = [
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB',
      'MDEyMzQ1Njc4OWFiY2RlZg==',
      'Mxxxxxxxxxxxxxxxxxxx',
      '{"a":"b","c":"d"}',
    ]
    texts.push(
      '-----not armour-----',
      'ssh-rsa-is-not-what-this-is',
      '{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAA"}',
      '{"kty" is in here, but no JSON',
      '0'.repeat(32),
    )
    for (const text of texts) assert.deepEqual(set(text).texts(), [text])
    // Octets that begin as DER does.
    assert.equal(set(Buffer.concat([Buffer.from([0x30, 0x1e]), Buffer.alloc(30, 7)])).active().length, 1)
  })

  test('octets are copied, a KeyObject is kept, text is left as it is, base64 or not', () => {
    const octets = Buffer.from(KEY)
    const { active } = set(octets)
    octets.fill(0)
    const [{ material }] = active()
    assert.equal(Buffer.from(material).toString(), KEY)
    assert.equal(material.constructor, Uint8Array)
    assert.equal(material.buffer.byteLength, KEY.length)
    const key = createSecretKey(Buffer.from(KEY))
    assert.equal(set(key).active()[0].material, key)
    assert.deepEqual(set(` ${KEY}\n`).texts(), [` ${KEY}\n`])
  })

  test('a change of the configuration afterwards changes nothing', () => {
    const record = { id: 'a', secret: KEY }
    const list = [record]
    const { texts } = set(list)
    record.id = 'b'
    record.secret = OTHER
    list.push(OTHER)
    assert.deepEqual([texts('a'), texts('b'), texts()], [[KEY], [], [KEY]])
  })

  test('a secret is the same object from request to request, and shows itself to nobody', () => {
    const { active } = set([{ id: 'a', secret: KEY, notAfter: '2030-01-01T00:00:00Z' }, Buffer.from(OTHER)])
    const first = active('a')
    assert.equal(active('a')[0], first[0])
    assert.equal(active()[1], first[1])
    assert.ok(Object.isFrozen(first[0]))
    for (const shown of [JSON.stringify(first), inspect(first, { depth: 9, showHidden: true, getters: true }), String(first[0])]) {
      assert.ok(!shown.includes(KEY) && !shown.includes(OTHER) && !shown.includes(Buffer.from(OTHER).toString('hex').slice(0, 12)), shown)
    }
    assert.equal(JSON.stringify(first), '[{"id":"a"},{}]')
    assert.ok(!inspect(set([KEY]).secrets, { depth: 9, showHidden: true, getters: true }).includes(KEY))
  })

  test('polluted prototypes add no field to a record', () => {
    Object.defineProperty(Object.prototype, 'notAfter', { value: '2000-01-01T00:00:00Z', configurable: true })
    Object.defineProperty(Object.prototype, 'secret', { value: OTHER, configurable: true })
    try {
      assert.deepEqual(set({ secret: KEY }).texts(), [KEY])
      refused({}, { code: 'ERR_INVALID_ARG_TYPE' })
      refused({ id: 'a' }, { code: 'ERR_INVALID_ARG_TYPE' })
      const key = createSecretKey(Buffer.from(KEY))
      assert.equal(set(key).active()[0].material, key)
      assert.equal(set({ current: () => [{ material: KEY }] }).active().length, 1)
    } finally {
      delete Object.prototype.notAfter
      delete Object.prototype.secret
    }
  })
})

describe('secretSet: key ids and dates', () => {
  test('a secret with an id answers to that id alone, one without to any; no key id asks for all', () => {
    const { texts } = set([{ id: 'a', secret: KEY }, OTHER, { id: 'b', secret: `${KEY}b` }])
    assert.deepEqual(texts('a'), [KEY, OTHER])
    assert.deepEqual(texts('b'), [OTHER, `${KEY}b`])
    assert.deepEqual(texts('c'), [OTHER])
    assert.deepEqual(texts(undefined), [KEY, OTHER, `${KEY}b`])
    assert.deepEqual(set([{ id: 'a', secret: KEY }]).texts('b'), [])
  })

  test('S09: key ids that every object has are unknown', () => {
    const dated = { id: 'a', secret: KEY, notAfter: '2030-01-01T00:00:00Z' }
    for (const keyId of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf', '', 'A', 'a ', ' a']) {
      assert.deepEqual(set([{ id: 'a', secret: KEY }]).texts(keyId), [], keyId)
      assert.deepEqual(set([dated]).texts(keyId), [], keyId)
    }
    assert.deepEqual(
      set([
        { id: '__proto__', secret: KEY },
        { id: 'constructor', secret: OTHER },
      ]).texts('__proto__'),
      [KEY],
    )
  })

  test('P18: rotation: both count in the overlap, the old one not at notAfter exactly, without a new set', () => {
    const { clock, texts } = set([
      { id: 'old', secret: KEY, notAfter: '2026-03-03T00:00:00Z' },
      { id: 'new', secret: OTHER, notBefore: new Date(T0 + DAY) },
    ])
    const at = (now) => {
      clock.now = now
      return texts()
    }
    assert.deepEqual(at(T0 + DAY - 1), [KEY])
    assert.deepEqual(at(T0 + DAY), [KEY, OTHER])
    assert.deepEqual(at(T0 + 2 * DAY - 1), [KEY, OTHER])
    assert.deepEqual(at(T0 + 2 * DAY), [OTHER])
    assert.deepEqual(texts('old'), [])
    assert.deepEqual(at(T0), [KEY])
    assert.deepEqual(at(Number.NaN), [])
  })

  test('a list agrees with a linear model', () => {
    const ids = fc.constantFrom(undefined, 'a', 'b', 'constructor', '__proto__')
    const times = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined })
    const records = fc.array(fc.record({ id: ids, from: times, until: times }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(records, ids, fc.integer({ min: 0, max: 7 }), (specs, keyId, hours) => {
        const input = specs.map(({ id, from, until }, at) => ({
          id,
          secret: `${KEY}${at}`,
          notBefore: from === undefined ? undefined : new Date(T0 + from * 3600_000),
          notAfter: until === undefined ? undefined : new Date(T0 + until * 3600_000),
        }))
        let made
        try {
          made = set(input)
        } catch (error) {
          assert.ok(error instanceof TypeError)
          return
        }
        made.clock.now = T0 + hours * 3600_000
        const expected = input.filter(
          ({ id, notBefore, notAfter }) =>
            (keyId === undefined || id === undefined || id === keyId) &&
            !(notBefore && notBefore.getTime() > made.clock.now) &&
            !(notAfter && notAfter.getTime() <= made.clock.now),
        )
        assert.deepEqual(
          made.texts(keyId),
          expected.map(({ secret }) => secret),
        )
      }),
    )
  })
})

describe('secretSet: look-ups', () => {
  const unusable = { name: 'CountersignError', code: 'ERR_SECRET_UNUSABLE', status: 500 }

  test('P16, S01: nobody has a key id that is answered with nothing, whichever nothing', async () => {
    const nothings = [
      undefined,
      null,
      [],
      [undefined],
      [null, ''],
      { secret: '' },
      { secret: null, id: 'k' },
      [{ secret: Buffer.alloc(0) }],
    ]
    for (const nothing of [...nothings, ...blankTexts, ...blankOctets, createSecretKey(Buffer.alloc(32))]) {
      assert.deepEqual(set(() => nothing).active('k'), [], inspect(nothing))
      assert.deepEqual(await set(async () => nothing).active('k'), [], inspect(nothing))
      assert.deepEqual(set(() => nothing, { allowWeak: true }).active(undefined), [])
    }
  })

  test('S01, S04: what breaks a rule is ERR_SECRET_UNUSABLE, told to the operator without the secret', async () => {
    const bad = [
      'short',
      Buffer.from('short'),
      { secret: 'short' },
      [KEY, 'short'],
      5,
      true,
      {},
      { id: 'k' },
      () => KEY,
      new Map([['k', KEY]]),
    ]
    bad.push(
      ...Object.values(keyFiles()),
      pairs.rsa.publicKey,
      { secret: KEY, notAfter: 'x' },
      { secret: KEY, extra: 1 },
      new Array(101).fill(KEY),
    )
    bad.push([[KEY]], { secret: KEY, notAfter: 1893456000 }, 'x'.repeat(65_537), `${KEY}\ufffd`)
    for (const answer of bad) {
      const matches = (error) => {
        assert.equal(error.code, 'ERR_SECRET_UNUSABLE', inspect(answer))
        assert.ok(error instanceof CountersignError && error.status === 500)
        assert.match(error.message, /hmacVerify: option "secret\(\)/)
        assert.ok(!inspect(error).includes(KEY) && !inspect(error).includes('"short"'), inspect(error))
        return true
      }
      assert.throws(() => set(() => answer).active('k'), matches)
      await assert.rejects(set(async () => answer).active('k'), matches)
    }
    assert.deepEqual(set(() => 'short', { allowWeak: true }).texts('k'), ['short'])
  })

  test('an answer whose getters throw is unusable, and what they threw is the cause alone', () => {
    const cause = new Error(`could not decrypt ${KEY}`)
    const answer = Object.defineProperty({}, 'secret', {
      enumerable: true,
      get() {
        throw cause
      },
    })
    assert.throws(
      () => set(() => answer).active('k'),
      (error) => error.code === 'ERR_SECRET_UNUSABLE' && error.cause === cause && !error.message.includes(KEY),
    )
  })

  test('a throw, a rejection and silence are outages', async () => {
    const cause = new Error('gone')
    const fail = () => {
      throw cause
    }
    assert.throws(() => set(fail).active('k'), { code: 'ERR_LOOKUP_FAILED', status: 503, cause })
    await assert.rejects(set(async () => fail()).active('k'), { code: 'ERR_LOOKUP_FAILED', status: 503, cause })
    const alive = setInterval(() => {}, 1000)
    try {
      await assert.rejects(set(() => new Promise(() => {}), { timeoutMs: 10 }).active('k'), { code: 'ERR_LOOKUP_TIMEOUT', status: 503 })
    } finally {
      clearInterval(alive)
    }
    const own = new CountersignError('ERR_QUOTA', 'slow down', { status: 429 })
    await assert.rejects(set(async () => Promise.reject(own)).active('k'), (error) => error === own)
  })

  test('S09: a look-up into a plain object finds nobody under the names that every object has', () => {
    const secrets = { k: KEY }
    for (const keyId of Object.getOwnPropertyNames(Object.prototype)) {
      assert.deepEqual(set((id) => secrets[id]).active(keyId), [], keyId)
      assert.deepEqual(set((id) => process.env[id]).active(keyId), [], keyId)
    }
    assert.deepEqual(set((id) => secrets[id]).texts('k'), [KEY])
    assert.deepEqual(set((id) => new Map([['constructor', KEY]]).get(id)).texts('constructor'), [KEY])
    assert.throws(() => set(() => () => KEY).active('k'), unusable)
  })

  test('it is asked with the key id, undefined when there is none, once for each call', () => {
    const asked = []
    const { secrets } = set((...args) => {
      asked.push(args)
      return KEY
    })
    assert.equal(secrets.lookup, true)
    assert.equal(secrets.active('k1').length, 1)
    assert.equal(secrets.active(undefined).length, 1)
    assert.deepEqual(asked, [['k1'], [undefined]])
    assert.equal(set(KEY).secrets.lookup, false)
  })

  test('it stays synchronous when the look-up is, and may answer all that configuration may', async () => {
    const key = createSecretKey(Buffer.from(KEY))
    assert.ok(Array.isArray(set(() => KEY).active('k')))
    assert.ok(set(async () => KEY).active('k') instanceof Promise)
    assert.deepEqual(
      (await set(async () => [KEY, null, { secret: OTHER }]).active('k')).map((s) => s.material),
      [KEY, OTHER],
    )
    assert.equal(set(() => key).active('k')[0].material, key)
    process.env.COUNTERSIGN_TEST_SOURCE = OTHER
    const source = secretFromEnv('COUNTERSIGN_TEST_SOURCE')
    delete process.env.COUNTERSIGN_TEST_SOURCE
    assert.deepEqual(set(() => [KEY, source]).texts('k'), [KEY, OTHER])
  })

  test('S04: a record with the id of somebody else does not count', () => {
    const { texts } = set((id) => ({ id: id.toLowerCase(), secret: KEY }))
    assert.deepEqual(texts('admin'), [KEY])
    assert.deepEqual(texts('ADMIN'), [])
  })

  test('P18: the dates of an answer are judged when it has come', async () => {
    let answer
    const made = set(() => new Promise((resolve) => (answer = resolve)))
    const active = made.active('k')
    made.clock.now = T0 + DAY
    answer([
      { secret: KEY, notAfter: new Date(T0 + DAY) },
      { secret: OTHER, notBefore: new Date(T0 + DAY) },
    ])
    assert.deepEqual(
      (await active).map((secret) => secret.material),
      [OTHER],
    )
  })

  test('the same answer is the same Secret, so that its keys stay cached; a fresh copy of the same octets too', async () => {
    const key = createSecretKey(Buffer.from(KEY))
    const octets = Buffer.from(KEY)
    const record = { id: 'k', secret: KEY }
    for (const lookup of [
      () => KEY,
      () => key,
      () => octets,
      () => record,
      () => Buffer.from(KEY),
      async () => ({ id: 'k', secret: KEY, notAfter: '2030-01-01T00:00:00Z' }),
    ]) {
      const { active } = set(lookup)
      assert.equal((await active('k'))[0], (await active('k'))[0])
    }
  })

  test('what has changed inside of the same object is another Secret', () => {
    const octets = Buffer.from(KEY)
    const { active } = set(() => octets)
    const [before] = active('k')
    octets.write(OTHER)
    const [after] = active('k')
    assert.notEqual(after, before)
    assert.equal(Buffer.from(before.material).toString(), KEY)
    assert.equal(Buffer.from(after.material).toString(), OTHER)
    const record = { id: 'k', secret: KEY }
    const named = set(() => record)
    assert.deepEqual(named.texts('k'), [KEY])
    record.secret = OTHER
    assert.deepEqual(named.texts('k'), [OTHER])
    record.id = 'other'
    assert.deepEqual(named.texts('k'), [])
  })

  test('text, octets and ids that look alike are not mixed up', () => {
    const answers = [KEY, Buffer.from(KEY), { id: 'k', secret: KEY }, { id: 'k:', secret: KEY }, { id: 'k', secret: `:${KEY}` }]
    let at = 0
    const { active } = set(() => answers[at])
    const seen = new Set()
    for (; at < answers.length; at += 1) for (const secret of active(answers[at].id)) seen.add(secret)
    assert.equal(seen.size, answers.length)
    assert.deepEqual(
      [...seen].map((secret) => secret.id),
      [undefined, undefined, 'k', 'k:', 'k'],
    )
  })

  test('one KeyObject under two ids is two Secrets', () => {
    const key = createSecretKey(Buffer.from(KEY))
    const { active } = set((id) => ({ id, secret: key }))
    for (const id of ['a', 'b', 'a']) assert.deepEqual([active(id)[0].id, active(id)[0].material === key], [id, true])
  })

  test('at most 256 are remembered, the ones used last', () => {
    const { active, texts } = set((id) => `${KEY}${id}`)
    const first = active('0')[0]
    for (let at = 1; at <= 255; at += 1) texts(String(at))
    assert.equal(active('0')[0], first)
    for (let at = 256; at <= 510; at += 1) texts(String(at))
    assert.equal(active('0')[0], first)
    for (let at = 511; at <= 766; at += 1) texts(String(at))
    assert.notEqual(active('0')[0], first)
  })

  test('no answer at all makes it throw anything but a CountersignError, and no blank comes out', () => {
    const anything = fc.anything({ withTypedArray: true, withDate: true, withNullPrototype: true, withMap: true, withSparseArray: true })
    const records = fc.record({ id: anything, secret: anything, notBefore: anything, notAfter: anything }, { requiredKeys: [] })
    fc.assert(
      fc.property(
        fc.oneof(anything, records, fc.array(fc.oneof(anything, records))),
        fc.option(fc.string(), { nil: undefined }),
        (answer, keyId) => {
          try {
            for (const { material } of set(() => answer, { allowWeak: true }).active(keyId)) {
              assert.ok(
                material.length > 0 && (typeof material === 'string' ? material.trim() !== '' : Buffer.from(material).some((o) => o !== 0)),
              )
            }
          } catch (error) {
            assert.ok(error instanceof CountersignError, inspect(error))
          }
        },
      ),
    )
  })
})

describe('secretSet: sources', () => {
  const source = (state) => ({
    current(now) {
      state.asked = now
      if (state.error) throw state.error
      return state.secrets
    },
  })

  test('S01: what a source holds is judged when the set is made, and each time', () => {
    refused(source({ secrets: [{ material: 'short' }] }), { says: /at least 16/ })
    refused(source({ secrets: KEY }), { code: 'ERR_INVALID_ARG_TYPE', says: /current\(\) returns an array/ })
    refused([KEY, source({ secrets: [{ material: pairs.rsa.publicKey }] })], { code: 'ERR_INVALID_ARG_TYPE' })
    const state = { secrets: [{ material: KEY }] }
    const { texts, active } = set(source(state))
    assert.deepEqual(texts(), [KEY])
    for (const secrets of [[{ material: 'short' }], [{ material: '' }], [null], [undefined], [{}], 'x', undefined, Promise.resolve([])]) {
      state.secrets = secrets
      assert.throws(() => active(), { code: 'ERR_SECRET_UNUSABLE', status: 500 }, inspect(secrets))
    }
    state.secrets = []
    assert.deepEqual(active(), [])
  })

  test('what a source throws is an outage', () => {
    const state = { secrets: [{ material: KEY }] }
    const { active } = set([OTHER, source(state)])
    state.error = new Error('gone')
    assert.throws(() => active(), { code: 'ERR_LOOKUP_FAILED', status: 503, cause: state.error })
    state.error = new CountersignError('ERR_SECRET_STALE', 'stale', { status: 503 })
    assert.throws(
      () => active(),
      (error) => error === state.error,
    )
  })

  test('P18: it is asked at the time of the set; a record gives it an id and dates', () => {
    const state = { secrets: [{ material: KEY }] }
    const { clock, texts, active } = set([
      { id: 'a', secret: source(state), notAfter: new Date(T0 + DAY) },
      { id: 'b', secret: OTHER },
    ])
    clock.now = T0 + 5
    assert.deepEqual(texts('a'), [KEY])
    assert.equal(state.asked, T0 + 5)
    assert.equal(active('a')[0], active('a')[0])
    assert.equal(active('a')[0].id, 'a')
    assert.deepEqual(texts('b'), [OTHER])
    clock.now = T0 + DAY
    assert.deepEqual(texts('a'), [])
    assert.deepEqual(texts(), [OTHER])
    refused(
      [
        { id: 'a', secret: source(state) },
        { id: 'a', secret: OTHER },
      ],
      { says: /same time/ },
    )
  })
})

describe('secretFromEnv', () => {
  const NAME = 'COUNTERSIGN_TEST_SECRET'
  const withValue = (value, run) => {
    if (value === undefined) delete process.env[NAME]
    else process.env[NAME] = value
    try {
      return run()
    } finally {
      delete process.env[NAME]
    }
  }

  test('S01: a variable that is unset or blank is a TypeError that names it', () => {
    for (const value of [undefined, '', ' ', '\n', '\t\u00a0']) {
      withValue(value, () =>
        assert.throws(() => secretFromEnv(NAME), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message: new RegExp(NAME) }),
      )
    }
    withValue('-----BEGIN PUBLIC KEY-----\nMFkw', () => assert.throws(() => secretFromEnv(NAME), /public or private key/))
  })

  test('S09: names that every object has are unset', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      assert.throws(() => secretFromEnv(name), { name: 'TypeError', message: /is not set/ })
    }
  })

  test('a value given instead of the name is not shown', () => {
    for (const value of ['whsec_abc+/=', 'a secret', '', 'x'.repeat(200), `${NAME}\n`]) {
      assert.throws(
        () => secretFromEnv(value),
        (error) => error instanceof TypeError && (value === '' || !error.message.includes(value)),
      )
    }
    for (const value of [undefined, null, 5, {}]) assert.throws(() => secretFromEnv(value), { code: 'ERR_INVALID_ARG_TYPE' })
  })

  test('an id beside the name is not dropped in silence', () => {
    withValue(KEY, () => assert.throws(() => secretFromEnv(NAME, { id: 'a' }), { name: 'TypeError', message: /record/ }))
  })

  test('it is read when called, and its length is judged by who uses it', () => {
    const source = withValue(KEY, () => secretFromEnv(NAME))
    assert.deepEqual(set(source).texts('any'), [KEY])
    assert.deepEqual(set({ id: 'a', secret: source }).texts('a'), [KEY])
    assert.equal(set(source).active()[0], set(source).active()[0])
    const weak = withValue('your-secret', () => secretFromEnv(NAME))
    refused(weak, { says: /allowWeakSecret/, hides: ['your-secret'] })
    assert.deepEqual(set(weak, { allowWeak: true }).texts(), ['your-secret'])
    assert.ok(!inspect(source, { depth: 9, showHidden: true }).includes(KEY))
  })
})

describe('P18: one date alone, names of every object, errors of answers', () => {
  const SECRET = 'a fair secret of 32 characters!!'
  const at = (input, clock) => secretSet('hmacVerify', 'secret', input, { now: () => clock.now, timeoutMs: 1000, allowWeak: false })

  test('a single secret with one date alone begins or ends by the clock', () => {
    const clock = { now: 0 }
    const ends = at({ secret: SECRET, notAfter: new Date(1000) }, clock)
    const begins = at({ secret: SECRET, notBefore: new Date(1000) }, clock)
    assert.deepEqual([ends.lookup, begins.lookup], [false, false])
    assert.deepEqual([ends.active().length, begins.active().length], [1, 0])
    clock.now = 999
    assert.deepEqual([ends.active().length, begins.active().length], [1, 0])
    clock.now = 1000
    assert.deepEqual([ends.active().length, begins.active().length], [0, 1])
  })

  test('a key id that is a name of Object.prototype has the secret that a Map holds for it, and none that every object has', () => {
    const clock = { now: 0 }
    for (const id of ['constructor', '__proto__', 'toString']) {
      for (const answer of [SECRET, { secret: SECRET }, [SECRET]]) {
        assert.equal(at((keyId) => new Map([[id, answer]]).get(keyId), clock).active(id).length, 1, id)
      }
      assert.deepEqual(at((keyId) => ({})[keyId], clock).active(id), [])
      assert.deepEqual(at(() => null, clock).active(id), [])
    }
    assert.throws(() => at(() => () => SECRET, clock).active('a'), { code: 'ERR_SECRET_UNUSABLE' })
    assert.throws(() => at(() => () => SECRET, clock).active(undefined), { code: 'ERR_SECRET_UNUSABLE' })
  })

  test('S26: what an answer itself throws is not told, only what this library says of it', () => {
    const clock = { now: 0 }
    const hostile = Object.defineProperty({}, 'secret', {
      enumerable: true,
      get() {
        throw new TypeError('CANARY')
      },
    })
    const coded = Object.defineProperty({}, 'secret', {
      enumerable: true,
      get() {
        throw Object.assign(new Error('CANARY'), { code: 'ERR_INVALID_ARG_VALUE' })
      },
    })
    for (const answer of [hostile, coded]) {
      assert.throws(
        () => at(() => answer, clock).active('a'),
        (error) => error.code === 'ERR_SECRET_UNUSABLE' && !error.message.includes('CANARY') && error.cause.message === 'CANARY',
      )
    }
    assert.throws(() => at(() => 'short', clock).active('a'), {
      code: 'ERR_SECRET_UNUSABLE',
      message: /must be at least 16 octets; it has 5/,
    })
  })
})
