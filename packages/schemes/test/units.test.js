import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verify } from '@countersign/schemes'
import { explain } from '@countersign/schemes/explain'
import fc from 'fast-check'
import { acme, hexOf, nowSeconds, request, secret, signed, verdict } from './signing.js'

const body = '{"n":1}'

function timed(unit, options = {}) {
  return acme({ timestamp: { header: 't', unit, ...options }, message: '{timestamp}\n{body}' })
}

/** The verdict about a timestamp that is rightly signed. */
function of(definition, text, atMs, options = {}) {
  const headers = { t: text, 'x-signature': hexOf(Buffer.concat([Buffer.from(`${text}\n`, 'latin1'), Buffer.from(body)])) }
  return verdict(definition, request({ headers }), { now: () => atMs, ...options })
}

// 2023-11-14T22:13:20Z, by any calendar.
const instants = {
  seconds: '1700000000',
  milliseconds: '1700000000000',
  microseconds: '1700000000000000',
  nanoseconds: '1700000000000000000',
  'float-seconds': '1700000000',
  'http-date': 'Tue, 14 Nov 2023 22:13:20 GMT',
  rfc3339: '2023-11-14T22:13:20Z',
  'rfc3339-ms': '2023-11-14T22:13:20.000Z',
  'iso-basic': '20231114T221320Z',
  compact: '20231114221320',
}

test('P12: each unit at exactly the ends of its window, both ways', () => {
  for (const [unit, text] of Object.entries(instants)) {
    const definition = timed(unit, { toleranceSeconds: 300 })
    const at = nowSeconds * 1000
    assert.equal(of(definition, text, at), true, unit)
    assert.equal(of(definition, text, at + 300_000), true, `${unit}: the last millisecond`)
    assert.equal(of(definition, text, at + 300_001), 'ERR_HMAC_STALE', unit)
    assert.equal(of(definition, text, at - 300_000), true, `${unit}: the first millisecond`)
    assert.equal(of(definition, text, at - 300_001), 'ERR_HMAC_FUTURE', unit)
    assert.equal(of(definition, text, at + 5000, { toleranceSeconds: 5 }), true)
    assert.equal(of(definition, text, at + 5001, { toleranceSeconds: 5 }), 'ERR_HMAC_STALE', "the option takes the place of the scheme's")
    assert.equal(of(definition, text, at - 5001, { toleranceSeconds: 5 }), 'ERR_HMAC_FUTURE')
  }
})

test('P12: a lead can be shorter than the age', () => {
  const definition = timed('seconds', { toleranceSeconds: 300, futureSeconds: 0 })
  const at = nowSeconds * 1000
  assert.equal(of(definition, instants.seconds, at), true)
  assert.equal(of(definition, instants.seconds, at - 1), 'ERR_HMAC_FUTURE')
  assert.equal(of(definition, instants.seconds, at + 300_000), true)
})

test('P12: what is no time of its unit is refused, rightly signed or not', () => {
  const garbage = [
    '',
    'abc',
    '1e9',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '1.5',
    'Infinity',
    'NaN',
    '0x10',
    '01',
    '1'.repeat(20),
    '1_000',
    '\u0661\u0662',
    'null',
    '\u00b2',
    '1\t',
    '1,1',
  ]
  for (const text of garbage) {
    for (const unit of ['seconds', 'milliseconds', 'microseconds', 'nanoseconds']) {
      if (/[^\0-\xff]/.test(text)) continue
      assert.match(String(of(timed(unit), text, nowSeconds * 1000)), /^ERR_HMAC_(?:MALFORMED|INCOMPLETE|STALE)$/, `${unit} ${text}`)
      assert.notEqual(of(timed(unit), text, 1000), true, `${unit} ${text} while the clock stands near zero`)
    }
  }
  const dates = [
    'Tue, 31 Feb 2023 22:13:20 GMT',
    'Mon, 14 Nov 2023 22:13:20 GMT',
    'tue, 14 nov 2023 22:13:20 gmt',
    'Tue, 14 Nov 2023 22:13:20 +0000',
    'Tuesday, 14-Nov-23 22:13:20 GMT',
    'Tue Nov 14 22:13:20 2023',
    'Tue, 14 Nov 2023 24:00:00 GMT',
    'Tue,  14 Nov 2023 22:13:20 GMT',
    'Tue, 14 Nov 2023 22:13:20 GMT ',
  ]
  for (const text of dates)
    assert.equal(of(timed('http-date'), text.trimEnd() === text ? text : `${text}x`, nowSeconds * 1000), 'ERR_HMAC_MALFORMED', text)
  const rfc3339 = [
    '2023-11-14',
    '2023-11-14T22:13:20',
    '2023-11-14 22:13:20Z',
    '2023-13-14T22:13:20Z',
    '2023-02-29T22:13:20Z',
    '2023-11-14T22:13:20.Z',
    '2023-11-14T22:13:20+24:00',
    '2023-11-14T22:60:20Z',
    '20231114T221320Z',
    '+002023-11-14T22:13:20Z',
  ]
  for (const text of rfc3339) assert.equal(of(timed('rfc3339'), text, nowSeconds * 1000), 'ERR_HMAC_MALFORMED', text)
  for (const text of ['20231314221320', '2023111422132', '202311142213200', '2023-11-14']) {
    assert.equal(of(timed('compact'), text, nowSeconds * 1000), 'ERR_HMAC_MALFORMED', text)
  }
  for (const text of ['20231114T221320', '20231114t221320z', '20230229T221320Z']) {
    assert.equal(of(timed('iso-basic'), text, nowSeconds * 1000), 'ERR_HMAC_MALFORMED', text)
  }
})

test('P12: seconds that are milliseconds, and the other way round, are told by the code', () => {
  assert.equal(of(timed('seconds'), instants.milliseconds, nowSeconds * 1000), 'ERR_HMAC_FUTURE')
  assert.equal(of(timed('milliseconds'), instants.seconds, nowSeconds * 1000), 'ERR_HMAC_STALE')
})

test('offsets and fractions of RFC 3339', () => {
  const definition = timed('rfc3339', { toleranceSeconds: 1 })
  for (const text of [
    '2023-11-14T23:13:20+01:00',
    '2023-11-14T17:43:20-04:30',
    '2023-11-14t22:13:20z',
    '2023-11-14T22:13:20.999999999Z',
    '2023-11-14T22:13:20.5Z',
  ]) {
    assert.equal(of(definition, text, nowSeconds * 1000), true, text)
  }
  assert.equal(of(definition, '2023-11-14T22:13:20.5Z', nowSeconds * 1000 + 1500), true)
  assert.equal(of(definition, '2023-11-14T22:13:20.5Z', nowSeconds * 1000 + 1501), 'ERR_HMAC_STALE')
})

test('a missing time is refused, and one that stands twice', () => {
  const definition = timed('seconds')
  const sent = signed(definition)
  const { t, ...without } = sent.headers
  assert.equal(verdict(definition, { ...sent, headers: without }), 'ERR_HMAC_INCOMPLETE')
  assert.equal(verdict(definition, { ...sent, headers: { ...without, t: [t, t] } }), 'ERR_HMAC_DUPLICATED')
  assert.equal(verdict(definition, { ...sent, headers: { ...without, t: '' } }), 'ERR_HMAC_MALFORMED')
})

test('a deadline that has passed is refused, one that is garbage too', () => {
  const definition = acme({
    signature: { header: 'x', format: 'e={expires},s={signature}', members: ',' },
    fields: { expires: { unit: 'seconds', param: 'life' } },
    params: { life: '60' },
    message: '{expires}\n{body}',
  })
  const sent = signed(definition)
  assert.match(sent.headers.x, new RegExp(`^e=${nowSeconds + 60},`))
  assert.equal(verdict(definition, sent, { now: () => (nowSeconds + 60) * 1000 }), true)
  assert.equal(verdict(definition, sent, { now: () => (nowSeconds + 60) * 1000 + 1 }), 'ERR_HMAC_STALE')
  const later = sent.headers.x.replace(String(nowSeconds + 60), String(nowSeconds + 61))
  assert.equal(verdict(definition, { ...sent, headers: { x: later } }), 'ERR_HMAC_MISMATCH')
  for (const text of ['never', '1e12', '-1']) {
    const headers = { x: `e=${text},s=${hexOf(`${text}\n${body}`)}` }
    assert.equal(verdict(definition, request({ headers })), 'ERR_HMAC_MALFORMED', text)
  }
})

test('a deadline in another unit is over, or none: nothing holds until behind the year 9999', () => {
  const until = (unit, text) => {
    const definition = acme({ fields: { expires: { header: 'e', unit } }, message: '{expires}\n{body}' })
    const asked = request({ headers: { e: text, 'x-signature': hexOf(`${text}\n${body}`) } })
    const { findings } = explain(definition, asked, { secret, now: () => nowSeconds * 1000 })
    return [verdict(definition, asked), findings[0]?.cause, findings[0]?.title]
  }
  const none = [true, undefined, undefined]
  for (const text of [String(nowSeconds + 60), '9999999999', '253402300799']) assert.deepEqual(until('seconds', text), none, text)
  assert.deepEqual(until('milliseconds', `${nowSeconds + 60}000`), none)
  for (const [unit, text, code, other] of [
    ['seconds', `${nowSeconds + 60}000`, 'ERR_HMAC_MALFORMED', 'milliseconds'],
    ['seconds', `${nowSeconds + 60}000000`, 'ERR_HMAC_MALFORMED', 'microseconds'],
    ['milliseconds', `${nowSeconds + 60}000000`, 'ERR_HMAC_MALFORMED', 'microseconds'],
    ['milliseconds', String(nowSeconds + 60), 'ERR_HMAC_STALE', 'seconds'],
  ])
    assert.deepEqual(until(unit, text), [code, 'time-unit', `the deadline {expires} is in ${other}, and the scheme has ${unit}`])
  assert.deepEqual(until('seconds', '253402300800').slice(0, 2), ['ERR_HMAC_MALFORMED', 'malformed'])
  assert.deepEqual(until('seconds', String(nowSeconds - 60)).slice(0, 2), ['ERR_HMAC_STALE', 'time-stale'])
})

test('what our signer prints, every unit reads as the same instant', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 }), (ms) => {
      for (const unit of Object.keys(instants)) {
        const definition = timed(unit, { toleranceSeconds: 1 })
        const result = verify(definition, signed(definition, {}, { now: () => ms }), { secret, now: () => ms })
        assert.equal(result.ok, true, unit)
        assert.ok(Math.abs(result.signedAt - ms) < 1000, unit)
      }
    }),
    { seed: 6, numRuns: 300 },
  )
})

test('S07: no text is a time of any unit by accident', () => {
  const bits = fc.constantFrom(
    '0',
    '1',
    '9',
    '-',
    ':',
    'T',
    'Z',
    ' ',
    '.',
    '+',
    ',',
    'e',
    'Tue',
    'Nov',
    'GMT',
    '2023',
    '14',
    '22',
    '\u00e9',
  )
  const text = fc.array(bits, { minLength: 1, maxLength: 14 }).map((parts) => parts.join('').trim())
  fc.assert(
    fc.property(text, (value) => {
      for (const unit of Object.keys(instants)) {
        const result = of(timed(unit), value, nowSeconds * 1000)
        if (result === true) assert.equal(signed(timed(unit), {}, { timestamp: value }).headers.t, value)
        else assert.match(result, /^ERR_HMAC_/)
      }
    }),
    { seed: 7, numRuns: 1500 },
  )
})
