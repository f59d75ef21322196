import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { socket, tlsPinAuthenticator } from '@countersign/tls-pin'
import { outcome, requestWith } from './support/request.js'

// Real handshakes are in test/interop; this is what Node's TLSSocket can say, taken one by one.
const { certificate, vectors } = JSON.parse(readFileSync(new URL('vectors/proxies.json', import.meta.url), 'utf8'))
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

test('the principal carries the name of the pin that counts now', () => {
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
