/** An object or a list that a scan is inside of. */
interface Level {
  /** The names that an object has had so far; undefined in a list. */
  readonly names: Set<string> | undefined
  /** The name of the member, or the number of the entry, that the scan is at. */
  at: string | number
}

/** A member of an object is named twice. The message tells which by its JSON pointer (RFC 6901), and holds nothing else of the text. */
export class RepeatedMember extends SyntaxError {}

/**
 * Reads JSON, and refuses what names a member of an object twice: of those JSON.parse takes the last, others the first, so that a reader of the
 * file and its program may see two different things (RFC 8259 section 4).
 *
 * @throws RepeatedMember; SyntaxError of JSON.parse
 */
export function parseJsonText(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const repeated = repeatedMember(text)
  if (repeated !== undefined) throw new RepeatedMember(`the member ${JSON.stringify(repeated)} stands there twice; take one out`)
  return value
}

/** The pointer of the first member whose name its object has had before; the text is valid. */
function repeatedMember(text: string): string | undefined {
  const levels: Level[] = []
  let isName = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    const level = levels.at(-1)
    if (sign === '"') {
      const end = endOfString(text, at)
      if (isName && level?.names !== undefined) {
        level.at = JSON.parse(text.slice(at, end)) as string
        if (level.names.has(level.at)) return pointerOf(levels)
        level.names.add(level.at)
      }
      isName = false
      at = end - 1
    } else if (sign === '{' || sign === '[') {
      isName = sign === '{'
      levels.push({ names: isName ? new Set() : undefined, at: isName ? '' : 0 })
    } else if (sign === '}' || sign === ']') levels.pop()
    else if (sign === ',' && typeof level?.at === 'number') level.at += 1
    else if (sign === ',') isName = true
  }
  return undefined
}

function pointerOf(levels: readonly Level[]): string {
  return levels.map(({ at }) => `/${String(at).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The place behind the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
