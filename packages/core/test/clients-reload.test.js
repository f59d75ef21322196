import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestApiKey, digestHex, fileClients } from '@countersign/core'
import { tempFolder } from '../../../test/support/folders.js'
import { isSameClient } from '../dist/clients/client.js'
import { withCredential } from '../dist/clients/edits.js'

const KEY = 'a-key-of-sixteen-octets-or-more'
const SHA256 = digestHex(digestApiKey(KEY))
const Z = '0'.repeat(64)

/** A registry over a file, and a clock that the test turns. */
async function opened(t, document, options) {
  const path = join(tempFolder(t), 'clients.json')
  fs.writeFileSync(path, JSON.stringify(document))
  const clock = { now: 1_000_000 }
  const registry = await fileClients(path, { now: () => clock.now, ...options })
  const replace = (text) => {
    fs.writeFileSync(`${path}.new`, text)
    fs.renameSync(`${path}.new`, path)
    clock.now += 500
  }
  return { path, registry, clock, replace }
}

function deferred() {
  let resolve
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const DATED = [{ id: 'other' }, { notBefore: '2026-01-01T00:00:00.000Z' }, { notAfter: '2026-01-01T00:00:00.000Z' }]
const KINDS = [
  [{ kind: 'api-key', id: 'x', sha256: SHA256 }, { sha256: Z }],
  [{ kind: 'basic', id: 'x', user: 'u', verifier: `sha256:${Z}` }, { user: 'v' }, { verifier: `sha256:${SHA256}` }],
  [
    { kind: 'hmac', id: 'x', keyId: 'k', secretFrom: { env: 'A' } },
    { keyId: 'l' },
    { secretFrom: { env: 'B' } },
    { secretFrom: { file: 'A' } },
  ],
  [{ kind: 'hmac', id: 'x', keyId: 'k', secretFrom: { file: 'A' } }, { secretFrom: { file: 'B' } }, { secretFrom: { env: 'A' } }],
  [{ kind: 'certificate', id: 'x', pin: `sha256:${Z}` }, { pin: `sha256:${SHA256}` }],
]

function record(parts) {
  return { id: 'acme', groups: ['a', 'b'], ...parts }
}

function changesOf(credential, variants) {
  const base = record({ credentials: [credential] })
  const others = [...variants, ...DATED].map((parts) => record({ credentials: [{ ...credential, ...parts }] }))
  const further = [
    { disabled: true },
    { groups: ['a'] },
    { groups: ['a', 'c'] },
    { groups: ['b', 'a'] },
    { groups: ['a', 'b', 'c'] },
    { credentials: [] },
  ]
  return { base, others: [...others, ...further.map((parts) => ({ ...base, ...parts }))] }
}

for (const [credential, ...variants] of KINDS) {
  test(`P27: a reload sees each change of a client with ${JSON.stringify(credential)}, and none where there is none`, async (t) => {
    const { base, others } = changesOf(credential, variants)
    const { registry, replace } = await opened(t, { clients: [base] })
    const told = []
    registry.on('change', ({ clientId }) => told.push(clientId))
    const after = async (client, spaces) => {
      told.length = 0
      replace(JSON.stringify({ clients: [client] }, null, spaces))
      const found = await registry.find('acme')
      return [told.join(), JSON.stringify(found)]
    }
    const [, held] = await after(base, 1)
    assert.equal(told.join(), '')
    for (const other of others) {
      const [ids, changed] = await after(other, 0)
      assert.equal(ids, 'acme', JSON.stringify(other))
      assert.notEqual(changed, held)
      assert.deepEqual(await after(other, 1), ['', changed], 'said in another way')
      assert.deepEqual(await after(base, 0), ['acme', held])
    }
  })
}

test('P27: a credential of another kind under the same id is another credential', async (t) => {
  const kinds = KINDS.map(([credential]) => record({ credentials: [credential] }))
  const { registry, replace } = await opened(t, { clients: [kinds.at(-1)] })
  const told = []
  registry.on('change', ({ clientId }) => told.push(clientId))
  for (const client of kinds) {
    replace(JSON.stringify({ clients: [client] }))
    assert.equal((await registry.find('acme')).credentials[0].kind, client.credentials[0].kind)
  }
  assert.deepEqual(told, Array(kinds.length).fill('acme'))
})

test('P27: secrets that are held without saying where they come from are never taken for the same', () => {
  const holding = (id, secretFrom) => {
    const credential = { kind: 'hmac', id: 'x', keyId: 'k', ...(secretFrom && { secretFrom }), secret: () => KEY }
    return { id, groups: [], disabled: false, credentials: [credential] }
  }
  const env = { env: 'A' }
  assert.equal(isSameClient(holding('a', env), holding('a', { ...env })), true)
  assert.equal(isSameClient(holding('a', env), holding('b', env)), false)
  for (const [one, other] of [
    [undefined, undefined],
    [env, undefined],
    [undefined, env],
  ]) {
    assert.equal(isSameClient(holding('a', one), holding('a', other)), false)
  }
})

test('P27: look-ups of every kind wait for a file that has changed', async (t) => {
  const clients = (further) => [
    { id: 'acme', credentials: KINDS.slice(0, 3).map(([credential], i) => ({ ...credential, id: `c${i}` })), ...further },
  ]
  const pinned = { id: 'pinned', credentials: [KINDS[4][0]] }
  const { registry, replace } = await opened(t, { clients: [] })
  const lookUps = [
    () => registry.findApiKey(digestApiKey(KEY)),
    () => registry.findUser('u'),
    () => registry.findHmacKey('k'),
    () => registry.findCertificate(`sha256:${Z}`),
    () => registry.find('acme'),
  ]
  for (const lookUp of lookUps) {
    replace(JSON.stringify({ clients: [] }))
    assert.equal(await lookUp(), undefined)
    replace(JSON.stringify({ clients: [...clients(), pinned] }))
    const found = lookUp()
    assert.ok(found instanceof Promise)
    assert.notEqual(await found, undefined)
    assert.ok(!(lookUp() instanceof Promise), 'and at once, when it was read')
    assert.deepEqual(JSON.stringify(lookUp()), JSON.stringify(await found))
  }
})

const DOCUMENTS = [
  ['[]', 'fileClients: option "file" must be an object { "revision": 1, "clients": [] }; got an array'],
  ['null', 'fileClients: option "file" must be an object { "revision": 1, "clients": [] }; got null'],
  ['7', 'fileClients: option "file" must be an object { "revision": 1, "clients": [] }; got number'],
  ['{', 'it is not valid JSON'],
  ['{"clients":[{"id":"a"},]}', 'it is not valid JSON, somewhere after octet 12'],
  ['{}', 'fileClients: option "clients" must be a list of clients; got undefined'],
  ['{"clients":{}}', 'fileClients: option "clients" must be a list of clients; got object'],
  ['{"client":[]}', 'fileClients: option "client" is unknown; did you mean "clients"?'],
  ['{"clients":[],"qqqqqqqqqqq":1}', 'fileClients: option "qqqqqqqqqqq" is unknown; known are revision, passwords, scrypt, clients'],
  ['{"revision":-1,"clients":[]}', 'fileClients: option "revision" must be a whole number, 0 or more'],
  ['{"revision":"1","clients":[]}', 'fileClients: option "revision" must be a whole number, 0 or more'],
  ['{"passwords":"bcrypt","clients":[]}', "fileClients: option \"passwords\" must be 'scrypt' or 'random'"],
  ['{"passwords":"random","scrypt":{},"clients":[]}', 'fileClients: option "scrypt" has no effect in a file with "passwords": "random"'],
  ['{"clients":[{"id":"a"},{"id":"b"},{"id":"a"}]}', 'there are two clients "a"; choose another id, or change the existing client'],
  [
    '{"clients":[{"id":"a"},{"id":""}]}',
    'fileClients: option "clients[1].id" must be 1 to 256 characters without control characters, and without spaces at either end',
  ],
  [
    '{"clients":[{"id":"a","credentials":[{"kind":"api-key","key":"x"}]}]}',
    'fileClients: option "clients[0].credentials[0].key" would put a secret into the file, which stores digests instead: "sha256" for a key, "verifier" for a password, "secretFrom" for an HMAC secret',
  ],
  ['{"clients":[{"id":"a","credentials":[{"kind":"api-key"}]}]}', 'fileClients: option "clients[0].credentials[0]" needs "sha256"'],
  ['{"clients":[{"id":"a","credentials":[{"kind":"basic"}]}]}', 'fileClients: option "clients[0].credentials[0]" needs "verifier"'],
  ['{"clients":[{"id":"a","credentials":[{"kind":"hmac"}]}]}', 'fileClients: option "clients[0].credentials[0]" needs "secretFrom"'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 'it is not UTF-8'],
]

for (const [text, reason] of DOCUMENTS) {
  test(`a file that holds ${text} is refused: ${reason}`, async (t) => {
    const path = join(tempFolder(t), 'clients.json')
    fs.writeFileSync(path, text)
    await assert.rejects(fileClients(path), (error) => {
      assert.equal(
        `${error.code} ${error.status} ${error.message}`.split('; correct')[0].startsWith(`ERR_CLIENT_FILE_BAD 503 ${path}: ${reason}`),
        true,
        error.message,
      )
      return true
    })
  })
}

const OPTIONS = [
  [{ pollMs: 0 }, 'option "pollMs" must be a whole number of milliseconds, at least 1; got 0'],
  [{ pollMs: 'x' }, 'option "pollMs" must be a whole number of milliseconds; got string'],
  [{ maxStaleSeconds: -1 }, 'option "maxStaleSeconds" must be a whole number of seconds, at least 0; got -1'],
  [{ maxStaleSeconds: 'x' }, 'option "maxStaleSeconds" must be a whole number of seconds; got string'],
  [{ lockTimeoutMs: 0 }, 'option "lockTimeoutMs" must be a whole number of milliseconds, at least 1; got 0'],
  [{ lockTimeoutMs: 'x' }, 'option "lockTimeoutMs" must be a whole number of milliseconds; got string'],
  [{ lastUsedSeconds: -1 }, 'option "lastUsedSeconds" must be a whole number of seconds, at least 0; got -1'],
  [{ lastUsedSeconds: 'x' }, 'option "lastUsedSeconds" must be a whole number of seconds; got string'],
  [{ create: 1 }, 'option "create" must be true or false; got number'],
  [{ keyPrefix: 'A' }, 'option "keyPrefix" must be one to three words of a-z and 0-9, joined by _, such as \'acme_live\''],
  [{ passwords: 'scrypt' }, "option \"passwords\" is 'scrypt', but the file says 'random'; remove the option"],
]

test('S01: an option of fileClients that is wrong is a TypeError that says so, and the file is not held against it', async (t) => {
  const path = join(tempFolder(t), 'clients.json')
  fs.writeFileSync(path, '{"clients":[]}')
  for (const [options, message] of OPTIONS) {
    await assert.rejects(fileClients(path, options), (error) => {
      assert.ok(error.message.includes(`fileClients: ${message}`), `${error.message} is not ${message}`)
      return true
    })
  }
  for (const [wrong, type] of [
    ['', 'string'],
    [7, 'number'],
    [undefined, 'undefined'],
  ]) {
    const message = `fileClients: option "path" must be the path of a file; got ${type}`
    await assert.rejects(fileClients(wrong), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message })
  }
})

test('a file that goes bad is told as an event and on countersign:error, once and with its cause', async (t) => {
  const { path, registry, replace } = await opened(t, { clients: [{ id: 'acme' }] })
  const published = []
  const listen = (message) => published.push(message)
  subscribe('countersign:error', listen)
  t.after(() => unsubscribe('countersign:error', listen))
  const told = []
  registry.on('error', (problem) => told.push(problem))
  replace('{')
  assert.equal((await registry.find('acme')).id, 'acme')
  assert.equal(told.length, 1)
  const { error } = told[0]
  assert.deepEqual(published, [{ authenticator: 'clients', reason: 'a client registry cannot read its source', error }])
  assert.equal(error.code, 'ERR_CLIENT_FILE_BAD')
  assert.ok(error.message.startsWith(`${path}: it is not valid JSON`))
})

test('who listens hears of a changed and of a bad file without a look-up, until he does no more', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { registry, replace } = await opened(t, { clients: [{ id: 'acme' }] })
  const next = (event) => {
    const heard = deferred()
    return { ...heard, end: registry.on(event, heard.resolve) }
  }
  const changed = next('change')
  replace('{"clients":[{"id":"acme","disabled":true}]}')
  t.mock.timers.tick(500)
  assert.deepEqual(await changed.promise, { clientId: 'acme' })
  const bad = next('error')
  changed.end()
  replace('{')
  t.mock.timers.tick(500)
  assert.equal((await bad.promise).error.code, 'ERR_CLIENT_FILE_BAD')
  bad.end()
  const stat = t.mock.method(fs, 'statSync')
  syncBuiltinESMExports()
  t.after(() => syncBuiltinESMExports())
  replace('{"clients":[]}')
  t.mock.timers.tick(5000)
  const again = registry.on('change', () => assert.fail('told of what was not looked at'))
  await registry.close()
  t.mock.timers.tick(5000)
  assert.equal(stat.mock.callCount(), 0)
  again()
})

test('a file that is written each time it is read is given up', async (t) => {
  const path = join(tempFolder(t), 'clients.json')
  fs.writeFileSync(path, '{"clients":[]}')
  const { open } = fs.promises
  let reads = 0
  t.mock.method(fs.promises, 'open', async (...args) => {
    const file = await open(...args)
    const { stat } = file
    if (String(args[0]) === path) {
      reads += 1
      let looks = 0
      file.stat = async (options) => {
        const stats = await stat.call(file, options)
        looks += 1
        stats.mtimeNs += BigInt(looks)
        return stats
      }
    }
    return file
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  await assert.rejects(fileClients(path), /it was changed each time it was read/)
  assert.equal(reads, 5)
})

test('a credential is not put beside one that has its id', () => {
  const client = { id: 'acme', groups: [], disabled: false, credentials: [{ kind: 'api-key', id: 'k1', sha256: Z }] }
  assert.throws(() => withCredential(client, { kind: 'api-key', id: 'k1', sha256: SHA256 }), {
    code: 'ERR_CLIENT_CREDENTIAL_EXISTS',
    status: 409,
    message: /^client "acme" already has a credential "k1"/,
  })
})
