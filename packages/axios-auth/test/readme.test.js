import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { apiKey, basic, bearer, carrierOptionNames, digest, hmac, ntlm, session } from '@countersign/axios-auth'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const kinds = readFileSync(new URL('../KINDS.md', import.meta.url), 'utf8')

/** The options that the first column of a section's table names. */
function listed(document, heading) {
  const start = document.indexOf(`## ${heading}\n`)
  assert.ok(start >= 0, `a section ${heading}`)
  const [section] = document.slice(start + 3).split('\n## ')
  const cells = [...section.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell)
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name))
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

test('README and KINDS list every option of each kind, and what all have in common once', () => {
  const common = listed(readme, 'Options of every kind')
  assert.deepEqual([...common].sort(), [...carrierOptionNames].sort())
  for (const [name, factory] of Object.entries({ basic, apiKey, bearer, hmac, digest, session, ntlm })) {
    // bearer takes either a token or what it takes to get one, and tells of the latter.
    const all = name === 'bearer' ? ['token', ...known(factory)] : known(factory)
    assert.deepEqual([...new Set([...listed(kinds, name), ...common])].sort(), all.sort(), name)
  }
})

test('the README has at most 120 lines', () => {
  assert.ok(readme.trimEnd().split('\n').length <= 120)
})
