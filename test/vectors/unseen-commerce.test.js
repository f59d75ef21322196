import { BODY, digest, FORM_ALONE, form, get, hmac, holds, KEY, MS, NO_BODY, ORIGIN, PLAIN, SECONDS, UNSIGNED } from './attacked.js'

/**
 * Payment gateways, shops and exchanges that are no presets, written from LANGUAGE.md. An address says where a recipe is published; most
 * of the pages were not at hand, so that it is from memory, as all without an address are. The MAC is the published one where a comment
 * says so; otherwise node:crypto makes it over the message as it stands there.
 */

// open.alitrip.com, Lazada Open Platform, HTTP request sample: the value of the page
holds(
  'lazada',
  {
    signature: { query: 'sign', encoding: 'hex|upper' },
    timestamp: { query: 'timestamp', unit: 'milliseconds' },
    keyId: { query: 'app_key' },
    define: { pairs: { each: 'query', sort: 'name', skipEmpty: true, item: '{name}{value}', join: '' } },
    message: '{path|unprefix:/rest}{pairs}',
    ambiguous: 'nothing separates names and values',
  },
  '4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A',
  {
    request: get('/rest/order/get?access_token=test&order_id=1234&sign_method=sha256'),
    now: 1517820392000,
    secret: 'helloworld',
    keyId: '123456',
    open: 'method',
  },
)

// instamojo.zendesk.com, articles/207816249, and stackoverflow.com/questions/29170175: the value there
holds(
  'instamojo-link',
  {
    algorithm: 'sha1',
    signature: { query: 'data_sign' },
    message: { each: 'query', except: ['data_readonly'], prefix: 'data_', sort: 'name-any-case', item: '{value}', join: '|' },
    ambiguous: 'names are not signed',
  },
  '676a4b5ba30e464f027249747a63ea587f8c4b9a',
  {
    request: get('/demo?data_Phone=9999999999&data_name=Aditya+Sengupta&data_email=aditya@instamojo.com&data_Amount=123.45'),
    secret: 'abcde',
    checks: { allowEmptyBody: true },
    dated: false,
    open: 'method path query',
  },
)

// developer.tbank.ru/eacq/intro/developer/token: members of the root alone, the password among them; the value is that of the page as it is remembered
holds(
  'tbank',
  {
    ...PLAIN,
    signature: { json: '/Token' },
    message: {
      each: 'json',
      scalars: true,
      with: { Password: '{secret}' },
      sort: 'name',
      item: '{value}',
      join: '',
    },
    ambiguous: 'names are not signed, and nothing separates the values',
  },
  '72dd466f8ace0a37a1f740ce5fb78101712bc0665d91a8108c7c8a0ccd426db2',
  {
    request: {
      body: '{"TerminalKey":"MerchantTerminalKey","Amount":19200,"OrderId":"00000","Description":"\u041f\u043e\u0434\u0430\u0440\u043e\u0447\u043d\u0430\u044f \u043a\u0430\u0440\u0442\u0430 \u043d\u0430 1000 \u0440\u0443\u0431\u043b\u0435\u0439","DATA":{"Phone":"+7"}}',
    },
    secret: '11111111111111',
    dated: false,
    open: `${UNSIGNED} body`,
  },
)

// docs.rapyd.net, request signatures: base64 of the hex text
holds(
  'rapyd',
  {
    signature: { header: 'signature', encoding: 'hex|utf8|base64' },
    timestamp: { header: 'timestamp', unit: 'seconds', toleranceSeconds: 60 },
    nonce: { header: 'salt', as: 'hex', random: 8 },
    keyId: { header: 'access_key' },
    message: '{method|lower}{target}{nonce}{timestamp}{keyId}{secret}{body}',
    ambiguous: 'nothing separates the parts',
  },
  Buffer.from(hmac('sha256', KEY, `post/v1/orders?b=2&a=1b35fd7f3ac2ab8ef${SECONDS}rak_1${KEY}${BODY}`)).toString('base64'),
  { keyId: 'rak_1', use: { nonce: 'b35fd7f3ac2ab8ef' }, open: 'content-type' },
)

// help.unitpay.money
holds(
  'unitpay',
  {
    ...PLAIN,
    signature: { query: 'signature' },
    message: '{query:account}{{up}}{query:currency?|append:\\{up\\}}{query:desc}{{up}}{query:sum}{{up}}{secret}',
    ambiguous: 'a value can hold the separator',
  },
  digest('sha256', `u1{up}RUB{up}shoes{up}10.00{up}${KEY}`),
  {
    request: get('/pay?account=u1&currency=RUB&desc=shoes&sum=10.00'),
    checks: { allowEmptyBody: true },
    dated: false,
    open: 'method path',
  },
)

// hub.finpay.id: the key is the hex text of the secret
holds(
  'finpay',
  {
    key: '{secret|utf8|hex}',
    signature: { json: '/signature', encoding: 'hex|upper' },
    message: { each: 'json', sort: 'name', item: '{value}', join: '' },
    ambiguous: 'names are not signed',
  },
  hmac('sha256', Buffer.from('e4siErApPs2020').toString('hex'), '08128628884420181127182011getToken20181234567890').toUpperCase(),
  {
    request: {
      body: '{"requestType":"getToken","phoneNumber":"081286288844","reqDtime":"20181127182011","transNumber":"20181234567890"}',
    },
    secret: 'e4siErApPs2020',
    dated: false,
    open: `${UNSIGNED} body`,
  },
)

// alchemypay.readme.io: timestamp, method, path of the callback, body with its members sorted
holds(
  'alchemypay',
  {
    signature: { header: 'sign', encoding: 'base64' },
    timestamp: { header: 'timestamp', unit: 'milliseconds' },
    message: '{timestamp}{method}{path}{body|jcs}',
    ambiguous: 'nothing separates the path from the body',
  },
  hmac('sha256', KEY, `${MS}POST/v1/orders{"amount":10.5,"id":"evt_1"}`, 'base64'),
  { open: 'content-type query' },
)

// dev.moonpay.com: the query of a GET with its mark, the body of others
holds(
  'moonpay-get',
  {
    signature: { header: 'moonpay-signature-v2', format: 't={timestamp},s={signature}', members: ',' },
    timestamp: { unit: 'seconds' },
    message: {
      choose: [{ when: { method: 'GET' }, use: '{timestamp}.?{query}' }, { use: '{timestamp}.{body}' }],
    },
    ambiguous: 'the method is not signed',
  },
  `s=${hmac('sha256', KEY, `${SECONDS}.?externalCustomerId=7`)}`,
  { request: get('/hook?externalCustomerId=7'), open: 'path' },
)

// docs.myfatoorah.com: key=value of the sorted members of Data, null as nothing
holds(
  'myfatoorah',
  {
    signature: { header: 'myfatoorah-signature', encoding: 'base64' },
    message: { each: 'json', at: '/Data', sort: 'name', item: '{name}={value}', join: ',' },
    ambiguous: 'a value can hold a comma',
  },
  hmac('sha256', KEY, 'CreatedDate=04032021211555,CustomerEmail=,CustomerMobile=96512345678', 'base64'),
  {
    request: { body: '{"EventType":1,"Data":{"CustomerMobile":"96512345678","CustomerEmail":null,"CreatedDate":"04032021211555"}}' },
    dated: false,
    open: `${UNSIGNED} body`,
  },
)

// docs.worldpay.com/access, account payouts: a key id, the hash's name and the signature, several with a comma between
holds(
  'worldpay-access',
  {
    algorithm: { SHA256: 'sha256', SHA512: 'sha512' },
    signature: { header: 'event-signature', format: '{keyId}/{algorithm}/{signature}', list: ',' },
    message: '{body}',
  },
  `1/SHA256/${hmac('sha256', KEY, BODY)}`,
  // A list passes over elements of another form, and the name of a hash is read in any case.
  { keyId: '1', dated: false, open: `${UNSIGNED}` },
)

// developer.vippsmobilepay.com, webhooks: the headers of Azure
holds(
  'vipps',
  {
    signature: {
      authorization: 'HMAC-SHA256',
      format: 'SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}',
      encoding: 'base64',
    },
    timestamp: { header: 'x-ms-date', unit: 'http-date' },
    fields: { hash: { header: 'x-ms-content-sha256', value: '{body|sha256|base64}' } },
    message: '{method}\n{target}\n{timestamp};{host};{hash}',
  },
  hmac(
    'sha256',
    KEY,
    `POST\n/v1/orders?b=2&a=1\nThu, 15 Jan 2026 12:00:00 GMT;api.example.com;${digest('sha256', BODY, 'base64')}`,
    'base64',
  ),
  { open: 'content-type' },
)

// freedompay.uz: the hash of the body and the secret
holds('freedompay-cards', { ...PLAIN, signature: { header: 'sign' }, message: '{body}{secret}' }, digest('sha256', BODY + KEY), {
  dated: false,
  open: UNSIGNED,
})

// open.shopee.com, public APIs: partner id, path and timestamp
holds(
  'shopee',
  {
    signature: { query: 'sign' },
    timestamp: { query: 'timestamp', unit: 'seconds' },
    keyId: { query: 'partner_id' },
    message: '{keyId}{path}{timestamp}{query:access_token?}{query:shop_id?}',
    ambiguous: 'nothing separates the token from the shop',
    allowUnboundBody: 'the vendor does not sign it',
  },
  hmac('sha256', KEY, `2001887/api/v2/shop/get${SECONDS}tok14701711`),
  {
    request: get('/api/v2/shop/get?access_token=tok&shop_id=14701711'),
    keyId: '2001887',
    open: 'method',
  },
)

// open.shopee.com, push: the address and the body
holds(
  'shopee-push',
  { signature: { header: 'authorization' }, message: '{url}|{body}', ambiguous: 'an address can hold |' },
  hmac('sha256', KEY, `${ORIGIN}/v1/orders?b=2&a=1|${BODY}`),
  { set: { publicOrigin: ORIGIN }, dated: false, open: 'content-type method' },
)

// partner.temu.com, open.pinduoduo.com: the secret in front and behind, MD5 in capitals
holds(
  'pinduoduo',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'sign', encoding: 'hex|upper' },
    timestamp: { form: 'timestamp', unit: 'seconds' },
    define: { pairs: { each: 'form', sort: 'name', item: '{name}{value}', join: '' } },
    message: '{secret}{pairs}{secret}',
    ambiguous: 'nothing separates names and values',
  },
  digest('md5', `${KEY}client_idc1goods_id7timestamp${SECONDS}typepdd.goods.get${KEY}`).toUpperCase(),
  { request: form('type=pdd.goods.get&client_id=c1&goods_id=7'), open: FORM_ALONE },
)

// developers.squarespace.com, webhooks: the key is hex
holds(
  'squarespace',
  { key: '{secret|fromHex}', signature: { header: 'squarespace-signature' }, message: '{body}' },
  hmac('sha256', Buffer.from('00112233445566778899aabbccddeeff', 'hex'), BODY),
  { secret: '00112233445566778899aabbccddeeff', dated: false, open: UNSIGNED },
)

// docs.ecwid.com, webhooks
holds(
  'ecwid',
  {
    signature: { header: 'x-ecwid-webhook-signature', encoding: 'base64' },
    timestamp: { json: '/eventCreated', unit: 'seconds', number: true },
    nonce: { json: '/eventId' },
    message: '{timestamp}.{nonce}',
    allowUnboundBody: 'the vendor signs the time and the id alone',
  },
  hmac('sha256', KEY, `${SECONDS}.80aece08-40e8-4145-8764-6c2f0d38678`, 'base64'),
  {
    request: {
      body: `{"eventId":"80aece08-40e8-4145-8764-6c2f0d38678","eventCreated":${SECONDS},"storeId":1003,"eventType":"order.updated"}`,
    },
    use: { nonce: '80aece08-40e8-4145-8764-6c2f0d38678' },
    open: `${UNSIGNED} body`,
  },
)

// dev.paytr.com, callback: the salt is part of the message
holds(
  'paytr',
  {
    params: { salt: null },
    signature: { form: 'hash', encoding: 'base64' },
    message: '{form:merchant_oid}{param:salt}{form:status}{form:total_amount}',
    ambiguous: 'nothing separates the values',
  },
  hmac('sha256', KEY, 'o7salt-1success3456', 'base64'),
  {
    request: form('merchant_oid=o7&status=success&total_amount=3456'),
    set: { params: { salt: 'salt-1' } },
    dated: false,
    open: FORM_ALONE,
  },
)

// docs.midtrans.com, notifications
holds(
  'midtrans',
  {
    ...PLAIN,
    algorithm: 'sha512',
    signature: { json: '/signature_key' },
    message: '{json:/order_id}{json:/status_code}{json:/gross_amount}{secret}',
    ambiguous: 'nothing separates the values',
  },
  digest('sha512', `o-72001000.00${KEY}`),
  {
    request: { body: '{"order_id":"o-7","status_code":"200","gross_amount":"1000.00","currency":"IDR"}' },
    dated: false,
    open: `${UNSIGNED} body`,
  },
)

// developer.phonepe.com: X-VERIFY
holds(
  'phonepe',
  {
    ...PLAIN,
    params: { index: '1' },
    signature: { header: 'x-verify', format: '{signature}###{index}' },
    fields: { index: { param: 'index' }, request: { json: '/request' } },
    message: '{request}{path}{secret}',
    ambiguous: 'nothing separates the payload from the path',
  },
  `${digest('sha256', `eyJhIjoxfQ==/pg/v1/pay${KEY}`)}###1`,
  { request: { url: `${ORIGIN}/pg/v1/pay`, body: '{"request":"eyJhIjoxfQ=="}' }, dated: false, open: 'content-type method' },
)

// docs.cashfree.com, webhooks
holds(
  'cashfree',
  {
    signature: { header: 'x-webhook-signature', encoding: 'base64' },
    timestamp: { header: 'x-webhook-timestamp', unit: 'milliseconds' },
    message: '{timestamp}{body}',
  },
  hmac('sha256', KEY, MS + BODY, 'base64'),
  { open: UNSIGNED },
)

// developers.liqpay.ua: base64(sha1(private_key + data + private_key))
holds(
  'liqpay',
  {
    ...PLAIN,
    algorithm: 'sha1',
    signature: { form: 'signature', encoding: 'base64' },
    fields: { data: { form: 'data' } },
    message: '{secret}{data}{secret}',
  },
  digest('sha1', `${KEY}eyJ2ZXJzaW9uIjozfQ==${KEY}`, 'base64'),
  { request: form('data=eyJ2ZXJzaW9uIjozfQ%3D%3D'), dated: false, open: FORM_ALONE },
)

// docs.fondy.eu: the password in front, values of non-empty parameters sorted by name
holds(
  'fondy',
  {
    ...PLAIN,
    algorithm: 'sha1',
    signature: { json: '/request/signature' },
    define: { values: { each: 'json', at: '/request', skipEmpty: true, sort: 'name', item: '{value}', join: '|' } },
    message: '{secret}|{values}',
    ambiguous: 'names are not signed',
  },
  digest('sha1', `${KEY}|1000|USD|1396424|o7`),
  {
    request: { body: '{"request":{"order_id":"o7","merchant_id":"1396424","currency":"USD","amount":1000,"order_desc":""}}' },
    dated: false,
    open: `${UNSIGNED} body`,
  },
)

// imoje.pl
holds(
  'imoje',
  {
    ...PLAIN,
    algorithm: { sha224: 'sha224', sha256: 'sha256', sha384: 'sha384', sha512: 'sha512' },
    signature: {
      header: 'x-imoje-signature',
      format: 'merchantid={keyId};serviceid={service};signature={signature};alg={algorithm}',
      members: ';',
    },
    fields: { service: { write: 's1' } },
    message: '{body}{secret}',
  },
  `signature=${digest('sha256', BODY + KEY)};alg=sha256`,
  { keyId: 'm1', use: { algorithm: 'sha256' }, dated: false, open: `${UNSIGNED} x-imoje-signature` },
)

// docs.datatrans.ch: the key is hex
holds(
  'datatrans',
  {
    key: '{secret|fromHex}',
    signature: { header: 'datatrans-signature', format: 't={timestamp},s0={signature}', members: ',' },
    timestamp: { unit: 'milliseconds' },
    message: '{timestamp}{body}',
  },
  hmac('sha256', Buffer.from(KEY.repeat(2)), MS + BODY),
  { secret: Buffer.from(KEY.repeat(2)).toString('hex'), open: UNSIGNED },
)

// Ogone, SHA-OUT: NAME=value and the passphrase behind each, names in capitals
holds(
  'ogone-sha-out',
  {
    ...PLAIN,
    algorithm: 'sha512',
    signature: { query: 'SHASIGN', encoding: 'hex|upper' },
    message: { each: 'query', skipEmpty: true, sort: 'name-any-case', item: '{name|upper}={value}{secret}', join: '' },
    ambiguous: 'a value can hold the passphrase',
  },
  digest('sha512', `AMOUNT=15${KEY}CURRENCY=EUR${KEY}ORDERID=7${KEY}`).toUpperCase(),
  { request: get('/return?orderID=7&currency=EUR&amount=15&NCERROR='), ...NO_BODY, dated: false, open: 'method path query' },
)

// Worldline SIPS: Seal over Data
holds(
  'sips',
  {
    signature: { form: 'Seal' },
    fields: { data: { form: 'Data' }, version: { form: 'InterfaceVersion', write: 'HP_2.20' } },
    message: '{data}',
  },
  hmac('sha256', KEY, 'amount=100|currencyCode=978'),
  { request: form('Data=amount%3D100%7CcurrencyCode%3D978'), dated: false, open: `${FORM_ALONE} body` },
)

// mercadopago.com, webhooks: a text of what is there
holds(
  'mercado-pago',
  {
    signature: { header: 'x-signature', format: 'ts={timestamp},v1={signature}', members: ',' },
    timestamp: { unit: 'seconds' },
    nonce: { header: 'x-request-id', as: 'uuid' },
    message: '{query:data.id?|lower|prepend:id:|append:;}request-id:{nonce};ts:{timestamp};',
    allowUnboundBody: 'the vendor signs the id of the payment alone',
  },
  hmac('sha256', KEY, `id:123a;request-id:8f14e45f-ceea-4672-a2b1-0c1f2d3e4b5a;ts:${SECONDS};`),
  {
    request: { url: `${ORIGIN}/hook?data.id=123A&type=payment`, headers: {}, body: BODY },
    use: { nonce: '8f14e45f-ceea-4672-a2b1-0c1f2d3e4b5a' },
    open: 'method path query body',
  },
)

// docs.dlocal.com
holds(
  'dlocal',
  {
    signature: { header: 'authorization', format: 'V2-HMAC-SHA256, Signature: {signature}' },
    keyId: { header: 'x-login' },
    timestamp: { header: 'x-date', unit: 'rfc3339-ms' },
    message: '{keyId}{timestamp}{body}',
    ambiguous: 'nothing separates the login from the date',
  },
  hmac('sha256', KEY, `login-12026-01-15T12:00:00.000Z${BODY}`),
  { keyId: 'login-1', open: UNSIGNED },
)

// ePayco, confirmation
holds(
  'epayco',
  {
    ...PLAIN,
    params: { customer: null },
    signature: { form: 'x_signature' },
    message: '{param:customer}^{secret}^{form:x_ref_payco}^{form:x_transaction_id}^{form:x_amount}^{form:x_currency_code}',
    ambiguous: 'a value can hold ^',
  },
  digest('sha256', `c1^${KEY}^r1^t1^1000^COP`),
  {
    request: form('x_ref_payco=r1&x_transaction_id=t1&x_amount=1000&x_currency_code=COP'),
    set: { params: { customer: 'c1' } },
    dated: false,
    open: FORM_ALONE,
  },
)

// flow.cl: the sorted names and values one behind the other
holds(
  'flow-cl',
  {
    signature: { form: 's' },
    message: { each: 'form', sort: 'name', item: '{name}{value}', join: '' },
    ambiguous: 'nothing separates them',
  },
  hmac('sha256', KEY, 'amount5000apiKeyk1currencyCLP'),
  { request: form('apiKey=k1&currency=CLP&amount=5000'), dated: false, open: FORM_ALONE },
)

// developer.authorize.net: the key is hex, 128 characters
holds(
  'authorize-net',
  {
    key: '{secret|fromHex}',
    algorithm: 'sha512',
    signature: { header: 'x-anet-signature', format: 'sha512={signature}', encoding: 'hex|upper' },
    message: '{body}',
  },
  hmac('sha512', Buffer.alloc(64, 7), BODY).toUpperCase(),
  { secret: Buffer.alloc(64, 7).toString('hex'), dated: false, open: UNSIGNED },
)

// Braintree, webhooks: bt_payload is signed under the SHA-1 of the private key, behind the public key
holds(
  'braintree',
  {
    algorithm: 'sha1',
    key: '{secret|sha1}',
    signature: { form: 'bt_signature', format: '{keyId}|{signature}', list: '&' },
    message: '{form:bt_payload}',
  },
  hmac('sha1', Buffer.from(digest('sha1', KEY), 'hex'), 'eyJraW5kIjoiY2hlY2sifQ==\n'),
  { request: form('bt_payload=eyJraW5kIjoiY2hlY2sifQ%3D%3D%0A'), keyId: 'pub1', dated: false, open: FORM_ALONE },
)

// developers.afterpay.com
holds(
  'afterpay',
  {
    signature: { header: 'x-afterpay-request-signature', encoding: 'base64' },
    timestamp: { header: 'x-afterpay-request-date', unit: 'seconds' },
    message: '{url}\n{timestamp}\n{body}',
  },
  hmac('sha256', KEY, `${ORIGIN}/v1/orders?b=2&a=1\n${SECONDS}\n${BODY}`, 'base64'),
  { set: { publicOrigin: ORIGIN }, open: 'content-type method' },
)

// docs.kraken.com, spot REST: HMAC-SHA512 of the path and of the SHA-256 of nonce and form, under the decoded secret: the values of the page
holds(
  'kraken-spot',
  {
    algorithm: 'sha512',
    key: '{secret|fromBase64}',
    signature: { header: 'api-sign', encoding: 'base64' },
    keyId: { header: 'api-key' },
    nonce: { form: 'nonce', as: 'digits' },
    define: { post: '{nonce}{body}' },
    message: '{path}{post|sha256}',
    ambiguous: 'nothing separates the nonce from the form, which holds it too',
  },
  '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==',
  {
    request: {
      url: `${ORIGIN}/0/private/AddOrder`,
      ...form('nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25'),
    },
    secret: 'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==',
    keyId: 'k1',
    use: { nonce: '1616492376594' },
    dated: false,
    open: 'method',
  },
)

// bybit-exchange.github.io, v5
holds(
  'bybit-v5',
  {
    signature: { header: 'x-bapi-sign' },
    timestamp: { header: 'x-bapi-timestamp', unit: 'milliseconds', toleranceSeconds: 5 },
    keyId: { header: 'x-bapi-api-key' },
    fields: { window: { header: 'x-bapi-recv-window', write: '5000' } },
    message: '{timestamp}{keyId}{window}{query}{body}',
    ambiguous: 'nothing separates the parts',
  },
  hmac('sha256', KEY, `${MS}k15000category=linear`),
  { request: get('/v5/order?category=linear'), keyId: 'k1', open: 'method path' },
)

// docs.bitfinex.com
holds(
  'bitfinex-v2',
  {
    algorithm: 'sha384',
    signature: { header: 'bfx-signature' },
    nonce: { header: 'bfx-nonce', as: 'digits' },
    keyId: { header: 'bfx-apikey' },
    message: '/api{path}{nonce}{body}',
    ambiguous: 'nothing separates the path from the nonce',
  },
  hmac('sha384', KEY, `/api/v2/auth/r/orders1768478400000${BODY}`),
  { request: { url: `${ORIGIN}/v2/auth/r/orders` }, keyId: 'k1', use: { nonce: MS }, dated: false, open: 'content-type method' },
)

// cryptomus.com: MD5 of the base64 of the body and the key
holds(
  'cryptomus',
  { ...PLAIN, algorithm: 'md5', signature: { header: 'sign' }, keyId: { header: 'merchant' }, message: '{body|base64}{secret}' },
  digest('md5', Buffer.from(BODY).toString('base64') + KEY),
  { keyId: 'm1', dated: false, open: UNSIGNED },
)

// nowpayments.io, IPN: the JSON with its members sorted
holds(
  'nowpayments',
  { algorithm: 'sha512', signature: { header: 'x-nowpayments-sig' }, message: '{body|jcs}' },
  hmac('sha512', KEY, '{"amount":10.5,"id":"evt_1"}'),
  { dated: false, open: UNSIGNED },
)

// docs.bitso.com
holds(
  'bitso',
  {
    signature: { authorization: 'Bitso', format: '{keyId}:{nonce}:{signature}' },
    nonce: { as: 'digits' },
    message: '{nonce}{method}{target}{body}',
    ambiguous: 'nothing separates the address from the body',
  },
  hmac('sha256', KEY, `${MS}POST/v1/orders?b=2&a=1${BODY}`),
  { keyId: 'k1', use: { nonce: MS }, dated: false, open: 'content-type' },
)

// docs.coindcx.com: the body holds the time
holds(
  'coindcx',
  {
    signature: { header: 'x-auth-signature' },
    keyId: { header: 'x-auth-apikey' },
    timestamp: { json: '/timestamp', unit: 'milliseconds', number: true },
    message: '{body}',
  },
  hmac('sha256', KEY, `{"side":"buy","timestamp":${MS}}`),
  { request: { body: `{"side":"buy","timestamp":${MS}}` }, keyId: 'k1', open: UNSIGNED },
)

// exmo.com: SHA-512 of the form, key and signature in headers
holds(
  'exmo',
  {
    algorithm: 'sha512',
    signature: { header: 'sign' },
    keyId: { header: 'key' },
    nonce: { form: 'nonce', as: 'digits' },
    message: '{body}',
  },
  hmac('sha512', KEY, `pair=BTC_USD&nonce=${MS}`),
  { request: form('pair=BTC_USD'), keyId: 'k1', use: { nonce: MS }, dated: false, open: UNSIGNED },
)

// api.bitkub.com, v3
holds(
  'bitkub',
  {
    signature: { header: 'x-btk-sign' },
    timestamp: { header: 'x-btk-timestamp', unit: 'milliseconds' },
    keyId: { header: 'x-btk-apikey' },
    message: '{timestamp}{method}{target}{body}',
    ambiguous: 'nothing separates the address from the body',
  },
  hmac('sha256', KEY, `${MS}POST/v1/orders?b=2&a=1${BODY}`),
  { keyId: 'k1', open: 'content-type' },
)
