import { headerValues } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { MessageParts } from '../hash/hmac.js'
import type { Reading } from '../request/reading.js'
import { joined } from '../template/message.js'
import { type Mask, type Shown, shownPair, shownWhole } from './difference.js'
import type { Finding } from './finding.js'
import { maskOf } from './masks.js'
import { printed, printedHashed } from './printed.js'
import type { Searched } from './searched.js'
import { type Held, readTrial, refusedOr, type Trial } from './trial.js'

/** Of larger bodies nothing is shown, so that they are not copied, octets. */
const MOST_SHOWN = 16 * 1024 * 1024

/** What is shown of the strings, and what they are. */
type ShownStrings = Shown & Pick<Finding, 'shows' | 'hashed'>

/**
 * The string to sign as the sender must have built it and as we build it; the texts of which it holds a hash, or the bodies, where it
 * is these that differ. What is in them of secrets and signatures is cut.
 */
export function shownOf(searched: Searched, held: Held | undefined): ShownStrings | undefined {
  const { base, input } = searched
  if (input.scheme.scope !== undefined || base.body.length > MOST_SHOWN) return undefined
  const mask = maskFor(searched, held)
  const ours = printedFor(searched, searched.reading, base, printed)
  const hashed = printedFor(searched, searched.reading, base, printedHashed)
  if (held === undefined) {
    if (ours === undefined) return undefined
    return { shows: 'message', ...shownPair(mask(ours), mask(ours)), ...(hashed !== undefined && { hashed: shownWhole(mask(hashed)) }) }
  }
  const theirs = theirMessage(searched, held)
  if (theirs === undefined) return undefined
  const { body } = held.trial
  if (body !== base.body && !holdsBody(theirs, body)) return { shows: 'body', ...shownPair(mask(body), mask(base.body)) }
  const theirHashed = hashed && printedFor(searched, undefined, held.trial, printedHashed)
  if (hashed !== undefined && theirHashed !== undefined && !theirHashed.equals(hashed))
    return { shows: 'hashed', ...shownPair(mask(theirHashed), mask(hashed)) }
  return { shows: 'message', ...shownPair(mask(theirs), mask(ours ?? theirs)) }
}

function theirMessage(searched: Searched, { trial, messages }: Held): Buffer | undefined {
  // What was signed holds the secret, or what only who has it can make: it is printed again without.
  if (isKeyed(trial.scheme.definition)) return printedFor(searched, undefined, trial, printed)
  const [first] = messages
  return first === undefined ? undefined : octetsOf(first)
}

function octetsOf(parts: MessageParts): Buffer {
  return Buffer.from(joined(parts))
}

function isKeyed(definition: object): boolean {
  return /\{secret[|}]|\|hmac/.test(JSON.stringify({ ...definition, key: undefined }))
}

function printedFor<T>({ settings }: Searched, known: Reading | undefined, trial: Trial, print: Print<T>): T | undefined {
  return refusedOr(() => {
    // A reading that was tried holds the key of the last secret.
    const reading = known !== undefined && !isKeyed(trial.scheme.definition) ? known : readTrial(trial, settings)
    return print(trial.scheme, reading.labels?.[0] ?? reading)
  })
}

type Print<T> = (scheme: CompiledScheme, reading: Reading) => T

function holdsBody(message: Buffer, body: Uint8Array): boolean {
  return message.length >= body.length && message.includes(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
}

function isOpaque(word: string): boolean {
  return word.length >= 16 && !/^[0-9]+$/.test(word)
}

/** Every form of the secrets, and what the request has in the places of the signature. */
export function maskFor({ input, ours, reading }: Searched, held: Held | undefined): Mask {
  const { definition, signature } = input.scheme
  const { headers } = signature.home
  // What the scheme itself says, such as an auth-scheme, is nobody's signature.
  const own = JSON.stringify(definition)
  const given = headers.flatMap((name) => headerValues(input.view.rawHeaders, name))
  const words = given.flatMap((value) => value.split(/[\s,;="':]+/)).filter((word) => isOpaque(word) && !own.includes(word))
  const read = [reading, ...(reading?.labels ?? [])].flatMap((one) => one?.candidates ?? []).map(({ signature }) => signature)
  const strangers = input.strangers.map(({ secret }) => secret)
  // A word that stands in the place of a secret is none.
  const isNone = held?.trial.told.some(({ cause }) => cause === 'secret-unset') !== false
  return maskOf(
    [...ours, ...strangers, ...(held === undefined || isNone ? [] : [held.secret])],
    [...words.slice(0, 64), ...read.slice(0, 64)],
  )
}
