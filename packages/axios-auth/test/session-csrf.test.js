import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { session } from '@countersign/axios-auth/session'
import { memoryTokenStore } from '@countersign/core'
import axios from 'axios'
import { isCode, memoryAdapter } from './session-server.js'

const ORIGIN = 'https://shop.test'
const FORM = { page: '/login', url: '/login', dataFormat: 'form', status: 302, token: { cookie: 'sid' } }

/**
 * A web application with a form: GET /login sets an id that nobody has signed in with, and a token against forged requests, which stands
 * in the form, in a cookie (percent-encoded), and is wanted in a header of whatever changes something. Signing in changes both.
 */
function shop(replaced = {}) {
  const server = { log: [], ids: new Map(), count: 0, ended: [] }
  const csrfOf = (id) => `${createHash('sha256').update(id).digest('base64').slice(0, 12)}=`
  const fresh = (user) => {
    const id = `id-${++server.count}`
    server.ids.set(id, user)
    return [`sid=${id}; Path=/; HttpOnly`, `XSRF-TOKEN=${encodeURIComponent(csrfOf(id))}; Path=/`]
  }
  const call = ({ method, url, headers, body }) => {
    const id = /(?:^|; )sid=([^;]*)/.exec(headers.cookie ?? '')?.[1] ?? ''
    const isForged = headers['x-xsrf-token'] !== csrfOf(id) && new URLSearchParams(body).get('_token') !== csrfOf(id)
    if (method === 'GET' && url.pathname === '/login') {
      return {
        headers: { 'set-cookie': fresh(undefined) },
        body: `<form><input name="_token" value="${csrfOf(`id-${server.count}`)}"></form>`,
      }
    }
    if (method !== 'GET' && isForged) return { status: 419 }
    if (url.pathname === '/login') {
      if (new URLSearchParams(body).get('password') !== 'right') return { status: 200, body: '<form>wrong</form>' }
      server.ids.delete(id)
      return { status: 302, headers: { location: '/home', 'set-cookie': fresh('ann') } }
    }
    if (server.ids.get(id) === undefined) return { status: 302, headers: { location: '/login' } }
    if (url.pathname === '/logout') {
      server.ended.push(id)
      server.ids.delete(id)
      return { status: 204 }
    }
    return { body: { user: server.ids.get(id) } }
  }
  server.adapter = memoryAdapter((request) => {
    server.log.push(`${request.method} ${request.url.pathname}`)
    return (replaced[`${request.method} ${request.url.pathname}`] ?? call)(request)
  })
  return server
}

function signedIn(server, options) {
  const guard = session({
    login: { ...FORM, data: { username: 'ann', password: 'right' } },
    csrf: { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' },
    logout: { url: '/logout', method: 'DELETE' },
    adapter: server.adapter,
    ...options,
  })
  const api = axios.create({ baseURL: ORIGIN, adapter: server.adapter })
  api.interceptors.request.use(guard)
  return { api, guard }
}

const EXPIRED = { expired: (answer) => answer.status === 302 && answer.header('location') === '/login' }

describe('a form with a token against forged requests', () => {
  test('P49: page, login, request and logout carry cookies and token', async () => {
    const server = shop()
    const { api, guard } = signedIn(server, EXPIRED)
    assert.deepEqual((await api.post('/orders', { a: 1 })).data, { user: 'ann' })
    assert.deepEqual((await api.get('/orders')).data, { user: 'ann' })
    await guard.dispose()
    assert.deepEqual(server.log, ['GET /login', 'POST /login', 'POST /orders', 'GET /orders', 'DELETE /logout'])
    assert.deepEqual(server.ended, ['id-2'])
  })

  test('the data may come out of the page', async () => {
    const server = shop()
    const data = ({ page }) => ({ password: 'right', _token: /value="([^"]+)"/.exec(page.text())[1] })
    const { api } = signedIn(server, { ...EXPIRED, login: { ...FORM, data }, csrf: undefined, logout: undefined })
    assert.deepEqual((await api.get('/orders')).data, { user: 'ann' })
  })

  test('a wrong password is a refusal, though the page has set a cookie', async () => {
    const server = shop()
    const { api } = signedIn(server, { ...EXPIRED, login: { ...FORM, data: { password: 'wrong' } } })
    await assert.rejects(api.get('/orders'), isCode('ERR_AXIOS_LOGIN_REFUSED'))
    assert.deepEqual(server.log, ['GET /login', 'POST /login'])
  })

  test('a session that is over is replaced: by a new page as well', async () => {
    const server = shop()
    const { api } = signedIn(server, EXPIRED)
    assert.equal((await api.get('/orders')).status, 200)
    server.ids.clear()
    assert.deepEqual((await api.get('/orders')).data, { user: 'ann' })
    assert.equal(server.log.filter((line) => line === 'GET /login').length, 2)
  })

  test('P46: a stream that is answered by the redirect to the form is refused: the form is not its answer', async () => {
    const server = shop()
    const { api } = signedIn(server, { ...EXPIRED, logout: undefined })
    await api.get('/orders')
    server.ids.clear()
    server.log.length = 0
    await assert.rejects(api.put('/orders', Readable.from(['a'])), (error) => {
      assert.deepEqual([error.response.status, error.cause.code], [302, 'ERR_AXIOS_BODY_SPENT'])
      return true
    })
    assert.deepEqual(server.log, ['PUT /orders'])
    assert.equal((await api.get('/orders')).status, 200)
  })

  test('P49: a redirect to the form that does not go away is the answer: one login, none within the cooldown', async () => {
    for (const options of [EXPIRED, { expiredStatus: 302 }]) {
      const server = shop({ 'GET /orders': () => ({ status: 302, headers: { location: '/login' } }) })
      const { api } = signedIn(server, { ...options, logout: undefined })
      for (let i = 0; i < 3; i += 1) await assert.rejects(api.get('/orders'), (error) => error.response.status === 302)
      const [logins, calls] = ['POST /login', 'GET /orders'].map((line) => server.log.filter((logged) => logged === line).length)
      assert.deepEqual({ logins, calls }, { logins: 2, calls: 4 })
      assert.equal(server.log.at(-1), 'GET /orders')
    }
  })

  test('other redirects are followed, with the cookies that they set, also where the session was replaced before', async () => {
    const seen = []
    const server = shop({
      'GET /moved': ({ headers }) =>
        server.ids.has(/sid=([^;]*)/.exec(headers.cookie)?.[1])
          ? { status: 302, headers: { location: '/seen', 'set-cookie': ['basket=full; Path=/'] } }
          : { status: 302, headers: { location: '/login' } },
      'GET /seen': ({ headers }) => {
        seen.push(/basket=\w+/.exec(headers.cookie)?.[0])
        return {}
      },
    })
    let looks = 0
    const expired = (answer) => {
      looks += 1
      if (looks > 2) throw new Error('of the options')
      return EXPIRED.expired(answer)
    }
    for (const options of [EXPIRED, { expired }]) {
      const { api } = signedIn(server, { ...options, logout: undefined })
      await api.get('/orders')
      server.ids.clear()
      assert.equal((await api.get('/moved')).status, 200)
    }
    assert.deepEqual(seen, ['basket=full', undefined])
  })

  test('a login that keeps the id of the page has it', async () => {
    const seen = []
    const server = shop({
      'POST /login': () => ({ status: 302 }),
      'GET /orders': ({ headers }) => {
        seen.push(headers.cookie, headers['x-xsrf-token'])
        return {}
      },
    })
    await signedIn(server, { logout: undefined, expired: undefined }).api.get('/orders')
    assert.match(seen[0], /sid=id-1/)
    assert.match(seen[1], /^[A-Za-z0-9+/]{12}=$/, 'percent-decoded')
  })

  test('a page that is no answer of success ends the login, and waits for Retry-After', async () => {
    const server = shop({ 'GET /login': () => ({ status: 503, headers: { 'retry-after': '60' } }) })
    const { api } = signedIn(server, EXPIRED)
    const refused = { code: 'ERR_AXIOS_LOGIN_REFUSED', loginStatus: 503, retryAfterSeconds: 60, message: /the page of the login/ }
    await assert.rejects(api.get('/orders'), refused)
    await assert.rejects(api.get('/orders'), isCode('ERR_AXIOS_LOGIN_FAILED'))
    assert.deepEqual(server.log, ['GET /login'])
  })

  test('S18: a cookie that no header can carry when it is decoded stays as it came', async () => {
    for (const [value, header] of Object.entries({ 'a%0D%0AX:1': 'a%0D%0AX:1', '%zz': '%zz', 'a%20b': 'a b', '%20': '%20' })) {
      let seen
      const adapter = memoryAdapter(({ url, headers }) => {
        seen = headers['x-csrf']
        return url.pathname === '/login' ? { headers: { 'set-cookie': ['sid=1', `csrf=${value}; Path=/`] } } : {}
      })
      const guard = session({ login: { url: '/login', token: { cookie: 'sid' } }, csrf: { cookie: 'csrf', header: 'X-CSRF' }, adapter })
      const api = axios.create({ baseURL: ORIGIN, adapter })
      api.interceptors.request.use(guard)
      await api.get('/x')
      assert.equal(seen, header)
    }
  })

  test('options that do not go together say so', () => {
    const login = { url: '/login', token: { cookie: 'sid' } }
    const csrf = { cookie: 'a', header: 'X-A' }
    for (const [options, message] of [
      [{ login: { ...login, page: '/login' } }, /"page" needs status or ok/],
      [{ login: { ...login, status: 302, page: 'https://shop.test/login' } }, /"page" must have the same origin as url/],
      [{ login: { ...login, status: 302, url: 'https://shop.test/a', page: 'https://evil.test/a' } }, /"page" must have the same origin/],
      [{ login: { ...login, status: 302, page: '//evil.test' } }, /"page" must name its scheme/],
      [{ login: { url: '/login', token: 'token' }, carry: { header: 'X-T' }, csrf }, /"csrf" needs a session that is carried by a cookie/],
      [{ login, csrf: { cookie: 'a' } }, /"header" must be/],
      [{ login, csrf: { cookie: 'a b', header: 'X-A' } }, /"cookie" must be the name of a cookie/],
      [{ login, csrf: true }, /"csrf" must be/],
      [{ login, csrf: { ...csrf, name: 1 } }, /name/],
      [{ login, csrf: { ...csrf, header: 'cookie' } }, /"header" must differ from Cookie, which carries the session/],
      [
        { login: { url: '/login', token: 'token' }, carry: { header: 'X-T', cookies: true }, csrf: { ...csrf, header: 'x-t' } },
        /"header" must differ from X-T, which carries the session/,
      ],
      [
        { login: { url: '/login', token: 'token' }, carry: { header: 'X-T' }, csrf: { token: 'csrf', header: 'x-t' } },
        /"header" must differ from X-T, which carries the session/,
      ],
      [{ login, csrf: { ...csrf, token: 'csrf' } }, /"token" cannot be combined with cookie/],
      [{ login, csrf: { token: 'csrf' } }, /"header" must be/],
      [{ login, csrf: { token: '', header: 'X-A' } }, /session csrf: option "token" must be the path/],
      [{ login, csrf: { token: { cookie: 'a' }, header: 'X-A' } }, /"token" must not be a cookie/],
      [{ login, csrf: { token: undefined, header: 'X-A' } }, /"cookie" must be/],
      [{ refresh: { header: 'X-Id' }, csrf: { token: 'csrf', header: 'X-A' } }, /"token" is told by a login/],
    ]) {
      assert.throws(() => session(options), { name: 'TypeError', message })
    }
  })
})

describe('P49: a header that holds with the cookies of its login alone, as the X-CSRF-Token of SAP', () => {
  const login = {
    url: '/sap/opu',
    method: 'GET',
    headers: { 'X-CSRF-Token': 'Fetch' },
    auth: { username: 'api', password: 'right' },
    token: { header: 'X-CSRF-Token' },
  }

  function sap() {
    const server = { logins: 0, sessions: new Map(), ended: [] }
    server.adapter = memoryAdapter(({ url, headers }) => {
      const id = /SAP_SESSIONID=([^;]*)/.exec(headers.cookie ?? '')?.[1]
      if (url.pathname === '/sap/opu') {
        server.logins += 1
        const token = `token-${server.logins}`
        server.sessions.set(`id-${server.logins}`, token)
        return { headers: { 'x-csrf-token': token, 'set-cookie': [`SAP_SESSIONID=id-${server.logins}; Path=/; Secure`, 'lb=1'] } }
      }
      const holds = id !== undefined && server.sessions.get(id) === headers['x-csrf-token']
      if (!holds) return { status: 403, headers: { 'x-csrf-token': 'Required' } }
      if (url.pathname === '/logoff') server.ended.push(id)
      return { headers: { 'set-cookie': ['lb=2'] }, body: headers.cookie }
    })
    return server
  }

  function client(server, options) {
    const guard = session({
      login,
      carry: { header: 'X-CSRF-Token', cookies: true },
      expired: (answer) => answer.header('x-csrf-token') === 'Required',
      logout: { url: '/logoff' },
      adapter: server.adapter,
      ...options,
    })
    const api = axios.create({ baseURL: ORIGIN, adapter: server.adapter })
    api.interceptors.request.use(guard)
    return { api, guard }
  }

  test('both are carried, cookies are kept up, and the logout has both', async () => {
    const server = sap()
    const { api, guard } = client(server)
    assert.match((await api.post('/orders', {})).data, /SAP_SESSIONID=id-1/)
    server.sessions.clear()
    assert.match((await api.post('/orders', {})).data, /SAP_SESSIONID=id-2/)
    assert.equal(server.logins, 2)
    await guard.dispose()
    assert.deepEqual(server.ended, ['id-2'])
  })

  test('without cookies: true the header goes alone', async () => {
    const server = sap()
    const { api } = client(server, { carry: { header: 'X-CSRF-Token' } })
    await assert.rejects(api.post('/orders', {}), { status: 403 })
  })

  test('processes share both through a store', async () => {
    const server = sap()
    const kept = { store: memoryTokenStore(), account: 'api', logout: undefined }
    for (const { api } of [client(server, kept), client(server, kept)]) {
      assert.match((await api.post('/orders', {})).data, /SAP_SESSIONID=id-1/)
    }
    assert.equal(server.logins, 1)
  })

  test('cookies is true or false, and needs a login', () => {
    for (const carry of [
      { header: 'X-T', cookies: 'yes' },
      { cookie: 'sid', cookies: true },
    ]) {
      assert.throws(() => session({ login, carry }), { name: 'TypeError', message: /cookie/ })
    }
    const refresh = { header: 'X-T' }
    assert.throws(() => session({ refresh, carry: { header: 'X-T', cookies: true } }), { name: 'TypeError', message: /"cookies".*refresh/ })
  })
})

test('what data throws is named, and no more of it', async () => {
  const canary = 'a secret of the vault'
  for (const [data, words] of [
    [() => Promise.reject(Object.assign(new Error(canary), { code: 'EVAULT' })), 'ERR_LOOKUP_FAILED (Error EVAULT)'],
    [() => ({ password: undefined, [canary]: 1 }), 'its data could not be produced (TypeError ERR_INVALID_ARG_VALUE)'],
  ]) {
    const server = shop()
    const { api } = signedIn(server, { login: { url: '/login', data, token: { cookie: 'sid' } } })
    await assert.rejects(api.get('/x'), (error) => {
      assert.ok(error.message.includes(words), error.message)
      assert.ok(!error.message.includes(canary) && !String(error.stack).includes(canary))
      return error.code === 'ERR_AXIOS_LOGIN_FAILED'
    })
  }
})

// Proxmox VE wiki, "Proxmox VE API": a ticket, which goes as a cookie, and CSRFPreventionToken for whatever changes something. From memory.
describe('P49: a second token of the login, as that of Proxmox VE', () => {
  const ticket = {
    login: { url: '/api2/json/access/ticket', data: { username: 'api@pve', password: 'right' }, dataFormat: 'form', token: 'data.ticket' },
    carry: { cookie: 'PVEAuthCookie' },
    csrf: { token: 'data.CSRFPreventionToken', header: 'CSRFPreventionToken' },
  }

  function proxmox(replaced = {}) {
    const server = { tickets: new Map(), logins: 0 }
    server.adapter = memoryAdapter(({ method, url, headers, body }) => {
      if (url.pathname === ticket.login.url) {
        if (new URLSearchParams(body).get('password') !== 'right') return { status: 401 }
        server.logins += 1
        server.tickets.set(`PVE:api@pve:${server.logins}::sig==`, `6:csrf-${server.logins}`)
        const data = { ticket: `PVE:api@pve:${server.logins}::sig==`, CSRFPreventionToken: `6:csrf-${server.logins}`, ...replaced }
        return { body: { data } }
      }
      const token = server.tickets.get(/^PVEAuthCookie=(.*)$/.exec(headers.cookie ?? '')?.[1])
      if (token === undefined || (method !== 'GET' && headers.csrfpreventiontoken !== token)) return { status: 401 }
      return { body: { data: [] } }
    })
    return server
  }

  function client(server, options) {
    const guard = session({ ...ticket, adapter: server.adapter, ...options })
    const api = axios.create({ baseURL: ORIGIN, adapter: server.adapter })
    api.interceptors.request.use(guard)
    return { api, guard }
  }

  test('both go along, also after the ticket is over, and into the logout', async () => {
    const server = proxmox()
    const { api, guard } = client(server, { logout: { url: '/api2/json/access/ticket/out', method: 'DELETE' }, onLogoutLost: assert.fail })
    const round = () => Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 ? api.get('/nodes') : api.post('/nodes', 'a=1'))))
    await round()
    server.tickets.clear()
    await round()
    assert.equal(server.logins, 2)
    await guard.dispose()
  })

  test('processes share both through a store; what an older version kept without it is not taken', async () => {
    const server = proxmox()
    const values = new Map()
    const inner = memoryTokenStore()
    const store = Object.assign(Object.create(null), {
      get: (key) => inner.get(key),
      set: (key, value, ttl) => {
        values.set(key, value)
        return inner.set(key, value, ttl)
      },
      delete: (key, value) => inner.delete(key, value),
      lock: (key, ttl) => inner.lock(key, ttl),
    })
    const shared = { store, account: 'api' }
    for (let i = 0; i < 2; i += 1) await client(server, shared).api.post('/nodes', 'a=1')
    assert.equal(server.logins, 1)
    for (const [key, value] of values) {
      const { csrf, ...old } = JSON.parse(value)
      assert.equal(csrf, '6:csrf-1')
      inner.set(key, JSON.stringify(old), 60)
    }
    await client(server, shared).api.post('/nodes', 'a=1')
    assert.equal(server.logins, 2)
  })

  test('a login without it, or with one that no header carries, is a refusal; neither shows in an error', async () => {
    for (const CSRFPreventionToken of [undefined, '', 'a b', 'a\nb', { a: 1 }]) {
      const { api } = client(proxmox({ CSRFPreventionToken }))
      await assert.rejects(
        api.get('/nodes'),
        (error) => isCode('ERR_AXIOS_LOGIN_REFUSED')(error) && /without what csrf.token names/.test(error.message),
      )
    }
    const server = proxmox()
    const { api } = client(server)
    await api.get('/nodes')
    const error = await api.post('/nodes', 'a=1', { validateStatus: () => false }).catch((thrown) => thrown)
    assert.equal(error.response.status, 200)
    assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error), /csrf-1/)
  })
})
