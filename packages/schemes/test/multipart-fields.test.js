import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'
import fc from 'fast-check'

// documentation.mailgun.com, routes: timestamp, token and signature are fields of a form, which is multipart where there are attachments.
const ROUTES = scheme({
  name: 'mailgun-routes',
  signature: { form: 'signature' },
  timestamp: { form: 'timestamp', unit: 'seconds' },
  nonce: { form: 'token' },
  message: '{timestamp}{nonce}',
  allowUnboundBody: 'the vendor signs the time and the token alone',
})
const KEY = 'key-3ax6xnjp29jd6fds4gc373sgvjxteol0'
const TOKEN = 'b6d3f4c1e2a59087b6d3f4c1e2a59087b6d3f4c1e2a5908712'
const MAC = createHmac('sha256', KEY).update(`1768478400${TOKEN}`).digest('hex')
const FIELDS = { timestamp: '1768478400', token: TOKEN, signature: MAC }
const TYPE = 'multipart/form-data; boundary=b0'
const setUp = { secret: KEY, now: () => 1768478400000 }
const field = (name, value, more = '') => `--b0\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
const FILE = '; filename="a"\r\nContent-Type: text/plain'
const form = (fields, more = '') =>
  `${Object.entries(fields)
    .map(([name, value]) => field(name, value))
    .join('')}${more}--b0--\r\n`
const request = (body, type = TYPE) => ({
  method: 'POST',
  url: 'https://api.example.com/in',
  headers: { 'content-type': type },
  body: Buffer.from(body),
})
const verdict = (body, type, own = ROUTES) => {
  const result = verify(own, request(body, type), setUp)
  return result.ok || result.code
}

test('fields of a multipart form are read as those of an urlencoded one', async () => {
  assert.equal(verdict(new URLSearchParams(FIELDS).toString(), 'application/x-www-form-urlencoded'), true)
  assert.equal(verdict(form(FIELDS)), true)
  const data = new FormData()
  for (const [name, value] of Object.entries({ From: 'a@b.c', from: 'A', subject: '50 % "off" + 1 & more\u00e9', ...FIELDS }))
    data.set(name, value)
  data.set('attachment-1', new Blob([Buffer.from([0xff, 0x0d, 0x0a])], { type: 'text/csv; charset=iso-8859-1' }), 'a.csv')
  data.append('attachment-1', new Blob(['x']), 'b.csv')
  const sent = new Response(data)
  assert.equal(verdict(Buffer.from(await sent.clone().arrayBuffer()), sent.headers.get('content-type')), true)
})

test('what parsers could take for another value of a field is refused', () => {
  const { signature, ...rest } = FIELDS
  for (const [body, code] of [
    [form({ ...FIELDS, signature: MAC.replace(/^./, (c) => (c === '0' ? '1' : '0')) }), 'ERR_HMAC_MISMATCH'],
    [form({ ...FIELDS, token: `${TOKEN}0` }), 'ERR_HMAC_MISMATCH'],
    [form(rest), 'ERR_HMAC_MISSING'],
    [form(FIELDS, field('token', 'x')), 'ERR_HMAC_DUPLICATED'],
    [form(FIELDS, field('token[]', 'x')), 'ERR_HMAC_DUPLICATED'],
    [form(FIELDS, field('[token]', 'x')), 'ERR_HMAC_DUPLICATED'],
    [form(FIELDS, field('token', 'x', FILE)), 'ERR_HMAC_MALFORMED'],
    [form(FIELDS, field('Token', 'x', FILE)), 'ERR_HMAC_MALFORMED'],
    [form(FIELDS, field('token[0]', 'x', FILE)), 'ERR_HMAC_MALFORMED'],
    [form(rest, field('signature', signature, FILE)), 'ERR_HMAC_MISSING'],
    [form(FIELDS, field('to%6ben', 'x')), 'ERR_HMAC_MALFORMED'],
    [
      form(FIELDS, `--b0\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nx\r\n`),
      'ERR_HMAC_MALFORMED',
    ],
    [
      form(FIELDS, `--b0\r\nContent-Disposition: form-data; name="a"; filename="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n`),
      'ERR_HMAC_MALFORMED',
    ],
    [`x${form(FIELDS)}`, 'ERR_HMAC_MALFORMED'],
    [`${form(FIELDS)}x`, 'ERR_HMAC_MALFORMED'],
  ])
    assert.equal(verdict(body), code, body)
})

// busboy (multer) takes for files what has a filename that is not empty, and octets; formidable (koa-body) whatever has a Content-Type.
test('a part that is a file to one parser and a field to another is refused', () => {
  const own = scheme({
    name: 'all',
    signature: { header: 'x-s' },
    message: { each: 'form', item: '{name|encode}={value|encode}', join: '&' },
    allowUnboundBody: 'files',
  })
  const part = (head) => `--b0\r\nContent-Disposition: form-data; ${head}\r\n\r\nadmin\r\n`
  const verdictOf = (body) => {
    const headers = { 'content-type': TYPE, 'x-s': createHmac('sha256', KEY).update('a=1').digest('hex') }
    const { ok, code } = verify(own, { ...request(body), headers }, setUp)
    return ok || code
  }
  const octets = 'Content-Type: application/octet-stream'
  for (const head of [
    'name="role"; filename="a.csv"\r\nContent-Type: text/csv',
    `name="role"; filename="a \\"b\\".bin"; filename*=utf-8''a.bin\r\n${octets}`,
    `name="role"; filename*=utf-8''a.bin\r\n${octets}`,
    `name="role"; filename=""\r\n${octets}`,
  ])
    assert.equal(verdictOf(`${field('a', '1')}${part(head)}--b0--\r\n`), true, head)
  for (const head of [
    'name="role"; filename=""',
    'name="role"; filename=""\r\nContent-Type: text/plain',
    'name="role"; filename=""\r\nContent-Type: application/octet-stream; x',
    'name="role"; filename="a.csv"',
    'name="role"; filename="a.csv"\r\nContent-Type: ',
    'name="role"; filename=""; name="a"\r\nContent-Type: text/plain',
    'name="role"; filename="a.csv"; name="a"\r\nContent-Type: text/csv',
    'name="role"; filename=\r\nContent-Type: text/csv',
    'name="role"; filename*=\r\nContent-Type: text/csv',
    `name="role"; filename*=utf-8''\r\nContent-Type: text/csv`,
  ])
    assert.equal(verdictOf(`${field('a', '1')}${part(head)}--b0--\r\n`), 'ERR_HMAC_MALFORMED', head)
  const encoded = (value) =>
    `--b0\r\nContent-Disposition: form-data; name="${value}"\r\nContent-Transfer-Encoding: binary\r\n\r\n${value}\r\n--b0--\r\n`
  assert.equal(verdictOf(encoded('b')), 'ERR_HMAC_MISMATCH')
  assert.equal(verdictOf(encoded('\u00e9')), 'ERR_HMAC_MALFORMED')
  const typed = (...types) => `${field('a', '1').replace('\r\n\r\n', `${types.map((type) => `\r\n${type}`).join('')}\r\n\r\n`)}--b0--\r\n`
  assert.equal(verdictOf(typed('Content-Type: text/plain; charset=utf-8')), true)
  for (const types of [
    [octets],
    [`${octets}; x=y`],
    ['Content-Type: text/plain', octets],
    ['Content-Type: text/plain', 'Content-Type: text/csv'],
  ])
    assert.equal(verdictOf(typed(...types)), 'ERR_HMAC_MALFORMED', types.join())
})

test('a scheme that signs the form is given no multipart one, since files are not signed', () => {
  const { allowUnboundBody: _why, ...rest } = ROUTES
  const all = { ...rest, message: { each: 'form', sort: 'name', item: '{name}={value}', join: '&' }, ambiguous: 'x' }
  const result = verify(scheme(all), request(form(FIELDS)), setUp)
  assert.equal(result.code, 'ERR_HMAC_MISSING')
  const header = scheme({ ...all, signature: { header: 'x-s' }, timestamp: undefined, nonce: undefined })
  const asked = request(form(FIELDS))
  const { code, reason } = verify(header, { ...asked, headers: { ...asked.headers, 'x-s': MAC } }, setUp)
  assert.equal(code, 'ERR_HMAC_UNSIGNED_BODY')
  assert.match(reason, /a multipart one, of which files are not signed; say so in "allowUnboundBody"/)
  assert.throws(() => sign(scheme(all), request(form({ a: '1' })), setUp), /stands in a form, and this body is none/)
})

test('our signer adds fields at the end, and keeps those that are there', () => {
  const { signature: _mac, ...rest } = FIELDS
  for (const end of ['--b0--\r\n', '--b0--']) {
    const body = form({ subject: 'a' }).replace('--b0--\r\n', end)
    const sent = sign(ROUTES, request(body), { ...setUp, nonce: TOKEN })
    assert.equal(Buffer.from(sent.body).toString(), form({ subject: 'a', ...rest, signature: MAC }).replace('--b0--\r\n', end))
    assert.equal(verdict(sent.body), true)
  }
  const there = sign(ROUTES, request(form({ ...rest, subject: 'a' })), { ...setUp, nonce: TOKEN })
  assert.equal(Buffer.from(there.body).toString(), form({ ...rest, subject: 'a', signature: MAC }))
  assert.throws(
    () => sign(ROUTES, request(form({ token: 'other' })), { ...setUp, nonce: TOKEN }),
    /has another value for the field token already/,
  )
})

test('every text of a field comes back as it was sent, and any change of one is noticed', () => {
  const own = scheme({
    name: 'all',
    signature: { header: 'x-s' },
    message: { each: 'form', item: '{name|encode}={value|encode}', join: '&' },
    allowUnboundBody: 'files',
  })
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '%', '+', '&', '=', ' ', '\n', '-', '\u00e9', ';'), maxLength: 6 })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c d', 'e&f=g', '+'), text), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      text,
      (pairs, at, other) => {
        const bodyOf = (list) => `${list.map(([name, value]) => field(name, value)).join('')}--b0--\r\n`
        const message = pairs.map((pair) => pair.map((one) => encodeURIComponent(one)).join('=')).join('&')
        const headers = { 'content-type': TYPE, 'x-s': createHmac('sha256', KEY).update(message).digest('hex') }
        const check = (list) => verify(own, { ...request(bodyOf(list)), headers }, setUp).ok
        assert.equal(check(pairs), true)
        const changed = pairs.map(([name, value], i) => (i === at % pairs.length ? [name, other] : [name, value]))
        assert.equal(check(changed), changed[at % pairs.length][1] === pairs[at % pairs.length][1])
      },
    ),
    { seed: 5, numRuns: 300 },
  )
})
