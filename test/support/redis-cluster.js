import { once } from 'node:events'
import { Cluster, Redis } from 'ioredis'
import { createCluster } from 'redis'
import { freePort, waitFor } from './processes.js'
import { redisServer } from './redis.js'

const MASTERS = 3
const SLOTS = 16_384
/** After how long nodes hold one of them for dead, milliseconds. */
const NODE_TIMEOUT_MS = 1000

/**
 * Starts a Redis Cluster of three masters and one replica, and stops it when the test has ended. The replica follows whichever master
 * holds the slot of `key`. Ask `without('redis-server')` first.
 *
 * @returns `{ ports, holder, replica }`: servers as `redisServer` answers them, each with `command(...args)`
 */
export async function redisCluster(owner, key) {
  const nodes = await Promise.all(Array.from({ length: MASTERS + 1 }, () => clusterNode(owner)))
  const masters = nodes.slice(0, MASTERS)
  const replica = nodes[MASTERS]
  await Promise.all(
    masters.map((node, i) => {
      const [first, next] = [i, i + 1].map((share) => Math.floor((share * SLOTS) / MASTERS))
      return node.command('CLUSTER', 'ADDSLOTSRANGE', first, next - 1)
    }),
  )
  for (const { port, busPort } of nodes.slice(1)) await nodes[0].command('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  const all = (what, probe) => waitFor(what, async () => (await Promise.all(nodes.map(probe))).every(Boolean), 20_000)
  await all('nodes that know each other', async ({ command }) => (await info(command)).get('cluster_known_nodes') === String(nodes.length))
  await all('a cluster that is up', async ({ command }) => (await info(command)).get('cluster_state') === 'ok')
  const slot = Number(await replica.command('CLUSTER', 'KEYSLOT', key))
  const holder = masters[Math.floor(((slot + 1) * MASTERS - 1) / SLOTS)]
  await replica.command('CLUSTER', 'REPLICATE', await holder.command('CLUSTER', 'MYID'))
  await waitFor('a replica that follows', async () => /master_link_status:up/.test(await replica.command('INFO', 'replication')), 20_000)
  return { ports: masters.map(({ port }) => port), holder, replica }
}

/** Clients of a cluster, by their names. Each answers `{ send, close() }`, and is closed when the test has ended. */
export const clusterClients = {
  async ioredis(owner, ports) {
    const client = new Cluster(rootsOf(ports), { enableAutoPipelining: true, clusterRetryStrategy: () => 100, slotsRefreshTimeout: 2000 })
    client.on('error', () => {})
    owner.after(() => client.disconnect())
    await once(client, 'ready')
    return (...args) => client.call(...args)
  },
  async 'node-redis'(owner, ports, prefix) {
    const rootNodes = rootsOf(ports).map((socket) => ({ socket }))
    const client = createCluster({ rootNodes, defaults: { socket: { reconnectStrategy: () => 100 } } })
    client.on('error', () => {})
    owner.after(() => client.destroy())
    await client.connect()
    return (...args) => client.sendCommand(`{${prefix}}`, false, args)
  },
}

function rootsOf(ports) {
  return ports.map((port) => ({ host: '127.0.0.1', port }))
}

async function clusterNode(owner) {
  const busPort = await freePort()
  const cluster = ['--cluster-enabled', 'yes', '--cluster-port', busPort, '--cluster-node-timeout', NODE_TIMEOUT_MS]
  const server = await redisServer(owner, [...cluster, '--repl-diskless-sync-delay', '0'])
  const connection = new Redis({ port: server.port, host: '127.0.0.1', retryStrategy: () => 100 })
  connection.on('error', () => {})
  owner.after(() => connection.disconnect())
  return { ...server, busPort, command: (name, ...args) => connection.call(name, ...args.map(String)) }
}

async function info(command) {
  const text = await command('CLUSTER', 'INFO')
  return new Map(
    text
      .trim()
      .split('\r\n')
      .map((line) => line.split(':')),
  )
}
