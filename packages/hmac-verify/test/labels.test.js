import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hawk, rfc9421, scheme, sign } from '@countersign/schemes'
import { authRequest, hexOf, now, nowSeconds, outcome, secret } from './requests.js'

const key = (fill) => Buffer.alloc(32, fill).toString('base64')
const secrets = [
  { id: 'client', secret: key(1) },
  { id: 'gateway', secret: key(2) },
]
const ORIGIN = 'https://api.example.com'

function authenticator(options = {}) {
  return hmacAuthenticator({ scheme: rfc9421, secret: secrets, publicOrigin: ORIGIN, now, ...options })
}

/** A request under one label or several, each `[label, key id]`, signed one after the other. */
function signed(labels, { method = 'POST', nonce, body = 'x' } = {}) {
  const request = { method, url: `${ORIGIN}/orders`, headers: { host: 'api.example.com' }, body: Buffer.from(body) }
  for (const [label, keyId] of labels) {
    const { secret } = secrets.find(({ id }) => id === keyId)
    const out = sign(rfc9421, request, { secret, keyId, now, nonce, params: { label } })
    Object.assign(request.headers, out.headers)
  }
  return { method, target: '/orders', headers: request.headers, body }
}

/** The same request without one of its labels. */
function without(request, label) {
  const cut = (field) =>
    request.headers[field]
      .split(', ')
      .filter((member) => !member.startsWith(`${label}=`))
      .join(', ')
  return { ...request, headers: { ...request.headers, signature: cut('signature'), 'signature-input': cut('signature-input') } }
}

async function attempt(of, request) {
  const verdict = await of.authenticate(authRequest(request))
  if (verdict.kind !== 'granted') return verdict.code
  const refused = await verdict.commit?.()
  return refused?.code ?? `granted ${verdict.principal.clientId}`
}

test('a request with two signatures is the same request without either of them', async () => {
  const both = signed([
    ['a', 'client'],
    ['b', 'gateway'],
  ])
  for (const left of ['a', 'b']) {
    const guard = authenticator()
    assert.equal(await attempt(guard, both), 'granted client')
    assert.equal(await attempt(guard, both), 'ERR_HMAC_REPLAYED')
    assert.equal(await attempt(guard, without(both, left)), 'ERR_HMAC_REPLAYED', `without ${left}`)
  }
})

test('one signature first: the request with another beside it is the same one', async () => {
  const both = signed([
    ['a', 'client'],
    ['b', 'gateway'],
  ])
  const guard = authenticator()
  assert.equal(await attempt(guard, without(both, 'b')), 'granted client')
  assert.equal(await attempt(guard, both), 'ERR_HMAC_REPLAYED')
})

test('a label of a sender who is not known here leaves the others as they are', async () => {
  const both = signed([
    ['a', 'gateway'],
    ['b', 'client'],
  ])
  const guard = authenticator({ secret: [secrets[0]] })
  assert.equal(await attempt(guard, both), 'granted client')
  assert.equal(await attempt(guard, without(both, 'a')), 'ERR_HMAC_REPLAYED')
})

test('GET with a nonce is taken once, without one as often as it comes', async () => {
  const guard = authenticator()
  const get = signed([['a', 'client']], { method: 'GET', body: '', nonce: 'n-1' })
  assert.deepEqual([await attempt(guard, get), await attempt(guard, get)], ['granted client', 'ERR_HMAC_REPLAYED'])
  const bare = signed([['a', 'client']], { method: 'GET', body: '', nonce: false })
  assert.deepEqual([await attempt(guard, bare), await attempt(guard, bare)], ['granted client', 'granted client'])
})

test('the target is that of the public origin, whatever Host says', async () => {
  const request = signed([['a', 'client']])
  const moved = { ...request, headers: { ...request.headers, host: 'other.example' } }
  assert.equal(await attempt(authenticator(), moved), 'granted client')
  assert.equal(await attempt(authenticator({ publicOrigin: 'https://other.example' }), request), 'ERR_HMAC_MISMATCH')
  assert.throws(() => authenticator({ publicOrigin: undefined }), { code: 'ERR_INVALID_ARG_VALUE', message: /publicOrigin/ })
})

test('the request target of an absolute form is the whole of it', async () => {
  const url = `${ORIGIN}/orders`
  const body = 'x'
  const given = { method: 'POST', url, headers: { host: 'api.example.com' }, body: Buffer.from(body) }
  const out = sign(rfc9421, given, { secret: secrets[0].secret, keyId: 'client', now, sign: ['@request-target'] })
  const request = { method: 'POST', headers: { host: 'api.example.com', ...out.headers }, body }
  assert.equal(await attempt(authenticator(), { ...request, target: '/orders' }), 'granted client')
  assert.equal(await attempt(authenticator(), { ...request, target: url }), 'ERR_HMAC_MISMATCH')
})

test('Hawk: the refusal of a stale request carries our clock, once its signature has held', async () => {
  const secret = 'werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn'
  const guard = hmacAuthenticator({ scheme: hawk, secret: { id: 'k', secret }, now: () => (nowSeconds + 3600) * 1000 })
  const given = { method: 'GET', url: 'http://api.example.com/orders', headers: { host: 'api.example.com' }, body: Buffer.alloc(0) }
  const out = sign(hawk, given, { secret, keyId: 'k', now })
  const request = { method: 'GET', target: '/orders', headers: { host: 'api.example.com', ...out.headers }, body: '' }
  const verdict = await guard.authenticate(authRequest(request))
  assert.equal(verdict.code, 'ERR_HMAC_STALE')
  assert.match(
    verdict.headers['www-authenticate'],
    new RegExp(`^Hawk ts="${nowSeconds + 3600}", tsm="[A-Za-z0-9+/]{43}=", error="Stale timestamp"$`),
  )
  const forged = { ...request, target: '/other' }
  const refused = await guard.authenticate(authRequest(forged))
  assert.deepEqual([refused.code, refused.headers], ['ERR_HMAC_MISMATCH', undefined])
})

test('P13: a signature of now beside an old one does not make the request a new one for a store that lost its data', async () => {
  const told = []
  const replay = { claim: (...[, , signedAt]) => told.push(signedAt) && 'token', release() {} }
  const guard = authenticator({ replay })
  const alone = signed([['a', 'client']])
  assert.equal(await attempt(guard, alone), 'granted client')
  assert.deepEqual(told.splice(0), [nowSeconds * 1000])
  const both = signed([
    ['a', 'client'],
    ['b', 'gateway'],
  ])
  assert.equal(await attempt(guard, both), 'granted client')
  assert.equal(told.length, 2)
  for (const time of told) assert.ok(time <= (nowSeconds - 300) * 1000, 'as old as any label that is accepted')
})

test('signatures that are judged apart: of one that signs members of the body a Content-Encoding is refused, whatever stands beside it', async () => {
  const own = scheme({
    name: 'apart',
    signature: { header: 'x-signature', format: 't={timestamp},m={mode},v={signature}', list: ' ' },
    timestamp: { unit: 'seconds' },
    fields: { mode: {} },
    message: {
      choose: [{ when: { is: { '{mode?}': 'data' } }, use: 'A\n{timestamp}\n{json:/role}' }, { use: 'B\n{timestamp}\n{body|sha256|hex}' }],
    },
  })
  const of = (header, coding) =>
    outcome(
      hmacAuthenticator({ scheme: own, secret, now }),
      authRequest({ headers: { 'x-signature': header, 'content-encoding': coding }, body: '{"role":"guest"}' }),
    )
  const held = `t=${nowSeconds},m=data,v=${hexOf(`A\n${nowSeconds}\nguest`)}`
  const beside = `t=${nowSeconds},m=octets,v=${'0'.repeat(64)}`
  for (const header of [held, `${held} ${beside}`, `${beside} ${held}`]) {
    assert.equal(await of(header, 'identity'), 'granted apart')
    assert.equal(await of(header, 'br'), 'ERR_HMAC_MALFORMED')
  }
})
