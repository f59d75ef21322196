import type { FlatPiece } from '../template/compiled-text.js'
import { excludes } from '../text/alphabet.js'
import type { Shape } from '../text/shape.js'

/** What a piece is made of; a text that may be absent has no width. */
export function shapeAt(piece: FlatPiece): Shape {
  if ('list' in piece) return { kind: 'text', alphabet: piece.list.alphabet }
  if ('literal' in piece) return { kind: 'text', alphabet: 'any', width: piece.literal.length }
  return piece.optional ? { kind: piece.shape.kind, alphabet: piece.shape.alphabet } : piece.shape
}

/** Whether a piece is the same for all requests of a set-up, whatever its pipes make of it. */
export function isConstant(piece: FlatPiece): boolean {
  return 'part' in piece && piece.part.constant === true
}

/** Whether a piece ends by itself, or where the next one begins. */
export function fromLeft(pieces: readonly FlatPiece[], at: number): boolean {
  const piece = pieces[at] as FlatPiece
  if (isConstant(piece)) return true
  const shape = shapeAt(piece)
  if (shape.width !== undefined || (shape.delimited ?? false) !== false || isLabelled(pieces, at)) return true
  const next = pieces[at + 1]
  if (next === undefined || shape.kind !== 'text') return false
  if ('list' in piece && 'literal' in next && piece.list.endsBefore(next.literal)) return true
  if ('list' in piece && isNoLine(pieces.slice(at + 1), piece.list.marks)) return true
  const starts = startsBehind(pieces, at)
  if (starts === undefined) return false
  return [...starts].every((character) => holdsNo(piece, character) || ('list' in piece && piece.list.endsBefore(character)))
}

/**
 * Whether a text that may be absent ends by itself where it is there, and what is behind it never begins as it does: whether it is there is
 * told by how the rest of the message begins.
 */
function isLabelled(pieces: readonly FlatPiece[], at: number): boolean {
  const piece = pieces[at] as FlatPiece
  if (!('shape' in piece) || !piece.optional || (piece.shape.delimited ?? false) === false) return false
  const { label } = piece.shape
  if (label === undefined) return false
  for (const next of pieces.slice(at + 1)) {
    if ('list' in next || !beginsOtherwise(next, label)) return false
    if ('literal' in next || !next.optional) return true
  }
  return true
}

/** Whether a piece, where it prints anything, begins with another text than a label: neither of the two begins with the other. */
function beginsOtherwise(piece: Exclude<FlatPiece, { list: unknown }>, label: string): boolean {
  const begin = 'literal' in piece ? piece.literal : piece.shape.label
  if (begin !== undefined) return !begin.startsWith(label) && !label.startsWith(begin)
  return 'shape' in piece && piece.shape.starts?.includes(label[0] as string) === false
}

/**
 * Whether what stands behind lines of headers is none of them. A line is a name, of characters of a token, and a mark that is none; or
 * begins with a mark. Here are characters of a token too, and then the end or what is no mark: the first character that is none tells.
 */
function isNoLine([word, ...behind]: readonly FlatPiece[], marks: string | undefined): boolean {
  if (marks === undefined || word === undefined || !('shape' in word) || word.through !== undefined || word.shape.kind !== 'text')
    return false
  const next = startsOf(behind)?.characters
  if (!IN_TOKENS.has(word.shape.alphabet) || next === undefined) return false
  return [...next].every((character) => excludes('token', character) && !marks.includes(character))
}

const IN_TOKENS: ReadonlySet<string> = new Set(['token', 'digits', 'hex', 'letters', 'capitals'])

/** Whether a text never holds a character; a choice does not where none of its branches does. */
function holdsNo(piece: FlatPiece, character: string): boolean {
  if ('literal' in piece) return !piece.literal.includes(character)
  if ('list' in piece || piece.through === undefined || piece.piped) {
    const { kind, alphabet } = shapeAt(piece)
    return kind === 'text' && excludes(alphabet, character)
  }
  return piece.through.branches.every(({ pieces }) => pieces.every((inner) => holdsNo(inner, character)))
}

/**
 * The characters of which one stands behind a piece, where anything does: those that the next one begins with, and behind one that may
 * print nothing those of the one after it. Undefined where nothing is known of them.
 */
function startsBehind(pieces: readonly FlatPiece[], at: number): string | undefined {
  return startsOf(pieces.slice(at + 1))?.characters
}

/** What texts begin with one after the other, and whether all of them may print nothing. */
function startsOf(pieces: readonly FlatPiece[]): { readonly characters: string; readonly empty: boolean } | undefined {
  let characters = ''
  for (const piece of pieces) {
    if ('literal' in piece) return { characters: characters + piece.literal[0], empty: false }
    const branches = 'through' in piece && !piece.piped ? piece.through?.branches : undefined
    const ways = branches?.map((branch) => startsOf(branch.pieces)) ?? [startOf(piece)]
    for (const way of ways) {
      if (way === undefined) return undefined
      characters += way.characters
    }
    if (ways.every((way) => way?.empty === false) && !('optional' in piece && piece.optional)) return { characters, empty: false }
  }
  return { characters, empty: true }
}

function startOf(piece: Exclude<FlatPiece, { literal: string }>): { readonly characters: string; readonly empty: boolean } | undefined {
  const characters = 'list' in piece ? piece.list.starts : piece.shape.starts
  return characters === undefined ? undefined : { characters, empty: 'list' in piece || piece.optional }
}
