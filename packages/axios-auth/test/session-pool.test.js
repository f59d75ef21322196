import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { session, withSession } from '@countersign/axios-auth/session'
import { hawkeye, isCode, signedIn, turns } from './session-server.js'

/** A server whose calls wait until they are let through, and that knows the most sessions open, and the most calls per session, at once. */
function slowServer() {
  const waiting = []
  const using = new Map()
  const server = hawkeye()
  const { call } = server
  server.most = { sessions: 0, perSession: 0, calls: 0 }
  server.call = async (request) => {
    const token = request.headers['x-session-token']
    using.set(token, (using.get(token) ?? 0) + 1)
    server.most.sessions = Math.max(server.most.sessions, server.sessions.size)
    server.most.perSession = Math.max(server.most.perSession, using.get(token))
    server.most.calls = Math.max(server.most.calls, waiting.length + 1)
    await new Promise((resolve) => waiting.push(resolve))
    using.set(token, using.get(token) - 1)
    return call(request)
  }
  server.waiting = waiting
  server.next = async () => {
    await turns(4)
    waiting.shift()?.()
    await turns(4)
  }
  return server
}

async function drained(server, calls) {
  let over = false
  const all = Promise.allSettled(calls).then((results) => {
    over = true
    return results
  })
  while (!over) await server.next()
  return all
}

describe('maxSessions', () => {
  test('requests have a session each, three at most, and wait their turn', async () => {
    const server = slowServer()
    const guard = session(server.options({ maxSessions: 3 }))
    const api = signedIn(server, guard)
    const results = await drained(
      server,
      Array.from({ length: 20 }, () => api.get('/x')),
    )
    assert.ok(results.every(({ value }) => value?.status === 200))
    assert.deepEqual(server.most, { sessions: 3, perSession: 1, calls: 3 })
    assert.equal(server.logins, 3)
    await guard.dispose()
    assert.equal(server.ended.length, 3)
    assert.equal(server.sessions.size, 0)
  })

  test('of those that are free the one that was used last is taken, and the others may rest', async () => {
    const server = slowServer()
    const guard = session(server.options({ maxSessions: 3 }))
    const api = signedIn(server, guard)
    const used = []
    const { call } = server
    server.call = (request) => {
      used.push(request.headers['x-session-token'])
      return call(request)
    }
    await drained(server, [api.get('/1'), api.get('/2'), api.get('/3')])
    for (const path of ['/4', '/5', '/6']) await drained(server, [api.get(path)])
    assert.equal(new Set(used.slice(0, 3)).size, 3)
    assert.deepEqual(used.slice(3), Array(3).fill(used[2]))
    await guard.dispose()
  })

  test('blocks have a session each; a block that ends passes it on, and the last ones log out', async () => {
    const server = slowServer()
    const guard = session(server.options({ maxSessions: 2 }))
    const api = signedIn(server, guard)
    const block = async (hawk) => {
      await hawk.get('/a')
      await hawk.get('/b')
    }
    const results = await drained(
      server,
      Array.from({ length: 10 }, () => withSession(api, block)),
    )
    assert.ok(results.every(({ status }) => status === 'fulfilled'))
    assert.deepEqual(server.most, { sessions: 2, perSession: 1, calls: 2 })
    assert.equal(server.logins, 2)
    assert.equal(server.ended.length, 2)
  })

  test('one that fails gives its session back: errors, 500, redirects elsewhere, and requests that are given up', async () => {
    const server = hawkeye()
    const guard = session(server.options({ maxSessions: 2, maxWaiting: 0 }))
    const api = signedIn(server, guard)
    const { call } = server
    const failures = [
      () => ({ status: 500 }),
      () => ({ status: 401 }),
      () => ({ status: 302, headers: { location: 'https://evil.test/' } }),
      () => {
        throw new Error('no answer')
      },
    ]
    for (const failure of failures) {
      server.call = failure
      for (let i = 0; i < 5; i += 1) await assert.rejects(api.get('/x'))
    }
    server.call = call
    for (let i = 0; i < 5; i += 1) await assert.rejects(api.get('https://evil.test/x'), isCode('ERR_AXIOS_ORIGIN'))
    for (let i = 0; i < 5; i += 1)
      await assert.rejects(api.get('/x', { headers: { 'X-Session-Token': 'mine' } }), isCode('ERR_AXIOS_HEADER_CONFLICT'))
    await Promise.all([api.get('/x'), api.get('/y')])
    await guard.dispose()
    assert.equal(server.sessions.size, 0)
  })

  test('a login that fails gives its place back', async () => {
    const server = hawkeye()
    const plain = server.login
    server.login = () => ({ status: 500 })
    const guard = session(server.options({ maxSessions: 2, maxWaiting: 0 }))
    const api = signedIn(server, guard)
    for (let i = 0; i < 5; i += 1) await assert.rejects(api.get('/x'), isCode('ERR_AXIOS_LOGIN_REFUSED'))
    for (let i = 0; i < 5; i += 1)
      await assert.rejects(
        guard.withSession(api, (hawk) => hawk.get('/x')),
        isCode('ERR_AXIOS_LOGIN_REFUSED'),
      )
    server.login = plain
    await Promise.all([api.get('/x'), api.get('/x')])
  })

  test('more than maxWaiting is ERR_AXIOS_SESSION_BUSY', async () => {
    const server = slowServer()
    const guard = session(server.options({ maxSessions: 2, maxWaiting: 1 }))
    const api = signedIn(server, guard)
    const calls = [api.get('/1'), api.get('/2')]
    await turns()
    const third = api.get('/3')
    await turns()
    await assert.rejects(
      api.get('/4'),
      (error) => isCode('ERR_AXIOS_SESSION_BUSY')(error) && /1 callers are already waiting/.test(error.message),
    )
    for (const { value } of await drained(server, [...calls, third])) assert.equal(value.status, 200)
  })

  test('longer than waitTimeoutMs is ERR_AXIOS_SESSION_BUSY', async () => {
    const server = slowServer()
    const guard = session(server.options({ maxSessions: 2, waitTimeoutMs: 20 }))
    const api = signedIn(server, guard)
    const calls = [api.get('/1'), api.get('/2')]
    await turns()
    await assert.rejects(api.get('/3'), (error) => isCode('ERR_AXIOS_SESSION_BUSY')(error) && /within 20 ms/.test(error.message))
    await drained(server, calls)
    assert.deepEqual((await drained(server, [api.get('/5')]))[0].value.status, 200)
  })

  test('who waits may give up, and loses nobody a place', async () => {
    const server = slowServer()
    const guard = session(server.options({ maxSessions: 2 }))
    const api = signedIn(server, guard)
    const calls = [api.get('/1'), api.get('/2')]
    await turns()
    const abort = new AbortController()
    const request = api.get('/3', { signal: abort.signal })
    const reason = new Error('given up')
    const block = guard.withSession(api, (hawk) => hawk.get('/4'), { signal: abort.signal })
    await turns()
    abort.abort(reason)
    await assert.rejects(request, isCode('ERR_CANCELED'))
    await assert.rejects(block, (error) => error === reason)
    await assert.rejects(
      guard.withSession(api, () => 1, { signal: abort.signal }),
      (error) => error === reason,
    )
    await drained(server, calls)
    const results = await drained(server, [api.get('/5'), api.get('/6')])
    assert.ok(results.every(({ value }) => value?.status === 200))
    assert.equal(server.logins, 2)
  })

  test('one given up while its login is under way: the session is kept for the next', async () => {
    const server = hawkeye()
    const open = server.holdLogins()
    const guard = session(server.options({ maxSessions: 2 }))
    const api = signedIn(server, guard)
    const abort = new AbortController()
    const request = api.get('/x', { signal: abort.signal })
    await turns()
    abort.abort()
    await assert.rejects(request, isCode('ERR_CANCELED'))
    open()
    await turns()
    assert.equal((await api.get('/x')).status, 200)
    await guard.dispose()
    assert.deepEqual([server.logins, server.ended], [1, ['token-1']])
  })

  test('dispose refuses who waits, and ends every session', async () => {
    const server = slowServer()
    const guard = session(server.options({ maxSessions: 2 }))
    const api = signedIn(server, guard)
    const calls = [api.get('/1'), api.get('/2')]
    await turns()
    const waiting = api.get('/3')
    await turns()
    const refused = assert.rejects(waiting, isCode('ERR_AXIOS_SESSION_DISPOSED'))
    await guard.dispose()
    await refused
    await drained(server, calls)
    assert.deepEqual([server.logins, server.ended.length], [2, 2])
  })

  test('the instance of a block is of no use after it', async () => {
    const server = hawkeye()
    const guard = session(server.options({ maxSessions: 2 }))
    let kept
    await guard.withSession(signedIn(server, guard), async (hawk) => {
      kept = hawk
      await hawk.get('/x')
    })
    await assert.rejects(kept.get('/x'), isCode('ERR_AXIOS_SESSION_DISPOSED'))
    assert.deepEqual(server.ended, ['token-1'])
  })

  test('a request of a block that is sent again through the outer instance keeps its session', async () => {
    const server = hawkeye()
    const guard = session(server.options({ maxSessions: 2 }))
    const api = signedIn(server, guard)
    await guard.withSession(api, async (hawk) => {
      const { config } = await hawk.get('/x')
      assert.equal((await api(config)).status, 200)
    })
    assert.deepEqual([server.logins, server.ended], [1, ['token-1']])
  })
})
