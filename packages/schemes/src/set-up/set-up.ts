import { type Clock, invalidType, type OptionReader, type Secret, type SecretInput, secretSet } from '@countersign/core/base'
import { compileScheme } from '../compile/compile.js'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { CompileOptions } from '../compile/safety.js'
import type { SchemeDefinition } from '../definition/definition.js'
import { isFixed } from '../definition/own-data.js'
import type { Scheme } from '../scheme.js'
import { Recent } from './recent.js'
import { checkDecoded, compileOptions } from './scheme-options.js'
import { spelledOut } from './spelling.js'

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

/** The names of the options that say how a scheme is compiled. */
const COMPILE_NAMES = [
  'params',
  'toleranceSeconds',
  'mustInclude',
  'allowUnboundBody',
  'allowInsecureScheme',
] as const satisfies readonly (keyof CompileOptions)[]

/** The names of what `verify` and `sign` share. */
export const SHARED_NAMES = ['secret', 'now', 'publicOrigin', 'allowWeakSecret', ...COMPILE_NAMES] as const

/** The secrets that answer to a key id. */
export type SecretsOf = (keyId: string | undefined) => readonly Secret[]

/** The clock of a caller's options, before they are judged as a whole. */
export function clockOf(factory: string, options: unknown): Clock {
  const given =
    typeof options === 'object' && options !== null && Object.hasOwn(options, 'now') ? (options as { now: unknown }).now : undefined
  if (given !== undefined && typeof given !== 'function') throw invalidType(factory, 'now', 'a function', given)
  return (given as Clock | undefined) ?? Date.now
}

/** What `verify` and `sign` begin with: the scheme compiled, and the secrets of a key id. */
export interface SetUp {
  readonly compiled: CompiledScheme
  readonly secrets: SecretsOf
  /** Whether a later call with the same options comes to the same: not where the scheme can change, or a secret has dates or a source. */
  readonly lasting: boolean
}

/** @param now - milliseconds; secrets that have expired by then are a mistake */
export function setUp(factory: 'verify' | 'sign', definition: Scheme, reader: OptionReader, now: number): SetUp {
  const { compiled, recent } = compiledOnce(factory, definition, reader)
  const options = [factory, reader.raw('secret'), reader.raw('allowWeakSecret')]
  const known = recent.find(options)
  if (known !== undefined) return { compiled, secrets: known, lasting: isFixed(definition) }
  const secrets = checkedSecrets(factory, compiled, reader, now)
  const said = spelledOut(options)
  // A date is a text too, and what has expired is told when it is read.
  const lasting = said !== undefined && !said.includes('notBefore') && !said.includes('notAfter')
  if (lasting) recent.keep(said, secrets)
  return { compiled, secrets, lasting: lasting && isFixed(definition) }
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

/** Compiles a scheme that is frozen throughout once per set-up; one that can still change, every time. */
function compiledOnce(factory: string, definition: Scheme, reader: OptionReader): Compiled {
  if (typeof definition !== 'object' || definition === null) throw invalidType(factory, 'scheme', 'a scheme', definition)
  const recent = compiledByScheme.get(definition) ?? new Recent<Compiled>()
  const options = COMPILE_NAMES.map((name) => reader.raw(name))
  const known = recent.find(options)
  if (known !== undefined) return known
  const made = { compiled: compileScheme(definition, compileOptions(reader), factory), recent: new Recent<SecretsOf>() }
  const said = spelledOut(options)
  if (said === undefined || !isFixed(definition)) return made
  compiledByScheme.set(definition, recent)
  recent.keep(said, made)
  return made
}
