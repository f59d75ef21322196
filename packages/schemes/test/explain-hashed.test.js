import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { awsSigv4, scheme } from '@countersign/schemes'
import { explain, formatExplanation } from '@countersign/schemes/explain'

/** Of a string to sign that holds a hash of a canonical request nobody can see what differs: it is shown what was hashed. */
const NOW = Date.parse('2026-01-15T12:00:00Z')
const SECRET = 'example-secret-access-key-0123456789'
const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const hmac = (key, text) => createHmac('sha256', key).update(text).digest()

/** A request as the AWS documentation says, but for the lines of the canonical request that are given. */
function signedLike({ target, path, query = '', method = 'GET' }) {
  const [date, day] = ['20260115T120000Z', '20260115']
  const lines = [method, path, query, 'host:search.example.com', `x-amz-date:${date}`, '', 'host;x-amz-date', sha256('')]
  const scope = `${day}/eu-1/es/aws4_request`
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(lines.join('\n'))].join('\n')
  const key = [day, 'eu-1', 'es', 'aws4_request'].reduce(hmac, `AWS4${SECRET}`)
  const signature = createHmac('sha256', key).update(text).digest('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`
  const headers = { host: 'search.example.com', 'x-amz-date': date, authorization }
  return { signature, canonical: lines.join('\n'), request: { method, url: `https://search.example.com${target}`, headers } }
}

const explained = (request, secret = SECRET) =>
  explain(awsSigv4, request, { secret, params: { region: 'eu-1', service: 'es' }, now: () => NOW })

const shown = (text) => text.replaceAll('\n', '<LF>')

describe('a string to sign that holds a hash', () => {
  test('that of the documentation holds', () => {
    assert.equal(explained(signedLike({ target: '/a%20b?x=1&a=2', path: '/a%2520b', query: 'a=2&x=1' }).request).ok, true)
  })

  for (const [name, sent, title, line] of [
    [
      'the query is not sorted, as curl before 8 has it',
      { target: '/docs?x=1&a=2', path: '/docs', query: 'x=1&a=2' },
      'the sender writes {pairs} without "sort", and the scheme with "sort": "name-value"',
      3,
    ],
    [
      'the path is not encoded a second time, as curl before 8 has it',
      { target: '/a%20b?a=2', path: '/a%20b', query: 'a=2' },
      'the sender writes {canonical} as "{method}\\n{path|normalPath}\\n{pairs}\\n',
      2,
    ],
    [
      'a blank is written as a plus',
      { target: '/docs?q=a%20b', path: '/docs', query: 'q=a+b' },
      'the sender writes {pairs} with "encode": "form", and the scheme with "encode": "rfc3986"',
      3,
    ],
  ]) {
    test(`${name}: told, with the texts that are hashed`, () => {
      const { request, canonical, signature } = signedLike(sent)
      const { findings, work } = explained(request)
      const [first] = findings
      assert.ok(first.title.startsWith(title), first.title)
      assert.deepEqual([first.cause, first.confidence, first.shows, first.difference.line], ['message-form', 'proved', 'hashed', line])
      assert.ok(shown(canonical).startsWith(first.theirs.replace(/ \[\d+ octets\]$/, '')), first.theirs)
      assert.notEqual(first.theirs, first.ours)
      assert.ok(work.hmacs < 1000, `${work.hmacs}`)
      assert.ok(!JSON.stringify(findings).includes(signature))
    })
  }

  test('where no cause is known both are shown, without secret and signature', () => {
    const { request, signature } = signedLike({ target: '/docs?x=1&a=2', path: '/other', query: 'x=1&a=2' })
    const explanation = explained(request)
    const [first] = explanation.findings
    assert.equal(first.cause, 'unknown')
    assert.equal(
      first.hashed,
      `GET<LF>/docs<LF>a=2&x=1<LF>host:search.example.com<LF>x-amz-date:20260115T120000Z<LF><LF>host;x-amz-date<LF>${sha256('')}`,
    )
    assert.equal(
      first.ours,
      `AWS4-HMAC-SHA256<LF>20260115T120000Z<LF>20260115/eu-1/es/aws4_request<LF>${sha256(first.hashed.replaceAll('<LF>', '\n'))}`,
    )
    const text = formatExplanation(explanation)
    assert.match(text, / {3}text of which the string to sign holds a hash, as we build it:\n {5}\| GET<LF>\n {5}\| \/docs<LF>\n/)
    for (const hidden of [signature, SECRET]) assert.ok(!text.includes(hidden))
  })

  test('of a long one what is shown is cut', () => {
    const { request } = signedLike({ target: `/docs?a=${'x'.repeat(5000)}`, path: '/other' })
    const [{ hashed }] = explained(request).findings
    assert.match(hashed, / \[\d{4} octets\]$/)
    assert.ok(hashed.length < 2100, `${hashed.length}`)
  })

  test('a secret that is part of it is cut', () => {
    const own = scheme({
      name: 'own',
      signature: { header: 'x-sig' },
      define: { all: '{path}\n{secret}\n{body}' },
      message: '{all|sha256|hex}',
    })
    const headers = { 'x-sig': 'ab'.repeat(32) }
    const { findings } = explain(own, { method: 'POST', url: 'https://a.example/x', headers, body: Buffer.from('{}') }, { secret: SECRET })
    assert.equal(findings[0].hashed, '/x<LF>[secret]<LF>{}')
  })

  test('where the message is no hash there is none', () => {
    const own = scheme({ name: 'own', signature: { header: 'x-sig' }, define: { all: '{path}\n{body}' }, message: '{all}' })
    const headers = { 'x-sig': 'ab'.repeat(32) }
    const { findings } = explain(own, { method: 'POST', url: 'https://a.example/x', headers, body: Buffer.from('{}') }, { secret: SECRET })
    assert.deepEqual([findings[0].cause, findings[0].hashed, findings[0].ours], ['unknown', undefined, '/x<LF>{}'])
  })
})
