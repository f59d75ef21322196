/** bearer beside other interceptors, under both adapters of axios, and across processes. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { apiKey, basic, hmac } from '@countersign/axios-auth'
import axios from 'axios'
import { issue, tokenWorld } from './token-server.js'

describe('bearer', () => {
  for (const adapter of ['http', 'fetch']) {
    test(`${adapter}: one refresh and one retry, whatever the body, whatever validateStatus`, async (t) => {
      const world = await tokenWorld(t)
      const api = world.client()
      const bodies = []
      world.api = ({ body }) => void bodies.push(body)
      await api.get('/', { adapter })
      world.refused.add('token-1')
      const { data } = await api.post('/', { a: 1 }, { adapter, validateStatus: () => true })
      assert.equal(data.token, 'token-2')
      assert.deepEqual(bodies.slice(-2), ['{"a":1}', '{"a":1}'])
      assert.deepEqual(world.calls, { token: 2, api: 3 })
    })
  }

  test('beside an API key, in either order of use(); beside basic it is a conflict', async (t) => {
    const world = await tokenWorld(t)
    const seen = []
    world.api = ({ headers }) => void seen.push([headers.authorization, headers['x-api-key']])
    const key = apiKey({ key: 'an api key of the tests' })
    const token = world.bearer()
    for (const interceptors of [
      [key, token],
      [token, key],
    ]) {
      const api = axios.create({ baseURL: world.origin, proxy: false })
      for (const interceptor of interceptors) api.interceptors.request.use(interceptor)
      await api.get('/')
    }
    assert.deepEqual(seen, Array(2).fill(['Bearer token-1', 'an api key of the tests']))
    const api = axios.create({ baseURL: world.origin, proxy: false })
    api.interceptors.request.use(token)
    api.interceptors.request.use(basic({ username: 'a', password: 'b' }))
    await assert.rejects(api.get('/'), { code: 'ERR_AXIOS_HEADER_CONFLICT' })
  })

  test('its token is there before a signer runs, in either order of use(), and it goes by its name', async (t) => {
    const world = await tokenWorld(t)
    const entries = []
    const signer = () => hmac({ secret: 'a secret of the tests', trace: (entry) => entries.push(entry) })
    for (const make of [() => [signer(), world.bearer()], () => [world.bearer(), signer()]]) {
      const api = axios.create({ baseURL: world.origin, proxy: false })
      for (const interceptor of make()) api.interceptors.request.use(interceptor)
      assert.equal((await api.post('/', 'x')).status, 200)
    }
    assert.deepEqual(
      entries.map(({ kinds }) => kinds),
      [
        ['bearer', 'hmac'],
        ['bearer', 'hmac'],
      ],
    )
  })

  test('P46: a request that is sent again with its config gets the token of now, and one retry of its own', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client({ refreshCooldownSeconds: 0 })
    world.accepts = () => false
    const error = await api.post('/', { a: 1 }).catch((thrown) => thrown)
    assert.deepEqual(world.calls, { token: 2, api: 2 })
    world.accepts = (token) => token === 'token-3'
    assert.equal((await axios.request(error.config)).data.token, 'token-3')
    assert.deepEqual(world.calls, { token: 3, api: 4 })
  })

  test('P42: a redirect within the origin carries the token, one to another fails with nothing sent', async (t) => {
    const world = await tokenWorld(t)
    const other = await tokenWorld(t)
    const api = world.client()
    world.api = ({ url }) => (url === '/from' ? { status: 307, headers: { Location: '/to' }, text: '' } : undefined)
    assert.equal((await api.get('/from')).data.token, 'token-1')
    world.api = ({ url }) => (url === '/from' ? { status: 307, headers: { Location: `${other.origin}/to` }, text: '' } : undefined)
    await assert.rejects(api.get('/from'), { code: 'ERR_AXIOS_REDIRECT' })
    assert.deepEqual(other.calls, { token: 0, api: 0 })
  })

  test('P43: the token URL may be of any origin; the token goes to the allowed ones alone', async (t) => {
    const world = await tokenWorld(t)
    const service = await tokenWorld(t)
    service.answer = () => ({ json: { access_token: issue(world), expires_in: 60 } })
    const api = world.client({ tokenUrl: service.tokenUrl })
    assert.equal((await api.get('/')).status, 200)
    await assert.rejects(api.get(`${service.origin}/`), { code: 'ERR_AXIOS_ORIGIN' })
    await assert.rejects(api.get('/', { baseURL: service.origin }), { code: 'ERR_AXIOS_ORIGIN' })
    assert.deepEqual([service.calls.api, service.calls.token], [0, 1])
  })
})
