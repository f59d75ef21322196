import { headerValues } from '@countersign/core/base'
import type { MessageParts } from '../hmac.js'
import { joined } from '../message.js'
import type { Reading } from '../reading.js'
import { printed } from './axes.js'
import { type Mask, type Shown, shownPair } from './difference.js'
import { maskOf } from './masks.js'
import type { Searched } from './searched.js'
import { type Held, readTrial, refusedOr } from './trial.js'

/** Of larger bodies nothing is shown, so that they are not copied, octets. */
const MOST_SHOWN = 16 * 1024 * 1024

/**
 * The string to sign as the sender must have built it and as we build it, or the bodies where it holds a digest of them. What is in
 * them of secrets and signatures is cut.
 */
export function shownOf(searched: Searched, held: Held | undefined): (Shown & { readonly shows: 'message' | 'body' }) | undefined {
  const { base, input } = searched
  if (input.scheme.scope !== undefined || base.body.length > MOST_SHOWN) return undefined
  const mask = maskFor(searched, held)
  const ours = printedFor(searched, searched.reading)
  if (held === undefined) return ours === undefined ? undefined : { shows: 'message', ...shownPair(mask(ours), mask(ours)) }
  const theirs = theirMessage(searched, held)
  if (theirs === undefined) return undefined
  const { body } = held.trial
  if (body !== base.body && !holdsBody(theirs, body)) return { shows: 'body', ...shownPair(mask(body), mask(base.body)) }
  return { shows: 'message', ...shownPair(mask(theirs), mask(ours ?? theirs)) }
}

function theirMessage(searched: Searched, { trial, messages }: Held): Buffer | undefined {
  // What was signed holds the secret, or what only who has it can make: it is printed again without.
  if (isKeyed(trial.scheme.definition)) return printedFor(searched, undefined, trial)
  const [first] = messages
  return first === undefined ? undefined : octetsOf(first)
}

function octetsOf(parts: MessageParts): Buffer {
  return Buffer.from(joined(parts))
}

function isKeyed(definition: object): boolean {
  return /\{secret[|}]|\|hmac/.test(JSON.stringify({ ...definition, key: undefined }))
}

function printedFor({ settings, base }: Searched, known: Reading | undefined, trial = base): Buffer | undefined {
  return refusedOr(() => {
    // A reading that was tried holds the key of the last secret.
    const reading = known !== undefined && !isKeyed(trial.scheme.definition) ? known : readTrial(trial, settings)
    return printed(trial.scheme, reading.labels?.[0] ?? reading)
  })
}

function holdsBody(message: Buffer, body: Uint8Array): boolean {
  return message.length >= body.length && message.includes(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
}

/** Every form of the secrets, and what the request has in the places of the signature. */
export function maskFor({ input, ours, reading }: Searched, held: Held | undefined): Mask {
  const { headers } = input.scheme.signature.home
  const given = headers.flatMap((name) => headerValues(input.view.rawHeaders, name))
  const words = given.flatMap((value) => value.split(/[\s,;="':]+/)).filter((word) => word.length >= 16 && !/^[0-9]+$/.test(word))
  const read = [reading, ...(reading?.labels ?? [])].flatMap((one) => one?.candidates ?? []).map(({ signature }) => signature)
  const strangers = input.strangers.map(({ secret }) => secret)
  // A word that stands in the place of a secret is none.
  const isNone = held?.trial.told.some(({ cause }) => cause === 'secret-unset') !== false
  return maskOf(
    [...ours, ...strangers, ...(held === undefined || isNone ? [] : [held.secret])],
    [...words.slice(0, 64), ...read.slice(0, 64)],
  )
}
