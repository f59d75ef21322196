import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { granted } from '@countersign/core'
import { protect } from '@countersign/core/express'
import { frameworks, isKoa } from '../support/frameworks.js'
import { pki } from '../support/pki.js'
import { deferred } from '../support/promises.js'
import { Connection, exchange, head, turns, within } from '../support/raw-http.js'
import { frame, openRequest, reset } from '../support/raw-http2.js'
import { answering, guarded, keyed, problems, refused, server, who } from '../support/verdicts.js'

const reading = answering(async ({ body }) => granted(who(`${(await body()).length}`)))

for (const framework of frameworks) {
  const serve = server(framework)

  test(`over TLS: refused, granted, and a body read, ${framework}`, async (t) => {
    const { server: own, ca } = pki()
    const tls = { key: readFileSync(own.key), cert: readFileSync(own.cert) }
    const client = { ca: readFileSync(ca.cert), servername: 'localhost', checkServerIdentity: () => undefined }
    const app = await serve(t, { guard: ({ protect: guard }) => [guard(keyed()), guard(reading)], tls })
    assert.equal((await exchange(app.port, { tls: client })).text, problems[401])
    const answer = await exchange(app.port, { tls: client, method: 'POST', headers: { 'x-key': 'good ada' }, body: 'abc' })
    assert.equal(answer.json().auth.clientId, '3')
    const connection = new Connection(app.port, { tls: client })
    t.after(() => connection.close())
    await connection.write(head({ method: 'POST', headers: { 'content-length': 100_000 } }))
    const unread = await connection.response()
    assert.deepEqual([unread.status, unread.get('connection')], [401, 'close'])
    await within(connection.closed, 'the end of the connection', 5000)
  })
}

for (const framework of frameworks.filter(isKoa)) {
  const serve = server(framework)

  /** One request over HTTP/2; `body` is left open when it is null. */
  const ask = async (t, port, { headers = {}, body, method = 'POST' } = {}) => {
    const client = http2.connect(`http://127.0.0.1:${port}`)
    client.on('error', () => undefined)
    t.after(() => client.destroy())
    const stream = client.request({ ':method': method, ':path': '/', ...headers }, { endStream: body === undefined })
    stream.on('error', () => undefined)
    if (body != null) stream.end(body)
    const chunks = []
    stream.on('data', (chunk) => chunks.push(chunk))
    const ended = once(stream, 'end')
    const [fields] = await within(once(stream, 'response'), 'the answer')
    await within(ended, 'the end of the answer')
    return { stream, client, status: fields[':status'], fields, text: Buffer.concat(chunks).toString() }
  }

  for (const host of ['express4', 'express5'])
    test(`P10, S21: mounted in an app of ${host} the target is what came on the wire, ${framework}`, async (t) => {
      const setup = { ...guarded(answering(({ target }) => granted(who(target)))), handler: ({ auth }) => ({ body: auth.clientId }) }
      const app = await serve(t, { ...setup, host, mount: '/api' })
      for (const path of ['/host/api/x?a=1', '/host/api//%2F?']) assert.equal((await exchange(app.port, { path })).text, path)
    })

  describe(`HTTP/2, ${framework}`, () => {
    test('refused and granted, with no field that HTTP/2 forbids', async (t) => {
      const app = await serve(t, { ...guarded(keyed()), protocol: 'h2c' })
      const bad = await ask(t, app.port)
      assert.deepEqual(
        [bad.status, bad.text, bad.fields['www-authenticate'], bad.fields['cache-control']],
        [401, problems[401], 'ApiKey realm="api"', 'no-store'],
      )
      assert.equal(bad.fields.connection, undefined)
      const good = await ask(t, app.port, { headers: { 'x-key': 'good ada' } })
      assert.equal(JSON.parse(good.text).auth.clientId, 'ada')
      // Koa 2 itself answers no HEAD over HTTP/2, guarded or not.
      if (!framework.startsWith('koa2')) assert.equal((await ask(t, app.port, { method: 'HEAD' })).status, 401)
    })

    for (const parser of ['koa-bodyparser', '@koa/bodyparser', 'koa-body']) {
      test(`P03: a body that the guard has read is there for ${parser}`, async (t) => {
        const app = await serve(t, { ...guarded(reading), parser, protocol: 'h2c' })
        for (const length of [3, 200_000]) {
          const body = JSON.stringify({ text: 'a'.repeat(length) })
          const headers = { 'content-type': 'application/json', 'content-length': body.length }
          const answer = JSON.parse((await ask(t, app.port, { headers, body })).text)
          assert.deepEqual([answer.auth.clientId, answer.body.text.length], [String(body.length), length])
        }
      })
    }

    test('P08: a refusal with an unread body is read in full, and the stream is closed, not the connection', async (t) => {
      const tooLarge = answering(async ({ body }) => granted(who(`${(await body({ maxBodyBytes: 10 })).length}`)))
      for (const [authenticator, status] of [
        [answering(() => refused()), 401],
        [tooLarge, 413],
      ]) {
        const app = await serve(t, { ...guarded(authenticator), protocol: 'h2c' })
        const client = http2.connect(`http://127.0.0.1:${app.port}`)
        t.after(() => client.destroy())
        const stream = client.request({ ':method': 'POST', ':path': '/' })
        stream.on('error', () => undefined)
        const chunks = []
        stream.on('data', (chunk) => chunks.push(chunk))
        stream.write(Buffer.alloc(40_000))
        const [fields] = await within(once(stream, 'response'), 'the answer')
        await within(once(stream, 'close'), 'the end of the stream', 5000)
        assert.deepEqual([fields[':status'], Buffer.concat(chunks).toString()], [status, problems[status]])
        assert.equal(stream.rstCode, http2.constants.NGHTTP2_NO_ERROR)
        const next = client.request({ ':method': 'GET', ':path': '/' })
        assert.equal((await within(once(next, 'response'), 'the next answer'))[0][':status'], status === 413 ? 200 : 401)
      }
    })

    test('P08: so is the stream of a body that was too large where the framework writes the refusal', async (t) => {
      const tooLarge = answering(async ({ body }) => granted(who(`${(await body({ maxBodyBytes: 10 })).length}`)))
      const app = await serve(t, { ...guarded(tooLarge, { refusals: 'throw' }), protocol: 'h2c' })
      const client = http2.connect(`http://127.0.0.1:${app.port}`)
      t.after(() => client.destroy())
      const stream = client.request({ ':method': 'POST', ':path': '/' })
      stream.on('error', () => undefined).resume()
      stream.write(Buffer.alloc(40_000))
      const [fields] = await within(once(stream, 'response'), 'the answer')
      await within(once(stream, 'close'), 'the end of the stream', 5000)
      assert.deepEqual([fields[':status'], stream.rstCode], [413, http2.constants.NGHTTP2_NO_ERROR])
    })

    test('settle is told of a finished response, and not of a stream that was reset', async (t) => {
      const settled = []
      const arrived = deferred()
      const gone = deferred()
      const app = await serve(t, {
        ...guarded(answering(() => granted(who('ada'), { settle: (status) => settled.push(status) }))),
        protocol: 'h2c',
        async handler({ req, res }) {
          if (req.method === 'GET') return { status: 503, body: 'x' }
          arrived.resolve()
          await once(res, 'close')
          gone.resolve()
          return { status: 500, body: 'too late' }
        },
      })
      for (const end of [(one) => one.write(reset(8)), (one) => one.write(reset(0)), (one) => one.close(), (one) => one.cut()]) {
        const connection = new Connection(app.port)
        await connection.write(Buffer.concat([openRequest(), frame('data', 1, 1, Buffer.from('x'))]))
        await within(arrived.promise, 'the request')
        await end(connection)
        await within(gone.promise, 'the end of the stream')
        await turns(10)
        connection.close()
        Object.assign(arrived, deferred())
        Object.assign(gone, deferred())
        assert.deepEqual(settled, [])
      }
      assert.equal((await ask(t, app.port, { method: 'GET' })).status, 503)
      await turns(10)
      assert.deepEqual(settled, [503])
    })
  })
}

describe('protect for Express over plain node:http', () => {
  const serve = async (t, listener) => {
    const plain = http.createServer(listener)
    plain.listen(0, '127.0.0.1')
    await once(plain, 'listening')
    t.after(() => {
      plain.closeAllConnections()
      plain.close()
    })
    return plain.address().port
  }

  test('a synchronous verdict calls next before the guard returns', () => {
    const request = Object.assign(new http.IncomingMessage(null), { method: 'GET', url: '/', headers: { 'x-key': 'good ada' } })
    let isCalled = false
    protect(keyed())(request, new http.ServerResponse(request), () => {
      isCalled = true
    })
    assert.ok(isCalled)
    assert.equal(request.auth.clientId, 'ada')
  })

  test('without originalUrl the target is the url', async (t) => {
    const guard = protect(answering(({ target }) => granted(who(target))))
    const port = await serve(t, (req, res) => guard(req, res, () => res.end(req.auth.clientId)))
    assert.equal((await exchange(port, { path: '/a?b' })).text, '/a?b')
  })

  for (const how of ['synchronous', 'asynchronous']) {
    test(`what next throws is not swallowed, turned into a refusal, or left as a rejection, ${how}`, async () => {
      // In a process of its own: the runner takes every uncaught exception for a failed test.
      const script = `
        import http from 'node:http'
        import { once } from 'node:events'
        import { granted, principal } from '@countersign/core'
        import { protect } from '@countersign/core/express'
        const verdict = granted(principal({ clientId: 'ada', scheme: 'test', groups: [] }))
        const authenticate = ${how === 'synchronous' ? '() => verdict' : 'async () => verdict'}
        const guard = protect({ name: 'test', challenges: [], authenticate })
        process.on('uncaughtException', (error, origin) => { console.log(error.message, origin); process.exit() })
        const server = http.createServer((req, res) => guard(req, res, () => { throw new Error('of the framework') }))
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
        http.get({ port: server.address().port, host: '127.0.0.1' }).on('error', () => undefined)
      `
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: import.meta.dirname,
      })
      assert.equal(stdout, 'of the framework uncaughtException\n')
    })
  }

  test('a response that somebody else has begun is left alone', async (t) => {
    const told = []
    const guard = protect(
      answering(async () => refused()),
      { onRefusal: ({ code }) => told.push(code) },
    )
    const port = await serve(t, (req, res) => {
      guard(req, res, () => assert.fail('next was called'))
      res.end('timed out')
    })
    assert.equal((await exchange(port)).text, 'timed out')
    assert.deepEqual(told, ['ERR_TEST_BAD'])
  })
})
