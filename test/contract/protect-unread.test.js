import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { granted } from '@countersign/core'
import { frameworks, isKoa } from '../support/frameworks.js'
import { Connection, head, turns, within } from '../support/raw-http.js'
import { answering, guarded, problems, refused, server, who } from '../support/verdicts.js'

for (const framework of frameworks) {
  const serve = server(framework)

  describe(`P08: a refusal whose body is still on its way, ${framework}`, { concurrency: 8 }, () => {
    const never = answering(() => refused())
    const big = 64 * 1024 * 1024

    test('a small body in the segment of its head: the connection stays', async (t) => {
      const app = await serve(t, guarded(never))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      for (let i = 0; i < 3; i += 1) {
        const answer = connection.response()
        await connection.write(`${head({ method: 'POST', headers: { 'content-length': 3 } })}abc`)
        const { status, get } = await answer
        assert.deepEqual([status, get('connection')?.toLowerCase() ?? 'keep-alive'], [401, 'keep-alive'])
      }
    })

    for (const [name, headers] of Object.entries({
      'a declared length': { 'content-length': big },
      chunks: { 'transfer-encoding': 'chunked' },
    })) {
      test(`${name}: the answer comes at once, with Connection: close, and the socket is destroyed in time`, async (t) => {
        const app = await serve(t, guarded(never))
        const connection = new Connection(app.port)
        t.after(() => connection.close())
        await connection.write(head({ method: 'POST', headers }))
        const answer = await connection.response()
        assert.deepEqual([answer.status, answer.get('connection'), answer.text], [401, 'close', problems[401]])
        const [socket] = app.sockets
        assert.equal(socket.destroyed, false, 'the sender has time to read')
        await within(connection.closed, 'the end of the connection', 5000)
      })
    }

    test('a sender that sends on and on: it reads the answer, and no more than 1 MiB of it is taken', async (t) => {
      const app = await serve(t, guarded(never))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      const answer = connection.response()
      await connection.write(head({ method: 'POST', headers: { 'content-length': big } }))
      await turns(5)
      const [socket] = app.sockets
      const piece = Buffer.alloc(64 * 1024)
      for (let sent = 0; sent < big && !connection.isClosed; sent += piece.length) await connection.write(piece)
      const { status, text } = await answer
      assert.deepEqual([status, text], [401, problems[401]])
      await within(connection.closed, 'the end of the connection', 5000)
      assert.ok(socket.bytesRead < 4 * 1024 * 1024, `took ${socket.bytesRead} octets`)
    })

    test('a sender that has sent more than 1 MiB: no more is taken, and no reset comes before it has read the answer', async (t) => {
      const app = await serve(t, guarded(never))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      const answer = connection.response()
      await connection.write(head({ method: 'POST', headers: { 'content-length': big } }))
      void connection.write(Buffer.alloc(16 * 1024 * 1024))
      assert.equal((await answer).status, 401)
      const [socket] = app.sockets
      for (let i = 0; i < 100_000 && socket.bytesRead <= 1024 * 1024 && !socket.destroyed; i += 1) await turns(1)
      await turns(50)
      assert.deepEqual([socket.destroyed, connection.isClosed, connection.error], [false, false, undefined])
      const taken = socket.bytesRead
      await turns(50)
      assert.equal(socket.bytesRead, taken)
      assert.ok(taken < 2 * 1024 * 1024, `took ${taken} octets`)
      await within(connection.closed, 'the end of the connection', 5000)
    })

    test('a sender that ends its body: the connection ends without a reset', async (t) => {
      const app = await serve(t, guarded(never))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      await connection.write(head({ method: 'POST', headers: { 'content-length': 300_000 } }))
      const answer = await connection.response()
      assert.equal(answer.status, 401)
      await connection.write(Buffer.alloc(300_000))
      await within(connection.closed, 'the end of the connection', 5000)
      assert.equal(connection.error, undefined)
    })

    test('413 of a chunked body that crosses the limit: the answer, then the end', async (t) => {
      const app = await serve(t, guarded(answering(async ({ body }) => granted(who(`${(await body({ maxBodyBytes: 1000 })).length}`)))))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      const answer = connection.response()
      await connection.write(head({ method: 'POST', headers: { 'transfer-encoding': 'chunked' } }))
      await turns(3)
      await connection.chunk(Buffer.alloc(600))
      await connection.chunk(Buffer.alloc(600))
      const { status, get, text } = await answer
      assert.deepEqual([status, get('connection'), text], [413, 'close', problems[413]])
      await within(connection.closed, 'the end of the connection', 5000)
    })

    test('413 of a declared length: at once, and nothing was read', async (t) => {
      const app = await serve(t, guarded(answering(async ({ body }) => granted(who(`${(await body({ maxBodyBytes: 1000 })).length}`)))))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      await connection.write(head({ method: 'POST', headers: { 'content-length': 1001 } }))
      const { status, get, text } = await connection.response()
      assert.deepEqual([status, get('connection'), text], [413, 'close', problems[413]])
    })

    test('Expect: 100-continue that nobody answered: the refusal, no 100, and the end', async (t) => {
      const configure = (server) => server.on('checkContinue', (req, res) => server.emit('request', req, res))
      const app = await serve(t, { ...guarded(never), configure })
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      await connection.write(head({ method: 'POST', headers: { 'content-length': 1000, expect: '100-continue' } }))
      const answer = await connection.response()
      assert.deepEqual([answer.status, answer.interim, answer.get('connection')], [401, [], 'close'])
      await within(connection.closed, 'the end of the connection', 5000)
      assert.equal(connection.error, undefined)
    })

    test('throw mode: the error asks for Connection: close', async (t) => {
      const app = await serve(t, guarded(never, { refusals: 'throw' }))
      const connection = new Connection(app.port)
      t.after(() => connection.close())
      await connection.write(head({ method: 'POST', headers: { 'content-length': 10 } }))
      while (app.errors.length === 0) await turns(1)
      assert.equal(app.errors[0].headers.Connection, 'close')
    })

    for (const how of ['cut', 'close'])
      test(`a sender that has its answer and goes (${how}) leaves nothing behind, and is no error of the app`, async (t) => {
        const app = await serve(t, guarded(never))
        const connection = new Connection(app.port)
        await connection.write(head({ method: 'POST', headers: { 'content-length': 10 } }))
        await connection.response()
        const [socket] = app.sockets
        const closed = new Promise((resolve) => socket.once('close', resolve))
        connection[how]()
        await within(closed, 'the end of the connection', 5000)
        await turns(5)
        assert.deepEqual(app.errors, [])
      })

    if (isKoa(framework)) {
      test('what a middleware in front of the guard throws is an error of the app, although the guard has refused', async (t) => {
        const late = new Error('late')
        const failing = async (_ctx, next) => {
          await next()
          throw late
        }
        const app = await serve(t, { ...guarded(never), before: [failing] })
        const connection = new Connection(app.port)
        t.after(() => connection.close())
        await connection.write(head({ method: 'POST', headers: { 'content-length': 10 } }))
        assert.equal((await connection.response()).status, 500)
        assert.deepEqual(app.errors, [late])
      })
    }
  })
}
