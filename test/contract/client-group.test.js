import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { clientGroup as forExpress } from '@countersign/client-group/express'
import { clientGroup as forKoa } from '@countersign/client-group/koa'
import { memoryClients } from '@countersign/core'
import { frameworks, isKoa } from '../support/frameworks.js'
import { exchange } from '../support/raw-http.js'
import { fieldsOf, problemFields, problems, server } from '../support/verdicts.js'

const KEY = 'the-api-key-of-the-admin'
const CHALLENGES = ['Basic realm="api", charset="UTF-8"', 'ApiKey realm="api"'].map((challenge) => ['www-authenticate', challenge])
const SCRYPT = { cost: 1024, parallelization: 1 }

function members() {
  return memoryClients({
    scrypt: SCRYPT,
    clients: [
      {
        id: 'admin',
        groups: ['staff'],
        credentials: [
          { kind: 'basic', id: 'b', password: 'secret123' },
          { kind: 'api-key', id: 'k', key: KEY },
        ],
      },
      { id: 'guest', groups: [], credentials: [{ kind: 'basic', password: 'guest' }] },
    ],
  })
}

function basic(user, password) {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

for (const framework of frameworks) {
  const serve = server(framework)
  const clientGroup = isKoa(framework) ? forKoa : forExpress
  const guarded = (options, more) => ({ guard: () => clientGroup({ group: 'staff', ...options }), ...more })

  describe(`clientGroup, ${framework}`, () => {
    test('P23: without credentials and with wrong ones 401 with both challenges, the same octets', async (t) => {
      const app = await serve(t, guarded({ clients: members() }, { handler: () => assert.fail('the handler ran') }))
      const sent = [
        {},
        { authorization: 'Bearer x' },
        { authorization: basic('admin', 'wrong') },
        { authorization: basic('nobody', 'wrong') },
        { authorization: 'Basic' },
        { authorization: 'Basic !' },
        { authorization: [basic('admin', 'secret123'), basic('admin', 'secret123')] },
        { 'x-api-key': `${KEY}x` },
        { authorization: basic('admin', 'secret123'), 'x-api-key': `${KEY}x` },
      ]
      for (const headers of sent) {
        const answer = await exchange(app.port, { headers })
        assert.equal(answer.text, problems[401], inspect(headers))
        assert.deepEqual(fieldsOf(answer), problemFields(401, CHALLENGES))
      }
    })

    test('right credentials of a client outside the group: 403, without a challenge', async (t) => {
      const app = await serve(t, guarded({ clients: members() }, { handler: () => assert.fail('the handler ran') }))
      const answer = await exchange(app.port, { headers: { authorization: basic('guest', 'guest') } })
      assert.equal(answer.text, problems[403])
      assert.deepEqual(fieldsOf(answer), problemFields(403))
    })

    test('the handler is told who called, by Basic, by API key, and by both', async (t) => {
      const app = await serve(t, guarded({ clients: members() }))
      const ask = async (headers) => (await exchange(app.port, { headers })).json().auth
      const byBasic = { clientId: 'admin', scheme: 'basic', credentialId: 'b', groups: ['staff'] }
      const byKey = { clientId: 'admin', scheme: 'api-key', credentialId: 'k', groups: ['staff'] }
      assert.deepEqual(await ask({ authorization: basic('admin', 'secret123') }), byBasic)
      assert.deepEqual(await ask({ 'x-api-key': KEY }), byKey)
      assert.deepEqual(await ask({ 'x-api-key': KEY, authorization: basic('admin', 'secret123') }), { ...byBasic, also: [byKey] })
    })

    test('P27: what changes in the registry holds for the next request', async (t) => {
      const clients = members()
      const app = await serve(t, guarded({ clients }))
      const ask = async () => (await exchange(app.port, { headers: { authorization: basic('admin', 'secret123') } })).status
      assert.equal(await ask(), 200)
      await clients.leave('admin', 'staff')
      assert.equal(await ask(), 403)
      await clients.join('admin', 'staff')
      assert.equal(await ask(), 200)
      await clients.disable('admin')
      assert.equal(await ask(), 401)
      await clients.enable('admin')
      await clients.revoke('admin', 'b')
      assert.equal(await ask(), 401)
    })

    test('200 anonymous Basic requests at once: 503 with Retry-After beyond the queue, and others are served meanwhile', async (t) => {
      const released = []
      let isHeld = false
      const clients = memoryClients({
        scrypt: SCRYPT,
        kdf: async () => {
          if (isHeld) await new Promise((resolve) => released.push(resolve))
          return Buffer.alloc(32)
        },
        clients: [{ id: 'admin', groups: ['staff'], credentials: [{ kind: 'api-key', key: KEY }] }],
      })
      const app = await serve(t, guarded({ clients }))
      isHeld = true
      let turnedAway = 0
      const flood = Array.from({ length: 200 }, async (_, i) => {
        const answer = await exchange(app.port, { headers: { authorization: basic(`user-${i}`, 'x') } })
        if (answer.status === 503) {
          turnedAway += 1
          assert.equal(answer.get('retry-after'), '1')
          assert.equal(answer.text, problems[503])
        } else assert.equal(answer.status, 401)
      })
      while (turnedAway < 166) await new Promise(setImmediate)
      assert.equal((await exchange(app.port, { headers: { 'x-api-key': KEY } })).status, 200)
      isHeld = false
      for (const release of released) release()
      await Promise.all(flood)
      assert.equal(turnedAway, 166)
    })

    test('S26: no event, refusal or error holds a password, key or token', async (t) => {
      const seen = []
      const listen = (event) => seen.push(event)
      for (const name of ['granted', 'refused', 'error']) subscribe(`countersign:${name}`, listen)
      t.after(() => {
        for (const name of ['granted', 'refused', 'error']) unsubscribe(`countersign:${name}`, listen)
      })
      const clients = memoryClients({
        scrypt: SCRYPT,
        clients: [{ id: 'a', groups: ['staff'], credentials: [{ kind: 'basic', password: 'CANARY' }] }],
      })
      for (const refusals of ['answer', 'throw']) {
        const app = await serve(t, guarded({ clients, refusals, onRefusal: listen }))
        for (const password of ['CANARY', 'CANARY-wrong', 'CANARY\u0001'])
          await exchange(app.port, { headers: { authorization: basic('a', password) } })
        seen.push(...app.errors)
      }
      assert.ok(seen.length >= 8)
      const events = inspect(seen, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null })
      assert.doesNotMatch(events, /CANARY|Q0FOQVJZ/)
    })

    test('mistakes name the factory as it is written', () => {
      assert.throws(() => clientGroup({ clients: members() }), { name: 'TypeError', message: /^clientGroup: option "group"/ })
      assert.throws(() => clientGroup({ clients: members(), group: 'x', accept: ['api-key'], prefix: '' }), {
        name: 'TypeError',
        message: /^clientGroup/,
      })
      assert.throws(() => clientGroup(), { name: 'TypeError', message: /^clientGroup/ })
    })
  })
}
