import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileScheme, scheme } from '@countersign/schemes'
import { anySetUp, catalogue, presets, withTable } from '../support/presets-table.js'
import { kebabCase } from './vectors.js'

const FOLDER = join(import.meta.dirname, '../../packages/schemes/src/presets')

for (const [name, preset] of presets) {
  test(`${name}: is frozen data that survives JSON`, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(preset)), preset)
    everyValue(preset, (value) => {
      assert.notEqual(typeof value, 'function')
      assert.notEqual(value, undefined)
      assert.ok(Object.isFrozen(value))
    })
  })

  test(`${name}: says its name, its page and how it was proved`, () => {
    assert.equal(preset.name, kebabCase(name))
    assert.match(preset.docs, /^https:\/\/[a-z0-9.-]+\/[\x21-\x7e]*$/)
    assert.ok(['published', 'sdk', 'documented'].includes(preset.evidence), preset.evidence)
  })

  test(`${name}: compiles, also as a user's own scheme`, () => {
    const { facts } = compileScheme(preset, anySetUp(preset))
    assert.ok(facts.branches.length > 0)
    assert.deepEqual(scheme(JSON.parse(JSON.stringify(preset))), preset)
  })
}

test('a preset that is no HMAC needs a word of the set-up', () => {
  const insecure = presets.filter(([, { insecure }]) => insecure !== undefined)
  assert.deepEqual(
    insecure.map(([name]) => name),
    ['hubspotV1', 'hubspotV2'],
  )
  for (const [, preset] of insecure) assert.throws(() => compileScheme(preset), /only the option allowInsecureScheme: true lets it in/)
})

test('four fifths of the presets have at most twelve lines, and none more than forty', () => {
  const lines = readdirSync(FOLDER)
    .filter((file) => file !== 'index.ts')
    .flatMap((file) =>
      readFileSync(join(FOLDER, file), 'utf8')
        .split(/^export const \w+ = preset\(\{\n/m)
        .slice(1),
    )
    .map((text) => text.slice(0, text.indexOf('\n})\n')).split('\n').length)
  assert.equal(lines.length, presets.length)
  assert.ok(Math.max(...lines) <= 40, `${Math.max(...lines)}`)
  const small = lines.filter((count) => count <= 12).length
  assert.ok(small / lines.length >= 0.8, `${small} of ${lines.length}`)
})

test('every file of presets is exported', () => {
  const index = readFileSync(join(FOLDER, 'index.ts'), 'utf8')
  for (const file of readdirSync(FOLDER)) {
    if (file !== 'index.ts') assert.ok(index.includes(`export * from './${file.replace(/\.ts$/, '.js')}'\n`), file)
  }
})

test('the table of CATALOGUE.md is in step with the presets: node test/support/presets-table.js --write', () => {
  assert.notEqual(catalogue(), '')
  assert.equal(withTable(catalogue()), catalogue())
})

function everyValue(value, visit) {
  visit(value)
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) everyValue(member, visit)
}
