import assert from 'node:assert/strict'
import { test } from 'node:test'
import { issuedKeyForm, memoryClients, newApiKey, newSecret } from '@countersign/core'
import fc from 'fast-check'

// Made with Python's zlib.crc32 and int.from_bytes(octets, 'big') written in base 62 (0-9A-Za-z).
const VECTORS = [
  ['cs', Buffer.alloc(32), 'cs_00000000000000000000000000000000000000000001dKLTj'],
  ['acme_live', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 'acme_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3MpRGw'],
  ['cs', Buffer.alloc(32, 0xff), 'cs_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp14RYTDD'],
]

test('an issued key is its prefix, 256 random bits and a checksum, all in base 62', () => {
  for (const [prefix, octets, key] of VECTORS) {
    assert.equal(
      newApiKey(prefix, () => octets),
      key,
    )
    assert.equal(issuedKeyForm(key), 'issued')
  }
})

test('two keys are never the same, and a password has 43 digits', () => {
  assert.notEqual(newApiKey(), newApiKey())
  assert.match(newApiKey(), /^cs_[0-9A-Za-z]{49}$/)
  assert.match(newSecret(), /^[0-9A-Za-z]{43}$/)
})

test('one changed character of an issued key is seen', () => {
  const key = VECTORS[1][2]
  const random = key.lastIndexOf('_') + 1
  for (let at = random; at < key.length; at += 1) {
    const other = key[at] === 'x' ? 'y' : 'x'
    assert.equal(issuedKeyForm(key.slice(0, at) + other + key.slice(at + 1)), 'mistyped', `at ${at}`)
  }
  assert.equal(issuedKeyForm(key.replace('acme', 'acne')), 'mistyped')
})

test('of a key that was not issued here nothing is said, whatever it is', () => {
  for (const key of ['', 'your-api-key', VECTORS[0][2].slice(3), `${VECTORS[0][2]}0`, 'cs_', '_'.repeat(60), 'a'.repeat(100_000)]) {
    assert.equal(issuedKeyForm(key), 'foreign')
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (key) => ['issued', 'mistyped', 'foreign'].includes(issuedKeyForm(key))))
})

test('a registry issues keys with its own prefix, shows them once and keeps only the digest', async () => {
  const clients = memoryClients({ keyPrefix: 'acme_test', clients: [{ id: 'a' }] })
  const { key, credential } = await clients.issueKey('a')
  assert.match(key, /^acme_test_[0-9A-Za-z]{49}$/)
  assert.equal(issuedKeyForm(key), 'issued')
  assert.ok(!JSON.stringify([...clients.list()]).includes(key.slice(10, 40)))
  assert.deepEqual(Object.keys(credential).sort(), ['id', 'kind', 'sha256'])
})

test('a prefix that could not stand before a key is refused', () => {
  for (const keyPrefix of ['A', 'a b', 'a-b', '_a', 'a_', 'a_b_c_d', 'x'.repeat(17)]) {
    assert.throws(() => memoryClients({ keyPrefix }), {
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_VALUE',
      message: /memoryClients: option "keyPrefix"/,
    })
  }
})
