import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { apiKeyAuthenticator } from '@countersign/api-key'
import { basicAuthenticator, clientGroupAuthenticator } from '@countersign/client-group'
import { allOf, anonymous, anyOf, digestApiKey, memoryClients } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { wso2 } from '@countersign/schemes'
import { frameworks } from '../support/frameworks.js'
import { exchange } from '../support/raw-http.js'
import { fieldsOf, guarded, problemFields, problems, server } from '../support/verdicts.js'

const KEYS = { acme: 'the-api-key-of-acme', beta: 'the-api-key-of-beta', outage: 'the-api-key-of-an-outage' }
const SECRET = 'a fair secret of 32 characters!!'
const CHALLENGES = ['Basic realm="api", charset="UTF-8"', 'ApiKey realm="api"']

/** A registry of two clients that is down for whoever asks for `outage`. */
function registry() {
  const clients = memoryClients({
    scrypt: { cost: 1024, parallelization: 1 },
    clients: ['acme', 'beta'].map((id) => ({
      id,
      groups: ['partners'],
      credentials: [
        { kind: 'basic', password: `password of ${id}` },
        { kind: 'api-key', key: KEYS[id] },
        { kind: 'hmac', secret: SECRET, keyId: id },
      ],
    })),
  })
  const { findApiKey, findUser } = clients
  clients.findApiKey = (digest) => (digest === digestApiKey(KEYS.outage) ? down() : findApiKey.call(clients, digest))
  clients.findUser = (name) => (name === 'outage' ? down() : findUser.call(clients, name))
  return clients
}

function down() {
  throw new Error('the registry is down')
}

function basic(user, password = `password of ${user}`) {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

/** `Authorization: <key id>:<signature>` without an auth-scheme, signed by Node's own createHmac. */
function signed(keyId, secret = SECRET) {
  const date = new Date().toUTCString()
  return { date, authorization: `${keyId}:${createHmac('sha256', secret).update(`GET\n${date}\n/`).digest('base64')}` }
}

const BASIC = { absent: {}, good: basic('acme'), bad: basic('acme', 'wrong'), outage: basic('outage') }
const API_KEY = {
  absent: {},
  good: { 'x-api-key': KEYS.acme },
  bad: { 'x-api-key': 'a-key-that-nobody-has' },
  outage: { 'x-api-key': KEYS.outage },
}
const STATUS = { absent: 401, good: 200, bad: 401, outage: 503 }

for (const framework of frameworks) {
  const serve = server(framework)

  describe(`compositions of Basic and API key, ${framework}`, () => {
    test('P30: anyOf: the first that is not absent decides, and nothing falls through to another', async (t) => {
      const clients = registry()
      const app = await serve(t, guarded(anyOf(basicAuthenticator({ clients }), apiKeyAuthenticator({ clients }))))
      for (const [first, one] of Object.entries(BASIC)) {
        for (const [second, other] of Object.entries(API_KEY)) {
          const answer = await exchange(app.port, { headers: { ...one, ...other } })
          const status = STATUS[first === 'absent' ? second : first]
          assert.equal(answer.status, status, `${first}, ${second}`)
          if (status === 401) assert.deepEqual(answer.all('www-authenticate'), CHALLENGES)
        }
      }
    })

    test('P30: allOf: the first refusal or outage decides, and one absent makes 401 with all challenges', async (t) => {
      const clients = registry()
      const app = await serve(t, guarded(allOf(basicAuthenticator({ clients }), apiKeyAuthenticator({ clients }))))
      for (const [first, one] of Object.entries(BASIC)) {
        for (const [second, other] of Object.entries(API_KEY)) {
          const answer = await exchange(app.port, { headers: { ...one, ...other } })
          const decisive = first === 'bad' || first === 'outage' ? first : second
          const status = first === 'absent' && second === 'good' ? 401 : STATUS[decisive]
          assert.equal(answer.status, status, `${first}, ${second}`)
          if (status === 401) assert.deepEqual(answer.all('www-authenticate'), CHALLENGES)
        }
      }
    })

    test('P29: sameClient: the credentials of two clients are 403, those of one pass', async (t) => {
      const clients = registry()
      const both = allOf(basicAuthenticator({ clients }), apiKeyAuthenticator({ clients }), { sameClient: true })
      const app = await serve(t, guarded(both))
      const mixed = await exchange(app.port, { headers: { ...basic('acme'), 'x-api-key': KEYS.beta } })
      assert.equal(mixed.text, problems[403])
      assert.deepEqual(fieldsOf(mixed), problemFields(403))
      const { auth } = (await exchange(app.port, { headers: { ...basic('beta'), 'x-api-key': KEYS.beta } })).json()
      assert.deepEqual([auth.clientId, auth.scheme, auth.also[0].scheme], ['beta', 'basic', 'api-key'])
      assert.throws(() => allOf(basicAuthenticator({ clients }), apiKeyAuthenticator({ keys: KEYS.acme }), { sameClient: true }), TypeError)
    })

    test('a route that anybody may call: without credentials anonymous, with wrong ones refused', async (t) => {
      const clients = registry()
      const app = await serve(t, guarded(anyOf(basicAuthenticator({ clients }), apiKeyAuthenticator({ clients }), anonymous())))
      assert.equal((await exchange(app.port)).json().auth.clientId, 'anonymous')
      assert.equal((await exchange(app.port, { headers: basic('acme') })).json().auth.clientId, 'acme')
      for (const headers of [BASIC.bad, API_KEY.bad]) assert.equal((await exchange(app.port, { headers })).status, 401)
      for (const headers of [BASIC.outage, API_KEY.outage]) assert.equal((await exchange(app.port, { headers })).status, 503)
    })

    test('one Authorization field for WSO2 and Basic: a space before the first colon makes it none of WSO2\u2019s', async (t) => {
      const clients = registry()
      const signature = hmacAuthenticator({ scheme: wso2, clients, replay: false })
      const plain = basicAuthenticator({ clients })
      for (const either of [anyOf(signature, plain), anyOf(plain, signature)]) {
        const app = await serve(t, guarded(either))
        const ask = async (headers) => {
          const { status, json } = await exchange(app.port, { headers })
          return status === 200 ? `${json().auth.clientId} ${json().auth.scheme}` : status
        }
        assert.equal(await ask(signed('acme')), 'acme hmac')
        assert.equal(await ask(basic('acme')), 'acme basic')
        assert.equal(await ask(signed('acme', 'another secret of 32 characters!')), 401)
        assert.equal(await ask(basic('acme', 'wrong')), 401)
        assert.equal(await ask({ ...signed('acme'), authorization: 'Bearer a:b' }), 401)
        assert.equal(await ask({}), 401)
      }
    })

    test('a group whose members sign, by the registry that holds their groups', async (t) => {
      const clients = registry()
      const signature = hmacAuthenticator({ scheme: wso2, clients, replay: false })
      const app = await serve(t, guarded(clientGroupAuthenticator({ clients, group: 'partners', accept: ['api-key', signature] })))
      const ask = async (headers) => (await exchange(app.port, { headers })).status
      assert.equal(await ask(signed('acme')), 200)
      assert.equal(await ask({ ...signed('acme'), 'x-api-key': KEYS.acme }), 200)
      assert.equal(await ask({ ...signed('acme'), 'x-api-key': KEYS.beta }), 403)
      await clients.leave('acme', 'partners')
      assert.equal(await ask(signed('acme')), 403)
    })
  })
}
