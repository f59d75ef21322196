/** What a step sees of a request, what it may do to it, and what it is told of. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { carrierOptionNames, carrierSettings, interceptor } from '@countersign/axios-auth'
import { OptionReader } from '@countersign/core'
import axios from 'axios'
import { counter } from './recorder.js'

const ORIGIN = 'https://api.example.com'

/** The interceptor of a step that a test makes. */
function use(step, options = {}) {
  return interceptor(
    { name: 'step', stage: 'token', apply() {}, ...step },
    carrierSettings(new OptionReader('step', options, carrierOptionNames)),
  )
}

/** Sends a request through steps to an adapter of the test's; resolves to what that was given and to the answer. */
async function send(steps, config = {}, answer = () => ({})) {
  const wires = []
  const adapter = async (wire) => {
    wires.push(wire)
    return { status: 200, statusText: 'OK', headers: {}, data: '', config: wire, request: {}, ...answer(wire, wires.length) }
  }
  const api = axios.create({ baseURL: ORIGIN, adapter, validateStatus: null })
  for (const one of steps) api.interceptors.request.use(one)
  const outcome = await api.request({ url: '/path', ...config }).catch((error) => error)
  return { wires, outcome, wire: wires.at(-1) }
}

/** What a step of the stage sees when it runs. */
async function seen(look, config, stage = 'signature') {
  let result
  const apply = (request) => {
    result = look(request)
  }
  const { outcome } = await send([use({ stage, apply })], config)
  if (outcome instanceof Error) throw outcome
  return result
}

const pairs = (raw) => raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]]] : []))
const rawOf = async (config) => new Map(pairs(await seen((request) => request.rawHeaders(), config)))

test('header(): Host and Content-Length are those that go on the wire, a list is joined, what is left out is none', async () => {
  const headers = { 'X-One': 'a', 'X-List': ['a', 'b'], 'X-Out': false, 'Content-Type': 'text/plain' }
  const config = { method: 'post', data: '\u00fc', headers }
  const values = await seen(
    (request) => ['host', 'HOST', 'Content-Length', 'x-one', 'X-LIST', 'x-out', 'x-none'].map((name) => request.header(name)),
    config,
  )
  assert.deepEqual(values, ['api.example.com', 'api.example.com', '2', 'a', 'a, b', undefined, undefined])
  const own = await seen((request) => request.header('host'), { headers: { Host: 'other.example' } })
  assert.equal(own, 'other.example')
  const byStep = await send([use({ stage: 'signature', apply: (request) => request.setHeader('Host', 'step.example') })])
  assert.equal(byStep.wire.headers.get('host'), 'step.example')
  assert.equal(
    await seen((request) => request.header('Content-Length'), { method: 'post', data: 'x', headers: { 'Content-Length': '9' } }),
    '1',
  )
})

test('rawHeaders(): each field once with its value, Host and Content-Length of what is sent', async () => {
  const raw = await seen((request) => request.rawHeaders(), {
    method: 'post',
    data: 'four',
    headers: { 'X-List': ['a', 'b'], 'X-Out': false, Host: 'other.example', 'Content-Length': '400', 'X-Empty': '' },
  })
  const own = pairs(raw).filter(([name]) => !['Accept', 'User-Agent', 'Content-Type'].includes(name))
  assert.deepEqual(own, [
    ['X-List', 'a'],
    ['X-List', 'b'],
    ['X-Empty', ''],
    ['Host', 'other.example'],
    ['Content-Length', '4'],
  ])
  assert.equal(raw.length % 2, 0)
})

test('rawHeaders(): what an earlier step has set stands in the place of the former value, once', async () => {
  let raw
  const first = use({ name: 'first', stage: 'signature', apply: (request) => request.setHeader('X-Mine', 'of the step') })
  const second = use({
    name: 'second',
    stage: 'handshake',
    apply(request) {
      raw = request.rawHeaders()
    },
  })
  const { wire } = await send([first, second], { headers: { 'x-mine': 'of the caller' } })
  assert.deepEqual(
    pairs(raw).filter(([name]) => name.toLowerCase() === 'x-mine'),
    [['X-Mine', 'of the step']],
  )
  assert.equal(wire.headers.get('x-mine'), 'of the step')
})

test('S18: a value of the caller that cannot go on the wire is named by its field', async () => {
  for (const bad of ['snow\u2603man', '\u0100']) {
    const config = { headers: {} }
    const apply = (request) => {
      request.rawHeaders()
    }
    const spoil = (given) => {
      // As an adapter of another library might set it, past the checks of axios.
      given.headers['X-Bad'] = bad
      return given
    }
    const { outcome, wires } = await send([use({ stage: 'signature', apply }), spoil], config)
    assert.match(outcome.message, /^the value of X-Bad cannot be sent as it is/, JSON.stringify(bad))
    assert.equal(wires.length, 0)
  }
})

test('Content-Length: none for a method without a body that has none, else that of the octets, of a stream the declared one', async () => {
  const length = async (config) => (await rawOf(config)).get('Content-Length')
  for (const method of ['get', 'head', 'delete', 'options', 'trace']) {
    assert.equal(await length({ method }), undefined, method)
    assert.equal(await length({ method, data: 'abc' }), '3', method)
  }
  for (const method of ['post', 'put', 'patch', 'purge']) assert.equal(await length({ method }), '0', method)
  const stream = (headers) => ({ method: 'post', data: Readable.from(['x']), headers })
  assert.equal(await length(stream({})), undefined)
  assert.equal(await length(stream({ 'Content-Length': '4' })), '4')
  assert.equal(await length(stream({ 'Content-Length': ['4', '5'] })), undefined)
})

test('body: the octets, empty where there is none, undefined of a stream; a signer may put others in their place', async () => {
  const body = (config) => seen((request) => request.body && [request.body.toString(), request.body.toString()], config)
  assert.deepEqual(await body({ method: 'post', data: 'abc' }), ['abc', 'abc'])
  assert.deepEqual(await body({ method: 'post' }), ['', ''])
  assert.equal(await body({ method: 'post', data: Readable.from(['x']) }), undefined)
  const octets = new Uint8Array([64, 65, 66, 67]).subarray(1, 3)
  const writing = use({
    stage: 'signature',
    apply(request) {
      request.body = octets
      assert.equal(request.body, octets)
      assert.equal(request.header('content-length'), '2')
    },
  })
  const { wire } = await send([writing], { method: 'post', data: 'former' })
  assert.ok(Buffer.isBuffer(wire.data))
  assert.equal(wire.data.toString(), 'AB')
  const reading = (config) => send([use({ stage: 'signature', apply: (request) => void request.body })], { method: 'post', ...config })
  assert.equal((await reading({})).wire.data, undefined, 'to look at no body makes none')
  assert.equal((await reading({ data: 'abc' })).wire.data.toString(), 'abc')
  const stream = Readable.from(['x'])
  assert.equal((await reading({ data: stream })).wire.data, stream)
  assert.equal((await send([use({})], { method: 'post', data: 'abc' })).wire.data, 'abc', 'text that nobody looks at stays text')
  const emptied = use({
    stage: 'signature',
    apply(request) {
      request.body = new Uint8Array()
    },
  })
  assert.equal((await send([emptied], { method: 'post', data: 'abc' })).wire.data.length, 0)
})

test('a retry begins anew: nothing of what the steps did to the first attempt is left', async () => {
  const attempts = []
  const count = counter()
  const step = use({
    stage: 'signature',
    apply(request) {
      const n = count()
      attempts.push([request.attempt, request.target, request.body.toString(), request.header('x-first')])
      request.target += `?n=${n}`
      request.body = Buffer.from(`body ${n}`)
      if (n === 1) request.setHeader('X-First', 'yes')
      request.signed(`message ${n}`)
    },
    refused: ({ status }) => status === 401,
  })
  const { wires } = await send([step], { method: 'post', data: 'body' }, (_, n) => ({ status: n === 1 ? 401 : 200 }))
  assert.deepEqual(attempts, [
    [1, '/path', 'body', undefined],
    [2, '/path', 'body', undefined],
  ])
  assert.deepEqual(
    wires.map(({ url, data, headers }) => [url, data.toString(), headers.get('x-first') ?? undefined]),
    [
      [`${ORIGIN}/path?n=1`, 'body 1', 'yes'],
      [`${ORIGIN}/path?n=2`, 'body 2', undefined],
    ],
  )
})

test('the same holds for each message of a handshake, and a trace shows what was signed for that message', async () => {
  const entries = []
  const count = counter()
  const signer = use({
    name: 'signer',
    stage: 'signature',
    apply(request) {
      const n = count()
      assert.equal(request.target, '/path')
      assert.equal(request.body.toString(), 'body')
      assert.equal(request.header('x-first'), undefined)
      request.target += `?n=${n}`
      request.body = Buffer.from(`body ${n}`)
      if (n === 1) request.setHeader('X-First', 'yes')
      request.signed(`message ${n}`)
    },
  })
  const hand = use(
    {
      name: 'hand',
      stage: 'handshake',
      async exchange(_, next) {
        await next({ withoutBody: true, authorization: 'Hand 1' })
        return next({})
      },
    },
    { trace: (entry) => entries.push(entry) },
  )
  const { wires } = await send([signer, hand], { method: 'post', data: 'body' })
  assert.deepEqual(
    wires.map(({ url, data, headers }) => [url, data?.toString(), headers.get('authorization') ?? undefined]),
    [
      [`${ORIGIN}/path?n=1`, undefined, 'Hand 1'],
      [`${ORIGIN}/path?n=2`, 'body 2', undefined],
    ],
  )
  assert.deepEqual(
    entries.map(({ signed, bodyBytes, headers }) => [signed, bodyBytes, headers[headers.indexOf('Content-Length') + 1]]),
    [
      [['message 1'], undefined, '0'],
      [['message 2'], 6, '6'],
    ],
  )
})

test('P46: the messages of a handshake send a stream once', async () => {
  const exchange = (messages) => async (_, next) => {
    let last
    for (const message of messages) last = await next(message)
    return last
  }
  const data = () => Readable.from(['x'])
  const by = (...messages) => send([use({ stage: 'handshake', exchange: exchange(messages) })], { method: 'post', data: data() })
  const once = await by({ withoutBody: true }, { withoutBody: true }, {})
  assert.deepEqual([once.wires.length, once.outcome.status], [3, 200])
  assert.deepEqual(
    once.wires.map((wire) => wire.data === undefined),
    [true, true, false],
  )
  const twice = await by({}, {})
  assert.deepEqual([twice.wires.length, twice.outcome.code], [1, 'ERR_AXIOS_BODY_SPENT'])
  assert.match(twice.outcome.message, /^the handshake needs the body again, which is a stream that has been read;/)
  const octets = await send([use({ stage: 'handshake', exchange: exchange([{}, {}]) })], { method: 'post', data: 'octets' })
  assert.deepEqual([octets.wires.length, octets.outcome.status], [2, 200])
})

test('S18: a name or value that a step may not set is named with the step', async () => {
  for (const [name, value, message] of [
    ['a b', 'x', /^bad sets a header field whose name is not valid;/],
    [5, 'x', /^bad sets a header field whose name is not valid;/],
    [undefined, 'x', /^bad sets a header field whose name is not valid;/],
    ['x'.repeat(257), 'x', /^bad sets a header field whose name is not valid;/],
    ['X-Value', 'a\nb', /^bad sets X-Value to a value that cannot be sent;/],
  ]) {
    const { outcome, wires } = await send([use({ name: 'bad', apply: (request) => request.setHeader(name, value) })])
    assert.match(outcome.message, message)
    assert.equal(wires.length, 0)
  }
  const { wire } = await send([use({ apply: (request) => request.setHeader('X-Empty', '') })])
  assert.equal(wire.headers.get('x-empty'), '')
  assert.equal((await send([use({ apply: (request) => request.setHeader('x'.repeat(256), 'x') })])).wires.length, 1)
})

test('P44: who may set a field that another has set', async () => {
  const sets = (name, stage, field, value) => use({ name, stage, apply: (request) => request.setHeader(field, value) })
  const by = async (steps, headers) => {
    const { outcome, wire } = await send(steps, { headers })
    return outcome instanceof Error ? outcome.message.split(';')[0] : Object.fromEntries(Object.entries({ ...wire.headers }))
  }
  const caller = { 'X-Mine': 'caller', Cookie: 'a=1; b=2', Authorization: 'Bearer caller' }
  assert.equal(await by([sets('t', 'token', 'X-Mine', 'step')], caller), 't sets x-mine, which the caller has already set')
  assert.equal((await by([sets('s', 'signature', 'X-Mine', 'step')], caller))['X-Mine'], 'step')
  const credentials = await by([sets('s', 'signature', 'Authorization', 'Sig x')], caller)
  assert.equal(credentials, 's sets authorization, which the caller has already set')
  assert.equal((await by([sets('t', 'token', 'Cookie', 'c=3; a=1; b=2')], caller)).Cookie, 'c=3; a=1; b=2')
  for (const lost of ['a=1', 'a=1; c=3', 'a=1; b=22', 'aa=1; b=2']) {
    assert.equal(await by([sets('t', 'token', 'Cookie', lost)], caller), 't sets cookie, which the caller has already set', lost)
  }
  const two = (a, b) => by([sets('one', 'static', 'X-List', a), sets('two', 'token', 'X-List', b)], {})
  assert.equal(await two('a', 'b'), 'one and two both set X-List')
  assert.equal((await two('a', 'a, b'))['X-List'], 'a, b')
  assert.equal((await two('a', 'a'))['X-List'], 'a')
  assert.equal(await two('a, b', 'a'), 'one and two both set X-List')
  const again = use({
    name: 'same',
    apply(request) {
      request.setHeader('X-Mine', 'first')
      request.setHeader('X-Mine', 'second')
    },
  })
  assert.equal((await by([again], {}))['X-Mine'], 'second', 'a step may change its mind')
})

test('settled(): each step that has seen the request is told once how it ended', async () => {
  const told = []
  const step = (name, more = {}) => use({ name, settled: (request, answer) => told.push([name, request.attempt, answer?.status]), ...more })
  await send([step('a'), use({ name: 'silent' }), step('b', { refused: ({ status }) => status === 401 })], {}, (_, n) => ({
    status: n === 1 ? 401 : 200,
  }))
  assert.deepEqual(told.splice(0).sort(), [
    ['a', 2, 200],
    ['b', 2, 200],
  ])
  const failing = step('c', {
    stage: 'signature',
    apply() {
      throw new Error('not signed')
    },
  })
  const failed = await send([step('a'), failing])
  assert.equal(failed.outcome.message, 'not signed')
  assert.deepEqual(told.splice(0).sort(), [
    ['a', 1, undefined],
    ['c', 1, undefined],
  ])
  await send([step('a')], { url: 'https://stranger.example/' })
  assert.deepEqual(told, [], 'a request that no step has seen')
})

test('refused(): every step is asked about the first answer, in time or later, and one retry is all', async () => {
  for (const [verdicts, requests] of [
    [[false, false], 1],
    [[true, false], 2],
    [[false, true], 2],
    [[Promise.resolve(false), Promise.resolve(true)], 2],
    [[Promise.resolve(false), false], 1],
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    [[{ then: (settle) => settle(true) }, false], 2],
    [[undefined, 'true'], 1],
    [[null, 1], 1],
  ]) {
    const asked = []
    const steps = verdicts.map((verdict, i) =>
      use({
        name: `step ${i}`,
        refused(answer) {
          asked.push([i, answer.status])
          return verdict
        },
      }),
    )
    const { wires } = await send(steps, {}, () => ({ status: 401 }))
    assert.equal(wires.length, requests)
    assert.deepEqual(asked.sort(), [
      [0, 401],
      [1, 401],
    ])
  }
})

test('P46: after a redirect there is no second retry', async () => {
  const step = use({ refused: ({ status }) => status === 401 })
  const answers = [{ status: 401 }, { status: 307, headers: { location: '/next' } }, { status: 401 }]
  const { wires, outcome } = await send([step], {}, (_, n) => answers[n - 1])
  assert.deepEqual([wires.length, outcome.status], [3, 401])
})

test('steps that have to wait run one after the other, and the next ones after them', async () => {
  const ran = []
  const step = (name, stage, later) =>
    use({
      name,
      stage,
      apply(request) {
        ran.push(name)
        return later ? Promise.resolve().then(() => request.setHeader(`X-${name}`, 'late')) : request.setHeader(`X-${name}`, 'now')
      },
    })
  const { wire } = await send([
    step('d', 'signature', false),
    step('c', 'signature', true),
    step('b', 'token', true),
    step('a', 'static', false),
  ])
  assert.deepEqual([ran[0], ran[1], [...ran.slice(2)].sort()], ['a', 'b', ['c', 'd']])
  assert.deepEqual(
    ['x-a', 'x-b', 'x-c', 'x-d'].map((name) => wire.headers.get(name)),
    ['now', 'late', 'late', 'now'],
  )
})

test('the body of an answer that nobody gets is read away; one that an error brings along is not', async () => {
  const body = () => Readable.from([Buffer.alloc(200_000), Buffer.alloc(200_000), Buffer.alloc(1)])
  const stream = body()
  const step = use({
    refused() {
      throw new Error('of a step')
    },
  })
  const { outcome } = await send([step], { responseType: 'stream' }, () => ({ status: 401, data: stream }))
  assert.equal(outcome.message, 'of a step')
  if (!stream.closed) await once(stream, 'close')
  const config = { responseType: 'stream', validateStatus: (status) => status === 200 }
  const refused = await send([use({})], config, () => ({ status: 500, data: body() }))
  const { data } = refused.outcome.response
  assert.deepEqual([data.destroyed, data.readableFlowing], [false, null])
  assert.equal(
    (await data.toArray()).reduce((sum, { length }) => sum + length, 0),
    400_001,
  )
})

test('what is said of a request that cannot be sent', async () => {
  const by = async (config, step = {}) => (await send([use(step)], config)).outcome.message
  assert.match(await by({ auth: { username: 'a', password: 'b' } }), /^config\.auth is set;/)
  const { outcome } = await send(
    [use({ refused: () => true })],
    {
      method: 'post',
      data: Readable.from(['x']),
      validateStatus: (status) => status === 200,
    },
    () => ({ status: 401 }),
  )
  assert.match(outcome.cause.message, /^the request was refused, and its body is a stream that has been read;/)
  const unset = await send([use({})], { auth: undefined })
  assert.equal(unset.outcome.status, 200)
})

test('a config without a method is a GET', async () => {
  let method
  const made = use(
    {
      apply(request) {
        method = request.method
      },
    },
    { origins: ORIGIN },
  )({
    url: `${ORIGIN}/`,
    headers: new axios.AxiosHeaders(),
    adapter: async (config) => ({ status: 200, headers: {}, data: config.method, config, request: {} }),
  })
  const { data } = await Promise.resolve(made.adapter(made))
  assert.deepEqual([method, data], ['GET', 'get'])
})
