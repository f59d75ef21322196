import { invalidType, invalidValue } from '../options.js'
import { checkedMaterial } from './material.js'
import { heldSecret, type Secret } from './secret.js'

/** Something that holds secrets that may change, such as a file. A list of secrets or a record may hold it. */
export interface SecretSource {
  /**
   * The secrets that count now, none when none does; always synchronous. The same secret should come as the same object.
   *
   * @param now - milliseconds since the epoch; default the source's own clock
   * @throws CountersignError when it cannot say: an outage
   */
  current(now?: number): readonly Secret[]
}

/** Whether a value is a source rather than a secret. */
export function isSource(value: unknown): value is SecretSource {
  return typeof value === 'object' && value !== null && typeof (value as { current?: unknown }).current === 'function'
}

const shortAllowed = new WeakSet<SecretSource>()

/** Tells a source that somebody takes secrets under 16 octets from it. */
export function allowShort(source: SecretSource): void {
  shortAllowed.add(source)
}

/** Whether somebody takes secrets under 16 octets from a source. */
export function isShortAllowed(source: SecretSource): boolean {
  return shortAllowed.has(source)
}

/**
 * The secret of an environment variable, read once, when this is called. The text is taken as it stands, with any line break at
 * its end. Its length is judged by whoever uses it.
 *
 * @param name - the variable: letters, digits and `_`
 * @throws TypeError naming the variable when it is not set, blank, or holds a public or private key; never with its value
 */
export function secretFromEnv(name: string, ...none: never[]): SecretSource {
  if (typeof name !== 'string') throw invalidType('secretFromEnv', 'name', 'the name of an environment variable', name)
  if (none.length > 0) {
    throw invalidValue(
      'secretFromEnv',
      'name',
      'is the only argument; pass the rest in a record: { id, secret: secretFromEnv(name), notAfter }',
    )
  }
  // The name is not shown: whoever mixes up name and value would find the secret in the log.
  if (!/^[A-Za-z_]\w{0,127}$/.test(name)) {
    throw invalidValue('secretFromEnv', 'name', 'must be the name of an environment variable, not its value: letters, digits and _')
  }
  const value = Object.hasOwn(process.env, name) ? process.env[name] : undefined
  if (value === undefined) throw invalidValue('secretFromEnv', name, 'is not set in the environment')
  const secrets = Object.freeze([heldSecret(checkedMaterial('secretFromEnv', name, value, true))])
  return Object.freeze({ current: () => secrets })
}
