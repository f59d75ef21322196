import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { digestApiKey, digestHex, fileClients } from '@countersign/core'
import { tempFolder } from '../../../test/support/folders.js'
import { LastUsedFile } from '../dist/clients/last-used-file.js'
import { replaceFile } from '../dist/clients/replace-file.js'

const KEY = 'a-key-of-sixteen-octets-or-more'
const SHA256 = digestHex(digestApiKey(KEY))
const acme = { id: 'acme', groups: ['partners'], credentials: [{ kind: 'api-key', id: 'k1', sha256: SHA256 }] }

function written(t, text) {
  const path = join(tempFolder(t), 'clients.json')
  if (text !== undefined) fs.writeFileSync(path, text)
  return path
}

const read = (path) => fs.readFileSync(path, 'utf8')
const around = (path) => fs.readdirSync(dirname(path)).sort()
async function* chunks(...texts) {
  yield* texts
}

test('a file is written with a line for each client, so that a difference can be read', async (t) => {
  const path = written(t, JSON.stringify({ revision: 7, clients: [acme] }))
  const registry = await fileClients(path)
  await registry.add({ id: 'beta', disabled: true })
  const head = '{\n"revision": 8,\n"passwords": "random",\n"clients": [\n'
  const line = `{"id":"acme","groups":["partners"],"credentials":[{"kind":"api-key","id":"k1","sha256":"${SHA256}"}]}`
  assert.equal(read(path), `${head}${line},\n{"id":"beta","groups":[],"disabled":true,"credentials":[]}\n]\n}\n`)
  await registry.enable('beta')
  assert.equal(read(path), `${head.replace('8', '9')}${line},\n{"id":"beta","groups":[],"credentials":[]}\n]\n}\n`)
  await registry.join('acme', 'more')
  assert.deepEqual(
    JSON.parse(read(path)).clients.map(({ id }) => id),
    ['acme', 'beta'],
  )
  await registry.remove('acme')
  assert.equal(read(path), `${head.replace('8', '11')}{"id":"beta","groups":[],"credentials":[]}\n]\n}\n`)
  assert.equal(registry.revision, 11)
})

test('create makes an empty file for its owner alone where there is none, and leaves alone one that is there', async (t) => {
  const path = written(t)
  const registry = await fileClients(path, { create: true })
  const empty = '{\n"revision": 0,\n"passwords": "random",\n"clients": [\n]\n}\n'
  assert.equal(read(path), empty)
  assert.equal(fs.statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(around(path), ['clients.json'])
  await registry.add({ id: 'acme' })
  assert.equal((await fileClients(path, { create: true })).find('acme').id, 'acme')
  const hashed = written(t)
  await fileClients(hashed, { create: true, scrypt: { cost: 2048, parallelization: 1 } })
  const cost = '"scrypt": {"cost":2048,"blockSize":8,"parallelization":1}'
  assert.equal(read(hashed), `{\n"revision": 0,\n"passwords": "scrypt",\n${cost},\n"clients": [\n]\n}\n`)
  await assert.rejects(fileClients(written(t)), { code: 'ERR_CLIENT_FILE_BAD' })
})

test('a file keeps its mode when it is replaced', async (t) => {
  for (const mode of [0o640, 0o604, 0o600]) {
    const path = written(t, '{"clients":[]}')
    fs.chmodSync(path, mode)
    await (await fileClients(path)).add({ id: 'acme' })
    assert.equal(fs.statSync(path).mode & 0o7777, mode)
  }
})

test('a replacement that is called off, or whose text fails, leaves the file and nothing beside it', async (t) => {
  const path = written(t, 'old')
  assert.equal(await replaceFile(path, chunks('new'), async () => false), undefined)
  const failing = (async function* () {
    yield 'ne'
    throw new Error('no more')
  })()
  await assert.rejects(replaceFile(path, failing), /no more/)
  assert.equal(read(path), 'old')
  assert.deepEqual(around(path), [basename(path)])
  // A slow disk may take longer than files take to settle.
  const { mock } = t.mock.method(Date, 'now', () => fs.statSync(path).mtimeMs)
  const mark = await replaceFile(path, chunks('n', 'ew'))
  mock.restore()
  assert.equal(read(path), 'new')
  assert.equal(mark.isSettled, false)
})

test('a change is made to what is in the file then, or given up with the file as it is, where somebody writes without the lock', async (t) => {
  const text = JSON.stringify({ clients: [acme] })
  const path = written(t, text)
  const registry = await fileClients(path)
  const { statSync } = fs
  let looks = 0n
  t.mock.method(fs, 'statSync', (...args) => {
    const stats = statSync(...args)
    looks += 1n
    if (stats !== undefined && args[0] === path) stats.mtimeNs += looks
    return stats
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  await assert.rejects(registry.disable('acme'), {
    code: 'ERR_CLIENT_FILE_LOCKED',
    status: 503,
    message: new RegExp(`^${path} is being changed by something that does not take its lock`),
  })
  t.mock.restoreAll()
  syncBuiltinESMExports()
  assert.equal(read(path), text)
  assert.deepEqual(around(path), [basename(path)])
  await registry.disable('acme')
  assert.equal(JSON.parse(read(path)).clients[0].disabled, true)
})

/** Runs work with a `statSync` that does something whenever the file is looked at. */
async function whileLooking(t, path, onLook, work) {
  const { statSync } = fs
  t.mock.method(fs, 'statSync', (...args) => {
    if (args[0] === path) onLook()
    return statSync(...args)
  })
  syncBuiltinESMExports()
  const undo = () => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  }
  t.after(undo)
  await work()
  undo()
}

test('a change is given up, and the lock left to its new holder, where somebody has taken the lock over meanwhile', async (t) => {
  const text = JSON.stringify({ clients: [acme] })
  const path = written(t, text)
  const registry = await fileClients(path)
  const steal = () => {
    if (fs.existsSync(`${path}.lock`)) fs.writeFileSync(`${path}.lock`, 'another')
  }
  await whileLooking(t, path, steal, async () => {
    await assert.rejects(registry.disable('acme'), { code: 'ERR_CLIENT_FILE_LOCKED', status: 503 })
  })
  assert.equal(read(path), text)
  assert.equal(read(`${path}.lock`), 'another')
})

test('a change is made to what others wrote, though the file was not to be looked at yet', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
  const path = written(t, JSON.stringify({ revision: 1, clients: [acme] }))
  const registry = await fileClients(path, { now: () => 0 })
  fs.writeFileSync(`${path}.new`, JSON.stringify({ revision: 5, clients: [{ ...acme, groups: ['theirs'] }, { id: 'theirs' }] }))
  fs.renameSync(`${path}.new`, path)
  await registry.add({ id: 'ours' })
  const { revision, clients } = JSON.parse(read(path))
  assert.equal(revision, 6)
  assert.deepEqual(
    clients.map(({ id, groups }) => [id, ...groups]),
    [['acme', 'theirs'], ['theirs'], ['ours']],
  )
})

test('P27: after a change made here, one made elsewhere is still seen', async (t) => {
  const path = written(t, JSON.stringify({ clients: [acme] }))
  const clock = { now: 0 }
  const registry = await fileClients(path, { now: () => clock.now })
  const elsewhere = (groups) => {
    fs.writeFileSync(`${path}.new`, JSON.stringify({ clients: [{ ...acme, groups }] }))
    fs.renameSync(`${path}.new`, path)
    clock.now += 500
  }
  await registry.join('acme', 'ours')
  elsewhere(['theirs'])
  assert.deepEqual((await registry.find('acme')).groups, ['theirs'])
  await assert.rejects(registry.disable('nobody'), { code: 'ERR_CLIENT_UNKNOWN' })
  elsewhere(['again'])
  assert.deepEqual((await registry.find('acme')).groups, ['again'])
})

test('a file that is bad: each new reason is told once, the look-up that finds its time over is refused, and a clock that goes back lengthens nothing', async (t) => {
  const path = written(t, JSON.stringify({ clients: [acme] }))
  const clock = { now: 10_000_000 }
  const registry = await fileClients(path, { now: () => clock.now, maxStaleSeconds: 300 })
  const told = []
  registry.on('error', ({ error }) => told.push(error.message.split(';')[0]))
  const find = async (ms) => {
    clock.now += ms
    return (await registry.find('acme')).id
  }
  fs.rmSync(path)
  assert.equal(await find(500), 'acme')
  assert.equal(await find(500), 'acme')
  fs.writeFileSync(path, '{')
  assert.equal(await find(500), 'acme')
  assert.equal(await find(500), 'acme')
  assert.deepEqual(told, [`${path}: it is missing`, `${path}: it is not valid JSON`])
  assert.equal(await find(-5_000_000), 'acme')
  assert.equal(await find(298_499), 'acme')
  await assert.rejects(find(1), { code: 'ERR_CLIENT_FILE_STALE', status: 503 })
  const strict = written(t, JSON.stringify({ clients: [acme] }))
  const impatient = await fileClients(strict, { now: () => clock.now, maxStaleSeconds: 0 })
  fs.writeFileSync(strict, '{')
  clock.now += 500
  await assert.rejects(async () => impatient.find('acme'), { code: 'ERR_CLIENT_FILE_STALE' })
})

test('last-used times are written a line for each client, the later one stays, and those of what is gone are dropped', async (t) => {
  const path = written(t)
  const file = new LastUsedFile(path, 1000)
  const uses = (record) => new Map(Object.entries(record).map(([id, times]) => [id, new Map(Object.entries(times))]))
  const all = () => true
  await file.add(uses({ acme: { k1: 1000, k2: 3000 }, beta: { x: 2000 } }), all)
  const line = (k1) => `"acme": {"k1":"1970-01-01T00:00:0${k1}.000Z","k2":"1970-01-01T00:00:03.000Z"}`
  const beta = '"beta": {"x":"1970-01-01T00:00:02.000Z"}'
  assert.equal(read(path), `{\n${line(1)},\n${beta}\n}\n`)
  await file.add(uses({ acme: { k1: 5000, k2: 1000 } }), all)
  assert.equal(read(path), `{\n${line(5)},\n${beta}\n}\n`)
  await file.add(uses({ beta: { x: 9000, y: 9000 } }), (clientId, credentialId) => clientId === 'beta' && credentialId === 'y')
  assert.equal(read(path), '{\n"beta": {"y":"1970-01-01T00:00:09.000Z"}\n}\n')
  await file.add(uses({ gone: { x: 1 } }), () => false)
  assert.equal(read(path), '{}\n')
  assert.deepEqual(around(path), [basename(path)])
})

test('of a file of last-used times only what is a time counts', async (t) => {
  const path = written(t)
  const file = new LastUsedFile(path, 1000)
  assert.equal((await file.read()).size, 0)
  for (const text of ['', '{', 'null', '7', '"x"', '[]']) {
    fs.writeFileSync(path, text)
    assert.equal((await file.read()).size, 0, text)
  }
  fs.writeFileSync(
    path,
    '{"a":{"x":7,"y":"never","z":"2026-03-01T00:00:00Z","__proto__":"2026-03-01T00:00:01Z"},"b":null,"c":"text","__proto__":{"p":null}}',
  )
  const times = Object.fromEntries([...(await file.read())].map(([id, of]) => [id, [...of.entries()]]))
  const march = Date.parse('2026-03-01T00:00:00Z')
  assert.deepEqual(times.a, [
    ['z', march],
    ['__proto__', march + 1000],
  ])
  assert.deepEqual([times.b, times.c], [[], []])
  assert.ok(Object.hasOwn(times, '__proto__'))
})
