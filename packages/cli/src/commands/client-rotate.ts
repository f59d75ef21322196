import { printIssued } from '../client-text.js'
import { withClients } from '../clients-store.js'
import type { Invocation } from '../command-spec.js'
import { CommandError, type ExitCode, exitCodes } from '../exit-codes.js'
import { credentialMeant, datesOf } from './client-add.js'

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
