import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileScheme, scheme, sign } from '@countersign/schemes'
import { acme, hexOf, mistakes, now, request, secret, signed, verdict } from './signing.js'

const body = '{"n":1}'
/** What UTF-8 text is on the wire. */
const onWire = (text) => Buffer.from(text).toString('latin1')

/** What a message of one template prints in front of a line break and the body. */
function printed(template, headers, more) {
  const { message } = signed(acme({ message: `{body|sha256|hex}${template}`, ...more }), { headers })
  return message.subarray(64).toString()
}

describe('what a field has to be is compared as the octets that it is', () => {
  const checks = (field, sent) => {
    const definition = acme({ fields: { f: field }, message: '{f}\n{body}', ...sent.define })
    const out = signed(definition, sent)
    assert.equal(verdict(definition, out), true)
    return out
  }
  test('the body itself', () => {
    assert.equal(checks({ header: 'f', value: '{body}' }, { body: 'abc' }).headers.f, 'abc')
    const one = acme({ fields: { f: { header: 'f', value: '{body}' } }, message: '{f}\n{body}' })
    const other = { headers: { f: 'abd', 'x-signature': hexOf('abd\nabc') }, body: 'abc' }
    assert.equal(verdict(one, request(other)), 'ERR_HMAC_DIGEST')
  })
  test('text of the definition in front of text of the wire', () =>
    assert.equal(checks({ header: 'f', value: '\u00e9{header:x}' }, { headers: { x: 'a' } }).headers.f, onWire('\u00e9a')))
  test('text beyond ASCII in a header, of the definition or of the set-up', () => {
    assert.equal(checks({ header: 'f', value: '\u00e9' }, {}).headers.f, '\u00e9')
    assert.equal(checks({ header: 'f', value: '{param:p}' }, { define: { params: { p: '\u00e9' } } }).headers.f, '\u00e9')
  })
  test('text of the definition in a JSON body', () =>
    assert.deepEqual(JSON.parse(checks({ json: '/f', value: '\u00e9' }, { define: { message: '{f}', allowUnboundBody: 'x' } }).body), {
      n: 1,
      f: '\u00e9',
    }))
  test('text of the wire where other requests have other text', () => {
    const d = { choose: [{ when: { method: 'GET' }, use: 'none' }, { use: '{header:x}' }] }
    const out = checks({ header: 'f', value: '{d}' }, { headers: { x: '\u00e9' }, define: { define: { d } } })
    assert.equal(out.headers.f, '\u00e9')
  })
})

describe('fields are written in an order in which each finds what it names', () => {
  const digest = { header: 'g', value: '{body|sha256|hex}' }
  for (const [name, f, g, define] of [
    ['by its name', '{g}', digest],
    ['by its header', '{header:g}', digest],
    ['by its header, which holds more', '{header:g}', { ...digest, format: 'v={g}' }],
    ['in a text that is defined', '{d}', digest, { d: '{g}' }],
    ['in a text that is hashed', '{d|sha256|hex}{g}', digest, { d: '{g}' }],
    ['only in a text that is hashed', '{d|sha256|hex}', digest, { d: '{g}' }],
    ['beside a list of headers', '{l|sha256|hex}{g}', digest, { l: { each: 'headers', prefix: 'x-', item: '{name}:{value}\n', join: '' } }],
  ]) {
    test(name, () => {
      const one = acme({ fields: { f: { header: 'f', value: f }, g }, define, message: '{g}\n{body|sha256|hex}\n{f}' })
      const out = signed(one, { headers: name.includes('list') ? { 'x-a': 'b' } : {} })
      assert.equal(verdict(one, out), true)
      assert.ok(out.headers.f.includes(out.headers.g.slice(-64)) || name.startsWith('only'), JSON.stringify(out.headers))
    })
  }
})

test('what may be absent prints nothing where it is empty, whatever pipes stand behind it', () => {
  for (const headers of [{}, { x: '' }]) {
    assert.equal(printed('{header:x?|prepend:a}', headers), '')
    assert.equal(printed('{header:x?|sha256|hex}', headers), '')
    assert.equal(printed('{header:x?|default:d|prepend:a}', headers), 'ad')
  }
  assert.equal(printed('{header:x|default:d}', {}), 'd')
  assert.equal(printed('{header:x?|prepend:a}', { x: 'b' }), 'ab')
})

test('a backslash in an argument stands for what is behind it, and letters for themselves', () => {
  assert.equal(printed('\n{header:x|remove:\\|}', { x: 'a|b' }), '\nab')
  assert.equal(printed('\n{header:x|replace:\\{/\\}}', { x: 'a{n' }), '\na}n')
  assert.equal(printed('\n{header:x|prepend:tan\\\\n}', { x: 'a' }), '\ntan\\na')
  assert.equal(printed('\n{header:x|append:\\n}', { x: 'a' }, { ambiguous: undefined }), '\na\n')
  assert.equal(printed('\n{header:x|prepend:\\q}', { x: 'a' }), '\n\\qa')
})

describe('a choice of texts', () => {
  const of = (first, second) => ({ message: { choose: [{ when: { method: 'GET' }, use: first }, { use: second }] } })
  test('a mistake in a branch has its place', () => {
    assert.deepEqual(mistakes(of('a{bodi}', 'b{body}')), [
      'message.choose[0].use: column 3: unknown part {bodi}; did you mean {body}? in "a{bodi}"',
    ])
    assert.deepEqual(
      mistakes({ message: { choose: [{ when: { carries: 'g' }, use: 'a{body}' }, { use: 'b{body}' }] }, fields: { f: { header: 'f' } } }),
      ['message.choose[0].when.carries: "g" is no role and no field; did you mean "f"?'],
    )
  })
  test('that is defined is text where its branches are', () => {
    const d = { choose: [{ when: { method: 'GET' }, use: 'a' }, { use: 'b' }] }
    assert.deepEqual(mistakes({ define: { d }, message: '{body|sha256|hex}{d|upper}' }), [])
    assert.equal(printed('{d|upper}', {}, { define: { d } }), 'B')
  })
  test('what chooses a branch is told, and nothing of the last one', () => {
    const { branches } = compileScheme({ name: 'acme', signature: { header: 'x' }, ...of('a{body}', 'b{body}') }).facts
    assert.deepEqual(
      branches.map(({ when }) => when),
      [{ method: 'GET' }, undefined],
    )
    const inner = { choose: [{ when: { body: true }, use: 'b{body}' }, { use: 'c{body}' }] }
    const nested = compileScheme({ name: 'acme', signature: { header: 'x' }, ...of('a{body}', inner) }).facts.branches
    assert.deepEqual(
      nested.map(({ when }) => when),
      [{ method: 'GET' }, { body: true }, undefined],
    )
  })
})

describe('several signatures behind what stands once', () => {
  const several = (more) => ({
    signature: { header: 'x', format: '{keyId},{signature+}', ...more },
    keyId: undefined,
    message: '{keyId}.{body}',
  })
  const known = (id) => ({ secret: { id, secret } })
  test('a format that cannot be read is told', () => {
    assert.deepEqual(mistakes({ signature: { header: 'x', format: '{signature' } }), [
      'signature.format: column 1: "{" is never closed in "{signature"; write "{{" for a literal brace, "\\{" and "\\}" in the argument of a pipe',
      'signature.format: does not hold {signature}',
    ])
    assert.equal(
      mistakes({ signature: { header: 'x', format: '{signature},{keyId+}' } })[0],
      'signature.format: "+" in {keyId+} stands only behind {signature}',
    )
  })
  test('a key id that looks like a signature is one', () => {
    const id = hexOf('x')
    const one = acme(several())
    const out = signed(one, {}, known(id))
    assert.equal(out.headers.x, `${id},${hexOf(`${id}.${body}`)}`)
    assert.equal(verdict(one, out, known(id)), true)
  })
  test('as many as a format may name, and none that is empty', () => {
    const one = acme({
      ...several({ max: 1000 }),
      algorithm: { a: 'sha256', b: 'sha512' },
      fields: { algorithm: { header: 'alg' } },
      message: '{algorithm}.{keyId}.{body}',
    })
    const mac = hexOf(`a.k.${body}`)
    const of = (macs) => verdict(one, request({ headers: { alg: 'a', x: ['k', ...macs].join() } }), known('k'))
    assert.equal(of([mac]), true)
    assert.equal(of([hexOf('other'), mac]), true)
    assert.equal(of([...Array.from({ length: 28 }, () => hexOf('other')), mac]), true)
    assert.equal(of(Array.from({ length: 63 }, () => mac)), true)
    assert.equal(of(Array.from({ length: 64 }, () => mac)), 'ERR_HMAC_MALFORMED')
    assert.equal(of(Array.from({ length: 200 }, () => mac)), 'ERR_HMAC_MALFORMED')
    assert.equal(of(['']), 'ERR_HMAC_MALFORMED')
    assert.notEqual(of(['', mac]), true, 'the key id is then "k,"')
  })
})

describe('names', () => {
  const table = { a: 'sha256', b: 'sha512' }
  test('the field of the algorithm and those behind it are kept apart', () => {
    const one = acme({
      algorithm: table,
      fields: { algorithm: { header: 'alg' }, g: { header: 'g' }, h: { header: 'h' } },
      message: '{algorithm}\n{g}\n{h}\n{body}',
    })
    const out = signed(one, { headers: { g: 'G', h: 'H', alg: 'a' } })
    assert.equal(out.message.toString(), `a\nG\nH\n${body}`)
    assert.equal(verdict(one, out), true)
  })
  test('only the field of the algorithm has the name of a role, and that where there is a choice', () => {
    assert.deepEqual(
      mistakes({ algorithm: table, fields: { algorithm: { header: 'alg' }, nonce: { header: 'n' } }, message: '{algorithm}\n{body}' }),
      ['fields.nonce: {nonce} is a role or part of the language; choose another name'],
    )
    assert.match(mistakes({ fields: { algorithm: { header: 'alg' } } })[0], /^fields\.algorithm: \{algorithm\} is a role/)
  })
})

describe('set-ups', () => {
  const plain = { name: 'acme', signature: { header: 'x-signature' }, message: '{body}' }
  test('what is no definition is told by name', () => {
    for (const [value, got] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [5, 'number'],
      ['x', 'string'],
    ])
      assert.throws(() => scheme(value), {
        code: 'ERR_INVALID_ARG_TYPE',
        message: `scheme: option "definition" must be an object; got ${got}`,
      })
  })
  test('a param that a set-up has to give is none that the definition lacks', () => {
    const authorized = scheme({ ...plain, params: { word: null }, signature: { authorization: '{param:word}' } })
    assert.equal(signed(authorized, {}, { params: { word: 'Acme' } }).headers.authorization, `Acme ${hexOf(body)}`)
  })
  test('a definition that was changed is compiled anew', () => {
    const changing = structuredClone(plain)
    assert.equal(signed(changing).message.toString(), body)
    changing.message = 'v2.{body}'
    assert.equal(signed(changing).message.toString(), `v2.${body}`)
  })
  test('limits are what can be had', () => {
    const dated = acme({ timestamp: { header: 't', unit: 'seconds' }, message: '{timestamp}.{body}' })
    const out = signed(dated, {}, { toleranceSeconds: 31_622_400 })
    assert.equal(verdict(dated, out, { toleranceSeconds: 31_622_400 }), true)
    const short = 'sixteen octets!!'
    assert.equal(sign(scheme(plain), request(), { secret: short, now }).headers['x-signature'], hexOf(body, short))
  })
  test('what a secret may not be is told by the name of the option', () => {
    assert.throws(
      () => signed(acme({}), {}, { secret: () => secret }),
      /: option "secret" must be a secret; look-ups are for hmacVerify; got function$/,
    )
    const own = acme({ insecure: 'x', construction: 'hash', message: '{secret}{body}' })
    assert.throws(
      () => signed(own, {}, { secret: Buffer.from(secret), allowInsecureScheme: true }),
      /: option "secret" must be the text that the vendor shows: the scheme signs it with the rest$/,
    )
  })
})
