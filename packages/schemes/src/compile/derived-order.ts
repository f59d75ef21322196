import { Problems } from '../definition/problems.js'
import { isLiteral, parseTemplate } from '../definition/template.js'
import type { Format } from '../home/format.js'
import type { CompiledHome } from '../home/home.js'
import type { CarriedHome } from './compiled-scheme.js'

/** A role or field that is read from something else that is carried. */
export interface DerivedEntry {
  readonly name: string
  readonly path: string
  /** What it is read from, as a template. */
  readonly source: string
  readonly format: Format
}

/**
 * Entries in an order in which they can be read: each behind those that capture what it is read from. The order in which they are
 * declared says nothing: a deadline that is read too early would not be there, and so not be checked.
 */
export function inReadingOrder(entries: readonly DerivedEntry[], problems: Problems): readonly DerivedEntry[] {
  const ordered = new Set<DerivedEntry>()
  const begun = new Set<DerivedEntry>()
  const visit = (entry: DerivedEntry): void => {
    if (ordered.has(entry)) return
    if (begun.has(entry)) return problems.add(`${entry.path}.from`, 'is read from itself, so that it is nowhere')
    begun.add(entry)
    for (const part of partsOf(entry.source)) {
      const owner = entries.find(({ format }) => format.names.includes(part))
      if (owner !== undefined) visit(owner)
    }
    ordered.add(entry)
  }
  for (const entry of entries) visit(entry)
  return [...ordered]
}

function partsOf(source: string): readonly string[] {
  return parseTemplate(source, '', new Problems('')).flatMap((piece) =>
    isLiteral(piece) || piece.argument !== undefined ? [] : [piece.part],
  )
}

/** What has to be read before the signature is, which is a part of it; nothing where the signature has a place of its own. */
export function aheadOfSignature(homes: ReadonlyMap<string, CompiledHome>): readonly CarriedHome[] {
  const ahead: CarriedHome[] = []
  let { derived, place } = homes.get('signature') ?? {}
  while (derived === true) {
    const [name, home] = [...homes].find(([owner, { format }]) => owner !== 'signature' && format.names.includes(place ?? '')) ?? []
    if (name === undefined || home === undefined || ahead.some((one) => one.name === name)) break
    ahead.unshift({ name, home })
    ;({ derived, place } = home)
  }
  return ahead
}
