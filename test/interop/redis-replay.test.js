import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import { hmacAuthenticator } from '@countersign/hmac-verify'
import { redisReplayStore } from '@countersign/redis'
import { hexSignature, sign, slack } from '@countersign/schemes'
import { without } from '../support/components.js'
import { freePort, waitFor } from '../support/processes.js'
import { unhandledRejections } from '../support/promises.js'
import { CLIENTS, EARLIER_CLIENTS, redisClient, redisProxy, redisServer, untilAnswered } from '../support/redis.js'

const T0 = Date.parse('2026-03-01T00:00:00Z')
const MINUTE = 60_000
const EPOCH = '{countersign}:replay-epoch'
const lost = { name: 'CountersignError', code: 'ERR_REDIS_DATA_LOST', status: 503 }
const key = (letter) => letter.repeat(43)

/** Stores of several processes over one Redis, which has been there for a minute by their clock. */
async function fleet(t, { kind = 'ioredis', args, count = 2, options = {} } = {}) {
  const server = await redisServer(t, args)
  const clock = { now: T0 }
  const { send } = await redisClient(t, kind, server.port)
  const make = () => redisReplayStore({ send, now: () => clock.now, ...options })
  const stores = Array.from({ length: count }, make)
  await send('PING')
  clock.now += MINUTE
  return { server, clock, send, make, stores, port: server.port }
}

describe('the epoch', { skip: without('redis-server') }, () => {
  for (const kind of CLIENTS) {
    const losses = {
      'a FLUSHALL': ({ send }) => send('FLUSHALL'),
      'a restart that loses all': async ({ server, send }) => {
        await server.restart()
        await untilAnswered(send)
      },
      'the loss of the epoch alone': ({ send }) => send('DEL', EPOCH),
      'an epoch that is something else': ({ send }) => send('SET', EPOCH, 'anything'),
    }
    for (const [what, lose] of Object.entries(losses)) {
      test(`P13: ${what}: what was signed before is refused, by every process, what is signed later passes (${kind})`, async (t) => {
        const all = await fleet(t, { kind })
        const { clock, stores, make } = all
        const signedAt = clock.now
        assert.ok(await stores[0].claim(key('a'), 360, signedAt))
        clock.now += MINUTE
        await lose(all)
        for (const store of [...stores, make()]) await assert.rejects(store.claim(key('a'), 360, signedAt), lost)
        await assert.rejects(stores[0].claim(key('b'), 360, clock.now), lost, 'in the very moment of the loss')
        clock.now += 1001
        assert.ok(await stores[0].claim(key('c'), 360, clock.now))
        assert.equal(await stores[1].claim(key('c'), 360, clock.now), undefined)
        await assert.rejects(stores[1].claim(key('a'), 60, signedAt), lost)
      })
    }
  }

  test('P13: a loss while no process looked, for one that starts afterwards', async (t) => {
    const { clock, stores, send, make } = await fleet(t, { count: 1 })
    assert.ok(await stores[0].claim(key('a'), 360, clock.now))
    const signedAt = clock.now
    await send('FLUSHALL')
    clock.now += MINUTE
    await assert.rejects(make().claim(key('a'), 360, signedAt), lost)
  })

  test('P13: a snapshot that comes back without the latest claims, epoch and all', async (t) => {
    const { clock, stores, send, server } = await fleet(t)
    await send('SAVE')
    assert.ok(await stores[0].claim(key('a'), 360, clock.now))
    await server.restart()
    await untilAnswered(send)
    assert.ok(await send('GET', EPOCH))
    await assert.rejects(stores[1].claim(key('a'), 360, clock.now), lost)
    clock.now += 2000
    assert.ok(await stores[1].claim(key('b'), 360, clock.now))
  })

  test('P13: failover to a replica that was behind, and back again', async (t) => {
    const first = await fleet(t, { args: ['--repl-diskless-sync-delay', '0'] })
    const { clock } = first
    const second = await redisServer(t, ['--replicaof', '127.0.0.1', first.port, '--repl-diskless-sync-delay', '0'])
    const { send } = await redisClient(t, 'ioredis', second.port)
    const seen = async () => (await send('GET', EPOCH)) !== null
    await waitFor('the copy of the epoch', seen)
    assert.ok(await first.stores[0].claim(key('y'), 360, clock.now), 'a replica is no loss')
    await waitFor('the copy of a claim', async () => (await send('EXISTS', `{countersign}:replay:${key('y')}`)) === 1)
    const there = redisReplayStore({ send, now: () => clock.now })
    await assert.rejects(there.claim(key('a'), 360, clock.now), { code: 'ERR_STORE_DOWN' }, 'a replica takes no claims')
    await send('REPLICAOF', 'NO', 'ONE')
    assert.ok(await first.stores[0].claim(key('a'), 360, clock.now), 'what the replica never got')
    await assert.rejects(there.claim(key('a'), 360, clock.now), lost)
    clock.now += 2000
    const signedAt = clock.now
    assert.ok(await there.claim(key('b'), 360, signedAt))
    await first.send('REPLICAOF', '127.0.0.1', String(second.port))
    await waitFor('the copy', async () => (await first.send('EXISTS', `{countersign}:replay:${key('b')}`)) === 1)
    await first.send('REPLICAOF', 'NO', 'ONE')
    assert.ok(await there.claim(key('c'), 360, clock.now), 'what the first one never got')
    await assert.rejects(first.stores[0].claim(key('c'), 360, signedAt), lost, 'it knows the script, and is another one all the same')
  })

  test('P50: evicted keys are noticed, and an operator is told before', async (t) => {
    const warned = []
    const note = (warning) => warned.push(warning.code)
    process.on('warning', note)
    t.after(() => process.off('warning', note))
    const { clock, send, make } = await fleet(t, { args: ['--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-lru'] })
    await waitFor('the warning', () => warned.includes('ERR_REDIS_EVICTS'))
    const store = make()
    const signedAt = clock.now
    assert.ok(await store.claim(key('a'), 360, signedAt))
    clock.now += MINUTE
    const evicted = async () => Number(/evicted_keys:(\d+)/.exec(await send('INFO', 'stats'))[1])
    for (let i = 0; (await evicted()) === 0; i += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => send('SET', `other ${i} ${n}`, 'x'.repeat(1000))))
    }
    // A process looks for evicted keys with its first claim, and each second.
    await assert.rejects(make().claim(key('b'), 360, signedAt), lost)
    await assert.rejects(store.claim(key('a'), 360, signedAt), lost)
  })

  for (const [what, detector] of [
    ['the process that let it in', 0],
    ['another one', 1],
  ]) {
    test(`P13: what was let in before its time had come is not let in again after a loss that ${what} finds`, async (t) => {
      const { clock, stores, send } = await fleet(t)
      const signedAt = clock.now + 20_000
      assert.ok(await stores[0].claim(key('a'), 360, signedAt))
      assert.ok(await stores[1].claim(key('b'), 360, clock.now))
      await send('FLUSHALL')
      for (let ms = 0; ms < 60_000; ms += 500) {
        await assert.rejects(stores[detector].claim(key('a'), 360, signedAt), lost)
        await assert.rejects(stores[1 - detector].claim(key('a'), 360, signedAt), lost)
        clock.now += 500
      }
      assert.ok(await stores[1].claim(key('c'), 360, signedAt + 1001))
    })
  }

  test('P13: a process that finds an epoch of one that knew nothing, knows better', async (t) => {
    const { clock, stores, send, make } = await fleet(t)
    const signedAt = clock.now
    assert.ok(await stores[0].claim(key('a'), 3600, signedAt))
    await send('FLUSHALL')
    clock.now += 2000
    const fresh = make()
    assert.ok(await fresh.claim(key('b'), 3600, clock.now))
    await assert.rejects(stores[0].claim(key('a'), 3600, signedAt), lost)
    await assert.rejects(fresh.claim(key('a'), 3600, signedAt), lost)
    await assert.rejects(fresh.claim(key('c'), 3600), lost, 'those without a time too')
  })

  test('P13: data that are older than what a process has seen', async (t) => {
    const { clock, stores, send } = await fleet(t)
    const older = await send('GET', EPOCH)
    assert.ok(await stores[0].claim(key('a'), 3600, clock.now))
    await send('FLUSHALL')
    clock.now += MINUTE
    await assert.rejects(stores[0].claim(key('a'), 3600, clock.now), lost)
    await send('SET', EPOCH, older)
    clock.now += MINUTE
    await assert.rejects(stores[0].claim(key('b'), 3600, clock.now), lost)
  })

  test('a Redis that nobody has seen before is new: all passes but what was signed well before', async (t) => {
    const { stores, make } = await fleet(t)
    assert.ok(await make().claim(key('a'), 3600))
    assert.equal(await stores[0].claim(key('a'), 3600), undefined)
    assert.ok(await stores[0].claim(key('b'), 3600, T0 - 5000))
    await assert.rejects(stores[0].claim(key('c'), 3600, T0 - 5001), lost)
  })

  test('requests without a time are refused for their TTL when Redis has lost its data', async (t) => {
    const { clock, stores, send, make } = await fleet(t)
    assert.ok(await stores[0].claim(key('a'), 60))
    await send('FLUSHALL')
    await assert.rejects(stores[1].claim(key('a'), 60), lost)
    clock.now += MINUTE + 1
    assert.ok(await stores[1].claim(key('a'), 60))
    await assert.rejects(make().claim(key('c'), 3600), lost)
  })

  test('untimedAfterLoss: allow takes them', async (t) => {
    const { stores, send } = await fleet(t, { options: { untimedAfterLoss: 'allow' } })
    assert.ok(await stores[0].claim(key('a'), 3600))
    assert.equal(await stores[1].claim(key('a'), 3600), undefined)
    await send('FLUSHALL')
    assert.ok(await stores[1].claim(key('a'), 3600))
    await assert.rejects(stores[1].claim(key('b'), 3600, T0), lost, 'those with a time all the same')
  })

  test('without a clock given, it goes by the clock of Redis', async (t) => {
    const server = await redisServer(t)
    const { send } = await redisClient(t, 'ioredis', server.port)
    const store = redisReplayStore({ send })
    assert.ok(await store.claim(key('a'), 360, Date.now()))
    await send('FLUSHALL')
    await assert.rejects(store.claim(key('a'), 360, Date.now()), lost)
    await waitFor('what is signed later', () => store.claim(key('b'), 360, Date.now()).catch(() => false), 5000)
  })
})

describe('a claim', { skip: without('redis-server') }, () => {
  for (const kind of CLIENTS) {
    test(`P13: that is sent again after a reconnect knows its own (${kind})`, async (t) => {
      const { clock, send: direct, port } = await fleet(t, { kind })
      const proxy = await redisProxy(t, port)
      const { send } = await redisClient(t, kind, proxy.port)
      // What a client does that sends unanswered commands again: node-redis leaves that to its caller.
      const again = async (...args) => send(...args).catch(() => untilAnswered(send).then(() => send(...args)))
      const store = redisReplayStore({ send: again, now: () => clock.now, timeoutMs: 5000 })
      assert.ok(await store.claim(key('z'), 360, clock.now - 10_000))
      proxy.isMute = true
      const claim = store.claim(key('a'), 360, clock.now - 10_000)
      await waitFor('the claim in Redis', async () => (await direct('EXISTS', `{countersign}:replay:${key('a')}`)) === 1)
      proxy.isMute = false
      proxy.reset()
      assert.ok(await claim)
      assert.equal(await store.claim(key('a'), 360, clock.now - 10_000), undefined)
    })

    test(`that came too late is given back (${kind})`, async (t) => {
      const { clock, send: direct, port, stores } = await fleet(t, { kind })
      const proxy = await redisProxy(t, port)
      const { send } = await redisClient(t, kind, proxy.port)
      const store = redisReplayStore({ send, now: () => clock.now, timeoutMs: 100 })
      await send('PING')
      proxy.delayMs = 300
      await assert.rejects(store.claim(key('a'), 360, clock.now - 10_000), { code: 'ERR_LOOKUP_TIMEOUT', status: 503 })
      const held = async () => (await direct('EXISTS', `{countersign}:replay:${key('a')}`)) === 1
      await waitFor('the release', async () => !(await held()))
      assert.ok(await stores[0].claim(key('a'), 360, clock.now - 10_000))
    })
  }

  test('takes one round trip, and its keys are of one slot', async (t) => {
    const { clock, send } = await fleet(t)
    const sent = []
    const store = redisReplayStore({ send: (...args) => sent.push(args) && send(...args), now: () => clock.now, prefix: 'app:auth' })
    await send('PING')
    clock.now += MINUTE
    await store.release(key('a'), await store.claim(key('a'), 360, clock.now))
    sent.length = 0
    const token = await store.claim(key('b'), 360, clock.now)
    await store.release(key('b'), token)
    assert.deepEqual(
      sent.map(([command]) => command),
      ['EVALSHA', 'EVALSHA'],
    )
    for (const [, , count, ...rest] of sent) {
      for (const name of rest.slice(0, Number(count))) assert.ok(name.startsWith('{app:auth}:'), name)
      for (const argument of rest) assert.equal(typeof argument, 'string')
    }
  })

  test('works on a node of a cluster', async (t) => {
    const server = await redisServer(t, ['--cluster-enabled', 'yes', '--cluster-port', await freePort()])
    const { send } = await redisClient(t, 'ioredis', server.port)
    await send('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await waitFor('the cluster', async () => (await send('CLUSTER', 'INFO')).includes('cluster_state:ok'))
    const clock = { now: T0 }
    const store = redisReplayStore({ send, now: () => clock.now })
    await send('PING')
    clock.now += MINUTE
    const token = await store.claim(key('a'), 360, clock.now)
    assert.ok(token)
    await store.release(key('a'), token)
    assert.ok(await store.claim(key('a'), 360, clock.now))
  })

  test('a Redis that does not answer holds nobody up, and no more than maxPending commands are asked of it', async () => {
    let asked = 0
    const send = () => {
      asked += 1
      return new Promise(() => {})
    }
    const store = redisReplayStore({ send, timeoutMs: 50, maxPending: 10 })
    const alive = setInterval(() => {}, 1000)
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => store.claim(key('a'), 360, Date.now())))
    const again = await Promise.allSettled([store.claim(key('a'), 360, Date.now())])
    clearInterval(alive)
    for (const { reason } of [...results, ...again]) assert.equal(reason.status, 503)
    assert.equal(asked, 10)
  })

  test('P45: what a client says of a failed command goes on without its arguments', async () => {
    const send = async (...args) => {
      throw Object.assign(new Error('WRONGPASS no'), { command: { args } })
    }
    const store = redisReplayStore({ send })
    const error = await store.claim(key('s'), 360, Date.now()).catch((thrown) => thrown)
    assert.deepEqual([error.code, error.status, error.cause.message], ['ERR_STORE_DOWN', 503, 'WRONGPASS no'])
    assert.equal(error.cause.command, undefined)
  })

  test('an answer that Redis does not give is no claim', async () => {
    for (const answer of [
      'OK',
      'QUEUED',
      true,
      1,
      {},
      [],
      ['other'],
      [[]],
      'token',
      '',
      ['claimed', 'other', 'a:1', '1'],
      ['held', '', 'a', '1'],
      ['lost'],
    ]) {
      const store = redisReplayStore({ send: async () => answer })
      await assert.rejects(store.claim(key('a'), 360, Date.now()), { status: 503 }, JSON.stringify(answer))
    }
  })
})

for (const kind of [...CLIENTS, ...EARLIER_CLIENTS]) {
  test(`a connection that breaks again and again under load leaves no answer to the wrong claim, over ${kind}`, {
    skip: without('redis-server'),
  }, async (t) => {
    const server = await redisServer(t)
    const proxy = await redisProxy(t, server.port)
    const { send } = await redisClient(t, kind, proxy.port)
    const store = redisReplayStore({ send, timeoutMs: 200 })
    await send('PING')
    let count = 0
    let isOver = false
    const claimNew = (from = store) => {
      count += 1
      return from.claim(`k${count}`, 360, Date.now()).catch(({ message }) => assert.doesNotMatch(message, /answer to another/))
    }
    const load = async () => {
      const claims = []
      while (!isOver) {
        for (let i = 0; i < 3; i += 1) claims.push(claimNew())
        await later(1)
      }
      return Promise.all(claims)
    }
    const loading = load()
    for (let i = 0; i < 30; i += 1) {
      await later(20 + ((i * 7) % 30))
      proxy.reset()
    }
    isOver = true
    await loading
    await waitFor('a claim', () => claimNew())
    // A busy machine answers later than what is given up under the load.
    const patient = redisReplayStore({ send, timeoutMs: 10_000 })
    const tokens = await Promise.all(Array.from({ length: 50 }, () => claimNew(patient)))
    assert.equal(new Set(tokens).size, 50)
    assert.ok(tokens.every((token) => typeof token === 'string'))
  })
}

describe('hmacVerify with it', { skip: without('redis-server') }, () => {
  const secret = 'a secret of the tests, 32 octets!'

  async function judge(authenticator, headers, body) {
    const rawHeaders = Object.entries(headers).flat()
    const request = { method: 'POST', target: '/', headers, rawHeaders, socket: {}, body: () => Buffer.from(body) }
    const verdict = await authenticator.authenticate(request)
    if (verdict.kind !== 'granted') return verdict.code
    return (await verdict.commit())?.code ?? 'passed'
  }

  function signed(definition, body, now) {
    return sign(definition, { method: 'POST', url: '/', headers: {}, body: Buffer.from(body) }, { secret, now: () => now }).headers
  }

  test('P13: a loss of data is 503 for what was signed before it, also where a store that is down lets in', async (t) => {
    const { clock, stores, send } = await fleet(t)
    const now = () => clock.now
    const authenticator = hmacAuthenticator({ scheme: slack, secret, now, replay: stores[0], onStoreError: 'allow' })
    const headers = signed(slack, 'a', clock.now)
    assert.equal(await judge(authenticator, headers, 'a'), 'passed')
    assert.equal(await judge(authenticator, headers, 'a'), 'ERR_HMAC_REPLAYED')
    await send('FLUSHALL')
    await assert.rejects(judge(authenticator, headers, 'a'), lost)
    clock.now += 2000
    assert.equal(await judge(authenticator, signed(slack, 'b', clock.now), 'b'), 'passed')
    await assert.rejects(judge(authenticator, headers, 'a'), lost)
    clock.now += 300_000
    assert.equal(await judge(authenticator, headers, 'a'), 'ERR_HMAC_STALE')
  })

  test('a scheme that signs no time: its TTL says how long a loss is felt', async (t) => {
    const { clock, stores, send } = await fleet(t)
    const now = () => clock.now
    const authenticator = hmacAuthenticator({ scheme: hexSignature, secret, now, replay: stores[0], replayTtlSeconds: 30 })
    const headers = signed(hexSignature, 'a', clock.now)
    assert.equal(await judge(authenticator, headers, 'a'), 'passed')
    assert.equal(await judge(authenticator, headers, 'a'), 'ERR_HMAC_REPLAYED')
    await send('FLUSHALL')
    await assert.rejects(judge(authenticator, headers, 'a'), lost)
    clock.now += 30_001
    assert.equal(await judge(authenticator, headers, 'a'), 'passed')
  })

  test('a Redis without memory refuses, also where a store that is down lets in', async (t) => {
    const { clock, stores, send } = await fleet(t)
    const now = () => clock.now
    const authenticator = hmacAuthenticator({ scheme: slack, secret, now, replay: stores[0], onStoreError: 'allow' })
    await send('CONFIG', 'SET', 'maxmemory', '1')
    const full = { code: 'ERR_STORE_FULL', status: 503 }
    await assert.rejects(judge(authenticator, signed(slack, 'a', clock.now), 'a'), full)
  })
})

test('options that are unknown, missing or wrong', () => {
  const send = async () => null
  assert.throws(() => redisReplayStore(), { name: 'TypeError', message: /redisReplayStore: option "send"/ })
  for (const bad of [
    { send: 'x' },
    { send, prefx: 'a' },
    { send, prefix: '' },
    { send, prefix: 'a{b' },
    { send, prefix: 'a}' },
    { send, prefix: 'a b' },
  ]) {
    assert.throws(() => redisReplayStore(bad), { name: 'TypeError' })
  }
  for (const bad of [{ timeoutMs: 0 }, { maxPending: 0 }, { untimedAfterLoss: true }, { now: 5 }]) {
    assert.throws(() => redisReplayStore({ send, ...bad }), { name: 'TypeError' })
  }
})

test('a process starts without Redis, and nothing is left unheard', async (t) => {
  const unhandled = unhandledRejections(t)
  const fails = [
    async () => {
      throw new Error('down')
    },
    () => {
      throw new Error('down at once')
    },
    () => undefined,
  ]
  for (const send of fails)
    await assert.rejects(
      redisReplayStore({ send })
        .claim(key('a'), 1, Date.now())
        .then((token) => assert.ok(token)),
    )
  await later(10)
  assert.deepEqual(unhandled, [])
})
