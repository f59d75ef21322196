import type { Absent, AuthRequest, Refused, ValidityWindow } from '@countersign/core/base'
import type { AlternativeName, Certificate, Digests, PinKind } from '@countersign/core/certificates'

/**
 * What whoever ended TLS said about the certificate.
 *
 * - `verified`: it leads to an accepted authority
 * - `unstated`: nothing
 * - `unknown-issuer`: nothing that was looked at speaks against it except that its issuer is unknown; a pin may stand in. Whether it was
 *   revoked nobody can have looked at without its issuer
 * - `failed`: it expired, was revoked or does not hold for another reason; no pin stands in
 */
export type Verification = 'verified' | 'unstated' | 'unknown-issuer' | 'failed'

/** A certificate as a request presents it. Possession of its private key was proved to whoever ended TLS. */
export interface Presented extends Digests {
  readonly kind: 'presented'
  /** The certificate, where the source has it whole. */
  readonly certificate: Certificate | undefined
  readonly verification: Verification
  /** What the source was told, for operators. Undefined: nothing more than verification says. */
  readonly said?: string | undefined
  /** With a chain that was checked here: when each of the paths to a root counts. At least one must be open. */
  readonly windows?: readonly ValidityWindow[] | undefined
  /** The subject alternative names, where the source has them without the certificate. */
  readonly alternativeNames?: readonly AlternativeName[] | undefined
  /**
   * The text that the proxy sends for the key of a condition, such as `CN`; undefined when it sends none. Not asked for what the
   * certificate itself says, where it is there.
   */
  field(key: string): string | undefined
}

/** Where certificates come from: the socket, or the headers of a proxy. */
export interface CertificateSource {
  /** The name of the factory that made it, such as `haproxy`. */
  readonly name: string
  /** The pins that can fit what comes from it. */
  readonly kinds: readonly PinKind[]
  /** The condition keys that it can answer; undefined: whatever the proxy sends. */
  readonly keys: ReadonlySet<string> | undefined
  /** Whether it can ever say `verified`. */
  readonly verifies: boolean
  /** How it writes serial numbers. */
  readonly serialBase: 10 | 16
  /** The certificate of a request. Never throws for anything that a client sends. */
  read(request: AuthRequest): Presented | Absent | Refused
}

/** The keys that a whole certificate answers by itself. */
export const CERTIFICATE_KEYS: ReadonlySet<string> = new Set([
  'FINGERPRINT',
  'FINGERPRINT256',
  'SPKI',
  'SUBJECT',
  'CN',
  'O',
  'OU',
  'ISSUER',
  'SERIAL',
  'SAN',
  'NOTBEFORE',
  'NOTAFTER',
])

/** The pins that a whole certificate can be held against. */
export const CERTIFICATE_KINDS: readonly PinKind[] = Object.freeze(['sha256', 'spki', 'sha1'])
