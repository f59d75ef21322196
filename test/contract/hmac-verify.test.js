import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http2 from 'node:http2'
import { createRequire } from 'node:module'
import { after, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { memoryReplayStore } from '@countersign/core'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { scheme, sign, slack } from '@countersign/schemes'
import { frameworks, isKoa } from '../support/frameworks.js'
import { pki } from '../support/pki.js'
import { deferred, keepAlive } from '../support/promises.js'
import { Connection, exchange, head, turns, within } from '../support/raw-http.js'
import { fieldsOf, problemFields, problems, server } from '../support/verdicts.js'

const require = createRequire(import.meta.url)
const SECRET = 'a-secret-of-the-tests-0123456789'
const CHALLENGE = ['www-authenticate', 'Signature realm="api"']
const BODY = '{"data":"test"}'
const hex = (octets, secret = SECRET) => createHmac('sha256', secret).update(octets).digest('hex')
const signed = (body = BODY, headers = {}) => ({ method: 'POST', body, headers: { 'x-signature': hex(body), ...headers } })

/** Signs method, full target, time and body, as an API of one's own would. */
const whole = scheme({
  name: 'whole',
  signature: { header: 'x-signature' },
  timestamp: { header: 'x-time', unit: 'seconds' },
  message: '{method} {target}\n{timestamp}\n{body}',
})

function signedWhole({ method = 'POST', path = '/', body = '', headers = {} } = {}) {
  const out = sign(whole, { method, url: path, body: Buffer.from(body) }, { secret: SECRET })
  return { method, path, ...(body === '' ? {} : { body }), headers: { ...headers, ...out.headers } }
}

keepAlive({ after })

for (const framework of frameworks) {
  const serve = server(framework)
  const hmacVerify = isKoa(framework) ? forKoa : forExpress
  const guarded = (options, more) => ({ guard: () => hmacVerify({ secret: SECRET, ...options }), ...more })

  /** Serves and gathers what the observer is told: `app.codes`. */
  const observed = async (t, options, more) => {
    const codes = []
    const app = await serve(t, guarded({ onRefusal: ({ code }) => codes.push(code), ...options }, more))
    return Object.assign(app, { codes })
  }

  describe(`hmacVerify, ${framework}`, () => {
    test('a rightly signed request reaches the handler, and who sent it is known', async (t) => {
      const app = await serve(t, guarded({}))
      const answer = await exchange(app.port, signed())
      assert.equal(answer.status, 200)
      assert.deepEqual(answer.json().auth, { clientId: 'hex-signature', scheme: 'hmac', groups: [] })
      const named = await serve(t, guarded({ secret: { id: 'k1', secret: SECRET }, clientId: 'crm' }))
      const { auth } = (await exchange(named.port, signed())).json()
      assert.deepEqual(auth, { clientId: 'k1', scheme: 'hmac', groups: [], credentialId: 'k1' })
    })

    test('P16, P23: missing, doubled, garbage, wrong: 401 with the challenge, the same octets, and the handler does not run', async (t) => {
      const app = await observed(t, {}, { handler: () => assert.fail('the handler ran') })
      const mac = hex(BODY)
      const sent = [
        [{}, 'ERR_AUTH_REQUIRED'],
        [{ 'x-signature': [mac, mac] }, 'ERR_HMAC_DUPLICATED'],
        [{ 'x-signature': `${mac}, ${mac}` }, 'ERR_HMAC_MALFORMED'],
        [{ 'x-signature': '' }, 'ERR_HMAC_MALFORMED'],
        [{ 'x-signature': 'garbage' }, 'ERR_HMAC_MALFORMED'],
        [{ 'x-signature': `${mac}zzzz` }, 'ERR_HMAC_MALFORMED'],
        [{ 'x-signature': mac.toUpperCase() }, 'ERR_HMAC_MISMATCH'],
        [{ 'x-signature': `\u00e9${mac.slice(1)}` }, 'ERR_HMAC_MISMATCH'],
        [{ 'x-signature': hex(BODY, 'another secret of the tests') }, 'ERR_HMAC_MISMATCH'],
        [{ 'x-signature': hex('') }, 'ERR_HMAC_MISMATCH'],
      ]
      for (const [headers, code] of sent) {
        const answer = await exchange(app.port, { method: 'POST', body: BODY, headers })
        assert.equal(answer.text, problems[401], inspect(headers))
        assert.deepEqual(fieldsOf(answer), problemFields(401, [CHALLENGE]))
        assert.deepEqual(app.codes.splice(0), [code], inspect(headers))
      }
    })

    test('where a request carries no signature, the observer is told which fields were looked at', async (t) => {
      const reasons = []
      const app = await serve(t, guarded({ onRefusal: ({ reason }) => reasons.push(reason) }))
      await exchange(app.port, { method: 'POST', body: BODY, headers: { 'x-signatur': hex(BODY) } })
      assert.deepEqual(reasons, ['the request carries no credentials that the route accepts; fields that were checked: x-signature'])
    })

    const contentTypes = [
      [undefined, BODY],
      ['application/json', '{ "b" : 1.0e2,"a":1,\t"a":"\\u00e9" }'],
      ['application/vnd.acme.event+json; charset=utf-8', BODY],
      ['text/plain', 'plain text'],
      ['application/octet-stream', Buffer.from([0, 0xff, 0xfe, 0x80, 0x0a])],
      ['application/x-www-form-urlencoded', 'a=1&b=%20+&a=2'],
      ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'],
      ['application/json; charset=utf-16', Buffer.from('{"a":1}', 'utf16le')],
      ['not a media type', BODY],
    ]
    test('P04, P05: every octet of the body counts, whatever its content type says', async (t) => {
      const app = await serve(t, guarded({}, { handler: () => ({ body: 'ok' }) }))
      for (const [type, body] of contentTypes) {
        const headers = type === undefined ? {} : { 'content-type': type }
        assert.equal((await exchange(app.port, signed(body, headers))).status, 200, type)
        const octets = Buffer.from(body)
        for (const at of [0, octets.length >> 1, octets.length - 1]) {
          const altered = Buffer.from(octets)
          altered[at] ^= 1
          const answer = await exchange(app.port, { ...signed(body, headers), body: altered })
          assert.equal(answer.status, 401, `${type} at ${at}`)
        }
        assert.equal((await exchange(app.port, { ...signed(body, headers), body: Buffer.concat([octets, Buffer.from('\n')]) })).status, 401)
      }
    })

    test('a body in chunks, slow or at once, is one body', async (t) => {
      const app = await serve(t, guarded({}))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      await connection.write(head({ method: 'POST', headers: { 'transfer-encoding': 'chunked', 'x-signature': hex(BODY) } }))
      for (const octet of Buffer.from(BODY)) {
        await connection.chunk([octet])
        await turns(1)
      }
      await connection.chunk('', { last: true })
      assert.equal((await connection.response({ to: 'POST' })).status, 200)
    })

    test('the HMAC of nothing opens nothing', async (t) => {
      const app = await observed(t, {}, { handler: () => ({ body: 'in' }) })
      for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH']) {
        assert.equal((await exchange(app.port, { method, headers: { 'x-signature': hex('') } })).status, 401, method)
        assert.deepEqual(app.codes.splice(0), ['ERR_HMAC_NOTHING_SIGNED'], method)
      }
      assert.equal((await exchange(app.port, { ...signed(), method: 'GET' })).status, 401)
      assert.equal((await exchange(app.port, { ...signed(), method: 'DELETE' })).status, 401)
      assert.deepEqual(app.codes, ['ERR_HMAC_NOTHING_SIGNED', 'ERR_HMAC_NOTHING_SIGNED'])
      const allowed = await serve(t, guarded({ allowEmptyBody: true }))
      assert.equal((await exchange(allowed.port, { headers: { 'x-signature': hex('') } })).status, 200)
    })

    test('HEAD and GET are verified where method and target are signed', async (t) => {
      const app = await serve(t, guarded({ scheme: whole }))
      for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
        const request = signedWhole({ method, path: '/a?b=1' })
        assert.equal((await exchange(app.port, request)).status, 200, method)
        assert.equal((await exchange(app.port, { ...request, path: '/a?b=2' })).status, 401, method)
        assert.equal((await exchange(app.port, { ...request, method: method === 'GET' ? 'HEAD' : 'GET' })).status, 401, method)
      }
    })

    test('P10: the target is signed as it was sent, also where the app is mounted or rewrites it', async (t) => {
      const rewrite = isKoa(framework)
        ? (ctx, next) => {
            ctx.url = '/rewritten'
            return next()
          }
        : (req, _res, next) => {
            req.url = `/rewritten${req.url}`
            next()
          }
      for (const more of [{ mount: '/api' }, { before: isKoa(framework) ? [rewrite] : [] }]) {
        const app = await serve(t, guarded({ scheme: whole }, { ...more, handler: () => ({ body: 'ok' }) }))
        for (const path of [
          '/api/x',
          '/api/x?',
          '/api/x?a=1&a=2&b',
          '/api/%2Fx%20y?q=%2F+%20',
          '/api/caf%C3%A9',
          '/api//x/../y',
          '/api/x?a[]=1&a[]=2',
        ]) {
          assert.equal((await exchange(app.port, signedWhole({ path, body: BODY }))).status, 200, path)
        }
        assert.equal(
          (await exchange(app.port, { ...signedWhole({ path: '/x', body: BODY }), path: '/api/x' })).status,
          401,
          'the rest of the path',
        )
      }
    })

    test('P10: inside routers, one within another', async (t) => {
      const nested = () => {
        if (isKoa(framework)) {
          const Router = require('@koa/router')
          const inner = new (Router.default ?? Router)()
          inner.post('/:id', hmacVerify({ secret: SECRET, scheme: whole }), (ctx) => {
            ctx.body = { id: ctx.params.id, client: ctx.state.auth.clientId }
          })
          const outer = new (Router.default ?? Router)()
          outer.use('/v1/:kind', inner.routes())
          return outer.routes()
        }
        const express = require(framework)
        const inner = express.Router({ mergeParams: true })
        inner.post('/:id', hmacVerify({ secret: SECRET, scheme: whole }), (req, res) => {
          res.json({ id: req.params.id, client: req.auth.clientId })
        })
        const outer = express.Router()
        outer.use('/v1/:kind', inner)
        return outer
      }
      const app = await serve(t, { guard: nested })
      const answer = await exchange(app.port, signedWhole({ path: '/v1/orders/7?x=1', body: BODY }))
      assert.deepEqual(answer.json(), { id: '7', client: 'whole' })
      assert.equal((await exchange(app.port, { ...signedWhole({ path: '/7?x=1', body: BODY }), path: '/v1/orders/7?x=1' })).status, 401)
    })

    test('the same guard twice on a route claims once; two guards are two', async (t) => {
      const one = hmacVerify({ secret: SECRET, scheme: slack })
      const app = await serve(t, { guard: () => [one, one] })
      const request = () => {
        const out = sign(slack, { method: 'POST', url: '/', body: Buffer.from(BODY) }, { secret: SECRET })
        return { method: 'POST', body: BODY, headers: out.headers }
      }
      const sent = request()
      assert.equal((await exchange(app.port, sent)).status, 200)
      assert.equal((await exchange(app.port, sent)).status, 401)
      const replay = memoryReplayStore()
      const make = () => hmacVerify({ secret: SECRET, scheme: slack, replay })
      const shared = await serve(t, { guard: () => [make(), make()] })
      assert.equal((await exchange(shared.port, sent)).status, 401, 'the second guard finds the claim of the first')
    })

    test('optional lets through who brings nothing, and nobody who brings something bad', async (t) => {
      const app = await serve(t, guarded({ optional: true }, { handler: ({ auth }) => ({ body: { client: auth?.clientId ?? null } }) }))
      assert.deepEqual((await exchange(app.port, { method: 'POST', body: BODY })).json(), { client: null })
      assert.deepEqual((await exchange(app.port, signed())).json(), { client: 'hex-signature' })
      for (const value of ['', 'x', hex('other'), [hex(BODY), hex(BODY)]]) {
        assert.equal(
          (await exchange(app.port, { method: 'POST', body: BODY, headers: { 'x-signature': value } })).status,
          401,
          String(value),
        )
      }
    })

    test('S02, S03: nothing that a request says turns verification off, and no event is exempt', async (t) => {
      const app = await serve(t, guarded({}, { handler: () => assert.fail('the handler ran') }))
      const claims = {
        'x-http-method-override': 'GET',
        'x-original-url': '/public',
        'x-forwarded-for': '127.0.0.1',
        'x-hub-signature': 'sha1=none',
        'x-github-event': 'ping',
        'x-slack-retry-num': '1',
        'user-agent': 'kube-probe/1.29',
        authorization: 'Basic YWRtaW46YWRtaW4=',
        cookie: 'verified=true',
        algorithm: 'none',
        'x-auth': 'optional',
      }
      for (const body of [
        'ssl_check=1&token=x',
        '{"type":"url_verification","challenge":"x"}',
        '{"event":"ping"}',
        '{"auth":{"clientId":"root"}}',
      ]) {
        for (const path of ['/', '/?ssl_check=1', '/?signature=skip&verify=false', '/health']) {
          assert.equal((await exchange(app.port, { method: 'POST', path, body, headers: claims })).status, 401)
        }
      }
    })

    test('refusals: throw gives the framework the status and the challenge', async (t) => {
      const app = await serve(t, guarded({ refusals: 'throw' }))
      const answer = await exchange(app.port, { method: 'POST', body: BODY })
      assert.equal(answer.status, 401)
      assert.equal(answer.get('www-authenticate'), 'Signature realm="api"')
      assert.equal(app.errors[0]?.status ?? 401, 401)
    })

    test('P08: a body over the limit is 413, declared or sent, and nothing is decided about it', async (t) => {
      const app = await observed(t, { maxBodyBytes: 100 }, { handler: () => ({ body: 'ok' }) })
      const large = 'x'.repeat(101)
      assert.equal((await exchange(app.port, signed('x'.repeat(100)))).status, 200)
      assert.equal((await exchange(app.port, signed(large))).status, 413)
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      await connection.write(head({ method: 'POST', headers: { 'transfer-encoding': 'chunked', 'x-signature': hex(large) } }))
      await connection.chunk(large)
      assert.equal((await connection.response({ to: 'POST' })).status, 413)
      assert.deepEqual(app.codes, ['ERR_BODY_TOO_LARGE', 'ERR_BODY_TOO_LARGE'])
    })

    test('P08: what can be refused by the head is refused before the body is there', async (t) => {
      const keyed = scheme({
        name: 'keyed',
        signature: { header: 'x-signature', format: '{keyId}:{signature}' },
        timestamp: { header: 'x-time', unit: 'seconds' },
        message: '{timestamp}.{body}',
      })
      const app = await observed(t, { scheme: keyed, secret: (keyId) => (keyId === 'known' ? SECRET : undefined) })
      const time = Math.floor(Date.now() / 1000)
      const mac = 'a'.repeat(64)
      for (const [headers, code] of [
        [{}, 'ERR_AUTH_REQUIRED'],
        [{ 'x-signature': 'garbage', 'x-time': time }, 'ERR_HMAC_MALFORMED'],
        [{ 'x-signature': `known:${mac}`, 'x-time': time - 301 }, 'ERR_HMAC_STALE'],
        [{ 'x-signature': `known:${mac}`, 'x-time': time + 302 }, 'ERR_HMAC_FUTURE'],
        [{ 'x-signature': `unknown:${mac}`, 'x-time': time }, 'ERR_HMAC_UNKNOWN_KEY'],
      ]) {
        const connection = new Connection(app.port)
        t.after(() => connection.close())
        await connection.write(head({ method: 'POST', headers: { 'content-length': 1000, ...headers } }))
        assert.equal((await connection.response({ to: 'POST' })).status, 401)
        assert.deepEqual(app.codes.splice(0), [code])
      }
    })

    test('P20: a look-up that fails, hangs or answers nonsense is no signature, and the next request is served', async (t) => {
      let answer
      const keyed = scheme({ name: 'keyed', signature: { header: 'x-signature', format: '{keyId}:{signature}' }, message: '{body}' })
      const app = await observed(t, { scheme: keyed, timeoutMs: 30, secret: (keyId) => answer(keyId) }, { handler: () => ({ body: 'ok' }) })
      const request = { method: 'POST', body: BODY, headers: { 'x-signature': `k:${hex(BODY)}` } }
      const good = () => SECRET
      for (const [how, status, code] of [
        [() => assert.fail('down'), 503, 'ERR_LOOKUP_FAILED'],
        [async () => assert.fail('down'), 503, 'ERR_LOOKUP_FAILED'],
        [() => new Promise(() => {}), 503, 'ERR_LOOKUP_TIMEOUT'],
        [() => 5, 500, 'ERR_SECRET_UNUSABLE'],
        [() => 'short', 500, 'ERR_SECRET_UNUSABLE'],
        [async () => ({ secret: Buffer.alloc(3) }), 401, 'ERR_HMAC_UNKNOWN_KEY'],
        [() => undefined, 401, 'ERR_HMAC_UNKNOWN_KEY'],
        [async () => null, 401, 'ERR_HMAC_UNKNOWN_KEY'],
        [() => '', 401, 'ERR_HMAC_UNKNOWN_KEY'],
        [() => '  \n', 401, 'ERR_HMAC_UNKNOWN_KEY'],
        [() => Buffer.alloc(0), 401, 'ERR_HMAC_UNKNOWN_KEY'],
        [() => [], 401, 'ERR_HMAC_UNKNOWN_KEY'],
        [() => ['', null], 401, 'ERR_HMAC_UNKNOWN_KEY'],
      ]) {
        answer = how
        const refused = await exchange(app.port, request)
        assert.equal(refused.text, problems[status], how.toString())
        assert.deepEqual(app.codes.splice(0), [code], how.toString())
        answer = good
        assert.equal((await exchange(app.port, request)).status, 200)
      }
    })

    test('P18: a rotation: both secrets hold, and each request says which one', async (t) => {
      const at = Date.now()
      const list = [
        { id: 'old', secret: 'the old secret of the tests', notAfter: new Date(at + 60_000) },
        { id: 'new', secret: 'the new secret of the tests' },
      ]
      let later = 0
      const app = await serve(t, guarded({ secret: list, clientId: 'crm', now: () => at + later }))
      const by = (secret) => exchange(app.port, { method: 'POST', body: BODY, headers: { 'x-signature': hex(BODY, secret) } })
      assert.equal((await by('the old secret of the tests')).json().auth.credentialId, 'old')
      assert.equal((await by('the new secret of the tests')).json().auth.credentialId, 'new')
      later = 60_000
      assert.equal((await by('the old secret of the tests')).status, 401)
      assert.equal((await by('the new secret of the tests')).status, 200)
    })

    test('over TLS', async (t) => {
      const { server: own, ca } = pki()
      const tls = { key: readFileSync(own.key), cert: readFileSync(own.cert) }
      const client = { ca: readFileSync(ca.cert), servername: 'localhost', checkServerIdentity: () => undefined }
      const byHost = scheme({ name: 'by-host', signature: { header: 'x-signature' }, message: '{scheme}://{host} {port}\n{body}' })
      const app = await serve(t, guarded({ scheme: byHost }, { tls }))
      const request = (text) => ({ tls: client, method: 'POST', body: BODY, headers: { 'x-signature': hex(`${text}\n${BODY}`) } })
      assert.equal((await exchange(app.port, request('https://127.0.0.1 443'))).status, 200)
      assert.equal((await exchange(app.port, request('http://127.0.0.1 80'))).status, 401)
    })
  })
}

for (const framework of frameworks.filter(isKoa)) {
  test(`HTTP/2, ${framework}: target, host and body are signed as there are`, async (t) => {
    const byAll = scheme({
      name: 'by-all',
      signature: { header: 'x-signature' },
      message: '{method} {host} {target}\n{header:host}\n{body}',
    })
    const serve = server(framework)
    const app = await serve(t, { guard: () => forKoa({ scheme: byAll, secret: SECRET }), protocol: 'h2c', mount: '/api' })
    const client = http2.connect(`http://127.0.0.1:${app.port}`)
    t.after(() => client.destroy())
    const ask = async (authority, extra = {}, body = BODY) => {
      const mac = hex(`POST ${authority} /api/x?y=1\n${authority}\n${BODY}`)
      const stream = client.request({ ':method': 'POST', ':path': '/api/x?y=1', ':authority': authority, 'x-signature': mac, ...extra })
      stream.on('error', () => undefined)
      stream.end(body)
      const [fields] = await within(once(stream, 'response'), 'the answer')
      stream.resume()
      return fields[':status']
    }
    assert.equal(await ask('api.example:8443'), 200)
    assert.equal(await ask('api.example', {}, '{"data":"tesu"}'), 401)
    assert.equal(await ask('api.example', { host: 'other.example' }), 401)
  })
}

describe('both frameworks', () => {
  test('P23: a refusal is the same octets on all four', async (t) => {
    const texts = new Set()
    for (const framework of frameworks) {
      const hmacVerify = isKoa(framework) ? forKoa : forExpress
      const app = await server(framework)(t, { guard: () => hmacVerify({ secret: SECRET }) })
      const answer = await exchange(app.port, { method: 'POST', body: BODY, headers: { 'x-signature': 'x' } })
      texts.add(JSON.stringify([answer.status, fieldsOf(answer), answer.text]))
    }
    assert.equal(texts.size, 1)
  })

  test('P13: two apps with one store: of one request sent to both at once exactly one passes', async (t) => {
    const memory = memoryReplayStore()
    const replay = {
      async claim(key, ttl) {
        await turns(2)
        return memory.claim(key, ttl)
      },
      release: async (key, token) => memory.release(key, token),
    }
    const release = deferred()
    const apps = []
    for (const framework of ['express5', 'koa3']) {
      const hmacVerify = isKoa(framework) ? forKoa : forExpress
      const guard = () => hmacVerify({ secret: SECRET, scheme: slack, replay })
      const handler = async () => {
        await release.promise
        return { body: 'ok' }
      }
      apps.push(await server(framework)(t, { guard, handler }))
    }
    for (let round = 0; round < 10; round += 1) {
      const body = `{"round":${round}}`
      const { headers } = sign(slack, { method: 'POST', url: '/', body: Buffer.from(body) }, { secret: SECRET })
      const asked = apps.map((app) => exchange(app.port, { method: 'POST', body, headers }))
      release.resolve()
      const statuses = (await Promise.all(asked)).map(({ status }) => status).sort()
      assert.deepEqual(statuses, [200, 401])
    }
  })
})
