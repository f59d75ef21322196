import { invalidType, invalidValue } from '@countersign/core/base'

/** Scopes as they are configured: a list, or text with blanks or line breaks between them. */
export type ScopesInput = string | readonly string[]

const MOST_SCOPES = 500

/**
 * Reads scopes: each once, in the order given. Blank text and an empty list are no scope.
 *
 * @throws TypeError when one is no scope-token (RFC 6749 section 3.3: visible ASCII but for the quotation mark and the backslash)
 */
export function readScopes(factory: string, option: string, input: unknown): readonly string[] {
  const list: unknown = typeof input === 'string' ? input.split(/\s+/).filter((scope) => scope !== '') : input
  if (!Array.isArray(list)) throw invalidType(factory, option, "a list of scopes, or text such as 'read:users write:users'", input)
  if (list.length > MOST_SCOPES) throw invalidValue(factory, option, `must contain at most ${MOST_SCOPES} scopes`)
  for (const scope of Array.from(list, (item: unknown) => item)) {
    if (typeof scope !== 'string') throw invalidType(factory, option, 'a list of strings', scope)
    if (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) continue
    throw invalidValue(factory, option, 'must contain scopes of visible ASCII characters without spaces, quotation marks and backslashes')
  }
  return Object.freeze([...new Set(list as string[])])
}
