import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { without } from '../../../test/support/components.js'
import { waitFor } from '../../../test/support/processes.js'
import { bash, MAIN } from './support/cli.js'

const env = { NODE: process.execPath, MAIN, SECRET: 'a secret of the tests, 32 octets!' }
const skip = without('bash')

test('whoever reads the output may stop early: the exit code stays what it is', { skip }, async () => {
  const reads = async (words, by) => (await bash(`"$NODE" "$MAIN" ${words} ${by}; echo "\${PIPESTATUS[0]}"`, env)).trim()
  for (let times = 0; times < 3; times += 1) {
    assert.equal(await reads('verify github POST / --body x --secret-env SECRET', '| true'), '1')
    assert.equal(await reads('verify github POST / --body x --secret-env SECRET', '2>&1 | true'), '1')
    assert.equal(await reads('schemes', '| head -0'), '0')
    assert.equal(await reads('no-such-command', '2>&1 | true'), '2')
  }
})

test('listen ends when nobody reads what it prints any more', async () => {
  const words = [MAIN, 'listen', 'github', '--port', '0', '--secret-env', 'SECRET']
  const child = spawn(process.execPath, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text
    })
  }
  const [, url] = await waitFor('the address', () => /(http:\/\/[\d.:]+)/.exec(output) ?? undefined)
  child.stdout.destroy()
  child.stderr.destroy()
  const ended = once(child, 'exit')
  await fetch(url, { method: 'POST', body: 'x' })
  const [code, signal] = await ended
  assert.deepEqual([code, signal], [3, null])
})

test('output that cannot be written ends with 3, and a line that says so', { skip: skip || !existsSync('/dev/full') }, async () => {
  const output = await bash('"$NODE" "$MAIN" schemes 2>&1 >/dev/full; echo "$?"', env)
  assert.deepEqual(output.trim().split('\n'), ['countersign: the output cannot be written: ENOSPC', '3'])
})
