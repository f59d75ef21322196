import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileScheme, scheme, sign, verify } from '@countersign/schemes'
import fc from 'fast-check'

const of = (unit) => ({ name: 'dated', signature: { header: 'x-s' }, timestamp: { header: 'x-t', unit }, message: '{timestamp}\n{body}' })
const body = Buffer.from('x')
const checked = new Map()

/** A scheme is compiled once where it is frozen. */
function checkedOf(unit) {
  if (!checked.has(unit)) checked.set(unit, scheme(of(unit)))
  return checked.get(unit)
}

const setUp = (ms) => ({ secret: 'top-secret-key-0123', now: () => ms })

function printed(unit, ms) {
  return sign(checkedOf(unit), { method: 'POST', url: '/', body }, setUp(ms)).headers['x-t']
}

/** Milliseconds of a text, or the code of the refusal. */
function read(unit, text, near) {
  const request = { method: 'POST', url: '/', body }
  const headers = signedOr(unit, text, request, near)
  const result = verify(checkedOf(unit), { ...request, headers }, setUp(near))
  return result.ok ? result.signedAt : result.code
}

/** Our signer writes no such time, so that a signature of nobody has to do. */
function signedOr(unit, text, request, near) {
  try {
    return sign(checkedOf(unit), request, { ...setUp(near), timestamp: text }).headers
  } catch (error) {
    assert.match(error.message, /is no time in/)
    return { 'x-t': text, 'x-s': '0'.repeat(64) }
  }
}

const TIME = Date.UTC(2026, 0, 5, 7, 8, 9, 10)

test('a pattern prints UTC and reads what it prints', () => {
  const cases = {
    'YYYY-MM-DDTHH:mm:ss.SSS': '2026-01-05T07:08:09.010',
    'YYYYMMDDTHHmmss+0000': '20260105T070809+0000',
    'ddd, DD MMM YYYY HH:mm:ss [GMT]': 'Mon, 05 Jan 2026 07:08:09 GMT',
    'DD/MM/YYYY HH:mm:ss': '05/01/2026 07:08:09',
    YYYYMMDD: '20260105',
    'YYYY-MM-DD HH:mm [UTC]': '2026-01-05 07:08 UTC',
  }
  for (const [unit, text] of Object.entries(cases)) {
    assert.equal(printed(unit, TIME), text)
    const exact = unit.includes('SSS') ? TIME : unit.includes('ss') ? TIME - 10 : unit.includes('mm') ? TIME - 9010 : Date.UTC(2026, 0, 5)
    assert.equal(read(unit, text, exact), exact, unit)
  }
})

test('the named units that are patterns are what their standards say', () => {
  for (let day = 0; day < 800; day += 1) {
    const ms = Date.UTC(1999, 11, 1) + day * 86_400_000 + day * 61_000
    assert.equal(printed('http-date', ms), new Date(ms).toUTCString())
    assert.equal(read('http-date', new Date(ms).toUTCString(), ms), ms)
  }
  assert.equal(printed('iso-basic', TIME), '20260105T070809Z')
  assert.equal(printed('compact', TIME), '20260105070809')
})

test('days are those of the calendar, in leap years and at the ends of centuries', () => {
  for (let ms = Date.UTC(1896, 1, 27, 7, 8, 9); ms < Date.UTC(2404, 2, 3); ms += 86_400_000) {
    const date = new Date(ms)
    if (date.getUTCMonth() > 2 || (date.getUTCDate() > 3 && date.getUTCDate() < 27)) continue
    assert.equal(read('rfc3339', `${date.toISOString().slice(0, 19)}Z`, ms), ms, date.toISOString())
  }
  for (const text of [
    '2023-02-29',
    '1900-02-29',
    '2100-02-29',
    '2024-02-30',
    '2024-04-31',
    '2024-06-31',
    '2024-09-31',
    '2024-11-31',
    '2024-12-32',
  ]) {
    assert.equal(read('rfc3339', `${text}T00:00:00Z`, TIME), 'ERR_HMAC_MALFORMED', text)
  }
})

test('P12: what is no time of the pattern is refused', () => {
  const near = Date.UTC(2026, 1, 28)
  for (const text of [
    '2026-02-29T00:00:00',
    '2026-13-01T00:00:00',
    '2026-00-01T00:00:00',
    '2026-02-00T00:00:00',
    '2026-02-28T24:00:00',
    '2026-02-28T00:60:00',
    '2026-02-28T00:00:61',
    '2026-02-28t00:00:00',
    '2026-02-28T00:00:0',
    '2026-02-28T00:00:000',
    ' 026-02-28T00:00:00',
    '+026-02-28T00:00:00',
    '0026-02-28T00:00:00',
  ]) {
    assert.equal(read('YYYY-MM-DDTHH:mm:ss', text, near), 'ERR_HMAC_MALFORMED', text)
  }
  assert.equal(read('ddd, DD MMM YYYY HH:mm:ss [GMT]', 'Tue, 05 Jan 2026 07:08:09 GMT', TIME), 'ERR_HMAC_MALFORMED', 'it was a Monday')
  assert.equal(read('DD MMM YYYY', '05 jan 2026', TIME), 'ERR_HMAC_MALFORMED')
})

test('a pattern that is none says why', () => {
  const wrong = (unit) => {
    try {
      compileScheme(of(unit))
      return ''
    } catch (error) {
      return error.message
    }
  }
  assert.match(wrong('YYYY-MM'), /needs one of YYYY and YY, one of MM and MMM, and DD/)
  assert.match(wrong('YYYY-MM-DD MMM'), /needs one of YYYY and YY, one of MM and MMM, and DD/)
  assert.match(wrong('YYYY-MM-DD-DD'), /names the same thing twice/)
  assert.match(
    wrong('YYYY-MM-DDTH:mm'),
    /holds "H", which is none of YYYY, MMM, ddd, SSS, MM, DD, HH, mm, ss, YY; put text that stands for itself in brackets/,
  )
  assert.match(wrong('YYYY-MM-DD GMT'), /put text that stands for itself in brackets, such as \[GMT\]/)
  assert.match(wrong('YYYY-MM-DD [GMT'), /holds "\["/)
  assert.match(wrong('YYYY-MM-DD\u00e9'), /printable ASCII/)
  assert.match(wrong('YYYY YY-MM-DD'), /needs one of YYYY and YY/)
  assert.match(wrong('MM-DD'), /unknown word "MM-DD", and no pattern such as YYYY-MM-DD/)
})

test('what a pattern leaves out is the same whatever was read before', () => {
  const midnight = Date.UTC(2026, 0, 5)
  for (const [unit, text, at] of [
    ['MMM DD YYYY HH mm ss SSS', 'Mar 05 2026 07 08 09 010', Date.UTC(2026, 2, 5, 7, 8, 9, 10)],
    ['YYYY MM DD', '2026 01 05', midnight],
    ['YY MM DD ddd', '26 01 05 Mon', midnight],
    ['YYYY/MM/DD [at] HH', '2027/01/06 at 01', Date.UTC(2027, 0, 6, 1)],
    ['YYYY+MM+DD', '2026+01+05', midnight],
  ])
    assert.equal(read(unit, text, at), at, unit)
})

test('the day of the week is that of the date, a Sunday too', () => {
  const unit = 'ddd, DD MMM YYYY HH:mm:ss [GMT]'
  const sunday = Date.UTC(2026, 0, 4, 7)
  assert.equal(read(unit, 'Sun, 04 Jan 2026 07:00:00 GMT', sunday), sunday)
  for (const day of ['Sun', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'])
    assert.equal(read(unit, `${day}, 05 Jan 2026 07:00:00 GMT`, sunday + 86_400_000), 'ERR_HMAC_MALFORMED', day)
})

test('a year of two digits is one of this century', () => {
  const unit = 'YYMMDD[T]HHmmss[Z]'
  assert.equal(printed(unit, Date.UTC(2026, 0, 15, 12)), '260115T120000Z')
  assert.equal(read(unit, '260115T120000Z', Date.UTC(2026, 0, 15, 12)), Date.UTC(2026, 0, 15, 12))
  assert.equal(read(unit, '991231T235959Z', Date.UTC(2099, 11, 31, 23, 59, 59)), Date.UTC(2099, 11, 31, 23, 59, 59))
  for (const text of ['20260115T120000Z', '26011T120000Z', '2x0115T120000Z', '-20115T120000Z']) {
    assert.equal(read(unit, text, Date.UTC(2026, 0, 15, 12)), 'ERR_HMAC_MALFORMED', text)
  }
})

test('reading and printing are inverse for every second of four centuries', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(2299, 11, 31) / 1000 }), (seconds) => {
      const ms = seconds * 1000
      const unit = 'ddd DD MMM YYYY/MM'.replace('/MM', ' HH:mm:ss')
      assert.equal(read(unit, printed(unit, ms), ms), ms)
    }),
    { numRuns: 300 },
  )
})

test('no text of the length of a pattern is anything but a time or a refusal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 19, maxLength: 19 }), (text) => {
      fc.pre(text.trim() === text)
      const result = read('YYYY-MM-DDTHH:mm:ss', text, TIME)
      assert.ok(typeof result === 'number' || result.startsWith('ERR_HMAC_'))
    }),
    { numRuns: 300 },
  )
})

test('a time in another unit, as far as the message says it', () => {
  const derived = (key, message) => ({ ...of('seconds'), key, message })
  const tc3 = derived(
    { chain: ['TC3{secret}', '{timestamp|time:YYYY-MM-DD}', 'tc3_request'] },
    '{timestamp}\n{timestamp|time:YYYY-MM-DD}\n{body}',
  )
  const signed = sign(tc3, { method: 'POST', url: '/', body }, setUp(TIME))
  assert.equal(signed.message.toString(), `${Math.floor(TIME / 1000)}\n2026-01-05\nx`)
  assert.equal(verify(tc3, { method: 'POST', url: '/', body, headers: signed.headers }, setUp(TIME)).ok, true)
  const fails = (definition) => {
    try {
      return compileScheme(definition) && ''
    } catch (error) {
      return error.message
    }
  }
  assert.equal(fails({ ...of('seconds'), message: '{timestamp|time:rfc3339}\n{body}' }), '')
  assert.match(fails({ ...of('seconds'), message: '{timestamp|time:YYYYMMDD}\n{body}' }), /timestamp: is checked but not signed/)
  assert.match(fails({ ...of('seconds'), message: '{method|time:rfc3339}\n{timestamp}\n{body}' }), /takes a time as it was carried/)
  assert.match(
    fails({ ...of('seconds'), message: '{timestamp|lower|time:rfc3339}\n{timestamp}\n{body}' }),
    /takes a time as it was carried/,
  )
  assert.match(
    fails({ ...of('seconds'), message: '{timestamp|time:YY}\n{timestamp}\n{body}' }),
    /needs a unit or a pattern of UTC, such as time:YYYY-MM-DD/,
  )
})

test('a zone behind a pattern is one, or the pattern is a mistake', () => {
  const wrong = (unit) =>
    assert.throws(() => scheme(of(unit)), { message: /timestamp\.unit: .* holds "@", behind which a zone ends the pattern/ })
  for (const zone of ['', '8', '+8', '+08', '+0800', '+15:00', '-08:60', 'Asia/Shanghai', '+08:00 ', '+08:00@+08:00'])
    wrong(`YYYYMMDD@${zone}`)
  wrong('YYYY@+08:00MMDD')
  assert.throws(() => scheme(of('@+08:00')), { message: /timestamp\.unit: unknown word "@\+08:00"/ })
})

test('a pattern of another zone prints the clock there, and reads it', () => {
  for (const [unit, text] of [
    ['YYYY-MM-DD HH:mm:ss@+08:00', '2026-01-05 15:08:09'],
    ['YYYYMMDDHHmmss@-11:30', '20260104193809'],
    ['ddd, DD MMM YYYY HH:mm:ss@+14:00', 'Mon, 05 Jan 2026 21:08:09'],
    ['ddd, DD MMM YYYY HH:mm:ss@-08:00', 'Sun, 04 Jan 2026 23:08:09'],
    ['YYYY-MM-DD[@+08:00]HH:mm:ss@+00:00', '2026-01-05@+08:0007:08:09'],
  ]) {
    assert.equal(printed(unit, TIME), text)
    assert.equal(read(unit, text, TIME - 10), TIME - 10, unit)
  }
  assert.equal(read('YYYY-MM-DD HH:mm:ss@+08:00', '2026-01-05 07:08:09', TIME), 'ERR_HMAC_STALE')
  assert.equal(read('YYYY-MM-DD HH:mm:ss@-08:00', '2026-01-05 07:08:09', TIME), 'ERR_HMAC_FUTURE')
  assert.equal(read('ddd, DD MMM YYYY HH:mm:ss@-08:00', 'Mon, 04 Jan 2026 23:08:09', TIME), 'ERR_HMAC_MALFORMED')
  assert.equal(read('YYYYMMDDHHmmss@+07:00', '20260230070809', TIME), 'ERR_HMAC_MALFORMED')
})

test('the day of a time is that of the zone, up to the last day of the year 9999 there', () => {
  const own = (unit) => ({ ...of('seconds'), message: `{timestamp}\n{timestamp|time:${unit}}\n{body}` })
  const signedDay = (unit, seconds) => {
    const request = { method: 'POST', url: '/', body }
    return sign(own(unit), request, { ...setUp(seconds * 1000), timestamp: String(seconds) })
      .message.toString()
      .slice(String(seconds).length + 1, -2)
  }
  assert.equal(signedDay('YYYYMMDD@+08:00', Date.UTC(2026, 0, 5, 15, 59, 59) / 1000), '20260105')
  assert.equal(signedDay('YYYYMMDD@+08:00', Date.UTC(2026, 0, 5, 16) / 1000), '20260106')
  assert.equal(signedDay('YYYYMMDD@-01:00', Date.UTC(2026, 0, 5) / 1000), '20260104')
  const last = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000
  assert.equal(signedDay('YYYYMMDD@+08:00', last - 8 * 3600), '99991231')
  assert.throws(() => signedDay('YYYYMMDD@+08:00', last - 8 * 3600 + 1), /a time is later than the year 9999/)
})
