import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http2 from 'node:http2'
import { describe, test } from 'node:test'
import { readBody } from '@countersign/core'
import { Connection, head, turns, within } from '../../../test/support/raw-http.js'
import { serve } from './body-server.js'

const sha256 = (octets) => createHash('sha256').update(octets).digest('hex')
const MiB = 1024 * 1024

/** Octets that no text decoding survives. */
function octetsOf(length) {
  const octets = Buffer.alloc(length)
  for (let i = 0; i < length; i += 1) octets[i] = (i * 31 + (i >> 8) * 7) & 255
  return octets
}

/** Every usual way of reading a request, as the libraries do it. */
const consumers = {
  data: (req) =>
    new Promise((resolve, reject) => {
      const chunks = []
      req.on('data', (chunk) => chunks.push(chunk))
      req.on('end', () => resolve(Buffer.concat(chunks)))
      req.on('error', reject)
      req.on('aborted', () => reject(new Error('aborted')))
    }),
  pipe: async (req) => {
    const { PassThrough } = await import('node:stream')
    const chunks = []
    for await (const chunk of req.pipe(new PassThrough())) chunks.push(chunk)
    return Buffer.concat(chunks)
  },
  iterate: async (req) => {
    const chunks = []
    for await (const chunk of req) chunks.push(chunk)
    return Buffer.concat(chunks)
  },
  readable: (req) =>
    new Promise((resolve) => {
      const chunks = []
      req.on('readable', () => {
        for (let chunk = req.read(); chunk !== null; chunk = req.read()) chunks.push(chunk)
      })
      req.on('end', () => resolve(Buffer.concat(chunks)))
    }),
  pauseFirst: async (req) => {
    req.pause()
    await turns(2)
    const whole = consumers.data(req)
    req.resume()
    return whole
  },
}

/** Sends a body in pieces over either protocol; `chunked` leaves the length out. */
const senders = {
  async h1(port, pieces, { chunked = false, expect = false, slow = false } = {}) {
    const connection = new Connection(port)
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
    const framing = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': total }
    const answer = connection.response({ to: 'POST' })
    await connection.write(head({ method: 'POST', headers: { ...framing, ...(expect ? { expect: '100-continue' } : {}) } }))
    if (slow) await turns(3)
    for (const piece of pieces) {
      if (chunked) await connection.chunk(piece)
      else await connection.write(piece)
      if (slow) await turns(3)
    }
    if (chunked) await connection.chunk('', { last: true })
    const { status, text } = await answer
    connection.close()
    return { status, ...JSON.parse(text) }
  },
  async h2(port, pieces, { chunked = false, slow = false } = {}) {
    const client = http2.connect(`http://127.0.0.1:${port}`)
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
    const stream = client.request({ ':method': 'POST', ':path': '/', ...(chunked ? {} : { 'content-length': total }) })
    stream.setEncoding('utf8')
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
    })
    let status
    stream.on('response', (headers) => {
      status = headers[':status']
    })
    const ended = within(once(stream, 'end'), 'the answer')
    for (const piece of pieces) {
      await new Promise((resolve) => stream.write(piece, resolve))
      if (slow) await turns(3)
    }
    stream.end()
    await ended
    client.close()
    return { status, ...JSON.parse(text) }
  },
}

const large = octetsOf(5 * MiB)
const shapes = [
  ['no octets, Content-Length: 0', [], {}],
  ['1 octet', [octetsOf(1)], {}],
  ['90 KB', [octetsOf(90_000)], {}],
  ['5 MiB', [large], {}],
  [
    '5 MiB in 50 chunks',
    Array.from({ length: 50 }, (_, i) => large.subarray((i * large.length) / 50, ((i + 1) * large.length) / 50)),
    { chunked: true },
  ],
  ['slow with a length', [octetsOf(10), octetsOf(20_000), octetsOf(3)], { slow: true }],
  ['slow in chunks', [octetsOf(10), octetsOf(20_000), octetsOf(3)], { chunked: true, slow: true }],
  ['slow empty chunked', [], { chunked: true, slow: true }],
  ['empty chunked in one segment', [], { chunked: true }],
]

for (const [kind, protocol] of Object.entries({ h1: undefined, h2: 'h2c' })) {
  describe(`P03: octets are read and put back, ${kind}`, () => {
    for (const [consumer, consume] of Object.entries(consumers)) {
      for (const [shape, pieces, options] of shapes) {
        for (const gap of [0, 40]) {
          test(`${shape}, then ${consumer} after ${gap} turns`, async (t) => {
            const listener = async (req, res) => {
              const first = await readBody(req, { maxBodyBytes: 16 * MiB }, res)
              await turns(gap)
              const again = readBody(req, { maxBodyBytes: 16 * MiB }, res)
              assert.ok(pieces.length === 0 || again === first, 'remembered, and at once')
              const second = await within(consume(req), 'the end of the second reading')
              return { first: sha256(first), second: sha256(second), length: first.length, complete: req.complete }
            }
            const port = await serve(t, listener, { protocol })
            const sent = Buffer.concat(pieces)
            const answer = await senders[kind](port, pieces, options)
            assert.deepEqual(answer, { status: 200, first: sha256(sent), second: sha256(sent), length: sent.length, complete: true })
          })
        }
      }
    }
  })
}
