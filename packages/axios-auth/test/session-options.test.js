import assert from 'node:assert/strict'
import { Agent, createServer } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { pinnedAgent } from '@countersign/axios-auth/pinned-agent'
import { session } from '@countersign/axios-auth/session'
import { memoryTokenStore } from '@countersign/core'
import axios from 'axios'
import { tempFolder } from '../../../test/support/folders.js'
import { memoryAdapter } from './session-server.js'

const login = { url: 'https://api.test/login', token: 'token' }
const carry = { header: 'X-Token' }
const whole = { login, carry }

const mistakes = [
  ['nothing', undefined, /session: option "login" is required/],
  ['no login', { carry }, /"login" is required/],
  ['login and refresh', { ...whole, refresh: { header: 'X-Id' } }, /not both/],
  ['an unknown option', { ...whole, logoff: {} }, /"logoff" is unknown; did you mean "logout"/],
  ['an unknown option of login', { login: { ...login, path: '/' }, carry }, /session login: option "path" is unknown/],
  ['an unknown option of logout', { ...whole, logout: { url: '/', token: 'x' } }, /session logout: option "token" is unknown/],
  ['no url', { login: { token: 'token' }, carry }, /session login: option "url" is required/],
  ['a url without scheme', { login: { ...login, url: '//evil.test/login' }, carry }, /must name its scheme/],
  ['a url with backslashes', { login: { ...login, url: '/\\evil.test' }, carry }, /must name its scheme/],
  ['a url of another scheme', { login: { ...login, url: 'ftp://api.test/' }, carry }, /absolute URL/],
  ['a url with a password', { login: { ...login, url: 'https://a:hunter2hunter2@api.test/' }, carry }, /user name/],
  ['a url that is none', { login: { ...login, url: 'https://' }, carry }, /absolute URL/],
  ['no token', { login: { url: '/login' }, carry }, /"token" is required/],
  ['a token path that is empty', { login: { ...login, token: '' }, carry }, /must be the path of a field/],
  ['a token path with a hole', { login: { ...login, token: 'a..b' }, carry }, /must be the path of a field/],
  ['a token path of numbers', { login: { ...login, token: [1] }, carry }, /must be the path of a field/],
  ['a token in a header that is none', { login: { ...login, token: { header: 'a b' } }, carry }, /name of a header/],
  ['a token in a cookie that is none', { login: { ...login, token: { cookie: 'a=b' } }, carry }, /name of a cookie/],
  ['a method that is none', { login: { ...login, method: 'PO ST' }, carry }, /must be a method/],
  ['data beside GET', { login: { ...login, method: 'get', data: {} }, carry }, /cannot be combined with method GET/],
  ['data that is a number', { login: { ...login, data: 1 }, carry }, /"data" must be an object, text, or a function/],
  ['data with undefined in it', { login: { ...login, data: { a: { b: undefined } } }, carry }, /"data\.a\.b" is undefined/],
  ['data with a function in it', { login: { ...login, data: { a: () => 1 } }, carry }, /"data\.a" must be text/],
  ['data of a class', { login: { ...login, data: { a: new Date() } }, carry }, /"data\.a" must be text/],
  ['another format of data', { login: { ...login, dataFormat: 'xml' }, carry }, /"dataFormat" must be one of 'json', 'form'/],
  ['a header with a line break', { login: { ...login, headers: { 'X-A': 'a\r\nb' } }, carry }, /"headers\.X-A" must be printable/],
  ['headers that are a list', { login: { ...login, headers: ['X-A', 'a'] }, carry }, /"headers" must be an object; got an array/],
  ['headers that are a Set', { login: { ...login, headers: new Set(['ab']) }, carry }, /"headers" must be the name of a header/],
  ['Headers with a blank name', { login: { ...login, headers: new Map([['X A', 'a']]) }, carry }, /must be the name of a header/],
  [
    'a header that axios keeps no value of',
    { login: { ...login, headers: new Map([['__proto__', 'a']]) }, carry },
    /must be the name of a header/,
  ],
  ['a header whose name is too long', { login, carry: { header: 'x'.repeat(257) } }, /must be the name of a header/],
  ['a header whose name is none', { login: { ...login, headers: { 'X A': 'a' } }, carry }, /must be the name of a header/],
  ['Basic without password', { login: { ...login, auth: { username: 'a' } }, carry }, /"password" must be a non-empty string/],
  [
    'Basic with an empty password',
    { login: { ...login, auth: { username: 'a', password: '' } }, carry },
    /"password" must be a non-empty string/,
  ],
  ['Basic with a colon in the name', { login: { ...login, auth: { username: 'a:b', password: 'x' } }, carry }, /without a colon/],
  ['a status that is none', { login: { ...login, status: 99 }, carry }, /"status" must be a status/],
  ['a list of statuses with text', { ...whole, expiredStatus: [401, '403'] }, /"expiredStatus" must be a status/],
  ['ok that is no function', { login: { ...login, ok: 'success' }, carry }, /"ok" must be a function/],
  ['expired that is no function', { ...whole, expired: true }, /"expired" must be a function/],
  ['no carry', { login }, /"carry" is required/],
  ['carry that is text', { login, carry: 'X-Token' }, /"carry" must be \{ header \}/],
  ['carry without anything', { login, carry: {} }, /name of a header/],
  ['carry by both', { login, carry: { header: 'X', cookie: 'sid' } }, /cannot be combined with header/],
  ['a format without the token', { login, carry: { header: 'X', format: 'Token' } }, /contains \{token\} once/],
  ['a format with two', { login, carry: { header: 'X', format: '{token}{token}' } }, /contains \{token\} once/],
  ['a format with a line break', { login, carry: { header: 'X', format: '{token}\r\n' } }, /printable ASCII/],
  ['no logout url', { ...whole, logout: {} }, /session logout: option "url" is required/],
  ['no sessions', { ...whole, maxSessions: 0 }, /"maxSessions" must be a whole number of sessions, at least 1/],
  ['endless sessions', { ...whole, maxSessions: Number.POSITIVE_INFINITY }, /"maxSessions"/],
  ['a timeout of none', { ...whole, timeoutMs: 0 }, /"timeoutMs" must be a whole number of milliseconds/],
  ['a timeout that no timer has', { ...whole, timeoutMs: 2 ** 31 }, /at most 2147483647/],
  ['a proxy', { ...whole, proxy: { host: 'x' } }, /"proxy" must be false/],
  ['an agent that is none', { ...whole, httpsAgent: 'x' }, /"httpsAgent" must be an agent/],
  ['an object that is no agent', { ...whole, httpAgent: {} }, /"httpAgent" must be an agent/],
  ['no status at all', { ...whole, expiredStatus: [] }, /"expiredStatus" must be a status such as 401/],
  ['a store that is none', { ...whole, store: new Map(), account: 'api' }, /"store" must be a token store/],
  ['a store without an account', { ...whole, store: memoryTokenStore() }, /"account" is required/],
  ['a store and several sessions', { ...whole, store: memoryTokenStore(), account: 'a', maxSessions: 2 }, /combined with maxSessions/],
  ['a store and refresh', { refresh: { header: 'X-Id' }, store: memoryTokenStore(), account: 'a' }, /combined with refresh/],
  [
    'a relative login and two origins',
    { login: { ...login, url: '/login' }, carry, origins: ['https://a.test', 'https://b.test'] },
    /absolute URLs/,
  ],
  ['an origin that is none', { ...whole, origins: 'a.test' }, /is not an origin/],
]

describe('options of session', () => {
  for (const [name, options, message] of mistakes) {
    test(`${name}: a TypeError that says what to write`, () => {
      assert.throws(
        () => session(options),
        (error) => error instanceof TypeError && /^ERR_INVALID_ARG_(VALUE|TYPE)$/.test(error.code) && message.test(error.message),
        inspect(message),
      )
    })
  }

  test('P45: what is wrong with a secret is said without it', () => {
    for (const wrong of [
      { login: { ...login, headers: { 'X-Key': 'canary\r\ncanary' } }, carry },
      { login: { ...login, auth: { username: 'canary:x', password: 'canary' } }, carry },
      { login: { ...login, data: { password: 'canary', other: undefined } }, carry },
      { login: { ...login, url: 'https://user:canary@api.test/' }, carry },
    ]) {
      assert.throws(
        () => session(wrong),
        (error) => !inspect(error, { showHidden: true }).includes('canary'),
      )
    }
  })

  test('an instance without baseURL needs origins', async () => {
    const api = axios.create()
    api.interceptors.request.use(session(whole))
    await assert.rejects(api.get('https://api.test/x'), { name: 'TypeError', message: /origins/ })
  })

  test('P43: where requests go to a unix socket, the login goes there as well or is not sent', async (t) => {
    const socketPath = join(tempFolder(t), 'api.sock')
    const seen = []
    const server = createServer((request, response) => {
      seen.push(request.url)
      response.writeHead(200, { 'Set-Cookie': 'sid=1; Path=/' }).end('{}')
    })
    await new Promise((resolve) => server.listen(socketPath, resolve))
    t.after(() => server.close())
    const sent = []
    const adapter = memoryAdapter(({ url }) => {
      sent.push(url.href)
      return { headers: { 'set-cookie': ['sid=1'] } }
    })
    const client = (options, config) => {
      const api = axios.create({ proxy: false, ...config })
      api.interceptors.request.use(
        session({ origins: 'http://localhost', ...options, login: { url: '/login', token: { cookie: 'sid' }, ...options.login } }),
      )
      return api
    }
    const lost = { name: 'TypeError', message: /option "httpAgent" is required for requests with a socketPath/ }
    await assert.rejects(client({}, { socketPath }).get('/x'), lost)
    await assert.rejects(client({ proxy: false }, { socketPath }).get('/x'), lost)
    assert.deepEqual(seen, [])
    const httpAgent = new Agent({ socketPath })
    t.after(() => httpAgent.destroy())
    assert.equal((await client({ httpAgent }, { socketPath }).get('/x')).status, 200)
    assert.equal((await client({ httpAgent }, { httpAgent, baseURL: 'http://localhost' }).get('/x')).status, 200)
    assert.deepEqual(seen, ['/login', '/x', '/login', '/x'])
    assert.equal((await client({ adapter }, { socketPath }).get('/x')).status, 200)
    assert.deepEqual(sent, ['http://localhost/login'])
    const away = { login: { url: 'http://127.0.0.1:1/login' } }
    await assert.rejects(client(away, { socketPath }).get('/x'), { code: 'ERR_AXIOS_LOGIN_FAILED' })
    await assert.rejects(client({ ...away, logout: { url: '/out' } }, { socketPath }).get('/x'), lost)
  })

  test('P36: where an agent checks the server of the requests, the login is not sent without it', async () => {
    const seen = []
    const adapter = memoryAdapter(({ url }) => {
      seen.push(url.href)
      return { headers: { 'set-cookie': ['sid=1'] } }
    })
    const check = { checkServerIdentity: () => undefined }
    const pinned = pinnedAgent({ pins: 'a'.repeat(64) })
    const client = (httpsAgent, options, origin = 'https://127.0.0.1:1') => {
      const api = axios.create({ baseURL: origin, httpsAgent, adapter, proxy: false })
      const login = { url: '/login', token: { cookie: 'sid' } }
      api.interceptors.request.use(session({ origins: origin, timeoutMs: 1000, ...options, login: { ...login, ...options.login } }))
      return api.get('/x')
    }
    const lost = { name: 'TypeError', message: /option "httpsAgent" is required where that of the requests checks the server/ }
    for (const agent of [pinned, new TlsAgent(check)]) {
      await assert.rejects(client(agent, {}), lost)
      await assert.rejects(client(agent, { login: { url: 'https://127.0.0.1:1/login' } }), lost)
      await assert.rejects(client(agent, { httpAgent: new Agent(), proxy: false }), lost)
      // Another server, another way, nothing to send, or an agent of its own.
      const away = { login: { url: 'https://127.0.0.1:2/login' } }
      await assert.rejects(client(agent, away), { code: 'ERR_AXIOS_LOGIN_FAILED' })
      await assert.rejects(client(agent, { ...away, logout: { url: '/out' } }), lost)
      await assert.rejects(client(agent, {}, 'http://127.0.0.1:1'), { code: 'ERR_AXIOS_LOGIN_FAILED' })
      await assert.rejects(client(agent, { httpsAgent: agent }), { code: 'ERR_AXIOS_LOGIN_FAILED' })
      assert.equal((await client(agent, { adapter })).status, 200)
    }
    await assert.rejects(client(new TlsAgent(), {}), { code: 'ERR_AXIOS_LOGIN_FAILED' })
    assert.deepEqual(seen, ['https://127.0.0.1:1/login', 'https://127.0.0.1:1/x', 'https://127.0.0.1:1/login', 'https://127.0.0.1:1/x'])
  })

  test('data is copied: what the caller changes later counts for nothing', async () => {
    const data = { password: 'first', list: [1] }
    let body
    const adapter = async (config) => {
      if (config.url.endsWith('/login')) body = JSON.parse(config.data.toString())
      return { status: 200, headers: {}, data: '{"token":"t"}', config }
    }
    const api = axios.create({ baseURL: 'https://api.test', adapter })
    api.interceptors.request.use(session({ login: { ...login, data }, carry, adapter }))
    data.password = 'second'
    data.list.push(2)
    await api.get('/x')
    assert.deepEqual(body, { password: 'first', list: [1] })
  })

  test('S16: what somebody put on Object.prototype is no option', async (t) => {
    const polluted = {
      refresh: { header: 'X' },
      maxSessions: 5,
      store: {},
      expired: () => true,
      ok: () => false,
      auth: { username: 'a', password: 'b' },
      token: 'evil',
      session_token: 'evil',
      headers: { 'X-Evil': '1' },
      validateStatus: () => false,
      baseURL: 'https://evil.test',
      proxy: { host: 'evil.test', port: 1 },
      expiresIn: 'x',
      shared: true,
    }
    t.after(() => {
      for (const name of Object.keys(polluted)) delete Object.prototype[name]
    })
    const seen = []
    const adapter = async (config) => {
      seen.push([config.url, Object.hasOwn(config, 'headers') && config.headers.get('X-Evil'), config.proxy])
      const isLogin = config.url.endsWith('/login')
      return Object.assign(Object.create(null), {
        status: 200,
        headers: Object.create(null),
        data: isLogin ? '{"session_token":"good"}' : '{}',
        config,
        request: {},
      })
    }
    const guard = session({ login: { ...login, token: 'session_token' }, carry, adapter, origins: ['https://api.test'], proxy: false })
    const api = axios.create({ adapter })
    api.interceptors.request.use(guard)
    for (const [name, value] of Object.entries(polluted)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true, enumerable: false })
    }
    await api.get('https://api.test/x')
    assert.equal(seen[0][0], 'https://api.test/login')
    assert.equal(seen[0][2], false)
    const empty = session({
      login: { ...login, url: 'https://api.test/empty', token: 'missing' },
      carry,
      adapter,
      origins: ['https://api.test'],
    })
    Object.prototype.missing = 'evil'
    t.after(() => delete Object.prototype.missing)
    const other = axios.create({ adapter })
    other.interceptors.request.use(empty)
    await assert.rejects(other.get('https://api.test/x'), { code: 'ERR_AXIOS_LOGIN_REFUSED' })
  })
})
