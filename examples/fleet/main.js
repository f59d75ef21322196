// Four processes behind one Redis: a load, a replay attack, a race, a revocation, and the loss of all that Redis held. Prints a table.
//   node examples/fleet/main.js          needs redis-server; exits with 0 when everything came out as expected
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { redisClients } from '@countersign/redis'
import { connected, startRedis } from './redis.js'
import { runStory } from './story.js'

const PROCESSES = 4

/** Starts the fleet; answers the origin of each process. */
async function startFleet(redisPort) {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('worker.js', import.meta.url)) })
  const workers = Array.from({ length: PROCESSES }, () => cluster.fork({ REDIS_PORT: String(redisPort) }))
  const ports = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]))
  return ports.map((port) => `http://127.0.0.1:${port}`)
}

/** @param {{ what: string, sent: number, passed: number, refused: string, isRight: boolean }[]} rows */
function tableOf(rows) {
  const head = ['what', 'sent', 'passed', 'refused', '']
  const cells = rows.map(({ what, sent, passed, refused, isRight }) => [what, `${sent}`, `${passed}`, refused, isRight ? 'ok' : 'FAIL'])
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column].length)))
  return [head, ...cells]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const redis = await startRedis()
try {
  const origins = await startFleet(redis.port)
  console.log(`Redis on ${redis.port}, a process each on ${origins.join(', ')}\n`)
  const connection = connected(redis.port)
  const clients = redisClients({ send: (command, ...args) => connection.call(command, ...args) })
  const rows = await runStory({ origins, clients, redis })
  console.log(tableOf(rows))
  process.exitCode = rows.every(({ isRight }) => isRight) ? 0 : 1
  await clients.close()
  connection.disconnect()
} finally {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.kill()
  await redis.stop()
}
