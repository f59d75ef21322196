import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileScheme } from '@countersign/schemes'
import { mistakes } from './signing.js'

/** What the signature of a scheme binds, a word each, with `body` as its octets or data; or the line about why it does not compile. */
function bound(definition) {
  try {
    const { binds } = compileScheme({ name: 'acme', signature: { header: 'x-signature' }, ...definition }).facts
    const words = Object.entries(binds).flatMap(([name, value]) => (value === true ? [name] : []))
    return [binds.body, ...words].join(' ')
  } catch (error) {
    return error.message.replace(/^scheme 'acme': /gm, '')
  }
}

const OPEN = /^message: does not sign the body/
const UNSIGNED = /^timestamp: is checked but not signed/

/** Fields that are signed, where each is carried, and what is bound by that. */
const carried = [
  ['a member of a JSON body is data', { f: { json: '/a' } }, '{method}\n{f}', 'data method'],
  ['a field of a form is data', { f: { form: 'a' } }, '{method}\n{f}', 'data method'],
  ['beside a field that is carried elsewhere', { f: { json: '/a' }, g: { header: 'g' } }, '{method}\n{f}', 'data method'],
  ['also what another format captures', { g: { json: '/a', format: '{f},{g}' }, f: {} }, '{method}\n{f}', 'data method'],
  ['a parameter of the query is no body', { f: { query: 'a' } }, '{method}\n{f}', OPEN],
  ['nor is a header', { f: { header: 'a' } }, '{method}\n{f}', OPEN],
  ['a header whose name has a colon in it is none', { f: { cookie: 'json:a' } }, '{method}\n{f}', OPEN],
  ['nor what is recomputed from other parts', { f: { json: '/a', value: '{method}' } }, '{method}\n{f}', OPEN],
  ['nor what the set-up fixes', { f: { json: '/a', param: 'p' } }, '{method}\n{f}', OPEN],
]

describe('a part of the body that is signed as what the sender wrote there binds data of the body', () => {
  for (const [name, fields, message, expected] of carried) {
    test(name, () => {
      const actual = bound({ fields, params: { p: 'x' }, message })
      if (typeof expected === 'string') assert.equal(actual, expected)
      else assert.match(actual, expected)
    })
  }
})

describe('the path is bound by what it carries only where that is all of it', () => {
  const rest = { rest: {} }
  const of = (path, fields, message) => bound({ signature: { path }, fields, message })
  test('all that stands beside the signature', () => assert.equal(of('/hooks/{signature}/{rest}', rest, '{rest}'), 'none path'))
  test('without the signature in it', () =>
    assert.equal(bound({ signature: { query: 's' }, fields: { rest: { path: '/{rest}' } }, message: '{rest}' }), 'none path'))
  test('beside a field that is carried elsewhere', () =>
    assert.equal(of('/hooks/{signature}/{rest}', { ...rest, f: { header: 'f' } }, '{rest}'), 'none path'))
  test('several parts, when all of them are signed', () => {
    const two = { ...rest, more: {} }
    assert.equal(of('/{rest}/{more}/{signature}', two, '/{rest}/{more}'), 'none path')
    assert.equal(of('/{rest}/{more}/{signature}', two, '{rest|first:2}/{more}'), 'none', 'of one a part is signed')
    assert.equal(of('/{rest}/{more}/{signature}', { ...two, f: { header: 'f' } }, '{rest}/{f}'), 'none')
  })
  test('a part of the path that is read out of it is not', () => {
    assert.equal(bound({ fields: { f: { from: '{path|after:/a/}' } }, message: '{f}', allowUnboundBody: 'for the test' }), 'none')
  })
  test('one of two parts is not', () => assert.equal(of('/{signature}/{rest}/{more}', { ...rest, more: {} }, '{rest}'), 'none'))
  test('a value that something else carries is not', () =>
    assert.equal(of('/{signature}/{rest}', { ...rest, f: { header: 'f' } }, '{f}'), 'none'))
})

describe('a header that is signed binds what it alone carries', () => {
  const timed = (timestamp, message) => bound({ timestamp: { unit: 'seconds', ...timestamp }, message })
  test('with text around it too', () =>
    assert.equal(timed({ header: 't', format: 'a={timestamp}' }, '{header:t}\n{body}'), 'octets timestamp'))
  test('not where another header may carry it instead', () => {
    assert.match(timed({ header: ['t', 'u'] }, '{header:t}\n{body}'), UNSIGNED)
    assert.match(timed({ header: ['t', 'u'] }, '{header:u}\n{body}'), UNSIGNED)
    assert.equal(timed({ header: ['t', 'u'] }, '{timestamp}\n{body}'), 'octets timestamp')
  })
  test('not where it carries more than that', () =>
    assert.match(timed({ header: 't', format: '{timestamp};{keyId}' }, '{header:t}\n{body}'), UNSIGNED))
  test('not a header whose name is like it', () => {
    assert.match(timed({ header: 't' }, '{header:tt}\n{body}'), UNSIGNED)
    assert.match(timed({ header: 'tt' }, '{header:t}\n{body}'), UNSIGNED)
  })
})

describe('a time is signed only where it is carried', () => {
  const pairs = { each: 'query', prefix: 't', encode: 'rfc3986', item: '{name}={value}', join: '&' }
  const lines = { each: 'headers', prefix: 'x-', item: '{name}:{value}\n', join: '' }
  for (const [name, home, message, more] of [
    ['lines of headers, and it is in the query', { query: 'x-ts' }, '{l}\n{body}', { define: { l: lines } }],
    ['lines of headers, and another header may carry it', { header: ['x-a', 'y-b'] }, '{l}\n{body}', { define: { l: lines } }],
    ['lines of headers, of which it is a part', { header: 'x-a', format: '{timestamp};{keyId}' }, '{l}\n{body}', { define: { l: lines } }],
    ['a cookie of the name of its header', { header: 'ts' }, '{cookie:ts}\n{body}'],
    ['pairs of the query, and it is in a form', { form: 'ts' }, '{l}\n{method}', { define: { l: pairs }, allowUnboundBody: 'x' }],
    ['the body, and it is in a parameter whose name is like a member', { query: 'json:/ts' }, '{body}'],
    ['the query, and it is in a cookie whose name is like a parameter', { cookie: 'query:ts' }, '{query}\n{body}'],
    ['a cookie whose name is like all of the query', { query: 'ts' }, '{cookie:query-but:[]}\n{body}'],
  ])
    test(name, () => assert.match(bound({ timestamp: { unit: 'seconds', ...home }, message, ...more }), UNSIGNED))
  test('the query, and the signature holds it there, which is left out', () => {
    const signature = { query: 's', format: '{timestamp},{signature}' }
    assert.match(bound({ signature, timestamp: { unit: 'seconds' }, message: '{query}\n{body}' }), UNSIGNED)
  })
  test('lines of headers that hold it', () =>
    assert.equal(
      bound({ timestamp: { unit: 'seconds', header: 'x-ts' }, define: { l: lines }, message: '{l}\n{body}' }),
      'octets timestamp',
    ))
})

describe('a part of the path, the query or the URL binds nothing that they carry', () => {
  const OLD = { query: 'ts', unit: 'seconds' }
  for (const [name, message] of [
    ['the URL without its query', '{url|before:?}\n{body}'],
    ['the target without its query', '{target|before:?}\n{body}'],
    ['the target of the request line without its query', '{rawTarget|before:?}\n{body}'],
    ['the beginning of the query', '{query|first:5}\n{body}'],
    ['the end of the query', '{query|after:x}\n{body}'],
    ['a query of which digits become one', '{query|replace:1/2}\n{body}'],
    ['a query of which digits are taken out', '{query|remove:1}\n{body}'],
    ['a part that is defined', '{p|sha256|hex}\n{body}'],
  ]) {
    test(`a time: ${name}`, () => assert.match(bound({ timestamp: OLD, define: { p: '{query|first:5}' }, message }), UNSIGNED))
  }
  test('a nonce', () => assert.match(bound({ nonce: { query: 'n' }, message: '{url|before:?}\n{body}' }), /^nonce: is not signed/))
  test('a time in the path', () => {
    const definition = { timestamp: { path: '/h/{timestamp}/{rest}', unit: 'seconds' }, fields: { rest: {} } }
    assert.match(bound({ ...definition, message: '{path|last:4}\n{body}' }), UNSIGNED)
    assert.equal(bound({ ...definition, message: '{path}\n{body}' }), 'octets path timestamp')
  })
  test('a digest of the body, which could be changed with it', () => {
    const fields = { d: { query: 'd', value: '{body|sha256|hex}' } }
    assert.match(bound({ fields, message: '{target|before:?}\n{method}' }), OPEN)
    assert.equal(bound({ fields, message: '{target}\n{method}' }), 'octets method path query')
  })
  test('a deadline', () => {
    const fields = { until: { query: 'until', unit: 'seconds' } }
    assert.match(bound({ fields, message: '{target|before:?}\n{body}' }), /^fields\.until: is carried, but neither in the message/)
  })
  test('what a field stands for in part', () => {
    const fields = { d: { header: 'd', value: '{query|first:5}' } }
    assert.match(bound({ timestamp: OLD, fields, message: '{d}\n{body}' }), UNSIGNED)
  })
  test('requests are told apart by it all the same', () => {
    assert.equal(bound({ message: '{path|first:3}\n{body}' }), 'octets path')
    assert.equal(bound({ message: '{target|before:?}\n{body}' }), 'octets path query')
  })
  test('what is spelled otherwise, digits as they are, is the whole', () => {
    for (const pipes of ['lower', 'replace:+/%20', 'remove:-', 'decode']) {
      const message = `{body|sha256|hex}\n{query|${pipes}}`
      assert.equal(bound({ timestamp: OLD, message }), 'octets query timestamp', pipes)
    }
  })
})

describe('the JSON of the body binds the members that it prints', () => {
  const timed = (pipes, ts = '/ts') => bound({ timestamp: { json: ts, unit: 'seconds' }, message: `{body|${pipes}}` })
  for (const pipes of [
    'jcs',
    'sorted',
    'sorted:outer|spaced',
    'stringify',
    'minify',
    'stringify|spaced|escapeUnicode',
    'stringify|escapeSlashes',
    'without:sign|jcs',
    'without:sign|without:type|stringify',
    'jcs|sha256|hex',
  ])
    test(`{body|${pipes}}`, () => assert.equal(timed(pipes), 'data timestamp'))
  test('deeper ones with the member that they are in', () => {
    assert.equal(timed('without:sign|jcs', '/head/ts'), 'data timestamp')
    assert.match(timed('without:head|jcs', '/head/ts'), UNSIGNED)
  })
  test('not one that is left out, nor all where digits are changed or a part is left', () => {
    for (const pipes of [
      'without:ts|jcs',
      'omit:ts|sorted',
      'without:sign|without:ts|stringify',
      'omit:sign|omit:ts',
      'jcs|replace:1/2',
      'spelt:/a',
      'json:/a',
    ])
      assert.match(timed(pipes), UNSIGNED, pipes)
    assert.match(timed('jcs|first:9'), UNSIGNED)
  })
  test('a nonce', () => {
    const of = (pipes) => bound({ nonce: { json: '/n' }, message: `{body|${pipes}}` })
    assert.equal(of('without:sign|jcs'), 'data nonce')
    for (const pipes of ['without:n|jcs', 'omit:n', 'omit:n|sorted']) assert.match(of(pipes), /^nonce: is not signed/, pipes)
  })
  test('nothing of a form', () => assert.match(bound({ timestamp: { form: 'ts', unit: 'seconds' }, message: '{body|jcs}' }), UNSIGNED))
})

describe('a key and a digest may hold neighbours that the message tells apart', () => {
  const timed = { timestamp: { header: 't', unit: 'seconds' }, nonce: { header: 'n' } }
  test('of a key', () =>
    assert.equal(bound({ ...timed, key: '{nonce}{timestamp}{secret}', message: '{timestamp}\n{nonce}\n{body}' }), 'octets timestamp nonce'))
  test('constants and one part of the request in a key', () =>
    assert.equal(
      bound({ timestamp: timed.timestamp, params: { p: 'a' }, key: '{param:p}{timestamp}:{secret}', message: '{body}' }),
      'octets timestamp',
    ))
})

describe('a field that is recomputed from itself is told, since nobody could write it', () => {
  const line = (name) => `fields.${name}: is recomputed from itself, so that nobody can write it; name other parts of the request`
  for (const [name, fields, ...told] of [
    ['by its name', { f: { header: 'f', value: '{f}' } }, 'f'],
    ['by its header', { f: { header: 'f', value: '{header:f|sha256|hex}' } }, 'f'],
    ['by another field', { f: { header: 'f', value: '{g}' }, g: { header: 'g', value: '{f}' } }, 'f', 'g'],
    ['by the query that it stands in', { f: { query: 'f', value: '{query|sha256|hex}' } }, 'f'],
    ['by the body that it stands in', { f: { json: '/f', value: '{body|sha256|hex}' } }, 'f'],
  ]) {
    test(name, () => assert.equal(bound({ fields, message: '{f}\n{body}' }), told.map(line).join('\n')))
  }
  test('each once', () => {
    const fields = { f: { header: 'f', value: '{g}' }, g: { header: 'g', value: '{f}' }, h: { header: 'h', value: '{f}' } }
    assert.deepEqual(bound({ fields, message: '{f}\n{g}\n{h}\n{g}\n{body}' }).split('\n').sort(), [line('f'), line('g')])
  })
  test('two that name a third are none', () => {
    const fields = { f: { header: 'f', value: '{h}' }, g: { header: 'g', value: '{h}{f}' }, h: { header: 'h', value: '{method}' } }
    assert.equal(bound({ fields, message: '{f}\n{g}\n{h}\n{body}' }), 'octets method')
  })
})

test('a list of which the sender says what is on it signs the body where something has to be', () => {
  const signed = (each, more) => ({
    fields: { n: { header: 'x-n', names: ',', ...more } },
    define: { l: { each, names: '{n}', item: '{name|encode}={value|encode}', join: '&' } },
    message: '{path}\n{n}\n{l}',
  })
  const open = /^message: does not sign the body/m
  for (const each of ['form', 'json'])
    for (const [more, expected] of [
      [{}, open],
      [{ default: '' }, open],
      [{ mustInclude: ['a?'] }, open],
      [{ mustInclude: ['a'] }, /^$/],
      [{ mustInclude: ['*'] }, /^$/],
      [{ exactly: ['a'] }, /^$/],
    ])
      assert.match(mistakes(signed(each, more)).join('\n'), expected, JSON.stringify([each, more]))
})
