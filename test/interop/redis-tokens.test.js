import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { redisTokenStore } from '@countersign/redis'
import { tokenStoreContract } from '../contract/token-store.js'
import { without } from '../support/components.js'
import { startProcess, waitFor } from '../support/processes.js'
import { CLIENTS, redisClient, redisProxy, redisServer } from '../support/redis.js'

const SHORT_SECONDS = 0.15
const skip = without('redis-server')
const key = (letter) => letter.repeat(43)

async function stores(t, kind = 'ioredis') {
  const server = await redisServer(t)
  const { send } = await redisClient(t, kind, server.port)
  const sealingKey = randomBytes(32)
  return { server, send, sealingKey, make: (options = {}) => redisTokenStore({ send, sealingKey, ...options }) }
}

for (const kind of CLIENTS) {
  const make = async (t) => {
    const { make, send } = await stores(t, kind)
    // The time of Redis goes by itself: it says when what was to end has ended.
    const pass = async () => {
      const ends = async () => {
        for (const name of await send('KEYS', '*')) {
          const left = Number(await send('PTTL', name))
          if (left >= 0 && left <= SHORT_SECONDS * 1000) return false
        }
        return true
      }
      await waitFor('the end of a TTL', ends)
    }
    return { store: make(), other: make(), pass }
  }
  tokenStoreContract(`redisTokenStore over ${kind}`, make, { ttlSeconds: SHORT_SECONDS, skip })
}

describe('redisTokenStore', { skip }, () => {
  test('P45: nothing in Redis holds the token', async (t) => {
    const { make, send } = await stores(t)
    await make().set(key('a'), 'a very secret token', 60)
    const kept = await send('GET', `{countersign}:token:${key('a')}`)
    assert.match(kept, /^v1\.[0-9a-f]{16}\.[\w-]+$/)
    for (const form of ['utf8', 'base64url', 'hex']) assert.ok(!kept.includes(Buffer.from('a very secret token').toString(form)))
  })

  test('what does not open is not there: another key, another place, altered', async (t) => {
    const { make, send } = await stores(t)
    const store = make()
    await store.set(key('a'), 'token', 60)
    assert.equal(await make({ sealingKey: randomBytes(32) }).get(key('a')), undefined)
    const kept = await send('GET', `{countersign}:token:${key('a')}`)
    await send('SET', `{countersign}:token:${key('b')}`, kept)
    assert.equal(await store.get(key('b')), undefined)
    await send('SET', `{countersign}:token:${key('a')}`, kept.slice(0, -1) + (kept.endsWith('A') ? 'B' : 'A'))
    assert.equal(await store.get(key('a')), undefined)
    await send('SET', `{countersign}:token:${key('a')}`, 'token')
    assert.equal(await store.get(key('a')), undefined)
    await store.set(key('a'), 'new', 60)
    assert.equal(await store.get(key('a')), 'new')
  })

  test('the sealing key is rotated with the old one behind it', async (t) => {
    const { make, sealingKey } = await stores(t)
    await make().set(key('a'), 'token', 60)
    const rotated = make({ sealingKey: [randomBytes(32), sealingKey] })
    assert.equal(await rotated.get(key('a')), 'token')
    await rotated.delete(key('a'), 'token')
    assert.equal(await make().get(key('a')), undefined)
  })

  test('of 40 that want a token at once, in two processes, one asks for it', async (t) => {
    const { make } = await stores(t)
    const both = [make(), make()]
    let requests = 0
    const token = async (store) => {
      const lock = await store.lock(key('a'), 30)
      if (lock === undefined) return waitFor('the token', () => store.get(key('a')))
      requests += 1
      await store.set(key('a'), 'token', 60)
      await lock.release()
      return 'token'
    }
    const tokens = await Promise.all(Array.from({ length: 40 }, (_, i) => token(both[i % 2])))
    assert.ok(tokens.every((one) => one === 'token'))
    assert.equal(requests, 1)
  })

  test('a holder that is killed frees the lock', async (t) => {
    const { make, server } = await stores(t)
    const code = `
      const { Redis } = await import('ioredis'); const { redisTokenStore } = await import('@countersign/redis')
      const redis = new Redis(${server.port}, '127.0.0.1')
      const store = redisTokenStore({ send: (...args) => redis.call(...args), sealingKey: '${'ab'.repeat(32)}' })
      await store.lock('${key('a')}', 0.5); console.log('locked')`
    const holder = await startProcess(t, {
      command: process.execPath,
      args: ['--input-type=module', '-e', code],
      cwd: new URL('../..', import.meta.url).pathname,
      ready: { line: /locked/ },
    })
    const store = make()
    await holder.stop('SIGKILL')
    await waitFor('the lock', () => store.lock(key('a'), 5), 3000)
  })

  test('a lock that came too late is given back', async (t) => {
    const { server, make, sealingKey } = await stores(t)
    const proxy = await redisProxy(t, server.port)
    const { send } = await redisClient(t, 'ioredis', proxy.port)
    const slow = redisTokenStore({ send, sealingKey, timeoutMs: 50 })
    proxy.delayMs = 200
    await assert.rejects(slow.lock(key('a'), 60), { code: 'ERR_LOOKUP_TIMEOUT', status: 503 })
    await waitFor('the lock', () => make().lock(key('a'), 60), 3000)
  })
})

test('options that are unknown, missing or wrong, and never with the key', () => {
  const send = async () => null
  const sealingKey = 'ab'.repeat(32)
  for (const bad of [
    {},
    { send },
    { sealingKey },
    { send, sealingKey: '' },
    { send, sealingKey: 'short key' },
    { send, sealingKey: [] },
    { send, sealingKey, ttl: 5 },
  ]) {
    assert.throws(
      () => redisTokenStore(bad),
      (error) => error.name === 'TypeError' && /redisTokenStore: option/.test(error.message) && !error.message.includes('short key'),
    )
  }
  assert.ok(redisTokenStore({ send, sealingKey }))
})

test('a store that is down throws 503', async () => {
  const send = async () => {
    throw new Error('down')
  }
  const store = redisTokenStore({ send, sealingKey: 'ab'.repeat(32) })
  const down = { code: 'ERR_STORE_DOWN', status: 503 }
  await assert.rejects(store.get(key('a')), down)
  await assert.rejects(store.set(key('a'), 'x', 5), down)
  await assert.rejects(store.delete(key('a'), 'x'), down)
  await assert.rejects(store.lock(key('a'), 5), down)
})
