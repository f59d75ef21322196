import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { instant, isOpen, validityWindow } from '@countersign/core'
import fc from 'fast-check'

if (!process.env.COUNTERSIGN_LONG) fc.configureGlobal({ seed: 4231 })

const refused = (value, code) =>
  assert.throws(
    () => instant('f', 'secret.notAfter', value),
    (error) => {
      assert.ok(error instanceof TypeError)
      assert.equal(error.code, code)
      assert.match(error.message, /^f: option "secret\.notAfter" must be /)
      return true
    },
  )

describe('instant', () => {
  test('what is neither a Date nor a string is refused', () => {
    for (const value of [undefined, null, 0, 1700000000, Number.NaN, true, {}, [], () => {}, 10n, { getTime: () => 0 }]) {
      refused(value, 'ERR_INVALID_ARG_TYPE')
    }
  })

  test('what is no RFC 3339 date-time is refused', () => {
    const texts = [
      '',
      ' ',
      'now',
      '2026',
      '2026-03-01',
      '2026-03-01T00:00Z',
      '2026-03-01T00:00:00',
      '2026-03-01 00:00:00Z',
      ' 2026-03-01T00:00:00Z',
      '2026-03-01T00:00:00Z\n',
      '2026-3-1T00:00:00Z',
      '26-03-01T00:00:00Z',
      '+2026-03-01T00:00:00Z',
      '2026-03-01T00:00:00+0100',
      '2026-03-01T00:00:00+01',
      '2026-03-01T00:00:00.Z',
      '2026-03-01T00:00:00,5Z',
      '2026-03-01T00:00:00+24:00',
      '2026-03-01T00:00:00+01:60',
      '2026-03-01T24:00:00Z',
      '2026-03-01T23:60:00Z',
      '2026-00-01T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-03-00T00:00:00Z',
      '2026-03-32T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '2026-02-30T00:00:00Z',
      '2026-04-31T00:00:00Z',
      '1900-02-29T00:00:00Z',
      'Sun, 01 Mar 2026 00:00:00 GMT',
      '1772323200',
      '\u0662026-03-01T00:00:00Z',
      '2026-03-01T00:00:00.0000000000Z',
      `2026-03-01T00:00:00.${'0'.repeat(100_000)}Z`,
      // RFC 3339 section 5.8 has leap seconds; Date has none.
      '1990-12-31T23:59:60Z',
      '1990-12-31T15:59:60-08:00',
    ]
    for (const text of texts) refused(text, 'ERR_INVALID_ARG_VALUE')
    refused(new Date(Number.NaN), 'ERR_INVALID_ARG_VALUE')
  })

  test('the examples of RFC 3339 section 5.8', () => {
    const examples = [
      ['1985-04-12T23:20:50.52Z', 482196050520],
      ['1996-12-19T16:39:57-08:00', 851042397000],
      ['1996-12-20T00:39:57Z', 851042397000],
      ['1937-01-01T12:00:27.87+00:20', -1041337172130],
    ]
    for (const [text, ms] of examples) assert.equal(instant('f', 'o', text), ms)
  })

  test('lower case, years before 100, leap days, finer than a millisecond', () => {
    assert.equal(instant('f', 'o', '2026-03-01t00:00:00z'), 1772323200000)
    assert.equal(instant('f', 'o', '0001-01-01T00:00:00Z'), -62135596800000)
    assert.equal(instant('f', 'o', '2000-02-29T23:59:59.999999999Z'), 951868799999)
    assert.equal(instant('f', 'o', '2026-03-01T00:00:00.57Z'), 1772323200570)
    assert.equal(instant('f', 'o', new Date(5)), 5)
  })

  test('whatever Date writes is read back, and no text throws anything but a TypeError', () => {
    const dates = fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    fc.assert(fc.property(dates, (date) => instant('f', 'o', date.toISOString()) === date.getTime()))
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.throws(() => instant('f', 'o', text), TypeError)
      }),
    )
  })
})

describe('validityWindow', () => {
  test('an empty window is refused', () => {
    const day = '2026-03-01T00:00:00Z'
    for (const [from, until] of [
      [day, day],
      ['2026-03-02T00:00:00Z', day],
      [new Date(1), new Date(0)],
    ]) {
      assert.throws(() => validityWindow('f', 'secret[1]', from, until), {
        code: 'ERR_INVALID_ARG_VALUE',
        message: /"secret\[1\]\.notAfter"/,
      })
    }
  })

  test('null is no date: only undefined means without a limit', () => {
    assert.throws(() => validityWindow('f', 'secret', null, undefined), { code: 'ERR_INVALID_ARG_TYPE' })
    assert.throws(() => validityWindow('f', 'secret', undefined, null), { code: 'ERR_INVALID_ARG_TYPE' })
  })

  test('P18: open from notBefore on, closed at notAfter exactly', () => {
    const window = validityWindow('f', 'secret', new Date(1000), new Date(2000))
    assert.deepEqual(
      [999, 1000, 1999, 2000].map((now) => isOpen(window, now)),
      [false, true, true, false],
    )
  })

  test('a clock that is no number opens no window that has a limit', () => {
    assert.equal(isOpen(validityWindow('f', 's', new Date(0), undefined), Number.NaN), false)
    assert.equal(isOpen(validityWindow('f', 's', undefined, new Date(1e15)), Number.NaN), false)
    for (const now of [null, undefined, '0', [], new Date(0), 0n, false, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      assert.equal(isOpen(validityWindow('f', 's', undefined, new Date(1e15)), now), false, String(now))
      assert.equal(isOpen(validityWindow('f', 's', new Date(-1), undefined), now), false, String(now))
    }
  })
})
