/** Four processes, one Redis, one token: asked for once by all of them, and once more after it was revoked. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { without } from '../support/components.js'
import { redisServer } from '../support/redis.js'

const PROCESSES = 4
const CALLS = 100

if (process.argv[2] === 'member') {
  const { bearer } = await import('@countersign/axios-auth/bearer')
  const { redisTokenStore } = await import('@countersign/redis')
  const { default: axios } = await import('axios')
  const { default: Redis } = await import('ioredis')
  const { port, origin } = JSON.parse(process.argv[3])
  const client = new Redis(port, '127.0.0.1')
  const store = redisTokenStore({ send: (...args) => client.call(...args), sealingKey: Buffer.alloc(32, 7) })
  const api = axios.create({ baseURL: origin, proxy: false })
  api.interceptors.request.use(bearer({ clientId: 'fleet', clientSecret: 'a secret of the fleet', tokenUrl: `${origin}/token`, store }))
  process.on('message', async () => {
    const answers = await Promise.all(Array.from({ length: CALLS }, () => api.get('/').catch((error) => ({ data: String(error) }))))
    process.send(answers.map(({ data }) => data))
  })
  process.send('ready')
} else {
  test('P40: a fleet makes one token request, and one after a revocation', { skip: without('redis-server') }, async (t) => {
    const redis = await redisServer(t)
    const calls = { token: 0, api: 0 }
    let good
    const server = createServer((request, response) => {
      if (request.url === '/token') {
        calls.token += 1
        good = `token-${calls.token}`
        // Long enough for the others to ask meanwhile.
        setTimeout(() => response.end(JSON.stringify({ access_token: good, token_type: 'Bearer', expires_in: 600 })), 50)
        return
      }
      calls.api += 1
      const isGood = request.headers.authorization === `Bearer ${good}`
      response.writeHead(isGood ? 200 : 401, { 'Content-Type': 'application/json' }).end(JSON.stringify(isGood ? good : 'refused'))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const facts = JSON.stringify({ port: redis.port, origin: `http://127.0.0.1:${server.address().port}` })
    const members = Array.from({ length: PROCESSES }, () => fork(import.meta.filename, ['member', facts]))
    t.after(() => {
      for (const member of members) member.kill()
      server.closeAllConnections()
      server.close()
    })
    const told = () => Promise.all(members.map((member) => once(member, 'message').then(([message]) => message)))
    const round = async () => {
      const answers = told()
      for (const member of members) member.send('go')
      return (await answers).flat()
    }
    assert.deepEqual(await told(), Array(PROCESSES).fill('ready'))
    assert.deepEqual([...new Set(await round())], ['token-1'])
    assert.deepEqual(calls, { token: 1, api: PROCESSES * CALLS })
    good = 'nothing'
    assert.deepEqual([...new Set(await round())], ['token-2'])
    assert.equal(calls.token, 2)
  })
}
