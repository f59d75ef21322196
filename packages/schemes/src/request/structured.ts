import { createRequire } from 'node:module'
import type * as Library from 'structured-headers'
import { SchemeRefusal } from '../refusal.js'

// Made at the start: later, what somebody put on Object.prototype could make it fail.
const require = createRequire(import.meta.url)

/**
 * A bare item (RFC 9651 section 3.3); dates, octets, Tokens and Display Strings are objects of the library. Its own types are not named
 * here: they need those of a browser, which those who compile against this package may not have.
 */
export type BareItem = number | string | boolean | object

/** Parameters of an item or of an inner list, in order (RFC 9651 section 3.1.2). */
export type Parameters = Map<string, BareItem>

/** An item with its parameters (RFC 9651 section 3.3). */
export type Item = [BareItem, Parameters]

/** Items in parentheses, with parameters (RFC 9651 section 3.1.1). */
export type InnerList = [Item[], Parameters]

/** Members by name, in order (RFC 9651 section 3.2). */
export type Dictionary = Map<string, Item | InnerList>

/** The types that a structured field can have (RFC 9651 section 3). */
export type StructuredType = 'item' | 'list' | 'dictionary'

let loaded: typeof Library | undefined

/** Loaded here, so that a scheme without structured fields never loads it. */
function library(): typeof Library {
  loaded ??= require('structured-headers') as typeof Library
  return loaded
}

/**
 * Fields that are registered as structured (IANA, Hypertext Transfer Protocol Field Name Registry); a scheme adds its own in
 * `structured`.
 */
const REGISTERED: Readonly<Record<string, StructuredType>> = {
  'accept-ch': 'list',
  'accept-signature': 'dictionary',
  'cache-status': 'list',
  'cdn-cache-control': 'dictionary',
  'client-cert': 'item',
  'client-cert-chain': 'list',
  'content-digest': 'dictionary',
  'cross-origin-embedder-policy': 'item',
  'cross-origin-opener-policy': 'item',
  'origin-agent-cluster': 'item',
  'permissions-policy': 'dictionary',
  priority: 'dictionary',
  'proxy-status': 'list',
  'repr-digest': 'dictionary',
  'sec-gpc': 'item',
  signature: 'dictionary',
  'signature-input': 'dictionary',
  'want-content-digest': 'dictionary',
  'want-repr-digest': 'dictionary',
}

/** The type of a field; undefined when nobody said that it is structured. */
export function typeOfField(name: string, own: Readonly<Record<string, StructuredType>> = {}): StructuredType | undefined {
  if (Object.hasOwn(own, name)) return own[name]
  return Object.hasOwn(REGISTERED, name) ? REGISTERED[name] : undefined
}

/**
 * Reads a Dictionary field.
 *
 * @param value - its lines, joined with commas
 * @throws SchemeRefusal when it is none, or names a member twice: which of the two counts would depend on the reader
 */
export function readDictionary(value: string, field: string): Dictionary {
  const { parseDictionary } = library()
  const known = withKnownList(value)
  if (known !== undefined) return known
  const dictionary = parsed(() => parseDictionary(value), field)
  if (dictionary.size !== countMembers(value)) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the field ${field} names a member twice`)
  if (dictionary.size === 1) rememberList(value)
  return dictionary
}

/** Inner Lists by their text: senders cover the same components every time, and only the parameters behind them differ. */
const lists = new Map<string, Item[]>()
const MOST_LISTS = 256

/**
 * A Dictionary of one member, an Inner List that was read before. A list ends where it ended then, whatever stands behind it, so that
 * only its parameters are left to read.
 */
function withKnownList(value: string): Dictionary | undefined {
  const [label, list, params] = cutList(value)
  const items = lists.get(list)
  if (items === undefined || !/^[a-z*][a-z0-9_.*-]*$/.test(label) || !/^(?:;[^,]*)?$/.test(params)) return undefined
  const item = attempt(() => library().parseItem(`a${params}`))
  return item === undefined ? undefined : new Map([[label, [items, item[1]]]])
}

function rememberList(value: string): void {
  const [, text] = cutList(value)
  const [list, ...others] = attempt(() => library().parseList(text)) ?? []
  if (list === undefined || others.length > 0 || !isInnerList(list)) return
  if (lists.size >= MOST_LISTS) lists.clear()
  lists.set(text, list[0])
}

/** `label=(...)params`, cut at the first `)`; where that is inside a String, what is cut out is no list and never known as one. */
function cutList(value: string): readonly [label: string, list: string, params: string] {
  const open = value.indexOf('=(')
  const end = value.indexOf(')') + 1
  return open < 0 || end <= open ? ['', '', ''] : [value.slice(0, open), value.slice(open + 1, end), value.slice(end)]
}

/** Parameters that were read, as they are serialized; a String without quotes in it and an Integer are as they were. */
export function writeParameters(params: Parameters): string {
  let text = ''
  for (const [name, value] of params) {
    if (typeof value === 'string' && !/["\\]/.test(value)) text += `;${name}="${value}"`
    else if (Number.isInteger(value)) text += `;${name}=${value}`
    else text += library().serializeParameters(new Map([[name, value]]))
  }
  return text
}

/** A member of a Dictionary as it is serialized, without its name (RFC 9421 section 2.1.2). */
export function writeMember(member: Item | InnerList): string {
  const { isInnerList, serializeInnerList, serializeItem } = library()
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member)
}

/** A Dictionary as it is serialized. */
function writeDictionary(dictionary: Dictionary): string {
  return library().serializeDictionary(dictionary)
}

/** A Dictionary with one member more, at its end, in place of one of that name. */
export function withMember(value: string | undefined, field: string, name: string, text: string): string {
  const members = value === undefined ? new Map<string, Item | InnerList>() : readDictionary(value, field)
  members.delete(name)
  const member = `${name}=${text}`
  return members.size === 0 ? member : `${writeDictionary(members)}, ${member}`
}

/** An Item such as `"@query-param";name="a"`. */
export function readItem(text: string, what: string): Item {
  const { parseItem } = library()
  return parsed(() => parseItem(text), what)
}

/** An Inner List with its parameters, as it stands as a member. */
export function readInnerList(text: string, what: string): InnerList {
  const known = withKnownList(`a=${text}`)?.get('a')
  if (known !== undefined) return known as InnerList
  const [member, ...others] = parsed(() => library().parseList(text), what)
  if (member === undefined || others.length > 0 || !isInnerList(member))
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', `${what} is no list in parentheses`)
  rememberList(`a=${text}`)
  return member
}

/** Whether a member is an inner list rather than an item. */
export function isInnerList(member: Item | InnerList): member is InnerList {
  return library().isInnerList(member)
}

/** A bare item as it is serialized; text that is not printable ASCII is refused. */
export function writeBareItem(value: BareItem, what: string): string {
  const { serializeBareItem } = library()
  return parsed(() => serializeBareItem(value), what)
}

/** Octets as a Byte Sequence. */
export function writeOctets(octets: Uint8Array): string {
  return `:${Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64')}:`
}

/**
 * A field's value as RFC 9651 section 4.1 serializes it: one spelling for all that mean the same.
 *
 * @throws SchemeRefusal when it is not of the type
 */
export function canonicalField(value: string, type: StructuredType, field: string): string {
  const { parseItem, parseList, serializeItem, serializeList } = library()
  refuseWholeDecimals(value, field)
  if (type === 'dictionary') return writeDictionary(readDictionary(value, field))
  if (type === 'list') return serializeList(parsed(() => parseList(value), field))
  return serializeItem(parsed(() => parseItem(value), field))
}

/** The library reads `1.0` as `1`, and would write another text than the sender signed. */
export function refuseWholeDecimals(value: string, field: string): void {
  if (!value.includes('.0')) return
  const bare = outsideStrings(value)
  if (/(?:^|[\s=,(])-?[0-9]{1,12}\.0{1,3}(?![0-9])/.test(bare))
    throw new SchemeRefusal(
      'ERR_HMAC_MALFORMED',
      `the field ${field} holds a whole number written as a decimal, which cannot be kept as it is`,
    )
}

function outsideStrings(value: string): string {
  let out = ''
  let inString = false
  for (let at = 0; at < value.length; at += 1) {
    const c = value[at] as string
    if (inString && c === '\\') at += 1
    else if (c === '"') inString = !inString
    else if (!inString) out += c
  }
  return out
}

/** Members stand between commas, and commas inside one only in a String. */
function countMembers(value: string): number {
  if (!value.includes(',')) return value.trim() === '' ? 0 : 1
  return outsideStrings(value).split(',').length
}

function parsed<T>(parse: () => T, what: string): T {
  const found = attempt(parse)
  if (found !== undefined) return found
  throw new SchemeRefusal('ERR_HMAC_MALFORMED', `${what} is no structured field of its type`)
}

/** The library throws what it cannot read or write. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
