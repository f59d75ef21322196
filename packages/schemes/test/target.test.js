import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sign } from '@countersign/schemes'
import { acme, hexOf, mistakes, request, secret, signed, verdict } from './signing.js'

const byPath = acme({ message: '{method}\n{path}\n{query}\n{body|sha256|hex}' })
const byTarget = acme({ message: '{method} {target}\n{body|sha256|hex}' })
const byHost = acme({ message: '{host}\n{hostname}:{port}\n{target}\n{body|sha256|hex}' })
const empty = hexOf('').length && 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The verdict about a target that was signed as `signedAs`. */
function taken(target, signedAs = target) {
  const [path, query = ''] = signedAs.split('?')
  const headers = { 'x-signature': hexOf(`POST\n${path}\n${query}\n${empty}`) }
  return verdict(byPath, request({ url: target, headers, body: '' }))
}

test('P10: path and query count as they are on the wire', () => {
  for (const target of [
    '/',
    '/a',
    '/a?',
    '/a?b',
    '/a%2Fb',
    '/a%2fb',
    '/a+b',
    '/a//b',
    '//a',
    '/a/../b',
    '/a?x=%20+&x=2&x',
    '/%E2%82%AC',
    '/caf\u00e9',
    '/a?b?c',
  ]) {
    const mark = target.indexOf('?')
    const path = mark < 0 ? target : target.slice(0, mark)
    const query = mark < 0 ? '' : target.slice(mark + 1)
    const message = Buffer.from(`POST\n${path}\n${query}\n${empty}`, 'latin1')
    assert.equal(verdict(byPath, request({ url: target, headers: { 'x-signature': hexOf(message) }, body: '' })), true, target)
  }
  assert.equal(taken('/a%2fb', '/a%2Fb'), 'ERR_HMAC_MISMATCH')
  assert.equal(taken('/a?b=1&c=2', '/a?c=2&b=1'), 'ERR_HMAC_MISMATCH')
})

test('S21: of the absolute form the path is what a router takes for it', () => {
  // `verify` reads a URL apart; an authenticator is given the target as it stands in the request line.
  for (const target of ['http://h/orders', 'HTTP://h:80/orders', 'https://a.example/orders', 'http://[::1]:8080/orders']) {
    assert.equal(verdict(byTarget, { ...signed(byTarget), url: target }), true, target)
  }
  assert.equal(taken('http://h?x=1', '/?x=1'), true)
})

test('a target that holds what no target can is refused', () => {
  for (const target of ['/or ders', '/orders\t', '/orders\u0000', '/orders\u007f', '/orders\n', '/\u0100', 'orders', '?x', 'h:443', '']) {
    assert.equal(verdict(byTarget, { ...signed(byTarget), url: target }), 'ERR_HMAC_MALFORMED', JSON.stringify(target))
  }
})

test('a fragment and credentials are no part of what is sent', () => {
  const out = sign(byHost, request({ url: 'https://user:pw@API.example:443/x?y#z', body: '' }), { secret })
  assert.equal(out.message.toString(), `api.example\napi.example:443\n/x?y\n${empty}`)
  assert.equal(sign(byTarget, request({ url: '/x?y#z', body: '' }), { secret }).message.toString(), `POST /x?y\n${empty}`)
})

test('a request that no wire can carry is a TypeError of who made it', () => {
  for (const [bad, expected] of [
    [{ method: 'POST\nX' }, /^verify: option "request\.method" is no HTTP method/],
    [{ method: '' }, /is no HTTP method/],
    [{ method: 5 }, /option "request\.method" must be a string; got number/],
    [{ url: undefined }, /option "request\.url" must be a string/],
    [{ body: 'text' }, /option "request\.body" must be octets \(Buffer\.from\(text\) makes them\); got string/],
    [{ headers: 'x' }, /option "request\.headers" must be an object or a list; got string/],
    [{ headers: new Set(['ab']) }, /option "request\.headers" must be an object or a list; got/],
    [{ headers: new Headers({ 'x-a': '\u00e9' }), body: 'text' }, /option "request\.body" must be octets/],
    [{ headers: new Map([['x-a', 5]]) }, /option "request\.headers" must be made of strings; got number/],
    [{ headers: new Map([['x-a', 'a\r\nx-b: c']]) }, /option "request\.headers" holds a line break/],
    [{ headers: ['x-a'] }, /option "request\.headers" as a list holds names and values in turn/],
    [{ headers: { 'x-a': 5 } }, /option "request\.headers" must be made of strings; got number/],
    [{ headers: { 'x-a': 'a\r\nx-b: c' } }, /option "request\.headers" holds a line break/],
    [{ headers: { 'x-a': '\u20ac' } }, /fields are read as latin1/],
  ]) {
    const whole = { method: 'POST', url: '/', headers: {}, body: Buffer.alloc(0), ...bad }
    assert.throws(() => verdict(byTarget, whole), { name: 'TypeError', message: expected })
  }
})

test('header fields may be the Headers of fetch, a Map, an object or a list: never silently none', () => {
  const sent = signed(byTarget, { headers: { 'content-type': 'text/plain' } })
  const pairs = Object.entries(sent.headers)
  const held = Object.assign(new Map(pairs), { note: 'an own member is no field' })
  for (const headers of [sent.headers, new Headers(sent.headers), new Map(pairs), held, pairs.flat(), new URLSearchParams(pairs)]) {
    assert.equal(verdict(byTarget, { ...sent, headers }), true)
    assert.equal(verdict(byTarget, { ...sent, headers, url: '/other' }), 'ERR_HMAC_MISMATCH')
    assert.equal(sign(byTarget, { ...sent, headers }, { secret }).message.toString(), sign(byTarget, sent, { secret }).message.toString())
  }
  const [[name, value]] = pairs.filter(([field]) => field === 'x-signature')
  const twice = new Headers(sent.headers)
  twice.append(name, value)
  assert.notEqual(verdict(byTarget, { ...sent, headers: twice }), true)
  assert.equal(verdict(byTarget, { ...sent, headers: new Map([[name, [value, value]]]) }), 'ERR_HMAC_DUPLICATED')
})

test('P17: the part of a target behind "#" never counts as another part', () => {
  const one = acme({ message: '{path}#{header:x-user}\n{body}' })
  const sent = signed(one, { url: '/a', headers: { 'x-user': 'x#admin' } })
  assert.equal(verdict(one, sent), true)
  const forged = { ...sent, url: '/a#x', headers: { ...sent.headers, 'x-user': 'admin' } }
  assert.equal(verdict(one, forged), 'ERR_HMAC_MISMATCH', 'verify() takes a URL, and leaves its fragment out')
})

test('P09: the host is the Host field, or the configured origin, never a forwarded one', () => {
  const of = (headers, options = {}) => {
    const out = sign(byHost, request({ url: '/x', headers, body: '' }), { secret, ...options })
    return out.message.toString().split('\n').slice(0, 2).join(' ')
  }
  assert.equal(of({ host: 'api.example:8443' }), 'api.example:8443 api.example:8443')
  assert.equal(of({ host: 'api.example' }), 'api.example api.example:80')
  assert.equal(of({ host: '[::1]:8080' }), '[::1]:8080 [::1]:8080')
  assert.equal(of({ host: '[::1]' }), '[::1] [::1]:80')
  assert.equal(of({ host: 'a', 'x-forwarded-host': 'b', 'x-forwarded-proto': 'https', forwarded: 'host=b' }), 'a a:80')
  assert.equal(of({ host: 'inner' }, { publicOrigin: 'https://api.example' }), 'api.example api.example:443')
  assert.equal(of({ ':authority': 'h2.example' }), 'h2.example h2.example:80', 'HTTP/2')
  assert.equal(of({ host: 'h2.example', ':authority': 'h2.example' }), 'h2.example h2.example:80')
})

test('a Host that is none, and one that differs from :authority, are refused', () => {
  const sent = signed(byHost, { headers: { host: 'a' }, url: '/x' })
  assert.equal(verdict(byHost, sent), true)
  for (const host of ['a b', 'a/b', 'a\tb', 'a"', 'a:b', 'a:999999', 'caf\u00e9']) {
    assert.equal(verdict(byHost, { ...sent, headers: { ...sent.headers, host } }), 'ERR_HMAC_MALFORMED', host)
  }
  assert.equal(verdict(byHost, { ...sent, headers: { ...sent.headers, ':authority': 'b' } }), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(byHost, { ...sent, headers: { ...sent.headers, host: ['a', 'a'] } }), 'ERR_HMAC_DUPLICATED')
  const { host: _, ...without } = sent.headers
  assert.equal(verdict(byHost, { ...sent, headers: without }), 'ERR_HMAC_INCOMPLETE')
})

test('{header:host} and a list of headers find the host of HTTP/2', () => {
  const one = acme({
    signature: { authorization: 'Acme', members: ',', format: 'h="{signed}",s="{signature}"' },
    fields: { signed: { names: ' ', sign: ['host'], mustInclude: ['host'] } },
    message: '{body|sha256|hex}\n{lines}',
    define: { lines: { each: 'headers', names: '{signed}', item: '{name}: {value}\n', join: '' } },
  })
  const sent = signed(one, { headers: { ':authority': 'h2.example' } })
  assert.match(sent.message.toString(), /\nhost: h2\.example\n$/)
  assert.equal(verdict(one, sent), true)
  assert.equal(verdict(one, { ...sent, headers: { ...sent.headers, ':authority': 'other.example' } }), 'ERR_HMAC_MISMATCH')
})

test('the public origin is needed where the URL is signed, and is taken as configured', () => {
  const byUrl = acme({ message: '{url}\n{body|sha256|hex}' })
  const sent = signed(byUrl, { url: 'https://api.example/x?y=1' })
  assert.match(sent.message.toString(), /^https:\/\/api\.example\/x\?y=1\n/)
  const publicOrigin = 'https://API.example:443/'
  assert.equal(verdict(byUrl, { ...sent, url: '/x?y=1' }, { publicOrigin }), true)
  assert.equal(verdict(byUrl, { ...sent, url: '/x?y=1' }), 'ERR_HMAC_INCOMPLETE')
  assert.equal(verdict(byUrl, { ...sent, url: '/x?y=1' }, { publicOrigin: 'https://other.example' }), 'ERR_HMAC_MISMATCH')
})

test('a key cannot be made by the hmac of itself', () => {
  assert.match(mistakes({ key: '{secret|hmac}' })[0], /^key: pipe "hmac" in \{secret\|hmac\} needs the key that is being made/)
})

test('what describes no request is a TypeError of who made it', () => {
  for (const none of [undefined, null, 5, 'POST'])
    assert.throws(() => verdict(byTarget, none), { name: 'TypeError', message: /^verify: option "request" must be an object; got/ })
})

test('a header without value is not there, and a list of headers has no other names than those in it', () => {
  const one = acme({ message: '{header:a?}\n{header:0?}\n{body}' })
  const mac = hexOf('\n\n{"n":1}')
  assert.equal(verdict(one, request({ headers: { a: undefined, 'x-signature': mac } })), true)
  assert.equal(verdict(one, request({ headers: { a: [undefined], 'x-signature': mac } })), true)
  assert.equal(verdict(one, request({ headers: ['x-signature', mac] })), true)
  assert.equal(verdict(one, request({ headers: ['x-signature', mac, 'A', '1'] })), 'ERR_HMAC_MISMATCH')
})

test('only a URL that begins with one names an origin', () => {
  const byUrl = acme({ message: '{url}\n{body}' })
  const of = (url, message) => verdict(byUrl, request({ url, headers: { 'x-signature': hexOf(message) } }))
  const full = 'https://a.example/x?u=https://b.example/y'
  assert.equal(of(full, `${full}\n{"n":1}`), true)
  assert.equal(of('/x?u=https://b.example/y', 'https://b.example/x?u=https://b.example/y\n{"n":1}'), 'ERR_HMAC_INCOMPLETE')
  for (const url of ['https://a:b/x', 'https:///', 'http://[::1/'])
    assert.match(of(url, 'x'), /^ERR_HMAC_(?:INCOMPLETE|MALFORMED|MISMATCH)$/, url)
})

test('the scheme is that of the URL, in any case, and http where nothing says it', () => {
  const byScheme = acme({ message: '{scheme}:{port}\n{body}' })
  const of = (url, options) =>
    sign(byScheme, request({ url, headers: { host: 'h' } }), { secret, ...options })
      .message.toString()
      .split('\n')[0]
  assert.equal(of('https://h/'), 'https:443')
  assert.equal(of('HTTPS://h/'), 'https:443')
  assert.equal(of('http://h/?https:'), 'http:80')
  assert.equal(of('/https:'), 'http:80')
  assert.equal(of('/', { publicOrigin: 'https://h' }), 'https:443')
  assert.equal(of('https://h/', { publicOrigin: 'http://h' }), 'http:80')
})

test('a public origin is scheme, host and port, and nothing else', () => {
  const byUrl = acme({ message: '{url}\n{body}' })
  for (const publicOrigin of [
    'https://a.example/x',
    'https://a.example/?x',
    'https://a.example/#x',
    'https://u@a.example',
    'https://:p@a.example',
    'ftp://a.example',
    'javascript:0',
  ])
    assert.throws(
      () => verdict(byUrl, request(), { publicOrigin }),
      {
        name: 'TypeError',
        message: `verify: option "publicOrigin" holds more than scheme, host and port; write it like 'https://api.example.com'`,
      },
      publicOrigin,
    )
  for (const publicOrigin of ['a.example', '//a.example', 'https://', 'https://a b'])
    assert.throws(
      () => verdict(byUrl, request(), { publicOrigin }),
      { name: 'TypeError', message: `verify: option "publicOrigin" is no origin; write it like 'https://api.example.com'` },
      publicOrigin,
    )
})
