import type { SchemeDefinition } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'
import type { CompiledHome } from '../home/home.js'

/** A signature and what it covers stand under one label, or none does. */
export function refuseMixedLabels(definition: SchemeDefinition, homes: ReadonlyMap<string, CompiledHome>, problems: Problems): void {
  const labelled = [...homes].filter(([, home]) => home.label !== undefined)
  if (labelled.length === 0) return
  if (homes.get('signature')?.label === undefined)
    problems.add(
      'signature',
      `has no label, and ${labelled.map(([name]) => name).join(', ')} has: what stands under a label is a signature of its own`,
    )
  else if (definition.signature.encoding !== 'base64')
    problems.add('signature.encoding', 'must be "base64": a member of a dictionary is octets, and is read and written so')
  if (new Set(labelled.map(([, home]) => home.label)).size > 1) problems.add('signature.label', 'is not the label of what it covers')
  if (definition.scope !== undefined) problems.add('scope', 'has no place beside labels')
}
