import { digest, form, get, hmac, holds, NO_BODY, PLAIN } from './attacked.js'

/**
 * Schemes of vendors that are no presets, each with a value that was published: by the vendor's page or by a test of a library, as the
 * address says. They were written from those texts and LANGUAGE.md alone.
 */
const json = (body) => ({ body })
const at = (...parts) => ({ now: Date.UTC(...parts) })
const UNDATED = { dated: false }

// sakananote2.blogspot.tw/2013/02, of BigBlueButton's API: SHA-1 of the call, the query and the secret
holds(
  'bigbluebutton',
  {
    ...PLAIN,
    algorithm: 'sha1',
    signature: { query: 'checksum' },
    message: '{path|afterLast:/}{query}{secret}',
    ambiguous: 'nothing separates the call from its query',
  },
  'checksum=5bb1dd0a153abffedb7abd96825fbecb32fef020',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: 'dfc658adec2de8a5d56b06ea51089883',
    request: get('/bigbluebutton/api/create?name=Test&meetingID=test01&moderatorPW=mp&attendeePW=ap'),
    open: 'method path',
  },
)

// payone.document360.io, SmartRoute: the secret and the values, URL-encoded, in the order of the names
holds(
  'payone-smartroute',
  {
    ...PLAIN,
    signature: { form: 'SecureHash' },
    define: { values: { each: 'form', sort: 'name', encode: 'form', item: '{value}', join: '' } },
    message: '{secret}{values}',
    ambiguous: 'names are not signed, and nothing separates the values',
  },
  'b6e4b31d5581d91d3b1022b3efb33ccfbbe5b7e7bd17dccaa9aa6beceb42b444',
  {
    ...UNDATED,
    secret: 'Y2ExNzE2NDBlZjEyNmZhZjRmMmRmY2Iy',
    request: form(
      'Amount=2000&CardNumber=4111111111111111&ClientIPaddress=188.888.50.125&CurrencyISOCode=840&ExpiryDateMonth=01&ExpiryDateYear=22' +
        '&MerchantID=STSPayOneM&MessageID=8&PaymentDescription=Sample+Payment&PaymentMethod=1&SecurityCode=854&TransactionID=12345678901234567890',
    ),
    open: 'method path query body',
  },
)

// docs.payone.com, Authorization: what is sold for how much
holds(
  'payone-platform',
  {
    signature: { authorization: 'payone-hmac-sha256', encoding: 'base64' },
    message: '{json:/merchantId}{json:/accountId}{json:/portalId}{json:/mode}{json:/reference}{json:/amount}{json:/currency}',
    ambiguous: 'nothing separates the values',
  },
  'payone-hmac-sha256 cBSvOHskJqf0Si/5ZP+mlM8lCm0zvT/YbH6MvvQWNBs=',
  {
    ...UNDATED,
    secret: 'superSecret',
    request: json(
      '{"merchantId":18333,"accountId":18334,"portalId":2111222,"mode":"LIVE","reference":"uniqueReference","amount":100,"currency":"EUR"}',
    ),
    open: 'content-type method path query',
  },
)

// res.easydoc.net/doc/45090039, signature of a deposit order: sorted pairs and the key behind them
holds(
  'deposit-order',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'sign' },
    define: { pairs: { each: 'form', sort: 'name', skipEmpty: true, item: '{name}={value}', join: '&' } },
    message: '{pairs}{secret}',
    ambiguous: 'values are not encoded',
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

// docs.cryptoprocessing.com/api-reference/authentication; the page was cut behind the first digits, the rest is CoinsPaid's of the same sample
holds(
  'cryptoprocessing',
  {
    algorithm: 'sha512',
    signature: { header: 'x-processing-signature' },
    keyId: { header: 'x-processing-key' },
    message: '{body}',
  },
  '03c25fcf7cd35e7d995e402cd5d51edd72d48e1471e865907967809a0c189ba55b90815f20e2bb10f82c7a9e9d865546fda58989c2ae9e8e2ff7bc29195fa1ec',
  {
    ...UNDATED,
    secret: 'AbCdEfG123456',
    keyId: 'key-1',
    request: json('{"currency":"BTC","foreign_id":"123456"}'),
    open: 'content-type method path query',
  },
)

// iPay88's technical specification 1.0.6, page 39: an amount without point and commas
holds(
  'ipay88',
  {
    ...PLAIN,
    signature: { form: 'Signature' },
    message: '{secret}{form:MerchantCode}{form:RefNo}{form:Amount|remove:.|remove:,}{form:Currency}',
    ambiguous: 'nothing separates the values',
  },
  '110f0be755ccfa9373aa38104bafbc5c6e5462344e44bcfbb70439c82b4b07fa',
  {
    ...UNDATED,
    secret: 'apple',
    request: form('MerchantCode=M00003&RefNo=A00000001&Amount=1.00&Currency=MYR'),
    open: 'method path query',
  },
)

// developer.esewa.com.np/pages/Epay: the names of what is signed are a field of the form; the value of the page, from memory
holds(
  'esewa',
  {
    signature: { form: 'signature', encoding: 'base64' },
    fields: {
      signed: { form: 'signed_field_names', names: ',', mustInclude: ['total_amount', 'transaction_uuid', 'product_code'] },
    },
    message: { each: 'form', names: '{signed}', item: '{name}={value}', join: ',' },
    ambiguous: 'a "," in a value is not escaped, and the list itself is not signed',
  },
  'i94zsd3oXF6ZsSr/kGqT4sSzYQzjj1W/waxjWyRwaME=',
  {
    ...UNDATED,
    secret: '8gBm/:&EnhH.1/q',
    request: form('total_amount=110&transaction_uuid=241028&product_code=EPAYTEST'),
    open: 'method path query',
  },
)

// cardbizpay.my/guide/2-2-2-signature-calculation
holds(
  'cardbiz',
  {
    algorithm: 'sha512',
    signature: { form: 'Signature', encoding: 'base64' },
    message: '{form:MerchantNo}{form:OrderId}{form:Amount}',
    ambiguous: 'nothing separates the values',
  },
  '++lLP7XD4fK3t7PsBz50LdVU35yutApDvZdmlltNXuBsrQnF0B/ed1uxAjSN+3anRjJWrDelYCZoWbsyTzAuMg==',
  {
    ...UNDATED,
    secret: 'Ws123456Ws987654',
    request: form('MerchantNo=1000000000000001&OrderId=M123456789&Amount=10.50'),
    open: 'method path query',
  },
)

// coderapp.vercel.app/answer/74743507, of SimplePay's documentation v2.1: slashes escaped as PHP does
holds(
  'simplepay-hu',
  { algorithm: 'sha384', signature: { header: 'signature', encoding: 'base64' }, message: '{body}' },
  'gcDJ8J7TyT1rC/Ygj/8CihXaLwniMWRav09QSEMQUnv5TbYaEDvQAuBE1mW3plvZ',
  {
    ...UNDATED,
    secret: 'FxDa5w314kLlNseq2sKuVwaqZshZT5d6',
    request: json(
      '{"salt":"c1ca1d0e9fc2323b3dda7cf145e36f5e","merchant":"PUBLICTESTHUF","orderRef":"101010516348232058105","currency":"HUF",' +
        '"customerEmail":"sdk_test@otpmobil.com","language":"HU","sdkVersion":"SimplePayV2.1_Payment_PHP_SDK_2.0.7_190701:dd236896400d7463677a82a47f53e36e",' +
        '"methods":["CARD"],"total":"25","timeout":"2021-10-30T12:30:11+00:00","url":"https:\\/\\/sdk.simplepay.hu\\/back.php"}',
    ),
    open: 'content-type method path query',
  },
)

// ckeditor.com/docs/cs, Request signature in PHP
holds(
  'ckeditor-cloud-services',
  {
    signature: { header: 'x-signature' },
    timestamp: { header: 'x-timestamp', unit: 'milliseconds' },
    message: '{method}{target}{timestamp}{body}',
    ambiguous: 'nothing separates the address from the time',
  },
  '56ac656c7f932c5b775be28949e90af9a2356eae2826539f10ab6526a0eec762',
  { secret: 'SECRET', now: 1563276169752, request: { url: 'http://demo.example.com/webhook?a=1', body: '{"a":1}' }, open: 'content-type' },
)

// help.bitlabs.ai, Server-to-Server Callbacks
holds('bitlabs', { algorithm: 'sha1', signature: { query: 'hash' }, message: '{url}' }, 'hash=dbcd6bb8ca677344592842a52b4fca9bec36cd4b', {
  ...UNDATED,
  secret: 'JLOIAUNMHFli7ZJOQVEzm98rzqnm9',
  set: { publicOrigin: 'https://publisher.com' },
  request: { ...get(''), url: 'https://publisher.com/complete?uid=8cc877ee-af19-488d-b28d-216fb866b996&val=500' },
  open: 'method',
})

// practika.net/en/api-reference/signature: values as JSON has them, in the order of the names, objects opened
holds(
  'practika',
  {
    ...PLAIN,
    algorithm: 'sha512',
    signature: { header: 'x-signature' },
    define: { values: { each: 'json', spelt: 'quoted', flatten: '.', sort: 'name', item: '{value}', join: '|' } },
    message: '{values}|{secret}',
    ambiguous: 'names are not signed',
  },
  '882a390e003d362049bef504cf85d1c7fc5f376b182ccd1a94c4be05ceb0d250403731dcf603f07e92c64a92a823b85334929d099df93d9ae5da025deb03316e',
  {
    ...UNDATED,
    secret: 'secret',
    request: json('{"a":"a","b":"b","c":"c","obj":{"obj-a":"obj-a","obj-b":"obj-b"},"true":true,"z":"z","number":0.055555}'),
    open: 'body content-type method path query',
  },
)

// ratijas.me/share/public/pavodisplay, Safety specifications
holds(
  'pavodisplay',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'sign', encoding: 'hex|upper' },
    timestamp: { query: 'ts', unit: 'milliseconds' },
    define: { pairs: { each: 'query', skipEmpty: true, sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{pairs}&key={secret}',
    ambiguous: 'values are not encoded',
  },
  'sign=5344FA09D02DB7912093D01A356A1C5A',
  {
    secret: '2303065600000006',
    now: 1679539549647,
    request: get('/x?appid=d114c07a-24ed-41b2-9cc3-58ae5bb9ace1_2303065600000005&clientid=2C05476AA26C&nlast=0&version=V3.34'),
    open: 'method path',
  },
)

// twizzygate.tech/api-docs, test vectors: the public key takes no part
holds(
  'twizzygate',
  {
    ...PLAIN,
    signature: { query: 'sign', encoding: 'base64' },
    keyId: { query: 'client' },
    define: { pairs: { each: 'query', except: ['client'], sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{pairs}&{secret}',
    ambiguous: 'values are not encoded',
  },
  'KhizMnxNLB/XuSSoLhLZJz/+oq4nwLr3UVTeOYNOWlo=',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: 'my_secret',
    keyId: 'pub_123',
    request: get('/?orderNum=456&amount=100.00&currency=RUB'),
    open: 'method',
  },
)

// github.com/checkr/webhook-verification-examples, verify_signature.rb
holds(
  'checkr',
  { signature: { header: 'x-checkr-signature' }, message: '{body}' },
  'b7412f05e981a473b5ecbdb5393afaea02a679db6d7c8e56803512ec4ba98151',
  { ...UNDATED, secret: 'test-secret', request: json('{"monday":"75F","tuesday":"80F"}'), open: 'content-type method path query' },
)

// teamapt.atlassian.net, Monnify: "there should be no spaces in generating the hash value"
holds(
  'monnify',
  { algorithm: 'sha512', signature: { header: 'monnify-signature' }, message: '{body|minify}' },
  'f04fb635e04d71648bd3cc7999003da6861483342c856d05ddfa9b2dafacb873b0de1d0f8f67405d0010b4348b721c49fa171d317972618debba6b638aedcd3c',
  {
    ...UNDATED,
    secret: '91MUDL9N6U3BQRXBQ2PJ9M0PW4J22M1Y',
    request: json(
      '{ "eventData": { "product": { "reference": "111222333", "type": "OFFLINE_PAYMENT_AGENT" },\n"transactionReference": "MNFY|76|20211117154810|000001",' +
        '"paymentReference":"0.01462001097368737","paidOn":"17/11/2021 3:48:10 PM","paymentDescription":"Mockaroo Jesse","metaData":{},' +
        '"destinationAccountInformation":{},"paymentSourceInformation":{},"amountPaid":78000,"totalPayable":78000,' +
        '"offlineProductInformation":{"code":"41470","type":"DYNAMIC"},"cardDetails":{},"paymentMethod":"CASH","currency":"NGN","settlementAmount":77600,' +
        '"paymentStatus":"PAID","customer":{"name":"Mockaroo Jesse","email":"111222333@ZZAMZ4WT4Y3E.monnify"}},"eventType":"SUCCESSFUL_TRANSACTION"}',
    ),
    open: 'content-type method path query',
  },
)

// pusher.com/docs/channels/library_auth_reference/auth-signatures: who may listen to a private channel; the values are from memory
holds(
  'pusher-channel',
  {
    signature: { json: '/auth', format: '{keyId}:{signature}' },
    message: '{json:/socket_id}:{json:/channel_name}',
    ambiguous: 'a ":" in one of the two is not escaped',
  },
  '278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4',
  {
    ...UNDATED,
    secret: '7ad3773142a6692b25b8',
    keyId: '278d425bdf160c739803',
    request: json('{"socket_id":"1234.1234","channel_name":"private-foobar"}'),
    open: 'content-type method path query',
  },
)

// cloudinary.com/documentation/authentication_signatures: the values of the page, from memory
holds(
  'cloudinary',
  {
    ...PLAIN,
    algorithm: 'sha1',
    signature: { form: 'signature' },
    timestamp: { form: 'timestamp', unit: 'seconds' },
    keyId: { form: 'api_key' },
    define: {
      pairs: { each: 'form', except: ['api_key', 'file', 'cloud_name', 'resource_type'], sort: 'name', item: '{name}={value}', join: '&' },
    },
    message: '{pairs}{secret}',
    ambiguous: 'values are not encoded',
  },
  'signature=bfd09f95f331f558cbd1320e67aa8d488770583e',
  {
    secret: 'abcd',
    keyId: '1234',
    now: 1315060510000,
    request: form('eager=w_400%2Ch_300%2Cc_pad%7Cw_260%2Ch_200%2Cc_crop&public_id=sample_image'),
    open: 'method path query',
  },
)

// flickr.com/services/api/auth.howto.web.html: the values of the page, from memory
holds(
  'flickr',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'api_sig' },
    keyId: { query: 'api_key' },
    define: { pairs: { each: 'query', sort: 'name', item: '{name}{value}', join: '' } },
    message: '{secret}{pairs}',
    ambiguous: 'nothing separates names and values',
  },
  'api_sig=a02506b31c1cd46c2e0b6380fb94eb3d',
  {
    ...UNDATED,
    ...NO_BODY,
    secret: '000005fab4534d05',
    keyId: '9a0554259914a86fb9e7eb014e4e5d52',
    request: get('/services/auth/?perms=write'),
    open: 'method path',
  },
)

// help.aliyun.com/document_detail/31951.html, OSS, signature version 1: the values of the page, from memory
holds(
  'aliyun-oss-v1',
  {
    algorithm: 'sha1',
    params: { bucket: null },
    signature: { authorization: 'OSS', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'date', unit: 'http-date', toleranceSeconds: 900 },
    define: { own: { each: 'headers', prefix: 'x-oss-', sort: 'name', item: '{name}:{value|trim}\n', join: '' } },
    message: '{method}\n{header:content-md5?}\n{header:content-type?}\n{timestamp}\n{own}/{param:bucket}{path}',
    allowUnboundBody: 'Content-MD5 says what it is, where it is sent',
  },
  'OSS 44CF9590006BF252F707:26NBxoKdsyly4EDv6inkoDft/yA=',
  {
    ...at(2005, 10, 17, 18, 49, 58),
    secret: 'OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV',
    keyId: '44CF9590006BF252F707',
    set: { params: { bucket: 'oss-example' } },
    request: {
      method: 'PUT',
      url: 'https://oss-example.oss-cn-hangzhou.aliyuncs.com/nelson',
      headers: {
        'content-md5': 'ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=',
        'content-type': 'text/html',
        'x-oss-meta-author': 'foo@bar.com',
        'x-oss-magic': 'abracadabra',
      },
      body: 'x',
    },
    open: 'body',
  },
)

// docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html: the values of the page, from memory
const POLICY =
  'eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBb' +
  'InN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDov' +
  'L3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2Uv' +
  'Il0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFy' +
  'dHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3' +
  'czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9'
holds(
  'aws-s3-post-policy',
  {
    params: { region: 'us-east-1' },
    key: { chain: ['AWS4{secret}', '{date}', '{param:region}', 's3', 'aws4_request'] },
    signature: { form: 'x-amz-signature' },
    keyId: { form: 'x-amz-credential', format: '{keyId}/{date}/{param:region}/s3/aws4_request' },
    fields: {
      date: { write: '20151229' },
      policy: { form: 'policy', write: POLICY },
      until: { from: '{policy|fromBase64|json:/expiration}', unit: 'rfc3339' },
    },
    message: '{policy}',
    allowUnboundBody: 'the policy says what the other fields may be',
  },
  '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
  {
    ...at(2015, 11, 29),
    secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    keyId: 'AKIAIOSFODNN7EXAMPLE',
    request: form('key=user%2Fuser1%2Ff&x-amz-date=20151229T000000Z'),
    open: 'method path query body',
  },
)

// pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3: the HMAC of the page, whose MD5 is in the tests of XML; from memory
holds(
  'wechat-pay-v2-hmac',
  {
    signature: { xml: '/xml/sign', encoding: 'hex|upper' },
    define: { pairs: { each: 'xml', at: '/xml', skipEmpty: true, sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{pairs}&key={secret}',
    ambiguous: 'values are not encoded',
  },
  '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6',
  {
    ...UNDATED,
    secret: '192006250b4c09247ec02edce69f6a2d',
    request: {
      headers: { 'content-type': 'text/xml' },
      body:
        '<xml><appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id><device_info>1000</device_info><body>test</body>' +
        '<nonce_str>ibuaiVcKdpRxkhJA</nonce_str></xml>',
    },
    open: 'content-type method path query',
  },
)

// php 8, json_encode behind ksort: php -r '$d = json_decode($text, true); ksort($d); echo hash_hmac("sha256", json_encode($d), $key);'
holds(
  'php-ksort',
  { signature: { header: 'x-signature' }, message: '{body|stringify|sorted:outer|escapeUnicode|escapeSlashes}' },
  '755617a8d3765671837325eaf7c8ee23a3fe2e87cb6fd5ed201d6cfbce052212',
  {
    ...UNDATED,
    secret: 'a-secret-of-the-tests-0123456789',
    request: json('{"b":{"z":1,"y":"\u00e9/x"},"a":10.50,"c":[2,1]}'),
    open: 'content-type method path query',
  },
)

// developer.hotelbeds.com: the SHA-256 of key, secret and seconds, which are not sent; node:crypto makes it
holds(
  'hotelbeds',
  {
    ...PLAIN,
    keyId: { header: 'api-key' },
    signature: { header: 'x-signature' },
    timestamp: { unit: 'seconds', unsent: true, toleranceSeconds: 60 },
    message: '{keyId}{secret}{timestamp}',
    allowUnboundBody: 'the vendor signs nothing of the request',
  },
  digest('sha256', 'yourApiKeyyourSecret1768478400'),
  { secret: 'yourSecret', keyId: 'yourApiKey', request: get('/hotel-api/1.0/status'), open: 'method path' },
)

// wowza.com/docs, secure token v2: the secret among the sorted parameters, without a name; node:crypto makes the hash
holds(
  'wowza-secure-token',
  {
    ...PLAIN,
    params: { life: '600' },
    signature: { query: 'wowzatokenhash', encoding: 'base64urlPadded' },
    fields: { until: { query: 'wowzatokenendtime', unit: 'seconds', param: 'life' } },
    define: {
      parameters: {
        each: 'query',
        prefix: 'wowzatoken',
        with: { secret: '{secret}' },
        named: { secret: '{value}' },
        sort: 'item',
        item: '{name}={value}',
        join: '&',
      },
    },
    message: '{path|strip:/}?{parameters}',
    ambiguous: 'values are not encoded',
  },
  Buffer.from(digest('sha256', 'vod/sample.mp4?mySharedSecret&wowzatokenendtime=1768479000&wowzatokenstarttime=0'), 'hex')
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_'),
  {
    secret: 'mySharedSecret',
    request: get('/vod/sample.mp4?wowzatokenstarttime=0'),
    open: 'method',
  },
)

// support.forte.net, Standard Hash: the time in ticks of .NET; node:crypto makes the HMAC
holds(
  'forte-checkout',
  {
    algorithm: 'md5',
    signature: { form: 'pg_ts_hash' },
    timestamp: { form: 'pg_utc_time', unit: 'ticks', toleranceSeconds: 1200 },
    keyId: { form: 'pg_api_login_id' },
    message:
      '{keyId}|{form:pg_transaction_type}|{form:pg_version_number}|{form:pg_total_amount}|{timestamp}|{form:pg_transaction_order_number}||||',
    ambiguous: 'a "|" in a value is not escaped',
  },
  hmac('md5', 'top-secret-key-0123', 'L1|10|2.0|1.00|639040752000000000|A1||||'),
  {
    keyId: 'L1',
    request: form('pg_transaction_type=10&pg_version_number=2.0&pg_total_amount=1.00&pg_transaction_order_number=A1'),
    open: 'method path query',
  },
)
