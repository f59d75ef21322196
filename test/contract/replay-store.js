import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

/**
 * What every replay store does, stated once.
 *
 * @param name - of the store, for the names of the tests
 * @param make - `(t) => ({ store, other?, now, pass })`, or a promise of it: an empty store that remembers all that is signed from now on; `other`,
 * a second one over the same claims, as another process has it (default: the same one); `now()`, the time, ms; `pass(ms)` lets that much time
 * go by for the store. What is to be closed goes into `t.after`
 * @param options.ttlMs - the TTL of what has to end; a store that goes by the real time takes a small one. Default 60000
 * @param options.skip - as in node:test
 */
export function replayStoreContract(name, make, { ttlMs = 60_000, skip = false } = {}) {
  const behaves = (what, run) => test(`${name}: ${what}`, { skip }, async (t) => run(claimsOf(await make(t))))
  const refuses = (run) => assert.rejects(async () => run(), { name: 'TypeError' })

  describe(`${name} as a replay store`, () => {
    behaves('a TTL that is no number above 0 never becomes a claim', async ({ store, claim }) => {
      for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, undefined, null, '60', {}, [], true]) {
        await refuses(() => store.claim(key('a'), ttl))
      }
      assert.ok(await claim(key('a')))
    })

    behaves('a key that is not 1 to 256 characters of text is refused', async ({ store, claim }) => {
      for (const bad of [undefined, null, 5, {}, Buffer.from('key'), ['key'], '', 'x'.repeat(257)]) {
        await refuses(() => claim(bad))
        await refuses(() => store.release(bad, 'token'))
      }
      assert.ok(await claim('x'.repeat(256)))
    })

    behaves('P13: a key is claimed once, wherever', async ({ claim, otherClaim }) => {
      assert.ok(await claim(key('a')))
      assert.equal(await claim(key('a')), undefined)
      assert.equal(await otherClaim(key('a')), undefined)
      assert.ok(await otherClaim(key('b')))
      assert.equal(await claim(key('b')), undefined)
    })

    behaves('P13: of 50 claims at once one is granted', async ({ claim, otherClaim }) => {
      const tokens = await Promise.all(Array.from({ length: 50 }, async (_, i) => (i % 2 ? claim : otherClaim)(key('a'))))
      assert.equal(tokens.filter((token) => token !== undefined).length, 1)
    })

    behaves('tokens are text, and no two are the same', async ({ claim, otherClaim }) => {
      const tokens = new Set()
      for (let i = 0; i < 20; i += 1) tokens.add(await (i % 2 ? claim : otherClaim)(key(String.fromCharCode(97 + i))))
      assert.equal(tokens.size, 20)
      for (const token of tokens) assert.ok(typeof token === 'string' && token !== '')
    })

    behaves('nothing but the very token of the claim releases it', async ({ store, other, claim, otherClaim }) => {
      const token = await claim(key('a'))
      const another = await claim(key('b'))
      for (const wrong of ['', another, `${token} `, ` ${token}`, `0${token}`, `${token}.0`, token.slice(1), undefined, null, [token], 5]) {
        await store.release(key('a'), wrong)
        assert.equal(await otherClaim(key('a')), undefined, String(wrong))
      }
      await store.release(key('b'), token)
      assert.equal(await claim(key('b')), undefined)
      await other.release(key('a'), token)
      assert.ok(await claim(key('a')))
    })

    behaves('the token of an earlier claim does not release a later one', async ({ store, claim }) => {
      const first = await claim(key('a'))
      await store.release(key('a'), first)
      assert.ok(await claim(key('a')))
      await store.release(key('a'), first)
      assert.equal(await claim(key('a')), undefined)
    })

    behaves('what was never claimed is released in silence', async ({ store }) => {
      await store.release(key('a'), 'token')
    })

    behaves('a claim is held for its TTL, and then the key is free', async ({ claim, otherClaim, pass }) => {
      const seconds = ttlMs / 1000
      assert.ok(await claim(key('a'), seconds))
      assert.ok(await claim(key('b'), seconds * 100))
      assert.equal(await otherClaim(key('a'), seconds), undefined)
      await pass(ttlMs)
      assert.ok(await otherClaim(key('a'), seconds))
      assert.equal(await claim(key('b'), seconds), undefined)
    })

    behaves('S09: keys that every object has are claimed like any other', async ({ store, claim }) => {
      for (const inherited of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '0', '\0', ' ', '}{', 'a\r\nb', 'k\u00e9y']) {
        const token = await claim(inherited)
        assert.ok(token, JSON.stringify(inherited))
        assert.equal(await claim(inherited), undefined, JSON.stringify(inherited))
        await store.release(inherited, token)
        assert.ok(await claim(inherited), JSON.stringify(inherited))
      }
    })
  })
}

function claimsOf({ store, other = store, now, ...rest }) {
  const of =
    (one) =>
    async (name, ttlSeconds = 3600) =>
      one.claim(name, ttlSeconds, now())
  return { store, other, claim: of(store), otherClaim: of(other), ...rest }
}

/** A key as hmac-verify makes them: a digest of fixed length. */
function key(letter) {
  return letter.repeat(43)
}
