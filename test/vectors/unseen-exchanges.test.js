import { digest, FORM, get, hmac, holds, KEY, MS, SECONDS, UUID } from './attacked.js'

/**
 * Private requests of trading venues that are no presets, written from LANGUAGE.md and from what their public API pages, and the clients
 * that ccxt has for them, sign. node:crypto makes each MAC over the message as it stands there.
 */
const ORDER = '{"symbol":"BTCUSDT","qty":"1.50"}'
const post = (url, body = ORDER, headers = { 'content-type': 'application/json' }) => ({
  url: `https://api.example.com${url}`,
  headers,
  body,
})
const base64 = (text) => Buffer.from(text).toString('base64')
const time = (header, more = {}) => ({ header, unit: 'milliseconds', ...more })
const AMBIGUOUS = 'nothing stands between path and body'

// github.com/bitbankinc/bitbank-api-docs, rest-api.md, Authorization: time and how long the request is taken, then body or target
const BITBANK = {
  signature: { header: 'access-signature' },
  timestamp: time('access-request-time', { toleranceSeconds: 60 }),
  keyId: { header: 'access-key' },
  fields: { window: { header: 'access-time-window', write: '5000' } },
  message: { choose: [{ when: { method: 'POST' }, use: '{timestamp}{window}{body}' }, { use: '{timestamp}{window}{target}' }] },
  ambiguous: 'a path can be a body',
}
holds('bitbank', BITBANK, hmac('sha256', KEY, `${MS}5000${ORDER}`), {
  request: post('/v1/user/spot/order'),
  keyId: 'k1',
  open: 'content-type path',
})
holds('bitbank-get', BITBANK, hmac('sha256', KEY, `${MS}5000/v1/user/assets?a=1`), {
  request: get('/v1/user/assets?a=1'),
  keyId: 'k1',
  open: 'method',
})

// bitbns, createPayload: the body is a text inside the JSON that is sent as a header
const BITBNS = base64(JSON.stringify({ timeStamp_nonce: MS, body: ORDER }))
holds(
  'bitbns',
  {
    algorithm: 'sha512',
    signature: { header: 'x-bitbns-signature' },
    keyId: { header: 'x-bitbns-apikey' },
    nonce: { from: '{payload|fromBase64|json:/timeStamp_nonce}', as: 'digits' },
    fields: {
      payload: { header: 'x-bitbns-payload', write: '{text|utf8|base64}' },
      content: { from: '{payload|fromBase64|json:/body}', value: '{body|text}' },
    },
    define: { text: '{{"timeStamp_nonce":"{nonce}","body":{body|quote}}}' },
    message: '{payload}',
  },
  hmac('sha512', KEY, BITBNS),
  { request: post('/api/trade/v1/orders'), keyId: 'k1', use: { nonce: MS }, dated: false, open: 'content-type method path' },
)

// www.bitstamp.net/api, request v2: the key with its word, the host, the media type where there is one
const BITSTAMP = {
  signature: { header: 'x-auth-signature' },
  keyId: { header: 'x-auth', format: 'BITSTAMP {keyId}' },
  nonce: { header: 'x-auth-nonce', as: 'uuid' },
  timestamp: time('x-auth-timestamp'),
  fields: { version: { header: 'x-auth-version', value: 'v2' } },
  message: 'BITSTAMP {keyId}{method}{host}{target}{header:content-type?}{nonce}{timestamp}{version}{body}',
  ambiguous: 'everything is joined with nothing between',
}
holds(
  'bitstamp-v2',
  BITSTAMP,
  hmac('sha256', KEY, `BITSTAMP k1POSTapi.example.com/api/v2/buy/btcusd/${FORM['content-type']}${UUID}${MS}v2amount=1`),
  { request: post('/api/v2/buy/btcusd/', 'amount=1', { ...FORM, host: 'api.example.com' }), keyId: 'k1', use: { nonce: UUID } },
)

// docs.blofin.com, signature: the base64 of hex, of path before method
holds(
  'blofin',
  {
    signature: { header: 'access-sign', encoding: 'hex|utf8|base64' },
    timestamp: time('access-timestamp'),
    nonce: { header: 'access-nonce', as: 'uuid' },
    keyId: { header: 'access-key' },
    message: '{target}{method}{timestamp}{nonce}{body}',
    ambiguous: AMBIGUOUS,
  },
  base64(hmac('sha256', KEY, `/api/v1/trade/orderPOST${MS}${UUID}${ORDER}`)),
  { request: post('/api/v1/trade/order'), keyId: 'k1', use: { nonce: UUID }, open: 'content-type' },
)

// blog.btcbox.jp/en/archives/8762: the key is the hex MD5 of the secret
holds(
  'btcbox',
  {
    key: '{secret|md5|hex}',
    signature: { form: 'signature' },
    keyId: { form: 'key' },
    nonce: { form: 'nonce', as: 'digits' },
    define: { pairs: { each: 'form', decode: false, item: '{name}={value}', join: '&' } },
    message: '{pairs}',
  },
  hmac('sha256', digest('md5', KEY), `coin=btc&nonce=${MS}&key=k1`),
  {
    request: post('/api/v1/trade_add', 'coin=btc', FORM),
    keyId: 'k1',
    use: { nonce: MS },
    dated: false,
    open: 'method path',
  },
)

// api.exchange.bullish.com/docs, HMAC: a POST signs the hex of a hash, a GET the text
const BULLISH = {
  signature: { header: 'bx-signature' },
  timestamp: time('bx-timestamp'),
  nonce: { header: 'bx-nonce', as: 'digits' },
  define: { all: '{timestamp}{nonce}{method}{path}{body}' },
  message: { choose: [{ when: { method: 'GET' }, use: '{timestamp}{nonce}{method}{path}' }, { use: '{all|sha256|hex}' }] },
  ambiguous: AMBIGUOUS,
}
holds('bullish', BULLISH, hmac('sha256', KEY, digest('sha256', `${MS}17POST/trading-api/v2/orders${ORDER}`)), {
  request: post('/trading-api/v2/orders'),
  use: { nonce: '17' },
  open: 'content-type',
})
holds('bullish-login', BULLISH, hmac('sha256', KEY, `${MS}17GET/trading-api/v1/users/hmac/login`), {
  request: get('/trading-api/v1/users/hmac/login'),
  use: { nonce: '17' },
})

// api.hitbtc.com, HS256: everything is one base64 text in Authorization
holds(
  'hitbtc',
  {
    signature: { authorization: 'HS256', wrapped: 'base64', format: '{keyId}:{signature}:{timestamp}' },
    timestamp: { unit: 'milliseconds' },
    message: '{method}{target}{body}{timestamp}',
    ambiguous: AMBIGUOUS,
  },
  `HS256 ${base64(`k1:${hmac('sha256', KEY, `POST/api/3/spot/order${ORDER}${MS}`)}:${MS}`)}`,
  { request: post('/api/3/spot/order'), keyId: 'k1', open: 'content-type' },
)

// www.lbank.com/docs, HmacSHA256: header values among the sorted form fields, and the upper-case MD5 of them is signed
const LBANK = digest('md5', `api_key=k1&echostr=${UUID}&signature_method=HmacSHA256&symbol=btc_usdt&timestamp=${MS}`).toUpperCase()
holds(
  'lbank',
  {
    signature: { form: 'sign' },
    timestamp: time('timestamp'),
    nonce: { header: 'echostr', as: 'uuid' },
    keyId: { form: 'api_key' },
    fields: { kind: { header: 'signature_method', value: 'HmacSHA256' } },
    define: {
      pairs: {
        each: 'form',
        with: { echostr: '{nonce}', signature_method: '{kind}', timestamp: '{timestamp}' },
        sort: 'name',
        item: '{name}={value}',
        join: '&',
      },
    },
    message: '{pairs|md5|hex|upper}',
    ambiguous: 'values are not encoded',
  },
  hmac('sha256', KEY, LBANK),
  { request: post('/v2/supplement/create_order.do', 'symbol=btc_usdt', FORM), keyId: 'k1', use: { nonce: UUID }, open: 'method path' },
)

// docs.p2pb2b.com, HTTP authorization: the body has to name the path, and the header is the body
holds(
  'p2b',
  {
    algorithm: 'sha512',
    signature: { header: 'x-txc-signature' },
    keyId: { header: 'x-txc-apikey' },
    nonce: { json: '/nonce', as: 'digits' },
    fields: { payload: { header: 'x-txc-payload', value: '{body|base64}' }, request: { json: '/request', value: '{path}' } },
    message: '{payload}',
  },
  hmac('sha512', KEY, base64(`{"market":"BTC_USD","nonce":"${MS}","request":"/api/v2/order/new"}`)),
  {
    request: post('/api/v2/order/new', '{"market":"BTC_USD"}'),
    keyId: 'k1',
    use: { nonce: MS },
    dated: false,
    open: 'content-type method',
  },
)

// api-docs.poloniex.com/spot, authentication: other words for a body, for none, and for a GET
const POLONIEX = {
  signature: { header: 'signature', encoding: 'base64' },
  timestamp: time('signtimestamp'),
  keyId: { header: 'key' },
  define: {
    pairs: { each: 'query', with: { signTimestamp: '{timestamp}' }, sort: 'name', encode: 'rfc3986', item: '{name}={value}', join: '&' },
  },
  message: {
    choose: [
      { when: { method: 'GET' }, use: '{method}\n{path}\n{pairs}' },
      { when: { body: true }, use: '{method}\n{path}\nrequestBody={body}&signTimestamp={timestamp}' },
      { use: '{method}\n{path}\nsignTimestamp={timestamp}' },
    ],
  },
  ambiguous: 'of two branches one can be a body of the other',
}
holds('poloniex', POLONIEX, hmac('sha256', KEY, `POST\n/orders\nrequestBody=${ORDER}&signTimestamp=${MS}`, 'base64'), {
  request: post('/orders'),
  keyId: 'k1',
  open: 'content-type',
})
holds('poloniex-get', POLONIEX, hmac('sha256', KEY, `GET\n/orders\na=1&signTimestamp=${MS}&symbol=B%2FC`, 'base64'), {
  request: get('/orders?symbol=B%2FC&a=1'),
  keyId: 'k1',
})

// independentreserve.com/api, security: members of the JSON body behind the URL, key and nonce first
holds(
  'independent-reserve',
  {
    signature: { json: '/signature', encoding: 'hex|upper' },
    keyId: { json: '/apiKey' },
    nonce: { json: '/nonce', as: 'digits', number: true },
    define: { rest: { each: 'json', except: ['apiKey', 'nonce'], item: ',{name}={value}', join: '' } },
    message: '{url},apiKey={keyId},nonce={nonce}{rest}',
    ambiguous: 'values are not encoded',
  },
  hmac('sha256', KEY, `https://api.example.com/Private/Order,apiKey=k1,nonce=${MS},volume=1.5`).toUpperCase(),
  {
    request: post('/Private/Order', '{"volume":1.5}'),
    keyId: 'k1',
    use: { nonce: MS },
    dated: false,
    open: 'content-type method',
  },
)

// docs.hollaex.com, authentication: a deadline and no time
holds(
  'hollaex',
  {
    params: { life: '60' },
    signature: { header: 'api-signature' },
    keyId: { header: 'api-key' },
    fields: { expires: { header: 'api-expires', unit: 'seconds', param: 'life' } },
    message: '{method}{target}{expires}{body}',
    ambiguous: 'nothing stands between path and deadline',
  },
  hmac('sha256', KEY, `POST/v2/order${Number(SECONDS) + 60}${ORDER}`),
  { request: post('/v2/order'), keyId: 'k1', open: 'content-type' },
)
