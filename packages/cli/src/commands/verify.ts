import { type Scheme, type Unverified, type Verified, type VerifySchemeOptions, verify } from '@countersign/schemes'
import type { Invocation } from '../command-spec.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { readRequest, readsStdin } from '../input/request-source.js'
import { loadScheme } from '../input/scheme-source.js'
import { readSecrets } from '../input/secret.js'
import { printable } from '../printable.js'
import { engineRequest, notesFor, setUpOptions } from '../signing-set-up.js'
import type { Terminal } from '../terminal.js'

/** `countersign verify`: 0 when the signature holds, 1 when it does not. Not checked: whether the request was seen before. */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const [name = '', ...words] = args
  const definition = loadScheme(name)
  const request = readRequest(words, flags)
  const secrets = await readSecrets(flags, terminal, readsStdin(flags))
  const options = {
    ...setUpOptions(flags, definition),
    ...(flags.has('allow-empty-body') && { allowEmptyBody: true }),
    secret: secrets.map(({ text }) => text),
  } as VerifySchemeOptions
  const result = verify(definition, engineRequest(request), options)
  for (const note of notesFor(definition, request)) terminal.note(`note: ${printable(note)}`)
  if (flags.has('json')) terminal.json(verificationJson(definition, result))
  else if (result.ok) printHeld(definition, result, terminal)
  else printRefused(result, terminal)
  return result.ok ? exitCodes.success : exitCodes.negative
}

/** A verification for `--json`; neither a secret nor a signature is in it. */
export function verificationJson(definition: Scheme, result: Verified | Unverified): Record<string, unknown> {
  if (!result.ok) return { ok: false, scheme: definition.name, code: result.code, reason: result.reason, absent: result.absent }
  const { keyId, signedAt, nonce } = result
  return {
    ok: true,
    scheme: definition.name,
    keyId: keyId ?? null,
    signedAt: signedAt === undefined ? null : new Date(signedAt).toISOString(),
    nonce: nonce ?? null,
  }
}

function printHeld(definition: Scheme, { keyId, signedAt }: Verified, terminal: Terminal): void {
  const facts = [
    definition.name,
    ...(signedAt === undefined ? [] : [`signed ${new Date(signedAt).toISOString()}`]),
    ...(keyId === undefined ? [] : [`key id ${printable(keyId)}`]),
  ]
  terminal.line(`${terminal.paint('good', 'valid')}: ${facts.join(', ')}`)
}

function printRefused({ code, reason }: Unverified, terminal: Terminal): void {
  terminal.line(`${terminal.paint('bad', 'not valid')}: ${code}`)
  terminal.line(`  ${printable(reason)}`)
  if (code === 'ERR_HMAC_STALE' || code === 'ERR_HMAC_FUTURE') terminal.line('  to verify a saved request as of its own time, use --now')
  else terminal.line('  countersign explain, with the same arguments, looks for the cause')
}
