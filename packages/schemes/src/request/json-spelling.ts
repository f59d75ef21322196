import { SchemeRefusal } from '../refusal.js'
import { isBlank } from '../text/blanks.js'
import { QUOTE } from '../text/quoted-string.js'
import { type Json, parseJson, stringEnd } from './json.js'

/**
 * A JSON text without the blanks between its tokens: names, numbers and escapes stay in their order and as they are spelt, which reading
 * and writing again does not leave them.
 */
export function minified(text: string): string {
  parseJson(text)
  let out = ''
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const c = text.charCodeAt(at)
    if (c === QUOTE) at = stringEnd(text, at)
    else if (isBlank(c)) {
      out += text.slice(from, at)
      from = at + 1
    }
  }
  return out + text.slice(from)
}

/**
 * A JSON text without blanks, the members of its objects sorted by name, by UTF-16 code unit; names, strings and numbers stay as they are
 * spelt, which RFC 8785 does not leave them.
 *
 * @param isOuter - whether the members of the outermost object alone are sorted
 */
export function sortedJson(text: string, isOuter: boolean): string {
  return sortedFrom(minified(text), 0, isOuter).text
}

function sortedFrom(tight: string, start: number, isOuter: boolean): { readonly text: string; readonly end: number } {
  const open = tight[start] as string
  if (open !== '{' && (open !== '[' || isOuter)) return asSpelt(tight, start)
  const items: { readonly name: string; readonly text: string }[] = []
  let at = start + 1
  while (tight[at] !== '}' && tight[at] !== ']') {
    const head = open === '{' ? tight.slice(at, stringEnd(tight, at) + 1) : ''
    const inner = at + (head === '' ? 0 : head.length + 1)
    const { text, end } = isOuter ? asSpelt(tight, inner) : sortedFrom(tight, inner, false)
    items.push(head === '' ? { name: '', text } : { name: JSON.parse(head) as string, text: `${head}:${text}` })
    at = tight[end] === ',' ? end + 1 : end
  }
  if (open === '{') items.sort((a, b) => (a.name < b.name ? -1 : 1))
  let text = open
  for (const [i, item] of items.entries()) text += i === 0 ? item.text : `,${item.text}`
  return { text: text + (open === '{' ? '}' : ']'), end: at + 1 }
}

/** A JSON object without blanks and without one of its members, all else in its order and as it is spelt. */
export function withoutMember(text: string, name: string): string {
  const tight = minified(text)
  if (tight[0] !== '{') throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value is no JSON object')
  const kept: string[] = []
  for (let at = 1; tight[at] === '"'; ) {
    const colon = stringEnd(tight, at) + 1
    const end = valueEnd(tight, colon + 1)
    if (JSON.parse(tight.slice(at, colon)) !== name) kept.push(tight.slice(at, end))
    at = tight[end] === ',' ? end + 1 : end
  }
  return `{${kept.join(',')}}`
}

function asSpelt(tight: string, start: number): { readonly text: string; readonly end: number } {
  const end = valueEnd(tight, start)
  return { text: tight.slice(start, end), end }
}

/** The value at a pointer: a string as it reads, anything else as it is spelt in the text, without blanks. */
export function speltAt(text: string, tokens: readonly string[], pointer: string): string {
  const tight = minified(text)
  const at = placeOf(tight, tokens)
  const value = at < 0 ? undefined : speltText(tight.slice(at, valueEnd(tight, at)))
  if (value === undefined) throw absent(pointer)
  return value
}

/** What a value is printed as; undefined for null. */
export function speltText(spelt: string): string | undefined {
  if (spelt === 'null') return undefined
  const value = spelt.startsWith('"') ? (JSON.parse(spelt) as Json & string) : spelt
  // It has no UTF-8: different ones would be signed alike.
  if (!value.isWellFormed()) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a JSON string holds half of a surrogate pair')
  return value
}

/** Where the value at a pointer begins in a JSON text without blanks; -1 when there is none. */
export function placeOf(tight: string, tokens: readonly string[]): number {
  let at = 0
  for (const token of tokens) {
    at = tight[at] === '{' ? memberOf(tight, at, token) : tight[at] === '[' ? entryOf(tight, at, token) : -1
    if (at < 0) return at
  }
  return at
}

/** What walks through the members of a value. */
export interface Walker {
  /** The name of a member of another; undefined: what is inside of that is not looked at. */
  readonly within: ((outer: string, inner: string, isElement: boolean) => string) | undefined
  /** Takes a member, and its value as it is spelt. */
  readonly take: (name: string, spelt: string) => void
}

/** Walks through the object or list that begins at a place of valid JSON without blanks, once. @returns the place behind it */
export function walkMembers(tight: string, start: number, walker: Walker, outer?: string): number {
  const isElement = tight[start] === '['
  let at = start + 1
  for (let index = 0; tight[at] !== '}' && tight[at] !== ']'; index += 1) {
    let inner = String(index)
    if (!isElement) {
      const colon = stringEnd(tight, at) + 1
      inner = JSON.parse(tight.slice(at, colon)) as string
      at = colon + 1
    }
    const name = outer === undefined ? inner : (walker.within?.(outer, inner, isElement) ?? inner)
    const isTree = walker.within !== undefined && (tight[at] === '{' || tight[at] === '[')
    const end = isTree ? walkMembers(tight, at, walker, name) : valueEnd(tight, at)
    if (!isTree) walker.take(name, tight.slice(at, end))
    at = tight[end] === ',' ? end + 1 : end
  }
  return at + 1
}

/** Behind the value that begins at a place of valid JSON without blanks. */
function valueEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; ) {
    const c = text[at] as string
    if (depth === 0 && (c === ',' || c === '}' || c === ']')) return at
    if (c === '"') {
      at = stringEnd(text, at) + 1
      continue
    }
    if (c === '{' || c === '[') depth += 1
    else if (c === '}' || c === ']') depth -= 1
    at += 1
  }
  return text.length
}

/** Where the value of a member begins; -1 when the object has none of the name. */
function memberOf(text: string, object: number, name: string): number {
  for (let at = object + 1; text[at] === '"'; at += 1) {
    const colon = stringEnd(text, at) + 1
    if (JSON.parse(text.slice(at, colon)) === name) return colon + 1
    at = valueEnd(text, colon + 1)
  }
  return -1
}

/** Where an entry of a list begins; -1 when it has none of the index (RFC 6901 section 4). */
function entryOf(text: string, list: number, index: string): number {
  if (!/^(?:0|[1-9][0-9]{0,8})$/.test(index) || text[list + 1] === ']') return -1
  let at = list + 1
  for (let i = Number(index); i > 0; i -= 1) {
    at = valueEnd(text, at)
    if (text[at] !== ',') return -1
    at += 1
  }
  return at
}

function absent(pointer: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_INCOMPLETE', `the JSON of a value has nothing at ${pointer}`)
}
