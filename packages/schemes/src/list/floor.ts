import type { SchemeDefinition } from '../definition/definition.js'
import type { Names } from '../definition/names.js'
import type { Problems } from '../definition/problems.js'
import type { CompiledHome } from '../home/home.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import { compileWhen, type WhenTest } from '../template/when.js'
import { isToken } from '../text/token.js'

/** An entry of `mustInclude` as it is written. */
export interface FloorSource {
  readonly source: string
  /** Any of these; of one, all the names. Empty with a prefix. */
  readonly alternatives: readonly (readonly string[])[]
  /** All that the request has whose name begins so; of `*` all. */
  readonly prefix: string | undefined
  /** Whether it ends in `?`, so that it proves nothing of a request that has none. */
  readonly optional: boolean
}

/** One entry of `mustInclude`: what has to be on a list of what is signed. */
export interface FloorEntry extends FloorSource {
  /** While it counts; undefined: always. */
  readonly when: WhenTest | undefined
  /** The names that the request has of what is listed: of headers, in lower case. */
  readonly there: NamesThere
}

/** The names of a request that a list can hold, each once, in their order. */
export type NamesThere = (reading: Reading) => readonly string[]

/** What entries are compiled with. */
export interface FloorTools {
  readonly definition: SchemeDefinition
  readonly names: Names
  readonly homes: ReadonlyMap<string, CompiledHome>
  /** For a list of parameters or members; undefined: of headers. */
  readonly there: NamesThere | undefined
}

/**
 * Reads an entry: `name`; `a or b c` (a, or both b and c); `x-amz-*` (every header, parameter or member of the request that begins so; `*`
 * alone: every one); `name?` (where the request has it: for a pseudo name such as `(expires)` the field of that name).
 */
export function parseEntry(written: string): FloorSource {
  const optional = written.endsWith('?')
  const source = optional ? written.slice(0, -1) : written
  const isPrefix = source.endsWith('*') && !source.includes(' ')
  if (isPrefix) return { source, alternatives: [], prefix: source.slice(0, -1), optional }
  return { source, alternatives: source.split(' or ').map((one) => one.split(' ').filter(Boolean)), prefix: undefined, optional }
}

/** Compiles the entries of a floor, or of what a signer lists. */
export function compileFloor(entries: readonly string[], path: string, tools: FloorTools, problems: Problems): readonly FloorEntry[] {
  return entries.map((written) => {
    const entry = parseEntry(written)
    if (entry.alternatives.some((names) => names.length === 0)) problems.add(path, `"${written}" names nothing`)
    const when = entry.optional ? whenThere(entry.source, tools, path, problems) : whenOf(entry.source, tools)
    return {
      ...entry,
      prefix: tools.there === undefined ? entry.prefix?.toLowerCase() : entry.prefix,
      when,
      there: tools.there ?? headerNames,
    }
  })
}

/** A digest is not asked of a request without body: an entry that names the header of a field counts while its `when` holds. */
function whenOf(entry: string, { definition, names, homes, there }: FloorTools): WhenTest | undefined {
  if (there !== undefined) return undefined
  for (const [name, home] of homes) {
    const when = definition.fields?.[name]?.when
    if (when !== undefined && home.headers.includes(entry.toLowerCase())) return compileWhen(when, names)
  }
  return undefined
}

function whenThere(entry: string, { names, there }: FloorTools, path: string, problems: Problems): WhenTest {
  if (there !== undefined) return (reading) => there(reading).includes(entry)
  if (isToken(entry)) return (reading) => reading.hasHeader(entry.toLowerCase())
  const name = entry.replace(/[^A-Za-z0-9]/g, '')
  if (!names.has(name)) problems.add(path, `"${entry}?" is no header, and no field is called "${name}": nothing says whether it is there`)
  const index = names.index(name)
  return (reading) => reading.captured[index] !== undefined
}

/**
 * Asks a list to hold everything that has to be on it.
 *
 * @param isListed - whether it holds a name
 * @throws SchemeRefusal `ERR_HMAC_UNCOVERED`
 */
export function checkFloor(floor: readonly FloorEntry[], isListed: (name: string) => boolean, reading: Reading): void {
  for (const entry of floor) {
    if (entry.when !== undefined && !entry.when(reading)) continue
    const { prefix } = entry
    if (prefix === undefined) {
      const holds = entry.alternatives.some((names) => names.every(isListed))
      if (!holds) throw uncovered(entry.source)
    } else {
      for (const name of entry.there(reading)) if (name.startsWith(prefix) && !isListed(name)) throw uncovered(name)
    }
  }
}

function uncovered(what: string): SchemeRefusal {
  return new SchemeRefusal('ERR_HMAC_UNCOVERED', `${what} has to be signed and is not on the list`)
}

/** The names of the headers, lower case. */
function headerNames(reading: Reading): readonly string[] {
  const found = new Set<string>()
  const { rawHeaders } = reading.request
  for (let i = 0; i < rawHeaders.length; i += 2) {
    found.add((rawHeaders[i] as string).toLowerCase())
  }
  return [...found]
}

/**
 * The names that our own signer lists for such entries: of alternatives the first, of a prefix every header that the request has,
 * and nothing where an entry does not count.
 */
export function namesToSign(entries: readonly FloorEntry[], reading: Reading): readonly string[] {
  const list = new Set<string>()
  for (const entry of entries) {
    if (entry.when !== undefined && !entry.when(reading)) continue
    const { prefix } = entry
    const names = prefix === undefined ? (entry.alternatives[0] ?? []) : entry.there(reading).filter((name) => name.startsWith(prefix))
    for (const name of names) list.add(name)
  }
  return [...list]
}
