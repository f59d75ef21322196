import type { Secret } from '@countersign/core/base'
import type { SchemeCode } from '../errors.js'
import type { MessageParts } from '../hash/hmac.js'

/** A signature holds. */
export interface Verified {
  readonly ok: true
  /** The secret that it holds under. */
  readonly secret: Secret
  /** The key id that the request names. It is the sender's word where the scheme does not sign it. */
  readonly keyId: string | undefined
  /** When it was signed, milliseconds; undefined where the scheme signs no time. */
  readonly signedAt: number | undefined
  readonly nonce: string | undefined
  /** The SHA-256, base64url, of what of the request the key is made of, where it alone signs the time or the nonce. */
  readonly keyParts: string | undefined
  /** The octets that were signed (the secret among them, where `facts.secretInMessage`); of a scope, of all its items; of labels, under each that holds. */
  readonly messages: readonly MessageParts[]
}

/** A signature is missing or does not hold. */
export interface Unverified {
  readonly ok: false
  /** Whether the request carries no signature of the scheme at all. */
  readonly absent: boolean
  readonly code: SchemeCode
  /** For the operator; holds no secret and no expected signature. */
  readonly reason: string
  /** The header field whose value is in the form of another scheme, which may be asked for it. */
  readonly elsewhere?: string
  /** What the answer tells a sender whose signature holds and whose time does not; where the scheme has a hint. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Whether a signature holds. */
export type Verification = Verified | Unverified
