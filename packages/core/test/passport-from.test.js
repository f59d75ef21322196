import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { absent, anonymous, anyOf, CountersignError, decide } from '@countersign/core'
import { fromPassport } from '@countersign/core/passport'
import fc from 'fast-check'

// The deadlines of the library hold no process open.
const open = setInterval(() => {}, 1000)
after(() => clearInterval(open))

const newRequest = ({ target = '/', authorization, headers = {} } = {}) => {
  const fields = Object.entries({ ...headers, ...(authorization !== undefined && { authorization }) })
  return {
    method: 'GET',
    target,
    headers: Object.fromEntries(fields.map(([name, value]) => [name, [value].flat()[0]])),
    rawHeaders: fields.flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one])),
    socket: {},
    body: () => Buffer.alloc(0),
  }
}

const acting = (authenticate, more = {}) => ({ name: 'test', authenticate, ...more })
const calling = (action, ...args) =>
  acting(function () {
    this[action](...args)
  })
const verdictOf = (strategy, request = {}, options = {}) =>
  decide(fromPassport(strategy, { timeoutMs: 10_000, ...options }), newRequest(request))
const refusal = async (code, strategy, request, options) => {
  const verdict = await verdictOf(strategy, request, options)
  assert.equal(verdict.kind, 'refused')
  assert.equal(verdict.code, code)
  return verdict
}
const outage = (code, strategy, options) => assert.rejects(async () => verdictOf(strategy, {}, options), { name: 'CountersignError', code })

describe('options', () => {
  for (const [title, args, message] of [
    ['nothing', [], /a Passport strategy/],
    ['an object without authenticate', [{}], /a Passport strategy/],
    ['a class', [class Strategy { authenticate() {} }], /write new/], // biome-ignore format: one line
    ['an unknown option', [calling('pass'), { time: 1 }], /"time" is unknown/],
    ['a timeout that is none', [calling('pass'), { timeoutMs: 0 }], /timeoutMs/],
    ['challenges that are none', [calling('pass'), { challenges: 'Basic' }], /"challenges" must be an array/],
    ['a challenge that cannot be sent', [calling('pass'), { challenges: ['a\nb'] }], /"challenges" must contain/],
    ['a client that is no function', [calling('pass'), { client: 'id' }], /"client" must be a function/],
  ]) {
    test(`${title} is a TypeError`, () => {
      assert.throws(() => fromPassport(...args), { name: 'TypeError', message })
    })
  }

  test('the name is the option, the strategy`s, or passport', () => {
    assert.equal(fromPassport(calling('pass')).name, 'test')
    assert.equal(fromPassport(() => calling('pass')).name, 'passport')
    assert.equal(fromPassport(acting(() => {}, { name: undefined })).name, 'passport')
    assert.equal(fromPassport(calling('pass'), { name: 'mine' }).name, 'mine')
  })
})

describe('P20: whatever a strategy does, nobody gets in by it and nothing hangs', () => {
  const unhandled = []
  const note = (error) => unhandled.push(error)
  const failure = new Error('directory is down')
  const later = (run) =>
    acting(function () {
      setImmediate(() => run(this))
    })
  const rejecting = (name, more = {}) => acting(function () { this[name]() }, { [name]: async () => { throw failure }, ...more }) // biome-ignore format: one line

  for (const [title, code, strategy] of [
    ['throws', 'ERR_LOOKUP_FAILED', acting(() => { throw failure })], // biome-ignore format: one line
    ['throws after success', 'ERR_LOOKUP_FAILED', acting(function () { this.success({ id: 'a' }); throw failure })], // biome-ignore format: one line
    ['rejects', 'ERR_LOOKUP_FAILED', acting(async () => { throw failure })], // biome-ignore format: one line
    ['rejects with nothing', 'ERR_LOOKUP_FAILED', acting(() => Promise.reject())],
    // biome-ignore lint/suspicious/noThenProperty: that is what it is about
    ['answers a thenable that throws', 'ERR_LOOKUP_FAILED', acting(() => ({ then() { throw failure } }))], // biome-ignore format: one line
    ['has a verify that rejects', 'ERR_LOOKUP_FAILED', rejecting('_verify')],
    ['has a verify without underscore that rejects', 'ERR_LOOKUP_FAILED', rejecting('verify')],
    ['has a secret look-up that rejects', 'ERR_LOOKUP_FAILED', rejecting('_secret')],
    ['has a nonce check that rejects', 'ERR_LOOKUP_FAILED', rejecting('_validate')],
    ['has a key provider that rejects', 'ERR_LOOKUP_FAILED', rejecting('_secretOrKeyProvider')],
    ['calls error', 'ERR_LOOKUP_FAILED', calling('error', failure)],
    ['calls error with nothing', 'ERR_LOOKUP_FAILED', calling('error')],
    ['calls error with a status of 502', 'ERR_LOOKUP_FAILED', calling('error', Object.assign(new Error('x'), { status: 502 }))],
    ['calls error with a status of 200', 'ERR_LOOKUP_FAILED', calling('error', { status: 200 })],
    ['calls error with a status of 500', 'ERR_AUTH_DEFECT', calling('error', Object.assign(new Error('x'), { status: 500 }))],
    ['calls error later', 'ERR_LOOKUP_FAILED', later((run) => run.error(failure))],
    ['calls error, then success', 'ERR_LOOKUP_FAILED', later((run) => { run.error(failure); run.success({ id: 'a' }) })], // biome-ignore format: one line
    ['calls nothing', 'ERR_LOOKUP_TIMEOUT', acting(() => {})],
    ['calls nothing, asynchronously', 'ERR_LOOKUP_TIMEOUT', acting(async () => {})],
    ['returns a user', 'ERR_LOOKUP_TIMEOUT', acting(() => ({ id: 'a' }))],
    ['resolves with a user', 'ERR_LOOKUP_TIMEOUT', acting(async () => ({ id: 'a' }))],
    ['never settles', 'ERR_LOOKUP_TIMEOUT', acting(() => new Promise(() => {}))],
    ['succeeds with a user that has no id', 'ERR_AUTH_DEFECT', calling('success', { name: 'a' })],
    ['succeeds with a user whose ids are no text', 'ERR_AUTH_DEFECT', calling('success', { id: 1, username: '', clientId: ['a'] })],
    ['succeeds with true', 'ERR_AUTH_DEFECT', calling('success', true)],
    ['succeeds with a string', 'ERR_AUTH_DEFECT', calling('success', 'a')],
  ]) {
    test(`one that ${title}: ${code}`, async (t) => {
      process.on('unhandledRejection', note)
      t.after(() => process.off('unhandledRejection', note))
      await outage(code, strategy, code === 'ERR_LOOKUP_TIMEOUT' ? { timeoutMs: 20 } : {})
      await new Promise(setImmediate)
      assert.deepEqual(unhandled, [])
    })
  }

  test('the cause of an outage is what was thrown, and an error of ours passes as it is', async () => {
    await assert.rejects(async () => verdictOf(calling('error', failure)), { cause: failure, status: 503 })
    const ours = new CountersignError('ERR_X', 'x', { status: 503 })
    await assert.rejects(
      async () => verdictOf(calling('error', ours)),
      (error) => error === ours,
    )
  })

  for (const [title, code, strategy] of [
    ['passes', 'ERR_PASSPORT_UNDECIDED', calling('pass')],
    ['redirects', 'ERR_PASSPORT_UNDECIDED', calling('redirect', 'https://login.example/')],
    ['succeeds without a user', 'ERR_PASSPORT_REFUSED', calling('success')],
    ['succeeds with false', 'ERR_PASSPORT_REFUSED', calling('success', false)],
    ['succeeds with an empty string', 'ERR_PASSPORT_REFUSED', calling('success', '')],
    ['fails, then succeeds', 'ERR_PASSPORT_REFUSED', later((run) => { run.fail(); run.success({ id: 'a' }) })], // biome-ignore format: one line
    ['fails, then succeeds at once', 'ERR_PASSPORT_REFUSED', acting(function () { this.fail(); this.success({ id: 'a' }) })], // biome-ignore format: one line
    ['passes, then succeeds at once', 'ERR_PASSPORT_UNDECIDED', acting(function () { this.pass(); this.success({ id: 'a' }) })], // biome-ignore format: one line
    ['fails without a challenge', 'ERR_PASSPORT_REFUSED', calling('fail')],
    ['fails with null', 'ERR_PASSPORT_REFUSED', calling('fail', null, null)],
    ['fails with an object', 'ERR_PASSPORT_REFUSED', calling('fail', { message: 'no' })],
    ['fails with an Error', 'ERR_PASSPORT_REFUSED', calling('fail', new Error('no'))],
    ['fails with 400', 'ERR_PASSPORT_REFUSED', calling('fail', 400)],
    ['fails with 403', 'ERR_PASSPORT_NOT_ALLOWED', calling('fail', 403)],
    ['fails with a challenge and 403', 'ERR_PASSPORT_NOT_ALLOWED', calling('fail', 'Basic realm="a"', 403)],
    ['fails with a challenge and 400', 'ERR_PASSPORT_REFUSED', calling('fail', 'Basic realm="a"', 400)],
    ['calls error with 401', 'ERR_PASSPORT_REFUSED', calling('error', Object.assign(new Error('x'), { status: 401 }))],
    ['calls error with 403', 'ERR_PASSPORT_NOT_ALLOWED', calling('error', Object.assign(new Error('x'), { status: 403 }))],
  ]) {
    test(`one that ${title} is refused: ${code}`, () => refusal(code, strategy))
  }

  test('a user that comes too late changes nothing', async () => {
    let run
    const strategy = acting(function () {
      run = this
    })
    await outage('ERR_LOOKUP_TIMEOUT', strategy, { timeoutMs: 1 })
    run.success({ id: 'a' })
    run.error(new Error('late'))
  })

  for (const [title, code, client] of [
    ['throws', 'ERR_LOOKUP_FAILED', () => { throw failure }], // biome-ignore format: one line
    ['rejects', 'ERR_LOOKUP_FAILED', async () => { throw failure }], // biome-ignore format: one line
    ['never settles', 'ERR_LOOKUP_TIMEOUT', () => new Promise(() => {})],
    ['answers nothing', 'ERR_AUTH_DEFECT', () => undefined],
    ['answers an empty id', 'ERR_AUTH_DEFECT', () => ({ clientId: '' })],
    ['answers a number', 'ERR_AUTH_DEFECT', () => ({ clientId: 1 })],
    ['answers groups that are none', 'ERR_AUTH_DEFECT', () => ({ clientId: 'a', groups: 'admins' })],
    ['answers a group that is none', 'ERR_AUTH_DEFECT', async () => ({ clientId: 'a', groups: [1] })],
  ]) {
    test(`an option client that ${title}: ${code}`, () =>
      outage(code, calling('success', { id: 'a' }), { client, ...(code === 'ERR_LOOKUP_TIMEOUT' && { timeoutMs: 20 }) }))
  }

  test('a function that returns no strategy is a defect', async () => {
    await assert.rejects(
      async () =>
        decide(
          fromPassport(() => undefined),
          newRequest(),
        ),
      { code: 'ERR_AUTH_DEFECT' },
    )
  })
})

describe('absent or refused', () => {
  const basic = 'Basic realm="Users"'
  for (const [challenge, authorization, kind] of [
    [basic, undefined, 'absent'],
    [basic, 'Bearer abc', 'absent'],
    [basic, 'BasicX abc', 'absent'],
    [basic, 'Basic abc', 'refused'],
    [basic, 'bASIC', 'refused'],
    [basic, 'BASIC abc', 'refused'],
    ['Negotiate', undefined, 'absent'],
    ['Digest realm="a", nonce="b, error=c", qop="auth"', undefined, 'absent'],
    ['Digest realm="error=\\"1\\""', undefined, 'absent'],
    ['Bearer realm="a", error="invalid_token"', undefined, 'refused'],
    ['Bearer ERROR=invalid_token', undefined, 'refused'],
    ['Bearer realm="a" , error ="x"', 'Basic abc', 'refused'],
    // Nobody knows where the credentials of such a scheme are carried.
    ['ApiKey realm="api"', undefined, 'refused'],
    ['Missing key', undefined, 'refused'],
    ['basic', undefined, 'absent'],
    ['', undefined, 'refused'],
  ]) {
    test(`fail(${JSON.stringify(challenge)}) with Authorization ${authorization}: ${kind}`, async () => {
      assert.equal((await verdictOf(calling('fail', challenge), { authorization })).kind, kind)
      const whole = anyOf(fromPassport(calling('fail', challenge)), anonymous())
      assert.equal((await decide(whole, newRequest({ authorization }))).kind, kind === 'absent' ? 'granted' : 'refused')
    })
  }

  test('Authorization sent twice is refused before the strategy runs', async () => {
    const strategy = acting(() => assert.fail('it ran'))
    await refusal('ERR_PASSPORT_REFUSED', strategy, { authorization: ['Basic YTpi', 'Basic YTpj'] })
  })

  for (const [given, sent] of [
    ['Digest realm="a", nonce="1"', ['Digest realm="a", nonce="1"']],
    ['Scheme a=b', ['Scheme a=b']],
    ['bad key SECRET123', undefined],
    ['bad SECRET123', undefined],
    ['SECRET123', undefined],
    ['Basic SECRET123', undefined],
    ['Basic realm="a"\r\nX: y', undefined],
    ['Basic realm="\u00e9"', undefined],
    ['Basic realm="a', undefined],
    ['Basic realm="a" x', undefined],
    ['Basic realm="a",', undefined],
    [{ realm: 'a' }, undefined],
  ]) {
    test(`the challenges of fail(${JSON.stringify(given)}) are ${sent ?? 'the option`s'}`, async () => {
      assert.deepEqual((await verdictOf(calling('fail', given))).challenges, sent)
    })
  }

  for (const [title, own, sent] of [
    ['makes one', () => 'Basic realm="Users"', ['Basic realm="Users"']],
    ['makes none', () => undefined, undefined],
    ['makes what is none', () => 'bad key SECRET123', undefined],
    ['promises one', async () => 'Basic realm="Users"', undefined],
    ['throws', () => { throw new Error('oops') }, undefined], // biome-ignore format: one line
  ]) {
    test(`where a strategy fails without a challenge and its _challenge ${title}, the 401 has ${sent ?? 'the option`s'}`, async () => {
      for (const strategy of [calling('fail', 400), calling('pass'), calling('success', false)]) {
        strategy._challenge = own
        assert.deepEqual((await verdictOf(strategy)).challenges, sent)
        assert.equal((await verdictOf(strategy, {}, { challenges: ['X a=b'] })).challenges, undefined)
        const twice = { authorization: ['Basic YTpi', 'Basic YTpi'] }
        assert.deepEqual((await verdictOf(strategy, twice)).challenges, sent)
      }
    })
  }

  test('a challenge of any text is read in linear time, and what is sent can be sent', async () => {
    const piece = fc.constantFrom('Basic', ' ', '"', '\\', ',', '=', 'realm', 'a', '\t', '\r\n', '\u00e9', 'error')
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const text = pieces.join('')
        const verdict = await verdictOf(calling('fail', text), { authorization: 'Basic abc' })
        assert.ok(verdict.kind === 'absent' || verdict.kind === 'refused')
        for (const challenge of verdict.challenges ?? []) assert.match(challenge, /^[\t\x20-\x7e]+$/)
      }),
    )
    const began = process.cpuUsage().user
    for (const unit of ['"', ' ', 'a', 'a=', 'a=b,', 'a="\\', '=', '\\"'])
      await verdictOf(calling('fail', `Basic a="b",${unit.repeat(64_000)}`))
    assert.ok(process.cpuUsage().user - began < 2_000_000)
  })
})

describe('who it was', () => {
  for (const [user, clientId] of [
    [{ id: 'a', username: 'b' }, 'a'],
    [{ id: 7, username: 'b' }, 'b'],
    [{ id: '', clientId: 'c' }, 'c'],
    [new (class { get id() { return 'd' } })(), 'd'], // biome-ignore format: one line
  ]) {
    test(`${JSON.stringify(user)} is client ${clientId}`, async () => {
      const { principal } = await verdictOf(calling('success', user))
      assert.deepEqual({ ...principal }, { clientId, scheme: 'test', groups: [] })
      assert.ok(Object.isFrozen(principal))
    })
  }

  test('the option client sees user and info, and may answer later', async () => {
    const client = async (user, info) => ({ clientId: user.name, groups: [info.scope] })
    const { principal } = await verdictOf(calling('success', { name: 'a', id: 'x' }, { scope: 'read' }), {}, { client })
    assert.deepEqual({ ...principal }, { clientId: 'a', scheme: 'test', groups: ['read'] })
  })

  test('S16: what is on Object.prototype is nobody`s id or group', async (t) => {
    Object.assign(Object.prototype, { id: 'everybody', groups: ['admins'] })
    t.after(() => {
      delete Object.prototype.id
      delete Object.prototype.groups
    })
    await outage('ERR_AUTH_DEFECT', calling('success', { name: 'a' }))
    const { principal } = await verdictOf(calling('success', { username: 'a' }), {}, { client: () => ({ clientId: 'b' }) })
    assert.deepEqual(principal.groups, [])
  })

  test('a strategy that acts at once is answered at once', () => {
    assert.equal(verdictOf(calling('success', { id: 'a' })).kind, 'granted')
    assert.equal(verdictOf(calling('fail', 'Basic realm="a"')).kind, 'absent')
  })
})

describe('what a strategy sees', () => {
  const seen = async (request, look) => {
    let found
    const strategy = acting(function (req, options) {
      found = look(req, options)
      this.success({ id: 'a' })
    })
    await verdictOf(strategy, request)
    return found
  }

  test('the request as on the wire, and nothing of a framework', async () => {
    const request = { target: '/api/x?a=1&a=2&b=%20&__proto__=1&constructor=2', headers: { 'x-key': 'k', 'X-Other': 'o' } }
    const found = await seen(request, (req, options) => ({ ...req, options, proto: Object.getPrototypeOf(req.query) }))
    assert.equal(found.method, 'GET')
    assert.equal(found.url, request.target)
    assert.equal(found.originalUrl, request.target)
    assert.deepEqual(found.rawHeaders, ['x-key', 'k', 'X-Other', 'o'])
    assert.equal(found.connection, found.socket)
    assert.equal(found.body, undefined)
    assert.equal(found.session, undefined)
    assert.equal(found.proto, null)
    assert.deepEqual(Object.entries(found.query), [['a', ['1', '2']], ['b', ' '], ['__proto__', '1'], ['constructor', '2']]) // biome-ignore format: one line
    assert.deepEqual(found.options, {})
  })

  test('get(name) reads own fields only, whatever the case', async () => {
    const names = ['X-Key', 'x-key', 'constructor', '__proto__', 'toString', 'none', 'Referrer']
    const found = await seen({ headers: { 'x-key': 'k', referer: 'r' } }, (req) => names.map((name) => [req.get(name), req.header(name)]))
    assert.deepEqual(
      found,
      ['k', 'k', undefined, undefined, undefined, undefined, 'r'].map((value) => [value, value]),
    )
  })
})

describe('P21, S25: nothing is shared between requests', () => {
  test('a strategy runs on an object of its own, and the shared one stays as it was, frozen or not', async () => {
    const shared = Object.freeze(acting(function () {
      assert.notEqual(this, shared)
      assert.equal(Object.getPrototypeOf(this), shared)
      this.mine = true
      this.success({ id: 'a' })
    }, { success: 'own', fail: 'own' })) // biome-ignore format: one line
    assert.equal((await verdictOf(shared)).kind, 'granted')
    assert.deepEqual(Object.keys(shared), ['name', 'authenticate', 'success', 'fail'])
  })

  test('a function gives a strategy for each request', async () => {
    let count = 0
    const authenticator = fromPassport(() => {
      count += 1
      return calling('success', { id: `user ${count}` })
    })
    for (const clientId of ['user 1', 'user 2']) assert.equal((await decide(authenticator, newRequest())).principal.clientId, clientId)
  })

  test('500 interleaved requests never swap users', async () => {
    const waiting = []
    const strategy = acting(function (req) {
      this.name = req.get('x-user')
      waiting.push(() => {
        if (req.get('x-user').startsWith('bad')) this.fail('Test realm="a"')
        else this.success({ id: req.get('x-user'), own: this.name })
      })
    })
    const authenticator = fromPassport(strategy, { client: (user) => ({ clientId: `${user.id} ${user.own}` }) })
    const users = Array.from({ length: 500 }, (_, i) => `${i % 5 === 0 ? 'bad' : 'user'}-${i}`)
    const verdicts = users.map((user) => decide(authenticator, newRequest({ headers: { 'x-user': user } })))
    // In an order that is neither theirs nor its reverse: 7 has no divisor in common with 500.
    for (let i = 0; i < 500; i += 1) waiting[(i * 7) % 500]()
    for (const [i, verdict] of (await Promise.all(verdicts)).entries()) {
      if (users[i].startsWith('bad')) assert.equal(verdict.code, 'ERR_PASSPORT_REFUSED')
      else assert.equal(verdict.principal.clientId, `${users[i]} ${users[i]}`)
    }
    assert.equal(absent.challenges, undefined)
  })
})
