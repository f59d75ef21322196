import { clientJson } from '../client-text.js'
import { withClients } from '../clients-store.js'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes, usageError } from '../exit-codes.js'
import { printable } from '../printable.js'

/** `countersign client group`: puts a client into groups and takes it out of others. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [id = ''] = args
  const [joined, left] = [flags.texts('join'), flags.texts('leave')]
  if (joined.length + left.length === 0) throw usageError('say --join GROUP or --leave GROUP')
  if (joined.some((group) => left.includes(group))) throw usageError('a group is named by both --join and --leave')
  const client = await withClients(flags, terminal, async (clients) => {
    const before = await clients.find(id)
    // One change for all of them: nobody sees the client in half of its groups.
    const kept = (before?.groups ?? []).filter((group) => !left.includes(group) && !joined.includes(group))
    return clients.setGroups(id, [...kept, ...joined])
  })
  if (flags.has('json')) terminal.json(clientJson(client))
  else terminal.note(`${printable(id)}: ${client.groups.length === 0 ? 'in no group' : printable(client.groups.join(', '))}`)
  return exitCodes.success
}
