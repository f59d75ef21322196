import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileScheme, scheme } from '@countersign/schemes'
import { mistakes } from './signing.js'

describe('plain data', () => {
  const plain = { name: 'acme', signature: { header: 'x' }, message: '{body}' }
  const nested = (depth, around) => Array.from({ length: depth }).reduce(around, 'x')
  test('may be nested as deep as 32', () => {
    const told = (docs) => {
      try {
        scheme({ ...plain, docs })
      } catch (error) {
        return error.message
      }
    }
    for (const around of [(inner) => ({ a: inner }), (inner) => [inner]]) {
      assert.match(told(nested(32, around)), /docs: must be a text/)
      assert.match(told(nested(33, around)), /^scheme: option "definition\.docs[^"]*" is nested deeper than 32, or holds itself$/)
    }
    const loop = []
    loop.push(loop)
    assert.match(told(loop), /is nested deeper than 32, or holds itself/)
  })
  test('holds for what is compiled at once', () =>
    assert.throws(() => compileScheme({ ...plain, fields: { f: new Date(0) } }), /"definition\.fields\.f" must be plain data/))
  test('holds for options too', () =>
    assert.throws(() => compileScheme(plain, { params: { a: new Date(0) } }), /"definition\.params\.a" must be plain data/))
})

test('a pipe is named without blanks', () => {
  assert.deepEqual(mistakes({ message: '{body| hex}' }), ['message: column 2: " hex" names no pipe in "{body| hex}"'])
  assert.deepEqual(mistakes({ message: '{body|hex }' }), ['message: column 2: "hex " names no pipe in "{body|hex }"'])
})

test('an empty word in a condition is told once', () => {
  const told = (when) => mistakes({ fields: { f: { header: 'f', when } }, message: '{f}\n{body}' })
  assert.deepEqual(told({ method: '' }), ['fields.f.when.method: must be a text that is not empty, or a list of them; got string'])
  assert.deepEqual(told({ contentType: ['a/b', ''] }), [
    'fields.f.when.contentType: must be a text that is not empty, or a list of them; got a list',
  ])
})

describe('what a definition lacks or has too much is told', () => {
  for (const [definition, ...lines] of [
    [{ fields: { i: { names: 'components' } }, message: '{i}\n{body}' }, 'fields.i: has no home, and no format captures {i}'],
    [{ params: { p: 'x{y' }, signature: { header: '{param:p}' } }, 'signature.header: "x{y" is no field name'],
    [
      {
        fields: {
          i: { dictionary: 'signature-input', label: 'a', names: 'components' },
          j: { dictionary: 'signature', label: 'a' },
        },
        message: '{i}\n{j}\n{body}',
      },
      'signature: has no label, and i, j has: what stands under a label is a signature of its own',
    ],
  ])
    test(lines.join(), () => assert.deepEqual(mistakes(definition), lines))
  test('a label where the signature has no home at all', () =>
    assert.match(
      mistakes({
        signature: {},
        fields: { i: { dictionary: 'signature-input', label: 'a', names: 'components' } },
        message: '{i}\n{body}',
      }).join('\n'),
      /^signature: has no home[^\n]*\nsignature: has no label, and i has/m,
    ))
  test('whether a nonce is carried is known of a scheme', () => {
    const nonce = (more) => compileScheme({ name: 'acme', signature: { header: 'x' }, message: '{body}', ...more }).facts.nonce
    assert.equal(nonce({}), false)
    assert.equal(nonce({ nonce: { header: 'n' }, message: '{nonce}\n{body}' }), true)
  })
})
