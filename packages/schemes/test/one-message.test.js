import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomOf } from '../../../test/support/malformed.js'
import { searchForgeries } from './one-message.js'
import { KINDS } from './random-definition.js'

const isLong = process.env.COUNTERSIGN_LONG === '1'
// COUNTERSIGN_SEED repeats a long run; without it every long run is another.
const seed = Number(process.env.COUNTERSIGN_SEED ?? (isLong ? Date.now() % 2 ** 31 : 20_261_123))
const size = isLong ? { definitions: 20_000, requests: 300 } : { definitions: 300, requests: 150 }

for (const [i, kind] of KINDS.entries()) {
  test(`P17: of schemes at random that compile, no two different requests have one message: ${kind}, seed ${seed}`, () => {
    const { compiled, accepted, alike, forgeries } = searchForgeries(randomOf(seed + i), kind, size)
    assert.equal(forgeries.join('\n'), '')
    assert.ok(
      compiled > size.definitions / 10 && accepted > 30 * compiled && alike > 10 * compiled,
      JSON.stringify({ compiled, accepted, alike }),
    )
  })

  test(`P17: the same search finds forgeries where the schemes may be ambiguous: ${kind}`, () => {
    const found = searchForgeries(randomOf(7 + i), kind, { definitions: 1000, requests: 100, more: { ambiguous: 'a test' }, enough: 1 })
    assert.equal(found.forgeries.length, 1, JSON.stringify(found))
  })
}
