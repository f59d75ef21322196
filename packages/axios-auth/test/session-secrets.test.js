import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { session } from '@countersign/axios-auth/session'
import axios from 'axios'
import { hawkeye, signedIn } from './session-server.js'

const canary = `canary${randomBytes(16).toString('hex')}`
const forms = [canary, encodeURIComponent(canary), Buffer.from(`api:${canary}`).toString('base64'), Buffer.from(canary).toString('base64')]

function assertClean(value, where) {
  const deep = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    getters: true,
    maxStringLength: 1e6,
    maxArrayLength: 1e6,
  })
  const text = `${deep}\n${shown(() => JSON.stringify(value))}\n${shown(() => String(value))}\n${value?.stack}`
  assert.ok(!forms.some((form) => text.includes(form)), `${where} tells a secret`)
}

/** What holds itself has no JSON, and what has no prototype no text. */
function shown(show) {
  try {
    return show()
  } catch {
    return ''
  }
}

/** Runs a call with everything that tells of it caught. */
async function told(call) {
  const events = []
  const listen = (event) => events.push(event)
  for (const name of ['countersign:error', 'countersign:signed']) subscribe(name, listen)
  try {
    return { result: await call().catch((error) => error), events }
  } finally {
    for (const name of ['countersign:error', 'countersign:signed']) unsubscribe(name, listen)
  }
}

const data = { username: 'api', password: canary }
const auth = { username: 'api', password: canary }

describe('P45: secrets of a session', () => {
  const logins = {
    '200 that echoes the password': () => ({ body: `wrong password: ${canary}` }),
    '401 that echoes the password': () => ({ status: 401, body: { error: canary }, headers: { 'www-authenticate': canary } }),
    'a break whose error holds the request': () => {
      throw Object.assign(new Error(canary), { code: canary, config: { data: canary } })
    },
    'a token that cannot be carried': () => ({ body: { session_token: `${canary}\r\n` } }),
  }
  for (const [name, login] of Object.entries(logins)) {
    test(`a login answered by ${name}`, async () => {
      const server = hawkeye({ login })
      const guard = session(server.options({ login: { data, auth, headers: { 'X-Key': canary } } }))
      const { result, events } = await told(() => signedIn(server, guard).get('/x'))
      assert.match(result.code, /^ERR_AXIOS_LOGIN_/)
      assertClean(result, 'the error')
      assertClean(events, 'an event')
      assertClean(guard, 'the interceptor')
    })
  }

  for (const adapter of ['http', 'fetch']) {
    for (const status of [200, 401, 500]) {
      test(`the token, with ${adapter} and status ${status}: response, error, events, trace, report`, async (t) => {
        const server = createServer((request, response) => {
          request.resume()
          if (request.url === '/login') {
            response.setHeader('set-cookie', `sid=${canary}; Path=/`)
            return response.end(JSON.stringify({ token: canary }))
          }
          response.statusCode = request.url.split('?')[0] === '/x' ? status : 400
          return response.end('{}')
        })
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
        t.after(() => server.close())
        t.after(() => server.closeAllConnections())
        const baseURL = `http://127.0.0.1:${server.address().port}`
        for (const carry of [
          { header: 'Authorization', format: 'Token {token}' },
          { cookie: 'sid' },
          { query: '_sid' },
          { body: 'auth' },
        ]) {
          const seen = []
          const lost = []
          const guard = session({
            login: { url: '/login', data, token: 'token' },
            carry,
            logout: { url: '/logout/{token}' },
            trace: (entry) => seen.push(entry),
            onLogoutLost: (report) => lost.push(report),
          })
          const api = axios.create({ baseURL, adapter })
          api.interceptors.request.use(guard)
          const { result, events } = await told(async () => {
            try {
              return await api.post('/x', { a: 1 })
            } finally {
              await guard.dispose()
            }
          })
          assert.equal(result.status, status)
          assertClean(result, 'the response or error')
          assertClean(events, 'an event')
          assertClean(seen, 'the trace')
          assertClean(guard, 'the interceptor')
          assertClean(api.defaults, 'the defaults')
          assertClean(lost, 'the report')
          assert.ok(seen.length > 0)
          assert.ok(lost.length > 0)
        }
      })
    }
  }

  test('a lost logout is an event, without the token in the URL', async () => {
    const server = hawkeye({
      login: () => ({ body: { session_token: canary } }),
      call: ({ url }) => ({ status: url.pathname.includes('bye') ? 400 : 200 }),
    })
    const guard = session(
      server.options({ logout: { url: '/bye/{token}?t={token}', data: ({ token }) => ({ token }) }, onLogoutLost() {} }),
    )
    const { events } = await told(async () => {
      await signedIn(server, guard).get('/x')
      await guard.dispose()
    })
    const errors = events.filter((event) => event.code !== undefined)
    assert.equal(errors.length, 1)
    assert.equal(errors[0].code, 'ERR_AXIOS_LOGOUT_LOST')
    assert.equal(errors[0].authenticator, 'session')
    assert.equal(errors[0].path, '/bye/{token}')
    assertClean(events, 'an event')
  })
})
