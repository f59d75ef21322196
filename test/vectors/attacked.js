import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'

/** The clock of a scheme whose page gives none: 2026-01-15T12:00:00Z. */
export const NOW = 1768478400000
export const KEY = 'top-secret-key-0123'
export const NONE = new Uint8Array()
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
export const BODY = '{"id":"evt_1","amount":10.5}'

export const hmac = (hash, key, message, encoding = 'hex') => createHmac(hash, key).update(message).digest(encoding)
export const digest = (hash, message, encoding = 'hex') => createHash(hash).update(message).digest(encoding)

/** The clock as requests carry it, an id for those that have one, and who is asked. */
export const MS = String(NOW)
export const SECONDS = MS.slice(0, 10)
export const UUID = '8f14e45f-ceea-4672-a2b1-0c1f2d3e4b5a'
export const ORIGIN = 'https://api.example.com'

/** A GET of a path; a form in place of the JSON. */
export const get = (url, headers = {}) => ({ method: 'GET', url: `${ORIGIN}${url}`, headers, body: NONE })
export const form = (body) => ({ headers: FORM, body })

/** What a scheme that is no HMAC says of itself. */
export const PLAIN = { construction: 'hash', insecure: 'a plain hash' }
/** What is open where only members of the body are signed; of a form, whose Content-Type is not. */
export const UNSIGNED = 'content-type method path query'
export const FORM_ALONE = 'method path query'
/** For requests without a body of which neither method nor path is signed. */
export const NO_BODY = { checks: { allowEmptyBody: true } }

const DAY = 86_400_000

/**
 * Signs a request with a user's scheme and looks for what its vendor makes of the same request; then verifies it, and refuses it with
 * another secret, behind its time, and with one character changed of everything but what `open` names (`method`, `path`, `query`, `body`,
 * a header), of which one changed character is let in.
 *
 * @param expected - what has to stand in the request that is sent
 */
export function holds(name, definition, expected, options = {}) {
  const { request = {}, secret = KEY, keyId, now = NOW, set = {}, use = {}, open = '', dated = true, checks = {} } = options
  test(`${name}: signs as its page says, verifies, and refuses what was changed`, () => {
    const own = scheme(JSON.parse(JSON.stringify({ name, ...definition })))
    const asked = {
      method: 'POST',
      url: `${ORIGIN}/v1/orders?b=2&a=1`,
      headers: { 'content-type': 'application/json' },
      body: BODY,
      ...request,
    }
    asked.body = Buffer.from(asked.body)
    const setUp = { now: () => now, allowWeakSecret: true, allowInsecureScheme: true, ...set }
    const under = (text) => (keyId === undefined ? text : [{ id: keyId, secret: text }])
    const signed = sign(own, asked, { ...setUp, secret: under(secret), ...use })
    const sent = JSON.stringify([signed.headers, signed.target, decodeURIComponent(signed.target), Buffer.from(signed.body).toString()])
    const spelt = [expected, JSON.stringify(expected).slice(1, -1), encodeURIComponent(expected)]
    assert.ok(
      spelt.some((text) => sent.includes(text)),
      `${expected} is not in ${sent}; signed was ${JSON.stringify(signed.message.toString())}`,
    )
    const arrived = {
      method: asked.method,
      url: new URL(asked.url).origin + signed.target,
      headers: { ...asked.headers, ...signed.headers },
      body: Buffer.from(signed.body),
    }
    const check = (changed = {}, more = {}) =>
      verify(own, { ...arrived, ...changed }, { ...setUp, ...checks, secret: under(secret), ...more }).ok
    assert.equal(check(), true, verify(own, arrived, { ...setUp, ...checks, secret: under(secret) }).reason)
    assert.equal(check({}, { secret: under(other(secret)) }), false, 'another secret')
    assert.equal(check({}, { now: () => now + 8 * DAY }), !dated, 'eight days later')
    const loud = Object.entries(arrived.headers)
      .reverse()
      .map(([field, value]) => [field.toUpperCase(), value])
    assert.equal(check({ headers: [['X-Unrelated', '1'], ...loud].flat() }), true, 'its fields the other way round, in capitals')
    const otherWay = (later) => verify(reversed(own), arrived, { ...setUp, ...checks, secret: under(secret), now: () => now + later })
    assert.equal(otherWay(0).ok, true, `its members the other way round: ${otherWay(0).reason}`)
    assert.equal(otherWay(8 * DAY).ok, !dated, 'its members the other way round, eight days later')
    assert.deepEqual([...opened(arrived, check)].sort(), open.split(' ').filter(Boolean).sort(), 'what one changed character is let in of')
  })
}

/** A definition whose objects name their members from the last to the first, which says the same. */
export function reversed(value) {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}

function other(secret) {
  return (secret[0] === 'A' ? 'B' : 'A') + secret.slice(1)
}

/** The parts of a request of which one changed character is let in. */
function opened(arrived, check) {
  const found = new Set()
  const { origin } = new URL(arrived.url)
  const target = arrived.url.slice(origin.length)
  const mark = target.includes('?') ? target.indexOf('?') : target.length
  for (const [at, changed] of changes(target)) if (check({ url: origin + changed })) found.add(at < mark ? 'path' : 'query')
  for (const [field, value] of Object.entries(arrived.headers)) {
    for (const [, changed] of changes(value)) if (check({ headers: { ...arrived.headers, [field]: changed } })) found.add(field)
  }
  for (let at = 0; at < arrived.body.length; at += 1) {
    const body = Buffer.from(arrived.body)
    body[at] ^= 1
    if (check({ body })) found.add('body')
  }
  if (check({ method: arrived.method === 'PUT' ? 'POST' : 'PUT' })) found.add('method')
  return found
}

/** The text with one letter or digit changed, each in its turn. */
function* changes(text) {
  for (let at = 0; at < text.length; at += 1) {
    if (!/[A-Za-z0-9]/.test(text[at])) continue
    const c = { a: 'b', A: 'B', 1: '2' }[text[at]] ?? (/[a-z]/.test(text[at]) ? 'a' : /[A-Z]/.test(text[at]) ? 'A' : '1')
    yield [at, text.slice(0, at) + c + text.slice(at + 1)]
  }
}
