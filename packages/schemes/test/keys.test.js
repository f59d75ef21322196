import assert from 'node:assert/strict'
import { createHash, createHmac, createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import { acme, mistakes, nowSeconds, secret, signed, verdict } from './signing.js'

const body = '{"n":1}'
const mac = (key, message = body) => createHmac('sha256', key).update(message).digest('hex')
const step = (key, message) => createHmac('sha256', key).update(message).digest()
const octets = Buffer.from('a key of the tests, 32 octets!!')

/** How vendors make the key of the secret that they show, each by Node alone. */
const forms = [
  ['{secret}', secret, Buffer.from(secret)],
  ['{secret|fromHex}', octets.toString('hex'), octets],
  ['{secret|fromHex}', octets.toString('hex').toUpperCase(), octets],
  ['{secret|fromBase64}', octets.toString('base64'), octets],
  ['{secret|fromBase64}', octets.toString('base64').replaceAll('=', ''), octets],
  ['{secret|fromBase64url}', octets.toString('base64url'), octets],
  ['{secret|strip:whsec_|fromBase64}', `whsec_${octets.toString('base64')}`, octets],
  ['{secret|unprefix:whsec_|fromBase64}', octets.toString('base64'), octets],
  ['{secret}&', secret, Buffer.from(`${secret}&`)],
  ['AWS4{secret}', secret, Buffer.from(`AWS4${secret}`)],
  ['{secret|sha256}', secret, createHash('sha256').update(secret).digest()],
  ['{secret|sha256|hex}', secret, Buffer.from(createHash('sha256').update(secret).digest('hex'))],
  ['{secret|removeFirst:-}', `a-${secret}`, Buffer.from(`a${secret}`)],
  ['{secret|lower}', 'A SECRET OF THE TESTS \u00c9', Buffer.from('a secret of the tests \u00e9')],
]

test('a key is made of the secret as the scheme says', () => {
  for (const [key, text, expected] of forms) {
    const one = acme({ key })
    const sent = signed(one, {}, { secret: text })
    assert.equal(sent.headers['x-signature'], mac(expected), `${key} of ${text}`)
    assert.equal(verdict(one, sent, { secret: text }), true)
  }
})

test('octets and a KeyObject are the key already', () => {
  for (const key of ['{secret}', '{secret|fromBase64}', '{secret|strip:whsec_|fromBase64}', '{secret|sha256}']) {
    const one = acme({ key })
    assert.equal(signed(one, {}, { secret: octets }).headers['x-signature'], mac(octets), key)
    assert.equal(signed(one, {}, { secret: createSecretKey(octets) }).headers['x-signature'], mac(octets), key)
  }
})

test('a secret that does not decode is a TypeError that does not show it', () => {
  for (const [key, bad] of [
    ['{secret|fromHex}', 'not hex, not at all, whatever'],
    ['{secret|fromHex}', 'abcdef0123456789abcdef0123456789a'],
    ['{secret|fromBase64}', 'not base64, not at all'],
    ['{secret|strip:whsec_|fromBase64}', octets.toString('base64')],
  ]) {
    const one = acme({ key })
    assert.throws(
      () => signed(one, {}, { secret: bad }),
      (error) =>
        error instanceof TypeError &&
        error.code === 'ERR_INVALID_ARG_VALUE' &&
        /the secret does not decode as \{secret/.test(error.message) &&
        !error.message.includes(bad),
      key,
    )
  }
})

test('S01: a key that depends on too few characters of the secret is a TypeError, however long it is made', () => {
  const fill = 'x'.repeat(32)
  for (const [key, count] of [
    ['{secret|first:1|sha256}', 1],
    [`{secret|first:15}${fill}`, 15],
    [`${fill}{secret|last:3}`, 3],
    ['{secret|length|sha256}', 0],
    [`{secret|after:zzz}${fill}`, 0],
    [{ chain: ['{secret|first:2|sha256}', 'acme'] }, 2],
    [{ chain: ['{secret|first:2}{timestamp}', 'acme'] }, 2],
    [`{secret|md5|hex|first:2}${fill}`, 2],
    [`{secret|sha256|hex|last:15|sha256}`, 15],
    [`{secret|sha256|first:7|hex}${fill}`, 14],
    [`{secret|sha256|hex|drop:50}${fill}`, 14],
    [`{secret|sha256|base64|before:a}${fill}`, 0],
    [`{secret|sha256|hex|first:4}{secret|md5|hex|first:4}${fill}`, 8],
    [{ chain: [fill, '{secret|sha256|hex|first:3}'] }, 3],
    ['{secret|hkdf:sha256/1//|sha256}', 2],
    [`{secret|pbkdf2:sha256/1/7/s|hex}${fill}`, 14],
    ['{secret|hkdf:sha256/32//|first:2|sha256}', 4],
    ['{secret|pbkdf2:sha256/1/32/s|hex|last:15|sha256}', 15],
  ]) {
    const one = acme({ key, timestamp: { header: 't', unit: 'seconds' }, message: '{timestamp}\n{body}' })
    const told = new RegExp(`gives a key that depends on ${count} of its characters; let the scheme's "key" keep at least 16 of them$`)
    assert.throws(() => signed(one), told, JSON.stringify(key))
    if (count > 0) assert.equal(verdict(one, signed(one, {}, { allowWeakSecret: true }), { allowWeakSecret: true }), true)
    else assert.throws(() => signed(one, {}, { allowWeakSecret: true }), told)
  }
})

test('a key of enough of the characters of the secret is one', () => {
  for (const key of [
    '{secret|first:16}',
    '{secret|last:16|sha256}',
    '{secret|before:~|sha256}',
    '{secret|lower|sha256}',
    `{secret|drop:1}&`,
    '{secret|md5|hex|first:16}',
    '{secret|sha256|hex|drop:44}',
    '{secret|sha256|first:16}',
    '{secret|sha256|base64|before:=}',
    '{secret|sha256|hex|first:8}{secret|md5|hex|last:8}',
    '{secret|first:16}{secret|md5|hex|first:2}',
    '{secret|hkdf:sha256/16//}',
    '{secret|pbkdf2:sha256/1/16/s|hex}',
  ]) {
    const one = acme({ key })
    assert.equal(verdict(one, signed(one)), true, key)
  }
})

const chained = acme({
  key: { chain: ['AWS4{secret}', '{date}', '{param:region}', 'aws4_request'] },
  params: { region: 'eu' },
  timestamp: { header: 't', unit: 'seconds' },
  fields: { date: { header: 'x-date' } },
  message: '{timestamp}\n{date}\n{body}',
})

test('a chain derives one key from the other, for each date anew', () => {
  const keyOf = (date, from = Buffer.from(`AWS4${secret}`)) => ['eu', 'aws4_request'].reduce(step, step(from, date))
  for (const date of ['20260301', '20260302', '20260301', 'a\nb'.replace('\n', ' '), '20260303']) {
    const sent = signed(chained, {}, { fields: { date } })
    assert.equal(sent.headers['x-signature'], mac(keyOf(date), `${nowSeconds}\n${date}\n${body}`), date)
    assert.equal(verdict(chained, sent), true)
    assert.equal(verdict(chained, { ...sent, headers: { ...sent.headers, 'x-date': '20260304' } }), 'ERR_HMAC_MISMATCH')
  }
  const bySecretOctets = signed(chained, {}, { secret: octets, fields: { date: 'd' } })
  assert.equal(
    bySecretOctets.headers['x-signature'],
    mac(keyOf('d', Buffer.concat([Buffer.from('AWS4'), octets])), `${nowSeconds}\nd\n${body}`),
  )
  const { 'x-date': _, ...headers } = signed(chained, {}, { fields: { date: 'd' } }).headers
  assert.equal(verdict(chained, { ...signed(chained, {}, { fields: { date: 'd' } }), headers }), 'ERR_HMAC_INCOMPLETE')
})

test('a key that is made of the request as well belongs to that request alone', () => {
  const one = acme({ key: '{secret}{header:x-date}', message: '{header:x-date}\n{body}' })
  for (const date of ['1', '2', '1', '3']) {
    const sent = signed(one, { headers: { 'x-date': date } })
    assert.equal(sent.headers['x-signature'], mac(`${secret}${date}`, `${date}\n${body}`))
    assert.equal(verdict(one, sent), true, date)
  }
})

test('keys of several secrets, used in turn, are not mixed up', () => {
  const secrets = Array.from({ length: 4 }, (_, i) => `secret number ${i} of the tests`)
  for (let round = 0; round < 3; round += 1) {
    for (const one of secrets) {
      const sent = signed(chained, {}, { secret: one, fields: { date: `d${round}` } })
      assert.equal(verdict(chained, sent, { secret: secrets }), true)
      assert.equal(verdict(chained, sent, { secret: secrets.filter((other) => other !== one) }), 'ERR_HMAC_MISMATCH')
    }
  }
})

test('a key that does not come from the secret does not compile', () => {
  assert.match(mistakes({ key: '{body}' }).join(), /does not hold \{secret\}|unknown part|key/)
  assert.match(mistakes({ key: { chain: [] } }).join(), /key\.chain: is empty/)
  assert.match(mistakes({ key: { chain: ['x', 'y'] } }).join(), /does not hold \{secret\}: the key must come from it/)
  assert.match(mistakes({ key: { chain: ['{secret|hmac}'] } }).join(), /needs the key that is being made/)
})

test('P16: a secret of which decoding leaves nothing, or too little', () => {
  const one = acme({ key: '{secret|removeFirst:the whole secret of the tests}' })
  assert.throws(() => signed(one, {}, { secret: 'the whole secret of the tests' }), /option "secret" decodes to no octets at all/)
  assert.throws(() => signed(one, {}, { secret: 'the whole secret of the tests12345' }), /gives a key of 5 octets once it is decoded/)
})

test('octets and a KeyObject stand where the secret stands in a chain, and are the key of everything else', () => {
  const timed = { timestamp: { header: 't', unit: 'seconds' }, message: '{timestamp}\n{body}' }
  const message = `${nowSeconds}\n${body}`
  for (const material of [octets, createSecretKey(octets)]) {
    const plain = acme({ key: 'AWS4{secret}' })
    assert.equal(signed(plain, {}, { secret: material }).headers['x-signature'], mac(octets))
    for (const first of ['AWS4{secret}!', 'AWS4{secret|lower}!']) {
      const chain = acme({ ...timed, key: { chain: [first, '{timestamp}'] } })
      const expected = step(Buffer.concat([Buffer.from('AWS4'), octets, Buffer.from('!')]), String(nowSeconds))
      const sent = signed(chain, {}, { secret: material })
      assert.equal(sent.headers['x-signature'], mac(expected, message), first)
      assert.equal(verdict(chain, sent, { secret: material }), true)
    }
  }
})
