import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CommandError, parseCurl, parseCurlWords, parseHar, parseRawRequest } from '@countersign/cli'
import fc from 'fast-check'

const noFile = () => assert.fail('read a file')
const usage = (pattern) => (error) => {
  assert.ok(error instanceof CommandError, String(error))
  assert.equal(error.exitCode, 2)
  assert.match(error.message, pattern)
  return true
}
const raw = (text) => parseRawRequest(Buffer.from(text, 'latin1'))
const textOf = ({ body }) => Buffer.from(body).toString('latin1')

describe('a raw request', () => {
  test('is refused where the request line or a field is none, with the line', () => {
    for (const text of [
      '',
      '\r\n',
      'POST\r\n\r\n',
      'POST /\tx HTTP/1.1 y\r\n\r\n',
      'PO ST / HTTP/1.1\r\n\r\n',
      'POST / HTTQ/1.1\r\n\r\n',
      '{"a":1}',
    ])
      assert.throws(() => raw(text), usage(/first line/), JSON.stringify(text))
    assert.throws(() => raw('GET / HTTP/1.1\nHost: x\nno colon here\n\n'), usage(/line 3.*no colon/))
    assert.throws(() => raw('GET / HTTP/1.1\nbad name: x\n\n'), usage(/line 2.*name of a field/))
    assert.throws(() => raw('GET / HTTP/1.1\nx: a\0b\n\n'), usage(/line 2.*NUL/))
    assert.throws(() => raw('GET / HTTP/1.1\n x: 1\n\n'), usage(/folded/))
  })

  test('with CR LF or LF alone, its body octet for octet', () => {
    for (const end of ['\r\n', '\n']) {
      const request = raw(['POST /a?b=1 HTTP/1.1', 'Host: api.example.com', 'X-A:  1 \t', '', 'x\r\n\r\ny\n\xff'].join(end))
      assert.deepEqual([request.method, request.url], ['POST', '/a?b=1'])
      assert.deepEqual(request.headers, ['Host', 'api.example.com', 'X-A', '1'])
      assert.equal(textOf(request), 'x\r\n\r\ny\n\xff')
      assert.deepEqual(request.notes, [])
    }
  })

  test('with a byte order mark, which some editors put in front; that of the body stays', () => {
    const request = raw('\xef\xbb\xbfPOST /a HTTP/1.1\r\nHost: x\r\n\r\n\xef\xbb\xbfx')
    assert.deepEqual([request.method, request.url, textOf(request)], ['POST', '/a', '\xef\xbb\xbfx'])
  })

  test('is cut at Content-Length, as an editor adds a line feed, and says so', () => {
    const request = raw('POST / HTTP/1.1\nContent-Length: 3\n\nabc\n')
    assert.equal(textOf(request), 'abc')
    assert.match(request.notes[0], /4 octets.*says 3/)
    assert.match(raw('POST / HTTP/1.1\nContent-Length: 9\n\nabc').notes[0], /missing/)
  })

  test('keeps fields that stand twice, in their order', () => {
    assert.deepEqual(raw('GET / HTTP/1.1\nb: 1\nA: 2\nb: 3\n\n').headers, ['b', '1', 'A', '2', 'b', '3'])
  })

  test('puts chunks together, and takes what has none as it is', () => {
    const head = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'
    assert.equal(textOf(raw(`${head}3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n`)), 'abcde')
    for (const body of ['abc', '3\r\nabcd\r\n0\r\n\r\n', 'ffffffff\r\nabc\r\n', '3\r\nabc\r\n', '-1\r\n\r\n']) {
      const request = raw(head + body)
      assert.equal(textOf(request), body)
      assert.match(request.notes[0], /no chunks/)
    }
  })

  test('joins a folded field, and says so', () => {
    const request = raw('GET / HTTP/1.1\nx: a\n\t b\n\n')
    assert.deepEqual(request.headers, ['x', 'a b'])
    assert.match(request.notes[0], /line 3/)
  })

  test('any octets give a request or a CommandError, and what is written is read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        try {
          parseRawRequest(octets)
        } catch (error) {
          assert.ok(error instanceof CommandError, error.stack)
        }
      }),
      { numRuns: 500 },
    )
    const value = fc.string({ unit: fc.constantFrom('a', ' ', ':', '\xe9', ';', '"'), maxLength: 12 }).map((text) => text.trim())
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('A', 'x-b', 'Host'), value), { maxLength: 6 }), fc.uint8Array(), (pairs, body) => {
        const head = ['PUT /p HTTP/1.1', ...pairs.map(([name, text]) => `${name}: ${text}`), '', ''].join('\r\n')
        const request = parseRawRequest(Buffer.concat([Buffer.from(head, 'latin1'), body]))
        assert.deepEqual(request.headers, pairs.flat())
        assert.equal(Buffer.compare(request.body, body), 0)
      }),
    )
  })

  test('is read in a time that grows with its length alone', () => {
    const many = `GET / HTTP/1.1\n${'a: b\n'.repeat(100_000)}\n`
    const wide = `GET / HTTP/1.1\na:${' '.repeat(500_000)}x\n\n`
    const began = performance.now()
    for (const text of [many, wide, `GET / HTTP/1.1\n${'\r'.repeat(500_000)}\n\n`]) {
      try {
        raw(text)
      } catch (error) {
        assert.ok(error instanceof CommandError)
      }
    }
    assert.ok(performance.now() - began < 5_000)
  })
})

describe('a HAR', () => {
  const request = {
    method: 'POST',
    url: 'https://api.example.com/a',
    headers: [{ name: 'X-A', value: '1' }],
    postData: { text: 'b\u00e9' },
  }
  const har = (...requests) => JSON.stringify({ log: { entries: requests.map((one) => ({ request: one })) } })

  test('that is none is refused', () => {
    for (const text of [
      '',
      '[]',
      'null',
      '{"log":{}}',
      '{"log":{"entries":[]}}',
      '{"log":{"entries":[1]}}',
      '{"log":{"entries":[{}]}}',
      '{}',
    ])
      assert.throws(() => parseHar(text), usage(/./), text)
    assert.throws(() => parseHar(har({ ...request, headers: [{ name: 'a b', value: '' }] })), usage(/name of a field/))
    assert.throws(() => parseHar(har({ ...request, headers: [{ name: 'a', value: 'x\r\ny: z' }] })), usage(/line break/))
    assert.throws(() => parseHar(har({ ...request, method: 'A B' })), usage(/method/))
    assert.throws(() => parseHar(har({ ...request, postData: { params: [{ name: 'a', value: '1' }] } })), usage(/octets are lost/))
  })

  test('that names a member twice is refused, wherever it is and however it is written: each reader takes another', () => {
    const repeated = {
      '{"request":{"method":"GET","url":"https://a.example/","method":"POST"}}': '/request/method',
      '{"request":{"method":"GET","m\\u0065thod":"POST"}}': '/request/method',
      '{"log":{"entries":[{},{"request":{"headers":[{"name":"a","value":"b"},{"name":"a", "name" : "b"}]}}]}}':
        '/log/entries/1/request/headers/1/name',
      '{"a":{"a":{"a":1}},"b":[[],[{"a":1}]],"a":2}': '/a',
      '{"":1,"":2}': '/',
      '{"a/b~c":[],"a/b~c":{}}': '/a~1b~0c',
    }
    for (const [text, pointer] of Object.entries(repeated)) {
      const tells = (error) =>
        usage(/can be read in two ways/)(error) && error.message.includes(` ${JSON.stringify(pointer)} stands there twice`)
      assert.throws(() => parseHar(text), tells, text)
    }
  })

  test('in which every name is there once is not taken for another: any JSON', () => {
    const ambiguous = (text) => {
      try {
        parseHar(text)
      } catch (error) {
        return /two ways/.test(error.message)
      }
      return false
    }
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        assert.equal(ambiguous(text), false)
        assert.equal(ambiguous(`{"x":${text},"y":[${text}]}`), false)
        assert.equal(ambiguous(`{"x":${text},"y":[${text}],"x":0}`), true)
      }),
    )
  })

  test('of several requests asks which one, and lists them', () => {
    assert.throws(
      () => parseHar(har(request, { ...request, url: 'https://b.example.com/' })),
      usage(/2 entries.*--entry[\s\S]*2 {2}POST https:\/\/b/),
    )
    assert.throws(() => parseHar(har(request, request), 3), usage(/2 entries/))
    assert.equal(parseHar(har(request, { ...request, url: 'https://b.example.com/' }), 2).url, 'https://b.example.com/')
  })

  test('gives the octets of its text, fields without pseudo-fields, and notes what was lost', () => {
    const one = parseHar(
      har({
        ...request,
        headers: [
          { name: ':authority', value: 'x' },
          { name: 'X-A', value: '\u20ac' },
        ],
      }),
    )
    assert.deepEqual(one.headers, ['X-A', '\xe2\x82\xac'])
    assert.deepEqual([...one.body], [0x62, 0xc3, 0xa9])
    assert.equal(Buffer.from(parseHar(har({ ...request, postData: { text: '/w==', encoding: 'base64' } })).body).toString('hex'), 'ff')
    assert.match(parseHar(har({ ...request, postData: { text: 'a\ufffd' } })).notes[0], /lost/)
  })

  test('of any JSON gives a request or a CommandError', () => {
    const node = fc.jsonValue()
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          node.map((value) => JSON.stringify(value)),
          node.map((value) => JSON.stringify({ log: { entries: [value] } })),
        ),
        (text) => {
          try {
            parseHar(text)
          } catch (error) {
            assert.ok(error instanceof CommandError, error.stack)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('a curl command', () => {
  const parse = (text) => parseCurl(text, noFile)

  test('of which something is not known is refused, and says what', () => {
    assert.throws(() => parse(''), usage(/not a curl command/))
    assert.throws(() => parse('wget http://x.example'), usage(/not a curl command/))
    assert.throws(() => parse('curl'), usage(/no URL/))
    assert.throws(() => parse('curl http://a.example http://b.example'), usage(/several URLs/))
    assert.throws(() => parse('curl --frobnicate 1 http://a.example'), usage(/--frobnicate/))
    assert.throws(() => parse('curl -F a=b http://a.example'), usage(/-F.*not known before/))
    assert.throws(() => parse('curl --digest http://a.example'), usage(/--digest/))
    assert.throws(() => parse('curl http://a.example -d'), usage(/-d.*needs a value/))
    assert.throws(() => parse('curl ftp://a.example'), usage(/http/))
    assert.throws(() => parse("curl 'http://a.example"), usage(/never closed/))
    assert.throws(() => parse('curl "http://a.example'), usage(/never closed/))
    assert.throws(() => parse("curl $'http://a.example"), usage(/never closed/))
    assert.throws(() => parse('curl -H "X: $TOKEN" http://a.example'), usage(/variable/))
    assert.throws(() => parse('curl `cat x`'), usage(/variable/))
    assert.throws(() => parse('curl -H nothing http://a.example'), usage(/colon/))
    assert.throws(() => parse("curl -H $'a: b\\r\\nc: d' http://a.example"), usage(/line break/))
    assert.throws(() => parse("curl --data-raw $'\\xff' http://a.example"), usage(/UTF-8/))
    assert.throws(() => parse('curl ^"http://a.example^"'), usage(/cmd\.exe/))
    assert.throws(() => parse('curl -b cookies.txt http://a.example'), usage(/cookies/))
  })

  test('as a browser copies it', () => {
    const request = parse(`curl 'https://api.example.com/hooks?a=1&b=2' \\
  -H 'content-type: application/json' \\
  -H 'x-empty;' \\
  --compressed --insecure \\
  --data-raw $'{"it\\'s":"caf\\u00e9\\n"}'`)
    assert.deepEqual([request.method, request.url], ['POST', 'https://api.example.com/hooks?a=1&b=2'])
    assert.equal(Buffer.from(request.body).toString(), '{"it\'s":"caf\u00e9\n"}')
    assert.deepEqual(request.headers, [
      ...['Host', 'api.example.com', 'Accept', '*/*', 'Content-Length', '17'],
      ...['content-type', 'application/json', 'x-empty', ''],
    ])
  })

  test('does with its options what curl does', () => {
    const fields = (text) => Object.fromEntries(pairs(parse(text).headers))
    assert.equal(parse('curl -sSLXPUT http://a.example').method, 'PUT')
    assert.equal(parse('curl -I http://a.example').method, 'HEAD')
    assert.equal(parse('curl -d x http://a.example').method, 'POST')
    assert.equal(parse('curl -G -d x=1 -d y=2 http://a.example/p?q=0').url, 'http://a.example/p?q=0&x=1&y=2')
    assert.equal(parse('curl -G -d x=1 http://a.example').method, 'GET')
    assert.equal(parse('curl a.example/x').url, 'http://a.example/x')
    assert.equal(textOf(parse('curl -d a=1 -d b=2 http://a.example')), 'a=1&b=2')
    assert.equal(textOf(parse('curl --data-urlencode "a=b c&" --data-urlencode "=x/y" http://a.example')), 'a=b+c%26&x%2Fy')
    assert.equal(fields('curl -d x http://a.example')['Content-Type'], 'application/x-www-form-urlencoded')
    assert.equal(fields('curl --json {} http://a.example').Accept, 'application/json')
    assert.equal(fields('curl -u a:b http://a.example').Authorization, 'Basic YTpi')
    assert.ok(!('Accept' in fields('curl -H Accept: http://a.example')))
    assert.equal(fields('curl -H "Host: b.example" http://a.example').Host, 'b.example')
  })

  test('reads a file where curl does, and strips what -d strips', () => {
    const read = (path) => Buffer.from({ 'a.txt': 'x\r\ny\n\0z' }[path])
    assert.equal(textOf(parseCurl('curl -d @a.txt http://a.example', read)), 'xyz')
    assert.equal(textOf(parseCurl('curl --data-binary @a.txt http://a.example', read)), 'x\r\ny\n\0z')
    assert.equal(textOf(parseCurl('curl --data-raw @a.txt http://a.example', read)), '@a.txt')
    assert.equal(parseCurl('curl -T a.txt http://a.example', read).method, 'PUT')
  })

  test('ends where the shell ends it, and says so', () => {
    const request = parse('curl http://a.example/?a=1&b=2')
    assert.equal(request.url, 'http://a.example/?a=1')
    assert.match(request.notes[0], /needs quotes/)
    assert.equal(parse('curl http://a.example # | x').notes.length, 0)
  })

  test('of any text, or of any words, gives a request or a CommandError', () => {
    const piece = fc.constantFrom(
      'curl',
      '-H',
      '-d',
      ' ',
      "'",
      '"',
      '\\',
      '$',
      '\n',
      'http://a.example',
      'a: b',
      '--',
      '@f',
      '-G',
      '#',
      '&',
      '\u00e9',
      '-sX',
    )
    const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 20 })
    fc.assert(
      fc.property(text, fc.boolean(), (pieces, asWords) => {
        try {
          if (asWords) parseCurlWords(['curl', ...pieces], () => Buffer.from('f'))
          else parseCurl(`curl ${pieces.join(' ')}`, () => Buffer.from('f'))
        } catch (error) {
          assert.ok(error instanceof CommandError, error.stack)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('quoted as a shell quotes, any words come back', () => {
    const word = fc.string({ unit: fc.constantFrom('a', "'", '"', '\\', '$', ' ', '\n', '`', '&', '#', '\u00e9'), maxLength: 10 })
    fc.assert(
      fc.property(word, (value) => {
        const quoted = `'${value.replaceAll("'", "'\\''")}'`
        assert.equal(Buffer.from(parse(`curl --data-raw ${quoted} http://a.example`).body).toString(), value)
      }),
    )
  })
})

function pairs(headers) {
  return headers.filter((_, i) => i % 2 === 0).map((name, i) => [name, headers[2 * i + 1]])
}
