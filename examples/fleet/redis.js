import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** A connection as a service has it: it comes back by itself. */
export function connected(port) {
  const connection = new Redis({ host: '127.0.0.1', port, enableAutoPipelining: true, retryStrategy: () => 50 })
  // Each command says itself what became of it.
  connection.on('error', () => undefined)
  return connection
}

/** Starts a Redis that keeps nothing on the disk, so that a restart loses everything. */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-fleet-'))
  const port = await freePort()
  let server = await start(port, folder)
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  return {
    port,
    async restart() {
      await kill()
      server = await start(port, folder)
    },
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function start(port, folder) {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(server, 'exit').then(() => {
    throw new Error('redis-server ended before it was ready')
  })
  await Promise.race([isReady(server), ended])
  ended.catch(() => undefined)
  return server
}

async function isReady(server) {
  let log = ''
  for await (const chunk of server.stdout.setEncoding('utf8')) {
    log += chunk
    if (log.includes('Ready to accept connections')) break
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address())
  probe.close()
  await once(probe, 'close')
  return port
}
