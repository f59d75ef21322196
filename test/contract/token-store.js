import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

/**
 * What every token store does, stated once.
 *
 * @param name - of the store, for the names of the tests
 * @param make - `(t) => ({ store, other?, pass })`, or a promise of it: an empty store; `other`, a second one over the same tokens, as another
 * process has it (default: the same one); `pass(seconds)` lets that much time go by for the store. What is to be closed goes into `t.after`
 * @param options.ttlSeconds - the TTL that the tests use; a store without a clock to inject takes a small one. Default 60
 * @param options.skip - as in node:test
 */
export function tokenStoreContract(name, make, { ttlSeconds = 60, skip = false } = {}) {
  const long = ttlSeconds * 100
  const behaves = (what, run) => test(`${name}: ${what}`, { skip }, async (t) => run(withOther(await make(t))))
  const refuses = (run) => assert.rejects(async () => run(), { name: 'TypeError' })

  describe(`${name} as a token store`, () => {
    behaves('a TTL that is no finite number above 0 is refused: it never stands for ever', async ({ store }) => {
      for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, '60']) {
        await refuses(() => store.set(key('a'), 'token', ttl))
        await refuses(() => store.lock(key('a'), ttl))
      }
      assert.equal(await store.get(key('a')), undefined)
      assert.ok(await store.lock(key('a'), long))
    })

    behaves('keys and values that are no text are refused', async ({ store }) => {
      for (const bad of [undefined, null, 5, {}, Buffer.from('key'), '', 'x'.repeat(257)]) {
        await refuses(() => store.get(bad))
        await refuses(() => store.set(bad, 'token', long))
        await refuses(() => store.delete(bad, 'token'))
        await refuses(() => store.lock(bad, long))
      }
      for (const bad of [undefined, null, 5, {}, Buffer.from('token')]) await refuses(() => store.set(key('a'), bad, long))
    })

    behaves('S09: keys that every object has are unknown', async ({ store }) => {
      for (const inherited of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']) {
        assert.equal(await store.get(inherited), undefined, inherited)
        await store.set(inherited, 'token', long)
        assert.equal(await store.get(inherited), 'token', inherited)
      }
    })

    behaves('a value is what it was, and the last one counts', async ({ store, other }) => {
      for (const value of ['token', '', '{"v":1}', 'x'.repeat(20_000), 'caf\u00e9 \u{1f511}\0\r\n']) {
        await store.set(key('a'), value, long)
        assert.equal(await other.get(key('a')), value)
      }
      assert.equal(await store.get(key('b')), undefined)
    })

    behaves('a value is gone when its time is over, also one that took the place of another', async ({ store, pass }) => {
      await store.set(key('a'), 'old', long)
      await store.set(key('a'), 'new', ttlSeconds)
      await store.set(key('b'), 'stays', long)
      assert.equal(await store.get(key('a')), 'new')
      await pass(ttlSeconds)
      assert.equal(await store.get(key('a')), undefined)
      assert.equal(await store.get(key('b')), 'stays')
    })

    behaves('P41: a key is forgotten only while it holds the value that was refused', async ({ store, other }) => {
      await store.set(key('a'), 'old', long)
      await other.set(key('a'), 'new', long)
      await store.delete(key('a'), 'old')
      assert.equal(await store.get(key('a')), 'new')
      await store.delete(key('b'), 'new')
      assert.equal(await store.get(key('a')), 'new')
      await other.delete(key('a'), 'new')
      assert.equal(await store.get(key('a')), undefined)
      await store.delete(key('a'), 'new')
    })

    behaves('one of many gets the lock', async ({ store, other }) => {
      const locks = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? store : other).lock(key('a'), long)))
      assert.equal(locks.filter((lock) => lock !== undefined).length, 1)
      assert.ok(await store.lock(key('b'), long))
    })

    behaves('a lock is free when it was given back, and is no token', async ({ store, other }) => {
      const lock = await store.lock(key('a'), long)
      assert.equal(await store.get(key('a')), undefined)
      await store.set(key('a'), 'token', long)
      await store.delete(key('a'), 'token')
      assert.equal(await other.lock(key('a'), long), undefined)
      await lock.release()
      const next = await other.lock(key('a'), long)
      assert.ok(next)
      await lock.release()
      assert.equal(await store.lock(key('a'), long), undefined)
    })

    behaves(
      'a lock is free when its time is over, and then its release takes nothing from the next one',
      async ({ store, other, pass }) => {
        const late = await store.lock(key('a'), ttlSeconds)
        await pass(ttlSeconds)
        const next = await other.lock(key('a'), long)
        assert.ok(next)
        await late.release()
        assert.equal(await store.lock(key('a'), long), undefined)
        await next.release()
        assert.ok(await store.lock(key('a'), long))
      },
    )
  })
}

function withOther(made) {
  return { other: made.store, ...made }
}

/** A key as the library makes them: a digest of fixed length. */
function key(letter) {
  return letter.repeat(43)
}
