import { closeSync, openSync, readSync } from 'node:fs'
import { outOfReach, usageError } from '../exit-codes.js'
import { printable } from '../printable.js'

/** More than any request, scheme or certificate that a person looks at. */
const MOST_OCTETS = 64 * 1024 * 1024

/** What is read at once, octets. */
const PIECE = 1024 * 1024

/** Whether stdin has been read: it is empty for whoever comes second. It is the process's, and so is this. */
let isStdinRead = false

/**
 * The octets of a file, or of stdin for `-`.
 *
 * @throws CommandError (out of reach) with the reason of the file system; (usage) when stdin is to give a second thing
 */
export function readOctets(path: string): Buffer {
  if (path === '-') {
    if (isStdinRead) throw usageError('stdin can give one thing, and is named for two; write one of them into a file')
    isStdinRead = true
  }
  const name = path === '-' ? 'stdin' : printable(path)
  let octets: Buffer
  try {
    octets = path === '-' ? readUpToMost(0) : readFile(path)
  } catch (cause) {
    throw outOfReach(`${name} cannot be read: ${reasonOf(cause)}`, { cause })
  }
  if (octets.length > MOST_OCTETS) throw usageError(`${name} has more than ${MOST_OCTETS} octets`)
  return octets
}

function readFile(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    return readUpToMost(file)
  } finally {
    closeSync(file)
  }
}

/** What comes out of a pipe or a device may never end: a little more than the most is enough to refuse it. */
function readUpToMost(file: number): Buffer {
  const pieces: Buffer[] = []
  const piece = Buffer.allocUnsafe(PIECE)
  for (let size = 0; size <= MOST_OCTETS; ) {
    const length = readSync(file, piece)
    if (length === 0) break
    pieces.push(Buffer.from(piece.subarray(0, length)))
    size += length
  }
  return Buffer.concat(pieces)
}

/** The text of a file that has to be UTF-8; a byte order mark at its beginning is cut. */
export function readText(path: string): string {
  const octets = readOctets(path)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch (cause) {
    throw usageError(`${path === '-' ? 'stdin' : printable(path)} is not UTF-8`, { cause })
  }
}

/** Why the file system or the network refused, such as ENOENT. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return printable(typeof code === 'string' && code !== '' ? code : String(message))
}
