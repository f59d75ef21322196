import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { digestApiKey } from '@countersign/core'
import { redisClients } from '@countersign/redis'
import { without } from '../support/components.js'
import { startProcess, waitFor } from '../support/processes.js'
import { CLIENTS, redisClient, redisProxy, redisServer, untilAnswered } from '../support/redis.js'

const KEY = 'a-key-of-sixteen-octets-or-more'
const SECRET = 'a fair secret of 32 characters!!'
const ROOT = new URL('../..', import.meta.url).pathname
const skip = without('redis-server')
const digest = digestApiKey(KEY)

/** Registries of several processes over one Redis, and what each of them sent. */
async function fleet(t, { kind = 'ioredis', count = 2, options = {} } = {}) {
  const server = await redisServer(t)
  const { send } = await redisClient(t, kind, server.port)
  const registries = []
  for (let i = 0; i < count; i += 1) registries.push(await registry(t, { send, ...options }))
  return { server, send, registries }
}

async function registry(t, { send, ...options }) {
  const sent = []
  const gate = { hold: undefined }
  const gated = async (...args) => {
    sent.push(args)
    const answer = await send(...args)
    await gate.hold?.(args)
    return answer
  }
  const clients = redisClients({ send: gated, ...options })
  t.after(() => clients.close())
  await clients.refresh()
  return Object.assign(clients, { sent, gate })
}

const acme = (further = {}) => ({ id: 'acme', credentials: [{ kind: 'api-key', id: 'k1', key: KEY }], ...further })

/** A look-up whose answer Redis has given, and that arrives when `go` is called. */
async function underWay(clients, look) {
  let go
  const isHeld = new Promise((held) => {
    const wait = new Promise((resolve) => {
      go = resolve
    })
    clients.gate.hold = (args) => {
      if (!args.includes('{countersign}:client-names') || args.includes('XRANGE')) return undefined
      held()
      return wait
    }
  })
  const answer = look()
  await isHeld
  clients.gate.hold = undefined
  return { answer, go }
}

describe('redisClients: what is revoked', { skip, concurrency: 4 }, () => {
  test('P27: a look-up under way when a revocation comes is not remembered, whoever revoked', async (t) => {
    const { registries } = await fleet(t)
    const [clients, other] = registries
    for (const revoker of [clients, other]) {
      await clients.add(acme())
      await clients.refresh()
      await clients.findApiKey(digest)
      await other.disable('acme')
      await other.enable('acme')
      await clients.refresh()
      const { answer, go } = await underWay(clients, () => clients.findApiKey(digest))
      await revoker.revoke('acme', 'k1')
      await clients.refresh()
      go()
      await answer
      assert.equal(await clients.findApiKey(digest), undefined)
      await clients.remove('acme')
    }
  })

  test('P27: whoever asks after the revocation does not get the answer to an earlier question', async (t) => {
    const { registries } = await fleet(t, { count: 1 })
    const [clients] = registries
    await clients.add(acme())
    await clients.disable('acme')
    await clients.enable('acme')
    const { answer, go } = await underWay(clients, () => clients.findApiKey(digest))
    await clients.revoke('acme')
    const later = clients.findApiKey(digest)
    go()
    await answer
    assert.equal(await later, undefined)
  })

  for (const kind of CLIENTS) {
    test(`within a second in a process whose connection breaks just then (${kind})`, async (t) => {
      const { server, registries } = await fleet(t, { kind, count: 1 })
      const [admin] = registries
      const proxy = await redisProxy(t, server.port)
      const { send } = await redisClient(t, kind, proxy.port)
      const clients = await registry(t, { send })
      for (let round = 0; round < 3; round += 1) {
        await admin.add(acme())
        await waitFor('the key', () => clients.findApiKey(digest))
        proxy.reset()
        await admin.revoke('acme')
        const revoked = performance.now()
        // A process that cannot ask refuses, which is as good.
        const isGone = async () => (await Promise.resolve(clients.findApiKey(digest)).catch(() => undefined)) === undefined
        await waitFor('the revocation', isGone, 1000)
        assert.ok(performance.now() - revoked < 1000)
        await admin.remove('acme')
        await waitFor('an answer', () => clients.refresh().then(() => clients.find('acme')?.catch?.(() => false) ?? true))
      }
    })
  }

  test('when the news of it was trimmed away before they were read: all is forgotten', async (t) => {
    const { send, registries } = await fleet(t)
    const [admin, clients] = registries
    await admin.add(acme())
    await clients.refresh()
    assert.ok(await clients.findApiKey(digest))
    const told = []
    clients.on('change', ({ clientId }) => told.push(clientId))
    let go
    const wait = new Promise((resolve) => {
      go = resolve
    })
    await clients.refresh()
    clients.gate.hold = (args) => (args[0] === 'XRANGE' ? wait : undefined)
    await admin.revoke('acme')
    await admin.add({ id: 'another' })
    await send('XTRIM', '{countersign}:client-changes', 'MAXLEN', '=', '1')
    clients.gate.hold = undefined
    go()
    await clients.refresh()
    assert.equal(await clients.findApiKey(digest), undefined)
    assert.ok(told.includes('acme') || told.includes(undefined))
  })

  test('when Redis lost the client alone: it is revoked by its id all the same, which everybody else forgets', async (t) => {
    for (const end of ['revoke', 'disable', 'remove']) {
      const { send, registries } = await fleet(t, { count: 3 })
      const [admin, ...others] = registries
      await admin.add(acme())
      for (const clients of registries) {
        await clients.refresh()
        assert.ok(await clients.findApiKey(digest))
      }
      await send('DEL', '{countersign}:clients')
      await assert.rejects(admin[end]('acme'), { code: 'ERR_CLIENT_UNKNOWN', status: 404 })
      for (const clients of others) {
        await waitFor('the news', async () => (await clients.findApiKey(digest)) === undefined, 1000)
        assert.equal(await clients.find('acme'), undefined)
      }
    }
  })

  test('when the news that a lost client is to go cannot be told, the change fails as such', async (t) => {
    const { registries } = await fleet(t, { count: 1 })
    const [admin] = registries
    admin.gate.hold = (args) => (args[0] === 'XADD' ? Promise.reject(new Error('OOM command not allowed')) : undefined)
    await assert.rejects(admin.revoke('nobody'), { code: 'ERR_STORE_FULL', status: 503 })
  })

  test('P50: where Redis evicts keys, an operator is told, and who was evicted is nobody', async (t) => {
    const warned = []
    const note = (warning) => warned.push(warning)
    process.on('warning', note)
    t.after(() => process.off('warning', note))
    const server = await redisServer(t, ['--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-lru'])
    const { send } = await redisClient(t, 'ioredis', server.port)
    const [admin, clients] = [await registry(t, { send }), await registry(t, { send })]
    await waitFor('the warning', () =>
      warned.some(({ code, message }) => code === 'ERR_REDIS_EVICTS' && /^redisClients: .*noeviction/.test(message)),
    )
    await admin.add(acme())
    await clients.refresh()
    assert.ok(await clients.findApiKey(digest))
    const isThere = async () => (await send('EXISTS', '{countersign}:clients')) === 1
    for (let i = 0; await isThere(); i += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => send('SET', `other ${i} ${n}`, 'x'.repeat(1000))))
    }
    assert.equal(await (await registry(t, { send })).findApiKey(digest), undefined, 'for a process that starts')
    await assert.rejects(admin.revoke('acme'), { code: 'ERR_CLIENT_UNKNOWN' })
    await waitFor('the news', async () => (await clients.findApiKey(digest)) === undefined, 2000)
  })

  test('when Redis lost everything nobody is known, and what is added then is', async (t) => {
    const { send, registries } = await fleet(t)
    const [admin, clients] = registries
    await admin.add(acme())
    await clients.refresh()
    assert.ok(await clients.findApiKey(digest))
    await send('FLUSHALL')
    await waitFor('the loss', async () => (await clients.findApiKey(digest)) === undefined, 1000)
    await admin.add(acme())
    await waitFor('the client', () => clients.findApiKey(digest), 1000)
  })
})

describe('redisClients: what is remembered', { skip, concurrency: 4 }, () => {
  for (const kind of CLIENTS) {
    test(`serves for maxStaleSeconds while Redis is away, then look-ups are 503 within timeoutMs (${kind})`, async (t) => {
      const clock = { now: Date.parse('2026-03-01T00:00:00Z') }
      const options = { now: () => clock.now, maxStaleSeconds: 5, timeoutMs: 300 }
      const { server, registries } = await fleet(t, { kind, count: 1, options })
      const [clients] = registries
      await clients.add(acme())
      await clients.findApiKey(digest)
      server.pause()
      const problem = new Promise((resolve) => {
        clients.on('error', resolve)
      })
      await problem
      clock.now += 5000
      assert.ok(clients.findApiKey(digest).client, 'at once, and from memory')
      clock.now += 1
      const began = performance.now()
      await assert.rejects(async () => clients.findApiKey(digest), { status: 503, code: 'ERR_LOOKUP_TIMEOUT' })
      await assert.rejects(async () => clients.find('acme'), { status: 503 })
      assert.ok(performance.now() - began < 2000)
      server.resume()
      await waitFor('Redis', async () => (await Promise.resolve(clients.findApiKey(digest)).catch(() => undefined)) !== undefined)
    })
  }

  test('a clock that goes back makes nothing last longer', async (t) => {
    const clock = { now: Date.parse('2026-03-01T00:00:00Z') }
    const { registries } = await fleet(t, { count: 1, options: { now: () => clock.now, pollMs: 60_000 } })
    const [clients] = registries
    await clients.add(acme())
    await clients.findApiKey(digest)
    assert.equal(typeof clients.findApiKey(digest).then, 'undefined')
    for (const now of [clock.now - 1, clock.now - 1e9, Number.NaN]) {
      clock.now = now
      clients.sent.length = 0
      assert.ok(await clients.findApiKey(digest))
      assert.equal(clients.sent.length, 1, 'Redis is asked')
    }
  })

  test('one round trip for what is not remembered, none for what is, and one for many that ask at once', async (t) => {
    const { registries } = await fleet(t, { options: { pollMs: 60_000, maxStaleSeconds: 60 } })
    const [admin, clients] = registries
    await admin.add(
      acme({
        credentials: [
          { kind: 'api-key', key: KEY },
          { kind: 'hmac', secretFrom: { env: 'NONE' } },
        ],
      }),
    )
    await clients.refresh()
    await clients.findApiKey(digestApiKey('loads the script, and is nobody'))
    clients.sent.length = 0
    await Promise.all(Array.from({ length: 20 }, () => clients.findApiKey(digest)))
    assert.deepEqual(
      clients.sent.map(([command]) => command),
      ['EVALSHA'],
    )
    for (let i = 0; i < 10; i += 1) {
      assert.ok(clients.findApiKey(digest).client)
      assert.ok(clients.findHmacKey('acme')[0].client)
      assert.ok(clients.find('acme').id)
    }
    assert.equal(clients.sent.length, 1)
  })

  test('who is unknown is asked for once in unknownSeconds, and no more names than cacheSize are remembered', async (t) => {
    const clock = { now: Date.parse('2026-03-01T00:00:00Z') }
    const options = { now: () => clock.now, cacheSize: 4, unknownSeconds: 1, maxStaleSeconds: 60, pollMs: 60_000 }
    const { registries } = await fleet(t, { count: 1, options })
    const [clients] = registries
    const asked = async (...names) => {
      clients.sent.length = 0
      for (const name of names) assert.equal(await clients.findUser(name), undefined)
      return clients.sent.filter(([command]) => command === 'EVALSHA').length
    }
    await asked('z')
    assert.equal(await asked('a', 'a', 'b', 'a', 'b'), 2)
    clock.now += 1000
    assert.equal(await asked('a', 'a'), 1)
    assert.equal(await asked(...Array.from({ length: 100 }, (_, i) => `name ${i}`)), 100)
    assert.equal(await asked('a'), 1, 'it had to go')
  })

  test('P50: no more clients and credentials than cacheSize, and those that are asked for stay', async (t) => {
    const { registries } = await fleet(t, { options: { cacheSize: 40, pollMs: 60_000, maxStaleSeconds: 60 } })
    const [admin, clients] = registries
    for (let i = 0; i < 60; i += 1) await admin.add({ id: `client ${i}`, credentials: [{ kind: 'api-key', key: `${KEY} ${i}` }] })
    await clients.refresh()
    const find = async (i) => clients.findApiKey(digestApiKey(`${KEY} ${i}`))
    const first = await find(0)
    for (let i = 1; i < 60; i += 1) {
      await find(i)
      assert.equal(await find(0), first, 'the same match all the time')
    }
    clients.sent.length = 0
    for (let i = 0; i < 60; i += 1) await find(i)
    assert.ok(clients.sent.length >= 60 - 40 / 2, `${clients.sent.length} had to be asked for`)
  })

  test('subscribe makes changes known sooner than the next look', async (t) => {
    const { server, registries } = await fleet(t, { count: 1 })
    const [admin] = registries
    const { send, client } = await redisClient(t, 'ioredis', server.port)
    const subscriber = client.duplicate()
    t.after(() => subscriber.disconnect())
    const subscribe = async (channel, onMessage) => {
      await subscriber.subscribe(channel)
      subscriber.on('message', onMessage)
    }
    const clients = await registry(t, { send, subscribe, pollMs: 600_000, maxStaleSeconds: 600 })
    await admin.add(acme())
    await waitFor('the client', () => clients.findApiKey(digest))
    await admin.revoke('acme')
    await waitFor('the revocation', async () => (await clients.findApiKey(digest)) === undefined, 1000)
  })

  test('a subscribe that fails is told, and nothing depends on it', async (t) => {
    const { send } = await fleet(t, { count: 1 })
    for (const subscribe of [async () => assert.fail('no'), () => assert.fail('no')]) {
      const clients = redisClients({ send, subscribe, pollMs: 20 })
      const told = new Promise((resolve) => {
        clients.on('error', resolve)
      })
      t.after(() => clients.close())
      await clients.refresh()
      assert.match(String((await told).error), /no/)
    }
  })
})

describe('redisClients: changes', { skip, concurrency: 4 }, () => {
  test('survive a kill -9 of the writer at any point: every client is whole', async (t) => {
    const { server, send, registries } = await fleet(t, { count: 1 })
    const [clients] = registries
    const code = `
      const { Redis } = await import('ioredis'); const { redisClients } = await import('@countersign/redis')
      const redis = new Redis(${server.port}, '127.0.0.1')
      const clients = redisClients({ send: (...args) => redis.call(...args) })
      const run = async (id) => {
        await clients.add({ id }).catch(() => {})
        for (let n = 0; ; n += 1) {
          const { credential } = await clients.issueKey(id)
          await clients.join(id, 'group-' + (n % 5))
          await clients.rotate(id, credential.id, { overlapSeconds: n % 2 })
          if (n % 7 === 0) { await clients.remove(id); await clients.add({ id, credentials: [{ kind: 'certificate', pin: Buffer.from(id.padEnd(32)).toString('hex') }] }) }
          if (n % 3 === 0) await clients.revoke(id)
        }
      }
      for (let i = 0; i < 8; i += 1) run('client-' + i).catch((error) => { console.error(error); process.exit(1) })
      console.log('writing')`
    for (let round = 0; round < 6; round += 1) {
      const args = ['--input-type=module', '-e', code]
      const writer = await startProcess(t, { command: process.execPath, args, cwd: ROOT, ready: { line: /writing/ } })
      const before = Number(await send('XLEN', '{countersign}:client-changes'))
      await waitFor('changes', async () => Number(await send('XLEN', '{countersign}:client-changes')) > before + 40 + round * 7)
      await writer.stop('SIGKILL')
      const expected = new Map()
      for await (const client of clients.list()) {
        for (const credential of client.credentials) {
          const name = credential.kind === 'api-key' ? `k${credential.sha256}` : `p${credential.pin}`
          expected.set(name, client.id)
        }
      }
      const names = await send('HGETALL', '{countersign}:client-names')
      const held = new Map()
      for (let i = 0; i < names.length; i += 2) held.set(names[i], names[i + 1])
      assert.deepEqual(held, expected)
    }
  })

  for (const kind of CLIENTS) {
    test(`that are sent again after a reconnect are made once, and are no conflict (${kind})`, async (t) => {
      const { server, registries, send: direct } = await fleet(t, { kind, count: 1 })
      const [admin] = registries
      await admin.add({ id: 'first' })
      const proxy = await redisProxy(t, server.port)
      const { send } = await redisClient(t, kind, proxy.port)
      const again = async (...args) => send(...args).catch(() => untilAnswered(send).then(() => send(...args)))
      const clients = redisClients({ send: again, timeoutMs: 5000 })
      t.after(() => clients.close())
      const lost = async (change, isThere) => {
        await clients.refresh()
        await clients.find('acme')
        let muted = false
        const watch = setInterval(async () => {
          if (muted || !(await isThere())) return
          muted = true
          clearInterval(watch)
          proxy.delayMs = 0
          proxy.reset()
        }, 5)
        // What comes back is slow, so that the answer to the change is lost on the way.
        proxy.delayMs = 150
        await change()
        clearInterval(watch)
        proxy.delayMs = 0
      }
      const exists = async () => (await direct('HEXISTS', '{countersign}:clients', 'acme')) === 1
      await lost(() => clients.add(acme()), exists)
      assert.ok(await clients.find('acme'))
      await lost(
        () => clients.remove('acme'),
        async () => !(await exists()),
      )
      assert.equal(await clients.find('acme'), undefined)
    })
  }

  test('one that got no answer may hold: it is asked for anew', async (t) => {
    const { server, registries } = await fleet(t, { count: 1 })
    const [admin] = registries
    const proxy = await redisProxy(t, server.port)
    const { send } = await redisClient(t, 'ioredis', proxy.port)
    await admin.add(acme())
    const clients = await registry(t, { send, timeoutMs: 200, pollMs: 60_000, maxStaleSeconds: 60 })
    assert.ok(await clients.findApiKey(digest))
    await clients.join('acme', 'loads the script')
    await clients.findApiKey(digest)
    clients.gate.hold = (args) => (args.includes('{countersign}:client-uses') ? new Promise(() => {}) : undefined)
    await assert.rejects(clients.revoke('acme'), { status: 503 })
    assert.equal(await clients.findApiKey(digest), undefined)
  })

  test('all keys are of one slot, and all arguments are text', async (t) => {
    const { registries } = await fleet(t, { count: 1, options: { prefix: 'app-1', sealingKey: randomBytes(32), lastUsedSeconds: 1 } })
    const [clients] = registries
    await clients.add(
      acme({
        credentials: [
          { kind: 'hmac', secret: SECRET },
          { kind: 'api-key', key: KEY },
        ],
      }),
    )
    clients.used(await clients.findApiKey(digest), Date.now())
    await clients.lastUsed('acme')
    for await (const client of clients.list()) assert.equal(client.id, 'acme')
    await clients.remove('acme')
    await clients.close()
    for (const args of clients.sent) {
      for (const argument of args) assert.equal(typeof argument, 'string')
      const keys = args[0].startsWith('EVAL') ? args.slice(3, 3 + Number(args[2])) : [args[1]]
      for (const key of keys) assert.ok(key.startsWith('{app-1}:'), key)
      assert.ok(!['KEYS', 'SCAN'].includes(args[0]))
    }
  })

  test('P29: registries of two prefixes know nothing of each other', async (t) => {
    const { send } = await fleet(t, { count: 0 })
    const [one, other] = [await registry(t, { send, prefix: 'one' }), await registry(t, { send, prefix: 'other' })]
    await one.add(acme())
    assert.equal(await other.findApiKey(digest), undefined)
    await other.add(acme())
    await one.revoke('acme')
    assert.ok(await other.findApiKey(digest))
  })

  test('last-used times of all processes come together, and go with their credentials', async (t) => {
    const { registries, send } = await fleet(t)
    const [one, other] = registries
    await one.add(
      acme({
        credentials: [
          { kind: 'api-key', id: 'k1', key: KEY },
          { kind: 'hmac', id: 'h1', secretFrom: { env: 'NONE' } },
        ],
      }),
    )
    await other.refresh()
    const at = Date.parse('2026-03-01T09:00:00Z')
    one.used(await one.findApiKey(digest), at + 5)
    other.used(await other.findApiKey(digest), at)
    other.used((await other.findHmacKey('acme'))[0], at + 7)
    await one.close()
    await other.close()
    const uses = async (clients) => (await clients.lastUsed('acme')).map(({ lastUsed }) => lastUsed?.getTime())
    assert.deepEqual(await uses(one), [at + 5, at + 7])
    assert.deepEqual(await uses(other), [at + 5, at + 7])
    await one.revoke('acme', 'h1')
    other.used(await other.findApiKey(digest), at + 9)
    await other.close()
    assert.deepEqual(JSON.parse(await send('HGET', '{countersign}:client-uses', 'acme')), { k1: at + 9 })
    await one.remove('acme')
    assert.equal(await send('HGET', '{countersign}:client-uses', 'acme'), null)
  })
})

describe('redisClients: secrets', { skip, concurrency: 4 }, () => {
  test('P45: an HMAC secret lies sealed in Redis, and comes back whatever it was', async (t) => {
    const { send, registries } = await fleet(t, { options: { sealingKey: randomBytes(32) } })
    const [admin, clients] = registries
    const secrets = { text: SECRET, octets: randomBytes(40), key: createSecretKey(randomBytes(32)) }
    for (const [keyId, secret] of Object.entries(secrets)) await admin.add({ id: keyId, credentials: [{ kind: 'hmac', keyId, secret }] })
    await clients.refresh()
    const found = async (keyId) => (await clients.findHmacKey(keyId))[0].credential.secret()
    assert.equal(await found('text'), SECRET)
    assert.deepEqual(Buffer.from(await found('octets')), secrets.octets)
    assert.deepEqual(Buffer.from(await found('key')), secrets.key.export())
    const all = JSON.stringify(await send('HGETALL', '{countersign}:clients'))
    assert.ok(!all.includes(SECRET) && !all.includes(secrets.octets.toString('base64url')))
    await admin.disable('text')
    assert.equal(await found('text'), SECRET, 'sealed again with each change')
  })

  test('a secret that was put under another client does not open, and another sealing key opens none: 503', async (t) => {
    const { send, registries } = await fleet(t, { count: 1, options: { sealingKey: randomBytes(32) } })
    const [clients] = registries
    const bad = { code: 'ERR_REDIS_BAD_RECORD', status: 503 }
    await clients.add(acme({ credentials: [{ kind: 'hmac', id: 'h1', keyId: 'acme', secret: SECRET }] }))
    await clients.add({ id: 'evil', credentials: [{ kind: 'hmac', id: 'h1', keyId: 'evil', secret: `${SECRET}!` }] })
    const theirs = JSON.parse(await send('HGET', '{countersign}:clients', 'acme')).client.credentials[0].sealed
    const record = JSON.parse(await send('HGET', '{countersign}:clients', 'evil'))
    record.client.credentials[0].sealed = theirs
    await send('HSET', '{countersign}:clients', 'evil', JSON.stringify(record))
    const other = await registry(t, { send, sealingKey: randomBytes(32) })
    const none = await registry(t, { send })
    await assert.rejects(async () => (await registry(t, { send, sealingKey: randomBytes(32) })).findHmacKey('evil'), bad)
    await assert.rejects(async () => other.findHmacKey('acme'), bad)
    await assert.rejects(async () => none.findHmacKey('acme'), bad)
  })

  test('without a sealing key no secret is kept, and the mistake is named; where it is, is', async (t) => {
    const { send, registries } = await fleet(t, { count: 1 })
    const [clients] = registries
    const credential = { kind: 'hmac', secret: SECRET }
    const mistake = (error) =>
      error.name === 'TypeError' && /"sealingKey" is required/.test(error.message) && !error.message.includes(SECRET)
    await assert.rejects(clients.add(acme({ credentials: [credential] })), mistake)
    await clients.add({ id: 'acme' })
    await assert.rejects(clients.addCredential('acme', credential), mistake)
    await clients.addCredential('acme', { kind: 'hmac', secretFrom: { env: 'HMAC_KEY_OF_ACME' } })
    process.env.HMAC_KEY_OF_ACME = SECRET
    t.after(() => delete process.env.HMAC_KEY_OF_ACME)
    const [match] = await clients.findHmacKey('acme')
    assert.ok(match.credential.secret().current().length === 1)
    assert.ok(!JSON.stringify(await send('HGETALL', '{countersign}:clients')).includes(SECRET))
  })

  test('a record that is none is 503 for its client, and nobody else', async (t) => {
    const { send, registries } = await fleet(t, { count: 1 })
    const [clients] = registries
    await clients.add(acme())
    const good = JSON.parse(await send('HGET', '{countersign}:clients', 'acme'))
    const bad = ['x', '{}', '[]', 'null', '5', '{"v":2}', JSON.stringify({ ...good, v: 2 }), JSON.stringify({ ...good, revision: 'x' })]
    bad.push(JSON.stringify({ ...good, client: { id: 'evil', key: 'x' } }), JSON.stringify({ ...good, client: null }))
    for (const [i, text] of bad.entries()) {
      await send('HSET', '{countersign}:clients', `bad ${i}`, text)
      await assert.rejects(async () => clients.find(`bad ${i}`), { code: 'ERR_REDIS_BAD_RECORD', status: 503 }, text)
    }
    assert.ok(await clients.findApiKey(digest))
  })

  test('a record under the name of another client lets nobody in as that one', async (t) => {
    const { send, registries } = await fleet(t, { count: 1 })
    const [clients] = registries
    await clients.add(acme())
    await send('HSET', '{countersign}:clients', 'boss', await send('HGET', '{countersign}:clients', 'acme'))
    await assert.rejects(async () => clients.find('boss'), { code: 'ERR_REDIS_BAD_RECORD' })
  })
})

describe('redisClients: a Redis that is not there', { skip }, () => {
  test('a process starts without it, is refused, and goes on when it comes', async (t) => {
    const { server } = await fleet(t, { count: 0 })
    await server.kill()
    for (const kind of CLIENTS) {
      const { send } = await redisClient(t, kind, server.port, { ready: false })
      const clients = redisClients({ send, timeoutMs: 200 })
      t.after(() => clients.close())
      await assert.rejects(async () => clients.findApiKey(digest), { status: 503 })
      await assert.rejects(clients.add(acme()), { status: 503 })
      await server.start()
      await untilAnswered(send)
      await clients.add(acme())
      assert.ok(await clients.findApiKey(digest))
      await server.kill()
    }
    await server.start()
  })
})

test('options that are unknown, missing or wrong', () => {
  const send = async () => null
  assert.throws(() => redisClients({}), { name: 'TypeError', message: /redisClients: option "send"/ })
  for (const bad of [
    { maxStale: 5 },
    { pollMs: 0 },
    { cacheSize: 1 },
    { sealingKey: 'x' },
    { subscribe: 5 },
    { passwords: 'plain' },
    { unknownSeconds: -1 },
  ]) {
    assert.throws(() => redisClients({ send, ...bad }), { name: 'TypeError', message: /redisClients/ })
  }
})
