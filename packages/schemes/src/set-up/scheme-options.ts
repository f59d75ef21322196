import { invalidType, invalidValue, isRecord, LEAST_SECRET_OCTETS, type OptionReader, type Secret } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { CompileOptions } from '../compile/safety.js'

/** A year: whoever needs more means no limit, or milliseconds. */
const MOST_TOLERANCE_SECONDS = 86_400 * 366

function toleranceOption(reader: OptionReader): number {
  const seconds = reader.integer('toleranceSeconds', 300, 'seconds')
  if (seconds <= MOST_TOLERANCE_SECONDS) return seconds
  throw invalidValue(reader.factory, 'toleranceSeconds', `must be at most ${MOST_TOLERANCE_SECONDS} seconds; got ${seconds}`)
}

/** Reads the options that say how a scheme is compiled. */
export function compileOptions(reader: OptionReader): CompileOptions {
  const params = reader.raw('params')
  if (params !== undefined && !isRecord(params)) throw invalidType(reader.factory, 'params', 'an object', params)
  const mustInclude = reader.raw('mustInclude')
  if (mustInclude !== undefined && !(Array.isArray(mustInclude) && mustInclude.every((name) => typeof name === 'string'))) {
    throw invalidType(reader.factory, 'mustInclude', 'a list of names', mustInclude)
  }
  return {
    ...(params !== undefined && { params: { ...params } as Record<string, string> }),
    ...(reader.has('toleranceSeconds') && { toleranceSeconds: toleranceOption(reader) }),
    ...(mustInclude !== undefined && { mustInclude: mustInclude as string[] }),
    allowUnboundBody: reader.boolean('allowUnboundBody', false),
    allowInsecureScheme: reader.boolean('allowInsecureScheme', false),
  }
}

/**
 * Asks a secret to decode as the scheme says, and its key to be long enough.
 *
 * @throws TypeError that names the factory; it does not hold the secret
 */
export function checkDecoded(factory: string, compiled: CompiledScheme, secret: Secret, allowWeak: boolean): void {
  if (compiled.facts.secretInMessage && typeof secret.material !== 'string')
    throw invalidValue(factory, 'secret', 'must be the text that the vendor shows: the scheme signs it with the rest')
  const octets = compiled.key.octets(secret)
  if (octets.length === 0) throw invalidValue(factory, 'secret', 'decodes to no octets at all')
  const characters = compiled.key.characters(secret)
  if (characters === 0 || (characters < LEAST_SECRET_OCTETS && !allowWeak))
    throw invalidValue(
      factory,
      'secret',
      `gives a key that depends on ${characters} of its characters; let the scheme's "key" keep at least ${LEAST_SECRET_OCTETS} of them`,
    )
  if (octets.length >= LEAST_SECRET_OCTETS || allowWeak) return
  throw invalidValue(
    factory,
    'secret',
    `gives a key of ${octets.length} octets once it is decoded; use at least ${LEAST_SECRET_OCTETS}, or say allowWeakSecret: true knowing that it can be guessed`,
  )
}
