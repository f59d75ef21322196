import type { Field, List, ListSource } from '../definition/definition.js'
import { fromLeft } from '../judge/ends.js'
import { directly } from '../judge/judge.js'
import { decodeName } from '../request/pairs.js'
import type { CompiledListFacts, CompiledText, FlatPiece } from '../template/compiled-text.js'
import { excludes, isOf } from '../text/alphabet.js'
import { parseEntry } from './floor.js'

/** A list and its compiled texts. */
export interface ListTexts {
  /** Where it stands in the definition. */
  readonly path: string
  readonly list: List
  readonly sources: readonly ListSource[]
  readonly item: CompiledText
  readonly named: ReadonlyMap<string, CompiledText>
  /** The list field that says which headers. */
  readonly field: Field | undefined
  /** The values of `with`, by the names that they are printed under. */
  readonly made: ReadonlyMap<string, CompiledText>
}

/** Whether different lists can print the same, what ends a list, and what it binds. */
export function listFacts(texts: ListTexts): CompiledListFacts {
  const { sources, item, named, field, made } = texts
  const list = withoutUnprinted(texts)
  const isWhole = printsValue(item)
  const pairs = isWhole ? sources.flatMap((source) => boundPairs(list, source, field)) : []
  const own = [...made].filter(([name]) => printsValue(named.get(name) ?? item)).flatMap(([, text]) => boundIn(text))
  const binds = [...pairs, ...own]
  const entries = (field?.mustInclude ?? []).filter((entry) => isWhole || named.has(entry))
  const signed = entries.flatMap((entry) => boundEntry(entry, { ...texts, list }))
  const listed = list.names === undefined ? [] : [list.names.slice(1, -1)]
  if (list.prefix !== undefined && sources.includes('headers') && isWhole) listed.push(...boundFields(list, list.prefix))
  const problem = listProblem(texts)
  return {
    ambiguous: problem && `${texts.path} is a list that can be read in several ways: ${problem}`,
    alphabet: alphabetOf(texts),
    starts: list.before?.[0],
    endsBefore: (next) => endsBefore(texts, next),
    marks: marksOf(texts),
    binds: [...binds, ...listed, ...signed],
    secretInEach: [item, ...named.values()].every((text) => piecesOf(text).some(isSecret)),
  }
}

/** Whether the text of an item prints the whole value. */
function printsValue(text: CompiledText): boolean {
  return piecesOf(text).some((piece) => isSlot(piece, 'value') && 'shape' in piece && piece.shape.cut !== true)
}

/** The list without the entries of `named` that leave the value out, of which anybody can give another. */
function withoutUnprinted({ list, named }: ListTexts): List {
  const left = [...named].filter(([, text]) => !printsValue(text)).flatMap(([name]) => [name, decodeName(name)])
  if (left.length === 0) return list
  const { only, except = [] } = list
  return { ...list, except: [...except, ...left], ...(only !== undefined && { only: only.filter((name) => !left.includes(name)) }) }
}

/** What a list binds by having to hold an entry: what all of its alternatives bind. A header that need not be there binds nothing. */
function boundEntry(written: string, { list, named, sources }: ListTexts): readonly string[] {
  const { source, alternatives, prefix, optional } = parseEntry(written)
  if (prefix !== undefined)
    return sources.map((one) => (one === 'headers' ? beginningSo(prefix.toLowerCase(), list.except) : boundBegin(list, one, prefix)))
  if (optional && !named.has(source)) return []
  const bound = (name: string) => {
    const text = named.get(name)
    if (text === undefined && !sources.includes('headers')) return sources.flatMap((source) => boundNames(list, source, [name]))
    if (text === undefined) return [`header:${name.toLowerCase()}`]
    return boundIn(text)
  }
  const [first = [], ...rest] = alternatives.map((names) => names.flatMap(bound))
  return first.filter((name) => rest.every((names) => names.includes(name)))
}

/** What all pairs bind whose name begins so. */
function boundBegin(list: List, source: ListSource, prefix: string): string {
  if (isTree(source)) return boundMembers({ ...list, prefix }, source)
  const { except = [] } = list
  return prefix === '' ? `${source}-but:${JSON.stringify(except)}` : `${source}-begins:${JSON.stringify([prefix, ...except])}`
}

/** What a list of all fields binds whose name begins so. */
function boundFields({ only, except = [] }: List, prefix: string): readonly string[] {
  if (only === undefined) return [beginningSo(prefix, except)]
  return only.filter((name) => name.startsWith(prefix) && !except.includes(name)).map((name) => `header:${name}`)
}

function beginningSo(prefix: string, except: readonly string[] = []): string {
  return `headers-begins:${JSON.stringify([prefix, ...except])}`
}

function boundIn(text: CompiledText): readonly string[] {
  return text.branches.flatMap((branch) => branch.pieces.flatMap((piece) => directly(piece)))
}

function isNeeded(entry: string): boolean {
  return !parseEntry(entry).optional
}

/** Names of what a source contributes: single pairs, or all but some of them. */
function boundPairs(list: List, source: ListSource, field: Field | undefined): readonly string[] {
  if (source === 'headers') return []
  const data = source === 'query' ? [] : ['data']
  // A sender who has to list nothing signs nothing of the body.
  if (list.names !== undefined) return field?.exactly !== undefined || field?.mustInclude?.some(isNeeded) ? data : []
  if (list.only !== undefined) return [...boundNames(list, source, list.only), ...data]
  if (isTree(source)) return [boundMembers(list, source), ...data]
  const { except = [], prefix } = list
  const those = prefix === undefined ? `but:${JSON.stringify(except)}` : `begins:${JSON.stringify([prefix, ...except])}`
  return [`${source}-${those}`, ...data]
}

function isTree(source: ListSource): boolean {
  return source === 'json' || source === 'xml'
}

/** Single pairs. What stands deeper in a member that is signed as a whole is not looked for. */
function boundNames(list: List, source: ListSource, names: readonly string[]): readonly string[] {
  if (isTree(source) && (list.flatten !== undefined || list.scalars === true)) return [boundMembers(list, source, names)]
  const at = isTree(source) ? `${list.at ?? ''}/` : ''
  return names.map((name) => `${source}:${at}${isTree(source) ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name}`)
}

/** Members or elements, by the names that the list gives them. */
function boundMembers({ at, flatten, scalars, prefix, except }: List, source: ListSource, only?: readonly string[]): string {
  return `${source}-listed:${JSON.stringify({ at, flatten, scalars, prefix, except, only })}`
}

function piecesOf(text: CompiledText): readonly FlatPiece[] {
  return text.branches[0]?.pieces ?? []
}

function isSlot(piece: FlatPiece | undefined, name: 'name' | 'value'): boolean {
  if (piece === undefined || !('source' in piece)) return false
  return name === 'value' ? /^\{value[?|}]/.test(piece.source) : /^\{(?:name|component)[?|}]/.test(piece.source)
}

/** Every item has to print name and value, and to end where the next one begins. */
function listProblem({ list, sources, item, named }: ListTexts): string | undefined {
  const pieces = piecesOf(item)
  const [first, between] = pieces
  if (sources.includes('headers') && !isSlot(first, 'name')) return 'its items do not begin with {name}'
  if (!pieces.some((piece) => isSlot(piece, 'name'))) return 'its items do not print {name}'
  if (!pieces.some((piece) => isSlot(piece, 'value'))) return 'its items do not print {value}'
  if (list.join === '' && !isLiteral(pieces.at(-1))) return 'nothing separates its items'
  if (sources.length > 1) return 'what one source holds prints like what another does'
  if (list.flatten !== undefined) return 'nested members print like others whose names hold what joins them'
  if (list.merge !== undefined) return 'values of one name are joined, and each may hold what joins them'
  const open = openPiece(pieces, list.join)
  if (open !== undefined) return `${open} may hold what separates it from what follows`
  for (const [name, text] of named) {
    const within = openPiece(piecesOf(text), list.join)
    if (within !== undefined) return `${within} of the item "${name}" may hold what separates it from what follows`
  }
  return headsAlike(pieces, literalOf(between), [...named.values()])
}

/** Whether a piece is the whole secret. */
function isSecret(piece: FlatPiece): boolean {
  return 'part' in piece && piece.part.binds.includes('secret') && piece.shape.cut !== true
}

function isLiteral(piece: FlatPiece | undefined): boolean {
  return piece !== undefined && 'literal' in piece
}

function literalOf(piece: FlatPiece | undefined): string {
  return piece !== undefined && 'literal' in piece ? piece.literal : ''
}

/** The first slot of an item that does not end where the next piece, or the next item, begins. */
function openPiece(item: readonly FlatPiece[], join: string): string | undefined {
  const pieces = join === '' ? item : [...item, { literal: join }]
  const at = pieces.findIndex((_piece, i) => !fromLeft(pieces, i))
  const piece = pieces[at]
  return piece === undefined ? undefined : 'source' in piece ? piece.source : 'a part'
}

/** Items that do not begin with a name have to begin as no item `name: value`, and no other of them, does. */
function headsAlike(item: readonly FlatPiece[], between: string, named: readonly CompiledText[]): string | undefined {
  const heads = new Set<string>()
  const name = item.find((piece) => isSlot(piece, 'name'))
  const ofNames = name !== undefined && 'shape' in name ? name.shape.alphabet : 'any'
  for (const text of named) {
    const [first, second] = piecesOf(text)
    if (isSlot(first, 'name')) continue
    const head = isLiteral(first) ? literalOf(first) : literalOf(second)
    const [mark = ''] = head
    const isOther = mark !== '' && excludes(ofNames, mark)
    const tells = isLiteral(first) ? isOther : isOther && mark !== between[0]
    if (!tells || heads.has(mark)) return 'an item of "named" can print like another item; let it begin with {name}'
    heads.add(mark)
  }
  return undefined
}

/** What the whole list is made of, separators included. */
function alphabetOf({ list, sources, item, named }: ListTexts): CompiledListFacts['alphabet'] {
  if (sources.includes('headers')) return 'any'
  const pieces = [item, ...named.values()].flatMap(piecesOf)
  const isOfPairs = pieces.every((piece) => isLiteral(piece) || isSlot(piece, 'name') || isSlot(piece, 'value'))
  const isRaw = list.decode === false && list.with === undefined && sources.every((source) => source === 'query')
  const wire = list.encode !== undefined || isRaw
  const literals = [list.join, list.before ?? '', ...pieces.map(literalOf)]
  return wire && isOfPairs && literals.every((literal) => isOf('query', literal)) ? 'query' : 'any'
}

/** Whether a character can begin a line of a list of headers: a name, or with a prefix one that begins so. */
function canBeginName({ prefix }: List, first: FlatPiece | undefined, character: string): boolean {
  const isPlain = first !== undefined && 'piped' in first && !first.piped
  return prefix !== undefined && isPlain ? character === prefix[0] : !excludes('token', character)
}

/**
 * Whether a list of headers ends where a text stands: its lines begin with names, or with the first octets of `named`, and the text
 * with something else.
 */
function endsBefore({ list, sources, item, named }: ListTexts, next: string): boolean {
  if (!sources.includes('headers') || list.join !== '' || literalOf(piecesOf(item).at(-1)).at(-1) !== '\n') return false
  const marks = [...named.values()].map((text) => literalOf(piecesOf(text)[0])[0])
  const [first = ''] = next
  return !canBeginName(list, piecesOf(item)[0], first) && !marks.includes(first)
}

function marksOf({ list, sources, item, named }: ListTexts): string | undefined {
  if (sources.length !== 1 || sources[0] !== 'headers' || list.join !== '') return undefined
  const lines = [piecesOf(item), ...[...named.values()].map(piecesOf)]
  const marks = lines.map((pieces) => (literalOf(pieces.at(-1)).at(-1) === '\n' ? markOf(pieces) : ''))
  if (!marks.every((mark) => mark !== '' && excludes('token', mark))) return undefined
  return [...marks, ...named.keys()].join('')
}

/** What stands behind the name that a line begins with, or what it begins with; nothing where a pipe can make something else of the name. */
function markOf([first, second]: readonly FlatPiece[]): string {
  if (isLiteral(first)) return literalOf(first).charAt(0)
  const isName = first !== undefined && 'source' in first && /^\{name(?:\|lower|\|upper)?\}$/.test(first.source)
  return isName ? literalOf(second).charAt(0) : ''
}
