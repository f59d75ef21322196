import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { digestApiKey } from '@countersign/core'
import { redisClients, redisReplayStore, redisTokenStore } from '@countersign/redis'
import { without } from '../support/components.js'
import { waitFor } from '../support/processes.js'
import { redisSentinel, sentinelClients } from '../support/redis-sentinel.js'

const TTL_SECONDS = 360
const FAILOVER_MS = 30_000
const lost = { code: 'ERR_REDIS_DATA_LOST', status: 503 }
const key = (text) => text.padEnd(43, '.')

/** Sends each request to two processes at once, again and again while they answer 503; counts how often each was let in. */
function load(stores) {
  const passed = new Map()
  let isOver = false
  let number = 0
  const once = async (store, name, signedAt) => {
    const token = await store.claim(name, TTL_SECONDS, signedAt).catch((error) => assert.equal(error.status, 503))
    if (token !== undefined) passed.set(name, (passed.get(name) ?? 0) + 1)
  }
  const run = (async () => {
    while (!isOver) {
      number += 1
      const [name, signedAt] = [key(`load.${number}`), Date.now()]
      for (let round = 0; round < 3; round += 1) await Promise.all(stores.map((store) => once(store, name, signedAt)))
    }
  })()
  const stop = async () => {
    isOver = true
    await run
    return { passed, number }
  }
  return { stop, count: () => passed.size }
}

describe('Redis Sentinel', { skip: without('redis-server'), concurrency: 2 }, () => {
  for (const [kind, connected] of Object.entries(sentinelClients)) {
    test(`P13: the primary dies under load: the replica takes over, nothing passes twice, what was signed before is 503, over ${kind}`, async (t) => {
      const { port, primary, replica, command } = await redisSentinel(t)
      const send = await connected(t, port)
      const stores = [redisReplayStore({ send }), redisReplayStore({ send })]
      const clients = redisClients({ send })
      t.after(() => clients.close())
      const tokens = redisTokenStore({ send, sealingKey: randomBytes(32) })

      await clients.add({ id: 'acme' })
      const digest = digestApiKey((await clients.issueKey('acme')).key)
      await tokens.set(key('t'), 'a token', 600)
      const signedAt = Date.now()
      assert.ok(await stores[0].claim(key('a'), TTL_SECONDS, signedAt))
      const copied = async () => (await command(replica.port, 'EXISTS', `{countersign}:replay:${key('a')}`)) === 1
      await waitFor('the copy of what was written', copied)

      const running = load(stores)
      await waitFor('a request that passes', () => running.count() > 0)
      await primary.kill()
      const isPrimary = async () => /role:master/.test(await command(replica.port, 'INFO', 'replication'))
      await waitFor('a replica that takes over', isPrimary, FAILOVER_MS)
      const before = running.count()
      await waitFor('requests that pass again', () => running.count() > before + 10, FAILOVER_MS)
      const { passed } = await running.stop()
      assert.deepEqual(
        [...passed.values()].filter((times) => times !== 1),
        [],
        'each passed once at most',
      )

      for (const store of [...stores, redisReplayStore({ send })]) {
        await assert.rejects(store.claim(key('a'), TTL_SECONDS, signedAt), lost)
        await assert.rejects(store.claim(key('never seen'), TTL_SECONDS, signedAt), lost)
      }
      assert.equal((await waitFor('the client that was added', () => clients.findApiKey(digest))).client.id, 'acme')
      assert.equal(await tokens.get(key('t')), 'a token')
      await clients.revoke('acme')
      assert.equal(await clients.findApiKey(digest), undefined)

      await primary.start()
      const isReplica = async () => /role:slave/.test(await command(primary.port, 'INFO', 'replication'))
      await waitFor('the old primary as a replica', isReplica, FAILOVER_MS)
      assert.ok(await stores[1].claim(key('c'), TTL_SECONDS, Date.now()), 'its return is no loss')
      assert.equal(await stores[0].claim(key('c'), TTL_SECONDS, Date.now()), undefined)
    })
  }
})
