import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { dropboxSign } from '@countersign/schemes'
import { frameworks, isKoa, parsersOf } from '../support/frameworks.js'
import { exchange } from '../support/raw-http.js'
import { problems, server } from '../support/verdicts.js'

const require = createRequire(import.meta.url)
const SECRET = 'a-secret-of-the-tests-0123456789'
const hex = (octets) => createHmac('sha256', SECRET).update(octets).digest('hex')
const multipart = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'

/** What each parser is sent, and what it makes of it. */
const parsed = {
  json: ['application/json', '{"b": 1.0,"a":"\u00e9"}', { b: 1, a: '\u00e9' }],
  raw: ['application/octet-stream', 'octets', { type: 'Buffer', data: [...Buffer.from('octets')] }],
  urlencoded: ['application/x-www-form-urlencoded', 'a=1&b=%20', { a: '1', b: ' ' }],
  text: ['text/plain', 'text', 'text'],
  multer: ['multipart/form-data; boundary=x', multipart, { a: '1' }],
  'koa-bodyparser': ['application/json', '{"b": 1.0,"a":"\u00e9"}', { b: 1, a: '\u00e9' }],
  '@koa/bodyparser': ['application/json', '{"b": 1.0,"a":"\u00e9"}', { b: 1, a: '\u00e9' }],
  'koa-body': ['application/json', '{"b": 1.0,"a":"\u00e9"}', { b: 1, a: '\u00e9' }],
}

for (const framework of frameworks) {
  const serve = server(framework)
  const hmacVerify = isKoa(framework) ? forKoa : forExpress

  /** Serves with a guard and gathers what its observer is told: `app.codes`, `app.reasons`. */
  const observed = async (t, options, more) => {
    const codes = []
    const reasons = []
    const onRefusal = ({ code, reason }) => {
      codes.push(code)
      reasons.push(reason)
    }
    const app = await serve(t, { guard: () => hmacVerify({ secret: SECRET, onRefusal, ...options }), ...more })
    return Object.assign(app, { codes, reasons })
  }
  const sign = (body, headers = {}) => ({ method: 'POST', body, headers: { 'x-signature': hex(body), ...headers } })

  describe(`hmacVerify and body parsers, ${framework}`, () => {
    for (const parser of parsersOf(framework)) {
      const [type, body, expected] = parsed[parser]

      test(`P03: in front of ${parser}: both see the whole body`, async (t) => {
        const app = await observed(t, {}, { parser })
        const answer = await exchange(app.port, sign(body, { 'content-type': type }))
        assert.equal(answer.status, 200)
        assert.deepEqual(JSON.parse(JSON.stringify(answer.json().body)), expected)
        const altered = await exchange(app.port, { ...sign(body, { 'content-type': type }), body: `${body} ` })
        assert.equal(altered.status, 401)
      })

      if (parser === 'multer') {
        test('JSON in a field of a multipart form: verified as the parser reads it', async (t) => {
          const event = { event_time: '1700000000', event_type: 'signature_request_sent' }
          const form = new FormData()
          form.set('json', JSON.stringify({ event: { ...event, event_hash: hex(Object.values(event).join('')) } }))
          form.set('note', 'the vendor does not sign this')
          const sent = new Response(form)
          const delivery = { method: 'POST', headers: { 'content-type': sent.headers.get('content-type') }, body: await sent.text() }
          const app = await observed(t, { scheme: dropboxSign }, { parser })
          const answer = await exchange(app.port, delivery)
          assert.equal(answer.status, 200)
          assert.equal(JSON.parse(answer.json().body.json).event.event_time, event.event_time)
          const altered = await exchange(app.port, { ...delivery, body: delivery.body.replace('request_sent', 'request_done') })
          assert.equal(altered.status, 401)
          assert.deepEqual(app.codes, ['ERR_HMAC_MISMATCH'])
        })
      }

      const isJson = parser === 'json' || isKoa(framework)
      if (isJson) {
        test(`P03: in front of ${parser}, a large body and one in chunks`, async (t) => {
          const app = await observed(
            t,
            { maxBodyBytes: 8 * 1024 * 1024 },
            { parser, handler: ({ body: { text } }) => ({ body: { length: text.length } }) },
          )
          for (const length of [90_000, 3_000_000]) {
            const large = JSON.stringify({ text: 'a'.repeat(length) })
            const answer = await exchange(app.port, sign(large, { 'content-type': 'application/json' }))
            assert.deepEqual(answer.json(), { length })
            const chunks = `${Buffer.byteLength(large).toString(16)}\r\n${large}\r\n0\r\n\r\n`
            const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked', 'x-signature': hex(large) }
            assert.deepEqual((await exchange(app.port, { method: 'POST', headers, body: chunks })).json(), { length })
          }
        })
      }

      test(`P02, P01: behind ${parser}, which keeps no octets: 500 at once, never a signature over what was parsed`, async (t) => {
        const app = await observed(t, {}, { parser, parserPlace: 'before', handler: () => assert.fail('the handler ran') })
        const answer = await exchange(app.port, sign(body, { 'content-type': type }))
        assert.equal(answer.text, problems[500])
        assert.deepEqual(app.codes, ['ERR_BODY_CONSUMED'])
        assert.match(app.reasons[0], /mount the guard before the body parser, or keep the raw body as a Buffer in req\.rawBody/)
      })

      test(`behind ${parser}, a request without body is judged`, async (t) => {
        const app = await observed(t, { allowEmptyBody: true }, { parser, parserPlace: 'before', handler: () => ({ body: 'ok' }) })
        assert.equal((await exchange(app.port, { method: 'GET', headers: { 'x-signature': hex('') } })).status, 200)
        const none = { method: 'POST', headers: { 'x-signature': hex(''), 'content-length': 0 } }
        assert.equal((await exchange(app.port, none)).status, 200)
        assert.equal((await exchange(app.port, { ...none, headers: { ...none.headers, 'x-signature': hex('x') } })).status, 401)
      })
    }

    /** A parser that keeps the octets where a host would, as `keep` says. */
    const keeping = (keep) =>
      isKoa(framework)
        ? async (ctx, next) => {
            const chunks = []
            for await (const chunk of ctx.req) chunks.push(chunk)
            keep(ctx.req, Buffer.concat(chunks))
            await next()
          }
        : async (req, _res, next) => {
            const chunks = []
            for await (const chunk of req) chunks.push(chunk)
            keep(req, Buffer.concat(chunks))
            next()
          }

    test('P07: behind whatever keeps the octets in req.rawBody', async (t) => {
      const keep = (req, octets) => {
        req.rawBody = octets
      }
      const app = await observed(t, {}, { before: [keeping(keep)], handler: () => ({ body: 'ok' }) })
      for (const body of ['{"a":1}', Buffer.from([0xff, 0, 0xfe]), '\ufeff{}']) {
        assert.equal((await exchange(app.port, sign(body))).status, 200)
        assert.equal((await exchange(app.port, { ...sign(body), body: Buffer.concat([Buffer.from(body), Buffer.from(' ')]) })).status, 401)
      }
    })

    test('P05: what is kept as text, as an object or by a prototype is not the octets', async (t) => {
      for (const keep of [
        (req, octets) => {
          req.rawBody = octets.toString()
        },
        (req, octets) => {
          req.rawBody = JSON.parse(octets)
        },
        (req, octets) => {
          req.rawBody = [...octets]
        },
        (req, octets) => {
          req.body = octets
        },
        (req, octets) => Object.setPrototypeOf(req, Object.create(Object.getPrototypeOf(req), { rawBody: { value: octets } })),
      ]) {
        const app = await observed(t, {}, { before: [keeping(keep)], handler: () => assert.fail('the handler ran') })
        assert.equal((await exchange(app.port, sign('{"a":1}'))).status, 500, keep.toString())
        assert.deepEqual(app.codes, ['ERR_BODY_CONSUMED'])
      }
    })

    test('P07: the option rawBody finds the octets where a host keeps them', async (t) => {
      const keep = (req, octets) => {
        req.event = { body: octets.toString('base64'), isBase64Encoded: true }
      }
      const rawBody = (req) => Buffer.from(req.event.body, 'base64')
      const app = await observed(t, { rawBody }, { before: [keeping(keep)], handler: () => ({ body: 'ok' }) })
      assert.equal((await exchange(app.port, sign('{"a":1}'))).status, 200)
      assert.equal((await exchange(app.port, { ...sign('{"a":1}'), body: '{"a":2}' })).status, 401)
      const odd = await observed(t, { rawBody: () => 'text' }, { handler: () => assert.fail('the handler ran') })
      assert.equal((await exchange(odd.port, sign('{"a":1}'))).status, 500)
    })

    const codings = [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ]
    test('P06: digestOver says whether the body counts as sent or with its coding taken off', async (t) => {
      const plain = Buffer.from('{"a":"a body that is compressed"}')
      const wire = await observed(t, {}, { handler: () => ({ body: 'ok' }) })
      const decoded = await observed(t, { digestOver: 'decoded' }, { handler: () => ({ body: 'ok' }) })
      for (const [coding, compress] of codings) {
        const body = compress(plain)
        const headers = { 'content-encoding': coding }
        assert.equal((await exchange(wire.port, sign(body, headers))).status, 200, coding)
        assert.equal((await exchange(wire.port, { method: 'POST', body, headers: { ...headers, 'x-signature': hex(plain) } })).status, 401)
        assert.equal(
          (await exchange(decoded.port, { method: 'POST', body, headers: { ...headers, 'x-signature': hex(plain) } })).status,
          200,
        )
        assert.equal((await exchange(decoded.port, sign(body, headers))).status, 401, coding)
      }
      const bomb = gzipSync(Buffer.alloc(2_000_000))
      assert.equal((await exchange(decoded.port, sign(bomb, { 'content-encoding': 'gzip' }))).status, 413)
      assert.equal((await exchange(decoded.port, sign('x', { 'content-encoding': 'zstd' }))).status, 415)
      assert.equal((await exchange(decoded.port, sign('x', { 'content-encoding': 'gzip, gzip' }))).status, 415)
      assert.equal((await exchange(decoded.port, sign('no gzip', { 'content-encoding': 'gzip' }))).status, 400)
    })

    test('P06: octets that a parser has decoded count for digestOver: decoded alone', async (t) => {
      const plain = Buffer.from('{"a":1}')
      const keep = (req) => {
        req.rawBody = plain
      }
      const request = (mac) => ({ method: 'POST', body: gzipSync(plain), headers: { 'content-encoding': 'gzip', 'x-signature': mac } })
      const wire = await observed(t, {}, { before: [keeping(keep)], handler: () => ({ body: 'ok' }) })
      assert.equal((await exchange(wire.port, request(hex(plain)))).status, 500)
      assert.deepEqual(wire.codes, ['ERR_BODY_CONSUMED'])
      const decoded = await observed(t, { digestOver: 'decoded' }, { before: [keeping(keep)], handler: () => ({ body: 'ok' }) })
      assert.equal((await exchange(decoded.port, request(hex(plain)))).status, 200)
      assert.equal((await exchange(decoded.port, request(hex('other')))).status, 401)
    })

    test('refused or not, what was not ours stays: nothing is written to req.body, req.query or req.user', async (t) => {
      let seen
      const app = await observed(
        t,
        {},
        {
          handler: ({ req, ctx }) => {
            seen = { body: Object.hasOwn(req, 'body') && req.body !== undefined, user: req.user, query: (ctx ?? req).query }
            return { body: 'ok' }
          },
        },
      )
      assert.equal((await exchange(app.port, { ...sign('{"a":1}'), path: '/?q=1' })).status, 200)
      assert.equal(seen.body, false)
      assert.equal(seen.user, undefined)
      assert.equal(seen.query.q, '1')
    })
  })
}

for (const framework of frameworks.filter((name) => !isKoa(name))) {
  test(`P01: behind express.json, express.raw, urlencoded and text that keep the octets in verify, ${framework}`, async (t) => {
    const express = require(framework)
    const verify = (req, _res, octets) => {
      req.rawBody = octets
    }
    for (const parser of ['json', 'raw', 'urlencoded', 'text']) {
      const [type, body, expected] = parsed[parser]
      const middleware = express[parser]({ extended: false, type: () => true, verify })
      const app = await server(framework)(t, { before: [middleware], guard: () => forExpress({ secret: SECRET }) })
      const request = { method: 'POST', body, headers: { 'content-type': type, 'x-signature': hex(body) } }
      const answer = await exchange(app.port, request)
      assert.equal(answer.status, 200, parser)
      assert.deepEqual(answer.json().body, expected)
      assert.equal(
        (await exchange(app.port, { ...request, body: body.replace('1', '2').replace('o', '0').replace('e', '3') })).status,
        401,
        parser,
      )
    }
  })

  test(`P04: behind express.json({ verify }) a body that it does not parse is read from the stream, ${framework}`, async (t) => {
    const express = require(framework)
    const verify = (req, _res, octets) => {
      req.rawBody = octets
    }
    const app = await server(framework)(t, {
      before: [express.json({ verify })],
      guard: () => forExpress({ secret: SECRET }),
      handler: () => ({ body: 'ok' }),
    })
    const body = 'plain text'
    const request = { method: 'POST', body, headers: { 'content-type': 'text/plain', 'x-signature': hex(body) } }
    assert.equal((await exchange(app.port, request)).status, 200)
    assert.equal((await exchange(app.port, { ...request, body: 'plain texs' })).status, 401)
  })
}
