import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileScheme, sign, verify } from '@countersign/schemes'
import { reversed } from './attacked.js'
import { at, setUp, unsigned, vectors, worded } from './vectors.js'

/** Every vector of the catalogue, both ways, and what has to be refused of it. */
for (const vector of vectors) {
  test(`${vector.id}: verifies`, () => {
    assert.notEqual(vector.scheme, undefined, `there is no preset ${vector.name}`)
    assert.deepEqual(judge(vector), { ok: true })
    assert.deepEqual(judge({ ...vector, scheme: reversed(vector.scheme) }), { ok: true }, 'its members the other way round')
  })

  test(`${vector.id}: signing gives the vector's own octets`, () => reproduces(vector))

  test(`${vector.id}: refused without credentials, under a wrong secret, with another signature`, () => {
    const { request } = unsigned(vector)
    assert.equal(judge(vector, request).ok, false)
    assert.equal(judge(vector, vector.request, setUp(vector, vector.secrets.map(otherSecret))).ok, false)
    const alone = setUp(vector, vector.own.alone ?? vector.secrets)
    for (const other of [vector.mac.slice(0, -1), `${vector.mac}0`, `${vector.mac}=`, recased(vector.mac), otherText(vector.mac)]) {
      assert.equal(judge(vector, replaced(vector.request, vector.mac, other), alone).ok, false, `accepts ${other} for ${vector.mac}`)
    }
  })

  test(`${vector.id}: refused with one octet changed of what is signed`, () => {
    const { binds } = compileScheme(vector.scheme, { ...setUp(vector) }).facts
    changedBodies(vector, binds)
    changedTargets(vector, binds)
    changedHeaders(vector)
  })

  test(`${vector.id}: refused outside of its window`, () => {
    const { timestamp } = compileScheme(vector.scheme, { ...setUp(vector) }).facts
    assert.equal(timestamp !== undefined, vector.timed && vector.own.untimed === undefined, vector.own.untimed)
    if (timestamp === undefined) return
    const late = vector.now + timestamp.toleranceSeconds * 1000
    const early = vector.now - timestamp.futureSeconds * 1000
    assert.deepEqual(judge(vector, vector.request, { ...setUp(vector), now: () => late }), { ok: true })
    assert.deepEqual(judge(vector, vector.request, { ...setUp(vector), now: () => early }), { ok: true })
    assert.equal(judge(vector, vector.request, { ...setUp(vector), now: () => late + 1 }).code, 'ERR_HMAC_STALE')
    assert.equal(judge(vector, vector.request, { ...setUp(vector), now: () => early - 1 }).code, 'ERR_HMAC_FUTURE')
  })
}

test('every vector that needs a word of its own is a vector', () => {
  const known = new Set(vectors.map((vector) => vector.id))
  assert.deepEqual(
    worded.filter((id) => !known.has(id)),
    [],
  )
})

function judge(vector, request = vector.request, options = setUp(vector)) {
  const result = verify(vector.scheme, request, options)
  return result.ok ? { ok: true } : { ok: false, code: result.code, reason: result.reason }
}

function reproduces(vector) {
  const { own, scheme, keyId, now } = vector
  const { request, removed } = unsigned(vector)
  const read = verify(scheme, vector.request, setUp(vector))
  const chosen = { ...(read.nonce !== undefined && { nonce: read.nonce }), ...(keyId !== undefined && { keyId }), ...own.sign }
  const signed = sign(scheme, request, { ...setUp(vector), ...chosen })
  for (const name of removed) {
    if (own.foreign?.[name] === undefined) assert.equal(signed.headers[name], vector.request.headers[name], name)
    else assert.notEqual(signed.headers[name], vector.request.headers[name], `${name} is no longer foreign: ${own.foreign[name]}`)
  }
  const origin = new URL(request.url).origin
  if (own.order === undefined) {
    assert.equal(origin + signed.target, new URL(vector.request.url).href, 'target')
    assert.equal(Buffer.from(signed.body).toString(), vector.request.body.toString(), 'body')
  } else {
    const sorted = (url) => [...new URL(url).searchParams].map(String).sort()
    assert.deepEqual(sorted(origin + signed.target), sorted(vector.request.url), own.order)
  }
  const sent = {
    method: request.method,
    url: origin + signed.target,
    headers: { ...request.headers, ...signed.headers },
    body: signed.body,
  }
  assert.deepEqual(judge(vector, sent, { ...setUp(vector), now: () => now }), { ok: true }, 'what we sign we accept')
}

function changedBodies(vector, binds) {
  const { body } = vector.request
  const accepted = []
  for (let i = 0; i < body.length; i += 1) {
    const changed = Buffer.from(body)
    changed[i] ^= 1
    if (judge(vector, { ...vector.request, body: changed }).ok) accepted.push(changed)
  }
  if (binds.body === 'octets') assert.deepEqual(accepted, [])
  for (const changed of binds.body === 'data' ? accepted : []) assert.deepEqual(dataOf(changed, vector), dataOf(body, vector))
  const longer = judge(vector, { ...vector.request, body: Buffer.concat([body, Buffer.from('0')]) })
  if (binds.body !== 'none') assert.equal(longer.ok, false)
  else if (body.length === 0) assert.equal(longer.code, 'ERR_HMAC_UNSIGNED_BODY')
}

/** What of a body counts for a scheme that signs its data and not its octets. */
function dataOf(body, { own, request }) {
  if (own.bound !== undefined) return own.bound.map((pointer) => at(body, pointer))
  if (request.headers['content-type'].includes('json')) return JSON.parse(body)
  return [...new URLSearchParams(body.toString())].sort()
}

function changedTargets(vector, binds) {
  const { method, url } = vector.request
  const [path, query = ''] = url.split('?')
  const changes = [
    [binds.method, { method: method === 'POST' ? 'PUT' : 'POST' }],
    [binds.path, { url: `${path}x${query && `?${query}`}` }],
    [binds.query, { url: `${path}?${query && `${query}&`}zz=1` }],
    [binds.query && query !== '', { url: `${path}?${query.slice(0, -1)}${query.endsWith('1') ? 2 : 1}` }],
  ]
  for (const [bound, change] of changes) {
    if (bound) assert.equal(judge(vector, { ...vector.request, ...change }).ok, false, JSON.stringify(change))
  }
}

/** A header that the scheme or the credentials name counts; one that it does not name is nobody's business. */
function changedHeaders(vector) {
  const { headers } = vector.request
  const words = `${namesIn(vector)} ${credentials(vector)}`.toLowerCase()
  for (const [name, value] of Object.entries(headers)) {
    if (
      !new RegExp(`(?<![a-z0-9-])${name}(?![a-z0-9-])`).test(words) ||
      vector.own.open?.[name] !== undefined ||
      vector.own.foreign?.[name] !== undefined
    )
      continue
    const changed = { ...vector.request, headers: { ...headers, [name]: otherText(value) } }
    assert.equal(judge(vector, changed, setUp(vector, vector.own.alone ?? vector.secrets)).ok, false, `${name}: ${otherText(value)}`)
    if (vector.scheme.signature.list !== undefined && value.includes(vector.mac)) continue
    const twice = { ...vector.request, headers: { ...headers, [name]: [value, otherText(value)] } }
    assert.equal(judge(vector, twice, setUp(vector, vector.own.alone ?? vector.secrets)).ok, false, `${name} twice`)
  }
}

/** The definition, with its params in place. */
function namesIn({ scheme, own }) {
  const params = { ...scheme.params, ...own.params }
  return JSON.stringify(scheme).replace(/\{param:(\w+)\}/g, (_, name) => params[name])
}

function credentials({ request: { headers } }) {
  return ['authorization', 'signature-input', 'signature', 'x-hook0-signature'].map((name) => headers[name] ?? '').join(' ')
}

/** A text of the same form with another last letter or digit. */
function otherText(text) {
  const last = text.search(/[A-Za-z0-9][^A-Za-z0-9]*$/)
  return text.slice(0, last) + otherCharacter(text[last]) + text.slice(last + 1)
}

/** A secret that decodes as the right one does, and is another behind its prefix. */
function otherSecret(secret) {
  const behind = Math.floor(secret.length * 0.7)
  const i = behind + secret.slice(behind).search(/[A-Za-z0-9]/)
  return secret.slice(0, i) + otherCharacter(secret[i]) + secret.slice(i + 1)
}

function otherCharacter(c) {
  if (c === '9' || c === 'z' || c === 'Z' || c === 'f' || c === 'F') return String.fromCharCode(c.charCodeAt(0) - 1)
  return String.fromCharCode(c.charCodeAt(0) + 1)
}

function recased(text) {
  return text.replace(/[A-Za-z]/g, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()))
}

/** The request with another text wherever one stands: in a field, the query or the body. */
function replaced({ method, url, headers, body }, from, to) {
  return {
    method,
    url: url.replace(from, to),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(from, to)])),
    body: Buffer.from(body.toString('latin1').replace(from, to), 'latin1'),
  }
}
