import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { verify } from '@countersign/schemes'
import { acme, hexOf, mistakes, request, secret, signed } from './signing.js'

const body = '{"n":1}'
const DIGEST = createHash('sha256').update(body).digest('hex')
const NOON = Date.UTC(2026, 0, 15, 12)
const at = (...parts) => Date.UTC(...parts)

/** When a request says that it was signed, to a clock that stands near; or the code of the refusal. */
function read(unit, text, near = NOON) {
  const one = acme({ timestamp: { header: 't', unit }, message: '{body|sha256|hex}{timestamp}' })
  const headers = { t: text, 'x-signature': hexOf(`${DIGEST}${text}`) }
  const result = verify(one, request({ headers }), { secret, now: () => near })
  return result.ok ? result.signedAt : result.code
}

/** Units, texts of them, and the instants that they are. */
const times = [
  ['seconds', '1768478400', NOON],
  ['seconds', '1', 1000],
  ['seconds', '0', 0],
  ['seconds', '9', 9000],
  ['milliseconds', '1768478400123', NOON + 123],
  ['microseconds', '1768478400123000', NOON + 123],
  ['nanoseconds', '1768478400000000000', NOON],
  // learn.microsoft.com, DateTime.Ticks: 621355968000000000 are those of 1970-01-01.
  ['ticks', '639040752000000000', NOON],
  ['ticks', '639040752001230000', NOON + 123],
  ['ticks', '621355968000000000', 0],
  ['hex-seconds', '6968d6c0', NOON],
  ['hex-seconds', 'f', 15_000],
  ['hex-seconds-upper', '6968D6C0', NOON],
  // Django 5.2.17, signing.TimestampSigner, and itsdangerous 2.2.0, at this time.
  ['base62-seconds', '1vgM1A', NOON],
  ['base62-seconds', 'z', 61_000],
  ['base64url-seconds', 'aWjWwA', NOON],
  // The test of an itsdangerous in Go, made with that of Python.
  ['base64url-seconds', 'Zva6YA', at(2024, 8, 27, 14)],
  ['base64url-seconds', 'AQ', 1000],
  ['float-seconds', '1768478400', NOON],
  ['float-seconds', '1768478400.5', NOON + 500],
  ['float-seconds', '0.25', 250],
  ['float-seconds', '12.123456789', 12_123.456789],
  ['http-date', 'Thu, 15 Jan 2026 12:00:00 GMT', NOON],
  ['rfc3339', '2026-01-15T12:00:00Z', NOON],
  ['rfc3339', '2026-01-15t12:00:00z', NOON],
  ['rfc3339', '2026-01-15T12:00:00.1Z', NOON + 100],
  ['rfc3339', '2026-01-15T12:00:00.12Z', NOON + 120],
  ['rfc3339', '2026-01-15T12:00:00.123Z', NOON + 123],
  ['rfc3339', '2026-01-15T12:00:00.123456789Z', NOON + 123],
  ['rfc3339', '2026-01-15T12:00:00+00:00', NOON],
  ['rfc3339', '2026-01-15T12:30:00+00:30', NOON],
  ['rfc3339', '2026-01-15T11:01:00-00:59', NOON],
  ['rfc3339', '2026-01-16T11:59:00+23:59', NOON],
  ['rfc3339', '2026-01-15T10:00:00.5-02:00', NOON + 500],
  ['rfc3339', '2016-12-31T23:59:60Z', at(2017, 0, 1)],
  ['rfc3339-ms', '2026-01-15T12:00:00.007Z', NOON + 7],
  ['iso-basic', '20260115T120000Z', NOON],
  ['compact', '20260115120000', NOON],
  ['YYYY-MM-DDTHH:mm:ss.SSS', '2026-01-15T12:00:00.123', NOON + 123],
  ['ddd DD MMM YY', 'Thu 15 Jan 26', at(2026, 0, 15)],
  ['ddd, DD MMM YYYY HH:mm:ss [GMT]', 'Sun, 18 Jan 2026 23:59:59 GMT', at(2026, 0, 18, 23, 59, 59)],
  ['ddd, DD MMM YYYY HH:mm:ss [GMT]', 'Sat, 31 Oct 2026 01:02:03 GMT', at(2026, 9, 31, 1, 2, 3)],
  ['ddd, DD MMM YYYY HH:mm:ss [GMT]', 'Wed, 31 Dec 1969 23:59:59 GMT', -1000],
  ['DD.MM.YYYY [at] HH [UTC]', '15.01.2026 at 12 UTC', NOON],
  ['YYYYMMDD', '20260115', at(2026, 0, 15)],
  ['YYMMDD', '000115', at(2000, 0, 15)],
  ['YYYY-MM-DD', '0100-01-01', at(100, 0, 1)],
  ...['01-31', '02-28', '03-31', '04-30', '05-31', '06-30', '07-31', '08-31', '09-30', '10-31', '11-30', '12-31'].map((day) => [
    'YYYY-MM-DD',
    `2025-${day}`,
    Date.parse(`2025-${day}`),
  ]),
  ...['2024-02-29', '2000-02-29', '2024-03-01', '2023-03-01', '1970-01-01', '1969-12-31', '2100-02-28', '2100-03-01'].map((day) => [
    'YYYY-MM-DD',
    day,
    Date.parse(day),
  ]),
]

/** Texts that are no time of the unit. */
const none = {
  seconds: ['01', '00', '-1', '+1', '1.0', '1e3', '0x1', '1/', '1:', '12345678901234567890', '1 2', 'a'],
  'hex-seconds': ['0', '06968d6c0', '6968D6C0', '6968d6c0g', 'x6968d6c0', '12345678901', 'g'],
  'hex-seconds-upper': ['0', '06968D6C0', '6968d6c0', '6968D6c0', '6968D6C0G', '12345678901'],
  'base62-seconds': ['0', '01vgM1A', '1vgM1A=', '1vgM1A ', '1vg_1A', '11111111'],
  'base64url-seconds': ['AA', 'AGlo1sA', 'aWjWwB', 'aWjWwA=', 'aWjWw', 'aWj+wA', 'AQAAAAAAAA', '_'],
  'float-seconds': ['01', '.5', '1.', '1.1234567890', '1234567890123', '1e3', 'x1', '1x', '1.5.5', '-1', '1,5'],
  'http-date': [
    'Fri, 15 Jan 2026 12:00:00 GMT',
    'Thu, 15 jan 2026 12:00:00 GMT',
    'thu, 15 Jan 2026 12:00:00 GMT',
    'Thu, 15 Jan 2026 12:00:00 UTC',
    'Thu, 15 Jan 2026 12:00:00 GMTx',
    'Thu, 15 Jan 2026 12:00:00',
  ],
  rfc3339: [
    ...[
      '2026/01-15T12:00:00Z',
      '2026-01/15T12:00:00Z',
      '2026-01-15 12:00:00Z',
      '2026-01-15T12.00:00Z',
      '2026-01-15T12:00.00Z',
      '2026-01-15T12:00:00',
    ],
    ...[
      '2026-01-15T12:00:00.Z',
      '2026-01-15T12:00:00.1234567890Z',
      '2026-01-15T12:00:00,5Z',
      '2026-01-15T12:00:00ZZ',
      '2026-01-15T12:00:00Z0',
      '2026-01-15T12:00:00X',
    ],
    ...[
      '2026-01-15T12:00:00+01',
      '2026-01-15T12:00:00+0100',
      '2026-01-15T12:00:00+01.00',
      '2026-01-15T12:00:00+01:000',
      '2026-01-15T12:00:00*01:00',
      '2026-01-15T12:00:00+24:00',
    ],
    ...[
      '2026-01-15T12:00:00+00:60',
      '2026-01-15T12:00:00+0x:00',
      '2026-01-15T12:00:00+00:x0',
      '2026-01-15T12:00:00+-1:00',
      '2026-13-15T12:00:00Z',
      '2026-00-15T12:00:00Z',
    ],
    ...[
      '2026-01-00T12:00:00Z',
      '2026-01-32T12:00:00Z',
      '2026-01-15T24:00:00Z',
      '2026-01-15T12:60:00Z',
      '2026-01-15T12:00:61Z',
      'x026-01-15T12:00:00Z',
      '2026-x1-15T12:00:00Z',
    ],
    ...[
      '2026-01-x5T12:00:00Z',
      '2026-01-15Tx2:00:00Z',
      '2026-01-15T12:x0:00Z',
      '2026-01-15T12:00:x0Z',
      '0099-01-15T12:00:00Z',
      '2026-01-15',
    ],
  ],
  'YYYY-MM-DD': [
    '2025-02-29',
    '1900-02-29',
    '2100-02-29',
    '2024-02-30',
    '2025-04-31',
    '2025-06-31',
    '2025-09-31',
    '2025-11-31',
    '2025-01-32',
    '2025-1-311',
    '2025-01-311',
    '2025-01-3',
    '0099-01-01',
    '2025_01-31',
    '2025-01_31',
  ],
  'ddd DD MMM YY': ['Fri 15 Jan 26', 'Thu 15 Jax 26', 'Thx 15 Jan 26', 'Thu 15 Jan -6'],
  YYYYMMDDTHHmmss: ['20260115T240000', '20260115T126000', '20260115T120061', '20260115T1200/0', '20260115T1200:0', '20260115t120000'],
}

describe('a text of a unit is the instant that it says', () => {
  for (const [unit, text, expected] of times) test(`${unit} ${text}`, () => assert.equal(read(unit, text, expected), expected))
})

describe('what is no text of a unit is refused', () => {
  for (const [unit, texts] of Object.entries(none)) {
    for (const text of texts) test(`${unit} ${text}`, () => assert.equal(read(unit, text), 'ERR_HMAC_MALFORMED'))
  }
})

describe('a time in another unit is what that unit prints', () => {
  const ms = at(2026, 8, 6, 7, 8, 9, 10)
  for (const [unit, text] of [
    ['seconds', '1788678489'],
    ['milliseconds', '1788678489010'],
    ['microseconds', '1788678489010000'],
    ['nanoseconds', '1788678489010000000'],
    ['hex-seconds', '6a9d1159'],
    ['hex-seconds-upper', '6A9D1159'],
    // b62_encode of Django 5.2.17; int_to_bytes and base64_encode of itsdangerous 2.2.0.
    ['base62-seconds', '1x36z3'],
    ['base64url-seconds', 'ap0RWQ'],
    ['float-seconds', '1788678489.01'],
    ['http-date', 'Sun, 06 Sep 2026 07:08:09 GMT'],
    ['rfc3339', '2026-09-06T07:08:09Z'],
    ['rfc3339-ms', '2026-09-06T07:08:09.010Z'],
    ['iso-basic', '20260906T070809Z'],
    ['compact', '20260906070809'],
    ['YYYY-MM-DDTHH:mm:ss.SSS', '2026-09-06T07:08:09.010'],
    ['ddd, DD MMM YY', 'Sun, 06 Sep 26'],
    ['DD/MM/YYYY [at] mm', '06/09/2026 at 08'],
    ['[YYYY] YYYY-MM-DD', 'YYYY 2026-09-06'],
  ]) {
    test(`${unit}: ${text}`, () => {
      const one = acme({ timestamp: { header: 't', unit: 'milliseconds' }, message: `{timestamp}\n{timestamp|time:${unit}}\n{body}` })
      const sent = signed(one, {}, { now: () => ms })
      assert.equal(sent.message.toString(), `${ms}\n${text}\n${body}`)
    })
  }
})

test('what may follow a time is decided by how long it is, and of what it is made', () => {
  for (const unit of ['YYYYMMDD', 'YYYY-MM-DD', 'DD MMM YYYY', 'rfc3339', 'http-date', 'seconds', 'hex-seconds'])
    assert.deepEqual(mistakes({ timestamp: { header: 't', unit }, message: '{timestamp}1{body}' }), [], unit)
  const piped = (unit, next) =>
    mistakes({ timestamp: { header: 't', unit: 'seconds' }, message: `{timestamp}\n{timestamp|time:${unit}}${next}{body}` }).join()
  for (const unit of ['YYYYMMDD', 'http-date', 'rfc3339-ms'])
    assert.equal(piped(unit, '1').includes('runs into "1"'), unit === 'rfc3339-ms', unit)
  assert.equal(piped('milliseconds', ':'), '')
  assert.match(piped('milliseconds', '1'), /runs into "1"/)
})
