import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codesOf, withTable } from '../support/errors-table.js'
import { packages } from '../support/packages.js'

for (const pkg of packages()) {
  test(`the codes in the README of ${pkg.name} are those that it exports`, async () => {
    const readme = readFileSync(join(pkg.folder, 'README.md'), 'utf8')
    const rows = await codesOf(pkg)
    const wanted = withTable(readme, rows)
    if (wanted === undefined) assert.equal(rows.length, 0, 'the README lacks <!-- codes --> and <!-- /codes -->')
    else assert.ok(readme === wanted, 'run: npm run sync')
  })

  test(`the codes of ${pkg.name} have a reason and a remedy, and a status where an answer carries it`, async () => {
    for (const [code, { status, when, fix }] of await codesOf(pkg)) {
      assert.match(code, /^ERR_[A-Z0-9]+(_[A-Z0-9]+)+$/)
      // What fails on the way out is never an answer.
      if (pkg.name === '@countersign/axios-auth') assert.equal(status, undefined)
      else assert.ok(Number.isInteger(status) && status >= 400 && status <= 599, code)
      assert.ok(when.length > 10 && fix.length > 4, code)
    }
  })
}

test('a code that stands in the tables of two packages means the same in both', async () => {
  const known = new Map()
  for (const pkg of packages()) {
    for (const [code, row] of await codesOf(pkg)) {
      if (known.has(code)) assert.deepEqual(row, known.get(code), `${code} of ${pkg.name}`)
      known.set(code, row)
    }
  }
  assert.ok(known.size > 20)
})
