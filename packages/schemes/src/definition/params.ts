import type { SchemeDefinition } from './definition.js'
import type { Problems } from './problems.js'
import { nearestWord } from './words.js'

/**
 * The params of a set-up: the scheme's defaults, and what the set-up gives in their place.
 *
 * Added problems: a name that the scheme does not declare, a value that is no string, a missing value without default.
 */
export function resolveParams(
  definition: SchemeDefinition,
  given: Readonly<Record<string, string>> = {},
  problems: Problems,
): ReadonlyMap<string, string> {
  const declared = definition.params ?? {}
  const params = new Map<string, string>()
  for (const [name, fallback] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : fallback
    if (value === null || value === undefined) problems.addOption(`params.${name}`, `has no default; give it: params: { ${name}: '...' }`)
    else if (typeof value !== 'string') problems.addOption(`params.${name}`, 'must be a string')
    else params.set(name, value)
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(declared, name)) continue
    const known = Object.keys(declared)
    problems.addOption(
      `params.${name}`,
      known.length === 0 ? 'is unknown; the scheme has no params' : `is unknown${nearestWord(name, known)}`,
    )
  }
  return params
}
