import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { component } from './components.js'
import { tempFolder } from './folders.js'

/** The subject of both authorities: nothing but the signature tells a certificate of the one from a certificate of the other. */
const CA_SUBJECT = [
  ['C', 'US'],
  ['O', 'My Company'],
  ['CN', 'My CA'],
]
const CLIENT_SUBJECT = [
  ['C', 'US'],
  ['ST', 'My State'],
  ['O', 'My Company'],
  ['OU', 'client.api'],
]
const HOUR_MS = 3_600_000

const CONFIG = `
[ req ]
distinguished_name = dn
string_mask = utf8only
[ dn ]
[ any ]
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
emailAddress = optional
`

/** Runs openssl and returns what it printed, as text. */
export function openssl(...args) {
  const path = component('openssl')
  if (path === undefined) throw new Error('openssl is not installed')
  return execFileSync(path, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/**
 * The fingerprint of a certificate as openssl states it, in upper-case hex with colons.
 *
 * @param path - the certificate's PEM file
 * @param digest - `sha256` by default, or `sha1`
 */
export function fingerprint(path, digest = 'sha256') {
  return openssl('x509', '-in', path, '-noout', '-fingerprint', `-${digest}`).trim().split('=')[1]
}

/** The SHA-256 of a certificate's SubjectPublicKeyInfo, in base64: the text that curl's `--pinnedpubkey sha256//` takes. */
export function spkiPin(path) {
  const pem = openssl('x509', '-in', path, '-noout', '-pubkey')
  const command = component('openssl')
  const der = execFileSync(command, ['pkey', '-pubin', '-outform', 'DER'], { input: pem })
  return execFileSync(command, ['dgst', '-sha256', '-binary'], { input: der }).toString('base64')
}

/**
 * An authority that makes certificates with openssl, in a folder that goes with the process.
 *
 * @param name - the file name of its own certificate
 * @param options.issuer - another authority: this one is an intermediate then; without it the certificate is self-signed
 * @param options.subject - pairs such as `[['O', 'My Company'], ['CN', 'My CA']]`; further options as of `issue`
 * @returns `{ folder, cert, key, der, issue(name, options) }`
 */
export function createAuthority(name, { issuer, subject = CA_SUBJECT, ...options } = {}) {
  const folder = join(tempFolder(), name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'index.txt'), '')
  const authority = { folder, issuer }
  const profile = { ...options, subject, extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'] }
  const own = issuer === undefined ? makeCertificate(authority, name, { ...profile, selfSigned: true }) : issuer.issue(name, profile)
  Object.assign(authority, own)
  authority.issue = (leaf, leafOptions = {}) => makeCertificate(authority, leaf, leafOptions)
  return authority
}

let cached

/**
 * The certificates that most tests need, made once per process.
 *
 * `expected`, `other` (same authority), `expired` (same authority and subject as expected), `foreign` (subject and serial of expected, from another
 * authority of the same name), `awkward` (a subject of commas, quotes, slashes, plus signs and UTF-8), `chained` (by an intermediate), `server`
 * (localhost, 127.0.0.1, ::1). Each is `{ cert, key, bundle, pem, der, serial }`: paths of the certificate, of the key and of
 * both in one file (as HAProxy takes them), the PEM text, the DER octets, the serial in upper-case hex.
 *
 * @returns `{ ca, otherCa, intermediate, server, expected, other, expired, foreign, awkward, chained }`
 */
export function pki() {
  cached ??= createPki()
  return cached
}

function createPki() {
  const ca = createAuthority('ca')
  const otherCa = createAuthority('other-ca')
  const intermediate = createAuthority('intermediate', { issuer: ca, subject: [['CN', 'My Intermediate']] })
  const client = (cn) => ({ subject: [...CLIENT_SUBJECT, ['CN', cn]] })
  const now = Date.now()
  return {
    ca,
    otherCa,
    intermediate,
    server: ca.issue('server', { subject: [['CN', 'localhost']], server: true }),
    expected: ca.issue('expected', { ...client('expected'), serial: '1001' }),
    other: ca.issue('other', { ...client('other'), serial: '1002' }),
    expired: ca.issue('expired', {
      ...client('expected'),
      notBefore: new Date(now - 48 * HOUR_MS),
      notAfter: new Date(now - 24 * HOUR_MS),
    }),
    foreign: otherCa.issue('foreign', { ...client('expected'), serial: '1001' }),
    awkward: ca.issue('awkward', {
      subject: [
        ['C', 'DE'],
        ['O', 'M\u00fcller, "Sons" & Co/KG; <a=b> # +1'],
        ['OU', ' leading and trailing '],
        ['CN', 'back\\slash, CN=expected/CN=expected'],
      ],
    }),
    chained: intermediate.issue('chained', client('chained')),
  }
}

/**
 * Makes a certificate.
 *
 * @param options.subject - pairs of attribute and value; the values may hold anything
 * @param options.serial - hex; random by default
 * @param options.ttlSeconds - from now on; a day by default
 * @param options.notBefore, options.notAfter - Dates, instead of ttlSeconds; an hour ago, and by ttlSeconds, by default
 * @param options.server - for servers, with the names localhost, 127.0.0.1 and ::1
 * @param options.extensions - lines of openssl's configuration, instead of those of a client or server
 * @param options.rsa - a 2048-bit RSA key instead of P-256
 * @param options.algorithm - another key: what stands after `openssl genpkey -algorithm`
 */
function makeCertificate(authority, name, options) {
  const { folder } = authority
  const path = (suffix) => join(folder, `${name}${suffix}`)
  if (existsSync(path('.crt'))) throw new Error(`this authority has made ${name} already`)
  const config = path('.cnf')
  writeFileSync(config, `${CONFIG}${authoritySection(folder)}[ extensions ]\n${extensionLines(options).join('\n')}\n`)
  makeRequest(path, config, options)
  sign(authority, path, config, options)
  const pem = readFileSync(path('.crt'), 'utf8')
  const key = readFileSync(path('.key'), 'utf8')
  writeFileSync(path('.pem'), pem + key, { mode: 0o600 })
  return { cert: path('.crt'), key: path('.key'), bundle: path('.pem'), pem, der: derOf(pem), serial: serialOf(path('.crt')) }
}

function makeRequest(path, config, { subject, rsa = false, algorithm }) {
  const chosen = algorithm ?? (rsa ? ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] : ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'])
  openssl('genpkey', '-algorithm', ...chosen, '-out', path('.key'))
  openssl('req', '-new', '-utf8', '-config', config, '-key', path('.key'), '-subj', subjectText(subject), '-out', path('.csr'))
}

function sign(authority, path, config, { serial, ttlSeconds = 86_400, notBefore, notAfter, selfSigned = false }) {
  const from = notBefore ?? new Date(Date.now() - HOUR_MS)
  const to = notAfter ?? new Date(Date.now() + ttlSeconds * 1000)
  const signer = selfSigned ? ['-selfsign', '-keyfile', path('.key')] : ['-cert', authority.cert, '-keyfile', authority.key]
  if (serial !== undefined) writeFileSync(join(authority.folder, 'serial'), `${serial}\n`)
  const serialFrom = serial === undefined ? ['-rand_serial'] : []
  const validity = ['-startdate', dateText(from), '-enddate', dateText(to)]
  const files = ['-in', path('.csr'), '-out', path('.crt')]
  openssl(
    'ca',
    '-batch',
    '-notext',
    '-utf8',
    '-preserveDN',
    '-config',
    config,
    '-name',
    'authority',
    ...signer,
    ...serialFrom,
    ...validity,
    ...files,
  )
}

function authoritySection(folder) {
  return `[ authority ]
database = ${folder}/index.txt
serial = ${folder}/serial
new_certs_dir = ${folder}
default_md = sha256
policy = any
unique_subject = no
string_mask = utf8only
x509_extensions = extensions
email_in_dn = yes
`
}

function extensionLines({ extensions, server = false }) {
  // Without an authority key identifier the name alone says who issued: what a forger would do, so that only the signature tells.
  const identifiers = ['subjectKeyIdentifier=hash', 'authorityKeyIdentifier=none']
  if (extensions !== undefined) return [...extensions, ...identifiers]
  const names = server ? ['subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'] : []
  const usage = `extendedKeyUsage=${server ? 'serverAuth' : 'clientAuth'}`
  return ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature', usage, ...identifiers, ...names]
}

function subjectText(pairs) {
  return pairs.map(([type, value]) => `/${type}=${value.replace(/[\\/+]/g, '\\$&')}`).join('')
}

function dateText(date) {
  return `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
}

function derOf(pem) {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
}

function serialOf(path) {
  return openssl('x509', '-in', path, '-noout', '-serial').trim().split('=')[1]
}
