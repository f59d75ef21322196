import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { digestApiKey, memoryClients, secretFromEnv } from '@countersign/core'
import fc from 'fast-check'
import { ClientEvents } from '../dist/clients/client-events.js'

const KEY = 'a-key-of-sixteen-octets-or-more'
const OTHER = 'another-key-of-sixteen-octets-or-more'
const SHA1_PIN = 'E3:25:11:B5:75:C7:F2:6E:F0:5D:F0:28:54:B0:6C:2B:3C:0A:64:29'
const NAMES_OF_OBJECT = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']

function acme(further = {}) {
  return { id: 'acme', groups: ['partners'], credentials: [{ kind: 'api-key', id: 'k1', key: KEY }], ...further }
}

function found(clients, key = KEY) {
  return clients.findApiKey(digestApiKey(key))
}

test('a client is found by its id and by each of its credentials', () => {
  const clients = memoryClients({
    clients: [
      {
        id: 'acme',
        groups: ['partners', 'beta'],
        credentials: [
          { kind: 'api-key', key: KEY },
          { kind: 'basic', user: 'acme-user', verifier: `sha256:${'0'.repeat(64)}` },
          { kind: 'hmac', keyId: 'acme-2026', secret: 'a fair secret of 32 characters!!' },
          { kind: 'certificate', pin: SHA1_PIN },
        ],
      },
    ],
  })
  const client = clients.find('acme')
  assert.equal(found(clients).client, client)
  assert.equal(clients.findUser('acme-user')[0].client, client)
  assert.equal(clients.findHmacKey('acme-2026')[0].client, client)
  assert.equal(clients.findHmacKey('acme-2026')[0].credential.secret(), 'a fair secret of 32 characters!!')
  assert.equal(clients.findCertificate('sha1:e32511b575c7f26ef05df02854b06c2b3c0a6429').client, client)
  assert.deepEqual(
    client.credentials.map(({ id }) => id),
    ['api-key-1', 'basic-1', 'hmac-1', 'certificate-1'],
  )
})

test('P51: a principal is frozen, without a prototype, and the same one each time', () => {
  const { principal } = found(memoryClients({ clients: [acme()] }))
  assert.deepEqual({ ...principal }, { clientId: 'acme', scheme: 'api-key', credentialId: 'k1', groups: ['partners'] })
  assert.equal(Object.getPrototypeOf(principal), null)
  assert.ok(Object.isFrozen(principal) && Object.isFrozen(principal.groups))
  const clients = memoryClients({ clients: [acme()] })
  assert.equal(found(clients).principal, found(clients).principal)
})

test('user name and key id are the client id where none is given', () => {
  const clients = memoryClients({
    clients: [
      {
        id: 'acme',
        credentials: [
          { kind: 'basic', verifier: `sha256:${'0'.repeat(64)}` },
          { kind: 'hmac', secret: KEY },
        ],
      },
    ],
  })
  assert.equal(clients.findUser('acme').length, 1)
  assert.equal(clients.findHmacKey('acme').length, 1)
})

test('S09: names of Object.prototype are unknown everywhere, and can be clients as well', async () => {
  const empty = memoryClients()
  for (const name of NAMES_OF_OBJECT) {
    assert.equal(empty.find(name), undefined)
    assert.equal(empty.findUser(name), undefined)
    assert.equal(empty.findHmacKey(name), undefined)
    assert.equal(empty.findCertificate(name), undefined)
    await assert.rejects(empty.disable(name), { code: 'ERR_CLIENT_UNKNOWN', status: 404 })
  }
  const clients = memoryClients({ clients: NAMES_OF_OBJECT.map((id) => ({ id, groups: [id] })) })
  for (const name of NAMES_OF_OBJECT) assert.deepEqual(clients.find(name).groups, [name])
})

test('S16: what somebody put on Object.prototype is never read', () => {
  const planted = {
    disabled: true,
    notAfter: '2000-01-01T00:00:00Z',
    groups: ['root'],
    credentials: [{ kind: 'api-key', key: OTHER }],
    allowWeakKey: true,
  }
  for (const [name, value] of Object.entries(planted)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true })
  }
  try {
    const clients = memoryClients({ clients: [{ id: 'a' }, { id: 'b', credentials: [{ kind: 'api-key', key: KEY }] }] })
    assert.deepEqual(clients.find('a').groups, [])
    assert.equal(clients.find('a').credentials.length, 0)
    assert.equal(found(clients).state(Date.now()), 'active')
    assert.throws(() => memoryClients({ clients: [{ id: 'a', credentials: [{ kind: 'api-key', key: 'short' }] }] }), /at least 16 octets/)
  } finally {
    for (const name of Object.keys(planted)) delete Object.prototype[name]
  }
})

test('records are frozen through and through, and hold no secret', () => {
  const clients = memoryClients({
    passwords: 'scrypt',
    scrypt: { cost: 1024, parallelization: 1 },
    clients: [
      {
        id: 'a',
        credentials: [
          { kind: 'api-key', key: 'CANARY-key-0123456789' },
          { kind: 'basic', password: 'CANARY-password' },
          { kind: 'hmac', secret: 'CANARY-secret-0123456789' },
        ],
      },
    ],
  })
  const client = clients.find('a')
  for (const value of [client, client.groups, client.credentials, ...client.credentials]) assert.ok(Object.isFrozen(value))
  for (const shown of [client, clients, clients.findHmacKey('a'), found(clients, 'CANARY-key-0123456789')]) {
    assert.doesNotMatch(inspect(shown, { depth: Number.POSITIVE_INFINITY, showHidden: true }), /CANARY/)
    assert.doesNotMatch(JSON.stringify(shown) ?? '', /CANARY/)
  }
})

test('S26: no message of a mistake holds a secret', () => {
  const inputs = [
    { kind: 'api-key', key: 'CANARY' },
    { kind: 'api-key', key: 'CANARY-0123456789\n' },
    { kind: 'api-key', key: 'CANARY-0123456789', sha256: '0'.repeat(64) },
    { kind: 'api-key', sha256: 'CANARY' },
    { kind: 'basic', password: 'CANARY\u0000' },
    { kind: 'basic', password: 'CANARY', verifier: 'CANARY' },
    { kind: 'basic', verifier: 'CANARY' },
    { kind: 'hmac', secret: 'CANARY' },
    { kind: 'hmac', secret: '-----BEGIN PUBLIC KEY-----CANARY' },
  ]
  for (const credential of inputs) {
    assert.throws(
      () => memoryClients({ clients: [{ id: 'a', credentials: [credential] }] }),
      (error) => error instanceof TypeError && !inspect(error, { depth: 9, showHidden: true }).split('\n    at ')[0].includes('CANARY'),
    )
  }
})

test('P16: what is no client or credential is refused, with its place', () => {
  const wrong = [
    [7, /clients\[0\]" must be a client/],
    [{}, /clients\[0\]\.id/],
    [{ id: '' }, /clients\[0\]\.id/],
    [{ id: ' a' }, /clients\[0\]\.id/],
    [{ id: 'a\u0000' }, /clients\[0\]\.id/],
    [{ id: 'a'.repeat(257) }, /clients\[0\]\.id/],
    [{ id: '\ud800' }, /clients\[0\]\.id/],
    [{ id: 'a', group: ['x'] }, /clients\[0\]\.group" is unknown; did you mean "groups"/],
    [{ id: 'a', groups: 'x' }, /clients\[0\]\.groups/],
    [{ id: 'a', groups: ['x', 'x'] }, /twice/],
    [{ id: 'a', groups: [''] }, /clients\[0\]\.groups/],
    [{ id: 'a', disabled: 'no' }, /clients\[0\]\.disabled/],
    [{ id: 'a', credentials: {} }, /clients\[0\]\.credentials/],
    [{ id: 'a', credentials: [undefined] }, /clients\[0\]\.credentials\[0\]\.kind/],
    [{ id: 'a', credentials: [{ kind: 'constructor' }] }, /clients\[0\]\.credentials\[0\]\.kind/],
    [{ id: 'a', credentials: [{ kind: 'api-key' }] }, /needs "key" or "sha256"/],
    [{ id: 'a', credentials: [{ kind: 'api-key', key: '' }] }, /blank/],
    [{ id: 'a', credentials: [{ kind: 'api-key', key: ' '.repeat(20) }] }, /blank/],
    [{ id: 'a', credentials: [{ kind: 'api-key', key: KEY, sha256: '0'.repeat(64) }] }, /not both/],
    [{ id: 'a', credentials: [{ kind: 'api-key', sha256: 'A'.repeat(64) }] }, /lower case/],
    [{ id: 'a', credentials: [{ kind: 'api-key', sha256: '0'.repeat(63) }] }, /64 hex digits/],
    [{ id: 'a', credentials: [{ kind: 'api-key', sha256: `${'0'.repeat(63)}\n` }] }, /64 hex digits/],
    [{ id: 'a', credentials: [{ kind: 'api-key', key: KEY, notAfter: 'tomorrow' }] }, /notAfter/],
    [{ id: 'a', credentials: [{ kind: 'basic', user: 'a:b', password: 'x' }] }, /colon/],
    [{ id: 'a', credentials: [{ kind: 'basic', password: '' }] }, /empty/],
    [{ id: 'a', credentials: [{ kind: 'hmac', keyId: 'a b', secret: KEY }] }, /visible ASCII/],
    [{ id: 'a', credentials: [{ kind: 'hmac', secret: KEY, secretFrom: { env: 'X' } }] }, /not both/],
    [{ id: 'a', credentials: [{ kind: 'hmac', secretFrom: {} }] }, /needs "env" or "file"/],
    [{ id: 'a', credentials: [{ kind: 'certificate', pin: 'CN=a' }] }, /not a pin/],
    [
      {
        id: 'a',
        credentials: [
          { kind: 'api-key', id: 'x', key: KEY },
          { kind: 'api-key', id: 'x', key: OTHER },
        ],
      },
      /another credential/,
    ],
  ]
  for (const [client, message] of wrong) {
    assert.throws(() => memoryClients({ clients: [client] }), { name: 'TypeError', message }, inspect(client, { depth: 5 }))
  }
  for (const options of [{ clients: {} }, { client: [] }, { now: 5 }, { passwords: 'bcrypt' }, { maxConcurrentHashes: 0 }]) {
    assert.throws(() => memoryClients(options), { name: 'TypeError', message: /memoryClients/ })
  }
})

test('whatever is given as a client, it is a client or a TypeError', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (client) => {
      try {
        memoryClients({ clients: [client] })
      } catch (error) {
        assert.ok(error instanceof TypeError && String(error.code).startsWith('ERR_INVALID_ARG_'), inspect(error))
      }
    }),
    { numRuns: 500 },
  )
})

test('weak keys and secrets and empty passwords are taken when asked for', () => {
  const clients = memoryClients({
    allowWeakKey: true,
    allowWeakSecret: true,
    allowEmptyPassword: true,
    scrypt: { cost: 1024, parallelization: 1 },
    clients: [
      {
        id: 'a',
        credentials: [
          { kind: 'api-key', key: 'x' },
          { kind: 'hmac', secret: 'y' },
          { kind: 'basic', password: '' },
        ],
      },
    ],
  })
  assert.equal(found(clients, 'x').client.id, 'a')
})

test('HMAC secrets can be octets, KeyObjects, and come from a source or a variable', (t) => {
  process.env.COUNTERSIGN_TEST_SECRET = 'a fair secret of 32 characters!!'
  t.after(() => delete process.env.COUNTERSIGN_TEST_SECRET)
  const source = secretFromEnv('COUNTERSIGN_TEST_SECRET')
  const clients = memoryClients({
    clients: [Buffer.alloc(32, 1), createSecretKey(Buffer.alloc(32, 2)), source].map((secret, i) => ({
      id: `c${i}`,
      credentials: [{ kind: 'hmac', secret }],
    })),
  })
  assert.deepEqual([...clients.findHmacKey('c0')[0].credential.secret()], Array(32).fill(1))
  assert.equal(clients.findHmacKey('c1')[0].credential.secret().symmetricKeySize, 32)
  assert.equal(clients.findHmacKey('c2')[0].credential.secret(), source)
  const later = memoryClients({ clients: [{ id: 'a', credentials: [{ kind: 'hmac', secretFrom: { env: 'COUNTERSIGN_NOT_SET' } }] }] })
  assert.throws(() => later.findHmacKey('a')[0].credential.secret(), /COUNTERSIGN_NOT_SET/)
})

test('P29: one credential in two clients is refused when it is added, and changes nothing', async () => {
  const shared = [
    { kind: 'api-key', key: KEY },
    { kind: 'basic', user: 'shared', verifier: `sha256:${'0'.repeat(64)}` },
    { kind: 'hmac', keyId: 'shared', secret: KEY },
    { kind: 'certificate', pin: SHA1_PIN },
  ]
  for (const credential of shared) {
    assert.throws(
      () =>
        memoryClients({
          clients: [
            { id: 'a', credentials: [credential] },
            { id: 'b', credentials: [credential] },
          ],
        }),
      { name: 'TypeError', message: /clients\[1\].*already belongs to client "a"/ },
    )
    const clients = memoryClients({ clients: [{ id: 'a', credentials: [credential] }, { id: 'b' }] })
    await assert.rejects(clients.addCredential('b', credential), { code: 'ERR_CLIENT_CREDENTIAL_TAKEN', status: 409 })
    await assert.rejects(clients.add({ id: 'c', credentials: [{ kind: 'api-key', key: OTHER }, credential] }), {
      code: 'ERR_CLIENT_CREDENTIAL_TAKEN',
    })
    assert.equal(clients.find('c'), undefined)
    assert.equal(found(clients, OTHER), undefined)
    assert.equal(clients.find('b').credentials.length, 0)
    await clients.remove('a')
    await clients.addCredential('b', credential)
  }
  assert.throws(() => memoryClients({ clients: [{ id: 'a' }, { id: 'a' }] }), /two clients "a"/)
  assert.throws(() => memoryClients({ clients: [acme({ credentials: [shared[0], shared[0]] })] }), /appears twice/)
})

test('P27: a change holds as soon as it was called', async () => {
  const clients = memoryClients({ clients: [acme()] })
  const disabling = clients.disable('acme')
  assert.equal(found(clients).state(0), 'disabled')
  await disabling
  await clients.enable('acme')
  assert.equal(found(clients).state(0), 'active')
  const revoking = clients.revoke('acme', 'k1')
  assert.equal(found(clients), undefined)
  await revoking
  assert.ok(clients.find('acme'))
  const removing = clients.remove('acme')
  assert.equal(clients.find('acme'), undefined)
  await removing
})

test('revoke without a credential takes away all of them', async () => {
  const clients = memoryClients({
    clients: [
      acme({
        credentials: [
          { kind: 'api-key', key: KEY },
          { kind: 'api-key', key: OTHER },
        ],
      }),
    ],
  })
  await clients.revoke('acme')
  assert.equal(found(clients) ?? found(clients, OTHER), undefined)
  assert.equal(clients.find('acme').credentials.length, 0)
  await assert.rejects(clients.revoke('acme', 'k1'), { code: 'ERR_CLIENT_NO_CREDENTIAL', status: 404 })
  await assert.rejects(clients.revoke('nobody'), { code: 'ERR_CLIENT_UNKNOWN' })
})

test('P18, P28: old and new key hold through the overlap, and not a millisecond longer', async () => {
  const clock = { now: Date.parse('2026-03-01T00:00:00Z') }
  const clients = memoryClients({ clients: [acme()], now: () => clock.now })
  const { key, credential, previous } = await clients.rotate('acme', 'k1', { overlapSeconds: 60 })
  assert.equal(previous.notAfter, '2026-03-01T00:01:00.000Z')
  assert.equal(found(clients).credential, previous)
  assert.equal(found(clients, key).credential, credential)
  for (const [ms, old] of [
    [0, 'active'],
    [59_999, 'active'],
    [60_000, 'expired'],
    [Number.NaN, 'expired'],
  ]) {
    assert.equal(found(clients).state(clock.now + ms), old)
  }
  assert.equal(found(clients, key).state(clock.now + 60_000), 'active')
})

test('a rotation without overlap ends the old key at once, and never makes one hold longer', async () => {
  const clock = { now: Date.parse('2026-03-01T00:00:00Z') }
  const ends = { kind: 'api-key', id: 'k1', key: KEY, notAfter: '2026-03-01T00:00:10Z' }
  const starts = { kind: 'api-key', id: 'k2', key: OTHER, notBefore: '2026-04-01T00:00:00Z' }
  const clients = memoryClients({ clients: [acme({ credentials: [ends, starts] })], now: () => clock.now })
  assert.equal((await clients.rotate('acme', 'k1', { overlapSeconds: 60 })).previous.notAfter, '2026-03-01T00:00:10.000Z')
  assert.equal((await clients.rotate('acme', 'k1', { overlapSeconds: 0 })).previous, undefined)
  assert.equal(found(clients), undefined)
  assert.equal((await clients.rotate('acme', 'k2')).previous, undefined)
  assert.equal(found(clients, OTHER), undefined)
})

test('rotations of all kinds', async () => {
  const clients = memoryClients({
    scrypt: { cost: 1024, parallelization: 1 },
    clients: [
      {
        id: 'a',
        credentials: [
          { kind: 'basic', id: 'b', user: 'u', password: 'old' },
          { kind: 'hmac', id: 'h', keyId: 'key', secret: KEY },
          { kind: 'certificate', id: 'c', pin: SHA1_PIN },
        ],
      },
    ],
  })
  const { password } = await clients.rotate('a', 'b')
  assert.equal((await clients.passwords.check(password, () => clients.findUser('u'))).length, 1)
  await clients.rotate('a', 'h', { secret: OTHER })
  assert.deepEqual(
    clients.findHmacKey('key').map(({ credential }) => credential.secret()),
    [KEY, OTHER],
  )
  await clients.rotate('a', 'c', { pin: `sha256:${'0'.repeat(64)}`, id: 'c2', overlapSeconds: 0 })
  assert.equal(clients.findCertificate(`sha256:${'0'.repeat(64)}`).credential.id, 'c2')
  assert.equal(clients.findCertificate('sha1:e32511b575c7f26ef05df02854b06c2b3c0a6429'), undefined)
  for (const [id, options] of [
    ['h', undefined],
    ['h', { pin: SHA1_PIN }],
    ['c2', undefined],
    ['c2', { secret: KEY }],
    ['b', { key: KEY }],
    ['b', { overlapSeconds: -1 }],
    ['b', { overlapSeconds: '60' }],
  ]) {
    await assert.rejects(clients.rotate('a', id, options), { name: 'TypeError' }, `${id} ${inspect(options)}`)
  }
  await assert.rejects(clients.rotate('a', 'gone'), { code: 'ERR_CLIENT_NO_CREDENTIAL' })
})

test('an id that was revoked is not given to another key', async () => {
  const clients = memoryClients({ clients: [{ id: 'a' }] })
  const ids = new Set()
  for (let i = 0; i < 20; i += 1) {
    const { credential } = await clients.issueKey('a')
    ids.add(credential.id)
    await clients.revoke('a', credential.id)
  }
  assert.equal(ids.size, 20)
})

test('issuing takes a name and dates, and nothing else', async () => {
  const clients = memoryClients({ clients: [{ id: 'a' }] })
  const { credential } = await clients.issueKey('a', {
    id: 'ci',
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: '2027-01-01T00:00:00+01:00',
  })
  assert.equal(credential.id, 'ci')
  assert.equal(credential.notBefore, '2026-01-01T00:00:00.000Z')
  assert.equal(credential.notAfter, '2026-12-31T23:00:00.000Z')
  for (const options of [{ key: KEY }, { sha256: '0'.repeat(64) }, { name: 'x' }, { id: 'ci' }, { notAfter: 'soon' }]) {
    await assert.rejects(clients.issueKey('a', options), (error) => error instanceof TypeError, inspect(options))
  }
  await assert.rejects(clients.issueKey('nobody'), { code: 'ERR_CLIENT_UNKNOWN' })
  await assert.rejects(clients.issuePassword('a', { user: 'a:b' }), TypeError)
})

test('groups are set, joined and left', async () => {
  const clients = memoryClients({ clients: [acme()] })
  assert.deepEqual((await clients.join('acme', 'beta')).groups, ['partners', 'beta'])
  assert.deepEqual((await clients.join('acme', 'beta')).groups, ['partners', 'beta'])
  assert.deepEqual((await clients.leave('acme', 'partners')).groups, ['beta'])
  assert.deepEqual((await clients.setGroups('acme', [])).groups, [])
  await assert.rejects(clients.join('acme', ''), TypeError)
  await assert.rejects(clients.setGroups('acme', 'x'), TypeError)
  await assert.rejects(clients.setGroups('acme', undefined), TypeError)
})

test('changes are told after they hold, and a listener that throws harms nobody', async () => {
  const clients = memoryClients({ clients: [acme()] })
  const told = []
  const throwing = [
    () => {
      throw new Error('listener')
    },
    async () => {
      throw new Error('late listener')
    },
  ]
  for (const listener of throwing) clients.on('change', listener)
  const off = clients.on('change', ({ clientId }) => told.push([clientId, clients.find(clientId)?.disabled]))
  await clients.disable('acme')
  await clients.remove('acme')
  await assert.rejects(clients.disable('acme'))
  off()
  await clients.add({ id: 'b' })
  assert.deepEqual(told, [
    ['acme', true],
    ['acme', undefined],
  ])
  assert.throws(() => clients.on('changed', () => {}), TypeError)
  assert.throws(() => clients.on('change'), TypeError)
})

test('when a credential was last used is remembered, also through a change of its client', async () => {
  const clients = memoryClients({ clients: [acme()] })
  assert.deepEqual(clients.lastUsed('acme'), [{ credentialId: 'k1', lastUsed: undefined }])
  clients.used(found(clients), 1_000)
  await clients.join('acme', 'beta')
  assert.deepEqual(clients.lastUsed('acme'), [{ credentialId: 'k1', lastUsed: new Date(1_000) }])
  await clients.rotate('acme', 'k1', { id: 'k2' })
  assert.deepEqual(
    clients.lastUsed('acme').map(({ lastUsed }) => lastUsed?.getTime()),
    [1_000, undefined],
  )
  assert.equal(clients.lastUsed('nobody'), undefined)
})

test('a client that exists is not added again', async () => {
  const clients = memoryClients({ clients: [acme()] })
  await assert.rejects(clients.add({ id: 'acme' }), { code: 'ERR_CLIENT_EXISTS', status: 409 })
  await assert.rejects(clients.addCredential('acme', { kind: 'api-key', id: 'k1', key: OTHER }), TypeError)
  assert.equal([...clients.list()].length, 1)
})

const PASSWORD_1 = `sha256:${'1'.repeat(64)}`
const PASSWORD_2 = `sha256:${'2'.repeat(64)}`

test('each of two passwords of a user remembers its own use, also when the client is put in anew', async () => {
  const credentials = [
    { kind: 'basic', id: 'b1', verifier: PASSWORD_1 },
    { kind: 'basic', id: 'b2', verifier: PASSWORD_2 },
  ]
  const clients = memoryClients({ clients: [acme({ credentials })] })
  const [, second] = clients.findUser('acme')
  clients.used(second, 1_000)
  const uses = () => clients.lastUsed('acme').map(({ credentialId, lastUsed }) => [credentialId, lastUsed?.getTime()])
  const wanted = [
    ['b1', undefined],
    ['b2', 1_000],
  ]
  assert.deepEqual(uses(), wanted)
  await clients.join('acme', 'beta')
  assert.deepEqual(uses(), wanted)
})

test('P27: groups that begin alike, or run together alike, are not the same groups', () => {
  const lists = [['a'], ['a', 'admin'], ['b', 'admin'], ['ab', 'c'], ['a', 'bc'], ['abc'], []]
  const clients = memoryClients({ clients: lists.map((groups, i) => ({ id: `c${i}`, groups })) })
  assert.deepEqual(
    lists.map((_, i) => clients.find(`c${i}`).groups),
    lists,
  )
})

test('S16: what somebody put on Object.prototype becomes no credential of a client that is added', async (t) => {
  const planted = { credentials: [{ kind: 'api-key', key: OTHER }], kind: 'api-key', key: OTHER, user: 'planted', password: 'planted' }
  const clients = memoryClients({ clients: [acme()], scrypt: { cost: 1024, parallelization: 1 } })
  const undo = () => {
    for (const name of Object.keys(planted)) delete Object.prototype[name]
  }
  t.after(undo)
  for (const [name, value] of Object.entries(planted)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true })
  }
  await clients.add({ id: 'b' })
  const problems = []
  for (const credential of [{}, { kind: 'api-key' }, { kind: 'basic' }, { kind: 'basic', user: 'b' }]) {
    await clients.addCredential('acme', credential).catch((error) => problems.push(error.code))
  }
  const { credential } = await clients.issuePassword('acme')
  undo()
  assert.deepEqual(clients.find('b').credentials, [])
  assert.deepEqual(problems, Array(4).fill('ERR_INVALID_ARG_VALUE'))
  assert.equal(credential.user, 'acme')
  assert.equal(found(clients, OTHER), undefined)
  assert.equal(clients.findUser('planted'), undefined)
})

test('a listener is told by id, frozen; one that throws, now or later, is told of on countersign:error', async (t) => {
  const clients = memoryClients({ clients: [acme()] })
  const published = []
  const listen = (message) => published.push(message)
  subscribe('countersign:error', listen)
  t.after(() => unsubscribe('countersign:error', listen))
  const now = new Error('now')
  const later = new Error('later')
  const told = []
  clients.on('change', (change) => told.push(change))
  clients.on('change', () => {
    throw now
  })
  // biome-ignore lint/nursery/noMisusedPromises: a listener may be an async function, and what it throws is told too
  clients.on('change', async () => {
    throw later
  })
  await clients.disable('acme')
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(told, [{ clientId: 'acme' }])
  assert.ok(Object.isFrozen(told[0]))
  const wanted = [now, later].map((error) => ({ authenticator: 'clients', reason: 'a listener threw', error }))
  assert.deepEqual(published, wanted)
})

test('what ends a subscription ends that one alone, though the listener is the same', async () => {
  const clients = memoryClients({ clients: [acme()] })
  let told = 0
  const listener = () => {
    told += 1
  }
  const off = clients.on('change', listener)
  clients.on('change', listener)
  off()
  off()
  await clients.disable('acme')
  assert.equal(told, 1)
})

test('S16: what somebody put on Object.prototype is no part of a rotation', async (t) => {
  const credentials = [
    { kind: 'hmac', id: 'h', keyId: 'acme-2026', secret: KEY },
    { kind: 'basic', id: 'b', verifier: PASSWORD_1 },
  ]
  const clients = memoryClients({ clients: [acme({ credentials })] })
  const planted = { keyId: 'planted', password: 'planted', secretFrom: { env: 'PLANTED' }, pin: SHA1_PIN }
  const undo = () => {
    for (const name of Object.keys(planted)) delete Object.prototype[name]
  }
  t.after(undo)
  for (const [name, value] of Object.entries(planted)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true })
  }
  const hmac = await clients.rotate('acme', 'h', { secret: OTHER })
  const basic = await clients.rotate('acme', 'b')
  undo()
  assert.equal(hmac.credential.keyId, 'acme-2026')
  assert.equal(hmac.credential.secret(), OTHER)
  assert.match(basic.password, /^[0-9A-Za-z]{43}$/)
})

test('credentials without an id are numbered by their kind, past the numbers that are taken', async () => {
  const pin = (fill) => ({ kind: 'certificate', pin: fill.repeat(64) })
  const key = (n, further) => ({ kind: 'api-key', key: `${KEY}-${n}`, ...further })
  const credentials = [
    key(1),
    pin('a'),
    key(2),
    pin('b'),
    key(3, { id: 'api-key-5' }),
    key(4),
    key(5),
    key(6, { id: 'certificate-3' }),
    pin('c'),
  ]
  const clients = memoryClients({ clients: [acme({ credentials })] })
  assert.deepEqual(
    clients.find('acme').credentials.map(({ id }) => id),
    ['api-key-1', 'certificate-1', 'api-key-2', 'certificate-2', 'api-key-5', 'api-key-4', 'api-key-6', 'certificate-3', 'certificate-4'],
  )
})

const FAST = { cost: 1024, parallelization: 1 }
const saltOf = ({ verifier }) => verifier.split('$')[3]

test('S06: passwords of one user share a salt, and those of two users of a client never do, in whichever way they come', async () => {
  const clients = memoryClients({ passwords: 'scrypt', scrypt: FAST, clients: [{ id: 'a' }] })
  const basic = (user, password) => ({ kind: 'basic', user, password })
  await clients.addCredential('a', basic('u1', 'one'))
  await clients.addCredential('a', basic('u2', 'two'))
  await clients.addCredential('a', basic('u1', 'three'))
  await clients.addCredential('a', { kind: 'api-key', key: KEY })
  await clients.issuePassword('a', { user: 'u2' })
  const whole = [basic('u3', 'one'), basic('u4', 'two'), basic('u3', 'three'), basic(undefined, 'x'), basic(undefined, 'y')]
  await clients.add({ id: 'b', credentials: whole.map(({ user, ...rest }) => (user === undefined ? rest : { user, ...rest })) })
  const byUser = (id) =>
    clients
      .find(id)
      .credentials.filter(({ kind }) => kind === 'basic')
      .map((credential) => [credential.user, saltOf(credential)])
  const [[, u1], [, u2]] = byUser('a')
  assert.deepEqual(byUser('a'), [
    ['u1', u1],
    ['u2', u2],
    ['u1', u1],
    ['u2', u2],
  ])
  const [[, u3], [, u4], , [, own]] = byUser('b')
  assert.deepEqual(byUser('b'), [
    ['u3', u3],
    ['u4', u4],
    ['u3', u3],
    ['b', own],
    ['b', own],
  ])
  assert.equal(new Set([u1, u2, u3, u4, own]).size, 5)
})

test('S06: a password that is added is derived by the kdf as it answers, and one of the configuration wants its answer at once', async () => {
  const kdf = async () => Buffer.alloc(32, 7)
  const clients = memoryClients({ kdf, scrypt: FAST, clients: [{ id: 'a' }] })
  const { verifier } = await clients.addCredential('a', { kind: 'basic', password: 'chosen' })
  assert.equal(verifier.split('$')[4], Buffer.alloc(32, 7).toString('base64').replace('=', ''))
  const given = [{ id: 'a', credentials: [{ kind: 'basic', password: 'chosen' }] }]
  assert.throws(() => memoryClients({ kdf, scrypt: FAST, clients: given }), { name: 'TypeError', message: /an asynchronous kdf/ })
})

test('S26: in a registry of chosen passwords, too, a mistake says where the password stands', async () => {
  const clients = memoryClients({ passwords: 'scrypt', scrypt: FAST, clients: [{ id: 'a' }] })
  for (const [password, problem] of [
    ['', 'must not be empty; allowEmptyPassword: true accepts it anyway'],
    ['CANARY\n', 'contains what HTTP Basic cannot carry: control characters (a newline at the end?)'],
    [7, 'must be a string; got number'],
  ]) {
    const message = `memoryClients: option "client.credentials[0].password" ${problem}`
    await assert.rejects(clients.addCredential('a', { kind: 'basic', password }), { name: 'TypeError', message })
  }
})

test('P16: text in a list is no text: kinds, digests and pins', () => {
  for (const [credential, field] of [
    [{ kind: ['api-key'], key: KEY }, 'kind'],
    [{ kind: 'api-key', sha256: ['0'.repeat(64)] }, 'sha256'],
    [{ kind: 'api-key', sha256: '0'.repeat(66) }, 'sha256'],
    [{ kind: 'api-key', sha256: '0'.repeat(128) }, 'sha256'],
    [{ kind: 'basic', verifier: [PASSWORD_1] }, 'verifier'],
    [{ kind: 'certificate', pin: ['0'.repeat(64)] }, 'pin'],
  ]) {
    const make = () => memoryClients({ clients: [{ id: 'a', credentials: [credential] }] })
    assert.throws(make, (error) => error.message.startsWith(`memoryClients: option "clients[0].credentials[0].${field}" `), field)
  }
})

test('an issued password is judged alike when the look-up answers late', async () => {
  const clients = memoryClients({ clients: [{ id: 'a' }] })
  const { user, password } = await clients.issuePassword('a')
  const found = clients.findUser(user)
  assert.deepEqual(await clients.passwords.check(password, async () => found), found)
  assert.deepEqual(await clients.passwords.check(`${password}x`, async () => found), [])
  assert.deepEqual(await clients.passwords.check(password, async () => undefined), [])
  assert.deepEqual(
    clients.passwords.check(password, () => found),
    found,
  )
})

test('P16: a password beside a verifier is a mistake, though passwords are derived', async () => {
  const clients = memoryClients({ passwords: 'scrypt', scrypt: FAST, clients: [{ id: 'a' }] })
  const { verifier } = await clients.addCredential('a', { kind: 'basic', id: 'one', password: 'chosen' })
  await assert.rejects(clients.addCredential('a', { kind: 'basic', password: 'chosen', verifier }), {
    message: 'memoryClients: option "client.credentials[0]" needs "password" or "verifier", not both',
  })
})

test('what is issued without an id has one of its kind that is not given again', async () => {
  const clients = memoryClients({ clients: [{ id: 'a' }] })
  const ids = []
  for (let i = 0; i < 3; i += 1) {
    ids.push((await clients.issueKey('a')).credential.id, (await clients.issuePassword('a')).credential.id)
    await clients.revoke('a')
  }
  for (const [i, id] of ids.entries()) assert.match(id, i % 2 === 0 ? /^api-key-[0-9a-f]{12}$/ : /^basic-[0-9a-f]{12}$/)
  assert.equal(new Set(ids).size, 6)
  assert.equal((await clients.issueKey('a', { id: 'mine' })).credential.id, 'mine')
})

test('a listener is told of everything at once by an object that names no client', () => {
  const events = new ClientEvents()
  const told = []
  events.on('test', 'change', (change) => told.push(change))
  events.changed()
  events.changed('a')
  assert.deepEqual(told, [{}, { clientId: 'a' }])
  assert.ok(Object.isFrozen(told[0]))
})
