/** A word of a POSIX shell that stands for the text, whatever it holds but NUL. */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Every octet as the format of printf(1) takes it: what is not visible ASCII is an escape, so that a terminal and a copy keep it. */
export function printfFormat(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += printfOctet(octet)
  return `'${text}'`
}

function printfOctet(octet: number): string {
  if (octet === 0x0a) return '\\n'
  if (octet === 0x25) return '%%'
  if (octet === 0x5c) return '\\\\'
  if (octet === 0x27 || octet < 0x20 || octet > 0x7e) return `\\${octet.toString(8).padStart(3, '0')}`
  return String.fromCharCode(octet)
}
