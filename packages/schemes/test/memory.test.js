// What is kept of requests between calls, measured in a process of its own.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const file = fileURLToPath(import.meta.url)
const MIB = 1024 * 1024

if (process.env.COUNTERSIGN_KEPT === undefined) {
  test('P08: of the bodies of sixty requests that are refused, a list in each, nothing is kept', async () => {
    const env = { ...process.env, COUNTERSIGN_KEPT: 'form', NODE_TEST_CONTEXT: undefined }
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file], { env })
    assert.ok(Number(stdout) < 10, `${stdout} MiB are kept`)
  })
} else {
  await measure()
}

async function measure() {
  const { scheme, verify } = await import('@countersign/schemes')
  const definition = scheme({
    name: 'acme',
    signature: { header: 'x-signature' },
    fields: { signed: { form: 'signed', names: ' ', mustInclude: ['amount'] } },
    define: { pairs: { each: 'form', names: '{signed}', encode: 'rfc3986', item: '{name}={value}', join: '&' } },
    message: '{signed}\n{pairs}',
  })
  const headers = { 'x-signature': 'a'.repeat(64), 'content-type': 'application/x-www-form-urlencoded' }
  const refused = (i) => {
    const body = Buffer.from(`signed=a-name-that-is-not-there-${i}&rest=${'x'.repeat(MIB)}`)
    const result = verify(definition, { method: 'POST', url: '/', headers, body }, { secret: 'a-secret-of-the-tests-0123456789' })
    assert.equal(result.code, 'ERR_HMAC_UNCOVERED')
  }
  const used = () => {
    // Twice: what one collection finds, the next one has swept.
    globalThis.gc()
    globalThis.gc()
    return process.memoryUsage().heapUsed
  }
  refused(0)
  const before = used()
  for (let i = 1; i <= 60; i += 1) refused(i)
  process.stdout.write(((used() - before) / MIB).toFixed(1))
}
