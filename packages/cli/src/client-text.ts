import type { Client, Credential, Rotated } from '@countersign/core'
import { printable } from './printable.js'
import type { Terminal } from './terminal.js'

/** A credential for `--json`: what names it and when it holds, without digests. */
function credentialJson(credential: Credential): Record<string, unknown> {
  const { kind, id, notBefore = null, notAfter = null } = credential
  return { kind, id, notBefore, notAfter, ...nameOf(credential) }
}

/** A client for `--json`. */
export function clientJson({ id, groups, disabled, credentials }: Client): Record<string, unknown> {
  return { id, groups, disabled, credentials: credentials.map(credentialJson) }
}

/** A credential as one line. */
export function credentialLine(credential: Credential): string {
  const [name] = Object.values(nameOf(credential))
  const dates = [
    ...(credential.notBefore === undefined ? [] : [`from ${credential.notBefore}`]),
    ...(credential.notAfter === undefined ? [] : [`until ${credential.notAfter}`]),
  ]
  return printable([credential.kind, credential.id, ...(name === undefined ? [] : [name]), ...dates].join('  '))
}

function nameOf(credential: Credential): Record<string, string> {
  if (credential.kind === 'basic') return { user: credential.user }
  if (credential.kind === 'hmac') return { keyId: credential.keyId }
  return credential.kind === 'certificate' ? { pin: credential.pin } : {}
}

/** What was issued: a key or a password, which nobody can show again. */
export interface Issued {
  readonly credential: Credential
  readonly key?: string | undefined
  readonly password?: string | undefined
  readonly previous?: Rotated['previous'] | undefined
}

/**
 * Prints what was issued: the secret alone on stdout, so that a script can take it, and what goes with it on stderr; as JSON all of it on
 * stdout.
 */
export function printIssued(terminal: Terminal, asJson: boolean, clientId: string, issued: Issued): void {
  const { credential, key, password, previous } = issued
  if (asJson) {
    terminal.json({
      client: clientId,
      credential: credentialJson(credential),
      ...(key !== undefined && { key }),
      ...(password !== undefined && { password }),
      ...('previous' in issued && { previous: previous === undefined ? null : credentialJson(previous) }),
    })
    return
  }
  terminal.note(`${printable(clientId)}: ${credentialLine(credential)}`)
  if (previous !== undefined) terminal.note(`before: ${credentialLine(previous)}`)
  if (key === undefined && password === undefined) return
  terminal.note(`This ${key === undefined ? 'password' : 'key'} is shown only now, and not stored:`)
  terminal.line(key ?? password)
}
