/**
 * A word of a POSIX shell that stands for the text, whatever it holds but NUL. What a terminal would act on is an escape of bash and zsh, since
 * the line is there to be seen and copied.
 */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text
  if (/[^\n\P{C}]/u.test(text)) return `$'${[...Buffer.from(text)].map(ansiOctet).join('')}'`
  return `'${text.replaceAll("'", "'\\''")}'`
}

function ansiOctet(octet: number): string {
  if (octet === 0x27 || octet === 0x5c) return `\\${String.fromCharCode(octet)}`
  return octet < 0x20 || octet > 0x7e ? `\\x${octet.toString(16).padStart(2, '0')}` : String.fromCharCode(octet)
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
