/** A range of octets: from `start` until just before `end`. */
export interface Piece {
  readonly start: number
  readonly end: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/**
 * Cuts the text of a JSON object, whose member `name` is a long array, between elements of that array, so that it can be parsed
 * without blocking for long. It only looks for places to cut: whether the text is JSON, JSON.parse says of each piece.
 *
 * What it yields are runs of whole elements, without the commas between runs.
 *
 * @param octets - UTF-8
 * @param pieceOctets - how long a run becomes before it is cut
 * @returns the array's content, which may be left out for parsing the rest; undefined when there is no such array to be found
 * @throws SyntaxError when the member stands twice
 */
export function* arrayPieces(octets: Uint8Array, name: string, pieceOctets = 65_536): Generator<Piece, Piece | undefined, void> {
  let at = skipBlanks(octets, 0)
  if (octets[at] !== OPEN_OBJECT) return undefined
  let found: Piece | undefined
  const member = Buffer.from(JSON.stringify(name))
  do {
    const key = skipBlanks(octets, at + 1)
    if (octets[key] !== QUOTE) return undefined
    at = endOfString(octets, key)
    const isMember = member.equals(octets.subarray(key, at))
    // An escape could spell the name in another way.
    if (!isMember && octets.subarray(key, at).includes(BACKSLASH)) return undefined
    at = skipBlanks(octets, at)
    if (octets[at] !== COLON) return undefined
    at = skipBlanks(octets, at + 1)
    if (!isMember) at = skipBlanks(octets, endOfValue(octets, at))
    else {
      if (found !== undefined) throw new SyntaxError(`the member ${JSON.stringify(name)} appears twice`)
      if (octets[at] !== OPEN_ARRAY) return undefined
      found = yield* elements(octets, at + 1, pieceOctets)
      at = skipBlanks(octets, found.end + 1)
    }
  } while (octets[at] === COMMA)
  return found
}

function* elements(octets: Uint8Array, start: number, pieceOctets: number): Generator<Piece, Piece, void> {
  let piece = start
  let depth = 0
  let at = start
  for (; at < octets.length; at += 1) {
    const octet = octets[at]
    if (octet === QUOTE) at = endOfString(octets, at) - 1
    else if (octet === OPEN_OBJECT || octet === OPEN_ARRAY) depth += 1
    else if (octet === CLOSE_OBJECT || octet === CLOSE_ARRAY) {
      if (depth === 0) break
      depth -= 1
    } else if (octet === COMMA && depth === 0 && at - piece >= pieceOctets) {
      yield { start: piece, end: at }
      piece = at + 1
    }
  }
  yield { start: piece, end: at }
  return { start, end: at }
}

/** Where a value that is not the array ends, at the latest at the end of the text. */
function endOfValue(octets: Uint8Array, start: number): number {
  let depth = 0
  for (let at = start; at < octets.length; at += 1) {
    const octet = octets[at]
    if (octet === QUOTE) at = endOfString(octets, at) - 1
    else if (octet === OPEN_OBJECT || octet === OPEN_ARRAY) depth += 1
    else if (octet === CLOSE_OBJECT || octet === CLOSE_ARRAY) {
      if (depth === 0) return at
      depth -= 1
    } else if (octet === COMMA && depth === 0) return at
  }
  return octets.length
}

/** The place behind the closing quote. */
function endOfString(octets: Uint8Array, start: number): number {
  let at = start + 1
  while (at < octets.length && octets[at] !== QUOTE) at += octets[at] === BACKSLASH ? 2 : 1
  return Math.min(at + 1, octets.length)
}

function skipBlanks(octets: Uint8Array, start: number): number {
  let at = start
  while (octets[at] === 0x20 || octets[at] === 0x0a || octets[at] === 0x0d || octets[at] === 0x09) at += 1
  return at
}
