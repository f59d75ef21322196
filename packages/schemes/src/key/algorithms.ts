import type { SchemeDefinition } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'
import { nearestWord } from '../definition/words.js'
import { HASHES, type HashName, isProvided } from '../hash/hmac.js'

/**
 * What the wire may call a hash, lower case; undefined where it says nothing. A `{param:x}` in the scheme's table is the set-up's word:
 * a name such as `hs2019` leaves the hash to an agreement of both sides.
 */
export function algorithmTable(
  { algorithm }: SchemeDefinition,
  params: ReadonlyMap<string, string>,
  problems: Problems,
): ReadonlyMap<string, HashName> | undefined {
  if (algorithm === undefined || typeof algorithm === 'string') {
    checkProvided((algorithm as HashName | undefined) ?? 'sha256', 'algorithm', problems)
    return undefined
  }
  const table = new Map<string, HashName>()
  for (const [word, value] of Object.entries(algorithm)) {
    const param = /^\{param:(.*)\}$/.exec(value)?.[1]
    const named = param === undefined ? value : params.get(param)
    if (named === undefined) problems.add(`algorithm.${word}`, `${value} is not declared; add it to "params"`)
    else if (Object.hasOwn(HASHES, named)) {
      checkProvided(named as HashName, `algorithm.${word}`, problems)
      table.set(word.toLowerCase(), named as HashName)
    } else problems.add(`algorithm.${word}`, `"${named}" is no hash${nearestWord(named, Object.keys(HASHES))}`)
  }
  return table
}

function checkProvided(hash: HashName, path: string, problems: Problems): void {
  if (!isProvided(hash)) problems.add(path, `this runtime has no ${hash}`)
}
