import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { explain } from '@countersign/schemes/explain'
import { acme, now, request, secret, signed } from './signing.js'

/** A slip of one who writes a scheme, or signs by one: what the sender signs is told as the template that the scheme should have. */
const timed = (message, more) => acme({ timestamp: { header: 't', unit: 'seconds' }, message, ...more })
const ours = '{timestamp}\n{method}\n{path}\n{body|sha256|hex}'
const found = (scheme, sent, options) => explain(scheme, sent, { secret, now, ...options })
const told = (theirs, more) => {
  const url = 'https://api.example.com/orders?a=1'
  const { findings, work } = found(timed(ours), { ...signed(timed(theirs, more), { url }), url })
  assert.ok(work.hmacs < (findings[0].cause === 'unknown' ? 2000 : 250), `${work.hmacs}`)
  return findings[0]
}

describe('what the sender signs is told where one slip makes it', () => {
  const ambiguous = { ambiguous: 'for the test' }
  for (const [name, theirs, more] of [
    ['two slots have changed places', '{method}\n{timestamp}\n{path}\n{body|sha256|hex}'],
    ['the first and the last', '{body|sha256|hex}\n{method}\n{path}\n{timestamp}'],
    ['path and query', '{timestamp}\n{method}\n{target}\n{body|sha256|hex}'],
    ['the URL', '{timestamp}\n{method}\n{url}\n{body|sha256|hex}'],
    ['the method in lower case', '{timestamp}\n{method|lower}\n{path}\n{body|sha256|hex}'],
    ['the body and not its digest', '{timestamp}\n{method}\n{path}\n{body}'],
    ['the digest in capitals', '{timestamp}\n{method}\n{path}\n{body|sha256|hex|upper}'],
    ['another separator', '{timestamp}|{method}|{path}|{body|sha256|hex}'],
    ['none', '{timestamp}{method}{path}{body|sha256|hex}'],
    ['a line feed at the end', `${ours}\n`],
    ['no method', '{timestamp}\n{path}\n{body|sha256|hex}'],
    ['no path, and an empty line', '{timestamp}\n{method}\n\n{body|sha256|hex}'],
  ])
    test(name, () => {
      const finding = told(theirs, more)
      assert.equal(finding.cause, 'message-form')
      assert.equal(finding.confidence, 'proved')
      assert.equal(finding.title, `the sender signs ${JSON.stringify(theirs)}, and the message of the scheme is ${JSON.stringify(ours)}`)
    })
  test('the query without its mark', () => {
    const url = 'https://api.example.com/orders?a=1'
    const sent = { ...signed(timed('{timestamp}\n{path}{query}\n{body}', ambiguous), { url }), url }
    const { cause, title } = found(timed('{timestamp}\n{target}\n{body}'), sent).findings[0]
    assert.equal(cause, 'message-form')
    assert.ok(title.startsWith('the sender signs "{timestamp}\\n{path}{query}\\n{body}"'), title)
  })
  test('a hash of the string, where the scheme signs the string itself', () => {
    const define = { all: '{timestamp}\n{body}' }
    for (const [message, title] of [
      ['{all|sha256|hex}', 'the sender signs the hex SHA-256 of the string of the scheme'],
      ['{all|sha256}', 'the sender signs the SHA-256 of the string of the scheme'],
    ]) {
      const finding = found(timed('{timestamp}\n{body}'), signed(timed(message, { define }))).findings[0]
      assert.deepEqual([finding.cause, finding.confidence, finding.title], ['message-form', 'proved', title])
    }
  })
  test('two slips are not looked for, nor those of another secret', () => {
    assert.equal(told('{method}|{timestamp}|{path}|{body|sha256|hex}').cause, 'unknown')
    const sent = signed(timed('{method}\n{timestamp}\n{path}\n{body|sha256|hex}'))
    assert.equal(found(timed(ours), sent, { secret: 'another-secret-of-the-tests-0123' }).findings[0].cause, 'unknown')
  })
  test('of braces and of what stands in the text nothing is lost', () => {
    const braced = '{{"t":{timestamp},"m":{method|quote},"b":{body|quote}}}'
    const other = braced.replace('{timestamp}', '{x}').replace('{method|quote}', '{timestamp}').replace('{x}', '{method|quote}')
    const finding = found(timed(braced), signed(timed(other))).findings[0]
    assert.equal(finding.title, `the sender signs ${JSON.stringify(other)}, and the message of the scheme is ${JSON.stringify(braced)}`)
  })
  test('a message that parses the body is left alone, and so is one of many slots', () => {
    const json = acme({ message: '{json:/a}.{method}.{path}', ...ambiguous })
    const sent = signed(acme({ message: '{method}.{json:/a}.{path}', ...ambiguous }), { body: '{"a":"x"}' })
    assert.equal(found(json, sent).findings[0].cause, 'unknown')
    const many = Array.from({ length: 5 }, () => '{method}\n{path}').join('\n')
    const long = acme({ message: `${many}\n{body}` })
    const turned = signed(acme({ message: `{path}\n{method}\n${many.slice(16)}\n{body}` }))
    assert.equal(found(long, turned).findings[0].cause, 'unknown')
  })
  test('what was found for one set-up is not taken for another', () => {
    const scheme = acme({ params: { p: null }, message: '{param:p}\n{method}\n{body}' })
    const other = acme({ params: { p: null }, message: '{method}\n{param:p}\n{body}' })
    for (const p of ['one', 'two', 'one']) {
      const sent = signed(other, {}, { params: { p } })
      assert.equal(explain(scheme, request(sent), { secret, now, params: { p } }).findings[0].cause, 'message-form', p)
    }
  })
})
