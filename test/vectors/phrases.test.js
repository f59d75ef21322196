import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'
import { digest, form, get, hmac, KEY, NOW, ORIGIN, PLAIN, SECONDS } from './attacked.js'

/**
 * What pages of vendors say, as chapter 3 of LANGUAGE.md lists it: that the line is there, and that what it tells to write makes the
 * string of the page. `message` is that string; `sent` stands in the request.
 */
const page = readFileSync(join(import.meta.dirname, '../../packages/schemes/LANGUAGE.md'), 'utf8')
const index = page.slice(page.indexOf('\n## 3 '), page.indexOf('\n## 4 '))
const header = { header: 'x-s' }
const body = '{"b":1.0,"a":{"d":2,"c":"\u00e9/x"}}'
const pairs = (more) => ({ each: 'form', sort: 'name', item: '{name}={value}', join: '&', ...more })
const lossy = { ambiguous: 'values are not encoded' }

const phrases = [
  ['`hexdigest()`', { message: '{body}' }, { message: body, sent: hmac('sha256', KEY, body) }],
  [
    '"upper-case hex"',
    { signature: { ...header, encoding: 'hex|upper' }, message: '{body}' },
    { sent: hmac('sha256', KEY, body).toUpperCase() },
  ],
  [
    '`base64_encode(hash_hmac(..., true))`',
    { signature: { ...header, encoding: 'base64' }, message: '{body}' },
    { sent: hmac('sha256', KEY, body, 'base64') },
  ],
  [
    '"URL-safe base64"',
    { signature: { ...header, encoding: 'base64url' }, message: '{body}' },
    { sent: Buffer.from(hmac('sha256', KEY, body), 'hex').toString('base64url') },
  ],
  [
    '"base64-decode the secret"',
    { key: '{secret|fromBase64}', message: '{body}' },
    { secret: Buffer.from(KEY).toString('base64'), sent: hmac('sha256', KEY, body) },
  ],
  [
    'several behind one word',
    { signature: { ...header, format: 'v1:{signature+}', list: ',' }, message: '{body}' },
    { sent: `v1:${hmac('sha256', KEY, body)}` },
  ],
  [
    '`d.pop("sign")` and `json.dumps(d, sort_keys=True)`',
    { message: '{body|omit:b|sorted|spaced|escapeUnicode}', allowUnboundBody: 'a member is left out' },
    { message: '{"a": {"c": "\\u00e9/x", "d": 2}}' },
  ],
  [
    'of each element of a list some members',
    { define: { items: { each: 'json', at: '/i', item: '{value|json:/s}:{value|json:/q}', join: ';' } }, message: '{items}', ...lossy },
    { request: { body: '{"i":[{"s":"A","p":9,"q":2},{"q":1,"s":"B"}]}' }, message: 'A:2;B:1' },
  ],
  [
    'a pair that is left out where its value is empty, in the order of the page',
    { message: 'id={form:id}{form:note?|prepend:&note=}', ...lossy },
    { request: form('note=&id=7'), message: 'id=7' },
  ],
  [
    ".NET's UrlEncode",
    { define: { p: pairs({ item: '{name|encodeForm}={value|encodeForm|lowerEscapes}' }) }, message: '{p}' },
    { request: form('b=X%2Fy+z&a=%C3%BC'), message: 'a=%c3%bc&b=X%2fy+z' },
  ],
  [
    'netstrings',
    { message: '{path|length}:{path},{body|length}:{body},', ...lossy },
    { request: { url: `${ORIGIN}/a`, body: '{}' }, message: '2:/a,2:{},' },
  ],
  [
    '"append the secret"',
    { ...PLAIN, ...lossy, define: { pairs: pairs() }, message: '{pairs}&key={secret}' },
    { request: form('b=2&a=1'), sent: digest('sha256', `a=1&b=2&key=${KEY}`) },
  ],
  [
    '"the URL encoded with encodeURIComponent, in lower case"',
    { define: { place: '{authority}{target}' }, message: '{place|encodeUri|lower}\n{body}' },
    { request: { url: `${ORIGIN}/A?b=C` }, message: `api.example.com%2fa%3fb%3dc\n${body}` },
  ],
  [
    '"of an empty string for GET"',
    { message: '{method}\n{path}\n{body|sha256|hex}' },
    { request: get('/a'), message: `GET\n/a\n${digest('sha256', '')}` },
  ],
  ['"the empty string for GET"', { message: '{method}\n{path}\n{body?|sha256|hex}' }, { request: get('/a'), message: 'GET\n/a\n' }],
  ['GET requests alone', { message: '{method} {path}{body?|sha256|hex|prepend:\n}' }, { request: get('/a'), message: 'GET /a' }],
  [
    'a hash of a hash',
    { ...PLAIN, ...lossy, define: { inner: '{form:a}.{form:b}' }, message: '{inner|sha1|hex}.{secret}' },
    { request: form('a=1&b=2'), sent: digest('sha256', `${digest('sha1', '1.2')}.${KEY}`) },
  ],
  ['"the URL-decoded body"', { ...lossy, message: pairs({ sort: undefined }) }, { request: form('b=1+2&a=%2F'), message: 'b=1 2&a=/' }],
  [
    '`json.dumps(..., sort_keys=True)`',
    { message: '{body|sorted|spaced|escapeUnicode}' },
    { message: '{"a": {"c": "\\u00e9/x", "d": 2}, "b": 1.0}' },
  ],
  [
    '`ksort($data); json_encode($data)`',
    { message: '{body|stringify|sorted:outer|escapeUnicode|escapeSlashes}' },
    { message: '{"a":{"d":2,"c":"\\u00e9\\/x"},"b":1}' },
  ],
  [
    'a JSON text of its own',
    { timestamp: { header: 'x-t', unit: 'seconds' }, message: '{{"id":{json:/id|quote},"time":{timestamp}}}' },
    { request: { body: '{"id":"a\\"b"}' }, message: `{"id":"a\\"b","time":${SECONDS}}` },
  ],
  ['"strip the last `&`"', { ...lossy, message: pairs() }, { request: form('b=2&a=1'), message: 'a=1&b=2' }],
  [
    '"each followed by `&`"',
    { ...lossy, message: pairs({ item: '{name}={value}&', join: '' }) },
    { request: form('b=2&a=1'), message: 'a=1&b=2&' },
  ],
  [
    '"concatenate the values in alphabetical order of keys"',
    { ...lossy, message: pairs({ item: '{value}', join: '' }) },
    { request: form('b=2&a=1'), message: '12' },
  ],
  [
    '"values URL-encoded", with `%20`',
    { message: pairs({ encode: 'rfc3986' }) },
    { request: form('b=1+2&a=%C3%A9'), message: 'a=%C3%A9&b=1%202' },
  ],
  [
    '"leave out empty parameters"',
    { ...lossy, message: pairs({ skipEmpty: true, except: ['sign_type'] }) },
    { request: form('c=&b=2&sign_type=MD5&a=1'), message: 'a=1&b=2' },
  ],
  [
    'one parameter prints in another way than the rest',
    { message: pairs({ encode: 'rfc3986', named: { amount: '{name}={value|decimals:2}' } }) },
    { request: form('b=2&amount=1.5'), message: 'amount=1.50&b=2' },
  ],
  [
    'the secret alone among them',
    { ...PLAIN, ...lossy, message: pairs({ with: { own: '{secret}' }, named: { own: '{value}' }, sort: 'item' }) },
    { request: form('z=1&a=2'), sent: digest('sha256', `a=2&${KEY}&z=1`) },
  ],
  [
    '`X-Acme-Signed-Headers: host;x-acme-date`',
    {
      timestamp: { header: 'x-acme-date', unit: 'iso-basic' },
      fields: { signed: { header: 'x-acme-signed-headers', names: ';', mustInclude: ['host', 'x-acme-date'] } },
      define: { lines: { each: 'headers', names: '{signed}', item: '{name}:{value|trim}\n', join: '' } },
      message: '{lines}\n{signed}\n{body|sha256|hex}',
    },
    { message: `host:api.example.com\nx-acme-date:20260115T120000Z\n\nhost;x-acme-date\n${digest('sha256', body)}` },
  ],
  ['"milliseconds"', { timestamp: { header: 'x-t', unit: 'milliseconds' }, message: '{timestamp}.{body}' }, { message: `${NOW}.${body}` }],
  [
    '`DateTime.UtcNow.Ticks`',
    { timestamp: { header: 'x-t', unit: 'ticks' }, message: '{timestamp}.{body}' },
    { message: `639040752000000000.${body}` },
  ],
  [
    'the time is hashed and not sent',
    { timestamp: { unit: 'seconds', unsent: true, toleranceSeconds: 60 }, message: '{timestamp}.{body}' },
    { message: `${SECONDS}.${body}` },
  ],
]

for (const [phrase, definition, { request = {}, secret = KEY, message, sent }] of phrases) {
  test(`${phrase}: LANGUAGE.md says what to write, and it holds`, () => {
    assert.ok(index.includes(phrase), 'is not in chapter 3')
    const own = scheme({ name: 'acme', signature: header, ...definition })
    const asked = { method: 'POST', url: `${ORIGIN}/v1`, headers: { 'content-type': 'application/json' }, body, ...request }
    asked.body = Buffer.from(asked.body)
    const setUp = { secret, now: () => NOW, allowInsecureScheme: true, allowEmptyBody: true, publicOrigin: ORIGIN }
    const { allowEmptyBody: _, ...toSign } = setUp
    const signed = sign(own, asked, toSign)
    if (message !== undefined) assert.equal(signed.message.toString(), message)
    if (sent !== undefined) assert.equal(signed.headers['x-s'], sent)
    const arrived = { ...asked, headers: { ...asked.headers, ...signed.headers } }
    assert.equal(verify(own, arrived, setUp).ok, true, verify(own, arrived, setUp).reason)
  })
}
