import { warnOnce } from '@countersign/core'
import { type Commands, listOf, textOf } from './commands.js'
import { script } from './script.js'

const PLAIN_MEMORY = 'noeviction'

/** Parts of a script: what says which keys Redis deletes when its memory is full, and how much that is; empty where a service hides it. */
export const MEMORY_POLICY = `
local memory = redis.call('INFO', 'memory')
local policy, most = string.match(memory, 'maxmemory_policy:([%w-]+)') or '', string.match(memory, 'maxmemory:(%d+)') or '0'
`

const policyScript = script(`${MEMORY_POLICY}
return { policy, most }
`)

/** Warns, once per process, where Redis may delete what it should keep. */
export function warnOfEviction(factory: string, loss: string, policy: string | undefined, most: string | undefined): void {
  // Some services hide it.
  if (policy === undefined || policy === '' || policy === PLAIN_MEMORY || most === '0') return
  const full = 'when its memory is full'
  warnOnce('ERR_REDIS_EVICTS', `${factory}: Redis has maxmemory-policy ${policy}: ${full} it ${loss}; set maxmemory-policy noeviction`)
}

/** Asks Redis, and warns. Never rejects: a Redis that is out of reach now is told of by others. */
export async function lookForEviction(commands: Commands, key: string, factory: string, loss: string): Promise<void> {
  try {
    const [policy, most] = listOf(await commands.run(policyScript, [key], [])).map(textOf)
    warnOfEviction(factory, loss, policy, most)
  } catch {
    // It is down, or a service that forbids INFO.
  }
}
