import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { hawk, scheme, sign, verify } from '@countersign/schemes'

// The example of the Hawk documentation (API.md).
const secret = 'werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn'
const NOW = 1_353_832_234
const BODY = 'Thank you for flying Hawk'
const HASH = 'Yi9LfIIFRtBEPt74PVmbTF/xVAwPn7ub15ePICfgnuY='

const setUp = { secret, now: () => NOW * 1000 }
const result = (request, options) => verify(hawk, request, { ...setUp, ...options })
function verdict(request, options) {
  const found = result(request, options)
  return found.ok ? true : found.code
}

/** A request whose MAC is made here, over the lines that Hawk's documentation says. */
function asked(given = {}) {
  const all = { ts: NOW, nonce: 'j4h3g2', hash: HASH, ext: 'some-app-ext-data', body: BODY, type: 'text/plain', method: 'POST', ...given }
  const { ts, nonce, hash, ext, app, dlg, body, type, method, key = secret, host = 'example.com:8000', url = '/resource/1?b=1&a=2' } = all
  const [name, port = '80'] = host.toLowerCase().split(':')
  const lines = ['hawk.1.header', ts, nonce, method, url, name, port, hash ?? '', ext ?? '', ...(app === undefined ? [] : [app, dlg ?? ''])]
  const mac = createHmac('sha256', key)
    .update(`${lines.join('\n')}\n`)
    .digest('base64')
  const attributes = Object.entries({ id: 'dh37fgj492je', ts, nonce, hash, ext, mac, app, dlg }).filter(([, value]) => value !== undefined)
  const authorization = `Hawk ${attributes.map(([attribute, value]) => `${attribute}="${value}"`).join(', ')}`
  return { method, url, headers: { host, 'content-type': type, authorization }, body: Buffer.from(body) }
}

const payload = (type, body) => createHash('sha256').update(`hawk.1.payload\n${type}\n${body}\n`).digest('base64')

describe('what is signed', () => {
  test('the published example', () => {
    assert.match(asked().headers.authorization, /mac="aSe1DERmZuRl3pI36\/9BdZmnErTw3sNzOOAUlfeKjVw="/)
    assert.equal(verdict(asked()), true)
  })
  test('one octet of anything', () => {
    const good = asked()
    assert.equal(verdict({ ...good, url: '/resource/1?b=1&a=3' }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict({ ...good, method: 'PUT' }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict({ ...good, headers: { ...good.headers, host: 'example.com:8001' } }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict({ ...good, headers: { ...good.headers, host: 'example.org:8000' } }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict({ ...good, body: Buffer.from(`${BODY}.`) }), 'ERR_HMAC_DIGEST')
    assert.equal(verdict({ ...good, headers: { ...good.headers, 'content-type': 'text/html' } }), 'ERR_HMAC_DIGEST')
    for (const [from, to] of [
      ['1353832234', '1353832235'],
      ['j4h3g2', 'j4h3g3'],
      ['ext-data', 'ext-datb'],
    ]) {
      const authorization = good.headers.authorization.replace(from, to)
      assert.equal(verdict({ ...good, headers: { ...good.headers, authorization } }), 'ERR_HMAC_MISMATCH', from)
    }
    assert.equal(verdict(good, { secret: `${secret}x` }), 'ERR_HMAC_MISMATCH')
  })
  test('a request with a body has to carry its hash', () => {
    assert.equal(verdict(asked({ hash: undefined })), 'ERR_HMAC_INCOMPLETE')
    assert.equal(verdict(asked({ hash: undefined, body: '', method: 'GET' })), true)
    assert.equal(verdict(asked({ body: '', hash: payload('text/plain', '') })), true)
    assert.equal(verdict(asked({ body: '' })), 'ERR_HMAC_DIGEST')
  })
  test('of the content type only the media type counts, lower case', () => {
    assert.equal(verdict(asked({ type: 'Text/Plain ; charset=utf-8' })), true)
  })
  test('an application, and who it acts for', () => {
    assert.equal(verdict(asked({ app: 'app-1', dlg: 'dlg-1' })), true)
    assert.equal(verdict(asked({ app: 'app-1' })), true)
    assert.equal(verdict(asked({ dlg: 'dlg-1' })), true, 'without an application nobody acts for it: Hawk leaves dlg out of the MAC')
    const good = asked({ app: 'app-1', dlg: 'dlg-1' })
    for (const [from, to] of [
      ['app-1', 'app-2'],
      ['dlg-1', 'dlg-2'],
      [', app="app-1"', ''],
      [', dlg="dlg-1"', ''],
    ]) {
      const authorization = good.headers.authorization.replace(from, to)
      assert.equal(verdict({ ...good, headers: { ...good.headers, authorization } }), 'ERR_HMAC_MISMATCH', from)
    }
  })
  test('a param asks for exactly one application', () => {
    assert.equal(verdict(asked({ app: 'app-1' }), { params: { app: 'app-1' } }), true)
    assert.equal(verdict(asked({ app: 'app-2' }), { params: { app: 'app-1' } }), 'ERR_HMAC_DIGEST')
    assert.equal(verdict(asked(), { params: { app: 'app-1' } }), 'ERR_HMAC_INCOMPLETE')
  })
  test('the default port is that of the origin', () => {
    const given = { host: 'example.com', body: '', hash: undefined, method: 'GET' }
    assert.equal(verdict(asked(given)), true)
    assert.equal(verdict(asked(given), { publicOrigin: 'https://example.com' }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict(asked({ ...given, host: 'example.com:443' }), { publicOrigin: 'https://example.com' }), true)
  })
})

describe('attributes', () => {
  const of = (authorization) => verdict({ ...asked(), headers: { ...asked().headers, authorization } })
  const good = asked().headers.authorization
  test('in any order, with others beside them', () => {
    const parts = good.slice(5).split(', ')
    assert.equal(of(`hawk ${parts.reverse().join(',')}, x="y"`), true)
  })
  for (const [what, authorization] of [
    ['without mac', good.replace(/, mac="[^"]*"/, '')],
    ['without ts', good.replace(/ts="[^"]*", /, '')],
    ['without nonce', good.replace(/nonce="[^"]*", /, '')],
    ['without id', good.replace(/id="[^"]*", /, '')],
    ['mac twice', `${good}, mac="x"`],
    ['unclosed', good.slice(0, -1)],
    ['empty', 'Hawk '],
    ['nothing', 'Hawk'],
  ]) {
    test(`${what} is refused`, () => assert.match(String(of(authorization)), /^ERR_HMAC_(?:MALFORMED|MISSING)$/))
  }
})

describe("the server's clock", () => {
  const tsm = (seconds, key = secret) => createHmac('sha256', key).update(`hawk.1.ts\n${seconds}\n`).digest('base64')
  const at = (seconds, request = asked()) => result(request, { now: () => seconds * 1000 })

  test('P12: 60 seconds, both ways', () => {
    assert.equal(at(NOW + 60).ok, true)
    assert.equal(at(NOW + 61).code, 'ERR_HMAC_STALE')
    assert.equal(at(NOW - 61).code, 'ERR_HMAC_FUTURE')
  })
  test('is told to whose signature holds, under his own key', () => {
    for (const seconds of [NOW + 61, NOW - 61]) {
      const { headers } = at(seconds)
      assert.deepEqual(headers, { 'www-authenticate': `Hawk ts="${seconds}", tsm="${tsm(seconds)}", error="Stale timestamp"` })
    }
  })
  test('is told to nobody else', () => {
    const forged = at(NOW + 61, asked({ key: `${secret}x` }))
    assert.equal(forged.code, 'ERR_HMAC_MISMATCH')
    assert.equal(forged.headers, undefined)
    assert.equal(at(NOW + 61, { ...asked(), body: Buffer.from('other') }).headers, undefined)
    assert.equal(at(NOW, { ...asked(), headers: {} }).headers, undefined)
  })
  test("no message can hold it: a signature over our clock would be one over nothing of the sender's", () => {
    assert.throws(() => scheme({ name: 'acme', signature: { header: 'x-s' }, message: '{now}{body}' }), { message: /unknown part \{now\}/ })
  })
  test('what is told may run through pipes, and has no parts of its own but the time', () => {
    const at = (hint) => ({ ...hawk, timestamp: { ...hawk.timestamp, hint: { header: 'x-clock', ...hint } } })
    const late = (hint) => verify(scheme(at(hint)), asked(), { ...setUp, now: () => (NOW + 61) * 1000 }).headers
    assert.deepEqual(late({ text: 'a{now|append:;}', value: '{text|upper}/{now}' }), { 'x-clock': `A${NOW + 61};/${NOW + 61}` })
    assert.deepEqual(late({ text: '{body}', value: '{text|hex|first:2}' }), { 'x-clock': Buffer.from(BODY).toString('hex').slice(0, 2) })
    for (const [hint, expected] of [
      [{ text: '{nou}', value: '{now}' }, 'timestamp.hint.text: column 2: unknown part {nou}; did you mean {now}? in "{nou}"'],
      [{ text: '{now}', value: '{texd}' }, 'timestamp.hint.value: column 2: unknown part {texd}; did you mean {text}? in "{texd}"'],
      ...[
        { text: '{now}', value: '{secret|sha256|hex}' },
        { text: '{secret}', value: '{text}' },
      ].map((hint) => [hint, 'timestamp.hint: holds {secret}, which would be answered: use hmac, as in {text|hmac|hex}']),
      [{ text: '{now:x}', value: '{now}' }, 'timestamp.hint.text: column 2: unknown part {now:x}; did you mean {now}? in "{now:x}"'],
    ])
      assert.throws(() => scheme(at(hint)), { message: `scheme 'hawk': ${expected}` })
  })
  test('a header that is none does not compile', () => {
    const timestamp = { ...hawk.timestamp, hint: { ...hawk.timestamp.hint, header: 'a b' } }
    assert.throws(() => scheme({ ...hawk, timestamp }), { message: /timestamp\.hint\.header: "a b" is no field name/ })
  })
})

test('signing: time, nonce and hash, then it verifies', () => {
  const request = {
    method: 'POST',
    url: 'http://example.com:8000/resource/1?b=1&a=2',
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from(BODY),
  }
  const signed = sign(hawk, request, { ...setUp, keyId: 'dh37fgj492je', nonce: 'j4h3g2', params: { ext: 'some-app-ext-data' } })
  assert.equal(signed.headers.authorization, asked().headers.authorization)
  const delegated = sign(hawk, request, { ...setUp, keyId: 'k', fields: { app: 'app-1', dlg: 'dlg-1' } })
  assert.match(delegated.headers.authorization, /mac="[^"]+", app="app-1", dlg="dlg-1"$/)
  const sent = { ...request, headers: { ...request.headers, host: 'example.com:8000', ...delegated.headers } }
  assert.equal(verdict(sent), true)
})
