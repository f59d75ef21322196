import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { explain } from '@countersign/schemes/explain'
import { acme, hexOf, mistakes, now, request, secret, signed } from './signing.js'

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

/** The template that a scheme has, and that of its sender. */
const slip = (theirs, scheme, more = {}, asked = {}) => {
  const url = asked.url ?? 'https://api.example.com/api/v2/orders?a=1'
  const open = { ambiguous: 'for the test', allowUnboundBody: 'for the test' }
  const either = (message) => {
    const one = { timestamp: { header: 't', unit: 'seconds' }, ...more, message }
    for (const said of [{}, { allowUnboundBody: open.allowUnboundBody }, { ambiguous: open.ambiguous }, open])
      if (mistakes({ ...one, ...said }).length === 0) return acme({ ...one, ...said })
    return acme(one)
  }
  const sent = { ...signed(either(theirs), { ...asked, url }), url }
  return found(either(scheme), sent, { allowUnboundBody: true })
}

describe('what is less likely, of one text', () => {
  const versioned = { signature: { header: 'x-signature', format: 'v1={signature}' } }
  for (const [name, theirs, scheme, more, asked] of [
    ['another separator everywhere', 'v0:{timestamp}:{body}', 'v0.{timestamp}.{body}'],
    ['one mark of a literal', 'v1:{timestamp}.{body}', 'v1={timestamp}.{body}'],
    ['a version in front', 'v1.{timestamp}.{body}', '{timestamp}.{body}', versioned],
    ['no version in front', '{timestamp}.{body}', 'v1.{timestamp}.{body}', versioned],
    ['a separator at the end too', '{timestamp}|{method}|{body|sha256|hex}|', '{timestamp}|{method}|{body|sha256|hex}'],
    ['none at the end', '{timestamp}|{method}|{body|sha256|hex}', '{timestamp}|{method}|{body|sha256|hex}|'],
    ['the first stands last', '{method}\n{path}\n{body|sha256|hex}\n{timestamp}', '{timestamp}\n{method}\n{path}\n{body|sha256|hex}'],
    [
      'one with its name stands elsewhere',
      't={timestamp}&m={method}&p={path}&b={body|sha256|hex}',
      't={timestamp}&p={path}&b={body|sha256|hex}&m={method}',
    ],
    ['one with its name is left out', 't={timestamp}&b={body|sha256|hex}', 't={timestamp}&m={method}&b={body|sha256|hex}'],
    ['the host as well', '{timestamp}\n{host}\n{method}\n{body}', '{timestamp}\n{method}\n{body}'],
    ['the method as well, in front', '{method}\n{timestamp}\n{path}\n{body}', '{timestamp}\n{path}\n{body}'],
    ['a field as well', '{timestamp}\n{id}\n{body}', '{timestamp}\n{body}', { fields: { id: { header: 'x-id', write: 'x1' } } }],
    ['an empty line more', '{timestamp}\n{method}\n\n{body}', '{timestamp}\n{method}\n{body}'],
    ['path and query apart', '{timestamp}\n{path}\n{query}\n{body}', '{timestamp}\n{target}\n{body}'],
    ['the path behind /api/', '{timestamp}\n{path|after:/|after:/}\n{body}', '{timestamp}\n{path}\n{body}'],
    ['the path without its first slash', '{timestamp}\n{path|after:/}\n{body}', '{timestamp}\n{path}\n{body}'],
    ['less cut off than that', '{timestamp}\n{path|after:/|after:/}\n{body}', '{timestamp}\n{path|strip:/api/v2}\n{body}'],
    [
      'a parameter in capitals',
      '{timestamp}\n{query:a|upper}\n{body}',
      '{timestamp}\n{query:a}\n{body}',
      {},
      { url: 'https://api.example.com/?a=x' },
    ],
    [
      'the host as it was sent',
      '{timestamp}\n{header:host}\n{body}',
      '{timestamp}\n{hostname}\n{body}',
      {},
      { headers: { host: 'api.example.com:8443' } },
    ],
    ['another hash inside', '{timestamp}\n{body|sha512|hex}', '{timestamp}\n{body|sha256|hex}'],
    ['its octets', '{timestamp}\n{body|sha256}', '{timestamp}\n{body|sha256|hex}'],
    ['a parameter with its name', '{timestamp}\na={query:a}\n{body}', '{timestamp}\n{query:a}\n{body}'],
    [
      'a field decoded',
      '{timestamp}\n{hexed|fromHex|text}\n{body}',
      '{timestamp}\n{hexed}\n{body}',
      { fields: { hexed: { header: 'x-h', write: '6162' } } },
    ],
    [
      'members of the JSON in another order',
      '{json:/b}.{json:/a}',
      '{json:/a}.{json:/b}',
      { timestamp: undefined },
      { body: '{"a":"x","b":"y"}' },
    ],
  ])
    test(name, () => {
      const { findings, work } = slip(theirs, scheme, more, asked)
      assert.deepEqual([findings[0].cause, findings[0].confidence], ['message-form', 'proved'], findings[0].title)
      assert.ok(work.hmacs < 900, `${work.hmacs}`)
    })
  test('it is told as the template that the sender follows', () => {
    const [finding] = slip('{timestamp}\n{path}\n{query}\n{body}', '{timestamp}\n{target}\n{body}').findings
    const told =
      'the sender signs "{timestamp}\\n{path}\\n{query}\\n{body}", and the message of the scheme is "{timestamp}\\n{target}\\n{body}"'
    assert.equal(finding.title, told)
  })
})

describe('what is less likely, of a list', () => {
  const list = { each: 'query', sort: 'name', item: '{name}={value}', join: '&' }
  for (const [name, theirs, ours = list] of [
    ['another separator', { join: '|' }],
    ['one behind each', { item: '{name}={value}&', join: '' }],
    ['one between them', { item: '{name};{value}', join: ';' }, { ...list, item: '{name};{value};', join: '' }],
    ['a colon for an equals sign', { item: '{name}:{value}' }],
    ['a blank behind the colon', { item: '{name}: {value}' }, { ...list, item: '{name}:{value}' }],
    ['values alone', { item: '{value}' }],
    ['its question mark', { before: '?' }],
  ])
    test(name, () => {
      const url = 'https://api.example.com/orders?b=2&a=1'
      const one = (text) => acme({ define: { all: text }, message: '{method}\n{all}\n{body}', ambiguous: 'for the test' })
      const sent = { ...signed(one({ ...ours, ...theirs }), { url }), url }
      const scheme = { define: { all: ours }, message: '{method}\n{all}\n{body}' }
      const [finding] = found(acme(mistakes(scheme).length === 0 ? scheme : { ...scheme, ambiguous: 'for the test' }), sent).findings
      assert.deepEqual([finding.cause, finding.confidence], ['message-form', 'proved'], finding.title)
      assert.ok(finding.title.startsWith('the sender writes {all} with '), finding.title)
    })
  test('of a form, and where it is the whole message', () => {
    const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
    const form = { ...list, each: 'form' }
    const one = (text) => acme({ message: text, ambiguous: 'for the test' })
    const sent = signed(one({ ...form, join: '' }), { headers: FORM, body: 'b=2&a=1' })
    const own = mistakes({ message: form }).length === 0 ? acme({ message: form }) : one(form)
    const [finding] = found(own, sent).findings
    assert.equal(finding.title, 'the sender writes the message with "join": "", and the scheme with "join": "&"')
  })
})

test('how the text is written that carries the signature: percent-encoded, as in a cookie, or encoded as a whole', () => {
  const cookie = (format, encoding) => ({
    signature: { cookie: 's', format, encoding },
    fields: { id: { write: 'x1' } },
    message: '{id}\n{body}',
  })
  const basic = {
    signature: { header: 'auth', format: '{timestamp}:{signature}' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}:{body}',
  }
  const wrapped = (by) => ({ ...basic, signature: { ...basic.signature, wrapped: by } })
  for (const [theirs, ours, cause, title] of [
    [
      cookie('s%3A{id}.{signature}', 'base64|unsuffix:=|encode'),
      cookie('s%3A{id}.{signature}', 'base64|encode'),
      'signature-escaped',
      /percent-encoded base64 without "="/,
    ],
    [cookie('s%3A{id}.{signature}', 'hex'), cookie('s:{id}.{signature}', 'hex'), 'signature-escaped', /"s:" stands percent-encoded/],
    [wrapped('base64'), basic, 'signature-form', /stands in base64 as a whole/],
    [wrapped('base64url'), basic, 'signature-form', /stands in base64(?:url)? as a whole/],
    [basic, wrapped('base64'), 'signature-form', /stands as it is, and the scheme has it in base64/],
  ]) {
    const [finding] = found(acme(ours), signed(acme(theirs))).findings
    assert.deepEqual([finding.cause, finding.confidence], [cause, 'proved'], finding.title)
    assert.match(finding.title, title)
  }
})

test('a request whose string is that of the scheme is refused for something else, and that is told', () => {
  const own = acme({
    timestamp: { header: 't', unit: 'seconds' },
    message: '{timestamp}{method}{target}{body}',
    ambiguous: 'for the test',
  })
  const sent = request({ url: '/orders', headers: { t: '1000000', 'x-signature': hexOf('1000000POST/orders{"n":1}') } })
  const { code, findings } = explain(own, sent, { secret, now: () => 1_000_000_000 })
  assert.equal(code, 'ERR_HMAC_MALFORMED')
  assert.deepEqual([findings[0].cause, findings[0].confidence], ['time-form', 'proved'], findings[0].title)
})

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
  test('a message that parses the body anew is left alone, and so is one of many slots', () => {
    const json = acme({ message: '{body|json:/a}.{method}.{path}', ...ambiguous })
    const sent = signed(acme({ message: '{method}.{body|json:/a}.{path}', ...ambiguous }), { body: '{"a":"x"}' })
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
