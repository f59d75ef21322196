import type { ClientRegistry } from '@countersign/core'
import { withClients } from '../clients-store.js'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes, usageError } from '../exit-codes.js'
import type { Flags } from '../flags.js'
import { printable } from '../printable.js'

const SWITCHES = ['all', 'remove', 'disable', 'enable'] as const
const DONE = { all: 'all credentials revoked', remove: 'removed', disable: 'disabled', enable: 'enabled', one: 'revoked' }

/** `countersign client revoke`: what is taken away holds no more from the next request on. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [id = '', credential] = args
  const action = actionOf(flags, credential)
  await withClients(flags, terminal, (clients) => act(clients, action, id, credential))
  if (flags.has('json')) terminal.json({ client: id, credential: credential ?? null, done: DONE[action] })
  else terminal.note(`${printable([id, ...(credential === undefined ? [] : [credential])].join(' '))}: ${DONE[action]}`)
  return exitCodes.success
}

function actionOf(flags: Flags, credential: string | undefined): keyof typeof DONE {
  const set = SWITCHES.filter((name) => flags.has(name))
  const [first = 'one', ...more] = set
  // Without a word for it nothing is taken from all credentials.
  if (more.length > 0 || set.length > 0 === (credential !== undefined))
    throw usageError('name the credential, or say one of --all, --remove, --disable, --enable')
  return first
}

async function act(clients: ClientRegistry, action: keyof typeof DONE, id: string, credential: string | undefined): Promise<void> {
  if (action === 'one') await clients.revoke(id, credential)
  else if (action === 'all') await clients.revoke(id)
  else if (action === 'remove') await clients.remove(id)
  else if (action === 'disable') await clients.disable(id)
  else await clients.enable(id)
}
