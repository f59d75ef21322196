import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { secretFromFile, secretSet } from '@countersign/core'
import { tempFolder } from '../../../test/support/folders.js'

const KEY = 'a fair secret of 32 characters!!'
const OTHER = 'another secret of 32 characters!'
const THIRD = 'the third one, of 32 characters!'

/** A file with a secret, a source that follows it, and a clock that the test turns. */
function followed(t, content = `${KEY}\n`, options = {}) {
  const path = join(tempFolder(t), 'secret')
  fs.writeFileSync(path, content)
  const clock = { now: 1_000_000 }
  const source = secretFromFile(path, { now: () => clock.now, ...options })
  return {
    path,
    clock,
    source,
    text: () =>
      source
        .current()
        .map((secret) => secret.material)
        .join(),
    after: (ms) => (clock.now += ms),
  }
}

/** What goes over countersign:error while the test runs. */
function events(t) {
  const seen = []
  const listen = (event) => seen.push(event)
  subscribe('countersign:error', listen)
  t.after(() => unsubscribe('countersign:error', listen))
  return seen
}

/** Puts a function of node:fs instead of the real one. */
function replaceFs(t, name, make) {
  const real = fs[name]
  t.mock.method(fs, name, make(real))
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
}

function renameInto(path, content) {
  fs.writeFileSync(`${path}.new`, content)
  fs.renameSync(`${path}.new`, path)
}

describe('secretFromFile: what is refused when it is made', () => {
  const refused = (content, says) => (t) => {
    const path = join(tempFolder(t), 'secret')
    fs.writeFileSync(path, content)
    assert.throws(
      () => secretFromFile(path),
      (error) => {
        assert.ok(error instanceof TypeError)
        assert.equal(error.code, 'ERR_INVALID_ARG_VALUE')
        assert.match(error.message, says)
        assert.ok(error.message.includes('secretFromFile') && error.message.includes(path))
        assert.ok(!inspect(error).includes('canary'))
        return true
      },
    )
  }

  test('a file that is missing, with the code of the file system', (t) => {
    const path = join(tempFolder(t), 'missing')
    assert.throws(() => secretFromFile(path), { name: 'TypeError', code: 'ENOENT', message: /missing cannot be read: ENOENT/ })
    assert.throws(() => secretFromFile(join(path, 'below')), { name: 'TypeError', code: 'ENOENT' })
    assert.throws(() => secretFromFile('a\0b'), { name: 'TypeError' })
  })

  test('a folder, and a pipe that nobody writes to, without waiting', (t) => {
    const folder = tempFolder(t)
    assert.throws(() => secretFromFile(folder), { name: 'TypeError' })
    execFileSync('mkfifo', [join(folder, 'pipe')])
    assert.throws(() => secretFromFile(join(folder, 'pipe')), { name: 'TypeError', message: /not a regular file/ })
    assert.throws(() => secretFromFile('/dev/zero'), { name: 'TypeError', message: /not a regular file/ })
  })

  test('P16, S01: an empty file', refused('', /blank/))
  test('P16, S01: a line break alone', refused('\n', /blank/))
  test('P16, S01: blanks alone', refused(' \t\u00a0\r\n\r\n', /blank/))
  test('P16, S01: NULs alone', refused(Buffer.alloc(32), /blank/))
  test('S04: a public key', refused('\n-----BEGIN PUBLIC KEY-----\ncanary\n-----END PUBLIC KEY-----\n', /public or private key/))
  test('a byte order mark', refused('\ufeffcanary of 32 characters......', /byte order mark/))
  test('octets that are no UTF-8', refused(Buffer.from('ff00fe0163616e617279ffffffffff', 'hex'), /UTF-8/))
  test('UTF-16', refused(Buffer.from('\ufeffcanary of 32 characters......', 'utf16le'), /UTF-8/))
  test('more than 65536 octets', refused('x'.repeat(65_537), /at most 65536/))
  test('far more', refused('x'.repeat(1_000_000), /more than 65538/))

  test('options that are unknown or wrong', (t) => {
    const path = join(tempFolder(t), 'secret')
    fs.writeFileSync(path, KEY)
    for (const bad of ['', ' ', undefined, null, 5, {}, Buffer.from(path)])
      assert.throws(() => secretFromFile(bad), { name: 'TypeError', message: /path/ })
    assert.throws(() => secretFromFile(path, { pollMS: 5 }), { message: /"pollMS" is unknown; did you mean "pollMs"/ })
    assert.throws(() => secretFromFile(path, { id: 'a' }), { name: 'TypeError' })
    for (const pollMs of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '500', null]) {
      assert.throws(() => secretFromFile(path, { pollMs }), { name: 'TypeError', message: /pollMs/ })
      assert.throws(() => secretFromFile(path, { maxStaleSeconds: pollMs }), { name: 'TypeError', message: /maxStaleSeconds/ })
    }
    assert.throws(() => secretFromFile(path, { now: 5 }), { name: 'TypeError', message: /"now"/ })
  })
})

describe('secretFromFile: what is read', () => {
  for (const [name, content, text] of [
    ['no line break', KEY, KEY],
    ['LF', `${KEY}\n`, KEY],
    ['CR LF', `${KEY}\r\n`, KEY],
    ['one of two LF', `${KEY}\n\n`, `${KEY}\n`],
    ['one of two CR LF', `${KEY}\r\n\r\n`, `${KEY}\r\n`],
    ['no CR alone', `${KEY}\r`, `${KEY}\r`],
    ['no blanks', `  ${KEY} `, `  ${KEY} `],
    ['65536 octets and CR LF', `${'x'.repeat(65_536)}\r\n`, 'x'.repeat(65_536)],
    ['UTF-8', '\u20ac\u{1f600}'.repeat(8), '\u20ac\u{1f600}'.repeat(8)],
  ]) {
    test(`cut from the end: ${name}`, (t) => assert.equal(followed(t, content).text(), text))
  }

  test('a URL is a path too', (t) => {
    const { path } = followed(t)
    assert.equal(secretFromFile(pathToFileURL(path)).current()[0].material, KEY)
  })

  test('its length is judged by who uses it; nobody sees it by accident', (t) => {
    const { source } = followed(t, 'your-secret')
    const options = { now: Date.now, timeoutMs: 1000 }
    assert.throws(() => secretSet('hmacVerify', 'secret', source, { ...options, allowWeak: false }), {
      name: 'TypeError',
      message: /allowWeakSecret/,
    })
    assert.equal(secretSet('hmacVerify', 'secret', source, { ...options, allowWeak: true }).active()[0].material, 'your-secret')
    assert.ok(!inspect(source, { depth: 9, showHidden: true }).includes('your-secret') && !JSON.stringify(source).includes('your-secret'))
  })
})

describe('secretFromFile: what changes', () => {
  const changes = {
    'a rename into place': renameInto,
    'a rewrite in place': (path, content) => fs.writeFileSync(path, content),
    'removing and writing again': (path, content) => {
      fs.rmSync(path)
      fs.writeFileSync(path, content)
    },
    'a rewrite of the same size with the same time of change': (path, content) => {
      const { atime, mtime } = fs.statSync(path)
      fs.writeFileSync(path, content)
      fs.utimesSync(path, atime, mtime)
    },
  }
  for (const [name, change] of Object.entries(changes)) {
    test(`P18: ${name} is seen after pollMs, not before`, (t) => {
      const { path, text, after } = followed(t)
      assert.equal(text(), KEY)
      change(path, OTHER)
      after(499)
      assert.equal(text(), KEY)
      after(1)
      assert.equal(text(), OTHER)
      change(path, THIRD)
      assert.equal(text(), OTHER)
      after(500)
      assert.equal(text(), THIRD)
    })
  }

  test('P18: the swap of ..data, as Kubernetes mounts secrets', (t) => {
    const folder = tempFolder(t)
    const publish = (version, content) => {
      fs.mkdirSync(join(folder, version))
      fs.writeFileSync(join(folder, version, 'secret'), content)
      fs.symlinkSync(version, join(folder, '..data_tmp'))
      fs.renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    }
    publish('..2026_03_01', KEY)
    fs.symlinkSync('..data/secret', join(folder, 'secret'))
    const clock = { now: 0 }
    const source = secretFromFile(join(folder, 'secret'), { now: () => clock.now })
    assert.equal(source.current()[0].material, KEY)
    publish('..2026_03_02', OTHER)
    fs.rmSync(join(folder, '..2026_03_01'), { recursive: true })
    clock.now = 500
    assert.equal(source.current()[0].material, OTHER)
  })

  test('pollMs: 0 looks whenever the secret is used', (t) => {
    const { path, text } = followed(t, KEY, { pollMs: 0 })
    renameInto(path, OTHER)
    assert.equal(text(), OTHER)
  })

  test('a time that is given goes before the own clock', (t) => {
    const { path, source, clock } = followed(t)
    renameInto(path, OTHER)
    assert.equal(source.current(clock.now + 499)[0].material, KEY)
    assert.equal(source.current(clock.now + 500)[0].material, OTHER)
  })

  test('a clock that goes back does not put off the next look, and one that is no number looks', (t) => {
    const { path, text, after, source } = followed(t)
    after(-3_600_000)
    assert.equal(text(), KEY)
    renameInto(path, OTHER)
    after(500)
    assert.equal(text(), OTHER)
    renameInto(path, THIRD)
    assert.equal(source.current(Number.NaN)[0].material, THIRD)
  })

  test('the same text is the same Secret, though the file is another', (t) => {
    const { path, source, after } = followed(t)
    const [first] = source.current()
    renameInto(path, `${KEY}\r\n`)
    after(500)
    assert.equal(source.current()[0], first)
    renameInto(path, OTHER)
    after(500)
    assert.notEqual(source.current()[0], first)
  })

  test('a file that was left alone for some seconds is not opened again', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
    const { path, text, after } = followed(t)
    let opened = 0
    replaceFs(t, 'openSync', (open) => (...args) => {
      opened += 1
      return open(...args)
    })
    for (let i = 0; i < 10; i += 1) {
      after(500)
      assert.equal(text(), KEY)
    }
    assert.equal(opened, 0)
    renameInto(path, OTHER)
    opened = 0
    after(500)
    assert.equal(text(), OTHER)
    assert.equal(opened, 1)
  })

  for (const field of ['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs']) {
    test(`a file left alone is opened again when its ${field} is another`, (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
      const { text, after } = followed(t)
      let opened = 0
      let isOther = false
      replaceFs(t, 'statSync', (stat) => (...args) => {
        const stats = stat(...args)
        if (isOther) stats[field] += 1n
        return stats
      })
      replaceFs(t, 'openSync', (open) => (...args) => {
        opened += 1
        return open(...args)
      })
      after(500)
      assert.equal(text(), KEY)
      assert.equal(opened, 0)
      isOther = true
      after(500)
      assert.equal(text(), KEY)
      assert.equal(opened, 1)
    })
  }

  test('a file that has just been written is read again, whatever its times say', (t) => {
    const { path, text, after } = followed(t)
    const stat = fs.statSync(path, { bigint: true })
    fs.writeFileSync(path, OTHER)
    // The second write fell into the same tick of the file system's clock.
    replaceFs(t, 'statSync', () => () => stat)
    after(500)
    assert.equal(text(), OTHER)
  })
})

describe('secretFromFile: a file that cannot be used', () => {
  const damage = {
    missing: (path) => fs.rmSync(path),
    empty: (path) => fs.writeFileSync(path, ''),
    blank: (path) => renameInto(path, ' \n'),
    'too large': (path) => renameInto(path, 'x'.repeat(70_000)),
    'half written': (path) => fs.writeFileSync(path, OTHER.slice(0, 15)),
    'a folder': (path) => {
      fs.rmSync(path)
      fs.mkdirSync(path)
    },
    'a public key': (path) => renameInto(path, '-----BEGIN PUBLIC KEY-----\n'),
  }
  for (const [name, spoil] of Object.entries(damage)) {
    test(`${name}: the last good secret counts for maxStaleSeconds, then ERR_SECRET_STALE, until it is good again`, (t) => {
      const seen = events(t)
      const { path, text, after } = followed(t)
      spoil(path)
      after(500)
      assert.equal(text(), KEY)
      after(299_999)
      assert.equal(text(), KEY)
      after(1)
      assert.throws(
        text,
        (error) =>
          error.code === 'ERR_SECRET_STALE' && error.status === 503 && error.message.includes(path) && error.cause instanceof Error,
      )
      after(10_000)
      assert.throws(text, { code: 'ERR_SECRET_STALE' })
      assert.deepEqual(
        seen.map(({ code, error }) => [code, error.code, error.cause instanceof Error]),
        [['ERR_SECRET_UNUSABLE', 'ERR_SECRET_UNUSABLE', true]],
      )
      assert.ok(seen[0].error.message.includes(path) && !inspect(seen).includes(KEY) && !inspect(seen).includes(OTHER.slice(0, 15)))
      fs.rmSync(path, { recursive: true, force: true })
      fs.writeFileSync(path, OTHER)
      after(500)
      assert.equal(text(), OTHER)
      assert.equal(seen.length, 1)
    })
  }

  test('each other problem is told once, and a second outage has its whole time again', (t) => {
    const seen = events(t)
    const { path, text, after } = followed(t)
    fs.rmSync(path)
    for (let i = 0; i < 5; i += 1) {
      after(500)
      text()
    }
    fs.writeFileSync(path, '')
    for (let i = 0; i < 5; i += 1) {
      after(500)
      text()
    }
    assert.equal(seen.length, 2)
    assert.match(seen[0].error.message, /ENOENT/)
    assert.match(seen[1].error.message, /blank/)
    after(294_999)
    assert.equal(text(), KEY)
    fs.writeFileSync(path, OTHER)
    after(500)
    assert.equal(text(), OTHER)
    fs.rmSync(path)
    after(500)
    assert.equal(text(), OTHER)
    after(299_999)
    assert.equal(text(), OTHER)
    assert.equal(seen.length, 3)
  })

  test('a clock that goes back does not make it last longer', (t) => {
    const { path, text, after } = followed(t)
    fs.rmSync(path)
    after(500)
    assert.equal(text(), KEY)
    after(200_000)
    assert.equal(text(), KEY)
    after(-10_000_000)
    assert.equal(text(), KEY)
    after(99_999)
    assert.equal(text(), KEY)
    after(1)
    assert.throws(text, { code: 'ERR_SECRET_STALE' })
  })

  test('a clock that is no number makes it stale', (t) => {
    const { path, source } = followed(t)
    fs.rmSync(path)
    assert.throws(() => source.current(Number.NaN), { code: 'ERR_SECRET_STALE' })
  })

  test('maxStaleSeconds: 0 takes nothing but what the file holds', (t) => {
    const { path, text, after } = followed(t, KEY, { maxStaleSeconds: 0 })
    fs.rmSync(path)
    after(500)
    assert.throws(text, { code: 'ERR_SECRET_STALE' })
  })

  test('a change while it is read is not taken; the next look reads it', (t) => {
    const { path, text, after } = followed(t)
    fs.writeFileSync(path, OTHER.slice(0, 20))
    let isTorn = true
    replaceFs(t, 'readSync', (read) => (...args) => {
      const length = read(...args)
      if (isTorn) fs.writeFileSync(path, OTHER)
      isTorn = false
      return length
    })
    after(500)
    assert.equal(text(), KEY)
    after(500)
    assert.equal(text(), OTHER)
  })

  test('a change of the same size while it is read is not taken either', (t) => {
    const { path, text, after } = followed(t)
    fs.writeFileSync(path, THIRD)
    let isTorn = true
    replaceFs(t, 'readSync', (read) => (...args) => {
      const length = read(...args)
      if (isTorn) fs.writeFileSync(path, OTHER)
      if (isTorn) fs.utimesSync(path, 1, 1)
      isTorn = false
      return length
    })
    after(500)
    assert.equal(text(), KEY)
    after(500)
    assert.equal(text(), OTHER)
  })

  test('fewer octets than the file has are not taken', (t) => {
    const { path, text, after } = followed(t)
    fs.writeFileSync(path, OTHER)
    let isShort = true
    replaceFs(t, 'readSync', (read) => (file, octets, offset, length, position) => {
      if (isShort && offset === 0) return read(file, octets, offset, 20, position)
      return isShort ? 0 : read(file, octets, offset, length, position)
    })
    after(500)
    assert.equal(text(), KEY)
    isShort = false
    after(500)
    assert.equal(text(), OTHER)
  })

  test('a file that comes back as it was is good again', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
    const folder = join(tempFolder(t), 'mount')
    fs.mkdirSync(folder)
    fs.writeFileSync(join(folder, 'secret'), KEY)
    const clock = { now: 0 }
    const source = secretFromFile(join(folder, 'secret'), { now: () => clock.now })
    fs.renameSync(folder, `${folder} away`)
    clock.now += 500
    assert.equal(source.current().length, 1)
    fs.renameSync(`${folder} away`, folder)
    clock.now += 500
    assert.equal(source.current().length, 1)
    clock.now += 400_000
    assert.equal(source.current()[0].material, KEY)
  })

  test('a short secret is taken where short ones are allowed, or when it was short before', (t) => {
    const { path, source, text, after, clock } = followed(t)
    secretSet('hmacVerify', 'secret', source, { now: () => clock.now, timeoutMs: 1000, allowWeak: true })
    fs.writeFileSync(path, 'your-secret')
    after(500)
    assert.equal(text(), 'your-secret')
    const short = followed(t, 'your-secret')
    fs.writeFileSync(short.path, 'my-secret')
    short.after(500)
    assert.equal(short.text(), 'my-secret')
  })
})

describe('secretFromFile in a set', () => {
  const made = (input, clock) => secretSet('hmacVerify', 'secret', input, { now: () => clock.now, timeoutMs: 1000, allowWeak: false })

  test('P18: a new secret holds from the next request on, and an id and dates come from the record', (t) => {
    const { path, source, clock } = followed(t)
    const set = made(
      [
        { id: 'live', secret: source, notAfter: new Date(5_000_000) },
        { id: 'next', secret: THIRD },
      ],
      clock,
    )
    const texts = (keyId) => set.active(keyId).map((secret) => secret.material)
    assert.deepEqual(texts('live'), [KEY])
    const [secret] = set.active('live')
    renameInto(path, OTHER)
    clock.now += 500
    assert.deepEqual(texts('live'), [OTHER])
    assert.notEqual(set.active('live')[0], secret)
    assert.deepEqual(texts(), [OTHER, THIRD])
    clock.now = 5_000_000
    assert.deepEqual(texts(), [THIRD])
  })

  test('a stale file is an outage, never an unknown key id', (t) => {
    const { path, source, clock } = followed(t)
    const set = made([THIRD, source], clock)
    fs.rmSync(path)
    clock.now += 500
    assert.equal(set.active('any').length, 2)
    clock.now += 300_000
    assert.throws(() => set.active('any'), { code: 'ERR_SECRET_STALE', status: 503 })
  })
})

test('no timer and no watcher keeps the process alive', (t) => {
  const path = join(tempFolder(t), 'secret')
  fs.writeFileSync(path, KEY)
  const script = `import { secretFromFile } from '@countersign/core'
    const [secret] = secretFromFile(process.argv[1]).current()
    process.stdout.write(secret.material + process.getActiveResourcesInfo().filter((name) => /Timeout|FSEvent|Stat/.test(name)))`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script, path], { cwd: import.meta.dirname, timeout: 30_000 })
  assert.equal(String(out), KEY)
})
