/** What a terminal would act on or hide: controls, format characters (bidirectional ones among them), separators, half surrogates. */
const ACTED_ON = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Text of others for one line of a terminal: what would move the cursor, change colours or hide is written as an escape. */
export function printable(text: string): string {
  return text.replace(ACTED_ON, escaped)
}

/** The same for text of several lines: line feeds stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  if (character === '\r') return '\\r'
  const code = character.codePointAt(0) as number
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** JSON in which the same stands as JSON's own escapes, so that the text means what it did and a terminal does nothing. */
export function printableJson(value: unknown, indent?: number): string {
  // All white space between the tokens is blanks and line feeds; a string of JSON holds no line feed as such.
  return JSON.stringify(value, undefined, indent).replace(ACTED_ON, (character) =>
    character === '\n' ? character : jsonEscaped(character),
  )
}

function jsonEscaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
}
