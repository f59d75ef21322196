import { SchemeRefusal } from '../refusal.js'
import type { Covered } from '../request/covered.js'
import { combinedHeader, headerLines } from '../request/header-lines.js'
import type { Reading } from '../request/reading.js'
import {
  type BareItem,
  canonicalField,
  type Item,
  readDictionary,
  readItem,
  refuseWholeDecimals,
  type StructuredType,
  typeOfField,
  writeBareItem,
  writeMember,
  writeOctets,
} from '../request/structured.js'
import { hostHeader } from '../template/parts.js'
import { remembering } from '../text/memo.js'
import { isToken } from '../text/token.js'

/** A component that a signature covers (RFC 9421 section 2). */
export interface Component {
  /** Its identifier as it is serialized: `"@query-param";name="a"`. */
  readonly text: string
  /** `content-type`, or `@method`. */
  readonly name: string
  readonly params: ReadonlyMap<string, BareItem>
}

const FIELD_PARAMS: readonly string[] = ['sf', 'key', 'bs']

/**
 * The components of a list, each checked: a name in lower case, parameters that mean something in a request, and each once.
 *
 * @param derived - the derived components that the scheme knows, and whether each takes the parameter `name`
 */
export function componentsOf({ items }: Covered, derived: ReadonlyMap<string, boolean>): readonly Component[] {
  const seen = new Set<string>()
  return items.map((item) => {
    const component = componentOf(item, derived)
    const id = identity(component)
    if (seen.has(id)) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the component ${component.text} is covered twice`)
    seen.add(id)
    return component
  })
}

/** The identifier of a component that a scheme or a caller names: `content-type`, `@method`, `"x";sf`. */
export const identifierText = remembering((written: string) =>
  writeMember(written.startsWith('"') ? readItem(written, written) : [written, new Map()]),
)

/** One component of what is covered. */
function componentOf(item: Item, derived: ReadonlyMap<string, boolean>): Component {
  const [name, params] = item
  if (typeof name !== 'string') throw malformed('a covered component is no string')
  const text = writeMember(item)
  // No member of a dictionary is called so, and no encoded parameter: the identifier ends at its first colon.
  if (text.includes(':')) throw malformed(`${text} names nothing that can be in a request`)
  if (params.has('req')) throw malformed(`${text} is of the request that a response answers, and this is a request`)
  if (params.has('tr')) throw malformed(`${text} is a trailer field, and trailers are not read`)
  if (name.startsWith('@')) checkDerived(text, name, params, derived)
  else checkField(text, name, params)
  return { text, name, params }
}

function checkDerived(text: string, name: string, params: Component['params'], derived: ReadonlyMap<string, boolean>): void {
  if (name === '@status') throw malformed('"@status" is of a response, and this is a request')
  const named = derived.get(name)
  if (named === undefined) throw malformed(`${text} is no component of a request that the scheme knows`)
  const right = named ? params.size === 1 && typeof params.get('name') === 'string' : params.size === 0
  if (!right) throw malformed(`${text} ${named ? 'needs the parameter "name" and no other' : 'takes no parameters'}`)
}

function checkField(text: string, name: string, params: Component['params']): void {
  if (!isToken(name) || name !== name.toLowerCase()) throw malformed(`${text} is no field name in lower case`)
  for (const [param, value] of params) {
    if (!FIELD_PARAMS.includes(param)) throw malformed(`the parameter "${param}" of ${text} is unknown`)
    if (typeof value !== (param === 'key' ? 'string' : 'boolean') || value === false)
      throw malformed(`the parameter "${param}" of ${text} has not its type`)
  }
  if (params.has('bs') && params.size > 1) throw malformed(`${text} is asked for as octets and as a structured field at once`)
}

/** Identifiers are the same whatever the order of their parameters (RFC 9421 section 2). */
function identity({ name, params }: Component): string {
  return JSON.stringify([name, ...[...params].map(([param, value]) => `${param}=${writeBareItem(value, param)}`).sort()])
}

/**
 * The value of a header component: its lines joined (RFC 9421 section 2.1), serialized strictly (`sf`), one member of a Dictionary
 * (`key`), or its octets line by line (`bs`).
 */
export function fieldValue(
  { name, params, text }: Component,
  reading: Reading,
  own: Readonly<Record<string, StructuredType>> | undefined,
): string {
  if (params.has('bs')) return octetLines(reading, name, text)
  const value = name === 'host' ? hostHeader(reading) : combinedHeader(reading.request.rawHeaders, name, ', ')
  if (value === undefined) throw absent(text)
  if (params.size === 0) return value
  const type = typeOfField(name, own)
  const key = params.get('key')
  if (typeof key === 'string') return member(reading, name, key, value, type, text)
  if (type === undefined)
    throw malformed(`${text}: the scheme does not know ${name} as a structured field; its "structured" can name its type`)
  return canonicalField(value, type, name)
}

function octetLines(reading: Reading, name: string, text: string): string {
  const lines = headerLines(reading.request.rawHeaders, name)
  if (lines.length === 0) throw absent(text)
  return lines.map((line) => writeOctets(Buffer.from(line, 'latin1'))).join(', ')
}

function member(reading: Reading, name: string, key: string, value: string, type: StructuredType | undefined, text: string): string {
  if (type !== undefined && type !== 'dictionary') throw malformed(`${text}: ${name} is no dictionary`)
  refuseWholeDecimals(value, name)
  const found = (reading.dictionary(name) ?? readDictionary(value, name)).get(key)
  if (found === undefined) throw absent(text)
  return writeMember(found)
}

function absent(text: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_INCOMPLETE', `${text} is covered by the signature and not in the request`)
}

function malformed(reason: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', reason)
}
