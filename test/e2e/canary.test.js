import assert from 'node:assert/strict'
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { hmacVerify as forExpress } from '@countersign/hmac-verify/express'
import { hmacVerify as forKoa } from '@countersign/hmac-verify/koa'
import { hexSignature, sapApim, scheme, sign, slack, standardWebhooks, stripe, verify } from '@countersign/schemes'
import { isKoa } from '../support/frameworks.js'
import { exchange, turns } from '../support/raw-http.js'
import { server } from '../support/verdicts.js'

/** A secret that is in no source file, and every form in which it could come out. */
const canary = `canary${randomBytes(24).toString('hex')}`
const octets = Buffer.from(canary)
const key = Buffer.from(createHmac('sha256', 'x').update(canary).digest())
const forms = [
  canary,
  octets.toString('base64'),
  octets.toString('base64url'),
  octets.toString('hex'),
  octets.toString('hex').toUpperCase(),
  [...octets.subarray(0, 12)].join(', '),
  [...octets.subarray(0, 12)].join(','),
  inspect(octets).slice(8, 60),
  // A padded key (RFC 2104 section 2) tells the secret as well.
  Buffer.from(octets.map((octet) => octet ^ 0x36))
    .toString('hex')
    .slice(0, 40),
  inspect(Buffer.from(octets.map((octet) => octet ^ 0x36))).slice(8, 60),
  inspect(Buffer.from(octets.map((octet) => octet ^ 0x5c))).slice(8, 60),
]

/** Asks a text to hold the secret in no form. */
function assertClean(text, where) {
  const found = forms.find((form) => text.includes(form))
  assert.equal(found, undefined, `${where} tells the secret`)
}

function shown(value) {
  const deep = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    maxArrayLength: Number.POSITIVE_INFINITY,
    maxStringLength: Number.POSITIVE_INFINITY,
  })
  return `${deep}\n${json(value)}\n${String(value)}\n${value?.stack}`
}

function json(value) {
  try {
    return JSON.stringify(value)
  } catch (error) {
    return error.message
  }
}

const base64 = octets.toString('base64')
/** Everything that a secret is given as. */
const secrets = [
  ['text', hexSignature, canary],
  ['octets', hexSignature, Buffer.from(octets)],
  ['a KeyObject', hexSignature, createSecretKey(octets)],
  ['a record', slack, { id: 'k1', secret: canary }],
  ['a list', stripe, [{ id: 'a', secret: canary }, 'another secret of the tests']],
  ['base64', sapApim, base64],
  ['with a prefix', standardWebhooks, `whsec_${base64}`],
  ['a look-up', slack, () => canary],
  ['a slow look-up', slack, async () => ({ secret: Buffer.from(octets) })],
]

/** Listens to all that the process tells while a test runs. */
function listening(t) {
  const told = []
  const channels = ['countersign:granted', 'countersign:refused', 'countersign:error', 'countersign:signed']
  const listener = (event) => told.push(shown(event))
  const warned = (warning) => told.push(shown(warning))
  for (const channel of channels) subscribe(channel, listener)
  process.on('warning', warned)
  t.after(() => {
    for (const channel of channels) unsubscribe(channel, listener)
    process.off('warning', warned)
  })
  return told
}

describe('S26, P45: a secret is told nowhere', () => {
  for (const [form, definition, secret] of secrets) {
    test(`by an authenticator, ${form}`, async () => {
      const authenticator = hmacAuthenticator({ scheme: definition, secret })
      assertClean(shown(authenticator), 'the authenticator')
      const request = { method: 'POST', target: '/', headers: {}, socket: {}, body: () => Buffer.from('{}') }
      const { headers } = sign(
        definition,
        { method: 'POST', url: '/', body: Buffer.from('{}') },
        { secret: definition === sapApim || definition === standardWebhooks ? base64 : canary },
      )
      for (const rawHeaders of [Object.entries(headers).flat(), [], Object.entries(headers).flatMap(([name]) => [name, 'x'])]) {
        const verdict = await authenticator.authenticate({ ...request, rawHeaders })
        assertClean(shown(verdict), 'the verdict')
        assertClean(shown(authenticator), 'the authenticator, once used')
        if (verdict.kind !== 'granted') continue
        assertClean(shown(await verdict.commit?.()), 'the commit')
        assertClean(shown(await verdict.settle?.(500)), 'the settling')
      }
    })
  }

  for (const framework of ['express4', 'express5', 'koa2', 'koa3']) {
    test(`in answers, events and warnings, ${framework}`, async (t) => {
      const told = listening(t)
      const hmacVerify = isKoa(framework) ? forKoa : forExpress
      for (const [form, definition, secret] of secrets) {
        const onRefusal = (event) => told.push(shown(event))
        const app = await server(framework)(t, {
          guard: () => hmacVerify({ scheme: definition, secret, onRefusal }),
          handler: ({ auth, req }) => ({ body: { auth, own: Object.keys(req) } }),
        })
        const thrown = await server(framework)(t, { guard: () => hmacVerify({ scheme: definition, secret, refusals: 'throw' }) })
        const { headers } = sign(
          definition,
          { method: 'POST', url: '/', body: Buffer.from('{}') },
          { secret: definition === sapApim || definition === standardWebhooks ? base64 : canary },
        )
        const altered = Object.fromEntries(Object.keys(headers).map((name) => [name, 'x']))
        for (const [sent, expected] of [
          [headers, 200],
          [altered, 401],
          [{}, 401],
        ]) {
          const answer = await exchange(app.port, { method: 'POST', body: '{}', headers: sent })
          assert.equal(answer.status, expected, form)
          told.push(`${JSON.stringify(answer.headers)}${answer.text}`)
          const other = await exchange(thrown.port, { method: 'POST', body: '{}', headers: sent })
          told.push(`${JSON.stringify(other.headers)}${other.text}`, ...thrown.errors.map(shown))
        }
      }
      await turns(3)
      assert.ok(told.length > secrets.length * 6)
      for (const text of told) assertClean(text, 'something told')
    })

    test(`when a look-up or a store fails, whose own error tells it, ${framework}`, async (t) => {
      const told = listening(t)
      const hmacVerify = isKoa(framework) ? forKoa : forExpress
      // The cause belongs to whoever threw it: what is of this library does not repeat it.
      const own = (event) => told.push(`${event.code} ${event.reason} ${event.error?.message}`)
      for (const secret of [
        () => `${canary.slice(0, 12)}`,
        async () => ({ secret: `-----BEGIN PUBLIC KEY-----\n${canary}` }),
        () => ({ secret: canary, notAfter: canary }),
        () => [canary, 5],
        () => ({ secrt: canary }),
      ]) {
        const app = await server(framework)(t, { guard: () => hmacVerify({ secret, onRefusal: own }) })
        const answer = await exchange(app.port, { method: 'POST', body: '{}', headers: { 'x-signature': 'a'.repeat(64) } })
        assert.equal(answer.status, 500)
        told.push(answer.text)
      }
      for (const text of told) assertClean(text, 'something told')
      assert.equal(
        told.some((text) => text.includes(canary.slice(0, 12))),
        false,
      )
    })
  }

  test('by the errors of a mistake', () => {
    const mistakes = [
      { secret: canary, secrets: canary },
      { secret: { secret: canary, id: '' } },
      { secret: { secret: canary, notAfter: 'never' } },
      { secret: [canary, ''] },
      { secret: canary.slice(0, 15) },
      { secret: `-----BEGIN PRIVATE KEY-----\n${canary}` },
      { secret: `${canary}_`, scheme: sapApim },
      { secret: `whsec_${canary}!`, scheme: standardWebhooks },
      { secret: canary, scheme: slack, toleranceSeconds: 'x' },
      { secret: canary, params: { headr: 'x' } },
      { secret: { key: canary } },
      { secret: [[canary]] },
      { secret: new Map([['secret', canary]]) },
    ]
    for (const options of mistakes) {
      for (const factory of [hmacAuthenticator, forExpress, forKoa]) {
        let error
        try {
          factory(options)
        } catch (caught) {
          error = caught
        }
        assert.ok(error instanceof TypeError, inspect(Object.keys(options)))
        const text = shown(error)
        assertClean(text, 'the error')
        assert.equal(text.includes(canary.slice(0, 15)), false, 'nor a part of it')
      }
    }
  })

  test('by sign and verify, where the scheme does not put it on the wire', () => {
    const derived = scheme({
      name: 'derived',
      key: { chain: ['AWS4{secret}', '{header:x-date}'] },
      signature: { header: 'x-s' },
      message: '{header:x-date}\n{body}',
    })
    for (const definition of [hexSignature, slack, derived]) {
      const input = { method: 'POST', url: '/', headers: { 'x-date': '20260301' }, body: Buffer.from('{}') }
      const out = sign(definition, input, { secret: canary })
      assertClean(shown(out), 'what is signed')
      const received = { ...input, headers: { ...input.headers, ...out.headers } }
      assertClean(shown(verify(definition, received, { secret: canary })), 'the result')
      assertClean(shown(verify(definition, { ...received, body: Buffer.from('x') }, { secret: canary })), 'the refusal')
      assertClean(shown(definition), 'the scheme')
    }
  })

  test('the expected signature is told nowhere either', async () => {
    const body = Buffer.from('{}')
    const expected = createHmac('sha256', key).update(body).digest('hex')
    const authenticator = hmacAuthenticator({ secret: key })
    const request = { method: 'POST', target: '/', headers: {}, socket: {}, body: () => body, rawHeaders: ['x-signature', 'f'.repeat(64)] }
    const verdict = await authenticator.authenticate(request)
    assert.equal(verdict.code, 'ERR_HMAC_MISMATCH')
    assert.equal(shown(verdict).includes(expected), false)
    assert.equal(shown(authenticator).includes(expected), false)
  })
})
