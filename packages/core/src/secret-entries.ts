import { types } from 'node:util'
import { invalidType, invalidValue, nearest } from './options.js'
import type { Secret, SecretShelf } from './secret.js'
import { isBlankSecret, type SecretMaterial } from './secret-material.js'
import { type ValidityWindow, validityWindow } from './validity.js'

/** A secret with a name, or with a time. */
export interface SecretRecord {
  /** The key id that it answers to, 1 to 256 characters. Without one it answers to any key id. */
  readonly id?: string | undefined
  readonly secret: SecretMaterial
  /** Active from then on: a Date, or RFC 3339 text with its offset. Default: always was. */
  readonly notBefore?: Date | string | undefined
  /** Active until just before then. Default: for ever. */
  readonly notAfter?: Date | string | undefined
}

/** Something that holds secrets that change, such as a file. A list of secrets may hold it. */
export interface SecretSource {
  /**
   * The secrets that count now, none when none does; always synchronous. The same secret should come as the same object.
   *
   * @param now - milliseconds since the epoch; default the source's own clock
   * @throws CountersignError when it cannot say: an outage
   */
  current(now?: number): readonly Secret[]
}

/** A secret with its window, or a source that is asked each time. */
export type SecretEntry = DatedSecret | SecretSource

/** A secret and when it counts. */
export interface DatedSecret {
  readonly secret: Secret
  readonly window: ValidityWindow
}

const ALWAYS: ValidityWindow = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }
const RECORD_FIELDS = ['id', 'secret', 'notBefore', 'notAfter']
const LONGEST_ID = 256

/** Reads what configuration or a look-up gives as secrets. Its mistakes are TypeErrors; what holds no secret at all it leaves to the caller. */
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
    if (input.length === 0) throw invalidValue(this.factory, option, 'must hold at least one secret')
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

  /** What a source holds now, each one checked. */
  sourced(option: string, source: SecretSource, now: number): Secret[] {
    const secrets: unknown = source.current(now)
    if (!Array.isArray(secrets)) throw invalidType(this.factory, option, 'a source whose current() returns an array of secrets', secrets)
    return this.#bounded(option, secrets).map((secret) => this.#shelf.adopted(option, secret as Secret))
  }

  #bounded(option: string, list: unknown[]): unknown[] {
    if (list.length > this.#maxSecrets) {
      throw invalidValue(this.factory, option, `must hold at most ${this.#maxSecrets} secrets; it holds ${list.length}`)
    }
    // Holes become undefined, and a list that is changed later is not ours.
    return Array.from(list)
  }

  #entry(option: string, input: unknown): SecretEntry {
    if (isRecord(input)) return this.#record(option, input)
    if (isSource(input)) return input
    return { secret: this.#shelf.secret(option, input), window: ALWAYS }
  }

  #record(option: string, input: object): DatedSecret {
    const own = new Map(Object.entries(input))
    for (const name of own.keys()) {
      if (RECORD_FIELDS.includes(name)) continue
      const near = nearest(name, RECORD_FIELDS)
      const hint = near === undefined ? `known are ${RECORD_FIELDS.join(', ')}` : `did you mean "${near}"?`
      throw invalidValue(this.factory, `${option}.${name}`, `is unknown; ${hint}`)
    }
    const id = checkedId(this.factory, `${option}.id`, own.get('id'))
    const window = validityWindow(this.factory, option, own.get('notBefore'), own.get('notAfter'))
    return { secret: this.#shelf.secret(`${option}.secret`, own.get('secret'), id), window }
  }
}

/** Whether an entry is asked each time. */
export function isSource(entry: unknown): entry is SecretSource {
  return typeof entry === 'object' && entry !== null && typeof (entry as { current?: unknown }).current === 'function'
}

/** The id of a secret: undefined, or 1 to 256 characters without blanks and controls. */
export function checkedId(factory: string, option: string, id: unknown): string | undefined {
  if (id === undefined) return undefined
  if (typeof id !== 'string') throw invalidType(factory, option, 'a string', id)
  if (id.length > LONGEST_ID || !/^[^\s\p{C}]+$/u.test(id)) {
    throw invalidValue(factory, option, `must be 1 to ${LONGEST_ID} characters without blanks and control characters`)
  }
  return id
}

function isRecord(input: unknown): input is object {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, 'secret') && !types.isUint8Array(input)
}

function holdsNothing(input: unknown): boolean {
  return isBlankSecret(isRecord(input) ? (input as { secret: unknown }).secret : input)
}
