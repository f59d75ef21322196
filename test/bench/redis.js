// What the stores in Redis cost beside those in memory, and beside the barest command over the same client.
import { hash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { digestApiKey, memoryClients } from '@countersign/core'
import { redisClients, redisReplayStore } from '@countersign/redis'
import { without } from '../support/components.js'
import { Pipeline, signedRequest } from '../support/fleet.js'
import { waitFor } from '../support/processes.js'
import { CLIENTS, redisClient, redisServer } from '../support/redis.js'
import { costs, median, startServer } from './measure.js'

const SERVER = fileURLToPath(new URL('servers/redis.js', import.meta.url))
const AT_ONCE = 64
/** Connections, on each of which two lots of requests are under way. */
const LANES = 4

export const title = 'redis: one process; Redis 7, the server and the load share two processors'

export async function* run({ quick = false } = {}) {
  const reason = without('redis-server')
  if (reason) throw new Error(reason)
  const redis = await redisServer()
  try {
    yield* await throughput(redis.port, quick)
    for (const kind of CLIENTS) yield* await latency(redis.port, kind, quick)
    yield* await lookups(redis.port, quick)
  } finally {
    await redis.kill()
  }
}

/** Each round runs all variants; a ratio is taken within its round. */
async function throughput(redisPort, quick) {
  const rates = Object.fromEntries(['memory', ...CLIENTS].map((variant) => [variant, []]))
  const cpus = Object.fromEntries(Object.keys(rates).map((variant) => [variant, []]))
  for (let round = 0; round < (quick ? 1 : 5); round += 1) {
    for (const variant of Object.keys(rates)) {
      const server = await startServer(SERVER, [variant, String(redisPort)])
      const { rate, cpu } = await rateOf(server.port, `${round} ${variant}`, quick ? 5_000 : 15_000)
      rates[variant].push(rate)
      cpus[variant].push(cpu)
      await server.stop()
    }
  }
  return CLIENTS.flatMap((kind) => [
    {
      what: `requests pipelined, Express, signed, replay store in Redis over ${kind}`,
      rival: 'the replay store in memory',
      figures: `${Math.round(median(rates[kind]))} : ${Math.round(median(rates.memory))} requests/s`,
      ratio: median(rates[kind].map((rate, i) => rate / rates.memory[i])),
      reach: '>= 0.80',
    },
    {
      what: 'the same: processor time of the process, a request',
      rival: 'the replay store in memory',
      figures: `${median(cpus[kind]).toFixed(0)} us : ${median(cpus.memory).toFixed(0)} us`,
      ratio: median(cpus[kind].map((cpu, i) => cpu / cpus.memory[i])),
      reach: '',
    },
  ])
}

async function rateOf(port, name, count) {
  const pipeline = new Pipeline(port)
  let probes = 0
  await waitFor('a request to pass', async () => {
    probes += 1
    return (await pipeline.send([signedRequest(`${name} ${probes}`)]))[0] === 200
  })
  const data = 'x'.repeat(200)
  const requests = (from, length) => Array.from({ length }, (_, i) => signedRequest(`{"of":"${name}","n":${from + i},"data":"${data}"}`))
  await pipeline.send(requests(-3000, 3000))
  const batches = Array.from({ length: Math.ceil(count / AT_ONCE) }, (_, i) => requests(i * AT_ONCE, AT_ONCE))
  const lanes = Array.from({ length: LANES }, () => new Pipeline(port))
  const cpu = async () => Number(await pipeline.text('GET /cpu HTTP/1.1\r\nHost: bench\r\n\r\n'))
  const before = await cpu()
  const start = performance.now()
  const lane = async (_, i) => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      if ((await lanes[i % LANES].send(batch)).some((status) => status !== 200)) throw new Error('a request was refused')
    }
  }
  await Promise.all(Array.from({ length: 2 * LANES }, lane))
  const rate = (count * 1000) / (performance.now() - start)
  const figures = { rate, cpu: ((await cpu()) - before) / count }
  await Promise.all([pipeline, ...lanes].map((one) => one.close()))
  return figures
}

/** One at a time, in turns. */
async function latency(port, kind, quick) {
  const { send, close } = await redisClient(undefined, kind, port)
  const store = redisReplayStore({ send })
  await waitFor('a claim', () => store.claim(`first ${kind}`, 60, Date.now()).catch(() => false))
  const times = { claim: [], set: [] }
  for (let i = 0; i < (quick ? 2000 : 20_000); i += 1) {
    const key = hash('sha256', `${kind} ${i}`, 'base64url')
    let start = process.hrtime.bigint()
    if ((await store.claim(key, 360, Date.now())) === undefined) throw new Error('a claim was refused')
    times.claim.push(Number(process.hrtime.bigint() - start))
    start = process.hrtime.bigint()
    await send('SET', `bare:${key}`, 'token', 'NX', 'PX', '360000')
    times.set.push(Number(process.hrtime.bigint() - start))
  }
  close()
  const us = (figures) => median(figures) / 1000
  const rival = `SET NX PX over ${kind}`
  const figures = `${us(times.claim).toFixed(1)} us : ${us(times.set).toFixed(1)} us, medians`
  return [{ what: 'a claim, one at a time', rival, figures, ratio: us(times.claim) / us(times.set), reach: '<= 3' }]
}

const keyOf = (i) => `key of client ${i}`

/** Two registries side by side, so that a look-up in the one follows a look-up in the other. */
async function lookups(port, quick) {
  const sizes = quick ? [1000, 20_000] : [1000, 1_000_000]
  const { send, close } = await redisClient(undefined, 'ioredis', port)
  await send('FLUSHALL')
  const options = { send, pollMs: 100_000, maxStaleSeconds: 1000, timeoutMs: 10_000 }
  const registries = []
  for (const size of sizes) {
    const prefix = `of-${size}`
    const clients = redisClients({ ...options, prefix, cacheSize: 2 })
    await clients.refresh()
    await fill(clients, send, prefix, size)
    registries.push({ clients, size, times: [] })
  }
  await misses(registries, quick ? 2000 : 20_000)
  const [few, many] = registries.map(({ times }) => median(times))
  const remembering = redisClients({ ...options, prefix: `of-${sizes[0]}` })
  await remembering.refresh()
  const rows = [
    {
      what: `a look-up in Redis among ${sizes[1]} clients`,
      rival: `among ${sizes[0]}`,
      figures: `${many.toFixed(1)} us : ${few.toFixed(1)} us, medians`,
      ratio: many / few,
      reach: '<= 1.2',
    },
    await hit(remembering),
  ]
  for (const { clients } of registries) await clients.close()
  await remembering.close()
  close()
  return rows
}

/** One client as the registry writes it, then many of its form. */
async function fill(clients, send, prefix, size) {
  await clients.add({ id: 'client-0', groups: ['partners'], credentials: [{ kind: 'api-key', id: 'k1', key: `${keyOf(0)} made longer` }] })
  const record = await send('HGET', `{${prefix}}:clients`, 'client-0')
  const old = /"sha256":"(\w+)"/.exec(record)[1]
  for (let start = 1; start < size; start += 500) {
    const [records, names] = [[], []]
    for (let i = start; i < Math.min(size, start + 500); i += 1) {
      const sha256 = hash('sha256', keyOf(i), 'hex')
      records.push(`client-${i}`, record.replace('client-0', `client-${i}`).replace(old, sha256))
      names.push(`k${sha256}`, `client-${i}`)
    }
    await Promise.all([send('HSET', `{${prefix}}:clients`, ...records), send('HSET', `{${prefix}}:client-names`, ...names)])
  }
}

async function misses(registries, count) {
  for (let i = 0; i < count + 500; i += 1) {
    for (const { clients, size, times } of registries) {
      const digest = digestApiKey(keyOf(1 + ((i * 7919) % (size - 1))))
      const start = process.hrtime.bigint()
      if ((await clients.findApiKey(digest)) === undefined) throw new Error('a client was not found')
      if (i >= 500) times.push(Number(process.hrtime.bigint() - start) / 1000)
    }
  }
}

async function hit(clients) {
  const key = keyOf(5)
  const digest = digestApiKey(key)
  const memory = memoryClients({
    allowWeakKey: true,
    clients: Array.from({ length: 1000 }, (_, i) => ({ id: `client-${i}`, credentials: [{ kind: 'api-key', key: keyOf(i) }] })),
  })
  await clients.findApiKey(digest)
  const figures = costs(
    { ours: () => clients.findApiKey(digestApiKey(key)), memory: () => memory.findApiKey(digestApiKey(key)) },
    { calls: 50_000 },
  )
  return {
    what: 'an API key that is remembered, digest and look-up',
    rival: 'the registry in memory',
    figures: `${figures.ours.toFixed(0)} ns : ${figures.memory.toFixed(0)} ns`,
    ratio: figures.ours / figures.memory,
    reach: '<= 1.5',
  }
}
