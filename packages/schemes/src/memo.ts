/** Senders say the same lists again and again; more than these are made anew. */
const MOST_REMEMBERED = 64

/**
 * A function of a text that remembers what it made of the last few. What it makes must not change, and depends on the text alone; a
 * throw is not remembered.
 */
export function remembering<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = make(text)
    if (known.size >= MOST_REMEMBERED) known.clear()
    known.set(text, made)
    return made
  }
}
