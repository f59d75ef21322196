import type { CompiledScheme } from '../compile/compiled-scheme.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import type { Dictionary } from '../request/structured.js'
import { missing } from './carried.js'
import type { Verified } from './verification.js'

/**
 * Makes a reading for each label that stands in all of the scheme's labelled fields, and reads it. A label that cannot hold does not
 * keep another from it: a request may carry the signatures of several senders.
 *
 * A member of one field without its counterpart is ignored (RFC 9421 section 4.2).
 *
 * @throws SchemeRefusal when there is no label, or none that can hold
 */
export function readLabels(scheme: CompiledScheme, reading: Reading, read: (one: Reading) => void): void {
  const labels = labelsOf(scheme.labelled, reading)
  if (labels.length > scheme.maxSignatures) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${scheme.maxSignatures} signatures`)
  const found = labels.map((label) => reading.forLabel(label))
  if (found.length === 0) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `no label stands in all of ${scheme.labelled.join(', ')}`)
  reading.labels = readEach(found, read)
}

/** Reads what the elements of a list carry beside their signatures; each is judged for itself where they are several. */
export function readApart(reading: Reading, elements: readonly Reading[], read: (one: Reading) => void): void {
  if (elements.length === 1) read(reading)
  else reading.labels = readEach(elements, read)
}

/**
 * Reads what is judged for itself. What cannot hold does not keep another from it.
 *
 * @returns those that can hold
 * @throws SchemeRefusal of the first, when none can
 */
function readEach(readings: readonly Reading[], read: (one: Reading) => void): readonly Reading[] {
  const able: Reading[] = []
  const refusals: SchemeRefusal[] = []
  for (const one of readings) {
    const refusal = refusalOf(() => read(one))
    if (refusal === undefined) able.push(one)
    else refusals.push(refusal)
  }
  if (able.length === 0) throw refusals[0] as SchemeRefusal
  return able
}

function labelsOf(labelled: readonly string[], reading: Reading): readonly string[] {
  const [first = '', ...others] = labelled
  const covered = others.map((field) => reading.hasHeader(field))
  // A Signature field alone is another scheme's where ours has more: draft-cavage has one too.
  if (others.length === 0 ? !reading.hasHeader(first) : !covered.includes(true)) throw missing()
  const lacking = reading.hasHeader(first) ? others[covered.indexOf(false)] : first
  if (lacking !== undefined) throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `the request lacks the field ${lacking}`)
  const labels = [...(reading.dictionary(first) as Dictionary).keys()]
  return labels.filter((label) => others.every((field) => (reading.dictionary(field) as Dictionary).has(label)))
}

/**
 * Judges each label as a whole. The first that holds says who sent the request; the messages of all that hold come with it, so that the
 * request is known again without one of them.
 */
export function checkLabels(labels: readonly Reading[], check: (one: Reading) => Verified): Verified {
  const held: Verified[] = []
  const refusals: SchemeRefusal[] = []
  for (const one of labels) {
    const refusal = refusalOf(() => held.push(check(one)))
    if (refusal !== undefined) refusals.push(refusal)
  }
  const [first, ...others] = held
  if (first === undefined) throw mostTelling(refusals)
  return others.length === 0 ? first : together(first, held)
}

/** Any of them could have come alone, so that the latest says for how long the request has to be remembered. */
function together(first: Verified, held: readonly Verified[]): Verified {
  const times = held.flatMap(({ signedAt }) => signedAt ?? [])
  return {
    ...first,
    signedAt: times.length === 0 ? undefined : Math.max(...times),
    nonce: held.find(({ nonce }) => nonce !== undefined)?.nonce,
    messages: held.flatMap(({ messages }) => messages),
  }
}

/** Of a label of ours that does not hold rather than of one whose key nobody here knows. */
function mostTelling(refusals: readonly SchemeRefusal[]): SchemeRefusal {
  const own = refusals.find(({ code }) => code !== 'ERR_HMAC_UNKNOWN_KEY' && code !== 'ERR_HMAC_ALGORITHM')
  return own ?? (refusals[0] as SchemeRefusal)
}

function refusalOf(run: () => unknown): SchemeRefusal | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof SchemeRefusal) return error
    throw error
  }
}
