import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { verify } from '@countersign/schemes'
import { acme, hexOf, mistakes, now, request, secret, signed, verdict } from './signing.js'

const body = '{"n":1}'
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** What a part prints of a request that is received. */
const printed = [
  ['{method}', { method: 'PATCH' }, 'PATCH'],
  ['{method}', { method: 'M-SEARCH' }, 'M-SEARCH'],
  ['{target}', { url: '/a/b?c=d&e' }, '/a/b?c=d&e'],
  ['{target}', { url: '/a?' }, '/a?'],
  ['{target}', { url: '*' }, '*'],
  ['{path}', { url: '/a/b?c=d' }, '/a/b'],
  ['{path}', { url: '/a%2Fb' }, '/a%2Fb'],
  ['{path}', { url: '*' }, '*'],
  ['{query}', { url: '/a?b=c?d' }, 'b=c?d'],
  ['{query}', { url: '/a' }, ''],
  ['{rawTarget}', { url: '/a?b' }, '/a?b'],
  ['{host}', { headers: { host: 'A.example:81' } }, 'A.example:81'],
  ['{host}', { url: 'https://b.example/x' }, 'b.example'],
  ['{hostname}', { headers: { host: 'A.example:81' } }, 'A.example'],
  ['{hostname}', { headers: { host: 'a.example' } }, 'a.example'],
  ['{hostname}', { headers: { host: '[::1]' } }, '[::1]'],
  ['{hostname}', { headers: { host: '[::1]:81' } }, '[::1]'],
  ['{hostname}', { headers: { host: 'a.example:' } }, 'a.example'],
  ['{port}', { headers: { host: 'a.example:81' } }, '81'],
  ['{port}', { headers: { host: 'a.example' } }, '80'],
  ['{port}', { headers: { host: 'a.example:' } }, '80'],
  ['{port}', { url: 'https://a.example/x' }, '443'],
  ['{port}', { url: 'http://a.example:8080/x' }, '8080'],
  ['{authority}', { headers: { host: 'A.Example:80' } }, 'a.example'],
  ['{authority}', { headers: { host: 'A.Example:443' } }, 'a.example:443'],
  ['{authority}', { url: 'https://a.example/x', headers: { host: 'A.Example:443' } }, 'a.example'],
  ['{authority}', { url: 'https://a.example/x', headers: { host: 'A.Example:80' } }, 'a.example:80'],
  ['{scheme}', { url: '/x' }, 'http'],
  ['{scheme}', { url: 'https://a.example/x' }, 'https'],
  ['{scheme}', { url: 'http://a.example/x' }, 'http'],
  ['{origin}', { url: 'https://a.example:8443/x' }, 'https://a.example:8443'],
  ['{url}', { url: 'https://a.example/x?y' }, 'https://a.example/x?y'],
  ['{url}', { url: 'https://a.example?y' }, 'https://a.example/?y'],
  ['{header:x-a}', { headers: { 'X-A': 'v ' } }, 'v '],
  ['{header:X-A}', { headers: { 'x-a': 'v' } }, 'v'],
  ['{header:host}', { headers: { host: 'A.example' } }, 'A.example'],
  ['{header:host}', { url: 'https://b.example/x' }, 'b.example'],
  ['{query:a}', { url: '/x?a=%C3%A9+%2B&b=' }, '\u00e9 +'],
  ['{query:b?}', { url: '/x?a=1&b=' }, ''],
  ['{query:c d}', { url: '/x?c+d=1&c%20e=2' }, '1'],
  ['{query:a}', { url: '/x?%61=1' }, '1'],
  ['{form:a}', { headers: form, body: 'b=2&a=%31+' }, '1 '],
  ['{form:a}', { headers: { 'content-type': 'Application/X-WWW-Form-UrlEncoded ; charset=utf-8' }, body: 'a=1' }, '1'],
  ['{form:a?}', { body: '' }, ''],
  ['{cookie:a}', { headers: { cookie: 'b=2;a=1=1; c' } }, '1=1'],
  ['{cookie:a}', { headers: { cookie: ['b=2', 'a=1'] } }, '1'],
  ['{cookie:a?}', { headers: { cookie: 'a' } }, ''],
  ['{json:/a/b}', { body: '{"a":{"b":"\u00e9"}}' }, '\u00e9'],
  ['{json:/a/0}', { body: '{"a":[true]}' }, 'true'],
  ['{json:/a}', { body: '{"a":{"c":[1, null]}}' }, '{"c":[1,null]}'],
  ['{json:/a?}', { body: '{"a":null}' }, ''],
  ['{json:/a?}', { body: '{"a":""}' }, ''],
  ['{json:}', { body: '"x"' }, 'x'],
  ['{json:/a~1b/~0}', { body: '{"a/b":{"~":1}}' }, '1'],
]

describe('what a part prints', () => {
  for (const [part, asked, text] of printed) {
    test(`${part} of ${JSON.stringify(asked)}: ${JSON.stringify(text)}`, () => {
      const one = acme({ message: `{body|sha256|hex}\n${part}` })
      const sent = signed(one, asked)
      assert.equal(sent.message.toString().slice(65), text)
      const url = asked.url ?? '/orders'
      assert.equal(verdict(one, { ...sent, url }, { allowEmptyBody: true }), true)
    })
  }
})

test('a configured origin says scheme, host and port, whatever a proxy put in the place of Host', () => {
  const options = { publicOrigin: 'https://api.example.com:8443' }
  const of = (part, headers = {}) =>
    signed(acme({ message: `${part}\n{body}` }), { headers }, options)
      .message.toString()
      .split('\n')[0]
  for (const [part, text] of [
    ['{scheme}', 'https'],
    ['{host}', 'api.example.com:8443'],
    ['{hostname}', 'api.example.com'],
    ['{port}', '8443'],
    ['{authority}', 'api.example.com:8443'],
    ['{origin}', 'https://api.example.com:8443'],
    ['{url}', 'https://api.example.com:8443/orders'],
    ['{header:host}', 'api.example.com:8443'],
  ])
    assert.equal(of(part, { host: 'inner' }), text, part)
  assert.equal(of('{header:host}', { host: 'API.example.com:8443' }), 'API.example.com:8443', 'as the sender wrote it')
  assert.equal(of('{header:host}', { host: 'xapi.example.com:8443' }), 'api.example.com:8443')
  assert.equal(of('{header:host}', { host: 'example.com:8443' }), 'api.example.com:8443')
})

/** Messages, and whether a request without body that is sent by GET proves something by them. */
const binding = [
  ['{method}', true],
  ['{target}', true],
  ['{rawTarget}', true],
  ['{path}', true],
  ['{url}', true],
  ['{path|lower}', true],
  ['{path|first:1}', true],
  ['{query}', true],
  ['{host}', false],
  ['{hostname}', false],
  ['{authority}', false],
  ['{port}', false],
  ['{scheme}', false],
  ['{origin}', false],
  ['{header:x-a}', false],
  ['{query:a}', false],
  ['{cookie:c}', false],
  ['{param:p}', false],
]

describe('the HMAC of what every request shares is refused', () => {
  const headers = { host: 'a.example', 'x-a': '1', cookie: 'c=1' }
  const asked = { method: 'GET', url: 'http://a.example/x?a=1', headers, body: '' }
  for (const [message, expected] of binding) {
    test(`${message}: ${expected}`, () => {
      const one = acme({ params: { p: '1' }, message, allowUnboundBody: 'a link' })
      assert.equal(verdict(one, { ...signed(one, asked), url: asked.url }), expected ? true : 'ERR_HMAC_NOTHING_SIGNED')
    })
  }
})

describe('what ends by itself, or where the next part begins', () => {
  for (const message of [
    '{method}{path}\n{body}',
    '{method}{target}\n{body}',
    '{method}:{path}\n{body}',
    '{method}\n{body}',
    '{host}{path}\n{body}',
    '{authority}{path}\n{body}',
    '{hostname}{path}\n{body}',
    '{hostname}\n{port}{path}\n{body}',
    '{port}{path}\n{body}',
    '{scheme}://{host}{path}\n{body}',
    '{origin}{path}\n{body}',
    '{path}?{query}\n{body}',
    '{url}\n{body}',
    '{rawTarget} {body}',
    '{target} {body}',
    '{header:x-a}\n{body}',
    '{cookie:c}\n{body}',
    '{param:p}{body}',
    '{body|sha256|hex}{body}',
    '{path} {query} {body}',
    '{query}\n{body}',
  ])
    test(`${JSON.stringify(message)} compiles`, () => assert.deepEqual(mistakes({ params: { p: '1' }, message }), []))
  for (const [message, runs] of [
    ['{method}A{body}', '{method} runs into "A"'],
    ['{method}{body}', '{method} runs into {body}'],
    ['{method}{header:x-a}\n{body}', '{method} runs into {header:x-a}'],
    ['{host}a{body}', '{host} runs into "a"'],
    ['{port}1{body}', '{port} runs into "1"'],
    ['{scheme}h{body}', '{scheme} runs into "h"'],
    ['{path}/{body}', '{path} runs into "/"'],
    ['{path}{body}', '{path} runs into {body}'],
    ['{target}?{body}', '{target} runs into "?"'],
    ['{query}&{body}', '{query} runs into "&"'],
    ['{url}/{body}', '{url} runs into "/"'],
    ['{rawTarget}/{body}', '{rawTarget} runs into "/"'],
    ['{header:x-a} {body}', '{header:x-a} runs into " "'],
    ['{cookie:c};{body}', '{cookie:c} runs into ";"'],
    ['{query:a}\n{body}', '{query:a} runs into "\\n"'],
    ['{json:/a}\n{json:/b}', '{json:/a} runs into "\\n"'],
    ['{form:a}\n{form:b}', '{form:a} runs into "\\n"'],
    ['{body}\n{path}', undefined],
    ['{header:x-a?}{body}', '{header:x-a?} runs into {body}'],
  ])
    test(`${JSON.stringify(message)}: ${runs ?? 'compiles'}`, () => {
      const problems = mistakes({ message })
      if (runs === undefined) assert.deepEqual(problems, [])
      else
        assert.deepEqual(problems, [
          `message: two different requests can be signed alike: ${runs}; put a separator between that the first cannot hold; a vendor's scheme that is so says why in "ambiguous"`,
        ])
    })
})

/** Fields that stand once (RFC 9110), and one that may stand more often. */
const single =
  'age authorization content-length content-location content-range content-type date etag expires from host if-modified-since if-unmodified-since last-modified location max-forwards origin proxy-authorization referer user-agent'

test('a field that stands once is not joined of two lines, also where a list joins lines', () => {
  const one = acme({
    fields: { s: { header: 's', names: ' ', mustInclude: [] } },
    define: { lines: { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '', repeated: ', ' } },
    message: '{s}\n{lines}\n{body}',
  })
  const of = (name, message) => {
    const result = verify(
      one,
      request({ headers: { s: name, [name]: ['1', '2'], 'x-signature': hexOf(`${name}\n${message}\n\n${body}`) } }),
      { secret, now },
    )
    return result.ok ? true : `${result.code}: ${result.reason}`
  }
  for (const name of single.split(' ')) assert.equal(of(name, ''), `ERR_HMAC_DUPLICATED: the field ${name} stands more than once`, name)
  assert.equal(of('x-a', 'x-a:1, 2'), true)
})

test('numbered fields are read in the order of their numbers, each once', () => {
  const one = acme({ signature: { header: 'x-sig-{n}', format: '{keyId}:{signature}', max: 4 } })
  const mac = hexOf(body)
  const keyIdOf = (headers) => verify(one, request({ headers }), { secret, now }).keyId
  assert.equal(keyIdOf({ 'x-sig-10': `c:${mac}`, 'x-sig-9': `b:${mac}`, 'x-sig-2': `a:${mac}` }), 'a')
  for (const name of ['x-sig-1a', 'x-sig-12345', 'x-sig-1-', 'x-sig--1', 'y-sig-1'])
    assert.equal(verdict(one, request({ headers: { [name]: `a:${mac}` } })), 'ERR_HMAC_MISSING', name)
  assert.equal(
    verify(one, request({ headers: ['x-sig-1', `a:${mac}`, 'X-Sig-1', `a:${mac}`] }), { secret, now }).reason,
    'the field x-sig-1 stands more than once',
  )
})

test('an Authorization field of another auth-scheme carries no signature of ours', () => {
  const mac = hexOf(body)
  const of = (format, authorization) =>
    verdict(acme({ signature: { header: 'authorization', format } }), request({ headers: { authorization } }))
  assert.equal(of('{keyId}:{signature}', `k:${mac}`), true)
  assert.equal(of('{keyId}:{signature}', `Bearer k:${mac}`), 'ERR_HMAC_MISSING')
  assert.equal(of('{keyId}:{signature}', 'Bearer abc'), 'ERR_HMAC_MISSING')
  assert.equal(of('{keyId}:{signature}', ` k:${mac}`), 'ERR_HMAC_MALFORMED', 'a blank in front is no auth-scheme')
  assert.equal(of('{keyId}:{signature}', `k:a ${mac}`), 'ERR_HMAC_MALFORMED', 'it begins as ours')
  assert.equal(of('{keyId}:{signature}', 'abc'), 'ERR_HMAC_MALFORMED')
})

test('signatures of several fields are written one to a field, and all lines of a list are one', () => {
  const keys = ['the first secret of the three', 'the second secret of the three', 'the third secret of the three']
  const two = signed(acme({ signature: { header: ['x-a', 'x-b'] } }), {}, { secret: keys })
  assert.deepEqual({ ...two.headers }, { 'x-a': hexOf(body, keys[0]), 'x-b': hexOf(body, keys[1]) })
  const list = acme({ signature: { header: ['x-a', 'x-b'], format: 'v={signature}', list: ',' } })
  assert.deepEqual({ ...signed(list, {}, { secret: keys }).headers }, { 'x-a': keys.map((key) => `v=${hexOf(body, key)}`).join(',') })
  const mac = `v=${hexOf(body)}`
  for (const headers of [
    { 'x-a': mac },
    { 'x-b': mac },
    { 'x-a': `v=${'0'.repeat(64)}`, 'x-b': mac },
    { 'x-a': ['v2=0', mac] },
    { 'x-b': ['x', mac], 'x-a': 'y' },
  ])
    assert.equal(verdict(list, request({ headers })), true, JSON.stringify(headers))
  assert.equal(verdict(list, request({ headers: { 'x-c': mac } })), 'ERR_HMAC_MISSING')
})
