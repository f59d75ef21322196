import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { apiKey, basic, carrierOptionNames } from '@countersign/axios-auth'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The options that a section of the README lists in its table. */
function listed(heading) {
  const start = readme.indexOf(`## ${heading}\n`)
  const end = readme.indexOf('\n## ', start)
  assert.ok(start >= 0 && end > start, `a section ${heading}`)
  return [...readme.slice(start, end).matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
}

/** The options that a factory knows, as it tells when it is given another. */
function known(factory) {
  try {
    factory({ 'there-is-no-such-option-at-all': true })
  } catch (error) {
    return /known are (.*)$/.exec(error.message)[1].split(', ')
  }
  return assert.fail('an unknown option was taken')
}

test('the README lists every option of basic and apiKey, and what all kinds have in common once', () => {
  const common = listed('Options of every kind')
  assert.deepEqual([...common].sort(), [...carrierOptionNames].sort())
  for (const [name, factory] of Object.entries({ basic, apiKey })) {
    assert.deepEqual([...listed(name), ...common].sort(), known(factory).sort(), name)
  }
})
