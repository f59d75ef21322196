// Non-ASCII: values that a vendor publishes and signs.
import { digest, form, get, hmac, holds, KEY, NO_BODY, NOW, PLAIN, SECONDS } from './attacked.js'

/**
 * Schemes of vendors that are no presets, as one writes them who has read LANGUAGE.md once. Values that a page or a library publishes come
 * first; the others are made of what the page tells, by the hashes of Node alone.
 */
const json = (body) => ({ body: JSON.stringify(body) })
const UNDATED = { dated: false }
const JOINED = { ambiguous: 'nothing separates the values' }
const MEMBERS = { ambiguous: 'values may hold what separates them' }

// help.easyar.com, EasyAR APIKey, Signing example: names and values in a row, the secret behind them
holds(
  'easyar',
  {
    ...PLAIN,
    ...JOINED,
    signature: { json: '/signature' },
    timestamp: { json: '/timestamp', unit: 'milliseconds', number: true },
    keyId: { json: '/apiKey' },
    define: { pairs: { each: 'json', sort: 'name', item: '{name}{value}', join: '' } },
    message: '{pairs}{secret}',
  },
  'bf67314ff91f39952a267fb4bf3f9ed2b53f813cdcfba610f9d8643038a17326',
  {
    secret: 'test_api_secret',
    keyId: 'test_api_key',
    now: 1514736000000,
    request: json({ foo: 'bar', egg: 'spam' }),
    open: 'method path query content-type',
  },
)

// radekpetr.gitbooks.io/flexpay-api-v3-2-purchase, Calculating signature (Verotel): two parameters are not signed
holds(
  'verotel-flexpay',
  {
    ...PLAIN,
    ...MEMBERS,
    algorithm: 'sha1',
    signature: { query: 'signature' },
    define: { pairs: { each: 'query', except: ['email', 'oneClickToken'], sort: 'name', item: ':{name}={value}', join: '' } },
    message: '{secret}{pairs}',
  },
  'signature=3f27723dc11c49dbd01706410f44e6eeff9e8ebf',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: 'BddJxtUBkDgFB9kj7Zwguxde4gAqha',
    request: get(
      '/startorder?custom1=xxyyzz&description=Super+video+download&priceAmount=9.99&priceCurrency=USD&shopID=64233&type=purchase&version=3.2',
    ),
    open: 'method path',
  },
)

// res.easydoc.net/doc/45090039, Signature generation: sorted, the key behind it without a name
holds(
  'deposit-orders',
  {
    ...PLAIN,
    ...MEMBERS,
    algorithm: 'md5',
    signature: { form: 'sign' },
    define: { pairs: { each: 'form', skipEmpty: true, sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{pairs}{secret}',
  },
  'sign=5d50a182db6fa8a347cc85f36ca492f2',
  {
    ...UNDATED,
    secret: 'testSecretKey',
    request: form(
      'apiKey=testApiKey&customerNo=test100000&channel=bank&amount=100.00&notifyUrl=http%3A%2F%2Ftest.com%2FgetNotify&ip=127.0.0.1',
    ),
    open: 'method path query',
  },
)

// github.com/payiano/snippets, webhook-signature: nested members by name, blanks and line feeds taken out of the values
holds(
  'payiano',
  {
    ...MEMBERS,
    signature: { header: 'x-payiano-signature' },
    timestamp: { json: '/webhook_event_attempt/sent_at', unit: 'milliseconds' },
    define: {
      pairs: { each: 'json', flatten: '.', skipEmpty: true, sort: 'name', item: '{name}={value|remove: |remove:\\n}', join: '&' },
    },
    message: '{pairs}',
  },
  '7159d656803a7136be897193dd70a48ca757786d0fe3531f33a48dc17d995725',
  {
    secret: 'OWlPF9plag9KEtYvw3EM+7UDrgXb84xjZPR2TvzJM1I=',
    now: 1722572118554,
    request: {
      body:
        '{"webhook_event":{"id":"01j3521znn3b6wderr4vbyq18n","type":"company.created","version":"v1","fired_at":"1722572118554"},' +
        '"webhook_event_attempt":{"id":"01j354j6nkwh3mdvhs6dsmswt8","sent_at":"1722572118554"},"details":{"data":{"company":{"name":"Pyngy URL Shortenr",' +
        '"avatar":null,"is_active":true,"is_approved":false,"employees_count":0,"owners":[{"name":"Amgad Yassen","position":"CEO","percentage":51.5},' +
        '{"name":"Kamal Allam","position":"CEO","percentage":48.5}],"description":"A leading company providing\\n solutions for converting lengthy\\n URLs ' +
        'into short ones & simplifying online sharing!","social_urls":{"facebook_url":"https://facebook.com/pyngy","linked_in_url":null}}}}}',
    },
    // Blanks are taken out of what is signed.
    open: 'method path query content-type body',
  },
)

// github.com/rubanenkos-tadam/passenger.android.api, doc/rest/hmac.md: a date with the offset of its sender
holds(
  'passenger-android',
  {
    ...JOINED,
    key: '{secret|fromBase64}',
    signature: { header: 'authentication', format: 'hmac {keyId}:{nonce}:{signature}', encoding: 'base64' },
    nonce: { as: 'digits' },
    timestamp: { header: 'date', unit: 'ddd, DD MMM YYYY HH:mm:ss +0600@+06:00' },
    message: '{method}{path}{timestamp}{nonce}{body?|sha256|hex|prepend:\n}',
  },
  'hmac 1000007750818:737137758:J8DWmoscR3Z4+YbHvZ0D2Up/8Weh0IjXa26QVb0ihqA=',
  {
    secret: 'Jwtm8U6yV9JM3T/GfyUucUD7mRlZJbmLN0FaCrV7BIE=',
    keyId: '1000007750818',
    now: Date.UTC(2017, 0, 24, 10, 24, 27),
    use: { nonce: '737137758' },
    request: get('/api/client/mobile/1.0/history'),
  },
)

// github.com/edukey/thoughts, samples/hmac-sign.md: the body, what it is, how long it is, and the id of the request
holds(
  'edukey',
  {
    ...JOINED,
    key: '{secret|fromBase64}',
    signature: { header: 'x-signature', encoding: 'base64' },
    nonce: { header: 'x-request-id', as: 'uuid' },
    message: '{body}{header:content-type}{body|length}{nonce}',
  },
  'dD7B2f0/4pyGlR7+MIVL7jcyuCqcyyOeLLzdPwv3m1E=',
  {
    ...UNDATED,
    secret: 'GzmVoVZJQ+O4SsnRzV3//g==',
    use: { nonce: 'f058ebd6-02f7-4d3f-942e-904344e8cde5' },
    request: json({ id: 1, name: 'Gizmo', price: 1.99 }),
    open: 'method path query',
  },
)

// github.com/sbzhu/wwcustompaysignature: pairs sorted as they are printed
holds(
  'wecom-custom-pay',
  {
    ...MEMBERS,
    signature: { json: '/sig', encoding: 'base64' },
    timestamp: { json: '/ts', unit: 'seconds', number: true },
    nonce: { json: '/nonce_str', as: 'digits' },
    define: { pairs: { each: 'json', skipEmpty: true, item: '{name}={value}', sort: 'item', join: '&' } },
    message: '{pairs}',
  },
  '/WTXl/L2kJCYKJE5yY2JZvPq3rUjFf/pf39UhyJ2GUo=',
  {
    secret: 'at23pxnPBNQY3JiA8N5U1gabiQqxZwqH_Gihg7a_wrULmlOPVP-iiRjv9JWYPrDk',
    now: 1548302135000,
    use: { nonce: '129031823' },
    request: json({
      orderid: 'ord7',
      buyer_corpid: 'ww66302cfadbdd3c64',
      buyer_userid: 'invitetest',
      product_id: 'product_id_xxx',
      product_name: 'product_name_xxx',
      product_detail: 'product_detail_xxx',
      unit_name: '台',
      unit_price: 1,
      num: 3,
    }),
    open: 'method path query content-type',
  },
)

// Signatures of several keys behind one word, as tosspayments sends them (its page from memory): v1:<base64>,<base64>
holds(
  'toss-payouts',
  {
    signature: { header: 'tosspayments-webhook-signature', format: 'v1:{signature+}', list: ',', encoding: 'base64' },
    timestamp: { header: 'tosspayments-webhook-transmission-time', unit: 'rfc3339' },
    message: '{body}:{timestamp}',
  },
  `v1:${hmac('sha256', KEY, '{"eventType":"payout.changed"}:2026-01-15T12:00:00Z', 'base64')}`,
  { request: json({ eventType: 'payout.changed' }), open: 'method path query content-type' },
)

// docs.platform.sh, webhooks: a JWS whose payload is the body, neither sent nor encoded (RFC 7797)
{
  const head = Buffer.from('{"alg":"HS256","b64":false,"crit":["b64"]}').toString('base64url')
  holds(
    'platformsh',
    {
      signature: { header: 'x-jws-signature', format: '{head}..{signature}', encoding: 'base64url' },
      fields: { head: { write: '{text|utf8|base64url}' }, alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS256' } },
      define: { text: '{{"alg":"HS256","b64":false,"crit":["b64"]}}' },
      message: '{head}.{body}',
    },
    `${head}..${hmac('sha256', KEY, `${head}.{"id":"x"}`, 'base64url')}`,
    { ...UNDATED, request: json({ id: 'x' }), open: 'method path query content-type' },
  )
}

// keycdn.com/support/secure-token: the path, the secret and the end of the link
holds(
  'keycdn',
  {
    ...PLAIN,
    ...JOINED,
    algorithm: 'md5',
    signature: { query: 'token', encoding: 'base64url' },
    params: { life: '90' },
    fields: { expire: { query: 'expire', unit: 'seconds', param: 'life' } },
    message: '{path}{secret}{expire}',
  },
  `token=${digest('md5', `/path/to/file1.jpg${KEY}${Number(SECONDS) + 90}`, 'base64url')}`,
  { ...NO_BODY, request: get('/path/to/file1.jpg'), open: 'method' },
)

// github.com/Sumiza/emailtowebhook, hmac_checker.py: the time is part of the key, and the body as Python writes JSON
holds(
  'emailtowebhook',
  {
    key: '{secret}{timestamp}',
    signature: { header: 'hmac-signature' },
    timestamp: { header: 'hmac-time', unit: 'seconds' },
    message: '{body|stringify|spaced|escapeUnicode}',
  },
  hmac('sha256', KEY + SECONDS, '{"from": "J\\u00fcrgen", "n": [1, 2]}'),
  { request: { body: '{"from":"J\u00fcrgen","n":[1,2]}' }, open: 'method path query content-type' },
)

// developer-hub.paymid.com, Verify Webhook: ksort, then json_encode without escapes
holds(
  'paymid',
  { signature: { header: 'signature' }, message: '{body|stringify|sorted:outer}' },
  hmac('sha256', KEY, '{"amount":"55.00","customer":{"z":1,"a":"\u00fc/x"},"status":"failed"}'),
  {
    ...UNDATED,
    request: { body: '{"status":"failed","customer":{"z":1,"a":"\u00fc\\/x"},"amount":"55.00"}' },
    open: 'method path query content-type',
  },
)

// gateway.veritaspay.com, Signature Format: an amount with two decimals, whatever was sent
holds(
  'veritaspay',
  {
    ...PLAIN,
    ...JOINED,
    algorithm: 'md5',
    signature: { form: 'Signature' },
    params: { merchant: null },
    message: '{form:TransactionId}{form:OrderId}{form:Amount|decimals:2}{form:Status}{secret}{param:merchant}',
  },
  `Signature=${digest('md5', `t1o110.00A${KEY}m1`)}`,
  {
    ...UNDATED,
    set: { params: { merchant: 'm1' } },
    request: form('TransactionId=t1&OrderId=o1&Amount=10&Status=A'),
    open: 'method path query',
  },
)

// docs.novalnet.de, webhooks (from memory): selected members in a row, the key from its last character to its first
holds(
  'novalnet',
  {
    ...PLAIN,
    ...JOINED,
    signature: { json: '/event/checksum' },
    message:
      '{json:/event/tid}{json:/event/type}{json:/result/status}{json:/transaction/amount?}{json:/transaction/currency?}{secret|reverse}',
  },
  digest('sha256', `14000000000000001PAYMENTSUCCESS150EUR${[...KEY].reverse().join('')}`),
  {
    ...UNDATED,
    request: json({
      event: { type: 'PAYMENT', tid: '14000000000000001' },
      result: { status: 'SUCCESS' },
      transaction: { amount: 150, currency: 'EUR' },
    }),
    open: 'method path query content-type',
  },
)

// Payten's NestPay, hash version 3 (from memory of its guide): values without names, sorted in any case, "|" and "\\" escaped
holds(
  'nestpay-v3',
  {
    ...PLAIN,
    ...JOINED,
    algorithm: 'sha512',
    signature: { form: 'HASH', encoding: 'base64' },
    define: {
      values: {
        each: 'form',
        except: ['encoding'],
        sort: 'name-any-case',
        item: '{value|replace:\\\\/\\\\\\\\|replace:\\|/\\\\\\|}|',
        join: '',
      },
    },
    message: '{values}{secret|replace:\\\\/\\\\\\\\|replace:\\|/\\\\\\|}',
  },
  digest('sha512', `91.96|na\\\\me|99|a\\|b|${KEY}`, 'base64'),
  {
    ...UNDATED,
    request: form('clientid=99&oid=a%7Cb&amount=91.96&BillToName=na%5Cme&encoding=utf-8'),
    open: 'method path query body',
  },
)

// The time of a request in the nonce, and the nonce signed
holds(
  'nonce-of-the-time',
  {
    signature: { header: 'x-signature' },
    nonce: { header: 'x-nonce' },
    timestamp: { from: '{nonce|before:-}', unit: 'seconds' },
    message: '{nonce}\n{body}',
  },
  hmac('sha256', KEY, `${SECONDS}-x7kq2m9p\n{"n":1}`),
  { now: NOW, use: { nonce: `${SECONDS}-x7kq2m9p` }, request: json({ n: 1 }), open: 'method path query content-type' },
)
