import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { compileScheme, sign } from '@countersign/schemes'
import fc from 'fast-check'

const KEY = 'top-secret-key-0123'

/** What a template prints for the value of a header; its text counts as UTF-8 on the wire. */
function printed(template, value = '', body = '') {
  const definition = {
    name: 'printed',
    signature: { header: 'x-s' },
    message: `${template}\n{body}`,
    ambiguous: 'it may be',
  }
  const headers = value === undefined ? {} : { x: Buffer.from(value).toString('latin1') }
  const options = { secret: KEY, now: () => 0 }
  const { message } = sign(withoutNeedlessWords(definition), { method: 'POST', url: '/p', headers, body: Buffer.from(body) }, options)
  return message.subarray(0, message.length - Buffer.byteLength(body) - 1).toString()
}

function withoutNeedlessWords(definition) {
  try {
    compileScheme(definition)
    return definition
  } catch (error) {
    if (!error.message.includes('ambiguous: is declared')) throw error
    const { ambiguous, ...rest } = definition
    return rest
  }
}

const mistake = (template) => {
  let message = ''
  assert.throws(
    () => compileScheme({ name: 'x', signature: { header: 'x' }, message: template }),
    (error) => {
      message = error.message
      return error.code === 'ERR_INVALID_ARG_VALUE'
    },
  )
  return message
}

test('what a pipe puts to text of the wire is UTF-8 as all else in a message', () => {
  for (const [template, value, expected] of [
    ['{header:x|prepend:\u00e9}', 'a', '\u00e9a'],
    ['{header:x|append:\u20ac}', 'a', 'a\u20ac'],
    ['{header:x|replace:a/\u20ac}', '\u00e9a', '\u00e9\u20ac'],
    ['{header:x|replace:\u00e9/e}', 'a\u00e9', 'ae'],
    ['{header:x?|default:\u20ac}', undefined, '\u20ac'],
    ['{header:x|strip:\u20ac}', '\u20ac5', '5'],
    ['{header:x|after:\u00a7}', 'a\u00a7b', 'b'],
    ['{header:x|unless:\u00e9}', '\u00e9', ''],
    ['{path|append:\u00fc}', '', '/p\u00fc'],
    ['{header:x|prepend:\ufeff|utf16be|hex}', 'a', 'feff0061'],
  ])
    assert.equal(printed(template, value), expected, template)
})

test('latin1 refuses what it has no octet for, rather than that one character stands for another', () => {
  // U+0141 cut to an octet is "A".
  for (const value of ['\u0141', 'a\u20ac', '\ud83d\ude00'])
    assert.throws(() => printed('{header:x|latin1}', value), /characters beyond ISO 8859-1/, value)
})

test('pipes of text', () => {
  const cases = [
    ['{header:x|lower}', 'AbC', 'abc'],
    ['{header:x|upper}', 'AbC\u00e9', 'ABC\u00e9'],
    ['{header:x|trim}', ' \ta b ', 'a b'],
    ['{header:x|squeeze}', ' a   b\t c ', 'a b c'],
    ['{header:x|strip:v1=}', 'v1=ab', 'ab'],
    ['{header:x|unprefix:v1=}', 'ab', 'ab'],
    ['{header:x|unsuffix:/}', 'a/b/', 'a/b'],
    ['{header:x|unsuffix:/}', 'a/b', 'a/b'],
    ['{header:x|remove:-}', 'a-b-c', 'abc'],
    ['{header:x|removeFirst:-}', 'a-b-c', 'ab-c'],
    ['{header:x|replace:a/bb}', 'abca', 'bbbcbb'],
    ['{header:x|replace:\\//:}', 'a/b', 'a:b'],
    ['{header:x|prepend:id=|append:;}', 'a', 'id=a;'],
    ['{header:x|drop:2}', 'abc', 'c'],
    ['{header:x|first:2}', 'abc', 'ab'],
    ['{header:x|last:2}', 'abc', 'bc'],
    ['{header:x|before:;}', 'a;b;c', 'a'],
    ['{header:x|before:;}', 'abc', 'abc'],
    ['{header:x|beforeLast:;}', 'a;b;c', 'a;b'],
    ['{header:x|after:;}', 'a;b;c', 'b;c'],
    ['{header:x|after:;}', 'abc', ''],
    ['{header:x|afterLast:;}', 'a;b;c', 'c'],
    ['{header:x|afterLast:;}', 'abc', 'abc'],
    ['{header:x|unless:0}', '0', ''],
    ['{header:x|unless:0}', '10', '10'],
    ['{header:none?|default:d}', '', 'd'],
    ['{header:x?|default:d}', 'a', 'a'],
    ['{header:none?|upper}', '', ''],
    ['{header:x|encode}', "a b/\u00e9!'()*~", 'a%20b%2F%C3%A9%21%27%28%29%2A~'],
    ['{header:x|encodeUri}', "a b/\u00e9!'()*~", "a%20b%2F%C3%A9!'()*~"],
    ['{header:x|encodeForm}', 'a b', 'a+b'],
    ['{header:x|encodePath}', 'a b/c', 'a%20b/c'],
    ['{header:x|decode}', 'a%20%C3%A9', 'a \u00e9'],
    ['{header:x|normalize:NFKD}', '\u00e9\ufb01', 'e\u0301fi'],
    ['{header:x|length}', 'caf\u00e9', '5'],
    ['{header:x|quote}', 'a"\u00e9', '"a\\"\u00e9"'],
    ['{header:x|utf16le|hex}', 'a\u00e9', '6100e900'],
    ['{header:x|utf16be|hex}', 'a\u00e9', '006100e9'],
    ['{header:x|prepend:\ufeff|utf16be|hex}', 'a', 'feff0061'],
    ['{header:x|latin1|hex}', 'a\u00e9', '61e9'],
    ['{header:x|encode|lowerEscapes}', 'A/\u00e9', 'A%2f%c3%a9'],
    ['{header:x|lowerEscapes}', '%2F%AZ%2f', '%2f%AZ%2f'],
    ['{header:x|utf8|hex}', '\u00e9', 'c3a9'],
    ['{header:x|fromHex|text}', 'c3a9', '\u00e9'],
    ['{header:x|fromBase64|hex}', 'AQI=', '0102'],
    ['{header:x|fromBase64url|json:/a/b}', Buffer.from('{"a":{"b":7}}').toString('base64url'), '7'],
    ['{header:x|fromHex|first:1|hex}', '0102', '01'],
    ['{header:x|fromHex|last:1|hex}', '0102', '02'],
    ['{header:x|fromHex|drop:1|hex}', '0102', '02'],
  ]
  for (const [template, value, expected] of cases) assert.equal(printed(template, value), expected, `${template} of ${value}`)
})

test('pipes of the body', () => {
  const body = '{"b": 1.0, "a": "caf\u00e9", "sign": [true, null]}'
  assert.equal(printed('{body|jcs}', '', body), '{"a":"caf\u00e9","b":1,"sign":[true,null]}')
  assert.equal(printed('{body|stringify}', '', body), '{"b":1,"a":"caf\u00e9","sign":[true,null]}')
  assert.equal(printed('{body|without:sign}', '', body), '{"b":1,"a":"caf\u00e9"}')
  assert.equal(printed('{body|json:/a}', '', body), 'caf\u00e9')
  assert.equal(printed('{body|jcs|spaced}', '', '{"b":"x:\\",y","a":[1,2]}'), '{"a": [1, 2], "b": "x:\\",y"}')
  assert.equal(printed('{body|stringify|escapeUnicode|escapeSlashes}', '', '{"a": "\u00e9/\u{1f600}"}'), '{"a":"\\u00e9\\/\\ud83d\\ude00"}')
  assert.equal(printed('{body|quote}', '', body), JSON.stringify(body))
  assert.equal(printed('{body|length}', '', body), String(Buffer.byteLength(body)))
  assert.equal(printed('{body|text|first:3}', '', body), '{"b')
  assert.equal(printed('{body|hmac|hex}', '', 'x'), createHmac('sha256', KEY).update('x').digest('hex'))
})

test('a value that a pipe cannot take is no defect: the request cannot be signed', () => {
  const cases = [
    ['{header:x|strip:v1=}', 'ab'],
    ['{header:x|first:4}', 'abc'],
    ['{header:x|fromHex|hex}', 'abc'],
    ['{header:x|fromBase64|hex}', 'a b'],
    ['{header:x|decode}', '%zz'],
    ['{header:x|json:/a}', '{'],
    ['{header:x|json:/a}', '{"b":1}'],
    ['{header:x|fromHex|text}', 'ff'],
    ['{header:none|lower}', ''],
  ]
  for (const [template, value] of cases) assert.throws(() => printed(template, value), /the request cannot be signed/, template)
  assert.throws(() => printed('{body|without:a}', '', '[]'), /no JSON object/)
  assert.throws(() => printed('{body|jcs}', '', '{"a":1,"a":2}'), /names a member twice/)
})

test('a pipe that does not fit says what to write', () => {
  assert.match(mistake('{body|trim}'), /takes text; encode the octets first, with hex or base64, or read them as UTF-8 with text/)
  assert.match(mistake('{method|hex}'), /takes octets; an encoder never encodes text: put utf8 before it if that is meant/)
  assert.match(mistake('{method|lower:x}'), /takes no argument/)
  assert.match(mistake('{method|strip}'), /needs an argument, such as strip:whsec_/)
  assert.match(mistake('{method|first}'), /needs a count, such as first:8/)
  assert.match(mistake('{method|first:x}'), /needs a count, such as first:8/)
  assert.match(mistake('{method|replace:a}'), /needs what to replace and by what, such as replace:&\/_/)
  assert.match(mistake('{method|replace:\\/b}'), /needs what to replace and by what/)
  assert.match(mistake('{method|normalize:NFX}'), /needs a form of Unicode, such as normalize:NFKD/)
  assert.match(mistake('{body|json:a}'), /needs a JSON pointer, such as json:\/nonce/)
})

test('wire text is octets: pipes that need characters read them as UTF-8, digests hash what came', () => {
  assert.equal(printed('{header:x|encode}', '\u20ac'), '%E2%82%AC')
  assert.equal(printed('{header:x|upper}', 'a\u00df'), 'A\u00df', 'no letter but ASCII changes on the wire')
  assert.equal(printed('{header:x|decode|encode}', '%E2%82%AC'), '%E2%82%AC')
})

test('encode and decode are inverse, and encode leaves unreserved characters alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      fc.pre(text.isWellFormed() && text.trim() === text && !/[\0-\x1f\x7f]/.test(text) && text !== '')
      const encoded = printed('{header:x|encode}', text)
      assert.match(encoded, /^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/)
      assert.equal(decodeURIComponent(encoded), text)
      assert.equal(printed('{header:x|decode}', encoded), text)
      assert.deepEqual(JSON.parse(printed('{header:x|quote}', text)), text)
    }),
    { numRuns: 200 },
  )
})

test('decimals: what is no decimal number, or has more decimals, is refused; nothing is rounded', () => {
  for (const text of ['', '.', '1.', '.5', '01', '+1', '1e3', '1,5', '1.2.3', ' 1', '--1', '0x1', 'NaN', '1.5a', '-'])
    assert.throws(() => printed('{header:x|decimals:2}', text), /a value is no decimal number|is not in the request/, text)
  for (const [template, text] of [
    ['{header:x|decimals:2}', '10.505'],
    ['{header:x|decimals:2}', '-0.001'],
    ['{header:x|decimals:0}', '1.5'],
  ])
    assert.throws(() => printed(template, text), /a number has more than [02] decimals/, text)
  for (const argument of ['', ':', ':10', ':-1', ':x'])
    assert.match(mistake(`{header:x|decimals${argument}}`), /needs how many decimals, such as decimals:2/, argument)
  assert.match(mistake('{body|decimals:2}'), /takes text/)
})

test('decimals: a number has as many as are asked for', () => {
  for (const [template, text, expected] of [
    ['{header:x|decimals:2}', '10', '10.00'],
    ['{header:x|decimals:2}', '10.5', '10.50'],
    ['{header:x|decimals:2}', '-0.10', '-0.10'],
    ['{header:x|decimals:2}', '10.500000', '10.50'],
    ['{header:x|decimals:0}', '10.00', '10'],
    ['{header:x|decimals:9}', '12345678901234567890', '12345678901234567890.000000000'],
  ])
    assert.equal(printed(template, text), expected, text)
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(4), fc.nat(5), (cents, decimals, more) => {
      const text = (cents / 10 ** decimals).toFixed(decimals)
      assert.equal(
        printed(`{header:x|decimals:${decimals + more}}`, text),
        text.includes('.') || more === 0 ? text + '0'.repeat(more) : `${text}.${'0'.repeat(more)}`,
      )
    }),
  )
})

test('reverse: a text from its end, by characters', () => {
  assert.equal(printed('{header:x|reverse}', 'a@b.co'), 'oc.b@a')
  assert.equal(printed('{header:x|reverse}', 'h\u00e9\u{1f600}'), '\u{1f600}\u00e9h')
  assert.equal(printed('{header:x|reverse|first:2|upper}', 'abc'), 'CB')
  assert.throws(() => printed('{body|reverse}', '', 'ab'), /takes text; encode the octets first/)
  assert.throws(() => printed('{header:x|reverse:1}', 'ab'), /takes no argument/)
})

test('property: reverse twice is the text again, so that nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => !/[\r\n\0]/.test(text) && text.trim() === text),
      (text) => {
        assert.equal(printed('{header:x|reverse|reverse}', text), text)
      },
    ),
  )
})
