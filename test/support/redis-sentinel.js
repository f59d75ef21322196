import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createSentinel } from 'redis'
import { component } from './components.js'
import { tempFolder } from './folders.js'
import { freePort, startProcess, waitFor } from './processes.js'
import { redisServer } from './redis.js'

const NAME = 'main'
/** After how long the sentinel holds a server for dead, milliseconds. */
const DOWN_AFTER_MS = 1000

/**
 * Starts a primary, a replica of it and one sentinel (redis-server in its mode of that name), and stops them when the test has ended. Ask
 * `without('redis-server')` first.
 *
 * @returns `{ port, primary, replica, command(port, ...args) }`: the sentinel's port, and servers as `redisServer` answers them
 */
export async function redisSentinel(owner) {
  const primary = await redisServer(owner, ['--repl-diskless-sync-delay', '0'])
  const replica = await redisServer(owner, ['--replicaof', '127.0.0.1', primary.port, '--repl-diskless-sync-delay', '0'])
  const command = commands(owner)
  await waitFor(
    'a replica that follows',
    async () => /master_link_status:up/.test(await command(replica.port, 'INFO', 'replication')),
    20_000,
  )
  const port = await freePort()
  // A sentinel writes its state into its file.
  const file = join(tempFolder(owner), 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 5000`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  await startProcess(owner, { command: component('redis-server'), args: [file, '--sentinel'], ready: { port } })
  const known = async () => (await command(port, 'SENTINEL', 'REPLICAS', NAME)).length === 1
  await waitFor('a sentinel that knows the replica', known, 30_000)
  return { port, primary, replica, command }
}

/** Clients that ask a sentinel for the primary, by their names. Each answers `send`, and is closed when the test has ended. */
export const sentinelClients = {
  async ioredis(owner, port) {
    const retries = { retryStrategy: () => 100, sentinelRetryStrategy: () => 100 }
    const client = new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: NAME, enableAutoPipelining: true, ...retries })
    client.on('error', () => {})
    owner.after(() => client.disconnect())
    await once(client, 'ready')
    return (...args) => client.call(...args)
  },
  async 'node-redis'(owner, port) {
    const client = createSentinel({ name: NAME, sentinelRootNodes: [{ host: '127.0.0.1', port }], scanInterval: 500 })
    client.on('error', () => {})
    await client.connect()
    owner.after(() => client.destroy())
    return (...args) => client.sendCommand(false, args)
  },
}

/** Sends single commands, over one connection per port. */
function commands(owner) {
  const open = new Map()
  owner.after(() => {
    for (const client of open.values()) client.disconnect()
  })
  return (port, name, ...args) => {
    let client = open.get(port)
    if (client === undefined) {
      client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 100 })
      client.on('error', () => {})
      open.set(port, client)
    }
    return client.call(name, ...args.map(String))
  }
}
