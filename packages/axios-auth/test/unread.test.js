/** The body of an answer that no caller gets: it must not hold its connection. */
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { apiKey, carrierOptionNames, carrierSettings, interceptor } from '@countersign/axios-auth'
import { OptionReader } from '@countersign/core'
import axios from 'axios'
import { recorder } from './recorder.js'

const DEADLINE_MS = 5000

/** A body without an end. */
function endless(response, status, headers = {}) {
  response.writeHead(status, headers)
  const more = () => {
    while (response.write('x'.repeat(16_384)));
  }
  response.on('drain', more)
  more()
}

async function scene(refused) {
  const server = await recorder((request, response) => {
    if (request.url === '/401') return endless(response, 401)
    if (request.url === '/away') return endless(response, 302, { Location: 'https://other.test/' })
    if (request.url === '/again') return endless(response, 307, { Location: '/again' })
    response.end('{}')
  })
  const step = { name: 'judge', stage: 'token', apply: () => undefined, refused: (answer) => answer.status === 401 && refused() }
  const api = axios.create({ baseURL: server.origin, responseType: 'stream', httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }) })
  api.interceptors.request.use(apiKey({ key: 'an api key of a test' }))
  api.interceptors.request.use(interceptor(step, carrierSettings(new OptionReader('judge', {}, carrierOptionNames))))
  return { api, server }
}

/** With one connection only, the next request waits for that of the one before. */
async function assertFree(api) {
  const { data } = await api.get('/next', { signal: AbortSignal.timeout(DEADLINE_MS) })
  data.resume()
}

const stop = () => {
  throw new Error('stopped')
}

test('a step that fails over an answer leaves its connection to the next request', async () => {
  const { api } = await scene(stop)
  await assert.rejects(api.get('/401'), { message: 'stopped' })
  await assertFree(api)
})

for (const [name, given] of Object.entries({
  'a signal': () => {
    const controller = new AbortController()
    return { config: { signal: controller.signal }, giveUp: () => controller.abort() }
  },
  'a CancelToken': () => {
    const { token, cancel } = axios.CancelToken.source()
    return { config: { cancelToken: token }, giveUp: cancel }
  },
})) {
  test(`a caller who gives up by ${name} while a step looks at an answer leaves the connection to the next request`, async () => {
    const { config, giveUp } = given()
    const { api } = await scene(() => {
      setImmediate(giveUp)
      return new Promise(() => undefined)
    })
    await assert.rejects(api.get('/401', config), { code: 'ERR_CANCELED' })
    await assertFree(api)
  })
}

test('P42: a redirect that is not followed leaves its connection to the next request', async () => {
  const { api } = await scene(stop)
  await assert.rejects(api.get('/away'), { code: 'ERR_AXIOS_REDIRECT' })
  await assertFree(api)
  await assert.rejects(api.get('/again', { beforeRedirect: stop }), { message: 'stopped' })
  await assertFree(api)
  await assert.rejects(api.get('/again', { maxRedirects: 1 }), { code: 'ERR_FR_TOO_MANY_REDIRECTS' })
  await assertFree(api)
  await assert.rejects(api.post('/again', Readable.from(['once'])), { code: 'ERR_AXIOS_BODY_SPENT' })
  await assertFree(api)
})

test('the body of an error that brings its answer along is left to the caller', async () => {
  const { api } = await scene(() => false)
  const { response } = await api.get('/401').catch((error) => error)
  assert.equal(response.status, 401)
  const [chunk] = await response.data.take(1).toArray()
  assert.match(chunk.toString(), /^x+$/)
  response.data.destroy()
  await assertFree(api)
})
