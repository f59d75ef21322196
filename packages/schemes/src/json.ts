import { SchemeRefusal } from './refusal.js'

/** A JSON value. Objects have no prototype. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Deeper nesting than any vendor sends; the walkers below recurse. */
const MAX_DEPTH = 200

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Octets as UTF-8 text; a BOM is kept. Refuses what is not UTF-8. */
export function textOf(octets: Uint8Array): string {
  try {
    return utf8.decode(octets)
  } catch {
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the body is not UTF-8')
  }
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
  const depth = checkMembers(text)
  if (depth > MAX_DEPTH) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `the JSON of the body is nested deeper than ${MAX_DEPTH}`)
  if (depth < 0) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a JSON object of the body names a member twice')
  return value
}

/** How deep valid JSON text is nested; -1 when an object names a member twice. One pass; names are compared decoded. */
function checkMembers(text: string): number {
  const names: (Set<string> | undefined)[] = []
  let deepest = 0
  let at = 0
  while (at < text.length) {
    const c = text[at]
    if (c === '{') names.push(new Set())
    else if (c === '[') names.push(undefined)
    else if (c === '}' || c === ']') names.pop()
    else if (c === '"') {
      const end = stringEnd(text, at)
      const seen = names.at(-1)
      if (seen !== undefined && isName(text, end)) {
        const name = JSON.parse(text.slice(at, end)) as string
        if (seen.has(name)) return -1
        seen.add(name)
      }
      at = end - 1
    }
    if (names.length > deepest) deepest = names.length
    at += 1
  }
  return deepest
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function isName(text: string, end: number): boolean {
  let at = end
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  return text[at] === ':'
}

/** The value at a JSON pointer (RFC 6901); undefined when there is none. */
export function pointed(value: Json, pointer: readonly string[]): Json | undefined {
  let at: Json = value
  for (const token of pointer) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, token)) return undefined
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
    if (/\p{Surrogate}/u.test(value)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a JSON string holds half of a surrogate pair')
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
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  const members = value as { readonly [name: string]: Json }
  const names = Object.keys(members).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${write(members[name] as Json)}`).join(',')}}`
}
