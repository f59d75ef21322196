import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { runVerify } from '@countersign/core/passport'

/** What a process prints that runs a verify function, and then `success`, which throws. */
function printed(verify) {
  const script = `
    import { runVerify } from '@countersign/core/passport'
    process.on('unhandledRejection', ({ message }) => console.log('unhandled', message))
    const actions = { success() { throw new Error('of the framework') }, fail() { console.log('fail') }, error() { console.log('error') } }
    const verify = ${verify}
    try {
      runVerify({ actions, challenge: 'Basic realm="a"', timeoutMs: 5000, call: verify })
    } catch ({ message }) {
      console.log('thrown', message)
    }`
  const options = { cwd: import.meta.dirname, encoding: 'utf8', timeout: 20_000 }
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], options).trim()
}

// In a process of its own, since node:test takes each unhandled rejection for a failure.
for (const [title, verify, output] of [
  ['at once', '(verified) => verified(null, {})', 'thrown of the framework'],
  ['in an async function', 'async (verified) => verified(null, {})', 'unhandled of the framework'],
  ['later in an async function', 'async (verified) => { await 0; verified(null, {}) }', 'unhandled of the framework'],
  [
    'in an async function that then fails by itself',
    "async (verified) => { try { verified(null, {}) } catch {} throw new Error('own') }",
    '',
  ],
]) {
  test(`what the framework throws out of success is not lost: verify calls back ${title}`, () => assert.equal(printed(verify), output))
}

test('a deadline that no timer of Node has is not taken for none', (t) => {
  const { mock } = t.mock.method(globalThis, 'setTimeout', () => ({ unref: () => undefined }))
  const actions = { success: () => assert.fail(), fail: () => assert.fail(), error: () => assert.fail() }
  runVerify({ actions, challenge: 'Basic realm="a"', timeoutMs: 2 ** 31, call: () => undefined })
  assert.deepEqual(
    mock.calls.map(({ arguments: [, ms] }) => ms),
    [2_147_483_647],
  )
})
