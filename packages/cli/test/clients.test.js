import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { digestApiKey, fileClients, issuedKeyForm } from '@countersign/core'
import { without } from '../../../test/support/components.js'
import { tempFolder } from '../../../test/support/folders.js'
import { freePort, startProcess } from '../../../test/support/processes.js'
import { cli, cliJson, inProcess } from './support/cli.js'

const place = (t) => join(tempFolder(t), 'clients.json')

/** Whose key it is, as a server that uses the file finds it now. */
async function ownerOf(path, key) {
  const clients = await fileClients(path, { lastUsedSeconds: 0 })
  const match = await clients.findApiKey(digestApiKey(Buffer.from(key)))
  const owner = match === undefined || match.state(Date.now()) !== 'active' ? undefined : match.client.id
  await clients.close()
  return owner
}

describe('client, mistakes', () => {
  test('the store, the credential and the kind have to be named, else 2 and nothing changes', async (t) => {
    const path = place(t)
    assert.equal((await inProcess(['client', 'add', 'acme', '--file', path, '--create', '--kind', 'none'])).code, 0)
    const before = readFileSync(path, 'utf8')
    for (const [args, pattern] of [
      [['list'], /--file FILE, --redis URL or --redis-env NAME/],
      [['list', '--file', path, '--redis', 'redis://127.0.0.1'], /say where the clients are/],
      [['add', 'b', '--file', path, '--kind', 'passport'], /--kind is one of/],
      [['add', 'b', '--file', path, '--kind', 'certificate'], /--kind certificate needs --pin PIN/],
      [['add', 'b', '--file', path, '--kind', 'hmac'], /--kind hmac needs --secret-from env:NAME/],
      [['add', 'b', '--file', path, '--secret-from', 'env:S'], /--secret-from goes with --kind hmac/],
      [['add', 'b', '--file', path, '--pin', 'nothing'], /is not a pin/],
      [['add', 'b', '--file', path, '--kind', 'hmac', '--secret-from', 'S'], /env:NAME or file:PATH/],
      [['add', 'b', '--file', path, '--not-after', 'tomorrow'], /RFC 3339/],
      [['add', 'b', '--file', path, '--key-prefix', 'A B'], /words of a-z/],
      [['revoke', 'acme', '--file', path], /name the credential/],
      [['revoke', 'acme', 'k', '--all', '--file', path], /name the credential/],
      [['revoke', 'acme', '--all', '--remove', '--file', path], /name the credential/],
      [['rotate', 'acme', '--file', path], /no credentials/],
      [['rotate', 'acme', '--overlap', '-1', '--file', path], /--overlap/],
      [['group', 'acme', '--file', path], /--join GROUP/],
      [['group', 'acme', '--join', 'a', '--leave', 'a', '--file', path], /named by both/],
      [['list', '--redis', 'http://127.0.0.1'], /redis:\/\//],
      [['list', '--redis', 'redis://:pass-canary@127.0.0.1'], /--redis-env/],
      [['list', '--redis-env', 'NOT_SET_ANYWHERE'], /not set/],
    ]) {
      const { code, stdout, stderr } = await inProcess(['client', ...args])
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
      assert.equal(stdout, '')
      assert.match(stderr, pattern)
      assert.ok(!stderr.includes('pass-canary'))
    }
    // Whatever was begun was taken back.
    const after = JSON.parse(readFileSync(path, 'utf8'))
    assert.deepEqual(after.clients, JSON.parse(before).clients)
  })

  test('unknown and known clients are refused with 1, a file that is not there or none with 3', async (t) => {
    const path = place(t)
    await inProcess(['client', 'add', 'acme', '--file', path, '--create'])
    for (const args of [
      ['add', 'acme'],
      ['rotate', 'nobody'],
      ['revoke', 'nobody', '--all'],
      ['revoke', 'acme', 'no-such'],
      ['list', 'nobody'],
      ['group', 'nobody', '--join', 'a'],
    ])
      assert.equal((await inProcess(['client', ...args, '--file', path])).code, 1, args.join(' '))
    assert.equal((await inProcess(['client', 'list', '--file', join(path, 'x')])).code, 3)
    const gone = await inProcess(['client', 'list', '--file', `${path}.gone`])
    assert.equal(gone.code, 3)
    assert.match(gone.stderr, /clients\.json\.gone does not exist; .*--create/)
    writeFileSync(path, '{')
    assert.equal((await inProcess(['client', 'list', '--file', path])).code, 3)
  })
})

describe('client', () => {
  test('add prints the key once and alone on stdout, and the file is 0600 without it', async (t) => {
    const path = place(t)
    const { code, stdout, stderr } = await cli([
      'client',
      'add',
      'acme',
      '-g',
      'partners',
      '-g',
      'beta',
      '--file',
      path,
      '--create',
      '--key-prefix',
      'acme_live',
    ])
    assert.equal(code, 0)
    const key = stdout.trim()
    assert.match(key, /^acme_live_[0-9A-Za-z]{49}$/)
    assert.equal(issuedKeyForm(key), 'issued')
    assert.match(stderr, /shown only now/)
    assert.ok(!stderr.includes(key))
    const text = readFileSync(path, 'utf8')
    assert.ok(!text.includes(key) && !text.includes(key.slice(12)))
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(await ownerOf(path, key), 'acme')
    const listed = await cli(['client', 'list', '--file', path])
    assert.match(listed.stdout, /^acme {2}partners, beta\n {2}api-key /)
    assert.ok(!listed.stdout.includes(key))
  })

  test('rotate lets both hold for the overlap, and revoke ends one', async (t) => {
    const path = place(t)
    const store = ['--file', path]
    const first = (await cliJson(['client', 'add', 'acme', '--create', ...store])).json
    assert.deepEqual(Object.keys(first), ['client', 'credential', 'key'])
    const { json } = await cliJson(['client', 'rotate', 'acme', '--overlap', '3600', ...store])
    assert.deepEqual(Object.keys(json), ['client', 'credential', 'key', 'previous'])
    assert.deepEqual(Object.keys(json.previous), ['kind', 'id', 'notBefore', 'notAfter'])
    assert.equal(await ownerOf(path, first.key), 'acme')
    assert.equal(await ownerOf(path, json.key), 'acme')
    assert.equal((await inProcess(['client', 'revoke', 'acme', first.credential.id, ...store])).code, 0)
    assert.equal(await ownerOf(path, first.key), undefined)
    assert.equal(await ownerOf(path, json.key), 'acme')
    // The one without an end is meant where none is named.
    const last = (await cliJson(['client', 'rotate', 'acme', '--overlap', '0', ...store])).json
    assert.equal(last.previous, null)
    assert.equal(await ownerOf(path, json.key), undefined)
    for (const [flag, owner] of [
      ['--disable', undefined],
      ['--enable', 'acme'],
      ['--all', undefined],
    ]) {
      assert.equal((await inProcess(['client', 'revoke', 'acme', flag, ...store])).code, 0)
      assert.equal(await ownerOf(path, last.key), owner, flag)
    }
    assert.equal((await inProcess(['client', 'revoke', 'acme', '--remove', ...store])).code, 0)
    assert.deepEqual((await cliJson(['client', 'list', ...store])).json, [])
  })

  test('passwords, pins and HMAC keys stand beside the key; group changes groups in one step', async (t) => {
    const path = place(t)
    const store = ['--file', path]
    const pin = `sha256:${'ab'.repeat(32)}`
    await inProcess(['client', 'add', 'acme', '--create', ...store])
    const issued = (await cliJson(['client', 'add', 'acme', '--existing', '--kind', 'password', '--user', 'u1', ...store])).json
    assert.match(issued.password, /^[0-9A-Za-z]{43}$/)
    assert.equal(issued.credential.user, 'u1')
    assert.equal((await cliJson(['client', 'add', 'acme', '--existing', '--pin', pin, ...store])).json.credential.pin, pin)
    const hmac = await cliJson([
      'client',
      'add',
      'acme',
      '--existing',
      '--kind',
      'hmac',
      '--key-id',
      'k9',
      '--secret-from',
      'env:ACME_SECRET',
      ...store,
    ])
    assert.equal(hmac.json.credential.keyId, 'k9')
    await inProcess(['client', 'group', 'acme', '--join', 'a', '--join', 'b', ...store])
    const { json } = await cliJson(['client', 'group', 'acme', '--leave', 'a', '--join', 'c', ...store])
    assert.deepEqual(json.groups, ['b', 'c'])
    const [listed] = (await cliJson(['client', 'list', '-g', 'c', ...store])).json
    assert.deepEqual(
      listed.credentials.map(({ kind }) => kind),
      ['api-key', 'basic', 'certificate', 'hmac'],
    )
    assert.doesNotMatch(JSON.stringify(listed), /verifier|"sha256"/)
    assert.deepEqual((await cliJson(['client', 'list', '-g', 'a', ...store])).json, [])
  })

  test('names that would move the cursor are shown escaped', async (t) => {
    const path = place(t)
    writeFileSync(path, JSON.stringify({ revision: 1, passwords: 'random', clients: [{ id: 'a b', groups: ['\u00fc'] }] }))
    const { stdout } = await inProcess(['client', 'list', '--file', path])
    assert.match(stdout, /^a b {2}\u00fc\n$/)
    assert.ok(existsSync(path))
  })
})

test('client over a Redis, with ioredis', { skip: without('redis-server') }, async (t) => {
  const port = await freePort()
  const { component } = await import('../../../test/support/components.js')
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--requirepass', 'pass-canary', '--dir', tempFolder(t)]
  const redis = await startProcess(t, { command: component('redis-server'), args, ready: { port } })
  const env = { R: `redis://:pass-canary@127.0.0.1:${port}` }
  const store = ['--redis-env', 'R', '--prefix', 'cli-test']
  const { json, stderr, code } = await cliJson(['client', 'add', 'acme', '-g', 'p', ...store], { env })
  assert.equal(code, 0, stderr)
  assert.equal(issuedKeyForm(json.key), 'issued')
  assert.equal((await cli(['client', 'add', 'acme', ...store], { env })).code, 1)
  assert.equal((await cliJson(['client', 'rotate', 'acme', '--overlap', '60', ...store], { env })).json.previous.id, json.credential.id)
  const [listed] = (await cliJson(['client', 'list', ...store], { env })).json
  assert.deepEqual([listed.id, listed.groups, listed.credentials.length], ['acme', ['p'], 2])
  assert.deepEqual((await cliJson(['client', 'list', '--redis-env', 'R'], { env })).json, [])
  const wrong = await cli(['client', 'list', ...store], { env: { R: `redis://:wrong-canary@127.0.0.1:${port}` } })
  assert.equal(wrong.code, 3)
  assert.ok(!wrong.stderr.includes('canary'), wrong.stderr)
  for (const mistake of [
    ['--prefix', '{x}'],
    ['--prefix', 'cli-test', '--key-prefix', 'A B'],
  ]) {
    const { code, stderr } = await cli(['client', 'list', '--redis-env', 'R', ...mistake], { env })
    assert.equal(code, 2, `${mistake}: ${stderr}`)
  }
  await redis.stop()
  const away = await cli(['client', 'list', ...store], { env })
  assert.equal(away.code, 3)
  assert.match(away.stderr, /could not be reached/)
  assert.ok(!away.stderr.includes('canary'))
})
