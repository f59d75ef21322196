import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import * as schemes from '@countersign/schemes'
import { explain } from '@countersign/schemes/explain'
import { WRITERS } from './explain-bodies.js'
import { JSON_BODY, NOW_MS, SECRET, send, senders } from './explain-senders.js'

const PRESETS = new Map(Object.entries(schemes))
const HEX = createHash('sha256').update('hex secret').digest('hex')
const BASE64 = createHash('sha256').update('base64 secret').digest('base64')
const QUERY_URL = 'https://api.example.com/v7/hooks/in?b=two+words&a=%5B1%5D&c=x%2Fy'

const named = (...names) => names
const all = Object.keys(senders)
const where = (test) => all.filter((name) => test(senders[name]))
const plain = where(({ form, whole, addressed, key }) => !form && !whole && !addressed && key === undefined)
const jsons = where(({ form }) => !form)
const timed = where((sender) => sender.timed)
const counted = named('stripe', 'slack', 'zoom', 'customerIo', 'standardWebhooks', 'rfc9421')
const dated = named('wso2', 'draftCavage', 'zendesk', 'awsSigv4')
const fronted = named('own', 'github', 'bitbucket', 'typeform', 'twitterX', 'slack', 'zoom', 'standardWebhooks')
const hexed = where(({ encoding, addressed }) => encoding === undefined && addressed !== true)
const bases = named('shopify', 'typeform', 'zendesk', 'standardWebhooks', 'square', 'trello', 'twilio', 'wso2')
const addressed = where((sender) => sender.addressed)
const queried = named('own', 'square', 'trello', 'twilio', 'mandrill', 'hubspotV3', 'rfc9421', 'draftCavage')
const whole = where((sender) => sender.whole)
const hosted = addressed.filter((name) => name !== 'wso2' && name !== 'own')
const typed = named('wso2', 'rfc9421', 'draftCavage', 'awsSigv4', 'coinbaseCdpHook0', 'own')
const textKeys = where(({ key }) => key === undefined)

/** Each: how the sender errs, the cause that has to be found first, the schemes, what the sender does, and what the receiver has. */
const INJECTIONS = [
  ["a line feed behind the sender's secret", 'secret-newline', textKeys, () => ({ key: Buffer.from(`${SECRET}\n`) })],
  ['a line feed behind our secret', 'secret-newline', all, {}, (secret) => ({ secret: `${secret}\n` })],
  ['CR LF behind our secret', 'secret-newline', all, {}, (secret) => ({ secret: `${secret}\r\n` })],
  ['\\n as two characters behind our secret', 'secret-newline', textKeys, {}, (secret) => ({ secret: `${secret}\\n` })],
  ['\\r\\n as four characters behind our secret', 'secret-newline', textKeys, {}, (secret) => ({ secret: `${secret}\\r\\n` })],
  ['a line of .env for our secret', 'secret-prefix', textKeys, {}, (secret) => ({ secret: `export HOOK_SECRET=${secret}` })],
  [
    'the base64 of secret and line feed',
    'secret-base64',
    textKeys,
    {},
    (secret) => ({ secret: Buffer.from(`${secret}\n`).toString('base64') }),
  ],
  ['blanks around our secret', 'secret-blanks', all, {}, (secret) => ({ secret: ` ${secret} ` })],
  ["a blank behind the sender's secret", 'secret-blanks', textKeys, () => ({ key: Buffer.from(`${SECRET} `) })],
  ['quotes around our secret', 'secret-quotes', all, {}, (secret) => ({ secret: `"${secret}"` })],
  ["single quotes around the sender's secret", 'secret-quotes', textKeys, () => ({ key: Buffer.from(`'${SECRET}'`) })],
  ['a byte order mark before our secret', 'secret-bom', all, {}, (secret) => ({ secret: `\ufeff${secret}` })],
  [
    'a secret that the sender decodes from base64',
    'secret-base64',
    textKeys,
    () => ({ key: Buffer.from(BASE64, 'base64') }),
    () => ({ secret: BASE64 }),
  ],
  ['a base64 secret that the sender takes as text', 'secret-base64', named('rfc9421'), ({ secret }) => ({ key: Buffer.from(secret) })],
  ['a secret that the sender decodes from hex', 'secret-hex', textKeys, () => ({ key: Buffer.from(HEX, 'hex') }), () => ({ secret: HEX })],
  ['whsec_ dropped by the sender', 'secret-prefix', textKeys, () => ({ key: Buffer.from(SECRET) }), () => ({ secret: `whsec_${SECRET}` })],
  ['whsec_ kept by the sender', 'secret-prefix', textKeys, () => ({ key: Buffer.from(`whsec_${SECRET}`) })],
  [
    'whsec_ dropped and the rest decoded',
    'secret-prefix',
    textKeys,
    () => ({ key: Buffer.from(BASE64, 'base64') }),
    () => ({ secret: `whsec_${BASE64}` }),
  ],
  [
    'whsec_ in front of a secret with a prefix of its own',
    'secret-prefix',
    textKeys,
    () => ({ key: Buffer.from(`sk_live_${SECRET}`) }),
    () => ({ secret: `whsec_sk_live_${SECRET}` }),
  ],
  [
    'another secret of ours',
    'secret-other',
    textKeys,
    () => ({ key: Buffer.from('the secret of the staging system') }),
    () => ({ otherSecrets: [{ id: 'staging', secret: 'the secret of the staging system' }] }),
  ],
  [
    'a secret that has expired',
    'secret-inactive',
    textKeys,
    {},
    (secret) => ({ secret: [{ secret, notAfter: '2026-01-01T00:00:00Z' }, 'the new secret of this route, 1'] }),
  ],
  ['a secret that is not set at the sender', 'secret-unset', textKeys, { key: Buffer.alloc(0) }],
  ['the word undefined for a secret', 'secret-unset', textKeys, { key: Buffer.from('undefined') }],
  ['a secret in capitals', 'secret-case', textKeys, { key: Buffer.from(SECRET.toUpperCase()) }],
  ['a hashed secret', 'secret-hashed', textKeys, { key: Buffer.from(createHash('sha256').update(SECRET).digest('hex')) }],
  ['the MD5 of a secret', 'secret-hashed', textKeys, { key: Buffer.from(createHash('md5').update(SECRET).digest('hex')) }],

  ['SHA-512', 'algorithm', where(({ hash, addressed: full }) => hash === undefined && !full), { hash: 'sha512' }],
  ['SHA-1', 'algorithm', where(({ hash, addressed: full }) => hash === undefined && !full), { hash: 'sha1' }],
  ['SHA-256', 'algorithm', where(({ hash }) => hash === 'sha1'), { hash: 'sha256' }],
  [
    'a hash of secret and message',
    'not-hmac',
    plain,
    () => ({ digest: (message, { key, hash }) => createHash(hash).update(key).update(message).digest() }),
  ],
  [
    'a hash of message and secret',
    'not-hmac',
    plain,
    () => ({ digest: (message, { key, hash }) => createHash(hash).update(message).update(key).digest() }),
  ],
  [
    'secret and message in the wrong order',
    'arguments-swapped',
    plain,
    () => ({ digest: (message, { key, hash }) => createHmac(hash, message).update(key).digest() }),
  ],

  [
    'the secret behind the string',
    'message-form',
    plain,
    () => ({ digest: (message, { key, hash }) => createHmac(hash, key).update(message).update(key).digest() }),
  ],

  ['base64 for hex', 'signature-encoding', hexed, { encoding: 'base64' }],
  ['base64url for hex', 'signature-encoding', hexed, { encoding: 'base64url' }],
  ['hex for base64', 'signature-encoding', bases, { encoding: 'hex' }],
  ['hex in capitals', 'signature-case', hexed, ({ front }) => ({ write: (octets) => front + octets.toString('hex').toUpperCase() })],
  [
    'base64 of hex',
    'signature-encoding',
    hexed,
    ({ front }) => ({ write: (octets) => front + Buffer.from(octets.toString('hex')).toString('base64') }),
  ],
  [
    'base64 of what openssl prints',
    'signature-encoding',
    bases.filter((name) => senders[name].hash !== 'sha1'),
    ({ front }) => ({ write: (octets) => front + Buffer.from(`SHA2-256(stdin)= ${octets.toString('hex')}\n`).toString('base64') }),
  ],
  [
    'base64 of hex and a line feed',
    'signature-encoding',
    bases,
    ({ front }) => ({ write: (octets) => front + Buffer.from(`${octets.toString('hex')}\n`).toString('base64') }),
  ],
  ['what openssl prints', 'prefix-other', named('vercel', 'customerIo', 'webflow'), { front: '(stdin)= ' }],
  ['the prefix in capitals', 'prefix-other', named('github', 'bitbucket', 'typeform', 'twitterX'), { front: 'SHA256=' }],
  [
    'a blank behind the prefix',
    'prefix-other',
    named('github', 'bitbucket', 'typeform', 'slack', 'zoom'),
    ({ front }) => ({ front: `${front} ` }),
  ],
  [
    'base64 without padding',
    'signature-padding',
    bases,
    ({ front }) => ({ write: (octets) => front + octets.toString('base64').replace(/=+$/, '') }),
  ],
  ['no prefix', 'prefix-missing', fronted, { front: '' }],
  ['the prefix twice', 'prefix-doubled', fronted, ({ front }) => ({ front: front + front })],
  ['another prefix', 'prefix-other', fronted, { front: 'sha512=' }],
  [
    'a prefix where there is none',
    'prefix-other',
    named('shopify', 'vercel', 'customerIo', 'zendesk', 'square', 'webflow'),
    { front: 'sha256=' },
  ],
  [
    'quotes around the signature',
    'signature-quoted',
    named('shopify', 'vercel', 'customerIo', 'zendesk', 'square', 'webflow'),
    ({ encoding }) => ({ write: (octets) => `"${octets.toString(encoding)}"` }),
  ],

  ...Object.entries(WRITERS).map(([writer, [cause, text]]) => [
    `JSON as ${writer} writes it`,
    cause,
    jsons,
    { signed: { body: Buffer.from(text) } },
  ]),
  [
    'JSON that JSON.stringify has written again',
    'body-spacing',
    jsons,
    { signed: { body: Buffer.from(JSON_BODY) }, sent: { body: Buffer.from(JSON.stringify(JSON.parse(JSON_BODY), null, 1)) } },
  ],
  [
    'slashes that were escaped behind the sender',
    'body-slashes',
    jsons,
    {
      signed: { body: Buffer.from('{"u":"http://x/","w":"\\\\u00e9"}') },
      sent: { body: Buffer.from('{"u":"http:\\/\\/x\\/","w":"\\\\u00e9"}') },
    },
  ],
  [
    'characters that were escaped behind the sender',
    'body-unicode',
    jsons,
    { signed: { body: Buffer.from('{"n":"Zo\u00eb <"}') }, sent: { body: Buffer.from('{"n": "Zo\\u00eb \\u003c"}') } },
  ],
  [
    'what is special in HTML, escaped behind the sender',
    'body-html-escapes',
    jsons,
    { signed: { body: Buffer.from('{"n":"<b>"}') }, sent: { body: Buffer.from('{"n":"\\u003Cb\\u003e"}') } },
  ],
  [
    'members that JSON.parse has put in another order',
    'body-parsed',
    jsons,
    { signed: { body: Buffer.from('{"1":"b","2":"a","y":1,"x":2}') }, sent: { body: Buffer.from('{"y":1,"2":"a","x":2,"1":"b"}') } },
  ],
  [
    'numbers that JSON.parse has changed',
    'body-parsed',
    jsons,
    { signed: { body: Buffer.from('{"amount":1,"rate":100}') }, sent: { body: Buffer.from('{"amount":1.0,"rate":1e2}') } },
  ],
  [
    'a line feed that is signed and not sent',
    'body-newline',
    jsons,
    ({ body }) => ({ signed: { body: Buffer.concat([body, Buffer.from('\n')]) } }),
  ],
  [
    'a line feed that is sent and not signed',
    'body-newline',
    jsons,
    ({ body }) => ({ sent: { body: Buffer.concat([body, Buffer.from('\n')]) } }),
  ],
  [
    'CR LF signed, LF sent',
    'body-line-ends',
    jsons,
    { signed: { body: Buffer.from('{\r\n"a": 1\r\n}') }, sent: { body: Buffer.from('{\n"a": 1\n}') } },
  ],
  [
    'LF signed, CR LF sent',
    'body-line-ends',
    jsons,
    { signed: { body: Buffer.from('a\nb, no JSON') }, sent: { body: Buffer.from('a\r\nb, no JSON') } },
  ],
  [
    'line feeds that the sender takes out',
    'body-line-ends',
    jsons,
    { signed: { body: Buffer.from('abc') }, sent: { body: Buffer.from('a\nb\r\nc') } },
  ],
  [
    'a byte order mark that is sent and not signed',
    'body-bom',
    jsons,
    ({ body }) => ({ sent: { body: Buffer.concat([Buffer.from('\ufeff'), body]) } }),
  ],
  [
    'a byte order mark that is signed and not sent',
    'body-bom',
    jsons,
    ({ body }) => ({ signed: { body: Buffer.concat([Buffer.from('\ufeff'), body]) } }),
  ],
  ['ISO 8859-1', 'body-charset', jsons, { signed: { body: Buffer.from(JSON_BODY, 'latin1') } }],
  ['UTF-16', 'body-charset', jsons, { signed: { body: Buffer.from(JSON_BODY, 'utf16le') } }],
  ['UTF-8 read as ISO 8859-1', 'body-charset', jsons, { signed: { body: Buffer.from(Buffer.from(JSON_BODY).toString('latin1')) } }],
  [
    'a body signed before it was compressed',
    'body-compressed',
    jsons,
    ({ body }) => ({ sent: { body: gzipSync(body) }, extra: { 'content-encoding': 'gzip' } }),
  ],
  ['a body signed compressed, that arrives decompressed', 'body-compressed', jsons, ({ body }) => ({ signed: { body: gzipSync(body) } })],
  ['a body that arrives in base64', 'body-base64', jsons, ({ body }) => ({ sent: { body: Buffer.from(body.toString('base64')) } })],
  ['JSON written twice', 'body-string', jsons, { signed: { body: Buffer.from(JSON.stringify(JSON_BODY)) } }],
  [
    'the digest of the body signed',
    'body-digest',
    jsons,
    { signed: { body: Buffer.from(createHash('sha256').update(JSON_BODY).digest('hex')) } },
  ],
  [
    'a body that was cut',
    'body-length',
    jsons,
    ({ body }) => ({ sent: { body: body.subarray(0, 60) }, extra: { 'content-length': String(body.length) } }),
  ],
  ['an empty body signed', 'body-empty', jsons.filter((name) => name !== 'wso2'), { signed: { body: Buffer.alloc(0) } }],
  ['[object Object] signed', 'body-empty', jsons, { signed: { body: Buffer.from('[object Object]') } }],
  [
    'JSON as jq writes it',
    'body-spacing',
    jsons,
    { signed: { body: Buffer.from(`${JSON.stringify({ a: 1, b: '<x>' }, null, 2)}\n`) }, sent: { body: Buffer.from('{"a":1,"b":"<x>"}') } },
  ],
  [
    'JSON as json.Encoder of Go writes it',
    'body-html-escapes',
    jsons,
    { signed: { body: Buffer.from('{"a":1,"b":"\\u003cx\\u003e"}\n') }, sent: { body: Buffer.from('{"a":1,"b":"<x>"}') } },
  ],
  [
    'str() of bytes in Python',
    'body-repr',
    jsons,
    {
      signed: { body: Buffer.from(String.raw`b'{"a":"x\\"","n":"Zo\xc3\xab"}'`) },
      sent: { body: Buffer.from('{"a":"x\\"","n":"Zo\u00eb"}') },
    },
  ],
  [
    'str() of a dict in Python',
    'body-repr',
    jsons,
    {
      signed: { body: Buffer.from(`{'a': 1, 'b': ["it's", True, None]}`.replace('"it\'s"', `"it's"`)) },
      sent: { body: Buffer.from(`{"a":1,"b":["it's",true,null]}`) },
    },
  ],
  [
    'a Buffer that JSON.stringify has written',
    'body-string',
    jsons,
    { signed: { body: Buffer.from('{"type":"Buffer","data":[123,125]}') }, sent: { body: Buffer.from('{}') } },
  ],
  [
    'Windows-1252',
    'body-charset',
    jsons,
    { signed: { body: Buffer.from([0x22, 0x80, 0x20, 0x96, 0xeb, 0x22]) }, sent: { body: Buffer.from('"\u20ac \u2013\u00eb"') } },
  ],
  [
    'UTF-16, big endian',
    'body-charset',
    jsons,
    { signed: { body: Buffer.from('"a"', 'utf16le').swap16() }, sent: { body: Buffer.from('"a"') } },
  ],
  [
    'a form whose stars were %2A',
    'body-form',
    jsons,
    { signed: { body: Buffer.from('a=x%20y&b=%2A') }, sent: { body: Buffer.from('a=x+y&b=*') } },
  ],
  ['the digest of the body in hex', 'body-digest', named('wso2'), { digestEncoding: 'hex' }],
  ['the digest of the body in base64', 'body-digest', named('own'), { digestEncoding: 'base64' }],
  [
    'a body that a parser took',
    'body-consumed',
    jsons,
    ({ body }) => ({ sent: { body: Buffer.alloc(0) }, extra: { 'content-length': String(body.length) } }),
  ],
  [
    'a form whose blanks were %20',
    'body-form',
    jsons,
    { signed: { body: Buffer.from('a=x%20y&b=%40') }, sent: { body: Buffer.from('a=x+y&b=%40') } },
  ],
  [
    'a form whose parameters were sorted',
    'body-form',
    jsons,
    { signed: { body: Buffer.from('a=1&b=2&c=3') }, sent: { body: Buffer.from('b=2&c=3&a=1') } },
  ],
  [
    'a form that was JSON',
    'body-form',
    jsons,
    { signed: { body: Buffer.from('{"a":"1","b":"x y"}') }, sent: { body: Buffer.from('a=1&b=x+y') } },
  ],

  ['http for https', 'url-scheme', whole, ({ url }) => ({ sent: { url: url.replace('https:', 'http:') } })],
  [
    'the host of a proxy',
    'url-host',
    hosted,
    ({ url }) => ({ sent: { url: url.replace('api.example.com', 'internal.local') }, extra: { 'x-forwarded-host': 'api.example.com' } }),
  ],
  [
    'the port of the server behind the proxy',
    'url-port',
    hosted,
    ({ url }) => ({ sent: { url: url.replace('api.example.com', 'api.example.com:8080') } }),
  ],
  [
    'a port that the sender writes',
    'url-port',
    whole,
    ({ url }) => ({ signed: { url: url.replace('api.example.com', 'api.example.com:443') } }),
  ],
  [
    'a prefix that a proxy strips',
    'path-prefix',
    addressed,
    { signed: { url: 'https://api.example.com/api/v7/in' }, sent: { url: 'https://api.example.com/v7/in' } },
  ],
  [
    'a prefix that a proxy strips and names',
    'path-prefix',
    addressed,
    {
      signed: { url: 'https://api.example.com/team-7/in' },
      sent: { url: 'https://api.example.com/in' },
      extra: { 'x-forwarded-prefix': '/team-7' },
    },
  ],
  [
    'a prefix that a gateway adds',
    'path-prefix',
    addressed,
    { signed: { url: 'https://api.example.com/v7/in' }, sent: { url: 'https://api.example.com/stage-2/v7/in' } },
  ],
  [
    'a path that a proxy rewrites and names',
    'path-prefix',
    addressed,
    {
      signed: { url: 'https://api.example.com/old/way' },
      sent: { url: 'https://api.example.com/new/way' },
      extra: { 'x-original-uri': '/old/way' },
    },
  ],
  ['a slash behind the path', 'path-slash', addressed, ({ url }) => ({ sent: { url: `${url}/` } })],
  ['a slash that was taken off', 'path-slash', addressed, ({ url }) => ({ signed: { url: `${url}/` } })],
  [
    'a path that was decoded on the way',
    'path-encoding',
    addressed.filter((name) => name !== 'awsSigv4'),
    ({ url }) => ({ signed: { url: `${url}/a%40b` }, sent: { url: `${url}/a@b` } }),
  ],
  [
    '%xx in lower case',
    'path-encoding',
    addressed.filter((name) => name !== 'awsSigv4'),
    ({ url }) => ({ signed: { url: `${url}/a%2fb` }, sent: { url: `${url}/a%2Fb` } }),
  ],
  ['a query that is not signed', 'query-missing', queried, ({ url }) => ({ sent: { url: `${url}?a=1&b=2` } })],
  [
    'a query that was sorted',
    'query-order',
    queried,
    { signed: { url: 'https://api.example.com/in?a=1&b=2&c=3' }, sent: { url: 'https://api.example.com/in?b=2&c=3&a=1' } },
  ],
  [
    'a query whose order was turned',
    'query-order',
    queried,
    { signed: { url: 'https://api.example.com/in?z=1&b=2&c=3' }, sent: { url: 'https://api.example.com/in?c=3&b=2&z=1' } },
  ],
  ['a query with + for %20', 'query-encoding', queried, { signed: { url: QUERY_URL.replace('+', '%20') }, sent: { url: QUERY_URL } }],
  [
    'a query with bare brackets',
    'query-encoding',
    queried,
    {
      signed: { url: QUERY_URL.replace('two+words', 'two').replace('%5B1%5D', '[1]').replace('%2F', '/') },
      sent: { url: QUERY_URL.replace('two+words', 'two') },
    },
  ],
  [
    'another method',
    'method',
    named('wso2', 'hubspotV3', 'rfc9421', 'draftCavage', 'awsSigv4', 'own'),
    ({ sender }) => (sender === senders.wso2 ? { sent: { method: 'PUT' } } : { signed: { method: 'PUT' } }),
  ],

  ['a charset that a client adds to Content-Type', 'header-changed', typed, { sent: { type: 'application/json; charset=utf-8' } }],
  ['a charset that a client takes from Content-Type', 'header-changed', typed, { signed: { type: 'application/json;charset=UTF-8' } }],
  ['Content-Type in other case', 'header-case', typed, { signed: { type: 'application/json' }, sent: { type: 'Application/JSON' } }],
  [
    'blanks in Content-Type',
    'header-blanks',
    typed.filter((name) => name !== 'awsSigv4'),
    { signed: { type: 'application/json; a=b' }, sent: { type: 'application/json;   a=b' } },
  ],
  [
    'folded Content-Type',
    'header-blanks',
    named('wso2', 'draftCavage', 'coinbaseCdpHook0', 'rfc9421', 'own'),
    { signed: { type: 'application/json;\r\n a=b' }, sent: { type: 'application/json; a=b' } },
  ],
  ['Content-Type that does not arrive', 'header-missing', typed, { extra: { 'content-type': undefined } }],
  [
    'the signature under another name',
    'header-name',
    named('github', 'shopify', 'vercel', 'typeform', 'square'),
    {},
    undefined,
    (headers) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name === 'content-type' ? name : 'x-our-own-signature', value])),
  ],
  [
    'the signature twice',
    'field-repeated',
    named('github', 'shopify', 'vercel', 'typeform', 'square'),
    {},
    undefined,
    (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, name === 'content-type' ? value : [value, `${value.slice(0, -4)}AAAA`]]),
      ),
  ],

  ['milliseconds for seconds', 'time-unit', counted, { time: String(NOW_MS) }],
  ['seconds for milliseconds', 'time-unit', named('webflow', 'hubspotV3'), { time: String(NOW_MS / 1000) }],
  [
    'a clock two hours ahead, as a zone has it',
    'time-zone',
    [...counted, ...dated],
    ({ sender }) => ({ time: sender.time?.(NOW_MS + 7_200_000) ?? String(NOW_MS / 1000 + 7200) }),
  ],
  [
    'a clock five hours behind, as a zone has it',
    'time-zone',
    dated,
    ({ sender }) => ({ time: sender.time(NOW_MS - 5 * 3_600_000 - 1000) }),
  ],
  [
    'a request of an hour ago',
    'time-stale',
    timed.filter((name) => !dated.includes(name)),
    ({ sender }) => ({ time: sender.time?.(NOW_MS - 3_600_000) ?? String(NOW_MS / 1000 - 3600) }),
  ],
  [
    'a request of 17 minutes ago',
    'time-stale',
    timed,
    ({ sender }) => ({ time: sender.time?.(NOW_MS - 1_020_000) ?? String(NOW_MS / 1000 - 1020) }),
  ],
  [
    'a request of in 17 minutes',
    'time-future',
    timed,
    ({ sender }) => ({ time: sender.time?.(NOW_MS + 1_020_000) ?? String(NOW_MS / 1000 + 1020) }),
  ],
  [
    'a request of in 65 minutes, which no zone has for a request that is under way',
    'time-future',
    timed,
    ({ sender }) => ({ time: sender.time?.(NOW_MS + 3_900_000) ?? String(NOW_MS / 1000 + 3900) }),
  ],
  [
    'a time that is signed in another form',
    'time-form',
    [...counted.filter((name) => name !== 'rfc9421'), 'webflow', 'zendesk'],
    { signed: { time: '2026-01-15T12:00:00.000Z' } },
  ],
  [
    'a clock that was read twice, before and behind a full second',
    'time-form',
    counted.filter((name) => name !== 'rfc9421'),
    { signed: { time: String(NOW_MS / 1000) }, sent: { time: String(NOW_MS / 1000 + 1) } },
  ],
  [
    'a message of the body alone',
    'message-form',
    where(({ timed: has, addressed: full }) => has && !full),
    ({ body }) => ({ digest: (_message, { key, hash }) => createHmac(hash, key).update(body).digest() }),
  ],
]

function received(name, inject, receiver, headersOf) {
  const sender = senders[name]
  const request = send(sender, inject)
  const secret = sender.secret ?? SECRET
  const options = { secret, now: () => NOW_MS, ...(sender.params && { params: sender.params }), ...receiver?.(secret) }
  return [sender.scheme ?? PRESETS.get(name), { ...request, headers: headersOf?.(request.headers) ?? request.headers }, options]
}

for (const name of all) {
  test(`a sender of ${name} that makes no mistake is understood`, () => {
    assert.equal(explain(...received(name, {})).ok, true)
  })
}

for (const [label, cause, names, inject, receiver, headersOf] of INJECTIONS) {
  test(`explain: ${label}`, () => {
    const wrong = names.flatMap((name) => {
      const { ok, findings, work } = explain(...received(name, inject, receiver, headersOf))
      assert.ok(!ok && work.hmacs <= 2000 && work.parses <= 64, name)
      return findings[0].cause === cause ? [] : [`${name}: ${findings[0].cause}, ${findings[0].title}`]
    })
    assert.deepEqual(wrong, [])
  })
}

test('at least thirty causes are injected, each into at least five schemes', () => {
  const schemesOf = new Map()
  for (const [, cause, names] of INJECTIONS) schemesOf.set(cause, new Set([...(schemesOf.get(cause) ?? []), ...names]))
  const wide = [...schemesOf].filter(([, names]) => names.size >= 5)
  assert.ok(wide.length >= 30, `${wide.length}`)
  assert.deepEqual(
    [...schemesOf].filter(([, names]) => names.size < 5).map(([cause]) => cause),
    [],
  )
})
