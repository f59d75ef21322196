import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { test } from 'node:test'
import { memoryClients } from '@countersign/core'

const CHEAP = { cost: 1024, blockSize: 8, parallelization: 1 }
// passlib 1.7 documentation, passlib.hash.scrypt, for the password "password".
const PASSLIB = '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E'
// Python: hashlib.scrypt('p\u00e4ss:w\u00f6rd'.encode(), salt=bytes(range(16)), n=1024, r=8, p=1, dklen=32)
const UMLAUTS = '$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$j2aZIeX+MXlFlTwhXjYH6n2ac7iN9ruRX8GT8YMmkEM'

function basic(verifier, user = 'u', further = {}) {
  return { kind: 'basic', user, verifier, ...further }
}

/** A registry whose derivations are counted, and can be held back. */
function counted(options = {}) {
  const runs = []
  const kdf = (password, salt, { cost, blockSize, parallelization }) => {
    runs.push({ password: Buffer.from(password).toString(), salt: Buffer.from(salt).toString('hex') })
    return scryptSync(password, salt, 32, { cost, blockSize, parallelization })
  }
  return { runs, clients: memoryClients({ scrypt: CHEAP, kdf, ...options }) }
}

test('verifiers are those of passlib and Python', async () => {
  const passlib = memoryClients({
    scrypt: { cost: 65_536, blockSize: 8, parallelization: 1 },
    clients: [{ id: 'a', credentials: [basic(PASSLIB)] }],
  })
  assert.equal((await passlib.passwords.check('password', () => passlib.findUser('u'))).length, 1)
  assert.equal((await passlib.passwords.check('Password', () => passlib.findUser('u'))).length, 0)
  const python = memoryClients({ scrypt: CHEAP, clients: [{ id: 'a', credentials: [basic(UMLAUTS)] }] })
  assert.equal((await python.passwords.check('p\u00e4ss:w\u00f6rd', () => python.findUser('u'))).length, 1)
  assert.equal((await python.passwords.check('pass:word', () => python.findUser('u'))).length, 0)
})

test('S06, P28: unknown, wrong, disabled, expired, early and rotating users all cost one derivation', async () => {
  const { clients, runs } = counted({
    clients: [
      { id: 'right', credentials: [{ kind: 'basic', password: 'pw' }] },
      { id: 'disabled', disabled: true, credentials: [{ kind: 'basic', password: 'pw' }] },
      { id: 'expired', credentials: [{ kind: 'basic', password: 'pw', notAfter: '2020-01-01T00:00:00Z' }] },
      { id: 'early', credentials: [{ kind: 'basic', password: 'pw', notBefore: '2099-01-01T00:00:00Z' }] },
      { id: 'rotating', credentials: [{ kind: 'basic', password: 'pw' }] },
      { id: 'bare' },
    ],
  })
  await clients.rotate('rotating', 'basic-1')
  await clients.rotate('rotating', 'basic-1', { password: 'third' })
  assert.equal(clients.findUser('rotating').length, 3)
  const cost = async (user, password) => {
    runs.length = 0
    await clients.passwords.check(password, () => clients.findUser(user))
    return runs.length
  }
  for (const user of ['right', 'disabled', 'expired', 'early', 'rotating', 'bare', 'nobody', '__proto__', 'constructor']) {
    for (const password of ['pw', 'third', 'wrong', '']) assert.equal(await cost(user, password), 1, `${user} ${password}`)
  }
})

test('a user in rotation has one salt, and both passwords fit', async () => {
  const { clients, runs } = counted({ clients: [{ id: 'a', credentials: [{ kind: 'basic', password: 'old' }] }] })
  await clients.rotate('a', 'basic-1', { password: 'new' })
  assert.equal(new Set(runs.map(({ salt }) => salt)).size, 1)
  for (const password of ['old', 'new']) assert.equal((await clients.passwords.check(password, () => clients.findUser('a'))).length, 1)
})

test('two users have two salts, and unknown users the same one each time', async () => {
  const { clients, runs } = counted({
    clients: ['a', 'b'].map((id) => ({ id, credentials: [{ kind: 'basic', password: 'pw' }] })),
  })
  assert.equal(new Set(runs.map(({ salt }) => salt)).size, 2)
  runs.length = 0
  for (const user of ['x', 'y']) await clients.passwords.check('pw', () => clients.findUser(user))
  assert.equal(new Set(runs.map(({ salt }) => salt)).size, 1)
})

test('a second password of a user with another salt is refused: it would tell the user apart', () => {
  const other = UMLAUTS.replace('AAECAwQFBgcICQoLDA0ODw', 'AAECAwQFBgcICQoLDA0ODA')
  assert.throws(
    () => memoryClients({ scrypt: CHEAP, clients: [{ id: 'a', credentials: [basic(UMLAUTS), basic(other)] }] }),
    /different salts/,
  )
})

test('at most two derivations run at once and 32 wait; beyond, nothing is even looked up', async () => {
  const waiting = []
  const kdf = (password, salt) => new Promise((resolve) => waiting.push(() => resolve(scryptSync(password, salt, 32, CHEAP))))
  const clients = memoryClients({ scrypt: CHEAP, kdf, clients: [{ id: 'a', credentials: [basic(UMLAUTS, 'a')] }] })
  let lookups = 0
  const find = () => {
    lookups += 1
    return clients.findUser('a')
  }
  const answers = Array.from({ length: 200 }, () => clients.passwords.check('p\u00e4ss:w\u00f6rd', find))
  assert.equal(answers.filter((answer) => answer === 'busy').length, 200 - 34)
  await new Promise(setImmediate)
  assert.equal(waiting.length, 2)
  assert.equal(lookups, 2)
  let most = 0
  const admitted = Promise.all(answers)
  for (let done = 0; done < 34; done += 1) {
    while (waiting.length === 0) await new Promise(setImmediate)
    most = Math.max(most, waiting.length)
    waiting.shift()()
  }
  assert.equal((await admitted).filter((answer) => answer.length === 1).length, 34)
  assert.equal(most, 2)
  assert.equal(lookups, 34)
  assert.notEqual(clients.passwords.check('x', find), 'busy')
  while (waiting.length === 0) await new Promise(setImmediate)
  waiting.shift()()
})

test('a derivation that fails, or a look-up that throws, is an outage and frees its place', async () => {
  let isBroken = true
  const kdf = (password, salt) => {
    if (isBroken) throw new Error('no memory')
    return scryptSync(password, salt, 32, CHEAP)
  }
  const clients = memoryClients({ scrypt: CHEAP, kdf, maxConcurrentHashes: 1, maxQueuedHashes: 0 })
  await assert.rejects(async () => clients.passwords.check('x', () => undefined), /no memory/)
  isBroken = false
  const outage = () => {
    throw new Error('down')
  }
  await assert.rejects(async () => clients.passwords.check('x', outage), /down/)
  assert.deepEqual(await clients.passwords.check('x', () => undefined), [])
})

test('a kdf that answers anything but 32 octets is a defect, never a match', async () => {
  for (const answer of [undefined, '', Buffer.alloc(31), Buffer.alloc(33), Buffer.alloc(0)]) {
    const clients = memoryClients({ scrypt: CHEAP, kdf: async () => answer, clients: [{ id: 'a', credentials: [basic(UMLAUTS)] }] })
    await assert.rejects(async () => clients.passwords.check('x', () => clients.findUser('u')), /must return 32 octets/)
  }
})

test('the random policy keeps issued passwords only, at no cost', async () => {
  const clients = memoryClients({ clients: [{ id: 'a' }] })
  assert.equal(clients.passwords.name, 'random')
  const { user, password, credential } = await clients.issuePassword('a')
  assert.equal(user, 'a')
  assert.match(credential.verifier, /^sha256:[0-9a-f]{64}$/)
  const fits = (text) => clients.passwords.check(text, () => clients.findUser('a')).length
  assert.equal(fits(password), 1)
  assert.equal(fits(`${password}x`), 0)
  assert.equal(fits(''), 0)
  assert.equal(clients.passwords.check(password, () => undefined).length, 0)
  await assert.rejects(clients.addCredential('a', { kind: 'basic', password: 'chosen' }), /passwords: "scrypt"/)
  await assert.rejects(clients.rotate('a', credential.id, { password: 'chosen' }), /passwords: "scrypt"/)
})

test('the policy is scrypt when a password is given, and stays what it is', async () => {
  const { clients } = counted({ clients: [{ id: 'a', credentials: [{ kind: 'basic', password: 'secret123' }] }] })
  assert.equal(clients.passwords.name, 'scrypt')
  const issued = await clients.issuePassword('a')
  assert.match(issued.credential.verifier, /^\$scrypt\$ln=10,r=8,p=1\$/)
  assert.throws(
    () => memoryClients({ passwords: 'random', clients: [{ id: 'a', credentials: [{ kind: 'basic', password: 'x' }] }] }),
    /not an issued password/,
  )
  assert.throws(
    () => memoryClients({ passwords: 'random', clients: [{ id: 'a', credentials: [basic(UMLAUTS)] }] }),
    /not the verifier of an issued/,
  )
})

test('an unknown, malformed or other verifier is refused', () => {
  const verifiers = [
    '',
    'x',
    'secret123',
    PASSLIB,
    `${UMLAUTS}x`,
    UMLAUTS.slice(0, -1),
    '$scrypt$',
    `sha256:${'0'.repeat(64)}`,
    7,
    null,
    {},
  ]
  for (const verifier of verifiers) {
    const make = () => memoryClients({ scrypt: CHEAP, passwords: 'scrypt', clients: [{ id: 'a', credentials: [basic(verifier)] }] })
    assert.throws(make, { name: 'TypeError', message: /clients\[0\]\.credentials\[0\]/ })
  }
})

test('costs that are no costs are refused', () => {
  const wrong = [
    { cost: 1000 },
    { cost: 512 },
    { cost: 2 ** 30 },
    { blockSize: 0 },
    { parallelization: 65 },
    { N: 1024 },
    { cost: '1024' },
    7,
  ]
  for (const scrypt of wrong) assert.throws(() => memoryClients({ scrypt }), { name: 'TypeError', message: /memoryClients/ })
})
