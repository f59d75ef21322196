// A server of the bench: node redis.js <memory|redis> <port of Redis>. Prints its port.
import { createServer } from 'node:http'
import { memoryReplayStore } from '@countersign/core'
import { hmacVerify } from '@countersign/hmac-verify/express'
import { redisReplayStore } from '@countersign/redis'
import { slack } from '@countersign/schemes'
import express from 'express'
import { redisClient } from '../../support/redis.js'

const [variant, redisPort] = process.argv.slice(2)
const stores = {
  memory: async () => memoryReplayStore(),
  ioredis: async () => redisReplayStore({ send: (await redisClient(undefined, 'ioredis', Number(redisPort))).send }),
  'node-redis': async () => redisReplayStore({ send: (await redisClient(undefined, 'node-redis', Number(redisPort))).send }),
}
const app = express()
app.get('/cpu', (_, response) => {
  const { user, system } = process.cpuUsage()
  response.send(String(user + system))
})
app.use(hmacVerify({ scheme: slack, secret: 'a secret of the fleet, 32 octets', replay: await stores[variant]() }), (_, response) =>
  response.send('ok'),
)
// The load takes longer to prepare than a connection may idle.
const server = createServer({ keepAliveTimeout: 600_000 }, app).listen(0, '127.0.0.1', () => console.log(server.address().port))
