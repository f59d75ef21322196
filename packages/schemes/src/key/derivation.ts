import type { KeyEncoding, SchemeDefinition } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'
import { nearestWord } from '../definition/words.js'
import { type Derivation, isHash } from '../hash/derivations.js'
import type { MacEncoding } from '../hash/hmac.js'
import type { CompiledText } from '../template/compiled-text.js'

/** How each key of a chain is made of the one before, and how each is written. */
export interface KeyDerivation {
  readonly by: Derivation
  readonly encodings: readonly MacEncoding[]
}

const ENCODINGS: Readonly<Record<KeyEncoding, MacEncoding>> = { octets: 'binary', hex: 'hex', base64: 'base64', base64url: 'base64url' }

/** What a definition says of it; of a key that is one text, nothing. */
export function derivationOf({ key }: SchemeDefinition, problems: Problems): KeyDerivation {
  if (key === undefined || typeof key === 'string') return { by: 'hmac', encodings: [] }
  const { chain, by = 'hmac', encoding = 'octets' } = key
  const derived = chain.length - 1
  const names = typeof encoding === 'string' ? Array<KeyEncoding>(Math.max(derived, 1)).fill(encoding) : encoding
  const unknown = names.find((name) => !Object.hasOwn(ENCODINGS, name))
  if (unknown !== undefined) problems.add('key.encoding', `unknown word "${unknown}"${nearestWord(unknown, Object.keys(ENCODINGS))}`)
  if (typeof encoding !== 'string' && names.length !== derived)
    problems.add('key.encoding', `has ${names.length} words, and the chain derives ${derived}: one for each text behind the first`)
  return { by, encodings: names.map((name) => ENCODINGS[name]) }
}

/** A hash tells nothing of where the first text ends and the second begins; each further one stands behind a hash. */
export function toldApart(texts: readonly CompiledText[], by: Derivation): readonly CompiledText[] {
  const [first, second, ...rest] = texts
  if (first === undefined || second === undefined || !isHash(by)) return texts
  const pieces = [first, second].flatMap((text) => text.branches.flatMap((branch) => branch.pieces))
  return [{ ...first, branches: [{ when: undefined, pieces }] }, ...rest]
}
