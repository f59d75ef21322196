import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const CLIENT = '/C=US/ST=My State/O=My Company/OU=client.api/CN='

/**
 * Makes the certificates of the how-to with openssl: of the load-balancer, of the API client, and of a client of the same
 * authority that is not expected.
 *
 * @param {string} folder
 * @returns {{ sha1: string, sha256: string }} the fingerprints of the expected client, as openssl prints them
 */
export function makeCertificates(folder) {
  const path = (/** @type {string} */ name) => join(folder, name)
  const openssl = (/** @type {string[]} */ ...args) =>
    execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const authority = ['-addext', 'keyUsage=critical,keyCertSign']
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/O=My Company/CN=My CA',
    ...authority,
    '-keyout',
    path('ca.key.pem'),
    '-out',
    path('ca.cert.pem'),
  )

  const issue = (/** @type {string} */ name, /** @type {string} */ subject, /** @type {string[]} */ extensions) => {
    openssl('req', '-new', ...key, '-subj', subject, '-keyout', path(`${name}.key.pem`), '-out', path(`${name}.csr.pem`))
    writeFileSync(path(`${name}.ext`), ['basicConstraints=critical,CA:FALSE', ...extensions].join('\n'))
    const from = ['-CA', path('ca.cert.pem'), '-CAkey', path('ca.key.pem'), '-CAcreateserial', '-extfile', path(`${name}.ext`)]
    openssl('x509', '-req', '-days', '1', ...from, '-in', path(`${name}.csr.pem`), '-out', path(`${name}.cert.pem`))
  }
  issue('lb', '/CN=localhost', ['extendedKeyUsage=serverAuth', 'subjectAltName=DNS:localhost,IP:127.0.0.1'])
  issue('client', `${CLIENT}localhost`, ['extendedKeyUsage=clientAuth'])
  issue('invalid-client', `${CLIENT}invalid`, ['extendedKeyUsage=clientAuth'])
  // HAProxy takes certificate and key from one file.
  copyFileSync(path('lb.cert.pem'), path('lb.pem'))
  appendFileSync(path('lb.pem'), readFileSync(path('lb.key.pem')))

  const fingerprint = (/** @type {string} */ digest) =>
    openssl('x509', '-in', path('client.cert.pem'), '-noout', '-fingerprint', digest).trim().split('=')[1] ?? ''
  return { sha1: fingerprint('-sha1'), sha256: fingerprint('-sha256') }
}
