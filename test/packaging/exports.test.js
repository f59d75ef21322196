import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/packages.js'
import { exportedNames, exportedSymbols, snapshot } from './exports.js'

test('the packages export the names that exports.json lists, and no other', async () => {
  assert.deepEqual(
    await exportedNames(),
    snapshot(),
    'an exported name came or went; if that is meant: npm run sync, and say so in CHANGELOG.md',
  )
})

test('every exported name has a docstring', () => {
  const bare = exportedSymbols().flatMap(({ specifier, symbols }) =>
    symbols.filter(({ documentation }) => documentation.trim().length < 10).map(({ name }) => `${specifier}: ${name}`),
  )
  assert.deepEqual(bare, [])
})

test('what exports.json lists is there at run time', async () => {
  for (const [specifier, names] of Object.entries(snapshot())) {
    const module = await import(specifier)
    const values = names.filter((name) => !name.startsWith('type '))
    assert.deepEqual(Object.keys(module).sort(), values, specifier)
  }
})

test('CHANGELOG.md names, under Unreleased, every exported name that came or went since the last release', (t) => {
  const tag = lastTag()
  if (tag === undefined) return t.diagnostic('nothing was released yet')
  const before = JSON.parse(git('show', `${tag}:test/packaging/exports.json`))
  const unreleased = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').split(/^## /m)[1]
  for (const name of changes(before, snapshot())) assert.ok(unreleased.includes(`\`${name}\``), `CHANGELOG.md says nothing of ${name}`)
})

test('changes are the names that only one side has', () => {
  assert.deepEqual(changes({ a: ['x', 'type Y'], b: ['z'] }, { a: ['x', 'w'] }), ['Y', 'w', 'z'])
})

function changes(before, after) {
  const list = (names) => Object.entries(names).flatMap(([specifier, own]) => own.map((name) => `${specifier} ${name}`))
  const [old, now] = [new Set(list(before)), new Set(list(after))]
  const changed = [...old, ...now].filter((entry) => !(old.has(entry) && now.has(entry)))
  return [...new Set(changed.map((entry) => entry.split(' ').at(-1)))].sort()
}

function lastTag() {
  try {
    return git('describe', '--tags', '--abbrev=0', '--match=v*')
  } catch {
    return undefined
  }
}

function git(...args) {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}
