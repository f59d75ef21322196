import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { verify } from '@countersign/schemes'
import { acme, hexOf, now, nowSeconds, request, secret } from './signing.js'

const body = '{"n":1}'
const mac = hexOf(body)
const unbound = { allowUnboundBody: 'links have none' }

/** What the operator is told about a request: `true`, or the code and the reason. */
function told(definition, received, options = {}) {
  const result = verify(acme(definition), request(received), { secret, now, ...options })
  return result.ok ? true : `${result.code}: ${result.reason}`
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const inX = { header: 'x' }
const of = (x, more = {}) => ({ headers: { x, ...more } })
const items = (count) => JSON.stringify({ items: Array.from({ length: count }, (_, id) => ({ id, mac: hexOf(`${id}`) })) })
const scoped = { scope: { json: '/items/*', hold: 'all' }, signature: { item: '/mac' }, message: '{item:/id}' }
const inBody = { timestamp: { json: '/t', unit: 'seconds' }, message: '{timestamp}\n{json:/a}' }
const TWO = 'the second secret of the tests'
const UNBOUND = 'the scheme signs no method, path, whole query, time or nonce; allowEmptyBody accepts such requests'
const json = (value) => JSON.stringify(value)
const seconds = { header: 't', unit: 'seconds' }
const behind = (format) => ({ timestamp: { header: 't', unit: 'seconds', format }, fields: { f: {} }, message: '{timestamp}.{body}' })
const dated = { timestamp: seconds, message: '{timestamp}.{body}' }
const at = (t, more = {}) => ({ headers: { 'x-signature': hexOf(`${t}.${body}`), t: String(t), ...more } })
const field = (more, message = '{f}\n{body}') => ({ fields: { f: { header: 'f', ...more } }, message })
const ofField = (f, more = {}) => ({ headers: { f, 'x-signature': hexOf(`${f}\n${body}`), ...more } })
const listed = (more = {}) => ({
  signature: { header: 'x', format: 's={signed};m={signature}', members: ';' },
  fields: { signed: { names: ' ', mustInclude: ['host'], ...more } },
  define: { lines: { each: 'headers', names: '{signed}', item: '{name}:{value}\n', join: '' } },
  message: '{lines}\n{body}',
})
const listedPairs = {
  fields: { s: { header: 's', names: ',', mustInclude: ['a'] } },
  define: { l: { each: 'query', names: '{s}', encode: 'rfc3986', item: '{name}={value}', join: '&' } },
  message: '{s}\n{body|sha256|hex}{l}',
}
const pairsOf = (s, url) => ({ url, headers: { s, 'x-signature': hexOf('x') } })
const manyPairs = (names) => {
  const all = names.map((name) => `${name}=1`).join('&')
  return { url: `/?${all}`, headers: { s: names.join(), 'x-signature': hexOf(`${names.join()}\n${sha256(body)}${all}`) } }
}
const headers = (message, more) => ({ headers: { 'x-signature': hexOf(message), ...more } })

/** A request of each kind that is refused, with what the operator reads. */
const refused = [
  ['no signature', {}, {}, 'ERR_HMAC_MISSING: the request carries no signature of the scheme'],
  [
    'another signature',
    {},
    { headers: { 'x-signature': hexOf('x') } },
    'ERR_HMAC_MISMATCH: no signature in the request matches an active secret',
  ],
  [
    'what stands around it is not there',
    { signature: { ...inX, format: 'v1={signature}' } },
    of(`v2=${mac}`),
    'ERR_HMAC_MALFORMED: the signature is not of the form of the scheme',
  ],
  [
    'nothing behind what stands in front',
    { signature: { ...inX, format: 'v1={signature}', encoding: 'base64|encode' } },
    of('v1='),
    'ERR_HMAC_MALFORMED: the signature has 0 characters, where the scheme gives it at least one',
  ],
  [
    'a signature too short',
    {},
    { headers: { 'x-signature': mac.slice(1) } },
    'ERR_HMAC_MALFORMED: the signature has 63 characters, where the scheme gives it 64',
  ],
  [
    'one field too many',
    { signature: { header: 'x-{n}', max: 2 } },
    { headers: { 'x-1': mac, 'x-2': mac, 'x-3': mac } },
    'ERR_HMAC_MALFORMED: more than 2 signatures',
  ],
  [
    'a list of other elements',
    { signature: { ...inX, format: 'v1={signature}', list: ',' } },
    of('v2=a,v3=b'),
    'ERR_HMAC_MALFORMED: no element of the signature is of the form of the scheme',
  ],
  [
    'a list of too many signatures',
    { signature: { ...inX, format: 'v1={signature}', list: ',', max: 2 } },
    of(`v1=${mac},v1=${mac},v1=${mac}`),
    'ERR_HMAC_MALFORMED: more than 2 signatures',
  ],
  [
    'a list of too many elements',
    { signature: { ...inX, format: 'v1={signature}', list: ',' } },
    of(`${'a,'.repeat(128)}v1=${mac}`),
    'ERR_HMAC_MALFORMED: more than 128 elements',
  ],
  [
    'a list of several slots with other elements',
    { signature: { ...inX, format: '{keyId}/{signature}', list: ',' } },
    of('a,b'),
    'ERR_HMAC_MALFORMED: no element of the signature is of the form of the scheme',
  ],
  [
    'a list of several slots with too many elements',
    { signature: { ...inX, format: '{keyId}/{signature}', list: ',' } },
    of(`${'a,'.repeat(128)}k/${mac}`),
    'ERR_HMAC_MALFORMED: more than 128 elements',
  ],
  [
    'a list of several slots with too many signatures',
    { signature: { ...inX, format: '{keyId}/{signature}', list: ',', max: 2 } },
    of(`k/${mac},k/${mac},k/${mac}`),
    'ERR_HMAC_MALFORMED: more than 2 signatures',
  ],
  [
    'members that are none',
    { signature: { ...inX, format: 'a={keyId},m={signature}', members: ',' } },
    of('b'),
    'ERR_HMAC_MALFORMED: the field x is not of the form of the scheme',
  ],
  [
    'another form in the query',
    { signature: { query: 's', format: '{keyId}.{signature}' }, message: '{path}', ...unbound },
    { method: 'GET', url: '/a?s=b', body: '' },
    'ERR_HMAC_MALFORMED: what carries it is not of the form of the scheme',
  ],
  [
    'a carried value of another form',
    { ...dated, timestamp: { ...seconds, format: 't={timestamp}' } },
    at(nowSeconds),
    'ERR_HMAC_MALFORMED: the field t is not of the form of the scheme',
  ],
  [
    'a role in both of its fields',
    { ...dated, timestamp: { ...seconds, header: ['t', 'u'] } },
    at(nowSeconds, { u: '1' }),
    'ERR_HMAC_MALFORMED: {timestamp} stands in more than one of its fields',
  ],
  ['a value beyond all measure', field({}), ofField('a'.repeat(4097)), 'ERR_HMAC_MALFORMED: {f} is longer than 4096 characters'],
  [
    'a key id that holds a blank',
    { signature: { ...inX, format: '{keyId}/{signature}' } },
    of(`a b/${mac}`),
    'ERR_HMAC_MALFORMED: the key id is longer than 256 characters or holds others than printable ASCII',
  ],
  [
    'a key id in a list that holds a blank',
    { signature: { ...inX, format: '{keyId}/{signature}', list: ',' } },
    of(`a b/${mac}`),
    'ERR_HMAC_MALFORMED: the key id is longer than 256 characters or holds others than printable ASCII',
  ],
  [
    'a later key id of a list that holds a blank',
    { signature: { ...inX, format: '{keyId}/{signature}', list: ',' } },
    of(`k/${mac},a b/${mac}`),
    'ERR_HMAC_MALFORMED: the key id is longer than 256 characters or holds others than printable ASCII',
  ],
  [
    'a key id of its own that is too long',
    { keyId: { header: 'k' } },
    { headers: { k: 'k'.repeat(257), 'x-signature': mac } },
    'ERR_HMAC_MALFORMED: the key id is longer than 256 characters or holds others than printable ASCII',
  ],
  ['no time', dated, { headers: { 'x-signature': mac } }, 'ERR_HMAC_INCOMPLETE: {timestamp} is not in the request'],
  ['a time that is none', dated, at('0123'), 'ERR_HMAC_MALFORMED: the timestamp is no time in seconds'],
  ['a time too old', dated, at(nowSeconds - 301), 'ERR_HMAC_STALE: the timestamp is 301 s old'],
  ['a time too far ahead', dated, at(nowSeconds + 302), 'ERR_HMAC_FUTURE: the timestamp is 302 s ahead'],
  [
    'a time in the body that is too old',
    inBody,
    { body: JSON.stringify({ t: nowSeconds - 400, a: 1 }), headers: { 'x-signature': mac } },
    'ERR_HMAC_STALE: the timestamp is 400 s old',
  ],
  [
    'a time of an item that is too old',
    { ...scoped, timestamp: { item: '/t', unit: 'seconds' }, message: '{timestamp}{item:/id}' },
    { body: JSON.stringify({ items: [{ id: 1, t: nowSeconds - 400, mac: hexOf(`${nowSeconds - 400}1`) }] }) },
    'ERR_HMAC_STALE: the timestamp is 400 s old',
  ],
  [
    'a body where none is signed',
    { message: { choose: [{ when: { method: 'GET' }, use: 'GET\n{target}' }, { use: 'POST\n{target}\n{body}' }] } },
    { method: 'GET', headers: { 'x-signature': hexOf('GET\n/orders') } },
    'ERR_HMAC_UNSIGNED_BODY: the request has a body, which the scheme does not sign',
  ],
  [
    'no body',
    {},
    { body: '', headers: { 'x-signature': hexOf('') } },
    'ERR_HMAC_NOTHING_SIGNED: the body is empty, and the scheme signs no method, path, whole query, time or nonce; allowEmptyBody accepts such requests',
  ],
  [
    'a method that carries none',
    {},
    { method: 'GET', headers: { 'x-signature': mac } },
    'ERR_HMAC_NOTHING_SIGNED: GET is no method that carries a body, and the scheme signs no method, path, whole query, time or nonce; allowEmptyBody accepts such requests',
  ],
  [
    'nothing of what is signed',
    { message: '{query}', ...unbound, signature: { cookie: 's' } },
    { url: '/?', body: 'x', headers: { cookie: `s=${hexOf('')}` } },
    'ERR_HMAC_NOTHING_SIGNED: what the scheme signs of the request is empty',
  ],
  [
    'a key id that moves what follows',
    { signature: { ...inX, format: '{keyId}/{signature}' }, message: '{keyId}:{body}' },
    of(`a:b/${hexOf(`a:b:${body}`)}`),
    'ERR_HMAC_MALFORMED: {keyId} holds ":", which would move the parts of the signed message',
  ],
  [
    'a time that moves what follows',
    { ...dated, message: '{timestamp}{body}' },
    { headers: { 'x-signature': hexOf(`1700000${body}`), t: '1700000' } },
    'ERR_HMAC_STALE: the timestamp is 1698300000 s old',
  ],
  [
    'an algorithm of no scheme',
    { algorithm: { a: 'sha256' }, signature: { ...inX, format: '{algorithm} {signature}' }, message: '{method}\n{body}' },
    of(`b ${mac}`),
    'ERR_HMAC_ALGORITHM: the request names an algorithm that the scheme does not list',
  ],
  ['too many items', scoped, { body: items(101) }, 'ERR_HMAC_MALFORMED: more than 100 items'],
  [
    'items somewhere else',
    { ...scoped, scope: { json: '/items/*/in', hold: 'all' } },
    { body: items(1) },
    'ERR_HMAC_MALFORMED: an item of the body is not where the scheme has it',
  ],
  ['no items', scoped, { body: '{"items":[]}' }, 'ERR_HMAC_MISSING: the request carries no signature of the scheme'],
  ['a scope without body', scoped, { body: '' }, 'ERR_HMAC_MISSING: the request carries no signature of the scheme'],
  [
    'a list of items that is none',
    scoped,
    { body: '{"items":{"id":1}}' },
    'ERR_HMAC_MISSING: the request carries no signature of the scheme',
  ],
  [
    'a field that is not there',
    field({ value: '{body|sha256|hex}' }),
    { headers: { 'x-signature': mac } },
    'ERR_HMAC_INCOMPLETE: {f} is not in the request',
  ],
  [
    'a digest of another body',
    field({ value: '{body|sha256|hex}' }),
    ofField(hexOf('x')),
    'ERR_HMAC_DIGEST: {f} is not what the request gives',
  ],
  [
    'a param of another value',
    { ...field({ param: 'p' }), params: { p: 'eu' } },
    ofField('us'),
    'ERR_HMAC_DIGEST: {f} is not what the request gives',
  ],
  [
    'a param that is not carried',
    { ...field({ param: 'p' }, '{f?}\n{body}'), params: { p: 'eu' } },
    headers(`\n${body}`),
    'ERR_HMAC_INCOMPLETE: {f} is not in the request',
  ],
  ['a deadline that is none', field({ unit: 'seconds' }), ofField('0123'), 'ERR_HMAC_MALFORMED: {f} is no time in seconds'],
  [
    'a deadline that has passed',
    field({ unit: 'seconds' }),
    ofField(String(nowSeconds - 7)),
    'ERR_HMAC_STALE: the signature expired 7 s ago',
  ],
  [
    'another list than the scheme has',
    listed({ exactly: ['host', 'a'], mustInclude: undefined }),
    of(`s=host;m=${mac}`, { host: 'h' }),
    "ERR_HMAC_UNCOVERED: the list {signed} is not the scheme's",
  ],
  [
    'a list without what has to be on it',
    listed(),
    of(`s=a;m=${mac}`, { host: 'h', a: '1' }),
    'ERR_HMAC_UNCOVERED: host has to be signed and is not on the list',
  ],
  [
    'a list with a header that is not there',
    listed(),
    of(`s=host a;m=${mac}`, { host: 'h' }),
    'ERR_HMAC_INCOMPLETE: the field a is on the list of what is signed and not in the request',
  ],
  [
    'a list that names one twice',
    listed(),
    of(`s=host Host;m=${mac}`, { host: 'h' }),
    'ERR_HMAC_DUPLICATED: a name stands twice on the list of what is signed',
  ],
  [
    'a list with what is no name',
    listed(),
    of(`s=host (x);m=${mac}`, { host: 'h' }),
    'ERR_HMAC_MALFORMED: a name on the list of what is signed is no field name',
  ],
  [
    'a list of too many names',
    listed(),
    of(`s=host ${Array.from({ length: 64 }, (_, i) => `a${i}`).join(' ')};m=${mac}`, { host: 'h' }),
    'ERR_HMAC_MALFORMED: more than 64 names on the list of what is signed',
  ],
  ['a body that is not JSON', { message: '{json:/a}' }, { ...headers('1'), body: '{a}' }, 'ERR_HMAC_MALFORMED: the body is not JSON'],
  [
    'a body that is not UTF-8',
    { message: '{json:/a}' },
    { ...headers('1'), body: Buffer.from([0x22, 0xff, 0x22]) },
    'ERR_HMAC_MALFORMED: the body is not UTF-8',
  ],
  [
    'a member that stands twice',
    { message: '{json:/a}' },
    { ...headers('1'), body: '{"a":1,"a":1}' },
    'ERR_HMAC_MALFORMED: a JSON object of the body names a member twice',
  ],
  [
    'JSON beyond all depth',
    { message: '{json:/a}' },
    { ...headers('1'), body: `${'['.repeat(201)}${']'.repeat(201)}` },
    'ERR_HMAC_MALFORMED: the JSON of the body is nested deeper than 200',
  ],
  [
    'half of a surrogate pair',
    { message: '{json:/a}' },
    { ...headers('1'), body: '{"a":"\\ud800"}' },
    'ERR_HMAC_MALFORMED: a JSON string holds half of a surrogate pair',
  ],
  [
    'JSON without what is signed',
    { message: '{json:/a}' },
    { ...headers('1'), body: '{"b":1}' },
    'ERR_HMAC_INCOMPLETE: {json:/a} is not in the request',
  ],
  [
    'a header that is signed and not there',
    { message: '{header:a}\n{body}' },
    headers(`\n${body}`),
    'ERR_HMAC_INCOMPLETE: {header:a} is not in the request',
  ],
  [
    'a header that stands twice',
    { message: '{header:a}\n{body}' },
    headers(`\n${body}`, { a: ['1', '2'] }),
    'ERR_HMAC_DUPLICATED: the field a stands more than once',
  ],
  [
    'a parameter that stands twice',
    { message: '{body|sha256|hex}{query:a}' },
    { ...headers(`1\n${body}`), url: '/?a=1&a=2' },
    'ERR_HMAC_DUPLICATED: the query parameter a stands more than once',
  ],
  [
    'a parameter that is not UTF-8',
    { message: '{body|sha256|hex}{query:a}' },
    { ...headers(`1\n${body}`), url: '/?a=%ff' },
    'ERR_HMAC_MALFORMED: the query parameter a is not percent-encoded UTF-8',
  ],
  [
    'too many parameters',
    { message: '{body|sha256|hex}{query:a}' },
    { ...headers(`1\n${body}`), url: `/?a=1${'&'.repeat(1000)}` },
    'ERR_HMAC_MALFORMED: more than 1000 parameters',
  ],
  [
    'a form field that stands twice',
    { message: '{form:a}' },
    { ...headers('1', { 'content-type': 'application/x-www-form-urlencoded' }), body: 'a=1&a=1' },
    'ERR_HMAC_DUPLICATED: the form field a stands more than once',
  ],
  [
    'a form field that is not UTF-8',
    { message: '{form:a}' },
    { ...headers('1', { 'content-type': 'application/x-www-form-urlencoded' }), body: 'a=%zz' },
    'ERR_HMAC_MALFORMED: the form field a is not percent-encoded UTF-8',
  ],
  [
    'a body that is no form',
    { message: '{form:a}' },
    { ...headers('1'), body: 'a=1' },
    'ERR_HMAC_UNSIGNED_BODY: the scheme signs the fields of a form, and the body is none',
  ],
  [
    'a cookie that stands twice',
    { message: '{cookie:a}\n{body}' },
    headers(`1\n${body}`, { cookie: 'a=1; a=2' }),
    'ERR_HMAC_DUPLICATED: the cookie a stands more than once',
  ],
  [
    'too many cookies',
    { message: '{cookie:a}\n{body}' },
    headers(`1\n${body}`, { cookie: `a=1${';'.repeat(1000)}` }),
    'ERR_HMAC_MALFORMED: more than 1000 cookies',
  ],
  [
    'a method in small letters',
    { message: '{method}\n{body}' },
    { ...headers(`post\n${body}`), method: 'post' },
    'ERR_HMAC_MALFORMED: the method is not written in capital letters',
  ],
  ['no Host', { message: '{host}\n{body}' }, headers(`h\n${body}`), 'ERR_HMAC_INCOMPLETE: the request has no Host'],
  [
    'a Host that is none',
    { message: '{host}\n{body}' },
    headers(`h\n${body}`, { host: 'a/b' }),
    'ERR_HMAC_MALFORMED: the Host field holds no host',
  ],
  [
    'a port that is none',
    { message: '{port}\n{body}' },
    headers(`h\n${body}`, { host: 'a:123456' }),
    'ERR_HMAC_MALFORMED: the port of the Host field is no number',
  ],
  [
    'a Host and another authority',
    { message: '{host}\n{body}' },
    { headers: ['x-signature', mac, 'host', 'a', ':authority', 'b'] },
    'ERR_HMAC_MALFORMED: Host and :authority are not the same',
  ],
  ['no public origin', { message: '{url}\n{body}' }, headers(`h\n${body}`), 'ERR_HMAC_INCOMPLETE: no public origin is configured'],
  [
    'a target with a blank',
    { message: '{target}\n{body}' },
    { ...headers(`h\n${body}`), url: '/a b' },
    'ERR_HMAC_MALFORMED: the request target holds a blank, a control character or "#"',
  ],
  [
    'a target that is no path',
    { message: '{target}\n{body}' },
    { ...headers(`h\n${body}`), url: 'ftp://a/b' },
    'ERR_HMAC_MALFORMED: the request target is no path, and no http URL of a plain host',
  ],
  [
    'a path with dots',
    { message: '{path|normalPath}\n{body}' },
    { ...headers(`h\n${body}`), url: '/a/../b' },
    'ERR_HMAC_MALFORMED: the path has empty, "." or ".." segments, which its signature does not tell apart',
  ],
  [
    'a value without its prefix',
    { message: '{header:a|strip:v1 }\n{body}' },
    headers(`h\n${body}`, { a: 'v2 x' }),
    'ERR_HMAC_MALFORMED: a value does not begin with "v1 "',
  ],
  [
    'a value that is too short',
    { message: '{header:a|first:3}\n{body}' },
    headers(`h\n${body}`, { a: 'ab' }),
    'ERR_HMAC_MALFORMED: a value is shorter than 3 characters',
  ],
  [
    'a value that is not percent-encoded',
    { message: '{body|sha256|hex}{header:a|decode}' },
    headers(`h\n${body}`, { a: '%zz' }),
    'ERR_HMAC_MALFORMED: a value is not percent-encoded UTF-8',
  ],
  [
    'a value that is no hex',
    { message: '{header:a|fromHex|hex}\n{body}' },
    headers(`h\n${body}`, { a: 'zz' }),
    'ERR_HMAC_MALFORMED: a value is not hex',
  ],
  [
    'a value that is no JSON object',
    { message: '{body|without:a}' },
    { ...headers('h'), body: '[1]' },
    'ERR_HMAC_MALFORMED: a value is no JSON object',
  ],
  [
    'a value whose JSON has not what is signed',
    { message: '{body|json:/a}' },
    { ...headers('h'), body: '{}' },
    'ERR_HMAC_INCOMPLETE: the JSON of a value has nothing at /a',
  ],
  [
    'a value that is no text',
    { message: '{body|text|upper}' },
    { ...headers('h'), body: Buffer.from([0xff]) },
    'ERR_HMAC_MALFORMED: a value is not UTF-8',
  ],
  [
    'an empty body behind a text of the scheme',
    { message: 'v1:{body}' },
    { body: '', headers: { 'x-signature': hexOf('v1:') } },
    `ERR_HMAC_NOTHING_SIGNED: the body is empty, and ${UNBOUND}`,
  ],
  [
    'an empty query behind a text of the scheme',
    { message: 'q:{query}', ...unbound, signature: { cookie: 's' } },
    { method: 'GET', url: '/', body: '', headers: { cookie: `s=${hexOf('q:')}` } },
    `ERR_HMAC_NOTHING_SIGNED: the body is empty, and ${UNBOUND}`,
  ],
  [
    'a method that ends in small letters',
    { message: '{method}\n{body}' },
    { ...headers(`GETx\n${body}`), method: 'GETx' },
    'ERR_HMAC_MALFORMED: the method is not written in capital letters',
  ],
  [
    'a method that begins with small letters',
    { message: '{method}\n{body}' },
    { ...headers(`xGET\n${body}`), method: 'xGET' },
    'ERR_HMAC_MALFORMED: the method is not written in capital letters',
  ],
  [
    'a method with a digit',
    { message: '{method}\n{body}' },
    { ...headers(`G1\n${body}`), method: 'G1' },
    'ERR_HMAC_MALFORMED: the method is not written in capital letters',
  ],
  ['an empty Host', { message: '{host}\n{body}' }, headers(`\n${body}`, { host: '' }), 'ERR_HMAC_INCOMPLETE: the request has no Host'],
  [
    'a field of a prefix twice',
    { define: { l: { each: 'headers', prefix: 'x-a-', item: '{name}:{value}\n', join: '' } }, message: '{l}\n{body}' },
    headers(`x-a-b:1\n\n${body}`, { 'x-a-b': ['1', '2'] }),
    'ERR_HMAC_DUPLICATED: the field x-a-b stands more than once',
  ],
  [
    'items of two senders',
    { ...scoped, keyId: { header: 'k' } },
    {
      body: json({
        items: [
          { id: 1, mac: hexOf('1') },
          { id: 2, mac: hexOf('2', TWO) },
        ],
      }),
      headers: { k: 'id' },
    },
    'ERR_HMAC_MISMATCH: the items of the body are not all signed under one secret',
    { secret: [secret, TWO] },
  ],
  [
    'a body that is no object where its members are signed',
    { message: { each: 'json', item: '{name}={value}', join: '&', encode: 'rfc3986' } },
    { ...headers('x'), body: '5' },
    'ERR_HMAC_MALFORMED: the body is no JSON object and no list',
  ],
  [
    'a part of the body that is no object',
    { message: { each: 'json', at: '/a', item: '{name}={value}', join: '&', encode: 'rfc3986' } },
    { ...headers('x'), body: '{"a":5}' },
    'ERR_HMAC_MALFORMED: what is at /a is no JSON object and no list',
  ],
  [
    'more members than may be',
    { message: { each: 'json', flatten: '.', item: '{name}={value}', join: '&', encode: 'rfc3986' }, ambiguous: 'nested' },
    { ...headers('x'), body: json({ a: Array.from({ length: 1001 }, () => 1) }) },
    'ERR_HMAC_MALFORMED: more than 1000 members',
  ],
  [
    'a list that names a parameter that is not there',
    listedPairs,
    pairsOf('a,b', '/?a=1'),
    'ERR_HMAC_INCOMPLETE: b is on the list of what is signed, and not in the request or on the list twice',
  ],
  [
    'a list that names a parameter twice',
    listedPairs,
    pairsOf('a,a', '/?a=1'),
    'ERR_HMAC_INCOMPLETE: a is on the list of what is signed, and not in the request or on the list twice',
  ],
  ['a parameter of a list that stands twice', listedPairs, pairsOf('a', '/?a=1&a=1'), 'ERR_HMAC_DUPLICATED: a stands more than once'],
  [
    'a list of too many parameters',
    listedPairs,
    pairsOf(`a${',b'.repeat(64)}`, '/?a=1'),
    'ERR_HMAC_MALFORMED: more than 64 names on the list of what is signed',
  ],
  ...[
    'application/json;charset=latin1',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; charset=utf-16; charset=utf-8',
    'application/json; charset = "utf-16"',
    'application/json; xcharset=utf-8',
    'application/json; charset=utf-8x',
  ].map((type) => [
    `members of a body as ${type}`,
    { message: '{json:/a}' },
    { ...headers('1', { 'content-type': type }), body: '{"a":1}' },
    'ERR_HMAC_MALFORMED: the scheme signs the parsed body, and Content-Type names a charset other than UTF-8',
  ]),
  [
    'members of a body that says that it is a form',
    { message: '{json:/a}' },
    { ...headers('1', { 'content-type': 'application/x-www-form-urlencoded' }), body: '{"a":1}' },
    'ERR_HMAC_UNSIGNED_BODY: the scheme signs no fields of a form, and the body says that it is one; write {form:name}, or "each": "form"',
  ],
  ['a scope that is not there', scoped, { body: '{"x":[]}' }, 'ERR_HMAC_MISSING: the request carries no signature of the scheme'],
  [
    'texts around a slot of a member that overlap',
    { keyId: { header: 'k', format: 'k=ab{keyId?}ba', members: ',' } },
    { headers: { k: 'k=aba', 'x-signature': mac } },
    'ERR_HMAC_MALFORMED: the field k is not of the form of the scheme',
  ],
  [
    'a separator that is that of the text in front of a time',
    behind('a;{f?};{timestamp}'),
    { headers: { t: `a;${nowSeconds}`, 'x-signature': hexOf(`${nowSeconds}.${body}`) } },
    'ERR_HMAC_MALFORMED: the field t is not of the form of the scheme',
  ],
  [
    'a separator that is that of the text in front',
    { keyId: { header: 'k', format: 'a;{f?};{keyId}' }, fields: { f: {} } },
    { headers: { k: 'a;k', 'x-signature': mac } },
    'ERR_HMAC_MALFORMED: the field k is not of the form of the scheme',
  ],
  [
    'members that begin with what stands between them',
    { keyId: { header: 'k', format: 'k={keyId?}', members: ',' } },
    { headers: { k: ',a=b', 'x-signature': mac } },
    'ERR_HMAC_MALFORMED: the field k is not of the form of the scheme',
  ],
  [
    'a parameter beside the one of the scheme',
    {
      define: { l: { each: 'query', with: { nonce: '{header:n}' }, item: '{name}={value}', join: '&', encode: 'rfc3986' } },
      message: '{body|sha256|hex}{l}',
    },
    { ...headers('x', { n: '1' }), url: '/?nonce=2' },
    'ERR_HMAC_DUPLICATED: the parameter nonce stands beside the one of the scheme',
  ],
]

describe('each refusal has its code and says why', () => {
  for (const [name, definition, received, expected, options] of refused) {
    test(name, () => assert.equal(told(definition, received, options), expected))
  }
})

const other = '0'.repeat(64)
const v1 = { ...inX, format: 'v1={signature}', list: ',' }
const withId = { ...inX, format: '{keyId}/{signature}', list: ',' }

/** Requests that only just hold: what is next to each of them is refused. */
const held = [
  ['as many fields as may be', { signature: { header: 'x-{n}', max: 2 } }, { headers: { 'x-1': other, 'x-2': mac } }],
  ['as many signatures as may be', { signature: { ...v1, max: 2 } }, of(`v1=${other},v1=${mac}`)],
  ['as many elements as may be', { signature: v1 }, of(`${'a,'.repeat(127)}v1=${mac}`)],
  ['an empty element in front', { signature: v1 }, of(`,v1=${mac}`)],
  ['an empty element behind', { signature: v1 }, of(`v1=${mac},`)],
  ['as many elements with key ids as may be', { signature: withId }, of(`${'a,'.repeat(127)}k/${mac}`)],
  ['as many signatures with key ids as may be', { signature: { ...withId, max: 2 } }, of(`k/${other},k/${mac}`)],
  ['a value as long as may be', field({}), ofField('a'.repeat(4096))],
  ['a key id as long as may be', { keyId: { header: 'k' } }, { headers: { k: '!~'.repeat(128), 'x-signature': mac } }],
  ['a time as old as may be', dated, at(nowSeconds - 300)],
  ['a time as far ahead as may be', dated, at(nowSeconds + 300)],
  ['a time in the body', inBody, { body: json({ t: nowSeconds, a: 1 }), headers: { 'x-signature': hexOf(`${nowSeconds}\n1`) } }],
  ['a deadline that is now', field({ unit: 'seconds' }), ofField(String(nowSeconds))],
  [
    'a life that ends now',
    { ...dated, fields: { life: { header: 'l', unit: 'life' } }, message: '{timestamp}.{life}.{body}' },
    { headers: { t: `${nowSeconds - 60}`, l: '60', 'x-signature': hexOf(`${nowSeconds - 60}.60.${body}`) } },
  ],
  ['as many items as may be', scoped, { body: items(100) }],
  ['a scope that is one place', { ...scoped, scope: { json: '/a', hold: 'all' } }, { body: json({ a: { id: 7, mac: hexOf('7') } }) }],
  [
    'a scope inside each element',
    { ...scoped, scope: { json: '/l/*/in', hold: 'all' } },
    { body: json({ l: [{ in: { id: 7, mac: hexOf('7') } }] }) },
  ],
  ['a scope that is the body itself', { ...scoped, scope: { json: '/*', hold: 'all' } }, { body: json([{ id: 7, mac: hexOf('7') }]) }],
  ['a scope with a key id in front of the body', { ...scoped, keyId: { header: 'k' } }, { body: items(2), headers: { k: 'id' } }],
  [
    'a time of each item',
    { ...scoped, timestamp: { item: '/t', unit: 'seconds' }, message: '{timestamp}{item:/id}' },
    { body: json({ items: [{ id: 1, t: nowSeconds, mac: hexOf(`${nowSeconds}1`) }] }) },
  ],
  [
    'a time in front of items',
    { ...scoped, timestamp: seconds, message: '{timestamp}{item:/id}' },
    { body: json({ items: [{ id: 1, mac: hexOf(`${nowSeconds}1`) }] }), headers: { t: `${nowSeconds}` } },
  ],
  ['an optional slot that is empty', field({ format: 'v={f?}', default: '2' }, '{f}\n{body}'), headers(`2\n${body}`, { f: 'v=' })],
  ['an optional slot that is not', field({ format: 'v={f?}', default: '2' }, '{f}\n{body}'), headers(`3\n${body}`, { f: 'v=3' })],
  ['a default where there is no field', field({ default: '2' }, '{f}\n{body}'), headers(`2\n${body}`)],
  ['a digest', field({ value: '{body|sha256|hex}' }), ofField(sha256(body))],
  [
    'as many parameters as may be',
    { message: '{body|sha256|hex}{query:a}' },
    { url: `/?a=1${'&'.repeat(999)}`, headers: { 'x-signature': hexOf(`${sha256(body)}1`) } },
  ],
  ['as many cookies as may be', { message: '{cookie:a}\n{body}' }, headers(`1\n${body}`, { cookie: `a=1${';'.repeat(999)}` })],
  [
    'JSON as deep as may be',
    { message: '{json:}' },
    { ...headers('['.repeat(200) + ']'.repeat(200)), body: '['.repeat(200) + ']'.repeat(200) },
  ],
  [
    'as many names as may be',
    listed(),
    of(
      `s=host ${Array.from({ length: 63 }, (_, i) => `a${i}`).join(' ')};m=${hexOf(`host:h\n${Array.from({ length: 63 }, (_, i) => `a${i}:1\n`).join('')}\n${body}`)}`,
      { host: 'h', ...Object.fromEntries(Array.from({ length: 63 }, (_, i) => [`a${i}`, '1'])) },
    ),
  ],
  [
    'as many members as may be',
    { message: { each: 'json', flatten: '.', item: '{value}', join: '', encode: 'rfc3986' }, ambiguous: 'nested' },
    { ...headers('1'.repeat(1000)), body: json({ a: Array.from({ length: 1000 }, () => 1) }) },
  ],
  ['as many names of parameters as may be', listedPairs, manyPairs(Array.from({ length: 64 }, (_, i) => (i === 0 ? 'a' : `a${i}`)))],
  ...['application/json', 'application/json; charset=UTF-8', 'application/json;charset="utf8" ; a=b'].map((type) => [
    `members of a body as ${type}`,
    { message: '{json:/a}' },
    { ...headers('1', { 'content-type': type }), body: '{"a":1}' },
  ]),
  [
    'octets of a body in another charset',
    { message: '{body}' },
    { headers: { 'content-type': 'text/plain; charset=latin1', 'x-signature': mac } },
  ],
  [
    'octets of a body that says that it is a form',
    { message: '{body}' },
    { headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-signature': mac } },
  ],
  ['fields of a form', { message: '{form:a}' }, { ...headers('1', { 'content-type': 'application/x-www-form-urlencoded' }), body: 'a=1' }],
  [
    'no body where its members are signed',
    { ...dated, message: '{timestamp}.{json:/a?}' },
    { body: '{}', headers: { t: String(nowSeconds), 'x-signature': hexOf(`${nowSeconds}.`) } },
  ],
  [
    'texts around a slot of a member with nothing between',
    { keyId: { header: 'k', format: 'k=ab{keyId?}ba', members: ',' } },
    { headers: { k: 'k=abba', 'x-signature': mac } },
  ],
  ...[
    ['a;{f?};{timestamp}', `a;;${nowSeconds}`],
    ['a;{f?};{timestamp}', `a;;;b;${nowSeconds}`],
    ['{f};{timestamp};x', `a;b;${nowSeconds};x`],
    ['{f};{timestamp};x;', `a;x;${nowSeconds};x;`],
  ].map(([format, t]) => [
    `a time at the right of ${format}: ${t}`,
    behind(format),
    { headers: { t, 'x-signature': hexOf(`${nowSeconds}.${body}`) } },
  ]),
  [
    'a separator behind the text in front',
    { keyId: { header: 'k', format: 'a;{f?};{keyId}' }, fields: { f: {} } },
    { headers: { k: 'a;;k', 'x-signature': mac } },
  ],
  [
    'a separator that stands at the end too',
    { keyId: { header: 'k', format: '{f};{keyId};x' }, fields: { f: {} } },
    { headers: { k: 'a;b;k;x', 'x-signature': mac } },
  ],
  [
    'members of which none is known',
    { keyId: { header: 'k', format: 'k={keyId?}', members: ',' } },
    { headers: { k: 'a="b,",c=""', 'x-signature': mac } },
  ],
  [
    "a list that is the scheme's",
    listed({ exactly: ['host', 'a'], mustInclude: undefined }),
    of(`s=host a;m=${hexOf(`host:h\na:1\n\n${body}`)}`, { host: 'h', a: '1' }),
  ],
  [
    'a query where only that is signed',
    { message: '{query}', ...unbound, signature: { cookie: 's' } },
    { method: 'GET', body: '', url: '/?a', headers: { cookie: `s=${hexOf('a')}` } },
  ],
  ['no public origin, and a URL that names one', { message: '{url}\n{body}' }, { ...headers(`http://h/a\n${body}`), url: 'http://h/a' }],
  [
    'a guarded time of its usual length',
    { ...dated, message: '{timestamp}{header:a}\n{body}' },
    { headers: { a: '5', t: `${nowSeconds}`, 'x-signature': hexOf(`${nowSeconds}5\n${body}`) } },
  ],
  ['a port of five digits', { message: '{port}\n{body}' }, headers(`65535\n${body}`, { host: 'a:65535' })],
]

describe('what is just within the limits holds', () => {
  for (const [name, definition, received] of held) test(name, () => assert.equal(told(definition, received), true))
})
