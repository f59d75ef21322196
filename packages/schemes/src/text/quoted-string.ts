/** `"` */
export const QUOTE = 0x22
/** `\` */
const ESCAPE = 0x5c

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
function endOutside(text: string, separator: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith(separator, at)) return at
    if (text.charCodeAt(at) !== QUOTE) continue
    at = closingQuote(text, at)
    if (at < 0) break
  }
  return text.length
}

/** Where the quotes are closed that are opened at `open`; -1 when they are not. */
export function closingQuote(text: string, open: number): number {
  const close = text.indexOf('"', open + 1)
  const backslash = text.indexOf('\\', open + 1)
  if (close < 0 || backslash < 0 || backslash > close) return close
  for (let at = backslash; at < text.length; at += 1) {
    const c = text.charCodeAt(at)
    if (c === ESCAPE) at += 1
    else if (c === QUOTE) return at
  }
  return -1
}

/** What stands between quotes, without the signs that escape. */
export function unescapedText(text: string, start: number, end: number): string {
  const raw = text.slice(start, end)
  return raw.includes('\\') ? raw.replace(/\\(.)/gs, '$1') : raw
}

/** A text between quotes, with the signs that escape. */
export function quotedText(text: string): string {
  return text.includes('"') || text.includes('\\') ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`
}
