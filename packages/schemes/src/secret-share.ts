import { type CompiledText, octetsOfText } from './compiled-text.js'
import type { Reading } from './reading.js'

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
