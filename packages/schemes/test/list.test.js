import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'
import fc from 'fast-check'
import { acme, hexOf, mistakes, now, request, secret, signed, verdict } from './signing.js'

const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** The message of a list over the query; what the signer says where it cannot be signed. */
function ofQuery(list, query) {
  const definition = acme({
    message: '{method}\n{pairs}',
    define: { pairs: { each: 'query', item: '{name}={value}', join: '&', ...list } },
    allowUnboundBody: 'to test the list',
    ...(list.encode === undefined && list.decode !== false && { ambiguous: 'decoded' }),
  })
  try {
    return signed(definition, { method: 'GET', url: `/${query}`, body: '' })
      .message.toString()
      .replace('GET\n', '')
  } catch (error) {
    return error.message.replace(/^.*cannot be signed: /, '')
  }
}

test('P11: names and values of the query, as they stand, decoded, and encoded again', () => {
  const query = '?b=%20x&a=1+2&a=%2B&c&=e&&d=%C3%A9&b=x%26y'
  assert.equal(ofQuery({ decode: false }, query), 'b=%20x&a=1+2&a=%2B&c=&=e&d=%C3%A9&b=x%26y')
  assert.equal(ofQuery({}, query), 'b= x&a=1 2&a=+&c=&=e&d=\u00e9&b=x&y')
  assert.equal(ofQuery({ encode: 'rfc3986' }, query), 'b=%20x&a=1%202&a=%2B&c=&=e&d=%C3%A9&b=x%26y')
  assert.equal(ofQuery({ encode: 'form' }, query), 'b=+x&a=1+2&a=%2B&c=&=e&d=%C3%A9&b=x%26y')
  assert.equal(ofQuery({ encode: 'rfc3986' }, "?q=!'()*~-._"), 'q=%21%27%28%29%2A~-._')
})

test('order: by name, by name and value, by what is printed; by UTF-16 code unit', () => {
  const query = '?b=2&a=2&B=1&a=1&a-=0&%EF%AC%B3=x&%F0%9F%98%80=y'
  assert.equal(ofQuery({ encode: 'rfc3986', sort: 'name' }, query), '%EF%AC%B3=x&%F0%9F%98%80=y&B=1&a=2&a=1&a-=0&b=2', 'stable')
  assert.equal(ofQuery({ encode: 'rfc3986', sort: 'name-value' }, query), '%EF%AC%B3=x&%F0%9F%98%80=y&B=1&a=1&a=2&a-=0&b=2')
  assert.equal(ofQuery({ encode: 'rfc3986', sort: 'item' }, query), '%EF%AC%B3=x&%F0%9F%98%80=y&B=1&a-=0&a=1&a=2&b=2')
  assert.equal(ofQuery({ sort: 'name' }, '?%EF%AC%B3=x&%F0%9F%98%80=y'), '\u{1f600}=y&\ufb33=x', 'a surrogate is below U+FB33')
})

test('which names: only, except, not the empty ones, each once', () => {
  const query = '?a=1&b=&c=3&a=1&a=2'
  assert.equal(ofQuery({ encode: 'rfc3986', only: ['a', 'c'] }, query), 'a=1&c=3&a=1&a=2')
  assert.equal(ofQuery({ encode: 'rfc3986', except: ['a'] }, query), 'b=&c=3')
  assert.equal(ofQuery({ encode: 'rfc3986', skipEmpty: true }, query), 'a=1&c=3&a=1&a=2')
  assert.equal(ofQuery({ encode: 'rfc3986', distinct: true }, query), 'a=1&b=&c=3&a=2')
  assert.equal(ofQuery({ encode: 'rfc3986', before: '?' }, query).startsWith('?a=1'), true)
  assert.equal(ofQuery({ encode: 'rfc3986', before: '?' }, ''), '')
  assert.equal(ofQuery({ encode: 'rfc3986', except: ['a'] }, '?%61=1&b=2'), 'b=2', 'a name counts decoded')
})

test('S09: names that every object has are names like others', () => {
  assert.equal(ofQuery({ encode: 'rfc3986', sort: 'name' }, '?constructor=1&__proto__=2&toString'), '__proto__=2&constructor=1&toString=')
})

test('what is no percent-encoded UTF-8 is refused, and so are too many parameters', () => {
  for (const query of ['?a=%', '?a=%zz', '?a=%ff', '?%c3=1', '?a=%ED%A0%80']) {
    assert.match(ofQuery({ encode: 'rfc3986' }, query), /is not percent-encoded UTF-8/, query)
  }
  assert.equal(ofQuery({ decode: false, except: [] }, '?a=%41').length > 0, true)
  assert.match(ofQuery({ encode: 'rfc3986' }, `?${'a&'.repeat(1001)}`), /more than 1000 parameters/)
})

const byForm = acme({
  message: '{pairs}',
  define: { pairs: { each: 'form', encode: 'form', sort: 'name', item: '{name}={value}', join: '&' } },
})

test('a form is one by its content type; a body that is none is not signed as nothing', () => {
  const sent = signed(byForm, { body: 'b=1&a=%20', headers: form })
  assert.equal(sent.message.toString(), 'a=+&b=1')
  assert.equal(verdict(byForm, sent), true)
  assert.equal(verdict(byForm, { ...sent, body: Buffer.from('a=+&b=1') }), true, 'other octets of the same pairs')
  assert.equal(verdict(byForm, { ...sent, body: Buffer.from('a=+&b=1&c=2') }), 'ERR_HMAC_MISMATCH')
  const { 'content-type': _, ...untyped } = sent.headers
  assert.equal(verdict(byForm, { ...sent, headers: untyped }), 'ERR_HMAC_UNSIGNED_BODY')
  assert.equal(
    verdict(byForm, { ...sent, headers: { ...untyped, 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=utf-8' } }),
    true,
  )
  assert.equal(
    verdict(byForm, request({ body: 'x', headers: { 'x-signature': hexOf(''), 'content-type': 'text/plain' } })),
    'ERR_HMAC_UNSIGNED_BODY',
  )
  assert.equal(verdict(byForm, request({ body: '', headers: { 'x-signature': hexOf(''), ...form } })), 'ERR_HMAC_NOTHING_SIGNED')
  assert.equal(verdict(byForm, request({ body: '&&', headers: { 'x-signature': hexOf(''), ...form } })), 'ERR_HMAC_NOTHING_SIGNED')
})

const listed = acme({
  signature: { authorization: 'Acme', members: ',', format: 'h="{signed}",s="{signature}"' },
  fields: { signed: { names: ' ', sign: ['date', 'host'], mustInclude: ['date'] } },
  define: { lines: { each: 'headers', names: '{signed}', item: '{name}: {value|trim}\n', join: '' } },
  message: '{body|sha256|hex}\n{lines}',
})

test('a list of headers: in its own order, each name once, each field there and once', () => {
  const headers = { date: 'today', host: 'h', 'x-a': ' a ' }
  const sent = signed(listed, { headers, body: 'x' }, { sign: ['X-A'] })
  assert.match(sent.message.toString(), /\ndate: today\nhost: h\nx-a: a\n$/)
  assert.equal(verdict(listed, sent), true)
  const digest = sent.message.toString().split('\n')[0]
  const of = (names, lines, more = {}) =>
    verdict(listed, { ...sent, headers: { ...headers, ...more, authorization: `Acme h="${names}",s="${hexOf(`${digest}\n${lines}`)}"` } })
  assert.equal(of('date', 'date: today\n'), true)
  assert.equal(of('x-a date', 'x-a: a\ndate: today\n'), true)
  assert.equal(of('DATE', 'date: today\n'), true)
  assert.equal(of('host', 'host: h\n'), 'ERR_HMAC_UNCOVERED')
  assert.equal(of('', ''), 'ERR_HMAC_MALFORMED')
  assert.equal(of('date date', 'date: today\ndate: today\n'), 'ERR_HMAC_DUPLICATED')
  assert.equal(of('date Date', 'date: today\ndate: today\n'), 'ERR_HMAC_DUPLICATED')
  assert.equal(of('date x-b', 'date: today\nx-b: \n'), 'ERR_HMAC_INCOMPLETE')
  assert.equal(of('date x:y', 'date: today\nx:y: \n'), 'ERR_HMAC_MALFORMED')
  assert.equal(of('date constructor', 'date: today\nconstructor: \n'), 'ERR_HMAC_INCOMPLETE')
  const odd = Object.fromEntries([['__proto__', 'p']])
  assert.equal(of('date __proto__', 'date: today\n__proto__: p\n', odd), true, 'S08: a field like others')
  assert.equal(of('date __proto__', 'date: today\n__proto__: \n'), 'ERR_HMAC_INCOMPLETE')
  assert.equal(of('date x-a', 'date: today\nx-a: a\n', { 'x-a': ['a', 'a'] }), 'ERR_HMAC_DUPLICATED')
  assert.equal(of(`date ${Array.from({ length: 64 }, (_, i) => `x-${i}`).join(' ')}`, 'date: today\n'), 'ERR_HMAC_MALFORMED')
})

test('the caller may ask for more to be signed, and not for less', () => {
  const sent = signed(listed, { headers: { date: 'today', host: 'h' } })
  assert.equal(verdict(listed, sent, { mustInclude: ['date', 'host'] }), true)
  assert.equal(verdict(listed, sent, { mustInclude: ['date', 'x-a'] }), 'ERR_HMAC_UNCOVERED')
})

test('fields by their prefix: all of them, without the one that carries the signature, octets as they are', () => {
  const one = acme({
    signature: { header: 'x-acme-signature' },
    define: { lines: { each: 'headers', prefix: 'x-acme-', sort: 'item', item: '{name}:{value}\n', join: '' } },
    message: '{body|sha256|hex}\n{lines}',
  })
  const headers = { 'X-Acme-B': '\u00e9\u00ff', 'x-acme-a': '1', 'x-other': 'no' }
  const sent = signed(one, { headers })
  assert.equal(sent.message.toString('latin1').split('\n').slice(1).join('\n'), 'x-acme-a:1\nx-acme-b:\u00e9\u00ff\n')
  assert.equal(verdict(one, sent), true)
  assert.equal(verdict(one, { ...sent, headers: { ...sent.headers, 'x-acme-c': '1' } }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(one, { ...sent, headers: { ...sent.headers, 'X-Acme-B': '\u00e9\u00fe' } }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(one, { ...sent, headers: { ...sent.headers, 'x-acme-a': ['1', '1'] } }), 'ERR_HMAC_DUPLICATED')
})

test('P17: encoded pairs of two different queries never print the same', () => {
  const list = { encode: 'rfc3986' }
  const part = fc.array(fc.constantFrom('a', '=', '&', '%', '+', ' ', '\u00e9', '%3D'), { maxLength: 3 }).map((parts) => parts.join(''))
  const pairs = fc.array(fc.tuple(part, part), { maxLength: 3 })
  const seen = new Map()
  fc.assert(
    fc.property(pairs, (all) => {
      const query = all.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
      const printed = ofQuery(list, `?${query}`)
      const meant = JSON.stringify(all)
      if (seen.has(printed)) assert.equal(meant, seen.get(printed), printed)
      else if (!/is not|cannot/.test(printed)) seen.set(printed, meant)
    }),
    { seed: 13, numRuns: 1500 },
  )
  assert.ok(seen.size > 300)
})

test('P17: with entries of "named" two queries print the same only where the values that these leave out differ', () => {
  const part = fc.array(fc.constantFrom('a', 'b', ':', '=', '%', '/', '\n'), { maxLength: 3 }).map((parts) => parts.join(''))
  const pairs = fc.array(fc.tuple(part, part), { maxLength: 3 })
  const lists = [
    [{ encode: 'rfc3986' }, { a: ':{value}' }, []],
    [{ encode: 'rfc3986' }, { a: '{name}:{value}', b: '{name}/{value}' }, []],
    [{ encode: 'uri', sort: 'name' }, { a: '{name}:{value}', b: '{name}' }, ['b']],
    [{ decode: false }, { a: '{name}', b: '{name}=={value}' }, ['a']],
  ]
  for (const [list, named, left] of lists) {
    const seen = new Map()
    fc.assert(
      fc.property(pairs, (all) => {
        const query = all.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
        const printed = ofQuery({ ...list, named }, `?${query}`)
        const kept = all.map(([name, value]) => [name, left.includes(name) ? '' : value])
        if (list.sort === 'name') kept.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
        const meant = JSON.stringify(kept)
        if (seen.has(printed)) assert.equal(meant, seen.get(printed), printed)
        else if (!/is not|cannot|prints nothing/.test(printed)) seen.set(printed, meant)
      }),
      { seed: 14, numRuns: 600 },
    )
    assert.ok(seen.size > 100, String(seen.size))
  }
})

test('a query of one pair that prints nothing is not signed like none', () => {
  const lone = (list) =>
    acme({ define: { l: { each: 'query', decode: false, item: '{name}{value?|prepend:=}', join: '&', ...list } }, message: '{l}\n{body}' })
  const of = (definition, url) => verdict(definition, request({ url, headers: { 'x-signature': hexOf('\n{"n":1}') } }))
  assert.equal(of(lone({}), '/'), true)
  for (const sort of ['name', 'item']) assert.equal(of(lone({ sort }), '/?='), 'ERR_HMAC_MALFORMED')
  assert.equal(of(lone({ before: '?' }), '/?='), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(lone({ before: '?' }), signed(lone({ before: '?' }), { url: '/?=' })), true)
})

test('P17: skipEmpty leaves out fields without a value, and never an entry of "named", whose text is its own', () => {
  const lines = { each: 'headers', names: '{signed}', item: '{name}: {value}\n', join: '', skipEmpty: true }
  const definition = acme({
    signature: { header: 'x-signature' },
    fields: { signed: { header: 'x-signed', names: ' ', mustInclude: ['(request-target)'], sign: ['(request-target)', 'x-a', 'x-b'] } },
    define: { lines: { ...lines, named: { '(request-target)': '{name}: {method|lower} {target}\n' } } },
    message: '{lines}\n{body}',
  })
  const sent = signed(definition, { url: '/orders/1', headers: { 'x-a': '', 'x-b': '1' } })
  assert.equal(sent.message.toString(), '(request-target): post /orders/1\nx-b: 1\n\n{"n":1}')
  assert.equal(verdict(definition, sent), true)
  assert.equal(verdict(definition, { ...sent, url: '/orders/2' }), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(definition, { ...sent, method: 'PUT' }), 'ERR_HMAC_MISMATCH')
})

test('what is wrong with a list is told with its place', () => {
  const query = { each: 'query', encode: 'rfc3986', item: '{name}={value}', join: '&' }
  const headers = { each: 'headers', prefix: 'x-', item: '{name}:{value}\n', join: '' }
  const named = { each: 'headers', item: '{name}:{value}\n', join: '' }
  const of = (list, more = {}) => mistakes({ define: { l: list }, message: '{l}\n{body}', ...more })
  const fields = { s: { header: 's', names: ' ', mustInclude: ['host'] } }
  for (const [list, expected, more] of [
    [{ ...query, item: '{nam}={value}' }, 'define.l.item: column 2: unknown part {nam}; did you mean {name}? in "{nam}={value}"'],
    [{ ...query, item: '{name}={valeu}' }, 'define.l.item: column 9: unknown part {valeu}; did you mean {value}? in "{name}={valeu}"'],
    [{ ...query, item: '{name:x}={value}' }, 'define.l.item: column 2: unknown part {name:x}; did you mean {name}? in "{name:x}={value}"'],
    [{ ...headers, prefix: 'X-' }, 'define.l.prefix: "X-" is the name of no header; write it in lower case'],
    [{ ...headers, only: ['x-a', 'x-B'] }, 'define.l.only: "x-B" is the name of no header; write it in lower case'],
    [{ ...headers, except: ['x-A'] }, 'define.l.except: "x-A" is the name of no header; write it in lower case'],
    [named, 'define.l: a list of headers needs "names" (a list field, such as {signed}) or "prefix"'],
    [{ ...named, names: 'x{s}' }, 'define.l.names: x{s} is no field with "names"; write one such as {signed}', { fields }],
    [{ ...named, names: '{s}x' }, 'define.l.names: {s}x is no field with "names"; write one such as {signed}', { fields }],
    [{ ...named, names: 's' }, 'define.l.names: s is no field with "names"; write one such as {signed}', { fields }],
  ])
    assert.deepEqual(of(list, more).slice(0, 1), [expected])
  const ofPairs = { fields: { s: { header: 's', names: ' ', mustInclude: ['A'] } }, message: '{s}\n{l}\n{body}' }
  assert.deepEqual(of({ ...query, names: '{s}', only: ['A'] }, ofPairs), [])
  for (const list of [
    query,
    { ...query, only: ['A'], prefix: 'A', except: ['B'] },
    headers,
    { ...headers, only: ['x-a'], except: ['x-b'] },
  ])
    assert.deepEqual(of(list), [])
})

test('what a separator has to be follows from what the list leaves of its names and values', () => {
  const problem = (list) => mistakes({ define: { l: { each: 'query', join: '&', ...list } }, message: '{l}\n{body}' }).join()
  const held = /may hold/
  for (const [list, expected] of [
    [{ encode: 'rfc3986', item: '{name}!{value}' }, false],
    [{ encode: 'uri', item: '{name}!{value}' }, true],
    [{ encode: 'uri', item: '{name}={value}' }, false],
    [{ decode: false, item: '{name}={value}' }, false],
    [{ decode: false, item: '{name}={value}', with: { a: '{header:x}' } }, true],
    [{ item: '{name}={value}' }, true],
  ])
    assert.equal(held.test(problem(list)), expected, JSON.stringify(list))
  assert.match(
    mistakes({ message: { each: ['query', 'json'], decode: false, item: '{name}={value}', join: '&' } }).join(),
    /can be read in several ways/,
  )
})

test('headers sorted by what is printed stay the octets that they are', () => {
  const one = acme({
    define: { l: { each: 'headers', prefix: 'x-a-', sort: 'item', item: '{name}:{value}\n', join: '' } },
    message: '{l}\n{body}',
  })
  const message = Buffer.from('x-a-b:caf\u00e9\nx-a-c:1\n\n{"n":1}', 'latin1')
  const of = (text) => verdict(one, request({ headers: { 'x-a-c': '1', 'x-a-b': 'caf\u00e9', 'x-signature': hexOf(text) } }))
  assert.equal(of(message), true)
  assert.equal(of(message.toString('latin1')), 'ERR_HMAC_MISMATCH')
  const piped = acme({
    define: { l: { each: 'headers', prefix: 'x-a-', item: '{name}:{value}\n', join: '' } },
    message: '{l|sha256|hex}\n{body}',
  })
  const digest = createHash('sha256').update(Buffer.from('x-a-b:caf\u00e9\n', 'latin1')).digest('hex')
  assert.equal(verdict(piped, request({ headers: { 'x-a-b': 'caf\u00e9', 'x-signature': hexOf(`${digest}\n{"n":1}`) } })), true)
})

test("a plain hash of pairs that each print the secret is nobody else's, also where there is no pair", () => {
  const plain = { construction: 'hash', insecure: 'x', signature: { query: 'sign' }, ambiguous: 'x' }
  const item = { each: 'query', sort: 'name', skipEmpty: true, item: '{name}={value}{secret}', join: '' }
  const open = { allowInsecureScheme: true }
  const own = (message, more) => scheme({ name: 'acme', ...plain, message, ...more }, open)
  const known = own(item)
  const get = (url) => ({ method: 'GET', url, headers: {}, body: new Uint8Array() })
  const set = { secret, now, ...open }
  const target = sign(known, get('/?b=2&a=1&c='), set).target
  assert.equal(new URLSearchParams(target.slice(2)).get('sign'), createHash('sha256').update(`a=1${secret}b=2${secret}`).digest('hex'))
  assert.equal(verify(known, get(target), { ...set, allowEmptyBody: true }).ok, true)
  const nothing = createHash('sha256').update('').digest('hex')
  for (const url of [`/?sign=${nothing}`, `/?a=&sign=${nothing}`])
    assert.equal(verify(known, get(url), { ...set, allowEmptyBody: true }).code, 'ERR_HMAC_NOTHING_SIGNED')
  const message = (one) => {
    try {
      own('{pairs}', { define: { pairs: item }, ...one })
      return ''
    } catch (error) {
      return error.message
    }
  }
  assert.equal(message({}), '')
  for (const one of [
    { message: 'x{pairs}' },
    { message: '{pairs}{query:a?}' },
    { define: { pairs: { ...item, item: '{name}={value}{secret|first:2}' } } },
    { define: { pairs: { ...item, item: '{name}={value}' } } },
  ])
    assert.match(message(one), /does not hold \{secret\}, so that anybody can make the hash/, JSON.stringify(one))
})

test('what stands among headers and is none prints as UTF-8, beside the octets of headers', () => {
  const item = { item: '{name}:{value}\n', join: '', sort: 'name' }
  for (const l of [
    { each: ['headers', 'query'], prefix: 'x-a-', ...item },
    { each: 'headers', prefix: 'x-a-', with: { 'x-a-q': '{query:x-a-q}' }, ...item },
  ]) {
    const one = acme({ define: { l }, message: '{l}\n{body}', ambiguous: 'for the test' })
    const of = (url, text) => verdict(one, request({ url, headers: { 'x-a-h': 'caf\u00e9', 'x-signature': hexOf(text) } }))
    const octets = (name) => Buffer.concat([Buffer.from('x-a-h:caf\u00e9\n', 'latin1'), Buffer.from(`x-a-q:${name}\n\n{"n":1}`)])
    assert.equal(of('/?x-a-q=%C5%81', octets('\u0141')), true)
    // The low octet of U+0141 is that of A.
    assert.equal(of('/?x-a-q=%C5%81', octets('A')), 'ERR_HMAC_MISMATCH')
    assert.equal(of('/?x-a-q=A', octets('A')), true)
  }
})

test('a header among the pairs of a list is the text that its octets write in UTF-8', () => {
  const wire = Buffer.from('caf\u00e9').toString('latin1')
  for (const [more, text] of [
    [{ encode: 'rfc3986' }, 'a=1&u=caf%C3%A9'],
    [{}, 'a=1&u=caf\u00e9'],
  ]) {
    const pairs = { each: 'query', with: { u: '{header:x-user}' }, item: '{name}={value}', join: '&', ...more }
    const own = acme({ message: '{pairs}\n{body}', define: { pairs }, ...(more.encode === undefined && { ambiguous: 'decoded' }) })
    const headers = { 'x-user': wire, 'x-signature': hexOf(`${text}\n{"n":1}`) }
    assert.equal(verdict(own, request({ url: '/?a=1', headers })), true, text)
  }
})

test('the pairs of a list of headers are called as headers are', () => {
  const l = (more) => ({
    define: { l: { each: 'headers', prefix: 'x-a-', item: '{name}:{value}\n', join: '', ...more } },
    message: '{l}\n{body}',
  })
  assert.match(
    mistakes(l({ with: { 'X-Id': '{keyId}' } })).join('\n'),
    /define\.l\.with: "X-Id" is the name of no header; write it in lower case/,
  )
  assert.deepEqual(mistakes({ ...l({ with: { 'x-id': '{keyId}' } }), keyId: { query: 'id' } }), [])
  assert.match(mistakes(l({ with: { 'x:id': '{method}' } })).join('\n'), /\{name\} may hold what separates it from what follows/)
})

test('a header that stands twice is one line of a list of all that begin so, where the scheme says what joins its values', () => {
  const of = (more) =>
    acme({ define: { l: { each: 'headers', prefix: 'x-a-', item: '{name}:{value}\n', join: '', ...more } }, message: '{l}\n{body}' })
  const text = 'x-a-b:1, 2\nx-a-c:3\n\n{"n":1}'
  const headers = ['X-A-B', ' 1', 'x-a-c', '3', 'x-a-b', '2', 'x-signature', hexOf(text)]
  assert.equal(verdict(of({ repeated: ', ' }), { ...request(), headers }), true)
  assert.equal(verdict(of({}), { ...request(), headers }), 'ERR_HMAC_DUPLICATED')
})

test('what stands before a list, and between its items, stands there as it is where the names are a constant, too', () => {
  const own = acme({
    fields: { s: { names: ' ', exactly: ['x-a', 'x-b'] } },
    define: { l: { each: 'headers', names: '{s}', before: '{', item: '"{name}":{value|quote}', join: '}{' } },
    message: '{l}\n{body}',
  })
  const sent = signed(own, { headers: { 'x-a': '1', 'x-b': '2' } })
  assert.equal(String(sent.message), '{"x-a":"1"}{"x-b":"2"\n{"n":1}')
})

test('an option of a list that would change nothing is refused', () => {
  const of = (list, field) =>
    mistakes({ define: { l: { item: '{name}={value}', join: '&', ...list } }, message: '{l}', ...field }).join('\n')
  const headers = { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '' }
  const names = (more) => ({ fields: { s: { header: 's', names: ' ', ...more } } })
  for (const [list, field, expected] of [
    [{ each: 'query', at: '/a' }, {}, 'at: says nothing of a list of query; it is for json and xml'],
    [{ each: ['query', 'form'], flatten: '.' }, {}, 'flatten: says nothing of a list of query and form; it is for json and xml'],
    [{ each: 'xml', at: '/x', decode: false }, {}, 'decode: says nothing of a list of xml; it is for query and form'],
    [{ each: 'form', spelt: true }, {}, 'spelt: says nothing of a list of form; it is for json'],
    [
      { each: [], with: { a: '{method}' }, booleans: ['1', '0'] },
      {},
      'booleans: says nothing of a list of pairs of its own; it is for json',
    ],
    [{ each: 'query', repeated: ',' }, {}, 'repeated: says nothing of a list of query; it is for headers'],
    [{ ...headers, names: undefined, prefix: 'x-', encode: 'form' }, {}, 'encode: says nothing of a list of headers; write {value|encode}'],
    [{ ...headers, except: ['x'] }, names(), 'except: has no effect beside a field that lists the headers; leave it out'],
    [{ ...headers, sort: 'name' }, names({ exactly: ['x'] }), 'sort: has no effect beside names that are a constant; leave it out'],
  ])
    assert.match(of(list, field), new RegExp(`^define\\.l\\.${expected.replace(/[{}|]/g, '\\$&')}$`, 'm'))
  for (const [list, field] of [
    [{ each: ['query', 'json'], at: '/a', decode: false }, {}],
    [{ ...headers, sort: 'name', repeated: ',' }, names()],
    [{ ...headers, before: 'x' }, names({ exactly: ['x'] })],
  ])
    assert.doesNotMatch(of(list, field), /says nothing|has no effect/)
})
