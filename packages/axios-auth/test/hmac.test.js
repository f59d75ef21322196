/** What hmac does by itself. What it signs is asked of the verifiers in test/interop/hmac-outgoing.test.js. */
import assert from 'node:assert/strict'
import { createHmac, createSecretKey } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { AxiosAuthError, hmac } from '@countersign/axios-auth'
import { secretFromEnv } from '@countersign/core'
import {
  awsSigv4S3,
  compileScheme,
  customerIo,
  draftCavage,
  github,
  hexSignature,
  hubspotV1,
  okx,
  rfc9421,
  scheme,
  slack,
  standardWebhooks,
  stripe,
  verify,
} from '@countersign/schemes'
import axios from 'axios'
import { failure, keepAlive } from '../../../test/support/promises.js'
// What no public name reaches: the clock, and what is derived about streams.
import { signsWithoutBody } from '../dist/hmac/body.js'
import { CorrectedClock } from '../dist/hmac/clock.js'

const secret = 'a-secret-of-the-tests-0123456789'
const other = 'another-secret-of-the-tests-0123'
const hex = (octets, key = secret) => createHmac('sha256', key).update(octets).digest('hex')

/** A server that keeps what it gets, and answers with the next of `statuses`, then 200. */
async function recorder(owner, statuses = []) {
  const log = []
  const server = createServer(async (req, res) => {
    log.push({
      method: req.method,
      url: req.url,
      headers: req.headers,
      rawHeaders: req.rawHeaders,
      body: Buffer.concat(await req.toArray()),
    })
    res.writeHead(statuses[log.length - 1] ?? 200).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  owner.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${server.address().port}`, log }
}

function client(server, options, config) {
  const api = axios.create({ baseURL: server.url, ...config })
  api.interceptors.request.use(hmac(options))
  return api
}

const dated = scheme({
  name: 'dated',
  signature: { header: 'x-signature', encoding: 'hex' },
  timestamp: { header: 'x-time', unit: 'seconds' },
  keyId: { header: 'x-key' },
  message: '{keyId}\n{timestamp}\n{method} {target}\n{body}',
})

/** Signs everything but the body. */
const bare = scheme({
  name: 'bare',
  signature: { header: 'x-signature' },
  timestamp: { header: 'x-time', unit: 'seconds' },
  message: '{timestamp}\n{method} {target}',
  allowUnboundBody: 'bodies are streams',
})

describe('options', () => {
  const bad = [
    [{}, /option "secret"/],
    [{ secret: 'short' }, /at least 16/],
    [{ secret: '' }, /option "secret"/],
    [{ secret: [] }, /at least one secret/],
    [{ secret: [secret, ' '] }, /option "secret\[1\]"/],
    [{ secret, scheme: undefined }, /option "scheme" must be a scheme object/],
    [{ secret, scheme: 'github' }, /option "scheme" must be a scheme object/],
    [{ secret, keyId: 'k1' }, /option "keyId" cannot be sent: scheme 'hex-signature' carries no key id/],
    [{ secret: { id: 'a', secret }, scheme: dated, keyId: 'b' }, /option "keyId" is not the id of any of the secrets/],
    [{ secret, scheme: standardWebhooks, secretly: 1 }, /is unknown/],
    [{ secret, nonce: 'x' }, /option "nonce" may only be false/],
    [{ secret, fields: 'x' }, /option "fields" must be an object/],
    [{ secret, fields: { a: 1 } }, /option "fields.a" must be a string/],
    [{ secret, fields: { a: 'x' } }, /option "fields.a" is unknown: scheme 'hex-signature' has no fields/],
    [{ secret, algorithm: 'md5' }, /option "algorithm" cannot be sent: scheme 'hex-signature' does not carry an algorithm name/],
    [{ secret, scheme: draftCavage, algorithm: 'hmac-md5' }, /cannot be sent: scheme .draft-cavage. knows hmac-sha/],
    [{ secret, sign: 'host' }, /option "sign" must be a list/],
    [{ secret, publicOrigin: 'api.example.com' }, /option "publicOrigin"/],
    [{ secret, maxClockCorrectionSeconds: 90_000 }, /at most 86400/],
    [{ secret, correctClock: 'yes' }, /option "correctClock"/],
    [{ secret, toleranceSeconds: 5 }, /is unknown/],
    [{ secret, params: { nope: 'x' } }, /^hmac: option "params\.nope" is unknown; known are header/],
    [{ secret, scheme: hubspotV1 }, /allowInsecureScheme/],
    [{ secret: createSecretKey(Buffer.from(secret)), scheme: hubspotV1, allowInsecureScheme: true }, /text that the vendor shows/],
  ]
  for (const [options, message] of bad) {
    test(`${Object.keys(options).join(', ') || 'nothing'}: ${message}`, () => {
      assert.throws(
        () => hmac({ origins: 'https://api.example.com', ...options }),
        (error) => {
          assert.ok(error instanceof TypeError, inspect(error))
          assert.match(error.message, message)
          assert.ok(!inspect(error).includes(secret))
          return true
        },
      )
    })
  }

  test('S16: what stands on Object.prototype is no option', () => {
    Object.prototype.secret = secret
    Object.prototype.scheme = github
    try {
      assert.throws(() => hmac({ origins: 'https://a.example' }), /option "secret"/)
    } finally {
      delete Object.prototype.secret
      delete Object.prototype.scheme
    }
  })
})

describe('what is sent', () => {
  test('the default is the hex HMAC-SHA256 of the body in X-Signature', async (t) => {
    const server = await recorder(t)
    await client(server, { secret }).post('/orders', { order_id: '12345', amount: 100 })
    const [{ headers, body }] = server.log
    assert.equal(String(body), '{"order_id":"12345","amount":100}')
    assert.equal(headers['x-signature'], hex('{"order_id":"12345","amount":100}'))
  })

  test('a header that the caller has set already gives way to the signature', async (t) => {
    const server = await recorder(t)
    await client(server, { secret }).post('/', 'x', { headers: { 'x-signature': 'forged' } })
    assert.deepEqual(
      server.log[0].rawHeaders.filter((_, i, raw) => i % 2 === 1 && raw[i - 1].toLowerCase() === 'x-signature'),
      [hex('x')],
    )
  })

  test('P46: each attempt has a time and nonce of its own', async (t) => {
    const server = await recorder(t)
    let now = Date.UTC(2026, 0, 15)
    const api = client(server, { secret: Buffer.from(secret), scheme: standardWebhooks, now: () => now })
    const { config } = await api.post('/', 'x')
    now += 5000
    await api(config)
    const [first, second] = server.log.map(({ headers }) => headers)
    assert.notEqual(first['webhook-id'], second['webhook-id'])
    assert.equal(second['webhook-timestamp'] - first['webhook-timestamp'], 5)
  })

  test('schemes that sign the URL take the origin of the request, or the one that is given', async (t) => {
    const server = await recorder(t)
    const url = scheme({ name: 'url', signature: { header: 'x-signature' }, message: '{method} {url}\n{body}' })
    await client(server, { secret, scheme: url }).post('/a b?c=d', 'x')
    await client(server, { secret, scheme: url, publicOrigin: 'https://public.example' }).post('/a', 'x')
    assert.equal(server.log[0].headers['x-signature'], hex(`POST ${server.url}/a%20b?c=d\nx`))
    assert.equal(server.log[1].headers['x-signature'], hex('POST https://public.example/a\nx'))
  })

  test('fields, fixed and of each request', async (t) => {
    const server = await recorder(t)
    const tenant = scheme({
      name: 'tenant',
      signature: { header: 'x-signature' },
      fields: { tenant: { header: 'x-tenant' } },
      message: '{tenant}\n{method} {target}\n{body}',
    })
    await client(server, { secret, scheme: tenant, fields: { tenant: 'a' } }).post('/', 'x')
    await client(server, { secret, scheme: tenant, fields: (config) => ({ tenant: config.params.tenant }) }).post('/', 'x', {
      params: { tenant: 'b' },
    })
    assert.deepEqual(
      server.log.map(({ headers }) => headers['x-tenant']),
      ['a', 'b'],
    )
    assert.equal(server.log[1].headers['x-signature'], hex('b\nPOST /?tenant=b\nx'))
    const error = await failure(client(server, { secret, scheme: tenant, fields: () => ({ tenant: 1 }) }).post('/', 'x'))
    assert.match(error.message, /option "fields\(\)\.tenant" must be a string/)
  })

  test('what a scheme needs and a request lacks is a typed error, and nothing is sent', async (t) => {
    const server = await recorder(t)
    const error = await failure(client(server, { secret, scheme: dated }).post('/', 'x'))
    assert.ok(error instanceof AxiosAuthError)
    assert.equal(error.code, 'ERR_AXIOS_UNSIGNABLE')
    assert.match(error.message, /key id/)
    assert.equal(server.log.length, 0)
  })

  test('S18: a value that no field can carry is a typed error', async (t) => {
    const server = await recorder(t)
    const error = await failure(
      client(server, { secret, scheme: okx, keyId: 'k1', fields: { passphrase: 'a\r\nX-Evil: 1' } }).post('/', 'x'),
    )
    assert.match(error.code, /^ERR_AXIOS_(UNSIGNABLE|HEADER_VALUE)$/)
    assert.equal(server.log.length, 0)
  })
})

test('S16: what stands on Object.prototype is not signed with', async (t) => {
  const server = await recorder(t)
  const api = client(server, { secret, scheme: dated, keyId: 'k1', now: () => 1_768_478_400_000 })
  const polluted = { timestamp: '1', nonce: 'n', algorithm: 'md5', keyId: 'evil', fields: { x: 'y' }, unbound: 'z' }
  Object.assign(Object.prototype, polluted)
  try {
    await api.post('/a', 'x')
  } finally {
    for (const name of Object.keys(polluted)) delete Object.prototype[name]
  }
  const [{ headers }] = server.log
  assert.equal(headers['x-time'], '1768478400')
  assert.equal(headers['x-signature'], hex('k1\n1768478400\nPOST /a\nx'))
})

describe('secrets', () => {
  test('from the call: text, octets, a record, { keyId, secret }, at once or later', async (t) => {
    const server = await recorder(t)
    const answers = [secret, Buffer.from(secret), createSecretKey(Buffer.from(secret)), { secret }, [secret, other]]
    for (const answer of answers.flatMap((one) => [one, Promise.resolve(one)])) {
      await client(server, { secret: () => answer }).post('/', 'x')
      assert.equal(server.log.at(-1).headers['x-signature'], hex('x'))
    }
    const keyed = client(server, { scheme: dated, secret: async (config) => ({ keyId: config.headers.get('X-Tenant'), secret }) })
    await keyed.post('/', 'x', { headers: { 'X-Tenant': 'tenant-7' } })
    const { method, url, rawHeaders, body } = server.log.at(-1)
    assert.equal(verify(dated, { method, url, headers: rawHeaders, body }, { secret: { id: 'tenant-7', secret } }).ok, true)
  })

  test('many calls at once get each its own', async (t) => {
    const server = await recorder(t)
    const secrets = Array.from({ length: 20 }, (_, i) => `secret-number-${String(i).padStart(8, '0')}`)
    // The later a call, the sooner its answer.
    const find = async ({ params }) => {
      for (let turn = params.i; turn < 20; turn += 1) await Promise.resolve()
      return secrets[params.i]
    }
    const api = client(server, { secret: find })
    await Promise.all(secrets.map((_, i) => api.post('/', `body ${i}`, { params: { i } })))
    for (const { url, headers, body } of server.log) assert.equal(headers['x-signature'], hex(body, secrets[Number(url.split('=')[1])]))
  })

  test('none, blank, too short, of a wrong type, a throw, and no answer: the request fails, and nothing is sent', async (t) => {
    const server = await recorder(t)
    const cases = [
      [() => undefined, 'ERR_AXIOS_NO_SECRET'],
      [() => null, 'ERR_AXIOS_NO_SECRET'],
      [() => '', 'ERR_AXIOS_NO_SECRET'],
      [() => [], 'ERR_AXIOS_NO_SECRET'],
      [() => 'short', 'ERR_SECRET_UNUSABLE'],
      [() => 5, 'ERR_SECRET_UNUSABLE'],
      [() => ({ keyId: 'a' }), 'ERR_SECRET_UNUSABLE'],
      [
        () => {
          throw new Error('down')
        },
        'ERR_LOOKUP_FAILED',
      ],
      [() => Promise.reject(new Error('down')), 'ERR_LOOKUP_FAILED'],
      [() => new Promise(() => {}), 'ERR_LOOKUP_TIMEOUT'],
    ]
    keepAlive(t)
    for (const [find, code] of cases) {
      const error = await failure(client(server, { secret: find, timeoutMs: 20 }).post('/', 'x'))
      assert.equal(error.code, code, `${find}`)
    }
    assert.equal(server.log.length, 0)
  })

  test('of a rotating list the first active one signs; where a scheme carries several, all do', async (t) => {
    const server = await recorder(t)
    let now = Date.UTC(2026, 0, 15)
    const list = [
      { secret, notAfter: '2026-02-01T00:00:00Z' },
      { secret: other, notBefore: '2026-01-01T00:00:00Z' },
    ]
    const api = client(server, { secret: list, now: () => now })
    await api.post('/', 'x')
    now = Date.UTC(2026, 1, 15)
    await api.post('/', 'x')
    assert.deepEqual(
      server.log.map(({ headers }) => headers['x-signature']),
      [hex('x'), hex('x', other)],
    )
    await client(server, { scheme: stripe, secret: [secret, other] }).post('/', 'x')
    const { method, url, rawHeaders, body } = server.log.at(-1)
    for (const one of [secret, other]) assert.equal(verify(stripe, { method, url, headers: rawHeaders, body }, { secret: one }).ok, true)
    const over = client(server, { secret: [{ secret, notAfter: '2026-01-20T00:00:00Z' }], now: () => now - 30 * 86_400_000 })
    await over.post('/', 'x')
    now += 60 * 86_400_000
    assert.equal((await failure(over.post('/', 'x'))).code, 'ERR_AXIOS_NO_SECRET')
  })

  test('a source', async (t) => {
    const server = await recorder(t)
    process.env.HMAC_TEST_SECRET = secret
    t.after(() => delete process.env.HMAC_TEST_SECRET)
    await client(server, { secret: secretFromEnv('HMAC_TEST_SECRET') }).post('/', 'x')
    assert.equal(server.log[0].headers['x-signature'], hex('x'))
  })
})

describe('streams', () => {
  const stream = () => Readable.from([Buffer.from('a'), Buffer.from('b')])

  test('P46: only schemes that do not sign the body take one', async (t) => {
    const server = await recorder(t)
    for (const of of [hexSignature, github, slack, dated]) {
      const error = await failure(client(server, { secret, scheme: of, ...(of === dated && { keyId: 'k' }) }).post('/', stream()))
      assert.equal(error.code, 'ERR_AXIOS_UNSIGNED_STREAM')
    }
    assert.equal(server.log.length, 0)
    await client(server, { secret, scheme: bare }).post('/', stream())
    const [{ headers, body }] = server.log
    assert.equal(String(body), 'ab')
    assert.equal(headers['x-signature'], hex(`${headers['x-time']}\nPOST /`))
  })

  test('a field that says the hash of the body says that it is not signed, where the set-up allows it', async (t) => {
    const server = await recorder(t)
    const set = { secret, scheme: awsSigv4S3, keyId: 'AKIDEXAMPLE', params: { region: 'eu-west-1' } }
    assert.equal((await failure(client(server, set).put('/a', stream()))).code, 'ERR_AXIOS_UNSIGNED_STREAM')
    await client(server, { ...set, allowUnboundBody: true }).put('/a', stream())
    const [{ method, url, rawHeaders, headers, body }] = server.log
    assert.equal(headers['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD')
    const judged = verify(
      awsSigv4S3,
      { method, url: server.url + url, headers: rawHeaders, body },
      { secret, params: set.params, allowUnboundBody: true },
    )
    assert.deepEqual([judged.ok, judged.reason], [true, undefined])
  })

  test('RFC 9421 takes one where the set-up leaves Content-Digest out', async (t) => {
    const server = await recorder(t)
    const set = {
      scheme: rfc9421,
      secret: Buffer.from(secret).toString('base64'),
      mustInclude: ['@method', '@target-uri'],
      allowUnboundBody: true,
    }
    await client(server, set).post('/a?b', stream())
    const [{ method, url, rawHeaders, body }] = server.log
    const { scheme: _, ...options } = { ...set, publicOrigin: server.url }
    assert.equal(verify(rfc9421, { method, url, headers: rawHeaders, body }, options).ok, true)
    assert.equal(String(body), 'ab')
  })

  test('whether a scheme takes one is derived', () => {
    const of = (more) =>
      compileScheme(scheme({ name: 'x', signature: { header: 'x-s' }, message: '{method} {target}', allowUnboundBody: 'test', ...more }))
    assert.equal(signsWithoutBody(of({})), true)
    assert.equal(signsWithoutBody(of({ signature: { json: '/signature' } })), false)
    assert.equal(signsWithoutBody(of({ define: { p: 'v1:{body|sha256|hex}' }, message: '{method} {target}\n{p}' })), false)
    const digest = { header: 'x-d', value: '{body|sha256|hex}' }
    assert.equal(signsWithoutBody(of({ fields: { d: digest }, message: '{method} {target}\n{d}' })), false)
    const branches = { choose: [{ when: { method: 'POST' }, use: '{method} {target}\n{body}' }, { use: '{method} {target}' }] }
    assert.equal(signsWithoutBody(of({ message: branches })), false)
    for (const one of [draftCavage, customerIo, hexSignature, rfc9421]) assert.equal(signsWithoutBody(compileScheme(one)), false, one.name)
    assert.equal(signsWithoutBody(compileScheme(rfc9421, { allowUnboundBody: true, mustInclude: ['@method', '@target-uri'] })), true)
  })
})

describe('the trace', () => {
  test('shows the message that was signed, and neither secret nor signature', async (t) => {
    const server = await recorder(t, [500])
    const entries = []
    const trace = (entry) => entries.push(entry)
    const api = client(server, { secret, scheme: dated, keyId: 'k1', trace, now: () => 1_768_478_400_000 })
    const error = await failure(api.post('/a?b=c', 'x'))
    const [entry] = entries
    assert.deepEqual(entry.signed.map(String), ['k1\n1768478400\nPOST /a?b=c\nx'])
    const at = (name) => entry.headers[entry.headers.findIndex((one) => one.toLowerCase() === name) + 1]
    assert.equal(at('x-time'), '1768478400')
    assert.equal(at('x-key'), 'k1')
    const signature = server.log[0].headers['x-signature']
    for (const shown of [
      JSON.stringify(entries),
      inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
      JSON.stringify(error),
    ]) {
      assert.ok(!shown.includes(secret) && !shown.includes(signature))
    }
  })

  test('text that holds JSON, which axios sends as a form, is not signed by a scheme of its members', async (t) => {
    const server = await recorder(t)
    const members = scheme({ name: 'members', signature: { header: 'x-signature' }, message: '{json:/a}' })
    const api = client(server, { secret, scheme: members })
    const error = await failure(api.post('/', '{"a":"1"}'))
    assert.equal(error.code, 'ERR_AXIOS_UNSIGNABLE')
    assert.match(error.message, /Content-Type says that the body is a form; write Content-Type: application\/json/)
    assert.equal(server.log.length, 0)
    await api.post('/', { a: '1' })
    assert.equal(server.log.length, 1)
  })

  test('P45: nothing of a message that holds the secret', async (t) => {
    const server = await recorder(t)
    const entries = []
    await client(server, { secret, scheme: hubspotV1, allowInsecureScheme: true, trace: (entry) => entries.push(entry) }).post('/', 'x')
    assert.ok(!JSON.stringify(entries).includes(secret) && !inspect(entries, { depth: 9 }).includes(secret))
    assert.match(String(entries[0].signed), /^\[secret/)
  })
})

describe('the clock', () => {
  const start = Date.UTC(2026, 0, 15, 12)
  const origin = 'https://api.example.com'
  const at = (seconds) => new Date(start + seconds * 1000).toUTCString()

  test('P12: corrected once, within bounds, over https alone, by a strict Date', () => {
    const clock = () => new CorrectedClock({ now: () => start, maxSeconds: 3600 })
    const refused = [
      [origin, undefined],
      [origin, ''],
      [origin, 'Thu, 15 Jan 2026'],
      [origin, 'Fri, 15 Jan 2026 12:10:00 GMT'],
      [origin, '2026-01-15T12:10:00Z'],
      [origin, 'Thursday, 15-Jan-26 12:10:00 GMT'],
      [origin, at(1)],
      [origin, at(-1)],
      [origin, at(3601)],
      [origin, at(-3601)],
      ['http://api.example.com', at(600)],
    ]
    for (const [of, date] of refused) {
      const one = clock()
      assert.equal(one.correct(of, date), false, date)
      assert.equal(one.now(of), start)
    }
    for (const seconds of [2, -2, 3600, -3600]) {
      const one = clock()
      assert.equal(one.correct(origin, at(seconds)), true)
      assert.equal(one.now(origin), start + seconds * 1000)
      assert.equal(one.now('https://other.example'), start)
      assert.equal(one.correct(origin, at(600)), false)
      assert.equal(one.now(origin), start + seconds * 1000)
    }
  })
})
