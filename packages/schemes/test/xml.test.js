import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { scheme, sign, verify } from '@countersign/schemes'
import fc from 'fast-check'

const now = () => 1768478400000
const SECRET = '192006250b4c09247ec02edce69f6a2d'
const HEADERS = { 'content-type': 'text/xml' }

/** pay.weixin.qq.com/wiki/doc/api, 4.3: the parameters, the key and both signatures of the page. */
const WECHAT = {
  name: 'wechat-pay-v2',
  signature: { xml: '/xml/sign', encoding: 'hex|upper' },
  nonce: { xml: '/xml/nonce_str' },
  define: { pairs: { each: 'xml', at: '/xml', skipEmpty: true, sort: 'name', item: '{name}={value}', join: '&' } },
  message: '{pairs}&key={secret}',
  ambiguous: 'values can hold & and =',
}
const PLAIN = { ...WECHAT, algorithm: 'md5', construction: 'hash', insecure: 'a plain MD5' }
const MD5 = '9A0A8659F005D6984697E2CA0A9CF3B7'
const HMAC = '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6'
const page = (sign, { body = 'test', more = '' } = {}) =>
  `<xml>\n<appid>wxd930ea5d5a258f4f</appid>\n<mch_id>10000100</mch_id>\n<device_info>1000</device_info>\n<body>${body}</body>${more}` +
  `\n<nonce_str>ibuaiVcKdpRxkhJA</nonce_str>\n<sign>${sign}</sign>\n</xml>\n`

const setUp = { secret: SECRET, now, allowInsecureScheme: true }
const known = new Map()
const compiled = (definition) => {
  const text = JSON.stringify(definition)
  if (!known.has(text)) known.set(text, scheme(JSON.parse(text)))
  return known.get(text)
}
const judged = (definition, body, headers = HEADERS) =>
  verify(compiled(definition), { method: 'POST', url: 'https://api.example.com/notify', headers, body: Buffer.from(body) }, setUp)
const signed = (definition, body, more = {}) =>
  sign(
    compiled(definition),
    { method: 'POST', url: 'https://api.example.com/notify', headers: HEADERS, body: Buffer.from(body) },
    { ...setUp, ...more },
  )

test('the published values of WeChat Pay hold, and those of another body do not', () => {
  assert.equal(judged(PLAIN, page(MD5)).ok, true)
  assert.equal(judged(WECHAT, page(HMAC)).ok, true)
  for (const same of [
    page(HMAC, { body: '<![CDATA[test]]>' }),
    page(`<![CDATA[${HMAC}]]>`),
    page(HMAC, { more: '<attach></attach><detail/>' }),
    `<?xml version="1.0" encoding="UTF-8"?>\r\n${page(HMAC)}`,
    page(HMAC).replaceAll('\n', '\r\n'),
    page(HMAC).replaceAll('</body>', '</body  >').replaceAll('<body>', '<body >'),
  ])
    assert.equal(judged(WECHAT, same).ok, true, same)
  for (const [other, code] of [
    [page(HMAC, { body: 'tesT' }), 'ERR_HMAC_MISMATCH'],
    [page(HMAC, { more: '<attach>x</attach>' }), 'ERR_HMAC_MISMATCH'],
    [page(HMAC).replaceAll('xml>', 'other>'), 'ERR_HMAC_MISSING'],
    [page(HMAC).replace('<device_info>1000</device_info>', ''), 'ERR_HMAC_MISMATCH'],
    ['', 'ERR_HMAC_MISSING'],
    ['{"xml":{"sign":"x"}}', 'ERR_HMAC_MALFORMED'],
  ])
    assert.equal(judged(WECHAT, other).code, code, other)
})

test('what parsers read in different ways is refused', () => {
  for (const [body, reason] of [
    [`\ufeff${page(HMAC)}`, /something else than a plain element/],
    [`<!DOCTYPE xml [<!ENTITY e "test">]>${page(HMAC, { body: '&e;' })}`, /plain element/],
    [page(HMAC, { body: '&e;' }), /a reference that is none/],
    [page(HMAC, { body: 'a & b' }), /a reference that is none/],
    [page(HMAC, { body: '&#116;est' }), /a reference that is none/],
    [page(HMAC, { body: '&#32;test' }), /a reference that is none/],
    ...['\u00a0', '\u3000', '\u2028', '\ufeff', '&#160;'].flatMap((blank) => [
      [page(HMAC, { body: `${blank}test` }), /blanks around/],
      [page(HMAC, { body: `test${blank}` }), /blanks around/],
    ]),
    ...['.', '-', ':', '/', '(', '%', '#', '=', '!', '~', '_'].map((c) => [
      page(HMAC, { body: `te&#${c.charCodeAt(0)};st` }),
      /a reference that is none/,
    ]),
    [page(HMAC, { body: 'test&#0;' }), /a reference that is none/],
    [page(HMAC, { body: 'test&#xd800;' }), /a reference that is none/],
    [page(HMAC, { body: 'test&#x110000;' }), /a reference that is none/],
    [page(HMAC, { body: 'te<!-- -->st' }), /text beside elements/],
    [page(HMAC, { body: '<!-- -->test' }), /plain element/],
    [page(HMAC, { more: '<!-- -->' }), /plain element/],
    [page(HMAC, { body: 'te<![CDATA[st]]>' }), /text beside elements/],
    [page(HMAC, { body: '<![CDATA[te]]>st' }), /does not close the element body/],
    [page(HMAC, { body: '<![CDATA[te]]><![CDATA[st]]>' }), /does not close the element body/],
    [page(HMAC, { body: ' test' }), /blanks around/],
    [page(HMAC, { body: 'test\n' }), /blanks around/],
    [page(HMAC, { body: 'te]]>st' }), /end of CDATA/],
    [page(HMAC, { body: 'te\rst' }), /carriage return/],
    [page(HMAC, { body: '<![CDATA[te\u0001st]]>' }), /characters that XML does not have/],
    [page(HMAC, { body: '<b>test</b>' }), /not elements of text alone/],
    [page(HMAC, { body: '<b>te</b>st' }), /text beside elements/],
    [page(HMAC, { more: '<body>test</body>' }), /more than once/],
    [page(HMAC, { more: '<Body>test</Body>' }), /more than once/],
    [page(HMAC, { more: '<a b="c"/>' }), /plain element/],
    [page(HMAC, { more: '<a xmlns="c">x</a>' }), /plain element/],
    [page(HMAC, { more: '<a:b>x</a:b>' }), /plain element/],
    [page(HMAC, { more: '<?php x ?>' }), /plain element/],
    [page(HMAC, { more: 'x' }), /text beside elements/],
    [page(HMAC, { more: '<a><![CDATA[x</a>' }), /does not end its CDATA/],
    [page(HMAC, { more: '<a>x</b>' }), /does not close the element a/],
    [page(HMAC, { more: '<a>x</aa>' }), /does not close the element a/],
    [`${page(HMAC)}<xml/>`, /goes on behind its root/],
    [`${page(HMAC)}x`, /goes on behind its root/],
    [`<?xml version="1.0" encoding="GBK"?>${page(HMAC)}`, /plain element/],
    [`<?xml version="1.1"?>${page(HMAC)}`, /plain element/],
    [page(HMAC).slice(0, -8), /plain element/],
    [page(HMAC).slice(0, -3), /does not close the element xml/],
    ['<xml>'.repeat(30), /nested deeper than 20/],
    ['x'.repeat(100_000), /plain element/],
    [`<xml>${' '.repeat(100_000)}`, /plain element/],
  ]) {
    const { code, reason: told } = judged(WECHAT, body)
    assert.match(String(told), reason, body.slice(0, 200))
    assert.match(code, /MALFORMED|DUPLICATED/)
  }
  assert.equal(judged(WECHAT, page(HMAC), { 'content-type': 'text/xml; charset=gbk' }).code, 'ERR_HMAC_MALFORMED')
  assert.equal(judged(WECHAT, page(HMAC), { 'content-type': 'application/x-www-form-urlencoded' }).code, 'ERR_HMAC_UNSIGNED_BODY')
  assert.equal(judged(WECHAT, Buffer.from(page(HMAC).replace('test', 't\u00e9st'), 'latin1')).code, 'ERR_HMAC_MALFORMED')
})

const ORDER = {
  name: 'order',
  signature: { xml: '/notify/head/mac' },
  timestamp: { xml: '/notify/head/time', unit: 'seconds' },
  message: '{timestamp}|{xml:/notify/order/id}|{xml:/notify/order/note?}',
  ambiguous: 'values can hold |',
}
const order = (mac, { note = '<note>a &amp; b</note>' } = {}) =>
  `<notify><order><id>7</id>${note}<item>1</item></order><head><time>1768478400</time><mac>${mac}</mac></head></notify>`
const orderMac = (note) => createHmac('sha256', SECRET).update(`1768478400|7|${note}`).digest('hex')

test('elements in elements are read by their path', () => {
  assert.equal(judged(ORDER, order(orderMac('a & b'))).ok, true)
  assert.equal(judged(ORDER, order(orderMac(''), { note: '' })).ok, true)
  assert.equal(judged(ORDER, order(orderMac(''), { note: '<note/>' })).ok, true)
  assert.equal(judged(ORDER, order(orderMac('x\r'), { note: '<note>x&#13;y</note>' })).code, 'ERR_HMAC_MISMATCH')
  assert.equal(judged(ORDER, order(orderMac('x\ry'), { note: '<note>x&#xD;y</note>' })).ok, true)
  for (const reference of ['&#x1F600;', '&#x1f600;', '&#128512;', '&#x01F600;'])
    assert.equal(judged(ORDER, order(orderMac('\u{1f600}!'), { note: `<note>${reference}!</note>` })).ok, true, reference)
  assert.equal(judged(ORDER, order(orderMac('\u{10ffff}'), { note: '<note>&#x10ffff;</note>' })).ok, true)
  assert.match(judged(ORDER, order(orderMac(''), { note: '<note><a>1</a></note>' })).reason, /elements where the scheme has the text/)
  assert.equal(judged(ORDER, order(orderMac('')).replace('<id>7</id>', '')).code, 'ERR_HMAC_INCOMPLETE')
})

test('our signer writes elements where they are, and makes those that are not there', () => {
  const { body } = signed(ORDER, order('old').replace('<time>1768478400</time>', '<time/>'))
  assert.equal(Buffer.from(body).toString(), order(orderMac('a & b')))
  assert.equal(Buffer.from(signed(ORDER, order('old')).body).toString(), order(orderMac('a & b')), 'the time that is there')
  const made = Buffer.from(
    signed({ ...ORDER, message: '{timestamp}', allowUnboundBody: 'a test', ambiguous: undefined }, '').body,
  ).toString()
  assert.match(made, /^<notify><head><time>1768478400<\/time><mac>[0-9a-f]{64}<\/mac><\/head><\/notify>$/)
  const empty = Buffer.from(
    signed({ ...ORDER, message: '{timestamp}', allowUnboundBody: 'a test', ambiguous: undefined }, '<notify><head/></notify>').body,
  )
  assert.match(empty.toString(), /^<notify><head><time>1768478400<\/time><mac>/)
  for (const [body, reason] of [
    ['<other/>', /begins with the element other/],
    ['<notify><head>x</head></notify>', /another element at notify\/head/],
    ['<notify><head><mac><a/></mac></head><order><id>7</id></order></notify>', /another element at notify\/head\/mac|elements where/],
    ['{}', /plain element/],
  ])
    assert.throws(() => signed(ORDER, body), reason, body)
})

test('a value with characters of XML is written so that it is read back', () => {
  const own = { ...ORDER, fields: { note: { xml: '/notify/order/note' } }, message: '{timestamp}|{xml:/notify/order/id}|{note}' }
  const sent = signed(own, order('old', { note: '' }), { fields: { note: 'a<b>&c' } })
  assert.match(Buffer.from(sent.body).toString(), /<note>a&lt;b&gt;&amp;c<\/note>/)
  assert.equal(judged(own, sent.body).ok, true)
  assert.throws(() => signed(own, order('old', { note: '' }), { fields: { note: ' a' } }), /blanks around|read back/)
})

test('a definition that cannot be read says what to write', () => {
  for (const [change, message] of [
    [{ signature: { xml: 'sign' } }, /signature: "sign" is no path of an element; write it from the root, such as \/xml\/sign/],
    [{ message: '{xml:id}' }, /"id" is no path of an element/],
    ...['x/notify/order/id', '/notify/order/id ', '/notify//id', '/notify/1', '/notify/order/'].map((path) => [
      { message: `{xml:${path}}` },
      /is no path of an element; write it from the root, such as \/xml\/sign/,
    ]),
    [{ message: '{xml}' }, /\{xml\} needs the path of an element, such as \{xml:\/xml\/sign\}/],
    [{ message: { each: 'xml', item: '{name}={value}', join: '&' } }, /message\.at: must be the path of the element that holds the list/],
    [{ message: '{body}' }, /signs the octets of the body, which hold the signature/],
    [{ message: '{timestamp}{xml:/notify/head/mac}', ambiguous: undefined }, /where the signature stands/],
    [{ message: '{xml:/notify/order/id}' }, /timestamp: is checked but not signed/],
    [{ message: { each: 'xml', at: '/notify/order', item: '{name}={value}', join: '&' } }, /timestamp: is checked but not signed/],
    [
      { message: { each: 'xml', at: '/notify/head', except: ['time'], item: '{name}={value}', join: '&' } },
      /timestamp: is checked but not signed/,
    ],
    [
      { message: { each: 'xml', at: '/notify', flatten: '.', except: ['head.time'], item: '{name}={value}', join: '&' } },
      /timestamp: is checked/,
    ],
  ])
    assert.throws(() => scheme(JSON.parse(JSON.stringify({ ...ORDER, ...change }))), message, JSON.stringify(change))
  for (const message of [
    { each: 'xml', at: '/notify/head', item: '{name}={value}', join: '&' },
    { each: 'xml', at: '/notify', flatten: '.', item: '{name}={value}', join: '&' },
    { each: 'xml', at: '/notify', flatten: '.', only: ['head.time'], item: '{name}={value}', join: '&' },
  ])
    assert.equal(scheme({ ...ORDER, message }).binds?.body ?? 'data', 'data')
})

const name = fc.stringMatching(/^[a-c][a-c]?$/)
const value = fc.string({ unit: fc.constantFrom('a', '7', '<', '>', '&', ' ', '"', "'", ']', '\u00e9', '\n', '='), maxLength: 6 })
const flat = fc.uniqueArray(fc.tuple(name, value, fc.boolean()), { selector: ([one]) => one, minLength: 1, maxLength: 5 })
const LINES = {
  ...WECHAT,
  nonce: undefined,
  message: '{pairs}',
  define: { pairs: { each: 'xml', at: '/xml', item: '{name|length}:{name}{value|length}:{value}', join: '' } },
}

/** Each value as text with references, or as CDATA where that can hold it. */
const spelt = (text, cdata) =>
  (cdata || /^\s|\s$/.test(text)) && !text.includes(']]>')
    ? `<![CDATA[${text}]]>`
    : text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

test('what is signed of a flat body is the names and texts that any parser finds in it', () => {
  fc.assert(
    fc.property(flat, (pairs) => {
      const body = `<xml>${pairs.map(([one, text, cdata]) => `<${one}>${spelt(text, cdata)}</${one}>`).join('\n')}</xml>`
      const message = pairs.map(([one, text]) => `${one.length}:${one}${Buffer.byteLength(text)}:${text}`).join('')
      const mac = createHmac('sha256', SECRET).update(message).digest('hex').toUpperCase()
      const own = { ...LINES, signature: { header: 'x-s', encoding: 'hex|upper' } }
      const isHard = pairs.some(([, text]) => /^\s|\s$/.test(text) && text.includes(']]>'))
      assert.equal(judged(own, body, { ...HEADERS, 'x-s': mac }).ok, !isHard, body)
    }),
    { seed: 7, numRuns: 400 },
  )
})

test('a changed octet of a signed body is refused, or stands between elements', () => {
  const own = { ...LINES, signature: { header: 'x-s' } }
  fc.assert(
    fc.property(flat, fc.nat(), fc.constantFrom(...'<>&;/!?"\' \n\r]xA'), (pairs, at, character) => {
      const spell = ([one, text, cdata]) => `<${one}>${spelt(text.trim(), cdata)}</${one}>`
      const body = `<xml>${pairs.map(spell).join('\n')}</xml>`
      const place = at % body.length
      const changed = body.slice(0, place) + character + body.slice(place + 1)
      const headers = { ...HEADERS, ...signed(own, body).headers }
      assert.equal(judged(own, body, headers).ok, true)
      const squeezed = (text) => text.replace(/>[ \r\n]+</g, '><').replace(/[ \r\n]+>/g, '>')
      if (changed !== body) assert.equal(judged(own, changed, headers).ok, squeezed(changed) === squeezed(body), changed)
    }),
    { seed: 11, numRuns: 1000 },
  )
})

test('a body of any octets is judged or refused, and in linear time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('<a>', '</a>', '<b/>', '<![CDATA[', ']]>', '&amp;', '&', 'x', ' ', '<', '>', '<?xml version="1.0"?>')),
      (parts) => {
        const { ok, code } = judged(WECHAT, parts.join(''))
        assert.equal(ok, false)
        assert.match(code, /^ERR_HMAC_/)
      },
    ),
    { seed: 13, numRuns: 1000 },
  )
})
