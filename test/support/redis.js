import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import { component } from './components.js'
import { tempFolder } from './folders.js'
import { freePort, startProcess, waitFor } from './processes.js'

/** The clients that the tests run with. */
export const CLIENTS = ['ioredis', 'node-redis']

/** Their majors before, which `redisClient` knows as well. */
export const EARLIER_CLIENTS = ['ioredis 5', 'node-redis 5']

/**
 * Starts a redis-server that keeps nothing on the disk, and stops it when the test has ended. Ask `without('redis-server')` first.
 *
 * @param args - further arguments of redis-server, such as `['--maxmemory', '3mb']`
 * @returns `{ port, folder, kill(), start(), restart(), pause(), resume() }`: `kill` as a crash does; `start` on the same port
 */
export async function redisServer(owner, args = []) {
  const port = await freePort()
  const folder = tempFolder(owner)
  const all = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...args].map(String)
  let running
  const server = {
    port,
    folder,
    async start() {
      running = await startProcess(undefined, {
        command: component('redis-server'),
        args: all,
        ready: { line: /Ready to accept connections/ },
      })
    },
    kill: () => running.stop('SIGKILL'),
    async restart() {
      await server.kill()
      await server.start()
    },
    pause: () => process.kill(running.pid, 'SIGSTOP'),
    resume: () => process.kill(running.pid, 'SIGCONT'),
  }
  await server.start()
  owner?.after?.(async () => {
    try {
      server.resume()
    } catch {
      // It has ended already.
    }
    await server.kill()
  })
  return server
}

/**
 * Connects a client of a kind, and closes it when the test has ended.
 *
 * @returns `{ send, client, close() }`
 */
export async function redisClient(owner, kind, port, options = {}) {
  const made = kind.startsWith('ioredis') ? await ioredis(kind, port, options) : await nodeRedis(kind, port, options)
  owner?.after?.(made.close)
  return made
}

async function ioredis(kind, port, { ready = true, ...options }) {
  const settings = { port, host: '127.0.0.1', enableAutoPipelining: true, retryStrategy: () => 100, ...options }
  const client = kind === 'ioredis 5' ? new Redis5(settings) : new Redis(settings)
  client.on('error', () => {})
  if (ready) await once(client, 'ready')
  return { client, send: (...args) => client.call(...args), close: () => client.disconnect() }
}

async function nodeRedis(kind, port, { ready = true, ...options }) {
  const settings = { socket: { port, host: '127.0.0.1', reconnectStrategy: () => 100 }, ...options }
  // A connection that breaks under load makes node-redis 5 give each command the answer to another from then on, unless nothing waits for it.
  const client = kind === 'node-redis 5' ? createClient5({ disableOfflineQueue: true, ...settings }) : createClient(settings)
  client.on('error', () => {})
  const connecting = client.connect().catch(() => {})
  if (ready) await connecting
  return { client, send: (...args) => client.sendCommand(args), close: () => client.destroy() }
}

/**
 * A proxy in front of a port that can delay what comes back, break connections, and lose what is answered.
 *
 * @returns `{ port, delayMs, isMute, reset() }`: both properties may be set at any time
 */
export async function redisProxy(owner, port) {
  const sockets = new Set()
  const proxy = { port: 0, delayMs: 0, isMute: false, reset: () => {} }
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (octets) => far.write(octets))
    far.on('data', (octets) => {
      if (proxy.isMute) return
      if (proxy.delayMs === 0) near.write(octets)
      else setTimeout(() => near.destroyed || near.write(octets), proxy.delayMs)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.port = server.address().port
  proxy.reset = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  owner?.after?.(() => {
    server.close()
    proxy.reset()
  })
  return proxy
}

/** Waits until Redis answers what it is asked. */
export async function untilAnswered(send, deadlineMs = 10_000) {
  const answers = () =>
    send('PING').then(
      (answer) => answer === 'PONG',
      () => false,
    )
  await waitFor('an answer of Redis', answers, deadlineMs)
}
