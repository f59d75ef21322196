import { invalidValue, OptionReader } from '../options.js'
import { type Credential, type CredentialInput, type CredentialKind, dateOf } from './client.js'
import { checkedOverlap } from './edits.js'
import { HeldHmacCredential } from './hmac-credential.js'
import type { RotateOptions } from './registry.js'

const DAY_SECONDS = 86_400
const COMMON = ['id', 'notBefore', 'notAfter', 'overlapSeconds'] as const
const OWN: Readonly<Record<CredentialKind, readonly (keyof RotateOptions)[]>> = {
  'api-key': [],
  basic: ['password'],
  hmac: ['secret', 'secretFrom', 'keyId'],
  certificate: ['pin'],
}

/** A rotation that was read: what the new credential is made of, and how long the old one lasts. */
export interface RotationPlan {
  readonly overlapMs: number
  /** Without `key`, `password` and their digests where one is to be issued. */
  readonly input: Record<string, unknown> & { readonly kind: CredentialKind }
}

/**
 * Reads the options of a rotation of `old`.
 *
 * @throws TypeError when an option is unknown or not one of this kind of credential, or when the new secret or pin is missing
 */
export function rotationPlan(factory: string, old: Credential, options: RotateOptions | undefined): RotationPlan {
  const known: readonly string[] = [...COMMON, ...OWN[old.kind]]
  const reader = new OptionReader(factory, options, known)
  // Without a prototype, from which a key id or a password could come.
  const input: RotationPlan['input'] = Object.assign(Object.create(null), { kind: old.kind })
  for (const name of known) if (name !== 'overlapSeconds' && reader.has(name)) input[name] = reader.raw(name)
  if (old.kind === 'basic') input['user'] = old.user
  if (old.kind === 'hmac') input['keyId'] ??= old.keyId
  if (old.kind === 'hmac' && !reader.has('secret') && !reader.has('secretFrom')) {
    throw invalidValue(factory, 'secret', 'is required to rotate an HMAC key, or "secretFrom"')
  }
  if (old.kind === 'certificate' && !reader.has('pin')) throw invalidValue(factory, 'pin', 'is required to rotate a certificate')
  return { overlapMs: checkedOverlap(factory, reader.raw('overlapSeconds') ?? DAY_SECONDS) * 1000, input }
}

/** The old credential, ending `endMs` at the latest; undefined when it would never hold any more. */
export function ending(old: Credential, nowMs: number, endMs: number): Credential | undefined {
  const notBefore = dateOf(old, 'notBefore')
  const notAfter = dateOf(old, 'notAfter')
  if (endMs <= nowMs || (notBefore !== undefined && Date.parse(notBefore) >= endMs)) return undefined
  if (notAfter !== undefined && Date.parse(notAfter) <= endMs) return old
  const dates = { ...(notBefore !== undefined && { notBefore }), notAfter: new Date(endMs).toISOString() }
  if (old.kind === 'hmac') return new HeldHmacCredential(old.id, old.keyId, dates, old.secretFrom, () => old.secret())
  return Object.freeze({ ...old, ...dates })
}

/** The input of a credential, of which the reader will judge the rest. */
export function asInput(fields: Readonly<Record<string, unknown>>): CredentialInput {
  return fields as unknown as CredentialInput
}
