import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileScheme } from '@countersign/schemes'

/** What the signature of a scheme binds, a word each, or why it does not compile. */
function compiled(definition) {
  try {
    const { binds } = compileScheme({ name: 'acme', signature: { header: 'x-signature' }, message: '{body}', ...definition }).facts
    return [binds.body, ...Object.entries(binds).flatMap(([name, value]) => (value === true ? [name] : []))].join(' ')
  } catch (error) {
    if (error.code !== 'ERR_INVALID_ARG_VALUE') throw error
    return error.message.replace(/^scheme 'acme': /gm, '')
  }
}

/** The definition compiles and binds `expected`, a text; or it does not, and a RegExp says why. */
function states(rows) {
  for (const [name, definition, expected] of rows) {
    test(name, () => {
      if (typeof expected === 'string') assert.equal(compiled(definition), expected)
      else assert.match(compiled(definition), expected)
    })
  }
}

const seconds = { header: 't', unit: 'seconds' }
const timed = (message, more) => ({ timestamp: { ...seconds, ...more }, message })
const lines = { each: 'headers', item: '{name}:{value}\n', join: '' }
const pairs = (more) => ({ each: 'query', encode: 'rfc3986', item: '{name}={value}', join: '&', ...more })
const listed = (l, message, more) => ({ define: { l }, message, ...more })
const names = (mustInclude) => ({ s: { header: 's', names: ' ', mustInclude } })
const raw = { each: 'query', join: '&' }

describe('a part of a message ends where its length, or what stands beside it, says', () =>
  states([
    ['a time of the usual length behind a digest', timed('{body}{body|sha256|hex}{timestamp}'), 'octets timestamp'],
    ['a time of the usual length behind text', timed('{body|sha256|hex}\n{header:a}{timestamp}'), 'octets timestamp'],
    ['a time of the usual length in front of what ends by itself', timed('{timestamp}{body|quote}'), 'octets timestamp'],
    ['two times, between which nothing stands', timed('{header:a}{timestamp}{timestamp}{body}'), /\{header:a\} runs into \{timestamp\}/],
    ['a time of no usual length', timed('{timestamp}{body}', { unit: 'float-seconds' }), /\{timestamp\} runs into \{body\}/],
    ['what a set-up fixes, whatever pipes make of it', { params: { p: 'x' }, message: '{param:p|trim}{body}' }, 'octets'],
    ['the same at the end', { params: { p: 'x' }, message: '{body}{param:p|trim}' }, 'octets'],
    ['base64, which holds what a path can begin with', { message: '{header:x|fromHex|base64}{path}\n{body}' }, /runs into \{path\}/],
    [
      'headers that may be absent, each with its name',
      { message: '{method}\n{header:x-a?|prepend:x-a:|append:\\n}{header:x-b?|prepend:x-b:|append:\\n}\n{body}' },
      'octets method',
    ],
    [
      'the same in front of a path',
      { message: '{header:x-a?|prepend:x-a:|append:\\n}{header:x-b?|prepend:x-b:|append:\\n}{path}\n{body}' },
      'octets path',
    ],
    [
      'the same at the end',
      { message: '{body|sha256|hex}{header:x-a?|prepend:x-a:|append:\\n}{header:x-b?|prepend:x-b:|append:\\n}' },
      'octets',
    ],
    ['parameters likewise', { message: '{query:a?|encode|prepend:a=|append:&}{query:b?|encode|prepend:b=|append:&}\n{body}' }, 'octets'],
    ['two of one name', { message: '{header:x-a?|prepend:x:|append:\\n}{header:x-b?|prepend:x:|append:\\n}\n{body}' }, /runs into/],
    [
      'a name that begins as another does',
      { message: '{header:x-a?|prepend:x-a|append:\\n}{header:x-b?|prepend:x-ab|append:\\n}\n{body}' },
      /runs into/,
    ],
    ['the other way round', { message: '{header:x-a?|prepend:x-ab|append:\\n}{header:x-b?|prepend:x-a|append:\\n}\n{body}' }, /runs into/],
    [
      'a name of which the first is no other, and the third one is',
      { message: '{header:a?|prepend:a:|append:\\n}{header:b?|prepend:b:|append:\\n}{header:c?|prepend:a:|append:\\n}\n{body}' },
      /runs into/,
    ],
    ['a text behind that begins so', { message: '{header:x-a?|prepend:x-a:|append:\\n}x-a:{body}' }, /runs into/],
    ['a text behind that is the beginning of it', { message: '{header:x-a?|prepend:x-a:|append:\\n}x{body}' }, /runs into/],
    ['a body behind', { message: '{header:x-a?|prepend:x-a:|append:\\n}{body}' }, /runs into/],
    [
      'an end that the value can hold',
      { message: '{header:x-a?|prepend:x-a:|append:;}{header:x-b?|prepend:x-b:|append:;}\n{body}' },
      /runs into/,
    ],
    ['no end', { message: '{header:x-a?|prepend:x-a:}{header:x-b?|prepend:x-b:}\n{body}' }, /runs into/],
    ['no name', { message: '{header:x-a?|append:\\n}{header:x-b?|append:\\n}\n{body}' }, /runs into/],
    [
      'an end that was taken away again',
      { message: '{header:x-a?|prepend:x-a:|append:\\n|trim}{header:x-b?|prepend:x-b:|append:\\n}\n{body}' },
      /runs into/,
    ],
    ['what is always there needs no name', { message: '{header:x-a|append:\\n}{body}' }, 'octets'],
    ['capitals, which hold nothing that a path can begin with', { message: '{method}{path}\n{body}' }, 'octets method path'],
    ['lines of headers in front of a path', listed({ ...lines, prefix: 'x-' }, '{l}{path}\n{body}'), 'octets path'],
    [
      'any lines of headers, since a name can begin with a star',
      listed(lines, '{s}\n{l}{path}\n{body}', { fields: names(['host']), define: { l: { ...lines, names: '{s}' } } }),
      /a list runs into \{path\}/,
    ],
    ['lines of headers in front of a method and a line feed', listed({ ...lines, prefix: 'x-' }, '{l}{method}\n{body}'), 'octets method'],
    [
      'lines of headers in front of a method and a colon',
      listed({ ...lines, prefix: 'x-' }, '{l}{method}:{body}'),
      /a list runs into \{method\}/,
    ],
    ['lines that end between others', listed({ ...lines, prefix: 'x-', join: ';' }, '{l};{body}'), /a list runs into ";"/],
    [
      'lines of pairs, whose names can be empty',
      listed(pairs({ item: '{name}={value}\n', join: '' }), '{l}={body}'),
      /a list runs into "="/,
    ],
    ['quoted pairs, which can hold a blank', listed({ ...raw, item: '{name|quote}={value|quote}' }, '{l} {body}'), /a list runs into " "/],
    [
      'lines that only print what looks like {name}',
      listed({ ...lines, prefix: 'x-', item: '{value|prepend:\\{name}:{value}\n' }, '{l}\n{body}'),
      /do not begin with \{name\}/,
    ],
  ]))

describe('branches are told apart by what they print', () => {
  const three = (...uses) => ({
    message: { choose: uses.map((use, i) => (i < uses.length - 1 ? { when: { method: `M${'X'.repeat(i)}` }, use } : { use })) },
  })
  states([
    ['two that begin otherwise, and one that is empty', three('a{path}', 'b{body}', ''), 'none'],
    ['the empty one first', three('', 'a{path}', 'b{body}'), 'none'],
    ['two that are empty', three('', '', 'b{body}'), /its branches can print the same/],
    ['one that begins with a slash, and one that is empty', three('{path}', 'b{body}', ''), 'none'],
    ['one that begins with anything, and one that is empty', three('{query}', 'b{body}', ''), /its branches can print the same/],
  ])
  test('of each it is told what it binds', () => {
    const { facts } = compileScheme({ name: 'acme', signature: { header: 'x' }, ...three('a{path}', 'b{body}', 'c{json:/a}') })
    assert.deepEqual(
      facts.branches.map(({ binding }) => `${binding.body} ${binding.path}`),
      ['none true', 'octets false', 'data false'],
    )
  })
})

describe('what is left of a date ends as its characters say', () =>
  states([
    ['digits', timed('{timestamp}{timestamp|drop:2}-{body}', { unit: 'YYYYMMDD' }), 'octets timestamp'],
    ['digits that stand for themselves', timed('{timestamp}{timestamp|drop:2}-{body}', { unit: 'YYYYMMDD[10]' }), 'octets timestamp'],
    ['digits and hyphens', timed('{timestamp}{timestamp|drop:2}-{body}', { unit: 'YYYY-MM-DD' }), /runs into "-"/],
    ['a hyphen at the end', timed('{timestamp}{timestamp|drop:2}-{body}', { unit: 'YYYYMMDD-' }), /runs into "-"/],
    ['a hyphen in front', timed('{timestamp}{timestamp|drop:2}-{body}', { unit: '-YYYYMMDD' }), /runs into "-"/],
    ['the name of a month', timed('{timestamp}{timestamp|drop:2}a{body}', { unit: 'YYYYMMMDD' }), /runs into "a"/],
    ['the name of a day', timed('{timestamp}{timestamp|drop:2}a{body}', { unit: 'YYYYMMDDddd' }), /runs into "a"/],
  ]))

describe('a list binds what it has to hold, and where that is carried', () =>
  states([
    [
      'parameters of the query are no headers',
      listed(pairs({ prefix: 'x-' }), '{l}\n{body}', { timestamp: { header: 'x-ts', unit: 'seconds' } }),
      /^timestamp: is checked but not signed/,
    ],
    [
      'members of the body that the list names',
      listed(pairs({ each: 'json', names: '{s}' }), '{s}\n{l}', { timestamp: { json: '/ts', unit: 'seconds' }, fields: names(['ts']) }),
      'data timestamp',
    ],
    [
      'other members of the body',
      listed(pairs({ each: 'json', names: '{s}' }), '{s}\n{l}', { timestamp: { json: '/ts', unit: 'seconds' }, fields: names(['t']) }),
      /^timestamp: is checked but not signed/,
    ],
    [
      'all parameters are the query',
      listed(pairs({ names: '{s}' }), '{s}\n{body|sha256|hex}\n{l}', { fields: names(['*']) }),
      'octets query',
    ],
    ['those that begin so are not', listed(pairs({ names: '{s}' }), '{s}\n{body|sha256|hex}\n{l}', { fields: names(['a*']) }), 'octets'],
    ['a cookie', { timestamp: { cookie: 'ts', unit: 'seconds' }, message: '{cookie:ts}\n{body}' }, 'octets timestamp'],
    [
      'another cookie',
      { timestamp: { cookie: 'ts', unit: 'seconds' }, message: '{cookie:t}\n{body}' },
      /^timestamp: is checked but not signed/,
    ],
    [
      'a member of an item',
      { timestamp: { item: '/ts', unit: 'seconds' }, scope: { json: '/a/*', hold: 'all' }, message: '{item:/ts}' },
      'data timestamp',
    ],
    [
      'another member of it',
      { timestamp: { item: '/ts', unit: 'seconds' }, scope: { json: '/a/*', hold: 'all' }, message: '{item:/t}' },
      /^timestamp: is checked but not signed/,
    ],
  ]))

const PROVES_NOTHING = /^fields\.f: is carried, but neither in the message nor on a list that is, so that it proves nothing$/

describe('what is carried has to be signed, unless it is the same for all requests', () =>
  states([
    ['a constant', { fields: { f: { header: 'f', value: 'x' } } }, 'octets'],
    ['one of two constants', { fields: { f: { header: 'f', oneOf: ['x', 'y'] } } }, 'octets'],
    ['what a set-up fixes', { params: { p: 'x' }, fields: { f: { header: 'f', value: 'x{param:p}' } } }, 'octets'],
    ['a constant or a digest', { fields: { f: { header: 'f', oneOf: ['x', '{body|sha256|hex}'] } } }, PROVES_NOTHING],
    ['a constant in front of a digest', { fields: { f: { header: 'f', value: 'x{body|sha256|hex}' } } }, PROVES_NOTHING],
    [
      'what a set-up fixes in front of a digest',
      { params: { p: 'x' }, fields: { f: { header: 'f', value: '{param:p}{body|sha256|hex}' } } },
      PROVES_NOTHING,
    ],
    [
      'a signature in the body that one branch signs whole',
      { signature: { json: '/s' }, message: { choose: [{ when: { method: 'GET' }, use: 'a{path}' }, { use: 'b{body}' }] } },
      /^message: signs the octets of the body, which hold the signature/,
    ],
  ]))

describe('what repeats something that is carried and signed elsewhere may stand beside the signature', () => {
  const beside = (value, more) => ({ fields: { f: { header: 'f', value }, ...more?.fields }, ...more?.rest })
  const once = { rest: { nonce: { header: 'n' }, message: '{nonce}\n{body}' } }
  states([
    ['a field that is not signed', beside('{g}', { fields: { g: { header: 'g' } } }), PROVES_NOTHING],
    [
      'a nonce, and a field that is not signed',
      beside('{nonce|sha256|hex}{g}', { ...once, fields: { g: { header: 'g' } } }),
      PROVES_NOTHING,
    ],
    ['a part of the request', beside('{method}'), PROVES_NOTHING],
    ['a header that is signed too', beside('{header:date}', { rest: { message: '{header:date}\n{body}' } }), PROVES_NOTHING],
    ['a list of parameters', beside('{l}', { rest: { define: { l: pairs() } } }), PROVES_NOTHING],
    ['a deadline', { fields: { f: { header: 'f', unit: 'seconds', value: '{nonce}' } }, ...once.rest }, PROVES_NOTHING],
    ['the nonce', beside('{nonce}', once), 'octets nonce'],
    ['a hash of the nonce', beside('a{nonce|sha256|hex}', once), 'octets nonce'],
    ['a field that is signed', beside('{g}', { fields: { g: { header: 'g' } }, rest: { message: '{g}\n{body}' } }), 'octets'],
    ['a hash of the secret', beside('{secret|sha256|hex}'), 'octets'],
  ])
})

describe('whose body is not signed is told what keeps it so', () => {
  const one = (d, mustInclude) => ({
    fields: { d: { header: 'd', ...d }, ...names(mustInclude) },
    define: { l: { ...lines, names: '{s}' } },
    message: '{s}\n{l}',
  })
  const optional = /^message: does not sign the body, so that anybody can change it; "d\?" need not be on the list: write "d"/
  const absent = /^message: does not sign the body, so that anybody can change it; put \{body\} or a digest of it in, or say why not/
  states([
    ['a digest that need not be on the list', one({ value: '{body|sha256|hex}' }, ['d?']), optional],
    ['a digest that is one of several values', one({ oneOf: ['{method}', '{body|sha256|hex}'] }, ['d?']), optional],
    ['a digest that is not on the list', one({ value: '{body|sha256|hex}' }, ['host']), absent],
    ['a field that is no digest of it', one({ value: '{method}' }, ['d?']), absent],
    ['a field that may be anything', one({}, ['d?']), absent],
  ])
})

describe('what a field proves is asked of the branches whose requests may carry it', () => {
  const branches = (first, last) => ({ message: { choose: [{ when: { method: ['GET', 'DELETE'] }, use: first }, { use: last }] } })
  const one = (f, first, more) => ({
    fields: { f: { header: 'f', value: '{body|sha256|hex}', ...f } },
    ...branches(first, 'b{f?}\n{path}\n{body}'),
    ...more,
  })
  states([
    ['requests of another method', one({ when: { method: 'POST' } }, 'a{path}'), 'none path'],
    ['one of several methods', one({ when: { method: ['POST', 'GET'] } }, 'a{path}'), PROVES_NOTHING],
    ['requests without body, where none is taken', one({ when: { body: true } }, 'a{path}'), 'none path'],
    ['requests whose body is signed without it', one({ when: { body: true } }, 'a{path}\n{body}'), PROVES_NOTHING],
  ])
  const other = (f, define) => ({
    name: 'acme',
    signature: { header: 'x' },
    fields: { f: { header: 'f', ...f } },
    ...define,
    ...branches('a{path}', 'b{f?}\n{path}'),
  })
  const option = { allowUnboundBody: true }
  test('a set-up that takes any body leaves open what stands for it, and nothing else', () => {
    assert.throws(
      () => compileScheme(other({ value: '{header:a|sha256|hex}', when: { body: true } }), option),
      /fields\.f: is carried, but neither/,
    )
    assert.ok(compileScheme(other({ value: '{body|sha256|hex}', when: { body: true } }), option))
    assert.ok(compileScheme(other({ value: '{d|upper}', when: { body: true } }, { define: { d: '{body|sha256|hex}' } }), option))
  })
})

describe('a path ends where what may be absent begins, or the message ends', () => {
  const query = (more) => ({ define: { l: pairs({ before: '?', ...more }) } })
  states([
    ['a query in a pipe', { message: '{body|sha256|hex}{path}{query?|prepend:?}' }, 'octets path query'],
    ['a list of parameters', { ...query(), message: '{body|sha256|hex}{path}{l}' }, 'octets path query'],
    [
      'several that may be absent',
      { ...query(), message: '{body|sha256|hex}{path}{query?|prepend:?}{l}' },
      /\{query\?\|prepend:\?\} runs into a list/,
    ],
    ['what follows can be part of it', { message: '{body|sha256|hex}{path}{query?|prepend:/}' }, /\{path\} runs into \{query\?/],
    ['nothing in front', { message: '{body|sha256|hex}{path}{query?}' }, /\{path\} runs into \{query\?\}/],
    ['behind what may be absent something that it can hold', { message: '{path}{query?|prepend:?}a{body}' }, /\{path\} runs into/],
    ['behind what may be absent the body', { message: '{path}{query?|prepend:?}{body}' }, /\{path\} runs into/],
    ['behind what may be absent a line feed', { message: '{path}{query?|prepend:?}\n{body}' }, 'octets path query'],
    ['pipes behind it that take it away', { message: '{body|sha256|hex}{path}{query?|prepend:?|strip:?}' }, /\{path\} runs into/],
    ['a text beyond ASCII in front', { message: '{body|sha256|hex}{method}{query?|prepend:\u00e9}' }, /\{method\} runs into/],
  ])
})
