import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'

/**
 * Schemes of vendors that are no presets, written from the vendors' documentation as a user writes them. Where a value is published it
 * is that; otherwise the message stands here as the vendor's page spells it, and node:crypto makes the MAC.
 */
const NOW = 1768478400000
const DATE = '2026-01-15T12:00:00Z'
const KEY = 'top-secret-key-0123'
const body = Buffer.from('{"id":"evt_1","amount":10.5,"note":"caf\u00e9"}')
const NONE = new Uint8Array()
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const hmac = (hash, key, message, encoding = 'hex') => createHmac(hash, key).update(message).digest(encoding)
const digest = (hash, message, encoding) => createHash(hash).update(message).digest(encoding)

/** Signs with the scheme, looks for the expected text in what is sent, verifies it, and changes one octet of the MAC. */
function speaks(name, definition, expected, { request = {}, params, now = NOW, secret = KEY, options = {}, open = {} } = {}) {
  test(`${name}: a user's scheme signs and verifies`, () => {
    const own = scheme(JSON.parse(JSON.stringify({ name, ...definition })))
    const asked = {
      method: 'POST',
      url: 'https://api.example.com/v1/orders?b=2&a=1',
      headers: { 'content-type': 'application/json' },
      body,
      ...request,
    }
    const setUp = { secret, now: () => now, allowWeakSecret: true, allowInsecureScheme: true, ...(params && { params }), ...open }
    const signed = sign(own, asked, { ...setUp, ...options })
    const sent = JSON.stringify([signed.headers, decodeURIComponent(signed.target), Buffer.from(signed.body).toString()])
    const found = [expected, JSON.stringify(expected).slice(1, -1), encodeURIComponent(expected)].find((text) => sent.includes(text))
    assert.notEqual(found, undefined, `${expected} is not in ${sent}; signed was ${JSON.stringify(signed.message.toString())}`)
    const arrived = {
      ...asked,
      url: new URL(asked.url).origin + signed.target,
      headers: { ...asked.headers, ...signed.headers },
      body: signed.body,
    }
    const result = verify(own, arrived, setUp)
    assert.equal(result.ok, true, result.reason)
    assert.equal(
      verify(own, arrived, { ...setUp, secret: `${secret[0] === 'A' ? 'B' : 'A'}${secret.slice(1)}` }).ok,
      false,
      'another secret',
    )
  })
}

speaks(
  'recurly',
  {
    signature: { header: 'recurly-signature', format: '{timestamp},{signature+}' },
    timestamp: { unit: 'milliseconds' },
    message: '{timestamp}.{body}',
  },
  `${NOW},${hmac('sha256', KEY, `${NOW}.${body}`)}`,
)

speaks(
  'twitch-eventsub',
  {
    signature: { header: 'twitch-eventsub-message-signature', format: 'sha256={signature}' },
    timestamp: { header: 'twitch-eventsub-message-timestamp', unit: 'rfc3339', toleranceSeconds: 600 },
    nonce: { header: 'twitch-eventsub-message-id' },
    message: '{nonce}{timestamp}{body}',
    ambiguous: 'nothing separates id and time',
  },
  `sha256=${hmac('sha256', KEY, `id-1${DATE}${body}`)}`,
  { options: { nonce: 'id-1' } },
)

// docs.kraken.com/api/docs/guides/spot-rest-auth: the values of the page.
speaks(
  'kraken',
  {
    algorithm: 'sha512',
    key: '{secret|fromBase64}',
    signature: { header: 'api-sign', encoding: 'base64' },
    keyId: { header: 'api-key' },
    nonce: { form: 'nonce' },
    define: { inner: '{nonce}{body}' },
    message: '{path}{inner|sha256}',
    ambiguous: 'nonce and body are joined with nothing between them',
  },
  '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==',
  {
    request: {
      url: 'https://api.kraken.com/0/private/AddOrder',
      headers: FORM,
      body: Buffer.from('nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25'),
    },
    secret: 'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==',
    options: { keyId: 'k', nonce: '1616492376594' },
  },
)

// Binance REST API, "SIGNED endpoint examples": the values of the page.
speaks(
  'binance',
  {
    signature: { query: 'signature' },
    keyId: { header: 'x-mbx-apikey' },
    timestamp: { query: 'timestamp', unit: 'milliseconds', toleranceSeconds: 5 },
    message: '{query}{body}',
    ambiguous: 'query and body are joined with nothing between them',
  },
  'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
  {
    request: {
      url: 'https://api.binance.com/api/v3/order?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000',
      body: NONE,
    },
    now: 1499827319559,
    secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
    options: { keyId: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A' },
  },
)

// RFC 5849 section 1.2: the values of the RFC.
speaks(
  'oauth1',
  {
    algorithm: 'sha1',
    params: { token: null, tokenSecret: null },
    key: '{secret|encode}&{param:tokenSecret|encode}',
    signature: {
      authorization: 'OAuth',
      members: ', ',
      format:
        'realm="Photos", oauth_consumer_key="{keyId}", oauth_token="{token}", oauth_signature_method="HMAC-SHA1", ' +
        'oauth_timestamp="{timestamp}", oauth_nonce="{nonce}", oauth_signature="{signature}"',
      encoding: 'base64|encode',
    },
    timestamp: { unit: 'seconds' },
    nonce: { random: 16 },
    fields: { token: { param: 'token' } },
    define: {
      base: '{origin}{path}',
      parameters: {
        each: ['query', 'form'],
        with: {
          oauth_consumer_key: '{keyId}',
          oauth_nonce: '{nonce}',
          oauth_signature_method: 'HMAC-SHA1',
          oauth_timestamp: '{timestamp}',
          oauth_token: '{token}',
        },
        encode: 'rfc3986',
        sort: 'name-value',
        item: '{name}={value}',
        join: '&',
      },
    },
    message: '{method}&{base|encode}&{parameters|encode}',
    ambiguous: 'a parameter of the query prints like one of the form',
  },
  'MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D',
  {
    request: { method: 'GET', url: 'http://photos.example.net/photos?file=vacation.jpg&size=original', headers: {}, body: NONE },
    params: { token: 'nnch734d00sl2jdk', tokenSecret: 'pfkkdhi9sl3r4s00' },
    now: 137131202000,
    secret: 'kd94hf93k423kf44',
    options: { keyId: 'dpf43f3p2l4k3l03', nonce: 'chapoH', timestamp: '137131202' },
  },
)

const duo = 'Tue, 21 Aug 2012 17:29:18 -0000\nPOST\napi-x.duosecurity.com\n/accounts/v1/list\nrealname=First%20Last&username=root'
speaks(
  'duo',
  {
    algorithm: 'sha1',
    signature: { authorization: 'Basic', wrapped: 'base64', format: '{keyId}:{signature}' },
    timestamp: { header: 'date', unit: 'ddd, DD MMM YYYY HH:mm:ss -0000' },
    define: { params: { each: ['query', 'form'], encode: 'rfc3986', sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{timestamp}\n{method}\n{host|lower}\n{path}\n{params}',
    ambiguous: 'a parameter of the query prints like one of the form',
  },
  `Basic ${Buffer.from(`DIWJ8X6AEYOR5OMC6TQ1:${hmac('sha1', KEY, duo)}`).toString('base64')}`,
  {
    request: {
      url: 'https://api-x.duosecurity.com/accounts/v1/list',
      headers: { ...FORM, host: 'api-x.duosecurity.com' },
      body: Buffer.from('realname=First+Last&username=root'),
    },
    now: Date.UTC(2012, 7, 21, 17, 29, 18),
    options: { keyId: 'DIWJ8X6AEYOR5OMC6TQ1' },
  },
)

const edge = 'EG1-HMAC-SHA256 client_token=akab-c;access_token=akab-a;timestamp=20260115T12:00:00+0000;nonce=n1;'
speaks(
  'akamai-edgegrid',
  {
    params: { accessToken: null },
    key: { chain: ['{secret}', '{timestamp}'], encoding: 'base64' },
    signature: {
      authorization: 'EG1-HMAC-SHA256',
      members: ';',
      format: 'client_token={keyId};access_token={access};timestamp={timestamp};nonce={nonce};signature={signature}',
      encoding: 'base64',
    },
    timestamp: { unit: 'YYYYMMDDTHH:mm:ss+0000' },
    nonce: { as: 'uuid' },
    fields: { access: { param: 'accessToken' } },
    message:
      '{method}\t{scheme}\t{host}\t{target}\t\t{body?|sha256|base64}\t' +
      'EG1-HMAC-SHA256 client_token={keyId};access_token={access};timestamp={timestamp};nonce={nonce};',
  },
  hmac(
    'sha256',
    hmac('sha256', KEY, '20260115T12:00:00+0000', 'base64'),
    `POST\thttps\tapi.example.com\t/v1/orders?b=2&a=1\t\t${digest('sha256', body, 'base64')}\t${edge}`,
    'base64',
  ),
  { params: { accessToken: 'akab-a' }, options: { keyId: 'akab-c', nonce: 'n1' } },
)

speaks(
  'rapyd',
  {
    signature: { header: 'signature', encoding: 'hex|utf8|base64' },
    timestamp: { header: 'timestamp', unit: 'seconds' },
    nonce: { header: 'salt', as: 'hex' },
    keyId: { header: 'access_key' },
    message: '{method|lower}{target}{nonce}{timestamp}{keyId}{secret}{body}',
    ambiguous: 'everything is joined with nothing between',
  },
  Buffer.from(hmac('sha256', KEY, `post/v1/orders?b=2&a=1abcd1768478400ak${KEY}${body}`)).toString('base64'),
  { options: { keyId: 'ak', nonce: 'abcd' } },
)

speaks(
  'dingtalk-robot',
  {
    signature: { query: 'sign', encoding: 'base64' },
    timestamp: { query: 'timestamp', unit: 'milliseconds', toleranceSeconds: 3600 },
    message: '{timestamp}\n{secret}',
    allowUnboundBody: 'the vendor signs the time alone',
  },
  hmac('sha256', KEY, `${NOW}\n${KEY}`, 'base64'),
)

speaks(
  'feishu-robot',
  {
    key: '{timestamp}\n{secret}',
    signature: { json: '/sign', encoding: 'base64' },
    timestamp: { json: '/timestamp', unit: 'seconds', toleranceSeconds: 3600 },
    message: '',
    allowUnboundBody: 'the vendor signs the time alone',
  },
  hmac('sha256', `1768478400\n${KEY}`, '', 'base64'),
)

speaks(
  'telegram-web-app',
  {
    key: { chain: ['WebAppData', '{secret}'] },
    signature: { form: 'hash' },
    timestamp: { form: 'auth_date', unit: 'seconds', toleranceSeconds: 86400 },
    message: { each: 'form', sort: 'name', item: '{name}={value}', join: '\n' },
    ambiguous: 'values are not escaped',
  },
  hmac('sha256', hmac('sha256', 'WebAppData', KEY, 'buffer'), 'auth_date=1768478400\nquery_id=AAH\nuser={"id":1}'),
  { request: { headers: FORM, body: Buffer.from('query_id=AAH&user=%7B%22id%22%3A1%7D') } },
)

speaks(
  'telegram-login',
  {
    key: '{secret|sha256}',
    signature: { query: 'hash' },
    timestamp: { query: 'auth_date', unit: 'seconds', toleranceSeconds: 86400 },
    message: { each: 'query', sort: 'name', item: '{name}={value}', join: '\n' },
    ambiguous: 'values are not escaped',
  },
  hmac('sha256', digest('sha256', KEY), 'auth_date=1768478400\nfirst_name=A B\nid=1'),
  { request: { method: 'GET', url: 'https://x.example/cb?id=1&first_name=A%20B', body: NONE } },
)

speaks(
  'braintree',
  {
    algorithm: 'sha1',
    key: '{secret|sha1}',
    signature: { form: 'bt_signature', format: '{keyId}|{signature}', list: '&' },
    message: '{form:bt_payload}',
  },
  `pub|${hmac('sha1', digest('sha1', KEY), 'abc\n')}`,
  { request: { headers: FORM, body: Buffer.from('bt_payload=abc%0A') }, options: { keyId: 'pub' } },
)

speaks(
  'twocheckout',
  {
    algorithm: 'md5',
    signature: { form: 'HASH' },
    message: { each: 'form', item: '{value|length}{value}', join: '' },
    ambiguous: 'names are not signed',
  },
  hmac('md5', KEY, '420265caf\u00e9'),
  { request: { headers: FORM, body: Buffer.from('SALEDATE=2026&NAME=caf%C3%A9') } },
)

speaks(
  'alibaba-rpc',
  {
    algorithm: 'sha1',
    key: '{secret}&',
    signature: { query: 'Signature', encoding: 'base64' },
    timestamp: { query: 'Timestamp', unit: 'rfc3339' },
    nonce: { query: 'SignatureNonce', as: 'uuid' },
    keyId: { query: 'AccessKeyId' },
    define: { canonical: { each: 'query', encode: 'rfc3986', sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{method}&%2F&{canonical|encode}',
  },
  hmac(
    'sha1',
    `${KEY}&`,
    `GET&%2F&${encodeURIComponent(`AccessKeyId=testid&Action=DescribeRegions&SignatureNonce=3ee8&Timestamp=${encodeURIComponent(DATE)}`)}`,
    'base64',
  ),
  {
    request: { method: 'GET', url: 'https://ecs.aliyuncs.com/?Action=DescribeRegions', body: NONE },
    options: { keyId: 'testid', nonce: '3ee8' },
  },
)

const listed = 'x-contentful-signed-headers,x-contentful-timestamp'
speaks(
  'contentful',
  {
    signature: { header: 'x-contentful-signature' },
    timestamp: { header: 'x-contentful-timestamp', unit: 'milliseconds' },
    fields: {
      signed: {
        header: 'x-contentful-signed-headers',
        names: ',',
        sign: ['x-contentful-signed-headers', 'x-contentful-timestamp'],
        mustInclude: ['x-contentful-timestamp'],
      },
    },
    define: { lines: { each: 'headers', names: '{signed}', item: '{name}:{value}', join: ';' } },
    message: '{method}\n{target}\n{lines}\n{body}',
    ambiguous: 'a ";" in a value is not escaped',
  },
  hmac('sha256', KEY, `POST\n/v1/orders?b=2&a=1\nx-contentful-signed-headers:${listed};x-contentful-timestamp:${NOW}\n${body}`),
)

speaks(
  'mercado-pago',
  {
    signature: { header: 'x-signature', members: ',', format: 'ts={timestamp},v1={signature}' },
    timestamp: { unit: 'seconds' },
    message:
      '{query:data.id?|lower|prepend:id:|append:;}{header:x-request-id?|prepend:request-id:|append:;}{header:x-none?|prepend:none:|append:;}' +
      'ts:{timestamp};',
    ambiguous: 'values are not escaped',
    allowUnboundBody: 'the vendor signs ids and time alone',
  },
  hmac('sha256', KEY, 'id:abc;request-id:r-1;ts:1768478400;'),
  { request: { url: 'https://x.example/n?data.id=ABC', headers: { 'x-request-id': 'r-1' } } },
)

speaks(
  'visa-x-pay-token',
  {
    signature: { header: 'x-pay-token', format: 'xv2:{timestamp}:{signature}' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}{path|strip:/v1/}{query}{body}',
    ambiguous: 'everything is joined with nothing between',
  },
  `xv2:1768478400:${hmac('sha256', KEY, `1768478400ordersb=2&a=1${body}`)}`,
)

speaks(
  'dlocal',
  {
    signature: { header: 'authorization', format: 'V2-HMAC-SHA256, Signature: {signature}' },
    timestamp: { header: 'x-date', unit: 'rfc3339-ms' },
    keyId: { header: 'x-login' },
    message: '{keyId}{timestamp}{body}',
    ambiguous: 'nothing separates login and time',
  },
  `V2-HMAC-SHA256, Signature: ${hmac('sha256', KEY, `login12026-01-15T12:00:00.000Z${body}`)}`,
  { options: { keyId: 'login1' } },
)

speaks(
  'gate-io',
  {
    algorithm: 'sha512',
    signature: { header: 'sign' },
    keyId: { header: 'key' },
    timestamp: { header: 'timestamp', unit: 'seconds' },
    message: '{method}\n{path}\n{query}\n{body|sha512|hex}\n{timestamp}',
  },
  hmac('sha512', KEY, `POST\n/v1/orders\nb=2&a=1\n${digest('sha512', body, 'hex')}\n1768478400`),
  { options: { keyId: 'k' } },
)

speaks(
  'bitmex',
  {
    params: { life: '60' },
    signature: { header: 'api-signature' },
    keyId: { header: 'api-key' },
    fields: { expires: { header: 'api-expires', unit: 'seconds', param: 'life' } },
    message: '{method}{target}{expires}{body}',
    ambiguous: 'everything is joined with nothing between',
  },
  hmac('sha256', KEY, `POST/v1/orders?b=2&a=11768478460${body}`),
  { options: { keyId: 'k' } },
)

speaks(
  'wsse',
  {
    algorithm: 'sha1',
    construction: 'hash',
    insecure: 'it is a plain hash',
    signature: {
      header: 'x-wsse',
      format: 'UsernameToken Username="{keyId}", PasswordDigest="{signature}", Nonce="{nonce}", Created="{timestamp}"',
      encoding: 'base64',
    },
    nonce: { random: 16 },
    timestamp: { unit: 'rfc3339' },
    message: '{nonce|fromBase64}{timestamp}{secret}',
    allowUnboundBody: 'it signs in, and signs no request',
  },
  digest('sha1', `nonce${DATE}${KEY}`, 'base64'),
  { options: { keyId: 'bob', nonce: 'bm9uY2U=' } },
)

speaks(
  'aws-query-v2',
  {
    signature: { query: 'Signature', encoding: 'base64' },
    timestamp: { query: 'Timestamp', unit: 'YYYY-MM-DDTHH:mm:ss' },
    keyId: { query: 'AWSAccessKeyId' },
    define: { canonical: { each: 'query', encode: 'rfc3986', sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{method}\n{host|lower}\n{path}\n{canonical}',
  },
  hmac('sha256', KEY, 'GET\napi.example.com\n/v1/orders\nAWSAccessKeyId=AK&Timestamp=2026-01-15T12%3A00%3A00&a=1&b=2', 'base64'),
  { request: { method: 'GET', headers: { host: 'API.example.com' }, body: NONE }, options: { keyId: 'AK' } },
)

speaks(
  'thumbor',
  {
    algorithm: 'sha1',
    signature: { path: '/{signature}/{rest}', encoding: 'base64urlPadded' },
    fields: { rest: { write: '{path|strip:/}' } },
    message: '{rest}',
  },
  `/${hmac('sha1', KEY, '300x200/smart/a/b.jpg', 'base64url')}=/300x200/smart/a/b.jpg`,
  { request: { method: 'GET', url: 'https://t.example/300x200/smart/a/b.jpg', body: NONE } },
)

speaks(
  'hygraph',
  {
    params: { env: 'master' },
    signature: { header: 'gcms-signature', members: ', ', format: 'sign={signature}, env={env}, t={timestamp}', encoding: 'base64' },
    fields: { env: { param: 'env' } },
    timestamp: { unit: 'milliseconds' },
    message: '{{"Body":{body|quote},"EnvironmentName":{env|quote},"TimeStamp":{timestamp}}}',
  },
  hmac('sha256', KEY, JSON.stringify({ Body: body.toString(), EnvironmentName: 'master', TimeStamp: NOW }), 'base64'),
)

speaks(
  'content-md5',
  {
    signature: { header: 'x-signature' },
    timestamp: { header: 'x-timestamp', unit: 'seconds' },
    fields: { md5: { header: 'content-md5', value: '{body|md5|base64}' } },
    message: '{method}\n{md5}\n{timestamp}\n{path}',
  },
  hmac('sha256', KEY, `POST\n${digest('md5', body, 'base64')}\n1768478400\n/v1/orders`),
)

speaks(
  'easypost',
  {
    key: '{secret|normalize:NFKD}',
    signature: { header: 'x-hmac-signature', format: 'hmac-sha256-hex={signature}' },
    message: '{body}',
  },
  `hmac-sha256-hex=${hmac('sha256', 's\u0065\u0301cret', body)}`,
  { secret: 's\u00e9cret' },
)

speaks(
  'authorize-net',
  {
    algorithm: 'sha512',
    signature: { header: 'x-anet-signature', format: 'sha512={signature}', encoding: 'hex|upper' },
    message: '{body}',
  },
  `sha512=${hmac('sha512', KEY, body).toUpperCase()}`,
)

speaks(
  'sumsub',
  {
    algorithm: { HMAC_SHA256_HEX: 'sha256', HMAC_SHA512_HEX: 'sha512' },
    signature: { header: 'x-payload-digest' },
    fields: { algorithm: { header: 'x-payload-digest-alg' } },
    message: '{body}',
  },
  hmac('sha512', KEY, body),
  { options: { algorithm: 'HMAC_SHA512_HEX' } },
)

speaks(
  'vonage',
  {
    signature: { query: 'sig' },
    timestamp: { query: 'timestamp', unit: 'seconds' },
    message: { each: 'query', sort: 'name', item: '&{name}={value|replace:&/_|replace:=/_}', join: '' },
    ambiguous: '"_" stands for other characters',
  },
  hmac('sha256', KEY, '&text=a_b_c&timestamp=1768478400'),
  { request: { method: 'GET', url: 'https://x.example/s?text=a%26b%3Dc', body: NONE } },
)

speaks(
  'time-in-body',
  {
    signature: { header: 'x-signature' },
    timestamp: { from: '{body|json:/meta/sent}', unit: 'milliseconds' },
    message: '{body}',
  },
  hmac('sha256', KEY, `{"meta":{"sent":${NOW}}}`),
  { request: { body: Buffer.from(`{"meta":{"sent":${NOW}}}`) } },
)

speaks(
  'flat-json',
  {
    signature: { json: '/sig' },
    message: { each: 'json', flatten: '.', skipEmpty: true, sort: 'name', item: '{name}={value}', join: '&' },
    ambiguous: 'values are not escaped',
  },
  hmac('sha256', KEY, 'b.x.0=true&b.x.1=z&b.y=1'),
  { request: { body: Buffer.from('{"b":{"y":1,"x":[true,"z"]},"a":"","c":null}') } },
)

speaks(
  'crypto-com',
  {
    signature: { json: '/sig' },
    timestamp: { json: '/nonce', unit: 'milliseconds', number: true },
    keyId: { json: '/api_key' },
    define: { params: { each: 'json', at: '/params', sort: 'name', item: '{name}{value}', join: '' } },
    message: '{json:/method}{json:/id}{keyId}{params}{timestamp}',
    ambiguous: 'everything is joined with nothing between',
  },
  hmac('sha256', KEY, `private/get-order1keyorder_id42sideBUY${NOW}`),
  {
    request: { body: Buffer.from('{"id":1,"method":"private/get-order","params":{"side":"BUY","order_id":42}}') },
    options: { keyId: 'key' },
  },
)

speaks(
  'body-without-its-signature',
  { algorithm: 'sha512', signature: { json: '/sign' }, message: '{body|without:sign|utf8|base64}' },
  hmac('sha512', KEY, Buffer.from('{"order":"7","sum":1.5}').toString('base64')),
  { request: { body: Buffer.from('{"order":"7","sum":1.5}') } },
)

speaks(
  'midtrans',
  {
    algorithm: 'sha512',
    construction: 'hash',
    insecure: 'it is a plain hash',
    signature: { json: '/signature_key' },
    message: '{json:/order_id}{json:/status_code}{json:/gross_amount}{secret}',
    ambiguous: 'everything is joined with nothing between',
  },
  digest('sha512', `o-1200100.00${KEY}`, 'hex'),
  { request: { body: Buffer.from('{"order_id":"o-1","status_code":"200","gross_amount":"100.00"}') } },
)

speaks(
  'signed-cookie',
  {
    signature: { cookie: 'session', format: '{user}.{signature}', encoding: 'base64url' },
    fields: { user: { write: 'u-1' } },
    message: '{method} {user}',
  },
  `x=1; session=u-1.${hmac('sha256', KEY, 'GET u-1', 'base64url')}`,
  { request: { method: 'GET', headers: { cookie: 'x=1' }, body: NONE } },
)

const canonical = `POST\n/\n\ncontent-type:application/json\nhost:cvm.tencentcloudapi.com\n\ncontent-type;host\n${digest('sha256', body, 'hex')}`
const tc3 = ['2026-01-15', 'cvm', 'tc3_request'].reduce((key, text) => hmac('sha256', key, text, 'buffer'), `TC3${KEY}`)
speaks(
  'tencent-tc3',
  {
    params: { service: 'cvm' },
    key: { chain: ['TC3{secret}', '{date}', '{param:service}', 'tc3_request'] },
    signature: {
      authorization: 'TC3-HMAC-SHA256',
      members: ',',
      format: 'Credential={keyId}/{date}/{service}/tc3_request, SignedHeaders={signed}, Signature={signature}',
    },
    timestamp: { header: 'x-tc-timestamp', unit: 'seconds' },
    fields: {
      date: { value: '{timestamp|time:YYYY-MM-DD}' },
      service: { param: 'service' },
      signed: { names: ';', mustInclude: ['content-type', 'host'] },
    },
    define: {
      headers: { each: 'headers', names: '{signed}', item: '{name}:{value|trim|lower}\n', join: '' },
      canonical: '{method}\n{path}\n{query}\n{headers}\n{signed}\n{body|sha256|hex}',
    },
    message: 'TC3-HMAC-SHA256\n{timestamp}\n{date}/{service}/tc3_request\n{canonical|sha256|hex}',
  },
  hmac('sha256', tc3, `TC3-HMAC-SHA256\n1768478400\n2026-01-15/cvm/tc3_request\n${digest('sha256', canonical, 'hex')}`),
  {
    request: { url: 'https://cvm.tencentcloudapi.com/', headers: { host: 'cvm.tencentcloudapi.com', 'content-type': 'application/json' } },
    options: { keyId: 'AKID' },
  },
)

const names = 'access_key,signed_field_names,signed_date_time,amount'
speaks(
  'cybersource-secure-acceptance',
  {
    signature: { form: 'signature', encoding: 'base64' },
    timestamp: { form: 'signed_date_time', unit: 'rfc3339' },
    keyId: { form: 'access_key' },
    fields: {
      signed: { form: 'signed_field_names', names: ',', mustInclude: ['access_key', 'signed_field_names', 'signed_date_time', 'amount'] },
    },
    message: { each: 'form', names: '{signed}', item: '{name}={value}', join: ',' },
    ambiguous: 'a "," in a value is not escaped',
  },
  hmac('sha256', KEY, `access_key=ak,signed_field_names=${names},signed_date_time=${DATE},amount=100.00`, 'base64'),
  { request: { headers: FORM, body: Buffer.from('amount=100.00&unsigned=x') }, options: { keyId: 'ak' } },
)

speaks(
  'payzen',
  {
    signature: { form: 'signature', encoding: 'base64' },
    define: { values: { each: 'form', prefix: 'vads_', sort: 'name', item: '{value}', join: '+' } },
    message: '{values}+{secret}',
    ambiguous: 'names are not signed, and a "+" is not escaped',
  },
  hmac('sha256', KEY, `10+EUR+PAYMENT+${KEY}`, 'base64'),
  { request: { headers: FORM, body: Buffer.from('vads_currency=EUR&other=1&vads_amount=10&vads_page=PAYMENT') } },
)

const acquia = 'id=app&nonce=d1954337&realm=Acquia&version=2.0'
speaks(
  'acquia-http-hmac',
  {
    key: '{secret|fromBase64}',
    params: { realm: 'Acquia' },
    signature: {
      authorization: 'acquia-http-hmac',
      members: ',',
      format: 'id="{keyId}",nonce="{nonce}",realm="{realm}",signature="{signature}",version="2.0"',
      encoding: 'base64',
    },
    timestamp: { header: 'x-authorization-timestamp', unit: 'seconds', toleranceSeconds: 900 },
    nonce: { as: 'uuid' },
    fields: {
      realm: { param: 'realm' },
      hash: { header: 'x-authorization-content-sha256', when: { body: true }, value: '{body|sha256|base64}' },
    },
    define: {
      start: '{method}\n{host|lower}\n{path}\n{query}\nid={keyId|encode}&nonce={nonce}&realm={realm|encode}&version=2.0\n{timestamp}',
    },
    message: {
      choose: [{ when: { body: true }, use: '{start}\n{header:content-type|lower}\n{hash}' }, { use: '{start}' }],
    },
  },
  hmac(
    'sha256',
    Buffer.from('dG9wLXNlY3JldC1rZXktMDEyMw==', 'base64'),
    `POST\napi.example.com\n/v1/orders\nb=2&a=1\n${acquia}\n1768478400\napplication/json\n${digest('sha256', body, 'base64')}`,
    'base64',
  ),
  {
    request: { headers: { host: 'api.example.com', 'content-type': 'application/json' } },
    secret: 'dG9wLXNlY3JldC1rZXktMDEyMw==',
    options: { keyId: 'app', nonce: 'd1954337' },
  },
)

speaks(
  'ecommpay',
  {
    algorithm: 'sha512',
    signature: { json: '/signature', encoding: 'base64' },
    message: { each: 'json', flatten: ':', booleans: ['1', '0'], sort: 'item', item: '{name}:{value}', join: ';' },
    ambiguous: 'values are not escaped',
  },
  hmac('sha512', KEY, 'customer:first:1;customer:id:7;project:1', 'base64'),
  { request: { body: Buffer.from('{"project":1,"customer":{"id":"7","first":true}}') } },
)

speaks(
  'php-callback',
  { signature: { json: '/signature' }, message: '{body|without:signature|escapeUnicode|escapeSlashes}' },
  hmac('sha256', KEY, '{"url":"https:\\/\\/x","name":"caf\\u00e9"}'),
  { request: { body: Buffer.from('{"url":"https://x","name":"caf\u00e9"}') } },
)

speaks(
  'tuned-global',
  {
    signature: { authorization: 'hmac', format: '{keyId}:{signature}:{nonce}:{timestamp}', encoding: 'base64' },
    timestamp: { unit: 'seconds' },
    nonce: { as: 'hex' },
    message: '{keyId}{method}{url|encode|lower}{timestamp}{nonce}{body?|md5|base64}',
    ambiguous: 'everything is joined with nothing between',
  },
  hmac(
    'sha256',
    KEY,
    `akPOST${encodeURIComponent('https://api.example.com/v1/orders?b=2&a=1').toLowerCase()}1768478400ab12${digest('md5', body, 'base64')}`,
    'base64',
  ),
  { options: { keyId: 'ak', nonce: 'ab12' } },
)
