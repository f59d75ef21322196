import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Connection, head, turns } from '../../../test/support/raw-http.js'

const size = 10 * 1024 * 1024
const file = fileURLToPath(import.meta.url)

// The measured half runs in a process of its own, started by the other half.
if (process.env.COUNTERSIGN_BODY_FRAMING === undefined) await judge()
else await measure(process.env.COUNTERSIGN_BODY_FRAMING === 'chunked')

async function judge() {
  const { test } = await import('node:test')
  const peakOf = async (framing) => {
    const env = { ...process.env, COUNTERSIGN_BODY_FRAMING: framing, NODE_TEST_CONTEXT: undefined }
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file], { env })
    return Number(stdout)
  }
  test('P08: reading 10 MiB with a Content-Length holds at most 1.1 bodies', async () => {
    const peak = await peakOf('length')
    assert.ok(peak > 0.9 && peak <= 1.1, `held ${peak}`)
  })
  test('P08: reading 10 MiB in chunks holds at most 2.1 bodies', async () => {
    const peak = await peakOf('chunked')
    assert.ok(peak > 0.9 && peak <= 2.1, `held ${peak}`)
  })
}

/** Prints the most array buffers that were alive at a time while a body was read, in bodies. */
async function measure(isChunked) {
  const { readBody } = await import('@countersign/core')
  let peak = 0
  let before = 0
  const probe = () => {
    // Twice: what one collection finds, the next one has swept.
    globalThis.gc()
    globalThis.gc()
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
  }
  const server = http.createServer(async (req, res) => {
    globalThis.gc()
    before = process.memoryUsage().arrayBuffers
    const { emit } = req
    let emitted = 0
    req.emit = function probed(...args) {
      emitted += 1
      if (emitted % 40 === 0) probe()
      return emit.apply(this, args)
    }
    const octets = await readBody(req, { maxBodyBytes: size }, res)
    probe()
    res.end(String(octets.length))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connection = new Connection(server.address().port)
  const answer = connection.response()
  const piece = Buffer.alloc(size / 160)
  await connection.write(head({ method: 'POST', headers: isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': size } }))
  for (let i = 0; i < 160; i += 1) {
    if (isChunked) await connection.chunk(piece)
    else await connection.write(piece)
    await turns(1)
  }
  if (isChunked) await connection.chunk('', { last: true })
  assert.equal((await answer).text, String(size))
  process.stdout.write(String(peak / size))
  connection.close()
  server.close()
}
