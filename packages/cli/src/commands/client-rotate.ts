import type { Credential } from '@countersign/core'
import { printIssued } from '../client-text.js'
import { withClients } from '../clients-store.js'
import type { Invocation } from '../command-spec.js'
import { CommandError, type ExitCode, exitCodes, usageError } from '../exit-codes.js'
import { printable } from '../printable.js'
import { datesOf } from './client-add.js'

/** `countersign client rotate`: a new credential beside an old one of the same kind. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [id = '', named] = args
  const overlapSeconds = flags.integer('overlap', 'seconds', 0)
  const pin = flags.text('pin')
  const rotated = await withClients(flags, terminal, async (clients) => {
    const client = await clients.find(id)
    if (client === undefined) throw new CommandError(exitCodes.negative, 'ERR_CLIENT_UNKNOWN', `there is no client ${JSON.stringify(id)}`)
    return clients.rotate(id, credentialMeant(client.credentials, named), {
      ...datesOf(flags),
      ...(overlapSeconds !== undefined && { overlapSeconds }),
      ...(pin !== undefined && { pin }),
    })
  })
  printIssued(terminal, flags.has('json'), id, { ...rotated, previous: rotated.previous })
  return exitCodes.success
}

/** The credential that is meant: the one that is named, or the only one without an end. */
function credentialMeant(credentials: readonly Credential[], named: string | undefined): string {
  if (named !== undefined) return named
  const lasting = credentials.filter(({ notAfter }) => notAfter === undefined)
  const [only] = lasting.length === 1 ? lasting : credentials
  if (only !== undefined && (lasting.length === 1 || credentials.length === 1)) return only.id
  const ids = credentials.map(({ id }) => printable(id)).join(', ')
  throw usageError(credentials.length === 0 ? 'the client has no credentials' : `say which credential is meant: ${ids}`)
}
