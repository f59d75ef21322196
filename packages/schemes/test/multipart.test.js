import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { dropboxSign, scheme, verify } from '@countersign/schemes'
import fc from 'fast-check'
import { vectors } from '../../../test/vectors/vectors.js'

// What the vendor's SDK accepts; the real delivery has this JSON in the field `json` of a multipart form.
const { request, secrets } = vectors.find(({ id }) => id === 'dropbox-sign-sdk')
const JSON_TEXT = Buffer.from(request.body).toString()
const MULTIPART = 'multipart/form-data; boundary=b0'
const part = (content = JSON_TEXT, head = 'Content-Disposition: form-data; name="json"') => `--b0\r\n${head}\r\n\r\n${content}\r\n`
const form = (...parts) => `${parts.join('')}--b0--\r\n`

function verdict(body, type = MULTIPART, definition = dropboxSign) {
  const delivery = { method: 'POST', url: 'https://api.example.test/hooks', headers: { 'content-type': type }, body: Buffer.from(body) }
  const result = verify(definition, delivery, { secret: secrets[0], allowWeakSecret: true })
  return result.ok ? true : result.code
}

test('Dropbox Sign: JSON in a multipart form, as senders write it, and as the body itself', async () => {
  assert.equal(verdict(JSON_TEXT, 'application/json'), true)
  assert.equal(verdict(form(part())), true)
  // As Guzzle and Apache HttpClient add to it.
  const disposition = 'content-disposition: form-data; name="json"'
  assert.equal(verdict(form(part(JSON_TEXT, `${disposition}\r\nContent-Length: ${JSON_TEXT.length}`))), true)
  const strict = 'Content-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit'
  assert.equal(verdict(form(part(JSON_TEXT, `${disposition}\r\n${strict}`)), 'Multipart/Form-Data; boundary="b0"; charset=utf-8'), true)
  const ofNode = new FormData()
  ofNode.set('json', JSON_TEXT)
  ofNode.set('file', new Blob(['%PDF']), 'contract.pdf')
  const sent = new Response(ofNode)
  assert.equal(verdict(await sent.clone().arrayBuffer(), sent.headers.get('content-type')), true)
})

test('JSON in a field of an urlencoded form', () => {
  const urlencoded = new URLSearchParams({ json: JSON_TEXT, other: 'x' }).toString()
  assert.equal(verdict(urlencoded, 'application/x-www-form-urlencoded'), true)
  assert.equal(verdict(`${urlencoded}&json=1`, 'application/x-www-form-urlencoded'), 'ERR_HMAC_DUPLICATED')
  assert.equal(verdict('other=x', 'application/x-www-form-urlencoded'), 'ERR_HMAC_MALFORMED')
})

test('a form of which a parser of nested names puts something beside the field is refused', () => {
  const urlencoded = new URLSearchParams({ json: JSON_TEXT }).toString()
  for (const beside of ['json[]=1', 'json[event]=1', '[json]=1', '[json][event]=1', 'json%5Bevent%5D=1', 'json[=1', 'json[%ff]=1'])
    for (const body of [`${beside}&${urlencoded}`, `${urlencoded}&${beside}`])
      assert.equal(verdict(body, 'application/x-www-form-urlencoded'), 'ERR_HMAC_DUPLICATED', body.slice(0, 20))
  for (const beside of ['other[json]=1', 'jsonp[]=1', '[]json=1', 'json]=1'])
    assert.equal(verdict(`${urlencoded}&${beside}`, 'application/x-www-form-urlencoded'), true, beside)
})

test('what is signed in the form is bound', () => {
  const forged = JSON_TEXT.replace('signature_request_sent', 'signature_request_all_signed')
  assert.equal(verdict(form(part(forged))), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(form(part(JSON_TEXT.replace(/"event_hash":"../, '"event_hash":"00')))), 'ERR_HMAC_MISMATCH')
  assert.equal(verdict(form(part('{"event":{}}'))), 'ERR_HMAC_MISSING')
  assert.equal(verdict(form(part('no JSON'))), 'ERR_HMAC_MALFORMED')
})

test('a form that parsers read in different ways is refused', () => {
  const other = part('{}', 'Content-Disposition: form-data; name="other"')
  const named = (name, more = '') => part(JSON_TEXT, `Content-Disposition: form-data; name=${name}${more}`)
  const cases = [
    ['no field of the name', form(other)],
    ['the name in other letters', form(named('"JSON"'))],
    ['a field and one in other letters', form(part(), named('"Json"')), 'ERR_HMAC_DUPLICATED'],
    ['a field twice', form(part(), part()), 'ERR_HMAC_DUPLICATED'],
    ['a field, and behind it one that multer adds to it', form(part(), named('"json[]"'))],
    ['a field, and in front of it one that multer adds to it', form(named('"json[0]"'), part())],
    ['a field, and a member of it', form(part(), named('"json[event]"'))],
    ['a field and a file', form(part(), named('"json"', '; filename="j.json"\r\nContent-Type: text/plain')), 'ERR_HMAC_DUPLICATED'],
    ['a file', form(named('"json"', '; filename="j.json"\r\nContent-Type: text/plain'))],
    ['a file, RFC 5987', form(named('"json"', "; filename*=utf-8''j.json\r\nContent-Type: text/plain"))],
    ['a name without quotes', form(named('json'))],
    ['an escape in the name', form(named('"j\\son"'))],
    ['a percent escape in the name', form(named('"%6Ason"'))],
    ['a second parameter name', form(named('"json"', '; name="other"'))],
    ['no Content-Disposition', form(part(JSON_TEXT, 'Content-Type: text/plain'))],
    [
      'two Content-Dispositions',
      form(part(JSON_TEXT, 'Content-Disposition: form-data; name="json"\r\nContent-Disposition: form-data; name="x"')),
    ],
    ['attachment', form(part(JSON_TEXT, 'Content-Disposition: attachment; name="json"'))],
    ['a folded line', form(part(JSON_TEXT, 'Content-Disposition: form-data;\r\n name="json"'))],
    ['another head', form(part(JSON_TEXT, 'Content-Disposition: form-data; name="json"\r\nX-Other: 1'))],
    [
      'base64',
      form(
        part(Buffer.from(JSON_TEXT).toString('base64'), 'Content-Disposition: form-data; name="json"\r\nContent-Transfer-Encoding: base64'),
      ),
    ],
    ['another charset', form(part(JSON_TEXT, 'Content-Disposition: form-data; name="json"\r\nContent-Type: text/plain; charset=utf-16le'))],
    [
      'Latin-1 beyond ASCII',
      form(
        part(
          JSON_TEXT.replace('}', ',"n":"\u00e9"}'),
          'Content-Disposition: form-data; name="json"\r\nContent-Type: text/plain; charset=iso-8859-1',
        ),
      ),
    ],
    ['a bare LF in the head', form(part(JSON_TEXT, 'Content-Disposition: form-data; name="json"\nContent-Type: text/plain'))],
    ['text in front of the boundary', `preamble\r\n${form(part())}`],
    ['text behind the last boundary', `${form(part())}${part()}`],
    ['no last boundary', part()],
    ['a boundary that goes on', form(part()).replaceAll('--b0', '--b01')],
    ['a blank behind a boundary', form(part()).replace('--b0\r\n', '--b0 \r\n')],
    ['bare LF', form(part()).replaceAll('\r\n', '\n')],
    ['no blank line', '--b0\r\nContent-Disposition: form-data; name="json"\r\n--b0--\r\n'],
    ['an empty form', '--b0--\r\n'],
    ['101 parts', form(...Array(100).fill(other), part())],
    ['octets that are no UTF-8', Buffer.from(form(part(`${JSON_TEXT}\u00ff`)), 'latin1')],
  ]
  for (const [what, body, code = 'ERR_HMAC_MALFORMED'] of cases) assert.equal(verdict(body), code, what)
  for (const type of [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary=b0; boundary=b0',
    'multipart/form-data; boundary=b1',
    'multipart/form-data; boundary="b0',
    'multipart/mixed; boundary=b0',
  ]) {
    assert.equal(verdict(form(part()), type), 'ERR_HMAC_MALFORMED', type)
  }
})

test('why a multipart body is refused', () => {
  const reason = (body, type = MULTIPART) => {
    const delivery = { method: 'POST', url: 'https://api.example.test/hooks', headers: { 'content-type': type }, body: Buffer.from(body) }
    const result = verify(dropboxSign, delivery, { secret: secrets[0], allowWeakSecret: true })
    return result.ok ? true : result.reason
  }
  const plain = 'Content-Disposition: form-data; name="json"'
  const headed = (...lines) => form(part(JSON_TEXT, [plain, ...lines].join('\r\n')))
  const other = part('{}', 'Content-Disposition: form-data; name="other"')
  const NOT_PLAIN = 'the multipart body has a part that is not plainly named'
  const NOT_BOUNDARY = 'the multipart body is not what its boundary says'
  for (const [what, body, expected] of [
    ['a field twice', form(part(), part()), 'the form field json stands more than once'],
    [
      'other letters',
      form(part(JSON_TEXT, 'Content-Disposition: form-data; name="JSON"')),
      'the multipart body names the field json in another way',
    ],
    ['other octets in place of the first two', `xx${form(part()).slice(2)}`, 'the multipart body does not begin with its boundary'],
    ['another boundary', form(part()).replaceAll('--b0', '--b1'), 'the multipart body does not begin with its boundary'],
    ['no last boundary', part(), NOT_BOUNDARY],
    ['a last boundary that goes on', form(part()).replace('--b0--', '--b0xx'), NOT_BOUNDARY],
    ['a last boundary that goes on, and nothing else', form(part()).replace('--b0--\r\n', '--b0xx'), NOT_BOUNDARY],
    ['101 parts', form(...Array(100).fill(other), part()), NOT_BOUNDARY],
    ['100 parts', form(...Array(99).fill(other), part()), true],
    ['something behind it', `${form(part())}x`, 'the multipart body goes on behind its last boundary'],
    ['nothing behind it', form(part()).slice(0, -2), true],
    [
      'no blank line',
      '--b0\r\nContent-Disposition: form-data; name="json"\r\n--b0--\r\n',
      'the multipart body has a part without a blank line',
    ],
    ['no disposition', form(part(JSON_TEXT, 'Content-Type: text/plain')), NOT_PLAIN],
    ['an encoding', headed('Content-Transfer-Encoding: base64'), NOT_PLAIN],
    ['an encoding that ends like none', headed('Content-Transfer-Encoding: x7bit'), NOT_PLAIN],
    ['an encoding that begins like none', headed('content-transfer-encoding: 7bitx'), NOT_PLAIN],
    ['no encoding', headed('content-transfer-encoding: BINARY'), true],
    ['a type without blank', headed('Content-Type:text/plain'), true],
    ['a line that ends like one of these', headed('x-content-type: text/plain'), NOT_PLAIN],
    ['a bare line feed', headed('Content-Type: text/plain\nx: y'), NOT_PLAIN],
    ['an empty line of the head', form(part(JSON_TEXT, `\r\n${plain}`)), NOT_PLAIN],
  ])
    assert.equal(reason(body), expected, what)
  for (const type of ['multipart/form-data', 'multipart/form-data; boundary=b0; boundary=b0'])
    assert.equal(reason(form(part()), type), 'the multipart body names no boundary, or more than one', type)
})

test('S07, S19: no octets are anything but a verdict, and many boundaries take linear time', () => {
  const pieces = fc.constantFrom(
    '--b0',
    '--',
    '\r\n',
    '\r\n\r\n',
    'Content-Disposition: form-data; name="json"',
    JSON_TEXT,
    '"',
    ';',
    '\u00e9',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (list) => {
      assert.match(String(verdict(list.join(''))), /^(?:true|ERR_HMAC_(?:MISSING|MALFORMED|DUPLICATED))$/)
    }),
    { seed: 7578, numRuns: 2000 },
  )
  assert.equal(verdict('--b0\r\n'.repeat(150_000)), 'ERR_HMAC_MALFORMED')
  assert.equal(verdict(form(part(`${' '.repeat(1_000_000)}x`))), 'ERR_HMAC_MALFORMED')
})

test('jsonField: what else the form holds is unsigned, and the definition has to say so', () => {
  const definition = { name: 'in-a-form', jsonField: 'payload', signature: { header: 'x-signature' }, message: '{json:/id}' }
  assert.throws(() => scheme(definition), /jsonField: leaves the other fields of a form unsigned; say in "allowUnboundBody" why/)
  const own = scheme({ ...definition, allowUnboundBody: 'the vendor signs the id alone' })
  const signature = createHmac('sha256', 'a-secret-of-the-tests-0123456789').update('7').digest('hex')
  const body = Buffer.from('payload=%7B%22id%22%3A7%7D')
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-signature': signature }
  const delivery = { method: 'POST', url: 'https://api.example.test/', headers, body }
  assert.equal(verify(own, delivery, { secret: 'a-secret-of-the-tests-0123456789' }).ok, true)
  for (const jsonField of ['', 7, null]) assert.throws(() => scheme({ ...definition, jsonField }), /jsonField/)
})
