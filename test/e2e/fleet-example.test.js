import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { without } from '../support/components.js'

const MAIN = new URL('../../examples/fleet/main.js', import.meta.url).pathname

test('examples/fleet: one command, and a table in which everything is as expected', { skip: without('redis-server') }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN], { timeout: 90_000 })
  const rows = stdout.split('\n').filter((line) => / ok$/.test(line))
  assert.equal(rows.length, 6, stdout)
  assert.doesNotMatch(stdout, /FAIL/)
  const figures = (start) =>
    rows
      .find((row) => row.startsWith(start))
      ?.match(/ {2,}(\d+) +(\d+)/)
      ?.slice(1)
      .map(Number)
  assert.deepEqual(figures('a replay attack'), [1600, 0])
  assert.deepEqual(figures('a race'), [1600, 400])
})
