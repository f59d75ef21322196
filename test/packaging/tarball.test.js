import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/packages.js'
import { packedPackages } from './pack.js'

/** What a package ships: each source, its declarations, the bundled entry points with what they share, its pages, package.json and LICENSE. */
function expectedFiles({ folder }) {
  const sources = readdirSync(join(folder, 'src'), { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/'))
  const types = sources.flatMap((path) => ['.d.ts', '.d.ts.map'].map((end) => `dist/${path.slice(0, -3)}${end}`))
  const bundled = readdirSync(join(folder, 'bundle'), { recursive: true })
    .filter((path) => /\.js(\.map)?$/.test(path))
    .map((path) => `bundle/${path.replaceAll('\\', '/')}`)
  const pages = readdirSync(folder).filter((name) => name.endsWith('.md'))
  return ['LICENSE', ...pages, 'package.json', ...sources.map((path) => `src/${path}`), ...types, ...bundled].sort()
}

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin', command), args, { encoding: 'utf8', cwd: ROOT })
  return { status, output: stdout + stderr }
}

for (const pkg of packedPackages()) {
  test(`the tarball of ${pkg.name} holds its sources, what is built from them, its pages and LICENSE, and no other file`, () => {
    assert.deepEqual(
      pkg.files,
      expectedFiles(pkg),
      'a file in dist without its source is from an earlier build: remove dist and build again',
    )
  })

  test(`publint finds nothing in ${pkg.name}`, () => {
    const { status, output } = run('publint', 'run', pkg.tarball, '--strict')
    assert.equal(status, 0, output)
  })

  test(`the types of ${pkg.name} resolve for ES modules, for require and for bundlers`, () => {
    const { status, output } = run('attw', pkg.tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color')
    assert.equal(status, 0, output)
  })

  test(`the manifest of ${pkg.name} is that of its siblings`, () => {
    const { version, license, type, sideEffects, engines, exports, publishConfig, dependencies = {} } = pkg.manifest
    assert.equal(version, JSON.parse(readFileSync(join(ROOT, 'lerna.json'), 'utf8')).version)
    assert.deepEqual(
      { license, type, sideEffects, engines },
      { license: 'MIT', type: 'module', sideEffects: false, engines: { node: '>=20.19' } },
    )
    assert.deepEqual(publishConfig, { access: 'public', provenance: true })
    assert.equal(exports['./package.json'], './package.json')
    for (const target of Object.values(exports)) if (typeof target === 'object') assert.deepEqual(Object.keys(target), ['types', 'default'])
    for (const [name, range] of Object.entries(dependencies)) if (name.startsWith('@countersign/')) assert.equal(range, `^${version}`)
  })
}

test('at run time five packages of others are needed, and no more without a decision', () => {
  const foreign = packedPackages().flatMap(({ name, manifest }) =>
    Object.keys(manifest.dependencies ?? {})
      .filter((dependency) => !dependency.startsWith('@countersign/'))
      .map((dependency) => `${name}: ${dependency}`),
  )
  assert.deepEqual(foreign, [
    '@countersign/axios-auth: oauth4webapi',
    '@countersign/axios-auth: set-cookie-parser',
    '@countersign/cli: commander',
    '@countersign/core: node-cache',
    '@countersign/schemes: structured-headers',
  ])
})
