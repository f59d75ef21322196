import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/packages.js'

/** Data from elsewhere, which is kept as it is there. */
const DATA = /(^|\/)(vectors|fixtures)\//
/** A test file whose first lines say `Non-ASCII: <why>` may hold what it says. */
const DECLARED = /^(?:.*\n){0,9}?.*Non-ASCII: \S/

const MAX_SOURCE_LINES = 300

const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)))
const read = (path) => readFileSync(join(ROOT, path), 'latin1')
const sources = files.filter((path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path))

test('tracked files are ASCII with LF, apart from data and from tests that say so', () => {
  for (const path of files.filter((path) => !DATA.test(path))) {
    const text = read(path)
    assert.ok(!text.includes('\r'), `${path} has a carriage return`)
    if (/\.test\.js$/.test(path) && DECLARED.test(text)) continue
    const bad = text.search(/[^\n\t\x20-\x7e]/)
    assert.equal(bad, -1, `${path}: line ${text.slice(0, bad).split('\n').length} is not ASCII`)
  }
})

test(`a source of a package has less than ${MAX_SOURCE_LINES} lines, and a name that says what it holds`, () => {
  assert.ok(sources.length > 10)
  for (const path of sources) {
    const lines = read(path).split('\n').length - 1
    assert.ok(lines < MAX_SOURCE_LINES, `${path} has ${lines} lines`)
    assert.ok(!/^(utils?|types?|helpers?|common|misc)\.ts$/.test(basename(path)), `${path}: name it after what it holds`)
  }
})

test('every symbol that a source exports has a docstring', () => {
  for (const path of sources) {
    for (const { 0: declared, index } of read(path).matchAll(
      /^export (?:async )?(?:abstract )?(?:function\*?|class|interface|type|const) \w+/gm,
    )) {
      const before = read(path)
        .slice(0, index)
        .trimEnd()
        .replace(/(\n\/\/ biome-ignore[^\n]*)+$/, '')
      assert.ok(before.endsWith('*/') || isOverload(before, declared), `${path}: ${declared} has no docstring`)
    }
  }
})

/** Of several signatures of a function the first has the docstring. */
function isOverload(before, declared) {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return line.startsWith(`${declared}(`) || line.startsWith(`${declared}<`)
}

test('no source imports itself by way of others, types included', () => {
  const imported = new Map(sources.map((path) => [path, importsOf(path)]))
  refuseCircles(imported)
  assert.ok([...imported.values()].flat().length > 500)
})

test('no folder of a package needs itself by way of others', () => {
  const imported = new Map()
  for (const path of sources) {
    const others = importsOf(path).map(roomOf)
    imported.set(roomOf(path), [...(imported.get(roomOf(path)) ?? []), ...others.filter((other) => other !== roomOf(path))])
  }
  refuseCircles(imported)
  assert.ok([...imported.keys()].filter((room) => !room.endsWith('.ts')).length > 20)
})

/** The folder of `src` that a source is in; itself where it is in none. */
function roomOf(path) {
  return path.split('/').slice(0, 4).join('/')
}

function refuseCircles(imported) {
  const done = new Set()
  const visit = (path, way) => {
    assert.ok(!way.includes(path), `a circle: ${[...way.slice(way.indexOf(path)), path].join(' -> ')}`)
    if (done.has(path)) return
    for (const next of imported.get(path) ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const path of imported.keys()) visit(path, [])
}

/** The files that a source imports or re-exports something of. */
function importsOf(path) {
  const statements = read(path).matchAll(/^(?:import|export) [^']*?\bfrom '(\.[^']+)'/gm)
  return [...statements].map(([, from]) => join(dirname(path), from).replace(/\.js$/, '.ts'))
}

test('an index.ts holds nothing but re-exports', () => {
  for (const path of sources.filter((path) => basename(path) === 'index.ts')) {
    const statements = read(path)
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\/\/.*$/gm, '')
      .split(/\n(?=export)/)
      .map((statement) => statement.trim())
    for (const statement of statements)
      assert.match(statement, /^(export( type)? (\*|\{[^}]*\})( as \w+)? from '[^']+'|export \{\}|)$/, path)
  }
})

test('the sources import neither a framework nor a file outside of their package', () => {
  for (const path of sources) {
    for (const [, specifier] of read(path).matchAll(/\b(?:from|import|require)\s*\(?\s*'([^']+)'/g)) {
      assert.ok(!/^(express|koa|axios)(\/|$)/.test(specifier) || path.startsWith('packages/axios-auth/'), `${path} imports ${specifier}`)
      assert.ok(!specifier.includes('..') || !/^(\.\.\/)+(packages|src|dist)\b/.test(specifier), `${path} imports ${specifier}`)
      assert.ok(!/^@countersign\/[a-z-]+\/(src|dist)\b/.test(specifier), `${path} imports the internals of ${specifier}`)
    }
  }
})

test('no file names the address of a registry, and the lockfile holds none', () => {
  const registry = ['registry', 'npmjs'].join('.')
  for (const path of files) assert.ok(!read(path).includes(registry), path)
  assert.doesNotMatch(read('package-lock.json'), /"resolved": "https?:/)
})

test('no test is left alone with only', () => {
  for (const path of files.filter((path) => /\.(test|long)\.js$/.test(path))) {
    assert.doesNotMatch(read(path), /\b(test|it|describe|suite)\.only\(|\{\s*only: true/, path)
  }
})

test('documents link to files that exist', () => {
  for (const path of files.filter((path) => path.endsWith('.md'))) {
    for (const [, target] of read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(ROOT, path, '..', target)), `${path} links to ${target}`)
    }
  }
})
