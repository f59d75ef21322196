/** Splits at a separator that is not inside double quotes (RFC 9110 section 5.6.4). */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = []
  for (let start = 0; start <= text.length; ) {
    const end = endOutside(text, separator, start)
    parts.push(text.slice(start, end))
    start = end + separator.length
  }
  return parts
}

/** Where the next separator stands that is not inside double quotes, or the end of the text; the start is not inside any. */
export function endOutside(text: string, separator: string, start: number): number {
  const first = separator.charCodeAt(0)
  let inQuotes = false
  for (let at = start; at < text.length; at += 1) {
    const c = text.charCodeAt(at)
    if (inQuotes && c === 0x5c) at += 1
    else if (c === 0x22) inQuotes = !inQuotes
    else if (!inQuotes && c === first && text.startsWith(separator, at)) return at
  }
  return text.length
}

/** The value of a token or quoted-string; undefined when quotes are not closed or stand inside a token. */
export function unquote(text: string): string | undefined {
  if (!text.startsWith('"')) return text.includes('"') ? undefined : text
  if (!text.includes('\\')) return text.indexOf('"', 1) === text.length - 1 && text.length > 1 ? text.slice(1, -1) : undefined
  let out = ''
  for (let at = 1; at < text.length; at += 1) {
    const c = text[at] as string
    if (c === '"') return at === text.length - 1 ? out : undefined
    if (c === '\\') at += 1
    out += text[at] ?? ''
  }
  return undefined
}
