import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { SessionError, session, withSession } from '@countersign/axios-auth/session'
import { secretFromEnv } from '@countersign/core'
import axios from 'axios'
import { gate } from '../../../test/support/promises.js'
import { broken, hawkeye, isCode, memoryAdapter, ORIGIN, PASSWORD, signedIn, stoppedClock, turns } from './session-server.js'

describe('a login that fails', () => {
  const cases = {
    'a failure text with 200': () => ({ status: 200, body: 'Login failed' }),
    'a failure as JSON with 200': () => ({ status: 200, body: { success: false, error: 'wrong password' } }),
    'HTML with 200': () => ({ status: 200, body: '<html><h1>Sign in</h1></html>', headers: { 'content-type': 'text/html' } }),
    'no body with 204': () => ({ status: 204 }),
    'a token that is empty': () => ({ body: { session_token: '' } }),
    'a token that is null': () => ({ body: { session_token: null } }),
    'a token that is an object': () => ({ body: { session_token: { a: 1 } } }),
    'a token that is true': () => ({ body: { session_token: true } }),
    'a token with a line break': () => ({ body: { session_token: 'a\r\nX-Admin: 1' } }),
    'a token beyond ASCII': () => ({ body: { session_token: 'tok\u00e9n' } }),
    'a token of a blank': () => ({ body: { session_token: 'a b' } }),
    'a token that is too long': () => ({ body: { session_token: 'a'.repeat(20_000) } }),
    'a list instead of the object': () => ({ body: ['session_token'] }),
    'a token among what every object has': () => ({ body: '{"__proto__": {"session_token": "x"}}' }),
    'status 500': () => ({ status: 500, body: { session_token: 'token-of-an-error' } }),
    'status 401': () => ({ status: 401, body: { session_token: 'token-of-an-error' } }),
    'a redirect': () => ({ status: 302, headers: { location: 'https://evil.test/' }, body: { session_token: 'x' } }),
  }
  for (const [name, login] of Object.entries(cases)) {
    test(`P49: ${name} is refused, and the request is not sent`, async () => {
      const server = hawkeye({ login })
      const guard = session(server.options())
      await assert.rejects(signedIn(server, guard).get('/probes'), isCode('ERR_AXIOS_LOGIN_REFUSED'))
      assert.deepEqual(server.log, ['POST /api/login'])
      await guard.dispose()
      assert.deepEqual(server.log, ['POST /api/login'], 'what was never open is not logged out')
    })
  }

  test('a connection that breaks is a failure that names the code alone', async () => {
    const server = hawkeye({
      login() {
        throw broken('ECONNREFUSED')
      },
    })
    await assert.rejects(signedIn(server, session(server.options())).get('/x'), (error) => {
      assert.equal(error.code, 'ERR_AXIOS_LOGIN_FAILED')
      assert.equal(error.status, 503)
      assert.match(error.message, /ECONNREFUSED/)
      assert.equal(error.cause, undefined)
      return true
    })
  })

  test('one that hangs ends after timeoutMs, body included, and the next request tries again', async (t) => {
    let hanging = true
    const server = hawkeye()
    const plain = server.login
    server.login = (request) => {
      if (!hanging) return plain(request)
      return new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(broken('ERR_CANCELED'))))
    }
    const guard = session(server.options({ timeoutMs: 30 }))
    t.after(() => guard.dispose())
    const api = signedIn(server, guard)
    await assert.rejects(api.get('/x'), (error) => isCode('ERR_AXIOS_LOGIN_FAILED')(error) && /within 30 ms/.test(error.message))
    hanging = false
    assert.equal((await api.get('/x')).status, 200)
  })

  test('a body of more than 1 MiB, and one that never ends, are failures', async (t) => {
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json' })
      if (request.url === '/big') response.end(Buffer.alloc(2 * 1024 * 1024, 'a'))
      else response.write('{"session_token":')
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    t.after(() => server.closeAllConnections())
    const origin = `http://127.0.0.1:${server.address().port}`
    for (const path of ['/big', '/endless']) {
      const guard = session({ login: { url: path, token: 'session_token' }, carry: { header: 'X-Token' }, timeoutMs: 500 })
      const api = axios.create({ baseURL: origin })
      api.interceptors.request.use(guard)
      await assert.rejects(api.get('/x'), isCode('ERR_AXIOS_LOGIN_FAILED'), path)
    }
  })

  test('`ok` that says false, says nothing or throws is no success, and success needs a token all the same', async () => {
    const answers = [() => false, () => undefined, () => 'true', () => assert.fail('told of')]
    for (const ok of answers) {
      const server = hawkeye()
      await assert.rejects(signedIn(server, session(server.options({ login: { ok } }))).get('/x'), isCode('ERR_AXIOS_LOGIN_REFUSED'))
    }
    const server = hawkeye({ login: () => ({ body: { status: 'ok' } }) })
    const guard = session(server.options({ login: { ok: (body, answer) => body.status === 'ok' && answer.status === 200 } }))
    await assert.rejects(signedIn(server, guard).get('/x'), isCode('ERR_AXIOS_LOGIN_REFUSED'))
  })

  /** A server that has asked to be left alone for a minute, once. */
  const busy = async () => {
    const now = stoppedClock()
    const server = hawkeye()
    const plain = server.login
    server.login = () => ({ status: 429, headers: { 'retry-after': '60' } })
    const api = signedIn(server, session(server.options({ now })))
    await assert.rejects(api.get('/x'), isCode('ERR_AXIOS_LOGIN_REFUSED'))
    return { now, server, plain, api }
  }

  test('P49: 429 with Retry-After: no further login before that', async () => {
    const { now, server, plain, api } = await busy()
    now.pass(59)
    await assert.rejects(api.get('/x'), isCode('ERR_AXIOS_LOGIN_FAILED'))
    assert.equal(server.logins, 1)
    server.login = plain
    now.pass(2)
    assert.equal((await api.get('/x')).status, 200)
    assert.equal(server.logins, 2)
  })

  test('P49: a clock that is set back meanwhile does not keep logins waiting', async () => {
    const { now, server, plain, api } = await busy()
    server.login = plain
    now.pass(-3600)
    assert.equal((await api.get('/x')).status, 200)
  })

  test('a failure is shared by those who wait, and is not kept', async () => {
    const server = hawkeye()
    const plain = server.login
    server.login = () => ({ status: 500 })
    const api = signedIn(server, session(server.options()))
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => api.get('/x')))
    assert.ok(results.every(({ reason }) => reason?.code === 'ERR_AXIOS_LOGIN_REFUSED'))
    assert.equal(server.logins, 1)
    server.login = plain
    assert.equal((await api.get('/x')).status, 200)
  })

  test('S17: a login or logout over http to another host is refused without allowInsecure', async () => {
    const server = hawkeye()
    const options = server.options({ login: { url: 'http://login.test/api/login' } })
    assert.throws(() => session(options), { code: 'ERR_INVALID_ARG_VALUE', message: /session login: option "url" is http/ })
    assert.throws(() => session(server.options({ logout: { url: 'http://login.test/{token}' } })), { code: 'ERR_INVALID_ARG_VALUE' })
    assert.equal((await signedIn(server, session({ ...options, allowInsecure: true })).get('/x')).status, 200)
    assert.doesNotThrow(() => session(server.options({ login: { url: 'http://127.0.0.1:1/login' } })))
  })

  test('the error tells the status and the patience asked for; a redirect may be success where the options say so', async () => {
    const server = hawkeye({ login: () => ({ status: 503, headers: { 'retry-after': '7' } }) })
    await assert.rejects(signedIn(server, session(server.options())).get('/x'), (error) => {
      assert.ok(error instanceof SessionError)
      assert.deepEqual([error.loginStatus, error.retryAfterSeconds, error.status], [503, 7, 502])
      return true
    })
    server.login = () => ({ status: 302, headers: { location: '/home' }, body: `\ufeff{"session_token":"${server.issue()}"}` })
    assert.equal((await signedIn(server, session(server.options({ login: { status: [200, 302] } }))).get('/x')).status, 200)
    await assert.rejects(signedIn(server, session(server.options())).get('/x'), /redirect.*login\.status: 302/)
  })
})

describe('the session of Keysight Hawkeye', () => {
  test('P49: login on first use, the token on every request, logout once', async () => {
    const server = hawkeye()
    const guard = session(server.options())
    const api = signedIn(server, guard)
    assert.deepEqual(server.log, [])
    assert.deepEqual((await api.get('/probes')).data, { path: '/api/probes' })
    assert.deepEqual((await api.post('/tests', { id: 1 })).data, { path: '/api/tests' })
    await Promise.all([guard.dispose(), guard.dispose(), guard[Symbol.asyncDispose]()])
    await guard.dispose()
    assert.deepEqual(server.log, ['POST /api/login', 'GET /api/probes', 'POST /api/tests', 'POST /api/logout'])
    assert.deepEqual(server.ended, ['token-1'])
    await assert.rejects(api.get('/x'), isCode('ERR_AXIOS_SESSION_DISPOSED'))
  })

  test('P49: 100 requests at once log in once', async () => {
    const server = hawkeye()
    const api = signedIn(server, session(server.options()))
    await Promise.all(Array.from({ length: 100 }, () => api.get('/x')))
    assert.equal(server.logins, 1)
    assert.equal(server.calls, 100)
  })

  test('a request that is given up does not end the login of the others', async () => {
    const server = hawkeye()
    const open = server.holdLogins()
    const api = signedIn(server, session(server.options()))
    const abort = new AbortController()
    const given = api.get('/x', { signal: abort.signal })
    const other = api.get('/x')
    await turns()
    abort.abort()
    await assert.rejects(given, isCode('ERR_CANCELED'))
    open()
    assert.equal((await other).status, 200)
    assert.equal(server.logins, 1)
  })

  test('secrets from sources, a function, a form, text, headers and Basic reach the login as they are now', async () => {
    process.env.SESSION_TEST_PASSWORD = PASSWORD
    const seen = []
    const server = hawkeye({
      login(request) {
        seen.push(request)
        return { body: { session_token: server.issue() } }
      },
    })
    const password = secretFromEnv('SESSION_TEST_PASSWORD')
    const logins = [
      { data: { username: 'api', password, deep: [{ password }, null, 1, true] } },
      { data: { username: 'a&b', password, scope: ['x', 'y'] }, dataFormat: 'form' },
      { data: async () => ({ otp: 123 }) },
      { data: () => '<login/>', headers: { 'Content-Type': 'application/xml', 'X-Key': password } },
      { data: undefined, auth: { username: 'j\u00fcrgen', password: 'p\u00e4ss:w\u00f6rd' }, method: 'GET' },
    ]
    for (const login of logins) await signedIn(server, session(server.options({ login }))).get('/x')
    const [json, form, made, text, basic] = seen
    assert.deepEqual(JSON.parse(json.body), { username: 'api', password: PASSWORD, deep: [{ password: PASSWORD }, null, 1, true] })
    assert.equal(json.headers['content-type'], 'application/json')
    assert.equal(form.body, 'username=a%26b&password=correct+horse+battery+staple&scope=x&scope=y')
    assert.equal(form.headers['content-type'], 'application/x-www-form-urlencoded')
    assert.deepEqual(JSON.parse(made.body), { otp: 123 })
    assert.equal(text.body, '<login/>')
    assert.equal(text.headers['content-type'], 'application/xml')
    assert.equal(text.headers['x-key'], PASSWORD)
    assert.equal(basic.method, 'GET')
    // printf 'j\xc3\xbcrgen:p\xc3\xa4ss:w\xc3\xb6rd' | openssl base64
    assert.equal(basic.headers.authorization, 'Basic asO8cmdlbjpww6Rzczp3w7ZyZA==')
  })

  test('a secret that counts no longer is named, not told', async () => {
    const server = hawkeye()
    let secrets = [{ material: 'canary-of-the-source' }]
    const options = server.options({ login: { data: { password: { current: () => secrets } } } })
    const api = signedIn(server, session(options))
    secrets = []
    await assert.rejects(api.get('/x'), (error) => isCode('ERR_AXIOS_LOGIN_FAILED')(error) && /data\.password/.test(error.message))
    assert.equal(server.logins, 0)
  })

  test('data that cannot be made is a failure that tells nothing of it', async () => {
    const server = hawkeye()
    const canary = 'canary-of-the-data'
    const failing = [
      () => assert.fail(canary),
      async () => assert.fail(canary),
      () => ({ password: undefined, canary }),
      () => 42,
      () => ({ [canary]: Symbol(canary) }),
    ]
    for (const data of failing) {
      await assert.rejects(signedIn(server, session(server.options({ login: { data } }))).get('/x'), (error) => {
        assert.equal(error.code, 'ERR_AXIOS_LOGIN_FAILED')
        assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(canary))
        return true
      })
    }
    assert.equal(server.logins, 0)
  })

  test('the token stands in a header of the answer, deep in the JSON, as a number, or is the body', async () => {
    const cases = [
      [{ header: 'X-Auth-Token' }, { headers: { 'x-auth-token': 'T1' } }, 'T1'],
      ['data.0.token', { body: { data: [{ token: 'T2' }] } }, 'T2'],
      [['data', 'a.b'], { body: { data: { 'a.b': 'T3' } } }, 'T3'],
      ['id', { body: { id: 4711 } }, '4711'],
      [{ body: true }, { body: '"T5"' }, 'T5'],
      [{ body: true }, { body: ' T6\n' }, 'T6'],
    ]
    for (const [token, answer, wanted] of cases) {
      const carried = []
      const server = hawkeye({
        login: () => answer,
        call({ headers }) {
          carried.push(headers.authorization)
          return {}
        },
      })
      const options = server.options({ login: { token }, carry: { header: 'Authorization', format: 'token="{token}"' } })
      await signedIn(server, session(options)).get('/x')
      assert.deepEqual(carried, [`token="${wanted}"`])
    }
    const server = hawkeye({ login: () => ({ body: 'Login failed' }) })
    await assert.rejects(
      signedIn(server, session(server.options({ login: { token: { body: true } } }))).get('/x'),
      isCode('ERR_AXIOS_LOGIN_REFUSED'),
    )
  })

  test('P43: login and logout are requests of their own: no default, no interceptor, no header of the instance goes there', async () => {
    const seen = []
    const server = hawkeye()
    const plain = server.answer
    server.answer = (request) => {
      seen.push(request)
      return plain(request)
    }
    const guard = session(
      server.options({ login: { url: 'https://login.test/api/login' }, logout: { url: 'https://login.test/api/logout' } }),
    )
    const api = signedIn(server, guard)
    api.defaults.headers.common['X-Api-Key'] = 'key of the api'
    await api.get('/x')
    await guard.dispose()
    assert.deepEqual(
      seen.map(({ url, headers }) => [url.href, headers['x-api-key']]),
      [
        ['https://login.test/api/login', undefined],
        [`${ORIGIN}/api/x`, 'key of the api'],
        ['https://login.test/api/logout', undefined],
      ],
    )
    assert.equal(seen[0].headers['x-session-token'], undefined)
  })

  test('S14: a request to another origin is not sent, and costs no login', async () => {
    const server = hawkeye()
    const api = signedIn(server, session(server.options()))
    await assert.rejects(api.get('https://evil.test/x'), isCode('ERR_AXIOS_ORIGIN'))
    assert.deepEqual(server.log, [])
  })
})

describe('a session that is over', () => {
  test('P49: the server ends it: one login and one retry, each time that it does', async () => {
    const server = hawkeye()
    const api = signedIn(server, session(server.options({ now: stoppedClock() })))
    for (let i = 1; i <= 5; i += 1) {
      server.sessions.clear()
      assert.equal((await api.get('/x')).status, 200)
      assert.equal(server.logins, i)
    }
  })

  test('20 requests in flight with an old session: one login, 20 of 20 succeed', async () => {
    const server = hawkeye()
    const plain = server.call
    let slow = false
    const waiting = []
    server.call = async (request) => {
      const answer = plain(request)
      if (slow && answer.status === 401) await new Promise((resolve) => waiting.push(resolve))
      return answer
    }
    const api = signedIn(server, session(server.options()))
    await api.get('/x')
    server.sessions.clear()
    slow = true
    const calls = Array.from({ length: 20 }, () => api.get('/x'))
    await turns()
    assert.equal(waiting.length, 20)
    for (const resolve of waiting) {
      resolve()
      await turns(3)
    }
    assert.ok((await Promise.all(calls)).every(({ status }) => status === 200))
    assert.equal(server.logins, 2)
  })

  test('a permanent 401: the first call makes 2 API calls and 1 login, further ones within refreshCooldownSeconds 1 and 0', async () => {
    const now = stoppedClock()
    const server = hawkeye()
    const api = signedIn(server, session(server.options({ now, refreshCooldownSeconds: 30 })))
    await api.get('/x')
    const plain = server.call
    server.call = (request) => (request.url.pathname === '/api/forbidden' ? { status: 401 } : plain(request))
    const counted = async () => {
      const before = [server.calls, server.logins]
      await assert.rejects(api.get('/forbidden'), isCode('ERR_BAD_REQUEST'))
      return [server.calls - before[0], server.logins - before[1]]
    }
    assert.deepEqual(await counted(), [2, 1])
    for (let i = 0; i < 5; i += 1) {
      assert.deepEqual(await counted(), [1, 0])
      assert.equal((await api.get('/x')).status, 200)
      now.pass(5)
    }
    now.pass(6)
    assert.deepEqual(await counted(), [2, 1])
  })

  test('a permanent 401 beside requests that succeed is no login for each of them', async () => {
    const server = hawkeye()
    const plain = server.call
    const api = signedIn(server, session(server.options({ now: stoppedClock() })))
    await api.get('/x')
    server.call = async (request) => {
      if (request.url.pathname !== '/api/forbidden') return plain(request)
      // Another request succeeds with the same session before this answer is there.
      await api.get('/x')
      return { status: 401 }
    }
    for (let i = 0; i < 5; i += 1) await assert.rejects(api.get('/forbidden'), isCode('ERR_BAD_REQUEST'))
    assert.equal(server.logins, 2)
  })

  test('a retry that is refused since others have logged the session out meanwhile is not the last word', async () => {
    const server = hawkeye()
    const plain = server.call
    const { opened, open } = gate()
    server.call = async (request) => {
      if (request.url.pathname === '/api/slow' && server.logins === 2) await opened
      return plain(request)
    }
    const guard = session(server.options({ now: stoppedClock() }))
    const api = signedIn(server, guard)
    await api.get('/x')
    server.sessions.clear()
    const slow = assert.rejects(api.get('/slow'), isCode('ERR_BAD_REQUEST'))
    await turns()
    await guard.withSession(api, (hawk) => hawk.get('/x'))
    open()
    await slow
    await api.get('/x')
    server.sessions.clear()
    assert.equal((await api.get('/x')).status, 200)
    assert.equal(server.logins, 4)
  })

  test('P49: a permanent 401 of everything is two logins, and one more after each refreshCooldownSeconds', async () => {
    const now = stoppedClock()
    const server = hawkeye({ call: () => ({ status: 401 }) })
    const api = signedIn(server, session(server.options({ now })))
    for (const logins of [2, 3, 4]) {
      for (let i = 0; i < 10; i += 1) await assert.rejects(api.get('/x'), isCode('ERR_BAD_REQUEST'))
      assert.equal(server.logins, logins)
      now.pass(30)
    }
    assert.equal(server.calls, 33)
  })

  test('refused without a retry, as a stream is, twice: the second time is the last word', async () => {
    const now = stoppedClock()
    const server = hawkeye({ call: () => ({ status: 401 }) })
    const api = signedIn(server, session(server.options({ now })))
    for (let i = 0; i < 5; i += 1) await assert.rejects(api.post('/x', Readable.from(['a'])), isCode('ERR_BAD_REQUEST'))
    assert.deepEqual([server.logins, server.calls], [2, 5])
    now.pass(30)
    for (let i = 0; i < 5; i += 1) await assert.rejects(api.post('/x', Readable.from(['a'])), isCode('ERR_BAD_REQUEST'))
    assert.equal(server.logins, 3)
  })

  test('told by other statuses, or by the body with 200', async () => {
    for (const options of [{ expiredStatus: [401, 403] }, { expired: (answer) => answer.json()?.error === 'session expired' }]) {
      const server = hawkeye()
      const plain = server.call
      server.call = (request) => {
        const answer = plain(request)
        if (answer.status !== 401) return answer
        return 'expired' in options ? { status: 200, body: { error: 'session expired' } } : { status: 403 }
      }
      const api = signedIn(server, session(server.options(options)))
      await api.get('/x')
      server.sessions.clear()
      assert.deepEqual((await api.get('/x')).data, { path: '/api/x' })
      assert.equal(server.logins, 2)
    }
  })

  test('403 says nothing by default, and 401 nothing where the options say 403', async () => {
    for (const [status, expiredStatus] of [
      [403, undefined],
      [401, 403],
      [500, undefined],
    ]) {
      const server = hawkeye({ call: () => ({ status }) })
      const api = signedIn(server, session(server.options({ expiredStatus })))
      await assert.rejects(api.get('/x'), (error) => error.response.status === status)
      assert.deepEqual([server.logins, server.calls], [1, 1])
    }
  })

  test('P46: a body that is a stream is not sent again; the next request has a new session', async () => {
    const server = hawkeye()
    const api = signedIn(server, session(server.options()))
    await api.get('/x')
    server.sessions.clear()
    await assert.rejects(api.post('/x', Readable.from(['a'])), (error) => {
      assert.equal(error.response.status, 401)
      assert.equal(error.cause.code, 'ERR_AXIOS_BODY_SPENT')
      return true
    })
    assert.deepEqual([server.calls, server.logins], [2, 1])
    assert.equal((await api.get('/x')).status, 200)
    assert.deepEqual([server.calls, server.logins], [3, 2])
  })

  test('the replaced session is logged out, once, and a login that fails is what the caller sees', async () => {
    const server = hawkeye()
    const plain = server.login
    const guard = session(server.options({ expiredStatus: 403 }))
    const api = signedIn(server, guard)
    await api.get('/x')
    const call = server.call
    let forbidden = true
    server.call = (request) => (forbidden ? { status: 403 } : call(request))
    server.login = () => ({ status: 503 })
    await assert.rejects(api.get('/x'), isCode('ERR_AXIOS_LOGIN_REFUSED'))
    forbidden = false
    server.login = plain
    await api.get('/x')
    await guard.dispose()
    assert.deepEqual(server.ended, ['token-1', 'token-2'])
  })

  test('a life that the login tells: a new session a little before its end, and the old one is logged out', async () => {
    const now = stoppedClock()
    const server = hawkeye()
    server.login = () => ({ body: { session_token: server.issue(), ttl: 100 } })
    const guard = session(server.options({ now, login: { expiresIn: 'ttl' } }))
    const api = signedIn(server, guard)
    await api.get('/x')
    now.pass(89)
    await api.get('/x')
    assert.equal(server.logins, 1)
    now.pass(1)
    await api.get('/x')
    assert.equal(server.logins, 2)
    await guard.dispose()
    assert.deepEqual(server.ended, ['token-1', 'token-2'])
    assert.equal(server.log.filter((line) => line.endsWith('logout')).length, 2)
  })

  test('a life of zero, below it, of text or missing is that of lifetimeSeconds', async () => {
    for (const ttl of [0, -5, 'soon', null, undefined, Number.NaN, {}]) {
      const now = stoppedClock()
      const server = hawkeye()
      server.login = () => ({ body: { session_token: server.issue(), ttl } })
      const api = signedIn(server, session(server.options({ now, login: { expiresIn: 'ttl' }, lifetimeSeconds: 1000 })))
      await api.get('/x')
      now.pass(960)
      await api.get('/x')
      assert.equal(server.logins, 1)
      now.pass(20)
      await api.get('/x')
      assert.equal(server.logins, 2)
    }
  })
})

describe('an id that the server hands out with 409', () => {
  const transmission = () => {
    const server = { id: 'id-1', calls: 0 }
    server.adapter = memoryAdapter(({ headers }) => {
      server.calls += 1
      if (headers['x-transmission-session-id'] === (server.id ?? 'none')) return { body: { result: 'success' } }
      return { status: 409, headers: server.id === undefined ? {} : { 'x-transmission-session-id': server.id } }
    })
    server.api = () => axios.create({ baseURL: 'http://127.0.0.1:9091', adapter: server.adapter })
    return server
  }
  const options = { refresh: { header: 'X-Transmission-Session-Id' } }

  test('the first request makes two calls, further ones one, and two again after a restart', async () => {
    const server = transmission()
    const api = signedIn(server, session(options))
    for (const calls of [2, 3, 4]) {
      assert.equal((await api.post('/transmission/rpc', {})).data.result, 'success')
      assert.equal(server.calls, calls)
    }
    server.id = 'id-2'
    await api.post('/transmission/rpc', {})
    assert.equal(server.calls, 6)
    const all = await Promise.all(Array.from({ length: 10 }, () => api.post('/transmission/rpc', {})))
    assert.ok(all.every(({ status }) => status === 200))
    assert.equal(server.calls, 16)
  })

  test('409 without an id, with the same id, or with one that no header can carry is what the caller gets', async () => {
    for (const id of [undefined, 'a b', 'a\u0001']) {
      const server = transmission()
      server.id = id
      const api = signedIn(server, session(options))
      await assert.rejects(api.post('/rpc', {}), (error) => error.response.status === 409)
      assert.equal(server.calls, 1)
    }
    let calls = 0
    const stubborn = memoryAdapter(() => {
      calls += 1
      return { status: 409, headers: { 'x-transmission-session-id': 'same' } }
    })
    const api = axios.create({ baseURL: 'http://127.0.0.1', adapter: stubborn })
    api.interceptors.request.use(session(options))
    for (const wanted of [2, 3]) {
      await assert.rejects(api.post('/rpc', {}), (error) => error.response.status === 409)
      assert.equal(calls, wanted)
    }
  })

  test('an id that changes with the retry counts for the next request', async () => {
    const server = transmission()
    let issued = 0
    const adapter = memoryAdapter(({ headers }) => {
      server.calls += 1
      if (headers['x-transmission-session-id'] === 'id-3') return { body: { result: 'success' } }
      issued += 1
      return { status: 409, headers: { 'x-transmission-session-id': `id-${issued + 1}` } }
    })
    const api = axios.create({ baseURL: 'http://127.0.0.1', adapter })
    api.interceptors.request.use(session(options))
    await assert.rejects(api.post('/rpc', {}), (error) => error.response.status === 409)
    assert.equal((await api.post('/rpc', {})).status, 200)
    assert.equal(server.calls, 3)
  })

  test('after dispose no request is sent', async () => {
    const server = transmission()
    const guard = session(options)
    await guard.dispose()
    await assert.rejects(signedIn(server, guard).post('/rpc', {}), isCode('ERR_AXIOS_SESSION_DISPOSED'))
  })
})

describe('withSession', () => {
  test('P49: the session is logged out when the block ends, also when it failed: its error is the one thrown', async () => {
    const server = hawkeye()
    const guard = session(server.options())
    const api = signedIn(server, guard)
    assert.equal(await guard.withSession(api, async (hawk) => (await hawk.get('/a')).data.path), '/api/a')
    assert.deepEqual(server.log, ['POST /api/login', 'GET /api/a', 'POST /api/logout'])
    const failed = new Error('the call failed')
    server.logout = () => ({ status: 500 })
    const lost = []
    const reporting = session(server.options({ onLogoutLost: (report) => lost.push(report) }))
    await assert.rejects(
      reporting.withSession(server.api(), async (hawk) => {
        await hawk.get('/b')
        throw failed
      }),
      (error) => error === failed,
    )
    assert.equal(lost.length, 1)
  })

  test('finds the session of an instance; has none, has several', async () => {
    const server = hawkeye()
    const guard = session(server.options())
    assert.equal(await withSession(signedIn(server, guard), async (hawk) => (await hawk.get('/a')).status), 200)
    assert.deepEqual(server.ended, ['token-1'])
    assert.throws(() => withSession(server.api(), () => 1), { code: 'ERR_INVALID_ARG_VALUE', message: /has no session/ })
    const both = signedIn(server, guard)
    both.interceptors.request.use(session(server.options()))
    assert.throws(() => withSession(both, () => 1), { code: 'ERR_INVALID_ARG_VALUE', message: /several/ })
    await assert.rejects(
      guard.withSession({}, () => 1),
      { code: 'ERR_INVALID_ARG_TYPE', message: /an axios instance/ },
    )
    await assert.rejects(guard.withSession(server.api(), 1), { code: 'ERR_INVALID_ARG_TYPE', message: /a function/ })
    await assert.rejects(
      guard.withSession(server.api(), () => 1, { signal: 1 }),
      { code: 'ERR_INVALID_ARG_TYPE' },
    )
    await assert.rejects(
      guard.withSession(server.api(), () => 1, { sginal: 1 }),
      { code: 'ERR_INVALID_ARG_VALUE' },
    )
  })

  test('blocks at the same time share the session, and the last one logs it out', async () => {
    const server = hawkeye()
    const guard = session(server.options())
    const first = gate()
    const second = gate()
    const block = (end) =>
      guard.withSession(signedIn(server, guard), async (hawk) => {
        await hawk.get('/x')
        await end.opened
      })
    const one = block(first)
    const two = block(second)
    await turns()
    first.open()
    await one
    assert.deepEqual(server.ended, [])
    second.open()
    await two
    assert.deepEqual([server.logins, server.ended], [1, ['token-1']])
  })

  test('a block without a request logs in and out nothing', async () => {
    const server = hawkeye()
    assert.equal(await session(server.options()).withSession(server.api(), () => 7), 7)
    assert.deepEqual(server.log, [])
  })

  test('a new block waits for the logout of the last one', async () => {
    const server = hawkeye()
    const plain = server.logout
    const { opened, open } = gate()
    server.logout = async (request) => {
      await opened
      return plain(request)
    }
    const guard = session(server.options())
    const api = signedIn(server, guard)
    const one = guard.withSession(api, (hawk) => hawk.get('/a'))
    await turns()
    const two = guard.withSession(api, (hawk) => hawk.get('/b'))
    await turns()
    assert.equal(server.logins, 1)
    open()
    await Promise.all([one, two])
    assert.deepEqual(server.log, ['POST /api/login', 'GET /api/a', 'POST /api/logout', 'POST /api/login', 'GET /api/b', 'POST /api/logout'])
  })

  test('the instance of a block keeps defaults and other interceptors', async () => {
    const seen = []
    const server = hawkeye()
    const plain = server.call
    server.call = (request) => {
      seen.push([request.headers['x-trace'], request.headers['x-default']])
      return plain(request)
    }
    const api = server.api()
    api.defaults.headers.common['X-Default'] = 'd'
    api.interceptors.request.use((config) => {
      config.headers.set('X-Trace', 't')
      return config
    })
    api.interceptors.response.use((response) => response.data.path)
    assert.equal(await session(server.options()).withSession(api, (hawk) => hawk.get('/a')), '/api/a')
    assert.deepEqual(seen, [['t', 'd']])
  })
})

describe('logout', () => {
  test('three tries at most, then it is reported, and nothing of it is secret', async () => {
    const pauses = []
    const lost = []
    const server = hawkeye()
    let tries = 0
    server.logout = () => {
      tries += 1
      if (tries === 2) throw broken()
      return { status: 503 }
    }
    const guard = session(server.options({ sleep: async (ms) => pauses.push(ms), onLogoutLost: (report) => lost.push(report) }))
    await signedIn(server, guard).get('/x')
    await guard.dispose()
    await guard.dispose()
    assert.equal(tries, 3)
    assert.deepEqual(pauses, [200, 400])
    assert.equal(lost.length, 1)
    const { reason, ...facts } = lost[0]
    assert.deepEqual(facts, { code: 'ERR_AXIOS_LOGOUT_LOST', origin: ORIGIN, tries: 3, status: 503 })
    assert.match(reason, /status 503/)
    assert.ok(!JSON.stringify(lost).includes('token-1'))
  })

  test('the second try succeeds: nothing is reported', async () => {
    const server = hawkeye()
    const plain = server.logout
    let tries = 0
    server.logout = (request) => {
      tries += 1
      return tries === 1 ? { status: 429 } : plain(request)
    }
    const guard = session(server.options({ onLogoutLost: () => assert.fail('it was not lost') }))
    await signedIn(server, guard).get('/x')
    await guard.dispose()
    assert.deepEqual(server.ended, ['token-1'])
  })

  test('a session that is gone is done; a status that another try does not change is lost at once', async () => {
    for (const [status, wanted] of [
      [401, 0],
      [404, 0],
      [410, 0],
      [302, 0],
      [400, 1],
      [403, 1],
      [405, 1],
    ]) {
      const lost = []
      let tries = 0
      const server = hawkeye({
        logout() {
          tries += 1
          return { status }
        },
      })
      const guard = session(server.options({ onLogoutLost: (report) => lost.push(report) }))
      await signedIn(server, guard).get('/x')
      await guard.dispose()
      assert.deepEqual([tries, lost.length], [1, wanted], `status ${status}`)
    }
  })

  test('P49: a login that is answered after dispose() still gets its logout, and dispose() waits for it', async () => {
    const server = hawkeye()
    const plain = server.login
    const { opened, open } = gate()
    server.login = async (request) => {
      const answer = plain(request)
      await opened
      return answer
    }
    const guard = session(server.options())
    const call = signedIn(server, guard).get('/x')
    const failed = assert.rejects(call, isCode('ERR_AXIOS_SESSION_DISPOSED'))
    await turns()
    let settled = false
    const disposed = guard.dispose().then(() => {
      settled = true
    })
    await turns()
    assert.equal(settled, false)
    open()
    await disposed
    await failed
    assert.deepEqual([server.ended, server.calls], [['token-1'], 0])
    assert.deepEqual(server.log, ['POST /api/login', 'POST /api/logout'])
  })

  test('the token may stand in the URL or in the data', async () => {
    const seen = []
    const server = hawkeye({
      login: () => ({ body: { session_token: 'a/b=c' } }),
      call(request) {
        seen.push([request.method, request.url.pathname, request.body])
        return {}
      },
    })
    const logouts = [
      { url: '/sessions/{token}', method: 'delete' },
      { url: '/bye', data: ({ token }) => ({ session: token }) },
      { url: '/bye', data: { all: true }, dataFormat: 'form' },
    ]
    for (const logout of logouts) await session(server.options({ logout })).withSession(server.api(), (hawk) => hawk.get('/x'))
    assert.deepEqual(
      seen.filter(([, path]) => path !== '/api/x'),
      [
        ['DELETE', '/api/sessions/a%2Fb%3Dc', ''],
        ['POST', '/api/bye', '{"session":"a/b=c"}'],
        ['POST', '/api/bye', 'all=true'],
      ],
    )
  })

  test('a report that throws, and data that cannot be made, end nothing else', async () => {
    const reports = []
    const server = hawkeye()
    const guard = session(
      server.options({
        logout: { url: '/logout', data: () => assert.fail('canary') },
        onLogoutLost(report) {
          reports.push(report)
          throw new Error('the report failed')
        },
      }),
    )
    await signedIn(server, guard).get('/x')
    await guard.dispose()
    assert.equal(reports.length, 1)
    assert.equal(reports[0].tries, 0)
    assert.ok(!inspect(reports).includes('canary'))
  })

  test('each try ends after its own timeoutMs, so that dispose() is bounded', async () => {
    const server = hawkeye({ logout: () => new Promise(() => {}) })
    const lost = []
    const guard = session(server.options({ logout: { url: '/logout', timeoutMs: 10 }, onLogoutLost: (report) => lost.push(report) }))
    await signedIn(server, guard).get('/x')
    await guard.dispose()
    assert.deepEqual([lost[0].tries, lost[0].status], [3, undefined])
    assert.match(lost[0].reason, /within 10 ms/)
    for (const timeoutMs of [0, 2 ** 31]) assert.throws(() => session(server.options({ logout: { url: '/logout', timeoutMs } })), TypeError)
  })

  test('without logout sessions are forgotten', async () => {
    const server = hawkeye()
    const guard = session(server.options({ logout: undefined }))
    await guard.withSession(signedIn(server, guard), (hawk) => hawk.get('/x'))
    await guard.dispose()
    assert.deepEqual(server.log, ['POST /api/login', 'GET /api/x'])
  })
})
