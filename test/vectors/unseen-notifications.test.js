import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { scheme, verify } from '@countersign/schemes'
import { BODY, digest, FORM, hmac, holds, KEY, NONE, NOW } from './attacked.js'

/**
 * Notifications, tokens and signed addresses of vendors that are no presets, written from LANGUAGE.md and the vendors' pages. Where the
 * page publishes a value it is that; otherwise the message stands here as the page spells it, and node:crypto makes the MAC.
 */
const DATE = '2026-01-15T12:00:00Z'
const SECONDS = '1768478400'
const get = (url, headers = {}) => ({ method: 'GET', url, headers, body: NONE })
const base64 = (text, encoding = 'base64') => Buffer.from(text).toString(encoding)
const derived = (key, texts) => texts.reduce((last, text) => hmac('sha256', last, text, 'buffer'), key)
const pairs = { each: 'query', encode: 'rfc3986', sort: 'name-value', item: '{name}={value}', join: '&' }

/** A JSON Web Token of claims under HS256. */
function token(claims, head = { alg: 'HS256', typ: 'JWT' }) {
  const signed = [head, claims].map((json) => base64(JSON.stringify(json), 'base64url')).join('.')
  return `${signed}.${hmac('sha256', KEY, signed, 'base64url')}`
}
const JWS = { format: '{head}.{claims}.{signature}', encoding: 'base64url' }
const claim = (name) => `{claims|fromBase64url|json:/${name}}`
const jwsFields = (more) => ({
  head: { write: '{headText|utf8|base64url}' },
  claims: { write: '{claimsText|utf8|base64url}' },
  alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS256' },
  ...more,
})
const HEAD = '{{"alg":"HS256","typ":"JWT"}}'

// developers.sinch.com/docs/voice/api-reference/authentication/callback-signed-request: the values of the page
holds(
  'sinch-voice-callback',
  {
    key: '{secret|fromBase64}',
    signature: { authorization: 'application', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'x-timestamp', unit: 'rfc3339' },
    message: '{method}\n{body|md5|base64}\n{header:content-type}\nx-timestamp:{timestamp}\n{path}',
  },
  'Tg6fMyo8mj9pYfWQ9ssbx3Tc1BNC87IEygAfLbJqZb4=',
  {
    now: Date.UTC(2014, 8, 24, 10, 59, 41),
    secret: 'BeIukql3pTKJ8RGL5zo0DA==',
    keyId: '669E367E-6BBA-48AB-AF15-266871C28135',
    request: {
      url: 'https://callbacks.yourdomain.com/sinch/callback/ace',
      body: '{"event":"ace","callid":"822aa4b7-05b4-4d83-87c7-1f835ee0b6f6_257","timestamp":"2014-09-24T10:59:41Z","version":1}',
    },
  },
)

// shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies: the values of the page
holds(
  'shopify-app-proxy',
  {
    signature: { query: 'signature' },
    timestamp: { query: 'timestamp', unit: 'seconds', toleranceSeconds: 90 },
    message: { each: 'query', merge: ',', sort: 'item', item: '{name}={value}', join: '' },
    ambiguous: 'nothing stands between the pairs',
  },
  '4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb',
  {
    now: 1317327555000,
    secret: 'hush',
    request: get(
      'https://proxy-domain.com/proxy/extra/path/components?extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1&' +
        'path_prefix=%2Fapps%2Fawesome_reviews',
    ),
    open: 'method path',
  },
)

// meta.discourse.org: DiscourseConnect, the values of the page; its base64 ends with a line feed
holds(
  'discourse-connect',
  {
    signature: { query: 'sig' },
    nonce: { from: '{query:sso|trim|fromBase64|text|after:nonce=|before:&}' },
    message: '{query:sso}',
  },
  '2828aa29899722b35a2f191d34ef9b3ce695e0e6eeec47deb46d588d70c7cb56',
  {
    secret: 'd836444a9e4084d5b224a60c208dce14',
    request: get('http://discuss.example.com/session/sso?sso=bm9uY2U9Y2I2ODI1MWVlZmI1MjExZTU4YzAwZmYxMzk1ZjBjMGI%3D%0A'),
    dated: false,
    open: 'method path',
  },
)

// docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html: query string authentication, the values of the page
holds(
  'aws-s3-v2-presigned',
  {
    algorithm: 'sha1',
    params: { life: '600', bucket: null },
    signature: { query: 'Signature', encoding: 'base64' },
    keyId: { query: 'AWSAccessKeyId' },
    fields: { expires: { query: 'Expires', unit: 'seconds', param: 'life' } },
    message: '{method}\n{header:content-md5?}\n{header:content-type?}\n{expires}\n/{param:bucket}{path}',
  },
  'NpgCjnDzrM+WFzoENXmpNDUsSn8=',
  {
    now: (1175139620 - 600) * 1000,
    secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    keyId: 'AKIAIOSFODNN7EXAMPLE',
    set: { params: { bucket: 'johnsmith' } },
    request: get('https://johnsmith.s3.amazonaws.com/photos/puppy.jpg'),
    // Whose key it is, is not signed: without its name it is looked for among all.
    open: 'query',
  },
)

// developer.atlassian.com/cloud/bitbucket/query-string-hash and understanding-jwt-for-connect-apps
holds(
  'atlassian-connect',
  {
    params: { life: '180' },
    signature: { authorization: 'JWT', ...JWS },
    timestamp: { from: claim('iat'), unit: 'seconds' },
    keyId: { from: claim('iss') },
    fields: jwsFields({
      expires: { from: claim('exp'), unit: 'seconds', param: 'life' },
      qsh: { from: claim('qsh'), value: '{canonical|sha256|hex}' },
    }),
    define: {
      sorted: { ...pairs, sort: 'name', except: ['jwt'], merge: ',' },
      canonical: '{method}&{path}&{sorted}',
      headText: HEAD,
      claimsText: '{{"iss":"{keyId}","iat":{timestamp},"exp":{expires},"qsh":"{canonical|sha256|hex}"}}',
    },
    message: '{head}.{claims}',
    ambiguous: 'a "," in one of several values of a name is not escaped',
    allowUnboundBody: 'the vendor signs no body',
  },
  token({ iss: 'jira:1', iat: 1768478400, exp: 1768478580, qsh: digest('sha256', 'POST&/v1/orders&a=1&b=2') }),
  { keyId: 'jira:1', open: 'body content-type' },
)

// docs.livekit.io/server/webhooks; github.com/livekit/node-sdks, WebhookReceiver
holds(
  'livekit',
  {
    params: { life: '300' },
    signature: { header: 'authorization', ...JWS },
    keyId: { from: claim('iss') },
    fields: jwsFields({
      exp: { from: claim('exp'), unit: 'seconds', param: 'life' },
      hash: { from: claim('sha256'), value: '{body|sha256|base64}' },
    }),
    define: { headText: HEAD, claimsText: '{{"exp":{exp},"iss":"{keyId}","sha256":"{body|sha256|base64}"}}' },
    message: '{head}.{claims}',
  },
  token({ exp: 1768478700, iss: 'API1', sha256: digest('sha256', BODY, 'base64') }),
  { keyId: 'API1', open: 'content-type method path query' },
)

// docs.wompi.co/docs/colombia/eventos: the notification names the members whose values are signed
const WOMPI = {
  construction: 'hash',
  insecure: 'it is a plain hash',
  signature: { json: '/signature/checksum' },
  timestamp: { json: '/timestamp', unit: 'seconds', number: true },
  fields: {
    signed: {
      from: '{json:/signature/properties|strip:["|unsuffix:"]}',
      names: '","',
      mustInclude: ['transaction.id', 'transaction.status', 'transaction.amount_in_cents'],
    },
  },
  define: { values: { each: 'json', at: '/data', flatten: '.', names: '{signed}', item: '{value}', join: '' } },
  message: '{values}{timestamp}{secret}',
  ambiguous: 'everything is joined with nothing between',
}
const wompi = (names) => ({
  data: { transaction: { id: '01-15', amount_in_cents: 4490000, status: 'APPROVED' } },
  signature: { properties: names.map((name) => `transaction.${name}`) },
})
holds('wompi', WOMPI, digest('sha256', `01-15APPROVED4490000${SECONDS}${KEY}`), {
  request: { body: JSON.stringify(wompi(['id', 'status', 'amount_in_cents'])) },
  open: 'content-type method path query',
})

test('wompi: a list of signed members that leaves the amount out is refused', () => {
  const { data, signature } = wompi(['id', 'status'])
  const checksum = digest('sha256', `01-15APPROVED${SECONDS}${KEY}`)
  const body = Buffer.from(JSON.stringify({ data, signature: { ...signature, checksum }, timestamp: Number(SECONDS) }))
  const request = { method: 'POST', url: 'https://shop.example/hook', headers: {}, body }
  const options = { secret: KEY, now: () => NOW, allowInsecureScheme: true }
  assert.equal(verify(scheme({ name: 'wompi', ...WOMPI }), request, options).code, 'ERR_HMAC_UNCOVERED')
})

// documentation.opaycheckout.com/callback-signature: HMAC with SHA3, and a letter for a boolean
const opay = { amount: '49160', currency: 'NGN', reference: '10023', refunded: false, status: 'SUCCESS', timestamp: DATE, token: 't1' }
holds(
  'opay-callback',
  {
    algorithm: 'sha3-512',
    signature: { json: '/sha512' },
    timestamp: { json: '/payload/timestamp', unit: 'rfc3339' },
    message:
      '{{Amount:"{json:/payload/amount}",Currency:"{json:/payload/currency}",Reference:"{json:/payload/reference}",' +
      'Refunded:{json:/payload/refunded|first:1},Status:"{json:/payload/status}",Timestamp:"{timestamp}",Token:"{json:/payload/token}",' +
      'TransactionID:"{json:/payload/transactionId}"}}',
    ambiguous: 'quotes inside a value are not escaped',
  },
  hmac(
    'sha3-512',
    KEY,
    `{Amount:"49160",Currency:"NGN",Reference:"10023",Refunded:f,Status:"SUCCESS",Timestamp:"${DATE}",Token:"t1",TransactionID:"22"}`,
  ),
  { request: { body: JSON.stringify({ payload: { ...opay, transactionId: '22' } }) }, open: 'content-type method path query' },
)

// docs.payermax.com SNAP: Bank Indonesia's standard signs the JSON without its blanks, its numbers and escapes as they were sent
const pretty = '{ "amount": 10.50,\n\t"big": 12345678901234567890, "url": "https:\\/\\/x", "note": "caf\\u00e9 1" }'
const tight = '{"amount":10.50,"big":12345678901234567890,"url":"https:\\/\\/x","note":"caf\\u00e9 1"}'
holds(
  'snap-bi',
  {
    algorithm: 'sha512',
    signature: { header: 'x-signature', encoding: 'base64' },
    timestamp: { header: 'x-timestamp', unit: 'rfc3339' },
    define: { minified: '{body|minify}' },
    message: '{method}:{path}:{header:authorization|strip:Bearer }:{minified|sha256|hex}:{timestamp}',
    ambiguous: 'a ":" in the path is not escaped',
  },
  hmac('sha512', KEY, `POST:/v1/orders:tok:${digest('sha256', tight)}:${DATE}`, 'base64'),
  {
    request: { headers: { authorization: 'Bearer tok', 'content-type': 'application/json' }, body: pretty },
    open: 'content-type query',
  },
)

// developer.alibaba.com, TOP: the time is that of Beijing
holds(
  'taobao-top',
  {
    algorithm: 'md5',
    signature: { form: 'sign', encoding: 'hex|upper' },
    keyId: { form: 'app_key' },
    timestamp: { form: 'timestamp', unit: 'YYYY-MM-DD HH:mm:ss@+08:00', toleranceSeconds: 600 },
    fields: { how: { form: 'sign_method', value: 'hmac' } },
    message: { each: 'form', skipEmpty: true, sort: 'name', item: '{name}{value}', join: '' },
    ambiguous: 'names and values are joined with nothing between',
  },
  hmac('md5', KEY, 'app_key12345678methodtaobao.item.seller.getsign_methodhmactimestamp2026-01-15 20:00:00v2.0').toUpperCase(),
  { keyId: '12345678', request: { headers: FORM, body: 'method=taobao.item.seller.get&v=2.0' }, open: 'method path query' },
)

// developers.przelewy24.pl: a JSON text is made of members and a key, and hashed
const p24 = { merchantId: 1, sessionId: 's-1', amount: 199, currency: 'PLN', orderId: 9, statement: 'p24-"x"/y' }
holds(
  'przelewy24',
  {
    algorithm: 'sha384',
    construction: 'hash',
    insecure: 'it is a plain hash',
    signature: { json: '/sign' },
    message:
      '{{"merchantId":{json:/merchantId},"sessionId":{json:/sessionId|quote},"amount":{json:/amount},"currency":{json:/currency|quote},' +
      '"orderId":{json:/orderId},"statement":{json:/statement|quote},"crc":{secret|quote}}}',
    ambiguous: 'a text prints like a number',
  },
  digest('sha384', JSON.stringify({ ...p24, crc: KEY })),
  { request: { body: JSON.stringify(p24) }, dated: false, open: 'content-type method path query' },
)

// docs.iyzico.com: HMACSHA256 authentication; the random key stands in two places
const iyzico = hmac('sha256', KEY, `123456789/v1/orders${BODY}`)
holds(
  'iyzico',
  {
    signature: { authorization: 'IYZWSv2', wrapped: 'base64', format: 'apiKey:{keyId}&randomKey:{nonce}&signature:{signature}' },
    nonce: { as: 'digits' },
    fields: { again: { header: 'x-iyzi-rnd', value: '{nonce}' } },
    message: '{nonce}{path}{body}',
    ambiguous: 'path and body are joined with nothing between',
  },
  `IYZWSv2 ${base64(`apiKey:ak&randomKey:123456789&signature:${iyzico}`)}`,
  { keyId: 'ak', use: { nonce: '123456789' }, dated: false, open: 'content-type method query' },
)

// www.xfyun.cn/doc: WebSocket services; the members are in base64, and that is a parameter
const HTTP_DATE = 'Thu, 15 Jan 2026 12:00:00 GMT'
const spoken = hmac('sha256', KEY, `host: iat-api.xfyun.cn\ndate: ${HTTP_DATE}\nGET /v2/iat HTTP/1.1`, 'base64')
holds(
  'iflytek',
  {
    signature: {
      query: 'authorization',
      wrapped: 'base64',
      members: ', ',
      format: 'api_key="{keyId}", algorithm="hmac-sha256", headers="host date request-line", signature="{signature}"',
      encoding: 'base64',
    },
    timestamp: { query: 'date', unit: 'http-date' },
    message: 'host: {query:host}\ndate: {timestamp}\n{method} {path} HTTP/1.1',
  },
  base64(`api_key="k1", algorithm="hmac-sha256", headers="host date request-line", signature="${spoken}"`),
  { keyId: 'k1', request: get('https://iat-api.xfyun.cn/v2/iat?host=iat-api.xfyun.cn') },
)

// developer.grab.com: proof of possession; the signature is a member of a JSON text in base64url
holds(
  'grab-proof-of-possession',
  {
    signature: {
      header: 'x-gid-aux-pop',
      wrapped: 'base64url',
      format: '{{"time_since_epoch":{timestamp},"sig":"{signature}"}}',
      encoding: 'base64url',
    },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}{header:authorization|strip:Bearer }',
    allowUnboundBody: 'it proves who holds the token',
  },
  base64(`{"time_since_epoch":${SECONDS},"sig":"${hmac('sha256', KEY, `${SECONDS}tok`, 'base64url')}"}`, 'base64url'),
  { request: { headers: { authorization: 'Bearer tok' } }, open: 'body method path query' },
)

// docs.jdcloud.com/cn/common-declaration/api/authorization-rules: derived keys, and a nonce that has to be on the list
const jdCanonical = `POST\n/v1/orders\na=1&b=2\nx-jdcloud-date:20260115T120000Z\nx-jdcloud-nonce:n-1\n\nx-jdcloud-date;x-jdcloud-nonce\n`
holds(
  'jdcloud',
  {
    params: { region: null, service: null },
    key: { chain: ['JDCLOUD2{secret}', '{date}', '{region}', '{service}', 'jdcloud2_request'] },
    signature: {
      authorization: 'JDCLOUD2-HMAC-SHA256',
      members: ', ',
      format: 'Credential={keyId}/{date}/{region}/{service}/jdcloud2_request, SignedHeaders={signed}, Signature={signature}',
    },
    timestamp: { header: 'x-jdcloud-date', unit: 'iso-basic', toleranceSeconds: 900 },
    nonce: { header: 'x-jdcloud-nonce', as: 'uuid' },
    fields: {
      date: { value: '{timestamp|first:8}' },
      region: { param: 'region' },
      service: { param: 'service' },
      signed: { names: ';', sort: true, mustInclude: ['x-jdcloud-date', 'x-jdcloud-nonce'] },
    },
    define: {
      pairs,
      lines: { each: 'headers', names: '{signed}', item: '{name}:{value|trim}\n', join: '' },
      canonical: '{method}\n{path}\n{pairs}\n{lines}\n{signed}\n{body|sha256|hex}',
    },
    message: 'JDCLOUD2-HMAC-SHA256\n{timestamp}\n{date}/{region}/{service}/jdcloud2_request\n{canonical|sha256|hex}',
  },
  `Signature=${hmac(
    'sha256',
    derived(`JDCLOUD2${KEY}`, ['20260115', 'cn-north-1', 'vm', 'jdcloud2_request']),
    `JDCLOUD2-HMAC-SHA256\n20260115T120000Z\n20260115/cn-north-1/vm/jdcloud2_request\n${digest('sha256', jdCanonical + digest('sha256', BODY))}`,
  )}`,
  { keyId: 'AK', use: { nonce: 'n-1' }, set: { params: { region: 'cn-north-1', service: 'vm' } }, open: 'content-type' },
)

// pubnub.com/docs/tutorials/pubnub-access-manager: "~" is percent-encoded too
holds(
  'pubnub',
  {
    params: { publishKey: null },
    signature: { query: 'signature', format: 'v2.{signature}', encoding: 'base64url' },
    timestamp: { query: 'timestamp', unit: 'seconds' },
    define: { pairs: { ...pairs, sort: 'name', item: '{name}={value|replace:~/%7E}' } },
    message: '{method}\n{param:publishKey}\n{path}\n{pairs}\n{body}',
  },
  `v2.${hmac('sha256', KEY, `GET\npub\n/v2/auth/grant\nauth=a%7Eb&timestamp=${SECONDS}&uuid=x%20y\n`, 'base64url')}`,
  { set: { params: { publishKey: 'pub' } }, request: get('https://ps.pndsn.com/v2/auth/grant?uuid=x%20y&auth=a~b') },
)

// transloadit.com/docs/topics/signature-authentication: the deadline is a member of JSON in a form field
const params = '{"auth":{"key":"k1","expires":"2026/01/15 13:00:00+00:00"}}'
holds(
  'transloadit',
  {
    algorithm: 'sha384',
    signature: { form: 'signature', format: 'sha384:{signature}' },
    keyId: { from: '{form:params|json:/auth/key}' },
    fields: { expires: { from: '{form:params|json:/auth/expires}', unit: 'YYYY/MM/DD HH:mm:ss+00:00' } },
    message: '{form:params}',
    allowUnboundBody: 'the vendor signs params alone',
  },
  `sha384:${hmac('sha384', KEY, params)}`,
  { keyId: 'k1', request: { headers: FORM, body: `params=${encodeURIComponent(params)}` }, open: 'method path query' },
)

// developer.fawrystaging.com: server notification V2; amounts have two decimals, and the JSON numbers of them less
holds(
  'fawry',
  {
    construction: 'hash',
    insecure: 'it is a plain hash',
    signature: { json: '/messageSignature' },
    message:
      '{json:/fawryRefNumber}{json:/merchantRefNumber}{json:/paymentAmount|decimals:2}{json:/orderAmount|decimals:2}{json:/orderStatus}' +
      '{json:/paymentMethod}{json:/paymentRefrenceNumber?}{secret}',
    ambiguous: 'everything is joined with nothing between',
  },
  digest('sha256', `9708m-110.507.00PAIDCARD${KEY}`),
  {
    request: {
      body: JSON.stringify({
        fawryRefNumber: '9708',
        merchantRefNumber: 'm-1',
        paymentAmount: 10.5,
        orderAmount: 7,
        orderStatus: 'PAID',
        paymentMethod: 'CARD',
      }),
    },
    dated: false,
    open: 'content-type method path query',
  },
)

// docs.withpersona.com/docs/webhooks-best-practices: during a rotation there are two sets, each with its time
const PERSONA = {
  signature: { header: 'persona-signature', format: 't={timestamp},v1={signature}', list: ' ' },
  timestamp: { unit: 'seconds' },
  message: '{timestamp}.{body}',
}
holds('persona', PERSONA, `t=${SECONDS},v1=${hmac('sha256', KEY, `${SECONDS}.${BODY}`)}`, { open: 'content-type method path query' })

test('persona: during a rotation either secret verifies its own set', () => {
  const own = scheme({ name: 'persona', ...PERSONA })
  const set = (time, key) => `t=${time},v1=${hmac('sha256', key, `${time}.${BODY}`)}`
  const fresh = 'another-secret-0123456789'
  const headers = { 'persona-signature': `${set(1768478399, KEY)} ${set(1768478400, fresh)}` }
  const request = { method: 'POST', url: 'https://x.example/hook', headers, body: Buffer.from(BODY) }
  for (const secret of [KEY, fresh]) assert.equal(verify(own, request, { secret, now: () => NOW }).ok, true)
  assert.equal(verify(own, request, { secret: 'a-third-secret-0123456789', now: () => NOW }).code, 'ERR_HMAC_MISMATCH')
})

test('persona: a request that is sent again with one of its sets is the same request', async () => {
  const guard = hmacAuthenticator({ scheme: scheme({ name: 'persona', ...PERSONA }), secret: KEY, now: () => NOW })
  const set = (time) => `t=${time},v1=${hmac('sha256', KEY, `${time}.${BODY}`)}`
  const ask = async (...sets) => {
    const rawHeaders = ['Persona-Signature', sets.join(' ')]
    const request = { method: 'POST', target: '/', headers: {}, rawHeaders, socket: {}, body: () => Buffer.from(BODY) }
    const verdict = await guard.authenticate(request)
    assert.equal(verdict.kind, 'granted')
    return (await verdict.commit())?.code
  }
  assert.equal(await ask(set(1768478391), set(1768478398)), undefined)
  assert.equal(await ask(set(1768478398)), 'ERR_HMAC_REPLAYED')
  assert.equal(await ask(set(1768478391)), 'ERR_HMAC_REPLAYED')
})
