import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiKey } from '@countersign/axios-auth'
import axios from 'axios'
import { ADAPTERS, counter, recorder } from './recorder.js'

const KEY = 'an api key of a test'
const valueError = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }

test('S14: without origins and an absolute baseURL no request is made, and the error names origins', async () => {
  for (const config of [{}, { baseURL: '/api' }, { baseURL: '' }, { baseURL: 'ftp://example.com' }, { baseURL: 'example.com' }]) {
    const api = axios.create({ ...config, adapter: () => assert.fail('sent') })
    api.interceptors.request.use(apiKey({ key: KEY }))
    await assert.rejects(api.get('https://api.example.com/'), { ...valueError, message: /option "origins" is required/ })
  }
})

test('S14: what is not an origin is refused by the factory', () => {
  for (const origin of [
    'api.example.com',
    'https://api.example.com/v1',
    'https://u@api.example.com',
    'https://a.com?',
    'https://a.com#',
    'ftp://a.com',
    '*',
    '',
  ]) {
    assert.throws(
      () => apiKey({ key: KEY, origins: [origin] }),
      { ...valueError, message: /option "origins\[0\]" is not an origin/ },
      origin,
    )
  }
  assert.throws(() => apiKey({ key: KEY, origins: [] }), valueError)
  for (const origins of [5, {}, [5], null]) assert.throws(() => apiKey({ key: KEY, origins }), { code: 'ERR_INVALID_ARG_TYPE' })
  for (const origins of [
    'https://a.com',
    ['https://A.com:443/'],
    ['http://127.0.0.1:80', 'http://[::1]:5', 'http://localhost', 'http://x.localhost'],
  ]) {
    assert.equal(typeof apiKey({ key: KEY, origins }), 'function')
  }
})

test('S14: what the message of a mistake says to write', async () => {
  const message = (origins) => {
    try {
      apiKey({ key: KEY, origins })
    } catch (error) {
      return error.message
    }
    return 'none'
  }
  assert.match(message(5), /^apiKey: option "origins" must be a list such as \['https:\/\/api\.example\.com'\]/)
  assert.equal(message([]), 'apiKey: option "origins" must name at least one origin')
  assert.match(message(['https://a.example', 5]), /^apiKey: option "origins\[1\]" must be a string/)
  const api = axios.create({ baseURL: 'http://api.example.com', adapter: () => assert.fail('sent') })
  api.interceptors.request.use(apiKey({ key: KEY }))
  await assert.rejects(api.get('/'), /option "baseURL" is http:\/\//)
  const config = { baseURL: new URL('https://api.example.com'), url: '/', headers: new axios.AxiosHeaders() }
  assert.throws(() => apiKey({ key: KEY })(config), { ...valueError, message: /option "origins" is required/ }, 'an object could change')
})

test('S17: http:// to another host is refused unless allowInsecure says so', async () => {
  const message = /allowInsecure: true/
  for (const origin of [
    'http://api.example.com',
    'http://10.0.0.1',
    'http://128.0.0.1',
    'http://localhost.example.com',
    'http://127.example.com',
  ]) {
    assert.throws(() => apiKey({ key: KEY, origins: [origin] }), { ...valueError, message }, origin)
    const api = axios.create({ baseURL: origin, adapter: () => assert.fail('sent') })
    api.interceptors.request.use(apiKey({ key: KEY }))
    await assert.rejects(api.get('/'), { ...valueError, message })
  }
  const sent = counter()
  const adapter = (config) => Promise.resolve({ status: 200, config, headers: {}, data: sent() })
  const api = axios.create({ baseURL: 'http://api.example.com', adapter })
  api.interceptors.request.use(apiKey({ key: KEY, allowInsecure: true }))
  await api.get('/')
  assert.equal(sent(), 2)
})

for (const adapter of ADAPTERS) {
  test(`S14 P43: ${adapter}: an absolute URL or another baseURL never widens where the key goes`, async () => {
    const home = await recorder()
    const stranger = await recorder()
    const api = axios.create({ baseURL: `${home.origin}/v1`, adapter })
    api.interceptors.request.use(apiKey({ key: KEY }))
    await api.get('/first')
    const refused = { code: 'ERR_AXIOS_ORIGIN', message: new RegExp(`^${stranger.origin} is not one of the origins of apiKey`) }
    await assert.rejects(api.get(`${stranger.origin}/x`), refused)
    await assert.rejects(api.get('/x', { baseURL: stranger.origin }), refused)
    await assert.rejects(api.get(`//127.0.0.1:${stranger.port}/x`, { baseURL: undefined }), { name: /Error/ })
    await assert.rejects(api.get(home.origin.replace('127.0.0.1', 'localhost')), { code: 'ERR_AXIOS_ORIGIN' })
    api.interceptors.request.use((config) => Object.assign(config, { url: `${stranger.origin}/late` }))
    await assert.rejects(api.get('/x'), refused)
    assert.deepEqual([home.seen.length, stranger.seen.length], [1, 0])
    assert.equal(home.seen[0].headers['x-api-key'], KEY)
  })

  test(`S14: ${adapter}: each interceptor has origins of its own, and all must agree`, async () => {
    const home = await recorder()
    const api = axios.create({ baseURL: home.origin, adapter })
    api.interceptors.request.use(apiKey({ key: KEY, origins: ['https://other.example.com', home.origin] }))
    await api.get('/')
    api.interceptors.request.use(apiKey({ key: KEY, header: 'X-Other', origins: 'https://other.example.com' }))
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_ORIGIN' })
    assert.equal(home.seen.length, 1)
  })
}
