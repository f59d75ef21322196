import { type Json, parseJson, stringEnd } from './json.js'
import { QUOTE } from './quoted-string.js'
import { SchemeRefusal } from './refusal.js'

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

/** The value at a pointer: a string as it reads, anything else as it is spelt in the text, without blanks. */
export function speltAt(text: string, tokens: readonly string[], pointer: string): string {
  const tight = minified(text)
  let at = 0
  for (const token of tokens) {
    const next = tight[at] === '{' ? memberOf(tight, at, token) : tight[at] === '[' ? entryOf(tight, at, token) : -1
    if (next < 0) throw absent(pointer)
    at = next
  }
  const spelt = tight.slice(at, valueEnd(tight, at))
  if (spelt === 'null') throw absent(pointer)
  const value = spelt.startsWith('"') ? (JSON.parse(spelt) as Json & string) : spelt
  // It has no UTF-8: different ones would be signed alike.
  if (!value.isWellFormed()) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a JSON string holds half of a surrogate pair')
  return value
}

function isBlank(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09
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
