import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { cli, cliJson, inProcess } from './support/cli.js'

const SECRET = 'canary:secret+with/odd characters'
const TOKEN = 'canary-token-0123456789'
const env = { S: SECRET }

/** A token endpoint that answers as told, and keeps what it was asked. */
async function endpoint(t, answer) {
  const asked = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text) => {
      body += text
    })
    request.on('end', () => {
      asked.push({ url: request.url, authorization: request.headers.authorization, form: Object.fromEntries(new URLSearchParams(body)) })
      const { status = 200, headers = {}, text } = answer(request)
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${server.address().port}/token`, asked }
}

const granted = (extra = {}) => ({ text: JSON.stringify({ access_token: TOKEN, token_type: 'Bearer', expires_in: 3600, ...extra }) })

describe('token', () => {
  test('mistakes end with 2, and nothing is sent', async () => {
    for (const [args, pattern] of [
      [['ftp://x.example/t', '--client-id', 'a'], /https/],
      [['http://id.example.com/t', '--client-id', 'a'], /--allow-http/],
      [['https://u:p@id.example.com/t', '--client-id', 'a'], /credentials/],
      [['https://id.example.com/t'], /--client-id/],
      [['https://id.example.com/t', '--client-id', 'a', '--auth', 'digest'], /basic or post/],
      [['https://id.example.com/t', '--client-id', 'a', '--param', 'scope=x'], /--param/],
    ]) {
      const { code, stderr } = await inProcess(['token', ...args, '--secret-env', 'S'], { env })
      assert.equal(code, 2, stderr)
      assert.match(stderr, pattern)
    }
  })

  test('a refusal ends with 1 and its code, an outage with 3; neither repeats the secret or the answer', async (t) => {
    for (const [answer, wanted, pattern] of [
      [{ status: 401, text: JSON.stringify({ error: 'invalid_client', error_description: SECRET }) }, 1, /401, invalid_client/],
      [{ status: 400, text: JSON.stringify({ error: SECRET }) }, 1, /answered 400/],
      [{ status: 400, text: JSON.stringify({ error: '\x1b[31m' }) }, 1, /answered 400\n/],
      [{ status: 200, text: `{"token":"${TOKEN}"}` }, 3, /without an access_token/],
      [{ status: 200, text: TOKEN }, 3, /without an access_token/],
      [{ status: 200, text: 'null' }, 3, /without an access_token/],
      [{ status: 503, text: TOKEN }, 3, /answered 503/],
      [{ status: 307, headers: { location: 'http://127.0.0.1:1/' }, text: '' }, 3, /redirect/],
      [{ status: 200, text: ' '.repeat(1024 * 1024 + 1) }, 3, /more than 1048576 octets/],
    ]) {
      const { url, asked } = await endpoint(t, () => answer)
      const { code, stdout, stderr } = await inProcess(['token', url, '--client-id', 'app', '--secret-env', 'S'], { env })
      assert.equal(code, wanted, stderr)
      assert.match(stderr, pattern)
      assert.equal(stdout, '')
      assert.equal(asked.length, 1)
      for (const hidden of [SECRET, TOKEN, '\x1b']) assert.ok(!stderr.includes(hidden), stderr)
    }
    assert.equal((await inProcess(['token', 'http://127.0.0.1:1/', '--client-id', 'a', '--secret-env', 'S'], { env })).code, 3)
  })

  test('shows the life of the token, and the token only when asked', async (t) => {
    const { url, asked } = await endpoint(t, () => granted({ scope: 'read' }))
    const args = ['token', url, '--client-id', 'app:1', '--secret-env', 'S', '--scope', 'read', '--scope', 'write', '--audience', 'api']
    const { code, stdout, stderr } = await cli(args, { env })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /lives {2}3600 s, until \d{4}-/)
    for (const text of [stdout, stderr]) assert.ok(!text.includes(TOKEN) && !text.includes(SECRET))
    assert.deepEqual(asked[0].form, { grant_type: 'client_credentials', scope: 'read write', audience: 'api' })
    // RFC 6749 section 2.3.1: form-urlencoded, then joined with a colon.
    const basic = Buffer.from('app%3A1:canary%3Asecret%2Bwith%2Fodd+characters').toString('base64')
    assert.equal(asked[0].authorization, `Basic ${basic}`)
    const shown = await cli([...args, '--show-token'], { env })
    assert.equal(shown.stdout, `${TOKEN}\n`)
    const { json } = await cliJson(args, { env })
    assert.deepEqual(Object.keys(json), ['type', 'expiresInSeconds', 'expiresAt', 'scope', 'jwt'])
    assert.equal((await cliJson([...args, '--show-token'], { env })).json.token, TOKEN)
  })

  test('sends the secret in the form with --auth post', async (t) => {
    const { url, asked } = await endpoint(t, () => granted())
    await inProcess(['token', url, '--client-id', 'app', '--secret-env', 'S', '--auth', 'post', '--param', 'resource=r'], { env })
    assert.equal(asked[0].authorization, undefined)
    assert.deepEqual(asked[0].form, { grant_type: 'client_credentials', resource: 'r', client_id: 'app', client_secret: SECRET })
  })

  test('of a JWT without expires_in shows exp', async (t) => {
    const claims = Buffer.from(JSON.stringify({ exp: 1768478400 })).toString('base64url')
    const { url } = await endpoint(t, () => granted({ access_token: `e30.${claims}.x`, expires_in: undefined }))
    const { json } = await cliJson(['token', url, '--client-id', 'app', '--secret-env', 'S'], { env })
    assert.deepEqual([json.jwt, json.expiresInSeconds, json.expiresAt], [true, null, '2026-01-15T12:00:00.000Z'])
  })
})
