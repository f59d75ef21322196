import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { verify } from '@countersign/schemes'
import { acme, hexOf, mistakes, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

const body = '{"n":1}'
const digest = (name, text = body) => createHash(name).update(text).digest('base64')
const sha256 = createHash('sha256').update(body).digest('hex')

/** The verdict about headers that are signed over a message. */
const of = (one, headers, message, more = {}) => verdict(one, request({ headers: { ...headers, 'x-signature': hexOf(message) }, ...more }))

test('a field that may also be something else than the digest does not bind the body', () => {
  const field = (more) => ({ fields: { f: { header: 'f', ...more } }, message: '{method}\n{f}' })
  assert.deepEqual(mistakes(field({ oneOf: ['{body|sha256|hex}', '{body|sha512|hex}'] })), [])
  for (const oneOf of [
    ['{body|sha256|hex}', 'NONE'],
    ['NONE', '{body|sha256|hex}'],
    ['NONE', 'NO'],
  ])
    assert.match(mistakes(field({ oneOf })).join(), /^message: does not sign the body/, oneOf.join())
  for (const when of [
    { method: 'POST' },
    { contentType: 'a/b' },
    { body: false },
    { body: true, method: 'POST' },
    { carries: 'signature' },
  ])
    assert.match(mistakes(field({ value: '{body|sha256|hex}', when })).join(), /message: does not sign the body/, JSON.stringify(when))
  assert.deepEqual(mistakes(field({ value: '{body|sha256|hex}', when: { body: true } })), [])
})

test('the word for a body that is not signed holds where the set-up accepts such a body, and nowhere else', () => {
  const one = acme({ fields: { f: { header: 'f', value: '{body|sha256|hex}', unbound: 'UNSIGNED' } }, message: '{method}\n{f}' })
  const open = { allowUnboundBody: true }
  assert.equal(of(one, { f: sha256 }, `POST\n${sha256}`), true)
  assert.equal(of(one, { f: 'UNSIGNED' }, 'POST\nUNSIGNED'), 'ERR_HMAC_MALFORMED')
  const received = (f) => request({ headers: { f, 'x-signature': hexOf(`POST\n${f}`) } })
  assert.equal(verdict(one, received('UNSIGNED'), open), true)
  assert.equal(verdict(one, received(sha256), open), true)
  assert.equal(verdict(one, received('unsigned'), open), 'ERR_HMAC_DIGEST')
})

test('of a list of digests each that is known must hold, and one must be known', () => {
  const oneOf = ['SHA-256={body|sha256|base64}', 'SHA-512={body|sha512|base64}']
  const one = acme({ fields: { d: { header: 'digest', oneOf, list: ',' } }, message: '{method}\n{d}' })
  const verdictOf = (d) => of(one, { digest: d }, `POST\n${d}`)
  const [a, b] = [digest('sha256'), digest('sha512')]
  for (const good of [`SHA-256=${a}`, `sha-256=${a}`, `SHA-512=${b}`, `SHA-256=${a}, sha-512=${b}`, `md5=x,SHA-256=${a}`, `SHA-256=${a},`])
    assert.equal(verdictOf(good), true, good)
  for (const bad of [
    `SHA-256=${b}`,
    `SHA-256=${a},SHA-512=${a}`,
    `SHA-512=${a},SHA-256=${a}`,
    'md5=x',
    `SHA-256:${a}`,
    `SHA-256=${a.toLowerCase()}`,
    a,
    ',',
  ])
    assert.equal(verdictOf(bad), 'ERR_HMAC_DIGEST', bad)
  const bare = acme({ fields: { d: { header: 'digest', value: '{body|sha256|base64}', list: ',' } }, message: '{method}\n{d}' })
  assert.equal(of(bare, { digest: a }, `POST\n${a}`), true)
  assert.equal(of(bare, { digest: `x,${a}` }, `POST\nx,${a}`), 'ERR_HMAC_DIGEST', 'without a head each element is one of ours')
})

test('a digest in a dictionary: one member holds, several make a dictionary', () => {
  const one = acme({ fields: { d: { dictionary: 'content-digest', value: 'sha-256=:{body|sha256|base64}:' } }, message: '{method}\n{d}' })
  const verdictOf = (d) => of(one, { 'content-digest': d }, `POST\n${d}`)
  const holds = `sha-256=:${digest('sha256')}:`
  assert.equal(verdictOf(holds), true)
  assert.equal(verdictOf(`${holds}, x=1`), true)
  assert.equal(verdictOf(`${holds}, X=`), 'ERR_HMAC_MALFORMED')
  assert.equal(verdictOf(`${holds}, ${holds}`), 'ERR_HMAC_DUPLICATED')
  assert.equal(verdictOf(`sha-256=:${digest('sha256', 'x')}:`), 'ERR_HMAC_DIGEST')
  assert.equal(verdictOf('sha-512=:YQ==:'), 'ERR_HMAC_DIGEST')
})

test('a list that the scheme fixes counts where it is not carried, and must be it where it is', () => {
  const fields = { s: { header: 's', names: ';', exactly: ['host', 'x-a'], default: 'host' } }
  const lines = { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '' }
  const one = acme({ fields, define: { lines }, message: '{lines}\n{body}' })
  const message = `host:h\nx-a:1\n\n${body}`
  assert.equal(of(one, { host: 'h', 'x-a': '1' }, message), true)
  assert.equal(of(one, { host: 'h', 'x-a': '1', s: 'host;x-a' }, message), true)
  for (const s of ['host', 'x-a;host', 'host;x-a;', 'host;X-A', 'host;x-b', 'x']) {
    assert.equal(of(one, { host: 'h', 'x-a': '1', s }, message), 'ERR_HMAC_UNCOVERED', s)
  }
  assert.equal(signed(one, { headers: { host: 'h', 'x-a': '1' } }).headers.s, 'host;x-a')
})

/** A scheme whose list of headers has to hold these. */
function floored(mustInclude, fields = {}, more = {}) {
  const lines = { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '', ...more }
  return acme({
    fields: { s: { header: 's', names: ' ', format: '{s?}', mustInclude, default: '' }, ...fields },
    define: { lines },
    message: '{s}\n{lines}\n{body}',
  })
}

/** The verdict about a list of headers of which each stands in the request. */
const listing = (one, s, headers) => {
  const lines =
    s === ''
      ? ''
      : s
          .split(' ')
          .map((name) => `${name.toLowerCase()}:${headers[name.toLowerCase()] ?? ''}\n`)
          .join('')
  return of(one, { ...headers, s }, `${s}\n${lines}\n${body}`)
}

test('what has to be on a list of headers: a name, one of several, all that begin so', () => {
  const headers = { host: 'h', 'x-acme-a': '1', 'x-acme-b': '2', date: 'd' }
  const cases = [
    [['host'], ['host', 'host date', 'HOST'], ['date', '']],
    [['Host'], ['host'], ['date']],
    [['host or date'], ['host', 'date'], ['x-acme-a', '']],
    [['host or  date x-acme-a'], ['host', 'date x-acme-a'], ['date', 'x-acme-a', 'x-acme-b']],
    [['x-acme-*'], ['x-acme-a x-acme-b', 'x-acme-b date x-acme-a'], ['x-acme-a', 'x-acme-b', '']],
    [['X-Acme-*'], ['x-acme-a x-acme-b'], ['x-acme-a']],
    [['date?'], ['date'], ['host']],
    [['Date?'], ['date'], ['host']],
    [['etag?'], ['date', 'host', ''], []],
    [['host', 'date'], ['host date'], ['host', 'date']],
  ]
  for (const [floor, good, bad] of cases) {
    const one = floored(floor)
    for (const s of good) assert.equal(listing(one, s, headers), true, `${floor}: ${s}`)
    for (const s of bad) assert.equal(listing(one, s, headers), 'ERR_HMAC_UNCOVERED', `${floor}: ${s}`)
  }
  const all = floored(['*'])
  assert.equal(listing(all, 'host', { host: 'h' }), 'ERR_HMAC_UNCOVERED', 'the other headers are of the request too')
})

test('what has to be on a list names itself in the refusal', () => {
  const why = (one, s, headers) => verify(one, request({ headers: { ...headers, s, 'x-signature': hexOf('x') } }), { secret, now }).reason
  assert.equal(why(floored(['host or date x-a']), '', { host: 'h' }), 'host or date x-a has to be signed and is not on the list')
  assert.equal(why(floored(['x-acme-*']), '', { 'X-Acme-Q': 'h' }), 'x-acme-q has to be signed and is not on the list')
  assert.equal(why(floored(['date?']), '', { date: 'h' }), 'date has to be signed and is not on the list')
})

test('a name that is no header is asked for where the field that it is of is carried', () => {
  const fields = { expires: { header: 'x-expires', unit: 'seconds' } }
  const one = floored(['host', '(expires)?'], fields, { named: { '(expires)': '(expires): {expires}\n' } })
  const later = String(nowSeconds + 9)
  assert.equal(listing(one, 'host', { host: 'h' }), true)
  assert.equal(
    of(one, { host: 'h', 'x-expires': later, s: 'host (expires)' }, `host (expires)\nhost:h\n(expires): ${later}\n\n${body}`),
    true,
  )
  assert.equal(listing(one, 'host', { host: 'h', 'x-expires': later }), 'ERR_HMAC_UNCOVERED')
})

test('the header of a field need not be on the list where the field is not asked for', () => {
  const fields = { d: { header: 'x-digest', value: '{body|sha256|hex}', when: { body: true } } }
  const one = floored(['host', 'X-Digest'], fields)
  assert.equal(listing(one, 'host x-digest', { host: 'h', 'x-digest': sha256 }), true)
  assert.equal(listing(one, 'host', { host: 'h', 'x-digest': sha256 }), 'ERR_HMAC_UNCOVERED')
  const empty = { method: 'GET', body: '' }
  assert.equal(
    verdict(one, request({ ...empty, headers: { host: 'h', s: 'host', 'x-signature': hexOf('host\nhost:h\n\n') } }), {
      allowEmptyBody: true,
    }),
    true,
  )
})

test('our signer lists what has to be there, of several the first, and what the caller adds, each once', () => {
  const headers = { host: 'h', 'x-acme-a': '1', 'X-Acme-B': '2', date: 'd', etag: 'e' }
  const listOf = (one, options) => signed(one, { headers }, options).headers.s
  assert.equal(listOf(floored(['host'])), 'host')
  assert.equal(listOf(floored(['date or host'])), 'date')
  assert.equal(listOf(floored(['date host or etag'])), 'date host')
  assert.equal(listOf(floored(['x-acme-*'])), 'x-acme-a x-acme-b')
  assert.equal(listOf(floored(['etag?', 'age?'])), 'etag')
  assert.equal(listOf(floored(['host', 'x-acme-*']), { sign: ['date', 'host'] }), 'host x-acme-a x-acme-b date')
  const sorted = acme({
    fields: { s: { header: 's', names: ' ', mustInclude: ['host'], sign: ['host', 'date'], sort: true } },
    define: { lines: { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '' } },
    message: '{s}\n{lines}\n{body}',
  })
  assert.equal(listOf(sorted), 'date host')
  assert.equal(listOf(sorted, { sign: ['etag'] }), 'date etag host')
})

test('a list of parameters is asked for names in their case, and for those that the request has', () => {
  const scheme = (mustInclude, each = 'query') =>
    acme({
      fields: { s: { header: 's', names: ',', mustInclude, default: '' } },
      define: { pairs: { each, names: '{s}', encode: 'rfc3986', item: '{name}={value}\n', join: '' } },
      message: '{method}\n{body|sha256|hex}\n{s}\n{pairs}',
    })
  const nothing = createHash('sha256').update('').digest('hex')
  const verdictOf = (one, s, pairs, url) =>
    verdict(one, request({ method: 'GET', body: '', url, headers: { s, 'x-signature': hexOf(`GET\n${nothing}\n${s}\n${pairs}`) } }))
  const url = '/?a=1&A=2&ab=3'
  assert.equal(verdictOf(scheme(['a']), 'a', 'a=1\n', url), true)
  assert.equal(verdictOf(scheme(['a']), 'A', 'A=2\n', url), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdictOf(scheme(['A']), 'a', 'a=1\n', url), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdictOf(scheme(['a*']), 'a,ab', 'a=1\nab=3\n', url), true)
  assert.equal(verdictOf(scheme(['a*']), 'a', 'a=1\n', url), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdictOf(scheme(['A*']), 'A', 'A=2\n', url), true)
  assert.equal(verdictOf(scheme(['A*']), 'a,ab', 'a=1\nab=3\n', url), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdictOf(scheme(['*']), 'a,A,ab', 'a=1\nA=2\nab=3\n', url), true)
  assert.equal(verdictOf(scheme(['*']), 'a,A', 'a=1\nA=2\n', url), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdictOf(scheme(['b?']), 'a', 'a=1\n', url), true, 'there is no b')
  assert.equal(verdictOf(scheme(['ab?']), 'a', 'a=1\n', url), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdictOf(scheme(['a']), 'a,a', 'a=1\na=1\n', url), 'ERR_HMAC_INCOMPLETE', 'on the list twice')
  assert.equal(verdictOf(scheme(['a']), 'a,c', 'a=1\n', url), 'ERR_HMAC_INCOMPLETE')
  assert.equal(verdictOf(scheme(['a']), 'a', 'a=1\n', '/?a=1&a=2'), 'ERR_HMAC_DUPLICATED')
})

test('a life in seconds counts from the time that is signed', () => {
  const one = acme({
    timestamp: { header: 't', unit: 'seconds', toleranceSeconds: 3600 },
    fields: { life: { header: 'l', unit: 'life', param: 'seconds' } },
    params: { seconds: '60' },
    message: '{timestamp}.{life}.{body}',
  })
  const at = (t, l) => verify(one, request({ headers: { t: `${t}`, l, 'x-signature': hexOf(`${t}.${l}.${body}`) } }), { secret, now })
  assert.equal(at(nowSeconds - 60, '60').ok, true)
  assert.equal(at(nowSeconds - 100, '100').ok, true, 'the sender chooses it')
  assert.equal(at(nowSeconds - 67, '60').reason, 'the signature expired 7 s ago')
  assert.equal(at(nowSeconds - 67, '60').code, 'ERR_HMAC_STALE')
  for (const bad of ['0', '060', '1234567890']) {
    assert.equal(at(nowSeconds, bad).reason, '{life} is no life in seconds', bad)
    assert.equal(at(nowSeconds, bad).code, 'ERR_HMAC_MALFORMED')
  }
  assert.equal(signed(one).headers.l, '60')
})

test('P14: a character beyond Latin-1 is not the octet that is left of it', () => {
  const one = acme({ signature: { json: '/s' }, message: '{json:/a}', ambiguous: undefined })
  const mac = hexOf('1')
  const at = (s) => verdict(one, request({ body: JSON.stringify({ a: 1, s }) }))
  assert.equal(at(mac), true)
  for (const i of [0, 31, 63]) {
    const beyond = String.fromCharCode(mac.charCodeAt(i) + 0x100)
    assert.equal(at(mac.slice(0, i) + beyond + mac.slice(i + 1)), 'ERR_HMAC_MISMATCH', `at ${i}`)
  }
  assert.equal(at(mac), true)
})

test('a constant under the key is that of the secret that is tried, time after time', () => {
  const own = acme({ params: { word: 'open' }, fields: { pass: { header: 'x-pass', value: '{param:word|hmac|hex}' } } })
  const other = 'another-secret-of-the-tests-0123'
  const both = { secret: [secret, other] }
  const of = (key, pass = hexOf('open', key)) => request({ headers: { 'x-signature': hexOf('{"n":1}', key), 'x-pass': pass } })
  for (let round = 0; round < 2; round += 1) {
    for (const key of [secret, other]) assert.equal(verdict(own, of(key), both), true)
    assert.equal(verdict(own, of(other, hexOf('open', secret)), both), 'ERR_HMAC_DIGEST')
    assert.equal(verdict(own, of(secret, hexOf('close', secret)), both), 'ERR_HMAC_DIGEST')
  }
  assert.equal(verdict(own, signed(own), both), true)
})

test('a clock that answers no number lets no deadline pass', () => {
  const expires = { fields: { expires: { header: 'x-expires', unit: 'seconds' } }, message: '{expires}\n{body}' }
  const life = {
    timestamp: { header: 'x-time', unit: 'seconds' },
    fields: { life: { header: 'x-life', unit: 'life' } },
    message: '{timestamp}\n{life}\n{body}',
  }
  for (const [definition, headers, message] of [
    [expires, { 'x-expires': `${nowSeconds - 60}` }, `${nowSeconds - 60}\n${body}`],
    [life, { 'x-time': `${nowSeconds}`, 'x-life': '900' }, `${nowSeconds}\n900\n${body}`],
  ]) {
    const asked = request({ headers: { ...headers, 'x-signature': hexOf(message) } })
    for (const time of [Number.NaN, undefined, null, [], {}, 'x', Number.NEGATIVE_INFINITY, true, Promise.resolve(0)])
      assert.equal(verify(acme(definition), asked, { secret, now: () => time }).ok, false, String(time))
  }
})
