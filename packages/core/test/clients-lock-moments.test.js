/** What happens to a lock between two steps of another, and what systems say that are not this one: functions of node:fs are replaced for that. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import fsp from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import timers from 'node:timers/promises'
import { tempFolder } from '../../../test/support/folders.js'
import { replaced } from '../../../test/support/replaced.js'
import { FileLock } from '../dist/clients/file-lock.js'

/** Above the highest that Linux gives a process. */
const NO_PROCESS = 2 ** 22 + 1
const IS_LINUX = process.platform === 'linux'
const HERE = `${hostname()} ${IS_LINUX ? fs.readlinkSync('/proc/self/ns/pid') : ''}`

const dead = JSON.stringify({ pid: NO_PROCESS, host: HERE, token: 'dead' })
const living = JSON.stringify({ pid: process.pid, host: HERE, token: 'living' })

function failing(code) {
  return Promise.reject(Object.assign(new Error(`${code}: it failed`), { code }))
}

function newLock(t, text) {
  const path = join(tempFolder(t), 'clients.json.lock')
  if (text !== undefined) fs.writeFileSync(path, text)
  return path
}

function age(path, ms) {
  const then = new Date(Date.now() - ms)
  fs.utimesSync(path, then, then)
}

/** One try is enough: a lock that was taken for left over is gone after it. */
async function assertHeld(path, text) {
  await assert.rejects(FileLock.acquire(path, 0), (error) => error.code === 'ERR_CLIENT_FILE_LOCKED', text)
  assert.equal(fs.readFileSync(path, 'utf8'), text)
}

async function assertTaken(path) {
  const lock = await FileLock.acquire(path, 0).catch((error) => {
    assert.equal(error.code, 'ERR_CLIENT_FILE_LOCKED', error.stack)
    return FileLock.acquire(path, 1000)
  })
  assert.equal(await lock.isOurs(), true)
  await lock.release()
  assert.deepEqual(fs.readdirSync(join(path, '..')), [])
}

/** What /proc/<pid>/stat says: fields 3 and 22 of proc_pid_stat(5), behind a name that may hold anything. */
function statLine({ pid, name = 'node', state = 'S', started }) {
  const between = Array.from({ length: 18 }, (_, i) => i + 4)
  return `${pid} (${name}) ${[state, ...between, started, 23, 24].join(' ')}\n`
}

function procSays(t, lineOf) {
  replaced(t, fs, 'readFileSync', (original, path, ...rest) =>
    /^\/proc\/\d+\/stat$/.test(String(path)) ? lineOf(Number(String(path).split('/')[2])) : original(path, ...rest),
  )
}

test('a lock is taken over from a process that is gone, whether it said when it began or not', async (t) => {
  for (const started of [undefined, '1']) {
    const path = newLock(t, JSON.stringify({ pid: NO_PROCESS, started, host: HERE, token: 'x' }))
    await assertTaken(path)
  }
})

test('a lock of a process that may not be signalled is held, however old it is', async (t) => {
  t.mock.method(process, 'kill', () => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
  })
  const path = newLock(t, living)
  age(path, 60_000)
  await assertHeld(path, living)
})

test('a process is told by its beginning, whatever its name; one that has ended and was not waited for holds nothing', async (t) => {
  let line
  procSays(t, (pid) => (line === undefined ? assert.fail('cannot be read') : statLine({ pid, ...line })))
  const textOf = (started) => JSON.stringify({ pid: process.pid, started, host: HERE, token: 'x' })
  const text = textOf('4711')
  for (const [name, state] of [
    ['node', 'S'],
    ['a) Z b', 'R'],
    [') X 1 2 3', 'D'],
    ['))', 'T'],
  ]) {
    line = { name, state, started: '4711' }
    await assertHeld(newLock(t, text), text)
    line = { name, state, started: '4712' }
    await assertTaken(newLock(t, text))
    for (const ended of ['Z', 'X']) {
      line = { name, state: ended, started: '4711' }
      await assertTaken(newLock(t, textOf(name === 'node' ? undefined : '4711')))
    }
  }
  line = undefined
  await assertHeld(newLock(t, text), text)
})

test('where processes have no namespace, the name of the host tells where one runs', async (t) => {
  replaced(t, fs, 'readlinkSync', (original, path, ...rest) => {
    if (path === '/proc/self/ns/pid') throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
    return original(path, ...rest)
  })
  await assertTaken(newLock(t, JSON.stringify({ pid: NO_PROCESS, host: `${hostname()} `, token: 'x' })))
  const elsewhere = JSON.stringify({ pid: NO_PROCESS, host: HERE, token: 'x' })
  if (IS_LINUX) await assertHeld(newLock(t, elsewhere), elsewhere)
})

test('a lock says when its process began, so that no later process of the same number keeps it', async (t) => {
  let started = '1000'
  procSays(t, (pid) => statLine({ pid, started }))
  const path = newLock(t)
  await FileLock.acquire(path, 0)
  await assertHeld(path, fs.readFileSync(path, 'utf8'))
  started = '2000'
  await assertTaken(path)
})

test('while a lock is held, what lies beside it is left alone', async (t) => {
  const path = newLock(t, living)
  const guard = `${path}.takeover`
  fs.writeFileSync(guard, 'of another')
  age(guard, 60_000)
  await assertHeld(path, living)
  assert.equal(fs.readFileSync(guard, 'utf8'), 'of another')
})

test('a lock that was taken by another meanwhile is not taken over', async (t) => {
  const path = newLock(t, dead)
  replaced(t, fsp, 'link', (original, from, to) => {
    if (String(to).endsWith('.takeover')) fs.writeFileSync(path, living)
    return original(from, to)
  })
  await assertHeld(path, living)
  assert.equal(fs.existsSync(`${path}.takeover`), false)
})

test('a lock that another makes anew meanwhile, as yet as empty as the one left over, is not taken over', async (t) => {
  const path = newLock(t, '')
  age(path, 60_000)
  replaced(t, fsp, 'link', (original, from, to) => {
    if (String(to).endsWith('.takeover')) age(path, 0)
    return original(from, to)
  })
  await assertHeld(path, '')
})

test('a lock that is gone before its age is asked for is waited for no longer', async (t) => {
  const path = newLock(t, '')
  replaced(t, fsp, 'stat', (original, asked, ...rest) => {
    fs.rmSync(path, { force: true })
    return original(asked, ...rest)
  })
  await assertTaken(path)
})

test('a lock is whole before it has its name, and readable for its owner alone', async (t) => {
  const path = newLock(t)
  const before = process.umask(0)
  t.after(() => process.umask(before))
  const seen = []
  replaced(t, fsp, 'link', (original, from, to) => {
    seen.push(fs.readFileSync(from, 'utf8'))
    return original(from, to)
  })
  const lock = await FileLock.acquire(path, 0)
  assert.deepEqual(seen, [fs.readFileSync(path, 'utf8')])
  assert.equal(fs.statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(fs.readdirSync(join(path, '..')), ['clients.json.lock'])
  await lock.release()
})

test('where the file system has no links, a lock is made in place, for one holder', async (t) => {
  const before = process.umask(0)
  t.after(() => process.umask(before))
  let code
  replaced(t, fsp, 'link', () => failing(code))
  for (code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']) {
    const path = newLock(t)
    const lock = await FileLock.acquire(path, 0)
    const text = fs.readFileSync(path, 'utf8')
    assert.equal(JSON.parse(text).pid, process.pid)
    assert.equal(fs.statSync(path).mode & 0o777, 0o600)
    await assertHeld(path, text)
    await lock.release()
    assert.deepEqual(fs.readdirSync(join(path, '..')), [], code)
  }
})

test('what keeps a lock from being made is told at once, and nothing is left', async (t) => {
  const path = newLock(t)
  replaced(t, fsp, 'link', () => failing('EIO'))
  await assert.rejects(FileLock.acquire(path, 60_000), { code: 'EIO' })
  assert.deepEqual(fs.readdirSync(join(path, '..')), [])
})

test('what keeps a lock from being made in place is told at once', async (t) => {
  const path = newLock(t)
  replaced(t, fsp, 'link', () => failing('ENOTSUP'))
  replaced(t, fsp, 'writeFile', (original, to, ...rest) => (to === path ? failing('EROFS') : original(to, ...rest)))
  await assert.rejects(FileLock.acquire(path, 60_000), { code: 'EROFS' })
})

test('a lock that cannot be read, or that cannot be removed, is told at once', async (t) => {
  const path = newLock(t)
  fs.mkdirSync(path)
  await assert.rejects(FileLock.acquire(path, 60_000), { code: 'EISDIR' })
  const other = newLock(t)
  const lock = await FileLock.acquire(other, 0)
  replaced(t, fsp, 'unlink', () => failing('EACCES'))
  await assert.rejects(lock.release(), { code: 'EACCES' })
})

test('who waits asks again after 5 to 30 ms, not all at the same time', async (t) => {
  const path = newLock(t, living)
  const waits = []
  for (const drawn of [0, 0.5, 0.999]) {
    t.mock.method(Math, 'random', () => drawn)
    replaced(t, timers, 'setTimeout', (_original, ms) => {
      waits.push(Math.round(ms))
      fs.rmSync(path, { force: true })
      return Promise.resolve()
    })
    fs.writeFileSync(path, living)
    await (await FileLock.acquire(path, 60_000)).release()
  }
  assert.deepEqual(waits, [5, 18, 30])
})

test('a broken takeover is cleared away when it is over 10 s old, and the lock is taken with the next try', async (t) => {
  for (const [ms, isCleared] of [
    [9000, false],
    [11_000, true],
  ]) {
    const path = newLock(t, dead)
    fs.writeFileSync(`${path}.takeover`, '')
    age(`${path}.takeover`, ms)
    await assert.rejects(FileLock.acquire(path, 0), { code: 'ERR_CLIENT_FILE_LOCKED' })
    assert.equal(fs.existsSync(`${path}.takeover`), !isCleared)
  }
})
