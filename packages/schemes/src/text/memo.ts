/** Senders say the same lists again and again; more than these are made anew. */
const MOST_REMEMBERED = 64
/** Longer texts are made anew each time. */
const MOST_CHARACTERS = 4096

/**
 * A function of a text that remembers what it made of the last few. What it makes must not change, and depends on the text alone; a
 * throw is not remembered.
 */
export function remembering<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    if (text.length > MOST_CHARACTERS) return make(text)
    const own = copyOf(text)
    const made = make(own)
    if (known.size >= MOST_REMEMBERED) known.clear()
    known.set(own, made)
    return made
  }
}

/** V8 keeps a part of a text as a view of the whole, and with it the whole: here, a body that nobody needs any more. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
