import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { packages, ROOT } from '../support/packages.js'
import { snippets } from '../support/snippets.js'

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

/** Strict installers, such as pnpm, hide what a package only brings along. */
for (const { name, folder } of packages()) {
  test(`the install line of ${name} names what its examples import of core and schemes`, () => {
    const path = join(relative(ROOT, folder), 'README.md')
    const [, line] = /^npm install (.*)$/m.exec(readFileSync(join(ROOT, path), 'utf8'))
    const imported = snippets(path).flatMap(({ text }) =>
      [...text.matchAll(/ from '(@countersign\/(?:core|schemes))[/']/g)].map((match) => match[1]),
    )
    for (const needed of new Set(imported)) assert.ok(line.split(' ').includes(needed), needed)
  })
}
