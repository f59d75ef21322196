import { setTimeout as later } from 'node:timers/promises'
import { signedOrder } from './signed.js'

const ORDERS = 400
const AT_ONCE = 32
const REVOKED_WITHIN_MS = 1000
const DEADLINE_MS = 20_000

/**
 * Runs the story; answers a row for each thing that happened.
 *
 * @param {{ origins: string[], clients: import('@countersign/redis').RedisClients, redis: { restart(): Promise<void> } }} fleet
 */
export async function runStory({ origins, clients, redis }) {
  const rows = []
  await untilOrdered(origins[0], 'first')

  const orders = Array.from({ length: ORDERS }, (_, n) => signedOrder(n))
  const load = await each(orders, (order, n) => post(origins[n % origins.length], order))
  rows.push(rowOf('a load: each order to one process', load, (passed) => passed === ORDERS))

  const attack = await each(orders, (order, n) => Promise.all(origins.map((_, i) => post(origins[(n + i) % origins.length], order))))
  rows.push(rowOf('a replay attack: each order once more to all', attack.flat(), (passed) => passed === 0))

  const news = Array.from({ length: ORDERS }, (_, n) => signedOrder(`new ${n}`))
  const race = await each(news, (order) => Promise.all(origins.map((origin) => post(origin, order))))
  rows.push(rowOf('a race: new orders, each to all at once', race.flat(), (passed) => passed === ORDERS))

  rows.push(await revocation(origins, clients))

  await redis.restart()
  const lost = await each(orders, (order, n) => post(origins[n % origins.length], order))
  rows.push(rowOf('Redis restarted, empty: the old orders again', lost, (passed) => passed === 0))
  const began = performance.now()
  await untilOrdered(origins[1], 'after the loss')
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const fresh = await each(news, (_, n) => post(origins[n % origins.length], signedOrder(`fresh ${n}`)))
  rows.push(rowOf(`new orders, ${seconds} s later, no process restarted`, fresh, (passed) => passed === ORDERS))
  return rows
}

/** A key is used everywhere all the time; one process revokes it. What counts is the last time that any process took it. */
async function revocation(origins, clients) {
  await clients.add({ id: 'partner' })
  const { key } = await clients.issueKey('partner')
  const statuses = []
  let [isOver, revokedAt, last] = [false, Number.POSITIVE_INFINITY, 0]
  const use = async (origin) => {
    while (!isOver) {
      const began = performance.now()
      const status = await statusOf(fetch(`${origin}/reports`, { headers: { 'X-API-Key': key } }))
      statuses.push(status)
      if (status === 200 && began > revokedAt) last = Math.max(last, began - revokedAt)
      await later(2)
    }
  }
  const users = origins.map(use)
  await later(500)
  await fetch(`${origins[0]}/clients/partner/keys`, { method: 'DELETE' })
  revokedAt = performance.now()
  await later(1500)
  isOver = true
  await Promise.all(users)
  const what = `a key in use everywhere is revoked: last taken ${Math.ceil(last)} ms later`
  return rowOf(what, statuses, (passed) => passed > 0 && last < REVOKED_WITHIN_MS)
}

/** After a start and a loss, what was signed before is refused; so it takes a moment until the first order passes. */
async function untilOrdered(origin, name) {
  const end = performance.now() + DEADLINE_MS
  for (let n = 0; (await post(origin, signedOrder(`${name} ${n}`))) !== 200; n += 1) {
    if (performance.now() > end) throw new Error(`no order passed within ${DEADLINE_MS} ms`)
    await later(100)
  }
}

function post(origin, order) {
  return statusOf(fetch(`${origin}/orders`, order))
}

async function statusOf(answer) {
  const response = await answer
  await response.arrayBuffer()
  return response.status
}

/** Does something with each of many, some at once. */
async function each(items, act) {
  const results = []
  const rest = items.entries()
  const lane = async () => {
    for (const [n, item] of rest) results[n] = await act(item, n)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return results
}

function rowOf(what, statuses, isRight) {
  const counts = new Map()
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1)
  const passed = counts.get(200) ?? 0
  counts.delete(200)
  const refused = [...counts].map(([status, count]) => `${count} x ${status}`).join(', ')
  return { what, sent: statuses.length, passed, refused, isRight: isRight(passed) }
}
