/** The fuzz test of hmacVerify in both lengths: how many requests, and from which seed. */
import assert from 'node:assert/strict'
import { CountersignError } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { isKoa, start } from './frameworks.js'
import { garbage, malformed, randomOf, schemes, wellFormed } from './malformed.js'
import { Connection } from './raw-http.js'

const BATCH = 25

/** Fails when a promise is rejected and nobody minds. */
export function watchRejections() {
  const seen = []
  const listener = (reason) => seen.push(reason)
  process.on('unhandledRejection', listener)
  return () => {
    process.off('unhandledRejection', listener)
    assert.deepEqual(seen, [])
  }
}

/** Sends malformed requests straight to authenticators; octets that no HTTP message could carry as well. */
export async function fuzzAuthenticators(count, seed) {
  const random = randomOf(seed)
  const now = () => 1_700_000_000_000
  const guards = schemes.map((one) => ({ ...one, authenticator: hmacAuthenticator({ scheme: one.scheme, secret: one.secret, now }) }))
  const codes = new Map()
  for (let i = 0; i < count; i += 1) {
    const guard = guards[i % guards.length]
    const request = malformed(random, guard, { carried: random.next() < 0.5, now: now() })
    const code = await judged(guard.authenticator, request)
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  for (const guard of guards) {
    assert.equal(await judged(guard.authenticator, wellFormed(guard, { now: now() })), 'granted', guard.scheme.name)
  }
  return codes
}

/** The code of a refusal, `absent`, or `granted`; anything thrown but an answer below 500 is a failure. */
async function judged(authenticator, { method, target, rawHeaders, body }) {
  const request = { method, target, rawHeaders, headers: {}, socket: {}, body: () => body }
  let verdict
  try {
    verdict = await authenticator.authenticate(request)
  } catch (error) {
    assert.ok(
      error instanceof CountersignError && error.status < 500,
      `${error?.stack} for ${JSON.stringify({ method, target, rawHeaders })}`,
    )
    return error.code
  }
  if (verdict.kind === 'granted') return 'granted'
  if (verdict.kind === 'refused') assert.equal(verdict.status, 401)
  return verdict.code ?? verdict.kind
}

/** Sends malformed requests over the wire, many to a connection, and well-formed ones between them. */
export async function fuzzServer(framework, count, seed) {
  const random = randomOf(seed)
  const hmacVerify = isKoa(framework) ? forKoa : forExpress
  const guards = new Map(schemes.map(({ scheme, secret }) => [scheme.name, hmacVerify({ scheme, secret, replay: false })]))
  let accepted = 0
  const app = await start(framework, {
    guard: () => byName(framework, guards),
    handler: () => {
      accepted += 1
      return { body: 'in' }
    },
  })
  const statuses = new Map()
  try {
    let sent = 0
    while (sent < count) {
      const one = schemes[random.below(schemes.length)]
      const batch = Array.from({ length: Math.min(BATCH, count - sent) }, () => malformed(random, one))
      for (const status of await answers(app.port, one.scheme.name, batch)) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      sent += batch.length
      for (const status of await refusedOctets(app.port, garbage(random))) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    assert.equal(accepted, 0, 'a malformed request was accepted')
    for (const one of schemes) {
      assert.deepEqual(await answers(app.port, one.scheme.name, [wellFormed(one)]), [200], `${one.scheme.name}: the server is up`)
    }
  } finally {
    await app.close()
  }
  return statuses
}

/** The guard of the scheme that a field names: one server serves all of them. */
function byName(framework, guards) {
  const guardOf = ({ headers }) => guards.get(headers['x-scheme']) ?? guards.get('hex-signature')
  if (isKoa(framework)) return (ctx, next) => guardOf(ctx.req)(ctx, next)
  return (req, res, next) => guardOf(req)(req, res, next)
}

/** Pipelines requests, and starts a new connection wherever the server has closed one. */
async function answers(port, name, requests) {
  const statuses = []
  let left = requests
  while (left.length > 0) {
    const connection = new Connection(port)
    const asked = left.map(({ method }) => connection.response({ to: method }))
    await connection.write(Buffer.concat(left.map((request) => octetsOf(name, request))))
    let answered = 0
    for (const answer of asked) {
      const { status } = (await answer) ?? {}
      if (status === undefined) break
      statuses.push(status)
      answered += 1
    }
    connection.close()
    // A server that closes without an answer has refused the request as HTTP.
    left = left.slice(Math.max(1, answered))
  }
  return statuses
}

/** What is answered to octets that are no HTTP; nothing where the connection is closed at once. */
async function refusedOctets(port, octets) {
  const connection = new Connection(port)
  const asked = connection.response()
  await connection.write(octets)
  connection.socket.end()
  const answer = await asked
  connection.close()
  return answer === undefined ? [] : [answer.status]
}

function octetsOf(name, { method, target, rawHeaders, body }) {
  const lines = [`${method} ${target} HTTP/1.1`, 'host: 127.0.0.1', `x-scheme: ${name}`, `content-length: ${body.length}`]
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}
