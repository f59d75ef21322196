import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { asn1Time, readCertificate } from '@countersign/core'
import fc from 'fast-check'
import { without } from '../../../test/support/components.js'
import { createAuthority, fingerprint, openssl, pki, spkiPin } from '../../../test/support/pki.js'

// RFC 9440 appendix A, figure 1: the end-entity certificate.
const RFC_9440 = Buffer.from(
  'MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQy' +
    'MjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3Y' +
    'C8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0l' +
    'BAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEA' +
    'x/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=',
  'base64',
)

test('readCertificate: octets that are no certificate', () => {
  assert.equal(readCertificate(new Uint8Array()), undefined)
  assert.equal(readCertificate(Buffer.from('-----BEGIN CERTIFICATE-----')), undefined)
  assert.equal(readCertificate(Buffer.concat([RFC_9440, Buffer.from([0])])), undefined)
  assert.equal(readCertificate(RFC_9440.subarray(0, -1)), undefined)
  assert.equal(readCertificate(Buffer.from('3080', 'hex')), undefined)
})

test('readCertificate: any cut and any changed octet is refused or read, and never throws', () => {
  for (let length = 0; length < RFC_9440.length; length += 1) assert.equal(readCertificate(RFC_9440.subarray(0, length)), undefined)
  fc.assert(
    fc.property(fc.nat(RFC_9440.length - 1), fc.nat(255), (at, octet) => {
      const changed = Buffer.from(RFC_9440)
      changed[at] = octet
      readCertificate(changed)
    }),
    { numRuns: 5_000 },
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => void readCertificate(octets)))
})

test('readCertificate: elements nested as deeply as they fit cost no more than their length', () => {
  const nested = Buffer.alloc(60_000)
  for (let i = 0; i + 4 <= nested.length; i += 4) nested.set([0x30, 0x82, (nested.length - i - 4) >> 8, (nested.length - i - 4) & 0xff], i)
  const start = performance.now()
  assert.equal(readCertificate(nested), undefined)
  assert.ok(performance.now() - start < 500)
})

test('readCertificate: the certificate of RFC 9440 appendix A', () => {
  const certificate = readCertificate(RFC_9440)
  assert.equal(certificate.serial, '7')
  assert.deepEqual(certificate.subject, [[{ type: '2.5.4.3', value: 'BC' }]])
  assert.deepEqual(certificate.issuer, [
    [{ type: '2.5.4.10', value: "Let's Authenticate" }],
    [{ type: '2.5.4.3', value: 'LA Intermediate CA' }],
  ])
  assert.equal(certificate.notBefore, Date.parse('2020-01-14T22:55:33Z'))
  assert.equal(certificate.notAfter, Date.parse('2021-01-23T22:55:33Z'))
  assert.deepEqual(certificate.alternativeNames, [{ type: 'email', value: 'bdc@example.com' }])
  assert.equal(certificate.authority, undefined)
  assert.deepEqual(certificate.purposes, ['1.3.6.1.5.5.7.3.2'])
  assert.equal(certificate.signatureAlgorithm, '1.2.840.10045.4.3.2')
})

test('readCertificate: agrees with openssl about digests, serial and dates', { skip: without('openssl') }, () => {
  const { expected, expired, awkward, ca, intermediate } = pki()
  for (const { cert, der } of [expected, expired, awkward, ca, intermediate]) {
    const certificate = readCertificate(der)
    const hex = (digest) => fingerprint(cert, digest).replaceAll(':', '').toLowerCase()
    assert.equal(certificate.digest('sha256'), hex('sha256'))
    assert.equal(certificate.digest('sha1'), hex('sha1'))
    assert.equal(Buffer.from(certificate.digest('spki'), 'hex').toString('base64'), spkiPin(cert))
    const serial = openssl('x509', '-in', cert, '-noout', '-serial').trim().split('=')[1]
    assert.equal(BigInt(`0x${certificate.serial}`), BigInt(`0x${serial}`))
    const node = new X509Certificate(der)
    assert.equal(certificate.notBefore, Date.parse(node.validFrom))
    assert.equal(certificate.notAfter, Date.parse(node.validTo))
  }
  assert.deepEqual(readCertificate(ca.der).authority, { pathLength: undefined })
})

test('readCertificate: a subject of quotes, commas, slashes and UTF-8 is read as it stands', { skip: without('openssl') }, () => {
  const subject = readCertificate(pki().awkward.der).subject
  assert.deepEqual(
    subject.map(([{ value }]) => value),
    ['DE', 'M\u00fcller, "Sons" & Co/KG; <a=b> # +1', ' leading and trailing ', 'back\\slash, CN=expected/CN=expected'],
  )
})

test('readCertificate: alternative names of each type, with separators inside', { skip: without('openssl') }, () => {
  const ca = createAuthority('san-ca')
  const { der } = ca.issue('san', {
    subject: [['CN', 'san']],
    extensions: [
      'subjectAltName=@names',
      '[ names ]',
      'DNS.1=api.example',
      'URI.1=spiffe://td/a,URI:spiffe://td/b;x=y',
      'email.1=a@b.example',
      'IP.1=10.0.0.1',
      'IP.2=2001:db8::1',
      '[ rest ]',
    ],
  })
  assert.deepEqual(readCertificate(der).alternativeNames, [
    { type: 'dns', value: 'api.example' },
    { type: 'uri', value: 'spiffe://td/a,URI:spiffe://td/b;x=y' },
    { type: 'email', value: 'a@b.example' },
    { type: 'ip', value: '0a000001' },
    { type: 'ip', value: '20010db8000000000000000000000001' },
  ])
})

test('asn1Time: what RFC 5280 allows, and nothing else', () => {
  assert.equal(asn1Time('360101000000Z'), Date.UTC(2036, 0, 1))
  assert.equal(asn1Time('500101000000Z'), Date.UTC(1950, 0, 1))
  assert.equal(asn1Time('20500101000000Z'), Date.UTC(2050, 0, 1))
  assert.equal(asn1Time('99991231235959Z'), Date.UTC(9999, 11, 31, 23, 59, 59))
  for (const bad of [
    '',
    '3601010000Z',
    '360101000000',
    '360101000000+0000',
    '360230000000Z',
    '361301000000Z',
    '360101240000Z',
    '20360101000000.5Z',
  ]) {
    assert.equal(asn1Time(bad), undefined, bad)
  }
})
