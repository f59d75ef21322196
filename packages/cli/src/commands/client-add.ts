import { type ClientRegistry, type CredentialInput, validityWindow } from '@countersign/core'
import { type Issued, printIssued } from '../client-text.js'
import { withClients } from '../clients-store.js'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes, usageError } from '../exit-codes.js'
import type { Flags } from '../flags.js'
import { printable } from '../printable.js'

const KINDS = ['key', 'password', 'certificate', 'hmac', 'none']

/** `countersign client add`: a client, and what it proves itself with. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [id = ''] = args
  const kind = flags.text('kind') ?? (flags.has('pin') ? 'certificate' : 'key')
  checkFlags(kind, flags)
  const issued = await withClients(flags, terminal, (clients) =>
    flags.has('existing') ? issueOf(clients, id, kind, flags) : added(clients, id, kind, flags),
  )
  if (issued !== undefined) printIssued(terminal, flags.has('json'), id, issued)
  else if (flags.has('json')) terminal.json({ client: id, credential: null })
  else terminal.note(`${printable(id)}: added, without credentials`)
  return exitCodes.success
}

/** All that can be wrong is said before anything is changed. */
function checkFlags(kind: string, flags: Flags): void {
  if (!KINDS.includes(kind)) throw usageError(`--kind is one of ${KINDS.join(', ')}`)
  if (flags.has('existing') && flags.texts('group').length > 0) throw usageError('countersign client group changes the groups of a client')
  if (flags.has('existing') && kind === 'none') throw usageError('--existing adds a credential; say which --kind')
  together(kind === 'certificate', flags.has('pin'), '--kind certificate', '--pin', 'PIN')
  together(kind === 'hmac', flags.has('secret-from'), '--kind hmac', '--secret-from', 'env:NAME')
  validityWindow('client add', 'credential', flags.text('not-before'), flags.text('not-after'))
}

function together(isKind: boolean, isGiven: boolean, kind: string, option: string, value: string): void {
  if (isKind && !isGiven) throw usageError(`${kind} needs ${option} ${value}`)
  if (!isKind && isGiven) throw usageError(`${option} goes with ${kind}`)
}

/** A new client with its credential, or none of both. */
async function added(clients: ClientRegistry, id: string, kind: string, flags: Flags): Promise<Issued | undefined> {
  await clients.add({ id, groups: flags.texts('group') })
  try {
    return await issueOf(clients, id, kind, flags)
  } catch (error) {
    await clients.remove(id)
    throw error
  }
}

async function issueOf(clients: ClientRegistry, id: string, kind: string, flags: Flags): Promise<Issued | undefined> {
  if (kind === 'none') return undefined
  const dates = datesOf(flags)
  const user = flags.text('user')
  if (kind === 'key') return clients.issueKey(id, dates)
  if (kind === 'password') return clients.issuePassword(id, { ...dates, ...(user !== undefined && { user }) })
  return { credential: await clients.addCredential(id, inputOf(kind, flags, dates)) }
}

function inputOf(kind: string, flags: Flags, dates: Dates): CredentialInput {
  const pin = flags.text('pin')
  if (kind === 'certificate' && pin !== undefined) return { kind, pin, ...dates }
  const [place, name] = /^(env|file):(.+)$/.exec(flags.text('secret-from') ?? '')?.slice(1) ?? []
  if (place === undefined || name === undefined) throw usageError('--secret-from is written env:NAME or file:PATH')
  const keyId = flags.text('key-id')
  return { kind: 'hmac', ...dates, ...(keyId !== undefined && { keyId }), secretFrom: place === 'env' ? { env: name } : { file: name } }
}

/** When a credential holds, as far as the command line says. */
export interface Dates {
  readonly notBefore?: string
  readonly notAfter?: string
}

/** The dates of what is issued. */
export function datesOf(flags: Flags): Dates {
  const [notBefore, notAfter] = [flags.text('not-before'), flags.text('not-after')]
  return { ...(notBefore !== undefined && { notBefore }), ...(notAfter !== undefined && { notAfter }) }
}
