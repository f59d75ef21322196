import type { SchemeCode } from '../errors.js'
import type { Cause, Confidence } from './causes.js'

/** Where two texts part, as shown. */
export interface Difference {
  /** Octets in front of the first one that differs. */
  readonly offset: number
  /** The line that it stands in, from 1. */
  readonly line: number
  /** Both texts around it, one below the other, and a caret under the first difference. */
  readonly marked: string
}

/** Why a signature does not hold. */
export interface Finding {
  readonly cause: Cause
  /** One line; no secret, no signature. */
  readonly title: string
  /** What to do about it, one line. */
  readonly fix: string
  /** `proved`: the signature holds once this is mended. */
  readonly confidence: Confidence
  /** The causes that have to be mended too. */
  readonly with?: readonly Cause[]
  /**
   * What `theirs` and `ours` are: the string to sign; where it holds a hash of what differs, the text that is hashed, such as a canonical
   * request, or the body.
   */
  readonly shows?: 'message' | 'hashed' | 'body'
  /** As the sender must have built it, escaped, cut around the first difference; absent where it is the same or not known. */
  readonly theirs?: string
  /** As the scheme builds it from the request that came. */
  readonly ours?: string
  /** As the scheme builds the text of which `ours` holds a hash, where nothing is known of theirs; up to 2,000 octets of it. */
  readonly hashed?: string
  readonly difference?: Difference
}

/** What was done to find the causes. */
export interface ExplainWork {
  readonly hmacs: number
  /** How often the body was parsed. */
  readonly parses: number
  /** Whether a limit ended the search before all was tried. */
  readonly exhausted: boolean
}

/** Why a request was refused; nothing of it may go to the sender. */
export interface Explanation {
  readonly ok: boolean
  /** The scheme's name. */
  readonly scheme: string
  /** The code that verify refuses with; `ERR_SECRET_UNUSABLE` where the secret does not decode. */
  readonly code?: SchemeCode | 'ERR_SECRET_UNUSABLE'
  /** For the operator, as verify says it. */
  readonly reason?: string
  /** Best first; empty when the signature holds. */
  readonly findings: readonly Finding[]
  readonly work: ExplainWork
}
