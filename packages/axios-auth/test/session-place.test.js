import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { hmac } from '@countersign/axios-auth/hmac'
import { session } from '@countersign/axios-auth/session'
import axios, { AxiosError } from 'axios'
import fc from 'fast-check'
import FormDataPackage from 'form-data'
import { ADAPTERS, recorder } from './recorder.js'
import { isCode, memoryAdapter } from './session-server.js'

const isRefused = isCode('ERR_AXIOS_SESSION_CARRY')

/** A server that gives a token per login; `over` says which are over, `answers` what else a path is answered with. */
async function server(tokens = ['tok-1', 'tok-2', 'tok-3'], answers = {}) {
  let logins = 0
  const made = await recorder((request, response) => {
    const path = request.url.split('?')[0]
    if (path === '/login') {
      logins += 1
      return response.end(JSON.stringify({ token: tokens[logins - 1] }))
    }
    if (answers[path] !== undefined) return answers[path](response, request)
    const isOver = made.over.some((token) => request.url.includes(token) || request.body.includes(token))
    response.setHeader('content-type', 'application/json')
    return response.end(isOver ? '{"error":"session"}' : '{"ok":true}')
  })
  made.over = []
  made.calls = () => made.seen.filter(({ url }) => !url.startsWith('/login'))
  return made
}

function signedIn(made, options, adapter = 'http') {
  const guard = session({
    login: { url: '/login', token: 'token' },
    expired: (answer) => answer.json()?.error === 'session',
    ...options,
  })
  const api = axios.create({ baseURL: made.origin, adapter })
  api.interceptors.request.use(guard)
  return { api, guard }
}

describe('options of carry', () => {
  const login = { url: '/login', token: 'token' }
  const wrong = [
    [{ query: '' }, /session carry: option "query" must be the name of a parameter, such as '_sid'/],
    [{ query: 'a b' }, /"query" must be the name of a parameter/],
    [{ query: 5 }, /"query" must be the name of a parameter/],
    [{ body: 'a\n' }, /"body" must be the name of a member, such as 'auth'/],
    [{ body: '\u00e4' }, /"body" must be the name of a member/],
    [{ body: 'params.auth' }, /"body" must be a top-level member of the body/],
    [{ body: 'x'.repeat(257) }, /"body" must be the name of a member/],
    [{ query: 'a', body: 'b' }, /"body" cannot be combined with query/],
    [{ header: 'X', query: 'a' }, /"query" cannot be combined with header/],
    [{ query: 'a', cookie: 'b' }, /"cookie" cannot be combined with query/],
    [{ query: 'a', format: 'x{token}' }, /"format" is that of a header/],
    [{ json: 'auth' }, /option "json" is unknown/],
  ]
  for (const [carry, message] of wrong) {
    test(`refused: ${JSON.stringify(carry)}`, () => assert.throws(() => session({ login, carry }), message))
  }

  test('refused: csrf without cookies, and a logout without a body where the session stands in the body', () => {
    const csrf = { cookie: 'a', header: 'X-A' }
    for (const carry of [{ query: 'a' }, { body: 'a' }]) assert.throws(() => session({ login, carry, csrf }), /"csrf" needs a session/)
    session({ login, carry: { query: 'a', cookies: true }, csrf })
    const carry = { body: 'auth' }
    assert.throws(
      () => session({ login, carry, logout: { url: '/out', method: 'GET' } }),
      /session logout: option "method" must not be GET, which has no body/,
    )
  })
})

describe('P49: a session in the query', () => {
  for (const adapter of ADAPTERS) {
    test(`${adapter}: what the request has already is never overwritten, however it is written`, async () => {
      const made = await server()
      const { api } = signedIn(made, { carry: { query: '_sid' } }, adapter)
      const own = [
        ['/x?_sid=own'],
        ['/x?a=1&_sid=own'],
        ['/x?_sid'],
        ['/x?%5fsid=own'],
        ['/x?_sid=tok-1&_sid=tok-1'],
        ['/x', { params: { _sid: 'own' } }],
        ['/x', { params: new URLSearchParams({ _sid: '' }) }],
      ]
      for (const [url, config] of own) {
        await assert.rejects(api.get(url, config), (error) => isRefused(error) && /a parameter "_sid" of its own/.test(error.message), url)
      }
      assert.deepEqual(made.calls(), [])
    })

    test(`${adapter}: it is sent once, and a retry sends the new one in the place of the old`, async () => {
      const made = await server()
      made.over.push('tok-1')
      const { api } = signedIn(made, { carry: { query: '_sid' } }, adapter)
      const calls = [
        [() => api.get('/x'), '/x?_sid='],
        [() => api.get('/x?'), '/x?_sid='],
        [() => api.get('/x?a=1#part'), '/x?a=1&_sid='],
        [() => api.get('/x', { params: { b: 'a b', c: ['1', '2'] } }), '/x?b=a+b&c%5B%5D=1&c%5B%5D=2&_sid='],
        [() => api.get('/x?a=1', { params: new URLSearchParams([['b', '_sid']]) }), '/x?a=1&b=_sid&_sid='],
        [() => api.post('/x?x_sid=1', { _sid: 'of the body' }), '/x?x_sid=1&_sid='],
        [() => api.post('/x', 'text', { headers: { 'content-type': 'text/plain' } }), '/x?_sid='],
        [() => api.post('/x', new URLSearchParams({ a: '1' })), '/x?_sid='],
        [() => api.post('/x', Readable.from(['a'])), '/x?_sid='],
      ]
      for (const [call, target] of calls) {
        const before = made.calls().length
        assert.deepEqual((await call()).data, { ok: true })
        const sent = made.calls().slice(before)
        assert.deepEqual(
          sent.map(({ url }) => url),
          (before === 0 ? ['tok-1', 'tok-2'] : ['tok-2']).map((token) => target + token),
        )
        assert.equal(new Set(sent.map(({ body }) => body.toString())).size, 1)
      }
    })
  }

  test('a config that is sent again, and the defaults, hold nothing of it', async () => {
    const made = await server()
    const { api } = signedIn(made, { carry: { query: '_sid' } })
    const { config } = await api.get('/x', { params: { a: 1 } })
    assert.deepEqual(config.params, { a: 1 })
    assert.equal((await api.request(config)).status, 200)
    assert.deepEqual(
      made.calls().map(({ url }) => url),
      ['/x?a=1&_sid=tok-1', '/x?a=1&_sid=tok-1'],
    )
  })

  test('a token of any visible characters arrives as it is, and is what a signature covers', async () => {
    const token = `!"#$%&'()*+,-./:;<=>?@[]^_{|}~\\\``
    const made = await server([token])
    const { api } = signedIn(made, { carry: { query: 'a[b]' } })
    await api.get('/x?c=d')
    assert.equal(new URL(made.calls()[0].url, made.origin).searchParams.get('a[b]'), token)
    assert.ok(/^[\w?/&=%.~-]*$/.test(made.calls()[0].url), made.calls()[0].url)
  })

  test('no other origin gets it, and no redirect is followed; maxRedirects: 0 gives the answer', async () => {
    const other = await recorder()
    const to = (location) => (response) => response.writeHead(307, { location }).end()
    const made = await server(undefined, { '/here': to('/x'), '/echo': to('/x?_sid=tok-1'), '/there': to(`${other.origin}/x`) })
    for (const carry of [{ query: '_sid' }, { body: 'auth' }]) {
      const { api } = signedIn(made, { carry })
      for (const path of ['/here', '/echo', '/there']) {
        await assert.rejects(api.post(path, { a: 1 }), isCode('ERR_AXIOS_REDIRECT'), path)
      }
      const { status } = await api.post('/here', { a: 1 }, { maxRedirects: 0, validateStatus: () => true })
      assert.equal(status, 307)
      await assert.rejects(api.post(`${other.origin}/x`, { a: 1 }), isCode('ERR_AXIOS_ORIGIN'))
    }
    assert.equal(other.seen.length, 0)
    assert.ok(made.calls().every(({ url }) => !url.startsWith('/x')))
  })

  test('a redirect that says that the session is over is answered by a new one', async () => {
    const made = await server(undefined, {
      '/x': (response, request) =>
        request.url.endsWith('tok-1') ? response.writeHead(302, { location: '/form' }).end() : response.end('{}'),
    })
    const expired = (answer) => answer.header('location') === '/form'
    const { api } = signedIn(made, { carry: { query: '_sid' }, expired })
    assert.equal((await api.get('/x')).status, 200)
    assert.deepEqual(
      made.calls().map(({ url }) => url),
      ['/x?_sid=tok-1', '/x?_sid=tok-2'],
    )
  })

  test('the logout has it once, also where its URL holds {token}; the cookies of the login go along where they are asked for', async () => {
    for (const [url, wire] of [
      ['/out', '/out?_sid=tok%20'],
      ['/out?_sid={token}&b=1', '/out?_sid=tok-1&b=1'],
      ['/out?c=d', '/out?c=d&_sid=tok-1'],
    ]) {
      const made = await server()
      const lost = []
      const { api, guard } = signedIn(made, { carry: { query: '_sid' }, logout: { url }, onLogoutLost: (one) => lost.push(one) })
      await api.get('/x')
      await guard.dispose()
      assert.equal(made.calls()[1].url, wire.replace('%20', '-1'))
      assert.deepEqual(lost, [])
    }
    const adapter = memoryAdapter(({ url, headers }) =>
      url.pathname === '/login'
        ? { headers: { 'set-cookie': ['sid=abc; Path=/'] }, body: { token: 't' } }
        : { body: [url.search, headers.cookie] },
    )
    const guard = session({ login: { url: '/login', token: 'token' }, carry: { query: 'user_token', cookies: true }, adapter })
    const api = axios.create({ baseURL: 'https://shop.test', adapter })
    api.interceptors.request.use(guard)
    assert.deepEqual((await api.get('/x')).data, ['?user_token=t', 'sid=abc'])
  })
})

describe('P49: a session in the body', () => {
  for (const adapter of ADAPTERS) {
    test(`${adapter}: a member of the caller's is never overwritten`, async () => {
      const made = await server()
      const { api } = signedIn(made, { carry: { body: 'auth' } }, adapter)
      const json = { headers: { 'content-type': 'application/json' } }
      const own = [
        [{ auth: null }],
        [{ auth: 'own' }],
        ['{"a":1,"auth":"own"}', json],
        ['{"\\u0061uth":"own"}', json],
        ['{"auth":"tok-1","auth":"own"}', json],
        [new URLSearchParams({ auth: 'own' })],
        ['a=1&auth'],
        ['%61uth=own'],
      ]
      for (const [data, config] of own) {
        const isTaken = (error) => isRefused(error) && /of its own/.test(error.message) && error.status === 500
        await assert.rejects(api.post('/x', data, config), isTaken, String(data))
      }
      assert.deepEqual(made.calls(), [])
    })

    test(`${adapter}: a body that can hold no member is refused, and says why`, async () => {
      const made = await server()
      const { api } = signedIn(made, { carry: { body: 'auth' } }, adapter)
      const form = new FormData()
      form.append('a', '1')
      const packaged = new FormDataPackage()
      packaged.append('a', '1')
      const json = { headers: { 'content-type': 'application/json' } }
      const bodies = [
        [undefined, undefined, /which is empty/],
        ['', undefined, /which is empty/],
        [Readable.from(['{}']), json, /which is a stream/],
        [new Blob(['{}']).stream(), json, /which is a stream/],
        [form, undefined, /which is of the type multipart\/form-data/],
        [packaged, undefined, /which is of the type multipart\/form-data/],
        ['<a/>', { headers: { 'content-type': 'text/xml' } }, /which is of the type text\/xml/],
        ['{}', { headers: { 'content-type': 'x'.repeat(200) } }, /which is of the type that nobody names/],
        [[{ method: 'a' }], undefined, /which is not a JSON object/],
        ['"text"', json, /which is not a JSON object/],
        ['null', json, /which is not a JSON object/],
        ['{"a":1', json, /which is not a JSON object/],
        [Buffer.from([0x7b, 0xff, 0x7d]), json, /which is not a JSON object/],
        [Buffer.from('\ufeff{}'), json, /which is not a JSON object/],
        [
          '{"a":1}',
          { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
          /not a form; if it is JSON, set its Content-Type/,
        ],
        ['a=b c', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, /not a form/],
      ]
      for (const [data, config, message] of bodies) {
        const isUnfit = (error) => isRefused(error) && message.test(error.message)
        await assert.rejects(api.post('/x', data, config), isUnfit, String(message))
      }
      await assert.rejects(api.get('/x'), isRefused)
      assert.deepEqual(made.calls(), [])
    })

    test(`${adapter}: JSON stays as it was written, with one member more; the retry has the new session alone`, async () => {
      const made = await server()
      made.over.push('tok-1')
      const { api } = signedIn(made, { carry: { body: 'auth' } }, adapter)
      const json = { headers: { 'content-type': 'application/json' } }
      const rpc = { headers: { 'content-type': 'Application/JSON-RPC; charset=utf-8' } }
      const cases = [
        [{ a: 1 }, undefined, '{"a":1,"auth":"tok-N"}'],
        [{}, undefined, '{"auth":"tok-N"}'],
        ['{ "n": 12345678901234567890, "o": {"auth": 1} } ', json, '{ "n": 12345678901234567890, "o": {"auth": 1} ,"auth":"tok-N"}'],
        [Buffer.from('{"a":"\u00fc}"}\n'), rpc, '{"a":"\u00fc}","auth":"tok-N"}\n'],
        [new TextEncoder().encode(' { } '), { headers: { 'content-type': 'application/vnd.api+json' } }, ' { "auth":"tok-N"} '],
        [new URLSearchParams({ a: 'b c' }), undefined, 'a=b+c&auth=tok-N'],
        ['a=1&b[c]=2', undefined, 'a=1&b[c]=2&auth=tok-N'],
        [{ a: 'x' }, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 'a=x&auth=tok-N'],
      ]
      for (const [data, config, body] of cases) {
        const before = made.calls().length
        assert.deepEqual((await api.post('/x', data, config)).data, { ok: true })
        const sent = made.calls().slice(before)
        const wanted = (before === 0 ? ['1', '2'] : ['2']).map((number) => body.replace('N', number))
        // axios trims the text of JSON.
        assert.deepEqual(
          sent.map((one) => one.body.toString().trim()),
          wanted.map((one) => one.trim()),
        )
        assert.ok(sent.every((one) => adapter === 'fetch' || Number(one.headers['content-length']) === one.body.length))
      }
    })
  }

  test('the logout has it: in its data, in an object of its own, in a form, and once where its data has it already', async () => {
    for (const [logout, body] of [
      [{ url: '/out' }, '{"auth":"tok-1"}'],
      [{ url: '/out', dataFormat: 'form' }, 'auth=tok-1'],
      [{ url: '/out', dataFormat: 'form', data: { a: 1 } }, 'a=1&auth=tok-1'],
      [{ url: '/out', data: { a: 1 } }, '{"a":1,"auth":"tok-1"}'],
      [{ url: '/out', data: ({ token }) => ({ auth: token, a: 1 }) }, '{"auth":"tok-1","a":1}'],
      [{ url: '/out', data: '{ }', headers: { 'content-type': 'application/json' } }, '{ "auth":"tok-1"}'],
    ]) {
      const made = await server()
      const { api, guard } = signedIn(made, { carry: { body: 'auth' }, logout, onLogoutLost: assert.fail })
      await api.post('/x', {})
      await guard.dispose()
      assert.equal(made.calls()[1].body.toString(), body)
      assert.equal(made.calls().length, 2)
    }
  })

  test('a logout that cannot hold it is reported, and not sent without', async () => {
    const made = await server()
    const lost = []
    const logout = { url: '/out', data: 'text' }
    const { api, guard } = signedIn(made, { carry: { body: 'auth' }, logout, onLogoutLost: (one) => lost.push(one) })
    await api.post('/x', {})
    await guard.dispose()
    assert.equal(made.calls().length, 1)
    assert.match(lost[0].reason, /of the type text\/plain/)
  })

  test('any object and any token: the object is the same with one member more', async () => {
    let given
    const adapter = memoryAdapter(({ url, body }) => (url.pathname === '/login' ? { body: { token: given } } : { body }))
    const visible = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), minLength: 1 })
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), visible, visible, async (data, name, token) => {
        given = token
        const member = name.replaceAll('.', '-')
        const guard = session({ login: { url: '/login', token: 'token' }, carry: { body: member }, adapter })
        const api = axios.create({ baseURL: 'https://a.test', adapter, transformResponse: (text) => JSON.parse(text) })
        api.interceptors.request.use(guard)
        const text = JSON.stringify(data)
        const sent = api.post('/x', text, { headers: { 'content-type': 'application/json' } })
        if (Object.hasOwn(JSON.parse(text), member)) return assert.rejects(sent, isRefused)
        const { [member]: carried, ...rest } = (await sent).data
        assert.equal(carried, token)
        assert.deepEqual(rest, JSON.parse(text))
      }),
      { numRuns: 100 },
    )
  })
})

describe('P45: a session in query or body', () => {
  const token = 'canary/of+the=session'
  const forms = [token, encodeURIComponent(token), createHash('sha256').update(`{"a":1,"auth":"${token}"}`).digest('hex')]

  test('is in no error that an adapter makes of the URL or the body, in no trace, and in no signed message that a trace shows', async () => {
    for (const carry of [{ query: 'a_sid' }, { body: 'auth' }]) {
      const own = memoryAdapter(() => ({ body: { token } }))
      const entries = []
      const trace = (entry) => entries.push(entry)
      const adapter = async (config) => {
        throw new AxiosError(`no way to ${config.url} with ${config.data}, for ${token}`, 'X', config, { path: config.url })
      }
      const api = axios.create({ baseURL: 'https://a.test', adapter })
      api.interceptors.request.use(session({ login: { url: '/login', token: 'token' }, carry, adapter: own, trace }))
      const scheme = {
        name: 'own',
        signature: { header: 'x-signature', encoding: 'hex' },
        message: '{method}\n{target}\n{body}',
      }
      api.interceptors.request.use(hmac({ secret: 'a secret of more than sixteen', scheme, trace }))
      const error = await api.post('/x', { a: 1 }).catch((failure) => failure)
      assert.ok(error.message.startsWith('no way to https://a.test/x'), error.message)
      const text = [error.message, error.stack, JSON.stringify(error.toJSON()), JSON.stringify(entries)].join('\n')
      for (const form of forms) assert.ok(!text.includes(form), form)
      const [entry] = entries
      assert.deepEqual(entry.signed, ['[secret]'])
      assert.equal(entry.url, carry.query === undefined ? 'https://a.test/x' : 'https://a.test/x?a_sid=[secret]')
      assert.equal(entry.bodySha256 === undefined, carry.body !== undefined)
    }
  })
})
