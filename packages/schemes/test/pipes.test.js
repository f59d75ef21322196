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
  const none = ['md5', 'sha256', 'hmac', 'fromHex', 'fromBase64', 'fromBase64url', 'normalPath', 'utf8', 'utf16le', 'length', 'text', 'lower']
  for (const pipe of none) {
    test(`${pipe}:x`, () => {
      const template = `{header:a|${pipe}:x}`
      assert.deepEqual(mistakes({ message: `${template}{body}` }), [`message: column 2: pipe "${pipe}" in "${template}{body}" takes no argument`])
    })
  }
  test('replace by two things', () =>
    assert.deepEqual(mistakes({ message: '{header:a|replace:a/b/c}\n{body}' }), [
      'message: column 2: pipe "replace" in "{header:a|replace:a/b/c}\\n{body}" needs what to replace and by what, such as replace:&/_',
    ]))
  test('replace by nothing', () => assert.equal(printed('{header:x|replace:a/}', { x: 'bab' }), 'bb'))
  test('roles, fields and what is defined', () => {
    const message = (slot) => mistakes({ timestamp: { header: 't', unit: 'seconds' }, define: { d: 'x' }, message: `${slot}{timestamp}{d}{body}` })
    assert.deepEqual(message('{timestamp:x}'), ['message: column 2: unknown part {timestamp:x}; did you mean {timestamp}? in "{timestamp:x}{timestamp}{d}{body}"'])
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
    ['{f|append:s}-{timestamp}\n{body}', /^message: two different requests/, { ...timed, fields: { f: { header: 'f', unit: 'life' } } }],
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

describe('what a field has to be is asked of a request', () => {
  const digest = { header: 'f', value: '{body|sha256|hex}' }
  const body = '{"n":1}'
  const told = (definition, message, { options, ...asked } = {}) =>
    verdict(acme(definition), request({ ...asked, headers: { ...asked.headers, 'x-signature': hexOf(message) } }), options)
  test('where the message holds it, if it is there', () => {
    const definition = { fields: { f: digest }, message: '{f?}\n{body}' }
    assert.equal(told(definition, `\n${body}`), 'ERR_HMAC_INCOMPLETE')
    assert.equal(told(definition, `${sha256(body)}\n${body}`, { headers: { f: sha256(body) } }), true)
  })
  test('where one branch of the message holds it', () => {
    const choose = [{ when: { method: 'GET' }, use: 'a{path}' }, { use: 'b{f?}\n{body}' }]
    const definition = { fields: { f: { ...digest, when: { method: 'POST' } } }, message: { choose } }
    assert.equal(told(definition, `b\n${body}`), 'ERR_HMAC_INCOMPLETE')
    assert.equal(told(definition, `b\n${body}`, { method: 'PUT' }), true)
  })
  test('where it is the same for all requests', () => {
    const definition = { fields: { f: { header: 'f', value: 'v1' } } }
    assert.equal(told(definition, body), 'ERR_HMAC_INCOMPLETE')
    assert.equal(told(definition, body, { headers: { f: 'v2' } }), 'ERR_HMAC_DIGEST')
    assert.equal(told(definition, body, { headers: { f: 'v1' } }), true)
  })
  test('not where the set-up leaves it unsigned, unless it is there', () => {
    const definition = acme({ fields: { f: digest }, message: '{f?}\n{body}' })
    const open = { ...definition, message: '{method}' }
    const told = (headers) =>
      verdict(open, request({ headers: { ...headers, 'x-signature': hexOf('POST') } }), { allowUnboundBody: true })
    assert.equal(told({}), true)
    assert.equal(told({ f: sha256('x') }), 'ERR_HMAC_DIGEST')
  })
})

describe('what is read of a request', () => {
  const told = (definition, message, asked) =>
    verdict(acme(definition), request({ ...asked, headers: { ...asked.headers, 'x-signature': hexOf(message) } }))
  test('a cookie has a name and a value', () => {
    const one = { message: '{cookie:a}\n{body}' }
    assert.equal(told(one, '1\n{"n":1}', { headers: { cookie: 'a; a=1' } }), true)
    assert.equal(told(one, '\n{"n":1}', { headers: { cookie: 'a' } }), 'ERR_HMAC_INCOMPLETE')
  })
  test('a query is what was received, the signature left out', () => {
    assert.equal(told({ message: '{query}\n{body}' }, 'a=1&%ff=2\n{"n":1}', { url: '/?a=1&%ff=2' }), true)
    const one = acme({ signature: { query: 's' }, message: '{target}' })
    assert.equal(signed(one, { method: 'GET', body: '' }).message.toString(), '/orders')
    assert.equal(verdict(one, signed(one, { method: 'GET', body: '' })), true)
    assert.equal(signed(one, { method: 'GET', url: '/a?b=%ff', body: '' }).message.toString(), '/a?b=%ff')
  })
  test('what is taken out of another part is read by its format', () => {
    const one = { fields: { f: { from: '{header:a}', format: '{f}:{g}' }, g: {} }, message: '{g}\n{f}\n{body}' }
    assert.equal(told(one, 'y\nx\n{"n":1}', { headers: { a: 'x:y' } }), true)
    const plain = { fields: { f: { from: '{header:a|after:=}' } }, message: '{f}\n{body}' }
    assert.equal(told(plain, 'y\n{"n":1}', { headers: { a: 'x=y' } }), true)
  })
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
      mistakes({ signature: {}, fields: { i: { dictionary: 'signature-input', label: 'a', names: 'components' } }, message: '{i}\n{body}' }).join('\n'),
      /^signature: has no home[^\n]*\nsignature: has no label, and i has/m,
    ))
  test('whether a nonce is carried is known of a scheme', () => {
    const nonce = (more) => compileScheme({ name: 'acme', signature: { header: 'x' }, message: '{body}', ...more }).facts.nonce
    assert.equal(nonce({}), false)
    assert.equal(nonce({ nonce: { header: 'n' }, message: '{nonce}\n{body}' }), true)
  })
})
