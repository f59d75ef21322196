import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { scheme } from '@countersign/schemes'
import { frameworks, isKoa, parsersOf } from '../support/frameworks.js'
import { exchange } from '../support/raw-http.js'
import { server } from '../support/verdicts.js'

/**
 * Where the parsed members of a body are signed, and not its octets, whoever parses them again has to read the same text: parsers follow
 * the charset that Content-Type names, which nobody signs.
 */
const SECRET = 'a-secret-of-the-tests-0123456789'
const mac = (text) => createHmac('sha256', SECRET).update(text).digest('hex')
const json = scheme({ name: 'members', signature: { header: 'x-signature' }, message: '{json:/role}' })
const form = scheme({ name: 'fields', signature: { header: 'x-signature' }, message: '{form:role}' })
const whole = scheme({ name: 'whole', signature: { header: 'x-signature' }, message: '{body|jcs}' })
const octets = scheme({ name: 'octets', signature: { header: 'x-signature' }, message: '{body}' })
const listed = scheme({
  name: 'listed',
  signature: { header: 'x-signature' },
  message: { each: 'form', item: '{name}={value}', join: '&' },
  ambiguous: 'x',
})

/** In UTF-7 the text is "admin". */
const UTF_7 = '+AGEAZABtAGkAbg-'

for (const framework of frameworks) {
  const serve = server(framework)
  const hmacVerify = isKoa(framework) ? forKoa : forExpress
  const parsers = parsersOf(framework)

  describe(`the charset of a body, ${framework}`, () => {
    const sent = async (t, definition, parser, type, body, signed) => {
      const codes = []
      const guard = () => hmacVerify({ scheme: definition, secret: SECRET, onRefusal: ({ code }) => codes.push(code) })
      const app = await serve(t, { guard, parser, handler: ({ body: parsed }) => ({ body: { role: parsed?.role } }) })
      const headers = { 'content-type': type, 'x-signature': mac(signed) }
      const answer = await exchange(app.port, { method: 'POST', body, headers })
      return answer.status === 200 ? answer.json().role : (codes[0] ?? answer.status)
    }

    test('members are signed as sent: a Content-Encoding, by which parsers would read others, is refused', async (t) => {
      for (const [definition, body, type] of [
        [json, '{"role":"guest"}', 'application/json'],
        [whole, '{"role":"guest"}', 'application/json'],
        [form, 'role=guest', 'application/x-www-form-urlencoded'],
        [octets, '{"role":"guest"}', 'application/json'],
      ]) {
        const codes = []
        const guard = () => hmacVerify({ scheme: definition, secret: SECRET, onRefusal: ({ code }) => codes.push(code) })
        const app = await serve(t, { guard, handler: () => ({ body: {} }) })
        const signed = definition === json || definition === form ? 'guest' : body
        for (const coding of ['br', 'gzip', 'Deflate', 'x', 'identity', '']) {
          const headers = { 'content-type': type, 'content-encoding': coding, 'x-signature': mac(signed) }
          const { status } = await exchange(app.port, { method: 'POST', body, headers })
          const isNone = definition === octets || coding === 'identity' || coding === ''
          assert.deepEqual([status, codes.pop()], isNone ? [200, undefined] : [401, 'ERR_HMAC_MALFORMED'], `${definition.name} ${coding}`)
        }
      }
    })

    test('JSON: the handler reads what was signed, or nothing is let in', async (t) => {
      const body = JSON.stringify({ role: UTF_7 })
      const parser = parsers.includes('json') ? 'json' : 'koa-bodyparser'
      for (const definition of [json, whole]) {
        const signed = definition === json ? UTF_7 : body
        assert.equal(await sent(t, definition, parser, 'application/json', body, signed), UTF_7)
        for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'utf8'])
          assert.notEqual(
            await sent(t, definition, parser, `application/json; charset=${charset}`, body, signed),
            'ERR_HMAC_MALFORMED',
            charset,
          )
        for (const charset of ['utf-7', 'UTF-7', '"utf-7"', '"utf\\-7"', 'utf-16', 'utf-7-imap', 'iso-8859-1', ''])
          assert.equal(
            await sent(t, definition, parser, `application/json; charset=${charset}`, body, signed),
            'ERR_HMAC_MALFORMED',
            charset,
          )
        for (const more of [
          '; x=y; charset=utf-7',
          ';charset=utf-7',
          '; CHARSET=utf-7',
          ' ; charset = utf-7',
          '; charset=utf-8; charset=utf-7',
        ])
          assert.equal(await sent(t, definition, parser, `application/json${more}`, body, signed), 'ERR_HMAC_MALFORMED', more)
      }
    })

    test('forms', async (t) => {
      const parser = parsers.includes('urlencoded') ? 'urlencoded' : 'koa-bodyparser'
      const type = 'application/x-www-form-urlencoded'
      for (const definition of [form, listed]) {
        const signed = definition === form ? 'caf\u00e9' : 'role=caf\u00e9'
        assert.equal(await sent(t, definition, parser, type, 'role=caf%C3%A9', signed), 'caf\u00e9')
        assert.equal(await sent(t, definition, parser, `${type}; charset=utf-8`, 'role=caf%C3%A9', signed), 'caf\u00e9')
        assert.equal(await sent(t, definition, parser, `${type}; charset=iso-8859-1`, 'role=caf%C3%A9', signed), 'ERR_HMAC_MALFORMED')
      }
    })

    test('JSON that says that it is a form is none: a parser of forms reads other members', async (t) => {
      const parser = parsers.includes('urlencoded') ? 'urlencoded' : 'koa-bodyparser'
      const body = '{"role":"user","note":"&role=admin&"}'
      for (const definition of [json, whole]) {
        const signed = definition === json ? 'user' : '{"note":"&role=admin&","role":"user"}'
        for (const type of ['application/x-www-form-urlencoded', 'Application/X-WWW-Form-Urlencoded; charset=utf-8'])
          assert.equal(await sent(t, definition, parser, type, body, signed), 'ERR_HMAC_UNSIGNED_BODY', type)
        assert.equal(
          await sent(t, definition, parsers.includes('json') ? 'json' : 'koa-bodyparser', 'application/json', body, signed),
          'user',
        )
      }
    })

    test('octets that are signed say nothing of their charset', async (t) => {
      const parser = parsers.includes('json') ? 'json' : 'koa-bodyparser'
      const body = JSON.stringify({ role: 'x' })
      assert.equal(await sent(t, octets, parser, 'application/json; charset=utf-8', body, body), 'x')
    })
  })
}
