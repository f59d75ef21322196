import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { tempFolder } from './folders.js'
import { findTests } from './run-files.js'

const RUN = join(dirname(import.meta.dirname), 'run.js')
const IMPORT = "import { describe, test, before } from 'node:test'\n"

/** Runs test/run.js over one file of the given text and returns its exit code, its last line and its whole output. */
function runOver(t, text, { ci = 'false', name = 'a.test.js', args = [] } = {}) {
  const file = join(tempFolder(t), name)
  writeFileSync(file, IMPORT + text)
  writeFileSync(join(dirname(file), 'package.json'), '{"type":"module"}')
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout } = spawnSync(process.execPath, [RUN, ...args, file], { encoding: 'utf8', env: { ...env, CI: ci } })
  return { status, last: stdout.trimEnd().split('\n').at(-1), stdout }
}

test('a failed test fails the run, its error is shown, and its parent is not counted again', (t) => {
  const { status, last, stdout } = runOver(t, "test('p', async (t) => { await t.test('c', () => { throw new Error('boom') }) })")
  assert.equal(status, 1)
  assert.equal(last, '0 passed, 1 failed')
  assert.match(stdout, /FAILED .*a\.test\.js: p > c\n {2}Error: boom/)
})

test('a failed hook fails the run', (t) => {
  const { status, last } = runOver(
    t,
    "describe('s', () => { before(() => { throw new Error('hook') }); test('x', () => {}) })\ntest('y', () => {})",
  )
  assert.equal(status, 1)
  assert.equal(last, '1 passed, 2 failed')
})

test('an error after its test, a file without a test and one that does not load each fail the run', (t) => {
  const late = runOver(t, "test('x', () => { setTimeout(() => { throw new Error('late') }, 5) })")
  assert.equal(late.status, 1)
  assert.match(late.stdout, /FAILED .*an error after its test/)
  const rejected = runOver(t, "test('x', () => { void Promise.reject(new Error('late')) })")
  assert.equal(rejected.status, 1)
  const empty = runOver(t, '')
  assert.deepEqual([empty.status, empty.last], [1, '0 passed, 1 failed'])
  const broken = runOver(t, "import './nothing.js'")
  assert.deepEqual([broken.status, broken.last], [1, '0 passed, 1 failed'])
})

test('a file that only skips fails the run', (t) => {
  const { status, last } = runOver(t, "test('x', { skip: 'because' }, () => {})")
  assert.equal(status, 1)
  assert.equal(last, '0 passed, 1 failed, 1 skipped')
})

test('a skipped test is listed with its reason, and fails where CI=true unless the reason starts with long:', (t) => {
  const text = "test('x', () => {})\ntest('y', { skip: 'no nginx' }, () => {})\ntest('z', (t) => t.skip('long: 200,000 requests'))"
  const here = runOver(t, text)
  assert.deepEqual([here.status, here.last], [0, '1 passed, 0 failed, 2 skipped'])
  assert.match(here.stdout, /a\.test\.js: y: no nginx\n/)
  const ci = runOver(t, text, { ci: 'true' })
  assert.deepEqual([ci.status, ci.last], [1, '1 passed, 1 failed, 1 skipped'])
})

test('a run in which all passes ends with the plain line and exit code 0', (t) => {
  const { status, last } = runOver(t, "describe('s', () => { test('x', () => {}) })\ntest('y', () => {})")
  assert.deepEqual([status, last], [0, '2 passed, 0 failed'])
})

test('--name runs the tests that it names, --long sets COUNTERSIGN_LONG', (t) => {
  const text =
    "test('x', () => { throw new Error('not named') })\ntest('y', () => { if (process.env.COUNTERSIGN_LONG !== '1') throw new Error() })"
  const { status, last } = runOver(t, text, { args: ['--name=^y$', '--long'] })
  assert.deepEqual([status, last], [0, '1 passed, 0 failed'])
})

test('a path that does not exist fails the run', () => {
  const { status, stdout } = spawnSync(process.execPath, [RUN, 'test/nothing'], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stdout, /^there is no .*test\/nothing\n0 passed, 1 failed\n$/)
})

test('files are found in packages and in the folders of test, long ones when asked for, and never below node_modules', (t) => {
  const root = tempFolder(t)
  const add = (path) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), '')
  }
  const inside = ['packages/core/test/b.test.js', 'packages/core/test/a.test.js', 'test/contract/c.test.js', 'test/e2e/d.long.js']
  const outside = [
    'packages/core/node_modules/x/x.test.js',
    'test/packaging/p.test.js',
    'test/support/run-files.js',
    'packages/core/dist/y.test.js',
  ]
  for (const path of [...inside, ...outside]) add(path)
  const names = (options) => findTests(root, options).files.map((file) => file.slice(root.length + 1))
  assert.deepEqual(names(), ['packages/core/test/a.test.js', 'packages/core/test/b.test.js', 'test/contract/c.test.js'])
  assert.equal(findTests(root).left, 1)
  assert.deepEqual(names({ long: true }).at(-1), 'test/e2e/d.long.js')
  assert.deepEqual(names({ paths: ['test/packaging'] }), ['test/packaging/p.test.js'])
  assert.deepEqual(names({ paths: ['test/e2e/d.long.js'] }), ['test/e2e/d.long.js'])
  assert.throws(() => findTests(root, { paths: ['nothing'] }), /there is no .*nothing/)
})
