import assert from 'node:assert/strict'
import { createDecipheriv, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { tokenSealer } from '@countersign/core'
import fc from 'fast-check'

if (!process.env.COUNTERSIGN_LONG) fc.configureGlobal({ seed: 4231 })

const KEY = Buffer.from('b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4', 'hex')
const OTHER = Buffer.from('9fd0ee8b1f2f1e5f5a3f4c1a4b6b8c0d7e2f9a1b3c5d7e9f0a2b4c6d8e0f1a3b', 'hex')

describe('tokenSealer', () => {
  test('keys that are none are refused, and not shown', () => {
    const bad = [
      undefined,
      null,
      '',
      5,
      [],
      [undefined],
      Buffer.alloc(32),
      Buffer.alloc(31, 1),
      Buffer.alloc(33, 1),
      KEY.toString('hex').slice(1),
      `${KEY.toString('hex')}0`,
      KEY.toString('base64').slice(1),
      ` ${KEY.toString('base64')}`,
      `${KEY.toString('base64')}=`,
      // 43 digits whose last two bits belong to no octet.
      KEY.toString('base64url').replace(/.$/, 'R'),
      'a key of thirty-two letters, yes',
      [KEY, 'short'],
      Array.from({ length: 17 }, () => KEY),
    ]
    for (const keys of bad) {
      assert.throws(
        () => tokenSealer(keys),
        (error) =>
          error instanceof TypeError &&
          /^tokenSealer: option "keys/.test(error.message) &&
          !/b52c505a|thirty-two letters/.test(error.message),
        inspect(keys),
      )
    }
  })

  test('a key is the same as octets, hex, base64 and base64url', () => {
    const spellings = [
      KEY,
      new Uint8Array(KEY),
      KEY.toString('hex'),
      KEY.toString('hex').toUpperCase(),
      KEY.toString('base64'),
      KEY.toString('base64url'),
    ]
    for (const one of spellings) {
      for (const two of spellings) assert.equal(tokenSealer(two).open(tokenSealer(one).seal('token', 'context'), 'context'), 'token')
    }
  })

  test('what is sealed for one context does not open in another, nor with another key', () => {
    const sealer = tokenSealer(KEY)
    const sealed = sealer.seal('token', 'key of the store')
    assert.equal(sealer.open(sealed, 'key of another'), undefined)
    assert.equal(sealer.open(sealed, ''), undefined)
    assert.equal(sealer.open(sealed, undefined), undefined)
    assert.equal(tokenSealer(OTHER).open(sealed, 'key of the store'), undefined)
    assert.equal(sealer.open(sealed, 'key of the store'), 'token')
  })

  test('any changed octet, a cut, an addition and another spelling open to nothing', () => {
    const sealer = tokenSealer(KEY)
    const sealed = sealer.seal('{"v":1,"token":"abc"}', 'c')
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
      assert.equal(sealer.open(changed, 'c'), undefined, `character ${at}`)
      assert.equal(sealer.open(sealed.slice(0, at), 'c'), undefined, `cut at ${at}`)
    }
    for (const more of ['=', 'A', 'AA', 'AAAA', '\n', '.']) assert.equal(sealer.open(sealed + more, 'c'), undefined)
    for (const foreign of [undefined, null, 5, {}, [sealed], Buffer.from(sealed), '', 'v1.', '{"v":1}'])
      assert.equal(sealer.open(foreign, 'c'), undefined)
  })

  test('a tag that is cut short does not pass for one', () => {
    const sealer = tokenSealer(KEY)
    const sealed = sealer.seal('', 'c')
    const prefix = sealed.slice(0, sealed.lastIndexOf('.') + 1)
    const octets = Buffer.from(sealed.slice(prefix.length), 'base64url')
    assert.equal(octets.length, 12 + 16)
    for (let length = 0; length < octets.length; length += 1) {
      assert.equal(sealer.open(prefix + octets.subarray(0, length).toString('base64url'), 'c'), undefined)
    }
    assert.equal(sealer.open(sealed, 'c'), '')
  })

  test('the first key seals, all of them open: a key is rotated without losing a token', () => {
    const before = tokenSealer([KEY])
    const during = tokenSealer([OTHER, KEY])
    const after = tokenSealer([OTHER])
    const old = before.seal('old', 'c')
    const fresh = during.seal('fresh', 'c')
    assert.equal(during.open(old, 'c'), 'old')
    assert.equal(after.open(fresh, 'c'), 'fresh')
    assert.equal(after.open(old, 'c'), undefined)
    assert.equal(before.open(fresh, 'c'), undefined)
  })

  test('it is AES-256-GCM as Node has it: nonce of 12 octets, tag of 16 at the end, prefix and context as additional data', () => {
    const sealed = tokenSealer(KEY).seal('token', 'context')
    const [, prefix, text] = /^(v1\.[0-9a-f]{16}\.)([\w-]+)$/.exec(sealed)
    const octets = Buffer.from(text, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', KEY, octets.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(`${prefix}context`)).setAuthTag(octets.subarray(-16))
    assert.equal(decipher.update(octets.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8'), 'token')
  })

  test('no two seals of one text are alike', () => {
    const sealer = tokenSealer(KEY)
    assert.equal(new Set(Array.from({ length: 1000 }, () => sealer.seal('token', 'c'))).size, 1000)
  })

  test('text and context that are no text are refused; the keys show nowhere', () => {
    const sealer = tokenSealer([KEY, OTHER])
    for (const bad of [undefined, null, 5, {}, Buffer.from('x')]) {
      assert.throws(() => sealer.seal(bad, 'c'), { name: 'TypeError' })
      assert.throws(() => sealer.seal('x', bad), { name: 'TypeError' })
    }
    const shown = inspect(sealer, { depth: null, showHidden: true }) + JSON.stringify(sealer)
    assert.ok(!shown.includes(KEY.toString('hex')) && !shown.includes('b5 2c 50 5a'))
  })

  test('every text opens to itself, and no text that was not sealed opens', () => {
    const sealer = tokenSealer([randomBytes(32), KEY])
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => sealer.open(sealer.seal(text, context), context) === text),
    )
    fc.assert(fc.property(fc.string(), (text) => sealer.open(text, '') === undefined))
  })
})
