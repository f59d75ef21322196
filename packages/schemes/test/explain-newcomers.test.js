import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { scheme } from '@countersign/schemes'
import { explain } from '@countersign/schemes/explain'
import { acme, hexOf, mistakes, now, request, secret, signed } from './signing.js'

/** Mistakes of one who writes his first scheme and holds it against a request that the vendor has signed. */
const TIMED = { timestamp: { header: 't', unit: 'seconds' } }
const PLAIN = { construction: 'hash', insecure: 'a plain hash' }
const open = { ambiguous: 'x', allowUnboundBody: 'x' }
const url = 'https://api.example.com/v1/orders?b=2&a=1'

/** A scheme, with the reasons that it asks for and no others. */
function loose(definition) {
  const said = [{}, { ambiguous: 'x' }, { allowUnboundBody: 'x' }, open].find((more) => mistakes({ ...definition, ...more }).length === 0)
  return acme({ ...definition, ...said })
}

/** What is told where the vendor follows one definition and the newcomer has written another. */
function told(theirs, ours, asked = {}) {
  const options = { allowUnboundBody: true, allowInsecureScheme: true, publicOrigin: 'https://api.example.com' }
  const sent = { ...signed(loose({ ...TIMED, ...theirs }), { url, ...asked }, options), url }
  const { findings, work } = explain(loose({ ...TIMED, ...theirs, ...ours }), sent, { secret, now, ...options })
  const [{ cause, confidence, title }] = findings
  assert.deepEqual([cause, confidence], ['message-form', 'proved'], `${title} after ${work.hmacs} HMACs, ${work.parses} parses`)
  return title
}

describe('the message in the syntax of another language', () => {
  const right = '{method} {timestamp}\n{body}'
  for (const [name, wrong] of [
    ['a dollar sign in front of each part', '$' + '{method} $' + '{timestamp}\n$' + '{body}'],
    ['a number sign', '#{method} #{timestamp}\n#{body}'],
    ['a backslash and n for a line feed', '{method} {timestamp}\\n{body}'],
    ['quotes around it', '"{method} {timestamp}\n{body}"'],
  ])
    test(name, () => {
      const title = told({ message: right }, { message: wrong })
      assert.equal(title, `the sender signs ${JSON.stringify(right)}, and the message of the scheme is ${JSON.stringify(wrong)}`)
    })
})

describe('a part in another form', () => {
  const define = { all: '{method}\n{path}' }
  for (const [name, theirs, ours, more = {}] of [
    ['the base64 MD5 of the body', '{timestamp}\n{body|md5|base64}', '{timestamp}\n{body}'],
    ['the body in base64url', '{timestamp}.{body|base64url}', '{timestamp}.{body}'],
    ['the body itself, where it is written in base64url', '{timestamp}.{body}', '{timestamp}.{body|base64url}'],
    ['the hash of a text of its own', '{timestamp}\n{all|sha256|hex}\n{body}', '{timestamp}\n{all}\n{body}', { define }],
    ['host and path for the URL', '{timestamp}{host}{path}{body}', '{timestamp}{url}{body}'],
    [
      'the secret behind the hash',
      '{inner|md5|hex}{secret}',
      '{inner|md5|hex}',
      { ...PLAIN, define: { inner: '{timestamp}{body}{secret}' } },
    ],
  ])
    test(name, () => {
      const title = told({ ...more, message: theirs }, { ...more, message: ours })
      assert.ok(title.startsWith(`the sender signs ${JSON.stringify(theirs)}, `), title)
    })
  test('a URL that the sender has without the slash of its root', () => {
    const own = loose({ ...TIMED, message: '{url|before:?}{timestamp}' })
    const sent = request({
      url: 'https://api.example.com/',
      headers: { t: '1700000000', 'x-signature': hexOf('https://api.example.com1700000000') },
    })
    const { findings } = explain(own, sent, { secret, now, allowUnboundBody: true, publicOrigin: 'https://api.example.com' })
    assert.equal(findings[0].confidence, 'proved', findings[0].title)
    assert.ok(findings[0].title.startsWith('the sender signs "{origin}{timestamp}"'), findings[0].title)
  })
})

describe('the marks of a list', () => {
  const each = { each: 'query', sort: 'name', join: '' }
  for (const [name, theirs, ours, said] of [
    ['in front of each item', { ...each, item: '|{name}={value}' }, { ...each, item: '&{name}={value}' }, 'with "item": "|{name}={value}"'],
    [
      'in front of all',
      { ...each, item: '{name}={value}', join: '&', before: '|' },
      { ...each, item: '{name}={value}', join: '&', before: '?' },
      'with "before": "|"',
    ],
  ])
    test(name, () => {
      const message = '{timestamp}{path}{list}{body}'
      const title = told({ define: { list: theirs }, message }, { define: { list: ours }, message })
      assert.ok(title.startsWith(`the sender writes {list} ${said}`), title)
    })
})

test('a usual string is told as the template that the scheme should have', () => {
  const title = told({ message: '{timestamp}{method}{target}{body}' }, { message: '{timestamp}{method|lower}{target}{body}' })
  assert.equal(title, 'the sender signs "{timestamp}{method}{target}{body}", and not the string of the scheme')
  const bare = told({ message: '{timestamp}' }, { message: '{timestamp}\n\n' }, { method: 'GET', body: Buffer.alloc(0) })
  assert.equal(bare, 'the sender signs "{timestamp}", and not the string of the scheme')
})

test('a token in a header whose parts are read again and again leaves the parses to the search', () => {
  const head = Buffer.from('{"alg":"HS256","b64":false,"kid":"k1","typ":"x","v":1}').toString('base64url')
  const claim = (name, value) => ({ from: `{head|fromBase64url|json:/${name}}`, value })
  const token = (message) =>
    scheme({
      name: 'token',
      signature: { header: 'x-signature', format: '{head}..{signature}', encoding: 'base64url' },
      fields: { head: { write: head }, alg: claim('alg', 'HS256'), b64: claim('b64', 'false'), typ: claim('typ', 'x'), v: claim('v', '1') },
      message,
    })
  const sent = signed(token('{head}.{body}'))
  for (const message of ['{head}.{body|base64url}', '{head}..{body}', '{head}:{body}']) {
    const { findings, work } = explain(token(message), sent, { secret, now })
    assert.equal(findings[0].title, `the sender signs "{head}.{body}", and the message of the scheme is ${JSON.stringify(message)}`)
    assert.ok(work.parses < 10, `${work.parses}`)
  }
})

test('a time in another form: the unit is told', () => {
  const AT = Date.UTC(2026, 0, 15, 12)
  for (const [unit, text, said] of [
    ['seconds', '2026-01-15T12:00:00Z', 'rfc3339'],
    ['seconds', 'Thu, 15 Jan 2026 12:00:00 GMT', 'http-date'],
    ['http-date', '1768478400', 'seconds'],
    ['http-date', '1768478400000', 'milliseconds'],
    ['http-date', '20260115T120000Z', 'iso-basic'],
    ['http-date', '20260115120000', 'compact'],
    ['http-date', 'Thu, 15 Jan 2026 14:00:00 +0200', 'ddd, DD MMM YYYY HH:mm:ss +0200@+02:00'],
    ['http-date', 'Thu, 15 Jan 2026 12:00:00 +0000', 'ddd, DD MMM YYYY HH:mm:ss +0000'],
    ['rfc3339', '2026-01-15 12:00:00', 'YYYY-MM-DD HH:mm:ss'],
    ['rfc3339', '2026/01/15 12:00:00', 'YYYY/MM/DD HH:mm:ss'],
    ['compact', '2026-01-15T12:00:00+0000', 'YYYY-MM-DDTHH:mm:ss+0000'],
    ['seconds', '2026-01-15 12:00:00 UTC', 'YYYY-MM-DD HH:mm:ss[ UTC]'],
    ['seconds', '20260115-120000', 'YYYYMMDD-HHmmss'],
  ]) {
    const dated = (one) => acme({ timestamp: { header: 't', unit: one }, message: '{timestamp}\n{body}' })
    const sent = request({ headers: { t: text, 'x-signature': hexOf(`${text}\n{"n":1}`) } })
    const { findings } = explain(dated(unit), sent, { secret, now: () => AT })
    assert.equal(findings[0].title, `the time "${text}" is not written in ${unit}; it is written in "unit": ${JSON.stringify(said)}`)
    assert.equal(findings[0].cause, 'time-unit')
    assert.equal(explain(dated(said), sent, { secret, now: () => AT }).ok, true, said)
  }
  const own = acme({ timestamp: { header: 't', unit: 'seconds' }, message: '{timestamp}\n{body}' })
  const sent = request({ headers: { t: 'yesterday', 'x-signature': hexOf('yesterday\n{"n":1}') } })
  assert.equal(explain(own, sent, { secret, now }).findings[0].title, 'the time "yesterday" is not written in seconds')
})
