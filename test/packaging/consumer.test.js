import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { build } from 'esbuild'
import { tempFolder } from '../support/folders.js'
import { packages, ROOT, subpaths } from '../support/packages.js'
import { npm, packedPackages } from './pack.js'

/** A folder outside of the repository in which nothing is installed but the tarballs, what they depend on, and the peers of `./passport`. */
const folder = tempFolder()
const specifiers = packages().flatMap((pkg) => subpaths(pkg).map(({ specifier }) => specifier))

/** The published strategies that the drop-ins extend, in the ranges that the packages name. */
const peers = Object.fromEntries(
  packages().flatMap(({ manifest }) => Object.entries(manifest.peerDependencies ?? {}).filter(([name]) => name.startsWith('passport-'))),
)

before(() => {
  const dependencies = { ...peers, ...Object.fromEntries(packedPackages().map(({ name, tarball }) => [name, `file:${tarball}`])) }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', version: '1.0.0', private: true, dependencies }))
  npm(folder, 'install', '--prefer-offline')
})

/** Runs a script in the folder, and returns the JSON that it printed; a warning on stderr is a failure. */
function runScript(name, text) {
  writeFileSync(join(folder, name), text)
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, NODE_TEST_CONTEXT: _context, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [name], { cwd: folder, encoding: 'utf8', env })
  assert.equal(stderr, '')
  assert.equal(status, 0)
  return JSON.parse(stdout)
}

function namesScript(load) {
  const print = 'console.log(JSON.stringify(Object.fromEntries(names)))'
  return `${load(JSON.stringify(specifiers))}\n${print}\n`
}

test('the tarballs bring no package but those that they name, what these need, and their peers', () => {
  const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
  const named = ['commander', 'node-cache', 'oauth4webapi', 'set-cookie-parser', 'structured-headers']
  const peers = ['axios', 'passport-headerapikey', 'passport-http']
  assert.deepEqual(installed.sort(), [...treeOf(['@countersign', ...named, ...peers])].sort())
})

/** Packages, and all that they depend on. */
function treeOf(names, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue
    found.add(name)
    if (name.startsWith('@')) continue
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'))
    treeOf(Object.keys(dependencies), found)
  }
  return found
}

test('a program that somebody bundles with esbuild, as either kind of module, holds what is loaded late as well', async () => {
  const calls = `
    import { bearer } from '@countersign/axios-auth'
    import { hmacVerify } from '@countersign/hmac-verify/express'
    import { rfc9421, sign, slack } from '@countersign/schemes'
    const secret = Buffer.alloc(32, 'secret').toString('base64')
    hmacVerify({ scheme: slack, secret })
    bearer({ tokenUrl: 'https://login.test/token', clientId: 'a', clientSecret: secret, origins: 'https://api.test' })
    const request = { method: 'POST', url: 'https://api.test/x', headers: [], body: Buffer.from('{}') }
    Promise.resolve(sign(rfc9421, request, { secret, keyId: 'k' })).then(({ headers }) => console.log(JSON.stringify(Object.keys(headers).includes('signature'))))`
  writeFileSync(join(folder, 'program.mjs'), calls)
  const alone = tempFolder()
  // Packages in CommonJS, such as axios's dependencies, need this line in a bundle that is an ES module.
  const js = "import { createRequire as make } from 'node:module'; const require = make(import.meta.url)"
  for (const [format, name, banner] of [
    ['cjs', 'program.cjs', {}],
    ['esm', 'program.mjs', { js }],
  ]) {
    const outfile = join(alone, name)
    await build({ entryPoints: [join(folder, 'program.mjs')], outfile, bundle: true, platform: 'node', format, banner, logLevel: 'silent' })
    const { status, stdout, stderr } = spawnSync(process.execPath, [name], { cwd: alone, encoding: 'utf8' })
    assert.deepEqual([format, status, stdout.trim()], [format, 0, 'true'], stderr)
  }
})

test('every subpath can be imported and required, without a framework, a flag or a warning, and gives the same names', () => {
  const imported = runScript(
    'import.mjs',
    namesScript((list) => `const names = []\nfor (const s of ${list}) names.push([s, Object.keys(await import(s)).sort()])`),
  )
  const required = runScript(
    'require.cjs',
    namesScript((list) => `const names = ${list}.map((s) => [s, Object.keys(require(s)).filter((k) => k !== '__esModule').sort()])`),
  )
  assert.deepEqual(Object.keys(imported), specifiers)
  assert.deepEqual(imported, required)
  for (const [specifier, names] of Object.entries(imported)) {
    assert.ok(!names.includes('default'), `${specifier} has a default export`)
    if (specifier.split('/').length > 2) assert.ok(names.length > 0, `${specifier} exports nothing`)
  }
})

test('an internal file cannot be reached', () => {
  const text = `import('@countersign/core/bundle/errors.js').then(() => console.log('"reached"'), (error) => console.log(JSON.stringify(error.code)))`
  assert.equal(runScript('internal.mjs', text), 'ERR_PACKAGE_PATH_NOT_EXPORTED')
})

/** The oldest TypeScript that is promised, and the newest. */
const COMPILERS = { 5.9: 'typescript', 7: 'typescript7' }

function compile(compiler, project) {
  const tsc = join(ROOT, 'node_modules', compiler, 'bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stdout)
}

for (const [title, type, options] of [
  ['an ES module under nodenext', 'module', { module: 'NodeNext' }],
  ['a CommonJS module under nodenext', 'commonjs', { module: 'NodeNext' }],
  ['a bundler', 'module', { module: 'ESNext', moduleResolution: 'Bundler' }],
]) {
  for (const [version, compiler] of Object.entries(COMPILERS)) {
    test(`TypeScript ${version} compiles every subpath in ${title}, with the libraries' declarations checked`, () => {
      const name = title.replaceAll(' ', '-')
      const lines = specifiers.map((specifier, i) => `import * as m${i} from '${specifier}'\nexport const n${i}: object = m${i}`)
      const file = `${name}.${type === 'module' ? 'mts' : 'cts'}`
      writeFileSync(join(folder, file), `${lines.join('\n')}\n`)
      const compilerOptions = {
        ...options,
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        target: 'ES2023',
        lib: ['ES2023', 'ESNext.Disposable'],
        typeRoots: [join(ROOT, 'node_modules/@types')],
        types: ['node'],
      }
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ compilerOptions, files: [file] }))
      compile(compiler, `${name}.json`)
    })
  }
}

for (const [version, compiler] of Object.entries(COMPILERS)) {
  test(`TypeScript ${version}: every guard and interceptor fits the types of Express 4 and 5, Koa 2 and 3, and axios`, () => {
    compile(compiler, join(ROOT, 'test/types'))
  })
}
