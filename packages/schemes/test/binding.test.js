import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { compileScheme, scheme } from '@countersign/schemes'
import { acme, hexOf, mistakes, nowSeconds, request, signed, verdict } from './signing.js'

const body = '{"n":1}'
const query = { query: 'ts', unit: 'seconds' }
const form = { form: 'ts', unit: 'seconds' }
const header = { header: 'x-acme-ts', unit: 'seconds' }
const json = (pointer) => ({ json: pointer, unit: 'seconds' })
const list = (more) => ({ each: 'query', encode: 'rfc3986', item: '{name}={value}', join: '&', ...more })
const pairs = (more) => ({ define: { l: list(more) }, message: '{method}\n{body|sha256|hex}\n{l}' })
const members = (more) => ({ message: list({ each: 'json', ...more }) })
const listedMembers = (more, mustInclude) => ({
  fields: { s: { header: 's', names: ' ', mustInclude } },
  message: { choose: [{ when: { body: true }, use: list({ each: 'json', names: '{s}', ...more }) }, { use: '{timestamp}' }] },
  ambiguous: 'x',
})
const fields = (more) => ({ message: list({ each: 'form', ...more }) })
const lines = { each: 'headers', item: '{name}:{value}\n', join: '' }
const named = (mustInclude, more, of = {}) => ({
  fields: { s: { header: 's', names: ' ', mustInclude, ...of } },
  define: { l: { ...lines, names: '{s}', ...more } },
  message: '{s}\n{l}\n{body}',
})
const chosen = (first, second) => ({ message: { choose: [{ when: { method: 'GET' }, use: first }, { use: second }] } })

/** Where a time is carried, the rest of a scheme, and whether a signature of it says which time it is. */
const timed = [
  [header, { message: '{header:x-acme-ts}\n{body}' }, true],
  [header, { message: '{header:X-Acme-Ts}\n{body}' }, true],
  [header, { message: '{header:x-acme-ts|first:4}\n{body}' }, false],
  [header, { message: '{header:x-acme-ts|trim}\n{body}' }, true],
  [header, { define: { d: '{timestamp}' }, message: '{d}\n{body}' }, true],
  [header, { define: { d: '{timestamp}' }, message: '{d|first:4}\n{body}' }, false],
  [header, { define: { d: { choose: [{ when: { method: 'GET' }, use: 'a{timestamp}' }, { use: 'b' }] } }, message: '{d}\n{body}' }, false],
  [
    header,
    { define: { d: { choose: [{ when: { method: 'GET' }, use: 'a{timestamp}' }, { use: 'b{timestamp}' }] } }, message: '{d}\n{body}' },
    true,
  ],
  [header, { key: { chain: ['{secret}', '{timestamp}'] } }, true],
  [header, { fields: { f: { header: 'f', value: '{timestamp|sha256|hex}' } }, message: '{f}\n{body}' }, true],
  [header, { fields: { f: { header: 'f', value: '{timestamp|sha256|hex}', when: { method: 'GET' } } }, message: '{f?}\n{body}' }, false],
  [header, chosen('GET{timestamp}', 'OTHER{timestamp}{body}'), true],
  [header, chosen('GET{timestamp}', 'OTHER{body}'), false],
  [header, { define: { l: { ...lines, prefix: 'x-acme-' } }, message: '{l}\n{body}' }, true],
  [header, { define: { l: { ...lines, prefix: 'x-acme-', except: ['x-acme-t'] } }, message: '{l}\n{body}' }, true],
  [header, { define: { l: { ...lines, prefix: 'x-acme-', only: ['x-acme-ts'] } }, message: '{l}\n{body}' }, true],
  [header, { define: { l: { ...lines, prefix: 'x-acme-', only: ['x-acme-t'] } }, message: '{l}\n{body}' }, false],
  [header, { define: { l: { ...lines, prefix: 'x-acme-', only: ['x-acme-ts'], except: ['x-acme-ts'] } }, message: '{l}\n{body}' }, false],
  [header, { define: { l: { ...lines, prefix: 'x-other-' } }, message: '{l}\n{body}' }, false],
  [header, { define: { l: { ...lines, prefix: 'x-acme-', except: ['x-acme-ts'] } }, message: '{l}\n{body}' }, false],
  [header, { define: { l: { ...lines, prefix: 'x-acme-', item: '{name}:{value|first:2}\n' } }, message: '{l}\n{body}' }, false],
  [header, named(['x-acme-ts']), true],
  [header, named(['X-Acme-Ts']), true],
  [header, named(['x-acme-ts?']), false],
  [header, named(['x-acme-ts or date']), false],
  [header, named(['x-acme-ts or date x-acme-ts']), true],
  [header, named(['date', 'x-acme-ts host']), true],
  [header, named(['x-acme-*']), true],
  [header, named(['X-Acme-*']), true],
  [header, named(['*']), true],
  [header, named(['x-b*']), false],
  [header, named(['host']), false],
  [header, named(['x-acme-ts'], { item: '{name}:{value|first:2}\n' }), false],
  [header, named(['(t)'], { named: { '(t)': '(t): {timestamp}\n' } }), true],
  [header, named(['(t)'], { named: { '(t)': '(t): {method}\n' } }), false],
  [header, named(['(t)?'], { named: { '(t)': '(t): {timestamp}\n' } }, {}), undefined],
  [query, { message: '{query}\n{body}' }, true],
  [query, { message: '{target}\n{body}' }, true],
  [query, { message: '{path}\n{body}' }, false],
  [query, { message: '{body|sha256|hex}{query:ts}' }, true],
  [query, { message: '{body|sha256|hex}{query:tt}' }, false],
  [query, pairs({}), true],
  [query, pairs({ only: ['ts', 'a'] }), true],
  [query, pairs({ only: ['a'] }), false],
  [query, pairs({ except: ['a'] }), true],
  [query, pairs({ except: ['ts'] }), false],
  [query, pairs({ prefix: 't' }), true],
  [query, pairs({ prefix: 'ts_' }), false],
  [query, pairs({ prefix: 't', except: ['ts'] }), false],
  [query, pairs({ item: '{name}={value|first:2}' }), false],
  [query, pairs({ with: { other: '{timestamp}' }, only: ['a'] }), true],
  [query, pairs({ names: '{s}' }), undefined],
  [query, { ...pairs({ names: '{s}' }), fields: { s: { header: 's', names: ' ', mustInclude: ['ts'] } } }, true],
  [query, { ...pairs({ names: '{s}' }), fields: { s: { header: 's', names: ' ', mustInclude: ['TS'] } } }, false],
  [query, { ...pairs({ names: '{s}' }), fields: { s: { header: 's', names: ' ', mustInclude: ['t*'] } } }, true],
  [query, { ...pairs({ names: '{s}' }), fields: { s: { header: 's', names: ' ', mustInclude: ['T*'] } } }, false],
  [query, { ...pairs({ names: '{s}' }), fields: { s: { header: 's', names: ' ', mustInclude: ['*'] } } }, true],
  [query, { ...pairs({ names: '{s}' }), fields: { s: { header: 's', names: ' ', mustInclude: ['ts?'] } } }, false],
  [form, fields({}), true],
  [form, fields({ only: ['ts'] }), true],
  [form, fields({ except: ['ts'] }), false],
  [form, { message: '{body|sha256|hex}' }, true],
  [form, { message: '{form:ts}' }, true],
  [form, { message: '{form:t}' }, false],
  [json('/ts'), members({}), true],
  [json('/ts'), members({ only: ['ts'] }), true],
  [json('/ts'), members({ except: ['ts'] }), false],
  [json('/a/ts'), members({}), true],
  // What stands deeper in a member that is signed as a whole is not looked for.
  [json('/a/ts'), members({ only: ['a'] }), false],
  [json('/a/ts'), members({ except: ['a'] }), false],
  [json('/a/ts'), members({ at: '/a' }), true],
  [json('/a/ts'), members({ at: '/a', except: ['ts'] }), false],
  [json('/a/ts'), members({ at: '/a', prefix: 't' }), true],
  [json('/a/ts'), members({ at: '/a', prefix: 'a' }), false],
  [json('/ab/ts'), members({ at: '/a' }), false],
  [json('/ts'), members({ at: '/a' }), false],
  [json('/a/ts'), members({ at: '/a', only: ['ts'] }), true],
  [json('/a/ts'), members({ at: '/a', only: ['t'] }), false],
  [json('/a/ts'), { ...members({ flatten: '.' }), ambiguous: 'x' }, true],
  [json('/a/ts'), { ...members({ flatten: '.', except: ['a.ts'] }), ambiguous: 'x' }, false],
  [json('/a/ts'), { ...members({ flatten: '[]', except: ['a[ts]'] }), ambiguous: 'x' }, false],
  [json('/a/ts'), { ...members({ flatten: '.', only: ['a.ts'] }), ambiguous: 'x' }, true],
  [json('/a/ts'), { ...members({ flatten: '.', only: ['a'] }), ambiguous: 'x' }, false],
  [json('/a/ts'), { ...members({ flatten: '.', prefix: 'a.' }), ambiguous: 'x' }, true],
  [json('/a/ts'), { ...members({ flatten: '.', prefix: 'b.' }), ambiguous: 'x' }, false],
  [json('/ts'), members({ scalars: true }), true],
  [json('/a/ts'), members({ scalars: true }), false],
  [json('/ts'), members({ scalars: true, only: ['ts'] }), true],
  [{ from: '{f|json:/ts}', unit: 'seconds' }, { ...members({ scalars: true }), fields: { f: { json: '/f' } } }, false],
  [{ from: '{f|json:/ts}', unit: 'seconds' }, { ...members({ scalars: true, only: ['f'] }), fields: { f: { json: '/f' } } }, false],
  [{ from: '{f|json:/ts}', unit: 'seconds' }, { ...members({}), fields: { f: { json: '/f' } } }, true],
  [json('/a/ts'), members({ scalars: true, at: '/a' }), true],
  [json('/ts'), listedMembers({ at: '/a' }, ['*']), false],
  [json('/a/ts'), listedMembers({ at: '/a' }, ['*']), true],
  [json('/ts'), listedMembers({ at: '/a' }, ['ts']), false],
  [json('/a/ts'), listedMembers({ at: '/a' }, ['ts']), true],
  [json('/a~1b'), members({ only: ['a/b'] }), true],
  [json('/a~0b'), members({ only: ['a~b'] }), true],
  [json('/a~0b'), members({ only: ['a/b'] }), false],
  [json('/ts'), { message: '{json:/ts}' }, true],
  [json('/ts'), { message: '{json:}' }, false],
  [json('/a/ts'), { message: '{json:/a}' }, false],
  [json('/a/ts'), { message: '{json:/b}' }, false],
  [json('/ts'), { message: '{body|jcs}' }, true],
  [json('/ts'), { message: '{body|without:sign}' }, true],
  [json('/ts'), { message: '{body|without:ts}' }, false],
  [json('/ts'), { message: '{body|omit:sign|sorted}' }, true],
  [json('/ts'), { message: '{body|omit:ts|sorted}' }, false],
  [json('/ts'), { message: '{body|sha256|hex}' }, true],
  // What an entry of "named", or the item of a list, leaves out is not signed.
  [query, pairs({ named: { ts: '{name}' } }), false],
  [query, pairs({ named: { ts: '{name}={value|first:4}' } }), false],
  [query, pairs({ named: { ts: '{name}=x{value}' } }), true],
  [query, pairs({ named: { other: '{name}' } }), true],
  [query, pairs({ named: { ts: '{name}' }, only: ['ts', 'a'] }), false],
  [query, pairs({ named: { ts: '{name}' }, prefix: 't' }), false],
  [{ query: 't s', unit: 'seconds' }, pairs({ named: { 't%20s': '{name}' } }), false],
  [form, fields({ named: { ts: '{name}' } }), false],
  [json('/ts'), members({ named: { ts: '{name}' } }), false],
  [json('/a/ts'), { ...members({ flatten: '.', named: { 'a.ts': '{name}' } }), ambiguous: 'x' }, false],
  [json('/ts'), listedMembers({ named: { ts: '{name}' } }, ['*']), false],
  [json('/ts'), listedMembers({ named: { ts: '{name}' } }, ['t*']), false],
  [header, { define: { l: { ...lines, prefix: 'x-acme-', named: { 'x-acme-ts': '{name}\n' } } }, message: '{l}\n{body}' }, false],
  [header, { define: { l: { ...lines, prefix: 'x-acme-', named: { 'x-acme-ts': '{name}:{value};\n' } } }, message: '{l}\n{body}' }, true],
  [header, named(['x-acme-*'], { named: { 'x-acme-ts': '{name}\n' } }), false],
  [header, pairs({ with: { t: '{timestamp}' } }), true],
  [header, pairs({ with: { t: '{timestamp}' }, named: { t: '{name}' } }), false],
  [header, { ...pairs({ with: { t: '{timestamp}' }, item: '{name}' }), ambiguous: 'x' }, false],
  [query, { ...pairs({ item: '{name}={valued}' }), define: { valued: 'x', l: list({ item: '{name}={valued}' }) }, ambiguous: 'x' }, false],
]

describe('a time is signed where the message says all of it, whatever is carried', () => {
  for (const [timestamp, definition, expected] of timed) {
    if (expected === undefined) continue
    test(`${JSON.stringify(timestamp)} in ${JSON.stringify(definition)}: ${expected}`, () => {
      const problems = mistakes({ timestamp, ...definition }).filter((line) => line.startsWith('timestamp: '))
      const lost = ['timestamp: is checked but not signed, so that anybody can renew an old request; put {timestamp} into the message']
      assert.deepEqual(problems, expected ? [] : lost)
    })
  }
})

/** Branches, and whether a request of one can be signed like one of another. */
const alike = [
  [['{method}\n{path}', '{method}\n{body}'], false],
  [['{method}\n{path}', '{method}{body}'], true],
  [['a{path}', 'b{body}'], false],
  [['a{path}', 'ab{body}'], false],
  [['ab{path}', 'a{body}'], true],
  [['a{path}', '{path}\n{body}'], false],
  [['a{query}', '{query}\n{body}'], false],
  [['a{query}', '{query}{body}'], true],
  [['a{path}', '/{body}'], false],
  [['', '/{body}'], false],
  [['', '{body}'], true],
  [['{method}\n{path}', '{path}/'], false],
  [['{method}\n{path}', '{body}/'], true],
]

describe('branches are told apart by how they begin', () => {
  for (const [[first, second], expected] of alike) {
    test(`${JSON.stringify(first)} and ${JSON.stringify(second)}: ${expected ? 'alike' : 'not alike'}`, () => {
      const problems = mistakes({ ...chosen(first, second), allowUnboundBody: 'for the test' }).join()
      assert.equal(/its branches can print the same/.test(problems), expected, problems)
    })
  }
  test('each by the method that it prints, where it is chosen by the method alone', () => {
    const choose = (...whens) => ({
      message: {
        choose: [
          ...whens.map((when) => ({ when, use: '{method}\n{path}\n{body}' })),
          { when: { method: 'X' }, use: '{method}\n{body}' },
          { use: '{body}' },
        ],
      },
    })
    const problem = (definition) => /its branches can print the same/.test(mistakes(definition).join())
    assert.equal(problem(choose({ contentType: 'a/b' })), true)
    assert.equal(problem(choose({ method: 'GET' })), true, 'the last one prints no method')
    const all = (first, last) => ({ message: { choose: [{ when: first, use: '{method}\n{path}\n{body}' }, { use: last }] } })
    assert.equal(problem(all({ method: 'GET' }, '{method}\n{body}')), false)
    assert.equal(problem(all({ method: 'GET', body: true }, '{method}\n{body}')), true)
    assert.equal(problem(all({ method: 'GET' }, '{method|first:1}\n{body}')), true, 'of GET and of G.. one letter is left')
    assert.equal(problem(all({ method: 'GET' }, '{method}A{body}')), true)
  })
  test('also inside what is defined', () => {
    const define = (first, second) => ({
      define: { d: { choose: [{ when: { body: true }, use: first }, { use: second }] } },
      message: '{body|sha256|hex}{d}',
    })
    assert.deepEqual(mistakes(define('a{header:x}', 'b')), [])
    assert.match(mistakes(define('a{header:x}', 'ab')).join(), /its branches can print the same/)
    assert.deepEqual(mistakes(define('', 'b')), [])
    assert.match(mistakes(define('a{header:x}{header:y}', 'b')).join(), /\{header:x\} runs into \{header:y\}/)
  })
})

/** Lists, and what is wrong with them; undefined: nothing. */
const ambiguous = [
  [{ ...lines, prefix: 'x-' }, '{l}\n{body}', undefined],
  [{ ...lines, prefix: 'x-' }, '{l}a{body}', undefined],
  [{ ...lines, prefix: 'x-' }, '{l}x{body}', 'a list runs into "x"'],
  [{ ...lines, prefix: 'x-' }, '{l}{body}', 'a list runs into {body}'],
  [{ ...lines, prefix: 'x-', join: '\n', item: '{name}:{value}' }, '{l}\n{body}', 'a list runs into "\\n"'],
  [{ ...lines, prefix: 'x-', item: '{name|upper}:{value}\n' }, '{l}a{body}', 'a list runs into "a"'],
  [{ ...lines, prefix: 'x-', item: '{name}:{value};' }, '{l}\n{body}', '{value} may hold'],
  [{ ...lines, prefix: 'x-', item: '{name} {value}\n' }, '{l}\n{body}', undefined],
  [{ ...lines, prefix: 'x-', item: '{value}:{name}\n' }, '{l}\n{body}', 'its items do not begin with {name}'],
  [list({ each: 'query' }), '{l}\n{body}', undefined],
  [list({ each: 'query', encode: undefined }), '{l}\n{body}', '{name} may hold'],
  [list({ each: 'query', encode: undefined, decode: false }), '{l}\n{body}', undefined],
  [list({ each: 'form', encode: undefined, decode: false }), '{l}\n{body}', 'a list runs into'],
  [list({ each: 'query', join: '' }), '{l}\n{body}', 'nothing separates its items'],
  [list({ each: 'query', join: '', item: '{name}={value}&' }), '{l}\n{body}', undefined],
  [list({ each: 'query', join: '\n' }), '{l}\n{body}', 'a list runs into "\\n"'],
  [list({ each: 'query', before: '?' }), '{l}\n{body}', undefined],
  [list({ each: 'query', before: '\n' }), '{l}\n{body}', 'a list runs into'],
  [list({ each: 'query', item: '{name}{value}' }), '{l}\n{body}', '{name} may hold'],
  [list({ each: 'query', item: '{value}' }), '{l}\n{body}', 'do not print {name}'],
  [list({ each: 'query', item: '{name}' }), '{l}\n{body}', 'do not print {value}'],
  [list({ each: 'query', named: { a: ':{value}' } }), '{l}\n{body}', undefined],
  [list({ each: 'query', named: { a: '!{value}' }, encode: 'uri' }), '{l}\n{body}', 'can print like another item'],
  [list({ each: 'query', named: { a: ':{value}' }, encode: undefined, decode: false }), '{l}\n{body}', 'can print like another item'],
  [list({ each: 'query', named: { a: '{name}:{value}' } }), '{l}\n{body}', undefined],
  [
    list({ each: 'query', named: { a: '{name}:{value}' }, encode: undefined, decode: false }),
    '{l}\n{body}',
    '{name} of the item "a" may hold',
  ],
  [list({ each: 'query', named: { a: '{name}:{value}\n' } }), '{l}\n{body}', 'a list runs into'],
  [list({ each: 'query', named: { a: '{name}={header:x-a}\n' } }), '{l} {body}', 'a list runs into'],
]

describe('a list ends where nothing of it can begin', () => {
  for (const [l, message, problem] of ambiguous) {
    test(`${JSON.stringify(l)} in ${JSON.stringify(message)}: ${problem ?? 'compiles'}`, () => {
      const problems = mistakes({ define: { l }, message })
      if (problem === undefined) assert.deepEqual(problems, [])
      else assert.ok(problems.join().includes(problem), problems.join())
    })
  }
  test('items of a list that are no header are told from those that are', () => {
    const of = (named, message = '{s}\n{l}\n{body}') =>
      mistakes({
        fields: { s: { header: 's', names: ' ', mustInclude: ['host'] } },
        define: { l: { ...lines, names: '{s}', named } },
        message,
      }).join()
    assert.equal(of({ '(a)': '(a): {method}\n', '(b)': '{name}: {path}\n' }), '')
    assert.match(of({ '(a)': '(a): {method}\n', '(b)': '(b): {path}\n' }), /an item of "named" can print like another item/)
    assert.match(of({ '(a)': 'a: {method}\n' }), /an item of "named" can print like another item/)
    assert.match(of({ '(a)': '(a): {header:x}{path}\n' }), /\{header:x\} of the item "\(a\)" may hold what separates it from what follows/)
    assert.match(of({ '(a)': '(a): {path}\n' }, '{s}\n{l}({body}'), /a list runs into "\("/)
    assert.equal(of({ '(a)': '(a): {path}\n' }, '{s}\n{l}[{body}'), '')
  })
})

test('what a list of the request has to hold is asked of it, and not more than as many names as may be', () => {
  const one = acme({
    fields: { s: { header: 's', names: ' ', mustInclude: ['a'] } },
    define: { l: { each: 'query', names: '{s}', encode: 'rfc3986', item: '{name}={value}\n', join: '' } },
    message: '{method}\n{s}\n{body|sha256|hex}\n{l}',
  })
  const names = (count) => ['a', ...Array.from({ length: count - 1 }, (_, i) => `b${i}`)]
  const sent = (count) => {
    const s = names(count).join(' ')
    return signed(
      one,
      {
        url: `/?${names(64)
          .map((name) => `${name}=1`)
          .join('&')}`,
        headers: { s },
      },
      { fields: { s } },
    )
  }
  assert.equal(verdict(one, sent(64)), true)
  const more = request({ url: '/?a=1', headers: { s: names(65).join(' '), 'x-signature': '0'.repeat(64) } })
  assert.equal(verdict(one, more), 'ERR_HMAC_MALFORMED')
})

describe('what a set-up may change of a scheme', () => {
  const weak = scheme({ name: 'weak', insecure: 'it is MD5', algorithm: 'md5', signature: { header: 'x-signature' }, message: '{body}' })
  const told = (definition, options) => {
    try {
      compileScheme(definition, options)
      return ''
    } catch (error) {
      return error.message
    }
  }
  test('an insecure scheme is let in by its option alone', () => {
    for (const options of [{}, { allowInsecureScheme: false }])
      assert.equal(told(weak, options), "scheme 'weak': insecure: it is MD5; only the option allowInsecureScheme: true lets it in")
    assert.equal(told(weak, { allowInsecureScheme: true }), '')
    assert.throws(() => verdict(weak, request()), /only the option allowInsecureScheme/)
  })
  test('an option that would change nothing is refused', () => {
    const plain = { name: 'plain', signature: { header: 'x' }, fields: { f: { header: 'f' } }, message: '{f}\n{body}' }
    assert.equal(
      told(plain, { toleranceSeconds: 5 }),
      "scheme 'plain': toleranceSeconds: has no effect: the scheme signs no time, so that nothing can be too old; leave it out",
    )
    assert.equal(
      told(plain, { mustInclude: ['host'] }),
      "scheme 'plain': mustInclude: has no effect: the scheme has no list of what is signed, so that nothing can be on it; leave it out",
    )
    assert.equal(told(plain, {}), '')
    const dated = { ...plain, timestamp: header, message: '{timestamp}.{body}', fields: {} }
    assert.equal(told(dated, { toleranceSeconds: 5 }), '')
    assert.equal(
      verdict(
        dated,
        { ...request(), headers: { x: hexOf(`${nowSeconds - 6}.${body}`), 'x-acme-ts': `${nowSeconds - 6}` } },
        { toleranceSeconds: 5 },
      ),
      'ERR_HMAC_STALE',
    )
  })
  test('another floor takes the place of that of the list, and of no other field', () => {
    const one = { name: 'floored', signature: { header: 'x' }, ...named(['host'], {}, {}) }
    const two = { ...one, fields: { ...one.fields, f: { header: 'f', value: '{method}' } }, message: '{f}\n{s}\n{l}\n{body}' }
    const sent = (s) => ({
      ...request(),
      headers: { host: 'h', date: 'd', f: 'POST', s, x: hexOf(`POST\n${s}\n${s}:${{ host: 'h', date: 'd' }[s]}\n\n${body}`) },
    })
    assert.equal(verdict(two, sent('host')), true)
    assert.equal(verdict(two, sent('date')), 'ERR_HMAC_UNCOVERED')
    assert.equal(verdict(two, sent('date'), { mustInclude: ['date'] }), true)
    assert.equal(verdict(two, sent('host'), { mustInclude: ['date'] }), 'ERR_HMAC_UNCOVERED')
  })
  test('a body that nothing signs is let in by the option of the set-up, digest and all', () => {
    const digest = { f: { header: 'f', value: '{body|sha256|hex}' } }
    const one = { name: 'open', signature: { header: 'x' }, fields: digest, message: '{method}\n{path}' }
    assert.match(told(one, {}), /fields\.f: is carried, but neither in the message nor on a list/)
    assert.equal(told(one, { allowUnboundBody: true }), '')
    const other = { ...one, fields: { f: { header: 'f', value: '{header:a|sha256|hex}' } } }
    assert.match(told(other, { allowUnboundBody: true }), /fields\.f: is carried, but neither/, 'what stands for no body stays refused')
  })
  test('what a field proves is asked of the branches in which it is asked for', () => {
    const digest = (when) => ({ f: { header: 'f', value: '{body|sha256|hex}', ...(when && { when }) } })
    const branches = { choose: [{ when: { method: ['GET', 'DELETE'] }, use: '{method}\n{path}' }, { use: '{method}\n{f?}\n{path}' }] }
    const of = (when, more = {}) =>
      told({ name: 'b', signature: { header: 'x' }, fields: digest(when), message: branches, ...more }, {}).replace(/^scheme 'b': /gm, '')
    assert.equal(of({ body: true }), '', 'those branches refuse a body')
    assert.match(of(undefined), /fields\.f: is carried, but neither/)
    assert.match(of({ body: true }, { allowUnboundBody: 'a vendor signs none' }), /fields\.f: is carried, but neither/)
    assert.match(of({ method: ['GET', 'POST'] }), /fields\.f: is carried, but neither/)
    assert.doesNotMatch(of({ method: 'GET' }), /^$/)
  })
  test('params have a value, and none that the scheme does not name', () => {
    const one = {
      name: 'p',
      params: { region: null, tier: 'a' },
      signature: { header: 'x' },
      message: '{param:region}.{param:tier}.{body}',
    }
    const of = (params, definition = one) => told(definition, { params }).replace(/^scheme 'p': params\./gm, '')
    assert.equal(of({ region: 'eu' }), '')
    assert.equal(of({ region: 'eu', tier: 'b' }), '')
    assert.equal(of({ region: '' }), '')
    assert.equal(of({}), "region: has no default; give it: params: { region: '...' }")
    assert.equal(of({ region: undefined }), "region: has no default; give it: params: { region: '...' }")
    assert.equal(of({ region: 5 }), 'region: must be a string')
    assert.equal(of({ region: 'eu', tire: 'b' }), 'tire: is unknown; did you mean "tier"?')
    assert.equal(of({ region: 'eu', toString: 'b' }), 'toString: is unknown; known are region, tier')
    assert.equal(of({ region: 'eu' }, { ...one, params: {}, message: '{body}' }), 'region: is unknown; the scheme has no params')
    assert.equal(signed(one, {}, { params: { region: 'eu' } }).message.toString(), `eu.a.${body}`)
    assert.equal(signed(one, {}, { params: { region: 'eu', tier: '' } }).message.toString(), `eu..${body}`)
  })
  test('a definition is plain data, of bounded depth', () => {
    const deep = (depth) => Array.from({ length: depth }).reduce((inner) => ({ a: inner }), 'x')
    assert.throws(
      () => scheme({ name: 'd', signature: { header: 'x' }, message: '{body}', docs: deep(40) }),
      /is nested deeper than 32, or holds itself/,
    )
    assert.throws(
      () => scheme({ name: 'd', signature: { header: 'x' }, message: '{body}', docs: deep(31) }),
      /docs: must be a text that is not empty; got object/,
    )
    assert.throws(
      () => scheme({ name: 'd', signature: { header: 'x' }, message: '{body}', fields: { f: new Date() } }),
      /"definition\.fields\.f" must be plain data/,
    )
    assert.throws(
      () => scheme({ name: 'd', signature: { header: 'x' }, message: '{body}', fields: { f: { oneOf: [new Map()] } } }),
      /"definition\.fields\.f\.oneOf\[0\]" must be plain data/,
    )
    assert.equal(
      scheme(Object.assign(Object.create(null), { name: 'd', signature: { header: 'x' }, message: '{body}', docs: undefined })).docs,
      undefined,
    )
  })
})

test('what a scheme binds is what each of its branches binds', () => {
  const binds = (definition) => compileScheme({ name: 'acme', signature: { header: 'x-signature' }, ...definition }).facts.binds
  const none = { body: 'none', method: false, path: false, query: false, timestamp: false, nonce: false, keyId: false }
  assert.deepEqual(binds({ message: '{body}' }), { ...none, body: 'octets' })
  assert.deepEqual(binds({ message: '{json:/a}' }), { ...none, body: 'data' })
  const whole = '{method}\n{target}\n{timestamp}\n{nonce}\n{keyId}\n'
  const roles = { timestamp: header, nonce: { header: 'n' }, keyId: { header: 'k' } }
  const all = { method: true, path: true, query: true, timestamp: true, nonce: true, keyId: true }
  assert.deepEqual(binds({ ...roles, message: `${whole}{body}` }), { ...all, body: 'octets' })
  assert.deepEqual(binds({ ...roles, ...chosen(`A\n${whole}`, `B\n${whole}{body}`) }), { ...all, body: 'none' })
  const parts = ['{method}\n', '{path}\n', '{query}\n', '{keyId}\n']
  for (const [i, name] of ['method', 'path', 'query', 'keyId'].entries()) {
    const left = parts.filter((_part, at) => at !== i).join('')
    const some = { ...none, body: 'octets', method: true, path: true, query: true, keyId: true, [name]: false }
    for (const [first, second] of [
      [left, parts.join('')],
      [parts.join(''), left],
    ])
      assert.deepEqual(binds({ keyId: roles.keyId, ...chosen(`A${first}{body}`, `B${second}{body}`) }), some, name)
  }
  assert.deepEqual(binds({ message: '{path}\n{body}' }).query, false)
  assert.deepEqual(binds({ message: '{query}\n{body}' }).path, false)
})

describe('what is defined is of octets or of text, and as long as its parts are', () => {
  for (const [d, message, expected] of [
    ['{body|sha256|hex}', '{d|upper}{body}', ''],
    ['{body|sha256|hex}.{body|md5|hex}', '{d|upper}{body}', ''],
    ['{body|sha256|hex}.{header:x}', '{d|upper}{body}', 'runs into {body}'],
    ['{header:x?}', '{d|upper}{body}', 'runs into {body}'],
    ['{body|sha256|hex}{timestamp?}', '{d|upper}{body}', 'runs into {body}'],
    ['ab', '{d|upper}{body}', ''],
    ['{body}{body|sha256}', '{d|hex}', ''],
    ['{body}{body|sha256}', '{d|upper}', 'takes text'],
    ['{body}', '{d|hex}', ''],
    ['a{body}', '{d|sha256|hex}', ''],
    ['{header:x}', '{d|hex}\n{body}', 'takes octets'],
    ['a{header:x}', '{d|hex}\n{body}', 'takes octets'],
    [{ choose: [{ when: { method: 'GET' }, use: 'a' }, { use: 'b{body}' }] }, '{d|hex}', 'does not sign the body'],
    [{ choose: [{ when: { method: 'GET' }, use: 'a{body}' }, { use: 'b{body}' }] }, '{d|hex}', ''],
    [{ choose: [{ when: { method: 'GET' }, use: 'a{path}' }, { use: 'b{path}' }] }, '{d|hex}\n{body}', 'takes octets'],
  ]) {
    test(`${JSON.stringify(d)} in ${message}: ${expected || 'compiles'}`, () => {
      const timestamp = { header: 't', unit: 'seconds' }
      const uses = JSON.stringify(d).includes('{timestamp')
      const problems = mistakes({ ...(uses && { timestamp }), define: { d }, message: uses ? `{timestamp}${message}` : message }).join()
      if (expected === '') assert.equal(problems, '')
      else assert.ok(problems.includes(expected), problems)
    })
  }
  test('text that lost something binds data, and a part of it less', () => {
    const bodyOf = (d, message) =>
      compileScheme({ name: 'acme', signature: { header: 'x-signature' }, define: { d }, message }).facts.binds.body
    assert.equal(bodyOf('a{body|text}', '{d|sha256|hex}'), 'octets')
    assert.equal(bodyOf('a{body|text|trim}', '{d|sha256|hex}'), 'data')
    assert.equal(bodyOf('{body|text|trim}', '{d}'), 'data')
    assert.equal(bodyOf('a{body|jcs}', '{d}'), 'data')
  })
  test('octets of the wire and text beside each other are what they were', () => {
    const one = acme({ define: { d: '{header:x}\n{param:p}' }, params: { p: '\u00e9' }, message: '{body|sha256|hex}{d}' })
    const sent = signed(one, { headers: { x: '\u00e9' } })
    assert.deepEqual(sent.message.subarray(64), Buffer.from([0xe9, 0x0a, 0xc3, 0xa9]))
    assert.equal(verdict(one, sent), true)
    const hashed = acme({ define: { d: '{header:x}\n{param:p}' }, params: { p: '\u00e9' }, message: '{d|sha256|hex}\n{body}' })
    const digest = createHash('sha256')
      .update(Buffer.from([0xe9, 0x0a, 0xc3, 0xa9]))
      .digest('hex')
    assert.equal(signed(hashed, { headers: { x: '\u00e9' } }).message.toString(), `${digest}\n${body}`)
  })
})

test('what guards and documents ask of a compiled scheme', () => {
  const facts = (definition) =>
    compileScheme({ name: 'acme', signature: { header: 'x-signature' }, message: '{body}', ...definition }).facts
  const { injective, timestamp, bodyFirst, needsOrigin, distinct, secretInMessage } = facts({})
  assert.deepEqual(
    { injective, timestamp, bodyFirst, needsOrigin, distinct, secretInMessage },
    { injective: true, timestamp: undefined, bodyFirst: false, needsOrigin: false, distinct: false, secretInMessage: false },
  )
  assert.equal(facts({ message: '{header:a}{body}', ambiguous: 'a vendor' }).injective, false)
  assert.equal(facts({ message: '{url}\n{body}' }).needsOrigin, true)
  assert.equal(facts({ message: '{origin}\n{body}' }).needsOrigin, true)
  assert.equal(facts({ message: '{host}\n{body}' }).needsOrigin, false)
  assert.equal(facts({ timestamp: header, message: '{timestamp}.{body}' }).distinct, true)
  assert.equal(facts({ nonce: { header: 'n' }, message: '{nonce}\n{body}' }).distinct, true)
  assert.equal(facts({ keyId: { header: 'n' }, message: '{keyId}\n{body}' }).distinct, false)
  assert.equal(facts({ message: '{secret|sha256|hex}{body}' }).secretInMessage, true)
  assert.equal(facts({ message: '{d}{body}', define: { d: '{secret}' } }).secretInMessage, true)
  assert.equal(facts({ fields: { f: { header: 'f', value: '{secret}' } }, message: '{f}\n{body}' }).secretInMessage, true)
  assert.equal(facts({ key: '{secret|sha256}' }).secretInMessage, false)
  assert.equal(facts({ signature: { json: '/s' }, message: '{json:/a}' }).bodyFirst, true)
})

test('a mistake names the scheme that it is in, where that has a name', () => {
  const told = (definition) => assert.throws.bind(assert, () => scheme(definition))
  told({ name: 5, signature: { header: 'x' }, message: '{body}' })({ message: /^scheme '\?': name: must be lower-case words with hyphens/ })
  told({ name: 'acme' })({ message: /^scheme 'acme': signature: is missing\nscheme 'acme': message: is missing/ })
  told([])({ message: "scheme '?': scheme: must be an object; got a list" })
  for (const name of ['a b', 'a-', '-a', 'a--b', 'A', 'a.b c', 'a\n', 'a_b'])
    told({ name, signature: { header: 'x' }, message: '{body}' })({ message: /: name: must be lower-case words/ })
  for (const name of ['a', 'a1', 'a.b-c', '1-2']) assert.equal(scheme({ name, signature: { header: 'x' }, message: '{body}' }).name, name)
  assert.deepEqual(
    mistakes({
      signature: { header: 'x-{n}', max: 1000 },
      nonce: { header: 'n', random: 64 },
      timestamp: { ...header, toleranceSeconds: 31_622_400, futureSeconds: 31_622_400 },
      message: '{nonce}\n{timestamp}\n{body}',
    }),
    [],
  )
  assert.deepEqual(
    mistakes({
      nonce: { header: 'n', random: 8 },
      timestamp: { ...header, toleranceSeconds: 1, futureSeconds: 0 },
      message: '{nonce}\n{timestamp}\n{body}',
    }),
    [],
  )
})
