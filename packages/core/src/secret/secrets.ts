import type { Clock } from '../clock.js'
import { within } from '../deadline.js'
import { CountersignError, coreError } from '../errors.js'
import { invalidValue } from '../options.js'
import { isOpen } from '../validity.js'
import { type DatedSecret, type SecretEntry, SecretReader, type SecretRecord } from './entries.js'
import type { SecretMaterial } from './material.js'
import { type Secret, SecretShelf } from './secret.js'
import type { SecretSource } from './source.js'

/** One or several secrets, as configured. */
export type SecretList = SecretMaterial | SecretRecord | SecretSource | readonly (SecretMaterial | SecretRecord | SecretSource)[]

/** What a look-up may answer. Undefined, null and blanks stand for no secret, in a list as well. */
export type SecretAnswer = SecretList | readonly (SecretMaterial | SecretRecord | SecretSource | undefined | null)[] | undefined | null

/**
 * Finds the secrets of a key id, which has the shape that the scheme allows and is otherwise as the sender chose it; undefined when
 * the scheme carries none. Undefined, null, blank text, empty octets and an empty list mean that nobody has this key id; a throw is
 * an outage. A record with another id than the one asked for does not count.
 */
export type SecretLookup = (keyId: string | undefined) => SecretAnswer | PromiseLike<SecretAnswer>

/** What the option of a secret takes. */
export type SecretInput = SecretList | SecretLookup

/** What an engine asks for secrets. */
export interface SecretSet {
  /** Whether a function of the caller finds the secrets, so that `active` may answer a promise. */
  readonly lookup: boolean
  /**
   * The secrets that count now, in the order given. A secret with an id answers to that key id alone, one without answers to any;
   * without a key id all answer. None: the key id is unknown, or nothing is active. A blank secret is never among them.
   *
   * @throws CountersignError, or the promise rejects with it: `ERR_LOOKUP_FAILED`, `ERR_LOOKUP_TIMEOUT`, `ERR_SECRET_STALE` (503),
   *   `ERR_SECRET_UNUSABLE` (500), or what a look-up threw as a CountersignError
   */
  active(keyId: string | undefined): readonly Secret[] | Promise<readonly Secret[]>
}

/** What goes with the secrets of a factory. */
export interface SecretSetOptions {
  readonly now: Clock
  /** How long a look-up may take, milliseconds. */
  readonly timeoutMs: number
  /** Whether secrets under 16 octets pass. */
  readonly allowWeak: boolean
  /** The most secrets of a list, of a look-up's answer and of a source. Default 100. */
  readonly maxSecrets?: number
}

const MOST_SECRETS = 100

/**
 * Checks the secrets of a factory when it is made, and finds the active ones for each request.
 *
 * A secret that stays the same is the same Secret object, so that keys derived from it can be kept in a WeakMap. Not checked here:
 * its length once the scheme has decoded the text.
 *
 * @param factory - the public name of the factory, for messages
 * @param option - the name of its option, such as `secret`
 * @throws TypeError when a secret is missing, blank, under 16 octets (unless allowWeak), of a wrong type, a public key; when there are
 *   too many; when a date is none; when all have expired; when two with one id have the same window
 */
export function secretSet(factory: string, option: string, input: unknown, options: SecretSetOptions): SecretSet {
  const shelf = new SecretShelf(factory, options.allowWeak)
  const reader = new SecretReader(factory, shelf, options.maxSecrets ?? MOST_SECRETS)
  if (typeof input === 'function') return lookupSet(option, input as SecretLookup, reader, options)
  return listSet(option, input, reader, options.now)
}

function listSet(option: string, input: unknown, reader: SecretReader, now: Clock): SecretSet {
  const entries = reader.configured(option, input)
  refuseTwins(reader.factory, option, entries)
  refuseExpired(reader.factory, option, entries, now())
  for (const entry of entries) if (!isHeld(entry)) reader.sourced(option, entry, now())
  if (entries.every(isFixed)) return fixedSet(entries.map((entry) => entry.secret))
  return { lookup: false, active: (keyId) => activeOf(option, entries, reader, keyId, now()) }
}

/** Without dates and sources the answers are made beforehand. */
function fixedSet(secrets: Secret[]): SecretSet {
  const all = Object.freeze(secrets)
  const nameless = Object.freeze(all.filter((secret) => secret.id === undefined))
  const byId = new Map<string, readonly Secret[]>()
  for (const { id } of all) {
    if (id !== undefined) byId.set(id, Object.freeze(all.filter((secret) => answersTo(secret, id))))
  }
  return { lookup: false, active: (keyId) => (keyId === undefined ? all : (byId.get(keyId) ?? nameless)) }
}

function lookupSet(option: string, lookup: SecretLookup, reader: SecretReader, options: SecretSetOptions): SecretSet {
  const answerOption = `${option}()`
  const read = (answer: unknown, keyId: string | undefined) => {
    const entries = usable(() => (isInherited(answer, keyId) ? [] : reader.answered(answerOption, answer)))
    return activeOf(answerOption, entries, reader, keyId, options.now())
  }
  return {
    lookup: true,
    active(keyId) {
      const answer = within<unknown>(options.timeoutMs, () => lookup(keyId))
      return answer instanceof Promise ? answer.then((settled) => read(settled, keyId)) : read(answer, keyId)
    },
  }
}

function activeOf(option: string, entries: SecretEntry[], reader: SecretReader, keyId: string | undefined, now: number): Secret[] {
  const active: Secret[] = []
  for (const entry of entries) {
    if (!isOpen(entry.window, now)) continue
    const secrets = isHeld(entry) ? [entry.secret] : usable(() => reader.sourced(option, entry, now))
    for (const secret of secrets) if (answersTo(secret, keyId)) active.push(secret)
  }
  return active
}

function answersTo(secret: Secret, keyId: string | undefined): boolean {
  return keyId === undefined || secret.id === undefined || secret.id === keyId
}

/**
 * A look-up such as `(id) => secrets[id]` finds, under the key ids `constructor`, `toString`, `__proto__`, what every object has: a
 * function or a prototype. Nobody has such a key id.
 */
function isInherited(answer: unknown, keyId: string | undefined): boolean {
  if (keyId === undefined || !(keyId in Object.prototype)) return false
  return typeof answer === 'function' || (keyId === '__proto__' && isPrototype(answer))
}

function isPrototype(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'constructor')
}

/** While a request is judged, a secret that cannot be used is a defect of whoever answered it. */
function usable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof CountersignError) throw error
    // Only the messages of this library are known to hold no secret.
    const told = error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_INVALID_ARG_')
    throw coreError('ERR_SECRET_UNUSABLE', told ? error.message : undefined, error)
  }
}

function isHeld(entry: SecretEntry): entry is DatedSecret {
  return 'secret' in entry
}

function isFixed(entry: SecretEntry): entry is DatedSecret {
  return isHeld(entry) && entry.window.from === Number.NEGATIVE_INFINITY && entry.window.until === Number.POSITIVE_INFINITY
}

function refuseExpired(factory: string, option: string, entries: SecretEntry[], now: number): void {
  if (entries.some((entry) => !(entry.window.until <= now))) return
  const last = new Date(Math.max(...entries.map((entry) => entry.window.until)))
  throw invalidValue(factory, option, `contains only secrets that have expired, the last one at ${last.toISOString()}`)
}

function refuseTwins(factory: string, option: string, entries: SecretEntry[]): void {
  const seen = new Set<string>()
  for (const { id, window } of entries) {
    if (id === undefined) continue
    const twin = `${window.from} ${window.until} ${id}`
    if (seen.has(twin))
      throw invalidValue(factory, option, `contains two secrets with the id "${id}" for the same time; give each its own id or dates`)
    seen.add(twin)
  }
}
