import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anyOf } from '@countersign/core'
import { protect } from '@countersign/core/express'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { github, meta } from '@countersign/schemes'
import { authRequest, hexOf, secret } from './requests.js'

const BODY = '{"n":1}'

/** Verdicts that are made while a name stands on Object.prototype. */
function polluted(name, value, work) {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true })
  try {
    return work()
  } finally {
    delete Object.prototype[name]
  }
}

test('S16: what stands on Object.prototype changes no verdict about a request that is signed, badly signed or not signed', () => {
  const signed = (mac) => authRequest({ body: BODY, headers: { 'x-hub-signature-256': `sha256=${mac}` } })
  const good = hexOf(BODY, secret)
  for (const name of [
    'id',
    'headers',
    'ok',
    'prefix',
    'absent',
    'elsewhere',
    'code',
    'labels',
    'origin',
    'several',
    'rawBody',
    'allowEmptyBody',
  ]) {
    for (const value of [true, false, 0, 'x', null, {}, Buffer.from(BODY), () => true]) {
      // Keys and secrets are made while it stands there, and once before.
      const early = hmacAuthenticator({ scheme: github, secret, replay: false })
      const made = () => [early, hmacAuthenticator({ scheme: github, secret, replay: false })]
      polluted(name, value, () => {
        for (const authenticator of made()) {
          const { kind, principal } = authenticator.authenticate(signed(good))
          assert.equal(kind, 'granted', name)
          assert.equal(principal.clientId, 'github', name)
          assert.equal(Object.hasOwn(principal, 'credentialId'), false, name)
          const bad = authenticator.authenticate(signed(good.replace(/^./, (c) => (c === '0' ? '1' : '0'))))
          assert.deepEqual([bad.kind, bad.code, Object.keys(bad).includes('headers')], ['refused', 'ERR_HMAC_MISMATCH', false], name)
          assert.equal(authenticator.authenticate(authRequest({ body: BODY, headers: {} })).kind, 'absent', name)
        }
      })
    }
  }
})

test('S16: what stands on Object.prototype is no part of a handshake', () => {
  const made = () => hmacAuthenticator({ scheme: meta, secret, handshake: {} })
  polluted('verifyToken', 'guessed', () => assert.throws(made, /"handshake.verifyToken" is required/))
})

test('S16: an authenticator that names no fields has none of Object.prototype', async () => {
  const unnamed = { name: 'own', challenges: ['Own'], authenticate: () => ({ kind: 'absent' }) }
  for (const authenticator of [unnamed, anyOf(unnamed, unnamed)]) {
    const told = []
    const guard = protect(authenticator, { refusals: 'throw', onRefusal: ({ code, reason }) => told.push([code, reason]) })
    const error = await polluted('fields', 'x', () => new Promise((next) => guard(message(), {}, next)))
    assert.equal(error.status, 401)
    assert.deepEqual(
      told.map(([code]) => code),
      ['ERR_AUTH_REQUIRED'],
    )
  }
})

function message() {
  return {
    method: 'GET',
    url: '/',
    originalUrl: '/',
    headers: {},
    rawHeaders: [],
    httpVersionMajor: 1,
    socket: {},
    complete: true,
    on() {},
    once() {},
  }
}
