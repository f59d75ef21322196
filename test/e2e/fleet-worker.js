// One process of a fleet: node fleet-worker.js <client kind> <port of Redis> [options as JSON]. Says its port on the first line.
// POST /signed is guarded by signatures (Slack's scheme), GET /keyed by API keys of the registry, GET /revoke?<id> changes it.
import { createServer } from 'node:http'
import { apiKey } from '@countersign/api-key/express'
import { hmacVerify } from '@countersign/hmac-verify/express'
import { redisClients, redisReplayStore } from '@countersign/redis'
import { slack } from '@countersign/schemes'
import { redisClient } from '../support/redis.js'

const [kind, redisPort, options = '{}'] = process.argv.slice(2)
const { replay, clients: registry, guard = {}, connection = {} } = JSON.parse(options)

const { send } = await redisClient(undefined, kind, Number(redisPort), { ...connection, ready: false })
const clients = redisClients({ send, ...registry })
const signed = hmacVerify({
  scheme: slack,
  secret: 'a secret of the fleet, 32 octets',
  replay: redisReplayStore({ send, ...replay }),
  ...guard,
})
const keyed = apiKey({ clients, ...guard })

const server = createServer((request, response) => {
  const done = () => response.end(request.auth?.clientId)
  if (request.method === 'POST') return signed(request, response, done)
  if (request.url.startsWith('/keyed')) return keyed(request, response, done)
  if (request.url === '/memory') {
    global.gc?.()
    return response.end(String(process.memoryUsage().heapUsed))
  }
  const id = decodeURIComponent(request.url.slice('/revoke?'.length))
  clients.revoke(id).then(
    () => response.end('revoked'),
    (error) => response.writeHead(error.status ?? 500).end(error.code),
  )
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`))
