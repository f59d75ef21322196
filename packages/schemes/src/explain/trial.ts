import type { Secret } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { MessageParts } from '../hash/hmac.js'
import type { OfferedSecrets } from '../key/keyring.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading, RequestView } from '../request/reading.js'
import type { Verified } from '../verify/verification.js'
import { checkSignature, keyIdsOf, readBody, readHead } from '../verify/verify.js'
import { type Budget, ParsesSpent } from './budget.js'
import type { Told } from './causes.js'
import { parseWeight } from './weight.js'

/** One way in which the request may have been built and signed. */
export interface Trial {
  readonly scheme: CompiledScheme
  readonly view: RequestView
  readonly body: Uint8Array
  /** The secrets that are tried for a key id, in order. */
  readonly secrets: (keyId: string | undefined) => readonly Secret[]
  /** Which of them the scheme can use; all, where it is the one that they were chosen for. */
  readonly usable?: (secrets: readonly Secret[]) => readonly Secret[]
  /** What counts in place of what roles and fields carried, by name. */
  readonly captures?: Readonly<Record<string, string>>
  /** In what it differs from the request as it came. */
  readonly told: readonly Told[]
}

/** A change of a trial; undefined where it changes nothing. */
export type Variant = (trial: Trial) => Trial | undefined

/** A trial whose signature holds. */
export interface Held {
  readonly trial: Trial
  readonly secret: Secret
  readonly messages: readonly MessageParts[]
}

/** What all trials of a search share. */
export interface Search {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly budget: Budget
  /** Whether reading the request parses its body. */
  readonly readsMembers: boolean
  /** A reading that has parsed a body, by its octets: other trials of the same body take over what it has found. */
  readonly parsed: WeakMap<Uint8Array, Reading>
}

/** Reads a trial's request as the engine does. @throws SchemeRefusal */
export function readTrial({ scheme, view, body, captures }: Trial, { now, budget, readsMembers, parsed }: Search): Reading {
  const reading = readHead(scheme, view, now)
  if (readsMembers && body.length > 0) {
    const known = parsed.get(body)
    if (known === undefined || !reading.parsedAs(known)) budget.parse(1, parseWeight(body))
    parsed.set(body, reading)
  }
  readBody(scheme, reading, body, now)
  for (const [name, text] of Object.entries(captures ?? {})) {
    const index = scheme.names.find(name)
    if (index === undefined) continue
    for (const one of reading.labels ?? [reading]) if (one.captured[index] !== undefined) one.captured[index] = text
  }
  return reading
}

/** Whether the signature of a trial holds; undefined when it does not, or the request cannot be read so. */
export function holds(trial: Trial, search: Search): Held | undefined {
  const { usable = (secrets: readonly Secret[]) => secrets } = trial
  countReading(trial, search.budget)
  const found = refusedOr(() => {
    const reading = readTrial(trial, search)
    const offers = keyIdsOf(trial.scheme, reading).map((keyId): OfferedSecrets => ({ keyId, secrets: usable(trial.secrets(keyId)) }))
    return checkSignature(trial.scheme, reading, offers, { now: search.now, allowEmptyBody: true })
  })
  if (found === undefined) return undefined
  const { secret, messages } = found as Verified
  return { trial, secret, messages }
}

/** An octet of a target that is split, sorted and written again costs more than one that is hashed. */
const TARGET_FACTOR = 8

/** Counts what reading a request costs before anything is signed: the digest of its body where it carries one, and the target's octets. */
function countReading({ scheme, view, body }: Trial, budget: Budget): void {
  const digested = scheme.fields.some(({ values }) => values.length > 0)
  if (digested) budget.digest()
  budget.octets((digested ? body.length : 0) + view.target.length * TARGET_FACTOR)
}

/** What work gives; undefined where the request is refused, or its body was parsed often enough. */
export function refusedOr<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof SchemeRefusal || error instanceof ParsesSpent) return undefined
    throw error
  }
}
