import { BODY, digest, FORM_ALONE, form, get, hmac, holds, KEY, MS, NO_BODY, ORIGIN, PLAIN, SECONDS, UNSIGNED } from './attacked.js'

/**
 * Payment notifications, tokens of content networks, offer walls and checks of identity that are no presets, written from LANGUAGE.md and
 * from what their pages say; the recipes are from memory unless an address stands there. node:crypto makes the MAC over the message as it
 * stands there.
 */

// Amazon Marketplace Web Service: the verb, the host, the path and the sorted form on lines
holds(
  'amazon-mws',
  {
    signature: { form: 'Signature', encoding: 'base64' },
    timestamp: { form: 'Timestamp', unit: 'rfc3339' },
    keyId: { form: 'AWSAccessKeyId' },
    define: { pairs: { each: 'form', encode: 'rfc3986', sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{method}\n{host|lower}\n{path}\n{pairs}',
  },
  hmac(
    'sha256',
    KEY,
    'POST\napi.example.com\n/Orders/2013-09-01\nAWSAccessKeyId=AK1&Action=ListOrders&SignatureMethod=HmacSHA256&Timestamp=2026-01-15T12%3A00%3A00Z',
    'base64',
  ),
  { request: { url: `${ORIGIN}/Orders/2013-09-01`, ...form('Action=ListOrders&SignatureMethod=HmacSHA256') }, keyId: 'AK1' },
)

// NetSuite, token-based authentication: OAuth 1.0a with a realm that is not signed
const OAUTH = 'oauth_consumer_key=ck&oauth_nonce=n1&oauth_signature_method=HMAC-SHA256&oauth_timestamp='
holds(
  'netsuite',
  {
    params: { realm: null, token: null, tokenSecret: null },
    key: '{secret|encode}&{param:tokenSecret|encode}',
    signature: {
      authorization: 'OAuth',
      members: ', ',
      encoding: 'base64|encode',
      format:
        'realm="{param:realm}", oauth_consumer_key="{keyId}", oauth_token="{param:token}", oauth_signature_method="HMAC-SHA256", ' +
        'oauth_timestamp="{timestamp}", oauth_nonce="{nonce}", oauth_version="1.0", oauth_signature="{signature}"',
    },
    timestamp: { unit: 'seconds' },
    nonce: {},
    define: {
      base: '{origin}{path}',
      parameters: {
        each: 'query',
        with: {
          oauth_consumer_key: '{keyId}',
          oauth_token: '{param:token}',
          oauth_signature_method: 'HMAC-SHA256',
          oauth_timestamp: '{timestamp}',
          oauth_nonce: '{nonce}',
          oauth_version: '1.0',
        },
        encode: 'rfc3986',
        sort: 'name-value',
        item: '{name}={value}',
        join: '&',
      },
    },
    message: '{method}&{base|encode}&{parameters|encode}',
    allowUnboundBody: 'OAuth 1.0a signs no body that is not a form',
  },
  encodeURIComponent(
    hmac(
      'sha256',
      `${KEY}&ts`,
      ['POST', `${ORIGIN}/restlet.nl`, `deploy=1&${OAUTH}${SECONDS}&oauth_token=tk&oauth_version=1.0&script=6`]
        .map(encodeURIComponent)
        .join('&'),
      'base64',
    ),
  ),
  {
    request: { url: `${ORIGIN}/restlet.nl?script=6&deploy=1` },
    keyId: 'ck',
    use: { nonce: 'n1' },
    set: { params: { realm: '123', token: 'tk', tokenSecret: 'ts' }, publicOrigin: ORIGIN },
    open: 'body content-type',
  },
)

// Robokassa, ResultURL: parameters of the shop behind the password, each with a colon in front
holds(
  'robokassa',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'SignatureValue', encoding: 'hex|upper' },
    define: { own: { each: 'form', prefix: 'Shp_', sort: 'name', item: ':{name}={value}', join: '' } },
    message: '{form:OutSum}:{form:InvId}:{secret}{own}',
    ambiguous: 'a value can hold a colon',
  },
  digest('md5', `100.00:7:${KEY}:Shp_a=1:Shp_b=x`).toUpperCase(),
  { request: form('OutSum=100.00&InvId=7&Shp_b=x&Shp_a=1'), dated: false, open: FORM_ALONE },
)

// Skrill: the hash of the secret word, in capitals, inside the text
holds(
  'skrill',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'md5sig', encoding: 'hex|upper' },
    message: '{form:merchant_id}{form:transaction_id}{secret|md5|hex|upper}{form:mb_amount}{form:mb_currency}{form:status}',
    ambiguous: 'nothing separates the values',
  },
  digest('md5', `4637827A205220${digest('md5', KEY).toUpperCase()}9.99EUR2`).toUpperCase(),
  {
    request: form('merchant_id=4637827&transaction_id=A205220&mb_amount=9.99&mb_currency=EUR&status=2&pay_to_email=a%40b.c'),
    dated: false,
    open: `${FORM_ALONE} body`,
  },
)

// YooMoney, HTTP notifications: the secret between the values
holds(
  'yoomoney',
  {
    ...PLAIN,
    algorithm: 'sha1',
    signature: { form: 'sha1_hash' },
    message:
      '{form:notification_type}&{form:operation_id}&{form:amount}&{form:currency}&{form:datetime}&{form:sender}&{form:codepro}&{secret}&{form:label?}',
    ambiguous: 'a value can hold &',
  },
  digest('sha1', `p2p-incoming&1234567&300.00&643&2011-07-01T09:00:00.000+04:00&41001XXXXXXXX&false&${KEY}&`),
  {
    request: form(
      'notification_type=p2p-incoming&operation_id=1234567&amount=300.00&currency=643&datetime=2011-07-01T09%3A00%3A00.000%2B04%3A00&sender=41001XXXXXXXX&codepro=false',
    ),
    dated: false,
    open: FORM_ALONE,
  },
)

// Nuvei, DMN: the secret in front
holds(
  'nuvei-dmn',
  {
    ...PLAIN,
    signature: { query: 'advanceResponseChecksum' },
    timestamp: { query: 'responseTimeStamp', unit: 'YYYY-MM-DD.HH:mm:ss' },
    message: '{secret}{query:totalAmount}{query:currency}{timestamp}{query:PPP_TransactionID}{query:Status}{query:productId}',
    ambiguous: 'nothing separates the values',
  },
  digest('sha256', `${KEY}115USD2026-01-15.12:00:008211APPROVEDp1`),
  {
    request: get('/dmn?totalAmount=115&currency=USD&PPP_TransactionID=8211&Status=APPROVED&productId=p1'),
    ...NO_BODY,
    open: 'method path',
  },
)

// Paysera: the data are base64 of a query
holds(
  'paysera',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'ss1' },
    fields: { data: { query: 'data' } },
    message: '{data}{secret}',
  },
  digest('md5', `b3JkZXJpZD03${KEY}`),
  { request: get('/callback?data=b3JkZXJpZD03'), ...NO_BODY, dated: false, open: 'method path' },
)

// PayTabs, return: PHP's http_build_query of the sorted fields that are not empty
holds(
  'paytabs-return',
  {
    signature: { form: 'signature' },
    message: { each: 'form', skipEmpty: true, encode: 'form', sort: 'name', item: '{name}={value}', join: '&' },
  },
  hmac('sha256', KEY, 'cartId=cart%231&respMessage=A+B&respStatus=A'),
  { request: form('respStatus=A&cartId=cart%231&respMessage=A+B&token='), dated: false, open: `${FORM_ALONE} body` },
)

// Amazon Payment Services (PayFort): the phrase in front and behind
holds(
  'payfort',
  {
    ...PLAIN,
    signature: { json: '/signature' },
    define: { pairs: { each: 'json', sort: 'name', item: '{name}={value}', join: '' } },
    message: '{secret}{pairs}{secret}',
    ambiguous: 'nothing separates the pairs',
  },
  digest('sha256', `${KEY}access_code=SILgpo7pWbmzuURp2qriamount=1000command=PURCHASE${KEY}`),
  {
    request: { body: '{"command":"PURCHASE","amount":"1000","access_code":"SILgpo7pWbmzuURp2qri"}' },
    dated: false,
    open: UNSIGNED,
  },
)

// Korapay: the data alone, as JSON
holds(
  'korapay',
  { signature: { header: 'x-korapay-signature' }, message: '{json:/data}' },
  hmac('sha256', KEY, '{"amount":1000,"reference":"r1"}'),
  { request: { body: '{"event":"charge.success","data":{"amount":1000,"reference":"r1"}}' }, dated: false, open: `${UNSIGNED} body` },
)

// A gateway that signs JSON numbers as they were sent
holds(
  'gateway-of-decimals',
  {
    signature: { header: 'x-sign', encoding: 'hex|upper' },
    message: { each: 'json', spelt: true, sort: 'name', skipEmpty: true, item: '{name}={value}', join: '&' },
    ambiguous: 'a value can hold &',
  },
  hmac('sha256', KEY, 'amount=10.50&items=[{"price":1.00}]&orderNo=7').toUpperCase(),
  { request: { body: '{"orderNo":7,"amount":10.50,"items":[{"price":1.00}],"note":""}' }, dated: false, open: `${UNSIGNED} body` },
)

// Unity Ads, server-to-server callbacks: sorted pairs with commas, HMAC-MD5
holds(
  'unity-ads',
  {
    algorithm: 'md5',
    signature: { query: 'hmac' },
    message: { each: 'query', sort: 'name', item: '{name}={value}', join: ',' },
    ambiguous: 'a value can hold a comma',
  },
  hmac('md5', KEY, 'oid=o1,productid=1234,sid=u1'),
  { request: get('/reward?productid=1234&sid=u1&oid=o1'), ...NO_BODY, dated: false, open: 'method path' },
)

// last.fm: MD5 of sorted names and values and the secret
holds(
  'lastfm',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'api_sig' },
    define: { pairs: { each: 'query', except: ['format', 'callback'], sort: 'name', item: '{name}{value}', join: '' } },
    message: '{pairs}{secret}',
    ambiguous: 'nothing separates names and values',
  },
  digest('md5', `api_keyk1methodauth.getSessiontokent1${KEY}`),
  { request: get('/2.0/?method=auth.getSession&api_key=k1&token=t1&format=json'), ...NO_BODY, dated: false, open: 'method path query' },
)

// CDN77, secure tokens: token and deadline in the first segment of the path
holds(
  'cdn77',
  {
    ...PLAIN,
    algorithm: 'md5',
    params: { life: '3600' },
    signature: { path: '/{signature},{expires}/{file}', encoding: 'base64urlPadded' },
    fields: { expires: { unit: 'seconds', param: 'life' }, file: { write: '{path|strip:/}' } },
    message: '{expires}/{file}{secret}',
  },
  Buffer.from(digest('md5', `${Number(SECONDS) + 3600}/video/a.mp4${KEY}`), 'hex')
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_'),
  { request: get('/video/a.mp4'), open: 'method' },
)

// Cloudflare, token authentication in WAF rules: time and MAC in one parameter
holds(
  'cloudflare-token',
  {
    signature: { query: 'verify', format: '{timestamp}-{signature}', encoding: 'base64' },
    timestamp: { unit: 'seconds', toleranceSeconds: 3600 },
    message: '{path}{timestamp}',
  },
  `${SECONDS}-${hmac('sha256', KEY, `/download/cat.jpg${SECONDS}`, 'base64')}`,
  { request: get('/download/cat.jpg'), open: 'method' },
)

// nginx, secure_link_md5 "$secure_link_expires$uri secret"
holds(
  'nginx-secure-link',
  {
    ...PLAIN,
    algorithm: 'md5',
    params: { life: '3600' },
    signature: { query: 'md5', encoding: 'base64url' },
    fields: { expires: { query: 'expires', unit: 'seconds', param: 'life' } },
    message: '{expires}{path} {secret}',
  },
  digest('md5', `${Number(SECONDS) + 3600}/s/link ${KEY}`, 'base64url'),
  { request: get('/s/link'), open: 'method' },
)

// Sumsub, webhooks: the name of the algorithm in a header of its own
holds(
  'sumsub-webhook',
  {
    algorithm: { HMAC_SHA256_HEX: 'sha256', HMAC_SHA512_HEX: 'sha512', HMAC_SHA1_HEX: 'sha1' },
    signature: { header: 'x-payload-digest' },
    fields: { algorithm: { header: 'x-payload-digest-alg' } },
    message: '{body}',
  },
  hmac('sha512', KEY, BODY),
  { use: { algorithm: 'HMAC_SHA512_HEX' }, dated: false, open: UNSIGNED },
)

// Sumsub, requests
holds(
  'sumsub-api',
  {
    signature: { header: 'x-app-access-sig' },
    timestamp: { header: 'x-app-access-ts', unit: 'seconds' },
    keyId: { header: 'x-app-token' },
    message: '{timestamp}{method}{target}{body}',
    ambiguous: 'nothing separates the address from the body',
  },
  hmac('sha256', KEY, `${SECONDS}POST/v1/orders?b=2&a=1${BODY}`),
  { keyId: 'k1', open: 'content-type' },
)

// Shufti Pro: the hash of the body and of the hash of the secret
holds(
  'shufti-pro',
  { ...PLAIN, signature: { header: 'signature' }, message: '{body}{secret|sha256|hex}' },
  digest('sha256', BODY + digest('sha256', KEY)),
  { dated: false, open: UNSIGNED },
)

// Lever: token and time out of the body
holds(
  'lever',
  {
    signature: { json: '/signature' },
    timestamp: { json: '/triggeredAt', unit: 'milliseconds', number: true },
    nonce: { json: '/token' },
    message: '{nonce}{timestamp}',
    allowUnboundBody: 'the vendor signs token and time alone',
  },
  hmac('sha256', KEY, `tok1${MS}`),
  {
    request: { body: '{"event":"candidateHired","data":{"id":"1"}}' },
    use: { nonce: 'tok1' },
    open: `${UNSIGNED} body`,
  },
)

// Veriff, GET: the id of the session out of the path
holds(
  'veriff-get',
  {
    signature: { header: 'x-hmac-signature' },
    keyId: { header: 'x-auth-client' },
    message: '{path|after:/sessions/|before:/}',
    allowUnboundBody: 'requests of this kind have none',
  },
  hmac('sha256', KEY, 'f04bdb47-d3be-4b28-b028-a652feb060b5'),
  {
    request: get('/v1/sessions/f04bdb47-d3be-4b28-b028-a652feb060b5/decision'),
    keyId: 'k1',
    ...NO_BODY,
    dated: false,
    open: 'method path',
  },
)

// Pragmatic Play: the secret behind the sorted pairs
holds(
  'pragmatic-play',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'hash' },
    define: { pairs: { each: 'form', skipEmpty: true, sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{pairs}{secret}',
    ambiguous: 'a value can hold &',
  },
  digest('md5', `providerId=pp&token=t1${KEY}`),
  { request: form('token=t1&providerId=pp'), dated: false, open: FORM_ALONE },
)

const ITEMS = Array.from({ length: 11 }, (_, i) => `payment:items:${i}:id:${i}`)

// developers.ecommpay.com, signature generation: nested names with colons, in natural order, true and false as 1 and 0
holds(
  'ecommpay',
  {
    algorithm: 'sha512',
    signature: { json: '/general/signature', encoding: 'base64' },
    message: { each: 'json', flatten: ':', booleans: ['1', '0'], sort: 'name-natural', item: '{name}:{value}', join: ';' },
    ambiguous: 'a value can hold ; and :',
  },
  hmac('sha512', KEY, `general:payment_id:X03936;general:project_id:12345;payment:amount:3550;${ITEMS.join(';')};payment:moto:0`, 'base64'),
  {
    request: {
      body: JSON.stringify({
        general: { project_id: 12345, payment_id: 'X03936' },
        payment: { moto: false, amount: 3550, items: Array.from({ length: 11 }, (_, i) => ({ id: i })) },
      }),
    },
    dated: false,
    open: UNSIGNED,
  },
)
