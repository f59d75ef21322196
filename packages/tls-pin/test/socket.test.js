import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import { socket, tlsPinAuthenticator } from '@countersign/tls-pin'
import { outcome, requestWith } from './support/request.js'

// Real handshakes are in test/interop; this is what Node's TLSSocket can say, taken one by one.
const { certificate, authorities, vectors } = JSON.parse(readFileSync(new URL('vectors/proxies.json', import.meta.url), 'utf8'))
const DER = Buffer.from(vectors.find(({ dialect }) => dialect === 'haproxy').headers.at(-1)[1], 'base64')
const now = () => Date.parse(certificate.now)
const pin = tlsPinAuthenticator({ from: socket(), pins: certificate.sha256, now })

/** A TLSSocket as it is with an accepted certificate. */
function connection(changes = {}) {
  const accepted = {
    encrypted: true,
    authorized: true,
    authorizationError: null,
    servername: 'localhost',
    getPeerX509Certificate: () => ({ raw: DER }),
    getPeerCertificate: () => ({ raw: DER }),
    isSessionReused: () => false,
  }
  return Object.assign(new EventEmitter(), accepted, changes)
}

const judge = (changes) => outcome(pin.authenticate(requestWith([], { socket: connection(changes) })))

test('a certificate object, authorized, and no authorizationError: all three are needed', () => {
  assert.equal(judge(), 'granted')
  assert.equal(judge({ authorizationError: undefined }), 'granted')
  assert.equal(judge({ getPeerX509Certificate: () => undefined }), 'absent')
  assert.equal(judge({ encrypted: undefined }), 'absent')
  assert.equal(judge({ getPeerX509Certificate: undefined }), 'absent')
  for (const authorized of [false, undefined, 1, 'true']) assert.equal(judge({ authorized }), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(judge({ authorizationError: 'CERT_HAS_EXPIRED' }), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(judge({ authorizationError: '' }), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(judge({ getPeerX509Certificate: () => ({ raw: Buffer.from('no certificate') }) }), 'ERR_TLS_HEADER_MALFORMED')
})

test('what is authorized is asked on every request of a connection', () => {
  const peer = connection()
  const request = () => outcome(pin.authenticate(requestWith([], { socket: peer })))
  assert.equal(request(), 'granted')
  peer.authorizationError = 'CERT_REVOKED'
  assert.equal(request(), 'ERR_TLS_NOT_VERIFIED')
  peer.authorizationError = null
  peer.authorized = false
  assert.equal(request(), 'ERR_TLS_NOT_VERIFIED')
})

test('a certificate that comes with a new handshake is read anew', () => {
  let raw = Buffer.from('no certificate')
  const peer = connection({ getPeerX509Certificate: () => (raw === undefined ? undefined : { raw }) })
  const request = () => outcome(pin.authenticate(requestWith([], { socket: peer })))
  assert.equal(request(), 'ERR_TLS_HEADER_MALFORMED')
  raw = DER
  assert.equal(request(), 'granted')
  raw = undefined
  assert.equal(request(), 'granted', 'without a handshake nothing changes')
  peer.emit('secure')
  assert.equal(request(), 'absent')
  assert.equal(peer.listenerCount('secure'), 0)
})

test('serverNames: another name, or none, is refused', () => {
  const named = tlsPinAuthenticator({ from: socket({ serverNames: ['API.example'] }), pins: certificate.sha256, now })
  const by = (servername) => outcome(named.authenticate(requestWith([], { socket: connection({ servername }) })))
  assert.equal(by('api.EXAMPLE'), 'granted')
  for (const servername of ['api.example.evil', 'localhost', '', false, undefined, null])
    assert.equal(by(servername), 'ERR_TLS_SERVER_NAME')
})

test("S11: serverNames: Node's word on a resumed session counts for nothing; a pin or ca does", () => {
  const by = (options, asked, changes) => {
    const guard = tlsPinAuthenticator({ from: socket(options), now, ...asked })
    return guard.authenticate(requestWith([], { socket: connection({ isSessionReused: () => true, ...changes }) }))
  }
  const serverNames = ['localhost']
  const name = { conditions: { SUBJECT: certificate.subject }, allowNameOnly: true }
  const refused = by({ serverNames }, name)
  assert.equal(refused.code, 'ERR_TLS_NOT_VERIFIED')
  assert.match(refused.reason, /may have been verified under another server name; give ca to socket\(\)/)
  assert.equal(outcome(by({ serverNames }, name, { isSessionReused: () => null })), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(outcome(by({ serverNames }, name, { isSessionReused: () => false })), 'granted')
  assert.equal(outcome(by({ serverNames, ca: authorities.intermediate }, name)), 'granted')
  assert.equal(outcome(by({ serverNames, ca: rootCertificates[0] }, name)), 'ERR_TLS_NOT_VERIFIED')
  for (const pins of [certificate.sha256, certificate.spki]) assert.equal(outcome(by({ serverNames }, { pins })), 'granted')
  assert.equal(outcome(by({ serverNames }, { conditions: `FINGERPRINT256=${certificate.sha256}` })), 'granted')
  const nameless = by({ serverNames }, { pins: certificate.sha256 }, { servername: false })
  assert.equal(nameless.code, 'ERR_TLS_SERVER_NAME')
  assert.match(nameless.reason, /^Node knows no server name of a resumed TLS 1\.2 session; turn off session tickets/)
  assert.equal(outcome(by({}, name)), 'granted', 'without serverNames nothing tells that a server has several')
})

test('the principal carries the name of the pin that is valid now', () => {
  let time = Date.parse('2020-06-01T00:00:00Z')
  const pins = {
    first: { pin: certificate.sha256, notAfter: '2020-07-01T00:00:00Z' },
    second: { pin: certificate.spki, notBefore: '2020-06-15T00:00:00Z' },
  }
  const two = tlsPinAuthenticator({ from: socket(), pins, now: () => time })
  const peer = connection()
  const name = () => two.authenticate(requestWith([], { socket: peer })).principal.credentialId
  assert.equal(name(), 'first')
  time = Date.parse('2020-06-20T00:00:00Z')
  assert.equal(name(), 'first')
  time = Date.parse('2020-07-01T00:00:00Z')
  assert.equal(name(), 'second')
})

test('the reason of a refusal is what Node says', () => {
  const reason = (changes) => pin.authenticate(requestWith([], { socket: connection(changes) })).reason
  assert.equal(reason({ authorizationError: 'CERT_REVOKED' }), 'the server did not accept the certificate: CERT_REVOKED')
  assert.equal(reason({ authorized: false }), 'the server did not accept the certificate: not authorized')
  assert.equal(reason({ getPeerX509Certificate: () => ({ raw: Buffer.from('x') }) }), 'the certificate of the connection is malformed')
})

/** What getPeerCertificate(true) answers of a chain: each with its issuer, the last one its own. */
function peerChain(...octets) {
  const [first, ...rest] = octets.map((raw) => ({ raw }))
  let last = first
  for (const next of rest) {
    last.issuerCertificate = next
    last = next
  }
  return first
}

const derOf = (pem) => Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
const INTERMEDIATE = derOf(authorities.intermediate)
const ROOT = derOf(authorities.root)

test('P34: ca: the certificate must lead there with what came along, whatever Node says', () => {
  const by = (ca, peer, changes = {}) => {
    const guard = tlsPinAuthenticator({ from: socket({ ca }), pins: certificate.sha256, now })
    return guard.authenticate(requestWith([], { socket: connection({ getPeerCertificate: () => peer, ...changes }) }))
  }
  const selfIssued = peerChain(DER, INTERMEDIATE, ROOT)
  const root = selfIssued.issuerCertificate.issuerCertificate
  root.issuerCertificate = root
  assert.equal(outcome(by(authorities.root, selfIssued)), 'granted')
  assert.equal(outcome(by(authorities.root, peerChain(DER, INTERMEDIATE))), 'granted')
  assert.equal(outcome(by(authorities.intermediate, peerChain(DER))), 'granted')
  const alone = by(authorities.root, peerChain(DER))
  assert.equal(alone.code, 'ERR_TLS_NOT_VERIFIED')
  assert.match(alone.reason, /^no authority in the option ca issued it.*leads to one$/)
  const resumed = by(authorities.root, peerChain(DER), { isSessionReused: () => true })
  assert.match(resumed.reason, /leads to one; a resumed TLS session carries no intermediates: add them to ca as well$/)
  assert.equal(
    outcome(by(authorities.root, peerChain(DER, Buffer.from('no certificate'), INTERMEDIATE))),
    'granted',
    'what is none is passed over',
  )
  const unnamed = peerChain(DER)
  unnamed.issuerCertificate = {}
  assert.equal(by(authorities.root, unnamed).code, 'ERR_TLS_NOT_VERIFIED')
  assert.equal(by(authorities.root, selfIssued, { authorizationError: 'CERT_REVOKED' }).code, 'ERR_TLS_NOT_VERIFIED')
})

test('ca: as many as eight certificates that came along are looked at', () => {
  const by = (count) => {
    const peer = peerChain(DER, ...Array.from({ length: count }, () => ROOT.subarray(0)), INTERMEDIATE)
    const guard = tlsPinAuthenticator({ from: socket({ ca: authorities.root }), pins: certificate.sha256, now })
    return outcome(guard.authenticate(requestWith([], { socket: connection({ getPeerCertificate: () => peer }) })))
  }
  assert.equal(by(7), 'granted')
  assert.equal(by(8), 'ERR_TLS_NOT_VERIFIED')
})

test('P34: the chain is asked for before the certificate, which takes it off the connection', () => {
  let peer = peerChain(DER, INTERMEDIATE)
  const changes = {
    getPeerCertificate: () => peer,
    getPeerX509Certificate: () => {
      peer = peerChain(DER)
      return { raw: DER }
    },
  }
  const connected = connection(changes)
  const by = (options) =>
    outcome(
      tlsPinAuthenticator({ from: socket(options), pins: certificate.sha256, now }).authenticate(requestWith([], { socket: connected })),
    )
  assert.equal(by({}), 'granted')
  assert.equal(by({ ca: authorities.root }), 'granted', 'also for a route that comes later')
})

test('a connection that is gone has no chain', () => {
  assert.equal(judge({ getPeerCertificate: () => null, getPeerX509Certificate: () => undefined }), 'absent')
})

test('a chain is asked for once per certificate', () => {
  let asked = 0
  const peer = connection({
    getPeerCertificate: (full) => {
      asked += full === true ? 1 : 100
      return peerChain(DER, INTERMEDIATE)
    },
  })
  const guard = tlsPinAuthenticator({ from: socket({ ca: authorities.root }), pins: certificate.sha256, now })
  for (let i = 0; i < 3; i += 1) assert.equal(outcome(guard.authenticate(requestWith([], { socket: peer }))), 'granted')
  assert.equal(asked, 1)
})

test('the certificate of a socket answers names by itself, and is verified', () => {
  const by = (conditions) => {
    const guard = tlsPinAuthenticator({ from: socket(), conditions, allowNameOnly: true, now })
    const peer = connection()
    guard.authenticate(requestWith([], { socket: peer }))
    return outcome(guard.authenticate(requestWith([], { socket: peer })))
  }
  assert.equal(by({ SUBJECT: certificate.subject, SAN: certificate.san, NOTAFTER: certificate.notAfter }), 'granted')
  assert.equal(by('CN=CB'), 'ERR_TLS_CONDITION')
})

test('socket: options that are none', () => {
  for (const serverNames of ['api.example', 5, {}, null, [5], ['a', undefined], [undefined, 'a']]) {
    assert.throws(() => socket({ serverNames }), {
      name: 'TypeError',
      message: /^socket: option "serverNames" must be a list of server names/,
    })
  }
  assert.throws(
    () => socket({ serverNames: [] }),
    /^TypeError.*: socket: option "serverNames" must contain at least one name; remove the option to allow any$/,
  )
  for (const name of [
    '',
    ' ',
    '*',
    '*.example',
    'api.example:8443',
    'api.example.',
    '.example',
    'a..b',
    'caf\u00e9.example',
    '-a',
    'x'.repeat(64),
  ]) {
    assert.throws(() => socket({ serverNames: ['api.example', name] }), {
      name: 'TypeError',
      message:
        /option "serverNames\[1\]" is not a name that clients send \(SNI\); write each in full.*"api\.example": no "\*", no port, no final dot/,
    })
  }
  assert.throws(() => socket({ serverNames: [`${'a.'.repeat(126)}ab`] }), /option "serverNames\[0\]"/)
  for (const name of ['a', 'API.Example', 'xn--caf-dma.example', 'my_host', '1.example', 'x'.repeat(63), `${'a.'.repeat(126)}a`])
    assert.doesNotThrow(() => socket({ serverNames: [name] }))
  for (const ca of ['x', 5, []]) assert.throws(() => socket({ ca }), /option "ca/)
  assert.throws(() => socket({ serverName: ['a'] }), /did you mean "serverNames"/)
})
