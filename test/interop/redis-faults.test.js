import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import { redisClients } from '@countersign/redis'
import { without } from '../support/components.js'
import { fleetProcess, keyedRequest, Pipeline, signedRequest } from '../support/fleet.js'
import { waitFor } from '../support/processes.js'
import { CLIENTS, EARLIER_CLIENTS, redisClient, redisProxy, redisServer, untilAnswered } from '../support/redis.js'

const TIMEOUT_MS = 500
/** A request may wait for one answer of Redis, and this machine may be busy. */
const LONGEST_MS = TIMEOUT_MS + 1500
const STALE_MS = 1000
const TICK_MS = 20
const MOST_GROWTH = 40 * 1024 * 1024

/** Two processes behind one Redis, and somebody who sends new requests to the one, old ones to the other, and two API keys to both. */
class Scenario {
  statuses = new Map()
  accepted = new Map()
  problems = []
  longest = 0
  revokedAt = Number.POSITIVE_INFINITY
  #sent = 0
  #isOver = false

  static async start(t, kind, { args, connection = {}, isReady = true } = {}) {
    const scenario = new Scenario()
    t.after(() => {
      scenario.#isOver = true
    })
    scenario.server = await redisServer(t, args)
    scenario.proxy = await redisProxy(t, scenario.server.port)
    scenario.admin = await redisClient(t, kind, scenario.server.port, args?.includes('--requirepass') ? { password: 'right' } : {})
    scenario.clients = redisClients({ send: scenario.admin.send })
    t.after(() => scenario.clients.close())
    await scenario.addClients()
    const options = { replay: { timeoutMs: TIMEOUT_MS }, clients: { timeoutMs: TIMEOUT_MS }, connection }
    scenario.fleet = await Promise.all([0, 1].map(() => fleetProcess(t, kind, scenario.proxy.port, options)))
    scenario.pipelines = scenario.fleet.map(({ port }) => new Pipeline(port))
    t.after(() => Promise.all(scenario.pipelines.map((pipeline) => pipeline.close())))
    if (isReady) await scenario.recovered()
    scenario.loading = scenario.#load()
    return scenario
  }

  async addClients() {
    const keys = []
    for (const id of ['good', 'bad']) {
      await this.clients.add({ id })
      keys.push((await this.clients.issueKey(id)).key)
    }
    ;[this.goodKey, this.badKey] = keys
  }

  /** Takes the key of the second client; whoever asks more than the bound later has to be refused. */
  async revoke() {
    await this.clients.revoke('bad')
    this.revokedAt = performance.now()
  }

  /** Both processes take what is new, and the key that holds. */
  async recovered(deadlineMs = 15_000) {
    for (const at of [0, 1]) {
      await waitFor('a new request to pass', async () => (await this.#fresh(at)) === 200, deadlineMs)
      await waitFor('a key to pass', async () => (await this.#keyed(at, this.goodKey)) === 200, deadlineMs)
    }
  }

  /** How often a status was answered since the last time this was asked. */
  counts() {
    const counts = Object.fromEntries(this.statuses)
    this.statuses.clear()
    return counts
  }

  /** Sends everything that was accepted until now once more; answers which statuses that gave. */
  async replayed(at) {
    const statuses = new Set()
    for (const request of [...this.accepted.keys()]) statuses.add(await this.#one(at, request))
    return [...statuses]
  }

  async end() {
    this.#isOver = true
    await this.loading
    for (const status of await this.replayed(0)) assert.notEqual(status, 200)
    assert.deepEqual(this.problems, [])
    assert.ok(
      [...this.accepted.values()].every((count) => count === 1),
      'a request was accepted twice',
    )
    assert.ok(this.longest < LONGEST_MS, `a request took ${this.longest} ms`)
  }

  async memory() {
    return this.pipelines[0].text('GET /memory HTTP/1.1\r\nHost: fleet\r\n\r\n').then(Number)
  }

  async #load() {
    while (!this.#isOver) {
      const requests = [...this.accepted.keys()]
      const old = requests[Math.floor(Math.random() * requests.length)]
      const wait = [this.#fresh(0), this.#keyed(0, this.goodKey), this.#keyed(1, this.badKey)]
      if (old !== undefined) wait.push(this.#one(1, old))
      for (const answer of wait) answer.catch((error) => this.problems.push(error))
      await Promise.race([Promise.allSettled(wait), later(TICK_MS)])
      await later(TICK_MS)
    }
  }

  #fresh(at) {
    this.#sent += 1
    return this.#one(at, signedRequest(`{"n":${this.#sent}}`))
  }

  async #keyed(at, key) {
    const began = performance.now()
    const status = await this.#one(at, keyedRequest(key))
    if (status === 200 && key === this.badKey && began > this.revokedAt + STALE_MS) this.problems.push('a revoked client was accepted')
    return status
  }

  async #one(at, request) {
    const began = performance.now()
    const [status] = await this.pipelines[at].send([request])
    this.longest = Math.max(this.longest, performance.now() - began)
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    if (status === 200 && request.startsWith('POST')) this.accepted.set(request, (this.accepted.get(request) ?? 0) + 1)
    return status
  }
}

/** Waits while the load goes on. */
async function during(scenario, ms) {
  scenario.counts()
  await later(ms)
  return scenario.counts()
}

const faults = {
  'killed and started again, empty': async (t, kind) => {
    const scenario = await Scenario.start(t, kind)
    await during(scenario, 500)
    await scenario.server.kill()
    const counts = await during(scenario, 1500)
    assert.ok(counts[503] > 0 && (await during(scenario, 300))[200] === undefined, 'nothing passes without Redis')
    await scenario.server.start()
    await untilAnswered(scenario.admin.send)
    assert.deepEqual(await scenario.replayed(1), [503], 'what was signed before the loss')
    await scenario.addClients()
    await scenario.recovered()
    await scenario.end()
  },

  'paused for 10 s': async (t, kind) => {
    const scenario = await Scenario.start(t, kind)
    await during(scenario, 500)
    const before = await scenario.memory()
    await scenario.revoke()
    scenario.server.pause()
    await later(STALE_MS + TIMEOUT_MS)
    const counts = await during(scenario, 10_000 - STALE_MS - TIMEOUT_MS)
    assert.deepEqual(Object.keys(counts), ['503'])
    scenario.server.resume()
    await scenario.recovered()
    assert.ok((await scenario.memory()) - before < MOST_GROWTH)
    assert.deepEqual(await scenario.replayed(1), [401], 'nothing was lost')
    await scenario.end()
  },

  slow: async (t, kind) => {
    const scenario = await Scenario.start(t, kind)
    scenario.proxy.delayMs = 100
    const slow = await during(scenario, 1500)
    assert.ok(slow[200] > 0, 'slow, but in time')
    await scenario.revoke()
    await during(scenario, 1000)
    scenario.proxy.delayMs = 3 * TIMEOUT_MS
    await later(2 * TIMEOUT_MS + STALE_MS)
    assert.deepEqual(Object.keys(await during(scenario, 1000)), ['503'], 'too slow')
    scenario.proxy.delayMs = 0
    await scenario.recovered()
    await scenario.end()
  },

  'connections that break, and answers that are lost': async (t, kind) => {
    const scenario = await Scenario.start(t, kind)
    for (let i = 0; i < 10; i += 1) {
      if (i === 3) await scenario.revoke()
      scenario.proxy.isMute = i % 2 === 1
      await later(50)
      scenario.proxy.reset()
      scenario.proxy.isMute = false
      await later(150)
    }
    await scenario.recovered()
    await later(STALE_MS)
    await scenario.end()
  },

  'without memory': async (t, kind) => {
    const scenario = await Scenario.start(t, kind)
    await during(scenario, 300)
    await scenario.admin.send('CONFIG', 'SET', 'maxmemory', '1')
    await later(200)
    const before = scenario.accepted.size
    await scenario.revoke()
    await during(scenario, 1500)
    assert.equal(scenario.accepted.size, before, 'no claim, no pass')
    assert.equal((await scenario.replayed(1)).includes(200), false)
    await assert.rejects(async () => scenario.clients.add({ id: 'more' }), { code: 'ERR_STORE_FULL', status: 503 })
    await scenario.admin.send('CONFIG', 'SET', 'maxmemory', '0')
    await scenario.recovered()
    await scenario.end()
  },

  'with another password': async (t, kind) => {
    const scenario = await Scenario.start(t, kind, { args: ['--requirepass', 'right'], connection: { password: 'wrong' }, isReady: false })
    await later(1000)
    assert.deepEqual(Object.keys(await during(scenario, 1000)), ['503'])
    await scenario.admin.send('CONFIG', 'SET', 'requirepass', '')
    await scenario.recovered()
    await scenario.end()
  },
}

describe('no replay, no revoked client, no request that hangs, and it recovers: Redis', { concurrency: 4 }, () => {
  for (const [fault, run] of Object.entries(faults)) {
    const kinds = fault.startsWith('connections') ? [...CLIENTS, ...EARLIER_CLIENTS] : CLIENTS
    for (const kind of kinds) test(`${fault}, over ${kind}`, { skip: without('redis-server') }, (t) => run(t, kind))
  }
})
