import type { PipeCall } from '../definition/template.js'
import { PIPES } from '../pipe/pipes.js'
import { STRETCH_PIPES } from '../pipe/stretch-pipes.js'
import type { Reading } from '../request/reading.js'
import { type CompiledText, octetsOfText } from '../template/compiled-text.js'
import type { Shape } from '../text/shape.js'

/** Enough characters of a secret: nobody asks for more of them. */
export const ENOUGH_CHARACTERS = 16

/** Longer secrets are not looked at. */
const LONGEST = 1024

/** What a secret is printed by, and how another one is put in its place. */
export interface SecretPrinter {
  /** The slots of the key that hold the secret, each as a text of its own. */
  readonly texts: readonly CompiledText[]
  readonly withSecret: <T>(text: string, work: () => T) => T
}

/**
 * How many characters of a secret its key depends on, counted up to ENOUGH_CHARACTERS: behind `first:1` it is one, whatever else the
 * key is filled up with or hashed to.
 */
export function charactersThatCount(secret: string, { texts, withSecret }: SecretPrinter): number {
  if (secret.length > LONGEST) return ENOUGH_CHARACTERS
  const printed = (text: string) => withSecret(text, () => texts.map(printedBy).join())
  const own = printed(secret)
  let count = 0
  for (let at = 0; at < secret.length && count < ENOUGH_CHARACTERS; at += 1) {
    const other = /a/i.test(secret[at] as string) ? 'B' : 'A'
    if (printed(`${secret.slice(0, at)}${other}${secret.slice(at + 1)}`) !== own) count += 1
  }
  return count
}

/**
 * How many characters of a hash of the secret, or of a key stretched of it, pipes keep, at the least: all characters of the secret count
 * in `{secret|sha256|hex|first:2}`, and yet there are 256 keys. Infinity where no hash is cut; an octet is two characters.
 */
export function charactersOfHash(calls: readonly PipeCall[]): number {
  let shape: Shape = { kind: 'text', alphabet: 'any' }
  let hashed = false
  let least = Number.POSITIVE_INFINITY
  for (const { name, argument, written } of calls) {
    const pipe = PIPES[name]?.(shape, argument, written)
    if (pipe === undefined || typeof pipe === 'string') return least
    const rest = name === 'drop' && shape.width !== undefined ? shape.width - Number(argument) : 0
    shape = pipe.shape
    hashed ||= pipe.encoded !== undefined || Object.hasOwn(STRETCH_PIPES, name)
    if (hashed && shape.cut === true) least = Math.min(least, (shape.width ?? rest) * (shape.kind === 'octets' ? 2 : 1))
  }
  return least
}

/** Nothing where the secret is not of the form that the pipes ask for. */
function printedBy(text: CompiledText): string {
  try {
    return Buffer.from(octetsOfText(text, NO_READING as Reading)).toString('base64')
  } catch {
    return ''
  }
}

/** A slot of the secret reads no request. */
const NO_READING: unknown = {}
