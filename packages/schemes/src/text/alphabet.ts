import type { Alphabet, Shape } from './shape.js'

/** What no value of an alphabet holds. */
const EXCLUDED: Readonly<Record<Alphabet, RegExp>> = {
  any: /[^\s\S]/,
  line: /[\n\r\0]/,
  token: /[^!#$%&'*+.^_`|~0-9A-Za-z-]/,
  capitals: /[^A-Z-]/,
  letters: /[^A-Za-z-]/,
  digits: /[^0-9]/,
  hex: /[^0-9A-Fa-f]/,
  base64: /[^A-Za-z0-9+/=]/,
  base64url: /[^A-Za-z0-9_=-]/,
  path: /[\0-\x20\x7f?#]/,
  query: /[\0-\x20\x7f#]/,
  target: /[\0-\x20\x7f#]/,
  host: /[^A-Za-z0-9.:[\]_~%-]/,
  unreserved: /[^A-Za-z0-9._~%-]/,
  encoded: /[^A-Za-z0-9._~%!'()*+-]/,
  pairName: /[&=]/,
  pairValue: /[&]/,
}

/** Whether no value of the alphabet holds the character. */
export function excludes(alphabet: Alphabet, character: string): boolean {
  return EXCLUDED[alphabet].test(character)
}

/** Whether a text is made of the characters of an alphabet alone. */
export function isOf(alphabet: Alphabet, text: string): boolean {
  return !EXCLUDED[alphabet].test(text)
}

/**
 * Whether a text has the length and only the characters of a shape. What is derived of a scheme relies on it: a nonce out of a query
 * or a JSON body could hold a line break otherwise.
 */
export function fits(text: string, shape: Shape): boolean {
  return (shape.width === undefined || text.length === shape.width) && isOf(shape.alphabet, text)
}
