import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { scheme } from '@countersign/schemes'
import { frameworks, isKoa } from '../support/frameworks.js'
import { randomOf } from '../support/malformed.js'
import { Connection, head, turns, within } from '../support/raw-http.js'
import { server } from '../support/verdicts.js'

const CLIENTS = 25
const REQUESTS = 500
const secretOf = (client) => `the secret of client number ${client}, long enough`
const keyed = scheme({
  name: 'keyed',
  signature: { header: 'x-signature', format: '{keyId}:{signature}' },
  message: '{method} {target}\n{body}',
})

/** A request of a client; `forged` ones are signed with the secret of the next client. */
function requestOf(number, random) {
  const client = number % CLIENTS
  const forged = random.next() < 0.2
  const path = `/${number}?of=${client}`
  const body = `{"number":${number},"pad":"${'x'.repeat(random.below(2000))}"}`
  const secret = secretOf(forged ? (client + 1) % CLIENTS : client)
  const mac = createHmac('sha256', secret).update(`POST ${path}\n${body}`).digest('hex')
  const headers = { 'x-signature': `client-${client}:${mac}`, 'content-length': body.length }
  return { client, forged, number, octets: `${head({ method: 'POST', path, headers })}${body}` }
}

for (const framework of frameworks) {
  test(`P21, P22, S25: 500 interleaved requests of 25 clients, each answer is its own client's, ${framework}`, async (t) => {
    const random = randomOf(2026)
    const waiting = []
    // A look-up answers when it is told to, in an order of its own.
    const lookup = async (keyId) => {
      await new Promise((resolve) => waiting.push(resolve))
      if (random.next() < 0.3) await turns(1)
      return secretOf(Number(keyId.slice('client-'.length)))
    }
    const hmacVerify = isKoa(framework) ? forKoa : forExpress
    const guard = hmacVerify({ scheme: keyed, secret: lookup })
    const app = await server(framework)(t, {
      guard: () => [guard, guard],
      handler: async ({ auth, req }) => {
        await turns(random.below(3))
        return { body: { client: auth.clientId, target: req.originalUrl ?? req.url } }
      },
    })
    const requests = Array.from({ length: REQUESTS }, (_, number) => requestOf(number, random))
    const connections = Array.from({ length: 50 }, () => new Connection(app.port))
    t.after(() => {
      for (const connection of connections) connection.close()
    })
    let isOver = false
    const release = (async () => {
      while (!isOver) {
        await turns(1)
        for (let count = Math.ceil(waiting.length * random.next()); count > 0; count -= 1)
          waiting.splice(random.below(waiting.length), 1)[0]()
      }
    })()
    const answers = requests.map(async ({ octets, number }) => {
      const connection = connections[number % connections.length]
      const answer = connection.response({ to: 'POST' })
      await connection.write(octets)
      return answer
    })
    const answered = await within(Promise.all(answers), 'all answers', 30_000)
    isOver = true
    await release
    for (const [i, answer] of answered.entries()) {
      const { client, forged, number } = requests[i]
      assert.equal(answer.status, forged ? 401 : 200, `request ${number}`)
      if (!forged) assert.deepEqual(answer.json(), { client: `client-${client}`, target: `/${number}?of=${client}` })
    }
    assert.ok(requests.filter(({ forged }) => forged).length > 50)
  })
}
