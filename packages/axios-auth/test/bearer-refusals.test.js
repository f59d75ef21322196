import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SECRET, tokenWorld } from './token-server.js'

const invalid = { status: 401, json: { error: 'invalid_client' } }

/** Calls one after the other; the codes of their errors. */
async function calls(api, count, config) {
  const codes = []
  for (let i = 0; i < count; i += 1) codes.push(await api.get('/', config).then(() => 'fine', codeOf))
  return codes
}

function codeOf({ code }) {
  return code
}

describe('bearer: a client that is refused again and again', () => {
  test('P41: a wrong secret: 50 calls at once and 100 after them ask twice', async (t) => {
    const world = await tokenWorld(t)
    world.answer = () => invalid
    const api = world.client()
    await Promise.all(Array.from({ length: 50 }, () => api.get('/').catch(codeOf)))
    assert.equal(world.calls.token, 1)
    assert.deepEqual(new Set(await calls(api, 100)), new Set(['ERR_AXIOS_TOKEN_REFUSED']))
    assert.equal(world.calls.token, 2)
    assert.equal(world.calls.api, 0)
    world.pass(10.5)
    await assert.rejects(api.get('/'), (error) => {
      assert.equal(error.tokenStatus, 401)
      assert.equal(error.oauthError, 'invalid_client')
      assert.equal(error.retryAfterSeconds, 20)
      assert.match(error.message, /refused the client several times in a row, and is not called again for another 20 s/)
      return true
    })
  })

  test('whatever the scopes; held for 30 s, then twice as long; a token ends it', async (t) => {
    const world = await tokenWorld(t)
    const plain = world.answer
    world.answer = () => invalid
    const api = world.client()
    await calls(api, 2, { authScopes: 'a' })
    await calls(api, 2, { authScopes: 'b' })
    assert.equal(world.calls.token, 2)
    world.pass(30)
    await calls(api, 2)
    assert.equal(world.calls.token, 3)
    world.pass(59)
    await calls(api, 2)
    assert.equal(world.calls.token, 3)
    world.pass(1)
    world.answer = plain
    assert.deepEqual(await calls(api, 2), ['fine', 'fine'])
    world.answer = () => invalid
    await calls(api, 5, { authScopes: 'c' })
    assert.equal(world.calls.token, 6)
  })

  test('a password that goes along, and the first refusal, which may be a hiccup', async (t) => {
    const world = await tokenWorld(t)
    const plain = world.answer
    world.answer = () => ({ status: 400, json: { error: 'invalid_grant' } })
    const api = world.client({ grantType: 'password', extraFields: { username: 'u', password: 'wrong' } })
    await calls(api, 1)
    world.answer = plain
    assert.deepEqual(await calls(api, 1), ['fine'])
    world.answer = () => ({ status: 400, json: { error: 'invalid_grant' } })
    await calls(api, 9, { authScopes: 'a' })
    assert.equal(world.calls.token, 4)
  })

  test('another secret in its source is tried at once', async (t) => {
    const world = await tokenWorld(t)
    const plain = world.answer
    const source = { text: 'a wrong client secret', current: () => [{ material: source.text }] }
    world.answer = (request) => (new URLSearchParams(request.body).get('client_secret') === SECRET ? plain(request) : invalid)
    const api = world.client({ clientSecret: source })
    await calls(api, 5)
    assert.equal(world.calls.token, 2)
    source.text = SECRET
    assert.deepEqual(await calls(api, 1), ['fine'])
    assert.equal(world.calls.token, 3)
  })

  test('what is not about the client holds nothing back: scopes, fields, a service that is down', async (t) => {
    const world = await tokenWorld(t)
    const api = world.client()
    const answers = [
      { status: 400, json: { error: 'invalid_scope' } },
      { status: 400, json: { error: 'invalid_request' } },
      { status: 400, text: 'no' },
      { status: 404, text: 'no' },
      { status: 500, text: 'no' },
      { status: 503, json: { error: 'temporarily_unavailable' } },
      { status: 200, json: {} },
    ]
    for (const answer of answers) {
      world.answer = () => answer
      const before = world.calls.token
      await calls(api, 4)
      assert.equal(world.calls.token, before + 4, JSON.stringify(answer))
    }
  })

  test('services of another manner are known by their status', async (t) => {
    for (const status of [401, 403]) {
      const world = await tokenWorld(t)
      world.answer = () => ({ status, text: 'no' })
      await calls(world.client({ tokenField: 'token' }), 5)
      assert.equal(world.calls.token, 2)
    }
  })

  test('refreshCooldownSeconds: 0 holds nothing back', async (t) => {
    const world = await tokenWorld(t)
    world.answer = () => invalid
    await calls(world.client({ refreshCooldownSeconds: 0 }), 5)
    assert.equal(world.calls.token, 5)
  })
})
