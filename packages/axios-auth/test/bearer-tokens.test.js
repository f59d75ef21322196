/** How long tokens are kept, how often they are asked for, and what a 401 brings about. The clock is injected. */
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { memoryTokenStore } from '@countersign/core'
import axios from 'axios'
import { gate } from '../../../test/support/promises.js'
import { issue, tokenWorld } from './token-server.js'

const count = (n, make) => Array.from({ length: n }, (_, index) => make(index))

/** Waits until a probe holds; what it waits for is done by the network. */
async function until(probe) {
  const end = performance.now() + 5000
  while (!probe()) {
    assert.ok(performance.now() < end, `not within 5 s: ${probe}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('bearer: cold', () => {
  test('P40: 1000 cold calls at once make one token request', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client()
    const answers = await Promise.all(count(1000, () => api.get('/')))
    assert.ok(answers.every(({ data }) => data.token === 'token-1'))
    assert.deepEqual(world.calls, { token: 1, api: 1000 })
  })

  test('P40: a failed token request fails all who waited, is not kept, and the next call asks again', async (t) => {
    const world = await tokenWorld(t)
    const good = world.answer
    const held = gate()
    world.answer = async () => {
      await held.opened
      return { status: 500, json: { error: 'server_error' } }
    }
    const api = world.client()
    const all = count(20, () => api.get('/').catch((error) => error))
    held.open()
    for (const error of await Promise.all(all)) {
      assert.equal(error.code, 'ERR_AXIOS_TOKEN_REFUSED')
      assert.deepEqual([error.tokenStatus, error.oauthError], [500, 'server_error'])
    }
    assert.deepEqual(world.calls, { token: 1, api: 0 })
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_TOKEN_REFUSED' })
    assert.equal(world.calls.token, 2)
    world.answer = good
    assert.equal((await api.get('/')).status, 200)
    assert.deepEqual(world.calls, { token: 3, api: 1 })
  })

  /** One of six that wait for a token gives up before it comes. */
  async function oneGivesUp(t, given, giveUp) {
    const world = await tokenWorld(t)
    const good = world.answer
    const held = gate()
    world.answer = async () => {
      await held.opened
      return good()
    }
    const api = world.client()
    const failure = api.get('/', given).catch((error) => error)
    const others = count(5, () => api.get('/'))
    await until(() => world.calls.token === 1)
    giveUp()
    const deadline = new Promise((resolve) => setTimeout(resolve, 2000, new Error('it still waits')).unref())
    const error = await Promise.race([failure, deadline])
    held.open()
    for (const { data } of await Promise.all(others)) assert.equal(data.token, 'token-1')
    assert.deepEqual(world.calls, { token: 1, api: 5 })
    return error
  }

  test('P41: one waiter that gives up takes nothing from the others', async (t) => {
    const controller = new AbortController()
    const error = await oneGivesUp(t, { signal: controller.signal }, () => controller.abort())
    assert.equal(error.code, 'ERR_CANCELED', String(error))
  })

  test('P41: one waiter that gives up with a CancelToken takes nothing from the others', async (t) => {
    const { token, cancel } = axios.CancelToken.source()
    const error = await oneGivesUp(t, { cancelToken: token }, () => cancel('enough'))
    assert.ok(axios.isCancel(error), String(error))
    assert.equal(error.message, 'enough')
  })

  test('P29: each set of scopes has its token, in whatever order they are written', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client({ scopes: 'read\nwrite' })
    const asked = async (authScopes) => (await api.get('/', authScopes === undefined ? {} : { authScopes })).data.token
    assert.equal(await asked(), 'token-1')
    assert.equal(await asked('write  read'), 'token-1')
    assert.equal(await asked(['write', 'read', 'write']), 'token-1')
    assert.equal(await asked('read'), 'token-2')
    assert.equal(await asked(''), 'token-3')
    assert.equal(await asked([]), 'token-3')
    assert.equal(await asked('write read'), 'token-1')
    assert.deepEqual(
      world.tokens.map(({ body }) => new URLSearchParams(body).get('scope')),
      ['read write', 'read', null],
    )
    for (const bad of [5, {}, ['a b'], ['"'], 'a\\b', [5], 'caf\u00e9', null]) {
      await assert.rejects(asked(bad), { name: 'TypeError', message: /authScopes/ })
    }
    assert.equal(world.calls.api, 7)
  })
})

describe('bearer: warm', () => {
  test('P41: renewed in the background once half of its life is over; near its end callers wait', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client()
    const token = async () => (await api.get('/')).data.token
    assert.equal(await token(), 'token-1')
    world.pass(1799)
    assert.equal(await token(), 'token-1')
    assert.equal(world.calls.token, 1)
    world.pass(1)
    assert.equal(await token(), 'token-1')
    await until(() => world.issued.length === 2)
    await until(() => world.calls.token === 2)
    world.pass(1)
    // The renewal has been answered; it is kept as soon as the answer has been read.
    let seen = await token()
    for (; seen === 'token-1'; seen = await token());
    assert.equal(seen, 'token-2')
    world.pass(3600)
    assert.equal(await token(), 'token-3')
    assert.equal(world.calls.token, 3)
  })

  test('P41: no caller waits for a renewal while the old token holds', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client()
    await api.get('/')
    world.pass(1800)
    const held = gate()
    const good = world.answer
    world.answer = async () => {
      await held.opened
      return good()
    }
    for (const { data } of await Promise.all(count(50, () => api.get('/')))) assert.equal(data.token, 'token-1')
    await until(() => world.calls.token === 2)
    world.pass(1439)
    assert.equal((await api.get('/')).data.token, 'token-1')
    // The last tenth: now they wait, all of them for the renewal that is under way.
    world.pass(1)
    const waiting = count(50, () => api.get('/'))
    held.open()
    for (const { data } of await Promise.all(waiting)) assert.equal(data.token, 'token-2')
    assert.equal(world.calls.token, 2)
  })

  test('P41: its life begins with the request for it, not with the answer', async (t) => {
    const world = await tokenWorld(t)
    world.answer = () => {
      world.pass(50)
      return { json: { access_token: issue(world), expires_in: 60 } }
    }
    const api = world.client({ refreshAt: 1 })
    assert.equal((await api.get('/')).data.token, 'token-1')
    assert.equal((await api.get('/')).data.token, 'token-2')
  })

  test('P41: a token whose life is zero or odd serves those who waited, and nobody else', async (t) => {
    const world = await tokenWorld(t)
    for (const expires of [0, -1, '0', 'soon', '1e9', true, {}]) {
      const api = world.client()
      world.answer = () => ({ json: { access_token: issue(world), expires_in: expires } })
      const before = world.calls.token
      await Promise.all(count(10, () => api.get('/')))
      assert.equal(world.calls.token, before + 1)
      await api.get('/')
      assert.equal(world.calls.token, before + 2)
    }
  })

  test('P41: without expires_in it is kept for defaultLifetimeSeconds; a huge one for maxLifetimeSeconds', async (t) => {
    const world = await tokenWorld(t)
    for (const [expires, seconds, options] of [
      [undefined, 300, {}],
      [null, 60, { defaultLifetimeSeconds: 60 }],
      [1e300, 86_400, {}],
      ['999999999', 120, { maxLifetimeSeconds: 120 }],
    ]) {
      world.answer = () => ({ json: { access_token: issue(world), expires_in: expires } })
      const api = world.client({ refreshAt: 1, skewSeconds: 0, ...options })
      const before = world.calls.token
      await api.get('/')
      world.pass(seconds * 0.9 - 1)
      await api.get('/')
      assert.equal(world.calls.token, before + 1)
      world.pass(1)
      await api.get('/')
      assert.equal(world.calls.token, before + 2)
    }
  })

  test('a token of one second is asked for again after it, never used past its end', async (t) => {
    const world = await tokenWorld(t)
    world.answer = () => ({ json: { access_token: issue(world), expires_in: 1 } })
    const api = world.client()
    assert.equal((await api.get('/')).data.token, 'token-1')
    world.pass(1)
    assert.equal((await api.get('/')).data.token, 'token-2')
  })

  test('a renewal that fails leaves the old token while it holds, is reported, and is not tried at each call', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client({ name: 'billing' })
    await api.get('/')
    const events = []
    const note = (event) => events.push(event)
    subscribe('countersign:error', note)
    t.after(() => unsubscribe('countersign:error', note))
    world.answer = () => ({ status: 500, json: {} })
    world.pass(1800)
    await api.get('/')
    await until(() => events.length === 1)
    const { error, ...event } = events[0]
    const reason = error.message
    assert.deepEqual(event, { authenticator: 'billing', method: 'POST', path: '/token', code: 'ERR_AXIOS_TOKEN_REFUSED', reason })
    await Promise.all(count(50, () => api.get('/')))
    assert.equal(world.calls.token, 2)
    for (const [seconds, calls] of [
      [1, 3],
      [1, 3],
      [1, 4],
      [3, 4],
      [1, 5],
    ]) {
      world.pass(seconds)
      await api.get('/')
      await until(() => world.calls.token === calls && events.length === calls - 1)
      for (const _ of count(5, () => 0)) await api.get('/')
      assert.equal(world.calls.token, calls)
    }
    // In the last tenth callers wait, and get the old one where there is no other.
    world.pass(1750)
    const before = world.calls.token
    assert.equal((await api.get('/')).data.token, 'token-1')
    assert.equal((await api.get('/')).data.token, 'token-1')
    assert.deepEqual([world.calls.token, events.length], [before + 1, before])
    world.pass(100)
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_TOKEN_REFUSED' })
  })

  test('429 and 503 with Retry-After: the service is left alone for as long, at most 300 seconds', async (t) => {
    const world = await tokenWorld(t)
    const good = world.answer
    for (const [status, retryAfter, seconds] of [
      [429, '7', 7],
      [503, '100000', 300],
      [429, new Date(world.clock.now + 307_000 + 60_000).toUTCString(), 60],
    ]) {
      const api = world.client()
      world.answer = () => ({ status, json: {}, headers: { 'Retry-After': retryAfter } })
      const before = world.calls.token
      await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_TOKEN_REFUSED', retryAfterSeconds: seconds })
      world.pass(seconds - 1)
      await Promise.all(
        count(10, (index) =>
          assert.rejects(api.get('/', { authScopes: `scope-${index}` }), {
            code: 'ERR_AXIOS_TOKEN_BUSY',
            retryAfterSeconds: 1,
          }),
        ),
      )
      assert.equal(world.calls.token, before + 1)
      world.answer = good
      world.pass(1)
      assert.equal((await api.get('/')).status, 200)
    }
    world.answer = () => ({ status: 429, json: {} })
    const api = world.client()
    for (const _ of [1, 2]) await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_TOKEN_REFUSED' })
  })
})

describe('bearer: 401', () => {
  test('P40: 20 calls in flight with a revoked token, their 401s 30 ms apart: 20 succeed with one refresh', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client()
    await api.get('/')
    world.refused.add('token-1')
    let place = 0
    world.api = async (request) => {
      if (!request.headers.authorization.endsWith('token-1')) return undefined
      const at = place++
      await new Promise((resolve) => setTimeout(resolve, at * 30))
      return undefined
    }
    const answers = await Promise.all(count(20, () => api.get('/')))
    assert.ok(answers.every(({ data }) => data.token === 'token-2'))
    assert.deepEqual(world.calls, { token: 2, api: 41 })
  })

  test('expiredStatus: an API that answers a revoked token with 403', async (t) => {
    const world = await tokenWorld(t)
    world.api = ({ headers }) => (world.accepts(headers.authorization.slice(7)) ? undefined : { status: 403, text: '' })
    for (const [expiredStatus, isReplaced] of [
      [403, true],
      [[401, 403], true],
      [401, false],
      [undefined, false],
    ]) {
      const api = world.client({ expiredStatus })
      await api.get('/')
      const calls = { ...world.calls }
      world.refused.add(world.issued.at(-1))
      const answers = await Promise.all(count(20, () => api.get('/', { validateStatus: null })))
      assert.ok(answers.every(({ status }) => status === (isReplaced ? 200 : 403)))
      assert.deepEqual(world.calls, { token: calls.token + (isReplaced ? 1 : 0), api: calls.api + (isReplaced ? 40 : 20) })
    }
    const api = world.client({ expiredStatus: 403 })
    await api.get('/')
    const calls = { ...world.calls }
    world.api = () => ({ status: 403, text: '' })
    for (let i = 0; i < 5; i += 1) await assert.rejects(api.get('/'), (error) => error.response.status === 403)
    assert.deepEqual(world.calls, { token: calls.token + 1, api: calls.api + 6 })
  })

  test('expiredStatus: a redirect that refuses the token twice is the answer, and not followed to its form', async (t) => {
    const world = await tokenWorld(t)
    const paths = []
    world.api = ({ url }) => {
      paths.push(url)
      return url === '/' ? { status: 302, headers: { location: '/login' }, text: '' } : undefined
    }
    const api = world.client({ expiredStatus: [401, 302] })
    await assert.rejects(api.get('/'), (error) => error.response.status === 302)
    assert.deepEqual(paths, ['/', '/'])
  })

  test('P40: 20 calls that are refused at once make one refresh', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client()
    await api.get('/')
    world.refused.add('token-1')
    const answers = await Promise.all(count(20, () => api.get('/', { validateStatus: () => true })))
    assert.ok(answers.every(({ status, data }) => status === 200 && data.token === 'token-2'))
    assert.deepEqual(world.calls, { token: 2, api: 41 })
  })

  test('P40: a 401 that does not go away: two API calls and a token call at first, then one and none within the cooldown', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client()
    await api.get('/')
    world.accepts = () => false
    const spent = async () => {
      const before = { ...world.calls }
      await assert.rejects(api.get('/'), { name: 'AxiosError', status: 401 })
      return [world.calls.api - before.api, world.calls.token - before.token]
    }
    assert.deepEqual(await spent(), [2, 1])
    for (let second = 0; second < 29; second += 1) {
      assert.deepEqual(await spent(), [1, 0])
      world.pass(1)
    }
    world.pass(1)
    assert.deepEqual(await spent(), [2, 1])
    assert.deepEqual(await spent(), [1, 0])
    const before = { ...world.calls }
    await Promise.all(count(50, () => api.get('/').catch(() => {})))
    assert.deepEqual([world.calls.api - before.api, world.calls.token - before.token], [50, 0])
  })

  test('P40: a 401 that is there from the start: one refresh and one retry, then none within the cooldown', async (t) => {
    const world = await tokenWorld(t)
    world.accepts = () => false
    const api = world.client()
    for (let i = 0; i < 5; i += 1) await assert.rejects(api.get('/'), { name: 'AxiosError', status: 401 })
    assert.deepEqual(world.calls, { token: 2, api: 6 })
    world.pass(31)
    await assert.rejects(api.get('/'), { status: 401 })
    assert.deepEqual(world.calls, { token: 3, api: 8 })
  })

  test('a service that hands out the refused token again: no retry with it', async (t) => {
    const world = await tokenWorld(t)
    world.answer = () => ({ json: { access_token: 'the-same', expires_in: 3600 } })
    const api = world.client()
    await assert.rejects(api.get('/'), { status: 401 })
    assert.deepEqual(world.calls, { token: 2, api: 1 })
  })

  test('a refresh after a 401 that fails: the 401 stands, and the next call asks again', async (t) => {
    const world = await tokenWorld(t)
    const good = world.answer
    const api = world.client()
    await api.get('/')
    world.refused.add('token-1')
    world.answer = () => ({ status: 500, json: {} })
    await assert.rejects(api.get('/'), { name: 'AxiosError', status: 401 })
    assert.deepEqual(world.calls, { token: 2, api: 2 })
    world.answer = good
    assert.equal((await api.get('/')).data.token, 'token-2')
  })

  test('P41: a renewal that was under way when its token was refused is not kept', async (t) => {
    const world = await tokenWorld(t)
    const store = memoryTokenStore({ now: () => world.clock.now })
    const api = world.client({ store })
    await api.get('/')
    world.pass(1800)
    const held = gate()
    const good = world.answer
    world.answer = async () => {
      const answer = good()
      await held.opened
      return answer
    }
    await api.get('/')
    await until(() => world.calls.token === 2)
    // All that was issued until now is revoked, the one on its way as well.
    for (const token of world.issued) world.refused.add(token)
    world.answer = good
    const begun = performance.now()
    assert.equal((await api.get('/')).data.token, 'token-3')
    assert.ok(performance.now() - begun < 5000, 'it waited for the renewal that does not count any more')
    const landed = once(world.tokens[1].response, 'close')
    held.open()
    await landed
    const { api: before } = world.calls
    for (const _ of count(20, () => 0)) assert.equal((await api.get('/')).data.token, 'token-3')
    assert.equal((await world.client({ store }).get('/')).data.token, 'token-3')
    assert.equal(world.calls.api, before + 21)
    assert.equal(world.calls.token, 3)
  })

  test('answers other than 401 refresh nothing; a stream that was refused is not sent again', async (t) => {
    const world = await tokenWorld(t)
    const { Readable } = await import('node:stream')
    const api = world.client()
    await api.get('/')
    for (const status of [200, 204, 400, 403, 407, 500]) {
      world.api = () => ({ status, text: '' })
      assert.equal((await api.get('/', { validateStatus: () => true })).status, status)
    }
    world.api = undefined
    assert.deepEqual(world.calls, { token: 1, api: 7 })
    world.refused.add('token-1')
    await assert.rejects(api.post('/', Readable.from(['x'])), { status: 401 })
    assert.deepEqual(world.calls, { token: 2, api: 8 })
  })
})

describe('bearer: a store of several processes', () => {
  test('four processes and one store: one token request, one refresh after a revocation', async (t) => {
    const world = await tokenWorld(t)
    const store = memoryTokenStore({ now: () => world.clock.now })
    const apis = count(4, () => world.client({ store }))
    const all = () => Promise.all(count(100, (index) => apis[index % 4].get('/')))
    assert.ok((await all()).every(({ data }) => data.token === 'token-1'))
    assert.equal(world.calls.token, 1)
    world.refused.add('token-1')
    assert.ok((await all()).every(({ data }) => data.token === 'token-2'))
    assert.equal(world.calls.token, 2)
    world.pass(1800)
    await all()
    await until(() => world.calls.token === 3)
    world.pass(10)
    await all()
    assert.equal(world.calls.token, 3)
  })

  test('P29: another client, secret, audience, resource, field, grant or service has another token', async (t) => {
    const world = await tokenWorld(t)
    world.answer = () => {
      const token = issue(world)
      return { json: { access_token: token, expires_in: 3600 }, headers: { 'X-A': token, 'X-B': token } }
    }
    const store = memoryTokenStore({ now: () => world.clock.now })
    const others = [
      {},
      { clientId: 'clien', scopes: 't' },
      { clientSecret: 'another secret of a client' },
      { audience: 'a' },
      { resource: 'urn:a' },
      { resource: ['urn:a', 'urn:b'] },
      { extraFields: { tenant: 'a' } },
      { extraFields: { tenant: 'b' } },
      { extraFields: { tenan: 'ta' } },
      { scopes: 'a b' },
      { scopes: 'ab' },
      { grantType: 'password' },
      { grantType: false },
      { tokenUrl: `${world.tokenUrl}?tenant=b` },
      { tokenField: ['access_token'], prefix: 'Bearer', clientIdField: 'id' },
      { tokenHeader: 'X-A' },
      { tokenHeader: 'X-B' },
    ]
    for (const [index, options] of others.entries()) {
      assert.equal((await world.client({ store, ...options }).get('/')).data.token, `token-${index + 1}`)
    }
    for (const [index, options] of others.entries()) {
      assert.equal((await world.client({ store, ...options }).get('/')).data.token, `token-${index + 1}`)
    }
    assert.equal(world.calls.token, others.length)
  })

  test('no key of a store holds a secret, and each has one length', async (t) => {
    const world = await tokenWorld(t)
    const keys = []
    const memory = memoryTokenStore({ now: () => world.clock.now })
    const store = { ...methods(memory), get: (key) => keys.push(key) && memory.get(key) }
    await world.client({ store, extraFields: { password: 'hunter2' } }).get('/')
    await world.client({ store, scopes: 'a b c' }).get('/')
    assert.ok(keys.length >= 2 && keys.every((key) => /^[\w-]{43}$/.test(key)))
  })

  test('a store that is down, slow, or holds something foreign: this process works alone, and no request fails', async (t) => {
    const world = await tokenWorld(t)
    const broken = [
      { get: () => Promise.reject(new Error('down')) },
      {
        get() {
          throw new Error('down')
        },
      },
      { set: () => Promise.reject(new Error('down')) },
      { lock: () => Promise.reject(new Error('down')) },
      { delete: () => Promise.reject(new Error('down')) },
      { get: () => new Promise(() => {}) },
      { lock: () => new Promise(() => {}) },
      { set: () => new Promise(() => {}) },
      { get: () => 'foreign' },
      { get: () => 5 },
      { get: () => '{"v":1,"token":"a b","from":1,"until":9e15}' },
      { lock: () => ({ release: () => Promise.reject(new Error('down')) }) },
      { lock: () => ({}) },
      { lock: () => null },
    ]
    for (const [index, part] of broken.entries()) {
      const store = { ...methods(memoryTokenStore({ now: () => world.clock.now })), ...part }
      const api = world.client({ store, storeTimeoutMs: 20, refreshCooldownSeconds: 0 })
      const before = world.calls.token
      await Promise.all(count(10, () => api.get('/')))
      assert.equal(world.calls.token, before + 1, `store ${index}`)
      world.refused.add(world.issued.at(-1))
      await Promise.all(count(10, () => api.get('/')))
      assert.equal(world.calls.token, before + 2, `store ${index}`)
    }
  })

  test('a lock whose holder died is waited for, then done without, as soon as it is free', async (t) => {
    const world = await tokenWorld(t)
    const memory = memoryTokenStore({ now: () => world.clock.now })
    let asked = 0
    const store = { ...methods(memory), lock: (...args) => (++asked < 4 ? undefined : memory.lock(...args)) }
    assert.equal((await world.client({ store }).get('/')).status, 200)
    assert.deepEqual([asked, world.calls.token], [4, 1])
  })

  test('who waits for the lock of another gets the token that the other has brought', async (t) => {
    const world = await tokenWorld(t)
    const memory = memoryTokenStore({ now: () => world.clock.now })
    let brought = false
    const store = {
      ...methods(memory),
      lock: (key) => {
        if (brought) return undefined
        brought = true
        const token = issue(world)
        memory.set(key, JSON.stringify({ v: 1, token, from: world.clock.now, until: world.clock.now + 60_000 }), 60)
        return undefined
      },
    }
    assert.equal((await world.client({ store }).get('/')).data.token, 'token-1')
    assert.equal(world.calls.token, 0)
  })

  test('a store that was down is left alone for five seconds, then asked again; the failure is reported', async (t) => {
    const world = await tokenWorld(t)
    const memory = memoryTokenStore({ now: () => world.clock.now })
    let asked = 0
    let isDown = true
    const get = (key) => {
      asked += 1
      if (isDown) throw new Error('down')
      return memory.get(key)
    }
    const events = []
    const note = (event) => events.push(event)
    subscribe('countersign:error', note)
    t.after(() => unsubscribe('countersign:error', note))
    const api = world.client({ store: { ...methods(memory), get }, refreshAt: 1, name: 'billing' })
    await api.get('/')
    const first = asked
    assert.equal(first, 1)
    const { error, ...event } = events[0]
    const reason = error.message
    assert.deepEqual(event, { authenticator: 'billing', method: 'POST', path: '/token', code: 'ERR_STORE_DOWN', status: 503, reason })
    assert.ok(Object.isFrozen(events[0]))
    assert.equal(events.length, 1)
    world.pass(4.999)
    await api.get('/', { authScopes: 'a' })
    assert.equal(asked, first, 'it is left alone')
    world.pass(0.001)
    isDown = false
    await api.get('/', { authScopes: 'b' })
    assert.ok(asked > first)
    assert.equal(events.length, 1)
  })

  test('what a store is given: the life that is left, a lock for as long as a request may take, and it back', async (t) => {
    const world = await tokenWorld(t)
    const memory = memoryTokenStore({ now: () => world.clock.now })
    const calls = []
    const store = {
      get: (key) => memory.get(key),
      set: (...args) => void calls.push(['set', ...args.slice(1)]),
      delete: (...args) => void calls.push(['delete', ...args.slice(1)]),
      lock: (_, ttl) => {
        calls.push(['lock', ttl])
        return { release: () => calls.push(['release']) }
      },
    }
    world.answer = () => {
      world.pass(10)
      return { json: { access_token: issue(world), expires_in: 60 } }
    }
    const from = world.clock.now
    await world.client({ store, timeoutMs: 7000 }).get('/')
    const text = JSON.stringify({ v: 1, token: 'token-1', from, until: from + 60_000 })
    await until(() => calls.length === 3)
    assert.deepEqual(calls, [['lock', 12], ['set', text, 50], ['release']])
  })

  test('a token whose life is over before it is kept is given to no store', async (t) => {
    const world = await tokenWorld(t)
    const sets = []
    const store = { ...methods(memoryTokenStore({ now: () => world.clock.now })), set: (...args) => sets.push(args) }
    world.answer = () => {
      world.pass(60)
      return { json: { access_token: issue(world), expires_in: 60 } }
    }
    assert.equal((await world.client({ store }).get('/')).data.token, 'token-1')
    assert.deepEqual(sets, [])
  })

  test('after a 401 a newer token of the store is taken, one that ends soon is not', async (t) => {
    const world = await tokenWorld(t)
    const memory = memoryTokenStore({ now: () => world.clock.now })
    const deleted = []
    let held
    const store = {
      ...methods(memory),
      get: (key) => held ?? memory.get(key),
      delete: (_, text) => void deleted.push(JSON.parse(text).token),
    }
    const api = world.client({ store, refreshCooldownSeconds: 0 })
    await api.get('/')
    world.refused.add('token-1')
    const record = (token, seconds) => JSON.stringify({ v: 1, token, from: world.clock.now, until: world.clock.now + seconds * 1000 })
    world.issued.push('of-another')
    held = record('of-another', 60)
    assert.equal((await api.get('/')).data.token, 'of-another')
    assert.deepEqual([world.calls.token, deleted], [1, []])
    world.refused.add('of-another')
    assert.equal((await api.get('/').catch(({ response }) => response)).status, 200)
    assert.deepEqual([world.calls.token, deleted], [2, ['of-another']], 'the one that was refused goes from the store')
  })
})

describe('bearer: sets of scopes', () => {
  test('of more than 1000 sets the one that was asked for first goes', async (t) => {
    const world = await tokenWorld(t)
    world.answer = ({ body }) => ({ json: { access_token: `t-${new URLSearchParams(body).get('scope')}`, expires_in: 3600 } })
    world.accepts = () => true
    const store = { get: () => undefined, set() {}, delete() {}, lock: () => ({ release() {} }) }
    const api = world.client({ store })
    const asked = async (scope) => {
      const before = world.calls.token
      assert.equal((await api.get('/', { authScopes: scope })).data.token, `t-${[].concat(scope).join(' ')}`)
      return world.calls.token - before
    }
    assert.equal(await asked('first'), 1)
    assert.equal(await asked('first'), 0)
    for (let i = 0; i < 998; i += 20) await Promise.all(count(Math.min(20, 998 - i), (n) => asked(`s${i + n}`).catch(() => 0)))
    await asked('one-more')
    assert.equal(await asked('first'), 0, 'of 1000, the one of the definition was there before')
    await asked('another-more')
    assert.equal(await asked('first'), 1)
    assert.equal(await asked(['first']), 0, 'as a list it is the same set')
  })
})

function methods(store) {
  const { get, set, delete: drop, lock } = Object.getPrototypeOf(store)
  return { get: get.bind(store), set: set.bind(store), delete: drop.bind(store), lock: lock.bind(store) }
}
