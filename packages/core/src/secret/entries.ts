import { types } from 'node:util'
import { CountersignError, coreError } from '../errors.js'
import { invalidType, invalidValue, unknownOption } from '../options.js'
import { type ValidityWindow, validityWindow } from '../validity.js'
import { latePattern } from './late-pattern.js'
import { isBlankSecret, type SecretMaterial } from './material.js'
import { heldSecret, type Secret, type SecretShelf } from './secret.js'
import { allowShort, isSource, type SecretSource } from './source.js'

/** A secret with a name, or with a time. */
export interface SecretRecord {
  /** The key id that it answers to: 1 to 256 characters, no blanks and controls. Without one it answers to any key id. */
  readonly id?: string | undefined
  readonly secret: SecretMaterial | SecretSource
  /** Active from then on: a Date, or RFC 3339 text with its offset. Default: always was. */
  readonly notBefore?: Date | string | undefined
  /** Active until just before then. Default: for ever. */
  readonly notAfter?: Date | string | undefined
}

/** A secret, or a source that is asked each time, and when it counts. */
export type SecretEntry = DatedSecret | DatedSource

/** A secret, and when it counts. */
export interface DatedSecret {
  readonly secret: Secret
  readonly window: ValidityWindow
  readonly id: string | undefined
}

/** A source, and when what it holds counts. */
export interface DatedSource {
  readonly source: SecretSource
  readonly window: ValidityWindow
  readonly id: string | undefined
  /** The source's secrets under the id of the record. */
  readonly named: WeakMap<Secret, Secret>
}

const ALWAYS: ValidityWindow = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }
const RECORD_FIELDS = ['id', 'secret', 'notBefore', 'notAfter']
const LONGEST_ID = 256
const plain = latePattern('^[^\\s\\p{C}]+$')

/** Reads what configuration or a look-up gives as secrets. What cannot be used is a TypeError that names where it stands. */
export class SecretReader {
  readonly factory: string
  readonly #shelf: SecretShelf
  readonly #maxSecrets: number

  constructor(factory: string, shelf: SecretShelf, maxSecrets: number) {
    this.factory = factory
    this.#shelf = shelf
    this.#maxSecrets = maxSecrets
  }

  /** The entries of configuration, where a blank one is a mistake. */
  configured(option: string, input: unknown): SecretEntry[] {
    if (!Array.isArray(input)) return [this.#entry(option, input)]
    if (input.length === 0) throw invalidValue(this.factory, option, 'must contain at least one secret')
    return this.#bounded(option, input).map((item, at) => this.#entry(`${option}[${at}]`, item))
  }

  /** The entries of a look-up's answer, where a blank one stands for none. */
  answered(option: string, input: unknown): SecretEntry[] {
    if (!Array.isArray(input)) return holdsNothing(input) ? [] : [this.#entry(option, input)]
    const entries: SecretEntry[] = []
    for (const [at, item] of this.#bounded(option, input).entries()) {
      if (!holdsNothing(item)) entries.push(this.#entry(`${option}[${at}]`, item))
    }
    return entries
  }

  /** What a source holds now, each one checked. @throws CountersignError `ERR_LOOKUP_FAILED` (503) for what the source throws */
  sourced(option: string, entry: DatedSource, now: number): Secret[] {
    const secrets = asked(entry.source, now)
    if (!Array.isArray(secrets)) throw invalidType(this.factory, option, 'a source whose current() returns an array of secrets', secrets)
    return this.#bounded(option, secrets).map((secret) => named(entry, this.#shelf.adopted(option, secret as Secret)))
  }

  #bounded(option: string, list: unknown[]): unknown[] {
    if (list.length > this.#maxSecrets) {
      throw invalidValue(this.factory, option, `must contain at most ${this.#maxSecrets} secrets; it has ${list.length}`)
    }
    // Holes become undefined, and a list that is changed later is not ours.
    return Array.from(list)
  }

  #entry(option: string, input: unknown): SecretEntry {
    if (isRecord(input)) return this.#record(option, input)
    return this.#dated(option, input, ALWAYS, undefined)
  }

  #record(option: string, input: object): SecretEntry {
    const own = new Map(Object.entries(input))
    for (const name of own.keys()) {
      if (!RECORD_FIELDS.includes(name)) throw unknownOption(this.factory, name, RECORD_FIELDS, `${option}.${name}`)
    }
    const id = checkedId(this.factory, `${option}.id`, own.get('id'))
    const window = validityWindow(this.factory, option, own.get('notBefore'), own.get('notAfter'))
    return this.#dated(`${option}.secret`, own.get('secret'), window, id)
  }

  #dated(option: string, secret: unknown, window: ValidityWindow, id: string | undefined): SecretEntry {
    if (!isSource(secret)) return { secret: this.#shelf.secret(option, secret, id), window, id }
    if (this.#shelf.allowWeak) allowShort(secret)
    return { source: secret, window, id, named: new WeakMap() }
  }
}

function asked(source: SecretSource, now: number): unknown {
  try {
    return source.current(now)
  } catch (error) {
    throw error instanceof CountersignError ? error : coreError('ERR_LOOKUP_FAILED', 'a source of secrets failed', error)
  }
}

function named(entry: DatedSource, secret: Secret): Secret {
  if (entry.id === undefined || secret.id === entry.id) return secret
  const known = entry.named.get(secret)
  if (known !== undefined) return known
  const made = heldSecret(secret.material, entry.id)
  entry.named.set(secret, made)
  return made
}

function checkedId(factory: string, option: string, id: unknown): string | undefined {
  if (id === undefined) return undefined
  if (typeof id !== 'string') throw invalidType(factory, option, 'a string', id)
  if (id.length > LONGEST_ID || !plain().test(id)) {
    throw invalidValue(factory, option, `must be 1 to ${LONGEST_ID} characters without spaces and control characters`)
  }
  return id
}

function isRecord(input: unknown): input is object {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, 'secret') && !types.isUint8Array(input)
}

function holdsNothing(input: unknown): boolean {
  return isBlankSecret(isRecord(input) ? (input as { secret: unknown }).secret : input)
}
