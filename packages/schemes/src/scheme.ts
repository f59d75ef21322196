import { invalidType } from '@countersign/core/base'
import { compileScheme } from './compile/compile.js'
import type { SchemeDefinition } from './definition/definition.js'
import { plainCopy } from './definition/own-data.js'

/** A scheme that was checked: deeply frozen data, equal to its own JSON round trip. */
export type Scheme = SchemeDefinition & { readonly [checked]?: true }

declare const checked: unique symbol

/**
 * Checks a scheme that a user writes, as an object or as parsed JSON.
 *
 * Refused: unknown names and words, templates that do not parse or cannot be read back, a message that two requests share, a body,
 * timestamp or nonce that is not signed. Each with its place and what to write instead, all at once.
 *
 * @returns a frozen copy, for `hmacVerify({ scheme })`, `sign`, `verify` and `explain`
 * @throws TypeError `ERR_INVALID_ARG_VALUE`
 * @see LANGUAGE.md
 */
export function scheme(definition: SchemeDefinition): Scheme {
  const copy = frozenCopy(definition)
  compileScheme(copy, { params: placeholders(copy), allowInsecureScheme: true })
  return copy
}

/** Freezes a definition of the catalogue. It is checked when it is first used, and by the tests. */
export function preset(definition: SchemeDefinition): Scheme {
  return deepFreeze(definition)
}

/** Params without default stand for any token while a scheme is only checked. */
function placeholders(definition: SchemeDefinition): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [name, value] of Object.entries(definition?.params ?? {})) if (value === null) params[name] = 'x'
  return params
}

function frozenCopy(definition: SchemeDefinition): Scheme {
  if (typeof definition !== 'object' || definition === null) throw invalidType('scheme', 'definition', 'an object', definition)
  return deepFreeze(plainCopy(definition))
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}
