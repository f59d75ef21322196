import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { caddy, envoy, haproxy, headers, socket, tlsPinAuthenticator } from '@countersign/tls-pin'
// What is known of a condition besides how it judges: no public name reaches it.
import { readConditions } from '../dist/conditions.js'
import { outcome, requestWith } from './support/request.js'

const SHA1 = 'E32511E8CFF992451058F4B70FFBF9017BFD0B2A'
const SHA256 = '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688'
const SPKI = 'd6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM='
const trustedProxies = ['127.0.0.1/32']
const names = JSON.parse(readFileSync(new URL('vectors/names.json', import.meta.url), 'utf8'))

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
    ['', /must contain at least one condition/],
    ['\n \n', /must contain at least one condition/],
    [{}, /must contain at least one condition/],
    [42, /must be lines KEY=value/],
    [['CN=a'], /must be lines KEY=value/],
    [new Map([['CN', 'a']]), /must be lines KEY=value, or an object from KEY to value; got a Map/],
    ['FINGERPRINT', /one line has no "="/],
    ['CN=', /has no value for CN/],
    ['CN= ', /has no value for CN/],
    [{ CN: ' ' }, /has no value for CN/],
    [null, /must be lines KEY=value/],
    ['SUBJECT=O=My Company,CN=expected', /in the order of the certificate/],
    ['SUBJECT=C=US,O=My Company', /in the order of the certificate/],
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
    ['SUBJECT=expected', /not a distinguished name/],
    ['SUBJECT=CN=a,X_Y=b', /not a distinguished name/],
    ['SUBJECT=CN=a,FOO=b', /unknown attribute FOO/],
    ['SUBJECT=C=US,O=My Company,CN=expected', /in the order of the certificate/],
    ['SUBJECT=C=US, O=My Company, CN=expected', /in the order of the certificate/],
    ['SERIAL=xyz', /not a serial number/],
    ['SERIAL=', /has no value/],
    ['SERIAL=decimal:ff', /not a serial number/],
    ['SERIAL=10:1', /not a serial number/],
    ['SAN=ip:10.0.0', /not an alternative name/],
    ['SAN=dns:', /not an alternative name/],
    ['NOTAFTER=soon', /not a date/],
    ['NOTAFTER=360230000000Z', /not a date/],
  ]
  for (const [conditions, message] of bad) {
    assert.throws(() => guard(conditions, { allowNameOnly: true }), { name: 'TypeError', message }, String(conditions))
  }
})

test('SUBJECT: of a certificate that begins with CN or ends with C the slash form says its order, and the mistake advises it', () => {
  for (const [rfc4514, slashes, message] of [
    ['O=app2,O=app1,CN=jbeda', '/CN=jbeda/O=app1/O=app2', /begins with CN.*-nameopt compat/],
    ['C=US,O=My Company,CN=api', '/CN=api/O=My Company/C=US', /begins with CN.*-nameopt compat/],
    ['C=US,CN=api,O=My Company', '/O=My Company/CN=api/C=US', /ends with the country.*-nameopt compat/],
  ]) {
    assert.throws(() => guard(`SUBJECT=${rfc4514}`, { allowNameOnly: true }), { name: 'TypeError', message })
    assert.equal(judge(`SUBJECT=${slashes}`, { Subject: rfc4514 }), 'granted', slashes)
    assert.equal(judge(`SUBJECT=${slashes}`, { Subject: slashes }), 'granted', slashes)
    assert.equal(judge(`SUBJECT=${slashes}`, { Subject: slashes.slice(1).split('/').join(',') }), 'ERR_TLS_CONDITION', slashes)
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
      message: /another authority can issue one with the same name.*allowNameOnly/,
    })
    const silent = headers({ prefix: 'X-Zato-TLS-', trustedProxies })
    assert.throws(() => guard(conditions, { from: silent, allowNameOnly: true }), /needs a source that reports verified certificates/)
    assert.doesNotThrow(() => guard(conditions, { allowNameOnly: true }))
    assert.doesNotThrow(() => guard(`${conditions}\nFINGERPRINT=${SHA1}`))
    assert.doesNotThrow(() => guard(conditions, { pins: SHA256 }))
  }
})

test('conditions on names alone do not hold for a certificate that was not verified', () => {
  const from = headers({ prefix: 'X-Zato-TLS-', trustedProxies, verifiedWhen: { VERIFY: '0', USED: '1' } })
  const pin = tlsPinAuthenticator({ from, conditions: 'CN=expected', allowNameOnly: true })
  const by = (...sent) => outcome(pin.authenticate(requestWith([['X-Zato-TLS-CN', 'expected'], ...sent])))
  assert.equal(by(), 'ERR_TLS_HEADER_MISSING')
  assert.equal(by(['X-Zato-TLS-Verify', '0']), 'ERR_TLS_HEADER_MISSING')
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
  assert.equal(reason, 'the condition on CN is not met')
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
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  for (const [i, month] of months.entries()) {
    const wanted = `NOTAFTER=2036-${String(i + 1).padStart(2, '0')}-28T23:59:59Z`
    assert.equal(judge(wanted, { NotAfter: `${month} 28 23:59:59 2036 GMT` }), 'granted', month)
  }
})

test('a date that is only nearly one is none, in each of the forms', () => {
  for (const date of [
    ...['x2036-01-01T00:00:00Z', '2036-01-01T00:00:00Zx', '2036-02-30T00:00:00Z', '2036-13-01T00:00:00Z', '2036-01-01T24:00:00Z'],
    ...['2036-01-01T00:00:00', '2036-01-01 00:00:00Z', '2036-01-01T00:00:00+00:00'],
    ...['xJan  1 00:00:00 2036 GMT', 'Jan  1 00:00:00 2036 GMTx', 'Foo  1 00:00:00 2036 GMT', 'jan  1 00:00:00 2036 GMT'],
    ...[
      'Jan 32 00:00:00 2036 GMT',
      'Feb 30 00:00:00 2036 GMT',
      'Jan  1 24:00:00 2036 GMT',
      'Jan  1 00:00:00 2036',
      'Jan   1 00:00:00 2036 GMT',
    ],
    ...['361301000000Z', '360100000000Z', '360101240000Z', '3601010000Z'],
  ]) {
    assert.throws(() => guard({ NOTAFTER: date }, { allowNameOnly: true }), { name: 'TypeError', message: /not a date/ }, date)
    assert.equal(judge('CN=a', { CN: 'a', NotAfter: date }), 'ERR_TLS_HEADER_MALFORMED', date)
    assert.equal(judge('CN=a', { CN: 'a', NotBefore: date }), 'ERR_TLS_HEADER_MALFORMED', date)
  }
})

test('any key that the proxy sends is compared letter by letter', () => {
  assert.equal(judge('ENV=prod', { Env: 'prod' }), 'granted')
  assert.equal(judge('ENV=prod', { Env: 'Prod' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('ENV=prod', { Env: 'prod, prod' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('NOT-AFTER=x=y', { 'Not-After': 'x=y' }), 'granted')
})

test('a key that the source does not provide is a mistake', () => {
  const bad = (from, conditions) => () => tlsPinAuthenticator({ from, conditions, pins: SHA256 })
  assert.throws(bad(socket(), 'ENV=prod'), /has the key ENV, which socket\(\) does not provide/)
  assert.throws(bad(socket(), 'FINGERPRINT257=x'), /did you mean FINGERPRINT256\?/)
  const digest = haproxy({ trustedProxies, certificate: 'sha256' })
  assert.throws(bad(digest, 'CN=a'), /has the key CN, which haproxy\(\) does not provide/)
  assert.throws(bad(digest, `FINGERPRINT=${SHA1}`), /a digest \(sha1\) that haproxy\(\) does not provide/)
  assert.doesNotThrow(bad(haproxy({ trustedProxies, certificate: 'sha256', fields: { ENV: 'X-SSL-Client-Env' } }), 'ENV=prod'))
})

/** Judges conditions against a certificate that came whole. */
function judgeWhole(conditions, der = names.der) {
  const from = haproxy({ trustedProxies })
  const sent = [
    ['X-SSL-Client-Verify', '0'],
    ['X-SSL-Client-Used', '1'],
    ['X-SSL-Client-DER', der],
  ]
  const pin = tlsPinAuthenticator({ from, conditions, allowNameOnly: true, now: () => Date.parse('2030-01-01T00:00:00Z') })
  return outcome(pin.authenticate(requestWith(sent)))
}

test('each key is answered by the certificate itself, where it came whole', () => {
  const { subject, issuer, serial, notBefore, notAfter } = names
  for (const [key, value, other] of [
    ['SUBJECT', subject, subject.replace('O=one', 'O=One')],
    ['SUBJECT', subject, subject.replace(',C=US', '')],
    ['SUBJECT', subject, issuer],
    ['ISSUER', issuer, issuer.replace('DE', 'AT')],
    ['ISSUER', issuer, subject],
    ['O', 'one', 'One'],
    ['O', 'two', 'b'],
    ['OU', 'a', 'one'],
    ['OU', 'b', 'ab'],
    ['SERIAL', serial, '1A2B3D'],
    ['SERIAL', serial.toLowerCase(), 'decimal:1A2B3C'.replace(/[A-F]/g, '1')],
    ['NOTBEFORE', notBefore, notAfter],
    ['NOTAFTER', notAfter, notBefore],
    ['NOTAFTER', 'Jan  1 00:00:00 2056 GMT', '2056-01-01T00:00:01Z'],
  ]) {
    assert.equal(judgeWhole({ [key]: value }), 'granted', `${key} ${value}`)
    assert.equal(judgeWhole({ [key]: other }), 'ERR_TLS_CONDITION', `${key} ${other}`)
  }
})

test('CN of a certificate with two common names is neither of them', () => {
  for (const cn of ['first', 'second', 'first,second', 'one']) assert.equal(judgeWhole({ CN: cn }), 'ERR_TLS_CONDITION', cn)
})

test('SAN is one of the alternative names of the certificate, of the same type', () => {
  for (const name of names.alternativeNames) assert.equal(judgeWhole({ SAN: name }), 'granted', name)
  assert.equal(judgeWhole({ SAN: 'dns:api.example' }), 'granted')
  const strangers = [
    'dns:example',
    'uri:API.Example',
    'dns:spiffe://td/a',
    'uri:spiffe://td/A',
    'email:ops@Example.com',
    'email:a@b.example',
  ]
  for (const name of [...strangers, 'ip:10.0.0.2', 'ip:2001:db8::2', 'dns:10.0.0.1']) {
    assert.equal(judgeWhole({ SAN: name }), 'ERR_TLS_CONDITION', name)
  }
})

test('a name that is shorter, longer, or differs in one part is another name', () => {
  const wanted = 'CN=expected,O=My Company,C=US'
  for (const sent of [
    'O=My Company,C=US',
    'C=US',
    'CN=a,CN=expected,O=My Company,C=US',
    'CN=expected,OU=My Company,C=US',
    `${wanted}+L=a`,
  ]) {
    assert.equal(judge({ SUBJECT: wanted }, { Subject: sent }), 'ERR_TLS_CONDITION', sent)
  }
  const ends = '/CN=a/C=US'
  assert.equal(judge({ SUBJECT: ends }, { Subject: ends }), 'granted', 'a certificate may be in that order')
  assert.equal(judge({ SUBJECT: 'C=US' }, { Subject: 'C=US' }), 'granted')
  assert.equal(judge('CN=expected', { Subject: 'nonsense' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('ISSUER=CN=ca', { Issuer: 'CN=other' }), 'ERR_TLS_CONDITION')
})

test('a part of several attributes is the same in any order, and not when one is missing, doubled, or of another kind', () => {
  const same = (wanted, sent) => judge({ SUBJECT: `${wanted},O=x` }, { Subject: `${sent},O=x` })
  assert.equal(same('CN=a+OU=b', 'OU=b+CN=a'), 'granted')
  for (const [wanted, sent] of [
    ['CN=a+OU=b', 'CN=a'],
    ['CN=a', 'CN=a+OU=b'],
    ['CN=a+CN=b', 'CN=a+CN=a'],
    ['CN=a+CN=a', 'CN=a+CN=b'],
    ['CN=b+CN=a', 'CN=a+CN=a'],
    ['CN=a+OU=b', 'CN=b+OU=a'],
    ['CN=a+OU=b', 'CN=a+OU=c'],
    ['CN=0401', 'CN=#0401'],
  ]) {
    assert.equal(same(wanted, sent), 'ERR_TLS_CONDITION', `${wanted} ${sent}`)
  }
})

test('NOTBEFORE is compared as a date', () => {
  assert.equal(judge('NOTBEFORE=260101000000Z', { NotBefore: 'Jan  1 00:00:00 2026 GMT' }), 'granted')
  assert.equal(judge('NOTBEFORE=260101000000Z', { NotBefore: '260101000001Z' }), 'ERR_TLS_CONDITION')
  assert.equal(judge('NOTBEFORE=260101000000Z', { CN: 'a' }), 'ERR_TLS_CONDITION')
})

test('text is compared as UTF-8 also where nothing of it is ASCII, and a byte order mark is part of it', () => {
  const latin1 = (text) => Buffer.from(text).toString('latin1')
  assert.equal(judge({ CN: '\u00fc' }, { CN: latin1('\u00fc') }), 'granted')
  assert.equal(judge({ CN: 'a' }, { CN: latin1('\ufeffa') }), 'ERR_TLS_CONDITION')
  assert.equal(judge({ CN: '\ufeffa' }, { CN: latin1('\ufeffa') }), 'granted')
})

test('SAN: what its text is, where it names no type; and which texts are no name', () => {
  for (const [wanted, sent] of [
    ['10.0.0.1', 'IP:10.0.0.1'],
    ['2001:db8::1', 'ip address:2001:DB8::1'],
    ['a@b.example', 'EMAIL:a@b.example'],
    ['https://a@b.example', 'uri:https://a@b.example'],
    ['urix', 'DNS:urix'],
    ['dns : api.example', 'DNS:api.example'],
  ]) {
    assert.equal(judge({ SAN: wanted }, { SAN: sent }), 'granted', wanted)
    assert.equal(judge({ SAN: sent }, { SAN: wanted }), 'granted', wanted)
  }
  for (const [wanted, sent] of [
    ['email:a@b.example', 'email:c@b.example'],
    ['uri:spiffe://td/a', 'uri:spiffe://td/b'],
    ['ip:10.0.0.1', 'ip:10.0.0.2'],
    ['dns:10.0.0.1', '10.0.0.1'],
    ['dns:api.example', 'dns:'],
    ['dns:api.example', 'ip:x'],
  ]) {
    assert.equal(judge({ SAN: wanted }, { SAN: sent }), 'ERR_TLS_CONDITION', `${wanted} ${sent}`)
  }
  const from = envoy({ trustedProxies, proxyVerifies: true })
  const pin = tlsPinAuthenticator({ from, conditions: 'SAN=dns:api.example', pins: SHA256 })
  const by = (element) => outcome(pin.authenticate(requestWith([['X-Forwarded-Client-Cert', `Hash=${SHA256};${element}`]])))
  assert.equal(by('DNS=API.Example'), 'granted')
  assert.equal(by('DNS=API.Example.evil'), 'ERR_TLS_CONDITION')
  assert.equal(by('By=x'), 'ERR_TLS_CONDITION')
})

test('SERIAL from a proxy that writes it in decimal: what holds more than digits is none', () => {
  const from = caddy({ trustedProxies, certificate: 'sha256', fields: ['SERIAL'], proxyVerifies: true })
  const pin = tlsPinAuthenticator({ from, conditions: 'SERIAL=4097', pins: SHA256 })
  const by = (serial) =>
    outcome(
      pin.authenticate(
        requestWith([
          ['X-Client-Cert-Fingerprint', SHA256],
          ['X-Client-Cert-Serial', serial],
        ]),
      ),
    )
  assert.equal(by('4097'), 'granted')
  assert.equal(by('04097'), 'granted')
  for (const serial of ['x4097', '4097x', '4097 ', '-4097', '4.097', '4097,4097']) assert.equal(by(serial), 'ERR_TLS_CONDITION', serial)
  assert.equal(by(''), 'ERR_TLS_HEADER_EMPTY')
})

test('conditions: the keys of an object may have blanks around them', () => {
  assert.equal(judge({ ' cn ': 'expected' }, { CN: 'expected' }), 'granted')
})

test('conditions: which of them name one certificate, and which by SHA-1', () => {
  const source = headers({ prefix: 'X-Zato-TLS-', trustedProxies })
  const known = (key, value) => {
    const [{ identifies, legacy }] = readConditions('f', 'conditions', { [key]: value }, source)
    return [identifies, legacy]
  }
  assert.deepEqual(known('FINGERPRINT', SHA1), [true, true])
  assert.deepEqual(known('FINGERPRINT', SHA256), [true, false])
  assert.deepEqual(known('FINGERPRINT256', SHA256), [true, false])
  assert.deepEqual(known('SPKI', SPKI), [true, false])
  assert.deepEqual(known('ENV', SHA1), [false, false])
  assert.deepEqual(known('CN', 'a'), [false, false])
})

test('a key that the source does not provide: the message says which it answers', () => {
  const message = (from, conditions) => {
    try {
      tlsPinAuthenticator({ from, conditions, pins: SHA256 })
    } catch (error) {
      return error.message.replace(/^tlsPinAuthenticator: option "conditions" has the key /, '')
    }
    return 'none'
  }
  const digest = haproxy({ trustedProxies, certificate: 'sha256' })
  assert.equal(message(digest, 'CN=a'), 'CN, which haproxy() does not provide; it provides FINGERPRINT, FINGERPRINT256')
  const named = '; if the source has the option "fields", name a header there that the proxy sets on every request'
  assert.equal(message(digest, 'ENV=a'), `ENV, which haproxy() does not provide; it provides FINGERPRINT, FINGERPRINT256${named}`)
  const long = message(digest, `${'A'.repeat(60)}=a`)
  assert.ok(long.startsWith(`${'A'.repeat(40)}, which`), long)
})
