import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { without } from './components.js'
import { fingerprint, pki } from './pki.js'

const skip = without('openssl')

test('the certificates differ in what their names say, and in nothing else', { skip }, () => {
  const made = pki()
  const x509 = (name) => new X509Certificate(made[name].pem)
  const caKey = x509('ca').publicKey
  for (const name of ['expected', 'other', 'expired', 'awkward', 'server', 'intermediate'])
    assert.equal(x509(name).verify(caKey), true, name)
  assert.equal(x509('foreign').verify(caKey), false)
  assert.equal(x509('foreign').checkIssued(x509('ca')), true)
  assert.equal(x509('foreign').subject, x509('expected').subject)
  assert.equal(x509('foreign').serialNumber, '1001')
  assert.equal(x509('otherCa').subject, x509('ca').subject)
  assert.equal(x509('chained').verify(x509('intermediate').publicKey), true)
  assert.ok(new Date(x509('expired').validTo) < new Date())
  assert.match(x509('awkward').subject, /CN=back\\\\slash\\, CN=expected\/CN=expected/)
  assert.equal(fingerprint(made.expected.cert), x509('expected').fingerprint256)
  assert.ok(made.expected.der.equals(x509('expected').raw))
  assert.equal(pki(), made)
})

test('validity, serial and key type are as asked for', { skip }, () => {
  const { ca } = pki()
  const notAfter = new Date(Date.UTC(2049, 0, 2, 3, 4, 5))
  const made = ca.issue('special', { subject: [['CN', 'x']], serial: '0ABC', notAfter, rsa: true })
  const certificate = new X509Certificate(made.pem)
  assert.equal(certificate.serialNumber, '0ABC')
  assert.equal(certificate.publicKey.asymmetricKeyType, 'rsa')
  assert.equal(new Date(certificate.validTo).getTime(), notAfter.getTime())
  assert.throws(() => ca.issue('special', { subject: [['CN', 'x']] }), /has made special already/)
})
