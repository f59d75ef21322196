import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acme, hexOf, mistakes, nowSeconds, request, signed, verdict } from './signing.js'

const body = '{"n":1}'

test('a header that is no token does not compile', () => {
  for (const header of ['x signature', 'x:y', 'x-sig-{n}-more', 'x\r\nset-cookie', ['x-a', 'x b']]) {
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
  assert.match(mistakes({ signature: { header: 'x', format: 'v1={signature+}' } })[0], /"\+" in \{signature\+\} needs "members"/)
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
