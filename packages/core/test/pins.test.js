import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePin, pinText, readCertificate, readPins } from '@countersign/core'
import fc from 'fast-check'
import { without } from '../../../test/support/components.js'
import { fingerprint, pki, spkiPin } from '../../../test/support/pki.js'

// The fingerprint of the how-to on client certificates behind HAProxy, as openssl prints it there.
const HOW_TO = 'E3:25:11:E8:CF:F9:92:45:10:58:F4:B7:0F:FB:F9:01:7B:FD:0B:2A'
const HOW_TO_HEX = 'e32511e8cff992451058f4b70ffbf9017bfd0b2a'
// RFC 7469 section 2.1.5, its first example.
const RFC_7469 = 'd6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM='
const RFC_7469_HEX = '77aab346ef7338409bf7451ecf6ef15a5b4db23d1ed4c77b1a4618915a195a63'
const SHA256 = '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688'

test('parsePin: what is no pin is none', () => {
  const bad = [
    '',
    ' ',
    HOW_TO_HEX.slice(1),
    `${HOW_TO_HEX}0`,
    `${SHA256}00`,
    SHA256.replace('4', 'g'),
    HOW_TO.replace(':', '::'),
    HOW_TO.replace(':', ''),
    `${HOW_TO}:`,
    `:${HOW_TO}`,
    HOW_TO.replaceAll(':', '-'),
    HOW_TO.replaceAll(':', ' '),
    `sha1:${SHA256}`,
    `sha256:${HOW_TO_HEX}`,
    `sha512:${SHA256}`,
    `sha256/${RFC_7469.slice(0, -1)}`,
    `sha256/${RFC_7469}=`,
    `sha256/${RFC_7469.replace('6', '-')}`,
    'sha256/d6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmN=',
    `sha256///${RFC_7469}`,
    `SHA256/${RFC_7469}`,
    `pin-sha256="${RFC_7469}"`,
    'constructor',
    'f'.repeat(100_000),
  ]
  for (const text of bad) assert.equal(parsePin(text), undefined, text.slice(0, 80))
})

test('parsePin: SHA-1 as the how-to shows it, colons or none, any case, is marked legacy', () => {
  for (const text of [
    HOW_TO,
    HOW_TO.toLowerCase(),
    HOW_TO_HEX,
    HOW_TO_HEX.toUpperCase(),
    ` ${HOW_TO}\n`,
    `sha1:${HOW_TO}`,
    `SHA1 Fingerprint=${HOW_TO}`,
  ]) {
    assert.deepEqual(parsePin(text), { kind: 'sha1', digest: HOW_TO_HEX, text: `sha1:${HOW_TO_HEX}`, legacy: true })
  }
})

test('parsePin: SHA-256 of the certificate', () => {
  const colons = SHA256.match(/../g).join(':').toUpperCase()
  for (const text of [SHA256, SHA256.toUpperCase(), colons, `sha256:${SHA256}`, `SHA256:${colons}`, `sha256 Fingerprint=${colons}`]) {
    assert.deepEqual(parsePin(text), { kind: 'sha256', digest: SHA256, text: `sha256:${SHA256}`, legacy: false })
  }
})

test('parsePin: SPKI with one slash, and with the two of curl, also where the base64 starts with a slash', () => {
  for (const text of [`sha256/${RFC_7469}`, `sha256//${RFC_7469}`]) {
    assert.deepEqual(parsePin(text), { kind: 'spki', digest: RFC_7469_HEX, text: `sha256/${RFC_7469}`, legacy: false })
  }
  const slash = `/${RFC_7469.slice(1)}`
  assert.equal(parsePin(`sha256/${slash}`).text, `sha256/${slash}`)
  assert.equal(parsePin(`sha256//${slash}`).text, `sha256/${slash}`)
})

test('parsePin and pinText: whatever is parsed has one spelling, and never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(sha-?(1|256)[:/ ])?[0-9a-fA-F:/=+]{30,100}$/)), (text) => {
      const pin = parsePin(text)
      if (pin === undefined) return
      assert.equal(pinText(pin.kind, pin.digest), pin.text)
      assert.deepEqual(parsePin(pin.text), pin)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (octets) => {
      const buffer = Buffer.from(octets)
      assert.equal(parsePin(`sha256//${buffer.toString('base64')}`).digest, buffer.toString('hex'))
      assert.equal(parsePin(buffer.toString('hex').toUpperCase()).digest, buffer.toString('hex'))
    }),
  )
})

test('readPins: mistakes are TypeErrors that name factory and option', () => {
  const bad = [
    [undefined, 'ERR_INVALID_ARG_TYPE', 'pins'],
    [42, 'ERR_INVALID_ARG_TYPE', 'pins'],
    [[], 'ERR_INVALID_ARG_VALUE', 'pins'],
    [{}, 'ERR_INVALID_ARG_VALUE', 'pins'],
    ['', 'ERR_INVALID_ARG_VALUE', 'pins'],
    [[SHA256, 'nonsense'], 'ERR_INVALID_ARG_VALUE', 'pins\\[1\\]'],
    [[SHA256, undefined], 'ERR_INVALID_ARG_TYPE', 'pins\\[1\\]'],
    [{ partner: 'nonsense' }, 'ERR_INVALID_ARG_VALUE', 'pins.partner'],
    [{ partner: { pin: 42 } }, 'ERR_INVALID_ARG_TYPE', 'pins.partner.pin'],
    [{ partner: { pin: SHA256, name: 'other' } }, 'ERR_INVALID_ARG_VALUE', 'pins.partner'],
    [{ partner: { pin: SHA256, notafter: '2026-01-01T00:00:00Z' } }, 'ERR_INVALID_ARG_VALUE', 'notafter'],
    [{ partner: { pin: SHA256, notAfter: 'soon' } }, 'ERR_INVALID_ARG_VALUE', 'pins.partner.notAfter'],
    [
      { partner: { pin: SHA256, notBefore: '2026-01-02T00:00:00Z', notAfter: '2026-01-01T00:00:00Z' } },
      'ERR_INVALID_ARG_VALUE',
      'pins.partner.notAfter',
    ],
  ]
  for (const [input, code, option] of bad) {
    assert.throws(() => readPins('tlsPin', 'pins', input), { name: 'TypeError', code, message: new RegExp(`^tlsPin: option "${option}"`) })
  }
})

test('PinSet: a pin counts from notBefore until just before notAfter, and a name may not be inherited', () => {
  const set = readPins('tlsPin', 'pins', {
    old: { pin: SHA256, notAfter: '2026-03-01T00:00:00Z' },
    next: { pin: RFC_7469_HEX, notBefore: new Date('2026-02-01T00:00:00Z') },
  })
  const at = (text) => Date.parse(text)
  const holder = (digest) => ({ digest: (kind) => (kind === 'sha256' ? digest : undefined) })
  assert.equal(set.match(holder(SHA256), at('2026-02-28T23:59:59.999Z')).name, 'old')
  assert.equal(set.match(holder(SHA256), at('2026-03-01T00:00:00Z')), 'closed')
  assert.equal(set.match(holder(SHA256), Number.NaN), 'closed')
  assert.equal(set.match(holder(RFC_7469_HEX), at('2026-01-31T23:59:59.999Z')), 'closed')
  assert.equal(set.match(holder(RFC_7469_HEX), at('2026-02-01T00:00:00Z')).name, 'next')
  assert.equal(set.match(holder('constructor'), 0), undefined)
  assert.equal(set.match(holder(undefined), 0), undefined)
  assert.equal(set.until, Number.POSITIVE_INFINITY)
  assert.deepEqual(set.kinds, ['sha256'])
})

test('PinSet: one pin with two windows counts in both', () => {
  const set = readPins('tlsPin', 'pins', [
    { pin: SHA256, name: 'first', notAfter: '2026-01-01T00:00:00Z' },
    { pin: SHA256, name: 'second', notBefore: '2026-02-01T00:00:00Z', notAfter: '2026-03-01T00:00:00Z' },
  ])
  const holder = { digest: () => SHA256 }
  assert.equal(set.match(holder, Date.parse('2025-12-31T00:00:00Z')).name, 'first')
  assert.equal(set.match(holder, Date.parse('2026-01-15T00:00:00Z')), 'closed')
  assert.equal(set.match(holder, Date.parse('2026-02-15T00:00:00Z')).name, 'second')
  assert.equal(set.until, Date.parse('2026-03-01T00:00:00Z'))
})

test('P34: pins as openssl prints them fit the certificate, and no other', { skip: without('openssl') }, () => {
  const { expected, other, foreign } = pki()
  const pins = [fingerprint(expected.cert), fingerprint(expected.cert, 'sha1'), `sha256/${spkiPin(expected.cert)}`]
  for (const pin of pins) {
    const set = readPins('tlsPin', 'pins', pin)
    assert.equal(set.match(readCertificate(expected.der), 0)?.text, parsePin(pin).text)
    assert.equal(set.match(readCertificate(other.der), 0), undefined)
    assert.equal(set.match(readCertificate(foreign.der), 0), undefined)
  }
})
