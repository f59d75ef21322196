import type { Home, List, ListSource } from '../definition/definition.js'
import { charactersOf } from '../pipe/pipe-kit.js'
import { SchemeRefusal } from '../refusal.js'
import { type Json, pointed, pointerTokens, scalarText } from '../request/json.js'
import { placeOf, speltText, walkMembers } from '../request/json-spelling.js'
import { decodeForm, decodeName, MAX_PAIRS, type Pair } from '../request/pairs.js'
import type { Reading } from '../request/reading.js'
import { elementPath } from '../request/xml.js'
import { type CompiledText, stringOfText, type TextEnv } from '../template/compiled-text.js'
import { compileTemplate } from '../template/template-text.js'
import { trimBlanks } from '../text/blanks.js'
import { byNatural } from '../text/natural-order.js'
import { nestedIn } from '../text/nested-names.js'
import { encodeRfc3986, encodeUri } from '../text/percent.js'
import { chosen, MAX_NAMES } from './header-list.js'

/** Gathers the pairs of one source of a list. */
export type Gather = (reading: Reading) => Pair[]

/** Compiles how a list gathers what is no header: query, form and JSON pairs, and those that it makes itself. */
export function compilePairs(list: List, source: Exclude<ListSource, 'headers'>, path: string, env: TextEnv): Gather {
  const own = ownName(env.signature, source, list)
  const { prefix = '' } = list
  const wanted = (name: string) => name !== own && name.startsWith(prefix) && chosen(name, list)
  if (source === 'xml') {
    const names = elementPath(list.at ?? '')
    if (names === undefined)
      env.problems.add(`${path}.at`, 'must be the path of the element that holds the list, from the root, such as "/xml"')
    return (reading) => xmlPairs(pointed(reading.xml, names ?? []), list, wanted)
  }
  if (source === 'json') {
    const pointer = pointerTokens(list.at ?? '')
    if (pointer === undefined) env.problems.add(`${path}.at`, `${JSON.stringify(list.at)} is no JSON pointer; it begins with "/"`)
    if (list.scalars === true && list.flatten !== undefined)
      env.problems.add(`${path}.scalars`, 'leaves out what "flatten" prints; write one of the two')
    if (list.spelt === true || list.spelt === 'quoted') return (reading) => speltPairs(reading.tightJson, pointer ?? [], list, wanted)
    return (reading) => jsonPairs(pointed(reading.json, pointer ?? []), list, wanted)
  }
  return (reading) => formPairs(source === 'query' ? reading.queryPairs : reading.formPairs, list, { wanted, own })
}

/**
 * Those pairs of a source that a field with `names` lists, in its order. A listed name that is not there, or stands there or on the list
 * twice, is refused.
 */
export function listedPairs(gather: Gather, source: ListSource, namesOf: (reading: Reading) => string, separator: string): Gather {
  return (reading) => {
    const listed = namesOf(reading)
    const names = listed === '' ? [] : listed.split(separator).map(trimBlanks)
    if (names.length > MAX_NAMES)
      throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_NAMES} names on the list of what is signed`)
    const there = new Map<string, string>()
    for (const [name, value] of gather(reading)) {
      if (there.has(name)) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `${name} stands more than once`)
      there.set(name, value)
    }
    if (source !== 'json') {
      const left = [...there.keys()].filter((name) => !names.includes(name)).map(decodeName)
      refuseNested(left, (name) => names.includes(name))
    }
    return names.map((name): Pair => {
      const value = there.get(name)
      // Taken out, so that a second one on the list finds none.
      there.delete(name)
      if (value === undefined)
        throw new SchemeRefusal(
          'ERR_HMAC_INCOMPLETE',
          `${name} is on the list of what is signed, and not in the request or on the list twice`,
        )
      return [name, value]
    })
  }
}

/** Compiles the pairs of `with`. */
export function compileWith(
  list: List,
  path: string,
  env: TextEnv,
): { readonly texts: ReadonlyMap<string, CompiledText>; readonly gather: Gather } {
  const named = Object.entries(list.with ?? {}).map(
    ([name, template]) => [encoded(name, list), compileTemplate(template, `${path}.with.${name}`, env)] as const,
  )
  return {
    texts: new Map(named),
    gather: (reading) => named.map(([name, text]) => [name, encoded(charactersOf(stringOfText(text, reading), text.latin1), list)]),
  }
}

/** The name under which the signature itself stands in a source; it is never part of what is signed. */
function ownName(signature: Home, source: Exclude<ListSource, 'headers'>, list: List): string | undefined {
  if (source === 'query') return signature.query
  if (source === 'form') return signature.form
  const place = signature[source]
  return place === undefined ? undefined : nameInList(place, list)
}

/** The name under which a list of members or elements has what stands at a pointer or path; undefined where it is not inside. */
export function nameInList(pointer: string, list: Pick<List, 'at' | 'flatten' | 'scalars'>): string | undefined {
  const at = pointerTokens(list.at ?? '') ?? []
  const tokens = pointerTokens(pointer) ?? []
  const inside = tokens.length > at.length && at.every((token, i) => token === tokens[i])
  if (!inside) return undefined
  const [first, ...inner] = tokens.slice(at.length)
  const { flatten: joint } = list
  if (list.scalars === true && inner.length > 0) return undefined
  return joint === undefined
    ? first
    : inner.reduce((name, token) => nameWithin(name as string, token, /^[0-9]+$/.test(token), joint), first)
}

/** Which pairs a list takes, and the name of the signature's own. */
interface Chosen {
  readonly wanted: (name: string) => boolean
  readonly own: string | undefined
}

function formPairs(raw: readonly Pair[], list: List, { wanted, own }: Chosen): Pair[] {
  const decode = list.decode !== false
  const pairs: Pair[] = []
  const nested: string[] = []
  for (const [rawName, rawValue] of raw) {
    const name = strictly(rawName)
    if (!wanted(name)) {
      // What stands under its own name is the signature alone.
      if (name !== own) nested.push(name)
      continue
    }
    pairs.push([encoded(decode ? name : rawName, list), encoded(decode ? strictly(rawValue) : rawValue, list)])
  }
  refuseNested(nested, wanted)
  if (list.skipEmpty === true && pairs.some(([, value]) => value === '')) refuseEmptyTwins(raw, wanted)
  return pairs
}

/** A parser of nested names would put what is left out beside what is signed, or where something signed could stand. */
function refuseNested(left: readonly string[], isSigned: (name: string) => boolean): void {
  const twin = left.flatMap(nestedIn).find(isSigned)
  if (twin !== undefined)
    throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `${twin} stands in another way, which parsers take for it, and is signed without`)
}

/** What is left out for being empty must not make two values of one that is signed. */
function refuseEmptyTwins(raw: readonly Pair[], wanted: (name: string) => boolean): void {
  const pairs = raw.map(([name, value]): Pair => [decodeName(name), value]).filter(([name]) => wanted(name))
  const times = new Map<string | undefined, number>()
  for (const [name] of pairs) times.set(name, (times.get(name) ?? 0) + 1)
  const parents = new Set(pairs.flatMap(([name]) => nestedIn(name)))
  const isTwin = (name: string) => times.get(name) !== 1 || parents.has(name) || nestedIn(name).some((other) => times.has(other))
  const twin = pairs.find(([name, value]) => value === '' && isTwin(name))
  if (twin !== undefined)
    throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `${twin[0]} is left out for being empty, and stands beside another of its name`)
}

function jsonPairs(json: Json | undefined, list: List, wanted: (name: string) => boolean): Pair[] {
  if (json === undefined && list.at !== undefined) return []
  if (typeof json !== 'object' || json === null) throw noMembers(list)
  const pairs: [string, Json][] = []
  for (const [name, value] of Object.entries(json)) {
    if (list.flatten !== undefined) flatten(name, value, list.flatten, pairs)
    else if (list.scalars !== true || typeof value !== 'object' || value === null) pairs.push([name, value])
  }
  return pairs.filter(([name]) => wanted(name)).map(([name, value]) => [encoded(name, list), encoded(textOf(value, list), list)])
}

function noMembers({ at }: List): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_MALFORMED', `${at === undefined ? 'the body' : `what is at ${at}`} is no JSON object and no list`)
}

/** Members of a JSON text without blanks, whose numbers print as they are spelt. */
function speltPairs(tight: string, pointer: readonly string[], list: List, wanted: (name: string) => boolean): Pair[] {
  const { at, flatten: joint, booleans } = list
  const start = placeOf(tight, pointer)
  if (start < 0 && at !== undefined) return []
  if (tight[start] !== '{' && tight[start] !== '[') throw noMembers(list)
  const pairs: Pair[] = []
  const words: Readonly<Record<string, string>> = booleans === undefined ? {} : { true: booleans[0], false: booleans[1] }
  const within = joint === undefined ? undefined : (outer: string, inner: string, isIn: boolean) => nameWithin(outer, inner, isIn, joint)
  const take = (name: string, spelt: string) => {
    if (!wanted(name) || (list.scalars === true && /^[{[]/.test(spelt))) return
    if (pairs.length === MAX_PAIRS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_PAIRS} members`)
    const value = list.spelt === 'quoted' ? spelt : (speltText(spelt) ?? '')
    pairs.push([encoded(name, list), encoded(words[spelt] ?? value, list)])
  }
  walkMembers(tight, start, { within, take })
  return pairs
}

/** Elements are text; one that holds others is several pairs, or none that can be printed. */
function xmlPairs(xml: Json | undefined, list: List, wanted: (name: string) => boolean): Pair[] {
  // An element without content is text, and holds no others.
  if (xml === undefined || xml === '') throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `there are no elements at ${list.at}`)
  if (typeof xml === 'string' || (list.flatten === undefined && Object.values(xml as object).some((one) => typeof one !== 'string')))
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', `what is at ${list.at} is not elements of text alone`)
  return jsonPairs(xml, list, wanted)
}

/** A value as text; true and false as the list says. */
function textOf(value: Json, { booleans }: List): string {
  if (typeof value !== 'boolean' || booleans === undefined) return scalarText(value) ?? ''
  return booleans[value ? 0 : 1]
}

/** Members and elements as pairs of their own; their names are joined. An object or list without any is nothing. */
function flatten(name: string, value: Json, join: string, into: [string, Json][]): void {
  if (into.length === MAX_PAIRS) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `more than ${MAX_PAIRS} members`)
  if (typeof value !== 'object' || value === null) into.push([name, value])
  else {
    for (const [inner, member] of Object.entries(value))
      flatten(nameWithin(name, inner, Array.isArray(value), join), member as Json, join, into)
  }
}

/** `a.b`; where brackets are asked for, an element is `a[0]`, and without anything before them a member `a[b]`. */
function nameWithin(outer: string, inner: string, isElement: boolean, joint: string): string {
  if (!joint.endsWith('[]')) return `${outer}${joint}${inner}`
  const join = joint.slice(0, -2)
  return isElement || join === '' ? `${outer}[${inner}]` : `${outer}${join}${inner}`
}

function strictly(text: string): string {
  const value = decodeForm(text)
  if (value === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a parameter is not percent-encoded UTF-8')
  return value
}

function encoded(text: string, { encode }: List): string {
  if (encode === undefined) return text
  if (encode === 'uri') return encodeUri(text)
  const value = encodeRfc3986(text)
  return encode === 'form' ? value.replaceAll('%20', '+') : value
}

/** Leaves out, sorts and leaves out again, as the list says. */
export function arrange(pairs: Pair[], list: List): Pair[] {
  const kept = list.skipEmpty === true ? pairs.filter(([name, value]) => value !== '' || isNamed(name, list)) : pairs
  const compare = list.sort === undefined ? undefined : ORDERS[list.sort]
  const sorted = compare === undefined || isInOrder(kept, compare) ? kept : [...kept].sort(compare)
  const distinct = list.distinct === true ? withoutRepeats(sorted, list) : sorted
  return list.merge === undefined ? distinct : merged(distinct, list.merge)
}

/** Whether a name is an entry of `named`: it has no value, and its text is not empty for that. */
function isNamed(name: string, { named }: List): boolean {
  return named !== undefined && Object.hasOwn(named, name)
}

function isInOrder(pairs: readonly Pair[], compare: (a: Pair, b: Pair) => number): boolean {
  for (let i = 1; i < pairs.length; i += 1) if (compare(pairs[i - 1] as Pair, pairs[i] as Pair) > 0) return false
  return true
}

function withoutRepeats(pairs: readonly Pair[], { sort }: List): Pair[] {
  // Sorted so, those that are the same stand side by side.
  if (sort === 'name-value') return pairs.filter(([name, value], i) => name !== pairs[i - 1]?.[0] || value !== pairs[i - 1]?.[1])
  const seen = new Set<string>()
  return pairs.filter((pair) => {
    const key = JSON.stringify(pair)
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}

/** Pairs of one name as one pair, where the first of them stands. */
function merged(pairs: readonly Pair[], between: string): Pair[] {
  const values = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    const known = values.get(name)
    if (known === undefined) values.set(name, [value])
    else known.push(value)
  }
  return [...values].map(([name, all]) => [name, all.join(between)])
}

/** Sorting is stable: what compares equal keeps its order. Items are sorted once they are printed. */
const ORDERS: Readonly<Record<NonNullable<List['sort']>, ((a: Pair, b: Pair) => number) | undefined>> = {
  name: (a, b) => byCodeUnit(a[0], b[0]),
  'name-any-case': (a, b) => byCodeUnit(a[0].toLowerCase(), b[0].toLowerCase()),
  'name-natural': (a, b) => byNatural(a[0], b[0]),
  'name-value': (a, b) => byCodeUnit(a[0], b[0]) || byCodeUnit(a[1], b[1]),
  item: undefined,
}

/** Compares by UTF-16 code unit. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
