import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { awsAlb, caddy, cloudfront, envoy, haproxy, nginx, rfc9440, tlsPinAuthenticator, traefik } from '@countersign/tls-pin'
import { outcome, requestWith } from './support/request.js'
import { shortest } from './support/timing.js'

const { certificate, authorities, vectors, xfcc } = JSON.parse(readFileSync(new URL('vectors/proxies.json', import.meta.url), 'utf8'))
const dialects = { awsAlb, caddy, cloudfront, envoy, haproxy, nginx, rfc9440, traefik }
const now = () => Date.parse(certificate.now)
const trustedProxies = ['127.0.0.1/32']
const secret = { header: 'X-Proxy-Secret', value: 'a-secret-of-the-proxy' }
const OTHER = '9ba61d6425303443c0748a02dd8de688468ed33be74eee6556d90c0149c1309e'

/** A source of a dialect with what it cannot do without. */
function source(dialect, options = {}) {
  return dialects[dialect]({ trustedProxies, ...(dialect === 'cloudfront' ? { secret } : {}), ...options })
}

function judge(from, headers, options = { pins: certificate.sha256 }) {
  const sent = from.name === 'cloudfront' ? [...headers, [secret.header, secret.value]] : headers
  return tlsPinAuthenticator({ from, now, ...options }).authenticate(requestWith(sent))
}

for (const { dialect, source: page, headers, options, ca } of vectors) {
  const from = () => source(dialect, { ...options, ...(ca ? { ca: authorities.root } : {}) })

  test(`P32: ${dialect} as in ${page}`, () => {
    for (const pins of [certificate.sha256, certificate.sha1, certificate.spki])
      assert.equal(judge(from(), headers, { pins }).kind, 'granted')
    assert.equal(judge(from(), headers).principal.clientId, certificate.sha256.replaceAll(':', '').toLowerCase())
    const { subject, issuer, serial, san, notAfter } = certificate
    const conditions = {
      FINGERPRINT256: certificate.sha256,
      SUBJECT: subject,
      CN: 'BC',
      ISSUER: issuer,
      SERIAL: serial,
      SAN: san,
      NOTAFTER: notAfter,
    }
    assert.equal(judge(from(), headers, { conditions }).kind, 'granted')
    assert.equal(judge(from(), headers, { pins: OTHER }).code, 'ERR_TLS_PIN_MISMATCH')
    assert.equal(judge(from(), headers, { conditions: { ...conditions, CN: 'CB' } }).code, 'ERR_TLS_CONDITION')
    assert.equal(
      judge(from(), headers, { pins: certificate.sha256, now: () => Date.parse('2021-02-01T00:00:00Z') }).code,
      'ERR_TLS_EXPIRED',
    )
  })

  test(`P32: ${dialect} refuses changed octets and a value twice over (${page.slice(0, 60)})`, () => {
    const at = headers.findIndex(([, value]) => value.includes('MII'))
    const [name, value] = headers[at]
    const withValue = (changed) => judge(from(), headers.with(at, [name, changed]))
    assert.equal(withValue('').code, 'ERR_TLS_HEADER_EMPTY')
    const start = value.indexOf('MII')
    const changes = [
      `${value.slice(0, start)}!${value.slice(start)}`,
      value.replace('MII', 'M II'),
      value.replace('MII', 'MIJ'),
      value.replace('MII', '%zzMII'),
    ]
    // Around an element of Envoy another key may stand.
    if (dialect !== 'envoy') changes.push(`x${value}`, `${value}x`)
    for (const bad of changes) assert.equal(withValue(bad).code, 'ERR_TLS_HEADER_MALFORMED', bad.slice(0, 60))
    assert.equal(judge(from(), [...headers, [name.toUpperCase(), value]]).code, 'ERR_TLS_HEADER_DUPLICATE')
    assert.equal(judge(from(), [...headers, [name.replaceAll('-', '_'), value]]).code, 'ERR_TLS_HEADER_LOOKALIKE')
    assert.equal(withValue(value + 'A'.repeat(20_000)).code, 'ERR_TLS_HEADER_TOO_LONG')
  })
}

test('P32: a plus sign is no blank, in URL-encoded PEM and in base64', () => {
  for (const { dialect, headers, options, ca } of vectors.filter(({ headers: sent }) => sent.some(([, value]) => value.includes('+')))) {
    const from = source(dialect, { ...options, ...(ca ? { ca: authorities.root } : {}) })
    const blank = headers.map(([name, value]) => [name, value.replaceAll('+', ' ')])
    assert.equal(judge(from, blank).code, 'ERR_TLS_HEADER_MALFORMED', dialect)
  }
})

test('P34: pass-through modes and proxies that state nothing need a pin or our own chain check', () => {
  assert.throws(() => source('awsAlb', { mode: 'passthrough' }), /awsAlb: option "ca" is required/)
  for (const { dialect, headers, options, ca } of vectors) {
    if (ca || ['haproxy', 'nginx', 'awsAlb'].includes(dialect)) continue
    const names = { conditions: { CN: 'BC' }, allowNameOnly: true }
    assert.throws(() => judge(source(dialect, options), headers, names), /allowNameOnly" needs a source that reports/, dialect)
    assert.equal(judge(source(dialect, { ...options, proxyVerifies: true }), headers, names).kind, 'granted', dialect)
  }
  for (const { dialect, headers, options, ca } of vectors) {
    if (!ca) continue
    const other = source(dialect, { ...options, ca: authorities.intermediate })
    assert.equal(judge(other, headers).kind, 'granted', 'an intermediate may be a root of ours')
    const alone = headers.filter(([name]) => name !== 'Client-Cert-Chain').map(([name, value]) => [name, value.split(/,|;Chain/)[0]])
    if (dialect !== 'awsAlb') assert.equal(judge(source(dialect, { ca: authorities.root }), alone).code, 'ERR_TLS_NOT_VERIFIED', dialect)
  }
})

test('awsAlb: the header of the other mode is refused, since the load balancer does not replace it', () => {
  const [verify, passthrough] = vectors.filter(({ dialect }) => dialect === 'awsAlb')
  const both = [...verify.headers, ...passthrough.headers]
  assert.equal(judge(source('awsAlb'), passthrough.headers).code, 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(source('awsAlb'), both).code, 'ERR_TLS_HEADER_MALFORMED')
  const checked = source('awsAlb', { mode: 'passthrough', ca: authorities.root })
  assert.equal(judge(checked, verify.headers).code, 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(judge(checked, both).code, 'ERR_TLS_HEADER_MALFORMED')
})

test('awsAlb: without a certificate header the load balancer says nothing, other headers of it are no certificate', () => {
  assert.equal(judge(source('awsAlb'), []).kind, 'absent')
  assert.equal(judge(source('awsAlb'), [['X-Amzn-Mtls-Clientcert-Subject', 'CN=BC']]).code, 'ERR_TLS_HEADER_MISSING')
})

test('haproxy: verified means 0 with a certificate that was used; no certificate gives 0 too', () => {
  const names = { conditions: { CN: 'BC' }, allowNameOnly: true }
  const [, , der] = vectors.find(({ dialect }) => dialect === 'haproxy').headers
  const by = (verify, used, options, certificateHeader = der) =>
    outcome(
      judge(
        source('haproxy'),
        [
          ...(verify === undefined ? [] : [['X-SSL-Client-Verify', verify]]),
          ...(used === undefined ? [] : [['X-SSL-Client-Used', used]]),
          ...(certificateHeader === null ? [] : [certificateHeader]),
        ],
        options,
      ),
    )
  assert.equal(by('0', '1', names), 'granted')
  for (const options of [names, undefined]) {
    assert.equal(by('0', undefined, options), 'ERR_TLS_HEADER_MISSING')
    assert.equal(by(undefined, '1', options), 'ERR_TLS_HEADER_MISSING')
    assert.equal(by(undefined, undefined, options), 'ERR_TLS_HEADER_MISSING')
  }
  for (const verify of ['2', '18', '19', '20', '21', '27']) {
    assert.equal(by(verify, '1', names), 'ERR_TLS_NOT_VERIFIED')
    assert.equal(by(verify, '1'), 'granted', 'nothing but the issuer is unknown, and the pin names the certificate')
  }
  for (const verify of ['1', '9', '10', '23', '26', '50']) assert.equal(by(verify, '1'), 'ERR_TLS_NOT_VERIFIED', verify)
  for (const bad of ['', 'SUCCESS', '-1', '00000', '0, 0', '0x0']) assert.equal(by(bad, '1'), 'ERR_TLS_HEADER_MALFORMED', bad)
  for (const bad of ['', '2', 'true', '1, 1']) assert.equal(by('0', bad), 'ERR_TLS_HEADER_MALFORMED', bad)
  assert.equal(by('0', '0', undefined, null), 'absent')
  assert.equal(by('0', '0', undefined, ['X-SSL-Client-DER', '']), 'absent')
  assert.equal(by('0', '0'), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(by('0', '1', undefined, null), 'ERR_TLS_HEADER_MISSING')
  assert.equal(by('0', '1', undefined, ['X-SSL-Client-DER', '']), 'ERR_TLS_HEADER_EMPTY')
})

test('haproxy: only the header that the option names is believed', () => {
  const [verify, used, der] = vectors.find(({ dialect }) => dialect === 'haproxy').headers
  const forged = ['X-SSL-Client-DER', der[1]]
  const real = ['X-SSL-Client-SHA256', OTHER.toUpperCase()]
  const from = source('haproxy', { certificate: 'sha256' })
  assert.equal(judge(from, [verify, used, real, forged]).code, 'ERR_TLS_PIN_MISMATCH')
  assert.equal(judge(from, [verify, used, real, forged], { pins: OTHER }).kind, 'granted')
  assert.equal(judge(from, [verify, used, forged]).code, 'ERR_TLS_HEADER_MISSING')
  for (const bad of [OTHER.slice(1), `${OTHER}, ${OTHER}`, certificate.sha1, 'x'.repeat(64)]) {
    assert.equal(judge(from, [verify, used, ['X-SSL-Client-SHA256', bad]], { pins: OTHER }).code, 'ERR_TLS_HEADER_MALFORMED', bad)
  }
  assert.throws(() => judge(from, [], { pins: certificate.sha1 }), /haproxy\(\) provides sha256/)
  assert.throws(() => source('haproxy', { certificate: 'sha256', ca: authorities.root }), /option "ca" needs the whole certificate/)
})

test('haproxy: with a fingerprint, names and dates come from the headers that fields names', () => {
  const from = source('haproxy', { certificate: 'sha256', fields: ['SUBJECT', 'SERIAL', 'NOTAFTER'] })
  const base = [
    ['X-SSL-Client-Verify', '0'],
    ['X-SSL-Client-Used', '1'],
    ['X-SSL-Client-SHA256', OTHER],
    ['X-SSL-Client-DN', 'CN=expected,OU=client.api,O=My Company,C=US'],
    ['X-SSL-Client-Serial', '1001'],
    ['X-SSL-Client-Not-After', '360101000000Z'],
  ]
  const conditions = { FINGERPRINT256: OTHER, CN: 'expected', OU: 'client.api', SERIAL: '0x1001', NOTAFTER: '2036-01-01T00:00:00Z' }
  assert.equal(judge(from, base, { conditions }).kind, 'granted')
  assert.equal(judge(from, base, { conditions: { ...conditions, SERIAL: 'decimal:4097' } }).kind, 'granted')
  assert.equal(judge(from, base, { conditions: { ...conditions, SERIAL: '4097' } }).code, 'ERR_TLS_CONDITION')
  assert.equal(judge(from, base, { pins: OTHER, now: () => Date.parse('2036-01-02T00:00:00Z') }).code, 'ERR_TLS_EXPIRED')
  assert.equal(judge(from, base.toSpliced(3, 2), { conditions }).code, 'ERR_TLS_CONDITION')
  assert.equal(judge(from, base.slice(0, -1), { conditions }).code, 'ERR_TLS_HEADER_MISSING')
  assert.equal(judge(from, base.with(3, ['X-SSL-Client-DN', '']), { conditions }).code, 'ERR_TLS_HEADER_EMPTY')
  assert.equal(judge(from, base.with(5, ['X-SSL-Client-Not-After', 'soon']), { pins: OTHER }).code, 'ERR_TLS_HEADER_MALFORMED')
  assert.throws(
    () => judge(from, base, { conditions: { FINGERPRINT256: OTHER, ISSUER: 'CN=a' } }),
    /key ISSUER, which haproxy\(\) does not provide/,
  )
})

test('nginx: SUCCESS, NONE and FAILED', () => {
  const [, pem] = vectors.find(({ dialect }) => dialect === 'nginx').headers
  const names = { conditions: { CN: 'BC' }, allowNameOnly: true }
  const by = (verify, options, certificateHeader = pem) =>
    outcome(judge(source('nginx'), [['X-SSL-Client-Verify', verify], ...(certificateHeader ? [certificateHeader] : [])], options))
  assert.equal(by('SUCCESS', names), 'granted')
  assert.equal(by('NONE', names), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(by('NONE', names, null), 'absent')
  assert.equal(by('SUCCESS', names, null), 'ERR_TLS_HEADER_MISSING')
  assert.equal(by('FAILED:unable to verify the first certificate', names), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(by('FAILED:unable to verify the first certificate'), 'granted')
  assert.equal(by('FAILED:self-signed certificate'), 'granted')
  for (const verify of ['FAILED', 'FAILED:', 'FAILED:certificate has expired', 'FAILED:certificate revoked', 'FAILED:constructor']) {
    assert.equal(by(verify), 'ERR_TLS_NOT_VERIFIED', verify)
  }
  for (const verify of ['', '0', 'success', 'SUCCESS ', 'SUCCESS, SUCCESS', 'FAILEDx'])
    assert.equal(by(verify), 'ERR_TLS_HEADER_MALFORMED', verify)
})

test('nginx: several certificates in one value are refused, whichever comes first', () => {
  const [verify, [name, pem]] = vectors.find(({ dialect }) => dialect === 'nginx').headers
  const other = encodeURIComponent(authorities.intermediate)
  for (const value of [pem + other, other + pem, `${pem},${other}`, `${pem}%0A`, ` ${pem}`.replace(' ', '%20')]) {
    assert.equal(judge(source('nginx'), [verify, [name, value]]).code, 'ERR_TLS_HEADER_MALFORMED')
  }
})

test('nginx: PEM between other lines than those of a certificate, or with anything beside it, is none', () => {
  const [verify, [name, escaped]] = vectors.find(({ dialect }) => dialect === 'nginx').headers
  const pem = decodeURIComponent(escaped).trimEnd()
  const by = (text) => outcome(judge(source('nginx'), [verify, [name, encodeURIComponent(text)]]))
  for (const good of [pem, `${pem}\n`, pem.replaceAll('\n', '\r\n'), `${pem.replaceAll('\n', '\r\n')}\r\n`])
    assert.equal(by(good), 'granted')
  for (const bad of [
    pem.replace('BEGIN CERTIFICATE', 'BEGIN CERTIFICATX'),
    pem.replace('END CERTIFICATE', 'END CERTIFICATX'),
    pem.replace('-----BEGIN CERTIFICATE-----', ''),
    `${pem}x`,
    `${pem}\r`,
    `${pem}\n\n`,
    `${pem}\n\r\n`,
    `x${pem}`,
    `\n${pem}`,
    pem.slice(0, -1),
    '-----BEGIN CERTIFICATE----------END CERTIFICATE-----',
  ]) {
    assert.equal(by(bad), 'ERR_TLS_HEADER_MALFORMED', bad.slice(0, 40))
  }
  assert.equal(outcome(judge(source('nginx'), [verify, [name, '%']])), 'ERR_TLS_HEADER_MALFORMED')
})

test("P34: unknownIssuer 'refuse' lets no pin stand in for an issuer, so that who leaves out an intermediate hides no revocation", () => {
  const [, used, der] = vectors.find(({ dialect }) => dialect === 'haproxy').headers
  const [, pem] = vectors.find(({ dialect }) => dialect === 'nginx').headers
  const strict = { unknownIssuer: 'refuse' }
  const ha = (verify, options) => outcome(judge(source('haproxy', options), [['X-SSL-Client-Verify', verify], used, der]))
  const ngx = (verify, options) => outcome(judge(source('nginx', options), [['X-SSL-Client-Verify', verify], pem]))
  for (const verify of ['2', '18', '19', '20', '21', '27']) {
    for (const options of [strict, { ...strict, ca: authorities.intermediate }]) assert.equal(ha(verify, options), 'ERR_TLS_NOT_VERIFIED')
    assert.equal(ha(verify, { unknownIssuer: 'pin' }), 'granted')
  }
  for (const reason of ['unable to verify the first certificate', 'self-signed certificate']) {
    assert.equal(ngx(`FAILED:${reason}`, strict), 'ERR_TLS_NOT_VERIFIED')
    assert.equal(ngx(`FAILED:${reason}`, { unknownIssuer: 'pin' }), 'granted')
  }
  assert.equal(ha('0', strict), 'granted')
  assert.equal(ngx('SUCCESS', strict), 'granted')
  for (const dialect of ['haproxy', 'nginx']) assert.throws(() => source(dialect, { unknownIssuer: false }), /option "unknownIssuer"/)
})

test('traefik: SERIAL is hex, as openssl prints it, or says itself that it is decimal', () => {
  const { raw, fingerprint256, serialNumber } = new X509Certificate(authorities.intermediate)
  assert.equal(serialNumber, '16')
  const headers = [['X-Forwarded-Tls-Client-Cert', raw.toString('base64')]]
  const by = (SERIAL) => outcome(judge(source('traefik'), headers, { pins: fingerprint256, conditions: { SERIAL } }))
  for (const same of ['16', '0x16', 'decimal:22']) assert.equal(by(same), 'granted', same)
  for (const other of ['22', 'decimal:16', '0x10', '10']) assert.equal(by(other), 'ERR_TLS_CONDITION', other)
})

test('S19: traefik decodes no more certificates than a chain has', () => {
  const [[name, value]] = vectors.find(({ dialect }) => dialect === 'traefik').headers
  const by = (sent) => outcome(judge(source('traefik', { maxHeaderBytes: 200_000 }), [[name, sent]]))
  const leaf = value.split(',')[0]
  assert.equal(by(Array(32).fill(leaf).join(',')), 'granted')
  assert.equal(by(Array(33).fill(leaf).join(',')), 'ERR_TLS_HEADER_MALFORMED')
  for (const sent of [','.repeat(65_536), 'AA,'.repeat(21_845)]) {
    assert.equal(by(sent), 'ERR_TLS_HEADER_MALFORMED')
    assert.ok(shortest(() => by(sent)) < 20)
  }
})

test('S19: rfc9440 decodes no more certificates than a chain has', () => {
  const { headers } = vectors.find(({ dialect, ca }) => dialect === 'rfc9440' && ca)
  const [name, leaf] = headers.find(([header]) => header === 'Client-Cert')
  const [, chain] = headers.find(([header]) => header === 'Client-Cert-Chain')
  const from = source('rfc9440', { ca: authorities.root, maxHeaderBytes: 200_000 })
  const by = (sent) =>
    outcome(
      judge(from, [
        [name, leaf],
        ['Client-Cert-Chain', sent],
      ]),
    )
  const count = chain.split(',').length
  assert.equal(by(chain + `, ${leaf}`.repeat(31 - count)), 'granted')
  assert.equal(by(chain + `, ${leaf}`.repeat(32 - count)), 'ERR_TLS_HEADER_MALFORMED')
  assert.equal(by('::,'.repeat(21_845)), 'ERR_TLS_HEADER_MALFORMED')
})

test('base64 that is not in its canonical form is refused', () => {
  const [name, value] = vectors.find(({ dialect }) => dialect === 'caddy').headers[0]
  assert.ok(value.endsWith('k='))
  for (const bad of [value.replace(/k=$/, 'l='), value.replace(/=$/, ''), `${value}=`, `${value}====`]) {
    assert.equal(judge(source('caddy'), [[name, bad]]).code, 'ERR_TLS_HEADER_MALFORMED')
  }
})

test('envoy: a Hash that is not the one of Cert is refused', () => {
  const [name, value] = vectors.find(({ dialect }) => dialect === 'envoy').headers[0]
  const hash = certificate.sha256.replaceAll(':', '').toLowerCase()
  for (const pins of [OTHER, certificate.sha256]) {
    assert.equal(judge(source('envoy'), [[name, value.replace(hash, OTHER)]], { pins }).code, 'ERR_TLS_HEADER_MALFORMED')
  }
  assert.equal(judge(source('envoy'), [[name, value.replace(`Hash=${hash};`, '')]]).kind, 'granted')
  const { reason } = judge(source('envoy'), [[name, value.replace(hash, OTHER)]])
  assert.equal(reason, 'Hash and Cert are not of the same certificate')
  const [cert] = /Cert="[^"]*"/.exec(value)
  assert.equal(judge(source('envoy'), [[name, `${value};${cert}`]]).code, 'ERR_TLS_HEADER_MALFORMED', 'Cert twice')
})

test('envoy: with ca, the chain is what is in Chain, and nothing else there', () => {
  const { headers, options } = vectors.find(({ dialect, ca }) => dialect === 'envoy' && ca)
  const [[name, value]] = headers
  const withChain = (chain) => value.replace(/Chain="[^"]*"/, `Chain="${chain}"`)
  const by = (sent, ca) => outcome(judge(source('envoy', { ...options, ca }), [[name, sent]]))
  assert.equal(by(value, authorities.root), 'granted')
  assert.equal(by(withChain(''), authorities.intermediate), 'granted')
  assert.equal(by(withChain(''), authorities.root), 'ERR_TLS_NOT_VERIFIED')
  for (const bad of ['x', '%', 'AAAA']) assert.equal(by(withChain(bad), authorities.intermediate), 'ERR_TLS_HEADER_MALFORMED', bad)
})

test('caddy: its placeholder, unreplaced, is no certificate', () => {
  const placeholder = [['X-Client-Cert', '{http.request.tls.client.certificate_der_base64}']]
  assert.equal(judge(source('caddy'), placeholder).kind, 'absent')
  const from = source('caddy', { certificate: 'sha256', fields: ['SERIAL'], proxyVerifies: true })
  const headers = [
    ['X-Client-Cert-Fingerprint', OTHER],
    ['X-Client-Cert-Serial', '4097'],
  ]
  for (const [serial, kind] of [
    ['4097', 'granted'],
    ['0x1001', 'granted'],
    ['decimal:4097', 'granted'],
    ['1001', 'ERR_TLS_CONDITION'],
  ]) {
    assert.equal(outcome(judge(from, headers, { pins: OTHER, conditions: { SERIAL: serial } })), kind, serial)
  }
})

test('cloudfront: without the secret of the distribution nothing is believed', () => {
  const { headers } = vectors.find(({ dialect }) => dialect === 'cloudfront')
  assert.throws(() => cloudfront({ trustedProxies }), /cloudfront: option "secret" is required/)
  const pin = tlsPinAuthenticator({ from: source('cloudfront'), pins: certificate.sha256, now })
  for (const extra of [
    [],
    [[secret.header, 'wrong-secret-of-proxy']],
    [[secret.header, '']],
    [
      [secret.header, secret.value],
      [secret.header, secret.value],
    ],
  ]) {
    assert.equal(pin.authenticate(requestWith([...headers, ...extra])).code, 'ERR_TLS_PROXY_SECRET')
  }
  assert.equal(pin.authenticate(requestWith([])).kind, 'absent')
  assert.equal(judge(source('cloudfront'), [['CloudFront-Viewer-Cert-Present', '0']]).kind, 'absent')
  assert.equal(judge(source('cloudfront'), [['CloudFront-Viewer-Cert-Present', '0'], headers.at(-1)]).code, 'ERR_TLS_HEADER_MALFORMED')
  const fingerprint = source('cloudfront', { certificate: 'sha256', fields: ['SERIAL'] })
  assert.equal(judge(fingerprint, headers, { pins: certificate.sha256, conditions: 'SERIAL=7' }).kind, 'granted')
})

test('rfc9440: what is no byte sequence, and a chain alone', () => {
  const { headers } = vectors[0]
  const [name, value] = headers[0]
  for (const bad of [
    value.slice(1),
    value.slice(0, -1),
    `${value};a=1`,
    `"${value}"`,
    '::',
    value.slice(1, -1),
    `${value}, ${value}`,
    `?1`,
  ]) {
    assert.equal(judge(source('rfc9440'), [[name, bad]]).code, 'ERR_TLS_HEADER_MALFORMED', bad.slice(0, 20))
  }
  assert.equal(judge(source('rfc9440'), [['Client-Cert-Chain', value]]).code, 'ERR_TLS_HEADER_MISSING')
})

for (const { source: page, elements, by, value, sha256, conditions } of xfcc) {
  test(`envoy: ${page}`, () => {
    const from = source('envoy', { elements, by })
    assert.equal(judge(from, [['x-forwarded-client-cert', value]], { pins: sha256, conditions }).kind, 'granted')
    assert.equal(judge(from, [['x-forwarded-client-cert', value]], { pins: certificate.sha256 }).code, 'ERR_TLS_PIN_MISMATCH')
  })
}
