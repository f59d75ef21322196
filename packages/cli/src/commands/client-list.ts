import type { Client, CredentialUse } from '@countersign/core'
import { clientJson, credentialLine } from '../client-text.js'
import { withClients } from '../clients-store.js'
import type { Invocation } from '../command-spec.js'
import { CommandError, type ExitCode, exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Terminal } from '../terminal.js'

/** `countersign client list`: all clients, those of a group, or one with when its credentials were last accepted. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [id] = args
  const group = flags.text('group')
  const listed = await withClients(flags, terminal, async (clients) => {
    const found: { client: Client; uses: readonly CredentialUse[] }[] = []
    for await (const client of clients.list()) {
      if ((id !== undefined && client.id !== id) || (group !== undefined && !client.groups.includes(group))) continue
      found.push({ client, uses: id === undefined ? [] : ((await clients.lastUsed(id)) ?? []) })
    }
    return found
  })
  if (id !== undefined && listed.length === 0)
    throw new CommandError(exitCodes.negative, 'ERR_CLIENT_UNKNOWN', `there is no client ${JSON.stringify(id)}`)
  if (flags.has('json')) terminal.json(listed.map(({ client, uses }) => ({ ...clientJson(client), ...usesJson(uses) })))
  else for (const { client, uses } of listed) printClient(client, uses, terminal)
  return exitCodes.success
}

function usesJson(uses: readonly CredentialUse[]): Record<string, unknown> {
  if (uses.length === 0) return {}
  return { lastUsed: uses.map(({ credentialId, lastUsed }) => ({ credential: credentialId, at: lastUsed?.toISOString() ?? null })) }
}

function printClient({ id, groups, disabled, credentials }: Client, uses: readonly CredentialUse[], terminal: Terminal): void {
  const state = disabled ? ` ${terminal.paint('bad', 'disabled')}` : ''
  const membership = groups.length === 0 ? '' : `  ${terminal.paint('dim', printable(groups.join(', ')))}`
  terminal.line(`${terminal.paint('strong', printable(id))}${state}${membership}`)
  for (const credential of credentials) {
    const lastUsed = uses.find(({ credentialId }) => credentialId === credential.id)?.lastUsed
    terminal.line(`  ${credentialLine(credential)}${lastUsed === undefined ? '' : `  last used ${lastUsed.toISOString()}`}`)
  }
}
