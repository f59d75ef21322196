import { nearest } from '@countersign/core/base'
import { meantBy } from './other-words.js'

/** Two letters that changed places are the likeliest slip. */
function letters(word: string): string {
  return [...word.toLowerCase()].sort().join('')
}

/** Words of vendors that the language has no other for, so that the nearest one would be wrong. */
const UNSAYABLE: readonly (readonly [word: RegExp, what: string])[] = [
  [/^base(?:36|58|62|85)/i, 'that encoding'],
  [/^(?:keccak|blake|ripemd|whirlpool|crc|adler)/i, 'that hash'],
  [/^(?:scrypt|bcrypt|argon)/i, 'a key that is made so'],
  [/^(?:xor|capitali[sz]e|ucfirst|pad(?:start|left)?$|zfill|html|addslashes)/i, 'that'],
  [/^(?:name-)?desc(?:ending)?$/i, 'an order from the last to the first'],
  [/^(?:rsa|ecdsa|ed25519|ed448|[erp]s(?:256|384|512)$)/i, 'a signature of a public key'],
]

/** The end of a message about an unknown word: the one that is meant, or all of them; or that nothing says the same. */
export function nearestWord(word: string, known: readonly string[]): string {
  const what = UNSAYABLE.find(([one]) => one.test(word))?.[1]
  if (what !== undefined) return `; ${what} cannot be said: LANGUAGE.md, chapter 8`
  const near = meantBy(word, known) ?? known.find((other) => letters(other) === letters(word)) ?? nearest(word, known)
  return near === undefined ? `; known are ${known.join(', ')}` : `; did you mean "${near}"?`
}

const TOP = ['algorithm', 'key', 'timestamp', 'nonce', 'keyId', 'message', 'construction']
const PLACED: readonly (readonly [place: string, names: readonly string[]])[] = [
  ['signature', ['header', 'format', 'encoding', 'authorization', 'members', 'cookie', 'max']],
  ['timestamp', ['unit', 'toleranceSeconds', 'futureSeconds', 'unsent']],
]

/** Where a name stands that is none here, with what it is called there; undefined where it is one here, or nothing is known of it. */
export function misplaced(name: string, known: readonly string[]): string | undefined {
  const isTop = known.includes('message')
  if (isTop && name === 'secret') return '; the secret is given at set-up, beside the scheme'
  if (meantBy(name, known) !== undefined) return undefined
  if (!isTop) return TOP.includes(name) ? '; it stands beside "signature", not in it' : undefined
  for (const [place, names] of PLACED) {
    const meant = meantBy(name, names)
    if (meant !== undefined) return `; write "${meant}" in "${place}"`
  }
  return undefined
}
