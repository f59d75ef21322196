import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { memoryReplayStore } from '@countersign/core'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { docusign, sign, slack } from '@countersign/schemes'
import { frameworks, isKoa } from '../support/frameworks.js'
import { Connection, exchange, head, within } from '../support/raw-http.js'
import { problems, server } from '../support/verdicts.js'

const SECRET = 'a-secret-of-the-tests-0123456789'
const BODY = '{"pay":5}'

/** A Slack request as its sender would send it now. */
function signed(body = BODY, scheme = slack, secret = SECRET) {
  const { headers } = sign(scheme, { method: 'POST', url: '/', body: Buffer.from(body) }, { secret })
  return { method: 'POST', body, headers }
}

function octetsOf({ body, headers }) {
  return `${head({ method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } })}${body}`
}

for (const framework of frameworks) {
  const serve = server(framework)
  const hmacVerify = isKoa(framework) ? forKoa : forExpress

  /** Serves a handler that has an effect: `app.effects` counts it. */
  const effective = async (t, options, handler = () => ({ body: 'ok' })) => {
    const state = { effects: 0 }
    const app = await serve(t, {
      guard: () => hmacVerify({ scheme: slack, secret: SECRET, ...options }),
      handler: (context) => {
        state.effects += 1
        return handler(context, state.effects)
      },
    })
    return Object.assign(app, { state })
  }

  describe(`replay, ${framework}`, () => {
    test('P13: of 50 duplicates at once exactly one has an effect', async (t) => {
      const app = await effective(t, {})
      const octets = octetsOf(signed())
      const connections = Array.from({ length: 50 }, () => new Connection(app.port))
      t.after(() => {
        for (const connection of connections) connection.close()
      })
      await Promise.all(connections.map((connection) => connection.ready))
      const answers = connections.map((connection) => connection.response({ to: 'POST' }))
      for (const connection of connections) void connection.write(octets)
      const statuses = (await Promise.all(answers)).map(({ status }) => status)
      assert.deepEqual(
        statuses.filter((status) => status === 200),
        [200],
      )
      assert.equal(statuses.filter((status) => status === 401).length, 49)
      assert.equal(app.state.effects, 1)
    })

    test('a retry passes where our handler has answered 5xx, and only there', async (t) => {
      const statuses = [500, 503, 200]
      const app = await effective(t, {}, (_context, effects) => ({ status: statuses[effects - 1], body: 'answer' }))
      const request = signed()
      assert.equal((await exchange(app.port, request)).status, 500)
      assert.equal((await exchange(app.port, request)).status, 503)
      assert.equal((await exchange(app.port, request)).status, 200)
      const replayed = await exchange(app.port, request)
      assert.equal(replayed.text, problems[401])
      assert.equal(app.state.effects, 3)
    })

    test('a handler that throws has answered 500, and one that answers 4xx has not', async (t) => {
      const app = await effective(t, {}, (_context, effects) => {
        if (effects === 1) throw new Error('a defect of the handler')
        return { status: 422, body: 'no' }
      })
      const request = signed()
      assert.equal((await exchange(app.port, request)).status, 500)
      assert.equal((await exchange(app.port, request)).status, 422)
      assert.equal((await exchange(app.port, request)).status, 401)
    })

    test('one request sent 20 times, each cut before its answer: one effect', async (t) => {
      let started
      let finished
      const app = await effective(t, {}, async ({ res }) => {
        const closed = once(res, 'close')
        started()
        await closed
        finished()
        // Too late: a connection that the sender broke gives nothing back.
        return { status: 500, body: 'too late' }
      })
      const octets = octetsOf(signed())
      const refused = []
      for (let i = 0; i < 20; i += 1) {
        const connection = new Connection(app.port)
        const isStarted = new Promise((resolve) => {
          started = resolve
        })
        const isFinished = new Promise((resolve) => {
          finished = resolve
        })
        const answer = connection.response({ to: 'POST' })
        await connection.write(octets)
        const first = await within(Promise.race([isStarted.then(() => 'started'), answer]), 'handler or answer')
        if (first === 'started') {
          connection.cut()
          await within(isFinished, 'the end of the handler')
        } else {
          refused.push(first.status)
          connection.close()
        }
      }
      assert.equal(app.state.effects, 1)
      assert.deepEqual(refused, Array(19).fill(401))
    })

    test('a request cut while its body is sent has claimed nothing', async (t) => {
      const app = await effective(t, {})
      const request = signed()
      const connection = new Connection(app.port)
      await connection.write(octetsOf(request).slice(0, -1))
      connection.cut()
      await connection.closed
      assert.equal((await exchange(app.port, request)).status, 200)
    })

    test('a request with two valid signatures is the same without the first', async (t) => {
      const both = ['the first secret of the tests', 'the second secret of the tests']
      const app = await effective(t, { scheme: docusign, secret: both, replay: memoryReplayStore(), replayTtlSeconds: 60 })
      const request = signed(BODY, docusign, both)
      const { 'x-docusign-signature-1': _, ...headers } = request.headers
      assert.equal(Object.keys(request.headers).length, 2)
      assert.equal((await exchange(app.port, request)).status, 200)
      assert.equal((await exchange(app.port, { ...request, headers })).status, 401)
      assert.equal(app.state.effects, 1)
    })

    test('the documented curl line twice: 200 twice', async (t) => {
      const app = await serve(t, {
        guard: () => hmacVerify({ secret: 'your-secret', allowWeakSecret: true }),
        handler: () => ({ body: { status: 'ok' } }),
      })
      const body = '{"data":"test"}'
      const signature = createHmac('sha256', 'your-secret').update(body).digest('hex')
      for (let i = 0; i < 2; i += 1) {
        const answer = await exchange(app.port, {
          method: 'POST',
          path: '/api/hmac/protected',
          body,
          headers: { 'X-Signature': signature },
        })
        assert.deepEqual([answer.status, answer.text], [200, '{"status":"ok"}'])
      }
    })

    test('a store that is down: 503 with Retry-After; allow lets in, and a full store never does', async (t) => {
      const down = { claim: async () => assert.fail('down'), release() {} }
      const refusing = await effective(t, { replay: down })
      const answer = await exchange(refusing.port, signed())
      assert.deepEqual([answer.status, answer.text, answer.get('retry-after')], [503, problems[503], '1'])
      assert.equal(refusing.state.effects, 0)
      const allowing = await effective(t, { replay: down, onStoreError: 'allow' })
      assert.equal((await exchange(allowing.port, signed())).status, 200)
      const full = await effective(t, { replay: memoryReplayStore({ maxClaims: 1 }), onStoreError: 'allow' })
      assert.equal((await exchange(full.port, signed())).status, 200)
      assert.equal((await exchange(full.port, signed('{"pay":6}'))).status, 503)
      assert.equal(full.state.effects, 1)
    })
  })
}

test('P13: three apps with one store, each request sent to all at once: each has one effect', async (t) => {
  const replay = memoryReplayStore()
  const apps = []
  let effects = 0
  for (const framework of ['express4', 'koa2', 'koa3']) {
    const hmacVerify = isKoa(framework) ? forKoa : forExpress
    const guard = () => hmacVerify({ scheme: slack, secret: SECRET, replay })
    const handler = () => {
      effects += 1
      return { body: 'ok' }
    }
    apps.push(await server(framework)(t, { guard, handler }))
  }
  for (let round = 1; round <= 20; round += 1) {
    const request = signed(`{"round":${round}}`)
    const statuses = await Promise.all(apps.map(async ({ port }) => (await exchange(port, request)).status))
    assert.deepEqual(statuses.sort(), [200, 401, 401])
    assert.equal(effects, round)
  }
})
