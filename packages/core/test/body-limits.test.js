import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { test } from 'node:test'
import { readBody } from '@countersign/core'
import fc from 'fast-check'
import { Connection, exchange, head, turns, within } from '../../../test/support/raw-http.js'
import { frame, openRequest, reset } from '../../../test/support/raw-http2.js'
import { drain, serve, thrownAtOnce } from './body-server.js'

const listeners = (req) => ['readable', 'end', 'close', 'error', 'data', 'aborted'].map((name) => req.listenerCount(name)).join()

test('P08: a Content-Length over the limit is refused at once, and nothing is read', async (t) => {
  const port = await serve(t, (req) => {
    assert.equal(
      thrownAtOnce(() => readBody(req, { maxBodyBytes: 10 })),
      'ERR_BODY_TOO_LARGE',
    )
    return { didRead: req.readableDidRead, listeners: listeners(req) }
  })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(head({ method: 'POST', headers: { 'content-length': 11 } }))
  assert.deepEqual((await connection.response()).json(), { didRead: false, listeners: '0,0,0,0,0,0' })
})

test('P08: a Content-Length over the limit is refused as such, whatever became of the stream', async (t) => {
  const port = await serve(t, (req) => {
    req.on('data', () => {})
    return [10, 11].map((maxBodyBytes) => thrownAtOnce(() => readBody(req, { maxBodyBytes })))
  })
  const answer = await exchange(port, { method: 'POST', body: 'a'.repeat(11) })
  assert.deepEqual(answer.json(), ['ERR_BODY_TOO_LARGE', 'ERR_BODY_CONSUMED'])
})

test('P08: a body of exactly the limit is read, one octet more is not', async (t) => {
  const port = await serve(t, async (req) => ({ length: (await readBody(req, { maxBodyBytes: 10 })).length }))
  const chunked = (text) => ({
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
    body: `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
  })
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'a'.repeat(10) })).json(), { length: 10 })
  assert.deepEqual((await exchange(port, chunked('a'.repeat(10)))).json(), { length: 10 })
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'a'.repeat(11) })).json(), { code: 'ERR_BODY_TOO_LARGE' })
  assert.deepEqual((await exchange(port, chunked('a'.repeat(11)))).json(), { code: 'ERR_BODY_TOO_LARGE' })
})

test('P08: the limit holds for a body that has arrived before it was asked for, and it stays readable', async (t) => {
  const port = await serve(t, async (req, res) => {
    await turns(5)
    const first = thrownAtOnce(() => readBody(req, { maxBodyBytes: 2 }, res))
    const whole = readBody(req, { maxBodyBytes: 3 }, res)
    return { first, isAtOnce: Buffer.isBuffer(whole), after: (await drain(req)).toString() }
  })
  for (const [framing, body, code] of [
    [{ 'transfer-encoding': 'chunked' }, '3\r\nabc\r\n0\r\n\r\n', 'ERR_BODY_TOO_LARGE'],
    [{ 'content-length': 3 }, 'abc', 'ERR_BODY_TOO_LARGE'],
  ]) {
    const answer = await exchange(port, { method: 'POST', headers: framing, body })
    assert.deepEqual(answer.json(), { first: code, isAtOnce: true, after: 'abc' })
  }
})

test('P08: a chunked body stops at the chunk that crosses the limit, and what was read is put back', async (t) => {
  const port = await serve(t, async (req, res) => {
    const error = await readBody(req, { maxBodyBytes: 10 }, res).catch((reason) => reason)
    assert.equal(error.code, 'ERR_BODY_TOO_LARGE')
    assert.equal(error.status, 413)
    const buffered = req.readableLength
    await turns(5)
    assert.equal(listeners(req).slice(0, 6), '0,0,0,', 'no listener stays')
    const whole = await readBody(req, { maxBodyBytes: 100 }, res)
    return { buffered, whole: whole.toString(), after: (await drain(req)).toString() }
  })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(head({ method: 'POST', headers: { 'transfer-encoding': 'chunked' } }))
  await turns(3)
  await connection.chunk('0123456')
  await turns(3)
  await connection.chunk('789abc')
  await turns(20)
  await connection.chunk('def', { last: true })
  assert.deepEqual((await connection.response()).json(), { buffered: 13, whole: '0123456789abcdef', after: '0123456789abcdef' })
})

test('P08: the limit is judged per caller, and callers share one reading', async (t) => {
  const port = await serve(t, async (req, res) => {
    const some = await Promise.allSettled([5, 100, 7, 100].map((maxBodyBytes) => readBody(req, { maxBodyBytes }, res)))
    assert.equal(some[1].value, some[3].value)
    const late = thrownAtOnce(() => readBody(req, { maxBodyBytes: 5 }, res))
    return { some: some.map(({ value, reason }) => value?.toString() ?? reason.code), late, after: (await drain(req)).toString() }
  })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(head({ method: 'POST', headers: { 'transfer-encoding': 'chunked' } }))
  await turns(3)
  await connection.chunk('0123')
  await turns(3)
  await connection.chunk('456789', { last: true })
  assert.deepEqual((await connection.response()).json(), {
    some: ['ERR_BODY_TOO_LARGE', '0123456789', 'ERR_BODY_TOO_LARGE', '0123456789'],
    late: 'ERR_BODY_TOO_LARGE',
    after: '0123456789',
  })
})

test('P08: a limit that is no number of octets is a TypeError, never no limit', async (t) => {
  const port = await serve(t, (req) => {
    const bad = [Number.NaN, -1, 1.5, '10', null, Number.POSITIVE_INFINITY, {}]
    return bad.map((maxBodyBytes) => thrownAtOnce(() => readBody(req, { maxBodyBytes })))
  })
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'x' })).json(), Array(7).fill('ERR_INVALID_ARG_VALUE'))
})

test('no body: an empty Buffer at once, and the stream stays as it was', async (t) => {
  const handler = (req, res) => {
    const body = readBody(req, {}, res)
    assert.ok(Buffer.isBuffer(body))
    return { length: body.length, didRead: req.readableDidRead, flowing: req.readableFlowing, listeners: listeners(req) }
  }
  const untouched = { length: 0, didRead: false, flowing: null, listeners: '0,0,0,0,0,0' }
  const port = await serve(t, handler)
  assert.deepEqual((await exchange(port, { method: 'GET' })).json(), untouched)
  assert.deepEqual((await exchange(port, { method: 'POST', headers: { 'content-length': 0 } })).json(), untouched)
  const port2 = await serve(t, (req, res) => ({ ...handler(req, res), listeners: untouched.listeners }), { protocol: 'h2c' })
  const client = http2.connect(`http://127.0.0.1:${port2}`)
  t.after(() => client.destroy())
  for (const method of ['GET', 'POST']) {
    const stream = client.request({ ':method': method, ':path': '/' }, { endStream: true })
    stream.setEncoding('utf8')
    assert.deepEqual(JSON.parse((await within(stream.toArray(), 'the answer')).join('')), untouched)
  }
})

test('a sender that cuts the connection: ERR_BODY_ABORTED, and no listener stays', async (t) => {
  for (const framing of [{ 'content-length': 100 }, { 'transfer-encoding': 'chunked' }]) {
    for (const cut of ['cut', 'close']) {
      const { promise, resolve } = deferred()
      const port = await serve(t, async (req, res) => {
        const error = await readBody(req, {}, res).catch((reason) => reason)
        await turns(3)
        resolve({ code: error.code, status: error.status, listeners: listeners(req), again: thrownAtOnce(() => readBody(req, {}, res)) })
      })
      const connection = new Connection(port)
      await connection.write(`${head({ method: 'POST', headers: framing })}5\r\nabcde\r\n`)
      await turns(5)
      connection[cut]()
      const result = await within(promise, 'the abort')
      assert.equal(result.code, 'ERR_BODY_ABORTED')
      assert.equal(result.status, 400)
      assert.match(result.again, /^ERR_BODY_(?:ABORTED|CONSUMED)$/)
      assert.match(result.listeners, /^0,0,0,/)
    }
  }
})

test('a body that was asked for and not waited for is no unhandled rejection when its sender goes away', async (t) => {
  for (const digestOver of ['wire', 'decoded']) {
    const { promise, resolve } = deferred()
    const port = await serve(t, (req, res) => {
      void readBody(req, { digestOver }, res)
      req.once('close', resolve)
    })
    const connection = new Connection(port)
    await connection.write(head({ method: 'POST', headers: { 'content-length': 9, 'content-encoding': 'gzip' } }))
    await turns(5)
    connection.cut()
    // The runner fails a test during which a rejection was left unhandled.
    await within(promise, 'the abort')
    await turns(5)
  }
})

test('HTTP/2: a body that is reset half-way is never taken for a whole one', async (t) => {
  const endings = {
    'RST_STREAM with CANCEL': (connection) => connection.write(reset(8)),
    'RST_STREAM with NO_ERROR': (connection) => connection.write(reset(0)),
    'the end of the connection': (connection) => connection.close(),
    'a reset connection': (connection) => connection.cut(),
  }
  for (const declared of [{}, { 'content-length': '100' }]) {
    for (const [name, end] of Object.entries(endings)) {
      for (const isTogether of [false, true]) {
        const outcome = deferred()
        const arrived = deferred()
        const handler = (req, res) => {
          req.stream.on('data', arrived.resolve)
          const reading = (async () => readBody(req, {}, res))()
          reading.then(
            (octets) => outcome.resolve(`took ${octets.length} octets`),
            (error) => outcome.resolve(error.code),
          )
        }
        const connection = new Connection(await serve(t, handler, { protocol: 'h2c' }))
        const opening = Buffer.concat([openRequest(declared), frame('data', 0, 1, Buffer.from('abcde'))])
        if (isTogether) {
          await connection.write(name.startsWith('RST') ? Buffer.concat([opening, reset(name.endsWith('CANCEL') ? 8 : 0)]) : opening)
        } else {
          await connection.write(opening)
        }
        await within(arrived.promise, 'the first octets')
        await end(connection)
        assert.equal(await within(outcome.promise, 'the abort'), 'ERR_BODY_ABORTED', name)
        connection.close()
      }
    }
  }
})

test('HTTP/2: a request that was reset before anybody asked for its body is refused at once', async (t) => {
  const outcome = deferred()
  const handler = async (req, res) => {
    await once(req.stream, 'close')
    await turns(2)
    outcome.resolve(thrownAtOnce(() => readBody(req, {}, res)))
  }
  const connection = new Connection(await serve(t, handler, { protocol: 'h2c' }))
  t.after(() => connection.close())
  await connection.write(Buffer.concat([openRequest(), frame('data', 0, 1, Buffer.from('abcde'))]))
  await turns(5)
  await connection.write(reset(8))
  assert.equal(await within(outcome.promise, 'the refusal'), 'ERR_BODY_ABORTED')
})

test('any pieces, any limit: the octets exactly, or 413; and the next reader has them exactly', async (t) => {
  const port = await serve(t, async (req, res) => {
    const limit = Number(req.url.slice(1))
    const first = await (async () => readBody(req, { maxBodyBytes: limit }, res))().then(
      (octets) => octets.toString('hex'),
      (error) => error.code,
    )
    return { first, second: (await drain(req)).toString('hex') }
  })
  const piece = fc.uint8Array({ minLength: 1, maxLength: 400 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 6 }),
      fc.nat(1200),
      fc.boolean(),
      fc.boolean(),
      async (pieces, limit, isChunked, isSlow) => {
        const whole = Buffer.concat(pieces)
        const connection = new Connection(port)
        const answer = connection.response()
        const framing = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': whole.length }
        await connection.write(head({ method: 'POST', path: `/${limit}`, headers: framing }))
        for (const one of pieces) {
          if (isSlow) await turns(1)
          if (isChunked) await connection.chunk(one)
          else await connection.write(one)
        }
        if (isChunked) await connection.chunk('', { last: true })
        const { first, second } = (await answer).json()
        connection.close()
        assert.equal(first, whole.length > limit ? 'ERR_BODY_TOO_LARGE' : whole.toString('hex'))
        assert.equal(second, whole.toString('hex'))
      },
    ),
    { numRuns: 150 },
  )
})

function deferred() {
  let resolve
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}

test('P08: who reads what was read already has a limit of its own, and exactly that many octets pass', async (t) => {
  const port = await serve(t, async (req) => {
    const lengths = [(await readBody(req, { maxBodyBytes: 20 })).length, (await readBody(req, { maxBodyBytes: 10 })).length]
    return [...lengths, thrownAtOnce(() => readBody(req, { maxBodyBytes: 9 }))]
  })
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'a'.repeat(10) })).json(), [10, 10, 'ERR_BODY_TOO_LARGE'])
})

test('P08: of several that wait for one body, the one whose limit is passed is told, and one that has just enough room gets it', async (t) => {
  const port = await serve(t, async (req) => {
    const reads = [9, 10, 11].map((maxBodyBytes) => readBody(req, { maxBodyBytes }))
    const results = await Promise.allSettled(reads)
    return results.map(({ value, reason }) => reason?.code ?? value.length)
  })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(head({ method: 'POST', headers: { 'transfer-encoding': 'chunked' } }))
  await turns(5)
  await connection.write('8\r\naaaaaaaa\r\n')
  await turns(5)
  await connection.write('2\r\naa\r\n0\r\n\r\n')
  assert.deepEqual((await connection.response()).json(), ['ERR_BODY_TOO_LARGE', 10, 10])
})

test('a reader that has paused what the guard put back is left alone when the response is out', async (t) => {
  const seen = []
  const over = deferred()
  const port = await serve(t, async (req, res) => {
    await readBody(req, {}, res)
    req.on('data', (chunk) => seen.push(String(chunk)))
    req.pause()
    res.once('close', () => setImmediate(() => seen.push(req.isPaused(), req.resume() === req)))
    req.once('end', over.resolve)
    return { ok: true }
  })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(head({ method: 'POST', headers: { 'content-length': 10 } }))
  await turns(5)
  await connection.write('0123456789')
  assert.deepEqual((await connection.response()).json(), { ok: true })
  await within(over.promise, 'the end of the body')
  assert.deepEqual(seen, [true, true, '0123456789'])
})

test('P08: who joins while the body comes is told at once where its limit is passed already', async (t) => {
  for (const [headers, first, rest] of [
    [{ 'content-length': 10 }, '01234', '56789'],
    [{ 'transfer-encoding': 'chunked' }, '8\r\n01234567\r\n', '2\r\n89\r\n0\r\n\r\n'],
  ]) {
    const arrived = deferred()
    const port = await serve(t, async (req) => {
      const read = readBody(req, { maxBodyBytes: 20 })
      await arrived.promise
      return [
        thrownAtOnce(() => readBody(req, { maxBodyBytes: 7 })),
        thrownAtOnce(() => readBody(req, { maxBodyBytes: 10 })),
        String(await read),
      ]
    })
    const connection = new Connection(port)
    t.after(() => connection.close())
    await connection.write(head({ method: 'POST', headers }))
    await turns(5)
    await connection.write(first)
    await turns(10)
    arrived.resolve()
    await turns(5)
    await connection.write(rest)
    assert.deepEqual((await connection.response()).json(), ['ERR_BODY_TOO_LARGE', 'nothing was thrown', '0123456789'])
  }
})

test('P08: a chunked body that came whole is refused to who has less room, and is there for who has more', async (t) => {
  const port = await serve(t, async (req) => {
    const [small] = await Promise.allSettled([readBody(req, { maxBodyBytes: 9 })])
    return [small.reason.code, (await readBody(req, { maxBodyBytes: 10 })).length, (await drain(req)).length]
  })
  const body = 'a\r\n0123456789\r\n0\r\n\r\n'
  const answer = await exchange(port, { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body })
  assert.deepEqual(answer.json(), ['ERR_BODY_TOO_LARGE', 10, 10])
})

test('a request whose sender has gone before anybody asked for its body is aborted, at once', async (t) => {
  const outcome = deferred()
  const port = await serve(t, (req) => {
    req.once('error', () => req.once('close', () => outcome.resolve(thrownAtOnce(() => readBody(req)))))
  })
  const connection = new Connection(port)
  await connection.write(head({ method: 'POST', headers: { 'content-length': 10 } }))
  await turns(5)
  await connection.write('01234')
  await turns(5)
  connection.close()
  assert.equal(await within(outcome.promise, 'the abort'), 'ERR_BODY_ABORTED')
})
