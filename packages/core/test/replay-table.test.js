import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ReplayTable } from '../dist/replay/table.js'

const key = (...words) => Int32Array.from(words)
/** Keys that differ in one word at a time, several of which begin in one place. */
const KEYS = [0, 1, 16, 17, -1, 15].flatMap((first) =>
  [
    [0, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [-1, -1, -1],
  ].map((rest) => [first, ...rest]),
)

function same(table, model) {
  assert.equal(table.live, model.size)
  for (const words of KEYS) {
    const place = table.find(key(...words))
    const held = model.get(words.join())
    assert.equal(place === -1, held === undefined, words.join())
    if (held !== undefined) assert.deepEqual([table.end(place), table.number(place)], held)
  }
}

test('a table finds what a Map finds, by all four words, through removals, sweeps and growth', () => {
  const step = fc.record({ what: fc.constantFrom('add', 'add', 'add', 'remove', 'sweep'), at: fc.nat(KEYS.length - 1), end: fc.nat(50) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const table = new ReplayTable()
      const model = new Map()
      for (const [number, { what, at, end }] of steps.entries()) {
        const words = KEYS[at]
        const place = table.find(key(...words))
        if (what === 'add' && place === -1) {
          table.add(key(...words), end, number + 1)
          model.set(words.join(), [end, number + 1])
        } else if (what === 'remove' && place !== -1) {
          table.remove(place)
          model.delete(words.join())
        } else if (what === 'sweep') {
          const ended = [...model].filter(([, [until]]) => until <= end)
          for (const [name] of ended) model.delete(name)
          assert.equal(table.sweep(end), Math.max(Number.NEGATIVE_INFINITY, ...ended.map(([, [until]]) => until)))
        }
        same(table, model)
      }
    }),
    { numRuns: 150 },
  )
})

test('a table doubles when two thirds of it are taken by what is live, and not for what was removed', () => {
  const table = new ReplayTable()
  const capacities = []
  for (let i = 0; i < 45; i += 1) {
    table.add(key(i * 7, i, 0, 0), 1, i + 1)
    capacities.push(table.capacity)
  }
  assert.deepEqual(capacities, [...Array(10).fill(16), ...Array(11).fill(32), ...Array(21).fill(64), ...Array(3).fill(128)])
  for (let i = 0; i < 45; i += 1) assert.equal(table.number(table.find(key(i * 7, i, 0, 0))), i + 1)
  const busy = new ReplayTable()
  for (let i = 0; i < 1000; i += 1) {
    busy.add(key(i, 0, 0, 0), 1, 1)
    busy.remove(busy.find(key(i, 0, 0, 0)))
  }
  assert.deepEqual([busy.live, busy.capacity], [0, 16])
  for (let i = 0; i < 7; i += 1) busy.add(key(i, 1, 0, 0), 1, 1)
  for (let i = 0; i < 100; i += 1) {
    busy.add(key(i, 2, 0, 0), 1, 1)
    busy.remove(busy.find(key(i, 2, 0, 0)))
  }
  assert.deepEqual([busy.live, busy.capacity], [7, 16])
})
