import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { describe, test } from 'node:test'
import {
  absent,
  authRequest,
  CountersignError,
  coreCodes,
  coreError,
  equalOctets,
  granted,
  headerValues,
  invalidType,
  invalidValue,
  nearest,
  OptionReader,
  principal,
  refusals,
  refuse,
  soleHeader,
  splitProtectOptions,
} from '@countersign/core'
import fc from 'fast-check'
import { Connection, exchange, head } from '../../../test/support/raw-http.js'

async function serve(t, handler) {
  const server = http.createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return server.address().port
}

describe('P15: equalOctets', () => {
  test('never throws, whatever the lengths', () => {
    const octets = fc.uint8Array({ maxLength: 40 })
    fc.assert(fc.property(octets, octets, (a, b) => equalOctets(a, b) === (Buffer.compare(a, b) === 0)))
    fc.assert(fc.property(octets, (a) => equalOctets(a, Buffer.from(a)) && !equalOctets(a, Buffer.concat([a, Buffer.of(0)]))))
  })

  test('equal lengths of text in other encodings are no trap', () => {
    assert.equal(equalOctets(Buffer.from('e\u0301', 'utf8'), Buffer.from('abc')), false)
    assert.equal(equalOctets(Buffer.from('\u00e9'), Buffer.from('e')), false)
    assert.equal(equalOctets(new Uint8Array(0), Buffer.alloc(0)), true)
    assert.equal(equalOctets(new Uint8Array([1, 2, 3]).subarray(1), Buffer.from([2, 3])), true)
  })
})

describe('headerValues and soleHeader', () => {
  const raw = ['X-Signature', 'a', 'x-signature', 'b', '__proto__', 'p', 'X-Once', '', 'constructor', 'c', 'x-signaturE2', 'no']

  test('every value in order, whatever the case; none is none', () => {
    assert.deepEqual(headerValues(raw, 'x-signature'), ['a', 'b'])
    assert.deepEqual(headerValues(raw, 'x-absent'), [])
    assert.deepEqual(headerValues([], 'x-signature'), [])
  })

  test('S08: names of Object.prototype are plain names', () => {
    assert.deepEqual(headerValues(raw, '__proto__'), ['p'])
    assert.equal(soleHeader(raw, 'constructor'), 'c')
    assert.equal(soleHeader(raw, 'hasownproperty'), undefined)
    assert.equal(soleHeader(['a', 'b'], 'tostring'), undefined)
  })

  test('a field that appears twice is null, also with the same value; an empty one is empty', () => {
    assert.equal(soleHeader(raw, 'x-signature'), null)
    assert.equal(soleHeader(['A', '1', 'a', '1'], 'a'), null)
    assert.equal(soleHeader(['A', '', 'a', ''], 'a'), null)
    assert.equal(soleHeader(raw, 'x-once'), '')
  })

  test('values are never taken for names', () => {
    assert.equal(soleHeader(['a', 'x-signature', 'b', 'x-signature'], 'x-signature'), undefined)
  })

  test('S19: 64 KB of fields take no time', () => {
    const many = Array.from({ length: 8000 }, (_, i) => (i % 2 === 0 ? `x-${i}` : 'value'))
    const start = performance.now()
    for (let i = 0; i < 100; i += 1) soleHeader(many, 'x-signature')
    assert.ok((performance.now() - start) / 100 < 50)
  })
})

describe('authRequest', () => {
  test('one message has one AuthRequest, with the fields as received', async (t) => {
    let seen
    const port = await serve(t, async (req, res) => {
      const request = authRequest(req, '/full?path', res)
      seen = { same: authRequest(req, '/other', res) === request, octets: (await request.body()).toString(), request, req }
      res.end()
    })
    await exchange(port, { method: 'PUT', path: '/x', headers: { 'X-A': ['1', '2'] }, body: 'abc' })
    const { request, req } = seen
    assert.deepEqual(
      [seen.same, request.method, request.target, seen.octets, headerValues(request.rawHeaders, 'x-a')],
      [true, 'PUT', '/full?path', 'abc', ['1', '2']],
    )
    assert.equal(request.socket, req.socket)
  })

  test('the limit of the body is the caller`s', async (t) => {
    const port = await serve(t, async (req, res) => {
      const request = authRequest(req, '/', res)
      const error = await (async () => request.body({ maxBodyBytes: 2 }))().catch((reason) => reason)
      res.end(`${error.code} ${(await request.body()).length}`)
    })
    assert.equal((await exchange(port, { method: 'POST', body: 'abc' })).text, 'ERR_BODY_TOO_LARGE 3')
  })

  test('requests of one connection do not share anything', async (t) => {
    const port = await serve(t, async (req, res) =>
      res.end((await authRequest(req, req.url, res).body()).toString() + authRequest(req, '', res).target),
    )
    const connection = new Connection(port)
    t.after(() => connection.close())
    const requests = ['/a', '/b', '/c'].map(
      (path, i) => `${head({ method: 'POST', path, headers: { 'content-length': i + 1 } })}${'x'.repeat(i + 1)}`,
    )
    await connection.write(requests.join(''))
    for (const expected of ['x/a', 'xx/b', 'xxx/c']) assert.equal((await connection.response()).text, expected)
  })
})

describe('principal', () => {
  test('P51: frozen, without a prototype, its groups a frozen copy', () => {
    const groups = ['a']
    const who = principal({ clientId: 'ada', scheme: 'hmac', groups, credentialId: 'k1' })
    groups.push('b')
    assert.deepEqual({ ...who }, { clientId: 'ada', scheme: 'hmac', groups: ['a'], credentialId: 'k1' })
    assert.ok(Object.isFrozen(who) && Object.isFrozen(who.groups))
    assert.equal(Object.getPrototypeOf(who), null)
    assert.throws(() => {
      who.clientId = 'eve'
    }, TypeError)
  })

  test('S16: what stands on Object.prototype is not read from it', () => {
    Object.prototype.credentialId = 'evil'
    try {
      assert.equal(principal({ clientId: 'ada', scheme: 'hmac', groups: [] }).credentialId, undefined)
    } finally {
      delete Object.prototype.credentialId
    }
  })
})

describe('verdicts and errors', () => {
  test('a refusal has the status of its code`s row, and its reason unless another is given', () => {
    assert.deepEqual(refuse('ERR_AUTH_REQUIRED'), {
      kind: 'refused',
      code: 'ERR_AUTH_REQUIRED',
      status: 401,
      reason: coreCodes.ERR_AUTH_REQUIRED.when,
    })
    assert.deepEqual(refuse('ERR_STORE_FULL', 'full', { 'Retry-After': '5' }), {
      kind: 'refused',
      code: 'ERR_STORE_FULL',
      status: 503,
      reason: 'full',
      headers: { 'Retry-After': '5' },
    })
    assert.equal(refusals({ ERR_X: { status: 418, when: 'w', fix: 'f' } })('ERR_X').status, 418)
    assert.ok(Object.isFrozen(absent))
  })

  test('granted carries only the steps that it is given', () => {
    const who = principal({ clientId: 'ada', scheme: 'hmac', groups: [] })
    assert.deepEqual(Object.keys(granted(who)), ['kind', 'principal'])
    assert.deepEqual(Object.keys(granted(who, { commit: () => undefined })), ['kind', 'principal', 'commit'])
  })

  test('every code of core has a status of the documented ones, and words', () => {
    for (const [code, { status, when, fix }] of Object.entries(coreCodes)) {
      assert.match(code, /^ERR_[A-Z]+(?:_[A-Z]+)+$/)
      assert.ok([400, 401, 403, 413, 415, 500, 503].includes(status), code)
      assert.ok(when.length > 10 && fix.length > 10, code)
    }
  })

  test('an error has what the error handlers of Express and Koa read, and its cause', () => {
    const cause = new Error('inner')
    const error = coreError('ERR_STORE_DOWN', 'redis is away', cause)
    assert.ok(error instanceof CountersignError && error instanceof Error)
    const { name, code, status, statusCode, expose, headers, message } = error
    assert.deepEqual([name, code, status, statusCode, expose, headers], ['CountersignError', 'ERR_STORE_DOWN', 503, 503, false, {}])
    assert.match(message, /^redis is away; /)
    assert.equal(error.cause, cause)
    assert.equal(Object.hasOwn(coreError('ERR_STORE_DOWN'), 'cause'), false)
  })
})

describe('OptionReader', () => {
  const read = (input, known = ['alpha', 'beta']) => new OptionReader('factory', input, known)

  test('what holds no options of its own is none: a Map, a Set, octets, a promise that nobody awaited', () => {
    for (const input of [
      new Map([['alpha', 1]]),
      new Set(),
      Buffer.alloc(2),
      new URLSearchParams('alpha=1'),
      Promise.resolve({ alpha: 1 }),
    ]) {
      assert.throws(() => read(input), { code: 'ERR_INVALID_ARG_TYPE', message: /^factory: option "options" must be an object; got / })
    }
  })

  test('own properties only, unknown names refused with a hint', () => {
    assert.equal(read({ alpha: 1 }).raw('alpha'), 1)
    assert.equal(read(Object.create({ alpha: 1 })).raw('alpha'), undefined)
    assert.equal(read(undefined).has('alpha'), false)
    assert.equal(read({ alpha: undefined }).has('alpha'), false)
    assert.throws(() => read({ alhpa: 1 }), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: 'factory: option "alhpa" is unknown; did you mean "alpha"?',
    })
    assert.throws(() => read({ zzzzzzzzzz: 1 }), { message: 'factory: option "zzzzzzzzzz" is unknown; known are alpha, beta' })
    for (const name of ['__proto__', 'constructor', 'toString']) {
      assert.throws(() => read(JSON.parse(`{"${name}": 1}`)), { name: 'TypeError', message: /is unknown/ })
      assert.equal(read({}).raw(name), undefined)
    }
  })

  test('an unknown name that begins as one option does is answered with that one, and with none where several do', () => {
    const known = ['toleranceSeconds', 'maxBodyBytes', 'header', 'clientId', 'clientSecret']
    const meant = { tolerance: 'toleranceSeconds', toleranceMs: 'toleranceSeconds', maxBodySize: 'maxBodyBytes', headerName: 'header' }
    for (const [name, option] of Object.entries(meant)) {
      assert.throws(() => read({ [name]: 1 }, known), { message: `factory: option "${name}" is unknown; did you mean "${option}"?` })
    }
    for (const name of ['clientName', 'max', 'headquarters', '']) {
      assert.throws(() => read({ [name]: 1 }, known), { message: `factory: option "${name}" is unknown; known are ${known.join(', ')}` })
    }
  })

  test('of options that were divided, an unknown name is compared with those of protect as well', () => {
    const { own } = splitProtectOptions({ onRefused: () => {}, alpha: 1 })
    assert.throws(() => read(own), { message: 'factory: option "onRefused" is unknown; did you mean "onRefusal"?' })
    const others = splitProtectOptions({ zzzzzzzzzz: 1 }).own
    assert.throws(() => read(others), { message: /; known are alpha, beta, refusals, onRefusal, optional$/ })
    assert.throws(() => read({ optional: true, ...own }), { message: /"optional" is unknown/ })
  })

  test('S16: what stands on Object.prototype is no option', () => {
    Object.prototype.alpha = 'evil'
    try {
      assert.equal(read({}).raw('alpha'), undefined)
      assert.equal(read({}).text('alpha'), undefined)
    } finally {
      delete Object.prototype.alpha
    }
  })

  test('no object is a TypeError', () => {
    for (const [input, shown] of [
      [null, 'null'],
      [[], 'an array'],
      ['a', 'string'],
      [5, 'number'],
      [() => undefined, 'function'],
    ]) {
      assert.throws(() => read(input), {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: `factory: option "options" must be an object; got ${shown}`,
      })
    }
  })

  test('values: what is right passes, what is left out falls back, what is wrong names what to write', () => {
    const reader = read({ alpha: 5, beta: 'x' })
    assert.equal(reader.integer('alpha', 1, 'seconds'), 5)
    assert.equal(read({}).integer('alpha', 7, 'seconds'), 7)
    assert.equal(reader.text('beta'), 'x')
    assert.equal(read({}).text('beta', 'y'), 'y')
    assert.equal(reader.oneOf('beta', ['x', 'y'], 'y'), 'x')
    assert.equal(read({}).boolean('alpha', true), true)
    assert.equal(read({ alpha: false }).boolean('alpha', true), false)
    const call = () => undefined
    assert.equal(read({ alpha: call }).callback('alpha'), call)
    const wrong = [
      [() => read({ alpha: '5' }).integer('alpha', 1, 'seconds'), 'factory: option "alpha" must be a whole number of seconds; got string'],
      [
        () => read({ alpha: 0 }).integer('alpha', 1, 'seconds'),
        'factory: option "alpha" must be a whole number of seconds, at least 1; got 0',
      ],
      [
        () => read({ alpha: 1.5 }).integer('alpha', 1, 'octets', 0),
        'factory: option "alpha" must be a whole number of octets, at least 0; got 1.5',
      ],
      [() => read({ alpha: Number.NaN }).integer('alpha', 1, 'seconds'), /got NaN/],
      [() => read({ alpha: null }).integer('alpha', 1, 'seconds'), /got null/],
      [() => read({ alpha: ' ' }).text('alpha'), 'factory: option "alpha" must not be blank'],
      [() => read({ alpha: 5 }).text('alpha'), 'factory: option "alpha" must be a string; got number'],
      [() => read({ alpha: 'z' }).oneOf('alpha', ['x', 'y'], 'x'), `factory: option "alpha" must be one of 'x', 'y'; got 'z'`],
      [() => read({ alpha: 1 }).boolean('alpha', false), 'factory: option "alpha" must be true or false; got number'],
      [() => read({ alpha: {} }).callback('alpha'), 'factory: option "alpha" must be a function; got object'],
    ]
    for (const [run, message] of wrong) assert.throws(run, { name: 'TypeError', message })
  })

  test('nearest never costs much, and is undefined where nothing is near', () => {
    assert.equal(nearest('toleranceSecond', ['toleranceSeconds', 'secret']), 'toleranceSeconds')
    assert.equal(nearest('SECRET', ['toleranceSeconds', 'secret']), 'secret')
    assert.equal(nearest('x'.repeat(1_000_000), ['secret']), undefined)
    assert.equal(nearest('a', []), undefined)
    assert.equal(invalidValue('f', 'o', 'p').code, 'ERR_INVALID_ARG_VALUE')
    assert.equal(invalidType('f', 'o', 'w', 'a secret').message, 'f: option "o" must be w; got string')
  })
})

describe('what is known of a message', () => {
  /** Messages as a host may build them: with raw headers of somebody else, frozen ones, or none. */
  const message = (rawHeaders) => {
    const made = new http.IncomingMessage(null)
    Object.assign(made, { method: 'GET', url: '/', httpVersionMajor: 1, complete: true })
    Object.defineProperty(made, 'rawHeaders', { value: rawHeaders, configurable: true })
    return made
  }

  test('messages that share their raw headers share nothing else', () => {
    for (const shared of [['a', 'b'], Object.freeze(['a', 'b']), undefined]) {
      const [one, other] = [message(shared), message(shared)]
      const request = authRequest(one, '/one')
      assert.equal(authRequest(other, '/other').target, '/other')
      assert.equal(authRequest(one, '/x'), request)
      assert.equal(authRequest(other, '/x').target, '/other')
    }
  })

  test('raw headers look as they did', () => {
    const rawHeaders = ['a', 'b']
    authRequest(message(rawHeaders), '/')
    assert.deepEqual(rawHeaders, ['a', 'b'])
    assert.deepEqual(structuredClone(rawHeaders), ['a', 'b'])
    assert.equal(JSON.stringify(rawHeaders), '["a","b"]')
    assert.deepEqual(Object.keys(rawHeaders), ['0', '1'])
  })
})
