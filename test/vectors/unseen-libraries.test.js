import { createHash } from 'node:crypto'
import { BODY, digest, form, get, hmac, holds, KEY, MS, NO_BODY, ORIGIN, PLAIN, SECONDS, UUID } from './attacked.js'

/**
 * Schemes of vendors that are no presets, written from their pages, or from the sources and tests of clients, and LANGUAGE.md alone. The
 * first ones have a value that was published; of the others node:crypto makes the MAC over the message as the page spells it.
 */
const at = (...parts) => ({ now: Date.UTC(...parts) })
const UNDATED = { dated: false }
const JSON_BODY = { 'content-type': 'application/json' }
const json = (url, body, headers = JSON_BODY) => ({ url, headers, body })
const UNBOUND = { checks: { allowUnboundBody: true } }

// EMC Atmos Programmer's Guide, and the tests of jclouds, of Atmos' C client and others: x-emc headers in order, an empty line for Range
holds(
  'emc-atmos',
  {
    algorithm: 'sha1',
    key: '{secret|fromBase64}',
    signature: { header: 'x-emc-signature', encoding: 'base64' },
    timestamp: { header: 'x-emc-date', unit: 'http-date' },
    keyId: { header: 'x-emc-uid' },
    define: { custom: { each: 'headers', prefix: 'x-emc-', sort: 'name', item: '{name}:{value|squeeze}', join: '\n' } },
    message: '{method}\n{header:content-type?}\n{header:range?}\n{header:date?}\n{target|lower}\n{custom}',
    allowUnboundBody: 'the vendor does not sign it',
  },
  'WHJo1MFevMnK4jCthJ974L3YHoo=',
  {
    ...at(2008, 5, 5, 16, 38, 19),
    ...UNBOUND,
    secret: 'LJLuryj6zs8ste6Y3jTGQp71xq0=',
    keyId: '6039ac182f194e15b9261d73ce044939/user1',
    request: {
      url: `${ORIGIN}/rest/objects`,
      headers: {
        'content-type': 'application/octet-stream',
        date: 'Thu, 05 Jun 2008 16:38:19 GMT',
        'x-emc-groupacl': 'other=NONE',
        'x-emc-listable-meta': 'part4/part7/part8=quick',
        'x-emc-meta': 'part1=buy',
        'x-emc-useracl': 'john=FULL_CONTROL,mary=WRITE',
      },
      body: 'x',
    },
    open: 'body',
  },
)

// api.dnsmadeeasy.com API documentation V2.0: the date alone
holds(
  'dnsmadeeasy',
  {
    algorithm: 'sha1',
    signature: { header: 'x-dnsme-hmac' },
    timestamp: { header: 'x-dnsme-requestdate', unit: 'http-date' },
    keyId: { header: 'x-dnsme-apikey' },
    message: '{timestamp}',
    allowUnboundBody: 'time alone is signed',
  },
  'b3502e6116a324f3cf4a8ed693d78bcee8d8fe3c',
  {
    ...at(2011, 1, 12, 20, 59, 4),
    secret: 'c9b5625f-9834-4ff8-baba-4ed5f32cae55',
    keyId: '1c1a3c91-4770-4ce7-96f4-54c0eb0e457a',
    request: get('/V2.0/dns/managed/'),
    open: 'method path',
  },
)

// rememberthemilk.com/services/api/authentication.rtm: the secret, then names and values
holds(
  'remember-the-milk',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'api_sig' },
    define: { pairs: { each: 'query', sort: 'name', item: '{name}{value}', join: '' } },
    message: '{secret}{pairs}',
    ambiguous: 'nothing separates names and values',
  },
  'api_sig=82044aae4dd676094f23f1ec152159ba',
  { ...UNDATED, ...NO_BODY, secret: 'BANANAS', request: get('/services/rest/?yxz=foo&feg=bar&abc=baz'), open: 'method path' },
)

const OCTETS = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'

// RFC 7797, section 4.2: a JSON Web Signature whose payload is the body as it stands
holds(
  'rfc7797-detached',
  {
    key: '{secret|fromBase64url}',
    signature: { header: 'x-jws-signature', format: '{head}..{signature}', encoding: 'base64url' },
    fields: {
      head: { write: '{headText|utf8|base64url}' },
      alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS256' },
      b64: { from: '{head|fromBase64url|json:/b64}', value: 'false' },
    },
    define: { headText: '{{"alg":"HS256","b64":false,"crit":["b64"]}}' },
    message: '{head}.{body}',
  },
  'eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY',
  { ...UNDATED, secret: OCTETS, request: json(`${ORIGIN}/hook`, '$.02'), open: 'content-type method path' },
)

// RFC 7515, appendix A.1: a token in Authorization, whose line feeds are part of it
const CLAIMS = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
holds(
  'rfc7515-token',
  {
    key: '{secret|fromBase64url}',
    signature: { authorization: 'Bearer', format: '{head}.{claims}.{signature}', encoding: 'base64url' },
    fields: {
      head: { write: Buffer.from('{"typ":"JWT",\r\n "alg":"HS256"}').toString('base64url') },
      claims: { write: Buffer.from(CLAIMS).toString('base64url') },
      alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS256' },
    },
    message: '{head}.{claims}',
    allowUnboundBody: 'a token says who asks',
  },
  'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  { ...UNDATED, ...NO_BODY, secret: OCTETS, request: get('/me'), open: 'method path' },
)

// test of a PHP port of libmacaroons: the key is made for macaroons, the caveat is signed with the signature of the identifier
holds(
  'macaroon',
  {
    key: { chain: ['macaroons-key-generator', '{secret}', '{id}'] },
    signature: { header: 'x-macaroon', format: '{id}|{caveat}|{signature}' },
    fields: { id: { write: 'we used our secret key' }, caveat: { write: 'test = caveat' } },
    message: '{caveat}',
    allowUnboundBody: 'a token says what is allowed',
  },
  '197bac7a044af33332865b9266e26d493bdd668a660e44d88ce1a998c23dbd67',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: 'this is our super secret key; only we should know it',
    request: get('/'),
    open: 'method',
  },
)

// tests of Klarna Checkout's SDKs (PHP, Python, Ruby, Java, .NET): the hash of the body and the secret
holds(
  'klarna-checkout',
  { ...PLAIN, signature: { authorization: 'Klarna', encoding: 'base64' }, message: '{body}{secret}' },
  'Klarna MO/6KvzsY2y+F+/SexH7Hyg16gFpsPDx5A2PtLZd0Zs=',
  {
    ...UNDATED,
    secret: 'mySecret',
    request: json(
      `${ORIGIN}/checkout/orders`,
      '{"eid":1245,"goods_list":[{"artno":"id_1","name":"product","price":12345,"vat":25,"qty":1}],"currency":"SEK","country":"SWE","language":"SV"}',
    ),
    open: 'content-type method path',
  },
)

// docs.qingcloud.com, signature: the method, the path with its slash, the sorted query
holds(
  'qingcloud',
  {
    signature: { query: 'signature', encoding: 'base64' },
    timestamp: { query: 'time_stamp', unit: 'rfc3339' },
    keyId: { query: 'access_key_id' },
    define: { pairs: { each: 'query', sort: 'name', encode: 'rfc3986', item: '{name}={value}', join: '&' } },
    message: '{method}\n{path}\n{pairs}',
  },
  '32bseYy39DOlatuewpeuW5vpmW51sD1A/JdGynqSpP8=',
  {
    ...at(2013, 7, 27, 14, 30, 10),
    secret: 'SECRETACCESSKEY',
    keyId: 'QYACCESSKEYIDEXAMPLE',
    request: get(
      '/iaas/?count=1&vxnets.1=vxnet-0&zone=pek1&instance_type=small_b&signature_version=1&signature_method=HmacSHA256&instance_name=demo&image_id=centos64x86a&login_mode=passwd&login_passwd=QingCloud20130712&version=1&action=RunInstances',
    ),
  },
)

// aliyun.com, Log Service, request signatures: upper-case MD5 of the body, x-log headers in order, the query decoded
holds(
  'aliyun-sls',
  {
    algorithm: 'sha1',
    signature: { authorization: 'LOG', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'date', unit: 'http-date', toleranceSeconds: 900 },
    fields: { md5: { header: 'content-md5', when: { body: true }, value: '{body|md5|hex|upper}' } },
    define: {
      custom: { each: 'headers', prefix: 'x-log-', sort: 'name', item: '{name}:{value}\n', join: '' },
      query: { each: 'query', sort: 'name', before: '?', item: '{name}={value}', join: '&' },
    },
    message: '{method}\n{md5?}\n{header:content-type?}\n{timestamp}\n{custom}{path}{query}',
    ambiguous: 'the query is signed decoded',
  },
  'LOG bq2sjzesjmo86kq35behupbq:jEYOTCJs2e88o+y5F4/S5IsnBJQ=',
  {
    ...at(2015, 10, 9, 6, 11, 16),
    secret: '4fdO2fTDDnZPU/L7CHNdemB2Nsk=',
    keyId: 'bq2sjzesjmo86kq35behupbq',
    request: get('/logstores?logstoreName=&offset=0&size=1000', { 'x-log-apiversion': '0.6.0', 'x-log-signaturemethod': 'hmac-sha1' }),
  },
)

// developer.xg.qq.com, Rest API of Xinge: method, host, path, sorted pairs and the secret, with nothing between
holds(
  'xinge',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'sign' },
    timestamp: { form: 'timestamp', unit: 'seconds' },
    keyId: { form: 'access_id' },
    define: { pairs: { each: 'form', sort: 'name', item: '{name}={value}', join: '' } },
    message: '{method}{host}{path}{pairs}{secret}',
    ambiguous: 'nothing separates the pairs',
  },
  'sign=ccafecaef6be07493cfe75ebc43b7d53',
  {
    now: 1386691200000,
    secret: 'abcde',
    keyId: '123',
    request: {
      ...form('Param1=Value1&Param2=Value2'),
      url: 'http://openapi.xg.qq.com/v2/push/single_device',
    },
  },
)

// test of a survey server (gazpachoquest, HMACSignatureTest): a date of RFC 2822 in the zone of the sender
holds(
  'date-with-offset',
  {
    algorithm: 'sha1',
    signature: { authorization: 'GZQ', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'date', unit: 'ddd, DD MMM YYYY HH:mm:ss +0200@+02:00' },
    message: '{method} {target}\n{timestamp}',
    allowUnboundBody: 'requests have none',
  },
  'GZQ PKCC00D3YH83KEP:oVMRHIMFzmt0NrczGQG8iAu9prc=',
  {
    ...at(2014, 4, 13, 18, 10, 38),
    secret: 'L0LTMJ1XAMEY13FT27MWZMQX1LWK8I1L',
    keyId: 'PKCC00D3YH83KEP',
    request: get('/questionnaires/58'),
  },
)

// README of signature-check (npm): method, sorted query, body and secret, joined with commas
holds(
  'signature-check',
  {
    ...PLAIN,
    algorithm: 'md5',
    params: { life: '461' },
    signature: { query: '_token' },
    fields: { expires: { query: '_expires', unit: 'seconds', param: 'life' } },
    define: { pairs: { each: 'query', sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{method},{pairs},{body},{secret}',
    ambiguous: 'the query is signed decoded',
  },
  '_token=0d92f237ae715ad5ff78aa2e5703f486',
  {
    now: 1572528000000,
    secret: '11f65b7039768d970d40051fe6bb3d95',
    request: json('https://example.com/api/test/http/test_post_json', '{"issueId":1,"issueSummary":"this is summary"}'),
    open: 'content-type path',
  },
)

// test of xiaohongshu_ecommerce (Python): four members of the JSON, the rest is not signed
holds(
  'xiaohongshu',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { json: '/sign' },
    timestamp: { json: '/timestamp', unit: 'seconds' },
    message: '{json:/method}?appId={json:/appId}&timestamp={timestamp}&version={json:/version}{secret}',
    ambiguous: 'a value may hold what stands behind it',
  },
  '"sign":"15dd91e56a77df52c8a652a43a7c131e"',
  {
    now: 1700000000000,
    secret: 'secret-key',
    request: json(`${ORIGIN}/ark/open_api/v3/common_controller`, '{"method":"oauth.getAccessToken","appId":"test-app","version":"1.0"}'),
    open: 'content-type method path',
  },
)

const ORDER =
  '{"market": "BTC-PERP", "side": "buy", "price": 8500, "size": 1, "type": "limit", "reduceOnly": false, "ioc": false, "postOnly": false, "clientId": null}'
const exchange = (prefix, time, sign) => ({
  signature: { header: `${prefix}-${sign}` },
  timestamp: { header: `${prefix}-${time}`, unit: 'milliseconds' },
  keyId: { header: `${prefix}-key` },
  message: '{timestamp}{method}{target}{body}',
  ambiguous: 'nothing separates the address from the body',
})

// blog.ftx.com, API authentication
holds('ftx', exchange('ftx', 'ts', 'sign'), 'c4fbabaf178658a59d7bbf57678d44c369382f3da29138f04cd46d3d582ba4ba', {
  now: 1588591856950,
  secret: 'T4lPid48QtjNxjLUFOcUZghD7CUJ7sTVsfuvQZF2',
  keyId: 'key-1',
  request: json('https://ftx.com/api/orders', ORDER),
  open: 'content-type',
})

// docs.woox.io, authentication of V1: the sorted parameters, a pipe and the time
holds(
  'woox',
  {
    signature: { header: 'x-api-signature' },
    timestamp: { header: 'x-api-timestamp', unit: 'milliseconds' },
    keyId: { header: 'x-api-key' },
    define: { pairs: { each: ['query', 'form'], sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{pairs}|{timestamp}',
    ambiguous: 'a pair can move from the query to the form',
  },
  '20da0852f73b20da0208c7e627975a59ff072379883d8457d03104651032033d',
  {
    now: 1578565539808,
    secret: 'QHKRXHPAW1MC9YGZMAT8YDJG2HPR',
    keyId: 'key-1',
    request: {
      ...form('symbol=SPOT_BTC_USDT&side=BUY&order_type=LIMIT&order_price=9000&order_quantity=0.11'),
      url: `${ORIGIN}/v1/order`,
    },
    open: 'method path',
  },
)

// docs.paytrail.com, E2: a parameter names what is signed; capitals
holds(
  'paytrail-e2',
  {
    ...PLAIN,
    signature: { form: 'AUTHCODE', encoding: 'hex|upper' },
    fields: { listed: { form: 'PARAMS_IN', names: ',', mustInclude: ['MERCHANT_ID', 'AMOUNT', 'PARAMS_IN'] } },
    define: { values: { each: 'form', names: '{listed}', item: '{value}', join: '|' } },
    message: '{secret}|{values}',
    ambiguous: 'a value may hold "|"',
  },
  'AUTHCODE=BBDF8997A56F97DC0A46C99C88C2EEF9D541AAD59CFF2695D0DD9AF474086D71',
  {
    ...UNDATED,
    secret: '6pKF4jkv97zmqBJ3ZL8gUw5DfT2NMQ',
    use: {
      fields: { listed: 'MERCHANT_ID,URL_SUCCESS,URL_CANCEL,ORDER_NUMBER,PARAMS_IN,PARAMS_OUT,AMOUNT' },
    },
    request: {
      ...form(
        'MERCHANT_ID=13466&URL_SUCCESS=http%3A%2F%2Fwww.example.com%2Fsuccess&URL_CANCEL=http%3A%2F%2Fwww.example.com%2Fcancel&ORDER_NUMBER=123456&PARAMS_OUT=PAYMENT_ID%2CTIMESTAMP%2CSTATUS&AMOUNT=350.00',
      ),
      url: 'https://payment.paytrail.com/e2',
    },
    open: 'method path',
  },
)

// README of cookie-signature (npm), as Express writes it into a cookie
holds(
  'cookie-signature',
  {
    signature: { cookie: 'greeting', format: 's%3A{user}.{signature}', encoding: 'base64|unsuffix:=|encode' },
    fields: { user: { write: 'hello' } },
    message: '{user}',
  },
  'greeting=s%3Ahello.DGDUkGlIkCzPz%2BC0B064FNgHdEjox7ch8tOBGslZ5QI',
  { ...UNDATED, ...NO_BODY, secret: 'tobiiscool', request: get('/'), open: 'method' },
)

// instagram.com/developer/secure-api-requests: the path behind /v1, and pairs with pipes in front
holds(
  'instagram',
  {
    signature: { query: 'sig' },
    define: { pairs: { each: 'query', sort: 'name', item: '|{name}={value}', join: '' } },
    message: '{path|strip:/v1}{pairs}',
    ambiguous: 'a value may hold "|"',
  },
  'sig=cbf5a1f41db44412506cb6563a3218b50f45a710c7a8a65a3e9b18315bb338bf',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: '6dc1787668c64c939929c17683d7cb74',
    request: get('/v1/users/self?access_token=fb2e77d.47a0479900504cb3ab4a1f626d174d2d'),
    open: 'method',
  },
)

// api.mail.ru/docs/guides/restapi: the user, sorted pairs, the private key
holds(
  'mail-ru',
  {
    ...PLAIN,
    algorithm: 'md5',
    params: { uid: null },
    signature: { query: 'sig' },
    keyId: { query: 'app_id' },
    define: { pairs: { each: 'query', sort: 'name', item: '{name}={value}', join: '' } },
    message: '{param:uid}{pairs}{secret}',
    ambiguous: 'nothing separates the pairs',
  },
  'sig=5073f15c6d5b6ab2fde23ac43332b002',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: '7815696ecbf1c96e6894b779456d330e',
    keyId: '423004',
    set: { params: { uid: '1324730981306483817' } },
    request: get('/platform/api?method=friends.get&session_key=be6ef89965d58e56dec21acb9b62bdaa'),
    open: 'method path',
  },
)

// the e-commerce gateway of AzeriCard, Romcard and others: each field behind its length, "-" for an empty one
const orEmpty = (name) => ({
  choose: [{ when: { is: { [`{form:${name}?}`]: '' } }, use: '-' }, { use: `{form:${name}|length}{form:${name}}` }],
})
const field = (name) => `{form:${name}|length}{form:${name}}`
holds(
  'azericard',
  {
    algorithm: 'sha1',
    key: '{secret|fromHex}',
    signature: { form: 'P_SIGN', encoding: 'hex|upper' },
    timestamp: { form: 'TIMESTAMP', unit: 'compact', toleranceSeconds: 3600 },
    nonce: { form: 'NONCE' },
    define: { country: orEmpty('COUNTRY'), zone: orEmpty('MERCH_GMT') },
    message:
      ['AMOUNT', 'CURRENCY', 'ORDER', 'DESC', 'MERCH_NAME', 'MERCH_URL', 'MERCHANT', 'TERMINAL', 'EMAIL', 'TRTYPE'].map(field).join('') +
      `{country}{zone}{timestamp|length}{timestamp}{nonce|length}{nonce}${field('BACKREF')}`,
    ambiguous: 'lengths and values run together',
  },
  'P_SIGN=FACC882CA67E109E409E3974DDEDA8AAB13A5E48',
  {
    ...at(2003, 0, 5, 15, 30, 21),
    secret: '00112233445566778899AABBCCDDEEFF',
    use: { nonce: 'F2B2DD7E603A7ADA' },
    request: {
      ...form(
        'AMOUNT=11.48&CURRENCY=USD&ORDER=771446&DESC=IT+Books.+Qty%3A+2&MERCH_NAME=Books+Online+Inc.&MERCH_URL=www.sample.com&MERCHANT=123456789012345&TERMINAL=99999999&EMAIL=pgw%40mail.sample.com&TRTYPE=1&COUNTRY=&MERCH_GMT=&BACKREF=https%3A%2F%2Fwww.sample.com%2Fshop%2Freply',
      ),
      url: `${ORIGIN}/cgi-bin/cgi_link`,
    },
    open: 'method path body',
  },
)

const GOCARDLESS = {
  ...UNDATED,
  secret: '5PUZmVMmukNwiHc7V/TJvFHRQZWZumIpCnfZKrVYGpuAdkCcEfv3LIDSrsJ+xOVH',
}
const normalized = { sort: 'name-value', encode: 'rfc3986', item: '{name}={value}', join: '&' }

// gocardless.com/docs/signature_guide (legacy): nested names with brackets, sorted by name and value, and the same of a JSON body
holds(
  'gocardless-legacy-redirect',
  { signature: { query: 'signature' }, define: { pairs: { each: 'query', ...normalized } }, message: '{pairs}' },
  'signature=5a9447aef2ebd0e12d80d80c836858c6f9c13219f615ef5d135da408bcad453d',
  { ...GOCARDLESS, ...NO_BODY, request: get('/return?foo=bar&example[]=1&example[]=a'), open: 'method path' },
)
holds(
  'gocardless-legacy-webhook',
  {
    signature: { json: '/payload/signature' },
    define: { pairs: { each: 'json', at: '/payload', flatten: '[]', ...normalized } },
    message: '{pairs}',
    ambiguous: 'a name may hold what flattening writes',
  },
  '"signature":"763f02cb9f998a5e06fda2b790bedd503ba1a34fd7cbf9e22f8ce562f73f0470"',
  {
    ...GOCARDLESS,
    request: json(`${ORIGIN}/hook`, '{"payload":{"user":{"email":"fred@example.com","age":30}}}'),
    open: 'content-type method path',
  },
)

// tests of Vanilla's jsConnect (PHP, Java), version 2: PHP's http_build_query of the user, and the secret
holds(
  'jsconnect',
  {
    ...PLAIN,
    signature: { query: 'sig' },
    keyId: { query: 'client_id' },
    define: { user: { each: 'query', except: ['client_id'], sort: 'name', encode: 'form', item: '{name}={value}', join: '&' } },
    message: '{user}{secret}',
  },
  'sig=71528bfbb99aba97734f79beab6d1eca1416e05a0587e9ab55b99095753f74b6',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: 'secret',
    keyId: 'clientID',
    request: get('/sso?unique_id=123&name=John+PHP&email=john.php%40example.com'),
    open: 'method path',
  },
)

// logicmonitor.com, LMv1: the base64 of the hex digits
holds(
  'logicmonitor',
  {
    signature: { authorization: 'LMv1', format: '{keyId}:{signature}:{timestamp}', encoding: 'hex|utf8|base64' },
    timestamp: { unit: 'milliseconds' },
    message: '{method}{timestamp}{body}{path|strip:/santaba/rest}',
    ambiguous: 'nothing separates the body from the path',
  },
  `LMv1 id1:${Buffer.from(hmac('sha256', KEY, `POST${MS}${BODY}/device/devices`)).toString('base64')}:${MS}`,
  { keyId: 'id1', request: { url: `${ORIGIN}/santaba/rest/device/devices` }, open: 'content-type' },
)

// zadarma.com/support/api, and its Python client: the query behind the path, and once more as its MD5
const CALL = 'format=json&from=1&to=2'
holds(
  'zadarma',
  {
    algorithm: 'sha1',
    signature: { header: 'authorization', format: '{keyId}:{signature}', encoding: 'hex|utf8|base64' },
    define: { pairs: { each: 'query', sort: 'name', encode: 'form', item: '{name}={value}', join: '&' } },
    message: '{path}{pairs}{pairs|md5|hex}',
    ambiguous: 'nothing separates the path from the query',
    allowUnboundBody: 'requests have none',
  },
  `key-1:${Buffer.from(hmac('sha1', KEY, `/v1/request/callback/${CALL}${digest('md5', CALL)}`)).toString('base64')}`,
  { ...UNDATED, ...NO_BODY, keyId: 'key-1', request: get('/v1/request/callback/?to=2&from=1&format=json'), open: 'method' },
)

// Python client of TP-Link's cloud API V2: Content-MD5, time, id and path, in one header with names
const TPLINK = [digest('md5', BODY, 'base64'), SECONDS, UUID, '/v1/orders'].join('\n')
holds(
  'tp-link-cloud',
  {
    algorithm: 'sha1',
    signature: {
      header: 'x-authorization',
      members: ', ',
      format: 'Timestamp={timestamp}, Nonce={nonce}, AccessKey={keyId}, Signature={signature}',
    },
    timestamp: { unit: 'seconds' },
    nonce: { as: 'uuid' },
    fields: { md5: { header: 'content-md5', value: '{body|md5|base64}' } },
    message: '{md5}\n{timestamp}\n{nonce}\n{path}',
  },
  `Timestamp=${SECONDS}, Nonce=${UUID}, AccessKey=key-1, Signature=${hmac('sha1', KEY, TPLINK)}`,
  { keyId: 'key-1', use: { nonce: UUID }, open: 'content-type method query' },
)

// domains.opensrs.guide, authentication: the MD5 of the MD5 of body and key, and the key
const XML = '<OPS_envelope><header><version>0.9</version></header></OPS_envelope>'
holds(
  'opensrs',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { header: 'x-signature' },
    keyId: { header: 'x-username' },
    define: { inner: '{body}{secret}' },
    message: '{inner|md5|hex}{secret}',
  },
  digest('md5', digest('md5', XML + KEY) + KEY),
  {
    ...UNDATED,
    keyId: 'user-1',
    request: json(`${ORIGIN}/`, XML, { 'content-type': 'text/xml' }),
    open: 'content-type method',
  },
)

// gist of Webonic's API: Basic, whose password is the signature; the seconds of the Date header
holds(
  'webonic',
  {
    algorithm: 'sha1',
    signature: { authorization: 'Basic', wrapped: 'base64', format: '{keyId}:{signature}' },
    timestamp: { header: 'date', unit: 'http-date' },
    message: '{method} {target} {timestamp|time:seconds}',
    allowUnboundBody: 'requests have none',
  },
  `Basic ${Buffer.from(`key-1:${hmac('sha1', KEY, `GET /v1/some/url?attributes=123&some=aaa ${SECONDS}`)}`).toString('base64')}`,
  { keyId: 'key-1', request: get('/v1/some/url?attributes=123&some=aaa') },
)

// onshape-public.github.io, API keys: all of it in lower case, with a line feed at the end
const ONSHAPE = `GET\n${UUID}\nThu, 15 Jan 2026 12:00:00 GMT\napplication/json\n/api/documents\na=1\n`.toLowerCase()
holds(
  'onshape',
  {
    signature: { authorization: 'On', format: '{keyId}:HmacSHA256:{signature}', encoding: 'base64' },
    timestamp: { header: 'date', unit: 'http-date' },
    nonce: { header: 'on-nonce' },
    define: { all: '{method}\n{nonce}\n{timestamp}\n{header:content-type}\n{path}\n{query}\n' },
    message: '{all|lower}',
    allowUnboundBody: 'the vendor does not sign it',
  },
  `On key-1:HmacSHA256:${hmac('sha256', KEY, ONSHAPE, 'base64')}`,
  { keyId: 'key-1', use: { nonce: UUID }, request: get('/api/documents?a=1', { 'content-type': 'application/json' }) },
)

// source of Sailthru's Node client: the secret, and all values, sorted by themselves
holds(
  'sailthru',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'sig' },
    keyId: { form: 'api_key' },
    define: { values: { each: 'form', sort: 'item', item: '{value}', join: '' } },
    message: '{secret}{values}',
    ambiguous: 'names are not signed, and nothing separates the values',
  },
  digest('md5', `${KEY}jsonkey-1{"a":1}`),
  { ...UNDATED, keyId: 'key-1', request: form('format=json&json=%7B%22a%22%3A1%7D'), open: 'method path query body' },
)

// headers of Ooyala's iOS SDK: the first 43 characters of the base64
holds(
  'ooyala',
  {
    ...PLAIN,
    params: { life: '600' },
    signature: { query: 'signature', encoding: 'base64|first:43' },
    keyId: { query: 'api_key' },
    fields: { expires: { query: 'expires', unit: 'seconds', param: 'life' } },
    define: { pairs: { each: 'query', sort: 'name', item: '{name}={value}', join: '' } },
    message: '{secret}{method}{path}{pairs}{body}',
    ambiguous: 'nothing separates the pairs',
  },
  createHash('sha256').update(`${KEY}POST/v2/players/HbxJKMapi_key=key-1expires=1768479000${BODY}`).digest('base64').slice(0, 43),
  { keyId: 'key-1', request: { url: `${ORIGIN}/v2/players/HbxJKM` }, open: 'content-type' },
)
