import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { acme, mistakes, request, secret, signed, verdict } from './signing.js'

const body = '{"n":1}'
const mac = createHmac('sha256', secret).update(body).digest()

/** How each encoding writes the MAC of the tests' body, by Node alone. */
const written = [
  ['hex', mac.toString('hex')],
  ['hex|upper', mac.toString('hex').toUpperCase()],
  ['hex|first:40', mac.toString('hex').slice(0, 40)],
  ['hex|last:32', mac.toString('hex').slice(-32)],
  ['base64', mac.toString('base64')],
  ['base64|remove:=', mac.toString('base64').replaceAll('=', '')],
  ['base64|before:=', mac.toString('base64').replaceAll('=', '')],
  ['base64|encode', encodeURIComponent(mac.toString('base64'))],
  ['base64url', mac.toString('base64url')],
  ['base64urlPadded', `${mac.toString('base64url')}=`],
  ['hex|utf8|hmac|hex', createHmac('sha256', secret).update(mac.toString('hex')).digest('hex')],
  ['hex|first:16', mac.toString('hex').slice(0, 16)],
  ['hex|utf8|base64', Buffer.from(mac.toString('hex')).toString('base64')],
]

test('each encoding is written as the vendor would, and only so it holds', () => {
  for (const [encoding, text] of written) {
    const one = acme({ signature: { header: 'x', encoding } })
    assert.equal(signed(one).headers.x, text, encoding)
    assert.equal(verdict(one, request({ headers: { x: text } })), true, encoding)
    for (const [, other] of written) {
      if (other !== text) assert.match(verdict(one, request({ headers: { x: other } })), /^ERR_HMAC_/, `${encoding}: ${other}`)
    }
  }
})

test('hexAnyCase alone takes hex of any case', () => {
  const one = acme({ signature: { header: 'x', encoding: 'hexAnyCase' } })
  const hex = mac.toString('hex')
  assert.equal(signed(one).headers.x, hex)
  for (const text of [hex, hex.toUpperCase(), hex.slice(0, 32) + hex.slice(32).toUpperCase()]) {
    assert.equal(verdict(one, request({ headers: { x: text } })), true)
  }
  assert.match(verdict(one, request({ headers: { x: `${hex.slice(0, -1)}\u212a`.replace('\u212a', '\u00b9') } })), /^ERR_HMAC_/)
  assert.match(verdict(one, request({ headers: { x: mac.toString('base64') } })), /^ERR_HMAC_/)
})

test('P15: a text of the right length that is not ASCII is refused, and what was compared before plays no part', () => {
  const one = acme({ signature: { header: 'x', encoding: 'hex' } })
  const hex = mac.toString('hex')
  assert.equal(verdict(one, request({ headers: { x: hex } })), true)
  for (const odd of ['\u00e9', '\u00ff', '\u0080', '\u00df']) {
    for (const at of [0, 31, 63]) {
      const text = hex.slice(0, at) + odd + hex.slice(at + 1)
      assert.equal(text.length, hex.length)
      assert.match(verdict(one, request({ headers: { x: text } })), /^ERR_HMAC_M/, `${odd} at ${at}`)
    }
    assert.match(verdict(one, request({ headers: { x: odd.repeat(64) } })), /^ERR_HMAC_M/)
    assert.match(verdict(one, request({ headers: { x: odd.repeat(32) } })), /^ERR_HMAC_M/, 'as many octets as the MAC has')
  }
})

test('a MAC that is spelled otherwise, digit by digit, compiles', () => {
  for (const encoding of ['base64|replace:+/%2b|replace:\\//%2f|replace:=/%3d', 'base64|remove:=', 'hex|upper|replace:A/a', 'hex|trim'])
    assert.deepEqual(mistakes({ signature: { header: 'x', encoding } }), [], encoding)
})

test('a MAC of which too little is left does not compile', () => {
  for (const encoding of [
    'hex|first:15',
    'hex|last:8',
    'hex|before:a',
    'hex|after:a',
    'hex|drop:60',
    'base64|beforeLast:A',
    'hex|length',
    `hex|${[...'123456789abcdef'].map((digit) => `replace:${digit}/0`).join('|')}`,
    `hex|${[...'0123456789abcdef'].map((digit) => `remove:${digit}`).join('|')}`,
  ]) {
    assert.match(
      mistakes({ signature: { header: 'x', encoding } }).join('\n'),
      /^signature\.encoding: keeps too little of the MAC/m,
      encoding,
    )
  }
})
