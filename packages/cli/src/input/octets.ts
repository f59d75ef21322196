import { readFileSync } from 'node:fs'
import { outOfReach, usageError } from '../exit-codes.js'
import { printable } from '../printable.js'

/** More than any request, scheme or certificate that a person looks at. */
const MOST_OCTETS = 64 * 1024 * 1024

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
    octets = readFileSync(path === '-' ? 0 : path)
  } catch (cause) {
    throw outOfReach(`${name} cannot be read: ${reasonOf(cause)}`, { cause })
  }
  if (octets.length > MOST_OCTETS) throw usageError(`${name} has more than ${MOST_OCTETS} octets`)
  return octets
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
