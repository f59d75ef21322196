// One process of the fleet.
import { apiKey } from '@countersign/api-key/express'
import { hmacVerify } from '@countersign/hmac-verify/express'
import { redisClients, redisReplayStore } from '@countersign/redis'
import { slack } from '@countersign/schemes'
import express from 'express'
import { connected } from './redis.js'
import { SECRET } from './signed.js'

const connection = connected(Number(process.env['REDIS_PORT']))
/** @type {import('@countersign/redis').Send} */
const send = (command, ...args) => connection.call(command, ...args)
const clients = redisClients({ send })

const app = express()
app.post('/orders', hmacVerify({ scheme: slack, secret: SECRET, replay: redisReplayStore({ send }) }), (_, res) => {
  res.json({ status: 'ordered' })
})
app.get('/reports', apiKey({ clients }), (req, res) => {
  res.json({ for: /** @type {{ auth?: { clientId: string } }} */ (/** @type {unknown} */ (req)).auth?.clientId })
})
// Whoever administers clients does so in any process. This route stands for a console, and has no guard: give yours one.
app.delete('/clients/:id/keys', async (req, res) => {
  await clients.revoke(req.params.id)
  res.json({ status: 'revoked' })
})

const server = app.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
  process.send?.(/** @type {import('node:net').AddressInfo} */ (server.address()).port)
})
