import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { scheme, verify } from '@countersign/schemes'
import { BODY, digest, form, get, hmac, holds, KEY, NOW, ORIGIN, SECONDS, UNSIGNED, UUID } from './attacked.js'

/**
 * Gateways and platforms that are no presets, written from LANGUAGE.md and from what their pages, or the clients that they publish, sign.
 * Where the page publishes a value it is that; otherwise node:crypto makes the MAC over the message as it stands there.
 */
const KEY_HEX = Buffer.from(KEY).toString('hex')
const KEY_64 = Buffer.from(KEY).toString('base64')
const base64 = (text) => Buffer.from(text).toString('base64')

// github.com/homecreditcz/Eshop-api/wiki: the value of the page
holds(
  'homecredit-cz',
  {
    algorithm: 'sha512',
    signature: { json: '/checkSum', encoding: 'hex|upper' },
    message: '{json:/orderNumber}:{json:/stateReason}',
    ambiguous: 'a number can hold a colon',
  },
  'F7A19D8AE1681C98C7B724A62AE6C805E1AC975F3B27CF15317941B963897270ED866C09A3C050EC2BE7A089D8F62456F80A029FB6F8345380C05F63FA3142F9',
  {
    request: { body: '{"orderNumber":"018884","stateReason":"PROCESSING_SIGNED"}' },
    secret: 'n#z?9:;a%&(*er2',
    dated: false,
    open: UNSIGNED,
  },
)

// github.com/grnhse/greenhouse-api-docs, issue 276: the value of a request
holds(
  'greenhouse',
  { signature: { header: 'signature', format: 'sha256 {signature}' }, message: '{body}' },
  '395b1309fd37f0732d1ed11c15e03edd61b818918df6bf93be7c71bafb09c877',
  {
    request: {
      body:
        '{"action":"ping","payload":{"web_hook_id":4001693002,"endpoint_url":"https://67e09e60.ngrok.io/webhooks",' +
        '"created_at":"2018-12-20T15:43:12Z","updated_at":"2018-12-27T09:40:14Z","name":"Job Post Create","event":"Job Post Created",' +
        '"active":true,"content-type":"application/json"}}',
    },
    secret: '1uSUju2H6AohOE7OQVaxeLT3O8Uxxuas',
    dated: false,
    open: UNSIGNED,
  },
)

// developers.tabapay.com/reference/webhook-signature-headers: during a rotation v1 is made with the new secret, v2 with the old one
const TABAPAY = {
  signature: { header: 'x-hmac-signature', format: 't={timestamp},v1={signature},v2={signature}', members: ',' },
  timestamp: { unit: 'seconds' },
  message: '{timestamp}.{body}',
}
holds('tabapay', TABAPAY, `t=${SECONDS},v1=${hmac('sha256', KEY, `${SECONDS}.${BODY}`)}`, {
  // The same signature under the other name.
  open: `${UNSIGNED} x-hmac-signature`,
})

test('tabapay: who has one of the two secrets finds its signature', () => {
  const own = scheme({ name: 'tabapay', ...TABAPAY })
  const [fresh, old] = ['another-secret-0123456789', KEY].map((key) => hmac('sha256', key, `${SECONDS}.${BODY}`))
  const headers = { 'x-hmac-signature': `t=${SECONDS},v1=${fresh},v2=${old}` }
  const request = { method: 'POST', url: `${ORIGIN}/hook`, headers, body: Buffer.from(BODY) }
  for (const secret of [KEY, 'another-secret-0123456789']) assert.equal(verify(own, request, { secret, now: () => NOW }).ok, true)
  assert.equal(verify(own, request, { secret: 'a-third-secret-0123456789', now: () => NOW }).code, 'ERR_HMAC_MISMATCH')
})

// api-docs.bookforwork.com, authentication: no auth-scheme, and a blank behind the second comma
holds(
  'bookforwork',
  {
    signature: { header: 'authorization', format: 'API-Key={keyId},Signature={signature}, Timestamp={timestamp}' },
    timestamp: { unit: 'seconds' },
    message: '{keyId}{secret}{timestamp}',
    allowUnboundBody: 'the vendor signs neither body nor target',
  },
  `API-Key=k1,Signature=${hmac('sha256', KEY, `k1${KEY}${SECONDS}`)}, Timestamp=${SECONDS}`,
  { request: get('/v1/bookings?a=1'), keyId: 'k1', set: { allowUnboundBody: true }, open: 'method path query' },
)

// juspay.io, status verification: the sorted pairs are encoded once more as a whole
holds(
  'juspay-return',
  {
    signature: { query: 'signature', encoding: 'base64' },
    fields: { kind: { query: 'signature_algorithm', value: 'HMAC-SHA256' } },
    define: {
      pairs: { each: 'query', except: ['signature_algorithm'], sort: 'name', encode: 'rfc3986', item: '{name}={value}', join: '&' },
    },
    message: '{pairs|encode}',
  },
  hmac('sha256', KEY, encodeURIComponent('order_id=o%2F7&status=CHARGED&status_id=21'), 'base64'),
  {
    request: get('/return?status_id=21&status=CHARGED&order_id=o%2F7'),
    checks: { allowEmptyBody: true },
    dated: false,
    open: 'method path',
  },
)

// stormpath-sdk-node, Sauthc1RequestAuthenticator: SigV4's form with the nonce in the scope and in the key
const SCOPE = `k1/20260115/${UUID}/sauthc1_request`
const step = (key, text) => createHmac('sha256', key).update(text).digest()
const SAUTHC1 = ['20260115', UUID, 'sauthc1_request'].reduce(step, `SAuthc1${KEY}`)
const CANONICAL = `POST\n/v1/accounts\na=1&b=2\nhost:api.example.com\nx-stormpath-date:20260115T120000Z\n\nhost;x-stormpath-date\n${digest('sha256', BODY)}`
holds(
  'stormpath-sauthc1',
  {
    key: { chain: ['SAuthc1{secret}', '{timestamp|first:8}', '{nonce}', 'sauthc1_request'] },
    signature: {
      authorization: 'SAuthc1',
      members: ', ',
      format: 'sauthc1Id={keyId}/{date}/{nonce}/sauthc1_request, sauthc1SignedHeaders={signed}, sauthc1Signature={signature}',
    },
    timestamp: { header: 'x-stormpath-date', unit: 'iso-basic' },
    nonce: { as: 'uuid' },
    fields: { date: { value: '{timestamp|first:8}' }, signed: { names: ';', mustInclude: ['host', 'x-stormpath-date'], sort: true } },
    define: {
      pairs: { each: 'query', sort: 'name', encode: 'rfc3986', item: '{name}={value}', join: '&' },
      lines: { each: 'headers', names: '{signed}', item: '{name}:{value|trim|squeeze}\n', join: '' },
      request: '{method}\n{path}\n{pairs}\n{lines}\n{signed}\n{body|sha256|hex}',
    },
    message: 'HMAC-SHA-256\n{timestamp}\n{keyId}/{date}/{nonce}/sauthc1_request\n{request|sha256|hex}',
  },
  `sauthc1Signature=${hmac('sha256', SAUTHC1, `HMAC-SHA-256\n20260115T120000Z\n${SCOPE}\n${digest('sha256', CANONICAL)}`)}`,
  {
    request: { url: `${ORIGIN}/v1/accounts?b=2&a=1`, headers: { 'content-type': 'application/json', host: 'api.example.com' } },
    keyId: 'k1',
    use: { nonce: UUID },
    open: 'content-type',
  },
)

// docs.akurateco.com, hash signature of S2S CARD: values from their end, all of it in capitals
const AKURATECO = ['oc.b@a', KEY, 'T1', '1111111114'].join('').toUpperCase()
holds(
  'akurateco',
  {
    construction: 'hash',
    algorithm: 'md5',
    insecure: 'a plain MD5',
    signature: { form: 'hash' },
    define: { all: '{form:email|reverse}{secret}{form:trans_id}{form:card|reverse}' },
    message: '{all|upper}',
    ambiguous: 'values are joined with nothing between',
  },
  digest('md5', AKURATECO),
  { request: form('email=a%40b.co&trans_id=T1&card=4111111111'), dated: false, open: UNSIGNED.replace('content-type ', '') },
)

// secure.euplatesc.ro, fp_hash: each value behind its length, and a hyphen for one that is empty
const EUPLATESC = {
  algorithm: 'md5',
  key: '{secret|fromHex}',
  signature: { form: 'fp_hash' },
  define: {
    text: {
      choose: [{ when: { is: { '{form:order_desc?}': '' } }, use: '-' }, { use: '{form:order_desc|length}{form:order_desc}' }],
    },
  },
  message: '{form:amount|length}{form:amount}{form:curr|length}{form:curr}{text}{form:merch_id|length}{form:merch_id}',
  ambiguous: 'where a length ends is not told',
}
for (const [name, text, signed, open] of [
  ['euplatesc', 'two+words', '9two words', 'method path query'],
  // The name of what is empty: without it the field is absent.
  ['euplatesc-empty', '', '-', 'body method path query'],
]) {
  holds(name, EUPLATESC, hmac('md5', Buffer.from(KEY), `510.003RON${signed}1M`), {
    request: form(`amount=10.00&curr=RON&order_desc=${text}&merch_id=M`),
    secret: KEY_HEX,
    dated: false,
    open,
  })
}

// docs.fortinet.com, FortiSOAR API guide, HMAC authentication: the digest of the public key where there is no body
const FORTISOAR = {
  signature: { authorization: 'CS', wrapped: 'base64', format: '{hash};{timestamp};{keyId};{signature}' },
  timestamp: { unit: 'YYYY-MM-DD HH:mm:ss' },
  fields: { hash: { value: 'sha256' } },
  message: {
    choose: [
      { when: { body: true }, use: '{hash}.{method}.{timestamp}.{url}.{body|sha256|hex}' },
      { use: '{hash}.{method}.{timestamp}.{url}.{keyId|sha256|hex}' },
    ],
  },
  ambiguous: 'a body can be the public key',
}
const fortisoar = (method, url, last) =>
  `CS ${base64(`sha256;2026-01-15 12:00:00;k1;${hmac('sha256', KEY, `sha256.${method}.2026-01-15 12:00:00.${ORIGIN}${url}.${digest('sha256', last)}`)}`)}`
holds('fortisoar', FORTISOAR, fortisoar('POST', '/api/3/alerts?a=1', BODY), {
  request: { url: `${ORIGIN}/api/3/alerts?a=1` },
  keyId: 'k1',
  set: { publicOrigin: ORIGIN },
  open: 'content-type',
})
holds('fortisoar-get', FORTISOAR, fortisoar('GET', '/api/3/alerts', 'k1'), {
  request: get('/api/3/alerts'),
  keyId: 'k1',
  set: { publicOrigin: ORIGIN },
})

// learn.microsoft.com/rest/api/storageservices/create-service-sas, version 2015-04-05
const SAS = ['r', '', '2026-01-15T13:00:00Z', '/blob/acct/pics/a.jpg', '', '', 'https', '2015-04-05', '', '', '', '', ''].join('\n')
holds(
  'azure-blob-sas',
  {
    key: '{secret|fromBase64}',
    params: { account: null, life: '3600' },
    signature: { query: 'sig', encoding: 'base64' },
    fields: {
      se: { query: 'se', unit: 'rfc3339', param: 'life' },
      spr: { query: 'spr', value: 'https' },
      sv: { query: 'sv', value: '2015-04-05' },
      sr: { query: 'sr', value: 'b' },
    },
    message:
      '{query:sp?}\n{query:st?}\n{se}\n/blob/{param:account}{path}\n{query:si?}\n{query:sip?}\n{spr}\n{sv}\n{query:rscc?}\n{query:rscd?}\n' +
      '{query:rsce?}\n{query:rscl?}\n{query:rsct?}',
    ambiguous: 'a parameter can hold a line feed',
  },
  hmac('sha256', KEY, SAS, 'base64'),
  { request: get('/pics/a.jpg?sp=r'), secret: KEY_64, set: { params: { account: 'acct' } }, open: 'method' },
)

// onepay.vn, vpc_SecureHash: two prefixes, sorted together, what is empty left out
holds(
  'onepay-vn',
  {
    key: '{secret|fromHex}',
    signature: { query: 'vpc_SecureHash', encoding: 'hex|upper' },
    define: {
      user: { each: 'query', prefix: 'user_', skipEmpty: true, sort: 'name', item: '{name}={value}&', join: '' },
      vpc: {
        each: 'query',
        prefix: 'vpc_',
        except: ['vpc_SecureHashType'],
        skipEmpty: true,
        sort: 'name',
        item: '{name}={value}',
        join: '&',
      },
    },
    message: '{user}{vpc}',
    ambiguous: 'values are not encoded',
  },
  hmac('sha256', KEY, 'user_ref=u1&vpc_Amount=100&vpc_Merchant=M1').toUpperCase(),
  {
    request: get('/pay?vpc_Merchant=M1&vpc_Amount=100&user_ref=u1'),
    secret: KEY_HEX,
    checks: { allowEmptyBody: true },
    dated: false,
    open: 'method path',
  },
)

// cloud.tencent.com/developer/article/2129477: sorted pairs of a form, or the digest of any other body
const APP = {
  signature: { header: 'x-signature' },
  keyId: { header: 'x-app-key' },
  nonce: { header: 'x-nonce', as: 'uuid' },
  timestamp: { header: 'x-timestamp', unit: 'seconds', toleranceSeconds: 60 },
  define: {
    pairs: { each: 'form', sort: 'name', item: '{name}={value}', join: '&' },
    what: { choose: [{ when: { contentType: 'application/x-www-form-urlencoded' }, use: '{pairs}' }, { use: '{body|md5|base64}' }] },
  },
  message: '{keyId}{nonce}{method}{path}{what}{timestamp}',
  ambiguous: 'everything is joined with nothing between',
}
const BODY_MD5 = digest('md5', BODY, 'base64')
for (const [name, request, what, open] of [
  ['tencent-app', {}, BODY_MD5, 'content-type query'],
  ['tencent-app-form', form('b=2&a=1'), 'a=1&b=2', 'query'],
]) {
  holds(name, APP, hmac('sha256', KEY, `k1${UUID}POST/v1/orders${what}${SECONDS}`), { request, keyId: 'k1', use: { nonce: UUID }, open })
}
