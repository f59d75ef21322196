import { isUint8Array } from 'node:util/types'
import {
  type Clock,
  invalidType,
  invalidValue,
  type OptionReader,
  type Secret,
  type SecretInput,
  type SecretSet,
  secretSet,
} from '@countersign/core/base'
import { axiosAuthError } from './errors.js'

/** How long a function that finds a secret may take, milliseconds. */
const TIMEOUT_MS = 5000

/** How a header value is made of a secret. */
export interface ValueRules {
  readonly factory: string
  readonly option: string
  readonly now: Clock
  /** Of the octets of the secret; of text, its UTF-8. */
  readonly make: (octets: Buffer) => string
  /** What is wrong with the octets, as the end of a sentence; undefined when they can be sent. */
  readonly problem: (octets: Buffer) => string | undefined
}

/**
 * The header value that is made of a secret: once as long as the secret stays the same. Of several secrets that count now the first
 * is used, so that a rotation is prepared by listing the next one with its dates.
 */
export class SecretValue {
  readonly #rules: ValueRules
  readonly #set: SecretSet
  readonly #made = new WeakMap<Secret, string>()

  /** @throws TypeError when a secret that is known now is none, or cannot be sent */
  constructor(rules: ValueRules, input: SecretInput) {
    const { factory, option, now } = rules
    this.#rules = rules
    this.#set = secretSet(factory, option, input, { now, timeoutMs: TIMEOUT_MS, allowWeak: true })
    if (this.#set.lookup) return
    for (const secret of this.#set.active(undefined) as readonly Secret[]) {
      const problem = rules.problem(octetsOf(secret))
      if (problem !== undefined) throw invalidValue(factory, option, problem)
    }
  }

  /**
   * @throws AxiosAuthError `ERR_AXIOS_NO_SECRET`, `ERR_AXIOS_HEADER_VALUE`; CountersignError of a look-up that failed; or the promise
   *   rejects with them
   */
  read(): string | Promise<string> {
    const active = this.#set.active(undefined)
    return active instanceof Promise ? active.then((secrets) => this.#first(secrets)) : this.#first(active)
  }

  #first([secret]: readonly Secret[]): string {
    const { factory, option, make, problem } = this.#rules
    if (secret === undefined) throw axiosAuthError('ERR_AXIOS_NO_SECRET', `${factory} has no ${option} that is valid now`)
    const known = this.#made.get(secret)
    if (known !== undefined) return known
    const octets = octetsOf(secret)
    const wrong = problem(octets)
    if (wrong !== undefined) throw axiosAuthError('ERR_AXIOS_HEADER_VALUE', `the ${option} of ${factory} ${wrong}`)
    const value = make(octets)
    this.#made.set(secret, value)
    return value
  }
}

/**
 * Reads the option `password` of schemes that compute with its characters: text, a source of text, or records with dates.
 *
 * @returns what reads the first password that counts now; it throws AxiosAuthError `ERR_AXIOS_NO_SECRET` when there is none
 * @throws TypeError when it is a look-up, or no text
 */
export function passwordOf(reader: OptionReader, now: Clock): () => string {
  const { factory } = reader
  const given = reader.raw('password')
  if (typeof given === 'function') throw invalidType(factory, 'password', 'text, or a source of it such as secretFromEnv(name)', given)
  const set = secretSet(factory, 'password', given, { now, timeoutMs: TIMEOUT_MS, allowWeak: true })
  const active = () => set.active(undefined) as readonly Secret[]
  for (const { material } of active()) if (typeof material !== 'string') throw invalidType(factory, 'password', 'text', material)
  return () => {
    const text = active()[0]?.material
    if (typeof text !== 'string') throw axiosAuthError('ERR_AXIOS_NO_SECRET', `${factory} has no password that is valid now`)
    return text
  }
}

function octetsOf({ material }: Secret): Buffer {
  return typeof material === 'string' || isUint8Array(material) ? Buffer.from(material) : material.export()
}
