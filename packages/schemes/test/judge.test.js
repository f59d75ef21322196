import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, mistakes, now, request, secret, signed, verdict } from './signing.js'

/**
 * Schemes that do not compile, and the forgery that each would let in: the same scheme that says `ambiguous` compiles, and takes the
 * signature of the first request for the second, which says something else.
 */
const unbound = { allowUnboundBody: 'to show the forgery' }
const forgeries = [
  {
    name: 'neighbours without a separator',
    definition: { message: '{path}{header:x-user}\n{body}' },
    sent: { url: '/users/1', headers: { 'x-user': '0/admin' } },
    forged: { url: '/users/10', headers: { 'x-user': '/admin' } },
    problem: /\{path\} runs into \{header:x-user\}; put a separator between that the first cannot hold/,
  },
  {
    name: 'a separator that the first can hold',
    definition: { message: '{header:x-user}|{header:x-role}|{body|sha256|hex}' },
    sent: { headers: { 'x-user': 'ann', 'x-role': 'guest|admin' } },
    forged: { headers: { 'x-user': 'ann|guest', 'x-role': 'admin' } },
    problem: /\{header:x-user\} runs into "\|"/,
  },
  {
    name: 'a decoded query value in front of a separator',
    definition: { message: '{query:user}\n{header:x-role}\n{body}' },
    sent: { url: '/?user=ann', headers: { 'x-role': 'guest' }, body: 'x\ny' },
    forged: { url: '/?user=ann%0Aguest', headers: { 'x-role': 'x' }, body: 'y' },
    problem: /\{query:user\} runs into "\\n"/,
  },
  {
    name: 'a list of headers in front of the body',
    definition: listed({ item: '{name}:{value}', join: '\n' }, '{headers}\n{body}'),
    sent: { headers: { a: '1', b: '2' }, body: 'pay 5' },
    options: { sign: ['a', 'b'] },
    forged: { headers: { a: '1', b: '2' }, body: 'b:2\npay 5' },
    change: (value) => value.replace('"a b"', '"a"'),
    problem: /a list runs into "\\n"/,
  },
  {
    name: 'items that do not say their name',
    definition: listed({ item: '{value}', join: '\n' }, '{body|sha256|hex}\n{headers}'),
    sent: { headers: { 'x-from': 'ann', 'x-to': 'bob' } },
    options: { sign: ['x-from', 'x-to'] },
    forged: { headers: { 'x-to': 'ann', 'x-from': 'bob' } },
    change: (value) => value.replace('"x-from x-to"', '"x-to x-from"'),
    problem: /its items do not begin with \{name\}/,
  },
  {
    name: 'names that nothing separates from their values',
    definition: listed({ item: '{name}{value}\n', join: '' }, '{body|sha256|hex}\n{headers}'),
    sent: { headers: { 'x-a': 'dmin' } },
    options: { sign: ['x-a'] },
    forged: { headers: { 'x-ad': 'min' } },
    change: (value) => value.replace('"x-a"', '"x-ad"'),
    problem: /\{name\} may hold what separates it from what follows/,
  },
  {
    name: 'items of named that print like each other',
    definition: listed(
      { item: '{name}: {value}', join: '\n', named: { '(user)': '{header:x-user}', '(role)': '{header:x-role}' } },
      '{body|sha256|hex}\n{headers}',
    ),
    sent: { headers: { 'x-user': 'admin', 'x-role': 'guest' } },
    options: { sign: ['(user)'] },
    forged: { headers: { 'x-user': 'eve', 'x-role': 'admin' } },
    change: (value) => value.replace('"(user)"', '"(role)"'),
    problem: /an item of "named" can print like another item/,
  },
  {
    name: 'an item of named that prints like a header',
    definition: listed({ item: '{name}: {value}', join: '\n', named: { line: '{method}: {header:x-user}' } }, '{headers}'),
    sent: { headers: { 'x-user': 'ann' } },
    options: { sign: ['line'] },
    forged: { headers: { post: 'ann', 'x-user': 'eve' } },
    problem: /an item of "named" can print like another item/,
    onlyRefused: true,
  },
  {
    name: 'parameters of which only the values are signed',
    definition: { message: { each: 'query', encode: 'rfc3986', sort: 'name', item: '{value}', join: '&' }, ...unbound },
    sent: { url: '/?from=ann&to=bob' },
    forged: { url: '/?a=ann&z=bob&' },
    problem: /its items do not print \{name\}/,
  },
  {
    name: 'parameters of which only the names are signed',
    definition: { message: { each: 'query', encode: 'rfc3986', item: '{name}=', join: '&' }, ...unbound },
    sent: { url: '/?amount=5' },
    forged: { url: '/?amount=500' },
    problem: /its items do not print \{value\}/,
  },
  {
    name: 'encoded parameters between characters that encoding leaves',
    definition: { message: { each: 'query', encode: 'rfc3986', item: '{name}-{value}', join: '.' }, ...unbound },
    sent: { url: '/?a=1.b-2' },
    forged: { url: '/?a=1&b=2' },
    problem: /\{name\} may hold what separates it from what follows/,
  },
  {
    name: 'decoded parameters',
    definition: { message: { each: 'query', item: '{name}={value}', join: '&' }, ...unbound },
    sent: { url: '/?a=1%26admin=1' },
    forged: { url: '/?a=1&admin=1' },
    problem: /\{name\} may hold what separates it from what follows/,
  },
  {
    name: 'raw parameters between other separators than theirs',
    definition: { message: { each: 'query', decode: false, item: '{name}:{value}', join: ',' }, ...unbound },
    sent: { url: '/?a=1,admin:1' },
    forged: { url: '/?a=1&admin=1' },
    problem: /\{name\} may hold what separates it from what follows/,
  },
  {
    name: 'lines of headers, and a member of JSON among them, which can hold a line break',
    definition: {
      message: { each: 'headers', prefix: 'x-', with: { 'x-user': '{json:/user}' }, item: '{name}:{value}\n', join: '', sort: 'name' },
    },
    sent: { headers: { 'x-z': '1' }, body: '{"user":"ann"}' },
    forged: { headers: {}, body: '{"user":"ann\\nx-z:1"}' },
    problem: /\{value\} may hold what separates it from what follows/,
  },
  {
    name: 'one list of query and form',
    definition: { message: { each: ['query', 'form'], encode: 'rfc3986', sort: 'name', item: '{name}={value}', join: '&' } },
    sent: { url: '/?amount=5', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'to=ann' },
    forged: { url: '/', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'to=ann&amount=5' },
    problem: /what one source holds prints like what another does/,
  },
  {
    name: 'nested members as if they were flat',
    definition: { message: { each: 'json', flatten: '.', encode: 'rfc3986', item: '{name}={value}', join: '&' } },
    sent: { body: '{"user.role":"admin"}' },
    forged: { body: '{"user":{"role":"admin"}}' },
    problem: /nested members print like others whose names hold what joins them/,
  },
  {
    name: 'a pipe that puts in the separator',
    definition: { message: '{header:x-a|replace:;/\\n}\n{header:x-b}\n{body}' },
    sent: { headers: { 'x-a': 'a;b', 'x-b': 'c' }, body: 'd' },
    forged: { headers: { 'x-a': 'a', 'x-b': 'b' }, body: 'c\nd' },
    problem: /\{header:x-a\|replace:;\/\\n\} runs into "\\n"/,
  },
  {
    name: 'neighbours in the key',
    definition: { message: '{body}', key: '{header:x-user}{header:x-role}{secret}' },
    sent: { headers: { 'x-user': 'ann', 'x-role': 'admin' } },
    forged: { headers: { 'x-user': 'anna', 'x-role': 'dmin' } },
    problem: /in the key \{header:x-user\} runs into \{header:x-role\}/,
  },
  {
    name: 'neighbours in a step of the key',
    definition: { message: '{body}', key: { chain: ['{secret}', '{header:x-user}{header:x-role}'] } },
    sent: { headers: { 'x-user': 'ann', 'x-role': 'admin' } },
    forged: { headers: { 'x-user': 'anna', 'x-role': 'dmin' } },
    problem: /in the key \{header:x-user\} runs into \{header:x-role\}/,
  },
  {
    name: 'neighbours in what a carried digest stands for',
    definition: {
      message: '{digest}',
      fields: { digest: { header: 'x-digest', value: '{all|sha256|hex}' } },
      define: { all: '{header:x-user}{body}' },
    },
    sent: { headers: { 'x-user': 'ann' }, body: 'a pays 5' },
    forged: { headers: { 'x-user': 'anna' }, body: ' pays 5' },
    problem: /in the value of a field \{header:x-user\} runs into \{body\}/,
  },
  {
    name: 'a query whose lines run into the body',
    definition: { message: '{pairs}\n{body}', define: { pairs: { each: 'query', encode: 'rfc3986', item: '{name}={value}', join: '\n' } } },
    sent: { url: '/?a=1&b=2', body: 'x' },
    forged: { url: '/?a=1', body: 'b=2\nx' },
    problem: /a list runs into "\\n"/,
  },
  {
    name: 'branches that are chosen by more than they print',
    definition: {
      message: {
        choose: [
          { when: { method: 'POST', contentType: 'text/a' }, use: '{method}\n{path}\n{body}' },
          { use: '{method}\n{header:x-id}\n{body}' },
        ],
      },
    },
    sent: { url: '/a', headers: { 'content-type': 'text/a' } },
    forged: { url: '/admin', headers: { 'content-type': 'text/b', 'x-id': '/a' } },
    problem: /its branches can print the same/,
  },
  {
    name: 'branches inside a branch',
    definition: {
      message: {
        choose: [
          {
            when: { method: 'POST' },
            use: {
              choose: [{ when: { contentType: 'text/a' }, use: '{method}\n{path}\n{body}' }, { use: '{method}\n{header:x-id}\n{body}' }],
            },
          },
          { use: '{method}\n{path}\n' },
        ],
      },
    },
    sent: { url: '/a', headers: { 'content-type': 'text/a' } },
    forged: { url: '/admin', headers: { 'content-type': 'text/b', 'x-id': '/a' } },
    problem: /its branches can print the same/,
  },
  {
    name: 'branches of which one begins as the other',
    definition: {
      message: { choose: [{ when: { contentType: 'text/a' }, use: 'v1:{body}' }, { use: 'v1:{header:x-id}\n{body}' }] },
    },
    sent: { headers: { 'content-type': 'text/a' }, body: 'admin\n{}' },
    forged: { headers: { 'content-type': 'text/b', 'x-id': 'admin' }, body: '{}' },
    problem: /its branches can print the same/,
  },
  {
    name: 'a nonce whose pipes make the separator that it may not hold',
    definition: { nonce: { header: 'n' }, message: '{nonce|decode}.{header:x-user}\n{body}' },
    sent: { headers: { 'x-user': 'b.ann' } },
    options: { nonce: 'a' },
    forged: { headers: { 'x-user': 'ann' } },
    change: (value, name) => (name === 'n' ? 'a%2Eb' : value),
    problem: /\{nonce\|decode\} runs into "\."/,
  },
  {
    name: 'a path ended by what may be absent',
    definition: { message: '{path}{query?|prepend:?}{body}' },
    sent: { url: '/a', body: 'b' },
    forged: { url: '/ab', body: '' },
    problem: /\{path\} runs into/,
  },
  {
    name: 'a path ended by a list that may be empty',
    definition: {
      message: '{path}{pairs}{body}',
      define: { pairs: { each: 'query', encode: 'rfc3986', item: '{name}={value}', join: '&', before: '?' } },
    },
    sent: { url: '/a', body: 'b' },
    forged: { url: '/ab', body: '' },
    problem: /\{path\} runs into/,
  },
  {
    name: 'a path ended by a choice that may print nothing',
    definition: {
      message: '{path}{kind}{body}',
      define: { kind: { choose: [{ when: { method: 'PUT' }, use: '{query?|prepend:?}' }, { use: '#x' }] } },
    },
    sent: { method: 'PUT', url: '/a', body: 'b' },
    forged: { method: 'PUT', url: '/ab', body: '' },
    problem: /\{path\} runs into/,
  },
  {
    name: 'a line that may be absent in front of lines of which one is like it',
    definition: {
      message: '{header:y?|prepend:x-a:|append:\n}{lines}{body|sha256|hex}',
      define: { lines: { each: 'headers', prefix: 'x-', item: '{name}:{value}\n', join: '' } },
    },
    sent: { headers: { y: '1' } },
    forged: { headers: { 'x-a': '1' } },
    problem: /\{header:y\?.* runs into/s,
  },
]

/** A scheme whose list of signed headers stands in Authorization, unsigned by itself. */
function listed(list, message) {
  return {
    signature: { authorization: 'Acme', members: ',', format: 'h="{signed}",s="{signature}"' },
    fields: { signed: { names: ' ', sign: [] } },
    define: { headers: { each: 'headers', names: '{signed}', ...list } },
    message,
  }
}

for (const { name, definition, sent, options = {}, forged, change, problem, onlyRefused = false } of forgeries) {
  test(`P17, S05: refused: ${name}`, () => {
    const problems = mistakes(definition)
    assert.match(problems.join('\n'), problem)
    assert.match(problems.join('\n'), /^message: two different requests can be signed alike: /m)
    if (onlyRefused) return
    const lax = acme({ ...definition, ambiguous: 'to show the forgery' })
    const theirs = signed(lax, sent, { allowUnboundBody: true, ...options })
    const carried = Object.entries(theirs.headers).filter(([field]) => !(field in (sent.headers ?? {})))
    const headers = { ...forged.headers, ...Object.fromEntries(carried.map(([field, value]) => [field, change?.(value, field) ?? value])) }
    const ours = request({ ...sent, ...forged, headers })
    assert.notDeepEqual([ours.url, ours.headers, String(ours.body)], [theirs.url, theirs.headers, String(theirs.body)])
    assert.equal(verdict(lax, ours, { allowUnboundBody: true }), true, 'the forgery holds')
  })
}

test('refused: a time behind pipes that make one text of several times; it would be renewed', () => {
  const timestamp = { header: 'x-time', unit: 'seconds' }
  const lost = /^timestamp: is checked but not signed, so that anybody can renew an old request/m
  for (const pipes of ['remove:1', 'removeFirst:0', 'replace:1/2', 'replace:0/', 'json:/x', 'first:9', 'length']) {
    assert.match(mistakes({ timestamp, message: `{timestamp|${pipes}}\n{body}` }).join('\n'), lost, pipes)
  }
  const date = { header: 'x-time', unit: 'YYYY-MM-DDTHH:mm:ssZ' }
  for (const pipes of [
    'lower',
    'trim',
    'remove:-|remove::',
    'replace:-/_',
    'removeFirst:T',
    'time:milliseconds',
    'squeeze',
    'default:x',
    'unless:0',
  ]) {
    assert.deepEqual(mistakes({ timestamp: date, message: `{timestamp|${pipes}|sha256|hex}\n{body}` }), [], pipes)
  }
  assert.match(mistakes({ timestamp: date, message: '{timestamp|remove:0|sha256|hex}\n{body}' }).join('\n'), lost)
  const expires = { header: 'x-expires', unit: 'seconds' }
  assert.match(
    mistakes({ fields: { expires }, message: '{expires|remove:9|sha256|hex}\n{body}' }).join('\n'),
    /^fields\.expires: is carried, but neither/m,
  )
  // What it would let in: of the text that is signed, the digit 1 is left out, and 1700000001 is signed like 1700000010.
  const [signed, renewed] = [1_700_000_001, 1_700_000_010].map((time) => String(time).replaceAll('1', ''))
  assert.equal(signed, renewed)
})

test('refused: a time whose letters have a case, inside a text that loses it', () => {
  const pairs = { each: 'query', encode: 'rfc3986', sort: 'name', item: '{name}={value|lower}', join: '&' }
  for (const [name, unit, message, expected] of [
    ['the target', 'base62-seconds', '{method}\n{target|lower}\n{body}', /^timestamp: is checked but not signed/m],
    ['the query', 'base64url-seconds', '{method}\n{query|upper}\n{body}', /^timestamp: is checked but not signed/m],
    ['values of a list', 'base62-seconds', '{method}\n{pairs}\n{body}', /^timestamp: is checked but not signed/m],
    ['a digit in place of another', 'hex-seconds', '{method}\n{target|replace:b/a}\n{body}', /^timestamp: is checked but not signed/m],
    ['a unit of one case', 'hex-seconds', '{method}\n{target|lower}\n{body}', /^$/],
    ['digits', 'seconds', '{method}\n{pairs}\n{body}', /^$/],
  ]) {
    const own = { timestamp: { query: 't', unit }, define: { pairs }, message }
    assert.match(mistakes(own).join('\n'), expected, name)
  }
  const deadline = { fields: { expires: { query: 'e', unit: 'base62-seconds' } }, message: '{target|lower}\n{body}' }
  assert.match(mistakes(deadline).join('\n'), /^fields\.expires: is carried, but neither/m)
  // What it would let in: 1vgm1A is a day later than 1vgM1A, and written like it in lower case.
})

test('refused: a time that is checked and not signed; it would be renewed', () => {
  const timestamp = { header: 't', unit: 'seconds' }
  for (const message of ['{body}', '{method}\n{timestamp|first:6}\n{body}', '{method}\n{timestamp|length}\n{body}']) {
    assert.match(
      mistakes({ timestamp, message }).join('\n'),
      /^timestamp: is checked but not signed, so that anybody can renew an old request/m,
    )
  }
  const compact = { timestamp: { header: 't', unit: 'compact' }, message: '{timestamp|first:8}\n{body}' }
  assert.match(mistakes(compact).join('\n'), /^timestamp: is checked but not signed/m)
  // The same without the check: the header can say anything.
  const unsigned = acme({ message: '{body}' })
  const sent = signed(unsigned, { headers: { t: '1' } })
  assert.equal(verdict(unsigned, { ...sent, headers: { ...sent.headers, t: '1700000000' } }), true)
})

test('refused: a time or a nonce of which only a part is signed where it is carried', () => {
  const time = /^timestamp: is checked but not signed/m
  const inField = { timestamp: { header: 't', unit: 'seconds', format: 'v1={timestamp}' }, message: '{header:t|first:4}\n{body}' }
  assert.match(mistakes(inField).join('\n'), time)
  const inList = {
    signature: { authorization: 'Acme', members: ',', format: 'h="{signed}",s="{signature}"' },
    timestamp: { header: 't', unit: 'seconds' },
    fields: { signed: { names: ' ', sign: ['t'], mustInclude: ['t'] } },
    define: { lines: { each: 'headers', names: '{signed}', item: '{name}: {value|first:4}\n', join: '' } },
    message: '{lines}{body|sha256|hex}',
  }
  assert.match(mistakes(inList).join('\n'), time)
  const whole = {
    ...inList,
    define: { lines: { ...inList.define.lines, item: '{name}: {value}\n' } },
    message: '{body|sha256|hex}\n{lines}',
  }
  assert.deepEqual(mistakes(whole), [])
  const named = { ...whole.define.lines, named: { '(t)': '{name}: {timestamp|first:4}\n' } }
  const pseudo = { ...whole, fields: { signed: { names: ' ', sign: ['(t)'], mustInclude: ['(t)'] } }, define: { lines: named } }
  assert.match(mistakes(pseudo).join('\n'), time)
  const derived = {
    fields: { payload: { header: 'p' } },
    nonce: { from: '{payload|fromBase64|json:/n}' },
    message: '{payload|first:4}\n{body}',
  }
  assert.match(mistakes(derived).join('\n'), /^nonce: is not signed/m)
  assert.deepEqual(mistakes({ ...derived, message: '{payload}\n{body}' }), [])
})

test('refused: a time that is signed in one branch only', () => {
  const timestamp = { header: 't', unit: 'seconds' }
  const message = { choose: [{ when: { method: 'POST' }, use: '{method}\n{timestamp}\n{body}' }, { use: '{method}\n{path}' }] }
  assert.match(mistakes({ timestamp, message })[0], /^timestamp: is checked but not signed/)
})

test('refused: a nonce that is not signed; an old request would get a new one', () => {
  assert.match(mistakes({ nonce: { header: 'n' } })[0], /^nonce: is not signed, so that anybody can give an old request a new one/)
})

test('refused: a body that nothing binds', () => {
  const problem = /^message: does not sign the body, so that anybody can change it/m
  const cases = [
    { message: '{method}\n{path}' },
    { message: '{method}\n{body|hex|first:8}' },
    { message: '{method}\n{body|sha256|hex|first:8}' },
    { message: '{method}\n{body|length}' },
    { message: '{method}\n{x}', define: { x: '{body|hex|first:16}' } },
    { message: '{method}\n{x|hex|first:8}', define: { x: '{body}' } },
    // A digest that is asked for by a condition which the sender can avoid.
    { message: '{method}\n{digest?}', fields: { digest: { header: 'd', when: { contentType: 'a/b' }, value: '{body|sha256|hex}' } } },
    {
      message: '{method}\n{digest?}',
      fields: { digest: { header: 'd', when: { body: true, method: 'POST' }, value: '{body|sha256|hex}' } },
    },
    { message: '{method}\n{digest}', fields: { digest: { header: 'd', value: '{body|sha256|hex|first:8}' } } },
    { message: '{method}\n{digest}', fields: { digest: { header: 'd' } } },
  ]
  for (const definition of cases) assert.match(mistakes(definition).join('\n'), problem, JSON.stringify(definition))
  const lax = acme({ message: '{method}\n{path}', ...unbound })
  const sent = signed(lax, { body: 'pay 5' })
  assert.equal(verdict(lax, { ...sent, body: Buffer.from('pay 500') }), true, 'the forgery holds')
})

test('taken: bodies that are bound in the ways that vendors bind them', () => {
  const digest = { header: 'd', when: { body: true }, value: '{body|sha256|hex}' }
  for (const definition of [
    { message: '{body}' },
    { message: '{method}\n{body|sha256|hex}' },
    { message: '{method}\n{body|sha256|hex|first:32}' },
    { message: '{method}\n{body|sha256|base64|before:=}' },
    { message: '{method}\n{body|md5|base64}' },
    { message: '{method}\n{digest?}', fields: { digest } },
    { message: '{method}\n{header:d?}', fields: { digest } },
    { message: '{x|sha256|hex}', define: { x: '{method}\n{body|sha256|hex}' } },
    { message: '{body|jcs}' },
  ]) {
    assert.deepEqual(mistakes(definition), [], JSON.stringify(definition))
  }
})

test('a pair of the sender does not stand beside one that the scheme adds', () => {
  const pairs = {
    each: 'query',
    encode: 'rfc3986',
    with: { digest: '{body|sha256|hex}' },
    sort: 'name-value',
    item: '{name}={value}',
    join: '&',
  }
  const one = acme({ message: pairs })
  const sent = signed(one, { url: '/?a=1' })
  assert.equal(verdict(one, sent), true)
  assert.equal(verdict(one, { ...sent, url: `/?a=1&digest=${'0'.repeat(64)}` }), 'ERR_HMAC_DUPLICATED')
  assert.throws(() => signed(one, { url: '/?digest=1' }), /the parameter digest stands beside the one of the scheme/)
})

test('a branch that does not sign the body refuses one', () => {
  const one = acme({ message: { choose: [{ when: { method: 'POST' }, use: '{method}\n{path}\n{body}' }, { use: '{method}\n{path}' }] } })
  const sent = signed(one, { method: 'GET', body: '' })
  assert.equal(verdict(one, sent), true)
  assert.equal(verdict(one, { ...sent, body: Buffer.from('x') }), 'ERR_HMAC_UNSIGNED_BODY')
  assert.equal(verdict(one, { ...sent, body: Buffer.from('x') }, { allowUnboundBody: true }), true)
})

test('"ambiguous" where nothing is ambiguous does not compile', () => {
  assert.deepEqual(mistakes({ ambiguous: 'I am not sure' }), ['ambiguous: is declared, and the message is not: leave it out'])
})

test('a prefix hash and an insecure scheme say so', () => {
  const message = '{secret}{body}'
  assert.match(mistakes({ construction: 'hash', message })[0], /^construction: a plain hash is no HMAC/)
  const insecure = acme({ construction: 'hash', message, insecure: 'the vendor hashes the secret in front of the body' })
  const problem = /insecure: the vendor hashes the secret in front of the body; only the option allowInsecureScheme: true lets it in/
  assert.throws(() => sign(insecure, request(), { secret, now }), problem)
  assert.equal(verdict(insecure, signed(insecure, {}, { allowInsecureScheme: true }), { allowInsecureScheme: true }), true)
})

test('a guard keeps a value of ours from holding what ends it', () => {
  const one = acme({ nonce: { header: 'n' }, message: '{nonce}.{header:x-user}\n{body}' })
  const sent = signed(one, { headers: { 'x-user': 'b.ann' } }, { nonce: 'a' })
  assert.equal(verdict(one, sent), true)
  assert.equal(verdict(one, { ...sent, headers: { ...sent.headers, n: 'a.b', 'x-user': 'ann' } }), 'ERR_HMAC_MALFORMED')
})

test('a time of unusual length is refused where the message relies on the usual one', () => {
  // Around 2001-09-09T01:46:40Z milliseconds have 12 digits, and then 13.
  const clock = { now: () => 1_000_000_000_000 }
  const one = acme({ timestamp: { header: 't', unit: 'milliseconds' }, message: '{timestamp}{body}' })
  const of = (t, body) => verdict(one, request({ headers: { t, 'x-signature': hexOf(`${t}${body}`) }, body }), clock)
  assert.equal(of('1000000000000', '9x'), true)
  assert.equal(of('999999999999', 'x'), 'ERR_HMAC_MALFORMED')
  const separated = acme({ timestamp: { header: 't', unit: 'milliseconds' }, message: '{timestamp}.{body}' })
  const sent = signed(separated, {}, { timestamp: '999999999999', ...clock })
  assert.equal(verdict(separated, sent, clock), true, 'behind a separator any length is as good')
})

test('P17: of schemes that compile, no two different requests have one message', () => {
  const schemes = [
    { message: '{method}\n{path}\n{query}\n{header:x-a?}\n{body}', signature: { header: 'x-signature' } },
    { message: '{method} {target}\n{header:x-a?}\n{header:x-b?}\n{body|sha256|hex}' },
    { message: '{nonce}.{timestamp}.{body}', nonce: { header: 'n' }, timestamp: { header: 't', unit: 'seconds' } },
    { message: '{timestamp}{body}', timestamp: { header: 't', unit: 'seconds' } },
    { message: '{body|sha256|hex}{header:x-a?}' },
    { message: '{host}|{header:x-a?}\n{body}' },
    {
      message: '{method}\n{path}\n{pairs}\n{body}',
      define: { pairs: { each: 'query', encode: 'rfc3986', item: '{name}={value}', join: '&' } },
    },
    {
      message: '{body|sha256|base64url}\n{lines}',
      define: { lines: { each: 'headers', prefix: 'x-', sort: 'name', item: '{name}:{value}\n', join: '' } },
    },
    {
      message: { choose: [{ when: { method: 'POST' }, use: '{method}:{path}\n{body}' }, { use: '{method}:{target}\n{header:x-a?}' }] },
      seen: ({ method, url, headers, body }) =>
        method === 'POST' ? [method, url.split('?')[0], body] : [method, url, headers['x-a'] ?? ''],
    },
    {
      message: '{body|sha256|hex}{path}{query?|prepend:?}',
      seen: ({ method, url, body }) => [url.split('?')[0], url.split('?').slice(1).join('?'), method === 'GET' ? '' : body],
    },
    {
      message: '{method}{path}{pairs}\n{body}',
      define: { pairs: { each: 'query', encode: 'rfc3986', item: '{name}={value}', join: '&', before: '?' } },
    },
    {
      message: '{body}.{nonce}.{timestamp}',
      nonce: { header: 'n' },
      timestamp: { header: 't', unit: 'seconds' },
    },
    {
      message: '{keyId}/{stamp}/{body}',
      signature: { header: 'x-signature', format: '{keyId}:{stamp}:{signature}' },
      fields: { stamp: {} },
    },
  ].map(({ seen, ...definition }) => ({
    one: acme({ signature: { header: 'x-signature' }, ...definition }),
    message: JSON.stringify(definition),
    seen,
  }))
  const piece = fc.constantFrom('a', 'b', '=', '&', '/', '.', ':', 'x', '1', '|', ' ', '%41', 'x-a:b', 'b=1')
  const few = (of, max) => fc.array(of, { maxLength: max }).map((parts) => parts.join(''))
  const requests = fc.record({
    method: fc.constantFrom('POST', 'PUT', 'GET'),
    url: fc
      .tuple(few(fc.constantFrom('a', '/', 'b', ':'), 3), few(fc.constantFrom('a', '=', '&', '1', '%41'), 5))
      .map(([path, query]) => `/${path}${query === '' ? '' : `?${query}`}`),
    a: fc.option(
      few(piece, 4).map((value) => value.trim()),
      { nil: undefined },
    ),
    b: fc.option(
      few(piece, 3).map((value) => value.trim()),
      { nil: undefined },
    ),
    nonce: few(fc.constantFrom('a', '.', '1', '0'), 3).filter((value) => value !== ''),
    time: fc.constantFrom('1700000000', '1700000001', '170000000'),
    host: fc.constantFrom('h', 'h:1', 'i'),
    body: few(fc.oneof(piece, fc.constantFrom('\n', '\r\n', '{}', '1700000000')), 6),
    stamp: fc.constantFrom('s', 's2', 's/t'),
  })
  const tolerant = { allowEmptyBody: true, allowUnboundBody: true, now: () => 1_700_000_000_000 }
  const messages = schemes.map(() => new Map())
  const refused = new Set()
  fc.assert(
    fc.property(requests, ({ method, url, a, b, nonce, time, host, body, stamp }) => {
      const headers = { host, ...(a !== undefined && { 'x-a': a }), ...(b !== undefined && { 'x-b': b }) }
      for (const [i, { one, seen, message }] of schemes.entries()) {
        const input = request({ method, url, headers, body: method === 'GET' ? '' : body })
        const facts =
          seen === undefined
            ? factsOf(message, { method, url, headers, nonce, time, body: String(input.body), stamp, host })
            : seen({ method, url, headers, body })
        let out
        try {
          out = sign(one, input, { secret, ...options(one, { nonce, time, stamp }), now: tolerant.now })
        } catch {
          refused.add(i)
          continue
        }
        const received = { ...input, headers: { ...headers, ...out.headers } }
        if (verdict(one, received, tolerant) !== true) continue
        const key = Buffer.from(out.message).toString('latin1')
        const known = messages[i].get(key)
        if (known === undefined) messages[i].set(key, JSON.stringify(facts))
        else assert.equal(JSON.stringify(facts), known, `${message}: two requests sign ${JSON.stringify(key)}`)
      }
    }),
    { seed: 3, numRuns: 2500 },
  )
  for (const [i, seen] of messages.entries()) assert.ok(seen.size > 50, `${schemes[i].message}: only ${seen.size} messages came about`)
})

function options(one, { nonce, time, stamp }) {
  return {
    ...(one.nonce !== undefined && { nonce }),
    ...(one.timestamp !== undefined && { timestamp: time }),
    ...(one.fields?.stamp !== undefined && { keyId: nonce, fields: { stamp } }),
  }
}

/** What a scheme binds of a request, by the parts that its message names. */
function factsOf(message, { method, url, headers, nonce, time, body, stamp, host }) {
  const [path, ...query] = url.split('?')
  const decoded = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.split('=')[0], pair.split('=').slice(1).join('=')].map(decodeURIComponent))
  return [
    message.includes('{method}') && method,
    /\{path\}|\{target\}/.test(message) && path,
    message.includes('{query}') && query.join('?'),
    message.includes('{target}') && url,
    message.includes('{pairs}') && decoded,
    // An absent field and an empty one are the same where the slot is optional.
    message.includes('{header:x-a?}') && (headers['x-a'] ?? ''),
    message.includes('{header:x-b?}') && (headers['x-b'] ?? ''),
    message.includes('prefix') && [headers['x-a'], headers['x-b']],
    message.includes('{nonce}') && nonce,
    message.includes('{timestamp}') && time,
    message.includes('{host}') && host,
    message.includes('{stamp}') && [nonce, stamp],
    body,
  ]
}

test('refused: a nonce that ends at a character of several octets, which text of the wire can hold in pieces', () => {
  for (const message of ['{nonce}\u00e9{body}', '{body}\u00e9{nonce}']) {
    assert.match(mistakes({ nonce: { header: 'n' }, message }).join('\n'), /runs into/, message)
  }
  for (const message of ['{nonce}.{body}', '{body}.{nonce}']) assert.deepEqual(mistakes({ nonce: { header: 'n' }, message }), [], message)
})

test('key ids hold what separates them where the scheme says that it is ambiguous, nonces and times never do', () => {
  const one = {
    name: 'acme',
    signature: { header: 'x-s' },
    keyId: { header: 'x-key' },
    nonce: { header: 'x-nonce' },
    timestamp: { header: 'x-time', unit: 'float-seconds' },
    message: '{keyId}:{nonce}:{timestamp}:{body}',
  }
  const told = scheme({ ...one, ambiguous: 'ids hold a colon' })
  const asked = { method: 'POST', url: '/', headers: {}, body: Buffer.from('{}') }
  const options = { secret: [{ id: 'shop:7', secret: 'a-secret-of-the-tests-0123456789' }], now: () => 1_700_000_000_000 }
  assert.throws(() => sign(scheme(one), asked, options), /\{keyId\} holds ":"/)
  const { headers } = sign(told, asked, { ...options, nonce: 'n' })
  assert.equal(verify(told, { ...asked, headers }, options).ok, true)
  assert.throws(() => sign(told, asked, { ...options, nonce: 'a:b' }), /\{nonce\} holds ":"/)
  const moved = { ...headers, 'x-key': 'shop', 'x-nonce': '7:n' }
  assert.equal(
    verify(
      told,
      { ...asked, headers: moved },
      { ...options, secret: [...options.secret, { id: 'shop', secret: options.secret[0].secret }] },
    ).ok,
    false,
  )
})

test('a key id that holds its separator is refused where the secret answers to any: a time could be moved into it, and another one out of a value', () => {
  const own = scheme({
    name: 'acme',
    signature: { header: 'x-s' },
    keyId: { header: 'x-key' },
    timestamp: { header: 'x-time', unit: 'seconds' },
    message: '{keyId}:{timestamp}:{json:/note}|{json:/amount}',
    ambiguous: 'a "|" inside a value is not escaped',
  })
  const [day, secret] = [86_400, 'a-secret-of-the-tests-0123456789']
  const body = (note) => Buffer.from(JSON.stringify({ note, amount: 5 }))
  const asked = { method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body: body(`${1_700_000_000 + day}:hello`) }
  const { headers } = sign(own, asked, { secret, keyId: 'shop', now: () => 1_700_000_000_000 })
  const check = (request, secrets, seconds) => {
    const result = verify(own, { ...asked, ...request }, { secret: secrets, now: () => seconds * 1000 })
    return result.ok || result.code
  }
  assert.equal(check({ headers: { ...asked.headers, ...headers } }, secret, 1_700_000_000), true)
  const forged = {
    headers: { ...asked.headers, ...headers, 'x-key': 'shop:1700000000', 'x-time': String(1_700_000_000 + day) },
    body: body('hello'),
  }
  for (const secrets of [secret, [secret, { id: 'shop', secret: `${secret}4` }], { id: 'shop', secret }])
    assert.equal(
      check(forged, secrets, 1_700_000_000 + day),
      typeof secrets === 'object' && 'id' in secrets ? 'ERR_HMAC_UNKNOWN_KEY' : 'ERR_HMAC_MALFORMED',
    )
  const named = sign(own, asked, { secret, keyId: 'shop:7', now: () => 1_700_000_000_000 })
  assert.equal(check({ headers: { ...asked.headers, ...named.headers } }, { id: 'shop:7', secret }, 1_700_000_000), true)
})
