import { excludes } from './alphabet.js'
import type { CompiledListFacts, CompiledText } from './compiled-text.js'
import type { Field, List, ListSource } from './definition.js'
import { parseEntry } from './floor.js'

/** Whether different lists can print the same, judged by what separates names, values and items; and what the list binds. */
export function listFacts(
  list: List,
  sources: readonly ListSource[],
  item: CompiledText,
  names: CompiledText | undefined,
  named: ReadonlyMap<string, CompiledText>,
  field: Field | undefined,
  made: readonly CompiledText[] = [],
): CompiledListFacts {
  const binds = [...sources.flatMap((source) => boundPairs(list, source)), ...made.flatMap(boundIn)]
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
    return boundIn(text)
  }
  const [first = [], ...rest] = alternatives.map((names) => names.flatMap(bound))
  return first.filter((name) => rest.every((names) => names.includes(name)))
}

function boundIn(text: CompiledText): readonly string[] {
  return text.branches.flatMap((branch) => branch.pieces.flatMap((p) => ('part' in p ? p.part.binds : [])))
}

/** Names of what a source contributes: single pairs, or all but some of them. */
function boundPairs(list: List, source: ListSource): readonly string[] {
  if (source === 'headers') return []
  const data = source === 'query' ? [] : ['data']
  const place = (name: string) =>
    source === 'json' ? `json:${list.at ?? ''}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` : `${source}:${name}`
  if (list.only !== undefined) return [...list.only.map(place), ...data]
  // A part of the JSON binds what stands there; what is bound is then not looked up further.
  return list.at === undefined ? [`${source}-but:${JSON.stringify(list.except ?? [])}`, ...data] : data
}

/** What each encoding leaves as it is, or writes itself. */
const KEPT = { rfc3986: /[A-Za-z0-9._~%-]/, form: /[A-Za-z0-9._~%+-]/, uri: /[A-Za-z0-9._~%!'()*-]/ } as const

function listProblem(list: List, sources: readonly ListSource[], item: CompiledText, names: CompiledText | undefined): string | undefined {
  const pieces = item.branches[0]?.pieces ?? []
  const [first, between, second, behind] = pieces
  const separator = list.join !== '' ? list.join[0] : behind !== undefined && 'literal' in behind ? behind.literal[0] : undefined
  if (separator === undefined) return 'nothing separates its items'
  if (sources.includes('headers')) {
    const namesFirst = first !== undefined && 'source' in first && /^\{(?:name|component)/.test(first.source)
    if (separator !== '\n') return namesFirst ? 'its items are not lines' : 'its values are joined with a character that they may hold'
    return namesFirst || names === undefined ? undefined : 'its items do not begin with {name}'
  }
  const written = pieces.flatMap((piece) => ('source' in piece ? [piece.source] : []))
  if (!written.some((source) => source.startsWith('{name'))) return 'its names are not signed, so that a value can be given another'
  const raw = list.encode === undefined && list.decode === false && !sources.includes('json')
  if (list.encode === undefined && !raw) return 'its names and values are not encoded, so that they may hold what separates them'
  if (second === undefined) return undefined
  if (between === undefined || !('literal' in between)) return 'nothing separates a name from its value'
  if (between.literal[0] === separator) return 'its separators are the same'
  const separators = [separator, between.literal[0] as string]
  const held = separators.find((one) =>
    raw ? one !== '&' && one !== '=' && !excludes('query', one) : KEPT[list.encode ?? 'uri'].test(one),
  )
  return held === undefined ? undefined : `its names and values may hold ${JSON.stringify(held)}, which separates them`
}
