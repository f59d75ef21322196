import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dated, field, list, sig, time } from './definitions.js'
import { mistakes } from './signing.js'

/** The one line about a definition. */
function told(definition) {
  const lines = mistakes(definition)
  assert.equal(lines.length, 1, lines.join('\n'))
  return lines[0]
}

const unit = (one) => dated({ unit: one })
const piped = (pipe) => ({ message: `{body|${pipe}}` })

test('words of other languages and tools: the message names ours', () => {
  for (const [meant, words, made] of [
    ['seconds', ['unix', 'epoch', 'Unix-Time', 'unix_timestamp', 's', 'sec'], unit],
    ['milliseconds', ['ms', 'unix-ms', 'epoch_millis'], unit],
    ['rfc3339', ['iso', 'ISO8601', 'iso-8601', 'datetime', 'RFC-3339'], unit],
    ['http-date', ['rfc1123', 'RFC 2822', 'gmt', 'date', 'http'], unit],
    ['hex-seconds', ['hex'], unit],
    ['base64', ['b64', 'base64_encode', 'btoa', 'BASE64'], (encoding) => sig({ encoding })],
    ['base64url', ['urlsafe', 'base64url-nopad', 'url_safe_base64', 'base64-url'], (encoding) => sig({ encoding })],
    ['hex', ['hexdigest', 'bin2hex', 'Hex'], (encoding) => sig({ encoding })],
    ['hex|upper', ['hex-upper', 'HexUpper'], (encoding) => sig({ encoding })],
    ['sha256', ['HmacSHA256', 'hmac-sha256', 'HS256', 'SHA-256', 'sha2'], (algorithm) => ({ algorithm })],
    ['sha1', ['HmacSHA1', 'SHA-1', 'sha'], (algorithm) => ({ algorithm })],
    ['sha512', ['hmac_sha512', 'HS512'], (algorithm) => ({ algorithm })],
    ['sha256', ['hash', 'digest', 'SHA-256'], (pipe) => piped(`${pipe}|hex`)],
    ['lower', ['toLowerCase', 'lowercase', 'downcase'], piped],
    ['upper', ['strtoupper', 'to_upper'], piped],
    ['encode', ['rawurlencode', 'percent-encode'], piped],
    ['encodeForm', ['urlencode', 'quote_plus', 'URLEncoder', 'QueryEscape'], piped],
    ['decimals', ['number_format', 'toFixed'], (pipe) => ({ message: `{json:/amount|${pipe}:2}\n{body}` })],
    ['reverse', ['strrev'], (pipe) => ({ message: `{header:x|${pipe}}\n{body}` })],
    ['md5|hex', ['md5hex', 'md5_hex'], piped],
    ['minify', ['compact'], piped],
    ['stringify', ['json_encode', 'dumps'], piped],
    ['latin1', ['ISO-8859-1'], piped],
    ['utf16le', ['UTF-16'], piped],
    ['encodeUri', ['encodeURIComponent'], piped],
    ['first', ['substr', 'substring', 'slice'], (pipe) => piped(`sha256|hex|${pipe}:0`)],
    ['fromBase64', ['base64decode', 'base64_decode', 'atob', 'b64decode'], (pipe) => ({ key: `{secret|${pipe}}` })],
    ['fromHex', ['unhex', 'hex2bin'], (pipe) => ({ key: `{secret|${pipe}}` })],
    ['name', ['asc', 'key', 'alphabetical', 'ksort'], (sort) => list({ sort })],
    ['rfc3986', ['percent', 'rawurlencode', 'url'], (encode) => list({ encode })],
    ['form', ['urlencode', 'quote_plus', 'php'], (encode) => list({ encode })],
    ['query', ['params', 'queries', 'query_string'], (each) => list({ each })],
    ['headers', ['header'], (each) => list({ each })],
    ['except', ['exclude', 'omit', 'ignore'], (name) => list({ [name]: ['a'] })],
    ['only', ['include', 'pick'], (name) => list({ [name]: ['a'] })],
    ['sort', ['order', 'sort_by'], (name) => list({ [name]: 'name' })],
    ['toleranceSeconds', ['tolerance', 'maxAge', 'ttl', 'clock_skew'], (name) => dated({ [name]: 300 })],
    ['format', ['prefix', 'template'], (name) => sig({ [name]: 'sha256=' })],
    ['value', ['constant', 'hash', 'fixed'], (name) => field({ [name]: '2' })],
    ['hash', ['plain', 'none'], (construction) => ({ construction })],
    ['uuid', ['guid'], (as) => ({ nonce: { header: 'n', as }, message: '{nonce}{body}' })],
    ['docs', ['documentation'], (name) => ({ [name]: 'x' })],
    ['algorithm', ['hash', 'alg', 'hmac'], (name) => ({ [name]: 'sha256' })],
  ])
    for (const word of words) assert.ok(told(made(word)).endsWith(`did you mean "${meant}"?`), `${word}: ${told(made(word))}`)
})

test('parts in the words and the syntax of programs: the message names ours', () => {
  for (const [part, meant] of [
    ['payload', 'did you mean {body}?'],
    ['rawBody', 'did you mean {body}?'],
    ['raw_body', 'did you mean {body}?'],
    ['req.body', 'did you mean {body}?'],
    ['verb', 'did you mean {method}?'],
    ['uri', 'did you mean {target}?'],
    ['request_uri', 'did you mean {target}?'],
    ['query_string', 'did you mean {query}?'],
    ['apiSecret', 'did you mean {secret}?'],
    ['headers.date', 'write {header:date}'],
    ['req.headers["x-date"]', 'write {header:x-date}'],
    ['params.id', 'write {query:id}'],
    ['body.order.id', 'write {json:/order/id}'],
    ['cookies.session', 'write {cookie:session}'],
    [' body ', 'write it without blanks, {body}'],
    ['body | sha256 | hex', 'write it without blanks, {body|sha256|hex}'],
    ['sha256(body)', 'pipes stand behind a part, as in {body|sha256|hex}'],
    ['\\n', 'a line feed stands outside of the braces, as \\n'],
    ['?', 'a part is a name, such as {body} or {header:date}'],
    ['newline', 'a line feed, as \\n, stands outside of the braces'],
    ['LF', 'a line feed, as \\n, stands outside of the braces'],
    ['crlf', 'CR LF, as \\r\\n, stands outside of the braces'],
    ['contentType', 'write {header:content-type}'],
    ['ip', 'what is not in the request is a param: {param:ip}'],
    ['status', 'the status of a response is a param: {param:status}'],
    ['file:upload', 'the files of a multipart body cannot be said: LANGUAGE.md, chapter 8'],
  ]) {
    const line = told({ message: `{${part}}{body}` })
    assert.ok(line.includes(`; ${meant}`), line)
  }
  const item = (text) => told({ define: { l: { each: 'query', item: text, join: '&' } }, message: '{l}\n{body}' })
  assert.match(item('{key}={value}'), /did you mean \{name\}\?/)
  assert.match(item('{name}={val}'), /did you mean \{value\}\?/)
})

test('a part that has to be declared: the message says how', () => {
  const declared = '; declare "timestamp": { "header": "...", "unit": "seconds" } beside "signature" and write {timestamp}'
  for (const part of ['timestamp', 'ts', 'date', 'unix'])
    assert.equal(told({ message: `{${part}}.{body}` }), `message: column 2: unknown part {${part}}${declared} in "{${part}}.{body}"`)
  assert.match(told({ message: '{nonce}.{body}' }), /; declare "nonce": \{ "header": "..." \} beside "signature" and write \{nonce\}/)
  assert.match(told({ message: '{apiKey}.{body}' }), /; declare "keyId": \{ "header": "..." \} beside "signature" and write \{keyId\}/)
  assert.match(told({ timestamp: time, message: '{ts}.{body}' }), /did you mean \{timestamp\}\?/)
})

test('a message without a part, in the syntax of another template: the message shows ours', () => {
  for (const message of ['{{body}}', '<body>', '%s', ':body', '$body', '[body]', 'body', ''])
    assert.match(told({ message }), /it holds no part of the request: a part stands in one pair of braces, such as \{body\}$/, message)
})

test('a pipe that is written as a call would stand in the text: the message shows ours', () => {
  const call = (text, ours) => `${text} stands in the text as it is; a pipe stands behind its part: ${ours}`
  for (const [definition, said] of [
    [{ key: 'sha256({secret})' }, `key: column 8: ${call('sha256({secret})', '{secret|sha256}, or {secret|sha256|hex} for its hex')}`],
    [{ message: 'MD5({body})' }, `message: column 5: ${call('MD5({body})', '{body|md5}, or {body|md5|hex} for its hex')}`],
    [{ message: '{method}\nbase64({body|sha256|hex})' }, call('base64({body|sha256|hex})', '{body|sha256|hex|base64}')],
    [{ message: 'toUpperCase({method})\n{body}' }, call('toUpperCase({method})', '{method|upper}')],
  ])
    assert.ok(told(definition).includes(said), told(definition))
  for (const message of ['({body})', 'sha256 ({body})', 'order({body})', 'sha256({body}', '{body})'])
    assert.deepEqual(mistakes({ message }), [])
})

test('a name at the wrong place: the message names the right one', () => {
  for (const [definition, said] of [
    [{ toleranceSeconds: 300 }, 'toleranceSeconds: unknown name; write "toleranceSeconds" in "timestamp"'],
    [{ tolerance: 300 }, 'tolerance: unknown name; write "toleranceSeconds" in "timestamp"'],
    [{ encoding: 'hex' }, 'encoding: unknown name; write "encoding" in "signature"'],
    [{ header: 'x' }, 'header: unknown name; write "header" in "signature"'],
    [{ prefix: 'sha256=' }, 'prefix: unknown name; write "format" in "signature"'],
    [{ secret: 'x' }, 'secret: unknown name; the secret is given at set-up, beside the scheme'],
    [sig({ algorithm: 'sha256' }), 'signature.algorithm: unknown name; it stands beside "signature", not in it'],
    [sig({ timestamp: time }), 'signature.timestamp: unknown name; it stands beside "signature", not in it'],
    [{ stringToSign: '{body}' }, 'stringToSign: unknown name; did you mean "message"?'],
  ])
    assert.equal(told(definition), said)
})

test('patterns of dates in the letters of other languages: the message writes them in ours', () => {
  for (const [theirs, ours] of [
    ['yyyy-MM-dd HH:mm:ss', 'YYYY-MM-DD HH:mm:ss'],
    ['yyyyMMddHHmmss', 'YYYYMMDDHHmmss'],
    ["yyyy-MM-dd'T'HH:mm:ss", 'YYYY-MM-DDTHH:mm:ss'],
    ['YYYYMMDDHHMMSS', 'YYYYMMDDHHmmss'],
    ['YYYY-MM-DD HH:MM:SS', 'YYYY-MM-DD HH:mm:ss'],
    ['%Y-%m-%d %H:%M:%S', 'YYYY-MM-DD HH:mm:ss'],
    ['%a, %d %b %Y %T', 'ddd, DD MMM YYYY HH:mm:ss'],
    ['Y-m-d H:i:s', 'YYYY-MM-DD HH:mm:ss'],
    ['YmdHis', 'YYYYMMDDHHmmss'],
    ['2006-01-02T15:04:05', 'YYYY-MM-DDTHH:mm:ss'],
  ]) {
    assert.equal(told(unit(theirs)), `timestamp.unit: the pattern ${JSON.stringify(theirs)} is written "${ours}" here`)
    assert.deepEqual(mistakes(unit(ours)), [], ours)
  }
  assert.match(told(unit('yyyy')), /unknown word "yyyy", and no pattern/)
})
