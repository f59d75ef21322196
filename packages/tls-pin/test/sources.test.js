/** What each source takes, what it says of itself, and which headers it reads under which names. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { memoryClients } from '@countersign/core'
import {
  awsAlb,
  caddy,
  cloudfront,
  envoy,
  haproxy,
  headers,
  nginx,
  rfc9440,
  socket,
  tlsPinAuthenticator,
  traefik,
} from '@countersign/tls-pin'
import { outcome, requestWith } from './support/request.js'

const { certificate, authorities, vectors } = JSON.parse(readFileSync(new URL('vectors/proxies.json', import.meta.url), 'utf8'))
const SHA256 = '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688'
const SHA1 = 'e32511e8cff992451058f4b70ffbf9017bfd0b2a'
const now = () => Date.parse(certificate.now)
const secret = { header: 'X-Proxy-Secret', value: 'a-secret-of-the-proxy' }
const base = { trustedProxies: ['127.0.0.1'] }
const sources = {
  awsAlb: (options) => awsAlb({ ...base, ...options }),
  caddy: (options) => caddy({ ...base, ...options }),
  cloudfront: (options) => cloudfront({ ...base, secret, ...options }),
  envoy: (options) => envoy({ ...base, ...options }),
  haproxy: (options) => haproxy({ ...base, ...options }),
  headers: (options) => headers({ ...base, prefix: 'X-Tls-', ...options }),
  nginx: (options) => nginx({ ...base, ...options }),
  rfc9440: (options) => rfc9440({ ...base, ...options }),
  traefik: (options) => traefik({ ...base, ...options }),
}
const ca = authorities.root

const judged = (from, sent, options = { pins: certificate.sha256 }) =>
  tlsPinAuthenticator({ from, now, ...options }).authenticate(requestWith([...sent, [secret.header, secret.value]]))
const judge = (...args) => outcome(judged(...args))
const mistake = (make) => {
  try {
    make()
  } catch (error) {
    assert.equal(error.name, 'TypeError')
    return error.message
  }
  return 'none'
}

test('each source has its own name, and can say verified only where something verifies', () => {
  const verifying = { awsAlb: [{}], haproxy: [{}], nginx: [{}] }
  for (const [name, make] of Object.entries(sources)) {
    assert.equal(make().name, name)
    assert.equal(make().verifies, name in verifying, name)
    assert.ok(Object.isFrozen(make()))
    if (name in verifying) continue
    assert.equal(make({ proxyVerifies: true }).verifies, true, name)
    if (name !== 'headers') assert.equal(make({ ca }).verifies, true, name)
    else assert.equal(make({ verifiedWhen: { VERIFY: '0' } }).verifies, true)
  }
  assert.deepEqual([socket().name, socket().verifies], ['socket', true])
})

test('a load balancer that verifies is believed, one that passes through is not', () => {
  const names = { conditions: { CN: 'BC' }, allowNameOnly: true }
  const [verify, passthrough] = vectors.filter(({ dialect }) => dialect === 'awsAlb')
  assert.equal(judge(awsAlb(base), verify.headers, names), 'granted')
  const foreign = awsAlb({ ...base, mode: 'passthrough', ca: authorities.intermediate })
  const [[name, value]] = passthrough.headers
  const END = '-----END%20CERTIFICATE-----'
  const leafAlone = value.slice(0, value.indexOf(END) + END.length)
  assert.equal(judge(foreign, [[name, leafAlone]], names), 'granted')
  assert.equal(judge(awsAlb({ ...base, mode: 'passthrough', ca }), [[name, leafAlone]], names), 'ERR_TLS_NOT_VERIFIED')
  const chainAsLeaf = [['X-Amzn-Mtls-Clientcert-Leaf', value]]
  assert.equal(judge(awsAlb(base), chainAsLeaf), 'ERR_TLS_HEADER_MALFORMED', 'the leaf is one certificate')
})

test('the names of the headers can be others, and then no other is read', () => {
  const renamed = {
    nginx: ['certificate', 'X-Other-Cert'],
    haproxy: ['certificate', 'X-Other-Cert'],
    caddy: ['certificate', 'X-Other-Cert'],
  }
  renamed.awsAlb = ['leaf', 'X-Other-Cert']
  for (const [dialect, [role, name]] of Object.entries(renamed)) {
    const { headers: sent } = vectors.find((vector) => vector.dialect === dialect)
    const at = sent.findIndex(([, value]) => value.includes('MII'))
    const from = sources[dialect]({ headers: { [role]: name } })
    assert.equal(judge(from, sent.with(at, [name, sent[at][1]])), 'granted', dialect)
    assert.notEqual(judge(from, sent), 'granted', dialect)
  }
  const verify = nginx({ ...base, headers: { verify: 'ssl-client-verify' } })
  const [, pem] = vectors.find(({ dialect }) => dialect === 'nginx').headers
  assert.equal(judge(verify, [['Ssl-Client-Verify', 'NONE'], pem]), 'ERR_TLS_HEADER_MALFORMED')
})

test('a header of the family that is not read presents nothing by itself', () => {
  for (const [dialect, name] of [
    ['caddy', 'X-Client-Cert-Subject'],
    ['cloudfront', 'CloudFront-Viewer-Cert-Subject'],
    ['envoy', 'X-Forwarded-Client-Cert-Chain'],
    ['haproxy', 'X-SSL-Client-CN'],
    ['haproxy', 'X-SSL-Issuer-DN'],
    ['nginx', 'X-SSL-Client-S-DN'],
    ['rfc9440', 'Client-Cert-Other'],
    ['traefik', 'X-Forwarded-Tls-Client-Cert-Info'],
  ]) {
    assert.equal(judge(sources[dialect](), [[name, 'x']]), 'absent', name)
    assert.equal(judge(sources[dialect](), [[name, '']]), 'absent', name)
  }
})

test('fields: the usual headers of each proxy answer their conditions', () => {
  const fields = {
    haproxy: {
      SUBJECT: ['X-SSL-Client-DN', 'CN=a,O=b'],
      CN: ['X-SSL-Client-CN', 'a'],
      O: ['X-SSL-Client-O', 'b'],
      OU: ['X-SSL-Client-OU', 'c'],
      ISSUER: ['X-SSL-Issuer-DN', 'CN=ca,O=b'],
      SERIAL: ['X-SSL-Client-Serial', '1001'],
      NOTBEFORE: ['X-SSL-Client-Not-Before', '200101000000Z'],
      NOTAFTER: ['X-SSL-Client-Not-After', '360101000000Z'],
    },
    nginx: {
      SUBJECT: ['X-SSL-Client-S-DN', 'CN=a,O=b'],
      ISSUER: ['X-SSL-Client-I-DN', 'CN=ca,O=b'],
      SERIAL: ['X-SSL-Client-Serial', '1001'],
      NOTBEFORE: ['X-SSL-Client-V-Start', 'Jan  1 00:00:00 2020 GMT'],
      NOTAFTER: ['X-SSL-Client-V-End', 'Jan  1 00:00:00 2036 GMT'],
    },
    caddy: {
      SUBJECT: ['X-Client-Cert-Subject', 'CN=a,O=b'],
      ISSUER: ['X-Client-Cert-Issuer', 'CN=ca,O=b'],
      SERIAL: ['X-Client-Cert-Serial', '4097'],
    },
    cloudfront: {
      SUBJECT: ['CloudFront-Viewer-Cert-Subject', 'CN=a,O=b'],
      ISSUER: ['CloudFront-Viewer-Cert-Issuer', 'CN=ca,O=b'],
      SERIAL: ['CloudFront-Viewer-Cert-Serial-Number', '1001'],
    },
  }
  const digests = {
    haproxy: [
      'sha256',
      [
        ['X-SSL-Client-Verify', '0'],
        ['X-SSL-Client-Used', '1'],
        ['X-SSL-Client-SHA256', SHA256],
      ],
      SHA256,
    ],
    nginx: [
      'sha1',
      [
        ['X-SSL-Client-Verify', 'SUCCESS'],
        ['X-SSL-Client-Fingerprint', SHA1],
      ],
      SHA1,
    ],
    caddy: ['sha256', [['X-Client-Cert-Fingerprint', SHA256]], SHA256],
    cloudfront: [
      'sha256',
      [
        ['CloudFront-Viewer-Cert-Present', '1'],
        ['CloudFront-Viewer-Cert-Sha256', SHA256],
      ],
      SHA256,
    ],
  }
  for (const [dialect, usual] of Object.entries(fields)) {
    const [form, sent, pins] = digests[dialect]
    for (const [key, [name, value]] of Object.entries(usual)) {
      const from = sources[dialect]({ certificate: form, fields: [key] })
      const by = (header, given = value) => judge(from, [...sent, [header, given]], { pins, conditions: { [key]: value } })
      assert.equal(by(name), 'granted', `${dialect} ${key}`)
      assert.equal(by('X-Not-It'), key.startsWith('NOT') ? 'ERR_TLS_HEADER_MISSING' : 'ERR_TLS_CONDITION', `${dialect} ${key}`)
      assert.equal(by(name, ''), key.startsWith('NOT') ? 'ERR_TLS_HEADER_MALFORMED' : 'ERR_TLS_HEADER_EMPTY', `${dialect} ${key}`)
      // Whoever is not the proxy may not send it either.
      const stranger = requestWith([[name, value]], { from: '10.9.9.9' })
      assert.equal(outcome(tlsPinAuthenticator({ from, pins, now }).authenticate(stranger)), 'ERR_TLS_UNTRUSTED_PEER', name)
    }
    const every = sources[dialect]({ certificate: form, fields: Object.keys(usual) })
    const all = [...sent, ...Object.values(usual)]
    assert.equal(judge(every, all, { pins }), 'granted', dialect)
    const other = pins.replace(/^../, '00')
    assert.equal(judge(every, all, { pins: other }), 'ERR_TLS_PIN_MISMATCH', dialect)
    assert.match(
      mistake(() => sources[dialect]({ fields: ['CN'] })),
      /option "fields" must not name CN: it is read from the certificate$/,
    )
    const own = sources[dialect]({ fields: { ENV: 'X-Env' } })
    assert.deepEqual(own.keys.has('ENV'), true)
    const custom = sources[dialect]({ certificate: form, fields: { 'MY.KEY-1': 'X-Mine' } })
    assert.equal(judge(custom, [...sent, ['X-Mine', 'v']], { pins, conditions: { 'MY.KEY-1': 'v' } }), 'granted')
  }
})

test('a fingerprint answers its own conditions, and parts of the name where the name is there', () => {
  const answers = (from) => [...from.keys].sort().join(' ')
  assert.equal(answers(haproxy({ ...base, certificate: 'sha1' })), 'FINGERPRINT')
  assert.equal(answers(haproxy({ ...base, certificate: 'sha256' })), 'FINGERPRINT FINGERPRINT256')
  assert.equal(answers(haproxy({ ...base, certificate: 'sha256', fields: ['SUBJECT'] })), 'CN FINGERPRINT FINGERPRINT256 O OU SUBJECT')
  assert.equal(answers(nginx({ ...base, certificate: 'sha1', fields: ['SERIAL'] })), 'FINGERPRINT SERIAL')
  const sha1 = nginx({ ...base, certificate: 'sha1' })
  assert.deepEqual(sha1.kinds, ['sha1'])
  const sent = [
    ['X-SSL-Client-Verify', 'SUCCESS'],
    ['X-SSL-Client-Fingerprint', SHA1],
  ]
  assert.equal(judge(sha1, sent, { pins: SHA1 }), 'granted')
  assert.equal(judge(sha1, sent, { pins: [SHA1.replace('e', 'f'), SHA256] }), 'ERR_TLS_PIN_MISMATCH')
  const told = judged(sha1, sent, { pins: SHA1.replace('e', 'f') }).reason
  assert.equal(told, 'no pin matches the certificate', 'there is no SHA-256 to tell')
  const with256 = sent.with(1, ['X-SSL-Client-Fingerprint', SHA256])
  assert.equal(judge(sha1, with256, { pins: SHA1 }), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(sha1, sent.with(1, ['X-SSL-Client-Fingerprint', '']), { pins: SHA1 }), 'ERR_TLS_HEADER_EMPTY')
  assert.equal(judge(sha1, sent.slice(0, 1), { pins: SHA1 }), 'ERR_TLS_HEADER_MISSING')
})

test('without a word of the proxy about it a pinned certificate passes, and a name does not', () => {
  const silent = { haproxy: { headers: { verify: false, used: false } }, nginx: { headers: { verify: false } }, cloudfront: {} }
  for (const [dialect, options] of Object.entries(silent)) {
    const { headers: all } = vectors.find((vector) => vector.dialect === dialect)
    const alone = all.filter(([, value]) => value.includes('MII'))
    assert.equal(judge(sources[dialect](options), alone), 'granted', dialect)
    const names = { conditions: { CN: 'BC' }, allowNameOnly: true }
    assert.match(
      mistake(() => judge(sources[dialect](options), alone, names)),
      /needs a source that reports/,
    )
    assert.equal(judge(sources[dialect]({ ...options, ca }), alone, names), 'ERR_TLS_NOT_VERIFIED', dialect)
  }
})

test('a certificate that the proxy has found wrong is refused, also where it leads to our authority', () => {
  const names = { conditions: { CN: 'BC' }, allowNameOnly: true }
  const { headers: sent } = vectors.find(({ dialect }) => dialect === 'haproxy')
  const from = haproxy({ ...base, ca: authorities.intermediate })
  assert.equal(judge(from, sent, names), 'granted')
  const verified = sent.findIndex(([name]) => name === 'X-SSL-Client-Verify')
  for (const options of [names, undefined]) {
    const { code, reason } = judged(from, sent.with(verified, ['X-SSL-Client-Verify', '10']), options)
    assert.deepEqual([code, reason], ['ERR_TLS_NOT_VERIFIED', 'HAProxy says ssl_c_verify 10'])
  }
  const failed = judged(nginx(base), [
    ['X-SSL-Client-Verify', `FAILED:${'x'.repeat(100)}`],
    vectors.find(({ dialect }) => dialect === 'nginx').headers[1],
  ])
  assert.deepEqual([failed.code, failed.reason], ['ERR_TLS_NOT_VERIFIED', `nginx says FAILED:${'x'.repeat(80)}`])
})

test('S11: a pinned key vouches for itself alone: what else its holder wrote into a certificate meets no condition', () => {
  const pem = vectors.find(({ dialect }) => dialect === 'nginx').headers[1]
  const by = (verify, options) => judge(nginx(base), [['X-SSL-Client-Verify', verify], pem], options)
  const names = { CN: 'BC' }
  const { spki } = certificate
  const registered = (...pins) =>
    memoryClients({ now, clients: [{ id: 'a', credentials: pins.map((pin) => ({ kind: 'certificate', pin })) }] })
  const unknown = 'FAILED:self signed certificate'
  const cases = [
    ['pins of the key', { pins: spki }, 'granted'],
    ['and a name', { pins: spki, conditions: names }, 'ERR_TLS_NOT_VERIFIED'],
    ['the key and a name as conditions', { conditions: { SPKI: spki, ...names } }, 'ERR_TLS_NOT_VERIFIED'],
    ['the key as a condition', { conditions: { SPKI: spki } }, 'granted'],
    ['a client by the key', { clients: registered(spki) }, 'granted'],
    ['a client by the key, and a name', { clients: registered(spki), conditions: names }, 'ERR_TLS_NOT_VERIFIED'],
    ['the whole certificate and a name', { pins: certificate.sha256, conditions: names }, 'granted'],
    ['the key, the whole certificate and a name', { pins: spki, conditions: { FINGERPRINT256: certificate.sha256, ...names } }, 'granted'],
    ['a client by the whole certificate, and a name', { clients: registered(certificate.sha256), conditions: names }, 'granted'],
    ['a client by both, and a name', { clients: registered(spki, certificate.sha256), conditions: names }, 'granted'],
  ]
  for (const [what, options, expected] of cases) {
    assert.equal(by(unknown, options), expected, what)
    assert.equal(by('SUCCESS', options), 'granted', what)
  }
  const { reason } = judged(nginx(base), [['X-SSL-Client-Verify', unknown], pem], { pins: spki, conditions: names })
  assert.match(reason, /^only its public key is pinned; nobody has verified the rest of the certificate/)
})

test('S10: haproxy that does not say that a certificate was used has verified none', () => {
  const sent = vectors.find(({ dialect }) => dialect === 'haproxy').headers
  const said = sent.filter(([name]) => name !== 'X-SSL-Client-Used')
  const conditions = { CN: 'BC' }
  const options = { pins: certificate.spki, conditions }
  assert.equal(judge(haproxy(base), sent, options), 'granted')
  assert.equal(judge(haproxy({ ...base, headers: { used: false } }), said, options), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(judge(haproxy({ ...base, headers: { used: false } }), said, { pins: certificate.sha256, conditions }), 'granted')
})

test('a client that is shut out does not become another by a weaker pin', async () => {
  const pem = vectors.find(({ dialect }) => dialect === 'nginx').headers[1]
  const { spki } = certificate
  const clients = memoryClients({
    now,
    clients: [
      { id: 'a', disabled: true, credentials: [{ kind: 'certificate', pin: certificate.sha256 }] },
      { id: 'b', credentials: [{ kind: 'certificate', pin: spki }] },
    ],
  })
  const later = { findCertificate: async (pin) => clients.findCertificate(pin) }
  const pin = (registry) => tlsPinAuthenticator({ from: nginx(base), now, clients: registry })
  const request = requestWith([['X-SSL-Client-Verify', 'SUCCESS'], pem])
  assert.equal(outcome(pin(clients).authenticate(request)), 'ERR_TLS_CLIENT_DISABLED')
  assert.equal(outcome(await pin(later).authenticate(request)), 'ERR_TLS_CLIENT_DISABLED')
})

test('nginx: each word of OpenSSL for an unknown issuer lets a pin stand in, and nothing else does', () => {
  const pem = vectors.find(({ dialect }) => dialect === 'nginx').headers[1]
  const by = (reason, options) => judge(nginx(base), [['X-SSL-Client-Verify', `FAILED:${reason}`], pem], options)
  for (const reason of [
    'unable to get issuer certificate',
    'self signed certificate',
    'self-signed certificate',
    'self signed certificate in certificate chain',
    'self-signed certificate in certificate chain',
    'unable to get local issuer certificate',
    'unable to verify the first certificate',
    'certificate not trusted',
  ]) {
    assert.equal(by(reason), 'granted', reason)
    assert.equal(by(reason, { conditions: { CN: 'BC' }, allowNameOnly: true }), 'ERR_TLS_NOT_VERIFIED', reason)
  }
  for (const reason of ['', 'certificate has expired', 'certificate revoked', 'CRL has expired', 'certificate rejected']) {
    assert.equal(by(reason), 'ERR_TLS_NOT_VERIFIED', reason)
  }
  assert.equal(
    judge(nginx(base), [
      ['X-SSL-Client-Verify', 'NONE'],
      ['X-SSL-Client-Escaped-Cert', ''],
    ]),
    'absent',
  )
})

test('cloudfront: Present is 0 or 1, and contradicts nothing', () => {
  const from = cloudfront({ ...base, secret })
  const pem = vectors.find(({ dialect }) => dialect === 'cloudfront').headers.find(([, value]) => value.includes('MII'))
  const by = (present, ...more) => judged(from, [['CloudFront-Viewer-Cert-Present', present], ...more])
  assert.equal(outcome(by('1', pem)), 'granted')
  assert.equal(outcome(by('0', [pem[0], ''])), 'absent')
  assert.equal(outcome(by('0', pem)), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(outcome(by('1')), 'ERR_TLS_HEADER_MISSING')
  for (const present of ['2', '', 'true', '01', '1, 1']) {
    const { code, reason } = by(present, pem)
    assert.deepEqual([code, reason], ['ERR_TLS_HEADER_MALFORMED', 'the header cloudfront-viewer-cert-present is neither 0 nor 1'], present)
  }
})

test('rfc9440: both colons, octets of a certificate, and a chain of nothing else', () => {
  const [[name, leaf], [chainName, chain]] = vectors.find(({ dialect, ca: own }) => dialect === 'rfc9440' && own).headers
  const bare = leaf.slice(1, -1)
  for (const bad of [`x${bare}:`, `:${bare}x`, `x${bare}x`, `'${bare}'`, ':', '::', ':AAAA:', bare]) {
    assert.equal(judge(rfc9440(base), [[name, bad]]), 'ERR_TLS_HEADER_MALFORMED', bad.slice(0, 20))
  }
  const checked = rfc9440({ ...base, ca })
  assert.equal(
    judge(checked, [
      [name, leaf],
      [chainName, chain],
    ]),
    'granted',
  )
  assert.equal(
    judge(checked, [
      [name, ''],
      [chainName, chain],
    ]),
    'ERR_TLS_HEADER_EMPTY',
  )
  for (const bad of [':AAAA:', `${chain}, :AAAA:`, `${chain},`, 'x', '']) {
    assert.equal(
      judge(checked, [
        [name, leaf],
        [chainName, bad],
      ]),
      'ERR_TLS_HEADER_MALFORMED',
      bad.slice(-10),
    )
  }
  const half = chain.split(',')
  const parts = half.map((one) => [chainName, one.trim()])
  assert.equal(judge(checked, [[name, leaf], ...parts]), 'granted', 'the chain may stand on several lines')
  assert.equal(
    judge(rfc9440(base), [
      [name, leaf],
      [chainName, 'not read without ca'],
    ]),
    'granted',
  )
  const { reason } = judged(rfc9440(base), [[chainName, chain]])
  assert.equal(reason, 'Client-Cert-Chain was sent without Client-Cert')
  assert.equal(judged(rfc9440(base), [[name, `${leaf},${leaf}`]]).reason, 'Client-Cert has several elements')
})

test('headers: what verifiedWhen says, and what a missing or another value does', () => {
  const sent = (...more) => [['X-Tls-Fingerprint256', SHA256], ...more]
  const from = headers({ ...base, prefix: 'X-Tls-', verifiedWhen: { VERIFY: '0' } })
  assert.equal(judge(from, sent(), { pins: SHA256 }), 'ERR_TLS_HEADER_MISSING')
  assert.equal(judge(from, sent(['X-Tls-Verify', '0']), { pins: SHA256 }), 'granted')
  const { code, reason } = judged(from, sent(['X-Tls-Verify', '10']), { pins: SHA256 })
  assert.deepEqual([code, reason], ['ERR_TLS_NOT_VERIFIED', 'x-tls-verify is not 0'])
  const verification = (source, ...more) => source.read(requestWith(sent(...more))).verification
  assert.equal(verification(headers({ ...base, prefix: 'X-Tls-' })), 'unstated')
  assert.equal(verification(from, ['X-Tls-Verify', '0']), 'verified')
  assert.equal(verification(headers({ ...base, prefix: 'X-Tls-', proxyVerifies: true })), 'verified')
})

test('a name that begins otherwise, or only nearly so, is no certificate header', () => {
  const pin = tlsPinAuthenticator({ from: haproxy(base), pins: SHA256 })
  const by = (name) => outcome(pin.authenticate(requestWith([[name, 'x']], { from: '10.9.9.9' })))
  for (const name of ['X-SSL-Client-X', 'x-ssl-client-', 'X_SSL-CLIENT_x', 'X-SSL-Issuer-X'])
    assert.equal(by(name), 'ERR_TLS_UNTRUSTED_PEER', name)
  for (const name of [
    ...['Y-SSL-Client-X', 'X-SSL-Client', 'X-SSL-ClientXX', 'X+SSL-Client-X', 'X1SSL-Client-X', 'XaSSL-Client-X', 'X-SSL-Clie_t-X'],
    ...['X-SSL-_lient-X', 'X-TSL-Client-X', 'X-SSL-Cliint-X', 'X-SSL-Cliemt-X', 'X-SSL-Issue--X', 'X', ''],
  ]) {
    assert.equal(by(name), 'absent', name)
  }
})

test('what a refusal of the headers says to the operator', () => {
  const from = headers({ ...base, prefix: 'X-Tls-', maxHeaderBytes: 64 })
  const reason = (...sent) => judged(from, sent, { pins: SHA256 }).reason
  const long = 'x'.repeat(80)
  assert.equal(reason([`X-Tls-_${long}`, 'a']), `the header ${`x-tls-_${long}`.slice(0, 60)} looks like a certificate header`)
  assert.equal(reason(['X-Tls-A', 'a'], ['x-tls-a', 'a']), 'the header x-tls-a was sent more than once')
  assert.equal(reason(['X-Tls-A', 'a'.repeat(65)]), 'the header x-tls-a is longer than 64 octets')
  assert.equal(reason(['X-Tls-SPKI', 'a']), 'the header x-tls-spki is not a fingerprint, or contradicts another one')
  assert.equal(
    reason(['X-Tls-Fingerprint', SHA256.replace('4', '5')]),
    `no pin matches the certificate with the SHA-256 ${SHA256.replace('4', '5')}`,
  )
  const unnamed = tlsPinAuthenticator({ from, pins: SHA256 }).authenticate(requestWith([['X-Tls-A', 'a']], { socket: {} }))
  assert.equal(unnamed.reason, 'certificate headers came from a socket without an address, which is not among trustedProxies')
  const stated = judged(haproxy(base), [
    ['X-SSL-Client-Used', '0'],
    ['X-SSL-Client-DER', 'x'],
  ])
  assert.equal(stated.reason, 'the proxy says that there is no certificate, but sends one')
  const odd = judged(haproxy(base), [
    ['X-SSL-Client-Verify', 'x'],
    ['X-SSL-Client-Used', '1'],
  ])
  assert.equal(odd.reason, 'the header x-ssl-client-verify or x-ssl-client-used is not what HAProxy writes')
  const both = [
    ['X-SSL-Client-Verify', '0'],
    ['X-SSL-Client-Used', '1'],
  ]
  const der = (value) => judged(haproxy(base), [...both, ...(value === undefined ? [] : [['X-SSL-Client-DER', value]])])
  assert.equal(der('AAAA').reason, 'the header x-ssl-client-der does not contain a certificate')
  assert.equal(der(undefined).reason, 'the header x-ssl-client-der is missing')
  const digest = (value) => judged(caddy({ ...base, certificate: 'sha256' }), [['X-Client-Cert-Fingerprint', value]])
  assert.equal(digest('x').reason, 'the header x-client-cert-fingerprint does not contain a sha256 fingerprint')
  const missing = judged(haproxy({ ...base, certificate: 'sha256' }), both)
  assert.equal(missing.reason, 'the header x-ssl-client-sha256 is missing')
  assert.equal(judged(haproxy(base), both.slice(1)).reason, 'the header x-ssl-client-verify is missing')
  assert.match(judged(nginx(base), [['X-SSL-Client-Verify', 'x']]).reason, /^the header x-ssl-client-verify is not what nginx writes/)
  const other = vectors.filter(({ dialect }) => dialect === 'awsAlb')[1]
  assert.match(judged(awsAlb(base), other.headers).reason, /^the header x-amzn-mtls-clientcert belongs to the other mode than 'verify'/)
})

test('options of the sources that are none', () => {
  const one = (name, options) => mistake(() => sources[name](options)).replace(`${name}: option `, '')
  for (const prefix of [undefined, 'X-Tls', '-', 'a-', 'X_Tls-', 'X Tls-', '1x-']) {
    assert.match(one('headers', { prefix }), /^"prefix"/, String(prefix))
  }
  assert.match(one('headers', { prefix: undefined }), /is required; write the start of the names, such as 'X-Zato-TLS-'$/)
  assert.match(one('headers', { prefix: 'X-Tls' }), /must end with a hyphen, such as X-Zato-TLS-$/)
  assert.equal(one('headers', { prefix: 'xy-' }), 'none')
  for (const verifiedWhen of [null, 'VERIFY', 5, ['VERIFY']]) {
    assert.match(one('headers', { verifiedWhen }), /^"verifiedWhen" must be an object from key to value, such as \{ VERIFY: 'SUCCESS' \}/)
  }
  assert.match(one('headers', { verifiedWhen: {} }), /^"verifiedWhen" must name at least one key, such as \{ VERIFY: 'SUCCESS' \}$/)
  assert.match(one('headers', { verifiedWhen: { VERIFY: 0 } }), /^"verifiedWhen\.VERIFY" must be a string/)
  assert.match(one('headers', { verifiedWhen: { VERIFY: '' } }), /^"verifiedWhen\.VERIFY" must not be empty$/)
  assert.match(
    one('headers', { verifiedWhen: { 'VER IFY': '0' } }),
    /^"verifiedWhen\.VER IFY" must be the name of a header, such as X-SSL-Client-SHA256$/,
  )
  for (const fields of [5, 'CN', null])
    assert.match(one('haproxy', { fields }), /^"fields" must be a list of SUBJECT, CN, O, OU, .*NOTAFTER, or an object from key to header/)
  for (const fields of [['cn'], ['C N'], [''], [5], { 'env!': 'X-Env' }, { _A: 'X-Env' }, { AB_: 'x' }]) {
    assert.match(one('haproxy', { fields }), /^"fields" must have keys of capital letters, digits, "-" and "\."$/)
  }
  assert.match(one('haproxy', { fields: ['ENV'] }), /^"fields" has no usual header for ENV; write \{ ENV: '<header>' \}$/)
  assert.match(one('haproxy', { fields: ['CONSTRUCTOR'] }), /^"fields" has no usual header/)
  assert.match(one('haproxy', { fields: { ENV: 5 } }), /^"fields\.ENV" must be the name of a header/)
  for (const given of [5, null, 'x', ['certificate']]) {
    assert.match(one('nginx', { headers: given }), /^"headers" must be an object from certificate, verify to the name of a header/)
  }
  const unknown = `x${'y'.repeat(60)}`
  assert.equal(one('nginx', { headers: { [unknown]: 'a' } }), `"headers.${unknown.slice(0, 40)}" is unknown; known are certificate, verify`)
  for (const name of ['X SSL', 'X:', '1-SSL', '-SSL', 'X_SSL', ''])
    assert.match(one('nginx', { headers: { verify: name } }), /^"headers\.verify" must/, name)
  assert.match(one('nginx', { headers: { verify: '1-SSL' } }), /must start with a letter$/)
  assert.match(one('nginx', { headers: { verify: 5 } }), /"headers\.verify" must be the name of a header/)
  for (const given of [5, null, 'x']) assert.match(one('nginx', { secret: given }), /^"secret" must be \{ header, value \}/)
  const value = 'v'.repeat(16)
  for (const given of [[], ['x'], new Map(), Promise.resolve({})])
    assert.match(one('nginx', { secret: given }), /^"secret" must be \{ header, value \}/)
  assert.equal(one('nginx', { secret: { header: 'X-A', value } }), 'none')
  assert.match(
    one('nginx', { secret: { header: 'X-A', value: 'v'.repeat(15) } }),
    /must be at least 16 characters of visible ASCII, such as "openssl rand -hex 32" prints$/,
  )
  assert.match(one('nginx', { secret: { header: 'X-A', value: [] } }), /^"secret\.value" must contain at least one secret$/)
  assert.match(one('nginx', { secret: { header: 'X-A', value: 5 } }), /^"secret\.value" must be a string, or a list of strings/)
  assert.match(one('nginx', { secret: { header: 5, value } }), /^"secret\.header" must be the name of a header/)
  assert.match(
    mistake(() => nginx({ secret: { header: 'X-A', value, more: 1 }, ...base })),
    /"more" is unknown/,
  )
  for (const name of Object.keys(sources)) assert.match(one(name, { maxHeaderBytes: 0 }), /^"maxHeaderBytes" must be .* octets/, name)
  assert.match(one('awsAlb', { mode: 'x' }), /must be one of 'verify', 'passthrough'; got/)
  assert.match(one('caddy', { certificate: 'pem' }), /must be one of 'der', 'sha256'; got/)
  assert.match(one('cloudfront', { certificate: 'der' }), /must be one of 'pem', 'sha256'; got/)
  assert.match(one('haproxy', { certificate: 'pem' }), /must be one of 'der', 'sha256', 'sha1'; got/)
  assert.match(one('nginx', { certificate: 'der' }), /must be one of 'pem', 'sha1'; got/)
  assert.match(one('envoy', { elements: 0 }), /^"elements" must be .* elements/)
  assert.match(one('envoy', { fromRight: 0 }), /^"fromRight" must be .* elements/)
  assert.equal(one('envoy', { elements: 1, fromRight: 2 }), '"fromRight" must be at most elements (1)')
  assert.equal(one('envoy', { elements: 2, fromRight: 2 }), 'none')
  assert.equal(one('envoy', { by: 'spiffe://td/b' }), '"by" needs elements: the number of proxies on the way')
  for (const name of ['awsAlb', 'caddy', 'cloudfront', 'envoy', 'haproxy', 'nginx', 'rfc9440', 'traefik']) {
    assert.match(one(name, { ca: 'x' }), /^"ca/, name)
    for (const proxyVerifies of name === 'haproxy' || name === 'nginx' || name === 'awsAlb' ? [] : [1, 'yes']) {
      assert.match(one(name, { proxyVerifies }), /^"proxyVerifies"/, name)
    }
  }
})

test('what has no members of its own (a Map, a Set) is refused, and not taken for an option without entries', () => {
  for (const empty of [new Map([['certificate', 'X-Client']]), new Set(['CN']), new Headers({ certificate: 'X-Client' })]) {
    for (const make of [sources.haproxy, sources.nginx, sources.caddy]) {
      assert.throws(() => make({ fields: empty }), { name: 'TypeError', message: /"fields" must be a list of .*, or an object/ })
      assert.throws(() => make({ headers: empty }), { name: 'TypeError', message: /"headers" must be an object from certificate/ })
    }
    assert.throws(() => sources.awsAlb({ headers: empty }), { name: 'TypeError', message: /"headers" must be an object from/ })
    assert.throws(() => sources.cloudfront({ fields: empty }), { name: 'TypeError', message: /"fields" must be a list of/ })
    assert.throws(() => sources.headers({ verifiedWhen: empty }), { name: 'TypeError', message: /"verifiedWhen" must be|object from key/ })
    assert.throws(() => tlsPinAuthenticator({ from: sources.haproxy(), pins: empty }), {
      name: 'TypeError',
      message: /"pins" must be a pin, a list of pins, or an object from name to pin; got/,
    })
  }
})
