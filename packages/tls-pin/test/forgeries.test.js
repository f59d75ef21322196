import assert from 'node:assert/strict'
import { test } from 'node:test'
import { haproxy, headers, nginx, tlsPinAuthenticator } from '@countersign/tls-pin'
import fc from 'fast-check'
import { outcome, requestWith } from './support/request.js'

const PINNED = 'E32511E8CFF992451058F4B70FFBF9017BFD0B2A'
const OTHER = 'CCB03BB446CB1603FCA015FF959FB47538521474'
const trustedProxies = ['127.0.0.1/32']
const pin = tlsPinAuthenticator({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }), pins: PINNED })
const judge = (...sent) => outcome(pin.authenticate(requestWith(sent)))

test('P31, S10: a header sent twice is refused, in any case and order', () => {
  for (const name of ['X-Zato-TLS-Fingerprint', 'x-zato-tls-fingerprint', 'X-ZATO-TLS-FINGERPRINT']) {
    assert.equal(judge(['X-Zato-TLS-Fingerprint', PINNED], [name, OTHER]), 'ERR_TLS_HEADER_DUPLICATE')
    assert.equal(judge(['X-Zato-TLS-Fingerprint', PINNED], [name, PINNED]), 'ERR_TLS_HEADER_DUPLICATE')
    assert.equal(judge([name, OTHER], ['X-Zato-TLS-Fingerprint', PINNED]), 'ERR_TLS_HEADER_DUPLICATE')
  }
  assert.equal(judge(['X-Zato-TLS-Fingerprint', PINNED], ['X-Zato-TLS-CN', 'a'], ['X-Zato-TLS-CN', 'b']), 'ERR_TLS_HEADER_DUPLICATE')
  assert.equal(judge(['X-Zato-TLS-Fingerprint', `${PINNED}, ${PINNED}`]), 'ERR_TLS_HEADER_MALFORMED')
})

test('P31, S10: a name with _ for - is refused, in any place, with the real one or without', () => {
  for (const name of [
    'X_Zato_TLS_Fingerprint',
    'X-Zato-TLS_Fingerprint',
    'x_zato-tls-fingerprint',
    'X_ZATO_TLS_CN',
    'X-Zato-TLS-Finger_print',
  ]) {
    assert.equal(judge([name, PINNED]), 'ERR_TLS_HEADER_LOOKALIKE', name)
    assert.equal(judge(['X-Zato-TLS-Fingerprint', PINNED], [name, PINNED]), 'ERR_TLS_HEADER_LOOKALIKE', name)
  }
})

test('P31: empty and over-long values are refused', () => {
  assert.equal(judge(['X-Zato-TLS-Fingerprint', '']), 'ERR_TLS_HEADER_EMPTY')
  assert.equal(judge(['X-Zato-TLS-Fingerprint', PINNED], ['X-Zato-TLS-CN', 'a'.repeat(16_385)]), 'ERR_TLS_HEADER_TOO_LONG')
  assert.equal(judge(['X-Zato-TLS-Fingerprint', PINNED], ['X-Zato-TLS-CN', 'a'.repeat(16_384)]), 'granted')
  const short = tlsPinAuthenticator({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies, maxHeaderBytes: 39 }), pins: PINNED })
  assert.equal(outcome(short.authenticate(requestWith([['X-Zato-TLS-Fingerprint', PINNED]]))), 'ERR_TLS_HEADER_TOO_LONG')
})

test('P35: the reason of an empty header names resumption', () => {
  assert.match(pin.authenticate(requestWith([['X-Zato-TLS-Fingerprint', '']])).reason, /resumed a TLS session/)
})

test('P31: a missing header is no pass', () => {
  assert.equal(judge(), 'absent')
  assert.equal(judge(['X-Zato-TLS-CN', 'expected']), 'ERR_TLS_PIN_MISMATCH')
  const ha = tlsPinAuthenticator({ from: haproxy({ trustedProxies }), pins: PINNED })
  assert.equal(
    outcome(
      ha.authenticate(
        requestWith([
          ['X-SSL-Client-Verify', '0'],
          ['X-SSL-Client-Used', '1'],
        ]),
      ),
    ),
    'ERR_TLS_HEADER_MISSING',
  )
  const ngx = tlsPinAuthenticator({ from: nginx({ trustedProxies }), pins: PINNED })
  assert.equal(outcome(ngx.authenticate(requestWith([['X-SSL-Client-Verify', 'SUCCESS']]))), 'ERR_TLS_HEADER_MISSING')
})

test('S08: names of the prototype are names like any other', () => {
  const conditions = { FINGERPRINT: PINNED, CONSTRUCTOR: 'function' }
  const odd = tlsPinAuthenticator({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }), conditions })
  const sent = ['X-Zato-TLS-Fingerprint', PINNED]
  assert.equal(outcome(odd.authenticate(requestWith([sent]))), 'ERR_TLS_CONDITION')
  assert.equal(outcome(odd.authenticate(requestWith([sent, ['X-Zato-TLS-Constructor', 'function']]))), 'granted')
  assert.equal(judge(sent, ['__proto__', 'x'], ['constructor', 'y']), 'granted')
})

test('S16: a polluted prototype adds no option and no header', () => {
  for (const [name, value] of Object.entries({
    trustedProxies: ['127.0.0.1'],
    pins: PINNED,
    secret: { header: 'x', value: 'y'.repeat(20) },
    allowNameOnly: true,
    pin: PINNED,
    code: 'x',
  })) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true })
    try {
      if (name === 'trustedProxies') assert.throws(() => headers({ prefix: 'X-Zato-TLS-' }), /trustedProxies/)
      if (name === 'pins') assert.throws(() => tlsPinAuthenticator({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }) }), /pins/)
      const fresh = tlsPinAuthenticator({ from: headers({ prefix: 'X-Zato-TLS-', trustedProxies }), pins: { a: PINNED } })
      assert.equal(outcome(fresh.authenticate(requestWith([['X-Zato-TLS-Fingerprint', PINNED]]))), 'granted', name)
      assert.equal(outcome(fresh.authenticate(requestWith([['X-Zato-TLS-Fingerprint', OTHER]]))), 'ERR_TLS_PIN_MISMATCH', name)
    } finally {
      delete Object.prototype[name]
    }
  }
})

test('S07: whatever a proxy forwards is judged, and never throws', () => {
  const name = fc.constantFrom(
    'X-Zato-TLS-Fingerprint',
    'X-Zato-TLS-Fingerprint256',
    'X-Zato-TLS-SPKI',
    'x-zato_tls-a',
    'X-Zato-TLS-',
    'X-Zato-TLS-CN',
    'X-Zato-TLS-Subject',
    'X-Zato-TLS-Serial',
    'X-Zato-TLS-NotAfter',
    'X-Zato-TLS-SAN',
  )
  const value = fc.oneof(
    fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 60 }),
    fc.constant(PINNED),
  )
  const strict = tlsPinAuthenticator({
    from: headers({ prefix: 'X-Zato-TLS-', trustedProxies, verifiedWhen: { VERIFY: '0' } }),
    conditions: 'SUBJECT=CN=a,O=b\nCN=a\nSERIAL=1\nSAN=dns:a\nNOTAFTER=360101000000Z',
    allowNameOnly: true,
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (sent) => {
      const request = requestWith(sent)
      const isPinned = sent.some(([header, text]) => header === 'X-Zato-TLS-Fingerprint' && text === PINNED)
      assert.ok(isPinned || pin.authenticate(request).kind !== 'granted')
      assert.notEqual(strict.authenticate(request).kind, 'granted')
    }),
    { numRuns: 1_000 },
  )
})

test('S10: a statement of the proxy that is missing is a refusal, since a client can have it removed by naming it in Connection', () => {
  const by = (from, sent) => outcome(tlsPinAuthenticator({ from, pins: PINNED }).authenticate(requestWith(sent)))
  const without = (sent, at) => sent.filter((_, i) => i !== at)
  const ha = [
    ['X-SSL-Client-SHA1', PINNED],
    ['X-SSL-Client-Verify', '23'],
    ['X-SSL-Client-Used', '1'],
  ]
  const from = haproxy({ trustedProxies, certificate: 'sha1' })
  assert.equal(by(from, ha), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(by(from, ha.with(1, ['X-SSL-Client-Verify', '0'])), 'granted')
  assert.equal(by(from, without(ha, 1)), 'ERR_TLS_HEADER_MISSING')
  assert.equal(by(from, without(ha.with(1, ['X-SSL-Client-Verify', '0']), 2)), 'ERR_TLS_HEADER_MISSING')
  assert.equal(by(from, ha.slice(0, 1)), 'ERR_TLS_HEADER_MISSING')
  const ngx = [
    ['X-SSL-Client-Fingerprint', PINNED],
    ['X-SSL-Client-Verify', 'FAILED:certificate revoked'],
  ]
  assert.equal(by(nginx({ trustedProxies, certificate: 'sha1' }), ngx), 'ERR_TLS_NOT_VERIFIED')
  assert.equal(by(nginx({ trustedProxies, certificate: 'sha1' }), ngx.slice(0, 1)), 'ERR_TLS_HEADER_MISSING')
  const marked = (more) => headers({ prefix: 'X-Cert-', trustedProxies, verifiedWhen: { VERIFY: '0', USED: '1' }, ...more })
  const own = [
    ['X-Cert-Fingerprint', PINNED],
    ['X-Cert-Verify', '0'],
    ['X-Cert-Used', '1'],
  ]
  for (const more of [{}, { proxyVerifies: true }]) {
    assert.equal(by(marked(more), own), 'granted')
    assert.equal(by(marked(more), own.with(1, ['X-Cert-Verify', '23'])), 'ERR_TLS_NOT_VERIFIED')
    assert.equal(by(marked(more), without(own.with(1, ['X-Cert-Verify', '23']), 2)), 'ERR_TLS_NOT_VERIFIED')
    for (const at of [1, 2]) assert.equal(by(marked(more), without(own, at)), 'ERR_TLS_HEADER_MISSING')
  }
})

test('S10: a date that fields names and that is missing is a refusal', () => {
  const sent = [
    ['X-SSL-Client-SHA1', PINNED],
    ['X-SSL-Client-Verify', '0'],
    ['X-SSL-Client-Used', '1'],
    ['X-SSL-Client-Not-Before', '200101000000Z'],
    ['X-SSL-Client-Not-After', '360101000000Z'],
  ]
  const now = () => Date.parse('2026-01-01T00:00:00Z')
  const from = haproxy({ trustedProxies, certificate: 'sha1', fields: ['NOTBEFORE', 'NOTAFTER'] })
  const by = (fields) => outcome(tlsPinAuthenticator({ from, pins: PINNED, now }).authenticate(requestWith(fields)))
  assert.equal(by(sent), 'granted')
  for (const at of [3, 4]) assert.equal(by(sent.filter((_, i) => i !== at)), 'ERR_TLS_HEADER_MISSING')
  assert.equal(by([['X-SSL-Client-Used', '0']]), 'absent')
})

test('S10: that the proxy sends no statement must be said, and then nothing counts as verified', () => {
  const by = (from, sent, options = { pins: PINNED }) => outcome(tlsPinAuthenticator({ from, ...options }).authenticate(requestWith(sent)))
  const names = { conditions: { CN: 'a' }, allowNameOnly: true }
  const base = { trustedProxies, certificate: 'sha1', fields: { CN: 'X-SSL-Client-CN' } }
  const cn = ['X-SSL-Client-CN', 'a']
  for (const unsent of [{ verify: false }, { used: false }, { verify: false, used: false }]) {
    const from = haproxy({ ...base, headers: unsent })
    const sent = [
      ['X-SSL-Client-SHA1', PINNED],
      cn,
      ...(unsent.verify === false ? [] : [['X-SSL-Client-Verify', '0']]),
      ...(unsent.used === false ? [] : [['X-SSL-Client-Used', '1']]),
    ]
    assert.equal(by(from, sent), 'granted')
    assert.equal(by(from, [], undefined), 'absent')
    assert.throws(() => by(from, sent, names), /allowNameOnly" needs a source that reports/)
  }
  const ngx = nginx({ ...base, headers: { verify: false } })
  assert.equal(by(ngx, [['X-SSL-Client-Fingerprint', PINNED], cn]), 'granted')
  assert.throws(() => by(ngx, [], names), /allowNameOnly" needs a source that reports/)
  assert.throws(() => haproxy({ ...base, headers: { certificate: false } }), /headers.certificate/)
  assert.throws(() => nginx({ ...base, headers: { verify: null } }), /headers.verify/)
})
