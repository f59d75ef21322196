import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { sign } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, mistakes, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

/** Branches of a choice: when two requests of different branches can have one message, and what a branch without body binds. */
const open = { allowUnboundBody: 'for the test' }
const choose = (when, use, last) => ({ choose: [{ when, use }, { use: last }] })
const GET = { method: 'GET' }
const A = { contentType: 'text/a' }

const forgeries = [
  {
    name: 'what one branch ends with the other can hold',
    message: choose(GET, '{path}\n{header:x-a}', '{path}\n{header:x-a}-{body}'),
    sent: { url: '/a', method: 'POST', headers: { 'x-a': 'ann' }, body: 'admin' },
    forged: { url: '/a', method: 'GET', headers: { 'x-a': 'ann-admin' }, body: '' },
  },
  {
    name: 'a word that stands for no body is a body as well',
    message: choose({ body: true }, '{method}\n{body}', '{method}\nEMPTY'),
    sent: { body: '' },
    forged: { body: 'EMPTY' },
  },
  {
    name: 'a text as long as the digest of the other branch',
    message: choose({ body: true }, '{method}\n{body|md5|hex}', '{method}\n{path|drop:1}'),
    sent: { url: `/${createHash('md5').update('pay').digest('hex')}`, body: '' },
    forged: { url: '/', body: 'pay' },
  },
  {
    name: 'the content type is printed, and pipes have changed what chooses',
    message: choose(A, '{header:content-type|first:4}\n{path}\n{body}', '{header:content-type|first:4}\n{header:x-a}\n{body}'),
    sent: { url: '/b', headers: { 'content-type': 'text/a' } },
    forged: { url: '/', headers: { 'content-type': 'text/b', 'x-a': '/b' } },
  },
  {
    name: 'the content type is printed behind what runs into it',
    message: choose(A, '{body}{header:content-type}', '{header:x-a}{header:content-type}'),
    sent: { headers: { 'content-type': 'text/a' }, body: 'a' },
    forged: { headers: { 'content-type': 'a', 'x-a': 'atext/' }, body: '' },
  },
  {
    name: 'of the method a letter is printed',
    message: choose({ method: 'PUT' }, '{method|first:1}\n{body}', '{method|first:1}\n{header:x-a}'),
    sent: { method: 'PUT', body: 'a' },
    forged: { method: 'PATCH', headers: { 'x-a': 'a' }, body: '' },
  },
  {
    name: 'a field that need not be there has no length',
    message: choose({ method: 'PUT' }, '{path}\n{header:x-a?|md5|hex}', '{path}\n'),
    sent: { method: 'PUT', url: '/a' },
    forged: { method: 'POST', url: '/a' },
  },
  {
    name: 'the method is printed behind what does not end by itself',
    message: choose({ method: 'PUT' }, '{body}\n{method}', '{body}\n{method}\n{header:x-a?}'),
    sent: { method: 'PUT', body: 'a\nPOST' },
    forged: { method: 'POST', body: 'a', headers: { 'x-a': 'PUT' } },
  },
  {
    name: 'the same the other way round',
    message: choose({ method: 'POST' }, '{body}\n{method}\n{header:x-a?}', '{body}\n{method}'),
    sent: { method: 'PUT', body: 'a\nPOST' },
    forged: { method: 'POST', body: 'a', headers: { 'x-a': 'PUT' } },
  },
  {
    name: 'octets of the wire are those of a character of the scheme',
    message: choose({ method: 'PUT' }, '\u00ca\n{path}', '{header:x-a}\n{path}'),
    sent: { method: 'PUT', url: '/a' },
    forged: { method: 'POST', url: '/a', headers: { 'x-a': '\u00c3\u008a' } },
  },
  {
    name: 'the method is printed, and the body chooses too',
    message: choose({ method: 'PUT', body: true }, '{method}\n{body}', '{method}\n{header:x-a}'),
    sent: { method: 'PUT', body: 'a' },
    forged: { method: 'PUT', headers: { 'x-a': 'a' }, body: '' },
  },
  {
    name: 'one begins as the other does',
    message: choose(GET, 'a{header:x-a}', 'ab{body}'),
    sent: { method: 'POST', body: 'c' },
    forged: { method: 'GET', headers: { 'x-a': 'bc' }, body: '' },
  },
  {
    name: 'what both begin with is not the same part, and ends in another way',
    message: choose(GET, '{header:x-a}\nb', '{path}?{body}'),
    sent: { method: 'POST', url: '/a', body: 'x\nb' },
    forged: { method: 'GET', headers: { 'x-a': '/a?x' }, body: '' },
  },
  {
    name: 'the method is printed, and the content type chooses too',
    message: choose({ ...GET, ...A }, '{method}\n{path}', '{method}\n{header:x-a}'),
    sent: { method: 'GET', url: '/a', headers: { 'content-type': 'text/a' }, body: '' },
    forged: { method: 'GET', url: '/b', headers: { 'content-type': 'text/b', 'x-a': '/a' }, body: '' },
  },
  {
    name: 'a list prints what the other says',
    message: choose(GET, '{path}\n{pairs}', '{path}\nb=1'),
    define: { pairs: { each: 'query', encode: 'rfc3986', item: '{name}={value}', join: '&' } },
    sent: { method: 'POST', url: '/a', body: '' },
    forged: { method: 'GET', url: '/a?b=1', body: '' },
  },
  {
    name: 'what may be absent stands in front of what both end with',
    message: choose(GET, '{path}\nb', '{path}\n{header:x-a?}b'),
    sent: { method: 'POST', url: '/a', body: '' },
    forged: { method: 'GET', url: '/a', body: '' },
  },
]

for (const { name, message, define = {}, sent, forged } of forgeries) {
  test(`P17: refused: ${name}`, () => {
    assert.match(mistakes({ message, define, ...open }).join('\n'), /^message: two different requests can be signed alike: /m)
    const lax = acme({ message, define, ...open, ambiguous: 'to show the forgery' })
    const { headers } = signed(lax, sent)
    const taken = request({ ...forged, headers: { ...forged.headers, 'x-signature': headers['x-signature'] } })
    assert.equal(verdict(lax, taken, { allowEmptyBody: true }), true)
  })
}

describe('a choice inside a branch prints whatever any of its own does', () => {
  // kind: a word by the content type, the first or the last of which the other branch prints too.
  const kind = (first, last) => ({ kind: choose(A, first, last) })
  const rows = [
    ['the last word is alike', '{path}\n{kind}', '{path}\nb', kind('a', 'b'), false],
    ['the first word is alike', '{path}\n{kind}', '{path}\na', kind('a', 'b'), false],
    ['the other way round', '{path}\nb', '{path}\n{kind}', kind('a', 'b'), false],
    ['the other way round, the first', '{path}\na', '{path}\n{kind}', kind('a', 'b'), false],
    ['a word alike behind others', '{path}\nx{kind}', '{path}\nxb', kind('a', 'b'), false],
    ['one of both is anything', '{path}\n{kind}', '{path}\nc', kind('a', '{header:x-a}'), false],
    ['no word is alike', '{path}\n{kind}', '{path}\nc', kind('a', 'b'), true],
    ['no word is alike, the other way round', '{path}\nc', '{path}\n{kind}', kind('a', 'b'), true],
    ['no word is alike, each behind one of its own', '{path}\n{kind}', '{path}\n', kind('a', 'b'), true],
    ['behind a pipe nothing of its words is known', '{path}\n{kind|append:-}', '{path}\nc-', kind('a', 'b'), false],
    ['one that may be absent', '{path}\n{kind?}', '{path}\n', kind('a', 'b'), false],
  ]
  for (const [name, one, other, define, isTaken] of rows) {
    test(name, () => {
      const found = mistakes({ message: choose(GET, one, other), define, ...open })
      assert.equal(found.length === 0, isTaken, found.join('\n'))
    })
  }

  test('P17: the signature of one request would hold for another', () => {
    const definition = { message: choose(GET, '{path}\n{kind}', '{path}\nb'), define: kind('a', 'b'), ...open }
    const lax = acme({ ...definition, ambiguous: 'to show the forgery' })
    const { headers } = signed(lax, { method: 'POST', url: '/a', body: '' })
    const taken = request({ method: 'GET', url: '/a', body: '', headers: { 'x-signature': headers['x-signature'] } })
    assert.equal(verdict(lax, taken, { allowEmptyBody: true }), true)
  })
})

describe('taken: branches that print nothing alike', () => {
  const taken = [
    ['a line more', choose(GET, 'a:{header:x-a}\nb:{path}', 'a:{header:x-a}\nb:{path}\nc:{body|sha256|base64}')],
    ['a digest in place of nothing', choose({ body: true }, '{method}\n{body|md5|hex|upper}\n{path}', '{method}\n\n{path}')],
    ['a digest in place of a shorter word', choose({ body: true }, '{path}\n{body|md5|base64}', '{path}\nempty')],
    ['the content type, first', choose(A, '{header:content-type}\n{path}\n{body}', '{header:content-type}\n{header:x-a}\n{body}')],
    [
      'the media type alone',
      choose(A, '{header:content-type?|before:;|trim}\n{path}', '{header:content-type?|before:;|trim}\n{header:x-a}'),
    ],
    [
      'method and content type',
      choose({ ...A, ...GET }, '{method}\n{header:content-type?}\n{path}', '{method}\n{header:content-type?}\n{body}'),
    ],
    ['a path and what is none', choose(GET, '{path}', 'b{body}')],
  ]
  for (const [name, message] of taken) test(name, () => assert.deepEqual(mistakes({ message, ...open }), []))
})

describe('what is chosen by the body binds it, where no request with a body prints what one without does', () => {
  const message = '{method}\n{path}\n{digest}'
  const digest = (use, last, when = { body: true }) => ({ message, define: { digest: choose(when, use, last) } })
  const unsigned =
    'message: does not sign the body, so that anybody can change it; put {body} or a digest of it in, or say why not in "allowUnboundBody"'
  const alike =
    'message: does not sign the body, so that anybody can change it; {digest} can print for a body what it prints for none; print a digest of it there, or make the choice in the message itself; a vendor\'s scheme that is so says why in "allowUnboundBody"'
  const elsewhere =
    'message: does not sign the body, so that anybody can change it; {digest} prints it in some requests only; choose there by "when": { "body": true } alone, or make the choice in the message itself; a vendor\'s scheme that is so says why in "allowUnboundBody"'
  const rows = [
    ['a digest or a word', digest('{body|sha256|hex}', 'empty'), []],
    ['a digest or nothing', digest('{body|sha256|hex}', ''), []],
    [
      'in a field that is recomputed',
      {
        message: '{method}\n{path}\n{f}',
        fields: { f: { header: 'f', value: '{digest}' } },
        define: digest('{body|md5|base64}', 'empty').define,
      },
      [],
    ],
    ['the body or a word, which can be a body', digest('{body}', 'empty'), [alike]],
    ['a digest or what a sender can make equal to it', digest('{body|md5|hex}', '{header:x-a?}'), [alike]],
    [
      'pipes that leave little of either',
      { message: '{method}\n{path}\n{digest|first:3}', define: digest('{body|sha256|hex}', 'empty').define },
      [unsigned],
    ],
    [
      'pipes that take away what tells them apart',
      { message: '{method}\n{path}\n{digest|remove:empty}', define: digest('{body|sha256|hex}', 'empty').define },
      [unsigned],
    ],
    [
      'another method takes the other branch with its body',
      digest('{body|sha256|hex}', 'empty', { body: true, method: 'POST' }),
      [elsewhere],
    ],
    ['the other way round', digest('{body|sha256|hex}', 'empty', { body: false }), [elsewhere]],
  ]
  for (const [name, definition, expected] of rows) {
    test(name, () => {
      const found = mistakes(definition)
      assert.deepEqual(expected.length === 0 ? found : found.filter((line) => /does not sign the body/.test(line)), expected)
    })
  }
  test('a body that is put on, taken away or changed is refused', () => {
    const one = acme(digest('{body|sha256|hex}', 'empty'))
    for (const body of ['', 'a']) {
      const sent = signed(one, { body })
      assert.equal(verdict(one, sent), true)
      for (const other of ['', 'a', 'b', 'empty'].filter((text) => text !== body))
        assert.equal(verdict(one, { ...sent, body: Buffer.from(other) }), 'ERR_HMAC_MISMATCH', `${body} became ${other}`)
    }
  })
})

describe('a branch is chosen by what a part of the request is', () => {
  const is = (event, more) => ({ is: { '{json:/event}': event }, ...more })
  const message = {
    choose: [
      { when: is('PAID'), use: 'paid:{json:/id}' },
      { when: is(['FAILED', 'LATE'], { method: 'POST' }), use: 'other:{json:/reason}' },
      { when: { is: { '{json:/event|upper}': 'REFUND', '{json:/id}': '7' } }, use: 'back:{body}' },
      { use: 'none:{json:/event}' },
    ],
  }
  const printed = (body, method = 'POST') => signed(acme({ message }), { method, body: JSON.stringify(body) }).message.toString()
  test('one text or several, with pipes, and all that is named', () => {
    assert.equal(printed({ event: 'PAID', id: 1 }), 'paid:1')
    assert.equal(printed({ event: 'LATE', reason: 'x' }), 'other:x')
    assert.equal(printed({ event: 'FAILED', reason: 'x' }, 'PUT'), 'none:FAILED')
    assert.equal(printed({ event: 'Refund', id: 7 }), 'back:{"event":"Refund","id":7}')
    assert.equal(printed({ event: 'refund', id: 8 }), 'none:refund')
    assert.equal(printed({ event: 'paid' }), 'none:paid')
  })
  test('what is not there refuses the request, but for what may be absent', () => {
    assert.throws(() => printed({ id: 1 }), /\{json:\/event\} is not in the request/)
    const one = acme({ message: { choose: [{ when: { is: { '{json:/event?}': 'a' } }, use: 'a{body}' }, { use: 'b{body}' }] } })
    assert.equal(signed(one, { body: '{}' }).message.toString(), 'b{}')
  })
  test('who changes what it is chosen by has to sign the other branch', () => {
    const sent = signed(acme({ message }), { body: '{"event":"PAID","id":"x","reason":"x"}' })
    for (const event of ['LATE', 'REFUND', 'none'])
      assert.equal(
        verdict(acme({ message }), { ...sent, body: Buffer.from(`{"event":"${event}","id":"x","reason":"x"}`) }),
        'ERR_HMAC_MISMATCH',
      )
  })
  test('branches that can print the same are refused: their requests would become each other', () => {
    const alike = choose({ is: { '{json:/event}': 'PAID' } }, '{json:/id}', '{json:/reason}')
    assert.match(mistakes({ message: alike }).join(), /its branches can print the same/)
    const lax = acme({ message: alike, ambiguous: 'to show the forgery' })
    const sent = signed(lax, { body: '{"event":"FAILED","id":"7","reason":"8"}' })
    assert.equal(verdict(lax, { ...sent, body: Buffer.from('{"event":"PAID","id":"8","reason":"7"}') }), true)
  })
  test('no secret chooses', () => {
    for (const part of ['{secret}', '{secret|first:1}', '{body|hmac|hex}'])
      assert.match(mistakes({ message: choose({ is: { [part]: 'a' } }, 'a{body}', 'b{body}') }).join(), /would choose by the secret/)
    assert.match(mistakes({ message: choose({ is: { '{item:/a}': 'a' } }, 'a{body}', 'b{body}') }).join(), /is of one item/)
    assert.match(
      mistakes({ message: choose({ is: { '{jso:/a}': 'a' } }, 'a{body}', 'b{body}') }).join(),
      /unknown part \{jso:\/a\}; did you mean \{json\}/,
    )
  })
})

describe('a body behind pipes that lose something is data also where a name stands for it', () => {
  for (const define of ['{body|text}', 'x{body|text}', choose(GET, 'x{body|text}', 'y{body|text}')]) {
    test(JSON.stringify(define), () => {
      const one = acme({ message: '{all|lower}', define: { all: define } })
      const body = (text) => request({ headers: { 'content-type': 'text/plain; charset=utf-16', 'x-signature': hexOf(text) }, body: text })
      assert.notEqual(verdict(one, body('a')), true, 'another charset is refused as with all that is bound as data')
    })
  }
})

test('a value of ours at the end may not hold what it is found by', () => {
  const one = acme({ message: '{body}.{nonce}.{timestamp}', nonce: { header: 'n' }, timestamp: { header: 't', unit: 'seconds' } })
  const of = (nonce, body) => {
    const t = String(now() / 1000)
    return verdict(one, request({ headers: { n: nonce, t, 'x-signature': hexOf(`${body}.${nonce}.${t}`) }, body }))
  }
  assert.equal(of('1', 'a.b'), true)
  assert.equal(of('b.1', 'a'), 'ERR_HMAC_MALFORMED', 'the same message of another body')
  assert.throws(() => signed(one, {}, { nonce: 'b.1' }), /\{nonce\} holds "\.", which would move the parts/)
})

test('P17: of choices that compile, no two different requests have one message', () => {
  const parts = {
    a: () => 'a',
    ab: () => 'ab',
    '\n': () => '\n',
    '/': () => '/',
    EMPTY: () => 'EMPTY',
    '{method}': ({ method }) => method,
    '{method|first:1}': ({ method }) => method[0],
    '{path}': ({ url }) => url.split('?')[0],
    '{query}': ({ url }) => url.split('?')[1] ?? '',
    '{header:x-a?}': ({ headers }) => headers['x-a'] ?? '',
    '{header:content-type?}': ({ headers }) => headers['content-type'] ?? '',
    '{body}': ({ body }) => body,
    '{body|md5|hex}': ({ body }) => createHash('md5').update(body).digest('hex'),
    '{body|length}': ({ body }) => String(body.length),
    '{d}': ({ body }) => (body === '' ? 'EMPTY' : createHash('md5').update(body).digest('hex')),
  }
  const define = { d: choose({ body: true }, '{body|md5|hex}', 'EMPTY') }
  const whens = [
    [GET, ({ method }) => method === 'GET'],
    [{ body: true }, ({ body }) => body !== ''],
    [A, ({ headers }) => headers['content-type'] === 'text/a'],
    [{ method: ['GET', 'PUT'] }, ({ method }) => method !== 'POST'],
    [{ ...GET, body: true }, ({ method, body }) => method === 'GET' && body !== ''],
    [{ ...GET, ...A }, ({ method, headers }) => method === 'GET' && headers['content-type'] === 'text/a'],
  ]
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    url: fc.constantFrom('/', '/a', '/ab', '/a?a', '/?EMPTY', '/EMPTY'),
    headers: fc.record(
      { 'x-a': fc.constantFrom('a', 'ab', '/a', '/', 'EMPTY', 'GET'), 'content-type': fc.constantFrom('text/a', 'text/b', 'a') },
      { requiredKeys: [] },
    ),
    body: fc.constantFrom('', '', 'a', 'b', 'EMPTY', '/a', '\na', 'ab'),
  })
  const branch = fc.array(fc.constantFrom(...Object.keys(parts)), { maxLength: 4 })
  let taken = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...whens),
      branch,
      branch,
      fc.array(requests, { minLength: 60, maxLength: 60 }),
      ([when, holds], one, two, asked) => {
        const definition = { message: choose(when, one.join(''), two.join('')), define, ...open }
        if (mistakes(definition).length > 0) return
        taken += 1
        const own = acme(definition)
        const known = new Map()
        for (const each of asked) {
          const printed = (holds(each) ? one : two).map((source) => parts[source](each))
          assert.equal(sign(own, request(each), { secret, now }).message.toString(), printed.join(''))
          const facts = JSON.stringify([holds(each), printed])
          assert.equal(known.get(printed.join('')) ?? facts, facts, JSON.stringify(definition.message))
          known.set(printed.join(''), facts)
        }
      },
    ),
    { seed: 7, numRuns: 4000 },
  )
  assert.ok(taken > 150, `only ${taken} compiled`)
})

describe('a digest that requests with a body carry stands for the body in a choice inside the message', () => {
  const tail = (last = '', when = { body: true }, use = '\n{digest}') => ({ tail: choose(when, use, last) })
  const field = (more = {}) => ({ digest: { header: 'digest', when: { body: true }, value: '{body|sha256|base64}', ...more } })
  const of = (define, fields = field()) => ({ message: '{method}\n{path}{tail}', define, fields })
  const unsigned = (definition) => mistakes(definition).filter((line) => /does not sign the body|proves nothing/.test(line)).length > 0
  test('compiles, and binds no more than the body', () => {
    assert.deepEqual(mistakes(of(tail())), [])
    const one = acme(of(tail()))
    for (const body of ['', 'a']) {
      const sent = signed(one, { body })
      assert.equal(verdict(one, sent), true)
      assert.equal(sent.message.toString(), `POST\n/orders${body && `\n${createHash('sha256').update(body).digest('base64')}`}`)
      assert.equal(verdict(one, { ...sent, body: Buffer.from(body ? '' : 'a') }) === true, false, 'a body that is put on or taken away')
      assert.equal(verdict(one, { ...sent, body: Buffer.from('b') }) === true, false)
    }
    const { digest, ...headers } = signed(one, {}).headers
    assert.equal(digest.length, 44)
    assert.equal(verdict(one, { ...signed(one, {}), headers }), 'ERR_HMAC_INCOMPLETE')
  })
  test('not where a request with a body takes another branch, or what the field says is not the body', () => {
    assert.equal(unsigned(of(tail('', { method: 'POST' }))), true, 'another method leaves it out')
    assert.equal(unsigned(of(tail('', { body: true, method: 'POST' }))), true)
    assert.equal(unsigned(of(tail('', { contentType: 'text/a' }))), true)
    assert.equal(unsigned(of(tail(), field({ when: { method: 'POST' } }))), true, 'the field is asked of others')
    assert.equal(unsigned(of(tail(), field({ value: '{path|sha256|base64}' }))), true)
    assert.equal(unsigned(of(tail(), { digest: { header: 'digest', when: { body: true } } })), true, 'nobody recomputes it')
    assert.equal(unsigned(of(tail('\n{header:x-a?}'))), true, 'a header can say what the digest says')
    assert.equal(unsigned({ ...of(tail()), message: '{method}\n{path}{tail|first:3}' }), true)
  })
})

describe('a field that bodies have signs nothing of a request without body', () => {
  const of = (value) => ({ f: { header: 'f', value, when: { body: true } } })
  test('a time in it could be renewed there', () => {
    const late = { timestamp: { header: 't', unit: 'seconds' }, message: '{method}\n{body|sha256|hex}\n{f?}' }
    assert.deepEqual(mistakes({ ...late, fields: of('{timestamp}') }), [
      'timestamp: is checked but not signed, so that anybody can renew an old request; put {timestamp} into the message',
    ])
    assert.deepEqual(mistakes({ ...late, fields: of('{timestamp}{body|md5|hex}') }).length, 1)
    assert.deepEqual(mistakes({ ...late, fields: of('{body|md5|hex}'), message: '{method}\n{timestamp}\n{f?}' }), [])
  })
  test('a nonce likewise, and a path leaves every address open', () => {
    assert.match(
      mistakes({ nonce: { header: 'n' }, message: '{method}\n{body|md5|hex}{f?}', fields: of('{nonce}') }).join(),
      /^nonce: is not signed/,
    )
    const sent = (fields) => {
      const one = acme({ message: '{body|md5|hex}{f?}', fields, signature: { query: 's' } })
      return verdict(one, signed(one, { method: 'GET', body: '' }))
    }
    assert.equal(sent(of('{path}')), 'ERR_HMAC_NOTHING_SIGNED')
    assert.equal(sent({ f: { header: 'f', value: '{path}' } }), true)
  })
})

describe('a choice ends where none of its branches goes on, and what is before it where each of them begins', () => {
  const hash = (one, other, more = {}) => ({
    message: '{path}{hash}\t{header:x-a}\t{body|sha256}',
    define: { hash: choose({ method: 'GET' }, one, other) },
    ...more,
  })
  const tail = (one, other) => ({ message: '{body|sha256}{path}{tail}', define: { tail: choose({ method: 'GET' }, one, other) } })
  const alike = (definition) => mistakes(definition).some((line) => /can be signed alike/.test(line))
  test('compiles', () => {
    assert.equal(alike(hash('\n{path|md5|hex}', '\n')), false)
    assert.equal(alike(hash(' {path|md5|hex}', '')), false)
    assert.equal(alike(tail('\n{header:x-a}', '')), false)
    assert.equal(alike(tail('\n{header:x-a}', '?{header:x-a}')), false)
  })
  test('not where a branch holds what ends it, or begins with what is before it', () => {
    assert.equal(alike(hash('\n{path|md5|hex}', '\na\tb')), true)
    assert.equal(alike(hash('\n{path|md5|hex}', '\n{header:x-b}')), true)
    assert.equal(alike(hash('\n{path|md5}', '\n')), true, 'octets')
    assert.equal(alike(hash('{path|md5|hex}', '')), true, 'the path can end in a digest')
    assert.equal(alike(tail('\n{header:x-a}', 'a{header:x-a}')), true)
    assert.equal(alike(tail('\n{header:x-a}', '{header:x-a}')), true)
    assert.equal(alike(tail('\n{header:x-a}', '{header:x-a?}\n')), true)
    assert.equal(alike({ ...tail('\n{header:x-a}', ''), message: '{body|sha256}{path}{tail|lower}' }), true)
  })
  test('property: requests that print the same are the same', () => {
    const one = acme(hash(' {path|md5|hex}', ''))
    const two = acme(tail('\n{header:x-a}', ''))
    const text = (characters, minLength) => fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength: 4 })
    const asked = fc.record({ method: fc.constantFrom('GET', 'POST'), url: text('ab', 0).map((end) => `/${end}`), a: text('a\t ?/', 1) })
    const printed = (scheme, { method, url, a }) =>
      signed(scheme, { method, url, headers: { 'x-a': `.${a}.` }, body: '' }).message.toString('latin1')
    fc.assert(
      fc.property(asked, asked, (x, y) => {
        const same = x.url === y.url && x.method === y.method
        const inOne = printed(one, x) === printed(one, y)
        const inTwo = printed(two, x) === printed(two, y)
        return inOne === (same && x.a === y.a) && inTwo === (same && (x.a === y.a || x.method === 'POST'))
      }),
      { numRuns: 300 },
    )
  })
})

test('S02: the branch of a value that counts where nothing is carried says what is signed: a body is not let in by another branch', () => {
  const timestamp = { header: 'x-t', unit: 'seconds' }
  const signs = (mode) => `A\n${nowSeconds}\n${mode}`
  for (const [name, field, when] of [
    ['a default that is carried', { header: 'x-mode', default: 'a' }, { carries: 'mode' }],
    ['the text of a default', { header: 'x-mode', default: 'a' }, { is: { '{mode?}': 'a' } }],
    ['a list that is a constant', { names: ';', exactly: ['a'] }, { carries: 'mode' }],
  ]) {
    const own = acme({ timestamp, fields: { mode: field }, message: choose(when, 'A\n{timestamp}\n{mode}', 'B\n{timestamp}\n{body}') })
    const headers = { 'x-t': String(nowSeconds), 'x-signature': hexOf(signs('a')) }
    assert.equal(verdict(own, request({ headers, body: '' })), true, name)
    assert.equal(verdict(own, request({ headers, body: 'another body' })), 'ERR_HMAC_UNSIGNED_BODY', name)
  }
})
