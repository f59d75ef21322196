import { HASHES } from '../hash/hmac.js'
import { meantBy } from './other-words.js'
import { isLiteral, type Piece } from './template.js'

const HASH_NAMES: readonly string[] = Object.keys(HASHES)
const CALLED = [...HASH_NAMES, 'hmac', 'hex', 'base64', 'base64url', 'lower', 'upper', 'encode', 'encodeUri']

/** Each `sha256({body})` of a template: a pipe as other languages call it would stand in the text letter by letter. */
export function callsIn(pieces: readonly Piece[]): readonly string[] {
  return pieces.flatMap((piece, at) => {
    const [before, behind] = [pieces[at - 1], pieces[at + 1]]
    if (isLiteral(piece) || before === undefined || !isLiteral(before) || behind === undefined || !isLiteral(behind)) return []
    const [call, word = ''] = /([A-Za-z][A-Za-z0-9_-]*)\($/.exec(before.literal) ?? []
    const pipe = call === undefined || !behind.literal.startsWith(')') ? undefined : meantBy(word, CALLED)
    if (pipe === undefined) return []
    const inner = piece.source.slice(1, -1)
    const hex = HASH_NAMES.includes(pipe) ? `, or {${inner}|${pipe}|hex} for its hex` : ''
    return [
      `column ${piece.column - 1}: ${word}(${piece.source}) stands in the text as it is; a pipe stands behind its part: {${inner}|${pipe}}${hex}`,
    ]
  })
}
