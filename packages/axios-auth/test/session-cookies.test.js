import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import axios from 'axios'
import fc from 'fast-check'
import { gate } from '../../../test/support/promises.js'
import { memoryAdapter, stoppedClock } from './session-server.js'

/** The Cookie fields of requests after a login at `loginAt` that sets `cookies`; `requests` are URLs, or `[url, config]`. */
async function cookiesSent({ cookies, requests, loginAt = 'https://api.test/login', now, carry, token, answers = [] }) {
  const sent = []
  const origins = [...new Set(requests.map((request) => new URL([request].flat()[0]).origin))]
  const adapter = memoryAdapter(({ url, headers }) => {
    if (url.href === loginAt) return { headers: { 'set-cookie': cookies }, body: { csrf: 'C' } }
    sent.push(headers.cookie)
    return { headers: { 'set-cookie': answers.shift() ?? [] } }
  })
  const guard = session({
    login: { url: loginAt, token: token ?? { cookie: 'sid' } },
    ...(carry === undefined ? {} : { carry }),
    origins,
    allowInsecure: true,
    adapter,
    ...(now === undefined ? {} : { now }),
  })
  const api = axios.create({ adapter })
  api.interceptors.request.use(guard)
  for (const request of requests) {
    const [url, config] = [request].flat()
    await api.get(url, config)
  }
  return sent
}

const refused = (error) => error.code === 'ERR_AXIOS_LOGIN_REFUSED'

describe('cookies of a session', () => {
  for (const [name, cookies] of [
    ['none', []],
    ['another one', ['other=1']],
    ['an empty one', ['sid=; Path=/']],
    ['one that is over by Max-Age', ['sid=1; Max-Age=0']],
    ['one that is over by Expires', ['sid=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT']],
    ['one that is taken back at once: the last counts', ['sid=1; Path=/', 'sid=deleted; Max-Age=0; Path=/']],
    ['one of another site', ['sid=1; Domain=evil.test']],
    ['one of a top-level domain', ['sid=1; Domain=test']],
    ['one of a subdomain', ['sid=1; Domain=sub.api.test']],
    ['one beyond ASCII', ['sid=\u00e9']],
    ['one with a blank in it', ['sid=a b']],
    ['one that is too long', [`sid=${'a'.repeat(9000)}`]],
    ['the name in another case', ['SID=1']],
    ['no name', ['=sid']],
  ]) {
    test(`a login that sets ${name} is refused`, async () => {
      await assert.rejects(cookiesSent({ cookies, requests: ['https://api.test/x'] }), refused)
    })
  }

  test('two of one name: the last counts', async () => {
    assert.deepEqual(await cookiesSent({ cookies: ['sid=1; Path=/', 'sid=2; Path=/'], requests: ['https://api.test/x'] }), ['sid=2'])
  })

  test('Expires=0, as devices write it, is no date (RFC 6265 section 5.1.1): the cookie lasts as long as the session', async () => {
    for (const date of ['0', '-1', 'Session'])
      assert.deepEqual(await cookiesSent({ cookies: [`sid=1; expires=${date}; path=/`], requests: ['https://api.test/x'] }), ['sid=1'])
  })

  test("the session's own goes wherever its Path and Secure let it; values stay as they came", async () => {
    const cookies = ['sid="a%20b=="; HttpOnly; SameSite=Strict; Path=/api']
    const requests = ['https://api.test/api', 'https://api.test/api/x?q=/y', 'https://api.test/apis', 'https://api.test/']
    assert.deepEqual(await cookiesSent({ cookies, requests }), ['sid="a%20b=="', 'sid="a%20b=="', undefined, undefined])
    const secure = await cookiesSent({ cookies: ['sid=1; Secure'], requests: ['https://api.test/x', 'http://api.test/x'] })
    assert.deepEqual(secure, ['sid=1', undefined])
  })

  test('a Secure cookie goes to this machine by http:// as well, as in a browser', async () => {
    const requests = ['http://127.0.0.1:8080/x', 'http://localhost:8080/x', 'http://localhost.evil.test/x']
    const sent = await cookiesSent({ cookies: ['__Host-sid=1; Secure; Path=/'], requests, token: { cookie: '__Host-sid' } })
    assert.deepEqual(sent, ['__Host-sid=1', '__Host-sid=1', undefined])
  })

  test('P49: others go back to their origin, or to the hosts of their domain, alone', async () => {
    const cookies = ['sid=1', 'lb=a', 'site=b; Domain=.api.test', 'deep=c; Path=/deep']
    const requests = [
      'https://api.test/x',
      'https://sub.api.test/x',
      'https://notapi.test/x',
      'https://api.test:8443/x',
      'https://api.test/deep/x',
    ]
    assert.deepEqual(await cookiesSent({ cookies, requests }), [
      'sid=1; lb=a; site=b',
      'sid=1; site=b',
      'sid=1',
      'sid=1; site=b',
      'deep=c; sid=1; lb=a; site=b',
    ])
  })

  test("a cookie without Path stays below the folder of the login (RFC 6265 section 5.1.4), but for the session's own", async () => {
    const sent = await cookiesSent({
      cookies: ['sid=1', 'other=2'],
      loginAt: 'https://api.test/auth/login',
      requests: ['https://api.test/x', 'https://api.test/auth/x'],
    })
    assert.deepEqual(sent, ['sid=1', 'other=2; sid=1'])
  })

  test("the caller's own cookies stay in front; one of the same name is a conflict", async () => {
    const requests = [['https://api.test/x', { headers: { Cookie: 'theme=dark; lang=en' } }]]
    assert.deepEqual(await cookiesSent({ cookies: ['sid=1'], requests }), ['theme=dark; lang=en; sid=1'])
    const tight = [['https://api.test/x', { headers: { Cookie: 'theme=dark;lang=en;' } }]]
    assert.deepEqual(await cookiesSent({ cookies: ['sid=1'], requests: tight }), ['theme=dark; lang=en; sid=1'])
    const conflict = [['https://api.test/x', { headers: { Cookie: 'sid=mine' } }]]
    await assert.rejects(cookiesSent({ cookies: ['sid=1'], requests: conflict }), { code: 'ERR_AXIOS_HEADER_CONFLICT' })
  })

  test('answers of the API change cookies, and take the session back: then the next request logs in', async () => {
    const answers = [['sid=2'], ['lb=x'], ['sid=gone; Max-Age=0'], []]
    const requests = Array(5).fill('https://api.test/x')
    assert.deepEqual(await cookiesSent({ cookies: ['sid=1'], requests, answers }), ['sid=1', 'sid=2', 'sid=2; lb=x', 'sid=1', 'sid=1'])
  })

  describe('P49: a server that changes its cookie with every answer', () => {
    /** Logs in and out, and sends each answer of `answer` a cookie of its own by `next`. */
    function changing(answer) {
      const server = { logins: 0, calls: 0, id: 0, ids: new Set(), left: [] }
      const next = () => {
        server.ids.add(`sid=${++server.id}`)
        return { 'set-cookie': [`sid=${server.id}`] }
      }
      server.adapter = memoryAdapter(async ({ url, headers }) => {
        if (url.pathname === '/login') {
          server.logins += 1
          return { headers: next() }
        }
        if (url.pathname === '/logout') {
          server.left.push(headers.cookie)
          return {}
        }
        return answer(server, headers, next)
      })
      const { adapter } = server
      server.guard = session({ login: { url: '/login', token: { cookie: 'sid' } }, logout: { url: '/logout' }, adapter })
      server.api = axios.create({ baseURL: 'https://api.test', adapter })
      server.api.interceptors.request.use(server.guard)
      return server
    }

    /** The id of each answer is the only one that counts. `over` is what it answers to others. */
    const rotating = (over = { status: 401 }) =>
      changing((server, { cookie }, next) => (cookie === `sid=${server.id}` ? { headers: next(), body: { ok: true } } : over))

    test('a request that was under way meanwhile goes again with the newer one: nobody logs in', async () => {
      const server = rotating()
      await server.api.get('/x')
      const [one, two] = await Promise.all([server.api.get('/x'), server.api.get('/x')])
      assert.deepEqual([one.data, two.data], [{ ok: true }, { ok: true }])
      await server.guard.dispose()
      assert.deepEqual([server.logins, server.left], [1, [`sid=${server.id}`]])
    })

    test('where its retry is too late as well, its 401 is its own, and the session goes on', async () => {
      const server = rotating()
      await server.api.get('/x')
      const answers = await Promise.allSettled(Array.from({ length: 6 }, () => server.api.get('/x')))
      assert.ok(answers.some(({ status }) => status === 'fulfilled'))
      for (const { status, reason } of answers) assert.ok(status === 'fulfilled' || reason.response.status === 401)
      assert.equal((await server.api.get('/x')).status, 200)
      assert.equal(server.logins, 1)
    })

    /** A server that takes any id it has given until it forgets them all; `pauses` hold its answers. */
    const signing = () =>
      changing(async (server, { cookie }, next) => {
        server.calls += 1
        await server.pauses?.shift()
        return server.ids.has(cookie) ? { headers: next() } : { status: 401 }
      })

    test('and forgets the session while requests are under way: all of them succeed, and one logs in', async () => {
      const server = signing()
      await server.api.get('/x')
      const gates = Array.from({ length: 20 }, () => gate())
      server.pauses = [undefined, ...gates.map(({ opened }) => opened)]
      const early = server.api.get('/x')
      const late = gates.map(() => server.api.get('/x'))
      assert.equal((await early).status, 200)
      server.ids.clear()
      for (const { open } of gates) open()
      assert.ok((await Promise.all(late)).every(({ status }) => status === 200))
      assert.deepEqual([server.logins, server.calls], [2, 62])
      assert.deepEqual(server.left, ['sid=3'])
      assert.equal((await server.api.get('/x')).status, 200)
      assert.equal(server.logins, 2)
    })

    test('a stream that was under way then is refused, and the session stays; the next request replaces it', async () => {
      const server = signing()
      await server.api.get('/x')
      const { opened, open } = gate()
      server.pauses = [opened]
      const upload = server.api.put('/x', Readable.from(['a'])).catch(({ cause, response }) => [response.status, cause.code])
      assert.equal((await server.api.get('/x')).status, 200)
      server.ids.clear()
      open()
      assert.deepEqual(await upload, [401, 'ERR_AXIOS_BODY_SPENT'])
      assert.equal((await server.api.get('/x')).status, 200)
      assert.equal(server.logins, 2)
    })

    test('one that it forgets at the last try of a request is replaced by the next request, not trusted for 30 s', async () => {
      const server = rotating()
      await server.api.get('/x')
      let tries = 0
      const { api } = server
      const adapter = async (config) => {
        tries += 1
        // Others are answered first, and at last the session is over.
        if (tries < 4) await api.get('/x')
        else server.id += 1
        return server.adapter(config)
      }
      await assert.rejects(api.get('/x', { adapter }), { status: 401 })
      assert.deepEqual([tries, server.logins], [4, 1])
      assert.equal((await api.get('/x')).status, 200)
      assert.equal(server.logins, 2)
    })

    test('what it hands out to those whose session is over is not taken for the session', async () => {
      const server = rotating({ status: 401, headers: { 'set-cookie': ['sid=nobody'] } })
      await server.api.get('/x')
      const before = `sid=${server.id}`
      server.id += 1
      assert.equal((await server.api.get('/x')).status, 200)
      assert.deepEqual([server.logins, server.left], [2, [before]])
    })
  })

  test('P49: a server that refuses everything and takes the cookie back is asked for two sessions, not for one per request', async () => {
    let logins = 0
    const adapter = memoryAdapter(({ url }) => {
      if (url.pathname !== '/login') return { status: 401, headers: { 'set-cookie': ['sid=; Max-Age=0'] } }
      logins += 1
      return { headers: { 'set-cookie': [`sid=${logins}`] } }
    })
    const api = axios.create({ baseURL: 'https://api.test', adapter })
    api.interceptors.request.use(session({ login: { url: '/login', token: { cookie: 'sid' } }, adapter }))
    for (let i = 0; i < 5; i += 1) await assert.rejects(api.get('/x'), { status: 401 })
    assert.equal(logins, 2)
  })

  test('a cookie ends by Max-Age, which counts before Expires', async () => {
    const now = stoppedClock(0)
    now.pass(1_000_000)
    let logins = 0
    const adapter = memoryAdapter(({ url, headers }) => {
      if (url.pathname !== '/login') return { body: { cookie: headers.cookie } }
      logins += 1
      return { headers: { 'set-cookie': [`sid=${logins}; Max-Age=100; Expires=Thu, 01 Jan 1970 00:00:00 GMT`] } }
    })
    const api = axios.create({ baseURL: 'https://api.test', adapter })
    api.interceptors.request.use(session({ login: { url: '/login', token: { cookie: 'sid' } }, adapter, now }))
    assert.equal((await api.get('/x')).data.cookie, 'sid=1')
    now.pass(99)
    assert.equal((await api.get('/x')).data.cookie, 'sid=1')
    now.pass(1)
    assert.equal((await api.get('/x')).data.cookie, 'sid=2')
  })

  test('a token of the body may be carried as a cookie, and one of a cookie as a header', async () => {
    const asCookie = await cookiesSent({ cookies: ['lb=1'], token: 'csrf', carry: { cookie: 'sid' }, requests: ['https://api.test/x'] })
    assert.deepEqual(asCookie, ['lb=1; sid=C'])
    let carried
    const adapter = memoryAdapter(({ url, headers }) => {
      if (url.pathname === '/login') return { headers: { 'set-cookie': ['XSRF-TOKEN=abc; Path=/', 'lb=1'] } }
      carried = [headers['x-xsrf-token'], headers.cookie]
      return {}
    })
    const api = axios.create({ baseURL: 'https://api.test', adapter })
    api.interceptors.request.use(
      session({ login: { url: '/login', token: { cookie: 'XSRF-TOKEN' } }, carry: { header: 'X-XSRF-TOKEN' }, adapter }),
    )
    await api.get('/x')
    assert.deepEqual(carried, ['abc', undefined])
  })

  test('a logout carries the cookie wherever it goes, also where it is over here', async () => {
    const now = stoppedClock()
    for (const cookie of ['sid=1; Path=/api', 'sid=1; Max-Age=10']) {
      const seen = []
      const adapter = memoryAdapter(({ url, headers }) => {
        seen.push([url.pathname, headers.cookie])
        return url.pathname === '/login' ? { headers: { 'set-cookie': [cookie] } } : {}
      })
      const guard = session({ login: { url: '/login', token: { cookie: 'sid' } }, logout: { url: '/logout' }, adapter, now })
      const api = axios.create({ baseURL: 'https://api.test', adapter })
      api.interceptors.request.use(guard)
      await api.get('/api/x')
      now.pass(20)
      await guard.dispose()
      assert.deepEqual(seen, [
        ['/login', undefined],
        ['/api/x', 'sid=1'],
        ['/logout', 'sid=1'],
      ])
    }
  })

  test('S16: names that every object has, or somebody gave to every object, are names like others', async (t) => {
    t.after(() => {
      for (const name of ['session', 'path', 'headers']) delete Object.prototype[name]
    })
    for (const name of ['session', 'path', 'headers']) Object.prototype[name] = 'polluted'
    for (const name of ['session', 'constructor', '__proto__', 'toString']) {
      const cookies = [`${name}=1; Path=/x`]
      const sent = await cookiesSent({ cookies, token: { cookie: name }, requests: ['https://api.test/x'] })
      assert.deepEqual(sent, [`${name}=1`])
    }
  })

  test('any Set-Cookie: no cookie reaches the wire that is not its one line of visible ASCII', async () => {
    const attribute = fc.oneof(
      fc.constantFrom(
        'Path=/',
        'Secure',
        'HttpOnly',
        'Max-Age=5',
        'Max-Age=x',
        'Domain=api.test',
        'Domain=.',
        'Expires=never',
        'name=x',
        '',
      ),
      fc.string(),
    )
    const field = fc.tuple(fc.oneof(fc.constant('sid'), fc.string()), fc.string(), fc.array(attribute, { maxLength: 4 }))
    const lines = fc.array(
      field.map(([name, value, rest]) => [`${name}=${value}`, ...rest].join(';')),
      { maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(lines, async (cookies) => {
        const sent = await cookiesSent({ cookies: [...cookies, 'sid=last'], requests: ['https://api.test/x'] })
        assert.match(sent[0], /^[\x20-\x7e]+$/)
        assert.equal(sent[0].split('; ').filter((pair) => pair.startsWith('sid=')).length, 1)
        assert.ok(sent[0].includes('sid=last'))
      }),
      { numRuns: 300 },
    )
  })

  test('S19: a long field costs no more than its length', async () => {
    const started = performance.now()
    for (const text of [' ', ';', '=', ',', '; Path=']) {
      const cookies = Array(100).fill(`sid=1${text.repeat(8000 / text.length)}`)
      await cookiesSent({ cookies: [...cookies.slice(1), 'sid=2'], requests: ['https://api.test/x'] })
    }
    assert.ok(performance.now() - started < 5000)
  })
})
