import { existsSync } from 'node:fs'
import { type ClientRegistry, fileClients } from '@countersign/core'
import { outOfReach, usageError } from './exit-codes.js'
import type { Flags } from './flags.js'
import type { OpenClients } from './open-clients.js'
import { printable } from './printable.js'
import type { Terminal } from './terminal.js'

/** Works on the registry that `--file` or `--redis` names, and closes it in any case. */
export async function withClients<T>(flags: Flags, terminal: Terminal, work: (clients: ClientRegistry) => Promise<T>): Promise<T> {
  const { clients, close } = await openClients(flags, terminal)
  try {
    return await work(clients)
  } finally {
    await close()
  }
}

async function openClients(flags: Flags, terminal: Terminal): Promise<OpenClients> {
  const path = flags.text('file')
  const isRedis = flags.has('redis') || flags.has('redis-env')
  if ((path !== undefined) === isRedis) throw usageError('say where the clients are: --file FILE, --redis URL or --redis-env NAME')
  const keyPrefix = flags.text('key-prefix')
  const setUp = { ...(keyPrefix !== undefined && { keyPrefix }) }
  if (path === undefined) {
    const { openRedisClients } = await import('./clients-redis.js')
    return openRedisClients(flags, terminal, setUp)
  }
  if (flags.has('prefix')) throw usageError('--prefix goes with --redis')
  // Not what a server is told of a file that was there when it started.
  if (!flags.has('create') && !existsSync(path))
    throw outOfReach(`${printable(path)} does not exist; countersign client add CLIENT --file FILE --create creates it`)
  const clients = await fileClients(path, { ...setUp, ...(flags.has('create') && { create: true }) })
  return { clients, close: () => clients.close() }
}
