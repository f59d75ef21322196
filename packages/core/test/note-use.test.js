import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { noteUse } from '@countersign/core'

const match = { state: () => 'active' }

test('P20: a registry that rejects or throws when it is told of a use is warned of, once, and the request goes on', async () => {
  const warned = []
  const listen = (warning) => warned.push(warning.code)
  process.on('warning', listen)
  const first = once(process, 'warning')
  noteUse({ used: () => Promise.reject(new Error('away')) }, match, 1)
  await first
  // A thenable of a driver's own, and a value that nobody can do anything with.
  // biome-ignore lint/suspicious/noThenProperty: that is what is tested
  noteUse({ used: () => ({ then: (_done, fail) => fail(null) }) }, match, 1)
  noteUse({ used: async () => Promise.reject(undefined) }, match, 1)
  const broken = () => {
    throw new Error('broken')
  }
  noteUse({ used: broken }, match, 1)
  noteUse(Object.defineProperty({}, 'used', { get: broken }), match, 1)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', listen)
  assert.deepEqual(warned, ['ERR_CLIENT_USE_LOST'])
})

test('a registry is told which credential was used and when; one that does not ask is not told', () => {
  const told = []
  const clients = {
    used(...args) {
      told.push([this === clients, ...args])
    },
  }
  noteUse(clients, match, 5)
  noteUse({}, match, 5)
  noteUse(undefined, match, 5)
  assert.deepEqual(told, [[true, match, 5]])
})
