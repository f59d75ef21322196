import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tempFolder } from '../../../test/support/folders.js'
import { MAIN } from './support/cli.js'

const SECRET = 'a secret of at least 16 octets'

/** The scripts that a run of the command loaded, as V8 counts them, by their path from `packages` or `node_modules` on. */
function loadedBy(t, args, input = '') {
  const folder = tempFolder(t)
  const coverage = join(folder, 'coverage')
  mkdirSync(coverage)
  const env = { ...process.env, NODE_V8_COVERAGE: coverage, S: SECRET }
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { env, input, encoding: 'utf8', timeout: 30_000 })
  const files = readdirSync(coverage)
  assert.equal(files.length, 1, stderr)
  const { result } = JSON.parse(readFileSync(join(coverage, files[0]), 'utf8'))
  const paths = result.map(({ url }) => url).filter((url) => url.startsWith('file:'))
  return { status, paths: paths.map((url) => url.replace(/^.*\/(packages|node_modules)\//, '$1/')) }
}

const loads = (paths, part) => paths.some((path) => path.includes(part))
const COMMANDS = new Set(readdirSync(new URL('../src/commands', import.meta.url)).map((name) => name.replace('.ts', '')))
/** The commands among the files: each has one of its own, whose name says what was bundled. */
const commands = (paths) => paths.map((path) => /cli\/bundle\/(.*)-[A-Z0-9]{8}\.js$/.exec(path)?.[1]).filter((name) => COMMANDS.has(name))

test('--version loads the entry and nothing else', (t) => {
  assert.deepEqual(loadedBy(t, ['--version']).paths, ['packages/cli/bundle/main.js'])
})

test('help of any command loads commander and the tree, no command and no library', (t) => {
  for (const args of [['--help'], ['sign', '--help'], ['client', 'add', '--help'], ['token', '--help']]) {
    const { status, paths } = loadedBy(t, args)
    assert.equal(status, 0)
    assert.ok(loads(paths, 'commander'))
    assert.deepEqual(commands(paths), [])
    for (const part of ['packages/core', 'packages/schemes', 'packages/redis', 'node-cache'])
      assert.ok(!loads(paths, part), `${args}: ${part}`)
  }
})

test('a mistake in the command line loads no library either', (t) => {
  const { status, paths } = loadedBy(t, ['sign', 'github', '--frob'])
  assert.equal(status, 2)
  assert.ok(!loads(paths, 'packages/core'))
})

test('each command loads itself, and what it does not use stays where it is', (t) => {
  const folder = tempFolder(t)
  writeFileSync(join(folder, 'r.http'), 'POST / HTTP/1.1\n\nx')
  const file = join(folder, 'clients.json')
  const rows = [
    [['sign', 'github', '/x', '--body', 'a', '--secret-env', 'S'], ['sign'], ['schemes/bundle/explain', 'packages/redis', 'node-cache']],
    [
      ['verify', 'github', '--request', join(folder, 'r.http'), '--secret-env', 'S'],
      ['verify'],
      ['schemes/bundle/explain', 'packages/redis'],
    ],
    [['explain', 'github', '--request', join(folder, 'r.http'), '--secret-env', 'S'], ['explain'], ['packages/redis', 'webhook-receiver']],
    [['schemes'], ['schemes-list'], ['schemes/bundle/explain', 'packages/redis']],
    [['client', 'add', 'acme', '--file', file, '--create'], ['client-add'], ['packages/schemes', 'packages/redis', 'ioredis', '/redis/']],
    [['client', 'list', '--file', file], ['client-list'], ['packages/schemes', 'packages/redis']],
    [['pin', '/no/such/file'], ['pin'], ['packages/schemes', 'packages/redis', 'tls-look']],
    [['token', 'https://x.example/token'], ['token'], ['packages/schemes', 'packages/redis', 'packages/core', 'axios']],
  ]
  for (const [args, own, foreign] of rows) {
    const { paths } = loadedBy(t, args)
    // A command may take a function of another one's file, but runs one.
    assert.ok(commands(paths).includes(own[0]), args.join(' '))
    assert.ok(commands(paths).length <= 2, `${args.join(' ')}: ${commands(paths)}`)
    for (const part of foreign) assert.ok(!loads(paths, part), `${args.join(' ')} loads ${part}`)
  }
})
