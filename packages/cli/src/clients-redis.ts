import type { OpenClients } from './clients-store.js'
import { outOfReach } from './exit-codes.js'
import type { Flags } from './flags.js'
import type { Terminal } from './terminal.js'

export async function openRedisClients(_flags: Flags, _terminal: Terminal, _setUp: { keyPrefix?: string }): Promise<OpenClients> {
  throw outOfReach('not there yet')
}
