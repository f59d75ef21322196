import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { awsAlb, tlsPinAuthenticator } from '@countersign/tls-pin'
import { without } from '../../../test/support/components.js'
import { createAuthority, openssl, pki } from '../../../test/support/pki.js'
import { once } from './support/once.js'
import { outcome, requestWith } from './support/request.js'

const skip = without('openssl')
const CN = 'CN=chained'

/** Judges a chain as a load balancer passes it through, unverified. */
function judge(chain, ca, { now = Date.now, conditions = CN } = {}) {
  const from = awsAlb({ trustedProxies: ['127.0.0.1'], mode: 'passthrough', ca })
  const pin = tlsPinAuthenticator({ from, conditions, allowNameOnly: true, now })
  const value = encodeURIComponent(chain.map(({ pem }) => pem).join('')).replaceAll('%2B', '+')
  const verdict = pin.authenticate(requestWith([['X-Amzn-Mtls-Clientcert', value]]))
  return verdict.kind === 'refused' ? `${outcome(verdict)}: ${verdict.reason}` : verdict.kind
}

const refused = (result, reason) => assert.match(result, new RegExp(`^ERR_TLS_[A-Z_]+: .*${reason}`))

test('P34: a chain that leads elsewhere, or nowhere, is refused', { skip }, () => {
  const { ca, otherCa, intermediate, chained, foreign, expected } = pki()
  refused(judge([chained], ca.pem), 'no authority')
  refused(judge([chained, intermediate], otherCa.pem), 'no authority')
  refused(judge([chained, otherCa], ca.pem), 'no authority')
  refused(judge([foreign], ca.pem, { conditions: 'CN=expected' }), 'no authority')
  refused(judge([foreign, ca], ca.pem, { conditions: 'CN=expected' }), 'no authority')
  refused(judge([foreign, otherCa], ca.pem, { conditions: 'CN=expected' }), 'no authority')
  assert.equal(judge([expected], ca.pem, { conditions: 'CN=expected' }), 'granted')
})

test('P34: a chain to a root, in any order, with more than is required', { skip }, () => {
  const { ca, otherCa, intermediate, chained, other } = pki()
  assert.equal(judge([chained, intermediate], ca.pem), 'granted')
  assert.equal(judge([chained, intermediate, ca], ca.pem), 'granted')
  assert.equal(judge([chained, other, otherCa, intermediate], ca.pem), 'granted')
  assert.equal(judge([chained], [ca.pem, intermediate.pem]), 'granted')
  assert.equal(judge([chained], intermediate.der), 'granted')
  assert.equal(judge([chained], readFileSync(intermediate.cert)), 'granted')
  assert.equal(judge([chained, intermediate], `${otherCa.pem}${ca.pem}`), 'granted')
})

/** A certificate of an authority, made once per process. */
const leafOf = (ca, name, options = {}) => once(name, () => ca.issue(name, { subject: [['CN', 'chained']], ...options }))

/** An authority under another one, with extensions of its own. */
function authorityUnder(ca, name, extensions, options = {}) {
  return once(name, () => {
    const made = createAuthority(name)
    return Object.assign(made, ca.issue(name, { subject: [['CN', name]], extensions, ...options }))
  })
}

const SIGNING = 'keyUsage=critical,keyCertSign'

test('a client certificate issues nothing, though its owner signs with its key', { skip }, () => {
  const { ca } = pki()
  const client = leafOf(ca, 'issuing-client', { subject: [['CN', 'client']] })
  const forged = once('forged', () =>
    Object.assign(createAuthority('forger'), { cert: client.cert, key: client.key }).issue('forged', { subject: [['CN', 'chained']] }),
  )
  refused(judge([forged, { pem: client.pem }], ca.pem), 'no authority')
})

test('path lengths are obeyed', { skip }, () => {
  const { ca } = pki()
  const authority = (name, issuer, constraints) => authorityUnder(issuer, name, [`basicConstraints=critical,${constraints}`, SIGNING])
  const short = authority('short', ca, 'CA:TRUE,pathlen:0')
  const below = authority('below', short, 'CA:TRUE')
  const leaf = leafOf(below, 'too-deep')
  refused(judge([leaf, below, short], ca.pem), 'no authority')
  assert.equal(judge([leafOf(short, 'deep'), short], ca.pem), 'granted')
  assert.equal(judge([leaf, below], short.pem, {}).startsWith('ERR_TLS_NOT_VERIFIED'), true)
  const path = [ca]
  for (let i = 0; i < 5; i += 1) path.push(authority(`level-${i}`, path.at(-1), 'CA:TRUE'))
  refused(judge([leafOf(path.at(-1), 'deepest'), ...path.slice(1)], ca.pem), 'no authority')
  assert.equal(judge([leafOf(path.at(-2), 'deep-enough'), ...path.slice(1, -1)], ca.pem), 'granted')
})

test('dates of every certificate of the path count', { skip }, () => {
  const day = 86_400_000
  const ca = once('older-ca', () =>
    createAuthority('older-ca', { notBefore: new Date(Date.now() - 4 * day), notAfter: new Date(Date.now() + 4 * day) }),
  )
  const old = authorityUnder(ca, 'old', ['basicConstraints=critical,CA:TRUE', SIGNING], {
    notBefore: new Date(Date.now() - 3 * day),
    notAfter: new Date(Date.now() - day),
  })
  const leaf = leafOf(old, 'leaf-of-old', { notBefore: new Date(Date.now() - 2 * day) })
  refused(judge([leaf, old], ca.pem), 'an authority above the certificate is not valid now')
  assert.equal(judge([leaf, old], ca.pem, { now: () => Date.now() - 1.5 * day }), 'granted')
  const { intermediate, chained, ca: root } = pki()
  refused(judge([chained, intermediate], root.pem, { now: () => Date.now() + 2 * day }), 'expired')
})

test('purposes, name constraints and critical extensions that are not obeyed lead nowhere', { skip }, () => {
  const { ca } = pki()
  const leaf = (name, ...extensions) => leafOf(ca, name, { extensions })
  refused(judge([leaf('server-only', 'extendedKeyUsage=serverAuth')], ca.pem), 'extended key usage')
  assert.equal(judge([leaf('any-purpose', 'extendedKeyUsage=anyExtendedKeyUsage')], ca.pem), 'granted')
  assert.equal(judge([leaf('no-purpose', 'basicConstraints=CA:FALSE')], ca.pem), 'granted')
  refused(
    judge([leaf('unknown-critical', '1.3.6.1.4.1.99999.1=critical,ASN1:UTF8String:x')], ca.pem),
    'critical extension 1.3.6.1.4.1.99999.1',
  )
  const constraints = 'nameConstraints=critical,permitted;DNS:.example'
  const constrained = authorityUnder(ca, 'constrained', ['basicConstraints=critical,CA:TRUE', SIGNING, constraints])
  refused(judge([leafOf(constrained, 'of-constrained'), constrained], ca.pem), 'no authority')
})

/** What `openssl verify` says of a chain for client authentication: it alone decides below what is right. */
function opensslAccepts(leaf, issuers, root) {
  const untrusted = issuers.flatMap(({ cert }) => ['-untrusted', cert])
  try {
    openssl('verify', '-purpose', 'sslclient', '-auth_level', '2', '-CAfile', root.cert, ...untrusted, leaf.cert)
    return true
  } catch {
    return false
  }
}

/** Judges by both, which must agree; answers what ours says. */
function judgeBoth(leaf, issuers, root) {
  const ours = judge([leaf, ...issuers], root.pem)
  assert.equal(ours === 'granted', opensslAccepts(leaf, issuers, root), ours)
  return ours
}

const CONSTRAINTS = 'basicConstraints=critical,CA:TRUE'

test('P34: an authority that was limited to servers vouches for no client', { skip }, () => {
  const { ca } = pki()
  const authority = (name, usage) => authorityUnder(ca, name, [CONSTRAINTS, SIGNING, `extendedKeyUsage=${usage}`])
  const servers = authority('servers-only', 'serverAuth')
  refused(judgeBoth(leafOf(servers, 'of-servers'), [servers], ca), 'no authority accepted here .*: its extended key usage does not allow')
  const below = authorityUnder(servers, 'below-servers', [CONSTRAINTS, SIGNING])
  refused(judgeBoth(leafOf(below, 'below-them'), [below, servers], ca), 'extended key usage does not allow client authentication')
  const clients = authority('clients', 'clientAuth')
  assert.equal(judgeBoth(leafOf(clients, 'of-clients'), [clients], ca), 'granted')
  const both = authority('clients-and-servers', 'serverAuth,clientAuth')
  assert.equal(judgeBoth(leafOf(both, 'of-both'), [both], ca), 'granted')
  const any = authority('any', 'anyExtendedKeyUsage')
  assert.equal(judge([leafOf(any, 'of-any'), any], ca.pem), 'granted', 'RFC 5280 section 4.2.1.12: any is any')
})

test('P34: a key that may not sign in a handshake is no client', { skip }, () => {
  const { ca } = pki()
  const reason = 'its key usage does not allow digital signatures'
  for (const usage of ['critical,cRLSign', 'cRLSign', 'critical,keyCertSign,cRLSign', 'nonRepudiation', 'keyEncipherment', 'decipherOnly'])
    refused(judgeBoth(leafOf(ca, `usage-${usage}`, { extensions: [`keyUsage=${usage}`] }), [], ca), reason)
  for (const usage of ['critical,digitalSignature', 'digitalSignature,keyEncipherment', 'keyAgreement', 'keyAgreement,decipherOnly'])
    assert.equal(judgeBoth(leafOf(ca, `usage-${usage}`, { extensions: [`keyUsage=${usage}`] }), [], ca), 'granted')
  const raw = (name, der) => leafOf(ca, name, { extensions: [`2.5.29.15=critical,DER:${der}`] })
  for (const der of ['030100', '03030780', '04020780', '0500', '0303070080']) refused(judge([raw(`usage-${der}`, der)], ca.pem), reason)
})

test('P34: a weak key vouches for nobody, and is nobody', { skip }, () => {
  const { ca } = pki()
  const weak = (name, ...algorithm) => authorityUnder(ca, name, [CONSTRAINTS, SIGNING], { algorithm })
  const rsa = (bits) => ['RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`]
  const curve = (name) => ['EC', '-pkeyopt', `ec_paramgen_curve:${name}`]
  for (const [name, algorithm, reason] of [
    ['rsa-512', rsa(512), 'its key has 512 bits; at least 2048 are required'],
    ['rsa-1024', rsa(1024), 'its key has 1024 bits'],
    ['rsa-1536', rsa(1536), 'its key has 1536 bits'],
    ['p-192', curve('prime192v1'), 'its key is on a curve of less than 224 bits'],
    ['unnamed', [...curve('prime256v1'), '-pkeyopt', 'ec_param_enc:explicit'], 'its key is on an unnamed curve'],
  ]) {
    const authority = weak(`authority-${name}`, ...algorithm)
    refused(
      judgeBoth(leafOf(authority, `of-${name}`), [authority], ca),
      `no authority accepted here issued it; about the one above it: ${reason}`,
    )
    refused(judgeBoth(leafOf(ca, `leaf-${name}`, { algorithm }), [], ca), reason)
  }
  const nearly = leafOf(ca, 'leaf-rsa-2047', { algorithm: rsa(2047) })
  refused(judge([nearly], ca.pem), 'its key has 2047 bits')
  for (const [name, algorithm] of [
    ['rsa-2048', rsa(2048)],
    ['p-224', curve('secp224r1')],
    ['p-521', curve('secp521r1')],
    ['ed25519', ['ED25519']],
  ]) {
    assert.equal(judgeBoth(leafOf(ca, `leaf-${name}`, { algorithm }), [], ca), 'granted', name)
  }
})

test('name constraints lead nowhere where they are not critical either', { skip }, () => {
  const { ca } = pki()
  const extensions = ['basicConstraints=critical,CA:TRUE', SIGNING, 'nameConstraints=permitted;DNS:.example']
  const loose = authorityUnder(ca, 'loosely-constrained', extensions)
  refused(judge([leafOf(loose, 'of-loose'), loose], ca.pem), 'no authority')
})

test('many certificates that issued each other cost a bounded number of signatures', { skip }, () => {
  const { ca } = pki()
  const twin = once('twin', () => createAuthority('twin'))
  // One key, one name and no key identifier: each of them has issued all others, and our authority may have, too, but for its signature.
  const config = `${twin.folder}/twins.cnf`
  const identifiers = 'subjectKeyIdentifier=none\nauthorityKeyIdentifier=none'
  const twins = once('twins', () => {
    writeFileSync(
      config,
      `[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\n${identifiers}\n`,
    )
    const request = ['req', '-x509', '-config', config, '-key', twin.key, '-subj', '/C=US/O=My Company/CN=My CA', '-days', '1']
    return Array.from({ length: 8 }, (_, i) => ({ pem: openssl(...request, '-set_serial', String(i + 1)) }))
  })
  refused(judge([leafOf(twin, 'of-twin'), ...twins], ca.pem), 'too many certificates were sent with it')
})

test('a signature over SHA-1 counts for nothing, with RSA and with RSA-PSS', { skip }, () => {
  const { ca, sha256, sha256Pss, sha1, sha1Pss } = once('signatures', signatures)
  assert.equal(judge([sha256], ca.pem), 'granted')
  assert.equal(judge([sha256Pss], ca.pem), 'granted')
  refused(judge([sha1], ca.pem), 'it is signed with MD5 or SHA-1')
  refused(judge([sha1Pss], ca.pem), 'it is signed with MD5 or SHA-1')
})

/** One certificate by RSA with each hash and padding. */
function signatures() {
  const ca = createAuthority('rsa-ca', { rsa: true })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${ca.folder}/k.pem`]
  openssl('req', '-new', ...key, '-subj', '/CN=chained', '-out', `${ca.folder}/r.pem`)
  const authority = ['-in', `${ca.folder}/r.pem`, '-CA', ca.cert, '-CAkey', ca.key, '-set_serial', '7', '-days', '1']
  const signed = (...options) => ({ pem: openssl('x509', '-req', ...authority, ...options) })
  const pss = ['-sigopt', 'rsa_padding_mode:pss']
  return { ca, sha256: signed('-sha256'), sha256Pss: signed('-sha256', ...pss), sha1: signed('-sha1'), sha1Pss: signed('-sha1', ...pss) }
}

test('ca: what is no authority is a mistake', { skip }, () => {
  const { expected } = pki()
  const make = (ca) => () => awsAlb({ trustedProxies: ['127.0.0.1'], mode: 'passthrough', ca })
  for (const ca of ['', 'x', [], [42], null, {}, '-----BEGIN CERTIFICATE-----', new Uint8Array(), expected.pem]) {
    assert.throws(make(ca), { name: 'TypeError', message: /^awsAlb: option "ca/ })
  }
  assert.throws(make(''), /option "ca\[0\]" must be certificates in PEM/)
})
