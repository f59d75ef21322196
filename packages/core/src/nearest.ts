/** The nearest of the known words, when one is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return mistyped(word, known) ?? halfKnown(word, known)
}

function mistyped(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** The one that begins like a word whose end is left out or another: `tolerance` and `toleranceMs` mean `toleranceSeconds`. */
function halfKnown(word: string, known: readonly string[]): string | undefined {
  const shared = known.map((candidate) => sharedStart(word.toLowerCase(), candidate.toLowerCase()))
  const most = Math.max(...shared)
  const place = shared.indexOf(most)
  if (most < LEAST_SHARED || most < LEAST_SHARED_PART * word.length || shared.lastIndexOf(most) !== place) return undefined
  return known[place]
}

const LEAST_SHARED = 4
const LEAST_SHARED_PART = 0.6

function sharedStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return length
}

function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return Number.POSITIVE_INFINITY
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, (previous[j] as number) + 1, (row[j - 1] as number) + 1))
    }
    previous = row
  }
  return previous[b.length] as number
}
