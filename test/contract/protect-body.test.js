import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { granted } from '@countersign/core'
import { frameworks, isKoa, parsersOf } from '../support/frameworks.js'
import { Connection, exchange, head, turns } from '../support/raw-http.js'
import { answering, guarded, problems, server, who } from '../support/verdicts.js'

for (const framework of frameworks) {
  const serve = server(framework)

  describe(`P03: a body that the guard has read is there for the parser, ${framework}`, () => {
    const json = {
      type: 'application/json',
      body: Buffer.from(JSON.stringify({ text: 'a'.repeat(90_000) })),
      parsed: (body) => body.text.length === 90_000,
    }
    const form = { type: 'application/x-www-form-urlencoded', body: Buffer.from('a=b%20c'), parsed: (body) => body.a === 'b c' }
    const parts = {
      type: 'multipart/form-data; boundary=frontier',
      body: Buffer.from('--frontier\r\ncontent-disposition: form-data; name="a"\r\n\r\nb c\r\n--frontier--\r\n'),
      parsed: (body) => body.a === 'b c',
    }
    const octets = {
      type: 'application/octet-stream',
      body: Buffer.from([0xff, 0xfe, 0, 0x7b]),
      parsed: (body) => Buffer.compare(Buffer.from(body.data), octets.body) === 0,
    }
    const text = { type: 'text/plain', body: Buffer.from('plain'), parsed: (body) => body === 'plain' }
    const inputs = {
      json: [json],
      raw: [octets],
      text: [text],
      urlencoded: [form],
      multer: [parts],
      'koa-bodyparser': [json, form, text],
      '@koa/bodyparser': [json, form, text],
      'koa-body': [json, form, text, parts],
    }
    const reading = answering(async ({ body }) => granted(who(`${(await body()).length}`)))

    for (const parser of parsersOf(framework)) {
      for (const { type, body, parsed } of inputs[parser]) {
        for (const framing of ['length', 'chunked', 'slow']) {
          test(`${parser}, ${type.split(';')[0]}, ${framing}`, async (t) => {
            const app = await serve(t, { ...guarded(reading), parser, mount: '/deep', between: isKoa(framework) ? [gapKoa] : [gapExpress] })
            const connection = new Connection(app.port)
            t.after(() => connection.close())
            const answer = connection.response()
            const length = framing === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length }
            await connection.write(head({ method: 'POST', path: '/deep/er', headers: { 'content-type': type, ...length } }))
            if (framing !== 'length') await turns(3)
            for (const piece of [body.subarray(0, 3), body.subarray(3)]) {
              if (framing === 'chunked') await connection.chunk(piece)
              else await connection.write(piece)
              if (framing === 'slow') await turns(3)
            }
            if (framing === 'chunked') await connection.chunk('', { last: true })
            const { status, text: said } = await answer
            assert.equal(status, 200, said)
            const { auth, body: got } = JSON.parse(said)
            assert.equal(auth.clientId, String(body.length))
            assert.ok(parsed(got), 'the parser has all of it')
          })
        }
      }

      test(`P02: ${parser} before the guard: 500 at once, with a warning for the operator`, async (t) => {
        const [{ type, body }] = inputs[parser]
        const app = await serve(t, { ...guarded(reading), parser, parserPlace: 'before' })
        const answer = await exchange(app.port, { method: 'POST', headers: { 'content-type': type }, body })
        assert.equal(answer.text, problems[500])
      })

      test(`no body: ${parser} behind the guard is content`, async (t) => {
        const app = await serve(t, { ...guarded(reading), parser })
        for (const request of [
          { method: 'GET' },
          { method: 'POST', headers: { 'content-length': 0, 'content-type': inputs[parser][0].type.split(';')[0] } },
        ]) {
          if (parser === 'koa-body' || parser === 'multer') request.headers = { 'content-length': 0 }
          const answer = await exchange(app.port, request)
          assert.equal(answer.status, 200, answer.text)
          assert.equal(answer.json().auth.clientId, '0')
        }
      })
    }

    if (!isKoa(framework)) {
      test('P07: express.json({ verify }) before the guard may keep the octets in req.rawBody', async (t) => {
        const parserOptions = {
          verify(req, _res, octets) {
            req.rawBody = octets
          },
        }
        const app = await serve(t, { ...guarded(reading), parser: 'json', parserPlace: 'before', parserOptions })
        const json = { 'content-type': 'application/json' }
        const answer = await exchange(app.port, { method: 'POST', headers: json, body: '{"a": "\u00fc"}' })
        assert.deepEqual([answer.json().auth.clientId, answer.json().body], ['11', { a: '\u00fc' }])
        const zipped = await exchange(app.port, {
          method: 'POST',
          headers: { ...json, 'content-encoding': 'gzip' },
          body: gzipSync('{"a":1}'),
        })
        assert.equal(zipped.status, 500, 'what was kept is not what was sent')
      })
    }

    test('P03: the request is the body of a fetch, a Request or a Response, whose readers take no stream that was read', async (t) => {
      const upstream = await server('express5')(t, { handler: async ({ req }) => ({ body: await new Response(req).text() }) })
      const forwards = [
        (req) => new Response(req),
        (req) => new Request(upstream.url, { method: 'POST', body: req, duplex: 'half' }),
        (req) => fetch(upstream.url, { method: 'POST', body: req, duplex: 'half' }),
      ]
      for (const forward of forwards) {
        const handler = async ({ auth, req }) => ({ body: `${auth.clientId}: ${await (await forward(req)).text()}` })
        const app = await serve(t, { ...guarded(reading), handler })
        for (const framing of ['length', 'slow', 'chunked']) {
          const connection = new Connection(app.port)
          t.after(() => connection.close())
          const answer = connection.response()
          const length = framing === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': 8 }
          await connection.write(head({ method: 'POST', headers: { ...length, connection: 'close' } }))
          for (const piece of ['abc', 'defgh']) {
            if (framing !== 'length') await turns(3)
            if (framing === 'chunked') await connection.chunk(piece, { last: piece === 'defgh' })
            else await connection.write(piece)
          }
          assert.match((await answer).text, /8: abcdefgh/, `${framing}: ${forward}`)
        }
      }
    })

    test('P07: octets that a host has kept are used when the parser came first', async (t) => {
      const keep = isKoa(framework)
        ? async (ctx, next) => {
            const chunks = []
            for await (const chunk of ctx.req) chunks.push(chunk)
            ctx.req.rawBody = Buffer.concat(chunks)
            await next()
          }
        : (req, _res, next) => {
            const chunks = []
            req.on('data', (chunk) => chunks.push(chunk))
            req.on('end', () => {
              req.rawBody = Buffer.concat(chunks)
              next()
            })
          }
      const app = await serve(t, { ...guarded(reading), before: [keep] })
      assert.equal((await exchange(app.port, { method: 'POST', body: 'abcd' })).json().auth.clientId, '4')
    })
  })
}

function gapExpress(_req, _res, next) {
  void turns(20).then(() => next())
}

async function gapKoa(_ctx, next) {
  await turns(20)
  await next()
}
