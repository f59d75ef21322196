import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { absent, commitOnce, decide, granted, principal, protectOptionNames, settleOnce, splitProtectOptions } from '@countersign/core'
import { protect as express } from '@countersign/core/express'
import { protect as koa } from '@countersign/core/koa'
import { newRequest } from './new-request.js'

const authenticator = { name: 'a', challenges: [], authenticate: () => absent }
const who = (clientId) => principal({ clientId, scheme: 'test', groups: [] })

for (const [framework, protect] of Object.entries({ express, koa })) {
  describe(`protect, ${framework}: mistakes are TypeErrors at creation`, () => {
    const cases = [
      [[], /protect: option "authenticator" must be an authenticator, .*; got undefined/, 'ERR_INVALID_ARG_TYPE'],
      [[null], /got null/, 'ERR_INVALID_ARG_TYPE'],
      [[{}], /got object/, 'ERR_INVALID_ARG_TYPE'],
      [[() => absent], /got function/, 'ERR_INVALID_ARG_TYPE'],
      [[[authenticator]], /got an array/, 'ERR_INVALID_ARG_TYPE'],
      [[{ ...authenticator, authenticate: true }], /must be an authenticator/, 'ERR_INVALID_ARG_TYPE'],
      [[{ ...authenticator, name: undefined }], /"authenticator.name" must be a non-empty string/, 'ERR_INVALID_ARG_TYPE'],
      [[{ ...authenticator, name: '' }], /"authenticator.name"/, 'ERR_INVALID_ARG_TYPE'],
      [
        [{ ...authenticator, challenges: undefined }],
        /"authenticator.challenges" must be an array of strings; got undefined/,
        'ERR_INVALID_ARG_TYPE',
      ],
      [[{ ...authenticator, challenges: 'Basic' }], /"authenticator.challenges" must be an array/, 'ERR_INVALID_ARG_TYPE'],
      [
        [{ ...authenticator, challenges: [5] }],
        /"authenticator.challenges" must be an array of strings; got number/,
        'ERR_INVALID_ARG_TYPE',
      ],
      [
        [{ ...authenticator, challenges: ['Basic\r\nset-cookie: a=b'] }],
        /"authenticator.challenges" must contain only values/,
        'ERR_INVALID_ARG_VALUE',
      ],
      [[authenticator, null], /"options" must be an object; got null/, 'ERR_INVALID_ARG_TYPE'],
      [[authenticator, []], /"options" must be an object; got an array/, 'ERR_INVALID_ARG_TYPE'],
      [[authenticator, { refusal: 'throw' }], /"refusal" is unknown; did you mean "refusals"\?/, 'ERR_INVALID_ARG_VALUE'],
      [[authenticator, { refusals: 'Throw' }], /"refusals" must be one of 'answer', 'throw'; got 'Throw'/, 'ERR_INVALID_ARG_VALUE'],
      [[authenticator, { refusals: true }], /"refusals" must be one of/, 'ERR_INVALID_ARG_VALUE'],
      [[authenticator, { optional: 'no' }], /"optional" must be true or false; got string/, 'ERR_INVALID_ARG_TYPE'],
      [[authenticator, { optional: 0 }], /"optional" must be true or false; got number/, 'ERR_INVALID_ARG_TYPE'],
      [[authenticator, { onRefusal: 'log' }], /"onRefusal" must be a function; got string/, 'ERR_INVALID_ARG_TYPE'],
    ]
    for (const [args, message, code] of cases) {
      test(`${message}`, () => assert.throws(() => protect(...args), { name: 'TypeError', message, code }))
    }

    test('a factory built upon it is named instead', () => {
      assert.throws(() => protect(undefined, {}, 'hmacVerify'), { message: /^hmacVerify: option "authenticator"/ })
      assert.throws(() => protect(authenticator, { optional: 1 }, 'hmacVerify'), { message: /^hmacVerify: option "optional"/ })
    })

    test('S16: options on Object.prototype are no options', () => {
      Object.prototype.optional = 'not even a boolean'
      try {
        assert.doesNotThrow(() => protect(authenticator, {}))
        assert.doesNotThrow(() => protect(authenticator))
      } finally {
        delete Object.prototype.optional
      }
    })
  })
}

test('P22: protect for Koa returns a plain function of ctx and next, that answers a promise', () => {
  assert.equal(koa(authenticator).length, 2)
  assert.equal(express(authenticator).length, 3)
})

describe('splitProtectOptions', () => {
  test('divides by name, judges nothing, and reads own properties only', () => {
    const onRefusal = () => undefined
    const { protect, own } = splitProtectOptions({ secret: 's', refusals: 'nonsense', onRefusal, optional: undefined })
    assert.deepEqual({ ...protect }, { refusals: 'nonsense', onRefusal, optional: undefined })
    assert.deepEqual({ ...own }, { secret: 's' })
    assert.equal(Object.getPrototypeOf(own), null)
    Object.prototype.optional = true
    try {
      assert.equal(splitProtectOptions({ secret: 's' }).protect.optional, undefined)
    } finally {
      delete Object.prototype.optional
    }
  })

  test('options that are no object are left for the factory to complain about', () => {
    for (const wrong of [null, 'text', 5, ['a']]) assert.equal(splitProtectOptions(wrong).own, wrong)
    assert.deepEqual({ ...splitProtectOptions(undefined).own }, {})
    assert.deepEqual(protectOptionNames, ['refusals', 'onRefusal', 'optional'])
  })
})

describe('decide', () => {
  test('a synchronous verdict stays synchronous, and is remembered per request', () => {
    let asked = 0
    const counting = {
      ...authenticator,
      authenticate() {
        asked += 1
        return granted(who(`client ${asked}`))
      },
    }
    const request = newRequest()
    assert.equal(decide(counting, request).principal.clientId, 'client 1')
    assert.equal(decide(counting, request).principal.clientId, 'client 1')
    assert.equal(decide(counting, newRequest()).principal.clientId, 'client 2')
  })

  test('a changed copy of a request is another request, and a frozen one is remembered as well', () => {
    const echo = { ...authenticator, authenticate: ({ target }) => granted(who(target)) }
    const request = newRequest()
    assert.equal(decide(echo, request).principal.clientId, '/')
    assert.equal(decide(echo, { ...request, target: '/copy' }).principal.clientId, '/copy')
    assert.equal(decide(echo, Object.create(request, { target: { value: '/heir' } })).principal.clientId, '/heir')
    const still = Object.freeze({ ...newRequest(), target: '/frozen' })
    assert.equal(decide(echo, still), decide(echo, still))
    assert.equal(decide(echo, still).principal.clientId, '/frozen')
  })

  test('a throw is remembered too, and so is a rejection', async () => {
    for (const fail of [
      () => {
        throw new Error('down')
      },
      () => Promise.reject(new Error('down')),
    ]) {
      let asked = 0
      const failing = {
        ...authenticator,
        authenticate() {
          asked += 1
          return fail()
        },
      }
      const request = newRequest()
      for (let i = 0; i < 2; i += 1) await assert.rejects(async () => decide(failing, request), /down/)
      assert.equal(asked, 1)
    }
  })

  test('a thenable that is no Promise is awaited', async () => {
    // biome-ignore lint/suspicious/noThenProperty: what a foreign promise library returns
    const verdict = await decide({ ...authenticator, authenticate: () => ({ then: (resolve) => resolve(absent) }) }, newRequest())
    assert.equal(verdict, absent)
  })

  test('a principal that is not frozen is copied and frozen', () => {
    const bare = { clientId: 'ada', scheme: 'test', groups: ['a'], also: [] }
    const verdict = decide({ ...authenticator, authenticate: () => granted(bare) }, newRequest())
    assert.notEqual(verdict.principal, bare)
    assert.ok(Object.isFrozen(verdict.principal) && Object.isFrozen(verdict.principal.groups))
    bare.groups.push('admin')
    bare.clientId = 'eve'
    assert.deepEqual([verdict.principal.clientId, [...verdict.principal.groups]], ['ada', ['a']])
  })

  test('commit and settle run once per request, also of a verdict that is shared by requests', async () => {
    const log = []
    const verdict = granted(who('ada'), { commit: () => void log.push('commit'), settle: (status) => void log.push(status) })
    for (const request of [newRequest(), newRequest()]) {
      for (let i = 0; i < 2; i += 1) {
        assert.equal(commitOnce(request, verdict), undefined)
        await settleOnce(request, verdict, 200 + i)
      }
    }
    assert.deepEqual(log, ['commit', 200, 'commit', 200])
    assert.equal(commitOnce(newRequest(), granted(who('ada'))), undefined)
    assert.equal(settleOnce(newRequest(), granted(who('ada')), 200), undefined)
  })
})

test('what the operator must know is a warning with its code, once per process and code', async () => {
  const script = `
    import { warnOnce } from '@countersign/core'
    process.on('warning', ({ name, code, message }) => console.log(name, code, message))
    warnOnce('ERR_A', 'one'); warnOnce('ERR_A', 'two'); warnOnce('ERR_B', 'three')
  `
  const run = promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
  })
  assert.equal((await run).stdout, 'CountersignWarning ERR_A one\nCountersignWarning ERR_B three\n')
})

test('P02: a consumed body warns once, on the first request, and names what to do', async () => {
  const script = `
    import http from 'node:http'
    import { once } from 'node:events'
    import { protect } from '@countersign/core/express'
    process.on('warning', ({ code, message }) => console.log(code, /mount the guard before the body parser/.test(message)))
    const guard = protect({ name: 'reader', challenges: [], authenticate: async ({ body }) => (await body(), { kind: 'absent' }) })
    const server = http.createServer(async (req, res) => { for await (const _ of req); guard(req, res) })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    for (let i = 0; i < 3; i += 1) console.log((await fetch('http://127.0.0.1:' + server.address().port, { method: 'POST', body: 'x' })).status)
    server.closeAllConnections(); server.close()
  `
  const run = promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
  })
  const lines = (await run).stdout.trim().split('\n')
  assert.deepEqual(lines.toSorted(), ['500', '500', '500', 'ERR_BODY_CONSUMED true'])
})
