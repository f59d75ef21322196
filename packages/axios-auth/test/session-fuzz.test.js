import assert from 'node:assert/strict'
import { test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import { memoryTokenStore } from '@countersign/core'
import fc from 'fast-check'
import { hawkeye, signedIn, stoppedClock } from './session-server.js'

/** What requests carried, or the code of the error. */
async function outcome(login, more = {}) {
  const carried = []
  const server = hawkeye({
    login: () => login,
    call({ headers }) {
      carried.push(headers.authorization)
      return {}
    },
  })
  const guard = session(server.options({ carry: { header: 'Authorization', format: 'Token {token}' }, ...more }))
  try {
    await signedIn(server, guard).get('/x')
    return { carried }
  } catch (error) {
    return { code: error.code }
  } finally {
    await guard.dispose()
  }
}

const SENT = /^Token [\x21-\x7e]+$/
const CODES = ['ERR_AXIOS_LOGIN_REFUSED', 'ERR_AXIOS_LOGIN_FAILED']

function assertSound({ carried, code }) {
  if (carried === undefined) assert.ok(CODES.includes(code), code)
  else assert.match(carried[0], SENT)
}

test('any answer to a login: a token that can be carried, or a typed error', async () => {
  const value = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.integer(), fc.double(), fc.constant(null), fc.array(fc.string()))
  const body = fc.oneof(
    value.map((token) => JSON.stringify({ session_token: token })),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.dictionary(fc.constantFrom('session_token', '__proto__', 'data'), value).map((object) => JSON.stringify(object)),
  )
  const headers = fc.constantFrom({}, { 'x-token': 'h' }, { 'x-token': ['a', 'b'] }, { 'x-token': '' })
  const place = fc.constantFrom(
    'session_token',
    ['session_token'],
    'session_token.0',
    'data.session_token',
    { header: 'X-Token' },
    { body: true },
  )
  await fc.assert(
    fc.asyncProperty(body, headers, place, fc.constantFrom(200, 201, 204, 302, 400, 500), async (text, fields, token, status) => {
      const result = await outcome({ status, body: text, headers: fields }, { login: { token } })
      assertSound(result)
      if (status >= 300) assert.equal(result.code, 'ERR_AXIOS_LOGIN_REFUSED')
    }),
    { numRuns: 500 },
  )
})

test('any life that a login tells: the session is used at least once, and never for ever by a value that is no number', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.double(), fc.integer(), fc.string(), fc.bigInt().map(String)), async (ttl) => {
      const now = stoppedClock()
      const server = hawkeye()
      server.login = () => ({ body: { session_token: server.issue(), ttl } })
      const api = signedIn(server, session(server.options({ now, login: { expiresIn: 'ttl' }, lifetimeSeconds: 100 })))
      assert.equal((await api.get('/x')).status, 200)
      if (Number(ttl) > 100) return
      now.pass(101)
      await api.get('/x')
      assert.equal(server.logins, 2)
    }),
    { numRuns: 300 },
  )
})

test('any Retry-After: no longer than five minutes', async () => {
  const field = fc.oneof(fc.string(), fc.integer().map(String), fc.bigInt().map(String), fc.date().map(String))
  await fc.assert(
    fc.asyncProperty(field, async (retryAfter) => {
      const now = stoppedClock()
      const server = hawkeye({ login: () => ({ status: 429, headers: { 'retry-after': retryAfter } }) })
      const api = signedIn(server, session(server.options({ now })))
      await assert.rejects(api.get('/x'), { code: 'ERR_AXIOS_LOGIN_REFUSED' })
      now.pass(300)
      await assert.rejects(api.get('/x'), { code: 'ERR_AXIOS_LOGIN_REFUSED' })
      assert.equal(server.logins, 2)
    }),
    { numRuns: 200 },
  )
})

test('any value in a store: a session that can be carried, or a login', async () => {
  const kept = fc.record(
    {
      v: fc.constantFrom(1, 2, '1'),
      token: fc.oneof(fc.string(), fc.constant('kept'), fc.integer()),
      cookies: fc.oneof(
        fc.constant([]),
        fc.array(fc.dictionary(fc.constantFrom('name', 'value', 'scope', 'path', 'secure', 'endsAt'), fc.string())),
      ),
      endsAt: fc.oneof(fc.constant(null), fc.double(), fc.string()),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        kept.map((value) => JSON.stringify(value)),
        fc.string(),
        fc.json(),
      ),
      async (value) => {
        const memory = memoryTokenStore()
        const store = { get: () => value, set: (...args) => memory.set(...args), delete() {}, lock: (...args) => memory.lock(...args) }
        assertSound(await outcome({ body: { session_token: 'fresh' } }, { store, account: 'api' }))
      },
    ),
    { numRuns: 500 },
  )
})
