import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packages, ROOT } from '../support/packages.js'

const read = (path) => readFileSync(join(ROOT, path), 'utf8')
const numbers = (letter, count) => Array.from({ length: count }, (_, index) => letter + String(index + 1).padStart(2, '0'))

/** The requirements of SECURITY.md, each from a published advisory, and those from what users of other packages ran into. */
const S = numbers('S', 26)
const P = numbers('P', 52)

/** The numbers in the names of all tests. */
function named() {
  const files = execFileSync('git', ['ls-files', '-z', '--', '*.test.js', '*.long.js', 'test/contract'], { cwd: ROOT, encoding: 'utf8' })
  const names = files
    .split('\0')
    .filter((path) => path.endsWith('.js'))
    .flatMap((path) => [...read(path).matchAll(/\b(?:test|it|describe)\(\s*(['"`])(.*?)\1/gs)].map(([, , name]) => name))
  return new Set(names.flatMap((name) => name.match(/\b[PS]\d\d\b/g) ?? []))
}

test('every S and P number stands in the name of a test', () => {
  const tested = named()
  assert.deepEqual(
    [...S, ...P].filter((number) => !tested.has(number)),
    [],
  )
})

test('SECURITY.md answers every S number, and names none that is not there', () => {
  const rows = [...read('SECURITY.md').matchAll(/^\|.*\| ([SP0-9, ]*) \|$/gm)].flatMap(([, list]) => list.match(/[SP]\d\d/g) ?? [])
  assert.deepEqual(
    S.filter((number) => !rows.includes(number)),
    [],
  )
  assert.deepEqual(
    rows.filter((number) => ![...S, ...P].includes(number)),
    [],
  )
})

test('S22: dependencies are few, pinned by hash, run nothing when they are installed, and SECURITY.md names each', () => {
  assert.match(read('.npmrc'), /^ignore-scripts=true$/m)
  const lock = Object.entries(JSON.parse(read('package-lock.json')).packages)
  // npm writes no hash for packages of platforms other than the one that wrote the lockfile.
  const unpinned = lock.filter(([path, entry]) => path.includes('node_modules/') && !entry.link && !entry.inBundle && !entry.integrity)
  assert.deepEqual(
    unpinned.filter(([, { optional, dev }]) => !(optional && dev)).map(([path]) => path),
    [],
  )

  const security = read('SECURITY.md')
  for (const { name, manifest } of packages()) {
    assert.equal(manifest.publishConfig.provenance, true, name)
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) assert.equal(manifest.scripts?.[script], undefined, name)
    const foreign = Object.keys(manifest.dependencies ?? {}).filter((dependency) => !dependency.startsWith('@countersign/'))
    for (const dependency of foreign) assert.ok(security.includes(dependency), `SECURITY.md does not name ${dependency} of ${name}`)
    assert.ok(foreign.length <= 2, `${name} depends on ${foreign}`)
  }
})

test('S22: the versions of axios with a trojan, 1.14.1 and 0.30.4, are no peers', () => {
  const { manifest } = packages().find(({ name }) => name === '@countersign/axios-auth')
  const [, minor] = /^\^1\.(\d+)\.\d+$/.exec(manifest.peerDependencies.axios)
  assert.ok(Number(minor) > 14, manifest.peerDependencies.axios)
})
