import assert from 'node:assert/strict'
import { test } from 'node:test'
import { absent, anyOf, granted } from '@countersign/core'
import { frameworks } from '../support/frameworks.js'
import { seeded } from '../support/random.js'
import { Connection, head, turns } from '../support/raw-http.js'
import { answering, refused, server, who } from '../support/verdicts.js'

for (const framework of frameworks) {
  const serve = server(framework)

  test(`P21, P22, S25: 500 interleaved requests, each answer is its own principal, ${framework}`, async (t) => {
    const random = seeded(20_26)
    const waiting = []
    const authenticator = answering(async ({ headers, body }) => {
      const client = headers['x-key']
      const early = random() < 0.3 ? (await body()).toString() : undefined
      await new Promise((resolve) => waiting.push(resolve))
      const late = (await body()).toString()
      assert.ok(early === undefined || early === late)
      if (random() < 0.2) await turns(1)
      return client.startsWith('bad') ? refused() : granted(who(`${client} ${late}`), { commit: () => turns(1) })
    })
    const composed = anyOf(
      answering(async () => absent),
      authenticator,
    )
    const app = await serve(t, {
      guard: ({ protect }) => [protect(composed), protect(authenticator)],
      handler: ({ auth }) => ({ body: auth.clientId }),
    })
    let isOver = false
    const release = (async () => {
      while (!isOver) {
        await turns(1)
        for (let count = Math.ceil(waiting.length * random()); count > 0; count -= 1) {
          const [resolve] = waiting.splice(Math.floor(random() * waiting.length), 1)
          resolve()
        }
      }
    })()
    const connections = Array.from({ length: 50 }, () => new Connection(app.port))
    await Promise.all(
      connections.map(async (connection, lane) => {
        for (let i = 0; i < 10; i += 1) {
          const client = `${random() < 0.2 ? 'bad' : 'client'}-${lane}-${i}`
          const body = `body of ${lane} ${i}`
          const answer = connection.response()
          await connection.write(`${head({ method: 'POST', headers: { 'x-key': client, 'content-length': body.length } })}${body}`)
          const { status, text } = await answer
          if (client.startsWith('bad')) assert.equal(status, 401)
          else assert.equal(text, `${client} ${body}`)
        }
        connection.close()
      }),
    )
    isOver = true
    await release
  })
}
