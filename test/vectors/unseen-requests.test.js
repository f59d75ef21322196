import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'
import { BODY, digest, form, hmac, holds, KEY, NONE, NOW } from './attacked.js'

/**
 * More schemes of vendors that are no presets, written from LANGUAGE.md and the vendors' pages. Where the page, or a test of the vendor's
 * own library, publishes a value it is that; otherwise the message stands here as the page spells it, and node:crypto makes the MAC.
 */
const HTTP_DATE = 'Thu, 15 Jan 2026 12:00:00 GMT'
const KEY_64 = Buffer.from(KEY).toString('base64')
const KEY_HEX = Buffer.from(KEY).toString('hex')
const get = (url, headers = {}) => ({ method: 'GET', url, headers, body: NONE })
const query = { each: 'query', encode: 'rfc3986', sort: 'name-value', item: '{name}={value}', join: '&' }

// learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
holds(
  'azure-storage-shared-key',
  {
    key: '{secret|fromBase64}',
    signature: { authorization: 'SharedKey', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'x-ms-date', unit: 'http-date', toleranceSeconds: 900 },
    fields: { md5: { header: 'content-md5', when: { body: true }, value: '{body|md5|base64}' } },
    define: {
      headers: { each: 'headers', prefix: 'x-ms-', sort: 'name', item: '{name}:{value|trim}\n', join: '' },
      resource: { each: 'query', sort: 'name-value', merge: ',', item: '\n{name|lower}:{value}', join: '' },
    },
    message:
      '{method}\n{header:content-encoding?}\n{header:content-language?}\n{body|length|unless:0}\n{md5?}\n{header:content-type?}\n\n' +
      '{header:if-modified-since?}\n{header:if-match?}\n{header:if-none-match?}\n{header:if-unmodified-since?}\n{header:range?}\n' +
      '{headers}/{keyId}{path}{resource}',
    ambiguous: 'decoded values can hold line feeds and commas',
  },
  `SharedKey acct:${hmac(
    'sha256',
    KEY,
    `PUT\n\n\n28\n${digest('md5', BODY, 'base64')}\napplication/json\n\n\n\n\n\n\nx-ms-date:${HTTP_DATE}\nx-ms-version:2020-04-08\n` +
      '/acct/box/file.txt\ncomp:metadata\ntimeout:20',
    'base64',
  )}`,
  {
    secret: KEY_64,
    keyId: 'acct',
    request: {
      method: 'PUT',
      url: 'https://acct.blob.core.windows.net/box/file.txt?timeout=20&comp=metadata',
      headers: { 'content-type': 'application/json', 'x-ms-version': '2020-04-08' },
    },
  },
)

// learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources: the values of the page
holds(
  'azure-cosmos-db',
  {
    key: '{secret|fromBase64}',
    signature: { header: 'authorization', format: 'type%3Dmaster%26ver%3D1.0%26sig%3D{signature}', encoding: 'base64|encode' },
    timestamp: { header: 'x-ms-date', unit: 'http-date' },
    message: '{method|lower}\n{path|beforeLast:/|afterLast:/|lower}\n{path|strip:/}\n{timestamp|lower}\n\n',
    allowUnboundBody: 'the vendor signs verb, resource and date alone',
  },
  'type%3Dmaster%26ver%3D1.0%26sig%3Dc09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu%2Bc%2Bc%3D',
  {
    now: Date.UTC(2017, 3, 27, 0, 51, 12),
    secret: 'dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw==',
    request: get('https://x.documents.azure.com/dbs/ToDoList'),
  },
)

// learn.microsoft.com/rest/api/eventhub/generate-sas-token
const resource = encodeURIComponent('https://ns.servicebus.windows.net/queue/messages')
holds(
  'azure-service-bus-sas',
  {
    params: { life: '3600' },
    signature: {
      authorization: 'SharedAccessSignature',
      members: '&',
      format: 'sr={resource}&sig={signature}&se={expires}&skn={keyId}',
      encoding: 'base64|encode',
    },
    define: { uri: '{origin}{path}' },
    fields: { resource: { value: '{uri|encode}' }, expires: { unit: 'seconds', param: 'life' } },
    message: '{resource}\n{expires}',
    allowUnboundBody: 'the token is for a resource',
  },
  `sr=${resource}&sig=${encodeURIComponent(hmac('sha256', KEY, `${resource}\n1768482000`, 'base64'))}&se=1768482000&skn=Root`,
  {
    keyId: 'Root',
    set: { publicOrigin: 'https://ns.servicebus.windows.net' },
    request: { url: 'https://ns.servicebus.windows.net/queue/messages', headers: {} },
    open: 'method body',
  },
)

// docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html: the values of the page, then one with sub-resources
const S3_V2 = {
  algorithm: 'sha1',
  params: { bucket: null },
  signature: { authorization: 'AWS', format: '{keyId}:{signature}', encoding: 'base64' },
  timestamp: { header: 'date', unit: 'ddd, DD MMM YYYY HH:mm:ss +0000', toleranceSeconds: 900 },
  fields: { md5: { header: 'content-md5', when: { body: true }, value: '{body|md5|base64}' } },
  define: {
    amz: { each: 'headers', prefix: 'x-amz-', sort: 'name', repeated: ',', item: '{name}:{value|trim}\n', join: '' },
    sub: { each: 'query', only: ['acl', 'policy', 'versionId'], sort: 'name', item: '{name}{value?|prepend:=}', join: '&', before: '?' },
  },
  message: '{method}\n{md5?}\n{header:content-type?}\n{timestamp}\n{amz}/{param:bucket}{path}{sub}',
  ambiguous: 'decoded values can hold "&"',
}
const AWS_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const s3 = {
  now: Date.UTC(2007, 2, 27, 19, 36, 42),
  secret: AWS_KEY,
  keyId: 'AKIAIOSFODNN7EXAMPLE',
  set: { params: { bucket: 'johnsmith' } },
}
holds('aws-s3-v2', S3_V2, 'AWS AKIAIOSFODNN7EXAMPLE:bWq2s1WEIj+Ydj0vQ697zp+IXMU=', {
  ...s3,
  request: get('https://johnsmith.s3.amazonaws.com/photos/puppy.jpg'),
})
holds(
  'aws-s3-v2-sub-resources',
  S3_V2,
  hmac('sha1', AWS_KEY, 'GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/johnsmith/photos/puppy.jpg?acl&versionId=7', 'base64'),
  { ...s3, request: get('https://johnsmith.s3.amazonaws.com/photos/puppy.jpg?versionId=7&acl') },
)

// docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html: the values of the page
const PRESIGNED = {
  params: { region: 'us-east-1', service: 's3', life: '86400' },
  key: { chain: ['AWS4{secret}', '{date}', '{region}', '{service}', 'aws4_request'] },
  signature: { query: 'X-Amz-Signature' },
  keyId: { query: 'X-Amz-Credential', format: '{keyId}/{date}/{region}/{service}/aws4_request' },
  timestamp: { query: 'X-Amz-Date', unit: 'iso-basic', toleranceSeconds: 604800 },
  fields: {
    algorithmName: { query: 'X-Amz-Algorithm', value: 'AWS4-HMAC-SHA256' },
    date: { value: '{timestamp|first:8}' },
    region: { param: 'region' },
    service: { param: 'service' },
    life: { query: 'X-Amz-Expires', unit: 'life', param: 'life' },
    signed: { query: 'X-Amz-SignedHeaders', names: ';', mustInclude: ['host'] },
  },
  define: {
    pairs: query,
    lines: { each: 'headers', names: '{signed}', item: '{name}:{value|squeeze}\n', join: '' },
    canonical: '{method}\n{path}\n{pairs}\n{lines}\n{signed}\nUNSIGNED-PAYLOAD',
  },
  message: 'AWS4-HMAC-SHA256\n{timestamp}\n{date}/{region}/{service}/aws4_request\n{canonical|sha256|hex}',
  allowUnboundBody: 'UNSIGNED-PAYLOAD',
}
const presigned = {
  now: Date.UTC(2013, 4, 24),
  secret: AWS_KEY,
  keyId: 'AKIAIOSFODNN7EXAMPLE',
  request: get('https://examplebucket.s3.amazonaws.com/test.txt', { host: 'examplebucket.s3.amazonaws.com' }),
}
holds('aws-sigv4-presigned', PRESIGNED, 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404', presigned)

test('the life that an address carries counts from its timestamp, and no longer than the tolerance', () => {
  const own = { name: 'presigned', ...PRESIGNED }
  const lives = (life, later) => {
    const setUp = { secret: [{ id: 'AK', secret: AWS_KEY }] }
    const { target } = sign(own, presigned.request, { ...setUp, now: () => NOW, fields: { life } })
    const url = `https://examplebucket.s3.amazonaws.com${target}`
    const result = verify(own, { ...presigned.request, url }, { ...setUp, now: () => NOW + later * 1000 })
    return result.ok || result.code
  }
  assert.equal(lives('60', 60), true)
  assert.equal(lives('60', 61), 'ERR_HMAC_STALE')
  assert.equal(lives('604800', 604800), true)
  assert.equal(lives('99999999', 604801), 'ERR_HMAC_STALE')
  const { target } = sign(own, presigned.request, { secret: [{ id: 'AK', secret: AWS_KEY }], now: () => NOW })
  for (const life of ['0', '-1', '1e9', '060', '6.5', '9999999999', '+60']) {
    const url = `https://examplebucket.s3.amazonaws.com${target.replace('X-Amz-Expires=86400', `X-Amz-Expires=${life}`)}`
    const result = verify(own, { ...presigned.request, url }, { secret: [{ id: 'AK', secret: AWS_KEY }], now: () => NOW })
    assert.equal(result.code, 'ERR_HMAC_MALFORMED', life)
  }
  assert.throws(() => scheme({ ...own, timestamp: undefined }), { message: /fields\.life\.unit: "life" counts from the timestamp/ })
  assert.throws(() => scheme({ ...own, timestamp: { query: 't', unit: 'life' } }), { message: /timestamp\.unit: unknown word "life"/ })
})

// openapi-v2.exoscale.com/topic/topic-api-request-signature
const EXOSCALE = {
  params: { life: '600' },
  signature: {
    authorization: 'EXO2-HMAC-SHA256',
    members: ',',
    format: 'credential={keyId},signed-query-args={signed?},expires={expires},signature={signature}',
    encoding: 'base64',
  },
  fields: { signed: { names: ';', mustInclude: ['*'], default: '' }, expires: { unit: 'seconds', param: 'life' } },
  define: { values: { each: 'query', names: '{signed}', item: '{value}', join: '' } },
  message: '{method} {path}\n{body}\n{values}\n\n{expires}',
  ambiguous: 'values are joined with nothing between',
}
const exoscale = { keyId: 'EXO1', request: { url: 'https://api.exoscale.com/v2/x?p1=v1&p2=v2', headers: {} } }
holds('exoscale', EXOSCALE, hmac('sha256', KEY, `POST /v2/x\n${BODY}\nv1v2\n\n1768479000`, 'base64'), exoscale)
holds('exoscale-without-parameters', EXOSCALE, hmac('sha256', KEY, `POST /v2/x\n${BODY}\n\n\n1768479000`, 'base64'), {
  ...exoscale,
  request: { url: 'https://api.exoscale.com/v2/x', headers: {} },
  // A list that is not there is one without names.
  open: 'authorization',
})

test('a list that has to hold every parameter holds those that somebody added', () => {
  const setUp = { secret: [{ id: 'EXO1', secret: KEY }], now: () => NOW }
  const verdict = (mustInclude, url, sent = 'https://api.exoscale.com/v2/x?p1=v1&p2=v2') => {
    const { signed, ...fields } = EXOSCALE.fields
    const own = { name: 'exoscale', ...EXOSCALE, fields: { ...fields, signed: { ...signed, mustInclude } } }
    const request = { method: 'POST', headers: {}, body: Buffer.from(BODY) }
    const { headers } = sign(own, { ...request, url: sent }, setUp)
    const result = verify(own, { ...request, url, headers }, setUp)
    return result.ok || result.code
  }
  const changed = (query) => `https://api.exoscale.com/v2/x?${query}`
  assert.equal(verdict(['*'], changed('p1=v1&p2=v2')), true)
  assert.equal(verdict(['*'], changed('p1=v1&p2=v2&admin=1')), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdict(['*'], changed('p1=v1&p2=v2&__proto__=1')), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdict(['*'], changed('p1=v1&p2=v2&p%31=v1')), 'ERR_HMAC_DUPLICATED')
  assert.equal(verdict(['*'], changed('admin=1'), 'https://api.exoscale.com/v2/x'), 'ERR_HMAC_UNCOVERED', 'an empty list')
  assert.equal(verdict(['p*'], changed('p1=v1&p2=v2&P3=1')), true)
  assert.equal(verdict(['p*'], changed('p1=v1&p2=v2&p3=1')), 'ERR_HMAC_UNCOVERED')
  assert.equal(verdict(['p1', 'p2', 'page?'], changed('p1=v1&p2=v2')), true)
  assert.equal(verdict(['p1', 'p2', 'page?'], changed('p1=v1&p2=v2&page=9')), 'ERR_HMAC_UNCOVERED', 'one that is asked for where it is')
})

// docs.veracode.com: HMAC for REST APIs; github.com/veracode/veracode-api-signing-python
const NONCE = 'abcdef0123456789abcdef0123456789'
const veracodeKey = [String(NOW), 'vcode_request_version_1'].reduce(
  (key, text) => hmac('sha256', key, text, 'buffer'),
  hmac('sha256', KEY, Buffer.from(NONCE, 'hex'), 'buffer'),
)
holds(
  'veracode',
  {
    key: { chain: ['{secret|fromHex}', '{nonce|fromHex}', '{timestamp}', 'vcode_request_version_1'] },
    signature: { authorization: 'VERACODE-HMAC-SHA-256', members: ',', format: 'id={keyId},ts={timestamp},nonce={nonce},sig={signature}' },
    timestamp: { unit: 'milliseconds' },
    nonce: { as: 'hex' },
    message: 'id={keyId}&host={host}&url={target}&method={method}',
    allowUnboundBody: 'the vendor signs no body',
  },
  `ts=${NOW},nonce=${NONCE},sig=${hmac('sha256', veracodeKey, 'id=abc&host=api.example.com&url=/v1/orders?b=2&a=1&method=POST')}`,
  { secret: KEY_HEX, keyId: 'abc', use: { nonce: NONCE }, open: 'body content-type' },
)

// plivo.com/docs: signature validation, V3
holds(
  'plivo-v3',
  {
    signature: { header: 'x-plivo-signature-v3', format: '{signature}', list: ',', encoding: 'base64' },
    nonce: { header: 'x-plivo-signature-v3-nonce', as: 'digits' },
    define: {
      parameters: { each: 'query', sort: 'name', item: '{name}={value}', join: '&' },
      fields: { each: 'form', sort: 'name', item: '{name}{value}', join: '' },
    },
    message: '{origin}{path}?{parameters?|append:.}{fields}.{nonce}',
    ambiguous: 'values are not escaped',
  },
  hmac('sha256', KEY, 'https://api.example.com/v1/orders?a=1&b=2.From1To2 3.123', 'base64'),
  { set: { publicOrigin: 'https://api.example.com' }, use: { nonce: '123' }, request: form('To=2+3&From=1'), dated: false, open: 'method' },
)

// github.com/messagebird/ruby-rest-api, spec of signed requests: the values of the test
holds(
  'messagebird',
  {
    signature: { header: 'messagebird-signature', encoding: 'base64' },
    timestamp: { header: 'messagebird-request-timestamp', unit: 'seconds' },
    define: { query },
    message: '{timestamp}\n{query}\n{body|sha256}',
  },
  '2bl+38H4oHVg03pC3bk2LvCB0IHFgfC4cL5HPQ0LdmI=',
  {
    now: 1547198231000,
    secret: 'PlLrKaqvZNRR5zAjm42ZT6q1SQxgbbGd',
    request: {
      url:
        'https://x.example/?recipient=31612345678&reference=FOO&statusDatetime=2019-01-11T09:17:11%2B00:00&' +
        'id=eef0ab57a9e049be946f3821568c2b2e&status=delivered&mccmnc=20408&ported=1',
      headers: {},
      body: '{"foo":"bar"}',
    },
    open: 'method',
  },
)

// intl.cloud.baidu.com/doc/Reference/s/njwvz1yfu-en, with the request of the sample page
const bceKey = hmac('sha256', 'b'.repeat(32), `bce-auth-v1/${'a'.repeat(32)}/2015-04-27T08:23:49Z/1800`)
holds(
  'baidu-bce-v1',
  {
    params: { life: '1800' },
    key: { chain: ['{secret}', 'bce-auth-v1/{keyId}/{timestamp}/{life}'], encoding: 'hex' },
    signature: { header: 'authorization', format: 'bce-auth-v1/{keyId}/{timestamp}/{life}/{signed}/{signature}' },
    timestamp: { unit: 'rfc3339', toleranceSeconds: 86400 },
    fields: {
      life: { unit: 'life', param: 'life' },
      signed: { names: ';', mustInclude: ['host', 'content-md5', 'x-bce-*'], sort: true },
      md5: { header: 'content-md5', when: { body: true }, value: '{body|md5|base64}' },
    },
    define: { query, lines: { each: 'headers', names: '{signed}', item: '{name}:{value|trim|encode}', join: '\n' } },
    message: '{method}\n{path}\n{query}\n{lines}',
  },
  `/1800/content-md5;host;x-bce-date/${hmac(
    'sha256',
    bceKey,
    `PUT\n/test/myfolder/readme.txt\npartNumber=9&uploadId=a44cc9\ncontent-md5:${encodeURIComponent(digest('md5', 'Example\n', 'base64'))}\n` +
      'host:bj.bcebos.com\nx-bce-date:2015-04-27T08%3A23%3A49Z',
  )}`,
  {
    now: Date.UTC(2015, 3, 27, 8, 23, 49),
    secret: 'b'.repeat(32),
    keyId: 'a'.repeat(32),
    request: {
      method: 'PUT',
      url: 'https://bj.bcebos.com/test/myfolder/readme.txt?partNumber=9&uploadId=a44cc9',
      headers: { host: 'bj.bcebos.com', 'x-bce-date': '2015-04-27T08:23:49Z' },
      body: 'Example\n',
    },
  },
)

// docs.ucloud.cn: signature algorithm, the values of the page
holds(
  'ucloud',
  {
    algorithm: 'sha1',
    construction: 'hash',
    insecure: 'it is a plain hash',
    signature: { json: '/Signature' },
    keyId: { json: '/PublicKey' },
    define: { all: { each: 'json', sort: 'name', item: '{name}{value}', join: '' } },
    message: '{all}{secret}',
    ambiguous: 'everything is joined with nothing between',
  },
  '4f9ef5df2abab2c6fccd1e9515cb7e2df8c6bb65',
  {
    secret: '46f09bb9fab4f12dfc160dae12273d5332b5debe',
    keyId: 'ucloudsomeone@example.com1296235120854146120',
    dated: false,
    open: 'content-type method path query',
    request: {
      body:
        '{"Action":"CreateUHostInstance","Region":"cn-bj2","Zone":"cn-bj2-04","ImageId":"f43736e1-65a5-4bea-ad2e-8a46e18883c2","CPU":2,' +
        '"Memory":2048,"DiskSpace":10,"LoginMode":"Password","Password":"VUNsb3VkLmNu","Name":"Host01","ChargeType":"Month","Quantity":1}',
    },
  },
)

// developers.weixin.qq.com: access to the official accounts' server
holds(
  'wechat-official-account',
  {
    algorithm: 'sha1',
    construction: 'hash',
    insecure: 'it is a plain hash',
    signature: { query: 'signature' },
    timestamp: { query: 'timestamp', unit: 'seconds' },
    nonce: { query: 'nonce', as: 'digits' },
    message: { each: [], with: { a: '{secret}', b: '{timestamp}', c: '{nonce}' }, sort: 'item', item: '{value}', join: '' },
    ambiguous: 'everything is joined with nothing between',
    allowUnboundBody: 'the vendor signs time and nonce alone',
  },
  digest('sha1', ['1768478400', '987', KEY].sort().join('')),
  { use: { nonce: '987' }, open: 'body content-type method path query' },
)

// partner.tiktokshop.com/docv2/page/sign-your-api-request: the values of the page
holds(
  'tiktok-shop',
  {
    signature: { query: 'sign' },
    keyId: { query: 'app_key' },
    timestamp: { query: 'timestamp', unit: 'seconds' },
    define: { all: { each: 'query', except: ['access_token'], sort: 'name', item: '{name}{value}', join: '' } },
    message: '{secret}{path}{all}{body}{secret}',
    ambiguous: 'everything is joined with nothing between',
  },
  'b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8',
  {
    now: 1623812664000,
    secret: 'e59af819cc',
    keyId: '29a39d',
    request: get('https://open-api.tiktokglobalshop.com/authorization/202309/shops'),
    open: 'method',
  },
)

// pusher.com/docs/channels/library_auth_reference/rest-api: the worked example
holds(
  'pusher-rest',
  {
    signature: { query: 'auth_signature' },
    keyId: { query: 'auth_key' },
    timestamp: { query: 'auth_timestamp', unit: 'seconds', toleranceSeconds: 600 },
    fields: {
      version: { query: 'auth_version', value: '1.0' },
      md5: { query: 'body_md5', when: { body: true }, value: '{body|md5|hex}' },
    },
    define: { parameters: { each: 'query', sort: 'name', item: '{name|lower}={value}', join: '&' } },
    message: '{method}\n{path}\n{parameters}',
    ambiguous: 'values are not escaped',
  },
  'da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c',
  {
    now: 1353088179000,
    secret: '7ad3773142a6692b25b8',
    keyId: '278d425bdf160c739803',
    request: {
      url: 'http://api.pusherapp.com/apps/3/events',
      headers: {},
      body: '{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}',
    },
  },
)

// techdocs.akamai.com: token authentication 2.0, of an address
holds(
  'akamai-token',
  {
    key: '{secret|fromHex}',
    params: { life: '300' },
    signature: { query: 'hdnea', members: '~', format: 'exp={expires}~hmac={signature}' },
    fields: { expires: { unit: 'seconds', param: 'life' } },
    message: 'exp={expires}~url={path}',
  },
  `exp=1768478700~hmac=${hmac('sha256', KEY, 'exp=1768478700~url=/a/b.mp4')}`,
  { secret: KEY_HEX, request: get('https://x.example/a/b.mp4'), open: 'method' },
)

// fastly.com/documentation: token validation
holds(
  'fastly-token',
  {
    algorithm: 'sha1',
    key: '{secret|fromBase64}',
    params: { life: '300' },
    signature: { query: 'token', format: '{expires}_{signature}' },
    fields: { expires: { unit: 'hex-seconds', param: 'life' } },
    message: '{path}{expires}',
    ambiguous: 'nothing separates path and time',
  },
  `token=6968d7ec_${hmac('sha1', KEY, '/a/b.mp46968d7ec')}`,
  { secret: KEY_64, request: get('https://x.example/a/b.mp4'), open: 'method' },
)

// docs.imgproxy.net/signing_the_url, and the value of the library's own example
holds(
  'imgproxy',
  {
    key: '{secret|fromHex}',
    params: { salt: null },
    signature: { path: '/{signature}/{rest}', encoding: 'base64url' },
    fields: { rest: { write: '{path|strip:/}' } },
    message: '{param:salt|fromHex}/{rest}',
  },
  '/_PQ4ytCQMMp-1w1m_vP6g8Qb-Q7yF9mwghf6PddqxLw/fill/300/300/no/1/aHR0cDovL2ltZy5leGFtcGxlLmNvbS9wcmV0dHkvaW1hZ2UuanBn.png',
  {
    secret: '943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881',
    set: { params: { salt: '520f986b998545b4785e0defbc4f3c1203f22de2374a3d53cb7a7fe9fea309c5' } },
    request: get('https://x.example/fill/300/300/no/1/aHR0cDovL2ltZy5leGFtcGxlLmNvbS9wcmV0dHkvaW1hZ2UuanBn.png'),
    dated: false,
    open: 'method',
  },
)

// developers.google.com/maps: digital signatures, the values of the page
holds(
  'google-maps',
  {
    algorithm: 'sha1',
    key: '{secret|fromBase64url}',
    signature: { query: 'signature', encoding: 'base64urlPadded' },
    keyId: { query: 'client' },
    message: '{target}',
  },
  'chaRF2hTJKOScPr-RQCEhZbSzIE=',
  {
    secret: 'vNIXE0xscrmjlyV-12Nj_BvUPaw=',
    keyId: 'clientID',
    request: get('https://maps.googleapis.com/maps/api/geocode/json?address=New+York'),
    dated: false,
    open: 'method',
  },
)

// developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow: a signed request
holds(
  'facebook-signed-request',
  {
    signature: { form: 'signed_request', format: '{signature}.{payload}', encoding: 'base64url' },
    fields: {
      payload: { write: 'eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsIjAiOiJwYXlsb2FkIn0' },
      algorithmName: { from: '{payload|fromBase64url|json:/algorithm}', value: 'HMAC-SHA256' },
    },
    message: '{payload}',
  },
  'vlXgu64BQGFSQrY0ZcJBZASMvYvTHu9GQ0YM9rjPSso.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsIjAiOiJwYXlsb2FkIn0',
  { secret: 'secret', request: form(''), dated: false, open: 'method path query' },
)

// docs.cloudstack.apache.org: signing API calls, the values of the page
holds(
  'cloudstack',
  {
    algorithm: 'sha1',
    signature: { query: 'signature', encoding: 'base64' },
    keyId: { query: 'apikey' },
    define: { parameters: { each: 'query', encode: 'rfc3986', sort: 'name-any-case', item: '{name}={value}', join: '&' } },
    message: '{parameters|lower}',
  },
  'TTpdDq/7j/J58XCRHomKoQXEQds=',
  {
    secret: 'VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ',
    keyId: 'plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg',
    request: get('http://localhost:8080/client/api?command=listUsers&response=json'),
    dated: false,
    open: 'method path',
  },
)

// dev.vk.com/mini-apps/development/launch-params-sign: the values of the page
holds(
  'vk-launch-parameters',
  {
    signature: { query: 'sign', encoding: 'base64url' },
    message: { each: 'query', prefix: 'vk_', sort: 'name', encode: 'form', item: '{name}={value}', join: '&' },
  },
  'htQFduJpLxz7ribXRZpDFUH-XEUhC9rBPTJkjUFEkRA',
  {
    secret: 'wvl68m4dR1UpLrVRli',
    request: get(
      'https://example.com/?vk_user_id=494075&vk_app_id=6736218&vk_is_app_user=1&vk_are_notifications_enabled=1&vk_language=ru&' +
        'vk_access_token_settings=&vk_platform=android',
    ),
    checks: { allowEmptyBody: true },
    dated: false,
    open: 'method',
  },
)

// docs.adyen.com: HMAC signature of hosted payment pages, the values of the page, then one with what is escaped
const escaped = (slot) => `{${slot}|replace:\\\\/\\\\\\\\|replace::/\\\\:}`
const ADYEN_HPP = {
  key: '{secret|fromHex}',
  signature: { form: 'merchantSig', encoding: 'base64' },
  define: {
    names: { each: 'form', sort: 'name', item: escaped('name'), join: ':' },
    values: { each: 'form', sort: 'name', item: escaped('value'), join: ':' },
  },
  message: '{names}:{values}',
  ambiguous: 'the compiler does not follow names and values through two lists',
}
holds('adyen-hosted-payment-pages', ADYEN_HPP, 'GJ1asjR5VmkvihDJxCd8yE2DGYOKwWwJCBiV3R51NFg=', {
  secret: '4468D9782DEF54FCD706C9100C71EC43932B1EBC2ACF6BA0560C05AAA7550C48',
  request: form(
    'merchantAccount=TestMerchant&currencyCode=EUR&paymentAmount=199&sessionValidity=2015-06-25T10%3A31%3A06Z&shipBeforeDate=2015-07-01&' +
      'shopperLocale=en_GB&merchantReference=SKINTEST-1435226439255&skinCode=X7hsNDWp',
  ),
  dated: false,
  open: 'method path query',
})
holds('adyen-hosted-payment-pages-escaped', ADYEN_HPP, hmac('sha256', KEY, 'a:b:x\\\\y:1\\:2', 'base64'), {
  secret: KEY_HEX,
  request: form('b=1%3A2&a=x%5Cy'),
  dated: false,
  open: 'method path query',
})

// developer.cybersource.com: REST, HTTP signature
const sha256 = `SHA-256=${digest('sha256', BODY, 'base64')}`
holds(
  'cybersource-rest',
  {
    key: '{secret|fromBase64}',
    algorithm: { HmacSHA256: 'sha256' },
    params: { merchant: null },
    signature: {
      header: 'signature',
      members: ', ',
      format: 'keyid="{keyId}", algorithm="{algorithm}", headers="{signed}", signature="{signature}"',
      encoding: 'base64',
    },
    timestamp: { header: 'v-c-date', unit: 'http-date' },
    fields: {
      merchant: { header: 'v-c-merchant-id', param: 'merchant' },
      digest: { header: 'digest', when: { body: true }, value: 'SHA-256={body|sha256|base64}' },
      signed: { names: ' ', mustInclude: ['host', 'v-c-date', 'request-target', 'digest', 'v-c-merchant-id'] },
    },
    message: {
      each: 'headers',
      names: '{signed}',
      named: { 'request-target': '{name}: {method|lower} {target}' },
      item: '{name}: {value}',
      join: '\n',
    },
  },
  `algorithm="HmacSHA256", headers="host v-c-date request-target digest v-c-merchant-id", signature="${hmac(
    'sha256',
    KEY,
    `host: api.example.com\nv-c-date: ${HTTP_DATE}\nrequest-target: post /v1/orders?b=2&a=1\ndigest: ${sha256}\nv-c-merchant-id: m1`,
    'base64',
  )}"`,
  { secret: KEY_64, keyId: 'k', set: { params: { merchant: 'm1' } }, open: 'content-type' },
)

// developers.coupangcorp.com: HMAC signature
holds(
  'coupang',
  {
    signature: {
      authorization: 'CEA',
      members: ', ',
      format: 'algorithm=HmacSHA256, access-key={keyId}, signed-date={timestamp}, signature={signature}',
    },
    timestamp: { unit: 'YYMMDD[T]HHmmss[Z]' },
    message: '{timestamp}{method}{path}{query}',
    ambiguous: 'everything is joined with nothing between',
    allowUnboundBody: 'the vendor signs no body',
  },
  `signed-date=260115T120000Z, signature=${hmac('sha256', KEY, '260115T120000ZPOST/v1/ordersb=2&a=1')}`,
  { keyId: 'ak', open: 'body content-type' },
)

// cloud.tencent.com/document/product/436/7778: the values of the page's first example
holds(
  'tencent-cos',
  {
    algorithm: 'sha1',
    params: { life: '7200' },
    key: { chain: ['{secret}', '{keyTime}'], encoding: 'hex' },
    signature: {
      header: 'authorization',
      members: '&',
      format:
        'q-sign-algorithm=sha1&q-ak={keyId}&q-sign-time={timestamp};{end}&q-key-time={keyTime}&q-header-list={signed}&' +
        'q-url-param-list={signedParameters?}&q-signature={signature}',
    },
    timestamp: { unit: 'seconds', toleranceSeconds: 7200 },
    fields: {
      end: { unit: 'seconds', param: 'life' },
      keyTime: { value: '{timestamp};{end}' },
      signed: { names: ';', mustInclude: ['host', 'content-length', 'content-md5', 'content-type', 'date', 'x-cos-*'], sort: true },
      signedParameters: { names: ';', mustInclude: ['*'], default: '', sort: true },
      md5: { header: 'content-md5', value: '{body|md5|base64}' },
    },
    define: {
      parameters: { each: 'query', names: '{signedParameters}', encode: 'rfc3986', item: '{name|lower}={value}', join: '&' },
      headers: { each: 'headers', names: '{signed}', item: '{name}={value|encode}', join: '&' },
      http: '{method|lower}\n{path|decode}\n{parameters}\n{headers}\n',
    },
    message: 'sha1\n{timestamp};{end}\n{http|sha1|hex}\n',
    ambiguous: 'the path is decoded',
  },
  '3b8851a11a569213c17ba8fa7dcf2abec6935172',
  {
    now: 1557989151000,
    secret: 'BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz',
    keyId: 'AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q',
    request: {
      method: 'PUT',
      url: 'https://x.example/exampleobject(%E8%85%BE%E8%AE%AF%E4%BA%91)',
      headers: {
        date: 'Thu, 16 May 2019 06:45:51 GMT',
        host: 'examplebucket-1250000000.cos.ap-beijing.myqcloud.com',
        'content-type': 'text/plain',
        'content-length': '13',
        'content-md5': 'mQ/fVh815F3k6TAUm8m0eg==',
        'x-cos-acl': 'private',
        'x-cos-grant-read': 'uin="100000000011"',
      },
      body: 'ObjectContent',
    },
    open: 'authorization',
  },
)

// duo.com/docs/adminapi: signature version 5
holds(
  'duo-v5',
  {
    algorithm: 'sha512',
    signature: { authorization: 'Basic', wrapped: 'base64', format: '{keyId}:{signature}' },
    timestamp: { header: 'date', unit: 'ddd, DD MMM YYYY HH:mm:ss -0000' },
    define: {
      query,
      headers: { each: 'headers', prefix: 'x-duo-', sort: 'name', item: '{name}\u0000{value}', join: '\u0000' },
    },
    message: '{timestamp}\n{method}\n{host|lower}\n{path}\n{query}\n{body|sha512|hex}\n{headers|sha512|hex}',
  },
  Buffer.from(
    `ik:${hmac(
      'sha512',
      KEY,
      `Thu, 15 Jan 2026 12:00:00 -0000\nPOST\napi.example.com\n/v1/orders\na=1&b=2\n${digest('sha512', BODY)}\n` +
        digest('sha512', 'x-duo-a\u00001\u0000x-duo-b\u00002'),
    )}`,
  ).toString('base64'),
  { keyId: 'ik', request: { headers: { 'x-duo-b': '2', 'x-duo-a': '1' } } },
)

// developers.ecpay.com.tw: checksum mechanism, the values of the page
holds(
  'ecpay',
  {
    algorithm: 'md5',
    construction: 'hash',
    insecure: 'it is a plain hash',
    params: { iv: null },
    signature: { form: 'CheckMacValue', encoding: 'hex|upper' },
    define: {
      fields: { each: 'form', sort: 'name-any-case', item: '{name}={value}', join: '&' },
      all: 'HashKey={secret}&{fields}&HashIV={param:iv}',
    },
    message: '{all|encodeForm|lower|replace:%21/!|replace:%2a/*|replace:%28/(|replace:%29/)}',
    ambiguous: 'values are not escaped',
  },
  '50A276E71DAE26343013958B405EEEA0',
  {
    secret: 'ejCk326UnaZWKisg',
    set: { params: { iv: 'q9jcZX8Ib9LM8wYk' } },
    request: form(
      'RtnCode=1&RtnMsg=&IA_Allow_No=1909181313013546&IA_Invoice_No=UV11100019&IA_Date=2019-09-18+13%3A13%3A23&IIS_Remain_Allowance_Amt=0',
    ),
    dated: false,
    open: 'method path query',
  },
)

// American Express: MAC with a hash of the body under the secret
holds(
  'amex-mac',
  {
    signature: {
      authorization: 'MAC',
      members: ',',
      format: 'id="{keyId}",ts="{timestamp}",nonce="{nonce}",bodyhash="{hash}",mac="{signature}"',
      encoding: 'base64',
    },
    timestamp: { unit: 'milliseconds' },
    nonce: { as: 'uuid' },
    fields: { hash: { value: '{body|hmac|base64}' } },
    message: '{timestamp}\n{nonce}\n{method}\n{target}\n{hostname}\n{port}\n{hash}\n',
  },
  hmac(
    'sha256',
    KEY,
    `${NOW}\nu1:AMEX\nPOST\n/v1/orders?b=2&a=1\napi.example.com\n443\n${hmac('sha256', KEY, BODY, 'base64')}\n`,
    'base64',
  ),
  { keyId: 'id', use: { nonce: 'u1:AMEX' }, open: 'content-type' },
)

test('names of headers in a list are written in lower case, since others would name none', () => {
  const own = (more) => () =>
    scheme({
      name: 'own',
      signature: { header: 'x-signature' },
      define: { headers: { each: 'headers', prefix: 'x-', item: '{name}:{value}\n', join: '', ...more } },
      message: '{method}\n{headers}\n{body}',
    })
  own({})()
  assert.throws(own({ prefix: 'X-Acme-' }), {
    message: /define\.headers\.prefix: "X-Acme-" is the name of no header; write it in lower case/,
  })
  assert.throws(own({ only: ['x-a', 'X-B'] }), { message: /define\.headers\.only: "X-B" is the name of no header/ })
  assert.throws(own({ except: ['X-B'] }), { message: /define\.headers\.except: "X-B"/ })
})

// docs.connect.worldline-solutions.com: authentication
holds(
  'worldline-connect',
  {
    signature: { header: 'authorization', format: 'GCS v1HMAC:{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'date', unit: 'http-date' },
    define: { gcs: { each: 'headers', prefix: 'x-gcs-', sort: 'name', item: '{name}:{value|squeeze}\n', join: '' } },
    message: '{method}\n{header:content-type?}\n{timestamp}\n{gcs}{target}\n',
    allowUnboundBody: 'the vendor signs no body',
  },
  `GCS v1HMAC:k:${hmac('sha256', KEY, `POST\napplication/json\n${HTTP_DATE}\nx-gcs-messageid:a b\n/v1/orders?b=2&a=1\n`, 'base64')}`,
  { keyId: 'k', request: { headers: { 'content-type': 'application/json', 'x-gcs-messageid': 'a  b' } }, open: 'body' },
)
