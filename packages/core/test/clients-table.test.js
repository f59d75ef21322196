import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DigestTable, digestApiKey, digestHex, digestOctets, digestOfHex } from '@countersign/core'
import fc from 'fast-check'

// printf %s your-api-key | openssl dgst -sha256
const SHA256 = 'a2ae6a9ee724b61d83d3cb2ec4a4bfc5d72624008508511935f85a4227a92db6'

function entry(hex, value) {
  return { digest: digestOfHex(hex), digestHex: hex, value }
}

test('a digest is SHA-256 of the key, as openssl computes it', () => {
  assert.equal(digestHex(digestApiKey('your-api-key')), SHA256)
  assert.equal(digestOfHex(SHA256), digestApiKey('your-api-key'))
  assert.equal(digestOctets(Buffer.from('your-api-key')), digestApiKey('your-api-key'))
  assert.equal(digestApiKey('your-api-key').length, 32)
})

test('text counts as its UTF-8', () => {
  // python3: hashlib.sha256('cl\u00e9-\u00e4\u00f6\u00fc-0123456789'.encode()).hexdigest()
  const sha256 = '4293eb960967314629cc2c6e9cc968fc704f3f16de2d3d4751e0ac3e68a58aed'
  assert.equal(digestHex(digestApiKey('cl\u00e9-\u00e4\u00f6\u00fc-0123456789')), sha256)
})

test('P28: a table finds what a Map finds, through growth and deletions', () => {
  // Few digests with few first octets, so that slots are fought over and digests share their tag.
  const hex = fc.tuple(fc.constantFrom('00000000', '00000001', 'fffffffe', 'ffffffff', '7fffffff'), fc.nat(40)).map(([head, n]) => {
    return head + n.toString(16).padStart(56, '0')
  })
  const step = fc.record({ isAddition: fc.boolean(), hex })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.nat(50), (steps, expected) => {
      const table = new DigestTable(expected)
      const map = new Map()
      for (const { isAddition, hex: key } of steps) {
        if (isAddition) {
          const made = entry(key, map.size)
          assert.equal(table.add(made), map.get(key))
          if (!map.has(key)) map.set(key, made)
        } else {
          assert.equal(table.deleteHex(key), map.delete(key))
        }
        assert.equal(table.size, map.size)
        for (const { hex: other } of steps) {
          assert.equal(table.getHex(other), map.get(other))
          assert.equal(table.get(digestOfHex(other)), map.get(other))
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('P28: ten thousand digests of a table that was not told how many come', () => {
  const table = new DigestTable()
  const keys = Array.from({ length: 10_000 }, (_, i) => digestHex(digestApiKey(`key ${i}`)))
  for (const [i, hex] of keys.entries()) assert.equal(table.add(entry(hex, i)), undefined)
  for (const [i, hex] of keys.entries()) assert.equal(table.get(digestOfHex(hex)).value, i)
  for (const [i, hex] of keys.entries()) if (i % 3 === 0) assert.equal(table.deleteHex(hex), true)
  for (const [i, hex] of keys.entries()) assert.equal(table.get(digestOfHex(hex))?.value, i % 3 === 0 ? undefined : i)
  assert.equal(table.get(digestApiKey('another')), undefined)
})

test('P28: what is taken away leaves no gap before what stands behind it, round the end of the table too', () => {
  // In a table of 16 the first place of a digest is the upper half of its fourth octet.
  const keys = ['00', '10', '20', 'd0', 'e0', 'f0'].flatMap((octet) => [0, 1, 2].map((n) => `000000${octet}${String(n).padStart(56, '0')}`))
  fc.assert(
    fc.property(fc.array(fc.nat(keys.length - 1), { maxLength: 60, size: 'max' }), (steps) => {
      const table = new DigestTable()
      const map = new Map()
      for (const at of steps) {
        const key = keys[at]
        if (map.has(key)) {
          map.delete(key)
          assert.equal(table.deleteHex(key), true)
          assert.equal(table.deleteHex(key), false)
        } else {
          map.set(key, entry(key, at))
          assert.equal(table.add(map.get(key)), undefined)
        }
        for (const other of keys) {
          assert.equal(table.getHex(other), map.get(other))
          assert.equal(table.get(digestOfHex(other)), map.get(other))
        }
      }
    }),
    { numRuns: 300 },
  )
})
