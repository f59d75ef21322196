import { memoryReplayStore } from '@countersign/core'
import { redisReplayStore } from '@countersign/redis'
import { without } from '../support/components.js'
import { CLIENTS, redisClient, redisServer } from '../support/redis.js'
import { replayStoreContract } from './replay-store.js'

const T0 = Date.parse('2026-03-01T00:00:00Z')

replayStoreContract('memoryReplayStore', () => {
  const clock = { now: T0 }
  const pass = (ms) => {
    clock.now += ms
  }
  return { store: memoryReplayStore({ now: () => clock.now }), now: () => clock.now, pass }
})

for (const kind of CLIENTS) {
  const make = async (t) => {
    const server = await redisServer(t)
    const clock = { now: T0 }
    const stores = []
    for (let i = 0; i < 2; i += 1) {
      const { send } = await redisClient(t, kind, server.port)
      stores.push(redisReplayStore({ send, now: () => clock.now }))
      // The epoch has begun when the next command is answered.
      await send('PING')
    }
    clock.now += 60_000
    const { send } = await redisClient(t, kind, server.port)
    // Claims end by the clock of Redis: it says itself when the first to end is gone.
    const pass = async (ms) => {
      const end = performance.now() + ms + 5000
      const claims = async () => Number(await send('DBSIZE'))
      const before = await claims()
      while ((await claims()) === before && performance.now() < end) await send('PING')
    }
    return { store: stores[0], other: stores[1], now: () => clock.now, pass }
  }
  replayStoreContract(`redisReplayStore over ${kind}`, make, { ttlMs: 200, skip: without('redis-server') })
}
