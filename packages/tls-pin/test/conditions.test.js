import assert from 'node:assert/strict'
import { test } from 'node:test'
import { haproxy, headers, socket, tlsPinAuthenticator } from '@countersign/tls-pin'
import { outcome, requestWith } from './support/request.js'

const SHA1 = 'E32511E8CFF992451058F4B70FFBF9017BFD0B2A'
const SHA256 = '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688'
const SPKI = 'd6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM='
const trustedProxies = ['127.0.0.1/32']

function guard(conditions, options = {}) {
  return tlsPinAuthenticator({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies, proxyVerifies: true }), conditions, ...options })
}

/** Judges one condition on a name, which needs allowNameOnly, against one header. */
function judge(conditions, sent) {
  const pairs = Object.entries(sent).map(([key, value]) => [`X-Zato-TLS-${key}`, value])
  return outcome(guard(conditions, { allowNameOnly: true }).authenticate(requestWith(pairs)))
}

test('conditions: mistakes are TypeErrors', () => {
  const bad = [
    ['', /must hold at least one condition/],
    ['\n \n', /must hold at least one condition/],
    [{}, /must hold at least one condition/],
    [42, /must be lines KEY=value/],
    [['CN=a'], /must be lines KEY=value/],
    ['FINGERPRINT', /one line has no "="/],
    ['CN=', /has no value for CN/],
    ['CN= ', /has no value for CN/],
    [{ CN: '' }, /has no value for CN/],
    [{ CN: [] }, /has no value for CN/],
    [{ CN: undefined }, /conditions\.CN" must be a string/],
    [{ CN: 42 }, /conditions\.CN" must be a string/],
    ['=a', /must have keys of letters/],
    ['C N=a', /must have keys of letters/],
    ['FINGERPRINT=abc', /no SHA-1 or SHA-256/],
    [`FINGERPRINT=sha256/${SPKI}`, /no SHA-1 or SHA-256/],
    [`FINGERPRINT256=${SHA1}`, /no SHA-256/],
    ['SPKI=abc', /no SHA-256/],
    ['SUBJECT=expected', /no distinguished name/],
    ['SUBJECT=CN=a,X_Y=b', /no distinguished name/],
    ['SUBJECT=CN=a,FOO=b', /unknown attribute FOO/],
    ['SUBJECT=C=US,O=My Company,CN=expected', /in the order of the certificate/],
    ['SUBJECT=C=US, O=My Company, CN=expected', /in the order of the certificate/],
    ['SERIAL=xyz', /no serial number/],
    ['SERIAL=', /has no value/],
    ['SERIAL=decimal:ff', /no serial number/],
    ['SERIAL=10:1', /no serial number/],
    ['SAN=ip:10.0.0', /no alternative name/],
    ['SAN=dns:', /no alternative name/],
    ['NOTAFTER=soon', /no date/],
    ['NOTAFTER=360230000000Z', /no date/],
  ]
  for (const [conditions, message] of bad) {
    assert.throws(() => guard(conditions, { allowNameOnly: true }), { name: 'TypeError', message }, String(conditions))
  }
})

test('conditions on names alone are refused without allowNameOnly, and with it need a source that can say verified', () => {
  for (const conditions of [
    'CN=expected',
    'SUBJECT=CN=a',
    'O=b\nOU=c',
    'ISSUER=CN=ca',
    'CN=a\nSERIAL=1',
    'SAN=uri:spiffe://a',
    'NOTAFTER=360101000000Z',
    'ENV=prod',
  ]) {
    assert.throws(() => guard(conditions), {
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_VALUE',
      message: /another authority can issue one of the same name.*allowNameOnly/,
    })
    const silent = headers({ prefix: 'X-Zato-TLS-', trustedProxies })
    assert.throws(
      () => guard(conditions, { from: silent, allowNameOnly: true }),
      /needs a source that says that the certificate was verified/,
    )
    assert.doesNotThrow(() => guard(conditions, { allowNameOnly: true }))
    assert.doesNotThrow(() => guard(`${conditions}\nFINGERPRINT=${SHA1}`))
    assert.doesNotThrow(() => guard(conditions, { pins: SHA256 }))
  }
})

test('conditions on names alone do not hold for a certificate that was not verified', () => {
  const from = headers({ prefix: 'X-Zato-TLS-', trustedProxies, verifiedWhen: { VERIFY: '0', USED: '1' } })
  const pin = tlsPinAuthenticator({ from, conditions: 'CN=expected', allowNameOnly: true })
  const by = (...sent) => outcome(pin.authenticate(requestWith([['X-Zato-TLS-CN', 'expected'], ...sent])))
  assert.equal(by(), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(by(['X-Zato-TLS-Verify', '0']), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(by(['X-Zato-TLS-Verify', '0'], ['X-Zato-TLS-Used', '0']), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(by(['X-Zato-TLS-Verify', '21'], ['X-Zato-TLS-Used', '1']), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(by(['X-Zato-TLS-Verify', '0'], ['X-Zato-TLS-Used', '1']), 'granted')
})

test('conditions: all must hold, and the how-to is one line FINGERPRINT=...', () => {
  const pin = guard('FINGERPRINT=E32511E8CFF992451058F4B70FFBF9017BFD0B2A')
  const by = (value) => outcome(pin.authenticate(requestWith([['X-Zato-TLS-Fingerprint', value]])))
  assert.equal(by(SHA1), 'granted')
  assert.equal(by(SHA1.toLowerCase()), 'granted')
  assert.equal(by(SHA1.match(/../g).join(':')), 'granted')
  assert.equal(by('CCB03BB446CB1603FCA015FF959FB47538521474'), 'ERR_TLS_CONDITION')
  const both = `FINGERPRINT=${SHA1.match(/../g).join(':').toLowerCase()}\r\n\r\n  CN = expected  \r\n`
  assert.equal(judge(both, { Fingerprint: SHA1, CN: 'expected' }), 'granted')
  assert.equal(judge(both, { Fingerprint: SHA1, CN: 'other' }), 'ERR_TLS_CONDITION')
  assert.equal(judge(both, { Fingerprint: SHA1 }), 'ERR_TLS_CONDITION')
  assert.equal(judge(both, { Fingerprint: SHA1, CN: '' }), 'ERR_TLS_HEADER_EMPTY')
  assert.equal(judge(both, { CN: 'expected' }), 'ERR_TLS_CONDITION')
  assert.equal(judge({ cn: 'expected', OU: ['a', 'b'] }, { CN: 'expected', OU: 'a' }), 'ERR_TLS_CONDITION')
})

test('conditions: the reason names the key, never a value', () => {
  const { reason } = guard({ FINGERPRINT: SHA1, CN: 'expected' }).authenticate(
    requestWith([
      ['X-Zato-TLS-Fingerprint', SHA1],
      ['X-Zato-TLS-CN', 'forged'],
    ]),
  )
  assert.equal(reason, 'the condition on CN does not hold')
})

test('FINGERPRINT, FINGERPRINT256 and SPKI from headers', () => {
  assert.equal(judge(`FINGERPRINT=${SHA256}`, { Fingerprint: SHA256.toUpperCase() }), 'granted')
  assert.equal(judge(`FINGERPRINT=${SHA1}`, { Fingerprint: SHA256 }), 'ERR_TLS_CONDITION')
  assert.equal(judge(`FINGERPRINT256=${SHA256}`, { Fingerprint256: SHA256 }), 'granted')
  assert.equal(judge(`FINGERPRINT256=${SHA256}`, { Fingerprint256: SHA1 }), 'ERR_TLS_HEADER_MALFORMED')
  const spkiHex = Buffer.from(SPKI, 'base64').toString('hex')
  for (const wanted of [SPKI, `sha256/${SPKI}`, `sha256//${SPKI}`, spkiHex]) {
    for (const sent of [SPKI, `sha256/${SPKI}`, spkiHex]) assert.equal(judge(`SPKI=${wanted}`, { SPKI: sent }), 'granted')
  }
  assert.equal(judge(`SPKI=${SPKI}`, { SPKI: SPKI.replace('d6', 'e6') }), 'ERR_TLS_CONDITION')
  assert.equal(
    judge(`FINGERPRINT=${SHA256}`, { Fingerprint: SHA256, Fingerprint256: SHA256.replace('4', '5') }),
    'ERR_TLS_HEADER_MALFORMED',
  )
})

test('SUBJECT, CN, O and OU from a name in a header', () => {
  const rfc = 'CN=expected,OU=client.api,OU=second,O=My Company,ST=My State,C=US'
  const slash = '/C=US/ST=My State/O=My Company/OU=second/OU=client.api/CN=expected'
  const openssl = 'C = US, ST = My State, O = My Company, OU = second, OU = client.api, CN = expected'
  for (const wanted of [rfc, slash, openssl]) {
    for (const sent of [rfc, slash, openssl]) assert.equal(judge({ SUBJECT: wanted }, { Subject: sent }), 'granted', `${wanted} ${sent}`)
    assert.equal(judge({ SUBJECT: wanted }, { Subject: rfc.replace('expected', 'Expected') }), 'ERR_TLS_CONDITION')
    assert.equal(judge({ SUBJECT: wanted }, { Subject: rfc.replace(',ST=My State', '') }), 'ERR_TLS_CONDITION')
    assert.equal(judge({ SUBJECT: wanted }, { Subject: 'nonsense' }), 'ERR_TLS_CONDITION')
  }
  assert.equal(judge('CN=expected\nO=My Company\nOU=client.api\nOU=second', { Subject: rfc }), 'granted')
  assert.equal(judge('CN=expected', { Subject: 'CN=expected,CN=other' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('CN=expected', { Subject: 'CN=other,CN=expected' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('CN=expected', { Subject: 'CN=a\\,CN\\=expected,O=b' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('CN=expected', { Subject: '' }), 'ERR_TLS_HEADER_EMPTY')
  assert.equal(judge('CN=expected', {}), 'absent')
})

test('in the slash form a value that holds /OU= or /CN= forges neither', () => {
  assert.equal(judge('CN=expected', { Subject: '/O=x/CN=expected/CN=evil' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('OU=client.api', { Subject: '/O=x/OU=client.api/OU=evil/CN=a' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('OU=client.api', { Subject: '/O=x/OU=client.api/CN=a' }), 'granted')
})

test('UTF-8 in a header arrives as latin1, and is compared as UTF-8', () => {
  const latin1 = Buffer.from('M\u00fcller').toString('latin1')
  assert.equal(judge({ CN: 'M\u00fcller' }, { CN: latin1 }), 'granted')
  assert.equal(judge({ CN: 'M\u00fcller' }, { Subject: `/O=a/CN=${latin1}` }), 'granted')
  assert.equal(judge({ CN: 'M\u00fcller' }, { Subject: 'CN=M\\C3\\BCller,O=a' }), 'granted')
  assert.equal(judge({ CN: 'M\u00fcller' }, { CN: 'M\u00fcller' }), 'granted', 'octets that are no UTF-8 are latin1')
})

test('SERIAL is compared as a number', () => {
  for (const [wanted, sent] of [
    ['1001', '1001'],
    ['0x1001', '001001'],
    ['10:01', '1001'],
    ['0A', 'a'],
    ['a', '0x0A'],
    ['decimal:4097', '1001'],
    ['4A3F5C92D1E87B6C', '4a:3f:5c:92:d1:e8:7b:6c'],
    ['340282366920938463463374607431768211455', '0340282366920938463463374607431768211455'],
  ]) {
    assert.equal(judge(`SERIAL=${wanted}`, { Serial: sent }), 'granted', `${wanted} ${sent}`)
  }
  for (const sent of ['1002', '4097', '10010', '', 'x', '1001 ', '-1001', '1001, 1001', '1'.repeat(200)]) {
    assert.notEqual(judge('SERIAL=1001', { Serial: sent }), 'granted', sent)
  }
})

test('SAN: type by type, DNS names in any case', () => {
  assert.equal(judge('SAN=dns:API.example', { SAN: 'DNS:api.Example' }), 'granted')
  assert.equal(judge('SAN=spiffe://td/a', { SAN: 'URI:spiffe://td/a' }), 'granted')
  assert.equal(judge('SAN=uri:spiffe://td/a', { SAN: 'uri:spiffe://td/A' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('SAN=email:a@b.example', { SAN: 'a@b.example' }), 'granted')
  assert.equal(judge('SAN=ip:10.0.0.1', { SAN: 'IP Address:10.0.0.1' }), 'granted')
  assert.equal(judge('SAN=ip:2001:db8::1', { SAN: 'ip:2001:0db8:0:0::1' }), 'granted')
  assert.equal(judge('SAN=dns:api.example', { SAN: 'URI:api.example' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('SAN=dns:api.example', { SAN: 'DNS:evil, DNS:api.example' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('SAN=dns:*.example', { SAN: 'dns:api.example' }), 'ERR_TLS_CONDITION')
})

test('NOTAFTER in each of the forms that proxies write', () => {
  const forms = ['360101000000Z', '20360101000000Z', '2036-01-01T00:00:00Z', 'Jan  1 00:00:00 2036 GMT']
  for (const wanted of forms) for (const sent of forms) assert.equal(judge(`NOTAFTER=${wanted}`, { NotAfter: sent }), 'granted')
  assert.equal(judge('NOTAFTER=360101000000Z', { NotAfter: '360101000001Z' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('NOTAFTER=360101000000Z', { NotAfter: 'soon' }), 'ERR_TLS_HEADER_MALFORMED')
})

test('any key that the proxy sends is compared letter by letter', () => {
  assert.equal(judge('ENV=prod', { Env: 'prod' }), 'granted')
  assert.equal(judge('ENV=prod', { Env: 'Prod' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('ENV=prod', { Env: 'prod, prod' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('NOT-AFTER=x=y', { 'Not-After': 'x=y' }), 'granted')
})

test('a key that the source cannot answer is a mistake', () => {
  const bad = (from, conditions) => () => tlsPinAuthenticator({ from, conditions, pins: SHA256 })
  assert.throws(bad(socket(), 'ENV=prod'), /has the key ENV, which socket\(\) cannot answer/)
  assert.throws(bad(socket(), 'FINGERPRINT257=x'), /did you mean FINGERPRINT256\?/)
  const digest = haproxy({ trustedProxies, certificate: 'sha256' })
  assert.throws(bad(digest, 'CN=a'), /has the key CN, which haproxy\(\) cannot answer/)
  assert.throws(bad(digest, `FINGERPRINT=${SHA1}`), /a digest \(sha1\) that haproxy\(\) does not carry/)
  assert.doesNotThrow(bad(haproxy({ trustedProxies, certificate: 'sha256', fields: { ENV: 'X-SSL-Client-Env' } }), 'ENV=prod'))
})
