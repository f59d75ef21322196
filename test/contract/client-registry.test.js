import { randomBytes } from 'node:crypto'
import { memoryClients } from '@countersign/core'
import { redisClients } from '@countersign/redis'
import { without } from '../support/components.js'
import { CLIENTS, redisClient, redisServer } from '../support/redis.js'
import { clientRegistryContract } from './client-registry.js'

clientRegistryContract('memoryClients', () => ({ clients: memoryClients(), now: Date.now }))

for (const kind of CLIENTS) {
  const make = async (t) => {
    const server = await redisServer(t)
    const sealingKey = randomBytes(32)
    const made = []
    for (let i = 0; i < 2; i += 1) {
      const { send } = await redisClient(t, kind, server.port)
      const clients = redisClients({ send, sealingKey })
      t.after(() => clients.close())
      await clients.refresh()
      made.push(clients)
    }
    return { clients: made[0], other: made[1], now: Date.now }
  }
  clientRegistryContract(`redisClients over ${kind}`, make, { skip: without('redis-server') })
}
