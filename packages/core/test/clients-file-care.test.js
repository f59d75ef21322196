/** What a clients file and its folder are handled with: owner, handles, what fails half-way, turns for others, times of use. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import fsp from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import timers from 'node:timers/promises'
import { fileClients } from '@countersign/core'
import { tempFolder } from '../../../test/support/folders.js'
import { within } from '../../../test/support/raw-http.js'
import { replaced } from '../../../test/support/replaced.js'

const PIN = 'sha256:'.concat('0'.repeat(64))
const OTHER_PIN = 'sha256:'.concat('1'.repeat(64))
const CERTIFICATES = [
  { kind: 'certificate', id: 'one', pin: PIN },
  { kind: 'certificate', id: 'two', pin: OTHER_PIN },
]

function newFile(t, clients = [{ id: 'acme', credentials: CERTIFICATES }]) {
  const path = join(tempFolder(t), 'clients.json')
  fs.writeFileSync(path, JSON.stringify({ clients }))
  return path
}

function names(path) {
  return fs.readdirSync(dirname(path))
}

function failure(code) {
  return Object.assign(new Error(`${code}: it failed`), { code, errno: -1 })
}

/** Each file that is opened, with what is done to it. */
function handles(t, change = () => undefined) {
  const opened = []
  replaced(t, fsp, 'open', async (original, path, ...rest) => {
    const file = await original(path, ...rest)
    const done = { path: String(path), calls: [] }
    for (const name of ['close', 'sync', 'chown', 'chmod']) {
      const call = file[name].bind(file)
      file[name] = async (...args) => {
        done.calls.push([name, ...args])
        if (name !== 'chown') return call(...args)
      }
    }
    change(done.path, file)
    opened.push(done)
    return file
  })
  return opened
}

test('each file that is opened for reading or for a change is closed once, the new one and its folder brought to the disk', async (t) => {
  const path = newFile(t)
  const opened = handles(t)
  const registry = await fileClients(path)
  await registry.join('acme', 'partners')
  await registry.join('acme', 'others')
  for (const { path: at, calls } of opened) assert.equal(calls.filter(([name]) => name === 'close').length, 1, at)
  const synced = opened.filter(({ calls }) => calls.some(([name]) => name === 'sync')).map(({ path: at }) => at)
  assert.equal(synced.length, 4)
  for (const [i, at] of synced.entries()) {
    if (i % 2 === 1) assert.equal(at, dirname(path))
    else assert.match(basename(at), /^\.clients\.json\.[0-9a-f]{12}\.tmp$/)
  }
})

test('a change goes on where the folder cannot be opened or brought to the disk, as on other systems', async (t) => {
  for (const fail of [
    (original, at, folder, ...rest) => (at === folder ? Promise.reject(failure('EISDIR')) : original(at, ...rest)),
    async (original, at, folder, ...rest) => {
      const file = await original(at, ...rest)
      if (at === folder) file.sync = () => Promise.reject(failure('EINVAL'))
      return file
    },
  ]) {
    const path = newFile(t)
    const registry = await fileClients(path)
    const undo = replaced(t, fsp, 'open', (original, at, ...rest) => fail(original, at, dirname(path), ...rest))
    assert.deepEqual((await registry.join('acme', 'partners')).groups, ['partners'])
    undo()
    assert.deepEqual(JSON.parse(fs.readFileSync(path, 'utf8')).clients[0].groups, ['partners'])
  }
})

for (const [what, further, isGiven] of [
  ['another user', { uid: 1 }, true],
  ['another group', { gid: 1 }, true],
  ['another user and group', { uid: 1, gid: 1 }, true],
  ['the same user and group', { uid: 0, gid: 0 }, false],
]) {
  test(`a file that would come to be of ${what} is ${isGiven ? 'given to its owner' : 'left to its owner'}`, async (t) => {
    const path = newFile(t)
    const registry = await fileClients(path)
    const owner = fs.statSync(path)
    const opened = handles(t, (at, file) => {
      const stat = file.stat.bind(file)
      file.stat = async (options) => {
        const stats = await stat(options)
        if (!at.endsWith('.tmp')) return stats
        return { ...stats, uid: owner.uid + (further.uid ?? 0), gid: owner.gid + (further.gid ?? 0), mode: stats.mode }
      }
    })
    await registry.join('acme', 'partners')
    const given = opened.flatMap(({ calls }) => calls.filter(([name]) => name === 'chown'))
    assert.deepEqual(given, isGiven ? [['chown', owner.uid, owner.gid]] : [])
  })
}

test('where owner and mode of the file cannot be read, it is not replaced', async (t) => {
  const path = newFile(t)
  const registry = await fileClients(path)
  const text = fs.readFileSync(path, 'utf8')
  replaced(t, fsp, 'stat', (original, at, ...rest) => (at === path ? Promise.reject(failure('EIO')) : original(at, ...rest)))
  await assert.rejects(registry.join('acme', 'partners'), { code: 'ERR_CLIENT_FILE_BAD', message: new RegExp(`^${path}: EIO: it failed`) })
  assert.equal(fs.readFileSync(path, 'utf8'), text)
  assert.deepEqual(names(path), [basename(path)])
})

test('a file that a change cannot open is told as a file that cannot be used', async (t) => {
  const path = newFile(t)
  const registry = await fileClients(path)
  replaced(t, fsp, 'open', (original, at, ...rest) => (at === path ? Promise.reject(failure('EMFILE')) : original(at, ...rest)))
  const message = new RegExp(`^${path}: EMFILE: it failed; correct the file`)
  await assert.rejects(registry.join('acme', 'partners'), { code: 'ERR_CLIENT_FILE_BAD', status: 503, message })
})

test('what is no file is refused, and a pipe is not waited for', async (t) => {
  const message = /it is not a regular file/
  await assert.rejects(fileClients(tempFolder(t)), { code: 'ERR_CLIENT_FILE_BAD', message })
  if (process.platform === 'win32') return
  const pipe = join(tempFolder(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  await assert.rejects(fileClients(pipe), { code: 'ERR_CLIENT_FILE_BAD', message })
})

test('a file of which less is read than it has is read again', async (t) => {
  const path = newFile(t)
  let reads = 0
  replaced(t, fsp, 'open', async (original, at, ...rest) => {
    const file = await original(at, ...rest)
    const readFile = file.readFile.bind(file)
    file.readFile = async () => {
      reads += 1
      const octets = await readFile()
      return reads === 1 ? octets.subarray(0, -5) : octets
    }
    return file
  })
  assert.equal((await fileClients(path)).find('acme').id, 'acme')
  assert.equal(reads, 2)
})

test('all clients of a file are listed, those of a file that has changed too', async (t) => {
  const path = newFile(t)
  const clock = { now: 0 }
  const registry = await fileClients(path, { now: () => clock.now })
  const listed = async () => {
    const ids = []
    for await (const { id } of registry.list()) ids.push(id)
    return ids
  }
  assert.deepEqual(await listed(), ['acme'])
  fs.writeFileSync(`${path}.new`, JSON.stringify({ clients: [{ id: 'a' }, { id: 'b' }] }))
  fs.renameSync(`${path}.new`, path)
  assert.deepEqual(await listed(), ['acme'])
  clock.now += 500
  assert.deepEqual(await listed(), ['a', 'b'])
})

/** How often others get their turn while `work` goes on, by a clock that goes `ms` forward whenever it is looked at. */
async function turnsOf(t, ms, work) {
  let now = 0
  let turns = 0
  const clock = t.mock.method(performance, 'now', () => (now += ms))
  const undo = replaced(t, timers, 'setImmediate', async () => {
    turns += 1
  })
  await work()
  undo()
  clock.mock.restore()
  return turns
}

test('reading and writing a file of many clients gives others their turn, and does not where it takes no time', async (t) => {
  const clients = Array.from({ length: 3200 }, (_, i) => ({ id: `client-${i}`, groups: ['a-group-with-a-name'] }))
  const path = newFile(t, clients)
  let registry
  const read = async () => {
    registry = await fileClients(path)
  }
  const write = () => registry.join('client-0', 'x')
  assert.equal(await turnsOf(t, 0, read), 0)
  assert.equal(await turnsOf(t, 0, write), 0)
  // Where a slice of time is over, others have their turn after 32 clients, and after each run of some 64 KiB that is cut and that is read.
  const runs = Math.ceil(fs.statSync(path).size / 65_600)
  assert.equal(await turnsOf(t, 6, read), 3200 / 32 + 2 * runs)
  assert.ok((await turnsOf(t, 6, write)) >= 3200)
})

test('a file that is written in several chunks has all its clients, each once and in their order', async (t) => {
  const clients = Array.from({ length: 8 }, (_, i) => ({
    id: `client-${i}`,
    groups: Array.from({ length: 200 }, (_each, n) => `${n}${'x'.repeat(240)}`),
  }))
  const path = newFile(t, clients)
  const chunks = []
  replaced(t, fsp, 'open', async (original, at, ...rest) => {
    const file = await original(at, ...rest)
    const append = file.appendFile.bind(file)
    file.appendFile = (chunk) => {
      chunks.push(chunk.length)
      return append(chunk)
    }
    return file
  })
  await (await fileClients(path)).add({ id: 'last' })
  assert.deepEqual(
    JSON.parse(fs.readFileSync(path, 'utf8')).clients.map(({ id }) => id),
    [...clients.map(({ id }) => id), 'last'],
  )
  assert.equal(chunks.length, 2)
  assert.ok(chunks[0] >= 256 * 1024 && chunks[0] < 320 * 1024, `${chunks} characters`)
})

test('last-used times are not written where they are not to be, or where there are none', async (t) => {
  const path = newFile(t)
  const never = await fileClients(path, { lastUsedSeconds: 0 })
  const match = await never.findCertificate(PIN)
  never.used(match, 1000)
  await never.close()
  assert.deepEqual(await never.lastUsed('acme'), [
    { credentialId: 'one', lastUsed: new Date(1000) },
    { credentialId: 'two', lastUsed: undefined },
  ])
  const unused = await fileClients(path)
  await unused.close()
  assert.deepEqual(names(path), [basename(path)])
})

test('a pipe in the place of the last-used times or the lock is not waited for', async (t) => {
  if (process.platform === 'win32') return t.skip('it has no pipes in folders')
  const path = newFile(t)
  const pipes = [`${path}.used`, `${path}.lock`]
  execFileSync('mkfifo', pipes)
  // Whoever waits for a writer nevertheless would keep the process.
  t.after(() => {
    for (const pipe of pipes) if (fs.existsSync(pipe)) fs.closeSync(fs.openSync(pipe, 'r+'))
  })
  const registry = await fileClients(path, { lockTimeoutMs: 50 })
  assert.equal((await within(registry.lastUsed('acme'), 'the answer'))[0].lastUsed, undefined)
  registry.used(await registry.findCertificate(PIN), 1000)
  await within(registry.close(), 'the end')
  assert.deepEqual(JSON.parse(fs.readFileSync(`${path}.used`, 'utf8')), { acme: { one: '1970-01-01T00:00:01.000Z' } })
  await assert.rejects(within(registry.join('acme', 'partners'), 'the refusal'), { code: 'ERR_CLIENT_FILE_LOCKED' })
})

test('of a client that lost one of two credentials, the last use of the other is kept', async (t) => {
  const path = newFile(t)
  const registry = await fileClients(path)
  registry.used(await registry.findCertificate(PIN), 1000)
  registry.used(await registry.findCertificate(OTHER_PIN), 2000)
  await registry.revoke('acme', 'one')
  await registry.close()
  assert.deepEqual(JSON.parse(fs.readFileSync(`${path}.used`, 'utf8')), { acme: { two: '1970-01-01T00:00:02.000Z' } })
})

test('last-used times that cannot be written are told once, and once more when they could be written meanwhile', async (t) => {
  const path = newFile(t)
  const registry = await fileClients(path)
  const told = []
  registry.on('error', ({ error }) => told.push(error.code))
  let isDown = false
  replaced(t, fsp, 'readFile', (original, at, ...rest) =>
    isDown && at === `${path}.used` ? Promise.reject(failure('EIO')) : original(at, ...rest),
  )
  const use = async (ms) => {
    registry.used(await registry.findCertificate(PIN), ms)
    await registry.close()
  }
  const written = () => JSON.parse(fs.readFileSync(`${path}.used`, 'utf8')).acme.one
  await use(1000)
  isDown = true
  await use(2000)
  await use(3000)
  assert.deepEqual(told, ['EIO'])
  assert.equal(written(), '1970-01-01T00:00:01.000Z', 'what cannot be read is not written over')
  await assert.rejects(registry.lastUsed('acme'), { code: 'EIO' })
  isDown = false
  await use(4000)
  assert.equal(written(), '1970-01-01T00:00:04.000Z')
  isDown = true
  await use(5000)
  assert.deepEqual(told, ['EIO', 'EIO'])
})
