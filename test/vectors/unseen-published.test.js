import { form, get, holds, NO_BODY, PLAIN } from './attacked.js'

/**
 * More schemes with a value that was published: by the vendor's page, or by a test of a library, as the comment says. They were written
 * from those texts and LANGUAGE.md alone.
 */
const at = (...parts) => ({ now: Date.UTC(...parts) })
const UNDATED = { dated: false }
const from = (publicOrigin) => ({ set: { publicOrigin } })
const JSON_BODY = { 'content-type': 'application/json' }

// test of Kayako's Java client (KayakoClient, ApiRequest): the salt alone is signed
holds(
  'kayako',
  {
    signature: { query: 'signature', encoding: 'base64' },
    nonce: { query: 'salt' },
    keyId: { query: 'apikey' },
    message: '{nonce}',
    allowUnboundBody: 'the salt alone is signed',
  },
  'gFhgQ1Gydk+DLsn6BnHO/eqs1KxPwqmlj2bRWfjFFYs=',
  {
    ...UNDATED,
    keyId: 'key-1',
    secret: 'MDA4YzBiMWMtN2RiOC1hZTY0LTMxODgtMzE1MThjNmU5NDJlYTM1ZTgwY2YtYjA1ZS1jMzQ0LWY5MjktMzQ1ZjliMDA4ODIx',
    use: { nonce: '3777329113' },
    request: get('/api/index.php?e=/Base/Department'),
    open: 'method path query',
  },
)

// docs.barzahlen.de API v2, and the tests of its Ruby SDK: host with port, empty lines for the query and the key that may be missing
holds(
  'barzahlen-webhook',
  {
    signature: { header: 'bz-signature', format: 'BZ1-HMAC-SHA256 {signature}' },
    timestamp: { header: 'date', unit: 'http-date' },
    message: '{header:host}\n{method}\n{path}\n{query}\n{timestamp}\n{header:idempotency-key?}\n{body|sha256|hex}',
  },
  'BZ1-HMAC-SHA256 eb22cda264a5cf5a138e8ac13f0aa8da2daf28c687d9db46872cf777f0decc04',
  {
    ...at(2016, 3, 1, 9, 20, 6),
    secret: '6b3fb3abef828c7d10b5a905a49c988105621395',
    request: {
      url: 'https://callback.example.com/barzahlen/callback',
      headers: { host: 'callback.example.com:443', 'content-type': 'application/json' },
      body: `{
    "event": "paid",
    "event_occurred_at": "2016-01-06T12:34:56Z",
    "affected_transaction_id": "4729294329",
    "slip": {
        "id": "slp-d90ab05c-69f2-4e87-9972-97b3275a0ccd",
        "slip_type": "payment",
        "division_id": "1234",
        "reference_key": "O64737X",
        "expires_at": "2016-01-10T12:34:56Z",
        "customer": {
            "key": "LDFKHSLFDHFL",
            "cell_phone_last_4_digits": "6789",
            "email": "john@example.com",
            "language": "de-DE"
        },
        "metadata": {
          "order_id": 1234,
          "invoice_no": "A123"
        },
        "transactions": [
          {
            "id": "4729294329",
            "currency": "EUR",
            "amount": "123.34",
            "state": "paid"
          }
        ]
    }
}`,
    },
    open: 'content-type',
  },
)

// bitmax.io API documentation: the time, a plus sign and the last part of the path
holds(
  'bitmax',
  {
    signature: { header: 'x-auth-signature', encoding: 'base64' },
    timestamp: { header: 'x-auth-timestamp', unit: 'milliseconds', toleranceSeconds: 30 },
    keyId: { header: 'x-auth-key' },
    message: '{timestamp}+{path|strip:/api/pro/}',
    allowUnboundBody: 'time and path alone are signed',
  },
  'vBZf8OQuiTJIVbNpNHGY3zcUsK5gJpwb5lgCgarpxYI=',
  {
    now: 1562952827927,
    secret: 'hV8FgjyJtpvVeAcMAgzgAFQCN36wmbWuN7o3WPcYcYhFd8qvE43gzFGVsFcCqMNk',
    keyId: 'CEcrjGyipqt0OflgdQQSRGdrDXdDUY2x',
    request: { ...get(''), url: 'https://bitmax.io/api/pro/user/info' },
    open: 'method',
  },
)

// api-docs.bokun.dev, authentication: nothing stands between the parts
holds(
  'bokun',
  {
    algorithm: 'sha1',
    signature: { header: 'x-bokun-signature', encoding: 'base64' },
    timestamp: { header: 'x-bokun-date', unit: 'YYYY-MM-DD HH:mm:ss' },
    keyId: { header: 'x-bokun-accesskey' },
    message: '{timestamp}{keyId}{method}{target}',
    allowUnboundBody: 'the vendor does not sign it',
    ambiguous: 'nothing separates the access key from the method',
  },
  'XrOiTYa9Y34zscnLCsAEh8ieoyo=',
  {
    ...at(2013, 10, 9, 14, 33, 46),
    secret: '23e2c7da7f7048e5b46f96bc91324800',
    keyId: 'de235a6a15c340b6b1e1cb5f3687d04a',
    checks: { allowUnboundBody: true },
    request: { url: 'https://api.bokun.is/activity.json/search?lang=EN&currency=ISK', headers: JSON_BODY, body: '{"age":33}' },
    open: 'content-type body',
  },
)

// developer.revolut.com, verify the payload signature
holds(
  'revolut',
  {
    signature: { header: 'revolut-signature', format: 'v1={signature}', list: ',' },
    timestamp: { header: 'revolut-request-timestamp', unit: 'milliseconds' },
    message: 'v1.{timestamp}.{body}',
  },
  'v1=bca326fb378d0da7f7c490ad584a8106bab9723d8d9cdd0d50b4c5b3be3837c0',
  {
    now: 1683650202360,
    secret: 'wsk_r59a4HfWVAKycbCaNO1RvgCJec02gRd8',
    request: {
      body: '{"data":{"id":"645a7696-22f3-aa47-9c74-cbae0449cc46","new_state":"completed","old_state":"pending","request_id":"app_charges-9f5d5eb3-1e06-46c5-b1c0-3914763e0bcb"},"event":"TransactionStateChanged","timestamp":"2023-05-09T16:36:38.028960Z"}',
    },
    open: 'content-type method path query',
  },
)

// fanyi-api.baidu.com, documentation: application, text, salt and secret run together
holds(
  'baidu-fanyi',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'sign' },
    nonce: { query: 'salt', as: 'digits' },
    keyId: { query: 'appid' },
    message: '{keyId}{query:q}{nonce}{secret}',
    ambiguous: 'nothing separates the values',
  },
  'f89f9594663708c1605f3d736d01d2d4',
  {
    ...UNDATED,
    secret: '12345678',
    keyId: '2015063000000001',
    use: { nonce: '1435660288' },
    request: get('/api/trans/vip/translate?q=apple&from=en&to=zh'),
    open: 'method path query',
  },
)

// documentation and tests of ByteArk's SDKs (Node, PHP, Python, Java)
holds(
  'byteark',
  {
    ...PLAIN,
    algorithm: 'md5',
    params: { life: '100' },
    signature: { query: 'x_ark_signature', encoding: 'base64url' },
    keyId: { query: 'x_ark_access_id' },
    fields: { type: { query: 'x_ark_auth_type', value: 'ark-v2' }, expires: { query: 'x_ark_expires', unit: 'seconds', param: 'life' } },
    message: '{method}\n{host}\n{path}\n{expires}\n{secret}',
  },
  'OsBgZpn9LTAJowa0UUhlYQ',
  {
    now: 1514764700000,
    secret: '31sX5C0lcBiWuGPTzRszYvjxzzI3aCZjJi85ZyB7',
    keyId: '2Aj6Wkge4hi1ZYLp0DBG',
    request: { ...get(''), url: 'https://example.cdn.byteark.com/path/to/file.png' },
    open: 'query',
  },
)

// itsdangerous documentation, TimestampSigner with the salt "salt"
holds(
  'itsdangerous-timestamp',
  {
    algorithm: 'sha1',
    key: '{secret|prepend:saltsigner|sha1}',
    signature: { query: 'token', format: '{user}.{timestamp}.{signature}', encoding: 'base64url' },
    timestamp: { unit: 'base64url-seconds' },
    fields: { user: { write: 'my string' } },
    message: '{user}.{timestamp}',
  },
  'my string.Zva6YA.aqBNzGvNEDkO6RGFPEX1HIhz0vU',
  { ...at(2024, 8, 27, 14), secret: 'secret_key', request: get('/unsubscribe'), open: 'method path' },
)

const TORNADO = { secret: "It's a secret to everybody", now: 1300000000000 }

// test of Tornado (web_test.py, SignedValueTest), version 1: name, value and time run together
holds(
  'tornado-cookie-v1',
  {
    algorithm: 'sha1',
    params: { name: 'key' },
    signature: { cookie: 'key', format: '{user}|{timestamp}|{signature}' },
    timestamp: { unit: 'seconds' },
    fields: { user: { write: 'dmFsdWU=' } },
    message: '{param:name}{user}{timestamp}',
  },
  'dmFsdWU=|1300000000|31c934969f53e48164c50768b40cbd7e2daaaa4f',
  { ...TORNADO, request: get('/'), open: 'method' },
)

// the same test, version 2: each part behind its length
holds(
  'tornado-cookie-v2',
  {
    params: { name: 'key' },
    signature: { cookie: 'key', format: '2|1:0|{timeLength}:{timestamp}|{nameLength}:{own}|{userLength}:{user}|{signature}' },
    timestamp: { unit: 'seconds' },
    fields: {
      own: { value: '{param:name}' },
      timeLength: { value: '{timestamp|length}' },
      nameLength: { value: '{param:name|length}' },
      user: { write: 'dmFsdWU=' },
      userLength: { value: '{user|length}' },
    },
    message: '2|1:0|{timeLength}:{timestamp}|{nameLength}:{own}|{userLength}:{user}|',
  },
  '2|1:0|10:1300000000|3:key|8:dmFsdWU=|3d4e60b996ff9c5d5788e333a0cba6f238a22c6c0f94788870e1a9ecd482e152',
  { ...TORNADO, request: get('/'), open: 'method' },
)

const URI_SIGNER = {
  define: { query: { each: 'query', sort: 'name', encode: 'form', item: '{name}={value}', join: '&', before: '?' } },
  message: '{origin}{path}{query}',
}
const SIGNED_URI = {
  ...UNDATED,
  secret: 'foobar',
  ...from('http://example.com'),
  request: { ...get(''), url: 'http://example.com/foo?foo=bar&baz=bay' },
  open: 'method',
}

// test of Symfony (UriSignerTest), until 6 and since 7: the address with its parameters in order
holds(
  'symfony-uri',
  { signature: { query: '_hash', encoding: 'base64' }, ...URI_SIGNER },
  'rIOcC/F3DoEGo/vnESjSp7uU9zA9S/+OLhxgMexoPUM=',
  SIGNED_URI,
)
holds(
  'symfony-uri-since-7',
  { signature: { query: '_hash', encoding: 'base64url' }, ...URI_SIGNER },
  'rIOcC_F3DoEGo_vnESjSp7uU9zA9S_-OLhxgMexoPUM',
  SIGNED_URI,
)

// README and tests of go-camo: the address in hex, of which the octets are signed
holds(
  'go-camo',
  {
    algorithm: 'sha1',
    signature: { path: '/{signature}/{address}' },
    fields: { address: { write: '{path|strip:/}' } },
    message: '{address|fromHex}',
  },
  '/0f6def1cb147b0e84f39cbddc5ea10c80253a6f3/687474703a2f2f676f6c616e672e6f72672f646f632f676f706865722f66726f6e74706167652e706e67',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: 'test',
    request: get('/687474703a2f2f676f6c616e672e6f72672f646f632f676f706865722f66726f6e74706167652e706e67'),
    open: 'method',
  },
)

// test of an Erlang client of docs.upyun.com, whose key is the hex MD5 of the password
holds(
  'upyun',
  {
    algorithm: 'sha1',
    key: '{secret|md5|hex}',
    signature: { authorization: 'UPYUN', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'date', unit: 'http-date', toleranceSeconds: 1800 },
    fields: { md5: { header: 'content-md5', when: { body: true }, value: '{body|md5|hex}' } },
    message: '{method}&{path}&{timestamp}{md5?|prepend:&}',
    ambiguous: 'a path may hold "&"',
  },
  'UPYUN operator:s/zhp1UjLkRqh3pLgwyeu3orVs0=',
  {
    ...at(2017, 1, 14, 12, 34, 56),
    secret: 'password',
    keyId: 'operator',
    request: { method: 'PUT', url: 'https://v0.api.upyun.com/tests/image.jpg', headers: {}, body: 'abcdefg' },
  },
)

// test of a Java gateway for developers.payulatam.com, response page: the amount with one decimal
holds(
  'payu-latam',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'signature' },
    message: '{secret}~{query:merchantId}~{query:referenceCode}~{query:TX_VALUE|decimals:1}~{query:currency}~{query:transactionState}',
    ambiguous: 'a value may hold "~"',
  },
  'signature=15b4a4be299872d8cff29707ace8f7df',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: '6u39nqhq8ftd0hlvnjfs66eh8c',
    request: get('/r?merchantId=500238&referenceCode=580C965A81474DAE99DB4ED043FDDF9D&TX_VALUE=1990000.00&currency=COP&transactionState=6'),
    open: 'method path',
  },
)

// docs.bitvavo.com, authentication
holds(
  'bitvavo',
  {
    signature: { header: 'bitvavo-access-signature' },
    timestamp: { header: 'bitvavo-access-timestamp', unit: 'milliseconds', toleranceSeconds: 10 },
    keyId: { header: 'bitvavo-access-key' },
    message: '{timestamp}{method}{target}{body}',
    ambiguous: 'nothing separates the address from the body',
  },
  '44d022723a20973a18f7ee97398b9fdd405d2d019c8d39e24b8cc0dcb39ca016',
  {
    now: 1548172481125,
    secret: 'bitvavo',
    keyId: 'key-1',
    request: {
      url: 'https://api.bitvavo.com/v2/order',
      headers: JSON_BODY,
      body: '{"market":"BTC-EUR","side":"buy","price":"5000","amount":"1.23","orderType":"limit"}',
    },
    open: 'content-type',
  },
)

// test of Pronamic's WordPress plugin for Qantani: the values in the order of their names, then the secret
holds(
  'qantani',
  {
    ...PLAIN,
    algorithm: 'sha1',
    signature: { form: 'checksum' },
    define: { values: { each: 'form', sort: 'name', item: '{value}', join: '' } },
    message: '{values}{secret}',
    ambiguous: 'names are not signed, and nothing separates the values',
  },
  'checksum=f9e9ed53d1c0565a97d6b031bacebb4a2b4f9d4d',
  { ...UNDATED, secret: '12345', request: form('Id=5&Name=Qantani&Action=Pay'), open: 'method path query body' },
)

// tencentcloud.com, CSS, Hotlink Protection: the end of the time as hex digits in capitals
holds(
  'tencent-live',
  {
    ...PLAIN,
    algorithm: 'md5',
    params: { life: '3600' },
    signature: { query: 'txSecret' },
    fields: { expires: { query: 'txTime', unit: 'hex-seconds-upper', param: 'life' } },
    message: '{secret}{path|afterLast:/}{expires}',
    ambiguous: 'nothing separates the stream from the time',
  },
  'f85a2ab363fe4deaffef9754d79da6fe',
  {
    ...NO_BODY,
    now: (0x5c271099 - 3600) * 1000,
    secret: 'e12c46f2612d5106e2034781ab261ca3',
    request: get('/live/test'),
    open: 'method path',
  },
)
