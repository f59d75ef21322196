import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { apiKey as forExpress } from '@countersign/api-key/express'
import { apiKey as forKoa } from '@countersign/api-key/koa'
import { memoryClients } from '@countersign/core'
import { frameworks, isKoa } from '../support/frameworks.js'
import { seeded } from '../support/random.js'
import { exchange, turns } from '../support/raw-http.js'
import { fieldsOf, problemFields, problems, server } from '../support/verdicts.js'

const KEY = 'a-key-of-sixteen-octets-or-more'
const CHALLENGE = ['www-authenticate', 'ApiKey realm="api"']

function partners() {
  return memoryClients({ clients: [{ id: 'acme', groups: ['partners'], credentials: [{ kind: 'api-key', id: 'k1', key: KEY }] }] })
}

for (const framework of frameworks) {
  const serve = server(framework)
  const apiKey = isKoa(framework) ? forKoa : forExpress
  const guarded = (options, more) => ({ guard: () => apiKey(options), ...more })

  describe(`apiKey, ${framework}`, () => {
    test('P23, P25: no key, a wrong, an empty and a doubled one: 401 with the challenge, the same octets', async (t) => {
      const app = await serve(t, guarded({ keys: KEY }, { handler: () => assert.fail('the handler ran') }))
      const sent = [
        {},
        { 'x-api-key': 'another-key-of-sixteen-octets' },
        { 'x-api-key': '' },
        { 'x-api-key': [KEY, KEY] },
        { 'x-api-key': 'short' },
      ]
      for (const headers of sent) {
        const answer = await exchange(app.port, { headers })
        assert.equal(answer.text, problems[401], inspect(headers))
        assert.deepEqual(fieldsOf(answer), problemFields(401, [CHALLENGE]))
      }
    })

    test('a factory that nobody called is a TypeError that says so, and the handler does not run', async (t) => {
      const app = await serve(t, { guard: () => apiKey, handler: () => assert.fail('the handler ran') })
      assert.equal((await exchange(app.port)).status, 500)
      assert.match(app.errors[0].message, /^apiKey: option "options" must be an object; use what apiKey\(\.\.\.\) returns; got /)
    })

    test('the handler is told who called', async (t) => {
      const app = await serve(t, guarded({ clients: partners() }))
      const { status, json } = await exchange(app.port, { headers: { 'X-API-Key': KEY } })
      assert.equal(status, 200)
      assert.deepEqual(json().auth, { clientId: 'acme', scheme: 'api-key', credentialId: 'k1', groups: ['partners'] })
    })

    test('P26: a key in the query counts only where it is asked for, mounted or not', async (t) => {
      const refusing = await serve(t, guarded({ keys: KEY }))
      assert.equal((await exchange(refusing.port, { path: `/?api_key=${KEY}` })).status, 401)
      for (const mount of [undefined, '/api']) {
        const app = await serve(t, guarded({ keys: KEY, query: 'api_key' }, { mount }))
        assert.equal((await exchange(app.port, { path: `/api/x?a=1&api_key=${KEY}` })).status, 200)
        assert.equal((await exchange(app.port, { path: `/api/x?api_key=${KEY}&api_key=${KEY}` })).status, 401)
      }
    })

    test('P27: a revocation holds for the next request, on a connection that stays open', async (t) => {
      const clients = partners()
      const app = await serve(t, guarded({ clients }))
      const ask = async () => (await exchange(app.port, { headers: { 'X-API-Key': KEY } })).status
      assert.equal(await ask(), 200)
      await clients.revoke('acme')
      assert.equal(await ask(), 401)
    })

    test('P20: an outage is 503, also with optional, and the next request is served', async (t) => {
      const clients = partners()
      let isDown = true
      const failing = {
        findApiKey: async (digest) => {
          await turns(1)
          if (isDown) throw new Error(`down, and not to be told: ${KEY}`)
          return clients.findApiKey(digest)
        },
        used: () => undefined,
      }
      const app = await serve(t, guarded({ clients: failing, optional: true }))
      const answer = await exchange(app.port, { headers: { 'X-API-Key': KEY } })
      assert.equal(answer.text, problems[503])
      isDown = false
      assert.equal((await exchange(app.port, { headers: { 'X-API-Key': KEY } })).status, 200)
    })

    test('optional lets a request without a key through, and never one with a wrong key', async (t) => {
      const app = await serve(
        t,
        guarded({ keys: KEY, optional: true }, { handler: ({ auth }) => ({ body: { who: auth?.clientId ?? 'nobody' } }) }),
      )
      assert.deepEqual((await exchange(app.port)).json(), { who: 'nobody' })
      assert.deepEqual((await exchange(app.port, { headers: { 'x-api-key': KEY } })).json(), { who: 'api-key' })
      assert.equal((await exchange(app.port, { headers: { 'x-api-key': `${KEY}x` } })).status, 401)
    })

    test('S26, P26: no event, refusal or error holds the key, nor the query that it may be in', async (t) => {
      const seen = []
      const listen = (event) => seen.push(event)
      for (const name of ['granted', 'refused', 'error']) subscribe(`countersign:${name}`, listen)
      t.after(() => {
        for (const name of ['granted', 'refused', 'error']) unsubscribe(`countersign:${name}`, listen)
      })
      const canary = 'CANARY-0123456789-0123456789'
      const app = await serve(t, guarded({ keys: canary, query: 'k', onRefusal: listen }))
      const thrown = await serve(t, guarded({ keys: canary, query: 'k', refusals: 'throw' }))
      for (const port of [app.port, thrown.port]) {
        for (const key of [canary, `${canary}x`]) {
          await exchange(port, { headers: { 'x-api-key': key } })
          await exchange(port, { path: `/?k=${key}` })
          await exchange(port, { path: `/?k=${key}&k=${key}`, headers: { 'x-api-key': key } })
        }
      }
      assert.ok(seen.length >= 12)
      const events = inspect([seen, thrown.errors], { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null })
      assert.doesNotMatch(events, /CANARY/)
    })

    test('P24, S20: no session, no cookie', async (t) => {
      const app = await serve(t, guarded({ keys: KEY }))
      for (const headers of [{}, { 'x-api-key': KEY }]) assert.equal((await exchange(app.port, { headers })).get('set-cookie'), undefined)
    })

    test('mistakes name the factory as it is written', () => {
      assert.throws(() => apiKey({}), { name: 'TypeError', message: /^apiKey: option "keys"/ })
      assert.throws(() => apiKey({ keys: KEY, optional: 'yes' }), { name: 'TypeError', message: /^apiKey: option "optional"/ })
      assert.throws(() => apiKey({ keys: KEY, heeder: 'x' }), { name: 'TypeError', message: /did you mean "header"/ })
      assert.throws(() => apiKey(), { name: 'TypeError', message: /^apiKey/ })
    })
  })

  test(`P21, S25: 500 interleaved requests of 50 clients, each answer its own client, ${framework}`, async (t) => {
    const random = seeded(4)
    const clients = memoryClients({
      clients: Array.from({ length: 50 }, (_, i) => ({
        id: `client-${i}`,
        credentials: [{ kind: 'api-key', key: `the-key-of-client-number-${i}` }],
      })),
    })
    const slow = {
      findApiKey: async (digest) => {
        await turns(Math.floor(random() * 5))
        return clients.findApiKey(digest)
      },
      used: (match, now) => clients.used(match, now),
    }
    const app = await serve(t, guarded({ clients: slow }, { handler: ({ auth }) => ({ body: auth.clientId }) }))
    const work = Array.from({ length: 50 }, async (_, lane) => {
      for (let n = 0; n < 10; n += 1) {
        const i = Math.floor(random() * 55)
        const { status, text } = await exchange(app.port, { headers: { 'x-api-key': `the-key-of-client-number-${i}` } })
        if (i < 50) assert.equal(text, `client-${i}`, `lane ${lane}`)
        else assert.equal(status, 401)
      }
    })
    await Promise.all(work)
  })
}
