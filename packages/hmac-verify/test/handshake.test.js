import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { asana, dropbox, front, github, mandrill, meta, notion, slack, trello, twitterX, zoom } from '@countersign/schemes'
import { authRequest, hexOf, now, nowSeconds, outcome, secret } from './requests.js'

const NOSNIFF = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' }
const TEXT = { 'Content-Type': 'text/plain; charset=utf-8', ...NOSNIFF }
const JSON_TYPE = { 'Content-Type': 'application/json', ...NOSNIFF }

const get = (target) => authRequest({ method: 'GET', target, body: '' })

function slackRequest(body, key = secret) {
  const signature = `v0=${hexOf(`v0:${nowSeconds}:${body}`, key)}`
  return authRequest({ body, headers: { 'x-slack-request-timestamp': `${nowSeconds}`, 'x-slack-signature': signature } })
}

function zoomRequest(body, key = secret) {
  const signature = `v0=${hexOf(`v0:${nowSeconds}:${body}`, key)}`
  return authRequest({ body, headers: { 'x-zm-request-timestamp': `${nowSeconds}`, 'x-zm-signature': signature } })
}

test('a handshake is off unless the route asks for it', async () => {
  assert.equal(await outcome(hmacAuthenticator({ scheme: dropbox, secret }), get('/hook?challenge=abc')), 'absent')
  const signed = slackRequest('{"type":"url_verification","challenge":"abc"}')
  assert.equal(await outcome(hmacAuthenticator({ scheme: slack, secret, now }), signed), 'granted slack')
})

describe('echoes', () => {
  test('Dropbox: the challenge as text, nothing else, and only of harmless characters', async () => {
    const authenticator = hmacAuthenticator({ scheme: dropbox, secret, handshake: true })
    const verdict = await authenticator.authenticate(get('/hook?challenge=aB3._~%2B%2F%3D-'))
    assert.deepEqual(verdict, { kind: 'answered', status: 200, headers: TEXT, body: 'aB3._~+/=-' })
    for (const challenge of ['%3Cscript%3E', 'a%20b', 'a%0d%0ab', '%C3%A9', '', 'x'.repeat(513)]) {
      assert.equal(await outcome(authenticator, get(`/hook?challenge=${challenge}`)), 'ERR_HMAC_HANDSHAKE', challenge)
    }
    assert.equal((await authenticator.authenticate(get(`/hook?challenge=${'x'.repeat(512)}`))).body.length, 512)
    assert.equal(await outcome(authenticator, get('/hook?challenge=a&challenge=b')), 'absent')
    assert.equal(await outcome(authenticator, authRequest({ target: '/hook?challenge=abc' })), 'absent')
  })

  test('Meta: only for who knows the verify token', async () => {
    const authenticator = hmacAuthenticator({ scheme: meta, secret, handshake: { verifyToken: 'my-verify-token' } })
    const asked = (token) => get(`/hook?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`)
    assert.equal((await authenticator.authenticate(asked('my-verify-token'))).body, '1158201444')
    assert.equal(await outcome(authenticator, asked('my-verify-tokem')), 'ERR_HMAC_HANDSHAKE')
    assert.equal(await outcome(authenticator, asked('')), 'ERR_HMAC_HANDSHAKE')
    assert.equal(await outcome(authenticator, get('/hook?hub.mode=subscribe&hub.challenge=1')), 'ERR_HMAC_HANDSHAKE')
    assert.equal(await outcome(authenticator, get('/hook?hub.mode=unsubscribe&hub.challenge=1')), 'absent')
  })

  test('Slack: verified first; other requests go on to the handler', async () => {
    const authenticator = hmacAuthenticator({ scheme: slack, secret, now, handshake: true })
    const body = '{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}'
    const verdict = await authenticator.authenticate(slackRequest(body))
    assert.deepEqual(verdict, {
      kind: 'answered',
      status: 200,
      headers: TEXT,
      body: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
    })
    assert.equal(await outcome(authenticator, slackRequest(body, 'another-secret-entirely-01234567')), 'ERR_HMAC_MISMATCH')
    assert.equal(await outcome(authenticator, authRequest({ body })), 'absent')
    assert.equal(await outcome(authenticator, slackRequest('{"type":"event_callback","challenge":"x"}')), 'granted slack')
  })

  test('Front: the challenge of a signed request comes back', async () => {
    const body = '{}'
    const signature = createHmac('sha256', secret)
      .update(`${nowSeconds * 1000}:${body}`)
      .digest('base64')
    const headers = { 'x-front-request-timestamp': `${nowSeconds * 1000}`, 'x-front-signature': signature, 'x-front-challenge': 'abc123' }
    const authenticator = hmacAuthenticator({ scheme: front, secret, now, handshake: true })
    assert.equal((await authenticator.authenticate(authRequest({ body, headers }))).body, 'abc123')
    assert.equal(await outcome(authenticator, authRequest({ body: '{"a":1}', headers })), 'ERR_HMAC_MISMATCH')
  })

  for (const [scheme, options] of [
    [trello, { publicOrigin: 'https://example.com' }],
    [mandrill, { publicOrigin: 'https://example.com' }],
  ]) {
    test(`${scheme.name}: HEAD is answered with 200`, async () => {
      const authenticator = hmacAuthenticator({ scheme, secret, ...options, handshake: true })
      const verdict = await authenticator.authenticate(authRequest({ method: 'HEAD', body: '' }))
      assert.deepEqual(verdict, { kind: 'answered', status: 200, headers: NOSNIFF, body: '' })
      assert.equal(await outcome(authenticator, get('/')), 'absent')
    })
  }
})

describe('challenges that are signed', () => {
  test('Zoom: answered only when it is signed itself, and never with the signature of another message', async () => {
    const authenticator = hmacAuthenticator({ scheme: zoom, secret, now, handshake: true })
    const asked = (plainToken) => JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken } })
    const verdict = await authenticator.authenticate(zoomRequest(asked('qgg8vlvZRS6UYooatFL8Aw')))
    const answer = { plainToken: 'qgg8vlvZRS6UYooatFL8Aw', encryptedToken: hexOf('qgg8vlvZRS6UYooatFL8Aw') }
    assert.deepEqual(verdict, { kind: 'answered', status: 200, headers: JSON_TYPE, body: JSON.stringify(answer) })
    const forged = `v0:${nowSeconds}:{"event":"user.deleted"}`
    assert.equal(await outcome(authenticator, zoomRequest(asked(forged))), 'ERR_HMAC_HANDSHAKE')
    assert.equal(await outcome(authenticator, zoomRequest(asked('abc'), 'another-secret-entirely-01234567')), 'ERR_HMAC_MISMATCH')
  })

  test('Twitter/X: nobody gets a body signed by asking for it as a challenge', async () => {
    const authenticator = hmacAuthenticator({ scheme: twitterX, secret, handshake: true })
    const verdict = await authenticator.authenticate(get('/hook?crc_token=challenge_string-1&nonce=abc'))
    const mac = (text) => `sha256=${createHmac('sha256', secret).update(text).digest('base64')}`
    assert.deepEqual(JSON.parse(verdict.body), { response_token: mac('challenge_string-1') })

    const event = '{"for_user_id":"1"}'
    assert.equal(await outcome(authenticator, get(`/hook?crc_token=${encodeURIComponent(event)}`)), 'ERR_HMAC_HANDSHAKE')
    const sent = (body) => authRequest({ body, headers: { 'x-twitter-webhooks-signature': mac(body) } })
    assert.equal(await outcome(authenticator, sent('challenge_string-1')), 'ERR_HMAC_SIGNED_FOR_ANYBODY')
    assert.equal(await outcome(authenticator, sent('1')), 'ERR_HMAC_SIGNED_FOR_ANYBODY')
    assert.equal(await outcome(authenticator, sent(event)), 'granted twitter-x')
  })
})

describe('handshakes that bring the secret', () => {
  const brought = 'a-secret-that-asana-made-0123456'

  function asanaRoute() {
    const state = { secret: undefined, pending: true }
    const authenticator = hmacAuthenticator({
      scheme: asana,
      secret: () => state.secret,
      handshake: {
        pending: () => state.pending,
        learn: (learnt) => {
          state.secret = learnt
        },
      },
    })
    return { state, authenticator }
  }

  const offer = (value) => authRequest({ body: '', headers: { 'x-hook-secret': value } })

  test('Asana: the first secret is kept and echoed; a second one is refused while the first still verifies', async () => {
    const { state, authenticator } = asanaRoute()
    const verdict = await authenticator.authenticate(offer(brought))
    assert.deepEqual(verdict, { kind: 'answered', status: 200, headers: { 'X-Hook-Secret': brought, ...NOSNIFF }, body: '' })
    assert.equal(await outcome(authenticator, offer('another-secret-that-asana-made-1')), 'ERR_HMAC_HANDSHAKE')
    assert.equal(state.secret, brought)
    const body = '{"events":[]}'
    assert.equal(
      await outcome(authenticator, authRequest({ body, headers: { 'x-hook-signature': hexOf(body, brought) } })),
      'granted asana',
    )
  })

  test('Asana: of several secrets at once one is taken, and after a failure the next', async () => {
    const kept = []
    const steps = []
    const next = () => new Promise((resolve, reject) => steps.push({ resolve, reject }))
    const handshake = { pending: () => true, learn: (learnt) => next().then(() => void kept.push(learnt)) }
    const authenticator = hmacAuthenticator({ scheme: asana, secret: () => kept, handshake })
    const others = ['another-secret-that-asana-made-1', 'another-secret-that-asana-made-2']
    const first = authenticator.authenticate(offer(brought))
    const rest = others.map((one) => outcome(authenticator, offer(one)))
    assert.deepEqual(await Promise.all(rest), ['ERR_HMAC_HANDSHAKE', 'ERR_HMAC_HANDSHAKE'])
    assert.equal(steps.length, 1)
    steps[0].reject(new Error('disk full'))
    await assert.rejects(first, { status: 503 })
    const again = authenticator.authenticate(offer(others[0]))
    await new Promise((resolve) => setImmediate(resolve))
    steps[1].resolve()
    assert.equal((await again).kind, 'answered')
    assert.deepEqual(kept, [others[0]])
  })

  test('Asana: nothing is taken while the route waits for none, nor a short secret, nor odd octets', async () => {
    const { state, authenticator } = asanaRoute()
    assert.equal(await outcome(authenticator, offer('short')), 'ERR_HMAC_HANDSHAKE')
    assert.equal(await outcome(authenticator, offer('sixteen or more, with blanks')), 'ERR_HMAC_HANDSHAKE')
    state.pending = false
    assert.equal(await outcome(authenticator, offer(brought)), 'ERR_HMAC_HANDSHAKE')
    assert.equal(state.secret, undefined)
  })

  test('Asana: a route that cannot tell or cannot keep it refuses with 503', async () => {
    const failing = (steps) =>
      hmacAuthenticator({ scheme: asana, secret: () => undefined, handshake: { pending: () => true, learn: () => {}, ...steps } })
    const fails = () => Promise.reject(new Error('down'))
    for (const steps of [{ pending: fails }, { learn: fails }]) {
      await assert.rejects(async () => failing(steps).authenticate(offer(brought)), { code: 'ERR_LOOKUP_FAILED', status: 503 })
    }
  })

  test('Notion: the verification token of the first delivery is the secret', async () => {
    const learnt = []
    const options = { pending: () => learnt.length === 0, learn: (value) => void learnt.push(value) }
    const authenticator = hmacAuthenticator({ scheme: notion, secret: () => learnt, handshake: options })
    const token = authRequest({ body: '{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}' })
    assert.equal((await authenticator.authenticate(token)).kind, 'answered')
    assert.deepEqual(learnt, ['secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl'])
    assert.equal(await outcome(authenticator, token), 'ERR_HMAC_HANDSHAKE')
    const body = '{"type":"page.created"}'
    const signed = authRequest({ body, headers: { 'x-notion-signature': `sha256=${hexOf(body, learnt[0])}` } })
    assert.equal(await outcome(authenticator, signed), 'granted notion')
  })
})

test('mistakes are said at creation', () => {
  const refused = (options, message) => assert.throws(() => hmacAuthenticator({ secret, ...options }), { name: 'TypeError', message })
  refused({ scheme: github, handshake: true }, /"handshake" cannot be answered: scheme 'github' has none/)
  refused({ scheme: dropbox, handshake: 'yes' }, /"handshake" must be true or an object/)
  refused({ scheme: dropbox, handshake: new Map() }, /"handshake" must be true or an object; got a Map/)
  refused({ scheme: dropbox, handshake: { verifyToken: 'x' } }, /"handshake.verifyToken" is unknown; write handshake: true/)
  refused({ scheme: meta, handshake: true }, /"handshake.verifyToken" is required/)
  refused({ scheme: meta, handshake: { verifyToken: ' ' } }, /"handshake.verifyToken" is required/)
  refused({ scheme: asana, handshake: true }, /"handshake.pending" and handshake.learn are required/)
})
