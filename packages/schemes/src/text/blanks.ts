/** Takes blanks off both ends: SP, HTAB, and the line breaks that only texts out of a body hold. Linear, unlike a regular expression for the end. */
export function trimBlanks(value: string): string {
  const start = afterBlanks(value, 0, value.length)
  const end = beforeBlanks(value, start, value.length)
  return end - start === value.length ? value : value.slice(start, end)
}

/** Where the next separator stands, or the end of the text. */
export function endOf(text: string, mark: string, start: number): number {
  const end = text.indexOf(mark, start)
  return end < 0 ? text.length : end
}

/** Where the blanks end that a part of a text begins with. */
export function afterBlanks(text: string, start: number, end: number): number {
  let at = start
  while (at < end && isBlank(text.charCodeAt(at))) at += 1
  return at
}

/** Where the blanks begin that a part of a text ends with. */
export function beforeBlanks(text: string, start: number, end: number): number {
  let at = end
  while (at > start && isBlank(text.charCodeAt(at - 1))) at -= 1
  return at
}

/** Whether a code unit is SP, HTAB, LF or CR: the blanks of JSON (RFC 8259 section 2), and of fields. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}
