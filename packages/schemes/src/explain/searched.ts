import type { Secret } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { CompileOptions } from '../compile/safety.js'
import type { Reading, RequestView } from '../request/reading.js'
import { capturedOf } from '../verify/carried.js'
import type { Unverified } from '../verify/verification.js'
import type { SecretVariant } from './secret-variants.js'
import type { Held, Search, Trial } from './trial.js'

/** A request, and all that a guard knows of it. */
export interface ExplainInput {
  readonly scheme: CompiledScheme
  /** What the scheme was compiled with. */
  readonly compileOptions: CompileOptions
  readonly view: RequestView
  readonly body: Uint8Array
  /** Whether the body is known. Of one that was not read only what the head says is judged. */
  readonly bodyRead: boolean
  /** Whether its Content-Encoding was taken off, so that it is not as long as announced. Default false. */
  readonly bodyDecoded?: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly allowEmptyBody: boolean
  /** The secrets that count for a key id. */
  readonly secrets: (keyId: string | undefined) => readonly Secret[]
  /** All that are configured, and those of others, with what it means when one of them holds. */
  readonly strangers: readonly SecretVariant[]
}

/** All that a search has found out. */
export interface Searched {
  readonly input: ExplainInput
  readonly verdict: Unverified
  /** The request as it came. */
  readonly base: Trial
  /** Its reading; undefined where it cannot be read. */
  readonly reading: Reading | undefined
  readonly settings: Search
  readonly ours: readonly Secret[]
  /** Whether any of our secrets decodes as the scheme says. */
  readonly decodes: boolean
  /** The trial whose signature holds. */
  readonly held: Held | undefined
  /** The same where only the digest that is carried is not that of the body. */
  readonly altered: Held | undefined
}

/** The time that was carried; of several labels the first. */
export function timestampOf({ scheme }: ExplainInput, reading: Reading): string | undefined {
  return capturedOf(scheme, reading.labels?.[0] ?? reading, 'timestamp')
}
