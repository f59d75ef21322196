import { createHash } from 'node:crypto'
import { BODY, digest, form, get, hmac, holds, KEY, MS, NO_BODY, NOW, ORIGIN, PLAIN, SECONDS, UNSIGNED } from './attacked.js'

/**
 * Schemes of vendors that are no presets, written from the text of the page that stands beside each and LANGUAGE.md; from memory where it
 * says so. The pages publish no value of which all inputs are known, so that node:crypto makes the MAC over the message as the page
 * spells it.
 */
const json = (body) => ({ body })
const UNDATED = { dated: false }
const TS = { unit: 'seconds' }
const publicly = { set: { publicOrigin: ORIGIN } }
const KEY_64 = Buffer.from(KEY).toString('base64')
const url64 = (text) => Buffer.from(text).toString('base64url')

// help.phoenixnap.com, Request Signature: verb, path with its sorted query, and the application key; nothing is said of bodies
holds(
  'phoenixnap',
  {
    signature: { header: 'x-signature' },
    keyId: { header: 'x-application-key' },
    define: { query: { each: 'query', sort: 'name', encode: 'rfc3986', before: '?', item: '{name}={value}', join: '&' } },
    message: '{method} {path}{query} {keyId}{body?|sha256|hex|prepend:\n}',
  },
  hmac('sha256', KEY, 'GET /bmc/v1/servers?a=2&b=1 app1'),
  { ...UNDATED, keyId: 'app1', request: get('/bmc/v1/servers?b=1&a=2') },
)

// support.travelpayouts.com, hotel search: token, marker and the values in the order of their names
holds(
  'travelpayouts',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'signature' },
    keyId: { query: 'marker' },
    define: { values: { each: 'query', except: ['marker'], sort: 'name', item: '{value}', join: ':' } },
    message: '{secret}:{keyId}:{values}',
    ambiguous: 'names are not signed',
  },
  digest('md5', `${KEY}:m1:2:2020-12-10:2020-12-13:10:1:USD:77.111.247.75:HKT:ru:0`),
  {
    ...UNDATED,
    ...NO_BODY,
    keyId: 'm1',
    request: get(
      '/start.json?iata=HKT&checkIn=2020-12-10&checkOut=2020-12-13&adultsCount=2&customerIP=77.111.247.75&childAge1=10&childrenCount=1&lang=ru&currency=USD&waitForResult=0',
    ),
    open: 'method path query',
  },
)

// hotelkit.atlassian.net, Security: method, address, headers as name:value, payload, with ; between; "[]" where there is none
const HOTELKIT = 'Date:Thu, 15 Jan 2026 12:00:00 GMT;x-hotelkit-api-customer-key:c1;x-hotelkit-api-nonce:n-1;x-hotelkit-api-public-key:p1'
holds(
  'hotelkit',
  {
    algorithm: 'sha1',
    signature: { header: 'x-hotelkit-api-signature' },
    timestamp: { header: 'date', unit: 'http-date' },
    nonce: { header: 'x-hotelkit-api-nonce' },
    keyId: { header: 'x-hotelkit-api-public-key' },
    fields: { version: { header: 'x-hotelkit-api-version', value: '3.0' } },
    define: {
      head:
        'Date:{timestamp};x-hotelkit-api-customer-key:{header:x-hotelkit-api-customer-key};x-hotelkit-api-nonce:{nonce};' +
        'x-hotelkit-api-public-key:{keyId};x-hotelkit-api-version:{version}',
    },
    message: { choose: [{ when: { body: true }, use: '{method};{url};{head};{body}' }, { use: '{method};{url};{head};[]' }] },
    ambiguous: 'a customer key or a body can hold what stands behind it',
  },
  hmac('sha1', KEY, `POST;${ORIGIN}/v1/orders?b=2&a=1;${HOTELKIT};x-hotelkit-api-version:3.0;${BODY}`),
  {
    ...publicly,
    keyId: 'p1',
    use: { nonce: 'n-1' },
    request: { headers: { 'content-type': 'application/json', 'x-hotelkit-api-customer-key': 'c1' } },
    open: 'content-type',
  },
)

// onenet.hk.chinamobile.com, token: five parameters percent-encoded in one header, four of them signed as they were before
holds(
  'onenet',
  {
    key: '{secret|fromBase64}',
    params: { life: '600' },
    algorithm: { sha1: 'sha1', sha256: 'sha256', md5: 'md5' },
    signature: {
      header: 'authorization',
      members: '&',
      format: 'version={version}&res={res}&et={until}&method={algorithm}&sign={signature}',
      encoding: 'base64|encode',
    },
    fields: {
      version: { value: '2018-10-31' },
      res: { write: 'products%2F123123' },
      until: { unit: 'seconds', param: 'life' },
    },
    message: '{until}\n{algorithm}\n{res|decode}\n{version}',
    allowUnboundBody: 'the vendor signs who asks, and until when',
  },
  `version=2018-10-31&res=products%2F123123&et=1768479000&method=sha1&sign=${encodeURIComponent(
    hmac('sha1', KEY, '1768479000\nsha1\nproducts/123123\n2018-10-31', 'base64'),
  )}`,
  { ...NO_BODY, secret: KEY_64, request: get('/devices'), open: 'method path' },
)

// gcore.com/support, Secure Token of live streams: hash and end in the path
holds(
  'gcore-live',
  {
    ...PLAIN,
    algorithm: 'md5',
    params: { life: '10000' },
    signature: { path: '/streams/{client}_{stream}/{signature}/{until}/playlist.m3u8', encoding: 'base64url' },
    fields: { client: { write: '10' }, stream: { write: '14' }, until: { unit: 'seconds', param: 'life' } },
    message: '{client}_{stream}_{secret}_{until}_',
  },
  `/streams/10_14/${createHash('md5').update(`10_14_${KEY}_1768488400_`).digest('base64url')}/1768488400/playlist.m3u8`,
  { request: get('/streams'), open: 'method' },
)

// toolsetlink.com, API signature: the body is named where there is one; the secret stands in the middle
holds(
  'toolsetlink',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { header: 'x-signature' },
    timestamp: { header: 'x-timestamp', unit: 'rfc3339' },
    nonce: { header: 'x-nonce', as: 'hex' },
    keyId: { header: 'x-accesskey' },
    define: { rest: 'nonce={nonce}&secretKey={secret}&timestamp={timestamp}&url={target}' },
    message: { choose: [{ when: { body: true }, use: 'body={body}&{rest}' }, { use: '{rest}' }] },
    ambiguous: 'a body can hold &nonce=',
  },
  digest('md5', `body=${BODY}&nonce=abcdef1234567890&secretKey=${KEY}&timestamp=2026-01-15T12:00:00Z&url=/v1/orders?b=2&a=1`),
  { keyId: 'ak', use: { nonce: 'abcdef1234567890' }, open: 'content-type method' },
)

// docs-acquiring.collectnexchange.cy: a semicolon behind each, the last too; what is an object as its JSON
holds(
  'collectn',
  {
    signature: { header: 'signature' },
    message:
      '{json:/amount};{json:/token_address};{json:/network};{json:/external_client_id};{json:/external_data?};{json:/external_order_id?};',
    ambiguous: 'a ";" in a value is not escaped',
  },
  hmac('sha256', KEY, '300;0xdAC17F958D2ee523a2206206994597C13D831ec7;ethereum;1;{"key":"value"};1;'),
  {
    ...UNDATED,
    request: json(
      '{"amount":300,"token_address":"0xdAC17F958D2ee523a2206206994597C13D831ec7","network":"ethereum","external_client_id":1,"external_data":{"key":"value"},"external_order_id":1}',
    ),
    open: UNSIGNED,
  },
)

// docs.velitech.games/docs/signature: the path to each value, sorted as texts; an empty value stays
holds(
  'velitech',
  {
    algorithm: 'sha512',
    signature: { header: 'signature', format: '{keyId}:{signature}', encoding: 'base64' },
    message: { each: 'json', flatten: ':', sort: 'item', item: '{name}:{value}', join: ';' },
    ambiguous: 'names and values can hold what joins them',
  },
  `op1:${hmac('sha512', KEY, 'amount:10;brandId:;user:age:3;user:id:x', 'base64')}`,
  { ...UNDATED, keyId: 'op1', request: json('{"brandId":"","user":{"id":"x","age":3},"amount":10}'), open: UNSIGNED },
)

// slotcity.gitbook.io, Seamless Wallet API: the values alone, in the order of the names
holds(
  'scorpio-play',
  {
    algorithm: 'sha512',
    signature: { header: 'x-request-signature', encoding: 'base64' },
    message: { each: 'json', sort: 'name', item: '{value}', join: ',' },
    ambiguous: 'names are not signed',
  },
  hmac('sha512', KEY, '1500,USD,user123,1713792000', 'base64'),
  {
    ...UNDATED,
    request: json('{"amount":1500,"currency":"USD","playerId":"user123","timestamp":1713792000}'),
    open: `body ${UNSIGNED}`,
  },
)

// skysoft mintlify, GitSlotPark: amounts with two decimals, upper-case hex
holds(
  'gitslotpark',
  {
    signature: { json: '/sign', encoding: 'hex|upper' },
    message: '{json:/agentID}{json:/userID}{json:/amount|decimals:2}{json:/transactionID}',
    ambiguous: 'nothing separates the values',
  },
  hmac('sha256', KEY, 'a1u112.30t9').toUpperCase(),
  { ...UNDATED, request: json('{"agentID":"a1","userID":"u1","amount":12.3,"transactionID":"t9"}'), open: UNSIGNED },
)

// docs.jackpot.studio/guides/authentication: "normalizes the request body to compact JSON"
holds(
  'jackpot-studio',
  {
    signature: { header: 'x-hmac-sha256' },
    keyId: { header: 'x-operator-id' },
    timestamp: { header: 'x-timestamp', unit: 'seconds', toleranceSeconds: 30 },
    message: '{timestamp}{body|minify}',
  },
  hmac('sha256', KEY, `${SECONDS}{"playerId":"player-1","bet":1.0}`),
  { keyId: 'op', request: json('{"playerId": "player-1", "bet": 1.0}'), open: UNSIGNED },
)

// docs.paytrail.com and its issue 26: all checkout- headers, a line each, and the body; parameters of redirects are signed alike
const PAYTRAIL =
  `checkout-account:375917\ncheckout-algorithm:sha256\ncheckout-method:POST\ncheckout-nonce:564635208570151\n` +
  `checkout-timestamp:2026-01-15T12:00:00.000Z\n${BODY}`
holds(
  'paytrail',
  {
    algorithm: { sha256: 'sha256', sha512: 'sha512' },
    signature: { header: 'signature' },
    timestamp: { header: 'checkout-timestamp', unit: 'rfc3339-ms' },
    nonce: { header: 'checkout-nonce' },
    keyId: { header: 'checkout-account' },
    fields: { algorithm: { header: 'checkout-algorithm' }, verb: { header: 'checkout-method', value: '{method}' } },
    define: { lines: { each: 'headers', prefix: 'checkout-', sort: 'name', item: '{name}:{value}\n', join: '' } },
    message: '{lines}{body}',
    ambiguous: 'a body can begin like a line',
  },
  hmac('sha256', 'SAIPPUAKAUPPIAS', PAYTRAIL),
  { secret: 'SAIPPUAKAUPPIAS', keyId: '375917', use: { nonce: '564635208570151' }, open: 'content-type path query' },
)

// openapidoc.bitunix.com, Signature: the hash of a hash
holds(
  'bitunix',
  {
    ...PLAIN,
    signature: { header: 'sign' },
    keyId: { header: 'api-key' },
    timestamp: { header: 'timestamp', unit: 'milliseconds' },
    nonce: { header: 'nonce', as: 'hex' },
    define: {
      query: { each: 'query', sort: 'name', item: '{name}{value}', join: '' },
      inner: '{nonce}{timestamp}{keyId}{query}{body|minify}',
    },
    message: '{inner|sha256|hex}{secret}',
    ambiguous: 'nothing separates the parts',
  },
  digest('sha256', `${digest('sha256', `123456${MS}k1id1uid200{"uid":"2899","arr":[{"id":1}]}`)}${KEY}`),
  {
    keyId: 'k1',
    use: { nonce: '123456' },
    request: { url: `${ORIGIN}/api/v1/order?uid=200&id=1`, body: '{"uid": "2899", "arr": [{"id": 1}]}' },
    open: 'content-type method path',
  },
)

// luxon.com/api/authentication: a header of two texts in base64, the first of which says algorithm, key and time
const LUXON = url64(`{"alg":"HS512","key":"k1","timestamp":${SECONDS}}`)
holds(
  'luxon',
  {
    algorithm: { HS512: 'sha512', HS256: 'sha256' },
    signature: { header: 'x-signature', format: '{head}.{signature}', encoding: 'base64' },
    timestamp: { from: '{head|fromBase64|json:/timestamp}', ...TS },
    keyId: { from: '{head|fromBase64|json:/key}' },
    fields: { head: { write: '{headText|utf8|base64}' }, algorithm: { from: '{head|fromBase64|json:/alg}' } },
    define: {
      headText: '{{"alg":"{algorithm}","key":"{keyId}","timestamp":{timestamp}}}',
      tight: '{body|minify}',
    },
    message: '{method}{path}{query}{timestamp}{tight|sha512|base64}',
    ambiguous: 'nothing separates path and query',
  },
  `${Buffer.from(LUXON, 'base64url').toString('base64')}.${hmac(
    'sha512',
    KEY,
    `POST/v1/ordersb=2&a=1${SECONDS}${digest('sha512', BODY, 'base64')}`,
    'base64',
  )}`,
  // The head itself is not signed: one that names no algorithm says what the first of them says.
  { keyId: 'k1', open: 'content-type x-signature' },
)

// api-docs.mykeeta.com, signature calculation: address, sorted query, and the body as RFC 8785 has it
holds(
  'mykeeta',
  {
    signature: { header: 'x-app-signature', encoding: 'base64' },
    define: { pairs: { each: 'query', sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{url|before:?}&{pairs}&{body|jcs}',
    ambiguous: 'a value can hold &',
  },
  hmac('sha256', KEY, `${ORIGIN}/v1/orders&a=1&b=2&{"amount":10.5,"id":"evt_1"}`, 'base64'),
  { ...publicly, ...UNDATED, open: 'content-type method' },
)

// docs.payku.com/en/cl/signature: the encoded path, and the members that are no objects
holds(
  'payku',
  {
    signature: { header: 'sign' },
    define: { pairs: { each: 'json', scalars: true, sort: 'name', encode: 'form', item: '{name}={value}', join: '&' } },
    message: '{path|encode}&{pairs}',
  },
  hmac('sha256', KEY, '%2Fapi%2Fsuclient&email=e%40x.cl&name=Joe+Doe'),
  {
    ...UNDATED,
    request: { url: `${ORIGIN}/api/suclient`, body: '{"name":"Joe Doe","more":{"a":1},"email":"e@x.cl"}' },
    open: 'body content-type method',
  },
)

// apidocs.paynearme.com, HMAC Signature Authentication: names and values, sorted, with nothing between
holds(
  'paynearme',
  {
    signature: { json: '/signature' },
    timestamp: { json: '/timestamp', ...TS },
    message: { each: 'json', sort: 'name', item: '{name}{value}', join: '' },
    ambiguous: 'nothing separates names and values',
  },
  hmac('sha256', KEY, `order_amount10.00site_identifierS1timestamp${SECONDS}version3.0`),
  { request: json('{"site_identifier":"S1","order_amount":"10.00","version":"3.0"}'), open: UNSIGNED },
)

// dev.buckaroo.nl, HMAC, from memory: the address without scheme, encoded and in lower case
holds(
  'buckaroo',
  {
    signature: { authorization: 'hmac', format: '{keyId}:{signature}:{nonce}:{timestamp}', encoding: 'base64' },
    timestamp: TS,
    nonce: {},
    define: {
      place: '{authority}{target}',
      content: { choose: [{ when: { body: true }, use: '{body|md5|base64}' }, { use: '' }] },
    },
    message: '{keyId}{method}{place|encodeUri|lower}{timestamp}{nonce}{content}',
    ambiguous: 'nothing separates the parts',
  },
  hmac(
    'sha256',
    KEY,
    `siteKPOST${encodeURIComponent('api.example.com/v1/orders?b=2&a=1').toLowerCase()}${SECONDS}nonce-1${digest('md5', BODY, 'base64')}`,
    'base64',
  ),
  { keyId: 'siteK', use: { nonce: 'nonce-1' }, open: 'content-type' },
)

// docs.payments.svea.com, authentication, from memory: a time to the minute, and base64 of merchant and hash
holds(
  'svea-checkout',
  {
    ...PLAIN,
    algorithm: 'sha512',
    signature: { authorization: 'Svea', wrapped: 'base64', format: '{keyId}:{signature}', encoding: 'hex|upper' },
    timestamp: { header: 'timestamp', unit: 'YYYY-MM-DD HH:mm' },
    message: '{body}{secret}{timestamp}',
  },
  `Svea ${Buffer.from(`123:${digest('sha512', `${BODY}${KEY}2026-01-15 12:00`).toUpperCase()}`).toString('base64')}`,
  { keyId: '123', open: UNSIGNED },
)

// api-docs.walleypay.com, from memory: base64 of user and sha256(body + path + secret)
holds(
  'walley',
  {
    ...PLAIN,
    signature: { authorization: 'SharedKey', wrapped: 'base64', format: '{keyId}:{signature}' },
    message: '{body}{path}{secret}',
    ambiguous: 'nothing separates body and path',
  },
  Buffer.from(`user1:${digest('sha256', `${BODY}/v1/orders${KEY}`)}`).toString('base64'),
  { ...UNDATED, keyId: 'user1', open: 'content-type method query' },
)

// doc.xt.com, signature, from memory: four headers as pairs, then method, path, query and body behind #
holds(
  'xt-exchange',
  {
    signature: { header: 'validate-signature' },
    keyId: { header: 'validate-appkey' },
    timestamp: { header: 'validate-timestamp', unit: 'milliseconds' },
    fields: {
      algorithms: { header: 'validate-algorithms', value: 'HmacSHA256' },
      window: { header: 'validate-recvwindow', write: '5000' },
    },
    define: {
      query: { each: 'query', sort: 'name', before: '#', item: '{name}={value}', join: '&' },
      content: { choose: [{ when: { body: true }, use: '#{body}' }, { use: '' }] },
    },
    message:
      'validate-algorithms={algorithms}&validate-appkey={keyId}&validate-recvwindow={window}&validate-timestamp={timestamp}#{method}#{path}{query}{content}',
    ambiguous: 'values of the query can hold #',
  },
  hmac(
    'sha256',
    KEY,
    `validate-algorithms=HmacSHA256&validate-appkey=k1&validate-recvwindow=5000&validate-timestamp=${MS}#POST#/v1/orders#a=1&b=2#${BODY}`,
  ),
  { keyId: 'k1', open: 'content-type' },
)

// a-docs.coinpayments.net, authentication, from memory: a byte order mark in front
holds(
  'coinpayments',
  {
    signature: { header: 'x-coinpayments-signature', encoding: 'base64' },
    keyId: { header: 'x-coinpayments-client' },
    timestamp: { header: 'x-coinpayments-timestamp', unit: 'YYYY-MM-DDTHH:mm:ss' },
    message: '\ufeff{method}{url}{keyId}{timestamp}{body}',
    ambiguous: 'nothing separates address and client',
  },
  hmac('sha256', KEY, `\ufeffPOST${ORIGIN}/v1/orders?b=2&a=1c12026-01-15T12:00:00${BODY}`, 'base64'),
  { ...publicly, keyId: 'c1', open: 'content-type' },
)

// developer.bigcommerce.com, signed_payload, from memory: base64 of JSON, a dot, base64 of the hex text
holds(
  'bigcommerce-load',
  {
    signature: { query: 'signed_payload', format: '{payload}.{signature}', encoding: 'hex|utf8|base64' },
    timestamp: { from: '{payload|fromBase64|json:/timestamp}', unit: 'float-seconds' },
    fields: { payload: { write: '{text|utf8|base64}' } },
    define: { text: '{{"store_hash":"s1","timestamp":{timestamp}}}' },
    message: '{payload|fromBase64}',
  },
  Buffer.from(hmac('sha256', KEY, `{"store_hash":"s1","timestamp":${SECONDS}}`)).toString('base64'),
  { request: get('/load'), open: 'method path' },
)

// draft-uberti-behave-turn-rest-00, coturn's use-auth-secret: user and end as name, their HMAC as password, in Basic
holds(
  'turn-rest',
  {
    algorithm: 'sha1',
    params: { life: '86400' },
    signature: { authorization: 'Basic', wrapped: 'base64', format: '{until}:{keyId}:{signature}', encoding: 'base64' },
    fields: { until: { unit: 'seconds', param: 'life' } },
    message: '{until}:{keyId}',
    allowUnboundBody: 'who asks is signed, and not what for',
  },
  `Basic ${Buffer.from(`1768564800:alice:${hmac('sha1', KEY, '1768564800:alice', 'base64')}`).toString('base64')}`,
  { ...NO_BODY, keyId: 'alice', request: get('/relay'), open: 'method path' },
)

// OvenMediaEngine, signed policy, from memory: base64url of JSON in the query, SHA-1 over the whole address
const OME = url64('{"url_expire":1768479000000}')
holds(
  'ovenmedia-policy',
  {
    algorithm: 'sha1',
    params: { life: '600' },
    signature: { query: 'signature', encoding: 'base64url' },
    fields: {
      policy: { query: 'policy', write: '{text|utf8|base64url}' },
      until: { from: '{policy|fromBase64url|json:/url_expire}', unit: 'milliseconds', param: 'life' },
    },
    define: { text: '{{"url_expire":{until}}}' },
    message: '{url}',
  },
  createHmacUrl(`${ORIGIN}/app/stream?policy=${OME}`),
  { ...publicly, request: get('/app/stream'), open: 'method' },
)

function createHmacUrl(text) {
  return Buffer.from(hmac('sha1', KEY, text), 'hex').toString('base64url')
}

// prosody.im, mod_http_upload_external: path below the base, a blank, the length
holds(
  'prosody-upload',
  {
    signature: { query: 'v' },
    message: '{path|strip:/upload/} {header:content-length}',
    allowUnboundBody: 'the vendor signs the length of the file alone',
  },
  hmac('sha256', KEY, `a1/cat.jpg ${BODY.length}`),
  {
    ...UNDATED,
    request: { method: 'PUT', url: `${ORIGIN}/upload/a1/cat.jpg`, headers: { 'content-length': String(BODY.length) } },
    open: 'body method',
  },
)

// appwrite.io/docs/advanced/platform/webhooks: address and body, HMAC-SHA1 in base64
holds(
  'appwrite',
  {
    algorithm: 'sha1',
    signature: { header: 'x-appwrite-webhook-signature', encoding: 'base64' },
    message: '{url}{body}',
    ambiguous: 'nothing separates address and body',
  },
  hmac('sha1', KEY, `${ORIGIN}/v1/orders?b=2&a=1${BODY}`, 'base64'),
  { ...publicly, ...UNDATED, open: 'content-type method' },
)

// developers.cloudpayments.ru, X-Content-HMAC: the form as it reads when it is decoded
holds(
  'cloudpayments-decoded',
  {
    signature: { header: 'x-content-hmac', encoding: 'base64' },
    message: { each: 'form', item: '{name}={value}', join: '&' },
    ambiguous: 'decoded values can hold &',
  },
  hmac('sha256', KEY, 'Name=A B&City=\u041c', 'base64'),
  { ...UNDATED, request: form('Name=A+B&City=%D0%9C'), open: 'method path query' },
)

// developers.payfast.co.za, from memory: the fields in their order, urlencoded, and the passphrase as one of them
holds(
  'payfast',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'signature' },
    define: { pairs: { each: 'form', skipEmpty: true, encode: 'form', item: '{name}={value}', join: '&' } },
    message: '{pairs}&passphrase={secret|encodeForm}',
  },
  digest('md5', `merchant_id=1&return_url=http%3A%2F%2Fa%2Fb&item_name=A+B&passphrase=${KEY}`),
  { ...UNDATED, request: form('merchant_id=1&return_url=http%3A%2F%2Fa%2Fb&item_name=A+B'), open: 'method path query' },
)

// docs.surge.app, signature validation; docs.syntage.com and Ticket Tailor have the same with other names
const stripeLike = (name, header, format, message, expected, more = {}) =>
  holds(
    name,
    { signature: { header, format, members: ',' }, timestamp: { unit: more.unit ?? 'seconds' }, message },
    `t=${more.unit === 'milliseconds' ? MS : SECONDS},${expected}`,
    { open: UNSIGNED },
  )
const dotted = (time) => hmac('sha256', KEY, `${time}.${BODY}`)
stripeLike('surge', 'surge-signature', 't={timestamp},v1={signature+}', '{timestamp}.{body}', `v1=${dotted(SECONDS)}`)
stripeLike('syntage', 'x-satws-signature', 't={timestamp},s={signature}', '{timestamp}.{body}', `s=${dotted(SECONDS)}`)
stripeLike(
  'ticket-tailor',
  'tickettailor-webhook-signature',
  't={timestamp},v1={signature}',
  '{timestamp}{body}',
  `v1=${hmac('sha256', KEY, `${SECONDS}${BODY}`)}`,
)
stripeLike('zoho-payments', 'x-zoho-webhook-signature', 't={timestamp},v={signature}', '{timestamp}.{body}', `v=${dotted(MS)}`, {
  unit: 'milliseconds',
})

// Everee: several v1 with commas between, the time in a header of its own
holds(
  'everee',
  {
    signature: { header: 'x-everee-webhook-signature', format: 'v1={signature}', list: ',' },
    timestamp: { header: 'x-everee-webhook-timestamp', ...TS },
    message: '{timestamp}.{body}',
  },
  `v1=${dotted(SECONDS)}`,
  { open: UNSIGNED },
)

// SavvyCal: upper-case hex
holds(
  'savvycal',
  { signature: { header: 'x-savvycal-signature', format: 'sha256={signature}', encoding: 'hex|upper' }, message: '{body}' },
  `sha256=${hmac('sha256', KEY, BODY).toUpperCase()}`,
  { ...UNDATED, open: UNSIGNED },
)

// docs.xaman.dev, webhooks: the first "-" of the secret is none of the key, and JSON is written again
holds(
  'xaman',
  {
    algorithm: 'sha1',
    key: '{secret|removeFirst:-}',
    signature: { header: 'x-xumm-request-signature' },
    timestamp: { header: 'x-xumm-request-timestamp', ...TS },
    message: '{timestamp}{body|stringify}',
  },
  hmac('sha1', 'a1b2c3d4e5f6-4711-8a9b', `${SECONDS}${BODY}`),
  { secret: 'a1b2c3d4-e5f6-4711-8a9b', open: UNSIGNED },
)

const HEAD = '{"alg":"HS256","typ":"JWT"}'
const jws = (claims) => {
  const signed = `${url64(HEAD)}.${url64(claims)}`
  return `${signed}.${Buffer.from(hmac('sha256', KEY, signed), 'hex').toString('base64url')}`
}
const TOKEN = {
  head: { write: '{headText|utf8|base64url}' },
  claims: { write: '{claimsText|utf8|base64url}' },
  alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS256' },
}

// fusionauth.io/docs, signed webhooks: the hash of the body as a claim
holds(
  'fusionauth',
  {
    signature: { header: 'x-fusionauth-signature-jwt', format: '{head}.{claims}.{signature}', encoding: 'base64url' },
    fields: {
      ...TOKEN,
      hash: { from: '{claims|fromBase64url|json:/request_body_sha256}', value: '{body|sha256|base64}' },
    },
    define: { headText: `{${HEAD}}`, claimsText: '{{"request_body_sha256":"{body|sha256|base64}"}}' },
    message: '{head}.{claims}',
  },
  jws(`{"request_body_sha256":"${digest('sha256', BODY, 'base64')}"}`),
  { ...UNDATED, open: UNSIGNED },
)

// developer.monday.com, app webhooks: a token that says nothing of the body
holds(
  'monday',
  {
    params: { life: '300' },
    signature: { header: 'authorization', format: '{head}.{claims}.{signature}', encoding: 'base64url' },
    timestamp: { from: '{claims|fromBase64url|json:/iat}', ...TS },
    fields: { ...TOKEN, until: { from: '{claims|fromBase64url|json:/exp}', unit: 'seconds', param: 'life' } },
    define: { headText: `{${HEAD}}`, claimsText: '{{"iat":{timestamp},"exp":{until}}}' },
    message: '{head}.{claims}',
    allowUnboundBody: 'the vendor signs who sends and when',
  },
  jws(`{"iat":${SECONDS},"exp":${NOW / 1000 + 300}}`),
  { open: `body ${UNSIGNED}` },
)
