import { createHash, createHmac } from 'node:crypto'
import { BODY, digest, form, get, hmac, holds, KEY, MS, ORIGIN, PLAIN, SECONDS, UNSIGNED, UUID } from './attacked.js'

/**
 * Clouds, couriers, games and others with more to their recipes, which are no presets, written from LANGUAGE.md. An address says where a
 * recipe is published; most of the pages were not at hand, so that it is from memory, as all without an address are. The MAC is the
 * published one where a comment says so; otherwise node:crypto makes it over the message as it stands there.
 */
const HTTP_DATE = 'Thu, 15 Jan 2026 12:00:00 GMT'
const step = (key, text) => createHmac('sha256', key).update(text).digest()

// knowledgecenter.2checkout.com, IPN: each value behind its length, in the order of the form
holds(
  'two-checkout-ipn',
  {
    algorithm: 'md5',
    signature: { form: 'HASH' },
    message: { each: 'form', item: '{value|length}{value}', join: '' },
    ambiguous: 'names are not signed',
  },
  hmac('md5', KEY, '5234562Hi5Boots0'),
  { request: form('REFNO=23456&NOTE=Hi&IPN_PNAME%5B%5D=Boots&EMPTY='), dated: false, open: 'method path query body' },
)

// billplz.com/api, X Signature on redirects: names without brackets and values, sorted as texts
holds(
  'billplz-redirect',
  {
    signature: { query: 'billplz[x_signature]' },
    message: { each: 'query', sort: 'item', item: '{name|remove:[|remove:]}{value}', join: '|' },
    ambiguous: 'a value can hold |, and nothing separates the name',
  },
  hmac('sha256', KEY, 'billplzidzq0tm2wc|billplzpaid_at2018-09-27 15:15:09 +0800|billplzpaidtrue'),
  {
    request: get('/return?billplz%5Bid%5D=zq0tm2wc&billplz%5Bpaid%5D=true&billplz%5Bpaid_at%5D=2018-09-27%2015%3A15%3A09%20%2B0800'),
    checks: { allowEmptyBody: true },
    dated: false,
    open: 'method path',
  },
)

// cloud.tencent.com, API 3.0: TC3-HMAC-SHA256
const TC3 = ['2026-01-15', 'cvm', 'tc3_request'].reduce(step, `TC3${KEY}`)
const TC3_CANONICAL = `POST\n/\n\ncontent-type:application/json\nhost:api.example.com\n\ncontent-type;host\n${digest('sha256', BODY)}`
holds(
  'tencent-tc3',
  {
    params: { service: null },
    key: { chain: ['TC3{secret}', '{date}', '{param:service}', 'tc3_request'] },
    signature: {
      authorization: 'TC3-HMAC-SHA256',
      members: ', ',
      format: 'Credential={keyId}/{date}/{param:service}/tc3_request, SignedHeaders={signed}, Signature={signature}',
    },
    timestamp: { header: 'x-tc-timestamp', unit: 'seconds' },
    fields: {
      date: { value: '{timestamp|time:YYYY-MM-DD}' },
      signed: { names: ';', mustInclude: ['content-type', 'host'] },
    },
    define: {
      lines: { each: 'headers', names: '{signed}', item: '{name}:{value|trim|lower}\n', join: '' },
      canonical: '{method}\n{path}\n{query}\n{lines}\n{signed}\n{body|sha256|hex}',
    },
    message: 'TC3-HMAC-SHA256\n{timestamp}\n{date}/{param:service}/tc3_request\n{canonical|sha256|hex}',
  },
  hmac('sha256', TC3, `TC3-HMAC-SHA256\n${SECONDS}\n2026-01-15/cvm/tc3_request\n${digest('sha256', TC3_CANONICAL)}`),
  { request: { url: `${ORIGIN}/` }, keyId: 'AKID1', set: { params: { service: 'cvm' } } },
)

// cloud.tencent.com, API 2017: method, host, path and sorted parameters
holds(
  'tencent-v1',
  {
    algorithm: 'sha1',
    signature: { query: 'Signature', encoding: 'base64' },
    timestamp: { query: 'Timestamp', unit: 'seconds' },
    nonce: { query: 'Nonce', as: 'digits' },
    keyId: { query: 'SecretId' },
    define: { pairs: { each: 'query', sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{method}{host}{path}?{pairs}',
    ambiguous: 'values are not encoded',
  },
  hmac(
    'sha1',
    KEY,
    `GETapi.example.com/v2/index.php?Action=DescribeInstances&InstanceIds.0=ins-09dx96dg&Nonce=11886&Region=ap-guangzhou&SecretId=AKID1&Timestamp=${SECONDS}`,
    'base64',
  ),
  {
    request: get('/v2/index.php?Action=DescribeInstances&InstanceIds.0=ins-09dx96dg&Region=ap-guangzhou'),
    keyId: 'AKID1',
    use: { nonce: '11886' },
  },
)

// developer.qiniu.com/kodo/1201: Qiniu <access key>:<signature>, the body only of requests whose type is not octet-stream
holds(
  'qiniu-v2',
  {
    algorithm: 'sha1',
    signature: { authorization: 'Qiniu', format: '{keyId}:{signature}', encoding: 'base64urlPadded' },
    define: {
      own: { each: 'headers', prefix: 'x-qiniu-', sort: 'name', item: '{name}: {value}\n', join: '' },
      head: '{method} {target}\nHost: {host}\n{header:content-type?|prepend:Content-Type: |append:\n}{own}\n',
    },
    message: {
      choose: [{ when: { contentType: 'application/octet-stream' }, use: '{head}' }, { use: '{head}{body}' }],
    },
    ambiguous: 'names of headers are written in lower case here; a body can be taken for none',
    allowUnboundBody: 'bodies of octets are not signed',
  },
  Buffer.from(hmac('sha1', KEY, `POST /v1/orders?b=2&a=1\nHost: api.example.com\nContent-Type: application/json\n\n${BODY}`), 'hex')
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_'),
  { keyId: 'ak', dated: false },
)

// learn.microsoft.com, Azure Monitor, HTTP Data Collector: the length of the body, not the body
holds(
  'azure-log-analytics',
  {
    key: '{secret|fromBase64}',
    signature: { authorization: 'SharedKey', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'x-ms-date', unit: 'http-date' },
    message: '{method}\n{body|length}\n{header:content-type}\nx-ms-date:{timestamp}\n{path}',
    allowUnboundBody: 'the vendor signs its length alone',
  },
  hmac('sha256', Buffer.from(KEY), `POST\n${BODY.length}\napplication/json\nx-ms-date:${HTTP_DATE}\n/api/logs`, 'base64'),
  {
    request: { url: `${ORIGIN}/api/logs?api-version=2016-04-01` },
    secret: Buffer.from(KEY).toString('base64'),
    keyId: 'ws1',
    open: 'query body',
  },
)

// techdocs.akamai.com, NetStorage usage API: data, path and action, each in a header of its own
holds(
  'akamai-netstorage',
  {
    signature: { header: 'x-akamai-acs-auth-sign', encoding: 'base64' },
    timestamp: { header: 'x-akamai-acs-auth-data', format: '5, 0.0.0.0, 0.0.0.0, {timestamp}, {nonce}, {keyId}', unit: 'seconds' },
    nonce: { as: 'digits' },
    fields: { action: { header: 'x-akamai-acs-action', write: 'version=1&action=dir' } },
    message: '5, 0.0.0.0, 0.0.0.0, {timestamp}, {nonce}, {keyId}{path}\nx-akamai-acs-action:{action}\n',
    ambiguous: 'nothing separates the name of the account from the path',
    allowUnboundBody: 'the vendor does not sign it',
  },
  hmac('sha256', KEY, `5, 0.0.0.0, 0.0.0.0, ${SECONDS}, 382644692, upload1/dir1\nx-akamai-acs-action:version=1&action=dir\n`, 'base64'),
  { request: get('/dir1'), keyId: 'upload1', use: { nonce: '382644692' }, open: 'method' },
)

// techdocs.akamai.com, EdgeGrid: the key is the HMAC of the time in base64, the header without its signature is part of the message
const EG_KEY = hmac('sha256', KEY, '20260115T12:00:00+0000', 'base64')
const EG = `EG1-HMAC-SHA256 client_token=akab-1;access_token=akab-2;timestamp=20260115T12:00:00+0000;nonce=${UUID};`
holds(
  'akamai-edgegrid',
  {
    params: { client: null },
    key: { chain: ['{secret}', '{timestamp}'], encoding: 'base64' },
    signature: {
      authorization: 'EG1-HMAC-SHA256',
      format: 'client_token={param:client};access_token={keyId};timestamp={timestamp};nonce={nonce};signature={signature}',
      encoding: 'base64',
    },
    timestamp: { unit: 'YYYYMMDD[T]HH:mm:ss+0000' },
    nonce: { as: 'uuid' },
    define: {
      auth: 'EG1-HMAC-SHA256 client_token={param:client};access_token={keyId};timestamp={timestamp};nonce={nonce};',
      head: '{method}\t{scheme}\t{host}\t{target}\t\t',
    },
    message: {
      choose: [{ when: { method: 'POST' }, use: '{head}{body|sha256|base64}\t{auth}' }, { use: '{head}\t{auth}' }],
    },
  },
  hmac('sha256', EG_KEY, `POST\thttps\tapi.example.com\t/v1/orders?b=2&a=1\t\t${digest('sha256', BODY, 'base64')}\t${EG}`, 'base64'),
  {
    keyId: 'akab-2',
    set: { params: { client: 'akab-1' }, publicOrigin: ORIGIN },
    use: { nonce: UUID },
    open: 'content-type',
  },
)

// api.ovh.com: $1$ and the SHA-1 of secret, consumer key, method, address, body and time, with + between
holds(
  'ovh',
  {
    ...PLAIN,
    algorithm: 'sha1',
    signature: { header: 'x-ovh-signature', format: '$1${signature}' },
    timestamp: { header: 'x-ovh-timestamp', unit: 'seconds' },
    keyId: { header: 'x-ovh-application' },
    fields: { consumer: { header: 'x-ovh-consumer', write: 'ck1' } },
    message: '{secret}+{consumer}+{method}+{url}+{body}+{timestamp}',
    ambiguous: 'an address can hold +',
  },
  `$1$${digest('sha1', `${KEY}+ck1+POST+${ORIGIN}/v1/orders?b=2&a=1+${BODY}+${SECONDS}`)}`,
  { keyId: 'ak', set: { publicOrigin: ORIGIN }, open: 'content-type' },
)

// dev.twitch.tv/docs/eventsub
holds(
  'twitch',
  {
    signature: { header: 'twitch-eventsub-message-signature', format: 'sha256={signature}' },
    timestamp: { header: 'twitch-eventsub-message-timestamp', unit: 'rfc3339', toleranceSeconds: 600 },
    nonce: { header: 'twitch-eventsub-message-id', as: 'uuid' },
    message: '{nonce}{timestamp}{body}',
    ambiguous: 'nothing separates the id from the time',
  },
  hmac('sha256', KEY, `${UUID}2026-01-15T12:00:00Z${BODY}`),
  { use: { nonce: UUID }, open: UNSIGNED },
)

// staging.slotegrator.com: headers take part among the sorted fields
holds(
  'slotegrator',
  {
    algorithm: 'sha1',
    signature: { header: 'x-sign' },
    timestamp: { header: 'x-timestamp', unit: 'seconds' },
    nonce: { header: 'x-nonce', as: 'hex' },
    keyId: { header: 'x-merchant-id' },
    message: {
      each: 'form',
      with: { 'X-Merchant-Id': '{keyId}', 'X-Timestamp': '{timestamp}', 'X-Nonce': '{nonce}' },
      encode: 'form',
      sort: 'name',
      item: '{name}={value}',
      join: '&',
    },
  },
  hmac('sha1', KEY, `X-Merchant-Id=m1&X-Nonce=${'ab'.repeat(16)}&X-Timestamp=${SECONDS}&game_uuid=abcd12345&player_name=A+B`),
  { request: form('player_name=A+B&game_uuid=abcd12345'), keyId: 'm1', use: { nonce: 'ab'.repeat(16) }, open: 'method path query' },
)

// open.sf-express.com: base64 of the MD5 of the encoded text
holds(
  'sf-express',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'msgDigest', encoding: 'base64' },
    timestamp: { form: 'timestamp', unit: 'milliseconds' },
    define: { all: '{form:msgData}{timestamp}{secret}' },
    message: '{all|encodeParam|replace:%20/+}',
  },
  digest('md5', new URLSearchParams({ '': `{"a": "b c"}${MS}${KEY}` }).toString().slice(1), 'base64'),
  { request: form(`msgData=${encodeURIComponent('{"a": "b c"}')}&partnerID=p1`), open: 'method path query body' },
)

// developers.lalamove.com: lines with carriage returns
holds(
  'lalamove',
  {
    signature: { authorization: 'hmac', format: '{keyId}:{timestamp}:{signature}' },
    timestamp: { unit: 'milliseconds' },
    message: '{timestamp}\r\n{method}\r\n{target}\r\n\r\n{body}',
  },
  `hmac pk_1:${MS}:${hmac('sha256', KEY, `${MS}\r\nPOST\r\n/v1/orders?b=2&a=1\r\n\r\n${BODY}`)}`,
  { keyId: 'pk_1', open: 'content-type' },
)

// github.com/openhab, miio cloud: the key is the hash of the session's secret and the nonce
const NONCE_64 = Buffer.from('0123456789ab').toString('base64')
const SIGNED_NONCE = createHash('sha256')
  .update(Buffer.concat([Buffer.from(KEY), Buffer.from(NONCE_64, 'base64')]))
  .digest()
holds(
  'xiaomi-miot',
  {
    key: { chain: ['{secret|fromBase64}', '{nonce|fromBase64}'], by: 'sha256' },
    signature: { form: 'signature', encoding: 'base64' },
    nonce: { form: '_nonce' },
    message: '{path|strip:/app}&{nonce}&data={form:data}',
    ambiguous: 'a path and the data can hold &',
  },
  hmac('sha256', SIGNED_NONCE, `/home/device_list&${NONCE_64}&data={"a":1}`, 'base64'),
  {
    request: { url: `${ORIGIN}/app/home/device_list`, ...form(`data=${encodeURIComponent('{"a":1}')}`) },
    secret: Buffer.from(KEY).toString('base64'),
    use: { nonce: NONCE_64 },
    dated: false,
    open: 'method',
  },
)

// w3.org/TR/websub: the name of the hash stands in front
holds(
  'websub',
  {
    algorithm: { sha256: 'sha256', sha384: 'sha384', sha512: 'sha512' },
    signature: { header: 'x-hub-signature', format: '{algorithm}={signature}' },
    message: '{body}',
  },
  `sha512=${hmac('sha512', KEY, BODY)}`,
  { use: { algorithm: 'sha512' }, dated: false, open: UNSIGNED },
)

// phemex-docs.github.io: path, query, deadline and body one behind the other
holds(
  'phemex',
  {
    params: { life: '60' },
    signature: { header: 'x-phemex-request-signature' },
    keyId: { header: 'x-phemex-access-token' },
    fields: { expires: { header: 'x-phemex-request-expiry', unit: 'seconds', param: 'life' } },
    message: '{path}{query}{expires}{body}',
    ambiguous: 'nothing separates the parts',
  },
  hmac('sha256', KEY, `/v1/ordersb=2&a=1${Number(SECONDS) + 60}${BODY}`),
  { keyId: 'k1', open: 'content-type method' },
)

// Roborock: Hawk's header with digests of path, query and form
holds(
  'roborock',
  {
    signature: {
      authorization: 'Hawk',
      members: ',',
      format: 'id="{keyId}",s="{session}",ts="{timestamp}",nonce="{nonce}",mac="{signature}"',
      encoding: 'base64',
    },
    timestamp: { unit: 'seconds' },
    fields: { session: { write: 's1' } },
    nonce: {},
    message: '{keyId}:{session}:{nonce}:{timestamp}:{path|md5|hex}::',
    allowUnboundBody: 'requests with a body have another message',
  },
  hmac('sha256', KEY, `u1:s1:n1:${SECONDS}:${digest('md5', '/user/homes/1')}::`, 'base64'),
  { request: get('/user/homes/1'), keyId: 'u1', use: { nonce: 'n1' }, open: 'method' },
)

// coincheck.com/documents: nonce, address and body
holds(
  'coincheck',
  {
    signature: { header: 'access-signature' },
    nonce: { header: 'access-nonce', as: 'digits' },
    keyId: { header: 'access-key' },
    message: '{nonce}{url}{body}',
    ambiguous: 'nothing separates the address from the body',
  },
  hmac('sha256', KEY, `${MS}${ORIGIN}/v1/orders?b=2&a=1${BODY}`),
  { keyId: 'k1', use: { nonce: MS }, set: { publicOrigin: ORIGIN }, dated: false, open: 'content-type method' },
)

// easypost.com/docs, webhooks: the secret in NFKD
holds(
  'easypost',
  {
    key: '{secret|normalize:NFKD}',
    signature: { header: 'x-hmac-signature', format: 'hmac-sha256-hex={signature}' },
    message: '{body}',
  },
  hmac('sha256', 's\u00e9cret-of-easypost'.normalize('NFKD'), BODY),
  { secret: 's\u00e9cret-of-easypost', dated: false, open: UNSIGNED },
)

// developer.surveymonkey.com: client id and secret are the key
holds(
  'surveymonkey',
  {
    algorithm: 'sha1',
    params: { client: null },
    key: '{param:client}&{secret}',
    signature: { header: 'sm-signature', encoding: 'base64' },
    message: '{body}',
  },
  hmac('sha1', `c1&${KEY}`, BODY, 'base64'),
  { set: { params: { client: 'c1' } }, dated: false, open: UNSIGNED },
)

// nextcloud-talk.readthedocs.io, bots
holds(
  'nextcloud-talk',
  {
    signature: { header: 'x-nextcloud-talk-signature' },
    nonce: { header: 'x-nextcloud-talk-random', as: 'hex' },
    message: '{nonce}{body}',
    ambiguous: 'nothing separates the two',
  },
  hmac('sha256', KEY, 'ab'.repeat(16) + BODY),
  { use: { nonce: 'ab'.repeat(16) }, dated: false, open: UNSIGNED },
)

// api.kuaidi100.com: MD5 of the parameter, the key and the customer, in capitals
holds(
  'kuaidi100',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { form: 'sign', encoding: 'hex|upper' },
    keyId: { form: 'customer' },
    message: '{form:param}{secret}{keyId}',
    ambiguous: 'nothing separates the parts',
  },
  digest('md5', `{"com":"yuantong"}${KEY}c1`).toUpperCase(),
  { request: form(`param=${encodeURIComponent('{"com":"yuantong"}')}`), keyId: 'c1', dated: false, open: 'method path query' },
)

// developer.umeng.com: MD5 of method, address, body and secret
holds(
  'umeng',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'sign' },
    timestamp: { json: '/timestamp', unit: 'seconds' },
    message: '{method}{origin}{path}{body}{secret}',
    ambiguous: 'nothing separates the path from the body',
  },
  digest('md5', `POST${ORIGIN}/api/send{"appkey":"k1","timestamp":"${SECONDS}"}${KEY}`),
  {
    request: { url: `${ORIGIN}/api/send`, body: `{"appkey":"k1","timestamp":"${SECONDS}"}` },
    set: { publicOrigin: ORIGIN },
    open: 'content-type',
  },
)

// api-docs.deliveroo.com: the sequence, a blank and the body
holds(
  'deliveroo',
  {
    signature: { header: 'x-deliveroo-hmac-sha256' },
    nonce: { header: 'x-deliveroo-sequence-guid', as: 'uuid' },
    message: '{nonce} {body}',
  },
  hmac('sha256', KEY, `${UUID} ${BODY}`),
  { use: { nonce: UUID }, dated: false, open: UNSIGNED },
)

// docs.payu.in, the hash of values between bars, empty ones among them
holds(
  'payu-india',
  {
    ...PLAIN,
    algorithm: 'sha512',
    signature: { form: 'hash' },
    keyId: { form: 'key' },
    message:
      '{keyId}|{form:txnid}|{form:amount}|{form:productinfo}|{form:firstname}|{form:email}|{form:udf1?}|{form:udf2?}|||||||||{secret}',
    ambiguous: 'a value can hold |',
  },
  digest('sha512', `k1|t1|10.00|shoes|A|a@b.c|x||||||||||${KEY}`),
  {
    request: form('txnid=t1&amount=10.00&productinfo=shoes&firstname=A&email=a%40b.c&udf1=x'),
    keyId: 'k1',
    dated: false,
    open: 'method path query',
  },
)

// gate.com/docs/developers/apiv4: method, path, query, SHA-512 of the body and time on lines
holds(
  'gate-v4',
  {
    algorithm: 'sha512',
    signature: { header: 'sign' },
    keyId: { header: 'key' },
    timestamp: { header: 'timestamp', unit: 'seconds' },
    message: '{method}\n{path}\n{query}\n{body|sha512|hex}\n{timestamp}',
  },
  hmac('sha512', KEY, `POST\n/v1/orders\nb=2&a=1\n${digest('sha512', BODY)}\n${SECONDS}`),
  { keyId: 'k1', open: 'content-type' },
)

// api.docs.btcmarkets.net, v3
holds(
  'btcmarkets',
  {
    algorithm: 'sha512',
    key: '{secret|fromBase64}',
    signature: { header: 'bm-auth-signature', encoding: 'base64' },
    timestamp: { header: 'bm-auth-timestamp', unit: 'milliseconds' },
    keyId: { header: 'bm-auth-apikey' },
    message: '{method}{path}{timestamp}{body}',
    ambiguous: 'nothing separates the path from the time',
  },
  hmac('sha512', Buffer.from(KEY), `POST/v1/orders${MS}${BODY}`, 'base64'),
  { secret: Buffer.from(KEY).toString('base64'), keyId: 'k1', open: 'content-type query' },
)
