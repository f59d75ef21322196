import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import fc from 'fast-check'
import { frameworks, isKoa } from '../support/frameworks.js'
import { exchange } from '../support/raw-http.js'
import { server } from '../support/verdicts.js'

const require = createRequire(import.meta.url)
const SECRET = 'a-secret-of-the-tests-0123456789'
const hex = (octets) => createHmac('sha256', SECRET).update(octets).digest('hex')

/** JSON as senders write it: odd spacing, escapes, duplicates and number forms that no serializer gives back. */
const written = fc
  .tuple(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('', ' ', '\n\t', '  \r\n'), fc.boolean())
  .map(([value, blank, escaped]) => {
    const text = JSON.stringify({ value, twice: 1 }).replaceAll('"twice":1', `"twice" :${blank}1.0e0,${blank}"twice": 2`)
    const spaced = text.replace(/([{[,])/g, `$1${blank}`)
    return escaped ? spaced.replace(/e/g, (c, at) => (at % 3 === 0 && isInString(spaced, at) ? '\\u0065' : c)) : spaced
  })
  .filter((text) => {
    try {
      return JSON.parse(text) !== undefined
    } catch {
      return false
    }
  })

function isInString(text, at) {
  let inside = false
  for (let i = 0; i < at; i += 1) {
    if (text[i] === '\\') i += 1
    else if (text[i] === '"') inside = !inside
  }
  return inside && text[at - 1] !== '\\' && !/\\u[0-9a-f]{0,3}$/.test(text.slice(0, at))
}

for (const framework of frameworks) {
  test(`P01, P03: any JSON is verified as it was sent, and parsed as ever behind the guard, ${framework}`, async (t) => {
    const hmacVerify = isKoa(framework) ? forKoa : forExpress
    const app = await server(framework)(t, {
      guard: () => hmacVerify({ secret: SECRET }),
      parser: isKoa(framework) ? 'koa-body' : 'json',
      handler: ({ body }) => ({ body: JSON.stringify(body) }),
    })
    await fc.assert(
      fc.asyncProperty(written, async (body) => {
        const headers = { 'content-type': 'application/json', 'x-signature': hex(body) }
        const answer = await exchange(app.port, { method: 'POST', body, headers })
        assert.equal(answer.status, 200, body)
        assert.deepEqual(answer.json(), JSON.parse(JSON.stringify(JSON.parse(body))))
        const again = JSON.stringify(JSON.parse(body))
        // What the parser makes of it, written anew, is other octets: its signature does not hold.
        if (again !== body)
          assert.equal((await exchange(app.port, { method: 'POST', body, headers: { ...headers, 'x-signature': hex(again) } })).status, 401)
      }),
      { seed: 12, numRuns: 60 },
    )
  })

  test(`two routes with guards of their own and one parser for all, ${framework}`, async (t) => {
    const hmacVerify = isKoa(framework) ? forKoa : forExpress
    const guards = {
      '/hooks/a': hmacVerify({ secret: SECRET, clientId: 'a' }),
      '/hooks/b': hmacVerify({ secret: 'another-secret-of-the-tests-0123', clientId: 'b' }),
    }
    const route = isKoa(framework)
      ? (ctx, next) => (guards[ctx.path] ?? ((_, go) => go()))(ctx, next)
      : (req, res, next) => (guards[req.path] ?? ((_req, _res, go) => go()))(req, res, next)
    const app = await server(framework)(t, {
      guard: () => route,
      parser: isKoa(framework) ? '@koa/bodyparser' : 'json',
      handler: ({ auth, body }) => ({ body: { client: auth?.clientId ?? null, n: body?.n ?? null } }),
    })
    const send = (path, headers = {}) =>
      exchange(app.port, { method: 'POST', path, body: '{"n":1}', headers: { 'content-type': 'application/json', ...headers } })
    const mine = { 'x-signature': hex('{"n":1}') }
    assert.deepEqual((await send('/hooks/a', mine)).json(), { client: 'a', n: 1 })
    assert.equal((await send('/hooks/b', mine)).status, 401)
    assert.deepEqual((await send('/open')).json(), { client: null, n: 1 })
  })
}

for (const framework of frameworks.filter((name) => !isKoa(name))) {
  test(`a parser for all in front, which keeps the octets: guards behind it, ${framework}`, async (t) => {
    const express = require(framework)
    const verify = (req, _res, octets) => {
      req.rawBody = octets
    }
    const app = await server(framework)(t, {
      before: [express.json({ verify }), express.urlencoded({ extended: true, verify }), express.text({ verify })],
      guard: () => forExpress({ secret: SECRET }),
      handler: ({ body }) => ({ body: { body } }),
    })
    for (const [type, body, parsed] of [
      ['application/json', ' {"a" : 1} ', { a: 1 }],
      ['application/x-www-form-urlencoded', 'a[b]=1&c=%20', { a: { b: '1' }, c: ' ' }],
      ['text/plain', 'text', 'text'],
    ]) {
      const request = { method: 'POST', body, headers: { 'content-type': type, 'x-signature': hex(body) } }
      assert.deepEqual((await exchange(app.port, request)).json(), { body: parsed })
      assert.equal((await exchange(app.port, { ...request, body: body.replace(/.$/, '~') })).status >= 400, true)
    }
  })
}
