import { nearest } from '@countersign/core/base'

/** Two letters that changed places are the likeliest slip. */
function letters(word: string): string {
  return [...word.toLowerCase()].sort().join('')
}

/** The end of a message about an unknown word: the nearest known one, or all of them. */
export function nearestWord(word: string, known: readonly string[]): string {
  const near = known.find((other) => letters(other) === letters(word)) ?? nearest(word, known)
  return near === undefined ? `; known are ${known.join(', ')}` : `; did you mean "${near}"?`
}
