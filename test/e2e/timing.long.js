import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { apiKeyAuthenticator } from '@countersign/api-key'
import { basicAuthenticator } from '@countersign/client-group'
import { memoryClients } from '@countersign/core'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { LEAKS, welchT } from '../support/dudect.js'

const SAMPLES = 1_000_000
const BODY = Buffer.from('{"order_id":"12345"}')

function request(...rawHeaders) {
  return { method: 'POST', target: '/orders', headers: {}, rawHeaders, socket: {}, body: () => BODY }
}

/**
 * The two classes: of the fixed one the first half is right. The rest of it is random: the digest of one and the same text would be
 * known to the processor's branch prediction by the second time, whether the text is near to the secret or not.
 */
function classes(right, requestOf) {
  const { length } = right
  const one = (headOf) => () => {
    const octets = Buffer.from(randomBytes(length / 2).toString('hex'))
    octets.set(headOf())
    // Flat, of one length, unknown to every cache, and with the same garbage left behind.
    return requestOf(octets.toString('latin1'))
  }
  const head = Buffer.from(right.slice(0, length / 2))
  const other = () => Buffer.from(randomBytes(length / 4).toString('hex'))
  return { fixed: one(() => other() && head), random: one(other) }
}

async function sameTime(t, authenticator, { fixed, random }) {
  const verdict = await authenticator.authenticate(fixed())
  assert.equal(verdict.kind, 'refused')
  const found = await welchT(fixed, random, (one) => authenticator.authenticate(one), { samples: SAMPLES })
  t.diagnostic(
    `t = ${found.t.toFixed(2)}; ${found.samples} samples, ${found.kept} kept; ${found.means.map((ns) => ns.toFixed(0)).join(' and ')} ns`,
  )
  assert.ok(Math.abs(found.t) < LEAKS, `|t| = ${Math.abs(found.t).toFixed(2)}`)
}

test('the test itself: a comparison that ends at the first difference is found out', async () => {
  const secret = randomBytes(32).toString('hex')
  const early = (given) => {
    for (let i = 0; i < secret.length; i += 1) if (secret.charCodeAt(i) !== given.charCodeAt(i)) return i
    return -1
  }
  const fixed = () => `${secret.slice(0, -1)}x`.split('').join('')
  const random = () => randomBytes(32).toString('hex')
  const { t } = await welchT(fixed, random, early, { samples: 100_000 })
  assert.ok(Math.abs(t) > LEAKS, `|t| = ${Math.abs(t).toFixed(2)}`)
})

test('S06: the time of a refusal does not tell how much of an API key is right', async (t) => {
  const key = randomBytes(32).toString('hex')
  const authenticator = apiKeyAuthenticator({ keys: { shop: key } })
  await sameTime(
    t,
    authenticator,
    classes(key, (given) => request('X-API-Key', given)),
  )
})

test('S06: the time of a refusal does not tell how much of a signature is right', async (t) => {
  const secret = 'an-example-secret-of-32-octets!!'
  const right = createHmac('sha256', secret).update(BODY).digest('hex')
  const authenticator = hmacAuthenticator({ secret })
  await sameTime(
    t,
    authenticator,
    classes(right, (given) => request('X-Signature', given)),
  )
})

test('S06: the time of a refusal does not tell how much of what is derived from a password is right', async (t) => {
  // What is derived is the password itself here, so that the sender decides how much of it is right.
  const kdf = (password) => Buffer.concat([password, Buffer.alloc(32)]).subarray(0, 32)
  const password = randomBytes(16).toString('hex')
  const clients = [{ id: 'shop', credentials: [{ kind: 'basic', user: 'shop', password }] }]
  const authenticator = basicAuthenticator({ clients: memoryClients({ passwords: 'scrypt', kdf, clients }), cacheSeconds: 0 })
  const credentials = (given) => `Basic ${Buffer.from(`shop:${given}`).toString('base64')}`
  await sameTime(
    t,
    authenticator,
    classes(password, (given) => request('Authorization', credentials(given))),
  )
})
