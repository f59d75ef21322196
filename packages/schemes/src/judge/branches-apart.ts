import type { Branch, FlatPiece } from '../template/compiled-text.js'
import { excludes } from '../text/alphabet.js'
import type { Alphabet } from '../text/shape.js'
import { fromLeft } from './ends.js'

/**
 * Whether no request of one branch prints what a request of another does.
 *
 * Proof: let both print M. Equal pieces that end by themselves in both branches take the same octets of M: a width or a grammar of its
 * own is the same in both, and where each stops at a character that the piece cannot hold, that is the first such one in M. So the two
 * requests agree on these pieces. Agree they on all that chooses a branch, they take the same one. Otherwise the rest of M is a word of
 * both rests; each rest is read as classes of octets, which hold all that it can print, and no word is of both.
 *
 * @param named - what the conditions of all branches ask for
 */
export function areApart(one: Branch, other: Branch, named: ReadonlySet<string>): boolean {
  const told = new Set<string>()
  const rests = withoutCommon([...one.pieces], [...other.pieces], told)
  if (rests === undefined || (named.size > 0 && [...named].every((fact) => told.has(fact)))) return true
  const [a, b] = rests.map((pieces) => wordsOf(pieces, 0))
  if (a === undefined || b === undefined) return false
  return a.every((word) => b.every((twin) => !haveCommonWord(word, twin)))
}

/** What is left behind the pieces that both begin with; undefined where they differ at once. `told`: what these pieces tell. */
function withoutCommon(one: FlatPiece[], other: FlatPiece[], told: Set<string>): readonly [FlatPiece[], FlatPiece[]] | undefined {
  while (one[0] !== undefined && other[0] !== undefined) {
    const [a, b] = [one[0], other[0]]
    if ('literal' in a && 'literal' in b) {
      const length = Math.min(a.literal.length, b.literal.length)
      if (a.literal.slice(0, length) !== b.literal.slice(0, length)) return undefined
      rest(one, a.literal.slice(length))
      rest(other, b.literal.slice(length))
      continue
    }
    if (!('source' in a) || !('source' in b) || a.source !== b.source || !fromLeft(one, 0) || !fromLeft(other, 0)) break
    const fact = toldBy(a)
    if (fact !== undefined) told.add(fact)
    one.shift()
    other.shift()
  }
  return [one, other]
}

function rest(pieces: FlatPiece[], literal: string): void {
  pieces.splice(0, 1, ...(literal === '' ? [] : [{ literal }]))
}

const MEDIA_TYPE = /^\{header:content-type\??(?:\|before:;)?(?:\|trim)?(?:\|lower)?\}$/i

/** What a condition asks for and a piece prints, so that requests with the same text are answered alike. A name can stand for others. */
function toldBy({ source, part: { binds } }: Exclude<FlatPiece, { literal: string } | { list: unknown }>): string | undefined {
  if (source === '{method}' && binds.includes('method')) return 'method'
  return MEDIA_TYPE.test(source) && binds.includes('header:content-type') ? 'contentType' : undefined
}

/** A class of octets: one of them, or any number. */
interface Run {
  readonly octets: bigint
  readonly many: boolean
}

const MOST_WORDS = 16
const MOST_RUNS = 1024

/** What pieces can print, as ways of one run behind the other; undefined where they are too many to look at. */
function wordsOf(pieces: readonly FlatPiece[], depth: number): readonly (readonly Run[])[] | undefined {
  let words: readonly (readonly Run[])[] = [[]]
  for (const piece of pieces) {
    const next = waysOf(piece, depth)
    if (next === undefined || words.length * next.length > MOST_WORDS) return undefined
    words = words.flatMap((word) => next.map((way) => [...word, ...way]))
    if (words.some((word) => word.length > MOST_RUNS)) return undefined
  }
  return words
}

function waysOf(piece: FlatPiece, depth: number): readonly (readonly Run[])[] | undefined {
  if ('literal' in piece) return [[...Buffer.from(piece.literal)].map((octet) => ({ octets: 1n << BigInt(octet), many: false }))]
  if ('list' in piece) return [[{ octets: classOf(piece.list.alphabet), many: true }]]
  const { shape, optional, piped, through } = piece
  if (through !== undefined && !piped && !optional) {
    if (depth > 8) return undefined
    const ways = through.branches.map((branch) => wordsOf(branch.pieces, depth + 1))
    return ways.some((way) => way === undefined) ? undefined : ways.flatMap((way) => way ?? [])
  }
  const octets = classOf(shape.kind === 'octets' ? 'any' : shape.alphabet)
  if (optional || (shape.width ?? MOST_RUNS + 1) > MOST_RUNS) return [[...(optional ? [] : startOf(shape.starts)), { octets, many: true }]]
  return [Array.from({ length: shape.width as number }, () => ({ octets, many: false }))]
}

function startOf(starts: string | undefined): readonly Run[] {
  return starts === undefined
    ? []
    : [{ octets: [...Buffer.from(starts)].reduce((all, octet) => all | (1n << BigInt(octet)), 0n), many: false }]
}

const classes = new Map<Alphabet, bigint>()

/** The octets of what an alphabet can hold; a character beyond ASCII stands for all octets of its UTF-8. */
function classOf(alphabet: Alphabet): bigint {
  const known = classes.get(alphabet)
  if (known !== undefined) return known
  let octets = 0n
  for (let octet = 0; octet < 256; octet += 1) {
    if (!excludes(alphabet, octet < 128 ? String.fromCharCode(octet) : '\u00e9')) octets |= 1n << BigInt(octet)
  }
  classes.set(alphabet, octets)
  return octets
}

/** Whether some word is of both: both are walked at once, over pairs of places. */
function haveCommonWord(one: readonly Run[], other: readonly Run[]): boolean {
  const width = other.length + 1
  const seen = new Uint8Array((one.length + 1) * width)
  const open = [0]
  const visit = (i: number, j: number) => {
    if (seen[i * width + j] === 1) return
    seen[i * width + j] = 1
    open.push(i * width + j)
  }
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const i = Math.floor(at / width)
    const j = at % width
    const a = one[i]
    const b = other[j]
    if (a === undefined && b === undefined) return true
    if (a?.many === true) visit(i + 1, j)
    if (b?.many === true) visit(i, j + 1)
    if (a !== undefined && b !== undefined && (a.octets & b.octets) !== 0n) visit(a.many ? i : i + 1, b.many ? j : j + 1)
  }
  return false
}

/**
 * Branches may not print the same: each prints the method that it is chosen by, or begins with a text of its own. One may print
 * nothing where every other prints something.
 */
export function branchesAlike(all: readonly Branch[]): string | undefined {
  const empty = all.filter((branch) => branch.pieces.length === 0)
  const full = all.filter((branch) => branch.pieces.some((piece) => 'literal' in piece))
  const branches = empty.length === 1 && full.length === all.length - 1 ? full : all
  if (branches.length < 2) return undefined
  if (branches.every(tellsMethod)) return undefined
  const heads = branches.map((branch) => {
    const [first] = branch.pieces
    return first !== undefined && 'literal' in first ? first.literal : ''
  })
  const distinct = heads.every((head, i) => heads.every((other, j) => i === j || !head.startsWith(other)))
  const named = new Set(all.flatMap(({ when }) => Object.keys(when ?? {})))
  const apart = distinct || all.every((one, i) => all.slice(i + 1).every((other) => areApart(one, other, named)))
  return apart ? undefined : 'its branches can print the same; let each print what it is chosen by, or begin with a text of its own'
}

/** Whether a branch prints the method first, ended by what follows it, and is chosen by nothing else. */
function tellsMethod({ when, pieces }: Branch): boolean {
  const [first] = pieces
  if (first === undefined || !('part' in first) || !first.part.binds.includes('method') || first.shape.cut === true) return false
  return fromLeft(pieces, 0) && Object.keys(when ?? {}).every((name) => name === 'method')
}
