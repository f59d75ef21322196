import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { slack } from '@countersign/schemes'
import { frameworks, isKoa } from '../support/frameworks.js'
import { keepAlive } from '../support/promises.js'
import { Connection, head, within } from '../support/raw-http.js'
import { server } from '../support/verdicts.js'

const SECRET = 'a-secret-of-the-tests-0123456789'
const NOW_MS = 1_768_478_400_000
const SECONDS = String(NOW_MS / 1000)
const hex = (octets, secret = SECRET) => createHmac('sha256', secret).update(octets).digest('hex')

keepAlive({ after })

const fields = (time, body, secret) => ({
  'x-slack-request-timestamp': time,
  'x-slack-signature': `v0=${hex(`v0:${time}:${body}`, secret)}`,
})
const LARGE = 'x'.repeat(200_000)

/** Requests that are refused at each step: no signature, its form, its time, its body. */
const REFUSED = [
  ['no signature', {}, '{}'],
  ["another vendor's signature", { 'x-hub-signature-256': `sha256=${hex('{}')}` }, '{}'],
  ['no prefix', { 'x-slack-request-timestamp': SECONDS, 'x-slack-signature': hex('{}') }, '{}'],
  ['too old, with a body that is not read', fields(String(NOW_MS / 1000 - 4000), LARGE), LARGE],
  ['milliseconds', fields(String(NOW_MS), '{}'), '{}'],
  ["a line feed behind the sender's secret", fields(SECONDS, '{}', `${SECRET}\n`), '{}'],
  ['forged', fields(SECONDS, '{}', 'another secret of the tests, 16+'), '{}'],
  ['forged, with a larger body', fields(SECONDS, LARGE, 'another secret of the tests, 16+'), LARGE],
]

/** Every octet of an answer, but for its Date. */
async function octetsOf(port, headers, body) {
  const connection = new Connection(port)
  await within(connection.ready, 'the connection')
  connection.socket.write(
    head({ method: 'POST', path: '/hook', headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' } }),
  )
  connection.socket.write(body)
  await within(connection.closed, 'the end of the answer')
  return connection.received.toString('latin1').replace(/^date: .*\r\n/im, '')
}

for (const framework of frameworks) {
  const serve = server(framework)
  const hmacVerify = isKoa(framework) ? forKoa : forExpress

  describe(`hmacVerify with explain, ${framework}`, () => {
    test('the answer is octet for octet the same with explain as without', async (t) => {
      const guarded = (explain) => ({ guard: () => hmacVerify({ scheme: slack, secret: SECRET, now: () => NOW_MS, explain }) })
      const plain = await serve(t, guarded(false))
      const explaining = await serve(t, guarded(true))
      for (const [label, headers, body] of REFUSED) {
        const wanted = await octetsOf(plain.port, headers, body)
        assert.match(wanted, /^HTTP\/1\.1 401 /, label)
        assert.equal(await octetsOf(explaining.port, headers, body), wanted, label)
      }
      const good = fields(SECONDS, '{"ok":1}')
      assert.match(await octetsOf(explaining.port, good, '{"ok":1}'), /^HTTP\/1\.1 200 /)
    })
  })
}
