import { excludes } from './alphabet.js'
import type { FlatPiece } from './compiled-text.js'
import type { Shape } from './pipe-kit.js'

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
  if (shape.width !== undefined || (shape.delimited ?? false) !== false) return true
  const next = pieces[at + 1]
  if (next === undefined || shape.kind !== 'text') return false
  if ('list' in piece && 'literal' in next && piece.list.endsBefore(next.literal)) return true
  const starts = startsBehind(pieces, at)
  if (starts === undefined) return false
  return [...starts].every((character) => excludes(shape.alphabet, character) || ('list' in piece && piece.list.endsBefore(character)))
}

/**
 * The characters of which one stands behind a piece, where anything does: those that the next one begins with, and behind one that may
 * print nothing those of the one after it. Undefined where nothing is known of them.
 */
function startsBehind(pieces: readonly FlatPiece[], at: number): string | undefined {
  let found = ''
  for (const piece of pieces.slice(at + 1)) {
    if ('literal' in piece) return found + piece.literal[0]
    const starts = 'list' in piece ? piece.list.starts : piece.shape.starts
    if (starts === undefined) return undefined
    found += starts
    if ('shape' in piece && !piece.optional) return found
  }
  return found
}
