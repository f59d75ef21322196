import { BODY, digest, FORM, hmac, holds, KEY, NONE, NOW, UUID } from './attacked.js'

/**
 * A fourth lot of vendors and protocols that are no presets. Where the page publishes a value it is that; otherwise the message stands here
 * as the page spells it, and node:crypto makes the MAC. The shapes
 * of paynow and Escher are those of clients in public repositories; the pages that are named for VALR, LTI, Dialpad, Gravity Forms and
 * Kushki were not looked at (VALR's values hold).
 */
const SECONDS = '1768478400'
const MILLISECONDS = String(NOW)
const JSON_TYPE = { 'content-type': 'application/json' }
const get = (url, headers = {}) => ({ method: 'GET', url, headers, body: NONE })
const encoded = (text) => Buffer.from(text).toString('base64url')

// datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-http-mac-00 section 1.2: the values of the draft
holds(
  'http-mac-00',
  {
    algorithm: 'sha1',
    signature: {
      authorization: 'MAC',
      members: ', ',
      encoding: 'base64',
      format: 'id="{keyId}", nonce="{nonce}", bodyhash="{bodyhash?}", ext="{ext?}", mac="{signature}"',
    },
    nonce: {},
    fields: { bodyhash: { value: '{body|sha1|base64}', when: { body: true } }, ext: {} },
    message: '{nonce}\n{method}\n{target}\n{hostname}\n{port}\n{bodyhash?}\n{ext?}\n',
  },
  'SLDJd4mg43cjQfElUs3Qub4L6xE=',
  {
    secret: '489dks293j39',
    keyId: 'h480djs93hd8',
    use: { nonce: '264095:dj83hs9s' },
    dated: false,
    request: get('http://example.com/resource/1?b=1&a=2'),
  },
)

// docs.valr.com: the values of the page
const VALR = {
  algorithm: 'sha512',
  signature: { header: 'x-valr-signature' },
  keyId: { header: 'x-valr-api-key' },
  timestamp: { header: 'x-valr-timestamp', unit: 'milliseconds' },
  message: '{timestamp}{method}{target}{body}',
  ambiguous: 'nothing stands between the address and the body',
}
const valr = { secret: '4961b74efac86b25cce8fbe4c9811c4c7a787b7a5996660afcc2e287ad864363', keyId: 'k1' }
holds(
  'valr',
  VALR,
  '9d52c181ed69460b49307b7891f04658e938b21181173844b5018b2fe783a6d4c62b8e67a03de4d099e7437ebfabe12c56233b73c6a0cc0f7ae87e05f6289928',
  { ...valr, now: 1558014486185, request: get('https://api.valr.com/v1/account/balances') },
)
holds(
  'valr-order',
  VALR,
  '09f536e3dfdad58443f16010a97a0a21ad27486b7b8d6d4103170d885410ed77f037f1fa628474190d4f5c08ca12c1acc850901f1c2e75c6d906ec3b32b008d0',
  {
    ...valr,
    now: 1558017528946,
    open: 'content-type',
    request: {
      url: 'https://api.valr.com/v1/orders/market',
      body: '{"customerOrderId":"ORDER-000001","pair":"BTCUSDC","side":"BUY","quoteAmount":"80000"}',
    },
  },
)

// docs.paynow.pl: headers, parameters and the body inside one JSON text
const paynow = `{"headers":{"Api-Key":"k-1","Idempotency-Key":"${UUID}"},"parameters":{},"body":${JSON.stringify(BODY)}}`
holds(
  'paynow-v3',
  {
    signature: { header: 'signature', encoding: 'base64' },
    keyId: { header: 'api-key' },
    nonce: { header: 'idempotency-key', as: 'uuid' },
    message: '{{"headers":{{"Api-Key":{keyId|quote},"Idempotency-Key":{nonce|quote}}},"parameters":{{}},"body":{body|quote}}}',
  },
  hmac('sha256', KEY, paynow, 'base64'),
  {
    keyId: 'k-1',
    use: { nonce: UUID },
    dated: false,
    open: 'content-type method path',
    request: { url: 'https://api.paynow.pl/v3/payments' },
  },
)

// docs.whitebit.com/private/http-auth: the body names its path, and stands in a header as base64
const whitebit = '{"request":"/api/v4/trade-account/balance","nonce":1594297865,"nonceWindow":true,"ticker":"BTC"}'
holds(
  'whitebit',
  {
    algorithm: 'sha512',
    signature: { header: 'x-txc-signature' },
    keyId: { header: 'x-txc-apikey' },
    nonce: { json: '/nonce', as: 'digits' },
    fields: { payload: { header: 'x-txc-payload', value: '{body|base64}' }, request: { json: '/request', value: '{path}' } },
    message: '{payload}',
  },
  hmac('sha512', KEY, Buffer.from(whitebit).toString('base64')),
  {
    keyId: 'k1',
    use: { nonce: false },
    dated: false,
    open: 'content-type method',
    request: { url: 'https://whitebit.com/api/v4/trade-account/balance', body: whitebit },
  },
)

// selcom-developers.github.io/node-selcom/Authentication
holds(
  'selcom',
  {
    signature: { header: 'digest', encoding: 'base64' },
    keyId: { authorization: 'SELCOM', wrapped: 'base64', format: '{keyId}' },
    timestamp: { header: 'timestamp', unit: 'rfc3339' },
    fields: {
      way: { header: 'digest-method', value: 'HS256' },
      signed: { header: 'signed-fields', names: ',', mustInclude: ['*'] },
    },
    define: { pairs: { each: 'json', names: '{signed}', item: '{name}={value}', join: '&' } },
    message: 'timestamp={timestamp}&{pairs}',
    ambiguous: 'a value may hold "&" and "="',
  },
  hmac('sha256', KEY, 'timestamp=2026-01-15T15:00:00+03:00&utilityref=075&vendor=BANKX&pin=3333', 'base64'),
  {
    keyId: 'abc',
    use: { timestamp: '2026-01-15T15:00:00+03:00' },
    open: 'authorization content-type method path query',
    request: { body: '{"utilityref":"075","vendor":"BANKX","pin":"3333"}' },
  },
)

// docs.bird.com/api/notifications-api: the hash of the body as octets
holds(
  'bird',
  {
    signature: { header: 'messagebird-signature', encoding: 'base64' },
    timestamp: { header: 'messagebird-request-timestamp', unit: 'seconds' },
    message: '{timestamp}\n{url}\n{body|sha256}',
  },
  hmac(
    'sha256',
    KEY,
    Buffer.concat([Buffer.from(`${SECONDS}\nhttps://domain.com/webhook/bird\n`), Buffer.from(digest('sha256', BODY), 'hex')]),
    'base64',
  ),
  {
    open: 'content-type method',
    set: { publicOrigin: 'https://domain.com' },
    request: { url: 'https://domain.com/webhook/bird' },
  },
)

// klikoo-doc.readme.io/reference/digital-signature: a clock of +07:00, JSON without blanks
holds(
  'klikoo',
  {
    algorithm: 'sha512',
    signature: { header: 'open-api-signature', encoding: 'base64' },
    timestamp: { header: 'open-api-timestamp', unit: 'YYYY-MM-DDTHH:mm:ss+07:00@+07:00' },
    message: '{method|lower}:{path}:{header:authorization|strip:Bearer }:{body|minify|sha256|hex}:{timestamp}',
    ambiguous: 'a path may hold ":"',
  },
  hmac(
    'sha512',
    KEY,
    `post:/v1/inquiry:e.y.J:${digest('sha256', '{"bank_code":"000","account_number":true}')}:2026-01-15T19:00:00+07:00`,
    'base64',
  ),
  {
    open: 'content-type query',
    request: {
      url: 'https://api.example.com/v1/inquiry?a=1',
      headers: { ...JSON_TYPE, authorization: 'Bearer e.y.J' },
      body: '{\n\t"bank_code": "000",\n\t"account_number": true\n}',
    },
  },
)

// techdocs.login.schibsted.com/verified-hash: the values of nested members, in the order of their names; the example of the page
holds(
  'schibsted-verified-hash',
  {
    signature: { query: 'hash', encoding: 'base64url' },
    define: { values: { each: 'json', flatten: '.', sort: 'name', item: '{value}', join: '' } },
    message: '{values}',
    ambiguous: 'names are left out, and nothing separates values',
  },
  hmac('sha256', KEY, 'zebratreesunorangemonkeybanana', 'base64url'),
  {
    dated: false,
    open: 'body content-type method path query',
    request: { body: '{"a":"zebra","x":"banana","c":{"b":"orange","c":"monkey","a":"sun"},"b":"tree"}' },
  },
)

// cloud.google.com/media-cdn/docs/generate-tokens: FullPath, of which the token says the name alone
holds(
  'media-cdn-full-path',
  {
    params: { life: '600' },
    signature: { query: 'edge-cache-token', format: 'Expires={expires}~FullPath~hmac={signature}' },
    fields: { expires: { unit: 'seconds', param: 'life' } },
    message: 'Expires={expires}~FullPath={path}',
  },
  hmac('sha256', KEY, 'Expires=1768479000~FullPath=/vod/a.ts'),
  { open: 'method', request: get('http://10.0.0.1/vod/a.ts') },
)

// nexora.thezenpay.com/docs/v1/signature-generation: ksort and urlencode, as PHP has them
holds(
  'nexora',
  {
    signature: { header: 'x-signature' },
    timestamp: { json: '/timestamp', unit: 'rfc3339' },
    define: { pairs: { each: 'json', sort: 'name', item: '{name}={value|encodeForm|replace:~/%7E}', join: '&' } },
    message: '{pairs}',
    ambiguous: 'a name may hold "=" and "&"',
  },
  hmac('sha256', KEY, 'amount=150.50&biller_code=2025&note=a+b%7E%2A&timestamp=2026-01-15T12%3A00%3A00Z'),
  {
    open: 'content-type method path query',
    request: { body: '{"biller_code":"2025","note":"a b~*","amount":"150.50","timestamp":"2026-01-15T12:00:00Z"}' },
  },
)

// oauth_body_hash (imsglobal.org LTI 1.1, section 4.3) with HMAC-SHA256, the body in XML
const lti = {
  oauth_body_hash: digest('sha1', '<x/>', 'base64'),
  oauth_consumer_key: 'k1',
  oauth_nonce: 'n0n0n0n0',
  oauth_signature_method: 'HMAC-SHA256',
  oauth_timestamp: SECONDS,
  oauth_version: '1.0',
}
const ltiBase = Object.entries(lti).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
holds(
  'lti-body-hash',
  {
    key: '{secret|encode}&',
    signature: {
      authorization: 'OAuth',
      members: ',',
      encoding: 'base64|encode',
      format:
        'oauth_body_hash="{hash}",oauth_consumer_key="{keyId}",oauth_nonce="{nonce}",oauth_signature_method="{way}",' +
        'oauth_timestamp="{timestamp}",oauth_version="{version}",oauth_signature="{signature}"',
    },
    timestamp: { unit: 'seconds' },
    nonce: {},
    fields: { hash: { value: '{body|sha1|base64|encode}' }, way: { value: 'HMAC-SHA256' }, version: { value: '1.0' } },
    define: {
      pairs: {
        ...{ each: 'query', encode: 'rfc3986', sort: 'name-value', item: '{name}={value}', join: '&' },
        with: {
          oauth_body_hash: '{hash|decode}',
          oauth_consumer_key: '{keyId}',
          oauth_nonce: '{nonce}',
          oauth_signature_method: '{way}',
          oauth_timestamp: '{timestamp}',
          oauth_version: '{version}',
        },
      },
      base: '{url|before:?}',
    },
    message: '{method}&{base|encode}&{pairs|encode}',
  },
  encodeURIComponent(
    hmac('sha256', `${KEY}&`, ['POST', 'https://lms.example.com/outcomes', ltiBase.join('&')].map(encodeURIComponent).join('&'), 'base64'),
  ),
  {
    keyId: 'k1',
    use: { nonce: 'n0n0n0n0' },
    open: 'content-type',
    request: { url: 'https://lms.example.com/outcomes', headers: { 'content-type': 'application/xml' }, body: '<x/>' },
  },
)

// github.com/emartech/escher: Signature Version 4 under other names, in a header of its own
const escherCanonical = `POST\n/v1/orders\na=1&b=2\nhost:api.example.com\nx-ems-date:20260115T120000Z\n\nhost;x-ems-date\n${digest('sha256', BODY)}`
const escherKey = ['20260115', 'eu', 'suite', 'ems_request'].reduce((key, text) => hmac('sha256', key, text, 'buffer'), `EMS${KEY}`)
holds(
  'escher',
  {
    params: { region: null, service: null },
    signature: {
      header: 'x-ems-auth',
      format: 'EMS-HMAC-SHA256 Credential={keyId}/{date}/{region}/{service}/ems_request, SignedHeaders={signed}, Signature={signature}',
    },
    key: { chain: ['EMS{secret}', '{date}', '{param:region}', '{param:service}', 'ems_request'] },
    timestamp: { header: 'x-ems-date', unit: 'iso-basic' },
    fields: {
      date: { value: '{timestamp|first:8}' },
      region: { value: '{param:region}' },
      service: { value: '{param:service}' },
      signed: { names: ';', mustInclude: ['host', 'x-ems-date'], sort: true },
    },
    define: {
      query: { each: 'query', encode: 'rfc3986', sort: 'name-value', item: '{name}={value}', join: '&' },
      lines: { each: 'headers', names: '{signed}', item: '{name}:{value|trim|squeeze}\n', join: '' },
      canonical: '{method}\n{path|normalPath}\n{query}\n{lines}\n{signed}\n{body|sha256|hex}',
    },
    message: 'EMS-HMAC-SHA256\n{timestamp}\n{date}/{region}/{service}/ems_request\n{canonical|sha256|hex}',
  },
  hmac('sha256', escherKey, `EMS-HMAC-SHA256\n20260115T120000Z\n20260115/eu/suite/ems_request\n${digest('sha256', escherCanonical)}`),
  { keyId: 'ak', set: { params: { region: 'eu', service: 'suite' } }, open: 'content-type' },
)

// developer.telesign.com/enterprise/docs/authentication: the body in front of the path, and no line of it where there is none
const telesign = '{method}\n{header:content-type?}\n\nx-ts-auth-method:{algorithm}\nx-ts-date:{timestamp}\nx-ts-nonce:{nonce}\n'
holds(
  'telesign',
  {
    key: '{secret|fromBase64}',
    algorithm: { 'HMAC-SHA256': 'sha256' },
    signature: { authorization: 'TSA', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'x-ts-date', unit: 'http-date' },
    nonce: { header: 'x-ts-nonce', as: 'uuid' },
    fields: { algorithm: { header: 'x-ts-auth-method' } },
    message: { choose: [{ when: { body: true }, use: `${telesign}{body}\n{path}` }, { use: `${telesign}{path}` }] },
  },
  hmac(
    'sha256',
    KEY,
    'POST\napplication/x-www-form-urlencoded\n\nx-ts-auth-method:HMAC-SHA256\nx-ts-date:Thu, 15 Jan 2026 12:00:00 GMT\n' +
      `x-ts-nonce:${UUID}\nphone_number=1&m=x\n/v1/messaging`,
    'base64',
  ),
  {
    secret: Buffer.from(KEY).toString('base64'),
    keyId: 'FFFF',
    use: { nonce: UUID },
    request: { url: 'https://rest-ww.telesign.com/v1/messaging', headers: FORM, body: 'phone_number=1&m=x' },
  },
)

// fasapay.com/sciguide/hash: the MAC in front of its own text, and a list of what that holds
holds(
  'fasapay-hmac',
  {
    signature: { form: 'fp_hmac', format: '{signature}{text}' },
    fields: {
      text: { value: '{values}' },
      list: { form: 'fp_hash_list', names: '|', mustInclude: ['fp_acc', 'fp_acc_from', 'fp_amnt'] },
    },
    define: { values: { each: 'form', names: '{list}', item: '{value}', join: '|' } },
    message: '{text}',
    ambiguous: 'names are left out',
  },
  `${hmac('sha256', KEY, 'FP1|FP2|100')}FP1|FP2|100`,
  {
    dated: false,
    open: 'method path query',
    request: { headers: FORM, body: 'fp_acc=FP1&fp_acc_from=FP2&fp_amnt=100' },
  },
)

// developers.boldsign.com/webhooks/verify-webhook-events: s0 is of the newest secret, s1 of the one before
holds(
  'boldsign',
  {
    signature: { header: 'x-boldsign-signature', format: 't={timestamp}, s0={signature}', members: ', ' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}.{body}',
  },
  hmac('sha256', KEY, `${SECONDS}.${BODY}`),
  { open: 'content-type method path query' },
)

// developers.signwell.com/reference/event-hash-verification: the type and the time of an event, and nothing else of it
holds(
  'signwell',
  {
    signature: { json: '/event/hash' },
    timestamp: { json: '/event/time', unit: 'seconds', number: true },
    message: '{json:/event/type}@{timestamp}',
  },
  hmac('sha256', KEY, `document_completed@${SECONDS}`),
  {
    open: 'body content-type method path query',
    request: { body: `{"event":{"type":"document_completed","time":${SECONDS}},"data":{"a":1}}` },
  },
)

// developers.dialpad.com/docs/webhooks: the whole body is a JSON Web Token where the webhook has a secret
const claims = '{"call_id":1,"note":"caf\u00e9"}'
holds(
  'dialpad',
  {
    signature: { from: '{body|text}', format: '{head}.{claims}.{signature}', encoding: 'base64url' },
    fields: {
      head: { write: '{header|utf8|base64url}' },
      claims: { write: '{body|base64url}' },
      alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS256' },
    },
    define: { header: '{{"alg":"HS256","typ":"JWT"}}' },
    message: '{head}.{claims}',
  },
  `${encoded('{"alg":"HS256","typ":"JWT"}')}.${encoded(claims)}.${hmac('sha256', KEY, `${encoded('{"alg":"HS256","typ":"JWT"}')}.${encoded(claims)}`, 'base64url')}`,
  {
    dated: false,
    open: 'content-type method path query',
    request: { headers: { 'content-type': 'application/jwt' }, body: claims },
  },
)

// docs.gravityforms.com/web-api: base64 of HMAC-SHA1 over key, method, route and expiry
holds(
  'gravityforms',
  {
    params: { life: '3600' },
    algorithm: 'sha1',
    signature: { query: 'signature', encoding: 'base64' },
    keyId: { query: 'api_key' },
    fields: { expires: { query: 'expires', unit: 'seconds', param: 'life' } },
    message: '{keyId}:{method}:{path|strip:/gravityformsapi/}:{expires}',
  },
  hmac('sha1', KEY, '1234:GET:forms/1/entries:1768482000', 'base64'),
  { keyId: '1234', request: get('https://x.example.com/gravityformsapi/forms/1/entries') },
)

// tencentcloud.com/document/product/1105/41501: a device, with the name of the hash among what is signed
holds(
  'tencent-iot-hub',
  {
    algorithm: { hmacsha256: 'sha256', hmacsha1: 'sha1' },
    signature: { header: 'x-tc-signature' },
    timestamp: { header: 'x-tc-timestamp', unit: 'seconds' },
    nonce: { header: 'x-tc-nonce', as: 'digits' },
    fields: { algorithm: { header: 'x-tc-algorithm' } },
    message: '{method}\n{host}\n{path}\n{query}\n{algorithm}\n{timestamp}\n{nonce}\n{body|sha256|hex}',
  },
  hmac('sha1', KEY, `POST\napi.example.com\n/device/register\n\nhmacsha1\n${SECONDS}\n5456\n${digest('sha256', BODY)}`),
  {
    use: { nonce: '5456', algorithm: 'hmacsha1' },
    open: 'content-type',
    request: { url: 'https://api.example.com/device/register' },
  },
)

// Kushki's webhooks: an id that is a time in milliseconds, behind the body
holds(
  'kushki',
  {
    signature: { header: 'x-kushki-signature' },
    timestamp: { header: 'x-kushki-id', unit: 'milliseconds' },
    message: '{body}{timestamp}',
  },
  hmac('sha256', KEY, BODY + MILLISECONDS),
  { open: 'content-type method path query' },
)
