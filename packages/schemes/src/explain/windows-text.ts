/** The characters of Windows-1252 that ISO 8859-1 has not, and their octets. */
const OWN: ReadonlyMap<string, number> = new Map(
  [
    ...'\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f',
    ...'\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178',
  ].map((character, at) => [character, 0x80 + at]),
)

/** Text in Windows-1252; undefined where it has other characters. */
export function windows1252(text: string): Buffer | undefined {
  const octets = Buffer.alloc(text.length)
  for (let at = 0; at < text.length; at += 1) {
    const octet = OWN.get(text[at] as string) ?? text.charCodeAt(at)
    if (octet > 0xff) return undefined
    octets[at] = octet
  }
  return octets
}
