import { isUtf8 } from 'node:buffer'
import { SchemeRefusal } from '../refusal.js'
import { QUOTE } from '../text/quoted-string.js'

/** A JSON value, as JSON.parse makes it: its objects inherit from Object.prototype, so that members are looked up as their own alone. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Deeper nesting than any vendor sends; the walkers below recurse. */
const MAX_DEPTH = 200

/** Octets as UTF-8 text; a BOM is kept. Refuses what is not UTF-8. */
export function textOf(octets: Uint8Array): string {
  if (!isUtf8(octets)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the body is not UTF-8')
  return (Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.length)).toString()
}

/**
 * Reads a JSON text. A repeated member name is refused: which of two values was signed would depend on the reader
 * (RFC 8259 section 4).
 */
export function parseJson(text: string): Json {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the body is not JSON')
  }
  const members = membersOf(value, 0)
  // Of a name that is repeated the value holds one member, the text two. Without colons inside strings their number tells it already.
  if (countOf(text, ':') !== members && colonsOf(text) !== members)
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a JSON object of the body names a member twice')
  return value
}

/** How many members the objects of a value have, all together. Refuses what would be written as something else than it is. */
function membersOf(value: Json, depth: number): number {
  // JSON.stringify and RFC 8785 know no infinite number: one would be signed like null.
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a JSON number of the body is beyond the range of a double')
  if (typeof value !== 'object' || value === null) return 0
  if (depth === MAX_DEPTH) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `the JSON of the body is nested deeper than ${MAX_DEPTH}`)
  const isList = Array.isArray(value)
  const inside: readonly Json[] = isList ? value : Object.values(value)
  let count = isList ? 0 : inside.length
  for (const one of inside) count += membersOf(one, depth + 1)
  return count
}

function countOf(text: string, character: string): number {
  let count = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count += 1
  return count
}

/** How many members the objects of a JSON text name: the colons outside its strings. The text is valid. */
function colonsOf(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const c = text.charCodeAt(at)
    if (c === COLON) count += 1
    else if (c === QUOTE) at = stringEnd(text, at)
  }
  return count
}

const COLON = 0x3a
const BACKSLASH = 0x5c

/** Where the quote stands that ends a string of valid JSON. */
export function stringEnd(text: string, start: number): number {
  const quote = text.indexOf('"', start + 1)
  if (text.charCodeAt(quote - 1) !== BACKSLASH) return quote
  let at = start + 1
  for (let c = text.charCodeAt(at); c !== QUOTE; c = text.charCodeAt(at)) at += c === BACKSLASH ? 2 : 1
  return at
}

/** The value at a JSON pointer (RFC 6901); undefined when there is none. */
export function pointed(value: Json, pointer: readonly string[]): Json | undefined {
  let at: Json = value
  for (const token of pointer) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, token)) return undefined
    if (token === 'length' && Array.isArray(at)) return undefined
    at = (at as { readonly [name: string]: Json })[token] as Json
  }
  return at
}

/** A JSON pointer's reference tokens (RFC 6901 section 4); undefined when it is none. */
export function pointerTokens(pointer: string): readonly string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A JSON scalar as the text that a signing string holds: strings as they are, numbers and booleans as JSON writes them. */
export function scalarText(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') {
    // It has no UTF-8: different ones would be signed alike.
    if (!value.isWellFormed()) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a JSON string holds half of a surrogate pair')
    return value
  }
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

/** The canonical form of RFC 8785: members sorted by UTF-16 code units, no blanks, numbers and strings as ECMAScript writes them. */
export function canonicalJson(text: string): string {
  return write(parseJson(text))
}

function write(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  const members = value as { readonly [name: string]: Json }
  let text = ''
  for (const name of Object.keys(members).sort()) text += `${text === '' ? '' : ','}${quoted(name)}:${write(members[name] as Json)}`
  return `{${text}}`
}

/** A string as JSON writes it. */
function quoted(text: string): string {
  return /^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text)
}
