import { SchemeRefusal } from '../refusal.js'
import { endOf } from '../text/blanks.js'
import { isNested } from '../text/nested-names.js'

/** A name and its value, as in a query or a form. */
export type Pair = readonly [name: string, value: string]

/** More of these than any vendor signs; bounds the work that a sender can ask for. */
export const MAX_PAIRS = 1000

/** A query without the parameter of a name. */
export function withoutPair(query: string, name: string): string {
  return query
    .split('&')
    .filter((pair) => decodeForm(nameOf(pair)) !== name)
    .join('&')
}

/** What stands in front of the `=` of a pair. */
export function nameOf(pair: string): string {
  const at = pair.indexOf('=')
  return at < 0 ? pair : pair.slice(0, at)
}

/** `name=value` pairs between `&`, undecoded; a pair without `=` has an empty value, empty pairs are nothing. */
export function pairsOf(text: string): readonly Pair[] {
  const list: Pair[] = []
  let count = 0
  let equals = endOf(text, '=', 0)
  for (let start = 0; start <= text.length; count += 1) {
    if (count === MAX_PAIRS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_PAIRS} parameters`)
    const end = endOf(text, '&', start)
    // Found once and kept: a text of names alone would be searched to its end for each of them.
    if (equals < start) equals = endOf(text, '=', start)
    if (equals < end) list.push([text.slice(start, equals), text.slice(equals + 1, end)])
    else if (end > start) list.push([text.slice(start, end), ''])
    start = end + 1
  }
  return list
}

/** Decodes a name or value of application/x-www-form-urlencoded; undefined where it is not UTF-8. */
export function decodeForm(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** The name of a pair as parsers have it: where it does not decode, its brackets alone. */
export function decodeName(text: string): string {
  return decodeForm(text) ?? text.replace(/%5b/gi, '[').replace(/%5d/gi, ']')
}

/** The decoded value of the pair of a name; undefined when there is none. */
export function solePair(pairs: readonly Pair[], name: string, what: string): string | undefined {
  let found: string | undefined
  let nested = false
  for (const [key, value] of pairs) {
    const decoded = decodeName(key)
    nested ||= isNested(decoded, name)
    if (decoded !== name) continue
    if (found !== undefined) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the ${what} ${name} stands more than once`)
    found = decodeForm(value)
    if (found === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `the ${what} ${name} is not percent-encoded UTF-8`)
  }
  if (nested) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the ${what} ${name} stands in another way too, which parsers take for it`)
  return found
}
