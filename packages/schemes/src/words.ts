import { nearest } from '@countersign/core'

/** The end of a message about an unknown word: the nearest known one, or all of them. */
export function nearestWord(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near === undefined ? `; known are ${known.join(', ')}` : `; did you mean "${near}"?`
}
