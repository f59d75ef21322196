import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { compileScheme } from '@countersign/schemes'
import { acme, hexOf, mistakes, request, signed, verdict } from './signing.js'

const sha256 = (octets) => createHash('sha256').update(octets).digest('hex')
const onWire = (text) => Buffer.from(text).toString('latin1')

/** What a template prints behind the digest of the body; a header is given as the UTF-8 that a sender puts on the wire. */
function printed(template, { x, body = '{"n":1}', ...more } = {}) {
  const headers = x === undefined ? {} : { x: onWire(x) }
  const message = `{body|sha256|hex}${template}`
  const open = mistakes({ message, ...more.define }).length > 0
  const one = acme({ message, ...(open && { ambiguous: 'it may be' }), ...more.define })
  const out = signed(one, { headers, body, ...more })
  return out.message.subarray(64).toString()
}

describe('what pipes print', () => {
  for (const [template, x, expected] of [
    ['{header:x|sha256|hex}', '\u00e9', sha256('\u00e9')],
    ['{header:x|trim|sha256|hex}', ' \u00e9 ', sha256('\u00e9')],
    ['{header:x|decode|sha256|hex}', '%C3%A9', sha256('\u00e9')],
    ['{header:x|trim|sha256|first:16|hex}', 'a', sha256('a').slice(0, 32)],
    ['{header:x|lower}', '\u00c9A', '\u00c9a'],
    ['{header:x|upper}', '\u00e3a', '\u00e3A'],
    ['{header:x|first:3}', 'abc', 'abc'],
    ['{header:x|last:3}', 'abc', 'abc'],
    ['{header:x|drop:3}', 'abc', ''],
    ['{header:x|before:;}', ';b', ''],
    ['{header:x|beforeLast:;}', ';b', ''],
    ['{header:x|after:;}', ';b', 'b'],
    ['{header:x|afterLast:;}', ';b', 'b'],
    ['{header:x|unsuffix:b}', 'abb', 'ab'],
    ['{header:x|encodeParam}', 'a~b*c d', 'a%7Eb*c%20d'],
    ['{header:x|encodePath}', '\u00e9', '%C3%A9'],
    ['{header:x|encodePath}', '\u00e9/ a', '%C3%A9/%20a'],
    ['{header:x|encode}', '\u00e9', '%C3%A9'],
    ['{header:x|encode}', 'a', 'a'],
    ['{header:x|fromBase64|base64urlPadded}', '++++AA==', '----AA=='],
  ])
    test(`${template} of ${JSON.stringify(x)}: ${expected}`, () => assert.equal(printed(template, { x }), expected))
  test('text of a set-up is hashed as its UTF-8', () =>
    assert.equal(printed('{param:p|sha256|hex}', { define: { params: { p: '\u00e9' } } }), sha256('\u00e9')))
  test('text of a body is hashed as its UTF-8', () =>
    assert.equal(printed('{json:/a|sha256|hex}', { body: '{"a":"\u00e9"}' }), sha256('\u00e9')))
  test('octets that are defined are encoded as they are', () =>
    assert.equal(printed('{d|hex}', { define: { define: { d: '{body}' } }, body: '\u00e9' }), 'c3a9'))
  test('a body is trimmed of line breaks too', () => assert.equal(printed('{body|text|trim}', { body: '\r\n a\n' }), 'a'))
  test('a field out of a body or a query is its UTF-8', () => {
    const fields = (home) => ({ define: { fields: { f: home } } })
    assert.equal(printed('{f}', { ...fields({ json: '/f' }), body: '{"f":"\u00e9"}' }), '\u00e9')
    assert.equal(printed('{f}', { ...fields({ query: 'f' }), url: '/?f=%C3%A9' }), '\u00e9')
    assert.equal(printed('{f}', { ...fields({ header: 'x' }), x: '\u00e9' }), '\u00e9')
  })
})

test('a path is normal once it is signed, and has to be when it is received', () => {
  for (const [path, normal] of [
    ['/a/b', '/a/b'],
    ['/a//b', '/a/b'],
    ['/a//', '/a/'],
    ['/a/./b', '/a/b'],
    ['/a/.', '/a/'],
    ['/a/b/..', '/a/'],
    ['/a/../b', '/b'],
    ['/..', '/'],
    ['//', '/'],
    ['/.a/..b', '/.a/..b'],
  ]) {
    assert.equal(printed('{path|normalPath}', { url: path }), normal, path)
    const one = acme({ message: '{path|normalPath}\n{body}' })
    const out = request({ url: path, headers: { 'x-signature': hexOf(`${normal}\n{"n":1}`) } })
    assert.equal(verdict(one, out), path === normal ? true : 'ERR_HMAC_MALFORMED', path)
  }
})

describe('a pipe that takes no argument, or another, is told', () => {
  const none = [
    'md5',
    'sha256',
    'hmac',
    'fromHex',
    'fromBase64',
    'fromBase64url',
    'normalPath',
    'utf8',
    'utf16le',
    'length',
    'text',
    'lower',
  ]
  for (const pipe of none) {
    test(`${pipe}:x`, () => {
      const template = `{header:a|${pipe}:x}`
      assert.deepEqual(mistakes({ message: `${template}{body}` }), [
        `message: column 2: pipe "${pipe}" in "${template}{body}" takes no argument`,
      ])
    })
  }
  test('replace by two things', () =>
    assert.deepEqual(mistakes({ message: '{header:a|replace:a/b/c}\n{body}' }), [
      'message: column 2: pipe "replace" in "{header:a|replace:a/b/c}\\n{body}" needs what to replace and by what, such as replace:&/_',
    ]))
  test('replace by nothing', () => assert.equal(printed('{header:x|replace:a/}', { x: 'bab' }), 'bb'))
  test('roles, fields and what is defined', () => {
    const message = (slot) =>
      mistakes({ timestamp: { header: 't', unit: 'seconds' }, define: { d: 'x' }, message: `${slot}{timestamp}{d}{body}` })
    assert.deepEqual(message('{timestamp:x}'), [
      'message: column 2: unknown part {timestamp:x}; did you mean {timestamp}? in "{timestamp:x}{timestamp}{d}{body}"',
    ])
    assert.match(message('{d:x}')[0], /^message: column 2: unknown part \{d:x\}/)
  })
})

describe('what a pipe leaves of a value is what the signature binds', () => {
  const bound = (message, more) => {
    try {
      const { binds } = compileScheme({ name: 'acme', signature: { header: 'x-signature' }, message, ...more }).facts
      return binds.timestamp ? `${binds.body} timestamp` : binds.body
    } catch (error) {
      return error.message.replace(/^scheme 'acme': /, '')
    }
  }
  const timestamp = { header: 't', unit: 'YYYYMMDD' }
  const timed = { timestamp }
  for (const [message, expected, more] of [
    ['{body|jcs|sha256|hex}', 'data'],
    ['{body|text|trim|hmac|hex}', 'data'],
    ['{body|text|trim|utf8|hex}', 'data'],
    ['{body|text|first:8|lower}', /^message: does not sign the body/],
    ['{d|lower}\n{body}', 'octets', { define: { d: '{method}' } }],
    ['{d|trim}\n{body}', /^message: two different requests/, { define: { d: 'a{header:x}' } }],
    ['{body|sha256|hex|upper}', 'octets'],
    ['{body|sha256|base64urlPadded|before:=}', 'data'],
    ['{body|sha256|base64|before:=}', 'data'],
    ['{body|sha256|hex|before:=}', /^message: does not sign the body/],
    ['{body|md5|hex|prepend:aaaaaaaa|drop:8}', 'data'],
    ['{body|md5|hex|prepend:aaaaaaa|drop:8}', /^message: does not sign the body/],
    ['{body|md5|hex|utf16le|drop:0}', 'data'],
    ['{body|md5|hex|first:32}', 'data'],
    ['{body|md5|hex|first:31}', /^message: does not sign the body/],
    ['{body|sha256|hex}{timestamp|lower}', 'octets timestamp', timed],
    ['{body|sha256|hex}{timestamp|first:4}', /^timestamp: is checked but not signed/, timed],
    ['{body|sha256|hex}{timestamp|first:4|lower}', /^timestamp: is checked but not signed/, timed],
    ['{body|sha256|hex}{timestamp|first:4|sha256}', /^timestamp: is checked but not signed/, timed],
    ['{method}{path|lower}\n{body}', 'octets'],
    ['{header:x}{path|lower}\n{body}', /^message: two different requests/],
    ['{f|append:s}-{timestamp}\n{body}', 'octets timestamp', { ...timed, fields: { f: { header: 'f', unit: 'life' } } }],
    ['{f|append:5s}-{timestamp}\n{body}', /^message: two different requests/, { ...timed, fields: { f: { header: 'f', unit: 'life' } } }],
    ['{algorithm|upper} {path}\n{body}', 'octets', { algorithm: { a: 'sha256' }, fields: { algorithm: { header: 'a' } } }],
  ])
    test(message, () => {
      const actual = bound(message, more)
      if (typeof expected === 'string') assert.equal(actual, expected)
      else assert.match(actual, expected)
    })
  test('a digest has a length where it has to be there', () => {
    const one = (more, options) => {
      const fields = { f: { header: 'f', value: '{body|sha256|hex}', ...more } }
      try {
        return compileScheme({ name: 'acme', signature: { header: 'x' }, fields, message: '{f}{path}\n{body}' }, options).facts.binds.body
      } catch (error) {
        return error.message
      }
    }
    assert.equal(one({}), 'octets')
    assert.equal(one({}, { allowUnboundBody: true }), 'octets')
    assert.equal(one({ unbound: 'NONE' }), 'octets')
    assert.match(one({ unbound: 'NONE' }, { allowUnboundBody: true }), /\{f\} runs into \{path\}/)
    assert.match(one({ when: { method: 'POST' } }), /\{f\} runs into \{path\}/)
    assert.match(one({ list: ',' }), /\{f\} runs into \{path\}/)
  })
})
