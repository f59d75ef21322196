import { invalidType, invalidValue } from '@countersign/core/base'

/**
 * The option that says where a field of a JSON answer is: `'data.token'`, or a list of names where one holds a dot.
 *
 * @throws TypeError that names the option
 */
export function readPath(factory: string, option: string, given: unknown): readonly string[] {
  const path: unknown = typeof given === 'string' ? given.split('.') : given
  if (!Array.isArray(path)) throw invalidType(factory, option, "the path of a field, such as 'data.token', or a list of names", given)
  if (path.length === 0 || !path.every((name) => typeof name === 'string' && name !== '')) {
    throw invalidValue(factory, option, "must be the path of a field, made of non-empty names, such as 'data.token' or ['data', 'token']")
  }
  return Object.freeze([...(path as string[])])
}

/** What stands at a path, own properties only; undefined where there is nothing. */
export function valueAt(json: unknown, path: readonly string[]): unknown {
  let value = json
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}
