import { BODY, digest, FORM, hmac, holds, KEY, NONE, NOW, UUID } from './attacked.js'

/**
 * A third lot of vendors that are no presets: exchanges, clouds, payments. Where the page, or a test of the vendor's own library, publishes
 * a value it is that; otherwise the message stands here as the page spells it, and node:crypto makes the MAC.
 *
 * The shapes of Bithumb, DOKU, Akamai, Disqus, WayForPay, Tap, Paymob and Ghost are those of clients in public repositories; the pages that
 * are named were not looked at.
 */
const SECONDS = '1768478400'
const DATE = '2026-01-15T12:00:00Z'
const HTTP_DATE = 'Thu, 15 Jan 2026 12:00:00 GMT'
const JSON_TYPE = { 'content-type': 'application/json' }
const get = (url, headers = {}) => ({ method: 'GET', url, headers, body: NONE })
const pairs = (more) => ({ each: 'query', sort: 'name', item: '{name}={value}', join: '&', ...more })
const headerLines = (more) => ({ each: 'headers', names: '{signed}', item: '{name}:{value|trim}\n', join: '', ...more })

// developer.tuya.com/en/docs/iot/singnature: the values of the page
const TUYA = {
  signature: { header: 'sign', encoding: 'hex|upper' },
  keyId: { header: 'client_id' },
  timestamp: { header: 't', unit: 'milliseconds' },
  nonce: { header: 'nonce', as: 'uuid' },
  fields: { signed: { header: 'signature-headers', names: ':', default: '' }, way: { header: 'sign_method', write: 'HMAC-SHA256' } },
  define: { lines: headerLines(), params: pairs({ before: '?' }) },
  message: '{keyId}{header:access_token?}{timestamp}{nonce}{method}\n{body|sha256|hex}\n{lines}\n{path}{params}',
  ambiguous: 'nothing separates key id, token, time and nonce',
}
const tuya = (headers) => ({
  now: 1588925778000,
  keyId: '1KAD46OrT9HafiKdsXeg',
  secret: '4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC',
  use: { nonce: '5138cc3a9033d69856923fd07b491173' },
  open: 'sign_method',
  request: get('https://openapi.tuyacn.com/v2.0/apps/schema/users?page_size=50&page_no=1', {
    access_token: '3f4eda2bdec17232f67c0b188af3eec1',
    ...headers,
  }),
})
holds(
  'tuya',
  TUYA,
  'AE4481C692AA80B25F3A7E12C3A5FD9BBF6251539DD78E565A1A72A508A88784',
  tuya({ 'signature-headers': 'area_id:call_id', area_id: '29a33e8796834b1efa6', call_id: '8afdb70ab2ed11eb85290242ac130003' }),
)
holds(
  'tuya-without-signed-headers',
  TUYA,
  hmac(
    'sha256',
    '4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC',
    '1KAD46OrT9HafiKdsXeg3f4eda2bdec17232f67c0b188af3eec115889257780005138cc3a9033d69856923fd07b491173GET\n' +
      `${digest('sha256', '')}\n\n/v2.0/apps/schema/users?page_no=1&page_size=50`,
  ).toUpperCase(),
  tuya({}),
)

// www.paypay.ne.jp/opa/doc/jp/v1.0/api_authorization.html: the values of the page
const PAYPAY = {
  signature: { authorization: 'hmac', format: 'OPA-Auth:{keyId}:{signature}:{nonce}:{timestamp}:{hash}', encoding: 'base64' },
  timestamp: { unit: 'seconds' },
  nonce: {},
  fields: { hash: { value: '{digest}' } },
  define: {
    typed: '{header:content-type}{body}',
    digest: { choose: [{ when: { body: true }, use: '{typed|md5|base64}' }, { use: 'empty' }] },
    type: { choose: [{ when: { body: true }, use: '{header:content-type}' }, { use: 'empty' }] },
  },
  message: '{path}\n{method}\n{nonce}\n{timestamp}\n{type}\n{hash}',
  ambiguous: 'a Content-Type can be the word that stands for none',
}
holds(
  'paypay',
  PAYPAY,
  'hmac OPA-Auth:APIKeyGenerated:NW1jKIMnzR7tEhMWtcJcaef+nFVBt7jjAGcVuxHhchc=:acd028:1579843452:1j0FnY4flNp5CtIKa7x9MQ==',
  {
    now: 1579843452000,
    keyId: 'APIKeyGenerated',
    secret: 'APIKeySecretGenerated',
    use: { nonce: 'acd028' },
    request: {
      url: 'https://api.paypay.ne.jp/v2/codes',
      headers: { 'content-type': 'application/json;charset=UTF-8;' },
      body: '{"sampleRequestBodyKey1":"sampleRequestBodyValue1","sampleRequestBodyKey2":"sampleRequestBodyValue2"}',
    },
  },
)
holds(
  'paypay-without-body',
  PAYPAY,
  `hmac OPA-Auth:k:${hmac('sha256', KEY, `/v2/codes/1\nGET\nn1\n${SECONDS}\nempty\nempty`, 'base64')}:n1:${SECONDS}:empty`,
  { keyId: 'k', use: { nonce: 'n1' }, request: get('https://api.paypay.ne.jp/v2/codes/1') },
)

// support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm-002.html and -003.html: the values of the pages
const huawei = (word, hash, { head = 'Access={keyId}', scope = '', sign = [], ...more } = {}) => ({
  algorithm: hash,
  signature: { authorization: word, format: `${head}, SignedHeaders={signed}, Signature={signature}`, members: ', ' },
  timestamp: { header: 'x-sdk-date', unit: 'iso-basic', toleranceSeconds: 900 },
  fields: { signed: { names: ';', sort: true, mustInclude: ['x-sdk-date'], sign: [...sign, 'host', 'x-sdk-date'] }, ...more.fields },
  define: {
    params: pairs({ encode: 'rfc3986', sort: 'name-value' }),
    lines: headerLines(),
    canonical: `{method}\n{path|unsuffix:/|append:/}\n{params}\n{lines}\n{signed}\n{body|${hash}|hex}`,
  },
  message: `${word}\n{timestamp}\n${scope}{canonical|${hash}|hex}`,
  ...(more.key && { key: more.key, params: { region: null, service: null } }),
})
holds(
  'huawei-cloud',
  huawei('SDK-HMAC-SHA256', 'sha256', { sign: ['content-type?'] }),
  '7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe',
  {
    now: Date.UTC(2019, 10, 15, 3, 36, 55),
    keyId: 'QTWAOYTTINDUT2QVKYUC',
    secret: 'MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc',
    request: get(
      'https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0',
      { ...JSON_TYPE, host: 'service.region.example.com' },
    ),
  },
)

// huaweicloud-sdk-python-v3, tests of huaweicloudsdkcore.signer: the values of its tests. V11 signs under HKDF (RFC 5869) in hex.
const V11 = huawei('V11-HMAC-SHA256', 'sha256', {
  head: 'Credential={keyId}/{date}/{region}/{service}',
  scope: '{date}/{region}/{service}\n',
  fields: { date: { value: '{timestamp|first:8}' }, region: { value: '{param:region}' }, service: { value: '{param:service}' } },
  key: { chain: ['{keyId}', '{secret}', '{date}/{region}/{service}\u0001'], encoding: ['octets', 'hex'] },
})
for (const [name, definition, ofGet, ofPost] of [
  [
    'huawei-cloud-sdk',
    huawei('SDK-HMAC-SHA256', 'sha256'),
    'cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842',
    '436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f',
  ],
  [
    'huawei-cloud-sm3',
    huawei('SDK-HMAC-SM3', 'sm3'),
    'f8ceb623f0be123dbccd7ad95a6211470f170d1d3c4fa9facbce716d82190e21',
    '6521b276625d7870e9836c041bafb2fa8d6a7ed0df045b06f1b137243c050ed8',
  ],
  [
    'huawei-cloud-derived',
    V11,
    'f7dfee056692e58dede80fc80cb89bbfabf45552dd7cd8d18a0a13484455b98e',
    '8e2d91eaf9656ec5d6fab27812e2d898a35aaaa5e16ee0a0365c38527ccfb3cf',
  ],
]) {
  const url = 'https://service.endpoint.myhuaweicloud.com/resources?size=1'
  const headers = { host: 'service.endpoint.myhuaweicloud.com' }
  const options = {
    now: Date.UTC(2020, 5, 8, 2, 39),
    keyId: 'AccessKey',
    secret: 'SecretKey',
    ...(definition.key && { set: { params: { region: 'test-region-1', service: 'demo' } } }),
  }
  holds(name, definition, ofGet, { ...options, request: get(url, headers) })
  holds(`${name}-with-body`, definition, ofPost, { ...options, request: { url, headers, body: '{"name":"test","id":1}' } })
}

// help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature: the values of the page
holds(
  'alibaba-v3',
  {
    signature: {
      authorization: 'ACS3-HMAC-SHA256',
      format: 'Credential={keyId},SignedHeaders={signed},Signature={signature}',
      members: ',',
    },
    timestamp: { header: 'x-acs-date', unit: 'rfc3339' },
    nonce: { header: 'x-acs-signature-nonce', as: 'hex' },
    fields: {
      hash: { header: 'x-acs-content-sha256', value: '{body|sha256|hex}' },
      signed: { names: ';', sort: true, mustInclude: ['host', 'x-acs-*'] },
    },
    define: {
      params: pairs({ encode: 'rfc3986' }),
      lines: headerLines(),
      canonical: '{method}\n{path}\n{params}\n{lines}\n{signed}\n{hash}',
    },
    message: 'ACS3-HMAC-SHA256\n{canonical|sha256|hex}',
  },
  '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
  {
    now: Date.UTC(2023, 9, 26, 10, 22, 32),
    keyId: 'YourAccessKeyId',
    secret: 'YourAccessKeySecret',
    use: { nonce: '3156853299f313e23d1673dc12e1703d' },
    request: {
      url: 'https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai',
      headers: { host: 'ecs.cn-shanghai.aliyuncs.com', 'x-acs-action': 'RunInstances', 'x-acs-version': '2014-05-26' },
      body: NONE,
    },
  },
)

// developer.ecoflow.com, HTTP communication: the values of the page, and the form that it gives for lists
const ECOFLOW = {
  signature: { header: 'sign' },
  keyId: { header: 'accesskey' },
  nonce: { header: 'nonce', as: 'digits', random: 8 },
  timestamp: { header: 'timestamp', unit: 'milliseconds' },
  define: { params: { each: 'json', flatten: '.[]', sort: 'name', item: '{name}={value}&', join: '' } },
  message: '{params}accessKey={keyId}&nonce={nonce}&timestamp={timestamp}',
  ambiguous: 'names and values are not escaped',
}
const ecoflow = (body) => ({
  now: 1671171709428,
  keyId: 'Fp4SvIprYSDPXtYJidEtUAd1o',
  secret: 'WIbFEKre0s6sLnh4ei7SPUeYnptHG6V',
  use: { nonce: '345164' },
  open: 'content-type method path',
  request: { method: 'PUT', url: 'https://api.ecoflow.com/iot-open/sign/device/quota', headers: JSON_TYPE, body },
})
holds(
  'ecoflow',
  ECOFLOW,
  '07c13b65e037faf3b153d51613638fa80003c4c38d2407379a7f52851af1473e',
  ecoflow('{"sn":"123456789","params":{"cmdSet":11,"id":24,"eps":0}}'),
)
holds(
  'ecoflow-lists',
  ECOFLOW,
  hmac(
    'sha256',
    'WIbFEKre0s6sLnh4ei7SPUeYnptHG6V',
    'params.quotas[0]=20_1.a&params.quotas[1]=20_1.b&sn=1&accessKey=Fp4SvIprYSDPXtYJidEtUAd1o&nonce=345164&timestamp=1671171709428',
  ),
  ecoflow('{"sn":"1","params":{"quotas":["20_1.a","20_1.b"]}}'),
)

// forum.yubico.com/viewtopic.php?t=1318 (Validation Protocol 2.0): the values of the thread
holds(
  'yubico',
  {
    algorithm: 'sha1',
    key: '{secret|fromBase64}',
    signature: { query: 'h', encoding: 'base64' },
    keyId: { query: 'id' },
    nonce: { query: 'nonce', as: 'hex' },
    define: { params: pairs() },
    message: '{params}',
    ambiguous: 'values are not escaped',
  },
  'Jt19GpDOAraTYRFBHSofYZFEwjE=',
  {
    keyId: '15618',
    secret: 'Eibja2kRFXXoW6hjZaiyBtWnCBA=',
    use: { nonce: '0102030405060708090a0b0c0d0e0f' },
    dated: false,
    open: 'method path',
    request: get('https://api.yubico.com/wsapi/verify/2.0?otp=ccccccbteuddjivcnlfefefrccdcjrfjfvgjnfkcklge'),
  },
)

// huobiapi.github.io/docs/spot/v1/en/#authentication
holds(
  'htx',
  {
    signature: { query: 'Signature', encoding: 'base64' },
    timestamp: { query: 'Timestamp', unit: 'YYYY-MM-DDTHH:mm:ss' },
    keyId: { query: 'AccessKeyId' },
    fields: { way: { query: 'SignatureMethod', value: 'HmacSHA256' }, version: { query: 'SignatureVersion', value: '2' } },
    define: { params: pairs({ encode: 'rfc3986' }) },
    message: '{method}\n{host|lower}\n{path}\n{params}',
  },
  hmac(
    'sha256',
    KEY,
    'GET\napi.huobi.pro\n/v1/order/orders\nAccessKeyId=e2x&SignatureMethod=HmacSHA256&SignatureVersion=2&' +
      'Timestamp=2026-01-15T12%3A00%3A00&order-id=1234567890',
    'base64',
  ),
  { keyId: 'e2x', request: get('https://api.huobi.pro/v1/order/orders?order-id=1234567890') },
)

// docs.deribit.com/#authentication (deri-hmac-sha256)
holds(
  'deribit',
  {
    signature: { authorization: 'deri-hmac-sha256', format: 'id={keyId},ts={timestamp},sig={signature},nonce={nonce}' },
    timestamp: { unit: 'milliseconds' },
    nonce: {},
    message: '{timestamp}\n{nonce}\n{method}\n{target}\n{body}\n',
  },
  hmac('sha256', KEY, `${NOW}\nabcd\nPOST\n/api/v2/private/buy?x=1\n${BODY}\n`),
  { keyId: 'AMANDA', use: { nonce: 'abcd' }, open: 'content-type', request: { url: 'https://www.deribit.com/api/v2/private/buy?x=1' } },
)

// docs.upbit.com/reference/create-authorization-request: a token with the hash of the query
const jwt = (json) => Buffer.from(JSON.stringify(json)).toString('base64url')
const upbit = `${jwt({ alg: 'HS512', typ: 'JWT' })}.${jwt({
  access_key: 'ak1',
  nonce: UUID,
  query_hash: digest('sha512', 'market=KRW-BTC&limit=10'),
  query_hash_alg: 'SHA512',
})}`
holds(
  'upbit',
  {
    algorithm: 'sha512',
    signature: { authorization: 'Bearer', format: '{head}.{claims}.{signature}', encoding: 'base64url' },
    keyId: { from: '{claims|fromBase64url|json:/access_key}' },
    nonce: { from: '{claims|fromBase64url|json:/nonce}', as: 'uuid' },
    fields: {
      head: { write: '{headText|utf8|base64url}' },
      claims: { write: '{claimsText|utf8|base64url}' },
      alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS512' },
      hash: { from: '{claims|fromBase64url|json:/query_hash}', value: '{query|sha512|hex}' },
    },
    define: {
      headText: '{{"alg":"HS512","typ":"JWT"}}',
      claimsText: '{{"access_key":"{keyId}","nonce":"{nonce}","query_hash":"{query|sha512|hex}","query_hash_alg":"SHA512"}}',
    },
    message: '{head}.{claims}',
    allowUnboundBody: 'the parameters stand in the query',
  },
  `${upbit}.${hmac('sha512', KEY, upbit, 'base64url')}`,
  {
    keyId: 'ak1',
    use: { nonce: UUID },
    dated: false,
    open: 'method path',
    request: get('https://api.upbit.com/v1/orders?market=KRW-BTC&limit=10'),
  },
)

// apidocs.bithumb.com: base64 of the hex digits
holds(
  'bithumb',
  {
    algorithm: 'sha512',
    signature: { header: 'api-sign', encoding: 'hex|utf8|base64' },
    keyId: { header: 'api-key' },
    timestamp: { header: 'api-nonce', unit: 'milliseconds' },
    message: '{path}\0{body}\0{timestamp}',
  },
  Buffer.from(hmac('sha512', KEY, `/info/balance\0endpoint=%2Finfo%2Fbalance&currency=BTC\0${NOW}`)).toString('base64'),
  {
    keyId: 'k1',
    open: 'content-type method',
    request: { url: 'https://api.bithumb.com/info/balance', headers: FORM, body: 'endpoint=%2Finfo%2Fbalance&currency=BTC' },
  },
)

// docs.futures.kraken.com, authentication: a hash of what runs together is what is signed
holds(
  'kraken-futures',
  {
    algorithm: 'sha512',
    key: '{secret|fromBase64}',
    signature: { header: 'authent', encoding: 'base64' },
    keyId: { header: 'apikey' },
    nonce: { header: 'nonce', as: 'digits' },
    define: { all: '{body}{nonce}{path|unprefix:/derivatives}' },
    message: '{all|sha256}',
    ambiguous: 'nothing separates body, nonce and path',
  },
  hmac('sha512', KEY, Buffer.from(digest('sha256', `orderType=lmt&size=1${NOW}/api/v3/sendorder`), 'hex'), 'base64'),
  {
    keyId: 'k1',
    secret: Buffer.from(KEY).toString('base64'),
    use: { nonce: String(NOW) },
    dated: false,
    open: 'content-type method',
    request: { url: 'https://futures.kraken.com/derivatives/api/v3/sendorder', headers: FORM, body: 'orderType=lmt&size=1' },
  },
)

// developers.doku.com/get-started-with-doku-api/signature-component/non-snap
const DOKU = 'Client-Id:{keyId}\nRequest-Id:{nonce}\nRequest-Timestamp:{timestamp}\nRequest-Target:{path}'
holds(
  'doku',
  {
    signature: { header: 'signature', format: 'HMACSHA256={signature}', encoding: 'base64' },
    keyId: { header: 'client-id' },
    nonce: { header: 'request-id', as: 'uuid' },
    timestamp: { header: 'request-timestamp', unit: 'rfc3339' },
    message: { choose: [{ when: { method: 'GET' }, use: DOKU }, { use: `${DOKU}\nDigest:{body|sha256|base64}` }] },
  },
  `HMACSHA256=${hmac(
    'sha256',
    KEY,
    `Client-Id:MCH-1\nRequest-Id:${UUID}\nRequest-Timestamp:${DATE}\nRequest-Target:/v1/orders\nDigest:${digest('sha256', BODY, 'base64')}`,
    'base64',
  )}`,
  { keyId: 'MCH-1', use: { nonce: UUID }, open: 'content-type method query' },
)

// github.com/AfterShip: AMHmacSigner of the Java SDK
holds(
  'aftership',
  {
    signature: { header: 'as-signature-hmac-sha256', encoding: 'base64' },
    keyId: { header: 'as-api-key' },
    timestamp: { header: 'date', unit: 'http-date' },
    define: {
      lines: { each: 'headers', prefix: 'as-', sort: 'name', item: '{name}:{value}\n', join: '' },
      end: '{timestamp}\n{lines}{path}{query?|encodeForm|prepend:?}',
    },
    message: {
      choose: [
        { when: { body: true }, use: '{method}\n{body|md5|hex|upper}\n{header:content-type}\n{end}' },
        { use: '{method}\n\n\n{end}' },
      ],
    },
  },
  hmac(
    'sha256',
    KEY,
    `POST\n${digest('md5', BODY).toUpperCase()}\napplication/json\n${HTTP_DATE}\nas-api-key:k1\nas-store-id:test\n/v1/products?b%3D2%26a%3D1`,
    'base64',
  ),
  { keyId: 'k1', request: { url: 'https://api.aftership.com/v1/products?b=2&a=1', headers: { ...JSON_TYPE, 'as-store-id': 'test' } } },
)

// help.aliyun.com/zh/api-gateway, request signing: the digest of what is no form, and the fields of what is one
const CA = {
  signature: { header: 'x-ca-signature', encoding: 'base64' },
  keyId: { header: 'x-ca-key' },
  timestamp: { header: 'x-ca-timestamp', unit: 'milliseconds', toleranceSeconds: 900 },
  nonce: { header: 'x-ca-nonce', as: 'uuid' },
  fields: { signed: { header: 'x-ca-signature-headers', names: ',', mustInclude: ['x-ca-key', 'x-ca-nonce', 'x-ca-timestamp'] } },
  define: {
    lines: headerLines(),
    some: pairs({ item: '{name}{value?|prepend:=}', before: '?' }),
    all: pairs({ each: ['query', 'form'], item: '{name}{value?|prepend:=}', before: '?' }),
    digest: { choose: [{ when: { body: true }, use: '{body|md5|base64}' }, { use: '' }] },
    end: '{header:content-type?}\n{header:date?}\n{lines}{path}',
  },
  message: {
    choose: [
      { when: { contentType: 'application/x-www-form-urlencoded' }, use: '{method}\n{header:accept?}\n\n{end}{all}' },
      { use: '{method}\n{header:accept?}\n{digest}\n{end}{some}' },
    ],
  },
  ambiguous: 'values are not escaped, and those of a form stand among those of the query',
}
const caLines = `x-ca-key:k1\nx-ca-nonce:${UUID}\nx-ca-timestamp:${NOW}\n`
holds(
  'alibaba-api-gateway',
  CA,
  hmac('sha256', KEY, `POST\n*/*\n${digest('md5', BODY, 'base64')}\napplication/json\n\n${caLines}/v1/orders?a=1&b=2`, 'base64'),
  { keyId: 'k1', use: { nonce: UUID }, request: { headers: { ...JSON_TYPE, accept: '*/*' } } },
)
holds(
  'alibaba-api-gateway-form',
  CA,
  hmac('sha256', KEY, `POST\n\n\n${FORM['content-type']}\n\n${caLines}/v1/orders?a=1&b=2&c=3`, 'base64'),
  { keyId: 'k1', use: { nonce: UUID }, request: { headers: FORM, body: 'c=3' } },
)

// techdocs.akamai.com, Signature Header Authentication (G2O): the whole header is signed whose parts are read
holds(
  'akamai-g2o',
  {
    signature: { header: 'x-akamai-g2o-auth-sign', encoding: 'base64' },
    timestamp: { header: 'x-akamai-g2o-auth-data', format: '5, {edge}, {client}, {timestamp}, {unique}, {keyId}', unit: 'seconds' },
    fields: { edge: { write: '10.0.0.1' }, client: { write: '10.0.0.2' }, unique: { write: '123.456' } },
    message: '5, {edge}, {client}, {timestamp}, {unique}, {keyId}{target}',
    allowUnboundBody: 'the edge asks for content',
    ambiguous: 'nothing separates the nonce from the path',
  },
  hmac('sha256', KEY, `5, 10.0.0.1, 10.0.0.2, ${SECONDS}, 123.456, nonce1/live/a.m3u8`, 'base64'),
  { keyId: 'nonce1', open: 'method', request: get('https://x.example/live/a.m3u8') },
)

// help.disqus.com, Single Sign-On
holds(
  'disqus-sso',
  {
    algorithm: 'sha1',
    params: { user: null },
    signature: { query: 'remote_auth_s3', format: '{payload} {signature} {timestamp}' },
    timestamp: { unit: 'seconds' },
    fields: { payload: { write: '{user|utf8|base64}' } },
    define: { user: '{param:user}' },
    message: '{payload} {timestamp}',
  },
  `eyJpZCI6IjEifQ== ${hmac('sha1', KEY, `eyJpZCI6IjEifQ== ${SECONDS}`)} ${SECONDS}`,
  { set: { params: { user: '{"id":"1"}' } }, open: 'method path', request: get('https://disqus.com/x') },
)

// cloud.google.com/cdn/docs/using-signed-urls: Expires and KeyName in this order
holds(
  'google-cdn',
  {
    algorithm: 'sha1',
    key: '{secret|fromBase64url}',
    params: { life: '60', keyName: null },
    signature: { query: 'Signature', encoding: 'base64urlPadded' },
    fields: { expires: { query: 'Expires', unit: 'seconds', param: 'life' }, keyName: { query: 'KeyName', param: 'keyName' } },
    message: '{url}',
  },
  hmac('sha1', KEY, 'https://media.example.com/video.mp4?Expires=1768478460&KeyName=my-key', 'base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_'),
  {
    secret: Buffer.from(KEY).toString('base64url'),
    set: { params: { keyName: 'my-key' }, publicOrigin: 'https://media.example.com' },
    open: 'method',
    request: get('https://media.example.com/video.mp4'),
  },
)

// docs.openstack.org/swift/latest/api/temporary_url_middleware.html
holds(
  'swift-temporary-url',
  {
    algorithm: 'sha1',
    params: { life: '60' },
    signature: { query: 'temp_url_sig' },
    fields: { expires: { query: 'temp_url_expires', unit: 'seconds', param: 'life' } },
    message: '{method}\n{expires}\n{path}',
    allowUnboundBody: 'what is uploaded is not signed',
  },
  hmac('sha1', KEY, 'GET\n1768478460\n/v1/AUTH_account/container/object'),
  { request: get('https://swift.example.com/v1/AUTH_account/container/object') },
)

// sandbox.vnpayment.vn/apis/docs/thanh-toan-pay
holds(
  'vnpay',
  {
    algorithm: 'sha512',
    signature: { query: 'vnp_SecureHash' },
    timestamp: { query: 'vnp_CreateDate', unit: 'YYYYMMDDHHmmss@+07:00', toleranceSeconds: 900 },
    keyId: { query: 'vnp_TmnCode' },
    message: pairs({ prefix: 'vnp_', except: ['vnp_SecureHashType'], encode: 'form' }),
  },
  hmac('sha512', KEY, 'vnp_Amount=1806000&vnp_CreateDate=20260115190000&vnp_OrderInfo=Thanh+toan+5&vnp_TmnCode=DEMOV210'),
  {
    keyId: 'DEMOV210',
    open: 'method path',
    request: get('https://sandbox.vnpayment.vn/paymentv2/vpcpay.html?vnp_OrderInfo=Thanh+toan+5&vnp_Amount=1806000'),
  },
)

// wiki.wayforpay.com: the elements of lists between the members
const elements = (at) => ({ each: 'json', at, item: '{value}', join: ';' })
holds(
  'wayforpay',
  {
    algorithm: 'md5',
    signature: { json: '/merchantSignature' },
    timestamp: { json: '/orderDate', unit: 'seconds', number: true },
    define: { names: elements('/productName'), counts: elements('/productCount'), prices: elements('/productPrice') },
    message:
      '{json:/merchantAccount};{json:/merchantDomainName};{json:/orderReference};{timestamp};{json:/amount};{json:/currency};' +
      '{names};{counts};{prices}',
    ambiguous: 'a value can hold ";"',
  },
  hmac('md5', KEY, `test_merchant;www.market.ua;DH783023;${SECONDS};1547.36;UAH;Procesor;Memory;1;1;1000;547.36`),
  {
    open: 'content-type method path query',
    request: {
      body:
        '{"merchantAccount":"test_merchant","merchantDomainName":"www.market.ua","orderReference":"DH783023","amount":1547.36,' +
        '"currency":"UAH","productName":["Procesor","Memory"],"productCount":[1,1],"productPrice":[1000,547.36]}',
    },
  },
)

// element-hq.github.io/synapse/latest/admin_api/register_api.html
holds(
  'synapse-register',
  {
    algorithm: 'sha1',
    signature: { json: '/mac' },
    nonce: { json: '/nonce', as: 'hex' },
    message:
      '{nonce}\0{json:/username}\0{json:/password}\0{json:/admin|replace:true/admin|replace:false/notadmin}{json:/user_type?|prepend:\0}',
    ambiguous: 'a member can hold NUL',
  },
  hmac('sha1', KEY, 'abcd\0pepper\0salt\0admin'),
  {
    use: { nonce: 'abcd' },
    dated: false,
    open: 'content-type method path query',
    request: { body: '{"username":"pepper","password":"salt","admin":true}' },
  },
)

// developers.tap.company/docs/webhook: decimals by the currency
const tap = (decimals) =>
  `x_id{json:/id}x_amount{json:/amount|decimals:${decimals}}x_currency{json:/currency}x_gateway_reference{json:/reference/gateway?}` +
  'x_payment_reference{json:/reference/payment?}x_status{json:/status}x_created{json:/transaction/created}'
// Of one letter more or less `payment`, which is null, is not there either.
const TAP = {
  signature: { header: 'hashstring' },
  message: { choose: [{ when: { is: { '{json:/currency}': ['BHD', 'KWD', 'OMR', 'JOD'] } }, use: tap(3) }, { use: tap(2) }] },
  ambiguous: 'nothing separates values from names',
}
for (const [currency, amount] of [
  ['KWD', '1.500'],
  ['SAR', '1.50'],
]) {
  holds(
    `tap-${currency.toLowerCase()}`,
    TAP,
    hmac(
      'sha256',
      KEY,
      `x_idchg_1x_amount${amount}x_currency${currency}x_gateway_referencegwx_payment_referencex_statusCAPTUREDx_created1700`,
    ),
    {
      dated: false,
      open: 'body content-type method path query',
      request: {
        body: `{"id":"chg_1","amount":1.5,"currency":"${currency}","status":"CAPTURED","reference":{"gateway":"gw","payment":null},"transaction":{"created":"1700"}}`,
      },
    },
  )
}

// developers.paymob.com, HMAC: other members for transactions than for tokens
const members = (names) => names.map((name) => `{json:/obj/${name}}`).join('')
const PAYMOB = {
  algorithm: 'sha512',
  signature: { query: 'hmac' },
  message: {
    choose: [
      {
        when: { is: { '{json:/type}': 'TOKEN' } },
        use: members(['card_subtype', 'created_at', 'email', 'id', 'masked_pan', 'merchant_id', 'order_id', 'token']),
      },
      {
        use: members([
          'amount_cents',
          'created_at',
          'currency',
          'error_occured',
          'id',
          'order/id',
          'pending',
          'source_data/pan',
          'success',
        ]),
      },
    ],
  },
  ambiguous: 'nothing separates the values',
}
// Whatever is no TOKEN is a transaction.
const atPaymob = (open, body) => ({
  dated: false,
  open: `${open}content-type method path`,
  request: { url: 'https://x.example/hook', body: JSON.stringify(body) },
})
holds(
  'paymob',
  PAYMOB,
  hmac('sha512', KEY, '1002020-03-25T18:39:44.719228OMRfalse25567064778239false2346true'),
  atPaymob('body ', {
    type: 'TRANSACTION',
    obj: {
      amount_cents: 100,
      created_at: '2020-03-25T18:39:44.719228',
      currency: 'OMR',
      error_occured: false,
      id: 2556706,
      order: { id: 4778239 },
      pending: false,
      source_data: { pan: '2346' },
      success: true,
    },
  }),
)
holds(
  'paymob-token',
  PAYMOB,
  hmac('sha512', KEY, 'Visa2020a@b.c71234m1o1t1'),
  atPaymob('', {
    type: 'TOKEN',
    obj: {
      card_subtype: 'Visa',
      created_at: '2020',
      email: 'a@b.c',
      id: 7,
      masked_pan: '1234',
      merchant_id: 'm1',
      order_id: 'o1',
      token: 't1',
    },
  }),
)

// ghost.org/docs/webhooks: the body in front of the time
holds(
  'ghost',
  {
    signature: { header: 'x-ghost-signature', format: 'sha256={signature}, t={timestamp}', members: ', ' },
    timestamp: { unit: 'milliseconds' },
    message: '{body}{timestamp}',
  },
  `sha256=${hmac('sha256', KEY, `${BODY}${NOW}`)}, t=${NOW}`,
  { open: 'content-type method path query' },
)
