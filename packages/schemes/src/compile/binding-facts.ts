import type { List, SchemeDefinition } from '../definition/definition.js'
import type { Names } from '../definition/names.js'
import type { Problems } from '../definition/problems.js'
import type { CompiledHome } from '../home/home.js'
import { boundBy, type JudgeFacts } from '../judge/judge.js'
import { nameInList } from '../list/list-pairs.js'
import { pointerTokens } from '../request/json.js'
import type { CompiledText, FlatPiece } from '../template/compiled-text.js'
import { unitOf } from '../time/units.js'
import type { CompiledField } from './fields.js'

type Homes = ReadonlyMap<string, CompiledHome>

/** What is known of a scheme's homes and fields when its message is judged. */
export interface Carried {
  readonly definition: SchemeDefinition
  readonly names: Names
  readonly homes: ReadonlyMap<string, CompiledHome>
  readonly fields: readonly CompiledField[]
}

/** The role or field that a header field is the home of, when the field holds nothing else. */
export function ownerOf(homes: ReadonlyMap<string, CompiledHome>, field: string): string | undefined {
  for (const [name, home] of homes) {
    const isAlone = home.headers.length === 1 && home.format.names.length === 1 && home.format.names[0] === name
    if (name !== 'signature' && isAlone && home.headers[0] === field) return name
  }
  return undefined
}

/** What the judge has to know beside the message. A field that is recomputed from itself is a problem. */
export function judgeFacts({ definition, names, homes, fields }: Carried, problems: Problems): JudgeFacts {
  const byName = new Map(fields.map((field) => [field.name, field]))
  const inText = (text: CompiledText) =>
    text.branches.flatMap((branch) => [...boundBy(branch.pieces, { expand, ofBodies, inPath: undefined })])
  const ofBodies = (name: string) => isDigestOfBodies(byName.get(name))
  const inField = outsideCircles((name) => byName.get(name)?.binds(inText) ?? [], problems)
  const expand = (bound: string): readonly string[] => [
    ...inField(bound),
    ...(bound === 'query' || bound === 'body' ? [`all-${bound}`] : []),
    ...carriedIn(homes, bound),
    ...(isDataOf(homes, byName, bound) ? ['data'] : []),
  ]
  const { unit } = definition.timestamp ?? {}
  return {
    expand,
    ofBodies,
    inPath: namesOfPath(homes),
    own: (piece: FlatPiece) => {
      // What is asked of a captured value is not asked of what pipes make of it.
      if (!('part' in piece) || piece.through !== undefined || piece.piped) return undefined
      const [name] = piece.part.binds
      return name !== undefined && names.has(name) ? name : undefined
    },
    timestampWidth: unit === undefined ? undefined : (unitOf(unit).width ?? unitOf(unit).usual),
  }
}

/** What a field binds by its value; nothing where that is asked while the same is being found out, which is told once. */
function outsideCircles(find: (name: string) => readonly string[], problems: Problems): (name: string) => readonly string[] {
  const open = new Set<string>()
  const told = new Set<string>()
  return (name) => {
    if (open.has(name)) {
      if (!told.has(name))
        problems.add(`fields.${name}`, 'is recomputed from itself, so that nobody can write it; name other parts of the request')
      told.add(name)
      return []
    }
    open.add(name)
    const found = find(name)
    open.delete(name)
    return found
  }
}

/** A field without value is what the sender says, also of a request without body; one that has a digest says what the body is. */
function isDigestOfBodies(field: CompiledField | undefined): boolean {
  const { when } = field?.definition ?? {}
  return field !== undefined && field.values.length > 0 && when?.body === true && Object.keys(when).length === 1
}

/** Whether a name is of a field that is a part of the body, and is no more than what the sender wrote there. */
function isDataOf(homes: Homes, byName: ReadonlyMap<string, CompiledField>, bound: string): boolean {
  const field = byName.get(bound)
  if (field === undefined || field.values.length > 0 || field.param !== undefined) return false
  return [...homes.values()].some(
    ({ place, format, whole }) => format.names.includes(bound) && (whole === true || /^(?:form|json|xml|item):/.test(place ?? '')),
  )
}

/** Header fields by how their names begin, and without which. */
const FIELDS = 'headers-begins:'

/** The roles and fields that are bound with the place that carries them. */
function carriedIn(homes: ReadonlyMap<string, CompiledHome>, bound: string): readonly string[] {
  if (bound.startsWith(FIELDS)) {
    const [prefix = '', ...except] = JSON.parse(bound.slice(FIELDS.length)) as readonly string[]
    return [...homes].flatMap(
      ([
        name,
        {
          headers: [field],
        },
      ]) => (field?.startsWith(prefix) === true && !except.includes(field) && ownerOf(homes, field) === name ? [name] : []),
    )
  }
  const owner = bound.startsWith('header:') ? ownerOf(homes, bound.slice(7)) : undefined
  const test = placeTest(bound)
  const there = [...homes].flatMap(([name, home]) =>
    name !== 'signature' && home.place !== undefined && test(home.place, name) ? home.format.names : [],
  )
  return owner === undefined ? there : [owner, ...there]
}

/** All that the path carries beside the signature. */
function namesOfPath(homes: ReadonlyMap<string, CompiledHome>): readonly string[] | undefined {
  const home = [...homes.values()].find(({ place, derived }) => place === 'path' && derived !== true)
  return home?.format.names.filter((name) => name !== 'signature')
}

function placeTest(bound: string): (place: string, role: string) => boolean {
  if (bound === 'all-query') return (place) => place.startsWith('query:')
  if (bound === 'all-body') return (place) => /^(?:form|json|xml|item):/.test(place)
  const listed = /^(json|xml)-listed:(.*)$/s.exec(bound)
  if (listed !== null) return listedTest(listed[1] as string, JSON.parse(listed[2] as string) as Partial<List>)
  const rest = /^(query|form|json)-(but|begins):(.*)$/s.exec(bound)
  if (rest === null) return (place) => place === bound
  const names = JSON.parse(rest[3] as string) as readonly string[]
  const [prefix = '', ...except] = rest[2] === 'begins' ? names : ['', ...names]
  return (place) => place.startsWith(`${rest[1]}:`) && nameIn(place).startsWith(prefix) && !except.includes(nameIn(place))
}

/** Whether what stands at a place is one of the pairs of a list of members or elements. */
function listedTest(source: string, list: Partial<List>): (place: string, role: string) => boolean {
  const { prefix = '', except = [], only, scalars } = list
  return (place, role) => {
    // An object is left out, and could stand for anything but a time.
    if (scalars === true && role !== 'timestamp') return false
    const name = place.startsWith(`${source}:`) ? nameInList(place.slice(source.length + 1), list) : undefined
    return name?.startsWith(prefix) === true && !except.includes(name) && only?.includes(name) !== false
  }
}

/** The parameter, or the top member, that a place stands in. */
function nameIn(place: string): string {
  const name = place.slice(place.indexOf(':') + 1)
  return place.startsWith('json:') ? (pointerTokens(name)?.[0] ?? '') : name
}
