import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import { gate } from '../../../test/support/promises.js'
import { broken, hawkeye, isCode, PASSWORD, signedIn, stoppedClock, turns } from './session-server.js'

const refused = isCode('ERR_AXIOS_LOGIN_REFUSED')
const wrong = { username: 'api', password: 'wrong' }

/** Calls one after the other; the codes of their errors. */
async function calls(api, count) {
  const codes = []
  for (let i = 0; i < count; i += 1) codes.push(await api.get('/x').then(() => 'fine', codeOf))
  return codes
}

function parallel(api, count) {
  return Promise.all(Array.from({ length: count }, () => api.get('/x').then(() => 'fine', codeOf)))
}

function codeOf({ code }) {
  return code
}

/** A source of secrets that says what it is told to. */
function source(text) {
  const made = { text, current: () => [{ material: made.text }] }
  return made
}

describe('a login that is refused again and again', () => {
  test('P49: a wrong password: 50 calls at once and 100 after them log in twice, so that no account is locked', async () => {
    const server = hawkeye()
    const api = signedIn(server, session(server.options({ login: { data: wrong } })))
    assert.deepEqual(new Set(await parallel(api, 50)), new Set(['ERR_AXIOS_LOGIN_REFUSED']))
    assert.equal(server.logins, 1)
    assert.deepEqual(new Set(await calls(api, 100)), new Set(['ERR_AXIOS_LOGIN_REFUSED']))
    assert.equal(server.logins, 2)
    assert.equal(server.calls, 0)
  })

  test('P49: nor does it with ten sessions', async () => {
    const server = hawkeye()
    const api = signedIn(server, session(server.options({ login: { data: wrong }, maxSessions: 10 })))
    await parallel(api, 50)
    await calls(api, 100)
    assert.equal(server.logins, 2)
  })

  test('without a cooldown each call logs in, however often it was refused, and the first that is taken counts', async () => {
    const server = hawkeye({ login: () => ({ status: 401 }) })
    const api = signedIn(server, session(server.options({ refreshCooldownSeconds: 0 })))
    assert.deepEqual(new Set(await calls(api, 1100)), new Set(['ERR_AXIOS_LOGIN_REFUSED']))
    assert.equal(server.logins, 1100)
    server.login = () => ({ status: 200, body: { session_token: server.issue() } })
    assert.deepEqual(await calls(api, 1), ['fine'])
  })

  test('a cooldown longer than five minutes holds them as long as it says, and no longer', async () => {
    const now = stoppedClock()
    const server = hawkeye({ login: () => ({ status: 401 }) })
    const api = signedIn(server, session(server.options({ refreshCooldownSeconds: 900, now })))
    await calls(api, 2)
    for (const logins of [3, 4]) {
      now.pass(899)
      await calls(api, 1)
      assert.equal(server.logins, logins - 1)
      now.pass(1)
      await calls(api, 1)
      assert.equal(server.logins, logins)
    }
  })

  test('nor where ten sessions end at once, because the password was changed', async () => {
    const server = hawkeye()
    const api = signedIn(server, session(server.options({ maxSessions: 10 })))
    const open = server.holdLogins()
    const first = parallel(api, 10)
    open()
    assert.deepEqual(new Set(await first), new Set(['fine']))
    const before = server.logins
    server.sessions.clear()
    server.login = () => ({ status: 401 })
    await parallel(api, 10)
    assert.ok(server.logins - before <= 2, `${server.logins - before} logins`)
  })

  test('nor where their time is over at once; and what was on its way together counts as two at most', async () => {
    const now = stoppedClock()
    const server = hawkeye()
    const api = signedIn(server, session(server.options({ maxSessions: 10, lifetimeSeconds: 60, now })))
    const open = server.holdLogins()
    const first = parallel(api, 10)
    open()
    await first
    const before = server.logins
    now.pass(60)
    server.login = () => ({ status: 401 })
    await parallel(api, 10)
    await parallel(api, 10)
    assert.equal(server.logins - before, 2)
    now.pass(30)
    await calls(api, 2)
    assert.equal(server.logins - before, 3)
  })

  test('logins that were on their way together do not make it longer', async () => {
    const now = stoppedClock()
    const server = hawkeye()
    const { opened, open } = gate()
    server.login = () => {
      if (server.logins > 1) return opened.then(() => ({ status: 401 }))
      throw broken()
    }
    const api = signedIn(server, session(server.options({ maxSessions: 10, now })))
    const all = parallel(api, 10)
    await turns()
    assert.equal(server.logins, 10)
    open()
    await all
    now.pass(30)
    await calls(api, 1)
    assert.equal(server.logins, 11)
  })

  test('what is said meanwhile: the status of the refusal, and how long it holds', async () => {
    const now = stoppedClock()
    const server = hawkeye({ login: () => ({ status: 403 }) })
    const api = signedIn(server, session(server.options({ now })))
    await calls(api, 2)
    now.pass(10.5)
    await assert.rejects(api.get('/x'), (error) => {
      assert.equal(error.code, 'ERR_AXIOS_LOGIN_REFUSED')
      assert.equal(error.loginStatus, 403)
      assert.equal(error.retryAfterSeconds, 20)
      assert.match(error.message, /refused several times in a row, and is not tried again for another 20 s/)
      return true
    })
  })

  test('the first refusal may be a hiccup: the next call logs in', async () => {
    const server = hawkeye()
    const plain = server.login
    server.login = () => ({ status: 401 })
    const api = signedIn(server, session(server.options()))
    await assert.rejects(api.get('/x'), refused)
    server.login = plain
    assert.equal((await api.get('/x')).status, 200)
  })

  test('held for 30 s, then for twice as long after each further refusal, five minutes at most', async () => {
    const now = stoppedClock()
    const server = hawkeye({ login: () => ({ status: 401 }) })
    const api = signedIn(server, session(server.options({ now })))
    await calls(api, 2)
    for (const seconds of [30, 60, 120, 240, 300, 300]) {
      const before = server.logins
      now.pass(seconds - 0.001)
      await calls(api, 2)
      assert.equal(server.logins, before, `before ${seconds} s`)
      now.pass(0.001)
      await calls(api, 2)
      assert.equal(server.logins, before + 1, `after ${seconds} s`)
    }
  })

  test('a clock that is set back holds nothing', async () => {
    const now = stoppedClock()
    const server = hawkeye({ login: () => ({ status: 401 }) })
    const api = signedIn(server, session(server.options({ now })))
    await calls(api, 3)
    assert.equal(server.logins, 2)
    now.pass(-3600)
    await calls(api, 1)
    assert.equal(server.logins, 3)
  })

  test('refreshCooldownSeconds says how long; 0 holds nothing back', async () => {
    const now = stoppedClock()
    const server = hawkeye({ login: () => ({ status: 401 }) })
    const short = signedIn(server, session(server.options({ now, refreshCooldownSeconds: 5 })))
    await calls(short, 5)
    assert.equal(server.logins, 2)
    now.pass(5)
    await calls(short, 5)
    assert.equal(server.logins, 3)
    const none = signedIn(server, session(server.options({ now, refreshCooldownSeconds: 0 })))
    await calls(none, 5)
    assert.equal(server.logins, 8)
  })

  test('a login that succeeds forgets the refusals before it', async () => {
    const now = stoppedClock()
    const server = hawkeye()
    const plain = server.login
    const api = signedIn(server, session(server.options({ now })))
    server.login = () => ({ status: 401 })
    await calls(api, 2)
    now.pass(30)
    server.login = plain
    assert.deepEqual(await calls(api, 1), ['fine'])
    server.sessions.clear()
    server.login = () => ({ status: 401 })
    const before = server.logins
    await calls(api, 5)
    assert.equal(server.logins, before + 2)
  })

  for (const [where, login] of [
    ['the data', (password) => ({ data: { username: 'api', password } })],
    ['a header', (password) => ({ data: undefined, headers: { 'X-Password': password } })],
    ['Basic', (password) => ({ data: undefined, auth: { username: 'api', password } })],
  ]) {
    test(`another password in ${where} is tried at once`, async () => {
      const password = source('wrong')
      const server = hawkeye()
      server.login = ({ body, headers }) => {
        const told = `${body} ${headers['x-password']} ${Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64')}`
        return told.includes(PASSWORD) ? { body: { session_token: server.issue() } } : { status: 401 }
      }
      const api = signedIn(server, session(server.options({ login: login(password) })))
      await calls(api, 5)
      assert.equal(server.logins, 2)
      password.text = 'wrong as well'
      await calls(api, 5)
      assert.equal(server.logins, 4)
      password.text = PASSWORD
      assert.deepEqual(await calls(api, 1), ['fine'])
    })
  }

  test('a function that makes the data is not asked meanwhile', async () => {
    let asked = 0
    const data = () => {
      asked += 1
      return wrong
    }
    const server = hawkeye()
    await calls(signedIn(server, session(server.options({ login: { data } }))), 10)
    assert.equal(asked, 2)
  })

  test('a server that is down is asked with each call: 500, 503, 408, no answer', async () => {
    const answers = [
      () => ({ status: 500 }),
      () => ({ status: 503 }),
      () => ({ status: 408 }),
      () => {
        throw broken()
      },
    ]
    for (const login of answers) {
      const server = hawkeye({ login })
      await calls(signedIn(server, session(server.options())), 5)
      assert.equal(server.logins, 5)
    }
  })

  test('the first of several logins is waited for; where it was not answered, the others go on', async () => {
    const { opened, open } = gate()
    const server = hawkeye()
    const plain = server.login
    server.login = async (request) => {
      if (server.logins > 1) return plain(request)
      await opened
      throw broken()
    }
    const api = signedIn(server, session(server.options({ maxSessions: 5 })))
    const results = parallel(api, 5)
    assert.equal(await Promise.race([results, new Promise((resolve) => setImmediate(resolve, 'waiting'))]), 'waiting')
    assert.equal(server.logins, 1)
    open()
    assert.deepEqual((await results).sort(), ['ERR_AXIOS_LOGIN_FAILED', 'fine', 'fine', 'fine', 'fine'])
  })

  test('who waits for the first login when the interceptor is disposed of logs in no more', async () => {
    const server = hawkeye()
    const open = server.holdLogins()
    const guard = session(server.options({ maxSessions: 5 }))
    const results = parallel(signedIn(server, guard), 5)
    await new Promise((resolve) => setImmediate(resolve))
    const over = guard.dispose()
    open()
    await over
    await results
    assert.equal(server.logins, 1)
    assert.equal(server.sessions.size, 0)
  })
})
