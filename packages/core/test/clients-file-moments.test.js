/** When a clients file is read, and what is seen of a change at one very moment: the file's times and functions of node:fs are the test's. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import fsp from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileClients } from '@countersign/core'
import { tempFolder } from '../../../test/support/folders.js'
import { replaced } from '../../../test/support/replaced.js'

const SECOND = 1_000_000_000n

function documentOf(...ids) {
  return JSON.stringify({ clients: ids.map((id) => ({ id })) })
}

function newFile(t, text = documentOf('acme')) {
  const path = join(tempFolder(t), 'clients.json')
  fs.writeFileSync(path, text)
  return path
}

function idsIn(path) {
  return JSON.parse(fs.readFileSync(path, 'utf8')).clients.map(({ id }) => id)
}

/** Counts how often the file is read. */
function reads(t, path) {
  const counted = { count: 0 }
  replaced(t, fsp, 'open', (original, asked, ...rest) => {
    if (asked === path) counted.count += 1
    return original(asked, ...rest)
  })
  return counted
}

/**
 * A registry over a file whose times are the test's: all that is written to it is written at the same instant, and has the same length.
 *
 * @param mtime, ctime - ms before now
 * @param nanoseconds - of the mtime, within its second
 */
async function frozen(t, { mtime, ctime = mtime, nanoseconds }) {
  const path = newFile(t)
  const now = 1_800_000_000_000
  t.mock.timers.enable({ apis: ['Date'], now })
  const stats = fs.statSync(path, { bigint: true })
  stats.mtimeMs = BigInt(now - mtime)
  stats.ctimeMs = BigInt(now - ctime)
  stats.mtimeNs = (stats.mtimeMs / 1000n) * SECOND + nanoseconds
  replaced(t, fs, 'statSync', (original, asked, ...rest) => (asked === path ? stats : original(asked, ...rest)))
  replaced(t, fsp, 'open', async (original, asked, ...rest) => {
    const file = await original(asked, ...rest)
    return asked === path ? Object.assign(file, { stat: async () => stats }) : file
  })
  const clock = { now: 0 }
  const registry = await fileClients(path, { now: () => clock.now })
  const find = async (id) => {
    clock.now += 500
    return (await registry.find(id))?.id
  }
  return { path, registry, find, now }
}

for (const [what, times, isSeen] of [
  ['40 ms before', { mtime: 40, nanoseconds: 123n }, true],
  ['50 ms before', { mtime: 50, nanoseconds: 123n }, true],
  ['60 ms before', { mtime: 60, nanoseconds: 123n }, false],
  ['1.9 s before, by a clock of full seconds', { mtime: 1900, nanoseconds: 0n }, true],
  ['2.1 s before, by a clock of full seconds', { mtime: 2100, nanoseconds: 0n }, false],
  ['1.9 s before, by a finer clock', { mtime: 1900, nanoseconds: 1n }, false],
  ['40 ms before, with a date that was set back', { mtime: 9000, ctime: 40, nanoseconds: 123n }, true],
  ['long before, with a date that was set forth', { mtime: 40, ctime: 9000, nanoseconds: 123n }, true],
]) {
  test(`a file that was written ${what} ${isSeen ? 'is read again, as its times may hide a change' : 'is not read again until its times change'}`, async (t) => {
    const { path, find } = await frozen(t, times)
    fs.writeFileSync(path, documentOf('beta'))
    assert.equal(await find('beta'), isSeen ? 'beta' : undefined)
    assert.equal(await find('acme'), isSeen ? undefined : 'acme')
  })
}

test('a file is read again until its times can hide nothing any more, then no more', async (t) => {
  const { path, find, now } = await frozen(t, { mtime: 10, nanoseconds: 123n })
  const opens = reads(t, path)
  const parse = t.mock.method(JSON, 'parse')
  assert.equal(await find('acme'), 'acme')
  assert.equal(await find('acme'), 'acme')
  assert.equal(opens.count, 2)
  assert.equal(parse.mock.callCount(), 0, 'what says the same is not parsed again')
  t.mock.timers.setTime(now + 41)
  fs.writeFileSync(path, documentOf('beta'))
  assert.equal(await find('beta'), 'beta')
  assert.equal(opens.count, 3)
  for (let i = 0; i < 3; i += 1) assert.equal(await find('beta'), 'beta')
  assert.equal(opens.count, 3)
})

test('a bad file is not read again until its times change, and meanwhile the error is the same', async (t) => {
  const { path, find, now } = await frozen(t, { mtime: 10, nanoseconds: 123n })
  fs.writeFileSync(path, '{'.padEnd(documentOf('acme').length))
  assert.equal(await find('acme'), 'acme')
  const opens = reads(t, path)
  assert.equal(await find('acme'), 'acme')
  assert.equal(opens.count, 1)
  t.mock.timers.setTime(now + 41)
  for (let i = 0; i < 3; i += 1) assert.equal(await find('acme'), 'acme')
  assert.equal(opens.count, 2)
})

test('a change is made to what another process wrote within the same tick of the times of the file', async (t) => {
  const { path, registry } = await frozen(t, { mtime: 10, nanoseconds: 123n })
  fs.writeFileSync(path, documentOf('beta'))
  await registry.add({ id: 'ours' })
  assert.deepEqual(idsIn(path), ['beta', 'ours'])
})

test('a change does not read a file that is as it was', async (t) => {
  const { path, registry } = await frozen(t, { mtime: 60, nanoseconds: 123n })
  const opens = reads(t, path)
  await registry.add({ id: 'ours' })
  assert.equal(opens.count, 0)
  assert.deepEqual(idsIn(path), ['acme', 'ours'])
})

test('a change that could read the file again ends its outage', async (t) => {
  const path = newFile(t)
  const clock = { now: 0 }
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
  const registry = await fileClients(path, { now: () => clock.now, maxStaleSeconds: 0 })
  const restore = replaced(t, fs, 'statSync', () => {
    throw Object.assign(new Error('EIO: it failed'), { code: 'EIO' })
  })
  clock.now += 500
  assert.throws(() => registry.find('acme'), { code: 'ERR_CLIENT_FILE_STALE' })
  restore()
  await registry.add({ id: 'ours' })
  assert.equal((await registry.find('ours')).id, 'ours')
})

test('look-ups that come while the file is read wait for that one reading', async (t) => {
  const path = newFile(t)
  const clock = { now: 0 }
  const registry = await fileClients(path, { now: () => clock.now })
  fs.writeFileSync(`${path}.new`, documentOf('beta'))
  fs.renameSync(`${path}.new`, path)
  const opens = reads(t, path)
  const found = []
  for (let i = 0; i < 3; i += 1) {
    clock.now += 500
    found.push(registry.find('beta'))
  }
  assert.deepEqual(
    (await Promise.all(found)).map(({ id }) => id),
    ['beta', 'beta', 'beta'],
  )
  assert.equal(opens.count, 1)
})

test('a change is told once, though a look-up comes when the file is there already and the change is not ended', async (t) => {
  const path = newFile(t)
  const clock = { now: 0 }
  const registry = await fileClients(path, { now: () => clock.now })
  const told = []
  registry.on('change', ({ clientId }) => told.push(clientId))
  replaced(t, fsp, 'rename', async (original, ...args) => {
    await original(...args)
    clock.now += 500
    await registry.find('acme')
  })
  await registry.add({ id: 'ours' })
  assert.deepEqual(told, ['ours'])
  assert.equal((await registry.find('ours')).id, 'ours')
})

/** Somebody who rewrites the file without the lock just before each of the next `times` replacements. */
function disturb(t, path, times) {
  let left = times
  replaced(t, fsp, 'open', async (original, asked, ...rest) => {
    if (String(asked).endsWith('.tmp') && left > 0) {
      left -= 1
      fs.writeFileSync(`${path}.new`, documentOf(`theirs${left}`))
      fs.renameSync(`${path}.new`, path)
    }
    return original(asked, ...rest)
  })
}

test('a change is tried three times where somebody writes without the lock', async (t) => {
  const path = newFile(t)
  const registry = await fileClients(path)
  disturb(t, path, 2)
  await registry.add({ id: 'ours' })
  assert.deepEqual(idsIn(path), ['theirs0', 'ours'])
  disturb(t, path, 3)
  await assert.rejects(registry.add({ id: 'more' }), { code: 'ERR_CLIENT_FILE_LOCKED' })
  assert.deepEqual(idsIn(path), ['theirs0'])
})

test('create: a file that is there needs no lock, and one that another process made meanwhile stays', async (t) => {
  const path = newFile(t)
  const host = `${hostname()} ${process.platform === 'linux' ? fs.readlinkSync('/proc/self/ns/pid') : ''}`
  fs.writeFileSync(`${path}.lock`, JSON.stringify({ pid: process.pid, host, token: 'x' }))
  const registry = await fileClients(path, { create: true, lockTimeoutMs: 1 })
  assert.equal(registry.find('acme').id, 'acme')
  const other = join(dirname(newFile(t)), 'other.json')
  replaced(t, fsp, 'link', async (original, from, to) => {
    fs.writeFileSync(other, documentOf('theirs'))
    return original(from, to)
  })
  const second = await fileClients(other, { create: true })
  assert.equal(second.find('theirs').id, 'theirs')
})

test('a client that is changed keeps its place in the file', async (t) => {
  const path = newFile(t, documentOf('a', 'b', 'c'))
  const registry = await fileClients(path)
  await registry.join('b', 'partners')
  assert.deepEqual(idsIn(path), ['a', 'b', 'c'])
  await registry.remove('b')
  await registry.add({ id: 'b' })
  assert.deepEqual(idsIn(path), ['a', 'c', 'b'])
})

test('last-used times are written lastUsedSeconds after the first use, and not before', async (t) => {
  const path = newFile(t, JSON.stringify({ clients: [{ id: 'acme', credentials: [{ kind: 'certificate', pin: '0'.repeat(64) }] }] }))
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const registry = await fileClients(path, { lastUsedSeconds: 60 })
  const deadline = performance.now() + 5000
  const turns = async (count, isOver = () => false) => {
    for (let i = 0; i < count && !isOver() && performance.now() < deadline; i += 1) await new Promise(setImmediate)
  }
  registry.used(await registry.findCertificate(`sha256:${'0'.repeat(64)}`), Date.parse('2026-03-01T00:00:00Z'))
  t.mock.timers.tick(59_999)
  await turns(20)
  assert.deepEqual(fs.readdirSync(dirname(path)), [basename(path)])
  t.mock.timers.tick(1)
  await turns(Number.POSITIVE_INFINITY, () => fs.existsSync(`${path}.used`))
  assert.deepEqual(JSON.parse(fs.readFileSync(`${path}.used`, 'utf8')), { acme: { 'certificate-1': '2026-03-01T00:00:00.000Z' } })
  await registry.close()
})

test('a time that no timer of Node has is not taken for none', async (t) => {
  const path = newFile(t, JSON.stringify({ clients: [{ id: 'acme', credentials: [{ kind: 'certificate', pin: '0'.repeat(64) }] }] }))
  const { mock } = t.mock.method(globalThis, 'setTimeout', () => ({ unref: () => undefined }))
  const registry = await fileClients(path, { lastUsedSeconds: 30 * 86_400 })
  registry.used(await registry.findCertificate(`sha256:${'0'.repeat(64)}`), 0)
  assert.deepEqual(
    mock.calls.map(({ arguments: [, ms] }) => ms),
    [2_147_483_647],
  )
})

test('an option may say of the passwords what the file says, and a new cost in the file is followed', async (t) => {
  const head = (cost) => ({ passwords: 'scrypt', scrypt: { cost, blockSize: 8, parallelization: 1 } })
  const path = newFile(t, JSON.stringify({ ...head(1024), clients: [] }))
  const clock = { now: 0 }
  const registry = await fileClients(path, { passwords: 'scrypt', now: () => clock.now })
  const before = registry.passwords
  fs.writeFileSync(`${path}.new`, JSON.stringify({ ...head(2048), clients: [{ id: 'acme' }] }))
  fs.renameSync(`${path}.new`, path)
  clock.now += 500
  assert.equal((await registry.find('acme')).id, 'acme')
  assert.notEqual(registry.passwords, before)
  assert.equal(registry.passwords.cost.cost, 2048)
})
