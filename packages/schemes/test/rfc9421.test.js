import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { rfc9421, scheme, sign, verify } from '@countersign/schemes'
import fc from 'fast-check'

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../../test/vectors/rfc9421.json'), 'utf8'))
const { secret } = vectors
const KEY = Buffer.from(secret, 'base64')
const CREATED = 1_618_884_473
const clock = (seconds) => () => seconds * 1000

/** RFC 9421's examples leave what a verifier would ask for: such a set-up accepts them. */
const LENIENT = { mustInclude: [], allowUnboundBody: true }

/** The preset, for whom Example-Dict is a dictionary, as the RFC has it. */
const own = scheme({
  ...rfc9421,
  fields: { ...rfc9421.fields, covered: { ...rfc9421.fields.covered, structured: { 'example-dict': 'dictionary' } } },
})

/** A request that carries the HMAC of a signature base that stands in the test, made without the code under test. */
function carrying(request, base, { label = 'sig', key = KEY } = {}) {
  const member = base.at(-1).replace('"@signature-params": ', '')
  const mac = createHmac('sha256', key)
    .update(Buffer.from(base.join('\n'), 'latin1'))
    .digest('base64')
  return {
    ...request,
    headers: [...(request.headers ?? []), 'Signature-Input', `${label}=${member}`, 'Signature', `${label}=:${mac}:`],
    body: Buffer.from(request.body ?? ''),
  }
}

/** The signature base of component lines, and the parameters that every test has. */
function baseOf(lines, params = `;created=${CREATED};keyid="k"`) {
  const names = Object.keys(lines)
  return [...names.map((name) => `${name}: ${lines[name]}`), `"@signature-params": (${names.join(' ')})${params}`]
}

function verdict(request, options = {}, definition = rfc9421) {
  const result = verify(definition, request, { secret, now: clock(CREATED), ...options })
  return result.ok ? true : result.code
}

describe('the components of the RFC', () => {
  for (const { id, source, request, lines } of vectors.components) {
    test(`${id} (${source}): our base is the RFC's`, () => {
      assert.equal(verdict(carrying(request, baseOf(lines)), LENIENT, own), true)
    })
    test(`${id} (${source}): any other line is refused`, () => {
      const [first] = Object.keys(lines)
      const other = { ...lines, [first]: `${lines[first]}x` }
      assert.equal(verdict(carrying(request, baseOf(other)), LENIENT, own), 'ERR_HMAC_MISMATCH')
    })
  }
})

describe('the signature bases of the RFC', () => {
  for (const { id, source, request, base } of vectors.bases) {
    test(`${id} (${source})`, () => {
      assert.equal(verdict(carrying(request, base), LENIENT), true)
    })
  }

  test('appendix B.2.5: the published signature', () => {
    const { request, base } = vectors.bases.find(({ id }) => id === 'b25')
    assert.equal(createHmac('sha256', KEY).update(base.join('\n')).digest('base64'), vectors.b25)
    const signed = sign(
      rfc9421,
      { ...request, body: Buffer.from(request.body) },
      {
        secret,
        now: clock(CREATED),
        keyId: 'test-shared-secret',
        nonce: false,
        algorithm: false,
        params: { label: 'sig-b25' },
        fields: { covered: '("date" "@authority" "content-type")' },
      },
    )
    assert.equal(signed.headers.signature, `sig-b25=:${vectors.b25}:`)
    assert.equal(
      signed.headers['signature-input'],
      'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    )
  })
})

const BODY = '{"hello": "world"}'
const DIGEST = `sha-256=:${createHash('sha256').update(BODY).digest('base64')}:`
const POST = { method: 'POST', url: 'https://example.com/foo?a=1', headers: ['host', 'example.com', 'content-digest', DIGEST], body: BODY }
const FULL = { '"@method"': 'POST', '"@target-uri"': 'https://example.com/foo?a=1', '"content-digest"': DIGEST }

/** POST, signed over `lines`. */
const posted = (lines = FULL, params, options) => carrying({ ...POST, ...options?.request }, baseOf(lines, params), options)

describe('what has to be covered', () => {
  test('method, target and, with a body, Content-Digest', () => assert.equal(verdict(posted()), true))
  for (const name of Object.keys(FULL)) {
    test(`without ${name}`, () => {
      const { [name]: _left, ...rest } = FULL
      assert.equal(verdict(posted(rest)), 'ERR_HMAC_UNCOVERED')
    })
  }
  test('no Content-Digest is asked of a request without body', () => {
    const { '"content-digest"': _left, ...rest } = FULL
    assert.equal(verdict(carrying({ ...POST, headers: ['host', 'example.com'], body: '' }, baseOf(rest))), true)
  })
  test('authority, path and query stand for the target', () => {
    const { '"@target-uri"': _left, ...rest } = FULL
    assert.equal(verdict(posted({ ...rest, '"@authority"': 'example.com', '"@path"': '/foo', '"@query"': '?a=1' })), true)
    assert.equal(verdict(posted({ ...rest, '"@authority"': 'example.com', '"@request-target"': '/foo?a=1' })), true)
    assert.equal(verdict(posted({ ...rest, '"@authority"': 'example.com', '"@path"': '/foo' })), 'ERR_HMAC_UNCOVERED')
    assert.equal(verdict(posted({ ...rest, '"@path"': '/foo', '"@query"': '?a=1' })), 'ERR_HMAC_UNCOVERED')
  })
  test('a digest as octets or strictly serialized is covered as a whole; one member of it is not', () => {
    const { '"content-digest"': _left, ...rest } = FULL
    const octets = `:${Buffer.from(DIGEST).toString('base64')}:`
    assert.equal(verdict(posted({ ...rest, '"content-digest";bs': octets })), true)
    assert.equal(verdict(posted({ ...rest, '"content-digest";sf': DIGEST })), true)
    assert.equal(verdict(posted({ ...rest, '"content-digest";key="sha-256"': DIGEST.slice(8) })), 'ERR_HMAC_UNCOVERED')
  })
  test('the option mustInclude says what else', () => {
    const floor = { mustInclude: ['@method', '@authority', '"@query-param";name="a"', 'content-digest'] }
    const lines = { '"@method"': 'POST', '"@authority"': 'example.com', '"@query-param";name="a"': '1', '"content-digest"': DIGEST }
    assert.equal(verdict(posted(lines), floor), true)
    const { '"@query-param";name="a"': _left, ...rest } = lines
    assert.equal(verdict(posted(rest), floor), 'ERR_HMAC_UNCOVERED')
  })
  test('a parameter that is covered stands alone, also for parsers of nested names', () => {
    const floor = { mustInclude: ['@method', '@authority', '"@query-param";name="a"', 'content-digest'] }
    const lines = { '"@method"': 'POST', '"@authority"': 'example.com', '"@query-param";name="a"': '1', '"content-digest"': DIGEST }
    const request = posted(lines)
    const beside = (text) => verdict({ ...request, url: `${request.url}&${text}` }, floor)
    for (const text of ['[a]=2', 'a[]=2', 'a%5Bx%5D=2', '%5Ba%5D=2', 'a%5B%=2', 'a=1'])
      assert.equal(beside(text), 'ERR_HMAC_DUPLICATED', text)
    for (const text of ['x[a]=2', 'ab[]=2', '[]a=2']) assert.equal(beside(text), true, text)
  })
  test('a floor without Content-Digest needs allowUnboundBody', () => {
    assert.throws(() => verdict(posted(), { mustInclude: ['@method'] }), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: /does not sign the body/,
    })
    assert.equal(verdict(posted({ '"@method"': 'POST' }), { mustInclude: ['@method'], allowUnboundBody: true }), true)
  })
})

describe('Content-Digest (RFC 9530)', () => {
  const sha512 = `sha-512=:${createHash('sha512').update(BODY).digest('base64')}:`
  const md5 = `md5=:${createHash('md5').update(BODY).digest('base64')}:`
  const other = `sha-256=:${createHash('sha256').update('other').digest('base64')}:`
  const withDigest = (...values) => {
    const headers = ['host', 'example.com', ...values.flatMap((value) => ['content-digest', value])]
    return verdict(carrying({ ...POST, headers }, baseOf({ ...FULL, '"content-digest"': values.join(', ') })))
  }
  test('sha-256, sha-512, both, in one line or two', () => {
    assert.equal(withDigest(sha512), true)
    assert.equal(withDigest(`${DIGEST}, ${sha512}`), true)
    assert.equal(withDigest(DIGEST, sha512), true)
  })
  test('of several each that is known has to be right', () => {
    assert.equal(withDigest(other), 'ERR_HMAC_DIGEST')
    assert.equal(withDigest(`${sha512}, ${other}`), 'ERR_HMAC_DIGEST')
  })
  test('others are ignored, and are not enough', () => {
    assert.equal(withDigest(`${md5}, ${DIGEST}`), true)
    assert.equal(withDigest(md5), 'ERR_HMAC_DIGEST')
  })
  test('what is no dictionary is refused', () => {
    assert.equal(withDigest(`${DIGEST}, ???`), 'ERR_HMAC_MALFORMED')
    assert.equal(withDigest(`${DIGEST}, ${DIGEST}`), 'ERR_HMAC_DUPLICATED')
  })
  test('a changed body is refused', () => {
    assert.equal(verdict({ ...posted(), body: Buffer.from(`${BODY} `) }), 'ERR_HMAC_DIGEST')
  })
})

describe('time', () => {
  const at = (seconds, params) => verdict(posted(FULL, params), { now: clock(seconds) })
  test('created is needed', () => assert.equal(at(CREATED, ';keyid="k"'), 'ERR_HMAC_MALFORMED'))
  test('P12: created is fresh within the tolerance, both ways', () => {
    assert.equal(at(CREATED + 300), true)
    assert.equal(at(CREATED + 301), 'ERR_HMAC_STALE')
    assert.equal(at(CREATED - 300), true)
    assert.equal(at(CREATED - 301), 'ERR_HMAC_FUTURE')
  })
  test('expires has not passed', () => {
    const params = `;created=${CREATED};expires=${CREATED + 10}`
    assert.equal(at(CREATED + 10, params), true)
    assert.equal(at(CREATED + 11, params), 'ERR_HMAC_STALE')
  })
  for (const created of ['"1618884473"', '1618884473.5', 'abc', '-1', '?1']) {
    test(`created=${created} is no time`, () => assert.equal(at(CREATED, `;created=${created}`), 'ERR_HMAC_MALFORMED'))
  }
})

describe('parameters', () => {
  const base = `;created=${CREATED}`
  test('unknown ones count as they are', () => assert.equal(verdict(posted(FULL, `${base};x-mine=tok;y=1.5;z;b=:AQID:`)), true))
  test('alg names another algorithm', () => assert.equal(verdict(posted(FULL, `${base};alg="rsa-pss-sha512"`)), 'ERR_HMAC_ALGORITHM'))
  test('alg="hmac-sha256" holds', () => assert.equal(verdict(posted(FULL, `${base};alg="hmac-sha256"`)), true))
  test('a parameter of another type is refused', () => assert.equal(verdict(posted(FULL, `${base};keyid=k`)), 'ERR_HMAC_MALFORMED'))
  test('a set-up that names a tag asks for exactly it', () => {
    const tag = { params: { tag: 'mine' } }
    assert.equal(verdict(posted(FULL, `${base};tag="mine"`), tag), true)
    assert.equal(verdict(posted(FULL, `${base};tag="other"`), tag), 'ERR_HMAC_DIGEST')
    assert.equal(verdict(posted(FULL, base), tag), 'ERR_HMAC_INCOMPLETE')
  })
  test('blanks that the RFC allows do not count', () => {
    const request = posted()
    const loose = request.headers.map((value) => value.replace(');created', ');  created').replace('" "', '"   "').replace('=(', '=( '))
    assert.notDeepEqual(loose, request.headers)
    assert.equal(verdict({ ...request, headers: loose }), true)
  })
  test('the same list with other parameters is read anew', () => {
    for (const nonce of ['one', 'two', 'a)b', 'c,d', 'e;f']) assert.equal(verdict(posted(FULL, `${base};nonce="${nonce}"`)), true, nonce)
  })
  test('a whole number written as a decimal is refused, because it would be written otherwise', () => {
    const request = carrying(
      { ...POST, headers: [...POST.headers, 'example-dict', 'a=1.0'] },
      baseOf({ ...FULL, '"example-dict";sf': 'a=1' }),
    )
    assert.equal(verdict(request, {}, own), 'ERR_HMAC_MALFORMED')
  })
})

describe('components that a request cannot have', () => {
  const refused = {
    '"@status"': 'ERR_HMAC_MALFORMED',
    '"@unknown"': 'ERR_HMAC_MALFORMED',
    '"@signature-params"': 'ERR_HMAC_MALFORMED',
    '"@method";req': 'ERR_HMAC_MALFORMED',
    '"host";req': 'ERR_HMAC_MALFORMED',
    '"host";tr': 'ERR_HMAC_MALFORMED',
    '"host";x': 'ERR_HMAC_MALFORMED',
    '"Host"': 'ERR_HMAC_MALFORMED',
    '"not a name"': 'ERR_HMAC_MALFORMED',
    '"host";sf': 'ERR_HMAC_MALFORMED',
    '"host";sf=?0': 'ERR_HMAC_MALFORMED',
    '"host";key="a";bs': 'ERR_HMAC_MALFORMED',
    '"content-digest";bs;sf': 'ERR_HMAC_MALFORMED',
    '"priority";key="u"': 'ERR_HMAC_INCOMPLETE',
    '"content-digest";key="md5"': 'ERR_HMAC_INCOMPLETE',
    '"content-digest";key="a: b"': 'ERR_HMAC_MALFORMED',
    '"x-absent"': 'ERR_HMAC_INCOMPLETE',
    '"x-absent";bs': 'ERR_HMAC_INCOMPLETE',
    '"@query-param"': 'ERR_HMAC_MALFORMED',
    '"@query-param";name=a': 'ERR_HMAC_MALFORMED',
    '"@query-param";name="b"': 'ERR_HMAC_INCOMPLETE',
    '"@query";name="a"': 'ERR_HMAC_MALFORMED',
    token: 'ERR_HMAC_MALFORMED',
    1: 'ERR_HMAC_MALFORMED',
  }
  for (const [component, code] of Object.entries(refused)) {
    test(`${component}: ${code}`, () => assert.equal(verdict(posted({ ...FULL, [component]: '' })), code))
  }
  for (const [component, reason] of [
    ['"host";req', 'is of the request that a response answers'],
    ['"host";tr', 'trailers are not read'],
    ['"@status"', 'is of a response'],
  ]) {
    test(`${component}: the reason says ${reason}`, () => {
      const result = verify(rfc9421, posted({ ...FULL, [component]: '' }), { secret, now: clock(CREATED) })
      assert.ok(result.reason.includes(reason), result.reason)
    })
  }
  test('a component that stands twice', () => {
    const base = baseOf(FULL)
    const twice = [...base.slice(0, -1), '"@method": POST', base.at(-1).replace('"@method"', '"@method" "@method"')]
    assert.equal(verdict(carrying(POST, twice)), 'ERR_HMAC_DUPLICATED')
  })
  test('a query parameter that stands twice', () => {
    const request = { ...POST, url: 'https://example.com/foo?a=1&a=2' }
    const lines = { ...FULL, '"@target-uri"': request.url, '"@query-param";name="a"': '1' }
    assert.equal(verdict(carrying(request, baseOf(lines))), 'ERR_HMAC_DUPLICATED')
  })
  test('a field that a reader takes one line of must not stand twice', () => {
    const request = { ...POST, headers: [...POST.headers, 'content-type', 'text/plain', 'content-type', 'a/b'] }
    assert.equal(verdict(carrying(request, baseOf({ ...FULL, '"content-type"': 'text/plain, a/b' }))), 'ERR_HMAC_DUPLICATED')
  })
  test('more than 64 components', () => {
    const names = Array.from({ length: 65 }, (_, i) => `x-${i}`)
    const request = { ...POST, headers: [...POST.headers, ...names.flatMap((name) => [name, ''])] }
    const lines = Object.fromEntries(names.map((name) => [`"${name}"`, '']))
    assert.equal(verdict(carrying(request, baseOf({ ...FULL, ...lines }))), 'ERR_HMAC_MALFORMED')
  })
  test('header octets beyond ASCII count as they came', () => {
    const request = { ...POST, headers: [...POST.headers, 'x-name', 'caf\u00c3\u00a9'] }
    assert.equal(verdict(carrying(request, baseOf({ ...FULL, '"x-name"': 'caf\u00c3\u00a9' }))), true)
  })
})

describe('the public origin', () => {
  const seen = { ...posted(), url: '/foo?a=1' }
  test('decides the target, and not what was received', () => {
    assert.equal(verdict(seen, { publicOrigin: 'https://example.com' }), true)
    assert.equal(verdict(seen, { publicOrigin: 'https://other.example' }), 'ERR_HMAC_MISMATCH')
    assert.equal(verdict(seen, { publicOrigin: 'http://example.com' }), 'ERR_HMAC_MISMATCH')
  })
  test('is needed for a target', () => assert.equal(verdict(seen), 'ERR_HMAC_INCOMPLETE'))
  test('an authority is lower case and without the default port', () => {
    const lines = { '"@authority"': 'example.com', '"@scheme"': 'https' }
    const request = { ...POST, headers: ['host', 'EXAMPLE.com:443'] }
    assert.equal(verdict(carrying(request, baseOf(lines)), LENIENT), true)
    const other = { ...POST, url: 'https://example.com:8443/foo', headers: ['host', 'Example.com:8443'] }
    assert.equal(verdict(carrying(other, baseOf({ '"@authority"': 'example.com:8443' })), LENIENT), true)
  })
})

describe('labels', () => {
  const base = baseOf(FULL)
  const member = base.at(-1).replace('"@signature-params": ', '')
  const mac = createHmac('sha256', KEY).update(base.join('\n')).digest('base64')
  const wrong = Buffer.alloc(32).toString('base64')
  const withFields = (input, signature) => ({
    ...POST,
    headers: [
      ...POST.headers,
      ...(input === undefined ? [] : ['signature-input', input]),
      ...(signature === undefined ? [] : ['signature', signature]),
    ],
    body: Buffer.from(BODY),
  })
  const of = (input, signature) => verdict(withFields(input, signature))

  test('any label of the request may hold', () => {
    assert.equal(of(`a=${member}, b=${member}`, `a=:${wrong}:, b=:${mac}:`), true)
    assert.equal(of(`a=();created=1, b=${member}`, `a=:${wrong}:, b=:${mac}:`), true)
    assert.equal(of(`a=?1, b=${member}`, `a=:${wrong}:, b=:${mac}:`), true)
    assert.equal(of(`b=${member}`, `a=:${wrong}:, b=:${mac}:`), true)
    assert.equal(of(`a=${member}, b=${member}`, `b=:${mac}:`), true)
  })
  test('never the parameters of one with the MAC of another', () => {
    const stale = member.replace(String(CREATED), '1')
    assert.equal(of(`a=${stale}, b=${member}`, `a=:${mac}:, b=:${wrong}:`), 'ERR_HMAC_MISMATCH')
    assert.equal(of(`a=${member}`, `b=:${mac}:`), 'ERR_HMAC_MALFORMED')
    assert.equal(of(`a=${member}, b=${stale}`, `b=:${mac}:`), 'ERR_HMAC_STALE')
  })
  test('each has to be covered enough for itself', () => {
    const weak = baseOf({ '"@method"': 'POST' })
    const weakMac = createHmac('sha256', KEY).update(weak.join('\n')).digest('base64')
    const input = weak.at(-1).replace('"@signature-params": ', '')
    assert.equal(of(`a=${input}, b=${member}`, `a=:${weakMac}:, b=:${wrong}:`), 'ERR_HMAC_UNCOVERED')
  })
  test('the messages of all that hold are given back, for the memory of what was seen', () => {
    const second = baseOf(FULL, `;created=${CREATED - 5};keyid="k";nonce="n"`)
    const secondMac = createHmac('sha256', KEY).update(second.join('\n')).digest('base64')
    const input = second.at(-1).replace('"@signature-params": ', '')
    const request = withFields(`a=${member}, b=${input}, c=${member}`, `a=:${mac}:, b=:${secondMac}:, c=:${wrong}:`)
    const result = verify(rfc9421, request, { secret, now: clock(CREATED) })
    assert.equal(result.ok, true)
    assert.deepEqual(
      result.messages.map((parts) => parts.join('')),
      [base.join('\n'), second.join('\n')],
    )
    assert.equal(result.signedAt, CREATED * 1000)
    assert.equal(result.nonce, 'n')
  })
  test('each is looked up by its own key id', () => {
    const first = baseOf(FULL, `;created=${CREATED};keyid="theirs"`)
    const ours = baseOf(FULL, `;created=${CREATED};keyid="ours"`)
    const own = createHmac('sha256', KEY).update(ours.join('\n')).digest('base64')
    const forged = createHmac('sha256', KEY).update(first.join('\n')).digest('base64')
    const inputs = [first, ours].map((lines) => lines.at(-1).replace('"@signature-params": ', ''))
    const secrets = [
      { id: 'ours', secret },
      { id: 'theirs', secret: Buffer.alloc(32, 7).toString('base64') },
    ]
    const request = withFields(`a=${inputs[0]}, b=${inputs[1]}`, `a=:${forged}:, b=:${own}:`)
    const result = verify(rfc9421, request, { secret: secrets, now: clock(CREATED) })
    assert.equal(result.keyId, 'ours')
    assert.equal(result.messages.length, 1)
    const alone = withFields(`a=${inputs[0]}`, `a=:${forged}:`)
    assert.equal(verdict(alone, { secret: secrets }), 'ERR_HMAC_MISMATCH')
  })
  test('a label that stands twice is refused', () => {
    assert.equal(of(`a=${member}, a=${member}`, `a=:${mac}:`), 'ERR_HMAC_DUPLICATED')
    assert.equal(of(`a=${member}`, `a=:${wrong}:, a=:${mac}:`), 'ERR_HMAC_DUPLICATED')
    const twoLines = withFields(`a=${member}`, `a=:${mac}:`)
    assert.equal(verdict({ ...twoLines, headers: [...twoLines.headers, 'Signature-Input', `a=${member}`] }), 'ERR_HMAC_DUPLICATED')
  })
  test('more than 16 labels', () => {
    const labels = Array.from({ length: 17 }, (_, i) => `l${i}`)
    assert.equal(of(labels.map((l) => `${l}=${member}`).join(', '), labels.map((l) => `${l}=:${mac}:`).join(', ')), 'ERR_HMAC_MALFORMED')
  })
  test('neither field: no credentials; one of them: not half of it', () => {
    assert.equal(of(undefined, undefined), 'ERR_HMAC_MISSING')
    assert.equal(of(undefined, `a=:${mac}:`), 'ERR_HMAC_MISSING')
    assert.equal(of(undefined, 'keyId="k",signature="x"'), 'ERR_HMAC_MISSING')
    assert.equal(of(`a=${member}`, undefined), 'ERR_HMAC_INCOMPLETE')
  })
  for (const [input, signature] of [
    ['', `a=:${mac}:`],
    ['a', `a=:${mac}:`],
    ['a=()', 'a=()'],
    [`a=${member}`, `a="${mac}"`],
    [`a=${member}`, `a=:${mac}`],
    [`a=${member}`, 'a=::'],
    [`A=${member}`, `A=:${mac}:`],
    [`a=${member}x`, `a=:${mac}:`],
    [`a=${member.replace(');', ')x;')}`, `a=:${mac}:`],
    [`a=${member.replace(');', ') ;')}`, `a=:${mac}:`],
    [`a=${member.replace(');', ').5;')}`, `a=:${mac}:`],
    [`a=${member};`, `a=:${mac}:`],
    [`a=(${member}`, `a=:${mac}:`],
    [`a=${member} b`, `a=:${mac}:`],
  ]) {
    test(`malformed: ${input.slice(0, 12)}...${input.slice(-6)} and ${signature.slice(0, 12)}`, () => {
      assert.match(String(of(input, signature)), /^ERR_HMAC_(?:MALFORMED|MISMATCH)$/)
    })
  }
})

describe('signing', () => {
  const keyed = { secret, now: clock(CREATED), keyId: 'key-1' }
  const input = { ...POST, body: Buffer.from(BODY) }
  const received = (signed, request = input) => ({
    ...request,
    headers: [
      ...request.headers.filter((_, i, all) => !Object.hasOwn(signed.headers, all[i - (i % 2)])),
      ...Object.entries(signed.headers).flat(),
    ],
  })

  test('method, target and digest; created, nonce, keyid, alg; then it verifies', () => {
    const signed = sign(rfc9421, { ...input, headers: ['host', 'example.com'] }, { ...keyed, nonce: 'abc' })
    assert.equal(signed.headers['content-digest'], DIGEST)
    const list = 'sig1=("@method" "@target-uri" "content-digest");created=1618884473;nonce="abc";keyid="key-1";alg="hmac-sha256"'
    assert.equal(signed.headers['signature-input'], list)
    assert.equal(verdict(received(signed)), true)
  })
  test('the caller adds components, with parameters', () => {
    const request = { ...input, headers: [...input.headers, 'priority', 'u=1,   i'] }
    const signed = sign(rfc9421, request, { ...keyed, sign: ['host', '"priority";sf', '"@query-param";name="a"'] })
    assert.match(signed.headers['signature-input'], /"content-digest" "host" "priority";sf "@query-param";name="a"\);/)
    assert.match(signed.message.toString(), /^"priority";sf: u=1, i$/m)
    assert.equal(verdict(received(signed, request)), true)
  })
  test('a digest that the caller has put there is kept when it is right, and replaced when it is not', () => {
    const sha512 = `sha-512=:${createHash('sha512').update(BODY).digest('base64')}:`
    const kept = sign(rfc9421, { ...input, headers: ['content-digest', sha512] }, keyed)
    assert.equal(kept.headers['content-digest'], sha512)
    const replaced = sign(rfc9421, { ...input, headers: ['content-digest', 'sha-256=:AAAA:'] }, keyed)
    assert.equal(replaced.headers['content-digest'], DIGEST)
  })
  test('a second signature stands beside the first, and may cover it', () => {
    const first = sign(rfc9421, input, { ...keyed, params: { label: 'first' } })
    const between = received(first)
    const second = sign(rfc9421, between, {
      secret: Buffer.alloc(32, 9).toString('base64'),
      now: clock(CREATED),
      keyId: 'gateway',
      params: { label: 'gateway', tag: 'via', expiresSeconds: '60' },
      sign: ['"signature";key="first"'],
    })
    assert.match(
      second.headers['signature-input'],
      /^first=\("@method".*, gateway=\(.*"signature";key="first"\);created=\d+;expires=1618884533;/,
    )
    const both = received(second, between)
    assert.equal(verdict(both, { secret: [{ id: 'key-1', secret }] }), true)
    assert.equal(
      verdict(both, { secret: [{ id: 'gateway', secret: Buffer.alloc(32, 9).toString('base64') }], params: { tag: 'via' } }),
      true,
    )
  })
  test('signing again takes the place of our own label', () => {
    const first = sign(rfc9421, input, keyed)
    const again = sign(rfc9421, received(first), keyed)
    assert.equal(again.headers.signature.split(',').length, 1)
    assert.equal(verdict(received(again)), true)
  })
  test('what the request does not have cannot be signed', () => {
    assert.throws(() => sign(rfc9421, input, { ...keyed, sign: ['x-absent'] }), { code: 'ERR_INVALID_ARG_VALUE', message: /"x-absent"/ })
    assert.throws(() => sign(rfc9421, input, { ...keyed, keyId: 'caf\u00e9' }), { code: 'ERR_INVALID_ARG_VALUE' })
  })
  test('a nonce with a quote in it comes back whole', () => {
    const signed = sign(rfc9421, input, { ...keyed, nonce: 'a"b\\c' })
    assert.match(signed.headers['signature-input'], /nonce="a\\"b\\\\c"/)
    assert.equal(verify(rfc9421, received(signed), keyed.secret && { secret, now: clock(CREATED) }).nonce, 'a"b\\c')
  })
})

describe('any request', () => {
  const name = fc
    .stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
    .filter((text) => !['host', 'signature', 'signature-input', 'content-digest'].includes(text))
  const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 20 })
  test('what is signed verifies, and no change of a covered value does', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 }), value, (pairs, text) => {
        const headers = ['host', 'example.com', ...pairs.flat()]
        const body = Buffer.from(text)
        const request = { method: 'POST', url: `https://example.com/p?q=${encodeURIComponent(text)}`, headers, body }
        const signed = sign(rfc9421, request, { secret, now: clock(CREATED), keyId: 'k', sign: pairs.map(([key]) => key) })
        const sent = { ...request, headers: [...headers, ...Object.entries(signed.headers).flat()] }
        assert.equal(verdict(sent), true)
        for (const [i, [, old]] of pairs.entries()) {
          const changed = [...sent.headers]
          changed[3 + 2 * i] = `${old}!`
          assert.equal(verdict({ ...sent, headers: changed }), 'ERR_HMAC_MISMATCH')
        }
      }),
      { numRuns: 60, seed: 9421 },
    )
  })
  test('no text in the two fields is accepted or throws', () => {
    const junk = fc.oneof(fc.string({ maxLength: 80 }), fc.stringMatching(/^[a-z]=\([^\n]{0,20}\)[;=a-z0-9":]{0,30}$/))
    fc.assert(
      fc.property(junk, junk, (input, signature) => {
        const request = { ...POST, headers: [...POST.headers, 'signature-input', input, 'signature', signature], body: Buffer.from(BODY) }
        assert.match(String(verdict(request)), /^ERR_HMAC_/)
      }),
      { numRuns: 400, seed: 9421 },
    )
  })
})

/** The code and the reason of a refusal. */
function why(request, options = {}, definition = rfc9421) {
  const result = verify(definition, request, { secret, now: clock(CREATED), ...options })
  return result.ok ? true : `${result.code}: ${result.reason}`
}

/** A request with fields of its own, signed over lines; `LENIENT` asks for none of them. */
const covering = (lines, headers = [], params) => carrying({ ...POST, headers: [...POST.headers, ...headers] }, baseOf(lines, params))
const many = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`"a${i}"`, '1']))
const manyHeaders = (count) => Array.from({ length: count }, (_, i) => [`a${i}`, '1']).flat()

describe('why a list of components is refused', () => {
  const MALFORMED = 'ERR_HMAC_MALFORMED: '
  for (const [line, expected, headers] of [
    ['"@status"', '"@status" is of a response, and this is a request'],
    ['"@x"', '"@x" is no component of a request that the scheme knows'],
    ['"@method";name="a"', '"@method";name="a" takes no parameters'],
    ['"@query-param"', '"@query-param" needs the parameter "name" and no other'],
    ['"@query-param";name="a";x', '"@query-param";name="a";x needs the parameter "name" and no other'],
    ['"@query-param";name=1', '"@query-param";name=1 needs the parameter "name" and no other'],
    ['"date";req', '"date";req is of the request that a response answers, and this is a request'],
    ['"date";tr', '"date";tr is a trailer field, and trailers are not read'],
    ['"Date"', '"Date" is no field name in lower case'],
    ['"a b"', '"a b" is no field name in lower case'],
    ['"a:b"', '"a:b" names nothing that can be in a request'],
    ['token', 'a covered component is no string'],
    ['"a";x', 'the parameter "x" of "a";x is unknown'],
    ['"a";sf=1', 'the parameter "sf" of "a";sf=1 has not its type'],
    ['"a";sf=?0', 'the parameter "sf" of "a";sf=?0 has not its type'],
    ['"a";key', 'the parameter "key" of "a";key has not its type'],
    ['"a";bs;sf', '"a";bs;sf is asked for as octets and as a structured field at once'],
    ['"a";sf', '"a";sf: the scheme does not know a as a structured field; its "structured" can name its type', ['a', '1']],
    ['"priority";sf', 'priority is no structured field of its type', ['priority', 'u=']],
    ['"sec-gpc";key="a"', '"sec-gpc";key="a": sec-gpc is no dictionary', ['sec-gpc', '?1']],
    ['"priority";sf', 'the field priority holds a whole number written as a decimal, which cannot be kept as it is', ['priority', 'u=1.0']],
  ]) {
    test(`${line}: ${expected}`, () => assert.equal(why(covering({ [line]: 'x' }, headers), LENIENT), `${MALFORMED}${expected}`))
  }
  for (const [line, expected, headers] of [
    ['"a"', 'ERR_HMAC_INCOMPLETE: "a" is covered by the signature and not in the request'],
    ['"a";bs', 'ERR_HMAC_INCOMPLETE: "a";bs is covered by the signature and not in the request'],
    ['"a";key="b"', 'ERR_HMAC_INCOMPLETE: "a";key="b" is covered by the signature and not in the request', ['a', 'c=1']],
    ['"a";key="b"', 'ERR_HMAC_DUPLICATED: the field a names a member twice', ['a', 'b=1, b=2']],
    ['"@query-param";name="b"', 'ERR_HMAC_INCOMPLETE: {query:;name|encodeParam} is not in the request'],
    ['"date"', 'ERR_HMAC_DUPLICATED: the field date stands more than once', ['date', 'x', 'date', 'x']],
  ]) {
    test(`${line}: ${expected}`, () => assert.equal(why(covering({ [line]: 'x' }, headers), LENIENT), expected))
  }
  test('a query parameter that stands twice, or is none', () => {
    const lines = baseOf({ '"@query-param";name="b"': '1' })
    const of = (query) => why(carrying({ ...POST, url: `https://example.com/foo?${query}` }, lines), LENIENT)
    assert.equal(of('b=1&x=%ff&%ff=1'), true)
    assert.equal(of('b=1&b=1'), 'ERR_HMAC_DUPLICATED: the query parameter b stands more than once')
    assert.equal(of('b=%ff'), 'ERR_HMAC_MALFORMED: the query parameter b is not percent-encoded UTF-8')
  })
  test('one component twice, in whatever order its parameters stand', () => {
    const twice = covering({ '"a"': '1', '"a" ': '1' }, ['a', '1'])
    assert.equal(why(twice, LENIENT), 'ERR_HMAC_DUPLICATED: the component "a" is covered twice')
  })
  test('as many components as may be, and one more', () => {
    assert.equal(why(covering(many(64), manyHeaders(64)), LENIENT), true)
    assert.equal(why(covering(many(65), manyHeaders(65)), LENIENT), 'ERR_HMAC_MALFORMED: more than 64 components')
  })
})

describe('why labels are refused', () => {
  const whyOf = (headers) => why({ ...POST, headers: [...POST.headers, ...headers], body: Buffer.from(BODY) }, LENIENT)
  for (const [name, headers, expected] of [
    ['a field alone', ['signature', 'a=:YQ==:'], 'ERR_HMAC_MISSING: the request carries no signature of the scheme'],
    ['what is covered alone', ['signature-input', 'a=()'], 'ERR_HMAC_INCOMPLETE: the request lacks the field signature'],
    [
      'labels that do not meet',
      ['signature-input', 'b=()', 'signature', 'a=:YQ==:'],
      'ERR_HMAC_MALFORMED: no label stands in all of signature, signature-input',
    ],
    [
      'a list that is none',
      ['signature-input', 'a=1', 'signature', 'a=:YQ==:'],
      'ERR_HMAC_MALFORMED: a member of the field signature-input is not of the form of the scheme',
    ],
    [
      'a time that is no integer',
      ['signature-input', 'a=();created="1"', 'signature', 'a=:YQ==:'],
      'ERR_HMAC_MALFORMED: a member of the field signature-input is not of the form of the scheme',
    ],
    [
      'no time',
      ['signature-input', 'a=()', 'signature', 'a=:YQ==:'],
      'ERR_HMAC_MALFORMED: a member of the field signature-input is not of the form of the scheme',
    ],
    [
      'a key id that is no string',
      ['signature-input', `a=();created=${CREATED};keyid=k`, 'signature', 'a=:YQ==:'],
      'ERR_HMAC_MALFORMED: a member of the field signature-input is not of the form of the scheme',
    ],
    [
      'a signature that is no octets',
      ['signature-input', `a=();created=${CREATED}`, 'signature', 'a="YQ=="'],
      'ERR_HMAC_MALFORMED: a member of the field signature is not of the form of the scheme',
    ],
    [
      'octets in another spelling',
      ['signature-input', `a=();created=${CREATED}`, 'signature', 'a=:YR==:'],
      'ERR_HMAC_MALFORMED: a member of the field signature is not of the form of the scheme',
    ],
    [
      'a field that is no dictionary',
      ['signature-input', '(', 'signature', 'a=:YQ==:'],
      'ERR_HMAC_MALFORMED: signature-input is no structured field of its type',
    ],
    [
      'too many labels',
      [
        'signature-input',
        Array.from({ length: 17 }, (_, i) => `a${i}=()`).join(),
        'signature',
        Array.from({ length: 17 }, (_, i) => `a${i}=:YQ==:`).join(),
      ],
      'ERR_HMAC_MALFORMED: more than 16 signatures',
    ],
  ]) {
    test(name, () => assert.equal(whyOf(headers), expected))
  }
})

describe('fields that are registered as structured (IANA)', () => {
  for (const [written, canonical, names] of [
    [
      'a=1,  b;x="y"',
      'a=1, b;x="y"',
      [
        'accept-signature',
        'cdn-cache-control',
        'content-digest',
        'permissions-policy',
        'priority',
        'repr-digest',
        'want-content-digest',
        'want-repr-digest',
      ],
    ],
    ['a,  "b";x=1', 'a, "b";x=1', ['accept-ch', 'cache-status', 'client-cert-chain', 'proxy-status']],
    ['a;  x=1', 'a;x=1', ['client-cert', 'cross-origin-embedder-policy', 'cross-origin-opener-policy', 'origin-agent-cluster', 'sec-gpc']],
  ]) {
    for (const name of names) {
      test(`${name}: ${canonical}`, () => {
        const one = carrying({ ...POST, headers: ['host', 'example.com', name, written] }, baseOf({ [`"${name}";sf`]: canonical }))
        assert.equal(verdict(one, LENIENT), name === 'content-digest' ? 'ERR_HMAC_DIGEST' : true)
      })
    }
  }
})

describe('a list that was read before', () => {
  const lines = { '"a"': '1', '"date";sf': '2' }
  const headers = ['a', '1', 'date', '2']
  const dated = scheme({ ...rfc9421, fields: { ...rfc9421.fields, covered: { ...rfc9421.fields.covered, structured: { date: 'item' } } } })
  const of = (params, member = (text) => text) => {
    const base = baseOf(lines, params)
    const one = carrying({ ...POST, headers: [...POST.headers, ...headers] }, base)
    const at = one.headers.indexOf('Signature-Input') + 1
    one.headers[at] = member(one.headers[at])
    return verdict(one, LENIENT, dated)
  }
  test('counts with other parameters behind it, whatever they are', () => {
    for (let round = 0; round < 2; round += 1) {
      assert.equal(of(`;created=${CREATED};keyid="k"`), true)
      assert.equal(of(`;created=${CREATED};keyid="k\\"\\\\";x;y=?0;z=1.5;w=:YQ==:;v=tok`), true)
      assert.equal(of(`;created=${CREATED};x="a,b)"`), true)
      assert.equal(of(`;created=${CREATED - 1}`), true)
      assert.equal(
        of(`;created=${CREATED}`, (text) => text.replace(';created', ' ;created')),
        'ERR_HMAC_MALFORMED',
      )
      assert.equal(
        of(`;created=${CREATED}`, (text) => text.replace(';created', ';;created')),
        'ERR_HMAC_MALFORMED',
      )
      assert.equal(
        of(`;created=${CREATED}`, (text) => `${text}, Other=1`),
        'ERR_HMAC_MALFORMED',
      )
      assert.equal(
        of(`;created=${CREATED}`, (text) => `${text}, other=1`),
        true,
        'a member of another kind stands beside it',
      )
      assert.equal(
        of(`;created=${CREATED}`, (text) => text.replace('sig=', 'Sig=')),
        'ERR_HMAC_MALFORMED',
      )
      assert.equal(
        of(`;created=${CREATED}`, (text) => `${text}, sig=1`),
        'ERR_HMAC_DUPLICATED',
      )
    }
  })
  test('is cut at no parenthesis inside a name', () => {
    const name = '"@query-param";name="a%29b"'
    const one = carrying({ ...POST, url: 'https://example.com/foo?a)b=1' }, baseOf({ [name]: '1' }))
    for (let round = 0; round < 2; round += 1) assert.equal(verdict(one, LENIENT), true)
    const within = carrying({ ...POST, headers: [...POST.headers, 'a', '1'] }, baseOf({ '"a";key=")"': '1' }))
    for (let round = 0; round < 2; round += 1) assert.match(String(verdict(within, LENIENT)), /^ERR_HMAC_/)
  })
})
