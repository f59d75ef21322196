import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { absent, allOf, anonymous, anyOf, CountersignError, coreError, granted } from '@countersign/core'
import { protect as protectExpress } from '@countersign/core/express'
import { protect as protectKoa } from '@countersign/core/koa'
import { frameworks, isKoa } from '../support/frameworks.js'
import { deferred } from '../support/promises.js'
import { Connection, exchange, head, turns, within } from '../support/raw-http.js'
import { answering, challenge, fieldsOf, guarded, keyed, problemFields, problems, refused, server, who } from '../support/verdicts.js'

for (const framework of frameworks) {
  const serve = server(framework)

  describe(`protect, ${framework}`, () => {
    const ways = {
      synchronous: (run) => run,
      asynchronous: (run) => async (request) => {
        await turns(1)
        return run(request)
      },
    }

    test('the middleware has a name, which tracers give their spans', () => {
      const protect = isKoa(framework) ? protectKoa : protectExpress
      assert.equal(protect(keyed()).name, 'countersign')
    })

    test('a middleware of the other framework is a TypeError that says which import to write, and the handler does not run', async (t) => {
      const [other, from, to] = isKoa(framework) ? [protectExpress, 'express', 'koa'] : [protectKoa, 'koa', 'express']
      const guard = () => other(anonymous(), {}, 'apiKey')
      const app = await serve(t, { guard, handler: () => assert.fail('the handler ran') })
      assert.equal((await exchange(app.port)).status, 500)
      assert.equal(app.errors.length, 1)
      assert.ok(app.errors[0] instanceof TypeError)
      assert.match(app.errors[0].message, new RegExp(`^apiKey: this middleware is for .*, import it from "/${to}" instead of "/${from}"$`))
    })

    for (const [how, wrap] of Object.entries(ways)) {
      const { authenticate } = keyed()

      test(`P23: no credentials, ${how}: 401 with the challenge, and the handler does not run`, async (t) => {
        const app = await serve(t, { ...guarded(answering(wrap(authenticate))), handler: () => assert.fail('the handler ran') })
        const answer = await exchange(app.port)
        assert.equal(answer.status, 401)
        assert.equal(answer.text, problems[401])
        assert.deepEqual(fieldsOf(answer), problemFields(401, [challenge]))
      })

      test(`P23: bad credentials, ${how}: the same 401, octet for octet`, async (t) => {
        const app = await serve(t, { ...guarded(answering(wrap(authenticate))), handler: () => assert.fail('the handler ran') })
        const answer = await exchange(app.port, { headers: { 'x-key': 'bad' } })
        assert.equal(answer.text, problems[401])
        assert.deepEqual(fieldsOf(answer), problemFields(401, [challenge]))
      })

      test(`good credentials, ${how}: the handler runs with the principal`, async (t) => {
        const app = await serve(t, guarded(answering(wrap(authenticate))))
        const answer = await exchange(app.port, { headers: { 'x-key': 'good ada' } })
        assert.equal(answer.status, 200)
        assert.deepEqual(answer.json().auth, { clientId: 'ada', scheme: 'test', groups: [] })
      })

      test(`an authenticator that throws, ${how}: 500, also with optional, never anonymous`, async (t) => {
        const broken = answering(
          wrap(() => {
            throw new Error('secret detail')
          }),
        )
        for (const optional of [false, true]) {
          const app = await serve(t, { ...guarded(broken, { optional }), handler: () => assert.fail('the handler ran') })
          const answer = await exchange(app.port)
          assert.equal(answer.text, problems[500])
          assert.deepEqual(fieldsOf(answer), problemFields(500))
        }
      })
    }

    test('P23: several challenges are one field line each, in order', async (t) => {
      const composed = anyOf(
        keyed({ challenges: ['Basic realm="api", charset="UTF-8"'] }),
        keyed(),
        keyed({ challenges: ['Signature realm="api"'] }),
      )
      const app = await serve(t, guarded(composed))
      assert.deepEqual((await exchange(app.port)).all('www-authenticate'), [
        'Basic realm="api", charset="UTF-8"',
        'ApiKey realm="api"',
        'Signature realm="api"',
      ])
    })

    test('an authenticator without challenges: 403 in place of every 401', async (t) => {
      const app = await serve(t, guarded(keyed({ challenges: [] })))
      for (const headers of [{}, { 'x-key': 'bad' }]) {
        const answer = await exchange(app.port, { headers })
        assert.equal(answer.text, problems[403])
        assert.deepEqual(fieldsOf(answer), problemFields(403))
      }
    })

    for (const status of [400, 403, 413, 415, 418, 500, 503]) {
      test(`a refusal with ${status}, and an error that names it: the status, its text, no challenge`, async (t) => {
        const answers = [refused({ status }), () => Promise.reject(new CountersignError('ERR_TEST', 'operator only', { status }))]
        for (const verdict of answers) {
          const app = await serve(t, guarded(answering(typeof verdict === 'function' ? verdict : () => verdict)))
          const answer = await exchange(app.port)
          assert.equal(answer.text, problems[status])
          assert.deepEqual(fieldsOf(answer), problemFields(status, status === 503 ? [['retry-after', '1']] : []))
        }
      })
    }

    test('a refusal`s own fields are sent; those of the document and the connection stay', async (t) => {
      const headers = {
        'retry-after': '7',
        'X-Reason': 'queue',
        'content-type': 'text/html',
        'Content-Length': '1',
        'cache-control': 'public',
        connection: 'upgrade',
      }
      const app = await serve(t, guarded(answering(() => refused({ status: 503, headers }))))
      const expected = problemFields(503, [
        ['retry-after', '7'],
        ['x-reason', 'queue'],
      ])
      assert.deepEqual(fieldsOf(await exchange(app.port)), expected)
    })

    test('fields that HTTP cannot carry are a defect, not a split response', async (t) => {
      for (const headers of [{ 'x-a': 'b\r\nset-cookie: a=b' }, { 'x a': 'b' }, { 'x-a': 5 }, 'text']) {
        const app = await serve(t, guarded(answering(() => refused({ headers }))))
        const answer = await exchange(app.port)
        assert.equal(answer.status, headers === 'text' ? answer.status : 500)
        assert.equal(answer.get('set-cookie'), undefined)
      }
    })

    const garbage = {
      undefined: undefined,
      null: null,
      true: true,
      'the empty object': {},
      text: 'granted',
      'an unknown kind': { kind: 'allowed' },
      'a kind of Object.prototype': { kind: 'constructor' },
      'granted without a principal': { kind: 'granted' },
      'granted with null': { kind: 'granted', principal: null },
      'granted without a clientId': { kind: 'granted', principal: { scheme: 'x', groups: [] } },
      'granted with an empty clientId': { kind: 'granted', principal: { clientId: '', scheme: 'x', groups: [] } },
      'granted without groups': { kind: 'granted', principal: { clientId: 'a', scheme: 'x' } },
      'granted with an inherited clientId': {
        kind: 'granted',
        principal: Object.assign(Object.create({ clientId: 'a' }), { scheme: 'x', groups: [] }),
      },
      'granted with a commit that is no function': { kind: 'granted', principal: who('a'), commit: true },
      'granted with a commit that answers true': { kind: 'granted', principal: who('a'), commit: () => true },
      'granted with a commit that answers granted': { kind: 'granted', principal: who('a'), commit: async () => granted(who('a')) },
      'refused without a status': { kind: 'refused', code: 'ERR_X', reason: '' },
      'refused with status 200': { kind: 'refused', code: 'ERR_X', status: 200, reason: '' },
      'refused without a code': { kind: 'refused', status: 401, reason: '' },
      'answered with status 100': { kind: 'answered', status: 100, headers: {}, body: '' },
      'answered with an object': { kind: 'answered', status: 200, headers: {}, body: {} },
      'answered without headers': { kind: 'answered', status: 200, body: '' },
    }
    test('an authenticator that answers garbage is a defect: 500, never a pass', async (t) => {
      let verdict
      const app = await serve(t, {
        ...guarded(
          answering(() => verdict),
          { optional: true },
        ),
        handler: () => assert.fail('the handler ran'),
      })
      for (const [name, value] of Object.entries(garbage)) {
        for (const given of [value, Promise.resolve(value)]) {
          verdict = given
          assert.equal((await exchange(app.port)).text, problems[500], name)
        }
      }
    })

    test('HEAD: the status and fields of GET, and no body', async (t) => {
      const app = await serve(t, guarded(keyed()))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      for (let i = 0; i < 2; i += 1) {
        const answer = connection.response({ to: 'HEAD' })
        await connection.write(head({ method: 'HEAD' }))
        assert.deepEqual(fieldsOf(await answer), problemFields(401, [challenge]))
      }
      assert.equal(connection.received.length, 0)
    })

    test('an answer of the authenticator`s own is written as it is, in throw mode too, and the handler does not run', async (t) => {
      const body = Buffer.from([0xff, 0, 0x41])
      const verdict = {
        kind: 'answered',
        status: 202,
        headers: { 'Content-Type': 'text/plain', 'X-Many': ['a', 'b'], 'x-number': 5, 'content-length': 99 },
        body,
      }
      for (const refusals of ['answer', 'throw']) {
        const app = await serve(t, {
          ...guarded(
            answering(() => verdict),
            { refusals },
          ),
          handler: () => assert.fail('the handler ran'),
        })
        const answer = await exchange(app.port, { method: 'POST', body: 'x' })
        assert.equal(answer.status, 202)
        assert.deepEqual(answer.body, body)
        const fields = [
          ['content-length', '3'],
          ['content-type', 'text/plain'],
          ['x-many', 'a'],
          ['x-many', 'b'],
          ['x-number', '5'],
        ]
        assert.deepEqual(fieldsOf(answer), fields)
      }
      const app = await serve(t, guarded(answering(() => ({ kind: 'answered', status: 204, headers: {}, body: '' }))))
      const answer = await exchange(app.port)
      assert.deepEqual([answer.status, fieldsOf(answer)], [204, []])
    })

    test('optional lets absent credentials through without a principal, and bad ones not', async (t) => {
      const app = await serve(t, guarded(keyed(), { optional: true }))
      assert.deepEqual((await exchange(app.port)).json().auth, undefined)
      assert.equal((await exchange(app.port, { headers: { 'x-key': 'bad' } })).status, 401)
      assert.equal((await exchange(app.port, { headers: { 'x-key': 'good ada' } })).json().auth.clientId, 'ada')
    })

    test('optional does not let a bad member of an allOf through behind an absent one', async (t) => {
      const app = await serve(
        t,
        guarded(
          allOf(
            answering(() => absent),
            keyed(),
          ),
          { optional: true },
        ),
      )
      assert.equal((await exchange(app.port, { headers: { 'x-key': 'bad' } })).status, 401)
    })

    test('S16: a principal on Object.prototype is nobody`s, and none can be put there', async (t) => {
      const seen = []
      const handler = ({ auth, req, ctx }) => {
        seen.push([auth, Object.hasOwn(ctx?.state ?? req, 'auth')])
        return { body: 'ok' }
      }
      const app = await serve(t, { ...guarded(keyed(), { optional: true }), handler })
      Object.prototype.auth = { clientId: 'admin' }
      try {
        await exchange(app.port)
        await exchange(app.port, { headers: { 'x-key': 'good ada' } })
      } finally {
        delete Object.prototype.auth
      }
      assert.deepEqual(seen[0], [undefined, true])
      assert.equal(seen[1][0].clientId, 'ada')
    })

    test('S16: what stands on Object.prototype is no step, challenge or header field of a verdict', async (t) => {
      const guard = anyOf(
        answering(() => absent),
        keyed(),
      )
      const app = await serve(t, { ...guarded(guard), handler: () => ({ status: 200, headers: {}, body: 'ok' }) })
      const plain = async (headers) => {
        const answer = await exchange(app.port, { headers })
        return [answer.status, answer.all('www-authenticate'), answer.all('x-evil')]
      }
      const requests = [{}, { 'x-key': 'bad' }, { 'x-key': 'good ada' }, { 'x-key': 'throw' }]
      const clean = []
      for (const headers of requests) clean.push(await plain(headers))
      assert.deepEqual(clean[0], [401, ['ApiKey realm="api"'], []])
      const polluted = { challenges: ['Evil realm="x"'], headers: { 'X-Evil': '1' }, elsewhere: 'x-key', commit: 'x', settle: 'x' }
      for (const [name, value] of Object.entries(polluted)) {
        Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true, enumerable: false })
        try {
          const seen = []
          for (const headers of requests) seen.push(await plain(headers))
          assert.deepEqual(seen, clean, name)
        } finally {
          delete Object.prototype[name]
        }
      }
    })

    test('P51: the principal is frozen, has no prototype, and nothing else of the request is written', async (t) => {
      let seen
      const bare = { clientId: 'ada', scheme: 'test', groups: ['a'] }
      const handler = ({ auth, req }) => {
        seen = {
          auth,
          user: Object.hasOwn(req, 'user'),
          body: req.body,
          frozen: Object.isFrozen(auth) && Object.isFrozen(auth.groups),
          proto: Object.getPrototypeOf(auth),
        }
        return { body: 'ok' }
      }
      const app = await serve(t, { ...guarded(answering(() => granted(bare))), handler })
      await exchange(app.port)
      assert.deepEqual({ ...seen, auth: { ...seen.auth } }, { auth: bare, user: false, body: undefined, frozen: true, proto: null })
    })

    test('a second, optional guard does not wipe the principal of the first', async (t) => {
      const other = answering(() => absent)
      const app = await serve(t, { guard: ({ protect }) => [protect(keyed()), protect(other, { optional: true })] })
      assert.equal((await exchange(app.port, { headers: { 'x-key': 'good ada' } })).json().auth.clientId, 'ada')
    })

    test('one authenticator behind two guards is asked once, commits once and settles once', async (t) => {
      const log = []
      const once = answering(() => {
        log.push('asked')
        return granted(who('ada'), { commit: async () => void log.push('committed'), settle: (status) => log.push(`settled ${status}`) })
      })
      const app = await serve(t, {
        guard: ({ protect }) => [protect(once), protect(once), protect(anyOf(once))],
        handler: () => ({ status: 202, body: 'ok' }),
      })
      assert.equal((await exchange(app.port)).status, 202)
      await turns(5)
      assert.deepEqual(log, ['asked', 'committed', 'settled 202'])
    })

    test('a commit that refuses takes the place of the verdict, and nothing is settled', async (t) => {
      const settled = []
      for (const wrap of [(value) => value, async (value) => value]) {
        const replay = answering(() =>
          granted(who('ada'), { commit: () => wrap(refused({ code: 'ERR_TEST_REPLAYED' })), settle: (status) => settled.push(status) }),
        )
        const app = await serve(t, { ...guarded(replay, { optional: true }), handler: () => assert.fail('the handler ran') })
        assert.equal((await exchange(app.port)).text, problems[401])
      }
      await turns(5)
      assert.deepEqual(settled, [])
    })

    test('a commit that throws is an outage', async (t) => {
      const commits = [
        () => {
          throw coreError('ERR_STORE_DOWN')
        },
        () => Promise.reject(coreError('ERR_STORE_DOWN')),
      ]
      for (const commit of commits) {
        const app = await serve(t, {
          ...guarded(answering(() => granted(who('ada'), { commit }))),
          handler: () => assert.fail('the handler ran'),
        })
        const answer = await exchange(app.port)
        assert.deepEqual([answer.text, answer.get('retry-after')], [problems[503], '1'])
      }
    })

    test('settle is told the status of a finished response, also of a handler that failed', async (t) => {
      const settled = []
      const app = await serve(t, {
        ...guarded(answering(() => granted(who('ada'), { settle: (status) => settled.push(status) }))),
        handler({ req }) {
          if (req.url === '/throws') throw new Error('handler')
          return { status: 503, body: 'x' }
        },
      })
      assert.equal((await exchange(app.port)).status, 503)
      assert.equal((await exchange(app.port, { path: '/throws' })).status, 500)
      await turns(5)
      assert.deepEqual(settled, [503, 500])
    })

    test('settle is not told of a response that was begun before its client left, though Node 20 calls it finished', async (t) => {
      const settled = []
      const begun = deferred()
      const ended = deferred()
      const app = await serve(t, {
        ...guarded(answering(() => granted(who('ada'), { settle: (status) => settled.push(status) }))),
        async handler({ res, ctx }) {
          if (ctx !== undefined) ctx.respond = false
          res.writeHead(500, { 'content-length': 5 })
          res.flushHeaders()
          begun.resolve()
          await once(res, 'close')
          res.end()
          ended.resolve()
        },
      })
      const connection = new Connection(app.port)
      await connection.write(head())
      await within(begun.promise, 'the head of the answer')
      connection.cut()
      await within(ended.promise, 'the end of the handler')
      await turns(10)
      assert.deepEqual(settled, [])
    })

    test('settle is not told when the client left while the authenticator was thinking', async (t) => {
      const settled = []
      const arrived = deferred()
      const answered = deferred()
      const slow = answering(async ({ socket }) => {
        const closed = new Promise((resolve) => socket.once('close', resolve))
        arrived.resolve()
        await closed
        await turns(5)
        return granted(who('ada'), { settle: (status) => settled.push(status) })
      })
      const app = await serve(t, {
        ...guarded(slow),
        handler() {
          setImmediate(answered.resolve)
          return { status: 500, body: 'too late' }
        },
      })
      const connection = new Connection(app.port)
      await connection.write(head())
      await within(arrived.promise, 'the request')
      connection.cut()
      await within(answered.promise, 'the answer')
      await turns(20)
      assert.deepEqual(settled, [])
    })

    test('an error that names a status which is none of a refusal is a defect', async (t) => {
      for (const status of [200, 302, 399, 600, Number.NaN, '401']) {
        const app = await serve(t, guarded(answering(() => Promise.reject(new CountersignError('ERR_TEST', 'x', { status })))))
        assert.equal((await exchange(app.port)).text, problems[500])
      }
    })

    test('settle is not told of a response that its client did not wait for', async (t) => {
      const settled = []
      const arrived = deferred()
      const gone = deferred()
      const app = await serve(t, {
        ...guarded(answering(() => granted(who('ada'), { settle: (status) => settled.push(status) }))),
        async handler({ res }) {
          arrived.resolve()
          await once(res, 'close')
          gone.resolve()
          return { status: 500, body: 'too late' }
        },
      })
      for (const cut of ['cut', 'close']) {
        const connection = new Connection(app.port)
        await connection.write(head())
        await within(arrived.promise, 'the request')
        connection[cut]()
        await within(gone.promise, 'the end of the connection')
        await turns(20)
        assert.deepEqual(settled, [])
        Object.assign(arrived, deferred())
        Object.assign(gone, deferred())
      }
    })

    test('refusals: throw hands the framework an error with status, code and headers', async (t) => {
      const app = await serve(t, guarded(anyOf(keyed(), keyed({ challenges: ['Signature realm="api"'] })), { refusals: 'throw' }))
      const answer = await exchange(app.port)
      assert.equal(answer.status, 401)
      assert.equal(answer.get('www-authenticate'), 'ApiKey realm="api", Signature realm="api"')
      assert.equal(answer.get('cache-control'), 'no-store')
      const [error] = app.errors
      assert.ok(error instanceof CountersignError)
      const { status, statusCode, code, expose, message } = error
      assert.deepEqual(
        [status, statusCode, code, expose, message],
        [401, 401, 'ERR_AUTH_REQUIRED', false, 'Valid credentials are required'],
      )
      assert.equal(app.errors.length, 1)
    })

    test('refusals: throw keeps the cause, and an error in the server is a 500 for the framework', async (t) => {
      const broken = answering(async () => {
        throw new Error('inner')
      })
      const app = await serve(t, guarded(broken, { refusals: 'throw' }))
      assert.equal((await exchange(app.port)).status, 500)
      assert.equal(app.errors[0].cause.message, 'inner')
      assert.equal(app.errors[0].code, 'ERR_AUTH_DEFECT')
    })

    if (isKoa(framework)) {
      test('a middleware around the guard sees the refusal on ctx', async (t) => {
        let seen
        const before = [
          async (ctx, next) => {
            await next()
            seen = [ctx.status, ctx.type, ctx.length, ctx.body.toString(), ctx.response.get('WWW-Authenticate')]
            ctx.set('X-Outer', 'yes')
          },
        ]
        const app = await serve(t, { ...guarded(keyed()), before })
        const answer = await exchange(app.port)
        assert.deepEqual(seen, [401, 'application/problem+json', problems[401].length, problems[401], ['ApiKey realm="api"']])
        assert.equal(answer.get('x-outer'), 'yes')
      })
    }

    test('P24, S20: no session is touched and no cookie set, on any path', async (t) => {
      const touched = []
      const session = new Proxy({}, { get: (_, name) => touched.push(name), set: (_, name) => touched.push(name) })
      const before = isKoa(framework)
        ? [
            (ctx, next) => {
              ctx.session = session
              return next()
            },
          ]
        : [
            (req, _res, next) => {
              req.session = session
              next()
            },
          ]
      const app = await serve(t, { ...guarded(anyOf(keyed(), anonymous())), before, handler: () => ({ body: 'ok' }) })
      for (const headers of [{}, { 'x-key': 'bad' }, { 'x-key': 'good ada' }])
        assert.equal((await exchange(app.port, { headers })).get('set-cookie'), undefined)
      assert.deepEqual(touched, [])
    })

    test('P10, S21: the target is what came on the wire, whatever a router made of it', async (t) => {
      const app = await serve(t, {
        ...guarded(answering(({ target }) => granted(who(target)))),
        mount: '/api',
        handler: ({ auth }) => ({ body: auth.clientId }),
      })
      for (const path of ['/api/x', '/api/x?', '/api/%2F%2f/a+b%20c?b=2&a=1&a=0&a=', '/api//x/../y?q=%zz', '/api/x?http://evil/?#']) {
        assert.equal((await exchange(app.port, { path })).text, path)
      }
    })

    test('S08: fields named __proto__, constructor and the like do no harm', async (t) => {
      const app = await serve(
        t,
        guarded(answering(async ({ rawHeaders, body }) => granted(who(`${rawHeaders.length} ${(await body()).length}`)))),
      )
      const headers = Object.fromEntries(
        [
          ['__proto__', 'a'],
          ['constructor', 'b'],
          ['hasOwnProperty', ['c', 'd']],
          ['toString', 'e'],
        ].map(([name, value]) => [name, value]),
      )
      const answer = await exchange(app.port, { method: 'POST', headers: { ...headers, 'x-y': 'z' }, body: 'abc' })
      assert.equal(answer.status, 200)
      assert.match(answer.json().auth.clientId, / 3$/)
    })
  })
}
