const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Octets in base32 with its padding (RFC 4648 section 6). */
export function encodeBase32(octets: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const octet of octets) {
    value = ((value << 8) | octet) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >> (bits - 5)) & 31]
  }
  if (bits > 0) text += ALPHABET[(value << (5 - bits)) & 31]
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

/** The octets of a base32 text; undefined where it is not the one spelling of them, with its padding or without. */
export function decodeBase32(text: string): Buffer | undefined {
  const octets: number[] = []
  let bits = 0
  let value = 0
  for (const character of text.replace(/={1,6}$/, '')) {
    const digit = ALPHABET.indexOf(character)
    if (digit < 0) return undefined
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    octets.push((value >> bits) & 255)
  }
  const decoded = Buffer.from(octets)
  const spelt = encodeBase32(decoded)
  return text === spelt || text === spelt.replace(/=+$/, '') ? decoded : undefined
}
