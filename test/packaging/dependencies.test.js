import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/packages.js'

test('every dependency that a package names is used, and every one that is used is named', () => {
  const args = ['--dependencies', '--no-progress', '--no-config-hints', '--exclude', 'optionalPeerDependencies']
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin/knip'), args, { cwd: ROOT, encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
})
