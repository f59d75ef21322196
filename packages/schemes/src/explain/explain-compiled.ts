import type { Secret } from '@countersign/core/base'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import { capturedOf } from '../verify/carried.js'
import type { Unverified, Verification } from '../verify/verification.js'
import { checkSignature, judged, keyIdsOf, readBody, readHead } from '../verify/verify.js'
import { axesWithin } from './axes.js'
import { Budget } from './budget.js'
import type { Explanation } from './finding.js'
import { findingsOf } from './findings.js'
import { lenient, readsMembers, withoutValues } from './lenient-scheme.js'
import { NO_AXES, search } from './search.js'
import type { ExplainInput, Searched } from './searched.js'
import { decodable, secretVariants } from './secret-variants.js'
import { readTrial, refusedOr, type Search, type Trial } from './trial.js'

/**
 * Explains a request that a guard has refused, from what it has compiled and looked up already.
 *
 * Not for the sender: what it finds would help a forger. Work: at most 2,000 HMACs and 64 parses of the body.
 */
export function explainCompiled(input: ExplainInput): Explanation {
  const { scheme } = input
  const { name } = scheme.definition
  const usable = (keyId: string | undefined) => decodable(scheme, input.secrets(keyId))
  const verdict = strictly(input, usable)
  if (verdict.ok) return { ok: true, scheme: name, findings: [], work: { hmacs: 0, parses: 0, exhausted: false } }
  const { budget, ...searched } = searchedOf(input, verdict, usable)
  const work = { hmacs: budget.hmacs, parses: budget.parses, exhausted: budget.searched() }
  const findings = findingsOf(searched)
  const { code, reason } = searched.decodes ? verdict : UNDECODABLE
  return { ok: false, scheme: name, code, reason, findings, work }
}

const UNDECODABLE = { code: 'ERR_SECRET_UNUSABLE', reason: 'the secret does not decode as the scheme says' } as const

function strictly({ scheme, view, body, bodyRead, now, allowEmptyBody }: ExplainInput, secrets: ExplainInput['secrets']): Verification {
  return judged(() => {
    const reading = readHead(scheme, view, now)
    // Of a request whose head can be read only an unknown key is refused before its body is.
    if (!bodyRead) throw new SchemeRefusal('ERR_HMAC_UNKNOWN_KEY', 'no active secret belongs to the key id')
    readBody(scheme, reading, body, now)
    const offers = keyIdsOf(scheme, reading).map((keyId) => ({ keyId, secrets: secrets(keyId) }))
    return checkSignature(scheme, reading, offers, { now, allowEmptyBody })
  })
}

function searchedOf(input: ExplainInput, verdict: Unverified, usable: ExplainInput['secrets']): Searched & { readonly budget: Budget } {
  const { scheme, view, body, now, bodyRead } = input
  const budget = new Budget()
  const settings: Search = { now, budget, readsMembers: readsMembers(scheme), parsed: new WeakMap() }
  const base: Trial = { scheme: lenient(scheme, budget), view, body, secrets: usable, told: [] }
  const reading = refusedOr(() => readTrial(base, settings))
  const all = input.secrets(undefined)
  const ours = all.length > 0 ? all : secretsNamed(input, reading)
  const axes = axesWithin(input, base, settings, reading, secretVariants(scheme, ours))
  const held = bodyRead ? search(base, axes, settings) : undefined
  const altered = bodyRead && held === undefined ? search({ ...base, scheme: withoutValues(base.scheme) }, NO_AXES, settings) : undefined
  const decodes = ours.length === 0 || decodable(scheme, ours).length > 0
  return { input, verdict, base, reading, settings, ours, decodes, held, altered, budget }
}

/** Of a look-up only the secrets of the key ids that the request names are known. */
function secretsNamed({ scheme, secrets }: ExplainInput, reading: Reading | undefined): readonly Secret[] {
  if (reading === undefined) return []
  const named = refusedOr(() => keyIdsOf(scheme, reading)) ?? [capturedOf(scheme, reading, 'keyId')]
  return named.flatMap((keyId) => secrets(keyId))
}
