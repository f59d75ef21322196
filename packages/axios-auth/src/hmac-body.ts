import type { CompiledScheme, SchemeDefinition } from '@countersign/schemes'

type Field = NonNullable<SchemeDefinition['fields']>[string]

/**
 * Whether a request whose body nobody has seen can be signed: the signature neither covers the body nor stands in it, no branch of the
 * message depends on it, and no field of the request is made of it.
 *
 * A field with `unbound`, such as the hash of the body in X-Amz-Content-Sha256, then says that, where the set-up allows it.
 */
export function signsWithoutBody({ facts, definition, unboundBody }: CompiledScheme): boolean {
  if (facts.bodyFirst || definition.scope !== undefined) return false
  if (facts.branches.some(({ when, binding }) => binding.body !== 'none' || when?.body !== undefined)) return false
  return Object.values(definition.fields ?? {}).every(
    (field) => !isMadeOfBody(field) || field.when?.body === true || (field.unbound !== undefined && unboundBody),
  )
}

/** The values of fields in place of the body's hash, for a body that nobody has seen. */
export function unboundFields({ definition }: CompiledScheme): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null)
  for (const [name, { unbound }] of Object.entries(definition.fields ?? {})) if (unbound !== undefined) fields[name] = unbound
  return fields
}

function isMadeOfBody({ value, oneOf = [], write }: Field): boolean {
  return [value, ...oneOf, write].some((template) => template !== undefined && /\{(?:body|form|json)\b/.test(template))
}
