import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
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

describe('a body that is a stream', () => {
  /** Without a listener for errors, as `once` and `finished` have one. */
  const over = (stream) => new Promise((resolve) => (stream.closed ? resolve() : stream.once('close', resolve)))

  /** Sends a stream that is over before the credentials are there. */
  async function sentLate(stream, end = () => undefined) {
    const { opened, open: answer } = gate()
    const { api, seen } = open(() => opened.then(() => 'abc'))
    const sent = api.post('/x', stream).catch((error) => error)
    await turns()
    end()
    await over(stream)
    answer()
    const error = await sent
    assert.deepEqual(seen, [], 'nothing is sent')
    return error
  }

  test('P46: that fails while the request waits is its error, and does not end the process', async () => {
    const missing = await sentLate(createReadStream(join(import.meta.dirname, 'no-such-file')))
    assert.deepEqual([missing.name, missing.code, axios.isAxiosError(missing)], ['Error', 'ENOENT', true])
    const body = new PassThrough()
    const broken = await sentLate(body, () => body.destroy(new TypeError('out of paper')))
    assert.deepEqual([broken.name, broken.code, broken.message], ['TypeError', undefined, 'out of paper'])
    assert.equal(broken.config.url, '/x')
  })

  test('that fails when the request is over already ends nothing', async () => {
    const { api } = open(() => Promise.reject(new Error('no token')))
    const body = new PassThrough()
    await assert.rejects(api.post('/x', body), { code: 'ERR_AXIOS_TOKEN_UNUSABLE' })
    body.destroy(new Error('out of paper'))
    await over(body)
  })

  test('that is given up meanwhile is told as axios tells it', async () => {
    const body = new PassThrough()
    const error = await sentLate(body, () => body.destroy())
    assert.deepEqual([error.code, error.message, axios.isCancel(error)], ['ERR_CANCELED', 'Request stream has been aborted', true])
  })

  test('that was read before is refused: nothing would be sent of it', async () => {
    const body = Readable.from(['abc'])
    body.resume()
    await over(body)
    const { api, seen } = open('abcd')
    await assert.rejects(api.put('/x', body), { code: 'ERR_AXIOS_BODY_SPENT', message: /^the body is a stream that has been read before;/ })
    assert.deepEqual(seen, [])
    assert.equal((await api.put('/x', Readable.from(['abc']))).status, 200)
  })

  test('is listened to once, however often it is sent', async () => {
    const { api } = open('abcd')
    const body = new PassThrough()
    for (let i = 0; i < 3; i += 1) await api.put('/x', body)
    assert.equal(body.listenerCount('error'), 1)
    body.destroy()
  })
})
