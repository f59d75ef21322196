import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '../support/components.js'
import { fleetProcess, Pipeline, signedRequest } from '../support/fleet.js'
import { waitFor } from '../support/processes.js'
import { redisServer } from '../support/redis.js'

const REQUESTS = 20_000
const AT_ONCE = 50
const PROCESSES = 4

test(`P13: four processes, one Redis, ${REQUESTS} requests each sent to all at once, twice: each passes once`, {
  skip: without('redis-server'),
}, async (t) => {
  const server = await redisServer(t)
  const kinds = ['ioredis', 'node-redis', 'ioredis', 'node-redis']
  const fleet = await Promise.all(kinds.map((kind) => fleetProcess(t, kind, server.port, { guard: { timeoutMs: 20_000 } })))
  const pipelines = fleet.map(({ port }) => new Pipeline(port))
  t.after(() => Promise.all(pipelines.map((pipeline) => pipeline.close())))
  let probes = 0
  await waitFor('a request signed after Redis was new', async () => {
    probes += 1
    return (await pipelines[0].send([signedRequest(`probe ${probes}`)]))[0] === 200
  })

  const statuses = new Map()
  const passed = new Uint8Array(REQUESTS)
  for (let from = 0; from < REQUESTS; from += AT_ONCE) {
    const requests = Array.from({ length: AT_ONCE }, (_, i) => signedRequest(`{"n":${from + i}}`))
    for (let time = 0; time < 2; time += 1) {
      const answers = await Promise.all(pipelines.map((pipeline) => pipeline.send(requests)))
      for (const answer of answers) {
        for (const [i, status] of answer.entries()) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          if (status === 200) passed[from + i] += 1
        }
      }
    }
  }
  assert.ok(passed.every((count) => count === 1))
  const all = REQUESTS * PROCESSES * 2
  assert.deepEqual(Object.fromEntries(statuses), { 200: REQUESTS, 401: all - REQUESTS })
})
