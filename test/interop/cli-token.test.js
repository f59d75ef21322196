/** countersign token against oidc-provider, a certified OAuth 2.0 authorization server. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { runProgram } from '@countersign/cli'
import Provider from 'oidc-provider'

const AWKWARD = 'basic secret/+:%&=~"\\'
const SECRET = 'a secret that is posted'
const RESOURCE = 'urn:api:orders'

const client = (id, method, secret) => ({
  client_id: id,
  client_secret: secret,
  token_endpoint_auth_method: method,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: 'read write',
})

async function authorizationServer(t) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(origin, {
    clients: [client('basic client/+:%', 'client_secret_basic', AWKWARD), client('post', 'client_secret_post', SECRET)],
    scopes: ['read', 'write'],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: () => ({
          scope: 'read write',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 120,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    ttl: { ClientCredentials: 600 },
  })
  server.on('request', provider.callback())
  return origin
}

async function token(args, secret) {
  const output = { stdout: '', stderr: '' }
  const stream = (name) => ({ write: (text) => (output[name] += text) })
  const streams = { stdin: {}, stdout: stream('stdout'), stderr: stream('stderr'), env: { S: secret } }
  return { code: await runProgram(['token', ...args, '--secret-env', 'S'], streams), ...output }
}

test('a wrong secret is invalid_client, with 1, and is not repeated', async (t) => {
  const origin = await authorizationServer(t)
  const { code, stdout, stderr } = await token([`${origin}/token`, '--client-id', 'post', '--auth', 'post'], 'a wrong secret')
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /invalid_client/)
  assert.ok(!stderr.includes('a wrong secret'))
})

test('both ways of naming the client, with characters that have to be encoded', async (t) => {
  const origin = await authorizationServer(t)
  for (const [args, secret] of [
    [['--client-id', 'basic client/+:%'], AWKWARD],
    [['--client-id', 'post', '--auth', 'post'], SECRET],
  ]) {
    const { code, stdout, stderr } = await token([`${origin}/token`, ...args, '--scope', 'read', '--json'], secret)
    assert.equal(code, 0, stderr)
    const { type, expiresInSeconds, scope, jwt } = JSON.parse(stdout)
    assert.deepEqual([type, expiresInSeconds, scope, jwt], ['Bearer', 600, 'read', false])
  }
})

test('a token for a resource is a JWT, shown when asked', async (t) => {
  const origin = await authorizationServer(t)
  const args = [`${origin}/token`, '--client-id', 'post', '--auth', 'post', '--scope', 'read', '--param', `resource=${RESOURCE}`]
  const { code, stdout, stderr } = await token([...args, '--show-token'], SECRET)
  assert.equal(code, 0, stderr)
  assert.match(stderr, /lives {2}600 s, until [\s\S]*form {3}JWT, exp /)
  const claims = JSON.parse(Buffer.from(stdout.trim().split('.')[1], 'base64url'))
  assert.deepEqual([claims.aud, claims.scope, claims.client_id], [RESOURCE, 'read', 'post'])
})
