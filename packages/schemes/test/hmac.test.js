import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHmac, getHashes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sign, verify } from '@countersign/schemes'
import fc from 'fast-check'
// What no public name reaches: the padded key, and the way that a build in FIPS mode takes.
import { HASHES, hmac, hmacKey } from '../dist/hash/hmac.js'
import { acme, request } from './signing.js'

const vectors = JSON.parse(readFileSync(new URL('../../../test/vectors/primitive.json', import.meta.url), 'utf8'))
const encodings = ['hex', 'base64', 'base64url', 'binary']
const names = Object.keys(HASHES)

/** A stream of octets that is the same in every run (xorshift32). */
function octets(seed) {
  let state = seed
  return (count) =>
    Buffer.from(
      Array.from({ length: count }, () => {
        state ^= state << 13
        state ^= state >>> 17
        state ^= state << 5
        return state & 0xff
      }),
    )
}

test('the vectors of RFC 4231 verify, are reproduced, and no other MAC holds', () => {
  assert.equal(vectors.length, 6)
  for (const { id, scheme, secret, request: sent, signatureValue } of vectors) {
    const definition = acme({ algorithm: scheme.endsWith('sha512') ? 'sha512' : 'sha256' })
    const options = { secret: Buffer.from(secret, 'hex'), allowWeakSecret: true }
    const input = { method: sent.method, url: sent.url, headers: sent.headers, body: Buffer.from(sent.bodyBase64, 'base64') }
    assert.equal(verify(definition, input, options).ok, true, id)
    assert.equal(sign(definition, { ...input, headers: {} }, options).headers['x-signature'], signatureValue, id)
    const other = signatureValue.replace(/^./, (c) => (c === '0' ? '1' : '0'))
    assert.equal(verify(definition, { ...input, headers: { 'x-signature': other } }, options).ok, false, id)
  }
})

/** GM/T 0042-2015 annex D.3; NIST, "Examples with intermediate values", HMAC-SHA3-224 and HMAC-SHA3-384, a key shorter than the block. */
const OTHER_HASHES = [
  [
    'sm3',
    Array.from({ length: 32 }, (_, i) => i + 1),
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'.repeat(2),
    'ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a',
  ],
  [
    'sm3',
    Array.from({ length: 37 }, (_, i) => i + 1),
    Buffer.alloc(50, 0xcd),
    '220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae',
  ],
  [
    'sha3-224',
    Array.from({ length: 28 }, (_, i) => i),
    'Sample message for keylen<blocklen',
    '332cfd59347fdb8e576e77260be4aba2d6dc53117b3bfb52c6d18c04',
  ],
  [
    'sha3-384',
    Array.from({ length: 48 }, (_, i) => i),
    'Sample message for keylen<blocklen',
    'd588a3c51f3f2d906e8298c1199aa8ff6296218127f6b38a90b6afe2c5617725bc99987f79b22a557b6520db710b7f42',
  ],
]

test('HMAC with SM3 and the other widths of SHA-3: published values', () => {
  for (const [name, key, message, expected] of OTHER_HASHES)
    assert.equal(hmac(hmacKey(name, Buffer.from(key)), [Buffer.from(message)], 'hex'), expected, name)
})

/** As in Deno, whose createHash knows no SM3. */
const WITHOUT_SM3 = `
  import crypto from 'node:crypto'
  import { syncBuiltinESMExports } from 'node:module'
  const { createHash } = crypto
  crypto.createHash = (name, ...more) => { if (name === 'sm3') throw new Error('Invalid digest'); return createHash(name, ...more) }
  syncBuiltinESMExports()
  const { scheme } = await import('@countersign/schemes')
  const own = (more) => ({ name: 'acme', signature: { header: 'x-signature' }, message: '{body}', ...more })
  for (const more of [{ algorithm: 'sm3' }, { algorithm: { a: 'sm3' }, signature: { header: 'x-signature', format: '{algorithm}={signature}' } },
    { message: '{body|sm3|hex}' }, { key: '{secret|hkdf:sm3/32//}' }, {}])
    try { scheme(own(more)); console.log('fine') } catch (error) { console.log(error.code + ' ' + error.message.split('\\n')[0]) }
`

test('a hash that the runtime does not have is refused when the scheme is compiled', () => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', WITHOUT_SM3], {
    cwd: new URL('.', import.meta.url),
    encoding: 'utf8',
  })
  assert.deepEqual(stdout.trim().split('\n'), [
    "ERR_INVALID_ARG_VALUE scheme 'acme': algorithm: this runtime has no sm3",
    "ERR_INVALID_ARG_VALUE scheme 'acme': algorithm.a: this runtime has no sm3",
    `ERR_INVALID_ARG_VALUE scheme 'acme': message: column 2: pipe "sm3" in "{body|sm3|hex}" is not to be had: this runtime has no sm3`,
    `ERR_INVALID_ARG_VALUE scheme 'acme': key: column 2: pipe "hkdf" in "{secret|hkdf:sm3/32//}" needs its parameters, such as hkdf:sha256/32/salt/info: a hash, how many octets, the salt, the info`,
    'fine',
  ])
})

test('every hash, keys of 1 to 200 octets, any message: as createHmac', () => {
  const random = octets(0x2545f491)
  for (const name of names) {
    for (let length = 1; length <= 200; length += 1) {
      const key = random(length)
      const made = hmacKey(name, key)
      for (const message of [[], [random(length % 7)], ['text \u00e9\u20ac', random(length), '\u{1f511}', random(3)]]) {
        for (const encoding of encodings) {
          const reference = createHmac(name, key)
          for (const part of message) reference.update(part)
          assert.equal(hmac(made, message, encoding), reference.digest(encoding), `${name} ${length} ${encoding}`)
        }
      }
    }
  }
})

test('messages around the length where streaming takes over', () => {
  const random = octets(0x1234567)
  const all = random(34_000)
  for (const name of ['sha256', 'sha512', 'sha3-256', 'md5']) {
    const key = random(32)
    const made = hmacKey(name, key)
    const { block } = HASHES[name]
    for (const limit of [32 * 1024, 32 * 1024 + 136, 32 * 1024 + 136 - block]) {
      for (let off = -3; off <= 3; off += 1) {
        const message = all.subarray(0, limit + off)
        const reference = createHmac(name, key).update(message).digest('hex')
        assert.equal(hmac(made, [message], 'hex'), reference, `${name} ${message.length}`)
        assert.equal(hmac(made, [message.subarray(0, 100), message.subarray(100)], 'hex'), reference)
      }
    }
    // Text whose octets are three times its length, so that only counting them tells whether there is room.
    for (const text of ['\u20ac'.repeat(10_900), '\u20ac'.repeat(10_968), `${'a'.repeat(32_700)}\u20ac`, '\ud800'.repeat(10_950)]) {
      assert.equal(hmac(made, [text], 'hex'), createHmac(name, key).update(text).digest('hex'))
    }
  }
})

test('a key serves one message after another, and two keys do not disturb each other', () => {
  const random = octets(99)
  const one = hmacKey('sha256', random(20))
  const two = hmacKey('sha256', random(90))
  for (let i = 0; i < 200; i += 1) {
    const message = random(i)
    assert.equal(hmac(one, [message], 'hex'), createHmac('sha256', one.octets).update(message).digest('hex'))
    assert.equal(hmac(two, [message], 'hex'), createHmac('sha256', two.octets).update(message).digest('hex'))
  }
})

test('messages whose lengths are far apart take turns, and none is cut or lengthened', () => {
  const random = octets(7)
  const made = hmacKey('sha256', random(20))
  const all = random(30_000)
  for (const length of [100, 1124, 100, 612, 1636, 2660, 612, 16_484, 100, 28_772, 1124]) {
    const message = all.subarray(0, length)
    assert.equal(hmac(made, [message], 'hex'), createHmac('sha256', made.octets).update(message).digest('hex'), `${length}`)
  }
})

test('in FIPS mode createHmac makes every MAC, with the same result', () => {
  const random = octets(7)
  for (const name of names) {
    const key = { ...hmacKey(name, random(40)), oneShot: false }
    // Nothing but createHmac is left: a padded key that is wrong does not matter.
    key.inner.fill(0)
    key.outer.fill(0)
    const message = random(100)
    assert.equal(hmac(key, [message], 'hex'), createHmac(name, key.octets).update(message).digest('hex'), name)
  }
})

test('block and digest lengths are those of OpenSSL', () => {
  for (const name of names) {
    assert.ok(
      getHashes()
        .map((hash) => hash.toLowerCase())
        .some((hash) => hash.endsWith(name)),
      name,
    )
    assert.equal(createHmac(name, 'k').update('').digest().length, HASHES[name].octets, name)
    // RFC 2104 section 2: a key of a block counts as it is, a longer one as its digest.
    const { block } = HASHES[name]
    const [whole, longer] = [Buffer.alloc(block, 1), Buffer.alloc(block + 1, 1)]
    for (const key of [whole, longer])
      assert.equal(hmac(hmacKey(name, key), ['x'], 'hex'), createHmac(name, key).update('x').digest('hex'), name)
  }
})

test('openssl gives the same MACs', (t) => {
  const version = spawnSync('openssl', ['version'], { encoding: 'utf8' })
  if (version.status !== 0) return t.skip('openssl is not installed')
  const body = '{"data":"test"}'
  for (const [key, hash] of [
    ['your-secret', 'sha256'],
    ['a secret that is longer than one block of SHA-256, which has sixty-four octets', 'sha256'],
    ['your-secret', 'sha1'],
    ['your-secret', 'sha512'],
    ['your-secret', 'sha384'],
  ]) {
    const out = spawnSync('openssl', ['dgst', `-${hash}`, '-hmac', key], { input: body, encoding: 'utf8' })
    const expected = out.stdout.trim().split(' ').at(-1)
    const signed = sign(acme({ algorithm: hash }), request({ body }), { secret: key, allowWeakSecret: true })
    assert.equal(signed.headers['x-signature'], expected, `${hash} ${key}`)
  }
})

test('any key and message through the public names: as createHmac', () => {
  const hashes = names.map((algorithm) => [
    algorithm,
    acme({ algorithm }),
    acme({ algorithm, signature: { header: 'x-signature', encoding: 'base64' } }),
  ])
  const key = fc.uint8Array({ minLength: 1, maxLength: 200 }).filter((octets) => octets.some((octet) => octet > 0x20 && octet < 0x7f))
  fc.assert(
    fc.property(key, fc.uint8Array({ minLength: 1, maxLength: 300 }), (secret, body) => {
      for (const [name, hex, base64] of hashes) {
        for (const [scheme, encoding] of [
          [hex, 'hex'],
          [base64, 'base64'],
        ]) {
          const out = sign(scheme, request({ body: Buffer.from(body) }), { secret, allowWeakSecret: true })
          assert.equal(out.headers['x-signature'], createHmac(name, secret).update(body).digest(encoding))
        }
      }
    }),
    { seed: 9, numRuns: 100 },
  )
})
