import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { bearer } from '@countersign/axios-auth/bearer'
import axios from 'axios'

export const T0 = Date.parse('2026-03-01T00:00:00Z')
export const SECRET = 'a client secret of the tests'

/**
 * A token service and an API on loopback, whose behaviour a test changes while it runs.
 *
 * `calls.token` and `calls.api` count requests; `tokens` are the requests to the service as they came. `world.answer(request)` gives the
 * answer of the service, `{ status, json | text, headers }`, or a promise of it, or undefined for none ever; `world.accepts(token, request)` says
 * whether the API takes a token. `world.api(request)` may answer in its place.
 */
export async function tokenWorld(t) {
  const world = { calls: { token: 0, api: 0 }, tokens: [], issued: [], refused: new Set(), clock: { now: T0 } }
  world.answer = () => ({ json: { access_token: issue(world), token_type: 'Bearer', expires_in: 3600 } })
  world.accepts = (token) => world.issued.includes(token) && !world.refused.has(token)
  const server = createServer((message, response) => serve(world, message, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  world.origin = `http://127.0.0.1:${server.address().port}`
  world.tokenUrl = `${world.origin}/token`
  world.bearer = (options) =>
    bearer({ clientId: 'client', clientSecret: SECRET, tokenUrl: world.tokenUrl, now: () => world.clock.now, ...options })
  world.client = (options) => {
    const api = axios.create({ baseURL: world.origin, proxy: false })
    api.interceptors.request.use(world.bearer(options))
    return api
  }
  world.pass = (seconds) => {
    world.clock.now += seconds * 1000
  }
  return world
}

/** A new token that the API accepts. */
export function issue(world) {
  const token = `token-${world.issued.length + 1}`
  world.issued.push(token)
  return token
}

let rsa

/** A key pair of RSA with 2048 bits, made once: that takes its time. */
export function rsaKeys() {
  rsa ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
  return rsa
}

async function serve(world, message, response) {
  const chunks = []
  for await (const chunk of message) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  const request = { method: message.method, url: message.url, headers: message.headers, body, message, response }
  const isToken = message.url.startsWith('/token')
  world.calls[isToken ? 'token' : 'api'] += 1
  if (isToken) world.tokens.push(request)
  const answer = await (isToken ? world.answer(request) : apiAnswer(world, request))
  if (answer === undefined) return
  const { status = 200, headers = {}, json, text = JSON.stringify(json) } = answer
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  response.end(text)
}

async function apiAnswer(world, request) {
  const answer = await world.api?.(request)
  if (answer !== undefined) return answer
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
  return world.accepts(token, request) ? { json: { token } } : { status: 401, json: { token } }
}
