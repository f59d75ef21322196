import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Remembered } from '../dist/remembered.js'

test('Remembered: each value is decoded once, at most 1000 are kept, and what means nothing is not kept', () => {
  const decoded = []
  const remembered = new Remembered((value) => {
    decoded.push(value)
    return value.startsWith('bad') ? undefined : { value }
  })
  assert.equal(remembered.of('a'), remembered.of('a'))
  assert.equal(remembered.of('constructor').value, 'constructor')
  assert.equal(remembered.of('bad'), undefined)
  assert.equal(remembered.of('bad'), undefined)
  assert.deepEqual(decoded, ['a', 'constructor', 'bad', 'bad'])
  for (let i = 0; i < 998; i += 1) remembered.of(`value ${i}`)
  remembered.of('a')
  assert.equal(decoded.filter((value) => value === 'a').length, 1)
  remembered.of('one more')
  remembered.of('constructor')
  assert.equal(decoded.filter((value) => value === 'constructor').length, 1)
  remembered.of('a')
  assert.equal(decoded.filter((value) => value === 'a').length, 2)
})
