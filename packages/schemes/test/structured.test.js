import assert from 'node:assert/strict'
import { createHash, createHmac, randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { rfc9421, scheme, sign, verify } from '@countersign/schemes'
import { acme, hexOf, mistakes, now, nowSeconds, request, secret, signed, verdict } from './signing.js'

const KEY = Buffer.from('a key of the tests, 32 octets!!')
const encoded = KEY.toString('base64')
const body = '{"n":1}'
const DIGEST = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
const URL_ = 'https://example.com/foo?a=1'
const LENIENT = { mustInclude: [], allowUnboundBody: true }
const base64Of = (message, key = KEY) => createHmac('sha256', key).update(Buffer.from(message, 'latin1')).digest('base64')

/** RFC 9421 anew: what is compiled for one scheme is kept for it. */
const rfc = ({ covered, base, ...more } = {}) => ({
  ...rfc9421,
  ...more,
  fields: { ...rfc9421.fields, ...more.fields, covered: { ...rfc9421.fields.covered, ...covered } },
  define: { base: { ...rfc9421.define.base, ...base } },
})

/** The member of Signature-Input and of Signature for lines that stand in the test. */
function member(lines, params = `;created=${nowSeconds};keyid="k"`, key = KEY) {
  const names = Object.keys(lines)
  const input = `(${names.join(' ')})${params}`
  const message = [...names.map((name) => `${name}: ${lines[name]}`), `"@signature-params": ${input}`].join('\n')
  return [input, `:${base64Of(message, key)}:`]
}

const POST = { method: 'POST', url: URL_, headers: ['host', 'example.com', 'content-digest', DIGEST], body: Buffer.from(body) }
const FULL = { '"@method"': 'POST', '"@target-uri"': URL_, '"content-digest"': DIGEST }

/** POST with fields of its own, and with signatures by their labels. */
function carrying(members, headers = [], more = {}) {
  const input = Object.entries(members).map(([label, [list]]) => `${label}=${list}`)
  const mac = Object.entries(members).map(([label, [, octets]]) => `${label}=${octets}`)
  return { ...POST, headers: [...POST.headers, ...headers, 'signature-input', input.join(', '), 'signature', mac.join(', ')], ...more }
}

/** `true`, or the code and the reason. */
function told(received, options = {}, definition = rfc9421) {
  const result = verify(definition, received, { secret: encoded, now, ...options })
  return result.ok ? true : `${result.code}: ${result.reason}`
}

const code = (...args) => String(told(...args)).split(':')[0]
const covering = (lines, headers = [], more = {}, params = undefined) => carrying({ a: member(lines, params) }, headers, more)

describe('a Dictionary field that is one value', () => {
  test('is the home of a signature, both ways', () => {
    const one = acme({ signature: { dictionary: 'X-Sig' } })
    const sent = signed(one)
    assert.deepEqual(sent.headers, { 'x-sig': hexOf(body) })
    assert.equal(verdict(one, sent), true)
    assert.equal(verdict(one, { ...sent, headers: {} }), 'ERR_HMAC_MISSING')
    assert.equal(verdict(one, { ...sent, headers: { 'x-sig': hexOf('x') } }), 'ERR_HMAC_MISMATCH')
  })
  test('is written in its format', () => {
    const digest = { dictionary: 'content-digest', format: 'sha-256=:{digest}:', value: '{body|sha256|base64}' }
    const one = acme({ fields: { digest }, message: '{method}\n{digest}' })
    const sent = signed(one)
    assert.equal(sent.headers['content-digest'], DIGEST)
    assert.equal(verdict(one, sent), true)
    assert.equal(verdict(one, { ...sent, body: Buffer.from('x') }), 'ERR_HMAC_DIGEST')
    const several = acme({ signature: { dictionary: 'x-sig', format: '{keyId},{signature+}' } })
    const both = signed(several, {}, { secret: [secret, 'the second secret of the tests'], keyId: 'k' })
    assert.equal(both.headers['x-sig'], `k,${hexOf(body)},${hexOf(body, 'the second secret of the tests')}`)
    assert.equal(verdict(several, both, { secret: 'the second secret of the tests' }), true)
  })
  test('counts octet by octet, line by line', () => {
    const one = acme({ fields: { f: { dictionary: 'f' } }, message: '{f}\n{body}' })
    const mac = hexOf(Buffer.from(`caf\u00c3\u00a9, b\n${body}`, 'latin1'))
    assert.equal(verdict(one, request({ headers: { f: ['caf\u00c3\u00a9', ' b '], 'x-signature': mac } })), true)
    assert.throws(() => signed(one), /\{f\} is not in the request/)
  })
})

describe('a Dictionary field whose members are signatures', () => {
  const one = acme({ signature: { dictionary: 'sig', label: 'a', encoding: 'base64' } })
  const mac = createHmac('sha256', secret).update(body).digest('base64')
  const of = (...lines) => verdict(one, request({ headers: { sig: lines } }))
  test('one of them has to hold, whatever its label', () => {
    assert.deepEqual(signed(one).headers, { sig: `a=:${mac}:` })
    assert.equal(of(`a=:${mac}:`), true)
    assert.equal(of(`b=:${mac}:`), true)
    assert.equal(of('a=:YQ==:', `b=:${mac}:`), true, 'in a line of its own')
    assert.equal(of(`a=:${Buffer.alloc(32).toString('base64')}:`), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict(one, request()), 'ERR_HMAC_MISSING')
    const result = verify(one, request({ headers: { sig: `a=:${mac}:, b=:${mac}:` } }), { secret, now })
    assert.deepEqual([result.signedAt, result.nonce, result.messages.length], [undefined, undefined, 2])
  })
  test('a member of another type is refused', () => {
    for (const text of ['5', '1.5', '?1', 'token', `"${mac}"`, '@5', '()', `(:${mac}:)`, '%"x"', ':YR==:'])
      assert.equal(of(`a=${text}`), 'ERR_HMAC_MALFORMED', text)
  })
  test('16 labels are read, and no more', () => {
    const labels = (count) => Array.from({ length: count }, (_, i) => `l${i}=:${i === 15 ? mac : 'YQ=='}:`).join(', ')
    assert.equal(of(labels(16)), true)
    assert.equal(of(labels(17)), 'ERR_HMAC_MALFORMED')
  })
  test('a field under the same label, which nobody gives, cannot be signed', () => {
    const beside = acme({
      signature: { dictionary: 'sig', label: 'a', encoding: 'base64' },
      fields: { f: { dictionary: 'f', label: 'a' } },
      message: '{f}\n{body}',
    })
    assert.throws(() => signed(beside), /\{f\} is not in the request/)
    const sent = signed(beside, {}, { fields: { f: 'YWJj' } })
    assert.equal(sent.headers.f, 'a=:YWJj:')
    assert.equal(verdict(beside, sent), true)
    assert.equal(verdict(beside, { ...sent, headers: { ...sent.headers, f: 'b=:YWJj:' } }), 'ERR_HMAC_MALFORMED')
  })
  for (const [label, expected] of [
    ['Aa', '"Aa" is no key of a dictionary: lower-case letters and digits'],
    ['aA', '"aA" is no key of a dictionary: lower-case letters and digits'],
    ['1', '"1" is no key of a dictionary: lower-case letters and digits'],
    ['a b', '"a b" is no key of a dictionary: lower-case letters and digits'],
  ])
    test(`${label} is no label`, () =>
      assert.deepEqual(mistakes({ signature: { dictionary: 'sig', label, encoding: 'base64' } }), [`signature.label: ${expected}`]))
  test('what is no field name, and a format of octets, do not compile', () => {
    assert.deepEqual(mistakes({ signature: { dictionary: 'a b' } }), ['signature.dictionary: "a b" is no field name'])
    assert.deepEqual(mistakes({ signature: { dictionary: 'sig', label: 'a', encoding: 'base64', format: 'v={signature}' } }), [
      'signature.format: a member of a dictionary is octets: leave the format out',
    ])
    assert.deepEqual(mistakes({ signature: { dictionary: 'sig', label: '*a._-1', encoding: 'base64' } }), [])
    const unknown = (place) => mistakes({ signature: { dictionary: 'sig', ...place } })[0]
    assert.equal(unknown({ dictionary: '{param:p}' }), 'signature.dictionary: {param:p} is not declared; add it to "params"')
    assert.equal(unknown({ label: '{param:p}' }), 'signature.label: {param:p} is not declared; add it to "params"')
  })
})

describe('of several labels that do not hold the most telling refusal is told', () => {
  const good = member(FULL)
  const wrong = [good[0], ':YQ==:']
  const other = member(FULL, `;created=${nowSeconds};keyid="k";alg="rsa-v1_5-sha256"`)
  const weak = member({ '"@method"': 'POST' })
  const keyed = { secret: [{ id: 'ours', secret: encoded }] }
  for (const [name, members, options, expected] of [
    ['another algorithm first', { a: other, b: wrong }, {}, 'ERR_HMAC_MISMATCH'],
    ['another algorithm last', { a: wrong, b: other }, {}, 'ERR_HMAC_MISMATCH'],
    ['two other algorithms', { a: other, b: other }, {}, 'ERR_HMAC_ALGORITHM'],
    ['a key of nobody first', { a: good, b: weak }, keyed, 'ERR_HMAC_UNCOVERED'],
    ['a key of nobody last', { a: weak, b: good }, keyed, 'ERR_HMAC_UNCOVERED'],
    ['two keys of nobody', { a: good, b: good }, keyed, 'ERR_HMAC_UNKNOWN_KEY'],
    ['a key of nobody and another algorithm', { a: good, b: other }, keyed, 'ERR_HMAC_UNKNOWN_KEY'],
    ['another algorithm and a key of nobody', { a: other, b: good }, keyed, 'ERR_HMAC_ALGORITHM'],
  ])
    test(name, () => assert.equal(code(carrying(members), options), expected))
  test('one that holds counts, and its message alone', () => {
    const result = verify(rfc9421, carrying({ a: other, b: good, c: wrong }), { secret: encoded, now })
    assert.equal(result.ok, true)
    assert.equal(result.messages.length, 1)
  })
})

describe('what stands in the parameters', () => {
  const at = `;created=${nowSeconds}`
  const result = (params) => verify(rfc9421, carrying({ a: member(FULL, params) }), { secret: encoded, now })
  test('an empty text says nothing', () => {
    const { ok, nonce, keyId } = result(`${at};keyid="";nonce=""`)
    assert.deepEqual({ ok, nonce, keyId }, { ok: true, nonce: undefined, keyId: undefined })
  })
  test('a text and an integer are what they are', () => {
    const { ok, nonce, keyId, signedAt } = result(`${at};keyid="k";nonce="5"`)
    assert.deepEqual({ ok, nonce, keyId, signedAt }, { ok: true, nonce: '5', keyId: 'k', signedAt: now() })
  })
  test('an integer that is a decimal, and a text that is an integer, are not of the form', () => {
    const expected = 'ERR_HMAC_MALFORMED: a member of the field signature-input is not of the form of the scheme'
    for (const params of [
      `;created=${nowSeconds}.5`,
      `${at};nonce=5`,
      `${at};keyid=tok`,
      `${at};expires="5"`,
      `${at};tag=?1`,
      `${at};expires`,
    ])
      assert.equal(told(carrying({ a: member(FULL, params) })), expected, params)
  })
  for (const [format, ...expected] of [
    [';Created={timestamp}', '"Created={timestamp}" is no parameter, such as created={timestamp} or keyid="{keyId?}"'],
    [';created={timestamp}x', '"created={timestamp}x" is no parameter, such as created={timestamp} or keyid="{keyId?}"'],
    [';created="{timestamp}', '"created=\\"{timestamp}" is no parameter, such as created={timestamp} or keyid="{keyId?}"'],
    ['created={timestamp}', '"created={timestamp}": parameters begin with ";"'],
  ])
    test(`${format} does not compile`, () => {
      const lines = mistakes(rfc({ covered: { format } })).filter((line) => line.startsWith('fields.covered.format: '))
      assert.equal(lines[0], `fields.covered.format: ${expected[0]}`)
    })
  const own = (param) => {
    const covered = { ...rfc9421.fields.covered, format: `;created={timestamp}${param}` }
    return scheme({ ...rfc9421, algorithm: 'sha256', nonce: undefined, fields: { cd: rfc9421.fields.cd, x: {}, covered } })
  }
  const signedWith = (definition, options) => {
    const out = sign(definition, { ...POST, headers: ['host', 'example.com'] }, { secret: encoded, now, ...options })
    return out.headers['signature-input']
  }
  test('of a scheme of its own are written as text or integer, and asked for', () => {
    const text = own(';x="{x}"')
    const integer = own(';x={x}')
    const maybe = own(';x={x?}')
    assert.match(signedWith(text, { fields: { x: 'a"b' } }), /;x="a\\"b"$/)
    assert.match(signedWith(integer, { fields: { x: '-5' } }), /;x=-5$/)
    assert.match(signedWith(maybe), new RegExp(`;created=${nowSeconds}$`))
    for (const [definition, fields, expected] of [
      [text, {}, '{x} is missing'],
      [integer, {}, '{x} is missing'],
      [integer, { x: 'a5' }, '{x} is no integer'],
      [integer, { x: '5a' }, '{x} is no integer'],
      [integer, { x: '' }, '{x} is missing'],
      [integer, { x: '1'.repeat(16) }, '{x} is no integer'],
      [text, { x: '\u00e9' }, '{x} is no structured field of its type'],
    ])
      assert.throws(() => signedWith(definition, { fields }), { message: `scheme 'rfc9421': the request cannot be signed: ${expected}` })
  })
})

describe('what a covered component prints', () => {
  for (const [name, lines, headers, expected = true, more = {}, options = {}] of [
    [
      'octets line by line',
      { '"x";bs': `:${Buffer.from('caf\u00c3\u00a9', 'latin1').toString('base64')}:, :YQ==:` },
      ['x', 'caf\u00c3\u00a9', 'x', ' a '],
    ],
    ['octets beyond ASCII as they came', { '"x"': 'caf\u00c3\u00a9' }, ['x', 'caf\u00c3\u00a9']],
    ['lines joined', { '"x"': 'a, b' }, ['x', ' a ', 'x', 'b']],
    ['an empty field', { '"x"': '' }, ['x', '']],
    ['one member', { '"priority";key="u"': '1' }, ['priority', 'u=1, i']],
    ['one member of a field that nobody declared', { '"x";key="u"': '1;a' }, ['x', 'u=1; a, i']],
    ['a member that is a list', { '"x";key="u"': '(1 2);a' }, ['x', 'u=( 1  2 );a']],
    ['a member that is true', { '"x";key="u"': '?1' }, ['x', 'u']],
    [
      'the host of the public origin',
      { '"host"': 'example.com' },
      [],
      true,
      { headers: undefined },
      { publicOrigin: 'https://example.com' },
    ],
    ['a parameter with a blank', { '"@query-param";name="a%20b"': '1%202' }, [], true, { url: 'https://example.com/?a+b=1+2' }],
    ['an empty parameter', { '"@query-param";name="a"': '' }, [], true, { url: 'https://example.com/?a' }],
    ['two members of one dictionary', { '"x";key="a"': '1', '"x";key="b"': '2' }, ['x', 'a=1, b=2']],
    ['both as it is and strictly', { '"priority"': 'u=1,  i', '"priority";sf': 'u=1, i' }, ['priority', 'u=1,  i']],
    [
      'one identifier with its parameters in two orders',
      { '"priority";sf;key="u"': '1', '"priority";key="u";sf': '1' },
      ['priority', 'u=1'],
      'ERR_HMAC_DUPLICATED: the component "priority";key="u";sf is covered twice',
    ],
  ])
    test(name, () => {
      const one = covering(lines, headers)
      const received = { ...one, ...more, headers: 'headers' in more ? one.headers.with(1, 'inner:8080') : one.headers }
      assert.equal(told(received, { ...LENIENT, ...options }), expected)
    })
})

describe('a whole number written as a decimal', () => {
  const own = scheme(rfc({ covered: { structured: { x: 'dictionary', l: 'list', i: 'item' } } }))
  const of = (name, value, canonical) => told(covering({ [`"${name}";sf`]: canonical }, [name, value]), LENIENT, own)
  for (const [name, value] of [
    ['x', 'a=1.0'],
    ['x', 'a=1.00'],
    ['x', 'a=1.000'],
    ['x', 'a=-12.0'],
    ['x', 'a=123456789012.0'],
    ['x', 'a=(1.0 2)'],
    ['x', 'a=(2 1.0)'],
    ['x', 'a=b;c=1.0'],
    ['x', 'a="1";c=1.0'],
    ['x', 'a="\\"";c=1.0'],
    ['l', '1.0'],
    ['l', '2, 1.0'],
    ['l', '2,1.0'],
    ['i', '-1.0'],
  ])
    test(`${name}: ${value} is refused: it would be written otherwise`, () =>
      assert.equal(
        of(name, value, value),
        `ERR_HMAC_MALFORMED: the field ${name} holds a whole number written as a decimal, which cannot be kept as it is`,
      ))
  for (const [name, value, canonical = value] of [
    ['x', 'a=1.05'],
    ['x', 'a=1.001'],
    ['x', 'a="1.0"'],
    ['x', 'a="\\"1.0"'],
    ['x', 'a="\\\\", b=" 1.0"'],
    ['x', 'a=b1.0'],
    ['x', 'a=10'],
    ['l', 'v1.0, "x"'],
    ['l', 'v1.0,  1.5', 'v1.0, 1.5'],
    ['i', 'v1.0'],
  ])
    test(`${name}: ${value} is another thing`, () => assert.equal(of(name, value, canonical), true))
})

test('a field of one item is not a list of several', () => {
  const own = scheme(rfc({ covered: { structured: { l: 'list', i: 'item' } } }))
  const of = (name) => told(covering({ [`"${name}";sf`]: 'a, b' }, [name, 'a, b']), LENIENT, own)
  assert.equal(of('l'), true)
  assert.equal(of('i'), 'ERR_HMAC_MALFORMED: i is no structured field of its type')
})

describe('a scheme of its own with components', () => {
  test('joins their lines as it says', () => {
    const joined = scheme(
      rfc({
        base: { item: '{component}: {value}', join: '\n', named: { '@method': '{component}: {method}' } },
        message: '{base}\n"@signature-params": {covered}',
        ambiguous: 'the line before the last ends with no line feed of its own',
        covered: { mustInclude: ['@method', 'content-digest'] },
      }),
    )
    const out = sign(
      joined,
      { ...POST, headers: ['host', 'example.com'] },
      { secret: encoded, now, keyId: 'k', nonce: false, algorithm: false },
    )
    const list = `("@method" "content-digest");created=${nowSeconds};keyid="k"`
    assert.equal(out.message.toString(), `"@method": POST\n"content-digest": ${DIGEST}\n"@signature-params": ${list}`)
  })
  test('hashes them, with octets beyond ASCII as they came', () => {
    const hashed = scheme(rfc({ message: '{base|sha256|hex}\n{covered}' }))
    const list = `("x");created=${nowSeconds}`
    const digest = createHash('sha256').update(Buffer.from('"x": caf\u00c3\u00a9\n', 'latin1')).digest('hex')
    const received = carrying({ a: [list, `:${base64Of(`${digest}\n${list}`)}:`] }, ['x', 'caf\u00c3\u00a9'])
    assert.equal(told(received, LENIENT, hashed), true)
  })
  for (const [name, more, ...expected] of [
    [
      'an unknown part in an item',
      { base: { item: '{valu}\n' } },
      'define.base.item: column 2: unknown part {valu}; did you mean {value}? in "{valu}\\n"',
    ],
    [
      'an unknown part of a name',
      { base: { named: { '@method': '{componen}\n' } } },
      'define.base.named.@method: column 2: unknown part {componen}; did you mean {component}? in "{componen}\\n"',
    ],
    [
      'an argument of what has none',
      { base: { item: '{value:x}\n' } },
      'define.base.item: column 2: unknown part {value:x}; did you mean {value}? in "{value:x}\\n"',
    ],
    [
      'the line behind the list on it',
      { base: { named: { ...rfc9421.define.base.named, '@signature-params': '{component}: x\n' } } },
      'define.base.named: "@signature-params" stands behind the list and not on it',
    ],
  ])
    test(`${name} does not compile`, () => assert.deepEqual(mistakes(rfc(more)).slice(0, 1), expected))
  test('ends where the line of its parameters begins, and nowhere else', () => {
    const runsInto = (message) => mistakes(rfc({ message })).some((line) => line.includes('a list runs into'))
    assert.equal(runsInto('{base}"@signature-params": {covered}'), false)
    assert.equal(runsInto('{base}"@signature-params": v1 {covered}'), false)
    assert.equal(runsInto('{base}"@signature": {covered}'), true)
    const behind = mistakes(rfc({ base: { before: '?' }, message: '{path}{base}"@signature-params": {covered}' }))
    assert.match(behind.join(), /\{path\} runs into a list/, 'its lines are not what is said to stand before them')
    assert.equal(runsInto('{base}"x"\n"@signature-params": {covered}'), true)
  })
  test('what the caller gives as a list has to be one', () => {
    for (const [covered, expected] of [
      ['x', 'the list of components is no list in parentheses'],
      ['"a"', 'the list of components is no list in parentheses'],
      ['', 'the list of components is no structured field of its type'],
      ['("a"', 'the list of components is no structured field of its type'],
      ['("host"), ("b")', 'the list of components is no list in parentheses'],
    ])
      assert.throws(
        () => sign(rfc9421, POST, { secret: encoded, now, fields: { covered } }),
        { message: `scheme 'rfc9421': the request cannot be signed: ${expected}` },
        covered,
      )
  })
})

describe('a list of components that was read before is not read again', () => {
  /** How many Byte Sequences are read while a request is judged: a list holds one, and no other part of the request. */
  const reads = (input) => {
    const original = globalThis.atob
    let count = 0
    globalThis.atob = (text) => {
      count += 1
      return original(text)
    }
    try {
      told({ ...POST, headers: ['signature-input', input, 'signature', 'sig1=1'] }, LENIENT)
    } finally {
      globalThis.atob = original
    }
    return count
  }
  const fresh = () => `("a";x=:${Buffer.from(randomUUID()).toString('base64')}:)`

  test('whatever its label is and whatever stands behind it', () => {
    const one = fresh()
    const two = fresh()
    assert.ok(reads(`sig1=${one};created=1`) > 0)
    assert.ok(reads(`sig1=${two}`) > 0)
    for (const input of [`sig1=${one}`, `sig1=${one};created=1`, `*=${one};created=2;keyid="k"`, `s=${two};x`, `a-b_c.d*9=${one}`])
      assert.equal(reads(input), 0, input)
  })
  test('unless it stands beside another member, or in another form', () => {
    const one = fresh()
    reads(`sig1=${one}`)
    for (const input of [`sig1=${one}, b=1`, `sig1=${one} , b`, `sig1=( ${one.slice(1)}`]) assert.ok(reads(input) > 0, input)
  })
  test('of 256 others it is forgotten', () => {
    const one = fresh()
    reads(`sig1=${one}`)
    for (let i = 0; i < 256; i += 1) reads(`sig1=${fresh()}`)
    assert.ok(reads(`sig1=${one}`) > 0)
  })
})

describe('a list of components that nobody has sent before', () => {
  const octets = `:${Buffer.from(DIGEST).toString('base64')}:`
  const { '"content-digest"': _digest, ...rest } = FULL
  /** A header that no other list covers, so that nothing is known of this one. */
  const beside = (lines, headers = []) => {
    const name = `x-${randomUUID()}`
    return told(covering({ ...lines, [`"${name}"`]: '1' }, [name, '1', ...headers]))
  }
  for (const [component, value, expected] of [
    ['"content-digest"', DIGEST, true],
    ['"content-digest";sf', DIGEST, true],
    ['"content-digest";bs', octets, true],
    ['"content-digest";key="sha-256"', DIGEST.slice(8), 'ERR_HMAC_UNCOVERED: content-digest has to be signed and is not on the list'],
    ['"content-digest";sf=?0', DIGEST, 'ERR_HMAC_UNCOVERED: content-digest has to be signed and is not on the list'],
    ['"content-digest";x', DIGEST, 'ERR_HMAC_UNCOVERED: content-digest has to be signed and is not on the list'],
    ['content-digest', DIGEST, 'ERR_HMAC_MALFORMED: a covered component is no string'],
  ])
    test(`${component} stands for the whole field: ${expected === true}`, () =>
      assert.equal(beside({ ...rest, [component]: value }), expected))
  for (const [component, expected] of [
    ['"@query-param";name=1', '"@query-param";name=1 needs the parameter "name" and no other'],
    ['"@query-param";name="a";x', '"@query-param";name="a";x needs the parameter "name" and no other'],
    ['"host";x', 'the parameter "x" of "host";x is unknown'],
    ['"host";sf=1', 'the parameter "sf" of "host";sf=1 has not its type'],
    ['"host";sf=?0', 'the parameter "sf" of "host";sf=?0 has not its type'],
    ['"host";key=1', 'the parameter "key" of "host";key=1 has not its type'],
    ['"host";bs="a"', 'the parameter "bs" of "host";bs="a" has not its type'],
  ])
    test(`${component} is refused`, () => assert.equal(beside({ ...FULL, [component]: 'x' }), `ERR_HMAC_MALFORMED: ${expected}`))
  test('is signed as well', () => {
    const name = `x-${randomUUID()}`
    const input = { ...POST, headers: ['host', 'example.com', name, '1'] }
    const out = sign(rfc9421, input, { secret: encoded, now, keyId: 'k', sign: [name] })
    assert.match(out.message.toString(), new RegExp(`^"${name}": 1$`, 'm'))
    assert.equal(told({ ...input, headers: [...input.headers, ...Object.entries(out.headers).flat()] }), true)
  })
})
