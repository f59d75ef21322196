import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { github, sign, slack, twilio } from '@countersign/schemes'
import { tempFolder } from '../../../test/support/folders.js'
import { startProcess } from '../../../test/support/processes.js'
import { Connection, exchange, head, within } from '../../../test/support/raw-http.js'
import { cli, cliJson, inProcess, MAIN } from './support/cli.js'

const SECRET = 'canary-secret-0123456789abcdef'
const env = { S: SECRET }
const signed = (scheme, text, options) => {
  const { headers } = sign(scheme, { method: 'POST', url: '/hooks', body: Buffer.from(text) }, { secret: SECRET, ...options })
  return { method: 'POST', path: '/hooks', headers, body: text }
}

/** A receiver with --json, and the lines that it prints. */
async function listening(t, args) {
  const command = [MAIN, 'listen', ...args, '--port', '0', '--secret-env', 'S', '--json']
  const handle = await startProcess(t, { command: process.execPath, args: command, env, ready: { line: /"event":"listening".*\n/ } })
  const lines = () =>
    handle
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  return { ...handle, port: Number(new URL(lines()[0].url).port), requests: () => lines().slice(1) }
}

describe('explain', () => {
  test('names the cause, with 1, and shows neither secret nor expected signature', async (t) => {
    const { headers } = signed(github, '{"a":1}')
    const path = join(tempFolder(t), 'r.http')
    writeFileSync(path, `POST /hooks HTTP/1.1\nHost: h\nX-Hub-Signature-256: ${headers['x-hub-signature-256']}\n\n{"a": 1}`)
    const args = ['explain', 'github', '--request', path, '--secret-env', 'S']
    const { code, stdout, stderr } = await cli(args, { env })
    assert.equal(code, 1)
    assert.match(stdout, /ERR_HMAC_MISMATCH[\s\S]*1\. .*JSON[\s\S]*fix: /)
    assert.ok(!`${stdout}${stderr}`.includes(SECRET) && !/[0-9a-f]{64}/.test(stdout))
    const { json } = await cliJson(args, { env })
    assert.equal(json.ok, false)
    assert.equal(json.findings[0].cause, 'body-spacing')
    writeFileSync(path, readFileSync(path, 'utf8').replace('{"a": 1}', '{"a":1}'))
    assert.equal((await inProcess(args, { env })).code, 0)
  })

  test('knows the secret of another stage', async (t) => {
    const path = join(tempFolder(t), 'r.http')
    writeFileSync(path, `POST /hooks HTTP/1.1\nX-Hub-Signature-256: ${signed(github, 'a').headers['x-hub-signature-256']}\n\na`)
    const args = ['explain', 'github', '--request', path, '--secret-env', 'NEW', '--other-secret-env', 'S', '--json']
    const { stdout } = await inProcess(args, { env: { ...env, NEW: 'another-secret-0123456789' } })
    assert.equal(JSON.parse(stdout).findings[0].cause, 'secret-other')
  })
})

describe('listen', () => {
  test('mistakes of the set-up end it before it listens', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    t.after(() => taken.close())
    const folder = tempFolder(t)
    writeFileSync(join(folder, 'file'), '')
    for (const [args, wanted, pattern] of [
      [['github', '--port', '70000'], 2, /--port/],
      [['github', '--port', 'x'], 2, /--port/],
      [['github', '--count', '0'], 2, /--count/],
      [['github', '--handshake'], 2, /no handshake/],
      [['twitter-x', '--handshake'], 2, /not signed/],
      [['standard-webhooks', '--port', '0'], 2, /secret/],
      [['github', '--port', String(taken.address().port)], 3, /EADDRINUSE/],
      [['github', '--port', '0', '--save', join(folder, 'file', 'x')], 3, /ENOTDIR|EEXIST/],
    ]) {
      const { code, stderr } = await inProcess(['listen', ...args, '--secret-env', 'S'], { env })
      assert.equal(code, wanted, `${args.join(' ')}: ${stderr}`)
      assert.match(stderr, pattern)
    }
  })

  test('answers 401 and no more to what does not hold, and prints why', async (t) => {
    const folder = join(tempFolder(t), 'deep', 'saved')
    const receiver = await listening(t, ['github', '--save', folder, '--count', '3'])
    const good = signed(github, '{"a":1}')
    const refused = await exchange(receiver.port, { ...good, body: '{"a": 1}' })
    assert.deepEqual([refused.status, refused.text, refused.get('cache-control')], [401, 'unauthorized\n', 'no-store'])
    assert.equal((await exchange(receiver.port, { method: 'GET', path: '/%1b[31m' })).status, 401)
    const held = await exchange(receiver.port, good)
    assert.deepEqual([held.status, held.text], [200, 'ok\n'])
    const { code } = await receiver.exited
    assert.equal(code, 1)
    const [spaced, missing, last] = receiver.requests()
    const members = ['event', 'at', 'method', 'target', 'bodyBytes', 'ok', 'keyId', 'code', 'reason', 'findings', 'savedAs']
    for (const line of [spaced, missing, last]) assert.deepEqual(Object.keys(line), members)
    assert.deepEqual([spaced.ok, spaced.code, spaced.findings[0].cause], [false, 'ERR_HMAC_MISMATCH', 'body-spacing'])
    assert.equal(missing.code, 'ERR_HMAC_MISSING')
    assert.deepEqual([last.ok, last.target, last.bodyBytes], [true, '/hooks', 7])
    assert.ok(!receiver.output().includes(SECRET))
    const files = readdirSync(folder).sort()
    assert.equal(files.length, 3)
    assert.match(files.join(' '), /-0001-refused\.http .*-0002-refused\.http .*-0003-valid\.http$/)
    if (process.platform !== 'win32') {
      assert.equal(statSync(folder).mode & 0o777, 0o700)
      for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600)
    }
    assert.equal((await inProcess(['verify', 'github', '--request', last.savedAs, '--secret-env', 'S'], { env })).code, 0)
    assert.equal((await inProcess(['verify', 'github', '--request', spaced.savedAs, '--secret-env', 'S'], { env })).code, 1)
  })

  test('keeps chunked bodies whole, and refuses what is too large without reading all of it', async (t) => {
    const folder = tempFolder(t)
    const receiver = await listening(t, ['github', '--save', folder, '--max-body', '1000', '--count', '2'])
    // A body that looks like chunks itself, so that it shows whether they are taken apart twice.
    const body = '3\r\nabc\r\n0\r\n\r\n'
    const { headers } = signed(github, body)
    const connection = new Connection(receiver.port)
    const lines = Object.entries({ host: 'h', 'transfer-encoding': 'chunked', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    await connection.write(`POST /hooks HTTP/1.1\r\n${lines.join('')}\r\n`)
    await connection.chunk(body.slice(0, 4))
    await connection.chunk(body.slice(4), { last: true })
    assert.equal((await connection.response({ to: 'POST' })).status, 200)
    connection.close()
    const large = new Connection(receiver.port)
    await large.write('POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 100000000\r\n\r\n')
    await large.write('x'.repeat(2000))
    const answer = await large.response({ to: 'POST' })
    assert.deepEqual([answer.status, answer.get('connection')], [413, 'close'])
    large.close()
    assert.equal((await receiver.exited).code, 1)
    const [first, second] = receiver.requests()
    assert.equal((await inProcess(['verify', 'github', '--request', first.savedAs, '--secret-env', 'S'], { env })).code, 0)
    assert.deepEqual([second.ok, second.bodyBytes], [false, null])
  })

  test('a stale request is told as stale, and --now goes by another time', async (t) => {
    const old = () => 1_700_000_000_000
    const receiver = await listening(t, ['slack', '--count', '1'])
    assert.equal((await exchange(receiver.port, signed(slack, 'a', { now: old }))).status, 401)
    assert.equal((await receiver.exited).code, 1)
    assert.equal(receiver.requests()[0].code, 'ERR_HMAC_STALE')
    const then = await listening(t, ['slack', '--count', '1', '--now', '1700000000'])
    assert.equal((await exchange(then.port, signed(slack, 'a', { now: old }))).status, 200)
    assert.equal((await then.exited).code, 0)
  })

  test('a signed handshake is answered with --handshake alone, and only when it holds', async (t) => {
    const text = '{"type":"url_verification","challenge":"abc123"}'
    const without = await listening(t, ['slack', '--count', '1'])
    assert.equal((await exchange(without.port, signed(slack, text))).text, 'ok\n')
    const receiver = await listening(t, ['slack', '--handshake', '--count', '2'])
    const forged = await exchange(receiver.port, { ...signed(slack, text), headers: {} })
    assert.deepEqual([forged.status, forged.text], [401, 'unauthorized\n'])
    const answer = await exchange(receiver.port, signed(slack, text))
    assert.deepEqual([answer.status, answer.text], [200, 'abc123'])
  })

  test('a folder that is gone ends it with 3: it would lose the next requests too', async (t) => {
    const folder = join(tempFolder(t), 'saved')
    const receiver = await listening(t, ['github', '--save', folder])
    rmSync(folder, { recursive: true })
    assert.equal((await exchange(receiver.port, signed(github, 'a'))).status, 500)
    assert.equal((await receiver.exited).code, 3)
  })

  test('where the URL is signed it asks for the origin, and holds with it', async (t) => {
    const body = 'a=1'
    const request = {
      method: 'POST',
      url: 'https://hooks.example.com/hooks',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(body),
    }
    const { headers } = sign(twilio, request, { secret: SECRET })
    const sent = { method: 'POST', path: '/hooks', headers: { ...request.headers, ...headers }, body }
    const receiver = await listening(t, ['twilio', '--origin', 'https://hooks.example.com', '--count', '1'])
    assert.equal((await exchange(receiver.port, sent)).status, 200)
    const lacking = await listening(t, ['twilio', '--count', '1'])
    await exchange(lacking.port, sent)
    await lacking.exited
    assert.match(lacking.output(), /--origin https:/)
  })

  test('what comes behind the last of --count is neither judged nor shown', async (t) => {
    const folder = join(tempFolder(t), 'saved')
    const receiver = await listening(t, ['github', '--count', '1', '--save', folder])
    const { headers, body } = signed(github, 'a')
    const held = head({ method: 'POST', path: '/hooks', headers: { ...headers, 'content-length': '1' } }) + body
    const refused = head({ method: 'POST', path: '/second', headers: { 'content-length': '1' } }) + body
    const connection = new Connection(receiver.port)
    // In one piece, so that the second is there before the first was answered.
    await connection.write(`${held}${refused}`)
    assert.equal((await connection.response({ to: 'POST' })).status, 200)
    const late = await connection.response({ to: 'POST' })
    assert.deepEqual([late.status, late.get('connection')], [503, 'close'])
    connection.close()
    assert.equal((await receiver.exited).code, 0)
    assert.equal(receiver.requests().length, 1)
    assert.equal(readdirSync(folder).length, 1)
  })

  test('what is no HTTP request is answered as Node does, shown, and not counted', async (t) => {
    const receiver = await listening(t, ['github', '--count', '1'])
    // The beginning of a TLS handshake (RFC 8446 section 5.1): somebody has configured https://.
    const cases = [
      ['\x16\x03\x01\x00\x05\x01', 400, /TLS.*http:/],
      ['POST / HTTP/1.1\r\nhost: h\r\ncontent-length: x\r\n\r\n', 400, /HPE_INVALID_CONTENT_LENGTH/],
      [`GET / HTTP/1.1\r\nhost: h\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431, /HPE_HEADER_OVERFLOW/],
    ]
    for (const [octets, status, reason] of cases) {
      const connection = new Connection(receiver.port)
      await connection.write(octets)
      assert.equal((await connection.response()).status, status)
      await within(connection.closed, 'the end of the connection')
      const { event, at, reason: told } = receiver.requests().at(-1)
      assert.equal(event, 'unreadable')
      assert.match(at, /^\d{4}-/)
      assert.match(told, reason)
    }
    await exchange(receiver.port, signed(github, 'a'))
    assert.equal((await receiver.exited).code, 0)
    assert.equal(receiver.requests().length, cases.length + 1)
  })

  test('ends at SIGINT, with 0 where all held', async (t) => {
    const receiver = await listening(t, ['github'])
    await exchange(receiver.port, signed(github, 'a'))
    await receiver.stop('SIGINT')
    assert.equal((await receiver.exited).code, 0)
  })
})

test('a secret that a sender puts into its URL is not shown', async (t) => {
  const { port, requests, output, exited } = await listening(t, ['github', '--count', '1'])
  await exchange(port, { method: 'POST', path: `/hooks?token=${SECRET}`, headers: { 'x-hub-signature-256': 'sha256=00' }, body: 'x' })
  await exited
  assert.equal(requests()[0].target, '/hooks?token=[secret]')
  assert.ok(!output().includes(SECRET))
})
