import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packages } from '../support/packages.js'

const MAX_LINES = 120
/** In this order; a package may have more between them. */
const HEADINGS = [/^What it decides$/, /^Install$/, /^Options/, /^(Refusals|Errors)$/, /^Source documents$/, /^Limits$/]

for (const { name, folder } of packages()) {
  test(`the README of ${name} has the headings of all READMEs, and at most ${MAX_LINES} lines`, () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    const lines = readme.trimEnd().split('\n')
    assert.equal(lines[0], `# ${name}`)
    assert.ok(lines.length <= MAX_LINES, `${lines.length} lines`)
    const found = lines.filter((line) => line.startsWith('## ')).map((line) => HEADINGS.findIndex((heading) => heading.test(line.slice(3))))
    const known = found.filter((index) => index >= 0)
    assert.deepEqual(known, [...HEADINGS.keys()])
    assert.match(readme, /npm install (--global )?@countersign\//)
  })
}
