import { nearest } from '@countersign/core/base'
import { meantBy } from './other-words.js'

/** Two letters that changed places are the likeliest slip. */
function letters(word: string): string {
  return [...word.toLowerCase()].sort().join('')
}

/** Words of vendors that the language has no other for, so that the nearest one would be wrong. */
const UNSAYABLE: readonly (readonly [word: RegExp, what: string])[] = [
  [/^base(?:36|58|62|85)/i, 'that encoding'],
  [/^(?:keccak|sm3|blake|ripemd|whirlpool|crc)/i, 'that hash'],
  [/^(?:rsa|ecdsa|ed25519|ed448|[erp]s(?:256|384|512)$)/i, 'a signature of a public key'],
]

/** The end of a message about an unknown word: the one that is meant, or all of them; or that nothing says the same. */
export function nearestWord(word: string, known: readonly string[]): string {
  const what = UNSAYABLE.find(([one]) => one.test(word))?.[1]
  if (what !== undefined) return `; ${what} cannot be said: LANGUAGE.md, chapter 8`
  const near = meantBy(word, known) ?? known.find((other) => letters(other) === letters(word)) ?? nearest(word, known)
  return near === undefined ? `; known are ${known.join(', ')}` : `; did you mean "${near}"?`
}
