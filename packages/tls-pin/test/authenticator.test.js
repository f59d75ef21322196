import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { allOf, anyOf, authRequest, decide, memoryClients } from '@countersign/core'
import { headers, socket, tlsCodes, tlsPinAuthenticator } from '@countersign/tls-pin'
import { outcome, requestWith } from './support/request.js'

const SHA256 = '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688'
const OTHER = '9ba61d6425303443c0748a02dd8de688468ed33be74eee6556d90c0149c1309e'
const SHA1 = 'e32511e8cff992451058f4b70ffbf9017bfd0b2a'
const from = headers({ prefix: 'X-Zato-TLS-', trustedProxies: ['127.0.0.1/32'] })
const sent = (fingerprint = SHA256) => requestWith([['X-Zato-TLS-Fingerprint256', fingerprint]])
const at = (text) => () => Date.parse(text)

test('tlsPinAuthenticator: mistakes are TypeErrors that name the factory and the option', () => {
  const bad = [
    [undefined, 'from', 'ERR_INVALID_ARG_TYPE'],
    [null, 'options', 'ERR_INVALID_ARG_TYPE'],
    [{}, 'from', 'ERR_INVALID_ARG_TYPE'],
    [{ pins: SHA256 }, 'from', 'ERR_INVALID_ARG_TYPE'],
    [{ from: 'socket', pins: SHA256 }, 'from', 'ERR_INVALID_ARG_TYPE'],
    [{ from: socket, pins: SHA256 }, 'from', 'ERR_INVALID_ARG_TYPE'],
    [{ from }, 'pins', 'ERR_INVALID_ARG_VALUE'],
    [{ from, pins: [] }, 'pins', 'ERR_INVALID_ARG_VALUE'],
    [{ from, pins: SHA256, conditon: 'CN=a' }, 'conditon', 'ERR_INVALID_ARG_VALUE'],
    [{ from, pins: SHA256, clients: {} }, 'clients', 'ERR_INVALID_ARG_TYPE'],
    [{ from, pins: SHA256, clients: null }, 'clients', 'ERR_INVALID_ARG_TYPE'],
    [{ from, clients: { findCertificate() {} }, clientId: 'a' }, 'clientId', 'ERR_INVALID_ARG_VALUE'],
    [{ from, pins: SHA256, clientId: ' ' }, 'clientId', 'ERR_INVALID_ARG_VALUE'],
    [{ from, pins: SHA256, toleranceSeconds: -1 }, 'toleranceSeconds', 'ERR_INVALID_ARG_VALUE'],
    [{ from, pins: SHA256, toleranceSeconds: '60' }, 'toleranceSeconds', 'ERR_INVALID_ARG_TYPE'],
    [{ from, pins: SHA256, warnDays: 0.5 }, 'warnDays', 'ERR_INVALID_ARG_VALUE'],
    [{ from, pins: SHA256, now: 0 }, 'now', 'ERR_INVALID_ARG_TYPE'],
    [{ from, pins: SHA256, onWarning: true }, 'onWarning', 'ERR_INVALID_ARG_TYPE'],
  ]
  for (const [options, option, code] of bad) {
    assert.throws(() => tlsPinAuthenticator(options), {
      name: 'TypeError',
      code,
      message: new RegExp(`^tlsPinAuthenticator: option "${option}"`),
    })
  }
})

test('every code is 403, and there is no challenge', () => {
  for (const [code, { status }] of Object.entries(tlsCodes)) {
    assert.match(code, /^ERR_TLS_[A-Z_]+$/)
    assert.equal(status, 403)
  }
  const pin = tlsPinAuthenticator({ from, pins: SHA256 })
  assert.deepEqual(pin.challenges, [])
  assert.equal(pin.name, 'tls-pin')
  assert.ok(Object.isFrozen(pin))
})

test('the principal: clientId is the SHA-256 or the option, credentialId the name of the pin; frozen', () => {
  const by = (options) => tlsPinAuthenticator({ from, ...options }).authenticate(sent()).principal
  assert.deepEqual({ ...by({ pins: SHA256 }) }, { clientId: SHA256, scheme: 'tls-client-certificate', groups: [] })
  assert.deepEqual(
    { ...by({ pins: { partner: SHA256 } }) },
    { clientId: SHA256, scheme: 'tls-client-certificate', credentialId: 'partner', groups: [] },
  )
  assert.equal(by({ pins: [{ pin: SHA256, name: 'listed' }], clientId: 'acme' }).clientId, 'acme')
  assert.ok(Object.isFrozen(by({ pins: SHA256 })))
  const sha1 = tlsPinAuthenticator({ from, pins: SHA1 }).authenticate(requestWith([['X-Zato-TLS-Fingerprint', SHA1]]))
  assert.equal(sha1.principal.clientId, SHA1)
})

test('P23: two certificates never share a principal, whatever order they come in', () => {
  const pin = tlsPinAuthenticator({ from, pins: { a: SHA256, b: OTHER } })
  for (const [fingerprint, name] of [
    [SHA256, 'a'],
    [OTHER, 'b'],
    [SHA256, 'a'],
    [OTHER.toUpperCase(), 'b'],
  ]) {
    const { principal } = pin.authenticate(sent(fingerprint))
    assert.deepEqual([principal.clientId, principal.credentialId], [fingerprint.toLowerCase(), name])
  }
})

test('P37: pins are judged on every request by the clock that was given', () => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const pins = { old: { pin: SHA256, notAfter: '2026-02-01T00:00:00Z' }, next: { pin: OTHER, notBefore: '2026-01-15T00:00:00Z' } }
  const pin = tlsPinAuthenticator({ from, pins, now: () => now })
  assert.equal(outcome(pin.authenticate(sent())), 'granted')
  assert.equal(outcome(pin.authenticate(sent(OTHER))), 'ERR_TLS_PIN_CLOSED')
  now = Date.parse('2026-01-15T00:00:00Z')
  assert.equal(outcome(pin.authenticate(sent())), 'granted')
  assert.equal(outcome(pin.authenticate(sent(OTHER))), 'granted')
  now = Date.parse('2026-02-01T00:00:00Z')
  assert.equal(outcome(pin.authenticate(sent())), 'ERR_TLS_PIN_CLOSED')
  assert.equal(outcome(pin.authenticate(sent(OTHER))), 'granted')
  now = Number.NaN
  assert.equal(outcome(pin.authenticate(sent(OTHER))), 'ERR_TLS_PIN_CLOSED')
})

test('dates that the proxy sends are checked with a tolerance, and a clock that is none refuses', () => {
  const judge = (now, options = {}) =>
    outcome(
      tlsPinAuthenticator({ from, pins: SHA256, now, ...options }).authenticate(
        requestWith([
          ['X-Zato-TLS-Fingerprint256', SHA256],
          ['X-Zato-TLS-NotBefore', '260101000000Z'],
          ['X-Zato-TLS-NotAfter', '270101000000Z'],
        ]),
      ),
    )
  assert.equal(judge(at('2025-12-31T23:58:59Z')), 'ERR_TLS_NOT_YET_VALID')
  assert.equal(judge(at('2025-12-31T23:59:00Z')), 'granted')
  assert.equal(judge(at('2027-01-01T00:01:00Z')), 'granted')
  assert.equal(judge(at('2027-01-01T00:01:01Z')), 'ERR_TLS_EXPIRED')
  assert.equal(judge(at('2027-01-01T00:00:01Z'), { toleranceSeconds: 0 }), 'ERR_TLS_EXPIRED')
  assert.equal(
    judge(() => Number.NaN),
    'ERR_TLS_NOT_YET_VALID',
  )
})

test('the operator is warned once, days before the last pin runs out', async () => {
  const warnings = []
  let now = Date.parse('2026-01-01T00:00:00Z')
  const pins = { a: { pin: SHA256, notAfter: '2026-01-20T00:00:00Z' }, b: { pin: OTHER, notAfter: '2026-03-01T00:00:00Z' } }
  const pin = tlsPinAuthenticator({ from, pins, now: () => now, onWarning: (warning) => warnings.push(warning) })
  pin.authenticate(sent())
  now = Date.parse('2026-01-29T23:59:59.999Z')
  pin.authenticate(sent())
  assert.equal(warnings.length, 0)
  now = Date.parse('2026-01-30T00:00:00Z')
  const emitted = []
  process.on('warning', ({ code }) => emitted.push(code))
  pin.authenticate(sent())
  pin.authenticate(sent())
  assert.deepEqual(
    warnings.map(({ code, until }) => [code, until]),
    [['ERR_TLS_PINS_RUN_OUT', Date.parse('2026-03-01T00:00:00Z')]],
  )
  while (!emitted.includes('ERR_TLS_PINS_RUN_OUT')) await once(process, 'warning')
  const late = []
  tlsPinAuthenticator({ from, pins, now: at('2026-02-20T00:00:00Z'), warnDays: 5, onWarning: (warning) => late.push(warning) })
  tlsPinAuthenticator({ from, pins, now: at('2026-02-25T00:00:00Z'), warnDays: 5, onWarning: (warning) => late.push(warning) })
  tlsPinAuthenticator({ from, pins: { c: SHA256, ...pins }, now: at('2026-02-25T00:00:00Z'), onWarning: (warning) => late.push(warning) })
  assert.equal(late.length, 1)
})

/** A registry of pins, in the shape that core's registries have. */
function registry(entries, { isAsync = false } = {}) {
  const used = []
  const matches = new Map(
    Object.entries(entries).map(([pin, { state = 'active', ...fields }]) => [
      pin,
      { principal: Object.freeze({ scheme: 'tls-client-certificate', groups: [], ...fields }), state: () => state },
    ]),
  )
  return {
    used: (match, now) => used.push([match.principal.clientId, now]),
    accepted: used,
    matches,
    findCertificate: (pin) => (isAsync ? Promise.resolve(matches.get(pin)) : matches.get(pin)),
  }
}

for (const isAsync of [false, true]) {
  test(`clients: a pin names a client (${isAsync ? 'later' : 'at once'})`, async () => {
    const clients = registry({ [`sha256:${SHA256}`]: { clientId: 'acme', credentialId: 'cert-1', groups: ['billing'] } }, { isAsync })
    const pin = tlsPinAuthenticator({ from, clients, now: () => 42 })
    const verdict = pin.authenticate(sent())
    assert.equal(verdict instanceof Promise, isAsync)
    const { kind, principal, commit } = await verdict
    assert.deepEqual([kind, principal.clientId, principal.credentialId, principal.groups], ['granted', 'acme', 'cert-1', ['billing']])
    assert.deepEqual(clients.accepted, [], 'deciding changes nothing')
    assert.equal(await commit(), undefined)
    assert.deepEqual(clients.accepted, [['acme', 42]])
    assert.equal(outcome(await pin.authenticate(sent(OTHER))), 'ERR_TLS_UNKNOWN_CLIENT')
    clients.matches.delete(`sha256:${SHA256}`)
    assert.equal(outcome(await pin.authenticate(sent())), 'ERR_TLS_UNKNOWN_CLIENT')
    assert.equal(pin.registry, clients)
  })

  test(`clients: disabled, early and expired credentials do not pass, a second one that holds does (${isAsync ? 'later' : 'at once'})`, async () => {
    for (const [state, code] of [
      ['disabled', 'ERR_TLS_CLIENT_DISABLED'],
      ['early', 'ERR_TLS_PIN_CLOSED'],
      ['expired', 'ERR_TLS_PIN_CLOSED'],
      ['odd', 'ERR_TLS_PIN_CLOSED'],
    ]) {
      const clients = registry({ [`sha256:${SHA256}`]: { clientId: 'acme', state } }, { isAsync })
      assert.equal(outcome(await tlsPinAuthenticator({ from, clients }).authenticate(sent())), code)
      const both = requestWith([
        ['X-Zato-TLS-Fingerprint', SHA1],
        ['X-Zato-TLS-Fingerprint256', SHA256],
      ])
      const rotated = registry({ [`sha256:${SHA256}`]: { clientId: 'acme', state }, [`sha1:${SHA1}`]: { clientId: 'acme' } }, { isAsync })
      assert.equal(outcome(await tlsPinAuthenticator({ from, clients: rotated }).authenticate(both)), 'granted')
    }
  })

  test(`clients: an outage is thrown, never a verdict (${isAsync ? 'later' : 'at once'})`, async () => {
    const clients = {
      findCertificate() {
        if (isAsync) return Promise.reject(new Error('down'))
        throw new Error('down')
      },
    }
    const pin = tlsPinAuthenticator({ from, clients })
    await assert.rejects(async () => pin.authenticate(sent()), { code: 'ERR_LOOKUP_FAILED', status: 503 })
  })
}

test('clients: a look-up that does not answer in time is an outage', async () => {
  const pin = tlsPinAuthenticator({ from, clients: { findCertificate: () => new Promise(() => {}) }, timeoutMs: 1 })
  const alive = setInterval(() => {}, 1_000)
  await assert.rejects(async () => pin.authenticate(sent()), { code: 'ERR_LOOKUP_TIMEOUT', status: 503 })
  clearInterval(alive)
})

test("clients: core's registry, whose changes hold from the next request on", async () => {
  const clients = memoryClients({
    clients: [
      { id: 'acme', groups: ['billing'], credentials: [{ kind: 'certificate', id: 'cert-2026', pin: SHA256 }] },
      { id: 'beta', credentials: [{ kind: 'certificate', pin: SHA1, notAfter: '2026-01-01T00:00:00Z' }] },
    ],
  })
  const pin = tlsPinAuthenticator({ from, clients, now: at('2026-06-01T00:00:00Z') })
  const { principal, commit } = pin.authenticate(sent())
  assert.deepEqual({ ...principal }, { clientId: 'acme', scheme: 'tls-client-certificate', credentialId: 'cert-2026', groups: ['billing'] })
  assert.equal(commit(), undefined)
  assert.equal(clients.lastUsed('acme')[0].lastUsed.getTime(), Date.parse('2026-06-01T00:00:00Z'))
  assert.equal(outcome(pin.authenticate(requestWith([['X-Zato-TLS-Fingerprint', SHA1]]))), 'ERR_TLS_PIN_CLOSED')
  await clients.disable('acme')
  assert.equal(outcome(pin.authenticate(sent())), 'ERR_TLS_CLIENT_DISABLED')
  await clients.enable('acme')
  assert.equal(outcome(pin.authenticate(sent())), 'granted')
  await clients.rotate('acme', 'cert-2026', { pin: OTHER, overlapSeconds: 0 })
  assert.equal(outcome(pin.authenticate(sent())), 'ERR_TLS_UNKNOWN_CLIENT')
  assert.equal(pin.authenticate(sent(OTHER)).principal.clientId, 'acme')
  await clients.revoke('acme')
  assert.equal(outcome(pin.authenticate(sent(OTHER))), 'ERR_TLS_UNKNOWN_CLIENT')
})

test('clients, pins and conditions: each that is given must hold', () => {
  const clients = registry({ [`sha256:${SHA256}`]: { clientId: 'acme' }, [`sha256:${OTHER}`]: { clientId: 'beta' } })
  const pin = tlsPinAuthenticator({ from, clients, pins: SHA256 })
  assert.equal(pin.authenticate(sent()).principal.clientId, 'acme')
  assert.equal(outcome(pin.authenticate(sent(OTHER))), 'ERR_TLS_PIN_MISMATCH')
  const named = tlsPinAuthenticator({ from, clients, conditions: 'CN=a' })
  assert.equal(outcome(named.authenticate(sent())), 'ERR_TLS_CONDITION')
  const unknown = tlsPinAuthenticator({ from, clients: registry({}), pins: SHA256 })
  assert.equal(outcome(unknown.authenticate(sent())), 'ERR_TLS_UNKNOWN_CLIENT')
})

test('P30: in a composition absent lets others decide, a refused certificate does not', async () => {
  const pin = tlsPinAuthenticator({ from, pins: SHA256 })
  const other = {
    name: 'other',
    challenges: ['ApiKey realm="api"'],
    authenticate: () => ({ kind: 'granted', principal: { clientId: 'key', scheme: 'api-key', groups: [] } }),
  }
  assert.equal((await decide(anyOf(pin, other), requestWith([]))).principal.clientId, 'key')
  assert.equal((await decide(anyOf(pin, other), sent())).principal.clientId, SHA256)
  assert.equal((await decide(anyOf(pin, other), sent(OTHER))).code, 'ERR_TLS_PIN_MISMATCH')
  assert.equal(
    (await decide(anyOf(pin, other), requestWith([['X-Zato-TLS-CN', 'a']], { from: '10.0.0.1' }))).code,
    'ERR_TLS_UNTRUSTED_PEER',
  )
})

test('allOf with sameClient: certificate and key must be of one client', async () => {
  const clients = registry({ [`sha256:${SHA256}`]: { clientId: 'acme' }, [`sha256:${OTHER}`]: { clientId: 'beta' } })
  const key = {
    name: 'key',
    challenges: [],
    registry: clients,
    authenticate: () => ({ kind: 'granted', principal: { clientId: 'acme', scheme: 'api-key', groups: [] } }),
  }
  const both = allOf(tlsPinAuthenticator({ from, clients }), key, { sameClient: true })
  const granted = await decide(both, sent())
  assert.deepEqual(
    [granted.principal.clientId, granted.principal.scheme, granted.principal.also[0].scheme],
    ['acme', 'tls-client-certificate', 'api-key'],
  )
  assert.equal((await decide(both, sent(OTHER))).code, 'ERR_AUTH_OTHER_CLIENT')
  assert.throws(() => allOf(tlsPinAuthenticator({ from, pins: SHA256 }), key, { sameClient: true }), /same registry/)
})

test('a request without TLS has no certificate of its own', () => {
  const plain = { method: 'GET', url: '/', headers: {}, rawHeaders: [], socket: { remoteAddress: '127.0.0.1' } }
  assert.equal(tlsPinAuthenticator({ from: socket(), pins: SHA256 }).authenticate(authRequest(plain, '/')).kind, 'absent')
})
