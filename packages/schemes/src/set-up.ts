import { type Clock, invalidType, type OptionReader, type Secret, type SecretInput, secretSet } from '@countersign/core/base'
import { compileScheme } from './compile.js'
import type { CompiledScheme } from './compiled-scheme.js'
import type { SchemeDefinition } from './definition.js'
import type { CompileOptions } from './safety.js'
import type { Scheme } from './scheme.js'
import { checkDecoded, compileOptions } from './scheme-options.js'

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

/** What `verify` and `sign` begin with: the scheme compiled, the time, and the secrets of a key id. */
export function setUp(factory: 'verify' | 'sign', definition: Scheme, reader: OptionReader) {
  const compiled = compiledOnce(factory, definition, compileOptions(reader))
  const clock = reader.callback<Clock>('now') ?? Date.now
  const allowWeak = reader.boolean('allowWeakSecret', false)
  if (typeof reader.raw('secret') === 'function')
    throw invalidType(factory, 'secret', 'a secret; look-ups are for hmacVerify', reader.raw('secret'))
  const now = clock()
  const set = secretSet(factory, 'secret', reader.raw('secret'), { now: () => now, timeoutMs: 1, allowWeak })
  const secrets = (keyId: string | undefined) => {
    const active = set.active(keyId) as readonly Secret[]
    for (const secret of active) checkDecoded(factory, compiled, secret, allowWeak)
    return active
  }
  return { compiled, now, secrets }
}

const compiledByScheme = new WeakMap<SchemeDefinition, Map<string, CompiledScheme>>()
const MAX_SET_UPS = 32

/** Compiles a frozen scheme once per set-up; one that can still change, every time. */
function compiledOnce(factory: string, definition: Scheme, options: CompileOptions): CompiledScheme {
  if (typeof definition !== 'object' || definition === null) throw invalidType(factory, 'scheme', 'a scheme', definition)
  if (!Object.isFrozen(definition)) return compileScheme(definition, options)
  const id = JSON.stringify(options)
  const known = compiledByScheme.get(definition) ?? new Map<string, CompiledScheme>()
  compiledByScheme.set(definition, known)
  const compiled = known.get(id) ?? compileScheme(definition, options)
  if (known.size >= MAX_SET_UPS) known.clear()
  known.set(id, compiled)
  return compiled
}
