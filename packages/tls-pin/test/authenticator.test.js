import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { allOf, anyOf, authRequest, decide, memoryClients } from '@countersign/core'
import { awsAlb, cloudfront, haproxy, headers, rfc9440, socket, tlsCodes, tlsPinAuthenticator } from '@countersign/tls-pin'
import { keepAlive } from '../../../test/support/promises.js'
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

test('a check that is there and undefined, as by a variable that is not set, is refused and not skipped', () => {
  const name = 'TypeError'
  const trustedProxies = ['127.0.0.1/32']
  const clients = memoryClients()
  for (const [option, make] of [
    ['pins', () => tlsPinAuthenticator({ from, pins: undefined, clients })],
    ['conditions', () => tlsPinAuthenticator({ from, pins: SHA256, conditions: undefined })],
    ['clients', () => tlsPinAuthenticator({ from, pins: SHA256, clients: undefined })],
    ['ca', () => socket({ ca: undefined })],
    ['serverNames', () => socket({ serverNames: undefined })],
    ['ca', () => haproxy({ trustedProxies, ca: undefined })],
    ['ca', () => haproxy({ trustedProxies, certificate: 'sha256', ca: undefined })],
    ['ca', () => awsAlb({ trustedProxies, mode: 'passthrough', ca: undefined })],
    ['ca', () => rfc9440({ trustedProxies, ca: undefined })],
    ['secret', () => haproxy({ trustedProxies, secret: undefined })],
    ['secret', () => cloudfront({ trustedProxies, secret: undefined })],
  ]) {
    const message = new RegExp(`: option "${option}" is undefined; check the variable or setting that it comes from, or leave it out$`)
    assert.throws(make, { name, code: 'ERR_INVALID_ARG_VALUE', message })
  }
})

test('an onWarning that throws or rejects changes nothing for the request', async (t) => {
  const warned = []
  const listen = (warning) => warning.code === 'ERR_TLS_PINS_RUN_OUT' && warned.push(warning.message)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const failing = [
    () => {
      throw new Error('no pager')
    },
    () => Promise.reject(new Error('no pager')),
  ]
  for (const onWarning of failing) {
    const pins = { a: { pin: SHA256, notAfter: '2026-03-01T00:00:00Z' } }
    const pin = tlsPinAuthenticator({ from, pins, now: at('2026-02-28T00:00:00Z'), onWarning })
    assert.equal(outcome(pin.authenticate(sent())), 'granted')
  }
  await new Promise(setImmediate)
  assert.equal(warned.filter((text) => text === 'the option onWarning of tlsPin threw').length, 2)
})

test('clients that are still a promise: the message says to await it', () => {
  const asked = { message: /option "clients" must be a registry; await the promise that fileClients returns/ }
  assert.throws(() => tlsPinAuthenticator({ from, clients: Promise.resolve({}) }), asked)
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
  assert.equal(Object.hasOwn(pin, 'registry'), false)
})

test('the table of refusals in README is that of the codes', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = Object.entries(tlsCodes).map(([code, { status, when, fix }]) => `| \`${code}\` | ${status} | ${when} | ${fix} |`)
  for (const row of rows) assert.ok(readme.includes(row), row)
  assert.equal(readme.match(/^\| `ERR_TLS_/gm).length, rows.length)
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

test('clients: a look-up that does not answer in time is an outage', async (t) => {
  const pin = tlsPinAuthenticator({ from, clients: { findCertificate: () => new Promise(() => {}) }, timeoutMs: 1 })
  keepAlive(t)
  await assert.rejects(async () => pin.authenticate(sent()), { code: 'ERR_LOOKUP_TIMEOUT', status: 503 })
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
  assert.throws(() => allOf(tlsPinAuthenticator({ from, pins: SHA256 }), key, { sameClient: true }), /use one registry/)
})

test('a request without TLS has no certificate of its own', () => {
  const plain = { method: 'GET', url: '/', headers: {}, rawHeaders: [], socket: { remoteAddress: '127.0.0.1' } }
  assert.equal(tlsPinAuthenticator({ from: socket(), pins: SHA256 }).authenticate(authRequest(plain, '/')).kind, 'absent')
})

/** A source of the user's own that presents what a test says. */
function own(presented) {
  const digests = { sha256: SHA256, ...presented.digests }
  const read = () => ({
    kind: 'presented',
    verification: 'unstated',
    digest: (kind) => digests[kind],
    field: () => undefined,
    ...presented,
  })
  return { name: 'own', kinds: ['sha256', 'spki', 'sha1'], keys: undefined, verifies: true, serialBase: 16, read }
}

test('a chain that was checked counts while one of its paths is open, with the tolerance at both ends', () => {
  const [from, until] = [Date.parse('2026-01-01T00:00:00Z'), Date.parse('2026-02-01T00:00:00Z')]
  const past = { from: 0, until: 1 }
  const future = { from: until * 2, until: until * 3 }
  const judge = (now, windows) => tlsPinAuthenticator({ from: own({ windows }), pins: SHA256, now: () => now }).authenticate(sent())
  for (const windows of [[{ from, until }], [past, { from, until }], [{ from, until }, future]]) {
    for (const now of [from - 60_000, from, until, until + 60_000]) assert.equal(outcome(judge(now, windows)), 'granted')
    for (const now of [from - 60_001, until + 60_001]) assert.equal(outcome(judge(now, windows)), 'ERR_TLS_EXPIRED')
  }
  assert.equal(judge(from, [past, future]).reason, 'an authority above the certificate is not valid now')
  assert.equal(outcome(judge(from, [])), 'ERR_TLS_EXPIRED')
  assert.equal(outcome(judge(from, undefined)), 'granted')
})

test('what is said of a certificate decides: failed refuses, and without a pin only verified passes', () => {
  const field = (key) => (key === 'CN' ? 'a' : undefined)
  for (const [verification, pinned, named] of [
    ['verified', 'granted', 'granted'],
    ['unstated', 'granted', 'ERR_TLS_NOT_VERIFIED'],
    ['unknown-issuer', 'granted', 'ERR_TLS_NOT_VERIFIED'],
    ['failed', 'ERR_TLS_NOT_VERIFIED', 'ERR_TLS_NOT_VERIFIED'],
  ]) {
    const judge = (options) => tlsPinAuthenticator({ from: own({ verification, said: 'said so', field }), ...options }).authenticate(sent())
    const results = [judge({ pins: SHA256 }), judge({ conditions: 'CN=a', allowNameOnly: true })]
    assert.deepEqual(results.map(outcome), [pinned, named], verification)
    for (const { kind, reason } of results) assert.equal(reason, kind === 'refused' ? 'said so' : undefined)
  }
})

test('what a refusal says to the operator', () => {
  const reason = (options, ...pairs) => tlsPinAuthenticator({ from, ...options }).authenticate(requestWith(pairs)).reason
  const fingerprint = ['X-Zato-TLS-Fingerprint256', SHA256]
  assert.equal(reason({ pins: OTHER }, fingerprint), `no pin matches the certificate with the SHA-256 ${SHA256}`)
  assert.equal(reason({ clients: registry({}) }, fingerprint), `no pin matches the certificate with the SHA-256 ${SHA256}`)
  assert.equal(reason({ pins: SHA256, conditions: 'CN=a' }, fingerprint, ['X-Zato-TLS-CN', '']), 'the proxy sends CN without a value')
  for (const name of ['NotBefore', 'NotAfter']) {
    assert.equal(reason({ pins: SHA256 }, fingerprint, [`X-Zato-TLS-${name}`, 'x']), 'the proxy sends an invalid date of the certificate')
  }
})

test('one grant serves all requests with the same certificate and pin, and no other', () => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const pins = {
    first: { pin: SHA256, notAfter: '2026-02-01T00:00:00Z' },
    second: { pin: SHA256, notBefore: '2026-02-01T00:00:00Z' },
    other: OTHER,
  }
  const pin = tlsPinAuthenticator({ from, pins, now: () => now })
  const granted = () => pin.authenticate(sent())
  const before = granted()
  assert.equal(granted(), before)
  assert.notEqual(pin.authenticate(sent(OTHER)), before)
  assert.equal(granted(), before)
  now = Date.parse('2026-02-01T00:00:00Z')
  assert.equal(granted().principal.credentialId, 'second')
})

test('clients: by the public key and by SHA-1 too, and used() may be missing', () => {
  const base64 = 'd6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM='
  for (const [header, value, key] of [
    ['SPKI', base64, `sha256/${base64}`],
    ['Fingerprint', SHA1, `sha1:${SHA1}`],
  ]) {
    const clients = registry({ [key]: { clientId: 'acme' } })
    clients.used = undefined
    const verdict = tlsPinAuthenticator({ from, clients }).authenticate(requestWith([[`X-Zato-TLS-${header}`, value]]))
    assert.equal(verdict.principal?.clientId, 'acme', header)
    assert.equal(verdict.commit(), undefined)
  }
})

test('the warning says until when, and nobody has to listen', async () => {
  const warnings = []
  const pins = { pin: SHA256, notAfter: '2026-03-01T00:00:00Z' }
  const now = at('2026-02-28T00:00:00Z')
  const emitted = []
  const listen = (warning) => emitted.push(warning)
  process.on('warning', listen)
  tlsPinAuthenticator({ from, pins, now }).authenticate(sent())
  tlsPinAuthenticator({ from, pins, now, onWarning: (warning) => warnings.push(warning) })
  const message = 'the last certificate pin of a route expires at 2026-03-01T00:00:00.000Z; after that every request is refused'
  assert.deepEqual(warnings, [{ code: 'ERR_TLS_PINS_RUN_OUT', message, until: Date.parse('2026-03-01T00:00:00Z') }])
  while (emitted.length < 2) await once(process, 'warning')
  process.off('warning', listen)
  for (const { code, name, message: text } of emitted) {
    assert.deepEqual([code, name, text], ['ERR_TLS_PINS_RUN_OUT', 'CountersignWarning', message])
  }
})

test('tlsPinAuthenticator: what the messages of mistakes say to write', () => {
  const message = (options) => {
    try {
      tlsPinAuthenticator(options)
    } catch (error) {
      return error.message.replace('tlsPinAuthenticator: option ', '')
    }
    return 'none'
  }
  for (const source of [null, {}, { read() {} }, { read() {}, kinds: 'sha256' }, { kinds: [] }, 5]) {
    assert.match(
      message({ from: source, pins: SHA256 }),
      /^"from" must be a source, such as socket\(\) or haproxy\(\{ trustedProxies: \['127\.0\.0\.1\/32'\] \}\)/,
    )
  }
  assert.match(message({ from: socket, pins: SHA256 }), /^"from" must be a source: call it, such as socket\(\)/)
  assert.equal(message({ from }), '"pins" or conditions or clients is required: without any of them every certificate would be accepted')
  assert.equal(
    message({ from, clients: registry({}), clientId: 'a' }),
    '"clientId" cannot be combined with clients, which have ids of their own',
  )
  assert.match(message({ from, clients: {} }), /^"clients" must be a registry, such as memoryClients\(\.\.\.\)/)
  assert.match(message({ from, pins: SHA256, toleranceSeconds: -1 }), / seconds/)
  assert.match(message({ from, pins: SHA256, warnDays: -1 }), / days/)
  assert.match(message({ from, pins: SHA256, timeoutMs: 0 }), / milliseconds/)
  const digest = haproxy({ trustedProxies: ['127.0.0.1'], certificate: 'sha256' })
  assert.equal(
    message({ from: digest, pins: SHA1 }),
    '"pins" contains only pins of kind sha1, but haproxy() provides sha256, so every request would be refused',
  )
  assert.equal(message({ from: digest, pins: [SHA1, SHA256] }), 'none', 'one that fits is enough')
  const silent = headers({ prefix: 'X-A-', trustedProxies: ['127.0.0.1'] })
  assert.match(message({ from: silent, conditions: 'CN=a' }), /^"conditions" does not identify a certificate: .*set allowNameOnly: true$/)
  assert.match(
    message({ from: silent, conditions: 'CN=a', allowNameOnly: true }),
    /headers\(\) as configured never does \(proxyVerifies, ca\)$/,
  )
})

test('a SHA-1 pin or condition is warned of, a SHA-256 one is not', async () => {
  const warned = (options) => {
    const code = `import { headers, tlsPinAuthenticator } from '@countersign/tls-pin'
      process.on('warning', ({ code }) => console.log(code))
      tlsPinAuthenticator({ from: headers({ prefix: 'X-A-', trustedProxies: ['127.0.0.1'] }), ...${JSON.stringify(options)} })`
    return execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })
  }
  for (const options of [{ pins: SHA1 }, { pins: [SHA256, SHA1] }, { conditions: `FINGERPRINT=${SHA1}` }]) {
    assert.equal(warned(options), 'ERR_TLS_SHA1_PIN\n')
  }
  assert.equal(warned({ pins: SHA256, conditions: { FINGERPRINT: SHA256, ENV: SHA1 } }), '')
})
