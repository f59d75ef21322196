import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileHandshake, compileScheme, looksLikeChallenge } from '@countersign/schemes/engine'
import { hexOf, secret } from './signing.js'

const compiled = (handshake) =>
  compileHandshake(compileScheme({ name: 'acme', signature: { header: 'x-s' }, message: '{body}', handshake }))
const view = ({ method = 'POST', target = '/hook', headers = [] } = {}) => ({ method, target, rawHeaders: headers, secure: false })
const octets = (text = '') => Buffer.from(text)

/** What a request gets: undefined where it is none, the token and the challenge that it brings where it is. */
const asked = (handshake, request, body) => {
  const one = compiled(handshake)
  const reading = one.read(view(request), octets(body))
  return reading && { token: one.token(reading), challenge: one.challenge(reading) }
}

describe('what is a handshake', () => {
  const get = { method: 'GET', challenge: 'query:c', answer: 'text' }
  const rows = [
    [get, { method: 'GET', target: '/?c=abc' }, '', { token: undefined, challenge: 'abc' }],
    [get, { method: 'POST', target: '/?c=abc' }, '', undefined],
    [get, { method: 'HEAD', target: '/?c=abc' }, '', undefined],
    [get, { method: 'GET', target: '/?d=abc' }, '', undefined],
    [get, { method: 'GET', target: '/?c=abc&c=abc' }, '', undefined],
    [get, { method: 'GET', target: '/?c=%ff' }, '', undefined],
    [get, { method: 'GET', target: '/?c=' }, '', { token: undefined, challenge: undefined }],
    [get, { method: 'GET', target: `/?c=${'x'.repeat(512)}` }, '', { token: undefined, challenge: 'x'.repeat(512) }],
    [get, { method: 'GET', target: `/?c=${'x'.repeat(513)}` }, '', { token: undefined, challenge: undefined }],
    [get, { method: 'GET', target: '/?c=a%20b' }, '', { token: undefined, challenge: undefined }],
    [get, { method: 'GET', target: '/?c=a%0A' }, '', { token: undefined, challenge: undefined }],
    [{ ...get, token: 'query:t' }, { method: 'GET', target: '/?c=a&t=k' }, '', { token: 'k', challenge: 'a' }],
    [{ ...get, token: 'query:t' }, { method: 'GET', target: '/?c=a' }, '', { token: '', challenge: 'a' }],
    [{ ...get, when: { 'query:m': 'on' } }, { method: 'GET', target: '/?c=a&m=on' }, '', { token: undefined, challenge: 'a' }],
    [{ ...get, when: { 'query:m': 'on' } }, { method: 'GET', target: '/?c=a&m=off' }, '', undefined],
    [{ ...get, when: { 'query:m': 'on' } }, { method: 'GET', target: '/?c=a' }, '', undefined],
    [{ ...get, when: { 'query:m': '*' } }, { method: 'GET', target: '/?c=a&m=off' }, '', { token: undefined, challenge: 'a' }],
    [{ ...get, when: { 'query:m': '*' } }, { method: 'GET', target: '/?c=a' }, '', undefined],
    [{ ...get, when: { 'query:m': '*', 'query:n': '1' } }, { method: 'GET', target: '/?c=a&m=b' }, '', undefined],
    [{ method: 'POST', challenge: 'json:/c', answer: 'text' }, {}, '{"c":"abc"}', { token: undefined, challenge: 'abc' }],
    [{ method: 'POST', challenge: 'json:/c', answer: 'text' }, {}, '{"c":', undefined],
    [{ method: 'POST', challenge: 'json:/c', answer: 'text' }, {}, '{"d":"abc"}', undefined],
    [{ method: 'POST', challenge: 'header:x-c', answer: 'text' }, { headers: ['X-C', 'abc'] }, '', { token: undefined, challenge: 'abc' }],
    [
      { method: 'POST', learns: 'header:x-c', answer: { header: 'X-C' } },
      { headers: ['X-C', 'abc'] },
      '',
      { token: undefined, challenge: 'abc' },
    ],
    [{ method: 'POST', learns: 'header:x-c', answer: { header: 'X-C' } }, {}, '', undefined],
    [{ method: 'HEAD' }, { method: 'HEAD' }, '', { token: undefined, challenge: '' }],
  ]
  for (const [handshake, request, body, expected] of rows) {
    test(`${JSON.stringify(handshake)} of ${JSON.stringify(request).slice(0, 60)} ${body}`, () =>
      assert.deepEqual(asked(handshake, request, body), expected))
  }
})

describe('what it is answered with', () => {
  const safe = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' }
  const of = (handshake, request = { method: handshake.method, target: '/?c=abc' }) => {
    const one = compiled(handshake)
    return one.answer(one.read(view(request), octets()), 'abc', { material: secret })
  }
  test('the challenge as text', () =>
    assert.deepEqual(of({ method: 'GET', challenge: 'query:c', answer: 'text' }), {
      status: 200,
      headers: { 'Content-Type': 'text/plain; charset=utf-8', ...safe },
      body: 'abc',
    }))
  test('a header', () =>
    assert.deepEqual(of({ method: 'GET', challenge: 'query:c', answer: { header: 'X-C' } }), {
      status: 200,
      headers: { 'X-C': 'abc', ...safe },
      body: '',
    }))
  test('JSON, with an HMAC under the secret', () =>
    assert.deepEqual(of({ method: 'GET', challenge: 'query:c', answer: { json: { a: '{challenge}', b: '{challenge|hmac|hex}' } } }), {
      status: 200,
      headers: { 'Content-Type': 'application/json', ...safe },
      body: JSON.stringify({ a: 'abc', b: hexOf('abc') }),
    }))
  test('each challenge with its own HMAC, also under one secret', () => {
    const one = compiled({ method: 'GET', challenge: 'query:c', answer: { json: { b: '{challenge|hmac|hex}' } } })
    const held = { material: secret }
    for (const text of ['abc', 'abd']) {
      const reading = one.read(view({ method: 'GET', target: `/?c=${text}` }), octets())
      assert.equal(one.answer(reading, text, held).body, JSON.stringify({ b: hexOf(text) }))
    }
  })
  test('nothing', () => assert.deepEqual(of({ method: 'HEAD' }), { status: 200, headers: safe, body: '' }))
})

test('which are read with the body, and which sign what anybody sends', () => {
  const facts = (handshake) => {
    const { inBody, oracle } = compiled(handshake)
    return { inBody, oracle }
  }
  const json = { json: { b: '{challenge|hmac|hex}' } }
  assert.deepEqual(facts({ method: 'GET', challenge: 'query:c', answer: json }), { inBody: false, oracle: true })
  assert.deepEqual(facts({ method: 'GET', signed: true, challenge: 'query:c', answer: json }), { inBody: false, oracle: false })
  assert.deepEqual(facts({ method: 'POST', challenge: 'json:/c', answer: 'text' }), { inBody: true, oracle: false })
  assert.deepEqual(facts({ method: 'POST', when: { 'json:/t': 'x' } }), { inBody: true, oracle: false })
  assert.deepEqual(facts({ method: 'POST', token: 'json:/t' }), { inBody: true, oracle: false })
  assert.deepEqual(facts({ method: 'POST', learns: 'json:/t' }), { inBody: true, oracle: false })
  assert.deepEqual(facts({ method: 'HEAD' }), { inBody: false, oracle: false })
  assert.deepEqual(facts({ method: 'GET', answer: json }), { inBody: false, oracle: false }, 'nothing is asked')
})

test('a body that could have been sent as a challenge is told', () => {
  for (const text of ['a', 'aB3._~+/=-', 'x'.repeat(512)]) assert.equal(looksLikeChallenge(octets(text)), true, text.slice(0, 20))
  for (const text of ['', '{}', 'a b', 'a\n', '\u00e9', 'x'.repeat(513), '"a'])
    assert.equal(looksLikeChallenge(octets(text)), false, text.slice(0, 20))
})

test('what a handshake names and is no part of a request is told with its place', () => {
  const problem = (handshake) => {
    try {
      compiled(handshake)
      return ''
    } catch (error) {
      return error.message
    }
  }
  for (const [handshake, expected] of [
    [
      { method: 'GET', challenge: 'c', answer: 'text' },
      'handshake.challenge: "c" is no part; write query:NAME, header:NAME or json:/POINTER',
    ],
    [
      { method: 'GET', challenge: 'queryx', answer: 'text' },
      'handshake.challenge: "queryx" is no part; write query:NAME, header:NAME or json:/POINTER',
    ],
    [{ method: 'GET', learns: 'cc:d' }, 'handshake.learns: "cc:d" is no part; write query:NAME, header:NAME or json:/POINTER'],
    [{ method: 'GET', token: 'json:a' }, 'handshake.token: {json:a} is no JSON pointer; it begins with "/"'],
    [{ method: 'GET', when: { 'header:a b': 'x' } }, 'handshake.when: {header:a b} names no field'],
    [
      { method: 'GET', challenge: 'query:c', answer: { json: { a: '{body}' } } },
      'handshake.answer.json.a: column 2: unknown part {body}; known are challenge in "{body}"',
    ],
    [
      { method: 'GET', challenge: 'query:c', answer: { json: { a: '{challenge:x}' } } },
      'handshake.answer.json.a: column 2: unknown part {challenge:x}; did you mean {challenge}? in "{challenge:x}"',
    ],
  ])
    assert.equal(problem(handshake), `scheme 'acme': ${expected}`)
  assert.equal(compileHandshake(compileScheme({ name: 'acme', signature: { header: 'x-s' }, message: '{body}' })), undefined)
})
