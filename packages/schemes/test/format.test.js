import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acme, hexOf, mistakes, nowSeconds, request, signed, verdict } from './signing.js'

const body = '{"n":1}'

test('a header that is no token does not compile', () => {
  for (const header of [['x-{n}', 'x-a'], 'x signature', 'x:y', 'x-sig-{n}-more', 'x\r\nset-cookie', ['x-a', 'x b']]) {
    assert.match(mistakes({ signature: { header } }).join('\n'), /^signature\.header: .* is no field name/m, JSON.stringify(header))
  }
  assert.match(mistakes({ signature: { header: ['x-a', 'x-{n}'] } })[0], /\{n\} stands at its end, and only where there is one name/)
  assert.deepEqual(mistakes({ signature: { header: 'x-sig-{n}' } }), [])
  assert.match(mistakes({ params: { h: 'not a token' }, signature: { header: '{param:h}' } })[0], /"not a token" is no field name/)
})

test('an auth-scheme that is no token does not compile', () => {
  assert.match(mistakes({ signature: { authorization: 'My Scheme' } })[0], /^signature\.authorization: "My Scheme" is no auth-scheme/)
})

test('"+" stands behind {signature}, in members or at the end, alone', () => {
  assert.match(mistakes({ signature: { header: 'x', format: 'v1={signature+}' } })[0], /"\+" in \{signature\+\} needs .*"members"/)
  const twice = { header: 'x', format: 't={timestamp+},v1={signature}', members: ',' }
  const problems = mistakes({ signature: twice, timestamp: { unit: 'seconds' }, message: '{timestamp}.{body}' })
  assert.match(problems[0], /"\+" in \{timestamp\+\} stands only behind \{signature\}/)
})

test('what nothing separates cannot be read back, and does not compile', () => {
  const signature = { header: 'x', format: '{keyId}{signature}', encoding: 'base64|encode' }
  assert.match(mistakes({ signature })[0], /\{keyId\}\{signature\}: nothing separates the two, it cannot be read back/)
  assert.deepEqual(mistakes({ signature: { header: 'x', format: '{keyId}{signature}' } }), [], 'hex of SHA-256 has a width')
  assert.match(mistakes({ signature: { header: 'x', format: '{signature|lower}' } })[0], /a format holds plain names/)
  assert.match(mistakes({ signature: { header: 'x', format: 'v1', list: ',' } })[0], /does not hold \{signature\}/)
  assert.match(mistakes({ signature: { header: 'x', format: '{signature}', list: '{' } })[0], /the separator "\{" stands in the format too/)
  assert.match(mistakes({ signature: { header: 'x', format: 'v1;{signature}', members: ';' } })[0], /member "v1" is no name=value/)
})

test('a signature in Authorization is written and read, with any case of the auth-scheme', () => {
  const one = acme({ signature: { authorization: 'Acme' } })
  const sent = signed(one)
  assert.equal(sent.headers.authorization, `Acme ${hexOf(body)}`)
  assert.equal(verdict(one, sent), true)
  for (const word of ['ACME', 'acme']) assert.equal(verdict(one, request({ headers: { authorization: `${word}  ${hexOf(body)}` } })), true)
  for (const other of ['Basic YTpi', 'AcmeX abc', 'Acme']) {
    assert.equal(verdict(one, request({ headers: { authorization: other } })), 'ERR_HMAC_MISSING', other)
  }
  assert.equal(verdict(one, request({ headers: { authorization: 'Acme zz' } })), 'ERR_HMAC_MALFORMED')
})

test('every way of carrying the signature is written and read back', () => {
  const homes = [
    { header: 'x-s' },
    { header: ['x-a', 'x-b'] },
    { header: 'x-s-{n}' },
    { header: 'x-s', format: 'v1={signature}' },
    { header: 'x-s', format: 'v1={signature}', list: ',' },
    { header: 'x-s', format: 'v1={signature+}', members: ',' },
    { header: 'x-s', format: 'a="{signature}", b="x"', members: ',' },
    { header: 'authorization', format: 'Acme {signature}' },
    { authorization: 'Acme', format: 'sig={signature}' },
    { authorization: 'Acme', format: 'sig="{signature+}", v="1"', members: ',' },
    { authorization: 'Acme', format: '{signature}', list: ',' },
  ]
  for (const signature of homes) {
    const one = acme({ signature })
    assert.equal(verdict(one, signed(one)), true, JSON.stringify(signature))
    const two = signed(one, {}, { secret: ['the first secret of the two', 'the second secret of the two'] })
    assert.equal(verdict(one, two, { secret: 'the first secret of the two' }), true, JSON.stringify(signature))
    const several = signature.list !== undefined || /\+|\{n\}/.test(JSON.stringify(signature)) || Array.isArray(signature.header)
    const other = verdict(one, two, { secret: 'the second secret of the two' })
    assert.equal(other, several ? true : 'ERR_HMAC_MISMATCH', `the second of two: ${JSON.stringify(signature)}`)
  }
})

test('{header:NAME} is the whole field, also where it is the home of a field with more to its format', () => {
  const digest = { header: 'digest', format: 'SHA-256={digest}', value: '{body|sha256|base64}' }
  const one = acme({ fields: { digest }, message: '{method}\n{header:digest}' })
  const sent = signed(one)
  assert.equal(sent.message.toString(), `POST\n${sent.headers.digest}`)
  assert.match(sent.headers.digest, /^SHA-256=/)
  assert.equal(verdict(one, sent), true)
  assert.equal(verdict(one, { ...sent, body: Buffer.from('{"n":2}') }), 'ERR_HMAC_DIGEST')
})

test('a param in a format stands for itself, braces too', () => {
  const one = acme({ params: { tag: '{keyId}' }, signature: { header: 'x', format: '{param:tag}={signature}' } })
  const sent = signed(one)
  assert.equal(sent.headers.x, `{keyId}=${hexOf(body)}`)
  assert.equal(verdict(one, sent), true)
})

test('P17: a value out of the query or the body holds only the characters that the scheme was judged with', () => {
  const nonce = acme({ nonce: { query: 'nonce' }, message: '{nonce}\n{header:x-user}\n{body}' })
  const sent = signed(nonce, { headers: { 'x-user': 'bob' }, body: 'alice\npay 5' }, { nonce: 'n1' })
  assert.equal(verdict(nonce, sent), true)
  // What follows prints the same octets: the nonce has swallowed the user, and the body has given one away.
  const forged = { ...sent, url: '/orders?nonce=n1%0Abob', headers: { ...sent.headers, 'x-user': 'alice' }, body: Buffer.from('pay 5') }
  assert.equal(verdict(nonce, forged), 'ERR_HMAC_MALFORMED')
  const inJson = acme({ signature: { header: 'x-signature' }, keyId: { json: '/key' }, message: '{keyId}\n{header:x-user}\n{json:/a}' })
  const body2 = JSON.stringify({ key: 'k\nbob', a: 'x' })
  assert.equal(verdict(inJson, request({ body: body2, headers: { 'x-user': 'u', 'x-signature': hexOf('x') } })), 'ERR_HMAC_MALFORMED')
})

test('members are read in any order; a repeated one, a missing one and open quotes are refused', () => {
  const one = acme({
    signature: { header: 'x', format: 't={timestamp},v1={signature+}', members: ',' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}.{body}',
  })
  const mac = hexOf(`${nowSeconds}.${body}`)
  const of = (x) => verdict(one, request({ headers: { x } }))
  assert.equal(of(`v1=${mac},t=${nowSeconds}`), true)
  assert.equal(of(`v0=ignored,t=${nowSeconds},v1=${'0'.repeat(64)},v1=${mac}`), true)
  assert.equal(of(` t = ${nowSeconds} ,\tv1="${mac}"`), true)
  assert.equal(of(`x="a,v1=b\\",\\\\" , t="${nowSeconds}" ,v1=${mac}`), true)
  assert.equal(of(`x="",t="${String(nowSeconds).replace(/^./, '\\$&')}",v1=${mac}`), true)
  for (const bad of [
    `t=${nowSeconds},t=${nowSeconds},v1=${mac}`,
    `v1=${mac}`,
    `t=${nowSeconds}`,
    `t=${nowSeconds},v1="${mac}`,
    `t=${nowSeconds},v1=${mac}"`,
    `t=${nowSeconds},v1="${mac}"x`,
    `t=${nowSeconds},v1="${mac}""x"`,
    `t=${nowSeconds},v1="${mac}\\"`,
    `t=${nowSeconds},x="a"b,v1=${mac}`,
    `t=${nowSeconds},x=a"b",v1=${mac}`,
    `t=${nowSeconds},"x=1",v1=${mac}`,
    `t=${nowSeconds},x,y=1,v1=${mac}`,
    `t=${nowSeconds},v1=`,
    `t=${nowSeconds},v1=${mac},`,
    `t=${nowSeconds},v1=${mac},x`,
    `t=${nowSeconds};v1=${mac}`,
    '',
    ',',
    '=',
    `T=${nowSeconds},v1=${mac}`,
    `${'a=b,'.repeat(64)}t=${nowSeconds},v1=${mac}`,
  ]) {
    assert.equal(of(bad), 'ERR_HMAC_MALFORMED', bad.slice(0, 40))
  }
})

test('elements of a list that are not of the form are ignored; one has to be', () => {
  const one = acme({ signature: { header: 'x', format: 'v1,{signature}', list: ' ', max: 3 } })
  const mac = hexOf(body)
  const of = (x) => verdict(one, request({ headers: { x } }))
  assert.equal(of(`v1a,${mac} v1,${mac}`), true)
  assert.equal(of([`v1,${'0'.repeat(64)}`, `v1,${mac}`]), true, 'several field lines are one list')
  assert.equal(of(`v2,${mac}`), 'ERR_HMAC_MALFORMED')
  assert.equal(of(`v1,${mac} `.repeat(4)), 'ERR_HMAC_MALFORMED', 'more than max')
  assert.equal(of(`v2,x ${'v2,x '.repeat(200)}v1,${mac}`), 'ERR_HMAC_MALFORMED', 'more elements than anybody sends')
})

test('a carried list of which no element fits is refused, not a defect', () => {
  const timestamp = { header: 't', unit: 'seconds', format: 't={timestamp}', list: ',' }
  const one = acme({ timestamp, message: '{timestamp}.{body}' })
  assert.equal(verdict(one, request({ headers: { 'x-signature': hexOf('x'), t: 'nothing' } })), 'ERR_HMAC_MALFORMED')
})

test('numbered fields count whatever their order; a number that stands twice is refused', () => {
  const one = acme({ signature: { header: 'x-sig-{n}', max: 5 } })
  const mac = hexOf(body)
  const of = (headers) => verdict(one, request({ headers }))
  assert.equal(of({ 'X-Sig-3': 'f'.repeat(64), 'x-sig-1': mac }), true)
  assert.equal(of({ 'x-sig-0': mac }), 'ERR_HMAC_MISSING')
  assert.equal(of({ 'x-sig-01': mac }), 'ERR_HMAC_MISSING')
  assert.equal(of({ 'x-sig-': mac }), 'ERR_HMAC_MISSING')
  assert.equal(of(['x-sig-1', mac, 'X-SIG-1', mac]), 'ERR_HMAC_DUPLICATED')
  const many = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`x-sig-${i + 1}`, mac]))
  assert.equal(of(many), 'ERR_HMAC_MALFORMED')
})

test('P15, S07: no text in a signature field is anything but a refusal', () => {
  const homes = [
    { header: 'x', format: 't={timestamp},k="{keyId?}",v1={signature+}', members: ',' },
    { header: 'x', format: 'v1:{keyId}:{timestamp}:{signature}' },
    { header: 'x', format: '{timestamp}/{signature}', list: ' ' },
    { header: 'x-{n}', format: '{timestamp};{keyId};{signature}' },
    { authorization: 'A', format: 'k={keyId}&t={timestamp}&s={signature}', members: '&' },
  ].map((signature) => acme({ signature, timestamp: { unit: 'seconds' }, message: '{timestamp}.{body}' }))
  const octet = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
  const bit = fc.oneof(
    octet,
    fc.constantFrom('=', ',', ':', '"', '\\', ' ', 't', 'v1', 'k', 's', `${nowSeconds}`, 'a'.repeat(64), '\u00e9'),
  )
  const text = fc.array(bit, { maxLength: 40 }).map((bits) => bits.join('').replace(/[\r\n\0]/g, '.'))
  fc.assert(
    fc.property(text, (value) => {
      for (const one of homes) {
        const headers = { x: value, 'x-1': value, authorization: `A ${value}` }
        assert.match(String(verdict(one, request({ headers }))), /^ERR_HMAC_/)
      }
    }),
    { seed: 1, numRuns: 2000 },
  )
})

test('what a format prints it reads back, whatever the key id', () => {
  const one = acme({
    signature: { header: 'x', format: 'Acme {keyId}:{timestamp}:{signature}' },
    timestamp: { unit: 'seconds' },
    message: '{timestamp}.{body}',
  })
  const members = acme({ signature: { header: 'x', format: 'k="{keyId}",s="{signature}"', members: ',' } })
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), (keyId) => {
      for (const each of [one, members]) {
        let sent
        try {
          sent = signed(each, {}, { keyId })
        } catch (error) {
          assert.equal(error.code, 'ERR_INVALID_ARG_VALUE')
          continue
        }
        assert.equal(verdict(each, sent), true, keyId)
      }
    }),
    { seed: 2, numRuns: 1000 },
  )
})

/** Whether a scheme takes what a header carries, and what it signs itself. */
const carriedIn = (format, more = {}, definition = {}) => {
  const one = acme({ signature: { header: 'x', format, ...more }, ...definition })
  return { one, of: (x, headers = {}) => verdict(one, request({ headers: { x, ...headers } })) }
}
const mac = hexOf(body)

test('an auth-scheme may be written as a header whose format begins with it, and has no case then either', () => {
  const one = acme({ signature: { header: 'Authorization', format: 'Acme-1   k={keyId};{signature}' } })
  const of = (authorization) => verdict(one, request({ headers: { authorization } }))
  assert.equal(signed(one, {}, { keyId: 'k' }).headers.authorization, `Acme-1 k=k;${mac}`)
  for (const word of ['Acme-1', 'ACME-1', 'acme-1']) assert.equal(of(`${word}  k=k;${mac} `), true, word)
  for (const other of ['Acme-1', 'Acme-12', 'Acme', `Acme k=k;${mac}`, ` k=k;${mac}`]) assert.equal(of(other), 'ERR_HMAC_MISSING', other)
  const plain = acme({ signature: { header: 'authorization', format: 'k={keyId};{signature}' } })
  assert.equal(verdict(plain, request({ headers: { authorization: `k=k;${mac}` } })), true, 'without one it is a field like others')
  const upper = acme({ signature: { header: 'x', format: 'Acme {signature}' } })
  assert.equal(verdict(upper, request({ headers: { x: `acme ${mac}` } })), 'ERR_HMAC_MALFORMED', 'other fields have none')
})

test('the field of the signature is on no list of headers, whichever it is', () => {
  for (const signature of [
    { authorization: 'Acme' },
    { header: 'authorization', format: 'Acme {signature}' },
    { header: 'auth-x' },
    { header: ['auth-x', 'auth-y'] },
  ]) {
    const lines = { each: 'headers', prefix: 'auth', item: '{name}:{value}\n', join: '' }
    const one = acme({ signature, define: { lines }, message: '{lines}\n{body}' })
    const sent = signed(one, { headers: { 'auth-z': '1' } })
    assert.equal(sent.message.toString(), `auth-z:1\n\n${body}`)
    assert.equal(verdict(one, sent), true, JSON.stringify(signature))
  }
})

test('a wrapped format holds octets of the field, and has one spelling', () => {
  const f = { header: 'f', format: 'v={f}', wrapped: 'base64' }
  const one = acme({ fields: { f }, message: '{f}\n{body}' })
  const of = (text) => {
    const value = Buffer.from(text, 'latin1')
    return verdict(
      one,
      request({
        headers: { f: value.toString('base64'), 'x-signature': hexOf(Buffer.concat([value.subarray(2), Buffer.from(`\n${body}`)])) },
      }),
    )
  }
  assert.equal(of('v=a'), true)
  assert.equal(of('v=\u00e9'), true, 'an octet is a character')
  assert.equal(of('w=a'), 'ERR_HMAC_MALFORMED')
  const sent = signed(one, {}, { fields: { f: '\u00e9' } })
  assert.equal(sent.headers.f, 'dj3p')
  assert.equal(verdict(one, { ...sent, headers: { ...sent.headers, f: 'dj3p=' } }), 'ERR_HMAC_MALFORMED')
})

test('members: blanks around separators count for nothing, and are printed as they are declared', () => {
  const { one, of } = carriedIn('k={keyId}; m="{signature}"', { members: '; ' })
  assert.equal(signed(one, {}, { keyId: 'a' }).headers.x, `k=a; m="${mac}"`)
  for (const text of [`k=a; m=${mac}`, `k=a;m=${mac}`, `m=${mac} ;k="a"`, `k = a ;\tm = "${mac}"`]) assert.equal(of(text), true, text)
  const blank = carriedIn('k={keyId} m={signature}', { members: ' ' })
  assert.equal(blank.of(`k=a m=${mac}`), true)
  assert.equal(blank.of(`k=a;m=${mac}`), 'ERR_HMAC_MALFORMED')
  assert.equal(signed(blank.one, {}, { keyId: 'a' }).headers.x, `k=a m=${mac}`)
})

test('members: one without slots has to be there, as it is; one whose slots are all optional need not', () => {
  const fields = { a: { header: 'a' }, f: { default: '' }, g: { default: '' } }
  const { one, of } = carriedIn(
    'v="1",p={f?}:{g?},m={signature}',
    { members: ',' },
    { fields: { f: fields.f, g: fields.g }, message: '{f}\n{g}\n{body}' },
  )
  const signature = (f, g) => hexOf(`${f}\n${g}\n${body}`)
  assert.equal(of(`v=1,m=${signature('', '')}`), true)
  assert.equal(of(`v="1",p=a:b,m=${signature('a', 'b')}`), true)
  assert.equal(of(`v=1,p=a:,m=${signature('a', '')}`), true)
  assert.equal(of(`m=${signature('', '')}`), 'ERR_HMAC_MALFORMED', 'without v')
  assert.equal(of(`v=2,m=${signature('', '')}`), 'ERR_HMAC_MALFORMED', 'another v')
  assert.equal(of(`v=1,p=a,m=${signature('a', '')}`), 'ERR_HMAC_MALFORMED', 'half of p')
  assert.equal(signed(one, {}, { fields: { f: 'a' } }).headers.x, `v="1",p=a:,m=${signature('a', '')}`)
  assert.equal(signed(one).headers.x, `v="1",m=${signature('', '')}`)
  const half = carriedIn('p={keyId?}:{f},m={signature}', { members: ',' }, { fields: { f: {} }, message: '{f}\n{body}' })
  assert.equal(half.of(`m=${hexOf(`\n${body}`)}`), 'ERR_HMAC_MALFORMED', 'a member with a slot that is needed')
})

test('members: what is absent in front leaves no separator, and each signature has one of its own', () => {
  const { one } = carriedIn(
    'k={keyId?}, t={timestamp}, v={signature+}',
    { members: ', ' },
    { timestamp: { unit: 'seconds' }, message: '{timestamp}.{body}' },
  )
  const keys = ['the first secret of the two', 'the second secret of the two']
  const [first, second] = keys.map((key) => hexOf(`${nowSeconds}.${body}`, key))
  assert.equal(signed(one, {}, { secret: keys }).headers.x, `t=${nowSeconds}, v=${first}, v=${second}`)
  const only = carriedIn('v={signature+}', { members: ';' })
  assert.equal(signed(only.one, {}, { secret: keys }).headers.x, keys.map((key) => `v=${hexOf(body, key)}`).join(';'))
})

test('members: quotes and backslashes are escaped where a member is quoted', () => {
  const { one } = carriedIn('k="{keyId}",v={signature}', { members: ',' })
  const sent = signed(one, {}, { keyId: 'a"b\\c,d' })
  assert.equal(sent.headers.x, `k="a\\"b\\\\c,d",v=${mac}`)
  assert.equal(verdict(one, sent), true)
})

test('members: a name is the whole of it, and what has none is no member', () => {
  const { of } = carriedIn('k={keyId},m={signature}', { members: ',' })
  assert.equal(of(`kk=b,k=a,mm=x,m=${mac}`), true)
  for (const bad of [
    `k=a,m=${mac},=x`,
    `k=a,m=${mac}, =x`,
    `k=a,m=${mac},`,
    `k=a,m=${mac},""=x`.replace('""', ' '),
    `k=a,,m=${mac}`,
    `,k=a,m=${mac}`,
  ])
    assert.equal(of(bad), 'ERR_HMAC_MALFORMED', bad)
  assert.equal(of(`${'a=b,'.repeat(62)}k=a,m=${mac}`), true, 'as many as may be')
  assert.equal(of(`${'a=b,'.repeat(63)}k=a,m=${mac}`), 'ERR_HMAC_MALFORMED')
  assert.match(mistakes({ signature: { header: 'x', format: '=a,m={signature}', members: ',' } })[0], /member "=a" is no name=value/)
  const many = (count) =>
    Array.from({ length: count - 1 }, (_, i) => `a${i}=b`)
      .concat('m={signature}')
      .join(',')
  assert.deepEqual(mistakes({ signature: { header: 'x', format: many(30), members: ',' } }), [])
  assert.deepEqual(mistakes({ signature: { header: 'x', format: many(31), members: ',' } }), [
    'signature.format: names more than 30 members',
  ])
  const thirty = carriedIn(many(30), { members: ',' })
  assert.equal(thirty.of(many(30).replace('{signature}', mac)), true)
  for (let i = 0; i < 29; i += 1)
    assert.equal(thirty.of(many(30).replace(`a${i}=b,`, '').replace('{signature}', mac)), 'ERR_HMAC_MALFORMED', `without a${i}`)
})

test('what has a width is told apart by it, on either side', () => {
  const front = carriedIn('{signature}{keyId}')
  assert.equal(front.of(`${mac}k1`), true)
  assert.equal(front.of(mac), 'ERR_HMAC_MALFORMED')
  assert.equal(front.of(mac.slice(1)), 'ERR_HMAC_MALFORMED')
  const back = carriedIn('{keyId}{signature}')
  assert.equal(back.of(`k1${mac}`), true)
  assert.equal(back.of(mac), 'ERR_HMAC_MALFORMED')
  assert.equal(back.of(`k1${mac}0`), 'ERR_HMAC_MISMATCH', 'it ends where the text does')
  const between = carriedIn('{keyId}.{signature}.{f}', {}, { fields: { f: { default: '' } }, message: '{f}\n{body}' })
  const signature = hexOf(`x\n${body}`)
  assert.equal(between.of(`k.${signature}.x`), true)
  for (const bad of [
    `k.${signature}`,
    `k${signature}.x`,
    `k.${signature}x`,
    `.${signature}.x`,
    `k.${signature}.`,
    `k..${signature}.x`,
    'k.x',
    '',
    '.',
    '..',
  ])
    assert.equal(between.of(bad), 'ERR_HMAC_MALFORMED', bad)
  assert.match(
    mistakes({ signature: { header: 'x', format: '{signature}{keyId}{f}' }, fields: { f: {} }, message: '{f}{body}' }).join(),
    /\{keyId\}\{f\}: nothing separates/,
  )
})

test('what cannot hold its separator is told from the right: what is in front may hold it', () => {
  const { one, of } = carriedIn('{keyId}/{signature}')
  assert.equal(of(`a/b/${mac}`), true)
  assert.equal(signed(one, {}, { keyId: 'a/b' }).headers.x, `a/b/${mac}`)
  for (const bad of [`/${mac}`, mac, `a/`, `a/b`, `a/${mac}/`]) assert.equal(of(bad), 'ERR_HMAC_MALFORMED', bad)
})

test('texts around a slot do not overlap', () => {
  const one = acme({ fields: { f: { header: 'f', format: 'ab{f?}bc', default: '' } }, message: '{f}\n{body}' })
  const of = (f, value) => verdict(one, request({ headers: { f, 'x-signature': hexOf(`${value}\n${body}`) } }))
  assert.equal(of('abbc', ''), true)
  assert.equal(of('abxbc', 'x'), true)
  for (const bad of ['abc', 'ab', 'bc', 'xabbc', 'abbcx']) assert.equal(of(bad, ''), 'ERR_HMAC_MALFORMED', bad)
  const fields = { f: { header: 'f', format: 'ab{f?},{g?}bc', default: '' }, g: { default: '' } }
  const two = acme({ fields, message: '{f}\n{g}\n{body}' })
  const both = (f, values) => verdict(two, request({ headers: { f, 'x-signature': hexOf(`${values}\n${body}`) } }))
  assert.equal(both('ab,bc', '\n'), true)
  assert.equal(both('abx,ybc', 'x\ny'), true)
  assert.equal(both('abx,bc', 'x\n'), true, 'an optional slot that is empty is what counts by default')
  for (const bad of ['abbc', 'abc', 'ab,c', 'b,bc', 'abx', 'ab,']) assert.equal(both(bad, '\n'), 'ERR_HMAC_MALFORMED', bad)
})

test('what stands in the quotes of a format separates nothing', () => {
  const of = (format, more) => acme({ signature: { header: 'x', format, members: ',', ...more } })
  const mac = hexOf(body)
  for (const [format, expected] of [
    ['s={signature},n="a,b"', `s=${mac},n="a,b"`],
    ['n="a\\"b",s={signature}', `n="a\\\\\\"b",s=${mac}`],
    ['s="{signature}",n=""', `s="${mac}",n=""`],
    ['s={signature}, n=1', `s=${mac}, n=1`],
  ]) {
    const sent = signed(of(format))
    assert.equal(sent.headers.x, expected)
    assert.equal(verdict(of(format), sent), true, format)
  }
  assert.equal(
    signed(of('v={signature+}, n=1'), {}, { secret: ['secret number 1 of the tests', 'secret number 2 of the tests'] }).headers.x,
    [1, 2]
      .map((i) => `v=${hexOf(body, `secret number ${i} of the tests`)}`)
      .concat('n=1')
      .join(', '),
  )
  for (const [format, expected] of [
    ['s={signature},', 'signature.format: member "" is no name=value; without "members" the format is read as a whole'],
    ['s={signature},"x,y"', 'signature.format: member "\\"x,y\\"" is no name=value; without "members" the format is read as a whole'],
    ['s={signature},"x', 'signature.format: member "\\"x" is no name=value; without "members" the format is read as a whole'],
    ['s={signature},"x\\', 'signature.format: member "\\"x\\\\" is no name=value; without "members" the format is read as a whole'],
  ])
    assert.deepEqual(mistakes({ signature: { header: 'x', format, members: ',' } }), [expected], format)
})
