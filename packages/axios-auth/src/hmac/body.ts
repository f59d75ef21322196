import type { CompiledScheme } from '@countersign/schemes/engine'

/**
 * Whether a request whose body nobody has seen can be signed: nothing of the signature covers the body or stands in it, and no branch of
 * the message is chosen by whether there is one. That is derived: a field made of the body counts, since it has to be signed.
 *
 * A field with `unbound`, such as the hash of the body in X-Amz-Content-Sha256, covers nothing where the set-up says allowUnboundBody.
 */
export function signsWithoutBody({ facts, definition }: CompiledScheme): boolean {
  if (facts.bodyFirst || definition.scope !== undefined) return false
  return facts.branches.every(({ when, binding }) => binding.body === 'none' && when?.body === undefined)
}

/** The values of fields in place of the body's hash, for a body that nobody has seen. */
export function unboundFields({ definition }: CompiledScheme): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null)
  for (const [name, field] of Object.entries(definition.fields ?? {})) {
    if (Object.hasOwn(field, 'unbound')) fields[name] = field.unbound as string
  }
  return fields
}
