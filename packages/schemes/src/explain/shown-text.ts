/** What a terminal would not show as itself: controls, blanks that are none, directions, half surrogates. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u00a0\u2000-\u200a\u202f\u205f\u3000]/gu

const NAMED: Readonly<Record<string, string>> = { '\n': '<LF>', '\r': '<CR>', '\t': '<TAB>', '\0': '<NUL>' }

/** Text for a log or a terminal, on one line: what is not to be seen is written as `<LF>`, `<U+FEFF>`. */
export function shownText(text: string): string {
  return text.replace(HIDDEN, escaped)
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return NAMED[character] ?? `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Octets for a log or a terminal; of what is no UTF-8, those beyond ASCII as `<FF>`. */
export function shownOctets(octets: Uint8Array): string {
  try {
    return shownText(utf8.decode(octets))
  } catch {
    const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')
    return text.replace(/[^\x20-\x7e]/g, (c) => NAMED[c] ?? `<${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}>`)
  }
}
