import assert from 'node:assert/strict'
import { channel } from 'node:diagnostics_channel'
import { describe, test } from 'node:test'
import { absent, anyOf, CountersignError, granted } from '@countersign/core'
import { fromPassport, toPassport } from '@countersign/core/passport'
import { frameworks, isKoa } from '../../../test/support/frameworks.js'
import { interleaved, newPassport, passported } from '../../../test/support/passport.js'
import { deferred } from '../../../test/support/promises.js'
import { exchange, turns } from '../../../test/support/raw-http.js'
import { answering, keyed, refused, server, who } from '../../../test/support/verdicts.js'

const key = (value) => ({ headers: { 'x-key': value } })
const raised = (code, status) => new CountersignError(code, 'x', { status, headers: { 'Retry-After': '7' } })

describe('toPassport', () => {
  for (const [title, args, message] of [
    ['no authenticator', [{}], /toPassport: option "authenticator"/],
    ['an unknown option', [keyed(), { nam: 'a' }], /did you mean "name"/],
    ['a blank name', [keyed(), { name: ' ' }], /"name" must not be blank/],
    ['an observer that is none', [keyed(), { onRefusal: 'log' }], /"onRefusal" must be a function/],
  ]) {
    test(`${title} is a TypeError`, () => {
      assert.throws(() => toPassport(...args), { name: 'TypeError', message })
    })
  }

  test('its name is the option or the authenticator`s', () => {
    assert.equal(toPassport(keyed()).name, 'keyed')
    assert.equal(toPassport(keyed(), { name: 'mine' }).name, 'mine')
  })

  test('a request without a message of node:http is a defect', () => {
    const errors = []
    toPassport(keyed()).authenticate.call(
      { error: (error) => errors.push(error), success: assert.fail, fail: assert.fail },
      { headers: {} },
    )
    assert.equal(errors[0].code, 'ERR_AUTH_DEFECT')
  })

  test('without a response nothing is settled, and a handshake is a defect', () => {
    const acts = []
    const req = { rawHeaders: ['x-key', 'good a'], headers: { 'x-key': 'good a' }, method: 'GET', url: '/', socket: {} }
    const actions = { success: (user) => acts.push(user.clientId), error: (error) => acts.push(error.code), fail: assert.fail }
    const steps = { commit: () => void acts.push('commit'), settle: assert.fail }
    toPassport(answering(() => granted(who('a'), steps))).authenticate.call(actions, req)
    toPassport(answering(() => ({ kind: 'answered', status: 200, headers: {}, body: 'x' }))).authenticate.call(actions, { ...req })
    assert.deepEqual(acts, ['commit', 'a', 'ERR_AUTH_DEFECT'])
  })
})

for (const framework of frameworks) {
  const serve = server(framework)

  describe(`toPassport, ${framework}`, () => {
    for (const isInstance of [false, true]) {
      const how = isInstance ? 'as an instance' : 'by name'

      test(`the principal is the user, its scheme the info, ${how}`, async (t) => {
        const app = await serve(
          t,
          passported(() => toPassport(keyed()), { isInstance }),
        )
        const [user, info] = (await exchange(app.port, key('good a'))).json()
        assert.deepEqual(user, { clientId: 'a', scheme: 'test', groups: [] })
        if (framework.startsWith('express')) assert.deepEqual(info, { scheme: 'test' })
      })

      test(`P21, S25: 500 interleaved requests, each answer is its own principal, ${how}`, async (t) => {
        const waiting = []
        const authenticator = answering(async ({ headers }) => {
          const client = headers['x-key']
          await new Promise((resolve) => waiting.push(resolve))
          return client.startsWith('bad') ? refused() : granted(who(client), { commit: () => turns(1) })
        })
        const app = await serve(
          t,
          passported(() => toPassport(authenticator), { isInstance }),
        )
        await interleaved(app.port, waiting, key, (client, answer) => {
          if (client.startsWith('bad')) assert.equal(answer.status, 401)
          else assert.equal(answer.json()[0].clientId, client)
        })
      })
    }

    for (const [title, authenticator, status, challenges] of [
      ['absent', keyed({ authenticate: () => absent }), 401, ['ApiKey realm="api"']],
      ['refused', keyed({ authenticate: async () => refused() }), 401, ['ApiKey realm="api"']],
      ['challenges of the request', answering(() => ({ ...absent, challenges: ['A a=b', 'B'] })), 401, ['A a=b, B']],
      ['several challenges', keyed({ challenges: ['A a=b', 'C'], authenticate: () => absent }), 401, ['A a=b, C']],
      ['no challenge', keyed({ challenges: [], authenticate: () => absent }), 403, []],
      ['not allowed', answering(() => refused({ status: 403 })), 403, []],
      ['refused by its commit', answering(() => granted(who('a'), { commit: async () => refused() })), 401, ['ApiKey realm="api"']],
      ['a bad request', answering(() => refused({ status: 400 })), 400, []],
      ['a body too large', answering(() => { throw raised('ERR_BODY_TOO_LARGE', 413) }), 413, []], // biome-ignore format: one line
      ['an unknown coding', answering(async () => { throw raised('ERR_BODY_ENCODING', 415) }), 415, []], // biome-ignore format: one line
      ['an outage', answering(async () => { throw raised('ERR_STORE_DOWN', 503) }), 503, []], // biome-ignore format: one line
      ['a defect', answering(() => { throw new Error('oops') }), 500, []], // biome-ignore format: one line
      ['no verdict', answering(() => true), 500, []],
    ]) {
      test(`${title} is ${status}`, async (t) => {
        const app = await serve(
          t,
          passported(() => toPassport(authenticator)),
        )
        const answer = await exchange(app.port, key('x'))
        assert.equal(answer.status, status)
        assert.deepEqual(answer.all('www-authenticate'), challenges)
        if (status === 503) assert.equal(answer.get('retry-after'), '7')
        assert.equal(app.errors.length, status === 401 || status === 403 ? 0 : 1)
        for (const error of app.errors) assert.ok(error instanceof CountersignError && error.status === status)
      })
    }

    test('a handshake is written as the authenticator says, and the handler does not run', async (t) => {
      const authenticator = answering(async () => ({
        kind: 'answered',
        status: 202,
        headers: { 'Content-Type': 'text/x', 'X-A': 'b' },
        body: 'hi',
      }))
      const app = await serve(t, { ...passported(() => toPassport(authenticator)), handler: () => assert.fail('it ran') })
      const answer = await exchange(app.port)
      assert.deepEqual([answer.status, answer.get('content-type'), answer.get('x-a'), answer.text], [202, 'text/x', 'b', 'hi'])
    })

    test('P24, S20: no session is touched, and no cookie set, though a session is there', async (t) => {
      const touched = []
      const session = new Proxy({}, { get: (_, name) => void touched.push(name), set: (_, name) => touched.push(name) > 0 })
      const isKoa = framework.startsWith('koa')
      const before = isKoa
        ? [(ctx, next) => { ctx.session = session; return next() }] // biome-ignore format: one line
        : [(req, _res, next) => { req.session = session; next() }] // biome-ignore format: one line
      const app = await serve(t, { ...passported(() => toPassport(keyed())), before })
      for (const value of ['good a', 'bad']) assert.deepEqual((await exchange(app.port, key(value))).all('set-cookie'), [])
      assert.deepEqual(touched, [])
    })

    test('commit runs once and settle is told the status, though the same authenticator guards twice', async (t) => {
      const log = []
      const settled = deferred()
      const settle = (status) => {
        log.push(`settle ${status}`)
        settled.resolve()
      }
      const steps = { commit: () => void log.push('commit'), settle }
      const authenticator = answering(() => granted(who('a'), steps))
      const { guard } = passported(() => toPassport(authenticator))
      const app = await serve(t, {
        guard: (tools) => [tools.protect(authenticator), guard(tools), guard(tools)],
        handler: () => ({ status: 503 }),
      })
      await exchange(app.port)
      await settled.promise
      assert.deepEqual(log, ['commit', 'settle 503'])
    })

    test('the target is the one on the wire, mounted too, and the body is there for both sides', async (t) => {
      const seen = []
      const authenticator = answering(async ({ target, body }) => {
        seen.push(target, (await body()).toString())
        return granted(who('a'))
      })
      const setup = {
        ...passported(() => toPassport(authenticator)),
        mount: '/api',
        parser: isKoa(framework) ? 'koa-bodyparser' : 'json',
      }
      const request = { method: 'POST', path: '/api/x?y=1', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
      for (const [host, path] of [[undefined, '/api/x?y=1'], ...(isKoa(framework) ? [['express5', '/host/api/x?y=1']] : [])]) {
        const app = await serve(t, { ...setup, host, handler: ({ body }) => ({ body }) })
        assert.equal((await exchange(app.port, { ...request, path })).text, '{"a":1}')
        assert.deepEqual(seen.splice(0), [path, '{"a":1}'])
      }
    })

    test('what was decided is published, and the observer told, once', async (t) => {
      const events = []
      const observers = ['granted', 'refused', 'error'].map((kind) => [`countersign:${kind}`, (event) => events.push([kind, event.code])])
      for (const [name, observer] of observers) channel(name).subscribe(observer)
      t.after(() => observers.map(([name, observer]) => channel(name).unsubscribe(observer)))
      const told = []
      const app = await serve(
        t,
        passported(() => toPassport(keyed(), { onRefusal: ({ code }) => told.push(code) })),
      )
      for (const value of ['good a', 'bad']) await exchange(app.port, key(value))
      await exchange(app.port)
      assert.deepEqual(events, [['granted', undefined], ['refused', 'ERR_TEST_BAD'], ['refused', 'ERR_AUTH_REQUIRED']]) // biome-ignore format: one line
      assert.deepEqual(told, ['ERR_TEST_BAD', 'ERR_AUTH_REQUIRED'])
    })

    test('P23: of several strategies the next is tried, and a 401 has the challenges of all', async (t) => {
      const guard = ({ kind }) => {
        const passport = newPassport(kind)
        passport.use('a', toPassport(keyed()))
        passport.use(
          'b',
          toPassport(keyed({ challenges: ['B realm="b"'], authenticate: ({ headers }) => (headers['x-b'] ? granted(who('b')) : absent) })),
        )
        return passport.authenticate(['a', 'b'], { session: false })
      }
      const app = await serve(t, { ...passported(() => {}), guard })
      assert.equal((await exchange(app.port, { headers: { 'x-b': '1' } })).json()[0].clientId, 'b')
      const answer = await exchange(app.port)
      assert.equal(answer.status, 401)
      assert.match(answer.all('www-authenticate').join(', '), /^ApiKey realm="api", B realm="b"$/)
    })

    test('P22: a hoisted custom callback is called once per request with that request`s principal', async (t) => {
      const isKoa = framework.startsWith('koa')
      const calls = []
      const waiting = []
      // koa-passport keeps how a request goes on in the shared callback, so that only what is decided at once stays apart there.
      const authenticate = ({ headers }) => granted(who(headers['x-key']))
      const authenticator = answering(isKoa ? authenticate : async (request) => {
        await new Promise((resolve) => waiting.push(resolve))
        return authenticate(request)
      }) // biome-ignore format: one line
      const guard = ({ kind }) => {
        const passport = newPassport(kind)
        passport.use('it', toPassport(authenticator))
        const hoisted = passport.authenticate('it', { session: false }, (error, user) => void calls.push(error ?? user.clientId))
        if (!isKoa) {
          return (req, res, next) => {
            hoisted(req, res, next)
            res.end()
          }
        }
        return async (ctx, next) => {
          await hoisted(ctx, next)
          ctx.body = 'done'
        }
      }
      const app = await serve(t, { guard })
      await interleaved(app.port, waiting, key, (_client, { status }) => assert.equal(status, 200))
      while (calls.length < 500) await turns(1)
      assert.equal(new Set(calls).size, 500)
      assert.equal(calls.length, 500)
    })

    test('there and back: fromPassport(toPassport(...)) decides the same', async (t) => {
      const guard = ({ protect }) => protect(anyOf(fromPassport(toPassport(keyed()), { client: (user) => user })))
      const app = await serve(t, { guard })
      assert.equal((await exchange(app.port, key('good a'))).json().auth.clientId, 'a')
      assert.equal((await exchange(app.port, key('bad'))).status, 401)
      assert.equal((await exchange(app.port)).status, 401)
    })
  })
}
