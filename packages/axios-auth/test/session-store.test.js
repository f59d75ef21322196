import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import { memoryTokenStore } from '@countersign/core'
import { gate, keepAlive } from '../../../test/support/promises.js'
import { hawkeye, signedIn, stoppedClock, turns } from './session-server.js'

/** What is in a store, and what was asked of it. */
function watched(store) {
  const asked = []
  const values = new Map()
  return {
    asked,
    values,
    get: (key) => store.get(key),
    set(key, value, ttlSeconds) {
      asked.push(['set', ttlSeconds])
      values.set(key, value)
      return store.set(key, value, ttlSeconds)
    },
    delete(key, value) {
      asked.push(['delete'])
      return store.delete(key, value)
    },
    lock: (key, ttlSeconds) => store.lock(key, ttlSeconds),
  }
}

const shared = (server, store, more = {}) => session(server.options({ store, account: 'api', ...more }))

describe('a session that processes share', () => {
  test('one login for all of them, and no logout but by the option', async () => {
    const server = hawkeye()
    const store = watched(memoryTokenStore())
    const guards = Array.from({ length: 5 }, () => shared(server, store))
    await Promise.all(guards.map((guard) => signedIn(server, guard).get('/x')))
    assert.equal(server.logins, 1)
    for (const guard of guards) await guard.dispose()
    assert.deepEqual(server.ended, [])
    assert.equal((await signedIn(server, shared(server, store)).get('/x')).status, 200)
    assert.equal(server.logins, 1)
    assert.deepEqual(store.asked, [['set', 3600]])
  })

  test('logout.shared: the process that logged in logs out, once, and the store forgets it', async () => {
    const server = hawkeye()
    const store = memoryTokenStore()
    const logout = { url: '/logout', shared: true }
    const opener = shared(server, store, { logout })
    const other = shared(server, store, { logout })
    await signedIn(server, opener).get('/x')
    await signedIn(server, other).get('/x')
    await other.dispose()
    assert.deepEqual(server.ended, [])
    await opener.dispose()
    assert.deepEqual(server.ended, ['token-1'])
    await signedIn(server, shared(server, store)).get('/x')
    assert.equal(server.logins, 2)
  })

  test('P29: nothing is shared between accounts, or between logins', async () => {
    const server = hawkeye()
    const store = watched(memoryTokenStore())
    const options = [
      { account: 'api' },
      { account: 'api2' },
      { account: 'api', login: { url: `${'https://hawkeye.test'}/api/login` } },
      { account: 'api', carry: { header: 'Authorization' } },
    ]
    server.call = () => ({})
    for (const more of options) await signedIn(server, shared(server, store, more)).get('/x')
    assert.equal(server.logins, 4)
    assert.equal(store.values.size, 4)
    for (const key of store.values.keys()) assert.match(key, /^[\w-]{43}$/)
  })

  test('one that the server refused is replaced once for all, and not found again', async () => {
    const server = hawkeye()
    const store = memoryTokenStore()
    const apis = Array.from({ length: 4 }, () => signedIn(server, shared(server, store)))
    await Promise.all(apis.map((api) => api.get('/x')))
    server.sessions.clear()
    const results = await Promise.all(apis.map((api) => api.get('/x')))
    assert.ok(results.every(({ status }) => status === 200))
    assert.equal(server.logins, 2)
  })

  test('a store that does not forget a refused session does not bring it back', async () => {
    const server = hawkeye()
    const store = memoryTokenStore()
    const stubborn = {
      get: (key) => store.get(key),
      set: (...args) => store.set(...args),
      delete() {},
      lock: (...args) => store.lock(...args),
    }
    const api = signedIn(server, shared(server, stubborn))
    await api.get('/x')
    server.sessions.clear()
    assert.equal((await api.get('/x')).status, 200)
    assert.equal(server.logins, 2)
  })

  test('who finds the lock taken waits for what comes of it, and logs in by himself after timeoutMs', async () => {
    const server = hawkeye()
    const store = memoryTokenStore()
    let pauses = 0
    const held = { ...bound(store), lock: () => undefined }
    const api = signedIn(
      server,
      shared(server, held, {
        timeoutMs: 1000,
        sleep: async () => {
          pauses += 1
        },
      }),
    )
    assert.equal((await api.get('/x')).status, 200)
    assert.deepEqual([pauses, server.logins], [10, 1])
    assert.equal((await signedIn(server, shared(server, held)).get('/x')).status, 200)
    assert.equal(server.logins, 1)
  })

  test('a login that fails gives the lock back', async () => {
    const server = hawkeye()
    const plain = server.login
    server.login = () => ({ status: 500 })
    const store = memoryTokenStore()
    await assert.rejects(signedIn(server, shared(server, store)).get('/x'), { code: 'ERR_AXIOS_LOGIN_REFUSED' })
    server.login = plain
    const sleep = () => assert.fail('it had to wait')
    assert.equal((await signedIn(server, shared(server, store, { sleep })).get('/x')).status, 200)
  })

  test('who waits for a login that fails logs in as soon as the lock is given back', async () => {
    const server = hawkeye()
    const { login } = server
    const { opened, open } = gate()
    server.login = (request) => (server.logins === 1 ? opened.then(() => ({ status: 500 })) : login(request))
    const store = memoryTokenStore()
    const first = assert.rejects(signedIn(server, shared(server, store)).get('/x'), { code: 'ERR_AXIOS_LOGIN_REFUSED' })
    await turns()
    let pauses = 0
    const sleep = async () => {
      pauses += 1
      if (pauses > 1) return
      open()
      await first
    }
    assert.equal((await signedIn(server, shared(server, store, { sleep })).get('/x')).status, 200)
    assert.deepEqual([pauses, server.logins], [1, 2])
  })

  test('of several that wait one logs in, and the others take its session', async () => {
    const server = hawkeye()
    const store = memoryTokenStore()
    const { login } = server
    server.login = (request) => (server.logins === 1 ? { status: 500 } : login(request))
    const apis = Array.from({ length: 5 }, () => signedIn(server, shared(server, store, { sleep: () => turns(5) })))
    const answers = await Promise.allSettled(apis.map((api) => api.get('/x')))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), ['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    assert.equal(server.logins, 2)
  })

  test('a store that is down, or silent, costs a login of its own, which is logged out', async (t) => {
    keepAlive(t)
    const down = () => {
      throw new Error('the store is down')
    }
    const never = () => new Promise(() => {})
    for (const [broken, timeoutMs] of [
      [down, 10_000],
      [async () => down(), 10_000],
      [never, 5],
    ]) {
      const server = hawkeye()
      const guard = shared(server, { get: broken, set: broken, delete: broken, lock: broken }, { timeoutMs })
      const api = signedIn(server, guard)
      await api.get('/x')
      await api.get('/x')
      await guard.dispose()
      assert.deepEqual([server.logins, server.ended], [1, ['token-1']])
    }
  })

  test('what the store holds is believed only where it is a session', async () => {
    const sound = { v: 1, token: 'evil', cookies: [], endsAt: null }
    const values = [
      '',
      'evil',
      'null',
      '[]',
      '"evil"',
      JSON.stringify({ ...sound, v: 2 }),
      JSON.stringify({ ...sound, token: 'e\r\nvil' }),
      JSON.stringify({ ...sound, token: 7 }),
      JSON.stringify({ ...sound, cookies: {} }),
      JSON.stringify({ ...sound, cookies: [{ name: 'sid' }] }),
      JSON.stringify({ ...sound, endsAt: 'later' }),
      JSON.stringify({ ...sound, endsAt: 1 }),
      '{"__proto__":{"v":1,"token":"evil","cookies":[],"endsAt":null}}',
    ]
    for (const value of values) {
      const server = hawkeye()
      const store = { ...bound(memoryTokenStore()), get: () => value }
      assert.equal((await signedIn(server, shared(server, store)).get('/x')).status, 200, value)
      assert.equal(server.logins, 1)
    }
  })

  test('its known life goes along, and so do its cookies', async () => {
    const now = stoppedClock()
    const seen = []
    const server = hawkeye({
      login: () => ({ headers: { 'set-cookie': ['sid=1', 'lb=a; Path=/api'] }, body: { ttl: 100 } }),
      call({ headers }) {
        seen.push(headers.cookie)
        return {}
      },
    })
    const store = watched(memoryTokenStore({ now }))
    const options = { now, login: { token: { cookie: 'sid' }, expiresIn: 'ttl' }, carry: undefined }
    await signedIn(server, shared(server, store, options)).get('/x')
    now.pass(89)
    await signedIn(server, shared(server, store, options)).get('/x')
    assert.equal(server.logins, 1)
    assert.deepEqual(seen, ['lb=a; sid=1', 'lb=a; sid=1'])
    assert.deepEqual(store.asked, [['set', 90]])
    now.pass(2)
    await signedIn(server, shared(server, store, options)).get('/x')
    assert.equal(server.logins, 2)
  })

  test('a login under way when dispose is called: its session stays with the others', async () => {
    const server = hawkeye()
    const open = server.holdLogins()
    const store = memoryTokenStore()
    const guard = shared(server, store)
    const refused = assert.rejects(signedIn(server, guard).get('/x'), { code: 'ERR_AXIOS_SESSION_DISPOSED' })
    await turns()
    const disposed = guard.dispose()
    open()
    await disposed
    await refused
    assert.deepEqual(server.ended, [])
    await signedIn(server, shared(server, store)).get('/x')
    assert.equal(server.logins, 1)
  })
})

function bound(store) {
  return {
    get: (key) => store.get(key),
    set: (...args) => store.set(...args),
    delete: (...args) => store.delete(...args),
    lock: (...args) => store.lock(...args),
  }
}
