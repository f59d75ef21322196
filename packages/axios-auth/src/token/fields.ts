import { invalidType, invalidValue, isRecord } from '@countersign/core/base'

/** What a field of a token request may hold; a list is sent as several fields, or as a list in JSON. An object is sent as JSON alone. */
type FieldValue = string | number | boolean | readonly string[] | JsonMembers

/** What JSON holds. */
type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonMembers

interface JsonMembers {
  readonly [name: string]: JsonValue
}

/** Further fields of a token request: an object, or lines of `name=value`. */
export type ExtraFields = string | Readonly<Record<string, FieldValue>>

/** The fields of a token request in order. A Map, since names such as `__proto__` are names like any other. */
export type TokenFields = Map<string, FieldValue>

/**
 * Reads further fields. In lines, blanks around name and value are cut, blank lines are left out, and the first `=` parts the two.
 *
 * @throws TypeError naming the field, never with its value, when a line has no `=`, a name stands twice, or a value is of another kind
 */
export function readExtraFields(factory: string, option: string, input: unknown, format: 'form' | 'json' = 'form'): TokenFields {
  if (input === undefined) return new Map()
  if (typeof input === 'string') return fromLines(factory, option, input)
  if (!isRecord(input)) {
    throw invalidType(factory, option, 'an object, or lines of name=value', input)
  }
  return new Map(Object.entries(input).map(([name, value]) => [name, checkedValue(factory, `${option}.${name}`, value, format)]))
}

function fromLines(factory: string, option: string, text: string): TokenFields {
  const fields: TokenFields = new Map()
  for (const [at, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue
    const equals = line.indexOf('=')
    const name = line.slice(0, equals).trim()
    if (equals === -1 || name === '') throw invalidValue(factory, option, `must contain lines of name=value; line ${at + 1} is not one`)
    if (fields.has(name)) throw invalidValue(factory, option, `contains the name of line ${at + 1} twice`)
    fields.set(name, line.slice(equals + 1).trim())
  }
  return fields
}

function checkedValue(factory: string, option: string, value: unknown, format: 'form' | 'json'): FieldValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return Object.freeze([...(value as string[])])
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isObject && format === 'json') return copied(factory, option, value, 0) as JsonMembers
  const more = isObject ? "; an object needs dataFormat: 'json'" : ''
  throw invalidType(factory, option, `a string, a finite number, true, false or a list of strings${more}`, value)
}

const DEEPEST = 16

/** A copy that later changes of the caller do not reach. */
function copied(factory: string, option: string, value: unknown, depth: number): JsonValue {
  if (depth > DEEPEST) throw invalidValue(factory, option, `is nested deeper than ${DEEPEST}, or contains itself`)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map((item, i) => copied(factory, `${option}[${i}]`, item, depth + 1)))
  if (!isPlain(value)) throw invalidType(factory, option, 'what JSON holds', value)
  const copy: Record<string, JsonValue> = Object.create(null)
  for (const [name, member] of Object.entries(value)) copy[name] = copied(factory, `${option}.${name}`, member, depth + 1)
  return Object.freeze(copy)
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Every text in the fields, by the name of its field or member: passwords may be among them. */
export function textsOf(fields: Iterable<readonly [string, unknown]>): readonly (readonly [name: string, text: string])[] {
  return [...fields].flatMap(([name, value]) => {
    if (typeof value === 'string') return [[name, value] as const]
    if (Array.isArray(value)) return textsOf(value.map((item: unknown) => [name, item] as const))
    return typeof value === 'object' && value !== null ? textsOf(Object.entries(value)) : []
  })
}

/** The octets of the fields, as application/x-www-form-urlencoded (WHATWG URL) or as one JSON object. */
export function fieldOctets(fields: TokenFields, format: 'form' | 'json'): Buffer {
  if (format === 'form') return Buffer.from(formText(fields))
  const object: Record<string, FieldValue> = Object.create(null)
  for (const [name, value] of fields) object[name] = value
  return Buffer.from(JSON.stringify(object))
}

function formText(fields: TokenFields): string {
  const form = new URLSearchParams()
  for (const [name, value] of fields) {
    for (const item of Array.isArray(value) ? value : [value]) form.append(name, String(item))
  }
  return form.toString()
}

/** One value in the encoding of a form, in which names and secrets go into Basic as well (RFC 6749 section 2.3.1). */
export function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
