import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allCodes, indexes, withIndex } from '../support/errors-table.js'
import { ROOT } from '../support/packages.js'

test('the indexes of all codes are complete, and lead to a table with the code', async () => {
  const codes = await allCodes()
  assert.ok(codes.length > 80, `codes: ${codes.length}`)
  for (const { code, places } of codes) {
    for (const { folder } of places) {
      const readme = readFileSync(join(ROOT, 'packages', folder, 'README.md'), 'utf8')
      assert.ok(readme.includes(`| \`${code}\` |`), `${code} in the README of ${folder}`)
    }
  }
  for (const [path, index] of await indexes()) {
    const text = readFileSync(join(ROOT, path), 'utf8')
    assert.match(text, /<!-- errors -->\n[\s\S]*<!-- \/errors -->/, path)
    assert.ok(withIndex(text, index) === text, `${path}: run npm run sync`)
    for (const { code } of codes) assert.ok(text.includes(`\`${code}\``), `${code} in ${path}`)
  }
})
