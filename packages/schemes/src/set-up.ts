import { type Clock, invalidType, type OptionReader, type Secret, type SecretInput, secretSet } from '@countersign/core/base'
import { compileScheme } from './compile.js'
import type { CompiledScheme } from './compiled-scheme.js'
import type { SchemeDefinition } from './definition.js'
import type { CompileOptions } from './safety.js'
import type { Scheme } from './scheme.js'
import { checkDecoded, compileOptions } from './scheme-options.js'
import { isSameSpelling, type Spelling, spelledOut } from './spelling.js'

/** What `verify` and `sign` share. */
export interface SetUpOptions extends CompileOptions {
  /** The secret or secrets: text as the vendor shows it, octets, a KeyObject, records with id and dates. No look-up. */
  readonly secret: Exclude<SecretInput, (...args: never[]) => unknown>
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock
  /** Where the request was sent to, `https://api.example.com`, when the received Host is another's. Default: the URL's own origin. */
  readonly publicOrigin?: string
  /** Accepts secrets of fewer than 16 octets. Default false. */
  readonly allowWeakSecret?: boolean
}

/** The names of what `verify` and `sign` share. */
export const SHARED_NAMES = [
  'secret',
  'now',
  'publicOrigin',
  'allowWeakSecret',
  'params',
  'toleranceSeconds',
  'mustInclude',
  'allowUnboundBody',
  'allowInsecureScheme',
] as const

type SecretsOf = (keyId: string | undefined) => readonly Secret[]

/** What `verify` and `sign` begin with: the scheme compiled, the time, and the secrets of a key id. */
export function setUp(factory: 'verify' | 'sign', definition: Scheme, reader: OptionReader) {
  const { compiled, recent } = compiledOnce(factory, definition, reader)
  const now = (reader.callback<Clock>('now') ?? Date.now)()
  const said = spelledOut([factory, reader.raw('secret'), reader.raw('allowWeakSecret')])
  const known = said === undefined ? undefined : recent.find(said)
  if (known !== undefined) return { compiled, now, secrets: known }
  const secrets = checkedSecrets(factory, compiled, reader, now)
  // A date is a text too, and what has expired is told when it is read.
  if (said !== undefined && !said.includes('notBefore') && !said.includes('notAfter')) recent.keep(said, secrets)
  return { compiled, now, secrets }
}

function checkedSecrets(factory: string, compiled: CompiledScheme, reader: OptionReader, now: number): SecretsOf {
  const allowWeak = reader.boolean('allowWeakSecret', false)
  if (typeof reader.raw('secret') === 'function')
    throw invalidType(factory, 'secret', 'a secret; look-ups are for hmacVerify', reader.raw('secret'))
  const set = secretSet(factory, 'secret', reader.raw('secret'), { now: () => now, timeoutMs: 1, allowWeak })
  const checked = new Set<Secret>()
  return (keyId) => {
    const active = set.active(keyId) as readonly Secret[]
    for (const secret of active) {
      if (checked.has(secret)) continue
      checkDecoded(factory, compiled, secret, allowWeak)
      checked.add(secret)
    }
    return active
  }
}

/** A scheme as options have it compiled, and the secrets that it was used with. */
interface Compiled {
  readonly compiled: CompiledScheme
  readonly recent: Recent<SecretsOf>
}

const compiledByScheme = new WeakMap<SchemeDefinition, Recent<Compiled>>()

/** Compiles a frozen scheme once per set-up; one that can still change, every time. */
function compiledOnce(factory: string, definition: Scheme, reader: OptionReader): Compiled {
  if (typeof definition !== 'object' || definition === null) throw invalidType(factory, 'scheme', 'a scheme', definition)
  const recent = compiledByScheme.get(definition) ?? new Recent<Compiled>()
  const said = compileSpelling(reader)
  const known = said === undefined ? undefined : recent.find(said)
  if (known !== undefined) return known
  const made = { compiled: compileScheme(definition, compileOptions(reader), factory), recent: new Recent<SecretsOf>() }
  if (said === undefined || !Object.isFrozen(definition)) return made
  compiledByScheme.set(definition, recent)
  recent.keep(said, made)
  return made
}

function compileSpelling(reader: OptionReader): Spelling | undefined {
  return spelledOut([
    reader.raw('params'),
    reader.raw('toleranceSeconds'),
    reader.raw('mustInclude'),
    reader.raw('allowUnboundBody'),
    reader.raw('allowInsecureScheme'),
  ])
}

const MOST_RECENT = 32

/** What was made of the last few options. */
class Recent<T> {
  readonly #made: { readonly said: Spelling; readonly value: T }[] = []

  find(said: Spelling): T | undefined {
    for (const { said: known, value } of this.#made) if (isSameSpelling(known, said)) return value
    return undefined
  }

  keep(said: Spelling, value: T): void {
    if (this.#made.length === MOST_RECENT) this.#made.shift()
    this.#made.push({ said, value })
  }
}
