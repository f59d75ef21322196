import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryTokenStore } from '@countersign/core'
import { tokenStoreContract } from '../../../test/contract/token-store.js'

const T0 = Date.parse('2026-03-01T00:00:00Z')

function make(options = {}) {
  const clock = { now: T0 }
  const store = memoryTokenStore({ now: () => clock.now, ...options })
  const pass = (seconds) => {
    clock.now += seconds * 1000
  }
  return { store, clock, pass }
}

tokenStoreContract('memoryTokenStore', () => make())

describe('memoryTokenStore', () => {
  test('options that are unknown or wrong are refused', () => {
    assert.throws(() => memoryTokenStore({ maxToken: 5 }), { name: 'TypeError', message: /did you mean "maxTokens"/ })
    for (const maxTokens of [0, -1, 1.5, Number.NaN, '5', null]) {
      assert.throws(() => memoryTokenStore({ maxTokens }), { name: 'TypeError', message: /memoryTokenStore: option "maxTokens"/ })
    }
    for (const now of [5, null, new Date()]) assert.throws(() => memoryTokenStore({ now }), { name: 'TypeError', message: /"now"/ })
  })

  test('P41: a token is held to the millisecond', () => {
    const { store, clock } = make()
    store.set('key', 'token', 60)
    clock.now = T0 + 59_999
    assert.equal(store.get('key'), 'token')
    clock.now = T0 + 60_000
    assert.equal(store.get('key'), undefined)
    assert.equal(store.size, 0)
  })

  test('P50: a clock that answers no number finds nothing and keeps nothing', () => {
    for (const now of [Number.NaN, undefined, Number.POSITIVE_INFINITY]) {
      const { store, clock } = make()
      store.set('key', 'token', 60)
      clock.now = now
      assert.equal(store.get('key'), undefined)
      store.set('other', 'token', 60)
      clock.now = T0
      assert.equal(store.get('other'), undefined)
    }
  })

  test('P50: with maxTokens held, the one that was set first goes', () => {
    const { store } = make({ maxTokens: 3 })
    for (const key of ['a', 'b', 'c']) store.set(key, key, 60)
    store.set('a', 'again', 60)
    store.set('d', 'd', 60)
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => store.get(key)),
      ['again', undefined, 'c', 'd'],
    )
    assert.equal(store.size, 3)
    const locks = ['a', 'b', 'c', 'd'].map((key) => store.lock(key, 60))
    assert.ok(locks.every((lock) => lock !== undefined))
    assert.equal(store.lock('d', 60), undefined)
    assert.ok(store.lock('a', 60))
  })

  test('answers are synchronous, and neither store nor lock shows a token', async () => {
    const { inspect } = await import('node:util')
    const { store } = make()
    store.set('key', 'canary-of-a-token', 60)
    const shown = inspect([store, store.lock('key', 60)], { depth: null, showHidden: true, getters: true }) + JSON.stringify(store)
    assert.ok(!shown.includes('canary-of-a-token'))
    assert.equal(store.get('key'), 'canary-of-a-token')
  })
})
