import type { Field, Home, SchemeDefinition } from '../definition/definition.js'
import { type Names, ROLES } from '../definition/names.js'
import type { Problems } from '../definition/problems.js'
import type { CompiledHome } from '../home/home.js'

type Timestamp = NonNullable<SchemeDefinition['timestamp']>

/** A role or field: its name, its definition where it has one, and where that stands. */
export type HomeEntry = readonly [name: string, home: Home | undefined, path: string]

/** A role without a home has to be captured by another's format, and a captured name has to be a role or a field. */
export function checkCaptures(
  entries: readonly HomeEntry[],
  homes: ReadonlyMap<string, CompiledHome>,
  names: Names,
  problems: Problems,
): void {
  const captured = new Map<string, string>()
  for (const [owner, home] of homes) {
    const path = (ROLES as readonly string[]).includes(owner) ? owner : `fields.${owner}`
    for (const name of home.format.names) {
      if (!names.has(name)) problems.add(`${path}.format`, `captures {${name}}, which is no role and no field; ${declared(name)}`)
      if (captured.has(name)) problems.add(`${path}.format`, `captures {${name}}, as does ${captured.get(name)}: it has one home`)
      captured.set(name, path)
    }
  }
  for (const [name, home, path] of entries) {
    if (home === undefined || name === 'signature' || captured.has(name)) continue
    const constant = (home as Field).exactly !== undefined || (home as Field).default !== undefined
    if (constant || (home as Timestamp).unsent === true) continue
    const lack = homes.has(name)
      ? `its format does not hold {${name}}, and no other captures it`
      : `has no home, and no format captures {${name}}`
    problems.add(path, lack)
  }
  if (homes.has('signature') && !captured.has('signature')) problems.add('signature.format', 'does not hold {signature}')
}

function declared(name: string): string {
  if (name === 'timestamp') return 'declare "timestamp": { "unit": "seconds" } beside "signature"'
  if (name === 'nonce') return 'declare "nonce": {} beside "signature"'
  if (name === 'algorithm') return 'give "algorithm" as an object, from the names in the request to hashes'
  return 'declare it in "fields"'
}
