import type { CompiledField } from '../compile/fields.js'
import { partsOfText } from '../template/compiled-text.js'

/**
 * Fields in an order in which they can be written: each behind those that its value, or what is written in its place, names, what is made
 * of the body behind those that stand in it, and lists, which can name what the others write, last. Fields that name each other stay as
 * they are declared.
 *
 * @param ownerOf - the field that a header is the home of
 * @param inBody - the fields that are written into the body
 */
export function writingOrder(
  fields: readonly CompiledField[],
  ownerOf: (header: string) => string | undefined,
  inBody: readonly string[] = [],
): readonly CompiledField[] {
  const byName = new Map(fields.map((field) => [field.name, field]))
  const ordered = new Set<CompiledField>()
  const begun = new Set<CompiledField>()
  const visit = (field: CompiledField): void => {
    if (begun.has(field)) return
    begun.add(field)
    for (const bound of [...field.values, ...(field.written === undefined ? [] : [field.written])].flatMap(partsOfText)) {
      const name = bound.startsWith('header:') ? ownerOf(bound.slice(7)) : bound
      for (const one of OF_BODY.test(bound) ? inBody : [name]) {
        const other = one === undefined ? undefined : byName.get(one)
        if (other !== undefined) visit(other)
      }
    }
    ordered.add(field)
  }
  const isList = (field: CompiledField) => field.definition.names !== undefined
  for (const field of fields) if (!isList(field)) visit(field)
  for (const field of fields) visit(field)
  return [...ordered]
}

const OF_BODY = /^(?:body$|json[:-]|form[:-]|item:)/
