import { type CompiledListFacts, type CompiledText, stringOfText, type TextEnv, type TextPart } from './compiled-text.js'
import type { Field, List, ListSource } from './definition.js'
import { parseEntry } from './floor.js'
import { chosen, headerPairs } from './header-list.js'
import { type Json, scalarText } from './json.js'
import { MessageBuilder } from './message.js'
import type { Part } from './parts.js'
import type { Shape } from './pipe-kit.js'
import { decodeForm, type Pair, type Reading } from './reading.js'
import { SchemeRefusal } from './refusal.js'
import { compileTemplate } from './template-text.js'
import { encodeRfc3986 } from './text-pipes.js'

/** The thing that is being printed; lists are printed one at a time and synchronously. */
interface Current {
  name: string
  value: string
}

/** Compiles a canonical list. */
export function compileList(list: List, path: string, env: TextEnv): CompiledText {
  const sources = [list.each].flat() as readonly ListSource[]
  const headers = sources.includes('headers')
  const field = headers ? listField(list, path, env) : undefined
  if (field?.exactly !== undefined) return compileTemplate(unrolled(list, field.exactly), path, env)
  const current: Current = { name: '', value: '' }
  const local = localEnv(env, current, headers, list.encode)
  const item = compileTemplate(list.item, `${path}.item`, local)
  const named = new Map(
    Object.entries(list.named ?? {}).map(([name, text]) => [name, compileTemplate(text, `${path}.named.${name}`, local)]),
  )
  const names = list.names === undefined ? undefined : compileTemplate(list.names, `${path}.names`, env)
  const gather = (reading: Reading): Pair[] => {
    const pairs = sources.flatMap((source) =>
      source === 'headers'
        ? headerPairs(reading, list, names && stringOfText(names, reading).split(field?.names ?? ' '), named)
        : pairsOf(reading, source, list),
    )
    return arrange(pairs, list)
  }
  const print = (reading: Reading, out: MessageBuilder, pair: Pair) => {
    current.name = pair[0]
    current.value = pair[1]
    ;(named.get(pair[0]) ?? item).emit(reading, out)
  }
  const emit = (reading: Reading, out: MessageBuilder) => {
    const pairs = gather(reading)
    if (list.before !== undefined && pairs.length > 0) out.text(list.before)
    if (list.sort === 'item') return printSorted(reading, out, pairs, print, list.join, headers)
    pairs.forEach((pair, i) => {
      if (i > 0) out.text(list.join)
      print(reading, out, pair)
    })
  }
  const facts = listFacts(list, sources, item, names, named, field)
  return {
    shape: { kind: 'text', alphabet: 'any', lossy: true },
    latin1: headers,
    emit,
    branches: [{ when: undefined, pieces: [{ list: facts }] }],
  }
}

/** The list field that a list of headers walks. */
function listField(list: List, path: string, env: TextEnv): Field | undefined {
  if (list.names === undefined) {
    if (list.prefix === undefined) env.problems.add(path, 'a list of headers needs "names" (a list field, such as {signed}) or "prefix"')
    return undefined
  }
  const name = /^\{([A-Za-z][A-Za-z0-9]*)\}$/.exec(list.names)?.[1]
  const field = name === undefined ? undefined : env.listField(name)
  if (field?.names === undefined) env.problems.add(`${path}.names`, `${list.names} is no field with "names"; write one such as {signed}`)
  return field
}

/** A list of constant names is a plain text: each item with its header in place of {name} and {value}. */
function unrolled(list: List, names: readonly string[]): string {
  const items = names.map((name) => {
    const field = name.toLowerCase()
    const text = list.named?.[name] ?? list.item
    return text.replaceAll('{name}', field).replaceAll('{value', `{header:${field}`)
  })
  return items.join(list.join)
}

function printSorted(
  reading: Reading,
  out: MessageBuilder,
  pairs: readonly Pair[],
  print: (reading: Reading, out: MessageBuilder, pair: Pair) => void,
  join: string,
  latin1: boolean,
): void {
  const items = pairs.map((pair) => {
    const one = new MessageBuilder()
    print(reading, one, pair)
    return one.parts.map(String).join('')
  })
  out.value(items.sort(byCodeUnit).join(join), latin1)
}

function localEnv(env: TextEnv, current: Current, headers: boolean, encode: List['encode']): TextEnv {
  const alphabet: Shape['alphabet'] = encode === undefined ? (headers ? 'line' : 'any') : encode === 'form' ? 'query' : 'unreserved'
  const part = (get: () => string, of: Shape['alphabet']): Part => ({
    shape: { kind: 'text', alphabet: of },
    latin1: headers,
    binds: [],
    get,
  })
  const locals: Record<string, TextPart> = {
    name: part(() => current.name, headers ? 'token' : alphabet),
    value: part(() => current.value, alphabet),
  }
  return {
    ...env,
    resolve: (name, argument) => (argument === undefined && Object.hasOwn(locals, name) ? locals[name] : env.resolve(name, argument)),
    names: () => ['name', 'value', ...env.names()],
  }
}

function pairsOf(reading: Reading, source: ListSource, list: List): Pair[] {
  if (source === 'json') return jsonPairs(reading.json, list)
  const raw = source === 'query' ? reading.queryPairs : reading.formPairs
  const decode = list.decode !== false
  const pairs: Pair[] = []
  for (const [rawName, rawValue] of raw) {
    const name = decode ? strictly(rawName) : rawName
    if (!chosen(name, list)) continue
    pairs.push([encoded(name, list), encoded(decode ? strictly(rawValue) : rawValue, list)])
  }
  return pairs
}

function jsonPairs(json: Json, list: List): Pair[] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'the body is no JSON object')
  }
  return Object.entries(json)
    .filter(([name]) => chosen(name, list))
    .map(([name, value]) => [encoded(name, list), encoded(scalarText(value) ?? '', list)])
}

function strictly(text: string): string {
  const value = decodeForm(text)
  if (value === undefined) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a parameter is not percent-encoded UTF-8')
  return value
}

function encoded(text: string, list: List): string {
  if (list.encode === undefined) return text
  const value = encodeRfc3986(text)
  return list.encode === 'form' ? value.replaceAll('%20', '+') : value
}

function arrange(pairs: Pair[], list: List): Pair[] {
  let result = list.skipEmpty === true ? pairs.filter(([, value]) => value !== '') : pairs
  if (list.sort === 'name') result = [...result].sort((a, b) => byCodeUnit(a[0], b[0]))
  if (list.sort === 'name-value') result = [...result].sort((a, b) => byCodeUnit(a[0], b[0]) || byCodeUnit(a[1], b[1]))
  if (list.distinct === true) {
    const seen = new Set<string>()
    result = result.filter(([name, value]) => {
      const key = JSON.stringify([name, value])
      return seen.has(key) ? false : seen.add(key) !== undefined
    })
  }
  return result
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether different lists can print the same, judged by what separates names, values and items; and what the list binds. */
function listFacts(
  list: List,
  sources: readonly ListSource[],
  item: CompiledText,
  names: CompiledText | undefined,
  named: ReadonlyMap<string, CompiledText>,
  field: Field | undefined,
): CompiledListFacts {
  const binds = sources.flatMap((source) => boundPairs(list, source))
  const signed = (field?.mustInclude ?? []).flatMap((entry) => boundEntry(entry, named))
  const listed = list.names === undefined ? [] : [list.names.slice(1, -1)]
  if (list.prefix !== undefined) listed.push(`headers:${list.prefix}`)
  const alphabet = sources.includes('headers') ? 'line' : list.encode === undefined ? 'any' : 'query'
  return { ambiguous: listProblem(list, sources, item, names), alphabet, binds: [...binds, ...listed, ...signed] }
}

/** What a list binds by having to hold an entry: what all of its alternatives bind. A header that need not be there binds nothing. */
function boundEntry(written: string, named: ReadonlyMap<string, CompiledText>): readonly string[] {
  const { source, alternatives, prefix, optional } = parseEntry(written)
  if (prefix !== undefined) return [`headers:${prefix}`]
  if (optional && !named.has(source)) return []
  const bound = (name: string) => {
    const text = named.get(name)
    if (text === undefined) return [`header:${name.toLowerCase()}`]
    return text.branches.flatMap((branch) => branch.pieces.flatMap((p) => ('part' in p ? p.part.binds : [])))
  }
  const [first = [], ...rest] = alternatives.map((names) => names.flatMap(bound))
  return first.filter((name) => rest.every((names) => names.includes(name)))
}

/** Names of what a source contributes: single pairs, or all but some of them. */
function boundPairs(list: List, source: ListSource): readonly string[] {
  if (source === 'headers') return []
  const data = source === 'query' ? [] : ['data']
  const place = (name: string) => (source === 'json' ? `json:/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` : `${source}:${name}`)
  if (list.only !== undefined) return [...list.only.map(place), ...data]
  return [`${source}-but:${JSON.stringify(list.except ?? [])}`, ...data]
}

function listProblem(list: List, sources: readonly ListSource[], item: CompiledText, names: CompiledText | undefined): string | undefined {
  const pieces = item.branches[0]?.pieces ?? []
  const [first, between, second, behind] = pieces
  const separator = list.join !== '' ? list.join[0] : behind !== undefined && 'literal' in behind ? behind.literal[0] : undefined
  if (separator === undefined) return 'nothing separates its items'
  if (sources.includes('headers')) {
    const namesFirst = first !== undefined && 'source' in first && first.source.startsWith('{name')
    if (separator !== '\n') return namesFirst ? 'its items are not lines' : 'its values are joined with a character that they may hold'
    return namesFirst || names === undefined ? undefined : 'its items do not begin with {name}'
  }
  const safe = list.encode !== undefined || (list.decode === false && !sources.includes('json'))
  if (!safe) return 'its names and values are not encoded, so that they may hold what separates them'
  if (second === undefined) return undefined
  if (between === undefined || !('literal' in between)) return 'nothing separates a name from its value'
  return between.literal[0] === separator ? 'its separators are the same' : undefined
}
