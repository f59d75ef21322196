import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { digestApiKey, digestHex, fileClients } from '@countersign/core'
import { tempFolder } from '../../../test/support/folders.js'

const KEY = 'a-key-of-sixteen-octets-or-more'
const OTHER = 'another-key-of-sixteen-octets-or-more'
const SCRYPT = { cost: 1024, blockSize: 8, parallelization: 1 }

function client(id, key, further = {}) {
  const credentials = key === undefined ? [] : [{ kind: 'api-key', id: 'k1', sha256: digestHex(digestApiKey(key)) }]
  return { id, groups: ['partners'], credentials, ...further }
}

/** Replaces a file as careful writers do. */
function replace(path, document) {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  fs.writeFileSync(`${path}.new`, text)
  fs.renameSync(`${path}.new`, path)
}

/** A registry over a file, and a clock that the test turns. */
async function opened(t, clients = [client('acme', KEY)], options = {}, head = {}) {
  const path = join(tempFolder(t), 'clients.json')
  fs.writeFileSync(path, JSON.stringify({ revision: 1, ...head, clients }))
  const clock = { now: 1_000_000 }
  const registry = await fileClients(path, { now: () => clock.now, ...options })
  return {
    path,
    registry,
    clock,
    after: (ms) => (clock.now += ms),
    find: async (key = KEY) => registry.findApiKey(digestApiKey(key)),
    stored: () => JSON.parse(fs.readFileSync(path, 'utf8')),
    folder: () => fs.readdirSync(dirname(path)).sort(),
  }
}

function problems(registry) {
  const seen = []
  registry.on('error', ({ error }) => seen.push(error))
  return seen
}

test('a file is read when the registry is made, and look-ups answer at once', async (t) => {
  const { registry, path } = await opened(t)
  const match = registry.findApiKey(digestApiKey(KEY))
  assert.equal(match.client.id, 'acme')
  assert.deepEqual(match.client.groups, ['partners'])
  assert.equal(registry.find('acme'), match.client)
  assert.equal(registry.findApiKey(digestApiKey(OTHER)), undefined)
  for (const name of ['nobody', '__proto__', 'constructor']) assert.equal(registry.find(name), undefined)
  assert.equal((await fileClients(pathToFileURL(path))).find('acme').id, 'acme')
})

test('a file that cannot be used is refused when the registry is made, and told without what it holds', async (t) => {
  const path = join(tempFolder(t), 'clients.json')
  const wrong = [
    undefined,
    '',
    'CANARY',
    '{"clients":[{"id":"a","groups":["x"],"credentials":[{"kind":"api-key","key":"CANARY-0123456789"}]}]}',
    '{"clients":[{"id":"a","credentials":[{"kind":"basic","password":"CANARY"}]}]}',
    '{"clients":[{"id":"a","credentials":[{"kind":"hmac","secret":"CANARY-0123456789"}]}]}',
    '{"clients":[{"id":"a","credentials":[{"kind":"api-key","sha256":"CANARY"}]}]}',
    '{"clients":[{"id":"a"},{"id":"a"}]}',
    JSON.stringify({ clients: [client('a', KEY), client('b', KEY)] }),
    '{"passwords":"scrypt","scrypt":{"cost":5},"clients":[]}',
    '{"passwords":"random","scrypt":{"cost":1024},"clients":[]}',
  ]
  for (const text of wrong) {
    if (text !== undefined) fs.writeFileSync(path, text)
    await assert.rejects(fileClients(path), (error) => {
      assert.equal(error.code, 'ERR_CLIENT_FILE_BAD', text)
      assert.ok(error.message.includes(path))
      assert.ok(!error.message.includes('CANARY'), error.message)
      return true
    })
  }
  fs.rmSync(path)
  fs.mkdirSync(path)
  await assert.rejects(fileClients(path), { code: 'ERR_CLIENT_FILE_BAD' })
  await assert.rejects(fileClients(path, { pollms: 5 }), { name: 'TypeError', message: /did you mean "pollMs"/ })
  await assert.rejects(fileClients(''), TypeError)
})

test('P27: a change of the file holds for the first look-up after pollMs, and that one waits for it', async (t) => {
  const { path, after, find } = await opened(t)
  replace(path, { revision: 2, clients: [client('acme', OTHER)] })
  after(499)
  assert.equal((await find()).client.id, 'acme')
  after(1)
  assert.equal(await find(), undefined)
  assert.equal((await find(OTHER)).client.id, 'acme')
})

test('P27: after an hour without requests the first one still sees the revocation', async (t) => {
  const { path, after, find } = await opened(t)
  replace(path, { revision: 2, clients: [client('acme')] })
  after(3_600_000)
  assert.equal(await find(), undefined)
})

test('a clock that goes back does not put off the next look', async (t) => {
  const { path, after, find } = await opened(t)
  after(-1_000_000)
  assert.ok(await find())
  replace(path, { revision: 2, clients: [] })
  after(500)
  assert.equal(await find(), undefined)
})

test('a file that is rewritten in place within the same tick of its times is read again', async (t) => {
  const path = join(tempFolder(t), 'clients.json')
  const write = (key) => fs.writeFileSync(path, JSON.stringify({ clients: [client('acme', key)] }))
  write(KEY)
  // A file system whose clock stands still, as ours does with it.
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const stats = fs.statSync(path, { bigint: true })
  stats.mtimeMs = BigInt(Date.now())
  stats.ctimeMs = stats.mtimeMs
  const { open } = fs.promises
  t.mock.method(fs, 'statSync', () => stats)
  t.mock.method(fs.promises, 'open', async (...args) => Object.assign(await open(...args), { stat: async () => stats }))
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  const clock = { now: 0 }
  const registry = await fileClients(path, { now: () => clock.now })
  assert.ok(await registry.findApiKey(digestApiKey(KEY)))
  write(OTHER)
  clock.now += 500
  assert.equal(await registry.findApiKey(digestApiKey(KEY)), undefined)
  assert.ok(await registry.findApiKey(digestApiKey(OTHER)))
})

test('a mounted folder that is swapped by a symbolic link is followed', async (t) => {
  const folder = tempFolder(t)
  for (const [name, key] of [
    ['one', KEY],
    ['two', OTHER],
  ]) {
    fs.mkdirSync(join(folder, name))
    fs.writeFileSync(join(folder, name, 'clients.json'), JSON.stringify({ clients: [client('acme', key)] }))
  }
  fs.symlinkSync('one', join(folder, '..data'))
  fs.symlinkSync(join('..data', 'clients.json'), join(folder, 'clients.json'))
  const clock = { now: 0 }
  const registry = await fileClients(join(folder, 'clients.json'), { now: () => clock.now })
  assert.ok(await registry.findApiKey(digestApiKey(KEY)))
  fs.symlinkSync('two', join(folder, '..new'))
  fs.renameSync(join(folder, '..new'), join(folder, '..data'))
  clock.now += 500
  assert.equal(await registry.findApiKey(digestApiKey(KEY)), undefined)
  assert.ok(await registry.findApiKey(digestApiKey(OTHER)))
})

test('a bad or missing file keeps the last good state for maxStaleSeconds, then is an outage, and recovers by itself', async (t) => {
  for (const spoil of [
    (path) => replace(path, '{'),
    (path) => fs.rmSync(path),
    (path) => replace(path, { clients: [client('a', KEY), client('b', KEY)] }),
  ]) {
    const { path, registry, after, find } = await opened(t)
    const told = problems(registry)
    const events = []
    const listen = (event) => events.push(event)
    subscribe('countersign:error', listen)
    spoil(path)
    after(500)
    assert.equal((await find()).client.id, 'acme')
    after(299_999)
    assert.equal((await find()).client.id, 'acme')
    assert.equal(told.length, 1)
    assert.equal(events.length, 1)
    assert.equal(told[0].code, 'ERR_CLIENT_FILE_BAD')
    after(1)
    await assert.rejects(async () => find(), { code: 'ERR_CLIENT_FILE_STALE', status: 503 })
    await assert.rejects(async () => registry.find('acme'), { code: 'ERR_CLIENT_FILE_STALE' })
    replace(path, { revision: 3, clients: [client('acme', OTHER)] })
    after(500)
    assert.equal((await find(OTHER)).client.id, 'acme')
    assert.equal(await find(), undefined)
    unsubscribe('countersign:error', listen)
  }
})

test('maxStaleSeconds 0 serves nothing from a file that is gone', async (t) => {
  const { path, after, find } = await opened(t, undefined, { maxStaleSeconds: 0 })
  fs.rmSync(path)
  after(500)
  await assert.rejects(async () => find(), { code: 'ERR_CLIENT_FILE_STALE' })
})

test('a reload is whole or nothing: one bad record among many leaves all as they were', async (t) => {
  const { path, after, find, registry } = await opened(t)
  const many = Array.from({ length: 3000 }, (_, i) => client(`new-${i}`, `new-key-of-client-number-${i}`))
  replace(path, { clients: [...many, { id: 'bad', credentials: [{}] }] })
  after(500)
  assert.ok(await find())
  assert.equal(await registry.find('new-0'), undefined)
  replace(path, { clients: many })
  after(500)
  const during = registry.findApiKey(digestApiKey(KEY))
  assert.ok(during instanceof Promise)
  assert.equal(await during, undefined)
  assert.equal(registry.find('new-2999').id, 'new-2999')
})

test('what a reload did not change keeps its record and its times, and only the rest is told', async (t) => {
  const { path, after, registry, find } = await opened(t, [client('same', KEY), client('changes', OTHER), client('goes')])
  const told = []
  registry.on('change', ({ clientId }) => told.push([clientId, registry.find(clientId)?.groups[0]]))
  const before = await find()
  registry.used(before, 5)
  replace(path, { clients: [client('comes'), client('same', KEY), client('changes', OTHER, { groups: ['beta'] })] })
  after(500)
  assert.equal(await find(), before)
  assert.equal((await find(OTHER)).client.groups[0], 'beta')
  assert.deepEqual(told.sort(), [
    ['changes', 'beta'],
    ['comes', 'partners'],
    ['goes', undefined],
  ])
})

test('changes are stored, counted, and hold at once', async (t) => {
  const { registry, stored, find, folder } = await opened(t)
  const { key, credential } = await registry.issueKey('acme')
  assert.equal(stored().revision, 2)
  assert.equal(registry.revision, 2)
  assert.equal(registry.findApiKey(digestApiKey(key)).credential.id, credential.id)
  await registry.disable('acme')
  assert.equal((await find()).state(0), 'disabled')
  assert.equal(stored().clients[0].disabled, true)
  await registry.enable('acme')
  await registry.add({ id: 'beta', credentials: [{ kind: 'api-key', key: OTHER }] })
  await registry.remove('acme')
  assert.deepEqual(
    stored().clients.map(({ id }) => id),
    ['beta'],
  )
  assert.equal(stored().revision, 6)
  assert.deepEqual(folder(), ['clients.json'])
})

test('the file never holds a secret that was added', async (t) => {
  const { registry, path } = await opened(t, [client('acme')], {}, { passwords: 'scrypt', scrypt: SCRYPT })
  const { key } = await registry.issueKey('acme')
  const { password } = await registry.issuePassword('acme')
  await registry.addCredential('acme', { kind: 'api-key', key: 'CANARY-0123456789' })
  await registry.addCredential('acme', { kind: 'basic', user: 'u', password: 'CANARY' })
  await registry.rotate('acme', 'basic-1', { password: 'CANARY2' }).catch(() => undefined)
  await assert.rejects(registry.addCredential('acme', { kind: 'hmac', secret: 'CANARY-0123456789' }), /would put a secret into the file/)
  const text = fs.readFileSync(path, 'utf8')
  for (const secret of ['CANARY', key, password]) assert.ok(!text.includes(secret))
  assert.equal((await registry.passwords.check('CANARY', () => registry.findUser('u'))).length, 1)
})

test('a change is made to what is in the file, not to what this process remembers', async (t) => {
  const { registry, path, stored } = await opened(t)
  const other = await fileClients(path)
  await other.add({ id: 'from-the-other' })
  await registry.add({ id: 'ours' })
  assert.deepEqual(
    stored().clients.map(({ id }) => id),
    ['acme', 'from-the-other', 'ours'],
  )
  assert.equal(stored().revision, 3)
  assert.equal(registry.find('from-the-other').id, 'from-the-other')
  await assert.rejects(other.add({ id: 'ours' }), { code: 'ERR_CLIENT_EXISTS' })
  await assert.rejects(other.addCredential('ours', { kind: 'api-key', key: KEY }), { code: 'ERR_CLIENT_CREDENTIAL_TAKEN' })
})

test('changes that are made at once are made one after the other', async (t) => {
  const { registry, path, stored } = await opened(t, [])
  const other = await fileClients(path)
  await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? registry : other).add({ id: `c${i}` })))
  assert.equal(stored().revision, 21)
  assert.equal(stored().clients.length, 20)
})

test('a change that fails changes nothing, in the file and here', async (t) => {
  const { registry, path, folder } = await opened(t, [client('acme', KEY), client('beta', OTHER)])
  const before = fs.readFileSync(path, 'utf8')
  await assert.rejects(registry.disable('nobody'), { code: 'ERR_CLIENT_UNKNOWN' })
  await assert.rejects(registry.addCredential('beta', { kind: 'api-key', key: KEY }), { code: 'ERR_CLIENT_CREDENTIAL_TAKEN' })
  await assert.rejects(registry.revoke('beta', 'gone'), { code: 'ERR_CLIENT_NO_CREDENTIAL' })
  assert.equal(fs.readFileSync(path, 'utf8'), before)
  assert.deepEqual(folder(), ['clients.json'])
  await registry.join('beta', 'late')
})

test('a folder that cannot be written to, or a file that is gone, is told as such', async (t) => {
  const { registry, path } = await opened(t)
  fs.rmSync(path)
  await assert.rejects(registry.join('acme', 'beta'), { code: 'ERR_CLIENT_FILE_BAD', status: 503 })
  fs.rmSync(dirname(path), { recursive: true })
  await assert.rejects(registry.join('acme', 'beta'), { code: 'ERR_CLIENT_FILE_BAD' })
})

test('while the file is bad it is not written over', async (t) => {
  const { registry, path } = await opened(t)
  replace(path, '{')
  await assert.rejects(registry.add({ id: 'x' }), { code: 'ERR_CLIENT_FILE_BAD' })
  assert.equal(fs.readFileSync(path, 'utf8'), '{')
  replace(path, { clients: [] })
  await registry.add({ id: 'x' })
})

test('mode and symbolic link of the file stay', async (t) => {
  const folder = tempFolder(t)
  fs.mkdirSync(join(folder, 'real'))
  const real = join(folder, 'real', 'clients.json')
  fs.writeFileSync(real, '{"clients":[]}', { mode: 0o640 })
  fs.chmodSync(real, 0o640)
  const path = join(folder, 'clients.json')
  fs.symlinkSync(join('real', 'clients.json'), path)
  const registry = await fileClients(path)
  await registry.add({ id: 'a' })
  assert.ok(fs.lstatSync(path).isSymbolicLink())
  assert.equal(fs.statSync(real).mode & 0o777, 0o640)
  assert.equal(JSON.parse(fs.readFileSync(real, 'utf8')).clients[0].id, 'a')
})

test('create makes a file for its owner alone, and leaves one that is there as it is', async (t) => {
  const path = join(tempFolder(t), 'new.json')
  await assert.rejects(fileClients(path), {
    code: 'ERR_CLIENT_FILE_BAD',
    message: /new\.json: it is missing; the option create: true creates/,
  })
  const registry = await fileClients(path, { create: true, scrypt: SCRYPT })
  assert.equal(fs.statSync(path).mode & 0o777, 0o600)
  assert.equal(registry.passwords.name, 'scrypt')
  await registry.add({ id: 'a' })
  const again = await fileClients(path, { create: true })
  assert.equal(again.passwords.name, 'scrypt')
  assert.equal(again.find('a').id, 'a')
  await assert.rejects(fileClients(path, { passwords: 'random' }), /the file says 'scrypt'/)
})

test('the file says how its passwords are kept, and a reload that says the same keeps the queue of derivations', async (t) => {
  const { registry, path, after } = await opened(t, [], {}, { passwords: 'scrypt', scrypt: SCRYPT })
  const before = registry.passwords
  replace(path, { passwords: 'scrypt', scrypt: SCRYPT, clients: [client('x')] })
  after(500)
  await registry.find('x')
  assert.equal(registry.passwords, before)
  replace(path, { passwords: 'random', clients: [client('y')] })
  after(500)
  assert.equal((await registry.find('y')).id, 'y')
  assert.equal(registry.passwords.name, 'random')
})

test('HMAC secrets come from variables and from files beside the file, and only when they are asked for', async (t) => {
  const { registry, path } = await opened(t, [
    client('a', undefined, { credentials: [{ kind: 'hmac', keyId: 'file', secretFrom: { file: 'secrets/a' } }] }),
    client('b', undefined, { credentials: [{ kind: 'hmac', keyId: 'env', secretFrom: { env: 'COUNTERSIGN_NOT_SET' } }] }),
  ])
  fs.mkdirSync(join(dirname(path), 'secrets'))
  fs.writeFileSync(join(dirname(path), 'secrets', 'a'), 'a fair secret of 32 characters!!\n')
  const [match] = registry.findHmacKey('file')
  assert.equal(match.credential.secret().current()[0].material, 'a fair secret of 32 characters!!')
  assert.throws(() => registry.findHmacKey('env')[0].credential.secret(), /COUNTERSIGN_NOT_SET/)
  await registry.join('a', 'beta')
  assert.ok(fs.readFileSync(path, 'utf8').includes('"secretFrom":{"file":"secrets/a"}'))
})

test('last-used times are kept beside the file, never in it, and those of several processes are joined', async (t) => {
  const { registry, path, stored, find } = await opened(t)
  const other = await fileClients(path)
  registry.used(await find(), 5_000)
  await registry.close()
  other.used(await other.findApiKey(digestApiKey(KEY)), 3_000)
  await other.close()
  assert.deepEqual(await other.lastUsed('acme'), [{ credentialId: 'k1', lastUsed: new Date(5_000) }])
  other.used(await other.findApiKey(digestApiKey(KEY)), 9_000)
  await other.close()
  assert.deepEqual(await registry.lastUsed('acme'), [{ credentialId: 'k1', lastUsed: new Date(9_000) }])
  assert.deepEqual(JSON.parse(fs.readFileSync(`${path}.used`, 'utf8')), { acme: { k1: '1970-01-01T00:00:09.000Z' } })
  assert.deepEqual(Object.keys(stored().clients[0].credentials[0]).sort(), ['id', 'kind', 'sha256'])
  assert.equal(await registry.lastUsed('nobody'), undefined)
  await registry.remove('acme')
  await registry.add(client('beta', KEY))
  registry.used(await find(), 10_000)
  await registry.close()
  assert.deepEqual(Object.keys(JSON.parse(fs.readFileSync(`${path}.used`, 'utf8'))), ['beta'])
})

test('last-used times that cannot be written are told once and harm nobody', async (t) => {
  const { registry, path, find } = await opened(t)
  const told = problems(registry)
  fs.mkdirSync(`${path}.used`)
  for (let i = 0; i < 2; i += 1) {
    registry.used(await find(), i)
    await registry.close()
  }
  assert.equal(told.length, 1)
  fs.rmdirSync(`${path}.used`)
  await registry.close()
  assert.equal(fs.existsSync(`${path}.used`), true)
  fs.writeFileSync(`${path}.used`, 'broken')
  assert.equal((await registry.lastUsed('acme'))[0].lastUsed.getTime(), 1)
})

test('what a crash left beside the file is cleared away, and nothing else', async (t) => {
  const { registry, path, folder } = await opened(t)
  const name = basename(path)
  for (const left of [`.${name}.0123456789ab.tmp`, `.${name}.used.0123456789ab.tmp`, `.${name}.tmp`, `${name}.bak`]) {
    fs.writeFileSync(join(dirname(path), left), 'x')
  }
  await registry.join('acme', 'beta')
  assert.deepEqual(folder(), [`.${name}.tmp`, `.${name}.used.0123456789ab.tmp`, name, `${name}.bak`].sort())
})
