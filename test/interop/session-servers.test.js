/** session of axios-auth over sockets, against servers that behave as some in the field do. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { apiKey } from '@countersign/axios-auth/api-key'
import { session } from '@countersign/axios-auth/session'
import axios from 'axios'

async function serve(t, answer) {
  const log = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    log.push(`${request.method} ${request.url}`)
    answer(request, response, Buffer.concat(chunks).toString())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  return { baseURL: `http://127.0.0.1:${server.address().port}`, log }
}

/** A form login with a cookie; 403 once the session is over; a logout that sets the cookie twice. */
function cookieServer(state) {
  return (request, response, body) => {
    const sent = request.headers.cookie ?? ''
    const sid = /(?:^|; )sid=([^;]*)/.exec(sent)?.[1]
    if (request.url === '/auth/login') {
      if (new URLSearchParams(body).get('password') !== 'right') return response.end('<p>Wrong user name or password</p>')
      state.count += 1
      state.alive.add(`s${state.count}`)
      response.setHeader('set-cookie', ['sid=anonymous; Path=/', `sid=s${state.count}; Path=/; HttpOnly`, 'lang=en; Path=/'])
      return response.end('<p>Welcome</p>')
    }
    state.cookies.push(sent)
    if (!state.alive.has(sid)) return response.writeHead(403).end('<p>Please sign in</p>')
    if (request.url === '/auth/logout') {
      state.alive.delete(sid)
      state.ended.push(sid)
      response.setHeader('set-cookie', ['sid=; Max-Age=0; Path=/', 'sid=deleted; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/'])
      return response.end('bye')
    }
    return response.end(JSON.stringify({ sid }))
  }
}

const cookieOptions = (password) => ({
  login: {
    url: '/auth/login',
    data: { user: 'api', password },
    dataFormat: 'form',
    token: { cookie: 'sid' },
    ok: (body) => /Welcome/.test(body),
  },
  expiredStatus: 403,
  logout: { url: '/auth/logout', method: 'GET' },
})

for (const adapter of ['http', 'fetch']) {
  describe(`sessions over sockets, ${adapter}`, () => {
    const client = (baseURL, ...guards) => {
      const api = axios.create({ baseURL, adapter })
      for (const guard of guards) api.interceptors.request.use(guard)
      return api
    }

    test('a cookie, 403 when it is over, two Set-Cookie of one name: the last counts', async (t) => {
      const state = { count: 0, alive: new Set(), cookies: [], ended: [] }
      const { baseURL } = await serve(t, cookieServer(state))
      const guard = session(cookieOptions('right'))
      const api = client(baseURL, guard)
      assert.deepEqual((await api.get('/a', { headers: { Cookie: 'theme=dark' } })).data, { sid: 's1' })
      state.alive.clear()
      assert.deepEqual((await api.get('/b')).data, { sid: 's2' })
      // The caller logs out by himself: the session is gone here as well, and the next request has another.
      assert.equal((await api.get('/auth/logout')).data, 'bye')
      assert.deepEqual((await api.get('/c')).data, { sid: 's3' })
      await guard.dispose()
      assert.deepEqual(state.ended, ['s2', 's3'])
      assert.equal(state.cookies[0], 'theme=dark; sid=s1; lang=en')
    })

    test('a wrong password that is answered by 200 and a page', async (t) => {
      const state = { count: 0, alive: new Set(), cookies: [], ended: [] }
      const { baseURL, log } = await serve(t, cookieServer(state))
      const api = client(baseURL, session(cookieOptions('wrong')))
      await assert.rejects(api.get('/a'), { code: 'ERR_AXIOS_LOGIN_REFUSED' })
      assert.deepEqual(log, ['POST /auth/login'])
    })

    test('a login that is slow is one for all; one that hangs, fails or asks for patience is an error that is not kept', async (t) => {
      let login = (response) => setTimeout(() => response.end('{"token":"t"}'), 50)
      const { baseURL, log } = await serve(t, (request, response) => {
        if (request.url === '/login') {
          // Never one that was kept, which may be closed in the moment that it is used again.
          assert.equal(request.headers.connection, 'close')
          return login(response)
        }
        return response.end(request.headers['x-token'])
      })
      const options = { login: { url: '/login', token: 'token' }, carry: { header: 'X-Token' }, timeoutMs: 300 }
      const api = client(baseURL, session(options))
      const all = await Promise.all(Array.from({ length: 50 }, () => api.get('/x')))
      assert.ok(all.every(({ data }) => data === 't'))
      assert.equal(log.filter((line) => line === 'POST /login').length, 1)
      for (const [broken, code] of [
        [() => {}, 'ERR_AXIOS_LOGIN_FAILED'],
        [(response) => response.writeHead(500).end(), 'ERR_AXIOS_LOGIN_REFUSED'],
        [(response) => response.destroy(), 'ERR_AXIOS_LOGIN_FAILED'],
        [(response) => response.writeHead(200, { 'content-length': 100 }).end('{"tok'), 'ERR_AXIOS_LOGIN_FAILED'],
        [(response) => response.writeHead(429, { 'retry-after': '0' }).end(), 'ERR_AXIOS_LOGIN_REFUSED'],
        [(response) => response.writeHead(307, { location: '/elsewhere' }).end(), 'ERR_AXIOS_LOGIN_REFUSED'],
      ]) {
        login = broken
        const other = client(baseURL, session(options))
        await assert.rejects(other.get('/x'), { code })
        login = (response) => response.end('{"token":"u"}')
        assert.equal((await other.get('/x')).data, 'u')
      }
      assert.ok(!log.includes('POST /elsewhere'))
    })

    test('a logout that fails: three tries, a report, and the call keeps its own result', async (t) => {
      let fail = (response) => response.writeHead(500).end()
      const { baseURL, log } = await serve(t, (request, response) => {
        if (request.url === '/login') return response.end('{"token":"t"}')
        if (request.url === '/logout') return fail(response)
        return response.end('fine')
      })
      const lost = []
      const options = {
        login: { url: '/login', token: 'token' },
        carry: { header: 'X-Token' },
        logout: { url: '/logout' },
        timeoutMs: 300,
        sleep: async () => {},
        onLogoutLost: (report) => lost.push(report),
      }
      assert.equal(await session(options).withSession(client(baseURL), async (own) => (await own.get('/x')).data), 'fine')
      assert.deepEqual([log.filter((line) => line === 'POST /logout').length, lost.length, lost[0].status], [3, 1, 500])
      fail = (response) => response.destroy()
      await session(options).withSession(client(baseURL), (own) => own.get('/x'))
      assert.deepEqual([log.filter((line) => line === 'POST /logout').length, lost.length, lost[1].status], [6, 2, undefined])
      fail = () => {}
      await session({ ...options, timeoutMs: 50 }).withSession(client(baseURL), (own) => own.get('/x'))
      assert.deepEqual([log.filter((line) => line === 'POST /logout').length, lost.length], [9, 3])
    })

    test('P42: a redirect of the same origin keeps the session, one to another origin gets nothing', async (t) => {
      const seen = []
      const other = await serve(t, (request, response) => {
        seen.push(request.headers)
        response.end()
      })
      const { baseURL } = await serve(t, (request, response) => {
        if (request.url === '/login') return response.end('{"token":"t"}')
        if (request.url === '/here') return response.writeHead(307, { location: '/there' }).end()
        if (request.url === '/away') return response.writeHead(307, { location: `${other.baseURL}/x` }).end()
        return response.end(`${request.url} ${request.headers['x-token']} ${request.headers['x-api-key']}`)
      })
      const guard = session({ login: { url: '/login', token: 'token' }, carry: { header: 'X-Token' } })
      const api = client(baseURL, apiKey({ key: 'a-key-of-16-octets' }), guard)
      assert.equal((await api.post('/here', 'body')).data, '/there t a-key-of-16-octets')
      await assert.rejects(api.post('/away', 'body'), { code: 'ERR_AXIOS_REDIRECT' })
      assert.deepEqual(seen, [])
    })
  })
}
