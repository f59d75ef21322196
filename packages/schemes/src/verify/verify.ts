import type { Secret } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import { checkField, fillField } from '../compile/fields.js'
import type { Unsent } from '../compile/unsent.js'
import type { HashName, HmacKey, MessageParts } from '../hash/hmac.js'
import { againstGuard } from '../judge/guards.js'
import { type KeyIds, keyringOf, type OfferedSecrets } from '../key/keyring.js'
import { textOfSecret } from '../key/keys.js'
import { SchemeRefusal } from '../refusal.js'
import { itemsAt } from '../request/items.js'
import { type Candidate, Reading, type RequestView } from '../request/reading.js'
import { MessageBuilder } from '../template/message.js'
import { capturedAt, capturedOf, missing, readCarried, readElements, readSignatures } from './carried.js'
import { checkTime, isTimeRead } from './freshness.js'
import { checkLabels, readApart, readLabels } from './structured-labels.js'
import { refuseFormOfJson, refuseNothingSigned } from './unsigned.js'
import type { Unverified, Verified } from './verification.js'

/** What the request alone decides, and what the set-up lets in. */
export interface VerifyOptions {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly allowEmptyBody?: boolean
}

/** Turns the engine's refusals into a verdict; anything else is a defect and goes on. */
export function judged<T>(work: () => T): T | Unverified {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SchemeRefusal)) throw error
    const { absent, code, message: reason, elsewhere, headers } = error
    return { ok: false, absent, code, reason, ...(elsewhere !== undefined && { elsewhere }), ...(headers !== undefined && { headers }) }
  }
}

/**
 * Reads what the request carries in front of its body, and judges the time where it stands there.
 *
 * Not checked yet: everything else. A scheme whose credentials sit in the body is read by `readBody`.
 */
export function readHead(scheme: CompiledScheme, request: RequestView, now: number): Reading {
  const reading = new Reading(request, scheme.names.size, scheme)
  if (scheme.labelled.length > 0) readLabels(scheme, reading, (one) => readFields(scheme, one, now))
  else if (scheme.signature.apart) readApart(reading, readElements(scheme, reading), (one) => readBesideSignatures(scheme, one, now))
  else readFields(scheme, reading, now)
  return reading
}

function readFields(scheme: CompiledScheme, reading: Reading, now: number): void {
  if (scheme.signature.home.phase === 'head') readSignatures(scheme, reading)
  readBesideSignatures(scheme, reading, now)
}

function readBesideSignatures(scheme: CompiledScheme, reading: Reading, now: number): void {
  for (const carried of scheme.carried) if (carried.home.phase === 'head') readCarried(scheme, carried, reading)
  checkTime(scheme, reading, now)
}

/** Reads what the request carries in its body. To be called once, with every octet of it. */
export function readBody(scheme: CompiledScheme, reading: Reading, body: Uint8Array, now: number): void {
  reading.body = body
  for (const one of reading.labels ?? []) readBody(scheme, one, body, now)
  if (scheme.facts.bodyFirst && scheme.scope === undefined) readInBody(scheme, reading, now)
  // Before anything asks for the branch of the message: what counts where nothing is carried can choose it.
  for (const field of scheme.fields) fillField(field, reading)
}

function readInBody(scheme: CompiledScheme, reading: Reading, now: number): void {
  const timeRead = isTimeRead(scheme, reading)
  if (scheme.signature.home.phase === 'body') readSignatures(scheme, reading)
  for (const carried of scheme.carried) if (carried.home.phase === 'body') readCarried(scheme, carried, reading)
  if (!timeRead) checkTime(scheme, reading, now)
}

/** The key ids that the request names, each once; `[undefined]` when it names none. */
export function keyIdsOf(scheme: CompiledScheme, reading: Reading): readonly (string | undefined)[] {
  if (reading.labels !== undefined) {
    const [label] = reading.labels
    if (label !== undefined && reading.labels.length === 1) return keyIdsOf(scheme, label)
    return [...new Set(reading.labels.flatMap((one) => keyIdsOf(scheme, one)))]
  }
  if (!scheme.facts.keyId) return UNNAMED
  if (reading.candidates.length === 1) return [keyIdOf(scheme, reading, reading.candidates[0] as Candidate)]
  const ids = new Set(reading.candidates.map((candidate) => keyIdOf(scheme, reading, candidate)))
  return ids.size === 0 ? [capturedAt(reading, scheme.names.keyId)] : [...ids]
}

const UNNAMED: readonly undefined[] = [undefined]

/**
 * Whether a signature of the request holds under a secret of the key id that it names.
 *
 * @param offers - one entry for each of `keyIdsOf`
 */
export function checkSignature(
  scheme: CompiledScheme,
  reading: Reading,
  offers: readonly OfferedSecrets[],
  options: VerifyOptions,
): Verified {
  if (reading.labels !== undefined) return checkLabels(reading.labels, (one) => checkOne(scheme, one, offers, options))
  if (scheme.scope !== undefined) return checkScope(scheme, reading, offers, options)
  return checkOne(scheme, reading, offers, options)
}

function checkOne(scheme: CompiledScheme, reading: Reading, offers: readonly OfferedSecrets[], options: VerifyOptions): Verified {
  if (reading.candidates.length === 0) throw missing()
  if (scheme.facts.timestamp !== undefined && scheme.unsent === undefined && !isTimeRead(scheme, reading))
    throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', '{timestamp} is not in the request')
  refuseNothingSigned(scheme, reading, options.allowEmptyBody === true)
  for (const field of scheme.fields) if (!field.keyed) checkField(field, reading, options.now)
  for (const guard of scheme.guards) checkGuard(scheme, reading, guard)
  const hash = hashOf(scheme, reading)
  const keyring = keyringOf(offers, scheme.facts.keyId)
  for (const secret of keyring.secrets) {
    const key = scheme.key.make(secret, hash, reading)
    reading.key = key
    reading.secretText = textOfSecret(secret)
    if (scheme.unsent !== undefined) {
      const match = matchAtSomeTime(scheme, scheme.unsent, reading, { secret, key, keyIds: keyring.keyIds(secret) }, options.now)
      if (match === undefined) continue
      return concluded(scheme, reading, offers, match, options.now)
    }
    const out = new MessageBuilder()
    scheme.message.emit(reading, out)
    if (out.parts.length === 0 && !scheme.key.derived && (options.allowEmptyBody !== true || key.prefix))
      throw new SchemeRefusal('ERR_HMAC_NOTHING_SIGNED', 'what the scheme signs of the request is empty')
    const expected = scheme.mac.write(key, out.parts)
    const candidate = matching(scheme, reading, keyring.keyIds(secret), expected)
    if (candidate === undefined) continue
    if (reading.late !== undefined) throw hinted(scheme, reading, reading.late, options.now)
    return concluded(scheme, reading, offers, { secret, key, candidate, message: out.parts }, options.now)
  }
  throw new SchemeRefusal('ERR_HMAC_MISMATCH', 'no signature in the request matches an active secret')
}

/** What the tries of one time may read of a body together, octets: hashing them takes some 20 ms. */
const MOST_TRIED_OCTETS = 32 * 1024 * 1024

/**
 * Tries each second in which a time that is not sent may lie, those next to our clock first; with a long body as many of them as
 * MOST_TRIED_OCTETS allows, since anybody can send one.
 */
function matchAtSomeTime(
  scheme: CompiledScheme,
  { index, times }: Unsent,
  reading: Reading,
  { secret, key, keyIds }: { readonly secret: Secret; readonly key: HmacKey; readonly keyIds: KeyIds },
  now: number,
): Match | undefined {
  let left = MOST_TRIED_OCTETS
  for (const [text, ms] of times(now)) {
    reading.captured[index] = text
    const out = new MessageBuilder()
    scheme.message.emit(reading, out)
    const candidate = matching(scheme, reading, keyIds, scheme.mac.write(key, out.parts))
    if (candidate !== undefined) {
      reading.signedAt = ms
      return { secret, key, candidate, message: out.parts }
    }
    left -= reading.body.length
    if (left < 0) return undefined
  }
  return undefined
}

function hinted(scheme: CompiledScheme, reading: Reading, { code, message }: SchemeRefusal, now: number): SchemeRefusal {
  return new SchemeRefusal(code, message, { headers: scheme.hint?.(reading, now) })
}

/** A signature that holds, and under what. */
interface Match {
  readonly secret: Secret
  readonly key: HmacKey
  readonly candidate: Candidate
  readonly message: MessageParts
}

/** What is left to judge where a signature holds. */
function concluded(
  scheme: CompiledScheme,
  reading: Reading,
  offers: readonly OfferedSecrets[],
  { secret, key, candidate, message }: Match,
  now: number,
): Verified {
  if (scheme.namelessGuards.length > 0 && answersToAny(secret, offers)) checkNameless(scheme, reading)
  for (const field of scheme.fields) if (field.keyed) checkField(field, reading, now)
  scheme.key.keep(secret, key)
  refuseFormOfJson(scheme, reading)
  return verified(scheme, reading, secret, candidate, message)
}

function matching(scheme: CompiledScheme, reading: Reading, keyIds: KeyIds, expected: string): Candidate | undefined {
  for (const one of reading.candidates) {
    const belongs = keyIds === undefined || keyIds.includes(keyIdOf(scheme, reading, one))
    if (belongs && scheme.mac.equal(expected, one.signature)) return one
  }
  return undefined
}

function keyIdOf(scheme: CompiledScheme, reading: Reading, candidate: Candidate): string | undefined {
  return candidate.keyId ?? capturedAt(reading, scheme.names.keyId)
}

function verified(scheme: CompiledScheme, reading: Reading, secret: Secret, candidate: Candidate, message: MessageParts): Verified {
  return {
    ok: true,
    secret,
    keyId: keyIdOf(scheme, reading, candidate),
    signedAt: reading.signedAt,
    nonce: capturedAt(reading, scheme.names.nonce),
    keyParts: scheme.facts.keyDiffers ? scheme.key.partsDigest(reading) : undefined,
    messages: [message],
  }
}

function checkScope(scheme: CompiledScheme, reading: Reading, offers: readonly OfferedSecrets[], options: VerifyOptions): Verified {
  if (reading.body.length === 0) throw missing()
  const items = itemsAt(reading.json, scheme.scope as readonly string[])
  if (items.length === 0) throw missing()
  const results = items.map((item) => {
    const one = reading.forItem(item)
    readSignatures(scheme, one)
    for (const carried of scheme.carried) if (carried.home.phase === 'body') readCarried(scheme, carried, one)
    checkTime(scheme, one, options.now)
    return checkOne(scheme, one, offers, options)
  })
  const [first] = results as [Verified]
  // Items of two senders, put together by a third or by one of the two, are no request of either.
  if (results.some(({ secret }) => secret !== first.secret))
    throw new SchemeRefusal('ERR_HMAC_MISMATCH', 'the items of the body are not all signed under one secret')
  return results.length === 1 ? first : { ...first, messages: results.flatMap((result) => result.messages) }
}

/** Whether the request could name another key id, and the secret would be the same. */
function answersToAny({ id }: Secret, offers: readonly OfferedSecrets[]): boolean {
  return id === undefined && offers.some(({ own }) => own !== true)
}

function checkNameless(scheme: CompiledScheme, reading: Reading): void {
  for (const guard of scheme.namelessGuards) {
    const value = capturedOf(scheme, reading, guard.name)
    const problem = value === undefined ? undefined : againstGuard(guard, value)
    if (problem !== undefined)
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', `${problem}; the secret answers to any key id: give it this one, { id, secret }`)
  }
}

function checkGuard(scheme: CompiledScheme, reading: Reading, guard: CompiledScheme['guards'][number]): void {
  const value = capturedOf(scheme, reading, guard.name)
  if (value === undefined) return
  const problem = againstGuard(guard, value)
  if (problem !== undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', problem)
}

function hashOf(scheme: CompiledScheme, reading: Reading): HashName {
  if (scheme.algorithms === undefined) return scheme.hash
  const named = capturedAt(reading, scheme.names.algorithm)
  if (named === undefined) return scheme.hash
  const hash = scheme.algorithms.get(named.toLowerCase())
  if (hash === undefined) throw new SchemeRefusal('ERR_HMAC_ALGORITHM', 'the request names an algorithm that the scheme does not list')
  return hash
}
