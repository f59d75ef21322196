import type { List } from '../definition/definition.js'
import { SchemeRefusal } from '../refusal.js'
import { combinedHeader } from '../request/header-lines.js'
import type { Pair } from '../request/pairs.js'
import type { Reading } from '../request/reading.js'
import type { CompiledText } from '../template/compiled-text.js'
import { hostHeader } from '../template/parts.js'
import { trimBlanks } from '../text/blanks.js'
import { remembering } from '../text/memo.js'
import { isToken } from '../text/token.js'

/** The most names that a list of the wire may hold. */
export const MAX_NAMES = 64

/** A name on a list: a field, lower case, or an entry that is none, as it is written. */
interface Listed {
  readonly name: string
  readonly isField: boolean
}

/** Compiles how a list of headers gathers its names and their values. */
export function compileHeaders(
  list: List,
  namesOf: ((reading: Reading) => string) | undefined,
  separator: string,
  named: ReadonlyMap<string, CompiledText>,
  signatureHeaders: () => readonly string[],
): (reading: Reading) => Pair[] {
  if (namesOf === undefined) return (reading) => prefixed(reading, list, signatureHeaders())
  const listed = remembering((text) => checkedNames(text.split(separator), named))
  return (reading) => listed(namesOf(reading)).map(({ name, isField }): Pair => [name, isField ? valueOfField(reading, name, list) : ''])
}

function valueOfField(reading: Reading, field: string, list: List): string {
  const value = valueOfHeader(reading, field, list.repeated)
  if (value !== undefined) return value
  throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `the field ${field} is on the list of what is signed and not in the request`)
}

function valueOfHeader(reading: Reading, field: string, between: string | undefined): string | undefined {
  if (field === 'host') return hostHeader(reading)
  return between === undefined ? reading.header(field) : combinedHeader(reading.request.rawHeaders, field, between)
}

/** The names of a list, trimmed: each is a token or an entry of `named` and stands once, and there are not too many. */
function checkedNames(listed: readonly string[], named: ReadonlyMap<string, CompiledText>): readonly Listed[] {
  const names = listed.map(trimBlanks).filter((name) => name !== '')
  if (names.length > MAX_NAMES) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_NAMES} names on the list of what is signed`)
  if (new Set(names.map((name) => name.toLowerCase())).size !== names.length) {
    throw new SchemeRefusal('ERR_HMAC_DUPLICATED', 'a name stands twice on the list of what is signed')
  }
  return names.map((name) => {
    if (named.has(name)) return { name, isField: false }
    if (isToken(name)) return { name: name.toLowerCase(), isField: true }
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a name on the list of what is signed is no field name')
  })
}

function prefixed(reading: Reading, list: List, left: readonly string[]): Pair[] {
  const found: Pair[] = []
  const { rawHeaders } = reading.request
  const prefix = list.prefix as string
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    if (!name.startsWith(prefix) || !chosen(name, list) || left.includes(name)) continue
    found.push([name, trimBlanks(rawHeaders[i + 1] as string)])
  }
  if (found.length < 2 || new Set(found.map(([name]) => name)).size === found.length) return found
  if (list.repeated === undefined) throw repeated(found)
  return [...new Set(found.map(([name]) => name))].map((name): Pair => [name, valueOfHeader(reading, name, list.repeated) as string])
}

function repeated(found: readonly Pair[]): SchemeRefusal {
  const name = found.find(([one], i) => found.findIndex(([other]) => other === one) < i)?.[0]
  return new SchemeRefusal('ERR_HMAC_DUPLICATED', `the field ${name} stands more than once`)
}

/** Whether a list takes a name. */
export function chosen(name: string, list: List): boolean {
  return (list.only === undefined || list.only.includes(name)) && list.except?.includes(name) !== true
}
