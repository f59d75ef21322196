import type { SecretMaterial } from '../secret/material.js'
import type { SecretSource } from '../secret/source.js'

/**
 * A client: who may call, what it proves itself with, and which groups it belongs to. Frozen; a change makes another record, so a
 * record that is still the same object has not changed.
 */
export interface Client {
  /** Unique in its registry, 1 to 256 characters, no control characters. */
  readonly id: string
  readonly groups: readonly string[]
  /** None of its credentials holds while this is true. */
  readonly disabled: boolean
  readonly credentials: readonly Credential[]
}

/** Something that a client proves itself with. None of them holds the secret itself, so that a record can be listed and stored. */
export type Credential = ApiKeyCredential | BasicCredential | HmacCredential | CertificateCredential

/** Which kinds there are. */
export type CredentialKind = Credential['kind']

/** What all credentials have. */
export interface DatedCredential {
  /** Unique among the credentials of its client; found in `req.auth.credentialId`. */
  readonly id: string
  /** Holds from then on, RFC 3339 in UTC. Absent: always held. */
  readonly notBefore?: string
  /** Holds until just before then. Absent: for ever. */
  readonly notAfter?: string
}

/** An API key. */
export interface ApiKeyCredential extends DatedCredential {
  readonly kind: 'api-key'
  /** SHA-256 of the key's octets, 64 hex digits in lower case: `printf %s "$KEY" | sha256sum`. */
  readonly sha256: string
}

/** A password for HTTP Basic. Two of one user hold during a rotation. */
export interface BasicCredential extends DatedCredential {
  readonly kind: 'basic'
  readonly user: string
  /**
   * What a password is checked against: `$scrypt$ln=14,r=8,p=5$<salt>$<hash>` (both base64 without padding), or for an issued password
   * `sha256:<64 hex digits>`, by the registry's password policy.
   */
  readonly verifier: string
}

/** A key of an HMAC scheme. Several secrets of one key id hold during a rotation. */
export interface HmacCredential extends DatedCredential {
  readonly kind: 'hmac'
  /** What the sender names the key with; public. */
  readonly keyId: string
  /** Where the secret is, for a registry that is stored. */
  readonly secretFrom?: SecretReference
  /**
   * The secret, or a source of it. An HMAC cannot be checked against a digest, so this is the one secret that a registry reaches.
   *
   * @throws when the variable or file that it comes from is not there
   */
  secret(): SecretMaterial | SecretSource
}

/** Names where a secret is instead of holding it. */
export type SecretReference = { readonly env: string } | { readonly file: string }

/** A certificate, by its pin. */
export interface CertificateCredential extends DatedCredential {
  readonly kind: 'certificate'
  /** In the one spelling of `parsePin`: `sha256:<64 hex>`, `sha256/<base64>` (SPKI) or `sha1:<40 hex>`. */
  readonly pin: string
}

/** A client as it is added. */
export interface ClientInput {
  readonly id: string
  /** Default none. */
  readonly groups?: readonly string[] | undefined
  /** Default false. */
  readonly disabled?: boolean | undefined
  /** Default none. */
  readonly credentials?: readonly CredentialInput[] | undefined
}

/** What the inputs of all credentials may say. */
interface DatedInput {
  /** Default `<kind>-<n>`. */
  readonly id?: string | undefined
  /** A Date, or RFC 3339 text with its offset. Default: always. */
  readonly notBefore?: Date | string | undefined
  /** Default: never. */
  readonly notAfter?: Date | string | undefined
}

/**
 * A credential as it is added: the secret itself, of which only the digest is kept, or the digest. What a variable holds may be
 * undefined for the compiler; it is refused.
 */
export type CredentialInput =
  | (DatedInput & { readonly kind: 'api-key' } & ({ readonly key: string | undefined } | { readonly sha256: string }))
  | (DatedInput & { readonly kind: 'basic'; readonly user?: string | undefined } & (
        | { readonly password: string | undefined }
        | { readonly verifier: string }
      ))
  | (DatedInput & { readonly kind: 'hmac'; readonly keyId?: string | undefined } & (
        | { readonly secret: SecretMaterial | SecretSource | undefined }
        | { readonly secretFrom: SecretReference }
      ))
  | (DatedInput & { readonly kind: 'certificate'; readonly pin: string })

/** A date of a credential, when it has one of its own: what somebody put on Object.prototype is none. */
export function dateOf(credential: Credential, name: 'notBefore' | 'notAfter'): string | undefined {
  return Object.hasOwn(credential, name) ? credential[name] : undefined
}

/** Whether two records say the same. */
export function isSameClient(a: Client, b: Client): boolean {
  if (a.id !== b.id || a.disabled !== b.disabled || a.groups.length !== b.groups.length) return false
  if (a.credentials.length !== b.credentials.length) return false
  if (!a.groups.every((group, i) => group === b.groups[i])) return false
  return a.credentials.every((credential, i) => isSameCredential(credential, b.credentials[i] as Credential))
}

function isSameCredential(a: Credential, b: Credential): boolean {
  if (a.id !== b.id || dateOf(a, 'notBefore') !== dateOf(b, 'notBefore') || dateOf(a, 'notAfter') !== dateOf(b, 'notAfter')) return false
  switch (a.kind) {
    case 'api-key':
      return b.kind === 'api-key' && a.sha256 === b.sha256
    case 'basic':
      return b.kind === 'basic' && a.user === b.user && a.verifier === b.verifier
    case 'hmac':
      return b.kind === 'hmac' && a.keyId === b.keyId && isSameReference(a.secretFrom, b.secretFrom)
    case 'certificate':
      return b.kind === 'certificate' && a.pin === b.pin
  }
}

// Two secrets without a reference cannot be compared here, so they count as different.
function isSameReference(a: SecretReference | undefined, b: SecretReference | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return 'env' in a ? 'env' in b && a.env === b.env : 'file' in b && a.file === b.file
}
