import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scheme, sign } from '@countersign/schemes'
import fc from 'fast-check'

const setUp = { secret: 'a-secret-of-the-tests-0123456789', now: () => 0 }
const LABELS = ['a', 'ab', 'b', 'a:', 'b:', 'x\\n', '']
const ENDS = ['\\n', '\\na', ';', 'a', '&\\n', '']
const TEXTS = ['a', 'b', 'ba', 'ab', ':a', ';', ';a', '&a']

/** A slot of a header or parameter that may be absent, with a text in front and behind. */
const slot = fc.tuple(
  fc.constantFrom('header:h', 'query:q'),
  fc.constantFrom(...LABELS),
  fc.constantFrom(...ENDS),
  fc.boolean(),
  fc.boolean(),
)
const written = ([part, label, end, encoded, optional], i) =>
  `{${part}${i}${optional ? '?' : ''}${encoded ? '|encode' : ''}${label && `|prepend:${label}`}${end && `|append:${end}`}}`
const tail = fc.constantFrom('', '\n', 'a', 'b:', '{path}', '\n{path}', '{method}', '{body}', '\n{body}', '{body|sha256|hex}')

/** Requests that differ in the values of the slots, in the path or in the body; none stands for an empty value. */
function* requests(slots) {
  const values = slots.map(([part, , , , optional]) => [...(optional ? [undefined] : []), ...TEXTS, ...(part === 'query:q' ? ['\n'] : [])])
  const chosen = values.map(() => 0)
  for (let count = 0; count < 1000; count += 1) {
    const picked = chosen.map((at, i) => values[i][at])
    for (const [path, body] of [
      ['/', ''],
      ['/a', ''],
      ['/', 'a'],
      ['/', '\na'],
      ['/', 'b:b'],
    ]) {
      const headers = {}
      const query = []
      for (const [i, [part]] of slots.entries()) {
        if (picked[i] === undefined) continue
        if (part === 'header:h') headers[`h${i}`] = picked[i]
        else query.push(`q${i}=${encodeURIComponent(picked[i])}`)
      }
      yield {
        said: JSON.stringify([picked, path, body]),
        asked: { method: 'POST', url: `${path}?${query.join('&')}`, headers, body: Buffer.from(body) },
      }
    }
    const at = chosen.findIndex((one, i) => one + 1 < values[i].length)
    if (at < 0) return
    for (let i = 0; i < at; i += 1) chosen[i] = 0
    chosen[at] += 1
  }
}

/** @returns whether the message compiles without "ambiguous"; then no two requests print the same */
function isTold(slots, end) {
  const message = slots.map(written).join('') + end
  let own
  try {
    own = scheme({ name: 'acme', signature: { header: 'x-signature' }, message, allowUnboundBody: 'a test' })
  } catch (error) {
    assert.match(error.message, /two different requests can be signed alike/)
    return false
  }
  const bound = { path: message.includes('{path}'), body: message.includes('{body') }
  const seen = new Map()
  for (const { said, asked } of requests(slots)) {
    if ((asked.url.startsWith('/a') && !bound.path) || (asked.body.length > 0 && !bound.body)) continue
    const printed = sign(own, asked, setUp).message.toString()
    assert.equal(seen.get(printed), undefined, `${message} prints ${JSON.stringify(printed)} for ${said} too`)
    seen.set(printed, said)
  }
  return true
}

test('texts with names and ends of their own: what compiles without "ambiguous" signs no two requests alike', () => {
  let told = 0
  fc.assert(
    fc.property(fc.array(slot, { minLength: 1, maxLength: 3 }), tail, (slots, end) => {
      if (isTold(slots, end)) told += 1
    }),
    { seed: 3, numRuns: process.env.COUNTERSIGN_LONG ? 3000 : 250 },
  )
  assert.ok(told > 20, `${told} compiled`)
})

test('any two names that may be absent', () => {
  let told = 0
  for (const one of LABELS) {
    for (const other of LABELS) {
      for (const end of ['', '\n{body}', 'a{body|sha256|hex}'])
        if (
          isTold(
            [one, other].map((label) => ['header:h', label, '\\n', false, true]),
            end,
          )
        )
          told += 1
    }
  }
  assert.ok(told > 30, `${told} compiled`)
})
