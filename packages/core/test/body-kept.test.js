import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { readBody } from '@countersign/core'
import { Connection, exchange, head, turns, within } from '../../../test/support/raw-http.js'
import { drain, serve, thrownAtOnce } from './body-server.js'

test('P02: a body that somebody else has read is refused at once, never waited for', async (t) => {
  const consumers = {
    drained: drain,
    'drained by data events': async (req) => {
      req.on('data', () => {})
      await once(req, 'end')
    },
    dumped: async (req) => {
      req.resume()
      await once(req, 'end')
    },
    'read in part': async (req) => {
      await once(req, 'readable')
      req.read(2)
    },
    'being read at the moment': (req) => {
      req.on('data', () => {})
    },
    'waited for by another reader': (req) => {
      req.on('readable', () => {})
    },
    'turned into text': (req) => {
      req.setEncoding('utf8')
    },
  }
  for (const [name, consume] of Object.entries(consumers)) {
    const port = await serve(t, async (req, res) => {
      await consume(req)
      return {
        code: thrownAtOnce(() => readBody(req, {}, res)),
        decoded: thrownAtOnce(() => readBody(req, { digestOver: 'decoded' }, res)),
      }
    })
    const answer = await exchange(port, { method: 'POST', body: 'abc' })
    assert.deepEqual(answer.json(), { code: 'ERR_BODY_CONSUMED', decoded: 'ERR_BODY_CONSUMED' }, name)
  }
})

test('P02: a reader that waits for octets that have not come yet is noticed too', async (t) => {
  for (const consume of [(req) => req.on('data', () => undefined), (req) => req.resume(), (req) => req.on('readable', () => undefined)]) {
    const port = await serve(t, (req, res) => {
      consume(req)
      return { code: thrownAtOnce(() => readBody(req, {}, res)), didRead: req.readableDidRead }
    })
    const connection = new Connection(port)
    t.after(() => connection.close())
    await connection.write(head({ method: 'POST', headers: { 'content-length': 3 } }))
    assert.deepEqual((await connection.response()).json(), { code: 'ERR_BODY_CONSUMED', didRead: false })
  }
})

test('P02: a reader that comes between our asking and our reading is noticed, never waited for, never an empty body', async (t) => {
  for (const framing of [{ 'content-length': 3 }, { 'transfer-encoding': 'chunked' }]) {
    for (const consume of [(req) => req.on('data', () => undefined), (req) => req.resume(), (req) => drain(req)]) {
      const port = await serve(t, async (req, res) => {
        const reading = (async () => readBody(req, {}, res))()
        consume(req)
        const error = await within(
          reading.catch((reason) => reason),
          'the refusal',
        )
        return { code: error.code }
      })
      const body = framing['content-length'] === undefined ? '3\r\nabc\r\n0\r\n\r\n' : 'abc'
      assert.deepEqual((await exchange(port, { method: 'POST', headers: framing, body })).json(), { code: 'ERR_BODY_CONSUMED' })
    }
  }
})

test('a body that was read, put back and wanted by nobody is thrown away with the response', async (t) => {
  const ended = []
  const port = await serve(t, async (req, res) => {
    ended.push(once(req, 'end'))
    return { length: (await readBody(req, {}, res)).length }
  })
  const connection = new Connection(port)
  t.after(() => connection.close())
  for (const isSlow of [false, true]) {
    const answer = connection.response()
    if (isSlow) {
      await connection.write(head({ method: 'POST', headers: { 'content-length': 3 } }))
      await turns(4)
      await connection.write('abc')
    } else {
      await connection.write(`${head({ method: 'POST', headers: { 'content-length': 3 } })}abc`)
    }
    assert.deepEqual((await answer).json(), { length: 3 })
    await within(ended.at(-1), 'the end of the request')
  }
})

test('P02: a body that we have put back and somebody else has consumed since is not read anew', async (t) => {
  const port = await serve(t, async (req, res) => {
    const error = await (async () => readBody(req, { maxBodyBytes: 2 }, res))().catch((reason) => reason)
    req.read(1)
    return { first: error.code, second: thrownAtOnce(() => readBody(req, {}, res)) }
  })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(head({ method: 'POST', headers: { 'transfer-encoding': 'chunked' } }))
  await turns(3)
  await connection.chunk('abc', { last: true })
  assert.deepEqual((await connection.response()).json(), { first: 'ERR_BODY_TOO_LARGE', second: 'ERR_BODY_CONSUMED' })
})

test('P05, P07: kept octets count only as an own Buffer or Uint8Array of a consumed stream', async (t) => {
  const cases = [
    ['a Buffer', (req) => Object.assign(req, { rawBody: Buffer.from([0xff, 0xfe]) }), 'fffe'],
    ['a Uint8Array', (req) => Object.assign(req, { rawBody: new Uint8Array([0, 1, 0xff, 2]).subarray(1, 3) }), '01ff'],
    ['a string', (req) => Object.assign(req, { rawBody: 'abc' }), 'ERR_BODY_CONSUMED'],
    ['an array', (req) => Object.assign(req, { rawBody: [1, 2] }), 'ERR_BODY_CONSUMED'],
    ['an ArrayBuffer', (req) => Object.assign(req, { rawBody: new ArrayBuffer(2) }), 'ERR_BODY_CONSUMED'],
    [
      'an inherited one',
      (req) => Object.setPrototypeOf(req, Object.assign(Object.create(Object.getPrototypeOf(req)), { rawBody: Buffer.from('x') })),
      'ERR_BODY_CONSUMED',
    ],
    ['a Buffer of the limit', (req) => Object.assign(req, { rawBody: Buffer.alloc(100) }), '00'.repeat(100)],
    ['a Buffer longer than the limit', (req) => Object.assign(req, { rawBody: Buffer.alloc(101) }), 'ERR_BODY_TOO_LARGE'],
  ]
  for (const [name, keep, expected] of cases) {
    const port = await serve(t, async (req, res) => {
      await drain(req)
      keep(req)
      return { octets: readBody(req, { maxBodyBytes: 100 }, res).toString('hex') }
    })
    const { octets, code } = (await exchange(port, { method: 'POST', body: 'abc' })).json()
    assert.equal(octets ?? code, expected, name)
  }
})

test('S16: a rawBody on Object.prototype is nobody`s body', async (t) => {
  const port = await serve(t, async (req, res) => {
    await drain(req)
    Object.prototype.rawBody = Buffer.from('evil')
    try {
      return { code: thrownAtOnce(() => readBody(req, {}, res)) }
    } finally {
      delete Object.prototype.rawBody
    }
  })
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'abc' })).json(), { code: 'ERR_BODY_CONSUMED' })
})

test('P05: an unread stream goes before a rawBody that somebody set', async (t) => {
  const port = await serve(t, async (req, res) => {
    req.rawBody = Buffer.from('not what was sent')
    return { octets: (await readBody(req, {}, res)).toString() }
  })
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'abc' })).json(), { octets: 'abc' })
})

test('P07: the rawBody option goes first, and the stream is not touched', async (t) => {
  const port = await serve(t, async (req, res) => {
    const seen = []
    const rawBody = (message) => {
      seen.push(message === req)
      return new Uint8Array([1, 2, 3])
    }
    const octets = readBody(req, { rawBody }, res)
    assert.ok(Buffer.isBuffer(octets))
    const state = { didRead: req.readableDidRead, flowing: req.readableFlowing }
    const none = await readBody(req, { rawBody: () => undefined }, res)
    return { octets: octets.toString('hex'), seen, ...state, none: none.toString(), after: (await drain(req)).toString() }
  })
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'abc' })).json(), {
    octets: '010203',
    seen: [true],
    didRead: false,
    flowing: null,
    none: 'abc',
    after: 'abc',
  })
})

test('P05, P07: a rawBody option that answers text is a mistake that is named, and one that throws is not hidden', async (t) => {
  const port = await serve(t, (req, res) => ({
    text: thrownAtOnce(() => readBody(req, { rawBody: () => 'abc' }, res)),
    thrown: thrownAtOnce(() =>
      readBody(
        req,
        {
          rawBody: () => {
            throw Object.assign(new Error('host'), { code: 'HOST' })
          },
        },
        res,
      ),
    ),
  }))
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'abc' })).json(), { text: 'ERR_INVALID_ARG_TYPE', thrown: 'HOST' })
})

test('P06: kept octets of a body with a Content-Encoding are the decoded ones, and count only for digestOver decoded', async (t) => {
  const port = await serve(t, async (req, res) => {
    await drain(req)
    req.rawBody = Buffer.from('{"a":1}')
    const rawBody = () => Buffer.from('optional')
    return {
      wire: thrownAtOnce(() => readBody(req, {}, res)),
      decoded: readBody(req, { digestOver: 'decoded' }, res).toString(),
      optionWire: thrownAtOnce(() => readBody(req, { rawBody }, res)),
      optionDecoded: readBody(req, { rawBody, digestOver: 'decoded' }, res).toString(),
    }
  })
  const answer = await exchange(port, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: zlib.gzipSync('{"a":1}') })
  assert.deepEqual(answer.json(), {
    wire: 'ERR_BODY_CONSUMED',
    decoded: '{"a":1}',
    optionWire: 'ERR_BODY_CONSUMED',
    optionDecoded: 'optional',
  })
})

const plain = Buffer.from('{"amount":1}'.repeat(200))
const decodings = [
  ['none', undefined, plain, plain],
  ['identity', 'identity', plain, plain],
  ['an empty Content-Encoding', '', plain, plain],
  ['gzip', 'gzip', zlib.gzipSync(plain), plain],
  ['gzip in capitals', ' GZIP ', zlib.gzipSync(plain), plain],
  ['x-gzip', 'x-gzip', zlib.gzipSync(plain), plain],
  ['deflate', 'deflate', zlib.deflateSync(plain), plain],
  ['br', 'br', zlib.brotliCompressSync(plain), plain],
  ['exactly the limit', 'br', zlib.brotliCompressSync(Buffer.alloc(5000)), Buffer.alloc(5000)],
  ['one octet more than the limit', 'br', zlib.brotliCompressSync(Buffer.alloc(5001)), 'ERR_BODY_TOO_LARGE ERR_BUFFER_TOO_LARGE'],
  ['a gzip bomb', 'gzip', zlib.gzipSync(Buffer.alloc(4_000_000)), 'ERR_BODY_TOO_LARGE ERR_BUFFER_TOO_LARGE'],
  ['a deflate bomb', 'deflate', zlib.deflateSync(Buffer.alloc(4_000_000)), 'ERR_BODY_TOO_LARGE ERR_BUFFER_TOO_LARGE'],
  [
    'a brotli bomb',
    'br',
    zlib.brotliCompressSync(Buffer.alloc(4_000_000), { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
    'ERR_BODY_TOO_LARGE ERR_BUFFER_TOO_LARGE',
  ],
  ['an unknown coding', 'zstd', plain, 'ERR_BODY_ENCODING'],
  ['the name of a member of every object', 'constructor', plain, 'ERR_BODY_ENCODING'],
  ['two codings', 'gzip, br', plain, 'ERR_BODY_ENCODING'],
  ['two fields', ['gzip', 'gzip'], zlib.gzipSync(zlib.gzipSync(plain)), 'ERR_BODY_ENCODING'],
  ['gzip that is none', 'gzip', plain, 'ERR_BODY_MALFORMED'],
  ['br that is none', 'br', Buffer.from([0xff, 0xff, 0xff, 0xff]), 'ERR_BODY_MALFORMED'],
  ['deflate without its zlib wrapper', 'deflate', zlib.deflateRawSync(plain), 'ERR_BODY_MALFORMED'],
  ['truncated gzip', 'gzip', zlib.gzipSync(plain).subarray(0, -3), 'ERR_BODY_MALFORMED'],
  ['truncated br', 'br', zlib.brotliCompressSync(plain).subarray(0, -3), 'ERR_BODY_MALFORMED'],
]

for (const [name, coding, sent, expected] of decodings) {
  test(`P06: digestOver decoded, ${name}; the wire octets stay for the next reader`, async (t) => {
    const port = await serve(t, async (req, res) => {
      const outcome = await (async () => readBody(req, { digestOver: 'decoded', maxBodyBytes: 5000 }, res))().then(
        (octets) => octets.toString('hex'),
        (error) => (error.cause === undefined ? error.code : `${error.code} ${error.cause.code}`),
      )
      return { outcome, after: (await drain(req)).toString('hex') }
    })
    const headers = coding === undefined ? {} : { 'content-encoding': coding }
    const { outcome, after } = (await exchange(port, { method: 'POST', headers, body: sent })).json()
    const wanted = typeof expected === 'string' ? expected : expected.toString('hex')
    assert.equal(wanted === 'ERR_BODY_MALFORMED' ? outcome.split(' ')[0] : outcome, wanted)
    assert.equal(after, sent.toString('hex'))
  })
}

test('P06: an empty body decodes to an empty body, and digestOver wire reads what was sent', async (t) => {
  const port = await serve(t, async (req, res) => ({
    decoded: (await readBody(req, { digestOver: 'decoded' }, res)).length,
    wire: (await readBody(req, { digestOver: 'wire' }, res)).toString('hex'),
    wrong: thrownAtOnce(() => readBody(req, { digestOver: 'Decoded' }, res)),
  }))
  const answer = await exchange(port, {
    method: 'POST',
    headers: { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' },
    body: '0\r\n\r\n',
  })
  assert.deepEqual(answer.json(), { decoded: 0, wire: '', wrong: 'ERR_INVALID_ARG_VALUE' })
})

test('P06: an unknown coding is refused before the body is read', async (t) => {
  const port = await serve(t, (req, res) => ({
    code: thrownAtOnce(() => readBody(req, { digestOver: 'decoded' }, res)),
    didRead: req.readableDidRead,
  }))
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(head({ method: 'POST', headers: { 'content-length': 9, 'content-encoding': 'lzma' } }))
  assert.deepEqual((await connection.response()).json(), { code: 'ERR_BODY_ENCODING', didRead: false })
})

for (const [name, configure] of Object.entries({
  'Node sends it': undefined,
  'a listener has sent it': (server) => {
    server.on('checkContinue', (req, res) => {
      res.writeContinue()
      server.emit('request', req, res)
    })
  },
  'a listener has left it unsent': (server) => server.on('checkContinue', (req, res) => server.emit('request', req, res)),
})) {
  test(`Expect: 100-continue, ${name}: it is sent once, and the body read`, async (t) => {
    const port = await serve(t, async (req, res) => ({ length: (await readBody(req, {}, res)).length }), { configure })
    const connection = new Connection(port)
    t.after(() => connection.close())
    await connection.write(head({ method: 'POST', headers: { 'content-length': 3, expect: '100-Continue' } }))
    await within(once(connection.socket, 'data'), 'the 100')
    await connection.write('abc')
    const answer = await connection.response()
    assert.deepEqual([answer.interim, answer.status, answer.json()], [[100], 200, { length: 3 }])
  })

  test(`Expect: 100-continue over HTTP/2, ${name}: it is sent once, and the body read`, async (t) => {
    const port = await serve(t, async (req, res) => ({ length: (await readBody(req, {}, res)).length }), { configure, protocol: 'h2c' })
    const client = http2.connect(`http://127.0.0.1:${port}`)
    t.after(() => client.destroy())
    const stream = client.request({ ':method': 'POST', ':path': '/', expect: '100-continue' })
    let interim = 0
    stream.on('headers', () => {
      interim += 1
    })
    await within(once(stream, 'continue'), 'the 100')
    stream.end('abc')
    assert.deepEqual(JSON.parse((await within(stream.toArray(), 'the answer')).join('')), { length: 3 })
    assert.equal(interim, 1)
  })
}

test('Expect: 100-continue is not sent for a body that is refused', async (t) => {
  const configure = (server) => server.on('checkContinue', (req, res) => server.emit('request', req, res))
  const port = await serve(t, async (req, res) => ({ length: (await readBody(req, { maxBodyBytes: 2 }, res)).length }), { configure })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(head({ method: 'POST', headers: { 'content-length': 3, expect: '100-continue' } }))
  const answer = await connection.response()
  assert.deepEqual([answer.interim, answer.status], [[], 413])
})

test('P07: a host that builds its own IncomingMessage, complete from the start, is read to its end', async () => {
  class HostMessage extends http.IncomingMessage {
    constructor(body) {
      super({ encrypted: true, readable: false, remoteAddress: '127.0.0.1', address: () => ({ port: 443 }), end() {}, destroy() {} })
      Object.assign(this, { complete: true, httpVersion: '1.1', httpVersionMajor: 1, method: 'POST', url: '/' })
      Object.assign(this.headers, { 'content-length': String(body.length) })
      this._read = () => {
        this.push(body)
        this.push(null)
      }
    }
  }
  const message = new HostMessage(Buffer.from([0xff, 1, 2]))
  const first = await within(readBody(message), 'the body')
  assert.equal(first.toString('hex'), 'ff0102')
  assert.equal((await drain(message)).toString('hex'), 'ff0102')
})

test('P07: a body that came in one piece is looked at: whoever follows finds a stream that nobody has touched', async (t) => {
  const port = await serve(t, async (req) => {
    await turns(3)
    const body = await readBody(req)
    const found = [body.toString(), req.readableDidRead, req.readableFlowing, req.readableLength]
    return [...found, (await drain(req)).toString()]
  })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(`${head({ method: 'POST', headers: { 'content-length': 5 } })}whole`)
  assert.deepEqual((await connection.response()).json(), ['whole', false, null, 5, 'whole'])
})

test('P07: a stream whose record Node keeps in another way is read by its public methods, and put back', async (t) => {
  const records = [undefined, {}, { flowing: null, destroyed: false, dataEmitted: false, encoding: null, buffer: [Buffer.from('other')] }]
  const port = await serve(t, async (req) => {
    const changed = new Proxy(req, {
      get: (target, name) => {
        const value = name === '_readableState' ? records[Number(req.url.slice(1))] : Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    await turns(3)
    return [(await readBody(changed)).toString(), (await drain(req)).toString()]
  })
  for (const i of records.keys()) {
    const connection = new Connection(port)
    t.after(() => connection.close())
    await connection.write(`${head({ method: 'POST', path: `/${i}`, headers: { 'content-length': 6 } })}public`)
    assert.deepEqual((await connection.response()).json(), ['public', 'public'], `record ${i}`)
  }
})

test('P07: what was read from the stream goes before a rawBody that somebody sets later', async (t) => {
  const port = await serve(t, async (req) => {
    const first = String(await readBody(req))
    req.rawBody = Buffer.from('other')
    return [first, String(await readBody(req)), String(await drain(req)), String(await readBody(req))]
  })
  assert.deepEqual((await exchange(port, { method: 'POST', body: 'as sent' })).json(), Array(4).fill('as sent'))
})

test('Expect: 100-continue is not sent where octets have come without it', async (t) => {
  const configure = (server) => server.on('checkContinue', (req, res) => server.emit('request', req, res))
  const port = await serve(t, async (req, res) => String(await readBody(req, {}, res)), { configure })
  const connection = new Connection(port)
  t.after(() => connection.close())
  await connection.write(`${head({ method: 'POST', headers: { 'content-length': 4, expect: '100-continue' } })}ab`)
  await turns(10)
  await connection.write('cd')
  const answer = await connection.response()
  assert.deepEqual([answer.interim, answer.json()], [[], 'abcd'])
})
