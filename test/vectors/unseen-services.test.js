import { createHmac, pbkdf2Sync } from 'node:crypto'
import { BODY, digest, form, get, hmac, holds, KEY, MS, NO_BODY, NOW, PLAIN, SECONDS, UNSIGNED, UUID } from './attacked.js'

/**
 * Devices, media, messengers, build services and others that are no presets, written from LANGUAGE.md. An address says where a recipe is
 * published; most of the pages were not at hand, so that it is from memory, as all without an address are. The MAC is the published one
 * where a comment says so; otherwise node:crypto makes it over the message as it stands there.
 */

// github.com/OpenWonderLabs/SwitchBotAPI: token, time and nonce in headers, base64 in capitals
holds(
  'switchbot',
  {
    signature: { header: 'sign', encoding: 'base64|upper' },
    keyId: { header: 'authorization' },
    timestamp: { header: 't', unit: 'milliseconds' },
    nonce: { header: 'nonce', as: 'uuid' },
    message: '{keyId}{timestamp}{nonce}',
    ambiguous: 'nothing separates the token from the time',
    allowUnboundBody: 'the vendor signs neither body nor target',
  },
  hmac('sha256', KEY, `tok1${MS}${UUID}`, 'base64').toUpperCase(),
  { keyId: 'tok1', use: { nonce: UUID }, open: `${UNSIGNED} body` },
)

// developer.withings.com, sign your requests: values of the sorted parameters with commas
holds(
  'withings',
  {
    signature: { form: 'signature' },
    nonce: { form: 'nonce' },
    message: '{form:action},{form:client_id},{nonce}',
    ambiguous: 'a value can hold a comma',
  },
  hmac('sha256', KEY, 'activate,c1,n-1'),
  { request: form('action=activate&client_id=c1&userid=7'), use: { nonce: 'n-1' }, dated: false, open: 'body method path query' },
)

// dev.fitbit.com, subscriptions: the client secret and & are the key
holds(
  'fitbit',
  { algorithm: 'sha1', key: '{secret}&', signature: { header: 'x-fitbit-signature', encoding: 'base64' }, message: '{body}' },
  hmac('sha1', `${KEY}&`, BODY, 'base64'),
  { dated: false, open: UNSIGNED },
)

// cloud.ouraring.com, webhooks
holds(
  'oura',
  {
    signature: { header: 'x-oura-signature', encoding: 'hex|upper' },
    timestamp: { header: 'x-oura-timestamp', unit: 'seconds' },
    message: '{timestamp}{body}',
  },
  hmac('sha256', KEY, SECONDS + BODY).toUpperCase(),
  { open: UNSIGNED },
)

// developers.xsolla.com, webhooks: Authorization: Signature <sha1 of the body and the key>
holds(
  'xsolla',
  { ...PLAIN, algorithm: 'sha1', signature: { authorization: 'Signature' }, message: '{body}{secret}' },
  `Signature ${digest('sha1', BODY + KEY)}`,
  { dated: false, open: UNSIGNED },
)

// developers.is.com (ironSource), server-to-server callbacks
holds(
  'ironsource',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'signature' },
    timestamp: { query: 'timestamp', unit: 'YYYYMMDDHHmm' },
    nonce: { query: 'eventId' },
    message: '{timestamp}{nonce}{query:appUserId}{query:rewards}{secret}',
    ambiguous: 'nothing separates the values',
  },
  digest('md5', `202601151200e7u1${'10'}${KEY}`),
  { request: get('/reward?appUserId=u1&rewards=10'), use: { nonce: 'e7' }, open: 'method path' },
)

// create.roblox.com, webhooks
holds(
  'roblox',
  {
    signature: { header: 'roblox-signature', format: 't={timestamp},v1={signature}', members: ',', encoding: 'base64' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}.{body}',
  },
  hmac('sha256', KEY, `${SECONDS}.${BODY}`, 'base64'),
  { open: UNSIGNED },
)

// circleci.com/docs/webhooks
holds(
  'circleci',
  { signature: { header: 'circleci-signature', format: 'v1={signature}', list: ',' }, message: '{body}' },
  `v1=${hmac('sha256', KEY, BODY)}`,
  { dated: false, open: UNSIGNED },
)

// buildkite.com/docs/apis/webhooks
holds(
  'buildkite',
  {
    signature: { header: 'x-buildkite-signature', format: 'timestamp={timestamp},signature={signature}', members: ',' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}.{body}',
  },
  `timestamp=${SECONDS},signature=${hmac('sha256', KEY, `${SECONDS}.${BODY}`)}`,
  { open: UNSIGNED },
)

// docs.netlify.com, deploy notifications: a JSON Web Token with the hash of the body
holds(
  'netlify',
  {
    signature: { header: 'x-webhook-signature', format: '{head}.{claims}.{signature}', encoding: 'base64url' },
    fields: {
      head: { write: '{headText|utf8|base64url}' },
      claims: { write: '{claimsText|utf8|base64url}' },
      alg: { from: '{head|fromBase64url|json:/alg}', value: 'HS256' },
      iss: { from: '{claims|fromBase64url|json:/iss}', value: 'netlify' },
      hash: { from: '{claims|fromBase64url|json:/sha256}', value: '{body|sha256|hex}' },
    },
    define: {
      headText: '{{"alg":"HS256","typ":"JWT"}}',
      claimsText: '{{"iss":"netlify","sha256":"{body|sha256|hex}"}}',
    },
    message: '{head}.{claims}',
  },
  hmac(
    'sha256',
    KEY,
    ['{"alg":"HS256","typ":"JWT"}', `{"iss":"netlify","sha256":"${digest('sha256', BODY)}"}`]
      .map((text) => Buffer.from(text).toString('base64url'))
      .join('.'),
    'base64url',
  ),
  { dated: false, open: UNSIGNED },
)

// devcenter.heroku.com, app webhooks
holds(
  'heroku',
  { signature: { header: 'heroku-webhook-hmac-sha256', encoding: 'base64' }, message: '{body}' },
  hmac('sha256', KEY, BODY, 'base64'),
  { dated: false, open: UNSIGNED },
)

// sanity.io/docs, webhooks
holds(
  'sanity',
  {
    signature: { header: 'sanity-webhook-signature', format: 't={timestamp},v1={signature}', members: ',', encoding: 'base64url' },
    timestamp: { unit: 'milliseconds' },
    message: '{timestamp}.{body}',
  },
  hmac('sha256', KEY, `${MS}.${BODY}`, 'base64url'),
  { open: UNSIGNED },
)

// hygraph.com/docs, webhook signature: the body, the environment and the time as JSON
holds(
  'hygraph',
  {
    signature: { header: 'gcms-signature', format: 'sign={signature}, env={environment}, t={timestamp}', encoding: 'base64' },
    timestamp: { unit: 'milliseconds' },
    fields: { environment: { write: 'master' } },
    message: '{{"Body":{body|quote},"EnvironmentName":{environment|quote},"TimeStamp":{timestamp}}}',
  },
  hmac('sha256', KEY, JSON.stringify({ Body: BODY, EnvironmentName: 'master', TimeStamp: NOW }), 'base64'),
  { open: UNSIGNED },
)

// airtable.com/developers, webhooks: the key is base64
holds(
  'airtable',
  { key: '{secret|fromBase64}', signature: { header: 'x-airtable-content-mac', format: 'hmac-sha256={signature}' }, message: '{body}' },
  hmac('sha256', Buffer.from(KEY), BODY),
  { secret: Buffer.from(KEY).toString('base64'), dated: false, open: UNSIGNED },
)

// signwell.com, webhooks: the type and the time of the event, in the body
holds(
  'signwell',
  {
    signature: { json: '/event/hash' },
    timestamp: { json: '/event/time', unit: 'seconds', number: true },
    message: '{json:/event/type}@{timestamp}',
    allowUnboundBody: 'the vendor signs the type and the time alone',
  },
  hmac('sha256', KEY, `document_sent@${SECONDS}`),
  { request: { body: `{"event":{"type":"document_sent","time":${SECONDS},"hash":""},"data":{"id":7}}` }, open: `${UNSIGNED} body` },
)

// duffel.com/docs, webhooks
holds(
  'duffel',
  {
    signature: { header: 'x-duffel-signature', format: 't={timestamp},v2={signature}', members: ',' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}.{body}',
  },
  hmac('sha256', KEY, `${SECONDS}.${BODY}`),
  { open: UNSIGNED },
)

// developers.expediagroup.com, rapid: the hash of key, secret and time
holds(
  'expedia-rapid',
  {
    ...PLAIN,
    algorithm: 'sha512',
    signature: { authorization: 'EAN', format: 'apikey={keyId},signature={signature},timestamp={timestamp}' },
    timestamp: { unit: 'seconds' },
    message: '{keyId}{secret}{timestamp}',
    allowUnboundBody: 'the vendor signs neither body nor target',
  },
  `EAN apikey=k1,signature=${digest('sha512', `k1${KEY}${SECONDS}`)},timestamp=${SECONDS}`,
  { keyId: 'k1', open: `${UNSIGNED} body` },
)

// docs.moov.io, webhooks
holds(
  'moov',
  {
    algorithm: 'sha512',
    signature: { header: 'x-signature' },
    timestamp: { header: 'x-timestamp', unit: 'rfc3339' },
    nonce: { header: 'x-nonce', as: 'uuid' },
    fields: { webhook: { header: 'x-webhook-id' } },
    message: '{timestamp}|{nonce}|{webhook}',
    allowUnboundBody: 'the vendor does not sign it',
  },
  hmac('sha512', KEY, `2026-01-15T12:00:00Z|${UUID}|w1`),
  { use: { nonce: UUID, fields: { webhook: 'w1' } }, open: `${UNSIGNED} body` },
)

// developers.dwolla.com
holds('dwolla', { signature: { header: 'x-request-signature-sha-256' }, message: '{body}' }, hmac('sha256', KEY, BODY), {
  dated: false,
  open: UNSIGNED,
})

// airwallex.com/docs
holds(
  'airwallex',
  {
    signature: { header: 'x-signature' },
    timestamp: { header: 'x-timestamp', unit: 'milliseconds' },
    message: '{timestamp}{body}',
  },
  hmac('sha256', KEY, MS + BODY),
  { open: UNSIGNED },
)

// github.com/iZettle/api-documentation, pusher
holds(
  'zettle',
  {
    signature: { header: 'x-izettle-signature' },
    timestamp: { json: '/timestamp', unit: 'rfc3339-ms' },
    message: '{timestamp}.{json:/payload}',
  },
  hmac('sha256', KEY, '2026-01-15T12:00:00.000Z.{"a":1}'),
  {
    request: { body: '{"organizationUuid":"o1","timestamp":"2026-01-15T12:00:00.000Z","payload":"{\\"a\\":1}"}' },
    open: `${UNSIGNED} body`,
  },
)

// account.shareasale.com: token, date, verb and secret
holds(
  'shareasale',
  {
    ...PLAIN,
    signature: { header: 'x-shareasale-authentication', encoding: 'hex|upper' },
    timestamp: { header: 'x-shareasale-date', unit: 'http-date' },
    message: '{query:token}:{timestamp}:{query:action}:{secret}',
    ambiguous: 'a value can hold a colon',
    allowUnboundBody: 'the vendor signs three values alone',
  },
  digest('sha256', `t1:Thu, 15 Jan 2026 12:00:00 GMT:activity:${KEY}`).toUpperCase(),
  { request: get('/x.cfm?token=t1&action=activity&format=csv'), open: 'method path query' },
)

// api.zanox.com: method, path, time and nonce
holds(
  'zanox',
  {
    algorithm: 'sha1',
    signature: { authorization: 'ZXWS', format: '{keyId}:{signature}', encoding: 'base64' },
    timestamp: { header: 'date', unit: 'http-date' },
    nonce: { header: 'nonce', as: 'hex' },
    message: '{method}{path|lower}{timestamp}{nonce}',
    ambiguous: 'nothing separates the path from the date',
    allowUnboundBody: 'the vendor does not sign it',
  },
  hmac('sha1', KEY, `GET/reports/salesThu, 15 Jan 2026 12:00:00 GMT${'ab'.repeat(16)}`, 'base64'),
  { request: get('/reports/sales?date=x'), keyId: 'c1', use: { nonce: 'ab'.repeat(16) }, open: 'query' },
)

// lbs.amap.com: MD5 of the sorted parameters and the key
holds(
  'amap',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'sig' },
    define: { pairs: { each: 'query', sort: 'name', item: '{name}={value}', join: '&' } },
    message: '{pairs}{secret}',
    ambiguous: 'a value can hold & and =',
  },
  digest('md5', `address=x y&key=k1${KEY}`),
  { request: get('/v3/geo?key=k1&address=x%20y'), ...NO_BODY, dated: false, open: 'method path' },
)

// lbsyun.baidu.com, sn: MD5 of the encoded path, query and secret
holds(
  'baidu-map',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'sn' },
    define: { all: '{path}?{query}{secret}' },
    message: '{all|encodeForm}',
  },
  digest('md5', encodeURIComponent(`/geocoder/v2/?address=a&output=json&ak=yourak${KEY}`)),
  { request: get('/geocoder/v2/?address=a&output=json&ak=yourak'), dated: false, open: 'method' },
)

// api.ncloud-docs.com (Naver): method, address, time and key on lines
holds(
  'naver-cloud',
  {
    signature: { header: 'x-ncp-apigw-signature-v2', encoding: 'base64' },
    timestamp: { header: 'x-ncp-apigw-timestamp', unit: 'milliseconds' },
    keyId: { header: 'x-ncp-iam-access-key' },
    message: '{method} {target}\n{timestamp}\n{keyId}',
    allowUnboundBody: 'the vendor does not sign it',
  },
  hmac('sha256', KEY, `POST /v1/orders?b=2&a=1\n${MS}\nk1`, 'base64'),
  { keyId: 'k1', open: 'body content-type' },
)

// developers.viber.com
holds('viber', { signature: { header: 'x-viber-content-signature' }, message: '{body}' }, hmac('sha256', KEY, BODY), {
  dated: false,
  open: UNSIGNED,
})

// developers.zalo.me, official account: the hash of app, body, time and key
holds(
  'zalo-oa',
  {
    ...PLAIN,
    signature: { header: 'x-zevent-signature', format: 'mac={signature}' },
    timestamp: { json: '/timestamp', unit: 'milliseconds' },
    message: '{json:/app_id}{body}{timestamp}{secret}',
    ambiguous: 'nothing separates the application from the body',
  },
  digest('sha256', `360846524940903967{"app_id":"360846524940903967","timestamp":"${MS}"}${MS}${KEY}`),
  { request: { body: `{"app_id":"360846524940903967","timestamp":"${MS}"}` }, open: UNSIGNED },
)

// open.feishu.cn (Lark), event callbacks
holds(
  'lark-events',
  {
    ...PLAIN,
    signature: { header: 'x-lark-signature' },
    timestamp: { header: 'x-lark-request-timestamp', unit: 'seconds' },
    nonce: { header: 'x-lark-request-nonce' },
    message: '{timestamp}{nonce}{secret}{body}',
    ambiguous: 'nothing separates the nonce from the key',
  },
  digest('sha256', `${SECONDS}n1${KEY}${BODY}`),
  { use: { nonce: 'n1' }, open: UNSIGNED },
)

// open.feishu.cn, custom bots: the time and the secret are the key, and the message is empty
holds(
  'lark-bot',
  {
    key: '{timestamp}\n{secret}',
    signature: { json: '/sign', encoding: 'base64' },
    timestamp: { json: '/timestamp', unit: 'seconds' },
    message: '',
    allowUnboundBody: 'the vendor signs the time alone',
  },
  hmac('sha256', `${SECONDS}\n${KEY}`, '', 'base64'),
  { request: { body: '{"msg_type":"text"}' }, open: `${UNSIGNED} body` },
)

// open.dingtalk.com, custom robots: the secret stands in the message too
holds(
  'dingtalk-robot',
  {
    signature: { query: 'sign', encoding: 'base64' },
    timestamp: { query: 'timestamp', unit: 'milliseconds', toleranceSeconds: 3600 },
    message: '{timestamp}\n{secret}',
    allowUnboundBody: 'the vendor signs the time alone',
  },
  hmac('sha256', KEY, `${MS}\n${KEY}`, 'base64'),
  { open: `${UNSIGNED} body` },
)

// learn.microsoft.com, outgoing webhooks of Teams: the key is base64
holds(
  'teams-outgoing',
  { key: '{secret|fromBase64}', signature: { authorization: 'HMAC', encoding: 'base64' }, message: '{body}' },
  `HMAC ${hmac('sha256', Buffer.from(KEY), BODY, 'base64')}`,
  { secret: Buffer.from(KEY).toString('base64'), dated: false, open: UNSIGNED },
)

// core.telegram.org/widgets/login: the key is the hash of the bot's token
holds(
  'telegram-login',
  {
    key: '{secret|sha256}',
    signature: { query: 'hash' },
    timestamp: { query: 'auth_date', unit: 'seconds', toleranceSeconds: 86400 },
    message: { each: 'query', sort: 'name', item: '{name}={value}', join: '\n' },
    ambiguous: 'a value can hold a line feed',
  },
  hmac('sha256', Buffer.from(digest('sha256', KEY), 'hex'), `auth_date=${SECONDS}\nfirst_name=A B\nid=7`),
  { request: get('/login?id=7&first_name=A%20B'), open: 'method path' },
)

// core.telegram.org/bots/webapps: the key is the HMAC of the token under a constant
holds(
  'telegram-webapp',
  {
    key: { chain: ['WebAppData', '{secret}'] },
    signature: { form: 'hash' },
    timestamp: { form: 'auth_date', unit: 'seconds' },
    message: { each: 'form', except: ['signature'], sort: 'name', item: '{name}={value}', join: '\n' },
    ambiguous: 'a value can hold a line feed',
  },
  hmac('sha256', createHmac('sha256', 'WebAppData').update(KEY).digest(), `auth_date=${SECONDS}\nquery_id=q1\nuser={"id":7}`),
  { request: form('query_id=q1&user=%7B%22id%22%3A7%7D'), open: 'method path query' },
)

// docs.crisp.chat, webhooks
holds(
  'crisp',
  {
    signature: { header: 'x-crisp-signature' },
    timestamp: { header: 'x-crisp-request-timestamp', unit: 'milliseconds' },
    message: '[{timestamp};{body}]',
  },
  hmac('sha256', KEY, `[${MS};${BODY}]`),
  { open: UNSIGNED },
)

// docs.agora.io, notifications: two signatures of the body
holds(
  'agora-notifications',
  {
    signature: { header: 'agora-signature-v2' },
    fields: { old: { header: 'agora-signature', write: '{body|sha1|hex}' } },
    message: '{body}',
  },
  hmac('sha256', KEY, BODY),
  { dated: false, open: `${UNSIGNED} agora-signature` },
)

// docs.zegocloud.com, callbacks: the hash of secret, time and nonce, sorted
holds(
  'zego-callback',
  {
    ...PLAIN,
    algorithm: 'sha1',
    signature: { json: '/signature' },
    timestamp: { json: '/timestamp', unit: 'seconds', number: true },
    nonce: { json: '/nonce' },
    message: { each: [], with: { a: '{secret}', b: '{timestamp}', c: '{nonce}' }, sort: 'item', item: '{value}', join: '' },
    ambiguous: 'nothing separates the values',
    allowUnboundBody: 'the vendor signs time and nonce alone',
  },
  digest('sha1', [KEY, SECONDS, '350176'].sort().join('')),
  { request: { body: '{"event":"room_close"}' }, use: { nonce: '350176' }, open: `${UNSIGNED} body` },
)

// docs.daily.co, webhooks: the key is base64
holds(
  'daily',
  {
    key: '{secret|fromBase64}',
    signature: { header: 'x-webhook-signature', encoding: 'base64' },
    timestamp: { header: 'x-webhook-timestamp', unit: 'seconds' },
    message: '{timestamp}.{body}',
  },
  hmac('sha256', Buffer.from(KEY), `${SECONDS}.${BODY}`, 'base64'),
  { secret: Buffer.from(KEY).toString('base64'), open: UNSIGNED },
)

// docs.bunny.net, token authentication: base64url of the hash of key, path and deadline
holds(
  'bunny-token',
  {
    ...PLAIN,
    params: { life: '3600' },
    signature: { query: 'token', encoding: 'base64url' },
    fields: { expires: { query: 'expires', unit: 'seconds', param: 'life' } },
    message: '{secret}{path}{expires}',
    ambiguous: 'nothing separates the path from the deadline',
  },
  digest('sha256', `${KEY}/videos/a.mp4${Number(SECONDS) + 3600}`, 'base64url'),
  { request: get('/videos/a.mp4'), open: 'method' },
)

// docs.imgix.com: MD5 of token, path and query
holds(
  'imgix',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 's' },
    message: { choose: [{ when: { is: { '{query}': '' } }, use: '{secret}{path}' }, { use: '{secret}{path}?{query}' }] },
  },
  digest('md5', `${KEY}/users/1.png?w=400&h=300`),
  { request: get('/users/1.png?w=400&h=300'), dated: false, open: 'method' },
)

// thumbor.readthedocs.io: the signature is the first segment of the path
holds(
  'thumbor',
  {
    algorithm: 'sha1',
    signature: { path: '/{signature}/{image}', encoding: 'base64urlPadded' },
    fields: { image: { write: '{path|strip:/}' } },
    message: '{image}',
  },
  hmac('sha1', KEY, '300x200/smart/example.com/a.jpg', 'base64url'),
  { request: get('/300x200/smart/example.com/a.jpg'), dated: false, open: 'method' },
)

// docs.imagekit.io: HMAC-SHA1 of the address without its origin, and the deadline
holds(
  'imagekit',
  {
    algorithm: 'sha1',
    params: { life: '300' },
    signature: { query: 'ik-s' },
    fields: { expires: { query: 'ik-t', unit: 'seconds', param: 'life' } },
    message: '{path|strip:/}{expires}',
    ambiguous: 'nothing separates the path from the deadline',
  },
  hmac('sha1', KEY, `demo/a.jpg${Number(SECONDS) + 300}`),
  { request: get('/demo/a.jpg'), open: 'method' },
)

// uploadcare.com/docs, signed uploads: the deadline under the secret
holds(
  'uploadcare',
  {
    params: { life: '1800' },
    signature: { form: 'signature' },
    fields: { expire: { form: 'expire', unit: 'seconds', param: 'life' } },
    message: '{expire}',
    allowUnboundBody: 'the vendor signs the deadline alone',
  },
  hmac('sha256', KEY, String(Number(SECONDS) + 1800)),
  { request: form('UPLOADCARE_PUB_KEY=k1'), ...NO_BODY, open: 'body method path query' },
)

// developer.vonage.com, signed messages: & in front of each sorted parameter, & and = of values as _
holds(
  'vonage-sms',
  {
    signature: { query: 'sig' },
    timestamp: { query: 'timestamp', unit: 'seconds' },
    message: { each: 'query', sort: 'name', item: '&{name}={value|replace:&/_|replace:=/_}', join: '' },
    ambiguous: 'a name can hold = and &',
  },
  hmac('sha256', KEY, `&msisdn=447700900001&text=a_b_c&timestamp=${SECONDS}`),
  { request: get('/inbound?msisdn=447700900001&text=a%26b%3Dc'), open: 'method path' },
)

// developer.helpscout.com
holds(
  'helpscout',
  { algorithm: 'sha1', signature: { header: 'x-helpscout-signature', encoding: 'base64' }, message: '{body}' },
  hmac('sha1', KEY, BODY, 'base64'),
  { dated: false, open: UNSIGNED },
)

// cloud.tencent.com, CDN, authentication type A: time, random, user and MD5 in one parameter
holds(
  'tencent-cdn-a',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { query: 'sign', format: '{timestamp}-{nonce}-0-{signature}' },
    timestamp: { unit: 'seconds', toleranceSeconds: 1800 },
    nonce: { as: 'hex' },
    message: '{path}-{timestamp}-{nonce}-0-{secret}',
  },
  `${SECONDS}-${'ab'.repeat(16)}-0-${digest('md5', `/a.mp4-${SECONDS}-${'ab'.repeat(16)}-0-${KEY}`)}`,
  { request: get('/a.mp4'), use: { nonce: 'ab'.repeat(16) }, open: 'method' },
)

// help.aliyun.com, CDN, type C: MD5 and the time in hex in front of the path
holds(
  'aliyun-cdn-c',
  {
    ...PLAIN,
    algorithm: 'md5',
    signature: { path: '/{signature}/{timestamp}/{file}' },
    timestamp: { unit: 'hex-seconds', toleranceSeconds: 1800 },
    fields: { file: { write: '{path|strip:/}' } },
    message: '{secret}/{file}{timestamp}',
  },
  `/${digest('md5', `${KEY}/video/a.flv${Number(SECONDS).toString(16)}`)}/${Number(SECONDS).toString(16)}/video/a.flv`,
  { request: get('/video/a.flv'), open: 'method' },
)

// Rails, signed cookies: the key is stretched from secret_key_base
holds(
  'rails-signed-cookie',
  {
    algorithm: 'sha1',
    key: '{secret|pbkdf2:sha1/1000/64/signed cookie}',
    signature: { cookie: 'user_id', format: '{data}--{signature}' },
    fields: { data: {} },
    message: '{data}',
  },
  hmac('sha1', pbkdf2Sync(KEY, 'signed cookie', 1000, 64, 'sha1'), 'NDI='),
  { request: get('/me'), use: { fields: { data: 'NDI=' } }, ...NO_BODY, dated: false, open: 'method path' },
)
