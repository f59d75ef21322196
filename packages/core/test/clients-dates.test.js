import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestApiKey, digestHex, memoryClients } from '@countersign/core'

const KEY = 'a-key-of-sixteen-octets-or-more'
const NOW = Date.parse('2026-03-01T00:00:00Z')
const PIN = `sha256:${'0'.repeat(64)}`

/** Dates are written as seconds from now. */
function at(seconds) {
  return seconds === undefined ? undefined : new Date(NOW + seconds * 1000).toISOString()
}

function dated(credential, [notBefore, notAfter]) {
  return {
    ...credential,
    ...(notBefore !== undefined && { notBefore: at(notBefore) }),
    ...(notAfter !== undefined && { notAfter: at(notAfter) }),
  }
}

function holding(credential) {
  return memoryClients({ clients: [{ id: 'acme', credentials: [credential] }], now: () => NOW })
}

const HMAC = { kind: 'hmac', id: 'x', secret: KEY }
const KINDS = [
  [{ kind: 'api-key', id: 'x', sha256: digestHex(digestApiKey(KEY)) }, {}],
  [{ kind: 'basic', id: 'x', verifier: `sha256:${'0'.repeat(64)}` }, {}],
  [HMAC, { secret: `${KEY}2` }],
  [{ kind: 'certificate', id: 'x', pin: PIN }, { pin: `sha256:${'1'.repeat(64)}` }],
]

for (const [dates, states] of [
  [[undefined, undefined], { [-10]: 'active', 0: 'active', 10: 'active', NaN: 'active' }],
  [[0, undefined], { '-0.001': 'early', 0: 'active', 1e9: 'active' }],
  [[undefined, 0], { [-1e9]: 'active', '-0.001': 'active', 0: 'expired', NaN: 'expired' }],
  [[0, 10], { '-0.001': 'early', 0: 'active', 9.999: 'active', 10: 'expired', NaN: 'expired' }],
]) {
  test(`P18: a credential that holds from ${dates[0]} s until ${dates[1]} s from now holds then, and not a millisecond more`, () => {
    for (const [credential] of KINDS) {
      const held = dated(credential, dates)
      const clients = memoryClients({
        clients: [
          { id: 'acme', credentials: [held] },
          { id: 'off', disabled: true, credentials: [] },
        ],
      })
      const { kind } = credential
      const match = {
        'api-key': () => clients.findApiKey(digestApiKey(KEY)),
        basic: () => clients.findUser('acme')[0],
        hmac: () => clients.findHmacKey('acme')[0],
        certificate: () => clients.findCertificate(PIN),
      }[kind]()
      for (const [seconds, state] of Object.entries(states))
        assert.equal(match.state(NOW + Number(seconds) * 1000), state, `${kind} ${seconds}`)
    }
  })
}

/** Dates of the old credential, the overlap, and its dates afterwards; undefined: it is gone. */
const ROTATIONS = [
  [[undefined, undefined], 60, [undefined, 60]],
  [[undefined, undefined], 0, undefined],
  [[-5, undefined], 60, [-5, 60]],
  [[59, undefined], 60, [59, 60]],
  [[60, undefined], 60, undefined],
  [[61, undefined], 60, undefined],
  [[undefined, 59], 60, [undefined, 59]],
  [[undefined, 60], 60, [undefined, 60]],
  [[undefined, 61], 60, [undefined, 60]],
  [[-5, 61], 60, [-5, 60]],
  [[-5, 30], 60, [-5, 30]],
  [[30, 90], undefined, [30, 90]],
  [[undefined, 86_401], undefined, [undefined, 86_400]],
]

for (const [before, overlapSeconds, after] of ROTATIONS) {
  const what = after === undefined ? 'is gone' : `holds from ${after[0]} until ${after[1]}`
  test(`P18: what holds from ${before[0]} until ${before[1]} s ${what} after a rotation with an overlap of ${overlapSeconds} s`, async () => {
    for (const [credential, options] of KINDS) {
      const clients = holding(dated(credential, before))
      const { previous } = await clients.rotate('acme', 'x', { ...options, ...(overlapSeconds !== undefined && { overlapSeconds }) })
      const held = clients.find('acme').credentials
      assert.equal(held.length, after === undefined ? 1 : 2, credential.kind)
      assert.equal(
        held.find(({ id }) => id === 'x'),
        previous,
      )
      if (after === undefined) assert.equal(previous, undefined)
      else {
        assert.deepEqual([previous.notBefore, previous.notAfter], after.map(at), credential.kind)
        assert.equal(previous.kind, credential.kind)
        if (credential.kind !== 'hmac') assert.equal('notBefore' in previous, after[0] !== undefined, 'no member without a date')
      }
    }
  })
}

test('P18: an HMAC key is rotated to a secret that stands elsewhere, and the old secret holds beside it', async (t) => {
  t.after(() => delete process.env['CLIENTS_DATES_SECRET'])
  process.env['CLIENTS_DATES_SECRET'] = `${KEY}-2`
  const clients = holding(HMAC)
  const { credential, previous } = await clients.rotate('acme', 'x', { secretFrom: { env: 'CLIENTS_DATES_SECRET' } })
  assert.deepEqual(credential.secretFrom, { env: 'CLIENTS_DATES_SECRET' })
  assert.equal(previous.secret(), KEY)
  assert.equal(clients.findHmacKey('acme').length, 2)
})

test('S01: a rotation that lacks what the new credential is to be says so', async () => {
  for (const [credential, message] of [
    [HMAC, 'rotate: option "secret" is required to rotate an HMAC key, or "secretFrom"'],
    [{ kind: 'certificate', id: 'x', pin: PIN }, 'rotate: option "pin" is required to rotate a certificate'],
  ]) {
    const clients = holding(credential)
    await assert.rejects(clients.rotate('acme', 'x'), (error) => {
      assert.ok(error instanceof TypeError && error.message.endsWith(message), error.message)
      return true
    })
    assert.equal(clients.find('acme').credentials.length, 1)
  }
})

test('P18: what has expired does not hold by a clock that answers what is no number', async () => {
  const clients = memoryClients({ clients: [{ id: 'acme', credentials: [dated({ kind: 'api-key', id: 'x', key: KEY }, [undefined, 0])] }] })
  const match = await clients.findApiKey(digestApiKey(KEY))
  for (const now of [null, [], '0', undefined, false, 0n, new Date(0), Number.NEGATIVE_INFINITY]) {
    assert.equal(match.state(now), 'expired', String(now))
  }
})
