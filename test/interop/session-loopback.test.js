/** session of axios-auth against LoopBack 3: a token with a ttl, carried as the whole Authorization field. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { session } from '@countersign/axios-auth/session'
import { memoryTokenStore } from '@countersign/core'
import axios from 'axios'

const loopback = createRequire(import.meta.url)('loopback')
const CREDENTIALS = { email: 'api@example.com', password: 's3cret-pass' }

describe('LoopBack 3', () => {
  let server
  let base
  let AccessToken
  const log = []

  before(async () => {
    const app = loopback({ localRegistry: true, loadBuiltinModels: true })
    app.set('remoting', { errorHandler: { log: false }, context: false })
    app.dataSource('db', { connector: 'memory' })
    const User = app.registry.getModel('User')
    AccessToken = app.registry.getModel('AccessToken')
    app.model(AccessToken, { dataSource: 'db', public: false })
    app.model(User, { dataSource: 'db' })
    app.enableAuth({ dataSource: 'db' })
    app.use((request, response, next) => {
      response.on('finish', () => log.push(`${request.method} ${request.originalUrl} ${response.statusCode}`))
      next()
    })
    app.use(loopback.token({ model: AccessToken }))
    app.use('/api', loopback.rest())
    server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${server.address().port}/api`
    await User.create(CREDENTIALS)
  })
  after(() => {
    server?.close()
    server?.closeAllConnections()
  })

  function client(adapter, { login = {}, ...more } = {}) {
    log.length = 0
    const guard = session({
      login: { url: '/Users/login', data: { ...CREDENTIALS, ttl: 1000 }, token: 'id', expiresIn: 'ttl', ...login },
      carry: { header: 'Authorization' },
      logout: { url: '/Users/logout' },
      ...more,
    })
    const api = axios.create({ baseURL: base, adapter })
    api.interceptors.request.use(guard)
    return { api, guard }
  }

  for (const adapter of ['http', 'fetch']) {
    test(`P49: ${adapter}: login once, the profile, logout once; the token is worth nothing afterwards`, async () => {
      const { api, guard } = client(adapter)
      const answers = await Promise.all(Array.from({ length: 5 }, () => api.get('/Users/1')))
      assert.ok(answers.every(({ data }) => data.email === CREDENTIALS.email))
      const [token] = await AccessToken.find({ order: 'created DESC', limit: 1 })
      await guard.dispose()
      assert.deepEqual(
        log.filter((line) => !line.startsWith('GET')),
        ['POST /api/Users/login 200', 'POST /api/Users/logout 204'],
      )
      const bare = await fetch(`${base}/Users/1`, { headers: { authorization: token.id } })
      assert.equal(bare.status, 401)
    })

    test(`${adapter}: a token that the server has let expire: 401, one login, one retry`, async () => {
      const { api, guard } = client(adapter)
      await api.get('/Users/1')
      const [token] = await AccessToken.find({ order: 'created DESC', limit: 1 })
      await token.updateAttributes({ created: new Date(Date.now() - 2_000_000) })
      assert.equal((await api.get('/Users/1')).data.id, 1)
      await guard.dispose()
      const wanted = ['POST /api/Users/login 200', 'GET /api/Users/1 200', 'GET /api/Users/1 401', 'POST /api/Users/login 200']
      assert.deepEqual(
        log.filter((line) => !line.includes('logout')),
        [...wanted, 'GET /api/Users/1 200'],
      )
      // The expired one is logged out too: LoopBack does not know it any more.
      assert.deepEqual(log.filter((line) => line.includes('logout')).sort(), ['POST /api/Users/logout 204', 'POST /api/Users/logout 401'])
    })
  }

  test('the ttl is kept: a new token before the old one ends, and no 401 is seen', async () => {
    let now = Date.now()
    const { api, guard } = client('http', { now: () => now, login: { data: { ...CREDENTIALS, ttl: 100 } } })
    await api.get('/Users/1')
    now += 95_000
    await api.get('/Users/1')
    await guard.dispose()
    assert.equal(log.filter((line) => line === 'POST /api/Users/login 200').length, 2)
    assert.deepEqual(
      log.filter((line) => line.includes('logout')),
      ['POST /api/Users/logout 204', 'POST /api/Users/logout 204'],
    )
    assert.ok(!log.some((line) => line.startsWith('GET') && line.endsWith('401')))
  })

  test('a wrong password is a typed error, and a form works as JSON does', async () => {
    const wrong = client('http', { login: { data: { ...CREDENTIALS, password: 'wrong' } } })
    await assert.rejects(wrong.api.get('/Users/1'), (error) => error.code === 'ERR_AXIOS_LOGIN_REFUSED' && /status 401/.test(error.message))
    const { api, guard } = client('http', { login: { dataFormat: 'form' } })
    assert.equal((await api.get('/Users/1')).status, 200)
    await guard.dispose()
  })

  test('withSession, and two instances that share one session', async () => {
    const { api, guard } = client('http')
    assert.equal(await guard.withSession(api, async (own) => (await own.get('/Users/1')).status), 200)
    assert.deepEqual(log, ['POST /api/Users/login 200', 'GET /api/Users/1 200', 'POST /api/Users/logout 204'])
    const store = memoryTokenStore()
    const shared = { store, account: CREDENTIALS.email, logout: { url: '/Users/logout', shared: true } }
    const one = client('http', shared)
    const two = client('http', shared)
    await one.api.get('/Users/1')
    await two.api.get('/Users/1')
    await two.guard.dispose()
    await one.guard.dispose()
    assert.deepEqual(log, ['POST /api/Users/login 200', 'GET /api/Users/1 200', 'GET /api/Users/1 200', 'POST /api/Users/logout 204'])
  })
})
