import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileClients } from '@countersign/core'
import { tempFolder } from '../../../test/support/folders.js'
import { FileLock } from '../dist/clients/file-lock.js'

const CORE = import.meta.resolve('@countersign/core')
const LOCK = new URL('../dist/clients/file-lock.js', import.meta.url).href

function newFile(t) {
  const path = join(tempFolder(t), 'clients.json')
  fs.writeFileSync(path, '{"clients":[]}')
  return path
}

/** Runs a module in a process of its own; the promise is of its exit. */
function run(t, code) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  return { child, exited: once(child, 'exit') }
}

/** A process that takes a lock and dies with it. */
async function abandoned(t, path) {
  const { exited } = run(
    t,
    `import { FileLock } from ${JSON.stringify(LOCK)}; await FileLock.acquire(${JSON.stringify(path)}, 5000); process.kill(process.pid, 'SIGKILL')`,
  )
  const [, signal] = await exited
  assert.equal(signal, 'SIGKILL')
  assert.ok(fs.existsSync(path))
}

test('a lock is one holder at a time', async (t) => {
  const path = `${newFile(t)}.lock`
  const lock = await FileLock.acquire(path, 1000)
  await assert.rejects(FileLock.acquire(path, 0), { code: 'ERR_CLIENT_FILE_LOCKED', status: 503 })
  await lock.release()
  const next = await FileLock.acquire(path, 0)
  await lock.release()
  assert.equal(await next.isOurs(), true)
  await next.release()
  assert.equal(fs.existsSync(path), false)
})

test('a change waits for the lock no longer than lockTimeoutMs, and changes nothing then', async (t) => {
  const path = newFile(t)
  const registry = await fileClients(path, { lockTimeoutMs: 50 })
  const lock = await FileLock.acquire(`${path}.lock`, 1000)
  await assert.rejects(registry.add({ id: 'a' }), { code: 'ERR_CLIENT_FILE_LOCKED' })
  assert.equal(fs.readFileSync(path, 'utf8'), '{"clients":[]}')
  await lock.release()
  await registry.add({ id: 'a' })
})

test('the lock of a process that was killed is taken over at once', async (t) => {
  const path = newFile(t)
  await abandoned(t, `${path}.lock`)
  const registry = await fileClients(path, { lockTimeoutMs: 2000 })
  await registry.add({ id: 'a' })
  assert.equal(fs.existsSync(`${path}.lock`), false)
  assert.equal(fs.existsSync(`${path}.lock.takeover`), false)
})

test('of many that find a lock left over, one at a time gets it', async (t) => {
  const path = `${newFile(t)}.lock`
  for (let round = 0; round < 5; round += 1) {
    await abandoned(t, path)
    let holders = 0
    const work = async () => {
      const lock = await FileLock.acquire(path, 10_000)
      holders += 1
      assert.equal(holders, 1)
      await new Promise(setImmediate)
      assert.equal(await lock.isOurs(), true)
      holders -= 1
      await lock.release()
    }
    await Promise.all(Array.from({ length: 12 }, work))
  }
})

test('a lock whose holder cannot be asked after is taken over by its age alone', async (t) => {
  const path = `${newFile(t)}.lock`
  for (const text of [JSON.stringify({ pid: process.pid, host: 'elsewhere', token: 'x' }), '', 'broken', '{"pid":-1}', 'null']) {
    fs.writeFileSync(path, text)
    await assert.rejects(FileLock.acquire(path, 60), { code: 'ERR_CLIENT_FILE_LOCKED' }, text)
    const old = new Date(Date.now() - 31_000)
    fs.utimesSync(path, old, old)
    await (await FileLock.acquire(path, 1000)).release()
  }
})

test('a process that has the number of a dead one does not hold its lock', async (t) => {
  if (process.platform !== 'linux') return t.skip('the start time of a process is read from /proc')
  const path = `${newFile(t)}.lock`
  const host = `${hostname()} ${fs.readlinkSync('/proc/self/ns/pid')}`
  fs.writeFileSync(path, JSON.stringify({ pid: process.pid, started: '1', host, token: 'x' }))
  await (await FileLock.acquire(path, 1000)).release()
})

test('a takeover that was broken off is given up after its time', async (t) => {
  const path = `${newFile(t)}.lock`
  await abandoned(t, path)
  fs.writeFileSync(`${path}.takeover`, '')
  await assert.rejects(FileLock.acquire(path, 60), { code: 'ERR_CLIENT_FILE_LOCKED' })
  const old = new Date(Date.now() - 11_000)
  fs.utimesSync(`${path}.takeover`, old, old)
  await (await FileLock.acquire(path, 1000)).release()
})

test('four processes that add clients at once lose none', async (t) => {
  const path = newFile(t)
  const writers = ['a', 'b', 'c', 'd'].map((name) =>
    run(
      t,
      `import { fileClients } from ${JSON.stringify(CORE)}
       const clients = await fileClients(${JSON.stringify(path)}, { lockTimeoutMs: 60_000 })
       for (let i = 0; i < 15; i += 1) await clients.add({ id: '${name}' + i })`,
    ),
  )
  for (const { exited } of writers) assert.deepEqual(await exited, [0, null])
  const { revision, clients } = JSON.parse(fs.readFileSync(path, 'utf8'))
  assert.equal(clients.length, 60)
  assert.equal(revision, 60)
})

test('a writer that is killed at any moment leaves a whole file, and the next one goes on', async (t) => {
  const path = newFile(t)
  const filler = 'x'.repeat(200)
  let known = 0
  for (let round = 0; round < 6; round += 1) {
    const { child, exited } = run(
      t,
      `import { fileClients } from ${JSON.stringify(CORE)}
       const clients = await fileClients(${JSON.stringify(path)}, { lockTimeoutMs: 20_000 })
       for (let i = 0; ; i += 1) { await clients.add({ id: 'r${round}-' + i, groups: ['${filler}'] }); process.stdout.write('.') }`,
    )
    let written = 0
    for await (const chunk of child.stdout) {
      written += chunk.length
      if (written > 3 + round * 2) break
    }
    child.kill('SIGKILL')
    await exited
    const { clients } = JSON.parse(fs.readFileSync(path, 'utf8'))
    assert.ok(clients.length >= known + written, 'what was acknowledged is in the file')
    known = clients.length
  }
  const registry = await fileClients(path, { lockTimeoutMs: 20_000 })
  await registry.add({ id: 'last' })
  assert.equal((await registry.find('last')).id, 'last')
})

test('a lock that a living process may hold is not taken over, and what names no process goes by its age', async (t) => {
  if (process.platform !== 'linux') return t.skip('the start time of a process is read from /proc')
  const path = `${newFile(t)}.lock`
  const host = `${hostname()} ${fs.readlinkSync('/proc/self/ns/pid')}`
  const age = (ms) => fs.utimesSync(path, new Date(Date.now() - ms), new Date(Date.now() - ms))
  const held = async (text) => {
    await assert.rejects(FileLock.acquire(path, 20), (error) => error.message.startsWith(`${path} is held`), text)
    assert.equal(fs.readFileSync(path, 'utf8'), text)
  }
  const living = JSON.stringify({ pid: process.pid, host, token: 'x' })
  fs.writeFileSync(path, living)
  await held(living)
  age(31_000)
  await held(living)
  for (const pid of [0, -1, 1.5, '1', null, undefined, 2 ** 53]) {
    const text = JSON.stringify({ pid, host, token: 'x' })
    fs.writeFileSync(path, text)
    await held(text)
    age(29_000)
    await held(text)
    age(31_000)
    await (await FileLock.acquire(path, 1000)).release()
  }
})
