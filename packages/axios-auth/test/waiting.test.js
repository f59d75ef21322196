import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bearer } from '@countersign/axios-auth/bearer'
import { session } from '@countersign/axios-auth/session'
import axios from 'axios'
import { gate } from '../../../test/support/promises.js'
import { hawkeye, memoryAdapter, signedIn, turns } from './session-server.js'

const late = { name: 'AxiosError', code: 'ECONNABORTED', message: 'timeout of 20ms exceeded, waiting for bearer' }

/** An API that takes any token, and how often it was called. */
function open(token) {
  const seen = []
  const adapter = memoryAdapter(({ headers }) => {
    seen.push(headers.authorization)
    return { status: headers.authorization === 'Bearer old' ? 401 : 200 }
  })
  const api = axios.create({ baseURL: 'https://api.test', adapter })
  api.interceptors.request.use(bearer({ token }))
  return { api, seen }
}

describe('a request that waits for its credentials', () => {
  test('P40: its timeout ends the wait, and nothing is sent', async () => {
    const { opened, open: answer } = gate()
    const { api, seen } = open(() => opened.then(() => 'abc'))
    await assert.rejects(api.get('/x', { timeout: 20 }), late)
    await assert.rejects(api.get('/x', { timeout: '20' }), late)
    assert.deepEqual(seen, [])
    answer()
    assert.equal((await api.get('/x', { timeout: 20_000 })).status, 200)
  })

  test('so it does where a 401 makes it wait for the next token', async () => {
    const { opened } = gate()
    const { api, seen } = open(({ refused }) => (refused === undefined ? 'old' : opened))
    await assert.rejects(api.get('/x', { timeout: 20 }), late)
    assert.deepEqual(seen, ['Bearer old'])
  })

  test('the error is told as axios tells of a late answer', async () => {
    const { opened } = gate()
    const { api } = open(() => opened)
    const clear = { timeout: 20, transitional: { clarifyTimeoutError: true } }
    await assert.rejects(api.get('/x', clear), (error) => axios.isAxiosError(error) && error.code === 'ETIMEDOUT')
    await assert.rejects(api.get('/x', { timeout: 20, timeoutErrorMessage: 'too late' }), { message: 'too late' })
  })

  test('0, none, and more than a timer can take do not end it', async () => {
    for (const timeout of [0, undefined, 3_000_000_000]) {
      const { opened, open: answer } = gate()
      const { api } = open(() => opened.then(() => 'abc'))
      const result = api.get('/x', { timeout })
      setTimeout(answer, 5)
      assert.equal((await result).status, 200)
    }
  })

  test('P49: who gives up a login, by timeout or signal, leaves the others waiting for the same one', async () => {
    const server = hawkeye()
    const answer = server.holdLogins()
    const guard = session(server.options())
    const api = signedIn(server, guard)
    const patient = api.get('/x')
    const controller = new AbortController()
    const aborted = assert.rejects(api.get('/x', { signal: controller.signal }), { code: 'ERR_CANCELED' })
    await assert.rejects(api.get('/x', { timeout: 20 }), { code: 'ECONNABORTED', message: 'timeout of 20ms exceeded, waiting for session' })
    controller.abort()
    await aborted
    answer()
    assert.equal((await patient).status, 200)
    assert.equal(server.logins, 1)
    assert.equal(server.calls, 1)
    await guard.dispose()
    assert.equal(server.sessions.size, 0)
  })

  test('of the places of a pool one with a session goes before one whose login is under way, and was given up', async () => {
    const server = hawkeye()
    const { login, call } = server
    const { opened: never } = gate()
    const { opened, open: answer } = gate()
    server.login = (request) => (server.logins === 1 ? login(request) : never)
    server.call = (request) => opened.then(() => call(request))
    const api = signedIn(server, session(server.options({ maxSessions: 2 })))
    const first = api.get('/1')
    await turns()
    const controller = new AbortController()
    const second = assert.rejects(api.get('/2', { signal: controller.signal }), { code: 'ERR_CANCELED' })
    await turns()
    assert.equal(server.logins, 2)
    answer()
    assert.equal((await first).status, 200)
    controller.abort()
    await second
    assert.equal((await api.get('/3', { timeout: 1000 })).status, 200)
  })

  test('a place of a pool that is waited for goes to the next one', async () => {
    const server = hawkeye()
    const answer = server.holdLogins()
    const guard = session(server.options({ maxSessions: 1, maxWaiting: 5 }))
    const api = signedIn(server, guard)
    const first = api.get('/x', { timeout: 20 }).catch(({ code }) => code)
    assert.equal(await first, 'ECONNABORTED')
    answer()
    assert.equal((await api.get('/x', { timeout: 10_000 })).status, 200)
  })
})
